//! Pictures made by hand, and at random.

use super::super::{Edge, EdgeKind, Graph, Move, Node, NodeKind, Path, Way};

/// Adds to a picture by names.
pub(super) struct Sketch(pub(super) Graph);

impl Sketch {
    pub(super) fn new(title: &str) -> Self {
        let graph = Graph { title: title.to_owned(), ..Graph::default() };
        Self(graph).node("start", NodeKind::Entry)
    }

    pub(super) fn node(mut self, name: &str, kind: NodeKind) -> Self {
        self.0.nodes.push(Node::new(name, kind));
        if let (2, NodeKind::Action | NodeKind::Decision | NodeKind::Wait | NodeKind::Start) =
            (self.0.nodes.len(), kind)
        {
            self.0.edges.push(Edge::new(0, 1, EdgeKind::Next));
        }
        self
    }

    /// Changes the node that was added last.
    pub(super) fn with(mut self, change: impl FnOnce(&mut Node)) -> Self {
        change(self.0.nodes.last_mut().unwrap());
        self
    }

    fn id(&self, name: &str) -> usize {
        self.0.nodes.iter().position(|node| node.kind != NodeKind::Entry && &*node.name == name).unwrap()
    }

    pub(super) fn edge(mut self, from: &str, to: &str, label: &str, kind: EdgeKind) -> Self {
        let edge = Edge::new(self.id(from), self.id(to), kind);
        let by = (kind == EdgeKind::Interaction).then(|| label.into());
        let label = (!label.is_empty()).then(|| label.to_owned());
        self.0.edges.push(Edge { label, by, ..edge });
        self
    }

    pub(super) fn next(self, from: &str, to: &str) -> Self {
        self.edge(from, to, "", EdgeKind::Next)
    }

    pub(super) fn branch(self, from: &str, to: &str, label: &str) -> Self {
        self.edge(from, to, label, EdgeKind::Branch)
    }
}

pub(super) fn party() -> Graph {
    Sketch::new("plan_a_party")
        .node("what_day_is_it?", NodeKind::Decision)
        .node("buy_food", NodeKind::Action)
        .node("party!", NodeKind::Result)
        .node("relax", NodeKind::Result)
        .node("go_to_work", NodeKind::Result)
        .branch("what_day_is_it?", "buy_food", "Saturday")
        .branch("what_day_is_it?", "relax", "date.weekday == 0")
        .edge("what_day_is_it?", "go_to_work", "otherwise", EdgeKind::Otherwise)
        .next("buy_food", "party!")
        .0
}

pub(super) fn linear() -> Graph {
    let names = ["fetch", "clean", "convert", "store"];
    let mut sketch = Sketch::new("linear");
    for name in names {
        sketch = sketch.node(name, NodeKind::Action);
    }
    sketch = sketch.node("done", NodeKind::Result);
    for pair in [names.as_slice(), &["done"]].concat().windows(2) {
        sketch = sketch.next(pair[0], pair[1]);
    }
    sketch.0
}

/// A ring of `count` actions, the way back from its end, and one way out for errors.
pub(super) fn ring(count: usize) -> Graph {
    let mut sketch = Sketch::new(&format!("ring {count}"));
    let name = |at: usize| format!("step_{at}");
    for at in 0..count {
        sketch = sketch.node(&name(at), NodeKind::Action);
    }
    sketch = sketch.node("again?", NodeKind::Decision).node("failed", NodeKind::Failure).node("done", NodeKind::Result);
    for at in 1..count {
        sketch = sketch.next(&name(at - 1), &name(at));
        if at % 5 == 0 {
            sketch = sketch.edge(&name(at), "failed", "on error", EdgeKind::Error);
        }
    }
    sketch.next(&name(count - 1), "again?").branch("again?", "done", "no").branch("again?", &name(0), "yes").0
}

pub(super) fn order() -> Graph {
    let mut graph = Sketch::new("order, version 3")
        .node("in_stock?", NodeKind::Decision)
        .with(|node| node.detail = Some("items.all(|i| i.stock >= i.wanted)".into()))
        .node("charge_card", NodeKind::Action)
        .with(|node| {
            node.label = "Charge the card".into();
            node.notes = vec!["up to 5 tries".into(), "at most 30s a try".into()];
            node.description = Some("Takes the money, once.".into());
        })
        .node("ask_for_another_card", NodeKind::Wait)
        .with(|node| node.notes = vec!["timeout 7d".into()])
        .node("order_from_supplier", NodeKind::Action)
        .node("delivered?", NodeKind::Wait)
        .node("ship", NodeKind::Start)
        .with(|node| node.detail = Some("starts shipping/ship_parcel".into()))
        .node("shipped?", NodeKind::Wait)
        .node("thank_you", NodeKind::Result)
        .node("apologise", NodeKind::Action)
        .node("rejected", NodeKind::Failure)
        .node("cancel_order!", NodeKind::Event)
        .with(|node| node.detail = Some("in any state".into()))
        .branch("in_stock?", "charge_card", "yes")
        .branch("in_stock?", "order_from_supplier", "no")
        .next("order_from_supplier", "delivered?")
        .branch("delivered?", "in_stock?", "delivery != ()")
        .branch("delivered?", "order_from_supplier", "after 14d")
        .next("charge_card", "ship")
        .edge("charge_card", "ask_for_another_card", "error.kind == \"declined\"", EdgeKind::Error)
        .edge("charge_card", "apologise", "on error", EdgeKind::Error)
        .branch("ask_for_another_card", "charge_card", "card != old_card")
        .branch("ask_for_another_card", "apologise", "after 3d")
        .edge("ask_for_another_card", "apologise", "give_up!", EdgeKind::Interaction)
        .next("ship", "shipped?")
        .branch("shipped?", "thank_you", "completed_sub_tasks.len() == 1")
        .branch("shipped?", "ship", "failed_sub_tasks.len() > 0 && tries < 3")
        .branch("shipped?", "shipped?", "after 1d")
        .edge("shipped?", "apologise", "timeout 30d", EdgeKind::Timeout)
        .next("apologise", "rejected")
        .edge("cancel_order!", "apologise", "", EdgeKind::Interaction)
        .0;
    graph.description = Some("From the basket to the parcel: asks for money, waits for goods, and says sorry.".into());
    graph.edges.last_mut().unwrap().by = Some("cancel_order!".into());
    graph
}

