//! Grants: what scripts may reach. Nothing, unless it is granted.

mod host_rule;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::name::{CAPABILITIES, nearest};

use host_rule::HostRule;

/// How a grant of a capability is written.
fn form(capability: &str) -> &'static str {
    match capability {
        "http" => "http=HOST,… like `http=api.example.com,*.example.org,localhost:8080`",
        "shell" => "shell=PROGRAM,… like `shell=git,ls`",
        "env" => "env=NAME,… like `env=HOME,LANG`",
        _ => "files=FOLDER like `files=data`",
    }
}

/// What scripts may reach. A flow must also list the capability in `uses`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grants {
    hosts: Vec<HostRule>,
    programs: BTreeSet<String>,
    folders: Vec<PathBuf>,
    variables: BTreeSet<String>,
}

/// Why a text is not a grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGrant {
    /// There is no such capability.
    #[error("`{given}` cannot be allowed: there are `http`, `shell`, `files` and `env`{}", hint(.nearest))]
    Unknown {
        /// What was given.
        given: String,
        /// The most similar capability.
        nearest: Option<&'static str>,
    },
    /// It does not say what to grant of the capability.
    #[error("`{given}` does not say what is allowed; expected {expected}")]
    Nothing {
        /// What was given.
        given: String,
        /// An example of a grant of this capability.
        expected: &'static str,
    },
    /// A part of it is invalid.
    #[error("`{part}` in `{given}` is not a valid {what}: {reason}")]
    Part {
        /// What was given.
        given: String,
        /// The part that is wrong.
        part: String,
        /// What the part should be: a host, a program, ….
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

fn hint(nearest: &Option<&'static str>) -> String {
    nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

impl Grants {
    /// Nothing is granted.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads grants as written on the command line: `http=api.example.com,*.example.org`, `shell=git,ls`, `files=data`,
    /// `env=HOME`. Repeated ones add up.
    pub fn parse(texts: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, InvalidGrant> {
        let mut grants = Self::none();
        for text in texts {
            grants.add(text.as_ref())?;
        }
        Ok(grants)
    }

    /// Adds a grant, written as for [`Grants::parse`]. On an error, nothing is added.
    pub fn add(&mut self, text: &str) -> Result<(), InvalidGrant> {
        let (capability, what) = text.split_once('=').unwrap_or((text, ""));
        let (capability, folder, what) = (capability.trim(), what.trim_start(), what.trim());
        let Some(known) = CAPABILITIES.into_iter().find(|name| *name == capability) else {
            let nearest = nearest(capability, CAPABILITIES);
            return Err(InvalidGrant::Unknown { given: capability.to_owned(), nearest });
        };
        if what.is_empty() {
            return Err(InvalidGrant::Nothing { given: text.trim().to_owned(), expected: form(known) });
        }
        match known {
            "http" => self.hosts.extend(parts(text, what, "host", HostRule::parse)?),
            "shell" => self.programs.extend(parts(text, what, "program", program)?),
            "env" => self.variables.extend(parts(text, what, "environment variable", variable)?),
            // A folder's name may end in a blank.
            _ => self.folders.push(PathBuf::from(folder)),
        }
        Ok(())
    }

    /// Whether `host` may be called at `port`. `host` is as in a parsed URL: lower case, addresses in normal form, IPv6
    /// in brackets.
    pub fn allow_host(&self, host: &str, port: Option<u16>) -> bool {
        self.hosts.iter().any(|rule| rule.matches(host, port))
    }

    /// Whether `program` may be run: a bare name, or a path that was granted exactly as written here.
    pub fn allow_program(&self, program: &str) -> bool {
        self.programs.contains(program)
    }

    /// The folders whose files may be accessed, as given.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        self.folders.iter().map(PathBuf::as_path)
    }

    /// Whether the environment variable `name` may be read.
    pub fn allow_variable(&self, name: &str) -> bool {
        self.variables.contains(name)
    }
}

/// Whether a grant can name `host` at `port`, both as in a parsed URL. What none can name must not wait for one.
#[cfg(feature = "http")]
pub(super) fn check_host(host: &str, port: Option<u16>) -> Result<(), String> {
    match port {
        Some(0) => Err("its port is 0; expected a number from 1 to 65535".to_owned()),
        _ if HostRule::can_name(host) => Ok(()),
        _ => Err("its host is not valid; expected a name like `api.example.com`, or an address".to_owned()),
    }
}

/// Whether a grant can name a program.
#[cfg(feature = "shell")]
pub(super) fn check_program(text: &str) -> Result<(), String> {
    let is_plain = !text.is_empty() && !text.contains(',') && !text.contains(char::is_control);
    let is_program = is_plain && program(text).is_ok();
    is_program.then_some(()).ok_or_else(|| "expected a name or a path without blanks, commas and `*`".to_owned())
}

/// Whether a grant can name an environment variable.
pub(super) fn check_variable(text: &str) -> Result<(), String> {
    let is_name = !text.is_empty() && variable(text).is_ok();
    is_name.then_some(()).ok_or_else(|| "names are letters, digits and `_`, and do not begin with a digit".to_owned())
}

fn parts<T>(
    given: &str,
    list: &str,
    what: &'static str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, InvalidGrant> {
    let wrong =
        |part: &str, reason| InvalidGrant::Part { given: given.trim().to_owned(), part: part.to_owned(), what, reason };
    list.split(',')
        .map(str::trim)
        .map(|part| match part {
            "" => Err(wrong(part, "there is nothing between two commas".to_owned())),
            part => read(part).map_err(|reason| wrong(part, reason)),
        })
        .collect()
}

fn program(text: &str) -> Result<String, String> {
    if text.contains('*') {
        return Err("programs are granted one by one".to_owned());
    }
    match text.split_once(char::is_whitespace) {
        Some((first, _)) => Err(format!("a program is granted with all its arguments; write `{first}`")),
        None => Ok(text.to_owned()),
    }
}

fn variable(text: &str) -> Result<String, String> {
    let word = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if word && !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err("names are letters, digits and `_`, granted one by one".to_owned())
}
