//! Answers to queries. What was read is recorded before the answer is given: only
//! [`Application::answer`] makes a [`Recorded`], and a transport sends nothing else.
//!
//! Rows are read through a [`Reader`](crate::reader::Reader), and [`Reads`] opens one. Both are
//! handles that can be cloned and kept. When the answer is complete, its record is written and
//! every handle answers [`Fault::Ended`], so nothing is read after the record.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use care::ids::EventId;
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::identity::Identity;

use crate::access::{About, Origin, Reading, Shown};
use crate::application::Application;
use crate::fault::Fault;

/// The reader and the time of an answer, and where its request came from.
#[derive(Debug, Clone)]
pub struct AnswerContext {
    /// The signed-in person.
    pub identity: Identity,
    /// The time of the request.
    pub now: DateTime<Utc>,
    /// Where the request came from.
    pub origin: Origin,
}

/// An answer whose reads are recorded durably. Only [`Application::answer`] makes one.
#[derive(Debug)]
#[must_use = "a recorded answer is made to be sent"]
pub struct Recorded<T>(T);

impl<T> Recorded<T> {
    /// Another form of the same answer.
    pub fn map<U>(self, form: impl FnOnce(T) -> U) -> Recorded<U> {
        Recorded(form(self.0))
    }

    /// The answer itself, for the one place that writes it into a response.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T, E> Recorded<Result<T, E>> {
    /// Takes the error of an answer out. What was read before the error is recorded too.
    ///
    /// # Errors
    /// The error that the answer holds.
    pub fn transpose(self) -> Result<Recorded<T>, E> {
        self.0.map(Recorded)
    }
}

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

/// The reads of one answer: opens its readers and collects what they show.
#[derive(Clone)]
pub struct Reads {
    pub(crate) application: Arc<Application>,
    pub(crate) identity: Identity,
    pub(crate) reading: Reading,
    pub(crate) now: DateTime<Utc>,
    pub(crate) origin: Origin,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) meter: Arc<Meter>,
}

impl Reads {
    /// The same reads within limits. What was read before does not count.
    #[must_use]
    pub fn within(self, limits: AnswerLimits) -> Self {
        Self { meter: Meter::of(limits), ..self }
    }
}

/// What an answer showed so far, until it ends.
pub(crate) struct Ledger(Mutex<Option<Vec<Shown>>>);

impl Ledger {
    fn open() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Some(Vec::new()))))
    }

    fn shown(&self) -> MutexGuard<'_, Option<Vec<Shown>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails once the answer has ended.
    pub fn check_open(&self) -> Result<(), Fault> {
        if self.shown().is_some() { Ok(()) } else { Err(Fault::Ended) }
    }

    /// Adds what is about to be shown. If this fails, it must not be shown.
    pub fn note(&self, about: About, permit: &Permit, events: Vec<EventId>) -> Result<(), Fault> {
        let mut shown = self.shown();
        let shown = shown.as_mut().ok_or(Fault::Ended)?;
        // Most rows of an answer are shown on the same grounds as one before.
        if !shown.iter_mut().any(|known| known.add(about, permit, &events)) {
            shown.push(Shown::new(about, permit, events));
        }
        Ok(())
    }

    fn end(&self) -> Vec<Shown> {
        self.shown().take().unwrap_or_default()
    }
}

/// Ends the reads of an answer that is dropped before it is complete. Such an answer is not sent.
struct EndOnDrop(Arc<Ledger>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Application {
    /// Runs `read`, and returns its answer when the reads are recorded.
    ///
    /// # Errors
    /// [`Fault`] when the reads cannot be recorded; the answer is dropped then.
    pub async fn answer<T, F>(
        self: &Arc<Self>,
        AnswerContext { identity, now, origin }: AnswerContext,
        read: impl FnOnce(Reads) -> F,
    ) -> Result<Recorded<T>, Fault>
    where
        F: Future<Output = T> + Send,
    {
        let (Some(person), Some(session)) = (identity.person(), identity.session()) else {
            return Err(Fault::Row("the installation reads nothing"));
        };
        let reading = Reading { person, session };
        let ledger = Ledger::open();
        let end = EndOnDrop(Arc::clone(&ledger));
        let meter = Meter::of(AnswerLimits::none());
        let reads =
            Reads { application: Arc::clone(self), identity, reading, now, origin: origin.clone(), ledger, meter };
        let answer = read(reads).await;
        let shown = end.0.end();
        self.access().read(reading, origin, &shown, now).await?;
        Ok(Recorded(answer))
    }
}

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
