//! Which parts of a sequence were taken out and put in: the shortest script, by Myers' algorithm, as long as it is short.

use std::ops::Range;

/// Parts taken out and put in before a sequence counts as new as a whole: finding out costs their square.
const MAX_EDITS: isize = 128;

/// A part of the old sequence in whose place a part of the new one came. Either may be empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Hunk {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// How far the old sequence is come through on each diagonal (old minus new).
#[derive(Clone)]
struct Reached {
    by_diagonal: Vec<isize>,
    middle: usize,
}

impl Reached {
    fn new(most: isize) -> Self {
        let middle = most.unsigned_abs() + 1;
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

/// The hunks that make `new` of `old`, in order; one for all of it, if there are too many.
pub(super) fn hunks(old: &[u64], new: &[u64]) -> Vec<Hunk> {
    if old.is_empty() || new.is_empty() {
        return vec![Hunk { old: 0..old.len(), new: 0..new.len() }];
    }
    found(old, new).unwrap_or_else(|| vec![Hunk { old: 0..old.len(), new: 0..new.len() }])
}

fn found(old: &[u64], new: &[u64]) -> Option<Vec<Hunk>> {
    let (old_len, new_len) = (isize::try_from(old.len()).ok()?, isize::try_from(new.len()).ok()?);
    let is_same = |x: isize, y: isize| {
        let part = |of: &[u64], at: isize| usize::try_from(at).ok().and_then(|at| of.get(at).copied());
        part(old, x).is_some_and(|part_old| part(new, y) == Some(part_old))
    };
    let most = MAX_EDITS.min(old_len.saturating_add(new_len));
    let mut reached = Reached::new(most);
    let mut rounds = Vec::new();
    for edits in 0..=most {
        rounds.push(reached.clone());
        let mut diagonal = -edits;
        while diagonal <= edits {
            let mut x = match edits {
                0 => 0,
                _ => {
                    let before = reached.before(diagonal, edits);
                    reached.get(before) + isize::from(before < diagonal)
                }
            };
            while is_same(x, x - diagonal) {
                x += 1;
            }
            reached.set(diagonal, x);
            if x == old_len && x - diagonal == new_len {
                return Some(way_back(&rounds, old_len, new_len));
            }
            diagonal += 2;
        }
    }
    None
}

/// Goes back from the end through what was reached before each edit.
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
