//! `opsflow.yml`, and the order of sources: flag, environment, file, default.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anstream::ColorChoice;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::diagnostic::{Finding, Position, Source, Span};
use crate::duration::InvalidDuration;
use crate::name::nearest;
use crate::opsflow::{LEASE, MIN_LEASE};
use crate::storage;

use super::exit::Failure;
use super::flows::DEFAULT_FOLDER;
use super::root;
use super::screen::{Color, Screen};
use super::session;

mod places;

/// The file's name.
pub(super) const FILE: &str = "opsflow.yml";
/// Bytes of the file.
const MAX_CONFIG_BYTES: u64 = 256 * 1024;
/// The most mistakes of the file that are reported at once.
const MAX_MISTAKES: usize = 20;
/// Where tasks are kept by default.
const DEFAULT_STORAGE: &str = "sqlite:.opsflow/tasks.db";
/// The keys of the file.
const KEYS: [&str; 9] = ["storage", "flows", "allow", "json", "quiet", "utc", "color", "checkpoint", "lease"];

/// The content of the file.
#[derive(serde::Deserialize, Debug, Default, PartialEq)]
#[serde(deny_unknown_fields)]
struct Config {
    storage: Option<String>,
    flows: Option<PathBuf>,
    allow: Option<OneOrMany>,
    json: Option<bool>,
    quiet: Option<bool>,
    utc: Option<bool>,
    color: Option<Color>,
    checkpoint: Option<Checkpoint>,
    lease: Option<Lease>,
}

/// One text, or a list of them.
#[derive(serde::Deserialize, Debug, PartialEq)]
#[serde(untagged, expecting = "`allow`: a text was expected, like `http=api.example.com`, or a list of them")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn into_list(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(list) => list,
        }
    }
}

/// When a checkpoint is stored.
#[derive(serde::Deserialize, Debug, PartialEq, Eq, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Checkpoint {
    /// Only when necessary.
    WhenNeeded,
    /// After every state.
    EveryState,
}

/// The lease of claims. It is parsed together with the YAML, so that an error has its place.
#[derive(Debug, PartialEq)]
struct Lease(Duration);

impl<'de> Deserialize<'de> for Lease {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(LeaseReader)
    }
}

struct LeaseReader;

impl Visitor<'_> for LeaseReader {
    type Value = Lease;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Lease, E> {
        lease(text).map(Lease).map_err(E::custom)
    }
}

/// What is given for this call of the program, by flags or the environment.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) storage: Option<String>,
    pub(super) flows: Option<PathBuf>,
    pub(super) allow: Option<Vec<String>>,
    pub(super) json: bool,
    pub(super) quiet: bool,
    pub(super) utc: bool,
    pub(super) color: Option<Color>,
}

/// The settings of this call of the program.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// The storage's URL.
    pub(super) storage: String,
    /// Whether that was given for this call, and not by the file.
    pub(super) storage_is_typed: bool,
    /// The folder of the flows, if one was given.
    pub(super) flows: Option<PathBuf>,
    /// The folder of the flows if none was given.
    pub(super) default_flows: PathBuf,
    /// What scripts may reach.
    pub(super) allow: Vec<String>,
    /// Whether that was given for this call, and not by the file.
    pub(super) allow_is_typed: bool,
    /// Whether a checkpoint is stored after every state.
    pub(super) every_state: bool,
    /// The lease of claims.
    pub(super) lease: Duration,
    /// Where output goes.
    pub(super) screen: Screen,
}

