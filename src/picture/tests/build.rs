//! From flows to pictures.

use std::sync::Arc;

use crate::definition;
use crate::diagnostic::Source;
use crate::flow::{CheckContext, Flow, Signature, check};

use super::super::{EdgeKind, Graph, Node, NodeKind};

/// The first flow of a text, which must be without errors.
pub(super) fn flow(text: &str) -> Flow {
    let source = Arc::new(Source::new("flow.yml", text));
    let parsed = definition::parse(&source);
    let known: Vec<Signature> = parsed.documents.iter().filter_map(Signature::of).collect();
    let (flow, findings) = check(&parsed.documents[0], &known, &CheckContext::default());
    flow.unwrap_or_else(|| panic!("{findings:?} {:?}", parsed.findings))
}

pub(super) const SIGN_UP: &str = r#"flow: sign_up
version: 2
description: Registers people, and reminds those who forget.
attributes:
  email: { type: string, required: true }
  name: string
  friends: { type: list, default: [] }
starts_with: invite
timeout: 60d
on_timeout: { go_to: forget }
states:
  invite:
    label: Send the invitation
    description: Writes to the address given.
    action: let x = 1
    time_limit: 10s
    retry: { attempts: 3, delay: 1s }
    on_error:
      - if: error.kind == "http"
        label: no such address
        go_to: failed
      - go_to: forget
    go_to: name_provided?
  name_provided?:
    wait_until:
      - if: name != () && name.len() > 3 && email.len() > 5 && friends.len() < 100
        go_to: invite_friends?
      - after: 3d
        go_to: invite
    timeout: 30d
  invite_friends?:
    decision: friends.len() > 0
    if_true: invite_friends
    if_false: done
  invite_friends:
    start: sign_up_friend
    for_each: friends
    with: { email: item }
    go_to: done
  done: result
  forget: result
  failed: { failure: "`${email} cannot be reached`" }
interactions:
  register!:
    params: { name: string }
    when: [name_provided?]
    action: name = params.name
  resend!: { when: [name_provided?], go_to: invite }
  give_up!: { go_to: forget, description: "Nobody wants this any more." }
  note!: { action: let x = 1 }
---
flow: sign_up_friend
attributes:
  email: { type: string, required: true }
states:
  start: result
"#;

fn node<'a>(graph: &'a Graph, name: &str) -> &'a Node {
    graph.nodes.iter().find(|node| &*node.name == name).unwrap()
}

/// The arrows as `from -kind[label]-> to`.
fn arrows(graph: &Graph) -> Vec<String> {
    let name = |id: usize| graph.nodes[id].name.as_str();
    let edges = graph.edges.iter();
    edges
        .map(|edge| {
            let label = edge.label.as_deref().unwrap_or_default();
            format!("{} -{}[{label}]-> {}", name(edge.from), edge.kind.name(), name(edge.to))
        })
        .collect()
}

#[test]
fn every_way_out_has_its_arrow() {
    let graph = Graph::of(&flow(SIGN_UP));
    assert_eq!(
        arrows(&graph),
        [
            "start -next[]-> invite",
            "invite -next[]-> name_provided?",
            "invite -error[no such address]-> failed",
            "invite -error[on error]-> forget",
            "name_provided? -branch[name != () && name.len() > 3 && email.len() > 5…]-> invite_friends?",
            "name_provided? -branch[after 3d]-> invite",
            "invite_friends? -branch[yes]-> invite_friends",
            "invite_friends? -branch[no]-> done",
            "invite_friends -next[]-> done",
            "name_provided? -interaction[resend!]-> invite",
            "give_up! -interaction[]-> forget",
            "invite -timeout[timeout 60d]-> forget",
            "name_provided? -timeout[timeout 30d]-> forget",
        ]
    );
    let hint = graph.edges[4].hint.as_deref().unwrap();
    assert!(hint.ends_with("friends.len() < 100"), "{hint}");
}

#[test]
fn boxes_show_what_matters() {
    let graph = Graph::of(&flow(SIGN_UP));
    assert_eq!(graph.title, "sign_up, version 2");
    assert_eq!(graph.notes, ["accepts note! in any state"]);
    let invite = node(&graph, "invite");
    assert_eq!((invite.kind, invite.label.as_str()), (NodeKind::Action, "Send the invitation"));
    assert_eq!(invite.notes, ["up to 3 tries", "at most 10s a try"]);
    assert_eq!(invite.description.as_deref(), Some("Writes to the address given."));
    assert_eq!(node(&graph, "name_provided?").notes, ["timeout 30d", "accepts register!"]);
    assert_eq!(node(&graph, "invite_friends?").detail.as_deref(), Some("friends.len() > 0"));
    let start = node(&graph, "invite_friends");
    assert_eq!((start.kind, start.detail.as_deref()), (NodeKind::Start, Some("starts sign_up_friend")));
    assert_eq!(start.notes, ["for each of friends"]);
    let event = node(&graph, "give_up!");
    assert_eq!((event.kind, event.detail.as_deref()), (NodeKind::Event, Some("in any state")));
    assert_eq!(node(&graph, "failed").kind, NodeKind::Failure);
}

#[test]
fn a_timeout_of_many_states_has_one_box() {
    let waits: String =
        (0..5).map(|at| format!("  wait_{at}:\n    wait_until: [{{ after: 1d, go_to: wait_{} }}]\n", at + 1)).collect();
    let text = format!(
        "flow: many\nstarts_with: wait_0\ntimeout: 30d\non_timeout: {{ go_to: late }}\nstates:\n{waits}  wait_5: result\n  late: result\n"
    );
    let graph = Graph::of(&flow(&text));
    let timeouts: Vec<_> = graph.edges.iter().filter(|edge| edge.kind == EdgeKind::Timeout).collect();
    assert_eq!(timeouts.len(), 1);
    let event = &graph.nodes[timeouts[0].from];
    assert_eq!((event.kind, event.detail.as_deref()), (NodeKind::Event, Some("after 30d, wherever it waits")));
}

#[test]
fn a_schedule_stands_at_the_start() {
    let graph = Graph::of(&flow("flow: daily\nschedule: { cron: \"0 8 * * *\" }\nstates:\n  start: result\n"));
    assert_eq!(arrows(&graph), ["start -next[at 0 8 * * *]-> start"]);
    assert!(graph.svg().unwrap().contains("at 0 8 * * *"));
}
