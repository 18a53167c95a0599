//! The directives of patients as they are read: whom each is about, where it stands, and what was written about it.

use care::consent_directive::{
    ConfirmationOverdueNoted, DirectiveActivated, DirectiveConfirmed, DirectiveEnded, DirectiveEvent,
    DirectiveProposed, DirectiveTightened, DirectiveVoided, DirectiveWasRefused, Terms,
};
use care::consent_text::WordsShown;
use care::envelope::Actor;
use care::ids::{DirectiveId, PatientId};
use care::words::{DirectiveEffect, DirectiveGiver, DirectiveState, Role};
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
-- terms is JSON, and so are the words that were shown, or null. ended_at is when it ended, was refused or was voided.
CREATE TABLE consent_directive (
  directive BLOB PRIMARY KEY, patient BLOB NOT NULL, effect TEXT NOT NULL, terms TEXT NOT NULL, state TEXT NOT NULL,
  giver TEXT NOT NULL, by TEXT NOT NULL, role TEXT NOT NULL, at INTEGER NOT NULL, confirm_by INTEGER, ask_by INTEGER,
  ended_at INTEGER, patient_word BLOB, document BLOB, void_reason BLOB, words_shown TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_directive_of_patient ON consent_directive (patient, at);
";

/// Their table.
pub(super) const SHAPE: Shape = Shape { schema: SCHEMA, fold_version: 3 };

/// What begins a directive.
struct Begun<'a> {
    directive: DirectiveId,
    patient: PatientId,
    effect: DirectiveEffect,
    terms: &'a Terms,
    state: DirectiveState,
    giver: DirectiveGiver,
    by: Actor,
    role: Role,
    confirm_by: Option<DateTime<Utc>>,
    patient_word: Option<Vec<u8>>,
    words_shown: Option<WordsShown>,
}

fn begin(fold: &Fold<'_>, begun: Begun<'_>) -> Folded {
    let Begun { directive, patient, effect, terms, state, giver, by, role, confirm_by, patient_word, words_shown } =
        begun;
    fold.run(
        "INSERT INTO consent_directive (directive, patient, effect, terms, state, giver, by, role, at, confirm_by, patient_word,
                                        words_shown)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            id(directive),
            id(patient),
            effect.word(),
            serde_json::to_string(terms)?,
            state.word(),
            giver.word(),
            by.to_string(),
            role.word(),
            fold.at,
            confirm_by.map(|at| at.timestamp_micros()),
            patient_word,
            serde_json::to_string(&words_shown)?
        ],
    )
}

fn end(fold: &Fold<'_>, directive: DirectiveId, state: DirectiveState) -> Folded {
    fold.run(
        "UPDATE consent_directive SET state = ?2, ended_at = ?3, confirm_by = NULL, ask_by = NULL WHERE directive = ?1",
        params![id(directive), state.word(), fold.at],
    )
}

pub(super) fn fold(fold: &Fold<'_>, event: &DirectiveEvent) -> Folded {
    match event {
        DirectiveEvent::DirectiveProposed(proposed) => {
            let DirectiveProposed { directive, patient, terms, by, role, patient_word, confirm_by } = proposed;
            let begun = Begun {
                directive: *directive,
                patient: *patient,
                effect: DirectiveEffect::Permit,
                terms,
                state: DirectiveState::Proposed,
                giver: DirectiveGiver::Staff,
                by: *by,
                role: *role,
                confirm_by: Some(*confirm_by),
                patient_word: Some(fold.cell(patient_word)?),
                words_shown: None,
            };
            begin(fold, begun)
        }
        DirectiveEvent::DirectiveActivated(activated) => {
            let state = activated.state();
            let DirectiveActivated {
                directive, patient, effect, terms, giver, by, role, patient_word, words_shown, confirm_by, ..
            } = activated;
            let begun = Begun {
                directive: *directive,
                patient: *patient,
                effect: *effect,
                terms,
                state,
                giver: *giver,
                by: *by,
                role: *role,
                confirm_by: *confirm_by,
                patient_word: fold.cell_or_none(patient_word.as_ref())?,
                words_shown: *words_shown,
            };
            begin(fold, begun)
        }
        DirectiveEvent::DirectiveConfirmed(DirectiveConfirmed { directive, giver, document, words_shown, .. }) => fold.run(
            "UPDATE consent_directive SET state = ?2, giver = ?3, document = ?4, words_shown = ?5, confirm_by = NULL, ask_by = NULL
             WHERE directive = ?1",
            params![
                id(*directive),
                DirectiveState::Active.word(),
                giver.word(),
                fold.cell_or_none(document.as_ref())?,
                serde_json::to_string(words_shown)?
            ],
        ),
        DirectiveEvent::DirectiveTightened(DirectiveTightened { directive, terms, .. }) => fold.run(
            "UPDATE consent_directive SET terms = ?2 WHERE directive = ?1",
            params![id(*directive), serde_json::to_string(terms)?],
        ),
        DirectiveEvent::DirectiveWasRefused(DirectiveWasRefused { directive, .. }) => {
            end(fold, *directive, DirectiveState::Refused)
        }
        DirectiveEvent::DirectiveEnded(DirectiveEnded { directive, .. }) => {
            end(fold, *directive, DirectiveState::Ended)
        }
        DirectiveEvent::DirectiveVoided(DirectiveVoided { directive, reason, .. }) => {
            end(fold, *directive, DirectiveState::Voided)?;
            fold.run(
                "UPDATE consent_directive SET void_reason = ?2 WHERE directive = ?1",
                params![id(*directive), fold.cell(reason)?],
            )
        }
        DirectiveEvent::ConfirmationOverdueNoted(ConfirmationOverdueNoted { directive, ask_by, .. }) => fold.run(
            "UPDATE consent_directive SET confirm_by = NULL, ask_by = ?2 WHERE directive = ?1",
            params![id(*directive), ask_by.as_ref().map(|due| due.at.timestamp_micros())],
        ),
        // That somebody was reminded, or that a period has begun, changes nothing of the directive: its instants are shown,
        // and the timers say what was announced.
        DirectiveEvent::ConfirmationReminded(_)
        | DirectiveEvent::DirectiveTookEffect(_)
        | DirectiveEvent::DirectiveEndAnnounced(_) => Ok(()),
    }
}

