//! Whose turn it is: queues of one priority are served one after the other, however much waits in one of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use crate::name::Name;

/// Tasks of one queue and one priority. In their order, higher priorities come first.
pub(super) type Lane = (Reverse<i32>, Name);

/// What is due in a lane, the longest due first: since when, and what.
pub(super) type Ready<K> = VecDeque<(i64, K)>;

/// A line for each priority, in which its queues stand; one that was served goes to the end.
#[derive(Default)]
pub(super) struct Turns {
    last: u64,
    /// The place of each lane in its line: the lower, the sooner it is its turn.
    places: BTreeMap<Lane, u64>,
}

impl Turns {
    /// Lets all lanes there are stand in line: new ones at its end, those that are gone no more. `lanes` is in order.
    pub(super) fn line_up<'a>(&mut self, lanes: impl Iterator<Item = &'a Lane> + Clone) {
        if self.places.keys().eq(lanes.clone()) {
            return;
        }
        self.last = self.last.saturating_add(1);
        let mut before = std::mem::take(&mut self.places);
        let place = |lane: &Lane| (lane.clone(), before.remove(lane).unwrap_or(self.last));
        self.places = lanes.map(place).collect();
    }

    /// Up to `limit` of what is due in `lanes`, which are in order: higher priorities first, in each one of every lane
    /// in turn, and of lanes that have stood in line equally long first that with the longest due. `ready` gives up to
    /// as many as are wanted of one lane.
    pub(super) fn deal<K, E>(
        &mut self,
        lanes: &[Lane],
        limit: usize,
        mut ready: impl FnMut(&Lane, usize) -> Result<Ready<K>, E>,
    ) -> Result<Vec<K>, E> {
        let mut dealt = Vec::new();
        for same in lanes.chunk_by(|(one, _), (other, _)| one == other) {
            let wanted = limit.saturating_sub(dealt.len());
            if wanted == 0 {
                break;
            }
            let mut line = Vec::with_capacity(same.len());
            for lane in same {
                let ready = ready(lane, wanted)?;
                if let Some((since, _)) = ready.front() {
                    line.push((self.places.get(lane).copied().unwrap_or_default(), *since, lane, ready));
                }
            }
            line.sort_by_key(|(place, since, _, _)| (*place, *since));
            let line = line.into_iter().map(|(_, _, lane, ready)| (lane, ready)).collect();
            self.deal_line(line, limit, &mut dealt);
        }
        Ok(dealt)
    }

    fn deal_line<K>(&mut self, mut line: VecDeque<(&Lane, Ready<K>)>, limit: usize, dealt: &mut Vec<K>) {
        while dealt.len() < limit
            && let Some((lane, mut ready)) = line.pop_front()
        {
            let Some((_, key)) = ready.pop_front() else { continue };
            dealt.push(key);
            self.last = self.last.saturating_add(1);
            if let Some(place) = self.places.get_mut(lane) {
                *place = self.last;
            }
            line.push_back((lane, ready));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// Deals one after the other from lanes in which something is always due.
    fn deal(turns: &mut Turns, all: &[Lane], of: &[Lane], times: usize) -> String {
        let one = |lane: &Lane, _| Ok::<_, Infallible>(Ready::from([(0, lane.1.clone())]));
        let mut dealt = Vec::new();
        for _ in 0..times {
            turns.line_up(all.iter());
            dealt.extend(turns.deal(of, 1, one).unwrap_or_default());
        }
        dealt.join("")
    }

    fn lanes(names: &str) -> Vec<Lane> {
        names.chars().map(|name| (Reverse(0), Name::new(name.to_string()))).collect()
    }

    #[test]
    fn all_who_ask_share_one_line() {
        let (mut turns, all) = (Turns::default(), lanes("abc"));
        assert_eq!(deal(&mut turns, &all, &all, 6), "abcabc");
        assert_eq!(deal(&mut turns, &all, &lanes("ab"), 3), "aba");
        assert_eq!(deal(&mut turns, &all, &lanes("b"), 1), "b");
        // Whoever serves others in between does not lose c its turn.
        assert_eq!(deal(&mut turns, &all, &lanes("bc"), 3), "cbc");
    }

    #[test]
    fn who_comes_late_stands_at_the_end() {
        let (mut turns, all) = (Turns::default(), lanes("abc"));
        assert_eq!(deal(&mut turns, &lanes("bc"), &lanes("bc"), 1), "b");
        assert_eq!(deal(&mut turns, &all, &all, 4), "cbac", "b was served before a came");
        turns.line_up(lanes("b").iter());
        assert_eq!(turns.places.len(), 1);
        assert_eq!(deal(&mut turns, &all, &all, 3), "bac");
    }
}
