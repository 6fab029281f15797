//! Replacing flows by newer ones: a broken definition never replaces a good one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::name::Name;

use super::Entry;
use super::read::same;
use super::snapshot::{Authored, FlowSlot, Snapshot, SnapshotFile, signatures};

/// The older flows that are kept, by the names of the newer ones.
type Instead = BTreeMap<Name, Arc<Authored>>;

/// The flows of `newer`, but those of `older` where the older one was good and the newer one is broken. Also returns
/// the names of the kept ones, in order.
pub(super) fn merge(older: &Snapshot, newer: &Arc<Snapshot>) -> (Arc<Snapshot>, Vec<Name>) {
    let mut instead = Instead::new();
    for (name, place) in &newer.flows {
        if !newer.is_sound(&place.document)
            && let Some(good) = good_of(older, name)
        {
            instead.insert(name.clone(), good);
        }
    }
    let mut files = newer.files.clone();
    keep_hidden(older, newer, &mut files, &mut instead);
    if instead.is_empty() {
        return (Arc::clone(newer), Vec::new());
    }
    let mut kept: BTreeSet<Name> = instead.keys().cloned().collect();
    let mut snapshot = with(newer, files, &instead);
    // A new flow may fit only a broken one. Every round finds at least one more of these.
    loop {
        let misfits = misfits(newer, &snapshot, &instead);
        if misfits.is_empty() {
            return (Arc::new(snapshot), kept.into_iter().collect());
        }
        for (name, broken) in misfits {
            let good = good_of(older, &name);
            kept.extend(good.is_some().then(|| name.clone()));
            instead.insert(name, good.unwrap_or(broken));
        }
        snapshot = with(newer, snapshot.files, &instead);
    }
}

/// The flows of `newer`, with some of them replaced.
fn with(newer: &Snapshot, files: Vec<SnapshotFile>, instead: &Instead) -> Snapshot {
    let newer_flows = newer.flows.iter().map(|(name, place)| (name, &place.document));
    let mut documents: BTreeMap<&Name, &Arc<Authored>> = newer_flows.collect();
    documents.extend(instead);
    let place = |document: &Arc<Authored>| FlowSlot { document: Arc::clone(document), entry: OnceLock::new() };
    let flows = documents.into_iter().map(|(name, document)| (name.clone(), place(document))).collect();
    let signatures = signatures(&flows);
    Snapshot { files, flows, signatures, context: newer.context.clone(), scheduled: OnceLock::new() }
}

/// Flows that are sound in `newer` but not in `merged`: they give a flow attributes that its kept definition does not
/// have. As they are in `newer`.
fn misfits(newer: &Snapshot, merged: &Snapshot, instead: &Instead) -> Instead {
    let changed = merged.signatures_that_differ(newer);
    let mut misfits = Instead::new();
    for (name, place) in merged.flows.iter().filter(|(name, _)| !instead.contains_key(*name)) {
        let authored = &place.document;
        let starts = newer.checked(authored).0.as_ref().map_or(&[][..], |flow| &flow.starts);
        if starts.iter().any(|start| changed.contains(start)) {
            let checked = merged.check(&authored.document);
            if checked.0.is_none() {
                misfits.insert(name.clone(), Arc::new(authored.checked_as(checked)));
            }
        }
    }
    misfits
}

/// A flow, if it is good.
fn good_of(snapshot: &Snapshot, name: &Name) -> Option<Arc<Authored>> {
    match snapshot.get(name)? {
        Entry::Good(_) => snapshot.flows.get(name).map(|place| Arc::clone(&place.document)),
        Entry::Broken(_) => None,
    }
}

/// Keeps good flows whose file still exists, but is so broken that its flows cannot be recognised.
fn keep_hidden(older: &Snapshot, newer: &Snapshot, files: &mut [SnapshotFile], instead: &mut Instead) {
    let path_of = |file: &SnapshotFile| file.path.as_deref().map_or_else(|| PathBuf::from(file.source.name()), same);
    let unreadable = |file: &SnapshotFile| file.broken || file.names.is_empty();
    let mut hiding: HashMap<PathBuf, &mut SnapshotFile> =
        files.iter_mut().filter(|file| unreadable(file)).map(|file| (path_of(file), file)).collect();
    if hiding.is_empty() {
        return;
    }
    for old in &older.files {
        let Some(file) = hiding.get_mut(&path_of(old)) else { continue };
        for name in &old.names {
            if !newer.flows.contains_key(name)
                && let Some(good) = good_of(older, name)
            {
                instead.insert(name.clone(), good);
                file.names.push(name.clone());
            }
        }
    }
}