impl Settings {
    /// Merges what is `given` for this call with the file in `root`.
    pub(super) fn new(given: Given, root: &Path) -> Result<Self, Failure> {
        let config = read(&root.join(FILE))?;
        let color = given.color.or(config.color).map_or(ColorChoice::Auto, ColorChoice::from);
        let said = |text: &String| !text.is_empty();
        let storage = given.storage.filter(said);
        let storage_is_typed = storage.is_some();
        let stored = config.storage.filter(said).unwrap_or_else(|| DEFAULT_STORAGE.to_owned());
        let flows = given.flows.filter(|path| !path.as_os_str().is_empty());
        let flows = flows.or(config.flows.map(|flows| root.join(flows)));
        let allow = given.allow.filter(|texts| texts.iter().any(said));
        let allow_is_typed = allow.is_some();
        let of_file = config.allow.map(OneOrMany::into_list);
        let of_file = of_file.map(|texts| texts.into_iter().map(|text| root::grant(root, text)).collect());
        let allow: Vec<String> = allow.or(of_file).unwrap_or_default();
        Ok(Self {
            storage: storage.unwrap_or_else(|| root::storage(root, stored)),
            storage_is_typed,
            flows,
            default_flows: root.join(DEFAULT_FOLDER),
            allow: allow.into_iter().filter(said).collect(),
            allow_is_typed,
            every_state: config.checkpoint == Some(Checkpoint::EveryState),
            lease: config.lease.map_or(LEASE, |lease| lease.0),
            screen: Screen {
                color,
                quiet: given.quiet || config.quiet.unwrap_or_default(),
                json: given.json || config.json.unwrap_or_default(),
                utc: given.utc || config.utc.unwrap_or_default(),
            },
        })
    }
}

/// Parses a lease.
pub(super) fn lease(text: &str) -> Result<Duration, String> {
    let length: crate::duration::Duration = text.parse().map_err(|why: InvalidDuration| why.to_string())?;
    match length.to_std().filter(|length| *length >= MIN_LEASE) {
        Some(length) => Ok(length),
        None => Err(format!("`{text}` is shorter than {} s (MIN_LEASE)", MIN_LEASE.as_secs())),
    }
}

fn read(path: &Path) -> Result<Config, Failure> {
    let Some(text) = text(path)? else { return Ok(Config::default()) };
    if is_empty(&text) {
        return Ok(Config::default());
    }
    let source = Arc::new(Source::new(path.display().to_string(), text.clone()));
    let (mut text, mut findings) = (text, Vec::new());
    // The YAML reader stops at the first mistake. The key with the mistake is left out, and the rest is read again.
    loop {
        let why = match serde_yaml::from_str::<Config>(&text) {
            Ok(config) => {
                findings.extend(unusable(&source, &config));
                if findings.is_empty() {
                    return Ok(config);
                }
                break;
            }
            Err(why) => why,
        };
        let finding = finding(&source, &text, &why);
        let line = finding.position().line;
        findings.push(finding);
        match without_key(&text, line).filter(|_| findings.len() < MAX_MISTAKES) {
            Some(rest) if !is_empty(&rest) => text = rest,
            _ => break,
        }
    }
    findings.sort_by_key(|finding| finding.span.start);
    Err(Failure::findings(findings).of_kind("usage"))
}

/// Whether it is empty.
fn is_empty(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#'))
}

/// A mistake at its place. `text` is the file without the keys that were left out.
fn finding(source: &Arc<Source>, text: &str, why: &serde_yaml::Error) -> Finding {
    let at =
        why.location().map_or(Position { line: 1, column: 1 }, |at| Position { line: at.line(), column: at.column() });
    let said = why.to_string();
    let said = said.split(" at line ").next().unwrap_or(&said).to_owned();
    let unknown = said.split("unknown field `").nth(1).and_then(|rest| rest.split('`').next());
    let (message, help) = match unknown {
        Some(key) => (format!("unknown key `{key}`"), Some(known_keys(key))),
        None => (plainly(&said), None),
    };
    let start = place(text, &said).unwrap_or_else(|| source.byte(at));
    Finding { help, ..Finding::error(source, Span::new(start, start), message) }
}

/// The place of what the YAML reader complains of, if it names a key: the second one, or the value.
fn place(text: &str, said: &str) -> Option<usize> {
    let keys = places::keys(text);
    if let Some(key) = repeated(said) {
        return keys.iter().filter(|place| place.key == key).nth(1).map(|place| place.start);
    }
    if said.contains(SEVERAL) {
        return text.match_indices("\n---").last().map(|(at, _)| at + 1);
    }
    let key = said.split(": ").next()?.trim_matches('`');
    keys.iter().find(|place| place.key == key && KEYS.contains(&key)).map(|place| place.value.start)
}

/// The key that is given twice, if the YAML reader complains of that.
fn repeated(said: &str) -> Option<&str> {
    said.split("duplicate field `").nth(1)?.split('`').next()
}

/// What the YAML reader says of several documents.
const SEVERAL: &str = "more than one document";

