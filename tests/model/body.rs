//! The reference model of a body: its effects on a copy of the attributes, or why it fails.

use opsflow::task::Change;

use super::flow::Statement;
use super::tell::told_change;
use super::typed::{self, Sample};
use super::world::{Given, Held, Status, World};

/// The most that `y` may be.
const MAX_Y: i64 = 9;

/// The default of the parameter `price`, in hundredths.
const PRICE: i64 = 25;

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
    pub(super) now: Held,
    /// What it hands to each sub-task it starts.
    pub(super) starts: Vec<Given>,
    pub(super) steps: Vec<String>,
}

impl World {
    /// Runs a body of a task, at `place`; its calls are counted, everything else is returned.
    pub(super) fn body(&mut self, id: usize, place: &str, body: &[Statement], param: Option<i64>) -> Ran {
        let before = self.tasks[id].clone();
        let mut ran = Ran { outcome: Ok(()), now: before.held.clone(), starts: Vec::new(), steps: Vec::new() };
        for (at, statement) in body.iter().enumerate() {
            // A condition in the body sees what the body has assigned.
            self.tasks[id].held = ran.now.clone();
            if let Err(failed) = self.does(id, &format!("{place}.{at}"), statement, param, &mut ran) {
                ran.outcome = Err(failed);
                break;
            }
        }
        if ran.outcome.is_ok() && ran.now.y > MAX_Y {
            ran.outcome = Err(Failed::of("validation", "`y`"));
        }
        self.tasks[id].held = before.held;
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
            Statement::SetX(n) => ran.now.x = *n,
            Statement::AddX(n) => ran.now.x += n,
            Statement::AddY(n) => ran.now.y += n,
            Statement::Push(n) => ran.now.log.push(*n),
            Statement::PushX => ran.now.log.push(ran.now.x),
            Statement::PushVisits => ran.now.log.push(i64::from(visits)),
            Statement::Count => {
                let completed = task.children.iter().filter(|child| self.tasks[**child].status == Status::Completed);
                ran.now.x = i64::try_from(completed.count()).unwrap();
            }
            Statement::If(cond, n) => {
                if self.holds(id, cond) {
                    ran.now.x = *n;
                } else {
                    ran.now.log.push(*n);
                }
            }
            Statement::Call(fails) => ran.now.x = self.calls(id, place, *fails, ran)?,
            Statement::Caught(fails) => match self.calls(id, place, *fails, ran) {
                Ok(given) => ran.now.x += given,
                Err(_) => ran.now.log.push(77),
            },
            Statement::FailTries(tries) if attempt <= *tries => return Err(Failed::of("busy", "not yet")),
            Statement::Fail => return Err(Failed::of("stock", "none left")),
            Statement::Start(n) => ran.starts.push((*n, ran.now.kept.clone())),
            Statement::Keep(n) => ran.now.kept.push(Sample::of(*n).value()),
            Statement::AddSum(n) => ran.now.sum += n * 100 + 10,
            Statement::AddLine(n) => ran.now.lines.push(*n),
            Statement::SumLines => ran.now.sum += ran.now.lines.iter().map(|n| typed::price(*n)).sum::<i64>(),
            Statement::KeepSums => {
                let completed = task.children.iter().filter(|child| self.tasks[**child].status == Status::Completed);
                ran.now.kept.extend(completed.map(|child| typed::decimal(self.tasks[*child].held.sum)));
            }
            Statement::KeepParam => {
                ran.now.kept.push(typed::decimal(PRICE));
                ran.now.sum += PRICE;
            }
            Statement::SetParam => ran.now.x = n,
            Statement::AddParam => ran.now.y += n,
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
    pub(super) fn takes(&mut self, id: usize, now: Held) -> Vec<String> {
        let before = std::mem::replace(&mut self.tasks[id].held, now);
        let pairs = before.told().into_iter().zip(self.tasks[id].held.told());
        let told = |((name, old), (_, new))| told_change(name, &Change::between(typed::value(old), typed::value(new)));
        pairs.filter(|(old, new)| old != new).map(told).collect()
    }
}
