//! Keys by a moment. Most come in the order of time and are appended; the others go into an ordered set beside.

use std::collections::{BTreeSet, VecDeque};

use super::kept::Key;

/// A moment in milliseconds, and the key of a row.
pub(super) type At = (i64, Key);

/// Keys by a moment, in order.
#[derive(Default)]
pub(super) struct ByTime {
    /// Those that came in order.
    appended: VecDeque<Appended>,
    /// How many of them are removed. They stay until they are first, or are half of all.
    removed: usize,
    /// Those that came out of order.
    others: BTreeSet<At>,
}

struct Appended {
    at: i64,
    key: Key,
    is_removed: bool,
}

impl Appended {
    const fn place(&self) -> At {
        (self.at, self.key)
    }
}

impl ByTime {
    pub(super) fn insert(&mut self, at: i64, key: Key) {
        if self.appended.back().is_none_or(|last| last.place() < (at, key)) {
            self.appended.push_back(Appended { at, key, is_removed: false });
        } else {
            self.others.insert((at, key));
        }
    }

    pub(super) fn remove(&mut self, at: i64, key: Key) {
        if self.others.remove(&(at, key)) {
            return;
        }
        let place = self.appended.partition_point(|appended| appended.place() < (at, key));
        let found = self.appended.get_mut(place).filter(|found| found.place() == (at, key) && !found.is_removed);
        let Some(found) = found else { return };
        found.is_removed = true;
        self.removed += 1;
        while self.appended.pop_front_if(|first| first.is_removed).is_some() {
            self.removed -= 1;
        }
        if self.removed > self.appended.len() / 2 {
            self.appended.retain(|appended| !appended.is_removed);
            self.removed = 0;
        }
    }

    /// Those up to `until`, the earliest first.
    pub(super) fn up_to(&self, until: At) -> impl Iterator<Item = At> {
        let end = self.appended.partition_point(|appended| appended.place() <= until);
        merged(alive(self.appended.range(..end)), self.others.range(..=until).copied(), |a, b| a < b)
    }

    /// Those from `since` to `until`, the latest first.
    pub(super) fn latest_first(&self, since: At, until: At) -> impl Iterator<Item = At> {
        let end = self.appended.partition_point(|appended| appended.place() <= until);
        let start = self.appended.partition_point(|appended| appended.place() < since).min(end);
        let others = self.others.range(since.min(until)..=until).rev().copied();
        merged(alive(self.appended.range(start..end).rev()), others, |a, b| a > b)
    }
}

fn alive<'a>(appended: impl Iterator<Item = &'a Appended>) -> impl Iterator<Item = At> {
    appended.filter(|appended| !appended.is_removed).map(Appended::place)
}

/// Two sequences as one, each time the one that `is_next` of the two.
fn merged(
    a: impl Iterator<Item = At>,
    b: impl Iterator<Item = At>,
    is_next: impl Fn(&At, &At) -> bool,
) -> impl Iterator<Item = At> {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    std::iter::from_fn(move || match (a.peek(), b.peek()) {
        (Some(first), Some(second)) if is_next(second, first) => b.next(),
        (Some(_), _) => a.next(),
        (None, _) => b.next(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_an_ordered_set(changes in proptest::collection::vec((any::<bool>(), 0_i64..20, 1_u64..6), 0..80)) {
            let (mut ours, mut plain) = (ByTime::default(), BTreeSet::new());
            for (adds, at, key) in changes {
                if adds && plain.insert((at, key)) {
                    ours.insert(at, key);
                } else if !adds && plain.remove(&(at, key)) {
                    ours.remove(at, key);
                }
                for (since, until) in [((0, 0), (99, 0)), ((5, 0), (12, 3)), ((9, 0), (4, 0))] {
                    let given: Vec<At> = ours.latest_first(since, until).collect();
                    let right: Vec<At> = plain.range(since.min(until)..=until).rev().copied().collect();
                    prop_assert_eq!(given, if since > until { Vec::new() } else { right });
                }
                let given: Vec<At> = ours.up_to((10, 2)).collect();
                prop_assert_eq!(given, plain.range(..=(10, 2)).copied().collect::<Vec<At>>());
            }
        }
    }
}
