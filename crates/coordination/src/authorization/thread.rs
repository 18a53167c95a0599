//! A thread, as far as it decides who may: its labels, its owner, its participants. Neutral to the
//! kind: what a lifecycle decides about who may, it says by events of the conversation.

use std::collections::{BTreeMap, BTreeSet};

use care::command_name::Named;
use care::conversation::{ConversationEvent, Owner, Party, PassTurn, Place, Since, WaitingOn};
use care::delegation::Scope;
use care::envelope::Actor;
use care::ids::{EventId, Id, OrganizationId, PatientId, PersonId, PoolId, ThreadId};
use care::lifecycle::ThreadKind;
use care::words::{Confidentiality, Role, Topic};
use chrono::{DateTime, Utc};
use policy::question::{CodeSet, ThingFacts};
use policy::reach::{HeldStanding, Reach};
use policy::words::Standing;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::delegation::{Helping, ThreadLabels, verbs_in};
use super::entity::{Entities, Entity, Period};
use super::index::Mark;
use super::patient::PatientFacts;
use super::person::{Gathered, PersonFacts};
use super::{care_team, delegation, organization, patient};

/// What decides who may about a thread: everything of its opening that is no text, and what changed since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ThreadFacts {
    pub kind: ThreadKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<PatientId>,
    pub opened_by: Actor,
    /// Who asks: who opened it, or to whom that was handed over.
    pub requester: Actor,
    pub organization: OrganizationId,
    pub owning_organization: OrganizationId,
    pub owner: Owner,
    /// Who owned it before; they knew of it then.
    pub owners: BTreeSet<PersonId>,
    pub pools: BTreeSet<PoolId>,
    pub topic: Topic,
    pub confidentiality: Confidentiality,
    pub codes: CodeSet,
    pub released: bool,
    pub hidden_from_delegates: bool,
    pub opened_at: DateTime<Utc>,
    /// The death of the patient that those in it know of: it says so, or was on record when it was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub death: Option<DateTime<Utc>>,
    pub participants: BTreeMap<PersonId, Participation>,
    pub invitations: BTreeMap<PersonId, Place>,
    pub closed: bool,
    /// Whom it waits for, since when; none before the first turn and while it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// The newest event that decides who may: what a process that acts on this state names as its cause.
    pub last: EventId,
}

/// Whom a thread waits for, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub on: WaitingOn,
    pub since: DateTime<Utc>,
}

/// A place in a thread, held now or before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Participation {
    pub place: Place,
    pub period: Period,
    /// From where on the person sees the thread; none: all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// Whether the place ends with the person's place on the care team.
    pub by_care_team: bool,
    /// Whether it has ended so, and the thread does not say it yet: a process does.
    pub lapsed: bool,
}

impl Entity for ThreadFacts {
    const TABLE: &'static str = "thread";
    const SHAPE: u32 = 4;

    fn marks(&self) -> Vec<Mark> {
        if self.closed {
            return Vec::new();
        }
        let mut marks = vec![Mark::OwnedAt(self.owning_organization)];
        let takes_part = self.participants.iter().filter(|(_, participation)| participation.period.ended_at.is_none());
        let persons = self.requester.person().into_iter().chain(self.owner.person());
        marks.extend(persons.chain(takes_part.map(|(person, _)| *person)).map(Mark::Names));
        marks.extend(self.owner.pool().into_iter().chain(self.pools.iter().copied()).map(Mark::NamesPool));
        marks.extend(self.patient.map(Mark::About));
        marks.extend(self.waiting.and_then(|waiting| match waiting.on.party {
            Party::Person(person) => Some(Mark::Names(person)),
            Party::Pool(pool) | Party::PoolCoordinator(pool) => Some(Mark::NamesPool(pool)),
            Party::Role(place) => Some(Mark::WaitsFor(place)),
            Party::Patient(patient) => Some(Mark::About(patient)),
            Party::Nobody => None,
        }));
        marks
    }
}

