//! The delegations of a patient, as far as they decide who may: who helps, within which scope, until when.
//!
//! A standing that the scope does not give is not held: a topic, a kind, a code, a label or a thread outside of it is cut
//! here, before the policy is asked. An access ends at its instant, which each use compares with the clock, with the
//! patient's life, and with the legal authority on which it rests, whatever the process that ends delegations has done
//! already.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use care::conversation::Since;
use care::delegation::{Activated, DelegationEvent, Scope, TopicVerbs, is_representative};
use care::ids::{AuthorityId, DelegationId, EventId, Id, OrganizationId, PatientId, PersonId, ThreadId};
use care::lifecycle::ThreadKind;
use care::words::{Confidentiality, DelegationHistory, DelegationKind, DelegationState, Relationship, Role, Topic};
use chrono::{DateTime, Utc};
use policy::question::CodeSet;
use policy::reach::{HeldStanding, Reach, Verbs};
use policy::words::Standing;
use serde::{Deserialize, Serialize};

use super::entity::{Entities, Entity};
use super::index::Mark;
use super::legal_authority::LegalAuthorityFacts;
use super::patient::{self, PatientFacts};
use super::person::Gathered;
use super::{care_team, directives};

/// A delegation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DelegationFacts {
    pub patient: PatientId,
    /// The organization that keeps the patient's record; none until the record is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeper: Option<OrganizationId>,
    pub kind: DelegationKind,
    pub relationship: Relationship,
    /// The person; none while an invitation names nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    pub state: DelegationState,
    /// What it reaches, or is to reach.
    pub scope: Scope,
    /// When the access ends; none for an offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// When the state was entered.
    pub since: DateTime<Utc>,
    /// Since when there was access; none before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// The organization that a professional helper works for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    /// Whether a professional helper is known to work there by a role that they hold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_employed_by_role: bool,
    /// The legal authority that it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<AuthorityId>,
    /// When it was verified who the person is, by evidence of this delegation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identified_at: Option<DateTime<Utc>>,
    /// From where on the threads that were there at the first access are seen, where the scope begins with it. A thread
    /// that is not in it is seen from its beginning.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub windows: BTreeMap<ThreadId, Since>,
    /// The newest event: what a process that acts on this state names as its cause.
    pub last: EventId,
}

impl Entity for DelegationFacts {
    const TABLE: &'static str = "delegation";
    const SHAPE: u32 = 2;

    fn marks(&self) -> Vec<Mark> {
        let mut marks: Vec<Mark> = self.person.into_iter().map(Mark::Helps).collect();
        match self.state {
            DelegationState::Ended => {}
            DelegationState::Active => {
                marks.push(Mark::OpenDelegation);
                marks.extend(self.until.map(Mark::AccessEnds));
            }
            DelegationState::Invited => marks.push(Mark::OpenDelegation),
            DelegationState::Asked
            | DelegationState::Accepted
            | DelegationState::IdentityVerified
            | DelegationState::SafeguardingChecked
            | DelegationState::Suspended => {
                marks.push(Mark::OpenDelegation);
                marks.extend(self.keeper.map(Mark::DelegationWaits));
            }
        }
        marks
    }
}

/// What folds a delegation beside its event.
pub(crate) struct Folded<'a> {
    pub event: &'a DelegationEvent,
    pub id: EventId,
    pub at: DateTime<Utc>,
}

