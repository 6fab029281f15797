//! The loop of watching commands: waits for a change, a signal or an event of the worker, updates the state, and shows
//! it.

use std::time::{Duration, Instant};

use tokio::task::JoinError;

use crate::library::WatchError;
use crate::opsflow::{Either, first};
use crate::workbench::{Changes, FolderWatcher, NewFolders, Round, Workbench};

use super::super::exit::{Exit, Failure};
use super::super::interrupt::Signals;
use super::super::screen::{CARE, STRONG, Screen, plain};
use super::paint::Paint;
use super::recent::Recent;
use super::render::{self, View};

/// How long events of the worker are collected before they are shown.
const GATHER: Duration = Duration::from_millis(50);

/// Shows rounds.
pub(in crate::cli) trait Show {
    /// Shows the result of a round.
    fn round(&mut self, state: &Workbench, round: &Round) -> Result<(), Failure>;

    /// The view of the state to paint.
    fn view<'a>(&'a self, state: &'a Workbench, round: &Round) -> View<'a>;

    /// The canvas for the output.
    fn canvas(&mut self) -> &mut Canvas;

    /// Repaints the same, if it is painted: the terminal was resized, or the worker has news.
    fn again(&mut self, state: &Workbench, round: &Round) {
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

/// What happens next.
enum DevEvent {
    Changed,
    /// There are other folders below those that are watched.
    Folders(NewFolders),
    Again,
    Stop(Exit),
}

/// What the loop waits for.
pub(in crate::cli) struct Follow {
    pub(in crate::cli) changes: Changes,
    pub(in crate::cli) signals: Signals,
    pub(in crate::cli) recent: Recent,
    /// What is watched.
    pub(in crate::cli) watcher: FolderWatcher,
}

impl Follow {
    /// Runs all tests, shows the results, and continues with each change until a signal. Returns the exit code.
    pub(in crate::cli) async fn run(
        &mut self,
        state: Workbench,
        begun: Instant,
        show: &mut impl Show,
    ) -> Result<Exit, Failure> {
        let begin = move |state: &mut Workbench| state.begin(begun);
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
                DevEvent::Folders(NewFolders { gone, new, .. }) => {
                    state.look_in(&gone, &new);
                    self.watcher.watch(&state.watched(), &self.changes)?;
                }
                DevEvent::Changed => {
                    let (paths, since, trouble) = self.changes.take();
                    if troubled != trouble {
                        show.trouble(trouble.as_ref());
                        troubled = trouble;
                    }
                    let reload = move |state: &mut Workbench| state.reload(&paths, since);
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
        mut state: Workbench,
        work: impl FnOnce(&mut Workbench) -> Round + Send + 'static,
    ) -> Result<Either<(Workbench, Round), Exit>, Failure> {
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
        let changed = self.changes.heard();
        let news = async {
            self.recent.changed().await;
            tokio::time::sleep(GATHER).await;
        };
        let again = first(news, resized.next());
        let seen = first(first(changed, again), self.watcher.changed());
        match first(seen, self.signals.next()).await {
            Either::Left(Either::Left(Either::Left(()))) => DevEvent::Changed,
            Either::Left(Either::Left(Either::Right(_))) => DevEvent::Again,
            Either::Left(Either::Right(folders)) => DevEvent::Folders(folders),
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
