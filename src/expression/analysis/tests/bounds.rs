//! Hostile scripts: analysed in time, on a small stack.

use std::time::{Duration, Instant};

use super::super::super::Role;
use super::{analysed, declare_any};

/// Characters of a hostile script.
const SIZE: usize = 64 * 1024;
/// The stack it is analysed on.
const STACK: usize = 2 * 1024 * 1024;
/// More than any of them takes, even in a debug build on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

fn filled(head: &str, part: impl Fn(usize) -> String, tail: &str) -> String {
    let mut text = head.to_owned();
    for number in 0.. {
        let part = part(number);
        if text.len() + part.len() + tail.len() > SIZE {
            break;
        }
        text.push_str(&part);
    }
    text + tail
}

#[test]
fn hostile_scripts_end_in_time_and_without_overflow() {
    let same = |text: &'static str| move |_: usize| text.to_owned();
    let deep = |open: &str, close: &str, levels: usize| format!("x = {}1{}", open.repeat(levels), close.repeat(levels));
    let mut texts = vec![
        filled("x = ", same("("), ""),
        filled("x = ", same("["), ""),
        filled("x = ", same("!"), "1"),
        filled("x = ", same("-"), "1"),
        filled("x = ", same("1+"), "1"),
        filled("x = ", same("#{a:"), ""),
        filled("", same("{"), ""),
        filled("", same("if x {"), ""),
        filled("x = ", same("|a|"), "1"),
        filled("x = x", same(".a"), ""),
        filled("x = x", same("[0]"), ""),
        filled("x = ", same("`${"), ""),
        filled("x = ", same("if x {1} else "), "{1}"),
        filled("x = ", same("f("), ""),
        filled("", |n| format!("u{n};"), ""),
        filled("", |n| format!("let v{n}=1;"), ""),
        filled("", |n| format!("f{n}();"), ""),
        filled("", |n| format!("x.m{n}();"), ""),
        filled("x = [", |n| format!("|a|b{n},"), "]"),
        filled("x = #{", |n| format!("k{n}:1,"), "}"),
        filled("", same("x=1;"), ""),
        filled("", same("x;"), ""),
        filled("", same("x==1;"), ""),
        filled("x = paid", same("&&paid"), ""),
        filled("x = \"", same("a"), "\""),
    ];
    for levels in [8, 12, 16, 20, 24, 28, 31, 40, 60, 62, 64] {
        for (open, close) in [
            ("(", ")"),
            ("[", "]"),
            ("#{a:", "}"),
            ("{", "}"),
            ("if x {", "}"),
            ("|a|", ""),
            ("x[", "]"),
            ("f(", ")"),
            ("`${", "}`"),
            ("!", ""),
        ] {
            texts.push(deep(open, close, levels));
        }
    }
    for text in texts {
        let shown: String = text.chars().take(24).collect();
        let began = Instant::now();
        let thread = std::thread::Builder::new().stack_size(STACK);
        thread.spawn(move || analysed(&text, Role::Action).findings.len()).unwrap().join().unwrap();
        assert!(began.elapsed() < LONGEST, "`{shown}…` took {:?}", began.elapsed());
    }
}

#[test]
fn hostile_functions_end_in_time_and_without_overflow() {
    for text in [
        filled("", |n| format!("fn f{n}(){{f{}()}}", n + 1), ""),
        filled("", |n| format!("fn f{n}(a){{u{n}}}"), ""),
        filled("fn f() {", |_| "{".to_owned(), ""),
    ] {
        let began = Instant::now();
        let thread = std::thread::Builder::new().stack_size(STACK);
        thread.spawn(move || declare_any(&text).1.len()).unwrap().join().unwrap();
        assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
    }
}
