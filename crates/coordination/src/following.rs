//! Live notices: who follows a thread, an inbox or the worklists is told that something changed. A notice has a position
//! and no content; who gets it reads again, under the policy of that moment.
//!
//! Each follower is asked about at each notice, and again whenever what anybody may know can have changed; one who may
//! not know of their thread any more is ended, as if the thread had ended. A notice is given after the read models have
//! its event, so what is read after it includes it.
//!
//! To follow something else: 1. a variant of [`Followed`]; 2. its topic in `live::hub`; 3. who is told, in [`Notices`].

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::Arc;

use care::event::Stream;
use care::ids::{Id, PersonId, ThreadId};
pub use care::notice::NoticeTopic;
use chrono::{DateTime, Utc};
use journal::{Direction, Position};
use policy::identity::Identity;
use policy::words::{Action, Read};

use crate::application::Application;
use crate::authorization::AuthorizationState;
use crate::authorization::thread::ThreadFacts;
use crate::caller::{Origin, Reading};
use crate::fault::Fault;
use crate::live::happening::{Concerned, Happening, InThread, OfHelp, What};
use crate::live::hub::{Queue, Topic};
use crate::live::told::Asked;
use crate::read_models::Entry;
use crate::refused_tries::Tried;
use crate::written_event::stream_name;

/// The most events of a thread that are looked through for one who comes back after a long time.
const LOOKED_BACK_MAX: usize = 5_120;
/// The most events that are read from the log at once.
const PAGE_MAX: NonZeroU32 = NonZeroU32::MIN.saturating_add(511);

/// What is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// A thread, which may not exist.
    Thread(ThreadId),
    /// The inbox of the person who follows.
    Inbox,
    /// Their worklists.
    Worklists,
}

/// Who begins to follow what.
#[derive(Debug, Clone)]
pub struct Following {
    /// What is followed.
    pub followed: Followed,
    /// The signed-in person.
    pub identity: Identity,
    /// What happened after this position comes first; none to begin now.
    pub after: Option<Position>,
    /// Where the request came from.
    pub origin: Origin,
}

/// Gives the time of each notice.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// A notice to one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// Where it happened.
    pub position: Position,
    /// In which thread; none if it is of none, or the person may not find it any more.
    pub thread: Option<ThreadId>,
    /// What it is about; none if more may have happened than is known.
    pub topic: Option<NoticeTopic>,
    /// Whether the person did it themself.
    pub is_own: bool,
}

/// Why there are no more notices.
#[derive(Debug)]
pub enum NoticeEnd {
    /// What is followed is missing, or the person may not know of it any more.
    Closed,
    /// They were not taken in time.
    TooSlow,
    /// This node fails.
    Fault(Fault),
}

/// The notices to one person, in their order.
pub struct Notices {
    application: Arc<Application>,
    clock: Clock,
    identity: Identity,
    person: PersonId,
    followed: Followed,
    /// What happened before it began.
    missed: VecDeque<Arc<Happening>>,
    /// Whether more may have happened before it began than is known.
    is_incomplete: bool,
    from: Queue,
    /// How far everything was told.
    at: Option<Position>,
    /// A notice that is about to be given: it is not lost when the future that gives it is dropped.
    giving: Option<Notice>,
    is_ended: bool,
}

impl Application {
    /// Begins to follow something. What does not exist and what the person may not know of both end at once.
    ///
    /// # Errors
    /// [`Fault`] if this node fails, or if the installation itself wants to follow.
    pub async fn follow(
        self: &Arc<Self>,
        Following { followed, identity, after, origin }: Following,
        clock: Clock,
    ) -> Result<Notices, Fault> {
        let reading = Reading::of(&identity).ok_or(Fault::Row("the installation follows nothing"))?;
        let person = reading.person;
        self.access().check_tries(reading, clock())?;
        self.projector().head().confirm_recently().await?;
        let topic = match followed {
            Followed::Thread(thread) => Topic::Thread(thread),
            Followed::Inbox | Followed::Worklists => Topic::ListsOf(person),
        };
        let hub = &self.projector().live;
        let mut from = hub.follow(topic, after);
        let missed = from.missed.take();
        let mut notices = Notices {
            application: Arc::clone(self),
            clock,
            identity,
            person,
            followed,
            missed: VecDeque::new(),
            is_incomplete: false,
            at: after.max(from.began),
            from,
            giving: None,
            is_ended: false,
        };
        if !notices.is_allowed() {
            let now = notices.now();
            if let Followed::Thread(thread) = followed {
                let action = Action::Read(Read::ThreadFind);
                let tried = Tried { action, target: Some(thread.uuid()), organization: None };
                self.record_refused(reading, origin, tried, now);
            }
            notices.is_ended = true;
            return Ok(notices);
        }
        let Some(after) = after else { return Ok(notices) };
        notices.at = Some(after);
        match (followed, missed) {
            // What a list looked like before the start is not known.
            (Followed::Inbox | Followed::Worklists, _) if hub.is_from_before(after) => notices.is_incomplete = true,
            (_, Some(missed)) => notices.missed = missed.into(),
            (Followed::Inbox | Followed::Worklists, None) => notices.is_incomplete = true,
            (Followed::Thread(thread), None) => match self.happened_since(thread, after).await? {
                Some(missed) => notices.missed = missed,
                None => notices.is_incomplete = true,
            },
        }
        Ok(notices)
    }

