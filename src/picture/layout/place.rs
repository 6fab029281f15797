//! Coordinates. Across: every knot is pulled towards its neighbours above and below, layer by layer, and keeps its
//! distance within the layer. Long lines pull harder than short ones, so they become straight. Down: one layer below
//! the other.

use super::super::column::Column;
use super::Plan;
use super::ports::{Port, Ports, gap};
use super::slide::slide;
use super::straight::{MAX_KNOTS, straight};
use super::web::{KnotId, Web, What};

/// Rounds of drawing knots to their neighbours, at most.
const MAX_ROUNDS: usize = 12;
/// Approximate number of knots visited in all rounds together.
const ROUND_BUDGET: usize = 600_000;
/// The least height between two layers, in pixels.
const MIN_GAP: f64 = 16.0;
/// The greatest height between two layers, in pixels.
const MAX_GAP: f64 = 72.0;
/// How much a line that moves sideways adds to the gap between two layers, as a share of the distance.
const SLOPE: f64 = 0.11;
/// The height above boxes that arrowheads need, in pixels.
pub(super) const ARROW_ROOM: f64 = 12.0;

/// The positions of the knots.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// The middle of each knot, across.
    pub(super) x: Column<f64>,
    /// The upper end of each layer, with the room for arrowheads.
    pub(super) top: Column<f64>,
    /// The middle of what stands in each layer.
    pub(super) middle: Column<f64>,
    /// The lower end of each layer.
    pub(super) bottom: Column<f64>,
}

/// A neighbour of a knot and its pull.
#[derive(Clone, Copy, Debug, Default)]
struct Pull {
    by: KnotId,
    /// The wanted distance from the neighbour's centre.
    offset: f64,
    weight: f64,
}

/// Which neighbours count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Above,
    Below,
    Both,
}

/// Finds the coordinates.
pub(super) fn place(plan: &Plan, web: &Web, ports: &mut Ports) -> Places {
    let x = if web.knots.len() > MAX_KNOTS { across(web, ports) } else { straight(plan, web, ports) };
    slide(plan, web, ports, &x);
    let (top, middle, bottom) = down(web, ports, &x);
    Places { x, top, middle, bottom }
}

fn across(web: &Web, ports: &Ports) -> Column<f64> {
    let count = web.knots.len();
    let mut above: Column<Vec<Pull>> = Column::new(count);
    let mut below: Column<Vec<Pull>> = Column::new(count);
    for thread in &web.threads {
        let (upper, lower) = ports.get(thread).copied().unwrap_or_default();
        let offset = upper.x - lower.x;
        let weight = weight(web.knots[thread.upper].what, web.knots[thread.lower].what, upper, lower);
        above[thread.lower].push(Pull { by: thread.upper, offset, weight });
        below[thread.upper].push(Pull { by: thread.lower, offset: -offset, weight });
    }
    let mut x: Column<f64> = Column::new(count);
    let layers = web.layers.len();
    let rounds = (ROUND_BUDGET / count.max(1)).clamp(3, MAX_ROUNDS);
    let mut settle = |layer: usize, side: Side| {
        let row = &web.layers[layer];
        let wanted: Vec<(f64, f64)> = row
            .iter()
            .map(|id| {
                // A long line stays straight where others join it.
                let hardest = above[*id].iter().map(|pull| pull.weight).fold(0.0, f64::max);
                let least = if side == Side::Above && web.knots[*id].what == What::Bend { hardest } else { 0.0 };
                let upper = above[*id].iter().filter(|pull| side != Side::Below && pull.weight >= least);
                let lower = below[*id].iter().filter(|_| side != Side::Above);
                let pulls = upper.chain(lower);
                let (sum, weight) = pulls.fold((0.0, 0.0), |(sum, weight), pull| {
                    (sum + (x[pull.by] + pull.offset) * pull.weight, weight + pull.weight)
                });
                if weight > 0.0 { (sum / weight, weight) } else { (x[*id], 0.05) }
            })
            .collect();
        for (id, at) in row.iter().zip(apart(web, row, &wanted)) {
            x[*id] = at;
        }
    };
    (0..layers).for_each(|layer| settle(layer, Side::Above));
    for _ in 0..rounds {
        (0..layers).rev().for_each(|layer| settle(layer, Side::Below));
        (0..layers).for_each(|layer| settle(layer, Side::Above));
        (0..layers).rev().for_each(|layer| settle(layer, Side::Both));
        (0..layers).for_each(|layer| settle(layer, Side::Both));
    }
    (0..layers).for_each(|layer| settle(layer, Side::Above));
    // Halves of pixels are exact, so straight lines stay straight.
    x.iter_mut().for_each(|x| *x = (*x * 2.0).round() / 2.0);
    x
}

