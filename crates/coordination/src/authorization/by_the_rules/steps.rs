//! What can happen next in the clinic of these tests: steps that are drawn at random, each by people who may do it or not.

use std::collections::{BTreeMap, BTreeSet};

use care::care_team::{AddMember, CareTeam, CareTeamCommand, RemoveMember};
use care::consent_text::{self, ShownText};
use care::conversation::{
    AddParticipant, Addressed, Claim, HideFromDelegates, HistoryWindow, PostMessage, RemoveParticipant, ShowToDelegates,
};
use care::delegation::{
    AcceptDelegation, Checks, Delegation, DelegationCommand, InviteDelegate, NarrowDelegation, PassSafeguarding,
    PatientSays, RecordConsent, RenewDelegation, ResumeDelegation, RevokeDelegation, SuspendDelegation, TopicVerbs,
    VerifyIdentity, WidenByLaw, WidenDelegation,
};
use care::ids::{AuthorityId, DelegationId, PatientId, PersonId, ThreadId};
use care::legal_authority::{
    AuthorityLimits, DisputeAuthority, EndAuthority, LegalAuthority, LegalAuthorityCommand, RecordAuthority,
    UpholdAuthority, VerifyAuthority,
};
use care::lifecycle::ThreadKind;
use care::lifecycle::consultation::{Assign, ConsultationCommand};
use care::patient::{LiftProtectionNote, Patient, PatientCommand, RecordDeath, RecordProtectionNote, VoidDeath};
use care::person::{EndRole, GrantRole, Person, PersonCommand};
use care::scope::Scope;
use care::shown::TextVersion;
use care::thread::{Thread, ThreadCommand};
use care::words::{
    AskedAlone, AuthorityGround, AuthorityKind, Confidentiality, ConsentBasis, ConsentMethod, ConsentTextKind,
    DelegationHistory, DelegationKind, IdentityLevel, IdentityMethod, InvitationGround, OwnWord, Relationship,
    RemovalReason, Sensitivity, TextLanguage, Topic,
};
use chrono::TimeDelta;
use proptest::prelude::*;

use super::super::hiding;
use super::super::*;
use super::clinic::{Clinic, NewThread, People, Which, nth, signed_in, text};
use super::directives::{self, Word, any_codes, any_word};

/// Which patient, in the order of [`patients`].
type OfPatient = u8;

/// What a scope is to hold.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub topics: BTreeMap<Topic, TopicVerbs>,
    pub of_kind: bool,
    /// Whether every conversation with the patient that is there is listed by name.
    pub lists_threads: bool,
    pub codes: BTreeSet<Sensitivity>,
    pub history: DelegationHistory,
}

/// What is done to a delegation.
#[derive(Debug, Clone)]
pub enum Change {
    /// Without one topic, without codes, without the past or without listed threads.
    Narrow(Which),
    /// With all that is wanted beside what there is.
    Widen(Wanted),
    WidenByLaw(Wanted),
    Suspend,
    Resume,
    Revoke,
    Renew {
        days: i64,
    },
}

/// Whom a message is for.
#[derive(Debug, Clone, Copy)]
pub enum For {
    Everyone,
    Team,
    TeamAndMe,
    TeamAnd(Which),
    Named(Which),
}

