//! The bounds, checked where something grows.

use std::sync::Arc;
use std::time::Instant;

use crate::value::{MAX_VALUE_BYTES, MAX_VALUE_DEPTH, Value};

use super::super::code::At;
use super::super::{Failure, MAX_KIND_BYTES};
use super::interrupt::limit;
use super::{Eval, Interrupt, Machine, Operand};

/// The clock is read once in this many operations.
const OPERATIONS_PER_LOOK: u64 = 1024;

/// Bytes of text, or of lists and maps, that cost one operation to build. So operations bound what a script can hold.
pub(in super::super) const BYTES_PER_OPERATION: usize = 64;

/// Bytes of text that cost one operation to read.
pub(in super::super) const BYTES_READ_PER_OPERATION: usize = 256;

/// Bytes of a value that cost one operation to weigh.
pub(in super::super) const BYTES_WEIGHED_PER_OPERATION: usize = 256;

/// Bytes of an item of a list, and of an entry of a map.
const ITEM_BYTES: usize = 24;
const ENTRY_BYTES: usize = 64;

/// Items and entries that cost one operation to iterate.
const ITEMS_PER_OPERATION: usize = 8;

/// Operations of all runs of one body, which runs again after each of its calls.
const MAX_REPEATED_OPERATIONS: u64 = 25_000_000;

/// Bytes of the thread's stack that a script may use. Threads of async runtimes usually have two million.
const MAX_STACK_BYTES: usize = 1_000_000;

/// Approximately the current position of the thread's stack.
pub(super) fn stack_address() -> usize {
    let here = 0u8;
    std::ptr::from_ref(&here).addr()
}

/// The total size of a value, at every depth.
#[derive(Default)]
struct Size {
    items: usize,
    entries: usize,
}

