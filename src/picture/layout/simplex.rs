//! The network simplex method: values that keep minimal distances and are as close to each other as these allow.
//!
//! A spanning tree of tight rules connects all variables. While removing one of its rules would allow the part below it
//! to move and reduce the total cost, that part moves until another rule becomes tight, which replaces the removed one.
//! (Gansner, Koutsofios, North, Vo: A Technique for Drawing Directed Graphs, 1993.)

use super::super::column::Column;

/// The index of a variable.
pub(in super::super) type Variable = usize;
/// The variable that is a lower bound of every other.
pub(in super::super) const ROOT: Variable = 0;

/// `high - low` is at least `least`; each unit more costs `weight`.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Rule {
    pub(in super::super) low: Variable,
    pub(in super::super) high: Variable,
    pub(in super::super) least: i64,
    pub(in super::super) weight: i64,
}

/// The most steps of work, so that time is bounded. The result at that point keeps all distances.
const MAX_WORK: usize = 4_000_000;
/// Rules that are compared before one is removed.
const CANDIDATES: usize = 24;
/// The index for no rule.
const NONE: usize = usize::MAX;

/// The values of `count` variables. Without cycles of rules, all distances are kept.
pub(in super::super) fn solve(count: usize, rules: &[Rule]) -> Column<i64> {
    let mut net = Net::new(count, rules);
    net.begin();
    let mut from = ROOT;
    while net.work < MAX_WORK {
        let Some(node) = net.worst(from) else { break };
        from = node;
        if !net.pivot(node) {
            break;
        }
    }
    net.balance();
    net.value
}

struct Net {
    rules: Column<Rule>,
    value: Column<i64>,
    /// The rules of each variable.
    around: Column<Vec<usize>>,
    /// The rules of the tree, for each variable.
    tree: Column<Vec<usize>>,
    /// The rule that connects each variable to its parent in the tree.
    tie: Column<usize>,
    /// The cost of increasing a variable and those below it in the tree by one, minus what that saves.
    pull: Column<i64>,
    /// The search in which a variable was last visited.
    seen: Column<usize>,
    search: usize,
    work: usize,
}

impl Net {
    fn new(count: usize, rules: &[Rule]) -> Self {
        let mut around: Column<Vec<usize>> = Column::new(count);
        for (id, rule) in rules.iter().enumerate() {
            around[rule.low].push(id);
            around[rule.high].push(id);
        }
        let rules = rules.to_vec().into();
        let (value, tree, pull, seen) =
            (Column::new(count), Column::new(count), Column::new(count), Column::new(count));
        let tie = vec![NONE; count].into();
        Self { rules, value, around, tree, tie, pull, seen, search: 0, work: 0 }
    }

    /// The least values that keep all distances, and the tree of rules that determine them.
    fn begin(&mut self) {
        let count = self.value.len();
        let mut open: Column<usize> = Column::new(count);
        self.rules.iter().for_each(|rule| open[rule.high] += 1);
        let mut sorted: Vec<Variable> = (0..count).filter(|id| open[*id] == 0).collect();
        // A variable without others below it hangs on one above; its position is computed last.
        let hanging: Vec<Variable> = sorted.iter().copied().filter(|id| *id != ROOT).collect();
        let mut at = 0;
        while let Some(node) = sorted.get(at).copied() {
            at += 1;
            for id in &self.around[node] {
                let rule = self.rules[*id];
                if rule.low != node {
                    continue;
                }
                open[rule.high] -= 1;
                if open[rule.high] == 0 {
                    sorted.push(rule.high);
                }
            }
        }
        let is_hanging: Column<bool> = {
            let mut column = Column::new(count);
            hanging.iter().for_each(|id| column[*id] = true);
            column
        };
        for node in sorted.into_iter().filter(|id| *id != ROOT && !is_hanging[*id]) {
            let below = self.around[node].iter().map(|id| (*id, self.rules[*id]));
            let below = below.filter(|(_, rule)| rule.high == node && !is_hanging[rule.low]);
            let tightest = below.max_by_key(|(_, rule)| self.value[rule.low] + rule.least);
            if let Some((id, rule)) = tightest {
                self.value[node] = self.value[rule.low] + rule.least;
                self.tie(node, id);
            }
        }
        for node in hanging {
            let above = self.around[node].iter().map(|id| (*id, self.rules[*id]));
            if let Some((id, rule)) = above.min_by_key(|(_, rule)| self.value[rule.high] - rule.least) {
                self.value[node] = self.value[rule.high] - rule.least;
                self.tie(node, id);
            }
        }
        self.sum();
    }

    fn tie(&mut self, node: Variable, id: usize) {
        self.tie[node] = id;
        let rule = self.rules[id];
        self.tree[rule.low].push(id);
        self.tree[rule.high].push(id);
    }

