//! The flows that ship: each checks without a finding, and runs as its file says, to its end or its first sleep and on.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};

use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::cli::{Bench, Ran};
use crate::docs::bench;

/// Every file of `workflows/`.
const FLOWS: [&str; 12] = [
    "approve_expense",
    "bill_subscription",
    "handle_incident",
    "month_end",
    "onboard_employee",
    "pack_item",
    "plan_a_party",
    "process_order",
    "register_user",
    "release_software",
    "settle_claim",
    "ship_parcel",
];

/// So many of them are of the size of real processes, which is more than `MANY_STATES` states.
const LARGE_FLOWS: usize = 3;
const MANY_STATES: u64 = 20;

/// Runs a shipped flow and gives the task; it must end with `code`.
fn run(bench: &Bench, flow: &str, args: &[&str], code: i32) -> Value {
    let file = format!("workflows/{flow}.yml");
    bench.json(&[&["run", file.as_str()], args].concat(), code)
}

/// An interaction with the task, and the task after it.
fn interact(bench: &Bench, task: &Value, args: &[&str], code: i32) -> Value {
    bench.json(&[&["interact", task["id"].as_str().unwrap()], args].concat(), code)
}

#[track_caller]
fn is(task: &Value, status: &str, state: &str) {
    assert_eq!((&task["status"], &task["state"]), (&json!(status), &json!(state)), "{task:#}");
}