impl DelegationFacts {
    pub fn fold(this: Option<Self>, folded: &Folded<'_>) -> Option<Self> {
        let Folded { event, id, at } = *folded;
        let begun = |patient, kind, relationship| Self {
            patient,
            keeper: None,
            kind,
            relationship,
            person: None,
            state: DelegationState::Asked,
            scope: Scope::nothing(),
            until: None,
            since: at,
            from: None,
            organization: None,
            is_employed_by_role: false,
            authority: None,
            identified_at: None,
            windows: BTreeMap::new(),
            last: id,
        };
        let mut this = match (this, event) {
            (Some(this), _) => this,
            (None, DelegationEvent::Offered(offered)) => {
                let this = begun(offered.patient, offered.kind, offered.relationship);
                Self { person: Some(offered.person), ..this }
            }
            (None, DelegationEvent::Invited(invited)) => begun(invited.patient, invited.kind, invited.relationship),
            (None, _) => return None,
        };
        this.last = id;
        let enter = |this: &mut Self, state| (this.state, this.since) = (state, at);
        match event {
            // A check gives nothing yet.
            DelegationEvent::Offered(_)
            | DelegationEvent::WideningChecked(_)
            | DelegationEvent::Consented(_)
            | DelegationEvent::Reminded(_) => {}
            DelegationEvent::Invited(invited) => {
                enter(&mut this, DelegationState::Invited);
                (this.kind, this.relationship) = (invited.kind, invited.relationship);
                this.person = this.person.or(invited.person);
                (this.scope, this.until) = (invited.scope.clone(), Some(invited.until));
                (this.organization, this.authority) = (invited.organization, invited.authority);
            }
            DelegationEvent::Accepted(accepted) => {
                enter(&mut this, DelegationState::Accepted);
                this.person = Some(accepted.person);
            }
            DelegationEvent::IdentityVerified(verified) => {
                enter(&mut this, DelegationState::IdentityVerified);
                this.authority = verified.authority.or(this.authority);
                this.is_employed_by_role = this.organization.is_some() && verified.employment.is_none();
                this.identified_at = verified.evidence_of.is_none().then_some(verified.at);
            }
            DelegationEvent::SafeguardingPassed(passed) => {
                enter(&mut this, DelegationState::SafeguardingChecked);
                this.scope = passed.scope.clone();
            }
            DelegationEvent::Activated(Activated { scope, from, until }) => {
                enter(&mut this, DelegationState::Active);
                this.scope = scope.clone();
                (this.from, this.until) = (Some(*from), Some(*until));
            }
            DelegationEvent::Narrowed(narrowed) => this.scope = narrowed.scope.clone(),
            DelegationEvent::Widened(widened) => this.scope = widened.scope.clone(),
            DelegationEvent::Renewed(renewed) => this.until = Some(renewed.until),
            DelegationEvent::Suspended(_) => enter(&mut this, DelegationState::Suspended),
            DelegationEvent::Resumed(_) => enter(&mut this, DelegationState::Active),
            DelegationEvent::Ended(_) => enter(&mut this, DelegationState::Ended),
        }
        Some(this)
    }

    /// Whether it gives access now. An executor has it after the death, everybody else before, and nobody from whom a note
    /// protects the patient or whose legal authority is disputed or has ended: no process has to have suspended it.
    pub fn is_active<S: Entities>(
        &self,
        store: &S,
        patient: &PatientFacts,
        now: DateTime<Utc>,
    ) -> Result<bool, S::Fault> {
        let in_life = match self.kind {
            DelegationKind::Executor => patient.died_at().is_some(),
            DelegationKind::PatientAuthorised
            | DelegationKind::ProfessionalHelper
            | DelegationKind::ParentOfMinor
            | DelegationKind::LegalRepresentative => patient.died_at().is_none(),
        };
        let is_protected = self.person.is_some_and(|person| patient.is_protected_from(person));
        let is_open = self.state == DelegationState::Active && self.until.is_some_and(|until| now < until);
        Ok(is_open && in_life && !is_protected && self.rests_on_law(store, now)?)
    }

    /// Whether it rests on no legal authority, or on one that is in force now. One that cannot be read proves nothing, so it
    /// gives nothing.
    fn rests_on_law<S: Entities>(&self, store: &S, now: DateTime<Utc>) -> Result<bool, S::Fault> {
        let Some(authority) = self.authority else { return Ok(true) };
        let facts = store.get::<LegalAuthorityFacts>(authority.uuid())?;
        Ok(facts.is_some_and(|facts| facts.is_in_force(now)))
    }

    /// Whether the person was ever invited: only then they know of it. An offer of theirs whose patient was found says so to
    /// nobody but the patient and staff.
    pub fn is_known_to_person(&self) -> bool {
        self.until.is_some()
    }

