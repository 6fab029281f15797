//! Orders the layers: by the median of neighbours, layer by layer, down and up, while crossings decrease.

use super::super::column::Column;
use super::web::{KnotId, Web, What};

/// Sweeps over all layers, at most.
const MAX_SWEEPS: usize = 24;
/// Approximate number of knots visited in all sweeps together.
const SWEEP_BUDGET: usize = 400_000;
/// After this many sweeps without an improvement, sweeping ends.
const PATIENCE: usize = 7;
/// How many initial orders are tried.
const STARTS: usize = 4;
/// The most knots for which more than one initial order is tried.
const MAX_TRIED: usize = 3_000;
/// Rounds of swapping neighbours, at most.
const MAX_SWAPS: usize = 8;
/// The offset of a line that leads back from its box, as a share of a position.
const LEAN: f64 = 0.3;
/// Pairs of threads that are compared for one swap, at most.
const MAX_PAIRS: usize = 600;

/// Orders every layer: starts with several orders, and keeps the best result. Of equal ones the first is kept, in which
/// branches are in their written order.
pub(super) fn order(web: &mut Web) {
    let sweeps = (SWEEP_BUDGET / web.knots.len().max(1)).clamp(2, MAX_SWEEPS);
    let starts = if web.knots.len() > MAX_TRIED { 1 } else { STARTS };
    let mut room = Room::new(web);
    let mut best: Option<(usize, Column<Vec<KnotId>>)> = None;
    for start in 0..starts {
        web.layers = web.searched(start % 2 == 1, start >= 2);
        let found = sweep(web, &mut room, sweeps);
        if best.as_ref().is_none_or(|best| found.0 < best.0) {
            best = Some(found);
        }
        if best.as_ref().is_some_and(|best| best.0 == 0) {
            break;
        }
    }
    if let Some((_, layers)) = best {
        web.layers = layers;
    }
}

/// Sorts all layers, down and up, repeatedly. Keeps the order with the fewest crossings, and returns their number.
fn sweep(web: &mut Web, room: &mut Room, sweeps: usize) -> (usize, Column<Vec<KnotId>>) {
    let mut best = (crossings(web), web.layers.clone());
    let mut in_vain = 0;
    for sweep in 0..sweeps {
        let count = web.layers.len();
        // Every other pair of sweeps also moves knots past equal ones, to escape local minima.
        let past_equals = sweep % 4 >= 2;
        if sweep % 2 == 0 {
            (1..count).for_each(|layer| sort(web, room, layer, (true, past_equals)));
        } else {
            (0..count.saturating_sub(1)).rev().for_each(|layer| sort(web, room, layer, (false, past_equals)));
        }
        swap(web);
        let crossed = crossings(web);
        in_vain += 1;
        if crossed < best.0 {
            best = (crossed, web.layers.clone());
            in_vain = 0;
        }
        if best.0 == 0 || in_vain > PATIENCE {
            break;
        }
    }
    best
}

/// The working data of sorting.
struct Room {
    positions: Column<usize>,
    /// By what a knot stands right of its box above.
    lean_above: Column<f64>,
    /// By what a knot stands right of its box below.
    lean_below: Column<f64>,
}

impl Room {
    fn new(web: &Web) -> Self {
        let count = web.knots.len();
        let mut room =
            Self { positions: Column::new(count), lean_above: Column::new(count), lean_below: Column::new(count) };
        for thread in web.threads.iter().filter(|thread| thread.up) {
            if web.knots[thread.upper].what == What::Box {
                room.lean_above[thread.lower] = LEAN;
            }
            if web.knots[thread.lower].what == What::Box {
                room.lean_below[thread.upper] = LEAN;
            }
        }
        room
    }
}

/// The position of each knot in its layer.
pub(super) fn positions(web: &Web) -> Column<usize> {
    let mut positions = Column::new(web.knots.len());
    for layer in web.layers.iter() {
        for (at, id) in layer.iter().enumerate() {
            positions[*id] = at;
        }
    }
    positions
}

