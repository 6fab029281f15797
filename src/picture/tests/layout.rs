//! What makes a picture readable, on random graphs.

use proptest::prelude::*;

use super::super::face::{of_edge, of_nodes};
use super::super::layout::{Layout, Link, Plan, Point, Rect, Sides, Size, across, layout};
use super::super::svg::plan;
use super::super::{Direction, EdgeKind, Graph, NodeKind};
use super::samples::{Sketch, linear, odd, order, party, random, ring};

/// Pixels by which things may touch through rounding.
const SLACK: f64 = 0.6;

/// Pixels that lines may share.
const TOGETHER: f64 = 2.0;

fn plans() -> impl Strategy<Value = Plan> {
    let size = (20.0..220.0f64, 16.0..90.0f64, 0..5usize).prop_map(|(width, height, sides)| {
        let inset = (height / 2.0).min(width / 2.0).min(20.0);
        let sloped = Sides::Sloped { along: inset * 0.8, inwards: inset };
        let sides = [Sides::Straight, Sides::Slanted, Sides::Round, Sides::Cut, sloped][sides];
        Size { width: width.ceil(), height: height.ceil(), inset, sides, name: width / 2.0 }
    });
    proptest::collection::vec(size, 1..40).prop_flat_map(|boxes| {
        let count = boxes.len();
        let label = proptest::option::of((10.0..130.0f64, 12.0..50.0f64));
        let link = (0..count, 0..count, label, 0..3u8, any::<bool>());
        let link = link.prop_map(|(from, to, label, look, main)| Link { from, to, label, look, main });
        let links = proptest::collection::vec(link, 0..count * 2);
        (Just(boxes), links).prop_map(|(boxes, links)| Plan { boxes, links, direction: Direction::Down })
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

/// Whether a point lies on the outline of a box: on its top or bottom where that is flat, or on a side.
fn on_outline(rect: &Rect, size: &Size, at: Point) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= SLACK;
    let flat = at.x >= rect.x + size.inset - SLACK && at.x <= rect.x + rect.width - size.inset + SLACK;
    if flat && (near(at.y, rect.y) || near(at.y, rect.y + rect.height)) {
        return true;
    }
    let up = (at.y - rect.y).min(rect.y + rect.height - at.y);
    let left = near(at.x, rect.x + inward(rect, size, up));
    up >= 0.0 && (left || near(at.x, rect.x + rect.width - inward(rect, size, up)))
}

/// How far the side of a box lies within its rectangle, `up` pixels from the nearer end.
fn inward(rect: &Rect, size: &Size, up: f64) -> f64 {
    let missing = (size.inset - up).max(0.0);
    match size.sides {
        Sides::Straight => 0.0,
        Sides::Slanted => size.inset * (1.0 - up / (rect.height / 2.0)).max(0.0),
        Sides::Sloped { along, inwards } => inwards * (1.0 - up / along).max(0.0),
        Sides::Round => size.inset - (size.inset.powi(2) - missing.powi(2)).max(0.0).sqrt(),
        Sides::Cut => missing,
    }
}

/// Points along a line.
fn points(layout: &Layout, id: usize) -> Vec<Point> {
    traced(layout, id).concat()
}

/// Points along the parts of a line: it has several where it is cut.
fn traced(layout: &Layout, id: usize) -> Vec<Vec<Point>> {
    const STEPS: usize = 24;
    let route = &layout.routes[id];
    let mut from = route.start;
    let mut parts = Vec::new();
    let mut points = vec![from];
    for stroke in &route.strokes {
        let to = stroke.to;
        if stroke.lifted {
            from = to;
            parts.push(std::mem::replace(&mut points, vec![to]));
            continue;
        }
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
    parts.push(points);
    parts
}

fn readable(plan: &Plan) -> Result<(), TestCaseError> {
    let mut layout = layout(plan).unwrap();
    let mut plan = plan;
    let turned = across::plan(plan);
    if plan.direction == Direction::Right {
        (layout, plan) = (across::layout(layout), &turned);
    }
    prop_assert_eq!(layout.boxes.len(), plan.boxes.len());
    prop_assert_eq!(layout.routes.len(), plan.links.len());
    let labels: Vec<Rect> = layout.routes.iter().filter_map(|route| route.label).collect();
    prop_assert_eq!(labels.len(), plan.links.iter().filter(|link| link.label.is_some()).count());
    let marks: Vec<Rect> = layout.marks.iter().map(|mark| mark.extent(plan)).collect();
    let all: Vec<Rect> = layout.boxes.iter().chain(&labels).chain(&marks).copied().collect();
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
                let is_own = *node == link.from || *node == link.to;
                let inset = if is_own { plan.boxes[*node].inset + SLACK } else { 0.0 };
                holds(&Rect { x: rect.x + inset, width: rect.width - 2.0 * inset, ..**rect }, point)
            });
            prop_assert!(through.is_none(), "the line {id}, {link:?}, runs through box {through:?}");
            let on = layout
                .routes
                .iter()
                .enumerate()
                .find(|(other, route)| *other != id && route.label.is_some_and(|label| holds(&label, point)));
            prop_assert!(on.is_none(), "the line {id}, {link:?}, runs through label {on:?}");
            let on = layout.marks.iter().zip(&marks).find(|(_, rect)| holds(rect, point));
            prop_assert!(on.is_none(), "the line {id}, {link:?}, runs through mark {on:?}");
        }
        // It begins at the outline of the one box and ends at that of the other.
        let route = &layout.routes[id];
        let end = route.strokes.last().unwrap().to;
        for (node, at) in [(link.from, route.start), (link.to, end)] {
            let (rect, size) = (layout.boxes[node], plan.boxes[node]);
            prop_assert!(on_outline(&rect, &size, at), "the line {id}, {link:?}, misses box {node}: {at:?} {rect:?}");
        }
    }
    Ok(())
}

