//! Marks on the picture of a flow what a task did.

use crate::name::Name;
use crate::task::{Cause, Task, Transition};

use super::{Edge, EdgeKind, Graph, NodeId, NodeKind};

/// The moves of a task, and its current state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path {
    /// Its moves, in order.
    pub moves: Vec<Move>,
    /// The state it is in.
    pub current: Name,
}

impl Path {
    /// What a task did, by its history, oldest entry first.
    pub fn of(task: &Task, history: &[Transition]) -> Self {
        let moves = history.iter().filter_map(|entry| {
            let way = match entry.cause {
                Cause::Cancel | Cause::Retry if entry.from == entry.to => return None,
                Cause::Start
                | Cause::Action
                | Cause::Decision
                | Cause::Wait
                | Cause::Timer
                | Cause::Wake
                | Cause::Retry
                | Cause::Cancel => Way::State,
                Cause::Error => Way::Error,
                Cause::Timeout => Way::Timeout,
                Cause::Interaction => Way::Interaction(entry.by.clone().unwrap_or_default()),
                Cause::Migrate => Way::Outside("migrated".to_owned()),
                Cause::Resume => Way::Outside("taken up".to_owned()),
            };
            Some(Move { from: entry.from.clone(), to: entry.to.clone(), way })
        });
        Self { moves: moves.collect(), current: task.state.clone() }
    }
}

/// A move of a task from state to state.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// The state it left.
    pub from: Name,
    /// The state it came to.
    pub to: Name,
    /// What moved it.
    pub way: Way,
}

/// What moved a task.
#[derive(Clone, Debug, PartialEq)]
pub enum Way {
    /// Its state: it acted, decided, or waited long enough.
    State,
    /// A failed action.
    Error,
    /// A timeout.
    Timeout,
    /// An interaction, by name.
    Interaction(Name),
    /// Something outside the flowchart, in a word or two.
    Outside(String),
}

impl Way {
    /// Whether an edge is taken for this reason.
    fn takes(&self, edge: &Edge) -> bool {
        match self {
            Self::State => matches!(edge.kind, EdgeKind::Next | EdgeKind::Branch | EdgeKind::Otherwise),
            Self::Error => edge.kind == EdgeKind::Error,
            Self::Timeout => edge.kind == EdgeKind::Timeout,
            Self::Interaction(name) => edge.kind == EdgeKind::Interaction && edge.by.as_ref() == Some(name),
            Self::Outside(what) => edge.kind == EdgeKind::Moved && edge.label.as_ref() == Some(what),
        }
    }

    /// The text on a move that the flowchart does not have.
    fn label(&self) -> String {
        match self {
            Self::State => "moved".to_owned(),
            Self::Error => "on error".to_owned(),
            Self::Timeout => "timeout".to_owned(),
            Self::Interaction(name) => name.to_string(),
            Self::Outside(what) => what.clone(),
        }
    }
}

impl Graph {
    /// The same picture with a task's path marked. A move that the flowchart does not have gets its own arrow; missing
    /// states are left out.
    #[must_use]
    pub fn with_path(mut self, path: &Path) -> Self {
        self.traced = true;
        self.enter();
        for step in &path.moves {
            let (Some(from), Some(to)) = (self.state(&step.from), self.state(&step.to)) else { continue };
            self.mark(from, to, &step.way);
        }
        if let Some(node) = self.state(&path.current).and_then(|id| self.nodes.get_mut(id)) {
            node.current = true;
            node.visits = node.visits.max(1);
        }
        self
    }

    /// Marks the arrow into the first state.
    fn enter(&mut self) {
        let Some(entry) = self.nodes.iter().position(|node| node.kind == NodeKind::Entry) else { return };
        let first = self.edges.iter_mut().find(|edge| edge.from == entry);
        let first = first.map(|edge| {
            edge.taken = 1;
            edge.to
        });
        for node in [Some(entry), first].into_iter().flatten() {
            self.visit(node);
        }
    }

    fn mark(&mut self, from: NodeId, to: NodeId, way: &Way) {
        let many: Vec<bool> = self.nodes.iter().map(|node| node.kind == NodeKind::Event).collect();
        let is_event = |id: NodeId| many.get(id).copied().unwrap_or_default();
        let fits = |edge: &Edge| edge.to == to && (edge.from == from || is_event(edge.from));
        let exact = self.edges.iter().position(|edge| fits(edge) && way.takes(edge));
        let near = || self.edges.iter().position(|edge| edge.from == from && edge.to == to);
        let found = exact.or_else(|| if from == to { None } else { near() });
        match found.and_then(|id| self.edges.get_mut(id)) {
            Some(edge) => {
                edge.taken = edge.taken.saturating_add(1);
                let from = edge.from;
                if is_event(from) {
                    self.visit(from);
                }
                self.visit(to);
            }
            // A repeated try, or an interaction that only records something, is no move.
            None if from == to => {}
            None => {
                let label = Some(way.label());
                self.edges.push(Edge { label, taken: 1, ..Edge::new(from, to, EdgeKind::Moved) });
                self.visit(to);
            }
        }
    }

    fn visit(&mut self, id: NodeId) {
        if let Some(node) = self.nodes.get_mut(id) {
            node.visits = node.visits.saturating_add(1);
        }
    }

    /// The node of a state.
    fn state(&self, name: &str) -> Option<NodeId> {
        let is_state = |kind| !matches!(kind, NodeKind::Entry | NodeKind::Event);
        self.nodes.iter().position(|node| is_state(node.kind) && *node.name == *name)
    }
}
