//! What one of the patient's helpers sees of the conversations, shown to the patient: by the standing of that delegation
//! alone, and by the same questions and queries as the helper's own. It gives nobody access, and staff do not see it.
//!
//! It has the messages to everyone that the helper reads. The patient may not read what the helper and the clinical team write
//! to each other alone, so nothing of that is shown or counted here. What is shown is recorded as a preview by the patient.

use std::sync::Arc;

use care::ids::{DelegationId, Id, PersonId, ThreadId};
use care::words::Audience;
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::reach::HeldStanding;
use policy::visible::Visible;
use policy::words::{Action, Read};

use crate::access::About;
use crate::authorization::agreed::agreed;
use crate::authorization::certain;
use crate::authorization::preview::standings_under;
use crate::authorization::thread::ThreadFacts;
use crate::fault::Fault;
use crate::read_models::counter::Counter;
use crate::read_models::entities::SnapshotEntities;
use crate::read_models::messages::{self, MessagePage, MessageRow};
use crate::read_models::thread_lists;
use crate::read_models::threads::{self, ThreadRow};
use crate::reader::delegations::DelegationView;
use crate::reader::filled::Batch;
use crate::reader::page::{Connection, Edge, Page, PageProblem, connection};
use crate::reader::under_delegation::UnderDelegation;
use crate::reader::{PersonRow, Reader};
use crate::tokens::{Key, List};

/// How many of the newest messages of a thread are shown.
const PREVIEWED_MESSAGES: usize = 20;

/// A thread as a helper sees it.
pub struct PreviewedThread {
    row: Visible<ThreadRow>,
    /// Whether they read what was asked and answered, and not only the messages.
    pub reads_answer: bool,
    /// The newest messages, the oldest of them first.
    pub messages: Vec<PreviewedMessage>,
    /// Whether they read older ones too.
    pub has_older: bool,
}

/// A message as a helper sees it.
pub struct PreviewedMessage {
    row: Visible<MessageRow>,
    /// Who wrote it.
    pub author: Option<Arc<Visible<PersonRow>>>,
    /// How the author helps the patient; none of a message by anybody else.
    pub delegate: Option<UnderDelegation>,
}

impl std::ops::Deref for PreviewedThread {
    type Target = ThreadRow;
    fn deref(&self) -> &ThreadRow {
        &self.row
    }
}

impl std::ops::Deref for PreviewedMessage {
    type Target = MessageRow;
    fn deref(&self) -> &MessageRow {
        &self.row
    }
}

/// The helper whose view is shown, and the permit by which the patient sees it.
struct Shown {
    delegation: DelegationId,
    helper: PersonId,
    preview: Permit,
}

/// A thread that the helper finds.
struct Found {
    thread: ThreadId,
    facts: ThreadFacts,
    held: Vec<HeldStanding>,
    permit: Permit,
    reads: Option<Permit>,
}

impl Reader {
    /// What the helper of a delegation sees of the conversations about the patient, the newest first; none if the reader may
    /// not see it. A page of nothing if the delegation gives no access now.
    ///
    /// # Errors
    /// [`PageProblem`] for a page that cannot be; [`Fault`] if this node fails.
    pub fn preview(
        &self,
        view: &DelegationView,
        page: &Page,
    ) -> Result<Result<Option<Connection<PreviewedThread>>, PageProblem>, Fault> {
        let Some(preview) = self.preview_permit(view) else {
            self.refused(Action::Read(Read::DelegationPreview), view.delegation.uuid())?;
            return Ok(Ok(None));
        };
        let list = List::Preview(view.delegation);
        let bounds = match self.forward(list, page) {
            Ok(bounds) => bounds,
            Err(problem) => return Ok(Err(problem)),
        };
        let Some(helper) = view.person.filter(|_| view.is_active) else {
            return Ok(Ok(Some(connection(Vec::new(), bounds))));
        };
        let shown = Shown { delegation: view.delegation, helper, preview };
        let read = |after, rows_max| -> Result<_, Fault> {
            let keys = thread_lists::about(&*self.snapshot()?, view.patient, after, rows_max)?;
            Ok(Batch::of(keys, rows_max))
        };
        let page =
            self.filled(list, bounds, read, |key: Key| self.found_by_helper(&shown, ThreadId::from_uuid(key.id)))?;
        let opened = page.opened(|found| self.previewed(&shown, found))?;
        let Connection { edges, has_next, has_previous, given_up_at } = opened;
        let edges = edges.into_iter().filter_map(|Edge { node, cursor }| Some(Edge { node: node?, cursor })).collect();
        Ok(Ok(Some(Connection { edges, has_next, has_previous, given_up_at })))
    }

