//! Tasks and history entries as rows.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use rusqlite::Row;
use rusqlite::types::{FromSql, Value as Cell, ValueRef};
use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::clock::{Timestamp, from_millis};
use crate::name::Name;
use crate::storage::TaskCount;
use crate::task::{Attributes, Cause, Digest, HeldUp, Status, Task, TaskId, Transition};
use crate::value::{Map, Stored};

use super::fault::{Answer, Fault};

/// The columns of a task, in the order in which [`task`] reads and [`cells`] writes them.
macro_rules! columns {
    () => {
        "id, flow, version, digest, status, state, attributes, secrets, output, error, parent_id, queue, priority, \
         revision, created_at, updated_at, wake_at, timeout_at, delete_at, ended_at, progress"
    };
}
pub(super) use columns;
/// The same as text, with the missing grant, which is written separately.
pub(super) const COLUMNS: &str = concat!(columns!(), ", held_up_by");

/// The columns whose texts may be long, by their place in [`COLUMNS`].
const LONG_COLUMNS: [usize; 3] = [6, 8, 9];

/// The columns of a history entry, in the order in which [`entry`] reads them.
pub(super) const ENTRY_COLUMNS: &str =
    "seq, at, from_state, to_state, cause, by, actor, changes, error, steps, ms, omitted";

/// A number as SQLite stores it; numbers beyond 63 bits do not occur.
pub(super) fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// As JSON.
pub(super) fn json(value: &impl Serialize) -> Answer<String> {
    Ok(serde_json::to_string(value)?)
}

/// A task as cells, in the order of [`columns`].
pub(super) fn cells(task: &Task) -> Answer<Vec<Cell>> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let some = |text: Option<String>| text.map_or(Cell::Null, Cell::Text);
    let at = |moment: Option<Timestamp>| moment.map_or(Cell::Null, |at| Cell::Integer(at.timestamp_millis()));
    let secrets: Vec<&Name> = task.attributes.iter().filter(|(_, _, s)| *s).map(|(name, _, _)| name).collect();
    Ok(vec![
        Cell::Text(task.id.to_string()),
        text(&task.flow),
        Cell::Integer(task.version.into()),
        Cell::Text(task.digest.to_string()),
        text(task.status.name()),
        text(&task.state),
        Cell::Text(json(&Clear(&task.attributes))?),
        some((!secrets.is_empty()).then(|| json(&secrets)).transpose()?),
        some((!task.output.is_unit()).then(|| json(&Stored(&task.output))).transpose()?),
        some(task.error.as_deref().map(|error| json(&Stored(error))).transpose()?),
        some(task.parent_id.map(|id| id.to_string())),
        text(&task.queue),
        Cell::Integer(task.priority.into()),
        Cell::Integer(number(task.revision)),
        at(Some(task.created_at)),
        at(Some(task.updated_at)),
        at(task.wake_at),
        at(task.timeout_at),
        at(task.delete_at),
        at(task.ended_at),
        Cell::Text(json(&task.progress)?),
    ])
}

/// Attributes with their secrets in clear, as only a storage may write them.
struct Clear<'a>(&'a Attributes);

impl Serialize for Clear<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value, _) in self.0.iter() {
            map.serialize_entry(name, &Stored(value))?;
        }
        map.end()
    }
}

/// A task whose [`COLUMNS`] begin at column `first`.
pub(super) fn task(row: &Row<'_>, first: usize) -> Answer<Task> {
    let mut cells = Cells { row, next: first, what: "a task".to_owned() };
    let id: TaskId = cells.parsed()?;
    cells.what = format!("task {id}");
    let (flow, version) = (cells.name()?, cells.get()?);
    let digest: Digest = cells.parsed()?;
    let (status, state) = (cells.json_text::<Status>()?, cells.name()?);
    let values: BTreeMap<Name, Stored> = cells.json()?.unwrap_or_default();
    let values: Map = values.into_iter().map(|(name, Stored(value))| (name, value)).collect();
    let secrets: Vec<Name> = cells.json()?.unwrap_or_default();
    Ok(Task {
        id,
        flow,
        version,
        digest,
        status,
        state,
        attributes: Attributes::from_stored(values, &secrets),
        output: cells.json::<Stored>()?.unwrap_or_default().0,
        error: cells.json()?,
        parent_id: cells.parsed_or_none()?,
        queue: cells.name()?,
        priority: cells.get()?,
        revision: cells.count()?,
        created_at: cells.moment()?,
        updated_at: cells.moment()?,
        wake_at: cells.get::<Option<i64>>()?.map(from_millis),
        timeout_at: cells.get::<Option<i64>>()?.map(from_millis),
        delete_at: cells.get::<Option<i64>>()?.map(from_millis),
        ended_at: cells.get::<Option<i64>>()?.map(from_millis),
        progress: cells.json()?.unwrap_or_default(),
        held_up_by: cells.text()?.map(|by| Box::new(HeldUp::from_text(by))),
    })
}

