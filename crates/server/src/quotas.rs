//! What one person may use of the server: commands and bytes a minute, queries at once, and answers that wait to be taken.
//!
//! Each is far beyond what a person does by hand. Who meets one is told after how many seconds to go on, or waits for their
//! own other requests; nobody else notices. What takes time is executed a few at a time, and aside if it is costly, if one of late
//! was long, or if it would take the last free thread. So a thread of the runtime is left to connections, to commands and to
//! what is asked of the log. The cost of a document is known before its execution and the length of its texts is not: a few
//! fields may show megabytes.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use async_graphql::{Value, Variables};
use bytes::Bytes;
use coordination::allowance::Allowance;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;
use uuid::Uuid;

use crate::answer_limits::ANSWER_BYTES_MAX;
use crate::fault::{ErrorCode, Refused};
use crate::lock::locked;

/// Commands of one person in a minute.
pub const COMMANDS_A_MINUTE_MAX: u64 = 600;
/// Bytes of text that one person sends with these commands, for each of them: what a minute has in all is the product.
pub const WRITTEN_BYTES_EACH: u64 = 8 * 1024;
/// Queries of one person that are answered at once; further ones wait for them. A costly one does not count.
pub const QUERIES_OF_PERSON_AT_ONCE_MAX: usize = 2;
/// Queries of everybody that are executed at once. Each may hold an answer of the greatest size, several times over.
pub const QUERIES_AT_ONCE_MAX: usize = 16;
/// Queries of one person that wait for others of theirs.
pub const QUERIES_WAITING_MAX: usize = 500;
/// Bytes of answers to one person that the network has not taken. With more, further queries are refused.
pub const ANSWERS_HELD_BYTES_MAX: usize = 2 * ANSWER_BYTES_MAX;
/// From which cost on a query is costly.
pub const COSTLY: u64 = 2_000;
/// Costly queries of everybody that are executed at once, and one of each person.
pub const COSTLY_AT_ONCE_MAX: usize = 2;
/// From which cost on an operation may be executed aside, and a command takes a turn as queries do. With less, the longest
/// texts are shown in some milliseconds.
pub const ASIDE_FROM: u64 = 50;
/// How long an operation keeps a thread of the runtime at most without being a long one. A page of fifty messages takes
/// about one millisecond, and another thread in its place about a tenth of that.
pub const LONG: Duration = Duration::from_millis(10);
/// For how long every operation of this cost is executed aside after a long one. Even a first long one leaves a thread of the
/// runtime to the others, which is never taken by what is executed in place.
pub const ASIDE_AFTER_LONG: Duration = Duration::from_secs(60);
/// Persons of whom is known what they used, before those are forgotten who used nothing lately.
const PERSONS_KNOWN_MAX: usize = 4_096;

/// What the persons of a server use of it.
pub(crate) struct Quotas {
    commands_a_minute: u64,
    began: Instant,
    at_once: Semaphore,
    costly: Semaphore,
    of_person: Mutex<HashMap<Uuid, Arc<OfPerson>>>,
    /// Until when operations are executed aside, since one was long; none while there was no such one.
    aside_until: Mutex<Option<Instant>>,
    /// How many operations are executed in place now.
    in_place: AtomicUsize,
}

/// What one person uses.
pub(crate) struct OfPerson {
    written: Mutex<Written>,
    at_once: Semaphore,
    waiting: AtomicUsize,
    costly: Semaphore,
    held_bytes: AtomicUsize,
}

#[derive(Clone, Copy, Default)]
struct Written {
    commands: Allowance,
    bytes: Allowance,
}

/// The turn of an operation.
pub(crate) struct Turn<'a> {
    /// The turn among those of the person, to be kept until the answer is given.
    pub of_person: SemaphorePermit<'a>,
    /// The turn among those of everybody, to be kept while it is executed.
    pub of_all: SemaphorePermit<'a>,
}

/// Bytes of an answer that are held until the network has taken them.
pub(crate) struct HeldAnswer {
    bytes: Vec<u8>,
    person: Arc<OfPerson>,
}

impl Quotas {
    pub fn new(commands_a_minute: u64) -> Self {
        Self {
            commands_a_minute,
            began: Instant::now(),
            at_once: Semaphore::new(QUERIES_AT_ONCE_MAX),
            costly: Semaphore::new(COSTLY_AT_ONCE_MAX),
            of_person: Mutex::default(),
            aside_until: Mutex::default(),
            in_place: AtomicUsize::new(0),
        }
    }

