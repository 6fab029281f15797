//! Places: layer under layer, as flowcharts are drawn (Sugiyama's method).
//!
//! `cycles` turns some edges round so that no ring is left. `rank` gives every box its layer. `web` lays each edge
//! through the layers between, with a bend in each and a place of its own for its label; edges that lead to the same
//! box join. `order` orders each layer so that few lines cross, `ports` says where lines meet the boxes, `place` gives
//! everything its x and y (`straight` and `simplex` across), `slide` moves the ends of lines so that they run straight,
//! `route` draws them, and `fold` lays what is too tall for a page into columns.
//!
//! What makes a picture readable holds by construction: everything in a layer has room of its own there, and a line
//! passes a layer only where it has a bend. So boxes and labels never overlap, and no line runs through either.
//!
//! A picture that runs to the right is laid out downwards with widths and heights exchanged; `across` exchanges them
//! back. Boxes and texts stay upright.

pub(super) mod across;
mod cycles;
mod fold;
mod order;
mod place;
mod ports;
mod rank;
mod route;
pub(super) mod simplex;
mod slide;
mod straight;
mod web;

use std::fmt;

use super::{Direction, NodeId};

/// The most bends, boxes and labels that are laid out. A flow with some hundred states stays far below; beyond this,
/// nobody could read the picture.
pub(super) const MAX_BENDS: usize = 60_000;
/// Pixels around everything.
const MARGIN: f64 = 16.0;

/// The input: boxes by index, and links between them.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// The boxes. The first is on top, if cycles allow.
    pub(super) boxes: Vec<Size>,
    /// The links between them.
    pub(super) links: Vec<Link>,
    /// The direction of the picture.
    pub(super) direction: Direction,
}

/// The size and outline of a box.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub(super) struct Size {
    /// Pixels.
    pub(super) width: f64,
    /// Pixels.
    pub(super) height: f64,
    /// The part of its top and bottom edge, at each end, that no line may meet.
    pub(super) inset: f64,
    /// The shape of its sides.
    pub(super) sides: Sides,
    /// The width of its name at marks of cut lines.
    pub(super) name: f64,
}

/// The shape of the two sides of a box that are parallel to the picture's direction: left and right, if it runs down.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub(super) enum Sides {
    /// Straight down.
    #[default]
    Straight,
    /// To a point at half the height, as far out as the inset.
    Slanted,
    /// With corners cut off at an angle: so many pixels along the side, and so many inwards.
    Sloped {
        /// Pixels.
        along: f64,
        /// Pixels.
        inwards: f64,
    },
    /// With a round corner at each end, as large as the inset.
    Round,
    /// With cut corners, as large as the inset.
    Cut,
}

/// A link between two boxes, or from a box to itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    /// Width and height of its label, if it has one.
    pub(super) label: Option<(f64, f64)>,
    /// Its style, as a number: only links of the same style join.
    pub(super) look: u8,
    /// Whether it is the main path from its box, which should be straight.
    pub(super) main: bool,
}

/// A point in the picture; y grows downwards.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// A rectangle, by its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A part of a line: its end, and two control points if it is a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stroke {
    pub(super) bend: Option<(Point, Point)>,
    pub(super) to: Point,
    /// Whether nothing is drawn: the line was cut, and continues in another column.
    pub(super) lifted: bool,
}

/// A mark where a line was cut because it continues in another column.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mark {
    /// Its centre.
    pub(super) at: Point,
    /// Its letter, from 0; the mark where the line continues has the same.
    pub(super) letter: usize,
    /// The links whose lines are cut there. They look alike and lead to the same box.
    pub(super) links: Vec<usize>,
    /// Whether the lines enter the column here, rather than leave it.
    pub(super) enters: bool,
}

/// The line of a link, from its beginning to its end.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Route {
    pub(super) start: Point,
    pub(super) strokes: Vec<Stroke>,
    /// The place of its label.
    pub(super) label: Option<Rect>,
}

/// The result: the position of everything.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    /// The boxes, as in the plan.
    pub(super) boxes: Vec<Rect>,
    /// The lines, as the links of the plan.
    pub(super) routes: Vec<Route>,
    /// Where lines were cut.
    pub(super) marks: Vec<Mark>,
}

/// A flow that is too large for a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// How many states it has.
    pub boxes: usize,
}

impl std::error::Error for TooLarge {}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} boxes and their arrows are too many for a picture: it holds {MAX_BENDS} bends (MAX_BENDS)",
            self.boxes
        )
    }
}

/// Finds the places. The same plan is always laid out the same way. Links to boxes that are not there are left out.
/// Only a picture that runs down is folded into columns.
pub(super) fn layout(plan: &Plan) -> Result<Layout, TooLarge> {
    match plan.direction {
        Direction::Down => {
            let (layout, cuts) = laid(plan)?;
            Ok(framed(plan, fold::fold(plan, layout, &cuts)))
        }
        Direction::Right => Ok(framed(plan, across::layout(laid(&across::plan(plan))?.0))),
    }
}

