//! The keys of the language: one table for the reader and for the JSON Schema.

use crate::name::CAPABILITIES;

use super::trap::Role;

/// A key, its meaning, and the values it takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
    pub(super) about: &'static str,
}

/// What a key takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Takes {
    /// Text.
    Text,
    /// Text for people; empty counts as absent.
    Prose,
    /// A name of this form.
    Name(Form),
    /// A list of names of this form.
    Names(Form),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of these words.
    Words(&'static [&'static str]),
    /// A whole number within these bounds.
    Whole(i64, i64),
    /// A number of at least this much.
    AtLeast(f64),
    /// `true` or `false`.
    Boolean,
    /// A duration.
    Duration,
    /// An expression or a body.
    Script(Role),
    /// A plain value.
    Plain,
    /// A plain value other than a list or a map.
    PlainScalar,
    /// A list of plain values.
    PlainList,
    /// A map from names of this form to plain values.
    PlainMap(Form),
    /// Something with its own definition in the schema.
    Def(&'static str),
}

/// The forms of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Of a flow.
    Flow,
    /// Of a state or interaction.
    State,
    /// Of an attribute, a parameter or a field.
    Attribute,
    /// Of a queue, an executor, or a type of record.
    Label,
    /// Of a function.
    Function,
}

const fn key(name: &'static str, takes: Takes, about: &'static str) -> Key {
    Key { name, takes, about }
}

/// The statuses of a task.
pub(super) const STATUSES: [&str; 5] = ["active", "waiting", "completed", "failed", "cancelled"];

/// What a schedule does if the previous run has not ended.
pub(super) const OVERLAPS: [&str; 3] = ["skip", "queue", "allow"];

/// The most tries an action may have.
pub(super) const MAX_ATTEMPTS: i64 = 1_000_000;

pub(super) const FLOW: &[Key] = &[
    key("flow", Takes::Name(Form::Flow), "The flow's name: `[a-z][a-z0-9_]*`, parts joined by `.` or `/`."),
    key(
        "version",
        Takes::Whole(1, u32::MAX as i64),
        "A whole number, raised when a change matters to tasks in flight. Default: 1.",
    ),
    key("description", Takes::Prose, "Prose, shown wherever the flow is shown."),
    key("attributes", Takes::Def("fields"), "The data a task carries."),
    key("index", Takes::Names(Form::Attribute), "The `ref` and `refs` attributes by which tasks can be found."),
    key("starts_with", Takes::Name(Form::State), "The first state. Default: `start`."),
    key("states", Takes::Def("states"), "The flowchart, in order."),
    key("interactions", Takes::Def("interactions"), "What the outside world may do to a task."),
    key("delay", Takes::Duration, "How often a sleeping task looks again. Default: `1m`."),
    key("timeout", Takes::Duration, "How long from its creation a task may live before `on_timeout`. Default: `24h`."),
    key("delete_after", Takes::Duration, "How long a task is kept after it was last saved. Default: `90d`."),
    key(
        "on_timeout",
        Takes::Def("on_timeout"),
        "What happens at the timeout. Default: the task fails with kind `timeout`.",
    ),
    key("queue", Takes::Name(Form::Attribute), "Which workers take its tasks. Default: `default`."),
    key("priority", Takes::Whole(i32::MIN as i64, i32::MAX as i64), "In what order; higher first. Default: 0."),
    key("runs_on", Takes::Name(Form::Label), "On which executor. Default: the configured one."),
    key(
        "recoveries",
        Takes::Whole(0, u32::MAX as i64),
        "How often a body that crashes its process is recovered before the task fails with kind `crash`. Default: 5.",
    ),
    key("uses", Takes::Words(&CAPABILITIES), "The capabilities its scripts need."),
    key("functions", Takes::Script(Role::Body), "Rhai `fn` definitions, callable from every script of the flow."),
    key("schedule", Takes::Def("schedule"), "When it starts by itself."),
    key("migrate", Takes::Def("migrate"), "How tasks of earlier versions move to this one."),
    key("tests", Takes::Def("tests"), "The flow's own tests."),
];

pub(super) const RULES: &[Key] = &[
    key("type", Takes::Def("type"), "What it holds. Default: `any`."),
    key("required", Takes::Boolean, "Whether it must be present and not an empty string."),
    key("default", Takes::Plain, "The value it has when none is given: a plain value, no expression."),
    key("one_of", Takes::PlainList, "The only values it may have."),
    key("min", Takes::PlainScalar, "The least number or date, or the least length of a string or list."),
    key("max", Takes::PlainScalar, "The largest number or date, or the largest length of a string or list."),
    key("pattern", Takes::Text, "A regular expression that matches the whole string."),
    key("items", Takes::Def("rules"), "What a list holds."),
    key("fields", Takes::Def("fields"), "What a map holds."),
    key("model", Takes::Name(Form::Label), "The type of record a `ref` names."),
    key("secret", Takes::Boolean, "Whether the value is kept out of logs, history and all output."),
    key("description", Takes::Prose, "Prose."),
];

