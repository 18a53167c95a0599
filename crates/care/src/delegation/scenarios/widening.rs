//! A wider scope that staff check anew, so that the patient can agree to it; and what the law opens by a wider one.

use super::*;
use crate::ids::ThreadId;

const OF_PATIENT: DelegationKind = DelegationKind::PatientAuthorised;
const GUARDED: DelegationKind = DelegationKind::LegalRepresentative;
const ACTIVE: DelegationState = DelegationState::Active;

/// A sensitive thread that opens.
fn sensitive_thread() -> ThreadId {
    id(51)
}

/// Wider by what staff check: a sensitive subject, the past and the right to act.
fn sensitive() -> Scope {
    let mut scope = wider();
    scope.topics.insert(Topic::Results, TopicVerbs::ACT);
    Scope { sensitivities: [Sensitivity::Hiv].into(), history: DelegationHistory::All, ..scope }
}

fn opening(kind: DelegationKind) -> Fixed {
    Fixed { opened: Some(OpenedList { version: SEEN, sensitive: vec![sensitive_thread()] }), ..facts(kind) }
}

fn check(scope: Scope) -> PassSafeguarding {
    let accepted = [(sensitive_thread(), text("She was there."))].into();
    PassSafeguarding { scope: Some(scope), accepted, ..pass(OF_PATIENT) }
}

fn widen_to(scope: Scope) -> DelegationCommand {
    WidenDelegation { scope, ..widen() }.into()
}

/// An active delegation after these commands, each by whom it is for.
fn after(facts: &Fixed, kind: DelegationKind, commands: &[(Who, DelegationCommand)]) -> Vec<DelegationEvent> {
    let mut events = history(kind, ACTIVE);
    for (who, command) in commands {
        let more = given::<Delegation>(&events).when(command, &by(facts, *who)).events();
        events.extend(more);
    }
    events
}

fn checked() -> Vec<DelegationEvent> {
    after(&opening(OF_PATIENT), OF_PATIENT, &[(Who::Nurse, check(sensitive()).into())])
}

#[test]
fn what_staff_checked_anew_the_patient_opens_by_a_consent_of_their_own() {
    let facts = opening(OF_PATIENT);
    let events = checked();
    let Some(DelegationEvent::WideningChecked(event)) = events.last() else { panic!("{events:?}") };
    let check = &event.check;
    assert_eq!((&check.scope, check.seen, check.at), (&sensitive(), SEEN, now()));
    let accepted: Vec<ThreadId> = check.accepted.iter().map(|opened| opened.thread).collect();
    assert_eq!((check.asked_alone, accepted), (AskedAlone::Asked, vec![sensitive_thread()]));
    let Delegation::Known(grant) = crate::aggregate::folded(&events) else { panic!("{events:?}") };
    assert_eq!((grant.state, &grant.scope), (ACTIVE, &scope()), "the check itself gives nothing");
    let widened = given::<Delegation>(&events).when(&widen_to(sensitive()), &by(&facts, Who::Patient)).events();
    assert!(
        matches!(&widened[..], [DelegationEvent::Consented(consented), DelegationEvent::Widened(widened)]
            if consented.scope == sensitive() && widened.scope == sensitive()),
        "{widened:?}"
    );
    // Less than was checked is checked too.
    let less = Scope { history: DelegationHistory::FromGrant, ..sensitive() };
    assert_eq!(given::<Delegation>(&events).when(&widen_to(less), &by(&facts, Who::Patient)).events().len(), 2);
    // Nobody else agrees for the patient.
    let by_staff = DelegationRefusal::StaffCannotConsent;
    given::<Delegation>(&events).when(&widen_to(sensitive()), &by(&facts, Who::Nurse)).then_refused(&by_staff);
}

