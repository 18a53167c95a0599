//! What each step to the first access needs.

use super::*;
use crate::consent_text::{TextNotShown, WordsShown};

const OF_PATIENT: DelegationKind = DelegationKind::PatientAuthorised;
const PARENT: DelegationKind = DelegationKind::ParentOfMinor;
const GUARDED: DelegationKind = DelegationKind::LegalRepresentative;
const PROFESSIONAL: DelegationKind = DelegationKind::ProfessionalHelper;

/// The facts of a parent whose child is between the first gate and adult age.
fn of_youth() -> Fixed {
    Fixed { born: vec![(patient(), born("2012-01-10"))], ..facts(PARENT) }
}

/// The events of a command in the state, among the facts.
#[track_caller]
fn taken(
    facts: &Fixed,
    kind: DelegationKind,
    state: DelegationState,
    who: Who,
    command: impl Into<DelegationCommand>,
) -> Vec<DelegationEvent> {
    given::<Delegation>(&history(kind, state)).when(&command.into(), &by(facts, who)).events()
}

#[test]
fn nobody_decides_about_their_own_delegation() {
    // The daughter is a nurse of the practice too.
    let mut facts = facts(OF_PATIENT);
    facts.roles.push((id(DAUGHTER), Place { role: Role::Nurse, organization: id(PRACTICE) }));
    let reason = || text("No.");
    let own = DelegationRefusal::SelfNotAllowed;
    let steps: [(DelegationState, DelegationCommand); 5] = [
        (DelegationState::Accepted, verify().into()),
        (DelegationState::Accepted, FailIdentity { reason: reason() }.into()),
        (DelegationState::IdentityVerified, pass(OF_PATIENT).into()),
        (DelegationState::IdentityVerified, FailSafeguarding { reason: reason() }.into()),
        (DelegationState::Suspended, resume(OF_PATIENT).into()),
    ];
    for (state, command) in steps {
        for oneself in [DAUGHTER, PATIENT] {
            let acting = Acting { by: Actor::Person(id(oneself)), ..by(&facts, Who::Nurse) };
            given::<Delegation>(&history(OF_PATIENT, state)).when(&command, &acting).then_refused(&own);
        }
    }
    let relative = DelegationRefusal::RelativeNotAllowed;
    let verify = VerifyIdentity { is_relative: true, ..verify() };
    refused(OF_PATIENT, DelegationState::Accepted, Who::Nurse, verify, &relative);
    let pass = PassSafeguarding { is_relative: true, ..pass(OF_PATIENT) };
    refused(OF_PATIENT, DelegationState::IdentityVerified, Who::Nurse, pass, &relative);
}

#[test]
fn evidence_of_the_last_twelve_months_serves_again_and_is_named() {
    let without = || VerifyIdentity { evidence: None, ..verify() };
    let state = DelegationState::Accepted;
    refused(OF_PATIENT, state, Who::Nurse, without(), &DelegationRefusal::EvidenceMissing);
    let with =
        |days| Fixed { evidence: vec![(id(DAUGHTER), id(77), now() - Duration::days(days))], ..facts(OF_PATIENT) };
    refused_among(&with(366), &history(OF_PATIENT, state), Who::Nurse, without(), &DelegationRefusal::EvidenceMissing);
    let verified = taken(&with(360), OF_PATIENT, state, Who::Nurse, without());
    let [DelegationEvent::IdentityVerified(verified)] = &verified[..] else { panic!("{verified:?}") };
    assert_eq!((verified.evidence_of, &verified.evidence), (Some(id(77)), &None));
    let anew = taken(&with(360), OF_PATIENT, state, Who::Nurse, verify());
    let [DelegationEvent::IdentityVerified(anew)] = &anew[..] else { panic!("{anew:?}") };
    assert_eq!(anew.evidence_of, None, "what was seen now needs no other");
}

