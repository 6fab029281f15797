//! Checkpoints: what one commit stores.

use std::fmt;
use std::str::FromStr;
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

/// A SHA-256 digest, printed as 64 hexadecimal digits. It is held inline, without a shared counter that threads would
/// contend for.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; BYTES]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
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

/// A text that is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no digest: it must have {DIGITS} hexadecimal digits")]
pub struct InvalidDigest(String);

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let digits = text.as_bytes();
        let half = |at: usize| char::from(*digits.get(at)?).to_digit(16);
        let byte = |at: usize| u8::try_from(half(2 * at)? << 4 | half(2 * at + 1)?).ok();
        let invalid = || InvalidDigest(text.chars().take(DIGITS).collect());
        let mut bytes = [0; BYTES];
        for (at, place) in bytes.iter_mut().enumerate() {
            *place = byte(at).ok_or_else(invalid)?;
        }
        if digits.len() == DIGITS { Ok(Self(bytes)) } else { Err(invalid()) }
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
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

/// A pinned definition: enough to check and run it long after its file has changed.
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

/// An index entry: the task is found under an outside record.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct IndexEntry {
    /// The record's type.
    pub kind: Name,
    /// The record's id.
    pub id: Name,
    /// The attribute that names it.
    pub attribute: Name,
}

/// An interaction that was applied under an idempotency key, to recognise a repeat.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InteractionReceipt {
    /// The caller's key.
    pub key: Name,
    /// The interaction.
    pub interaction: Name,
    /// The digest of its parameters: the same key with other parameters is refused.
    pub params: Digest,
}

/// The right to advance a task, until the lease ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// The task.
    pub task_id: TaskId,
    /// Distinguishes this claim from every other on the task.
    pub token: uuid::Uuid,
    /// When it expires unless it is renewed.
    pub until: Timestamp,
    /// Its lease, as given or last renewed.
    pub lease: Duration,
}

impl Claim {
    /// A new claim on a task.
    pub fn new(task_id: TaskId, now: Timestamp, lease: Duration) -> Self {
        Self { task_id, token: uuid::Uuid::new_v4(), until: crate::clock::until(now, lease), lease }
    }
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
    /// The records under which it is found from now on; none if they have not changed.
    pub index: Option<Vec<IndexEntry>>,
    /// The interaction that caused it, if that came with a key.
    pub applied: Option<InteractionReceipt>,
    /// The definitions that the task is pinned to and that may not be stored yet. One with the same digest is left as
    /// it is.
    pub definitions: Vec<Arc<Definition>>,
    /// The parent to wake because this task ended.
    pub notify_parent: Option<TaskId>,
    /// How many wakes by sub-tasks this commit has seen and clears.
    pub acked_wakes: u64,
    /// Until when wakes by sub-tasks do not make the task due: reading them took long, and more may end meanwhile. Its
    /// own timer and everything else still do.
    pub not_before: Option<Timestamp>,
    /// Whether the body has ended and its steps are dropped.
    pub ends_journal: bool,
    /// The claim of the writer, if it holds one.
    pub claim: Option<Claim>,
    /// Whether this commit releases the claim.
    pub releases: bool,
    /// Whether it takes the task from its holder, whose claim ends: a cancel does. It names no claim of its own.
    pub steals_claim: bool,
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
            notify_parent: None,
            acked_wakes: 0,
            not_before: None,
            ends_journal: false,
            claim: None,
            releases: false,
            steals_claim: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_back_and_nothing_else_is() {
        let digest = Digest::of("a flow");
        assert_eq!(digest.to_string().parse(), Ok(digest.clone()));
        assert_eq!(serde_json::from_str::<Digest>(&format!("\"{digest}\"")).unwrap(), digest);
        for wrong in [String::new(), "0".repeat(63), "0".repeat(65), "g".repeat(64), format!("+{}", "0".repeat(63))] {
            assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
            assert!(serde_json::from_str::<Digest>(&format!("\"{wrong}\"")).is_err(), "{wrong}");
        }
    }
}
