//! Secrets of all shapes, of characters that nothing else is written in.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// Letters that occur in nothing but secrets.
const LETTERS: [char; 8] = ['Ж', 'Ш', 'Ю', 'Я', 'Э', 'Ы', 'Ф', 'Ц'];
/// What JSON, URLs, XML and shells write in another way.
const SPECIAL: [char; 16] = ['"', '\\', '/', '%', '&', '?', '#', ' ', '+', '=', '<', '>', '\'', '{', '$', '\t'];
/// Letters of names of hosts, paths and tokens. Six of them by chance occur in nothing else.
const PLAIN: [char; 20] =
    ['Q', 'q', 'Z', 'z', 'X', 'x', 'J', 'j', 'K', 'k', 'V', 'v', 'W', 'w', '7', '3', '9', '4', '8', '5'];
/// What has a meaning between such letters.
const BETWEEN: [&str; 9] = ["/", "?", "#", ".", "/../", "//", ":", "@", "&k="];
/// So many characters of a secret give it away.
const SHOWN: usize = 6;
/// Characters of the longest.
const LONGEST: u64 = 400;

/// Numbers that look like chance, and are the same for a seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

/// The secrets of a task.
pub struct Secrets {
    input: Value,
    /// What must not be seen, in every way in which it may be written.
    parts: BTreeSet<String>,
}

impl Secrets {
    pub fn any(random: &mut Random) -> Self {
        let mut parts = BTreeSet::new();
        let mut secret = |random: &mut Random, lines: bool| {
            let text = text(random, lines);
            note(&text, &mut parts);
            text
        };
        let pin = secret(random, false);
        let lines = secret(random, true);
        let list: Vec<String> = (0..1 + random.below(3)).map(|_| secret(random, false)).collect();
        let vault = json!({ secret(random, false): secret(random, true), "deep": { "list": [secret(random, false)] } });
        let token = secret(random, false);
        let place = address(random);
        note(&place, &mut parts);
        // Beyond 64 bits.
        let large: String = (0..23).map(|_| random.one_of(&['4', '7', '3', '9', '8'])).collect();
        note(&large, &mut parts);
        let number = 100_000_000_000 + random.below(800_000_000_000) / 10 * 10 + 7;
        note(&number.to_string(), &mut parts);
        let input = json!({
            "pin": pin, "lines": lines, "list": list, "vault": vault, "number": number,
            "place": place, "large": large,
            "inner": { "token": token, "open": "seen" },
        });
        Self { input, parts }
    }

    pub const fn input(&self) -> &Value {
        &self.input
    }

    /// A part of a secret in `text`, with what stands around it.
    pub fn found_in(&self, text: &str) -> Option<(&str, String)> {
        let text = without_ids(text);
        let (part, at) = self.parts.iter().find_map(|part| Some((part, text.find(part.as_str())?)))?;
        let before: String = text[..at].chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
        let after: String = text[at..].chars().take(100).collect();
        Some((part, format!("{before}{after}")))
    }
}

/// The ids of tasks are made by chance, of digits too.
fn without_ids(text: &str) -> String {
    let id = regex_lite::Regex::new(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").unwrap();
    id.replace_all(text, "ID").into_owned()
}

/// A token as it stands in URLs and paths.
fn address(random: &mut Random) -> String {
    let parts = (0..1 + random.below(4)).map(|_| {
        let length = SHOWN as u64 + random.below(8);
        // A host may begin with a letter only.
        std::iter::once('Q').chain((0..length).map(|_| random.one_of(&PLAIN))).collect::<String>()
    });
    let parts: Vec<String> = parts.collect();
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() {
            text.push_str(random.one_of(&BETWEEN));
        }
        text.push_str(&part);
    }
    text
}

/// A text that begins and ends with a letter; one in four has blanks around it.
fn text(random: &mut Random, lines: bool) -> String {
    let length = match random.below(3) {
        0 => SHOWN as u64 + random.below(4),
        1 => 12 + random.below(40),
        _ => 100 + random.below(LONGEST - 100),
    };
    let blanks = if random.below(4) == 0 { "  " } else { "" };
    let mut text = blanks.to_owned();
    for at in 0..length {
        let is_edge = at == 0 || at + 1 == length;
        let break_here = lines && !is_edge && random.below(12) == 0;
        text.push(match random.below(4) {
            _ if break_here => '\n',
            0 if !is_edge => random.one_of(&SPECIAL),
            _ => random.one_of(&LETTERS),
        });
    }
    text + blanks
}

/// Every part of a secret that gives it away, in every way in which it may be written.
fn note(secret: &str, parts: &mut BTreeSet<String>) {
    let characters: Vec<char> = secret.chars().collect();
    for window in characters.windows(SHOWN) {
        let part: String = window.iter().collect();
        // What a part of special characters alone says occurs elsewhere.
        if !part.chars().any(char::is_alphanumeric) {
            continue;
        }
        let quoted = |text: &str| serde_json::to_string(text).unwrap().trim_matches('"').to_owned();
        let in_url: String = part.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let in_xml = part.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        // Names of hosts are written in lower case.
        if part.is_ascii() {
            parts.insert(part.to_lowercase());
        }
        parts.extend([quoted(&part), quoted(&quoted(&part)), in_url, in_xml, part]);
    }
}