    /// A thread, if the helper finds it by this delegation and may know whom it is about.
    fn found_by_helper(&self, shown: &Shown, thread: ThreadId) -> Result<Option<Found>, Fault> {
        // Memory is asked first, so that no facts are copied and nothing else is read of a thread that they do not find.
        let (facts, of_memory) = {
            let memory = self.application.projector().authorization();
            let Some(facts) = memory.thread(thread) else { return Ok(None) };
            let of_memory = certain(standings_under(&*memory, shown.delegation, thread, self.now));
            if self.found_and_named(&facts.asked(&of_memory)).is_none() {
                return Ok(None);
            }
            (facts.clone(), of_memory)
        };
        let held = {
            let snapshot = self.snapshot()?;
            let memory = self.application.projector().authorization();
            let entities = SnapshotEntities { snapshot: &snapshot, position: self.position, memory: &memory };
            agreed(of_memory, &standings_under(&entities, shown.delegation, thread, self.now)?)
        };
        let asked = facts.asked(&held);
        let Some(permit) = self.found_and_named(&asked) else { return Ok(None) };
        let reads = self.decide(Action::Read(Read::ThreadRead), &asked);
        Ok(Some(Found { thread, facts, held, permit, reads }))
    }

    /// The permit to find a thread, for who may also know whom it is about.
    fn found_and_named(&self, asked: &ThingFacts<'_>) -> Option<Permit> {
        let find = self.decide(Action::Read(Read::ThreadFind), asked)?;
        self.decide(Action::Read(Read::PatientRead), asked).map(|_| find)
    }

    /// A found thread with the messages for everyone that the helper reads.
    fn previewed(&self, shown: &Shown, found: Found) -> Result<Option<PreviewedThread>, Fault> {
        let Found { thread, facts, held, permit, reads } = found;
        let asked = facts.asked(&held);
        let mut readable = self.readable_by(shown.helper, thread, &asked)?;
        readable.counters.retain(|each| each.counter == Counter::Everyone);
        let Some(mut row) = threads::thread(&*self.snapshot()?, thread, shown.helper)? else { return Ok(None) };
        row.updated_at = row.activity.newest(|counter| readable.includes(counter));
        let about = About::thread(&row);
        let row = self.reveal_as(reads.as_ref().unwrap_or(&permit), Some((about, &shown.preview)), row)?;
        let everyone = Some(Audience::Everyone);
        let reading = self.viewer.decide(&asked.asking(Action::Read(Read::ThreadReadMessage), everyone));
        let rows_max = PREVIEWED_MESSAGES.saturating_add(1);
        let page = MessagePage { after: i64::MIN, before: i64::MAX, from_end: true, rows_max };
        let mut rows = match &reading {
            Some(_) => messages::messages(&*self.snapshot()?, thread, &readable, page)?,
            None => Vec::new(),
        };
        let has_older = rows.len() > PREVIEWED_MESSAGES;
        rows.truncate(PREVIEWED_MESSAGES);
        rows.reverse();
        let mut messages = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(reading) = &reading else { continue };
            let author = match row.author.person() {
                Some(author) => self.name_of(&permit, author)?,
                None => None,
            };
            let delegate = self.helper(&row);
            let row = self.reveal_as(reading, Some((about, &shown.preview)), row)?;
            messages.push(PreviewedMessage { row, author, delegate });
        }
        Ok(Some(PreviewedThread { row, reads_answer: reads.is_some(), messages, has_older }))
    }
}
