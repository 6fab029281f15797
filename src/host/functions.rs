//! Functions of the embedding program: closures of up to six arguments, pure or with an effect.

use std::future::Future;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::sync::Arc;

use crate::expression::{Failure, Function, FunctionBody};
use crate::name::Name;
use crate::task::{Outcome, StepFailure};
use crate::value::Value;

use super::convert::{FromValue, IntoValue};
use super::options::Options;
use super::{guard, known};

/// A closure that computes from its arguments alone: `|net: f64| net * 0.2`. It may run again at any time.
pub trait IntoFunction<Args> {
    /// The function as scripts call it, by `name`.
    fn into_function(self, name: Name) -> Function;
}

/// A closure that reaches outside: `|to: String, text: String| async move { … }`. Each call is a durable step.
pub trait IntoEffect<Args> {
    /// The effect as scripts call it, by `name`.
    fn into_effect(self, name: Name) -> Effect;
}

type Performing = Pin<Box<dyn Future<Output = Outcome> + Send>>;

type EffectFn = dyn Fn(&[Value]) -> Performing + Send + Sync;

/// A function of the embedding program that reaches outside. After its own arguments it accepts the options of a step:
/// `send_email(to, text, #{ once: "welcome" })`.
#[derive(Clone)]
pub struct Effect {
    name: Name,
    arguments: usize,
    run: Arc<EffectFn>,
}

impl Effect {
    /// How many arguments it accepts: its own, and one for the options.
    pub(super) fn arity(&self) -> RangeInclusive<usize> {
        self.arguments..=self.arguments.saturating_add(1)
    }

    /// Performs a call.
    pub(super) async fn call(&self, arguments: &[Value]) -> Outcome {
        let (own, options) = arguments.split_at_checked(self.arguments).unwrap_or((arguments, &[]));
        Options::read(&self.name, options.first(), known::ONCE)?;
        (self.run)(own).await
    }
}

/// Takes arguments one after the other.
struct Arguments<'a> {
    function: &'a str,
    given: std::slice::Iter<'a, Value>,
    taken: usize,
}

impl<'a> Arguments<'a> {
    fn of(function: &'a str, given: &'a [Value]) -> Self {
        Self { function, given: given.iter(), taken: 0 }
    }

    fn take<T: FromValue>(&mut self) -> Result<T, StepFailure> {
        self.taken = self.taken.saturating_add(1);
        let given = self.given.next().unwrap_or(&Value::Unit);
        T::from_value(given).ok_or_else(|| {
            let (function, position, type_name) = (self.function, self.taken, given.type_name());
            let expected = T::expected();
            StepFailure::script(format!(
                "`{function}` takes a value of type {expected} as argument {position}, but was given one of type {type_name}"
            ))
        })
    }
}

macro_rules! closures {
    ($($type:ident $name:ident)*) => {
        impl<F, R, $($type),*> IntoFunction<($($type,)*)> for F
        where
            F: Fn($($type),*) -> R + Send + Sync + 'static,
            R: IntoValue,
            $($type: FromValue,)*
        {
            fn into_function(self, name: Name) -> Function {
                let count = <[&str]>::len(&[$(stringify!($name)),*]);
                let called = name.clone();
                let compute = move |given: &[Value]| {
                    guard::caught_now(&called, || {
                        #[allow(unused_mut, unused_variables, reason = "a closure without arguments takes none")]
                        let mut arguments = Arguments::of(&called, given);
                        $(let $name = arguments.take::<$type>()?;)*
                        self($($name),*).into_value(&called)
                    })
                    .map_err(Failure::from)
                };
                Function::new(name, count..=count, FunctionBody::Pure(Arc::new(compute)))
            }
        }

        impl<F, T, $($type),*> IntoEffect<($($type,)*)> for F
        where
            F: Fn($($type),*) -> T + Send + Sync + 'static,
            T: Future + Send + 'static,
            T::Output: IntoValue,
            $($type: FromValue,)*
        {
            fn into_effect(self, name: Name) -> Effect {
                let count = <[&str]>::len(&[$(stringify!($name)),*]);
                let called = name.clone();
                let start = move |given: &[Value]| {
                    #[allow(unused_mut, unused_variables, reason = "a closure without arguments takes none")]
                    let mut arguments = Arguments::of(&called, given);
                    $(let $name = arguments.take::<$type>()?;)*
                    Ok::<T, StepFailure>(self($($name),*))
                };
                let name_of_result = name.clone();
                let run = move |given: &[Value]| -> Performing {
                    let (started, name) = (start(given), name_of_result.clone());
                    Box::pin(async move { started?.await.into_value(&name) })
                };
                Effect { name, arguments: count, run: Arc::new(run) }
            }
        }
    };
}

closures!();
closures!(A a);
closures!(A a B b);
closures!(A a B b C c);
closures!(A a B b C c D d);
closures!(A a B b C c D d E e);
closures!(A a B b C c D d E e G g);
