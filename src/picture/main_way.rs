//! The main path of a flow: the branches by which a task ends well, where one branch of a box stands out. It is drawn
//! straight down; failures, reminders and escalations go aside.

use super::column::Column;
use super::{Edge, EdgeKind, Graph, NodeId, NodeKind};

/// For each edge, whether it belongs to the main path: at most one of the edges that leave a box.
pub(super) fn main_way(graph: &Graph) -> Vec<bool> {
    let ways = Ways::new(graph);
    let mut main = vec![false; graph.edges.len()];
    for id in 0..graph.nodes.len() {
        let chosen = ways.choose(id);
        chosen.and_then(|edge| main.get_mut(edge)).into_iter().for_each(|main| *main = true);
    }
    main
}

/// The edges that a task takes if nothing goes wrong.
struct Ways<'a> {
    graph: &'a Graph,
    /// By the box that they leave.
    leaving: Column<Vec<usize>>,
    /// The boxes from which a result can be reached.
    ends_well: Column<bool>,
}

impl<'a> Ways<'a> {
    fn new(graph: &'a Graph) -> Self {
        let mut leaving: Column<Vec<usize>> = Column::new(graph.nodes.len());
        let mut arriving: Column<Vec<NodeId>> = Column::new(graph.nodes.len());
        for (id, edge) in graph.edges.iter().enumerate().filter(|(_, edge)| goes_well(edge)) {
            leaving[edge.from].push(id);
            arriving[edge.to].push(edge.from);
        }
        let results = graph.nodes.iter().enumerate().filter(|(_, node)| node.kind == NodeKind::Result);
        let ends_well = spread(graph.nodes.len(), results.map(|(id, _)| id).collect(), |id| arriving[id].clone());
        Self { graph, leaving, ends_well }
    }

    /// The main path from a box. Of several branches that end well, an answer is preferred to the timer of an
    /// escalation, that is, one that after a detour reaches the target of the answer. Otherwise there is none: nobody
    /// can say which is the usual one.
    fn choose(&self, from: NodeId) -> Option<usize> {
        let ends_well = |edge: &Edge| edge.to != from && self.ends_well[edge.to];
        let leaving = self.leaving[from].iter().filter_map(|id| Some((*id, self.graph.edges.get(*id)?)));
        let good: Vec<(usize, &Edge)> = leaving.filter(|(_, edge)| ends_well(edge)).collect();
        let (timers, answers): (Vec<_>, Vec<_>) = good.into_iter().partition(|(_, edge)| is_timer(edge));
        match (answers.as_slice(), timers.as_slice()) {
            ([(id, _)], []) | ([], [(id, _)]) => Some(*id),
            (answers, timers) if !timers.is_empty() => {
                let detours: Vec<Column<bool>> = timers.iter().map(|(_, timer)| self.reached(timer.to, from)).collect();
                let main = answers.iter().find(|(_, edge)| detours.iter().all(|reached| reached[edge.to]));
                main.map(|(id, _)| *id)
            }
            _ => None,
        }
    }

    /// The boxes reachable from `start`, including through `left`, but not beyond it.
    fn reached(&self, start: NodeId, left: NodeId) -> Column<bool> {
        spread(self.graph.nodes.len(), vec![start], |id| {
            let edges = self.leaving[id].iter().filter(|_| id != left);
            edges.filter_map(|id| Some(self.graph.edges.get(*id)?.to)).collect()
        })
    }
}

/// Everything reachable from some nodes through `next`.
fn spread(count: usize, mut open: Vec<NodeId>, next: impl Fn(NodeId) -> Vec<NodeId>) -> Column<bool> {
    let mut reached: Column<bool> = Column::new(count);
    while let Some(id) = open.pop() {
        if id < count && !std::mem::replace(&mut reached[id], true) {
            open.extend(next(id));
        }
    }
    reached
}

const fn goes_well(edge: &Edge) -> bool {
    matches!(edge.kind, EdgeKind::Next | EdgeKind::Branch | EdgeKind::Otherwise | EdgeKind::Interaction)
}

/// A branch without a condition that only time takes.
const fn is_timer(edge: &Edge) -> bool {
    matches!(edge.kind, EdgeKind::Branch) && edge.hint.is_none()
}
