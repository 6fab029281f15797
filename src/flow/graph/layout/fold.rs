//! A picture that is too tall for a page goes on in a second column, and in a third. It is cut between layers, where all
//! lines run straight down; each line is led below its column, up between the two, and into the next one from above. The
//! lines keep their order, so none crosses another on this way.

use super::place::Places;
use super::web::{Web, What};
use super::{Layout, Point, Rect, Route, Stroke};

/// What is left of a page of A4 without margins, in pixels: the shorter side, and the longer.
const PAGE: (f64, f64) = (700.0, 1020.0);
/// A picture is not folded if it fits on a page at this scale.
const READABLE: f64 = 0.8;
/// By how much larger a further column must make the picture on its page.
const WORTH: f64 = 1.15;
/// The most boxes that are folded. With more the picture cannot be read on a page in any shape.
const MAX_FOLDED: usize = 1_000;
/// The most columns.
const MAX_COLUMNS: usize = 6;
/// Pixels between lines that go to the next column.
const LANE: f64 = 9.0;
/// Pixels between such lines and anything else.
const ASIDE: f64 = 22.0;
/// Radius of their corners, in pixels.
const CORNER: f64 = 7.0;
/// How far from an even share of the height a cut may be, as a part of that share.
const REACH: f64 = 0.3;
/// What one more line at a cut weighs against its distance from an even share.
const PER_LANE: f64 = 0.02;

/// Where a picture may be cut: below a layer that boxes follow, so that labels stay with where their lines begin.
pub(super) fn cuts(web: &Web, places: &Places) -> Vec<f64> {
    let is_boxes = |layer: usize| web.layers[layer].iter().any(|id| web.knots[*id].what == What::Box);
    (1..web.layers.len()).filter(|layer| is_boxes(*layer)).map(|layer| places.bottom[layer - 1]).collect()
}

/// The picture in as many columns as let it be largest on a page.
pub(super) fn fold(layout: Layout, cuts: &[f64]) -> Layout {
    let whole = Fold::new(&layout, Vec::new());
    if whole.scale() >= READABLE || layout.boxes.len() > MAX_FOLDED {
        return layout;
    }
    let lanes = Fold::new(&layout, cuts.to_vec()).lanes;
    let candidates: Vec<(f64, usize)> = cuts.iter().copied().zip(lanes.iter().map(Vec::len)).collect();
    let mut best = whole;
    for columns in 2..=MAX_COLUMNS {
        let Some(chosen) = choose(&candidates, &layout, columns) else { continue };
        let fold = Fold::new(&layout, chosen);
        if fold.scale() > best.scale() * WORTH {
            best = fold;
        }
    }
    if best.cuts.is_empty() { layout } else { best.apply(&layout) }
}

/// The cuts that make so many columns of about the same height, with few lines at each.
fn choose(candidates: &[(f64, usize)], layout: &Layout, columns: usize) -> Option<Vec<f64>> {
    let ends = layout.boxes.iter().map(|rect| (rect.y, rect.y + rect.height));
    let (top, bottom) = ends.fold((f64::MAX, f64::MIN), |(top, bottom), (y, end)| (top.min(y), bottom.max(end)));
    let share = (bottom - top) / columns as f64;
    let mut chosen: Vec<f64> = Vec::new();
    for column in 1..columns {
        let target = top + share * column as f64;
        let near = candidates.iter().filter(|(y, _)| (y - target).abs() <= share * REACH);
        let cost = |(y, lanes): &(f64, usize)| ((y - target) / share).powi(2) + *lanes as f64 * PER_LANE;
        let (y, _) = near.min_by(|a, b| cost(a).total_cmp(&cost(b)))?;
        if chosen.last().is_some_and(|last| last >= y) {
            return None;
        }
        chosen.push(*y);
    }
    Some(chosen)
}

/// A picture cut into columns.
#[derive(Default)]
struct Fold {
    cuts: Vec<f64>,
    /// Where lines pass each cut, from left to right.
    lanes: Vec<Vec<f64>>,
    /// What each column holds, where it was.
    columns: Vec<Extent>,
}

/// From where to where something reaches.
#[derive(Clone, Copy)]
struct Extent {
    least: Point,
    most: Point,
}

/// A part of a line that lies in one column.
struct Piece {
    column: usize,
    from: Point,
    stroke: Stroke,
}

