//! A case, played by the program and by the model, which must agree after everything that happens.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use opsflow::clock::{Clock as _, VirtualClock};
use opsflow::flow::CheckContext;
use opsflow::host::Host as _;
use opsflow::{Error, Filter, Library, Map, Memory, Opsflow, Source, Storage, Task, TaskId, Timestamp, Value};

use super::flow::{Flows, Seconds};
use super::outside::{Counting, Hazard, Outside};
use super::render::yaml;
use super::tell::{Detail, model, program};
use super::trigger::{Case, Do, Fault, How, Trigger};
use super::world::{TooFar, World};

/// Longer than the lease of a claim: after that, somebody else takes over the tasks of a dead process.
const LEASE: Seconds = 31;
/// Most looks of one `advance`.
const MAX_LOOKS: usize = 40;

/// The outcome of a case; `None` in the middle if it goes too far for the model.
pub(super) type Played = Result<Tally, String>;

/// What happened in a case, to see that it was worth playing.
#[derive(Clone, Default, Debug)]
pub(super) struct Tally {
    pub(super) triggers: usize,
    pub(super) faults: usize,
    pub(super) sub_tasks: usize,
    /// Cases that the model gave up on in the middle.
    pub(super) too_far: usize,
    /// History entries, by their cause.
    pub(super) entries: BTreeMap<&'static str, usize>,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.triggers += other.triggers;
        self.faults += other.faults;
        self.sub_tasks += other.sub_tasks;
        self.too_far += other.too_far;
        for (cause, count) in &other.entries {
            *self.entries.entry(*cause).or_default() += count;
        }
    }

    fn see(&mut self, world: &World) {
        self.sub_tasks = world.tasks.len().saturating_sub(1);
        for entry in world.tasks.iter().flat_map(|task| &task.history) {
            *self.entries.entry(entry.cause).or_default() += 1;
        }
    }
}

/// Why a case ends early.
enum Stop {
    TooFar,
    Differs(String),
}

impl From<TooFar> for Stop {
    fn from(_: TooFar) -> Self {
        Self::TooFar
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Differs(format!("it gave: {error}"))
    }
}

/// A case under way.
struct Play<'a> {
    flows: &'a Flows,
    library: Library,
    every_state: bool,
    memory: Arc<Memory>,
    hazard: Arc<Hazard>,
    outside: Arc<Outside>,
    clock: Arc<VirtualClock>,
    ops: Opsflow,
    began: Timestamp,
    ids: Vec<TaskId>,
    /// Where the model may be: more than one world while the order of things is free.
    worlds: Vec<World>,
    tally: Tally,
}

/// Plays a case.
pub(super) async fn play(case: &Case) -> Played {
    let mut play = Play::new(case).await;
    let begin = if case.later { Do::Later } else { Do::Call };
    let mut outcome = play.does(&begin, case.begins).await.map_err(|stop| (format!("{begin:?}"), stop));
    for (at, trigger) in case.triggers.iter().enumerate() {
        if outcome.is_err() || play.ids.is_empty() {
            break;
        }
        play.tally.triggers += 1;
        outcome = play.trigger(trigger).await.map_err(|stop| (format!("trigger {}, {trigger:?}", at + 1), stop));
    }
    let mut tally = play.tally;
    if let Some(world) = play.worlds.first() {
        tally.see(world);
    }
    match outcome {
        Ok(()) => Ok(tally),
        Err((_, Stop::TooFar)) => Ok(Tally { too_far: 1, ..tally }),
        Err((place, Stop::Differs(why))) => Err(format!("at {place}: {why}")),
    }
}

