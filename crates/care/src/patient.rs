//! A patient: the subject of care, with a sealed identity and the link to the person they are.
//!
//! A nurse can be a patient, so patient and person are two ids. The link between them is
//! pseudonymous and not sealed: the standing `self` rests on it. A registrar proposes the link and the person
//! accepts it; until then the record is not theirs. An organization keeps at most one record of a person.
//!
//! A proposal ends by itself after some days. No event says so: each decision and each read compares
//! the instants, and a proposal that has ended hinders no other.
//!
//! A recorded death ends every access of a helper but an executor's. A protection note says that a person is a danger to
//! the patient: that person never learns of it, so that a command of theirs has one answer with a note and without.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::aggregate::{Acting, Aggregate, PersonalTextOf, Sought};
use crate::command_name::commands;
use crate::envelope::Actor;
use crate::event_set::{events, no_text, texts};
use crate::ids::{CommandId, Id, OrganizationId, PatientId, PersonId};
use crate::text::PersonalText;
use crate::words::Role;
use uuid::Uuid;

commands! {
    /// What can be asked of a patient's record.
    PatientCommand, PatientAct {
        "patient.register" => RegisterPatient,
        "patient.correct_details" => CorrectDetails,
        "patient.propose_link" => ProposeLink,
        "patient.withdraw_link" => WithdrawLink,
        "patient.accept_link" => AcceptLink,
        "patient.decline_link" => DeclineLink,
        "patient.end_link" => EndLink,
        "patient.record_death" => RecordDeath,
        "patient.void_death" => VoidDeath,
        "patient.record_protection_note" => RecordProtectionNote,
        "patient.lift_protection_note" => LiftProtectionNote,
    }
    where
    fn at_organization(&self) -> Option<OrganizationId> {
        match self {
            Self::RegisterPatient(register) => Some(register.organization),
            Self::CorrectDetails(_)
            | Self::ProposeLink(_)
            | Self::WithdrawLink(_)
            | Self::AcceptLink(_)
            | Self::DeclineLink(_)
            | Self::EndLink(_)
            | Self::RecordDeath(_)
            | Self::VoidDeath(_)
            | Self::RecordProtectionNote(_)
            | Self::LiftProtectionNote(_) => None,
        }
    }
}

impl PatientAct {
    /// Whether a command of this act always has a text.
    #[must_use]
    pub fn needs_text(self) -> bool {
        match self {
            Self::RegisterPatient
            | Self::CorrectDetails
            | Self::EndLink
            | Self::RecordDeath
            | Self::VoidDeath
            | Self::RecordProtectionNote
            | Self::LiftProtectionNote => true,
            Self::ProposeLink | Self::WithdrawLink | Self::AcceptLink | Self::DeclineLink => false,
        }
    }
}

/// Registers a patient; their id is the first that the command creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterPatient {
    /// The organization that keeps the record.
    pub organization: OrganizationId,
    /// The person to whom the record is proposed as their own, if they can sign in.
    pub person: Option<PersonId>,
    /// The patient's name.
    pub name: PersonalText,
    /// The date of birth, as ISO 8601.
    pub birth_date: PersonalText,
    /// Records with a similar name and birth date that the sender has compared: they are of other people.
    pub confirmed_not_duplicate_of: Vec<PatientId>,
}

/// Corrects the name, the date of birth, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectDetails {
    /// The name as it should be.
    pub name: Option<PersonalText>,
    /// The date of birth as it should be, as ISO 8601.
    pub birth_date: Option<PersonalText>,
    /// Why.
    pub reason: PersonalText,
    /// Records with a similar name and birth date that the sender has compared: they are of other people.
    pub confirmed_not_duplicate_of: Vec<PatientId>,
}

/// Proposes the record to a person as their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProposeLink {
    /// The person.
    pub person: PersonId,
}

/// Takes an open proposal back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WithdrawLink {}

/// The person to whom the record was proposed says that it is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptLink {}

/// The person to whom the record was proposed says that it is not theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclineLink {}

/// Ends an accepted link: the record is no longer the person's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndLink {
    /// Why.
    pub reason: PersonalText,
}

/// Records that the patient died.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordDeath {
    /// When.
    pub at: DateTime<Utc>,
    /// From whom or from which document it is known.
    pub source: PersonalText,
}

/// Records that the record of the death was an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidDeath {
    /// Why.
    pub reason: PersonalText,
}

/// Writes down that a person is a danger to the patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordProtectionNote {
    /// The person, who never learns of it.
    pub against: PersonId,
    /// Why.
    pub reason: PersonalText,
}

