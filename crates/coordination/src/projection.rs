//! Following the log: authority first, then the views.
//!
//! One task follows the journal. Each event is folded into the authority at once and handed to
//! the views' thread, which folds what is waiting as one transaction. An event of newer software
//! stops both, and readiness says where; a malformed one parks its stream.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use care::event::Event;
use care::policy_root::PolicyEvent;
use care::stream::Stream;
use futures_util::StreamExt;
use journal::{Feed, Journal, Position, ReadError, Recorded};
use policy::active::ActivePolicy;
use policy::decide::DecisionPoint;
use policy::text::PolicyText;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};

use crate::authority::Authority;
use crate::fault::Fault;
use crate::views::{Entry, Views};

/// Longest wait for authority or views to come up with the log, in milliseconds.
const CATCH_UP_MS_MAX: u64 = 2_000;
/// A head that was confirmed this long ago is confirmed anew before content is served, in
/// milliseconds. A node that cannot do so serves nothing.
const CONFIRMED_MS_MAX: u64 = 500;
/// Events folded in one transaction of the views.
const BATCH_MAX: usize = 512;
/// Events that may wait for the views before the log is read on.
const WAITING_MAX: usize = 4_096;
/// Pause before a broken feed is taken up again, in milliseconds.
const RETRY_MS: u64 = 200;

/// Where the folds stand.
pub(crate) struct Projection {
    journal: Arc<dyn Journal>,
    pub views: Arc<Views>,
    pub decisions: DecisionPoint,
    authority: RwLock<Authority>,
    authority_at: watch::Sender<Option<Position>>,
    views_at: watch::Sender<Option<Position>>,
    stopped: watch::Sender<Option<String>>,
    confirmed: Mutex<Option<Instant>>,
    running: Mutex<Option<(tokio::task::JoinHandle<()>, std::thread::JoinHandle<()>)>>,
}

impl Projection {
    /// Starts to follow the log from where the views are; authority was loaded from them.
    pub fn start(
        journal: Arc<dyn Journal>,
        views: Arc<Views>,
        authority: Authority,
        decisions: DecisionPoint,
    ) -> Result<Arc<Self>, Fault> {
        let at = views.checkpoint()?.last.map(|(position, _)| position);
        let projection = Arc::new(Self {
            journal,
            views,
            decisions,
            authority: RwLock::new(authority),
            authority_at: watch::Sender::new(at),
            views_at: watch::Sender::new(at),
            stopped: watch::Sender::new(None),
            confirmed: Mutex::new(None),
            running: Mutex::new(None),
        });
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        // Neither holds the projection while it waits, so that dropping it ends both.
        let folding = Arc::downgrade(&projection);
        let thread = std::thread::Builder::new()
            .name("views".to_owned())
            .spawn(move || {
                let _alarm = Alarm(folding.clone());
                Self::fold_views(&folding, receiver);
            })
            .map_err(|_| Fault::Unavailable("the views' thread"))?;
        let following = tokio::spawn(Self::follow(Arc::downgrade(&projection), sender, at));
        *locked(&projection.running) = Some((following, thread));
        Ok(projection)
    }

    /// Stops following, and returns once the views' thread has written what it had.
    pub fn close(&self) {
        if let Some((following, thread)) = locked(&self.running).take() {
            following.abort();
            // It ends when the task's end of the channel is dropped; a panic of it was logged.
            if tokio::task::block_in_place(|| thread.join()).is_err() {
                tracing::error!("the views' thread panicked");
            }
        }
    }

    /// The authority as far as it has folded the log.
    pub fn authority(&self) -> RwLockReadGuard<'_, Authority> {
        self.authority.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Up to where authority has folded.
    pub fn authority_at(&self) -> Option<Position> {
        *self.authority_at.borrow()
    }

    /// Up to where the views have folded.
    pub fn views_at(&self) -> Option<Position> {
        *self.views_at.borrow()
    }

    /// Why folding stopped, if it did.
    pub fn stopped(&self) -> Option<String> {
        self.stopped.borrow().clone()
    }

    fn check(&self) -> Result<(), Fault> {
        if self.stopped.borrow().is_some() {
            return Err(Fault::Unavailable("folding stopped"));
        }
        Ok(())
    }

    /// Waits until authority has folded everything that the log holds now. Whatever is revoked
    /// before a command began binds it; what is revoked later is ordered after it.
    pub async fn confirm(&self) -> Result<(), Fault> {
        self.check()?;
        // What is confirmed is the log as it was before it was asked, however long the answer takes.
        let asked = Instant::now();
        let limit = Duration::from_millis(CATCH_UP_MS_MAX);
        let head = timeout(limit, self.journal.head()).await.map_err(|_| Fault::Unavailable("the journal"))??;
        if !reached(&self.authority_at, head, limit).await {
            self.check()?;
            return Err(Fault::Unavailable("authority is behind the log"));
        }
        let mut confirmed = locked(&self.confirmed);
        *confirmed = (*confirmed).max(Some(asked));
        Ok(())
    }

    /// Confirms unless that was done just now.
    pub async fn confirm_recently(&self) -> Result<(), Fault> {
        self.check()?;
        let confirmed = *locked(&self.confirmed);
        if confirmed.is_some_and(|at| at.elapsed() < Duration::from_millis(CONFIRMED_MS_MAX)) {
            return Ok(());
        }
        self.confirm().await
    }

