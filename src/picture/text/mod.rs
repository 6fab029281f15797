//! An outline for terminals: states one below the other, in the order in which a task passes them, with branches
//! indented. A state at which several branches join follows them, at the level where they parted.

mod dominators;

use std::fmt::Write as _;

use super::column::Column;
use super::measure::one_line;
use super::{Edge, EdgeKind, Graph, Node, NodeId, NodeKind};
use dominators::Dominators;

/// The most levels of indentation; deeper ones are not indented further.
const MAX_DEPTH: usize = 10;
const LEGEND: &str = "▢ acts  ◇ decides  ◷ waits  ⧉ starts sub-tasks  ◉ result  ⊗ failure\n\
    → goes on below  ↺ goes back up\n";

/// Writes the outline.
pub(super) fn write(graph: &Graph) -> String {
    let mut outline = Outline {
        graph,
        tree: Dominators::of(graph),
        leaving: Column::new(graph.nodes.len()),
        below: Column::new(graph.nodes.len()),
        ways: Column::new(graph.nodes.len()),
        written: Column::new(graph.nodes.len()),
        later: Vec::new(),
        text: String::new(),
    };
    outline.index();
    outline.head();
    let entry = graph.nodes.iter().position(|node| node.kind == NodeKind::Entry);
    let first = entry.and_then(|entry| outline.leaving[entry].first()).map(|edge| edge.to);
    outline.later.extend(first);
    outline.rest();
    // States that are not reachable from the start.
    for id in 0..graph.nodes.len() {
        if graph.nodes.get(id).is_some_and(is_state) && !outline.written[id] {
            outline.text.push('\n');
            outline.later.push(id);
            outline.rest();
        }
    }
    outline.events();
    let legend = match (graph.traced, graph.covered) {
        (_, true) => "━ and ✓ what the tests reach  ✗ what they do not\n",
        (true, false) => "━ and ✓ where the task went  ◀ where it is\n",
        (false, false) => "",
    };
    outline.text + "\n" + LEGEND + legend
}

const fn is_state(node: &Node) -> bool {
    !matches!(node.kind, NodeKind::Entry | NodeKind::Event)
}

struct Outline<'a> {
    graph: &'a Graph,
    /// The dominator tree.
    tree: Dominators,
    /// The edges that leave each state.
    leaving: Column<Vec<&'a Edge>>,
    /// The children of each state in the tree.
    below: Column<Vec<NodeId>>,
    /// The number of paths into each state, without cycles and events.
    ways: Column<usize>,
    /// The states that are written already.
    written: Column<bool>,
    /// States that still have to be written, at the first level.
    later: Vec<NodeId>,
    text: String,
}

