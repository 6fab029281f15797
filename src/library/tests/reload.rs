//! Flows that are read again.

use std::sync::Arc;

use super::*;
use crate::library::Reload;

const BROKEN: &str = "states: { start: { decision: [{ go_to: nowhere }] } }\n";
/// Tests that name a flow which nothing starts.
const TESTS: &str = "tests:
- name: it runs
  expect: { status: completed, started: { cat: 0 } }
";

/// A flow that starts `other` with an attribute.
fn giving(name: &str, other: &str, attribute: &str) -> String {
    starting(name, other).replace("go_to", &format!("with: {{ {attribute}: 1 }}\n    go_to"))
}

/// A flow that has an attribute that must be given.
fn requiring(name: &str, attribute: &str) -> String {
    let attributes = format!("attributes: {{ {attribute}: {{ type: integer, required: true }} }}\nstates");
    flow(name).replace("states", &attributes)
}

/// What a reload says of flows: added, changed, removed, kept.
fn told(reload: &Reload) -> [Vec<&str>; 4] {
    [&reload.added, &reload.changed, &reload.removed, &reload.kept]
        .map(|names| names.iter().map(Name::as_str).collect())
}

fn good(library: &Library, name: &str) -> Arc<Flow> {
    match library.get(name) {
        Some(Entry::Good(flow)) => flow,
        Some(Entry::Broken(findings)) => panic!("{name}: {findings:?}"),
        None => panic!("there is no {name}"),
    }
}

#[test]
fn a_reload_tells_what_came_changed_and_went() {
    let folder = Folder::new(&[("a.yml", &flow("ant")), ("b.yml", &flow("bee")), ("c.yml", &flow("cat"))]);
    let (library, _) = folder.load();
    let reload = library.reload();
    assert!(reload.is_empty() && reload.findings.is_empty(), "{reload:?}");
    folder.write("a.yml", flow("ant").replace("result", "{ result: 1 }"));
    std::fs::remove_file(folder.path("c.yml")).unwrap();
    folder.write("d.yml", flow("dog"));
    // It is elsewhere in its file, and is the same.
    folder.write("b.yml", format!("# Bees\n\n{}", flow("bee")));
    let reload = library.reload();
    assert_eq!(told(&reload), [vec!["dog"], vec!["ant"], vec!["cat"], vec![]]);
    assert!(!reload.is_empty());
    assert_eq!(names(&library), ["ant", "bee", "dog"]);
    assert_eq!(good(&library, "bee").definition.first_line, 3);
    assert!(library.reload().is_empty());
}

#[test]
fn what_has_not_changed_keeps_its_check() {
    let folder = Folder::new(&[
        ("a.yml", &flow("ant")),
        ("b.yml", &starting("bee", "ant")),
        ("c.yml", &flow("cat")),
        ("d.yml", &format!("{}{TESTS}", flow("dog"))),
    ]);
    let (library, _) = folder.load();
    let is_same = |name: &str, before: &Arc<Flow>| Arc::ptr_eq(before, &good(&library, name));
    let (bee, cat, dog) = (good(&library, "bee"), good(&library, "cat"), good(&library, "dog"));
    folder.write("a.yml", flow("ant").replace("result", "{ result: 1 }"));
    assert_eq!(library.reload().changed, ["ant"]);
    assert!(is_same("bee", &bee) && is_same("cat", &cat) && is_same("dog", &dog));
    // What `bee` starts looks different from outside.
    folder.write("a.yml", requiring("ant", "legs"));
    let reload = library.reload();
    assert_eq!(told(&reload), [vec![], vec!["ant"], vec![], vec!["bee"]]);
    assert_eq!(reload.findings.len(), 1, "{:?}", reload.findings);
    assert!(reload.findings[0].message.contains("requires `legs`"), "{}", reload.findings[0]);
    assert!(is_same("bee", &bee) && is_same("cat", &cat) && is_same("dog", &dog));
    // A flow is gone that the tests of `dog` name.
    std::fs::remove_file(folder.path("c.yml")).unwrap();
    let reload = library.reload();
    assert_eq!(told(&reload), [vec![], vec![], vec!["cat"], vec!["bee", "dog"]]);
    assert!(reload.findings.iter().any(|f| f.message.contains("no flow is called `cat`")), "{:?}", reload.findings);
    folder.write("c.yml", flow("cat"));
    folder.write("a.yml", flow("ant"));
    let reload = library.reload();
    assert_eq!(told(&reload), [vec!["cat"], vec!["ant"], vec![], vec![]]);
    assert!(reload.findings.is_empty(), "{:?}", reload.findings);
}

