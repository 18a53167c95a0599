//! Who may read a message: the rules as a clinician says them, over the list of everything that has happened.
//!
//! It is slow and simple on purpose. Nothing is kept between two questions: each reads the list from its beginning. It
//! shares no code with the authorization, which `by_the_rules.rs` compares with it after every step. The words of the rules
//! are in the comments; a clinician can read them alone. `rules/facts.rs` reads from the list what the rules ask about.

use std::collections::{BTreeMap, BTreeSet};

use care::conversation::{Addressed, MessagePosted, Owner, Place};
use care::delegation::Scope;
use care::envelope::Actor;
use care::event::{Event, Stream};
use care::ids::{AuthorityId, OrganizationId, PatientId, PersonId, PoolId, ThreadId};
use care::lifecycle::ThreadKind;
use care::words::{Confidentiality, DelegationHistory, DelegationKind, Purpose, Role, Sensitivity, Topic};
use chrono::{DateTime, NaiveDate, Utc};

mod directed;
mod facts;

/// One event, as it happened.
#[derive(Debug, Clone)]
pub struct Happened {
    pub at: DateTime<Utc>,
    pub stream: Stream,
    pub event: Event,
}

/// Everything that has happened until now, the oldest first.
pub struct History {
    pub all: Vec<Happened>,
    pub now: DateTime<Utc>,
    /// The days of birth, which the events hold only sealed.
    pub born: BTreeMap<PatientId, NaiveDate>,
}

/// A message that was posted.
#[derive(Debug)]
pub struct Message {
    pub thread: ThreadId,
    /// Its place in the list of events.
    pub place: usize,
    pub at: DateTime<Utc>,
    pub posted: MessagePosted,
}

/// A thread as it is now.
pub struct ThreadNow {
    pub id: ThreadId,
    pub kind: ThreadKind,
    pub patient: Option<PatientId>,
    /// The place of its opening in the list of events, and when that was.
    opened: usize,
    opened_at: DateTime<Utc>,
    asks: Actor,
    asking: OrganizationId,
    answering: OrganizationId,
    owner: Owner,
    pools: BTreeSet<PoolId>,
    topic: Topic,
    class: Confidentiality,
    codes: BTreeSet<Sensitivity>,
    is_hidden: bool,
}

/// A way by which a person reads messages of a thread.
#[derive(Debug)]
pub struct Way {
    pub why: Why,
    purpose: Purpose,
    past: Past,
    /// Nothing that was written after this instant; none: all that comes.
    until: Option<DateTime<Utc>>,
    messages: Messages,
}

/// Why a person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    IsThePatient,
    HelpsThePatient(DelegationKind),
    Asks,
    HoldsIt,
    TakesPart,
    IsOnTheCareTeam,
    IsPermittedByThePatient,
    WorksWhereItWasAsked,
    CoordinatesWhereItIsAnswered,
    IsInAPoolOfIt,
}

/// How much of the past.
#[derive(Debug, Clone, Copy)]
enum Past {
    All,
    /// From the message of this number on.
    FromNumber(u32),
    /// What was posted after this place in the list of events.
    After(usize),
}

/// Which messages.
#[derive(Debug, Clone, Copy)]
enum Messages {
    /// Those for everyone, those for the clinical team, whatever the team shares with one person, and those that name the
    /// reader or that the reader addressed to others by name.
    OfTheTeam,
    /// Those for everyone.
    ForEveryone,
    /// Those for everyone and those that name the reader or that the reader addressed to others by name.
    ForEveryoneAndByName,
    /// Those for everyone, and those that the team shares with the reader.
    OfThePatient,
}

/// A delegation, as far as it decides what its delegate reads.
struct Help {
    patient: PatientId,
    kind: DelegationKind,
    person: Option<PersonId>,
    scope: Scope,
    until: Option<DateTime<Utc>>,
    /// Whether the access is on: activated, and neither suspended nor ended.
    is_on: bool,
    /// The place of its activation in the list of events.
    begun: usize,
    /// When a person last said how far it goes, and not narrower than before.
    agreed_at: DateTime<Utc>,
    authority: Option<AuthorityId>,
    works_at: Option<OrganizationId>,
}

/// The age from which on a parent keeps ordinary appointments and education alone, unless more is agreed with the minor, and
/// nothing that is sensitive whatever is agreed.
const FIRST_GATE: u32 = 12;
/// The age at which access by reason of minority ends.
const ADULT: u32 = 18;

