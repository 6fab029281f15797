//! Which parts of a sequence were removed and inserted: for small changes the shortest edit script (Myers' algorithm).
//! For large ones, parts that occur once on both sides divide the sequence, and each piece is compared alone.

use std::collections::HashMap;
use std::ops::Range;

use super::diff::Steps;

/// The most edits of a shortest script: the search costs their square.
const MAX_EDITS: usize = 128;

/// The most parts of a sequence. One with more is not compared by parts.
pub(super) const MAX_PARTS: usize = 500_000;

/// Steps for each part, after which the search for the shortest script ends.
const STEPS_A_PART: usize = 16;

/// A part of the old sequence, and the part of the new one that came in its place. Either may be empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Hunk {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

impl Hunk {
    /// All of two sequences.
    fn all(old: &[u64], new: &[u64]) -> Self {
        Self { old: 0..old.len(), new: 0..new.len() }
    }

    fn is_empty(&self) -> bool {
        self.old.is_empty() && self.new.is_empty()
    }
}

/// The hunks that turn `old` into `new`, in order.
pub(super) fn hunks(old: &[u64], new: &[u64], steps: &mut Steps) -> Vec<Hunk> {
    if old.is_empty() || new.is_empty() || old.len().max(new.len()) > MAX_PARTS || !steps.are_left() {
        return vec![Hunk::all(old, new)];
    }
    shortest(old, new, steps).unwrap_or_else(|| divided(old, new, steps))
}

/// What is in `range`.
pub(super) fn part<'p, T>(of: &'p [T], range: &Range<usize>) -> &'p [T] {
    of.get(range.clone()).unwrap_or_default()
}

/// The hunks between the parts that occur once on both sides, in the same order.
fn divided(old: &[u64], new: &[u64], steps: &mut Steps) -> Vec<Hunk> {
    steps.take(old.len() + new.len());
    let mut found = Vec::new();
    let (mut from_old, mut from_new) = (0, 0);
    let end = (old.len(), new.len());
    for (at_old, at_new) in in_order(&single(old, new)).into_iter().chain([end]) {
        let gap = closer(old, new, Hunk { old: from_old..at_old, new: from_new..at_new });
        (from_old, from_new) = (at_old + 1, at_new + 1);
        if gap.is_empty() {
            continue;
        }
        let (inside_old, inside_new) = (part(old, &gap.old), part(new, &gap.new));
        let is_one = inside_old.is_empty() || inside_new.is_empty();
        match (!is_one).then(|| shortest(inside_old, inside_new, steps)).flatten() {
            Some(inside) => found.extend(inside.into_iter().map(|hunk| Hunk {
                old: gap.old.start + hunk.old.start..gap.old.start + hunk.old.end,
                new: gap.new.start + hunk.new.start..gap.new.start + hunk.new.end,
            })),
            None => found.push(gap),
        }
    }
    found
}

/// A hunk without the common begin and end of its two sides.
fn closer(old: &[u64], new: &[u64], hunk: Hunk) -> Hunk {
    let (left, right) = (part(old, &hunk.old), part(new, &hunk.new));
    let start = left.iter().zip(right).take_while(|(old, new)| old == new).count();
    let (left, right) = (part(left, &(start..left.len())), part(right, &(start..right.len())));
    let end = left.iter().rev().zip(right.iter().rev()).take_while(|(old, new)| old == new).count();
    Hunk { old: hunk.old.start + start..hunk.old.end - end, new: hunk.new.start + start..hunk.new.end - end }
}

/// The places in both sequences of the parts that occur once in each, in the order of the old one.
fn single(old: &[u64], new: &[u64]) -> Vec<(usize, usize)> {
    /// How often a part occurs in each, and where in the new one.
    #[derive(Default)]
    struct Seen {
        old: u32,
        new: u32,
        at: usize,
    }
    let mut seen: HashMap<u64, Seen> = HashMap::with_capacity(old.len());
    for part in old {
        let seen = seen.entry(*part).or_default();
        seen.old = seen.old.saturating_add(1);
    }
    for (at, part) in new.iter().enumerate() {
        if let Some(seen) = seen.get_mut(part) {
            (seen.new, seen.at) = (seen.new.saturating_add(1), at);
        }
    }
    let places = old.iter().enumerate().filter_map(|(at, part)| {
        let seen = seen.get(part).filter(|seen| seen.old == 1 && seen.new == 1)?;
        Some((at, seen.at))
    });
    places.collect()
}

