//! The directives of patients as they are read: whom each blocks.

use care::consent_directive::{DirectiveActivated, DirectiveEnded, DirectiveEvent};
use care::envelope::Actor;
use care::ids::{DirectiveId, PatientId, PersonId};
use care::words::Role;
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::visible::{Opens, Redact};
use policy::words::{Action, Read};
use rusqlite::params;

use crate::fault::Fault;
use crate::read_models::cells::id;
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::{Shape, Snapshot};
use crate::sealing::TextCell;

const SCHEMA: &str = "
CREATE TABLE consent_directive (
  directive BLOB PRIMARY KEY, patient BLOB NOT NULL, person BLOB NOT NULL, by TEXT NOT NULL, role TEXT NOT NULL, at INTEGER NOT NULL,
  ended_at INTEGER, patient_word BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_directive_of_patient ON consent_directive (patient, at);
";

/// Their table.
pub(super) const SHAPE: Shape = Shape { schema: SCHEMA, fold_version: 1 };

pub(super) fn fold(fold: &Fold<'_>, event: &DirectiveEvent) -> Folded {
    match event {
        DirectiveEvent::DirectiveActivated(activated) => {
            let DirectiveActivated { directive, patient, person, by, role, patient_word } = activated;
            fold.run(
                "INSERT INTO consent_directive (directive, patient, person, by, role, at, patient_word)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    id(*directive),
                    id(*patient),
                    id(*person),
                    by.to_string(),
                    role.word(),
                    fold.at,
                    fold.cell_or_none(patient_word.as_ref())?
                ],
            )
        }
        DirectiveEvent::DirectiveEnded(DirectiveEnded { directive, .. }) => fold
            .run("UPDATE consent_directive SET ended_at = ?2 WHERE directive = ?1", params![id(*directive), fold.at]),
    }
}

/// A directive of a patient that blocks a person.
#[derive(Debug)]
pub struct DirectiveRow {
    /// The directive.
    pub directive: DirectiveId,
    /// Who is blocked.
    pub person: PersonId,
    /// Who gave it or wrote it down.
    pub by: Actor,
    /// In which role; `person` for the patient.
    pub role: Role,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Until when; none while it is in force.
    pub ended_at: Option<DateTime<Utc>>,
    /// What the patient said, where another person wrote it down.
    pub patient_word: Option<TextCell>,
}

impl Redact for DirectiveRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self { directive, person, by, role, at, ended_at, patient_word } = self;
        let reads = permit.action() == Action::Read(Read::ConsentDirectiveRead);
        let patient_word = patient_word.map(|word| if reads { word } else { TextCell::Withheld });
        Self { directive, person, by, role, at, ended_at, patient_word }
    }
}

impl Opens for DirectiveRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { directive: _, person: _, by: _, role: _, at: _, ended_at: _, patient_word } = self;
        patient_word.iter_mut().for_each(open);
    }
}

/// The directives of a patient, the newest first.
pub(crate) fn directives(snapshot: &Snapshot, patient: PatientId) -> Result<Vec<DirectiveRow>, Fault> {
    let sql = "SELECT directive, person, by, role, at, ended_at, patient_word FROM consent_directive WHERE patient = ?1
               ORDER BY at DESC, directive";
    let mut found = Vec::new();
    snapshot.each(sql, [id(patient)], |cells| {
        found.push(DirectiveRow {
            directive: cells.id()?,
            person: cells.id()?,
            by: cells.actor()?,
            role: cells.word(Role::parse)?,
            at: cells.time()?,
            ended_at: cells.time_or_none()?,
            patient_word: cells.cell_or_none()?,
        });
        Ok(())
    })?;
    Ok(found)
}