impl ThreadFacts {
    pub fn fold(this: Option<Self>, event: &ConversationEvent, id: EventId, at: DateTime<Utc>) -> Option<Self> {
        let Some(mut this) = this else {
            let ConversationEvent::Opened(opened) = event else { return None };
            return Some(Self {
                kind: opened.kind,
                patient: opened.patient,
                opened_by: opened.by,
                requester: opened.by,
                organization: opened.organization,
                owning_organization: opened.owning_organization,
                owner: opened.owner,
                owners: opened.owner.person().into_iter().collect(),
                pools: opened.pools.clone(),
                topic: opened.topic,
                confidentiality: opened.confidentiality,
                codes: opened.sensitivities.iter().copied().collect(),
                released: false,
                hidden_from_delegates: opened.hidden_from_delegates,
                opened_at: at,
                death: None,
                participants: BTreeMap::new(),
                invitations: BTreeMap::new(),
                closed: false,
                waiting: None,
                last: id,
            });
        };
        this.last = id;
        match event {
            // A thread is opened once.
            ConversationEvent::Opened(_) => {}
            ConversationEvent::ParticipantAdded(added) => {
                this.invitations.remove(&added.person);
                let (place, since, by_care_team) = (added.place, added.since, added.by_care_team);
                let period = Period::since(at);
                let participation = Participation { place, period, since, by_care_team, lapsed: false };
                this.participants.insert(added.person, participation);
            }
            ConversationEvent::ParticipantInvited(invited) => {
                this.invitations.insert(invited.person, invited.place);
            }
            ConversationEvent::ParticipantDeclined(declined) => {
                declined.by.person().map(|person| this.invitations.remove(&person));
            }
            ConversationEvent::InvitationExpired(expired) => {
                this.invitations.remove(&expired.person);
            }
            ConversationEvent::WindowChanged(changed) => {
                if let Some(participation) = this.participants.get_mut(&changed.person) {
                    participation.since = changed.since;
                }
            }
            ConversationEvent::ParticipantRemoved(removed) => {
                this.invitations.remove(&removed.person);
                if let Some(participation) = this.participants.get_mut(&removed.person) {
                    participation.period.end(at);
                    participation.lapsed = false;
                }
            }
            ConversationEvent::OwnerChanged(changed) => {
                (this.owner, this.owning_organization) = (changed.owner, changed.organization);
                this.owners.extend(changed.owner.person());
            }
            ConversationEvent::RequesterChanged(changed) => this.requester = Actor::Person(changed.requester),
            ConversationEvent::Labelled(labelled) => {
                this.confidentiality = labelled.confidentiality;
                this.codes = labelled.sensitivities.iter().copied().collect();
            }
            ConversationEvent::Released(_) => this.released = true,
            ConversationEvent::HiddenFromDelegates(_) => this.hidden_from_delegates = true,
            ConversationEvent::ShownToDelegates(_) => this.hidden_from_delegates = false,
            ConversationEvent::PatientDied(died) => this.death = Some(died.died_at),
            ConversationEvent::Closed(_) => (this.closed, this.waiting) = (true, None),
            ConversationEvent::Reopened(_) => this.closed = false,
            ConversationEvent::TurnPassed(passed) => this.waiting = Some(Waiting { on: passed.to, since: at }),
            ConversationEvent::MessagePosted(_)
            | ConversationEvent::ReadMarked(_)
            | ConversationEvent::ThreadPutAway(_) => {}
        }
        Some(this)
    }

    /// Without the place that a person has by the care team: who is on the team again has it no longer.
    pub fn lapse(mut self, person: PersonId, at: DateTime<Utc>) -> Self {
        if let Some(participation) = self.participants.get_mut(&person)
            && participation.by_care_team
            && participation.period.ended_at.is_none()
        {
            participation.period.end(at);
            participation.lapsed = true;
        }
        self
    }

