use crate::host::{Grants, Host, Machine};

#[track_caller]
fn refused(text: &str) -> String {
    Grants::parse([text]).expect_err(text).to_string()
}

fn allows(grant: &str, host: &str, port: u16) -> bool {
    Grants::parse([grant]).expect(grant).allow_host(host, Some(port))
}

#[test]
fn nothing_is_granted_at_first() {
    let none = Grants::none();
    assert!(!none.allow_host("localhost", Some(80)) && !none.allow_program("ls") && !none.allow_variable("HOME"));
    assert_eq!(none.folders().count(), 0);
}

#[test]
fn grants_add_up() {
    let grants = Grants::parse(["http=a.example, b.example", "shell=git,ls", "http=c.example", "files=x,y", "files=z"]);
    let grants = grants.unwrap();
    for host in ["a.example", "b.example", "c.example"] {
        assert!(grants.allow_host(host, Some(443)), "{host}");
    }
    assert!(grants.allow_program("git") && grants.allow_program("ls") && !grants.allow_program("rm"));
    let folders: Vec<_> = grants.folders().map(|folder| folder.display().to_string()).collect();
    assert_eq!(folders, ["x,y", "z"], "a comma may be part of a path");
}

#[test]
fn a_host_is_granted_at_every_port_unless_one_is_named() {
    assert!(allows("http=localhost", "localhost", 8080));
    assert!(allows("http=localhost:8080", "localhost", 8080));
    assert!(!allows("http=localhost:8080", "localhost", 8081));
    assert!(allows("http=*", "anything.example", 1));
    assert!(!allows("http=*:443", "anything.example", 80));
}

#[test]
fn a_wildcard_means_what_lies_below() {
    assert!(allows("http=*.example.org", "a.example.org", 443));
    assert!(allows("http=*.example.org", "b.a.example.org", 443));
    for host in ["example.org", "badexample.org", "example.org.evil.com", ".example.org.evil"] {
        assert!(!allows("http=*.example.org", host, 443), "{host}");
    }
    assert!(!allows("http=example.org", "a.example.org", 443));
}

#[test]
fn names_and_addresses_are_compared_in_one_form() {
    assert!(allows("http=API.Example.com", "api.example.com", 443));
    assert!(allows("http=api.example.com.", "api.example.com", 443));
    assert!(allows("http=api.example.com", "api.example.com.", 443));
    assert!(allows("http=[0:0::1]:80", "[::1]", 80));
    assert!(allows("http=[::ffff:1.2.3.4]", "[::ffff:102:304]", 80));
    assert!(allows("http=127.0.0.1", "127.0.0.1", 80));
}

#[test]
fn what_is_no_grant_says_what_was_expected() {
    let cases = [
        (
            "htp=example.com",
            "`htp` cannot be allowed: there are `http`, `shell`, `files` and `env`; did you mean `http`?",
        ),
        (
            "http",
            "`http` does not say what is allowed; expected http=HOST,… like `http=api.example.com,*.example.org,localhost:8080`",
        ),
        ("files=", "`files=` does not say what is allowed; expected files=FOLDER like `files=data`"),
        (
            "http=https://u:p@api.example.com/v1",
            "`https://u:p@api.example.com/v1` in `http=https://u:p@api.example.com/v1` is not a valid host: write the host alone: `api.example.com`",
        ),
        ("http=a,,b", "`` in `http=a,,b` is not a valid host: there is nothing between two commas"),
        (
            "http=a:99999",
            "`a:99999` in `http=a:99999` is not a valid host: `99999` is not a port; expected a number from 1 to 65535",
        ),
        ("http=::1", "`::1` in `http=::1` is not a valid host: write an IPv6 address in brackets: `[::1]`"),
        (
            "http=a.*.b",
            "`a.*.b` in `http=a.*.b` is not a valid host: `*` must be alone or the first part: `*.example.org`",
        ),
        ("http=a.0x7F", "`a.0x7F` in `http=a.0x7F` is not a valid host: expected an address like `127.0.0.1`"),
        ("http=127.1", "`127.1` in `http=127.1` is not a valid host: expected an address like `127.0.0.1`"),
        (
            "shell=git status",
            "`git status` in `shell=git status` is not a valid program: a program is granted with all its arguments; write `git`",
        ),
        ("shell=*", "`*` in `shell=*` is not a valid program: programs are granted one by one"),
        (
            "env=A-B",
            "`A-B` in `env=A-B` is not a valid environment variable: names are letters, digits and `_`, granted one by one",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refused(text), expected, "{text}");
    }
    for text in ["", "=", "http=bücher.example", "http=a b", "http=[::1", "http=a:", "http=*.", "http=[x]:1", "env=1A"]
    {
        assert!(Grants::parse([text]).is_err(), "{text}");
    }
}

#[test]
fn a_bad_grant_adds_nothing() {
    let mut grants = Grants::none();
    assert!(grants.add("http=good.example,bad host").is_err());
    assert_eq!(grants, Grants::none());
}

#[test]
fn every_capability_has_functions_and_a_form_of_grant() {
    let machine = Machine::new();
    for name in crate::name::CAPABILITIES {
        let functions = machine.functions();
        assert!(functions.iter().any(|function| function.name.starts_with(&format!("{name}::"))), "{name}");
        let nothing = Grants::parse([name]).unwrap_err().to_string();
        assert!(nothing.contains(&format!("{name}=")), "{nothing}");
    }
}
