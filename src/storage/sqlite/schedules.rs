//! The progress of schedules.

use rusqlite::{Connection, OptionalExtension, params};

use crate::clock::from_millis;
use crate::name::Name;
use crate::task::Scheduled;

use super::fault::{Answer, Fault};

/// The progress of the schedule of `flow`.
pub(super) fn scheduled(db: &Connection, flow: &str) -> Answer<Option<Scheduled>> {
    let sql = "SELECT rule, seen_until, task_id FROM schedules WHERE flow = ?";
    let read = |row: &rusqlite::Row<'_>| {
        Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<String>>(2)?))
    };
    let Some((rule, seen_until, task_id)) = db.prepare_cached(sql)?.query_row([flow], read).optional()? else {
        return Ok(None);
    };
    let task_id = task_id.map(|id| id.parse()).transpose();
    let task_id = task_id.map_err(|_| Fault::Corrupt(format!("the schedule of `{flow}` names no task")))?;
    Ok(Some(Scheduled { flow: Name::new(flow), rule: rule.into(), seen_until: from_millis(seen_until), task_id }))
}

/// Stores the progress of a schedule, unless somebody else was first.
pub(super) fn set_scheduled(db: &Connection, before: Option<&Scheduled>, now: &Scheduled) -> Answer<bool> {
    if scheduled(db, &now.flow)?.as_ref() != before {
        return Ok(false);
    }
    let sql = "INSERT INTO schedules (flow, rule, seen_until, task_id) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (flow) DO UPDATE SET rule = ?2, seen_until = ?3, task_id = ?4";
    let task_id = now.task_id.map(|id| id.to_string());
    let cells = params![now.flow.as_str(), now.rule.as_str(), now.seen_until.timestamp_millis(), task_id];
    db.prepare_cached(sql)?.execute(cells)?;
    Ok(true)
}
