//! Patients as they are read. Their care teams are folded here and read in `care_teams.rs`, their directives in
//! `directives.rs`.

use care::care_team::{
    CareTeamEvent, ConflictRecorded, MemberAdded, MemberAsked, MemberDeclined, MemberJoined, MemberRemoved,
};
use care::conversation::Place;
use care::envelope::Actor;
use care::event::{Event, Stream};
use care::ids::{OrganizationId, PatientId, PersonId};
use care::patient::{DetailsCorrected, LinkAccepted, LinkProposed, PatientEvent, PatientRegistered};
use care::text::PersonalText;
use care::words::Role;
use chrono::{DateTime, Utc};
use journal::Revision;
use policy::decide::Permit;
use policy::visible::{Opens, Redact};
use policy::words::{Action, Read};
use rusqlite::params;

use crate::fault::Fault;
use crate::read_models::cells::{Cells, id};
use crate::read_models::directives;
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};
use crate::sealing::TextCell;

const SCHEMA: &str = "
-- version is the revision of the newest event by which name or date of birth became what they are.
CREATE TABLE patient (patient BLOB PRIMARY KEY, organization BLOB NOT NULL, person BLOB, details INTEGER NOT NULL, version INTEGER NOT NULL, died_at INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX patient_of_person ON patient (person) WHERE person IS NOT NULL;
-- The name and the date of birth as registered, number 0, and after each correction.
CREATE TABLE patient_details (patient BLOB, number INTEGER, name BLOB NOT NULL, birth_date BLOB NOT NULL, at INTEGER NOT NULL, by TEXT, reason BLOB, PRIMARY KEY (patient, number)) STRICT, WITHOUT ROWID;
CREATE TABLE patient_proposal (patient BLOB PRIMARY KEY, person BLOB NOT NULL, role TEXT NOT NULL, at INTEGER NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX patient_proposal_to ON patient_proposal (person);
-- Each membership by the revision of the event that began it: who comes back has two. The reason is that of who joined by themself.
CREATE TABLE care_team (
  patient BLOB, person BLOB, revision INTEGER, role TEXT NOT NULL, organization BLOB NOT NULL, since INTEGER NOT NULL,
  ended_at INTEGER, joined INTEGER NOT NULL, reason BLOB, PRIMARY KEY (patient, person, revision)
) STRICT, WITHOUT ROWID;
CREATE INDEX care_team_of_member ON care_team (person);
-- Who was asked to a care team and has not answered; the question may have ended by itself.
CREATE TABLE care_team_question (
  patient BLOB, person BLOB, role TEXT NOT NULL, organization BLOB NOT NULL, at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  PRIMARY KEY (patient, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX care_team_question_to ON care_team_question (person);
-- Of whom another person recorded that they help the patient and are wanted on the team all the same, until they leave or decline.
CREATE TABLE care_team_conflict (
  patient BLOB, person BLOB, by TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (patient, person)
) STRICT, WITHOUT ROWID;
";

/// Patients and care teams.
pub(super) struct Patients;

impl ReadModel for Patients {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 5 }, directives::SHAPE];

    fn fold(fold: &Fold<'_>) -> Folded {
        match fold.event() {
            Event::Patient(event) => record(fold, event),
            Event::CareTeam(event) => team(fold, event),
            Event::Directives(event) => directives::fold(fold, event),
            Event::Thread(_)
            | Event::Person(_)
            | Event::Organization(_)
            | Event::Delegation(_)
            | Event::LegalAuthority(_)
            | Event::OutsideMessage(_)
            | Event::Drafts(_)
            | Event::Policy(_)
            | Event::Accepted(_)
            | Event::Key(_) => Ok(()),
        }
    }
}

fn record(fold: &Fold<'_>, event: &PatientEvent) -> Folded {
    let Stream::Patient(patient) = fold.stream() else { return Ok(()) };
    let patient = id(patient);
    match event {
        PatientEvent::PatientRegistered(PatientRegistered { organization, name, birth_date, .. }) => {
            fold.run(
                "INSERT INTO patient (patient, organization, details, version) VALUES (?1, ?2, 0, ?3)",
                params![patient, id(*organization), fold.revision()],
            )?;
            fold.run(
                "INSERT INTO patient_details (patient, number, name, birth_date, at) VALUES (?1, 0, ?2, ?3, ?4)",
                params![patient, fold.cell(name)?, fold.cell(birth_date)?, fold.at],
            )
        }
        PatientEvent::DetailsCorrected(DetailsCorrected { by, name, birth_date, reason, .. }) => {
            // What was not corrected stays as it was.
            fold.run(
                "INSERT INTO patient_details (patient, number, name, birth_date, at, by, reason)
                 SELECT patient, number + 1, coalesce(?2, name), coalesce(?3, birth_date), ?4, ?5, ?6
                 FROM patient_details WHERE patient = ?1 ORDER BY number DESC LIMIT 1",
                params![
                    patient,
                    fold.cell_or_none(name.as_ref())?,
                    fold.cell_or_none(birth_date.as_ref())?,
                    fold.at,
                    by.to_string(),
                    fold.cell(reason)?
                ],
            )?;
            fold.run(
                "UPDATE patient SET details = details + 1, version = ?2 WHERE patient = ?1",
                params![patient, fold.revision()],
            )
        }
        PatientEvent::LinkProposed(LinkProposed { by: _, role, person, expires_at }) => fold.run(
            "INSERT OR REPLACE INTO patient_proposal (patient, person, role, at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![patient, id(*person), role.word(), fold.at, expires_at.timestamp_micros()],
        ),
        PatientEvent::LinkWithdrawn(_) | PatientEvent::LinkDeclined(_) => unproposed(fold, patient),
        PatientEvent::LinkAccepted(LinkAccepted { person }) => {
            fold.run("UPDATE patient SET person = ?2 WHERE patient = ?1", params![patient, id(*person)])?;
            unproposed(fold, patient)
        }
        PatientEvent::LinkEnded(_) => fold.run("UPDATE patient SET person = NULL WHERE patient = ?1", [patient]),
        PatientEvent::DeathRecorded(recorded) => fold.run(
            "UPDATE patient SET died_at = ?2 WHERE patient = ?1",
            params![patient, recorded.at.timestamp_micros()],
        ),
        PatientEvent::DeathVoided(_) => fold.run("UPDATE patient SET died_at = NULL WHERE patient = ?1", [patient]),
        // Nobody reads a note, so that whom it is about never does.
        PatientEvent::ProtectionNoteRecorded(_) | PatientEvent::ProtectionNoteLifted(_) => Ok(()),
    }
}

fn unproposed(fold: &Fold<'_>, patient: [u8; 16]) -> Folded {
    fold.run("DELETE FROM patient_proposal WHERE patient = ?1", [patient])
}

fn team(fold: &Fold<'_>, event: &CareTeamEvent) -> Folded {
    match event {
        CareTeamEvent::MemberAdded(MemberAdded { patient, person, role, organization }) => {
            let place = Place { role: *role, organization: *organization };
            joined(fold, *patient, *person, place, None)
        }
        CareTeamEvent::MemberJoined(MemberJoined { patient, person, role, organization, reason }) => {
            let place = Place { role: *role, organization: *organization };
            joined(fold, *patient, *person, place, Some(reason))
        }
        CareTeamEvent::MemberAsked(MemberAsked { patient, person, role, organization, by: _, expires_at }) => fold.run(
            "INSERT OR REPLACE INTO care_team_question (patient, person, role, organization, at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![id(*patient), id(*person), role.word(), id(*organization), fold.at, expires_at.timestamp_micros()],
        ),
        CareTeamEvent::MemberDeclined(MemberDeclined { patient, person, by: _ }) => {
            unasked(fold, *patient, *person)?;
            without_conflict(fold, *patient, *person)
        }
        CareTeamEvent::ConflictRecorded(ConflictRecorded { patient, person, by }) => fold.run(
            "INSERT OR REPLACE INTO care_team_conflict (patient, person, by, at) VALUES (?1, ?2, ?3, ?4)",
            params![id(*patient), id(*person), by.to_string(), fold.at],
        ),
        CareTeamEvent::MemberRemoved(MemberRemoved { patient, person }) => {
            fold.run(
                "UPDATE care_team SET ended_at = ?3 WHERE patient = ?1 AND person = ?2 AND ended_at IS NULL",
                params![id(*patient), id(*person), fold.at],
            )?;
            without_conflict(fold, *patient, *person)
        }
    }
}

fn joined(
    fold: &Fold<'_>,
    patient: PatientId,
    person: PersonId,
    place: Place,
    reason: Option<&PersonalText>,
) -> Folded {
    unasked(fold, patient, person)?;
    fold.run(
        "INSERT INTO care_team (patient, person, revision, role, organization, since, joined, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            id(patient),
            id(person),
            fold.revision(),
            place.role.word(),
            id(place.organization),
            fold.at,
            reason.is_some(),
            fold.cell_or_none(reason)?
        ],
    )
}

fn without_conflict(fold: &Fold<'_>, patient: PatientId, person: PersonId) -> Folded {
    fold.run("DELETE FROM care_team_conflict WHERE patient = ?1 AND person = ?2", params![id(patient), id(person)])
}

fn unasked(fold: &Fold<'_>, patient: PatientId, person: PersonId) -> Folded {
    fold.run("DELETE FROM care_team_question WHERE patient = ?1 AND person = ?2", params![id(patient), id(person)])
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
    /// When they died; none while they live.
    pub died_at: Option<DateTime<Utc>>,
    /// How often name and date of birth were corrected.
    pub details: i64,
    /// The revision of the newest event by which they became what they are.
    pub(crate) version: Revision,
}

impl Redact for PatientRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self { patient, organization, name, birth_date, died_at, details, version } = self;
        if permit.action() == Action::Read(Read::PatientRead) {
            Self { patient, organization, name, birth_date, died_at, details, version }
        } else {
            let (name, birth_date) = (TextCell::Withheld, TextCell::Withheld);
            Self { patient, organization, name, birth_date, died_at: None, details, version }
        }
    }
}

