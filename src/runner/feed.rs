//! The feed of what happens to tasks: deleting what is too old, and waiting for more.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::error::Error;
use crate::storage::{Cursor, FeedPage, Subscription};

use super::Runner;
use super::wait::{self, first};

/// How long entries of the feed are kept, unless the builder says otherwise: 7 days.
pub(crate) const FEED_KEEP: Duration = Duration::from_secs(7 * 24 * 3600);
/// Entries that are deleted in one write.
pub(super) const MAX_TRIMMED_AT_ONCE: usize = 1_000;
/// The longest pause between two looks at the feed. The storage tells of what is due, and of what other processes store;
/// this is how late the end of a task of this process may be seen.
const MAX_BETWEEN_LOOKS: Duration = Duration::from_millis(200);

impl Runner {
    /// Deletes old entries of the feed, a portion of them. Returns whether that were all.
    pub(super) async fn trim_feed(&self) -> Result<bool, Error> {
        let keep = chrono::TimeDelta::from_std(self.feed_keep).unwrap_or(chrono::TimeDelta::MAX);
        let before = self.host.now().checked_sub_signed(keep).unwrap_or(Timestamp::MIN_UTC);
        Ok(self.storage.trim_feed(before, MAX_TRIMMED_AT_ONCE).await? < MAX_TRIMMED_AT_ONCE)
    }

    /// The page of the feed after `after`, as soon as there is one.
    pub(crate) async fn feed_after(
        &self,
        after: Option<&Cursor>,
        limit: usize,
        subscription: &mut Subscription,
    ) -> Result<FeedPage, Error> {
        loop {
            let page = self.storage.feed(after, limit).await?;
            if !page.entries.is_empty() || after.is_some_and(|after| *after != page.next) {
                return Ok(page);
            }
            let pause = async {
                if !wait::pause(MAX_BETWEEN_LOOKS).await {
                    std::future::pending::<()>().await;
                }
            };
            first(subscription.due_before(None), pause).await;
        }
    }
}
