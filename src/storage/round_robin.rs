//! Turns: queues of the same priority are served one after the other, however much waits in one of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use crate::name::Name;

/// A queue at a priority. Higher priorities sort first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueKey {
    priority: Reverse<i32>,
    queue: Name,
}

impl QueueKey {
    /// The tasks of `queue` that have this priority.
    pub const fn new(priority: i32, queue: Name) -> Self {
        Self { priority: Reverse(priority), queue }
    }

    /// The priority.
    pub const fn priority(&self) -> i32 {
        self.priority.0
    }

    /// The queue.
    pub const fn queue(&self) -> &Name {
        &self.queue
    }
}

/// The due tasks of a queue, the longest due first: since when, and which.
pub type Ready<K> = VecDeque<(i64, K)>;

/// For each priority a line of its queues; a queue that was served moves to the end.
///
/// An adapter keeps one of these for all who claim, so that queues of the same priority are served one after the other,
/// call after call: [`line_up`](Self::line_up) with all queues that have due tasks, then [`pick`](Self::pick).
#[derive(Clone, Debug, Default)]
pub struct RoundRobin {
    last: u64,
    /// The place of each queue in its line: the lowest is served next.
    places: BTreeMap<QueueKey, u64>,
}

impl RoundRobin {
    /// Puts all queues in line: new ones at the end; queues that are gone leave it. `keys` is sorted.
    pub fn line_up<'a>(&mut self, keys: impl Iterator<Item = &'a QueueKey> + Clone) {
        if self.places.keys().eq(keys.clone()) {
            return;
        }
        self.last = self.last.saturating_add(1);
        let mut before = std::mem::take(&mut self.places);
        let place = |key: &QueueKey| (key.clone(), before.remove(key).unwrap_or(self.last));
        self.places = keys.map(place).collect();
    }

    /// Up to `limit` due tasks of `keys`, which are sorted. Higher priorities come first. Within a priority, queues
    /// take turns; of queues that have waited equally long, the one with the longest due task is first. `ready` returns
    /// up to the wanted number of tasks of one queue.
    pub fn pick<K, E>(
        &mut self,
        keys: &[QueueKey],
        limit: usize,
        mut ready: impl FnMut(&QueueKey, usize) -> Result<Ready<K>, E>,
    ) -> Result<Vec<K>, E> {
        let mut picked = Vec::new();
        for same in keys.chunk_by(|one, other| one.priority == other.priority) {
            let wanted = limit.saturating_sub(picked.len());
            if wanted == 0 {
                break;
            }
            let mut line = Vec::with_capacity(same.len());
            for key in same {
                let ready = ready(key, wanted)?;
                if let Some((since, _)) = ready.front() {
                    line.push((self.places.get(key).copied().unwrap_or_default(), *since, key, ready));
                }
            }
            line.sort_by_key(|(place, since, _, _)| (*place, *since));
            let line = line.into_iter().map(|(_, _, key, ready)| (key, ready)).collect();
            self.pick_same_priority(line, limit, &mut picked);
        }
        Ok(picked)
    }

    fn pick_same_priority<K>(&mut self, mut line: VecDeque<(&QueueKey, Ready<K>)>, limit: usize, picked: &mut Vec<K>) {
        while picked.len() < limit
            && let Some((queue, mut ready)) = line.pop_front()
        {
            let Some((_, key)) = ready.pop_front() else { continue };
            picked.push(key);
            self.last = self.last.saturating_add(1);
            if let Some(place) = self.places.get_mut(queue) {
                *place = self.last;
            }
            line.push_back((queue, ready));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// Serves queues that always have due tasks, one after the other.
    fn pick(round_robin: &mut RoundRobin, all: &[QueueKey], of: &[QueueKey], times: usize) -> String {
        let one = |key: &QueueKey, _| Ok::<_, Infallible>(Ready::from([(0, key.queue.clone())]));
        let mut picked = Vec::new();
        for _ in 0..times {
            round_robin.line_up(all.iter());
            picked.extend(round_robin.pick(of, 1, one).unwrap_or_default());
        }
        picked.join("")
    }

    fn keys(names: &str) -> Vec<QueueKey> {
        names.chars().map(|name| QueueKey::new(0, Name::new(name.to_string()))).collect()
    }

    #[test]
    fn all_who_ask_share_one_line() {
        let (mut round_robin, all) = (RoundRobin::default(), keys("abc"));
        assert_eq!(pick(&mut round_robin, &all, &all, 6), "abcabc");
        assert_eq!(pick(&mut round_robin, &all, &keys("ab"), 3), "aba");
        assert_eq!(pick(&mut round_robin, &all, &keys("b"), 1), "b");
        // Serving others in between does not cost c its turn.
        assert_eq!(pick(&mut round_robin, &all, &keys("bc"), 3), "cbc");
    }

    #[test]
    fn who_comes_late_stands_at_the_end() {
        let (mut round_robin, all) = (RoundRobin::default(), keys("abc"));
        assert_eq!(pick(&mut round_robin, &keys("bc"), &keys("bc"), 1), "b");
        assert_eq!(pick(&mut round_robin, &all, &all, 4), "cbac", "b was served before a came");
        round_robin.line_up(keys("b").iter());
        assert_eq!(round_robin.places.len(), 1);
        assert_eq!(pick(&mut round_robin, &all, &all, 3), "bac");
    }
}
