//! Random flows with secrets of all shapes: nothing that is printed, logged or stored as a message may hold six characters
//! of one. `OPSFLOW_SECRETS_SEED` and `OPSFLOW_SECRETS_FLOWS` choose others.

mod shapes;
mod ways;

use serde_json::{Value, json};

use crate::cli::{Bench, Ran};
use crate::number;

use shapes::{Random, Secrets};

/// Flows that are run where nobody says how many.
const FLOWS: u64 = 8;
/// What a capability may reach here.
const GRANTS: [&str; 8] =
    ["--allow", "shell=sh", "--allow", "files=.", "--allow", "env=HOME", "--allow", "http=127.0.0.1"];

/// All that was said, with what it was said by.
#[derive(Default)]
struct Said(Vec<(String, String)>);

impl Said {
    fn add(&mut self, by: &str, ran: &Ran) {
        assert!(!ran.stderr.contains("panicked"), "{by}: {}", ran.stderr);
        self.0.push((format!("stdout of `{by}`"), ran.stdout.clone()));
        self.0.push((format!("stderr of `{by}`"), ran.stderr.clone()));
    }

    /// Runs a command in both forms.
    fn run(&mut self, bench: &Bench, args: &[&str]) {
        for more in [&[][..], &["--json"]] {
            let args = [args, more].concat();
            self.add(&args.join(" "), &bench.run(&args));
        }
    }
}

#[test]
fn no_six_characters_of_a_secret_are_printed_or_stored_in_a_message() {
    let first = number("OPSFLOW_SECRETS_SEED").unwrap_or(1);
    for seed in first..first + number("OPSFLOW_SECRETS_FLOWS").unwrap_or(FLOWS) {
        let mut random = Random::new(seed);
        let secrets = Secrets::any(&mut random);
        let flow = ways::flow(&mut random);
        let said = all_said(&flow, &secrets);
        for (by, text) in &said.0 {
            if let Some((part, around)) = secrets.found_in(text) {
                panic!("seed {seed}: {by} shows `{part}` of a secret: …{around}…\n{flow}\n{}", secrets.input());
            }
        }
        let is_there = |part: &str| said.0.iter().any(|(_, text)| text.contains(part));
        assert!(is_there("[secret]"), "seed {seed} shows nothing of its secrets:\n{flow}");
    }
}

/// Runs a flow and whatever tells of its task.
fn all_said(flow: &str, secrets: &Secrets) -> Said {
    let mut said = Said::default();
    let bench = Bench::with(flow);
    let checked = bench.run(&["check", "flow.yml"]);
    assert_eq!(checked.code, 0, "{}{flow}", checked.stdout);
    let input = secrets.input().to_string();
    for more in [&[][..], &["--json"]] {
        let args = [&["run", "flow.yml", "--input", "-"], &GRANTS[..], more].concat();
        said.add(&args.join(" "), &bench.feed(&args, input.as_bytes()));
    }
    said.add("run without grants", &bench.feed(&["run", "flow.yml", "--input", "-"], input.as_bytes()));
    let cut = input.get(..input.len() - 1).unwrap();
    said.add("run with what is no JSON", &bench.feed(&["run", "flow.yml", "--input", "-"], cut.as_bytes()));
    bench.feed(&["start", "flow.yml", "--input", "-"], input.as_bytes());
    bench.feed(&["start", "flow.yml", "--input", "-"], input.as_bytes());
    for form in ["text", "json"] {
        let args = ["worker", "--flows", ".", "--once", "--log", form, "--log-level", "debug"];
        said.add(&args.join(" "), &bench.run(&[&args[..], &GRANTS].concat()));
    }
    let tasks = bench.run(&["list", "--json"]);
    let tasks: Value = serde_json::from_str(&tasks.stdout).unwrap();
    for task in tasks.as_array().unwrap() {
        let id = task["id"].as_str().unwrap();
        for command in ["show", "history"] {
            said.run(&bench, &[command, id]);
        }
        said.run(&bench, &["interact", id, "tell!", "--set", "n=1"]);
        refused(&bench, id, secrets, &mut said);
        said.run(&bench, &[&["retry", id][..], &GRANTS].concat());
    }
    said.run(&bench, &["list"]);
    for condition in ["parse_int(pin) > 1", "decimal(lines) > 1", "vault + 1 == 2", "fail(pin, lines)", "throw list[0]"]
    {
        said.run(&bench, &["list", "--where", condition]);
    }
    bench.write("flow.yml", &flow.replace("version: 1", "version: 2").replace("#migrate", "migrate"));
    said.run(&bench, &["migrate", "leaky", "--dry-run", "--yes"]);
    said.run(&bench, &["migrate", "leaky", "--yes"]);
    messages(&bench, &mut said);
    tested(flow, secrets, &mut said);
    said
}

/// Interactions that are refused for a parameter that another secret of the task stands in.
fn refused(bench: &Bench, id: &str, secrets: &Secrets, said: &mut Said) {
    for secret in ["pin", "place", "large"] {
        let secret = match &secrets.input()[secret] {
            Value::String(text) => text.clone(),
            number => number.to_string(),
        };
        for name in ["n", "d", "l", "s", &secret] {
            said.run(bench, &["interact", id, "ask!", "--set", &format!("{name}={secret}")]);
        }
        let params = format!("{{ \"s\": {secret} }}");
        let args = ["interact", id, "ask!", "--input", "-"];
        said.add("interact with what is no JSON", &bench.feed(&args, params.as_bytes()));
    }
}

/// The messages that the storage holds: what was changed and who was told, not the values that scripts go on with.
#[cfg(feature = "sqlite")]
fn messages(bench: &Bench, said: &mut Said) {
    let stored = rusqlite::Connection::open(bench.path(".opsflow/tasks.db")).unwrap();
    let mut add = |what: &str| {
        let mut found = stored.prepare(&format!("SELECT {what}")).unwrap();
        let texts = found.query_map([], |row| row.get::<_, Option<String>>(0)).unwrap();
        for text in texts.flatten().flatten() {
            said.0.push((format!("the storage ({what})"), text));
        }
    };
    add("json_remove(error, '$.data') FROM tasks");
    add("held_up_by FROM tasks");
    add("error FROM history");
    add("changes FROM history");
    add("steps FROM history");
}

/// The same flow in a test, which fails, in all the forms in which that is told.
fn tested(flow: &str, secrets: &Secrets, said: &mut Said) {
    let bench = Bench::with(flow);
    let given = secrets.input();
    let wrong = json!({ "pin": 1, "note": "another", "copy": "another" });
    let test = json!({
        "name": "it tells",
        "given": given,
        "mocks": {
            "http::get": { "script": "fail(args[0])" },
            "shell::run": { "script": "#{ status: 1, stderr: args[2].stdin ?? \"\" }" },
            "files::read": { "script": "throw args[0]" },
            "env::get": { "script": "parse_int(args[0])" },
        },
        // The lines around a failure are those of the file, which is the author's: they stand apart from what is given.
        "expect": { "status": "cancelled", "output": "another", "attributes": wrong, "error": { "message": "another" } },
    });
    let text = serde_json::to_string_pretty(&json!({ "flow": "leaky", "tests": [test] })).unwrap();
    bench.write("flow.test.yml", &text);
    said.run(&bench, &["test", "flow.yml", "--junit", "tests.xml"]);
    said.0.push(("JUnit".to_owned(), std::fs::read_to_string(bench.path("tests.xml")).unwrap()));
}
