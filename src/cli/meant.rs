//! Suggestions for a command line that cannot be parsed: commands of other tools, a file without a command, values
//! without `--set`.

use std::ffi::OsString;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::duration::Duration;
use crate::name::CAPABILITIES;

use super::exit::Failure;
use super::filters::status_meant;
use super::flows::is_file;
use crate::quoted::quoted;

/// Planned commands. A user who has read of one is told that it does not exist yet.
const PLANNED: [&str; 10] = ["serve", "explore", "lsp", "doctor", "copy", "import", "token", "top", "debug", "record"];

/// Commands of other tools, and what to use here.
const ELSEWHERE: [(&[&str], &str); 17] = [
    (&["version"], "`opsflow --version` says which version this is"),
    (&["validate", "lint", "verify", "vet"], "`opsflow check` reports what is wrong with flows"),
    (&["ls", "ps", "tasks", "find", "query", "jobs"], "`opsflow list` shows the tasks there are"),
    (
        &["logs", "log", "tail", "audit"],
        "`opsflow history ID` shows what happened to a task, `opsflow events` what happens to all",
    ),
    (
        &["status", "get", "describe", "inspect", "info"],
        "`opsflow show ID` shows a task, `opsflow list` shows them all",
    ),
    (
        &["exec", "execute", "call"],
        "`opsflow run FILE` runs a task here and now, `opsflow interact ID NAME` acts on one",
    ),
    (&["stop", "kill", "abort", "terminate", "end"], "`opsflow cancel ID` cancels a task"),
    (
        &["apply", "deploy", "register", "publish", "push", "load"],
        "flows are read from their files: `opsflow start FILE` needs nothing before it; `opsflow migrate FLOW` moves tasks in flight to a changed flow",
    ),
    (&["rm", "remove", "del", "purge"], "`opsflow delete ID` deletes a task that has ended"),
    (&["submit", "enqueue", "trigger", "launch", "create", "spawn"], "`opsflow start FILE` hands a task to a worker"),
    (&["init", "scaffold", "generate"], "`opsflow new NAME` writes a starter flow"),
    (&["signal", "send", "approve", "answer", "input"], "`opsflow interact ID NAME` acts on a task that waits"),
    (
        &["resume", "continue", "poke"],
        "`opsflow wake ID` looks at a sleeping task now, `opsflow retry ID` retries a failed one",
    ),
    (&["restart", "rerun", "redo", "replay"], "`opsflow retry ID` retries a failed or cancelled task"),
    (&["watch"], "`opsflow dev` and `opsflow test --watch` watch flows, `opsflow run FILE --wait` stays with a task"),
    (&["format", "pretty"], "`opsflow fmt` lays flow files out"),
    (&["draw", "diagram", "viz", "plot", "render", "visualize"], "`opsflow graph FILE` draws a flow"),
];

/// What chooses tasks.
const FILTERS: [&str; 9] =
    ["--flow", "--status", "--state", "--queue", "--parent", "--ref", "--where", "--since", "--until"];

/// Options of other tools, and what to use here.
const OPTIONS: [(&[&str], &str); 6] = [
    (
        &["-y", "--force", "-f", "--no-confirm", "--assume-yes"],
        "to be asked nothing, write `--yes`, with `--all` or `migrate`",
    ),
    (&["--db", "--database", "--store", "--db-url", "--url"], "tasks are kept where `--storage sqlite:PATH` says"),
    (&["--detach", "--background", "--async"], "`opsflow start FILE` hands a task to a worker and ends"),
    (
        &["--param", "--params", "--arg", "--args", "--var", "--value", "--data", "--json-input"],
        "values are given as `--set NAME=VALUE`, or as JSON or YAML by `--input FILE`",
    ),
    (&["--reason", "--message", "--comment"], "no reason is kept with it: an interaction with params can store one"),
    (&["--verbose", "--debug", "--trace"], "moves are shown as they happen; `worker --log-level debug` logs more"),
];

/// Options of other tools that mean something for one command, and what to use here.
const OF_COMMANDS: [(&str, &[&str], &str); 5] = [
    (
        "fmt",
        &["--write", "-w", "--in-place", "-i", "--fix", "--inplace"],
        "`fmt` writes by itself; with `--check` it only shows what would change",
    ),
    (
        "list",
        &["--all", "-a", "-n"],
        "`list` shows tasks of all kinds, the newest 100; `--limit N` shows more or fewer",
    ),
    (
        "migrate",
        &["--version", "--from"],
        "tasks move to the version that the flow's file says: raise `version` there; `--to N` makes sure of it",
    ),
    (
        "graph",
        &["-f", "--type", "--out", "--file"],
        "the ending says how it is drawn: `-o FILE.svg`, `.png`, `.dot`, `.mmd` or `.txt`; or `--format FORMAT`",
    ),
    ("check", &["--fix", "--write"], "`check` changes nothing; `opsflow fmt` lays flow files out"),
];

