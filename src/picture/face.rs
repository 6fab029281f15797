//! The content of boxes and labels, line by line, and their sizes.

use super::column::Column;
use super::layout::{Sides, Size};
use super::measure::{Font, one_line, shortened};
use super::{Direction, Edge, Graph, Node, NodeKind};

/// The font of a box's name.
pub(super) const NAME: Font = Font { size: 13.0, bold: true };
/// The font of details and notes.
pub(super) const NOTE: Font = Font { size: 11.0, bold: false };
/// The font on arrows.
pub(super) const LABEL: Font = Font { size: 11.0, bold: false };
/// The font of the picture's title.
pub(super) const TITLE: Font = Font { size: 17.0, bold: true };
/// The font of the description below the title.
pub(super) const PROSE: Font = Font { size: 12.0, bold: false };

/// The font of names at marks of cut lines.
pub(super) const REFERENCE: Font = Font { size: 11.0, bold: false };
/// The most characters of such a name.
const MAX_REFERENCE: usize = 28;
/// The longest text around such a name: where the line comes from, and how many more there are.
const AROUND_REFERENCE: &str = "from  +99";

/// The width at which lines of a box are wrapped, in pixels.
const NAME_WIDTH: f64 = 170.0;
/// The width at which lines of a label are wrapped, in pixels.
const LABEL_WIDTH: f64 = 140.0;
/// Most lines of a name.
const NAME_LINES: usize = 4;
/// Most lines of a detail.
const DETAIL_LINES: usize = 3;
/// Most lines of a label.
const LABEL_LINES: usize = 3;
/// Most notes of a box.
const MOST_NOTES: usize = 5;
/// The least width of a box.
const MIN_WIDTH: f64 = 64.0;
/// The least height of a box.
const MIN_HEIGHT: f64 = 36.0;
/// Diameter of the marker of the start.
pub(super) const ENTRY: f64 = 16.0;
/// Greatest radius of the ends of a stadium, in pixels.
pub(super) const STADIUM: f64 = 26.0;
/// The room for the clock at the left of a wait's box.
pub(super) const CLOCK: f64 = 18.0;
/// The room for the second stroke of a double side.
pub(super) const SECOND: f64 = 6.0;
/// The size of the cut corners of an octagon.
pub(super) const CUT: f64 = 10.0;
/// The depth of a flag's notch.
pub(super) const NOTCH: f64 = 10.0;

/// The width of a box's edge per arrow, in pixels.
const ARROW: f64 = 14.0;
/// How many leaving arrows a box is made wider for.
const MOST_LEAVING: usize = 16;
/// How many arriving arrows a box is made wider for. Of many, most come from afar and have joined.
const MOST_ARRIVING: usize = 8;

/// A line of text.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) font: Font,
}

/// The content of a box.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Face {
    /// Its lines, from above.
    pub(super) lines: Vec<Line>,
    /// Its size and outline.
    pub(super) size: Size,
}

/// What all boxes show. A box that many arrows leave or reach is wide enough for them; or high enough, if they meet it at
/// its left and right.
pub(super) fn of_nodes(graph: &Graph) -> Vec<Face> {
    let mut arrows: Column<(usize, usize)> = Column::new(graph.nodes.len());
    for edge in graph.edges.iter().filter(|edge| edge.from != edge.to) {
        arrows[edge.from].0 += 1;
        arrows[edge.to].1 += 1;
    }
    let faces = graph.nodes.iter().zip(arrows.iter()).map(|(node, (leave, arrive))| {
        let mut face = of_node(node);
        let side_by_side = (*leave).min(MOST_LEAVING).max((*arrive).min(MOST_ARRIVING)) as f64;
        let size = &mut face.size;
        match (graph.direction, node.kind) {
            (_, NodeKind::Entry) => {}
            (Direction::Down, _) => size.width = size.width.max((side_by_side * ARROW + 2.0 * size.inset).ceil()),
            (Direction::Right, NodeKind::Decision) => {
                // Its left and right are points, which all arrows meet.
                size.sides = Sides::Sloped { along: size.inset, inwards: size.height / 2.0 };
                size.inset = size.height / 2.0;
            }
            (Direction::Right, _) => {
                let rounded = matches!(size.sides, Sides::Round);
                let ends = if rounded { 2.0 * STADIUM } else { 2.0 * size.inset };
                if side_by_side > 1.0 {
                    size.height = size.height.max((side_by_side * ARROW + ends).ceil());
                }
                if rounded {
                    size.inset = (size.height / 2.0).min(STADIUM);
                }
            }
        }
        face
    });
    faces.collect()
}

