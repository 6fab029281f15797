//! What a flow needs of whoever runs it, sub-tasks included.

use std::sync::Arc;

use crate::name::Name;

use super::Flow;

/// The capabilities that `flow` names, and those that the flows name which it starts by a literal name, and so on, as far
/// as `find` knows them. Each once, its own first.
pub(crate) fn uses_with_sub_flows(flow: &Flow, find: impl Fn(&str) -> Option<Arc<Flow>>) -> Vec<Name> {
    let mut uses = flow.uses.clone();
    let mut seen = vec![flow.name.clone()];
    let mut left = flow.starts.clone();
    while let Some(name) = left.pop() {
        if seen.contains(&name) {
            continue;
        }
        if let Some(started) = find(&name) {
            let more: Vec<Name> = started.uses.iter().filter(|name| !uses.contains(name)).cloned().collect();
            uses.extend(more);
            left.extend(started.starts.iter().cloned());
        }
        seen.push(name);
    }
    uses
}