/// The strength of the pull between the ends of a thread.
fn weight(upper: What, lower: What, from: Port, to: Port) -> f64 {
    if from.side.is_some() && to.side.is_some() {
        return 0.2;
    }
    match (upper, lower) {
        (What::Bend, What::Bend) => 8.0,
        (What::Box, What::Box) => 1.0,
        (What::Bend, _) | (_, What::Bend) => 2.0,
        _ => 1.5,
    }
}

/// The positions of the knots of a layer. Neighbours that would be too close become a block, and the block moves as a
/// whole.
fn apart(web: &Web, row: &[KnotId], wanted: &[(f64, f64)]) -> Vec<f64> {
    let mut offsets = Vec::with_capacity(row.len());
    let mut offset = 0.0;
    let mut before = None;
    for id in row {
        let knot = web.knots[*id];
        if let Some(left) = before.replace(*id).map(|id| web.knots[id]) {
            offset += left.right + gap(left.what, knot.what) + knot.left;
        }
        offsets.push(offset);
    }
    in_row(wanted, &offsets)
}

/// The positions closest to the wanted ones, by weight, that keep the distances; these are given as offsets from the
/// first.
pub(super) fn in_row(wanted: &[(f64, f64)], offsets: &[f64]) -> Vec<f64> {
    // Each block: the wanted position of its first knot, its weight, and its number of knots.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for ((wanted, weight), offset) in wanted.iter().zip(offsets) {
        let mut block = (wanted - offset, *weight, 1);
        while let Some(last) = blocks.pop_if(|last| last.0 >= block.0) {
            let weight = last.1 + block.1;
            block = ((last.0 * last.1 + block.0 * block.1) / weight, weight, last.2 + block.2);
        }
        blocks.push(block);
    }
    let starts = blocks.iter().flat_map(|(start, _, count)| std::iter::repeat_n(*start, *count));
    starts.zip(offsets).map(|(start, offset)| start + offset).collect()
}

/// The heights of layers and of the gaps between them.
fn down(web: &Web, ports: &Ports, x: &Column<f64>) -> (Column<f64>, Column<f64>, Column<f64>) {
    let count = web.layers.len();
    let mut aside: Column<f64> = Column::new(count);
    for thread in &web.threads {
        let (upper, lower) = ports.get(thread).copied().unwrap_or_default();
        let way = (x[thread.upper] + upper.x - x[thread.lower] - lower.x).abs();
        let layer = web.knots[thread.upper].layer;
        aside[layer] = aside[layer].max(way);
    }
    let (mut top, mut middle, mut bottom) = (Column::new(count), Column::new(count), Column::new(count));
    let mut y = 0.0;
    for layer in 0..count {
        let knots = || web.layers[layer].iter().map(|id| web.knots[*id]);
        let height = knots().map(|knot| knot.height).fold(0.0, f64::max);
        let arrows = if knots().any(|knot| knot.what == What::Box) { ARROW_ROOM } else { 0.0 };
        top[layer] = y;
        middle[layer] = y + arrows + height / 2.0;
        bottom[layer] = y + arrows + height;
        y = bottom[layer] + (MIN_GAP * 0.75 + aside[layer] * SLOPE).clamp(MIN_GAP, MAX_GAP);
    }
    (top, middle, bottom)
}
