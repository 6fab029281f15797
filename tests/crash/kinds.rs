//! The kinds of tasks, a flow of `flows.yml` each, and how a task of each kind ends whatever happens meanwhile.

use opsflow::{Status, TaskId};

/// Tasks are given multiples of it; what a task adds is less.
pub const NUMBERS: i64 = 1_000_000;
/// The flows.
pub const FLOWS: &str = include_str!("flows.yml");
/// What an answer adds to the number of a task of `asks`.
pub const ANSWER: i64 = 1000;
/// The key that an answer is given under.
pub const ANSWER_KEY: &str = "the answer";
/// The calls in a body that is called with `once`.
pub const ONCE_KEY: &str = "pay";

/// A kind of tasks.
#[derive(Debug)]
pub struct Kind {
    /// Its flow.
    pub flow: &'static str,
    /// How many of a hundred tasks are of it.
    pub share: u64,
    /// How its tasks end.
    pub status: Status,
    /// In which state.
    pub state: &'static str,
    /// The output of a task that was given a number.
    pub output: fn(i64) -> Option<i64>,
    /// The lines that it writes outside: the state, and the step in it.
    pub lines: &'static [(&'static str, &'static str)],
    /// Its history: `from>to:cause`, then `+calls` and `@by`.
    pub history: &'static str,
    /// Its sub-tasks in order of their start; they are given 1, 2, ….
    pub sub_tasks: &'static [&'static Kind],
}

/// A task that was handed over, or a sub-task of one.
#[derive(Debug, Clone, Copy)]
pub struct Handed {
    pub id: TaskId,
    pub kind: &'static Kind,
    pub number: i64,
}

const PLAIN: Kind = Kind {
    flow: "",
    share: 0,
    status: Status::Completed,
    state: "done",
    output: |_| None,
    lines: &[],
    history: "",
    sub_tasks: &[],
};

const PART_ODD: Kind = Kind {
    flow: "part",
    output: |number| Some(number * 10),
    lines: &[("work", "work")],
    history: "even?>work:decision work>done:action+1",
    ..PLAIN
};

const PART_EVEN: Kind = Kind { history: "even?>naps:decision naps>work:timer work>done:action+1", ..PART_ODD };

const WAITS: Kind =
    Kind { flow: "waits", status: Status::Cancelled, state: "never?", history: "never?>never?:cancel", ..PLAIN };

/// All kinds of tasks that are handed over.
pub const KINDS: [Kind; 9] = [
    Kind {
        flow: "notes",
        share: 30,
        output: |number| Some(number + 1),
        lines: &[("first", "a"), ("first", "b"), ("first", "c"), ("second", "d")],
        history: "first>second:action+3 second>done:action+1",
        ..PLAIN
    },
    Kind {
        flow: "sums",
        share: 10,
        output: |number| Some(number + 5 + 4 + 3 + 2 + 1),
        history: "more?>add:decision add>more?:action more?>add:decision add>more?:action more?>add:decision \
                  add>more?:action more?>add:decision add>more?:action more?>add:decision add>more?:action \
                  more?>done:decision",
        ..PLAIN
    },
    Kind {
        flow: "shaky",
        share: 12,
        output: |number| Some(number + 2),
        lines: &[("tries", "try 1"), ("tries", "try 2"), ("tries", "try 3")],
        history: "tries>tries:retry+1 tries>tries:retry+1 tries>done:action+1",
        ..PLAIN
    },
    Kind {
        flow: "pays",
        share: 12,
        output: Some,
        lines: &[("pays", "pay"), ("pays", "try 1"), ("pays", "try 2")],
        // The second try gets the stored outcome of `pay`: it calls once.
        history: "pays>pays:retry+2 pays>done:action+1",
        ..PLAIN
    },
    Kind {
        flow: "fan",
        share: 12,
        output: |number| Some(number + 10 + 20 + 30 + 40),
        lines: &[("last", "last")],
        history: "parts>all?:start all?>last:wait last>done:action+1",
        sub_tasks: &[&PART_ODD, &PART_EVEN, &PART_ODD, &PART_EVEN],
        ..PLAIN
    },
    Kind {
        flow: "naps",
        share: 12,
        output: Some,
        lines: &[("awake", "awake")],
        history: "sleeps>awake:timer awake>done:action+1",
        ..PLAIN
    },
    Kind {
        flow: "asks",
        share: 6,
        output: |number| Some(number + ANSWER),
        lines: &[("thanks", "thanks")],
        history: "answered?>answered?:interaction@answer! answered?>thanks:wait thanks>done:action+1",
        ..PLAIN
    },
    Kind {
        flow: "breaks",
        share: 3,
        status: Status::Failed,
        state: "broken",
        lines: &[("tries", "try"), ("says", "says")],
        history: "tries>says:error+1 says>broken:action+1",
        ..PLAIN
    },
    Kind {
        flow: "parks",
        share: 3,
        status: Status::Cancelled,
        state: "never?",
        history: "two>never?:start never?>never?:cancel",
        sub_tasks: &[&WAITS, &WAITS],
        ..PLAIN
    },
];

/// The kind of the flow called `flow`.
pub fn kind(flow: &str) -> &'static Kind {
    static ALL: [Kind; 9] = KINDS;
    ALL.iter().find(|kind| kind.flow == flow).unwrap()
}

/// `count` tasks, each kind in its share.
pub fn mixed(count: u64) -> impl Iterator<Item = &'static Kind> {
    // 37 and 100 have no common divisor: all shares come, well mixed.
    (0..count).map(|place| {
        let mut point = place * 37 % 100;
        let kind = KINDS.iter().find(|kind| {
            let is_here = point < kind.share;
            point = point.saturating_sub(kind.share);
            is_here
        });
        self::kind(kind.unwrap().flow)
    })
}
