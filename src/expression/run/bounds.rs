//! The bounds, kept where something grows.

use std::time::Instant;

use crate::value::{MAX_VALUE_DEPTH, Value};

use super::super::code::At;
use super::stop::limit;
use super::{Machine, Operand, Run};

/// The clock is looked at once in so many operations.
const OPERATIONS_PER_LOOK: u64 = 1024;

/// Bytes of text that cost as much as one operation to make.
const BYTES_PER_OPERATION: usize = 64;

/// Items and entries that cost as much as one operation to go through.
const ITEMS_PER_OPERATION: usize = 8;

/// Bytes of the thread's stack that a script may use. Threads of async runtimes have two million, mostly.
const MAX_STACK_BYTES: usize = 1_000_000;

/// About where the thread's stack stands.
pub(super) fn stack_address() -> usize {
    let here = 0u8;
    std::ptr::from_ref(&here).addr()
}

/// What a value holds, all the way down.
#[derive(Default)]
struct Size {
    items: usize,
    entries: usize,
}

impl Machine<'_> {
    /// Counts an operation.
    #[inline]
    pub(super) fn count(&mut self, at: At) -> Run<()> {
        self.left = self.left.wrapping_sub(1);
        if self.left >= u64::MAX / 2 || self.left.is_multiple_of(OPERATIONS_PER_LOOK) {
            return self.look().map_err(|stop| self.placed(stop, at));
        }
        Ok(())
    }

    /// Counts `operations` at once.
    pub(in super::super) fn charge(&mut self, operations: usize) -> Run<()> {
        let before = self.left / OPERATIONS_PER_LOOK;
        self.left = self.left.saturating_sub(u64::try_from(operations).unwrap_or(u64::MAX));
        if self.left == 0 || self.left / OPERATIONS_PER_LOOK != before { self.look() } else { Ok(()) }
    }

    #[cold]
    fn look(&mut self) -> Run<()> {
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

    /// Whether one more call within the others is allowed.
    pub(super) fn may_call(&self) -> Run<()> {
        let most = self.limits().max_call_depth;
        if self.frames.len() > most || self.stack_mark.abs_diff(stack_address()) > MAX_STACK_BYTES {
            return Err(limit("too many calls within each other", most, "max_call_depth"));
        }
        Ok(())
    }

    /// Whether a text of `bytes` may be made.
    pub(in super::super) fn may_hold_text(&mut self, bytes: usize) -> Run<()> {
        let most = self.limits().max_string_bytes;
        if bytes > most {
            return Err(limit("a text has too many bytes", most, "max_string_bytes"));
        }
        self.charge(bytes / BYTES_PER_OPERATION)
    }

    /// Whether a list may have `items`.
    pub(in super::super) fn may_hold_items(&mut self, items: usize) -> Run<()> {
        let most = self.limits().max_list_items;
        if items > most {
            return Err(limit("a list has too many items", most, "max_list_items"));
        }
        Ok(())
    }

    /// Whether a map may have `entries`.
    pub(in super::super) fn may_hold_entries(&mut self, entries: usize) -> Run<()> {
        let most = self.limits().max_map_entries;
        if entries > most {
            return Err(limit("a map has too many entries", most, "max_map_entries"));
        }
        Ok(())
    }

    /// A text, if it is not too long.
    pub(in super::super) fn text(&mut self, text: String) -> Run {
        self.may_hold_text(text.len())?;
        Ok(Operand::Value(Value::Text(text.into())))
    }

    /// A list, if it is not too large.
    pub(in super::super) fn list(&mut self, items: Vec<Value>) -> Run {
        let list = Value::list(items);
        self.check(&list, 0)?;
        Ok(Operand::Value(list))
    }

    /// Checks what a value holds, all the way down. It stands `depth` deep in another.
    pub(in super::super) fn check(&mut self, value: &Value, depth: usize) -> Run<()> {
        if let Value::List(_) | Value::Map(_) = value {
            self.measure(value, depth, &mut Size::default())?;
        }
        Ok(())
    }

    fn measure(&mut self, value: &Value, depth: usize, size: &mut Size) -> Run<()> {
        if depth >= MAX_VALUE_DEPTH {
            return Err(limit("lists and maps are nested too deep", MAX_VALUE_DEPTH, "MAX_VALUE_DEPTH"));
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

fn is_container(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Map(_))
}
