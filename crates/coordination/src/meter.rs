//! How much one answer reads, against its limits: rows, bytes of texts, and time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::fault::Fault;

/// How much one answer may read, and for how long.
#[derive(Clone)]
pub struct AnswerLimits {
    /// Rows read from the read models.
    pub rows_max: u64,
    /// Bytes of opened texts.
    pub text_bytes_max: u64,
    /// Whether the time for the answer is over. It is asked between rows, since a resolver that reads many of them gives
    /// no other task a chance to stop it.
    pub is_over: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl AnswerLimits {
    /// No limits, for an answer that its caller bounds.
    #[must_use]
    pub fn none() -> Self {
        Self { rows_max: u64::MAX, text_bytes_max: u64::MAX, is_over: Arc::new(|| false) }
    }
}

/// What an answer has read so far, by all its readers, against its limits.
pub(crate) struct Meter {
    limits: AnswerLimits,
    rows: AtomicU64,
    text_bytes: AtomicU64,
}

impl Meter {
    pub fn of(limits: AnswerLimits) -> Arc<Self> {
        Arc::new(Self { limits, rows: AtomicU64::new(0), text_bytes: AtomicU64::new(0) })
    }

    /// Fails once the time for the answer is over.
    pub fn check_time(&self) -> Result<(), Fault> {
        if (self.limits.is_over)() { Err(Fault::OverTime) } else { Ok(()) }
    }

    /// Counts rows; the fault says how many there were with these.
    pub fn add_rows(&self, rows: u64) -> Result<(), Fault> {
        let before = self.rows.fetch_add(rows, Ordering::Relaxed);
        let asked = before.saturating_add(rows);
        if asked > self.limits.rows_max {
            return Err(Fault::TooMuch { of: "rows", asked, max: self.limits.rows_max });
        }
        // A look at the clock for each row would cost as much as the row.
        if before / ROWS_BETWEEN_LOOKS == asked / ROWS_BETWEEN_LOOKS { Ok(()) } else { self.check_time() }
    }

    /// Counts the bytes of an opened text; the fault says how many there were with it.
    pub fn add_text(&self, bytes: usize) -> Result<(), Fault> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let asked = self.text_bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        let max = self.limits.text_bytes_max;
        if asked > max { Err(Fault::TooMuch { of: "bytes", asked, max }) } else { Ok(()) }
    }
}

/// Rows that are read between two looks at the clock.
const ROWS_BETWEEN_LOOKS: u64 = 16;

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    #[test]
    fn what_goes_beyond_a_limit_is_a_fault_that_says_how_much() {
        let meter = Meter::of(AnswerLimits { rows_max: 3, text_bytes_max: 10, ..AnswerLimits::none() });
        assert!(meter.add_rows(3).is_ok() && meter.add_text(10).is_ok());
        let rows = meter.add_rows(2);
        assert!(matches!(rows, Err(Fault::TooMuch { of: "rows", asked: 5, max: 3 })), "{rows:?}");
        let bytes = meter.add_text(1);
        assert!(matches!(bytes, Err(Fault::TooMuch { of: "bytes", asked: 11, max: 10 })), "{bytes:?}");
    }

    #[test]
    fn rows_are_read_no_longer_than_until_the_time_is_over() {
        let over = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&over);
        let is_over = Arc::new(move || asked.load(Ordering::Relaxed));
        let meter = Meter::of(AnswerLimits { is_over, ..AnswerLimits::none() });
        assert!((0..1_000).all(|_| meter.add_rows(1).is_ok()) && meter.check_time().is_ok());
        over.store(true, Ordering::Relaxed);
        let rows = (0..1_000).take_while(|_| meter.add_rows(1).is_ok()).count();
        assert!(rows < 16, "{rows}");
        assert!(matches!(meter.add_rows(100), Err(Fault::OverTime)));
        assert!(matches!(meter.check_time(), Err(Fault::OverTime)));
    }
}
