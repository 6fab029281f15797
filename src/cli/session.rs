//! What every command starts with: settings, storage, host, and the façade on top.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::flow::CheckContext;
use crate::host::{Grants, Host, InvalidGrant, Machine};
use crate::library::Library;
use crate::opsflow::{Ask, Builder, Event, Opsflow, What};
use crate::quoted::quoted;
use crate::storage::{self, Memory, Storage};
use crate::task::{Task, TaskId};
use crate::wire::resolve;

use super::bar::Bar;
use super::config::Settings;
use super::exit::Failure;
use super::meant;
use super::moves::Moves;
use super::screen::Screen;

/// One call of the program.
pub(super) struct Session {
    /// Its settings.
    pub(super) settings: Settings,
    /// Whether a call without a grant fails, instead of leaving the task due.
    denied_fails: bool,
}

/// Everything that runs tasks.
pub(super) struct Running {
    /// The façade.
    pub(super) ops: Opsflow,
}

impl Running {
    /// Asks something of a task that leaves it stored.
    pub(super) async fn asks(&self, id: TaskId, what: What, ask: &Ask) -> Result<Task, Error> {
        self.ops.ask(id, what, ask).await?.ok_or(Error::NotFound(id))
    }
}

impl Session {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, denied_fails: false }
    }

    /// The same with another lease, if one is given.
    pub(super) fn with_lease(&self, lease: Option<Duration>) -> Self {
        let mut settings = self.settings.clone();
        settings.lease = lease.unwrap_or(settings.lease);
        Self { settings, ..*self }
    }

    /// The same, but calls without a grant fail if `fails`.
    pub(super) fn with_denied(self, fails: bool) -> Self {
        Self { denied_fails: fails, ..self }
    }

    pub(super) const fn screen(&self) -> Screen {
        self.settings.screen
    }

    /// Whether tasks are lost when this command ends.
    pub(super) fn is_in_memory(&self) -> bool {
        self.settings.storage.split(':').next() == Some("memory")
    }

    /// What flows are checked against: the check knows all capabilities, allowed or not.
    pub(super) fn context(&self) -> CheckContext {
        CheckContext { functions: Machine::new().functions(), ..CheckContext::default() }
    }

    /// The host that performs the steps of tasks, with the given grants.
    fn host(&self) -> Result<Machine, Failure> {
        Ok(Machine::new().grants(grants(&self.settings.allow)?).denied_fails(self.denied_fails))
    }

    /// The storage, created if it is missing: for new tasks.
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
                let storage = format!("sqlite:{file}");
                Failure::from(error).with_help(format!("name a file in it, like `--storage {}`", quoted(&storage)))
            }
            None => error.into(),
        })
    }

    /// The file that holds the tasks, if there is one.
    fn storage_path(&self) -> Option<PathBuf> {
        storage::file_of(&self.settings.storage)
    }

    /// The storage for existing tasks. Looking for them creates no file.
    pub(super) async fn storage_there_is(&self) -> Result<Arc<dyn Storage>, Failure> {
        let path = self.storage_path().filter(|path| !path.as_os_str().is_empty());
        if path.is_some_and(|path| path.try_exists().is_ok_and(|exists| !exists)) {
            self.screen().aside(&format!("nothing is stored at `{}` yet\n", self.settings.storage));
            return Ok(Arc::new(Memory::new()));
        }
        self.storage().await
    }

    /// The storage for a worker over `library`: created if it is missing and there are schedules, whose progress must
    /// be stored.
    pub(super) async fn storage_to_work(&self, library: &Library) -> Result<Arc<dyn Storage>, Failure> {
        if library.scheduled().is_empty() { self.storage_there_is().await } else { self.storage().await }
    }

    /// Builds the façade over `library` and `storage`; `observer` gets every event.
    pub(super) async fn open(
        &self,
        library: Library,
        storage: Arc<dyn Storage>,
        observer: impl Fn(&Event) + Send + Sync + 'static,
    ) -> Result<Running, Failure> {
        Ok(Running { ops: self.builder(library, storage, observer)?.build().await? })
    }

    /// The builder of the façade over `library` and `storage`.
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

    /// Opens what is needed to read tasks: no flows except those they are pinned to.
    pub(super) async fn open_storage(&self) -> Result<Running, Failure> {
        self.open(Library::default(), self.storage_there_is().await?, |_| {}).await
    }

    /// Opens what is needed to read or end the task that `id` means.
    pub(super) async fn open_to_look(&self, id: &str) -> Result<(Running, TaskId), Failure> {
        let running = self.open_storage().await?;
        let id = resolve(&running.ops, id).await?;
        Ok((running, id))
    }

    /// The task that `id` means. It must be known before the façade that runs it is built, which names it in moves.
    async fn resolve(&self, storage: Arc<dyn Storage>, id: &str) -> Result<TaskId, Failure> {
        let ops = Opsflow::builder().storage(storage).build().await?;
        Ok(resolve(&ops, id).await?)
    }

    /// Opens what is needed to continue the task that `id` means; its moves are printed.
    pub(super) async fn open_to_move(&self, id: &str) -> Result<(Running, TaskId, Moves), Failure> {
        let library = self.library(None)?;
        let storage = self.storage_there_is().await?;
        let id = self.resolve(Arc::clone(&storage), id).await?;
        let moves = Moves::of(self.screen(), id, &self.worker());
        Ok((self.open(library, storage, moves.observer()).await?, id, moves))
    }

    /// Opens what is needed to act on many tasks: prints their moves, or a progress bar instead.
    pub(super) async fn open_to_do_many(&self) -> Result<(Running, Moves, Bar), Failure> {
        let library = self.library(None)?;
        let storage = self.storage_there_is().await?;
        let (moves, bar) = (Moves::of_many(self.screen(), &self.worker()), Bar::default());
        let running = self.open(library, storage, bar.over(moves.observer())).await?;
        Ok((running, moves, bar))
    }

    /// Opens what is needed to run due tasks; moves are printed.
    pub(super) async fn open_to_work(&self) -> Result<(Running, Moves), Failure> {
        let library = self.library(None)?;
        let storage = self.storage_to_work(&library).await?;
        let moves = Moves::of_many(self.screen(), &self.worker());
        Ok((self.open(library, storage, moves.observer()).await?, moves))
    }
}

/// Reads grants as they are written after `--allow`.
pub(super) fn grants(texts: &[String]) -> Result<Grants, Failure> {
    Grants::parse(texts).map_err(|why| {
        let help = match &why {
            InvalidGrant::Unknown { given, nearest: None } => meant::grant(given),
            _ => None,
        };
        Failure::usage(why.to_string()).with_help_if(help)
    })
}
