//! Width and height exchanged, so that a picture runs to the right instead of down.

use super::super::Direction;
use super::{Layout, Link, Plan, Point, Rect, Route, Size, Stroke};

/// A plan whose boxes and labels have width and height exchanged.
pub(in super::super) fn plan(plan: &Plan) -> Plan {
    let boxes = plan.boxes.iter().map(|size| Size { width: size.height, height: size.width, ..*size });
    let links = plan.links.iter().map(|link| {
        let label = link.label.map(|(width, height)| (height, width));
        Link { label, ..*link }
    });
    Plan { boxes: boxes.collect(), links: links.collect(), direction: Direction::Down }
}

/// The layout of such a plan, with everything exchanged back.
pub(in super::super) fn layout(layout: Layout) -> Layout {
    Layout {
        width: layout.height,
        height: layout.width,
        boxes: layout.boxes.into_iter().map(rect).collect(),
        routes: layout.routes.into_iter().map(route).collect(),
        marks: layout.marks,
    }
}

const fn point(at: Point) -> Point {
    Point { x: at.y, y: at.x }
}

const fn rect(of: Rect) -> Rect {
    Rect { x: of.y, y: of.x, width: of.height, height: of.width }
}

fn route(of: Route) -> Route {
    let strokes = of.strokes.into_iter().map(|stroke| Stroke {
        bend: stroke.bend.map(|(a, b)| (point(a), point(b))),
        to: point(stroke.to),
        lifted: stroke.lifted,
    });
    Route { start: point(of.start), strokes: strokes.collect(), label: of.label.map(rect) }
}
