//! Random flows and random sequences of what happens to a task, played by the program and by a small model of the
//! language. They must agree after everything that happens, and after faults of the storage once somebody goes on.
//!
//! `OPSFLOW_MODEL_CASES` says how many cases are played, `OPSFLOW_MODEL_SEED` which.

mod body;
mod drive;
mod flow;
mod generate;
mod outside;
mod play;
mod render;
mod tell;
mod trigger;
mod world;

use std::cell::RefCell;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use play::{Tally, play};
use trigger::Case;

/// How many cases are played where nobody says.
const CASES: u32 = 200;

#[test]
fn the_program_does_what_the_model_of_the_language_does() {
    let cases = crate::number("OPSFLOW_MODEL_CASES").unwrap_or(u64::from(CASES));
    let seed = crate::number("OPSFLOW_MODEL_SEED").unwrap_or_else(crate::any_seed);
    let config = Config {
        cases: u32::try_from(cases).unwrap(),
        failure_persistence: None,
        max_shrink_iters: 5_000,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let total = RefCell::new(Tally::default());
    let outcome = TestRunner::new_with_rng(config, rng).run(&generate::cases(), |case| {
        let tally = run(&case).map_err(TestCaseError::fail)?;
        total.borrow_mut().add(&tally);
        Ok(())
    });
    match outcome {
        Ok(()) => say(&format!("seed {seed}: {:?}", total.borrow())),
        Err(TestError::Fail(why, case)) => {
            let Case { every_state, later, begins, triggers, .. } = &case;
            let mut told = format!("every_state {every_state}, later {later}, begins with {begins:?}\n");
            for (at, trigger) in triggers.iter().enumerate() {
                told += &format!("{}. {trigger:?}\n", at + 1);
            }
            let yaml = render::yaml(&case.flows);
            panic!("OPSFLOW_MODEL_SEED={seed} OPSFLOW_MODEL_CASES={cases}\n{yaml}\n{told}\n{why}");
        }
        Err(other) => panic!("OPSFLOW_MODEL_SEED={seed}: {other}"),
    }
}

/// Plays a case on a runtime of its own, whose time passes as fast as it can.
fn run(case: &Case) -> Result<Tally, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(play(case))
}

/// Tells what a run came to, for whoever asks for the output of tests that pass.
#[expect(clippy::print_stdout, reason = "the seed of a run is part of what it says")]
fn say(text: &str) {
    println!("{text}");
}
