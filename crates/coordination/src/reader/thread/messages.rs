//! The messages of a thread that its reader may read, and the receipts of others who have read them.

use care::ids::{Id, MessageId, PersonId, ThreadId};
use care::words::Audience;
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::reach::Reach;
use policy::visible::Visible;
use policy::words::{Action, Read, Standing};

use super::ThreadView;
use crate::access::About;
use crate::authorization::certain;
use crate::authorization::thread::standings;
use crate::fault::Fault;
use crate::read_models::counter::Counter;
use crate::read_models::messages::{
    self, MessagePage, MessageRow, ReadReceiptRow, Readable, ReadableCounter, ReceiptsOf,
};
use crate::reader::Reader;
use crate::reader::page::{Bounds, Connection, Edge, Page, PageProblem, connection};
use crate::reader::under_delegation::UnderDelegation;
use crate::tokens::{Key, List};

/// Whose receipts may be seen under the permit to list the participants: a delegate learns of no other delegate.
pub(in crate::reader) fn receipts_of(lists: Option<&Permit>) -> ReceiptsOf {
    match lists {
        None => ReceiptsOf::Nobody,
        Some(permit) if permit.standing() == Standing::Delegate => ReceiptsOf::AllButDelegates,
        Some(_) => ReceiptsOf::All,
    }
}

impl Reader {
    /// The messages that the reader may read, for queries.
    pub(in crate::reader) fn readable(&self, thread: ThreadId, asked: &ThingFacts<'_>) -> Result<Readable, Fault> {
        self.readable_by(self.person(), thread, asked)
    }

    /// The messages of a thread that a person may read by these standings.
    pub(in crate::reader) fn readable_by(
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
    pub(in crate::reader) fn last_readable(&self, thread: ThreadId, reach: &Reach) -> Result<Option<u32>, Fault> {
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
    pub fn read_receipts(&self, view: &ThreadView) -> Result<Vec<Visible<ReadReceiptRow>>, Fault> {
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
        let permit = lists.as_ref().unwrap_or(&view.found);
        Ok(receipts.into_iter().map(|receipt| permit.show(receipt)).collect())
    }

    /// How a delegate who wrote a message helps the patient; none for a message by anybody else.
    #[must_use]
    pub fn helper(&self, message: &MessageRow) -> Option<UnderDelegation> {
        self.under_delegation(message.delegation?)
    }
}