/// Takes a protection note back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiftProtectionNote {
    /// The person against whom it was.
    pub against: PersonId,
    /// Why.
    pub reason: PersonalText,
}

/// We refuse because …
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatientRefusal {
    /// … the patient is registered already.
    #[error("the patient is registered already")]
    Registered,
    /// … no patient is registered under that id.
    #[error("there is no such patient")]
    Missing,
    /// … nobody proposes a record to themselves: the link needs two people.
    #[error("a record is proposed to another person")]
    ProposedToOneself,
    /// … the record is linked to a person, or proposed to one.
    #[error("the record is linked or proposed already")]
    LinkExists,
    /// … the organization keeps another record that is linked or proposed to the person.
    #[error("the person has another record there")]
    OtherRecord,
    /// … no proposal is open.
    #[error("no link is proposed")]
    NoProposal,
    /// … the record is linked to nobody.
    #[error("the record is not linked to a person")]
    NotLinked,
    /// … neither a name nor a date of birth is given.
    #[error("nothing is corrected")]
    NothingCorrected,
    /// … other records of the organization have a similar name and birth date, and the sender did not say that they are
    /// of other people.
    #[error("there are records with this name and birth date")]
    PossibleDuplicates(Vec<PatientId>),
    /// … the death is recorded already.
    #[error("the patient's death is recorded already")]
    DeathRecorded,
    /// … no death is recorded.
    #[error("no death is recorded")]
    NoDeath,
    /// … the death is dated in the future.
    #[error("the death is dated in the future")]
    DeathInFuture,
    /// … a note is about another person than the sender.
    #[error("a protection note is about another person")]
    NoteAboutOneself,
    /// … a note protects the patient from another person.
    #[error("a protection note is not about the patient")]
    NoteAboutPatient,
    /// … there is such a note already.
    #[error("there is a protection note about this person already")]
    NoteExists,
    /// … there is no such note.
    #[error("there is no protection note about this person")]
    NoNote,
}

events! {
    /// What can have happened to a patient's record.
    PatientEvent {
        "patient.registered" v 1 => PatientRegistered,
        "patient.details_corrected" v 1 => DetailsCorrected,
        "patient.link_proposed" v 1 => LinkProposed,
        "patient.link_withdrawn" v 1 => LinkWithdrawn,
        "patient.link_accepted" v 1 => LinkAccepted,
        "patient.link_declined" v 1 => LinkDeclined,
        "patient.link_ended" v 1 => LinkEnded,
        "patient.death_recorded" v 1 => DeathRecorded,
        "patient.death_voided" v 1 => DeathVoided,
        "patient.protection_note_recorded" v 1 => ProtectionNoteRecorded,
        "patient.protection_note_lifted" v 1 => ProtectionNoteLifted,
    }
}

/// A patient was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientRegistered {
    /// The patient.
    pub patient: PatientId,
    /// The organization that keeps the record.
    pub organization: OrganizationId,
    /// The name, under the patient's key.
    pub name: PersonalText,
    /// The date of birth, under the patient's key.
    pub birth_date: PersonalText,
    /// The records with a similar name and birth date that were said to be of other people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmed_not_duplicate_of: Vec<PatientId>,
}

/// The name, the date of birth, or both were corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailsCorrected {
    /// Who corrected them.
    pub by: Actor,
    /// The name, if it was corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PersonalText>,
    /// The date of birth, if it was corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<PersonalText>,
    /// Why.
    pub reason: PersonalText,
    /// The records with a similar name and birth date that were said to be of other people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmed_not_duplicate_of: Vec<PatientId>,
}

/// The record was proposed to a person as their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkProposed {
    /// Who proposed it.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// To whom.
    pub person: PersonId,
    /// Until when they can accept it.
    #[serde(with = "crate::instant")]
    pub expires_at: DateTime<Utc>,
}

/// An open proposal was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkWithdrawn {
    /// Who took it back.
    pub by: Actor,
}

/// The person accepted: the record is their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkAccepted {
    /// The person.
    pub person: PersonId,
}

/// The person declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkDeclined {
    /// The person.
    pub person: PersonId,
}

/// The link ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkEnded {
    /// Who ended it.
    pub by: Actor,
    /// Whose own the record was.
    pub person: PersonId,
    /// Why.
    pub reason: PersonalText,
}

/// The patient died.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeathRecorded {
    /// Who recorded it.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// When the patient died.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
    /// From whom or from which document it is known.
    pub source: PersonalText,
}

/// The record of the death was an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeathVoided {
    /// Who recorded that.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// Why.
    pub reason: PersonalText,
}

/// A person is a danger to the patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtectionNoteRecorded {
    /// Who wrote it down.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// The person.
    pub against: PersonId,
    /// Why.
    pub reason: PersonalText,
}

