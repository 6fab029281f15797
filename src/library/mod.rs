//! The live flows: read from a folder or a file, checked together, found by name; swapped whole.

use std::path::Path;
use std::sync::Arc;

use crate::definition::Document;
use crate::diagnostic::{Finding, Source};
use crate::flow::{Flow, Surroundings};

/// The live flows. Cheap to clone; readers get whole flows and hold no lock while they use them.
#[derive(Clone, Default)]
pub struct Library;

/// A flow of a library, or why it is none.
#[derive(Clone)]
pub enum Entry {
    /// It passed every check.
    Good(Arc<Flow>),
    /// It is broken; the errors of its file.
    Broken(Arc<Vec<Finding>>),
}

/// What a file held: its source, documents, and findings of reading it. A file that cannot be read (missing, a folder,
/// unreadable, not UTF-8, too large) is a finding, too.
pub struct LoadedFile {
    /// Its text.
    pub source: Arc<Source>,
    /// Its flows as authored.
    pub documents: Vec<Document>,
    /// What is wrong with it so far.
    pub findings: Vec<Finding>,
}

impl Library {
    /// Reads one file; see [`LoadedFile`].
    pub fn read_file(path: &Path) -> LoadedFile {
        let _ = path;
        todo!("library room")
    }

    /// Reads and checks all flow files of a folder (`.yml`, `.yaml`; not in depth) or one file, together: names are
    /// unique among them, and each may start the others. All findings, file by file, come with the library.
    pub fn load(paths: &[&Path], surroundings: &Surroundings) -> (Self, Vec<Finding>) {
        let _ = (paths, surroundings);
        todo!("library room")
    }

    /// A flow by name.
    pub fn get(&self, name: &str) -> Option<Entry> {
        let _ = name;
        todo!("library room")
    }

    /// The names of all flows, broken ones included, in order.
    pub fn names(&self) -> Vec<crate::name::Name> {
        todo!("library room")
    }
}
