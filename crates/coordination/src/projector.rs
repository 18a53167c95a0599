//! Following the log: the authorization state first, then the read models.
//!
//! One task follows the journal. Each event is folded into the authorization state at once and handed to
//! the read models' thread, which folds what is waiting as one transaction. An event of newer software
//! stops both, and readiness says where; a malformed one parks its stream.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};
use std::time::Duration;

use care::event::{Event, Stream};
use care::ids::Id;
use care::ids::PolicyId;
use care::policy_root::PolicyEvent;
use futures_util::StreamExt;
use journal::{Feed, Journal, Position, ReadError, Recorded};
use policy::active::ActivePolicy;
use policy::decide::DecisionPoint;
use policy::text::PolicyText;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::authorization::AuthorizationState;
use crate::fault::Fault;
use crate::head::{Head, stop};
use crate::lag::{Lag, reached};
use crate::live::happening::{self, Happening};
use crate::live::hub::Hub;
use crate::lock::locked;
use crate::read_models::{Entry, ReadModels};
use crate::sqlite_error::{is_damage, may_pass};
use crate::waiting::apart;

/// Events folded in one transaction of the read models.
const BATCH_MAX: usize = 512;
/// Events that may wait for the read models before the log is read on.
const WAITING_MAX: usize = 4_096;
/// Pause before a broken feed is taken up again for the first time; it doubles while it stays broken.
const RETRY: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_secs(1);
/// Pause before read models that could not be written are tried again.
const AGAIN: Duration = Duration::from_millis(250);
/// A pause of the fold after which the read models' write-ahead log is emptied.
const IDLE: Duration = Duration::from_secs(1);

/// The head of the access log is noted after so many of these pauses, if nothing was folded meanwhile.
const ACCESS_HEAD_NOTED_EVERY: u64 = 5;

/// Where the folds stand.
pub(crate) struct Projector {
    journal: Arc<dyn Journal>,
    pub read_models: Arc<ReadModels>,
    pub decisions: DecisionPoint,
    authorization: RwLock<AuthorizationState>,
    /// The last event that the authorization state has folded.
    authorization_at: watch::Sender<Option<(Position, Uuid)>>,
    read_models_at: watch::Sender<Option<Position>>,
    lag: Lag,
    /// How many batches the read models have folded.
    batches: AtomicU64,
    stopped: watch::Sender<Option<String>>,
    head: Arc<Head>,
    /// Who follows what happens.
    pub live: Arc<Hub>,
    running: Mutex<Option<Running>>,
}

/// What keeps a projector going.
struct Running {
    following: JoinHandle<()>,
    watching: JoinHandle<()>,
    emptying: JoinHandle<()>,
    folding: std::thread::JoinHandle<()>,
}

impl Projector {
    /// Starts to follow the log from where the read models are; the authorization state was loaded from them.
    pub fn start(
        journal: Arc<dyn Journal>,
        read_models: Arc<ReadModels>,
        authorization: AuthorizationState,
        decisions: DecisionPoint,
    ) -> Result<Arc<Self>, Fault> {
        let last = read_models.checkpoint()?.last.map(|(position, event)| (position, event.uuid()));
        let at = last.map(|(position, _)| position);
        let (authorization_at, stopped) = (watch::Sender::new(last), watch::Sender::new(None));
        let head = Head::new(Arc::clone(&journal), authorization_at.subscribe(), stopped.clone());
        let projector = Arc::new(Self {
            journal,
            read_models,
            decisions,
            authorization: RwLock::new(authorization),
            authorization_at,
            read_models_at: watch::Sender::new(at),
            lag: Lag::default(),
            batches: AtomicU64::new(0),
            stopped,
            head,
            live: Hub::new(at),
            running: Mutex::new(None),
        });
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        // None of them holds the projector while it waits, so that dropping it ends them.
        let weak = Arc::downgrade(&projector);
        let folding = std::thread::Builder::new()
            .name("read-models".to_owned())
            .spawn(move || {
                let _alarm = Alarm(weak.clone());
                Self::fold_read_models(&weak, receiver);
            })
            .map_err(|_| Fault::Unavailable("the read models' thread"))?;
        let following = tokio::spawn(Self::follow(Arc::downgrade(&projector), sender, at));
        let (alarm, head) = (Alarm(Arc::downgrade(&projector)), Arc::downgrade(&projector.head));
        let watching = tokio::spawn(async move {
            let _alarm = alarm;
            Head::watch(head).await;
        });
        let emptying = tokio::spawn(Self::empty_when_idle(Arc::downgrade(&projector)));
        *locked(&projector.running) = Some(Running { following, watching, emptying, folding });
        Ok(projector)
    }

