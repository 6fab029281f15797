//! The scripts of the order flow, bare in Rhai.

use opsflow::host::Limits;
use rhai::{AST, Dynamic, Engine, Scope};

use super::order::SCRIPTS;

/// Compiled once, run within the same limits over a scope of their variables.
pub(crate) struct Bare {
    engine: Engine,
    scripts: Vec<AST>,
}

impl Bare {
    pub(crate) fn new() -> Self {
        let limits = Limits::default();
        let mut engine = Engine::new();
        engine.set_max_operations(limits.max_operations);
        engine.set_max_call_levels(limits.max_call_depth);
        engine.set_max_string_size(limits.max_string_bytes);
        engine.set_max_array_size(limits.max_list_items);
        engine.set_max_map_size(limits.max_map_entries);
        engine.set_max_strings_interned(0);
        let scripts = SCRIPTS.iter().map(|text| engine.compile(text).expect("it compiles")).collect();
        Self { engine, scripts }
    }

    /// Runs the scripts of the task `number`.
    pub(crate) fn run(&self, number: usize) {
        let mut scope = Scope::new();
        scope.push("quantity", (number % 40) as i64);
        scope.push("price", 7_i64);
        scope.push("total", ());
        scope.push("text", ());
        let run = |scope: &mut Scope, at: usize| {
            let script = self.scripts.get(at).expect("it is there");
            self.engine.eval_ast_with_scope::<Dynamic>(scope, script).expect("it runs")
        };
        drop(run(&mut scope, 0));
        if run(&mut scope, 1).as_bool().expect("a condition") {
            drop(run(&mut scope, 2));
        }
        drop(run(&mut scope, 3));
        drop(std::hint::black_box(run(&mut scope, 4)));
    }
}
