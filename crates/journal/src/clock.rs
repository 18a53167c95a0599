//! The clock of the log, which is an argument.

use std::sync::Arc;

use chrono::{DateTime, Utc};

/// Gives the current time for the log's `stored_at`. The clock may go back; the stored time does not.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;
