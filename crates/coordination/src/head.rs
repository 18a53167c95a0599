//! The head of the log: commands and reads must know that the authorization state has folded the whole log.
//!
//! One task reads the log's head: for the requests that wait, and four times a second for later ones. Only one reading
//! runs at a time, and it serves only the requests that asked before it began. The rules:
//! - A command waits for a head that was read after it began, and for the authorization state to have folded it.
//! - Content is given out only while the last head that the authorization state has reached was asked for less than a second ago.
//!   A later read waits for one more reading, at most until the end of that second, or one second if it is over.
//! - The node stops if the log no longer has the event that the authorization state had folded last before the head was
//!   asked for, if the log has a new epoch, or on a fatal error. An unavailable log does not stop the node: it is asked
//!   again, and the node continues when it answers.

use std::sync::{Arc, Weak};
use std::time::Duration;

use journal::{Fatal, Journal, Position, ReadError};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};
use uuid::Uuid;

use crate::fault::Fault;

/// A head that the authorization state has reached serves new reads for so long after it was asked for, in milliseconds.
const FRESH_MS_MAX: u64 = 500;
/// No content is given out when the last such head was asked for this long ago, in milliseconds.
const CONFIRMED_MS_MAX: u64 = 1_000;
/// Longest wait of a command for the head and for the authorization state to reach it, in milliseconds.
const COMMAND_MS_MAX: u64 = 2_000;
/// The head is read this often when nobody asks for it, in milliseconds.
const BEAT_MS: u64 = 250;
/// Longest wait for one reading, in milliseconds. The requests have given up before; it is not cancelled sooner, so
/// that a backend can detect that its connection is dead.
const READING_MS_MAX: u64 = 4_000;

/// The log's head, and whether the authorization state has reached it.
pub(crate) struct Head {
    journal: Arc<dyn Journal>,
    /// The last event that the authorization state has folded.
    folded: watch::Receiver<Option<(Position, Uuid)>>,
    /// Why the node stopped, if it did.
    stopped: watch::Sender<Option<String>>,
    /// The number of requests for a reading so far.
    asked: watch::Sender<u64>,
    told: watch::Sender<Option<Told>>,
    /// When the last head that the authorization state has reached was asked for.
    confirmed: watch::Sender<Option<Instant>>,
}

/// The result of one reading.
#[derive(Debug, Clone, Copy)]
struct Told {
    /// The number of requests when the reading began: it serves these and no later ones.
    asked: u64,
    at: Instant,
    head: Result<Option<Position>, Away>,
}

/// The log did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Away;

impl Head {
    /// `folded` is the last event that the authorization state has folded; `stopped` receives the reason when the node
    /// must stop.
    pub fn new(
        journal: Arc<dyn Journal>,
        folded: watch::Receiver<Option<(Position, Uuid)>>,
        stopped: watch::Sender<Option<String>>,
    ) -> Arc<Self> {
        let (asked, told, confirmed) = (watch::Sender::new(0), watch::Sender::new(None), watch::Sender::new(None));
        Arc::new(Self { journal, folded, stopped, asked, told, confirmed })
    }

    /// Reads the head for each request, until the node stops or is dropped.
    pub async fn watch(weak: Weak<Self>) {
        let Some((asked, told)) = weak.upgrade().map(|head| (head.asked.subscribe(), head.told.subscribe())) else {
            return;
        };
        tokio::join!(Self::read_on(weak.clone(), asked), Self::confirm_on(weak, told));
    }

    /// Waits until the authorization state has folded everything that the log holds now. So a revocation that was appended
    /// before a command began applies to it; a later revocation is ordered after it.
    pub async fn confirm(&self) -> Result<(), Fault> {
        self.confirm_until(Instant::now() + Duration::from_millis(COMMAND_MS_MAX)).await
    }

    /// Confirms unless the last confirmation is recent enough.
    pub async fn confirm_recently(&self) -> Result<(), Fault> {
        self.check()?;
        let now = Instant::now();
        let confirmed = *self.confirmed.borrow();
        if confirmed.is_some_and(|at| now < at + Duration::from_millis(FRESH_MS_MAX)) {
            return Ok(());
        }
        let second = Duration::from_millis(CONFIRMED_MS_MAX);
        self.confirm_until(confirmed.map(|at| at + second).filter(|end| now < *end).unwrap_or(now + second)).await
    }

