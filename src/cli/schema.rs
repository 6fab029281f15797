//! `opsflow schema`: the JSON Schema of flow files.

use crate::definition;

use super::exit::{Exit, Failure};
use super::session::Session;

/// The options of `schema`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Example:
  opsflow schema > flow.schema.json    and, in a flow's first line:
  # yaml-language-server: $schema=flow.schema.json")]
pub(super) struct Args {
    /// The schema of test files, `NAME.test.yml`
    #[arg(long)]
    tests: bool,
}

pub(super) fn command(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let schema = if args.tests { definition::tests_schema() } else { definition::schema() };
    session.screen().json(&schema)?;
    Ok(Exit::Done)
}
