//! What the process does: each only when it is due, or has happened.

use super::*;
use crate::age::AgeInstants;
use crate::process::delegations::{due, wakes_at};
use crate::words::{DelegationReminder, SuspensionCause};

const OF_PATIENT: DelegationKind = DelegationKind::PatientAuthorised;
const PARENT: DelegationKind = DelegationKind::ParentOfMinor;
const ACTIVE: DelegationState = DelegationState::Active;

/// What the process does to a delegation, step by step, until nothing is left to do: each command with its instant.
fn by_itself(
    facts: &Fixed,
    kind: DelegationKind,
    state: DelegationState,
) -> (Vec<(DateTime<Utc>, DelegationCommand)>, Option<DelegationState>) {
    let mut events = history(kind, state);
    let mut given_commands = Vec::new();
    loop {
        let mut deadlines = Deadlines::default();
        events.iter().for_each(|event| deadlines.evolve(event));
        let ages = (kind == PARENT).then(|| by(facts, Who::Process).age_instants(patient())).flatten();
        let Some(wakes) = wakes_at(&deadlines, ages) else { break };
        assert_eq!(due(&deadlines, ages, wakes - Duration::microseconds(1)), None);
        let command = due(&deadlines, ages, wakes).expect("it is due when it wakes");
        let given = given::<Delegation>(&events);
        let process = by(facts, Who::Process);
        let early = Acting { now: wakes - Duration::microseconds(1), ..process };
        let refused = given.when(&command, &early);
        let is_review = command == DelegationCommand::from(SuspendDelegationBy { cause: SuspensionCause::ReviewAge });
        refused.then_refused(if is_review { &DelegationRefusal::NotSo } else { &DelegationRefusal::NotDue });
        events.extend(given.when(&command, &Acting { now: wakes, ..process }).events());
        given_commands.push((wakes, command));
        assert!(given_commands.len() < 12, "it does not end: {given_commands:?}");
    }
    (given_commands, crate::aggregate::folded::<Delegation>(&events).state())
}

fn remind(of: DelegationReminder) -> DelegationCommand {
    RemindOfDelegation { of }.into()
}

#[test]
fn each_state_is_reminded_of_once_and_ends_by_itself() {
    let days = |days| now() + Duration::days(days);
    // Five business days after Monday at eight, when the practice opens at nine.
    let monday = at("2026-11-30T09:00:00Z");
    let facts = facts(OF_PATIENT);
    for (state, reminded, reminder, ends) in [
        (DelegationState::Asked, days(14), DelegationReminder::Offer, days(60)),
        (DelegationState::Invited, days(7), DelegationReminder::Invitation, days(14)),
        (DelegationState::Accepted, monday, DelegationReminder::Verification, days(90)),
        (DelegationState::IdentityVerified, monday, DelegationReminder::Verification, days(90)),
        (DelegationState::SafeguardingChecked, days(14), DelegationReminder::Consent, days(90)),
        (ACTIVE, days(270), DelegationReminder::EndAhead, days(300)),
        (DelegationState::Suspended, monday, DelegationReminder::Review, days(300)),
    ] {
        let (commands, end) = by_itself(&facts, OF_PATIENT, state);
        assert_eq!(commands, [(reminded, remind(reminder)), (ends, ExpireDelegation.into())], "{state:?}");
        assert_eq!(end, Some(DelegationState::Ended));
    }
    assert_eq!(by_itself(&facts, OF_PATIENT, DelegationState::Ended).0, []);
}

#[test]
fn what_a_state_waits_for_has_a_due_time_that_stays_after_the_reminder() {
    let days = |days| Some(now() + Duration::days(days));
    let monday = Some(at("2026-11-30T09:00:00Z"));
    for (state, due) in [
        (DelegationState::Asked, days(14)),
        (DelegationState::Invited, days(14)),
        (DelegationState::Accepted, monday),
        (DelegationState::IdentityVerified, monday),
        (DelegationState::SafeguardingChecked, days(14)),
        (ACTIVE, None),
        (DelegationState::Suspended, monday),
        (DelegationState::Ended, None),
    ] {
        let mut deadlines = Deadlines::default();
        history(OF_PATIENT, state).iter().for_each(|event| deadlines.evolve(event));
        assert_eq!(deadlines.due_at(), due, "{state:?}");
        let process = by(&Fixed::default(), Who::Process).by;
        let reminded = Reminded { by: process, of: DelegationReminder::Verification, at: now() };
        deadlines.evolve(&reminded.into());
        assert_eq!(deadlines.due_at(), due, "{state:?} after the reminder");
    }
    let (mut deadlines, facts) = (Deadlines::default(), facts(OF_PATIENT));
    let suspended = history(OF_PATIENT, DelegationState::Suspended);
    let command = resume(OF_PATIENT).into();
    let resumed = given::<Delegation>(&suspended).when(&command, &by(&facts, Who::Coordinator)).events();
    suspended.iter().chain(&resumed).for_each(|event| deadlines.evolve(event));
    assert_eq!(deadlines.due_at(), None, "who has access again waits for nobody");
}

