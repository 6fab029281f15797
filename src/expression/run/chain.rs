//! Paths into values, and the methods on them.

use crate::value::Value;

use super::super::builtin::Effect;
use super::super::code::{Call, Chain, Kind, Root, Segment, Step, Target, Use};
use super::place::Key;
use super::{Arguments, Eval, Machine, Operand};

impl Machine<'_> {
    /// Follows a path to its end.
    pub(super) fn chain(&mut self, chain: &Chain) -> Eval {
        let segments = chain.segments.as_slice();
        let Kind::Variable(root) = chain.root.kind else {
            let start = self.evaluate(&chain.root)?;
            return self.onward(start, segments, chain.use_);
        };
        let method = segments.iter().position(|segment| matches!(segment.step, Step::Method(_)));
        let (path, rest) = segments.split_at_checked(method.unwrap_or(segments.len())).unwrap_or((segments, &[]));
        let Some((segment, rest)) = rest.split_first() else {
            let keys = self.keys(path)?;
            return Ok(self.read(root, path, &keys)?.unwrap_or(Operand::UNIT));
        };
        let Step::Method(call) = &segment.step else { return Ok(Operand::UNIT) };
        let use_ = if rest.is_empty() { chain.use_ } else { Use::Give };
        let given = self.method_at(root, path, segment, call, use_);
        match given.map_err(|stop| self.placed(stop, segment.at))? {
            Some(given) => self.onward(given, rest, chain.use_),
            None => Ok(Operand::UNIT),
        }
    }

    /// Continues from a temporary value.
    fn onward(&mut self, start: Operand, segments: &[Segment], use_: Use) -> Eval {
        let mut current = start;
        for (number, segment) in segments.iter().enumerate() {
            if segment.optional && current.is_unit() {
                return Ok(Operand::UNIT);
            }
            let next = match &segment.step {
                Step::Field(name) => self.step(current, &Key::Field(name)),
                Step::Index(index) => {
                    let index = self.evaluate(index)?;
                    self.step(current, &Key::Index(index))
                }
                Step::Method(call) => {
                    let last = number + 1 == segments.len();
                    let arguments = self.arguments(&call.arguments)?;
                    self.method_on(current, call, arguments, if last { use_ } else { Use::Give })
                }
            };
            current = next.map_err(|stop| self.placed(stop, segment.at))?;
        }
        Ok(current)
    }

    /// A method of the value at the end of a path from a variable. None if a `?.` ended the path.
    fn method_at(
        &mut self,
        root: Root,
        path: &[Segment],
        segment: &Segment,
        call: &Call,
        use_: Use,
    ) -> Eval<Option<Operand>> {
        let keys = self.keys(path)?;
        let mut arguments = self.arguments(&call.arguments)?;
        let Some(receiver) = self.read(root, path, &keys)? else { return Ok(None) };
        if segment.optional && receiver.is_unit() {
            return Ok(None);
        }
        let effect = match &call.target {
            Target::Builtin(builtin) => builtin.effect_on(&receiver, &arguments),
            Target::OwnMethod(_) => Effect::Takes,
            _ => Effect::None,
        };
        if effect == Effect::None || (effect == Effect::Changes && use_ == Use::Give) {
            return self.method_on(receiver, call, arguments, use_).map(Some);
        }
        // A closure may look at the variable. Without one, the value is taken out: a second reference would force a copy.
        let is_seen = arguments.iter().any(|argument| matches!(argument, Operand::Function(_)));
        let mut taken = if is_seen {
            receiver
        } else {
            drop(receiver);
            self.take(root, &keys)?
        };
        let given = match &call.target {
            Target::Builtin(builtin) => self.apply(builtin, &mut taken, &mut arguments),
            Target::OwnMethod(number) => self.own_method(*number, &mut taken, arguments),
            _ => Ok(Operand::UNIT),
        };
        let kept = (effect == Effect::Changes && use_ == Use::ChangeAndGive).then(|| taken.clone());
        let back = self.put(root, &keys, taken);
        let given = given?;
        back?;
        Ok(Some(kept.unwrap_or(given)))
    }

    /// A method of a temporary value, or of one that may not be changed.
    pub(super) fn method_on(&mut self, receiver: Operand, call: &Call, mut arguments: Arguments, use_: Use) -> Eval {
        let mut receiver = receiver;
        match &call.target {
            Target::Builtin(builtin) => {
                let effect = builtin.effect_on(&receiver, &arguments);
                let given = self.apply(builtin, &mut receiver, &mut arguments)?;
                if effect == Effect::Changes && use_ != Use::Change { Ok(receiver) } else { Ok(given) }
            }
            Target::OwnMethod(number) => self.own_method(*number, &mut receiver, arguments),
            Target::Outside(number) => {
                arguments.insert(0, receiver);
                self.reach(*number, arguments)
            }
            Target::Language(function) => {
                arguments.insert(0, receiver);
                self.language(*function, arguments)
            }
            Target::Pointer => self.call_pointer(receiver, arguments),
            Target::Own(_) | Target::Unknown => Err(self.unknown(&call.name, Some(&receiver))),
        }
    }

    /// One of the flow's functions as a method: the receiver is `this`.
    fn own_method(&mut self, number: usize, receiver: &mut Operand, arguments: Arguments) -> Eval {
        let Some(code) = self.function(number) else { return Ok(Operand::UNIT) };
        let this = std::mem::replace(receiver, Operand::Value(Value::Unit));
        let (given, this) = self.run_code_with(&code, arguments, Some(this), None);
        *receiver = this.unwrap_or(Operand::UNIT);
        given
    }
}