/// A directive of a patient.
#[derive(Debug)]
pub struct DirectiveRow {
    /// The directive.
    pub directive: DirectiveId,
    /// What it does.
    pub effect: DirectiveEffect,
    /// Whom, what, for what and when.
    pub terms: Terms,
    /// Where it stands.
    pub state: DirectiveState,
    /// On whose word it rests.
    pub giver: DirectiveGiver,
    /// Who gave it or wrote it down.
    pub by: Actor,
    /// In which role; `person` for the patient and who represents them.
    pub role: Role,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Until when the patient can or is to confirm it; none where there is nothing to confirm.
    pub confirm_by: Option<DateTime<Utc>>,
    /// Until when staff are to ask the patient who has not confirmed it; none where they need not.
    pub ask_by: Option<DateTime<Utc>>,
    /// When it ended, was refused or was voided; none while it is open or in force.
    pub ended_at: Option<DateTime<Utc>>,
    /// What the patient said, where another person wrote it down.
    pub patient_word: Option<TextCell>,
    /// Which signed paper it is; none where there is none.
    pub document: Option<TextCell>,
    /// What the error was; none unless it was voided.
    pub void_reason: Option<TextCell>,
    /// The words by which it was given or confirmed; none where there were none, and where only their version was recorded.
    pub words_shown: Option<WordsShown>,
}

impl DirectiveRow {
    /// Whether the patient is to confirm it.
    #[must_use]
    pub fn waits_for_patient(&self) -> bool {
        [DirectiveState::Proposed, DirectiveState::UnconfirmedDeny].contains(&self.state)
    }

    /// Whether nobody confirmed it in time, so that staff are to ask the patient.
    #[must_use]
    pub fn waits_for_staff(&self) -> bool {
        self.state == DirectiveState::UnconfirmedDeny && self.confirm_by.is_none()
    }
}

impl Redact for DirectiveRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self {
            directive,
            effect,
            terms,
            state,
            giver,
            by,
            role,
            at,
            confirm_by,
            ask_by,
            ended_at,
            patient_word,
            document,
            void_reason,
            words_shown,
        } = self;
        let read = permit.action();
        let reads = read == Action::Read(Read::ConsentDirectiveRead)
            || read == Action::Read(Read::ConsentDirectiveReadRecorded);
        let shows = |text: Option<TextCell>| text.map(|text| if reads { text } else { TextCell::Withheld });
        Self {
            directive,
            effect,
            terms,
            state,
            giver,
            by,
            role,
            at,
            confirm_by,
            ask_by,
            ended_at,
            patient_word: shows(patient_word),
            document: shows(document),
            void_reason: shows(void_reason),
            words_shown,
        }
    }
}

impl Opens for DirectiveRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self {
            directive: _,
            effect: _,
            terms: _,
            state: _,
            giver: _,
            by: _,
            role: _,
            at: _,
            confirm_by: _,
            ask_by: _,
            ended_at: _,
            patient_word,
            document,
            void_reason,
            words_shown: _,
        } = self;
        patient_word.iter_mut().chain(document).chain(void_reason).for_each(open);
    }
}

/// The directives of a patient, the newest first.
pub(crate) fn directives(snapshot: &Snapshot, patient: PatientId) -> Result<Vec<DirectiveRow>, Fault> {
    let sql = "SELECT directive, effect, terms, state, giver, by, role, at, confirm_by, ask_by, ended_at, patient_word,
                      document, void_reason, words_shown
               FROM consent_directive WHERE patient = ?1 ORDER BY at DESC, directive";
    let mut found = Vec::new();
    snapshot.each(sql, [id(patient)], |cells| {
        found.push(DirectiveRow {
            directive: cells.id()?,
            effect: cells.word(DirectiveEffect::parse)?,
            terms: cells.json()?,
            state: cells.word(DirectiveState::parse)?,
            giver: cells.word(DirectiveGiver::parse)?,
            by: cells.actor()?,
            role: cells.word(Role::parse)?,
            at: cells.time()?,
            confirm_by: cells.time_or_none()?,
            ask_by: cells.time_or_none()?,
            ended_at: cells.time_or_none()?,
            patient_word: cells.cell_or_none()?,
            document: cells.cell_or_none()?,
            void_reason: cells.cell_or_none()?,
            words_shown: cells.json()?,
        });
        Ok(())
    })?;
    Ok(found)
}
