//! What to type next, as shown to the user.

use crate::flow::{Flow, uses_with_sub_flows};
use crate::library::Library;
use crate::name::Name;
use crate::quoted::quoted;
use crate::task::Task;

use super::session::{Running, Session};

/// The command of a worker without options.
const WORKER: &str = "opsflow worker";

impl Session {
    /// The command of a worker that can continue a task of `flow` and the sub-tasks it starts. A worker needs the same
    /// grants, so it repeats what was allowed here, and has placeholders for what was not. What `opsflow.yml` allows
    /// need not be repeated.
    pub(super) fn worker_for(&self, flow: &Flow, library: &Library) -> String {
        let uses = uses_with_sub_flows(flow, |name| library.get(name)?.into_result().ok());
        self.worker_allowed(&uses)
    }

    /// The same for a stored task, which may start flows that are no longer in any file.
    pub(super) async fn worker_for_task(&self, running: &Running, task: &Task) -> String {
        self.worker_allowed(&running.ops.uses_of(task).await.unwrap_or_default())
    }

    fn worker_allowed(&self, uses: &[Name]) -> String {
        let allow = &self.settings.allow;
        let is_granted = |name: &Name| allow.iter().any(|grant| capability(grant) == name.as_str());
        // The flag replaces everything that the file allows: with one, the rest must be repeated too.
        if !self.settings.allow_is_typed && uses.iter().all(is_granted) {
            return WORKER.to_owned();
        }
        let granted = allow.iter().filter(|grant| uses.iter().any(|name| capability(grant) == name.as_str()));
        let granted = granted.map(|grant| format!(" --allow {}", quoted(grant)));
        let missing = uses.iter().filter(|name| !is_granted(name)).map(|name| format!(" --allow {name}=…"));
        std::iter::once(WORKER.to_owned()).chain(granted).chain(missing).collect()
    }

    /// The command of a worker with everything that was allowed here.
    pub(super) fn worker(&self) -> String {
        let allow = if self.settings.allow_is_typed { self.settings.allow.as_slice() } else { &[] };
        let grants = allow.iter().map(|grant| format!(" --allow {}", quoted(grant)));
        std::iter::once(WORKER.to_owned()).chain(grants).collect()
    }
}

/// The capability that a grant is for.
fn capability(grant: &str) -> &str {
    grant.split('=').next().unwrap_or_default().trim()
}
