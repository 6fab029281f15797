//! Calls.

use crate::name::{Name, nearest};
use crate::value::Value;

use super::super::analysis::properties_of;
use super::super::builtin::{self, Builtin, Effect};
use super::super::code::{Call, Code, Node, Target};
use super::super::{Answer, Failure, FunctionBody};
use super::interrupt::failed;
use super::{Eval, Frame, Interrupt, Machine, Operand};

/// The arguments of a call.
pub(in super::super) type Arguments = rhai::FnArgsVec<Operand>;

impl Machine<'_> {
    pub(super) fn arguments(&mut self, nodes: &[Node]) -> Eval<Arguments> {
        let mut arguments = Arguments::new();
        for node in nodes {
            arguments.push(self.evaluate(node)?);
        }
        Ok(arguments)
    }

    /// A call that is not a method.
    pub(super) fn call(&mut self, call: &Call) -> Eval {
        let mut arguments = self.arguments(&call.arguments)?;
        match &call.target {
            Target::Own(number) | Target::OwnMethod(number) => self.own(*number, arguments),
            Target::Outside(number) => self.reach(*number, arguments),
            Target::Language(function) => self.language(*function, arguments),
            Target::Builtin(builtin) => {
                let mut nothing = Operand::UNIT;
                self.apply(builtin, &mut nothing, &mut arguments)
            }
            Target::Pointer | Target::Unknown => Err(self.unknown(&call.name, None)),
        }
    }

    /// One of the flow's functions.
    pub(super) fn own(&mut self, number: usize, arguments: Arguments) -> Eval {
        match self.function(number) {
            Some(code) => self.run_code_with(&code, arguments, None, None).0,
            None => Ok(Operand::UNIT),
        }
    }

    /// Runs code in a frame of its own. Also returns the final value of `this`.
    pub(super) fn run_code_with(
        &mut self,
        code: &Code,
        arguments: Arguments,
        this: Option<Operand>,
        outer: Option<usize>,
    ) -> (Eval, Option<Operand>) {
        if let Err(stop) = self.may_call() {
            return (Err(stop), this);
        }
        let base = self.stack.len();
        if !arguments.is_empty() {
            self.stack.extend(arguments);
        }
        self.stack.resize_with(base.saturating_add(code.slots), || Operand::UNIT);
        self.serial = self.serial.wrapping_add(1);
        self.frames.push(Frame { base, outer, serial: self.serial, in_functions: code.in_functions, this });
        let given = match self.evaluate(&code.body) {
            Ok(given) => Ok(given),
            Err(stop) => match *stop {
                Interrupt::Return(given) => Ok(given),
                Interrupt::Break(_) | Interrupt::Continue => Ok(Operand::UNIT),
                other => Err(self.placed(Box::new(other), code.body.at)),
            },
        };
        let this = self.frames.pop().and_then(|frame| frame.this);
        self.stack.truncate(base);
        (given, this)
    }

    /// Runs code without arguments.
    pub(super) fn run_code(&mut self, code: &Code) -> Eval {
        self.run_code_with(code, Arguments::new(), None, None).0
    }

    /// A built-in function, with a valid number of arguments.
    pub(super) fn apply(&mut self, builtin: &Builtin, receiver: &mut Operand, arguments: &mut Arguments) -> Eval {
        if !builtin.takes(arguments.len()) {
            return Err(failed(format!("`{}` takes {}, not {}", builtin.name, builtin.expected(), arguments.len())));
        }
        self.charge_texts(receiver, arguments)?;
        if builtin.effect != Effect::None
            && let Operand::Value(value) = &*receiver
        {
            self.charge_copy(value)?;
        }
        (builtin.run)(self, receiver, arguments)
    }

    /// Charges for the texts that a function reads.
    fn charge_texts(&mut self, receiver: &Operand, arguments: &Arguments) -> Eval<()> {
        if !matches!(receiver, Operand::Value(Value::Text(_))) {
            return Ok(());
        }
        for operand in std::iter::once(receiver).chain(arguments.iter()) {
            if let Operand::Value(Value::Text(text)) = operand {
                self.charge_reading(text.len())?;
            }
        }
        Ok(())
    }

    /// A function of the vocabulary.
    pub(super) fn reach(&mut self, number: usize, arguments: Arguments) -> Eval {
        let scripting = self.scripting;
        let Some(function) = scripting.vocabulary.functions.get(number) else { return Ok(Operand::UNIT) };
        if !function.arity.contains(&arguments.len()) {
            let (least, most) = (function.arity.start(), function.arity.end());
            let takes = if least == most { least.to_string() } else { format!("{least} to {most}") };
            return Err(failed(format!("`{}` takes {takes} arguments, not {}", function.name, arguments.len())));
        }
        let (mut values, mut bytes) = (Vec::with_capacity(arguments.len()), 0_usize);
        for argument in arguments {
            let value = argument
                .into_value()
                .map_err(|other| failed(format!("{} cannot be passed to `{}`", other.described(), function.name)))?;
            self.check(&value, 0)?;
            bytes = bytes.saturating_add(self.weigh_leaving(&value, "what is passed to a call")?);
            values.push(value);
        }
        let given = match &function.body {
            FunctionBody::Pure(body) => body(&values).map_err(Failure::with_bounded_kind)?,
            FunctionBody::Effect { .. } => {
                // The digest of a call covers all of its arguments.
                self.charge_bytes(bytes)?;
                self.may_repeat()?;
                let call = super::super::Call { function: function.name.clone(), arguments: values };
                match self.outside(&function.name, |outside| outside.call(call))? {
                    Answer::Known(outcome) => outcome.map_err(Failure::with_bounded_kind)?,
                    Answer::Limit(failure) => return Err(Box::new(Interrupt::Limit(failure))),
                    Answer::Stop => return Err(Box::new(Interrupt::Stopped)),
                }
            }
        };
        self.check(&given, 0)?;
        Ok(given.into())
    }

    /// Does something outside the script.
    pub(super) fn outside<T>(&mut self, what: &str, act: impl FnOnce(&mut dyn super::super::Outside) -> T) -> Eval<T> {
        let Some(outside) = self.outside else {
            return Err(failed(format!("`{what}` cannot be called here: nothing outside the script is in reach")));
        };
        // The time spent outside does not count for the script.
        let before = std::time::Instant::now();
        let given = match outside.try_borrow_mut() {
            Ok(mut outside) => act(&mut *outside),
            Err(_) => return Err(failed(format!("`{what}` cannot be called while another call is under way"))),
        };
        self.started = self.started.map(|started| started + before.elapsed());
        Ok(given)
    }

    /// Fails because the called function is unknown.
    pub(super) fn unknown(&self, name: &Name, receiver: Option<&Operand>) -> Box<Interrupt> {
        let takes: Vec<String> = self.scripting.declared.arities(name).map(|count| count.to_string()).collect();
        if !takes.is_empty() {
            return failed(format!("the function `{name}` takes {} arguments", takes.join(" or ")));
        }
        let meant = nearest(name, builtin::names()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        match receiver {
            Some(receiver) => failed(format!("{} has no method `{name}`{meant}", receiver.described())),
            None => failed(format!("there is no function `{name}`{meant}")),
        }
    }

    /// A property of a value that is not a map.
    pub(super) fn property(&mut self, mut receiver: Operand, name: &Name) -> Eval {
        if receiver.is_unit() {
            return Err(failed(format!("there is no value here that could have `{name}`: `?.{name}` would give `()`")));
        }
        match builtin::find(name).filter(|builtin| builtin.property) {
            Some(builtin) => self.apply(builtin, &mut receiver, &mut Arguments::new()),
            None => {
                let known = properties_of(receiver.type_name());
                let meant = nearest(name, known.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
                let there_are = || {
                    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
                    if names.is_empty() { String::new() } else { format!("; there are {}", names.join(", ")) }
                };
                let help = meant.unwrap_or_else(there_are);
                Err(failed(format!("{} has no property `{name}`{help}", receiver.described())))
            }
        }
    }
}

/// The value of an argument, for a function that accepts values only.
pub(super) fn value(operand: Option<&Operand>) -> Option<&Value> {
    match operand {
        Some(Operand::Value(value)) => Some(value),
        _ => None,
    }
}
