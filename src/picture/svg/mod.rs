//! SVG: a self-contained picture, light or dark like the reader's screen, and light in print.

mod marks;
mod shapes;

use std::collections::HashSet;
use std::fmt::Write as _;

use crate::xml::escaped;

use super::face::{self, Face, Line, PROSE, TITLE};
use super::layout::{self, Layout, Link, Plan, Point, Rect, Route, Stroke, TooLarge};
use super::main_way::main_way;
use super::measure::one_line;
use super::{Edge, EdgeKind, Graph, Node};

/// Colours on light paper.
const STYLE: &str = include_str!("style.css");
/// Colours on a dark screen.
const DARK: &str = include_str!("dark.css");
/// Colours of test coverage.
const COVERED: &str = include_str!("covered.css");
/// The same in the dark.
const COVERED_DARK: &str = include_str!("covered_dark.css");
/// Pixels at the left and right of the title.
const MARGIN: f64 = 16.0;
/// Length of an arrowhead, in pixels.
const TIP: f64 = 8.0;
/// Half the width of an arrowhead, in pixels.
const TIP_HALF: f64 = 4.0;
/// Most lines of the description.
const PROSE_LINES: usize = 4;
/// The least width to which prose is wrapped, in pixels.
const PROSE_WIDTH: f64 = 420.0;

/// Writes the picture.
pub(super) fn write(graph: &Graph) -> Result<String, TooLarge> {
    let faces = face::of_nodes(graph);
    let labels: Vec<_> = graph.edges.iter().map(face::of_edge).collect();
    let plan = plan(graph, &faces, &labels);
    let layout = layout::layout(&plan)?;
    let (head, head_width, head_height) = head(graph, layout.width);
    let width = layout.width.max(head_width);
    let height = layout.height + head_height;
    let mut svg = open(graph, width, height);
    svg += &head;
    let aside = ((width - layout.width) / 2.0).floor();
    let _ = writeln!(svg, "<g transform=\"translate({} {})\">", number(aside), number(head_height));
    // The glow around the current box is below the arrows that lead there.
    for (node, rect) in graph.nodes.iter().zip(&layout.boxes).filter(|(node, _)| node.current) {
        svg += "<g class=\"halo\">";
        shapes::shape(&mut svg, node.kind, *rect);
        svg += "</g>\n";
    }
    edges(&mut svg, graph, &layout);
    for ((edge, label), route) in graph.edges.iter().zip(&labels).zip(&layout.routes) {
        if let (Some((lines, ..)), Some(place)) = (label, route.label) {
            caption(&mut svg, graph, edge, lines, place);
        }
    }
    layout.marks.iter().for_each(|mark| marks::mark(&mut svg, graph, mark));
    for ((node, face), rect) in graph.nodes.iter().zip(&faces).zip(&layout.boxes) {
        draw(&mut svg, graph, node, face, *rect);
    }
    svg += "</g>\n</svg>\n";
    Ok(svg)
}

/// The input for the layout.
pub(super) fn plan(graph: &Graph, faces: &[Face], labels: &[Option<(Vec<Line>, f64, f64)>]) -> Plan {
    let links = graph.edges.iter().zip(labels).zip(main_way(graph)).map(|((edge, label), main)| Link {
        from: edge.from,
        to: edge.to,
        label: label.as_ref().map(|(_, width, height)| (*width, *height)),
        look: look(edge.kind),
        main,
    });
    Plan { boxes: faces.iter().map(|face| face.size).collect(), links: links.collect(), direction: graph.direction }
}

/// Which edges may join: those with the same style.
const fn look(kind: EdgeKind) -> u8 {
    match kind {
        EdgeKind::Next | EdgeKind::Branch | EdgeKind::Otherwise => 0,
        EdgeKind::Error => 1,
        EdgeKind::Timeout => 2,
        EdgeKind::Interaction => 3,
        EdgeKind::Moved => 4,
    }
}

