//! Keys of other systems, with their names here: an author who writes one is told the key to use.

/// A place for keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Flow,
    State,
    Branch,
    Rules,
    Retry,
    Schedule,
    Interaction,
    Timeout,
    Test,
    Step,
    Expect,
}

impl At {
    /// The place that has these keys.
    pub(super) fn of(known: &[&str]) -> Option<Self> {
        let marks = [
            ("starts_with", Self::Flow),
            ("wait_until", Self::State),
            ("one_of", Self::Rules),
            ("attempts", Self::Retry),
            ("cron", Self::Schedule),
            ("params", Self::Interaction),
            ("visited", Self::Expect),
            ("mocks", Self::Test),
            ("advance", Self::Step),
            ("if", Self::Branch),
        ];
        let found = marks.into_iter().find(|(mark, _)| known.contains(mark)).map(|(_, at)| at);
        found.or_else(|| (known == ["action", "go_to"]).then_some(Self::Timeout))
    }
}

/// Common keys for one place, each list with the key to use.
type Usual = &'static [(&'static [&'static str], &'static str)];

const FLOW: Usual = &[
    (&["steps", "nodes", "stages", "tasks", "jobs", "activities"], "states"),
    (&["name", "id", "workflow", "process"], "flow"),
    (
        &["inputs", "input", "vars", "variables", "data", "params", "parameters", "context", "fields", "properties"],
        "attributes",
    ),
    (&["start", "initial", "initial_state", "entry", "start_at", "startAt", "StartAt", "starts_at"], "starts_with"),
    (&["cron", "trigger", "triggers", "on", "every"], "schedule"),
    (&["permissions", "capabilities", "requires", "needs", "imports"], "uses"),
    (&["events", "signals", "actions", "commands"], "interactions"),
    (&["ttl", "retention", "keep", "expires"], "delete_after"),
    (&["script", "code", "helpers"], "functions"),
    (&["title", "summary", "comment", "Comment"], "description"),
    (&["interval", "poll", "poll_interval"], "delay"),
];

const STATE: Usual = &[
    (&["next", "Next", "goto", "to", "target", "transition", "on_success", "then", "go"], "go_to"),
    (&["run", "script", "do", "exec", "execute", "code", "task", "steps", "body"], "action"),
    (&["on_failure", "catch", "Catch", "rescue", "on_fail", "onError", "except"], "on_error"),
    (&["retries", "max_attempts", "attempts", "Retry"], "retry"),
    (&["foreach", "each", "forEach", "loop", "items"], "for_each"),
    (&["inputs", "input", "args", "params", "parameters", "given", "attributes"], "with"),
    (&["call", "flow", "sub_flow", "subflow", "invoke", "workflow"], "start"),
    (&["if", "when", "switch", "choice", "choices", "cases", "condition", "branches"], "decision"),
    (&["return", "output", "returns"], "result"),
    (&["fail", "raise", "throw", "error"], "failure"),
    (&["name", "title"], "label"),
    (&["true", "yes", "on_true", "if_yes"], "if_true"),
    (&["else", "otherwise", "default", "false", "no", "on_false", "if_no"], "if_false"),
];

/// How other systems name the kind of error that a branch handles.
const ERRORS: &[&str] = &["error", "errors", "kind", "error_kind", "error_type", "ErrorEquals", "code"];

const BRANCH: Usual = &[
    (&["when", "condition", "cond", "case", "match", "on"], "if"),
    (ERRORS, "if"),
    (&["then", "next", "goto", "to", "target", "do", "else", "otherwise", "default"], "go_to"),
    (&["name", "title"], "label"),
    (&["wait", "delay", "timeout", "sleep"], "after"),
];

const RULES: Usual = &[
    (&["enum", "values", "options", "choices", "allowed"], "one_of"),
    (&["minimum", "min_length", "minLength", "at_least"], "min"),
    (&["maximum", "max_length", "maxLength", "at_most"], "max"),
    (&["regex", "regexp", "format", "match"], "pattern"),
    (&["value", "initial"], "default"),
    (&["properties", "attributes", "schema", "keys"], "fields"),
    (&["of", "item", "elements", "element"], "items"),
    (&["sensitive", "private", "hidden", "password"], "secret"),
    (&["title", "doc", "comment"], "description"),
    (&["kind", "is"], "type"),
    (&["mandatory", "presence"], "required"),
];

