//! The contents of a terminal, as snapshots without colour.

use std::fmt::Write as _;
use std::sync::Arc;

use anstream::adapter::strip_str;

use super::super::check::count;
use super::fit::width;
use super::render::{Body, Section, Size, View, cells, lines};
use crate::diagnostic::{Finding, Source};
use crate::flow::CheckContext;
use crate::library::{Library, WatchError};
use crate::testing::{self, TestOptions, TestResult};
use crate::workbench::{FlowRow, Standing};

const SMALL: Size = Size { columns: 80, rows: 24 };
const LARGE: Size = Size { columns: 120, rows: 50 };

const PARTY: &str = "flow: party
attributes: { guests: { type: integer, default: 0 } }
states:
  start: { decision: guests > 1, if_true: party, if_false: tea }
  party: result
  tea: result
tests:
  - { name: a party, given: { guests: 2 }, expect: { state: party } }
  - { name: nobody comes, expect: { state: party } }
";

/// A flow in which `number` decisions lead nowhere.
fn broken(number: usize) -> String {
    let mut text = "flow: broken\nstates:\n  start: { decision: true, if_true: s0, if_false: s0 }\n".to_owned();
    for state in 0..number {
        let _ = writeln!(
            text,
            "  s{state}: {{ decision: 1 < {state}, if_true: nowhere_{state}, if_false: s{} }}",
            state + 1
        );
    }
    let _ = writeln!(text, "  s{number}: result");
    text
}

struct Stage {
    findings: Vec<Finding>,
    tests: Vec<TestResult>,
}

impl Stage {
    fn new(sources: &[(&str, &str)]) -> Self {
        let sources = sources.iter().map(|(name, text)| Arc::new(Source::new(*name, *text)));
        let library = Library::of_sources(sources, &CheckContext::default());
        let report =
            testing::run(&library, &library.in_order(), &[], library.all_tests_beside(), &TestOptions::default());
        Self { findings: library.findings(), tests: report.tests }
    }

    fn tests_of(&self, flow: &str) -> &[TestResult] {
        let is_own = |test: &TestResult| test.flow == flow;
        let from = self.tests.iter().position(is_own).unwrap_or_default();
        let to = self.tests.iter().rposition(is_own).map_or(from, |at| at + 1);
        &self.tests[from..to]
    }

    fn row(&self, name: &str, standing: Standing) -> FlowRow<'_> {
        FlowRow { name: name.into(), standing, tests: self.tests_of(name) }
    }

    fn view(&self, rows: &[FlowRow<'_>], moves: usize) -> View<'_> {
        let moves =
            (1..=moves).map(|number| format!("12:00:{number:02} ✓ party 0198c2aa… start → tea  (decision, 0 ms)"));
        let kept = rows.iter().filter(|row| row.standing == Standing::Kept).count();
        let broken = rows.iter().filter(|row| row.standing == Standing::Broken).count();
        View {
            title: "opsflow dev",
            subject: format!("workflows: {}, {}", count(rows.len(), "flow"), count(self.tests.len(), "test")),
            last: "12:34:56  workflows/party.yml: checked and tested in 12 ms".to_owned(),
            tests: self.tests.len(),
            findings: self.findings.clone(),
            failed: self.tests.iter().filter(|test| !test.passed()).collect(),
            broken: (broken + kept, kept),
            commands: ("opsflow check workflows".to_owned(), "opsflow test workflows --quiet".to_owned()),
            trouble: None,
            sections: vec![
                Section {
                    title: "flows".to_owned(),
                    body: Body::Grid(cells(rows).0),
                    least: 3,
                    more: "flows".to_owned(),
                },
                Section { title: "tasks".to_owned(), body: Body::Last(moves.collect()), least: 4, more: String::new() },
            ],
        }
    }
}

/// The lines as a terminal without colour shows them; none is too wide, and they are not too many.
fn shown(view: &View<'_>, size: Size) -> String {
    let lines = lines(view, size);
    assert!(lines.len() <= size.rows, "{} lines", lines.len());
    for line in &lines {
        assert!(width(line) <= size.columns, "{line}");
    }
    lines.iter().map(|line| format!("{}\n", strip_str(line))).collect()
}

fn many(stage: &Stage) -> Vec<FlowRow<'_>> {
    let mut rows: Vec<FlowRow<'_>> = (0..200)
        .map(|number| FlowRow { name: format!("flow_{number}").as_str().into(), standing: Standing::Good, tests: &[] })
        .collect();
    rows.push(stage.row("party", Standing::Good));
    rows.push(stage.row("broken", Standing::Kept));
    rows
}