#[test]
fn a_flow_that_was_unknown_is_found_when_it_comes() {
    let folder = Folder::new(&[("a.yml", &starting("ant", "bee"))]);
    let (library, findings) = folder.load();
    assert!(findings[0].message.contains("unknown flow `bee`"));
    folder.write("b.yml", flow("bee"));
    let reload = library.reload();
    assert!(reload.findings.is_empty(), "{:?}", reload.findings);
    assert!(!reload.is_empty() && is_good(&library, "ant"));
}

#[test]
fn a_broken_file_keeps_its_flows_until_it_is_repaired() {
    let folder = Folder::new(&[("a.yml", &flow("ant")), ("b.yml", &flow("bee")), ("c.yml", &starting("cat", "ant"))]);
    let (library, _) = folder.load();
    let (ant, bee) = (good(&library, "ant"), good(&library, "bee"));
    folder.write("a.yml", format!("flow: ant\n{BROKEN}"));
    folder.write("b.yml", "flow: [bee\n");
    for is_first in [true, false] {
        let reload = library.reload();
        assert_eq!(told(&reload), [vec![], vec![], vec![], vec!["ant", "bee"]]);
        assert_eq!(reload.is_empty(), !is_first);
        assert!(Arc::ptr_eq(&ant, &good(&library, "ant")) && Arc::ptr_eq(&bee, &good(&library, "bee")));
        assert!(is_good(&library, "cat"));
        let mut of: Vec<&str> = reload.findings.iter().map(|f| f.source.name().rsplit('/').next().unwrap()).collect();
        of.dedup();
        assert_eq!(of, ["a.yml", "b.yml", "c.yml"], "{:?}", reload.findings);
    }
    folder.write("a.yml", flow("ant").replace("result", "{ result: 1 }"));
    folder.write("b.yml", flow("bee"));
    let reload = library.reload();
    assert_eq!(told(&reload), [vec![], vec!["ant"], vec![], vec![]]);
    assert!(reload.findings.is_empty());
}

#[test]
fn an_emptied_file_keeps_its_flows_and_one_without_a_flow_does_not() {
    let folder = Folder::new(&[("a.yml", &flow("ant")), ("b.yml", &flow("bee"))]);
    let (library, _) = folder.load();
    folder.write("a.yml", "");
    let reload = library.reload();
    assert_eq!(told(&reload), [vec![], vec![], vec![], vec!["ant"]]);
    assert!(reload.findings[0].message.contains("holds no flow"));
    folder.write("a.yml", flow("ape"));
    assert_eq!(told(&library.reload()), [vec!["ape"], vec![], vec!["ant"], vec![]]);
}

#[test]
fn what_is_new_and_fits_only_to_what_is_broken_waits_for_it() {
    let folder = Folder::new(&[("a.yml", &flow("ant")), ("s.yml", &starting("starter", "ant"))]);
    let (library, _) = folder.load();
    let starter = good(&library, "starter");
    folder.write("a.yml", requiring("ant", "legs").replace("result", "{ decision: [{ go_to: nowhere }] }"));
    folder.write("s.yml", giving("starter", "ant", "legs"));
    folder.write("n.yml", giving("new", "ant", "legs"));
    let reload = library.reload();
    assert_eq!(told(&reload), [vec!["new"], vec![], vec![], vec!["ant", "starter"]]);
    assert!(Arc::ptr_eq(&starter, &good(&library, "starter")));
    let Some(Entry::Broken(findings)) = library.get("new") else { panic!("it fits to no flow that is live") };
    assert!(findings[0].message.contains("has no attribute `legs`"), "{findings:?}");
    folder.write("a.yml", requiring("ant", "legs"));
    let reload = library.reload();
    assert_eq!(told(&reload), [vec![], vec!["ant", "starter"], vec![], vec![]]);
    assert!(reload.findings.is_empty() && is_good(&library, "new"), "{:?}", reload.findings);
}

