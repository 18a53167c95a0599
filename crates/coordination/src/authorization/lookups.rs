//! What decisions may look up, answered from the authorization state.

use care::age::AgeGates;
use care::aggregate::{
    AuthorityBrief, DelegationBrief, Lookups, OpenedList, PersonalTextOf, PoolFacts, Sought, ThreadAbout,
};
use care::calendar::Calendar;
use care::consent_directive::Terms;
use care::conversation::{Party, Place};
use care::envelope::Actor;
use care::ids::{AuthorityId, DelegationId, DraftId, Id, OrganizationId, PatientId, PersonId, PoolId, ThreadId};
use care::public_name::look_alike;
use care::scope::Scope;
use care::shown::Digest;
use care::text::PersonalText;
use care::words::{AuthorityGround, AuthorityState, DirectiveEffect, OutsideWish, Purpose, Role};
use chrono::{DateTime, Months, NaiveDate, Utc};
use policy::question::CodeSet;

use super::delegation::DelegationFacts;
use super::draft::DraftsOf;
use super::entity::Held;
use super::index::Mark;
use super::legal_authority::{AuthoritiesAbout, LegalAuthorityFacts};
use super::namesakes::Namesakes;
use super::organization::OrganizationFacts;
use super::outside_message::OutsideMessageFacts;
use super::patient::PatientFacts;
use super::person::PersonFacts;
use super::thread::ThreadFacts;
use super::{AuthorizationState, Subject, care_team, certain, delegation, hiding};

/// What decisions may look up, as it is at an instant.
pub(crate) struct LookupsAt<'a> {
    pub state: &'a AuthorizationState,
    pub now: DateTime<Utc>,
    /// How names are compared; none where no command is decided.
    pub namesakes: Option<Namesakes<'a>>,
}