impl Fold {
    fn new(layout: &Layout, cuts: Vec<f64>) -> Self {
        let columns = vec![Extent::default(); cuts.len() + 1];
        let mut fold = Self { lanes: vec![Vec::new(); cuts.len()], cuts, columns };
        for rect in layout.boxes.iter().copied().chain(layout.routes.iter().filter_map(|route| route.label)) {
            fold.hold(fold.column(rect.y + rect.height / 2.0), Point { x: rect.x, y: rect.y });
            let end = Point { x: rect.x + rect.width, y: rect.y + rect.height };
            fold.hold(fold.column(rect.y + rect.height / 2.0), end);
        }
        for route in &layout.routes {
            let mut column = fold.column(route.start.y);
            for piece in fold.pieces(route) {
                if piece.column != column {
                    let cut = piece.column.min(column);
                    fold.lanes.get_mut(cut).into_iter().for_each(|lanes| lanes.push(piece.from.x));
                    column = piece.column;
                }
                let bend = piece.stroke.bend.into_iter().flat_map(|(a, b)| [a, b]);
                bend.chain([piece.from, piece.stroke.to]).for_each(|point| fold.hold(column, point));
            }
        }
        for lanes in &mut fold.lanes {
            lanes.sort_by(f64::total_cmp);
            lanes.dedup();
        }
        fold
    }

    fn hold(&mut self, column: usize, point: Point) {
        self.columns.get_mut(column).into_iter().for_each(|extent| extent.hold(point));
    }

    /// The column of what is at this height; at a cut, the one that ends there.
    fn column(&self, y: f64) -> usize {
        self.cuts.partition_point(|cut| *cut < y)
    }

