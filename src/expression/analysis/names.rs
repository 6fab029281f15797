//! Names of attributes, of variables of the language, and of everything else that a script may use.

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

/// Why scripts of `role` do not have a variable; `None` if they do.
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

/// The type of a variable.
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

/// The advice for a name that other languages know.
pub(super) fn foreign(name: &str) -> Option<&'static str> {
    Some(match name {
        "null" | "nil" | "void" | "None" | "none" | "NULL" | "undefined" | "Null" => "write `()` for no value",
        "True" | "TRUE" => "write `true`",
        "False" | "FALSE" => "write `false`",
        "self" | "me" => "write attributes by their plain names",
        _ => return None,
    })
}

/// Functions of other languages, and what to write instead.
const FOREIGN_FUNCTIONS: &[(&[&str], &str)] = &[
    (&["print", "println", "puts", "echo", "debug", "printf"], "write `log(text)`"),
    (&["sleep", "wait", "delay"], "waiting is a state of its own: `wait_until`"),
    (&["goto", "go_to", "next", "transition"], "the state's `go_to` says where the task continues"),
    (&["exit", "quit"], "write `return`"),
    (&["raise", "error", "panic", "abort"], "write `fail(message)`"),
    (&["push_back", "add"], "write `push`, or `list += item`"),
    (&["length", "size", "count"], "write `len()`"),
    (&["empty", "isEmpty"], "write `is_empty()`"),
    (&["substring", "substr"], "write `sub_string`"),
    (&["slice"], "write `extract(start, length)` for a list, `sub_string(start, length)` for a text"),
    (&["assert"], "write `if !(…) { fail(\"message\") }`"),
    (&["toFixed", "to_fixed"], "write `round(2)`"),
    (&["upper", "uppercase", "toUpperCase"], "write `to_upper()`"),
    (&["lower", "lowercase", "toLowerCase"], "write `to_lower()`"),
    (&["strip"], "write `trim()`"),
    (&["concat", "extend", "append_all"], "lists and texts are joined with `+`"),
    (
        &["padStart", "pad_start", "lpad", "rjust", "zfill", "padLeft"],
        "fill up, and take the end: `(\"00000\" + x).sub_string(-5)`",
    ),
    (
        &["padEnd", "pad_end", "rpad", "ljust", "padRight"],
        "write `x.pad(5, \" \")` as a statement of its own: it changes `x`",
    ),
    (&["repeat"], "add it up: `for i in 0..3 { line += text }`"),
    (&["startsWith", "startswith", "hasPrefix"], "write `starts_with`"),
    (&["endsWith", "endswith", "hasSuffix"], "write `ends_with`"),
    (&["replaceAll", "replace_all", "gsub"], "write `replace`: it replaces all of them"),
    (&["indexOf"], "write `index_of`"),
    (&["str", "string", "String", "toString"], "write `to_string()`"),
    (&["float", "Number", "parseFloat"], "write `to_float()`, or `decimal(…)` for exact digits"),
    (&["Int", "parseInt"], "write `parse_int(text)`"),
    (&["includes", "has", "include", "has_key", "hasOwnProperty"], "write `contains`"),
    (&["each", "forEach"], "write `for_each`, or `for item in list { … }`"),
    (&["first", "head"], "write `list[0]`"),
    (&["last", "tail"], "write `list[-1]`"),
    (&["sum"], "write `list.reduce(|sum, n| sum + n, 0)`"),
    (&["fold", "inject"], "write `list.reduce(|sum, n| sum + n, 0)`"),
    (&["collect", "select", "where"], "write `filter`, or `map`"),
    (&["sorted"], "write `order()`"),
    (&["delete", "del", "unset"], "write `map.remove(\"key\")`"),
    (&["merge", "update", "assign"], "write `mixin`, or `map + map`"),
    (&["items", "entries"], "walk through its `keys()`"),
    (&["stringify", "dumps", "as_json"], "write `to_json()`"),
    (&["parse", "loads", "from_json"], "write `parse_json(text)`"),
    (&["typeof", "type", "isinstance"], "write `type_of(x)`"),
    (&["fetch", "curl"], "write `http::get(url)`, with `uses: [http]`"),
    (&["getenv"], "write `env::get(\"NAME\")`, with `uses: [env]`"),
    (&["system", "exec"], "write `shell::run(program, [arguments])`, with `uses: [shell]`"),
    (&["start_task", "spawn", "start_flow"], "write `start(\"flow\", #{ … })`"),
    (&["strftime"], "write `format(\"%Y-%m-%d\")`"),
    (&["toISOString", "isoformat"], "write `to_string()`"),
    (&["Date", "to_date"], "write `date(\"2026-11-21\")`, or `today()`"),
    (&["to_datetime", "timestamp_now", "current_time"], "write `datetime(\"2026-11-21T09:00:00Z\")`, or `now()`"),
];

/// The advice for a function that other languages know.
pub(super) fn foreign_function(name: &str) -> Option<&'static str> {
    FOREIGN_FUNCTIONS.iter().find(|(names, _)| names.contains(&name)).map(|(_, help)| *help)
}

/// The advice for a misspelt function that other languages know: `lenght`.
pub(super) fn misspelt_foreign_function(name: &str) -> Option<String> {
    // Shorter names would be similar to many.
    let known = FOREIGN_FUNCTIONS.iter().flat_map(|(names, _)| names.iter().copied()).filter(|known| known.len() > 4);
    let near = crate::name::nearest(name, known).filter(|_| name.len() > 4)?;
    foreign_function(near).map(ToOwned::to_owned)
}

/// `did you mean …?`, if one of `known` is similar enough.
pub(super) fn meant<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    // Any single letter is similar to any other.
    let near = crate::name::nearest(name, known).filter(|near| near.len() > 1 && name.len() > 1);
    near.map(|near| format!("did you mean `{near}`?"))
}

/// A name as messages show it: shortened if it is long.
pub(super) fn shown(name: &str) -> String {
    const LONGEST: usize = 60;
    let mut characters = name.chars();
    let start: String = characters.by_ref().take(LONGEST).collect();
    if characters.next().is_some() { format!("{start}…") } else { start }
}

/// The slots of attributes by their names.
pub(super) type Slots = std::collections::HashMap<Name, usize>;