#[derive(Debug, Clone)]
pub enum Step {
    /// Time goes by.
    Wait {
        hours: i64,
    },
    /// Somebody begins to help: so many of the steps from the invitation to the consent are taken.
    Help {
        patient: OfPatient,
        helper: Which,
        kind: DelegationKind,
        wanted: Wanted,
        days: i64,
        steps: u8,
    },
    Change {
        delegation: Which,
        by: Which,
        change: Change,
    },
    Ask {
        patient: OfPatient,
        topic: Topic,
        class: Confidentiality,
        codes: BTreeSet<Sensitivity>,
        is_hidden: bool,
    },
    Post {
        thread: Which,
        by: Which,
        to: For,
    },
    Hide {
        thread: Which,
        by: Which,
    },
    Show {
        thread: Which,
    },
    Label {
        thread: Which,
        class: Confidentiality,
        codes: BTreeSet<Sensitivity>,
    },
    Claim {
        thread: Which,
    },
    Add {
        thread: Which,
        from_now: bool,
    },
    Remove {
        thread: Which,
    },
    /// The other nurse is put on the care team, by somebody who says that they know it if she helps the patient or who does
    /// not, and leaves it.
    Join {
        patient: OfPatient,
        knows: bool,
    },
    Leave {
        patient: OfPatient,
        who: Which,
    },
    /// Something happens to the word of the patient about who may read.
    Directive {
        patient: OfPatient,
        word: Word,
    },
    Protect {
        patient: OfPatient,
        from: Which,
    },
    Unprotect {
        patient: OfPatient,
        from: Which,
    },
    Die {
        patient: OfPatient,
    },
    Live {
        patient: OfPatient,
    },
    /// The document of an authority is disputed, upheld or has ended.
    Dispute {
        authority: Which,
    },
    Uphold {
        authority: Which,
    },
    EndAuthority {
        authority: Which,
    },
    /// The aide works for the neighbours no more, and does again.
    StopWork,
    StartWork,
    /// The process records what has ended.
    Record,
}

fn any_wanted() -> impl Strategy<Value = Wanted> {
    let topic = prop::sample::select(vec![Topic::ClinicalAdvice, Topic::Scheduling, Topic::Medications]);
    let verbs = prop::sample::select(vec![TopicVerbs::READ, TopicVerbs::WRITE, TopicVerbs::ACT]);
    let topics = prop::collection::btree_map(topic, verbs, 1..4);
    let history = prop::sample::select(vec![DelegationHistory::FromGrant, DelegationHistory::All]);
    let of_kind = prop::bool::weighted(0.8);
    (topics, of_kind, any::<bool>(), any_codes(), history).prop_map(
        |(topics, of_kind, lists_threads, codes, history)| {
            // Without a kind and without a thread nothing is asked for.
            Wanted { topics, of_kind, lists_threads: lists_threads || !of_kind, codes, history }
        },
    )
}

fn any_class() -> impl Strategy<Value = Confidentiality> {
    prop_oneof![
        3 => Just(Confidentiality::Normal),
        1 => Just(Confidentiality::Restricted),
        1 => Just(Confidentiality::VeryRestricted),
    ]
}

fn any_kind() -> impl Strategy<Value = DelegationKind> {
    prop_oneof![
        4 => Just(DelegationKind::PatientAuthorised),
        1 => Just(DelegationKind::ProfessionalHelper),
        3 => Just(DelegationKind::ParentOfMinor),
        1 => Just(DelegationKind::LegalRepresentative),
        1 => Just(DelegationKind::Executor),
    ]
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => any::<u8>().prop_map(Change::Narrow),
        2 => any_wanted().prop_map(Change::Widen),
        2 => any_wanted().prop_map(Change::WidenByLaw),
        2 => Just(Change::Suspend),
        3 => Just(Change::Resume),
        1 => Just(Change::Revoke),
        1 => (1_i64..300).prop_map(|days| Change::Renew { days }),
    ]
}

