//! Reads of one thread of any kind: its header, the content of its lifecycle, its messages, and the actions of the
//! reader in it.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use care::aggregate::{Acting, ReadableAudiences};
use care::command_name::{CommandName, Named as _};
use care::conversation::{HideFromDelegates, ShowToDelegates};
use care::ids::{CommandId, Id, MessageId, OrganizationId, PersonId, PoolId, ThreadId};
use care::lifecycle::consultation::Assign;
use care::shown::Digest;
use care::thread::Thread;
use care::words::{Audience, Capacity};
use chrono::{DateTime, Utc};
use journal::Revision;
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::reach::{HeldStanding, Reach};
use policy::visible::Visible;
use policy::words::{Action, Read, Standing};
use vault::Node;

use crate::access::About;
use crate::authorization::hiding;
use crate::authorization::lookups::LookupsAt;
use crate::authorization::thread::{ThreadFacts, standings};
use crate::authorization::{Subject, certain, nothing};
use crate::fault::{Fault, Refusal};
use crate::processes::LooseEnd;
use crate::read_models::counter::Counter;
use crate::read_models::inbox;
use crate::read_models::lifecycle::consultation::{self, AssignmentReasonRow};
use crate::read_models::lifecycle::{Depth, LifecycleView};
use crate::read_models::messages::{
    self, MessagePage, MessageRow, ReadReceiptRow, Readable, ReadableCounter, ReceiptsOf,
};
use crate::read_models::organizations::{self, OrganizationRow, PoolRow};
use crate::read_models::participants::{self, InvitationRow, ParticipantRow};
use crate::read_models::threads::{self, ThreadRow};
use crate::reader::page::{Bounds, Connection, Edge, Page, PageProblem, connection};
use crate::reader::under_delegation::UnderDelegation;
use crate::reader::{PersonRow, Reader};
use crate::sealing;
use crate::tokens::{Key, List, VersionToken};

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

/// Whose receipts may be seen under the permit to list the participants: a delegate learns of no other delegate.
pub(super) fn receipts_of(lists: Option<&Permit>) -> ReceiptsOf {
    match lists {
        None => ReceiptsOf::Nobody,
        Some(permit) if permit.standing() == Standing::Delegate => ReceiptsOf::AllButDelegates,
        Some(_) => ReceiptsOf::All,
    }
}

/// Whether a command would be accepted now, decided without its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Can {
    /// It would, if its data are valid.
    Yes,
    /// The policy does not permit it.
    NotPermitted,
    /// The state does not allow it.
    Refused(Refusal),
    /// It has a text, and the texts there were erased.
    Erased,
}

