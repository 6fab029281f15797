//! What the built-in capabilities may access, and from where. The host makes it, and each of them looks into it.

use std::path::PathBuf;

use super::Grants;

/// What capabilities may access, and from where.
pub(super) struct Access {
    pub(super) grants: Grants,
    /// The start of relative paths; if none, the working folder of the process.
    pub(super) folder: Option<PathBuf>,
}

impl Access {
    /// Nothing is granted.
    pub(super) fn none() -> Self {
        Self { grants: Grants::none(), folder: None }
    }

    /// The same place with other grants.
    pub(super) fn with_grants(&self, grants: Grants) -> Self {
        Self { grants, folder: self.folder.clone() }
    }

    /// The same grants at another place.
    pub(super) fn in_folder(&self, folder: PathBuf) -> Self {
        Self { grants: self.grants.clone(), folder: Some(folder) }
    }
}
