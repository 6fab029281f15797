//! Coordinates across, with lines as straight as possible. The weighted sideways distance of all lines is minimal for
//! the distances within the layers; of several equal solutions the middle one is taken.

use std::collections::{BTreeMap, BTreeSet};

use super::super::column::Column;
use super::Plan;
use super::order::positions;
use super::ports::{Ports, gap};
use super::simplex::{ROOT, Rule, solve};
use super::web::{KnotId, Thread, Web, What};

/// The most knots for which this is used; for more, a faster method is used.
pub(super) const MAX_KNOTS: usize = 6_000;
/// Steps in a pixel: ports are at halves.
const STEPS: f64 = 2.0;
/// The weight of a line, compared with empty space between unconnected parts.
const SCALE: i64 = 64;
/// The weight of a line that cannot meet its box straight.
const OFF: i64 = 5;
/// From this distance, in pixels, from the centre of a box a line moves sideways to its label anyway: if there are
/// three or more.
const OUTER: f64 = 20.0;
/// The preferred range around the centre in which a line meets a box, as a share of the flat part of its edge. A line
/// may meet it farther out.
const REACH: f64 = 0.4;
/// The weight of the main path between neighbouring boxes.
const MAIN: i64 = 24;
/// The style of ordinary links.
const ORDINARY: u8 = 0;

/// The centre of each knot.
pub(super) fn straight(plan: &Plan, web: &Web, ports: &Ports) -> Column<f64> {
    let (block, count) = blocks(web);
    let mut rules: Vec<Rule> = (1..count).map(|high| Rule { low: ROOT, high, ..Rule::default() }).collect();
    let pulls = pulls(plan, web, ports, &block);
    let parts = parts(count, &pulls);
    let mut least: BTreeMap<(usize, usize), i64> = BTreeMap::new();
    for row in web.layers.iter() {
        for (left, right) in row.iter().zip(row.iter().skip(1)) {
            let (a, b) = (web.knots[*left], web.knots[*right]);
            let space = ((a.right + gap(a.what, b.what) + b.left) * STEPS).ceil() as i64;
            let known = least.entry((block[*left], block[*right])).or_default();
            *known = space.max(*known);
        }
    }
    for ((low, high), least) in least {
        let weight = i64::from(parts[low] != parts[high]);
        rules.push(Rule { low, high, least, weight });
    }
    let mut variables = count;
    let mut pull = |(low, low_weight): (usize, i64), (high, high_weight): (usize, i64), apart: i64| {
        // An extra variable below both: its cost is the difference of the distances.
        rules.push(Rule { low: variables, high: low, least: (-apart).max(0), weight: low_weight });
        rules.push(Rule { low: variables, high, least: apart.max(0), weight: high_weight });
        variables += 1;
    };
    for ((low, high, apart), weight) in pulls {
        pull((low, weight), (high, weight), apart);
    }
    for (line, node, reach) in arrivals(plan, web, ports, &block) {
        pull((line, OFF * SCALE), (node, 0), -reach);
        pull((node, 0), (line, OFF * SCALE), reach);
    }
    let values = solve(variables, &rules);
    let mut x: Column<f64> = Column::new(web.knots.len());
    for (id, block) in block.iter().enumerate() {
        x[id] = values[*block] as f64 / STEPS;
    }
    x
}

/// Bends above each other become one block, as long as blocks do not cross, so that long lines are straight. Returns
/// the block of each knot, from 1 on, and the number after the last.
fn blocks(web: &Web) -> (Column<usize>, usize) {
    let positions = positions(web);
    let mut tied: Column<Vec<Thread>> = Column::new(web.layers.len());
    for thread in &web.threads {
        let (upper, lower) = (web.knots[thread.upper], web.knots[thread.lower]);
        if upper.what == What::Bend && lower.what == What::Bend {
            tied[upper.layer].push(*thread);
        }
    }
    let mut above: Column<Option<KnotId>> = Column::new(web.knots.len());
    for layer in tied.iter() {
        let at = |thread: &Thread| (positions[thread.upper], positions[thread.lower]);
        let mut nearest: Vec<(usize, usize, &Thread)> = layer.iter().map(|t| (at(t).0, at(t).1, t)).collect();
        nearest.sort_by_key(|(upper, lower, _)| (upper.abs_diff(*lower), *upper));
        let mut kept: Vec<(usize, usize)> = Vec::new();
        for (upper, lower, thread) in nearest {
            let crosses =
                |other: &(usize, usize)| (other.0 < upper) != (other.1 < lower) || other.0 == upper || other.1 == lower;
            if !kept.iter().any(crosses) {
                kept.push((upper, lower));
                above[thread.lower] = Some(thread.upper);
            }
        }
    }
    let mut block: Column<usize> = Column::new(web.knots.len());
    let mut count = ROOT + 1;
    for id in web.layers.iter().flatten() {
        block[*id] = above[*id].map_or(count, |upper| block[upper]);
        count += usize::from(above[*id].is_none());
    }
    (block, count)
}