#[test]
fn the_reason_of_an_end_by_time_is_that_of_the_state() {
    let facts = facts(OF_PATIENT);
    let late = Acting { now: now() + Duration::days(400), ..by(&facts, Who::Process) };
    for (state, reason) in [
        (DelegationState::Asked, DelegationEnd::OfferLapsed),
        (DelegationState::Invited, DelegationEnd::InvitationExpired),
        (DelegationState::Accepted, DelegationEnd::Unfinished),
        (DelegationState::IdentityVerified, DelegationEnd::Unfinished),
        (DelegationState::SafeguardingChecked, DelegationEnd::Unfinished),
        (ACTIVE, DelegationEnd::Expired),
        (DelegationState::Suspended, DelegationEnd::Expired),
    ] {
        let events = given::<Delegation>(&history(OF_PATIENT, state)).when(&ExpireDelegation.into(), &late).events();
        assert_eq!(end_of(&events), reason);
    }
}

#[test]
fn a_short_delegation_is_reminded_of_fourteen_days_before_its_end_and_a_renewed_one_again() {
    let kind = DelegationKind::ProfessionalHelper;
    let (commands, _) = by_itself(&facts(kind), kind, ACTIVE);
    assert_eq!(commands[0], (now() + Duration::days(76), remind(DelegationReminder::EndAhead)));
    let mut deadlines = Deadlines::default();
    history(OF_PATIENT, ACTIVE).iter().for_each(|event| deadlines.evolve(event));
    let reminded = now() + Duration::days(270);
    let of = DelegationReminder::EndAhead;
    deadlines.evolve(&Reminded { by: Actor::Process(ProcessName::Delegations), of, at: reminded }.into());
    assert_eq!(wakes_at(&deadlines, None), Some(now() + Duration::days(300)));
    let renewed = given::<Delegation>(&history(OF_PATIENT, ACTIVE))
        .when(&renew(350).into(), &by(&facts(OF_PATIENT), Who::Patient))
        .events();
    renewed.iter().for_each(|event| deadlines.evolve(event));
    assert_eq!(wakes_at(&deadlines, None), Some(now() + Duration::days(320)));
}

#[test]
fn a_parents_access_is_cut_at_the_first_gate_and_both_are_told_before() {
    // The child is twelve on the tenth of January.
    let (commands, _) = by_itself(&facts(PARENT), PARENT, ACTIVE);
    let gate = at("2027-01-10T00:00:00Z");
    let announced = (gate - Duration::days(30), remind(DelegationReminder::AgeGateAhead));
    assert_eq!(commands[..2], [announced, (gate, NarrowAtAge.into())]);
    let facts = facts(PARENT);
    let acting = Acting { now: gate, ..by(&facts, Who::Process) };
    let cut = given::<Delegation>(&history(PARENT, ACTIVE)).when(&NarrowAtAge.into(), &acting).events();
    let [DelegationEvent::Narrowed(narrowed)] = &cut[..] else { panic!("{cut:?}") };
    assert_eq!(narrowed.scope.topics, [(Topic::Scheduling, TopicVerbs::ACT)].into());
}

#[test]
fn a_review_suspends_once_and_adult_age_ends_it() {
    let gates = AgeGates { first: 10, review: Some(12), adult: 18 };
    let facts = Fixed { age_gates: vec![(id(PRACTICE), gates)], ..facts(PARENT) };
    let (commands, _) = by_itself(&facts, PARENT, ACTIVE);
    let gate = at("2027-01-10T00:00:00Z");
    let review = DelegationCommand::from(SuspendDelegationBy { cause: SuspensionCause::ReviewAge });
    assert_eq!(commands[1], (gate, review.clone()));
    let reviews = commands.iter().filter(|(_, command)| *command == review);
    assert_eq!(reviews.count(), 1);
    let adult = Fixed { born: vec![(patient(), born("2008-12-31"))], ..super::facts(PARENT) };
    let (commands, end) = by_itself(&adult, PARENT, ACTIVE);
    let adult_at = at("2026-12-31T00:00:00Z");
    let announced = (adult_at - Duration::days(30), remind(DelegationReminder::AgeGateAhead));
    assert_eq!(commands, [announced, (adult_at, EndAtAge.into())]);
    assert_eq!(end, Some(DelegationState::Ended));
}

