//! Dominators: for each state, the nearest one that is on every path from the start to it (the method of Cooper, Harvey
//! and Kennedy).

use super::super::column::Column;
use super::super::{Graph, NodeId, NodeKind};

/// The dominator tree.
pub(super) struct Dominators {
    /// For each node, the nearest one on every path to it; none for the start, for events, and for unreachable nodes.
    above: Column<Option<NodeId>>,
    /// The number of each node and of the last one below it, in a depth-first search through the tree.
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

    /// The nearest node on every path to `id`.
    pub(super) fn above(&self, id: NodeId) -> Option<NodeId> {
        self.above[id]
    }

    /// Whether every path to `lower` contains `upper`, or they are the same.
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

/// The nearest common ancestor.
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

/// The nodes reachable from `root`, each after its dominator.
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
