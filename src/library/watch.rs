//! Watching files and folders: changes are reported in batches soon after they were made.
//!
//! The operating system reports changes in folders ([`places`] says which to watch). The relevant ones are collected
//! ([`pending`]) until nothing more comes for a moment, and then passed to the callback on a thread of its own. When a
//! link or a folder on the way was replaced, everything is watched anew, at where the paths lead now.

mod pending;
mod places;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::Library;
use pending::{Batch, Pending, Waited};
use places::{Meaning, Places};

/// How often to try to watch places that are being replaced at that very moment.
const MAX_TRIES: usize = 5;
/// Pause before another attempt to watch what could not be watched.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// What the system says when a process has too many files open, or a user too many watchers (`EMFILE`).
const TOO_MANY_OPEN: i32 = 24;

/// What has changed, as far as is known. A listed file may be changed, new, or gone.
#[derive(Clone, Default, Debug)]
pub struct ChangedFiles {
    /// Files, in order, by the given paths: a given file itself, or a name in a given folder. Test files are included.
    pub paths: Vec<PathBuf>,
    /// Whether any other file may have changed: at first, when a folder or a link was replaced, or when there were more
    /// changes than are listed or than the system could report.
    pub everything: bool,
    /// Why changes may be missed from now on. Watching is retried every second.
    pub trouble: Option<WatchError>,
}

/// Why something cannot be watched.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct WatchError {
    /// What cannot be watched, and why.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// Reports changes of files and folders while it lives.
#[must_use = "dropping it ends the watching"]
pub struct Watcher(Arc<Pending>);

impl Watcher {
    /// Watches files, and all YAML files of folders (without subfolders), including test files beside them, but not
    /// `opsflow.yml`. `on_change` is called on a thread of its own, one batch at a time: first at once with everything,
    /// so that no change since the files were read is missed, and then 20 milliseconds after the last change, but at
    /// most 200 milliseconds after the first.
    ///
    /// Paths may be missing, be links, be replaced, and be created again. Dropping the watcher ends it: a running call
    /// finishes, and no other follows.
    pub fn start(
        paths: &[impl AsRef<Path>],
        on_change: impl FnMut(&ChangedFiles) + Send + 'static,
    ) -> Result<Self, WatchError> {
        let pending = Arc::new(Pending::default());
        let paths: Vec<PathBuf> = paths.iter().map(|path| path.as_ref().to_path_buf()).collect();
        let watcher = OsWatcher::open(&paths, &pending)?;
        pending.add(|batch| batch.everything = true);
        let watch = Watch { paths, pending: Arc::clone(&pending), watcher, on_change, trouble: None };
        let thread = std::thread::Builder::new().name("opsflow-watch".to_owned());
        match thread.spawn(move || watch.run()) {
            Ok(_) => Ok(Self(pending)),
            Err(why) => Err(WatchError {
                message: format!("there is no thread to watch files with: {why}"),
                help: "allow more threads (`ulimit -u`), or do without watching".to_owned(),
            }),
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watcher").finish_non_exhaustive()
    }
}

impl Library {
    /// Watches the paths from which the flows were read, and reports changes; see [`Watcher::start`]. `on_change`
    /// decides what to do, usually [`reload`](Self::reload).
    pub fn watch(&self, on_change: impl FnMut(&ChangedFiles) + Send + 'static) -> Result<Watcher, WatchError> {
        Watcher::start(&self.paths(), on_change)
    }
}

/// The state of the thread.
struct Watch<F> {
    paths: Vec<PathBuf>,
    pending: Arc<Pending>,
    watcher: OsWatcher,
    on_change: F,
    /// Why the places cannot be watched, as last reported.
    trouble: Option<WatchError>,
}

impl<F: FnMut(&ChangedFiles)> Watch<F> {
    fn run(mut self) {
        loop {
            let mut batch = match self.pending.next(self.trouble.as_ref().map(|_| RETRY_PAUSE)) {
                Waited::Stopped => return,
                Waited::Nothing => Batch { ways: true, ..Batch::default() },
                Waited::Batch(batch) => batch,
            };
            // A new link leads to a place that is not watched yet.
            batch.ways |= self.trouble.is_some() || batch.paths.iter().any(|path| path.is_symlink());
            if batch.ways {
                self.listen_anew(&mut batch);
            }
            let Batch { paths, everything, trouble, ways: _ } = batch;
            if everything || trouble.is_some() || !paths.is_empty() {
                (self.on_change)(&ChangedFiles { paths: paths.into_iter().collect(), everything, trouble });
            }
        }
    }

