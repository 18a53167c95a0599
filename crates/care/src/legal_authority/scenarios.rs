//! Scenarios of legal authorities. The document says that the daughter is the patient's guardian.

use chrono::Duration;

use super::*;
use crate::aggregate::Fixed;
use crate::aggregate::scenario::given;
use crate::clinic::{id, now, text};
use crate::closed_table::{Outcome, START, Walked, complaints};
use crate::command_name::{Command as _, CommandName};
use crate::delegation::scenarios::{
    COORDINATOR, DAUGHTER, NURSE, OFFICER, Who, at, by, everything, facts as facts_of, patient,
};
use crate::event_set::EventSet as _;
use crate::process::delegations::{authority_due, authority_wakes_at};
use crate::scope::AuthorityLimits as Limits;
use crate::words::{AuthorityReminder, DelegationKind};

fn facts() -> Fixed {
    facts_of(DelegationKind::PatientAuthorised)
}

fn recorded() -> RecordAuthority {
    RecordAuthority {
        patient: patient(),
        person: id(DAUGHTER),
        kind: AuthorityKind::Guardianship,
        ground: AuthorityGround::LackOfCapacity,
        document: text("A decision of the court, in the paper record."),
    }
}

fn verified(days: Option<i64>) -> VerifyAuthority {
    VerifyAuthority {
        limits: everything(),
        from: at("2026-01-01T00:00:00Z"),
        until: days.map(|days| now() + Duration::days(days)),
        evidence: text("The seal and the file number."),
    }
}

fn why() -> PersonalText {
    text("A letter says so.")
}

/// The events that lead to the state.
fn history(state: AuthorityState) -> Vec<LegalAuthorityEvent> {
    let facts = facts();
    let steps: [(AuthorityState, Who, LegalAuthorityCommand); 4] = [
        (AuthorityState::Recorded, Who::Nurse, recorded().into()),
        (AuthorityState::Verified, Who::Coordinator, verified(Some(100)).into()),
        (AuthorityState::Disputed, Who::Patient, DisputeAuthority { reason: why() }.into()),
        (AuthorityState::Ended, Who::Nurse, EndAuthority { reason: why(), ended_at: now() }.into()),
    ];
    let mut events = Vec::new();
    for (reached, who, command) in steps {
        events.extend(given::<LegalAuthority>(&events).when(&command, &by(&facts, who)).events());
        if reached == state {
            break;
        }
    }
    events
}

impl Walked for LegalAuthority {
    const TABLE: &'static str = include_str!("table.txt");

    fn states() -> Vec<&'static str> {
        AuthorityState::ALL.iter().map(|state| state.word()).collect()
    }

    fn commands() -> Vec<CommandName> {
        LegalAuthorityCommand::names()
    }

    fn steps() -> Vec<&'static str> {
        LegalAuthorityCommand::names().into_iter().map(CommandName::word).collect()
    }

    fn take(state: &str, step: &str) -> Outcome {
        let parsed = AuthorityState::parse(state);
        let reminder = if parsed == Ok(AuthorityState::Verified) {
            AuthorityReminder::EndAhead
        } else {
            AuthorityReminder::Decision
        };
        let events = parsed.map(history).unwrap_or_default();
        let (who, days, command): (Who, i64, LegalAuthorityCommand) = match step {
            "legal_authority.record" => (Who::Nurse, 0, recorded().into()),
            "legal_authority.verify" => (Who::Coordinator, 0, verified(None).into()),
            "legal_authority.reject" => (Who::Nurse, 0, RejectAuthority { reason: why() }.into()),
            "legal_authority.dispute" => (Who::Patient, 0, DisputeAuthority { reason: why() }.into()),
            "legal_authority.uphold" => (Who::Officer, 0, UpholdAuthority { reason: why() }.into()),
            "legal_authority.end" => (Who::Nurse, 0, EndAuthority { reason: why(), ended_at: now() }.into()),
            "legal_authority.remind" => (Who::Process, 99, RemindOfAuthority { of: reminder }.into()),
            "legal_authority.expire" => (Who::Process, 100, ExpireAuthority.into()),
            other => panic!("no such step: {other}"),
        };
        let facts = facts();
        let acting = by(&facts, who);
        let acting = Acting { now: acting.now + Duration::days(days), ..acting };
        let authority: Self = crate::aggregate::folded(&events);
        match authority.decide(&command, &acting) {
            Ok(events) => {
                let kinds = events.iter().map(|event| event.kind()).collect();
                let after = events.iter().fold(authority, Self::evolve);
                Outcome::Stepped { to: after.state().map_or(START, |state| state.word()).to_owned(), events: kinds }
            }
            Err(LegalAuthorityRefusal::Missing) => Outcome::Missing,
            Err(LegalAuthorityRefusal::NotInState { state }) => Outcome::NotInState(state.word().to_owned()),
            Err(refusal) => Outcome::Refused(format!("{refusal:?}")),
        }
    }
}

#[test]
fn every_state_and_step_is_as_the_table_says() {
    assert_eq!(complaints::<LegalAuthority>(), Vec::<String>::new());
}

#[track_caller]
fn refused(
    state: AuthorityState,
    by_whom: u128,
    days: i64,
    command: impl Into<LegalAuthorityCommand>,
    refusal: LegalAuthorityRefusal,
) {
    let facts = facts();
    let acting = by(&facts, Who::Nurse);
    let acting = Acting { by: Actor::Person(id(by_whom)), now: acting.now + Duration::days(days), ..acting };
    given::<LegalAuthority>(&history(state)).when(&command.into(), &acting).then_refused(&refusal);
}

