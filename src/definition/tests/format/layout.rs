//! The layout, rule by rule.

use super::{formatted, hold};

/// Texts before and after.
#[track_caller]
fn table(cases: &[(&str, &str)]) {
    for (before, after) in cases {
        assert_eq!(hold(before), *after, "of:\n{before}");
        assert_eq!(formatted(after), *after);
    }
}

#[test]
fn blocks_are_indented_by_two() {
    table(&[
        ("a:\n    b:\n        c: 1\n    d: 2\n", "a:\n  b:\n    c: 1\n  d: 2\n"),
        ("a:\n- x\n-   y\nb: 1\n", "a:\n  - x\n  - y\nb: 1\n"),
        ("a:\n   -   b: 1\n       c: 2\n   -\n     d: 3\n", "a:\n  - b: 1\n    c: 2\n  -\n    d: 3\n"),
        ("- - a\n  - b\n-   -   c\n", "- - a\n  - b\n- - c\n"),
        ("a:   b   \nc :\td\n", "a: b\nc: d\n"),
        ("a:\n     \"b\"\n", "a:\n  \"b\"\n"),
        ("a: &x\n    b: 1\nc:\n   *x\n*x : 2\n", "a: &x\n  b: 1\nc:\n  *x\n*x : 2\n"),
        ("&x a:   !!str  b\n", "&x a: !!str b\n"),
        ("?   a\n:   b\n?   c:  1\n    d: 2\n:   - e\n    - f\n", "? a\n: b\n? c: 1\n  d: 2\n: - e\n  - f\n"),
        ("a:\n    b:\n    -   c:\n        - d\n    e: 1\n", "a:\n  b:\n    - c:\n        - d\n  e: 1\n"),
    ]);
}

#[test]
fn brackets_have_one_kind_of_blanks() {
    table(&[
        ("a: {b: 1,c: [ 2,3 ] , d:  {} ,e: [ ]}", "a: { b: 1, c: [2, 3], d: {}, e: [] }\n"),
        ("a: {\"b\":1, 'c' : 2, d: , e}", "a: { \"b\": 1, 'c': 2, d: , e }\n"),
        ("a: [&x b,*x , {*x : 1}, ! c,]", "a: [&x b, *x, { *x : 1 }, ! c,]\n"),
        ("a: [\n1,\n   2\n]\n", "a: [\n  1,\n  2\n  ]\n"),
        ("a:\n    b: [{\n    c: 1 },\n  {d: 2\n     }]\n", "a:\n  b: [{\n    c: 1 },\n    { d: 2\n    }]\n"),
        ("a:\n      {\n      b: 1\n      }\n", "a:\n  {\n    b: 1\n  }\n"),
        ("- a: [1,\n\n\n       2]\n", "- a: [1,\n\n    2]\n"),
        ("a: { b: x\n  y,\n     c: 'd\n\n\n     e' }\n", "a: { b: x\n  y,\n  c: 'd\n\n\n    e' }\n"),
    ]);
}

#[test]
fn comments_stay_with_what_they_are_about() {
    table(&[
        ("#a\n\n\n#   b\na: 1    #  c\n", "#a\n\n#   b\na: 1 #  c\n"),
        (
            "a:\n    # of b\n    b: 1\n    # of a's end\n\n  # of a's end too\n# of c\nc: 2\n  # the end\n",
            "a:\n  # of b\n  b: 1\n  # of a's end\n\n# of a's end too\n# of c\nc: 2\n# the end\n",
        ),
        ("a:\n# of the list\n- 1\n# of 2\n- 2\n", "a:\n  # of the list\n  - 1\n  # of 2\n  - 2\n"),
        ("a: [ # x\n  # y\n\n    1, # z\n     # end\n ] # w\n", "a: [ # x\n  # y\n\n  1, # z\n  # end\n  ] # w\n"),
        (
            "a: 1     # these\nbcd:  2  # belong\n         # together\nd: 3 # not this\n",
            "a: 1   # these\nbcd: 2 # belong\n       # together\nd: 3 # not this\n",
        ),
        ("-   # x\n    a: 1\n", "- # x\n  a: 1\n"),
        ("a: &x    # y\n   b: 1\n", "a: &x # y\n  b: 1\n"),
        ("a:\n  - |  # x\n      y\n  # z\n", "a:\n  - | # x\n    y\n  # z\n"),
    ]);
}

#[test]
fn texts_of_several_lines_keep_their_lines() {
    table(&[
        ("a: |\n      b\n        c  \n\n\n      d\n\n\ne: 1\n", "a: |\n  b\n    c  \n\n\n  d\n\ne: 1\n"),
        ("a:\n    b: >-\n     x\n     y\n", "a:\n  b: >-\n    x\n    y\n"),
        ("a:\n    b: |4-\n           x\n        y\n", "a:\n  b: |4-\n         x\n      y\n"),
        ("a: |+\n    b\n\n\nc: |\n    d\n   \n\n", "a: |+\n  b\n\n\nc: |\n  d\n"),
        ("a: |+\n    b\n\n", "a: |+\n  b\n\n"),
        (
            "a: |\n\n\n    b\n    # no comment\n  # a comment\nc: 1",
            "a: |\n\n\n  b\n  # no comment\n# a comment\nc: 1\n",
        ),
        ("a: |\nb: >\n\n", "a: |\nb: >\n"),
        ("a: x  \n      y\n\n       z\n", "a: x\n  y\n\n   z\n"),
        ("- a: \"x \\ \n        y \\\n    z\"\n", "- a: \"x \\ \n        y \\\n    z\"\n"),
    ]);
}

#[test]
fn expressions_that_yaml_would_misread_are_moved_as_a_whole() {
    let flow = |state: &str| format!("flow: a\nstates:\n{state}");
    for (before, after) in [
        ("    s: {result: #{ a:1 }}\n", "  s: { result: '#{ a:1 }' }\n"),
        (
            "    s:\n        result: #{ a: 1,\n            b: 2,  \n              c: `x:  y` }\n",
            "  s:\n    result: |-\n      #{ a: 1,\n      b: 2,\n        c: `x:  y` }\n",
        ),
        (
            "    s:\n        decision:\n        -   if: !a   # b\n            go_to: s\n",
            "  s:\n    decision:\n      - if: '!a' # b\n        go_to: s\n",
        ),
        (
            "  s:\n    decision:\n      - { if: [1,\n 2].len() > 1 ,go_to: s}\n",
            "  s:\n    decision:\n      - { if: \"[1,\\n2].len() > 1\", go_to: s }\n",
        ),
    ] {
        assert_eq!(hold(&flow(before)), flow(after));
        assert_eq!(hold(&flow(before).replace('\n', "\r\n")), flow(after).replace('\n', "\r\n"));
    }
}

#[test]
fn documents_and_what_is_between_them_stay() {
    table(&[(
        "\u{feff}%YAML 1.2\n---   # x\na:   1\n...\n\n\n# y\n---\n\n\nb: 2",
        "\u{feff}%YAML 1.2\n--- # x\na: 1\n...\n\n# y\n---\n\nb: 2\n",
    )]);
    table(&[("--- {a: 1}\n--- &x\nb:  2\n", "--- { a: 1 }\n--- &x\nb: 2\n")]);
    table(&[("\n\n\na: 1\n\n\n\n", "a: 1\n"), ("", ""), ("\n # x", "# x\n")]);
}