impl Way {
    /// Whether the message is read this way.
    pub fn shows(&self, reader: PersonId, message: &Message) -> bool {
        let is_recent = match self.past {
            Past::All => true,
            Past::FromNumber(first) => first <= message.posted.number,
            Past::After(place) => place < message.place,
        };
        let is_by_reader = message.posted.by == Actor::Person(reader);
        let is_meant = match (&message.posted.addressed, self.messages) {
            (Addressed::Everyone, _) => true,
            (Addressed::ClinicalTeam, Messages::OfTheTeam) => true,
            (Addressed::ClinicalTeam, _) => false,
            (Addressed::Named(named), Messages::OfTheTeam | Messages::ForEveryoneAndByName) => {
                is_by_reader || named.contains(&reader)
            }
            (Addressed::Named(_), _) => false,
            (Addressed::TeamAnd(_), Messages::OfTheTeam) => true,
            (Addressed::TeamAnd(person), Messages::OfThePatient) => *person == reader,
            (Addressed::TeamAnd(_), _) => false,
        };
        let is_in_time = self.until.is_none_or(|until| message.at <= until);
        is_recent && is_in_time && is_meant
    }

    /// Whether what a thread says first, such as its question, is within what is read this way. Who sees it from a message
    /// on that others came before does not read it, nor who helps since later than its opening.
    pub fn shows_opening(&self, thread: &ThreadNow) -> bool {
        match self.past {
            Past::All => true,
            Past::FromNumber(first) => first <= 1,
            Past::After(place) => place < thread.opened,
        }
    }
}

impl History {
    /// The ways by which a person reads messages of a thread now; none for who reads nothing in it.
    pub fn ways(&self, person: PersonId, thread: &ThreadNow) -> Vec<Way> {
        let is_conversation_with_patient = match thread.kind {
            ThreadKind::Consultation => true,
            ThreadKind::TeamThread => false,
        };
        if let Some(patient) = thread.patient {
            // The patient is nothing but the patient, whatever work they do here. They read every conversation with them,
            // and know of no thread of the team.
            if self.is_patient(patient, person) {
                let (why, purpose) = (Why::IsThePatient, Purpose::PatientRequest);
                let way = Way { why, purpose, past: Past::All, until: None, messages: Messages::OfThePatient };
                return if is_conversation_with_patient { vec![way] } else { vec![] };
            }
            // Whom the patient blocks from what the thread is about reads nothing, whatever else they are.
            if self.is_shut_out(patient, person, thread, None) {
                return vec![];
            }
            // A person who has accepted to help the patient reads as a helper, and nothing as staff.
            if self.is_kept_from_work(patient, person) {
                return if is_conversation_with_patient { self.as_helper(person, thread) } else { vec![] };
            }
            // A social worker of the care team reads nothing that is restricted, whatever else they are.
            let is_restricted = thread.class > Confidentiality::Normal;
            let place = self.care_team_place(patient, person);
            if is_conversation_with_patient
                && is_restricted
                && place.is_some_and(|place| place.role == Role::SocialWorker)
            {
                return vec![];
            }
        }
        let mut ways = match thread.kind {
            ThreadKind::Consultation => {
                let mut ways = self.as_helper(person, thread);
                ways.extend(self.as_staff(person, thread));
                ways
            }
            ThreadKind::TeamThread => self.in_team_thread(person, thread),
        };
        // Whom the patient blocks for one purpose reads nothing for it, and for another what they read before.
        if let Some(patient) = thread.patient {
            ways.retain(|way| !self.is_shut_out(patient, person, thread, Some(way.purpose)));
        }
        ways
    }