impl Outline<'_> {
    fn index(&mut self) {
        for edge in &self.graph.edges {
            self.leaving[edge.from].push(edge);
            let is_event = self.graph.nodes.get(edge.from).is_some_and(|node| node.kind == NodeKind::Event);
            if !is_event && !self.tree.leads_through(edge.from, edge.to) {
                self.ways[edge.to] += 1;
            }
        }
        for id in 0..self.graph.nodes.len() {
            if let Some(upper) = self.tree.above(id) {
                self.below[upper].push(id);
            }
        }
    }

    fn head(&mut self) {
        let _ = writeln!(self.text, "● {}", one_line(&self.graph.title));
        let prose = self
            .graph
            .description
            .iter()
            .flat_map(|text| text.lines())
            .chain(self.graph.notes.iter().map(String::as_str));
        for line in prose.filter(|line| !line.trim().is_empty()) {
            let _ = writeln!(self.text, "  {}", one_line(line));
        }
        self.text.push('\n');
    }

    /// Writes the postponed states.
    fn rest(&mut self) {
        self.later.reverse();
        while let Some(id) = self.later.pop() {
            if !self.written[id] {
                self.block(id, "", 0);
            }
        }
    }

    /// Writes a state, and what follows it at its level.
    fn block(&mut self, first: NodeId, indent: &str, depth: usize) {
        let mut next = vec![first];
        while let Some(id) = next.pop() {
            let Some(node) = self.graph.nodes.get(id) else { continue };
            if std::mem::replace(&mut self.written[id], true) {
                continue;
            }
            let _ = writeln!(self.text, "{indent}{}", line(self.graph, node));
            let mut edges = self.leaving[id].clone();
            // The normal continuation comes last, so that it stays at this level.
            edges.sort_by_key(|edge| edge.kind == EdgeKind::Next);
            if let [edge] = edges.as_slice()
                && edge.label.is_none()
            {
                if self.is_below(edge.to, id) {
                    next.push(edge.to);
                } else if next.last() != Some(&edge.to) || self.written[edge.to] {
                    let _ = writeln!(self.text, "{indent}{}", self.pointer(edge.to));
                }
                continue;
            }
            let short = edges.iter().rev().skip(1).all(|edge| !self.is_own(edge) || self.is_end(edge.to));
            let onwards = edges.last().filter(|edge| edge.kind == EdgeKind::Next).map(|edge| edge.to);
            let onwards = onwards.filter(|to| self.is_below(*to, id));
            if onwards.is_some() {
                edges.pop();
            }
            for (nth, edge) in edges.iter().enumerate() {
                let last = nth + 1 == edges.len() && onwards.is_none();
                let level = if last && short { None } else { Some(depth) };
                self.branch(edge, last, indent, level);
            }
            next.extend(self.joins(id).rev());
            // The normal continuation is directly below.
            if onwards.is_some() && !edges.is_empty() {
                let _ = writeln!(self.text, "{indent}↓");
            }
            next.extend(onwards);
        }
    }

    /// The unwritten states that are dominated by `id`: where its branches join.
    fn joins(&self, id: NodeId) -> impl DoubleEndedIterator<Item = NodeId> {
        self.below[id].iter().copied().filter(|to| !self.written[*to])
    }

    /// Whether an edge is the only way to its state, which is not written yet.
    fn is_own(&self, edge: &Edge) -> bool {
        self.ways[edge.to] == 1 && self.is_below(edge.to, edge.from)
    }

    /// Whether `upper` is the immediate dominator of `id`, which is not written yet.
    fn is_below(&self, id: NodeId, upper: NodeId) -> bool {
        self.tree.above(id) == Some(upper) && !self.written[id]
    }

    fn is_end(&self, id: NodeId) -> bool {
        self.leaving[id].is_empty()
    }

    /// A branch, with what is only on it, unless that follows at the same level: if it is the last and the only long
    /// one (no depth), or already deep.
    fn branch(&mut self, edge: &Edge, last: bool, indent: &str, depth: Option<usize>) {
        let taken = self.graph.traced && edge.taken > 0;
        let mark = match (last, taken) {
            (false, false) => "├─",
            (false, true) => "┣━",
            (true, false) => "└─",
            (true, true) => "┗━",
        };
        let mark = if self.graph.covered && !taken { format!("{mark} ✗") } else { mark.to_owned() };
        let caption = edge.caption().map(|caption| one_line(&caption));
        let caption = match (edge.kind, caption) {
            (EdgeKind::Next, None) => "then".to_owned(),
            (EdgeKind::Error, Some(caption)) if caption != "on error" => format!("on error, {caption}"),
            (_, caption) => caption.unwrap_or_default(),
        };
        let node = self.graph.nodes.get(edge.to).filter(|_| self.is_own(edge));
        if let Some(node) = node.filter(|_| self.is_end(edge.to)) {
            self.written[edge.to] = true;
            let _ = writeln!(self.text, "{indent}{mark} {caption} → {}", line(self.graph, node));
            return;
        }
        let Some(depth) = depth.filter(|depth| node.is_some() && *depth < MAX_DEPTH) else {
            let _ = writeln!(self.text, "{indent}{mark} {caption} {}", self.pointer(edge.to));
            return;
        };
        let _ = writeln!(self.text, "{indent}{mark} {caption}");
        let indent = format!("{indent}{}", if last { "     " } else { "│    " });
        self.block(edge.to, &indent, depth + 1);
    }

    /// `→ name`, or `↺ name` for one that is written above.
    fn pointer(&self, to: NodeId) -> String {
        let name = self.graph.nodes.get(to).map_or("", |node| node.name.as_str());
        format!("{} {name}", if self.written[to] { '↺' } else { '→' })
    }

    /// Events that are possible in many states.
    fn events(&mut self) {
        for (id, node) in self.graph.nodes.iter().enumerate().filter(|(_, node)| node.kind == NodeKind::Event) {
            for edge in &self.leaving[id] {
                let to = self.graph.nodes.get(edge.to).map_or("", |node| node.name.as_str());
                let detail = node.detail.as_deref().map(one_line).unwrap_or_default();
                let mark = if self.graph.traced && edge.taken > 0 { "⇒" } else { "→" };
                let _ = write!(self.text, "\n{} ({detail}) {mark} {to}\n", one_line(&node.label));
            }
        }
    }
}

/// A state on one line.
fn line(graph: &Graph, node: &Node) -> String {
    let symbol = match node.kind {
        NodeKind::Entry | NodeKind::Event => '●',
        NodeKind::Action => '▢',
        NodeKind::Decision => '◇',
        NodeKind::Wait => '◷',
        NodeKind::Start => '⧉',
        NodeKind::Result => '◉',
        NodeKind::Failure => '⊗',
    };
    let mut line = format!("{symbol} {}", one_line(&node.label));
    if *node.label != *node.name {
        let _ = write!(line, " ({})", node.name);
    }
    for note in node.detail.iter().chain(&node.notes) {
        let _ = write!(line, "  · {}", one_line(note));
    }
    if graph.traced {
        match node.visits {
            0 if graph.covered => line.push_str("  ✗"),
            0 => {}
            1 => line.push_str("  ✓"),
            n => {
                let _ = write!(line, "  ✓ ×{n}");
            }
        }
        if node.current {
            line.push_str("  ◀");
        }
    }
    line
}
