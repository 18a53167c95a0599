//! What changes for a parent as a minor grows up: what stays closed, how far ahead the end can lie, and who renews.

use super::*;
use crate::age::AgeInstants;
use crate::process::delegations::due;
use crate::words::SuspensionCause;

const PARENT: DelegationKind = DelegationKind::ParentOfMinor;
const GUARDED: DelegationKind = DelegationKind::LegalRepresentative;
const ACTIVE: DelegationState = DelegationState::Active;

fn born_on(day: &str) -> Fixed {
    Fixed { born: vec![(patient(), born(day))], ..facts(PARENT) }
}

fn of_youth() -> Fixed {
    born_on("2012-01-10")
}

/// The child of eleven is twelve then.
fn gate() -> DateTime<Utc> {
    at("2027-01-10T00:00:00Z")
}

fn coded() -> Scope {
    Scope { sensitivities: [Sensitivity::Hiv].into(), history: DelegationHistory::All, ..scope() }
}

/// A parent's delegation with this invitation, up to the check before the consent.
fn checked(facts: &Fixed, invite: InviteDelegate) -> Vec<DelegationEvent> {
    let steps: [(Who, DelegationCommand); 4] = [
        (Who::Nurse, invite.into()),
        (Who::Daughter, accept().into()),
        (Who::Nurse, verify().into()),
        (Who::Nurse, pass(PARENT).into()),
    ];
    let mut events = Vec::new();
    for (who, command) in steps {
        let more = given::<Delegation>(&events).when(&command, &by(facts, who)).events();
        events.extend(more);
    }
    events
}

/// The same, with the consent.
fn active(facts: &Fixed, invite: InviteDelegate) -> Vec<DelegationEvent> {
    let consent = RecordConsent { scope: invite.scope.clone(), ..consent(PARENT) };
    let mut events = checked(facts, invite);
    let more = given::<Delegation>(&events).when(&consent.into(), &by(facts, Who::Nurse)).events();
    events.extend(more);
    events
}

fn deadlines(events: &[DelegationEvent]) -> Deadlines {
    let mut deadlines = Deadlines::default();
    events.iter().for_each(|event| deadlines.evolve(event));
    deadlines
}

fn ages(facts: &Fixed) -> AgeInstants {
    by(facts, Who::Process).age_instants(patient()).expect("the ages")
}

#[test]
fn from_the_first_gate_on_no_sensitive_subject_opens_to_a_parent() {
    let (child, youth) = (facts(PARENT), of_youth());
    let invite = |kind| InviteDelegate { scope: coded(), ..super::invite(kind) };
    let before_consent = checked(&child, invite(PARENT));
    let consent = |scope| RecordConsent { scope, patient_says: says(OwnWord::Consents, None), ..consent(PARENT) };
    let wider = || WidenByLaw { scope: coded(), patient_says: says(OwnWord::Consents, None), ..super::widen_by_law() };
    let given_by_nurse: [(Vec<DelegationEvent>, DelegationCommand); 3] = [
        (vec![], invite(PARENT).into()),
        (before_consent.clone(), consent(coded()).into()),
        (history(PARENT, ACTIVE), wider().into()),
    ];
    for (events, command) in given_by_nurse {
        refused_among(&youth, &events, Who::Nurse, command.clone(), &DelegationRefusal::ScopeTooWide);
        let taken = given::<Delegation>(&events).when(&command, &by(&child, Who::Nurse)).events();
        assert!(!taken.is_empty(), "a child of eleven");
    }
    let widen = WidenDelegation { scope: coded(), ..super::widen() };
    let both = DelegationRefusal::Several(vec![DelegationRefusal::ScopeTooWide, DelegationRefusal::SafeguardingNeeded]);
    refused_among(&youth, &history(PARENT, ACTIVE), Who::Patient, widen, &both);
    // What was checked before the gate begins without it after the gate.
    let ordinary = Scope { sensitivities: [].into(), ..coded() };
    let taken = given::<Delegation>(&before_consent).when(&consent(ordinary).into(), &by(&youth, Who::Nurse)).events();
    assert_eq!(taken.len(), 2);
    let guarded = given::<Delegation>(&[]).when(&invite(GUARDED).into(), &by(&facts(GUARDED), Who::Nurse)).events();
    assert_eq!(guarded.len(), 1, "another representative has what the authority covers");
}

