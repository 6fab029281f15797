//! Figures, on demand: `cargo test --release --lib expression::tests::speed -- --ignored --nocapture`.

#![expect(clippy::print_stderr, reason = "the figures are there to be read")]

use std::time::Instant;

use super::super::Role;
use super::world::World;
use crate::value::Value;

#[test]
#[ignore = "takes time, and tells it"]
fn figures() {
    for attributes in [3, 200] {
        let mut world =
            World::default().with("total", 250i64).with("customer", Value::map([("vip", Value::from(true))]));
        for number in 2..attributes {
            world = world.with(&format!("a{number}"), "x");
        }
        world = world
            .with("list", vec![Value::from(1i64)])
            .with("name", " Ann ")
            .with("price", Value::Decimal("19.90".parse().unwrap()));
        let condition = world.script("total > 100 && customer.vip", Role::Condition);
        timed(&format!("condition, {attributes} attributes"), 1_000_000, || drop(condition.condition(&world, None)));
        let body = world.script(
            "total += 1;\nprice = price * 1.1;\nname = name.trim();\nlist += `${name} ${total}`;\nif total > 100 { customer.vip = false } else { total = 0 }",
            Role::Action,
        );
        timed(&format!("body, {attributes} attributes"), 300_000, || drop(body.run(&world, None)));
    }
    let world = World::default().with("n", 0i64).own("fn fib(n) { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }");
    let fib = world.script("fib(20)", Role::Value);
    timed("fib(20)", 20, || drop(fib.value(&world, None)));
    let sum = world.script("let s = 0; for i in 0..1000 { s += i * 2; } s", Role::Value);
    timed("a loop of 1000", 1000, || drop(sum.value(&world, None)));
    threads(&world);
    bare();
}

/// The same in Rhai itself, for comparison.
fn bare() {
    let mut engine = rhai::Engine::new();
    engine.set_max_strings_interned(0);
    let mut scope = rhai::Scope::new();
    scope.push("total", 250i64);
    let customer: rhai::Map = [("vip".into(), rhai::Dynamic::TRUE)].into_iter().collect();
    scope.push("customer", customer);
    for (what, rounds, text) in [
        ("bare: condition", 1_000_000, "total > 100 && customer.vip"),
        ("bare: a loop of 1000", 1000, "let s = 0; for i in 0..1000 { s += i * 2; } s"),
        ("bare: fib(20)", 20, "fn fib(n) { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } } fib(20)"),
    ] {
        let ast = engine.compile(text).unwrap();
        timed(what, rounds, || drop(engine.eval_ast_with_scope::<rhai::Dynamic>(&mut scope, &ast).unwrap()));
        scope.rewind(2);
    }
}

fn timed(what: &str, rounds: u32, mut run: impl FnMut()) {
    run();
    let begun = Instant::now();
    (0..rounds).for_each(|_| run());
    eprintln!("{what}: {:.0} ns", begun.elapsed().as_nanos() as f64 / f64::from(rounds));
}

fn threads(world: &World) {
    let script = world.script("let s = 0; for i in 0..1000 { s += i * 2; } s", Role::Value);
    for threads in [1, 2] {
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                let script = script.clone();
                scope.spawn(move || {
                    let world = World::default().with("n", 0i64);
                    (0..2000).for_each(|_| drop(script.value(&world, None)));
                });
            }
        });
        eprintln!("{threads} threads: {:?} for {} runs", begun.elapsed(), threads * 2000);
    }
}
