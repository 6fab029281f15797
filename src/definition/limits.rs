//! The bounds of the reader, all in one place. Exceeding one is a definition error whose message names it.

/// The largest file that is read, in bytes.
pub(super) const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;

/// How deeply lists and maps may be nested.
pub(super) const MAX_DEPTH: usize = 64;

/// How many keys, values, lists and maps a file may contain. Each alias counts as everything it stands for.
pub(super) const MAX_NODES: usize = 500_000;

/// How many bytes of text a file's keys and values may have. Each alias counts as everything it stands for.
pub(super) const MAX_TEXT_BYTES: usize = 2 * MAX_FILE_BYTES;

/// How many YAML documents a file may hold.
pub(super) const MAX_DOCUMENTS: usize = 1000;

/// The longest script, in bytes.
pub(super) const MAX_SCRIPT_BYTES: usize = 64 * 1024;

/// The longest name of anything, in bytes.
pub(super) const MAX_NAME_BYTES: usize = 200;

/// How many findings are reported of one file.
pub(super) const MAX_FINDINGS: usize = 200;

/// How many findings are kept while reading: more than are reported, because they are sorted afterwards.
pub(super) const MAX_KEPT_FINDINGS: usize = 10 * MAX_FINDINGS;

/// How many bytes may be read again, in total, to get past what YAML misreads in expressions.
pub(super) const MAX_REREAD_BYTES: usize = 12 * MAX_FILE_BYTES;

/// After that, how many more times a file may be read again to take guesses back.
pub(super) const MAX_ROUNDS_WITHOUT_BUDGET: usize = 2;

/// How many unknown names a help line lists before it stops.
pub(super) const MAX_NAMES_IN_HELP: usize = 12;

/// How many blank lines in a row an unquoted expression may contain.
pub(super) const MAX_BLANK_LINES: usize = 50;