    /// Stops following, and returns once the read models' thread has written what it had.
    pub fn close(&self) {
        if let Some(Running { following, watching, emptying, folding }) = locked(&self.running).take() {
            following.abort();
            watching.abort();
            emptying.abort();
            // It ends when the task's end of the channel is dropped; a panic of it was logged.
            if tokio::task::block_in_place(|| folding.join()).is_err() {
                tracing::error!("the read models' thread panicked");
            }
        }
    }

    /// The authorization state as far as it has folded the log.
    pub fn authorization(&self) -> RwLockReadGuard<'_, AuthorizationState> {
        self.authorization.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, mutable, for the processes that take the recorded changes.
    pub fn authorization_mut(&self) -> RwLockWriteGuard<'_, AuthorizationState> {
        self.authorization.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Up to where the authorization state has folded.
    pub fn authorization_at(&self) -> Option<Position> {
        self.authorization_at.borrow().map(|(position, _)| position)
    }

    /// Up to where the read models have folded.
    pub fn read_models_at(&self) -> Option<Position> {
        *self.read_models_at.borrow()
    }

    /// Whether the read models are behind the authorization state and have not moved for a while.
    pub fn read_models_are_late(&self) -> bool {
        self.lag.is_long(self.read_models_at() < self.authorization_at())
    }

    /// Why folding stopped, if it did.
    pub fn stopped(&self) -> Option<String> {
        self.stopped.borrow().clone()
    }

    /// The log's head, on which commands and reads rest.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Says why this node cannot go on.
    pub fn stop(&self, reason: &str) {
        stop(&self.stopped, reason);
    }

    /// Waits until the read models have folded up to a position, a bounded time; says whether they have.
    pub async fn caught_up(&self, position: Option<Position>) -> bool {
        let mut stopped = self.stopped.subscribe();
        tokio::select! {
            biased;
            reached = reached(&self.read_models_at, position) => reached,
            // What is not folded yet never will be.
            _ = stopped.wait_for(Option::is_some) => false,
        }
    }

    /// Waits, as long as it takes, until the read models hold everything that the log holds now.
    pub async fn catch_up(&self) -> Result<(), Fault> {
        let head = self.journal.head().await?;
        let mut at = self.read_models_at.subscribe();
        let mut stopped = self.stopped.subscribe();
        tokio::select! {
            reached = at.wait_for(|at| *at >= head) => {
                reached.map_err(|_| Fault::Unavailable("the read models"))?;
                Ok(())
            }
            _ = stopped.wait_for(Option::is_some) => Err(Fault::Unavailable("folding stopped")),
        }
    }

