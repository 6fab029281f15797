//! A picture that is too tall for a page goes on in a second column, and in a third. It is cut between layers, where all
//! lines run straight down. A line that leaves its column ends there at a mark with a letter and the name of where it leads,
//! and begins again at a mark with the same letter and the name of where it comes from.

use std::collections::BTreeMap;

use super::place::Places;
use super::web::{Web, What};
use super::{Layout, Mark, Plan, Point, Rect, Route, Stroke};

/// A page of A4 without margins, in pixels: the shorter side and the longer one.
const PAGE: (f64, f64) = (700.0, 1020.0);
/// A picture is not folded if it fits on a page at this scale.
const READABLE: f64 = 0.8;
/// By what factor a further column must enlarge the picture on its page.
const WORTH: f64 = 1.15;
/// The most boxes for which folding is tried. With more, the picture cannot be read on a page in any shape.
const MAX_FOLDED: usize = 1_000;
/// The most columns.
const MAX_COLUMNS: usize = 6;
/// Pixels between columns.
const GUTTER: f64 = 40.0;
/// Pixels between a column and the nearest mark below or above it.
const DROP: f64 = 20.0;
/// Pixels from mark to mark.
const ROW: f64 = 18.0;
/// How far a cut may be from an even split, as a share of the height.
const REACH: f64 = 0.3;
/// The cost of one more mark at a cut, compared with its distance from an even split.
const PER_MARK: f64 = 0.02;

/// Where a picture may be cut: below a layer that boxes follow, so that labels stay where their lines begin.
pub(super) fn cuts(web: &Web, places: &Places) -> Vec<f64> {
    let is_boxes = |layer: usize| web.layers[layer].iter().any(|id| web.knots[*id].what == What::Box);
    (1..web.layers.len()).filter(|layer| is_boxes(*layer)).map(|layer| places.bottom[layer - 1]).collect()
}

/// The picture in the number of columns that makes it largest on a page.
pub(super) fn fold(plan: &Plan, layout: Layout, cuts: &[f64]) -> Layout {
    let whole = Fold::new(plan, &layout, Vec::new());
    if whole.scale() >= READABLE || layout.boxes.len() > MAX_FOLDED {
        return layout;
    }
    let every = Fold::new(plan, &layout, cuts.to_vec());
    let passing = every.marks.iter().map(|marks| marks.below.len());
    let candidates: Vec<(f64, usize)> = cuts.iter().copied().zip(passing).collect();
    let mut best = whole;
    for columns in 2..=MAX_COLUMNS {
        let Some(chosen) = choose(&candidates, &layout, columns) else { continue };
        let fold = Fold::new(plan, &layout, chosen);
        if fold.scale() > best.scale() * WORTH {
            best = fold;
        }
    }
    if best.cuts.is_empty() { layout } else { best.apply(&layout) }
}

/// The cuts for a number of columns of about the same height, crossing few lines.
fn choose(candidates: &[(f64, usize)], layout: &Layout, columns: usize) -> Option<Vec<f64>> {
    let ends = layout.boxes.iter().map(|rect| (rect.y, rect.y + rect.height));
    let (top, bottom) = ends.fold((f64::MAX, f64::MIN), |(top, bottom), (y, end)| (top.min(y), bottom.max(end)));
    let share = (bottom - top) / columns as f64;
    let mut chosen: Vec<f64> = Vec::new();
    for column in 1..columns {
        let target = top + share * column as f64;
        let near = candidates.iter().filter(|(y, _)| (y - target).abs() <= share * REACH);
        let cost = |(y, passing): &(f64, usize)| ((y - target) / share).powi(2) + *passing as f64 * PER_MARK;
        let (y, _) = near.min_by(|a, b| cost(a).total_cmp(&cost(b)))?;
        if chosen.last().is_some_and(|last| last >= y) {
            return None;
        }
        chosen.push(*y);
    }
    Some(chosen)
}

/// A picture cut into columns.
struct Fold<'a> {
    plan: &'a Plan,
    cuts: Vec<f64>,
    /// The original extent of each column's content.
    columns: Vec<Extent>,
    /// Where lines leave and enter each column.
    marks: Vec<Marks>,
    /// The letter, from 0, for all lines that look alike and lead to the same box.
    letters: BTreeMap<(usize, u8), usize>,
}

/// The marks of a column, from left to right.
#[derive(Clone, Default)]
struct Marks {
    above: Vec<Cut>,
    below: Vec<Cut>,
}

/// Lines that are cut at the same position.
#[derive(Clone)]
struct Cut {
    x: f64,
    /// Whether they enter the column here, rather than leave it.
    enters: bool,
    links: Vec<usize>,
}

/// From where to where something reaches.
#[derive(Clone, Copy)]
struct Extent {
    least: Point,
    most: Point,
}

