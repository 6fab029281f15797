//! Ways in which a secret may come into what is said.

use super::shapes::Random;

/// What stands for a secret text in a script.
const TEXTS: [&str; 9] = [
    "pin",
    "lines",
    "list[0]",
    "inner.token",
    "vault.deep.list[0]",
    "vault.keys()[1]",
    "number.to_string()",
    "large.to_string()",
    "place",
];

/// Statements that tell of `S`.
const TELLING: [&str; 25] = [
    "fail(S)",
    "fail(S, `no ${S}`)",
    "fail(\"kind\", S, #{ data: S, all: vault })",
    "throw S",
    "throw #{ kind: S, message: `not ${S}` }",
    "throw [S, vault]",
    "parse_int(S)",
    "parse_float(`1${S}`)",
    "decimal(S)",
    "date(S)",
    "duration(S)",
    "parse_json(S)",
    "note = S + S",
    "picked = S",
    "none = S",
    "[#{ a: S }].map(|s| s.a.nothing)",
    "[1, S].reduce(|a, b| a - b, 0)",
    "http::get(\"https://x.example/\" + S)",
    "http::get(S)",
    "CALL",
    "shell::run(\"sh\", [\"-c\", \"cat >&2; exit 3\"], #{ stdin: S })",
    "shell::run(S)",
    "files::read(S)",
    "env::get(S)",
    "let old = pin; pin = S + S; fail(`${old} was before ${pin}`)",
];

/// Calls whose messages show a part of what they are given, or show it in another form. `S` is mostly `place` here.
const CALLS: [&str; 12] = [
    "http::get(\"http://127.0.0.1:9/bot\" + S)",
    "http::get(\"http://127.0.0.1:9/a/b/\" + S + \"/c?d=1\")",
    "http::get(\"http://127.0.0.1:9/\", #{ query: #{ k: S } })",
    "http::get(\"http://\" + S)",
    "http::post(\"http://\" + S + \".example.com:8080/x\")",
    "http::get(\"http://\" + S + \"@127.0.0.1:9/\")",
    "files::read(\"./\" + S)",
    "files::read(\"../\" + S + \"/x\")",
    "files::list(\"a/\" + S)",
    "shell::run(\"sh\", [\"-c\", \"echo; echo \\\"$0\\\" >&2; exit 3\", S])",
    "shell::run(\"sh\", [\"-c\", \"exit 3\"], #{ dir: S })",
    "env::get(S)",
];

/// Statements that go well.
const QUIET: [&str; 7] = [
    "log(S)",
    "log(\"warn\", `it is ${S}`, #{ S: S, list: [S, vault], number: number })",
    "copy = S",
    "copy = [S, #{ a: vault, b: `<${S}>` }]",
    "copy = to_json(#{ all: vault, list: list })",
    "copy = inner; log(to_json(inner))",
    "try { fail(S) } catch (e) { log(e.message) }",
];

/// Values of conditions, results and failures that tell.
const VALUES: [&str; 4] = ["parse_int(S)", "[S, vault, number]", "`it was ${S}`", "S"];

fn statement(random: &mut Random, all: &[&str]) -> String {
    let (mut text, mut statement) = (random.one_of(&TEXTS), random.one_of(all));
    if statement == "CALL" {
        statement = random.one_of(&CALLS);
        text = if random.below(3) == 0 { text } else { "place" };
    }
    statement.replace("#{ S: S", "#{ s: S").replace('S', text)
}

/// A flow that says what it knows: once well, then in a way that mostly fails.
pub fn flow(random: &mut Random) -> String {
    let (quiet, telling) = (statement(random, &QUIET), statement(random, &TELLING));
    let (value, other) = (statement(random, &VALUES), statement(random, &QUIET));
    let tries = 1 + random.below(2);
    let on_error = match random.below(3) {
        0 => "",
        1 => "\n    on_error: [{ go_to: told }]",
        _ => "\n    on_error: [{ if: parse_int(error.message + pin) > 0, go_to: told }]",
    };
    let (ends, value) = match random.below(2) {
        0 => ("result", value),
        // A failure is a text.
        _ if value.starts_with(['[', 'p']) => ("failure", format!("`${{{value}}}`")),
        _ => ("failure", value),
    };
    format!(
        r#"flow: leaky
version: 1
uses: [http, shell, files, env]
attributes:
  pin: {{ type: string, secret: true }}
  lines: {{ type: string, secret: true }}
  list: {{ type: list, items: string, secret: true }}
  vault: {{ type: map, secret: true }}
  number: {{ type: decimal, secret: true }}
  large: {{ type: decimal, secret: true }}
  place: {{ type: string, secret: true }}
  inner: {{ type: map, fields: {{ token: {{ type: string, secret: true }}, open: string }} }}
  copy: any
  note: {{ type: string, max: 3 }}
  picked: {{ type: string, one_of: [a, b] }}
  none: {{ type: string, pattern: "[0-9]+" }}
starts_with: quiet
states:
  quiet:
    action: |
      {quiet};
      {other};
    go_to: telling
  telling:
    action: |
      {telling};
    retry: {{ attempts: {tries}, delay: 0s, if: "true" }}{on_error}
    go_to: told
  told:
    {ends}: |-
      {value}
interactions:
  tell!: {{ params: {{ n: integer }}, action: 'fail(pin, lines)' }}
  ask!: {{ params: {{ n: integer, d: date, l: {{ type: list, items: integer }}, s: {{ type: integer, secret: true }} }}, action: note = "a" }}
#migrate: [{{ from: 1, action: 'fail(`no ${{pin}}`, lines)' }}]
"#
    )
}
