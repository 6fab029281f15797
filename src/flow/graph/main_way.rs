//! The main way of a flow: from each box the branch by which the task ends well soonest. It is drawn straight down, and
//! reminders, escalations and failures go aside.

use std::collections::VecDeque;

use super::column::Column;
use super::{Edge, EdgeKind, Graph, NodeKind};

/// For each edge whether it belongs to the main way: at most one of the edges that leave a box.
pub(super) fn main_way(graph: &Graph) -> Vec<bool> {
    let steps = steps_to_result(graph);
    let mut chosen: Column<Option<(usize, usize)>> = Column::new(graph.nodes.len());
    for (id, edge) in graph.edges.iter().enumerate().filter(|(_, edge)| is_ordinary(edge)) {
        let Some(left) = steps[edge.to] else { continue };
        if chosen[edge.from].is_none_or(|(least, _)| left < least) {
            chosen[edge.from] = Some((left, id));
        }
    }
    let is_chosen = |(id, edge): (usize, &Edge)| chosen[edge.from].is_some_and(|(_, chosen)| chosen == id);
    graph.edges.iter().enumerate().map(is_chosen).collect()
}

/// How many moves each box is away from the nearest result; none where no result can be reached.
fn steps_to_result(graph: &Graph) -> Column<Option<usize>> {
    let mut before: Column<Vec<usize>> = Column::new(graph.nodes.len());
    for edge in graph.edges.iter().filter(|edge| is_ordinary(edge)) {
        before[edge.to].push(edge.from);
    }
    let mut steps: Column<Option<usize>> = Column::new(graph.nodes.len());
    let results = graph.nodes.iter().enumerate().filter(|(_, node)| node.kind == NodeKind::Result);
    let mut queue: VecDeque<(usize, usize)> = results.map(|(id, _)| (id, 0)).collect();
    while let Some((id, count)) = queue.pop_front() {
        if steps[id].is_none() {
            steps[id] = Some(count);
            queue.extend(before[id].iter().map(|from| (*from, count + 1)));
        }
    }
    steps
}

/// Whether the state itself takes it, all being well.
const fn is_ordinary(edge: &Edge) -> bool {
    matches!(edge.kind, EdgeKind::Next | EdgeKind::Branch | EdgeKind::Otherwise)
}
