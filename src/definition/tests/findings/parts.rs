//! What can be wrong with attributes, interactions, timeouts, schedules, migrations and tests.

use super::{Case, hold};

const ATTRIBUTES: &[Case] = &[
    (
        "flow: a
attributes:
  Total: strng
  b:
  c: [string]
  d: { type: int, requird: yes }
  e: { required: 'true', one_of: a, min: [1], max: }
  f: { one_of: [], items: strin, fields: { X: string }, model: a b, pattern: }
states:
  s: result
",
        &[
            "3:3 `Total` cannot be the name of an attribute | did you mean `total`?",
            "3:10 `strng` is not a type | did you mean `string`?",
            "4:3 attribute `b` has no type | write its type, `string`, `integer`, `float`, `decimal`, `boolean`, `date`, `datetime`, `duration`, `list`, `map`, `any`, `ref`, …",
            "5:6 attribute `c` takes a type or a map of rules, found a list | write `{ type: list, items: string }`",
            "6:14 `int` is not a type | did you mean `integer`?",
            "6:19 unknown key `requird` in attribute `d` | did you mean `required`?",
            "7:18 `required` takes `true` or `false`, found the text `true` in quotes | write `true`",
            "7:34 `one_of` takes a list, found a text | write `- ` before each item, or `[` and `]` around them",
            "7:42 `min` takes a number, a date or a length, found a list",
            "7:47 `max` has no value; expected a number, a date or a length | write it after the `:`",
            "8:16 `one_of` is an empty list | give it at least one item, or leave it out",
            "8:27 `strin` is not a type | did you mean `string`?",
            "8:44 `X` cannot be the name of a field | did you mean `x`?",
            "8:64 `a b` cannot be the name of a type of record | did you mean `a_b`?",
            "8:69 `pattern` has no value; expected a text | write it after the `:`",
        ],
    ),
    (
        "flow: a
attributes: { a: { default: .nan }, b: { default: { x: 1, x: 2, [a]: 3 } } }
states:
  s: result
",
        &[
            "2:29 `.nan` is a number that no value can hold | if it is meant as text, quote it",
            "2:59 `x` occurs twice in this map | the first is in line 2",
            "2:65 a key must be a plain name, found a list",
        ],
    ),
];

#[test]
fn attributes() {
    hold(ATTRIBUTES);
}

const INTERACTIONS_TIMEOUTS_SCHEDULES_AND_MIGRATIONS: &[Case] = &[
    (
        "flow: a
interactions:
  Go!: { action: x }
  b!:
  c: { when: [] }
  d: { params: { X: string }, wen: [s], go_to: }
states:
  s: result
",
        &[
            "3:3 `Go!` cannot be the name of an interaction | did you mean `go!`?",
            "4:3 interaction `b!` does nothing | say what it does, `action`, or where the task moves, `go_to`",
            "5:3 interaction `c` has neither `action` nor `go_to` | say what it does, `action`, or where the task moves, `go_to`",
            "5:14 `when` is an empty list: it would never be allowed | name a state, or leave `when` out to allow it in every state",
            "6:18 `X` cannot be the name of a parameter | did you mean `x`?",
            "6:31 unknown key `wen` in interaction `d` | did you mean `when`?",
            "6:41 `go_to` has no value; expected the name of a state | write it after the `:`",
        ],
    ),
    (
        "flow: a
on_timeout: {}
schedule: { timezone: UTC, overlap: skp, given: [a] }
migrate:
  - states: { a: b }
  - from: []
  - { from: [one, 0], action: , to: 2 }
states:
  s: result
",
        &[
            "2:1 `on_timeout` has neither `action` nor `go_to` | say what it does, `action`, where the task moves, `go_to`, or both",
            r#"3:1 `schedule` has no `cron` | say when: `cron: "0 9 * * MON"`"#,
            "3:37 `skp` is nothing that `overlap` takes | did you mean `skip`?",
            "3:49 `given` takes keys with values, found a list | write each by its name, `its_name: …`, without `- ` before it",
            "4:1 an entry of `migrate` has no `from` | say from which versions: `from: [1, 2]`",
            "6:11 `from` is an empty list | give it at least one item, or leave it out",
            "7:14 `from` takes a whole number, found `one`",
            "7:19 `from` must be 1 or more, found `0`",
            "7:23 `action` has no value; expected a script | write it after the `:`",
            "7:33 unknown key `to` in an entry of `migrate` | expected `from`, `states` or `action`",
        ],
    ),
];

#[test]
fn interactions_timeouts_schedules_and_migrations() {
    hold(INTERACTIONS_TIMEOUTS_SCHEDULES_AND_MIGRATIONS);
}

const TESTS_OF_A_FLOW: &[Case] = &[(
    "flow: a
states:
  s: result
tests:
  - state: s
  - name: x
    expects: { state: s }
  - name: y
    given: [a]
    steps:
      - expct: {}
      - advance: 3
      - waek
      - interact: [a]
      - expect: { status: done, stat: s }
  - 5
",
    &[
        "5:5 a test has neither `expect` nor `steps` | say what must hold: `expect: …`",
        "5:5 a test has no `name` | say what it shows: `name: …`",
        "7:5 unknown key `expects` in a test | did you mean `expect`?",
        "9:12 `given` takes keys with values, found a list | write each by its name, `its_name: …`, without `- ` before it",
        "11:9 unknown key `expct` in a step of a test | did you mean `expect`?",
        "12:18 `advance`: `3` is not a duration; write numbers with a unit, like `90s`, `10m`, `1h 30m`, `7d` or `2w` | say the unit: `3s`, `3m` or `3h`",
        "13:9 `waek` is not a step of a test | did you mean `wake`?",
        "14:19 `interact` takes keys with values, found a list | write `key: value`, each on its own line and deeper than this one",
        "15:27 `done` is nothing that `status` takes | expected `active`, `waiting`, `completed`, `failed` or `cancelled`",
        "15:33 unknown key `stat` in `expect` | did you mean `state`?",
        "16:5 a test takes keys with values, found a text | write `key: value`, each on its own line and deeper than this one",
    ],
)];

#[test]
fn tests_of_a_flow() {
    hold(TESTS_OF_A_FLOW);
}