/// The part of a line that is in one column.
struct ColumnRun {
    column: usize,
    from: Point,
    strokes: Vec<Stroke>,
}

impl<'a> Fold<'a> {
    fn new(plan: &'a Plan, layout: &Layout, cuts: Vec<f64>) -> Self {
        let count = cuts.len() + 1;
        let (columns, marks) = (vec![Extent::default(); count], vec![Marks::default(); count]);
        let mut fold = Self { plan, cuts, columns, marks, letters: BTreeMap::new() };
        for rect in layout.boxes.iter().copied().chain(layout.routes.iter().filter_map(|route| route.label)) {
            let column = fold.column_of(rect);
            fold.hold(column, Point { x: rect.x, y: rect.y });
            fold.hold(column, Point { x: rect.x + rect.width, y: rect.y + rect.height });
        }
        for (link, route) in layout.routes.iter().enumerate() {
            let runs = fold.runs(route);
            for run in &runs {
                let bends = run.strokes.iter().flat_map(|stroke| stroke.bend).flat_map(|(a, b)| [a, b]);
                let ends = run.strokes.iter().map(|stroke| stroke.to).chain([run.from]);
                bends.chain(ends).for_each(|point| fold.hold(run.column, point));
            }
            for (one, next) in runs.iter().zip(runs.iter().skip(1)) {
                let down = one.column < next.column;
                fold.note(one.column, down, one.end().x, false, link);
                fold.note(next.column, !down, next.from.x, true, link);
            }
        }
        fold.widen();
        fold
    }

    fn hold(&mut self, column: usize, point: Point) {
        self.columns.get_mut(column).into_iter().for_each(|extent| extent.hold(point));
    }

    /// Records that a link's line ends at a mark below or above its column.
    fn note(&mut self, column: usize, below: bool, x: f64, enters: bool, link: usize) {
        let letter = self.letters.len();
        if let Some(of) = self.plan.links.get(link) {
            self.letters.entry((of.to, of.look)).or_insert(letter);
        }
        let Some(marks) = self.marks.get_mut(column) else { return };
        let marks = if below { &mut marks.below } else { &mut marks.above };
        match marks.binary_search_by(|other| other.x.total_cmp(&x)) {
            Ok(at) => marks.get_mut(at).into_iter().for_each(|cut| cut.links.push(link)),
            Err(at) => marks.insert(at, Cut { x, enters, links: vec![link] }),
        }
    }

    /// Makes room for the names at the marks.
    fn widen(&mut self) {
        for column in 0..self.columns.len() {
            let y = self.columns.get(column).map_or(0.0, |extent| extent.least.y);
            let marks = self.marks.get(column).cloned().unwrap_or_default();
            for Cut { x, links, .. } in marks.above.iter().chain(&marks.below) {
                self.hold(column, Point { x: x - Mark::RADIUS, y });
                self.hold(column, Point { x: x + Mark::TEXT + self.plan.widest_name(links), y });
            }
        }
    }

    /// The column at this height; at a cut, the one that ends there.
    fn column(&self, y: f64) -> usize {
        self.cuts.partition_point(|cut| *cut < y)
    }

    fn column_of(&self, rect: Rect) -> usize {
        self.column(rect.y + rect.height / 2.0)
    }

    /// The parts of a line, column by column, without columns that it only passes.
    fn runs(&self, route: &Route) -> Vec<ColumnRun> {
        // A line may begin exactly at the cut: then it belongs to the column of its box.
        let mut runs = vec![ColumnRun { column: self.column(route.start.y), from: route.start, strokes: Vec::new() }];
        let mut from = route.start;
        let mut push = |from: &mut Point, stroke: Stroke| {
            let column = self.column((from.y + stroke.to.y) / 2.0);
            match runs.last_mut().filter(|run| run.column == column) {
                Some(run) => run.strokes.push(stroke),
                None => runs.push(ColumnRun { column, from: *from, strokes: vec![stroke] }),
            }
            *from = stroke.to;
        };
        for stroke in &route.strokes {
            if stroke.bend.is_none() {
                let (low, high) = (from.y.min(stroke.to.y), from.y.max(stroke.to.y));
                let first = self.cuts.partition_point(|cut| *cut <= low);
                let passed = self.cuts.iter().skip(first).take_while(|cut| **cut < high);
                let mut passed: Vec<f64> = passed.copied().collect();
                if from.y > stroke.to.y {
                    passed.reverse();
                }
                for y in passed {
                    let to = Point { x: from.x, y };
                    push(&mut from, Stroke::straight(to));
                }
            }
            push(&mut from, *stroke);
        }
        let ends = runs.first().map(|run| run.column).into_iter().chain(runs.last().map(|run| run.column));
        let kept: Vec<usize> = ends.chain(route.label.map(|label| self.column_of(label))).collect();
        runs.retain(|run| kept.contains(&run.column));
        runs
    }

