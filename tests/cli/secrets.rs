//! Secrets stay out of what commands print, where a message shows a part of a text, or another form of it.

use super::{Bench, Ran};

/// A flow that hands its secret to what `how` says.
const FLOW: &str = r#"flow: leaky
uses: [http, files, shell]
attributes: { sec: { type: string, secret: true }, how: string, note: string }
starts_with: go
states:
  go:
    action: |
      switch how {
        "path" => { http::get("http://127.0.0.1:9/bot" + sec); }
        "host" => { http::get("http://" + sec + ".example.com/"); }
        "file" => { files::read("./" + sec); }
        "shell" => { shell::run("sh", ["-c", "echo \"$0\" >&2; exit 3", sec]); }
        _ => {}
      }
    go_to: waits
  waits: { wait_until: [{ if: note != (), go_to: done }] }
  done: result
interactions:
  set!:
    params: { n: integer, d: date, l: { type: list, items: integer }, pin: { type: integer, secret: true } }
    action: note = "set"
"#;

/// Asserts that nothing shows `parts`, in whatever case, and that `shown` is there.
#[track_caller]
fn masked(ran: &Ran, shown: &str, parts: &[&str]) {
    let text = format!("{}{}", ran.stdout, ran.stderr);
    assert!(text.contains(shown), "`{shown}` is not in:\n{text}");
    for part in parts {
        assert!(!text.to_lowercase().contains(&part.to_lowercase()), "`{part}` is in:\n{text}");
    }
}

/// Runs the flow, and looks at whatever tells of it.
#[track_caller]
fn told(how: &str, secret: &str, grants: &[&str], shown: &str, parts: &[&str]) {
    let bench = Bench::with(FLOW);
    let (how, secret) = (format!("how={how}"), format!("sec={secret}"));
    masked(&bench.run(&[&["run", "flow.yml", "--set", &how, "--set", &secret], grants].concat()), shown, parts);
    let tasks = bench.json(&["list"], 0);
    let id = tasks[0]["id"].as_str().unwrap();
    masked(&bench.run(&["show", id]), shown, parts);
    for args in [&["show", id, "--json"][..], &["list", "--json"], &["list"], &["history", id]] {
        masked(&bench.run(args), "", parts);
    }
    bench.run(&["start", "flow.yml", "--set", &how, "--set", &secret]).done();
    for form in ["text", "json"] {
        let worker = ["worker", "--flows", ".", "--once", "--log", form, "--log-level", "debug"];
        masked(&bench.run(&[&worker[..], grants].concat()), "", parts);
        masked(&bench.run(&[&worker[..], &["--denied", "fail"], grants].concat()), "", parts);
    }
    masked(&bench.run(&["list", "--json"]), "[secret]", parts);
}

#[test]
fn a_url_is_masked_before_its_query_is_dropped() {
    let parts = ["QwErTy", "AsDf/Zx", "ZxCvBn", "k=99"];
    let shown = "could not connect to `http://127.0.0.1:9/bot[secret]`";
    told("path", "QwErTy1AsDf/ZxCvBn2?k=99", &["--allow", "http=127.0.0.1"], shown, &parts);
    told("path", "QwErTy1AsDf/../ZxCvBn2", &["--allow", "http=127.0.0.1"], "http://127.0.0.1:9[secret]", &parts);
}

#[test]
fn a_host_is_masked_in_lower_case_and_as_it_is_written_in_ascii() {
    let shown = "needs `--allow 'http=[secret].example.com'`";
    told("host", "QwErTy1AsDf", &["--allow", "http=127.0.0.1"], shown, &["qwerty", "1asdf"]);
    told("host", "ЖШЮЯЭЫФЦ", &["--allow", "http=127.0.0.1"], "needs `--allow 'http=[secret]'`", &["xn--", "ЖШЮЯЭЫ"]);
}

#[test]
fn a_path_is_masked_before_its_folder_is_named() {
    let parts = ["QwErTy", "AsDfGh", "ZxCv9"];
    told("file", "QwErTy1/AsDfGh2/ZxCv9", &["--allow", "http=127.0.0.1"], "/[secret]'`", &parts);
    told("file", "QwErTy1/AsDfGh2/ZxCv9", &["--allow", "files=."], "/[secret]`: No such file", &parts);
}

#[cfg(unix)]
#[test]
fn error_output_is_masked_before_its_last_line_is_quoted() {
    told("shell", "   LeAd TrAiL   ", &["--allow", "shell=sh"], "ended with status 3: [secret]", &["LeAd", "TrAiL"]);
}

#[test]
fn a_number_that_does_not_fit_is_not_printed_where_it_is_secret() {
    let bench = Bench::with(
        "flow: a\nattributes: { pin: { type: integer, secret: true }, free: { type: any, secret: true } }\nstates: { start: { result: pin } }\n",
    );
    for number in ["9182736459182736459182", "918273645918273645918273645918273645918273645"] {
        for name in ["pin", "free"] {
            let input = format!("{{\n \"{name}\": {number} }}");
            for more in [&[][..], &["--json"]] {
                let set = format!("{name}={number}");
                masked(&bench.run(&[&["run", "flow.yml", "--set", &set][..], more].concat()), "", &["918273"]);
                let args = [&["run", "flow.yml", "--input", "-"][..], more].concat();
                masked(&bench.feed(&args, input.as_bytes()), "", &["918273"]);
            }
        }
    }
    let ran = bench.run(&["run", "flow.yml", "--set", "pin=9182736459182736459182"]);
    ran.refused(2, "`pin` must be of type `integer`");
    let ran = bench.feed(&["run", "flow.yml", "--input", "-"], b"{\n \"pin\": 918273645918273645918273645918 }");
    ran.refused(2, "<stdin>:2:9: a number has too many digits");
}

