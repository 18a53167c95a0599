//! What a decision may look up outside its own stream: answers that are in memory and belong to one position of the log.
//!
//! To add a lookup: 1. a method of [`Lookups`]; 2. its answer in the authorization state, where the compiler asks for it;
//! 3. a field in `Fixed` (`fixed.rs`) for the tests.

use chrono::{DateTime, NaiveDate, Utc};

use crate::age::AgeGates;
use crate::calendar::Calendar;
use crate::directive_terms::Terms;
use crate::ids::{AuthorityId, DelegationId, DraftId, OrganizationId, PatientId, PersonId, PoolId, ThreadId};
use crate::party::{Party, Place};
use crate::scope::{AuthorityLimits, Scope};
use crate::shown::Digest;
use crate::text::PersonalText;
use crate::words::{AuthorityGround, AuthorityKind, AuthorityState, DelegationKind, DelegationState, OutsideWish};

/// What a decision may look up outside its aggregate, as of [`Acting::now`](super::Acting::now).
pub trait Lookups: Sync {
    /// The pool; none if there is no such pool.
    fn pool(&self, pool: PoolId) -> Option<PoolFacts>;

    /// The calendar in force at an organization, with its version; none if it has none.
    fn calendar(&self, organization: OrganizationId) -> Option<(u32, Calendar)>;

    /// Whether the person is a member of the pool now, in whatever role.
    fn is_pool_member(&self, pool: PoolId, person: PersonId) -> bool;

    /// The roles that a person holds now.
    fn roles(&self, person: PersonId) -> Vec<Place>;

    /// The place of a person on the care team of a patient now, while they hold its role; none for who helps the patient and
    /// was not put there by somebody who knows it.
    fn care_team_place(&self, patient: PatientId, person: PersonId) -> Option<Place>;

    /// The organization that keeps the record of a patient.
    fn record_keeper(&self, patient: PatientId) -> Option<OrganizationId>;

    /// Whether the organization registered the person, or they have or had a role there.
    fn is_known_at(&self, person: PersonId, organization: OrganizationId) -> bool;

    /// Whether a record of the organization is linked to the person, or openly proposed to them, that is not `record`.
    fn has_other_record(&self, person: PersonId, organization: OrganizationId, record: Option<PatientId>) -> bool;

    /// The records whose name and date of birth could be those of the patient who is sought, as far as the sender may
    /// read them.
    fn patients_like(&self, sought: Sought<'_>) -> Vec<PatientId>;

    /// Whether the personal text that is in force is this one. A correction to what is so already is none.
    fn is_in_force(&self, of: PersonalTextOf, text: &PersonalText) -> bool;

    /// Whether there is any organization yet.
    fn is_any_organization(&self) -> bool;

    /// Whether there is an organization whose name a reader could take for this one.
    fn is_organization_like(&self, name: &str) -> bool;

    /// Whether the person is the patient.
    fn is_patient(&self, patient: PatientId, person: PersonId) -> bool;

    /// Whether the person is kept now from working on what is about the patient: by a directive of the patient, with a
    /// thread one about that thread, with its codes; or since they help the patient, and nobody who knows it put them on the
    /// care team.
    fn is_blocked(&self, patient: PatientId, person: PersonId, thread: Option<ThreadId>) -> bool;

    /// The open threads about the patient, of those that the sender may find, in which nobody could go on if everybody were
    /// blocked whom a deny of these terms is about.
    fn resting_on(&self, patient: PatientId, terms: &Terms) -> Vec<ThreadId>;

    /// Whether a rule of the policy in force asks for a permission of the patient that these terms could give. A person who
    /// is named is not looked up, so that nobody learns from it what they are.
    fn is_permittable(&self, terms: &Terms) -> bool;

    /// Whether somebody else holds the role at the organization now, without an end.
    fn is_held_by_another(&self, person: PersonId, place: Place) -> bool;

    /// The people who hold the role at the organization now.
    fn holders(&self, place: Place) -> Vec<PersonId>;

    /// Whether the organization has or ever had an administrator.
    fn had_administrator(&self, organization: OrganizationId) -> bool;

    /// Whether the organization has a pool, or an open thread that it owns or for which it was opened.
    fn has_work(&self, organization: OrganizationId) -> bool;

    /// Whether at least one person belongs to the party now who is not the patient, and whom the patient does not keep from
    /// the work; with a thread, from that on the thread, with its codes.
    fn is_anybody(&self, party: Party, patient: Option<PatientId>, thread: Option<ThreadId>) -> bool;

    /// What a thread is about; none if there is no such thread.
    fn thread(&self, thread: ThreadId) -> Option<ThreadAbout>;

    /// Whether the sender of the command may find the thread. What is hidden from them is found as little as what is missing.
    fn may_find(&self, thread: ThreadId) -> bool;

    /// When a patient died, as it is recorded; none while they live, and where the record was an error.
    fn patient_died(&self, patient: PatientId) -> Option<DateTime<Utc>>;

    /// The date of birth of a patient; none where it is not known to the day, or was erased.
    fn birth_date(&self, patient: PatientId) -> Option<NaiveDate>;

    /// The ages that an organization set, or those that hold where it set none.
    fn age_gates(&self, organization: OrganizationId) -> AgeGates;

    /// The delegations about a patient, of whatever state.
    fn delegations_of(&self, patient: PatientId) -> Vec<DelegationBrief>;

    /// A legal authority; none if there is no such one.
    fn authority(&self, authority: AuthorityId) -> Option<AuthorityBrief>;

    /// The delegation, about whatever patient, for which it was verified within the twelve months before the instant who
    /// the person is: the newest one with evidence of its own.
    fn evidence_of(&self, person: PersonId, at: DateTime<Utc>) -> Option<DelegationId>;

    /// What a scope would open of a patient now.
    fn what_would_open(&self, patient: PatientId, scope: &Scope) -> OpenedList;

    /// A hash of the list of who would see a thread as a delegate if it were not hidden from them, and what each could do.
    fn would_see(&self, thread: ThreadId) -> Digest;

    /// How many messages from outside with this wish a person has sent since an instant, whatever came of them.
    fn outside_messages_since(&self, person: PersonId, wish: OutsideWish, since: DateTime<Utc>) -> u32;

    /// Whether there is such an organization.
    fn is_organization(&self, organization: OrganizationId) -> bool;

    /// Whether a note protects the patient from the person.
    fn is_protected_from(&self, patient: PatientId, person: PersonId) -> bool;

    /// Whether a verified legal authority about the patient rests on their lack of capacity.
    fn lacks_capacity(&self, patient: PatientId) -> bool;

    /// Whether the person has sent the form of a draft, which then ends in a moment.
    fn is_draft_sent(&self, author: PersonId, draft: DraftId) -> bool;

    /// Whether the person holds the role at the organization now.
    fn holds_role(&self, person: PersonId, place: Place) -> bool {
        self.roles(person).contains(&place)
    }
}

/// The name and the date of birth of a patient, to be compared with those of other records.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// Among whose records is searched.
    pub organization: OrganizationId,
    /// The name; none for that of the record itself.
    pub name: Option<&'a PersonalText>,
    /// The date of birth; none for that of the record itself.
    pub birth_date: Option<&'a PersonalText>,
    /// The record itself, if there is one already.
    pub record: Option<PatientId>,
}

