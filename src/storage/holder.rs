//! Who holds a task, for those who look.

use crate::clock::Timestamp;
use crate::name::Name;

/// The claim on a task, as another process sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The process that claimed the task, as its machine and its process id: `db1:4711`. None if a program stored the
    /// claim that did not say so.
    pub holder: Option<Name>,
    /// When the claim ends unless it is renewed; that may be over.
    pub until: Timestamp,
    /// The call that the holder waits for, if it has noted one.
    pub call: Option<CallInFlight>,
}

/// A call that has begun and is not in the journal yet. Its arguments are left out: they may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallInFlight {
    /// The function called, such as `http::post`.
    pub function: Name,
    /// When the call began.
    pub since: Timestamp,
}

/// This process, as a holder.
pub(super) fn this_process() -> Name {
    Name::new(format!("{}:{}", host(), std::process::id()))
}

/// The name of this machine.
#[cfg(all(unix, any(feature = "shell", feature = "sqlite")))]
pub(crate) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The name of this machine, if the environment has it.
#[cfg(not(all(unix, any(feature = "shell", feature = "sqlite"))))]
#[expect(clippy::disallowed_methods, reason = "only for those who look; nothing depends on it")]
pub(crate) fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "localhost".to_owned())
}
