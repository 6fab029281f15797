//! Lines of cron, and what time zones make of them.

mod cron;
mod rule;
