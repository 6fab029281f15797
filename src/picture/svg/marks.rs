//! Marks where a line continues in another column: a letter in a disc, and the name of the other end.

use std::fmt::Write as _;

use super::super::face::{self, REFERENCE};
use super::super::layout::{Mark, Point};
use super::super::{Edge, Graph};
use super::{number, text, title, trace};

/// Letters of the alphabet.
const LETTERS: usize = 26;
/// How far the text begins above the centre of its mark, in pixels.
const RAISE: f64 = 7.0;

/// Draws a mark.
pub(super) fn mark(svg: &mut String, graph: &Graph, mark: &Mark) {
    let edges: Vec<&Edge> = mark.links.iter().filter_map(|link| graph.edges.get(*link)).collect();
    let Some(first) = edges.first() else { return };
    let taken = edges.iter().map(|edge| edge.taken).sum();
    let _ = write!(svg, "<g class=\"cut {}{}\">", first.kind.name(), trace(graph, taken));
    let names = edges.iter().map(|edge| if mark.enters { edge.from } else { edge.to });
    let mut names: Vec<_> = names.filter_map(|id| graph.nodes.get(id)).map(face::reference).collect();
    names.dedup();
    let whole: Vec<&str> = names.iter().map(|line| line.text.as_str()).collect();
    let way = if mark.enters { "from" } else { "to" };
    title(svg, &format!("{way} {}", whole.join(", ")));
    let (x, y) = (mark.at.x, mark.at.y);
    let _ = write!(svg, "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"/>", number(x), number(y), number(Mark::RADIUS));
    let letter = face::Line { text: letters(mark.letter), font: REFERENCE };
    text(svg, &letter, "letter", "middle", Point { x, y: y - RAISE });
    if let Some((name, more)) = names.split_first() {
        let more = if more.is_empty() { String::new() } else { format!(" +{}", more.len()) };
        let line = face::Line { text: format!("{way} {}{more}", name.text), font: REFERENCE };
        text(svg, &line, "", "start", Point { x: x + Mark::TEXT, y: y - RAISE });
    }
    svg.push_str("</g>\n");
}

/// `A` to `Z`, then `A2`, `B2` and so on.
fn letters(number: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(number % LETTERS).unwrap_or_default());
    match number / LETTERS {
        0 => letter.to_string(),
        round => format!("{letter}{}", round + 1),
    }
}
