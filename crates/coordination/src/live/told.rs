//! Who is told of what happened in a thread or a delegation: asked of the authorization state and the policy at the moment
//! of the notice, without a snapshot.

use care::conversation::{Addressed, Party};
use care::ids::{DelegationId, Id as _, PatientId, PersonId, ThreadId};
use care::notice::{Notice, NoticeTopic, Recipients};
use chrono::{DateTime, Utc};
use policy::decide::{Permit, Viewer};
use policy::question::ThingFacts;
use policy::reach::Reach;
use policy::words::{Action, Read};

use super::happening::InThread;
use crate::authorization::delegation::DelegationFacts;
use crate::authorization::organization::membership;
use crate::authorization::patient::PatientFacts;
use crate::authorization::thread::{ThreadFacts, standings};
use crate::authorization::{AuthorizationState, Subject, care_team, certain, delegation, patient};
use crate::read_models::threads::is_outside;
use crate::read_models::worklist::{Worklist, WorklistCriterion, criteria};

/// Whether a permit is that of somebody at work, and not of the patient or of one who helps the patient.
fn is_work(found: &Permit) -> bool {
    found.held().is_of_team()
}

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
        self.found(thread, facts).is_some()
    }

    /// Whether they find it by their work, so that it can be in their worklists.
    pub fn finds_at_work(&self, thread: ThreadId, facts: &ThreadFacts) -> bool {
        self.found(thread, facts).as_ref().is_some_and(is_work)
    }

    fn found(&self, thread: ThreadId, facts: &ThreadFacts) -> Option<Permit> {
        let held = certain(standings(self.state, thread, facts, self.person, self.now));
        self.may(Read::ThreadFind, &facts.asked(&held))
    }

    /// Whether the person may see a delegation: its steps, their own or their invitation.
    pub fn sees_help(&self, id: DelegationId) -> bool {
        let held =
            certain(crate::authorization::standings(self.state, &Subject::Delegation(id), self.person, self.now));
        let asked = ThingFacts::unlabelled(&held);
        let reads = |read| self.may(read, &asked).is_some();
        // Whoever has its code may read an invitation that names nobody: that is told to nobody.
        let facts = self.state.entity::<DelegationFacts>(id.uuid());
        let is_named = facts.is_some_and(|facts| facts.person == Some(self.person));
        reads(Read::DelegationReadSteps)
            || reads(Read::DelegationReadOwn)
            || (is_named && reads(Read::DelegationReadInvitation))
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
        // What waits for a pool or a role is no turn of who is the patient here, or one who helps the patient.
        let is_turn = |party: Party| match party {
            Party::Pool(_) | Party::PoolCoordinator(_) | Party::Role(_) => is_work(&found),
            Party::Person(_) | Party::Patient(_) | Party::Nobody => true,
        };
        let is_told = |notice: &Notice| match &notice.to {
            Recipients::Party(party) => is_turn(*party) && self.state.people(*party, self.now).contains(&self.person),
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
        // What happens now comes after every end.
        let reads =
            |reach: Reach| happened.number >= reach.since.map_or(0, |since| since.number) && reach.until.is_none();
        is_addressed && reach.is_some_and(reads)
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
