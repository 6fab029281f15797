//! What is known of a script: reads, writes, variables, and what it reaches.

use rhai::packages::{Package, StandardPackage};

use super::super::super::{Role, Variable};
use super::super::builtins::{BUILTINS, PROPERTIES, builtin};
use super::{analysed, analysed_with, lines, names};

#[test]
fn attributes_mentioned_and_assigned_are_told_apart() {
    for (text, reads, writes) in [
        ("total = total + 1", &["total"][..], &["total"][..]),
        ("name = `${total}`", &["total", "name"], &["name"]),
        ("guests.push(name)", &["name", "guests"], &["guests"]),
        ("push(guests, name)", &["name", "guests"], &["guests"]),
        ("x = guests.len()", &["guests", "x"], &["x"]),
        ("customer.vip = true", &["customer"], &["customer"]),
        ("customers[0].name = name", &["name", "customers"], &["customers"]),
        ("x = guests.map(|g| g + name)", &["name", "guests", "x"], &["x"]),
        ("guests.for_each(|| total += this)", &["total", "guests"], &["total", "guests"]),
        ("let t = total; t += 1; x = t", &["total", "x"], &["x"]),
        ("for name2 in guests { x += name2 }", &["guests", "x"], &["x"]),
        ("if paid { total = 1 } else { name = \"a\" }", &["total", "name", "paid"], &["total", "name"]),
        ("x = [1, 2].filter(|total| total > 1)", &["x"], &["x"]),
    ] {
        let analysis = analysed(text, Role::Action);
        assert_eq!(lines(&analysis.findings), [] as [&str; 0], "{text}");
        assert_eq!(names(&analysis.reads), reads, "reads of {text}");
        assert_eq!(names(&analysis.writes), writes, "writes of {text}");
    }
}

#[test]
fn variables_of_the_language_are_noted() {
    let analysis = analysed("x = [task.id, sub_tasks.len(), task.key, failed_sub_tasks]", Role::Action);
    assert_eq!(analysis.variables, [Variable::Task, Variable::SubTasks, Variable::FailedSubTasks]);
    let analysis = analysed("for item in guests { x = item }", Role::Action);
    assert_eq!(analysis.variables, []);
}

#[test]
fn what_a_script_reaches_is_known_through_functions_too() {
    let functions = "fn a() { b() + 1 } fn b() { now() } fn c() { start(\"bee\", #{ wings: 2 }) } fn d() { d() } fn e(x) { log(x) }";
    for (text, outside, changes) in [
        ("x = 1", false, false),
        ("x = date(\"2026-01-01\")", false, false),
        ("x = now()", true, true),
        ("x = [1].map(|y| random())", true, true),
        ("x = a()", true, true),
        ("x = d()", false, false),
        ("log(\"x\")", true, false),
        ("e(1)", true, false),
        ("c()", true, false),
        ("x = vat(1)", false, true),
        ("x = http::get(\"https://a.example\").json", true, true),
    ] {
        let analysis = analysed_with(functions, text, Role::Action);
        assert_eq!(lines(&analysis.findings), [] as [&str; 0], "{text}");
        assert_eq!((analysis.reaches_outside, analysis.may_change_by_itself), (outside, changes), "{text}");
    }
}

#[test]
fn flows_started_by_a_literal_name_are_known() {
    let functions = "fn c() { start(\"bee\", #{ wings: 2 }) }";
    let text = "start(\"wasp\", x); start(\"a\" + \"b\", #{}); c(); [1].for_each(|| start(\"ant\", #{}))";
    let started = analysed_with(functions, text, Role::Action).started;
    let mut found: Vec<String> = started
        .iter()
        .map(|s| format!("{} {:?} {}:{} {}", s.flow, s.given, s.at.at.line, s.at.at.column, s.at.in_functions))
        .collect();
    found.sort();
    assert_eq!(found, ["ant Some([]) 1:70 false", "bee Some([\"wings\"]) 1:17 true", "wasp None 1:8 false"]);
}

/// Functions of Rhai's packages that are none of the language, each for its reason.
const LEFT_OUT: &[&str] = &[
    // Bytes are no values of the language.
    "as_string",
    "blob",
    "parse_be_float",
    "parse_be_int",
    "parse_le_float",
    "parse_le_int",
    "to_array",
    "to_blob",
    "write_ascii",
    "write_be",
    "write_le",
    "write_utf8",
    // Nor are bits of numbers of use in flows.
    "bits",
    "get_bit",
    "get_bits",
    "set_bit",
    "set_bits",
    // They reach out, or end the program.
    "debug",
    "exit",
    "print",
    "sleep",
    // Useful for Rhai's own tools only.
    "get_fn_metadata_list",
    "to_debug",
    "is_anonymous",
    "name",
    "set_tag",
    "tag",
    "take",
    // Names of operators on decimals.
    "add",
    "divide",
    "modulo",
    "multiply",
    "power",
    "subtract",
    // The language's own `log` is something else.
    "log",
];

#[test]
fn what_rhai_has_is_in_the_table_or_left_out_for_a_reason() {
    let mut module = rhai::Module::new();
    StandardPackage::init(&mut module);
    module.register_lazy_functions();
    let mut engine = rhai::Engine::new_raw();
    engine.register_global_module(std::sync::Arc::new(module));
    let all = engine.collect_fn_metadata(None, |it| Some((it.metadata.name.to_string(), it.metadata.num_params)), true);
    let is_name = |name: &str| name.starts_with(|c: char| c.is_alphabetic()) && !name.contains('$');
    let missing: Vec<_> = (all.iter())
        .filter(|(name, _)| is_name(name) && !LEFT_OUT.contains(&name.as_str()))
        .filter(|(name, given)| !builtin(name).is_some_and(|it| (it.takes.0..=it.takes.1).contains(given)))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(BUILTINS.is_sorted_by_key(|builtin| builtin.name), "it is looked up by name");
    assert!(PROPERTIES.is_sorted_by_key(|(name, ..)| *name));
}
