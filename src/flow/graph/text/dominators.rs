//! Dominators: for each state the nearest one through which every way from the start to it leads (Cooper, Harvey and
//! Kennedy's method).

use super::super::column::Column;
use super::super::{Graph, NodeId, NodeKind};

/// What stands above what.
pub(super) struct Dominators {
    /// For each node the nearest through which every way to it leads; none for the start, for what happens to many
    /// states, and for what no way leads to.
    above: Column<Option<NodeId>>,
    /// The numbers of each node and of the last below it, in a search in depth through what stands below what.
    span: Column<Option<(usize, usize)>>,
}

impl Dominators {
    /// Finds them.
    pub(super) fn of(graph: &Graph) -> Self {
        let above = above(graph);
        let mut below: Column<Vec<NodeId>> = Column::new(above.len());
        let mut roots = Vec::new();
        for (id, node) in above.iter().enumerate() {
            match node {
                Some(node) => below[*node].push(id),
                None => roots.push(id),
            }
        }
        let mut span: Column<Option<(usize, usize)>> = Column::new(above.len());
        let mut number = 0;
        for root in roots {
            let mut way = vec![(root, number, 0)];
            while let Some((id, first, next)) = way.last_mut() {
                if let Some(lower) = below[*id].get(*next) {
                    *next += 1;
                    number += 1;
                    way.push((*lower, number, 0));
                } else {
                    span[*id] = Some((*first, number));
                    way.pop();
                }
            }
            number += 1;
        }
        Self { above, span }
    }

    /// The nearest node through which every way to `id` leads.
    pub(super) fn above(&self, id: NodeId) -> Option<NodeId> {
        self.above[id]
    }

    /// Whether every way to `lower` leads through `upper`, or they are the same.
    pub(super) fn leads_through(&self, lower: NodeId, upper: NodeId) -> bool {
        match (self.span[lower], self.span[upper]) {
            (Some((at, _)), Some((first, last))) => first <= at && at <= last,
            _ => false,
        }
    }
}

fn above(graph: &Graph) -> Column<Option<NodeId>> {
    let count = graph.nodes.len();
    let Some(root) = graph.nodes.iter().position(|node| node.kind == NodeKind::Entry) else {
        return Column::new(count);
    };
    let mut out: Column<Vec<NodeId>> = Column::new(count);
    let mut into: Column<Vec<NodeId>> = Column::new(count);
    for edge in &graph.edges {
        if graph.nodes.get(edge.from).is_some_and(|node| node.kind != NodeKind::Event) {
            out[edge.from].push(edge.to);
            into[edge.to].push(edge.from);
        }
    }
    let order = last_first(root, &out);
    let mut number: Column<Option<usize>> = Column::new(count);
    for (at, id) in order.iter().enumerate() {
        number[*id] = Some(at);
    }
    let mut above: Column<Option<NodeId>> = Column::new(count);
    above[root] = Some(root);
    let mut changed = true;
    while changed {
        changed = false;
        for id in order.iter().skip(1) {
            let known = into[*id].iter().copied().filter(|from| above[*from].is_some());
            let common = known.reduce(|a, b| meet(a, b, &above, &number));
            if common.is_some() && above[*id] != common {
                above[*id] = common;
                changed = true;
            }
        }
    }
    above[root] = None;
    above
}

/// The nearest node above both.
fn meet(mut a: NodeId, mut b: NodeId, above: &Column<Option<NodeId>>, number: &Column<Option<usize>>) -> NodeId {
    while a != b {
        let lower = if number[a] > number[b] { &mut a } else { &mut b };
        match above[*lower] {
            Some(next) if next != *lower => *lower = next,
            _ => break,
        }
    }
    a
}

/// The nodes that ways from `root` lead to, so that each stands after the node through which every way to it leads.
fn last_first(root: NodeId, out: &Column<Vec<NodeId>>) -> Vec<NodeId> {
    let mut seen: Column<bool> = Column::new(out.len());
    let mut order = Vec::new();
    let mut way = vec![(root, 0)];
    seen[root] = true;
    while let Some((id, next)) = way.last_mut() {
        match out[*id].get(*next) {
            Some(to) => {
                *next += 1;
                if !std::mem::replace(&mut seen[*to], true) {
                    way.push((*to, 0));
                }
            }
            None => {
                order.push(*id);
                way.pop();
            }
        }
    }
    order.reverse();
    order
}
