//! Ids as people type them: whole, or shortened as long as only one task matches.

use crate::storage::{Filter, Storage};
use crate::task::TaskId;

use super::exit::Failure;

/// Characters that a shortened id must have.
const MIN_PREFIX: usize = 4;
/// Tasks read per page.
const PAGE: usize = 1000;
/// Tasks read in total, so that a short id in a huge storage does not read all of it.
const MAX_LOOKED_AT: usize = 200_000;
/// Ids that a refusal names.
const MAX_NAMED: usize = 5;

/// Whether `text` has the form of an id, or of the beginning of one.
pub(super) fn is_like_id(text: &str) -> bool {
    let text = text.trim().trim_end_matches('…');
    text.len() >= MIN_PREFIX && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// The id of the task that `text` means.
pub(super) async fn resolve(storage: &dyn Storage, text: &str) -> Result<TaskId, Failure> {
    if let Ok(id) = TaskId::parse_str(text.trim()) {
        return Ok(id);
    }
    // Moves are shown with this ending.
    let text = text.trim().trim_end_matches('…');
    let digits: String = text.to_lowercase().chars().filter(|c| *c != '-').collect();
    if digits.is_empty() || digits.len() > 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        let help = "an id is 32 hexadecimal digits, or the first of them; `opsflow list` shows the ids";
        return Err(Failure::usage(format!("`{text}` is not the id of a task")).with_help(help));
    }
    if digits.len() < MIN_PREFIX {
        let message = format!("`{text}` is too short for an id; at least {MIN_PREFIX} digits are needed (MIN_PREFIX)");
        return Err(Failure::usage(message));
    }
    let found = beginning_with(storage, &digits).await?;
    match found.as_slice() {
        [id] => Ok(*id),
        [] => Err(Failure::refused(format!("no task has an id that begins with `{text}`"))
            .of_kind("not_found")
            .with_help("`opsflow list` shows the tasks there are")),
        many => {
            let more = if many.len() > MAX_NAMED { ", …" } else { "" };
            let named: Vec<String> = many.iter().take(MAX_NAMED).map(ToString::to_string).collect();
            let message = format!("several tasks have an id that begins with `{text}`: {}{more}", named.join(", "));
            Err(Failure::refused(message).with_help("write more of the id"))
        }
    }
}

/// The ids that begin with `digits`, at most one more than a refusal names.
async fn beginning_with(storage: &dyn Storage, digits: &str) -> Result<Vec<TaskId>, Failure> {
    let mut found = Vec::new();
    let mut filter = Filter { limit: Some(PAGE), ..Filter::default() };
    for _ in 0..MAX_LOOKED_AT / PAGE {
        let page = storage.tasks(&filter).await?;
        found.extend(page.iter().map(|task| task.id).filter(|id| id.simple().to_string().starts_with(digits)));
        if page.len() < PAGE || found.len() > MAX_NAMED {
            return Ok(found);
        }
        filter.after = page.last().map(|task| task.id);
    }
    let message = format!("only {MAX_LOOKED_AT} tasks are looked at for a shortened id (MAX_LOOKED_AT)");
    Err(Failure::refused(message).with_help("write the whole id"))
}

/// The least digits of a short id.
const MIN_SHORT: usize = 8;

/// Shortened ids, unique among those that are shown together.
pub(super) struct Short {
    digits: usize,
}

impl Short {
    /// Short forms for `ids`, all of the same length.
    pub(super) fn of(ids: impl IntoIterator<Item = TaskId>) -> Self {
        let mut ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
        ids.sort_unstable();
        ids.dedup();
        let pairs = ids.iter().zip(ids.iter().skip(1));
        let alike = |(a, b): (&String, &String)| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
        Self { digits: pairs.map(alike).max().map_or(MIN_SHORT, |alike| MIN_SHORT.max(alike + 1)) }
    }

    /// The short form of a single id.
    pub(super) fn one(id: TaskId) -> String {
        Self { digits: MIN_SHORT }.id(id)
    }

    /// The short form of `id`.
    pub(super) fn id(&self, id: TaskId) -> String {
        let whole = id.to_string();
        whole.get(..self.digits).map(|short| short.trim_end_matches('-').to_owned()).unwrap_or(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::{Short, TaskId};

    #[test]
    fn a_short_id_means_one_of_those_that_are_shown() {
        let ids: Vec<TaskId> = ["0198c2f4-77aa-7bcd-8123-456789abcdef", "0198c2f4-77ab-7bcd-8123-456789abcdef"]
            .iter()
            .map(|id| id.parse().unwrap())
            .collect();
        assert_eq!(Short::one(ids[0]), "0198c2f4");
        let short = Short::of(ids.clone());
        assert_eq!([short.id(ids[0]), short.id(ids[1])], ["0198c2f4-77aa", "0198c2f4-77ab"]);
        assert_eq!(Short::of([ids[0], ids[0]]).id(ids[0]), "0198c2f4");
        assert_eq!(Short::of([]).id(ids[0]), "0198c2f4");
    }
}
