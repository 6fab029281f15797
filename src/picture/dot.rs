//! The DOT language of Graphviz.

use std::fmt::Write as _;

use super::face::{self, Line};
use super::measure::one_line;
use super::{Direction, EdgeKind, Graph, Node, NodeKind};

const HEAD: &str = "  fontname=\"sans-serif\"\n  labelloc=t\n  nodesep=0.4\n  ranksep=0.45\n  \
    node [fontname=\"sans-serif\", fontsize=12, style=filled, margin=\"0.2,0.1\"]\n  \
    edge [fontname=\"sans-serif\", fontsize=10, color=\"#5f6c7b\", fontcolor=\"#3e4c59\"]\n";

/// Writes the graph. Nodes are named after their states.
pub(super) fn write(graph: &Graph) -> String {
    let ranks = match graph.direction {
        Direction::Down => "TB",
        Direction::Right => "LR",
    };
    let mut dot = format!("digraph {} {{\n  rankdir={ranks}\n{HEAD}", quoted(&graph.title));
    let heading: Vec<String> = std::iter::once(one_line(&graph.title))
        .chain(graph.description.iter().flat_map(|text| texts(&face::wrapped(text, face::PROSE, 420.0, 4))))
        .chain(graph.notes.iter().map(|note| one_line(note)))
        .collect();
    let _ = writeln!(dot, "  label={}", lines(&heading));
    for node in &graph.nodes {
        let _ = writeln!(dot, "  {} [{}]", id(node), attributes(graph, node).join(", "));
    }
    for edge in &graph.edges {
        let (Some(from), Some(to)) = (graph.nodes.get(edge.from), graph.nodes.get(edge.to)) else { continue };
        let mut attributes = Vec::new();
        if let Some((label, ..)) = face::of_edge(edge) {
            attributes.push(format!("label={}", lines(&texts(&label))));
        }
        if let Some(hint) = &edge.hint {
            attributes.push(format!("tooltip={}", quoted(&one_line(hint))));
        }
        attributes.extend(edge_style(edge.kind).map(str::to_owned));
        match (graph.traced, edge.taken) {
            (false, _) => {}
            (true, 0) if graph.covered => {
                attributes.push("color=\"#cf222e\", fontcolor=\"#a40e26\", penwidth=2".to_owned())
            }
            (true, _) if graph.covered => {
                attributes.push("color=\"#2b7a37\", fontcolor=\"#1f5c29\", penwidth=2".to_owned())
            }
            (true, 0) => attributes.push("color=\"#cfd6dd\", fontcolor=\"#8b97a3\"".to_owned()),
            (true, _) => attributes.push("color=\"#1c62b0\", fontcolor=\"#154a86\", penwidth=2.6".to_owned()),
        }
        let attributes = if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) };
        let _ = writeln!(dot, "  {} -> {}{attributes}", id(from), id(to));
    }
    dot.push_str("}\n");
    dot
}

/// The name of a state; other nodes get names that no state can have.
fn id(node: &Node) -> String {
    match node.kind {
        NodeKind::Entry => quoted("(start)"),
        NodeKind::Event => quoted(&format!("({})", node.name)),
        _ => quoted(&node.name),
    }
}

fn attributes(graph: &Graph, node: &Node) -> Vec<String> {
    let mut attributes = vec![shape(node.kind).to_owned()];
    let faded = graph.traced && node.visits == 0;
    if node.kind == NodeKind::Entry {
        attributes.push("label=\"\", width=0.18".to_owned());
        return attributes;
    }
    attributes.push(format!("label={}", lines(&texts(&face::of_node(node).lines))));
    if let Some(description) = &node.description {
        attributes.push(format!("tooltip={}", quoted(&one_line(description))));
    }
    let (fill, line) = colours(node.kind);
    match (faded, node.current) {
        (true, _) if graph.covered => {
            attributes.push("fillcolor=\"#ffe3e1\", color=\"#cf222e\", fontcolor=\"#a40e26\", penwidth=2.2".to_owned());
        }
        (true, _) => attributes.push("fillcolor=\"#ffffff\", color=\"#c3ccd5\", fontcolor=\"#8b97a3\"".to_owned()),
        (_, true) => attributes.push(format!("fillcolor=\"{fill}\", color=\"#d9480f\", penwidth=3.5")),
        _ if graph.covered => attributes.push("fillcolor=\"#edf7ee\", color=\"#2b7a37\", penwidth=1.6".to_owned()),
        _ if graph.traced => attributes.push(format!("fillcolor=\"{fill}\", color=\"{line}\", penwidth=2.2")),
        _ => attributes.push(format!("fillcolor=\"{fill}\", color=\"{line}\"")),
    }
    attributes
}

const fn shape(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Entry => "shape=circle, fillcolor=\"#3e4c59\"",
        NodeKind::Action => "shape=box, style=\"rounded,filled\"",
        NodeKind::Decision => "shape=diamond, margin=\"0.02,0.02\"",
        NodeKind::Wait => "shape=oval",
        NodeKind::Start => "shape=box, peripheries=2",
        NodeKind::Result => "shape=oval, peripheries=2",
        NodeKind::Failure => "shape=octagon",
        NodeKind::Event => "shape=cds, style=\"filled,dashed\"",
    }
}

/// Fill and line colour of a kind, on light paper.
pub(super) const fn colours(kind: NodeKind) -> (&'static str, &'static str) {
    match kind {
        NodeKind::Entry => ("#3e4c59", "#3e4c59"),
        NodeKind::Action => ("#eaf2fb", "#3b6ea5"),
        NodeKind::Decision => ("#fff5d9", "#a8750b"),
        NodeKind::Wait => ("#f1ebfb", "#7350ad"),
        NodeKind::Start => ("#e2f4f1", "#1b7a6d"),
        NodeKind::Result => ("#e4f5e5", "#2b7a37"),
        NodeKind::Failure => ("#fde7e5", "#b83227"),
        NodeKind::Event => ("#f1f3f5", "#7350ad"),
    }
}

const fn edge_style(kind: EdgeKind) -> Option<&'static str> {
    match kind {
        EdgeKind::Next | EdgeKind::Branch | EdgeKind::Otherwise => None,
        EdgeKind::Error => Some("style=dashed, color=\"#b83227\", fontcolor=\"#9c2a20\""),
        EdgeKind::Timeout | EdgeKind::Interaction => Some("style=dashed, color=\"#7350ad\", fontcolor=\"#5d3f92\""),
        EdgeKind::Moved => Some("style=dotted"),
    }
}

fn texts(lines: &[Line]) -> Vec<String> {
    lines.iter().map(|line| line.text.clone()).collect()
}

/// Lines, one below the other.
fn lines(lines: &[String]) -> String {
    let escaped: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
    format!("\"{}\"", escaped.join("\\n"))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(&one_line(text)))
}

/// `text`, escaped for quotes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '\\' | '"' => escaped.extend(['\\', c]),
            '&' if is_mark(text.get(at + 1..).unwrap_or_default()) => escaped.push_str("&amp;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Whether Graphviz would read an ampersand before this as the start of an entity, such as `&lt;`.
fn is_mark(after: &str) -> bool {
    after.split_once(';').is_some_and(|(word, _)| word.chars().all(|c| c == '#' || c.is_ascii_alphanumeric()))
}
