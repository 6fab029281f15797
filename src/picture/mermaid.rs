//! The Mermaid language, which GitHub and many editors draw.

use std::fmt::Write as _;

use super::dot::colours;
use super::face::{self, Line};
use super::measure::one_line;
use super::{Direction, EdgeKind, Graph, Node, NodeKind};

/// The kinds with a style: all but the marker of the start.
const STYLED: [NodeKind; 7] = [
    NodeKind::Action,
    NodeKind::Decision,
    NodeKind::Wait,
    NodeKind::Start,
    NodeKind::Result,
    NodeKind::Failure,
    NodeKind::Event,
];

/// Writes the graph. Nodes are named by numbers, since names of states may be keywords of Mermaid.
pub(super) fn write(graph: &Graph) -> String {
    let direction = match graph.direction {
        Direction::Down => "TD",
        Direction::Right => "LR",
    };
    let mut text = format!("---\ntitle: {}\n---\nflowchart {direction}\n", heading(&graph.title));
    for (id, node) in graph.nodes.iter().enumerate() {
        let (open, close) = brackets(node.kind);
        let _ = write!(text, "  n{id}{open}\"{}\"{close}", label(node));
        let _ = writeln!(text, ":::{}", class(graph, node));
    }
    let is_there = |id: usize| id < graph.nodes.len();
    let edges: Vec<_> = graph.edges.iter().filter(|edge| is_there(edge.from) && is_there(edge.to)).collect();
    for edge in &edges {
        let line = match edge.kind {
            EdgeKind::Next | EdgeKind::Branch | EdgeKind::Otherwise => "-->",
            EdgeKind::Error | EdgeKind::Timeout | EdgeKind::Interaction | EdgeKind::Moved => "-.->",
        };
        let label = face::of_edge(edge).map(|(lines, ..)| format!("|\"{}\"|", joined(&lines))).unwrap_or_default();
        let _ = writeln!(text, "  n{} {line}{label} n{}", edge.from, edge.to);
    }
    for kind in STYLED {
        let (fill, line) = colours(kind);
        let _ = writeln!(text, "  classDef {} fill:{fill},stroke:{line},color:#1f2933", kind.name());
    }
    text.push_str("  classDef entry fill:#3e4c59,stroke:#3e4c59,color:#3e4c59\n");
    if graph.traced {
        text.push_str(if graph.covered {
            "  classDef untaken fill:#ffe3e1,stroke:#cf222e,color:#a40e26,stroke-width:3px\n  \
             classDef taken fill:#edf7ee,stroke:#2b7a37,color:#1f2933\n"
        } else {
            "  classDef untaken fill:#ffffff,stroke:#c3ccd5,color:#8b97a3\n"
        });
        for (id, node) in graph.nodes.iter().enumerate().filter(|(_, node)| node.current) {
            let (fill, _) = colours(node.kind);
            let _ = writeln!(text, "  style n{id} fill:{fill},stroke:#d9480f,stroke-width:4px");
        }
        let styles = if graph.covered {
            [("stroke:#cf222e,stroke-width:2px", false), ("stroke:#2b7a37,stroke-width:2px", true)]
        } else {
            [("stroke:#cfd6dd", false), ("stroke:#1c62b0,stroke-width:3px", true)]
        };
        for (style, taken) in styles {
            let numbers = edges.iter().enumerate().filter(|(_, edge)| (edge.taken > 0) == taken);
            let numbers: Vec<String> = numbers.map(|(number, _)| number.to_string()).collect();
            if !numbers.is_empty() {
                let _ = writeln!(text, "  linkStyle {} {style}", numbers.join(","));
            }
        }
    }
    text
}

const fn class(graph: &Graph, node: &Node) -> &'static str {
    match node.visits {
        0 if graph.traced => "untaken",
        _ if graph.covered && !matches!(node.kind, NodeKind::Entry) => "taken",
        _ => node.kind.name(),
    }
}

const fn brackets(kind: NodeKind) -> (&'static str, &'static str) {
    match kind {
        NodeKind::Entry => ("((", "))"),
        NodeKind::Action => ("(", ")"),
        NodeKind::Decision => ("{", "}"),
        NodeKind::Wait => ("([", "])"),
        NodeKind::Start => ("[[", "]]"),
        NodeKind::Result => ("(((", ")))"),
        NodeKind::Failure => ("{{", "}}"),
        NodeKind::Event => (">", "]"),
    }
}

fn label(node: &Node) -> String {
    if node.kind == NodeKind::Entry { " ".to_owned() } else { joined(&face::of_node(node).lines) }
}

fn joined(lines: &[Line]) -> String {
    lines.iter().map(|line| escaped(&line.text)).collect::<Vec<_>>().join("<br/>")
}

/// `text`, escaped for quotes. Characters that Mermaid, its Markdown or HTML would interpret are written as numbers.
fn escaped(text: &str) -> String {
    // Mermaid interprets these words even within quotes, together with what follows a colon.
    let is_style = ["style", "classDef"].iter().any(|word| text.contains(word));
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_mark = match c {
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | '*' | '~' | ';' | '$' | '%' => true,
            ':' => is_style,
            // Within a word it is harmless; at its edge it would start italics.
            '_' => !before.is_alphanumeric() || !chars.peek().is_some_and(|next| next.is_alphanumeric()),
            _ => false,
        };
        if is_mark {
            let _ = write!(escaped, "#{};", u32::from(c));
        } else {
            escaped.push(c);
        }
        before = c;
    }
    // A label that looks like a list item is not drawn.
    let is_list = escaped.split_once(['.', '-', '+']).is_some_and(|(head, _)| head.bytes().all(|b| b.is_ascii_digit()));
    if is_list { format!("\u{200b}{escaped}") } else { escaped }
}

/// A title as YAML.
fn heading(title: &str) -> String {
    serde_json::Value::from(one_line(title)).to_string()
}