impl<'a> Play<'a> {
    async fn new(case: &'a Case) -> Self {
        let began: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let clock = Arc::new(VirtualClock::new(began));
        let outside = Arc::new(Outside::default());
        let memory = Arc::new(Memory::new());
        let host = Counting { outside: Arc::clone(&outside), clock: Arc::clone(&clock) };
        let context = CheckContext { functions: host.functions(), ..CheckContext::default() };
        let source = Arc::new(Source::new("case.yml", yaml(&case.flows)));
        let library = Library::of_sources([source], &context);
        let errors: Vec<_> = library.findings().into_iter().filter(|finding| finding.is_error()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{}", yaml(&case.flows));
        let hazard = Arc::new(Hazard::new(Arc::clone(&memory), Arc::clone(&outside)));
        let ops = process(&library, &hazard, host, case.every_state).await;
        Self {
            flows: &case.flows,
            library,
            every_state: case.every_state,
            memory,
            hazard,
            outside,
            clock,
            ops,
            began,
            ids: Vec::new(),
            worlds: vec![World { now: 0, tasks: Vec::new(), calls: BTreeMap::new() }],
            tally: Tally::default(),
        }
    }

    /// Another process takes over.
    async fn restart(&mut self) {
        self.hazard = Arc::new(Hazard::new(Arc::clone(&self.memory), Arc::clone(&self.outside)));
        let host = Counting { outside: Arc::clone(&self.outside), clock: Arc::clone(&self.clock) };
        self.ops = process(&self.library, &self.hazard, host, self.every_state).await;
    }

    async fn trigger(&mut self, trigger: &Trigger) -> Result<(), Stop> {
        match trigger {
            Trigger::Skip(by) => {
                self.turn(*by);
                Ok(())
            }
            Trigger::Restart => {
                self.restart().await;
                self.agree("after a restart").await
            }
            Trigger::Do(what, fault) => self.does(what, *fault).await,
            Trigger::Advance(by) => {
                let end = self.now() + by;
                for _ in 0..MAX_LOOKS {
                    self.does(&Do::RunDue, None).await?;
                    let now = self.now();
                    let times = self.worlds[0].tasks.iter().filter_map(|task| task.wake_at);
                    let next = times.filter(|at| *at > now && *at <= end).min();
                    if now == end {
                        return Ok(());
                    }
                    self.turn(next.unwrap_or(end) - now);
                }
                Err(Stop::TooFar)
            }
        }
    }

    fn now(&self) -> Seconds {
        (self.clock.now() - self.began).num_seconds()
    }

    fn turn(&mut self, by: Seconds) {
        self.clock.advance(format!("{by}s").parse().unwrap());
        for world in &mut self.worlds {
            world.now += by;
        }
    }

    /// Does something with model and program.
    async fn does(&mut self, what: &Do, fault: Option<Fault>) -> Result<(), Stop> {
        let mut ends = Vec::new();
        let mut moments = self.worlds.clone();
        for world in &self.worlds {
            let ways = world.ways(self.flows, what)?;
            ends.extend(ways.ends);
            moments.extend(ways.moments);
            if fault.is_some_and(|fault| fault.how == How::Conflict) {
                moments.extend(world.conflicts(self.flows, what)?);
            }
        }
        self.hazard.set(fault);
        let answer = self.act(what).await;
        let struck = self.hazard.struck();
        self.hazard.set(None);
        self.tally.faults += usize::from(struck.is_some());
        match struck {
            None => {
                let told = answer?;
                ends.retain(|(_, expected)| *expected == told.as_deref());
                if ends.is_empty() {
                    return Err(Stop::Differs(format!("the answer was {told:?}, which the language does not have")));
                }
                self.worlds = ends.into_iter().map(|(world, _)| world).collect();
                if !matches!(what, Do::Later) {
                    return self.agree("when it was done").await;
                }
                self.agree_by(Detail::Stored, "when it was left").await?;
                Box::pin(self.does(&Do::RunDue, None)).await
            }
            Some(how) => self.recover(what, how, moments).await,
        }
    }

    /// The process died, or met a conflict: what is stored is a moment on the way, and work continues from it.
    async fn recover(&mut self, what: &Do, how: How, moments: Vec<World>) -> Result<(), Stop> {
        self.worlds = moments;
        self.agree_by(Detail::Stored, "stored after a fault").await?;
        self.worlds.iter_mut().flat_map(|world| &mut world.tasks).for_each(|task| task.seen_to = false);
        if how != How::Conflict {
            self.turn(LEASE);
            self.restart().await;
        }
        if self.ids.is_empty() {
            return Ok(());
        }
        Box::pin(self.does(&Do::RunDue, None)).await?;
        // A caller without an answer asks again: under a key, nothing is done twice.
        match what {
            Do::Interact { key: Some(_), .. } => Box::pin(self.does(what, None)).await,
            _ => Ok(()),
        }
    }

    /// Lets the program do something; returns the kind of a refusal.
    async fn act(&self, what: &Do) -> Result<Option<String>, Error> {
        let id = self.ids.get(what.who(self.ids.len())).copied();
        let main = what.who(self.ids.len()) == 0;
        let flow = if main { &self.flows.main } else { &self.flows.part };
        let done = match (what, id) {
            (Do::Call, _) => self.ops.call("main", Map::new()).await,
            (Do::Later, _) => self.ops.later("main", Map::new()).await,
            (Do::RunDue, _) => return self.ops.run_due(&[]).await.map(|_| None),
            (_, None) => return Ok(None),
            (Do::Interact { which, n, key, .. }, Some(id)) => {
                let which = usize::from(*which) % flow.interactions.len().max(1);
                let params = Map::from_iter([("n".into(), Value::Integer(*n))]);
                let key = key.map(|key| format!("key-{key}"));
                self.ops.interact(id, &format!("do{which}!"), params, key.as_deref()).await
            }
            (Do::Wake(_), Some(id)) => self.ops.wake(id).await,
            (Do::Cancel(_), Some(id)) => self.ops.cancel(id).await,
            (Do::Retry { from, .. }, Some(id)) => {
                let from = from.map(|target| flow.name(flow.any(target)));
                self.ops.retry(id, from.as_deref()).await
            }
        };
        match done {
            Ok(_) => Ok(None),
            Err(Error::Refused { kind, .. }) => Ok(Some(kind.to_string())),
            Err(Error::Unknown { .. }) => Ok(Some("unknown".to_owned())),
            Err(error) => Err(error),
        }
    }

    async fn agree(&mut self, when: &str) -> Result<(), Stop> {
        self.agree_by(Detail::All, when).await
    }

    /// Keeps the worlds that equal the program's; there must be one.
    async fn agree_by(&mut self, detail: Detail, when: &str) -> Result<(), Stop> {
        self.ids = self.tasks().await?;
        let is = program(&*self.memory, &self.ids, self.began, detail).await.map_err(Error::from)?;
        let mut told: Vec<String> = Vec::new();
        let flows = self.flows;
        self.worlds.retain(|world| {
            let expected = model(flows, world, detail);
            let is_so = expected == is;
            if !is_so && !told.contains(&expected) {
                told.push(expected);
            }
            is_so
        });
        let mut known = HashSet::new();
        self.worlds.retain(|world| known.insert(world.clone()));
        if self.worlds.is_empty() {
            let ways = told.len();
            told.truncate(4);
            let expected = told.join("--- or\n");
            return Err(Stop::Differs(format!(
                "{when}, the program has\n{is}\nthe model ({ways} ways) has\n{expected}"
            )));
        }
        if detail == Detail::All { self.calls_agree() } else { Ok(()) }
    }

    /// Each call was made as often as in the model, and at most once more for each fault.
    fn calls_agree(&self) -> Result<(), Stop> {
        let made = self.outside.calls();
        let world = &self.worlds[0];
        let name = |(task, place, visits, attempt): &(usize, String, u32, u32)| {
            (self.ids[*task], place.clone(), i64::from(*visits), i64::from(*attempt))
        };
        let expected: BTreeMap<_, _> = world.calls.iter().map(|(call, count)| (name(call), *count)).collect();
        let extra: usize =
            made.iter().map(|(call, count)| count.saturating_sub(*expected.get(call).unwrap_or(&0))).sum();
        let missing = expected.iter().any(|(call, count)| made.get(call).unwrap_or(&0) < count);
        if missing || extra > self.tally.faults || made.keys().any(|call| !expected.contains_key(call)) {
            let why = format!("calls made: {made:?}\ncalls of the model: {expected:?}\nfaults: {}", self.tally.faults);
            return Err(Stop::Differs(why));
        }
        Ok(())
    }

    /// The tasks in order of their start.
    async fn tasks(&self) -> Result<Vec<TaskId>, Error> {
        let ids = |tasks: Vec<Task>| tasks.into_iter().map(|task| task.id).collect::<Vec<_>>();
        let main = Filter { flow: Some("main".into()), ..Filter::default() };
        let mut all = ids(self.memory.tasks(&main).await?);
        assert!(all.len() <= 1, "{} tasks of `main`", all.len());
        if let Some(parent) = all.first().copied() {
            let parts = Filter { parent_id: Some(parent), ..Filter::default() };
            all.extend(ids(self.memory.tasks(&parts).await?));
        }
        Ok(all)
    }
}

async fn process(library: &Library, hazard: &Arc<Hazard>, host: Counting, every_state: bool) -> Opsflow {
    let storage: Arc<dyn Storage> = Arc::clone(hazard) as _;
    let builder = Opsflow::builder().library(library.clone()).storage(storage).host(host);
    builder.checkpoint_every_state(every_state).build().await.unwrap()
}