/// Sorts a layer by the median of its neighbours above or below, past equal ones if wanted. Knots without neighbours
/// keep their position. Lines that lead back from a box are right of those that lead forward.
fn sort(web: &mut Web, room: &mut Room, layer: usize, (from_above, past_equals): (bool, bool)) {
    let beside = if from_above { layer.wrapping_sub(1) } else { layer + 1 };
    for (at, id) in web.layers[beside].iter().enumerate() {
        room.positions[*id] = at;
    }
    let (positions, lean) = (&room.positions, if from_above { &room.lean_above } else { &room.lean_below });
    let neighbours = if from_above { &web.above } else { &web.below };
    let middle = |id: KnotId| {
        let near = &neighbours[id];
        let sum: usize = near.iter().map(|near| positions[*near]).sum();
        (!near.is_empty()).then(|| sum as f64 / near.len() as f64 + lean[id])
    };
    let knots = std::mem::take(&mut web.layers[layer]);
    let mut moving: Vec<(f64, KnotId)> = knots.iter().filter_map(|id| Some((middle(*id)?, *id))).collect();
    if past_equals {
        moving.reverse();
    }
    moving.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut moving = moving.into_iter().map(|(_, id)| id);
    let sorted = knots.iter().map(|id| if neighbours[*id].is_empty() { *id } else { moving.next().unwrap_or(*id) });
    web.layers[layer] = sorted.collect();
}

/// Swaps neighbours while that reduces crossings.
fn swap(web: &mut Web) {
    let mut positions = positions(web);
    for _ in 0..MAX_SWAPS {
        let mut better = false;
        for layer in 0..web.layers.len() {
            let mut row: Column<KnotId> = std::mem::take(&mut web.layers[layer]).into();
            for at in 1..row.len() {
                let (left, right) = (row[at - 1], row[at]);
                let gain = |near: &Column<Vec<KnotId>>| {
                    let (now, then) = crossed(&near[left], &near[right], &positions);
                    now as i64 - then as i64
                };
                if gain(&web.above) + gain(&web.below) > 0 {
                    (row[at - 1], row[at]) = (right, left);
                    (positions[left], positions[right]) = (at, at - 1);
                    better = true;
                }
            }
            web.layers[layer] = row.iter().copied().collect();
        }
        if !better {
            break;
        }
    }
}

/// How many lines of two neighbours cross now, and how many would after a swap.
fn crossed(left: &[KnotId], right: &[KnotId], positions: &Column<usize>) -> (usize, usize) {
    if left.len() * right.len() > MAX_PAIRS {
        return (0, 0);
    }
    let pairs = left.iter().flat_map(|l| right.iter().map(|r| (positions[*l], positions[*r])));
    pairs.fold((0, 0), |(now, then), (l, r)| (now + usize::from(l > r), then + usize::from(l < r)))
}

/// The total number of crossings.
pub(super) fn crossings(web: &Web) -> usize {
    let positions = positions(web);
    let mut count = 0;
    for layer in web.layers.iter() {
        let mut ends: Vec<usize> = Vec::new();
        for id in layer {
            let mut own: Vec<usize> = web.below[*id].iter().map(|lower| positions[*lower]).collect();
            own.sort_unstable();
            ends.extend(own);
        }
        count += inversions(&ends);
    }
    count + turns(web, &positions)
}

/// How many forward lines are crossed by lines that lead back, on their way to the side of their box.
fn turns(web: &Web, positions: &Column<usize>) -> usize {
    let mut on: Column<(Vec<usize>, Vec<usize>)> = Column::new(web.knots.len());
    for thread in web.threads.iter().filter(|thread| !thread.up) {
        on[thread.upper].1.push(positions[thread.lower]);
        on[thread.lower].0.push(positions[thread.upper]);
    }
    let least = |on: &[usize], at: usize| {
        let before = on.iter().filter(|other| **other < at).count();
        let after = on.iter().filter(|other| **other > at).count();
        before.min(after)
    };
    let mut count = 0;
    for thread in web.threads.iter().filter(|thread| thread.up) {
        if web.knots[thread.upper].what == What::Box {
            count += least(&on[thread.upper].1, positions[thread.lower]);
        }
        if web.knots[thread.lower].what == What::Box {
            count += least(&on[thread.lower].0, positions[thread.upper]);
        }
    }
    count
}

/// How many pairs are in the wrong order, with a tree of sums.
fn inversions(ends: &[usize]) -> usize {
    let size = ends.iter().max().map_or(0, |most| most + 2);
    let mut sums: Column<usize> = Column::new(size);
    let mut count = 0;
    for (before, end) in ends.iter().enumerate() {
        let (mut at, mut not_after) = (end + 1, 0);
        while at > 0 {
            not_after += sums[at];
            at &= at - 1;
        }
        count += before - not_after;
        let mut at = end + 1;
        while at < size {
            sums[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    count
}