fn open(graph: &Graph, width: f64, height: f64) -> String {
    let (width, height) = (number(width), number(height));
    let traced = match (graph.traced, graph.covered) {
        (_, true) => " traced covered",
        (true, false) => " traced",
        (false, false) => "",
    };
    let (style, dark) = if graph.covered { (COVERED, COVERED_DARK) } else { ("", "") };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"opsflow{traced}\" role=\"img\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\" style=\"max-width:100%;height:auto\">\n"
    );
    title(&mut svg, &graph.title);
    svg.push('\n');
    if let Some(description) = &graph.description {
        let _ = writeln!(svg, "<desc>{}</desc>", escaped(&one_line(description)));
    }
    let _ = writeln!(
        svg,
        "<style>\n{STYLE}{style}@media screen and (prefers-color-scheme:dark){{\n{DARK}{dark}}}\n</style>"
    );
    let _ = writeln!(svg, "<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>");
    svg
}

/// Title, description and notes, with their width and height.
fn head(graph: &Graph, width: f64) -> (String, f64, f64) {
    let room = (width - 2.0 * MARGIN).max(PROSE_WIDTH);
    let mut lines = face::wrapped(&graph.title, TITLE, room, 2);
    if let Some(description) = &graph.description {
        lines.extend(face::wrapped(description, PROSE, room, PROSE_LINES));
    }
    for note in &graph.notes {
        lines.extend(face::wrapped(note, PROSE, room, 2));
    }
    let (width, height) = face::extent(&lines);
    let mut svg = String::new();
    let mut y = MARGIN;
    for line in &lines {
        let class = if line.font == TITLE { "title" } else { "prose" };
        text(&mut svg, line, class, "start", Point { x: MARGIN, y });
        y += line.font.line_height();
    }
    (svg, width + 2.0 * MARGIN, height + MARGIN)
}

/// All lines; taken ones are above the others.
fn edges(svg: &mut String, graph: &Graph, layout: &Layout) {
    for taken in [false, true] {
        // Joined lines are drawn once: drawn twice, their dashes would fill each other's gaps.
        let mut drawn = Drawn::new();
        for (edge, route) in graph.edges.iter().zip(&layout.routes) {
            if (edge.taken > 0) != taken || route.strokes.is_empty() {
                continue;
            }
            let class = format!("{}{}", edge.kind.name(), trace(graph, edge.taken));
            let name = |id: usize| graph.nodes.get(id).map_or("", |node| node.name.as_str());
            let _ = write!(
                svg,
                "<g class=\"edge {class}\" data-from=\"{}\" data-to=\"{}\">",
                escaped(name(edge.from)),
                escaped(name(edge.to))
            );
            if let Some(hint) = edge.hint.as_ref().or(edge.label.as_ref()) {
                title(svg, &one_line(hint));
            }
            line(svg, route, edge.kind, &mut drawn);
            svg.push_str("</g>\n");
        }
    }
}

const fn trace(graph: &Graph, times: u32) -> &'static str {
    match (graph.traced, times) {
        (false, _) => "",
        (true, 0) => " untaken",
        (true, _) => " taken",
    }
}

/// The drawn strokes, by kind, start and end.
type Drawn = HashSet<(EdgeKind, String, String)>;