/// Bytes that a task's row holds, approximately: attributes, output and error.
pub(super) fn bytes(row: &Row<'_>) -> Answer<usize> {
    LONG_COLUMNS.iter().try_fold(0, |bytes: usize, column| {
        let text = row.get_ref(*column)?.as_str_or_null().unwrap_or_default();
        Ok(bytes.saturating_add(text.map_or(0, str::len)))
    })
}

/// A history entry from its [`ENTRY_COLUMNS`].
pub(super) fn entry(row: &Row<'_>) -> Answer<Transition> {
    let mut cells = Cells { row, next: 0, what: "a history entry".to_owned() };
    Ok(Transition {
        seq: cells.count()?,
        at: cells.moment()?,
        from: cells.name()?,
        to: cells.name()?,
        cause: cells.json_text::<Cause>()?,
        by: cells.get::<Option<String>>()?.map(Name::from),
        actor: cells.get::<Option<String>>()?.map(|actor| Box::new(Name::from(actor))),
        changes: cells.json()?.unwrap_or_default(),
        error: cells.json()?,
        steps: cells.json()?.unwrap_or_default(),
        ms: cells.count()?,
        omitted: cells.count()? > 0,
    })
}

/// How many tasks of a flow are in a status and state: these three, and the number.
pub(super) fn count(row: &Row<'_>) -> Answer<TaskCount> {
    let mut cells = Cells { row, next: 0, what: "the counts".to_owned() };
    let (flow, status, state) = (cells.name()?, cells.json_text::<Status>()?, cells.name()?);
    Ok(TaskCount::new(flow, status, state, cells.count()?))
}

/// A stored JSON text.
pub(super) fn from_json<T: DeserializeOwned>(text: &str, what: &str) -> Answer<T> {
    serde_json::from_str(text).map_err(|why| Fault::Corrupt(format!("{what}: {why}")))
}

/// The cells of a row, one after the other.
struct Cells<'a> {
    row: &'a Row<'a>,
    next: usize,
    /// The owner of the row, for messages.
    what: String,
}

impl<'a> Cells<'a> {
    fn cell(&mut self) -> Answer<ValueRef<'a>> {
        let cell = self.row.get_ref(self.next)?;
        self.next += 1;
        Ok(cell)
    }

    fn damaged(&self, why: impl std::fmt::Display) -> Fault {
        let column = self.row.as_ref().column_name(self.next.saturating_sub(1)).unwrap_or("?");
        Fault::Corrupt(format!("column `{column}` of {}: {why}", self.what))
    }

    fn get<T: FromSql>(&mut self) -> Answer<T> {
        let cell = self.cell()?;
        T::column_result(cell).map_err(|why| self.damaged(why))
    }

    fn text(&mut self) -> Answer<Option<&'a str>> {
        let cell = self.cell()?;
        cell.as_str_or_null().map_err(|why| self.damaged(why))
    }

    fn name(&mut self) -> Answer<Name> {
        let text = self.text()?;
        text.map(Name::new).ok_or_else(|| self.damaged("it is empty"))
    }

    fn count(&mut self) -> Answer<u64> {
        let number: i64 = self.get()?;
        u64::try_from(number).map_err(|why| self.damaged(why))
    }

    fn moment(&mut self) -> Answer<Timestamp> {
        Ok(from_millis(self.get()?))
    }

    fn parsed_or_none<T: FromStr<Err: Display>>(&mut self) -> Answer<Option<T>> {
        let text = self.text()?;
        text.map(|text| text.parse().map_err(|why| self.damaged(why))).transpose()
    }

    fn parsed<T: FromStr<Err: Display>>(&mut self) -> Answer<T> {
        self.parsed_or_none()?.ok_or_else(|| self.damaged("it is empty"))
    }

    fn json<T: DeserializeOwned>(&mut self) -> Answer<Option<T>> {
        let text = self.text()?;
        text.map(|text| serde_json::from_str(text).map_err(|why| self.damaged(why))).transpose()
    }

    /// A text that its column holds without JSON quotes.
    fn json_text<T: DeserializeOwned>(&mut self) -> Answer<T> {
        let text = self.name()?;
        let read = T::deserialize(serde::de::value::StrDeserializer::<serde_json::Error>::new(&text));
        read.map_err(|why| self.damaged(why))
    }
}