    /// Whether the knowledge of the log is recent enough to give out content.
    pub fn is_confirmed(&self) -> bool {
        let confirmed = *self.confirmed.borrow();
        confirmed.is_some_and(|at| at.elapsed() < Duration::from_millis(CONFIRMED_MS_MAX))
    }

    async fn confirm_until(&self, end: Instant) -> Result<(), Fault> {
        self.check()?;
        let confirmed = timeout_at(end, self.confirm_from_now()).await;
        self.check()?;
        confirmed.unwrap_or(Err(Fault::Unavailable("the authorization state is behind the log, or the log is away")))
    }

    async fn confirm_from_now(&self) -> Result<(), Fault> {
        let mut ticket = 0;
        self.asked.send_modify(|asked| {
            *asked = asked.saturating_add(1);
            ticket = *asked;
        });
        let away = |_| Fault::Unavailable("the journal");
        let mut told = self.told.subscribe();
        let served = |told: &Option<Told>| told.is_some_and(|told| told.asked >= ticket);
        let told = told.wait_for(served).await.map_err(away)?.ok_or(Fault::Unavailable("the journal"))?;
        let head = told.head.map_err(|Away| Fault::Unavailable("the journal"))?;
        self.folded.clone().wait_for(|folded| place(*folded) >= head).await.map_err(away)?;
        self.mark(told.at);
        Ok(())
    }

    fn check(&self) -> Result<(), Fault> {
        if self.stopped.borrow().is_some() {
            return Err(Fault::Unavailable("folding stopped"));
        }
        Ok(())
    }

    /// The confirmation counts from the time of the request to the log, even if the answer took long.
    fn mark(&self, at: Instant) {
        self.confirmed.send_modify(|confirmed| *confirmed = (*confirmed).max(Some(at)));
    }

    async fn read_on(weak: Weak<Self>, mut asked: watch::Receiver<u64>) {
        let mut is_away = false;
        loop {
            let Some(head) = weak.upgrade().filter(|head| head.check().is_ok()) else { return };
            let asked_before = *asked.borrow_and_update();
            let at = Instant::now();
            match head.read().await {
                Ok(found) => {
                    if std::mem::replace(&mut is_away, found.is_err()) != found.is_err() {
                        match found {
                            Ok(_) => tracing::info!("the journal answers again"),
                            Err(Away) => tracing::warn!("the journal does not answer; nothing is served until it does"),
                        }
                    }
                    head.told.send_replace(Some(Told { asked: asked_before, at, head: found }));
                }
                Err(reason) => return stop(&head.stopped, &reason),
            }
            drop(head);
            if let Ok(Err(_)) = timeout(Duration::from_millis(BEAT_MS), asked.changed()).await {
                return;
            }
        }
    }

    /// One reading, or why the node must stop.
    async fn read(&self) -> Result<Result<Option<Position>, Away>, String> {
        let folded = *self.folded.borrow();
        let reading = async {
            let head = self.journal.head().await?;
            match folded.filter(|(position, _)| head < Some(*position)) {
                // A store may show an event before its head includes it, so what counts is whether the log has the event.
                Some((position, id)) if !self.journal.holds(position, id).await? => {
                    Err(Fatal::LostTail { position }.into())
                }
                Some((position, _)) => Ok(Some(position)),
                None => Ok(head),
            }
        };
        match timeout(Duration::from_millis(READING_MS_MAX), reading).await {
            Ok(Ok(head)) => Ok(Ok(head)),
            Err(_) | Ok(Err(ReadError::Unavailable { .. })) => Ok(Err(Away)),
            Ok(Err(error @ (ReadError::EpochChanged { .. } | ReadError::Fatal(_)))) => Err(error.to_string()),
        }
    }

    /// Notes each head that the authorization state reaches in time, so that the next read need not wait.
    async fn confirm_on(weak: Weak<Self>, mut told: watch::Receiver<Option<Told>>) {
        while told.changed().await.is_ok() {
            let Some(Told { at, head: Ok(head), .. }) = *told.borrow_and_update() else { continue };
            let Some(mut folded) = weak.upgrade().map(|head| head.folded.clone()) else { return };
            let end = at + Duration::from_millis(CONFIRMED_MS_MAX);
            let reached = timeout_at(end, folded.wait_for(|folded| place(*folded) >= head)).await;
            if let (Ok(Ok(_)), Some(head)) = (reached, weak.upgrade()) {
                head.mark(at);
            }
        }
    }
}

