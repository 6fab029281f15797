//! Turns: queues of the same priority are served one after the other, however much waits in one of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use crate::name::Name;

/// A queue and a priority. Higher priorities sort first.
pub(super) type Lane = (Reverse<i32>, Name);

/// The due tasks of a lane, the longest due first: since when, and which.
pub(super) type Ready<K> = VecDeque<(i64, K)>;

/// For each priority a line of its queues; a queue that was served moves to the end.
#[derive(Default)]
pub(super) struct Turns {
    last: u64,
    /// The place of each lane in its line: the lowest is served next.
    places: BTreeMap<Lane, u64>,
}

impl Turns {
    /// Puts all lanes in line: new ones at the end; lanes that are gone leave it. `lanes` is sorted.
    pub(super) fn line_up<'a>(&mut self, lanes: impl Iterator<Item = &'a Lane> + Clone) {
        if self.places.keys().eq(lanes.clone()) {
            return;
        }
        self.last = self.last.saturating_add(1);
        let mut before = std::mem::take(&mut self.places);
        let place = |lane: &Lane| (lane.clone(), before.remove(lane).unwrap_or(self.last));
        self.places = lanes.map(place).collect();
    }

    /// Up to `limit` due tasks of `lanes`, which are sorted. Higher priorities come first. Within a priority, lanes
    /// take turns; of lanes that have waited equally long, the one with the longest due task is first. `ready` returns
    /// up to the wanted number of tasks of one lane.
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

    /// Serves lanes that always have due tasks, one after the other.
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
        // Serving others in between does not cost c its turn.
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
