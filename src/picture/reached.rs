//! Marks on the picture of a flow what tests reached.

use std::collections::HashMap;

use crate::name::Name;

use super::{EdgeKind, Graph, NodeId, NodeKind};
use crate::flow::StateId;

/// How often tests reached something.
pub trait Reached {
    /// How often they reached a state.
    fn state(&self, state: StateId) -> u64;
    /// How often they took a branch of a state: the one with this number of its kind.
    fn way(&self, state: StateId, kind: EdgeKind, number: usize) -> u64;
    /// How often something happened that is possible in many states: an interaction, by name, or the timeout; in one
    /// state, or in any.
    fn event(&self, state: Option<StateId>, interaction: Option<&Name>) -> u64;
}

impl Graph {
    /// The same picture with test coverage marked.
    #[must_use]
    pub fn with_reached(mut self, reached: &dyn Reached) -> Self {
        (self.traced, self.covered) = (true, true);
        let states: HashMap<NodeId, StateId> =
            self.nodes.iter().enumerate().filter(|(_, node)| is_state(node.kind)).map(|(id, _)| id).zip(0..).collect();
        for (id, node) in self.nodes.iter_mut().enumerate() {
            node.visits = states.get(&id).map_or(0, |state| few(reached.state(*state)));
        }
        let mut numbers: HashMap<(NodeId, bool), usize> = HashMap::new();
        for edge in &mut self.edges {
            let state = states.get(&edge.from).copied();
            let is_event = matches!(edge.kind, EdgeKind::Interaction | EdgeKind::Timeout);
            let taken = match state {
                _ if is_event => reached.event(state, edge.by.as_ref()),
                Some(state) => {
                    let number = numbers.entry((edge.from, edge.kind == EdgeKind::Error)).or_default();
                    *number += 1;
                    reached.way(state, edge.kind, *number - 1)
                }
                // The arrow into the first state.
                None => 0,
            };
            edge.taken = few(taken);
        }
        self.enter_if_reached();
        self
    }

    /// Marks the sources of arrows that were taken: the marker of the start, and the boxes of events.
    fn enter_if_reached(&mut self) {
        let first = self.edges.first().map(|edge| edge.to);
        let visits = first.and_then(|first| self.nodes.get(first)).map_or(0, |node| node.visits);
        if let Some(edge) = self.edges.first_mut() {
            edge.taken = visits.min(1);
        }
        for edge in &self.edges {
            if let Some(node) = self.nodes.get_mut(edge.from).filter(|node| !is_state(node.kind)) {
                node.visits = edge.taken;
            }
        }
    }
}

const fn is_state(kind: NodeKind) -> bool {
    !matches!(kind, NodeKind::Entry | NodeKind::Event)
}

/// A count for a picture.
fn few(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