#[test]
fn what_rests_on_the_law_needs_a_legal_authority_that_holds_for_both() {
    type Change = fn(&mut AuthorityBrief);
    let changes: [Change; 7] = [
        |brief| brief.state = AuthorityState::Recorded,
        |brief| brief.state = AuthorityState::Disputed,
        |brief| brief.person = id(GUARDIAN),
        |brief| brief.patient = id(99),
        |brief| brief.kind = AuthorityKind::Estate,
        |brief| brief.from = Some(now() + Duration::seconds(1)),
        |brief| brief.until = Some(now()),
    ];
    let missing = DelegationRefusal::AuthorityNotVerified;
    let changed = |change: Change| {
        let mut facts = facts(GUARDED);
        facts.authorities.iter_mut().for_each(|(_, brief)| change(brief));
        facts
    };
    for change in changes {
        let facts = changed(change);
        refused_among(&facts, &history(GUARDED, DelegationState::Accepted), Who::Nurse, verify(), &missing);
        refused_among(
            &facts,
            &history(GUARDED, DelegationState::IdentityVerified),
            Who::Nurse,
            pass(GUARDED),
            &missing,
        );
        refused_among(
            &facts,
            &history(GUARDED, DelegationState::SafeguardingChecked),
            Who::Nurse,
            consent(GUARDED),
            &missing,
        );
        refused_among(
            &facts,
            &history(GUARDED, DelegationState::Suspended),
            Who::Coordinator,
            resume(GUARDED),
            &missing,
        );
    }
    let none = changed(|brief| brief.limits = None);
    refused_among(
        &none,
        &history(GUARDED, DelegationState::Accepted),
        Who::Nurse,
        verify(),
        &DelegationRefusal::AuthorityTooNarrow,
    );
    let latest = now() + Duration::days(10);
    let short = changed(|brief| brief.until = Some(now() + Duration::days(10)));
    let too_far = DelegationRefusal::UntilTooFar { latest };
    refused_among(&short, &history(GUARDED, DelegationState::Accepted), Who::Nurse, verify(), &too_far);
    // The authority can be named when the person is known.
    let unnamed = InviteDelegate { authority: None, ..invite(GUARDED) };
    let facts = facts(GUARDED);
    let mut events = given::<Delegation>(&[]).when(&unnamed.into(), &by(&facts, Who::Nurse)).events();
    events.extend(given::<Delegation>(&events).when(&accept().into(), &by(&facts, Who::Daughter)).events());
    let given = given::<Delegation>(&events);
    given.when(&verify().into(), &by(&facts, Who::Nurse)).then_refused(&missing);
    let named = VerifyIdentity { authority: Some(id(AUTHORITY)), ..verify() };
    assert_eq!(given.when(&named.into(), &by(&facts, Who::Nurse)).events().len(), 1);
}

#[test]
fn a_professional_helper_works_for_the_organization_by_a_role_or_by_its_word() {
    let nowhere = Fixed { roles: vec![], ..facts(PROFESSIONAL) };
    let state = DelegationState::Accepted;
    refused_among(
        &nowhere,
        &history(PROFESSIONAL, state),
        Who::Nurse,
        verify(),
        &DelegationRefusal::EmploymentNotVerified,
    );
    let said = VerifyIdentity { employment: Some(text("Its office said so by telephone.")), ..verify() };
    assert_eq!(taken(&nowhere, PROFESSIONAL, state, Who::Nurse, said).len(), 1);
}

#[test]
fn what_fails_ends_it() {
    let facts = facts(OF_PATIENT);
    let reason = || text("It does not add up.");
    let state = DelegationState::Accepted;
    let failed = taken(&facts, OF_PATIENT, state, Who::Nurse, FailIdentity { reason: reason() });
    assert_eq!(end_of(&failed), DelegationEnd::IdentityFailed);
    for state in [DelegationState::IdentityVerified, DelegationState::SafeguardingChecked] {
        let failed = taken(&facts, OF_PATIENT, state, Who::Nurse, FailSafeguarding { reason: reason() });
        assert_eq!(end_of(&failed), DelegationEnd::SafeguardingFailed);
    }
}

#[test]
fn the_access_is_necessary_relevant_and_safe() {
    let state = DelegationState::IdentityVerified;
    let good = checks(OF_PATIENT);
    for checks in
        [Checks { necessary: false, ..good }, Checks { relevant: false, ..good }, Checks { safe: false, ..good }]
    {
        let pass = PassSafeguarding { checks, ..pass(OF_PATIENT) };
        refused(OF_PATIENT, state, Who::Nurse, pass, &DelegationRefusal::ChecksNotPassed);
        let resume = ResumeDelegation { checks, ..resume(OF_PATIENT) };
        let suspended = DelegationState::Suspended;
        refused(OF_PATIENT, suspended, Who::Coordinator, resume, &DelegationRefusal::ChecksNotPassed);
    }
}

