//! Which tasks to find, and from where on.

use std::str::FromStr;

use crate::clock::Timestamp;
use crate::name::Name;
use crate::task::{Status, Task, TaskId};

/// Digits that a shortened id must have.
pub const MIN_PREFIX: usize = 4;
/// Digits of a whole id.
const DIGITS: usize = 32;

/// Which tasks to find. Absent fields match all.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Filter {
    /// In one of these; in any, if empty.
    pub statuses: Vec<Status>,
    /// Of this flow.
    pub flow: Option<Name>,
    /// In this state.
    pub state: Option<Name>,
    /// In this queue.
    pub queue: Option<Name>,
    /// Started by this task.
    pub parent_id: Option<TaskId>,
    /// Found under this record: type, id, and the attribute if only one is meant.
    pub reference: Option<(Name, Name, Option<Name>)>,
    /// Failed with an error of this kind.
    pub error_kind: Option<Name>,
    /// Started within this period.
    pub created: Period,
    /// Stored last within this period.
    pub updated: Period,
    /// With an id that begins so.
    pub id: Option<IdPrefix>,
    /// After this place in the order of the list: that of the last task of the previous page.
    pub after: Option<Place>,
    /// At most this many.
    pub limit: Option<usize>,
    /// No more after the one with which their attributes, outputs and errors take more bytes than this. An adapter that
    /// shares what it keeps, and so reads nothing, may ignore it.
    pub max_bytes: Option<usize>,
}

/// A period; an absent end is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Period {
    /// At or after this moment.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

impl Period {
    /// Whether `moment` lies in it.
    pub fn holds(&self, moment: Timestamp) -> bool {
        self.since.is_none_or(|since| moment >= since) && self.until.is_none_or(|until| moment < until)
    }

    /// Whether it is open at both ends.
    pub const fn is_always(&self) -> bool {
        self.since.is_none() && self.until.is_none()
    }
}

/// A place in the order of tasks: that of a task, whether it is stored or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// When the task was started.
    pub created_at: Timestamp,
    /// Its id.
    pub id: TaskId,
}

impl Place {
    /// The place of `task`.
    pub const fn of(task: &Task) -> Self {
        Self { created_at: task.created_at, id: task.id }
    }
}

/// The beginning of an id: at least [`MIN_PREFIX`] hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdPrefix {
    first: TaskId,
    last: TaskId,
}

/// Why a text is not the beginning of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPrefix {
    /// It has fewer digits than [`MIN_PREFIX`].
    #[error("it is too short for an id; at least {MIN_PREFIX} digits are needed (MIN_PREFIX)")]
    TooShort,
    /// It has something else than hexadecimal digits, or too many of them.
    #[error("an id is {DIGITS} hexadecimal digits, or the first of them")]
    NoDigits,
}

impl IdPrefix {
    /// The first id that begins so.
    pub const fn first(&self) -> TaskId {
        self.first
    }

    /// The last id that begins so.
    pub const fn last(&self) -> TaskId {
        self.last
    }

    /// Whether `id` begins so.
    pub fn holds(&self, id: TaskId) -> bool {
        (self.first..=self.last).contains(&id)
    }
}

/// Digits, with dashes or without, in either case.
impl FromStr for IdPrefix {
    type Err = InvalidPrefix;

    fn from_str(text: &str) -> Result<Self, InvalidPrefix> {
        let (mut first, mut digits) = (0_u128, 0_usize);
        for character in text.chars().filter(|character| *character != '-') {
            let digit = character.to_digit(16).ok_or(InvalidPrefix::NoDigits)?;
            digits = digits.saturating_add(1);
            if digits > DIGITS {
                return Err(InvalidPrefix::NoDigits);
            }
            first = first << 4 | u128::from(digit);
        }
        match digits {
            0 => Err(InvalidPrefix::NoDigits),
            few if few < MIN_PREFIX => Err(InvalidPrefix::TooShort),
            DIGITS => Ok(Self { first: TaskId::from_u128(first), last: TaskId::from_u128(first) }),
            some => {
                let free = 4 * (DIGITS - some);
                let first = first << free;
                Ok(Self { first: TaskId::from_u128(first), last: TaskId::from_u128(first | ((1 << free) - 1)) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_holds_the_ids_that_begin_so() {
        let id: TaskId = "0198c2f4-77aa-7bcd-8123-456789abcdef".parse().unwrap();
        for text in ["0198", "0198c2f4", "0198C2F4-7", "0198c2f4-77aa-7bcd-8123-456789abcdef"] {
            assert!(text.parse::<IdPrefix>().unwrap().holds(id), "{text}");
        }
        for text in ["0197", "0198c2f5", "0198c2f4-77ab", "0198c2f4-77aa-7bcd-8123-456789abcdee"] {
            assert!(!text.parse::<IdPrefix>().unwrap().holds(id), "{text}");
        }
        for (text, why) in [
            ("", InvalidPrefix::NoDigits),
            ("019", InvalidPrefix::TooShort),
            ("019g", InvalidPrefix::NoDigits),
            ("0198c2f4-77aa-7bcd-8123-456789abcdef0", InvalidPrefix::NoDigits),
        ] {
            assert_eq!(text.parse::<IdPrefix>(), Err(why), "{text}");
        }
    }
}
