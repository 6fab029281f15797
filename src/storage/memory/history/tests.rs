//! Histories are read as they were written.

use proptest::prelude::*;

use super::*;
use crate::task::{EntryError, StepSummary};

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Unit),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::Float),
        "[a-zä]{0,80}".prop_map(Value::text),
        Just(Value::list(vec![Value::Unit])),
        Just(Value::Decimal("1.50".parse().unwrap())),
    ]
}

fn any_entry() -> impl Strategy<Value = Transition> {
    let name = || "[a-e]{1,30}".prop_map(Name::from);
    let changes = proptest::collection::vec((name(), any_value(), any_value()), 0..4);
    let more = (any::<bool>(), any::<bool>(), any::<bool>());
    (name(), name(), 0..Cause::ALL.len(), proptest::option::of(name()), changes, any::<u32>(), more).prop_map(
        |(from, to, cause, by, changes, ms, (omitted, fails, steps))| Transition {
            seq: 0,
            at: from_millis(i64::from(ms) * 1000),
            from,
            to,
            cause: Cause::ALL[cause],
            by,
            changes: changes.into_iter().map(|(name, old, new)| (name, Change::Whole(old, new))).collect(),
            error: (fails && steps)
                .then(|| Box::new(EntryError { kind: "http".into(), message: "no".into(), attempt: 1, at: None })),
            steps: if steps && !fails {
                vec![StepSummary { call: "http::get".into(), outcome: "ok".into(), ms: 1 }]
            } else {
                Vec::new()
            },
            ms: ms.into(),
            omitted,
            actor: fails.then(|| Box::new("cli:ann".into())),
        },
    )
}

proptest! {
    #[test]
    fn it_reads_what_was_added(mut bursts in proptest::collection::vec(proptest::collection::vec(any_entry(), 0..6), 0..6)) {
        bursts.iter_mut().flatten().zip(1..).for_each(|(entry, seq)| entry.seq = seq);
        let mut history = History::default();
        bursts.iter().for_each(|burst| history.add(Burst::of(burst.clone())));
        let all: Vec<Transition> = bursts.into_iter().flatten().collect();
        prop_assert_eq!(history.len(), all.len() as u64);
        for (after, limit) in [(0, usize::MAX), (0, 0), (2, 3), (7, 100), (100, 1)] {
            let page: Vec<Transition> = all.iter().skip(after).take(limit).cloned().collect();
            prop_assert_eq!(history.read(after as u64, limit), page);
        }
    }
}
