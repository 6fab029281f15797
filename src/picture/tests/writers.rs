//! What is written: held to snapshots, and to the rules of each language.

use super::super::{Graph, NodeKind};
use super::build::{SIGN_UP, flow};
use super::samples::{linear, odd, order, order_path, party, random};
use super::xml;

fn hand_made() -> Vec<(&'static str, Graph)> {
    vec![
        ("party", party()),
        ("linear", linear()),
        ("order", order()),
        ("order_path", order().with_path(&order_path())),
        ("odd", odd()),
        ("sign_up", Graph::of(&flow(SIGN_UP))),
    ]
}

fn all() -> Vec<(&'static str, Graph)> {
    let random = [
        ("random_12", random(12, 5)),
        ("random_30", random(30, 1)),
        ("random_100", random(100, 2)),
        ("random_300", random(300, 3)),
    ];
    hand_made().into_iter().chain(random).collect()
}

#[test]
#[ignore = "writes pictures for people to look at, into the folder OPSFLOW_PICTURES"]
#[expect(clippy::disallowed_methods, reason = "it is told where to write, and writes")]
fn pictures() {
    let folder = std::path::PathBuf::from(std::env::var("OPSFLOW_PICTURES").unwrap());
    for (name, graph) in all() {
        std::fs::write(folder.join(format!("{name}.svg")), graph.svg().unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}.dot")), graph.dot()).unwrap();
        std::fs::write(folder.join(format!("{name}.mmd")), graph.mermaid()).unwrap();
        std::fs::write(folder.join(format!("{name}.txt")), graph.text()).unwrap();
    }
}

#[test]
fn svg_is_as_it_was() {
    insta::assert_snapshot!("party.svg", party().svg().unwrap());
    insta::assert_snapshot!("order_path.svg", order().with_path(&order_path()).svg().unwrap());
}

#[test]
fn dot_is_as_it_was() {
    insta::assert_snapshot!("party.dot", party().dot());
    insta::assert_snapshot!("order_path.dot", order().with_path(&order_path()).dot());
    insta::assert_snapshot!("odd.dot", odd().dot());
}

#[test]
fn mermaid_is_as_it_was() {
    insta::assert_snapshot!("party.mermaid", party().mermaid());
    insta::assert_snapshot!("order_path.mermaid", order().with_path(&order_path()).mermaid());
    insta::assert_snapshot!("odd.mermaid", odd().mermaid());
}

#[test]
fn text_is_as_it_was() {
    insta::assert_snapshot!("party.text", party().text());
    insta::assert_snapshot!("order_path.text", order().with_path(&order_path()).text());
    insta::assert_snapshot!("odd.text", odd().text());
    insta::assert_snapshot!("random_12.text", random(12, 5).text());
}

#[test]
fn svg_is_well_formed_and_whole() {
    for (name, graph) in hand_made().into_iter().chain((0..20).map(|seed| ("random", random(30, seed)))) {
        let svg = graph.svg().unwrap();
        let texts = xml::texts(&svg).unwrap_or_else(|why| panic!("{name}: {why}\n{svg}"));
        for node in &graph.nodes {
            assert!(svg.contains(&format!("data-state=\"{}\"", node.name)), "{name}: {}", node.name);
        }
        assert!(texts.contains(&graph.title), "{name}: {texts:?}");
        assert_eq!(svg, graph.svg().unwrap());
    }
}

#[test]
fn texts_are_shown_as_they_are() {
    let texts = xml::texts(&odd().svg().unwrap()).unwrap();
    for text in ["Größe > 5 & \"weiß\"?", "odd \"names\" & <marks>", "<b>bold</b> -- x"] {
        assert!(texts.iter().any(|shown| shown == text), "{text}: {texts:?}");
    }
    for written in [odd().svg().unwrap(), odd().dot(), odd().mermaid(), odd().text()] {
        assert!(!written.chars().any(|c| c.is_control() && c != '\n'), "{written}");
    }
}

#[test]
fn what_others_read_as_marks_is_written_out() {
    let labelled = |label: &str| {
        let sketch = super::samples::Sketch::new("marks").node("only", NodeKind::Result);
        sketch.with(|node| node.label = label.to_owned()).0
    };
    for (label, dot, mermaid) in [
        ("a &lt; b", "a &amp;lt; b", "a #38;lt#59; b"),
        ("a && b; c", "a && b; c", "a #38;#38; b#59; c"),
        ("%%{init}%%", "%%{init}%%", "#37;#37;{init}#37;#37;"),
        ("style: #f00", "style: #f00", "style#58; #35;f00"),
        ("kind: #1", "kind: #1", "kind: #35;1"),
    ] {
        let graph = labelled(label);
        assert!(graph.dot().contains(&format!("label=\"{dot}\"")), "{}", graph.dot());
        assert!(graph.mermaid().contains(&format!("\"{mermaid}\"")), "{}", graph.mermaid());
    }
}

#[test]
fn quotes_of_dot_and_mermaid_are_closed() {
    for (name, graph) in hand_made() {
        for line in graph.dot().lines() {
            let bare = line.replace("\\\\", "").replace("\\\"", "");
            assert_eq!(bare.matches('"').count() % 2, 0, "{name}: {line}");
        }
        for line in graph.mermaid().lines().skip(3) {
            let count = line.matches('"').count();
            assert!(count == 0 || count == 2, "{name}: {line}");
        }
    }
}

#[test]
fn every_state_stands_in_the_outline_once() {
    for seed in 0..30 {
        let graph = random(40, seed);
        let text = graph.text();
        for node in graph.nodes.iter().filter(|node| node.kind != NodeKind::Entry) {
            let own = text.lines().filter(|line| {
                let mut words = line.split([' ', '│']).filter(|word| !word.is_empty());
                words.any(|word| "▢◇◷⧉◉⊗".contains(word)) && line.split(' ').any(|word| *word == *node.name)
            });
            assert_eq!(own.count(), 1, "{}:\n{text}", node.name);
        }
        for edge in &graph.edges {
            assert!(text.contains(&*graph.nodes[edge.to].name));
        }
    }
}

#[test]
fn an_outline_of_a_ladder_stays_narrow() {
    use super::super::EdgeKind;
    let mut sketch = super::samples::Sketch::new("ladder");
    for at in 0..40 {
        sketch = sketch.node(&format!("step_{at}"), NodeKind::Decision).node(&format!("out_{at}"), NodeKind::Result);
    }
    for at in 0..39 {
        let (from, to) = (format!("step_{at}"), format!("step_{}", at + 1));
        sketch = sketch.branch(&from, &format!("out_{at}"), "yes").edge(&from, &to, "otherwise", EdgeKind::Otherwise);
    }
    let text = sketch.0.text();
    assert!(text.lines().all(|line| line.chars().count() < 80), "{text}");
}

#[test]
fn a_very_long_flow_is_drawn() {
    // No assertion on time; it takes a fraction of a second, and would take minutes if the cost grew with the square.
    let graph = random(4000, 9);
    assert!(graph.text().lines().count() > 4000);
    assert!(graph.svg().map_or_else(|why| why.to_string().contains("MAX_BENDS"), |svg| xml::texts(&svg).is_ok()));
}
