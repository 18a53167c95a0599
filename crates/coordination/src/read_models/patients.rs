//! Patients and their care teams as they are read.

use care::care_team::{CareTeamEvent, MemberAdded, MemberRemoved};
use care::event::Event;
use care::ids::{OrganizationId, PatientId, PersonId};
use care::patient::{PatientEvent, PatientRegistered};
use care::words::Role;
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::visible::{Opens, Redact};
use policy::words::{Action, Read};
use rusqlite::params;

use crate::fault::Fault;
use crate::read_models::cells::{id, limit};
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};
use crate::sealing::TextCell;

const SCHEMA: &str = "
CREATE TABLE patient (patient BLOB PRIMARY KEY, organization BLOB NOT NULL, person BLOB, name BLOB NOT NULL, birth_date BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX patient_of_person ON patient (person) WHERE person IS NOT NULL;
CREATE TABLE care_team (patient BLOB, person BLOB, role TEXT NOT NULL, organization BLOB NOT NULL, since INTEGER NOT NULL, ended_at INTEGER, PRIMARY KEY (patient, person)) STRICT, WITHOUT ROWID;
CREATE INDEX care_team_of_member ON care_team (person);
";

/// Patients and care teams.
pub(super) struct Patients;

impl ReadModel for Patients {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 1 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        if let Event::Patient(PatientEvent::PatientRegistered(registered)) = fold.event() {
            let PatientRegistered { patient, organization, person, name, birth_date } = registered;
            return fold.run(
                "INSERT INTO patient (patient, organization, person, name, birth_date) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![id(*patient), id(*organization), person.map(id), fold.cell(name)?, fold.cell(birth_date)?],
            );
        }
        let Event::CareTeam(event) = fold.event() else { return Ok(()) };
        match event {
            CareTeamEvent::MemberAdded(MemberAdded { patient, person, role, organization }) => fold.run(
                "INSERT OR REPLACE INTO care_team (patient, person, role, organization, since) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![id(*patient), id(*person), role.word(), id(*organization), fold.at],
            ),
            CareTeamEvent::MemberRemoved(MemberRemoved { patient, person }) => fold.run(
                "UPDATE care_team SET ended_at = ?3 WHERE patient = ?1 AND person = ?2",
                params![id(*patient), id(*person), fold.at],
            ),
        }
    }
}

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
}

impl Redact for PatientRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self { patient, organization, name, birth_date } = self;
        if permit.action() == Action::Read(Read::PatientRead) {
            Self { patient, organization, name, birth_date }
        } else {
            Self { patient, organization, name: TextCell::Withheld, birth_date: TextCell::Withheld }
        }
    }
}

impl Opens for PatientRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { patient: _, organization: _, name, birth_date } = self;
        open(name);
        open(birth_date);
    }
}

/// One patient.
pub(crate) fn patient(snapshot: &Snapshot, patient: PatientId) -> Result<Option<PatientRow>, Fault> {
    let sql = "SELECT patient, organization, name, birth_date FROM patient WHERE patient = ?1";
    snapshot.one(sql, [id(patient)], |cells| {
        Ok(PatientRow {
            patient: cells.id()?,
            organization: cells.id()?,
            name: cells.cell()?,
            birth_date: cells.cell()?,
        })
    })
}

/// The patients that a person is, or is on the care team of, by id.
pub(crate) fn patients_of(snapshot: &Snapshot, person: PersonId, rows_max: usize) -> Result<Vec<PatientId>, Fault> {
    let sql = "SELECT patient FROM patient WHERE person = ?1
               UNION SELECT patient FROM care_team WHERE person = ?1 AND ended_at IS NULL ORDER BY 1 LIMIT ?2";
    let mut patients = Vec::new();
    snapshot.each(sql, params![id(person), limit(rows_max)], |cells| {
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
        // A person who may read a care team may know all of this; names are separate rows.
        let Self { person, role, organization, since } = self;
        Self { person, role, organization, since }
    }
}

/// The care team of a patient now.
pub(crate) fn care_team(snapshot: &Snapshot, patient: PatientId) -> Result<Vec<MemberRow>, Fault> {
    let mut members = Vec::new();
    let sql = "SELECT person, role, organization, since FROM care_team WHERE patient = ?1 AND ended_at IS NULL ORDER BY since, person";
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_models::testing::{Log, patient_id, permit, person_id};

    #[test]
    fn name_and_birth_date_are_shown_by_the_permit_to_read_the_patient_alone() {
        let mut log = Log::new();
        log.patient(1, None);
        let shown = |read| {
            let row = permit(read).show(patient(&log.snapshot(), patient_id(1)).unwrap().unwrap());
            [&row.name, &row.birth_date].map(|cell| matches!(cell, TextCell::Sealed(_)))
        };
        assert_eq!(shown(Read::PatientRead), [true, true]);
        assert_eq!(shown(Read::ThreadFind), [false, false]);
    }

    #[test]
    fn the_care_team_is_who_joined_and_did_not_leave() {
        let mut log = Log::new();
        log.patient(1, Some(9));
        log.patient(2, None);
        log.join(1, 3, Role::Nurse);
        log.join(1, 2, Role::Physician);
        log.join(2, 3, Role::Nurse);
        let team = |log: &Log, patient| -> Vec<PersonId> {
            care_team(&log.snapshot(), patient_id(patient)).unwrap().into_iter().map(|member| member.person).collect()
        };
        assert_eq!(team(&log, 1), [person_id(3), person_id(2)]);
        assert_eq!(patients_of(&log.snapshot(), person_id(3), 10).unwrap(), [patient_id(1), patient_id(2)]);
        assert_eq!(patients_of(&log.snapshot(), person_id(9), 10).unwrap(), [patient_id(1)]);

        log.leave(1, 3);
        assert_eq!(team(&log, 1), [person_id(2)]);
        assert_eq!(patients_of(&log.snapshot(), person_id(3), 10).unwrap(), [patient_id(2)]);
        log.join(1, 3, Role::Nurse);
        assert_eq!(team(&log, 1), [person_id(2), person_id(3)]);
        assert!(patient(&log.snapshot(), patient_id(3)).unwrap().is_none());
    }
}