#[test]
fn all_is_good() {
    let stage = Stage::new(&[(
        "workflows/tea.yml",
        &PARTY.replace("nobody comes, expect: { state: party }", "tea, expect: { state: tea }"),
    )]);
    let rows = [stage.row("party", Standing::Good)];
    insta::assert_snapshot!("good", shown(&stage.view(&rows, 2), SMALL));
}

#[test]
fn a_broken_flow_and_a_failed_test() {
    let stage = Stage::new(&[("workflows/party.yml", PARTY), ("workflows/broken.yml", &broken(1))]);
    let rows = [stage.row("party", Standing::Good), stage.row("broken", Standing::Broken)];
    insta::assert_snapshot!("broken", shown(&stage.view(&rows, 6), LARGE));
}

#[test]
fn much_that_is_wrong_in_a_small_terminal() {
    let stage = Stage::new(&[("workflows/broken.yml", &broken(30)), ("workflows/party.yml", PARTY)]);
    insta::assert_snapshot!("small", shown(&stage.view(&many(&stage), 20), SMALL));
}

#[test]
fn changes_that_may_be_missed_are_told_first() {
    let stage = Stage::new(&[("workflows/party.yml", PARTY)]);
    let trouble = WatchError {
        message: "`workflows` cannot be watched: no space left on device".to_owned(),
        help: "raise `fs.inotify.max_user_watches`, since without it no change in this folder can be told of"
            .to_owned(),
    };
    let rows = [stage.row("party", Standing::Good)];
    let view = View { trouble: Some(&trouble), ..stage.view(&rows, 0) };
    insta::assert_snapshot!("trouble", shown(&view, SMALL));
}

#[test]
fn it_fits_into_any_terminal() {
    let stage = Stage::new(&[("workflows/broken.yml", &broken(30)), ("workflows/party.yml", PARTY)]);
    let rows = many(&stage);
    let view = stage.view(&rows, 20);
    for columns in [20, 33, 80, 200] {
        for rows in 0..60 {
            let text = shown(&view, Size { columns, rows });
            assert!(rows < 3 || text.contains("✗ 3"), "{columns}x{rows}: {text}");
        }
    }
}

#[test]
fn what_is_left_out_is_counted() {
    let stage = Stage::new(&[("workflows/broken.yml", &broken(30)), ("workflows/party.yml", PARTY)]);
    let rows = many(&stage);
    let view = stage.view(&rows, 0);
    let all = shown(&view, Size { columns: 100, rows: 1_000 });
    assert!(!all.contains('…'), "{all}");
    let room = all.lines().count();
    let less = shown(&view, Size { columns: 100, rows: room - 1 });
    assert!(less.contains("more flows"), "{less}");
    let small = shown(&view, Size { columns: 80, rows: 30 });
    let told = small.lines().position(|line| line.starts_with('…')).unwrap();
    let told: Vec<&str> = small.lines().skip(told).take(2).collect();
    assert!(told[0].ends_with(" more findings, 1 more failed test:"), "{small}");
    assert_eq!(told[1], "  `opsflow check workflows`, `opsflow test workflows --quiet`");
    let more: usize = told[0].split(' ').find_map(|word| word.parse().ok()).unwrap();
    assert_eq!(small.matches("unknown state").count() + more, 30, "{small}");
}
