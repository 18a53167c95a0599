//! A patient, as far as it decides who may: who keeps the record, which person they are, to whom it is proposed, whether
//! they live, and from whom they are protected.

use std::collections::BTreeSet;

use care::ids::{Id, OrganizationId, PatientId, PersonId};
use care::patient::{LinkAccepted, LinkProposed, PatientEvent};
use care::words::Role;
use chrono::{DateTime, Utc};
use policy::reach::HeldStanding;
use policy::words::Standing;
use serde::{Deserialize, Serialize};

use super::entity::{Entities, Entity};
use super::index::Mark;

/// What decides who may about a patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PatientFacts {
    /// The organization that keeps the record.
    pub organization: OrganizationId,
    /// The person that the patient is: they accepted the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The proposal that nobody has answered or taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proposal: Option<Proposal>,
    /// Everybody to whom the record was ever proposed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    asked: BTreeSet<PersonId>,
    /// Whether the key of the record was destroyed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_erased: bool,
    /// When the patient died, as it is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    died_at: Option<DateTime<Utc>>,
    /// Against whom there are protection notes.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    protected_from: BTreeSet<PersonId>,
}

/// A proposal of the record to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Proposal {
    person: PersonId,
    expires_at: DateTime<Utc>,
}

impl Entity for PatientFacts {
    const TABLE: &'static str = "patient";
    const SHAPE: u32 = 4;

    fn marks(&self) -> Vec<Mark> {
        let proposed = self.proposal.map(|proposal| proposal.person);
        self.person.into_iter().chain(proposed).map(Mark::RecordOf).collect()
    }
}

impl PatientFacts {
    pub fn fold(this: Option<Self>, event: &PatientEvent) -> Option<Self> {
        let change = |change: &dyn Fn(&mut Self)| {
            let mut this = this.clone()?;
            change(&mut this);
            Some(this)
        };
        match event {
            PatientEvent::PatientRegistered(registered) => Some(Self {
                organization: registered.organization,
                person: None,
                proposal: None,
                asked: BTreeSet::new(),
                is_erased: false,
                died_at: None,
                protected_from: BTreeSet::new(),
            }),
            PatientEvent::DetailsCorrected(_) => this,
            PatientEvent::LinkProposed(LinkProposed { person, expires_at, .. }) => change(&|this| {
                this.proposal = Some(Proposal { person: *person, expires_at: *expires_at });
                this.asked.insert(*person);
            }),
            PatientEvent::LinkWithdrawn(_) | PatientEvent::LinkDeclined(_) => change(&|this| this.proposal = None),
            PatientEvent::LinkAccepted(LinkAccepted { person }) => change(&|this| {
                this.proposal = None;
                this.person = Some(*person);
            }),
            PatientEvent::LinkEnded(_) => change(&|this| this.person = None),
            PatientEvent::DeathRecorded(recorded) => change(&|this| this.died_at = Some(recorded.at)),
            PatientEvent::DeathVoided(_) => change(&|this| this.died_at = None),
            PatientEvent::ProtectionNoteRecorded(recorded) => change(&|this| {
                this.protected_from.insert(recorded.against);
            }),
            PatientEvent::ProtectionNoteLifted(lifted) => change(&|this| {
                this.protected_from.remove(&lifted.against);
            }),
        }
    }

    pub fn erased(this: Option<Self>) -> Option<Self> {
        this.map(|this| Self { is_erased: true, ..this })
    }

    /// Whether it is the record of a person, or is proposed to them, now. An erased record is not: nothing is in it, its link
    /// can no longer be ended with a reason, and the organization may need a new one for them.
    pub fn is_record_of(&self, person: PersonId, now: DateTime<Utc>) -> bool {
        !self.is_erased && [self.person, self.proposed_to(now)].contains(&Some(person))
    }

    /// When the patient died, as it is recorded; none while they live.
    pub fn died_at(&self) -> Option<DateTime<Utc>> {
        self.died_at
    }

    /// Whether a note protects the patient from a person.
    pub fn is_protected_from(&self, person: PersonId) -> bool {
        self.protected_from.contains(&person)
    }

    /// Whether the key of the record was destroyed.
    pub fn is_erased(&self) -> bool {
        self.is_erased
    }

    /// The person to whom the record is proposed now. A proposal ends by itself, without an event.
    pub fn proposed_to(&self, now: DateTime<Utc>) -> Option<PersonId> {
        self.proposal.filter(|proposal| now < proposal.expires_at).map(|proposal| proposal.person)
    }
}

/// What a person is to what is about themselves: the patient, and not by any role that they hold as well. So
/// nobody acts as staff on their own record.
pub(crate) fn as_patient() -> Vec<HeldStanding> {
    vec![HeldStanding::full(Standing::Self_, Role::Person)]
}

/// Whether the person is the patient.
pub(crate) fn is_self<S: Entities>(store: &S, patient: PatientId, person: PersonId) -> Result<bool, S::Fault> {
    Ok(store.get::<PatientFacts>(patient.uuid())?.is_some_and(|facts| facts.person == Some(person)))
}

/// Whether the record was ever proposed to a person.
pub(crate) fn was_asked<S: Entities>(store: &S, patient: PatientId, person: PersonId) -> Result<bool, S::Fault> {
    Ok(store.get::<PatientFacts>(patient.uuid())?.is_some_and(|facts| facts.asked.contains(&person)))
}
