//! What a person is told to type next.

use crate::name::Name;

use super::session::Session;

/// The call of a worker without options.
const WORKER: &str = "opsflow worker --once";

impl Session {
    /// The call of a worker that can go on with a task whose flow names `uses`. A worker fails what it may not do, so
    /// what was allowed here is said again, and what was not has a place to be filled in. What `opsflow.yml` allows
    /// holds for every call.
    pub(super) fn worker_for(&self, uses: &[Name]) -> String {
        let allow = &self.settings.allow;
        let is_granted = |name: &Name| allow.iter().any(|grant| capability(grant) == name.as_str());
        // A flag stands in the place of all that the file allows: with one, the rest must be said too.
        if !self.settings.allow_is_typed && uses.iter().all(is_granted) {
            return WORKER.to_owned();
        }
        let granted = allow.iter().filter(|grant| uses.iter().any(|name| capability(grant) == name.as_str()));
        let granted = granted.map(|grant| format!(" --allow {}", quoted(grant)));
        let missing = uses.iter().filter(|name| !is_granted(name)).map(|name| format!(" --allow {name}=…"));
        std::iter::once(WORKER.to_owned()).chain(granted).chain(missing).collect()
    }

    /// The call of a worker with all that was allowed here.
    pub(super) fn worker(&self) -> String {
        let allow = if self.settings.allow_is_typed { self.settings.allow.as_slice() } else { &[] };
        let grants = allow.iter().map(|grant| format!(" --allow {}", quoted(grant)));
        std::iter::once(WORKER.to_owned()).chain(grants).collect()
    }
}

/// What a grant is of.
fn capability(grant: &str) -> &str {
    grant.split('=').next().unwrap_or_default().trim()
}

/// A text as a shell takes it.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "=_-./:,@%+".contains(c);
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_takes_it_as_it_is() {
        assert_eq!(quoted("http=api.example.com:80"), "http=api.example.com:80");
        assert_eq!(quoted("http=*"), "'http=*'");
        assert_eq!(quoted("files=Ann's"), r"'files=Ann'\''s'");
    }
}