const RETRY: Usual = &[
    (&["max", "max_attempts", "times", "count", "retries", "limit", "tries"], "attempts"),
    (&["wait", "interval", "initial_interval", "pause", "every"], "delay"),
    (&["factor", "multiplier", "backoff_coefficient", "exponential"], "backoff"),
    (&["max_interval", "max_wait", "maximum"], "max_delay"),
    (&["when", "on", "only", "condition"], "if"),
];

const SCHEDULE: Usual = &[
    (&["every", "at", "when", "expression", "time"], "cron"),
    (&["tz", "time_zone", "timeZone", "zone"], "timezone"),
    (&["with", "input", "inputs", "data", "attributes", "params"], "given"),
    (&["concurrency", "on_overlap", "concurrency_policy", "concurrencyPolicy"], "overlap"),
];

const INTERACTION: Usual = &[
    (&["states", "in", "allowed_in", "from", "if"], "when"),
    (&["inputs", "input", "args", "fields", "attributes", "parameters"], "params"),
    (&["run", "do", "script"], "action"),
    (&["next", "goto", "to", "then", "target"], "go_to"),
];

const TIMEOUT: Usual = &[(&["run", "do", "script"], "action"), (&["next", "goto", "to", "then", "target"], "go_to")];

const TEST: Usual = &[
    (&["input", "inputs", "with", "attributes", "params", "data", "args", "when"], "given"),
    (&["then", "assert", "asserts", "expected", "expects", "should", "result"], "expect"),
    (&["mock", "stubs", "fakes"], "mocks"),
    (&["time", "at", "clock", "date"], "now"),
    (&["title", "description", "it"], "name"),
];

const STEP: Usual = &[
    (&["wait", "sleep", "after", "delay", "pause"], "advance"),
    (&["interaction", "signal", "send", "event", "do", "call"], "interact"),
    (&["then", "assert", "check"], "expect"),
];

const EXPECT: Usual = &[
    (&["result", "results", "return", "returns", "value"], "output"),
    (&["values", "data", "fields", "given"], "attributes"),
    (&["path", "states", "history"], "visited"),
    (&["failure", "fails", "raises"], "error"),
    (&["called", "mocks"], "calls"),
    (&["assert", "that", "check", "condition"], "if"),
];

/// The key meant by `text`; `written` are all the keys beside it.
pub(super) fn meant(at: At, text: &str, written: &[&str]) -> Option<&'static str> {
    // In a decision with a single expression, `then` means a branch.
    if at == At::State && text == "then" && written.contains(&"decision") {
        return Some("if_true");
    }
    if at == At::State && is_end(text) {
        return Some("result");
    }
    if at == At::State && is_wait(text) {
        return Some("wait_until");
    }
    let table = match at {
        At::Flow => FLOW,
        At::State => STATE,
        At::Branch => BRANCH,
        At::Rules => RULES,
        At::Retry => RETRY,
        At::Schedule => SCHEDULE,
        At::Interaction => INTERACTION,
        At::Timeout => TIMEOUT,
        At::Test => TEST,
        At::Step => STEP,
        At::Expect => EXPECT,
    };
    table.iter().find(|(usual, _)| usual.contains(&text)).map(|(_, meant)| *meant)
}

/// Whether other systems use this word to end a task well.
pub(super) fn is_end(text: &str) -> bool {
    matches!(
        text,
        "end"
            | "End"
            | "terminal"
            | "final"
            | "done"
            | "stop"
            | "exit"
            | "finish"
            | "finished"
            | "complete"
            | "completed"
            | "terminate"
            | "succeed"
            | "Succeed"
            | "success"
    )
}

/// Whether other systems use this word to end a task badly.
pub(super) fn is_failure(text: &str) -> bool {
    matches!(text, "fail" | "Fail" | "failed" | "error" | "abort" | "raise" | "throw")
}

