//! What every command starts from: settings, storage, host, and the façade over them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::flow::Surroundings;
use crate::host::{Grants, Host, InvalidGrant, Machine};
use crate::library::Library;
use crate::opsflow::{Builder, Event, Opsflow};
use crate::storage::{self, Memory, Storage};
use crate::task::TaskId;

use super::bar::Bar;
use super::config::Settings;
use super::exit::Failure;
use super::ids;
use super::meant;
use super::moves::Moves;
use super::screen::Screen;

/// One call of the program.
pub(super) struct Session {
    /// What holds for it.
    pub(super) settings: Settings,
    /// Whether a call that is not allowed fails, in place of waiting for somebody who may make it.
    denied_fails: bool,
}

/// Everything that runs tasks.
pub(super) struct Running {
    /// The façade.
    pub(super) ops: Opsflow,
    /// The storage under it, for what the façade does not ask.
    pub(super) storage: Arc<dyn Storage>,
}

impl Session {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, denied_fails: false }
    }

    /// The same with another lease, if one was said.
    pub(super) fn with_lease(&self, lease: Option<Duration>) -> Self {
        let mut settings = self.settings.clone();
        settings.lease = lease.unwrap_or(settings.lease);
        Self { settings, ..*self }
    }

    /// The same where a call that is not allowed fails, if `fails`.
    pub(super) fn with_denied(self, fails: bool) -> Self {
        Self { denied_fails: fails, ..self }
    }

    pub(super) const fn screen(&self) -> Screen {
        self.settings.screen
    }

    /// Whether tasks are gone with this call.
    pub(super) fn is_in_memory(&self) -> bool {
        self.settings.storage.split(':').next() == Some("memory")
    }

    /// What flows are checked against: capabilities are known to the check whether they are allowed or not.
    pub(super) fn surroundings(&self) -> Surroundings {
        Surroundings { functions: Machine::new().functions(), ..Surroundings::default() }
    }

    /// What performs the steps of tasks, with what was allowed.
    fn host(&self) -> Result<Machine, Failure> {
        let grants = Grants::parse(&self.settings.allow).map_err(|why| {
            let help = match &why {
                InvalidGrant::Unknown { given, nearest: None } => meant::grant(given),
                _ => None,
            };
            Failure::usage(why.to_string()).with_help_if(help)
        })?;
        Ok(Machine::new().grants(grants).denied_fails(self.denied_fails))
    }

    /// The storage, made if it is not there: for new tasks.
    pub(super) async fn storage(&self) -> Result<Arc<dyn Storage>, Failure> {
        let path = self.storage_path();
        if path.as_ref().is_some_and(|path| path.as_os_str().is_empty()) {
            return Err(Failure::usage("the path of the storage is missing: write `sqlite:PATH`")
                .with_help("name the storage as `--storage sqlite:tasks.db`, or leave it out"));
        }
        let opened = storage::open(&self.settings.storage).await;
        opened.map_err(|error| match path.filter(|path| path.is_dir()) {
            Some(folder) => {
                let file = folder.join("tasks.db").display().to_string();
                Failure::from(error).with_help(format!("name a file in it, like `--storage sqlite:{file}`"))
            }
            None => error.into(),
        })
    }

    /// The file that tasks are kept in, if it is one.
    fn storage_path(&self) -> Option<PathBuf> {
        storage::file_of(&self.settings.storage)
    }

    /// The storage as it is: for tasks there are. To look for them makes no file.
    pub(super) async fn storage_there_is(&self) -> Result<Arc<dyn Storage>, Failure> {
        let path = self.storage_path().filter(|path| !path.as_os_str().is_empty());
        if path.is_some_and(|path| path.try_exists().is_ok_and(|exists| !exists)) {
            self.screen().aside(&format!("nothing is stored at `{}` yet\n", self.settings.storage));
            return Ok(Arc::new(Memory::new()));
        }
        self.storage().await
    }

    /// The storage for a worker over `library`: made if it is not there and there are schedules, which have to be kept.
    pub(super) async fn storage_to_work(&self, library: &Library) -> Result<Arc<dyn Storage>, Failure> {
        if library.scheduled().is_empty() { self.storage_there_is().await } else { self.storage().await }
    }

    /// Puts the façade together over `library` and `storage`; `observer` is told of every move.
    pub(super) async fn open(
        &self,
        library: Library,
        storage: Arc<dyn Storage>,
        observer: impl Fn(&Event) + Send + Sync + 'static,
    ) -> Result<Running, Failure> {
        let ops = self.builder(library, Arc::clone(&storage), observer)?.build().await?;
        Ok(Running { ops, storage })
    }

    /// The façade over `library` and `storage`, to be put together.
    pub(super) fn builder(
        &self,
        library: Library,
        storage: Arc<dyn Storage>,
        observer: impl Fn(&Event) + Send + Sync + 'static,
    ) -> Result<Builder, Failure> {
        Ok(Opsflow::builder()
            .library(library)
            .storage(storage)
            .host(self.host()?)
            .checkpoint_every_state(self.settings.every_state)
            .lease(self.settings.lease)
            .on_event(observer))
    }

    /// Everything to look at tasks: no flows but those they are pinned to.
    pub(super) async fn open_storage(&self) -> Result<Running, Failure> {
        self.open(Library::default(), self.storage_there_is().await?, |_| {}).await
    }

    /// Everything to look at the task that `id` means, or to end it.
    pub(super) async fn open_to_look(&self, id: &str) -> Result<(Running, TaskId), Failure> {
        let running = self.open_storage().await?;
        let id = ids::resolve(running.storage.as_ref(), id).await?;
        Ok((running, id))
    }

    /// Everything to go on with the task that `id` means, its moves shown.
    pub(super) async fn open_to_move(&self, id: &str) -> Result<(Running, TaskId, Moves), Failure> {
        let library = self.library(None)?;
        let storage = self.storage_there_is().await?;
        let id = ids::resolve(storage.as_ref(), id).await?;
        let moves = Moves::of(self.screen(), id, &self.worker());
        Ok((self.open(library, storage, moves.observer()).await?, id, moves))
    }

    /// Everything to do something to many tasks: their moves are shown, or a bar in their place.
    pub(super) async fn open_to_do_many(&self) -> Result<(Running, Moves, Bar), Failure> {
        let library = self.library(None)?;
        let storage = self.storage_there_is().await?;
        let (moves, bar) = (Moves::of_many(self.screen(), &self.worker()), Bar::default());
        let running = self.open(library, storage, bar.over(moves.observer())).await?;
        Ok((running, moves, bar))
    }

    /// Everything to do what is due, moves shown.
    pub(super) async fn open_to_work(&self) -> Result<(Running, Moves), Failure> {
        let library = self.library(None)?;
        let storage = self.storage_to_work(&library).await?;
        let moves = Moves::of_many(self.screen(), &self.worker());
        Ok((self.open(library, storage, moves.observer()).await?, moves))
    }
}
