//! Draws lines: straight through layers, in even curves between them, with round corners to the sides of boxes.

use super::super::column::Column;
use super::place::Places;
use super::ports::{LOOP, LOOP_GAP, Port, Ports};
use super::web::{Chain, KnotId, Web, What};
use super::{Layout, Plan, Point, Rect, Route, Sides, Size, Stroke};

/// Radius of corners, in pixels.
const CORNER: f64 = 7.0;
/// The deviation up to which a line counts as straight, in pixels.
const STRAIGHT: f64 = 0.01;

/// Draws everything.
pub(super) fn route(plan: &Plan, web: &Web, ports: &Ports, places: &Places) -> Layout {
    let boxes = plan.boxes.iter().enumerate().map(|(id, size)| {
        let (x, y) = (places.x[id] - size.width / 2.0, places.middle[web.knots[id].layer] - size.height / 2.0);
        Rect { x, y, width: size.width, height: size.height }
    });
    let boxes: Vec<Rect> = boxes.collect();
    let router = Router { web, ports, places, boxes: Column::from(boxes.clone()), sizes: plan.boxes.clone().into() };
    let mut looped: Column<f64> = Column::new(plan.boxes.len());
    let routes = plan.links.iter().zip(&web.chains).map(|(link, chain)| {
        if link.from == link.to && link.from < plan.boxes.len() {
            let (width, height) = link.label.unwrap_or_default();
            let above = looped[link.from];
            looped[link.from] += height;
            router.circle(plan, link.from, above, (width, height), link.label.is_some())
        } else {
            router.line(chain)
        }
    });
    let routes = routes.collect();
    Layout { boxes, routes, ..Layout::default() }
}

struct Router<'a> {
    web: &'a Web,
    ports: &'a Ports,
    places: &'a Places,
    boxes: Column<Rect>,
    sizes: Column<Size>,
}

impl Router<'_> {
    /// The line of a chain, in the direction of its link.
    fn line(&self, chain: &Chain) -> Route {
        let mut route = Route::default();
        let mut label = None;
        let threads: Vec<_> = chain.threads().collect();
        for (nth, thread) in threads.iter().enumerate() {
            let (upper, lower) = self.ports.get(thread).copied().unwrap_or_default();
            if nth == 0 {
                self.leave(&mut route, thread.upper, upper);
            }
            let (from, to) = (&self.web.knots[thread.upper], &self.web.knots[thread.lower]);
            let start = Point { x: self.places.x[thread.upper] + upper.x, y: self.places.bottom[from.layer] };
            let end = Point { x: self.places.x[thread.lower] + lower.x, y: self.places.top[to.layer] };
            route.line(start);
            route.curve(start, end);
            if nth + 1 == threads.len() {
                self.arrive(&mut route, thread.lower, lower);
            } else {
                route.line(Point { x: end.x, y: self.places.bottom[to.layer] });
            }
            if to.what == What::Label {
                let middle = Point { x: self.places.x[thread.lower], y: self.places.middle[to.layer] };
                label = Some(Rect {
                    x: middle.x - to.left,
                    y: middle.y - to.height / 2.0,
                    width: to.left + to.right,
                    height: to.height,
                });
            }
        }
        if chain.up {
            route = route.reversed();
        }
        Route { label, ..route }
    }

    /// From a box to the lower end of its layer.
    fn leave(&self, route: &mut Route, id: KnotId, port: Port) {
        let rect = self.boxes[id];
        let x = self.places.x[id] + port.x;
        let Some(side) = port.side else {
            route.start = Point { x, y: rect.y + rect.height };
            return;
        };
        let y = rect.y + rect.height / 2.0 + side;
        let right = port.x > 0.0;
        let toward = if right { -CORNER } else { CORNER };
        route.start = Point { x: self.side(id, y, right), y };
        route.line(Point { x: x + toward, y });
        route.corner(Point { x, y }, Point { x, y: y + CORNER });
    }

    /// From the upper end of its layer to a box.
    fn arrive(&self, route: &mut Route, id: KnotId, port: Port) {
        let rect = self.boxes[id];
        let x = self.places.x[id] + port.x;
        let Some(side) = port.side else {
            route.line(Point { x, y: rect.y });
            return;
        };
        let y = rect.y + rect.height / 2.0 + side;
        let right = port.x > 0.0;
        let toward = if right { -CORNER } else { CORNER };
        route.line(Point { x, y: y - CORNER });
        route.corner(Point { x, y }, Point { x: x + toward, y });
        route.line(Point { x: self.side(id, y, right), y });
    }

    /// The loop of a box; `above` is the height of the labels above its own.
    fn circle(&self, plan: &Plan, id: usize, above: f64, label: (f64, f64), labelled: bool) -> Route {
        let rect = self.boxes[id];
        let middle = rect.y + rect.height / 2.0;
        let half = (rect.height * 0.22).max(CORNER);
        let (upper, lower) = (middle - half, middle + half);
        let right = !self.web.knots[id].loop_left;
        let out = if right { 1.0 } else { -1.0 };
        let far = if right { rect.x + rect.width + LOOP } else { rect.x - LOOP };
        let mut route = Route { start: Point { x: self.side(id, upper, right), y: upper }, ..Route::default() };
        route.line(Point { x: far - out * CORNER, y: upper });
        route.corner(Point { x: far, y: upper }, Point { x: far, y: upper + CORNER });
        route.line(Point { x: far, y: lower - CORNER });
        route.corner(Point { x: far, y: lower }, Point { x: far - out * CORNER, y: lower });
        route.line(Point { x: self.side(id, lower, right), y: lower });
        let own = plan.links.iter().filter(|link| link.from == id && link.to == id);
        let all: f64 = own.map(|link| link.label.unwrap_or_default().1).sum();
        let x = if right { far + LOOP_GAP } else { far - LOOP_GAP - label.0 };
        let place = Rect { x, y: middle - all / 2.0 + above, width: label.0, height: label.1 };
        route.label = labelled.then_some(place);
        route
    }

    /// The outline of a box at height `y`, at its left or right.
    fn side(&self, id: usize, y: f64, right: bool) -> f64 {
        let (rect, size) = (self.boxes[id], self.sizes[id]);
        let from_end = (y - rect.y).min(rect.y + rect.height - y).max(0.0);
        let within = (size.inset - from_end).max(0.0);
        let inward = match size.sides {
            Sides::Straight => 0.0,
            Sides::Slanted => size.inset * (1.0 - 2.0 * from_end / rect.height.max(1.0)).max(0.0),
            Sides::Sloped { along, inwards } => inwards * (1.0 - from_end / along.max(1.0)).max(0.0),
            Sides::Round => size.inset - (size.inset * size.inset - within * within).max(0.0).sqrt(),
            Sides::Cut => within,
        };
        if right { rect.x + rect.width - inward } else { rect.x + inward }
    }
}