    /// Executes what costs so much: aside, if it is costly or one of late was long.
    pub fn watched<F: Future>(&self, work: F, cost: u64) -> Watched<'_, F> {
        Watched { work: Box::pin(work), is_costly: cost >= COSTLY, quotas: self }
    }

    /// Takes one of the threads on which operations may be executed in place; none if that would leave no thread of the
    /// runtime to others.
    fn place(&self, threads: usize) -> Option<InPlace<'_>> {
        let place = InPlace(&self.in_place);
        (self.in_place.fetch_add(1, Ordering::Relaxed) + 1 < threads).then_some(place)
    }

    fn is_aside(&self, now: Instant) -> bool {
        locked(&self.aside_until).is_some_and(|until| now < until)
    }

    /// Notes how long an operation kept its thread.
    fn kept(&self, begun: Instant, now: Instant) {
        if now.duration_since(begun) > LONG {
            *locked(&self.aside_until) = Some(now + ASIDE_AFTER_LONG);
        }
    }

    pub fn of(&self, person: Uuid) -> Arc<OfPerson> {
        let now = self.began.elapsed();
        let mut of_person = locked(&self.of_person);
        if of_person.len() >= PERSONS_KNOWN_MAX && !of_person.contains_key(&person) {
            of_person.retain(|_, of| Arc::strong_count(of) > 1 || !locked(&of.written).is_whole(now));
        }
        Arc::clone(of_person.entry(person).or_insert_with(|| Arc::new(OfPerson::new())))
    }

    /// Takes commands with so many bytes from what a person may write.
    ///
    /// # Errors
    /// `RATE_LIMITED`, if there is not enough left.
    pub fn write(&self, person: &OfPerson, commands: u64, bytes: u64) -> Result<(), Refused> {
        let (now, most) = (self.began.elapsed(), self.commands_a_minute.max(1));
        // In KiB, so that each has a length of time that is not nothing.
        let (kib, kib_most) = (bytes.div_ceil(1024), most.saturating_mul(WRITTEN_BYTES_EACH) / 1024);
        let mut written = locked(&person.written);
        let mut next = *written;
        let taken = next.commands.take(now, commands, most).and_then(|()| next.bytes.take(now, kib, kib_most));
        taken.map_err(|wait| Refused::too_often("commands of yours", wait))?;
        *written = next;
        Ok(())
    }

    /// Waits for the turn of a query, or of a command whose answer costs as much as one.
    ///
    /// # Errors
    /// `RATE_LIMITED`, if too many of the person's queries wait, or they do not take their answers.
    pub async fn turn<'a>(&'a self, person: &'a OfPerson, cost: u64) -> Result<Turn<'a>, Refused> {
        if person.held_bytes.load(Ordering::Relaxed) >= ANSWERS_HELD_BYTES_MAX {
            let what = "you have not taken the answers to your queries; take them before you ask for more";
            return Err(Refused::new(ErrorCode::RateLimited, what));
        }
        let waits = Waits::new(&person.waiting)?;
        let (of_person, of_all) =
            if cost >= COSTLY { (&person.costly, &self.costly) } else { (&person.at_once, &self.at_once) };
        // The person's own turn first: nobody takes the turns of everybody by waiting for themselves.
        let turn = Turn { of_person: acquired(of_person).await?, of_all: acquired(of_all).await? };
        drop(waits);
        Ok(turn)
    }
}

async fn acquired(semaphore: &Semaphore) -> Result<SemaphorePermit<'_>, Refused> {
    // None of them is ever closed.
    semaphore.acquire().await.map_err(|_| Refused::new(ErrorCode::Unavailable, "the server stops"))
}

