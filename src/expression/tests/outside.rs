//! How scripts reach outside.

use super::super::{Answer, Failure, Function, FunctionBody, Ran, Variable};
use super::world::World;
use crate::name::Name;
use crate::value::Value;

fn world() -> World {
    World::default()
        .with("n", 0i64)
        .with("list", Vec::<Value>::new())
        .reaching()
        .effect("http::post", 1..=2)
        .effect("send", 2..=3)
}

#[test]
fn calls_are_performed_in_order_and_their_answers_given() {
    let world = world();
    let outside = world.outside.clone().unwrap();
    outside.borrow_mut().answers = vec![
        Answer::Known(Ok(Value::map([("json", Value::from(5i64))]))),
        Answer::Known(Err(Failure { data: Value::from(409i64), ..Failure::new("http", "refused") })),
    ];
    let body = "n = http::post(\"u\", #{ a: n }).json;\ntry { send(\"a\", n) } catch (e) { list = [e.kind, e.message, e.data] }\nsend(\"b\", 1); n = 9";
    assert!(matches!(world.ran(body), Ran::Stopped));
    let calls: Vec<String> =
        outside.borrow().calls.iter().map(|c| format!("{} {:?}", c.function, c.arguments)).collect();
    assert_eq!(
        calls,
        [
            r#"http::post [Text("u"), Map({"a": Integer(0)})]"#,
            r#"send [Text("a"), Integer(5)]"#,
            r#"send [Text("b"), Integer(1)]"#,
        ]
    );
    outside.borrow_mut().calls.clear();
    outside.borrow_mut().answers.push(Answer::Known(Ok(Value::Unit)));
    assert_eq!(world.assigned(body), r#"{"list":["http","refused",409],"n":9}"#);
}

#[test]
fn nothing_hides_a_stop() {
    for body in [
        "try { send(1, 2) } catch { } n = 1",
        "[1].for_each(|x| try { send(1, 2) } catch { n = 1 }); n = 2",
        "[2, 1].sort(|a, b| { send(1, 2); 0 })",
        "[2, 1].filter(|a| { send(1, 2); true }); send(3, 4)",
        "loop { send(1, 2); break }",
        "let x = send(1, 2) ?? 5; throw x",
    ] {
        let world = world();
        assert!(matches!(world.ran(body), Ran::Stopped), "{body}");
        assert_eq!(world.outside.unwrap().borrow().calls.len(), 1, "{body}");
    }
}

#[test]
fn the_flows_functions_reach_outside_too() {
    let world = world().own("fn tell(x) {\n  send(\"a\", x)\n}");
    assert!(matches!(world.ran("tell(3)"), Ran::Stopped));
    assert_eq!(world.outside.unwrap().borrow().calls[0].arguments[1], Value::from(3i64));
}

#[test]
fn time_chance_logs_and_starts_come_from_outside() {
    let world = world();
    assert_eq!(world.json("now()"), "\"2026-11-23T09:00:00+00:00\"".replace("+00:00", "Z"));
    assert_eq!(world.json("today().weekday"), "1");
    assert_eq!(world.json("uuid()"), "\"01234567-89ab-4def-8123-456789abcdef\"");
    assert_eq!(world.json("let r = random(); r >= 0 && r < 1"), "true");
    assert_eq!(world.assigned("n = start(\"sub\", #{ a: 1 }) + start(\"sub\")"), r#"{"n":"task-1task-2"}"#);
    assert!(matches!(world.ran("log(\"a\"); log(\"warn\", `b`, #{ c: 1 })"), Ran::Done(_)));
    let outside = world.outside.clone().unwrap();
    let logged = std::mem::take(&mut outside.borrow_mut().logged);
    assert_eq!(logged[0], (Name::new("info"), "a".to_owned(), crate::value::Map::new()));
    assert_eq!((logged[1].0.as_str(), logged[1].1.as_str(), logged[1].2.len()), ("warn", "b", 1));
    assert!(world.body_failure("log(\"loud\", \"x\")").message.contains("`loud` is not a level"));
    assert!(world.body_failure("start(5)").message.contains("`start` takes the name of a flow"));
}

#[test]
fn functions_of_the_embedder_compute() {
    let mut world = world();
    let double = FunctionBody::Pure(std::sync::Arc::new(|given| match given {
        [Value::Integer(n)] => Ok(Value::Integer(n * 2)),
        _ => Err(Failure::new("script", "expected an integer")),
    }));
    world.functions.push(Function::new("double", 1..=1, double));
    let broken = FunctionBody::Pure(std::sync::Arc::new(|_| panic!("broken")));
    world.functions.push(Function::new("broken", 0..=0, broken));
    assert_eq!(world.json("double(4) + 3.double()"), "14");
    assert_eq!(world.json("[1, 2].map(|x| double(x))"), "[2,4]");
    let failure = world.failure("  double(\"x\")");
    assert_eq!((failure.message.as_str(), failure.at.unwrap().at.column), ("expected an integer", 3));
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let failure = world.failure("broken()");
    std::panic::set_hook(hook);
    assert_eq!(failure.kind, "script");
}

#[test]
fn what_is_caught_knows_state_and_attempt() {
    let mut world = world();
    world.variables.push((Variable::Task, Value::map([("state", Value::from("pay")), ("attempt", Value::from(2i64))])));
    assert_eq!(
        world.json("try { 1 / 0 } catch (e) { e }"),
        r#"{"attempt":2,"data":null,"kind":"script","message":"`1` / `0`: division by zero","state":"pay"}"#
    );
    assert_eq!(world.json("task.state"), "\"pay\"");
}
