//! `opsflow completions`

use super::Bench;

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    let bench = Bench::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = bench.run(&["completions", shell]).done().stdout;
        for word in ["opsflow", "interact"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    bench.run(&["completions", "tcsh"]).refused(2, "invalid value 'tcsh'");
}

#[test]
fn the_statuses_are_completed() {
    let script = Bench::new().run(&["completions", "bash"]).done().stdout;
    assert!(script.contains("\"active waiting completed failed cancelled\""));
}