/// A personal text that can be corrected. Folding reads no text, so an aggregate cannot compare it with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonalTextOf {
    /// The name of a person.
    PersonName(PersonId),
    /// The name of a patient.
    PatientName(PatientId),
    /// The date of birth of a patient.
    PatientBirthDate(PatientId),
}

/// A pool as a decision sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolFacts {
    /// The organization that it belongs to.
    pub organization: OrganizationId,
}

/// What a thread is about, as a decision outside it sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadAbout {
    /// The patient; none if it is about none.
    pub patient: Option<PatientId>,
    /// The organization for which it was opened.
    pub organization: OrganizationId,
}

/// A delegation as another decision sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegationBrief {
    /// The delegation.
    pub delegation: DelegationId,
    /// The person; none while an invitation names nobody.
    pub person: Option<PersonId>,
    /// The kind.
    pub kind: DelegationKind,
    /// The state.
    pub state: DelegationState,
    /// What it reaches, or is to reach. Nothing for an offer.
    pub scope: Scope,
    /// When it ends; none for an offer.
    pub until: Option<DateTime<Utc>>,
}

impl DelegationBrief {
    /// Whether it gives access now.
    #[must_use]
    pub fn gives_access(&self, now: DateTime<Utc>) -> bool {
        self.state == DelegationState::Active && self.until.is_some_and(|until| now < until)
    }

    /// Whether the person has accepted this kind of help, and it has not ended.
    #[must_use]
    pub fn is_accepted_by(&self, person: Option<PersonId>, kind: DelegationKind) -> bool {
        self.state.is_accepted() && person.is_some() && (self.person, self.kind) == (person, kind)
    }

    /// Whether the person has accepted to help at all, and it has not ended: then they have no access to the
    /// patient as staff, whether they have access already, still or not.
    #[must_use]
    pub fn is_of(&self, person: PersonId, now: DateTime<Utc>) -> bool {
        self.person == Some(person) && self.state.is_accepted() && self.until.is_none_or(|until| now < until)
    }
}

/// A legal authority as a delegation sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityBrief {
    /// The patient.
    pub patient: PatientId,
    /// Who has it.
    pub person: PersonId,
    /// The kind.
    pub kind: AuthorityKind,
    /// Why the patient needs somebody.
    pub ground: AuthorityGround,
    /// The state.
    pub state: AuthorityState,
    /// How far it goes; none until it was verified.
    pub limits: Option<AuthorityLimits>,
    /// From when it holds; none until it was verified.
    pub from: Option<DateTime<Utc>>,
    /// Until when it holds; none where it has no end.
    pub until: Option<DateTime<Utc>>,
}

impl AuthorityBrief {
    /// Whether it is in force at an instant: its state is verified, and its period has begun and is not over.
    #[must_use]
    pub fn is_in_force(&self, at: DateTime<Utc>) -> bool {
        let Self { state, from, until, .. } = *self;
        AuthorityForce { state, from, until }.holds_at(at)
    }
}

/// What decides whether a legal authority is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthorityForce {
    /// Where it stands.
    pub state: AuthorityState,
    /// From when on it is in force; none before it was verified.
    pub from: Option<DateTime<Utc>>,
    /// Until when, the instant itself excluded; none: without an end.
    pub until: Option<DateTime<Utc>>,
}

impl AuthorityForce {
    /// Whether it is in force at an instant: see [`AuthorityBrief::is_in_force`].
    #[must_use]
    pub fn holds_at(self, at: DateTime<Utc>) -> bool {
        self.state == AuthorityState::Verified
            && self.from.is_some_and(|from| from <= at)
            && self.until.is_none_or(|until| at < until)
    }
}

/// What a scope would open of a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedList {
    /// A hash of all that would open, which changes when anything on the list does.
    pub version: Digest,
    /// The threads on it that look sensitive and are neither labelled nor hidden.
    pub sensitive: Vec<ThreadId>,
}