/// The pulls between blocks: `high` should be right of `low` by this many steps, with this weight.
fn pulls(plan: &Plan, web: &Web, ports: &Ports, block: &Column<usize>) -> BTreeMap<(usize, usize, i64), i64> {
    let mut pulls: BTreeMap<(usize, usize, i64), i64> = BTreeMap::new();
    let mut pull = |upper: KnotId, lower: KnotId, apart: f64, weight: i64| {
        let (low, high, apart) = (block[upper], block[lower], (apart * STEPS).round() as i64);
        if low != high {
            *pulls.entry((low, high, apart)).or_default() += weight * SCALE;
        }
    };
    // A line that must move sideways to its label continues straight to the middle of its box.
    let mut outer: Column<bool> = Column::new(web.knots.len());
    for thread in web.threads.iter().filter(|thread| web.knots[thread.upper].what == What::Box) {
        outer[thread.lower] =
            ports.get(thread).is_some_and(|(upper, _)| upper.side.is_none() && upper.x.abs() >= OUTER);
    }
    for thread in &web.threads {
        let (upper, lower) = ports.get(thread).copied().unwrap_or_default();
        let weight = match (web.knots[thread.upper].what, web.knots[thread.lower].what) {
            _ if upper.side.is_some() && lower.side.is_some() => 1,
            (What::Bend, What::Bend) => 16,
            (What::Label, What::Bend) | (What::Bend, What::Label) => 6,
            // Such a line is pulled to where it meets the box; the boxes themselves are pulled together below.
            (What::Box, What::Box) => continue,
            (What::Label, What::Box) if outer[thread.upper] => 4,
            (_, What::Box) if lower.side.is_none() => 1,
            _ => 3,
        };
        pull(thread.upper, thread.lower, upper.x - lower.x, weight);
    }
    for (link, chain) in plan.links.iter().zip(&web.chains) {
        if link.main && !chain.up {
            // Straight from box to box, past everything in between.
            chain.threads().for_each(|thread| pull(thread.upper, thread.lower, 0.0, MAIN));
            continue;
        }
        let weight = if link.look == ORDINARY && !chain.up { 6 } else { 2 };
        match chain.knots.as_slice() {
            [upper, lower] => pull(*upper, *lower, 0.0, weight),
            [upper, _, lower] if !chain.up => pull(*upper, *lower, 0.0, weight),
            _ => {}
        }
    }
    pulls
}

/// The blocks of lines that arrive at a box from above, the box's block, and by how many steps a line may be off the
/// centre of the box and still meet it straight.
fn arrivals(plan: &Plan, web: &Web, ports: &Ports, block: &Column<usize>) -> BTreeSet<(usize, usize, i64)> {
    let mut arrivals = BTreeSet::new();
    for thread in &web.threads {
        let (upper, lower) = (web.knots[thread.upper].what, web.knots[thread.lower].what);
        let at_side = ports.get(thread).is_some_and(|(_, port)| port.side.is_some());
        let size = plan.boxes.get(thread.lower).filter(|_| upper != What::Box && lower == What::Box && !at_side);
        if let Some(size) = size {
            let flat = (size.width - 2.0 * size.inset).max(0.0);
            arrivals.insert((block[thread.upper], block[thread.lower], (flat * REACH * STEPS).floor() as i64));
        }
    }
    arrivals
}

/// For each block, the least of all blocks connected to it by lines.
fn parts(count: usize, pulls: &BTreeMap<(usize, usize, i64), i64>) -> Column<usize> {
    let mut parts: Column<usize> = (0..count).collect::<Vec<_>>().into();
    let find = |parts: &mut Column<usize>, mut at: usize| {
        while parts[at] != at {
            let above = parts[parts[at]];
            at = std::mem::replace(&mut parts[at], above);
        }
        at
    };
    for (low, high, _) in pulls.keys() {
        let (a, b) = (find(&mut parts, *low), find(&mut parts, *high));
        let least = a.min(b);
        (parts[a], parts[b]) = (least, least);
    }
    (0..count).map(|at| find(&mut parts, at)).collect::<Vec<_>>().into()
}
