use super::super::Graph;
use super::samples::{linear, odd, order, order_path, party, random};

fn all() -> Vec<(&'static str, Graph)> {
    vec![
        ("party", party()),
        ("linear", linear()),
        ("order", order()),
        ("order_path", order().with_path(&order_path())),
        ("odd", odd()),
        ("random_12", random(12, 5)),
        ("random_30", random(30, 1)),
        ("random_100", random(100, 2)),
        ("random_300", random(300, 3)),
    ]
}

#[test]
#[ignore = "writes pictures for people to look at, into the folder OPSFLOW_PICTURES"]
#[expect(clippy::disallowed_methods, reason = "it is told where to write, and writes")]
fn pictures() {
    let folder = std::path::PathBuf::from(std::env::var("OPSFLOW_PICTURES").unwrap());
    for (name, graph) in all() {
        let began = std::time::Instant::now();
        std::fs::write(folder.join(format!("{name}.svg")), graph.svg().unwrap()).unwrap();
        eprintln!("{name} {:?}", began.elapsed());
        std::fs::write(folder.join(format!("{name}.dot")), graph.dot()).unwrap();
        std::fs::write(folder.join(format!("{name}.mmd")), graph.mermaid()).unwrap();
        std::fs::write(folder.join(format!("{name}.txt")), graph.text()).unwrap();
    }
}
