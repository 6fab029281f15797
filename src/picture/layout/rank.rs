//! Ranks: one more than that of the lowest box above, or lower where that shortens lines.

use super::super::column::Column;
use super::Plan;

/// How often all boxes are checked for a better rank.
const PASSES: usize = 8;

/// The ranks of all boxes, from 0 on without gaps.
pub(super) fn ranks(plan: &Plan, turned: &[bool]) -> Column<usize> {
    let count = plan.boxes.len();
    let mut above: Column<Vec<usize>> = Column::new(count);
    let mut below: Column<Vec<usize>> = Column::new(count);
    for (link, turned) in plan.links.iter().zip(turned) {
        let (upper, lower) = if *turned { (link.to, link.from) } else { (link.from, link.to) };
        if upper < count && lower < count && upper != lower {
            below[upper].push(lower);
            above[lower].push(upper);
        }
    }
    let sorted = sorted(&above, &below);
    let mut ranks: Column<usize> = Column::new(count);
    for node in &sorted {
        ranks[*node] = above[*node].iter().map(|upper| ranks[*upper] + 1).max().unwrap_or_default();
    }
    for _ in 0..PASSES {
        for node in sorted.iter().rev() {
            let room = below[*node].iter().map(|lower| ranks[*lower].saturating_sub(1)).min();
            if let Some(room) = room.filter(|_| below[*node].len() > above[*node].len()) {
                ranks[*node] = room;
            }
        }
        for node in &sorted {
            let room = above[*node].iter().map(|upper| ranks[*upper] + 1).max();
            if let Some(room) = room.filter(|_| above[*node].len() >= below[*node].len()) {
                ranks[*node] = room;
            }
        }
    }
    dense(&mut ranks);
    ranks
}

/// The boxes in topological order.
fn sorted(above: &Column<Vec<usize>>, below: &Column<Vec<usize>>) -> Vec<usize> {
    let mut open: Column<usize> = Column::from(above.iter().map(Vec::len).collect::<Vec<_>>());
    let mut sorted: Vec<usize> = (0..above.len()).filter(|node| open[*node] == 0).collect();
    let mut at = 0;
    while let Some(node) = sorted.get(at).copied() {
        at += 1;
        for lower in &below[node] {
            open[*lower] = open[*lower].saturating_sub(1);
            if open[*lower] == 0 {
                sorted.push(*lower);
            }
        }
    }
    sorted
}

/// Removes unused ranks.
fn dense(ranks: &mut Column<usize>) {
    let mut used: Vec<usize> = ranks.iter().copied().collect();
    used.sort_unstable();
    used.dedup();
    for rank in ranks.iter_mut() {
        *rank = used.binary_search(rank).unwrap_or_default();
    }
}