/// A protection note was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtectionNoteLifted {
    /// Who took it back.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// The person.
    pub against: PersonId,
    /// Why.
    pub reason: PersonalText,
}

texts! {
    PatientRegistered {
        name: "patient.name", birth_date: "patient.birth_date";
        patient, organization, confirmed_not_duplicate_of
    }
    DetailsCorrected {
        name: "patient.corrected_name", birth_date: "patient.corrected_birth_date", reason: "patient.correction_reason";
        by, confirmed_not_duplicate_of
    }
    LinkEnded { reason: "patient.link_ended_reason"; by, person }
    DeathRecorded { source: "patient.death_source"; by, role, at }
    DeathVoided { reason: "patient.death_voided_reason"; by, role }
    ProtectionNoteRecorded { reason: "patient.protection_note_reason"; by, role, against }
    ProtectionNoteLifted { reason: "patient.protection_note_lifted_reason"; by, role, against }
}

no_text! {
    LinkProposed { by, role, person, expires_at }
    LinkWithdrawn { by }
    LinkAccepted { person }
    LinkDeclined { person }
}

/// A patient's record, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Patient {
    /// Nothing happened yet.
    Unknown,
    /// Registered.
    Registered(Record),
}

/// A registered patient's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    patient: PatientId,
    organization: OrganizationId,
    link: Link,
    is_dead: bool,
    /// Against whom there are protection notes.
    protected_from: BTreeSet<PersonId>,
}

/// Whose own a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// Nobody's.
    None,
    /// It was proposed to a person.
    Proposed { person: PersonId, expires_at: DateTime<Utc> },
    /// The person accepted it.
    Accepted { person: PersonId },
}

impl Record {
    /// The person to whom the record is proposed now.
    fn proposed_to(&self, now: DateTime<Utc>) -> Option<PersonId> {
        match self.link {
            Link::Proposed { person, expires_at } if now < expires_at => Some(person),
            Link::None | Link::Proposed { .. } | Link::Accepted { .. } => None,
        }
    }

    /// The sender, if the record is proposed to them now.
    fn answers(&self, acting: &Acting<'_>) -> Result<PersonId, PatientRefusal> {
        let proposed = self.proposed_to(acting.now).filter(|person| acting.by == Actor::Person(*person));
        proposed.ok_or(PatientRefusal::NoProposal)
    }

    /// The event that the command has as its effect; none if it changes nothing.
    fn decide(&self, command: &PatientCommand, acting: &Acting<'_>) -> Result<Option<PatientEvent>, PatientRefusal> {
        let (patient, organization, link) = (self.patient, self.organization, self.link);
        let (by, role) = (acting.by, acting.role);
        let event = match command {
            PatientCommand::RegisterPatient(_) => return Err(PatientRefusal::Registered),
            PatientCommand::CorrectDetails(correct) => {
                let CorrectDetails { name, birth_date, reason, confirmed_not_duplicate_of } = correct.clone();
                if name.is_none() && birth_date.is_none() {
                    return Err(PatientRefusal::NothingCorrected);
                }
                let is_new = |of, text: &PersonalText| !acting.lookups.is_in_force(of, text);
                let name = name.filter(|name| is_new(PersonalTextOf::PatientName(patient), name));
                let birth_date = birth_date.filter(|date| is_new(PersonalTextOf::PatientBirthDate(patient), date));
                if name.is_none() && birth_date.is_none() {
                    return Ok(None);
                }
                let sought = Sought {
                    organization,
                    name: name.as_ref(),
                    birth_date: birth_date.as_ref(),
                    record: Some(patient),
                };
                let confirmed_not_duplicate_of = compared(sought, &confirmed_not_duplicate_of, acting)?;
                DetailsCorrected { by, name, birth_date, reason, confirmed_not_duplicate_of }.into()
            }
            PatientCommand::ProposeLink(propose) => {
                if matches!(link, Link::Accepted { .. }) || self.proposed_to(acting.now).is_some() {
                    return Err(PatientRefusal::LinkExists);
                }
                proposed(propose.person, Some(patient), organization, acting)?.into()
            }
            PatientCommand::WithdrawLink(WithdrawLink {}) => match self.proposed_to(acting.now) {
                Some(_) => LinkWithdrawn { by: acting.by }.into(),
                None => return Err(PatientRefusal::NoProposal),
            },
            PatientCommand::AcceptLink(AcceptLink {}) => {
                let person = self.answers(acting)?;
                if acting.lookups.has_other_record(person, organization, Some(patient)) {
                    return Err(PatientRefusal::OtherRecord);
                }
                LinkAccepted { person }.into()
            }
            PatientCommand::DeclineLink(DeclineLink {}) => {
                let person = self.answers(acting)?;
                LinkDeclined { person }.into()
            }
            PatientCommand::EndLink(EndLink { reason }) => match link {
                Link::Accepted { person } => LinkEnded { by: acting.by, person, reason: reason.clone() }.into(),
                Link::None | Link::Proposed { .. } => return Err(PatientRefusal::NotLinked),
            },
            PatientCommand::RecordDeath(RecordDeath { at, source }) => {
                if self.is_dead {
                    return Err(PatientRefusal::DeathRecorded);
                }
                let at = acting.past(*at).ok_or(PatientRefusal::DeathInFuture)?;
                DeathRecorded { by, role, at, source: source.clone() }.into()
            }
            PatientCommand::VoidDeath(VoidDeath { reason }) => {
                if !self.is_dead {
                    return Err(PatientRefusal::NoDeath);
                }
                DeathVoided { by, role, reason: reason.clone() }.into()
            }
            PatientCommand::RecordProtectionNote(RecordProtectionNote { against, reason }) => {
                let (against, reason) = (*against, reason.clone());
                if self.is_protected_from(against, acting)? {
                    return Err(PatientRefusal::NoteExists);
                }
                ProtectionNoteRecorded { by, role, against, reason }.into()
            }
            PatientCommand::LiftProtectionNote(LiftProtectionNote { against, reason }) => {
                let (against, reason) = (*against, reason.clone());
                if !self.is_protected_from(against, acting)? {
                    return Err(PatientRefusal::NoNote);
                }
                ProtectionNoteLifted { by, role, against, reason }.into()
            }
        };
        Ok(Some(event))
    }

