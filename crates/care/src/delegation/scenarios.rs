//! Scenarios of delegations: the people, the commands, and histories that lead to each state.
//!
//! The patient is helped by a daughter. A nurse and a coordinator of the practice that keeps the record look after it.

mod beginning;
mod changes;
mod of_age;
mod properties;
mod steps;
mod table;
mod timed;
mod widening;

use chrono::{DateTime, Duration, Utc};

use super::*;
use crate::age::AgeGates;
use crate::aggregate::scenario::{by_the_installation, given};
use crate::aggregate::{Acting, AuthorityBrief, DelegationBrief, Fixed, OpenedList};
use crate::calendar::nine_to_five;
use crate::clinic::{id, now, text};
use crate::consent_text::{self, ShownText};
use crate::envelope::Actor;
use crate::ids::{OrganizationId, PatientId, PersonId};
use crate::lifecycle::ThreadKind;
use crate::party::Place;
use crate::scope::AuthorityLimits;
use crate::shown::{Digest, TextVersion};
use crate::words::{
    AskedAlone, AuthorityGround, AuthorityKind, AuthorityState, Capacity, ConsentBasis, ConsentMethod, ConsentTextKind,
    DelegationEnd, DelegationHistory, DelegationKind, IdentityLevel, IdentityMethod, InvitationGround, OwnWord,
    ProcessName, Relationship, Role, Sensitivity, TextLanguage, Topic,
};

pub const PATIENT: u128 = 8;
pub const DAUGHTER: u128 = 20;
/// A representative by law, where there is one.
pub const GUARDIAN: u128 = 21;
pub const NURSE: u128 = 30;
pub const COORDINATOR: u128 = 31;
pub const OFFICER: u128 = 32;
pub const PRACTICE: u128 = 2;
/// Where a professional helper works.
pub const AGENCY: u128 = 5;
pub const AUTHORITY: u128 = 60;
/// The delegation of the guardian.
pub const GUARDIANSHIP: u128 = 70;

pub const SEEN: Digest = Digest::of_bytes([7; 32]);

pub fn patient() -> PatientId {
    id(1)
}

pub fn person(bits: u128) -> PersonId {
    id(bits)
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// Who gives a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Patient,
    Daughter,
    Guardian,
    Nurse,
    Coordinator,
    Officer,
    Process,
}

pub fn by(facts: &Fixed, who: Who) -> Acting<'_> {
    let of =
        |bits, role, capacity| Acting { by: Actor::Person(id(bits)), role, capacity, ..by_the_installation(facts) };
    match who {
        Who::Patient => of(PATIENT, Role::Person, Capacity::Patient),
        Who::Daughter => of(DAUGHTER, Role::Person, Capacity::Delegate),
        Who::Guardian => Acting { grant: Some(id(GUARDIANSHIP)), ..of(GUARDIAN, Role::Person, Capacity::Delegate) },
        Who::Nurse => of(NURSE, Role::Nurse, Capacity::Nurse),
        Who::Coordinator => of(COORDINATOR, Role::Coordinator, Capacity::Coordinator),
        Who::Officer => of(OFFICER, Role::PrivacyOfficer, Capacity::Administrator),
        Who::Process => Acting {
            by: Actor::Process(ProcessName::Delegations),
            capacity: Capacity::Process,
            ..by_the_installation(facts)
        },
    }
}

pub fn scope() -> Scope {
    Scope {
        topics: [
            (Topic::Scheduling, TopicVerbs::ACT),
            (Topic::Medications, TopicVerbs::WRITE),
            (Topic::Results, TopicVerbs::READ),
        ]
        .into(),
        kinds: [ThreadKind::Consultation].into(),
        threads: [id(50)].into(),
        sensitivities: [].into(),
        history: DelegationHistory::FromGrant,
        manages_helpers: false,
    }
}

pub fn reading() -> Scope {
    Scope { topics: [(Topic::Results, TopicVerbs::READ)].into(), ..scope() }
}

/// A little wider than [`scope`], by what needs no check by staff.
pub fn wider() -> Scope {
    let mut wider = scope();
    wider.topics.insert(Topic::Billing, TopicVerbs::READ);
    wider
}

pub fn scope_of(kind: DelegationKind) -> Scope {
    if kind == DelegationKind::Executor { reading() } else { scope() }
}

/// Everything that a legal authority can cover.
pub fn everything() -> AuthorityLimits {
    AuthorityLimits {
        topics: Topic::ALL.iter().map(|topic| (*topic, TopicVerbs::ACT)).collect(),
        sensitivities: Sensitivity::ALL.iter().copied().collect(),
        manages_helpers: true,
    }
}