/// Statuses of other systems, with those here.
const STATUSES: [(&[&str], &str); 5] = [
    (&["done", "success", "succeeded", "finished", "complete", "ok", "ended"], "completed"),
    (&["error", "errored", "failure", "dead"], "failed"),
    (&["running", "due", "queued", "pending", "ready", "started", "in_progress"], "active"),
    (&["sleeping", "suspended", "paused", "blocked", "idle"], "waiting"),
    (&["canceled", "aborted", "stopped", "killed", "terminated"], "cancelled"),
];

/// The failure for a command line that clap refused, if it is clear what was meant.
pub(super) fn meant(error: &clap::Error, typed: &[OsString]) -> Option<Failure> {
    let typed: Vec<&str> = typed.iter().skip(1).map(|word| word.to_str().unwrap_or_default()).collect();
    match error.kind() {
        ErrorKind::InvalidSubcommand => command(context(error, ContextKind::InvalidSubcommand)?, &typed),
        ErrorKind::UnknownArgument => {
            let argument = context(error, ContextKind::InvalidArg)?;
            split_grant(argument, &typed).or_else(|| option(argument, &typed)).or_else(|| value(argument, &typed))
        }
        ErrorKind::InvalidValue if context(error, ContextKind::InvalidArg)?.starts_with("--status") => {
            let given = context(error, ContextKind::InvalidValue)?;
            let known = STATUSES.iter().find(|(names, _)| names.contains(&given.to_ascii_lowercase().as_str()));
            let known = known.map(|(_, meant)| format!("write `--status {meant}`"));
            let help = known.or_else(|| status_meant(given).map(str::to_owned))?;
            Some(Failure::usage(format!("`{given}` is not a status")).with_help(help))
        }
        ErrorKind::ValueValidation if context(error, ContextKind::InvalidArg)?.starts_with("--") => length(error),
        ErrorKind::MissingRequiredArgument => many_without_all(&typed),
        _ => None,
    }
}

fn context(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text),
        _ => None,
    }
}

/// The command of a line: its first word that is not an option.
fn command_of<'t>(typed: &[&'t str]) -> Option<&'t str> {
    typed.iter().copied().find(|word| !word.starts_with('-'))
}

/// A command that does not exist.
fn command(name: &str, typed: &[&str]) -> Option<Failure> {
    let message = format!("there is no command `{name}`");
    if PLANNED.contains(&name) {
        let message = format!("the command `{name}` is planned, but not part of this version");
        return Some(Failure::usage(message).with_help("`opsflow help` lists the commands there are"));
    }
    if let Some((_, help)) = ELSEWHERE.iter().find(|(names, _)| names.contains(&name)) {
        return Some(Failure::usage(message).with_help(*help));
    }
    if is_file(name) {
        let rest: String =
            typed.iter().skip_while(|word| **word != name).map(|word| format!(" {}", quoted(word))).collect();
        let what = Failure::usage(format!("`{name}` is a file, not a command"));
        return Some(what.with_help(format!("`opsflow run{rest}` runs it")));
    }
    None
}

/// An option that does not exist.
fn option(argument: &str, typed: &[&str]) -> Option<Failure> {
    let command = command_of(typed)?;
    let help = if command == "retry" && argument == "--set" {
        "`retry` takes the task up as it is; an interaction or a migration changes its attributes"
    } else if let Some((.., help)) =
        OF_COMMANDS.iter().find(|(of, names, _)| *of == command && names.contains(&argument))
    {
        help
    } else {
        OPTIONS.iter().find(|(names, _)| names.contains(&argument))?.1
    };
    Some(Failure::usage(format!("unexpected argument `{argument}`")).with_help(help))
}

/// `--allow http localhost:8080`: a grant in two words.
fn split_grant(argument: &str, typed: &[&str]) -> Option<Failure> {
    let capability = typed.windows(3).find_map(|words| match words {
        ["--allow", capability, rest] if *rest == argument && CAPABILITIES.contains(capability) => Some(*capability),
        _ => None,
    })?;
    let grant = format!("{capability}={argument}");
    let what = Failure::usage(format!("unexpected argument `{argument}`"));
    Some(what.with_help(format!("a grant is one word: `--allow {}`", quoted(&grant))))
}