#[test]
fn no_age_changes_what_does_not_rest_on_minority() {
    let facts = Fixed { born: vec![(patient(), born("2008-12-01"))], ..facts(OF_PATIENT) };
    let late = Acting { now: now() + Duration::days(60), ..by(&facts, Who::Process) };
    let given = given::<Delegation>(&history(OF_PATIENT, ACTIVE));
    given.when(&EndAtAge.into(), &late).then_refused(&DelegationRefusal::NotDue);
    given.when(&NarrowAtAge.into(), &late).then_refused(&DelegationRefusal::NotDue);
    let review = SuspendDelegationBy { cause: SuspensionCause::ReviewAge };
    given.when(&review.into(), &late).then_refused(&DelegationRefusal::NotSo);
    let ages = AgeInstants { first: now(), review: None, adult: now() };
    let mut deadlines = Deadlines::default();
    history(OF_PATIENT, DelegationState::Accepted).iter().for_each(|event| deadlines.evolve(event));
    assert_eq!(due(&deadlines, Some(ages), now()), None, "an age ends no access that has not begun");
}

#[test]
fn what_has_not_happened_ends_and_suspends_nothing() {
    let end = |cause| DelegationCommand::from(EndDelegationBy { cause });
    let suspend = |cause| DelegationCommand::from(SuspendDelegationBy { cause });
    let executor = DelegationKind::Executor;
    for (kind, command) in [
        (OF_PATIENT, end(EndCause::PatientDied)),
        (executor, end(EndCause::PatientDied)),
        (executor, end(EndCause::DeathVoided)),
        (OF_PATIENT, end(EndCause::DeathVoided)),
        (DelegationKind::LegalRepresentative, end(EndCause::AuthorityEnded)),
        (OF_PATIENT, end(EndCause::AuthorityEnded)),
        (DelegationKind::ProfessionalHelper, end(EndCause::EmploymentEnded)),
        (OF_PATIENT, end(EndCause::EmploymentEnded)),
        (OF_PATIENT, suspend(SuspensionCause::ProtectionNote)),
        (DelegationKind::LegalRepresentative, suspend(SuspensionCause::AuthorityDisputed)),
        (PARENT, suspend(SuspensionCause::ReviewAge)),
    ] {
        refused(kind, ACTIVE, Who::Process, command, &DelegationRefusal::NotSo);
    }
}

#[test]
fn an_end_from_elsewhere_says_which() {
    let ended = |facts: &Fixed, kind, cause| {
        let given = given::<Delegation>(&history(kind, ACTIVE));
        end_of(&given.when(&EndDelegationBy { cause }.into(), &by(facts, Who::Process)).events())
    };
    let dead = Fixed { died: vec![(patient(), now())], ..facts(PARENT) };
    assert_eq!(ended(&dead, PARENT, EndCause::PatientDied), DelegationEnd::PatientDied);
    let executor = DelegationKind::Executor;
    let alive = Fixed { died: vec![], ..facts(executor) };
    assert_eq!(ended(&alive, executor, EndCause::DeathVoided), DelegationEnd::DeathVoided);
    let professional = DelegationKind::ProfessionalHelper;
    let mut dismissed = facts(professional);
    dismissed.roles.retain(|(who, _)| *who != person(DAUGHTER));
    assert_eq!(ended(&dismissed, professional, EndCause::EmploymentEnded), DelegationEnd::EmploymentEnded);
    let guarded = DelegationKind::LegalRepresentative;
    let mut over = facts(guarded);
    over.authorities.iter_mut().for_each(|(_, brief)| brief.state = AuthorityState::Ended);
    assert_eq!(ended(&over, guarded, EndCause::AuthorityEnded), DelegationEnd::AuthorityEnded);
}

#[test]
fn an_offer_ends_once_an_invitation_to_the_same_help_is_accepted() {
    let offered = history(OF_PATIENT, DelegationState::Asked);
    let given = |other: DelegationBrief| {
        let facts = Fixed { delegations: vec![(patient(), other)], ..facts(OF_PATIENT) };
        let end = EndDelegationBy { cause: EndCause::InvitationAccepted };
        given::<Delegation>(&offered).when(&end.into(), &by(&facts, Who::Process))
    };
    for state in [DelegationState::Accepted, ACTIVE, DelegationState::Suspended] {
        assert_eq!(end_of(&given(of_daughter(OF_PATIENT, state)).events()), DelegationEnd::OfferNotNeeded);
    }
    let somebody_else = DelegationBrief { person: Some(id(GUARDIAN)), ..of_daughter(OF_PATIENT, ACTIVE) };
    for other in [
        of_daughter(OF_PATIENT, DelegationState::Invited),
        of_daughter(OF_PATIENT, DelegationState::Ended),
        of_daughter(OF_PATIENT, DelegationState::Asked),
        of_daughter(DelegationKind::Executor, ACTIVE),
        somebody_else,
    ] {
        given(other).then_refused(&DelegationRefusal::NotSo);
    }
}
