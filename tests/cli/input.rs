//! `--set` and `--input`: what is given, and everything that is wrong with it.

use serde_json::json;

use super::{Bench, HELLO, Ran, SIGN_UP};

fn fed(text: &[u8]) -> Ran {
    Bench::with(HELLO).feed(&["run", "flow.yml", "--input", "-", "--json"], text)
}

#[test]
fn an_object_from_a_file_or_stdin() {
    let ran = fed(br#"{ "name": "Ann", "times": 3 }"#).done();
    let task: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(task["attributes"], json!({ "name": "ANN", "times": 3 }));
    let bench = Bench::with(HELLO);
    bench.write("in.json", "\u{feff}{ \"name\": \"Ann\", \"times\": 3 }");
    let task = bench.json(&["run", "flow.yml", "--input", "in.json", "--set", "times=4"], 0);
    assert_eq!(task["attributes"]["times"], 4, "--set wins");
}

#[test]
fn what_is_no_json_has_a_place() {
    fed(b"{ \"name\": \"Ann\",\n  \"times\": }").refused(2, "<stdin>:2:12: the input is not JSON: expected value");
    fed(b"").refused(2, "<stdin>:1:1: the input is not JSON");
    fed("{ \"näme\": oops }".as_bytes()).refused(2, "<stdin>:1:");
    fed(b"[1]").refused(2, "<stdin>:1:1: the input is a list; a JSON object was expected");
    fed(b"\"text\"").refused(2, "the input is a text");
    fed(b"null").refused(2, "the input is a null");
    fed(b"{} {}").refused(2, "trailing characters");
    fed(b"\xff{}").refused(2, "not UTF-8 (line 1, column 1)");
    fed("[".repeat(100_000).as_bytes()).refused(2, "nested more than 100 deep");
}

#[test]
fn a_number_too_large_is_refused_not_rounded() {
    let anything = |number: &str| fed(format!("{{ \"name\": \"Ann\",\n \"anything\": {number} }}").as_bytes());
    anything("123456789012345678901234567890").refused(2, "<stdin>:2:14: a number has too many digits");
    for number in ["9223372036854775808", "-9223372036854775809"] {
        assert!(anything(number).done().stdout.contains(number));
    }
    fed(b"{ \"name\": \"Ann\", \"anything\": 1e400 }").refused(2, "out of range");
    fed(b"{ \"name\": \"Ann\", \"times\": 9223372036854775807 }").done();
    let bench = Bench::with(HELLO);
    let set = |pair: &str| bench.run(&["run", "flow.yml", "--set", "name=Ann", "--set", pair]);
    set("times=9223372036854775808").refused(2, "`times`");
    set("anything=[123456789012345678901234567890]").refused(2, "too many digits");
    set("anything=0.1234567890123456789012345678901").refused(2, "too many digits");
    set("anything=[12345678901234567890123456789.5]").refused(2, "too many digits");
    set("tags=[1e999]").refused(2, "out of range");
}

#[test]
fn an_input_is_bounded() {
    let mut text = b"{ \"name\": \"".to_vec();
    text.resize(17 * 1024 * 1024, b'x');
    fed(&text).refused(2, "MAX_INPUT_BYTES");
}

#[test]
fn a_file_that_cannot_be_read() {
    let bench = Bench::with(HELLO);
    bench.run(&["run", "flow.yml", "--input", "none.json"]).refused(2, "the input `none.json` cannot be read");
    bench.run(&["run", "flow.yml", "--input", "."]).refused(2, "the input `.` cannot be read");
}

#[test]
fn what_breaks_the_rules_is_refused_and_nothing_is_stored() {
    let bench = Bench::with(HELLO);
    for (args, part) in [
        (&[][..], "`name`"),
        (&["--set", "name="], "`name`"),
        (&["--set", "name=Ann", "--set", "times=many"], "`times`"),
        (&["--set", "name=Ann", "--set", "times=1.5"], "`times`"),
        (
            &["--set", "name=Ann", "--set", "tags=a,b"],
            "`tags` is `a,b`; a `list` was expected, as JSON\nhelp: write it like `--set 'tags=[\"a\",\"b\"]'`",
        ),
        (&["--set", "name=Ann", "--set", "tags={}"], "`tags`"),
        (&["--set", "name=Ann", "--set", "day=tomorrow"], "`day`"),
        (&["--set", "name=Ann", "--set", "tmes=2"], "did you mean `times`?"),
        (&["--set", "name=Ann", "--set", "zebra=2"], "`zebra`"),
        (&["--set", "name=Ann Ann Ann Ann Ann Ann"], "`name`"),
        (&["--set", "name=Ann", "--set", "name=Bob"], "`name` is set twice"),
    ] {
        bench.run(&[&["run", "flow.yml"], args].concat()).refused(2, part);
    }
    assert_eq!(bench.json(&["list"], 0), json!([]));
}

#[test]
fn what_is_expected_is_shown_by_an_example() {
    let flow = "flow: f\nattributes:\n  person: map\n  home: { type: map, fields: { street: string, since: date } }\n  sizes: { type: list, items: integer }\nstates: { start: result }\n";
    let bench = Bench::with(flow);
    for (pair, example) in [
        ("person=Ann", r#"--set 'person={"name":"Ann"}'"#),
        ("home=here", r#"--set 'home={"street":"Ann","since":"2026-11-21"}'"#),
        ("sizes=3,4", "--set 'sizes=[1]'"),
    ] {
        bench.run(&["run", "flow.yml", "--set", pair]).refused(2, example);
    }
    let ran = bench.run(&["run", "flow.yml", "--set", "person=Ann"]);
    ran.refused(2, "error: flow `f`: `person` is `Ann`; a `map` was expected, as JSON\n");
    bench.run(&["run", "flow.yml", "--set", "sizes=[1,2"]).refused(2, "as JSON (EOF while parsing a list)");
}

#[test]
fn all_that_is_missing_is_named() {
    let flow = "flow: f\nattributes:\n  a: { type: string, required: true }\n  b: { type: date, required: true }\n  c: { type: string, required: true, default: x }\n  d: { type: map, required: true }\nstates: { start: result }\n";
    let bench = Bench::with(flow);
    let run = |args: &[&str]| bench.run(&[&["run", "flow.yml"], args].concat());
    run(&[]).refused(2, "error: flow `f`: `a`, `b` and `d` are required, but have no value\n");
    run(&[]).refused(2, "help: give them as `--set a=… --set b=… --set d=…`\n");
    run(&["--set", "a=x", "--set", "d={}"]).refused(2, "error: flow `f`: `b` is required, but has no value\n");
    run(&["--set", "aa=x"]).refused(2, "did you mean `a`?");
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let bench = Bench::with(SIGN_UP);
    let id = bench.task(&["--set", "email=a@b.c"], 0);
    bench.write("other.yml", HELLO);
    let ran = bench.run(&["run", "other.yml", "--set", "times=many", "--set", "tags=a,b", "--set", "tmes=2"]);
    let expected = "\
error: flow `hello`: 4 things are wrong
  `tags` is `a,b`; a `list` was expected, as JSON; write it like `--set 'tags=[\"a\",\"b\"]'`
  `tmes` is not declared; did you mean `times`?
  `name` is required, but has no value
  `times` must be of type `integer`, but is `\"many\"`, a string
help: give it as `--set name=…`
";
    ran.refused(2, expected);
    let ran = bench.run(&["interact", &id, "register!", "--set", "nmae=Ann", "--set", "size=3"]);
    let expected = "\
error: interaction `register!`: 3 things are wrong
  `nmae` is not declared; did you mean `name`?
  `size` is not declared
  `name` is required, but has no value
help: give it as `--set name=…`
";
    ran.refused(2, expected);
}

#[test]
fn all_that_is_wrong_inside_of_one_value_is_told() {
    let flow = r"flow: one
attributes:
  l: { type: list, items: { type: map, fields: { p: { type: decimal, min: 1 }, d: { type: date, required: true } } } }
  s: { type: map, secret: true, fields: { a: integer, b: integer } }
states: { start: result }
";
    let bench = Bench::with(flow);
    let lines = r#"l=[{"p":"x","d":"tomorrow"},{"p":0.5,"e":1}]"#;
    let ran = bench.run(&["run", "flow.yml", "--set", lines, "--set", r#"s={"a":"hush","b":"hush"}"#]);
    assert!(!ran.stderr.contains("hush"), "{}", ran.stderr);
    let expected = "\
error: flow `one`: 6 things are wrong
  `l[0].p` must be of type `decimal`, but is `\"x\"`, a string; write it like `12.50`
  `l[0].d` must be of type `date`, but is `\"tomorrow\"`, a string; write it like `2026-11-21`
  `l[1].e` is not declared
  `l[1].p` must be at least `1` (`min`), but is `0.5`
  `l[1].d` is required, but has no value
  `s.a` must be of type `integer`, but is a string
";
    ran.refused(2, expected);
    let many = format!("l=[{}]", [r#"{"p":"x"}"#; 30].join(","));
    let ran = bench.run(&["run", "flow.yml", "--set", &many]);
    ran.refused(2, "holds more that is wrong; 20 parts are reported (MAX_WRONG_PARTS)");
}

#[test]
fn whole_numbers_beyond_64_bits_are_decimals_where_one_is_declared() {
    let flow = "flow: f\nattributes: { d: decimal, l: { type: list, items: decimal }, i: integer, a: any }\nstates: { start: { result: d } }\n";
    let bench = Bench::with(flow);
    let run = |text: &str| bench.feed(&["run", "flow.yml", "--json", "--input", "-"], text.as_bytes());
    let ran = run(r#"{"d":12345678901234567890,"l":[12345678901234567891],"a":12345678901234567892}"#).done();
    for part in ["12345678901234567890", "12345678901234567891", "12345678901234567892"] {
        assert!(ran.stdout.contains(part), "{}", ran.stdout);
    }
    run(r#"{"i":12345678901234567890}"#).refused(2, "a whole number of 64 bits at most, but is `12345678901234567890`");
    run(r#"{"d":1,"i":2,"d":3}"#).refused(2, "<stdin>:1:14: the input is not JSON: `d` stands twice in one map");
}

#[test]
fn stdin_is_read_once() {
    let bench = Bench::with(HELLO);
    let both = bench.feed(&["run", "flow.yml", "--set", "name=@-", "--set", "pin=@-"], b"hi\n");
    both.refused(2, "error: `--set name=@-` and `--set pin=@-` both read stdin\n");
    let both = bench.feed(&["run", "flow.yml", "--set", "name=@-", "--input", "-"], b"{}");
    both.refused(2, "error: `--input -` and `--set name=@-` both read stdin\n");
}

#[test]
fn of_many_undeclared_names_some_are_told_and_the_others_counted() {
    let bench = Bench::with(HELLO);
    let names: Vec<String> = (0..100_000).map(|n| format!("\"n{n:06}\":1")).collect();
    bench.write("many.json", &format!("{{\"name\":\"Ann\",{}}}", names.join(",")));
    let ran = bench.run(&["run", "flow.yml", "--input", "many.json", "--json"]);
    assert!(ran.code == 2 && ran.stderr.len() < 8_000, "{}", ran.stderr.len());
    let error = &serde_json::from_str::<serde_json::Value>(&ran.stderr).unwrap()["error"];
    let invalid = error["invalid"].as_array().unwrap();
    assert_eq!((invalid.len(), &invalid[19]["path"]), (21, &"n000019".into()));
    let more = "99980 more names are not declared; 20 are reported (MAX_UNDECLARED)";
    assert_eq!(invalid[20]["reason"], more);
    bench.run(&["run", "flow.yml", "--input", "many.json"]).refused(2, &format!("\n  {more}\n"));
}
