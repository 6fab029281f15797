//! Tasks for those who ask from outside, over a terminal or a network: tasks and history as JSON, the reading of
//! filters, conditions and short ids, and one action on many tasks. It knows no terminal and no protocol; whoever asked
//! gets data, and says it in his own words.

mod bulk;
mod condition;
mod error;
mod ids;
mod json;
mod moment;
mod query;
#[cfg(test)]
pub(crate) mod tests;
mod unknown;

pub use bulk::{Bulk, BulkEnd, BulkOutcome, NeverStops, StopSignal, Verb};
pub use condition::{Condition, Skipped, attributes_in};
pub use error::RequestError;
pub use ids::{ShortIds, is_like_id, resolve};
pub use json::{EventJson, TaskJson, TransitionJson, tasks};
pub use moment::moment;
pub use query::{Found, Query, Selection};
pub use unknown::{Asked, UnknownName, unknown};
