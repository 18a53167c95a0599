//! Care teams as they are read: who is on one, who was, who is asked, and who helps the patient too. `patients.rs` folds them.

use care::envelope::Actor;
use care::ids::{OrganizationId, PatientId, PersonId};
use care::words::Role;
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::visible::{Opens, Redact};
use policy::words::{Action, Read};

use crate::fault::Fault;
use crate::read_models::Snapshot;
use crate::read_models::cells::{Cells, id};
use crate::sealing::TextCell;

/// A membership of a care team, held now or before.
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
    /// Until when; none if it has not ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Whether they put themself on the team.
    pub joined: bool,
    /// Why they did.
    pub reason: Option<TextCell>,
}

impl Redact for MemberRow {
    fn redact(self, permit: &Permit) -> Self {
        // A person who may read a care team may know all of this; names are separate rows.
        let Self { person, role, organization, since, ended_at, joined, reason } = self;
        let reads = permit.action() == Action::Read(Read::CareTeamRead);
        let reason = reason.map(|reason| if reads { reason } else { TextCell::Withheld });
        Self { person, role, organization, since, ended_at, joined, reason }
    }
}

impl Opens for MemberRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { person: _, role: _, organization: _, since: _, ended_at: _, joined: _, reason } = self;
        reason.iter_mut().for_each(open);
    }
}

/// The memberships of a patient's care team: those that hold first, then those that ended, each from the oldest on.
pub(crate) fn care_team(snapshot: &Snapshot, patient: PatientId) -> Result<Vec<MemberRow>, Fault> {
    let mut members = Vec::new();
    let sql = "SELECT person, role, organization, since, ended_at, joined, reason FROM care_team WHERE patient = ?1
               ORDER BY ended_at IS NOT NULL, since, person";
    snapshot.each(sql, [id(patient)], |cells| {
        members.push(MemberRow {
            person: cells.id()?,
            role: cells.word(Role::parse)?,
            organization: cells.id()?,
            since: cells.time()?,
            ended_at: cells.time_or_none()?,
            joined: cells.flag()?,
            reason: cells.cell_or_none()?,
        });
        Ok(())
    })?;
    Ok(members)
}

/// That somebody helps the patient, and is wanted on the care team all the same by another person, who knows it.
#[derive(Debug)]
pub struct ConflictRow {
    /// Who helps.
    pub person: PersonId,
    /// Who recorded that they know it.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
}

impl Redact for ConflictRow {
    fn redact(self, _: &Permit) -> Self {
        // A person who may put others on the team may know all of this; names are separate rows.
        let Self { person, by, at } = self;
        Self { person, by, at }
    }
}

/// Who is on a patient's care team, or asked to it, and helps the patient, as another person recorded it.
pub(crate) fn conflicts(snapshot: &Snapshot, patient: PatientId) -> Result<Vec<ConflictRow>, Fault> {
    let mut found = Vec::new();
    let sql = "SELECT person, by, at FROM care_team_conflict WHERE patient = ?1 ORDER BY at, person";
    snapshot.each(sql, [id(patient)], |cells| {
        found.push(ConflictRow { person: cells.id()?, by: cells.actor()?, at: cells.time()? });
        Ok(())
    })?;
    Ok(found)
}

/// A question to a person of another organization whether they join a care team.
#[derive(Debug)]
pub struct QuestionRow {
    /// The patient.
    pub patient: PatientId,
    /// The organization that keeps the record, and asks.
    pub keeper: OrganizationId,
    /// Who is asked.
    pub person: PersonId,
    /// In which role.
    pub role: Role,
    /// Of which organization.
    pub organization: OrganizationId,
    /// Since when.
    pub at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

impl Redact for QuestionRow {
    fn redact(self, _: &Permit) -> Self {
        // Nothing of it says who the patient is.
        let Self { patient, keeper, person, role, organization, at, expires_at } = self;
        Self { patient, keeper, person, role, organization, at, expires_at }
    }
}

fn question_row(cells: &mut Cells<'_>) -> Result<QuestionRow, Fault> {
    Ok(QuestionRow {
        patient: cells.id()?,
        keeper: cells.id()?,
        person: cells.id()?,
        role: cells.word(Role::parse)?,
        organization: cells.id()?,
        at: cells.time()?,
        expires_at: cells.time()?,
    })
}

/// The questions to a person that were not answered, oldest first. They may have ended by themselves.
pub(crate) fn questions_to(snapshot: &Snapshot, person: PersonId) -> Result<Vec<QuestionRow>, Fault> {
    questions(snapshot, "q.person = ?1", id(person))
}

/// The questions about a patient's care team that were not answered, oldest first. They may have ended by themselves.
pub(crate) fn questions_about(snapshot: &Snapshot, patient: PatientId) -> Result<Vec<QuestionRow>, Fault> {
    questions(snapshot, "q.patient = ?1", id(patient))
}

fn questions(snapshot: &Snapshot, condition: &str, of: [u8; 16]) -> Result<Vec<QuestionRow>, Fault> {
    let sql = format!(
        "SELECT q.patient, p.organization, q.person, q.role, q.organization, q.at, q.expires_at
         FROM care_team_question q JOIN patient p ON p.patient = q.patient WHERE {condition} ORDER BY q.at, q.patient, q.person"
    );
    let mut found = Vec::new();
    snapshot.each(&sql, [of], |cells| {
        found.push(question_row(cells)?);
        Ok(())
    })?;
    Ok(found)
}
