//! Every pair of a state and a step is as `delegation/table.txt` says.

use super::*;
use crate::closed_table::{Outcome, START, Walked, complaints};
use crate::command_name::{Command as _, CommandName};
use crate::event_set::EventSet as _;
use crate::words::{DelegationReminder, SuspensionCause};

impl Walked for Delegation {
    const TABLE: &'static str = include_str!("../table.txt");

    fn states() -> Vec<&'static str> {
        DelegationState::ALL.iter().map(|state| state.word()).collect()
    }

    fn commands() -> Vec<CommandName> {
        DelegationCommand::names()
    }

    fn steps() -> Vec<&'static str> {
        STEPS.to_vec()
    }

    fn take(state: &str, step: &str) -> Outcome {
        let kind = kind_for(step);
        let events = match DelegationState::parse(state) {
            Ok(state) => history(kind, state),
            Err(_) => vec![],
        };
        let (facts, late) = facts_for(kind, step);
        let (who, command) = command_for(kind, state, step);
        let acting = by(&facts, who);
        let acting = Acting { now: acting.now + Duration::days(late), ..acting };
        let delegation: Delegation = crate::aggregate::folded(&events);
        match delegation.decide(&command, &acting) {
            Ok(events) => {
                let kinds = events.iter().map(|event| event.kind()).collect();
                let after = events.iter().fold(delegation, Delegation::evolve);
                let to = after.state().map_or(START, |state| state.word()).to_owned();
                Outcome::Stepped { to, events: kinds }
            }
            Err(DelegationRefusal::Missing) => Outcome::Missing,
            Err(DelegationRefusal::NotInState { state }) => Outcome::NotInState(state.word().to_owned()),
            Err(refusal) => Outcome::Refused(format!("{refusal:?}")),
        }
    }
}

const STEPS: [&str; 29] = [
    "delegation.invite",
    "delegation.ask",
    "delegation.refuse_offer",
    "delegation.accept",
    "delegation.decline",
    "delegation.verify_identity",
    "delegation.fail_identity",
    "delegation.pass_safeguarding",
    "delegation.fail_safeguarding",
    "delegation.record_consent",
    "delegation.narrow",
    "delegation.widen",
    "delegation.widen_by_law",
    "delegation.renew",
    "delegation.suspend",
    "delegation.resume",
    "delegation.revoke",
    "delegation.remind",
    "delegation.expire",
    "delegation.narrow_at_age",
    "delegation.end_at_age",
    "delegation.suspend_by/review_age",
    "delegation.suspend_by/protection_note",
    "delegation.suspend_by/authority_disputed",
    "delegation.end_by/patient_died",
    "delegation.end_by/death_voided",
    "delegation.end_by/authority_ended",
    "delegation.end_by/employment_ended",
    "delegation.end_by/invitation_accepted",
];

/// A kind for which the step has a meaning.
fn kind_for(step: &str) -> DelegationKind {
    match step {
        "delegation.widen_by_law"
        | "delegation.narrow_at_age"
        | "delegation.end_at_age"
        | "delegation.suspend_by/review_age" => DelegationKind::ParentOfMinor,
        "delegation.suspend_by/authority_disputed" | "delegation.end_by/authority_ended" => {
            DelegationKind::LegalRepresentative
        }
        "delegation.end_by/death_voided" => DelegationKind::Executor,
        "delegation.end_by/employment_ended" => DelegationKind::ProfessionalHelper,
        _ => DelegationKind::PatientAuthorised,
    }
}

/// What has happened when the step is taken, and after how many days it is.
fn facts_for(kind: DelegationKind, step: &str) -> (Fixed, i64) {
    let mut facts = facts(kind);
    let mut late = 0;
    match step {
        // Longer than any reminder and any end.
        "delegation.remind" | "delegation.expire" => late = 400,
        // The patient is twelve on the tenth of January.
        "delegation.narrow_at_age" => late = 60,
        "delegation.end_at_age" => {
            facts.born = vec![(patient(), born("2008-12-01"))];
            late = 10;
        }
        "delegation.suspend_by/review_age" => {
            facts.age_gates = vec![(id(PRACTICE), AgeGates { review: Some(12), first: 10, adult: 18 })];
            late = 60;
        }
        "delegation.suspend_by/protection_note" => facts.protected = vec![(patient(), id(DAUGHTER))],
        "delegation.suspend_by/authority_disputed" => in_state(&mut facts, AuthorityState::Disputed),
        "delegation.end_by/authority_ended" => in_state(&mut facts, AuthorityState::Ended),
        "delegation.end_by/patient_died" => facts.died = vec![(patient(), now())],
        "delegation.end_by/death_voided" => facts.died = vec![],
        "delegation.end_by/invitation_accepted" => {
            facts.delegations = vec![(patient(), of_daughter(kind, DelegationState::Accepted))];
        }
        "delegation.end_by/employment_ended" => facts.roles.retain(|(who, _)| *who != id(DAUGHTER)),
        _ => {}
    }
    (facts, late)
}

