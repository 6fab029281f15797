//! Habits from other languages: objects and methods that are written differently here.

use rhai::Expr;

use super::super::parse::place;
use super::names::{foreign, meant, shown, variable};
use super::types::Ty;
use super::walk::Walk;
use crate::diagnostic::Position;

/// Objects of other languages, the method or property, and what to write instead. An empty method matches any.
const OBJECTS: &[(&str, &str, &str)] = &[
    ("console", "", "write `log(text)`"),
    ("logger", "", "write `log(level, text)`"),
    ("log", "warning", "write `log(\"warn\", text)`"),
    ("log", "", "write `log(text)`, or `log(\"warn\", text)`"),
    ("JSON", "parse", "write `parse_json(text)`"),
    ("JSON", "", "write `value.to_json()`"),
    ("json", "loads", "write `parse_json(text)`"),
    ("json", "", "write `value.to_json()`"),
    ("Math", "max", "write `max(a, b)`"),
    ("Math", "min", "write `min(a, b)`"),
    ("Math", "random", "write `random()`"),
    ("Math", "", "write it as a method: `x.round()`, `x.floor()`, `x.abs()`"),
    ("math", "", "write it as a method: `x.round()`, `x.floor()`, `x.abs()`"),
    ("Date", "", "write `now()`, `today()` or `date(\"2026-11-21\")`"),
    ("date", "today", "write `today()`"),
    ("date", "now", "write `today()` for the day, `now()` for the moment"),
    ("datetime", "today", "write `today()`"),
    ("today", "now", "write `now()` for the moment, `today()` for the day"),
    ("datetime", "now", "write `now()`"),
    ("Object", "keys", "write `map.keys()`"),
    ("Object", "values", "write `map.values()`"),
    ("process", "", "write `env::get(\"NAME\")`, with `uses: [env]`"),
    ("os", "", "write `env::get(\"NAME\")`, with `uses: [env]`"),
    ("axios", "", "write `http::get(url)`, with `uses: [http]`"),
    ("requests", "", "write `http::get(url)`, with `uses: [http]`"),
    ("time", "sleep", "waiting is a state of its own: `wait_until`"),
    ("attributes", "", "write attributes by their plain names"),
    ("attrs", "", "write attributes by their plain names"),
    ("state", "", "write attributes by their plain names, and the state is `task.state`"),
];

/// Names in other languages for functions that add to a moment, each with its operator and, if it names one, its unit.
const MOVES: &[(&str, char, &str)] = &[
    ("add", '+', ""),
    ("plus", '+', ""),
    ("add_seconds", '+', "s"),
    ("addSeconds", '+', "s"),
    ("add_minutes", '+', "m"),
    ("addMinutes", '+', "m"),
    ("add_hours", '+', "h"),
    ("addHours", '+', "h"),
    ("add_days", '+', "d"),
    ("addDays", '+', "d"),
    ("plus_days", '+', "d"),
    ("plusDays", '+', "d"),
    ("add_weeks", '+', "w"),
    ("addWeeks", '+', "w"),
    ("sub", '-', ""),
    ("subtract", '-', ""),
    ("minus", '-', ""),
];

/// Parts that moments have and days do not.
const OF_MOMENTS: [&str; 6] = ["hour", "minute", "second", "millisecond", "offset", "timestamp"];

