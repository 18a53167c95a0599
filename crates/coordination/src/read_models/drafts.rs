//! The drafts of persons, each with the text of its newest save, and what ended each of the others.

use care::draft::{DraftEvent, Ended, Form, Saved};
use care::event::{Event, Stream};
use care::ids::{DraftId, EventId, PatientId, PersonId};
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::visible::{Opens, Redact};
use rusqlite::params;
use uuid::Uuid;

use crate::fault::Fault;
use crate::read_models::cells::{Cells, id};
use crate::read_models::fold::{Fold, FoldError, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};
use crate::sealing::TextCell;

const SCHEMA: &str = "
CREATE TABLE draft (
  draft BLOB PRIMARY KEY, author BLOB NOT NULL, form TEXT NOT NULL, patient BLOB, number INTEGER NOT NULL,
  saved_at INTEGER NOT NULL, content BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_by_author ON draft (author, saved_at, draft);
CREATE TABLE draft_ended (
  draft BLOB PRIMARY KEY,
  event BLOB -- by which its key is destroyed; NULL while it is only sent
) STRICT, WITHOUT ROWID;
";

/// Drafts.
pub(super) struct Drafts;

impl ReadModel for Drafts {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 1 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        let metadata = &fold.recorded().metadata;
        if let (Some(draft), Some(author)) = (metadata.draft, metadata.actor.person()) {
            // The event that sent it: nobody sees the draft from here on.
            fold.run("INSERT OR IGNORE INTO draft_ended (draft, event) VALUES (?1, NULL)", [id(draft)])?;
            fold.run("DELETE FROM draft WHERE draft = ?1 AND author = ?2", params![id(draft), id(author)])?;
        }
        let (Stream::Drafts(author), Event::Drafts(event)) = (fold.stream(), fold.event()) else { return Ok(()) };
        match event {
            DraftEvent::Saved(Saved { draft, form, patient, organization: _, number, at, content }) => fold.run(
                "INSERT INTO draft (draft, author, form, patient, number, saved_at, content)
                 SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (SELECT 1 FROM draft_ended WHERE draft = ?1)
                 ON CONFLICT (draft) DO UPDATE SET number = ?5, saved_at = ?6, content = ?7",
                params![
                    id(*draft),
                    id(author),
                    form_text(form)?,
                    patient.map(id),
                    number,
                    at.timestamp_micros(),
                    fold.cell(content)?
                ],
            ),
            DraftEvent::Ended(Ended { draft, how: _ }) => {
                fold.run(
                    "INSERT INTO draft_ended (draft, event) VALUES (?1, ?2)
                     ON CONFLICT (draft) DO UPDATE SET event = coalesce(event, ?2)",
                    params![id(*draft), id(fold.id())],
                )?;
                fold.run("DELETE FROM draft WHERE draft = ?1", [id(*draft)])
            }
        }
    }
}

/// A form as it lies in its column; equal forms have equal text.
fn form_text(form: &Form) -> Result<String, FoldError> {
    Ok(serde_json::to_string(form)?)
}

/// A draft that has not ended.
#[derive(Debug)]
pub struct DraftRow {
    /// The draft.
    pub draft: DraftId,
    /// Its form.
    pub form: Form,
    /// The patient whom it is about; none if it is about none.
    pub patient: Option<PatientId>,
    /// The number of the newest save.
    pub number: u32,
    /// When it was saved.
    pub saved_at: DateTime<Utc>,
    /// The fields with text, as one text.
    pub content: TextCell,
}

impl Redact for DraftRow {
    fn redact(self, _: &Permit) -> Self {
        // Nothing of one's own draft is hidden in part.
        let Self { draft, form, patient, number, saved_at, content } = self;
        Self { draft, form, patient, number, saved_at, content }
    }
}

impl Opens for DraftRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { draft: _, form: _, patient: _, number: _, saved_at: _, content } = self;
        open(content);
    }
}

const COLUMNS: &str = "draft, form, patient, number, saved_at, content";

