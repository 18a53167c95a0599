//! Messages, recommendations and persons asked for by their id alone, as a client does that refreshes one object.
//!
//! Nothing more is seen so than in the thread, on the care team or at the workplace where the object is shown: the same
//! questions to the policy, the same redaction, the same access record. What is missing and what is forbidden have the
//! same answer, after the same questions, and the same rows are looked for. What is forbidden has standings to compare,
//! and what is missing has none, so the one can take some microseconds longer (`just bench` has both beside each other);
//! ids are random, so nobody can ask for one that they were not given.

use std::sync::Arc;

use care::conversation::Party;
use care::ids::{Id, MessageId, OrganizationId, PatientId, PersonId, RecommendationId, ThreadId};
use care::words::{Audience, DelegationState};
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::reach::Reach;
use policy::visible::Visible;
use policy::words::{Action, Read, Standing};

use crate::authorization::care_team::CareTeamFacts;
use crate::authorization::{Subject, nothing};
use crate::fault::Fault;
use crate::read_models::companions::{ThreadsTogether, threads_together};
use crate::read_models::counter::Counter;
use crate::read_models::lifecycle::consultation::place_of_recommendation;
use crate::read_models::lifecycle::{Depth, LifecycleView};
use crate::read_models::messages::{self, MessageRow, Readable, ReadableCounter};
use crate::read_models::{participants, patients, threads};
use crate::reader::thread::receipts_of;
use crate::reader::{PersonRow, Reader, ThreadView, Uncounted, Worklist};

/// Threads, and care teams, that are looked at for a person. There are so many for each person who is asked for, if the
/// reader has as many.
const LOOKED_AT_MAX: usize = 8;

/// Threads of which a delegate is asked whether they may find them, before as many are looked at.
const LOOKED_AT_BY_DELEGATE_MAX: usize = 256;

/// As how many rows a person counts who is asked for by id: the same whatever was looked at, since what the reader may not
/// see is looked at too.
const PERSON_COUNTS_AS: usize = 64;

/// A message with the thread that shows it.
pub struct MessageInThread {
    /// The thread.
    pub thread: ThreadView,
    /// The message.
    pub message: Visible<MessageRow>,
}

/// The content of a thread that shows a recommendation.
pub struct ContentInThread {
    /// The thread.
    pub thread: ThreadView,
    /// Its lifecycle, with the content.
    pub content: Visible<LifecycleView>,
}

