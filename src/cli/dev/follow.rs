//! The loop of watching commands: waits for a change, a signal or an event of the worker, updates the state, and shows
//! it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::JoinError;

use crate::library::{ChangedFiles, WatchError, Watcher};
use crate::opsflow::{Either, first};

use super::super::exit::{Exit, Failure};
use super::super::interrupt::Signals;
use super::super::screen::{CARE, STRONG, Screen, plain};
use super::depth::Depth;
use super::paint::Paint;
use super::recent::Recent;
use super::render::{self, View};
use super::state::{Round, State};

/// Changed paths that are remembered until the next look. Beyond that, it is only known that there were more.
const MAX_TOLD: usize = 1_000;
/// How long events of the worker are collected before they are shown.
const GATHER: Duration = Duration::from_millis(50);

/// Shows rounds.
pub(in crate::cli) trait Show {
    /// Shows the result of a round.
    fn round(&mut self, state: &State, round: &Round) -> Result<(), Failure>;

    /// The view of the state to paint.
    fn view<'a>(&'a self, state: &'a State, round: &Round) -> View<'a>;

    /// The canvas for the output.
    fn canvas(&mut self) -> &mut Canvas;

    /// Repaints the same, if it is painted: the terminal was resized, or the worker has news.
    fn again(&mut self, state: &State, round: &Round) {
        let Some(mut paint) = self.canvas().paint.take() else { return };
        let view = self.view(state, round);
        paint.show(|size| render::lines(&view, size));
        self.canvas().paint = Some(paint);
    }

    /// Reports that changes may be missed from now on, and why; or that this is over. A painted view includes this.
    fn trouble(&mut self, why: Option<&WatchError>) {
        let canvas = self.canvas();
        canvas.trouble = why.cloned();
        if canvas.paint.is_none() {
            tell(canvas.screen, why);
        }
    }
}

/// The output for rounds.
pub(in crate::cli) struct Canvas {
    pub(in crate::cli) screen: Screen,
    /// The terminal, if it is painted.
    pub(in crate::cli) paint: Option<Paint>,
    /// Why changes may be missed now.
    pub(in crate::cli) trouble: Option<WatchError>,
}

impl Canvas {
    pub(in crate::cli) fn on(screen: Screen) -> Self {
        Self { screen, paint: Paint::on(screen), trouble: None }
    }
}

/// Reports on stderr that changes may be missed, if nothing is painted.
fn tell(screen: Screen, why: Option<&WatchError>) {
    match why {
        Some(WatchError { message, help }) => {
            screen.note(&format!(
                "{CARE}warning{CARE:#}: {}\n{STRONG}help{STRONG:#}: {}\n",
                plain(message),
                plain(help)
            ));
        }
        None => screen.aside("every change is seen again\n"),
    }
}

/// Changes that were not looked at yet. Cheap to clone; clones share them.
#[derive(Clone, Default)]
pub(in crate::cli) struct Changes(Arc<(Mutex<Told>, Notify)>);

/// The reported changes.
#[derive(Default)]
struct Told {
    paths: BTreeSet<PathBuf>,
    /// When the first of them came.
    since: Option<Instant>,
    /// Why changes may be missed, as far as is known.
    trouble: Option<WatchError>,
}

/// What happens next.
enum DevEvent {
    Changed,
    /// There are other folders below those that are watched: gone ones, and new ones.
    Folders(Vec<PathBuf>, Vec<PathBuf>),
    Again,
    Stop(Exit),
}

impl Changes {
    /// Remembers a batch.
    fn tell(&self, batch: &ChangedFiles) {
        let (told, news) = &*self.0;
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        told.since.get_or_insert_with(Instant::now);
        told.trouble.clone_from(&batch.trouble);
        for path in &batch.paths {
            if told.paths.len() < MAX_TOLD {
                told.paths.insert(path.clone());
            }
        }
        news.notify_one();
    }

    /// Takes all reported changes.
    fn take(&self) -> (Vec<PathBuf>, Instant, Option<WatchError>) {
        let mut told = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let paths = std::mem::take(&mut told.paths).into_iter().collect();
        (paths, told.since.take().unwrap_or_else(Instant::now), told.trouble.clone())
    }
}