#[test]
fn nobody_records_verifies_or_upholds_their_own() {
    let facts = facts();
    let by_daughter = Acting { by: Actor::Person(id(DAUGHTER)), ..by(&facts, Who::Nurse) };
    let own = LegalAuthorityRefusal::SelfNotAllowed;
    given::<LegalAuthority>(&[]).when(&recorded().into(), &by_daughter).then_refused(&own);
    refused(AuthorityState::Recorded, DAUGHTER, 0, verified(None), own);
    refused(AuthorityState::Recorded, DAUGHTER, 0, RejectAuthority { reason: why() }, own);
    refused(AuthorityState::Disputed, DAUGHTER, 0, UpholdAuthority { reason: why() }, own);
}

#[test]
fn a_second_person_verifies_and_another_one_than_disputed_upholds() {
    refused(AuthorityState::Recorded, NURSE, 0, verified(None), LegalAuthorityRefusal::SamePerson);
    refused(AuthorityState::Verified, NURSE, 0, verified(None), LegalAuthorityRefusal::SamePerson);
    let facts = facts();
    let mut events = history(AuthorityState::Verified);
    let dispute = DisputeAuthority { reason: why() }.into();
    events.extend(given::<LegalAuthority>(&events).when(&dispute, &by(&facts, Who::Officer)).events());
    let uphold = UpholdAuthority { reason: why() }.into();
    let given = given::<LegalAuthority>(&events);
    given.when(&uphold, &by(&facts, Who::Officer)).then_refused(&LegalAuthorityRefusal::SamePerson);
    assert_eq!(given.when(&uphold, &by(&facts, Who::Coordinator)).events().len(), 1);
}

#[test]
fn the_patient_has_no_authority_over_themself_and_each_kind_has_its_ground() {
    let facts = facts();
    let record = |record: RecordAuthority| given::<LegalAuthority>(&[]).when(&record.into(), &by(&facts, Who::Nurse));
    let patient = RecordAuthority { person: id(crate::delegation::scenarios::PATIENT), ..recorded() };
    record(patient).then_refused(&LegalAuthorityRefusal::OwnRecord);
    for (kind, ground) in [
        (AuthorityKind::ParentalResponsibility, AuthorityGround::LackOfCapacity),
        (AuthorityKind::Estate, AuthorityGround::OwnWill),
        (AuthorityKind::HealthPowerOfAttorney, AuthorityGround::Death),
    ] {
        let other = RecordAuthority { kind, ground, ..recorded() };
        record(other).then_refused(&LegalAuthorityRefusal::OtherGroundNeeded);
    }
    let parent = RecordAuthority {
        kind: AuthorityKind::ParentalResponsibility,
        ground: AuthorityGround::Minority,
        ..recorded()
    };
    assert_eq!(record(parent).events().len(), 1);
}

#[test]
fn what_is_verified_covers_something_and_lasts() {
    let state = AuthorityState::Recorded;
    let nothing = VerifyAuthority { limits: Limits { topics: [].into(), ..everything() }, ..verified(None) };
    refused(state, COORDINATOR, 0, nothing, LegalAuthorityRefusal::LimitsEmpty);
    refused(state, COORDINATOR, 0, verified(Some(0)), LegalAuthorityRefusal::UntilNotAhead);
    let backwards = VerifyAuthority { from: now() + Duration::days(10), ..verified(Some(10)) };
    refused(state, COORDINATOR, 0, backwards, LegalAuthorityRefusal::UntilNotAhead);
}

#[test]
fn it_ended_in_the_past_and_after_its_end_nobody_revives_it() {
    let end = EndAuthority { reason: why(), ended_at: now() + Duration::minutes(3) };
    refused(AuthorityState::Verified, NURSE, 0, end, LegalAuthorityRefusal::InFuture);
    let uphold = || UpholdAuthority { reason: why() };
    refused(AuthorityState::Disputed, OFFICER, 100, uphold(), LegalAuthorityRefusal::Expired);
    refused(AuthorityState::Verified, COORDINATOR, 100, verified(Some(200)), LegalAuthorityRefusal::Expired);
}

#[test]
fn it_is_reminded_of_and_ends_when_it_is_due() {
    // Five business days after Monday at eight, when the practice opens at nine.
    let monday = at("2026-11-30T09:00:00Z");
    let days = |days| now() + Duration::days(days);
    let decide = (monday, RemindOfAuthority { of: AuthorityReminder::Decision }.into());
    let announce = (days(70), RemindOfAuthority { of: AuthorityReminder::EndAhead }.into());
    let expire: (DateTime<Utc>, LegalAuthorityCommand) = (days(100), ExpireAuthority.into());
    for (state, expected) in [
        (AuthorityState::Recorded, vec![decide.clone()]),
        (AuthorityState::Verified, vec![announce.clone(), expire.clone()]),
        (AuthorityState::Disputed, vec![decide, announce, expire]),
        (AuthorityState::Ended, vec![]),
    ] {
        let facts = facts();
        let mut events = history(state);
        for (instant, command) in expected {
            let mut deadlines = Deadlines::default();
            events.iter().for_each(|event| deadlines.evolve(event));
            assert_eq!(authority_wakes_at(&deadlines), Some(instant), "{state:?}");
            assert_eq!(authority_due(&deadlines, instant), Some(command.clone()));
            let process = by(&facts, Who::Process);
            let given = given::<LegalAuthority>(&events);
            let early = Acting { now: instant - Duration::microseconds(1), ..process };
            given.when(&command, &early).then_refused(&LegalAuthorityRefusal::NotDue);
            events.extend(given.when(&command, &Acting { now: instant, ..process }).events());
        }
        let mut deadlines = Deadlines::default();
        events.iter().for_each(|event| deadlines.evolve(event));
        assert_eq!(authority_wakes_at(&deadlines), None, "{state:?}");
    }
}
