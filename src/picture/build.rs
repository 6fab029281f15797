//! Builds the picture of a flow: its boxes and arrows.

use crate::name::Name;

use super::measure::{one_line, shortened};
use super::{Edge, EdgeKind, Graph, Node, NodeKind};
use crate::flow::{Action, Branch, Decision, Flow, Interaction, PlacedScript, Start, State, StateId, StateKind, Wait};

/// The most characters of a condition on an arrow.
const MAX_LABEL: usize = 48;
/// The most characters of a question or note in a box.
const MAX_DETAIL: usize = 80;
/// For up to how many states an interaction or timeout is drawn; beyond that, it gets its own box.
const MAX_SOURCES: usize = 3;
/// The box of the first state: the marker of the start precedes all states.
const FIRST: usize = 1;

impl Graph {
    /// The picture of a flow.
    pub fn of(flow: &Flow) -> Self {
        let title = match flow.version {
            1 => flow.name.to_string(),
            version => format!("{}, version {version}", flow.name),
        };
        let mut graph = Self { title, description: flow.description.clone(), ..Self::default() };
        graph.nodes.push(Node::new("start", NodeKind::Entry));
        let cron = flow.schedule.as_ref().map(|schedule| format!("at {}", schedule.rule.line()));
        graph.edges.push(Edge { label: cron, ..Edge::new(0, node(flow.start), EdgeKind::Next) });
        for (id, state) in flow.states.iter().enumerate() {
            graph.nodes.push(state_node(state));
            graph.leave(node(id), &state.kind);
        }
        for interaction in &flow.interactions {
            graph.interaction(flow, interaction);
        }
        graph.timeout(flow);
        graph
    }

    /// The arrows from a state's own keys.
    fn leave(&mut self, from: usize, kind: &StateKind) {
        match kind {
            StateKind::Action(Action { go_to, on_error, .. }) => {
                self.edges.push(Edge::new(from, node(*go_to), EdgeKind::Next));
                for branch in on_error {
                    let label = caption(branch).or_else(|| Some("on error".to_owned()));
                    self.edges.push(Edge { label, ..arrow(from, branch, EdgeKind::Error) });
                }
            }
            StateKind::Decision(Decision::Boolean { if_true, if_false, .. }) => {
                for (to, label) in [(if_true, "yes"), (if_false, "no")] {
                    let label = Some(label.to_owned());
                    self.edges.push(Edge { label, ..Edge::new(from, node(*to), EdgeKind::Branch) });
                }
            }
            StateKind::Decision(Decision::Branches(branches)) | StateKind::Wait(Wait { branches, .. }) => {
                for branch in branches {
                    let kind = if is_otherwise(branch) { EdgeKind::Otherwise } else { EdgeKind::Branch };
                    let label = caption(branch).or_else(|| Some("otherwise".to_owned()));
                    self.edges.push(Edge { label, ..arrow(from, branch, kind) });
                }
            }
            StateKind::Start(Start { go_to, .. }) => {
                self.edges.push(Edge::new(from, node(*go_to), EdgeKind::Next));
            }
            StateKind::Result(_) | StateKind::Failure(_) => {}
        }
    }

    /// An interaction: arrows if it moves the task, else a note in each state that allows it.
    fn interaction(&mut self, flow: &Flow, interaction: &Interaction) {
        let name = &interaction.name;
        let Some(to) = interaction.go_to else {
            match &interaction.when {
                Some(states) => {
                    for state in states {
                        self.note(node(*state), format!("accepts {name}"));
                    }
                }
                None => self.notes.push(format!("accepts {name} in any state")),
            }
            return;
        };
        let sources = interaction.when.clone();
        let whence = match &sources {
            Some(states) => format!("in {} states", states.len()),
            None => "in any state".to_owned(),
        };
        let few = sources.filter(|states| states.len() <= MAX_SOURCES);
        let edge = Edge { by: Some(name.clone()), ..Edge::new(0, node(to), EdgeKind::Interaction) };
        match few {
            Some(states) => {
                for state in states.into_iter().filter(|state| flow.states.get(*state).is_some_and(|s| !ends(s))) {
                    self.edges.push(Edge { from: node(state), label: Some(name.to_string()), ..edge.clone() });
                }
            }
            None => self.event(name, whence, interaction.description.clone(), edge),
        }
    }