    /// What the scope of a delegation compares of it.
    pub(super) fn labels(&self) -> ThreadLabels {
        let Self { kind, topic, confidentiality, codes, hidden_from_delegates: is_hidden, opened_at, .. } = *self;
        ThreadLabels { kind, topic, confidentiality, codes, is_hidden, opened_at }
    }

    /// Whether a scope reaches the thread of this id.
    pub fn is_reached_by(&self, scope: &Scope, id: ThreadId) -> bool {
        verbs_in(scope, id, &self.labels()).is_some()
    }

    /// The facts as a question to the policy is asked about them.
    pub fn asked<'a>(&self, held: &'a [HeldStanding]) -> ThingFacts<'a> {
        let (kind, confidentiality, codes, released) = (self.kind, self.confidentiality, self.codes, self.released);
        ThingFacts { kind: Some(kind), confidentiality, codes, released, held }
    }

    /// The participation of a person now.
    pub fn participation(&self, person: PersonId, now: DateTime<Utc>) -> Option<Participation> {
        self.participants.get(&person).copied().filter(|participation| participation.period.holds(now))
    }
}

/// What a person is to a thread now. The patient is nothing else to it, whatever work they do here, and neither is who helps
/// the patient, unless somebody who knows it put them on the care team.
///
/// Whoever gets a standing here that can let them read is also in the list of `readers.rs`, which a property test compares.
pub(crate) fn standings<S: Entities>(
    store: &S,
    id: ThreadId,
    thread: &ThreadFacts,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    let mut gathered = Gathered::new(store, person, now)?;
    let mut on_care_team = false;
    if let Some(about) = thread.patient {
        if patient::is_self(store, about, person)? {
            return Ok(patient::as_patient());
        }
        gathered.bind_to(store, about, thread.codes)?;
        let helping = Helping::of(store, about, person, now)?;
        for held in helping.standings_in_thread(id, &thread.labels()) {
            gathered.push(held);
        }
        if helping.keeps_from_work(store, now)? {
            return Ok(gathered.done());
        }
        if let Some(member) = care_team::member(store, about, person, now)? {
            on_care_team = true;
            if gathered.holds(member.place) {
                gathered.push(HeldStanding::full(member.standing(now), member.place.role));
            }
        }
    }
    if thread.requester == Actor::Person(person) {
        gathered.with_roles_at(Standing::Requester, thread.organization);
    }
    if thread.owner.person() == Some(person) {
        gathered.with_roles_at(Standing::Assignee, thread.owning_organization);
    }
    if let Some(participation) = thread.participation(person, now)
        && (on_care_team || !participation.by_care_team)
        && gathered.holds(participation.place)
    {
        let reach = Reach { since: participation.since, ..Reach::FULL };
        let standing = Standing::Participant;
        gathered.push(HeldStanding { standing, role: participation.place.role, reach });
    }
    if let Some(place) = thread.invitations.get(&person)
        && gathered.holds(*place)
    {
        gathered.push(HeldStanding::full(Standing::Invited, place.role));
    }
    for pool in thread.owner.pool().into_iter().chain(thread.pools.iter().copied()) {
        if let Some((organization, period)) = organization::membership(store, pool, person)?
            && period.holds(now)
        {
            let takes_part = thread.owner == Owner::Pool(pool) || thread.pools.contains(&pool);
            let standing = if takes_part { Standing::PoolMember } else { Standing::OwnersPool };
            gathered.with_roles_at(standing, organization);
        }
    }
    if let Some(Waiting { on: WaitingOn { party, action, due: _ }, since: _ }) = thread.waiting
        && action == PassTurn::NAME
    {
        for role in last_resort(store, &gathered, party, person, now)? {
            gathered.push(HeldStanding::full(Standing::LastResort, role));
        }
        if let Some(organization) = as_owner(store, thread, party, person, now)? {
            gathered.with_roles_at(Standing::LastResort, organization);
        }
    }
    gathered.with_roles_at(Standing::RequestingOrganization, thread.organization);
    gathered.with_roles_at(Standing::ReceivingOrganization, thread.owning_organization);
    Ok(gathered.done())
}

