//! Newer flows in place of older ones: a broken definition never replaces a good one.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::flow::Signature;
use crate::name::Name;

use super::Entry;
use super::read::same;
use super::shelf::{Place, Shelf, ShelfFile};

/// The flows of `newer`, with those of `older` that were good and are broken now. The names of the latter come with
/// them.
pub(super) fn merge(older: &Shelf, newer: &Shelf) -> (Shelf, Vec<Name>) {
    let mut kept = Vec::new();
    let mut files = newer.files.clone();
    let mut flows = std::collections::BTreeMap::new();
    for (name, place) in &newer.flows {
        let good = older.flows.get(name).filter(|_| !newer.is_sound(&place.document));
        let good = good.filter(|_| matches!(older.get(name), Some(Entry::Good(_))));
        if good.is_some() {
            kept.push(name.clone());
        }
        let document = Arc::clone(&good.unwrap_or(place).document);
        flows.insert(name.clone(), Place { document, entry: OnceLock::new() });
    }
    keep_hidden(older, &mut files, &mut flows, &mut kept);
    kept.sort();
    let documents = flows.values().map(|place| &place.document.document);
    let signatures = Arc::new(documents.filter_map(Signature::of).collect());
    (Shelf { files, flows, signatures, surroundings: newer.surroundings.clone(), scheduled: OnceLock::new() }, kept)
}

/// Keeps good flows whose file still stands, but cannot be read any more so far that they would be seen.
fn keep_hidden(
    older: &Shelf,
    files: &mut [ShelfFile],
    flows: &mut std::collections::BTreeMap<Name, Place>,
    kept: &mut Vec<Name>,
) {
    let path_of = |file: &ShelfFile| file.path.as_deref().map_or_else(|| PathBuf::from(file.source.name()), same);
    let unreadable = |file: &ShelfFile| file.broken || file.names.is_empty();
    let mut newer: HashMap<PathBuf, &mut ShelfFile> =
        files.iter_mut().filter(|file| unreadable(file)).map(|file| (path_of(file), file)).collect();
    for old in &older.files {
        let Some(file) = newer.get_mut(&path_of(old)) else { continue };
        for name in old.names.iter().filter(|name| !flows.contains_key(*name)).cloned().collect::<Vec<_>>() {
            let Some(Entry::Good(_)) = older.get(&name) else { continue };
            let Some(place) = older.flows.get(&name) else { continue };
            flows.insert(name.clone(), Place { document: Arc::clone(&place.document), entry: OnceLock::new() });
            file.names.push(name.clone());
            kept.push(name);
        }
    }
}
