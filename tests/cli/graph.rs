//! `opsflow graph`

use super::{Bench, HELLO, SIGN_UP};

const TWO: &str =
    "flow: one\nstates:\n  start: result\n---\nflow: two\nstates:\n  start: { label: Here we go, failure: 1 }\n";

#[test]
fn every_format_is_written_to_stdout() {
    let bench = Bench::with(SIGN_UP);
    for (format, begin, part) in [
        ("svg", "<svg xmlns=", "data-state=\"name_provided?\""),
        ("dot", "digraph \"sign_up\" {", "\"name_provided?\" -> \"done\" [label=\"name != ()\""),
        ("mermaid", "---\ntitle: \"sign_up\"\n---\nflowchart TD\n", "|\"name != ()\"|"),
        ("text", "● sign_up\n", "└─ name != () → ◉ done"),
    ] {
        let ran = bench.run(&["graph", "flow.yml", "--format", format]).done();
        assert!(ran.stdout.starts_with(begin) && ran.stdout.contains(part), "{format}: {}", ran.stdout);
        assert_eq!(ran.stderr, "");
    }
}

#[test]
fn where_nobody_looks_it_is_svg() {
    assert!(Bench::with(HELLO).run(&["graph", "flow.yml"]).done().stdout.starts_with("<svg "));
}

#[test]
fn a_flow_of_the_file_can_be_named() {
    let bench = Bench::with(TWO);
    let first = bench.run(&["graph", "flow.yml", "--format", "text"]).done().stdout;
    assert!(first.starts_with("● one\n"), "{first}");
    let second = bench.run(&["graph", "flow.yml", "two", "--format", "text"]).done().stdout;
    assert!(second.contains("⊗ Here we go (start)"), "{second}");
    bench.run(&["graph", "flow.yml", "tow"]).refused(2, "did you mean `two`?");
}

