//! What was written outside: every line, in order, and who died when.

use std::collections::HashMap;

use opsflow::TaskId;

use super::kinds::Handed;

/// What was written outside.
#[derive(Debug, Default)]
pub struct Ledger {
    pub lines: Vec<String>,
    pub deaths: Vec<Death>,
}

/// A process that performed steps died.
#[derive(Debug, Clone, Copy)]
pub struct Death {
    /// How many lines there were when it had stopped completely.
    pub lines: usize,
    /// How many steps it can have had in flight.
    pub in_flight: usize,
}

/// The lines that a task must write.
fn lines_of(task: &Handed) -> Vec<String> {
    let Handed { id, kind, .. } = task;
    kind.lines.iter().map(|(state, step)| format!("{id} {id}:{state}:1 {step}")).collect()
}

/// A line that was written again: the place of the one before, and its own.
struct Repeat {
    what: String,
    before: usize,
    again: usize,
}

impl Ledger {
    /// Compares the lines with what the tasks had to write. Returns how many were written again.
    pub fn check(&self, tasks: &[Handed], findings: &mut Vec<String>) -> usize {
        let expected: HashMap<TaskId, Vec<String>> = tasks.iter().map(|task| (task.id, lines_of(task))).collect();
        let places = self.places(&expected, findings);
        let mut repeats = Vec::new();
        for task in tasks {
            let places = places.get(&task.id).map_or(&[][..], Vec::as_slice);
            self.check_task(task, &expected[&task.id], places, &mut repeats, findings);
        }
        let count = repeats.len();
        self.explain(repeats, findings);
        count
    }

    /// The places of each task's lines.
    fn places(
        &self,
        expected: &HashMap<TaskId, Vec<String>>,
        findings: &mut Vec<String>,
    ) -> HashMap<TaskId, Vec<usize>> {
        let mut places: HashMap<TaskId, Vec<usize>> = HashMap::new();
        for (place, line) in self.lines.iter().enumerate() {
            let id = line.split(' ').next().and_then(|id| id.parse().ok()).filter(|id| expected.contains_key(id));
            match id {
                Some(id) if !self.is_torn(place, &expected[&id]) => places.entry(id).or_default().push(place),
                None if !self.is_torn(place, expected.values().flatten()) => {
                    findings.push(format!("line {place} is none that anybody was to write: `{line}`"));
                }
                _ => {}
            }
        }
        places
    }

