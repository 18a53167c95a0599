//! Answers to queries. What was read is recorded before the answer is given: only
//! [`Application::answer`] makes a [`Recorded`], and a transport sends nothing else.
//!
//! Rows are read through a [`Reader`](crate::reader::Reader), and [`Reads`] opens one. Both are
//! handles that can be cloned and kept. When the answer is complete, its record is written and
//! every handle answers [`Fault::Ended`], so nothing is read after the record.

use std::future::Future;
use std::sync::{Arc, Mutex};

use care::ids::EventId;
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::identity::Identity;

use crate::access::{About, Shown};
use crate::application::Application;
use crate::caller::{Origin, Reading};
use crate::fault::Fault;
use crate::lock::locked;
pub use crate::meter::AnswerLimits;
use crate::meter::Meter;

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

    /// One form of two answers, each of which is recorded.
    pub fn with<U, V>(self, other: Recorded<U>, form: impl FnOnce(T, U) -> V) -> Recorded<V> {
        Recorded(form(self.0, other.0))
    }

    /// What of the answer decides how its transport goes on, such as whether a command had an effect.
    pub fn read<U>(&self, look: impl FnOnce(&T) -> U) -> U {
        look(&self.0)
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

    /// Fails once the answer has ended.
    pub fn check_open(&self) -> Result<(), Fault> {
        if locked(&self.0).is_some() { Ok(()) } else { Err(Fault::Ended) }
    }

    /// Adds what is about to be shown. If this fails, it must not be shown.
    pub fn note(&self, about: About, permit: &Permit, events: Vec<EventId>) -> Result<(), Fault> {
        let mut shown = locked(&self.0);
        let shown = shown.as_mut().ok_or(Fault::Ended)?;
        // Most rows of an answer are shown on the same grounds as one before.
        if !shown.iter_mut().any(|known| known.add(about, permit, &events)) {
            shown.push(Shown::new(about, permit, events));
        }
        Ok(())
    }

    fn end(&self) -> Vec<Shown> {
        locked(&self.0).take().unwrap_or_default()
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
        let reading = Reading::of(&identity).ok_or(Fault::Row("the installation reads nothing"))?;
        self.access().check_tries(reading, now)?;
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
