//! Flows as data: what the generator makes, the renderer writes as YAML, and the model runs.

/// A state that something leads to: read by [`Flow::to`], so that every number means one and shrinking keeps the sense.
pub(super) type Target = u8;

/// Seconds.
pub(super) type Seconds = i64;

/// The flow that is called, and the one whose tasks it starts.
#[derive(Clone, Debug)]
pub(super) struct Flows {
    pub(super) main: Flow,
    pub(super) part: Flow,
}

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Which {
    Main,
    Part,
}

impl Flows {
    pub(super) fn get(&self, which: Which) -> &Flow {
        match which {
            Which::Main => &self.main,
            Which::Part => &self.part,
        }
    }
}

/// A flow over the attributes `x` and `y`, integers, of which `y` may be 9 at most, `log`, a list, `kept`, which is
/// anything, `sum`, a decimal, and `lines`, a list of maps with a price and a day.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) timeout: Seconds,
    pub(super) delay: Seconds,
    pub(super) on_timeout: Option<OnTimeout>,
    pub(super) states: Vec<State>,
    pub(super) interactions: Vec<Interaction>,
}

#[derive(Clone, Debug)]
pub(super) struct OnTimeout {
    pub(super) body: Vec<Statement>,
    pub(super) go_to: Option<Target>,
}

#[derive(Clone, Debug)]
pub(super) struct Interaction {
    pub(super) when: Vec<Target>,
    pub(super) body: Vec<Statement>,
    pub(super) go_to: Option<Target>,
}

#[derive(Clone, Debug)]
pub(super) enum State {
    Action { body: Vec<Statement>, go_to: Target, retry: Option<Retry>, on_error: Vec<(Option<OfError>, Target)> },
    Decision { branches: Vec<(Cond, Target)>, otherwise: Option<Target> },
    Wait { branches: Vec<Branch>, timeout: Option<Seconds>, delay: Option<Seconds> },
    Start { items: Items, go_to: Target },
    Result(Output),
    Failure,
}

#[derive(Clone, Debug)]
pub(super) struct Retry {
    pub(super) attempts: u32,
    pub(super) delay: Seconds,
    pub(super) doubles: bool,
    pub(super) only: Option<OfError>,
}

/// A branch of a wait: it always has at least one of both.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) cond: Option<Cond>,
    pub(super) after: Option<Seconds>,
    pub(super) to: Target,
}

/// What a start starts.
#[derive(Clone, Debug)]
pub(super) enum Items {
    One(i64),
    Each(Vec<i64>),
    Log,
}

/// What a result gives.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Nothing,
    X,
    Log,
    /// What was kept, of whatever type.
    Kept,
    Lines,
    /// The kind of the error that led here.
    Error,
    /// The outputs of the sub-tasks.
    SubTasks,
}

#[derive(Clone, Debug)]
pub(super) enum Statement {
    SetX(i64),
    AddX(i64),
    AddY(i64),
    Push(i64),
    PushX,
    PushVisits,
    /// Keeps a value of one of the types.
    Keep(u8),
    /// Adds a decimal to the sum.
    AddSum(i64),
    /// Adds a line, its price a literal.
    AddLine(i64),
    /// Adds up the prices of the lines.
    SumLines,
    /// Keeps the sums of the sub-tasks that are completed.
    KeepSums,
    /// Counts the sub-tasks that are completed.
    Count,
    If(Cond, i64),
    /// A step, which fails in this many tries of a visit.
    Call(u32),
    /// The same, with its failure caught.
    Caught(u32),
    /// Fails in this many tries of a visit.
    FailTries(u32),
    Fail,
    Start(i64),
    /// Of interactions: with the parameter.
    SetParam,
    AddParam,
    /// Of interactions: keeps and adds the decimal parameter.
    KeepParam,
    RefuseNegative,
}

#[derive(Clone, Debug)]
pub(super) enum Cond {
    Const(bool),
    XAtLeast(i64),
    XIs(i64),
    YAtLeast(i64),
    Pushed(usize),
    /// The last that was kept has the type of this sample.
    KeptIs(u8),
    SumAtLeast(i64),
    /// A line is due then.
    DueReport(i64),
    Visits(u32),
    NoneActive,
    Completed(usize),
    Failed(usize),
    /// Reads the clock: this long since the task was created.
    Elapsed(Seconds),
    Not(Box<Cond>),
    And(Box<Cond>, Box<Cond>),
    Or(Box<Cond>, Box<Cond>),
}

/// Of the error in `on_error` and `retry.if`.
#[derive(Clone, Debug)]
pub(super) enum OfError {
    Kind(&'static str),
    Attempt(u32),
}

impl Flow {
    /// The state that `target` means, seen from state `from`: mostly one further down, so that flows come to an end.
    pub(super) fn to(&self, from: usize, target: Target) -> usize {
        let (count, target) = (self.states.len(), usize::from(target));
        let below = count - from - 1;
        if target < 215 && below > 0 { from + 1 + target % below } else { target % count }
    }

    /// The state that `target` means, seen from nowhere.
    pub(super) fn any(&self, target: Target) -> usize {
        usize::from(target) % self.states.len()
    }

    /// A state's name, which tells its kind.
    pub(super) fn name(&self, state: usize) -> String {
        match &self.states[state] {
            State::Action { .. } => format!("act{state}"),
            State::Decision { .. } => format!("which{state}?"),
            State::Wait { .. } => format!("wait{state}?"),
            State::Start { .. } => format!("go{state}"),
            State::Result(_) => format!("done{state}"),
            State::Failure => format!("broken{state}!"),
        }
    }

    pub(super) fn is_allowed(&self, interaction: &Interaction, state: usize) -> bool {
        interaction.when.is_empty() || interaction.when.iter().any(|target| self.any(*target) == state)
    }
}

impl Cond {
    /// Whether a wait with it is polled.
    pub(super) fn reads_clock(&self) -> bool {
        match self {
            Self::Elapsed(_) => true,
            Self::Not(inner) => inner.reads_clock(),
            Self::And(left, right) | Self::Or(left, right) => left.reads_clock() || right.reads_clock(),
            _ => false,
        }
    }
}
