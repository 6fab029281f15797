//! The bounds of the reader, all in one place. Passing one is a definition error whose message names it.

/// The largest file that is read, in bytes.
pub(super) const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;

/// How deep lists and maps may stand within each other.
pub(super) const MAX_DEPTH: usize = 64;

/// How many keys, values, lists and maps a file may hold, each alias counted as all it stands for.
pub(super) const MAX_NODES: usize = 500_000;

/// How much text a file's keys and values may come to, in bytes, each alias counted as all it stands for.
pub(super) const MAX_TEXT_BYTES: usize = 2 * MAX_FILE_BYTES;

/// How many YAML documents a file may hold.
pub(super) const MAX_DOCUMENTS: usize = 1000;

/// The longest script, in bytes.
pub(super) const MAX_SCRIPT_BYTES: usize = 64 * 1024;

/// The longest name of anything, in bytes.
pub(super) const MAX_NAME_BYTES: usize = 200;

/// How many findings are reported of one file.
pub(super) const MAX_FINDINGS: usize = 200;

/// How many findings are kept while reading: more than are reported, since they are put in order after.
pub(super) const MAX_KEPT_FINDINGS: usize = 10 * MAX_FINDINGS;

/// How many bytes are read again, in all, to get past what YAML misreads in expressions.
pub(super) const MAX_REREAD_BYTES: usize = 12 * MAX_FILE_BYTES;

/// How often a file is read again to take guesses back once no more may be made.
pub(super) const MAX_ROUNDS_WITHOUT_BUDGET: usize = 2;

/// How many unknown names a help line lists before it stops.
pub(super) const MAX_NAMES_IN_HELP: usize = 12;

/// How many blank lines an expression without quotes may hold in a row.
pub(super) const MAX_BLANK_LINES: usize = 50;
