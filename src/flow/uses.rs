//! The capabilities that a flow needs, including those of its sub-tasks.

use std::sync::Arc;

use crate::name::Name;

use super::Flow;

/// The capabilities that `flow` lists, and those of the flows that it starts by a literal name, and so on, as far as
/// `find` knows them. Each once, the flow's own first.
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