/// The roles in which a person is the party whose turn it is to say whose turn it is.
fn last_resort<S: Entities>(
    store: &S,
    gathered: &Gathered<'_>,
    party: Party,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<Role>, S::Fault> {
    Ok(match party {
        Party::Role(place) if gathered.holds(place) => vec![place.role],
        Party::PoolCoordinator(pool) => match organization::membership(store, pool, person)? {
            Some((organization, period)) if period.holds(now) => {
                let place = Place { role: Role::Coordinator, organization };
                if gathered.holds(place) { vec![place.role] } else { vec![] }
            }
            Some(_) | None => vec![],
        },
        // A participant has their own standing.
        Party::Role(_) | Party::Person(_) | Party::Pool(_) | Party::Patient(_) | Party::Nobody => vec![],
    })
}

/// The organization for which a person is the owner, alone or in the owning pool, of whom it is awaited to say whose turn it
/// is: after the death of the patient.
fn as_owner<S: Entities>(
    store: &S,
    thread: &ThreadFacts,
    party: Party,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<OrganizationId>, S::Fault> {
    Ok(match party {
        Party::Person(owner) => {
            let is_owner = owner == person && thread.owner.person() == Some(person);
            is_owner.then_some(thread.owning_organization)
        }
        Party::Pool(pool) if thread.owner.pool() == Some(pool) => organization::membership(store, pool, person)?
            .filter(|(_, period)| period.holds(now))
            .map(|(organization, _)| organization),
        Party::Pool(_) | Party::PoolCoordinator(_) | Party::Role(_) | Party::Patient(_) | Party::Nobody => None,
    })
}

/// A thread that is opened, or opened again, after the death of its patient is on record needs no word of it.
pub(super) fn know_of_death<S: Entities>(store: &mut S, id: Uuid) -> Result<(), S::Fault> {
    let about = store.get::<ThreadFacts>(id)?.and_then(|facts| facts.patient);
    let Some(about) = about else { return Ok(()) };
    let died = store.get::<PatientFacts>(about.uuid())?.and_then(|facts| facts.died_at());
    let Some(died) = died else { return Ok(()) };
    store.update::<ThreadFacts>(id, |this| this.map(|facts| ThreadFacts { death: Some(died), ..facts }))
}

/// Whether a person ever was something to a thread, by name or by a role that has ended. A role held
/// now says nothing here; the policy is asked about that one.
pub(crate) fn ever_had_standing<S: Entities>(
    store: &S,
    thread: &ThreadFacts,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, S::Fault> {
    // A person who is blocked, or lost access as staff by helping the patient, is told nothing of what they did before.
    if let Some(about) = thread.patient
        && delegation::forgets(store, about, person, thread.codes, now)?
    {
        return Ok(false);
    }
    if [thread.opened_by, thread.requester].contains(&Actor::Person(person))
        || thread.owners.contains(&person)
        || thread.participants.contains_key(&person)
    {
        return Ok(true);
    }
    if let Some(about) = thread.patient
        && (patient::is_self(store, about, person)? || care_team::was_member(store, about, person)?)
    {
        return Ok(true);
    }
    for pool in thread.owner.pool().into_iter().chain(thread.pools.iter().copied()) {
        if organization::membership(store, pool, person)?.is_some() {
            return Ok(true);
        }
    }
    let parties = [thread.organization, thread.owning_organization];
    let ended = |facts: &PersonFacts| {
        facts.roles.iter().any(|held| parties.contains(&held.place.organization) && !held.period.holds(now))
    };
    Ok(store.get::<PersonFacts>(person.uuid())?.is_some_and(|facts| ended(&facts)))
}
