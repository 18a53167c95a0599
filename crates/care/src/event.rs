//! Every event there is: its name on disk, its version, how it is read and written.
//!
//! A concept declares its events with the macro of `kinds.rs`; [`Event`] joins the concepts, and is
//! what the rest of the house folds.
//!
//! A released event never changes. To change one: 1. keep its old struct and golden file; 2. add
//! the new shape as the next version of the same kind; 3. convert the old into the new in
//! `decode`, purely; 4. bless the new golden file. New optional fields need no new version.

use crate::care_team::CareTeamEvent;
use crate::consultation::ConsultationEvent;
use crate::conversation::ConversationEvent;
pub use crate::kinds::EventProblem;
use crate::organization::OrganizationEvent;
use crate::patient::PatientEvent;
use crate::person::PersonEvent;
use crate::policy_root::PolicyEvent;
use crate::text::{EachText, FieldTag, PersonalText};
use crate::thread::ThreadEvent;

/// Anything that ever happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// To an organization.
    Organization(OrganizationEvent),
    /// To a person.
    Person(PersonEvent),
    /// To a patient's identity.
    Patient(PatientEvent),
    /// To a care team.
    CareTeam(CareTeamEvent),
    /// In a thread.
    Thread(ThreadEvent),
    /// To the policy.
    Policy(PolicyEvent),
}

macro_rules! each_concept {
    ($self:ident, $event:ident => $body:expr) => {
        match $self {
            Self::Organization($event) => $body,
            Self::Person($event) => $body,
            Self::Patient($event) => $body,
            Self::CareTeam($event) => $body,
            Self::Thread(ThreadEvent::Conversation($event)) => $body,
            Self::Thread(ThreadEvent::Consultation($event)) => $body,
            Self::Policy($event) => $body,
        }
    };
}

impl Event {
    /// The name on disk.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        each_concept!(self, event => event.kind())
    }

    /// The schema version that is written.
    #[must_use]
    pub fn version(&self) -> u16 {
        each_concept!(self, event => event.version())
    }

    /// The bytes to store.
    ///
    /// # Errors
    /// [`EventProblem::NotSealed`] while a text of it is open or destroyed.
    pub fn encode(&self) -> Result<Vec<u8>, EventProblem> {
        each_concept!(self, event => event.encode())
    }

    /// Reads a stored event.
    ///
    /// # Errors
    /// [`EventProblem::Unknown`] for a kind or version of newer software, which nobody may skip;
    /// [`EventProblem::Malformed`] for data that does not fit.
    pub fn decode(kind: &str, version: u16, data: &[u8]) -> Result<Self, EventProblem> {
        let thread = |event: Result<_, _>| event.map(Self::Thread);
        None.or_else(|| {
            ConversationEvent::decode(kind, version, data).map(|event| thread(event.map(ThreadEvent::Conversation)))
        })
        .or_else(|| {
            ConsultationEvent::decode(kind, version, data).map(|event| thread(event.map(ThreadEvent::Consultation)))
        })
        .or_else(|| CareTeamEvent::decode(kind, version, data).map(|event| event.map(Self::CareTeam)))
        .or_else(|| PatientEvent::decode(kind, version, data).map(|event| event.map(Self::Patient)))
        .or_else(|| PersonEvent::decode(kind, version, data).map(|event| event.map(Self::Person)))
        .or_else(|| OrganizationEvent::decode(kind, version, data).map(|event| event.map(Self::Organization)))
        .or_else(|| PolicyEvent::decode(kind, version, data).map(|event| event.map(Self::Policy)))
        .unwrap_or_else(|| Err(EventProblem::Unknown { kind: kind.to_owned(), version }))
    }

    /// Every kind and version that can be read.
    #[must_use]
    pub fn kinds() -> Vec<(&'static str, u16)> {
        [
            OrganizationEvent::KINDS,
            PersonEvent::KINDS,
            PatientEvent::KINDS,
            CareTeamEvent::KINDS,
            ConversationEvent::KINDS,
            ConsultationEvent::KINDS,
            PolicyEvent::KINDS,
        ]
        .concat()
    }
}

impl EachText for Event {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        each_concept!(self, event => event.each_text(visit));
    }
}