#[test]
fn the_patient_is_asked_alone_as_far_as_they_can_answer() {
    let state = DelegationState::IdentityVerified;
    let asked = |kind, asked_alone| PassSafeguarding { checks: Checks { asked_alone, ..checks(kind) }, ..pass(kind) };
    let not = DelegationRefusal::NotAskedAlone;
    for kind in [OF_PATIENT, PROFESSIONAL] {
        for word in [AskedAlone::CannotAnswer, AskedAlone::NotNeeded] {
            refused(kind, state, Who::Nurse, asked(kind, word), &not);
        }
    }
    refused(GUARDED, state, Who::Nurse, asked(GUARDED, AskedAlone::NotNeeded), &not);
    assert_eq!(taken(&facts(GUARDED), GUARDED, state, Who::Nurse, asked(GUARDED, AskedAlone::CannotAnswer)).len(), 1);
    for word in [AskedAlone::CannotAnswer, AskedAlone::NotNeeded] {
        assert_eq!(taken(&facts(PARENT), PARENT, state, Who::Nurse, asked(PARENT, word)).len(), 1, "a child of eleven");
        refused_among(&of_youth(), &history(PARENT, state), Who::Nurse, asked(PARENT, word), &not);
    }
}

#[test]
fn staff_have_seen_what_opens_and_decided_about_what_is_sensitive() {
    let state = DelegationState::IdentityVerified;
    let other = PassSafeguarding { seen: Digest::of_bytes([0; 32]), ..pass(OF_PATIENT) };
    refused(OF_PATIENT, state, Who::Nurse, other, &DelegationRefusal::OpenedListChanged);
    let sensitive =
        Fixed { opened: Some(OpenedList { version: SEEN, sensitive: vec![id(51), id(52)] }), ..facts(OF_PATIENT) };
    let one = PassSafeguarding { accepted: [(id(51), text("She was there."))].into(), ..pass(OF_PATIENT) };
    let left = DelegationRefusal::SensitiveUnlabelled(vec![id(52)]);
    refused_among(&sensitive, &history(OF_PATIENT, state), Who::Nurse, one, &left);
    let accepted = [51, 52].map(|thread| (id(thread), text("She was there."))).into();
    let both = PassSafeguarding { accepted, ..pass(OF_PATIENT) };
    let passed = taken(&sensitive, OF_PATIENT, state, Who::Nurse, both);
    let [DelegationEvent::SafeguardingPassed(passed)] = &passed[..] else { panic!("{passed:?}") };
    assert_eq!(passed.check.accepted.len(), 2);
}

#[test]
fn a_note_that_protects_the_patient_stops_every_step_to_access() {
    let facts = |kind| Fixed { protected: vec![(patient(), id(DAUGHTER))], ..facts(kind) };
    let note = DelegationRefusal::ProtectionNote;
    let kind = OF_PATIENT;
    refused_among(&facts(kind), &history(kind, DelegationState::IdentityVerified), Who::Nurse, pass(kind), &note);
    refused_among(
        &facts(kind),
        &history(kind, DelegationState::SafeguardingChecked),
        Who::Patient,
        consent(kind),
        &note,
    );
    refused_among(&facts(kind), &history(kind, DelegationState::Active), Who::Patient, widen(), &note);
    refused_among(&facts(kind), &history(kind, DelegationState::Suspended), Who::Coordinator, resume(kind), &note);
}

