//! What can be wrong with states.

use super::{Case, hold};

const STATES: &[Case] = &[
    (
        "flow: a
states:
  s:
    label: x
  r: result
",
        &[
            "3:3 state `s` has no kind | a state has one of `action`, `decision`, `wait_until`, `start`, `result` or `failure`",
        ],
    ),
    (
        "flow: a
states:
  s:
    action: x
    result: y
  r: result
",
        &[
            "3:3 state `s` has two kinds, `action` and `result`; a state has exactly one | make a state of each, and lead from one to the other by `go_to`",
        ],
    ),
    (
        "flow: a
states:
  s:
    action: x
    decision: y
    wait_until: z
  r: result
",
        &[
            "3:3 state `s` has 3 kinds, `action` and `decision` and `wait_until`; a state has exactly one | make a state of each, and lead from one to the other by `go_to`",
            "6:17 `wait_until` takes a list, found a text | write `- ` before each branch: `wait_until: [{ if: …, go_to: next_state }]`",
        ],
    ),
    (
        "flow: a
states:
  s:
    action: x
  r: result
",
        &["3:3 state `s` has no `go_to` | an action leads on: `go_to: next_state`"],
    ),
    (
        "flow: a
states:
  s:
    action:
    go_to: r
  r: result
",
        &["4:5 `action` has no value; expected a script | write it after the `:`"],
    ),
    (
        "flow: a
states:
  s:
    action: [a]
    go_to: {a: b}
  r: result
",
        &[
            "4:13 not YAML: quote it | write `'[a]'`; `opsflow fmt` writes the quotes",
            "5:12 `go_to` takes the name of a state, found a map",
        ],
    ),
    (
        "flow: a
states:
  s:
    decision: x
    go_to: r
    retry: { attempts: 1 }
  r: result
",
        &[
            "3:3 state `s` has no `if_false` | an expression leads to `if_true` or to `if_false`; branches are a list, each with `go_to`",
            "3:3 state `s` has no `if_true` | an expression leads to `if_true` or to `if_false`; branches are a list, each with `go_to`",
            "5:5 `go_to` belongs to actions and starts of sub-tasks (`start`); state `s` is a `decision` | each branch has its own `go_to`",
            "6:5 `retry` belongs to actions only; state `s` is a `decision` | leave `retry` out, or make this state another kind",
        ],
    ),
    (
        "flow: a
states:
  s:
    decision: x
    if_true: r
  r: result
",
        &[
            "3:3 state `s` has no `if_false` | an expression leads to `if_true` or to `if_false`; branches are a list, each with `go_to`",
        ],
    ),
    (
        "flow: a
states:
  s:
    decision:
      - if: a
        go_to: r
      - go_to: r
      - if: b
    if_true: r
  r: result
",
        &[
            "3:3 state `s` has no `go_to` in branch 3 of `decision` | the branch is in line 8; say where it leads",
            "7:9 a branch without `if` is always taken, so it must be the last of `decision` | move it to the end, or give it a condition",
            "9:5 `if_true` belongs to `decision` with one expression, not with branches | each branch has its own `go_to`",
        ],
    ),
    (
        "flow: a
states:
  s:
    decision:
      - go_to: r
      - r
      - if: a
        goto: r
  r: result
",
        &[
            "5:9 a branch without `if` is always taken, so it must be the last of `decision` | move it to the end, or give it a condition",
            "6:9 a branch of `decision` takes keys with values, found a text | write `key: value`, each on its own line and deeper than this one",
            "8:9 unknown key `goto` in a branch of `decision` | did you mean `go_to`?",
        ],
    ),
    (
        "flow: a
states:
  s:
    decision: []
  r: result
",
        &["4:15 `decision` is an empty list | give it at least one item, or leave it out"],
    ),
    (
        "flow: a
states:
  s:
    decision:
  r: result
",
        &["4:5 `decision` has no value; expected an expression | write it after the `:`"],
    ),
    (
        "flow: a
states:
  s:
    decision: {if: a, go_to: r}
  r: result
",
        &["4:15 `decision` takes an expression or a list of branches, found a map | write `- ` before each branch"],
    ),
    (
        "flow: a
states:
  s:
    wait_until: a
  r: result
",
        &[
            "4:17 `wait_until` takes a list, found a text | write `- ` before each branch: `wait_until: [{ if: …, go_to: next_state }]`",
        ],
    ),
    (
        "flow: a
states:
  s:
    wait_until:
      - after: 3 days
        go_to: r
      - go_to: r
      - after: 1d
        go_to: r
    delay: 1
    go_to: r
  r: result
",
        &[
            "5:16 `after`: `3 days` is not a duration; write numbers with a unit, like `90s`, `10m`, `1h 30m`, `7d` or `2w` | did you mean `3d`?",
            "7:9 a branch without `if` and `after` is always taken, so it must be the last of `wait_until` | move it to the end, or give it a condition",
            "10:12 `delay`: `1` is not a duration; write numbers with a unit, like `90s`, `10m`, `1h 30m`, `7d` or `2w` | say the unit: `1s`, `1m` or `1h`",
            "11:5 `go_to` belongs to actions and starts of sub-tasks (`start`); state `s` is a `wait_until` | each branch has its own `go_to`",
        ],
    ),
    (
        "flow: a
states:
  s:
    start: b
    with: [a]
    for_each:
  r: result
",
        &[
            "3:3 state `s` has no `go_to` | a start goes on at once: `go_to: next_state`",
            "5:11 `with` takes keys with values, found a list | write each by its name, `its_name: …`, without `- ` before it",
            "6:5 `for_each` has no value; expected an expression | write it after the `:`",
        ],
    ),
    (
        "flow: a
states:
  s:
    start: { flow: b }
    go_to: r
  r: result
",
        &["4:12 `start` takes the name of a flow, found a map"],
    ),
    (
        "flow: a
states:
  s:
    result: x
    go_to: r
  r: result
",
        &[
            "5:5 `go_to` belongs to actions and starts of sub-tasks (`start`); state `s` is a `result` | the task ends here",
        ],
    ),
    (
        "flow: a
states:
  s:
    failure:
  r: result
",
        &["4:5 `failure` has no value; expected an expression | write it after the `:`"],
    ),
    (
        "flow: a
states:
  s:
    action: x
    go_to: r
    time_limit: 5
    retry: { attempts: 0, delay: x, backoff: 0.5, max_delay: 1, jitter: maybe, if: , tries: 3 }
    on_error: { if: a }
  r: result
",
        &[
            "6:17 `time_limit`: `5` is not a duration; write numbers with a unit, like `90s`, `10m`, `1h 30m`, `7d` or `2w` | say the unit: `5s`, `5m` or `5h`",
            "7:24 `attempts` must be 1 or more, found `0`",
            "7:34 `delay`: `x` is not a duration; write numbers with a unit, like `90s`, `10m`, `1h 30m`, `7d` or `2w`",
            "7:46 `backoff` must be 1 or more, found `0.5`",
            "7:62 `max_delay`: `1` is not a duration; write numbers with a unit, like `90s`, `10m`, `1h 30m`, `7d` or `2w` | say the unit: `1s`, `1m` or `1h`",
            "7:73 `jitter` takes `true` or `false`, found `maybe`",
            "7:80 `if` has no value; expected an expression | write it after the `:`",
            "7:86 unknown key `tries` in `retry` | did you mean `attempts`?",
            "8:15 `on_error` takes a list, found a map | write `- ` before each item, or `[` and `]` around them",
        ],
    ),
    (
        "flow: a
states:
  s:
    action: x
    go_to: r
    retry: { attempts: 1000001, backoff: high }
    on_error:
      - after: 3d
        go_to: r
  r: result
",
        &[
            "6:24 `attempts` must be 1000000 or less (MAX_ATTEMPTS), found `1000001`",
            "6:42 `backoff` takes a number, found `high`",
            "8:9 unknown key `after` in a branch of `on_error` | `after` belongs to the branches of `wait_until` only",
        ],
    ),
    (
        "flow: a
states:
  s: failure
  t: resul
  u:
  v: [result]
  w: 5
",
        &[
            r#"3:6 state `s` has no message | write `{ failure: "`why it failed`" }` behind `s:`"#,
            "4:6 `resul` is not a kind of state | did you mean `result`?",
            "5:3 state `u` has no kind | a state has one of `action`, `decision`, `wait_until`, `start`, `result` or `failure`",
            "6:6 state `v` takes keys with values, found a list | branches belong below `decision:` or `wait_until:`",
            "7:6 `5` is not a kind of state | only `result` may stand alone; every other kind is a key with a value",
        ],
    ),
    (
        "flow: a
states:
  s: { action: 1, go_to: t, on_error: { if: true, go_to: u } }
  t: { action: 1, go_to: u, on_error: { go_to: u } }
  u: { action: 1, go_to: v, on_error: [w] }
  v: { action: 1, go_to: w, on_error: [{ kind: http, go_to: w }, { ErrorEquals: [a], next: w }] }
  w: end
  x: fail
  y: { stop: true }
  z: { action: 1, go_to: w, on_error: w }
",
        &[
            "3:39 `on_error` takes a list, found a map | branches are a list: write `on_error: [{ if: …, go_to: u }]`",
            "4:39 `on_error` takes a list, found a map | branches are a list: write `on_error: [{ go_to: u }]`",
            "5:40 a branch of `on_error` takes keys with values, found a text | write `{ go_to: w }`, with `if: …` before it unless it is the last",
            r#"6:42 unknown key `kind` in a branch of `on_error` | write `if: 'error.kind == "http"'`"#,
            r#"6:68 unknown key `ErrorEquals` in a branch of `on_error` | write `if: 'error.kind == "http"'`"#,
            "6:86 unknown key `next` in a branch of `on_error` | did you mean `go_to`?",
            "7:6 `end` is not a kind of state | write `w: result`",
            r#"8:6 `fail` is not a kind of state | write `{ failure: "`why it failed`" }` behind `x:`"#,
            "9:8 unknown key `stop` in state `y` | a state that ends the task is written `its_name: result`",
            "10:39 `on_error` takes a list, found a text | write `on_error: [{ go_to: w }]`",
        ],
    ),
];

#[test]
fn states() {
    hold(STATES);
}
