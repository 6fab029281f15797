//! Flows as YAML.

use std::fmt::Write as _;

use super::flow::{Cond, Flow, Flows, Items, OfError, Output, Seconds, State, Statement};
use super::typed::Sample;

/// Both flows as a file.
pub(super) fn yaml(flows: &Flows) -> String {
    format!("{}---\n{}", flow("main", &flows.main), flow("part", &flows.part))
}

fn flow(name: &str, flow: &Flow) -> String {
    let mut text = format!("flow: {name}\ntimeout: {}s\ndelay: {}s\n", flow.timeout, flow.delay);
    if let Some(on_timeout) = &flow.on_timeout {
        text += "on_timeout:\n";
        if !on_timeout.body.is_empty() {
            text += &body("on_timeout", &on_timeout.body, 2);
        }
        if let Some(target) = on_timeout.go_to {
            let _ = writeln!(text, "  go_to: {}", flow.name(flow.any(target)));
        }
    }
    text += "attributes:\n  x: { type: integer, default: 0 }\n  y: { type: integer, default: 0, max: 9 }\n  log: { type: list, default: [] }\n";
    text += "  kept: { type: any, default: [] }\n  sum: { type: decimal, default: 0.00 }\n";
    text += "  lines: { type: list, items: { type: map, fields: { price: decimal, due: date } }, default: [] }\n";
    let _ = writeln!(text, "starts_with: {}\nstates:", flow.name(0));
    for at in 0..flow.states.len() {
        text += &state(flow, at);
    }
    if !flow.interactions.is_empty() {
        text += "interactions:\n";
    }
    for (at, interaction) in flow.interactions.iter().enumerate() {
        let _ = writeln!(
            text,
            "  do{at}!:\n    params: {{ n: {{ type: integer, required: true }}, price: {{ type: decimal, default: 0.25 }} }}"
        );
        if !interaction.when.is_empty() {
            let mut when: Vec<String> = interaction.when.iter().map(|target| flow.name(flow.any(*target))).collect();
            when.sort();
            when.dedup();
            let _ = writeln!(text, "    when: [{}]", when.join(", "));
        }
        if !interaction.body.is_empty() {
            text += &body("interaction", &interaction.body, 4);
        }
        if let Some(target) = interaction.go_to {
            let _ = writeln!(text, "    go_to: {}", flow.name(flow.any(target)));
        }
    }
    text
}

fn state(flow: &Flow, at: usize) -> String {
    let name = flow.name(at);
    let to = |target: u8| flow.name(flow.to(at, target));
    let mut text = format!("  {name}:");
    match &flow.states[at] {
        State::Action { body: statements, go_to, retry, on_error } => {
            let _ = write!(text, "\n{}    go_to: {}\n", body(&name, statements, 4), to(*go_to));
            if let Some(retry) = retry {
                let only = retry.only.as_ref().map(|cond| format!(", if: '{}'", of_error(cond))).unwrap_or_default();
                let backoff = if retry.doubles { ", backoff: 2.0" } else { "" };
                let _ = writeln!(
                    text,
                    "    retry: {{ attempts: {}, delay: {}s{backoff}{only} }}",
                    retry.attempts, retry.delay
                );
            }
            if !on_error.is_empty() {
                text += "    on_error:\n";
            }
            for (cond, target) in on_error {
                let cond = cond.as_ref().map(|cond| format!("if: '{}', ", of_error(cond))).unwrap_or_default();
                let _ = writeln!(text, "      - {{ {cond}go_to: {} }}", to(*target));
            }
        }
        State::Decision { branches, otherwise } => {
            text += "\n    decision:\n";
            for (cond, target) in branches {
                let _ = writeln!(text, "      - {{ if: '{}', go_to: {} }}", condition(cond), to(*target));
            }
            if let Some(target) = otherwise {
                let _ = writeln!(text, "      - go_to: {}", to(*target));
            }
        }
        State::Wait { branches, timeout, delay } => {
            text += "\n    wait_until:\n";
            for branch in branches {
                let cond = branch.cond.as_ref().map(|cond| format!("if: '{}', ", condition(cond))).unwrap_or_default();
                let after = branch.after.map(|after| format!("after: {after}s, ")).unwrap_or_default();
                let _ = writeln!(text, "      - {{ {cond}{after}go_to: {} }}", to(branch.to));
            }
            text += &key("timeout", *timeout);
            text += &key("delay", *delay);
        }
        State::Start { items, go_to } => {
            text += "\n    start: part\n";
            match items {
                Items::One(n) => text += &format!("    with: {{ x: {n}, kept: kept }}\n"),
                Items::Each(list) => {
                    text += &format!("    for_each: '{list:?}'\n    with: {{ x: item, kept: kept }}\n");
                }
                Items::Log => text += "    for_each: log\n    with: { x: item, kept: kept }\n",
            }
            let _ = writeln!(text, "    go_to: {}", to(*go_to));
        }
        State::Result(output) => {
            text += match output {
                Output::Nothing => " result\n",
                Output::X => " { result: x }\n",
                Output::Log => " { result: log }\n",
                Output::Kept => " { result: kept }\n",
                Output::Lines => " { result: lines }\n",
                Output::Error => " { result: 'if error == () { \"none\" } else { error.kind }' }\n",
                Output::SubTasks => " { result: 'sub_tasks.map(|sub| sub.output)' }\n",
            };
        }
        State::Failure => text += " { failure: '`broken at ${x}`' }\n",
    }
    text
}

