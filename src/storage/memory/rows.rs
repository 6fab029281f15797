//! The rows by key. Keys are sequential, so neighbours are kept together: a new row costs a place in the newest chunk, and
//! not a distant one in a large table.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::kept::{Key, Row, Spread};

/// Rows of a chunk. So few that a single one which is left does not keep much.
const CHUNK: usize = 4;

#[derive(Default)]
pub(super) struct Rows(HashMap<u64, Box<Chunk>, BuildHasherDefault<Spread>>);

#[derive(Default)]
struct Chunk {
    rows: [Option<Row>; CHUNK],
    count: usize,
}

/// The chunk of a key, and the place in it.
const fn place(key: Key) -> (u64, usize) {
    (key / CHUNK as u64, (key % CHUNK as u64) as usize)
}

impl Rows {
    pub(super) fn get(&self, key: Key) -> Option<&Row> {
        let (chunk, at) = place(key);
        self.0.get(&chunk)?.rows.get(at)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, key: Key) -> Option<&mut Row> {
        let (chunk, at) = place(key);
        self.0.get_mut(&chunk)?.rows.get_mut(at)?.as_mut()
    }

    pub(super) fn insert(&mut self, key: Key, row: Row) {
        let (chunk, at) = place(key);
        let chunk = self.0.entry(chunk).or_default();
        if let Some(place) = chunk.rows.get_mut(at) {
            chunk.count += usize::from(place.is_none());
            *place = Some(row);
        }
    }

    pub(super) fn remove(&mut self, key: Key) -> Option<Row> {
        let (number, at) = place(key);
        let chunk = self.0.get_mut(&number)?;
        let row = chunk.rows.get_mut(at)?.take()?;
        chunk.count -= 1;
        if chunk.count == 0 {
            self.0.remove(&number);
        }
        Some(row)
    }
}