    /// Whether it lets the person manage the patient's other helpers, where it is active.
    fn represents(&self) -> bool {
        is_representative(self.kind) && self.scope.manages_helpers
    }

    /// What may be done in a thread under it, where it is active.
    pub(super) fn verbs_in(&self, id: ThreadId, thread: &ThreadLabels) -> Option<Verbs> {
        verbs_in(&self.scope, id, thread)
    }

    /// From where on a thread is seen under it; none: from its beginning.
    pub(super) fn window(&self, id: ThreadId) -> Option<Since> {
        match self.scope.history {
            DelegationHistory::All => None,
            DelegationHistory::FromGrant => self.windows.get(&id).copied(),
        }
    }
}

/// What a scope compares of a thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct ThreadLabels {
    pub kind: ThreadKind,
    pub topic: Topic,
    pub confidentiality: Confidentiality,
    pub codes: CodeSet,
    pub is_hidden: bool,
}

/// What may be done in a thread within a scope; none where the scope does not reach it.
pub(super) fn verbs_in(scope: &Scope, id: ThreadId, thread: &ThreadLabels) -> Option<Verbs> {
    let Scope { topics, kinds, threads, sensitivities, history: _, manages_helpers: _ } = scope;
    let is_listed = threads.contains(&id);
    let is_of_kind = kinds.contains(&thread.kind) && thread.confidentiality == Confidentiality::Normal;
    let opened: CodeSet = sensitivities.iter().copied().collect();
    let are_opened = thread.codes.codes().all(|code| opened.contains(code));
    let TopicVerbs { read, write, act } = *topics.get(&thread.topic)?;
    let reaches = read && (is_listed || is_of_kind) && are_opened && !thread.is_hidden;
    reaches.then_some(Verbs { read, write, act })
}

/// The delegations of a patient that name a person and have not ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct DelegationsOf {
    /// Every delegation that was ever begun.
    pub all: BTreeSet<DelegationId>,
    /// Those that have not ended, by who helps.
    pub helpers: BTreeMap<PersonId, BTreeSet<DelegationId>>,
}

impl Entity for DelegationsOf {
    const TABLE: &'static str = "delegations_of";
    const SHAPE: u32 = 1;
}

/// The number of the newest message of a thread: an access that begins now begins after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NewestMessage {
    pub number: u32,
}

impl Entity for NewestMessage {
    const TABLE: &'static str = "newest_message";
    const SHAPE: u32 = 1;
}

/// The delegations of a person about a patient that are active now.
fn active<'s, S: Entities>(
    store: &'s S,
    about: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<(DelegationId, Cow<'s, DelegationFacts>)>, S::Fault> {
    let of = store.get::<DelegationsOf>(about.uuid())?;
    let ids = of.as_ref().and_then(|of| of.helpers.get(&person));
    let Some(ids) = ids else { return Ok(Vec::new()) };
    let Some(patient) = store.get::<PatientFacts>(about.uuid())? else { return Ok(Vec::new()) };
    let mut active = Vec::new();
    for id in ids {
        if let Some(facts) = store.get::<DelegationFacts>(id.uuid())?
            && facts.is_active(store, &patient, now)?
        {
            active.push((*id, facts));
        }
    }
    Ok(active)
}

/// Whether a person helps a patient now, within whatever scope.
pub(crate) fn helps<S: Entities>(
    store: &S,
    about: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, S::Fault> {
    Ok(!active(store, about, person, now)?.is_empty())
}

/// The reach of a delegation.
fn reach<S: Entities>(store: &S, about: PatientId, grant: DelegationId) -> Result<Reach, S::Fault> {
    let on_behalf_of = store.get::<PatientFacts>(about.uuid())?.and_then(|patient| patient.person);
    Ok(Reach { on_behalf_of, grant: Some(grant), ..Reach::FULL })
}

/// A thread about a patient, as a scope sees it.
pub(super) struct ThreadAbout<'a> {
    pub id: ThreadId,
    pub about: PatientId,
    pub labels: &'a ThreadLabels,
}

