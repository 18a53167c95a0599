//! The delegations of a patient, as far as they decide who may: who helps, within which scope, until when.
//!
//! A standing that the scope does not give is not held: a topic, a kind, a code, a label or a thread outside of it is cut
//! here, before the policy is asked. An access ends at its instant, which each use compares with the clock, with the
//! patient's life, with the ages of a minor, and with the legal authority on which it rests, whatever the process that ends
//! delegations has done already.
//!
//! A person who has accepted to help has no access to the patient as staff until that ends: they keep what the delegations
//! give and lose every standing of their work, whether a delegation gives access or not. An invitation that nobody has accepted takes
//! nothing away, so that nobody is kept from their work by being invited. They stay what they are where they are on the care
//! team and another person recorded that they know of it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use care::conversation::Since;
use care::delegation::{Activated, DelegationEvent, Scope, TopicVerbs};
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
use super::timers::DelegationTimers;
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
    /// Who invited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited_by: Option<PersonId>,
    /// Who checked that the access is safe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_by: Option<PersonId>,
    /// From where on the threads that were there at the first access are seen, where the scope begins with it. A thread
    /// that is not in it is seen from its beginning.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub windows: BTreeMap<ThreadId, Since>,
    /// The newest event: what a process that acts on this state names as its cause.
    pub last: EventId,
}

impl Entity for DelegationFacts {
    const TABLE: &'static str = "delegation";
    const SHAPE: u32 = 3;

