//! The reference model of a body: its effects on a copy of the attributes, or why it fails.

use super::flow::Statement;
use super::world::{Status, World};

/// The most that `y` may be.
const MAX_Y: i64 = 9;

/// Why a body failed.
#[derive(Clone, Debug)]
pub(super) struct Failed {
    pub(super) kind: &'static str,
    pub(super) message: String,
}

impl Failed {
    pub(super) fn of(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

/// What a body did.
pub(super) struct Ran {
    pub(super) outcome: Result<(), Failed>,
    /// The attributes after it.
    pub(super) now: (i64, i64, Vec<i64>),
    /// What it hands to each sub-task it starts.
    pub(super) starts: Vec<i64>,
    pub(super) steps: Vec<String>,
}

impl World {
    /// Runs a body of a task, at `place`; its calls are counted, everything else is returned.
    pub(super) fn body(&mut self, id: usize, place: &str, body: &[Statement], param: Option<i64>) -> Ran {
        let before = self.tasks[id].clone();
        let mut ran = Ran {
            outcome: Ok(()),
            now: (before.x, before.y, before.log.clone()),
            starts: Vec::new(),
            steps: Vec::new(),
        };
        for (at, statement) in body.iter().enumerate() {
            // A condition in the body sees what the body has assigned.
            let task = &mut self.tasks[id];
            (task.x, task.y, task.log) = ran.now.clone();
            if let Err(failed) = self.does(id, &format!("{place}.{at}"), statement, param, &mut ran) {
                ran.outcome = Err(failed);
                break;
            }
        }
        if ran.outcome.is_ok() && ran.now.1 > MAX_Y {
            ran.outcome = Err(Failed::of("validation", "`y`"));
        }
        let task = &mut self.tasks[id];
        (task.x, task.y, task.log) = (before.x, before.y, before.log);
        ran
    }

    fn does(
        &mut self,
        id: usize,
        place: &str,
        what: &Statement,
        param: Option<i64>,
        ran: &mut Ran,
    ) -> Result<(), Failed> {
        let task = &self.tasks[id];
        let (visits, attempt) = (task.visits[task.state], task.attempt);
        let n = param.unwrap_or_default();
        match what {
            Statement::SetX(n) => ran.now.0 = *n,
            Statement::AddX(n) => ran.now.0 += n,
            Statement::AddY(n) => ran.now.1 += n,
            Statement::Push(n) => ran.now.2.push(*n),
            Statement::PushX => ran.now.2.push(ran.now.0),
            Statement::PushVisits => ran.now.2.push(i64::from(visits)),
            Statement::Count => {
                let completed = task.children.iter().filter(|child| self.tasks[**child].status == Status::Completed);
                ran.now.0 = i64::try_from(completed.count()).unwrap();
            }
            Statement::If(cond, n) => {
                if self.holds(id, cond) {
                    ran.now.0 = *n;
                } else {
                    ran.now.2.push(*n);
                }
            }
            Statement::Call(fails) => ran.now.0 = self.calls(id, place, *fails, ran)?,
            Statement::Caught(fails) => match self.calls(id, place, *fails, ran) {
                Ok(given) => ran.now.0 += given,
                Err(_) => ran.now.2.push(77),
            },
            Statement::FailTries(tries) if attempt <= *tries => return Err(Failed::of("busy", "not yet")),
            Statement::Fail => return Err(Failed::of("stock", "none left")),
            Statement::Start(n) => ran.starts.push(*n),
            Statement::SetParam => ran.now.0 = n,
            Statement::AddParam => ran.now.1 += n,
            Statement::RefuseNegative if n < 0 => return Err(Failed::of("negative", "no debts")),
            Statement::FailTries(_) | Statement::RefuseNegative => {}
        }
        Ok(())
    }

    fn calls(&mut self, id: usize, place: &str, fails: u32, ran: &mut Ran) -> Result<i64, Failed> {
        let task = &self.tasks[id];
        let (visits, attempt) = (task.visits[task.state], task.attempt);
        *self.calls.entry((id, place.to_owned(), visits, attempt)).or_default() += 1;
        if attempt <= fails {
            ran.steps.push("call down".to_owned());
            return Err(Failed::of("down", "it is down"));
        }
        ran.steps.push("call ok".to_owned());
        Ok(i64::from(visits * 10 + attempt))
    }

    /// Takes over the attributes as a body leaves them; says what changed.
    pub(super) fn takes(&mut self, id: usize, now: (i64, i64, Vec<i64>)) -> Vec<String> {
        let task = &mut self.tasks[id];
        let mut changes = Vec::new();
        let mut change = |name: &str, old: String, new: String| {
            if old != new {
                changes.push(format!("{name}: {old} → {new}"));
            }
        };
        let list = |list: &[i64]| serde_json::json!(list).to_string();
        change("log", list(&task.log), list(&now.2));
        change("x", task.x.to_string(), now.0.to_string());
        change("y", task.y.to_string(), now.1.to_string());
        (task.x, task.y, task.log) = now;
        changes
    }
}
