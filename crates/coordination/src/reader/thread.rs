//! Reads of one thread of any kind: its header, the content of its lifecycle, and who takes part. `thread/messages.rs` has its
//! messages, `thread/acts.rs` the actions of the reader in it.

mod acts;
mod messages;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use care::command_name::Named as _;
use care::conversation::{HideFromDelegates, ShowToDelegates};
use care::ids::{Id, OrganizationId, PersonId, PoolId, ThreadId};
use care::lifecycle::consultation::Assign;
use care::shown::Digest;
use care::thread::Thread;
use chrono::{DateTime, Utc};
use journal::Revision;
use policy::decide::Permit;
use policy::reach::HeldStanding;
use policy::visible::Visible;
use policy::words::{Action, Read, Standing};

use crate::access::About;
use crate::authorization::hiding;
use crate::authorization::thread::ThreadFacts;
use crate::authorization::{Subject, nothing};
use crate::fault::Fault;
use crate::processes::LooseEnd;
use crate::read_models::inbox;
use crate::read_models::lifecycle::consultation::{self, AssignmentReasonRow};
use crate::read_models::lifecycle::{Depth, LifecycleView};
use crate::read_models::messages::{Readable, known_to_delegates};
use crate::read_models::organizations::{self, OrganizationRow, PoolRow};
use crate::read_models::participants::{self, InvitationRow, ParticipantRow};
use crate::read_models::threads::{self, ThreadRow};
use crate::reader::page::{Connection, Edge, Page, PageProblem, connection};
use crate::reader::{PersonRow, Reader};
use crate::tokens::{Key, List, VersionToken};

pub use acts::Can;
pub(super) use acts::can_be_given;
pub(super) use messages::receipts_of;

/// A thread as its reader may see it, with the reader's standings.
pub struct ThreadView {
    row: Visible<ThreadRow>,
    facts: ThreadFacts,
    held: Vec<HeldStanding>,
    found: Permit,
    /// The permit to read it; none for who only finds it.
    read: Option<Permit>,
    readable: Readable,
    /// The aggregate, loaded for the first question about a command.
    state: OnceLock<Thread>,
    /// Whether its texts were erased, asked of the key store once.
    is_erased: OnceLock<bool>,
}

impl ThreadView {
    /// The facts that decide who may do what in it.
    pub(super) fn facts(&self) -> &ThreadFacts {
        &self.facts
    }

    /// What the reader is to it.
    pub(super) fn held(&self) -> &[HeldStanding] {
        &self.held
    }

    /// Whether it is about a patient. None for who may not read its content: whether there is a patient is content.
    #[must_use]
    pub fn is_about_patient(&self) -> Option<bool> {
        let read = self.read.as_ref()?;
        (!threads::is_outside(read)).then(|| self.row.patient.is_some())
    }

    /// The permit under which the header is shown.
    fn header_permit(&self) -> &Permit {
        self.read.as_ref().unwrap_or(&self.found)
    }
}

impl std::ops::Deref for ThreadView {
    type Target = ThreadRow;
    fn deref(&self) -> &ThreadRow {
        &self.row
    }
}

/// Whom hiding a thread from delegates concerns, or showing it to them.
pub struct ThreadDelegates {
    /// The delegates who have read or written in it.
    pub known_to: Vec<Arc<Visible<PersonRow>>>,
    /// The delegates who would see it if it were not hidden, or who see it.
    pub would_see: Vec<Arc<Visible<PersonRow>>>,
    /// A hash of that list.
    pub version: Digest,
}

/// A row that the reader may find. None of its texts is opened yet: a list finds more rows than it shows, and opened
/// texts count as read.
pub(super) struct Findable {
    row: ThreadRow,
    facts: ThreadFacts,
    held: Vec<HeldStanding>,
    found: Permit,
    read: Option<Permit>,
    readable: Readable,
    /// The newest activity that the reader may know of.
    newest: DateTime<Utc>,
}

/// Why a thread is in a list of the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListRestsOn {
    /// The reader has a standing to it, which the list proves for the snapshot.
    Standing,
    /// A fact of the thread, such as whom it is about, which proves no standing.
    Fact,
}

impl Findable {
    /// Whether the reader has no place in the thread.
    pub(super) fn is_outside(&self) -> bool {
        threads::is_outside(self.read.as_ref().unwrap_or(&self.found))
    }

    /// Whether the reader finds it by their work, and not as the patient or as one who helps the patient. Only then it is
    /// among what their pool or organization has to do.
    pub(super) fn is_work(&self) -> bool {
        self.found.held().is_of_team()
    }

