//! The time, which is an argument here as everywhere.

use std::sync::Arc;

use chrono::{DateTime, Utc};

/// What time it is, for the log's `stored_at`. It may go back; what is stored does not.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;
