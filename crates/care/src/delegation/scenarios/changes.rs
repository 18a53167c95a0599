//! What changes while a person has access, and who takes it away and gives it back.

use super::*;

const OF_PATIENT: DelegationKind = DelegationKind::PatientAuthorised;
const PARENT: DelegationKind = DelegationKind::ParentOfMinor;
const GUARDED: DelegationKind = DelegationKind::LegalRepresentative;
const ACTIVE: DelegationState = DelegationState::Active;

#[track_caller]
fn taken(facts: &Fixed, kind: DelegationKind, who: Who, command: impl Into<DelegationCommand>) -> Vec<DelegationEvent> {
    given::<Delegation>(&history(kind, ACTIVE)).when(&command.into(), &by(facts, who)).events()
}

#[test]
fn a_narrower_scope_lies_within_and_reaches_something() {
    let narrow = |scope| NarrowDelegation { scope };
    for wrong in [wider(), Scope::nothing(), Scope { sensitivities: [Sensitivity::Hiv].into(), ..reading() }] {
        refused(OF_PATIENT, ACTIVE, Who::Patient, narrow(wrong), &DelegationRefusal::NotNarrower);
    }
    let facts = facts(OF_PATIENT);
    assert_eq!(taken(&facts, OF_PATIENT, Who::Patient, narrow(scope())), [], "it is so already");
    let narrowed = taken(&facts, OF_PATIENT, Who::Daughter, narrow(reading()));
    assert!(matches!(&narrowed[..], [DelegationEvent::Narrowed(narrowed)] if narrowed.scope == reading()));
}

#[test]
fn a_helper_neither_names_nor_drops_a_listed_thread_that_is_hidden_from_them() {
    let found = with_guardian(facts(OF_PATIENT));
    let hidden = Fixed { not_found: vec![id(50)], ..found.clone() };
    let narrow = |scope| NarrowDelegation { scope };
    let unlisted = |scope: Scope| Scope { threads: [].into(), ..scope };
    let narrowed = |facts: &Fixed, who, scope| {
        let events = taken(facts, OF_PATIENT, who, narrow(scope));
        let [DelegationEvent::Narrowed(narrowed)] = &events[..] else { panic!("{events:?}") };
        narrowed.scope.clone()
    };
    for who in [Who::Daughter, Who::Guardian] {
        let wrong = |scope| {
            let refusal = DelegationRefusal::NotNarrower;
            refused_among(&hidden, &history(OF_PATIENT, ACTIVE), who, narrow(scope), &refusal);
        };
        // Its id is as wrong as one that is not listed.
        for thread in [50, 51] {
            wrong(Scope { threads: [id(thread)].into(), ..reading() });
        }
        // Nor does it keep a scope that reaches nothing else.
        wrong(Scope { kinds: [].into(), ..unlisted(reading()) });
        assert_eq!(taken(&hidden, OF_PATIENT, who, narrow(unlisted(scope()))), [], "as they know it, it is so already");
        assert_eq!(narrowed(&hidden, who, unlisted(reading())), reading(), "it stays listed");
        assert_eq!(narrowed(&found, who, unlisted(reading())), unlisted(reading()), "what they know they drop");
    }
    assert_eq!(
        narrowed(&hidden, Who::Patient, unlisted(reading())),
        unlisted(reading()),
        "the patient knows all of it"
    );
    assert_eq!(narrowed(&hidden, Who::Patient, reading()), reading());
}

#[test]
fn the_patient_widens_what_needs_no_check_by_staff() {
    let widen = |scope| WidenDelegation { scope, ..widen() };
    let patient = |scope, refusal| refused(OF_PATIENT, ACTIVE, Who::Patient, widen(scope), &refusal);
    patient(reading(), DelegationRefusal::NotWider);
    let mut acting = wider();
    acting.topics.insert(Topic::Results, TopicVerbs::ACT);
    for unchecked in [
        acting,
        Scope { sensitivities: [Sensitivity::Psychiatry].into(), ..scope() },
        Scope { history: DelegationHistory::All, ..scope() },
    ] {
        patient(unchecked, DelegationRefusal::SafeguardingNeeded);
    }
    let other = WidenDelegation { seen: Digest::of_bytes([0; 32]), ..widen(wider()) };
    refused(OF_PATIENT, ACTIVE, Who::Patient, other, &DelegationRefusal::OpenedListChanged);
    let facts = facts(OF_PATIENT);
    assert_eq!(taken(&facts, OF_PATIENT, Who::Patient, widen(scope())), [], "it is so already");
    let widened = taken(&facts, OF_PATIENT, Who::Patient, widen(wider()));
    assert!(
        matches!(&widened[..], [DelegationEvent::Consented(consented), DelegationEvent::Widened(widened)]
            if consented.scope == wider() && widened.scope == wider()),
        "{widened:?}"
    );
}