fn in_state(facts: &mut Fixed, state: AuthorityState) {
    facts.authorities.iter_mut().for_each(|(_, brief)| brief.state = state);
}

/// The reminder that a state has.
fn reminder_of(state: &str) -> DelegationReminder {
    match state {
        "asked" => DelegationReminder::Offer,
        "invited" => DelegationReminder::Invitation,
        "accepted" | "identity_verified" => DelegationReminder::Verification,
        "safeguarding_checked" => DelegationReminder::Consent,
        "suspended" => DelegationReminder::Review,
        _ => DelegationReminder::EndAhead,
    }
}

fn command_for(kind: DelegationKind, state: &str, step: &str) -> (Who, DelegationCommand) {
    let reason = || text("It is not so.");
    let suspend_by = |cause| SuspendDelegationBy { cause }.into();
    let end_by = |cause| EndDelegationBy { cause }.into();
    match step {
        "delegation.invite" => {
            // The history's command creates the delegation.
            let delegation = by(&Fixed::default(), Who::Process).command.creates(0);
            let answers = (state != START).then_some(delegation);
            (Who::Patient, InviteDelegate { answers, ..invite(kind) }.into())
        }
        "delegation.ask" => (Who::Process, ask(kind).into()),
        "delegation.refuse_offer" => (Who::Patient, RefuseOffer { reason: None }.into()),
        "delegation.accept" => (Who::Daughter, accept().into()),
        "delegation.decline" => (Who::Daughter, decline().into()),
        "delegation.verify_identity" => (Who::Nurse, verify().into()),
        "delegation.fail_identity" => (Who::Nurse, FailIdentity { reason: reason() }.into()),
        "delegation.pass_safeguarding" => {
            let scope = (state == DelegationState::Active.word()).then(wider);
            (Who::Nurse, PassSafeguarding { scope, ..pass(kind) }.into())
        }
        "delegation.fail_safeguarding" => (Who::Nurse, FailSafeguarding { reason: reason() }.into()),
        "delegation.record_consent" => (Who::Patient, consent(kind).into()),
        "delegation.narrow" => (Who::Patient, NarrowDelegation { scope: reading() }.into()),
        "delegation.widen" => (Who::Patient, widen().into()),
        "delegation.widen_by_law" => (Who::Nurse, widen_by_law().into()),
        "delegation.renew" => (Who::Patient, renew(350).into()),
        "delegation.suspend" => (Who::Nurse, suspend().into()),
        "delegation.resume" => (Who::Coordinator, resume(kind).into()),
        "delegation.revoke" => (Who::Patient, revoke(None).into()),
        "delegation.remind" => (Who::Process, RemindOfDelegation { of: reminder_of(state) }.into()),
        "delegation.expire" => (Who::Process, ExpireDelegation.into()),
        "delegation.narrow_at_age" => (Who::Process, NarrowAtAge.into()),
        "delegation.end_at_age" => (Who::Process, EndAtAge.into()),
        "delegation.suspend_by/review_age" => (Who::Process, suspend_by(SuspensionCause::ReviewAge)),
        "delegation.suspend_by/protection_note" => (Who::Process, suspend_by(SuspensionCause::ProtectionNote)),
        "delegation.suspend_by/authority_disputed" => (Who::Process, suspend_by(SuspensionCause::AuthorityDisputed)),
        "delegation.end_by/patient_died" => (Who::Process, end_by(EndCause::PatientDied)),
        "delegation.end_by/death_voided" => (Who::Process, end_by(EndCause::DeathVoided)),
        "delegation.end_by/authority_ended" => (Who::Process, end_by(EndCause::AuthorityEnded)),
        "delegation.end_by/employment_ended" => (Who::Process, end_by(EndCause::EmploymentEnded)),
        "delegation.end_by/invitation_accepted" => (Who::Process, end_by(EndCause::InvitationAccepted)),
        other => panic!("no such step: {other}"),
    }
}

#[test]
fn every_state_and_step_is_as_the_table_says() {
    assert_eq!(complaints::<Delegation>(), Vec::<String>::new());
}

#[test]
fn every_kind_takes_the_same_steps_to_the_first_access() {
    for kind in DelegationKind::ALL {
        let kinds: Vec<_> =
            history(*kind, DelegationState::Active).iter().map(|event| event.kind().to_owned()).collect();
        let steps = ["invited", "accepted", "identity_verified", "safeguarding_passed", "consented", "activated"];
        assert_eq!(kinds, steps.map(|step| format!("delegation.{step}")), "{kind:?}");
    }
}
