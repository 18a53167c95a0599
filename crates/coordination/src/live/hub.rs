//! What happened last, and who follows what. The projector hands over each event after it has folded it, and it is
//! passed on to those whom it can concern. Who is told in the end is decided by each follower (`told`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use care::ids::{PersonId, ThreadId};
use journal::Position;
use tokio::sync::{mpsc, watch};

use super::happening::{Happening, InThread, What};
use crate::authorization::AuthorizationState;
use crate::lock::locked;

/// How many happenings are kept for those who come back.
const KEPT_MAX: usize = 8_192;
/// How many happenings may wait for one follower. A follower with more is cut off, and comes back with its position.
const WAITING_MAX: usize = 64;

/// What somebody follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    Thread(ThreadId),
    /// After all threads in their order, so that it is known at once whether anybody follows lists.
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
    followers: BTreeMap<Topic, Vec<Follower>>,
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
        let mut inside = locked(&self.hub.inside);
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
        let (kept, followers) = (VecDeque::new(), BTreeMap::new());
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
    pub fn pass_on(&self, happened: Option<Happening>, state: &AuthorizationState, position: Position) {
        let mut inside = locked(&self.inside);
        if let Some(happening) = happened {
            inside.pass_on(Arc::new(happening), state);
        }
        inside.at = inside.at.max(Some(position));
    }

    /// Tells a person's followers that what the person is has changed by the passage of time.
    pub fn person_changed(&self, person: PersonId, state: &AuthorizationState) {
        let mut inside = locked(&self.inside);
        if let Some(position) = inside.at {
            inside.pass_on(Arc::new(Happening { position, what: What::OfPersons(BTreeSet::from([person])) }), state);
        }
    }

    /// Begins to follow; with a position, what happened since comes first.
    pub fn follow(self: &Arc<Self>, topic: Topic, after: Option<Position>) -> Queue {
        let (sender, waiting) = mpsc::channel(WAITING_MAX);
        let mut inside = locked(&self.inside);
        let number = inside.next;
        inside.next = number.wrapping_add(1);
        inside.followers.entry(topic).or_default().push(Follower { number, waiting: sender });
        let missed = match after {
            None => Some(Vec::new()),
            Some(after) if Some(after) < inside.kept_after => None,
            Some(after) => {
                let first = inside.kept.partition_point(|happening| happening.position <= after);
                Some(inside.kept.iter().skip(first).filter(|happening| concerns(happening, topic)).cloned().collect())
            }
        };
        let rechecks = self.rechecks.subscribe();
        Queue { hub: Arc::clone(self), topic, number, waiting, rechecks, began: inside.at, missed }
    }
}

impl Inside {
    fn pass_on(&mut self, happening: Arc<Happening>, state: &AuthorizationState) {
        match &happening.what {
            What::InThread(in_thread) => {
                if in_thread.is_of_thread {
                    self.tell(Topic::Thread(in_thread.thread), &happening);
                }
                if let Some((Topic::ListsOf(_), _)) = self.followers.last_key_value() {
                    for person in concerned_by(in_thread, state) {
                        self.tell(Topic::ListsOf(person), &happening);
                    }
                }
            }
            What::OfPersons(persons) => {
                for person in persons {
                    self.tell(Topic::ListsOf(*person), &happening);
                }
            }
            What::OfHelp(of_help) => {
                for person in of_help.whom.persons.union(&of_help.whom.if_seen) {
                    self.tell(Topic::ListsOf(*person), &happening);
                }
            }
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

/// Everybody in whose lists an event can make a difference.
fn concerned_by(happened: &InThread, state: &AuthorizationState) -> BTreeSet<PersonId> {
    if !happened.is_of_thread {
        return happened.actor.into_iter().collect();
    }
    let mut persons = state.thread(happened.thread).map(|facts| state.can_list(facts)).unwrap_or_default();
    if let Some(before) = &happened.before {
        persons.extend(state.can_list(before));
    }
    persons
}

/// Whether a happening can concern who follows a topic.
fn concerns(happening: &Happening, topic: Topic) -> bool {
    match (&happening.what, topic) {
        (What::InThread(in_thread), Topic::Thread(thread)) => in_thread.thread == thread && in_thread.is_of_thread,
        // Whether it concerns the lists of a person is asked when they are told.
        (What::InThread(in_thread), Topic::ListsOf(person)) => {
            in_thread.is_of_thread || in_thread.actor == Some(person)
        }
        (What::OfPersons(_) | What::OfHelp(_), Topic::Thread(_)) => false,
        (What::OfHelp(of_help), Topic::ListsOf(person)) => of_help.whom.names(person),
        (What::OfPersons(of), Topic::ListsOf(person)) => of.contains(&person),
    }
}
