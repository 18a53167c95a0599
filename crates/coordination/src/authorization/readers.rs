//! Who may read a message of a thread now: the policy is asked about each person who can have a standing to the thread.

use std::collections::BTreeSet;

use care::conversation::{Party, Place};
use care::ids::{DelegationId, Id, PersonId, ThreadId};
use care::words::{Audience, Purpose, Role};
use chrono::{DateTime, Utc};
use policy::decide::{Permit, Viewer};
use policy::reach::{HeldStanding, Reach};
use policy::words::{Action, Read, Standing};

use super::care_team::CareTeamFacts;
use super::delegation::DelegationsOf;
use super::organization::OrganizationFacts;
use super::thread::{self, ThreadFacts};
use super::{AuthorizationState, certain};

/// A person who may read a message, with the standing by which they may and how far it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MayRead {
    pub person: PersonId,
    pub standing: Standing,
    pub role: Role,
    /// For which purpose.
    pub purpose: Purpose,
    /// From when on they see the thread; none if all of it.
    pub sees_from: Option<DateTime<Utc>>,
    /// The delegation that it rests on; none for everybody but a delegate.
    pub grant: Option<DelegationId>,
}

/// What is asked: who may read a message to this audience that is posted now; of [`Audience::TeamAndMe`], one that the
/// team shares with this person.
#[derive(Clone, Copy)]
pub(crate) struct Readership<'a> {
    pub thread: ThreadId,
    pub facts: &'a ThreadFacts,
    pub audience: Audience,
    pub one_person: Option<PersonId>,
    pub now: DateTime<Utc>,
}

impl AuthorizationState {
    /// Everybody whom the policy in force permits to read such a message, in the order of their ids.
    ///
    /// A window that begins does not matter: it begins before every message that is posted now. One with an end reaches none.
    pub fn readers(&self, policy: &Viewer, asked: Readership<'_>) -> Vec<MayRead> {
        let may_read = |person: PersonId| may_read(self, policy, asked, person);
        self.with_standing(policy, asked).into_iter().filter_map(may_read).collect()
    }

    /// Everybody who has or had to do with a thread by name, as its patient, their helper or on their care team, in a pool of it, or as
    /// the party that it waits for.
    pub fn involved(&self, facts: &ThreadFacts, now: DateTime<Utc>) -> BTreeSet<PersonId> {
        let mut persons: BTreeSet<PersonId> = facts.requester.person().into_iter().collect();
        persons.extend(facts.owner.person());
        persons.extend(facts.participants.keys());
        persons.extend(facts.invitations.keys());
        if let Some(patient) = facts.patient {
            persons.extend(self.people(Party::Patient(patient), now));
            let team = self.entity::<CareTeamFacts>(patient.uuid());
            persons.extend(team.into_iter().flat_map(|team| team.members.keys()));
            let helped = self.entity::<DelegationsOf>(patient.uuid());
            persons.extend(helped.into_iter().flat_map(|helped| helped.helpers.keys()));
        }
        for pool in facts.owner.pool().into_iter().chain(facts.pools.iter().copied()) {
            let home = self.home(pool).and_then(|home| self.entity::<OrganizationFacts>(home.uuid()));
            persons.extend(home.and_then(|home| home.pools.get(&pool)).into_iter().flat_map(|members| members.keys()));
        }
        if let Some(waiting) = facts.waiting {
            persons.extend(self.people(waiting.on.party, now));
        }
        persons
    }

    /// Everybody who can have a standing by which the policy permits to read: [`thread::standings`] gives none to anybody
    /// else, except roles at the two organizations by which nobody may read.
    fn with_standing(&self, policy: &Viewer, asked: Readership<'_>) -> BTreeSet<PersonId> {
        let Readership { thread: _, facts, audience: _, one_person: _, now } = asked;
        let mut persons = self.involved(facts, now);
        for (standing, organization) in [
            (Standing::RequestingOrganization, facts.organization),
            (Standing::ReceivingOrganization, facts.owning_organization),
        ] {
            // An organization has many more people than those whose role lets them read.
            for role in standing.roles() {
                if reads(policy, asked, &[HeldStanding::full(standing, *role)]).is_some() {
                    persons.extend(self.holders(Place { role: *role, organization }, now));
                }
            }
        }
        persons
    }
}

/// The standing by which a person may read such a message, if they may.
pub(super) fn may_read(
    state: &AuthorizationState,
    policy: &Viewer,
    asked: Readership<'_>,
    person: PersonId,
) -> Option<MayRead> {
    let held = certain(thread::standings(state, asked.thread, asked.facts, person, asked.now));
    // Who may not find the thread reads nothing in it.
    let _finds = policy.decide(&asked.facts.asked(&held).asking(Action::Read(Read::ThreadFind), None))?;
    let reads = reads(policy, asked, &held)?;
    let held = reads.held();
    let is_meant = match asked.audience {
        Audience::Everyone | Audience::ClinicalTeam | Audience::Named => true,
        Audience::TeamAndMe => held.is_of_team() || asked.one_person == Some(person),
    };
    let HeldStanding { standing, role, reach: Reach { since, until, grant, .. } } = held;
    let sees_from = since.map(|since| since.at);
    let purpose = reads.purpose();
    (is_meant && until.is_none()).then_some(MayRead { person, standing, role, purpose, sees_from, grant })
}

/// The permit by one of the standings held, if a message to the audience may be read.
fn reads(policy: &Viewer, asked: Readership<'_>, held: &[HeldStanding]) -> Option<Permit> {
    let question = asked.facts.asked(held).asking(Action::Read(Read::ThreadReadMessage), Some(asked.audience));
    policy.decide(&question)
}