    /// Watches the places to which the paths lead now.
    fn listen_anew(&mut self, batch: &mut Batch) {
        match OsWatcher::open(&self.paths, &self.pending) {
            Ok(watcher) => {
                self.watcher = watcher;
                self.trouble = None;
                // Nobody has watched there until now.
                batch.everything = true;
                batch.trouble = None;
            }
            Err(why) => {
                let is_known = self.trouble.as_ref() == Some(&why);
                self.trouble = Some(why.clone());
                if !is_known {
                    batch.everything = true;
                    batch.trouble = Some(why);
                }
            }
        }
    }
}

/// Receives changes at some places until it is dropped.
struct OsWatcher(#[expect(dead_code, reason = "it hears for as long as it lives")] RecommendedWatcher);

impl OsWatcher {
    /// Receives changes of `paths`, at where they lead now.
    fn open(paths: &[PathBuf], pending: &Arc<Pending>) -> Result<Self, WatchError> {
        let mut tried = Self::open_once(paths, pending);
        for _ in 1..MAX_TRIES {
            // A folder has disappeared since: the paths lead elsewhere by now.
            if !matches!(&tried, Err((_, notify::Error { kind: notify::ErrorKind::PathNotFound, .. }))) {
                break;
            }
            tried = Self::open_once(paths, pending);
        }
        tried.map_err(|(folder, error)| told(folder.as_deref(), &error))
    }

    fn open_once(paths: &[PathBuf], pending: &Arc<Pending>) -> Result<Self, (Option<PathBuf>, notify::Error)> {
        let places = Arc::new(Places::of(paths));
        let (known, pending) = (Arc::clone(&places), Arc::clone(pending));
        let hear = move |heard: notify::Result<Event>| match heard {
            Ok(event) => note(&event, &known, &pending),
            Err(error) => pending.add(|batch| {
                (batch.everything, batch.ways) = (true, true);
                batch.trouble = Some(told(None, &error));
            }),
        };
        let mut watcher = notify::recommended_watcher(hear).map_err(|error| (None, error))?;
        for (folder, is_meant) in places.folders() {
            match watcher.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => {}
                // A replacement of what leads there may go unseen. That is no reason not to watch what is there.
                Err(error) if !is_meant && is_denied(&error) => {}
                Err(error) => return Err((Some(folder.to_path_buf()), error)),
            }
        }
        Ok(Self(watcher))
    }
}

/// Records the relevant parts of an event.
fn note(event: &Event, places: &Places, pending: &Pending) {
    if event.need_rescan() {
        return pending.add(|batch| (batch.everything, batch.ways) = (true, true));
    }
    // Reading a file changes nothing, and happens after every change.
    let is_read = matches!(event.kind, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write));
    if is_read {
        return;
    }
    let mut meaning = Meaning::default();
    event.paths.iter().for_each(|path| places.meaning(path, &mut meaning));
    let Meaning { files, ways } = meaning;
    if ways || !files.is_empty() {
        pending.add(|batch| {
            batch.ways |= ways;
            files.into_iter().for_each(|file| batch.add(file));
        });
    }
}

fn is_denied(error: &notify::Error) -> bool {
    matches!(&error.kind, notify::ErrorKind::Io(why) if why.kind() == io::ErrorKind::PermissionDenied)
}

/// An error as it is reported: what is wrong, and what to do.
fn told(folder: Option<&Path>, error: &notify::Error) -> WatchError {
    let what = folder.map_or_else(|| "files".to_owned(), |folder| format!("the folder `{}`", folder.display()));
    let (why, help) = match &error.kind {
        notify::ErrorKind::MaxFilesWatch => (
            "the system allows no more watches".to_owned(),
            "raise the limit: `sysctl fs.inotify.max_user_watches=524288`",
        ),
        notify::ErrorKind::Io(why) if why.raw_os_error() == Some(TOO_MANY_OPEN) => (
            "too many watchers or files are open".to_owned(),
            "raise the limits: `sysctl fs.inotify.max_user_instances=1024`, `ulimit -n 4096`",
        ),
        notify::ErrorKind::Io(why) => (why.to_string(), "see to it that the folder can be read"),
        notify::ErrorKind::PathNotFound => ("it comes and goes".to_owned(), "name a folder that stays"),
        _ => (error.to_string(), "do without watching, and restart when flows change"),
    };
    WatchError { message: format!("{what} cannot be watched: {why}"), help: help.to_owned() }
}