    /// Whether a line is the beginning of one of `lines`, whose writer was killed within the write. The step was not
    /// performed then.
    fn is_torn<'a>(&self, place: usize, lines: impl IntoIterator<Item = &'a String>) -> bool {
        let line = &self.lines[place];
        let somebody_died = self.deaths.iter().any(|death| death.lines > place);
        somebody_died && lines.into_iter().any(|whole| whole != line && whole.starts_with(line.as_str()))
    }

    /// A task's lines are those that its kind writes, in that order, none left out. One that is written again comes right
    /// after itself: after the next one its outcome had been stored, and it must not be performed any more.
    fn check_task(
        &self,
        task: &Handed,
        expected: &[String],
        places: &[usize],
        repeats: &mut Vec<Repeat>,
        findings: &mut Vec<String>,
    ) {
        let Handed { id, kind, .. } = task;
        let mut at: Option<(usize, usize)> = None;
        for place in places {
            let line = &self.lines[*place];
            let next = at.map_or(0, |(step, _)| step + 1);
            match at {
                Some((step, before)) if *line == expected[step] => {
                    repeats.push(Repeat { what: line.clone(), before, again: *place });
                    at = Some((step, *place));
                }
                _ if expected.get(next) == Some(line) => at = Some((next, *place)),
                _ => {
                    let due = expected.get(next).map_or("nothing", String::as_str);
                    findings.push(format!("`{}`: line {place} is `{line}`, where `{due}` is due", kind.flow));
                    return;
                }
            }
        }
        if at.map_or(0, |(step, _)| step + 1) < expected.len() {
            findings.push(format!("`{}` {id}: only {} of {} lines", kind.flow, places.len(), expected.len()));
        }
    }

    /// Each repeat needs a death between the two lines, and each death explains as many as it had steps in flight.
    fn explain(&self, mut repeats: Vec<Repeat>, findings: &mut Vec<String>) {
        let mut deaths = self.deaths.clone();
        deaths.sort_by_key(|death| death.lines);
        for death in deaths {
            // Those that no later death explains come first.
            repeats.sort_by_key(|repeat| repeat.again);
            let mut left = death.in_flight;
            repeats.retain(|repeat| {
                let explains = left > 0 && repeat.before < death.lines && death.lines <= repeat.again;
                left -= usize::from(explains);
                !explains
            });
        }
        for Repeat { what, before, again } in repeats {
            let died = self.deaths.iter().filter(|death| before < death.lines && death.lines <= again).count();
            let why = if died == 0 { "nobody died between" } else { "those who died between had others in flight" };
            findings.push(format!("`{what}` was written at {before} and again at {again}, and {why}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::kinds::kind;
    use super::*;

    const ID: TaskId = TaskId::from_u128(7);

    fn findings(steps: &[(&str, &str)], deaths: &[(usize, usize)]) -> Vec<String> {
        let lines = steps.iter().map(|(state, step)| format!("{ID} {ID}:{state}:1 {step}")).collect();
        let deaths = deaths.iter().map(|(lines, in_flight)| Death { lines: *lines, in_flight: *in_flight }).collect();
        let mut findings = Vec::new();
        Ledger { lines, deaths }.check(&[Handed { id: ID, kind: kind("notes"), number: 1 }], &mut findings);
        findings
    }

    const ALL: [(&str, &str); 4] = [("first", "a"), ("first", "b"), ("first", "c"), ("second", "d")];

    #[test]
    fn lines_are_whole_and_in_order() {
        assert_eq!(findings(&ALL, &[]), Vec::<String>::new());
        for (steps, part) in [
            (&ALL[..3], "only 3 of 4"),
            (&ALL[1..], "where `"),
            (&[ALL[0], ALL[1], ALL[0], ALL[2], ALL[3]][..], "where `"),
            (&[ALL[0], ALL[1], ALL[2], ALL[3], ALL[0]][..], "where `nothing` is due"),
        ] {
            let found = findings(steps, &[(1, 1), (2, 1), (3, 1)]);
            assert!(found.len() == 1 && found[0].contains(part), "{found:?}");
        }
    }

    #[test]
    fn a_line_may_be_torn_by_a_death() {
        let whole = lines_of(&Handed { id: ID, kind: kind("notes"), number: 1 });
        let check = |torn: &str, deaths: &[usize]| {
            let mut lines = whole.clone();
            lines.insert(0, torn.to_owned());
            let deaths = deaths.iter().map(|lines| Death { lines: *lines, in_flight: 1 }).collect();
            let mut findings = Vec::new();
            let repeats =
                Ledger { lines, deaths }.check(&[Handed { id: ID, kind: kind("notes"), number: 1 }], &mut findings);
            (repeats, findings.len())
        };
        for torn in ["", "0000", &whole[0][..40], &whole[0][..whole[0].len() - 1]] {
            assert_eq!(check(torn, &[1]), (0, 0), "{torn}");
            assert!(check(torn, &[]).1 > 0 && check(torn, &[0]).1 > 0, "{torn}");
        }
        assert_eq!(check(&whole[0], &[1]), (1, 0));
        assert_eq!(check("0001", &[1]), (0, 1));
    }

    #[test]
    fn a_repeat_needs_a_death_of_its_own() {
        let twice = [ALL[0], ALL[0], ALL[1], ALL[2], ALL[2], ALL[3]];
        assert_eq!(findings(&twice, &[(1, 1), (4, 1)]), Vec::<String>::new());
        for (deaths, unexplained) in [(&[][..], 2), (&[(1, 2)][..], 1), (&[(0, 9), (2, 9), (5, 9)][..], 2)] {
            assert_eq!(findings(&twice, deaths).len(), unexplained, "{deaths:?}");
        }
        let thrice = [ALL[0], ALL[0], ALL[0], ALL[1], ALL[2], ALL[3]];
        assert_eq!(findings(&thrice, &[(1, 1)]).len(), 1);
        assert_eq!(findings(&thrice, &[(1, 1), (2, 1)]), Vec::<String>::new());
    }
}