fn place(event: Option<(Position, Uuid)>) -> Option<Position> {
    event.map(|(position, _)| position)
}

/// Sets the reason why the node stops; the first reason is kept.
pub(crate) fn stop(stopped: &watch::Sender<Option<String>>, reason: &str) {
    let first = stopped.send_if_modified(|stopped| {
        let first = stopped.is_none();
        if first {
            *stopped = Some(reason.to_owned());
        }
        first
    });
    if first {
        tracing::error!(reason, "folding stopped");
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::*;
    use async_trait::async_trait;
    use futures_util::stream::BoxStream;
    use journal::{
        Append, AppendError, Appended, Direction, Feed, Limits, LogIdentity, LogPage, Revision, StreamName, StreamPage,
    };

    /// How the store answers a request for its head.
    #[derive(Debug, Clone)]
    enum Manner {
        Answers(u64),
        /// After so long.
        Slow(Duration, u64),
        /// Its head comes a moment after its events.
        Behind(u64),
        /// Never, even after the store has recovered.
        Hangs,
        Fails(ReadError),
    }

    struct Store {
        manner: Mutex<Manner>,
        heads: AtomicUsize,
    }

    #[async_trait]
    impl Journal for Store {
        fn limits(&self) -> Limits {
            unreachable!()
        }
        async fn identity(&self) -> Result<LogIdentity, ReadError> {
            unreachable!()
        }
        async fn append(&self, _: Append) -> Result<Appended, AppendError> {
            unreachable!()
        }
        async fn read_stream(
            &self,
            _: &StreamName,
            _: Option<Revision>,
            _: Direction,
            _: NonZeroU32,
        ) -> Result<StreamPage, ReadError> {
            unreachable!()
        }
        async fn read_log(&self, _: Option<Position>, _: NonZeroU32) -> Result<LogPage, ReadError> {
            unreachable!()
        }
        async fn follow(&self, _: Option<Position>) -> Result<BoxStream<'static, Result<Feed, ReadError>>, ReadError> {
            unreachable!()
        }
        async fn head(&self) -> Result<Option<Position>, ReadError> {
            self.heads.fetch_add(1, SeqCst);
            let manner = self.manner.lock().unwrap().clone();
            match manner {
                Manner::Answers(head) | Manner::Behind(head) => Ok(Some(Position(head))),
                Manner::Slow(after, head) => {
                    pass(after).await;
                    Ok(Some(Position(head)))
                }
                Manner::Hangs => std::future::pending().await,
                Manner::Fails(error) => Err(error),
            }
        }
        async fn holds(&self, position: Position, _: Uuid) -> Result<bool, ReadError> {
            match *self.manner.lock().unwrap() {
                Manner::Answers(head) => Ok(position.0 <= head),
                Manner::Behind(_) => Ok(true),
                Manner::Slow(..) | Manner::Hangs | Manner::Fails(_) => unreachable!(),
            }
        }
    }

    struct Node {
        store: Arc<Store>,
        folded: watch::Sender<Option<(Position, Uuid)>>,
        stopped: watch::Sender<Option<String>>,
        head: Arc<Head>,
    }

    /// A node that has folded up to position 5, on a store with head 5.
    fn node() -> Node {
        let store = Arc::new(Store { manner: Mutex::new(Manner::Answers(5)), heads: AtomicUsize::new(0) });
        let (folded, stopped) = (watch::Sender::new(Some((Position(5), Uuid::nil()))), watch::Sender::new(None));
        let head = Head::new(Arc::clone(&store) as Arc<dyn Journal>, folded.subscribe(), stopped.clone());
        tokio::spawn(Head::watch(Arc::downgrade(&head)));
        Node { store, folded, stopped, head }
    }

    impl Node {
        fn set(&self, manner: Manner) {
            *self.store.manner.lock().unwrap() = manner;
        }
    }

    /// The clock is paused: it advances when no task is ready to run.
    async fn pass(time: Duration) {
        timeout(time, std::future::pending::<()>()).await.unwrap_err();
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn away() -> ReadError {
        ReadError::Unavailable { reason: String::new() }
    }

    #[tokio::test(start_paused = true)]
    async fn with_a_store_that_is_lost_or_hangs_reads_end_within_a_second_and_come_back() {
        for trouble in [Manner::Hangs, Manner::Fails(away())] {
            let node = node();
            node.head.confirm_recently().await.unwrap();
            node.set(trouble.clone());
            let lost = Instant::now();
            // Reads are served until the second is over, then none is; no read that begins in that second waits beyond it.
            while node.head.confirm_recently().await.is_ok() {
                tokio::time::advance(ms(10)).await;
            }
            assert!(lost.elapsed() <= ms(CONFIRMED_MS_MAX), "{trouble:?}: {:?}", lost.elapsed());
            pass(ms(CONFIRMED_MS_MAX)).await;
            assert!(!node.head.is_confirmed(), "{trouble:?}");
            // After an hour a read makes one try of one second.
            pass(Duration::from_secs(3_600)).await;
            let asked = Instant::now();
            assert!(node.head.confirm_recently().await.is_err());
            assert!(asked.elapsed() <= ms(CONFIRMED_MS_MAX), "{trouble:?}: {:?}", asked.elapsed());
            assert!(node.stopped.borrow().is_none());
            node.set(Manner::Answers(5));
            pass(ms(READING_MS_MAX + BEAT_MS)).await;
            assert!(node.head.is_confirmed(), "{trouble:?}: it does not come back by itself");
            node.head.confirm_recently().await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_confirmation_counts_from_the_time_of_its_request() {
        let node = node();
        node.set(Manner::Slow(ms(900), 5));
        let asked = Instant::now();
        node.head.confirm().await.unwrap();
        assert_eq!(asked.elapsed(), ms(900));
        assert!(node.head.is_confirmed());
        tokio::time::advance(ms(101)).await;
        assert!(!node.head.is_confirmed());
        // An answer that comes too late confirms nothing for reads; a command may wait for it.
        node.set(Manner::Slow(ms(1_500), 5));
        pass(Duration::from_secs(5)).await;
        assert!(!node.head.is_confirmed());
        assert!(node.head.confirm_recently().await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn one_reading_serves_all_requests_that_were_made_before_it_began_and_no_later_ones() {
        let node = node();
        pass(ms(BEAT_MS / 2)).await;
        node.set(Manner::Slow(ms(400), 5));
        let confirm = || {
            let head = Arc::clone(&node.head);
            tokio::spawn(async move { head.confirm().await.map(|()| Instant::now()) })
        };
        let began = Instant::now();
        let first = confirm();
        pass(ms(200)).await;
        let heads = node.store.heads.load(SeqCst);
        let later: Vec<_> = (0..1_000).map(|_| confirm()).collect();
        assert_eq!(first.await.unwrap().unwrap() - began, ms(400));
        for each in later {
            assert_eq!(each.await.unwrap().unwrap() - began, ms(800), "served by a head read before it asked");
        }
        assert_eq!(node.store.heads.load(SeqCst), heads + 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_command_waits_until_the_authorization_state_has_reached_the_head() {
        let node = node();
        node.set(Manner::Answers(7));
        let asked = Instant::now();
        assert!(node.head.confirm().await.is_err());
        assert_eq!(asked.elapsed(), ms(COMMAND_MS_MAX));
        assert!(!node.head.is_confirmed());
        node.folded.send_replace(Some((Position(7), Uuid::nil())));
        node.head.confirm().await.unwrap();
        assert!(node.head.is_confirmed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_end_a_new_epoch_and_what_is_fatal_stop_the_node_and_an_outage_does_not() {
        let identity = LogIdentity { log: Uuid::nil(), epoch: Uuid::nil() };
        for (manner, told) in [
            (Manner::Answers(4), "at position 5: its end is lost"),
            (Manner::Fails(Fatal::LostTail { position: Position(3) }.into()), "its end is lost"),
            (Manner::Fails(ReadError::EpochChanged { seen: identity, now: identity }), "was restored"),
            (Manner::Fails(Fatal::Denied { reason: "no".into() }.into()), "refuses: no"),
        ] {
            let node = node();
            node.head.confirm().await.unwrap();
            node.set(manner);
            assert!(node.head.confirm().await.is_err());
            assert!(node.stopped.borrow().as_ref().is_some_and(|reason| reason.contains(told)), "{told}");
            node.set(Manner::Answers(5));
            pass(ms(BEAT_MS * 2)).await;
            assert!(node.head.confirm_recently().await.is_err(), "it goes on after {told}");
        }
        let node = node();
        node.set(Manner::Fails(away()));
        assert!(node.head.confirm().await.is_err());
        node.set(Manner::Behind(4));
        node.head.confirm().await.unwrap();
        assert!(node.stopped.borrow().is_none());
    }
}
