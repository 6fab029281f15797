//! What the analysis reports in a script, and what it accepts.

use super::super::super::Role;
use super::{analysed, analysed_with, declare_any, lines};

const FUNCTIONS: &str =
    "fn twice(n) { n * 2 } fn fetch() { http::get(\"https://a.example\") } fn hello() { log(\"hello\") }";

fn found(text: &str, role: Role) -> Vec<String> {
    lines(&analysed_with(FUNCTIONS, text, role).findings)
}

#[test]
fn every_mistake_of_a_script_is_found_at_once() {
    assert_eq!(
        found("totl = 1;\nname = nmae;\nx = todya() + task.nmae;", Role::Action),
        [
            "1:1-5 unknown name `totl`: a script may only assign declared attributes | did you mean `total`?",
            "2:8-12 unknown name `nmae` | did you mean `name`?",
            "3:5-10 unknown function `todya` | did you mean `today`?",
            "3:20-24 unknown field `nmae` | there are `id`, `flow`, `version`, `state`, `created_at`, `parent_id`, `attempt`, `visits`, `key`",
        ]
    );
}

/// Scripts with a mistake, and what is found in them.
const MISTAKES: &[(&str, &str)] = &[
    ("x = ttal", "1:5-9 unknown name `ttal` | did you mean `total`?"),
    ("x = tsk.id", "1:5-8 unknown name `tsk` | did you mean `task`?"),
    ("let amount = 1; x = amont", "1:21-26 unknown name `amont` | did you mean `amount`?"),
    ("x = null", "1:5-9 unknown name `null` | write `()` for no value"),
    (
        "x = twice",
        "1:5-10 `twice` is a function, not a value | call it: `twice(…)`, or hand over a closure: `|x| twice(x)`",
    ),
    ("x = params.name", "1:5-11 `params` is known in interactions alone"),
    ("x = item", "1:5-9 `item` is known in the `with` of a state with `for_each` alone"),
    ("task = 5", "1:1-5 `task` can only be read | `go_to` leads on, and `result` or `failure` ends a task"),
    ("task.id = \"5\"", "1:1-5 `task` can only be read | `go_to` leads on, and `result` or `failure` ends a task"),
    (
        "zebra = 5",
        "1:1-6 unknown name `zebra`: a script may only assign declared attributes | declare it under `attributes`, or write `let zebra = …` for a variable of this script",
    ),
    (
        "let total = 5;",
        "1:5-10 `let total` hides the attribute `total`: what it is given would not be kept | leave out `let` to assign the attribute, or take another name",
    ),
    ("x = twcie(2)", "1:5-10 unknown function `twcie` | did you mean `twice`?"),
    ("x = twice(1, 2)", "1:5-10 `twice` takes 1 argument, but is given 2"),
    ("x = date(\"2026-01-01\", 5)", "1:5-9 `date` takes 1 argument, but is given 2 | write `date(\"2026-11-21\")`"),
    ("x = total.twice()", "1:11-16 `twice` is called with what it works on as its argument | write `twice(…)`"),
    ("x = name.to_uper()", "1:10-17 unknown function `to_uper` | did you mean `to_upper`?"),
    ("x = name.to_upper", "1:10-18 a value of type string has no `to_upper` | write `to_upper(…)`: it is a function"),
    ("x = name.sub_string()", "1:10-20 `sub_string` takes 1 or 2 arguments, but is given 0"),
    ("x = vat()", "1:5-8 `vat` takes 1 argument, but is given 0"),
    ("print(name)", "1:1-6 unknown function `print` | write `log(text)`"),
    ("x = name()", "1:5-9 `name` is not a function | a closure is called by `name.call(…)`"),
    ("x = Fn(\"twice\")", "1:5-7 `Fn` means nothing in scripts | write a closure: `|x| f(x)`"),
    ("x = twice!(1)", "1:5-10 a function's name has no `!` after it | write `twice(…)`"),
    ("x = http::gte(\"https://a.example\")", "1:5-14 unknown function `http::gte` | did you mean `http::get`?"),
    ("x = http::get()", "1:5-14 `http::get` takes 1 or 2 arguments, but is given 0"),
    (
        "shell::run(\"ls\")",
        "1:1-11 `shell::run` needs the capability `shell`, which `uses` does not name | add `uses: [http, shell]` to the flow",
    ),
    ("x = date.wekday", "1:10-16 a value of type date has no `wekday` | did you mean `weekday`?"),
    ("x = customer.vpi", "1:14-17 unknown field `vpi` | did you mean `vip`?"),
    ("customer.vpi = true", "1:10-13 unknown field `vpi` | did you mean `vip`?"),
    ("x = customers.filter(|c| c.vpi)", "1:28-31 unknown field `vpi` | did you mean `vip`?"),
    ("for c in customers { x = c.vpi }", "1:28-31 unknown field `vpi` | did you mean `vip`?"),
    ("x = sub_tasks.all(|s| s.complete)", "1:25-33 unknown field `complete` | did you mean `completed`?"),
    ("try { x = 1 } catch (e) { x = e.mesage }", "1:33-39 unknown field `mesage` | did you mean `message`?"),
    ("x = http::get(\"https://a.example\").jsn", "1:36-39 unknown field `jsn` | did you mean `json`?"),
    ("x = a_ref.idd", "1:11-14 unknown field `idd` | did you mean `id`?"),
    ("total == 1;", "1:7-9 `==` compares, and nothing is done with the answer | assign with `=`"),
    (
        "for i in total { }",
        "1:10-15 `for` walks through a list, a text or a range, and this is of type integer | write `0..n` for the numbers below n",
    ),
    ("if total { }", "1:4-9 expected true or false, and this is of type integer | compare: `total > 0`"),
    ("x = paid && name", "1:13-17 expected true or false, and this is of type string | compare: `name.len() > 0`"),
    ("x = not guests", "1:9-15 expected true or false, and this is of type list | compare: `guests.len() > 0`"),
    ("x = 5 in total", "1:10-15 `in` looks in a list, a map, a text or a range, and this is of type integer"),
    ("x = foo::bar", "1:5-13 unknown name `foo::bar`"),
];