/// The content of a node's box.
pub(super) fn of_node(node: &Node) -> Face {
    if node.kind == NodeKind::Entry {
        let size = Size { width: ENTRY, height: ENTRY, inset: ENTRY / 2.0, sides: Sides::Round, name: 0.0 };
        return Face { lines: Vec::new(), size };
    }
    let mut lines = wrapped(&node.label, NAME, NAME_WIDTH, NAME_LINES);
    if let Some(detail) = &node.detail {
        lines.extend(wrapped(detail, NOTE, NAME_WIDTH, DETAIL_LINES));
    }
    let more = node.notes.len().saturating_sub(MOST_NOTES);
    for note in node.notes.iter().take(MOST_NOTES) {
        lines.extend(wrapped(note, NOTE, NAME_WIDTH, 2));
    }
    if more > 0 {
        lines.push(Line { text: format!("and {more} more"), font: NOTE });
    }
    if node.visits > 1 && node.kind != NodeKind::Event {
        lines.push(Line { text: format!("{} visits", node.visits), font: NOTE });
    }
    let name = REFERENCE.width(&reference(node).text) + REFERENCE.width(AROUND_REFERENCE);
    let size = Size { name: name.ceil(), ..size(node.kind, &lines) };
    Face { lines, size }
}

/// The name of a box at the mark of a cut line.
pub(super) fn reference(node: &Node) -> Line {
    Line { text: shortened(&node.label, MAX_REFERENCE), font: REFERENCE }
}

/// The text on an edge, and its size.
pub(super) fn of_edge(edge: &Edge) -> Option<(Vec<Line>, f64, f64)> {
    let lines = wrapped(&edge.caption()?, LABEL, LABEL_WIDTH, LABEL_LINES);
    let (width, height) = extent(&lines);
    (width > 0.0).then_some((lines, width + 8.0, height + 4.0))
}

/// `text` in lines.
pub(super) fn wrapped(text: &str, font: Font, width: f64, lines: usize) -> Vec<Line> {
    font.wrap(&one_line(text), width, lines).into_iter().map(|text| Line { text, font }).collect()
}

/// Width and height of lines.
pub(super) fn extent(lines: &[Line]) -> (f64, f64) {
    let width = lines.iter().map(|line| line.font.width(&line.text)).fold(0.0, f64::max);
    (width.ceil(), lines.iter().map(|line| line.font.line_height()).sum())
}

fn size(kind: NodeKind, lines: &[Line]) -> Size {
    let (width, height) = extent(lines);
    let height = (height + 16.0).max(MIN_HEIGHT);
    let (extra, inset, sides) = match kind {
        NodeKind::Entry | NodeKind::Action => (24.0, 8.0, Sides::Straight),
        // The corners of the text must stay within the slanted sides.
        NodeKind::Decision => (height * 0.62 + 12.0, height * 0.4, Sides::Slanted),
        NodeKind::Wait => (height * 0.5 + CLOCK + 14.0, (height / 2.0).min(STADIUM), Sides::Round),
        NodeKind::Start => (24.0 + 2.0 * SECOND, 2.0, Sides::Straight),
        NodeKind::Result => (height * 0.5 + 22.0, (height / 2.0).min(STADIUM), Sides::Round),
        NodeKind::Failure => (30.0, CUT, Sides::Cut),
        NodeKind::Event => (22.0 + NOTCH, NOTCH, Sides::Straight),
    };
    let height = if kind == NodeKind::Result { height + 4.0 } else { height };
    Size { width: (width + extra).max(MIN_WIDTH).ceil(), height: height.ceil(), inset, sides, name: 0.0 }
}
