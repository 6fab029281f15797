//! Every bound ends a script quickly, and says its name.

use std::time::{Duration, Instant};

use super::super::{Limits, Ran};
use super::world::World;
use crate::value::Value;

fn world() -> World {
    let big: Vec<Value> = (0..1000).map(Value::Integer).collect();
    World::default()
        .with("n", 0i64)
        .with("a", Vec::<Value>::new())
        .with("m", Value::map([("a", Value::Unit)]))
        .with("t", "x")
        .with("big", big)
        .own("fn deep(n) { deep(n + 1) }\nfn ping(n) { pong(n) }\nfn pong(n) { ping(n) }\nfn own(l) { l }")
}

#[test]
fn bounds_end_scripts_by_name() {
    for (body, bound) in [
        ("loop { }", "max_operations: 1000000"),
        ("while true { n += 1 }", "max_operations"),
        ("for i in 0..1000000000000 { }", "max_operations"),
        ("loop { try { loop { } } catch { } }", "max_operations"),
        ("[1].for_each(|x| { loop { } })", "max_operations"),
        ("let l = big; loop { l.sort(|a, b| a - b) }", "max_operations"),
        ("loop { a = [a] }", "MAX_VALUE_DEPTH"),
        ("loop { m.a = m }", "MAX_VALUE_DEPTH"),
        ("loop { a = [a, a] }", "max_list_items"),
        ("loop { a += a; a += 1 }", "max_list_items"),
        ("loop { a.push(a); }", "max_list_items"),
        ("loop { a.append(big) }", "max_list_items: 100000"),
        ("let x = [big, big]; a = [x, x, x, x, x, x, x]; a += [a, a, a, a, a, a, a];", "max_list_items"),
        ("let i = 0; loop { i += 1; m[`k${i}`] = 1 }", "max_map_entries: 10000"),
        ("let i = 0; loop { i += 1; m.set(`k${i}`, #{ a: 1 }) }", "max_map_entries"),
        ("loop { t += t }", "max_string_bytes: 1048576"),
        ("loop { t = t + t }", "max_string_bytes"),
        ("loop { t = `${t}${t}` }", "max_string_bytes"),
        ("t.pad(1000000000, \"x\")", "max_string_bytes"),
        ("a.pad(1000000000, 1)", "max_list_items"),
        ("loop { t = t.replace(\"x\", \"xx\") }", "max_string_bytes"),
        ("a = range(0, 1000000000000, 1)", "max_list_items"),
        ("a = (0..1000000000000).map(|x| x)", "max_list_items"),
        ("t.pad(1000000, \"x\"); a = t.chars()", "max_list_items"),
        ("t.pad(1000000, \"x\"); a = t.split(\"\")", "max_list_items"),
        ("loop { t = [t, t].to_json() }", "max_string_bytes"),
        ("deep(0)", "max_call_depth: 64"),
        ("ping(0)", "max_call_depth"),
        ("try { deep(0) } catch { n = 1 }", "max_call_depth"),
        ("let f = |x| 1; f = |x| f.call(x); f.call(1)", "max_call_depth"),
    ] {
        let begun = Instant::now();
        let failure = world().body_failure(body);
        assert_eq!(failure.kind, "limit", "{body}: {failure:?}");
        assert!(failure.message.contains(bound), "{body}: {}", failure.message);
        assert!(failure.at.is_some(), "{body}");
        assert!(begun.elapsed() < Duration::from_secs(20), "{body}: {:?}", begun.elapsed());
    }
}

#[test]
fn time_is_a_bound_too() {
    let limits = Limits { max_operations: u64::MAX / 4, max_wall_time: Duration::from_millis(50), ..Limits::default() };
    let world = World { limits, ..world() };
    let failure = world.body_failure("loop { try { loop { } } catch { } }");
    assert_eq!(
        (failure.kind.as_str(), failure.message.contains("max_wall_time: 50 ms")),
        ("limit", true),
        "{failure:?}"
    );
}

#[test]
fn what_is_within_bounds_runs() {
    let world = World { limits: Limits { max_call_depth: 20, ..Limits::default() }, ..world() };
    let world = world.own("fn down(n) { if n == 0 { 0 } else { 1 + down(n - 1) } }");
    assert_eq!(world.json("down(18)"), "18");
    assert!(matches!(world.ran("for i in 0..90000 { a.push(i) }"), Ran::Done(_)));
    assert!(matches!(world.ran("for i in 0..100000 { t += \"xxxxxxxxxx\" }"), Ran::Done(_)));
}

#[test]
fn the_deepest_calls_fit_a_small_stack() {
    let own = "fn down(n) { if n == 0 { 0 } else { let l = [#{ a: 1 + (2 * (down(n - 1) + 1)) % 1000 }]; l[0].a } }";
    let world = World::default().own(own);
    assert!(matches!(world.value("down(60)"), Ran::Done(_)));
    assert_eq!(world.failure("down(70)").kind, "limit");
}

#[test]
fn messages_quote_no_long_values() {
    let world = World::default().with("t", "secret ".repeat(100));
    let failure = world.failure("date(t)");
    assert!(failure.message.chars().count() < 200, "{}", failure.message);
}