    /// The flow's timeout, if it moves the task.
    fn timeout(&mut self, flow: &Flow) {
        let Some(on_timeout) = &flow.on_timeout else { return };
        let Some(to) = on_timeout.go_to else {
            self.notes.push(format!("on timeout, after {}: goes on waiting", flow.timeout));
            return;
        };
        let sleepers: Vec<(StateId, &State)> =
            flow.states.iter().enumerate().filter(|(_, state)| sleeps(&state.kind)).collect();
        let edge = Edge::new(0, node(to), EdgeKind::Timeout);
        if sleepers.len() > MAX_SOURCES {
            let whence = format!("after {}, wherever it waits", flow.timeout);
            self.event(&Name::from("timeout"), whence, None, edge);
            return;
        }
        for (id, state) in sleepers {
            let own = match &state.kind {
                StateKind::Wait(wait) => wait.timeout,
                _ => None,
            };
            let label = match own {
                Some(own) => format!("timeout {own}"),
                None => format!("timeout {}", flow.timeout),
            };
            self.edges.push(Edge { from: node(id), label: Some(label), ..edge.clone() });
        }
    }

    /// A box for something that can happen in many states, and its arrow.
    fn event(&mut self, name: &Name, whence: String, description: Option<String>, edge: Edge) {
        let from = self.nodes.len();
        let event = Node { detail: Some(whence), description, ..Node::new(name.clone(), NodeKind::Event) };
        self.nodes.push(event);
        self.edges.push(Edge { from, ..edge });
    }

    fn note(&mut self, id: usize, note: String) {
        if let Some(node) = self.nodes.get_mut(id) {
            node.notes.push(note);
        }
    }
}

/// The box of a state.
const fn node(state: StateId) -> usize {
    state + FIRST
}

fn state_node(state: &State) -> Node {
    let (kind, detail, notes) = match &state.kind {
        StateKind::Action(action) => (NodeKind::Action, None, action_notes(action)),
        StateKind::Decision(Decision::Boolean { condition, .. }) => (NodeKind::Decision, Some(text(condition)), vec![]),
        StateKind::Decision(Decision::Branches(_)) => (NodeKind::Decision, None, vec![]),
        StateKind::Wait(wait) => {
            let notes = wait.timeout.map(|timeout| format!("timeout {timeout}"));
            (NodeKind::Wait, None, notes.into_iter().collect())
        }
        StateKind::Start(start) => {
            let each = start.for_each.as_ref().map(|each| format!("for each of {}", text(each)));
            (NodeKind::Start, Some(format!("starts {}", start.flow)), each.into_iter().collect())
        }
        StateKind::Result(_) => (NodeKind::Result, None, vec![]),
        StateKind::Failure(_) => (NodeKind::Failure, None, vec![]),
    };
    let label = state.label.clone().unwrap_or_else(|| state.name.to_string());
    Node { label, detail, notes, description: state.description.clone(), ..Node::new(state.name.clone(), kind) }
}

fn action_notes(action: &Action) -> Vec<String> {
    let tries = action.retry.as_ref().map(|retry| format!("up to {} tries", retry.attempts));
    let limit = action.time_limit.map(|limit| format!("at most {limit} a try"));
    tries.into_iter().chain(limit).collect()
}

fn arrow(from: usize, branch: &Branch, kind: EdgeKind) -> Edge {
    let hint = branch.condition.as_ref().map(|condition| condition.scalar.text.trim().to_owned());
    Edge { hint, ..Edge::new(from, node(branch.go_to), kind) }
}

/// The text on a branch: its label, else its condition. None for one without a condition.
fn caption(branch: &Branch) -> Option<String> {
    if let Some(label) = &branch.label {
        return Some(label.clone());
    }
    let condition = branch.condition.as_ref().map(|script| shortened(&script.scalar.text, MAX_LABEL));
    match (condition, branch.after) {
        (Some(condition), Some(after)) => Some(format!("{condition}, after {after}")),
        (Some(condition), None) => Some(condition),
        (None, Some(after)) => Some(format!("after {after}")),
        (None, None) => None,
    }
}

const fn is_otherwise(branch: &Branch) -> bool {
    branch.condition.is_none() && branch.after.is_none()
}

const fn ends(state: &State) -> bool {
    matches!(state.kind, StateKind::Result(_) | StateKind::Failure(_))
}

/// Whether the flow's timeout may strike in it.
const fn sleeps(kind: &StateKind) -> bool {
    match kind {
        StateKind::Wait(_) => true,
        StateKind::Action(action) => action.retry.is_some(),
        _ => false,
    }
}

fn text(script: &PlacedScript) -> String {
    shortened(&one_line(&script.scalar.text), MAX_DETAIL)
}
