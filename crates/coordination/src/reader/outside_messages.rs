//! Reading messages from outside: to which organizations one can be sent, what waits for who handles them, and what stands
//! in a thread. Who sent one reads nothing of it.

use std::sync::Arc;

use care::command_name::{Acts as _, Command as _, CommandName};
use care::ids::{Id, OrganizationId, OutsideMessageId, PersonId, ThreadId};
use care::outside_message::{OutsideMessageCommand, OutsideMessageRefusal};
use care::words::{Audience, OutsideState};
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::reach::HeldStanding;
use policy::visible::Visible;
use policy::words::{Action, Read};

use crate::access::About;
use crate::authorization::Subject;
use crate::authorization::index::Mark;
use crate::authorization::organization::OrganizationFacts;
use crate::authorization::outside_message::OutsideMessageFacts;
use crate::fault::Fault;
use crate::read_models::organizations::{self, OrganizationRow};
use crate::read_models::outside_messages::{self, OutsideMessageRow, OutsideNoteRow};
use crate::reader::thread::{Can, can_be_given};
use crate::reader::{PersonRow, Reader};

/// A message from outside as the reader may see it.
pub struct OutsideMessageView {
    row: Visible<OutsideMessageRow>,
    held: Vec<HeldStanding>,
    permit: Permit,
}

impl std::ops::Deref for OutsideMessageView {
    type Target = OutsideMessageRow;
    fn deref(&self) -> &OutsideMessageRow {
        &self.row
    }
}

/// What stands in a thread from outside, with the permit by which the reader reads it.
pub struct OutsideNotes {
    /// The notes, in the order in which they were attached.
    pub rows: Vec<Visible<OutsideNoteRow>>,
    permit: Permit,
}

/// What the reader may know of a message, before its text is opened.
struct Known {
    held: Vec<HeldStanding>,
    permit: Permit,
    facts: OutsideMessageFacts,
}