/// Units that other languages offer as properties of numbers.
const OF_DURATIONS: [(&str, &str); 8] = [
    ("second", "s"),
    ("seconds", "s"),
    ("minute", "m"),
    ("minutes", "m"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
];

/// Names in other languages for what capabilities do.
const OF_CAPABILITIES: [&str; 8] = ["fetch", "request", "send", "call", "query", "open", "exec", "load"];

impl<'a> Walk<'a> {
    /// `http.get(…)`, `console.log(…)`, `JSON.parse(…)`: calls on an object that does not exist. Returns whether it is
    /// one of these.
    pub(super) fn is_foreign_object(&mut self, root: &'a Expr, rest: &'a Expr) -> bool {
        let Expr::Variable(it, _, at) = root else { return false };
        let name = it.1.as_str();
        let is_known =
            self.locals.get(name).is_some() || self.known.declared.slots.contains_key(name) || variable(name).is_some();
        if is_known || !it.2.is_empty() {
            return false;
        }
        let link = match rest {
            Expr::Dot(chain, ..) | Expr::Index(chain, ..) => &chain.lhs,
            other => other,
        };
        let (part, part_at, arguments) = match link {
            Expr::Property(it, at) => (it.2.as_str(), place(*at), None),
            Expr::MethodCall(call, at) => (call.name.as_str(), place(*at), Some(&call.args)),
            _ => return false,
        };
        let at = place(*at);
        let width = super::expressions::width_to(at, part_at, part);
        let (message, help) = if self.is_module(name) {
            let message = format!("functions of a capability are called by `{}::`", shown(name));
            (message, self.of_module_meant(name, part))
        } else if let Some((.., help)) =
            OBJECTS.iter().find(|(object, method, _)| *object == name && (method.is_empty() || *method == part))
        {
            (format!("unknown name `{}`", shown(name)), Some((*help).to_owned()))
        } else {
            return false;
        };
        for argument in arguments.into_iter().flatten() {
            self.expr(argument);
        }
        self.finding(at, width, message, help);
        true
    }

    /// Whether there are functions under `name::`.
    pub(super) fn is_module(&self, name: &str) -> bool {
        self.of_module(name).next().is_some()
    }

    fn of_module<'n>(&'n self, module: &'n str) -> impl Iterator<Item = &'n str> {
        let all = self.known.vocabulary.functions.iter();
        all.map(|f| f.name.as_str()).filter(move |name| name.split_once("::").is_some_and(|(of, _)| of == module))
    }

    /// The function of a module meant by an unknown one, or all that exist.
    pub(super) fn of_module_meant(&self, module: &str, name: &str) -> Option<String> {
        let full = format!("{module}::{name}");
        let names: Vec<&str> = self.of_module(module).collect();
        if names.contains(&full.as_str()) {
            return Some(format!("write `{full}(…)`"));
        }
        let all = || match names.as_slice() {
            [] => meant(&full, self.known.vocabulary.functions.iter().map(|f| f.name.as_str())),
            [only] => Some(format!("write `{only}(…)`")),
            names => Some(format!("there are {}", super::chains::listed(names))),
        };
        if OF_CAPABILITIES.contains(&name) || name.is_empty() {
            return all();
        }
        meant(&full, names.iter().copied()).or_else(all)
    }

    /// `now().add("1h")`: here durations are added with `+`. Returns the advice, if that is what was meant.
    pub(super) fn move_meant(&self, receiver: Ty<'a>, name: &str, arguments: &[Expr], at: Position) -> Option<String> {
        let (_, sign, unit) = MOVES.iter().find(|(known, ..)| *known == name)?;
        let by = match (arguments, unit.is_empty()) {
            ([Expr::StringConstant(text, _)], true) => format!("duration(\"{}\")", shown(text)),
            ([Expr::IntegerConstant(number, _)], false) => format!("duration(\"{number}{unit}\")"),
            // Nobody can know the unit; a day is the likeliest.
            ([Expr::IntegerConstant(number, _)], true) => format!("duration(\"{number}d\")"),
            ([Expr::Variable(it, ..)], true) => shown(&it.1),
            _ => Some(self.known.text.arguments_at(at))
                .filter(|by| !by.is_empty())
                .unwrap_or("duration(\"1h\")")
                .to_owned(),
        };
        if !matches!(receiver, Ty::Date | Ty::DateTime | Ty::Duration) && unit.is_empty() {
            return None;
        }
        let of = self.known.text.value_before(at);
        Some(format!("write `{} {sign} {by}`", if of.is_empty() { "…" } else { of }))
    }

    /// The advice for a property, or a method without arguments, that only values of another type have.
    pub(super) fn part_of_time(&self, receiver: Ty<'a>, name: &str, at: Position) -> Option<(String, String)> {
        match receiver {
            Ty::Date if OF_MOMENTS.contains(&name) => Some((
                format!("a date has no `{name}`: it is a whole day"),
                "take a datetime: declare `type: datetime`, or use `now()`".to_owned(),
            )),
            Ty::Integer => {
                let (_, unit) = OF_DURATIONS.iter().find(|(known, _)| *known == name)?;
                let of = self.known.text.value_before(at);
                let number = if of.parse::<u64>().is_ok() { of } else { "1" };
                Some((
                    format!("an integer has no `{name}`"),
                    format!("write `duration(\"{number}{unit}\")` for a length of time"),
                ))
            }
            _ => None,
        }
    }

    /// The advice for a name that other languages know.
    pub(super) fn foreign_name(&self, name: &str) -> Option<String> {
        if let Some(help) = foreign(name) {
            return Some(help.to_owned());
        }
        let mut objects = OBJECTS.iter().filter(|(object, ..)| *object == name);
        let help = objects.next_back().map(|(.., help)| (*help).to_owned());
        help.or_else(|| self.is_module(name).then(|| self.of_module_meant(name, "")).flatten())
    }
}

/// How to call a function that got a wrong number of arguments; `given` are they, as they are written.
pub(super) fn written_like(name: &str, given: &str) -> Option<String> {
    let example = match name {
        "date" => "date(\"2026-11-21\")",
        "datetime" => "datetime(\"2026-11-21T09:00:00Z\")",
        "duration" => "duration(\"1h 30m\")",
        "decimal" => "decimal(\"1.20\")",
        "random" => "random()",
        "log" => "log(level, text, #{ … })",
        "fail" => "fail(kind, message, data)",
        "start" => "start(\"flow\", #{ … })",
        "max" | "min" if given.contains(',') => {
            return Some(format!("write `[{}].reduce(|a, b| {name}(a, b))`", shown(given)));
        }
        "max" | "min" => return Some(format!("write `{}.reduce(|a, b| {name}(a, b))` for a list", shown(given))),
        "all" | "some" | "any" | "filter" | "map" | "find" if !given.is_empty() && !given.contains(',') => {
            return Some(format!("say what holds of each item: `{}.{name}(|item| …)`", shown(given)));
        }
        _ => return None,
    };
    Some(format!("write `{example}`"))
}
