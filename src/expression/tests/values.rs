//! What expressions give.

use super::world::World;
use crate::value::Value;

fn world() -> World {
    World::default()
        .with("total", 250i64)
        .with("ratio", 0.5)
        .with("price", Value::Decimal("19.90".parse().unwrap()))
        .with("name", "  Ann ")
        .with("nothing", Value::Unit)
        .with("day", Value::Date("2026-11-21".parse().unwrap()))
        .with("at", Value::DateTime("2026-11-21T09:30:00+01:00".parse().unwrap()))
        .with("wait", Value::Duration("1h 30m".parse().unwrap()))
        .with("guests", vec![Value::from("Ann"), Value::from("Bob")])
        .with("customer", Value::map([("vip", Value::from(true)), ("tags", vec![Value::from("x")].into())]))
}

/// Expressions, and what they give as JSON.
const EXPRESSIONS: &[(&str, &str)] = &[
    ("1 + 2 * 3", "7"),
    ("7 / 2", "3"),
    ("7 % 3", "1"),
    ("2 ** 10", "1024"),
    ("7.0 / 2", "3.5"),
    ("-total", "-250"),
    ("(1 << 4) | 3", "19"),
    ("total > 100 && customer.vip", "true"),
    ("not (total > 100) or customer.vip", "true"),
    ("total > 100 and not customer.vip", "false"),
    ("0.1 + 0.2 == 0.3", "true"),
    ("price * 2", "\"39.80\""),
    ("price * 1.1", "\"21.890\""),
    ("1.10 * price", "\"21.8900\""),
    ("price > 19.89", "true"),
    ("price == 19.9", "true"),
    ("price >= 19.90 && price < 19.900000000000000001", "true"),
    ("price - -0.1", "\"20.00\""),
    ("price in [19.9, 5]", "true"),
    // A value computed from literals becomes a decimal beside a decimal, wherever it was kept.
    ("let r = 0.2; price * r", "\"3.980\""),
    ("let r = 0.2; r += 0.1; price * r", "\"5.970\""),
    ("price * (1 + 0.2)", "\"23.880\""),
    ("price * -0.2 + 1", "\"-2.980\""),
    ("let rates = #{ low: 0.07, high: [0.19] }; price * rates.high[0]", "\"3.7810\""),
    ("price * 1.1 ** 2", "\"24.0790\""),
    ("price * (1.0 / 3)", "\"6.6333333333333333333333333327\""),
    ("let third = 1.0 / 3; [third, third * 3 == 1, third.type_of()]", "[0.3333333333333333,true,\"float\"]"),
    (
        "[1.10, 0.1 + 0.2, 1.5 * 2, 1e-20 * 1e-20, 1e300, 2.0 ** 100]",
        "[1.1,0.3,3.0,1e-40,1e+300,1.2676506002282294e+30]",
    ),
    ("[7.5 % 2, -7.5 / 2.5, 0.1 * ratio, 1.0 / 8]", "[1.5,-3.0,0.05,0.125]"),
    (
        "[price.max(20.50), max(price, 1.5), max(1.5, price), min(1.50, price), 2.0.min(price)]",
        "[\"20.50\",\"19.90\",\"19.90\",\"1.50\",\"2.0\"]",
    ),
    ("[price.max(5), max(1, 2.5)]", "[\"19.90\",2.5]"),
    ("switch price { 19.9 => 1, _ => 2 }", "1"),
    ("[20, price, 0.5].sort()", "[0.5,\"19.90\",20]"),
    ("1234567890123456.78 + price - price == 1234567890123456.78", "true"),
    ("nothing == ()", "true"),
    ("() != total", "true"),
    ("nothing ?? 5", "5"),
    ("nothing?.a.b[3].len()", "null"),
    ("customer?.vip", "true"),
    ("customer.tags[0]", "\"x\""),
    ("customer[\"tags\"][-1]", "\"x\""),
    ("customer.missing", "null"),
    ("\"a\" in customer.tags", "false"),
    ("1 in [\"1\", 1.0, 2]", "true"),
    ("\"vip\" in customer", "true"),
    ("\"vip\" !in customer", "false"),
    ("3 in 1..3", "false"),
    ("3 in 1..=3", "true"),
    ("`${guests.len()} beers for ${guests}`", "\"2 beers for [\\\"Ann\\\",\\\"Bob\\\"]\""),
    ("`${price} ${day} ${wait} ${at} ${()}`", "\"19.90 2026-11-21 1h 30m 2026-11-21T09:30:00+01:00 \""),
    ("\"a\" + 1 + true", "\"a1true\""),
    ("1 + \"a\"", "\"1a\""),
    ("[1, 2] + [3]", "[1,2,3]"),
    ("#{a: 1} + #{b: 2, a: 3}", "{\"a\":3,\"b\":2}"),
    ("[1, [2, #{a: 3}]] == [1.0, [2, #{a: 3}]]", "true"),
    ("[1] == [\"1\"]", "false"),
    ("if total > 100 { \"much\" } else { \"little\" }", "\"much\""),
    ("switch total { 1 | 250 => \"x\", _ => \"y\" }", "\"x\""),
    ("switch total { 0..=250 if ratio > 1 => \"x\", 200..300 => \"y\" }", "\"y\""),
    ("switch name { \"a\" => 1 }", "null"),
    ("let n = 0; while n < 5 { n += 1; if n == 3 { break } } n", "3"),
    ("let n = 0; do { n += 1 } until n >= 3; n", "3"),
    ("let n = 0; for (x, i) in [5, 6] { n += x * i } n", "6"),
    ("let n = 0; for i in 0..4 { if i == 1 { continue } n += i } n", "5"),
    ("let t = \"\"; for c in \"aäb\" { t = c + t } t", "\"bäa\""),
    ("loop { break 5 }", "5"),
    ("let x = 1; { let x = 2; } x", "1"),
    ("'x' + \"y\"", "\"xy\""),
    ("[1, 2, 3].map(|x| x * 2).filter(|x| x > 2)", "[4,6]"),
    ("let n = 10; [1, 2].map(|x| x + n)", "[11,12]"),
    ("[1, 2].map(|x, i| x * i)", "[0,2]"),
    ("let n = 0; [1, 2, 3].for_each(|x| n += x); n", "6"),
    ("[1, 2, 3].reduce(|sum, x| sum + x, 0)", "6"),
    ("[3, 1, 2].sort()", "[1,2,3]"),
    ("[3, 1, 2].sort(|a, b| b - a)", "[3,2,1]"),
    ("[1, 2, 3, 4].find(|x| x > 2)", "3"),
    ("[1, 2].some(|x| x == 2) && [1, 2].all(|x| x > 0)", "true"),
    ("[\"a\", \"b\"].join(\", \")", "\"a, b\""),
    ("let f = |x| x + 1; f.call(2)", "3"),
    ("#{a: 1, b: 2}.keys()", "[\"a\",\"b\"]"),
    ("max(3, 4) + min(1, 2)", "5"),
    ("price.max(decimal(\"20.5\"))", "\"20.5\""),
    ("(2.5).round() + (3).abs()", "6.0"),
    ("decimal(\"2.345\").round(2)", "\"2.35\""),
    ("\"1,2\".split(\",\")", "[\"1\",\"2\"]"),
    ("\"hello\"[1] + \"hello\"[1..3]", "\"eel\""),
    ("\"hello\".sub_string(-3) + \"hello\".index_of(\"l\")", "\"llo2\""),
    ("\"42\".parse_int() + \"ff\".parse_int(16)", "297"),
    ("name.trim().to_upper()", "\"ANN\""),
    ("type_of(total) + type_of(price) + type_of(nothing)", "\"integerdecimal()\""),
    ("parse_json(`{\"a\": [1, null]}`).a[0]", "1"),
    ("#{a: [1, \"x\"]}.to_json()", "\"{\\\"a\\\":[1,\\\"x\\\"]}\""),
    ("try { fail(\"a\") } catch (e) { e.message }", "\"a\""),
    ("day.weekday", "6"),
    ("day.year + day.month + day.day", "2058"),
    ("at.hour * 100 + at.minute", "930"),
    ("day + duration(\"2d\")", "\"2026-11-23\""),
    ("day - date(\"2026-11-01\") == duration(\"20d\")", "true"),
    ("at + wait", "\"2026-11-21T11:00:00+01:00\""),
    ("at > datetime(\"2026-11-21T09:00:00Z\")", "false"),
    ("wait * 2 + duration(\"1m\")", "\"3h 1m\""),
    ("wait / duration(\"30m\")", "3.0"),
    ("wait.minutes", "90"),
    ("day.format(\"%d.%m.%Y\")", "\"21.11.2026\""),
    ("at.date == day", "true"),
    ("decimal(\"1.20\") + 1", "\"2.20\""),
];

