//! A patient in the list of a reader, with the texts that order it. They are opened for one answer.

use std::cmp::Ordering;

use care::ids::{Id as _, OrganizationId, PatientId};
use care::text::Text;

use crate::name_order::NameOrder;
use crate::tokens::Key;

/// Whose patients are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Scope {
    /// Those whom the reader cares for, and themselves.
    Mine,
    /// Those whose record an organization keeps.
    KeptBy(OrganizationId),
}

/// A patient of the list, with what orders it. A name whose key was destroyed comes last.
pub(super) struct Listed {
    pub patient: PatientId,
    /// Which of the patient's names it is.
    pub details: i64,
    pub name: Option<Text>,
    pub birth_date: Option<Text>,
}

impl Listed {
    /// Its place, for a cursor.
    pub fn key(&self) -> Key {
        // A name that was not to be opened has another place than one that was.
        let number = if self.name.is_some() { self.details } else { -1_i64.saturating_sub(self.details) };
        Key { number, id: self.patient.uuid() }
    }

    /// Whether it comes before another, by name, then date of birth, then id.
    pub fn cmp(&self, other: &Self, order: &NameOrder) -> Ordering {
        let names = match (&self.name, &other.name) {
            (Some(one), Some(other)) => order.compare(one.as_str(), other.as_str()),
            (one, other) => one.is_none().cmp(&other.is_none()),
        };
        let by_date = || match (&self.birth_date, &other.birth_date) {
            (Some(one), Some(other)) => one.as_str().cmp(other.as_str()),
            (one, other) => one.is_none().cmp(&other.is_none()),
        };
        names.then_with(by_date).then_with(|| self.patient.cmp(&other.patient))
    }
}