pub fn authority(kind: AuthorityKind, ground: AuthorityGround) -> AuthorityBrief {
    AuthorityBrief {
        patient: patient(),
        person: person(DAUGHTER),
        kind,
        ground,
        state: AuthorityState::Verified,
        limits: Some(everything()),
        from: Some(at("2026-01-01T00:00:00Z")),
        until: None,
    }
}

/// The practice, and what a delegation of the kind needs.
pub fn facts(kind: DelegationKind) -> Fixed {
    let works = |bits, role| (id(bits), Place { role, organization: id(PRACTICE) });
    let mut facts = Fixed {
        patients: vec![(patient(), id(PATIENT))],
        roles: vec![
            works(NURSE, Role::Nurse),
            works(COORDINATOR, Role::Coordinator),
            works(OFFICER, Role::PrivacyOfficer),
        ],
        record_keepers: vec![(patient(), id(PRACTICE))],
        calendars: vec![(id(PRACTICE), 1, nine_to_five("UTC"))],
        opened: Some(OpenedList { version: SEEN, sensitive: vec![] }),
        ..Fixed::default()
    };
    let rests_on = |kind, ground| vec![(id(AUTHORITY), authority(kind, ground))];
    match kind {
        DelegationKind::PatientAuthorised => {}
        DelegationKind::ProfessionalHelper => {
            facts.roles.push((id(DAUGHTER), Place { role: Role::SocialWorker, organization: id(AGENCY) }));
        }
        DelegationKind::ParentOfMinor => {
            facts.born = vec![(patient(), born("2015-01-10"))];
            facts.authorities = rests_on(AuthorityKind::ParentalResponsibility, AuthorityGround::Minority);
        }
        DelegationKind::LegalRepresentative => {
            facts.authorities = rests_on(AuthorityKind::Guardianship, AuthorityGround::LackOfCapacity);
            facts.without_capacity = vec![patient()];
        }
        DelegationKind::Executor => {
            facts.authorities = rests_on(AuthorityKind::Estate, AuthorityGround::Death);
            facts.died = vec![(patient(), at("2026-11-01T00:00:00Z"))];
        }
    }
    facts
}

pub fn born(day: &str) -> chrono::NaiveDate {
    day.parse().expect("a day")
}

/// The facts with a guardian who may manage helpers, within [`scope`].
pub fn with_guardian(mut facts: Fixed) -> Fixed {
    let brief = DelegationBrief {
        delegation: id(GUARDIANSHIP),
        person: Some(id(GUARDIAN)),
        kind: DelegationKind::LegalRepresentative,
        state: DelegationState::Active,
        scope: Scope { manages_helpers: true, ..scope() },
        until: Some(at("2027-06-01T00:00:00Z")),
    };
    facts.delegations.push((patient(), brief));
    facts
}

/// Another delegation of the daughter.
pub fn of_daughter(kind: DelegationKind, state: DelegationState) -> DelegationBrief {
    DelegationBrief { delegation: id(71), person: Some(id(DAUGHTER)), kind, state, scope: scope(), until: None }
}

/// An invitation of the daughter, as staff give it where the law gives the access, else the patient.
pub fn invite(kind: DelegationKind) -> InviteDelegate {
    let is_professional = kind == DelegationKind::ProfessionalHelper;
    InviteDelegate {
        patient: patient(),
        answers: None,
        person: Some(id(DAUGHTER)),
        code: None,
        contact: None,
        kind,
        relationship: Relationship::Child,
        scope: scope_of(kind),
        until: now() + Duration::days(if is_professional { 90 } else { 300 }),
        organization: is_professional.then(|| id::<OrganizationId>(AGENCY)),
        authority: kind.is_by_law().then(|| id(AUTHORITY)),
        ground: kind.is_by_law().then_some(InvitationGround::Law),
        is_relative: false,
    }
}

pub fn inviter(kind: DelegationKind) -> Who {
    if kind.is_by_law() { Who::Nurse } else { Who::Patient }
}

pub fn ask(kind: DelegationKind) -> AskToHelp {
    AskToHelp { patient: patient(), person: id(DAUGHTER), kind, relationship: Relationship::Child }
}

pub fn version() -> TextVersion {
    TextVersion::parse("2026-11").expect("a version")
}

/// The text of the consent to the help, as it is shown.
pub fn shown() -> ShownText {
    consent_text::current(ConsentTextKind::Help, TextLanguage::Es).shown()
}

pub fn accept() -> AcceptDelegation {
    AcceptDelegation { code: None, terms_version: version(), own_account: true }
}

