//! Who may read a message: the rules as a clinician says them, over the list of everything that has happened.
//!
//! It is slow and simple on purpose. Nothing is kept between two questions: each reads the list from its beginning. It
//! shares no code with the authorization, which `by_the_rules.rs` compares with it after every step. The words of the rules
//! are in the comments; a clinician can read them alone.

use std::collections::{BTreeMap, BTreeSet};

use care::care_team::CareTeamEvent;
use care::conversation::{Addressed, ConversationEvent, MessagePosted, Owner, Place};
use care::delegation::{DelegationEvent, Scope};
use care::envelope::Actor;
use care::event::{Event, Stream};
use care::ids::{AuthorityId, DelegationId, OrganizationId, PatientId, PersonId, PoolId, ThreadId};
use care::legal_authority::LegalAuthorityEvent;
use care::lifecycle::ThreadKind;
use care::organization::OrganizationEvent;
use care::patient::PatientEvent;
use care::person::PersonEvent;
use care::thread::ThreadEvent;
use care::words::{Confidentiality, DelegationHistory, DelegationKind, Purpose, Role, Sensitivity, Topic};
use chrono::{DateTime, Months, NaiveDate, NaiveTime, Utc};

mod directed;

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
    /// Every message of a thread.
    pub fn messages(&self, thread: ThreadId) -> Vec<Message> {
        let mut messages = Vec::new();
        for (place, each) in self.all.iter().enumerate() {
            if each.stream == Stream::Thread(thread)
                && let Event::Thread(ThreadEvent::Conversation(ConversationEvent::MessagePosted(posted))) = &each.event
            {
                messages.push(Message { thread, place, at: each.at, posted: posted.clone() });
            }
        }
        messages
    }

    /// Every thread, as it is now.
    pub fn threads(&self) -> Vec<ThreadNow> {
        let mut threads: Vec<ThreadNow> = Vec::new();
        for (place, each) in self.all.iter().enumerate() {
            let (Stream::Thread(id), Event::Thread(ThreadEvent::Conversation(event))) = (each.stream, &each.event)
            else {
                continue;
            };
            if let ConversationEvent::Opened(opened) = event {
                threads.push(ThreadNow {
                    id,
                    kind: opened.kind,
                    patient: opened.patient,
                    opened: place,
                    opened_at: each.at,
                    asks: opened.by,
                    asking: opened.organization,
                    answering: opened.owning_organization,
                    owner: opened.owner,
                    pools: opened.pools.clone(),
                    topic: opened.topic,
                    class: opened.confidentiality,
                    codes: opened.sensitivities.iter().copied().collect(),
                    is_hidden: opened.hidden_from_delegates,
                });
                continue;
            }
            let Some(thread) = threads.iter_mut().find(|thread| thread.id == id) else { continue };
            if let ConversationEvent::Labelled(labelled) = event {
                thread.class = labelled.confidentiality;
                thread.codes = labelled.sensitivities.iter().copied().collect();
            }
            if let ConversationEvent::OwnerChanged(changed) = event {
                (thread.owner, thread.answering) = (changed.owner, changed.organization);
            }
            if let ConversationEvent::RequesterChanged(changed) = event {
                thread.asks = Actor::Person(changed.requester);
            }
            if let ConversationEvent::HiddenFromDelegates(_) = event {
                thread.is_hidden = true;
            }
            if let ConversationEvent::ShownToDelegates(_) = event {
                thread.is_hidden = false;
            }
        }
        threads
    }

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

    /// The delegations about a patient, each as its events left it.
    fn helps_of(&self, patient: PatientId) -> Vec<Help> {
        let mut helps: BTreeMap<DelegationId, Help> = BTreeMap::new();
        for (place, each) in self.all.iter().enumerate() {
            let (Stream::Delegation(id), Event::Delegation(event)) = (each.stream, &each.event) else { continue };
            if let DelegationEvent::Invited(invited) = event {
                helps.entry(id).or_insert(Help {
                    patient: invited.patient,
                    kind: invited.kind,
                    person: invited.person,
                    scope: Scope::nothing(),
                    until: None,
                    is_on: false,
                    begun: place,
                    agreed_at: each.at,
                    authority: invited.authority,
                    works_at: invited.organization,
                });
            }
            let Some(help) = helps.get_mut(&id) else { continue };
            match event {
                DelegationEvent::Accepted(accepted) => help.person = Some(accepted.person),
                DelegationEvent::IdentityVerified(verified) => help.authority = verified.authority,
                DelegationEvent::Activated(activated) => {
                    (help.is_on, help.begun, help.agreed_at) = (true, place, each.at);
                    (help.scope, help.until) = (activated.scope.clone(), Some(activated.until));
                }
                DelegationEvent::Narrowed(narrowed) => help.scope = narrowed.scope.clone(),
                DelegationEvent::Widened(widened) => (help.scope, help.agreed_at) = (widened.scope.clone(), each.at),
                DelegationEvent::Renewed(renewed) => help.until = Some(renewed.until),
                DelegationEvent::Suspended(_) | DelegationEvent::Ended(_) => help.is_on = false,
                DelegationEvent::Resumed(_) => help.is_on = true,
                DelegationEvent::Offered(_)
                | DelegationEvent::Invited(_)
                | DelegationEvent::SafeguardingPassed(_)
                | DelegationEvent::WideningChecked(_)
                | DelegationEvent::Consented(_)
                | DelegationEvent::Reminded(_) => {}
            }
        }
        helps.into_values().filter(|help| help.patient == patient).collect()
    }

    /// Whether the person has no access to the patient as staff, since they have accepted to help and that has not ended,
    /// whether it gives access or not. Only who is on the care team stays what they are, once somebody else has said that
    /// they know it.
    fn is_kept_from_work(&self, patient: PatientId, person: PersonId) -> bool {
        self.has_accepted_to_help(patient, person)
            && (self.care_team_place(patient, person).is_none() || !self.is_conflict_known(patient, person))
    }

    fn has_accepted_to_help(&self, patient: PatientId, person: PersonId) -> bool {
        let mut of_patient = BTreeSet::new();
        let mut accepted = BTreeSet::new();
        let mut until = BTreeMap::new();
        for each in &self.all {
            let (Stream::Delegation(id), Event::Delegation(event)) = (each.stream, &each.event) else { continue };
            if let DelegationEvent::Invited(invited) = event {
                until.insert(id, invited.until);
                if invited.patient == patient {
                    of_patient.insert(id);
                }
            }
            if let DelegationEvent::Accepted(by) = event
                && by.person == person
            {
                accepted.insert(id);
            }
            if let DelegationEvent::Activated(activated) = event {
                until.insert(id, activated.until);
            }
            if let DelegationEvent::Renewed(renewed) = event {
                until.insert(id, renewed.until);
            }
            if let DelegationEvent::Ended(_) = event {
                accepted.remove(&id);
            }
        }
        accepted.into_iter().any(|id| of_patient.contains(&id) && until.get(&id).is_some_and(|until| self.now < *until))
    }

    fn is_conflict_known(&self, patient: PatientId, person: PersonId) -> bool {
        let mut is_known = false;
        for each in self.all.iter().filter(|each| each.stream == Stream::CareTeam(patient)) {
            if let Event::CareTeam(CareTeamEvent::ConflictRecorded(recorded)) = &each.event {
                is_known |= recorded.person == person;
            }
            if let Event::CareTeam(CareTeamEvent::MemberRemoved(removed)) = &each.event {
                is_known &= removed.person != person;
            }
        }
        is_known
    }

    fn is_patient(&self, patient: PatientId, person: PersonId) -> bool {
        let mut linked = None;
        for each in self.all.iter().filter(|each| each.stream == Stream::Patient(patient)) {
            if let Event::Patient(PatientEvent::LinkAccepted(accepted)) = &each.event {
                linked = Some(accepted.person);
            }
            if let Event::Patient(PatientEvent::LinkEnded(_)) = &each.event {
                linked = None;
            }
        }
        linked == Some(person)
    }

    /// When the patient died, as it is recorded now.
    fn died_at(&self, patient: PatientId) -> Option<DateTime<Utc>> {
        let mut died_at = None;
        for each in self.all.iter().filter(|each| each.stream == Stream::Patient(patient)) {
            if let Event::Patient(PatientEvent::DeathRecorded(recorded)) = &each.event {
                died_at = Some(recorded.at);
            }
            if let Event::Patient(PatientEvent::DeathVoided(_)) = &each.event {
                died_at = None;
            }
        }
        died_at
    }

    fn is_protected_from(&self, patient: PatientId, person: PersonId) -> bool {
        let mut is_protected = false;
        for each in self.all.iter().filter(|each| each.stream == Stream::Patient(patient)) {
            if let Event::Patient(PatientEvent::ProtectionNoteRecorded(recorded)) = &each.event {
                is_protected |= recorded.against == person;
            }
            if let Event::Patient(PatientEvent::ProtectionNoteLifted(lifted)) = &each.event {
                is_protected &= lifted.against != person;
            }
        }
        is_protected
    }

    /// When a patient reaches an age: at midnight of Coordinated Universal Time, since the clinic of these tests has no
    /// other clock.
    fn birthday(&self, patient: PatientId, years: u32) -> DateTime<Utc> {
        let day = self.born.get(&patient).and_then(|born| born.checked_add_months(Months::new(12 * years)));
        day.expect("a day of birth").and_time(NaiveTime::MIN).and_utc()
    }

    fn is_of_age(&self, patient: PatientId, years: u32) -> bool {
        self.birthday(patient, years) <= self.now
    }

    /// Whether a document about an authority by law holds: it was checked, and is neither disputed nor ended.
    fn is_in_force(&self, authority: AuthorityId) -> bool {
        let mut holds = false;
        for each in self.all.iter().filter(|each| each.stream == Stream::LegalAuthority(authority)) {
            if let Event::LegalAuthority(event) = &each.event {
                match event {
                    LegalAuthorityEvent::Verified(_) | LegalAuthorityEvent::Upheld(_) => holds = true,
                    LegalAuthorityEvent::Disputed(_) | LegalAuthorityEvent::Ended(_) => holds = false,
                    LegalAuthorityEvent::Recorded(_) | LegalAuthorityEvent::Reminded(_) => {}
                }
            }
        }
        holds
    }

    /// The roles that a person holds now.
    fn places(&self, person: PersonId) -> BTreeSet<Place> {
        let mut places = BTreeSet::new();
        for each in self.all.iter().filter(|each| each.stream == Stream::Person(person)) {
            if let Event::Person(PersonEvent::RoleGranted(granted)) = &each.event
                && granted.until.is_none_or(|until| self.now < until)
            {
                places.insert(Place { role: granted.role, organization: granted.organization });
            }
            if let Event::Person(PersonEvent::RoleEnded(ended)) = &each.event {
                places.remove(&Place { role: ended.role, organization: ended.organization });
            }
        }
        places
    }

    fn works_as(&self, person: PersonId, place: Place) -> bool {
        self.places(person).contains(&place)
    }

    fn roles_at(&self, person: PersonId, organization: OrganizationId) -> Vec<Role> {
        let places = self.places(person).into_iter();
        places.filter(|place| place.organization == organization).map(|place| place.role).collect()
    }

    fn works_anyhow_at(&self, person: PersonId, organization: OrganizationId) -> bool {
        !self.roles_at(person, organization).is_empty()
    }

    /// The place of a person on the care team, while they hold its role.
    fn care_team_place(&self, patient: PatientId, person: PersonId) -> Option<Place> {
        self.care_team_place_in(patient, person, self.all.len()).filter(|place| self.works_as(person, *place))
    }

    /// Their place after so many events.
    fn care_team_place_in(&self, patient: PatientId, person: PersonId, count: usize) -> Option<Place> {
        let mut place = None;
        for each in self.all.iter().take(count).filter(|each| each.stream == Stream::CareTeam(patient)) {
            if let Event::CareTeam(CareTeamEvent::MemberAdded(added)) = &each.event
                && added.person == person
            {
                place = Some(Place { role: added.role, organization: added.organization });
            }
            if let Event::CareTeam(CareTeamEvent::MemberRemoved(removed)) = &each.event
                && removed.person == person
            {
                place = None;
            }
        }
        place
    }

    /// The place of a person in a thread, and from where on they see it. A place by the care team ends with that one, and
    /// does not come back with it.
    fn participation(&self, person: PersonId, thread: &ThreadNow) -> Option<(Place, Past)> {
        struct TakesPart {
            place: Place,
            past: Past,
            by_care_team: bool,
        }
        let past =
            |since: Option<care::conversation::Since>| since.map_or(Past::All, |since| Past::FromNumber(since.number));
        let mut takes_part: Option<TakesPart> = None;
        for (count, each) in self.all.iter().enumerate() {
            if each.stream == Stream::Thread(thread.id)
                && let Event::Thread(ThreadEvent::Conversation(event)) = &each.event
            {
                if let ConversationEvent::ParticipantAdded(added) = event
                    && added.person == person
                {
                    let team = thread.patient.and_then(|patient| self.care_team_place_in(patient, person, count));
                    let (place, by_care_team) = (added.place, added.by_care_team);
                    let is_given = !by_care_team || team.is_some();
                    takes_part = is_given.then(|| TakesPart { place, past: past(added.since), by_care_team });
                }
                if let ConversationEvent::WindowChanged(changed) = event
                    && changed.person == person
                {
                    takes_part = takes_part.map(|this| TakesPart { past: past(changed.since), ..this });
                }
                if let ConversationEvent::ParticipantRemoved(removed) = event
                    && removed.person == person
                {
                    takes_part = None;
                }
            }
            if let (Stream::CareTeam(patient), Event::CareTeam(CareTeamEvent::MemberRemoved(removed))) =
                (each.stream, &each.event)
                && thread.patient == Some(patient)
                && removed.person == person
            {
                takes_part = takes_part.filter(|this| !this.by_care_team);
            }
        }
        takes_part.map(|this| (this.place, this.past))
    }

    fn home_of_pool(&self, pool: PoolId) -> Option<OrganizationId> {
        self.all.iter().find_map(|each| match (each.stream, &each.event) {
            (Stream::Organization(home), Event::Organization(OrganizationEvent::PoolOpened(opened))) => {
                (opened.pool == pool).then_some(home)
            }
            _ => None,
        })
    }

    fn is_in_pool(&self, pool: PoolId, person: PersonId) -> bool {
        let mut is_member = false;
        for each in &self.all {
            if let Event::Organization(OrganizationEvent::PoolMemberAdded(added)) = &each.event {
                is_member |= (added.pool, added.person) == (pool, person);
            }
            if let Event::Organization(OrganizationEvent::PoolMemberRemoved(removed)) = &each.event {
                is_member &= (removed.pool, removed.person) != (pool, person);
            }
        }
        is_member
    }
}

/// Clinicians read to treat the patient, and everybody else who works here to coordinate the care.
fn purpose_of(role: Role) -> Purpose {
    if is_clinician(role) { Purpose::Treatment } else { Purpose::CareCoordination }
}

fn is_clinician(role: Role) -> bool {
    matches!(role, Role::Physician | Role::Nurse | Role::Pharmacist)
}