pub(super) const STATE: &[Key] =
    &[key("label", Takes::Prose, "Its label in pictures."), key("description", Takes::Prose, "Prose.")];

pub(super) const ACTION: &[Key] = &[
    key("action", Takes::Script(Role::Body), "Runs a body in Rhai, then moves on."),
    key("go_to", Takes::Name(Form::State), "The next state."),
    key("time_limit", Takes::Duration, "How long a try may take."),
    key("retry", Takes::Def("retry"), "How a failed body is retried."),
    key("on_error", Takes::Def("branches"), "Where a failed action leads: branches, checked in order."),
];

pub(super) const DECISION: &[Key] = &[
    key(
        "decision",
        Takes::Def("decision"),
        "An expression with `if_true` and `if_false`, or branches, checked in order.",
    ),
    key("if_true", Takes::Name(Form::State), "The next state if it is true."),
    key("if_false", Takes::Name(Form::State), "The next state if it is false."),
];

pub(super) const WAIT: &[Key] = &[
    key("wait_until", Takes::Def("wait_branches"), "Sleeps until a branch holds; branches are checked in order."),
    key("delay", Takes::Duration, "How often it looks again. Default: the flow's."),
    key("timeout", Takes::Duration, "How long it waits, from arrival. Default: the flow's."),
];

pub(super) const START: &[Key] = &[
    key(
        "start",
        Takes::Name(Form::Flow),
        "Starts one sub-task of this flow, or one for each item, and moves on at once.",
    ),
    key(
        "for_each",
        Takes::Script(Role::Items),
        "A list: one sub-task is started for each item; `item` and `index` are in scope in `with`.",
    ),
    key("with", Takes::Def("with"), "The attributes to start it with: expressions."),
    key("go_to", Takes::Name(Form::State), "The next state."),
];

pub(super) const RESULT: &[Key] =
    &[key("result", Takes::Script(Role::Value), "Ends the task as completed, with the value of the expression.")];

pub(super) const FAILURE: &[Key] =
    &[key("failure", Takes::Script(Role::Message), "Ends the task as failed, with the message the expression gives.")];

/// The kinds of state: the key that makes it, and all of its keys.
pub(super) const KINDS: [(&str, &[Key]); 6] = [
    ("action", ACTION),
    ("decision", DECISION),
    ("wait_until", WAIT),
    ("start", START),
    ("result", RESULT),
    ("failure", FAILURE),
];

pub(super) const RETRY: &[Key] = &[
    key("attempts", Takes::Whole(1, MAX_ATTEMPTS), "Tries in all, the first included."),
    key("delay", Takes::Duration, "The pause before the second try."),
    key("backoff", Takes::AtLeast(1.0), "The factor by which the pause grows with each try."),
    key("max_delay", Takes::Duration, "The longest pause."),
    key("jitter", Takes::Boolean, "Whether each pause is shortened at random, by up to half."),
    key("if", Takes::Script(Role::Condition), "Which errors are retried."),
];

pub(super) const BRANCH: &[Key] = &[
    key(
        "if",
        Takes::Script(Role::Condition),
        "When it is taken; a branch without it is always taken, and must be the last.",
    ),
    key("label", Takes::Prose, "Its label in pictures."),
    key("go_to", Takes::Name(Form::State), "Where it leads."),
];

pub(super) const WAIT_BRANCH: &[Key] = &[
    key("if", Takes::Script(Role::Condition), "When it is taken."),
    key("after", Takes::Duration, "How long after arrival it holds."),
    key("label", Takes::Prose, "Its label in pictures."),
    key("go_to", Takes::Name(Form::State), "Where it leads."),
];

pub(super) const INTERACTION: &[Key] = &[
    key("params", Takes::Def("fields"), "The parameters it accepts."),
    key(
        "when",
        Takes::Names(Form::State),
        "The states in which it is allowed. Default: any state of a task that has not ended.",
    ),
    key("action", Takes::Script(Role::Body), "What it does."),
    key("go_to", Takes::Name(Form::State), "The state the task moves to, instead of checking its wait again."),
    key("description", Takes::Prose, "Prose."),
];

pub(super) const ON_TIMEOUT: &[Key] = &[
    key("action", Takes::Script(Role::Body), "What it does."),
    key(
        "go_to",
        Takes::Name(Form::State),
        "The state the task moves to; without it the timeout starts anew and the task keeps waiting.",
    ),
];