#[test]
fn a_check_serves_for_thirty_days_for_what_was_checked_and_until_the_delegation_changes() {
    let facts = opening(OF_PATIENT);
    let needed = |events: &[DelegationEvent], facts: &Fixed, scope: Scope, late: Duration| {
        let acting = by(facts, Who::Patient);
        let acting = Acting { now: acting.now + late, ..acting };
        given::<Delegation>(events)
            .when(&widen_to(scope), &acting)
            .then_refused(&DelegationRefusal::SafeguardingNeeded);
    };
    let events = checked();
    let last = Duration::days(30) - Duration::seconds(1);
    let late = Acting { now: now() + last, ..by(&facts, Who::Patient) };
    assert_eq!(given::<Delegation>(&events).when(&widen_to(sensitive()), &late).events().len(), 2);
    needed(&events, &facts, sensitive(), Duration::days(30));
    let more = Scope { sensitivities: [Sensitivity::Hiv, Sensitivity::Psychiatry].into(), ..sensitive() };
    needed(&events, &facts, more, Duration::zero());
    // A thread that became sensitive since then was not decided about.
    let opened = OpenedList { version: SEEN, sensitive: vec![sensitive_thread(), id(52)] };
    needed(&events, &Fixed { opened: Some(opened), ..facts.clone() }, sensitive(), Duration::zero());
    let narrow = DelegationCommand::from(NarrowDelegation { scope: reading() });
    let resume = ResumeDelegation { patient_word: Some(text("Yes.")), ..resume(OF_PATIENT) };
    for changes in [
        vec![(Who::Patient, narrow)],
        vec![(Who::Nurse, suspend().into()), (Who::Coordinator, resume.into())],
        vec![(Who::Patient, widen_to(wider()))],
    ] {
        let check = (Who::Nurse, DelegationCommand::from(check(sensitive())));
        let commands: Vec<_> = std::iter::once(check).chain(changes).collect();
        needed(&after(&facts, OF_PATIENT, &commands), &facts, sensitive(), Duration::zero());
    }
}

#[test]
fn a_check_of_a_wider_scope_is_as_strict_as_the_first_one() {
    let facts = opening(OF_PATIENT);
    let active = history(OF_PATIENT, ACTIVE);
    let refused = |command: PassSafeguarding, who, refusal: DelegationRefusal| {
        refused_among(&facts, &active, who, command, &refusal);
    };
    refused(check(scope()), Who::Nurse, DelegationRefusal::NotWider);
    refused(PassSafeguarding { scope: None, ..check(scope()) }, Who::Nurse, DelegationRefusal::NotWider);
    refused(check(reading()), Who::Nurse, DelegationRefusal::NotWider);
    let managing = Scope { manages_helpers: true, ..sensitive() };
    refused(check(managing), Who::Nurse, DelegationRefusal::ScopeTooWide);
    let left = DelegationRefusal::SensitiveUnlabelled(vec![sensitive_thread()]);
    refused(PassSafeguarding { accepted: [].into(), ..check(sensitive()) }, Who::Nurse, left);
    let other = PassSafeguarding { seen: Digest::of_bytes([0; 32]), ..check(sensitive()) };
    refused(other, Who::Nurse, DelegationRefusal::OpenedListChanged);
    let unasked = Checks { asked_alone: AskedAlone::CannotAnswer, ..checks(OF_PATIENT) };
    refused(PassSafeguarding { checks: unasked, ..check(sensitive()) }, Who::Nurse, DelegationRefusal::NotAskedAlone);
    refused(check(sensitive()), Who::Daughter, DelegationRefusal::SelfNotAllowed);
    refused(check(sensitive()), Who::Patient, DelegationRefusal::SelfNotAllowed);
    // The first check is of the scope that it has.
    let verified = history(OF_PATIENT, DelegationState::IdentityVerified);
    refused_among(&facts, &verified, Who::Nurse, check(wider()), &DelegationRefusal::ScopeChanged);
}

#[test]
fn the_law_opens_a_sensitive_thread_with_a_reason_or_where_it_was_accepted_before() {
    let facts = opening(GUARDED);
    let left = DelegationRefusal::SensitiveUnlabelled(vec![sensitive_thread()]);
    refused_among(&facts, &history(GUARDED, ACTIVE), Who::Nurse, widen_by_law(), &left);
    let accepted = [(sensitive_thread(), text("The court says so."))].into();
    let with_reason = WidenByLaw { accepted, ..widen_by_law() };
    let events = after(&facts, GUARDED, &[(Who::Nurse, with_reason.into())]);
    let Some(DelegationEvent::Widened(widened)) = events.last() else { panic!("{events:?}") };
    assert!(matches!(&widened.accepted[..], [opened] if opened.thread == sensitive_thread()), "{widened:?}");
    // It needs no reason twice: not after it was widened, and not after the first check.
    let mut more = wider();
    more.topics.insert(Topic::Education, TopicVerbs::READ);
    let again = WidenByLaw { scope: more, ..widen_by_law() };
    assert_eq!(given::<Delegation>(&events).when(&again.into(), &by(&facts, Who::Nurse)).events().len(), 1);
    let mut from_first = history(GUARDED, DelegationState::IdentityVerified);
    for (who, command) in [
        (Who::Nurse, PassSafeguarding { scope: None, ..check(scope()) }.into()),
        (Who::Nurse, DelegationCommand::from(consent(GUARDED))),
        (Who::Nurse, widen_by_law().into()),
    ] {
        let events = given::<Delegation>(&from_first).when(&command, &by(&facts, who)).events();
        from_first.extend(events);
    }
    assert!(matches!(from_first.last(), Some(DelegationEvent::Widened(widened)) if widened.accepted.is_empty()));
}
