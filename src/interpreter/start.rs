//! `start`: starts one sub-task, or one for each item, and moves on at once.

use crate::expression::Failure;
use crate::flow::Start;
use crate::task::{Cause, TaskError};
use crate::value::{Map, Value};

use super::effects::{self, Started, sub_task_id};
use super::entry::Entry;
use super::execution::{AfterHandler, Execution};
use super::limits::MAX_STARTED;
use super::probe::Way;
use super::scope::View;

impl Execution<'_> {
    pub(super) fn start(&mut self, start: &Start) -> AfterHandler {
        let entry = Entry::new(Cause::Start, self.now);
        match self.started(start) {
            Ok(started) => {
                self.add_sub_tasks(started);
                self.takes(Way::Next);
                self.go(start.go_to, entry)
            }
            Err(error) => self.fail(error, Entry { cause: Cause::Error, ..entry }),
        }
    }

    fn started(&self, start: &Start) -> Result<Vec<Started>, TaskError> {
        let Some(for_each) = &start.for_each else {
            return Ok(vec![self.one(start, None, 0)?]);
        };
        let items = self.list(for_each, &self.view())?;
        if items.len() > MAX_STARTED {
            let message = format!(
                "`for_each` gives {} items; a state may start {MAX_STARTED} sub-tasks (MAX_STARTED)",
                items.len()
            );
            return Err(self.error(Failure::new("limit", message), None));
        }
        let mut bytes = 0;
        let started = items.iter().enumerate().map(|(index, item)| {
            let started = self.one(start, Some(item), index)?;
            effects::weigh(&started, &mut bytes).map_err(|why| self.error(why, None))?;
            Ok(started)
        });
        started.collect()
    }

    fn one(&self, start: &Start, item: Option<&Value>, index: usize) -> Result<Started, TaskError> {
        let mut given = Map::new();
        for (name, expression) in &start.with {
            let view = View { item: item.map(|item| (item, index)), ..self.view() };
            given.insert(name.clone(), self.value(expression, &view)?);
        }
        let progress = &self.task.progress;
        let id = sub_task_id(self.task.id, progress.seq.saturating_add(1), index);
        effects::started(&**self.world.flows, progress.depth, id, &start.flow, &given)
            .map_err(|why| self.error(why, None))
    }
}