#[test]
fn nobody_widens_for_the_patient_but_staff_where_the_law_gives_it() {
    for (who, refusal) in [
        (Who::Daughter, DelegationRefusal::ConsentByDelegate),
        (Who::Guardian, DelegationRefusal::ConsentByDelegate),
        (Who::Nurse, DelegationRefusal::StaffCannotConsent),
        (Who::Process, DelegationRefusal::NotAPerson),
    ] {
        let facts = with_guardian(facts(OF_PATIENT));
        refused_among(&facts, &history(OF_PATIENT, ACTIVE), who, widen(), &refusal);
    }
    refused(OF_PATIENT, ACTIVE, Who::Nurse, widen_by_law(), &DelegationRefusal::KindNotByLaw);
    for alone in [NURSE, DAUGHTER, PATIENT, GUARDIAN] {
        let widen = WidenByLaw { agreed_by: id(alone), ..widen_by_law() };
        refused(GUARDED, ACTIVE, Who::Nurse, widen, &DelegationRefusal::SamePerson);
    }
    let widened = taken(&facts(GUARDED), GUARDED, Who::Nurse, widen_by_law());
    assert!(matches!(&widened[..], [DelegationEvent::Widened(widened)] if widened.agreed_by == Some(id(COORDINATOR))));
}

#[test]
fn the_law_widens_within_the_authority_and_with_what_opens_seen() {
    let with = |change: fn(&mut Fixed)| {
        let mut facts = facts(GUARDED);
        change(&mut facts);
        facts
    };
    let among =
        |facts: &Fixed, refusal| refused_among(facts, &history(GUARDED, ACTIVE), Who::Nurse, widen_by_law(), &refusal);
    let narrow = with(|facts| {
        let limits = AuthorityLimits { topics: scope().topics, ..everything() };
        facts.authorities.iter_mut().for_each(|(_, brief)| brief.limits = Some(limits.clone()));
    });
    among(&narrow, DelegationRefusal::AuthorityTooNarrow);
    let disputed =
        with(|facts| facts.authorities.iter_mut().for_each(|(_, brief)| brief.state = AuthorityState::Disputed));
    among(&disputed, DelegationRefusal::AuthorityNotVerified);
    let sensitive = with(|facts| facts.opened = Some(OpenedList { version: SEEN, sensitive: vec![id(51)] }));
    among(&sensitive, DelegationRefusal::SensitiveUnlabelled(vec![id(51)]));
    let changed = with(|facts| facts.opened = None);
    among(&changed, DelegationRefusal::OpenedListChanged);
    among(&with(|facts| facts.without_capacity = vec![]), DelegationRefusal::OwnWordMissing);
}

#[test]
fn a_child_does_not_widen_and_a_youth_does() {
    let of = |day| Fixed { born: vec![(patient(), born(day))], ..facts(PARENT) };
    let child = DelegationRefusal::MinorCannotWiden;
    refused_among(&of("2015-01-10"), &history(PARENT, ACTIVE), Who::Patient, widen(), &child);
    assert_eq!(taken(&of("2012-01-10"), PARENT, Who::Patient, widen()).len(), 2);
}

