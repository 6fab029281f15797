//! Everything that can be wrong with a file, each at its exact place.

use super::findings;

mod parts;
mod states;

/// A file, and what is wrong with it: `line:column message | help`.
type Case = (&'static str, &'static [&'static str]);

fn hold(cases: &[Case]) {
    for (text, expected) in cases {
        assert_eq!(findings(text), *expected, "{text}");
        let crlf = text.replace('\n', "\r\n");
        assert_eq!(findings(&crlf), *expected, "with CRLF: {text}");
    }
}

const KEYS_OF_A_FLOW: &[Case] = &[
    (
        "flow: a
stats:
  s: result
states:
  s: result
",
        &["2:1 unknown key `stats` in the flow | did you mean `states`?"],
    ),
    (
        "flow: a
flow: b
states:
  s: result
  s: result
",
        &[
            "2:1 `flow` occurs twice in the flow | the first is in line 1",
            "5:3 `s` occurs twice in `states` | the first is in line 4",
        ],
    ),
    (
        "states:
  s: result
",
        &["1:1 the flow has no name | give it one: `flow: its_name`"],
    ),
    (
        "\u{feff}# c\nstates:\n  s: result\n---\nversion: 1\n",
        &[
            "1:1 the flow has no name | give it one: `flow: its_name`",
            "5:1 the flow has no `states` | add `states:` with at least one state",
            "5:1 the flow has no name | give it one: `flow: its_name`",
        ],
    ),
    (
        "flow: a
",
        &["1:7 flow `a` has no `states` | add `states:` with at least one state"],
    ),
    (
        "flow: a
states:
",
        &["2:1 flow `a` has no states | add at least one"],
    ),
    (
        "flow: a
states: {}
",
        &["2:1 flow `a` has no states | add at least one"],
    ),
    (
        "flow: a
states: [a]
",
        &[
            "2:9 `states` takes keys with values, found a list | write each state by its name, `its_name: …`, without `- ` before it",
        ],
    ),
    (
        "flow:
states:
  s: result
",
        &["1:1 `flow` has no value; expected the name of a flow | write it after the `:`"],
    ),
    (
        "flow: MyFlow
states:
  Do It: result
  b-c: result
  9: result
  '': result
",
        &[
            "1:7 `MyFlow` cannot be the name of a flow | did you mean `my_flow`?",
            "3:3 `Do It` cannot be the name of a state | did you mean `do_it`?",
            "4:3 `b-c` cannot be the name of a state | did you mean `b_c`?",
            "5:3 `9` cannot be the name of a state | such a name has small letters, digits and `_`, begins with no digit, and may end in `?` or `!`",
            "6:3 `` cannot be the name of a state | such a name has small letters, digits and `_`, begins with no digit, and may end in `?` or `!`",
        ],
    ),
    (
        "flow: [a]
version: one
priority: 1.5
states:
  s: result
",
        &[
            "1:7 `flow` takes the name of a flow, found a list",
            "2:10 `version` takes a whole number, found `one`",
            "3:11 `priority` takes a whole number, found `1.5`",
        ],
    ),
    (
        "flow: a
version: 0
priority: 99999999999
states:
  s: result
",
        &[
            "2:10 `version` must be 1 or more, found `0`",
            "3:11 `priority` must lie between -2147483648 and 2147483647, found `99999999999`",
        ],
    ),
    (
        r#"flow: a
version: 99999999999999999999
priority: "5"
states:
  s: result
"#,
        &[
            "2:10 `version` must lie between 1 and 4294967295, found `99999999999999999999`",
            "3:11 `priority` takes a whole number, found the text `5` in quotes | write `5`",
        ],
    ),
    (
        "flow: a
delay: 10
timeout: 1y
delete_after:
states:
  s: result
",
        &[
            "2:8 `delay`: `10` is not a duration; write numbers with a unit, like `90s`, `10m`, `1h 30m`, `7d` or `2w` | say the unit: `10s`, `10m` or `10h`",
            "3:10 `timeout`: `1y` is not a duration; write numbers with a unit, like `90s`, `10m`, `1h 30m`, `7d` or `2w` | write `365d`: months and years differ in length",
            "4:1 `delete_after` has no value; expected a duration, like `10m` | write it after the `:`",
        ],
    ),
    (
        "flow: a
uses: [shell]
index: {a: b}
description: [a]
states:
  s: result
",
        &[
            "3:8 `index` takes a list, found a map | write `- ` before each item, or `[` and `]` around them",
            "4:14 `description` takes a text, found a list",
        ],
    ),
    (
        "flow: a
attributes: 5
interactions: []
tests: {}
states:
  s: result
",
        &[
            "2:13 `attributes` takes keys with values, found a text | write `key: value`, each on its own line and deeper than this one",
            "3:15 `interactions` takes keys with values, found a list | write each by its name, `its_name: …`, without `- ` before it",
            "4:8 `tests` takes a list, found a map | write `- ` before each item, or `[` and `]` around them",
        ],
    ),
];

#[test]
fn keys_of_a_flow() {
    hold(KEYS_OF_A_FLOW);
}

const FILES: &[Case] = &[
    (
        "- a
",
        &["1:1 a flow is a map of keys, found a list | a flow begins with `flow: its_name`"],
    ),
    (
        "just text
",
        &["1:1 a flow is a map of keys, found a text | a flow begins with `flow: its_name`"],
    ),
    (
        "# nothing
",
        &["1:1 the file holds no flow | a flow begins with `flow: its_name`"],
    ),
    ("", &["1:1 the file holds no flow | a flow begins with `flow: its_name`"]),
    (
        "flow: a
? [x]
: b
<<: {a: b}
states:
  s: result
",
        &[
            "2:3 a key must be a plain name, found a list",
            "4:1 unknown key `<<` in the flow | YAML 1.2 has no merge keys: write the keys out; an alias may stand for a \
             whole value, like `retry: *name`",
        ],
    ),
    (
        "flow: a
states:
  s: { result: 1 }
---
flow: [
---
flow: b
states:
  s: resul
",
        &[
            "5:1 the flow has no `states` | add `states:` with at least one state",
            "5:7 the `[` that opens here is not closed | close the bracket",
            "9:6 `resul` is not a kind of state | did you mean `result`?",
        ],
    ),
    (
        "flow: a
states: &x { s: { label: 1 } }
tests: *x
",
        &[
            "2:12 `tests` takes a list, found a map | write `- ` before each item, or `[` and `]` around them",
            "2:14 state `s` has no kind | a state has one of `action`, `decision`, `wait_until`, `start`, `result` or `failure`",
        ],
    ),
    (
        "flow: a
states:
  s: result
 ind: x
",
        &[
            "4:2 a key was expected at this indentation | check the indentation of this line: keys of one map have the same indentation, values a deeper one",
        ],
    ),
    (
        "flow: a
states:
  s
  t: result
",
        &[
            "4:4 there cannot be a key here: the text above continues | check the indentation of this line: keys of one map have the same indentation, values a deeper one",
        ],
    ),
];

#[test]
fn files() {
    hold(FILES);
}

const COLUMNS_COUNT_CHARACTERS: &[Case] = &[(
    r#"flow: a
states:
  größe: result
  ä: { label: "ä", lable: b }
"#,
    &[
        "3:3 `größe` cannot be the name of a state | such a name has small letters, digits and `_`, begins with no digit, and may end in `?` or `!`",
        "4:3 `ä` cannot be the name of a state | such a name has small letters, digits and `_`, begins with no digit, and may end in `?` or `!`",
        "4:3 state `ä` has no kind | a state has one of `action`, `decision`, `wait_until`, `start`, `result` or `failure`",
        "4:20 unknown key `lable` in state `ä` | did you mean `label`?",
    ],
)];

#[test]
fn columns_count_characters() {
    hold(COLUMNS_COUNT_CHARACTERS);
}