impl Lookups for LookupsAt<'_> {
    fn pool(&self, pool: PoolId) -> Option<PoolFacts> {
        self.state.home(pool).map(|organization| PoolFacts { organization })
    }

    fn calendar(&self, organization: OrganizationId) -> Option<(u32, Calendar)> {
        self.state.entity::<OrganizationFacts>(organization.uuid())?.calendar.clone()
    }

    fn is_pool_member(&self, pool: PoolId, person: PersonId) -> bool {
        self.state.pool_members(pool, self.now).contains(&person)
    }

    fn roles(&self, person: PersonId) -> Vec<Place> {
        self.state.entity::<PersonFacts>(person.uuid()).map_or_else(Vec::new, |facts| facts.places(self.now).collect())
    }

    fn care_team_place(&self, patient: PatientId, person: PersonId) -> Option<Place> {
        let place = certain(care_team::place(self.state, patient, person, self.now));
        place.filter(|_| !certain(delegation::keeps_from_work(self.state, patient, person, self.now)))
    }

    fn record_keeper(&self, patient: PatientId) -> Option<OrganizationId> {
        self.state.keeper(patient)
    }

    fn is_patient(&self, patient: PatientId, person: PersonId) -> bool {
        self.state.entity::<PatientFacts>(patient.uuid()).is_some_and(|facts| facts.person == Some(person))
    }

    fn is_known_at(&self, person: PersonId, organization: OrganizationId) -> bool {
        self.state.entity::<PersonFacts>(person.uuid()).is_some_and(|facts| facts.is_known_at(organization))
    }

    fn has_other_record(&self, person: PersonId, organization: OrganizationId, record: Option<PatientId>) -> bool {
        let mut others = self.state.index.under(Mark::RecordOf(person)).filter(|id| record.map(Id::uuid) != Some(*id));
        let is_theirs =
            |facts: &PatientFacts| facts.organization == organization && facts.is_record_of(person, self.now);
        others.any(|id| self.state.entity::<PatientFacts>(id).is_some_and(is_theirs))
    }

    fn patients_like(&self, sought: Sought<'_>) -> Vec<PatientId> {
        let Some(namesakes) = &self.namesakes else { return Vec::new() };
        namesakes.find(self.state, sought, |subject| self.state.may_find(namesakes.viewer, subject, self.now))
    }

    fn is_in_force(&self, of: PersonalTextOf, text: &PersonalText) -> bool {
        self.namesakes.as_ref().is_some_and(|namesakes| namesakes.is_in_force(self.state, of, text))
    }

    fn is_any_organization(&self) -> bool {
        self.state.all::<OrganizationFacts>().next().is_some()
    }

    fn is_organization_like(&self, name: &str) -> bool {
        self.state.all::<OrganizationFacts>().any(|(_, facts)| look_alike(&facts.name, name))
    }

    fn is_blocked(&self, patient: PatientId, person: PersonId, thread: Option<ThreadId>) -> bool {
        let codes = thread.and_then(|thread| self.state.thread(thread)).map_or(CodeSet::NONE, |facts| facts.codes);
        self.state.bounds(patient, person, codes, self.now).keep_from_work(self.roles(person))
            || certain(delegation::keeps_from_work(self.state, patient, person, self.now))
    }

    fn resting_on(&self, patient: PatientId, terms: &Terms) -> Vec<ThreadId> {
        self.resting_among(patient, terms, |thread| self.may_find(thread))
    }

    fn is_permittable(&self, terms: &Terms) -> bool {
        let Some((namesakes, purpose)) = self.namesakes.as_ref().zip(terms.purpose) else { return false };
        let roles: Vec<Role> = terms.whom.role.into_iter().collect();
        namesakes.viewer.asks_permission(&roles, purpose)
    }

    fn holders(&self, place: Place) -> Vec<PersonId> {
        self.state.people(Party::Role(place), self.now)
    }

    fn is_held_by_another(&self, person: PersonId, place: Place) -> bool {
        let others = self.state.all::<PersonFacts>().filter(|(id, _)| *id != person.uuid());
        let stays = |held: &Held| held.place == place && held.period.until.is_none() && held.period.holds(self.now);
        others.flat_map(|(_, facts)| &facts.roles).any(stays)
    }

    fn had_administrator(&self, organization: OrganizationId) -> bool {
        self.state.entity::<OrganizationFacts>(organization.uuid()).is_some_and(|facts| facts.had_administrator)
    }

    fn has_work(&self, organization: OrganizationId) -> bool {
        let has_pool = |facts: &OrganizationFacts| !facts.pools.is_empty();
        let is_of = |facts: &ThreadFacts| [facts.organization, facts.owning_organization].contains(&organization);
        self.state.entity::<OrganizationFacts>(organization.uuid()).is_some_and(has_pool)
            || self.state.all::<ThreadFacts>().any(|(_, facts)| !facts.closed && is_of(facts))
    }

    fn thread(&self, thread: ThreadId) -> Option<ThreadAbout> {
        let facts = self.state.thread(thread)?;
        Some(ThreadAbout { patient: facts.patient, organization: facts.organization })
    }

    fn may_find(&self, thread: ThreadId) -> bool {
        let subject = Subject::Thread(thread);
        self.namesakes.as_ref().is_some_and(|sender| self.state.may_find(sender.viewer, &subject, self.now))
    }

    fn is_draft_sent(&self, author: PersonId, draft: DraftId) -> bool {
        let drafts = self.state.entity::<DraftsOf>(author.uuid());
        drafts.and_then(|of| of.drafts.get(&draft)).is_some_and(|draft| draft.sent.is_some())
    }

    fn patient_died(&self, patient: PatientId) -> Option<DateTime<Utc>> {
        self.state.entity::<PatientFacts>(patient.uuid())?.died_at()
    }

    fn birth_date(&self, patient: PatientId) -> Option<NaiveDate> {
        self.namesakes.as_ref()?.birth_date(self.state, patient)
    }

    fn age_gates(&self, organization: OrganizationId) -> AgeGates {
        let facts = self.state.entity::<OrganizationFacts>(organization.uuid());
        facts.and_then(|facts| facts.age_gates).unwrap_or_default()
    }

    fn delegations_of(&self, patient: PatientId) -> Vec<DelegationBrief> {
        let brief = |(delegation, facts): (DelegationId, &DelegationFacts)| {
            let DelegationFacts { person, kind, state, scope, until, .. } = facts.clone();
            DelegationBrief { delegation, person, kind, state, scope, until }
        };
        self.state.delegations_of(patient).map(brief).collect()
    }

    fn authority(&self, authority: AuthorityId) -> Option<AuthorityBrief> {
        self.state.entity::<LegalAuthorityFacts>(authority.uuid()).map(LegalAuthorityFacts::brief)
    }

    fn evidence_of(&self, person: PersonId, at: DateTime<Utc>) -> Option<DelegationId> {
        let year_before = at.checked_sub_months(Months::new(12))?;
        let of = self.state.delegations_to(person);
        let verified = of.filter_map(|(id, facts)| Some((facts.identified_at?, id)));
        verified.filter(|(since, _)| year_before < *since && *since <= at).max().map(|(_, id)| id)
    }

    fn what_would_open(&self, patient: PatientId, scope: &Scope) -> OpenedList {
        self.state.opened_list(patient, scope)
    }

    fn would_see(&self, thread: ThreadId) -> Digest {
        hiding::version(thread, &self.state.would_see(thread, self.now))
    }

    fn outside_messages_since(&self, person: PersonId, wish: OutsideWish, since: DateTime<Utc>) -> u32 {
        let sent = self.state.index.under(Mark::SentOutside(person));
        let sent = sent.filter_map(|id| self.state.entity::<OutsideMessageFacts>(id));
        let counted = sent.filter(|facts| facts.wish == wish && since <= facts.sent_at).count();
        u32::try_from(counted).unwrap_or(u32::MAX)
    }

    fn is_organization(&self, organization: OrganizationId) -> bool {
        self.state.has_organization(organization)
    }

    fn is_protected_from(&self, patient: PatientId, person: PersonId) -> bool {
        self.state.entity::<PatientFacts>(patient.uuid()).is_some_and(|facts| facts.is_protected_from(person))
    }

    fn lacks_capacity(&self, patient: PatientId) -> bool {
        let about = self.state.entity::<AuthoritiesAbout>(patient.uuid());
        let all = about.into_iter().flat_map(|about| &about.all);
        let mut facts = all.filter_map(|id| self.state.entity::<LegalAuthorityFacts>(id.uuid()));
        facts.any(|facts| facts.state == AuthorityState::Verified && facts.ground == AuthorityGround::LackOfCapacity)
    }

    fn is_anybody(&self, party: Party, patient: Option<PatientId>, thread: Option<ThreadId>) -> bool {
        let is_out = |person: PersonId| {
            patient.is_some_and(|patient| self.is_patient(patient, person) || self.is_blocked(patient, person, thread))
        };
        self.state.people(party, self.now).iter().any(|person| !is_out(*person) && self.works(*person, party))
    }
}