impl Opens for PatientRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { patient: _, organization: _, name, birth_date, died_at: _, details: _, version: _ } = self;
        open(name);
        open(birth_date);
    }
}

/// One patient.
pub(crate) fn patient(snapshot: &Snapshot, patient: PatientId) -> Result<Option<PatientRow>, Fault> {
    let sql = "SELECT p.patient, p.organization, d.name, d.birth_date, p.died_at, p.details, p.version
               FROM patient p JOIN patient_details d ON d.patient = p.patient AND d.number = p.details WHERE p.patient = ?1";
    snapshot.one(sql, [id(patient)], patient_row)
}

fn patient_row(cells: &mut Cells<'_>) -> Result<PatientRow, Fault> {
    Ok(PatientRow {
        patient: cells.id()?,
        organization: cells.id()?,
        name: cells.cell()?,
        birth_date: cells.cell()?,
        died_at: cells.time_or_none()?,
        details: cells.number()?,
        version: Revision(cells.number()?.cast_unsigned()),
    })
}

/// The sealed name and date of birth of a patient before or after a correction.
pub(crate) struct StoredDetails {
    pub name: TextCell,
    pub birth_date: TextCell,
}

/// The name and the date of birth of a patient by their number, which counts the corrections before.
pub(crate) fn details(snapshot: &Snapshot, patient: PatientId, number: i64) -> Result<Option<StoredDetails>, Fault> {
    let sql = "SELECT name, birth_date FROM patient_details WHERE patient = ?1 AND number = ?2";
    snapshot.one(sql, params![id(patient), number], |cells| {
        Ok(StoredDetails { name: cells.cell()?, birth_date: cells.cell()? })
    })
}

