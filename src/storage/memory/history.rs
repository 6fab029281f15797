//! The history of a task in little room: the entries of each commit are packed into one run of bytes. An entry takes some
//! 30 bytes and what its changes hold, where the structure takes 160 and memory of its own for each change.
//!
//! Long texts, lists and maps are shared rather than copied: an entry with one of them, with an error, with steps or with the
//! name of who asked for it is kept whole.

mod bytes;

use std::collections::BTreeMap;

use crate::clock::from_millis;
use crate::name::Name;
use crate::task::{Cause, Change, Changes, Transition};
use crate::value::Value;

use bytes::{Reader, Writer};

/// Histories shorter than this many bytes take exactly the room they need; longer ones grow by doubling.
const SHORT_HISTORY: usize = 4096;

/// The longest text that is copied.
const MAX_PACKED_TEXT: usize = 64;

/// Nanoseconds of a millisecond.
const NANOS_PER_MILLI: u32 = 1_000_000;

/// Bytes that most commits need.
const USUAL_BYTES: usize = 512;

/// The entry stands in `whole`.
const WHOLE: u8 = 1;
/// Its changes and steps were left out.
const OMITTED: u8 = 2;
/// It says by what.
const HAS_BY: u8 = 4;
/// It leaves the state that the entry before it has led to.
const FOLLOWS: u8 = 8;

/// Entries of a task in order, the first with number 1.
#[derive(Default)]
pub(super) struct History {
    /// For each commit how many entries it has, how many bytes they take, and those.
    packed: Vec<u8>,
    /// How many entries there are.
    count: u64,
    /// By number, those that are kept as they are.
    whole: Option<Box<Whole>>,
}

/// Entries as they are, by number. Most tasks have none.
#[derive(Default)]
struct Whole(BTreeMap<u64, Transition>);

/// The entries of one commit, packed.
pub(super) struct Burst {
    bytes: Box<[u8]>,
    count: u32,
    /// By their number in the burst, from 0.
    whole: Vec<(u32, Transition)>,
}

impl Burst {
    /// Packs entries, which follow each other.
    pub(super) fn of(entries: Vec<Transition>) -> Self {
        let mut writer = Writer::with_capacity(USUAL_BYTES);
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let mut whole_ones = Vec::new();
        if count > 0 {
            // How many bytes follow is known at the end.
            writer.number(count.into());
            let start = writer.room();
            let mut last = None;
            for (number, entry) in (0..count).zip(&entries) {
                let before = writer.len();
                if pack(entry, last, &mut writer).is_none() {
                    writer.truncate(before);
                    writer.byte(WHOLE);
                    whole_ones.push(number);
                }
                last = Some(&entry.to);
            }
            writer.fill_room(start);
        }
        let whole = if whole_ones.is_empty() {
            Vec::new()
        } else {
            (0..count).zip(entries).filter(|(number, _)| whole_ones.contains(number)).collect()
        };
        Self { bytes: writer.done(), count, whole }
    }

    /// How many entries it has.
    pub(super) const fn count(&self) -> u32 {
        self.count
    }
}

impl History {
    /// How many entries there are.
    pub(super) const fn len(&self) -> u64 {
        self.count
    }

    /// Adds the entries of a commit.
    pub(super) fn add(&mut self, burst: Burst) {
        let Burst { bytes, count, whole } = burst;
        for (number, entry) in whole {
            self.whole.get_or_insert_default().0.insert(self.count + u64::from(number) + 1, entry);
        }
        self.count += u64::from(count);
        if self.packed.is_empty() {
            self.packed = bytes.into_vec();
            return;
        }
        if self.packed.len() < SHORT_HISTORY {
            self.packed.reserve_exact(bytes.len());
        }
        self.packed.extend_from_slice(&bytes);
    }

    /// Up to `limit` entries after number `after`.
    pub(super) fn read(&self, after: u64, limit: usize) -> Vec<Transition> {
        let (mut reader, mut seq, mut found) = (Reader::new(&self.packed), 0, Vec::new());
        while let Some(count) = reader.number() {
            let Some(mut entries) = reader.part() else { break };
            if seq + count <= after {
                seq += count;
                continue;
            }
            let mut last = Name::default();
            for _ in 0..count {
                seq += 1;
                let Some(entry) = self.entry(seq, &last, &mut entries) else { return found };
                last.clone_from(&entry.to);
                if seq > after && found.len() < limit {
                    found.push(entry);
                }
            }
            if found.len() >= limit {
                break;
            }
        }
        found
    }

    /// The entry number `seq`; `last` is the state that the one before it has led to.
    fn entry(&self, seq: u64, last: &Name, reader: &mut Reader<'_>) -> Option<Transition> {
        let flags = reader.byte()?;
        if flags & WHOLE != 0 {
            return self.whole.as_ref()?.0.get(&seq).cloned();
        }
        let cause = *Cause::ALL.get(usize::from(reader.byte()?))?;
        let at = from_millis(reader.signed()?);
        let ms = reader.number()?;
        let from = if flags & FOLLOWS != 0 { last.clone() } else { reader.name()? };
        let to = reader.name()?;
        let by = if flags & HAS_BY != 0 { Some(reader.name()?) } else { None };
        let mut changes = Changes::new();
        for _ in 0..reader.number()? {
            let name = reader.name()?;
            let change = Change::Whole(reader.value()?, reader.value()?);
            changes.insert(name, change);
        }
        let omitted = flags & OMITTED != 0;
        let (error, steps, actor) = (None, Vec::new(), None);
        Some(Transition { seq, at, from, to, cause, by, actor, changes, error, steps, ms, omitted })
    }
}

/// None if the entry has to be kept whole. `last` is the state that the one before it has led to.
fn pack(entry: &Transition, last: Option<&Name>, writer: &mut Writer) -> Option<()> {
    let Transition { seq: _, at, from, to, cause, by, actor, changes, error, steps, ms, omitted } = entry;
    let has_more = error.is_some() || actor.is_some() || !steps.is_empty();
    if has_more || !at.timestamp_subsec_nanos().is_multiple_of(NANOS_PER_MILLI) {
        return None;
    }
    let follows = last == Some(from);
    let flag = |is: bool, flag: u8| if is { flag } else { 0 };
    let flags = flag(*omitted, OMITTED) | flag(by.is_some(), HAS_BY) | flag(follows, FOLLOWS);
    let cause = Cause::ALL.iter().position(|own| own == cause)?;
    writer.head(flags, u8::try_from(cause).ok()?, at.timestamp_millis());
    writer.number(*ms);
    if !follows {
        writer.name(from)?;
    }
    writer.name(to)?;
    if let Some(by) = by {
        writer.name(by)?;
    }
    writer.number(changes.len() as u64);
    for (name, change) in changes.iter() {
        let Change::Whole(old, new) = change else { return None };
        writer.name(name)?;
        value(old, writer)?;
        value(new, writer)?;
    }
    Some(())
}

/// None if the value has to be kept as it is.
fn value(value: &Value, writer: &mut Writer) -> Option<()> {
    match value {
        Value::Text(text) if text.len() > MAX_PACKED_TEXT => None,
        value => writer.value(value),
    }
}

#[cfg(test)]
mod tests;