    /// The room for marks above a column.
    fn above(&self, column: usize) -> f64 {
        room(self.marks.get(column).map_or(0, |marks| marks.above.len()))
    }

    /// The room for marks below a column.
    fn below(&self, column: usize) -> f64 {
        room(self.marks.get(column).map_or(0, |marks| marks.below.len()))
    }

    /// The displacement of a column.
    fn shift(&self, column: usize) -> Point {
        let before = self.columns.iter().take(column).map(|extent| extent.most.x - extent.least.x + GUTTER);
        let least = self.columns.get(column).map_or(Point::default(), |extent| extent.least);
        Point { x: (before.sum::<f64>() - least.x).round(), y: (self.above(column) - least.y).round() }
    }

    /// Width and height of all columns.
    fn size(&self) -> (f64, f64) {
        let widths = self.columns.iter().map(|extent| extent.most.x - extent.least.x);
        let heights = self.columns.iter().enumerate();
        let heights = heights.map(|(at, extent)| self.above(at) + extent.most.y - extent.least.y + self.below(at));
        (widths.sum::<f64>() + GUTTER * self.cuts.len() as f64, heights.fold(0.0, f64::max))
    }

    /// The scale at which it fits a page, upright or across.
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
            let by = by(self.column_of(rect));
            Rect { x: rect.x + by.x, y: rect.y + by.y, ..rect }
        };
        let routes = layout.routes.iter().map(|route| {
            let runs = self.runs(route);
            let mut led = Route { start: route.start, ..Route::default() };
            for (at, run) in runs.iter().enumerate() {
                let by = by(run.column);
                match at.checked_sub(1).and_then(|before| runs.get(before)) {
                    None => led.start = run.from.shifted(by),
                    Some(before) => {
                        let edge = self.edge(run.column, before.column > run.column, run.from.x);
                        led.strokes.push(Stroke::lifted(edge.shifted(by)));
                        led.strokes.push(Stroke::straight(run.from.shifted(by)));
                    }
                }
                for stroke in &run.strokes {
                    match stroke.bend {
                        Some(_) => led.strokes.push(stroke.shifted(by)),
                        None => led.line(stroke.to.shifted(by)),
                    }
                }
                if let Some(next) = runs.get(at + 1) {
                    led.line(self.edge(run.column, next.column > run.column, run.end().x).shifted(by));
                }
            }
            Route { label: route.label.map(moved), ..led }
        });
        Layout {
            boxes: layout.boxes.iter().copied().map(moved).collect(),
            routes: routes.collect(),
            marks: self.placed(&by),
            ..Layout::default()
        }
    }

    /// Where the line at `x` meets its mark, in original coordinates.
    fn edge(&self, column: usize, below: bool, x: f64) -> Point {
        let at = self.mark(column, below, x);
        Point { y: if below { at.y - Mark::RADIUS } else { at.y + Mark::RADIUS }, ..at }
    }

    /// The position of the mark for the line at `x`, in original coordinates. The mark of the rightmost line is the
    /// nearest, so that no line crosses a name.
    fn mark(&self, column: usize, below: bool, x: f64) -> Point {
        let Some((marks, extent)) = self.marks.get(column).zip(self.columns.get(column)) else {
            return Point { x, y: 0.0 };
        };
        let marks = if below { &marks.below } else { &marks.above };
        let rows = marks.iter().filter(|other| other.x > x).count() as f64;
        let away = DROP + ROW * rows;
        Point { x, y: if below { extent.most.y + away } else { extent.least.y - away } }
    }

    fn placed(&self, by: &impl Fn(usize) -> Point) -> Vec<Mark> {
        let mut placed = Vec::new();
        for (column, marks) in self.marks.iter().enumerate() {
            let above = marks.above.iter().map(|mark| (false, mark));
            for (below, cut) in above.chain(marks.below.iter().map(|mark| (true, mark))) {
                let Some(link) = cut.links.first().and_then(|link| self.plan.links.get(*link)) else { continue };
                let letter = self.letters.get(&(link.to, link.look)).copied().unwrap_or_default();
                let at = self.mark(column, below, cut.x).shifted(by(column));
                placed.push(Mark { at, letter, links: cut.links.clone(), enters: cut.enters });
            }
        }
        placed
    }
}

/// The height of this many marks.
fn room(marks: usize) -> f64 {
    match marks.checked_sub(1) {
        None => 0.0,
        Some(more) => DROP + ROW * more as f64 + Mark::RADIUS,
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

impl ColumnRun {
    fn end(&self) -> Point {
        self.strokes.last().map_or(self.from, |stroke| stroke.to)
    }
}
