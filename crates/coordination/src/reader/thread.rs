//! Reading one thread: what may be known of it, its content, its messages, and what the reader
//! may do in it.

use std::sync::Arc;

use care::ids::{Id, MessageId, OrganizationId, PersonId, ThreadId};
use care::words::Audience;
use policy::decide::Permit;
use policy::reach::HeldStanding;
use policy::readable::ReadableMessages;
use policy::visible::Visible;
use policy::words::{Action, Read, Standing};

use crate::access::About;
use crate::fault::Fault;
use crate::read_models::inbox::InboxOrder;
use crate::read_models::people::{self, OrganizationRow, PoolRow};
use crate::read_models::thread::{
    self, ConsultationRow, MessageRow, ParticipantRow, ReadMarkRow, ThreadRow, Window, readable,
};
use crate::reader::lists::{Bounds, Connection, Edge, Page, PageProblem, connection};
use crate::reader::{PersonRow, Reader, nothing};
use crate::standing::{self, ThreadFacts};
use crate::tokens::{Key, List, VersionToken};

/// A thread as its reader may see it, and what the reader is to it.
pub struct ThreadView {
    row: Visible<ThreadRow>,
    facts: ThreadFacts,
    held: Vec<HeldStanding>,
    found: Permit,
    classes: ReadableMessages,
}

impl std::ops::Deref for ThreadView {
    type Target = ThreadRow;
    fn deref(&self) -> &ThreadRow {
        &self.row
    }
}

/// A row that the reader may find. Nothing of it is opened yet: a list finds more than it shows,
/// and what is opened counts as read.
pub(super) struct Findable {
    row: ThreadRow,
    facts: ThreadFacts,
    held: Vec<HeldStanding>,
    found: Permit,
    classes: ReadableMessages,
}

impl Findable {
    fn reads_clinical(&self) -> bool {
        readable(self.classes).any(|audience| audience == Audience::ClinicalTeam)
    }

    /// The order of an inbox that this row is placed by: that of the activity its reader may know of.
    pub(super) fn order(&self) -> InboxOrder {
        if self.reads_clinical() { InboxOrder::Any } else { InboxOrder::Everyone }
    }
}

