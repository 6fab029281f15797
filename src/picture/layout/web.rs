//! Boxes, labels and bends in their layers, and the threads between neighbouring layers.

use std::collections::HashMap;

use super::super::column::Column;
use super::{MAX_BENDS, Plan};

/// The index of a knot.
pub(super) type KnotId = usize;

/// Anything that has a position in a layer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Knot {
    pub(super) layer: usize,
    pub(super) what: What,
    /// Pixels from its centre to the left end of its room.
    pub(super) left: f64,
    /// Pixels from its centre to the right end of its room.
    pub(super) right: f64,
    /// Pixels.
    pub(super) height: f64,
    /// Whether its loops are at its left.
    pub(super) loop_left: bool,
}

/// The kinds of knots.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum What {
    /// A bend of one line, or of several that lead to the same box.
    #[default]
    Bend,
    /// A label, with its line through the centre.
    Label,
    /// A box.
    Box,
}

/// The path of a link: its knots from top to bottom, even if it leads up.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    /// Whether the link leads up.
    pub(super) up: bool,
    pub(super) knots: Vec<KnotId>,
}

/// A piece of a line between two layers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Thread {
    pub(super) upper: KnotId,
    pub(super) lower: KnotId,
    /// Whether it leads up.
    pub(super) up: bool,
}

/// Everything in its layers.
#[derive(Clone, Debug, Default)]
pub(super) struct Web {
    /// The boxes, by index, then labels and bends.
    pub(super) knots: Column<Knot>,
    /// The knots of each layer, from left to right.
    pub(super) layers: Column<Vec<KnotId>>,
    /// The paths of the links; empty for loops.
    pub(super) chains: Vec<Chain>,
    /// All threads, each once.
    pub(super) threads: Vec<Thread>,
    /// For each knot, the connected knots above.
    pub(super) above: Column<Vec<KnotId>>,
    /// The connected knots below.
    pub(super) below: Column<Vec<KnotId>>,
}

/// Routes all links through the layers. None if that takes too many knots.
pub(super) fn weave(plan: &Plan, turned: &[bool], ranks: &Column<usize>) -> Option<Web> {
    let layer_of = layers(plan, turned, ranks);
    let mut weaver = Weaver { web: Web::default(), joined: HashMap::new(), plan, layer_of };
    for (id, size) in plan.boxes.iter().enumerate() {
        let half = size.width / 2.0;
        let layer = weaver.layer_of[ranks[id]];
        weaver.web.knots.push(Knot {
            layer,
            what: What::Box,
            left: half,
            right: half,
            height: size.height,
            ..Knot::default()
        });
    }
    for (id, turned) in turned.iter().enumerate() {
        let chain = weaver.chain(id, *turned, ranks);
        weaver.web.chains.push(chain);
        if weaver.web.knots.len() > MAX_BENDS {
            return None;
        }
    }
    let mut web = weaver.web;
    web.tie();
    Some(web)
}

/// The layer of each rank. Between two ranks there is one for labels, if there are any.
fn layers(plan: &Plan, turned: &[bool], ranks: &Column<usize>) -> Column<usize> {
    let count = ranks.iter().max().map_or(0, |most| most + 1);
    let mut labelled: Column<bool> = Column::new(count);
    for (link, turned) in plan.links.iter().zip(turned) {
        if link.label.is_some() && link.from != link.to {
            labelled[gap(ranks[link.from], *turned)] = true;
        }
    }
    let mut layers: Column<usize> = Column::new(count);
    let mut layer = 0;
    for rank in 0..count {
        layers[rank] = layer;
        layer += 1 + usize::from(labelled[rank]);
    }
    layers
}

/// The rank below which the label of a link from `rank` is placed: near its start.
const fn gap(rank: usize, up: bool) -> usize {
    if up { rank.saturating_sub(1) } else { rank }
}

struct Weaver<'a> {
    web: Web,
    /// The bend at which lines of one style to one box, up or down, pass a layer.
    joined: HashMap<(usize, u8, bool, usize), KnotId>,
    plan: &'a Plan,
    layer_of: Column<usize>,
}

impl Weaver<'_> {
    fn chain(&mut self, id: usize, up: bool, ranks: &Column<usize>) -> Chain {
        let count = self.plan.boxes.len();
        let Some(link) = self.plan.links.get(id).copied() else { return Chain::default() };
        if link.from == link.to || link.from >= count || link.to >= count {
            return Chain::default();
        }
        let (upper, lower) = if up { (link.to, link.from) } else { (link.from, link.to) };
        let (first, last) = (self.web.knots[upper].layer, self.web.knots[lower].layer);
        let label_layer = self.layer_of[gap(ranks[link.from], up)] + 1;
        let mut knots = vec![upper];
        for layer in first + 1..last {
            let bend = Knot { layer, ..Knot::default() };
            knots.push(match link.label {
                Some((width, height)) if layer == label_layer => {
                    let half = width / 2.0;
                    self.web.knots.push(Knot { what: What::Label, left: half, right: half, height, ..bend })
                }
                _ => {
                    let web = &mut self.web;
                    let key = (link.to, link.look, up, layer);
                    *self.joined.entry(key).or_insert_with(|| web.knots.push(bend))
                }
            });
        }
        knots.push(lower);
        Chain { up, knots }
    }
}

impl Chain {
    /// The pieces between neighbouring layers.
    pub(super) fn threads(&self) -> impl Iterator<Item = Thread> {
        let lower = self.knots.iter().skip(1);
        self.knots.iter().zip(lower).map(|(upper, lower)| Thread { upper: *upper, lower: *lower, up: self.up })
    }
}

impl Web {
    /// Records which knots are connected, and puts all of them into their layers.
    fn tie(&mut self) {
        let mut threads: Vec<Thread> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for thread in self.chains.iter().flat_map(Chain::threads) {
            if seen.insert(thread) {
                threads.push(thread);
            }
        }
        self.above = Column::new(self.knots.len());
        self.below = Column::new(self.knots.len());
        for thread in &threads {
            self.above[thread.lower].push(thread.upper);
            self.below[thread.upper].push(thread.lower);
        }
        self.threads = threads;
        self.layers = self.searched(false, false);
    }

    /// All knots in their layers, in the order of a depth-first search: from above or from below, and with the left or
    /// the right first.
    pub(super) fn searched(&self, right_first: bool, from_below: bool) -> Column<Vec<KnotId>> {
        let count = self.knots.iter().map(|knot| knot.layer + 1).max().unwrap_or_default();
        let mut layers: Column<Vec<KnotId>> = Column::new(count);
        let mut roots: Vec<KnotId> = (0..self.knots.len()).collect();
        roots.sort_by_key(|id| if from_below { count - self.knots[*id].layer } else { self.knots[*id].layer });
        let ways = if from_below { &self.above } else { &self.below };
        let mut placed: Column<bool> = Column::new(self.knots.len());
        for root in roots {
            let mut next = vec![root];
            while let Some(id) = next.pop() {
                if std::mem::replace(&mut placed[id], true) {
                    continue;
                }
                layers[self.knots[id].layer].push(id);
                if right_first {
                    next.extend(&ways[id]);
                } else {
                    next.extend(ways[id].iter().rev());
                }
            }
        }
        layers
    }
}