fn any_for() -> impl Strategy<Value = For> {
    prop_oneof![
        4 => Just(For::Everyone),
        2 => Just(For::Team),
        2 => Just(For::TeamAndMe),
        1 => any::<u8>().prop_map(For::TeamAnd),
        1 => any::<u8>().prop_map(For::Named),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    let of = || 0_u8..3;
    let help = (of(), any::<u8>(), any_kind(), any_wanted(), 1_i64..80, prop_oneof![4 => Just(5_u8), 1 => 1_u8..5]);
    let help = help.prop_map(|(patient, helper, kind, wanted, days, steps)| Step::Help {
        patient,
        helper,
        kind,
        wanted,
        days,
        steps,
    });
    let change = (any::<u8>(), any::<u8>(), any_change()).prop_map(|(delegation, by, change)| Step::Change {
        delegation,
        by,
        change,
    });
    let topic =
        prop::sample::select(vec![Topic::ClinicalAdvice, Topic::Scheduling, Topic::Medications, Topic::Education]);
    let ask = (of(), topic, any_class(), any_codes(), prop::bool::weighted(0.2));
    let ask =
        ask.prop_map(|(patient, topic, class, codes, is_hidden)| Step::Ask { patient, topic, class, codes, is_hidden });
    let post = (any::<u8>(), any::<u8>(), any_for()).prop_map(|(thread, by, to)| Step::Post { thread, by, to });
    let label =
        (any::<u8>(), any_class(), any_codes()).prop_map(|(thread, class, codes)| Step::Label { thread, class, codes });
    let of_threads = prop_oneof![
        (any::<u8>(), any::<u8>()).prop_map(|(thread, by)| Step::Hide { thread, by }),
        any::<u8>().prop_map(|thread| Step::Show { thread }),
        label,
        any::<u8>().prop_map(|thread| Step::Claim { thread }),
        (any::<u8>(), any::<bool>()).prop_map(|(thread, from_now)| Step::Add { thread, from_now }),
        any::<u8>().prop_map(|thread| Step::Remove { thread }),
    ];
    let around = prop_oneof![
        2 => (of(), any::<bool>()).prop_map(|(patient, knows)| Step::Join { patient, knows }),
        1 => (of(), any::<u8>()).prop_map(|(patient, who)| Step::Leave { patient, who }),
        6 => (of(), any_word()).prop_map(|(patient, word)| Step::Directive { patient, word }),
        1 => (of(), any::<u8>()).prop_map(|(patient, from)| Step::Protect { patient, from }),
        1 => (of(), any::<u8>()).prop_map(|(patient, from)| Step::Unprotect { patient, from }),
        1 => of().prop_map(|patient| Step::Die { patient }),
        1 => of().prop_map(|patient| Step::Live { patient }),
        1 => any::<u8>().prop_map(|authority| Step::Dispute { authority }),
        1 => any::<u8>().prop_map(|authority| Step::Uphold { authority }),
        1 => any::<u8>().prop_map(|authority| Step::EndAuthority { authority }),
        1 => Just(Step::StopWork),
        1 => Just(Step::StartWork),
        1 => Just(Step::Record),
    ];
    prop_oneof![
        3 => prop::sample::select(vec![1_i64, 24, 9 * 24, 40 * 24]).prop_map(|hours| Step::Wait { hours }),
        4 => help,
        5 => change,
        3 => ask,
        7 => post,
        4 => of_threads,
        4 => around,
    ]
}

pub fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(any_step(), 1..30)
}

fn patient(clinic: &Clinic, which: OfPatient) -> PatientId {
    let super::clinic::Patients { mira, noor, elif } = clinic.patients;
    nth(&[mira, noor, elif], which).expect("a patient")
}

fn threads(clinic: &Clinic) -> Vec<ThreadId> {
    clinic.history.threads().into_iter().map(|thread| thread.id).collect()
}

fn about(clinic: &Clinic, thread: ThreadId) -> Option<PatientId> {
    clinic.state.thread(thread)?.patient
}

fn scope(clinic: &Clinic, of: PatientId, wanted: &Wanted) -> Scope {
    let Wanted { topics, of_kind, lists_threads, codes, history } = wanted.clone();
    let listed = clinic.history.threads().into_iter();
    let listed = listed.filter(|thread| lists_threads && thread.kind == ThreadKind::Consultation);
    Scope {
        topics,
        kinds: if of_kind { [ThreadKind::Consultation].into() } else { BTreeSet::new() },
        threads: listed.filter(|thread| thread.patient == Some(of)).map(|thread| thread.id).collect(),
        sensitivities: codes,
        history,
        manages_helpers: false,
    }
}

/// The text of the consent to the help, as it is shown.
fn shown() -> ShownText {
    consent_text::current(ConsentTextKind::Help, TextLanguage::En).shown()
}

fn version() -> TextVersion {
    TextVersion::parse("2026-11").expect("a version")
}

const PASSED: Checks = Checks { necessary: true, relevant: true, safe: true, asked_alone: AskedAlone::Asked };

