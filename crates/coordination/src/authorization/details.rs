//! The names of people and patients and the dates of birth of patients as they are sealed now, so that a registration can
//! be compared with the records of its organization, and a correction with what it corrects. No permission rests on them.
//!
//! They are facts of the authorization state, and are not taken from the read models, since those are a moment behind:
//! of two registrations of one patient at the same time, the second is compared with the first.

use std::sync::Arc;

use care::event::EventSet as _;
use care::ids::{EventId, OrganizationId};
use care::patient::{DetailsCorrected, PatientEvent, PatientRegistered};
use care::person::{NameCorrected, PersonEvent, Registered};
use care::text::{PersonalText, Text};
use serde::{Deserialize, Serialize};
use vault::Vault;

use super::entity::Entity;
use crate::sealing::{SealingFault, TextCell};

/// The sealed name and date of birth of a patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PatientDetails {
    /// The organization that keeps the record.
    pub organization: OrganizationId,
    pub name: StoredText,
    pub birth_date: StoredText,
}

impl Entity for PatientDetails {
    const TABLE: &'static str = "patient_details";
    const SHAPE: u32 = 1;
}

/// The sealed name of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PersonDetails {
    pub name: StoredText,
}

impl Entity for PersonDetails {
    const TABLE: &'static str = "person_details";
    const SHAPE: u32 = 1;
}

/// A sealed text with what its seal is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredText {
    pub event: EventId,
    kind: Box<str>,
    text: PersonalText,
}

impl StoredText {
    /// The text as a cell that can be opened.
    pub fn cell(&self) -> Result<TextCell, SealingFault> {
        TextCell::of(&self.text, self.event, &self.kind)
    }

    /// The text, for this moment; none if its key was destroyed. It may wait for the key store.
    pub fn opened(&self, vault: &Arc<Vault>) -> Result<Option<Text>, SealingFault> {
        let mut cell = self.cell()?;
        cell.open(vault)?;
        match cell {
            TextCell::Open(text) => Ok(Some(text)),
            TextCell::Sealed(_) | TextCell::Withheld | TextCell::Erased => Ok(None),
        }
    }
}

impl PersonDetails {
    pub fn fold(this: Option<Self>, event: &PersonEvent, id: EventId) -> Option<Self> {
        match event {
            PersonEvent::Registered(Registered { name, .. })
            | PersonEvent::NameCorrected(NameCorrected { name, .. }) => {
                Some(Self { name: StoredText { event: id, kind: event.kind().into(), text: name.clone() } })
            }
            PersonEvent::RoleProposed(_)
            | PersonEvent::RoleDeclined(_)
            | PersonEvent::RoleGranted(_)
            | PersonEvent::RoleEnded(_) => this,
        }
    }
}

impl PatientDetails {
    pub fn fold(this: Option<Self>, event: &PatientEvent, id: EventId) -> Option<Self> {
        let stored = |text: &PersonalText| StoredText { event: id, kind: event.kind().into(), text: text.clone() };
        match event {
            PatientEvent::PatientRegistered(PatientRegistered { organization, name, birth_date, .. }) => {
                Some(Self { organization: *organization, name: stored(name), birth_date: stored(birth_date) })
            }
            PatientEvent::DetailsCorrected(DetailsCorrected { name, birth_date, .. }) => this.map(|this| Self {
                name: name.as_ref().map_or(this.name, stored),
                birth_date: birth_date.as_ref().map_or(this.birth_date, stored),
                ..this
            }),
            PatientEvent::LinkProposed(_)
            | PatientEvent::LinkWithdrawn(_)
            | PatientEvent::LinkAccepted(_)
            | PatientEvent::LinkDeclined(_)
            | PatientEvent::LinkEnded(_)
            | PatientEvent::DeathRecorded(_)
            | PatientEvent::DeathVoided(_)
            | PatientEvent::ProtectionNoteRecorded(_)
            | PatientEvent::ProtectionNoteLifted(_) => this,
        }
    }
}