#[test]
fn expressions_give_what_they_say() {
    let world = world();
    let differ = |(text, expected): &(&str, &str)| {
        let given = world.json(text);
        (given != *expected).then(|| format!("{text}: {given}, not {expected}"))
    };
    let wrong: Vec<_> = EXPRESSIONS.iter().filter_map(differ).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn failures_say_what_is_wrong() {
    let world = world();
    for (text, kind, message) in [
        ("5 > \"a\"", "script", "`>` compares an integer with a string, which can never match"),
        ("1 == \"1\"", "script", "`==` compares an integer with a string, which can never match"),
        ("() > 5", "script", "`>` compares `()` with an integer, which can never match"),
        ("true == 1", "script", "`==` compares a boolean with an integer, which can never match"),
        ("day == at", "script", "`==` compares a date with a datetime, which can never match"),
        ("[1] < [2]", "script", "`<`: a list comes neither before nor after another"),
        ("price * ratio", "script", "`*` cannot be used on a decimal and a float"),
        ("let r = ratio + 0.7; price > r", "script", "`>` compares a decimal with a float"),
        ("let r = (0.04).sqrt(); price * r", "script", "`*` cannot be used on a decimal and a float"),
        ("9223372036854775807 + 1", "script", "`9223372036854775807` + `1` is out of bounds"),
        ("1 / 0", "script", "`1` / `0`: division by zero"),
        ("1.0 / 0", "script", "division by zero"),
        ("price % 0", "script", "division by zero"),
        ("1 - \"a\"", "script", "`-` cannot be used on an integer and a string"),
        ("day + 3", "script", "`+` cannot be used on a date and an integer: for days, write `duration(\"3d\")`"),
        ("at - 1", "script", "`-` cannot be used on a datetime and an integer: for days, write `duration(\"1d\")`"),
        ("nothing.a", "script", "there is no value here that could have `a`"),
        ("total.a", "script", "an integer has no property `a`; there are `ceiling`"),
        ("[1][5]", "script", "there is nothing at 5: it has 1, from 0 to 0"),
        ("throw 5", "script", "5"),
        ("throw #{kind: \"busy\", message: \"later\", data: [1]}", "busy", "later"),
        ("fail(\"busy\", \"later\")", "busy", "later"),
        ("fail(\"later\")", "script", "later"),
        ("try { fail(\"a\", \"b\", 3) } catch (e) { throw e }", "a", "b"),
        ("try { 1 / 0 } catch (e) { throw }", "script", "division by zero"),
        ("date(\"2026-02-30\")", "script", "is not a date like 2026-11-21"),
        ("duration(\"5 minutes\")", "script", "is not a duration"),
        ("[1, \"a\"].sort()", "script", "have no order"),
        ("day + duration(\"1h\")", "script", "a date moves by whole days"),
        ("if total { 1 }", "script", "`if` needs true or false, not an integer"),
        ("[1, 2].map(|| 1).filter(|x| x)", "script", "must give true or false, not an integer"),
        ("now()", "script", "cannot be called here"),
    ] {
        let failure = world.failure(text);
        assert_eq!(failure.kind, kind, "{text}: {failure:?}");
        assert!(failure.message.contains(message), "{text}: {}", failure.message);
        assert!(failure.at.is_some(), "{text}: {failure:?}");
    }
}

/// What the checker knows of functions, and what they take when they run.
#[test]
fn the_checker_knows_the_functions_there_are() {
    use super::super::analysis::BUILTINS;
    use super::super::builtin;
    let free = ["E", "PI", "call", "curry", "parse_json", "range"];
    let mut known: Vec<_> = BUILTINS.iter().filter(|b| !free.contains(&b.name)).map(|b| (b.name, b.takes)).collect();
    let take = |name: &str| builtin::find(name).map(|b| (b.arguments.0 + 1, b.arguments.1 + 1)).unwrap();
    let only_methods = ["date", "log"];
    let mut there: Vec<_> =
        builtin::names().filter(|name| !only_methods.contains(name)).map(|name| (name, take(name))).collect();
    known.sort_unstable();
    there.sort_unstable();
    assert_eq!(known, there);
    for built in BUILTINS {
        let changes = builtin::find(built.name).is_some_and(|b| b.effect != builtin::Effect::None);
        assert_eq!(built.changes, changes, "{}", built.name);
    }
}
