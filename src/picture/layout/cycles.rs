//! Finds the links that lead back, by a depth-first search from the first box on, in the order of the links.

use super::super::column::Column;
use super::Plan;

/// The progress of the search at a box.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Seen {
    #[default]
    Not,
    /// It is on the path from the root to the current box.
    OnWay,
    Done,
}

/// For each link, whether it leads back. Without these, there are no cycles.
pub(super) fn turned(plan: &Plan) -> Vec<bool> {
    let count = plan.boxes.len();
    let mut out: Column<Vec<(usize, usize)>> = Column::new(count);
    let mut entered: Column<bool> = Column::new(count);
    for (id, link) in plan.links.iter().enumerate() {
        if link.from < count && link.to < count && link.from != link.to {
            out[link.from].push((id, link.to));
            entered[link.to] = true;
        }
    }
    let mut turned = vec![false; plan.links.len()];
    let mut seen: Column<Seen> = Column::new(count);
    let sources = (1..count).filter(|id| !entered[*id]);
    for root in (0..count.min(1)).chain(sources).chain(1..count).collect::<Vec<_>>() {
        if seen[root] != Seen::Not {
            continue;
        }
        seen[root] = Seen::OnWay;
        let mut way = vec![(root, 0)];
        while let Some((node, next)) = way.last_mut() {
            let Some((link, to)) = out[*node].get(*next).copied() else {
                seen[*node] = Seen::Done;
                way.pop();
                continue;
            };
            *next += 1;
            match seen[to] {
                Seen::OnWay => turned.get_mut(link).into_iter().for_each(|turned| *turned = true),
                Seen::Not => {
                    seen[to] = Seen::OnWay;
                    way.push((to, 0));
                }
                Seen::Done => {}
            }
        }
    }
    turned
}
