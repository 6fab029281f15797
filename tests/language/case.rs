//! Cases, as they stand in a chapter's file.

/// One case: a flow file, what is expected of checking it, and of running it.
pub(super) struct Case {
    pub(super) chapter: String,
    pub(super) title: String,
    /// The line of its title in the chapter's file.
    pub(super) line: usize,
    /// The flow file, without marker lines.
    pub(super) text: String,
    pub(super) expected: Vec<Expected>,
    pub(super) runs: Vec<Run>,
}

/// A finding that is expected.
pub(super) struct Expected {
    pub(super) line: usize,
    pub(super) column: usize,
    /// How many characters are meant; not looked at if 1.
    pub(super) width: usize,
    pub(super) severity: String,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// What is expected of running the flow, as YAML.
pub(super) struct Run {
    pub(super) title: String,
    pub(super) line: usize,
    pub(super) text: String,
}

impl Case {
    /// All cases of a chapter.
    pub(super) fn all(chapter: &str, text: &str) -> Vec<Self> {
        let mut cases: Vec<Self> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            if let Some(title) = line.strip_prefix("#== ") {
                cases.push(Self::new(chapter, title, number + 1));
            } else if let Some(case) = cases.last_mut() {
                case.take(line, number + 1);
            } else {
                assert!(line.is_empty() || line.starts_with("# "), "{chapter}.yml:{}: before any case", number + 1);
            }
        }
        cases
    }

    fn new(chapter: &str, title: &str, line: usize) -> Self {
        let (text, expected, runs) = (String::new(), Vec::new(), Vec::new());
        Self { chapter: chapter.to_owned(), title: title.to_owned(), line, text, expected, runs }
    }

    fn take(&mut self, line: &str, number: usize) {
        if let Some(title) = line.strip_prefix("#-- run") {
            let title = title.trim_start_matches(':').trim().to_owned();
            self.runs.push(Run { title, line: number, text: String::new() });
        } else if let Some(run) = self.runs.last_mut() {
            run.text.push_str(line);
            run.text.push('\n');
        } else if let Some(expected) = marker(line, self.text.lines().count()) {
            self.expected.push(expected);
        } else {
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    /// How failures name it.
    pub(super) fn name(&self) -> String {
        format!("{}.yml:{}: {}", self.chapter, self.line, self.title)
    }
}

/// Reads a marker line about the line `line`.
fn marker(text: &str, line: usize) -> Option<Expected> {
    let after = text.strip_prefix('#')?;
    let (column, width, rest) = if let Some(rest) = after.strip_prefix('<') {
        (1, 1, rest)
    } else {
        let blanks = after.chars().take_while(|c| *c == ' ').count();
        let carets = after.chars().skip(blanks).take_while(|c| *c == '^').count();
        (blanks + 2, carets, after.get(blanks + carets..)?)
    };
    if width == 0 {
        return None;
    }
    let (severity, message) = rest.trim().split_once(": ").unwrap_or_else(|| panic!("no message in `{text}`"));
    let (message, help) = message.split_once(" | ").map_or((message, None), |(m, h)| (m, Some(h.to_owned())));
    assert!(matches!(severity, "error" | "warning"), "neither error nor warning in `{text}`");
    Some(Expected { line, column, width, severity: severity.to_owned(), message: message.to_owned(), help })
}