#[test]
fn who_consents_and_on_what_basis() {
    let state = DelegationState::SafeguardingChecked;
    let with = |kind, basis| RecordConsent { basis, ..consent(kind) };
    let (own, law, word) = (ConsentBasis::Patient, ConsentBasis::Law, ConsentBasis::PatientWord);
    for who in [Who::Daughter, Who::Guardian] {
        let facts = with_guardian(facts(OF_PATIENT));
        refused_among(
            &facts,
            &history(OF_PATIENT, state),
            who,
            with(OF_PATIENT, own),
            &DelegationRefusal::ConsentByDelegate,
        );
    }
    refused(OF_PATIENT, state, Who::Nurse, with(OF_PATIENT, own), &DelegationRefusal::StaffCannotConsent);
    refused(OF_PATIENT, state, Who::Nurse, with(OF_PATIENT, word), &DelegationRefusal::StaffCannotConsent);
    refused(OF_PATIENT, state, Who::Nurse, with(OF_PATIENT, law), &DelegationRefusal::OtherBasisNeeded);
    refused(OF_PATIENT, state, Who::Patient, with(OF_PATIENT, law), &DelegationRefusal::OtherBasisNeeded);
    refused(PARENT, state, Who::Patient, with(PARENT, own), &DelegationRefusal::OtherBasisNeeded);
    refused(OF_PATIENT, state, Who::Process, with(OF_PATIENT, own), &DelegationRefusal::NotAPerson);
}

#[test]
fn the_word_of_a_patient_without_an_account_is_heard_by_a_second_member_of_staff() {
    let state = DelegationState::SafeguardingChecked;
    let facts = Fixed { patients: vec![], ..facts(OF_PATIENT) };
    let heard = |witness: Option<u128>| RecordConsent {
        basis: ConsentBasis::PatientWord,
        witness: witness.map(id),
        ..consent(OF_PATIENT)
    };
    for witness in [None, Some(NURSE), Some(DAUGHTER), Some(GUARDIAN)] {
        let refusal = DelegationRefusal::WitnessMissing;
        refused_among(&facts, &history(OF_PATIENT, state), Who::Nurse, heard(witness), &refusal);
    }
    let consented = taken(&facts, OF_PATIENT, state, Who::Nurse, heard(Some(COORDINATOR)));
    let [DelegationEvent::Consented(consented), DelegationEvent::Activated(_)] = &consented[..] else {
        panic!("{consented:?}")
    };
    assert_eq!(consented.witness, Some(id(COORDINATOR)));
}

#[test]
fn a_youth_says_what_they_think_of_a_parents_access_or_is_found_not_competent_in_writing() {
    let state = DelegationState::SafeguardingChecked;
    let saying = |kind, patient_says| RecordConsent { patient_says, ..consent(kind) };
    let missing = DelegationRefusal::OwnWordMissing;
    for says in [None, says(OwnWord::NotCompetent, None)] {
        refused_among(&of_youth(), &history(PARENT, state), Who::Nurse, saying(PARENT, says), &missing);
    }
    for says in [says(OwnWord::Consents, None), says(OwnWord::NotCompetent, Some("By two physicians."))] {
        assert_eq!(taken(&of_youth(), PARENT, state, Who::Nurse, saying(PARENT, says)).len(), 2);
    }
    // A representative of an adult with capacity needs the adult's own consent.
    let capable = Fixed { without_capacity: vec![], ..facts(GUARDED) };
    for says in [None, says(OwnWord::NotCompetent, Some("Nobody finds that of an adult here."))] {
        refused_among(&capable, &history(GUARDED, state), Who::Nurse, saying(GUARDED, says), &missing);
    }
    let consents = says(OwnWord::Consents, Some("She may."));
    assert_eq!(taken(&capable, GUARDED, state, Who::Nurse, saying(GUARDED, consents)).len(), 2);
}

#[test]
fn what_is_consented_to_was_checked_and_lies_in_the_past() {
    let state = DelegationState::SafeguardingChecked;
    let more = RecordConsent { scope: wider(), ..consent(OF_PATIENT) };
    refused(OF_PATIENT, state, Who::Patient, more, &DelegationRefusal::ScopeChanged);
    let nothing = RecordConsent { scope: Scope::nothing(), ..consent(OF_PATIENT) };
    refused(OF_PATIENT, state, Who::Patient, nothing, &DelegationRefusal::ScopeEmpty);
    let future = RecordConsent { at: now() + Duration::minutes(3), ..consent(OF_PATIENT) };
    refused(OF_PATIENT, state, Who::Patient, future, &DelegationRefusal::ConsentInFuture);
    let less = RecordConsent { scope: reading(), ..consent(OF_PATIENT) };
    let active = taken(&facts(OF_PATIENT), OF_PATIENT, state, Who::Patient, less);
    let [DelegationEvent::Consented(consented), DelegationEvent::Activated(activated)] = &active[..] else {
        panic!("{active:?}")
    };
    assert_eq!((&consented.scope, &activated.scope, activated.from), (&reading(), &reading(), now()));
    assert_eq!(activated.until, now() + Duration::days(300));
}