    async fn follow(projector: Weak<Self>, read_models: mpsc::Sender<Entry>, mut after: Option<Position>) {
        let _alarm = Alarm(projector.clone());
        // How long the last try waited; none while the feed goes.
        let mut pause = None;
        loop {
            let Some(journal) = projector.upgrade().map(|projector| Arc::clone(&projector.journal)) else { return };
            let feed = journal.follow(after).await;
            drop(journal);
            let mut feed = match feed {
                Ok(feed) => feed,
                Err(error) => {
                    if !Self::try_again(&projector, &error, &mut pause).await {
                        return;
                    }
                    continue;
                }
            };
            while let Some(item) = feed.next().await {
                let Some(strong) = projector.upgrade() else { return };
                if item.is_ok() && pause.take().is_some() {
                    tracing::info!("the journal's feed goes on");
                }
                match item {
                    Ok(Feed::Event(stored)) => {
                        after = Some(stored.position);
                        match strong.fold_authorization(&stored) {
                            Ok(entry) => {
                                drop(strong);
                                if read_models.send(entry).await.is_err() {
                                    return Alarm(projector).sound("the read models are not folded any more");
                                }
                            }
                            Err(reason) => return strong.stop(&reason),
                        }
                    }
                    // Nothing of ours up to here, so a feed that breaks goes on from here. The authorization state stays where its
                    // last event was: read models and head know of no other place.
                    Ok(Feed::Scanned(position)) => after = Some(position),
                    Ok(Feed::CaughtUp(_)) => {}
                    Err(error) => {
                        drop(strong);
                        if !Self::try_again(&projector, &error, &mut pause).await {
                            return;
                        }
                        break;
                    }
                }
            }
        }
    }

    /// Whether a broken feed is worth taking up again, after a pause that grows while it stays broken.
    async fn try_again(projector: &Weak<Self>, error: &ReadError, pause: &mut Option<Duration>) -> bool {
        match error {
            ReadError::Unavailable { .. } => {
                if pause.is_none() {
                    tracing::warn!("the journal's feed broke off; it is taken up again as soon as that can be");
                }
                let now = pause.map_or(RETRY, |pause| pause.saturating_mul(2).min(RETRY_MAX));
                *pause = Some(now);
                tokio::time::sleep(now).await;
                true
            }
            ReadError::EpochChanged { .. } | ReadError::Fatal(_) => {
                if let Some(projector) = projector.upgrade() {
                    projector.stop(&error.to_string());
                }
                false
            }
        }
    }

    fn fold_authorization(&self, stored: &Recorded) -> Result<Entry, String> {
        let entry = Entry::read(stored).map_err(|unknown| unknown.to_string())?;
        let mut happened = None;
        let is_authority_changed = {
            let mut authorization = self.authorization_mut();
            let authority = authorization.authority;
            match &entry {
                // Everything rests on the policy: what replaced the one in force may have forbidden more.
                Entry::Malformed { stream, .. } if *stream == Stream::Policy(PolicyId::ROOT).to_string() => {
                    return Err("an event of the policy cannot be read".to_owned());
                }
                Entry::Malformed { stream, .. } => authorization.park(stream),
                Entry::Recorded(recorded) => {
                    if let Event::Policy(PolicyEvent::PolicyActivated(activated)) = &recorded.event {
                        self.decisions.activate(load_policy(&activated.text)?);
                    }
                    let before = happening::before(&authorization, recorded);
                    // Whom a directive was about is known before it ends, and whom it is about once it is given.
                    let mut whom = happening::concerned(&authorization, recorded);
                    authorization.fold(recorded);
                    whom.extend(happening::concerned(&authorization, recorded));
                    happened = Happening::of(recorded, before, whom);
                }
            }
            authorization.authority != authority
        };
        // No command waits for those who follow.
        self.authorization_at.send_replace(Some((stored.position, stored.id)));
        self.live.pass_on(happened, &self.authorization(), stored.position);
        if is_authority_changed {
            self.live.recheck();
        }
        Ok(entry)
    }

