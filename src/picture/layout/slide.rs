//! Moves ports along the tops and bottoms of boxes so that lines become straight, after everything has its position.

use super::super::column::Column;
use super::place::in_row;
use super::ports::{Port, Ports};
use super::web::{Thread, Web, What};
use super::{Plan, Size};

/// The least distance between two ports, in pixels.
const LEAST: f64 = 13.0;
/// How far from the centre a line may meet a box for the sake of being straight, as a share of the flat part of its
/// edge.
const REACH: f64 = 0.48;

/// Moves the ports of all boxes: first leaving lines, then arriving ones, and then leaving lines that lead directly to
/// a box.
pub(super) fn slide(plan: &Plan, web: &Web, ports: &mut Ports, x: &Column<f64>) {
    let mut lower: Column<Vec<Thread>> = Column::new(plan.boxes.len());
    let mut upper: Column<Vec<Thread>> = Column::new(plan.boxes.len());
    for thread in &web.threads {
        upper[thread.upper].push(*thread);
        lower[thread.lower].push(*thread);
    }
    for (id, size) in plan.boxes.iter().enumerate() {
        let wanted = |thread: &Thread, own: &Port, _: &Port| match web.knots[thread.lower].what {
            // The port at a box is decided with that box.
            What::Box => own.x,
            What::Bend | What::Label => x[thread.lower] - x[id],
        };
        row(&upper[id], *size, true, ports, wanted);
    }
    for (id, size) in plan.boxes.iter().enumerate() {
        let wanted = |thread: &Thread, _: &Port, far: &Port| x[thread.upper] + far.x - x[id];
        row(&lower[id], *size, false, ports, wanted);
    }
    // Leaving lines to a box are decided last: now it is known where they arrive.
    for (id, size) in plan.boxes.iter().enumerate() {
        let wanted = |thread: &Thread, own: &Port, far: &Port| match web.knots[thread.lower].what {
            What::Box if far.side.is_none() => x[thread.lower] + far.x - x[id],
            _ => own.x,
        };
        row(&upper[id], *size, true, ports, wanted);
    }
}

/// Moves the ports of one edge of a box to the wanted positions, as far as these are near the centre and keep order and
/// distance.
fn row(
    threads: &[Thread],
    size: Size,
    is_upper: bool,
    ports: &mut Ports,
    wanted: impl Fn(&Thread, &Port, &Port) -> f64,
) {
    let pair = |ports: &Ports, thread: &Thread| {
        let (upper, lower) = ports.get(thread).copied().unwrap_or_default();
        if is_upper { (upper, lower) } else { (lower, upper) }
    };
    let mut own: Vec<(Thread, Port, Port)> =
        threads.iter().map(|t| (*t, pair(ports, t))).map(|(t, (a, b))| (t, a, b)).collect();
    own.retain(|(_, port, _)| port.side.is_none());
    own.sort_by(|a, b| a.1.x.total_cmp(&b.1.x));
    let flat = (size.width - 2.0 * size.inset).max(0.0);
    let least = LEAST.min(flat / own.len().max(1) as f64);
    let offsets: Vec<f64> = (0..own.len()).map(|nth| least * nth as f64).collect();
    let goals = own.iter().map(|(thread, port, far)| {
        let goal = wanted(thread, port, far);
        if goal.abs() <= flat * REACH { (goal, 4.0) } else { (port.x.clamp(-flat * REACH, flat * REACH), 1.0) }
    });
    let placed = in_row(&goals.collect::<Vec<_>>(), &offsets);
    let room = least * own.len().saturating_sub(1) as f64;
    for (((thread, ..), at), offset) in own.iter().zip(placed).zip(offsets) {
        let at = at.clamp(offset - flat / 2.0, (flat / 2.0 - room + offset).max(offset - flat / 2.0));
        if let Some(pair) = ports.get_mut(thread) {
            (if is_upper { &mut pair.0 } else { &mut pair.1 }).x = (at * 2.0).round() / 2.0;
        }
    }
}
