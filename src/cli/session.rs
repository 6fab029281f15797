//! What every command starts from: settings, storage, host, and the façade over them.

use std::path::Path;
use std::sync::Arc;

use crate::flow::Surroundings;
use crate::host::{Grants, Host, Machine};
use crate::library::Library;
use crate::opsflow::{Event, Opsflow};
use crate::storage::{self, Storage};
use crate::task::TaskId;

use super::config::Settings;
use super::exit::Failure;
use super::ids;
use super::moves::Moves;
use super::screen::Screen;

/// One call of the program.
pub(super) struct Session {
    /// What holds for it.
    pub(super) settings: Settings,
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
        Self { settings }
    }

    pub(super) const fn screen(&self) -> Screen {
        self.settings.screen
    }

    /// What flows are checked against: capabilities are known to the check whether they are allowed or not.
    pub(super) fn surroundings(&self) -> Surroundings {
        Surroundings { functions: Machine::new().functions(), ..Surroundings::default() }
    }

    /// What performs the steps of tasks, with what was allowed.
    fn host(&self) -> Result<Machine, Failure> {
        let grants = Grants::parse(&self.settings.allow).map_err(|why| Failure::usage(why.to_string()))?;
        Ok(Machine::new().grants(grants))
    }

    /// Opens the storage. The folder of a file that is to be made is made as well.
    pub(super) async fn storage(&self) -> Result<Arc<dyn Storage>, Failure> {
        let url = &self.settings.storage;
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = Path::new(path.strip_prefix("//").unwrap_or(path));
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).map_err(|why| {
                    Failure::storage(format!("the folder `{}` cannot be made: {why}", folder.display()))
                })?;
            }
        }
        Ok(storage::open(url).await?)
    }

    /// Puts the façade together over `library`; `observer` is told of every move.
    pub(super) async fn open(
        &self,
        library: Library,
        observer: impl Fn(&Event) + Send + Sync + 'static,
    ) -> Result<Running, Failure> {
        let host = self.host()?;
        let storage = self.storage().await?;
        let ops = Opsflow::builder()
            .library(library)
            .storage(Arc::clone(&storage))
            .host(host)
            .checkpoint_every_state(self.settings.every_state)
            .on_event(observer)
            .build()
            .await?;
        Ok(Running { ops, storage })
    }
}

impl Session {
    /// Puts the façade together over the folder of the flows.
    pub(super) async fn open_with_folder(
        &self,
        observer: impl Fn(&Event) + Send + Sync + 'static,
    ) -> Result<Running, Failure> {
        self.open(self.library(None)?, observer).await
    }

    /// The same, with the task that `id` means.
    pub(super) async fn open_for(
        &self,
        id: &str,
        observer: impl Fn(&Event) + Send + Sync + 'static,
    ) -> Result<(Running, TaskId), Failure> {
        let running = self.open_with_folder(observer).await?;
        let id = ids::resolve(running.storage.as_ref(), id).await?;
        Ok((running, id))
    }

    /// The same, with the moves of that task shown.
    pub(super) async fn open_to_move(&self, id: &str) -> Result<(Running, TaskId, Moves), Failure> {
        let moves = Moves::new(self.screen());
        let (running, id) = self.open_for(id, moves.observer()).await?;
        moves.expect(id);
        Ok((running, id, moves))
    }
}