/// The places from above to below, and the heights where the picture may be cut.
fn laid(plan: &Plan) -> Result<(Layout, Vec<f64>), TooLarge> {
    let turned = cycles::turned(plan);
    let ranks = rank::ranks(plan, &turned);
    let mut web = web::weave(plan, &turned, &ranks).ok_or(TooLarge { boxes: plan.boxes.len() })?;
    order::order(&mut web);
    let mut ports = ports::ports(plan, &mut web);
    let places = place::place(plan, &web, &mut ports);
    let drawn = route::route(plan, &web, &ports, &places);
    Ok((drawn, fold::cuts(&web, &places)))
}

/// Moves everything to the margin, and measures the whole.
fn framed(plan: &Plan, mut layout: Layout) -> Layout {
    let labels = layout.routes.iter().filter_map(|route| route.label);
    let corners = layout
        .boxes
        .iter()
        .copied()
        .chain(labels)
        .chain(layout.marks.iter().map(|mark| mark.extent(plan)))
        .flat_map(|r| [Point { x: r.x, y: r.y }, Point { x: r.x + r.width, y: r.y + r.height }]);
    let lines = layout.routes.iter().flat_map(|route| {
        let bends = route.strokes.iter().flat_map(|s| s.bend.into_iter().flat_map(|(a, b)| [a, b]).chain([s.to]));
        bends.chain([route.start])
    });
    let (mut least, mut most) = (Point { x: f64::MAX, y: f64::MAX }, Point { x: f64::MIN, y: f64::MIN });
    for point in corners.chain(lines) {
        least = Point { x: least.x.min(point.x), y: least.y.min(point.y) };
        most = Point { x: most.x.max(point.x), y: most.y.max(point.y) };
    }
    if layout.boxes.is_empty() {
        return Layout { width: 2.0 * MARGIN, height: 2.0 * MARGIN, ..Layout::default() };
    }
    let by = Point { x: MARGIN - least.x, y: MARGIN - least.y };
    layout.boxes.iter_mut().for_each(|rect| rect.shift(by));
    layout.routes.iter_mut().for_each(|route| route.shift(by));
    layout.marks.iter_mut().for_each(|mark| mark.at = mark.at.shifted(by));
    layout.width = (most.x - least.x + 2.0 * MARGIN).ceil();
    layout.height = (most.y - least.y + 2.0 * MARGIN).ceil();
    layout
}

impl Point {
    fn shifted(self, by: Self) -> Self {
        Self { x: self.x + by.x, y: self.y + by.y }
    }
}

impl Rect {
    fn shift(&mut self, by: Point) {
        self.x += by.x;
        self.y += by.y;
    }
}

impl Stroke {
    pub(super) const fn straight(to: Point) -> Self {
        Self { bend: None, to, lifted: false }
    }

    /// A curve with two control points.
    const fn curve(by: (Point, Point), to: Point) -> Self {
        Self { bend: Some(by), to, lifted: false }
    }

    const fn lifted(to: Point) -> Self {
        Self { bend: None, to, lifted: true }
    }

    fn shifted(self, by: Point) -> Self {
        let bend = self.bend.map(|(a, b)| (a.shifted(by), b.shifted(by)));
        Self { bend, to: self.to.shifted(by), ..self }
    }
}

impl Plan {
    /// The widest name of the boxes at both ends of some links, in pixels.
    fn widest_name(&self, links: &[usize]) -> f64 {
        let ends = links.iter().filter_map(|link| self.links.get(*link)).flat_map(|link| [link.from, link.to]);
        ends.filter_map(|id| self.boxes.get(id)).map(|size| size.name).fold(0.0, f64::max)
    }
}

impl Mark {
    /// The radius of its disc, in pixels.
    pub(super) const RADIUS: f64 = 7.0;
    /// The distance from its centre to its text, in pixels.
    pub(super) const TEXT: f64 = 11.0;

    /// The mark with its text.
    pub(super) fn extent(&self, plan: &Plan) -> Rect {
        let width = Self::RADIUS + Self::TEXT + plan.widest_name(&self.links);
        let (x, y) = (self.at.x - Self::RADIUS, self.at.y - Self::RADIUS);
        Rect { x, y, width, height: 2.0 * Self::RADIUS }
    }
}

impl Route {
    fn shift(&mut self, by: Point) {
        self.start = self.start.shifted(by);
        self.strokes.iter_mut().for_each(|stroke| *stroke = stroke.shifted(by));
        self.label.iter_mut().for_each(|label| label.shift(by));
    }
}