/// The states that a task has been in, in order.
fn path(bench: &Bench, task: &Value) -> Vec<String> {
    let history = bench.json(&["history", task["id"].as_str().unwrap()], 0);
    history.as_array().unwrap().iter().map(|entry| entry["to"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn no_flow_is_forgotten() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut found: Vec<String> = names.filter_map(|name| Some(name.strip_suffix(".yml")?.to_owned())).collect();
    found.sort();
    assert_eq!(found, FLOWS, "the files of workflows/ and the list in tests/workflows.rs differ");
    let readme = include_str!("../workflows/README.md");
    for flow in FLOWS {
        assert!(readme.contains(&format!("({flow}.yml)")), "workflows/README.md says nothing of {flow}.yml");
    }
}

#[test]
fn all_check_without_a_finding() {
    let bench = bench();
    let ran = bench.run(&["check", "workflows"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (0, "", "12 files, 15 flows: 0 errors, 0 warnings\n")
    );
    for flow in FLOWS {
        assert_eq!(bench.json(&["check", &format!("workflows/{flow}.yml")], 0), json!([]), "{flow}");
    }
}

#[test]
fn all_shipped_flows_are_in_the_one_layout() {
    let bench = bench();
    let ran = bench.run(&["fmt", "--check", "workflows"]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", "12 files: 0 would change\n"));
    let example = include_bytes!("../examples/invoice.yml");
    assert_eq!(bench.feed(&["fmt", "--check", "-"], example).stdout, "");
}

#[test]
fn each_has_a_description_and_tests_of_its_own() {
    for flow in FLOWS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("workflows/{flow}.yml"));
        let text = std::fs::read_to_string(path).unwrap();
        for document in serde_yaml::Deserializer::from_str(&text) {
            let flow = Value::deserialize(document).unwrap_or_else(|why| panic!("{flow}: {why}"));
            let tests = flow["tests"].as_array().map_or(0, Vec::len);
            assert!(flow["description"].is_string() && tests > 0, "{}", flow["flow"]);
        }
    }
}

#[test]
fn their_tests_pass_and_reach_all_of_them() {
    let bench = bench();
    let ran = bench.run(&["test", "workflows", "--min", "100"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    for flow in FLOWS {
        assert!(ran.stdout.contains(&format!("{flow}  workflows/{flow}.yml\n")), "{flow}: {}", ran.stdout);
    }
}

#[test]
fn some_are_of_the_size_of_real_processes() {
    let bench = bench();
    let coverage = &bench.json(&["test", "workflows", "--coverage"], 0)["coverage"];
    let flows = coverage["flows"].as_array().unwrap();
    let large: Vec<&Value> =
        flows.iter().filter(|flow| flow["states"]["share"]["all"].as_u64().unwrap() > MANY_STATES).collect();
    assert!(large.len() >= LARGE_FLOWS, "{} flows have more than {MANY_STATES} states", large.len());
    for flow in large {
        for share in ["states", "branches", "conditions"].map(|kind| &flow[kind]["share"]) {
            assert_eq!(share["reached"], share["all"], "{}: {share}", flow["flow"]);
        }
    }
}

#[test]
fn plan_a_party() {
    let bench = bench();
    let task = run(&bench, "plan_a_party", &["--set", "date=2026-11-21", "--set", "guests=[\"Ann\",\"Bob\"]"], 0);
    is(&task, "completed", "party!");
    assert_eq!(task["attributes"]["shopping"], json!(["pizza", "2 beers"]));
    assert_eq!(path(&bench, &task).last().unwrap(), "party!");
    is(&run(&bench, "plan_a_party", &["--set", "date=2026-11-22"], 0), "completed", "relax");
    is(&run(&bench, "plan_a_party", &["--set", "date=2026-11-23"], 0), "completed", "go_to_work");
}

#[test]
fn register_user() {
    let bench = bench();
    let email = ["--set", "email=ann@example.com"];
    let task = run(&bench, "register_user", &email, 0);
    is(&task, "waiting", "registered?");
    assert!(task["wake_at"].is_string(), "{task:#}");
    let registered = interact(&bench, &task, &["register!", "--set", "name= Ann "], 0);
    is(&registered, "completed", "welcome");
    assert_eq!(registered["output"], "Welcome, Ann!");
    let declined = interact(&bench, &run(&bench, "register_user", &email, 0), &["decline!"], 1);
    is(&declined, "failed", "invitation_declined");
    bench.run(&["run", "workflows/register_user.yml", "--set", "email=ann"]).refused(2, "`email`");
}

#[test]
fn approve_expense() {
    let bench = bench();
    let expense = |amount: &str| {
        let amount = format!("amount={amount}");
        run(&bench, "approve_expense", &["--set", "employee=ann", "--set", &amount, "--set", "purpose=A trip"], 0)
    };
    is(&expense("3.20"), "completed", "paid");
    let task = expense("180.50");
    is(&task, "waiting", "manager_agrees?");
    let task = interact(&bench, &task, &["approve!", "--set", "by=bob"], 0);
    is(&task, "completed", "paid");
    assert!(task["output"].as_str().unwrap().starts_with("180.50 EUR to ann on 20"), "{task:#}");
    let task = expense("1000");
    is(&task, "waiting", "director_agrees?");
    let task = interact(&bench, &task, &["reject!", "--set", "by=eve", "--set", "reason=Take the bus"], 1);
    is(&task, "failed", "rejected");
    assert!(task["error"]["message"].as_str().unwrap().contains("eve rejected it: Take the bus"), "{task:#}");
}

#[test]
fn process_order() {
    let bench = bench();
    let order = |lines: &str, code: i32| {
        let lines = format!("lines={lines}");
        let customer = "customer={\"type\":\"customer\",\"id\":\"17\"}";
        run(&bench, "process_order", &["--set", customer, "--set", &lines], code)
    };
    let lines = r#"[{"sku":"TEA-1","quantity":20,"unit_price":"4.50"},{"sku":"MUG-3","quantity":2,"unit_price":"12"}]"#;
    let task = order(lines, 0);
    is(&task, "completed", "ready_to_ship");
    assert_eq!(task["output"]["parcels"], json!(["20 × TEA-1", "2 × MUG-3"]));
    assert_eq!(task["output"]["to_pay"].as_str().unwrap().trim_end_matches('0'), "108.3");
    let sub_tasks = bench.json(&["list", "--parent", task["id"].as_str().unwrap()], 0);
    assert_eq!(sub_tasks.as_array().unwrap().len(), 2);
    assert_eq!(bench.json(&["list", "--ref", "customer/17"], 0)[0]["id"], task["id"]);
    let task = order(r#"[{"sku":"POT-1","quantity":2,"unit_price":"30"}]"#, 1);
    is(&task, "failed", "not_deliverable");
    assert!(task["error"]["message"].as_str().unwrap().contains("POT-1: 2 were ordered, 1 are left"), "{task:#}");
}

#[test]
fn pack_item() {
    let bench = bench();
    let args = ["--set", "sku=TEA-1", "--set", "quantity=2", "--set", "available=40"];
    assert_eq!(run(&bench, "pack_item", &args, 0)["output"], "2 × TEA-1");
    is(&run(&bench, "pack_item", &args[..4], 1), "failed", "sold_out");
}

#[test]
fn onboard_employee() {
    let bench = bench();
    let employee = "employee={\"type\":\"employee\",\"id\":\"ann\"}";
    let args = ["--set", "name=Ann", "--set", "team=engineering", "--set", "starts_on=2026-01-07", "--set", employee];
    let task = run(&bench, "onboard_employee", &[&args[..], &["--set", "salary=60000"]].concat(), 0);
    is(&task, "waiting", "contract_signed?");
    assert_eq!(task["attributes"]["salary"], "[secret]");
    assert_eq!(task["attributes"]["desk_ready_by"], "2025-12-24");
    is(&interact(&bench, &task, &["sign!", "--set", "on=2025-12-01"], 0), "waiting", "desk_ready?");
    let asset = |id: &str| format!("asset={{\"type\":\"asset\",\"id\":\"{id}\"}}");
    interact(&bench, &task, &["hand_out!", "--set", &asset("laptop-3")], 0);
    assert_eq!(bench.json(&["list", "--ref", "asset/laptop-3"], 0)[0]["id"], task["id"]);
    let done = interact(&bench, &task, &["hand_out!", "--set", &asset("phone-8")], 0);
    is(&done, "completed", "welcome");
    assert_eq!(done["output"], json!({ "name": "Ann", "team": "engineering", "assets": ["laptop-3", "phone-8"] }));
    for command in ["show", "history"] {
        let ran = bench.run(&[command, task["id"].as_str().unwrap()]).done();
        assert!(!ran.stdout.contains("60000"), "{}", ran.stdout);
    }
    let withdrawn = interact(&bench, &run(&bench, "onboard_employee", &args, 0), &["withdraw!"], 1);
    is(&withdrawn, "failed", "withdrawn");
}

#[test]
fn month_end() {
    let bench = bench();
    let args = ["--set", "day=2026-11-01", "--allow", "files=.", "--allow", "env=COMPANY"];
    let task = run(&bench, "month_end", &args, 0);
    is(&task, "completed", "reported");
    assert_eq!((&task["output"], &task["attributes"]["count"]), (&json!(".opsflow/reports/2026-10.txt"), &json!(3)));
    let report = std::fs::read_to_string(bench.path(".opsflow/reports/2026-10.txt")).unwrap();
    assert_eq!(report, "The company spent 1650.00 in 2026-10, on 3 invoices.\n");
    let task = run(&bench, "month_end", &[&args[..], &["--set", "budget=100"]].concat(), 0);
    is(&task, "waiting", "checked?");
    let task =
        interact(&bench, &task, &["check!", "--set", "by=Ann", "--allow", "files=.", "--allow", "env=COMPANY"], 0);
    is(&task, "completed", "reported");
    let nothing = run(&bench, "month_end", &["--set", "day=2020-01-31", "--allow", "files=."], 0);
    assert_eq!(nothing["output"], "no invoices in 2019-12");
    is(&run(&bench, "month_end", &["--set", "day=2026-11-01"], 3), "active", "add_up");
}

#[test]
#[cfg(unix)]
fn release_software() {
    use std::os::unix::fs::PermissionsExt;

    let bench = bench();
    let git = "#!/bin/sh\necho \"$@\" >> calls\n[ \"$1\" = rev-parse ] && echo abc123\n[ \"$1\" = status ] && cat changed\nexit 0\n";
    bench.write("bin/git", git);
    bench.write("bin/cargo", "#!/bin/sh\necho cargo \"$@\" >> calls\n[ ! -e broken ]\n");
    for program in ["bin/git", "bin/cargo"] {
        std::fs::set_permissions(bench.path(program), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    bench.write("changed", "");
    let opsflow = |args: &[&str]| -> Value {
        let mut command = bench.command(&[args, &["--json", "--allow", "shell=git,cargo"]].concat());
        let path = format!("{}:{}", bench.path("bin").display(), std::env::var("PATH").unwrap());
        serde_json::from_str(&Ran::from(command.env("PATH", path).output().unwrap()).stdout).unwrap()
    };
    let release = ["run", "workflows/release_software.yml", "--set", "version=1.2.0"];
    let task = opsflow(&release);
    is(&task, "waiting", "go_ahead?");
    let task = opsflow(&["interact", task["id"].as_str().unwrap(), "go!", "--set", "by=Ann"]);
    is(&task, "completed", "released");
    assert_eq!(task["output"], "v1.2.0 is abc123");
    let calls = std::fs::read_to_string(bench.path("calls")).unwrap();
    assert_eq!(calls, "status --porcelain\nrev-parse --short HEAD\ncargo test --quiet\ntag v1.2.0\n");
    bench.write("broken", "");
    is(&opsflow(&release), "failed", "tests_failed");
    bench.write("changed", " M src/main.rs\n");
    is(&opsflow(&release), "failed", "not_committed");
}

/// A carrier that answers one request after the other, and reports what it was asked.
fn carrier(answers: Vec<(u16, Value)>) -> (String, Receiver<(String, Value)>) {
    let subscription = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = subscription.local_addr().unwrap();
    let (asked, requests) = channel();
    std::thread::spawn(move || {
        for (status, answer) in answers {
            let Ok((stream, _)) = subscription.accept() else { return };
            let _ = asked.send(serve(stream, status, &answer));
        }
    });
    (address.to_string(), requests)
}

/// Reads one request and answers it. Gives its first line and its body.
fn serve(mut stream: TcpStream, status: u16, answer: &Value) -> (String, Value) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim().to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        } else if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let answer = answer.to_string();
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    );
    stream.write_all((head + answer.as_str()).as_bytes()).unwrap();
    (first.trim().to_owned(), serde_json::from_slice(&body).unwrap_or_default())
}

#[test]
fn ship_parcel() {
    let bench = bench();
    let (address, requests) = carrier(vec![
        (503, json!({ "error": "busy" })),
        (422, json!({ "error": "no such address" })),
        (201, json!({ "tracking": "T1" })),
        (200, json!({ "status": "moving" })),
        (200, json!({ "status": "delivered" })),
    ]);
    let (carrier, allow) = (format!("carrier=http://{address}"), format!("http={address}"));
    let parcel = ["--set", "order=17", "--set", "address=Vinna", "--set", "weight=1.2", "--set", &carrier];
    let task = run(&bench, "ship_parcel", &[&parcel[..], &["--allow", &allow]].concat(), 0);
    is(&task, "waiting", "book");
    assert!(task["wake_at"].is_string(), "{task:#}");
    // It sleeps for a second before it is tried again.
    let id = task["id"].as_str().unwrap();
    let task = bench.json(&["wake", id, "--allow", &allow], 0);
    is(&task, "waiting", "address_corrected?");
    let task = interact(&bench, &task, &["correct!", "--set", "address=Vienna", "--allow", &allow], 0);
    is(&task, "waiting", "on_its_way");
    assert_eq!(task["attributes"]["tracking"], "T1");
    let task = interact(&bench, &task, &["ask!", "--allow", &allow], 0);
    is(&task, "waiting", "on_its_way");
    let task = interact(&bench, &task, &["ask!", "--allow", &allow], 0);
    is(&task, "completed", "delivered");
    let asked: Vec<(String, Value)> = requests.iter().collect();
    let lines: Vec<&str> = asked.iter().map(|(line, _)| line.as_str()).collect();
    let (post, get) = ("POST /parcels HTTP/1.1", "GET /parcels/T1 HTTP/1.1");
    assert_eq!(lines, [post, post, post, get, get]);
    assert_eq!(asked[0].1["key"], asked[1].1["key"], "the key is that of the visit, whatever the try");
    assert_eq!((&asked[2].1["address"], &asked[2].1["order"]), (&json!("Vienna"), &json!("17")));
    is(&run(&bench, "ship_parcel", &parcel, 3), "active", "book");
}

#[test]
fn settle_claim() {
    let bench = bench();
    let (address, requests) = carrier(vec![
        (200, json!({ "from": "2026-01-01", "until": "2026-12-31", "excess": 150, "limit": "5000" })),
        (201, json!({ "id": "P1" })),
        (202, json!({})),
    ]);
    let (insurer, allow) = (format!("insurer=http://{address}"), format!("http={address}"));
    let claim = [
        "--set",
        "policy={\"type\":\"policy\",\"id\":\"H-1\"}",
        "--set",
        "claimant=ann@example.com",
        "--set",
        "cause=water",
        "--set",
        "damaged_on=2026-11-20",
        "--set",
        "claimed=480.50",
        "--set",
        "account=AT611904300234573201",
        "--set",
        "papers=[\"photos\"]",
    ];
    let task = run(&bench, "settle_claim", &[&claim[..], &["--set", &insurer, "--allow", &allow]].concat(), 0);
    is(&task, "waiting", "objection?");
    assert_eq!((&task["attributes"]["paid"], &task["attributes"]["account"]), (&json!("330.50"), &json!("[secret]")));
    let objected = interact(&bench, &task, &["object!", "--set", "why=it is too little"], 0);
    is(&objected, "waiting", "panel_decides?");
    is(&interact(&bench, &task, &["reject!"], 0), "completed", "settled");
    let asked: Vec<(String, Value)> = requests.iter().collect();
    let lines: Vec<&str> = asked.iter().map(|(line, _)| line.as_str()).collect();
    assert_eq!(lines, ["GET /policies/H-1 HTTP/1.1", "POST /payments HTTP/1.1", "POST /letters HTTP/1.1"]);
    assert_eq!((&asked[1].1["amount"], &asked[1].1["account"]), (&json!("330.50"), &json!("AT611904300234573201")));
}

#[test]
fn bill_subscription() {
    let bench = bench();
    let (address, requests) = carrier(vec![(200, json!({})), (202, json!({}))]);
    let (billing, allow) = (format!("billing=http://{address}"), format!("http={address}"));
    let customer = "customer={\"type\":\"customer\",\"id\":\"17\"}";
    let given = ["--set", customer, "--set", "email=ann@example.com", "--set", "plan=team", "--set", "card=tok_1"];
    let task = run(&bench, "bill_subscription", &[&given[..], &["--set", &billing]].concat(), 0);
    is(&task, "waiting", "trial");
    let ended = interact(&bench, &task, &["cancel!", "--allow", &allow], 0);
    is(&ended, "completed", "ended");
    assert_eq!(ended["output"]["invoices"], 0);
    let lines: Vec<String> = requests.iter().map(|(line, _)| line).collect();
    assert_eq!(lines, ["PUT /access/17 HTTP/1.1", "POST /mails HTTP/1.1"]);
}

#[test]
fn handle_incident() {
    let bench = bench();
    let given = ["--set", "title=The shop is down", "--set", "severity=1"];
    let task = bench.json(&[&["start", "workflows/handle_incident.yml"], &given[..]].concat(), 0);
    // The calls fail; the incident can still be handled.
    let work = || bench.run(&["worker", "--once", "--denied", "fail", "--quiet"]).done();
    work();
    let shown = bench.json(&["show", task["id"].as_str().unwrap()], 0);
    is(&shown, "waiting", "first_there?");
    let calls = bench.json(&["list", "--flow", "call_person"], 0);
    assert_eq!(calls[0]["attributes"]["person"], "ann");
    is(&interact(&bench, &calls[0], &["take!"], 0), "completed", "there");
    work();
    let task = bench.json(&["show", task["id"].as_str().unwrap()], 0);
    is(&task, "waiting", "being_mended");
    assert_eq!(task["attributes"]["commander"], "ann");
    let task = interact(&bench, &task, &["dismiss!", "--set", "why=a test"], 0);
    assert_eq!((&task["state"], &task["output"]), (&json!("false_alarm"), &json!("a test")));
}
