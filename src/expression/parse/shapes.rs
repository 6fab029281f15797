//! Shapes of other languages that cannot be parsed, as patterns of a line, each with what to write instead.

use std::sync::LazyLock;

use regex_lite::{Captures, Regex};

use crate::diagnostic::Position;

use super::super::ScriptFinding;
use super::foreign::shown;
use super::text::Text;

/// The longest line that is compared with the shapes, in bytes: a longer one is hardly a slip of the pen.
const LONGEST_LINE: usize = 500;

/// A shape: its pattern, the message and the help. The group `at` is the place of the finding. The place where the
/// parser gave up must lie within the pattern. Message and help may repeat groups.
struct Shape(&'static str, &'static str, &'static str);

const NO_FUNCTION: &str = "`=>` makes no function";
const NO_CHOICE: &str = "`if` comes before its values";
const NO_DURATION: &str = "a duration is written in quotes, with `duration`";
const NO_RANGE: &str = "`:` takes no part of a list or a text";
const NO_SPREAD: &str = "`...` means nothing in scripts";
const NO_TYPE: &str = "a variable has no declared type";

/// The first that matches counts.
const SHAPES: &[Shape] = &[
    Shape(
        r"(?:[=(,:]|\breturn)\s*\((?P<a>[\w\s,]*)\)\s*(?P<at>=>)\s*(?P<b>(?:[^;(),]|\([^()]*\))+)",
        NO_FUNCTION,
        "write a closure: `|$a| $b`",
    ),
    Shape(
        r"(?:[=(,:]|\breturn)\s*(?P<a>\w+)\s*(?P<at>=>)\s*(?P<b>(?:[^;(),]|\([^()]*\))+)",
        NO_FUNCTION,
        "write a closure: `|$a| $b`",
    ),
    Shape(
        r#"(?P<a>"[^"]*"|`[^`]*`|-?[\w.]+(?:\([^()]*\))?)\s+(?P<at>if)\s+(?P<c>[^{};]+?)\s+else\s+(?P<b>(?:[^{};,()]|\([^()]*\))+?)\s*(?:[;,)}\]]|$)"#,
        NO_CHOICE,
        "write `if $c { $a } else { $b }`",
    ),
    Shape(
        r"(?:^|[=(,;{]\s|\(|\breturn\b)\s*(?P<c>[^=(,;?{\s](?:[^=;?{]|[=!<>]=)*?)\s*(?P<at>\?)\s*(?P<a>(?:[^{};,():?]|\([^()]*\))+?)\s*:\s*(?P<b>(?:[^{};,()]|\([^()]*\))+?)\s*(?:[;,)}\]]|$)",
        "`?` means nothing in scripts",
        "write `if $c { $a } else { $b }`",
    ),
    Shape(
        r"^\s*(?P<at>assert)\s+(?P<c>[^;,]*[^;,\s])",
        "`assert` means nothing in scripts",
        "write `if !($c) { fail(\"…\") }`",
    ),
    Shape(
        r"[{,]\s*timeout\s*:\s*(?P<at>\d+\s?(?:ms|s|m|h|d))\b",
        "a duration is written in quotes here",
        "an option of a call takes it as a text: `\"$at\"`",
    ),
    Shape(
        r"(?:^|[^\w.])(?P<at>(?P<n>\d+)(?P<u>ms|s|m|h|d|w))\b",
        NO_DURATION,
        "write `duration(\"$n$u\")`, or the text `\"$n$u\"` where a call takes one",
    ),
    Shape(r"[{,]\s*(?P<at>[A-Za-z]\w*(?:-\w+)+)\s*:", "a key with `-` needs quotes", "write `\"$at\": …`"),
    Shape(
        r"(?P<l>[\w.]+)\[\s*(?P<a>-?\w+)\s*(?P<at>:)\s*(?P<b>-?\w+)\s*\]",
        NO_RANGE,
        "write `$l.extract($a..$b)` for a list, `$l.sub_string($a..$b)` for a text",
    ),
    Shape(
        r"(?P<l>[\w.]+)\[\s*(?P<a>-?\w+)\s*(?P<at>:)\s*\]",
        NO_RANGE,
        "write `$l.extract($a)` for a list, `$l.sub_string($a)` for a text",
    ),
    Shape(
        r"(?P<l>[\w.]+)\[\s*(?P<at>:)\s*(?P<b>-?\w+)\s*\]",
        NO_RANGE,
        "write `$l.extract(0..$b)` for a list, `$l.sub_string(0..$b)` for a text",
    ),
    Shape(r"\[\s*(?P<at>\.\.\.)(?P<l>[\w.]+)\s*\]", NO_SPREAD, "write `$l`: each name has a copy of its own"),
    Shape(r"\[\s*(?P<at>\.\.\.)(?P<l>[\w.]+)\s*,\s*(?P<b>[^\]]+)\]", NO_SPREAD, "write `$l + [$b]`"),
    Shape(r"\[\s*(?P<a>[^\]]+?)\s*,\s*(?P<at>\.\.\.)(?P<l>[\w.]+)\s*\]", NO_SPREAD, "write `[$a] + $l`"),
    Shape(r"\{\s*(?P<at>\.\.\.)(?P<l>[\w.]+)\s*,\s*(?P<b>[^}]*[^}\s])\s*\}", NO_SPREAD, "write `$l + #{ $b }`"),
    Shape(r"(?P<at>\.\.\.)(?P<l>[\w.]+)", NO_SPREAD, "lists and maps are joined with `+`: `$l + …`"),
    Shape(
        r"\blet\s+(?P<a>\w+)\s*(?P<at>,)\s*(?P<b>\w+)",
        "`let` takes one name",
        "write one `let` for each name: `let $a; let $b;`",
    ),
    Shape(
        r"\b(?:let|const)\s+(?P<a>\w+)\s*(?P<at>:)\s*(?P<t>decimal|date|datetime|duration)\s*=\s*(?P<b>[^;]+)",
        NO_TYPE,
        "write `let $a = $t($b)`",
    ),
    Shape(r"\b(?:let|const)\s+(?P<a>\w+)\s*(?P<at>:)\s*\w+\s*=\s*(?P<b>[^;]+)", NO_TYPE, "write `let $a = $b`"),
    Shape(r"\b(?:let|const)\s+(?P<a>\w+)\s*(?P<at>:)\s*\w+\s*(?:;|$)", NO_TYPE, "write `let $a;`"),
    Shape(
        r"\bfor\s+(?P<k>\w+)\s*(?P<at>,)\s*(?P<v>\w+)\s+in\s+(?P<m>[\w.]+)",
        "`for` takes one name, or two in brackets",
        "write `for $k in $m.keys() { let $v = $m[$k]; … }` for a map, `for (item, index) in $m { … }` for a list",
    ),
    Shape(
        r"\$\{(?P<a>[^}:]+)(?P<at>:)[,<>+0]*\.(?P<n>\d+)[a-z]?\}",
        "`:` has no meaning in `$${…}`",
        "write `$${$a.round($n)}`",
    ),
    Shape(
        r"\$\{(?P<a>[^}:]+)(?P<at>:)\s*(?P<n>[^}]*)\}",
        "`:` has no meaning in `$${…}`",
        "a value is formatted by its methods: `$${amount.round(2)}`, `$${date.format(\"%d.%m.%Y\")}`",
    ),
];

static PATTERNS: LazyLock<Vec<(Regex, &'static Shape)>> = LazyLock::new(|| {
    let compiled = |shape: &'static Shape| Some((Regex::new(shape.0).ok()?, shape));
    SHAPES.iter().filter_map(compiled).collect()
});

