//! Who calls the program, as history names them.

use crate::name::Name;
use crate::opsflow::Ask;
use crate::storage::machine;

/// A request of whoever calls the program.
pub(super) fn ask() -> Ask {
    Ask { actor: Some(actor()), ..Ask::default() }
}

/// `cli:USER@HOST`.
#[expect(clippy::disallowed_methods, reason = "who calls is said by the environment")]
fn actor() -> Name {
    let names = ["USER", "LOGNAME", "USERNAME"];
    let user = names.into_iter().filter_map(|name| std::env::var(name).ok()).find(|user| !user.is_empty());
    Name::new(format!("cli:{}@{}", user.as_deref().unwrap_or("unknown"), machine()))
}
