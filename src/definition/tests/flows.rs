//! Flows that nothing is wrong with.

use super::{findings, flow, read};
use crate::definition::StepKindDoc;
use crate::definition::document::{DecisionDoc, StateKindDoc};

pub(super) const PARTY: &str = r#"flow: plan_a_party
attributes:
  date: { type: date, required: true }
  guests: { type: list, default: [] }
  shopping: { type: list, default: [] }
starts_with: what_day_is_it?

states:
  what_day_is_it?:
    decision:
      - if: date.weekday == 6
        label: Saturday
        go_to: buy_food
      - if: date.weekday == 0
        go_to: relax
      - go_to: go_to_work
  buy_food:
    action: |
      shopping += "pizza";
      shopping += `${guests.len()} beers`;
    go_to: party!
  party!: result
  relax: result
  go_to_work: result
"#;

pub(super) const EVERYTHING: &str = r##"flow: shop.orders/ship
version: 3
description: Ships what was ordered.
attributes:
  total: decimal
  day: { type: date, required: true, min: 2020-01-01, description: When. }
  status: { type: string, one_of: [open, no, 1], pattern: "[a-z]+", secret: true }
  lines: { type: list, items: { type: map, fields: { sku: string, count: { type: integer, min: 1 } } }, max: 100 }
  customer: { type: ref, model: Customer }
  empty: { default: ~ }
index: [customer]
starts_with: charge
delay: 1m
timeout: 1h 30m
delete_after: 90d
on_timeout: { action: 'total = 0', go_to: failed }
queue: slow_lane
priority: -5
runs_on: default
uses: [http, shell]
functions: |
  fn vat(net) { net * 0.2 }
states:
  charge:
    label: Charge it
    action: |
      receipt = http::post("https://pay.example", #{ json: #{ amount: total } });
    go_to: ok?
    time_limit: 30s
    retry: { attempts: 5, delay: 2s, backoff: 2.0, max_delay: 1m, jitter: true, if: error.kind == "http" }
    on_error:
      - if: error.kind == "declined"
        go_to: failed
      - go_to: ok?
  ok?:
    decision: total > 5
    if_true: publish
    if_false: waiting
  waiting:
    wait_until:
      - if: total != ()
        go_to: done
      - after: 3d
        label: too late
        go_to: failed
    delay: 1h
    timeout: 30d
  publish:
    start: shop.publish
    for_each: lines
    with: { line: item, position: index }
    go_to: done
  done: { result: total }
  failed: { failure: "`order ${task.id} was rejected`" }
interactions:
  pay!:
    params: { amount: { type: decimal, required: true } }
    when: [waiting]
    action: total = params.amount
    go_to: charge
    description: Pays.
schedule: { cron: "0 9 * * MON", timezone: Europe/Berlin, given: { day: 2026-11-21 }, overlap: skip }
migrate:
  - from: [1, 2]
    states: { old: charge }
    action: total = 1
  - from: 1
tests:
  - name: one state
    state: ok?
    given: { total: 1.20 }
    expect: { state: waiting }
  - name: all of it
    now: 2026-11-23T09:00:00Z
    mocks:
      http::post: { status: 202 }
      start: { shop.publish: { status: completed } }
    steps:
      - expect: { status: waiting, state: waiting }
      - advance: 3d
      - interact: { pay!: { amount: 5 } }
      - wake
      - restart: true
      - expect: { status: completed, output: 42, calls: { http::post: 1 }, attributes: { total: 5 }, error: ~, started: { other: 1 }, visited: [ok?], if: total > 1 }
"##;

#[test]
fn the_first_flow_is_read() {
    let flow = flow(PARTY);
    assert_eq!(flow.flow.unwrap().value, "plan_a_party");
    assert_eq!(flow.attributes.len(), 3);
    assert_eq!(flow.states.len(), 5);
    let StateKindDoc::Decision(DecisionDoc::Branches(branches)) = &flow.states[0].kind else { panic!() };
    assert_eq!(branches.len(), 3);
    assert_eq!(&*branches[0].condition.as_ref().unwrap().text, "date.weekday == 6");
    assert!(branches[2].condition.is_none());
    assert!(matches!(flow.states[2].kind, StateKindDoc::Result(None)));
    assert_eq!(flow.source.slice(flow.span), PARTY);
}

#[test]
fn every_key_is_read() {
    let flow = flow(EVERYTHING);
    assert_eq!(flow.version.unwrap().value, 3);
    assert_eq!(flow.attributes.len(), 6);
    assert!(flow.attributes[5].rules.default.is_none(), "a null default is none");
    assert_eq!(flow.tests.len(), 2);
    assert_eq!(flow.tests[1].steps.len(), 6);
    assert!(matches!(flow.tests[1].steps[3].kind, StepKindDoc::Wake));
    assert_eq!(flow.migrate[0].from.len(), 2);
    assert_eq!(flow.migrate[1].from[0].value, 1);
    assert_eq!(flow.priority.unwrap().value, -5);
    let given = &flow.tests[0].given[0].1.value;
    assert_eq!(given.text.as_deref(), Some("1.20"));
}

#[test]
fn several_documents_stand_in_a_file() {
    let text = "# first\nflow: a\nstates:\n  s: result\n---\n# nothing\n---\nflow: b\nstates:\n  s: result\n...\n";
    let parsed = read(text);
    assert_eq!(findings(text), [""; 0]);
    let spans: Vec<&str> = parsed.documents.iter().map(|d| d.source.slice(d.span)).collect();
    assert_eq!(spans, ["flow: a\nstates:\n  s: result\n", "---\nflow: b\nstates:\n  s: result\n"]);
}