/// Watches `paths`, and reports their changes to `changes` while the result lives.
pub(in crate::cli) fn watch(paths: &[PathBuf], changes: &Changes) -> Result<Watcher, Failure> {
    let changes = changes.clone();
    Watcher::start(paths, move |batch| changes.tell(batch))
        .map_err(|why| Failure::storage(why.message).with_help(why.help))
}

/// What the loop waits for.
pub(in crate::cli) struct Follow {
    pub(in crate::cli) changes: Changes,
    pub(in crate::cli) signals: Signals,
    pub(in crate::cli) recent: Recent,
    /// What is watched.
    pub(in crate::cli) depth: Depth,
}

impl Follow {
    /// Runs all tests, shows the results, and continues with each change until a signal. Returns the exit code.
    pub(in crate::cli) async fn run(
        &mut self,
        state: State,
        begun: Instant,
        show: &mut impl Show,
    ) -> Result<Exit, Failure> {
        let begin = move |state: &mut State| state.begin(begun);
        let (mut state, mut round) = match self.perform(state, begin).await? {
            Either::Left(done) => done,
            Either::Right(exit) => return Ok(exit),
        };
        show.round(&state, &round)?;
        let (mut resized, mut troubled) = (resized(), None);
        loop {
            match self.next(&mut resized).await {
                DevEvent::Stop(exit) => return Ok(exit),
                DevEvent::Again => show.again(&state, &round),
                DevEvent::Folders(gone, new) => {
                    state.look_in(&gone, &new);
                    self.depth.watch(&state.watched(), &self.changes)?;
                }
                DevEvent::Changed => {
                    let (paths, since, trouble) = self.changes.take();
                    if troubled != trouble {
                        show.trouble(trouble.as_ref());
                        troubled = trouble;
                    }
                    let reload = move |state: &mut State| state.reload(&paths, since);
                    let (after, next) = match self.perform(state, reload).await? {
                        Either::Left(done) => done,
                        Either::Right(exit) => return Ok(exit),
                    };
                    state = after;
                    if next.is_idle {
                        // Other events may have come meanwhile.
                        show.again(&state, &round);
                    } else {
                        round = next;
                        show.round(&state, &round)?;
                    }
                }
            }
        }
    }

    /// Does `work` on a thread, unless a signal comes.
    async fn perform(
        &mut self,
        mut state: State,
        work: impl FnOnce(&mut State) -> Round + Send + 'static,
    ) -> Result<Either<(State, Round), Exit>, Failure> {
        let work = tokio::task::spawn_blocking(move || {
            let round = work(&mut state);
            (state, round)
        });
        let broken = |why: JoinError| Failure::storage(format!("what changed could not be looked at: {why}"));
        match first(work, self.signals.next()).await {
            Either::Left(done) => Ok(Either::Left(done.map_err(broken)?)),
            Either::Right(exit) => Ok(Either::Right(exit)),
        }
    }

    async fn next(&mut self, resized: &mut Resized) -> DevEvent {
        let changed = self.changes.0.1.notified();
        let news = async {
            self.recent.changed().await;
            tokio::time::sleep(GATHER).await;
        };
        let again = first(news, resized.next());
        let seen = first(first(changed, again), self.depth.changed());
        match first(seen, self.signals.next()).await {
            Either::Left(Either::Left(Either::Left(()))) => DevEvent::Changed,
            Either::Left(Either::Left(Either::Right(_))) => DevEvent::Again,
            Either::Left(Either::Right((gone, new))) => DevEvent::Folders(gone, new),
            Either::Right(exit) => DevEvent::Stop(exit),
        }
    }
}

/// Changes of the terminal's size, where they are reported.
struct Resized(#[cfg(unix)] Option<tokio::signal::unix::Signal>);

#[cfg(unix)]
fn resized() -> Resized {
    use tokio::signal::unix::{SignalKind, signal};
    Resized(signal(SignalKind::window_change()).ok())
}

#[cfg(not(unix))]
fn resized() -> Resized {
    Resized()
}

impl Resized {
    #[cfg(unix)]
    async fn next(&mut self) {
        let heard = match &mut self.0 {
            Some(signal) => signal.recv().await,
            None => None,
        };
        // A stream that has ended reports nothing any more.
        if heard.is_none() {
            std::future::pending::<()>().await;
        }
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        std::future::pending::<()>().await;
    }
}
