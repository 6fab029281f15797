//! The storage of `dev`, so that experiments fire no schedules and make no calls for tasks that matter.

use std::path::Path;

use crate::library::Library;

use super::super::exit::Failure;
use super::super::session::Session;

/// The file, beside that of other commands.
const FILE: &str = ".opsflow/dev.db";

/// The session with the storage of `dev`, unless another one was given for this call.
pub(super) fn session(session: &Session) -> Session {
    let mut settings = session.settings.clone();
    if !settings.storage_is_typed {
        let root = settings.default_flows.parent().unwrap_or(Path::new(""));
        settings.storage = format!("sqlite:{}", root.join(FILE).display());
    }
    Session::new(settings)
}

/// Whether a worker may run what comes due in a storage that may not be its own. The user is not asked if it
/// `is_agreed`, or if nothing can reach outside.
pub(super) fn agreed(session: &Session, library: Option<&Library>, is_agreed: bool) -> Result<bool, Failure> {
    let schedules = library.map_or(0, |library| library.scheduled().len());
    let calls = &session.settings.allow;
    if is_agreed || (schedules == 0 && calls.is_empty()) {
        return Ok(true);
    }
    let fires = (schedules > 0).then(|| format!("fire {}", super::super::check::count(schedules, "schedule")));
    let makes = (!calls.is_empty()).then(|| format!("make calls (`{}`)", calls.join("`, `")));
    let what = fires.into_iter().chain(makes).collect::<Vec<_>>().join(" and ");
    let storage = &session.settings.storage;
    match session.screen().ask(&format!("{what} for the tasks of `{storage}`?")) {
        Some(false) => {
            session.screen().aside("no tasks are run: flows are only checked and tested\n");
            Ok(false)
        }
        Some(true) => Ok(true),
        None => Err(Failure::usage(format!("this would {what} for the tasks of `{storage}`; nothing was done"))
            .with_help(
                "add `--yes`, or leave `--storage` out: `dev` has a storage of its own; `--no-worker` runs no tasks",
            )),
    }
}