impl Reader {
    /// A message, if its thread shows it to the reader.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn message_by_id(&self, message: MessageId) -> Result<Option<MessageInThread>, Fault> {
        let place = messages::thread_of(&*self.snapshot()?, message)?;
        let thread = place.unwrap_or(ThreadId::from_uuid(uuid::Uuid::nil()));
        let (finds, reach) = self.about_thread(thread, |facts, held| {
            let asked = facts.map_or_else(nothing, |facts| facts.asked(&held));
            let finds = self.decide(Action::Read(Read::ThreadFind), &asked).is_some();
            (finds, self.viewer.readable_messages(&asked))
        });
        // An audience that may not be read is looked into as well, from a number that no message has.
        let from =
            |audience| reach.reach(audience).map_or(u32::MAX, |reach| reach.since.map_or(0, |since| since.number));
        let to = |audience| reach.reach(audience).map_or(Ok(None), |reach| self.last_readable(thread, &reach));
        let each = Audience::ALL.iter().map(|audience| {
            Ok(ReadableCounter {
                counter: Counter::of(*audience, self.person(), reach.is_of_team()),
                from: from(*audience),
                to: to(*audience)?,
            })
        });
        let readable = Readable { viewer: self.person(), counters: each.collect::<Result<_, Fault>>()? };
        // A message of a thread that may not be found is looked for where one that is missing is: to find it in the
        // index and to read its row would take several times as long.
        let within = if finds { thread } else { ThreadId::from_uuid(uuid::Uuid::nil()) };
        let row = messages::message(&*self.snapshot()?, within, message, &readable)?;
        if row.is_none() {
            self.refused(Action::Read(Read::ThreadReadMessage), message.uuid())?;
            return Ok(None);
        }
        let Some(view) = self.thread(thread)? else { return Ok(None) };
        let row = self.message(&view, message)?;
        Ok(row.map(|message| MessageInThread { thread: view, message }))
    }

    /// The content of the thread of a recommendation, if it shows the recommendation to the reader.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn content_with(&self, recommendation: RecommendationId) -> Result<Option<ContentInThread>, Fault> {
        let place = place_of_recommendation(&*self.snapshot()?, recommendation)?;
        let thread = place.map_or(ThreadId::from_uuid(uuid::Uuid::nil()), |place| place.thread);
        let (finds, read) = self.about_thread(thread, |facts, held| {
            let asked = facts.map_or_else(nothing, |facts| facts.asked(&held));
            let finds = self.decide(Action::Read(Read::ThreadFind), &asked).is_some();
            (finds, self.decide(Action::Read(Read::ThreadRead), &asked))
        });
        let is_within = |read: Permit| place.is_some_and(|place| read.reach().covers_at(place.at));
        if !finds || !read.is_some_and(is_within) {
            self.refused(Action::Read(Read::ThreadRead), recommendation.uuid())?;
            return Ok(None);
        }
        let Some(view) = self.thread(thread)? else { return Ok(None) };
        let content = self.lifecycle(&view)?;
        Ok(content.map(|content| ContentInThread { thread: view, content }))
    }

    /// A person whom the reader meets somewhere now: themselves, a person with a role at an organization of theirs, a
    /// member of a care team that they may read, or a person whom a thread in their inbox or worklists shows to them.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn person_by_id(&self, person: PersonId) -> Result<Option<Arc<Visible<PersonRow>>>, Fault> {
        if person == self.person() {
            return self.me();
        }
        self.take_rows(PERSON_COUNTS_AS)?;
        let Uncounted { found: permits, rows: _ } =
            self.uncounted(|| Ok([self.colleague(person)?, self.on_a_care_team(person)?, self.in_a_thread(person)?]))?;
        match permits.iter().flatten().next() {
            Some(permit) => self.name_of(permit, person),
            None => {
                self.refused(Action::Read(Read::PersonRead), person.uuid())?;
                Ok(None)
            }
        }
    }

    /// The permit to read the persons of an organization of the reader, if the person has a role there now.
    fn colleague(&self, person: PersonId) -> Result<Option<Permit>, Fault> {
        let mut organizations: Vec<OrganizationId> =
            self.my_roles().into_iter().map(|(organization, _)| organization).collect();
        organizations.sort_unstable();
        organizations.dedup();
        let works_at = self.employers(person);
        let mut found = None;
        for organization in organizations {
            let subject = Subject::Organization(organization);
            let held = self.agreed(&subject, self.held(&subject))?;
            let permit = self.decide(Action::Read(Read::PersonRead), &ThingFacts::unlabelled(&held));
            found = found.or(permit.filter(|_| works_at.contains(&organization)));
        }
        Ok(found)
    }

    /// The permit to read a care team with the person on it, among those of the reader's own patients.
    fn on_a_care_team(&self, person: PersonId) -> Result<Option<Permit>, Fault> {
        let mut patients: Vec<(bool, PatientId)> = {
            let all = patients::patients_of(&*self.snapshot()?, self.person())?;
            let authorization = self.application.projector().authorization();
            let is_member = |patient: &PatientId| {
                let team = authorization.entity::<CareTeamFacts>(patient.uuid());
                team.is_some_and(|team| team.members.get(&person).is_some_and(|held| held.period.holds(self.now)))
            };
            all.into_iter().map(|row| (is_member(&row.patient), row.patient)).collect()
        };
        patients.sort_unstable_by_key(|(is_member, patient)| (!is_member, *patient));
        let mut found = None;
        for (is_member, patient) in patients.into_iter().take(LOOKED_AT_MAX) {
            let subject = Subject::Patient(patient);
            let held = self.agreed(&subject, self.held(&subject))?;
            let facts = ThingFacts::unlabelled(&held);
            let knows = self.decide(Action::Read(Read::PatientRead), &facts);
            let reads = self.decide(Action::Read(Read::CareTeamRead), &facts);
            found = found.or(knows.and(reads).filter(|_| is_member));
        }
        Ok(found)
    }

    /// The permit to find a thread that shows the person, among those of the reader's lists.
    fn in_a_thread(&self, person: PersonId) -> Result<Option<Permit>, Fault> {
        let lists = [Worklist::Mine, Worklist::MyPools, Worklist::Waiting];
        let criteria: Vec<_> = lists.into_iter().flat_map(|list| self.criteria(list)).collect();
        let reader = self.person();
        let helps = {
            let state = self.application.projector().authorization();
            state.delegations_to(reader).any(|(_, facts)| facts.state == DelegationState::Active)
        };
        let threads_max = if helps { LOOKED_AT_BY_DELEGATE_MAX } else { LOOKED_AT_MAX };
        let asked = ThreadsTogether { reader, with: person, criteria: &criteria, threads_max };
        let mut threads = threads_together(&*self.snapshot()?, &asked)?;
        if helps {
            // The inbox of a delegate has what lies outside of their scope, which must not take the place of what does not.
            threads.retain(|thread| self.finds_thread(*thread));
            threads.truncate(LOOKED_AT_MAX);
        }
        let mut found = None;
        for thread in threads {
            let shown = self.shows(thread, person)?;
            found = found.or(shown);
        }
        Ok(found)
    }

    /// The permit to find a thread, if it shows the person to the reader.
    fn shows(&self, thread: ThreadId, person: PersonId) -> Result<Option<Permit>, Fault> {
        let subject = Subject::Thread(thread);
        let facts = self.thread_facts(thread);
        let held = self.agreed(&subject, self.held(&subject))?;
        let asked = facts.as_ref().map_or_else(nothing, |facts| facts.asked(&held));
        let find = self.decide(Action::Read(Read::ThreadFind), &asked);
        let list = self.decide(Action::Read(Read::ThreadListParticipants), &asked);
        let read = self.decide(Action::Read(Read::ThreadRead), &asked);
        let readable = self.readable(thread, &asked)?;
        let snapshot = self.snapshot()?;
        let receipts = receipts_of(list.as_ref());
        let in_messages = messages::show_person(&snapshot, thread, person, &readable, receipts)?;
        let invitation = participants::invitation(&snapshot, thread, self.person())?;
        let (Some(facts), Some(find)) = (facts, find) else { return Ok(None) };

        let invites = facts.invitations.contains_key(&self.person())
            && invitation.is_some_and(|own| own.expires_at > self.now && own.invited_by.person() == Some(person));
        let header = read.as_ref().unwrap_or(&find);
        let reach = read.as_ref().map_or(Reach::FULL, Permit::reach);
        let lifecycle = LifecycleView::read(&snapshot, thread, facts.kind, Depth::Content(reach))?;
        let in_lifecycle = lifecycle.is_some_and(|row| header.show(row).persons().contains(&person));
        let opens_or_owns =
            [facts.opened_by.person(), facts.requester.person(), facts.owner.person()].contains(&Some(person));
        let has_turn = facts.waiting.is_some_and(|waiting| waiting.on.party == Party::Person(person));
        let takes_part = facts.participants.contains_key(&person) || facts.invitations.contains_key(&person);
        let is_shown = in_messages
            || in_lifecycle
            || invites
            || (opens_or_owns && !threads::is_outside(header))
            || (has_turn && header.standing() != Standing::Invited)
            || (takes_part && list.is_some());
        Ok(is_shown.then_some(find))
    }
}