/// The commands among these that can be given, in the order of their names.
pub(super) fn can_be_given(
    mut names: Vec<CommandName>,
    can: impl Fn(CommandName) -> Result<Can, Fault>,
) -> Result<Vec<CommandName>, Fault> {
    names.sort_unstable_by_key(|name| name.word());
    let mut given = Vec::new();
    for name in names {
        if can(name)? == Can::Yes {
            given.push(name);
        }
    }
    Ok(given)
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
        crate::read_models::inbox::key(self.row.thread, self.newest)
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

    /// The messages that the reader may read, for queries.
    pub(super) fn readable(&self, thread: ThreadId, asked: &ThingFacts<'_>) -> Result<Readable, Fault> {
        self.readable_by(self.person(), thread, asked)
    }

    /// The messages of a thread that a person may read by these standings.
    pub(super) fn readable_by(
        &self,
        person: PersonId,
        thread: ThreadId,
        asked: &ThingFacts<'_>,
    ) -> Result<Readable, Fault> {
        let reaches = self.viewer.readable_messages(asked);
        let counters = reaches.audiences().map(|(audience, reach)| {
            Ok(ReadableCounter {
                counter: Counter::of(audience, person, reaches.is_of_team()),
                from: reach.since.map_or(0, |since| since.number),
                to: self.last_readable(thread, &reach)?,
            })
        });
        Ok(Readable { viewer: person, counters: counters.collect::<Result<_, Fault>>()? })
    }

    /// The number of the last message that a reach with an end covers; none if it covers all that come.
    pub(super) fn last_readable(&self, thread: ThreadId, reach: &Reach) -> Result<Option<u32>, Fault> {
        let Some(until) = reach.until else { return Ok(None) };
        // What comes after the newest message is not covered either.
        Ok(messages::last_until(&*self.snapshot()?, thread, until)?.or(Some(u32::MAX)))
    }

    /// The messages of the thread that another person may read now.
    fn readable_to(&self, view: &ThreadView, person: PersonId) -> Result<Readable, Fault> {
        let held = {
            let state = self.application.projector().authorization();
            certain(standings(&*state, view.thread, &view.facts, person, self.now))
        };
        let asked = view.facts.asked(&held);
        // Who may not find the thread reads nothing in it.
        match self.viewer.decide(&asked.asking(Action::Read(Read::ThreadFind), None)) {
            Some(_) => self.readable_by(person, view.thread, &asked),
            None => Ok(Readable { viewer: person, counters: Vec::new() }),
        }
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
        let page = MessagePage {
            after: after.map_or(i64::MIN, |key| key.number),
            before: before.map_or(i64::MAX, |key| key.number),
            from_end,
            rows_max: rows_max.saturating_add(1),
        };
        let rows = messages::messages(&*self.snapshot()?, view.thread, &view.readable, page)?;
        let permits = self.message_permits(view);
        let cursors = self.application.tokens().cursors(list, self.person());
        let mut edges = Vec::with_capacity(rows.len());
        for row in rows {
            let key = Key { number: row.number, id: row.message.uuid() };
            let audience = row.addressed.audience();
            let Some((_, permit)) = permits.iter().find(|(each, _)| *each == audience) else { continue };
            edges.push(Edge { node: (permit, row), cursor: cursors.at(key) });
        }
        let about = Some(About::thread(view));
        connection(edges, bounds).opened(|(permit, row)| self.reveal(permit, about, row)).map(Ok)
    }

    /// One message, if the reader may read it.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn message(&self, view: &ThreadView, message: MessageId) -> Result<Option<Visible<MessageRow>>, Fault> {
        let row = messages::message(&*self.snapshot()?, view.thread, message, &view.readable)?;
        let permits = self.message_permits(view);
        let permitted = row.and_then(|row| {
            let audience = row.addressed.audience();
            let permit = permits.into_iter().find(|(each, _)| *each == audience);
            permit.map(|(_, permit)| (permit, row))
        });
        permitted.map(|(permit, row)| self.reveal(&permit, Some(About::thread(view)), row)).transpose()
    }

    /// One permit for each audience that may be read: the policy decides by audience, not by message.
    fn message_permits(&self, view: &ThreadView) -> Vec<(Audience, Permit)> {
        let asked = view.facts.asked(&view.held);
        let permit =
            |audience| self.viewer.decide(&asked.asking(Action::Read(Read::ThreadReadMessage), Some(audience)));
        view.readable.audiences().filter_map(|audience| Some((audience, permit(audience)?))).collect()
    }

    /// The number of messages by others that the reader may read and that are newer than the reader's receipt.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn unread(&self, view: &ThreadView) -> Result<i64, Fault> {
        messages::unread(&*self.snapshot()?, view.thread, &view.readable)
    }

    /// The read receipts, if the reader may see them; the reader's own receipt always. Each covers only messages that its
    /// person may read now: who has read up to a message has not read what lies before it and is kept from them.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn read_receipts(&self, view: &ThreadView) -> Result<Vec<ReadReceiptRow>, Fault> {
        // Those that are kept from the reader count against no limit.
        let read = || messages::read_receipts(&*self.snapshot()?, view.thread, &view.readable);
        let mut receipts = self.uncounted(read)?.found;
        let lists = self.decide(Action::Read(Read::ThreadListParticipants), &view.facts.asked(&view.held));
        let of = receipts_of(lists.as_ref());
        receipts.retain(|receipt| receipt.person == self.person() || of.shows(receipt.capacity));
        self.take_rows(receipts.len())?;
        for receipt in receipts.iter_mut().filter(|receipt| receipt.person != self.person()) {
            receipt.readable = self.readable_to(view, receipt.person)?;
        }
        Ok(receipts)
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
        let known_to = messages::known_to_delegates(&*self.snapshot()?, view.thread)?;
        Ok(Some(ThreadDelegates {
            known_to: named(known_to.into_iter().collect())?,
            would_see: named(would_see.iter().map(|each| each.person).collect())?,
            version,
        }))
    }

    /// How a delegate who wrote a message helps the patient; none for a message by anybody else.
    #[must_use]
    pub fn helper(&self, message: &MessageRow) -> Option<UnderDelegation> {
        self.under_delegation(message.delegation?)
    }

    /// The current and former participants, the opener first; an empty page if the reader may not list them.
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
            Some(_) => participants::participants(&*self.snapshot()?, view.thread)?,
            None => Vec::new(),
        };
        // A thread has few participants, so all are read and the page is cut here.
        let place = |row: &ParticipantRow| (row.revision, row.person.uuid());
        rows.sort_unstable_by_key(place);
        rows.retain(|row| bounds.after.is_none_or(|after| place(row) > (after.number, after.id)));
        rows.truncate(bounds.rows_max.saturating_add(1));
        let cursors = self.application.tokens().cursors(list, self.person());
        let edge = |node: ParticipantRow| {
            let (number, id) = place(&node);
            Edge { node, cursor: cursors.at(Key { number, id }) }
        };
        Ok(Ok(connection(rows.into_iter().map(edge).collect(), bounds)))
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

    /// Whether a command of this name, to this audience if it has one, would be accepted now by the policy and by the
    /// state. Both use the same functions as the commands.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn can(&self, view: &ThreadView, name: CommandName, audience: Option<Audience>) -> Result<Can, Fault> {
        let asked = view.facts.asked(&view.held);
        let permitted = self.viewer.decide(&asked.asking(Action::Command(name), audience));
        let capacity = |permit: Permit| Some((self.viewer.capacity(&permit)?, permit));
        // As for a command: a person who may not act at all is refused.
        let Some((capacity, permit)) = permitted.and_then(capacity) else { return Ok(Can::NotPermitted) };
        let thread = self.state(view)?;
        Ok(match self.as_acting(&permit, capacity, |acting| thread.takes(name, acting)) {
            Ok(()) if Thread::needs_text(name) && self.is_erased(view)? => Can::Erased,
            Ok(()) => Can::Yes,
            Err(refusal) => Can::Refused(refusal.into()),
        })
    }

    /// The commands of the lifecycle, and the one that the thread waits for, that the state would accept now from
    /// the reader with some data, if the policy permitted them.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn possible(&self, view: &ThreadView) -> Result<Vec<CommandName>, Fault> {
        let permit = view.header_permit();
        let Some(capacity) = self.viewer.capacity(permit) else { return Ok(Vec::new()) };
        let thread = self.state(view)?;
        let awaited = view.waiting_on.as_ref().map(|waiting| waiting.action);
        let mut names: Vec<CommandName> = awaited.into_iter().chain(view.kind.command_names()).collect();
        names.sort_unstable_by_key(|name| name.word());
        names.dedup();
        self.as_acting(permit, capacity, |acting| names.retain(|name| thread.takes(*name, acting).is_ok()));
        Ok(names)
    }

    /// Asks a question about a command by the reader. Whether the state allows a command does not depend on any message.
    fn as_acting<T>(&self, permit: &Permit, capacity: Capacity, ask: impl FnOnce(&Acting<'_>) -> T) -> T {
        let state = self.application.projector().authorization();
        let lookups = LookupsAt { state: &state, now: self.now, namesakes: None };
        ask(&Acting {
            by: self.viewer.identity().actor(),
            role: permit.role(),
            capacity,
            grant: permit.reach().grant,
            thread: None,
            command: CommandId::from_uuid(uuid::Uuid::nil()),
            now: self.now,
            readable: ReadableAudiences::NONE,
            lookups: &lookups,
            time_zones: self.application.time_zones(),
        })
    }

    fn is_erased(&self, view: &ThreadView) -> Result<bool, Fault> {
        if let Some(is_erased) = view.is_erased.get() {
            return Ok(*is_erased);
        }
        let is_erased = sealing::is_destroyed(self.application.vault(), Node::Thread(view.thread.uuid()))?;
        Ok(*view.is_erased.get_or_init(|| is_erased))
    }

    /// The aggregate, loaded once for each view, so that a page of threads with all their actions loads each thread
    /// once.
    fn state<'v>(&self, view: &'v ThreadView) -> Result<&'v Thread, Fault> {
        if let Some(state) = view.state.get() {
            return Ok(state);
        }
        let state = threads::thread_state(&*self.snapshot()?, view.thread)?;
        Ok(view.state.get_or_init(|| state))
    }

    /// The default audience of a message of the reader in a thread, as the policy says it; none where the reader has to
    /// choose.
    #[must_use]
    pub fn default_audience(&self, view: &ThreadView) -> Option<Audience> {
        self.viewer.default_audience(view.kind, &view.held)
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
