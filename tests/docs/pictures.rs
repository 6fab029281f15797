//! The pictures in the documents: each is what `opsflow graph` draws now. With `UPDATE_PICTURES` set they are written anew.

use super::{bench, root};

/// The pictures, and the flow that each shows.
const PICTURES: [(&str, &str); 3] = [
    ("docs/pictures/legend.svg", "docs/pictures/legend.yml"),
    ("docs/pictures/plan_a_party.svg", "workflows/plan_a_party.yml"),
    ("docs/pictures/ship_parcel.svg", "workflows/ship_parcel.yml"),
];

#[test]
fn pictures_are_up_to_date() {
    for (picture, flow) in PICTURES {
        let text = std::fs::read_to_string(root().join(flow)).unwrap();
        let bench = bench();
        bench.write(flow, &text);
        let drawn = bench.run(&["graph", flow, "--format", "svg"]).done().stdout;
        let path = root().join(picture);
        if std::env::var_os("UPDATE_PICTURES").is_some() {
            std::fs::write(&path, &drawn).unwrap();
        }
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            stored == drawn,
            "{picture} is not what `opsflow graph {flow}` draws; to write it: UPDATE_PICTURES=1 cargo test"
        );
    }
}

#[test]
fn every_picture_is_held() {
    for entry in std::fs::read_dir(root().join("docs/pictures")).unwrap() {
        let name = format!("docs/pictures/{}", entry.unwrap().file_name().to_str().unwrap());
        let known = PICTURES.iter().any(|(picture, flow)| name == *picture || name == *flow);
        assert!(known, "{name} is held by no test");
    }
}
