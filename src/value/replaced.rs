//! Lists and maps some of whose parts are replaced. Nothing is copied if none is.

use std::sync::Arc;

use crate::name::Name;

use super::{Map, Value};

/// The list in which each item is what `replace` makes of it, if it makes anything. None, if it does so of no item.
pub(crate) fn with_items<E>(
    items: &[Value],
    replace: impl Fn(usize, &Value) -> Result<Option<Value>, E>,
) -> Result<Option<Value>, E> {
    let mut new: Option<Vec<Value>> = None;
    for (at, item) in items.iter().enumerate() {
        let replaced = replace(at, item)?;
        if replaced.is_some() && new.is_none() {
            let mut before = Vec::with_capacity(items.len());
            before.extend(items.iter().take(at).cloned());
            new = Some(before);
        }
        if let Some(new) = &mut new {
            new.push(replaced.unwrap_or_else(|| item.clone()));
        }
    }
    Ok(new.map(Value::list))
}

/// The map with these entries in place of its own, or beside them. None, if there are none.
pub(crate) fn with_entries(map: &Map, entries: impl IntoIterator<Item = (Name, Value)>) -> Option<Value> {
    let mut entries = entries.into_iter().peekable();
    entries.peek()?;
    let mut new = Map::clone(map);
    new.extend(entries);
    Some(Value::Map(Arc::new(new)))
}