#[test]
fn at_the_first_gate_a_parent_keeps_what_is_ordinary_and_as_much_of_the_past() {
    let facts = facts(PARENT);
    let events = active(&facts, InviteDelegate { scope: coded(), ..invite(PARENT) });
    let acting = Acting { now: gate(), ..by(&facts, Who::Process) };
    let cut = given::<Delegation>(&events).when(&NarrowAtAge.into(), &acting).events();
    let [DelegationEvent::Narrowed(narrowed)] = &cut[..] else { panic!("{cut:?}") };
    let kept = Scope {
        topics: [(Topic::Scheduling, TopicVerbs::ACT)].into(),
        threads: [].into(),
        sensitivities: [].into(),
        ..coded()
    };
    assert_eq!(narrowed.scope, kept);
}

#[test]
fn a_parents_access_ends_at_the_latest_at_local_midnight_of_adult_age() {
    let vienna = vec![(id(PRACTICE), 1, nine_to_five("Europe/Vienna"))];
    let facts = Fixed { calendars: vienna, ..born_on("2009-03-01") };
    let adult = at("2027-02-28T23:00:00Z");
    let beyond = DelegationRefusal::UntilBeyondAdultAge;
    let second = Duration::seconds(1);
    let until = |until| InviteDelegate { until, ..invite(PARENT) };
    refused_among(&facts, &[], Who::Nurse, until(adult + second), &beyond);
    // A youth says what they think of it.
    let consent = RecordConsent { patient_says: says(OwnWord::Consents, None), ..consent(PARENT) };
    let mut events = checked(&facts, until(adult - second));
    let more = given::<Delegation>(&events).when(&consent.into(), &by(&facts, Who::Nurse)).events();
    events.extend(more);
    let renew = |until| RenewDelegation { until, ..super::renew(0) };
    refused_among(&facts, &events, Who::Nurse, renew(adult + second), &beyond);
    let renewed = given::<Delegation>(&events).when(&renew(adult).into(), &by(&facts, Who::Nurse)).events();
    events.extend(renewed);
    // Both ends come at once, and the patient is told which.
    let found = due(&deadlines(&events), Some(ages(&facts)), adult);
    assert_eq!(found, Some(EndAtAge.into()));
    assert_eq!(due(&deadlines(&events), None, adult), Some(ExpireDelegation.into()), "whose age nobody knows any more");
    let helped = InviteDelegate { until: adult + second, ..invite(DelegationKind::PatientAuthorised) };
    let own = Fixed { born: facts.born.clone(), ..super::facts(DelegationKind::PatientAuthorised) };
    assert_eq!(given::<Delegation>(&[]).when(&helped.into(), &by(&own, Who::Patient)).events().len(), 1);
}

#[test]
fn a_child_or_a_patient_without_capacity_renews_nothing_that_the_law_gives() {
    refused(PARENT, ACTIVE, Who::Patient, renew(350), &DelegationRefusal::OtherBasisNeeded);
    refused(GUARDED, ACTIVE, Who::Patient, renew(350), &DelegationRefusal::PatientLacksCapacity);
    let capable = Fixed { without_capacity: vec![], ..facts(GUARDED) };
    for (facts, kind, who) in [
        (facts(PARENT), PARENT, Who::Nurse),
        (of_youth(), PARENT, Who::Patient),
        (facts(GUARDED), GUARDED, Who::Nurse),
        (capable, GUARDED, Who::Patient),
    ] {
        let renewed = given::<Delegation>(&history(kind, ACTIVE)).when(&renew(350).into(), &by(&facts, who)).events();
        assert_eq!(renewed.len(), 1, "{kind:?} by {who:?}");
    }
}

#[test]
fn an_age_is_due_from_its_instant_until_an_event_says_what_it_did() {
    let moment = Duration::microseconds(1);
    let facts = facts(PARENT);
    let instants = AgeInstants { review: Some(gate() + Duration::days(30)), ..ages(&facts) };
    let mut events = history(PARENT, ACTIVE);
    let is_due = |events: &[DelegationEvent], now| deadlines(events).is_age_due(instants, now);
    assert!(!is_due(&events, gate() - moment), "a reminder closes nothing");
    assert!(is_due(&events, gate()));
    let acting = Acting { now: gate(), ..by(&facts, Who::Process) };
    let narrowed = given::<Delegation>(&events).when(&NarrowAtAge.into(), &acting).events();
    events.extend(narrowed);
    assert!(!is_due(&events, gate()));
    let review = gate() + Duration::days(30);
    assert!(!is_due(&events, review - moment) && is_due(&events, review));
    let suspended = Suspended {
        by: acting.by,
        role: acting.role,
        cause: Some(SuspensionCause::ReviewAge),
        reason: None,
        review_by: None,
    };
    events.push(suspended.into());
    assert!(!is_due(&events, instants.adult - moment) && is_due(&events, instants.adult));
    assert!(!is_due(&history(PARENT, DelegationState::SafeguardingChecked), instants.adult), "it gives nothing yet");
}
