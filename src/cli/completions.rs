//! `opsflow completions`: a shell's completions.

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Cli;
use super::exit::{Exit, Failure};
use super::session::Session;

/// The options of `completions`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Example:
  opsflow completions bash > ~/.local/share/bash-completion/completions/opsflow")]
pub(super) struct Args {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "opsflow", &mut script);
    session.screen().result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
