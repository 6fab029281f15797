//! Functions, closures, places, conditions.

use super::super::{Ran, Role};
use super::world::World;
use crate::value::Value;

#[test]
fn functions_see_only_their_arguments() {
    let own = "fn add(a, b) { a + b }\nfn twice(f, x) { f.call(f.call(x)) }\nfn fact(n) {\n  if n < 2 { return 1; }\n  n * fact(n - 1)\n}\n\
               fn grow(x) { this.push(x); this.len() }\nfn bad(x) {\n  let y = 1;\n  y + x.missing\n}\nfn more(list) { list.push(1) }";
    let world = World::default().with("n", 5i64).with("list", Vec::<Value>::new()).own(own);
    for (text, expected) in [
        ("add(1, 2)", "3"),
        ("fact(20)", "2432902008176640000"),
        ("twice(|x| x * n, 2)", "50"),
        ("let f = |a, b| a + b; [3, 1].map(f.curry(1))", "[4,2]"),
        ("let f = |a, b| add(a, b); f.call(1, 2) + call(f, 3, 4)", "10"),
        ("more([0])", "[0,1]"),
    ] {
        assert_eq!(world.json(text), expected, "{text}");
    }
    assert_eq!(world.assigned("list.grow(3); list.grow(4); n = list.grow(5)"), r#"{"list":[3,4,5],"n":3}"#);
    let failure = world.failure("1 +\n bad(#{}.a)");
    let at = failure.at.unwrap();
    assert_eq!((at.in_functions, at.at.line, at.at.column), (true, 10, 9), "{}", failure.message);
    let failure = world.failure("add(1)");
    assert!(failure.message.contains("takes 2 arguments"), "{}", failure.message);
}

#[test]
fn closures_see_the_variables_around_them() {
    let world = World::default();
    for (text, expected) in [
        ("let n = 1; let f = || n += 1; f.call(); f.call(); n", "3"),
        ("let n = 1; let f = |x| { let z = x; |y| z + y + n }; let g = f.call(10); n", "1"),
        ("let sum = 0; [[1, 2], [3]].for_each(|l| l.for_each(|x| sum += x)); sum", "6"),
        ("let f; if true { let a = 1; f = || a; } let b = 2; f.call()", "1"),
        ("[1, 2, 3].filter(|x| [2, 3].some(|y| x == y))", "[2,3]"),
        ("let n = 2; switch n { 1 => \"one\", 2 if n > 1 => \"two\" }", "\"two\""),
        ("let x = { let y = 1; y + 1 }; x", "2"),
        ("let r = loop { break 5 }; r + 1", "6"),
        ("let a = [1]; let b = a; b.push(2); a", "[1]"),
    ] {
        assert_eq!(world.json(text), expected, "{text}");
    }
    let failure = world.failure("let f = |x| { let z = x; |y| z + y }; f.call(1).call(2)");
    assert!(failure.message.contains("has ended"), "{}", failure.message);
}

#[test]
fn failures_point_to_the_innermost_place() {
    let world = World::default().with("customer", Value::Unit).with("list", vec![Value::from(1i64)]);
    for (text, line, column) in [
        ("customer.name", 1, 10),
        ("1 + (2 / 0)", 1, 8),
        ("let x = 1;\n  x.y", 2, 5),
        ("[1].map(|x| x.oops)", 1, 15),
        ("`a ${1 / 0}`", 1, 8),
        ("list[7]", 1, 6),
        ("5 > \"a\"", 1, 3),
        ("  throw 5", 1, 3),
        ("fail(\"x\")", 1, 1),
        ("list.len().foo()", 1, 12),
    ] {
        let at = world.failure(text).at.unwrap();
        assert_eq!((at.at.line, at.at.column), (line, column), "{text}");
    }
}

#[test]
fn conditions_give_true_or_false() {
    let world = World::default().with("n", 5i64);
    let judge = |text: &str| world.wrong(text, Role::Condition).condition(&world, None);
    assert!(matches!(judge("n > 4"), Ran::Done(true)));
    assert!(matches!(judge("n > 5"), Ran::Done(false)));
    for (text, given) in [
        ("n", "`5`, an integer"),
        ("()", "`()`"),
        ("[n]", "a list"),
        ("0..n", "a range"),
        ("`${n}`", "`\"5\"`, a string"),
    ] {
        let Ran::Failed(failure) = judge(text) else { panic!("{text}") };
        assert_eq!(failure.message, format!("the condition gives {given}; expected true or false"), "{text}");
        assert_eq!(failure.kind, "script");
    }
}

#[test]
fn scripts_are_shared_by_threads() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    let world = World::default().with("n", 5i64).own("fn f(x) { x + 1 }");
    let script = world.script("f(n)", Role::Value);
    shared(&script);
    shared(&world.expressions());
    std::thread::scope(|scope| {
        let run = || {
            // What scripts read belongs to each thread.
            let world = World::default().with("n", 6i64);
            (0..1000).all(|_| matches!(script.value(&world, None), Ran::Done(Value::Integer(7))))
        };
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        assert!(runs.into_iter().all(|run| run.join().unwrap()));
    });
}
