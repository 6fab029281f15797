//! Pictures: a checked flow as boxes and arrows, with a task's path on them, written as SVG, DOT, Mermaid or text.
//!
//! `build` makes the model of a flow, and `path` marks what a task did. `face` decides the content and size of a box,
//! `layout` computes the positions, and one file per format writes the result. This module knows nothing of tasks,
//! storage or terminals.

mod build;
mod column;
mod dot;
mod face;
mod layout;
mod main_way;
mod measure;
mod mermaid;
mod path;
mod reached;
mod svg;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use layout::TooLarge;
pub(crate) use path::{Move, Path, Way};
pub(crate) use reached::Reached;

use crate::name::Name;

/// The index of a node in its graph.
pub(crate) type NodeId = usize;

/// The direction of a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Direction {
    /// From above to below.
    #[default]
    Down,
    /// From left to right.
    Right,
}

/// The content of a picture. The ends of every edge are nodes of the graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Graph {
    /// The flow's name, and its version if it is not the first.
    pub(crate) title: String,
    /// Prose.
    pub(crate) description: Option<String>,
    /// Facts about the whole flow that belong to no box.
    pub(crate) notes: Vec<String>,
    /// The boxes: the marker of the start, the states in order, then events that are possible in many states.
    pub(crate) nodes: Vec<Node>,
    /// The arrows, ordered by node, and for one node by branch.
    pub(crate) edges: Vec<Edge>,
    /// Whether a task's path is marked.
    pub(crate) traced: bool,
    /// Whether test coverage is marked.
    pub(crate) covered: bool,
    /// Its direction; an outline always runs down.
    pub(crate) direction: Direction,
}

/// A box of a picture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// The state's name, or that of the interaction.
    pub(crate) name: Name,
    /// The text in the box: the label, else the name.
    pub(crate) label: String,
    /// A second, smaller text: a decision's question, the flow that is started.
    pub(crate) detail: Option<String>,
    /// Small notes: retries, timeouts, interactions allowed here.
    pub(crate) notes: Vec<String>,
    /// Its kind, which is its shape.
    pub(crate) kind: NodeKind,
    /// Prose.
    pub(crate) description: Option<String>,
    /// How often the task reached it.
    pub(crate) visits: u32,
    /// Whether the task is here now.
    pub(crate) current: bool,
}

/// The meaning of a box.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum NodeKind {
    /// The marker of the start.
    Entry,
    /// A state that acts.
    Action,
    /// A state that decides.
    Decision,
    /// A state that waits.
    Wait,
    /// A state that starts sub-tasks.
    Start,
    /// A state that ends the task well.
    Result,
    /// A state that ends the task badly.
    Failure,
    /// An interaction or timeout that is possible in many states.
    Event,
}

impl NodeKind {
    /// Its name in the language, and as a CSS class.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Action => "action",
            Self::Decision => "decision",
            Self::Wait => "wait",
            Self::Start => "start",
            Self::Result => "result",
            Self::Failure => "failure",
            Self::Event => "event",
        }
    }
}

/// An arrow of a picture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Edge {
    /// Its start.
    pub(crate) from: NodeId,
    /// Its end.
    pub(crate) to: NodeId,
    /// The text on it, shortened.
    pub(crate) label: Option<String>,
    /// The full text, if it was shortened.
    pub(crate) hint: Option<String>,
    /// Why a task takes it.
    pub(crate) kind: EdgeKind,
    /// The interaction that takes it.
    pub(crate) by: Option<Name>,
    /// How often the task took it.
    pub(crate) taken: u32,
}

/// Why a task takes an arrow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum EdgeKind {
    /// It is the only way.
    Next,
    /// A branch holds.
    Branch,
    /// No branch before it holds.
    Otherwise,
    /// The action failed.
    Error,
    /// The flow's or the wait's timeout came.
    Timeout,
    /// An interaction moved the task.
    Interaction,
    /// The task was moved outside the flowchart: migrated, or retried in another state.
    Moved,
}

impl EdgeKind {
    /// Its name as a CSS class.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Branch => "branch",
            Self::Otherwise => "otherwise",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::Interaction => "interaction",
            Self::Moved => "moved",
        }
    }
}

impl Graph {
    /// The same in another direction.
    pub(crate) fn leading(self, direction: Direction) -> Self {
        Self { direction, ..self }
    }

    /// As a picture for browsers and printers; it needs nothing beside itself.
    ///
    /// # Errors
    /// The graph has more nodes than a picture holds.
    pub(crate) fn svg(&self) -> Result<String, TooLarge> {
        svg::write(self)
    }

    /// In the language of Graphviz.
    pub(crate) fn dot(&self) -> String {
        dot::write(self)
    }

    /// In the language of Mermaid.
    pub(crate) fn mermaid(&self) -> String {
        mermaid::write(self)
    }

    /// As an outline for terminals.
    pub(crate) fn text(&self) -> String {
        text::write(self)
    }
}

impl Node {
    /// A box that no task has reached.
    pub(crate) fn new(name: impl Into<Name>, kind: NodeKind) -> Self {
        let name = name.into();
        let label = name.to_string();
        Self { name, label, detail: None, notes: Vec::new(), kind, description: None, visits: 0, current: false }
    }
}

impl Edge {
    /// An arrow that no task has taken.
    pub(crate) const fn new(from: NodeId, to: NodeId, kind: EdgeKind) -> Self {
        Self { from, to, label: None, hint: None, kind, by: None, taken: 0 }
    }

    /// The text on it, with the count if it was taken more than once.
    fn caption(&self) -> Option<String> {
        match (&self.label, self.taken) {
            (Some(label), 0 | 1) => Some(label.clone()),
            (Some(label), n) => Some(format!("{label} ×{n}")),
            (None, 0 | 1) => None,
            (None, n) => Some(format!("×{n}")),
        }
    }
}
