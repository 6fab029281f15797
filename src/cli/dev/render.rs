//! Renders the watched state as lines for a terminal of some size; a pure function. What is wrong comes first, and gets
//! the room that the sections below can spare. What does not fit is counted, with the command that shows it.

use crate::diagnostic::Finding;
use crate::library::WatchError;
use crate::testing::TestResult;
use crate::workbench::{FlowRow, Round, Standing, Workbench};

use super::super::check::count;
use super::super::findings;
use super::super::screen::{BAD, CARE, FAINT, GOOD, STRONG, plain};
use super::super::test::print;
use super::fit;

/// Columns between two cells of a grid.
const GAP: usize = 3;

/// A terminal's size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) struct Size {
    pub(in crate::cli) columns: usize,
    pub(in crate::cli) rows: usize,
}

/// Everything to show.
pub(in crate::cli) struct View<'a> {
    /// The command.
    pub(in crate::cli) title: &'a str,
    /// What is watched, and how much of it.
    pub(in crate::cli) subject: String,
    /// What happened last, and when.
    pub(in crate::cli) last: String,
    /// How many tests there are.
    pub(in crate::cli) tests: usize,
    pub(in crate::cli) findings: Vec<Finding>,
    pub(in crate::cli) failed: Vec<&'a TestResult>,
    /// How many flows are broken, and how many of them are kept.
    pub(in crate::cli) broken: (usize, usize),
    /// The commands that show all findings, and all failed tests.
    pub(in crate::cli) commands: (String, String),
    /// Why changes may be missed.
    pub(in crate::cli) trouble: Option<&'a WatchError>,
    pub(in crate::cli) sections: Vec<Section>,
}

impl<'a> View<'a> {
    /// The view of `state`, with what is wrong, first in the files that changed in `round`. Title and subject are still
    /// empty.
    pub(in crate::cli) fn of(state: &'a Workbench, round: &Round, findings: Vec<Finding>) -> Self {
        let has_changed = |finding: &Finding| round.files.iter().flatten().any(|file| file == finding.source.name());
        let (mut findings, others): (Vec<_>, Vec<_>) = findings.into_iter().partition(has_changed);
        findings.extend(others);
        let tests = state.tests();
        let rows = state.rows();
        let number = |standing: Standing| rows.iter().filter(|row| row.standing == standing).count();
        let kept = number(Standing::Kept);
        Self {
            title: "",
            subject: String::new(),
            last: String::new(),
            tests: tests.len(),
            findings,
            failed: tests.into_iter().filter(|test| !test.passed()).collect(),
            broken: (number(Standing::Broken) + kept, kept),
            commands: (String::new(), String::new()),
            trouble: None,
            sections: Vec::new(),
        }
    }
}

/// A section below what is wrong.
pub(in crate::cli) struct Section {
    pub(in crate::cli) title: String,
    pub(in crate::cli) body: Body,
    /// The number of lines it gets in any case.
    pub(in crate::cli) least: usize,
    /// The name of its lines, and the command that shows the omitted ones: `tests: opsflow test`.
    pub(in crate::cli) more: String,
}

/// The content of a section.
pub(in crate::cli) enum Body {
    /// Lines; the first ones, if there is not enough room.
    First(Vec<String>),
    /// Lines; the last ones, if there is not enough room.
    Last(Vec<String>),
    /// Cells, as many per line as fit.
    Grid(Vec<String>),
}

/// The lines, at most as many and as wide as `size` allows.
pub(in crate::cli) fn lines(view: &View<'_>, size: Size) -> Vec<String> {
    let mut all = head(view, size.columns);
    let sections: Vec<Laid> = view.sections.iter().map(|section| Laid::new(section, size.columns)).collect();
    let mut spare: usize = sections.iter().map(Laid::least).sum();
    let room = size.rows.saturating_sub(all.len());
    all.extend(wrong(view, size.columns, room.saturating_sub(spare).max(room / 2)));
    for section in &sections {
        spare -= section.least();
        let room = size.rows.saturating_sub(all.len()).saturating_sub(spare);
        all.extend(section.within(room));
    }
    all.truncate(size.rows);
    all
}