    /// Empties the read models' write-ahead log whenever nothing was folded for a while, and notes the head of the access
    /// log now and then.
    async fn empty_when_idle(projector: Weak<Self>) {
        let (mut before, mut emptied_at) = (None, None);
        for beat in 1_u64.. {
            tokio::time::sleep(IDLE).await;
            let Some(strong) = projector.upgrade() else { return };
            if beat.is_multiple_of(ACCESS_HEAD_NOTED_EVERY) && strong.read_models.access_head.to_note().is_some() {
                let read_models = Arc::clone(&strong.read_models);
                // What fails is tried again at the next time.
                if matches!(apart("the read models", move || read_models.note_access_head()).await, Ok(Ok(true))) {
                    strong.batches.fetch_add(1, Ordering::Relaxed);
                }
            }
            let batches = Some(strong.batches.load(Ordering::Relaxed));
            if batches == before && batches != emptied_at {
                let read_models = Arc::clone(&strong.read_models);
                drop(strong);
                // What fails is tried again in a second; the fold itself says what is wrong with the disk.
                let emptied = apart("the read models", move || read_models.empty_write_ahead_log()).await;
                if matches!(emptied, Ok(Ok(true))) {
                    emptied_at = batches;
                }
            }
            before = batches;
        }
    }

    fn fold_read_models(projector: &Weak<Self>, mut waiting: mpsc::Receiver<Entry>) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        while let Some(first) = waiting.blocking_recv() {
            batch.push(first);
            while batch.len() < BATCH_MAX {
                let Ok(next) = waiting.try_recv() else { break };
                batch.push(next);
            }
            let mut is_late = false;
            let strong = loop {
                let Some(strong) = projector.upgrade() else { return };
                match strong.read_models.fold(&mut batch) {
                    Ok(()) => break strong,
                    // Nothing of the batch was kept, so it is folded as soon as it can be. SQLite's words name tables and
                    // codes, never contents.
                    Err(error) if may_pass(&error) || is_damage(&error) && !strong.read_models.is_damaged() => {
                        if !std::mem::replace(&mut is_late, true) {
                            tracing::error!(%error, "the read models cannot be written now; they are tried again");
                        }
                    }
                    Err(error) => {
                        return strong.stop(&format!(
                            "the read models cannot be written: {error}; start again, or run `carefold read-models rebuild`"
                        ));
                    }
                }
                drop(strong);
                if waiting.is_closed() {
                    return;
                }
                std::thread::sleep(AGAIN);
            };
            if is_late {
                tracing::info!("the read models are folded again");
            }
            strong.batches.fetch_add(1, Ordering::Relaxed);
            strong.read_models_at.send_replace(batch.last().map(|entry| entry.place().0));
            strong.lag.progressed();
            batch.clear();
        }
    }
}

/// Stops the node when the task that holds it panics: a node whose folds are dead serves nothing, and its
/// readiness says why.
struct Alarm(Weak<Projector>);

impl Alarm {
    fn sound(&self, reason: &str) {
        if let Some(projector) = self.0.upgrade() {
            projector.stop(reason);
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.sound("folding panicked");
        }
    }
}

/// Loads a policy version out of the text that an event carries.
pub(crate) fn load_policy(text: &str) -> Result<ActivePolicy, String> {
    let text = PolicyText::from_text(text).map_err(|_| "the policy in force cannot be read".to_owned())?;
    ActivePolicy::load(text).map_err(|_| "the policy in force cannot be loaded".to_owned())
}