/// A correction of a patient's name or date of birth, with what they were before.
#[derive(Debug)]
pub struct CorrectionRow {
    /// When.
    pub at: DateTime<Utc>,
    /// Who corrected them.
    pub by: Actor,
    /// Why.
    pub reason: TextCell,
    /// The name before.
    pub name_before: TextCell,
    /// The date of birth before.
    pub birth_date_before: TextCell,
}

impl Redact for CorrectionRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self { at, by, reason, name_before, birth_date_before } = self;
        if permit.action() == Action::Read(Read::PatientReadHistory) {
            Self { at, by, reason, name_before, birth_date_before }
        } else {
            let (name_before, birth_date_before) = (TextCell::Withheld, TextCell::Withheld);
            Self { at, by, reason: TextCell::Withheld, name_before, birth_date_before }
        }
    }
}

impl Opens for CorrectionRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { at: _, by: _, reason, name_before, birth_date_before } = self;
        open(reason);
        open(name_before);
        open(birth_date_before);
    }
}

/// The corrections of a patient's name and date of birth, newest first.
pub(crate) fn corrections(snapshot: &Snapshot, patient: PatientId) -> Result<Vec<CorrectionRow>, Fault> {
    let sql = "SELECT d.at, d.by, d.reason, b.name, b.birth_date FROM patient_details d
               JOIN patient_details b ON b.patient = d.patient AND b.number = d.number - 1
               WHERE d.patient = ?1 ORDER BY d.number DESC";
    let mut corrections = Vec::new();
    snapshot.each(sql, [id(patient)], |cells| {
        corrections.push(CorrectionRow {
            at: cells.time()?,
            by: cells.actor()?,
            reason: cells.cell()?,
            name_before: cells.cell()?,
            birth_date_before: cells.cell()?,
        });
        Ok(())
    })?;
    Ok(corrections)
}