    /// A person who helps the patient reads under each delegation what lies within its scope.
    fn as_helper(&self, person: PersonId, thread: &ThreadNow) -> Vec<Way> {
        let Some(patient) = thread.patient else { return vec![] };
        let mut ways = Vec::new();
        for help in self.helps_of(patient) {
            if help.person != Some(person) || !self.gives_access(&help) || thread.is_hidden {
                continue;
            }
            // The topic is granted.
            let is_topic = help.scope.topics.get(&thread.topic).is_some_and(|verbs| verbs.read);
            let is_cut = self.is_cut_at_first_gate(&help);
            let is_kept = match thread.topic {
                Topic::Scheduling | Topic::Education => true,
                Topic::ClinicalAdvice | Topic::Medications | Topic::Results | Topic::Social | Topic::Billing => !is_cut,
            };
            // The kind is granted and the thread is ordinary, or the thread is listed by name.
            let is_of_kind = help.scope.kinds.contains(&thread.kind) && thread.class == Confidentiality::Normal;
            let is_listed = help.scope.threads.contains(&thread.id) && !is_cut;
            // Each sensitive subject of the thread is opened by name, and none is to a parent of a minor who has reached the
            // first gate.
            let is_own = help.kind == DelegationKind::ParentOfMinor && self.is_of_age(help.patient, FIRST_GATE);
            let are_opened = thread.codes.iter().all(|code| help.scope.sensitivities.contains(code) && !is_own);
            // An executor reads what there was when the patient died: no later thread, and no later message.
            let until = match help.kind {
                DelegationKind::Executor => self.died_at(patient),
                DelegationKind::PatientAuthorised
                | DelegationKind::ProfessionalHelper
                | DelegationKind::ParentOfMinor
                | DelegationKind::LegalRepresentative => None,
            };
            let existed = until.is_none_or(|until| thread.opened_at <= until);
            if is_topic && is_kept && (is_of_kind || is_listed) && are_opened && existed {
                let past = match help.scope.history {
                    DelegationHistory::All => Past::All,
                    DelegationHistory::FromGrant => Past::After(help.begun),
                };
                let (why, purpose) = (Why::HelpsThePatient(help.kind), Purpose::FamilyRequest);
                ways.push(Way { why, purpose, past, until, messages: Messages::OfThePatient });
            }
        }
        ways
    }

    /// Whether a delegation gives access now.
    fn gives_access(&self, help: &Help) -> bool {
        let is_before_end = help.until.is_some_and(|until| self.now < until);
        // After the death an executor reads, and nobody else; in life an executor reads nothing.
        let is_dead = self.died_at(help.patient).is_some();
        let is_in_time = match help.kind {
            DelegationKind::Executor => is_dead,
            DelegationKind::PatientAuthorised
            | DelegationKind::ProfessionalHelper
            | DelegationKind::ParentOfMinor
            | DelegationKind::LegalRepresentative => !is_dead,
        };
        let is_adult = help.kind == DelegationKind::ParentOfMinor && self.is_of_age(help.patient, ADULT);
        // A note that protects the patient from the person takes the access away.
        let is_protected = help.person.is_some_and(|person| self.is_protected_from(help.patient, person));
        // What rests on a document that is disputed, or on one that has ended, gives nothing; nor does the help of somebody
        // who works for their organization no more.
        let rests = help.authority.is_none_or(|authority| self.is_in_force(authority));
        let works = match (help.works_at, help.person) {
            (Some(organization), Some(person)) => self.works_anyhow_at(person, organization),
            (Some(_), None) => false,
            (None, _) => true,
        };
        help.is_on && is_before_end && is_in_time && !is_adult && !is_protected && rests && works
    }

    /// Whether a parent keeps ordinary appointments and education alone: the child has reached the first gate, and nothing has been
    /// agreed since.
    fn is_cut_at_first_gate(&self, help: &Help) -> bool {
        let gate = self.birthday(help.patient, FIRST_GATE);
        help.kind == DelegationKind::ParentOfMinor && gate <= self.now && help.agreed_at < gate
    }