#[test]
fn a_path_that_is_lost_keeps_all_its_flows() {
    let folder = Folder::new(&[("one.yml", &flow("one"))]);
    let (flows, away, one) = (folder.path("flows"), folder.path("away"), folder.path("one.yml"));
    std::fs::create_dir(&flows).unwrap();
    folder.write("flows/a.yml", format!("{}---\n{}", flow("ant"), flow("ape")));
    folder.write("flows/b.yml", format!("flow: bee\n{BROKEN}"));
    let (library, _) = Library::load(&[&flows, &one], &CheckContext::default());
    std::fs::rename(&flows, &away).unwrap();
    std::fs::remove_file(&one).unwrap();
    for _ in 0..2 {
        let reload = library.reload();
        assert_eq!(told(&reload), [vec![], vec![], vec![], vec!["ant", "ape", "one"]]);
        let lost = reload.findings.iter().filter(|f| f.message.contains("there is no such file or folder"));
        assert_eq!(lost.count(), 2, "{:?}", reload.findings);
        assert_eq!(names(&library), ["ant", "ape", "bee", "one"]);
    }
    std::fs::create_dir(&flows).unwrap();
    folder.write("flows/a.yml", flow("ant"));
    folder.write("one.yml", flow("one"));
    let reload = library.reload();
    assert_eq!(told(&reload), [vec![], vec![], vec!["ape", "bee"], vec![]]);
    assert!(reload.findings.is_empty(), "{:?}", reload.findings);
}

#[test]
fn a_file_that_could_not_be_read_is_read_when_it_can() {
    let folder = Folder::new(&[]);
    folder.write("a.yml", b"flow: a\xff");
    let (library, _) = folder.load();
    assert!(library.reload().findings[0].message.contains("is not UTF-8"));
    folder.write("a.yml", b"flow: a");
    let reload = library.reload();
    assert!(reload.findings.iter().all(|f| !f.message.contains("UTF-8")), "{:?}", reload.findings);
    assert!(!reload.findings.is_empty());
}

#[test]
fn a_name_that_two_files_take_is_told_and_forgotten() {
    let folder = Folder::new(&[("a.yml", &flow("ant"))]);
    let (library, _) = folder.load();
    let ant = good(&library, "ant");
    folder.write("b.yml", flow("ant"));
    let reload = library.reload();
    assert!(reload.findings[0].message.contains("is already at"), "{:?}", reload.findings);
    assert!(Arc::ptr_eq(&ant, &good(&library, "ant")));
    std::fs::remove_file(folder.path("a.yml")).unwrap();
    let reload = library.reload();
    assert!(reload.findings.is_empty() && !reload.is_empty(), "{reload:?}");
    assert!(good(&library, "ant").source.name().ends_with("b.yml"));
}

#[test]
fn flows_of_no_file_stay_and_those_of_another_library_are_read_where_it_was() {
    let source = Arc::new(Source::new("none.yml", flow("ant")));
    let library = Library::of_sources([source], &CheckContext::default());
    assert!(library.reload().is_empty());
    assert_eq!(names(&library), ["ant"]);
    let folder = Folder::new(&[("b.yml", &flow("bee"))]);
    library.replace(&folder.load().0);
    folder.write("c.yml", flow("cat"));
    assert_eq!(library.reload().added, ["cat"]);
    assert_eq!(library.paths(), [folder.0.path()]);
}

#[test]
fn who_starts_a_flow_is_known_through_others_too() {
    let folder = Folder::new(&[
        ("a.yml", &flow("ant")),
        ("b.yml", &starting("bee", "ant")),
        ("c.yml", &starting("cat", "bee")),
        ("d.yml", &starting("dog", "eel")),
        ("e.yml", &starting("eel", "dog")),
    ]);
    let (library, _) = folder.load();
    for (name, starters) in [("ant", &["bee", "cat"][..]), ("cat", &[]), ("dog", &["dog", "eel"]), ("none", &[])] {
        assert_eq!(library.starters(&[name.into()]), *starters, "{name}");
    }
}
