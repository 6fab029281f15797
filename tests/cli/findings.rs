//! How findings look, byte for byte.

use super::Bench;

#[test]
fn an_error_without_colour() {
    let bench = Bench::with("flow: 9a\nstates: { start: result }\n");
    let ran = bench.run(&["check", "flow.yml"]);
    let expected = "\
flow.yml:1:7: `9a` cannot be the name of a flow
  |
1 | flow: 9a
  |       ^^
help: a flow's name has small letters, digits and `_`, begins with a letter, and may have parts joined by `.` or `/`

";
    assert_eq!(ran.stdout, expected);
    assert_eq!(ran.stderr, "1 file, 1 flow: 1 error, 0 warnings\n");
}

#[test]
fn colour_changes_nothing_but_colour() {
    let bench = Bench::with("flow: 9a\nstates: { start: result }\n");
    let plain = bench.run(&["check", "flow.yml"]).stdout;
    let colored = bench.run(&["check", "flow.yml", "--color", "always"]).stdout;
    assert!(colored.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), plain);
}

#[test]
fn an_endless_line_is_shown_in_part() {
    let bench =
        Bench::with(&format!("flow: a # {}\nstates: 1\nnothing: {}\n", "x".repeat(100_000), "y".repeat(100_000)));
    let ran = bench.run(&["check", "flow.yml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stdout.len() < 5_000, "{} bytes", ran.stdout.len());
}

#[test]
fn nothing_in_a_file_steers_the_terminal() {
    let bench = Bench::with("flow: a\nstates: { start: result }\n\"\\e[2Jkey\": 1\n");
    let ran = bench.run(&["check", "flow.yml", "--color", "never"]);
    assert_eq!(ran.code, 2);
    assert!(!ran.stdout.contains('\u{1b}'), "{:?}", ran.stdout);
}
