//! Drafts of forms: what the viewer has typed and not sent. Nobody else has any of it.

use std::sync::Arc;

use async_graphql::{ID, Object, Result, SimpleObject};
use care::draft::SAVE_EVERY;
use care::party::FormSubject;
use coordination::reader::{DraftView, Reader};

use super::connection::connections;
use super::id::encode_id;
use super::organization::Organization;
use super::patient::Patient;
use super::scalars::{Instant, Version};
use super::thread::Thread;

/// A draft of the viewer.
pub struct Draft {
    reader: Arc<Reader>,
    view: DraftView,
}

impl Draft {
    pub(super) fn of(reader: &Arc<Reader>, view: DraftView) -> Self {
        Self { reader: Arc::clone(reader), view }
    }

    fn subject(&self) -> Option<FormSubject> {
        self.view.form().map(|form| form.subject)
    }
}

/// A draft of yours: the text of a form that you have not sent. While you may not send the form, neither its text is shown
/// nor what it is about; you can still discard it.
#[Object]
impl Draft {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        encode_id(self.view.draft)
    }

    /// The version, for the next save.
    fn version(&self) -> Result<Version> {
        Ok(self.reader.draft_version(&self.view)?.into())
    }

    /// The command that sends the form, by its name in the policy: `thread.post`.
    fn command(&self) -> &'static str {
        self.view.form.command.word()
    }

    /// The thread that the form is sent to. Null if the form opens a thread, and while you may not send it.
    fn thread(&self) -> Option<Result<Thread>> {
        let Some(FormSubject::Thread(thread)) = self.subject() else { return None };
        let found = self.reader.thread(thread).map_err(Into::into);
        found.map(|view| view.map(|view| Thread::of(&self.reader, view))).transpose()
    }

    /// The patient about whom the form opens a thread. Null if it opens none about a patient, and while you may not send it.
    fn patient(&self) -> Option<Result<Patient>> {
        let Some(FormSubject::Patient(patient)) = self.subject() else { return None };
        let found = self.reader.patient(patient).map_err(Into::into);
        found.map(|view| view.map(|view| Patient::of(&self.reader, view))).transpose()
    }

    /// The organization for which the form opens a thread about no patient. Null if it opens no such thread, and while you
    /// may not send it.
    fn organization(&self) -> Option<Result<Organization>> {
        let Some(FormSubject::Organization(organization)) = self.subject() else { return None };
        let found = self.reader.organization(organization).map_err(Into::into);
        found.map(|row| row.map(|row| Organization::of(&self.reader, row))).transpose()
    }

    /// The fields with text, by name. Null while you may not send the form.
    fn fields(&self) -> Option<Vec<DraftField>> {
        let fields = self.view.fields()?;
        let field = |(name, text): (&str, &str)| DraftField { name: name.to_owned(), text: text.to_owned() };
        Some(fields.iter().map(field).collect())
    }

    /// When it was saved.
    fn saved_at(&self) -> Instant {
        self.view.saved_at.into()
    }

    /// From when on a further save is accepted from a form that stays open.
    fn next_save_at(&self) -> Instant {
        (self.view.saved_at + SAVE_EVERY).into()
    }
}

/// A field of a form, as it was typed.
#[derive(SimpleObject)]
pub struct DraftField {
    /// The name that your program gave it.
    name: String,
    /// The text.
    text: String,
}

connections! {
    /// A page of your drafts.
    DraftConnection, DraftEdge of Draft;
}
