//! Journals that fail on purpose, and a clinic on them.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use journal::{
    Append, AppendError, Appended, Direction, Fatal, Feed, Journal, Limits, LogIdentity, LogPage, Position, ReadError,
    Revision, StreamName, StreamPage,
};
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::clinic::Clinic;

/// What happens to one append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendFault {
    /// The store is away, and nothing is written.
    Unavailable,
    /// It is written, and the answer says that nobody knows.
    WrittenButUnknown,
    /// It is written, and no answer ever comes.
    WrittenAndSilent,
    /// It waits until it is let go, and is written then.
    Held,
    /// The store has taken it and writes it once it is let go, even if its caller has gone away.
    Late,
    /// Somebody else seems to have been first.
    Conflict,
    /// The right to append is gone.
    Denied,
}

/// A journal in front of another, with faults for its next appends.
pub struct FaultyJournal {
    pub inner: Arc<dyn Journal>,
    faults: Mutex<VecDeque<AppendFault>>,
    pub silent: Notify,
    /// Lets held appends go.
    pub release: Arc<Notify>,
    /// How often a stream was read.
    pub reads: AtomicUsize,
    /// How often the log was.
    pub log_reads: AtomicUsize,
    /// How often it was appended, or tried.
    pub appends: AtomicUsize,
    /// How often the head was asked for.
    pub heads: AtomicUsize,
    /// Whether the feed gives what it has.
    pub feeding: watch::Sender<bool>,
    /// Whether the log is said to end before its last event.
    pub shortened: AtomicBool,
    /// Whether other events are said to be at the places asked for.
    pub swapped: AtomicBool,
    /// Whether the next event of the feed brings down who reads it.
    pub deadly: AtomicBool,
    /// Whether nothing can be reached.
    pub away: watch::Sender<bool>,
    /// Whether others write into the store as well, and how often the feed said so.
    pub shared: Arc<AtomicBool>,
    pub scanned: Arc<AtomicUsize>,
}

impl FaultyJournal {
    pub fn before(inner: &Arc<dyn Journal>) -> Arc<Self> {
        let inner = Arc::clone(inner);
        Arc::new(Self {
            inner,
            faults: Mutex::default(),
            silent: Notify::new(),
            release: Arc::default(),
            reads: AtomicUsize::new(0),
            log_reads: AtomicUsize::new(0),
            appends: AtomicUsize::new(0),
            heads: AtomicUsize::new(0),
            feeding: watch::Sender::new(true),
            shortened: false.into(),
            swapped: false.into(),
            deadly: false.into(),
            away: watch::Sender::new(false),
            shared: Arc::default(),
            scanned: Arc::default(),
        })
    }

    pub fn next(&self, faults: impl IntoIterator<Item = AppendFault>) {
        self.faults.lock().expect("a lock").extend(faults);
    }

    fn there(&self) -> Result<(), ReadError> {
        if *self.away.borrow() { Err(ReadError::Unavailable { reason: String::new() }) } else { Ok(()) }
    }

    pub fn all_met(&self) -> bool {
        self.faults.lock().expect("a lock").is_empty()
    }
}

type Answer<'a, T, E> = BoxFuture<'a, Result<T, E>>;

/// The signatures are those that the port's macro gives to its methods.
impl Journal for FaultyJournal {
    fn limits(&self) -> Limits {
        self.inner.limits()
    }

