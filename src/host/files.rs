//! The capability `files`: text files inside the granted folders only.

mod place;
mod verbs;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use crate::duration::Duration;
use crate::name::Name;
use crate::task::{Outcome, StepFailure};
use crate::value::Value;

use super::access::Access;
use super::capability::{Capability, Signature};
use super::known;
use super::options::{Options, text_argument};

use place::Places;

/// How long a call may take. A disk operation that is running when it ends may still take effect.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Bytes of a file that is read, and of a text that is written.
pub(super) const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// Entries of a folder that is listed.
pub(super) const MAX_LIST_ENTRIES: usize = 10_000;

/// Reads and writes text files.
pub(super) struct Files(pub(super) Arc<Access>);

#[async_trait]
impl Capability for Files {
    fn name(&self) -> Name {
        Name::new("files")
    }

    fn functions(&self) -> Vec<Signature> {
        known::signatures("files")
    }

    fn time_limit(&self, _function: &str, _arguments: &[Value]) -> Duration {
        TIME_LIMIT
    }

    fn denies(&self, function: &str, arguments: &[Value]) -> Option<StepFailure> {
        // If folders are granted, only a look at the disk tells whether a path is in one.
        if self.0.grants.folders().next().is_some() {
            return None;
        }
        let places = Places::of(&self.0).ok()?;
        Call::read(function, arguments).ok()?.place(&places).err().filter(|failure| failure.missing_grant().is_some())
    }

    async fn call(&self, function: &str, arguments: &[Value]) -> Outcome {
        let call = Call::read(function, arguments)?;
        let access = Arc::clone(&self.0);
        let work = tokio::task::spawn_blocking(move || {
            let places = Places::of(&access)?;
            call.perform(&places)
        });
        work.await.unwrap_or_else(|error| Err(StepFailure::new("files", format!("the call was given up: {error}"))))
    }
}

/// A call, read from its arguments.
pub(super) enum Call {
    Read(PathBuf),
    Write(PathBuf, String),
    Append(PathBuf, String),
    List(PathBuf),
    Exists(PathBuf),
    Delete(PathBuf),
    MakeFolder(PathBuf),
}

impl Call {
    pub(super) fn read(function: &str, arguments: &[Value]) -> Result<Self, StepFailure> {
        let name = format!("files::{function}");
        let writes = matches!(function, "write" | "append");
        Options::read(&name, arguments.get(if writes { 2 } else { 1 }), known::ONCE)?;
        let path = PathBuf::from(text_argument(&name, arguments, 0, "path")?);
        if path.to_str().is_some_and(|path| path.contains('\0')) {
            return Err(StepFailure::new("files", format!("the path for `{name}` holds a zero character")));
        }
        let text = || {
            let text = text_argument(&name, arguments, 1, "text")?;
            match u64::try_from(text.len()) {
                Ok(length) if length <= MAX_FILE_BYTES => Ok(text.to_owned()),
                _ => Err(too_large(&format!("the text for `{}`", path.display()))),
            }
        };
        Ok(match function {
            "read" => Self::Read(path),
            "write" => Self::Write(path.clone(), text()?),
            "append" => Self::Append(path.clone(), text()?),
            "list" => Self::List(path),
            "exists" => Self::Exists(path),
            "delete" => Self::Delete(path),
            "make_folder" => Self::MakeFolder(path),
            _ => return Err(StepFailure::script(format!("there is no function `{name}`"))),
        })
    }

    /// Its real path, if that may be accessed.
    fn place(&self, places: &Places) -> Result<PathBuf, StepFailure> {
        match self {
            Self::Read(path) | Self::Write(path, _) | Self::Append(path, _) | Self::Exists(path) => places.target(path),
            Self::List(path) | Self::MakeFolder(path) => places.folder(path),
            Self::Delete(path) => places.entry(path),
        }
    }

    fn perform(&self, places: &Places) -> Outcome {
        let place = self.place(places)?;
        match self {
            Self::Read(_) => verbs::read(&place),
            Self::Write(_, text) => verbs::write(&place, text),
            Self::Append(_, text) => verbs::append(&place, text),
            Self::List(_) => verbs::list(&place),
            Self::Exists(_) => Ok(Value::Boolean(place.try_exists().unwrap_or(false))),
            Self::Delete(_) => verbs::delete(&place),
            Self::MakeFolder(_) => verbs::make_folder(&place),
        }
    }
}

fn too_large(what: &str) -> StepFailure {
    StepFailure::limit(format!("{what} is larger than {MAX_FILE_BYTES} bytes (MAX_FILE_BYTES)"))
}
