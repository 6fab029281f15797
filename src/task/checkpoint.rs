//! What is stored at once.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Digest as _;

use crate::clock::Timestamp;
use crate::name::Name;

use super::{Task, TaskId, Transition};

/// Bytes of a digest.
const BYTES: usize = 32;
/// Digits it is printed with.
const DIGITS: usize = 2 * BYTES;

/// A SHA-256 digest, printed as 64 hexadecimal digits. It stands inline, without a shared counter that threads would fight
/// over.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; BYTES]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// A digest that was printed before. Of a text that is none, its own digest, which nothing is known by.
    pub fn from_text(text: &str) -> Self {
        let digits = text.as_bytes();
        let half = |at: usize| char::from(*digits.get(at)?).to_digit(16);
        let mut bytes = [0; BYTES];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let (Some(high), Some(low)) = (half(2 * at), half(2 * at + 1)) else { return Self::of(text) };
            *byte = u8::try_from(high << 4 | low).unwrap_or_default();
        }
        if digits.len() == DIGITS { Self(bytes) } else { Self::of(text) }
    }

    /// Its digits.
    fn digits(&self) -> [u8; DIGITS] {
        let halves = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let mut digits = [b'0'; DIGITS];
        for (digit, half) in digits.iter_mut().zip(halves) {
            *digit = if half < 10 { b'0' + half } else { b'a' - 10 + half };
        }
        digits
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_text(&String::deserialize(deserializer)?))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.digits()).unwrap_or_default())
    }
}

/// Its first digits.
impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.to_string();
        f.write_str(digits.get(..12).unwrap_or_default())
    }
}

/// A definition as it is pinned: enough to check and run it again when its file has long changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Definition {
    /// The digest of `text`.
    pub digest: Digest,
    /// The flow's name.
    pub flow: Name,
    /// The flow's version.
    pub version: u32,
    /// The file it came from, as messages name it.
    pub file: String,
    /// The line of the file at which `text` begins, from 1.
    pub first_line: usize,
    /// The YAML document.
    pub text: Arc<str>,
}

/// Says that a task is found under a record outside.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct IndexEntry {
    /// The record's type.
    pub kind: Name,
    /// The record's id.
    pub id: Name,
    /// The attribute that names it.
    pub attribute: Name,
}

/// An interaction that was applied under an idempotency key, with what answers a repeat.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Applied {
    /// The caller's key.
    pub key: Name,
    /// The interaction.
    pub interaction: Name,
    /// The digest of its parameters: the same key with others is refused.
    pub params: Digest,
}

/// The right to advance a task, until its lease ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// The task.
    pub task_id: TaskId,
    /// Told apart from every other claim on it.
    pub token: uuid::Uuid,
    /// When it ends unless it is extended.
    pub until: Timestamp,
    /// For how long it was given, or last extended.
    pub lease: Duration,
}

impl Claim {
    /// A new claim on a task.
    pub fn new(task_id: TaskId, now: Timestamp, lease: Duration) -> Self {
        Self { task_id, token: uuid::Uuid::new_v4(), until: crate::clock::until(now, lease), lease }
    }
}

/// How far a flow's schedule has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scheduled {
    /// The flow.
    pub flow: Name,
    /// The rule by which it was computed: cron and time zone. Under another one it begins anew.
    pub rule: Name,
    /// Every run up to this moment was seen to.
    pub seen_until: Timestamp,
    /// The task that was started last, if any.
    pub task_id: Option<TaskId>,
}

/// What one commit stores, all or nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The task as it is now. Its revision is one more than the stored one must be; at 1 it must not be stored yet.
    pub task: Box<Task>,
    /// Its new history entries, in order.
    pub transitions: Vec<Transition>,
    /// The sub-tasks it starts, each at revision 1. One that is stored already is left as it is.
    pub sub_tasks: Vec<Task>,
    /// Under which records it is found from now on; none if nothing changed.
    pub index: Option<Vec<IndexEntry>>,
    /// The interaction that caused it, if it came with a key.
    pub applied: Option<Applied>,
    /// Definitions the task is pinned to, that may not be stored yet; one with the same digest is left as it is.
    pub definitions: Vec<Arc<Definition>>,
    /// The parent that is to be looked at, because this task ended.
    pub wakes: Option<TaskId>,
    /// How many wakes by sub-tasks this commit has seen, and clears.
    pub wakes_seen: u64,
    /// Until when the task is not looked at again because of its sub-tasks: looking took long, and more of them may end
    /// meanwhile. Its own time and whatever else happens to it come as ever.
    pub rests_until: Option<Timestamp>,
    /// Whether the steps of the body under way are done with.
    pub ends_journal: bool,
    /// The claim under which it is written, if the writer holds one.
    pub claim: Option<Claim>,
    /// Whether the claim ends with it.
    pub releases: bool,
    /// Whether it takes the task from whoever holds it, whose claim ends: a cancel does. Names no claim of its own.
    pub seizes: bool,
}

impl Checkpoint {
    /// Stores `task` as it is, and nothing else.
    pub const fn of(task: Box<Task>) -> Self {
        Self {
            task,
            transitions: Vec::new(),
            sub_tasks: Vec::new(),
            index: None,
            applied: None,
            definitions: Vec::new(),
            wakes: None,
            wakes_seen: 0,
            rests_until: None,
            ends_journal: false,
            claim: None,
            releases: false,
            seizes: false,
        }
    }
}