/// The longest subsequence of places in which the second rises, too.
fn in_order(places: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length, the place with the least second that ends such a sequence; for each place, its predecessor.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(places.len());
    let second = |at: &usize| places.get(*at).map_or(usize::MAX, |place| place.1);
    for (at, place) in places.iter().enumerate() {
        let length = ends.partition_point(|end| second(end) < place.1);
        before.push(length.checked_sub(1).and_then(|last| ends.get(last)).copied());
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut next = ends.last().copied();
    let mut chosen = Vec::with_capacity(ends.len());
    while let Some(at) = next {
        chosen.extend(places.get(at).copied());
        next = before.get(at).copied().flatten();
    }
    chosen.reverse();
    chosen
}

/// How far the old sequence was reached on each diagonal (old minus new).
#[derive(Clone)]
struct Reached {
    by_diagonal: Vec<isize>,
    middle: usize,
}

impl Reached {
    fn new(most: usize) -> Self {
        let middle = most + 1;
        Self { by_diagonal: vec![0; 2 * middle + 1], middle }
    }

    fn get(&self, diagonal: isize) -> isize {
        let at = self.middle.checked_add_signed(diagonal);
        at.and_then(|at| self.by_diagonal.get(at)).copied().unwrap_or_default()
    }

    fn set(&mut self, diagonal: isize, reached: isize) {
        let at = self.middle.checked_add_signed(diagonal);
        if let Some(known) = at.and_then(|at| self.by_diagonal.get_mut(at)) {
            *known = reached;
        }
    }

    /// From which diagonal one more edit leads to `diagonal`: from the one above by a part put in, else from below.
    fn before(&self, diagonal: isize, edits: isize) -> isize {
        let puts_in = diagonal == -edits || (diagonal != edits && self.get(diagonal - 1) < self.get(diagonal + 1));
        if puts_in { diagonal + 1 } else { diagonal - 1 }
    }
}

/// The hunks of the shortest script; none if it is too long, or takes too many steps to find.
fn shortest(old: &[u64], new: &[u64], steps: &mut Steps) -> Option<Vec<Hunk>> {
    let (old_len, new_len) = (isize::try_from(old.len()).ok()?, isize::try_from(new.len()).ok()?);
    let is_same = |x: isize, y: isize| {
        let part = |of: &[u64], at: isize| usize::try_from(at).ok().and_then(|at| of.get(at).copied());
        part(old, x).is_some_and(|part_old| part(new, y) == Some(part_old))
    };
    let both = old.len() + new.len();
    let most = MAX_EDITS.min(both);
    let mut left = STEPS_A_PART.saturating_mul(both);
    let mut reached = Reached::new(most);
    let mut rounds = Vec::new();
    for edits in 0..=most.cast_signed() {
        rounds.push(reached.clone());
        let mut diagonal = -edits;
        while diagonal <= edits {
            let start = match edits {
                0 => 0,
                _ => {
                    let before = reached.before(diagonal, edits);
                    reached.get(before) + isize::from(before < diagonal)
                }
            };
            let mut x = start;
            while is_same(x, x - diagonal) {
                x += 1;
            }
            reached.set(diagonal, x);
            if x == old_len && x - diagonal == new_len {
                return Some(way_back(&rounds, old_len, new_len));
            }
            let took = (x - start).unsigned_abs() + 1;
            left = left.checked_sub(took).filter(|_| steps.take(took))?;
            diagonal += 2;
        }
    }
    None
}

/// Goes back from the end through the places reached before each edit.
fn way_back(rounds: &[Reached], old_len: isize, new_len: isize) -> Vec<Hunk> {
    let (mut x, mut y) = (old_len, new_len);
    let mut hunks: Vec<Hunk> = Vec::new();
    for (edits, reached) in rounds.iter().enumerate().skip(1).rev() {
        let diagonal = x - y;
        let before = reached.before(diagonal, edits.cast_signed());
        let (from_x, from_y) = (reached.get(before), reached.get(before) - before);
        // After the edit there may be parts that stay.
        let (to_x, to_y) = if before < diagonal { (from_x + 1, from_y) } else { (from_x, from_y + 1) };
        let hunk =
            Hunk { old: from_x.unsigned_abs()..to_x.unsigned_abs(), new: from_y.unsigned_abs()..to_y.unsigned_abs() };
        match hunks.last_mut().filter(|next| next.old.start == hunk.old.end && next.new.start == hunk.new.end) {
            Some(next) => (next.old.start, next.new.start) = (hunk.old.start, hunk.new.start),
            None => hunks.push(hunk),
        }
        (x, y) = (from_x, from_y);
    }
    hunks.reverse();
    hunks
}
