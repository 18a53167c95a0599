//! What happened, as followers may be told of it.

use std::collections::BTreeSet;

use care::care_team::CareTeamEvent;
use care::conversation::ConversationEvent;
use care::event::{Event, Stream};
use care::ids::{Id as _, PersonId, ThreadId};
use care::notice::{Notice, notices};
use care::organization::OrganizationEvent;
use care::patient::PatientEvent;
use care::person::PersonEvent;
use care::thread::ThreadEvent;
use journal::Position;

use crate::authorization::AuthorizationState;
use crate::authorization::delegation::DelegationFacts;
use crate::authorization::thread::ThreadFacts;
use crate::recorded_event::RecordedEvent;

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
    /// Something changed in what these persons are, on which their lists rest.
    OfPersons(BTreeSet<PersonId>),
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

/// Whom an event is about that names nobody, as the state says it: who helps under its delegation or by its legal
/// authority, or whom its directive is about of those who have to do with the patient. A person who only offered to help is
/// told of nothing.
pub(crate) fn concerned(state: &AuthorizationState, recorded: &RecordedEvent) -> BTreeSet<PersonId> {
    if let (Event::Directives(event), Stream::Directives(patient)) = (&recorded.event, recorded.stream)
        && event.can_change_who_may()
    {
        return state.directed(patient, event.directive(), recorded.metadata.recorded_at);
    }
    match recorded.stream {
        Stream::Delegation(delegation) => {
            let facts = state.entity::<DelegationFacts>(delegation.uuid());
            facts.filter(|facts| facts.is_known_to_person()).and_then(|facts| facts.person).into_iter().collect()
        }
        // A person who only has a document on record, and no access by it, is told nothing.
        Stream::LegalAuthority(authority) => state.helper_by(authority).into_iter().collect(),
        Stream::Thread(_)
        | Stream::Patient(_)
        | Stream::Person(_)
        | Stream::CareTeam(_)
        | Stream::Directives(_)
        | Stream::Organization(_)
        | Stream::OutsideMessage(_)
        | Stream::Drafts(_)
        | Stream::Policy(_) => BTreeSet::new(),
    }
}

impl Happening {
    /// What an event makes happen; `before` is its thread as it was, and `persons` whom it is about though it names
    /// nobody.
    pub fn of(recorded: &RecordedEvent, before: Option<ThreadFacts>, persons: BTreeSet<PersonId>) -> Option<Self> {
        let position = recorded.position;
        let of_persons = |persons| Some(Self { position, what: What::OfPersons(persons) });
        let of_person = |person| of_persons(BTreeSet::from([person]));
        match (&recorded.event, recorded.stream) {
            (Event::Thread(event), Stream::Thread(thread)) => {
                let in_thread = InThread::of(thread, event, recorded.metadata.actor.person(), before);
                Some(Self { position, what: What::InThread(in_thread) })
            }
            (Event::Person(PersonEvent::RoleGranted(_) | PersonEvent::RoleEnded(_)), Stream::Person(person)) => {
                of_person(person)
            }
            (Event::Organization(OrganizationEvent::PoolMemberAdded(added)), _) => of_person(added.person),
            (Event::Organization(OrganizationEvent::PoolMemberRemoved(removed)), _) => of_person(removed.person),
            (Event::CareTeam(CareTeamEvent::MemberAdded(added)), _) => of_person(added.person),
            (Event::CareTeam(CareTeamEvent::MemberJoined(joined)), _) => of_person(joined.person),
            (Event::CareTeam(CareTeamEvent::MemberRemoved(removed)), _) => of_person(removed.person),
            (Event::CareTeam(CareTeamEvent::ConflictRecorded(recorded)), _) => of_person(recorded.person),
            (Event::Delegation(_) | Event::Directives(_) | Event::LegalAuthority(_), _) if !persons.is_empty() => {
                of_persons(persons)
            }
            (Event::Patient(PatientEvent::LinkAccepted(accepted)), _) => of_person(accepted.person),
            (Event::Patient(PatientEvent::LinkEnded(ended)), _) => of_person(ended.person),
            (
                Event::Thread(_)
                | Event::Person(_)
                | Event::Organization(_)
                | Event::Patient(_)
                | Event::LegalAuthority(_)
                | Event::Delegation(_)
                | Event::Directives(_)
                | Event::OutsideMessage(_)
                // Who is asked to a care team has nothing in a list yet.
                | Event::CareTeam(CareTeamEvent::MemberAsked(_) | CareTeamEvent::MemberDeclined(_))
                | Event::Drafts(_)
                | Event::Policy(_)
                | Event::Accepted(_)
                | Event::Key(_),
                _,
            ) => None,
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
            ThreadEvent::Conversation(event) => (0, changes_lists(event), true),
            ThreadEvent::Lifecycle(_) => (0, false, true),
        };
        let notices = notices(thread, event);
        Self { thread, notices, actor, number, before: before.map(Box::new), changes_lists, is_of_thread }
    }
}

/// The facts of the thread of an event before it is folded, where it can change a list.
pub(crate) fn before(state: &AuthorizationState, recorded: &RecordedEvent) -> Option<ThreadFacts> {
    let (Event::Thread(ThreadEvent::Conversation(event)), Stream::Thread(thread)) = (&recorded.event, recorded.stream)
    else {
        return None;
    };
    if changes_lists(event) { state.thread(thread).cloned() } else { None }
}

/// Whether a thread can enter or leave somebody's list by an event: a list of who waits, or that of a delegate.
fn changes_lists(event: &ConversationEvent) -> bool {
    event.can_change_who_may()
}
