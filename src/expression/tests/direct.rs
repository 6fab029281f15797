//! Small scripts give the same without a machine, for the same operations.

use std::cell::Cell;

use super::super::{Assigned, Ran, Role, Scope, Variable};
use super::world::World;
use crate::value::{Number, Value};

/// A world that counts operations, and hears of what is assigned.
struct Counted<'a> {
    world: &'a World,
    left: Cell<u64>,
    assigned: Cell<Vec<(usize, Value)>>,
}

impl Scope for Counted<'_> {
    fn attribute(&self, slot: usize) -> &Value {
        self.world.attribute(slot)
    }

    fn variable(&self, variable: Variable) -> Value {
        self.world.variable(variable)
    }

    fn operations_left(&self) -> Option<&Cell<u64>> {
        Some(&self.left)
    }

    fn assigned(&self, slot: usize, value: &Value) {
        let mut assigned = self.assigned.take();
        assigned.push((slot, value.clone()));
        self.assigned.set(assigned);
    }
}

const OPERANDS: [&str; 14] =
    ["n", "big", "f", "d", "num", "t", "long", "yes", "none", "day", "span", "list", "map", "7"];
const OPERATORS: [&str; 15] = ["+", "-", "*", "/", "%", "**", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "??"];

fn world() -> World {
    World::default()
        .with("n", 3i64)
        .with("big", i64::MAX)
        .with("f", 2.5)
        .with("d", Value::Decimal("19.90".parse().unwrap()))
        .with("num", Value::Number(Number::parse("0.1").unwrap()))
        .with("t", "ä \"quoted\"")
        .with("long", "x".repeat(300))
        .with("yes", true)
        .with("none", Value::Unit)
        .with("day", Value::from_text(crate::value::Type::Date, "2026-11-21").unwrap())
        .with("span", Value::from_text(crate::value::Type::Duration, "1h").unwrap())
        .with("list", vec![Value::from(1i64)])
        .with("map", Value::map([("a", Value::from(1i64))]))
        .with("out", Value::Unit)
}

/// What a run gives, what it hears, and what is left.
type Told = (Result<Assigned, String>, Vec<(usize, Value)>, u64);

fn told(world: &World, left: u64, run: impl FnOnce(&dyn Scope) -> Ran<Assigned>) -> Told {
    let scope = Counted { world, left: Cell::new(left), assigned: Cell::default() };
    let given = match run(&scope) {
        Ran::Done(assigned) => Ok(assigned),
        Ran::Failed(why) => Err(format!("{why:?}")),
        Ran::Stopped => Err("stopped".to_owned()),
    };
    (given, scope.assigned.take(), scope.left.get())
}

/// Runs `text` in both ways, with enough operations and with too few.
fn compare(world: &World, text: &str) -> bool {
    let Ok(script) = world.expressions().compile_anyway(text, Role::Action) else { return false };
    for left in [1, 2, 3, 5, 8, 1024, 1026, 100_000] {
        let machine = told(world, left, |scope| script.run_by_machine(scope, None));
        let given = told(world, left, |scope| script.run(scope, None));
        assert_eq!((&given.0, given.2), (&machine.0, machine.2), "{text} with {left} operations");
        // Where the machine had to decide, it told of some assignments again.
        let is_told = machine.1.iter().all(|told| given.1.contains(told));
        assert!(is_told && given.1.iter().all(|told| machine.1.contains(told)), "{text} with {left} operations");
    }
    script.is_small()
}

#[test]
fn every_operation_gives_what_the_machine_gives() {
    let world = world();
    let mut small = 0;
    for left in OPERANDS {
        for right in OPERANDS {
            for operator in OPERATORS {
                small += usize::from(compare(&world, &format!("out = {left} {operator} {right}")));
            }
        }
    }
    assert!(small > 2_000, "{small} small scripts");
}

#[test]
fn statements_and_texts_give_what_the_machine_gives() {
    let world = world();
    for text in [
        "out = `an order of ${n} for ${big}, ${f}, ${d}, ${num}, ${t}, ${yes}, ${none}, ${day}, ${span}`",
        "out = `${long}`",
        "out = `${list}`",
        "out = `${t}${t}${t}${t}${t}${t}${t}${t}`",
        "out = -9223372036854775807 - 1; t = `${out}`",
        "n = 4; out = n * 2; n = out + n",
        "n += 1; n -= 2; n *= 3; t += `x`; d += 1; out = n",
        "long += `x`",
        "list += 1",
        "if n > 2 { out = 1 } else { out = 2 }",
        "if n > 5 { out = 1 } else if yes { t = `b` }",
        "if n { out = 1 }",
        "out = !yes; yes = n > 2 && f < 3.0 || out",
        "out = none ?? n",
        "out = 1 / 0",
        "out = list",
        "d = 5; f = 1; out = d",
        "",
    ] {
        compare(&world, text);
    }
    assert!(compare(&world, "out = `an order of ${n} for ${big}`"));
}