#[test]
fn mistakes_are_found_with_the_nearest_name() {
    let mut wrong = Vec::new();
    for (text, expected) in MISTAKES {
        let found = found(text, Role::Action);
        if found != [*expected] {
            wrong.push(format!("{text}\n  found:    {found:?}\n  expected: {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn comparisons_that_can_never_match_are_found() {
    let mut wrong = Vec::new();
    for (text, expected) in [
        (
            "guests > 5",
            "1:8 `>` compares list with integer, which can never match | compare how many it holds: `guests.len()`",
        ),
        ("name == 5", "1:6-8 `==` compares string with integer, which can never match | write `\"5\"` for a text"),
        ("total == \"5\"", "1:7-9 `==` compares integer with string, which can never match | write `5` without quotes"),
        (
            "date == \"2026-11-21\"",
            "1:6-8 `==` compares date with string, which can never match | write `date(\"2026-11-21\")`",
        ),
        (
            "date.weekday == \"Sunday\"",
            "1:14-16 `==` compares integer with string, which can never match | a weekday is a number: Sunday is 0, Saturday 6",
        ),
        (
            "price > a_float",
            "1:7 `>` cannot compare a decimal with a float: their digits differ | make both a decimal: `decimal(…)` makes one of a float, and a number written here, like `1.5`, is one",
        ),
        ("total > ()", "1:7 `>` cannot compare with `()`: only `==` and `!=` can"),
        (
            "paid == \"true\"",
            "1:6-8 `==` compares boolean with string, which can never match | write `true` without quotes",
        ),
        ("paid || a_duration > 5", "1:20 `>` compares duration with integer, which can never match"),
        (
            "task.attempt == \"1\"",
            "1:14-16 `==` compares integer with string, which can never match | write `1` without quotes",
        ),
        (
            "guests.len() == \"1\"",
            "1:14-16 `==` compares integer with string, which can never match | write `1` without quotes",
        ),
        ("date + 1 == date", "1:6 `+` cannot join date and integer | write `duration(\"1d\")` for a day"),
        ("\"a\" - 1 == 5", "1:5 `-` cannot join string and integer"),
        (
            "price * a_float > 1",
            "1:7 `*` cannot join a decimal and a float: their digits differ | make both a decimal: `decimal(…)` makes one of a float, and a number written here, like `1.5`, is one",
        ),
        ("total + 1", "1:1-6 a condition must give true or false, and this is of type integer"),
        ("total", "1:1-6 a condition must give true or false, and this is of type integer | compare: `total > 0`"),
        ("if paid { 1 } else { 2 }", "1:1-3 a condition must give true or false, and this is of type integer"),
        ("let y = 5;", "1:1-4 a condition must give true or false, and this gives nothing"),
        ("-name == 5", "1:1 `-` needs a number, and this is of type string"),
    ] {
        let found = found(text, Role::Condition);
        if found != [expected] {
            wrong.push(format!("{text}\n  found:    {found:?}\n  expected: {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_role_may_do_its_own() {
    let condition = "1:1-6 a condition assigns nothing | compare with `==`";
    assert_eq!(found("total = 5", Role::Condition), [condition]);
    assert_eq!(found("total = 5", Role::Value), ["1:1-6 a value assigns nothing | compare with `==`"]);
    let keep = "call it in the action of a state, and keep what it gives in an attribute";
    assert_eq!(
        found("http::get(\"https://a.example\").status == 200", Role::Condition),
        [format!("1:1-10 only the action of a state may call `http::get`, and this is a condition | {keep}")]
    );
    assert_eq!(
        found("fetch().status == 200", Role::ErrorCondition),
        [format!(
            "1:1-6 only the action of a state may call `http::get`, and this is a condition (`fetch` does) | {keep}"
        )]
    );
    assert_eq!(
        found("x = [1].map(|u| send_email(u, name))", Role::Interaction),
        [
            "1:17-27 only the action of a state may call `send_email`, and this is an interaction | note in an attribute what happened, and let a state after it act"
        ]
    );
    assert_eq!(
        found("start(\"bee\", #{}) == ()", Role::Condition),
        ["1:1-6 a condition starts no sub-tasks | start it in the action of a state, or in a state of kind `start`"]
    );
    assert_eq!(
        found("hello(); 5", Role::With { item: false }),
        ["1:1-6 a value logs nothing: it may be looked at often (`hello` does) | log in an action"]
    );
    for (text, role) in [
        ("x = params.name; log(name); start(\"bee\", #{})", Role::Interaction),
        ("x = error.kind", Role::Action),
        ("error.kind == \"http\"", Role::ErrorCondition),
        ("item + index", Role::With { item: true }),
        ("let y = total * 2; y > 10", Role::Condition),
        ("total = total + 1; log(\"warn\", name, #{})", Role::OnTimeout),
        ("x = twice(total)", Role::Migrate),
        ("fetch()", Role::Action),
    ] {
        assert_eq!(found(text, role), [] as [&str; 0], "{text}");
    }
}

#[test]
fn functions_see_only_their_arguments() {
    let (_, findings) = declare_any(
        "fn f(a) { a + total }\nfn g() { task.id }\nfn h() { total = 5; }\nfn now() { 5 }\nfn k(a) { a.to_uper() + a.run(1) }\nfn l() { shell::run(\"ls\") }",
    );
    assert_eq!(
        lines(&findings),
        [
            "1:15-20 a function sees only its arguments, and `total` is none of them | hand `total` over as an argument",
            "2:10-14 a function sees only its arguments, and `task` is none of them | hand `task` over as an argument",
            "3:10-15 a function sees only its arguments, and `total` is none of them | give the value back, and assign it where the function is called",
            "4:4-7 there is a function `now` already | call it `my_now`, for example",
            "5:13-20 unknown function `to_uper` | did you mean `to_upper`?",
            "6:10-20 `shell::run` needs the capability `shell`, which `uses` does not name | add `uses: [http, shell]` to the flow",
        ]
    );
}

#[test]
fn nothing_is_found_in_what_may_be_right() {
    let mut wrong = Vec::new();
    for text in [
        "x = x + 1 + name + total; x == 5 && x == \"a\"",
        "total = x; if total == \"5\" { total = 5 }",
        "customer.vip = x; if customer.vip == \"yes\" { customer.vip = true }",
        "customers.push(x); for c in customers { x = c + 1 }",
        "customers += x; x = customers[0] + 1",
        "let y = 1; y = \"a\"; x = y == \"a\"",
        "let y = (); if paid { y = 5 } x = y > 4",
        "let m = #{}; m.anything = 5; x = m.anything + m.other",
        "x = price * 1.2 > 5 && price == 1.5 && price > total",
        "x = a_float > 1 && a_float == total",
        "x = date + duration(\"1d\") > today() && now() - a_duration < a_datetime && date - date != ()",
        "x = name + 5 + date + guests + ()",
        "guests += 5; guests += \"a\"; x = guests + [1]",
        "x = name != () && () == total && guests == ()",
        "x = total ?? 5 > 3",
        "x = name in guests || 'a' in name || \"a\" in #{ a: 1 } || 5 in 1..9 || x !in guests",
        "x = switch total { 1 => \"a\", 2..5 => \"b\", _ => () }",
        "let i = 0; while i < 10 { i += 1; if i == 5 { break } } x = i",
        "loop { total += 1; if total > 5 { break; } }",
        "do { total += 1 } until total > 5",
        "try { fail(\"mine\", \"message\", #{ a: 1 }) } catch (e) { x = e.kind + e.data.a }",
        "throw \"no\"",
        "x = customers.filter(|c| c.vip).map(|c| c.name).len() > 0",
        "x = sub_tasks.filter(|s| s.failed).map(|s| s.output.total)",
        "x = guests.reduce(|sum, g| sum + g, 0)",
        "x = guests.some(|g| g == name) && guests.index_of(|g| g > 5) >= 0",
        "x = task.created_at.hour + (now() - task.created_at).days + date.week",
        "x = guests.join(\", \") + date.format(\"%Y\") + now().date.day",
        "name = name.trim(); guests = guests.sort()",
        "name.trim(); guests.sort(|a, b| a <=> b)",
        "let f = |n| n * total; x = f.call(2)",
        "let f = |n| { let y = n; |m| m + y + total }; x = f.call(1).call(2)",
        "x = name.len + guests.len + x.anything.at.all[0].there",
        "x = customer?.name ?? \"nobody\"; x = customer[\"name\"]; x = a_map.foo.bar",
        "x = a_ref.id; x = a_refs[0].type",
        "x = `${total} of ${guests.len()} ${if paid { \"paid\" } else { \"open\" }}`",
        "for (g, n) in guests { x = n + 1; x = g.anything }",
        "for c in name { x = c == \"a\" }",
        "x = -total + -price; x = -a_float; x = !paid; x = a_duration * 2 + a_duration",
        "x = min(total, 5) + max(1, 2) + abs(total) + total.abs()",
        "if paid { total == 1 } else { paid }",
        "return; x = 1",
        "{ let total2 = 1; x = total2 }",
        "x = #{ total: total, name: name }.total + 1",
        "x = parse_json(name).a.b; x = type_of(x) == \"map\"",
        "let today = today(); x = today",
        "const LIMIT = 5; x = total > LIMIT",
        "this_is = 1",
    ] {
        let text = text.replace("|a, b| a <=> b", "|a, b| a - b").replace("this_is", "total");
        let findings = found(&text, Role::Action);
        let findings: Vec<&String> =
            findings.iter().filter(|f| !f.contains("nothing is done with the answer")).collect();
        if !findings.is_empty() {
            wrong.push(format!("{text}: {findings:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(lines(&analysed("paid", Role::Condition).findings), [] as [&str; 0]);
}
