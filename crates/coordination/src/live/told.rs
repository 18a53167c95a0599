//! Who is told of what happened in a thread: asked of the authorization state and the policy at the moment of the notice,
//! without a snapshot.

use care::conversation::Addressed;
use care::ids::{Id, PatientId, PersonId, ThreadId};
use care::notice::{Notice, NoticeTopic, Recipients};
use chrono::{DateTime, Utc};
use policy::decide::{Permit, Viewer};
use policy::question::ThingFacts;
use policy::words::{Action, Read};

use super::happening::InThread;
use crate::authorization::organization::membership;
use crate::authorization::patient::PatientFacts;
use crate::authorization::thread::{ThreadFacts, standings};
use crate::authorization::{AuthorizationState, care_team, certain, delegation, patient};
use crate::read_models::threads::is_outside;
use crate::read_models::worklist::{Worklist, WorklistCriterion, criteria};

/// Whom a notice is for, and when they are asked about.
pub(crate) struct Asked<'a> {
    pub state: &'a AuthorizationState,
    pub viewer: &'a Viewer,
    pub person: PersonId,
    pub now: DateTime<Utc>,
}

impl Asked<'_> {
    /// Whether the person may find a thread with these facts.
    pub fn finds(&self, thread: ThreadId, facts: &ThreadFacts) -> bool {
        let held = certain(standings(self.state, thread, facts, self.person, self.now));
        self.may(Read::ThreadFind, &facts.asked(&held)).is_some()
    }

    /// Whether the person is this patient, whose death is on record.
    fn is_deceased(&self, patient: PatientId) -> bool {
        let facts = self.state.entity::<PatientFacts>(patient.uuid());
        facts.is_some_and(|facts| facts.person == Some(self.person) && facts.died_at().is_some())
    }

    fn may(&self, read: Read, facts: &ThingFacts<'_>) -> Option<Permit> {
        self.viewer.decide(&facts.asking(Action::Read(read), None))
    }

    /// What the person is told of something that happened in a thread; none if it does not concern them, or they may not
    /// know of it. Of several topics the one that says most.
    pub fn topic(&self, happened: &InThread, facts: &ThreadFacts) -> Option<NoticeTopic> {
        // The account of a patient who died is told nothing: who reads there is not the patient.
        if facts.patient.is_some_and(|patient| self.is_deceased(patient)) {
            return None;
        }
        let held = certain(standings(self.state, happened.thread, facts, self.person, self.now));
        let asked = facts.asked(&held);
        let found = self.may(Read::ThreadFind, &asked)?;
        // Who has no place in the thread knows of nothing in it but their invitation or their turn.
        let outside = is_outside(self.may(Read::ThreadRead, &asked).as_ref().unwrap_or(&found));
        let is_told = |notice: &Notice| match &notice.to {
            Recipients::Party(party) => self.state.people(*party, self.now).contains(&self.person),
            Recipients::SeesParticipants | Recipients::Readers(_) if outside => false,
            Recipients::SeesParticipants => self.may(Read::ThreadListParticipants, &asked).is_some(),
            Recipients::Readers(addressed) => match notice.topic {
                NoticeTopic::Message => self.reads(happened, addressed, &asked),
                // Everybody who finds the thread may know that it has changed.
                NoticeTopic::YourTurn
                | NoticeTopic::Added
                | NoticeTopic::Participants
                | NoticeTopic::Changed
                | NoticeTopic::Marked => true,
            },
        };
        happened.notices.iter().filter(|notice| is_told(notice)).map(|notice| notice.topic).min()
    }

    /// Whether the person may read the message that was posted.
    fn reads(&self, happened: &InThread, addressed: &Addressed, asked: &ThingFacts<'_>) -> bool {
        let readable = self.viewer.readable_messages(asked);
        let is_addressed = match addressed {
            Addressed::Everyone | Addressed::ClinicalTeam => true,
            Addressed::Named(named) => named.contains(&self.person) || happened.actor == Some(self.person),
            Addressed::TeamAnd(person) => readable.is_of_team() || *person == self.person,
        };
        let reach = readable.reach(addressed.audience());
        let begins = reach.map(|reach| reach.since.map_or(0, |since| since.number));
        is_addressed && begins.is_some_and(|begins| happened.number >= begins)
    }

    /// Whether the person has a place in a thread with these facts: the rule of the read model of inboxes.
    pub fn has_in_inbox(&self, facts: &ThreadFacts) -> bool {
        let Self { state, viewer: _, person, now } = *self;
        let is_open_to = |patient: PatientId| {
            certain(patient::is_self(state, patient, person))
                || certain(delegation::helps(state, patient, person, now))
                || certain(care_team::member(state, patient, person, now)).is_some()
        };
        let removed =
            facts.participants.get(&person).is_some_and(|participation| participation.period.ended_at.is_some());
        let is_member = |pool| certain(membership(state, pool, person)).is_some_and(|(_, period)| period.holds(now));
        facts.requester.person() == Some(person) && !removed
            || facts.owner.person() == Some(person)
            || facts.participation(person, now).is_some()
            || facts.invitations.contains_key(&person)
            || facts.pools.iter().any(|pool| is_member(*pool))
            || !facts.kind.is_participants_only() && facts.patient.is_some_and(is_open_to)
    }

    /// By what the person's worklists list threads.
    pub fn criteria(&self) -> Vec<WorklistCriterion> {
        Worklist::ALL.iter().flat_map(|list| criteria(self.state, self.viewer, *list, self.now)).collect()
    }
}