#[test]
fn a_place_in_an_input_is_named_without_its_line_where_something_is_secret() {
    let bench = Bench::with(FLOW);
    let ran = bench.feed(&["run", "flow.yml", "--input", "-"], b"{ \"sec\": \"Zq7Xk2Wv9Pm3Rt\", }");
    ran.refused(2, "<stdin>:1:28: the input is not JSON: trailing comma");
    masked(&ran, "", &["Zq7Xk2"]);
    let ran = bench.feed(&["run", "flow.yml", "--input", "-"], b"{ \"Zq7Xk2Wv9Pm3Rt\": 1, \"Zq7Xk2Wv9Pm3Rt\": 2 }");
    ran.refused(2, "<stdin>:1:24: the input is not JSON: a name stands twice in one map");
    masked(&ran, "", &["Zq7Xk2"]);
    masked(&bench.run(&["run", "flow.yml", "--input", "{ \"sec\": \"Zq7Xk2Wv9Pm3Rt\" }"]), "--input -", &["Zq7Xk2"]);
    masked(&bench.run(&["run", "flow.yml", "--set", "sec=@Zq7Xk2Wv9Pm3Rt"]), "the file given for `sec`", &["Zq7Xk2"]);
}

#[test]
fn a_refused_interaction_shows_no_secret_of_its_task() {
    let bench = Bench::with(FLOW);
    let id = bench.task(&["--set", "sec=Zq7Xk2Wv9Pm3Rt", "--set", "how=none"], 0);
    let parts = ["Zq7Xk2", "Wv9Pm3"];
    for name in ["n", "d", "l", "pin", "Zq7Xk2Wv9Pm3Rt"] {
        for more in [&[][..], &["--json"]] {
            let set = format!("{name}=Zq7Xk2Wv9Pm3Rt");
            let ran = bench.run(&[&["interact", &id, "set!", "--set", &set][..], more].concat());
            assert_eq!(ran.code, 2, "{}", ran.stderr);
            masked(&ran, if name == "pin" { "`pin`" } else { "[secret]" }, &parts);
        }
    }
    let ran = bench.feed(&["interact", &id, "set!", "--input", "-"], b"{ \"n\": [\"Zq7Xk2Wv9Pm3Rt\"] }");
    masked(&ran, "[secret]", &parts);
    let ran = bench.feed(&["interact", &id, "set!", "--input", "-"], b"{ \"n\": \"Zq7Xk2Wv9Pm3Rt }");
    masked(&ran, "<stdin>:1:", &parts);
    masked(&bench.run(&["interact", &id, "Zq7Xk2Wv9Pm3Rt"]), "no interaction `[secret]`", &parts);
}

#[test]
fn keys_of_a_secret_map_are_masked_in_a_message() {
    let flow =
        "flow: a\nattributes: { mm: { type: map, secret: true } }\nstates: { start: { failure: mm.to_json() } }\n";
    let ran = Bench::with(flow).run(&["run", "flow.yml", "--set", "mm={\"hidden_key_1\":\"hunter22\"}"]);
    masked(&ran, "{\"[secret]\":\"[secret]\"}", &["hidden_key", "hunter22"]);
}

#[test]
fn a_mock_that_fails_shows_no_secret_in_any_form_of_the_report() {
    let flow = r#"flow: leak
uses: [http]
attributes: { pin: { type: string, secret: true, default: hunter22 } }
states:
  start: { action: 'http::post("https://x.example/" + pin)', go_to: d }
  d: result
"#;
    let tests = r"flow: leak
tests:
  - name: prints it
    mocks: { http::post: { script: 'fail(args[0])' } }
    expect: { status: completed }
  - name: is answered by an error
    mocks: { http::post: { give: { status: 500 } } }
    expect: { status: completed, error: { message: another } }
";
    let bench = Bench::with(flow);
    bench.write("flow.test.yml", tests);
    for more in [&[][..], &["--json"]] {
        let ran = bench.run(&[&["test", "flow.yml", "--junit", "tests.xml"][..], more].concat());
        assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
        masked(&ran, "https://x.example/[secret]", &["hunter"]);
    }
    let junit = std::fs::read_to_string(bench.path("tests.xml")).unwrap();
    assert!(junit.contains("https://x.example/[secret]") && !junit.contains("hunter"), "{junit}");
}

#[test]
fn a_dry_run_of_a_migration_shows_no_secret() {
    let flow = "flow: a\nattributes: { sec: { type: string, secret: true }, n: integer }\nstates:\n  start: { wait_until: [{ if: n != (), go_to: done }] }\n  done: result\ninteractions:\n  go!: { action: n = 1 }\n";
    let bench = Bench::with(flow);
    bench.task(&["--set", "sec=Zq7Xk2Wv9Pm3Rt"], 0);
    for action in ["fail(`no ${sec}`)", "n = parse_int(sec)", "fail(sec)"] {
        let second =
            flow.replace("flow: a\n", &format!("flow: a\nversion: 2\nmigrate: [{{ from: 1, action: '{action}' }}]\n"));
        bench.write("flow.yml", &second);
        for more in [&[][..], &["--json"]] {
            let ran = bench.run(&[&["migrate", "flow.yml", "--dry-run"][..], more].concat());
            masked(&ran, "[secret]", &["Zq7Xk2", "Wv9Pm3"]);
        }
    }
}