/// A line with its arrowhead, except parts that were drawn before. The last stroke is straight, and ends where the
/// arrowhead begins.
fn line(svg: &mut String, route: &Route, kind: EdgeKind, drawn: &mut Drawn) {
    let Some((last, before)) = route.strokes.split_last() else { return };
    let from = before.last().map_or(route.start, |stroke| stroke.to);
    let (dx, dy) = (last.to.x - from.x, last.to.y - from.y);
    let length = dx.hypot(dy).max(f64::MIN_POSITIVE);
    let (ux, uy) = (dx / length, dy / length);
    let back = TIP.min(length);
    let base = Point { x: last.to.x - ux * back, y: last.to.y - uy * back };
    let (mut path, mut at, mut lifted) = (String::new(), route.start, true);
    for stroke in before.iter().chain([&Stroke::straight(base)]) {
        let (from, to) = (point(at), point(stroke.to));
        at = stroke.to;
        if stroke.lifted || !drawn.insert((kind, from.clone(), to.clone())) {
            lifted = true;
            continue;
        }
        if std::mem::take(&mut lifted) {
            let _ = write!(path, "M{from}");
        }
        let _ = match stroke.bend {
            Some((a, b)) => write!(path, "C{} {} {to}", point(a), point(b)),
            None => write!(path, "L{to}"),
        };
    }
    let left = Point { x: base.x - uy * TIP_HALF, y: base.y + ux * TIP_HALF };
    let right = Point { x: base.x + uy * TIP_HALF, y: base.y - ux * TIP_HALF };
    if !path.is_empty() {
        let _ = write!(svg, "<path class=\"line\" d=\"{path}\"/>");
    }
    let _ = write!(svg, "<path class=\"tip\" d=\"M{}L{}L{}Z\"/>", point(last.to), point(left), point(right));
}

/// A label on its own background, so that its line is interrupted there.
fn caption(svg: &mut String, graph: &Graph, edge: &Edge, lines: &[Line], place: Rect) {
    let class = format!("{}{}", edge.kind.name(), trace(graph, edge.taken));
    let _ = write!(svg, "<g class=\"label {class}\">");
    if let Some(hint) = &edge.hint {
        title(svg, &one_line(hint));
    }
    let _ = write!(
        svg,
        "<rect class=\"back\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
        number(place.x + 2.0),
        number(place.y),
        number(place.width - 4.0),
        number(place.height)
    );
    let mut at = Point { x: place.x + place.width / 2.0, y: place.y + 2.0 };
    for line in lines {
        text(svg, line, "", "middle", at);
        at.y += line.font.line_height();
    }
    svg.push_str("</g>\n");
}

fn draw(svg: &mut String, graph: &Graph, node: &Node, face: &Face, rect: Rect) {
    let current = if node.current { " current" } else { "" };
    let class = format!("{}{}{current}", node.kind.name(), trace(graph, node.visits));
    let _ = write!(svg, "<g class=\"node {class}\" data-state=\"{}\">", escaped(&node.name));
    title(svg, &tooltip(node));
    shapes::shape(svg, node.kind, rect);
    let (_, height) = face::extent(&face.lines);
    let x = shapes::text_middle(node.kind, rect);
    let mut at = Point { x, y: rect.y + (rect.height - height) / 2.0 };
    for line in &face.lines {
        text(svg, line, if line.font.bold { "name" } else { "note" }, "middle", at);
        at.y += line.font.line_height();
    }
    svg.push_str("</g>\n");
}

/// Everything there is to say about a box.
fn tooltip(node: &Node) -> String {
    let head = format!("{} ({})", node.name, node.kind.name());
    let parts = [Some(&head), node.description.as_ref(), node.detail.as_ref()];
    parts.into_iter().flatten().chain(&node.notes).map(|part| one_line(part)).collect::<Vec<_>>().join("\n")
}

fn title(svg: &mut String, text: &str) {
    let _ = write!(svg, "<title>{}</title>", escaped(text));
}

/// A line of text with its upper end at `at`.
fn text(svg: &mut String, line: &Line, class: &str, anchor: &str, at: Point) {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    let baseline = at.y + line.font.line_height() * 0.77;
    let _ = writeln!(
        svg,
        "<text{class} x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{anchor}\">{}</text>",
        number(at.x),
        number(baseline),
        number(line.font.size),
        escaped(&line.text)
    );
}

fn point(point: Point) -> String {
    format!("{} {}", number(point.x), number(point.y))
}

/// A number with at most one digit after the point.
fn number(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    // No negative zero.
    format!("{}", rounded + 0.0)
}