/// A length of time without a unit.
fn length(error: &clap::Error) -> Option<Failure> {
    let option = context(error, ContextKind::InvalidArg)?.split(' ').next()?;
    let given = context(error, ContextKind::InvalidValue)?;
    let takes = context(error, ContextKind::InvalidArg)?.contains("DURATION");
    let help = Duration::meant_by(given).filter(|_| takes && given.parse::<Duration>().is_err())?;
    Some(Failure::usage(format!("`{option}`: `{given}` is not a duration")).with_help(help))
}

/// Filters where one task was expected.
fn many_without_all(typed: &[&str]) -> Option<Failure> {
    let command = command_of(typed)?;
    let is_filter = |word: &&str| FILTERS.contains(&word.split('=').next().unwrap_or_default());
    if !matches!(command, "cancel" | "retry" | "wake" | "delete") || !typed.iter().any(is_filter) {
        return None;
    }
    let message = format!("`{command}` needs the id of a task, or `--all`");
    let typed: String = typed.iter().map(|word| format!(" {}", quoted(word))).collect();
    Some(
        Failure::usage(message).with_help(format!("`opsflow{typed} --all` does it to each task that the filters find")),
    )
}

/// A value of an attribute that is written like an option, or alone.
fn value(argument: &str, typed: &[&str]) -> Option<Failure> {
    let command = command_of(typed)?;
    if !matches!(command, "run" | "start" | "interact") {
        return None;
    }
    let message = format!("unexpected argument `{argument}`");
    let Some(name) = argument.strip_prefix("--") else {
        let (name, _) = argument.split_once('=')?;
        return Some(Failure::usage(message).with_help(set(argument, name)));
    };
    // The option's name, as clap reports it, ends at the `=`.
    let given = typed.iter().position(|word| word.split('=').next() == Some(argument))?;
    let word = typed.get(given)?;
    let name = name.split('=').next()?.replace('-', "_");
    let value = match word.split_once('=') {
        Some((_, value)) => value,
        None => typed.get(given + 1).filter(|next| !next.starts_with("--")).copied().unwrap_or("…"),
    };
    Some(Failure::usage(message).with_help(set(&format!("{name}={value}"), &name)))
}

/// How to give a value.
fn set(pair: &str, name: &str) -> String {
    format!("to give `{name}` a value, write `--set {}`", quoted(pair))
}

/// The failure for a positional argument that looks like a value.
pub(super) fn value_without_set(argument: &str) -> Option<Failure> {
    let (name, _) = argument.split_once('=')?;
    Some(Failure::usage(format!("unexpected argument `{argument}`")).with_help(set(argument, name)))
}

/// What was meant by a grant without a capability: a bare host, folder or program.
pub(super) fn grant(given: &str) -> Option<String> {
    let host = given.strip_prefix("https://").or_else(|| given.strip_prefix("http://"));
    let host = match host {
        Some(rest) => rest.split(['/', '?']).next().filter(|host| !host.is_empty())?,
        None => given,
    };
    let is_host = |text: &str| {
        let (name, port) = text.split_once(':').unwrap_or((text, "0"));
        let named = name.contains('.') || name == "localhost" || name == "*";
        let plain = name.chars().all(|c| c.is_alphanumeric() || "-.*".contains(c));
        named && plain && port.parse::<u16>().is_ok() && !name.starts_with('.')
    };
    let capability = if is_host(host) && !Path::new(given).is_dir() {
        format!("http={host}")
    } else if given.contains('/') || given.starts_with('.') || Path::new(given).is_dir() {
        format!("files={given}")
    } else if given.chars().any(|c| c.is_ascii_uppercase()) && given.chars().all(|c| !c.is_ascii_lowercase()) {
        format!("env={given}")
    } else {
        return None;
    };
    Some(format!("write `--allow {}`", quoted(&capability)))
}

#[cfg(test)]
mod tests {
    use super::grant;

    #[test]
    fn what_is_to_be_allowed_is_seen_by_its_form() {
        for (given, meant) in [
            ("api.example.com", Some("http=api.example.com")),
            ("https://api.example.com/orders?x=1", Some("http=api.example.com")),
            ("localhost:8080", Some("http=localhost:8080")),
            ("./data", Some("files=./data")),
            ("/srv/data", Some("files=/srv/data")),
            ("HOME", Some("env=HOME")),
            ("git", None),
            ("https://", None),
        ] {
            assert_eq!(grant(given), meant.map(|meant| format!("write `--allow {meant}`")), "{given}");
        }
    }
}