#[test]
fn a_patient_without_capacity_does_not_consent() {
    let facts = Fixed { without_capacity: vec![patient()], ..facts(OF_PATIENT) };
    let lacks = DelegationRefusal::PatientLacksCapacity;
    let state = DelegationState::SafeguardingChecked;
    refused_among(&facts, &history(OF_PATIENT, state), Who::Patient, consent(OF_PATIENT), &lacks);
    refused_among(&facts, &history(OF_PATIENT, DelegationState::Active), Who::Patient, widen(), &lacks);
    refused_among(&facts, &history(OF_PATIENT, DelegationState::Active), Who::Patient, renew(350), &lacks);
}

#[test]
fn what_takes_longer_than_ninety_days_does_not_become_active_any_more() {
    let facts = facts(OF_PATIENT);
    for (state, who, command) in [
        (DelegationState::Accepted, Who::Nurse, DelegationCommand::from(verify())),
        (DelegationState::IdentityVerified, Who::Nurse, pass(OF_PATIENT).into()),
        (DelegationState::SafeguardingChecked, Who::Patient, consent(OF_PATIENT).into()),
    ] {
        let acting = by(&facts, who);
        let given = given::<Delegation>(&history(OF_PATIENT, state));
        let end = Acting { now: acting.now + Duration::days(90), ..acting };
        given.when(&command, &end).then_refused(&DelegationRefusal::Expired);
        let before = Acting { now: end.now - Duration::microseconds(1), ..acting };
        assert!(!given.when(&command, &before).events().is_empty());
    }
}

#[test]
fn the_patient_consents_by_the_current_text_of_help_and_its_words_are_recorded() {
    let (checked, active) = (DelegationState::SafeguardingChecked, DelegationState::Active);
    let current = consent_text::current(ConsentTextKind::Help, TextLanguage::Es);
    let not_shown = DelegationRefusal::TextNotShown(TextNotShown { current: current.version });
    for text in [
        ShownText { version: version(), ..shown() },
        ShownText { language: None, ..shown() },
        consent_text::current(ConsentTextKind::Permission, TextLanguage::Es).shown(),
    ] {
        let consent = RecordConsent { text: text.clone(), ..consent(OF_PATIENT) };
        refused(OF_PATIENT, checked, Who::Patient, consent.clone(), &not_shown);
        let late = RecordConsent { at: now() + Duration::minutes(3), ..consent };
        let both = DelegationRefusal::Several(vec![not_shown.clone(), DelegationRefusal::ConsentInFuture]);
        refused(OF_PATIENT, checked, Who::Patient, late, &both);
        refused(OF_PATIENT, active, Who::Patient, WidenDelegation { text: text.clone(), ..widen() }, &not_shown);
        refused(OF_PATIENT, active, Who::Patient, RenewDelegation { text, ..renew(350) }, &not_shown);
    }
    let words = Some(WordsShown { language: current.language, sha256: current.sha256 });
    let facts = facts(OF_PATIENT);
    for (state, command) in [(checked, consent(OF_PATIENT).into()), (active, DelegationCommand::from(widen()))] {
        let given = taken(&facts, OF_PATIENT, state, Who::Patient, command);
        let [DelegationEvent::Consented(consented), _] = &given[..] else { panic!("{given:?}") };
        assert_eq!((consented.text_version.as_str(), consented.words_shown), (current.version, words));
    }
    let renewed = taken(&facts, OF_PATIENT, active, Who::Patient, renew(350));
    let [DelegationEvent::Renewed(renewed)] = &renewed[..] else { panic!("{renewed:?}") };
    assert_eq!((renewed.text_version.as_str(), renewed.words_shown), (current.version, words));
}
