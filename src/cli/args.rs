//! The command line as clap reads it: global options and the list of commands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::config::Given;
use super::screen::Color;
use super::{
    cancel, check, completions, delete, dev, events, fmt, graph, history, interact, list, migrate, new, retry, run,
    schema, show, start, test, wake, worker,
};

const EXAMPLES: &str = "\
Examples:
  opsflow new hello                                   write a starter flow, hello.yml
  opsflow check                                       check every flow in `workflows` or here
  opsflow test hello.yml                              run its tests
  opsflow dev                                         check, test and run flows as you write them
  opsflow run hello.yml --set name=Ann                run a task here and now
  opsflow list --status waiting                       list sleeping tasks
  opsflow interact 0198c2 register! --set name=Ann    apply an interaction; ids may be shortened
  opsflow worker                                      run due tasks until told to stop

Exit codes:
  0 done (a task that sleeps is done for now)   1 the task, or a test, failed
  2 bad usage, definition or input              3 refused: not found, invalid state, conflict
  4 storage or network                          130 stopped by Ctrl-C, 143 by SIGTERM

Options come from the flag, else the environment, else `opsflow.yml` in the working folder, else the default.";

/// Runs flowcharts written in YAML, durably.
#[derive(Parser, Debug)]
#[command(name = "opsflow", version, about, after_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Options of every command.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub(super) struct Global {
    /// Where tasks are kept: `sqlite:PATH` or `memory:` [default: sqlite:.opsflow/tasks.db; for `dev` sqlite:.opsflow/dev.db]
    #[arg(long, global = true, value_name = "URL", env = "OPSFLOW_STORAGE", hide_env_values = true)]
    pub(super) storage: Option<String>,
    /// The folder of the flows [default: the file's own folder, else `workflows`]
    #[arg(long, global = true, value_name = "DIR", env = "OPSFLOW_FLOWS", hide_env_values = true)]
    pub(super) flows: Option<PathBuf>,
    /// What scripts may reach: `http=HOST,…`, `shell=PROGRAM,…`, `files=DIR`, `env=NAME,…`; may be repeated
    #[arg(
        long,
        global = true,
        value_name = "WHAT",
        env = "OPSFLOW_ALLOW",
        hide_env_values = true,
        value_delimiter = ';'
    )]
    pub(super) allow: Option<Vec<String>>,
    /// Print results and errors as JSON; hints stay text on stderr
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Print no moves and no notes on stderr
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    /// Show times as they are stored, instead of `3m ago`
    #[arg(long, global = true)]
    pub(super) utc: bool,
    /// When output is coloured [default: auto]
    #[arg(long, global = true, value_name = "WHEN")]
    pub(super) color: Option<Color>,
}

impl From<Global> for Given {
    fn from(global: Global) -> Self {
        let Global { storage, flows, allow, json, quiet, utc, color } = global;
        Self { storage, flows, allow, json, quiet, utc, color }
    }
}

/// What to do.
#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Write a commented starter flow with tests
    New(new::Args),
    /// Run a task here and now, until it ends or sleeps
    Run(run::Args),
    /// Store a task for a worker to run
    Start(start::Args),
    /// Report all findings in all files
    Check(check::Args),
    /// Format flow files
    Fmt(fmt::Args),
    /// Run the tests of flows
    Test(test::Args),
    /// On each save, check and test what changed; run tasks with the newest flows
    Dev(dev::Args),
    /// Draw a flow, or a task's path in it
    Graph(graph::Args),
    /// List tasks, newest first
    List(list::Args),
    /// Show one task
    Show(show::Args),
    /// Show what happened to a task
    History(history::Args),
    /// Print what happens to tasks, a line of JSON for each event
    Events(events::Args),
    /// Apply an interaction of its flow to a task
    Interact(interact::Args),
    /// Check a sleeping task's wait now, or that of many
    Wake(wake::Args),
    /// Cancel a task and its sub-tasks, or many
    Cancel(cancel::Args),
    /// Continue a failed or cancelled task where it ended, or many
    Retry(retry::Args),
    /// Delete an ended task with its history, or many
    Delete(delete::Args),
    /// Move tasks in flight to the newest version of their flow
    Migrate(migrate::Args),
    /// Run due tasks and schedules, and delete old tasks
    Worker(worker::Args),
    /// Print the JSON Schema of flow files
    Schema(schema::Args),
    /// Print a shell's completions
    Completions(completions::Args),
}
