//! A sample of each event of delegations and of legal authorities, with its tags and how many words stand in it.

use super::*;
use crate::delegation::{
    Accepted, AccessCheck, Activated, Consented, DelegationEvent, Ended, IdentityVerified, Invited, Narrowed, Offered,
    OpenedOnPurpose, Reminded, Renewed, Resumed, SafeguardingPassed, Scope, Suspended, TopicVerbs, Widened,
    WideningChecked,
};
use crate::legal_authority::{self, AuthorityLimits, Disputed, LegalAuthorityEvent, Recorded, Upheld, Verified};
use crate::shown::{Digest, TextVersion};
use crate::words::{
    AskedAlone, AuthorityEnd, AuthorityGround, AuthorityKind, AuthorityReminder, ConsentBasis, ConsentMethod,
    DelegationEnd, DelegationHistory, DelegationKind, DelegationReminder, IdentityLevel, IdentityMethod,
    InvitationGround, OwnWord, Relationship, SuspensionCause,
};

/// It has three words.
fn scope() -> Scope {
    Scope {
        topics: [(Topic::Results, TopicVerbs { read: true, write: true, act: false })].into(),
        kinds: [ThreadKind::Consultation].into(),
        threads: [id(5)].into(),
        sensitivities: [Sensitivity::Hiv].into(),
        history: DelegationHistory::FromGrant,
        manages_helpers: true,
    }
}

fn version() -> TextVersion {
    TextVersion::parse("family-consent-1.en").expect("a version")
}

fn began() -> DateTime<Utc> {
    at("2026-11-23T08:00:00Z")
}

fn ends() -> DateTime<Utc> {
    at("2027-11-23T08:00:00Z")
}

pub(super) fn samples() -> Vec<Sample<Event>> {
    let delegations = delegations().into_iter().map(|sample| sample.map(Event::Delegation));
    delegations.chain(authorities().into_iter().map(|sample| sample.map(Event::LegalAuthority))).collect()
}