    /// Whether there is a protection note against a person.
    ///
    /// # Errors
    /// For the person themself the same answer whether there is one or not.
    fn is_protected_from(&self, against: PersonId, acting: &Acting<'_>) -> Result<bool, PatientRefusal> {
        if acting.by == Actor::Person(against) {
            return Err(PatientRefusal::NoteAboutOneself);
        }
        if acting.lookups.is_patient(self.patient, against) {
            return Err(PatientRefusal::NoteAboutPatient);
        }
        Ok(self.protected_from.contains(&against))
    }

    fn evolve(mut self, event: &PatientEvent) -> Self {
        match event {
            // A record is registered once: `decide` sees to it.
            PatientEvent::PatientRegistered(_) | PatientEvent::DetailsCorrected(_) => {}
            PatientEvent::LinkProposed(LinkProposed { person, expires_at, .. }) => {
                self.link = Link::Proposed { person: *person, expires_at: *expires_at };
            }
            PatientEvent::LinkAccepted(LinkAccepted { person }) => self.link = Link::Accepted { person: *person },
            PatientEvent::LinkWithdrawn(_) | PatientEvent::LinkDeclined(_) | PatientEvent::LinkEnded(_) => {
                self.link = Link::None;
            }
            PatientEvent::DeathRecorded(_) => self.is_dead = true,
            PatientEvent::DeathVoided(_) => self.is_dead = false,
            PatientEvent::ProtectionNoteRecorded(recorded) => {
                self.protected_from.insert(recorded.against);
            }
            PatientEvent::ProtectionNoteLifted(lifted) => {
                self.protected_from.remove(&lifted.against);
            }
        }
        self
    }
}

/// The proposal of a record to a person. `record` is none while the record is being registered. Whether there is such a
/// person is not asked, so that nobody learns it: what is proposed to nobody ends by itself.
fn proposed(
    person: PersonId,
    record: Option<PatientId>,
    organization: OrganizationId,
    acting: &Acting<'_>,
) -> Result<LinkProposed, PatientRefusal> {
    if acting.by == Actor::Person(person) {
        return Err(PatientRefusal::ProposedToOneself);
    }
    if acting.lookups.has_other_record(person, organization, record) {
        return Err(PatientRefusal::OtherRecord);
    }
    Ok(LinkProposed { by: acting.by, role: acting.role, person, expires_at: acting.answer_by() })
}

/// The like records that the sender said to be of other people.
///
/// # Errors
/// [`PatientRefusal::PossibleDuplicates`] with all like records if one of them was not named.
fn compared(
    sought: Sought<'_>,
    confirmed: &[PatientId],
    acting: &Acting<'_>,
) -> Result<Vec<PatientId>, PatientRefusal> {
    let alike = acting.lookups.patients_like(sought);
    if alike.iter().all(|patient| confirmed.contains(patient)) {
        Ok(alike)
    } else {
        Err(PatientRefusal::PossibleDuplicates(alike))
    }
}