#[test]
fn a_task_shows_its_path() {
    let bench = Bench::with(SIGN_UP);
    let id = bench.task(&["--set", "email=ann@example.com"], 0);
    let drawn = |args: &[&str]| bench.run(&[&["graph", "--format", "text", "--task", &id], args].concat()).done();
    assert!(drawn(&[]).stdout.contains("◷ name_provided?  · accepts register!  ✓  ◀\n"), "{}", drawn(&[]).stdout);
    bench.run(&["interact", &id, "register!", "--set", "name=Ann"]).done();
    let ended = drawn(&["flow.yml"]);
    assert!(ended.stdout.contains("┗━ name != () → ◉ done  · accepts reset!  ✓  ◀\n"), "{}", ended.stdout);
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_task_is_drawn_as_it_was_pinned() {
    let bench = Bench::with(SIGN_UP);
    let id = bench.task(&["--set", "email=ann@example.com"], 0);
    bench.write("flow.yml", &SIGN_UP.replace("done", "finished"));
    let ran = bench.run(&["graph", "flow.yml", "--format", "text", "--task", &id]).done();
    assert!(ran.stdout.contains("◉ done") && !ran.stdout.contains("finished"), "{}", ran.stdout);
    assert_eq!(ran.stderr, "`sign_up` has changed since the task began; drawn as it was then\n");
}

#[test]
fn a_task_of_another_flow_is_refused() {
    let bench = Bench::with(SIGN_UP);
    let id = bench.task(&["--set", "email=ann@example.com"], 0);
    bench.write("two.yml", TWO);
    bench.run(&["graph", "two.yml", "--task", &id]).refused(2, "is one of `sign_up`, which `two.yml` does not hold");
    bench.run(&["graph", "two.yml", "two", "--task", &id]).refused(2, "is one of `sign_up`, not of `two`");
    bench.run(&["graph", "--task", "00000000-0000-0000-0000-000000000000"]).refused(3, "no task 00000000-");
}

#[test]
fn bad_calls_are_refused() {
    let bench = Bench::with("flow: broken\nstates:\n  start: { action: 1, go_to: nowhere }\n");
    bench.run(&["graph", "flow.yml"]).refused(2, "nowhere");
    bench.run(&["graph", "missing.yml"]).refused(2, "missing.yml");
    bench.run(&["graph"]).refused(2, "FILE");
    bench.run(&["graph", "flow.yml", "--format", "jpg"]).refused(2, "possible values: svg, png, dot, mermaid, text");
    bench.run(&["graph", "flow.yml", "--direction", "up"]).refused(2, "possible values: down, right");
}

#[test]
fn coverage_shows_what_the_tests_reach() {
    let flow = "flow: party
attributes: { guests: { type: integer, default: 0 } }
states:
  start: { decision: guests > 1, if_true: party, if_false: tea }
  party: result
  tea: result
tests:
  - { name: a party, given: { guests: 2 }, expect: { state: party } }
";
    let bench = Bench::with(flow);
    let drawn = |format: &str| bench.run(&["graph", "flow.yml", "--coverage", "--format", format]).done().stdout;
    let text = drawn("text");
    assert!(text.contains("┣━ yes → ◉ party  ✓\n") && text.contains("└─ ✗ no → ◉ tea  ✗\n"), "{text}");
    let svg = drawn("svg");
    assert!(
        svg.contains("class=\"opsflow traced covered\"")
            && svg.contains("class=\"node result untaken\" data-state=\"tea\""),
        "{svg}"
    );
    assert!(drawn("dot").contains("\"start\" -> \"tea\" [label=\"no\", color=\"#cf222e\""), "{}", drawn("dot"));
    assert!(drawn("mermaid").contains("classDef untaken fill:#ffe3e1"), "{}", drawn("mermaid"));
    bench.write("flow.yml", &flow.replace("state: party }", "state: tea }"));
    let ran = bench.run(&["graph", "flow.yml", "--coverage", "--format", "text"]).done();
    assert!(ran.stderr.starts_with("a test of `party` fails, so what is drawn"), "{}", ran.stderr);
    bench.run(&["graph", "flow.yml", "--coverage", "--task", "0198"]).refused(2, "cannot be used with");
}

#[test]
fn a_picture_is_written_to_a_file_as_its_ending_says() {
    let bench = Bench::with(HELLO);
    for (file, begin) in [("a.svg", "<svg"), ("a.dot", "digraph"), ("a.mmd", "---")] {
        assert_eq!(bench.run(&["graph", "flow.yml", "-o", file]).done().stdout, "");
        let text = std::fs::read_to_string(bench.path(file)).unwrap();
        let shown = bench.run(&[
            "graph",
            "flow.yml",
            "--format",
            match file {
                "a.svg" => "svg",
                "a.dot" => "dot",
                _ => "mermaid",
            },
        ]);
        assert_eq!(text, shown.done().stdout);
        assert!(text.contains(begin) || file == "a.mmd", "{text}");
    }
    bench.run(&["graph", "flow.yml", "-o", "a.jpg"]).refused(2, "the ending of `a.jpg` does not say how to draw");
}

/// The width and height that an SVG says it has.
fn size(svg: &str) -> (f64, f64) {
    let number =
        |name: &str| svg.split(&format!(" {name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    (number("width"), number("height"))
}

#[test]
fn a_picture_leads_to_the_right_where_that_is_asked_for() {
    let bench = Bench::with(SIGN_UP);
    let drawn = |args: &[&str]| bench.run(&[&["graph", "flow.yml"], args].concat()).done().stdout;
    let (down, right) = (drawn(&[]), drawn(&["--direction", "right"]));
    assert_eq!(down, drawn(&["--direction", "down"]));
    assert!(size(&right).0 > size(&down).0 && size(&right).1 < size(&down).1, "{:?} {:?}", size(&right), size(&down));
    assert!(drawn(&["--format", "dot", "--direction", "right"]).contains("rankdir=LR"));
    assert!(drawn(&["--format", "mermaid", "--direction", "right"]).contains("flowchart LR\n"));
    bench
        .run(&["graph", "flow.yml", "--format", "text", "--direction", "right"])
        .refused(2, "an outline of text always leads down");
}

#[test]
fn a_png_is_the_picture_twice_as_large() {
    let bench = Bench::with(SIGN_UP);
    let ran = bench.run(&["graph", "flow.yml", "-o", "a.png"]);
    if ran.stderr.contains("no font was found") {
        assert!(!bench.path("a.png").exists(), "an image without its labels was written");
        return;
    }
    assert_eq!(ran.done().stdout, "");
    let png = std::fs::read(bench.path("a.png")).unwrap();
    assert_eq!(png.get(..8).unwrap(), b"\x89PNG\r\n\x1a\n");
    let side = |at: usize| f64::from(u32::from_be_bytes(png[at..at + 4].try_into().unwrap()));
    let (width, height) = size(&bench.run(&["graph", "flow.yml"]).done().stdout);
    assert_eq!((side(16), side(20)), (2.0 * width, 2.0 * height));
}
