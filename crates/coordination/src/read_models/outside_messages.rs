//! Messages from outside as they are read: the texts of each, and what stands in a thread. The state
//! of a message is that of its entity in the authorization state, which is in the snapshot too.

use care::event::{Event, Stream};
use care::ids::{Id, OrganizationId, OutsideMessageId, PatientId, PersonId, ThreadId};
use care::outside_message::OutsideMessageEvent;
use care::words::{DelegationKind, OutsideEnd, OutsideState, OutsideWish, Relationship};
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::visible::{Opens, Redact};
use policy::words::{Action, Read};
use rusqlite::params;

use crate::authorization::outside_message::OutsideMessageFacts;
use crate::fault::Fault;
use crate::read_models::cells::id;
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};
use crate::sealing::TextCell;

const SCHEMA: &str = "
-- The texts of a message from outside, until they are erased.
CREATE TABLE outside_message (message BLOB PRIMARY KEY, patient_name BLOB NOT NULL, birth_date BLOB, text BLOB, reason BLOB) STRICT, WITHOUT ROWID;
-- What was told and stands in a thread, under the thread's key.
CREATE TABLE outside_note (thread BLOB, message BLOB, person BLOB, at INTEGER NOT NULL, text BLOB NOT NULL, PRIMARY KEY (thread, message)) STRICT, WITHOUT ROWID;
";

/// Messages from outside.
pub(super) struct OutsideMessages;

impl ReadModel for OutsideMessages {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 1 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        let (Stream::OutsideMessage(message), Event::OutsideMessage(event)) = (fold.stream(), fold.event()) else {
            return Ok(());
        };
        let message = id(message);
        match event {
            OutsideMessageEvent::Sent(sent) => fold.run(
                "INSERT INTO outside_message (message, patient_name, birth_date, text) VALUES (?1, ?2, ?3, ?4)",
                params![
                    message,
                    fold.cell(&sent.patient_name)?,
                    fold.cell_or_none(sent.birth_date.as_ref())?,
                    fold.cell_or_none(sent.text.as_ref())?,
                ],
            ),
            OutsideMessageEvent::Attached(attached) => fold.run(
                "INSERT INTO outside_note (thread, message, person, at, text) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    id(attached.thread),
                    message,
                    attached.by.person().map(id),
                    fold.at,
                    fold.cell(&attached.text)?,
                ],
            ),
            OutsideMessageEvent::Closed(closed) => fold.run(
                "UPDATE outside_message SET reason = ?2 WHERE message = ?1",
                params![message, fold.cell_or_none(closed.reason.as_ref())?],
            ),
            OutsideMessageEvent::Erased(_) => {
                fold.run("DELETE FROM outside_message WHERE message = ?1", params![message])
            }
            OutsideMessageEvent::Claimed(_) | OutsideMessageEvent::Matched(_) => Ok(()),
        }
    }
}

/// A message from outside.
#[derive(Debug)]
pub struct OutsideMessageRow {
    /// The message.
    pub message: OutsideMessageId,
    /// To which organization it was sent.
    pub organization: OrganizationId,
    /// Who sent it.
    pub person: PersonId,
    /// What they want.
    pub wish: OutsideWish,
    /// The kind of help that is offered; none where something is told.
    pub kind: Option<DelegationKind>,
    /// What they say that they are to the patient.
    pub relationship: Relationship,
    /// The state.
    pub state: OutsideState,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// By when somebody has to act on it; none once it has ended, and where the organization has no calendar.
    pub due: Option<DateTime<Utc>>,
    /// Who has taken it; none while nobody has.
    pub claimed_by: Option<PersonId>,
    /// How it ended; none before.
    pub end: Option<OutsideEnd>,
    /// The patient to whom it was matched, or in whose thread it stands.
    pub patient: Option<PatientId>,
    /// The thread in which it stands.
    pub thread: Option<ThreadId>,
    /// The name of the patient as the sender wrote it.
    pub patient_name: TextCell,
    /// The date of birth as the sender wrote it; none if they wrote none.
    pub birth_date: Option<TextCell>,
    /// What the sender says; none for an offer without words.
    pub text: Option<TextCell>,
    /// Why it was closed; none if it was not.
    pub reason: Option<TextCell>,
}