    /// Waits until the views have folded up to a position, a bounded time; says whether they have.
    pub async fn caught_up(&self, position: Option<Position>) -> bool {
        let mut stopped = self.stopped.subscribe();
        tokio::select! {
            biased;
            reached = reached(&self.views_at, position, Duration::from_millis(CATCH_UP_MS_MAX)) => reached,
            // What is not folded yet never will be.
            _ = stopped.wait_for(Option::is_some) => false,
        }
    }

    /// Waits, as long as it takes, until the views hold everything that the log holds now.
    pub async fn catch_up(&self) -> Result<(), Fault> {
        let head = self.journal.head().await?;
        let mut at = self.views_at.subscribe();
        let mut stopped = self.stopped.subscribe();
        tokio::select! {
            reached = at.wait_for(|at| *at >= head) => {
                reached.map_err(|_| Fault::Unavailable("the views"))?;
                Ok(())
            }
            _ = stopped.wait_for(Option::is_some) => Err(Fault::Unavailable("folding stopped")),
        }
    }

    async fn follow(projection: std::sync::Weak<Self>, views: mpsc::Sender<Entry>, mut after: Option<Position>) {
        let _alarm = Alarm(projection.clone());
        loop {
            let Some(journal) = projection.upgrade().map(|projection| Arc::clone(&projection.journal)) else { return };
            let feed = journal.follow(after).await;
            drop(journal);
            let mut feed = match feed {
                Ok(feed) => feed,
                Err(error) => {
                    if !Self::try_again(&projection, &error).await {
                        return;
                    }
                    continue;
                }
            };
            while let Some(item) = feed.next().await {
                let Some(strong) = projection.upgrade() else { return };
                match item {
                    Ok(Feed::Event(recorded)) => {
                        after = Some(recorded.position);
                        match strong.fold_authority(&recorded) {
                            Ok(entry) => {
                                drop(strong);
                                if views.send(entry).await.is_err() {
                                    return Alarm(projection).sound("the views are not folded any more");
                                }
                            }
                            Err(reason) => return strong.stop(&reason),
                        }
                    }
                    // Nothing of ours up to here; authority has seen all there is.
                    Ok(Feed::Scanned(position)) => {
                        after = Some(position);
                        strong.authority_at.send_replace(after);
                    }
                    Ok(Feed::CaughtUp(_)) => {}
                    Err(error) => {
                        drop(strong);
                        if !Self::try_again(&projection, &error).await {
                            return;
                        }
                        break;
                    }
                }
            }
        }
    }

    /// Whether a broken feed is worth taking up again, after a pause.
    async fn try_again(projection: &std::sync::Weak<Self>, error: &ReadError) -> bool {
        match error {
            ReadError::Unavailable { .. } => {
                tracing::warn!("the journal's feed broke off");
                tokio::time::sleep(Duration::from_millis(RETRY_MS)).await;
                true
            }
            ReadError::EpochChanged { .. } | ReadError::Fatal(_) => {
                if let Some(projection) = projection.upgrade() {
                    projection.stop(&error.to_string());
                }
                false
            }
        }
    }

    fn fold_authority(&self, recorded: &Recorded) -> Result<Entry, String> {
        let entry = Entry::read(recorded).map_err(|unknown| unknown.to_string())?;
        {
            let mut authority = self.authority.write().unwrap_or_else(PoisonError::into_inner);
            match &entry {
                // Everything rests on the policy: what replaced the one in force may have forbidden more.
                Entry::Malformed { stream, .. } if *stream == Stream::PolicyRoot.to_string() => {
                    return Err("an event of the policy cannot be read".to_owned());
                }
                Entry::Malformed { stream, .. } => authority.park(stream),
                Entry::Happened(happened) => {
                    if let Event::Policy(PolicyEvent::Activated(activated)) = &happened.event {
                        self.decisions.activate(load_policy(&activated.text)?);
                    }
                    authority.fold(happened);
                }
            }
        }
        self.authority_at.send_replace(Some(recorded.position));
        Ok(entry)
    }

    fn fold_views(projection: &std::sync::Weak<Self>, mut waiting: mpsc::Receiver<Entry>) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        while let Some(first) = waiting.blocking_recv() {
            batch.push(first);
            while batch.len() < BATCH_MAX {
                let Ok(next) = waiting.try_recv() else { break };
                batch.push(next);
            }
            let Some(strong) = projection.upgrade() else { return };
            if let Err(error) = strong.views.fold(&mut batch) {
                // SQLite's words name tables and codes, never contents.
                return strong.stop(&format!("the views cannot be written: {error}"));
            }
            strong.views_at.send_replace(batch.last().map(|entry| entry.place().0));
            batch.clear();
        }
    }

    fn stop(&self, reason: &str) {
        tracing::error!(reason, "folding stopped");
        self.stopped.send_if_modified(|stopped| {
            let first = stopped.is_none();
            if first {
                *stopped = Some(reason.to_owned());
            }
            first
        });
    }
}

/// Says so when whoever holds it panics: a node whose folds are dead serves nothing, and its
/// readiness says why.
struct Alarm(std::sync::Weak<Projection>);

impl Alarm {
    fn sound(&self, reason: &str) {
        if let Some(projection) = self.0.upgrade() {
            projection.stop(reason);
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

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn reached(at: &watch::Sender<Option<Position>>, position: Option<Position>, limit: Duration) -> bool {
    if *at.borrow() >= position {
        return true;
    }
    let mut at = at.subscribe();
    matches!(timeout(limit, at.wait_for(|at| *at >= position)).await, Ok(Ok(_)))
}
