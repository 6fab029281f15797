//! The builder of an [`Opsflow`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
#[cfg(feature = "watch")]
use std::sync::Mutex;
use std::time::Duration;

use crate::clock::Clock;
use crate::diagnostic::has_errors;
use crate::error::Error;
use crate::executor::{Background, Inline};
use crate::expression::Limits;
use crate::flow::CheckContext;
use crate::host::{Capability, Grants, Host, IntoEffect, IntoFunction, Machine};
use crate::library::Library;
#[cfg(feature = "watch")]
use crate::library::Reload;
use crate::name::Name;
use crate::runner::{Event, FEED_KEEP, LEASE, MIN_LEASE, Observer, Parts, Runner, WorkerConfig};
use crate::storage::{Memory, Storage};

#[cfg(feature = "watch")]
use super::watch::{ReloadObserver, watch};
use super::{Inner, Opsflow, job};

/// Builds an [`Opsflow`].
#[derive(Default)]
pub struct Builder {
    paths: Vec<PathBuf>,
    library: Option<Library>,
    storage: Option<Arc<dyn Storage>>,
    machine: Machine,
    host: Option<Arc<dyn Host>>,
    limits: Limits,
    every_state: bool,
    observer: Option<Observer>,
    background: Option<WorkerConfig>,
    leaves_sub_tasks: bool,
    lease: Option<Duration>,
    feed_keep: Option<Duration>,
    #[cfg(feature = "watch")]
    watch: bool,
    #[cfg(feature = "watch")]
    reload_observer: Option<ReloadObserver>,
}

impl Builder {
    /// Loads the flows of a folder (not searched in depth) or of a file; may be repeated, and all are checked together. A
    /// broken file is reported when one of its flows is asked for; a folder or file that cannot be read is an error here.
    pub fn flows(mut self, path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let (_, findings) = Library::open(&[path], &CheckContext::default());
        if has_errors(&findings) {
            return Err(Error::Definition(findings));
        }
        self.paths.push(path.to_owned());
        Ok(self)
    }

    /// Uses these live flows instead of any that were loaded. They must have been checked with the functions of the
    /// host that runs them.
    #[must_use]
    pub fn library(mut self, library: Library) -> Self {
        self.library = Some(library);
        self
    }

    /// Keeps tasks in `storage`.
    #[must_use]
    pub fn storage(mut self, storage: impl Storage + 'static) -> Self {
        self.storage = Some(Arc::new(storage));
        self
    }

    /// Performs steps with `host` instead of the default [`Machine`]. Settings for that one (clock, grants, functions,
    /// effects, capabilities) have no effect then.
    #[must_use]
    pub fn host(mut self, host: impl Host + 'static) -> Self {
        self.host = Some(Arc::new(host));
        self
    }

