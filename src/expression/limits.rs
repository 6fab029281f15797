//! The bounds of scripts.

/// The bounds of every script. A script that exceeds one ends with kind `limit` and a message that names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Characters of a script's text.
    pub max_script_chars: usize,
    /// Operations of one run, callbacks included.
    pub max_operations: u64,
    /// How deeply calls may be nested.
    pub max_call_depth: usize,
    /// How deeply an expression may be nested.
    pub max_expression_depth: usize,
    /// Bytes of a text.
    pub max_string_bytes: usize,
    /// Items of a list, nested ones included.
    pub max_list_items: usize,
    /// Entries of a map, nested ones included.
    pub max_map_entries: usize,
    /// Steps of one body.
    pub max_steps: usize,
    /// Log lines of one body.
    pub max_log_lines: usize,
    /// Wall time of one run, not counting steps.
    pub max_wall_time: std::time::Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_script_chars: 64 * 1024,
            max_operations: 1_000_000,
            max_call_depth: 64,
            max_expression_depth: 64,
            max_string_bytes: 1024 * 1024,
            max_list_items: 100_000,
            max_map_entries: 10_000,
            max_steps: 1_000,
            max_log_lines: 1_000,
            max_wall_time: std::time::Duration::from_secs(5),
        }
    }
}
