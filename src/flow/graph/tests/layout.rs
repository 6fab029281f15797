//! What makes a picture readable, on random graphs.

use proptest::prelude::*;

use super::super::face::{of_edge, of_nodes};
use super::super::layout::{Layout, Link, Plan, Point, Rect, Sides, Size, layout};
use super::super::svg::plan;
use super::samples::random;

/// Pixels by which things may touch through rounding.
const SLACK: f64 = 0.6;

fn plans() -> impl Strategy<Value = Plan> {
    let size = (20.0..220.0f64, 16.0..90.0f64, 0..4usize).prop_map(|(width, height, sides)| {
        let sides = [Sides::Straight, Sides::Slanted, Sides::Round, Sides::Cut][sides];
        Size { width: width.ceil(), height: height.ceil(), inset: (height / 2.0).min(width / 2.0).min(20.0), sides }
    });
    proptest::collection::vec(size, 1..40).prop_flat_map(|boxes| {
        let count = boxes.len();
        let label = proptest::option::of((10.0..130.0f64, 12.0..50.0f64));
        let link = (0..count, 0..count, label, 0..3u8);
        let link = link.prop_map(|(from, to, label, look)| Link { from, to, label, look });
        let links = proptest::collection::vec(link, 0..count * 2);
        (Just(boxes), links).prop_map(|(boxes, links)| Plan { boxes, links })
    })
}

fn overlap(a: &Rect, b: &Rect) -> bool {
    a.x + SLACK < b.x + b.width
        && b.x + SLACK < a.x + a.width
        && a.y + SLACK < b.y + b.height
        && b.y + SLACK < a.y + a.height
}

fn holds(rect: &Rect, point: Point) -> bool {
    let inner = Rect { x: point.x, y: point.y, width: 0.0, height: 0.0 };
    inner.x > rect.x + SLACK
        && inner.x < rect.x + rect.width - SLACK
        && inner.y > rect.y + SLACK
        && inner.y < rect.y + rect.height - SLACK
}

/// Points along a line.
fn points(layout: &Layout, id: usize) -> Vec<Point> {
    const STEPS: usize = 24;
    let route = &layout.routes[id];
    let mut from = route.start;
    let mut points = vec![from];
    for stroke in &route.strokes {
        let to = stroke.to;
        for step in 1..=STEPS {
            let t = step as f64 / STEPS as f64;
            let mix = |p: Point, q: Point| Point { x: p.x + (q.x - p.x) * t, y: p.y + (q.y - p.y) * t };
            let point = match stroke.bend {
                None => mix(from, to),
                Some((a, b)) => {
                    let (p, q, r) = (mix(from, a), mix(a, b), mix(b, to));
                    mix(mix(p, q), mix(q, r))
                }
            };
            points.push(point);
        }
        from = to;
    }
    points
}

fn readable(plan: &Plan) -> Result<(), TestCaseError> {
    let layout = layout(plan).unwrap();
    prop_assert_eq!(layout.boxes.len(), plan.boxes.len());
    prop_assert_eq!(layout.routes.len(), plan.links.len());
    let labels: Vec<Rect> = layout.routes.iter().filter_map(|route| route.label).collect();
    prop_assert_eq!(labels.len(), plan.links.iter().filter(|link| link.label.is_some()).count());
    let all: Vec<Rect> = layout.boxes.iter().chain(&labels).copied().collect();
    for (at, one) in all.iter().enumerate() {
        let inside = one.x >= 0.0 && one.y >= 0.0 && one.x + one.width <= layout.width;
        prop_assert!(inside && one.y + one.height <= layout.height, "{one:?} is outside");
        for other in all.iter().skip(at + 1) {
            prop_assert!(!overlap(one, other), "{one:?} and {other:?} overlap");
        }
    }
    for (id, link) in plan.links.iter().enumerate() {
        let points = points(&layout, id);
        prop_assert!(points.len() > 1);
        for point in points {
            prop_assert!(point.x >= 0.0 && point.y >= 0.0 && point.x <= layout.width && point.y <= layout.height);
            let through = layout.boxes.iter().enumerate().find(|(node, rect)| {
                // The outline of its own boxes may be slanted: there a line ends within the rectangle.
                holds(rect, point) && *node != link.from && *node != link.to
            });
            prop_assert!(through.is_none(), "the line {id}, {link:?}, runs through box {through:?}");
            let on = layout
                .routes
                .iter()
                .enumerate()
                .find(|(other, route)| *other != id && route.label.is_some_and(|label| holds(&label, point)));
            prop_assert!(on.is_none(), "the line {id}, {link:?}, runs through label {on:?}");
        }
        // It begins at the one box and ends at the other.
        let route = &layout.routes[id];
        let end = route.strokes.last().unwrap().to;
        for (node, at) in [(link.from, route.start), (link.to, end)] {
            let rect = layout.boxes[node];
            let around = Rect { x: rect.x - 1.0, y: rect.y - 1.0, width: rect.width + 2.0, height: rect.height + 2.0 };
            prop_assert!(holds(&around, at), "the line {id}, {link:?}, does not reach box {node}: {at:?} {rect:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_overlaps_and_no_line_runs_through_anything(plan in plans()) {
        readable(&plan)?;
        prop_assert_eq!(layout(&plan).unwrap(), layout(&plan).unwrap());
    }
}

#[test]
fn flows_of_any_size_are_readable() {
    for (count, seed) in [(1, 1), (2, 1), (12, 1), (12, 2), (30, 3), (60, 4), (100, 5), (100, 6)] {
        let graph = random(count, seed);
        let faces = of_nodes(&graph);
        let labels: Vec<_> = graph.edges.iter().map(of_edge).collect();
        readable(&plan(&graph, &faces, &labels)).unwrap();
    }
}

#[test]
fn a_plan_of_nothing_is_a_picture() {
    let layout = layout(&Plan::default()).unwrap();
    assert!(layout.width > 0.0 && layout.height > 0.0);
}

#[test]
fn links_to_nowhere_are_left_out() {
    let size = Size { width: 40.0, height: 20.0, ..Size::default() };
    let link = Link { from: 0, to: 7, label: Some((10.0, 10.0)), look: 0 };
    let layout = layout(&Plan { boxes: vec![size], links: vec![link, Link { from: 9, to: 9, ..link }] }).unwrap();
    assert!(layout.routes.iter().all(|route| route.strokes.is_empty() && route.label.is_none()));
}

#[test]
fn what_leads_on_leads_down() {
    let size = Size { width: 40.0, height: 20.0, ..Size::default() };
    let links = [(0, 1), (1, 2), (2, 0), (0, 2)].map(|(from, to)| Link { from, to, label: None, look: 0 });
    let layout = layout(&Plan { boxes: vec![size; 3], links: links.to_vec() }).unwrap();
    let y: Vec<f64> = layout.boxes.iter().map(|rect| rect.y).collect();
    assert!(y[0] < y[1] && y[1] < y[2], "{y:?}");
}

#[test]
fn a_flow_beyond_all_bounds_is_refused() {
    // Every box leads to every one below it, and each line has a look of its own.
    let count = 160;
    let size = Size { width: 40.0, height: 20.0, ..Size::default() };
    let links = (0..count).flat_map(|from| (from + 1..count).map(move |to| (from, to)));
    let links = links.map(|(from, to)| Link { from, to, label: None, look: (from % 256) as u8 });
    let refused = layout(&Plan { boxes: vec![size; count], links: links.collect() }).unwrap_err();
    assert!(refused.to_string().contains("MAX_BENDS"), "{refused}");
}
