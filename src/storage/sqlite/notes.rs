//! Notes: small JSON by name.

use rusqlite::{Connection, OptionalExtension};
use serde_json::Value as Json;

use crate::name::Name;

use super::fault::Answer;
use super::rows::from_json;

/// Finds notes from a name on.
pub(super) const NOTES: &str = "SELECT name, note FROM notes WHERE name >= ? ORDER BY name";

/// The text of a note.
fn text(db: &Connection, name: &str) -> Answer<Option<String>> {
    let sql = "SELECT note FROM notes WHERE name = ?";
    Ok(db.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?)
}

fn read(name: &str, text: &str) -> Answer<Json> {
    from_json(text, &format!("note `{name}`"))
}

/// A note.
pub(super) fn note(db: &Connection, name: &str) -> Answer<Option<Json>> {
    text(db, name)?.map(|text| read(name, &text)).transpose()
}

/// The notes whose names begin with `prefix`.
pub(super) fn notes(db: &Connection, prefix: &str) -> Answer<Vec<(Name, Json)>> {
    let mut statement = db.prepare_cached(NOTES)?;
    let mut found = statement.query([prefix])?;
    let mut notes = Vec::new();
    while let Some(row) = found.next()? {
        let name: String = row.get(0)?;
        if !name.starts_with(prefix) {
            break;
        }
        notes.push((Name::new(&name), read(&name, &row.get::<_, String>(1)?)?));
    }
    Ok(notes)
}

/// Changes a note, unless somebody else was first.
pub(super) fn set_note(db: &Connection, name: &str, before: Option<&Json>, after: Option<&str>) -> Answer<bool> {
    let is_as_before = match (text(db, name)?, before) {
        (None, None) => true,
        // A number that is read and printed again may differ in its last digit, so its text is compared, too.
        (Some(text), Some(before)) => {
            let printed = before.to_string();
            printed == text || read(name, &text)? == *before
        }
        _ => false,
    };
    if is_as_before {
        match after {
            Some(after) => {
                let sql = "INSERT INTO notes (name, note) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET note = ?2";
                db.prepare_cached(sql)?.execute([name, after])?;
            }
            None => {
                db.prepare_cached("DELETE FROM notes WHERE name = ?")?.execute([name])?;
            }
        }
    }
    Ok(is_as_before)
}