/// Everything that writers have to escape.
pub(super) fn odd() -> Graph {
    let mut graph = Sketch::new("odd \"names\" & <marks>")
        .node("end", NodeKind::Decision)
        .with(|node| {
            node.label = "Größe > 5 & \"weiß\"? 你好，世界 🎉".into();
            node.detail = Some("a < b && c[0] == #{x: 1}.x || `back${tick}` \\ \u{1b}[31m".into());
        })
        .node("a_very_long_name_of_a_state_that_goes_on_and_on_until_nobody_can_read_it_in_one_line", NodeKind::Action)
        .node("subgraph", NodeKind::Failure)
        .with(|node| node.label = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen".into())
        .branch("end", "subgraph", "1. \"quoted\" | <b>bold</b> -- x")
        .branch(
            "end",
            "a_very_long_name_of_a_state_that_goes_on_and_on_until_nobody_can_read_it_in_one_line",
            "otherwise",
        )
        .next("a_very_long_name_of_a_state_that_goes_on_and_on_until_nobody_can_read_it_in_one_line", "end")
        .0;
    graph.description = Some("Prose with ]]> and -->\nin two lines.".into());
    graph
}

/// What a task did in `order`.
pub(super) fn order_path() -> Path {
    let step = |from: &str, to: &str, way| Move { from: from.into(), to: to.into(), way };
    Path {
        moves: vec![
            step("in_stock?", "charge_card", Way::State),
            step("charge_card", "charge_card", Way::Error),
            step("charge_card", "ask_for_another_card", Way::Error),
            step("ask_for_another_card", "charge_card", Way::State),
            step("charge_card", "ask_for_another_card", Way::Error),
            step("ask_for_another_card", "charge_card", Way::State),
            step("charge_card", "ship", Way::State),
            step("ship", "shipped?", Way::State),
            step("shipped?", "shipped?", Way::State),
            step("shipped?", "in_stock?", Way::Outside("taken up".into())),
            step("in_stock?", "order_from_supplier", Way::State),
            step("gone", "delivered?", Way::State),
        ],
        current: "order_from_supplier".into(),
    }
}

/// A flow of `count` states as people write them: mostly onwards, now and then back or far ahead. `seed` decides all.
pub(super) fn random(count: usize, seed: u64) -> Graph {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut dice = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % below.max(1)
    };
    let kinds = [NodeKind::Action, NodeKind::Decision, NodeKind::Wait, NodeKind::Action, NodeKind::Start];
    let words = ["check", "the", "invoice", "and", "send", "reminder", "customer", "supplier", "wait", "for", "answer"];
    let mut sketch = Sketch::new(&format!("random {count}"));
    let ends = (count / 12).clamp(1, 6);
    let mut names = Vec::new();
    for at in 0..count {
        let kind = match at + ends >= count {
            false => kinds[dice(kinds.len())],
            true if dice(3) == 0 => NodeKind::Failure,
            true => NodeKind::Result,
        };
        let name: Vec<&str> = (0..1 + dice(4)).map(|_| words[dice(words.len())]).collect();
        names.push((format!("{}_{at}", name.join("_")), kind));
        sketch = sketch.node(&names[at].0, kind);
    }
    if count == 1 {
        return sketch.0;
    }
    for (at, (name, kind)) in names.clone().iter().enumerate() {
        if matches!(kind, NodeKind::Result | NodeKind::Failure) {
            continue;
        }
        let branches = match kind {
            NodeKind::Decision => 2 + dice(3),
            NodeKind::Wait => 1 + dice(2),
            _ => 1,
        };
        for branch in 0..branches {
            let to = match (branch, dice(10)) {
                (0, _) => at + 1,
                (_, 0 | 1) => at.saturating_sub(dice(8)),
                (_, 2) => count - 1 - dice(ends),
                _ => (at + 1 + dice(6)).min(count - 1),
            };
            let label = if branches == 1 {
                String::new()
            } else {
                ["yes", "no", "total > 100 && customer.vip", "after 3d", "otherwise", "status == \"open\""][dice(6)]
                    .into()
            };
            sketch = sketch.edge(name, &names[to].0, &label, EdgeKind::Branch);
        }
        if *kind == NodeKind::Action && dice(4) == 0 {
            sketch = sketch.edge(name, &names[count - 1].0, "on error", EdgeKind::Error);
        }
    }
    sketch.0
}