impl Route {
    fn end(&self) -> Point {
        self.strokes.last().map_or(self.start, |stroke| stroke.to)
    }

    /// Draws a straight line to `to`. Continuing in the same direction extends the line.
    pub(super) fn line(&mut self, to: Point) {
        let from = self.end();
        if from == to {
            return;
        }
        let before = match self.strokes.as_slice() {
            [.., before, last] if last.bend.is_none() && !last.lifted => Some(before.to),
            [last] if last.bend.is_none() && !last.lifted => Some(self.start),
            _ => None,
        };
        let goes_on =
            before.is_some_and(|before| (before.x - from.x).abs() < STRAIGHT && (from.x - to.x).abs() < STRAIGHT);
        match self.strokes.last_mut().filter(|_| goes_on) {
            Some(last) => last.to = to,
            None => self.strokes.push(Stroke::straight(to)),
        }
    }

    /// Draws an even curve down from `start` to `end` that begins and ends vertically.
    fn curve(&mut self, start: Point, end: Point) {
        if (start.x - end.x).abs() < STRAIGHT {
            self.line(Point { x: start.x, y: end.y });
            return;
        }
        let half = (start.y + end.y) / 2.0;
        self.strokes.push(Stroke::curve((Point { x: start.x, y: half }, Point { x: end.x, y: half }), end));
    }

    /// Draws a round corner at `at` to `to`.
    pub(super) fn corner(&mut self, at: Point, to: Point) {
        let from = self.end();
        let toward = |p: Point| Point { x: p.x + (at.x - p.x) * 0.6, y: p.y + (at.y - p.y) * 0.6 };
        self.strokes.push(Stroke::curve((toward(from), toward(to)), to));
    }

    /// The same line from its end to its beginning.
    pub(super) fn reversed(self) -> Self {
        let ends = std::iter::once(self.start).chain(self.strokes.iter().map(|stroke| stroke.to));
        let ends: Vec<Point> = ends.collect();
        let strokes = self.strokes.iter().zip(&ends).rev();
        let strokes = strokes.map(|(stroke, to)| Stroke { bend: stroke.bend.map(|(a, b)| (b, a)), to: *to, ..*stroke });
        Self { start: self.end(), strokes: strokes.collect(), label: self.label }
    }
}