    /// The key of the row in an inbox: the newest activity that the reader may know of.
    pub(super) fn inbox_key(&self) -> Key {
        inbox::key(self.row.thread, self.newest)
    }
}

impl Reader {
    /// A thread, if the reader may find it.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn thread(&self, id: ThreadId) -> Result<Option<ThreadView>, Fault> {
        let Some((facts, held)) = self.found_in_memory(id) else {
            self.refused(Action::Read(Read::ThreadFind), id.uuid())?;
            return Ok(None);
        };
        self.thread_found(id, facts, held)
    }

    /// A thread that was asked for by another question too, which records the try if the reader may not find it.
    pub(super) fn thread_beside(&self, id: ThreadId) -> Result<Option<ThreadView>, Fault> {
        let Some((facts, held)) = self.found_in_memory(id) else { return Ok(None) };
        self.thread_found(id, facts, held)
    }

    fn thread_found(
        &self,
        id: ThreadId,
        facts: ThreadFacts,
        held: Vec<HeldStanding>,
    ) -> Result<Option<ThreadView>, Fault> {
        let Some(row) = threads::thread(&*self.snapshot()?, id, self.person())? else { return Ok(None) };
        let held = self.agreed(&Subject::Thread(id), held)?;
        self.findable(row, facts, held)?.map(|found| self.shown(found)).transpose()
    }

    /// The facts of a thread and what the reader is to it, if the reader may find it by the state in memory.
    fn found_in_memory(&self, id: ThreadId) -> Option<(ThreadFacts, Vec<HeldStanding>)> {
        self.about_thread(id, |facts, held| {
            let asked = facts.map_or_else(nothing, |facts| facts.asked(&held));
            let finds = self.decide(Action::Read(Read::ThreadFind), &asked).is_some();
            facts.filter(|_| finds).cloned().map(|facts| (facts, held))
        })
    }

    /// Whether the reader may find a thread, by the state in memory.
    pub(super) fn finds_thread(&self, id: ThreadId) -> bool {
        self.about_thread(id, |facts, held| {
            facts.is_some_and(|facts| self.decide(Action::Read(Read::ThreadFind), &facts.asked(&held)).is_some())
        })
    }

    /// A thread that a list names, if the reader may find it. Memory is asked first, so that no row is read of one that
    /// they may not find.
    pub(super) fn listed(&self, id: ThreadId, rests_on: ListRestsOn) -> Result<Option<Findable>, Fault> {
        let Some((facts, held)) = self.found_in_memory(id) else { return Ok(None) };
        let held = match rests_on {
            ListRestsOn::Standing => held,
            ListRestsOn::Fact => self.agreed(&Subject::Thread(id), held)?,
        };
        let Some(row) = threads::thread(&*self.snapshot()?, id, self.person())? else { return Ok(None) };
        self.findable(row, facts, held)
    }

    fn findable(&self, row: ThreadRow, facts: ThreadFacts, held: Vec<HeldStanding>) -> Result<Option<Findable>, Fault> {
        let asked = facts.asked(&held);
        let Some(found) = self.decide(Action::Read(Read::ThreadFind), &asked) else { return Ok(None) };
        let read = self.decide(Action::Read(Read::ThreadRead), &asked);
        let readable = self.readable(row.thread, &asked)?;
        let newest = match self.known_since(&row, read.as_ref().unwrap_or(&found))? {
            Some(since) => since,
            None => row.activity.newest(|counter| readable.includes(counter)),
        };
        Ok(Some(Findable { row, facts, held, found, read, readable, newest }))
    }

    /// Whether the reader may know whom a thread is about, as with [`Self::patient_of`].
    pub(super) fn names_patient(&self, found: &Findable) -> bool {
        let permit = self.decide(Action::Read(Read::PatientRead), &found.facts.asked(&found.held));
        permit.is_some() && !found.is_outside()
    }

    /// The permit to know who takes part in a found thread.
    pub(super) fn lists_participants(&self, found: &Findable) -> Option<Permit> {
        self.decide(Action::Read(Read::ThreadListParticipants), &found.facts.asked(&found.held))
    }

    /// Whether the reader has put the thread away from their inbox and nothing has arrived for them since.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn is_put_away(&self, view: &ThreadView) -> Result<bool, Fault> {
        inbox::is_put_away(&*self.snapshot()?, view.thread, &view.readable)
    }

    /// The same of a row of a list.
    pub(super) fn is_away(&self, found: &Findable) -> Result<bool, Fault> {
        inbox::is_put_away(&*self.snapshot()?, found.row.thread, &found.readable)
    }

    /// Since when who is outside of a thread has known of it: the one activity that they see. None for
    /// who has a place in it.
    fn known_since(&self, row: &ThreadRow, permit: &Permit) -> Result<Option<DateTime<Utc>>, Fault> {
        if !threads::is_outside(permit) {
            return Ok(None);
        }
        if permit.standing() == Standing::Invited {
            let invitation = participants::invitation(&*self.snapshot()?, row.thread, self.person())?;
            return Ok(invitation.map(|invitation| invitation.invited_at));
        }
        Ok(row.waiting_on.as_ref().map(|waiting| waiting.since))
    }

    /// Shows a found row: opens the texts that may be read, and notes them for the access record.
    pub(super) fn shown(&self, found: Findable) -> Result<ThreadView, Fault> {
        let Findable { mut row, facts, held, found, read, readable, newest } = found;
        row.updated_at = newest;
        let about = Some(About::thread(&row));
        let row = self.reveal(read.as_ref().unwrap_or(&found), about, row)?;
        Ok(ThreadView { row, facts, held, found, read, readable, state: OnceLock::new(), is_erased: OnceLock::new() })
    }

    /// The version of a thread, for the next command that relies on it.
    ///
    /// # Errors
    /// [`Fault`] when the vault fails.
    pub fn version(&self, view: &ThreadView) -> Result<VersionToken, Fault> {
        // Who is outside of it is not told by a changed version that something happened.
        let version = if threads::is_outside(view.header_permit()) { Revision(0) } else { view.state_version };
        self.application.tokens().version(view.thread, version)
    }

    /// The part of the lifecycle that everyone who finds the thread may know. No text is opened, so nothing counts as
    /// read when a list shows it.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn lifecycle_header(&self, view: &ThreadView) -> Result<Option<Visible<LifecycleView>>, Fault> {
        let row = LifecycleView::read(&*self.snapshot()?, view.thread, view.kind, Depth::Header)?;
        Ok(row.map(|row| view.header_permit().show(row)))
    }

    /// The lifecycle with its content; `None` if the reader may not read it now.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn lifecycle(&self, view: &ThreadView) -> Result<Option<Visible<LifecycleView>>, Fault> {
        let asked = view.facts.asked(&view.held);
        let Some(read) = self.decide(Action::Read(Read::ThreadRead), &asked) else { return Ok(None) };
        let depth = Depth::Content(read.reach());
        let row = LifecycleView::read(&*self.snapshot()?, view.thread, view.kind, depth)?;
        row.map(|row| self.reveal(&read, Some(About::thread(view)), row)).transpose()
    }

    /// Why the asking side last asked for an assignment of a consultation; none if it has not, or if the policy does not
    /// let the reader assign it. The words are shown if the reader may read the thread.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn assignment_reason(&self, view: &ThreadView) -> Result<Option<Visible<AssignmentReasonRow>>, Fault> {
        let asked = view.facts.asked(&view.held);
        let Some(assigns) = self.decide(Action::Command(Assign::NAME), &asked) else { return Ok(None) };
        let permit = self.decide(Action::Read(Read::ThreadRead), &asked).unwrap_or(assigns);
        let row = consultation::assignment_reason(&*self.snapshot()?, view.thread)?;
        row.map(|row| self.reveal(&permit, Some(About::thread(view)), row)).transpose()
    }

    /// Whom hiding the thread from delegates concerns, or showing it to them; none for who may do neither.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn thread_delegates(&self, view: &ThreadView) -> Result<Option<ThreadDelegates>, Fault> {
        let asked = view.facts.asked(&view.held);
        let acts = [HideFromDelegates::NAME, ShowToDelegates::NAME].map(Action::Command);
        let Some(permit) = acts.into_iter().find_map(|act| self.decide(act, &asked)) else { return Ok(None) };
        let named = |persons: BTreeSet<PersonId>| -> Result<Vec<_>, Fault> {
            let names = persons.into_iter().map(|person| self.name_of(&permit, person));
            Ok(names.collect::<Result<Vec<_>, Fault>>()?.into_iter().flatten().collect())
        };
        let would_see = self.application.projector().authorization().would_see(view.thread, self.now);
        let version = hiding::version(view.thread, &would_see);
        let known_to = known_to_delegates(&*self.snapshot()?, view.thread)?;
        Ok(Some(ThreadDelegates {
            known_to: named(known_to.into_iter().collect())?,
            would_see: named(would_see.iter().map(|each| each.person).collect())?,
            version,
        }))
    }

    /// The current and former participants, the opener first; an empty page if the reader may not list them.
    ///
    /// # Errors
    /// [`PageProblem`] for a page that cannot be; [`Fault`] if this node fails.
    pub fn participants(
        &self,
        view: &ThreadView,
        page: &Page,
    ) -> Result<Result<Connection<Visible<ParticipantRow>>, PageProblem>, Fault> {
        let list = List::Participants(view.thread);
        let bounds = match self.forward(list, page) {
            Ok(bounds) => bounds,
            Err(problem) => return Ok(Err(problem)),
        };
        let lists = self.decide(Action::Read(Read::ThreadListParticipants), &view.facts.asked(&view.held));
        let mut rows = match &lists {
            Some(_) => participants::participants(&*self.snapshot()?, view.thread)?,
            None => Vec::new(),
        };
        // A thread has few participants, so all are read and the page is cut here.
        let place = |row: &ParticipantRow| (row.revision, row.person.uuid());
        rows.sort_unstable_by_key(place);
        rows.retain(|row| bounds.after.is_none_or(|after| place(row) > (after.number, after.id)));
        rows.truncate(bounds.rows_max.saturating_add(1));
        let cursors = self.application.tokens().cursors(list, self.person());
        let edges = rows.into_iter().filter_map(|row| {
            let (number, id) = place(&row);
            Some(Edge { node: lists.as_ref()?.show(row), cursor: cursors.at(Key { number, id }) })
        });
        Ok(Ok(connection(edges.collect(), bounds)))
    }

    /// The open invitations; none if the reader may not list the participants. The reason of an invitation is shown if
    /// the reader may read the thread.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn invitations(&self, view: &ThreadView) -> Result<Vec<Visible<InvitationRow>>, Fault> {
        let asked = view.facts.asked(&view.held);
        let Some(lists) = self.decide(Action::Read(Read::ThreadListParticipants), &asked) else {
            return Ok(Vec::new());
        };
        let permit = self.decide(Action::Read(Read::ThreadRead), &asked).unwrap_or(lists);
        let mut rows = participants::invitations(&*self.snapshot()?, view.thread)?;
        rows.retain(|row| self.is_open(view, row));
        rows.into_iter().map(|row| self.reveal(&permit, Some(About::thread(view)), row)).collect()
    }

    /// The reader's own invitation, if they can still accept it. Its content is not shown, since an invited person does
    /// not take part yet.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn own_invitation(&self, view: &ThreadView) -> Result<Option<Visible<InvitationRow>>, Fault> {
        let row = participants::invitation(&*self.snapshot()?, view.thread, self.person())?;
        Ok(row.filter(|row| self.is_open(view, row)).map(|row| view.found.show(row)))
    }

    /// Whether an invitation is open, if the state in memory and the snapshot agree. The process that ends it may run
    /// after its end.
    fn is_open(&self, view: &ThreadView, row: &InvitationRow) -> bool {
        view.facts.invitations.contains_key(&row.person) && row.expires_at > self.now
    }

    /// A person whom the thread names.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn person_in(&self, view: &ThreadView, person: PersonId) -> Result<Option<Arc<Visible<PersonRow>>>, Fault> {
        self.name_of(&view.found, person)
    }

    /// The permit for a read of an object to which this thread refers.
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
        Ok(organizations::organization(&*self.snapshot()?, id)?.map(|row| view.found.show(row)))
    }

    /// A pool that a thread names.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn pool_in(&self, view: &ThreadView, pool: PoolId) -> Result<Option<Visible<PoolRow>>, Fault> {
        let found = organizations::pool(&*self.snapshot()?, pool)?;
        Ok(found.map(|pool| self.shown_pool(&view.found, pool)))
    }

    /// The loose ends of the organizations that the reader coordinates or administers: only kind, beginning and due time,
    /// and none about the reader. They are computed once for each reader.
    #[must_use]
    pub fn loose_ends(&self) -> Vec<LooseEnd> {
        self.loose_ends.get_or_init(|| self.application.loose_ends_of(self.person(), self.now)).clone()
    }

    /// The pools that take part in a thread beside its owner; none for who is outside of it.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn pools_in(&self, view: &ThreadView) -> Result<Vec<Visible<PoolRow>>, Fault> {
        if threads::is_outside(view.header_permit()) {
            return Ok(Vec::new());
        }
        view.facts.pools.iter().filter_map(|pool| self.pool_in(view, *pool).transpose()).collect()
    }
}
