//! What happened, as followers may be told of it.

use std::collections::BTreeSet;

use care::care_team::CareTeamEvent;
use care::conversation::{ConversationEvent, Party, Place};
use care::delegation::DelegationEvent;
use care::event::{Event, Stream};
use care::ids::{DelegationId, Id as _, PersonId, ThreadId};
use care::notice::{Notice, notices};
use care::organization::OrganizationEvent;
use care::patient::PatientEvent;
use care::person::PersonEvent;
use care::thread::ThreadEvent;
use care::words::{DelegationReminder, DelegationState, Role};
use journal::Position;

use crate::authorization::AuthorizationState;
use crate::authorization::care_team::CareTeamFacts;
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
    /// An event of a delegation.
    OfHelp(OfHelp),
}

/// An event of a delegation.
#[derive(Debug)]
pub(crate) struct OfHelp {
    pub delegation: DelegationId,
    pub whom: Concerned,
}

/// Whom an event is about that names nobody.
#[derive(Debug, Default)]
pub(crate) struct Concerned {
    /// They are told, whatever they may see by now: their lists can have lost something.
    pub persons: BTreeSet<PersonId>,
    /// They are told if they may see the delegation when the notice is given.
    pub if_seen: BTreeSet<PersonId>,
}

impl Concerned {
    pub fn extend(&mut self, other: Self) {
        self.persons.extend(other.persons);
        self.if_seen.extend(other.if_seen);
    }

    /// Whether it can concern a person.
    pub fn names(&self, person: PersonId) -> bool {
        self.persons.contains(&person) || self.if_seen.contains(&person)
    }
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

/// Whom an event is about that names nobody, as the state says it: the patient, who helps, who looks after it and who
/// invited, of a delegation; who helps by a legal authority; the patient of a directive, and whom it is about of those who
/// have to do with the patient. A person who only offered to help is told of nothing.
pub(crate) fn concerned(state: &AuthorizationState, recorded: &RecordedEvent) -> Concerned {
    let persons = match recorded.stream {
        Stream::Delegation(delegation) => {
            let facts = state.entity::<DelegationFacts>(delegation.uuid());
            return facts.map(|facts| concerned_by_help(state, recorded, facts)).unwrap_or_default();
        }
        Stream::Directives(patient) => {
            let mut persons = state.account_of(patient).into_iter().collect::<BTreeSet<PersonId>>();
            if let Event::Directives(event) = &recorded.event
                && event.can_change_who_may()
            {
                persons.extend(state.directed(patient, event.directive(), recorded.metadata.recorded_at));
            }
            persons
        }
        // A person who only has a document on record, and no access by it, is told nothing.
        Stream::LegalAuthority(authority) => state.helper_by(authority).into_iter().collect(),
        Stream::Thread(_)
        | Stream::Patient(_)
        | Stream::Person(_)
        | Stream::CareTeam(_)
        | Stream::Organization(_)
        | Stream::OutsideMessage(_)
        | Stream::Drafts(_)
        | Stream::Policy(_) => BTreeSet::new(),
    };
    Concerned { persons, if_seen: BTreeSet::new() }
}

/// Whom an event of a delegation is about. A reminder is told to those alone whom it is for.
fn concerned_by_help(state: &AuthorizationState, recorded: &RecordedEvent, facts: &DelegationFacts) -> Concerned {
    let reminder = if let Event::Delegation(DelegationEvent::Reminded(reminded)) = &recorded.event {
        Some(reminded.of)
    } else {
        None
    };
    let patient = state.account_of(facts.patient);
    let helper = facts.person.filter(|_| facts.is_known_to_person());
    let staff = || {
        let team = state.entity::<CareTeamFacts>(facts.patient.uuid());
        let place = facts.keeper.map(|organization| Place { role: Role::PrivacyOfficer, organization });
        let reviewed = place.filter(|_| facts.state == DelegationState::Suspended);
        let officers = reviewed.map(|place| state.people(Party::Role(place), recorded.metadata.recorded_at));
        team.into_iter().flat_map(|team| team.members.keys().copied()).chain(officers.into_iter().flatten())
    };
    match reminder {
        None => Concerned {
            persons: patient.into_iter().chain(helper).collect(),
            if_seen: staff().chain(facts.invited_by).chain(facts.checked_by).collect(),
        },
        Some(DelegationReminder::EndAhead | DelegationReminder::AgeGateAhead) => {
            Concerned { persons: patient.into_iter().collect(), if_seen: helper.into_iter().collect() }
        }
        Some(DelegationReminder::Invitation) => {
            let if_seen = helper.into_iter().chain(facts.invited_by).collect();
            Concerned { persons: BTreeSet::new(), if_seen }
        }
        Some(DelegationReminder::Consent) => {
            Concerned { persons: patient.into_iter().collect(), if_seen: facts.checked_by.into_iter().collect() }
        }
        Some(DelegationReminder::Offer) => {
            Concerned { persons: patient.into_iter().collect(), if_seen: staff().collect() }
        }
        Some(DelegationReminder::Verification | DelegationReminder::Review) => {
            Concerned { persons: BTreeSet::new(), if_seen: staff().collect() }
        }
    }
}

impl Happening {
    /// What an event makes happen; `before` is its thread as it was, and `whom` it is about though it names nobody.
    pub fn of(recorded: &RecordedEvent, before: Option<ThreadFacts>, whom: Concerned) -> Option<Self> {
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
            (Event::Delegation(_), Stream::Delegation(delegation)) => {
                Some(Self { position, what: What::OfHelp(OfHelp { delegation, whom }) })
            }
            (Event::Directives(_) | Event::LegalAuthority(_), _) if !whom.persons.is_empty() => of_persons(whom.persons),
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
