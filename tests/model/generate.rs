//! Random flows, and random sequences of what happens to a task.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::flow::{
    Branch, Cond, Flow, Flows, Interaction, Items, OfError, OnTimeout, Output, Retry, Seconds, State, Statement,
    Target, Which,
};
use super::trigger::{Case, Do, Fault, How, Trigger};

/// A case: two flows, and what happens.
pub(super) fn cases() -> impl Strategy<Value = Case> {
    let faults = || option::weighted(0.3, fault());
    let triggers = vec((trigger(), faults()).prop_map(|(trigger, fault)| trigger.with(fault)), 0..14);
    let parts = (flow(Which::Main), flow(Which::Part), any::<bool>(), any::<bool>(), faults(), triggers);
    parts.prop_map(|(main, part, every_state, later, begins, triggers)| Case {
        flows: Flows { main, part },
        every_state,
        later,
        begins,
        triggers,
    })
}

fn fault() -> impl Strategy<Value = Fault> {
    let how = prop_oneof![Just(How::Before), Just(How::After), Just(How::Conflict)];
    (how, 1..7_u64).prop_map(|(how, at)| Fault { how, at })
}

fn trigger() -> impl Strategy<Value = Trigger> {
    let time = prop_oneof![1..150_i64, Just(30), Just(60), Just(120), Just(300), Just(1000)];
    let who = prop_oneof![3 => Just(0_u8), 2 => any::<u8>()];
    let interact = (who.clone(), any::<u8>(), -2..8_i64, option::of(0..3_u8))
        .prop_map(|(who, which, n, key)| Do::Interact { who, which, n, key });
    let retry = (who.clone(), option::of(any::<u8>())).prop_map(|(who, from)| Do::Retry { who, from });
    prop_oneof![
        4 => time.clone().prop_map(Trigger::Advance),
        3 => time.prop_map(Trigger::Skip),
        1 => Just(Trigger::Restart),
        2 => Just(Trigger::Do(Do::RunDue, None)),
        6 => interact.prop_map(|it| Trigger::Do(it, None)),
        2 => who.clone().prop_map(|who| Trigger::Do(Do::Wake(who), None)),
        1 => who.prop_map(|who| Trigger::Do(Do::Cancel(who), None)),
        1 => retry.prop_map(|it| Trigger::Do(it, None)),
    ]
}

fn flow(which: Which) -> impl Strategy<Value = Flow> {
    let most = if which == Which::Main { 6 } else { 3 };
    let timeout = prop_oneof![3 => Just(86_400), 1 => 100..400_i64];
    let on_timeout = (body(Place::Timeout, which, 0..3), option::of(any::<Target>())).prop_map(|(body, go_to)| {
        let body = if body.is_empty() && go_to.is_none() { vec![Statement::AddX(1)] } else { body };
        OnTimeout { body, go_to }
    });
    let ends = (output(which), any::<bool>());
    let parts =
        (timeout, 20..90_i64, option::of(on_timeout), vec(state(which), 1..=most), vec(interaction(which), 1..4), ends);
    parts.prop_map(|(timeout, delay, on_timeout, mut states, interactions, (output, turned))| {
        let mut ends = vec![State::Result(output), State::Failure];
        if turned {
            ends.reverse();
        }
        states.extend(ends);
        Flow { timeout, delay, on_timeout, states, interactions }
    })
}

fn interaction(which: Which) -> impl Strategy<Value = Interaction> {
    let parts = (vec(any::<Target>(), 0..2), body(Place::Interaction, which, 0..3), option::weighted(0.3, any::<u8>()));
    parts.prop_map(|(when, body, go_to)| {
        let body = if body.is_empty() && go_to.is_none() { vec![Statement::SetParam] } else { body };
        Interaction { when, body, go_to }
    })
}

fn state(which: Which) -> BoxedStrategy<State> {
    let to = any::<Target>;
    let retry = (2..4_u32, prop_oneof![Just(10_i64), Just(30), Just(60)], any::<bool>(), option::of(of_error()))
        .prop_map(|(attempts, delay, doubles, only)| Retry { attempts, delay, doubles, only });
    let on_error = (option::of((of_error(), to())), option::of(to())).prop_map(|(first, otherwise)| {
        let first = first.map(|(cond, to)| (Some(cond), to));
        first.into_iter().chain(otherwise.map(|to| (None, to))).collect::<Vec<_>>()
    });
    let action = (body(Place::Action, which, 1..4), to(), option::of(retry), on_error)
        .prop_map(|(body, go_to, retry, on_error)| State::Action { body, go_to, retry, on_error });
    let decision = (vec((cond(which, true), to()), 1..3), option::weighted(0.8, to()))
        .prop_map(|(branches, otherwise)| State::Decision { branches, otherwise });
    let wait = (vec(branch(which), 1..4), option::weighted(0.3, after()), option::weighted(0.3, 15..90_i64))
        .prop_map(|(branches, timeout, delay)| State::Wait { branches, timeout, delay });
    let items = prop_oneof![
        2 => (0..5_i64).prop_map(Items::One),
        2 => vec(0..5_i64, 0..3).prop_map(Items::Each),
        1 => Just(Items::Log),
    ];
    let start = (items, to()).prop_map(|(items, go_to)| State::Start { items, go_to });
    match which {
        Which::Main => prop_oneof![4 => action, 2 => decision, 5 => wait, 2 => start].boxed(),
        Which::Part => prop_oneof![3 => action, 1 => decision, 5 => wait].boxed(),
    }
}

