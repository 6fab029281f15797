//! Pictures: a checked flow as boxes and arrows, with a task's path on them, written as SVG, DOT, Mermaid or text.
//!
//! `build` makes the model of a flow, and `path` marks what a task did by its history. `face` decides the content and
//! size of a box, `layout` computes the positions, and one file per format writes the result. This module knows nothing
//! of storage or terminals.

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

pub use layout::TooLarge;
pub use path::{Move, Path, Way};
pub use reached::Reached;

use crate::name::Name;

/// The index of a node in its graph.
pub type NodeId = usize;

/// The direction of a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Direction {
    /// From above to below.
    #[default]
    Down,
    /// From left to right.
    Right,
}

/// The content of a picture. The ends of every edge are nodes of the graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// The flow's name, and its version if it is not the first.
    pub title: String,
    /// Prose.
    pub description: Option<String>,
    /// Facts about the whole flow that belong to no box.
    pub notes: Vec<String>,
    /// The boxes: the marker of the start, the states in order, then events that are possible in many states.
    pub nodes: Vec<Node>,
    /// The arrows, ordered by node, and for one node by branch.
    pub edges: Vec<Edge>,
    /// Whether a task's path is marked.
    pub traced: bool,
    /// Whether test coverage is marked.
    pub covered: bool,
    /// Its direction; an outline always runs down.
    pub direction: Direction,
}

/// A box of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The state's name, or that of the interaction.
    pub name: Name,
    /// The text in the box: the label, else the name.
    pub label: String,
    /// A second, smaller text: a decision's question, the flow that is started.
    pub detail: Option<String>,
    /// Small notes: retries, timeouts, interactions allowed here.
    pub notes: Vec<String>,
    /// Its kind, which is its shape.
    pub kind: NodeKind,
    /// Prose.
    pub description: Option<String>,
    /// How often the task reached it.
    pub visits: u32,
    /// Whether the task is here now.
    pub current: bool,
}

/// The meaning of a box.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum NodeKind {
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
    pub const fn name(self) -> &'static str {
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
pub struct Edge {
    /// Its start.
    pub from: NodeId,
    /// Its end.
    pub to: NodeId,
    /// The text on it, shortened.
    pub label: Option<String>,
    /// The full text, if it was shortened.
    pub hint: Option<String>,
    /// Why a task takes it.
    pub kind: EdgeKind,
    /// The interaction that takes it.
    pub by: Option<Name>,
    /// How often the task took it.
    pub taken: u32,
}

/// Why a task takes an arrow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EdgeKind {
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
    pub const fn name(self) -> &'static str {
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
    pub fn leading(self, direction: Direction) -> Self {
        Self { direction, ..self }
    }

    /// As a picture for browsers and printers; it needs nothing beside itself.
    ///
    /// # Errors
    /// The graph has more nodes than a picture holds.
    pub fn svg(&self) -> Result<String, TooLarge> {
        svg::write(self)
    }

    /// In the language of Graphviz.
    pub fn dot(&self) -> String {
        dot::write(self)
    }

    /// In the language of Mermaid.
    pub fn mermaid(&self) -> String {
        mermaid::write(self)
    }

    /// As an outline for terminals.
    pub fn text(&self) -> String {
        text::write(self)
    }
}

impl Node {
    /// A box that no task has reached.
    pub fn new(name: impl Into<Name>, kind: NodeKind) -> Self {
        let name = name.into();
        let label = name.to_string();
        Self { name, label, detail: None, notes: Vec::new(), kind, description: None, visits: 0, current: false }
    }
}

impl Edge {
    /// An arrow that no task has taken.
    pub const fn new(from: NodeId, to: NodeId, kind: EdgeKind) -> Self {
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