/// What a person is to a thread by their delegations.
pub(super) fn standings_in_thread<S: Entities>(
    store: &S,
    thread: &ThreadAbout<'_>,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    let ThreadAbout { id, about, labels } = *thread;
    let mut held = Vec::new();
    for (grant, facts) in active(store, about, person, now)? {
        if let Some(verbs) = facts.verbs_in(id, labels) {
            let reach = Reach { since: facts.window(id), verbs, ..reach(store, about, grant)? };
            held.push(HeldStanding { standing: Standing::Delegate, role: Role::Person, reach });
        }
    }
    Ok(held)
}

/// What a person is to a patient by their delegations.
pub(super) fn standings_to_patient<S: Entities>(
    store: &S,
    about: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    let mut held = Vec::new();
    for (grant, facts) in active(store, about, person, now)? {
        let reach = reach(store, about, grant)?;
        let delegate = HeldStanding { standing: Standing::Delegate, role: Role::Person, reach };
        held.push(delegate);
        if facts.represents() {
            held.push(HeldStanding { standing: Standing::Representative, ..delegate });
        }
    }
    Ok(held)
}

/// What a person is to a delegation now: the patient, who holds it or is invited, who represents the patient, who is on the
/// care team, and who works where the record is kept.
pub(super) fn standings<S: Entities>(
    store: &S,
    delegation: DelegationId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<HeldStanding>, S::Fault> {
    let Some(facts) = store.get::<DelegationFacts>(delegation.uuid())? else { return Ok(Vec::new()) };
    let about = facts.patient;
    let mut gathered = standings_around(store, about, person, now)?;
    if patient::is_self(store, about, person)? {
        return Ok(gathered.done());
    }
    let reach = reach(store, about, delegation)?;
    let of_person = |standing| HeldStanding { standing, role: Role::Person, reach };
    match facts.state {
        // Who has the code of an invitation that names nobody shows it with the command.
        DelegationState::Invited if facts.person.is_none_or(|invited| invited == person) => {
            gathered.push(of_person(Standing::Invited));
        }
        DelegationState::Asked
        | DelegationState::Invited
        | DelegationState::Accepted
        | DelegationState::IdentityVerified
        | DelegationState::SafeguardingChecked
        | DelegationState::Active
        | DelegationState::Suspended
        | DelegationState::Ended => {
            if facts.person == Some(person) && facts.is_known_to_person() {
                gathered.push(of_person(Standing::Delegate));
            }
        }
    }
    Ok(gathered.done())
}

/// What a person is to what is written about a patient's helpers: as to the patient, and not as their delegate.
pub(super) fn standings_around<S: Entities>(
    store: &S,
    about: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Gathered<'_>, S::Fault> {
    let mut gathered = Gathered::new(store, person, now)?;
    if patient::is_self(store, about, person)? {
        patient::as_patient().into_iter().for_each(|held| gathered.push(held));
        return Ok(gathered);
    }
    gathered.bind_to(store, about, CodeSet::NONE)?;
    for held in standings_to_patient(store, about, person, now)? {
        if held.standing == Standing::Representative {
            gathered.push(held);
        }
    }
    if let Some(member) = care_team::member(store, about, person, now)?
        && gathered.holds(member.place)
    {
        gathered.push(HeldStanding::full(member.standing(now), member.place.role));
    }
    if let Some(facts) = store.get::<PatientFacts>(about.uuid())? {
        gathered.with_roles_at(Standing::Organization, facts.organization);
    }
    Ok(gathered)
}

/// Whether a person is or was the one who helps under a delegation, or is the patient.
pub(super) fn ever_had_standing<S: Entities>(
    store: &S,
    delegation: DelegationId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, S::Fault> {
    let Some(facts) = store.get::<DelegationFacts>(delegation.uuid())? else { return Ok(false) };
    if directives::bounds(store, facts.patient, person, CodeSet::NONE, now)?.keep_anything() {
        return Ok(false);
    }
    Ok((facts.person == Some(person) && facts.is_known_to_person())
        || patient::is_self(store, facts.patient, person)?
        || care_team::was_member(store, facts.patient, person)?)
}