fn row(cells: &mut Cells<'_>) -> Result<DraftRow, Fault> {
    Ok(DraftRow {
        draft: cells.id()?,
        form: cells.json()?,
        patient: cells.id_or_none()?,
        number: u32::try_from(cells.number()?).map_err(|_| Fault::Row("the number of a save"))?,
        saved_at: cells.time()?,
        content: cells.cell()?,
    })
}

/// A draft of its author.
pub(crate) fn draft(snapshot: &Snapshot, author: PersonId, draft: DraftId) -> Result<Option<DraftRow>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM draft WHERE draft = ?1 AND author = ?2");
    snapshot.one(&sql, [id(draft), id(author)], row)
}

/// The draft of a form of its author.
pub(crate) fn of_form(snapshot: &Snapshot, author: PersonId, form: &Form) -> Result<Option<DraftRow>, Fault> {
    let form = form_text(form).map_err(|_| Fault::Row("a form"))?;
    let sql = format!("SELECT {COLUMNS} FROM draft WHERE author = ?1 AND form = ?2");
    snapshot.one(&sql, params![id(author), form], row)
}

/// The drafts of an author, the newest first: there are few.
pub(crate) fn drafts(snapshot: &Snapshot, author: PersonId) -> Result<Vec<DraftRow>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM draft WHERE author = ?1 ORDER BY saved_at DESC, draft DESC");
    let mut drafts = Vec::new();
    snapshot.each(&sql, [id(author)], |cells| {
        drafts.push(row(cells)?);
        Ok(())
    })?;
    Ok(drafts)
}

/// The event by which the key of a draft is destroyed; none if the draft has not ended.
pub(crate) fn end_of(snapshot: &Snapshot, draft: Uuid) -> Result<Option<EventId>, Fault> {
    let sql = "SELECT event FROM draft_ended WHERE draft = ?1";
    Ok(snapshot.one(sql, [draft.into_bytes()], |cells| cells.id_or_none())?.flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_models::testing::{Log, person_id, sealed, thread_id};
    use care::command_name::Named;
    use care::conversation::PostMessage;
    use care::ids::Id;
    use care::party::FormSubject;
    use care::words::DraftEnd;

    fn draft_id(bits: u128) -> DraftId {
        DraftId::from_uuid(Uuid::from_u128(bits))
    }

    fn form() -> Form {
        Form::of(PostMessage::NAME, FormSubject::Thread(thread_id(1))).expect("a form")
    }

    fn saved(number: u32) -> DraftEvent {
        let at = "2026-11-23T09:00:00Z".parse().expect("a time");
        let (draft, content) = (draft_id(1), sealed("draft.content"));
        DraftEvent::Saved(Saved { draft, form: form(), patient: None, organization: None, number, at, content })
    }

    #[test]
    fn a_draft_is_its_authors_until_it_ends() {
        let mut log = Log::new();
        let (me, other) = (person_id(1), person_id(2));
        log.append(Stream::Drafts(me), saved(1));
        log.append(Stream::Drafts(me), saved(2));
        let snapshot = log.snapshot();
        assert_eq!(draft(&snapshot, me, draft_id(1)).unwrap().unwrap().number, 2);
        assert_eq!(of_form(&snapshot, me, &form()).unwrap().unwrap().draft, draft_id(1));
        assert_eq!(drafts(&snapshot, me).unwrap().len(), 1);
        assert!(draft(&snapshot, other, draft_id(1)).unwrap().is_none());
        assert!(of_form(&snapshot, other, &form()).unwrap().is_none() && drafts(&snapshot, other).unwrap().is_empty());
        assert!(end_of(&snapshot, draft_id(1).uuid()).unwrap().is_none());
        drop(snapshot);

        log.append(Stream::Drafts(me), DraftEvent::Ended(Ended { draft: draft_id(1), how: DraftEnd::Discarded }));
        // A save that lost the race against the end.
        log.append(Stream::Drafts(me), saved(3));
        let snapshot = log.snapshot();
        assert!(drafts(&snapshot, me).unwrap().is_empty());
        assert!(end_of(&snapshot, draft_id(1).uuid()).unwrap().is_some());
    }
}