fn key(name: &str, value: Option<Seconds>) -> String {
    value.map(|value| format!("    {name}: {value}s\n")).unwrap_or_default()
}

fn body(place: &str, statements: &[Statement], indent: usize) -> String {
    let indent = " ".repeat(indent);
    let mut text = format!("{indent}action: |\n");
    for (at, statement) in statements.iter().enumerate() {
        let _ = writeln!(text, "{indent}  {}", line(place, at, statement));
    }
    text
}

fn line(place: &str, at: usize, statement: &Statement) -> String {
    let call = |fails: u32| format!("call(\"{place}.{at}\", task.visits, task.attempt, {fails})");
    match statement {
        Statement::SetX(n) => format!("x = {n};"),
        Statement::AddX(n) => format!("x += {n};"),
        Statement::AddY(n) => format!("y += {n};"),
        Statement::Push(n) => format!("log.push({n});"),
        Statement::PushX => "log += x;".to_owned(),
        Statement::PushVisits => "log += task.visits;".to_owned(),
        Statement::Count => "x = completed_sub_tasks.len();".to_owned(),
        Statement::If(cond, n) => format!("if {} {{ x = {n}; }} else {{ log.push({n}); }}", condition(cond)),
        Statement::Call(fails) => format!("x = {};", call(*fails)),
        Statement::Caught(fails) => {
            format!("try {{ x += {}; }} catch (e) {{ if e.kind == \"down\" {{ log.push(77); }} }}", call(*fails))
        }
        Statement::FailTries(tries) => format!("if task.attempt <= {tries} {{ fail(\"busy\", \"not yet\"); }}"),
        Statement::Fail => "fail(\"stock\", \"none left\");".to_owned(),
        Statement::Start(n) => format!("start(\"part\", #{{ x: {n}, kept: kept }});"),
        Statement::Keep(n) => format!("kept.push({});", Sample::of(*n).script),
        Statement::AddSum(n) => format!("sum += {n}.10;"),
        Statement::AddLine(n) => format!("lines += #{{ price: {n}.50, due: date(\"2026-11-2{n}\") }};"),
        Statement::SumLines => "for line in lines { sum += line.price; }".to_owned(),
        Statement::KeepSums => "for sub in completed_sub_tasks { kept.push(sub.attributes.sum); }".to_owned(),
        Statement::KeepParam => "kept += params.price; sum += params.price;".to_owned(),
        Statement::SetParam => "x = params.n;".to_owned(),
        Statement::AddParam => "y += params.n;".to_owned(),
        Statement::RefuseNegative => "if params.n < 0 { fail(\"negative\", \"no debts\"); }".to_owned(),
    }
}

fn condition(cond: &Cond) -> String {
    match cond {
        Cond::Const(value) => value.to_string(),
        Cond::XAtLeast(n) => format!("x >= {n}"),
        Cond::XIs(n) => format!("x == {n}"),
        Cond::YAtLeast(n) => format!("y >= {n}"),
        Cond::Pushed(n) => format!("log.len() >= {n}"),
        Cond::KeptIs(n) => {
            format!("(kept.len() > 0 && kept[kept.len() - 1].type_of() == \"{}\")", Sample::of(*n).kind)
        }
        Cond::SumAtLeast(n) => format!("sum >= {n}.25"),
        Cond::DueReport(n) => format!("lines.some(|line| line.due == date(\"2026-11-2{n}\"))"),
        Cond::Visits(n) => format!("task.visits >= {n}"),
        Cond::NoneActive => "active_sub_tasks.is_empty()".to_owned(),
        Cond::Completed(n) => format!("completed_sub_tasks.len() >= {n}"),
        Cond::Failed(n) => format!("failed_sub_tasks.len() >= {n}"),
        Cond::Elapsed(n) => format!("now() >= task.created_at + duration(\"{n}s\")"),
        Cond::Not(inner) => format!("!({})", condition(inner)),
        Cond::And(left, right) => format!("({} && {})", condition(left), condition(right)),
        Cond::Or(left, right) => format!("({} || {})", condition(left), condition(right)),
    }
}

fn of_error(cond: &OfError) -> String {
    match cond {
        OfError::Kind(kind) => format!("error.kind == \"{kind}\""),
        OfError::Attempt(n) => format!("error.attempt >= {n}"),
    }
}