/// A record that was proposed to a person as their own.
#[derive(Debug)]
pub struct ProposalRow {
    /// The record.
    pub patient: PatientId,
    /// The organization that keeps it.
    pub organization: OrganizationId,
    /// To whom it was proposed.
    pub person: PersonId,
    /// The role in which it was proposed.
    pub role: Role,
    /// When it was proposed.
    pub at: DateTime<Utc>,
    /// When the proposal ends by itself.
    pub expires_at: DateTime<Utc>,
}

impl Redact for ProposalRow {
    fn redact(self, _: &Permit) -> Self {
        // Nothing of it says whose record it is.
        let Self { patient, organization, person, role, at, expires_at } = self;
        Self { patient, organization, person, role, at, expires_at }
    }
}

fn proposal_row(cells: &mut Cells<'_>) -> Result<ProposalRow, Fault> {
    Ok(ProposalRow {
        patient: cells.id()?,
        organization: cells.id()?,
        person: cells.id()?,
        role: cells.word(Role::parse)?,
        at: cells.time()?,
        expires_at: cells.time()?,
    })
}

/// The proposals to a person that were not answered or taken back, oldest first. They may have ended by themselves.
pub(crate) fn proposals_to(snapshot: &Snapshot, person: PersonId) -> Result<Vec<ProposalRow>, Fault> {
    let sql = "SELECT o.patient, p.organization, o.person, o.role, o.at, o.expires_at
               FROM patient_proposal o JOIN patient p ON p.patient = o.patient WHERE o.person = ?1 ORDER BY o.at, o.patient";
    let mut proposals = Vec::new();
    snapshot.each(sql, [id(person)], |cells| {
        proposals.push(proposal_row(cells)?);
        Ok(())
    })?;
    Ok(proposals)
}

/// The proposal of a record that was not answered or taken back. It may have ended by itself.
pub(crate) fn proposal_of(snapshot: &Snapshot, patient: PatientId) -> Result<Option<ProposalRow>, Fault> {
    let sql = "SELECT o.patient, p.organization, o.person, o.role, o.at, o.expires_at
               FROM patient_proposal o JOIN patient p ON p.patient = o.patient WHERE o.patient = ?1";
    snapshot.one(sql, [id(patient)], proposal_row)
}

