//! Ids as people type them: whole, or shortened as long as only one task matches.

use crate::opsflow::Opsflow;
use crate::storage::{Filter, IdPrefix, InvalidPrefix, MIN_PREFIX};
use crate::task::TaskId;

use super::error::RequestError;

/// Ids that a refusal names.
pub(super) const MAX_NAMED: usize = 5;

/// Whether `text` has the form of an id, or of the beginning of one.
pub fn is_like_id(text: &str) -> bool {
    let text = text.trim().trim_end_matches('…');
    text.len() >= MIN_PREFIX && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// The id of the task that `text` means.
pub async fn resolve(ops: &Opsflow, text: &str) -> Result<TaskId, RequestError> {
    if let Ok(id) = TaskId::parse_str(text.trim()) {
        return Ok(id);
    }
    // Moves are shown with this ending.
    let text = text.trim().trim_end_matches('…');
    let prefix: IdPrefix = text.parse().map_err(|why| match why {
        InvalidPrefix::TooShort => RequestError::ShortId(text.to_owned()),
        InvalidPrefix::NoDigits => RequestError::NotAnId(text.to_owned()),
    })?;
    // One more than a refusal names.
    let filter = Filter { id: Some(prefix), limit: Some(MAX_NAMED + 1), ..Filter::default() };
    let ids: Vec<TaskId> = ops.find(&filter).await?.iter().map(|task| task.id).collect();
    match ids.as_slice() {
        [id] => Ok(*id),
        [] => Err(RequestError::NoSuchId(text.to_owned())),
        _ => Err(RequestError::Ambiguous { given: text.to_owned(), ids }),
    }
}

/// The least digits of a short id.
const MIN_SHORT: usize = 8;

/// Shortened ids, unique among those that are shown together.
#[derive(Clone, Copy, Debug)]
pub struct ShortIds {
    digits: usize,
}

impl ShortIds {
    /// Short forms for `ids`, all of the same length.
    pub fn of(ids: impl IntoIterator<Item = TaskId>) -> Self {
        let mut ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
        ids.sort_unstable();
        ids.dedup();
        let pairs = ids.iter().zip(ids.iter().skip(1));
        let alike = |(a, b): (&String, &String)| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
        Self { digits: pairs.map(alike).max().map_or(MIN_SHORT, |alike| MIN_SHORT.max(alike + 1)) }
    }

    /// The short form of a single id.
    pub fn one(id: TaskId) -> String {
        Self { digits: MIN_SHORT }.id(id)
    }

    /// The short form of `id`.
    pub fn id(&self, id: TaskId) -> String {
        let whole = id.to_string();
        whole.get(..self.digits).map(|short| short.trim_end_matches('-').to_owned()).unwrap_or(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::{ShortIds, TaskId};

    #[test]
    fn a_short_id_means_one_of_those_that_are_shown() {
        let ids: Vec<TaskId> = ["0198c2f4-77aa-7bcd-8123-456789abcdef", "0198c2f4-77ab-7bcd-8123-456789abcdef"]
            .iter()
            .map(|id| id.parse().unwrap())
            .collect();
        assert_eq!(ShortIds::one(ids[0]), "0198c2f4");
        let short = ShortIds::of(ids.clone());
        assert_eq!([short.id(ids[0]), short.id(ids[1])], ["0198c2f4-77aa", "0198c2f4-77ab"]);
        assert_eq!(ShortIds::of([ids[0], ids[0]]).id(ids[0]), "0198c2f4");
        assert_eq!(ShortIds::of([]).id(ids[0]), "0198c2f4");
    }
}
