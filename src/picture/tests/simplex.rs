//! The network simplex method against trying all values.

use proptest::prelude::*;

use super::super::layout::simplex::{Rule, solve};

/// The greatest value tried.
const MOST: i64 = 7;
const COUNT: usize = 6;

fn cost(rules: &[Rule], values: &[i64]) -> Option<i64> {
    let mut cost = 0;
    for rule in rules {
        let more = values[rule.high] - values[rule.low] - rule.least;
        if more < 0 {
            return None;
        }
        cost += more * rule.weight;
    }
    Some(cost)
}

fn least(rules: &[Rule]) -> i64 {
    let all = (0..(MOST + 1).pow(COUNT as u32 - 1)).filter_map(|mut code| {
        let mut values = vec![0];
        for _ in 1..COUNT {
            values.push(code % (MOST + 1));
            code /= MOST + 1;
        }
        cost(rules, &values)
    });
    all.min().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_costs_less(pairs in proptest::collection::vec((1..4usize, 1..4usize, 0..3i64, 0..4i64), 0..6), pulls in proptest::collection::vec((1..4usize, 1..4usize, -2..3i64, 1..9i64), 2)) {
        // Three blocks with distances, and two pulls with variables of their own.
        let mut rules: Vec<Rule> = (1..4).map(|high| Rule { low: 0, high, ..Rule::default() }).collect();
        for (a, b, least, weight) in pairs {
            if a != b {
                rules.push(Rule { low: a.min(b), high: a.max(b), least, weight });
            }
        }
        for (nth, (low, high, apart, weight)) in pulls.into_iter().enumerate() {
            let variable = 4 + nth;
            rules.push(Rule { low: variable, high: low, least: (-apart).max(0), weight });
            rules.push(Rule { low: variable, high, least: apart.max(0), weight });
        }
        let values: Vec<i64> = solve(COUNT, &rules).iter().copied().collect();
        let found = cost(&rules, &values);
        prop_assert!(found.is_some(), "{rules:?} {values:?}");
        prop_assert!(found.unwrap() <= least(&rules), "{rules:?} {values:?} {found:?} {}", least(&rules));
    }
}