fn head(view: &View<'_>, columns: usize) -> Vec<String> {
    let first = format!("{STRONG}{}{STRONG:#}  {}", view.title, plain(&view.subject));
    let last = format!("{FAINT}{}{FAINT:#}", plain(&view.last));
    let mut lines: Vec<String> = [first, verdict(view), last].iter().map(|line| fit::cut(line, columns)).collect();
    if let Some(WatchError { message, help }) = view.trouble {
        lines.extend(fit::lines(
            &format!("{CARE}warning: {}{CARE:#}\n{STRONG}help{STRONG:#}: {}", plain(message), plain(help)),
            columns,
        ));
    }
    lines
}

/// The overall result in one line.
fn verdict(view: &View<'_>) -> String {
    let errors = view.findings.iter().filter(|finding| finding.is_error()).count();
    let warnings = view.findings.len() - errors;
    let mut bad: Vec<String> = Vec::new();
    if errors > 0 {
        bad.push(count(errors, "error"));
    }
    if !view.failed.is_empty() {
        bad.push(format!("{} of {} failed", view.failed.len(), count(view.tests, "test")));
    }
    match view.broken {
        (0, _) => {}
        (broken, 0) => bad.push(format!("{} broken", count(broken, "flow"))),
        (broken, kept) if broken == kept => bad.push(format!("{} broken, kept as before", count(broken, "flow"))),
        (broken, kept) => bad.push(format!("{} broken, {kept} of them kept as before", count(broken, "flow"))),
    }
    let warned = if warnings > 0 { format!("{CARE}{}{CARE:#}", count(warnings, "warning")) } else { String::new() };
    match (bad.is_empty(), warnings) {
        (true, 0) => format!("{GOOD}✓ all is good{GOOD:#}"),
        (true, _) => format!("{GOOD}✓ all is good{GOOD:#}, {warned}"),
        (false, 0) => format!("{BAD}✗ {}{BAD:#}", bad.join(", ")),
        (false, _) => format!("{BAD}✗ {}{BAD:#}, {warned}", bad.join(", ")),
    }
}

/// What is wrong, in at most `room` lines: errors, warnings, failed tests.
fn wrong(view: &View<'_>, columns: usize, room: usize) -> Vec<String> {
    let (errors, warnings): (Vec<_>, Vec<_>) = view.findings.iter().partition(|finding| finding.is_error());
    let found = errors.into_iter().chain(warnings).map(Wrong::Finding);
    let wrong: Vec<Wrong<'_>> = found.chain(view.failed.iter().map(|test| Wrong::Test(test))).collect();
    let (mut all, mut ends) = (Vec::new(), Vec::new());
    for one in &wrong {
        if all.len() > room {
            break;
        }
        all.extend(fit::lines(&format!("\n{}", one.text(columns)), columns));
        ends.push(all.len());
    }
    if all.len() <= room {
        return all;
    }
    let mut keep = room.saturating_sub(1);
    loop {
        let whole = ends.iter().filter(|end| **end <= keep).count();
        let begins = whole.checked_sub(1).and_then(|last| ends.get(last)).copied().unwrap_or_default();
        // At least one line of a cut item must be visible below the blank one.
        let cut = wrong.get(whole).filter(|_| keep > begins + 1);
        let left = wrong.get(whole + usize::from(cut.is_some())..).unwrap_or_default();
        let last = fit::lines(&left_out(view, cut, left, columns), columns);
        if keep > 0 && keep + last.len() > room {
            keep = room.saturating_sub(last.len());
            continue;
        }
        all.truncate(keep);
        all.extend(last);
        return all;
    }
}

/// Something that is wrong.
enum Wrong<'a> {
    Finding(&'a Finding),
    Test(&'a TestResult),
}

impl Wrong<'_> {
    fn text(&self, columns: usize) -> String {
        match self {
            Self::Finding(finding) => findings::within(finding, Some(columns)),
            Self::Test(test) => print::failed(test, Some(columns)),
        }
    }
}