    fn marks(&self) -> Vec<Mark> {
        let mut marks: Vec<Mark> = self.person.into_iter().map(Mark::Helps).collect();
        marks.extend(self.followed_up_by().map(Mark::FollowsUp));
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
            invited_by: None,
            checked_by: None,
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
                this.invited_by = invited.by.person();
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
                this.scope = passed.check.scope.clone();
                this.checked_by = passed.check.by.person();
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
    /// protects the patient or whose legal authority is disputed or has ended: no process has to have suspended it. From an
    /// age of a minor on nobody has it by reason of minority, until the event says what is left of it.
    pub fn is_active<S: Entities>(
        &self,
        store: &S,
        id: DelegationId,
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
        let is_given = is_open && in_life && !is_protected;
        Ok(is_given && self.rests_on_law(store, now)? && self.is_at_its_age(store, id, now)?)
    }

    /// Whether it does not rest on minority, or no age has come that no event has followed yet. Who cannot be shown to be a
    /// minor gives nobody access by that.
    fn is_at_its_age<S: Entities>(&self, store: &S, id: DelegationId, now: DateTime<Utc>) -> Result<bool, S::Fault> {
        let authority = match self.authority {
            Some(authority) => store.get::<LegalAuthorityFacts>(authority.uuid())?,
            None => None,
        };
        if !self.kind.rests_on_minority(authority.map(|authority| authority.ground)) {
            return Ok(true);
        }
        let Some(ages) = store.ages(id) else { return Ok(false) };
        let timers = store.get::<DelegationTimers>(id.uuid())?;
        Ok(timers.is_some_and(|timers| !timers.deadlines.is_age_due(ages, now)))
    }

    /// Whether it rests on no legal authority, or on one that is in force now. One that cannot be read proves nothing, so it
    /// gives nothing.
    fn rests_on_law<S: Entities>(&self, store: &S, now: DateTime<Utc>) -> Result<bool, S::Fault> {
        let Some(authority) = self.authority else { return Ok(true) };
        let facts = store.get::<LegalAuthorityFacts>(authority.uuid())?;
        Ok(facts.is_some_and(|facts| facts.is_in_force(now)))
    }

    /// Whether the person has accepted to help, and it has not ended.
    fn is_accepted(&self, now: DateTime<Utc>) -> bool {
        self.state.is_accepted() && self.until.is_none_or(|until| now < until)
    }

    /// Who is told if another person does not take the next step: who invited, or who checked that the access is safe.
    pub fn followed_up_by(&self) -> Option<PersonId> {
        match self.state {
            DelegationState::Invited => self.invited_by,
            DelegationState::SafeguardingChecked => self.checked_by,
            DelegationState::Asked
            | DelegationState::Accepted
            | DelegationState::IdentityVerified
            | DelegationState::Active
            | DelegationState::Suspended
            | DelegationState::Ended => None,
        }
    }

    /// Whether the person was ever invited: only then they know of it. An offer of theirs whose patient was found says so to
    /// nobody but the patient and staff.
    pub fn is_known_to_person(&self) -> bool {
        self.until.is_some()
    }

    /// Whether it lets the person manage the patient's other helpers, where it is active.
    fn represents(&self) -> bool {
        self.kind.is_representative() && self.scope.manages_helpers
    }

    /// What may be done in a thread under it, where it is active.
    pub(super) fn verbs_in(&self, id: ThreadId, thread: &ThreadLabels, patient: &PatientFacts) -> Option<Verbs> {
        let existed = self.until_death(patient).is_none_or(|died_at| thread.opened_at <= died_at);
        verbs_in(&self.scope, id, thread).filter(|_| existed)
    }

    /// The instant up to which it lets read: an executor reads what there was when the patient died. None: all that comes.
    fn until_death(&self, patient: &PatientFacts) -> Option<DateTime<Utc>> {
        match self.kind {
            DelegationKind::Executor => patient.died_at(),
            DelegationKind::PatientAuthorised
            | DelegationKind::ProfessionalHelper
            | DelegationKind::ParentOfMinor
            | DelegationKind::LegalRepresentative => None,
        }
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
    pub opened_at: DateTime<Utc>,
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

/// A person as one who helps a patient now.
pub(super) struct Helping<'s> {
    about: PatientId,
    person: PersonId,
    /// None where the patient is not known, and where the person never helped.
    patient: Option<Cow<'s, PatientFacts>>,
    /// Their delegations that are active.
    active: Vec<(DelegationId, Cow<'s, DelegationFacts>)>,
    /// Whether they have accepted to help, and it has not ended.
    has_accepted: bool,
}

impl<'s> Helping<'s> {
    pub fn of<S: Entities>(
        store: &'s S,
        about: PatientId,
        person: PersonId,
        now: DateTime<Utc>,
    ) -> Result<Self, S::Fault> {
        let mut this = Self { about, person, patient: None, active: Vec::new(), has_accepted: false };
        let of = store.get::<DelegationsOf>(about.uuid())?;
        let Some(ids) = of.as_ref().and_then(|of| of.helpers.get(&person)) else { return Ok(this) };
        this.patient = store.get::<PatientFacts>(about.uuid())?;
        for id in ids {
            let Some(facts) = store.get::<DelegationFacts>(id.uuid())? else {
                // It cannot be read, so it gives nothing, and may have been accepted.
                this.has_accepted = true;
                continue;
            };
            this.has_accepted |= facts.is_accepted(now);
            if let Some(patient) = &this.patient
                && facts.is_active(store, *id, patient, now)?
            {
                this.active.push((*id, facts));
            }
        }
        Ok(this)
    }

    /// Whether every standing of their work is denied to them about the patient.
    pub fn keeps_from_work<S: Entities>(&self, store: &S, now: DateTime<Utc>) -> Result<bool, S::Fault> {
        Ok(self.has_accepted && !care_team::is_conflict_known(store, self.about, self.person, now)?)
    }

    /// What they are to a thread by their delegations.
    pub fn standings_in_thread(&self, id: ThreadId, labels: &ThreadLabels) -> Vec<HeldStanding> {
        let Some(patient) = &self.patient else { return Vec::new() };
        let mut held = Vec::new();
        for (grant, facts) in &self.active {
            if let Some(verbs) = facts.verbs_in(id, labels, patient) {
                let (since, until) = (facts.window(id), facts.until_death(patient));
                let reach = Reach { since, until, verbs, ..reach(Some(patient), *grant) };
                held.push(HeldStanding { standing: Standing::Delegate, role: Role::Person, reach });
            }
        }
        held
    }

    /// What they are to the patient by their delegations.
    pub fn standings_to_patient(&self) -> Vec<HeldStanding> {
        let mut held = Vec::new();
        for (grant, facts) in &self.active {
            let reach = reach(self.patient.as_deref(), *grant);
            let delegate = HeldStanding { standing: Standing::Delegate, role: Role::Person, reach };
            held.push(delegate);
            if facts.represents() {
                held.push(HeldStanding { standing: Standing::Representative, ..delegate });
            }
        }
        held
    }
}

/// Whether a person is kept from all work on what is about a patient, since they help the patient themself.
pub(crate) fn keeps_from_work<S: Entities>(
    store: &S,
    about: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, S::Fault> {
    Helping::of(store, about, person, now)?.keeps_from_work(store, now)
}

/// Whether a person is told nothing of what they were to what is about a patient, a thing with these codes: the patient
/// blocks them, or they help the patient and so have no access as staff.
pub(crate) fn forgets<S: Entities>(
    store: &S,
    about: PatientId,
    person: PersonId,
    codes: CodeSet,
    now: DateTime<Utc>,
) -> Result<bool, S::Fault> {
    let is_blocked = directives::bounds(store, about, person, codes, now)?.keep_anything();
    Ok(is_blocked || keeps_from_work(store, about, person, now)?)
}

/// Whether a person helps a patient now, within whatever scope.
pub(crate) fn helps<S: Entities>(
    store: &S,
    about: PatientId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, S::Fault> {
    Ok(!Helping::of(store, about, person, now)?.active.is_empty())
}

/// The reach of a delegation.
fn reach(patient: Option<&PatientFacts>, grant: DelegationId) -> Reach {
    let on_behalf_of = patient.and_then(|patient| patient.person);
    Reach { on_behalf_of, grant: Some(grant), ..Reach::FULL }
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
    let reach = reach(store.get::<PatientFacts>(about.uuid())?.as_deref(), delegation);
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
    let helping = Helping::of(store, about, person, now)?;
    for held in helping.standings_to_patient() {
        if held.standing == Standing::Representative {
            gathered.push(held);
        }
    }
    if helping.keeps_from_work(store, now)? {
        return Ok(gathered);
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
    if (facts.person == Some(person) && facts.is_known_to_person()) || patient::is_self(store, facts.patient, person)? {
        return Ok(true);
    }
    Ok(!keeps_from_work(store, facts.patient, person, now)? && care_team::was_member(store, facts.patient, person)?)
}
