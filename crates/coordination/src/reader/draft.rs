//! Reading one's own drafts. Nobody reads those of another, and a draft is shown only while its author may send it: who has
//! lost access to a thread or a patient sees that they have a draft, and can discard it.

use care::draft::{Form, FormFields};
use care::event::Stream;
use care::ids::{DraftId, Id};
use journal::Revision;
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::visible::Visible;
use policy::words::{Action, Read};

use crate::access::About;
use crate::authorization::Subject;
use crate::fault::Fault;
use crate::read_models::drafts::{self, DraftRow};
use crate::reader::Reader;
use crate::reader::page::{Connection, Edge, Page, PageProblem, connection};
use crate::sealing::TextCell;
use crate::tokens::{Key, List, VersionToken};

/// A draft as its author may see it now.
pub struct DraftView {
    row: Visible<DraftRow>,
    is_withheld: bool,
}

impl DraftView {
    /// What its form is about; none while the author may not send it.
    #[must_use]
    pub fn form(&self) -> Option<Form> {
        (!self.is_withheld).then_some(self.row.form)
    }

    /// The fields with text; none while the author may not send the form, and if the text was erased.
    #[must_use]
    pub fn fields(&self) -> Option<FormFields> {
        match &self.row.content {
            TextCell::Open(text) => FormFields::read(text),
            TextCell::Sealed(_) | TextCell::Withheld | TextCell::Erased => None,
        }
    }
}

impl std::ops::Deref for DraftView {
    type Target = DraftRow;
    fn deref(&self) -> &DraftRow {
        &self.row
    }
}

impl Reader {
    /// A draft of the reader.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or another person's.
    pub fn draft(&self, id: DraftId) -> Result<Option<DraftView>, Fault> {
        let permit = self.drafts_permit()?;
        let row = drafts::draft(&*self.snapshot()?, self.person(), id)?;
        let (Some(permit), Some(row)) = (permit, row) else {
            self.refused(Action::Read(Read::DraftRead), id.uuid())?;
            return Ok(None);
        };
        self.shown_draft(&permit, row).map(Some)
    }

    /// The reader's draft of a form.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn draft_of(&self, form: &Form) -> Result<Option<DraftView>, Fault> {
        let Some(permit) = self.drafts_permit()? else { return Ok(None) };
        let row = drafts::of_form(&*self.snapshot()?, self.person(), form)?;
        row.map(|row| self.shown_draft(&permit, row)).transpose()
    }

    /// The reader's drafts, the newest first.
    ///
    /// # Errors
    /// [`PageProblem`] for a page that cannot be; [`Fault`] if this node fails.
    pub fn drafts(&self, page: &Page) -> Result<Result<Connection<DraftView>, PageProblem>, Fault> {
        let bounds = match self.forward(List::Drafts, page) {
            Ok(bounds) => bounds,
            Err(problem) => return Ok(Err(problem)),
        };
        let permit = self.drafts_permit()?;
        let mut rows = match &permit {
            Some(_) => drafts::drafts(&*self.snapshot()?, self.person())?,
            None => Vec::new(),
        };
        // A person has few drafts, so all are read and the page is cut here.
        let place = |row: &DraftRow| (row.saved_at.timestamp_micros(), row.draft.uuid());
        rows.retain(|row| bounds.after.is_none_or(|after| place(row) < (after.number, after.id)));
        rows.truncate(bounds.rows_max.saturating_add(1));
        let cursors = self.application.tokens().cursors(List::Drafts, self.person());
        let edges = rows.into_iter().filter_map(|row| {
            let (number, id) = place(&row);
            Some(Edge { node: (permit.as_ref()?, row), cursor: cursors.at(Key { number, id }) })
        });
        connection(edges.collect(), bounds).opened(|(permit, row)| self.shown_draft(permit, row)).map(Ok)
    }

    /// The version of a draft, for its next save.
    ///
    /// # Errors
    /// [`Fault`] when the vault fails.
    pub fn draft_version(&self, view: &DraftView) -> Result<VersionToken, Fault> {
        self.application.tokens().version(view.draft, Revision(u64::from(view.number)))
    }

    /// The permit to read one's own drafts; none if they cannot be read completely.
    fn drafts_permit(&self) -> Result<Option<Permit>, Fault> {
        let subject = Subject::Drafts { author: self.person(), form: None };
        let held = self.agreed(&subject, self.held(&subject))?;
        let is_parked = self.application.projector().authorization().is_parked(Stream::Drafts(self.person()));
        let permit = self.decide(Action::Read(Read::DraftRead), &ThingFacts::unlabelled(&held));
        Ok(permit.filter(|_| !is_parked))
    }

    fn shown_draft(&self, permit: &Permit, mut row: DraftRow) -> Result<DraftView, Fault> {
        let subject = Subject::of_form(row.form);
        let held = self.agreed(&subject, self.held(&subject))?;
        if self.application.projector().authorization().may_send(&self.viewer, row.form, &held) {
            let about = About::draft(&row);
            return Ok(DraftView { row: self.reveal(permit, Some(about), row)?, is_withheld: false });
        }
        row.content = TextCell::Withheld;
        Ok(DraftView { row: permit.show(row), is_withheld: true })
    }
}