fn branch(which: Which) -> impl Strategy<Value = Branch> {
    let both = (cond(which, true), after().boxed(), any::<Target>()).boxed();
    prop_oneof![
        4 => both.clone().prop_map(|(cond, _, to)| Branch { cond: Some(cond), after: None, to }),
        2 => both.clone().prop_map(|(_, after, to)| Branch { cond: None, after: Some(after), to }),
        1 => both.prop_map(|(cond, after, to)| Branch { cond: Some(cond), after: Some(after), to }),
    ]
}

fn after() -> impl Strategy<Value = Seconds> {
    prop_oneof![Just(30_i64), Just(60), Just(90), 20..400_i64]
}

fn output(which: Which) -> BoxedStrategy<Output> {
    let all = prop_oneof![
        Just(Output::Nothing),
        Just(Output::X),
        Just(Output::Log),
        Just(Output::Kept),
        Just(Output::Lines),
        Just(Output::Error)
    ];
    match which {
        Which::Main => prop_oneof![3 => all, 1 => Just(Output::SubTasks)].boxed(),
        Which::Part => all.boxed(),
    }
}

fn of_error() -> impl Strategy<Value = OfError> {
    let kinds = prop_oneof![Just("busy"), Just("stock"), Just("down"), Just("validation")];
    prop_oneof![3 => kinds.prop_map(OfError::Kind), 1 => (1..3_u32).prop_map(OfError::Attempt)]
}

/// Where a body is: not everything is allowed everywhere.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Action,
    Interaction,
    Timeout,
}

fn body(place: Place, which: Which, size: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Statement>> {
    vec(statement(place, which), size)
}

fn statement(place: Place, which: Which) -> BoxedStrategy<Statement> {
    let pure = prop_oneof![
        (0..6_i64).prop_map(Statement::SetX),
        (1..4_i64).prop_map(Statement::AddX),
        (0..9_i64).prop_map(Statement::Push),
        Just(Statement::PushX),
        Just(Statement::PushVisits),
        any::<u8>().prop_map(Statement::Keep),
        (1..4_i64).prop_map(Statement::AddSum),
        (1..5_i64).prop_map(Statement::AddLine),
        Just(Statement::SumLines),
        (cond(which, false), 0..6_i64).prop_map(|(cond, n)| Statement::If(cond, n)),
    ];
    let subs = match which {
        Which::Main => {
            prop_oneof![Just(Statement::Count), Just(Statement::KeepSums), (0..5_i64).prop_map(Statement::Start)]
                .boxed()
        }
        Which::Part => Just(Statement::Count).boxed(),
    };
    let more = match place {
        Place::Action => prop_oneof![
            3 => (0..3_u32).prop_map(Statement::Call),
            1 => (0..3_u32).prop_map(Statement::Caught),
            1 => (1..3_u32).prop_map(Statement::FailTries),
            1 => Just(Statement::Fail),
            2 => (1..9_i64).prop_map(Statement::AddY),
        ]
        .boxed(),
        Place::Interaction => prop_oneof![
            3 => Just(Statement::SetParam),
            2 => Just(Statement::AddParam),
            2 => Just(Statement::KeepParam),
            1 => Just(Statement::RefuseNegative),
            1 => (1..9_i64).prop_map(Statement::AddY),
        ]
        .boxed(),
        Place::Timeout => Just(Statement::AddX(1)).boxed(),
    };
    prop_oneof![4 => pure, 1 => subs, 3 => more].boxed()
}

/// A condition; one that `may_read` the clock does so sometimes.
fn cond(which: Which, may_read: bool) -> BoxedStrategy<Cond> {
    let plain = prop_oneof![
        1 => Just(Cond::Const(false)),
        1 => Just(Cond::Const(true)),
        4 => (1..9_i64).prop_map(Cond::XAtLeast),
        3 => (1..7_i64).prop_map(Cond::XIs),
        2 => (1..9_i64).prop_map(Cond::YAtLeast),
        2 => (1..4_usize).prop_map(Cond::Pushed),
        2 => any::<u8>().prop_map(Cond::KeptIs),
        2 => (1..5_i64).prop_map(Cond::SumAtLeast),
        1 => (1..5_i64).prop_map(Cond::DueReport),
        2 => (2..4_u32).prop_map(Cond::Visits),
    ];
    let leaf = if may_read {
        prop_oneof![8 => plain, 1 => (20..300_i64).prop_map(Cond::Elapsed)].boxed()
    } else {
        plain.boxed()
    };
    let leaf = if which == Which::Main {
        let subs = prop_oneof![
            2 => Just(Cond::NoneActive),
            1 => (1..3_usize).prop_map(Cond::Completed),
            1 => (1..3_usize).prop_map(Cond::Failed),
        ];
        prop_oneof![3 => leaf, 1 => subs].boxed()
    } else {
        leaf
    };
    leaf.prop_recursive(2, 4, 2, |inner| {
        let boxed = inner.prop_map(Box::new).boxed();
        prop_oneof![
            boxed.clone().prop_map(Cond::Not),
            (boxed.clone(), boxed.clone()).prop_map(|(left, right)| Cond::And(left, right)),
            (boxed.clone(), boxed).prop_map(|(left, right)| Cond::Or(left, right)),
        ]
    })
    .boxed()
}