    /// What happened in a thread after a position, read from the log; none if that is too much. It may include what also
    /// waits for the follower.
    async fn happened_since(
        &self,
        thread: ThreadId,
        after: Position,
    ) -> Result<Option<VecDeque<Arc<Happening>>>, Fault> {
        let stream = stream_name(&Stream::Thread(thread))?;
        let (mut found, mut looked_at, mut from) = (VecDeque::new(), 0_usize, None);
        loop {
            let page = self.journal().read_stream(&stream, from, Direction::Backward, PAGE_MAX).await?;
            for stored in &page.events {
                if stored.position <= after {
                    return Ok(Some(found));
                }
                // A thread with an event that cannot be read is parked, and its followers have ended.
                if let Ok(Entry::Recorded(recorded)) = Entry::read(stored)
                    && let Some(happening) = Happening::of(&recorded, None, Concerned::default())
                {
                    found.push_front(Arc::new(happening));
                }
            }
            looked_at = looked_at.saturating_add(page.events.len());
            let Some(last) = page.events.last().filter(|_| !page.at_end) else { return Ok(Some(found)) };
            let Some(next) = last.revision.0.checked_sub(1) else { return Ok(Some(found)) };
            if looked_at >= LOOKED_BACK_MAX {
                return Ok(None);
            }
            from = Some(journal::Revision(next));
        }
    }
}

/// A notice that something in the lists of the person may have changed.
fn of_lists(position: Position) -> Notice {
    Notice { position, thread: None, topic: Some(NoticeTopic::Changed), is_own: false }
}

impl Notices {
    /// The next notice, as soon as there is one. No notice is lost if the future is dropped before.
    ///
    /// # Errors
    /// [`NoticeEnd`] when there are no more.
    pub async fn next(&mut self) -> Result<Notice, NoticeEnd> {
        if self.is_ended {
            return Err(NoticeEnd::Closed);
        }
        if std::mem::take(&mut self.is_incomplete) {
            self.at = self.from.began.max(self.at);
            let position = self.at.unwrap_or(Position(0));
            self.giving = Some(Notice { position, thread: None, topic: None, is_own: false });
        }
        loop {
            if let Some(notice) = self.giving {
                // In a box, so that one who only waits does not keep the room for it.
                return Box::pin(self.given(notice)).await;
            }
            let happening = match self.missed.pop_front() {
                Some(happening) => happening,
                None => self.wait().await?,
            };
            // What happened before it began was told, or is not wanted. An end of a role by time has no position of its own.
            let is_new = match &happening.what {
                What::InThread(_) | What::OfHelp(_) => Some(happening.position) > self.at,
                What::OfPersons(_) => Some(happening.position) >= self.at,
            };
            if !is_new {
                continue;
            }
            self.giving = self.told(&happening)?;
            self.at = self.at.max(Some(happening.position));
        }
    }