/// What tests of several files fold.
#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// A log in memory.
    pub async fn log(name: &str) -> Arc<dyn Journal> {
        let namespace = journal::Namespace::parse(name).expect("a namespace");
        let clock: journal::Clock = Arc::new(|| chrono::DateTime::UNIX_EPOCH);
        journal::open("memory:", namespace, journal::Access::Write, clock).await.expect("a log")
    }

    /// A projector under the shipped policy that has folded nothing yet.
    pub fn started(care: &Arc<dyn Journal>, read_models: &Arc<ReadModels>) -> Arc<Projector> {
        let policy = ActivePolicy::load(PolicyText::shipped()).expect("the shipped policy");
        let (state, decisions) = (AuthorizationState::default(), DecisionPoint::new(policy));
        Projector::start(Arc::clone(care), Arc::clone(read_models), state, decisions).expect("started")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log in memory that is folded into read models in a directory.
    struct Folding {
        directory: tempfile::TempDir,
        journal: Arc<dyn Journal>,
        read_models: Arc<ReadModels>,
        projector: Arc<Projector>,
    }

    impl Folding {
        async fn started(prepare: impl FnOnce(&mut ReadModels)) -> Self {
            let directory = tempfile::TempDir::new().expect("a directory");
            let journal = testing::log("care").await;
            let identity = journal.identity().await.expect("an identity");
            let mut read_models = ReadModels::open(directory.path(), identity).expect("read models");
            prepare(&mut read_models);
            let read_models = Arc::new(read_models);
            let projector = testing::started(&journal, &read_models);
            Self { directory, journal, read_models, projector }
        }

        /// Appends malformed events, each of which parks a stream of its own. The log's head.
        async fn park(&self, streams: u128) -> Option<Position> {
            use journal::{Append, EventType, Expected, NewEvent, StreamName};

            for number in 0..streams {
                let name = format!("thread-{}", Uuid::from_u128(number).simple());
                let stream = StreamName::parse(&name).expect("a name");
                let event = NewEvent {
                    id: Uuid::from_u128(number),
                    event_type: EventType::parse("thread.released").expect("a kind"),
                    data: "{}".into(),
                    meta: "{}".into(),
                };
                let append = Append { stream, expected: Expected::NoStream, events: vec![event] };
                self.journal.append(append).await.expect("appended");
            }
            self.journal.head().await.expect("a head")
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn read_models_that_find_the_disk_full_go_on_when_there_is_room() {
        let folding = Folding::started(|read_models| read_models.limit_pages(1).expect("a limit")).await;
        let Folding { read_models, projector, .. } = &folding;
        // More than fit on the pages that are there.
        let head = folding.park(1_000).await;
        assert!(!projector.caught_up(head).await, "there is no room");
        assert_eq!(projector.stopped(), None);
        assert!(read_models.troubles().writing.is_some(), "readiness says so");
        read_models.limit_pages(u32::MAX).expect("no limit");
        projector.catch_up().await.expect("there is room");
        assert_eq!(projector.read_models_at(), head);
        projector.close();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn read_models_that_the_disk_does_not_read_go_on_when_it_does_and_damaged_ones_stop_the_node() {
        use std::os::unix::fs::FileExt as _;

        for is_read in [false, true] {
            let folding = Folding::started(|read_models| {
                if !is_read {
                    // A directory cannot be read as a file, also not by root.
                    read_models.look_at(std::env::temp_dir());
                }
            })
            .await;
            let Folding { directory, read_models, projector, .. } = &folding;
            assert!(read_models.empty_write_ahead_log().expect("a file"), "it is emptied");
            let path = directory.path().join("read-models.db");
            let other = rusqlite::Connection::open(&path).expect("the file");
            let root: i64 = other
                .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'parked'", [], |row| row.get(0))
                .expect("a page");
            let at = (root.cast_unsigned() - 1) * 4096;
            let file = std::fs::File::options().read(true).write(true).open(&path).expect("the file");
            let mut kept = [0; 4096];
            file.read_exact_at(&mut kept, at).expect("read");
            // What another connection commits has every other one read its pages again.
            let change = "INSERT INTO key_named (key) VALUES (hex(randomblob(8)))";
            let forget = || other.execute(change, []).expect("committed");
            file.write_all_at(&[0xA5; 4096], at).expect("written");
            forget();
            let head = folding.park(1).await;
            assert!(!projector.caught_up(head).await, "it cannot be folded");
            if is_read {
                assert!(projector.stopped().is_some_and(|reason| reason.contains("the read models")));
            } else {
                assert_eq!(projector.stopped(), None);
                file.write_all_at(&kept, at).expect("written");
                forget();
                projector.catch_up().await.expect("it is read again");
                assert_eq!(projector.read_models_at(), head);
            }
            projector.close();
        }
    }
}