    /// The parts of a line.
    fn pieces(&self, route: &Route) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut from = route.start;
        let mut push = |from: &mut Point, stroke: Stroke| {
            let column = self.column((from.y + stroke.to.y) / 2.0);
            pieces.push(Piece { column, from: *from, stroke });
            *from = stroke.to;
        };
        for stroke in &route.strokes {
            if stroke.bend.is_none() {
                let (low, high) = (from.y.min(stroke.to.y), from.y.max(stroke.to.y));
                let down = from.y < stroke.to.y;
                let first = self.cuts.partition_point(|cut| *cut <= low);
                let passed = self.cuts.iter().skip(first).take_while(|cut| **cut < high);
                let mut passed: Vec<f64> = passed.copied().collect();
                if !down {
                    passed.reverse();
                }
                for y in passed {
                    let to = Point { x: from.x, y };
                    push(&mut from, Stroke { bend: None, to });
                }
            }
            push(&mut from, *stroke);
        }
        pieces
    }

    fn lanes(&self, cut: usize) -> usize {
        self.lanes.get(cut).map_or(0, Vec::len)
    }

    /// What lines take above a column, before its first cut none.
    fn above(&self, column: usize) -> f64 {
        match column.checked_sub(1).map_or(0, |cut| self.lanes(cut)) {
            0 => 0.0,
            lanes => LANE * (lanes - 1) as f64 + ASIDE,
        }
    }

    /// The room for lines between a column and the next.
    fn gutter(&self, column: usize) -> f64 {
        2.0 * ASIDE + LANE * self.lanes(column).saturating_sub(1) as f64
    }

    /// By what a column moves.
    fn shift(&self, column: usize) -> Point {
        let (mut x, mut first) = (0.0, 0.0);
        for (at, extent) in self.columns.iter().enumerate().take(column + 1) {
            first = x - extent.least.x;
            x += extent.most.x - extent.least.x + self.gutter(at);
        }
        let top = self.columns.get(column).map_or(0.0, |extent| extent.least.y);
        Point { x: first.round(), y: (self.above(column) - top).round() }
    }

    /// Width and height of all columns.
    fn size(&self) -> (f64, f64) {
        let widths = self.columns.iter().map(|extent| extent.most.x - extent.least.x);
        let gutters = (1..self.columns.len()).map(|column| self.gutter(column - 1));
        let heights =
            self.columns.iter().enumerate().map(|(at, extent)| {
                self.above(at) + extent.most.y - extent.least.y + LANE * self.lanes(at) as f64 + ASIDE
            });
        (widths.sum::<f64>() + gutters.sum::<f64>(), heights.fold(0.0, f64::max))
    }

    /// How large it comes to be on a page, upright or across.
    fn scale(&self) -> f64 {
        let (width, height) = self.size();
        let (short, long) = PAGE;
        let (width, height) = (width.max(1.0), height.max(1.0));
        (short / width).min(long / height).max((long / width).min(short / height)).min(1.0)
    }

    fn apply(&self, layout: &Layout) -> Layout {
        let shifts: Vec<Point> = (0..self.columns.len()).map(|column| self.shift(column)).collect();
        let by = |column: usize| shifts.get(column).copied().unwrap_or_default();
        let moved = |rect: Rect| {
            let by = by(self.column(rect.y + rect.height / 2.0));
            Rect { x: rect.x + by.x, y: rect.y + by.y, ..rect }
        };
        let routes = layout.routes.iter().map(|route| {
            let mut column = self.column(route.start.y);
            let mut led = Route { start: route.start.shifted(by(column)), ..Route::default() };
            for piece in self.pieces(route) {
                if piece.column != column {
                    let way = self.way(piece.column.min(column), piece.from.x, &by);
                    led.follow(if piece.column > column { way } else { way.reversed() });
                    column = piece.column;
                }
                let by = by(column);
                let bend = piece.stroke.bend.map(|(a, b)| (a.shifted(by), b.shifted(by)));
                match bend {
                    Some(_) => led.strokes.push(Stroke { bend, to: piece.stroke.to.shifted(by) }),
                    None => led.line(piece.stroke.to.shifted(by)),
                }
            }
            Route { label: route.label.map(moved), ..led }
        });
        Layout {
            boxes: layout.boxes.iter().copied().map(moved).collect(),
            routes: routes.collect(),
            ..Layout::default()
        }
    }

    /// The way from the end of a column to the beginning of the next, of the line that passes the cut at `x`.
    fn way(&self, cut: usize, x: f64, by: &impl Fn(usize) -> Point) -> Route {
        let lanes = self.lanes.get(cut).map_or(&[][..], Vec::as_slice);
        let right_of_it = lanes.iter().filter(|lane| **lane > x).count() as f64;
        let left_of_it = lanes.iter().filter(|lane| **lane < x).count() as f64;
        let y = self.cuts.get(cut).copied().unwrap_or_default();
        let (from, to) = (Point { x, y }.shifted(by(cut)), Point { x, y }.shifted(by(cut + 1)));
        let edge = self.columns.get(cut).map_or(0.0, |extent| extent.most.x) + by(cut).x;
        let end = self.columns.get(cut).map_or(y, |extent| extent.most.y.max(y)) + by(cut).y;
        let bottom = end + CORNER + 2.0 + LANE * right_of_it;
        let up = edge + ASIDE + LANE * right_of_it;
        let top = to.y - CORNER - 2.0 - LANE * left_of_it;
        let mut way = Route { start: from, ..Route::default() };
        way.line(Point { x: from.x, y: bottom - CORNER });
        way.corner(Point { x: from.x, y: bottom }, Point { x: from.x + CORNER, y: bottom });
        way.line(Point { x: up - CORNER, y: bottom });
        way.corner(Point { x: up, y: bottom }, Point { x: up, y: bottom - CORNER });
        way.line(Point { x: up, y: top + CORNER });
        way.corner(Point { x: up, y: top }, Point { x: up + CORNER, y: top });
        way.line(Point { x: to.x - CORNER, y: top });
        way.corner(Point { x: to.x, y: top }, Point { x: to.x, y: top + CORNER });
        way.line(to);
        way
    }
}

impl Default for Extent {
    fn default() -> Self {
        Self { least: Point { x: f64::MAX, y: f64::MAX }, most: Point { x: f64::MIN, y: f64::MIN } }
    }
}

impl Extent {
    fn hold(&mut self, point: Point) {
        self.least = Point { x: self.least.x.min(point.x), y: self.least.y.min(point.y) };
        self.most = Point { x: self.most.x.max(point.x), y: self.most.y.max(point.y) };
    }
}

impl Route {
    /// Goes on along another line that begins where this one ends.
    fn follow(&mut self, way: Self) {
        for stroke in way.strokes {
            match stroke.bend {
                Some(_) => self.strokes.push(stroke),
                None => self.line(stroke.to),
            }
        }
    }
}
