//! What only a file can get wrong: opening, sharing, dying, filling up.

mod agree;
mod crash;
mod open;
mod plans;
mod share;
mod trouble;

use std::path::Path;

use crate::storage::suite::{next, task};
use crate::storage::{Durability, Sqlite};
use crate::task::{Checkpoint, Task};

/// Opens a file without flushes: these tests crash no machine.
async fn opened(path: &Path) -> Sqlite {
    Sqlite::options().durability(Durability::Normal).open(path).await.unwrap()
}

/// The checkpoint that stores a new task.
fn first(task: &Task) -> Checkpoint {
    let mut checkpoint = next(task, "start", 0);
    *checkpoint.task = task.clone();
    checkpoint.transitions.clear();
    checkpoint
}