/// Takes a step. What is refused has no effect.
pub fn take(clinic: &mut Clinic, step: &Step) {
    let People { physician, nurse, other_nurse, coordinator, specialist, centre_coordinator, admin, .. } =
        clinic.people;
    let all_threads = threads(clinic);
    let thread_of = |which: Which| nth(&all_threads, which).expect("a thread");
    match step {
        Step::Wait { hours } => clinic.history.now += TimeDelta::hours(*hours),
        Step::Help { .. } => help(clinic, step),
        Step::Change { delegation, by, change } => {
            if let Some(delegation) = nth(&clinic.delegations(), *delegation) {
                self::change(clinic, delegation, *by, change);
            }
        }
        Step::Ask { patient: of, topic, class, codes, is_hidden } => {
            let patient = patient(clinic, *of);
            let codes = codes.iter().copied().collect();
            let _asked = clinic.asks(NewThread { patient, topic: *topic, class: *class, codes, is_hidden: *is_hidden });
        }
        Step::Post { thread, by, to } => post(clinic, thread_of(*thread), *by, *to),
        Step::Hide { thread, by } => hide(clinic, thread_of(*thread), *by),
        Step::Show { thread } => {
            let thread = thread_of(*thread);
            let would_see = clinic.state.would_see(thread, clinic.history.now);
            let show = ShowToDelegates { shown: hiding::version(thread, &would_see) };
            if let Some(patient) = about(clinic, thread).and_then(|of| clinic.person_of(of)) {
                in_thread(clinic, patient, thread, show);
            }
        }
        Step::Label { thread, class, codes } => {
            clinic.labels(thread_of(*thread), *class, codes.iter().copied().collect());
        }
        Step::Claim { thread } => {
            let thread = thread_of(*thread);
            let assign = ConsultationCommand::from(Assign { to: None, reason: None });
            let _assigned =
                clinic.give::<Thread>(signed_in(centre_coordinator), Some(thread), &ThreadCommand::from(assign));
            in_thread(clinic, specialist, thread, Claim);
        }
        Step::Add { thread, from_now } => {
            let history = if *from_now { HistoryWindow::FromJoin } else { HistoryWindow::Full };
            let add = AddParticipant { person: other_nurse, place: None, history, reason: Some(text("She helps.")) };
            in_thread(clinic, physician, thread_of(*thread), add);
        }
        Step::Remove { thread } => {
            let (reason, note) = (RemovalReason::Removed, Some(text("Enough.")));
            in_thread(clinic, physician, thread_of(*thread), RemoveParticipant { person: other_nurse, reason, note });
        }
        Step::Join { patient: of, knows } => {
            let (patient, organization) = (patient(clinic, *of), clinic.practice);
            let (person, role, knows_conflict) = (other_nurse, Role::Nurse, *knows);
            let add = AddMember { patient, person, role, organization, knows_conflict };
            give::<CareTeam>(clinic, coordinator, patient, CareTeamCommand::from(add));
        }
        Step::Leave { patient: of, who } => {
            let patient = patient(clinic, *of);
            let person = nth(&[other_nurse, clinic.people.social_worker, physician], *who).expect("a person");
            give::<CareTeam>(clinic, coordinator, patient, CareTeamCommand::from(RemoveMember { patient, person }));
        }
        Step::Directive { patient: of, word } => {
            let patient = patient(clinic, *of);
            directives::take(clinic, patient, word);
        }
        Step::Protect { patient: of, from } => {
            let against = helper(clinic, *from);
            let note = RecordProtectionNote { against, reason: text("There was a threat.") };
            let patient = patient(clinic, *of);
            give::<Patient>(clinic, nurse, patient, PatientCommand::from(note));
        }
        Step::Unprotect { patient: of, from } => {
            let against = helper(clinic, *from);
            let lift = LiftProtectionNote { against, reason: text("It was a mistake.") };
            let patient = patient(clinic, *of);
            give::<Patient>(clinic, nurse, patient, PatientCommand::from(lift));
        }
        Step::Die { patient: of } => {
            let died = RecordDeath { at: clinic.history.now, source: text("A letter of the hospital.") };
            let patient = patient(clinic, *of);
            give::<Patient>(clinic, nurse, patient, PatientCommand::from(died));
        }
        Step::Live { patient: of } => {
            let void = VoidDeath { reason: text("It was her sister.") };
            let patient = patient(clinic, *of);
            give::<Patient>(clinic, nurse, patient, PatientCommand::from(void));
        }
        Step::Dispute { authority } => {
            let dispute = DisputeAuthority { reason: text("There is a newer one.") };
            to_authority(clinic, nurse, *authority, dispute);
        }
        Step::Uphold { authority } => {
            let officer = clinic.people.officer;
            to_authority(clinic, officer, *authority, UpholdAuthority { reason: text("There is none.") });
        }
        Step::EndAuthority { authority } => {
            let ended_at = clinic.history.now;
            to_authority(clinic, nurse, *authority, EndAuthority { reason: text("The court says so."), ended_at });
        }
        Step::StopWork => {
            let end = EndRole { organization: clinic.community, role: Role::SocialWorker };
            let aide = clinic.people.aide;
            give::<Person>(clinic, admin, aide, PersonCommand::from(end));
        }
        Step::StartWork => {
            let grant = GrantRole { organization: clinic.community, role: Role::SocialWorker, until: None };
            let aide = clinic.people.aide;
            give::<Person>(clinic, admin, aide, PersonCommand::from(grant));
        }
        Step::Record => clinic.records_ends(),
    }
}

