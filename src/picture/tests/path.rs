//! A task's path on the picture.

use super::super::{EdgeKind, Graph, Move, Path, Way};
use super::samples::{order, order_path};

fn taken(graph: &Graph) -> Vec<(String, u32)> {
    let name = |id: usize| graph.nodes[id].name.as_str();
    let taken = graph.edges.iter().filter(|edge| edge.taken > 0);
    taken.map(|edge| (format!("{} → {}", name(edge.from), name(edge.to)), edge.taken)).collect()
}

#[test]
fn moves_mark_their_arrows() {
    let graph = order().with_path(&order_path());
    let expected = [
        ("start → in_stock?", 1),
        ("in_stock? → charge_card", 1),
        ("in_stock? → order_from_supplier", 1),
        ("charge_card → ship", 1),
        ("charge_card → ask_for_another_card", 2),
        ("ask_for_another_card → charge_card", 2),
        ("ship → shipped?", 1),
        ("shipped? → shipped?", 1),
        ("shipped? → in_stock?", 1),
    ];
    let expected: Vec<(String, u32)> = expected.iter().map(|(way, times)| ((*way).to_owned(), *times)).collect();
    assert_eq!(taken(&graph), expected);
    let current: Vec<&str> = graph.nodes.iter().filter(|node| node.current).map(|node| &*node.name).collect();
    assert_eq!(current, ["order_from_supplier"]);
    let visits: Vec<(&str, u32)> = graph.nodes.iter().map(|node| (&*node.name, node.visits)).collect();
    assert!(visits.contains(&("charge_card", 3)) && visits.contains(&("thank_you", 0)), "{visits:?}");
}

#[test]
fn a_move_outside_the_flowchart_has_an_arrow_of_its_own() {
    let graph = order().with_path(&order_path());
    let added = graph.edges.last().unwrap();
    assert_eq!((added.kind, added.label.as_deref(), added.taken), (EdgeKind::Moved, Some("taken up"), 1));
    assert_eq!(graph.edges.len(), order().edges.len() + 1);
}

#[test]
fn ways_between_the_same_states_are_told_apart() {
    let step = |way| Move { from: "ask_for_another_card".into(), to: "apologise".into(), way };
    let path = |way| Path { moves: vec![step(way)], current: "apologise".into() };
    for (way, label) in [
        (Way::State, Some("after 3d")),
        (Way::Interaction("give_up!".into()), Some("give_up!")),
        // It comes from the box of what may happen anywhere.
        (Way::Interaction("cancel_order!".into()), None),
        // An arrow between the two is better than none.
        (Way::Timeout, Some("after 3d")),
    ] {
        let graph = order().with_path(&path(way.clone()));
        let marked: Vec<_> = graph.edges.iter().filter(|edge| edge.taken > 0 && edge.from != 0).collect();
        assert_eq!(marked.len(), 1, "{way:?}");
        assert_eq!(marked[0].label.as_deref(), label, "{way:?}");
    }
}

#[test]
fn a_task_that_has_not_moved_stands_at_the_start() {
    let graph = order().with_path(&Path { moves: Vec::new(), current: "in_stock?".into() });
    assert_eq!(taken(&graph), [("start → in_stock?".to_owned(), 1)]);
    assert!(graph.nodes[1].current && graph.nodes[1].visits == 1);
}
