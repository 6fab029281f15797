#![expect(clippy::disallowed_methods, reason = "these tests write the files that the library reads")]

mod reload;
#[cfg(feature = "watch")]
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::{Entry, Library};
use crate::diagnostic::{Finding, Source};
use crate::flow::{CheckContext, Flow};
use crate::name::Name;

struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(TempDir::new().unwrap());
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn load(&self) -> (Library, Vec<Finding>) {
        Library::load(&[self.0.path()], &CheckContext::default())
    }
}

fn flow(name: &str) -> String {
    format!("flow: {name}\nstates:\n  start: result\n")
}

fn starting(name: &str, other: &str) -> String {
    format!("flow: {name}\nstates:\n  start:\n    start: {other}\n    go_to: done\n  done: result\n")
}

fn only_finding(path: &Path) -> Finding {
    let mut findings = super::read::findings_of(path);
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.remove(0)
}

fn names(library: &Library) -> Vec<String> {
    library.names().iter().map(ToString::to_string).collect()
}

fn is_good(library: &Library, name: &str) -> bool {
    matches!(library.get(name), Some(Entry::Good(_)))
}

#[test]
fn what_is_no_readable_file_is_a_finding() {
    let folder = Folder::new(&[("empty.yml", "")]);
    assert!(only_finding(&folder.path("none.yml")).message.contains("no such file"));
    assert!(only_finding(folder.0.path()).message.contains("a folder"));
    assert!(only_finding(&folder.path("empty.yml")).message.contains("holds no flow"));
    if Path::new("/dev/zero").exists() {
        assert!(only_finding(Path::new("/dev/zero")).message.contains("not a regular file"));
    }
    folder.write("large.yml", vec![b' '; 4 * 1024 * 1024 + 1]);
    assert!(only_finding(&folder.path("large.yml")).message.contains("MAX_FILE_BYTES"));
}

#[test]
fn the_first_bad_byte_has_a_place() {
    let folder = Folder::new(&[]);
    folder.write("latin.yml", b"flow: a\n# gr\xc3\xbc\xdfe\n");
    let finding = only_finding(&folder.path("latin.yml"));
    assert_eq!((finding.position().line, finding.position().column), (2, 6));
    assert!(finding.message.contains("0xdf"), "{}", finding.message);
}

#[test]
fn a_folder_gives_its_flow_files_and_nothing_else() {
    let folder = Folder::new(&[
        ("b.yml", &flow("bee")),
        ("a.yaml", &format!("{}---\n---\n{}", flow("ant"), flow("ape"))),
        ("x.test.yml", &flow("tested")),
        ("opsflow.yml", "storage: memory"),
        ("notes.txt", "no flow"),
    ]);
    std::fs::create_dir(folder.path("deep")).unwrap();
    folder.write("deep/c.yml", flow("cat"));
    let (library, findings) = folder.load();
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(names(&library), ["ant", "ape", "bee"]);
    assert_eq!(library.names_of(&folder.path("a.yaml")), ["ant", "ape"]);
    assert_eq!(library.first_of(&folder.path("b.yml")).unwrap(), "bee");
    assert_eq!(library.nearest("bea").unwrap(), "bee");
}

#[test]
fn a_path_that_cannot_be_read_is_a_finding_of_loading() {
    let folder = Folder::new(&[]);
    let (library, findings) = Library::open(&[&folder.path("none")], &CheckContext::default());
    assert!(library.names().is_empty());
    assert_eq!(findings.len(), 1);
    assert!(library.first_of(&folder.path("none")).unwrap_err().iter().all(|f| f.message.contains("no such file")));
}

#[test]
fn a_file_named_twice_is_read_once() {
    let folder = Folder::new(&[("a.yml", &flow("ant"))]);
    let file = folder.path("a.yml");
    let (library, findings) = Library::load(&[&file, folder.0.path()], &CheckContext::default());
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(names(&library), ["ant"]);
}

#[test]
fn a_repeated_name_is_a_finding_at_the_second() {
    let folder = Folder::new(&[("a.yml", &flow("ant")), ("b.yml", &format!("# second\n{}", flow("ant")))]);
    let (library, findings) = folder.load();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].to_string().contains("b.yml:2:7: a flow called `ant` is already at "));
    assert!(findings[0].message.ends_with("a.yml:1:7"));
    assert!(!is_good(&library, "ant"), "nobody knows which of the two is meant");
}

#[test]
fn a_broken_neighbour_matters_to_who_starts_it() {
    let folder = Folder::new(&[
        ("good.yml", &flow("good")),
        ("broken.yml", "flow: broken\nstates:\n  start: { decision: [{ go_to: nowhere }] }\n"),
        ("direct.yml", &starting("direct", "broken")),
        ("indirect.yml", &starting("indirect", "direct")),
    ]);
    let (library, findings) = folder.load();
    assert!(is_good(&library, "good"));
    for (name, message) in [("direct", "is broken"), ("indirect", "starts one that is broken")] {
        let Some(Entry::Broken(findings)) = library.get(name) else { panic!("{name} is good") };
        let finding = findings.iter().find(|f| f.message.contains(message)).unwrap();
        assert_eq!((finding.position().line, finding.position().column), (4, 12));
        assert!(finding.message.contains("unknown state `nowhere`"));
    }
    assert_eq!(findings.len(), 3, "{findings:?}");
}

#[test]
fn flows_may_start_each_other() {
    let folder = Folder::new(&[("a.yml", &starting("ant", "bee")), ("b.yml", &starting("bee", "ant"))]);
    let (library, findings) = folder.load();
    assert!(findings.is_empty(), "{findings:?}");
    assert!(is_good(&library, "ant") && is_good(&library, "bee"));
}

#[test]
fn one_document_of_a_file_may_be_broken_without_the_other() {
    let text = format!("{}---\nflow: broken\nsttes: 1\nstates: {{ start: result }}\n", flow("good"));
    let library = Library::of_sources([Arc::new(Source::new("two.yml", text))], &CheckContext::default());
    assert!(is_good(&library, "good"));
    assert!(matches!(library.get("broken"), Some(Entry::Broken(_))));
}

#[test]
fn a_broken_definition_never_replaces_a_good_one() {
    let folder = Folder::new(&[
        ("a.yml", &flow("ant")),
        ("b.yml", &flow("bee")),
        ("c.yml", &flow("cat")),
        ("s.yml", &starting("starter", "ant")),
    ]);
    let (library, _) = folder.load();
    let clone = library.clone();
    folder.write("a.yml", "flow: ant\nstates: { start: { decision: [{ go_to: nowhere }] } }\n");
    folder.write("b.yml", "flow: [bee\n");
    std::fs::remove_file(folder.path("c.yml")).unwrap();
    folder.write("d.yml", flow("dog"));
    let kept = library.replace(&folder.load().0);
    assert_eq!(kept, ["ant", "bee"]);
    assert_eq!(names(&clone), ["ant", "bee", "dog", "starter"]);
    for name in ["ant", "bee", "dog", "starter"] {
        assert!(is_good(&clone, name), "{name}");
    }
    folder.write("a.yml", flow("ant").replace("result", "{ result: 1 }"));
    folder.write("b.yml", flow("bee"));
    assert!(library.replace(&folder.load().0).is_empty());
    assert!(clone.get("ant").unwrap().into_result().unwrap_or_else(|_| panic!()).definition.text.contains("result: 1"));
}