#[test]
fn it_is_renewed_by_the_patient_or_by_law_within_the_limit() {
    let until = now() + Duration::days(300);
    let facts = facts(OF_PATIENT);
    assert_eq!(taken(&facts, OF_PATIENT, Who::Patient, renew(300)), [], "it ends then already");
    refused(OF_PATIENT, ACTIVE, Who::Patient, renew(299), &DelegationRefusal::UntilNotAhead);
    let latest = at("2027-11-23T08:00:00Z");
    refused(OF_PATIENT, ACTIVE, Who::Patient, renew(366), &DelegationRefusal::UntilTooFar { latest });
    refused(OF_PATIENT, ACTIVE, Who::Nurse, renew(350), &DelegationRefusal::StaffCannotConsent);
    refused(OF_PATIENT, ACTIVE, Who::Daughter, renew(350), &DelegationRefusal::ConsentByDelegate);
    refused(OF_PATIENT, ACTIVE, Who::Process, renew(350), &DelegationRefusal::NotAPerson);
    assert_eq!(taken(&super::facts(GUARDED), GUARDED, Who::Nurse, renew(350)).len(), 1);
    // At its end it has ended, whether or not the process was there.
    let given = given::<Delegation>(&history(OF_PATIENT, ACTIVE));
    for (who, command) in [(Who::Patient, DelegationCommand::from(renew(350))), (Who::Patient, widen().into())] {
        let late = Acting { now: until, ..by(&facts, who) };
        given.when(&command, &late).then_refused(&DelegationRefusal::Expired);
    }
    let suspended = super::given::<Delegation>(&history(OF_PATIENT, DelegationState::Suspended));
    let late = Acting { now: until, ..by(&facts, Who::Coordinator) };
    suspended.when(&resume(OF_PATIENT).into(), &late).then_refused(&DelegationRefusal::Expired);
}

#[test]
fn whoever_suspended_does_not_resume() {
    let state = DelegationState::Suspended;
    refused(OF_PATIENT, state, Who::Nurse, resume(OF_PATIENT), &DelegationRefusal::SamePerson);
    let facts = facts(OF_PATIENT);
    let suspended = history(OF_PATIENT, state);
    for who in [Who::Coordinator, Who::Officer] {
        let resumed = given::<Delegation>(&suspended).when(&resume(OF_PATIENT).into(), &by(&facts, who)).events();
        assert_eq!(folded_state(&[&suspended[..], &resumed].concat()), Some(ACTIVE));
    }
}

fn folded_state(events: &[DelegationEvent]) -> Option<DelegationState> {
    crate::aggregate::folded::<Delegation>(events).state()
}

#[test]
fn what_the_patient_suspended_comes_back_by_their_word() {
    let facts = facts(OF_PATIENT);
    let mut events = history(OF_PATIENT, ACTIVE);
    events.extend(taken(&facts, OF_PATIENT, Who::Patient, suspend()));
    let resume_by_staff = |patient_word| ResumeDelegation { patient_word, ..resume(OF_PATIENT) }.into();
    let given = given::<Delegation>(&events);
    let nurse = by(&facts, Who::Nurse);
    given.when(&resume_by_staff(None), &nurse).then_refused(&DelegationRefusal::PatientSuspended);
    assert_eq!(given.when(&resume_by_staff(Some(text("She may again."))), &nurse).events().len(), 1);
}

#[test]
fn staff_say_why_they_end_it_and_a_representative_leaves_other_representatives_alone() {
    for who in [Who::Nurse, Who::Officer] {
        refused(OF_PATIENT, ACTIVE, who, revoke(None), &DelegationRefusal::StaffReasonMissing);
        let ended = taken(&facts(OF_PATIENT), OF_PATIENT, who, revoke(Some("She took money.")));
        assert_eq!(end_of(&ended), DelegationEnd::Revoked);
    }
    for who in [Who::Patient, Who::Daughter] {
        assert_eq!(end_of(&taken(&facts(OF_PATIENT), OF_PATIENT, who, revoke(None))), DelegationEnd::Revoked);
    }
    let guarded = with_guardian(facts(GUARDED));
    let theirs = DelegationRefusal::NotTheirs;
    refused_among(&guarded, &history(GUARDED, ACTIVE), Who::Guardian, revoke(None), &theirs);
    refused_among(&guarded, &history(GUARDED, ACTIVE), Who::Guardian, NarrowDelegation { scope: reading() }, &theirs);
    let helped = with_guardian(facts(OF_PATIENT));
    assert_eq!(end_of(&taken(&helped, OF_PATIENT, Who::Guardian, revoke(None))), DelegationEnd::Revoked);
}
