//! How a test begins that is about a migration, or about the schedule.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::flow::{Fires, Flow, Given, Migrated, Schedule};
use crate::interpreter::{NewTask, Probe as _, Trigger, Way, begin};
use crate::name::Name;
use crate::task::Attributes;
use crate::value::Map;

use super::play::{Play, Refused, id_of};

/// Times beyond those expected that a message shows.
const MORE_TIMES: usize = 5;

impl Play<'_> {
    /// Moves a task of an earlier version to this one. It goes on from there if the test has steps.
    pub(super) fn begin_migrated(&mut self, flow: &Arc<Flow>, test: &Migrated) {
        let attributes = earlier(flow, &test.given);
        let id = id_of(flow, self.test);
        let new = NewTask { id, attributes, parent: None, now: self.stage.now(), later: true };
        let mut task = *begin(flow, self.stage.flows(), new);
        task.version = test.from;
        task.state = test.state.clone();
        task.progress.visits = vec![(test.state.clone(), 1)];
        // It was stored before.
        task.revision = 1;
        self.stage.add(task, Arc::clone(flow), false);
        self.run(id, Trigger::Migrate, test.span);
        if let Some((_, expect)) = &test.expect {
            self.expect(expect);
        }
        if self.refused.is_none() && self.failures.is_empty() && !self.test.steps.is_empty() {
            self.run(id, Trigger::Due, test.span);
        }
    }

    /// Looks at when the schedule fires, and starts what it starts first if the test has steps.
    pub(super) fn begin_scheduled(&mut self, flow: &Arc<Flow>, test: &Fires) {
        let Some(schedule) = &flow.schedule else { return };
        let attributes = match flow.attributes.read(&schedule.given) {
            Ok(attributes) => attributes,
            Err(why) => {
                let message = format!("the task cannot be started: {}", why.with_help());
                self.refused = Some(Refused { span: test.span, kind: "validation".into(), message });
                return;
            }
        };
        let now = self.stage.now();
        self.compare_times(schedule, test, now);
        let differing: Vec<_> = test
            .given
            .iter()
            .filter_map(|(span, name, wanted)| self.attribute(*span, name, wanted, &attributes))
            .collect();
        self.failures.extend(differing);
        let Some(first) = schedule.rule.next(now) else { return };
        self.stage.recorder.way(flow, flow.start, Way::Schedule);
        if !self.failures.is_empty() || self.test.steps.is_empty() {
            return;
        }
        self.stage.clock.set(first);
        let id = id_of(flow, self.test);
        let new = NewTask { id, attributes, parent: None, now: first, later: false };
        let task = *begin(flow, self.stage.flows(), new);
        self.stage.add(task, Arc::clone(flow), false);
        self.run(id, Trigger::Due, test.span);
    }

    /// Compares when a schedule fires after `now` with what is expected.
    fn compare_times(&mut self, schedule: &Schedule, test: &Fires, now: Timestamp) {
        let Some((span, wanted)) = &test.times else { return };
        let most = wanted.len() + if test.until.is_some() { MORE_TIMES } else { 0 };
        let mut got = Vec::new();
        let mut last = now;
        while let Some(at) = schedule.rule.next(last).filter(|at| test.until.is_none_or(|until| *at <= until)) {
            if got.len() == most {
                break;
            }
            got.push(at);
            last = at;
        }
        if got != *wanted {
            let shown = |times: &[Timestamp]| match times {
                [] => "never".to_owned(),
                times => times.iter().map(|at| schedule.rule.shown(*at)).collect::<Vec<_>>().join("\n"),
            };
            let failure = self.differs(*span, "`fires`", shown(wanted), shown(&got));
            self.failures.push(failure);
        }
    }
}

/// The attributes of a task of an earlier version. What they were declared as is not known: what this version declares is
/// read so where it fits, as what is stored would be.
fn earlier(flow: &Flow, given: &Given) -> Attributes {
    let declared = |name: &Name| flow.attributes.slot(name).and_then(|slot| flow.attributes.get(slot));
    let mut values = Map::new();
    let mut secret = Vec::new();
    for (name, value) in &given.values {
        let rules = declared(name).map(|attribute| &attribute.rules);
        let read = rules.and_then(|rules| rules.read(value).ok());
        values.insert(name.clone(), read.unwrap_or_else(|| value.clone()));
        if rules.is_some_and(|rules| rules.holds_secret()) {
            secret.push(name.clone());
        }
    }
    Attributes::from_stored(values, &secret)
}