fn delegations() -> Vec<Sample<DelegationEvent>> {
    let sample = |event, tags, words| Sample { event, tags, words };
    let process = Actor::Process(ProcessName::Delegations);
    let offered = Offered {
        delegation: id(23),
        patient: id(1),
        person: id(8),
        kind: DelegationKind::PatientAuthorised,
        relationship: Relationship::Child,
        at: began(),
    };
    let invited = Invited {
        delegation: id(23),
        patient: id(1),
        person: Some(id(8)),
        code: Some(Digest::of_bytes([7; 32])),
        contact: Some(SPARE),
        kind: DelegationKind::LegalRepresentative,
        relationship: Relationship::Guardian,
        scope: scope(),
        until: ends(),
        by: person(3),
        role: Role::Nurse,
        ground: Some(InvitationGround::Law),
        expires_at: at("2026-12-07T08:00:00Z"),
        organization: Some(id(2)),
        authority: Some(id(24)),
    };
    let accepted = Accepted { person: id(8), terms_version: version(), at: began(), verify_by: Some(due()) };
    let verified = IdentityVerified {
        by: person(3),
        role: Role::Nurse,
        method: IdentityMethod::InPerson,
        level: IdentityLevel::High,
        evidence_of: Some(id(25)),
        evidence: Some(SPARE),
        authority: Some(id(24)),
        employment: Some(SPARE),
        at: began(),
        check_by: Some(due()),
    };
    let check = AccessCheck {
        by: person(3),
        role: Role::Nurse,
        asked_alone: AskedAlone::Asked,
        seen: Digest::of_bytes([8; 32]),
        accepted: vec![OpenedOnPurpose { thread: id(5), reason: SPARE }],
        scope: scope(),
        at: began(),
    };
    let passed = SafeguardingPassed { check: check.clone() };
    let consented = Consented {
        by: person(3),
        role: Role::Nurse,
        basis: ConsentBasis::Law,
        method: ConsentMethod::Written,
        text_version: version(),
        words_shown: Some(WORDS_SHOWN),
        scope: scope(),
        at: began(),
        authority: Some(id(24)),
        own_word: Some(OwnWord::Consents),
        own_word_note: Some(SPARE),
        witness: Some(id(9)),
    };
    let checked = WideningChecked { check };
    let widened = Widened {
        by: person(3),
        scope: scope(),
        seen: Digest::of_bytes([8; 32]),
        accepted: vec![OpenedOnPurpose { thread: id(5), reason: SPARE }],
        agreed_by: Some(id(9)),
        legal_basis: Some(SPARE),
        own_word: Some(OwnWord::NotCompetent),
        own_word_note: Some(SPARE),
    };
    let renewed = Renewed {
        by: person(3),
        until: ends(),
        basis: ConsentBasis::Patient,
        method: ConsentMethod::Electronic,
        text_version: version(),
        words_shown: Some(WORDS_SHOWN),
    };
    let suspended = Suspended {
        by: person(3),
        role: Role::Nurse,
        cause: Some(SuspensionCause::ReviewAge),
        reason: Some(SPARE),
        review_by: Some(due()),
    };
    let resumed = Resumed {
        by: person(9),
        role: Role::Coordinator,
        reason: SPARE,
        asked_alone: AskedAlone::CannotAnswer,
        patient_word: Some(SPARE),
    };
    let ended = Ended { reason: DelegationEnd::Revoked, by: person(8), role: Role::Person, note: Some(SPARE) };
    let activated = Activated { scope: scope(), from: began(), until: ends() };
    let narrowed = Narrowed { by: process, scope: scope() };
    let reminded = Reminded { by: process, of: DelegationReminder::EndAhead, at: began() };
    vec![
        sample(offered.into(), &[], 2),
        sample(invited.into(), &["delegation.contact"], 8),
        sample(accepted.into(), &[], 0),
        sample(verified.into(), &["delegation.evidence", "delegation.employment"], 4),
        sample(passed.into(), &["delegation.opened_reason"], 6),
        sample(consented.into(), &["delegation.own_word"], 9),
        sample(activated.into(), &[], 3),
        sample(narrowed.into(), &[], 4),
        sample(checked.into(), &["delegation.checked_reason"], 6),
        sample(
            widened.into(),
            &["delegation.widened_opened_reason", "delegation.widened_basis", "delegation.widened_own_word"],
            5,
        ),
        sample(renewed.into(), &[], 4),
        sample(suspended.into(), &["delegation.suspended_reason"], 3),
        sample(resumed.into(), &["delegation.resumed_reason", "delegation.resumed_patient_word"], 3),
        sample(ended.into(), &["delegation.ended_note"], 3),
        sample(reminded.into(), &[], 2),
    ]
}

fn authorities() -> Vec<Sample<LegalAuthorityEvent>> {
    let sample = |event, tags, words| Sample { event, tags, words };
    let process = Actor::Process(ProcessName::Delegations);
    let recorded = Recorded {
        authority: id(24),
        patient: id(1),
        person: id(8),
        kind: AuthorityKind::Guardianship,
        ground: AuthorityGround::LackOfCapacity,
        document: SPARE,
        by: person(3),
        role: Role::Nurse,
        decide_by: Some(due()),
    };
    let verified = Verified {
        by: person(9),
        role: Role::Coordinator,
        limits: AuthorityLimits {
            topics: scope().topics,
            sensitivities: [Sensitivity::Psychiatry].into(),
            manages_helpers: true,
        },
        from: began(),
        until: Some(ends()),
        evidence: SPARE,
    };
    let disputed = Disputed { by: person(8), role: Role::Person, reason: SPARE, decide_by: Some(due()) };
    let upheld = Upheld { by: person(9), role: Role::PrivacyOfficer, reason: SPARE };
    let ended = legal_authority::Ended {
        how: AuthorityEnd::Ended,
        by: person(3),
        role: Role::Nurse,
        at: began(),
        reason: Some(SPARE),
    };
    let reminded = legal_authority::Reminded { by: process, of: AuthorityReminder::Decision };
    vec![
        sample(recorded.into(), &["legal_authority.document"], 4),
        sample(verified.into(), &["legal_authority.evidence"], 3),
        sample(disputed.into(), &["legal_authority.disputed_reason"], 2),
        sample(upheld.into(), &["legal_authority.upheld_reason"], 2),
        sample(ended.into(), &["legal_authority.ended_reason"], 3),
        sample(reminded.into(), &[], 2),
    ]
}
