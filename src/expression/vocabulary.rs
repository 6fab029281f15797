//! What scripts may use, and the purposes of scripts.

use std::sync::Arc;

use crate::name::Name;
use crate::value::{Shape, Value};

use super::takes::Takes;
use super::{Failure, Limits};

/// A function that the embedding program adds. `call` is pure or, with `effect`, a durable step.
#[derive(Clone)]
pub struct Function {
    /// Its name, with `::` if it stands in a module.
    pub name: Name,
    /// The numbers of arguments that it accepts.
    pub arity: std::ops::RangeInclusive<usize>,
    /// What it does.
    pub body: FunctionBody,
    /// What is known of its arguments and options.
    pub(crate) takes: Takes,
}

impl Function {
    /// A function of which nothing but the number of its arguments is known.
    pub fn new(name: impl Into<Name>, arity: std::ops::RangeInclusive<usize>, body: FunctionBody) -> Self {
        Self { name: name.into(), arity, body, takes: Takes::default() }
    }
}

/// Computes from its arguments alone.
pub(crate) type Compute = dyn Fn(&[Value]) -> Result<Value, Failure> + Send + Sync;

/// What a function of the embedding program does.
#[derive(Clone)]
pub enum FunctionBody {
    /// Computes from its arguments alone; may run again.
    Pure(Arc<Compute>),
    /// Reaches outside: a durable step, performed by the host.
    Effect {
        /// The capability that the flow's `uses` must list, if any.
        capability: Option<Name>,
    },
}

/// What the scripts of a flow may use; built once for all of them.
#[derive(Clone, Default)]
pub(crate) struct Vocabulary {
    /// The attributes, by slot, with their declared types.
    pub attributes: Vec<(Name, Shape)>,
    /// The functions of capabilities and of the embedding program.
    pub functions: Arc<Vec<Function>>,
    /// The capabilities that the flow's `uses` lists.
    pub uses: Vec<Name>,
    /// The flows that may be started, as far as they are known.
    pub flows: Arc<Flows>,
    /// The bounds scripts run in.
    pub limits: Limits,
}

/// The types of what a script is given, and the use of its value.
#[derive(Clone, Copy, Default)]
pub(crate) struct Given<'g> {
    /// The parameters of an interaction.
    pub params: Option<&'g Params>,
    /// The attribute of a sub-task that the value is passed to.
    pub becomes: Option<(&'g Name, &'g Shape)>,
}

/// The attributes of the flows that may be started, by name.
pub(crate) type Flows = std::collections::BTreeMap<Name, Vec<(Name, Shape)>>;

/// The declared types of an interaction's parameters, by name.
pub(crate) type Params = std::collections::BTreeMap<Name, Shape>;

/// The purpose of a script; decides what it may use and do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// A state's body: assigns, starts, calls capabilities.
    Action,
    /// `if`: gives true or false, changes nothing.
    Condition,
    /// `retry.if` and the conditions of `on_error`: a condition that sees `error`.
    ErrorCondition,
    /// A value: `result`, `failure`.
    Value,
    /// A value of `with`.
    With {
        /// Whether `item` and `index` are in scope.
        item: bool,
    },
    /// `for_each`: gives a list.
    ForEach,
    /// An interaction's action: assigns, sees `params`, calls no capability.
    Interaction,
    /// `on_timeout`'s action: assigns, calls no capability.
    OnTimeout,
    /// A migration's action: assigns, calls no capability.
    Migrate,
}

/// The variables of the language that a script may read besides attributes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Variable {
    /// `task`
    Task,
    /// `params`
    Params,
    /// `error`
    Error,
    /// `item`
    Item,
    /// `index`
    Index,
    /// `sub_tasks`
    SubTasks,
    /// `active_sub_tasks`
    ActiveSubTasks,
    /// `completed_sub_tasks`
    CompletedSubTasks,
    /// `failed_sub_tasks`
    FailedSubTasks,
}

impl Variable {
    /// Whether it is a list of the task's sub-tasks.
    pub(crate) const fn is_sub_tasks(self) -> bool {
        matches!(self, Self::SubTasks | Self::ActiveSubTasks | Self::CompletedSubTasks | Self::FailedSubTasks)
    }
}