impl LookupsAt<'_> {
    /// The open threads about a patient, of those that the giver of a deny finds, in which nobody else could go on. They
    /// learn nothing of a thread that they may not find: the blocked person loses that one too, and a process says who
    /// goes on with it.
    pub fn resting_among(
        &self,
        patient: PatientId,
        terms: &Terms,
        is_found: impl Fn(ThreadId) -> bool,
    ) -> Vec<ThreadId> {
        // Nobody works for another purpose on what is about a patient.
        if terms.purpose.is_some_and(|purpose| ![Purpose::Treatment, Purpose::CareCoordination].contains(&purpose)) {
            return Vec::new();
        }
        let rests = |thread: &ThreadId| {
            let facts = self.state.thread(*thread);
            facts.is_some_and(|facts| {
                terms.reaches(DirectiveEffect::Deny, facts.codes.codes())
                    && is_found(*thread)
                    && self.rests_on(patient, *thread, terms)
            })
        };
        self.state.open_threads_about(patient).filter(rests).collect()
    }

    /// Whether somebody whom a deny is about has to do with an open thread, and nobody else could say who goes on without
    /// them: no member of its pool, no coordinator and no administrator of its organization.
    fn rests_on(&self, patient: PatientId, thread: ThreadId, terms: &Terms) -> bool {
        let Some(facts) = self.state.thread(thread) else { return false };
        let is_named = |person: PersonId| terms.whom.names(person, &self.roles(person));
        let takes_part = |person: &PersonId| facts.participation(*person, self.now).is_some();
        let waits_for = facts.waiting.map(|waiting| self.state.people(waiting.on.party, self.now));
        let mut has_to_do: Vec<PersonId> =
            [facts.requester, facts.opened_by].into_iter().filter_map(Actor::person).collect();
        has_to_do.extend(facts.owner.person());
        has_to_do.extend(facts.participants.keys().copied().filter(takes_part));
        has_to_do.extend(waits_for.into_iter().flatten());
        let organization = facts.owning_organization;
        let roles = [Role::Coordinator, Role::Administrator].map(|role| Party::Role(Place { role, organization }));
        let is_another = |party: Party| {
            let others = self.state.people(party, self.now).into_iter().filter(|each| !is_named(*each));
            let is_out = |each| self.is_patient(patient, each) || self.is_blocked(patient, each, Some(thread));
            others.into_iter().any(|each| !is_out(each))
        };
        // A patient is not to notice a thread that only its participants know.
        has_to_do.into_iter().any(is_named)
            && !facts.kind.is_participants_only()
            && !facts.owner.pool().map(Party::Pool).into_iter().chain(roles).any(is_another)
    }

    /// Whether a person who is named as a party still holds any role; a patient needs none.
    fn works(&self, person: PersonId, party: Party) -> bool {
        match party {
            Party::Person(_) => !self.roles(person).is_empty(),
            Party::Pool(_) | Party::PoolCoordinator(_) | Party::Role(_) | Party::Patient(_) | Party::Nobody => true,
        }
    }
}