/// Texts of the file that name no storage or grant nothing, each at its place.
fn unusable(source: &Arc<Source>, config: &Config) -> Vec<Finding> {
    let at = |source: &Arc<Source>, key: &str, item: &str, why: Failure| {
        let start = places::of_item(source.text(), key, item).unwrap_or_default();
        let message = why.message.unwrap_or_default();
        Finding { help: why.help, ..Finding::error(source, Span::new(start, start), message) }
    };
    let mut findings = Vec::new();
    if let Some(url) = config.storage.as_deref().filter(|url| !url.is_empty()) {
        let scheme = url.split(':').next().unwrap_or_default();
        // The rest is not shown: it may hold a password.
        let hidden = source.text().replace(url, &format!("{scheme}:…"));
        let hidden = Arc::new(Source::new(source.name(), hidden));
        findings.extend(storage::check(url).err().map(|why| at(&hidden, "storage", scheme, why.into())));
    }
    let grants: &[String] = match &config.allow {
        Some(OneOrMany::One(grant)) => std::slice::from_ref(grant),
        Some(OneOrMany::Many(grants)) => grants,
        None => &[],
    };
    for grant in grants.iter().filter(|grant| !grant.is_empty()) {
        let why = session::grants(std::slice::from_ref(grant)).err();
        findings.extend(why.map(|why| at(source, "allow", grant, why)));
    }
    findings
}

/// The text with blanks in place of the key to which a line belongs, so that all else stays at its place. None if no key
/// begins its line there.
fn without_key(text: &str, line: usize) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let begins = |text: &&str| text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '"' || c == '\'');
    let first = lines.get(..line)?.iter().rposition(begins)?;
    let after = first + 1;
    let end = lines.get(after..)?.iter().position(begins).map_or(lines.len(), |next| after + next);
    let blank = |line: &str| format!("{}\n", " ".repeat(line.len().saturating_sub(1)));
    let kept = lines.iter().enumerate();
    Some(kept.map(|(at, line)| if (first..end).contains(&at) { blank(line) } else { (*line).to_owned() }).collect())
}

/// Rewords the YAML reader's message about a value for users who do not know it.
fn plainly(message: &str) -> String {
    if let Some(key) = repeated(message) {
        return format!("`{key}` is given twice");
    }
    if message.contains(SEVERAL) {
        return "the file has one YAML document: leave `---` out".to_owned();
    }
    if message.starts_with("found unexpected end of stream") {
        return "a quote or bracket that opens above is not closed".to_owned();
    }
    if message.starts_with("invalid type: ") {
        return "keys with their values were expected, like `storage: sqlite:tasks.db`".to_owned();
    }
    let key = message.split(": ").next().unwrap_or_default().trim_matches('`');
    let expected = match key {
        "storage" => "a text was expected, like `sqlite:tasks.db`",
        "flows" => "the path of a folder was expected",
        "allow" => "a text was expected, like `http=api.example.com`, or a list of them",
        "json" | "quiet" | "utc" => "`true` or `false` was expected",
        "color" => "`auto`, `always` or `never` was expected",
        "checkpoint" => "`when_needed` or `every_state` was expected",
        "lease" => "a duration of a second or more (MIN_LEASE) was expected, like `30s`",
        _ => return message.to_owned(),
    };
    format!("`{key}`: {expected}")
}

fn known_keys(key: &str) -> String {
    match nearest(key, KEYS) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys are {}", KEYS.map(|key| format!("`{key}`")).join(", ")),
    }
}

/// The file's text; none if there is no file.
fn text(path: &Path) -> Result<Option<String>, Failure> {
    let failed = |why: &str| Failure::usage(format!("`{}` cannot be read: {why}", path.display()));
    match std::fs::metadata(path) {
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(why) => return Err(failed(&why.to_string())),
        Ok(about) if !about.is_file() => return Err(failed("it is not a regular file")),
        Ok(_) => {}
    }
    let file = std::fs::File::open(path).map_err(|why| failed(&why.to_string()))?;
    let mut text = String::new();
    file.take(MAX_CONFIG_BYTES + 1).read_to_string(&mut text).map_err(|why| failed(&why.to_string()))?;
    if text.len() as u64 > MAX_CONFIG_BYTES {
        return Err(failed(&format!("it is larger than {MAX_CONFIG_BYTES} bytes (MAX_CONFIG_BYTES)")));
    }
    Ok(Some(text))
}