fn give<A: care::event::Addressed>(clinic: &mut Clinic, by: PersonId, target: A::Id, command: A::Command) {
    let _given = clinic.give::<A>(signed_in(by), Some(target), &command);
}

fn in_thread(
    clinic: &mut Clinic,
    by: PersonId,
    thread: ThreadId,
    command: impl Into<care::conversation::ConversationCommand>,
) {
    give::<Thread>(clinic, by, thread, ThreadCommand::Conversation(command.into()));
}

fn helper(clinic: &Clinic, which: Which) -> PersonId {
    let People { daughter, son, other_nurse, social_worker, specialist, .. } = clinic.people;
    // Some who help work here as well: without any, on the care team, and in the pool.
    nth(&[daughter, son, other_nurse, daughter, son, social_worker, specialist], which).expect("a person")
}

fn post(clinic: &mut Clinic, thread: ThreadId, by: Which, to: For) {
    let People { physician, nurse, mira, elif, daughter, son, aide, social_worker, specialist, other_nurse, .. } =
        clinic.people;
    let writers =
        [physician, nurse, mira, elif, daughter, son, aide, social_worker, specialist, daughter, son, other_nurse];
    let by = nth(&writers, by).expect("a person");
    let addressed = match to {
        For::Everyone => Addressed::Everyone,
        For::Team => Addressed::ClinicalTeam,
        For::TeamAndMe => Addressed::TeamAnd(by),
        For::TeamAnd(who) => Addressed::TeamAnd(nth(&[mira, elif, daughter, son, aide], who).expect("a person")),
        For::Named(who) => {
            Addressed::Named([nth(&[physician, nurse, other_nurse, specialist], who).expect("a person")].into())
        }
    };
    let _posted = clinic.posts(by, thread, PostMessage { addressed, body: text("A message.") });
}

fn hide(clinic: &mut Clinic, thread: ThreadId, by: Which) {
    let own = about(clinic, thread).and_then(|of| clinic.person_of(of));
    let by = nth(&[own.unwrap_or(clinic.people.nurse), clinic.people.nurse], by).expect("a person");
    // Whoever hides it is to see which delegates know of it: those who wrote in it.
    let messages = clinic.history.messages(thread).into_iter();
    let written = messages.filter(|message| message.posted.delegation.is_some());
    let known_to = written.filter_map(|message| message.posted.by.person()).collect();
    in_thread(clinic, by, thread, HideFromDelegates { basis: Some(text("It is private.")), known_to });
}