pub fn decline() -> DeclineDelegation {
    DeclineDelegation { code: None }
}

pub fn verify() -> VerifyIdentity {
    VerifyIdentity {
        method: IdentityMethod::InPerson,
        level: IdentityLevel::High,
        evidence: Some(text("Her passport.")),
        authority: None,
        employment: None,
        is_relative: false,
    }
}

pub fn checks(kind: DelegationKind) -> Checks {
    let asked_alone = if kind == DelegationKind::Executor { AskedAlone::NotNeeded } else { AskedAlone::Asked };
    Checks { necessary: true, relevant: true, safe: true, asked_alone }
}

pub fn pass(kind: DelegationKind) -> PassSafeguarding {
    PassSafeguarding { scope: None, checks: checks(kind), seen: SEEN, accepted: [].into(), is_relative: false }
}

pub fn consent(kind: DelegationKind) -> RecordConsent {
    RecordConsent {
        basis: if kind.is_by_law() { ConsentBasis::Law } else { ConsentBasis::Patient },
        method: ConsentMethod::Written,
        text: shown(),
        scope: scope_of(kind),
        at: now(),
        patient_says: None,
        witness: None,
    }
}

pub fn widen() -> WidenDelegation {
    WidenDelegation { scope: wider(), method: ConsentMethod::Electronic, text: shown(), seen: SEEN }
}

pub fn widen_by_law() -> WidenByLaw {
    WidenByLaw {
        scope: wider(),
        basis: text("The court says so."),
        agreed_by: id(COORDINATOR),
        patient_says: None,
        seen: SEEN,
        accepted: [].into(),
    }
}

pub fn renew(days: i64) -> RenewDelegation {
    RenewDelegation { until: now() + Duration::days(days), method: ConsentMethod::Electronic, text: shown() }
}

pub fn suspend() -> SuspendDelegation {
    SuspendDelegation { reason: text("Money is missing.") }
}

pub fn resume(kind: DelegationKind) -> ResumeDelegation {
    ResumeDelegation { reason: text("It was found."), checks: checks(kind), patient_word: None }
}

pub fn revoke(reason: Option<&str>) -> RevokeDelegation {
    RevokeDelegation { reason: reason.map(text) }
}

/// The events that lead a delegation of the kind to the state, each step given by whom it is for.
pub fn history(kind: DelegationKind, state: DelegationState) -> Vec<DelegationEvent> {
    let facts = facts(kind);
    let mut events = Vec::new();
    let mut give = |who, command: DelegationCommand| {
        let more = given::<Delegation>(&events).when(&command, &by(&facts, who)).events();
        events.extend(more);
    };
    if state == DelegationState::Asked {
        give(Who::Process, ask(kind).into());
        return events;
    }
    let by_whom = inviter(kind);
    let steps: [(DelegationState, Who, DelegationCommand); 6] = [
        (DelegationState::Invited, by_whom, invite(kind).into()),
        (DelegationState::Accepted, Who::Daughter, accept().into()),
        (DelegationState::IdentityVerified, Who::Nurse, verify().into()),
        (DelegationState::SafeguardingChecked, Who::Nurse, pass(kind).into()),
        (DelegationState::Active, by_whom, consent(kind).into()),
        (DelegationState::Suspended, Who::Nurse, suspend().into()),
    ];
    for (reached, who, command) in steps {
        give(who, command);
        if reached == state {
            return events;
        }
    }
    give(Who::Nurse, revoke(Some("It is over.")).into());
    events
}

/// A command to a delegation of the kind in the state, with the facts of the kind.
#[track_caller]
pub fn refused(
    kind: DelegationKind,
    state: DelegationState,
    who: Who,
    command: impl Into<DelegationCommand>,
    refusal: &DelegationRefusal,
) {
    refused_among(&facts(kind), &history(kind, state), who, command, refusal);
}

/// The same after any history, among facts that can be others than led there.
#[track_caller]
pub fn refused_among(
    facts: &Fixed,
    history: &[DelegationEvent],
    who: Who,
    command: impl Into<DelegationCommand>,
    refusal: &DelegationRefusal,
) {
    given::<Delegation>(history).when(&command.into(), &by(facts, who)).then_refused(refusal);
}

/// The reason of the end that is the only event.
#[track_caller]
pub fn end_of(events: &[DelegationEvent]) -> DelegationEnd {
    match events {
        [DelegationEvent::Ended(ended)] => ended.reason,
        other => panic!("{other:?}"),
    }
}

pub fn says(word: OwnWord, note: Option<&str>) -> Option<PatientSays> {
    Some(PatientSays { word, note: note.map(text) })
}