    /// What a person reads of a conversation with the patient by their work.
    fn as_staff(&self, person: PersonId, thread: &ThreadNow) -> Vec<Way> {
        let works = |role, organization| self.works_as(person, Place { role, organization });
        let is_normal = thread.class == Confidentiality::Normal;
        let is_ordinary = is_normal && thread.codes.is_empty();
        let up_to_restricted = thread.class <= Confidentiality::Restricted;
        let mut ways = Vec::new();
        let mut reads =
            |why, role, past, messages| ways.push(Way { why, purpose: purpose_of(role), past, until: None, messages });
        // The physician who asks, and the physician who holds it: everything.
        if thread.asks == Actor::Person(person) && works(Role::Physician, thread.asking) {
            reads(Why::Asks, Role::Physician, Past::All, Messages::OfTheTeam);
        }
        if thread.owner.person() == Some(person) && works(Role::Physician, thread.answering) {
            reads(Why::HoldsIt, Role::Physician, Past::All, Messages::OfTheTeam);
        }
        // A clinician or coordinator who was added: everything within their window.
        if let Some((place, past)) = self.participation(person, thread)
            && self.works_as(person, place)
            && (is_clinician(place.role) || place.role == Role::Coordinator)
        {
            reads(Why::TakesPart, place.role, past, Messages::OfTheTeam);
        }
        // The care team: what is ordinary. A social worker reads what is for everyone.
        if let Some(place) = thread.patient.and_then(|patient| self.care_team_place(patient, person))
            && is_ordinary
        {
            if is_clinician(place.role) || place.role == Role::Coordinator {
                reads(Why::IsOnTheCareTeam, place.role, Past::All, Messages::OfTheTeam);
            }
            if place.role == Role::SocialWorker {
                reads(Why::IsOnTheCareTeam, place.role, Past::All, Messages::ForEveryone);
            }
        }
        // A clinician of the care team whom the patient permits it for treatment: also what is restricted, and of what is
        // sensitive what the patient names.
        if let Some(patient) = thread.patient
            && let Some(place) = self.care_team_place(patient, person)
            && is_clinician(place.role)
            && up_to_restricted
            && self.is_permitted(patient, person, thread)
        {
            reads(Why::IsPermittedByThePatient, place.role, Past::All, Messages::OfTheTeam);
        }
        // Where it was asked, nurses and coordinators: what is ordinary.
        for role in [Role::Nurse, Role::Coordinator] {
            if is_ordinary && works(role, thread.asking) {
                reads(Why::WorksWhereItWasAsked, role, Past::All, Messages::OfTheTeam);
            }
        }
        // Where it is answered, coordinators: what is ordinary.
        if is_ordinary && works(Role::Coordinator, thread.answering) {
            reads(Why::CoordinatesWhereItIsAnswered, Role::Coordinator, Past::All, Messages::OfTheTeam);
        }
        for pool in thread.owner.pool().into_iter().chain(thread.pools.iter().copied()) {
            let Some(home) = self.home_of_pool(pool).filter(|_| self.is_in_pool(pool, person)) else { continue };
            let takes_part = thread.owner == Owner::Pool(pool) || thread.pools.contains(&pool);
            // While nobody holds it, the physicians and coordinators of its pool: up to restricted.
            for role in [Role::Physician, Role::Coordinator] {
                if takes_part && up_to_restricted && works(role, home) {
                    reads(Why::IsInAPoolOfIt, role, Past::All, Messages::OfTheTeam);
                }
            }
            // Once somebody holds it, the physicians of that pool: what is not restricted.
            if !takes_part && is_normal && works(Role::Physician, home) {
                reads(Why::IsInAPoolOfIt, Role::Physician, Past::All, Messages::OfTheTeam);
            }
        }
        ways
    }

    /// What a person reads of a thread of the team: its owner and who takes part in it, and the pools that do, up to
    /// restricted. Nobody else knows of it.
    fn in_team_thread(&self, person: PersonId, thread: &ThreadNow) -> Vec<Way> {
        let is_staff = |role: &Role| is_clinician(*role) || matches!(role, Role::Coordinator | Role::SocialWorker);
        let roles_at = |organization| self.roles_at(person, organization).into_iter().filter(is_staff);
        let mut ways = Vec::new();
        let mut reads =
            |why, role, past, messages| ways.push(Way { why, purpose: purpose_of(role), past, until: None, messages });
        if thread.owner.person() == Some(person) {
            for role in roles_at(thread.answering) {
                reads(Why::HoldsIt, role, Past::All, Messages::ForEveryoneAndByName);
            }
        }
        if let Some((place, past)) = self.participation(person, thread)
            && self.works_as(person, place)
            && is_staff(&place.role)
        {
            reads(Why::TakesPart, place.role, past, Messages::ForEveryoneAndByName);
        }
        for pool in thread.owner.pool().into_iter().chain(thread.pools.iter().copied()) {
            let takes_part = thread.owner == Owner::Pool(pool) || thread.pools.contains(&pool);
            if !takes_part || !self.is_in_pool(pool, person) || thread.class > Confidentiality::Restricted {
                continue;
            }
            for role in self.home_of_pool(pool).into_iter().flat_map(roles_at) {
                reads(Why::IsInAPoolOfIt, role, Past::All, Messages::ForEveryone);
            }
        }
        ways
    }

    /// Whether the person has no access to the patient as staff, since they have accepted to help and that has not ended,
    /// whether it gives access or not. Only who is on the care team stays what they are, once somebody else has said that
    /// they know it.
    fn is_kept_from_work(&self, patient: PatientId, person: PersonId) -> bool {
        self.has_accepted_to_help(patient, person)
            && (self.care_team_place(patient, person).is_none() || !self.is_conflict_known(patient, person))
    }
}

/// Clinicians read to treat the patient, and everybody else who works here to coordinate the care.
fn purpose_of(role: Role) -> Purpose {
    if is_clinician(role) { Purpose::Treatment } else { Purpose::CareCoordination }
}

fn is_clinician(role: Role) -> bool {
    matches!(role, Role::Physician | Role::Nurse | Role::Pharmacist)
}
