//! A compiled script, and its runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::name::Name;
use crate::value::Value;

use super::analysis::Analysis;
use super::code::{Code, FreeVariable, Node};
use super::direct::{self, Direct};
use super::expressions::Scripting;
use super::lower::Lowered;
use super::run::{Eval, Interrupt, Machine, Operand, described, failed, quoted};
use super::{Assigned, Failure, OutsideRef, Ran, Scope, ScriptFinding, ScriptPlace, StartedFlow, Variable};

/// A compiled script. Cheap to clone, shared by all tasks and threads.
#[derive(Clone)]
pub(crate) struct Script(Arc<Compiled>);

struct Compiled {
    scripting: Arc<Scripting>,
    code: Code,
    free_variables: Vec<FreeVariable>,
    names: Vec<Name>,
    analysis: Analysis,
    /// Whether it is evaluated without a machine.
    is_small: bool,
}

impl Script {
    pub(super) fn new(scripting: Arc<Scripting>, lowered: Lowered, analysis: Analysis) -> Self {
        let Lowered { code, free_variables, names, .. } = lowered;
        let is_small = direct::is_small(&code.body, &free_variables);
        Self(Arc::new(Compiled { scripting, code, free_variables, names, analysis, is_small }))
    }

    /// Evaluates a condition. Anything but true or false is a failure of kind `script`.
    pub(crate) fn condition(&self, scope: &dyn Scope, outside: Option<&OutsideRef>) -> Ran<bool> {
        if let Some(holds) = self.directly(scope, Direct::truth) {
            return Ran::Done(holds);
        }
        self.ran(scope, outside, |machine, code| match machine.start(code)? {
            Operand::Value(Value::Boolean(holds)) => Ok(holds),
            Operand::Value(other) => Err(machine.at_body(code, failed(no_truth(&told(&other))))),
            other => Err(machine.at_body(code, failed(no_truth(&other.described())))),
        })
    }

    /// Evaluates to a list. Anything else is a failure of kind `script`.
    pub(crate) fn list(&self, scope: &dyn Scope, outside: Option<&OutsideRef>) -> Ran<Arc<Vec<Value>>> {
        self.ran(scope, outside, |machine, code| {
            let given = machine.start(code)?;
            match machine.finished(code, given)? {
                Value::List(items) => Ok(items),
                other => {
                    let message = format!("`for_each` gives {}; expected a list", told(&other));
                    Err(machine.at_body(code, failed(message)))
                }
            }
        })
    }

    /// Evaluates to a value.
    pub(crate) fn value(&self, scope: &dyn Scope, outside: Option<&OutsideRef>) -> Ran<Value> {
        if let Some(value) = self.directly(scope, Direct::value) {
            return Ran::Done(value);
        }
        self.ran(scope, outside, |machine, code| {
            let given = machine.start(code)?;
            machine.finished(code, given)
        })
    }

    /// Runs a body and returns what it assigned.
    pub(crate) fn run(&self, scope: &dyn Scope, outside: Option<&OutsideRef>) -> Ran<Assigned> {
        if let Some(assigned) = self.directly(scope, Direct::run) {
            return Ran::Done(assigned);
        }
        self.run_by_machine(scope, outside)
    }

    /// The same, however small it is.
    pub(super) fn run_by_machine(&self, scope: &dyn Scope, outside: Option<&OutsideRef>) -> Ran<Assigned> {
        self.ran(scope, outside, |machine, code| {
            machine.start(code)?;
            machine.assigned(code)
        })
    }

    /// Whether it has so little in it that no time passes while it runs. It calls nothing.
    pub(crate) fn is_small(&self) -> bool {
        self.0.is_small
    }

    /// Evaluates a small script without a machine. None if it is not small, or the machine must decide.
    fn directly<'s, T>(
        &'s self,
        scope: &'s dyn Scope,
        work: impl FnOnce(&mut Direct<'s>, &'s Node) -> Option<T>,
    ) -> Option<T> {
        let Compiled { scripting, code, free_variables, is_small: true, .. } = &*self.0 else { return None };
        let mut direct = Direct::new(scope, free_variables, &scripting.vocabulary.limits);
        let given = work(&mut direct, &code.body)?;
        direct.hand_over();
        Some(given)
    }

    fn ran<T>(
        &self,
        scope: &dyn Scope,
        outside: Option<&OutsideRef>,
        work: impl FnOnce(&mut Machine<'_>, &Code) -> Eval<T>,
    ) -> Ran<T> {
        if let Some(refusal) = scope.refusal(self.variables()) {
            return Ran::Failed(refusal);
        }
        let Compiled { scripting, code, free_variables, names, .. } = &*self.0;
        let mut machine = Machine::new(scripting, (free_variables, names), scope, outside);
        // A panic in here, or in a function of the embedding program, ends this script only.
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&mut machine, code)));
        machine.hand_over();
        match outcome.unwrap_or_else(|_| Err(failed("the evaluation broke off: a function panicked"))) {
            Ok(given) => Ran::Done(given),
            Err(stop) => {
                machine.tell_kept();
                ended(*stop)
            }
        }
    }

    /// Whether it calls anything that needs an [`Outside`](super::Outside): the clock, random values, log, start,
    /// capabilities, effects.
    pub(crate) fn reaches_outside(&self) -> bool {
        self.0.analysis.reaches_outside
    }

    /// Whether its result may change although nothing happens to the task: it reads the clock or random values, or
    /// calls a function of the embedding program.
    pub(crate) fn may_change_by_itself(&self) -> bool {
        self.0.analysis.may_change_by_itself
    }

    /// Where the attribute in `slot` got its value, if that is certain: at its only assignment, or at the last of
    /// several that is always executed.
    pub(crate) fn assigned_at(&self, slot: usize) -> Option<ScriptPlace> {
        let mut all = self.0.analysis.assigned.iter().filter(|assigned| assigned.slot == slot);
        let last = all.next_back()?;
        (last.always || all.next().is_none()).then_some(ScriptPlace { in_functions: false, at: last.at })
    }

    /// Where it reads `error` first.
    pub(crate) fn error_at(&self) -> Option<ScriptPlace> {
        self.0.analysis.error_at.map(|at| ScriptPlace { in_functions: false, at })
    }

    /// What runs in it, and hardly does what its author wants.
    pub(crate) fn warnings(&self) -> &[ScriptFinding] {
        &self.0.analysis.warnings
    }

    /// The variables of the language it mentions.
    pub(crate) fn variables(&self) -> &[Variable] {
        &self.0.analysis.variables
    }

    /// The flows it starts by a literal name, directly or in the flow's functions.
    pub(crate) fn started_flows(&self) -> &[StartedFlow] {
        &self.0.analysis.started
    }
}

/// How a run ended that stopped early.
fn ended<T>(stop: Interrupt) -> Ran<T> {
    match stop {
        Interrupt::Failed(failure) | Interrupt::Limit(failure) => Ran::Failed(failure),
        Interrupt::Stopped => Ran::Stopped,
        Interrupt::Break(_) | Interrupt::Continue | Interrupt::Return(_) => {
            Ran::Failed(Failure::new("script", "a loop is left where there is none"))
        }
    }
}

/// A value in a message, with its type unless that is clear.
fn told(value: &Value) -> String {
    match value {
        Value::Unit | Value::List(_) | Value::Map(_) => quoted(value),
        other => format!("{}, {}", quoted(other), described(other.type_name())),
    }
}

fn no_truth(given: &str) -> String {
    format!("the condition gives {given}; expected true or false")
}
