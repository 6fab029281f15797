//! What bodies assign.

use super::super::{Ran, Role};
use super::world::World;
use crate::value::Value;

fn world() -> World {
    World::default()
        .with("name", " Ann ")
        .with("n", 1i64)
        .with("list", vec![Value::from(3i64), Value::from(1i64)])
        .with("m", Value::map([("a", Value::map([("b", Value::from(1i64))])), ("items", Vec::<Value>::new().into())]))
        .with("nothing", Value::Unit)
        .with("other", vec![Value::from("x")])
}

#[test]
fn what_is_assigned_is_given_and_nothing_else() {
    for (body, expected) in [
        ("n = 2", r#"{"n":2}"#),
        ("n += 1; n *= 10", r#"{"n":20}"#),
        ("let x = n; x += 1;", "{}"),
        ("n = n", r#"{"n":1}"#),
        ("name = name.trim()", r#"{"name":"Ann"}"#),
        ("name.trim();", r#"{"name":"Ann"}"#),
        ("name.trim()", r#"{"name":"Ann"}"#),
        ("let y = name.trim(); nothing = y", r#"{"nothing":"Ann"}"#),
        ("trim(name)", r#"{"name":"Ann"}"#),
        ("name = name.trim().to_upper()", r#"{"name":"ANN"}"#),
        ("name = name.replace(\"n\", \"m\")", r#"{"name":" Amm "}"#),
        ("if true { name.trim() }", r#"{"name":"Ann"}"#),
        ("switch n { 1 => name.trim() }", r#"{"name":"Ann"}"#),
        ("list.push(2)", r#"{"list":[3,1,2]}"#),
        ("list = list.push(2)", r#"{"list":[3,1,2]}"#),
        ("list += 2", r#"{"list":[3,1,2]}"#),
        ("list += [4, 5]", r#"{"list":[3,1,4,5]}"#),
        ("list += \"x\"; list += other", r#"{"list":[3,1,"x","x"]}"#),
        ("list = list.sort()", r#"{"list":[1,3]}"#),
        ("list.sort(|a, b| b - a)", r#"{"list":[3,1]}"#),
        ("list.reverse()", r#"{"list":[1,3]}"#),
        ("let l = list.sort(); n = l[0]", r#"{"n":1}"#),
        ("n = list.len()", r#"{"n":2}"#),
        ("n = list.pop()", r#"{"n":1,"list":[3]}"#),
        ("n = list.shift() + list.len()", r#"{"n":4,"list":[1]}"#),
        ("list[0] = 9; list[-1] += 1", r#"{"list":[9,2]}"#),
        ("list.retain(|x| x > 2)", r#"{"list":[3]}"#),
        ("list = list.retain(|x| x > 2)", r#"{"list":[3]}"#),
        ("n = list.drain(|x| x > 2)", r#"{"n":[3],"list":[1]}"#),
        ("m.a.b = 2", r#"{"m":{"a":{"b":2},"items":[]}}"#),
        ("m.a.b += 2", r#"{"m":{"a":{"b":3},"items":[]}}"#),
        ("m.c = #{}; m.c.d = 1; m[\"e\"] = 2", r#"{"m":{"a":{"b":1},"c":{"d":1},"e":2,"items":[]}}"#),
        ("m.items.push(1); m.items += 2", r#"{"m":{"a":{"b":1},"items":[1,2]}}"#),
        ("m.items = m.items.push(1)", r#"{"m":{"a":{"b":1},"items":[1]}}"#),
        ("m.remove(\"a\")", r#"{"m":{"items":[]}}"#),
        ("m += #{ z: 1 }", r#"{"m":{"a":{"b":1},"items":[],"z":1}}"#),
        ("nothing = #{ a: [1] }; nothing.a.push(2)", r#"{"nothing":{"a":[1,2]}}"#),
        ("name += \"x\"; name += 1; name += `y`", r#"{"name":" Ann x1y"}"#),
        ("for i in 0..100 { name += \"x\" } n = name.len(); name = \"\"", r#"{"name":"","n":105}"#),
        ("other.for_each(|x| list.push(x))", r#"{"list":[3,1,"x"]}"#),
        ("[1, 2].for_each(|x| n += x)", r#"{"n":4}"#),
        ("let f = |x| n = x; f.call(7)", r#"{"n":7}"#),
        ("try { n = 5; fail(\"x\") } catch { list.push(1) }", r#"{"n":5,"list":[3,1,1]}"#),
        ("n = (); list = [];", r#"{"n":null,"list":[]}"#),
        ("if n > 5 { list = [] }", "{}"),
        ("n = if n > 0 { \"a\" } else { \"b\" };", r#"{"n":"a"}"#),
        ("let l = list; l.push(5); n = l.len()", r#"{"n":3}"#),
        ("return; n = 5", "{}"),
    ] {
        let assigned = world().assigned(body);
        let (left, right): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(&assigned).unwrap(), serde_json::from_str(expected).unwrap());
        assert_eq!(left, right, "{body}");
    }
}

#[test]
fn what_cannot_be_kept_names_its_attribute() {
    for (body, message) in [
        ("n = 0..3", "a range cannot be kept in attribute `n`"),
        ("n = |x| x", "a function cannot be kept in attribute `n`"),
        ("list += 0..3", "`+=` cannot be used with a range"),
        ("m.a = |x| x", "a function cannot be put into a list or a map"),
        ("list = [|x| x]", "a function cannot be put into a list or a map"),
        ("n = 1.0 / 0.0", "division by zero"),
        ("nothing.a = 1", "no map or list here that could hold `a`"),
        ("n.a = 1", "`a` of an integer cannot be changed"),
        ("list[5] = 1", "there is nothing at 5"),
        ("list.a = 1", "`a` of a list cannot be changed"),
    ] {
        let failure = world().body_failure(body);
        assert!(failure.message.contains(message), "{body}: {}", failure.message);
    }
}

#[test]
fn a_push_in_a_loop_costs_no_copy() {
    let body = "for i in 0..20000 { list.push(i); } for i in 0..20000 { list += i; } for i in 0..20000 { list = list.push(i) }";
    let begun = std::time::Instant::now();
    let Ran::Done(assigned) = world().ran(body) else { panic!("{body}") };
    assert!(matches!(&assigned[..], [(2, Value::List(items))] if items.len() == 60_002));
    assert!(begun.elapsed().as_secs() < 4, "{:?}", begun.elapsed());
}

#[test]
fn values_pass_through_untouched() {
    let world = world();
    let Ran::Done(assigned) = world.script("m = #{ list: list }; n = other", Role::Action).run(&world, None) else {
        panic!("it runs")
    };
    let (Value::List(given), Value::List(kept)) = (&assigned[1].1, &world.attributes[5].1) else { panic!("lists") };
    assert!(std::sync::Arc::ptr_eq(given, kept));
}