pub(super) const SCHEDULE: &[Key] = &[
    key("cron", Takes::Text, "When, as a cron expression."),
    key("timezone", Takes::Text, "In which time zone. Default: UTC."),
    key("given", Takes::PlainMap(Form::Attribute), "The attributes it starts with: plain values."),
    key("overlap", Takes::Word(&OVERLAPS), "What happens if the previous run has not ended."),
];

pub(super) const MIGRATE: &[Key] = &[
    key("from", Takes::Def("versions"), "The versions it moves from."),
    key("states", Takes::Def("renamed"), "Old names of states and their new ones."),
    key("action", Takes::Script(Role::Body), "What it does to the attributes."),
];

/// The keys of a test file.
pub(super) const TESTS_FILE: &[Key] = &[
    key("flow", Takes::Name(Form::Flow), "The flow that is tested."),
    key("tests", Takes::Def("tests"), "Its tests, as in a flow."),
];

pub(super) const TEST: &[Key] = &[
    key("name", Takes::Text, "What the test is called."),
    key("state", Takes::Name(Form::State), "One state on its own."),
    key("migrate", Takes::Def("migrated"), "A task of an earlier version that is moved to this one."),
    key("schedule", Takes::Def("scheduled"), "When the schedule fires, and what it starts."),
    key("given", Takes::PlainMap(Form::Attribute), "The attributes to start with: plain values."),
    key("now", Takes::Text, "The time at the start: a datetime with its offset."),
    key(
        "mocks",
        Takes::PlainMap(Form::Function),
        "What calls give: a value, a list of values in turn, `{ fail: … }` or `{ script: … }`; under `start` what becomes \
         of sub-tasks, by flow.",
    ),
    key("steps", Takes::Def("steps"), "What happens, in order."),
    key("expect", Takes::Def("expect"), "What must hold after the run, or after the one state's handler."),
];

/// The keys of `migrate` in a test.
pub(super) const MIGRATED: &[Key] = &[
    key("from", Takes::Whole(1, u32::MAX as i64), "The task's version."),
    key("state", Takes::Name(Form::State), "The state it is in, by its name in that version."),
    key("given", Takes::PlainMap(Form::Attribute), "The attributes it has: plain values."),
    key("expect", Takes::Def("expect"), "What must hold after the move, before it continues."),
];

/// The keys of `schedule` in a test.
pub(super) const SCHEDULED: &[Key] = &[
    key("fires", Takes::Def("moments"), "When it fires next, in order; with `until`, every time up to then."),
    key("until", Takes::Text, "`fires` lists every time up to this one: a datetime with an offset."),
    key("given", Takes::PlainMap(Form::Attribute), "Attributes that its tasks start with; others may be there too."),
];

/// The keys of a mock's answer. A map with any other key is a plain value.
pub(super) const ANSWER: &[Key] = &[
    key("give", Takes::Plain, "What the call gives."),
    key("fail", Takes::Plain, "How the call fails: `kind`, `message` and `data`."),
    key("script", Takes::Script(Role::Value), "An expression for what the call gives; it sees `args`."),
    key("takes", Takes::Duration, "How long the call takes."),
];

pub(super) const STEP: &[Key] = &[
    key("expect", Takes::Def("expect"), "What must hold now."),
    key("advance", Takes::Duration, "Lets this much time pass."),
    key("interact", Takes::Def("interact"), "An interaction, with its parameters."),
    key("wake", Takes::Plain, "Looks at the task now."),
    key("restart", Takes::Plain, "Ends the process and begins again from what was stored."),
];

pub(super) const EXPECT: &[Key] = &[
    key("status", Takes::Word(&STATUSES), "The task's status."),
    key("state", Takes::Name(Form::State), "The state it is in."),
    key("attributes", Takes::PlainMap(Form::Attribute), "Attributes and their values; others may be there too."),
    key("output", Takes::Plain, "What it gave."),
    key(
        "error",
        Takes::Plain,
        "Its error: a part of the message, or `kind`, `message`, `state`, `attempt` and `data`, as far as given.",
    ),
    key("visited", Takes::Names(Form::State), "States it has been in, in this order; others may lie between."),
    key(
        "calls",
        Takes::PlainMap(Form::Function),
        "What was called: how often, or a list of the arguments of each call.",
    ),
    key(
        "started",
        Takes::PlainMap(Form::Flow),
        "The sub-tasks it has started, by flow: how many, or a list of the attributes of each.",
    ),
    key("if", Takes::Script(Role::Condition), "An expression that must give true."),
];

/// The names of `keys`.
pub(super) fn names(keys: &[Key]) -> impl Iterator<Item = &'static str> {
    keys.iter().map(|key| key.name)
}
