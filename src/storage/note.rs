//! Notes: small JSON by name, changed by compare-and-set.

use serde_json::Value as Json;

use super::StorageError;

/// Bytes of a note.
pub const MAX_NOTE_BYTES: usize = 64 * 1024;
/// Bytes of a note's name.
pub const MAX_NOTE_NAME_BYTES: usize = 500;

/// The text of a note, if note and name are within their bounds. An adapter calls it in
/// [`set_note`](super::Storage::set_note).
pub fn note_text(name: &str, note: &Json) -> Result<String, StorageError> {
    if name.len() > MAX_NOTE_NAME_BYTES {
        let reason = format!("its name has {} bytes; at most {MAX_NOTE_NAME_BYTES} (MAX_NOTE_NAME_BYTES)", name.len());
        return Err(StorageError::Note { name: name.chars().take(40).chain(['…']).collect(), reason });
    }
    let text = note.to_string();
    if text.len() > MAX_NOTE_BYTES {
        let reason = format!("it has {} bytes; at most {MAX_NOTE_BYTES} (MAX_NOTE_BYTES)", text.len());
        return Err(StorageError::Note { name: name.to_owned(), reason });
    }
    Ok(text)
}
