//! Fenced blocks of a page.

use std::fmt::Display;

/// A block between two fences.
pub struct Block {
    /// The page, by its path in the repository.
    pub page: String,
    /// The line of its first line, from 1.
    pub line: usize,
    /// What stands behind the fence: `yaml`, `console`.
    pub language: String,
    pub text: String,
}

impl Block {
    /// The blocks of a page, in order.
    pub fn all(page: &str, text: &str) -> Vec<Self> {
        let mut blocks: Vec<Self> = Vec::new();
        let mut open: Option<(usize, Self)> = None;
        for (number, line) in text.lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            match (&mut open, line.trim_start().strip_prefix("```")) {
                (None, Some(language)) => {
                    let (page, language) = (page.to_owned(), language.trim().to_owned());
                    open = Some((indent, Self { page, line: number + 2, language, text: String::new() }));
                }
                (Some(_), Some("")) => blocks.extend(open.take().map(|(_, block)| block)),
                (Some((indent, block)), _) => {
                    block.text.push_str(line.get(*indent..).unwrap_or_default());
                    block.text.push('\n');
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{page}: a block is left open");
        blocks
    }

    /// How failures name it.
    pub fn place(&self) -> String {
        format!("{}:{}", self.page, self.line)
    }

    pub fn fail(&self, why: impl Display) -> ! {
        panic!("{}: {why}", self.place())
    }

    /// The file that a `yaml` block is: named by its first line (`# opsflow.yml`), else by its flow.
    pub fn file(&self) -> String {
        let first = self.text.lines().next().unwrap_or_default().trim_start_matches("# ");
        if first.ends_with(".yml") && !first.contains([' ', '$']) {
            return first.to_owned();
        }
        let flow = self.text.lines().find_map(|line| line.strip_prefix("flow: "));
        let flow = flow.unwrap_or_else(|| self.fail("it is no flow, and its first line names no file"));
        format!("{}.yml", flow.trim())
    }
}
