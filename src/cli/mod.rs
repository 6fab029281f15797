//! The command line: one file per command. Results go to stdout, everything else to stderr.

mod actor;
mod advice;
mod args;
mod bar;
mod cancel;
mod check;
mod completions;
mod config;
mod delete;
mod dev;
mod diff;
mod error;
mod events;
mod exit;
mod filters;
mod findings;
mod flows;
mod fmt;
mod given;
mod graph;
mod history;
#[cfg(feature = "png")]
mod image;
#[cfg(not(feature = "png"))]
#[path = "no_image.rs"]
mod image;
mod input;
mod interact;
mod interrupt;
mod list;
mod log;
mod many;
mod meant;
mod migrate;
mod moves;
mod new;
mod print;
mod progress;
mod retry;
mod root;
mod run;
mod schema;
mod screen;
mod session;
mod show;
mod span;
mod start;
mod stop;
mod table;
mod test;
#[cfg(test)]
mod tests;
mod time;
mod tree;
mod waits;
mod wake;
mod work;
mod worker;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use args::{Cli, Command};
use config::Settings;
use exit::{Exit, Failure};
use screen::Screen;
use session::Session;

/// Bytes of stack for every thread: scripts and definitions may be nested deeply, within bounds.
const STACK_BYTES: usize = 16 * 1024 * 1024;
/// How long to wait at the end for threads that still work.
const SHUTDOWN: Duration = Duration::from_secs(1);

/// Parses the command line, runs the command, and returns the exit code.
pub fn main() -> ExitCode {
    let spawned = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run_command);
    match spawned.map(std::thread::JoinHandle::join) {
        Ok(Ok(exit)) => exit.into(),
        // The panic has been reported; 101 is the usual exit code for panics.
        Ok(Err(_)) => ExitCode::from(101),
        Err(_) => Exit::Storage.into(),
    }
}

/// The arguments. clap has no option `--help` for `help`; it is read as `help help`.
fn arguments() -> Vec<OsString> {
    let mut typed: Vec<OsString> = std::env::args_os().collect();
    if let [_, command, option] = typed.as_mut_slice()
        && command == "help"
        && (option == "--help" || option == "-h")
    {
        *option = "help".into();
    }
    typed
}

fn run_command() -> Exit {
    let typed = arguments();
    let cli = match Cli::try_parse_from(&typed) {
        Ok(cli) => cli,
        Err(why) => return not_read(&why, &typed),
    };
    let color = cli.global.color.map_or(anstream::ColorChoice::Auto, Into::into);
    let plain = Screen { color, quiet: false, json: cli.global.json, utc: false };
    let settings = match Settings::new(cli.global.into(), &root::find()) {
        Ok(settings) => settings,
        Err(failure) => {
            plain.failure(&failure);
            return failure.exit;
        }
    };
    let screen = settings.screen;
    perform(cli.command, Session::new(settings)).unwrap_or_else(|failure| {
        screen.failure(&failure);
        failure.exit
    })
}

/// Reports why a command line cannot be parsed, and what was meant, if that is clear. Also prints requested help.
fn not_read(why: &clap::Error, typed: &[OsString]) -> Exit {
    let json = typed.iter().any(|word| word == "--json");
    let failure = meant::meant(why, typed).or_else(|| (json && why.use_stderr()).then(|| of_clap(why)));
    match failure {
        Some(failure) => {
            Screen { color: anstream::ColorChoice::Auto, quiet: false, json, utc: false }.failure(&failure);
            failure.exit
        }
        None => {
            // A closed pipe is no error: its reader has what it wanted.
            let _ = why.print();
            if why.use_stderr() { Exit::Usage } else { Exit::Done }
        }
    }
}

/// The message of clap, without its decoration.
fn of_clap(why: &clap::Error) -> Failure {
    let text = why.to_string();
    let text = text.split("\n\nUsage:").next().unwrap_or(&text).trim();
    Failure::usage(text.strip_prefix("error: ").unwrap_or(text))
}

fn perform(command: Command, session: Session) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK_BYTES)
        .build()
        .map_err(|why| Failure::storage(format!("the threads cannot be started: {why}")))?;
    let done = runtime.block_on(dispatch(command, &session));
    runtime.shutdown_timeout(SHUTDOWN);
    done
}

async fn dispatch(command: Command, session: &Session) -> Result<Exit, Failure> {
    match command {
        Command::New(args) => new::command(session, &args),
        Command::Run(args) => run::command(session, args).await,
        Command::Start(args) => start::command(session, args).await,
        Command::Check(args) => check::command(session, &args),
        Command::Fmt(args) => fmt::command(session, &args),
        Command::Test(args) => test::command(session, &args).await,
        Command::Dev(args) => dev::command(session, &args).await,
        Command::Graph(args) => graph::command(session, args).await,
        Command::List(args) => list::command(session, &args).await,
        Command::Show(args) => show::command(session, &args).await,
        Command::History(args) => history::command(session, &args).await,
        Command::Events(args) => events::command(session, &args).await,
        Command::Interact(args) => interact::command(session, args).await,
        Command::Wake(args) => wake::command(session, &args).await,
        Command::Cancel(args) => cancel::command(session, &args).await,
        Command::Retry(args) => retry::command(session, &args).await,
        Command::Delete(args) => delete::command(session, &args).await,
        Command::Migrate(args) => migrate::command(session, &args).await,
        Command::Worker(args) => worker::command(session, &args).await,
        Command::Schema(args) => schema::command(session, &args),
        Command::Completions(args) => completions::command(session, &args),
    }
}
