//! What the parser cannot read, in the words of the house.

use super::super::super::Role;
use super::{analysed, declare_any, lines};

#[test]
fn what_cannot_be_read_is_reported_at_its_place_with_advice() {
    let mut wrong = Vec::new();
    for (text, expected) in [
        ("x = total +", "1:11 the script ends too early: expected a value after `+`"),
        ("x = total + // more to come\n\n", "1:11 the script ends too early: expected a value after `+`"),
        (
            "x = f(1,\n  2",
            "2:3 the script ends too early: expected `)` to close the arguments of `f` | the `(` one line above is not closed",
        ),
        (
            "x = [1, 2",
            "1:9 the script ends too early: expected `]` to close the list | the `[` in this line is not closed",
        ),
        (
            "if paid {\n  x = 1;\n",
            "2:8 the script ends too early: expected `}` to close the block | the `{` one line above is not closed",
        ),
        (
            "x = 1;\nx = `a\rb`",
            "2:7 this carriage return does not end a line | leave it out, or write `\\r` within double quotes",
        ),
        ("x = total.", "1:10 the script ends too early: expected the name of a property"),
        ("let", "1:3 the script ends too early: expected a name"),
        ("x = 1\nname = \"a\"", "2:1-5 expected `;` or an operator, found `name` | end the line before with `;`"),
        ("if total = 5 { }", "1:10 `=` assigns, and nothing is assigned here | compare with `==`"),
        ("x = 'text'", "1:5 write texts in double quotes | write `\"text\"`"),
        ("x = \"text", "1:5 the text that begins here is not closed | close it with the sign it began with"),
        ("total++;", "1:6 `++` means nothing in scripts | write `total += 1`"),
        ("x = paid ? 1 : 2", "1:10-11 `?` means nothing in scripts | write `if paid { 1 } else { 2 }`"),
        ("if paid { x = 1 } elif x { x = 2 }", "1:19-23 `elif` means nothing in scripts | write `else if`"),
        ("x === 5", "1:3 `===` means nothing in scripts | write `==`"),
        ("x = paid AND paid", "1:10-13 expected `;` or an operator, found `AND` | write `and`"),
        ("x = 3 total = 4", "1:7-12 expected `;` or an operator, found `total` | write `;` between two statements"),
        ("x = \"a\" let y = 4", "1:9-12 expected `;` or an operator, found `let` | write `;` between two statements"),
        ("x = 3; # three", "1:8 `#` means nothing in scripts | a comment begins with `//`"),
        ("x = 3 # three", "1:7 `#` means nothing in scripts | a comment begins with `//`"),
        ("#three\nx = 3", "1:1 `#` means nothing in scripts | a comment begins with `//`"),
        (
            "order rejected",
            "1:7-15 expected `;` or an operator, found `rejected` | a text needs quotes: `\"order rejected\"`",
        ),
        ("var y = 5", "1:5-6 expected `;` or an operator, found `y` | write `let` before a variable's name"),
        ("import \"x\"", "1:1-7 `import` means nothing in scripts | shared code belongs in the flow's `functions`"),
        ("eval(\"1\")", "1:1-5 `eval` means nothing in scripts | a script runs as it is written"),
        ("if paid then { }", "1:9-13 expected `{` and a block, found `then` | write `if condition { … }`"),
        ("x = total =< 5", "1:11 expected `;` or an operator, found `=` | write `<=`"),
        ("x = #{ a: 1, a: 2 }", "1:14-15 the map has the key `a` twice"),
        ("x = a not in guests", "1:11-13 expected `(`, found `in` | write `x !in list`"),
        ("break", "1:1-6 `break` and `continue` are allowed in loops only"),
        (
            "fn f() { 1 }",
            "1:1-3 a script cannot define functions: they belong in the flow's `functions` | move it to `functions:`, or write a closure: `|x| x + 1`",
        ),
        ("5 = x", "1:1-2 a value cannot be assigned to | compare with `==`"),
    ] {
        let found = lines(&analysed(text, Role::Action).findings);
        if found != [expected] {
            wrong.push(format!("{text}\n  found:    {found:?}\n  expected: {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn reserved_words_are_names_and_every_word_is_a_property() {
    for text in [
        "default = `${default}!`",
        "x = x.default + x.match + x.new + x.if + x.for + x.not + x.and + x.eval + x.import + x.this",
        "x = #{ match: 1, if: 2, in: 3, or: 4, default: 5 }",
        "x = [1, if paid { 2 } else { 3 }]",
        "let case = 1; let go = case; x = go",
        "x = paid and not paid or (paid and !paid)",
        "x = 'a'",
    ] {
        assert_eq!(lines(&analysed(text, Role::Action).findings), [] as [&str; 0], "{text}");
    }
}

#[test]
fn functions_hold_definitions_alone() {
    let found = declare_any("fn f(x) { x }\nlet y = 5;");
    assert_eq!(
        lines(&found.1),
        ["2:1 `functions` holds definitions and nothing else: expected `fn` | write `fn name(argument) { … }`"]
    );
    let found = declare_any("fn f(x) { x }\nfn f(y) { y }");
    assert_eq!(lines(&found.1), ["2:1-3 the function `f` is defined twice with 1 argument"]);
}

#[test]
fn what_is_too_long_or_too_deep_is_refused_by_name() {
    let long = "x".repeat(64 * 1024 + 1);
    assert_eq!(
        lines(&analysed(&long, Role::Action).findings),
        ["1:1 a script may have 65536 characters at most (max_script_chars) | split it over several states"]
    );
    let deep = format!("x = {}1{}", "(".repeat(200), ")".repeat(200));
    let found = analysed(&deep, Role::Action).findings;
    assert!(found[0].message.contains("(max_expression_depth)"), "{found:?}");
}
