//! Random flows and random sequences of what happens to a task, played by the program and by a small model of the
//! language. They must agree after everything that happens. Where the order of things is free, the model follows every
//! order, and the program must be in one of the worlds that come of it. When a write goes wrong, what is stored must be a
//! moment on the model's way; from there both go on.
//!
//! `OPSFLOW_MODEL_CASES` says how many cases are played, `OPSFLOW_MODEL_SEED` which.

mod body;
mod drive;
mod flow;
mod generate;
#[cfg(feature = "sqlite")]
mod kept;
mod outside;
mod play;
mod render;
mod tell;
mod trigger;
mod typed;
mod world;

use std::cell::RefCell;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use play::{Tally, play};
use trigger::Case;

/// How many cases are played by default.
const CASES: u32 = 400;
/// How many cases must reach each part of the language; otherwise the generator is of no use.
const ENOUGH: u64 = 200;
/// Causes of history entries that are then seen; a wake that moves a task is rare.
const SEEN: [&str; 11] =
    ["action", "cancel", "decision", "error", "interaction", "resume", "retry", "start", "timeout", "timer", "wait"];

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
        Ok(()) => {
            let total = total.into_inner();
            say(&format!("OPSFLOW_MODEL_SEED={seed} OPSFLOW_MODEL_CASES={cases}: {total:?}"));
            let unseen = SEEN.iter().find(|cause| !total.entries.contains_key(*cause));
            assert!(cases < ENOUGH || unseen.is_none(), "seed {seed}: nothing was caused by {unseen:?}");
            assert!(cases < ENOUGH || total.faults > 0, "seed {seed}: nothing went wrong");
        }
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

/// Plays a case on a runtime of its own. Nothing in it waits for the machine's time.
fn run(case: &Case) -> Result<Tally, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(play(case))
}

/// Prints the figures of a run; seen with `--nocapture`.
#[expect(clippy::print_stdout, reason = "the seed of a run is part of what it says")]
fn say(text: &str) {
    println!("{text}");
}