impl Redact for OutsideMessageRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self {
            message,
            organization,
            person,
            wish,
            kind,
            relationship,
            state,
            sent_at,
            due,
            claimed_by,
            end,
            patient,
            thread,
            patient_name,
            birth_date,
            text,
            reason,
        } = self;
        let reads = permit.action() == Action::Read(Read::OutsideMessageRead);
        let shown = |text: TextCell| if reads { text } else { TextCell::Withheld };
        Self {
            message,
            organization,
            person,
            wish,
            kind,
            relationship,
            state,
            sent_at,
            due,
            claimed_by,
            end,
            patient,
            thread,
            patient_name: shown(patient_name),
            birth_date: birth_date.map(shown),
            text: text.map(shown),
            reason: reason.map(shown),
        }
    }
}

impl Opens for OutsideMessageRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        open(&mut self.patient_name);
        for text in [&mut self.birth_date, &mut self.text, &mut self.reason] {
            text.iter_mut().for_each(&mut *open);
        }
    }
}

/// A message from outside with its texts; erased ones where they are there no more.
pub(crate) fn message(
    snapshot: &Snapshot,
    message: OutsideMessageId,
    facts: &OutsideMessageFacts,
) -> Result<OutsideMessageRow, Fault> {
    let sql = "SELECT patient_name, birth_date, text, reason FROM outside_message WHERE message = ?1";
    let texts = snapshot.one(sql, [id(message)], |cells| {
        Ok((cells.cell()?, cells.cell_or_none()?, cells.cell_or_none()?, cells.cell_or_none()?))
    })?;
    let (patient_name, birth_date, text, reason) = texts.unwrap_or((TextCell::Erased, None, None, None));
    Ok(OutsideMessageRow {
        message,
        organization: facts.organization,
        person: facts.person,
        wish: facts.wish,
        kind: facts.kind,
        relationship: facts.relationship,
        state: facts.state,
        sent_at: facts.sent_at,
        due: facts.deadlines.due_at(),
        claimed_by: facts.claimed_by,
        end: facts.end,
        patient: facts.patient,
        thread: facts.thread,
        patient_name,
        birth_date,
        text,
        reason,
    })
}

/// What was told in a message from outside; none if it says nothing, or is not there.
pub(crate) fn told(snapshot: &Snapshot, message: OutsideMessageId) -> Result<Option<TextCell>, Fault> {
    let sql = "SELECT text FROM outside_message WHERE message = ?1";
    Ok(snapshot.one(sql, [id(message)], |cells| cells.cell_or_none())?.flatten())
}

/// What was told from outside and stands in a thread.
#[derive(Debug)]
pub struct OutsideNoteRow {
    /// The message.
    pub message: OutsideMessageId,
    /// Who attached it; none if it was no person.
    pub by: Option<PersonId>,
    /// When it was attached.
    pub at: DateTime<Utc>,
    /// Who told it.
    pub person: PersonId,
    /// What they say that they are to the patient.
    pub relationship: Relationship,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// What was told.
    pub text: TextCell,
}

impl Redact for OutsideNoteRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self { message, by, at, person, relationship, sent_at, text } = self;
        let reads = permit.action() == Action::Read(Read::ThreadReadMessage);
        let text = if reads { text } else { TextCell::Withheld };
        Self { message, by, at, person, relationship, sent_at, text }
    }
}

impl Opens for OutsideNoteRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        open(&mut self.text);
    }
}

/// What stands in a thread from outside, in the order in which it was attached.
pub(crate) fn notes(snapshot: &Snapshot, thread: ThreadId) -> Result<Vec<OutsideNoteRow>, Fault> {
    let mut found: Vec<(OutsideMessageId, Option<PersonId>, DateTime<Utc>, TextCell)> = Vec::new();
    let sql = "SELECT message, person, at, text FROM outside_note WHERE thread = ?1 ORDER BY at, message";
    snapshot.each(sql, [id(thread)], |cells| {
        found.push((cells.id()?, cells.id_or_none()?, cells.time()?, cells.cell()?));
        Ok(())
    })?;
    let mut notes = Vec::with_capacity(found.len());
    for (message, by, at, text) in found {
        // A stream that cannot be read to its end says nothing for certain.
        let Some(facts) = snapshot.entity::<OutsideMessageFacts>(message.uuid())? else { continue };
        let OutsideMessageFacts { person, relationship, sent_at, .. } = facts;
        notes.push(OutsideNoteRow { message, by, at, person, relationship, sent_at, text });
    }
    Ok(notes)
}