/// How much is omitted of the item that is `cut`, and of those that are `left`; and the command that shows it.
fn left_out(view: &View<'_>, cut: Option<&Wrong<'_>>, left: &[Wrong<'_>], columns: usize) -> String {
    let is_finding = |one: &&Wrong<'_>| matches!(one, Wrong::Finding(_));
    let findings = left.iter().filter(is_finding).count();
    let tests = left.len() - findings;
    let mut parts: Vec<String> = cut.iter().map(|_| "the rest of it".to_owned()).collect();
    if findings > 0 {
        parts.push(count(findings, "more finding"));
    }
    if tests > 0 {
        parts.push(count(tests, "more failed test"));
    }
    let (check, test) = &view.commands;
    let (found, failed): (Vec<_>, Vec<_>) = cut.into_iter().chain(left).partition(is_finding);
    let all = [(check, found.len()), (test, failed.len())].into_iter().filter(|(_, number)| *number > 0);
    let mut commands: Vec<String> = all.map(|(command, _)| format!("`{command}`")).collect();
    commands.dedup();
    let (what, how) = (format!("{CARE}… {}{CARE:#}:", parts.join(", ")), plain(&commands.join(", ")));
    let line = format!("{what} {how}");
    if fit::width(&line) <= columns { line } else { format!("{what}\n  {how}") }
}

/// A section laid out for the terminal's width.
struct Laid<'a> {
    section: &'a Section,
    lines: Vec<String>,
    /// Cells per line; 1 if there are no cells.
    beside: usize,
    cells: usize,
}

impl<'a> Laid<'a> {
    fn new(section: &'a Section, columns: usize) -> Self {
        let (lines, beside, cells) = match &section.body {
            Body::First(lines) | Body::Last(lines) => {
                (lines.iter().map(|line| fit::cut(line, columns)).collect::<Vec<_>>(), 1, lines.len())
            }
            Body::Grid(cells) => {
                let (lines, beside) = grid(cells, columns);
                (lines, beside, cells.len())
            }
        };
        Self { section, lines, beside, cells }
    }

    /// Lines that are reserved for it, including the blank one and the title above.
    fn least(&self) -> usize {
        2 + self.lines.len().min(self.section.least)
    }

    fn within(&self, room: usize) -> Vec<String> {
        if room < 2 {
            return Vec::new();
        }
        let mut shown = vec![String::new(), self.section.title.clone()];
        let room = room - shown.len();
        if self.lines.len() <= room {
            shown.extend(self.lines.iter().cloned());
            return shown;
        }
        let (number, skipped) = match &self.section.body {
            Body::Last(lines) => (room, lines.len() - room),
            _ => (room.saturating_sub(1), 0),
        };
        shown.extend(self.lines.iter().skip(skipped).take(number).cloned());
        if skipped == 0 && room > 0 {
            let left = self.cells - self.beside * number;
            shown.push(format!("{CARE}… {left} more {}{CARE:#}", plain(&self.section.more)));
        }
        shown
    }
}

/// Cells in lines, and how many there are per line.
fn grid(cells: &[String], columns: usize) -> (Vec<String>, usize) {
    let widest = cells.iter().map(|cell| fit::width(cell)).max().unwrap_or_default().clamp(1, columns.max(1));
    let beside = ((columns + GAP) / (widest + GAP)).max(1);
    let line = |cells: &[String]| {
        let mut text = String::new();
        for (number, cell) in cells.iter().enumerate() {
            let cell = fit::cut(cell, widest);
            text.push_str(&cell);
            if number + 1 < cells.len() {
                text.extend(std::iter::repeat_n(' ', widest + GAP - fit::width(&cell)));
            }
        }
        text
    };
    (cells.chunks(beside).map(line).collect(), beside)
}

/// Flows for a grid: those with problems first, and how many these are.
pub(super) fn cells(rows: &[FlowRow<'_>]) -> (Vec<String>, usize) {
    let is_good = |row: &&FlowRow<'_>| row.standing == Standing::Good && row.tests.iter().all(TestResult::passed);
    let (good, bad): (Vec<_>, Vec<_>) = rows.iter().partition(is_good);
    let number = bad.len();
    let bad = bad.into_iter().map(|row| cell(row, false));
    (bad.chain(good.into_iter().map(|row| cell(row, true))).collect(), number)
}

fn cell(row: &FlowRow<'_>, is_good: bool) -> String {
    let passed = row.tests.iter().filter(|test| test.passed()).count();
    let share = match (row.tests.len(), is_good || passed == row.tests.len()) {
        (0, _) => String::new(),
        (all, true) => format!(" {FAINT}{passed}/{all}{FAINT:#}"),
        (all, false) => format!(" {BAD}{passed}/{all}{BAD:#}"),
    };
    let mark = if is_good { format!("{GOOD}✓{GOOD:#}") } else { format!("{BAD}✗{BAD:#}") };
    let standing = match row.standing {
        Standing::Good => "",
        Standing::Kept => " kept",
        Standing::Broken => " broken",
    };
    format!("{mark} {}{standing}{share}", row.name)
}