/// The person whose own record it is.
pub(crate) fn person_of(snapshot: &Snapshot, patient: PatientId) -> Result<Option<PersonId>, Fault> {
    let sql = "SELECT person FROM patient WHERE patient = ?1";
    Ok(snapshot.one(sql, [id(patient)], |cells| cells.id_or_none())?.flatten())
}

/// The patients that a person is, or is on the care team of, in no order.
pub(crate) fn patients_of(snapshot: &Snapshot, person: PersonId) -> Result<Vec<PatientRow>, Fault> {
    let sql = "SELECT p.patient, p.organization, d.name, d.birth_date, p.died_at, p.details, p.version
               FROM (SELECT patient FROM patient WHERE person = ?1
                     UNION SELECT patient FROM care_team WHERE person = ?1 AND ended_at IS NULL) mine
               JOIN patient p ON p.patient = mine.patient
               JOIN patient_details d ON d.patient = p.patient AND d.number = p.details";
    rows(snapshot, sql, id(person))
}

/// The patients whose record an organization keeps, in no order.
pub(crate) fn kept_by(snapshot: &Snapshot, organization: OrganizationId) -> Result<Vec<PatientRow>, Fault> {
    let sql = "SELECT p.patient, p.organization, d.name, d.birth_date, p.died_at, p.details, p.version
               FROM patient p JOIN patient_details d ON d.patient = p.patient AND d.number = p.details
               WHERE p.organization = ?1";
    rows(snapshot, sql, id(organization))
}

fn rows(snapshot: &Snapshot, sql: &str, of: [u8; 16]) -> Result<Vec<PatientRow>, Fault> {
    let mut patients = Vec::new();
    snapshot.each(sql, [of], |cells| {
        patients.push(patient_row(cells)?);
        Ok(())
    })?;
    Ok(patients)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_models::care_teams::{care_team, conflicts};
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
            let members = care_team(&log.snapshot(), patient_id(patient)).unwrap().into_iter();
            members.filter(|member| member.ended_at.is_none()).map(|member| member.person).collect()
        };
        assert_eq!(team(&log, 1), [person_id(3), person_id(2)]);
        let patients = |log: &Log, person| {
            let mut patients: Vec<_> = patients_of(&log.snapshot(), person_id(person)).unwrap();
            patients.sort_by_key(|row| row.patient);
            patients.into_iter().map(|row| row.patient).collect::<Vec<_>>()
        };
        assert_eq!(patients(&log, 3), [patient_id(1), patient_id(2)]);
        assert_eq!(patients(&log, 9), [patient_id(1)]);

        log.leave(1, 3);
        assert_eq!(team(&log, 1), [person_id(2)]);
        assert_eq!(patients(&log, 3), [patient_id(2)]);
        log.join(1, 3, Role::Nurse);
        assert_eq!(team(&log, 1), [person_id(2), person_id(3)]);
        // Who was on the team stays visible, also when they have come back.
        let members = care_team(&log.snapshot(), patient_id(1)).unwrap();
        assert_eq!(members.iter().filter(|member| member.ended_at.is_some()).count(), 1);
        assert!(patient(&log.snapshot(), patient_id(3)).unwrap().is_none());
    }

    #[test]
    fn that_somebody_helps_the_patient_and_is_wanted_on_the_team_is_known_until_they_leave_it() {
        let mut log = Log::new();
        log.patient(1, None);
        log.patient(2, None);
        log.join(1, 3, Role::Nurse);
        log.know_conflict(1, 3, 2);
        log.know_conflict(2, 4, 2);
        let known = |log: &Log| -> Vec<_> {
            let rows = conflicts(&log.snapshot(), patient_id(1)).unwrap().into_iter();
            rows.map(|row| (row.person, row.by)).collect()
        };
        assert_eq!(known(&log), [(person_id(3), Actor::Person(person_id(2)))]);
        log.leave(1, 3);
        assert_eq!(known(&log), []);
        log.join(1, 3, Role::Nurse);
        assert_eq!(known(&log), [], "it is said anew");
    }
}
