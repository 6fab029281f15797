//! The tables of `docs/language.md`: they name every function, method and property there is, and their examples hold.

use std::collections::BTreeSet;

use super::super::analysis::{BUILTINS, properties_of};
use super::super::builtin;
use super::world::World;

/// The types whose values have properties by which they are known; those of a map are its entries.
const KINDS: [&str; 9] = ["date", "datetime", "decimal", "duration", "float", "integer", "list", "range", "string"];

/// The rows of the chapter's tables, by their cells.
fn rows() -> Vec<[String; 3]> {
    let text = include_str!("../../../docs/language.md");
    let (_, chapter) = text.split_once("\n### What values can do\n").expect("the chapter is there");
    let (chapter, _) = chapter.split_once("\n### ").expect("another follows");
    let rows = chapter.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let row = row.trim_start_matches("| ").trim_end_matches(" |").replace("\\|", "\u{0}");
        let cells: Vec<String> = row.split(" | ").map(|cell| cell.replace('\u{0}', "|")).collect();
        cells.try_into().unwrap_or_else(|cells| panic!("three cells: {cells:?}"))
    })
    .collect()
}

#[test]
fn every_function_method_and_property_is_in_the_tables_and_nothing_else() {
    let (mut named, mut properties) = (BTreeSet::new(), BTreeSet::new());
    for [names, ..] in rows() {
        for name in names.split("`, `").map(|name| name.trim_matches('`').to_owned()) {
            match name.split_once('(') {
                Some((name, _)) => drop(named.insert(name.to_owned())),
                None => drop((named.insert(name.clone()), properties.insert(name))),
            }
        }
    }
    let known: BTreeSet<String> = KINDS.into_iter().flat_map(properties_of).map(str::to_owned).collect();
    assert_eq!(properties, known);
    let known: BTreeSet<String> =
        BUILTINS.iter().map(|it| it.name).chain(builtin::names()).map(str::to_owned).collect();
    assert_eq!(named, known);
}

#[test]
fn every_example_holds() {
    let mut wrong = Vec::new();
    for [_, _, example] in rows() {
        let (expression, gives) = example.split_once("` = `").unwrap_or_else(|| panic!("no example: {example}"));
        let (expression, gives) = (expression.trim_start_matches('`'), gives.trim_end_matches('`'));
        let found = World::default().json(expression);
        if found != gives {
            wrong.push(format!("{expression}\n  gives:    {found}\n  expected: {gives}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
