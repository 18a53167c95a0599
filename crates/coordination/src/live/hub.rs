//! What happened last, and who follows what. The projector hands over each event after it has folded it; a task passes
//! it on to those whom it can concern. Who is told in the end is decided by each follower (`told`).

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use care::care_team::CareTeamEvent;
use care::conversation::ConversationEvent;
use care::event::{Event, Stream};
use care::ids::{PersonId, ThreadId};
use care::notice::{Notice, notices};
use care::organization::OrganizationEvent;
use care::patient::PatientEvent;
use care::person::PersonEvent;
use care::thread::ThreadEvent;
use journal::Position;
use tokio::sync::{mpsc, watch};

use super::told::concerned;
use crate::authorization::AuthorizationState;
use crate::authorization::thread::ThreadFacts;
use crate::recorded_event::RecordedEvent;

/// How many happenings are kept for those who come back.
const KEPT_MAX: usize = 8_192;
/// How many happenings may wait for one follower. A follower with more is cut off, and comes back with its position.
const WAITING_MAX: usize = 64;

/// Something that happened, which followers may be told of.
#[derive(Debug)]
pub(crate) struct Happening {
    pub position: Position,
    pub what: What,
}

#[derive(Debug)]
pub(crate) enum What {
    /// An event of a thread.
    InThread(InThread),
    /// Something changed in what this person is, on which their lists rest.
    OfPerson(PersonId),
}

/// An event of a thread.
#[derive(Debug)]
pub(crate) struct InThread {
    pub thread: ThreadId,
    pub notices: Vec<Notice>,
    /// Who did it; none if a process did.
    pub actor: Option<PersonId>,
    /// The number of the message that was posted; 0 for another event.
    pub number: u32,
    /// The thread before the event; none if it did not exist, or if the event changes no list.
    pub before: Option<Box<ThreadFacts>>,
    /// Whether the thread can have entered or left a list.
    pub changes_lists: bool,
    /// Whether it concerns followers of the thread at all.
    pub is_of_thread: bool,
}

impl Happening {
    /// What an event makes happen; `before` is its thread as it was.
    pub fn of(recorded: &RecordedEvent, before: Option<ThreadFacts>) -> Vec<Self> {
        let position = recorded.position;
        let of_person = |person| vec![Self { position, what: What::OfPerson(person) }];
        match (&recorded.event, recorded.stream) {
            (Event::Thread(event), Stream::Thread(thread)) => {
                let in_thread = InThread::of(thread, event, recorded.metadata.actor.person(), before);
                vec![Self { position, what: What::InThread(in_thread) }]
            }
            (Event::Person(PersonEvent::RoleGranted(_) | PersonEvent::RoleEnded(_)), Stream::Person(person)) => {
                of_person(person)
            }
            (Event::Organization(OrganizationEvent::PoolMemberAdded(added)), _) => of_person(added.person),
            (Event::Organization(OrganizationEvent::PoolMemberRemoved(removed)), _) => of_person(removed.person),
            (Event::CareTeam(CareTeamEvent::MemberAdded(added)), _) => of_person(added.person),
            (Event::CareTeam(CareTeamEvent::MemberRemoved(removed)), _) => of_person(removed.person),
            (Event::Patient(PatientEvent::LinkAccepted(accepted)), _) => of_person(accepted.person),
            (Event::Patient(PatientEvent::LinkEnded(ended)), _) => of_person(ended.person),
            (
                Event::Thread(_)
                | Event::Person(_)
                | Event::Organization(_)
                | Event::Patient(_)
                | Event::Drafts(_)
                | Event::Policy(_)
                | Event::Accepted(_)
                | Event::Key(_),
                _,
            ) => Vec::new(),
        }
    }
}

impl InThread {
    fn of(thread: ThreadId, event: &ThreadEvent, actor: Option<PersonId>, before: Option<ThreadFacts>) -> Self {
        let (number, changes_lists, is_of_thread) = match event {
            ThreadEvent::Conversation(ConversationEvent::MessagePosted(posted)) => (posted.number, false, true),
            ThreadEvent::Conversation(ConversationEvent::ReadMarked(_) | ConversationEvent::ThreadPutAway(_)) => {
                (0, false, false)
            }
            ThreadEvent::Conversation(event) => (0, event.can_change_turn(), true),
            ThreadEvent::Lifecycle(_) => (0, false, true),
        };
        let notices = notices(thread, event);
        Self { thread, notices, actor, number, before: before.map(Box::new), changes_lists, is_of_thread }
    }

    /// Everybody in whose lists it can make a difference.
    fn concerned(&self, state: &AuthorizationState) -> BTreeSet<PersonId> {
        if !self.is_of_thread {
            return self.actor.into_iter().collect();
        }
        let mut persons = state.thread(self.thread).map(|facts| concerned(state, facts)).unwrap_or_default();
        if let Some(before) = &self.before {
            persons.extend(concerned(state, before));
        }
        persons
    }
}

/// The facts of the thread of an event before it is folded, where it can change a list.
pub(crate) fn before(state: &AuthorizationState, recorded: &RecordedEvent) -> Option<ThreadFacts> {
    match (&recorded.event, recorded.stream) {
        (Event::Thread(ThreadEvent::Conversation(event)), Stream::Thread(thread)) if event.can_change_turn() => {
            state.thread(thread).cloned()
        }
        (
            Event::Thread(_)
            | Event::Person(_)
            | Event::Organization(_)
            | Event::CareTeam(_)
            | Event::Patient(_)
            | Event::Drafts(_)
            | Event::Policy(_)
            | Event::Accepted(_)
            | Event::Key(_),
            _,
        ) => None,
    }
}

