//! Names: of attributes, of variables of the language, and what else a script may mention.

use super::super::{Role, Variable};
use super::types::{ERROR, Fields, Items, SUB_TASK, TASK, Ty};
use crate::name::Name;

/// The variables of the language, by name.
pub(super) const VARIABLES: [(&str, Variable); 9] = [
    ("task", Variable::Task),
    ("params", Variable::Params),
    ("error", Variable::Error),
    ("item", Variable::Item),
    ("index", Variable::Index),
    ("sub_tasks", Variable::SubTasks),
    ("active_sub_tasks", Variable::ActiveSubTasks),
    ("completed_sub_tasks", Variable::CompletedSubTasks),
    ("failed_sub_tasks", Variable::FailedSubTasks),
];

/// The variable of the language called `name`.
pub(in crate::expression) fn variable(name: &str) -> Option<Variable> {
    VARIABLES.iter().find(|(known, _)| *known == name).map(|(_, variable)| *variable)
}

/// Why scripts of `role` do not know a variable; `None` if they do.
pub(super) const fn unknown_to(variable: Variable, role: Role) -> Option<&'static str> {
    match variable {
        Variable::Params if !matches!(role, Role::Interaction) => Some("`params` is known in interactions alone"),
        Variable::Error if matches!(role, Role::Interaction | Role::OnTimeout | Role::Migrate) => {
            Some("`error` is known in `on_error`, `retry.if` and the state that `on_error` led to")
        }
        Variable::Item if !matches!(role, Role::With { item: true }) => {
            Some("`item` is known in the `with` of a state with `for_each` alone")
        }
        Variable::Index if !matches!(role, Role::With { item: true }) => {
            Some("`index` is known in the `with` of a state with `for_each` alone")
        }
        _ => None,
    }
}

/// What is known of the value of a variable.
pub(super) const fn type_of(variable: Variable) -> Ty<'static> {
    match variable {
        Variable::Task => Ty::Map(Fields::Record(TASK)),
        Variable::Error => Ty::Map(Fields::Record(ERROR)),
        Variable::Params => Ty::Map(Fields::Any),
        Variable::Index => Ty::Integer,
        Variable::Item => Ty::Any,
        Variable::SubTasks | Variable::ActiveSubTasks | Variable::CompletedSubTasks | Variable::FailedSubTasks => {
            Ty::List(Items::Records(SUB_TASK))
        }
    }
}

/// What is meant by a name that other languages know.
pub(super) fn foreign(name: &str) -> Option<&'static str> {
    Some(match name {
        "null" | "nil" | "void" | "None" | "none" | "NULL" | "undefined" | "Null" => "write `()` for no value",
        "True" | "TRUE" => "write `true`",
        "False" | "FALSE" => "write `false`",
        "self" | "me" => "attributes are mentioned by their plain names",
        _ => return None,
    })
}

/// What is meant by a function that other languages know.
pub(super) fn foreign_function(name: &str) -> Option<&'static str> {
    Some(match name {
        "print" | "println" | "puts" | "echo" | "debug" | "printf" => "write `log(text)`",
        "sleep" | "wait" => "waiting is a state of its own: `wait_until`",
        "exit" | "quit" => "write `return`",
        "raise" | "error" | "panic" => "write `fail(message)`",
        "push_back" | "add" => "write `push`, or `list += item`",
        "length" | "size" | "count" => "write `len`",
        "substring" | "substr" | "slice" => "write `sub_string`",
        "upper" | "uppercase" | "toUpperCase" => "write `to_upper`",
        "lower" | "lowercase" | "toLowerCase" => "write `to_lower`",
        "str" | "string" | "toString" => "write `to_string`",
        "includes" | "has" | "include" => "write `contains`",
        _ => return None,
    })
}

/// `did you mean …?`, if one of `known` is near enough.
pub(super) fn meant<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    // Any letter is near to any other.
    let near = crate::name::nearest(name, known).filter(|near| near.len() > 1 && name.len() > 1);
    near.map(|near| format!("did you mean `{near}`?"))
}

/// A name as messages show it: cut, where it is long.
pub(super) fn shown(name: &str) -> String {
    const LONGEST: usize = 60;
    let mut characters = name.chars();
    let start: String = characters.by_ref().take(LONGEST).collect();
    if characters.next().is_some() { format!("{start}…") } else { start }
}

/// The slots of attributes by their names.
pub(super) type Slots = std::collections::HashMap<Name, usize>;