/// The finding for such a shape around `found`, where the parser gave up.
pub(super) fn finding(text: &Text<'_>, found: Position) -> Option<ScriptFinding> {
    let (before, rest) = (text.before(found), text.rest(found));
    if before.len() + rest.len() > LONGEST_LINE {
        return None;
    }
    let line = format!("{before}{rest}");
    PATTERNS.iter().find_map(|(pattern, shape)| {
        let mut all = pattern.captures_iter(&line);
        let groups = all
            .find(|groups| groups.get(0).is_some_and(|whole| (whole.start()..=whole.end()).contains(&before.len())))?;
        Some(shape.finding(&line, &groups, found))
    })
}

impl Shape {
    fn finding(&self, line: &str, groups: &Captures<'_>, found: Position) -> ScriptFinding {
        let place = groups.name("at").map_or(0..0, |at| at.range());
        let column = |byte: usize| line.get(..byte).unwrap_or_default().chars().count() + 1;
        let at = Position { column: column(place.start), ..found };
        let end = Position { column: column(place.end), ..found };
        ScriptFinding::new(at, Some(end), filled(self.1, groups), Some(filled(self.2, groups)))
    }
}

/// A template with its groups.
fn filled(template: &str, groups: &Captures<'_>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((start, behind)) = rest.split_once('$') {
        text.push_str(start);
        if let Some(behind) = behind.strip_prefix('$') {
            text.push('$');
            rest = behind;
            continue;
        }
        let end = behind.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(behind.len());
        let (name, behind) = behind.split_at(end);
        let group = groups.name(name).map_or("", |group| group.as_str().trim());
        text.push_str(&shown(group));
        rest = behind;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::{PATTERNS, SHAPES};

    #[test]
    fn every_pattern_is_one_and_says_where_it_is() {
        assert_eq!(PATTERNS.len(), SHAPES.len());
        for (pattern, shape) in PATTERNS.iter() {
            assert!(pattern.capture_names().any(|name| name == Some("at")), "{}", shape.0);
        }
    }
}