fn to_authority(clinic: &mut Clinic, by: PersonId, which: Which, command: impl Into<LegalAuthorityCommand>) {
    let mut all: Vec<AuthorityId> = Vec::new();
    for each in &clinic.history.all {
        if let Stream::LegalAuthority(id) = each.stream
            && !all.contains(&id)
        {
            all.push(id);
        }
    }
    if let Some(authority) = nth(&all, which) {
        give::<LegalAuthority>(clinic, by, authority, command.into());
    }
}

/// A checked document by which a person may help; none where the kind needs none.
fn authority(clinic: &mut Clinic, patient: PatientId, person: PersonId, kind: DelegationKind) -> Option<AuthorityId> {
    let (kind, ground) = match kind {
        DelegationKind::PatientAuthorised | DelegationKind::ProfessionalHelper => return None,
        DelegationKind::ParentOfMinor => (AuthorityKind::ParentalResponsibility, AuthorityGround::Minority),
        DelegationKind::LegalRepresentative => (AuthorityKind::HealthPowerOfAttorney, AuthorityGround::OwnWill),
        DelegationKind::Executor => (AuthorityKind::Estate, AuthorityGround::Death),
    };
    let record = RecordAuthority { patient, person, kind, ground, document: text("A decree.") };
    let by = signed_in(clinic.people.coordinator);
    let authority = clinic.give::<LegalAuthority>(by, None, &LegalAuthorityCommand::from(record))?;
    let topics = Topic::ALL.iter().map(|topic| (*topic, TopicVerbs::ACT)).collect();
    let sensitivities = Sensitivity::ALL.iter().copied().collect();
    let limits = AuthorityLimits { topics, sensitivities, manages_helpers: false };
    let from = clinic.history.now - TimeDelta::days(30);
    let verify = VerifyAuthority { limits, from, until: None, evidence: text("The stamp is genuine.") };
    let nurse = clinic.people.nurse;
    give::<LegalAuthority>(clinic, nurse, authority, LegalAuthorityCommand::from(verify));
    Some(authority)
}

/// The steps from the invitation to the consent, by those who may take them.
fn help(clinic: &mut Clinic, step: &Step) {
    let Step::Help { patient: of, helper: who, kind, wanted, days, steps } = step else { return };
    let (kind, patient) = (*kind, patient(clinic, *of));
    let People { nurse, other_nurse, aide, .. } = clinic.people;
    let is_professional = kind == DelegationKind::ProfessionalHelper;
    let helper = if is_professional { aide } else { helper(clinic, *who) };
    // An executor only reads.
    let wanted = Wanted {
        topics: wanted
            .topics
            .iter()
            .map(|(topic, verbs)| (*topic, if kind == DelegationKind::Executor { TopicVerbs::READ } else { *verbs }))
            .collect(),
        ..wanted.clone()
    };
    let scope = scope(clinic, patient, &wanted);
    let authority = authority(clinic, patient, helper, kind);
    let own = clinic.person_of(patient).filter(|_| authority.is_none());
    let ground = if authority.is_some() { InvitationGround::Law } else { InvitationGround::PatientPresent };
    let invite = InviteDelegate {
        patient,
        answers: None,
        person: Some(helper),
        code: None,
        contact: None,
        kind,
        relationship: Relationship::OtherFamily,
        scope: scope.clone(),
        until: clinic.history.now + TimeDelta::days(*days),
        organization: is_professional.then_some(clinic.community),
        authority,
        ground: own.is_none().then_some(ground),
        is_relative: false,
    };
    let giver = own.unwrap_or(nurse);
    let Some(delegation) = clinic.give::<Delegation>(signed_in(giver), None, &DelegationCommand::from(invite)) else {
        return;
    };
    let accept = AcceptDelegation { code: None, terms_version: version(), own_account: true };
    let verify = VerifyIdentity {
        method: IdentityMethod::InPerson,
        level: IdentityLevel::High,
        evidence: Some(text("Their passport.")),
        authority: None,
        employment: None,
        is_relative: false,
    };
    let opens = clinic.state.opened_list(patient, &scope);
    let accepted = opens.sensitive.into_iter().map(|thread| (thread, text("The patient wants it."))).collect();
    let pass = PassSafeguarding { scope: None, checks: PASSED, seen: opens.version, accepted, is_relative: false };
    let consent = RecordConsent {
        basis: match (authority, own) {
            (Some(_), _) => ConsentBasis::Law,
            (None, Some(_)) => ConsentBasis::Patient,
            (None, None) => ConsentBasis::PatientWord,
        },
        method: ConsentMethod::Written,
        text: shown(),
        scope,
        at: clinic.history.now,
        patient_says: authority.map(|_| PatientSays { word: OwnWord::Consents, note: None }),
        witness: Some(other_nurse),
    };
    let commands: [(PersonId, DelegationCommand); 4] =
        [(helper, accept.into()), (nurse, verify.into()), (nurse, pass.into()), (giver, consent.into())];
    for (by, command) in commands.into_iter().take(usize::from(*steps).saturating_sub(1)) {
        give::<Delegation>(clinic, by, delegation, command);
    }
}