/// A query that waits.
struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn new(waiting: &'a AtomicUsize) -> Result<Self, Refused> {
        let waits = Self(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) >= QUERIES_WAITING_MAX {
            return Err(Refused::too_often("queries of yours at once", Duration::from_secs(1)));
        }
        Ok(waits)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl OfPerson {
    fn new() -> Self {
        Self {
            written: Mutex::default(),
            at_once: Semaphore::new(QUERIES_OF_PERSON_AT_ONCE_MAX),
            waiting: AtomicUsize::new(0),
            costly: Semaphore::new(1),
            held_bytes: AtomicUsize::new(0),
        }
    }
}

impl Written {
    fn is_whole(&self, now: Duration) -> bool {
        self.commands.is_whole(now) && self.bytes.is_whole(now)
    }
}

impl HeldAnswer {
    pub fn new(bytes: Vec<u8>, person: Arc<OfPerson>) -> Self {
        person.held_bytes.fetch_add(bytes.len(), Ordering::Relaxed);
        Self { bytes, person }
    }

    /// The same as the body of a response.
    pub fn into_bytes(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for HeldAnswer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for HeldAnswer {
    fn drop(&mut self) {
        self.person.held_bytes.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

/// The bytes of the texts in variables.
pub(crate) fn bytes_of(variables: &Variables) -> u64 {
    let mut bytes = 0_usize;
    let mut pending: Vec<&Value> = variables.values().collect();
    while let Some(value) = pending.pop() {
        match value {
            Value::String(text) => bytes = bytes.saturating_add(text.len()),
            Value::List(values) => pending.extend(values),
            Value::Object(fields) => pending.extend(fields.values()),
            Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Binary(_) | Value::Enum(_) => {}
        }
    }
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// Work that may not wait for a long time between two times that it does. Where it is executed aside, another thread takes
/// over the other tasks of its own meanwhile, and the system divides the processor among all of them.
pub(crate) struct Watched<'a, F> {
    work: Pin<Box<F>>,
    is_costly: bool,
    quotas: &'a Quotas,
}

impl<F: Future> Future for Watched<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let (begun, quotas, is_costly) = (Instant::now(), self.quotas, self.is_costly);
        let work = self.work.as_mut();
        let polled = match threads() {
            // Nothing can take over the tasks of the only thread of this kind of runtime.
            None => work.poll(context),
            Some(threads) => {
                let is_aside = is_costly || quotas.is_aside(begun);
                let place = if is_aside { None } else { quotas.place(threads) };
                if place.is_some() { work.poll(context) } else { tokio::task::block_in_place(|| work.poll(context)) }
            }
        };
        quotas.kept(begun, Instant::now());
        polled
    }
}

/// How many threads the runtime has of which one can take over the tasks of another; none if it has none of this kind.
fn threads() -> Option<usize> {
    let own = Handle::try_current().ok().filter(|own| own.runtime_flavor() == RuntimeFlavor::MultiThread)?;
    Some(own.metrics().num_workers())
}

/// An operation that is executed in place.
struct InPlace<'a>(&'a AtomicUsize);

impl Drop for InPlace<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<T>(result: Result<T, Refused>) -> Option<ErrorCode> {
        result.err().map(|refused| refused.code())
    }

    #[tokio::test(start_paused = true)]
    async fn commands_and_their_bytes_come_back_over_a_minute() {
        let quotas = Quotas::new(60);
        let [ada, ben] = [1, 2].map(|number| quotas.of(Uuid::from_u128(number)));
        assert!((0..6).all(|_| quotas.write(&ada, 10, 100).is_ok()));
        let refused = quotas.write(&ada, 1, 1).expect_err("refused");
        assert_eq!((refused.code(), refused.retry_after()), (ErrorCode::RateLimited, Some(1)));
        assert!(quotas.write(&ben, 1, 1).is_ok(), "another person");
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(quotas.write(&quotas.of(Uuid::from_u128(1)), 1, 1).is_ok());
        assert!(quotas.write(&ben, 1, 60 * WRITTEN_BYTES_EACH).is_ok());
        assert_eq!(code(quotas.write(&ben, 1, WRITTEN_BYTES_EACH * 2)), Some(ErrorCode::RateLimited));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(quotas.write(&ben, 1, 60 * WRITTEN_BYTES_EACH).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_long_operation_all_are_executed_aside_for_a_while() {
        let quotas = Quotas::new(60);
        let aside = || quotas.is_aside(Instant::now());
        // The time passes while the operation keeps its thread.
        quotas.watched(async { tokio::time::advance(LONG).await }, ASIDE_FROM).await;
        assert!(!aside());
        quotas.watched(async { tokio::time::advance(LONG + Duration::from_millis(1)).await }, ASIDE_FROM).await;
        assert!(aside());
        tokio::time::advance(ASIDE_AFTER_LONG - Duration::from_millis(1)).await;
        assert!(aside());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(!aside());
    }

    #[test]
    fn what_is_executed_in_place_leaves_a_thread_to_others() {
        let quotas = Quotas::new(60);
        assert!(quotas.place(1).is_none());
        let first = quotas.place(3);
        let second = quotas.place(3);
        assert!(first.is_some() && second.is_some() && quotas.place(3).is_none());
        drop(second);
        assert!(quotas.place(3).is_some());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn others_go_on_while_an_operation_that_is_executed_aside_keeps_its_thread() {
        for (cost, after_long) in [(COSTLY, false), (ASIDE_FROM, true), (ASIDE_FROM, false)] {
            let (go, wait) = std::sync::mpsc::channel();
            let operation = tokio::spawn(async move {
                let quotas = Quotas::new(60);
                if after_long {
                    let now = Instant::now();
                    quotas.kept(now, now + LONG * 2);
                }
                // It keeps the only thread until another task sends.
                quotas.watched(async move { wait.recv_timeout(Duration::from_secs(20)) }, cost).await
            });
            let other = tokio::spawn(async move { go.send(()) });
            assert_eq!((operation.await.ok(), other.await.ok()), (Some(Ok(())), Some(Ok(()))), "{cost}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn costly_queries_take_turns_and_others_do_not_wait_for_them() {
        let quotas = Quotas::new(60);
        let [ada, ben, eve] = [1, 2, 3].map(|number| quotas.of(Uuid::from_u128(number)));
        let soon = |turn| tokio::time::timeout(Duration::from_millis(1), turn);
        let first = quotas.turn(&ada, COSTLY).await.ok();
        assert!(soon(quotas.turn(&ada, COSTLY)).await.is_err(), "one of a person");
        let second = quotas.turn(&ben, COSTLY).await.ok();
        assert!(soon(quotas.turn(&eve, COSTLY)).await.is_err(), "two of all");
        assert!(soon(quotas.turn(&eve, COSTLY - 1)).await.is_ok());
        drop(first);
        assert!(soon(quotas.turn(&eve, COSTLY)).await.is_ok());
        drop(second);
        let all: Vec<_> = (0..QUERIES_OF_PERSON_AT_ONCE_MAX).map(|_| quotas.turn(&ada, 1)).collect();
        let mut taken = Vec::new();
        for turn in all {
            taken.push(turn.await.ok());
        }
        assert!(soon(quotas.turn(&ada, 1)).await.is_err());
        let waits: Vec<_> = (0..QUERIES_WAITING_MAX).map(|_| Waits::new(&ada.waiting)).collect();
        assert_eq!(code(quotas.turn(&ada, 1).await), Some(ErrorCode::RateLimited));
        drop((waits, taken));
        assert!(soon(quotas.turn(&ada, 1)).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn one_person_takes_few_turns_of_everybody_and_keeps_none_while_an_answer_is_recorded() {
        let quotas = Quotas::new(60);
        let persons: Vec<_> = (0..=QUERIES_AT_ONCE_MAX).map(|_| Arc::new(OfPerson::new())).collect();
        let soon = |turn| tokio::time::timeout(Duration::from_millis(1), turn);
        let mut own = Vec::new();
        for _ in 0..QUERIES_OF_PERSON_AT_ONCE_MAX {
            own.push(quotas.turn(&persons[0], 1).await.expect("a turn"));
        }
        assert!(soon(quotas.turn(&persons[0], 1)).await.is_err(), "two of a person");
        let mut others = Vec::new();
        for person in persons.iter().skip(1).take(QUERIES_AT_ONCE_MAX - own.len()) {
            others.push(soon(quotas.turn(person, 1)).await.expect("one of another person at once").ok());
        }
        assert!(soon(quotas.turn(&persons[QUERIES_AT_ONCE_MAX], 1)).await.is_err(), "all of everybody");
        let Turn { of_person, of_all } = own.remove(0);
        drop(of_all);
        assert!(soon(quotas.turn(&persons[QUERIES_AT_ONCE_MAX], 1)).await.is_ok());
        assert!(soon(quotas.turn(&persons[0], 1)).await.is_err(), "its answer is not given yet");
        drop(of_person);
        assert!(soon(quotas.turn(&persons[0], 1)).await.is_ok());
    }

    #[tokio::test]
    async fn who_takes_no_answers_gets_no_more() {
        let quotas = Quotas::new(60);
        let ada = quotas.of(Uuid::from_u128(1));
        let held = [(); 2].map(|()| HeldAnswer::new(vec![0; ANSWER_BYTES_MAX], Arc::clone(&ada)));
        assert_eq!(code(quotas.turn(&ada, 1).await), Some(ErrorCode::RateLimited));
        drop(held);
        assert!(quotas.turn(&ada, 1).await.is_ok());
    }

    #[test]
    fn persons_who_used_nothing_lately_are_forgotten() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let _guard = runtime.enter();
        let quotas = Quotas::new(60);
        let kept = quotas.of(Uuid::from_u128(0));
        for number in 0..20_000 {
            quotas.of(Uuid::from_u128(number));
        }
        assert!(locked(&quotas.of_person).len() <= PERSONS_KNOWN_MAX);
        assert!(Arc::ptr_eq(&kept, &quotas.of(Uuid::from_u128(0))));
    }
}