impl Machine<'_> {
    /// Counts an operation.
    #[inline]
    pub(super) fn count(&mut self, at: At) -> Eval<()> {
        self.left = self.left.wrapping_sub(1);
        if self.left >= u64::MAX / 2 || self.left.is_multiple_of(OPERATIONS_PER_LOOK) {
            return self.look().map_err(|stop| self.placed(stop, at));
        }
        Ok(())
    }

    /// Counts `operations` at once.
    pub(in super::super) fn charge(&mut self, operations: usize) -> Eval<()> {
        let before = self.left / OPERATIONS_PER_LOOK;
        self.left = self.left.saturating_sub(u64::try_from(operations).unwrap_or(u64::MAX));
        if self.left == 0 || self.left / OPERATIONS_PER_LOOK != before { self.look() } else { Ok(()) }
    }

    #[cold]
    fn look(&mut self) -> Eval<()> {
        let limits = self.limits();
        if self.left == 0 || self.left >= u64::MAX / 2 {
            self.left = 0;
            return Err(limit("the script needs too many operations", limits.max_operations, "max_operations"));
        }
        let started = *self.started.get_or_insert_with(Instant::now);
        if started.elapsed() > limits.max_wall_time {
            let bound = format!("{} ms", limits.max_wall_time.as_millis());
            return Err(limit("the script takes too long", bound, "max_wall_time"));
        }
        Ok(())
    }

    /// Checks whether a body may be interrupted by one more call. After that is performed, everything before it runs
    /// again. So the cost of all repeats follows from the operations before each call, and is the same whenever the
    /// body runs.
    pub(super) fn may_repeat(&mut self) -> Eval<()> {
        let used = self.limits().max_operations.saturating_sub(self.left);
        self.repeated = self.repeated.saturating_add(used);
        if self.repeated > MAX_REPEATED_OPERATIONS {
            let what = "the body runs again after each of its calls, and that needs too many operations in all: \
                        call less in one body, in several states or sub-tasks";
            return Err(limit(what, MAX_REPEATED_OPERATIONS, "MAX_REPEATED_OPERATIONS"));
        }
        Ok(())
    }

    /// Checks whether calls may be nested one level deeper.
    pub(super) fn may_call(&self) -> Eval<()> {
        let most = self.limits().max_call_depth;
        if self.frames.len() > most || self.stack_mark.abs_diff(stack_address()) > MAX_STACK_BYTES {
            return Err(limit("too many calls within each other", most, "max_call_depth"));
        }
        Ok(())
    }

    /// Checks whether a text of `bytes` may be built.
    pub(in super::super) fn may_hold_text(&mut self, bytes: usize) -> Eval<()> {
        self.may_grow_text(bytes, bytes)
    }

    /// Checks whether a text may grow by `more` to `bytes`.
    pub(in super::super) fn may_grow_text(&mut self, bytes: usize, more: usize) -> Eval<()> {
        let most = self.limits().max_string_bytes;
        if bytes > most {
            return Err(limit("a text has too many bytes", most, "max_string_bytes"));
        }
        if more < BYTES_PER_OPERATION { Ok(()) } else { self.charge_bytes(more) }
    }

    /// Charges for the bytes of something that is built.
    pub(in super::super) fn charge_bytes(&mut self, bytes: usize) -> Eval<()> {
        self.charge(bytes / BYTES_PER_OPERATION)
    }

    /// Charges for reading a text.
    pub(in super::super) fn charge_reading(&mut self, bytes: usize) -> Eval<()> {
        if bytes < BYTES_READ_PER_OPERATION { Ok(()) } else { self.charge(bytes / BYTES_READ_PER_OPERATION) }
    }

    /// Charges for building a list.
    pub(in super::super) fn charge_items(&mut self, items: usize) -> Eval<()> {
        self.charge_bytes(items.saturating_mul(ITEM_BYTES))
    }

    /// Charges for building a map.
    pub(in super::super) fn charge_entries(&mut self, entries: usize) -> Eval<()> {
        self.charge_bytes(entries.saturating_mul(ENTRY_BYTES))
    }

    /// Charges for the copy that a change makes of a shared list or map.
    pub(in super::super) fn charge_copy(&mut self, value: &Value) -> Eval<()> {
        match value {
            Value::List(items) if Arc::strong_count(items) > 1 => self.charge_items(items.len()),
            Value::Map(map) if Arc::strong_count(map) > 1 => self.charge_entries(map.len()),
            _ => Ok(()),
        }
    }

    /// Checks whether a value may leave the script: to be kept in an attribute, passed on, logged, thrown or returned.
    pub(in super::super) fn may_leave(&mut self, value: &Value, what: &str) -> Eval<()> {
        // What costs nothing need not be weighed.
        if value.is_surely_within(BYTES_WEIGHED_PER_OPERATION - 1) {
            return Ok(());
        }
        self.weigh_leaving(value, what).map(drop)
    }

    /// The same. Returns its weight.
    pub(in super::super) fn weigh_leaving(&mut self, value: &Value, what: &str) -> Eval<usize> {
        let Some(bytes) = value.weight(MAX_VALUE_BYTES) else {
            self.charge(MAX_VALUE_BYTES / BYTES_WEIGHED_PER_OPERATION)?;
            let what = format!("{what} takes too many bytes, each part counted as often as it occurs");
            return Err(limit(&what, MAX_VALUE_BYTES, "MAX_VALUE_BYTES"));
        };
        if bytes >= BYTES_WEIGHED_PER_OPERATION {
            self.charge(bytes / BYTES_WEIGHED_PER_OPERATION)?;
        }
        Ok(bytes)
    }

    /// Checks whether an error may be of this kind.
    pub(super) fn may_be_kind(&self, kind: &str) -> Eval<()> {
        if kind.len() > MAX_KIND_BYTES {
            return Err(Box::new(Interrupt::Limit(Failure::kind_too_long())));
        }
        Ok(())
    }

    /// Checks whether a list may have `items`.
    pub(in super::super) fn may_hold_items(&mut self, items: usize) -> Eval<()> {
        let most = self.limits().max_list_items;
        if items > most {
            return Err(limit("a list has too many items", most, "max_list_items"));
        }
        Ok(())
    }

    /// Checks whether a map may have `entries`.
    pub(in super::super) fn may_hold_entries(&mut self, entries: usize) -> Eval<()> {
        let most = self.limits().max_map_entries;
        if entries > most {
            return Err(limit("a map has too many entries", most, "max_map_entries"));
        }
        Ok(())
    }

    /// A text, if it is not too long.
    pub(in super::super) fn text(&mut self, text: String) -> Eval {
        self.may_hold_text(text.len())?;
        Ok(Operand::Value(Value::Text(text.into())))
    }

    /// A list, if it is not too large.
    pub(in super::super) fn list(&mut self, items: Vec<Value>) -> Eval {
        self.charge_items(items.len())?;
        let list = Value::list(items);
        self.check(&list, 0)?;
        Ok(Operand::Value(list))
    }

    /// Checks the size of a value at every depth. It is nested `depth` deep in another.
    pub(in super::super) fn check(&mut self, value: &Value, depth: usize) -> Eval<()> {
        if let Value::List(_) | Value::Map(_) = value {
            self.measure(value, depth, &mut Size::default())?;
        }
        Ok(())
    }

    fn measure(&mut self, value: &Value, depth: usize, size: &mut Size) -> Eval<()> {
        if depth >= MAX_VALUE_DEPTH {
            return Err(too_deep());
        }
        match value {
            Value::List(items) => {
                size.items = size.items.saturating_add(items.len());
                self.may_hold_items(size.items)?;
                self.charge(items.len() / ITEMS_PER_OPERATION)?;
                items.iter().filter(|v| is_container(v)).try_for_each(|item| self.measure(item, depth + 1, size))
            }
            Value::Map(map) => {
                size.entries = size.entries.saturating_add(map.len());
                self.may_hold_entries(size.entries)?;
                self.charge(map.len() / ITEMS_PER_OPERATION)?;
                map.values().filter(|v| is_container(v)).try_for_each(|item| self.measure(item, depth + 1, size))
            }
            _ => Ok(()),
        }
    }
}

/// The limit of lists and maps within each other.
pub(in super::super) fn too_deep() -> Box<Interrupt> {
    limit("lists and maps are nested too deep", MAX_VALUE_DEPTH, "MAX_VALUE_DEPTH")
}

fn is_container(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Map(_))
}