fn registered(register: &RegisterPatient, acting: &Acting<'_>) -> Result<Vec<PatientEvent>, PatientRefusal> {
    let RegisterPatient { organization, person, name, birth_date, confirmed_not_duplicate_of } = register.clone();
    let link = person.map(|person| proposed(person, None, organization, acting)).transpose()?;
    let sought = Sought { organization, name: Some(&name), birth_date: Some(&birth_date), record: None };
    let confirmed_not_duplicate_of = compared(sought, &confirmed_not_duplicate_of, acting)?;
    let patient = acting.command.creates(0);
    let registered = PatientRegistered { patient, organization, name, birth_date, confirmed_not_duplicate_of };
    Ok(std::iter::once(registered.into()).chain(link.map(PatientEvent::from)).collect())
}

impl Aggregate for Patient {
    type Command = PatientCommand;
    type Event = PatientEvent;
    type Refusal = PatientRefusal;

    fn initial() -> Self {
        Self::Unknown
    }

    fn decide(&self, command: &PatientCommand, acting: &Acting<'_>) -> Result<Vec<PatientEvent>, PatientRefusal> {
        match (self, command) {
            (Self::Registered(record), _) => Ok(record.decide(command, acting)?.into_iter().collect()),
            (Self::Unknown, PatientCommand::RegisterPatient(register)) => registered(register, acting),
            (
                Self::Unknown,
                PatientCommand::CorrectDetails(_)
                | PatientCommand::ProposeLink(_)
                | PatientCommand::WithdrawLink(_)
                | PatientCommand::AcceptLink(_)
                | PatientCommand::DeclineLink(_)
                | PatientCommand::EndLink(_)
                | PatientCommand::RecordDeath(_)
                | PatientCommand::VoidDeath(_)
                | PatientCommand::RecordProtectionNote(_)
                | PatientCommand::LiftProtectionNote(_),
            ) => Err(PatientRefusal::Missing),
        }
    }

    fn evolve(self, event: &PatientEvent) -> Self {
        match (self, event) {
            (Self::Registered(record), event) => Self::Registered(record.evolve(event)),
            (Self::Unknown, PatientEvent::PatientRegistered(registered)) => Self::Registered(Record {
                patient: registered.patient,
                organization: registered.organization,
                link: Link::None,
                is_dead: false,
                protected_from: BTreeSet::new(),
            }),
            // The first event of a stream is `patient.registered`; `decide` sees to it.
            (
                Self::Unknown,
                PatientEvent::DetailsCorrected(_)
                | PatientEvent::LinkProposed(_)
                | PatientEvent::LinkWithdrawn(_)
                | PatientEvent::LinkAccepted(_)
                | PatientEvent::LinkDeclined(_)
                | PatientEvent::LinkEnded(_)
                | PatientEvent::DeathRecorded(_)
                | PatientEvent::DeathVoided(_)
                | PatientEvent::ProtectionNoteRecorded(_)
                | PatientEvent::ProtectionNoteLifted(_),
            ) => Self::Unknown,
        }
    }

    fn created_by(command: &PatientCommand, id: CommandId) -> Option<Uuid> {
        match command {
            PatientCommand::RegisterPatient(_) => Some(id.creates::<PatientId>(0).uuid()),
            PatientCommand::CorrectDetails(_)
            | PatientCommand::ProposeLink(_)
            | PatientCommand::WithdrawLink(_)
            | PatientCommand::AcceptLink(_)
            | PatientCommand::DeclineLink(_)
            | PatientCommand::EndLink(_)
            | PatientCommand::RecordDeath(_)
            | PatientCommand::VoidDeath(_)
            | PatientCommand::RecordProtectionNote(_)
            | PatientCommand::LiftProtectionNote(_) => None,
        }
    }

    fn is_transition(event: &PatientEvent) -> bool {
        match event {
            // The version of a record is that of its name and date of birth. And a conflict would tell whom a protection
            // note is about that there is one.
            PatientEvent::PatientRegistered(_) | PatientEvent::DetailsCorrected(_) => true,
            PatientEvent::LinkProposed(_)
            | PatientEvent::LinkWithdrawn(_)
            | PatientEvent::LinkAccepted(_)
            | PatientEvent::LinkDeclined(_)
            | PatientEvent::LinkEnded(_)
            | PatientEvent::DeathRecorded(_)
            | PatientEvent::DeathVoided(_)
            | PatientEvent::ProtectionNoteRecorded(_)
            | PatientEvent::ProtectionNoteLifted(_) => false,
        }
    }
}

#[cfg(test)]
mod scenarios;
