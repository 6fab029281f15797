//! Live flows that reload themselves.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::error::Error;
use crate::library::{ChangedFiles, Library, Reload, WatchError, Watcher};
use crate::name::Name;

/// How many errors of one reload are logged.
const MAX_LOGGED: usize = 20;

/// Called after every reload.
pub(super) type ReloadObserver = Arc<dyn Fn(&Reload) + Send + Sync>;

/// Reloads `library` whenever its files change, until the returned watcher is dropped.
pub(super) fn watch(library: &Library, observer: Option<ReloadObserver>) -> Result<Watcher, Error> {
    if library.paths().is_empty() {
        return Err(Error::Watch {
            message: "the flows were read from no file: there is nothing to watch".to_owned(),
            help: "load them from a folder or a file, or do without watching".to_owned(),
        });
    }
    let live = library.clone();
    Ok(library.watch(move |changed| reload(&live, changed, observer.as_ref()))?)
}

impl From<WatchError> for Error {
    fn from(error: WatchError) -> Self {
        let WatchError { message, help } = error;
        Self::Watch { message, help }
    }
}

fn reload(live: &Library, changed: &ChangedFiles, observer: Option<&ReloadObserver>) {
    if let Some(WatchError { message, help }) = &changed.trouble {
        tracing::error!(%message, %help, "changes of flows may not be seen; tried again every second");
    }
    let reload = live.reload();
    if reload.is_empty() {
        return;
    }
    log(&reload);
    if let Some(observer) = observer
        && catch_unwind(AssertUnwindSafe(|| observer(&reload))).is_err()
    {
        tracing::error!("the observer of reloads panicked; it will be called for the next one");
    }
}

fn log(reload: &Reload) {
    let Reload { added, changed, removed, kept, .. } = reload;
    let (added, changed, removed, kept) = (named(added), named(changed), named(removed), named(kept));
    tracing::info!(added, changed, removed, kept, "flows reloaded");
    let mut errors = reload.findings.iter().filter(|finding| finding.is_error());
    for finding in errors.by_ref().take(MAX_LOGGED) {
        tracing::warn!(help = finding.help, "{finding}");
    }
    let more = errors.count();
    if more > 0 {
        tracing::warn!("{more} more errors in flows: `opsflow check` shows them");
    }
}

/// Names for the log; none if the list is empty.
fn named(names: &[Name]) -> Option<String> {
    (!names.is_empty()).then(|| names.join(", "))
}