/// The same plan with boxes that are wide enough for their arrows, as those of flows are.
fn roomy(mut plan: Plan) -> Plan {
    for (id, size) in plan.boxes.iter_mut().enumerate() {
        let (from, to) = (|link: &&Link| link.from == id, |link: &&Link| link.to == id);
        let arrows = plan.links.iter().filter(from).count().max(plan.links.iter().filter(to).count());
        size.width = size.width.max(14.0 * arrows as f64 + 2.0 * size.inset);
    }
    plan
}

/// The straight parts of a line.
fn straights(layout: &Layout, id: usize) -> Vec<(Point, Point)> {
    let route = &layout.routes[id];
    let starts = std::iter::once(route.start).chain(route.strokes.iter().map(|stroke| stroke.to));
    let parts = starts.zip(&route.strokes).filter(|(_, stroke)| stroke.bend.is_none() && !stroke.lifted);
    parts.map(|(from, stroke)| (from, stroke.to)).collect()
}

/// Whether two straight parts lie on each other for a while.
fn coincide((a, b): (Point, Point), (c, d): (Point, Point)) -> bool {
    let common = |a: f64, b: f64, c: f64, d: f64| a.max(b).min(c.max(d)) - a.min(b).max(c.min(d));
    let upright = [b.x, c.x, d.x].iter().all(|x| (x - a.x).abs() < SLACK) && common(a.y, b.y, c.y, d.y) > TOGETHER;
    let level = [b.y, c.y, d.y].iter().all(|y| (y - a.y).abs() < SLACK) && common(a.x, b.x, c.x, d.x) > TOGETHER;
    upright || level
}