impl Reader {
    /// A thread, if the reader may find it.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn thread(&self, id: ThreadId) -> Result<Option<ThreadView>, Fault> {
        let known = self.on_thread(id);
        let facts = known.as_ref().map_or(nothing(), |(facts, held)| facts.asked(held));
        if self.decide(Action::Read(Read::ThreadFind), &facts).is_none() {
            self.refused(Action::Read(Read::ThreadFind), id.uuid())?;
            return Ok(None);
        }
        let Some((facts, held)) = known else { return Ok(None) };
        let snapshot = self.snapshot()?;
        let Some(row) = thread::thread(&snapshot, id)? else { return Ok(None) };
        let Some(seen) = standing::Facts::thread(&*snapshot, id)? else { return Ok(None) };
        let seen = standing::on_thread(&*snapshot, (id, &seen), self.person(), self.now)?;
        drop(snapshot);
        self.findable(row, facts, standing::agreed(held, &seen)).map(|found| self.shown(found)).transpose()
    }

    /// A row that a list found, if the reader may find it.
    pub(super) fn listed(&self, row: ThreadRow) -> Option<Findable> {
        // The list's own ground is the snapshot's word for the standing.
        let (facts, held) = self.on_thread(row.thread)?;
        self.findable(row, facts, held)
    }

    fn findable(&self, row: ThreadRow, facts: ThreadFacts, held: Vec<HeldStanding>) -> Option<Findable> {
        let asked = facts.asked(&held);
        let found = self.decide(Action::Read(Read::ThreadFind), &asked)?;
        let classes = self.viewer.readable_messages(&asked);
        Some(Findable { row, facts, held, found, classes })
    }

    /// Shows a row that was found: opens what may be read of it, and notes that.
    pub(super) fn shown(&self, found: Findable) -> Result<ThreadView, Fault> {
        let clinical = found.reads_clinical();
        let Findable { mut row, facts, held, found, classes } = found;
        row.updated_at = row.activity.for_classes(clinical);
        let about = Some(About::thread(&row));
        let row = match self.decide(Action::Read(Read::ThreadRead), &facts.asked(&held)) {
            Some(read) => self.reveal(&read, about, row)?,
            None => self.reveal(&found, about, row)?,
        };
        Ok(ThreadView { row, facts, held, found, classes })
    }

    /// The version of a thread, for the next command that relies on it.
    ///
    /// # Errors
    /// [`Fault`] when the vault fails.
    pub fn version(&self, view: &ThreadView) -> Result<VersionToken, Fault> {
        self.application.tokens().version(view.thread, view.state_version)
    }

    /// The content of a consultation, if the reader may read it now.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn consultation(&self, view: &ThreadView) -> Result<Option<Visible<ConsultationRow>>, Fault> {
        let Some(read) = self.decide(Action::Read(Read::ThreadRead), &view.facts.asked(&view.held)) else {
            return Ok(None);
        };
        let row = thread::consultation(&*self.snapshot()?, view.thread)?;
        row.map(|row| self.reveal(&read, Some(About::thread(view)), row)).transpose()
    }

    /// The messages that the reader may read, in the order in which they were posted.
    ///
    /// # Errors
    /// [`PageProblem`] for a page that cannot be; [`Fault`] if this node fails.
    pub fn messages(
        &self,
        view: &ThreadView,
        page: &Page,
    ) -> Result<Result<Connection<Visible<MessageRow>>, PageProblem>, Fault> {
        let list = List::Messages(view.thread);
        let bounds = match self.bounds(list, page) {
            Ok(bounds) => bounds,
            Err(problem) => return Ok(Err(problem)),
        };
        let Bounds { after, before, from_end, rows_max } = bounds;
        let window = Window {
            after: after.map_or(i64::MIN, |key| key.number),
            before: before.map_or(i64::MAX, |key| key.number),
            from_end,
            rows_max: rows_max.saturating_add(1),
        };
        let rows = thread::messages(&*self.snapshot()?, view.thread, view.classes, window)?;
        let permits = self.message_permits(view);
        let mut edges = Vec::with_capacity(rows.len());
        for row in rows {
            let key = Key { number: row.number, id: row.message.uuid() };
            let Some((_, permit)) = permits.iter().find(|(audience, _)| *audience == row.audience) else { continue };
            edges.push(Edge {
                node: (permit, row),
                cursor: self.application.tokens().cursor(list, self.person(), key)?,
            });
        }
        let about = Some(About::thread(view));
        connection(edges, bounds).opened(|(permit, row)| self.reveal(permit, about, row)).map(Ok)
    }

    /// One message, if the reader may read it.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn message(&self, view: &ThreadView, message: MessageId) -> Result<Option<Visible<MessageRow>>, Fault> {
        let row = thread::message(&*self.snapshot()?, (view.thread, message), view.classes)?;
        let permits = self.message_permits(view);
        let permitted = row.and_then(|row| {
            let permit = permits.into_iter().find(|(audience, _)| *audience == row.audience);
            permit.map(|(_, permit)| (permit, row))
        });
        permitted.map(|(permit, row)| self.reveal(&permit, Some(About::thread(view)), row)).transpose()
    }

    /// One permit for each audience that may be read: messages are decided by audience, not one by one.
    fn message_permits(&self, view: &ThreadView) -> Vec<(Audience, Permit)> {
        let asked = view.facts.asked(&view.held);
        let permit =
            |audience| self.viewer.decide(&asked.asking(Action::Read(Read::ThreadReadMessage), Some(audience)));
        readable(view.classes).filter_map(|audience| Some((audience, permit(audience)?))).collect()
    }

    /// How many messages that the reader may read are newer than their mark.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn unread(&self, view: &ThreadView) -> Result<i64, Fault> {
        let snapshot = self.snapshot()?;
        let marks = thread::read_marks(&snapshot, view.thread, view.classes)?;
        let mark = marks.iter().find(|mark| mark.person == self.person()).map_or(0, |mark| mark.number);
        thread::unread(&snapshot, (view.thread, self.person()), view.classes, mark)
    }

    /// How far each has read, for who may know: the reader's own mark is always theirs to see.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn read_marks(&self, view: &ThreadView) -> Result<Vec<ReadMarkRow>, Fault> {
        let mut marks = thread::read_marks(&*self.snapshot()?, view.thread, view.classes)?;
        if self.decide(Action::Read(Read::ThreadListParticipants), &view.facts.asked(&view.held)).is_none() {
            marks.retain(|mark| mark.person == self.person());
        }
        Ok(marks)
    }

    /// Who takes part, the requester first; nobody for who may not know.
    ///
    /// # Errors
    /// [`PageProblem`] for a page that cannot be; [`Fault`] if this node fails.
    pub fn participants(
        &self,
        view: &ThreadView,
        page: &Page,
    ) -> Result<Result<Connection<ParticipantRow>, PageProblem>, Fault> {
        let list = List::Participants(view.thread);
        let bounds = match self.forward(list, page) {
            Ok(bounds) => bounds,
            Err(problem) => return Ok(Err(problem)),
        };
        let mut rows = match self.decide(Action::Read(Read::ThreadListParticipants), &view.facts.asked(&view.held)) {
            Some(_) => thread::participants(&*self.snapshot()?, view.thread)?,
            None => Vec::new(),
        };
        // A thread has as many as a care team, so all are read and the page is cut here.
        let place = |row: &ParticipantRow| (i64::from(row.person != view.requester), row.person.uuid());
        rows.retain(|row| bounds.after.is_none_or(|after| place(row) > (after.number, after.id)));
        rows.sort_unstable_by_key(place);
        rows.truncate(bounds.rows_max.saturating_add(1));
        let mut edges = Vec::with_capacity(rows.len());
        for node in rows {
            let (number, id) = place(&node);
            edges.push(Edge {
                node,
                cursor: self.application.tokens().cursor(list, self.person(), Key { number, id })?,
            });
        }
        Ok(Ok(connection(edges, bounds)))
    }

    /// Somebody whom the reader meets in this thread.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn person_in(&self, view: &ThreadView, person: PersonId) -> Result<Option<Arc<Visible<PersonRow>>>, Fault> {
        self.name_of(&view.found, person)
    }

    /// The permit to do something else to what this thread leads to.
    pub(super) fn thread_permit(&self, view: &ThreadView, action: Action) -> Option<Permit> {
        self.decide(action, &view.facts.asked(&view.held))
    }

    /// The organization that a thread names.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn organization_in(
        &self,
        view: &ThreadView,
        id: OrganizationId,
    ) -> Result<Option<Visible<OrganizationRow>>, Fault> {
        Ok(people::organization(&*self.snapshot()?, id)?.map(|row| view.found.show(row)))
    }

    /// The pool that a thread names.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn pool_in(&self, view: &ThreadView) -> Result<Option<Visible<PoolRow>>, Fault> {
        Ok(people::pool(&*self.snapshot()?, view.pool)?.map(|row| view.found.show(row)))
    }

    /// Whether the reader may do something in this thread, by the function that commands use.
    #[must_use]
    pub fn may(&self, view: &ThreadView, action: Action, audience: Option<Audience>) -> bool {
        self.viewer.may(action, audience, &view.facts.asked(&view.held))
    }

    /// The audience of a message when its author names none: professionals write to the clinical
    /// team, patients to everyone.
    #[must_use]
    pub fn default_audience(&self, view: &ThreadView) -> Audience {
        default_audience(&view.held)
    }
}

/// See [`Reader::default_audience`].
pub(crate) fn default_audience(held: &[HeldStanding]) -> Audience {
    let lay = |held: &HeldStanding| held.standing == Standing::Self_;
    if held.iter().any(|held| !lay(held)) { Audience::ClinicalTeam } else { Audience::Everyone }
}
