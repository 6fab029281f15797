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
pub(super) struct Args {}

pub(super) fn command(session: &Session) -> Result<Exit, Failure> {
    session.screen().json(&definition::schema())?;
    Ok(Exit::Done)
}