/// What somebody follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    Thread(ThreadId),
    ListsOf(PersonId),
}

/// What happened last, and who follows what.
pub(crate) struct Hub {
    inside: Mutex<Inside>,
    /// Counts the changes after which everybody is asked about anew.
    rechecks: watch::Sender<u64>,
    /// The position before the first happening of this start.
    started: Option<Position>,
}

struct Inside {
    kept: VecDeque<Arc<Happening>>,
    /// Everything after this position is kept.
    kept_after: Option<Position>,
    /// How far everything was passed on.
    at: Option<Position>,
    followers: HashMap<Topic, Vec<Follower>>,
    next: u64,
}

struct Follower {
    number: u64,
    waiting: mpsc::Sender<Arc<Happening>>,
}

/// What waits for one follower. A follower ends when it is dropped.
pub(crate) struct Queue {
    hub: Arc<Hub>,
    topic: Topic,
    number: u64,
    pub waiting: mpsc::Receiver<Arc<Happening>>,
    pub rechecks: watch::Receiver<u64>,
    /// How far everything had been passed on when it began.
    pub began: Option<Position>,
    /// What happened since its position, as far as it is kept; none if it is not.
    pub missed: Option<Vec<Arc<Happening>>>,
}

impl Drop for Queue {
    fn drop(&mut self) {
        let mut inside = self.hub.inside();
        if let Some(followers) = inside.followers.get_mut(&self.topic) {
            followers.retain(|follower| follower.number != self.number);
            if followers.is_empty() {
                inside.followers.remove(&self.topic);
            }
        }
    }
}

impl Hub {
    /// A hub to which every event after a position will be handed over.
    pub fn new(started: Option<Position>) -> Arc<Self> {
        let (kept, followers) = (VecDeque::new(), HashMap::new());
        let inside = Inside { kept, kept_after: started, at: started, followers, next: 0 };
        Arc::new(Self { inside: Mutex::new(inside), rechecks: watch::Sender::new(0), started })
    }

    /// Asks about everybody anew, since what they may know can have changed.
    pub fn recheck(&self) {
        self.rechecks.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Whether a position is from before this start, so that what happened to lists since then is not known.
    pub fn is_from_before(&self, position: Position) -> bool {
        Some(position) < self.started
    }

    /// Passes on what happened at a position, which may be nothing.
    pub fn pass_on(&self, happened: Vec<Happening>, state: &AuthorizationState, position: Position) {
        let mut inside = self.inside();
        for happening in happened {
            inside.pass_on(Arc::new(happening), state);
        }
        inside.at = inside.at.max(Some(position));
    }

    /// Tells a person's followers that what the person is has changed by the passage of time.
    pub fn person_changed(&self, person: PersonId, state: &AuthorizationState) {
        let mut inside = self.inside();
        if let Some(position) = inside.at {
            inside.pass_on(Arc::new(Happening { position, what: What::OfPerson(person) }), state);
        }
    }

    /// Begins to follow; with a position, what happened since comes first.
    pub fn follow(self: &Arc<Self>, topic: Topic, after: Option<Position>) -> Queue {
        let (sender, waiting) = mpsc::channel(WAITING_MAX);
        let mut inside = self.inside();
        let number = inside.next;
        inside.next = number.wrapping_add(1);
        inside.followers.entry(topic).or_default().push(Follower { number, waiting: sender });
        let missed = match after {
            None => Some(Vec::new()),
            Some(after) if Some(after) < inside.kept_after => None,
            Some(after) => {
                let first = inside.kept.partition_point(|happening| happening.position <= after);
                Some(inside.kept.iter().skip(first).filter(|happening| happening.concerns(topic)).cloned().collect())
            }
        };
        let rechecks = self.rechecks.subscribe();
        Queue { hub: Arc::clone(self), topic, number, waiting, rechecks, began: inside.at, missed }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // Each change is one insertion or removal, so a panic leaves nothing half done.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn pass_on(&mut self, happening: Arc<Happening>, state: &AuthorizationState) {
        match &happening.what {
            What::InThread(in_thread) => {
                if in_thread.is_of_thread {
                    self.tell(Topic::Thread(in_thread.thread), &happening);
                }
                if self.followers.keys().any(|topic| matches!(topic, Topic::ListsOf(_))) {
                    for person in in_thread.concerned(state) {
                        self.tell(Topic::ListsOf(person), &happening);
                    }
                }
            }
            What::OfPerson(person) => self.tell(Topic::ListsOf(*person), &happening),
        }
        self.kept.push_back(happening);
        if self.kept.len() > KEPT_MAX
            && let Some(oldest) = self.kept.pop_front()
        {
            self.kept_after = Some(oldest.position);
        }
    }

    /// A follower for whom there is no room is dropped: it finds that its queue has ended.
    fn tell(&mut self, topic: Topic, happening: &Arc<Happening>) {
        if let Some(followers) = self.followers.get_mut(&topic) {
            followers.retain(|follower| follower.waiting.try_send(Arc::clone(happening)).is_ok());
            if followers.is_empty() {
                self.followers.remove(&topic);
            }
        }
    }
}

impl Happening {
    fn concerns(&self, topic: Topic) -> bool {
        match (&self.what, topic) {
            (What::InThread(in_thread), Topic::Thread(thread)) => in_thread.thread == thread && in_thread.is_of_thread,
            // Whether it concerns the lists of a person is asked when they are told.
            (What::InThread(in_thread), Topic::ListsOf(person)) => {
                in_thread.is_of_thread || in_thread.actor == Some(person)
            }
            (What::OfPerson(_), Topic::Thread(_)) => false,
            (What::OfPerson(of), Topic::ListsOf(person)) => *of == person,
        }
    }
}
