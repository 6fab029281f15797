//! Values on their way in and out: digits and types of what is given, answered, kept for a repeat and tested.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

use super::{Bench, Ran};

/// More digits than a float has, and zeros at the end.
const LONG: &str = "1234567890123456.78";

const FLOW: &str = r#"flow: digits
uses: [http]
attributes:
  url: string
  price: decimal
  lines: { type: list, items: { type: map, fields: { price: decimal } } }
  anything: any
  seen: { type: list, default: [] }
starts_with: given
states:
  given: { action: 'seen += [price.type_of(), `${price} ${anything}`]', go_to: call? }
  call?: { decision: url == (), if_true: waits?, if_false: call }
  call:
    action: |
      let answer = http::get(url, #{ once: "prices" }).json;
      price = answer.price;
      lines = answer.lines;
      anything = answer;
      seen += [price * 2, lines[0].price + 1, `${answer.price}`];
      if task.attempt == 1 { fail("again", "once more") }
    retry: { attempts: 2, delay: 1h }
    go_to: waits?
  waits?: { wait_until: [{ if: seen.len() > 8, go_to: done }] }
  done: result
interactions:
  tell!:
    params: { price: { type: decimal, required: true }, days: { type: list, items: date }, anything: any }
    action: |
      price = params.price;
      anything = params.anything;
      seen += [price * 2, params.days.map(|day| day.weekday), `${anything}`];
"#;

/// What `show --json` prints, as text: numbers as they are written.
fn shown(bench: &Bench, id: &str) -> String {
    bench.run(&["show", id, "--json"]).done().stdout.split_whitespace().collect()
}

fn id(ran: &Ran) -> String {
    let task: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    task["id"].as_str().unwrap().to_owned()
}

#[test]
fn set_and_input_keep_all_digits() {
    let bench = Bench::with(FLOW);
    bench.write(
        "input.json",
        &format!("{{\"price\": {LONG}, \"lines\": [{{\"price\": 1.10}}, {{\"price\": {LONG}}}], \"anything\": [1.10, {LONG}]}}"),
    );
    let lines = format!("lines=[{{\"price\":1.10}},{{\"price\":{LONG}}}]");
    let (price, anything) = (format!("price={LONG}"), format!("anything=[1.10,{LONG}]"));
    for args in [
        vec!["--input", "input.json"],
        vec!["--set", price.as_str(), "--set", lines.as_str(), "--set", anything.as_str()],
    ] {
        let ran = bench.run(&[&["run", "flow.yml", "--json"], args.as_slice()].concat()).done();
        let shown = shown(&bench, &id(&ran));
        for part in [
            format!("\"price\":\"{LONG}\""),
            format!("\"lines\":[{{\"price\":\"1.10\"}},{{\"price\":\"{LONG}\"}}]"),
            format!("\"anything\":[1.10,{LONG}]"),
            format!("\"seen\":[\"decimal\",\"{LONG}[1.10,{LONG}]\"]"),
        ] {
            assert!(shown.contains(&part), "{part} in {shown}");
        }
    }
}

#[test]
fn parameters_keep_all_digits_and_their_types() {
    let bench = Bench::with(FLOW);
    let id = id(&bench.run(&["run", "flow.yml", "--json"]).done());
    let price = format!("price={LONG}");
    let args = ["--set", price.as_str(), "--set", "days=[\"2026-11-21\"]", "--set", "anything=1.10"];
    bench.run(&[&["interact", &id, "tell!"], args.as_slice()].concat()).done();
    let input = format!("{{\"price\": {LONG}, \"days\": [\"2026-11-22\"], \"anything\": {{\"n\": {LONG}}}}}");
    let ran = bench.feed(&["interact", &id, "tell!", "--input", "-"], input.as_bytes()).done();
    let shown = shown(&bench, &id);
    let twice = "2469135780246913.56";
    let seen = format!("\"seen\":[\"()\",\"\",\"{twice}\",[6],\"1.10\",\"{twice}\",[0],\"{{\\\"n\\\":{LONG}}}\"]");
    assert!(shown.contains(&seen), "{seen} in {shown}{}", ran.stderr);
}

/// Answers one request, and no other.
fn answering(body: String) -> (String, std::thread::JoinHandle<()>) {
    let subscription = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", subscription.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = subscription.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        let length = body.len();
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
            .unwrap();
        let _ = stream.read(&mut [0; 8]);
    });
    (url, thread)
}

#[test]
fn an_answer_keeps_all_digits_also_where_once_gives_it_again() {
    let bench = Bench::with(FLOW);
    let (url, served) =
        answering(format!("{{\"price\": {LONG}, \"lines\": [{{\"price\": 1.10}}, {{\"price\": \"2.50\"}}]}}"));
    let url = format!("url={url}");
    let ran = bench.run(&["run", "flow.yml", "--json", "--allow", "http=127.0.0.1", "--set", &url]).done();
    served.join().unwrap();
    let id = id(&ran);
    // Another process tries again, and nobody listens any more.
    bench.run(&["wake", &id, "--allow", "http=127.0.0.1"]).done();
    let shown = shown(&bench, &id);
    for part in [
        format!("\"price\":\"{LONG}\""),
        "\"lines\":[{\"price\":\"1.10\"},{\"price\":\"2.50\"}]".to_owned(),
        format!("\"anything\":{{\"lines\":[{{\"price\":1.10}},{{\"price\":\"2.50\"}}],\"price\":{LONG}}}"),
        format!("\"2469135780246913.56\",\"2.10\",\"{LONG}\"]"),
    ] {
        assert!(shown.contains(&part), "{part} in {shown}");
    }
}

#[test]
fn a_test_that_expects_another_last_digit_fails() {
    let bench = Bench::with(&format!(
        "flow: digits
attributes:
  one: {{ type: decimal, default: {LONG} }}
  list: {{ type: list, items: decimal, default: [{LONG}, 1.10] }}
  map: {{ type: map, fields: {{ p: decimal }}, default: {{ p: {LONG} }} }}
states: {{ start: {{ result: one }} }}
tests:
  - name: another digit in a list
    given: {{ list: [{LONG}] }}
    expect: {{ attributes: {{ list: [1234567890123456.79] }} }}
  - name: another digit in a map
    expect: {{ attributes: {{ map: {{ p: 1234567890123456.79 }} }} }}
  - name: another digit of an output
    expect: {{ output: 1234567890123456.79 }}
  - name: the same, as text and as number
    given: {{ list: [{LONG}] }}
    expect: {{ output: {LONG}, attributes: {{ list: [\"{LONG}\"], one: \"{LONG}\", map: {{ p: {LONG} }} }} }}
"
    ));
    let ran = bench.run(&["test", "flow.yml", "--json"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let failed = report.to_string().matches("1234567890123456.79").count();
    assert!(failed >= 3, "{report}");
    assert!(ran.stderr.contains("4 tests: 1 passed, 3 failed"), "{}", ran.stderr);
}