    /// How far everything was told: with this position nothing is lost or told twice.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.at
    }

    /// Waits for something to happen, and ends when the person may not know of it any more.
    async fn wait(&mut self) -> Result<Arc<Happening>, NoticeEnd> {
        loop {
            let happened = tokio::select! {
                biased;
                changed = self.from.rechecks.changed() => {
                    if changed.is_err() || !self.is_allowed() {
                        return Err(self.end());
                    }
                    continue;
                }
                happened = self.from.waiting.recv() => happened,
            };
            return happened.ok_or(NoticeEnd::TooSlow);
        }
    }

    /// A notice as it is given: what is read after it includes it, and no revocation came in between.
    async fn given(&mut self, notice: Notice) -> Result<Notice, NoticeEnd> {
        let application = Arc::clone(&self.application);
        let projector = application.projector();
        if projector.read_models_at() < Some(notice.position) {
            projector.caught_up(Some(notice.position)).await;
        }
        projector.head().confirm_recently().await.map_err(NoticeEnd::Fault)?;
        self.giving = None;
        if !self.is_allowed() {
            return Err(self.end());
        }
        // It waited, and meanwhile the access to its thread can have ended, as by the death of the patient.
        let finds = |thread: &ThreadId| {
            self.ask(|asked| asked.state.thread(*thread).is_some_and(|facts| asked.finds(*thread, facts)))
        };
        Ok(Notice { thread: notice.thread.filter(finds), ..notice })
    }

    fn end(&mut self) -> NoticeEnd {
        self.is_ended = true;
        NoticeEnd::Closed
    }

    fn now(&self) -> DateTime<Utc> {
        self.application.instant((self.clock)())
    }

    /// Asks the policy in force.
    fn ask<T>(&self, question: impl FnOnce(&Asked<'_>) -> T) -> T {
        let now = self.now();
        let projector = self.application.projector();
        let viewer = projector.decisions.viewer(self.identity);
        let state: &AuthorizationState = &projector.authorization();
        question(&Asked { state, viewer: &viewer, person: self.person, now })
    }

    /// Whether the person may follow it now. Everybody may follow their own lists.
    fn is_allowed(&self) -> bool {
        match self.followed {
            Followed::Thread(thread) => {
                self.ask(|asked| asked.state.thread(thread).is_some_and(|facts| asked.finds(thread, facts)))
            }
            Followed::Inbox | Followed::Worklists => true,
        }
    }

    /// What the person is told of something that happened, if anything.
    fn told(&mut self, happening: &Happening) -> Result<Option<Notice>, NoticeEnd> {
        if !self.is_allowed() {
            return Err(self.end());
        }
        let position = happening.position;
        let in_thread = match &happening.what {
            What::InThread(in_thread) => in_thread,
            What::OfPersons(_) => return Ok(Some(of_lists(position))),
            What::OfHelp(OfHelp { delegation, whom }) => {
                let is_told = whom.persons.contains(&self.person) || self.ask(|asked| asked.sees_help(*delegation));
                return Ok(is_told.then(|| of_lists(position)));
            }
        };
        let (thread, topic) = match self.followed {
            Followed::Thread(thread) => (Some(thread), self.topic(in_thread)),
            Followed::Inbox => self.told_in_inbox(in_thread),
            Followed::Worklists => self.told_in_worklists(in_thread),
        };
        let is_own = in_thread.actor == Some(self.person);
        Ok(topic.map(|topic| Notice { position, thread, topic: Some(topic), is_own }))
    }

    fn topic(&self, in_thread: &InThread) -> Option<NoticeTopic> {
        self.ask(|asked| asked.topic(in_thread, asked.state.thread(in_thread.thread)?))
    }

    fn told_in_inbox(&self, in_thread: &InThread) -> (Option<ThreadId>, Option<NoticeTopic>) {
        let thread = in_thread.thread;
        self.ask(|asked| {
            let was_there = |facts: &ThreadFacts| asked.has_in_inbox(facts) && asked.finds(thread, facts);
            let now = asked.state.thread(thread);
            let is_there = now.is_some_and(was_there);
            let left = !is_there && in_thread.before.as_deref().is_some_and(was_there);
            if left {
                let finds = now.is_some_and(|facts| asked.finds(thread, facts));
                return (finds.then_some(thread), Some(NoticeTopic::Changed));
            }
            (Some(thread), now.filter(|_| is_there).and_then(|facts| asked.topic(in_thread, facts)))
        })
    }

    fn told_in_worklists(&self, in_thread: &InThread) -> (Option<ThreadId>, Option<NoticeTopic>) {
        let thread = in_thread.thread;
        if !in_thread.changes_lists {
            return (None, None);
        }
        self.ask(|asked| {
            let criteria = asked.criteria();
            let is_listed = |facts: &ThreadFacts| {
                criteria.iter().any(|criterion| criterion.lists(facts)) && asked.finds_at_work(thread, facts)
            };
            let now = asked.state.thread(thread);
            let (was_there, is_there) =
                (in_thread.before.as_deref().is_some_and(is_listed), now.is_some_and(is_listed));
            let topic = now.and_then(|facts| asked.topic(in_thread, facts));
            let finds = now.is_some_and(|facts| asked.finds(thread, facts));
            match (was_there, is_there) {
                (false, false) => (None, None),
                // Of a thread that stays, they are told what they may know of it, which can be nothing.
                (true, true) => (Some(thread), topic),
                (true, false) | (false, true) => (finds.then_some(thread), Some(topic.unwrap_or(NoticeTopic::Changed))),
            }
        })
    }
}
