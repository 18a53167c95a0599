//! Messages from outside, as far as they decide who may: to which organization each was sent, by whom, and what became of
//! it. No text. Its sender has no standing to it from then on, also where they work at the organization.
//!
//! Once it is known about which patient it is, it is bound by the patient's directives, and the patient has no standing to it:
//! of an offer they are asked by a delegation, and what was told stands in a thread for the clinical team alone. Neither has
//! who helps the patient, as in every other work about them. Before that no patient is known, so nothing can bind.

use care::ids::{EventId, Id, OrganizationId, OutsideMessageId, PatientId, PersonId, ThreadId};
use care::outside_message::{Deadlines, OutsideMessageEvent};
use care::words::{DelegationKind, OutsideEnd, OutsideState, OutsideWish, Relationship, Role};
use chrono::{DateTime, Utc};
use policy::question::CodeSet;
use policy::reach::HeldStanding;
use policy::words::Standing;
use serde::{Deserialize, Serialize};

use super::delegation;
use super::entity::{Entities, Entity};
use super::index::Mark;
use super::patient::PatientFacts;
use super::person::{Gathered, PersonFacts};
use super::thread::ThreadFacts;

/// A message from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OutsideMessageFacts {
    /// To which organization it was sent.
    pub organization: OrganizationId,
    /// Who sent it.
    pub person: PersonId,
    pub wish: OutsideWish,
    /// The kind of help that is offered; none where something is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<DelegationKind>,
    pub relationship: Relationship,
    pub state: OutsideState,
    pub sent_at: DateTime<Utc>,
    /// Who has taken it; none while nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_by: Option<PersonId>,
    /// How it ended; none before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<OutsideEnd>,
    /// The patient to whom it was matched, or in whose thread it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<PatientId>,
    /// The thread in which it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ThreadId>,
    pub deadlines: Deadlines,
    /// The newest event: what the process that acts on this state names as its cause.
    pub last: EventId,
}

impl Entity for OutsideMessageFacts {
    const TABLE: &'static str = "outside_message";
    const SHAPE: u32 = 1;

    fn marks(&self) -> Vec<Mark> {
        let mut marks = vec![Mark::SentOutside(self.person)];
        if self.is_open() {
            marks.push(Mark::OutsideWaits(self.organization));
        }
        marks
    }
}

impl OutsideMessageFacts {
    pub fn fold(this: Option<Self>, event: &OutsideMessageEvent, last: EventId) -> Option<Self> {
        let mut this = match (this, event) {
            (Some(this), _) => this,
            (None, OutsideMessageEvent::Sent(sent)) => Self {
                organization: sent.organization,
                person: sent.person,
                wish: sent.wish,
                kind: sent.kind,
                relationship: sent.relationship,
                state: OutsideState::Waiting,
                sent_at: sent.at,
                claimed_by: None,
                end: None,
                patient: None,
                thread: None,
                deadlines: Deadlines::default(),
                last,
            },
            (None, _) => return None,
        };
        this.last = last;
        this.deadlines.evolve(event);
        let ended = |this: &mut Self, how| (this.state, this.end) = (OutsideState::Ended, Some(how));
        match event {
            OutsideMessageEvent::Sent(_) => {}
            OutsideMessageEvent::Claimed(claimed) => {
                (this.state, this.claimed_by) = (OutsideState::Claimed, claimed.by.person());
            }
            OutsideMessageEvent::Matched(matched) => {
                ended(&mut this, OutsideEnd::Matched);
                this.patient = Some(matched.patient);
            }
            OutsideMessageEvent::Attached(attached) => {
                ended(&mut this, OutsideEnd::Attached);
                (this.patient, this.thread) = (Some(attached.patient), Some(attached.thread));
            }
            OutsideMessageEvent::Closed(closed) => ended(&mut this, closed.how),
            OutsideMessageEvent::Erased(_) => this.state = OutsideState::Erased,
        }
        Some(this)
    }

    /// Whether it still waits for somebody.
    pub fn is_open(&self) -> bool {
        matches!(self.state, OutsideState::Waiting | OutsideState::Claimed)
    }
}

/// What a person is to a message from outside now: one who works at the organization to which it was sent, as far as the
/// patient whom it is about does not block them. Its sender has no standing to it, and neither has that patient.
pub(super) fn standings<S: Entities>(
    store: &S,
    message: OutsideMessageId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    let Some(facts) = store.get::<OutsideMessageFacts>(message.uuid())? else { return Ok(Vec::new()) };
    if facts.person == person {
        return Ok(Vec::new());
    }
    let mut gathered = Gathered::new(store, person, now)?;
    if let Some(about) = facts.patient {
        // What cannot be read to its end may say that somebody is the patient, or what the thread is about.
        let Some(patient) = store.get::<PatientFacts>(about.uuid())? else { return Ok(Vec::new()) };
        if patient.person == Some(person) || delegation::keeps_from_work(store, about, person, now)? {
            return Ok(Vec::new());
        }
        let codes = match facts.thread {
            None => CodeSet::NONE,
            Some(thread) => match store.get::<ThreadFacts>(thread.uuid())? {
                Some(thread) => thread.codes,
                None => return Ok(Vec::new()),
            },
        };
        gathered.bind_to(store, about, codes)?;
    }
    gathered.with_roles_at(Standing::Organization, facts.organization);
    Ok(gathered.done())
}

/// What a person is to a message from outside that they are to send: its author, if they are registered.
pub(super) fn standings_of_sender<S: Entities>(store: &S, person: PersonId) -> Result<Vec<HeldStanding>, S::Fault> {
    let is_registered = store.get::<PersonFacts>(person.uuid())?.is_some();
    Ok(if is_registered { vec![HeldStanding::full(Standing::Author, Role::Person)] } else { Vec::new() })
}
