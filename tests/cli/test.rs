//! `opsflow test`; what tests of flows mean is in `tests/testing/`.

use serde_json::json;

use super::Bench;

const FLOW: &str = "flow: party
attributes: { guests: { type: integer, default: 0 } }
states:
  start: { decision: guests > 1, if_true: party, if_false: tea }
  party: result
  tea: result
tests:
  - name: a party
    given: { guests: 2 }
    expect: { state: party }
";

fn failing() -> String {
    format!("{FLOW}  - name: no \"tea\" & <biscuits>\n    expect: {{ state: party }}\n")
}

#[test]
fn every_test_stands_in_a_line_under_its_flow() {
    let bench = Bench::with(FLOW);
    let ran = bench.run(&["test", "flow.yml"]).done();
    assert_eq!(ran.stdout, "party  flow.yml\n  ✓ a party\n");
    assert_eq!(ran.stderr, "1 test: 1 passed, 0 failed\n");
    let quiet = bench.run(&["test", "flow.yml", "--quiet"]).done();
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    assert!(!bench.path(".opsflow").exists(), "nothing is stored");
}

#[test]
fn a_failed_test_is_1_and_says_why() {
    let ran = Bench::with(&failing()).run(&["test"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("flow.yml:12:15: `state` differs\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("  expected  party\n  got       tea\n"), "{}", ran.stdout);
    assert!(
        ran.stdout.ends_with(
            "the task went\n  2026-11-23 09:00:00  start → tea  decision\n  2026-11-23 09:00:00  completed in `tea`\n"
        ),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.stderr, "2 tests: 1 passed, 1 failed in this folder\n");
}

#[test]
fn a_broken_definition_is_2_and_the_others_are_tested() {
    let bench = Bench::with(FLOW);
    bench.write("broken.yml", "flow: broken\nstates: { start: { decision: [{ go_to: nowhere }] } }\n");
    bench.write("flow.test.yml", "flow: party\ntests:\n  - name: beside\n    given: { gests: 1 }\n    expect: {}\n");
    let ran = bench.run(&["test", "."]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert_eq!(ran.stdout, "party  flow.yml\n  ✓ a party\n");
    assert!(ran.stderr.contains("broken.yml:2:40: unknown state `nowhere`"), "{}", ran.stderr);
    assert!(ran.stderr.contains("flow.test.yml:4:14: unknown attribute `gests` in a test"), "{}", ran.stderr);
    assert_eq!(bench.run(&["test", "flow.yml", "--json"]).code, 2);
    bench.run(&["test", "none.yml"]).refused(2, "none.yml:1:1: there is no such file or folder");
    bench.run(&["test", "flow.yml", "--min", "101"]).refused(2, "101");
}

#[test]
fn files_of_tests_stand_beside_their_flows() {
    let bench = Bench::with(FLOW);
    bench.write("flow.test.yml", "flow: party\ntests:\n  - name: tea\n    expect: { state: tea }\n");
    let both = "party  flow.yml\n  ✓ a party\nparty  flow.test.yml\n  ✓ tea\n";
    assert_eq!(bench.run(&["test", "flow.yml"]).done().stdout, both);
    assert_eq!(bench.run(&["test", "."]).done().stdout, both);
    assert_eq!(bench.run(&["test", "flow.test.yml"]).done().stdout, "party  flow.test.yml\n  ✓ tea\n");
    assert_eq!(bench.run(&["check", "."]).done().stderr, "2 files, 1 flow: 0 errors, 0 warnings\n");
    assert_eq!(bench.run(&["check", "flow.test.yml"]).done().stderr, "1 file, 0 flows: 0 errors, 0 warnings\n");
    bench.write("flow.test.yml", "flow: patry\ntests:\n  - name: tea\n    expct: { state: tea }\n");
    let ran = bench.run(&["check", "flow.yml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stdout.contains("flow.test.yml:1:7: no flow is called `patry`"), "{}", ran.stdout);
    assert!(ran.stdout.contains("help: did you mean `party`?"), "{}", ran.stdout);
    assert!(ran.stdout.contains("flow.test.yml:4:5: unknown key `expct` in a test"), "{}", ran.stdout);
    // Mistakes in the tests beside a flow do not keep it from running.
    bench.run(&["run", "flow.yml"]).done();
}

#[test]
fn tests_can_be_chosen_by_a_part_of_their_name() {
    let bench = Bench::with(&failing());
    assert_eq!(bench.run(&["test", "--filter", "A Party", "flow.yml"]).done().stderr, "1 test: 1 passed, 0 failed\n");
    let none = bench.run(&["test", "--filter", "dance", "flow.yml"]);
    assert_eq!((none.code, none.stdout.as_str(), none.stderr.as_str()), (2, "", "no test has `dance` in its name\n"));
}

#[test]
fn without_a_path_the_folder_of_the_flows_and_this_one_are_tested() {
    let bench = Bench::with(FLOW);
    bench.write("workflows/other.yml", &FLOW.replace("flow: party", "flow: other"));
    let ran = bench.run(&["test"]).done();
    assert_eq!(ran.stdout, "other  workflows/other.yml\n  ✓ a party\nparty  flow.yml\n  ✓ a party\n");
    assert_eq!(ran.stderr, "2 tests: 2 passed, 0 failed in `workflows` and in this folder\n");
    let named = bench.run(&["test", "--flows", "workflows"]).done();
    assert_eq!(named.stdout, "other  workflows/other.yml\n  ✓ a party\n");
}

#[test]
fn coverage_says_what_the_tests_do_not_reach() {
    let bench = Bench::with(FLOW);
    let ran = bench.run(&["test", "flow.yml", "--coverage", "--quiet"]).done();
    let wanted = "
COVERED            STATES          BRANCHES       EXPRESSIONS
party           2/3  66 %         1/2  50 %         1/2  50 %

not reached
  flow.yml:4:22: branch of `start`, no → `tea`
  flow.yml:4:22: condition `guests > 1` was never false
  flow.yml:6:3: state `tea`
";
    assert_eq!(ran.stdout, wanted);
    let short = bench.run(&["test", "flow.yml", "--min", "60", "--quiet"]);
    assert_eq!(short.code, 1);
    let wanted = "error: 50 % of the branches are covered; `--min` wants 60 %\nerror: 50 % of the expressions are covered; `--min` wants 60 %\n";
    assert_eq!(short.stderr, wanted);
    bench.run(&["test", "flow.yml", "--min", "50"]).done();
}

#[test]
fn values_and_bodies_that_are_never_evaluated_are_not_covered() {
    let bench = Bench::with(
        "flow: round
attributes: { guests: { type: list, default: [] }, drunk: { type: integer, default: 0 } }
starts_with: invite
states:
  invite: { start: round, for_each: guests, with: { guests: \"[item]\" }, go_to: pour }
  pour: { action: 'drunk += 1; if drunk == 1 { fail(\"the bottle is empty\") }', go_to: party, on_error: [{ go_to: party }] }
  party: { wait_until: [{ if: drunk > 3, go_to: over }] }
  over: { result: drunk }
interactions:
  drink!: { action: drunk += 1 }
tests:
  - name: nobody drinks
    expect: { state: party }
",
    );
    let ran = bench.run(&["test", "flow.yml", "--coverage", "--quiet"]).done();
    let wanted = "
COVERED            STATES          BRANCHES       EXPRESSIONS
round           3/4  75 %         1/4  25 %         2/7  28 %

not reached
  flow.yml:5:61: expression `[item]` was never evaluated
  flow.yml:6:3: branch of `pour`, all goes well → `party`
  flow.yml:6:19: expression `drunk += 1; if drunk == 1 { fail(\"the bottle is empty\") }` was never evaluated
  flow.yml:7:25: branch of `party`, `drunk > 3` → `over`
  flow.yml:7:31: condition `drunk > 3` was never true
  flow.yml:8:3: state `over`
  flow.yml:10:3: interaction `drink!`
  flow.yml:10:21: expression `drunk += 1` was never evaluated
";
    assert_eq!(ran.stdout, wanted);
    let all = &bench.json(&["test", "flow.yml", "--coverage"], 0)["coverage"]["flows"][0]["expressions"]["all"];
    let of = |number: usize| (&all[number]["text"], &all[number]["count"], &all[number]["true"]);
    assert_eq!(of(0), (&json!("guests"), &json!(1), &json!(null)));
    assert_eq!(of(3), (&json!("drunk > 3"), &json!(1), &json!(0)));
}

#[test]
fn everything_is_data_with_json() {
    let bench = Bench::with(&failing());
    let report = bench.json(&["test", "flow.yml"], 1);
    assert_eq!(
        (&report["passed"], &report["coverage"], &report["findings"]),
        (&json!(false), &json!(null), &json!([]))
    );
    assert_eq!(report["tests"][0]["passed"], true);
    let failed = &report["tests"][1];
    let failure = json!({
        "file": "flow.yml", "line": 12, "column": 15, "message": "`state` differs", "expected": "party", "got": "tea", "help": null,
    });
    assert_eq!(failed["failures"], json!([failure]));
    assert_eq!(failed["path"][0]["to"], "tea");
    assert_eq!((&failed["state"], &failed["status"]), (&json!("tea"), &json!("completed")));
    let coverage = &bench.json(&["test", "flow.yml", "--coverage"], 1)["coverage"];
    assert_eq!(coverage["states"], json!({ "reached": 3, "all": 3, "percent": 100 }));
    assert_eq!(coverage["flows"][0]["expressions"]["all"][0]["true"], 1);
}

#[test]
fn junit_s_xml_is_well_formed() {
    let bench = Bench::with(&failing());
    bench.write("broken.yml", "flow: broken\nstates: 1\n");
    assert_eq!(bench.run(&["test", ".", "--junit", "tests.xml"]).code, 2);
    let text = std::fs::read_to_string(bench.path("tests.xml")).unwrap();
    let time = regex_lite::Regex::new(r#"time="[0-9.]+""#).unwrap();
    let text = time.replace_all(&text, "time=\"T\"").into_owned();
    let wanted = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="opsflow" tests="3" failures="1" errors="1" time="T">
  <testsuite name="party" tests="2" failures="1" errors="0" time="T">
    <testcase classname="party" name="a party" file="flow.yml" line="8" time="T"/>
    <testcase classname="party" name="no &quot;tea&quot; &amp; &lt;biscuits&gt;" file="flow.yml" line="11" time="T">
      <failure message="`state` differs: expected party, got tea">flow.yml:12:15: `state` differs&#10;expected  party&#10;got       tea&#10;2026-11-23 09:00:00  start → tea  decision&#10;2026-11-23 09:00:00  completed in `tea`</failure>
    </testcase>
  </testsuite>
  <testsuite name="definitions" tests="1" failures="0" errors="1" time="T">
"#;
    assert!(text.starts_with(wanted), "{text}");
    assert!(text.ends_with("  </testsuite>\n</testsuites>\n"), "{text}");
    bench
        .run(&["test", "flow.yml", "--quiet", "--filter", "party", "--junit", "none/tests.xml"])
        .refused(4, "none/tests.xml");
}

#[cfg(unix)]
mod watch {
    use serde_json::json;

    use super::super::dev::Staying;
    use super::{Bench, FLOW, failing};

    #[test]
    fn what_changed_is_tested_again_until_it_is_stopped() {
        let bench = Bench::with(FLOW);
        bench.write("other.yml", &FLOW.replace("flow: party", "flow: other"));
        let mut test = Staying::start(&bench, &["test", "--watch", "--json", "--coverage", "--junit", "tests.xml"]);
        let first = test.object();
        assert_eq!((&first["passed"], &first["failed"], &first["flows"]), (&json!(2), &json!(0), &json!(2)), "{first}");
        assert_eq!(first["coverage"]["states"], json!({ "reached": 4, "all": 6, "percent": 66 }));
        bench.write("flow.yml", &failing());
        let second = test.until(|round| round["failed"] == 1);
        let names: Vec<_> = second["tests"].as_array().unwrap().iter().map(|test| &test["name"]).collect();
        assert_eq!(names, ["a party", "no \"tea\" & <biscuits>"], "only those of the file that changed");
        assert_eq!(second["coverage"]["states"], json!({ "reached": 5, "all": 6, "percent": 83 }), "of all flows");
        let report = std::fs::read_to_string(bench.path("tests.xml")).unwrap();
        assert!(report.contains("tests=\"3\" failures=\"1\""), "{report}");
        assert!(!bench.path(".opsflow").exists(), "nothing is stored");
        assert_eq!(test.stopped("-INT"), Some(0));
    }

    #[test]
    fn it_prints_what_test_prints_and_keeps_the_filter() {
        let bench = Bench::with(&failing());
        let mut test = Staying::start(&bench, &["test", "flow.yml", "--watch", "--filter", "a party"]);
        assert_eq!(test.line(), "party  flow.yml");
        assert_eq!(test.line(), "  ✓ a party");
        test.says("1 test: 1 passed, 0 failed (");
        bench.write("flow.yml", &failing().replace("guests > 1", "guests > 5"));
        assert_eq!(test.line(), "party  flow.yml");
        assert_eq!(test.line(), "  ✗ a party");
        test.says("1 test: 0 passed, 1 failed (");
        assert_eq!(test.stopped("-TERM"), Some(0));
    }
}

/// A flow that calls out only if it is told to; its tests follow.
const ASK: &str = "flow: ask
uses: [http]
attributes: { asks: { type: boolean, default: false } }
states:
  start: { decision: asks, if_true: ask, if_false: done }
  ask: { action: 'http::get(\"https://a.example\")', go_to: done }
  done: result
tests:
";

#[test]
fn a_mock_that_nothing_calls_is_a_warning_at_the_mock() {
    let tests = "  - name: none is asked
    mocks: { http::get: { status: 200 } }
    expect: { state: done }
";
    let bench = Bench::with(&format!("{ASK}{tests}"));
    bench.write(
        "flow.test.yml",
        "flow: ask\ntests:\n  - { name: beside, mocks: { http::put: {} }, expect: { state: done } }\n",
    );
    let checked = bench.run(&["check", "flow.yml"]).done();
    assert!(checked.stdout.contains("flow.test.yml:3:30: warning: `http::put` is mocked"), "{}", checked.stdout);
    assert_eq!(checked.stdout.matches("warning:").count(), 1, "{}", checked.stdout);
    let ran = bench.run(&["test", "flow.yml"]).done();
    assert!(
        ran.stderr.contains("flow.yml:10:14: warning: `http::get` is mocked, but nothing calls it"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("flow.test.yml:3:30: warning: `http::put` is mocked"), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("warning:").count(), 2, "{}", ran.stderr);
    let told = bench.json(&["test", "flow.yml"], 0);
    assert_eq!(told["findings"][0]["severity"], json!("warning"), "{told}");
}

#[test]
fn a_state_that_a_test_of_one_state_leads_to_is_reached() {
    let bench =
        Bench::with(&FLOW.replace("    given: { guests: 2 }\n", "    state: start\n    given: { guests: 2 }\n"));
    let ran = bench.run(&["test", "flow.yml", "--coverage"]).done();
    assert!(ran.stdout.contains("2/3"), "{}", ran.stdout);
}

#[test]
fn a_mock_that_tests_share_is_called_if_one_of_them_calls_it() {
    let tests = "  - name: none is asked
    mocks: &all { http::get: { status: 200 } }
    expect: { state: done }
  - name: one is asked
    given: { asks: true }
    mocks: *all
    expect: { visited: [ask] }
";
    let bench = Bench::with(&format!("{ASK}{tests}"));
    for more in [&[][..], &["--filter", "none"]] {
        let ran = bench.run(&[&["test", "flow.yml"], more].concat()).done();
        assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    }
}

#[test]
fn a_scripted_mock_gives_what_its_capability_can_give() {
    for (script, message) in [
        ("#{ statuss: 200 }", Some("`http::get` gives no `statuss`")),
        ("#{ status: \"500\" }", Some("`status` of `http::get` is a whole number from 100 to 999, found a string")),
        ("5", Some("`http::get` gives a map of `status`, `headers`, `body`, `json`, found an integer")),
        ("#{ status: 200 }", None),
        ("()", None),
    ] {
        let test = format!(
            "  - name: one is asked
    given: {{ asks: true }}
    mocks: {{ http::get: {{ script: '{script}' }} }}
    expect: {{ state: done }}
"
        );
        let ran = Bench::with(&format!("{ASK}{test}")).run(&["test", "flow.yml"]);
        match message {
            Some(message) => {
                assert_eq!(ran.code, 1, "{script}: {}", ran.stdout);
                assert!(ran.stdout.contains(message), "{script}: {}", ran.stdout);
                assert!(ran.stdout.contains("flow.yml:11:"), "{script}: {}", ran.stdout);
            }
            None => assert_eq!(ran.code, 0, "{script}: {}", ran.stdout),
        }
    }
}

#[test]
fn an_expected_value_of_another_type_differs() {
    let flow = r#"flow: a
attributes: { text: { type: string, default: "1.10" }, large: { type: integer, default: 9007199254740993 } }
states: { start: result }
tests:
  - { name: a number, expect: { attributes: { text: 1.10 } } }
  - { name: true, expect: { attributes: { text: true } } }
  - { name: the nearest float, expect: { attributes: { large: 9007199254740992.0 } } }
  - { name: the same, expect: { attributes: { text: "1.10", large: 9007199254740993.0 } } }
"#;
    let ran = Bench::with(flow).run(&["test", "flow.yml"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, "4 tests: 1 passed, 3 failed\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("  expected  1.10\n  got       \"1.10\"\n"), "{}", ran.stdout);
}