    /// Takes the time from `clock`.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.machine = self.machine.clock(clock);
        self
    }

    /// Grants these capabilities and nothing else.
    #[must_use]
    pub fn grants(mut self, grants: Grants) -> Self {
        self.machine = self.machine.grants(grants);
        self
    }

    /// Lets a call without a grant fail with kind `denied`. By default its task stays due, for a process that has the
    /// grant.
    #[must_use]
    pub fn denied_fails(mut self, yes: bool) -> Self {
        self.machine = self.machine.denied_fails(yes);
        self
    }

    /// Leaves sub-tasks due for workers, as with a [`background`](Self::background), but without one.
    #[cfg(feature = "cli")]
    #[must_use]
    pub(crate) fn leaves_sub_tasks(mut self) -> Self {
        self.leaves_sub_tasks = true;
        self
    }

    /// Adds a function that computes from its arguments alone; it may run again.
    #[must_use]
    pub fn function<Args>(mut self, name: impl Into<Name>, function: impl IntoFunction<Args>) -> Self {
        self.machine = self.machine.function(name, function);
        self
    }

    /// Adds a function that reaches outside: each call is a durable step.
    #[must_use]
    pub fn effect<Args>(mut self, name: impl Into<Name>, effect: impl IntoEffect<Args>) -> Self {
        self.machine = self.machine.effect(name, effect);
        self
    }

    /// Adds a capability, or replaces `http`, `shell`, `files` or `env`. Adding a capability grants it.
    #[must_use]
    pub fn capability(mut self, capability: impl Capability + 'static) -> Self {
        self.machine = self.machine.capability(capability);
        self
    }

    /// Bounds scripts by `limits`.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Stores a checkpoint after each state, instead of one per burst of pure states.
    #[must_use]
    pub fn checkpoint_every_state(mut self, yes: bool) -> Self {
        self.every_state = yes;
        self
    }

    /// Calls `observer` for each [`Event`] after it was stored: the events of one task in order, those of concurrent
    /// tasks interleaved.
    #[must_use]
    pub fn on_event(mut self, observer: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Runs due tasks, sub-tasks included, in the background: from [`build`](Self::build), which must then be called
    /// within a tokio runtime, until [`shutdown`](Opsflow::shutdown) or until the last clone of the [`Opsflow`] is
    /// dropped. `work` says how many run at a time; a flow may override where its tasks run (`runs_on`).
    #[must_use]
    pub fn background(mut self, work: WorkerConfig) -> Self {
        self.background = Some(work);
        self
    }

    /// Sets the lease of this instance's claims: 30 seconds by default, one second at least. While a step runs, its
    /// claim is renewed every third of the lease. If this process dies, its tasks are taken up after the lease; if it
    /// stalls for longer than that, it loses them to others.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = Some(lease.max(MIN_LEASE));
        self
    }

    /// Keeps [events](Opsflow::events) for `keep`: 7 days by default. Workers and [`run_due`](Opsflow::run_due) delete
    /// older ones.
    #[must_use]
    pub fn feed_keep(mut self, keep: Duration) -> Self {
        self.feed_keep = Some(keep);
        self
    }

    /// Reads the flows again whenever their files change, as [`Library::reload`] does, until
    /// [`shutdown`](Opsflow::shutdown) or until the last clone of the [`Opsflow`] is dropped. A reload takes a few
    /// milliseconds on a thread of its own, 20 to 200 milliseconds after a save. A flow that is broken on disk keeps
    /// its last good definition, and tasks in flight keep theirs. Reloads are logged: what changed, and the errors
    /// because of which flows were not replaced.
    #[cfg(feature = "watch")]
    #[must_use]
    pub fn watch(mut self, yes: bool) -> Self {
        self.watch = yes;
        self
    }

    /// Calls `observer` after each reload of [watched](Self::watch) flows that changed something. Reloads do not
    /// overlap: the next one begins after it returns.
    #[cfg(feature = "watch")]
    #[must_use]
    pub fn on_reload(mut self, observer: impl Fn(&Reload) + Send + Sync + 'static) -> Self {
        self.reload_observer = Some(Arc::new(observer));
        self
    }

    /// Builds it.
    pub async fn build(self) -> Result<Opsflow, Error> {
        let Self {
            paths,
            library,
            storage,
            machine,
            host,
            limits,
            every_state,
            observer,
            background,
            lease,
            feed_keep,
            leaves_sub_tasks,
            ..
        } = self;
        let host = host.unwrap_or_else(|| Arc::new(machine));
        let library = match library {
            Some(library) => library,
            None => {
                let context = CheckContext { functions: host.functions(), limits: limits.clone() };
                let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
                let (library, findings) = Library::open(&paths, &context);
                if has_errors(&findings) {
                    return Err(Error::Definition(findings));
                }
                library
            }
        };
        #[cfg(feature = "watch")]
        let watcher = self.watch.then(|| watch(&library, self.reload_observer)).transpose()?;
        let storage = storage.unwrap_or_else(|| Arc::new(Memory::new()));
        let has_background = background.is_some() || leaves_sub_tasks;
        let (lease, feed_keep) = (lease.unwrap_or(LEASE), feed_keep.unwrap_or(FEED_KEEP));
        let parts = Parts { storage, host, library, limits, every_state, observer, has_background, lease, feed_keep };
        let (runner, executor) = (Arc::new(Runner::new(parts)), Arc::new(Inline));
        let job = job(&runner, executor.clone());
        let background = background.map(|work| Background::start(&runner, work, job)).transpose()?;
        Ok(Opsflow(Arc::new(Inner {
            runner,
            executor,
            background,
            #[cfg(feature = "watch")]
            watcher: Mutex::new(watcher),
        })))
    }
}
