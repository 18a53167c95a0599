//! What one answer may take: its time, its rows and its bytes. Everything else is limited before the execution
//! (`query_cost`); these hold for what is really produced.

use std::sync::Arc;
use std::time::Duration;

use coordination::answer::AnswerLimits;
use tokio::time::Instant;

/// The longest time for executing an operation and recording its answer.
pub const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);
/// Rows that an answer reads, those included that lead to what it shows.
pub const ANSWER_ROWS_MAX: u64 = 50_000;
/// Bytes of the texts that an answer shows, and of the answer as JSON.
pub const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The instant at which the time for an answer is over.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline of an answer that begins now.
    pub(crate) fn from_now() -> Self {
        Self(Instant::now() + ANSWER_TIME_MAX)
    }

    /// The instant.
    pub(crate) const fn instant(self) -> Instant {
        self.0
    }

    /// The limits of the answer that is due then.
    #[must_use]
    pub fn limits(self) -> AnswerLimits {
        AnswerLimits {
            rows_max: ANSWER_ROWS_MAX,
            text_bytes_max: u64::try_from(ANSWER_BYTES_MAX).unwrap_or(u64::MAX),
            is_over: Arc::new(move || Instant::now() >= self.0),
        }
    }
}

/// Keeps written bytes up to the limit of an answer, and counts the others.
#[derive(Default)]
pub(crate) struct BoundedBytes {
    kept: Vec<u8>,
    written: usize,
}

impl BoundedBytes {
    /// The bytes.
    ///
    /// # Errors
    /// How many there were, if they are more than an answer may have.
    pub fn finish(self) -> Result<Vec<u8>, usize> {
        if self.written > ANSWER_BYTES_MAX { Err(self.written) } else { Ok(self.kept) }
    }
}

impl std::io::Write for BoundedBytes {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.written = self.written.saturating_add(bytes.len());
        if self.written <= ANSWER_BYTES_MAX {
            self.kept.extend_from_slice(bytes);
        } else {
            self.kept = Vec::new();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