fn change(clinic: &mut Clinic, delegation: DelegationId, by: Which, change: &Change) {
    let Some(facts) = clinic.state.entity::<DelegationFacts>(delegation.uuid()).cloned() else { return };
    let People { nurse, other_nurse, officer, .. } = clinic.people;
    let own = clinic.person_of(facts.patient).unwrap_or(nurse);
    let by = nth(&[own, nurse, officer, facts.person.unwrap_or(nurse), own], by).expect("a person");
    let command: DelegationCommand = match change {
        Change::Narrow(which) => NarrowDelegation { scope: less(facts.scope, *which) }.into(),
        Change::Widen(wanted) => {
            let scope = more(facts.scope, scope(clinic, facts.patient, wanted));
            let seen = clinic.state.opened_list(facts.patient, &scope).version;
            WidenDelegation { scope, method: ConsentMethod::Electronic, text: shown(), seen }.into()
        }
        Change::WidenByLaw(wanted) => {
            let scope = more(facts.scope, scope(clinic, facts.patient, wanted));
            let opens = clinic.state.opened_list(facts.patient, &scope);
            let patient_says = Some(PatientSays { word: OwnWord::Consents, note: None });
            let basis = text("The law gives it.");
            let accepted = opens.sensitive.iter().map(|thread| (*thread, text("They need it."))).collect();
            WidenByLaw { scope, basis, agreed_by: other_nurse, patient_says, seen: opens.version, accepted }.into()
        }
        Change::Suspend => SuspendDelegation { reason: text("We look again.") }.into(),
        Change::Resume => {
            let patient_word = Some(text("They may go on."));
            ResumeDelegation { reason: text("All is well."), checks: PASSED, patient_word }.into()
        }
        Change::Revoke => RevokeDelegation { reason: Some(text("It is over.")) }.into(),
        Change::Renew { days } => {
            let until = clinic.history.now + TimeDelta::days(*days);
            RenewDelegation { until, method: ConsentMethod::Electronic, text: shown() }.into()
        }
    };
    give::<Delegation>(clinic, by, delegation, command);
}

/// The scope without one thing.
fn less(scope: Scope, which: Which) -> Scope {
    let first = scope.topics.keys().next().copied();
    let mut less = scope;
    match which % 4 {
        0 => less.sensitivities = BTreeSet::new(),
        1 => less.history = DelegationHistory::FromGrant,
        2 => less.threads = BTreeSet::new(),
        _ => {
            first.map(|topic| less.topics.remove(&topic));
        }
    }
    less
}

/// The scope with another beside it.
fn more(scope: Scope, other: Scope) -> Scope {
    let mut more = scope;
    for (topic, verbs) in other.topics {
        let own = more.topics.entry(topic).or_default();
        own.read |= verbs.read;
        own.write |= verbs.write;
        own.act |= verbs.act;
    }
    more.kinds.extend(other.kinds);
    more.threads.extend(other.threads);
    more.sensitivities.extend(other.sensitivities);
    more.history = more.history.max(other.history);
    more
}