    /// Sums up the pulls, from the leaves of the tree to its root.
    fn sum(&mut self) {
        let order = self.part(ROOT);
        for node in &order {
            let own = self.around[*node].iter().map(|id| self.rules[*id]);
            self.pull[*node] = own.map(|rule| if rule.high == *node { rule.weight } else { -rule.weight }).sum();
        }
        for node in order.into_iter().rev().filter(|node| *node != ROOT) {
            let above = self.above(node);
            self.pull[above] += self.pull[node];
        }
    }

    fn other(&self, id: usize, node: Variable) -> Variable {
        let rule = self.rules[id];
        if rule.low == node { rule.high } else { rule.low }
    }

    fn above(&self, node: Variable) -> Variable {
        self.other(self.tie[node], node)
    }

    /// A variable and everything below it in the tree, parents first. Marks them as visited in this search.
    fn part(&mut self, top: Variable) -> Vec<Variable> {
        self.search += 1;
        self.seen[top] = self.search;
        let mut part = vec![top];
        let mut at = 0;
        while let Some(node) = part.get(at).copied() {
            at += 1;
            self.work += self.tree[node].len();
            for id in &self.tree[node] {
                let other = self.other(*id, node);
                if *id != self.tie[node] && self.seen[other] != self.search {
                    self.seen[other] = self.search;
                    part.push(other);
                }
            }
        }
        part
    }

    /// The saving per step of moving the part below a variable away from its tie, if it is above zero.
    fn gain(&self, node: Variable) -> i64 {
        if self.tie[node] == NONE {
            return 0;
        }
        // If it is tied from below, it can only grow; if from above, only shrink.
        if self.rules[self.tie[node]].high == node { -self.pull[node] } else { self.pull[node] }
    }

    /// A variable whose part gains much by moving: the best of some candidates, starting with `from`.
    fn worst(&mut self, from: Variable) -> Option<Variable> {
        let count = self.value.len();
        let around = (from + 1..count).chain(0..=from.min(count.saturating_sub(1)));
        let mut looked = 0;
        let gains = around.inspect(|_| looked += 1).map(|node| (self.gain(node), node)).filter(|(gain, _)| *gain > 0);
        let worst = gains.take(CANDIDATES).max_by_key(|(gain, node)| (*gain, std::cmp::Reverse(*node)));
        self.work += looked;
        worst.map(|(_, node)| node)
    }

    /// The rule that stops a part, just visited, from growing or shrinking, and how far it can move.
    fn stop(&mut self, part: &[Variable], grows: bool) -> Option<(i64, usize)> {
        let mut stop: Option<(i64, usize)> = None;
        for node in part {
            self.work += self.around[*node].len();
            for id in &self.around[*node] {
                let rule = self.rules[*id];
                let (own, other) = if grows { (rule.low, rule.high) } else { (rule.high, rule.low) };
                if own == *node && self.seen[other] != self.search {
                    let room = (self.value[rule.high] - self.value[rule.low] - rule.least, *id);
                    stop = Some(stop.map_or(room, |stop| stop.min(room)));
                }
            }
        }
        stop
    }

    fn shift(&mut self, part: &[Variable], by: i64) {
        part.iter().for_each(|node| self.value[*node] += by);
    }

    /// Moves the part below a variable until a rule stops it, and ties it there. False if nothing stops it.
    fn pivot(&mut self, node: Variable) -> bool {
        let cut = self.tie[node];
        let grows = self.rules[cut].high == node;
        let part = self.part(node);
        let Some((room, found)) = self.stop(&part, grows) else { return false };
        self.shift(&part, if grows { room } else { -room });
        let above = self.above(node);
        let whole = self.pull[node];
        self.lift(above, -whole);
        let rule = self.rules[cut];
        for end in [rule.low, rule.high] {
            self.tree[end].retain(|id| *id != cut);
        }
        let rule = self.rules[found];
        let (inner, outer) = if grows { (rule.low, rule.high) } else { (rule.high, rule.low) };
        // Within the part, all ties on the path from its new top to the old one are reversed.
        let (mut at, mut tie, mut below) = (inner, found, 0);
        loop {
            self.work += 1;
            let old = std::mem::replace(&mut self.tie[at], tie);
            let pull = std::mem::replace(&mut self.pull[at], whole - below);
            below = pull;
            if at == node {
                break;
            }
            tie = old;
            at = self.other(old, at);
        }
        self.tree[rule.low].push(found);
        self.tree[rule.high].push(found);
        self.lift(outer, whole);
        true
    }

    /// Adds to the pulls of a variable and of all its ancestors.
    fn lift(&mut self, from: Variable, by: i64) {
        let mut at = from;
        loop {
            self.work += 1;
            self.pull[at] += by;
            if self.tie[at] == NONE {
                break;
            }
            at = self.above(at);
        }
    }

    /// Moves what can move at no cost to the middle of its range.
    fn balance(&mut self) {
        for node in 0..self.value.len() {
            if self.tie[node] == NONE || self.pull[node] != 0 || self.work > 2 * MAX_WORK {
                continue;
            }
            let part = self.part(node);
            if let (Some((left, _)), Some((right, _))) = (self.stop(&part, false), self.stop(&part, true)) {
                self.shift(&part, (right - left) / 2);
            }
        }
    }
}