    fn identity<'a, 'b>(&'a self) -> Answer<'b, LogIdentity, ReadError>
    where
        'a: 'b,
    {
        self.inner.identity()
    }

    fn append<'a, 'b>(&'a self, append: Append) -> Answer<'b, Appended, AppendError>
    where
        'a: 'b,
    {
        Box::pin(async move {
            self.appends.fetch_add(1, SeqCst);
            let fault = self.faults.lock().expect("a lock").pop_front();
            let reason = String::new();
            if *self.away.borrow() {
                return Err(AppendError::Unavailable { reason });
            }
            match fault {
                None => self.inner.append(append).await,
                Some(AppendFault::Unavailable) => Err(AppendError::Unavailable { reason }),
                Some(AppendFault::WrittenButUnknown) => {
                    self.inner.append(append).await?;
                    Err(AppendError::Indeterminate { reason })
                }
                Some(AppendFault::WrittenAndSilent) => {
                    self.inner.append(append).await?;
                    self.silent.notify_one();
                    std::future::pending().await
                }
                Some(AppendFault::Held) => {
                    self.silent.notify_one();
                    self.release.notified().await;
                    self.inner.append(append).await
                }
                Some(AppendFault::Late) => {
                    let (inner, release) = (Arc::clone(&self.inner), Arc::clone(&self.release));
                    let writing = tokio::spawn(async move {
                        release.notified().await;
                        inner.append(append).await
                    });
                    self.silent.notify_one();
                    writing.await.expect("written")
                }
                Some(AppendFault::Denied) => Err(Fatal::Denied { reason }.into()),
                Some(AppendFault::Conflict) => {
                    let Append { stream, expected, .. } = append;
                    Err(AppendError::Conflict { stream, expected, actual: Some(Revision(0)) })
                }
            }
        })
    }

    fn read_stream<'a, 'b, 'c>(
        &'a self,
        stream: &'b StreamName,
        from: Option<Revision>,
        direction: Direction,
        max: NonZeroU32,
    ) -> Answer<'c, StreamPage, ReadError>
    where
        'a: 'c,
        'b: 'c,
    {
        self.reads.fetch_add(1, SeqCst);
        Box::pin(async move {
            self.there()?;
            self.inner.read_stream(stream, from, direction, max).await
        })
    }

    fn read_log<'a, 'b>(&'a self, after: Option<Position>, max: NonZeroU32) -> Answer<'b, LogPage, ReadError>
    where
        'a: 'b,
    {
        self.log_reads.fetch_add(1, SeqCst);
        self.inner.read_log(after, max)
    }

    fn follow<'a, 'b>(
        &'a self,
        after: Option<Position>,
    ) -> Answer<'b, BoxStream<'static, Result<Feed, ReadError>>, ReadError>
    where
        'a: 'b,
    {
        Box::pin(async move {
            self.there()?;
            // Positions of others are after every one of ours.
            let after = after.filter(|after| *after < OTHERS);
            let feed = self.inner.follow(after).await?;
            let (shared, scanned) = (Arc::clone(&self.shared), Arc::clone(&self.scanned));
            let feed = feed.flat_map(move |item| {
                let of_others = shared.load(SeqCst) && matches!(item, Ok(Feed::CaughtUp(_)));
                scanned.fetch_add(of_others.into(), SeqCst);
                stream::iter([Some(item), of_others.then_some(Ok(Feed::Scanned(OTHERS)))].into_iter().flatten())
            });
            let mut away = self.away.subscribe();
            let lost = stream::once(async move {
                away.wait_for(|away| *away).await.expect("the journal is there");
                Err(ReadError::Unavailable { reason: String::new() })
            });
            let feed = stream::select(feed, lost);
            let (deadly, feeding) = (self.deadly.load(SeqCst), self.feeding.subscribe());
            let feed = feed.then(move |item| {
                let mut feeding = feeding.clone();
                async move {
                    assert!(!deadly || !matches!(item, Ok(Feed::Event(_))), "on purpose");
                    feeding.wait_for(|feeding| *feeding).await.expect("the journal is there");
                    item
                }
            });
            Ok(feed.boxed())
        })
    }

    fn head<'a, 'b>(&'a self) -> Answer<'b, Option<Position>, ReadError>
    where
        'a: 'b,
    {
        self.heads.fetch_add(1, SeqCst);
        Box::pin(async move {
            self.there()?;
            let head = self.inner.head().await?;
            Ok(head.map(|head| if self.shortened.load(SeqCst) { Position(head.0 - 1) } else { head }))
        })
    }

    fn holds<'a, 'b>(&'a self, position: Position, id: Uuid) -> Answer<'b, bool, ReadError>
    where
        'a: 'b,
    {
        Box::pin(async move { Ok(self.inner.holds(position, id).await? && !self.swapped.load(SeqCst)) })
    }
}

/// Longest wait for what must come about.
pub const WAIT_MAX: std::time::Duration = std::time::Duration::from_secs(10);
/// Where others are said to write.
const OTHERS: Position = Position(1 << 40);

pub async fn until(mut reached: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + WAIT_MAX;
    while !reached() {
        assert!(std::time::Instant::now() < deadline, "never came true");
        tokio::task::yield_now().await;
    }
}

/// A clinic on journals with faults that the test chooses.
pub struct FaultyClinic {
    pub clinic: Clinic,
    pub care: Arc<FaultyJournal>,
    pub access: Arc<FaultyJournal>,
}

/// Opens the application of a clinic again with faulty journals.
pub async fn faulty_clinic() -> FaultyClinic {
    let mut clinic = Clinic::open().await;
    clinic.application.close();
    let (care, access) =
        (FaultyJournal::before(&clinic.installation.care), FaultyJournal::before(&clinic.installation.access));
    clinic.installation.care = care.clone();
    clinic.installation.access = access.clone();
    clinic.application = clinic.installation.open().await.expect("opened again");
    FaultyClinic { clinic, care, access }
}

pub async fn length(journal: &Arc<dyn Journal>) -> usize {
    journal.read_log(None, NonZeroU32::new(5000).expect("many")).await.expect("read").events.len()
}