/// No two lines are drawn as one, but those that look alike and lead to the same box.
fn told_apart(plan: &Plan) -> Result<(), TestCaseError> {
    let layout = layout(plan).unwrap();
    let parts: Vec<_> = (0..plan.links.len()).map(|id| straights(&layout, id)).collect();
    for (at, (one, own)) in plan.links.iter().zip(&parts).enumerate() {
        for (other, others) in plan.links.iter().zip(&parts).skip(at + 1) {
            // Links between the same two boxes have labels, at least all but one.
            if (one.to, one.look) == (other.to, other.look) || (one.from, one.to) == (other.from, other.to) {
                continue;
            }
            let on_it = own.iter().find(|part| others.iter().any(|other| coincide(**part, *other)));
            prop_assert!(on_it.is_none(), "{one:?} and {other:?} are drawn as one: {on_it:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_overlaps_and_no_line_runs_through_anything(plan in plans()) {
        readable(&plan)?;
        told_apart(&roomy(plan.clone()))?;
        readable(&Plan { direction: Direction::Right, ..plan.clone() })?;
        prop_assert_eq!(layout(&plan).unwrap(), layout(&plan).unwrap());
    }
}

fn planned(graph: &Graph) -> Plan {
    let labels: Vec<_> = graph.edges.iter().map(of_edge).collect();
    plan(graph, &of_nodes(graph), &labels)
}

#[test]
fn flows_of_any_size_are_readable() {
    for (count, seed) in [(1, 1), (2, 1), (12, 1), (12, 2), (30, 3), (60, 4), (100, 5), (100, 6)] {
        readable(&planned(&random(count, seed))).unwrap();
        told_apart(&planned(&random(count, seed))).unwrap();
    }
    for graph in [party(), linear(), order(), odd(), ring(40), random(30, 3), random(100, 5)] {
        readable(&planned(&graph)).unwrap();
        readable(&planned(&graph.leading(Direction::Right))).unwrap();
    }
}

/// How often lines cross each other. Lines that have joined are one.
fn crossings(layout: &Layout) -> usize {
    let mut pieces: Vec<(usize, Point, Point)> = Vec::new();
    for id in 0..layout.routes.len() {
        for points in traced(layout, id) {
            pieces.extend(points.iter().zip(points.iter().skip(1)).map(|(a, b)| (id, *a, *b)));
        }
    }
    pieces.sort_by(|a, b| a.1.y.min(a.2.y).total_cmp(&b.1.y.min(b.2.y)));
    let side = |a: Point, b: Point, c: Point| (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    let mut places = std::collections::BTreeSet::new();
    for (at, (one, a, b)) in pieces.iter().enumerate() {
        let rest = pieces.iter().skip(at + 1).take_while(|(_, c, d)| c.y.min(d.y) <= a.y.max(b.y));
        for (_, c, d) in rest.filter(|(other, ..)| other != one) {
            if side(*a, *b, *c) * side(*a, *b, *d) < -1e-6 && side(*c, *d, *a) * side(*c, *d, *b) < -1e-6 {
                places.insert(((a.x + b.x).round() as i64, (a.y + b.y).round() as i64));
            }
        }
    }
    places.len()
}

#[test]
fn lines_cross_no_more_than_they_did() {
    let flows = [(12, 1), (12, 2), (20, 3), (20, 4), (30, 5), (30, 6), (50, 7), (50, 8), (100, 9)];
    let count: Vec<usize> =
        flows.iter().map(|(count, seed)| crossings(&layout(&planned(&random(*count, *seed))).unwrap())).collect();
    let sum: usize = count.iter().sum();
    assert!(sum <= 36, "{sum}: {count:?}");
    for graph in [party(), linear(), ring(40)] {
        assert_eq!(crossings(&layout(&planned(&graph)).unwrap()), 0, "{}", graph.title);
    }
}

#[test]
fn a_long_flow_goes_on_in_a_second_column() {
    for graph in [ring(30), ring(90), random(50, 1)] {
        let layout = layout(&planned(&graph)).unwrap();
        let ratio = layout.height / layout.width;
        assert!((0.4..2.6).contains(&ratio), "{}: {ratio}", graph.title);
        // The way on leads down, but for the lines that lead to the next column.
        let first = &layout.boxes[1];
        assert!(layout.boxes.iter().any(|rect| rect.x > first.x + 100.0 && rect.y < first.y + 100.0));
    }
    // An edge from one column to another is marked at both ends, with the same letter.
    let folded = layout(&planned(&ring(90))).unwrap();
    let ends = |enters: bool| {
        let marks = folded.marks.iter().filter(|mark| mark.enters == enters);
        marks
            .flat_map(|mark| mark.links.iter().map(|link| (*link, mark.letter)))
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert!(!ends(true).is_empty());
    assert_eq!(ends(true), ends(false));
    // One that fits on a page does not.
    let layout = layout(&planned(&linear())).unwrap();
    let middles: Vec<f64> = layout.boxes.iter().map(|rect| rect.x + rect.width / 2.0).collect();
    assert!(middles.windows(2).all(|pair| (pair[0] - pair[1]).abs() <= SLACK), "{middles:?}");
}

#[test]
fn what_leads_straight_on_is_in_one_line() {
    // A ladder: each check leads to the next, and to the one failure.
    let mut sketch = Sketch::new("ladder");
    for at in 0..8 {
        sketch = sketch.node(&format!("check_{at}?"), NodeKind::Decision);
    }
    sketch = sketch.node("done", NodeKind::Result).node("rejected", NodeKind::Failure);
    for at in 0..8 {
        let (from, to) = (format!("check_{at}?"), if at < 7 { format!("check_{}?", at + 1) } else { "done".into() });
        sketch = sketch.branch(&from, &to, "yes").branch(&from, "rejected", "no");
    }
    let layout = layout(&planned(&sketch.0)).unwrap();
    let middles: Vec<f64> = layout.boxes[1..9].iter().map(|rect| rect.x + rect.width / 2.0).collect();
    assert!(middles.iter().all(|x| (x - middles[0]).abs() <= SLACK), "{middles:?}");
}

#[test]
fn the_way_to_a_result_is_straight_and_escalation_goes_aside() {
    // A wait that leads to its result by the last branch; the first ones remind, escalate and give up.
    let sketch = Sketch::new("approval")
        .node("ask", NodeKind::Action)
        .node("approved?", NodeKind::Wait)
        .node("escalate", NodeKind::Action)
        .node("director?", NodeKind::Wait)
        .node("pay", NodeKind::Action)
        .node("paid", NodeKind::Result)
        .node("refused", NodeKind::Failure)
        .next("ask", "approved?")
        .branch("approved?", "escalate", "after 3d")
        .branch("approved?", "refused", "refused_by != ()")
        .edge("approved?", "pay", "approve!", EdgeKind::Interaction)
        .next("escalate", "director?")
        .branch("director?", "refused", "refused_by != ()")
        .edge("director?", "pay", "approve!", EdgeKind::Interaction)
        .next("pay", "paid");
    let layout = layout(&planned(&sketch.0)).unwrap();
    let middle = |at: usize| layout.boxes[at].x + layout.boxes[at].width / 2.0;
    let (ask, approved, pay, paid) = (middle(1), middle(2), middle(5), middle(6));
    assert!((ask - approved).abs() <= SLACK && (pay - paid).abs() <= SLACK, "{:?}", layout.boxes);
    assert!((middle(3) - approved).abs() > 20.0, "{:?}", layout.boxes);
    let way = straights(&layout, 5);
    assert!(way.iter().all(|(from, to)| (from.x - to.x).abs() <= SLACK), "{way:?}");
}

#[test]
fn a_plan_of_nothing_is_a_picture() {
    let layout = layout(&Plan::default()).unwrap();
    assert!(layout.width > 0.0 && layout.height > 0.0);
}

#[test]
fn links_to_nowhere_are_left_out() {
    let size = Size { width: 40.0, height: 20.0, ..Size::default() };
    let link = Link { from: 0, to: 7, label: Some((10.0, 10.0)), look: 0, main: false };
    let layout =
        layout(&Plan { boxes: vec![size], links: vec![link, Link { from: 9, to: 9, ..link }], ..Plan::default() })
            .unwrap();
    assert!(layout.routes.iter().all(|route| route.strokes.is_empty() && route.label.is_none()));
}

#[test]
fn what_leads_on_leads_down() {
    let size = Size { width: 40.0, height: 20.0, ..Size::default() };
    let links = [(0, 1), (1, 2), (2, 0), (0, 2)].map(|(from, to)| Link { from, to, label: None, look: 0, main: false });
    let layout = layout(&Plan { boxes: vec![size; 3], links: links.to_vec(), ..Plan::default() }).unwrap();
    let y: Vec<f64> = layout.boxes.iter().map(|rect| rect.y).collect();
    assert!(y[0] < y[1] && y[1] < y[2], "{y:?}");
    let plan = Plan { boxes: vec![size; 3], links: links.to_vec(), direction: Direction::Right };
    let layout = super::super::layout::layout(&plan).unwrap();
    let x: Vec<f64> = layout.boxes.iter().map(|rect| rect.x).collect();
    assert!(x[0] < x[1] && x[1] < x[2], "{x:?}");
    assert!(layout.boxes.iter().all(|rect| (rect.width, rect.height) == (40.0, 20.0)), "{:?}", layout.boxes);
}

#[test]
fn a_flow_beyond_all_bounds_is_refused() {
    // Every box leads to every one below it, and each line has a look of its own.
    let count = 160;
    let size = Size { width: 40.0, height: 20.0, ..Size::default() };
    let links = (0..count).flat_map(|from| (from + 1..count).map(move |to| (from, to)));
    let links = links.map(|(from, to)| Link { from, to, label: None, look: (from % 256) as u8, main: false });
    let refused = layout(&Plan { boxes: vec![size; count], links: links.collect(), ..Plan::default() }).unwrap_err();
    assert!(refused.to_string().contains("MAX_BENDS"), "{refused}");
}