fn is_wait(text: &str) -> bool {
    matches!(text, "wait" | "sleep" | "pause" | "wait_for")
}

/// What to write instead of a common key if renaming it is not enough. `value` is its value.
pub(super) fn cure(at: At, text: &str, written: &[&str], value: Option<&str>) -> Option<String> {
    let cure = match (at, text) {
        (At::State, "type" | "kind" | "Type") => return Some(kind_of(value.unwrap_or_default())),
        (At::State, text) if is_end(text) => "a state that ends the task is written `its_name: result`".to_owned(),
        (At::State, text) if is_wait(text) => {
            let length = value.filter(|value| value.parse::<crate::duration::Duration>().is_ok()).unwrap_or("1h");
            format!("write `wait_until: [{{ after: {length}, go_to: next_state }}]`")
        }
        (At::State, "else" | "otherwise" | "default") if !written.contains(&"decision") => {
            "`decision: …` leads on by `if_true` and `if_false`; in a list of branches the last has no `if`".to_owned()
        }
        (At::Branch, "else" | "otherwise" | "default") => {
            let to = value.filter(|value| !value.is_empty()).unwrap_or("next_state");
            format!("a branch without `if` is always taken: write `- go_to: {to}` as the last")
        }
        (At::Branch, text) if ERRORS.contains(&text) => {
            let kind = value.filter(|value| !value.is_empty()).unwrap_or("http");
            format!("write `if: 'error.kind == \"{kind}\"'`")
        }
        (At::Step, "wait" | "sleep" | "after" | "delay" | "pause") => {
            let length = value.filter(|value| value.parse::<crate::duration::Duration>().is_ok()).unwrap_or("3d");
            format!("write `advance: {length}`")
        }
        (At::State, "http" | "https" | "request" | "webhook" | "fetch" | "rest" | "api") => {
            "a script makes the call: `action: 'http::get(\"https://…\")'`, with `uses: [http]` in the flow".to_owned()
        }
        (At::State, "shell" | "bash" | "cmd" | "command" | "program") => {
            "a script makes the call: `action: 'shell::run(\"program\", [\"argument\"])'`, with `uses: [shell]` in the flow"
                .to_owned()
        }
        (At::State, "parallel" | "fork" | "concurrent" | "all" | "fan_out" | "join") => {
            "sub-tasks run side by side: `start: other_flow` with `for_each`, then a state that waits: \
             `wait_until: [{ if: active_sub_tasks.is_empty(), go_to: next_state }]`"
                .to_owned()
        }
        (At::State, "interaction" | "interactions" | "approval" | "human" | "form" | "user_task" | "signal" | "input_form") => {
            "the flow declares interactions: `interactions: { approve: { when: its_state, go_to: next_state } }`; the \
             state itself waits: `wait_until: [{ after: 3d, go_to: late }]`"
                .to_owned()
        }
        (At::Rules, "optional" | "nullable") => {
            "an attribute is optional unless it has `required: true`: leave this out".to_owned()
        }
        _ => return None,
    };
    Some(cure)
}

/// The key for a state's kind, which other systems write as `type`.
fn kind_of(value: &str) -> String {
    let kind = match value.to_ascii_lowercase().as_str() {
        "task" | "action" | "script" | "run" | "step" | "service" | "pass" => "action: …",
        "decision" | "choice" | "switch" | "condition" | "if" | "branch" | "gateway" => "decision: …",
        "wait" | "wait_until" | "sleep" | "timer" | "delay" | "event" => "wait_until: …",
        "start" | "flow" | "sub_flow" | "subflow" | "workflow" | "map" | "parallel" | "call" => "start: other_flow",
        "result" | "end" | "final" | "success" | "succeed" | "terminal" | "done" => {
            return "a state has no `type`: write `its_name: result`".to_owned();
        }
        "fail" | "failure" | "error" => "failure: …",
        _ => return "a state has no `type`: its kind is its key, `action: …` or `decision: …` for example".to_owned(),
    };
    format!("a state has no `type`: its kind is its key, write `{kind}`")
}
