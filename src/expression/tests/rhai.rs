//! The same scripts in Rhai itself: where our rules are not stricter, both give the same.

use rhai::{Dynamic, Engine, Scope};

use super::world::World;
use crate::name::Name;
use crate::value::Value;

fn value(given: &Dynamic) -> Value {
    match given {
        it if it.is_unit() => Value::Unit,
        it if it.is_bool() => it.as_bool().unwrap().into(),
        it if it.is_int() => it.as_int().unwrap().into(),
        it if it.is_float() => it.as_float().unwrap().into(),
        it if it.is_char() => Value::text(it.as_char().unwrap().to_string()),
        it if it.is_string() => Value::text(&*it.as_immutable_string_ref().unwrap()),
        it if it.is_array() => Value::list(it.as_array_ref().unwrap().iter().map(value).collect()),
        it if it.is_map() => Value::map(it.as_map_ref().unwrap().iter().map(|(k, v)| (Name::new(k), value(v)))),
        other => panic!("{other:?}"),
    }
}

/// Scripts that mean the same to both.
const SAME: &[&str] = &[
    "1 + 2 * 3 - 4 / 3 % 2",
    "2 ** 3 ** 2",
    "-2 ** 2",
    "7.5 / 2 - 0.5",
    "10 / 4.0",
    "1 << 3 | 5 & 6 ^ 1",
    "1 < 2 && !(2 >= 3) || false",
    "1 == 1.0 && 0.1 + 0.2 == 0.3",
    "\"a\" < \"b\" && \"b\" != \"c\"",
    "[1, 2] == [1, 2] && #{a: 1} == #{a: 1}",
    "2 in [1, 2] && !(5 in 0..3) && \"a\" in #{a: 1} && \"b\" in \"abc\"",
    "`${1 + 1} and ${\"x\"} and ${true}`",
    "\"x\" + 1 + 2.5",
    "let x = 5; x += 2; x *= 3; x -= 1; x /= 4; x %= 3; x **= 2; x",
    "let x = 1; { let x = 2; x += 1; } x",
    "let s = 0; for i in 0..5 { s += i } s",
    "let s = 0; for i in 0..=5 { if i % 2 == 0 { continue } s += i } s",
    "let s = []; for (x, i) in [\"a\", \"b\"] { s += `${x}${i}`; } s",
    "let n = 10; while n > 3 { n -= 2 } n",
    "let n = 0; do { n += 1 } while n < 4; n",
    "let n = 0; do { n += 1 } until n == 4; n",
    "let r = loop { break 3 }; r",
    "if 1 > 2 { 1 } else if 2 > 1 { 2 } else { 3 }",
    "switch 5 { 1 => 2, 5 if false => 3, 5 => 4, _ => 6 }",
    "switch 5 { 1..3 => 2, 3..=5 => 4, _ => 6 }",
    "switch \"a\" { \"b\" | \"a\" => 1, _ => 2 }",
    "let m = #{a: #{b: [1, 2]}}; m.a.b[1] = 5; m.a.c = 1; m[\"d\"] = 2; m",
    "let m = #{a: 1}; m.x ?? m.a",
    "let m = (); m?.a?.b ?? 7",
    "let l = [3, 1, 2]; l.sort(); l",
    "let l = [3, 1, 2]; l.sort(|a, b| b - a); l",
    "let l = [1, 2, 3]; l.push(4); l.insert(1, 9); l.pop() + l.shift() + l.remove(0) + l.len()",
    "let l = [1, 2, 3, 4, 5]; l.drain(|x| x > 3)",
    "let l = [1, 2, 3, 4, 5]; l.drain(1..3); l",
    "let l = [1, 2, 3]; l.reverse(); l.truncate(2); l.pad(4, 0); l",
    "let l = [1, 2, 3, 4, 5, 6]; l.chop(3); l.splice(1..2, [7, 8]); l",
    "let l = [1, 1, 2, 2, 1]; l.dedup(); l",
    "let l = [1, 2]; l.append([3]); l += 4; l += [5]; l",
    "let l = [1, 2, 3, 4]; [l.extract(1..3), l.extract(2), l.extract(-2, 1), l.split(1), l]",
    "let l = [5, 6, 7]; [l[0], l[-1], l.index_of(6), l.index_of(9), l.index_of(|x| x > 5), l.contains(7)]",
    "[1, 2, 3].map(|x| x * 2).filter(|x| x > 2)",
    "[1, 2, 3].map(|x, i| x * i)",
    "[1, 2, 3].reduce(|sum, x| (sum ?? 0) + x)",
    "[1, 2, 3].reduce(|sum, x, i| sum + x * i, 100)",
    "[1, 2, 3].reduce_rev(|sum, x| sum + `${x}`, \"\")",
    "[[1, 2, 3].find(|x| x > 1), [1, 2].some(|x| x > 1), [1, 2].all(|x| x > 1), [1].find_map(|x| x + 1)]",
    "[1, 2].zip([3, 4], |a, b| a + b)",
    "let n = 0; [1, 2, 3].for_each(|| n += this); n",
    "let l = [1, 2, 3]; l.for_each(|| this *= 2); l",
    "let n = 1; let f = |x| x + n; n = 10; f.call(1)",
    "let m = #{b: 2, a: 1}; [m.keys(), m.values(), m.len(), m.contains(\"a\"), m.get(\"z\"), m.remove(\"a\"), m.len()]",
    "let m = #{a: 1}; m.mixin(#{b: 2}); m.fill_with(#{a: 9, c: 3}); m += #{d: 4}; m + #{e: 5}",
    "let m = #{a: 1, b: 2}; [m.filter(|k, v| v > 1), m.map(|k, v| v * 2)]",
    "let t = \" ab \"; t.trim(); t.len()",
    "let t = \"hello\"; [t.to_upper(), t.starts_with(\"he\"), t.ends_with(\"x\"), t.contains(\"ll\"), t.index_of(\"l\")]",
    "let t = \"hello world\"; [t.sub_string(3), t.sub_string(3, 2), t.sub_string(-3, 2), t.sub_string(2..4), t[0], t[-1]]",
    "let t = \"a,b,,c\"; [t.split(\",\"), t.split(\",\", 2), t.split_rev(\",\", 2), t.split(2), \" x  y \".split()]",
    "let t = \"abc\"; t.pad(6, \"-+\"); t.replace(\"b\", \"BB\"); t.crop(1, 3); t",
    "let t = \"abcdef\"; t.truncate(4); t.remove(\"b\"); [t.pop(), t.pop(2), t]",
    "let t = \"x\"; t += \"y\"; t += 1; t += true; t",
    "[\"42\".parse_int(), \"ff\".parse_int(16), \"1.5\".parse_float(), 255.to_hex(), 5.to_binary(), 8.to_octal()]",
    "[(-5).abs(), 5.sign(), 0.is_zero(), 3.is_odd(), 4.is_even(), max(1, 2), min(1.5, 2)]",
    "[2.5.floor(), 2.5.ceiling(), 2.5.round(), 2.7.int(), 2.75.fraction(), 4.0.sqrt(), 7.9.to_int(), 3.to_float()]",
    "let x = 1; try { throw 5 } catch (e) { x = 2 } x",
    "let f = |a, b| a - b; [f.call(5, 2), f.curry(10).call(1)]",
    "let a = [1, 2]; let b = a; b.push(3); [a, b]",
    "let a = #{l: []}; a.l.push(1); a.l += 2; a",
    "let x = 3; let y = if x > 2 { let z = x * 2; z + 1 } else { 0 }; y",
    "[(0..=5).contains(5), (2..4).start, (2..4).end]",
    "let sum = 0; for c in \"abc\" { sum += 1; } sum",
];

#[test]
fn both_give_the_same() {
    let mut engine = Engine::new();
    engine.set_max_expr_depths(0, 0);
    let world = World::default();
    for script in SAME {
        let theirs = engine.eval_with_scope::<Dynamic>(&mut Scope::new(), script);
        let theirs = theirs.unwrap_or_else(|error| panic!("`{script}` in Rhai: {error}"));
        let ours = match world.wrong(script, super::super::Role::Value).value(&world, None) {
            super::super::Ran::Done(value) => value,
            other => panic!("`{script}`: {other:?}"),
        };
        assert_eq!(ours.to_json(), value(&theirs).to_json(), "{script}");
    }
}
