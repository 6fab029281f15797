//! Where lines meet boxes. A line forward leaves at the bottom and arrives at the top. A line back leaves at a side,
//! goes up beside the box, and arrives at a side. So cycles are recognisable.

use std::collections::HashMap;

use super::super::column::Column;
use super::Plan;
use super::order::positions;
use super::web::{KnotId, Thread, Web, What};

/// Pixels between lines at the top or bottom of a box.
const SPREAD: f64 = 26.0;
/// Pixels between a box and the first line beside it: room for an arrowhead.
const FIRST_SLOT: f64 = 20.0;
/// Pixels between lines beside a box.
const SLOT: f64 = 10.0;
/// How far from the middle of a side lines may meet it, as a share of the height.
const REACH: f64 = 0.3;
/// Pixels between a box and the far end of a loop.
pub(super) const LOOP: f64 = 22.0;
/// Pixels between a loop and its label.
pub(super) const LOOP_GAP: f64 = 4.0;

/// Where a line meets a knot, in pixels from the knot's middle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Port {
    /// To the right, where it comes through the layer's edge.
    pub(super) x: f64,
    /// Downwards, where it meets the side of the box; at the top or bottom, if none.
    pub(super) side: Option<f64>,
}

/// The ports of all threads: at the upper knot and at the lower one.
pub(super) type Ports = HashMap<Thread, (Port, Port)>;

/// Computes the ports, and makes room beside boxes for lines and loops. A loop is at the right, unless there are lines
/// at the right only.
pub(super) fn ports(plan: &Plan, web: &mut Web) -> Ports {
    let positions = positions(web);
    let mut ports: Ports = web.threads.iter().map(|thread| (*thread, Default::default())).collect();
    let mut upper: Column<Vec<Thread>> = Column::new(plan.boxes.len());
    let mut lower: Column<Vec<Thread>> = Column::new(plan.boxes.len());
    for thread in &web.threads {
        upper[thread.upper].push(*thread);
        lower[thread.lower].push(*thread);
    }
    let loops = loops(plan);
    for id in 0..plan.boxes.len() {
        let down = Ends { threads: &upper[id], is_upper: true, positions: &positions };
        let up = Ends { threads: &lower[id], is_upper: false, positions: &positions };
        let sides = [down.sides(), up.sides()];
        let loops = loops[id];
        let (left, right) = (sides.iter().any(|(left, _)| *left), sides.iter().any(|(_, right)| *right));
        let loop_left = loops.is_some() && right && !left;
        // With lines at both sides, they all go left, so that the right is free for the loop.
        let all_left = loops.is_some() && right && left;
        let (room, other) = (down.place(plan, id, all_left, &mut ports), up.place(plan, id, all_left, &mut ports));
        let knot = &mut web.knots[id];
        knot.left += room.0.max(other.0);
        knot.right += room.1.max(other.1);
        if let Some((width, height)) = loops {
            *(if loop_left { &mut knot.left } else { &mut knot.right }) += LOOP + LOOP_GAP + width;
            knot.height = knot.height.max(height);
            knot.loop_left = loop_left;
        }
    }
    ports
}

/// Width and height of the labels of each box's loops, one under the other. None for a box without loop.
fn loops(plan: &Plan) -> Column<Option<(f64, f64)>> {
    let mut loops: Column<Option<(f64, f64)>> = Column::new(plan.boxes.len());
    for link in plan.links.iter().filter(|link| link.from == link.to) {
        let (width, height) = link.label.unwrap_or_default();
        let before = loops[link.from].unwrap_or_default();
        loops[link.from] = Some((before.0.max(width), before.1 + height));
    }
    loops
}

/// The threads that meet a box from above or below.
struct Ends<'a> {
    threads: &'a [Thread],
    /// Whether the box is the upper end.
    is_upper: bool,
    positions: &'a Column<usize>,
}

impl Ends<'_> {
    fn far(&self, thread: &Thread) -> KnotId {
        if self.is_upper { thread.lower } else { thread.upper }
    }

    fn at(&self, thread: &Thread) -> usize {
        self.positions[self.far(thread)]
    }

    /// Whether a thread that leads back is closer to the left.
    fn is_left(&self, thread: &Thread) -> bool {
        let at = self.at(thread);
        let on = self.threads.iter().filter(|other| !other.up).map(|other| self.at(other));
        let (before, after) = on
            .fold((0, 0), |(before, after), other| (before + usize::from(other < at), after + usize::from(other > at)));
        before < after
    }

    /// Whether there are lines back at the left, and at the right.
    fn sides(&self) -> (bool, bool) {
        let back = || self.threads.iter().filter(|thread| thread.up);
        (back().any(|thread| self.is_left(thread)), back().any(|thread| !self.is_left(thread)))
    }

    /// Assigns each thread its port. Returns the room that lines need beside the box, left and right.
    fn place(&self, plan: &Plan, id: usize, all_left: bool, ports: &mut Ports) -> (f64, f64) {
        let size = plan.boxes.get(id).copied().unwrap_or_default();
        let mut on: Vec<&Thread> = self.threads.iter().filter(|thread| !thread.up).collect();
        on.sort_by_key(|thread| self.at(thread));
        let flat = (size.width - 2.0 * size.inset).max(0.0);
        let spread = SPREAD.min(flat / on.len().max(1) as f64);
        let first = spread * (on.len().saturating_sub(1)) as f64 / -2.0;
        for (nth, thread) in on.iter().enumerate() {
            self.set(ports, thread, Port { x: ((first + spread * nth as f64) * 2.0).round() / 2.0, side: None });
        }
        let mut back: Vec<&Thread> = self.threads.iter().filter(|thread| thread.up).collect();
        back.sort_by_key(|thread| self.at(thread));
        let (mut left, right): (Vec<&Thread>, Vec<&Thread>) =
            back.into_iter().partition(|thread| all_left || self.is_left(thread));
        left.reverse();
        for (row, sign) in [(&left, -1.0), (&right, 1.0)] {
            for (nth, thread) in row.iter().enumerate() {
                let x = sign * ((size.width / 2.0).ceil() + FIRST_SLOT + SLOT * nth as f64);
                let share = (row.len() - nth) as f64 / (row.len() + 1) as f64;
                let down = if self.is_upper { 1.0 } else { -1.0 };
                self.set(ports, thread, Port { x, side: Some(down * share * REACH * size.height) });
            }
        }
        let room = |count: usize| if count == 0 { 0.0 } else { FIRST_SLOT + SLOT * (count - 1) as f64 + 1.0 };
        (room(left.len()), room(right.len()))
    }

    fn set(&self, ports: &mut Ports, thread: &Thread, port: Port) {
        if let Some(pair) = ports.get_mut(thread) {
            *(if self.is_upper { &mut pair.0 } else { &mut pair.1 }) = port;
        }
    }
}

/// The distance between two neighbours of a layer, in pixels.
pub(super) const fn gap(left: What, right: What) -> f64 {
    match (left, right) {
        (What::Box, What::Box) => 36.0,
        (What::Box, _) | (_, What::Box) => 20.0,
        (What::Label, What::Label) => 18.0,
        _ => 14.0,
    }
}
