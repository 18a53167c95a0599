//! Patients and their care teams as they are read.

use care::ids::{EventId, OrganizationId, PatientId, PersonId};
use care::words::Role;
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::visible::{Opens, Redact};
use policy::words::Action;

use crate::fault::Fault;
use crate::read_models::Snapshot;
use crate::read_models::cells::id;
use crate::sealing::TextCell;

/// A patient's identity.
#[derive(Debug)]
pub struct PatientRow {
    /// The patient.
    pub patient: PatientId,
    /// The organization that keeps the record.
    pub organization: OrganizationId,
    /// The name.
    pub name: TextCell,
    /// The date of birth.
    pub birth_date: TextCell,
    pub(crate) event: EventId,
}

impl Redact for PatientRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self { patient, organization, name, birth_date, event } = self;
        if permit.action() == Action::PatientRead {
            Self { patient, organization, name, birth_date, event }
        } else {
            Self { patient, organization, name: TextCell::Withheld, birth_date: TextCell::Withheld, event }
        }
    }
}

impl Opens for PatientRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { patient: _, organization: _, name, birth_date, event: _ } = self;
        open(name);
        open(birth_date);
    }
}

/// One patient.
pub(crate) fn patient(snapshot: &Snapshot, patient: PatientId) -> Result<Option<PatientRow>, Fault> {
    let sql = "SELECT patient, organization, name, birth_date, event FROM patient WHERE patient = ?1";
    snapshot.one(sql, [id(patient)], |cells| {
        Ok(PatientRow {
            patient: cells.id()?,
            organization: cells.id()?,
            name: cells.cell()?,
            birth_date: cells.cell()?,
            event: cells.id()?,
        })
    })
}

/// The patients that a person is, or is on the care team of, newest id last; one more than asked
/// for says that there are more.
pub(crate) fn patients_of(snapshot: &Snapshot, person: PersonId, rows_max: usize) -> Result<Vec<PatientId>, Fault> {
    let sql = "SELECT patient FROM patient WHERE person = ?1
               UNION SELECT patient FROM care_team WHERE person = ?1 AND until IS NULL ORDER BY 1 LIMIT ?2";
    let mut patients = Vec::new();
    let limit = i64::try_from(rows_max).unwrap_or(i64::MAX);
    snapshot.each(sql, rusqlite::params![id(person), limit], |cells| {
        patients.push(cells.id()?);
        Ok(())
    })?;
    Ok(patients)
}

/// A member of a care team.
#[derive(Debug)]
pub struct MemberRow {
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: Role,
    /// Of which organization.
    pub organization: OrganizationId,
    /// Since when.
    pub since: DateTime<Utc>,
}

impl Redact for MemberRow {
    fn redact(self, _: &Permit) -> Self {
        // Who may read a care team may know all of this; names ride on the persons.
        let Self { person, role, organization, since } = self;
        Self { person, role, organization, since }
    }
}

/// The care team of a patient now.
pub(crate) fn care_team(snapshot: &Snapshot, patient: PatientId) -> Result<Vec<MemberRow>, Fault> {
    let mut members = Vec::new();
    let sql = "SELECT person, role, organization, since FROM care_team WHERE patient = ?1 AND until IS NULL ORDER BY since, person";
    snapshot.each(sql, [id(patient)], |cells| {
        members.push(MemberRow {
            person: cells.id()?,
            role: cells.word(Role::parse)?,
            organization: cells.id()?,
            since: cells.time()?,
        });
        Ok(())
    })?;
    Ok(members)
}