impl Reader {
    /// The organizations to which a message from outside can be sent, by name. None if the reader is not registered.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn places_to_write_to(&self) -> Result<Option<Vec<Visible<OrganizationRow>>>, Fault> {
        let subject = Subject::NewOutsideMessage;
        let held = self.agreed(&subject, self.held(&subject))?;
        let read = Action::Read(Read::OutsideMessageReadPlaces);
        let Some(permit) = self.decide(read, &ThingFacts::unlabelled(&held)) else { return Ok(None) };
        let ids: Vec<OrganizationId> = {
            let state = self.application.projector().authorization();
            state.all::<OrganizationFacts>().map(|(id, _)| OrganizationId::from_uuid(id)).collect()
        };
        let mut places = Vec::with_capacity(ids.len());
        for id in ids {
            places.extend(organizations::organization(&*self.snapshot()?, id)?.map(|row| permit.show(row)));
        }
        places.sort_by(|one, other| (&one.name, one.organization).cmp(&(&other.name, other.organization)));
        Ok(Some(places))
    }

    /// The messages from outside that still wait for staff, of the organizations at which the reader handles them: what is
    /// due first comes first, what has no due time last.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn outside_messages(&self) -> Result<Vec<OutsideMessageView>, Fault> {
        let mut views = Vec::new();
        for id in self.waiting(Mark::OutsideWaits).into_iter().map(OutsideMessageId::from_uuid) {
            views.extend(self.outside_message_after(id)?);
        }
        views.sort_by_key(|view| (view.due.is_none(), view.due, view.sent_at, view.message));
        Ok(views)
    }

    /// A message from outside, if the reader handles those of its organization.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn outside_message(&self, id: OutsideMessageId) -> Result<Option<OutsideMessageView>, Fault> {
        let view = self.outside_message_after(id)?;
        if view.is_none() {
            self.refused(Action::Read(Read::OutsideMessageRead), id.uuid())?;
        }
        Ok(view)
    }

    /// A message from outside after a command to it.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn outside_message_after(&self, id: OutsideMessageId) -> Result<Option<OutsideMessageView>, Fault> {
        let Some(Known { held, permit, facts }) = self.known_outside_message(id)? else { return Ok(None) };
        let row = outside_messages::message(&*self.snapshot()?, id, &facts)?;
        let row = self.reveal(&permit, Some(About::organization(facts.organization)), row)?;
        Ok(Some(OutsideMessageView { row, held, permit }))
    }

    fn known_outside_message(&self, id: OutsideMessageId) -> Result<Option<Known>, Fault> {
        let permitted = self.permitted(&Subject::OutsideMessage(id), Read::OutsideMessageRead)?;
        let Some((held, permit)) = permitted else { return Ok(None) };
        let facts = self.snapshot()?.entity::<OutsideMessageFacts>(id.uuid())?;
        Ok(facts.map(|facts| Known { held, permit, facts }))
    }

    /// Whether the reader can give a command to the message, as its state is.
    #[must_use]
    pub fn can_handle(&self, view: &OutsideMessageView, name: CommandName) -> Can {
        self.can_handle_in(view.state, &view.held, name)
    }

    /// The commands that the reader can give to a message now, by name; none if they may not know of it. Its text is not
    /// opened.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn possible_in_outside_message(&self, id: OutsideMessageId) -> Result<Vec<CommandName>, Fault> {
        let Some(Known { held, facts, .. }) = self.known_outside_message(id)? else { return Ok(Vec::new()) };
        can_be_given(OutsideMessageCommand::names(), |name| Ok(self.can_handle_in(facts.state, &held, name)))
    }

    fn can_handle_in(&self, state: OutsideState, held: &[HeldStanding], name: CommandName) -> Can {
        let may = self.viewer.may(Action::Command(name), None, &ThingFacts::unlabelled(held));
        let Some(act) = OutsideMessageCommand::named(name).filter(|_| may) else { return Can::NotPermitted };
        if act.is_taken_in(state) { Can::Yes } else { Can::Refused(OutsideMessageRefusal::NotInState { state }.into()) }
    }

    /// Whether the reader has taken the message.
    #[must_use]
    pub fn has_claimed(&self, view: &OutsideMessageView) -> bool {
        view.claimed_by == Some(self.person())
    }

    /// Somebody whom the reader meets in a message from outside.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn person_in_outside_message(
        &self,
        view: &OutsideMessageView,
        person: PersonId,
    ) -> Result<Option<Arc<Visible<PersonRow>>>, Fault> {
        self.name_of(&view.permit, person)
    }

    /// The organization to which a message from outside was sent.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn organization_of_outside_message(
        &self,
        view: &OutsideMessageView,
    ) -> Result<Option<Visible<OrganizationRow>>, Fault> {
        Ok(organizations::organization(&*self.snapshot()?, view.organization)?.map(|row| view.permit.show(row)))
    }

    /// What was told from outside and stands in a thread, for those who read what is written to the clinical team in it. None
    /// for anybody else, and where nothing stands in it: the two are not told apart. Who told something reads nothing of what
    /// became of it, also on the clinical team. It is asked beside the thread itself.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn notes_from_outside(&self, thread: ThreadId) -> Result<Option<OutsideNotes>, Fault> {
        let Some(view) = self.thread_beside(thread)? else { return Ok(None) };
        let asked = view.facts().asked(view.held());
        let (read, audience) = (Action::Read(Read::ThreadReadMessage), Some(Audience::ClinicalTeam));
        let Some(permit) = self.viewer.decide(&asked.asking(read, audience)) else { return Ok(None) };
        let reach = permit.reach();
        // Those that are kept from the reader count against no limit.
        let mut rows = self.uncounted(|| outside_messages::notes(&*self.snapshot()?, thread))?.found;
        rows.retain(|row| row.person != self.person() && reach.covers_at(row.at));
        self.take_rows(rows.len())?;
        let reveal = |row| self.reveal(&permit, Some(About::thread(&view)), row);
        let rows: Vec<Visible<OutsideNoteRow>> = rows.into_iter().map(reveal).collect::<Result<_, _>>()?;
        Ok((!rows.is_empty()).then_some(OutsideNotes { rows, permit }))
    }

    /// Somebody whom the reader meets in what stands in a thread from outside.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn person_in_notes(
        &self,
        notes: &OutsideNotes,
        person: PersonId,
    ) -> Result<Option<Arc<Visible<PersonRow>>>, Fault> {
        self.name_of(&notes.permit, person)
    }
}
