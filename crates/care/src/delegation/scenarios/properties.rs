//! What holds after every walk of commands.

use proptest::prelude::*;

use super::*;
use crate::event_set::EventSet as _;
use crate::words::{DelegationReminder, SuspensionCause};

/// A step of a walk: a command, given by whom, among which facts, after how many days.
#[derive(Debug, Clone)]
struct Step {
    command: DelegationCommand,
    who: Who,
    among: u8,
    days: i64,
}

fn any_scope() -> impl Strategy<Value = Scope> {
    let topics = prop::collection::btree_map(
        prop::sample::select(vec![Topic::Scheduling, Topic::Results, Topic::Billing]),
        prop::sample::select(vec![TopicVerbs::READ, TopicVerbs::WRITE, TopicVerbs::ACT]),
        0..4,
    );
    let codes = prop::collection::btree_set(prop::sample::select(vec![Sensitivity::Hiv]), 0..2);
    let any = (topics, any::<bool>(), codes, any::<bool>(), any::<bool>()).prop_map(
        |(topics, all_kinds, sensitivities, all, manages_helpers)| Scope {
            topics,
            kinds: if all_kinds { [ThreadKind::Consultation].into() } else { [].into() },
            threads: [id(50)].into(),
            sensitivities,
            history: if all { DelegationHistory::All } else { DelegationHistory::FromGrant },
            manages_helpers,
        },
    );
    prop_oneof![any, Just(scope()), Just(reading()), Just(wider())]
}

fn any_command(kind: DelegationKind) -> impl Strategy<Value = DelegationCommand> {
    let answers = by(&Fixed::default(), Who::Process).command.creates(0);
    let begins = prop_oneof![
        any_scope().prop_map(move |scope| DelegationCommand::from(InviteDelegate { scope, ..invite(kind) })),
        Just(InviteDelegate { answers: Some(answers), ..invite(kind) }.into()),
        Just(DelegationCommand::from(ask(kind))),
        Just(RefuseOffer { reason: None }.into()),
    ];
    let steps = prop_oneof![
        4 => Just(DelegationCommand::from(accept())),
        1 => Just(decline().into()),
        4 => Just(verify().into()),
        1 => Just(FailIdentity { reason: text("No.") }.into()),
        4 => Just(pass(kind).into()),
        1 => Just(FailSafeguarding { reason: text("No.") }.into()),
        4 => Just(consent(kind).into()),
        4 => any_scope().prop_map(move |scope| RecordConsent { scope, ..consent(kind) }.into()),
    ];
    let changes = prop_oneof![
        any_scope().prop_map(|scope| DelegationCommand::from(NarrowDelegation { scope })),
        any_scope().prop_map(|scope| WidenDelegation { scope, ..widen() }.into()),
        any_scope().prop_map(move |scope| PassSafeguarding { scope: Some(scope), ..pass(kind) }.into()),
        any_scope().prop_map(|scope| WidenByLaw { scope, ..widen_by_law() }.into()),
        (0_i64..500).prop_map(|days| renew(days).into()),
        Just(suspend().into()),
        Just(resume(kind).into()),
        Just(ResumeDelegation { patient_word: Some(text("Yes.")), ..resume(kind) }.into()),
        Just(revoke(Some("It is over.")).into()),
    ];
    let causes = [
        EndCause::PatientDied,
        EndCause::DeathVoided,
        EndCause::AuthorityEnded,
        EndCause::EmploymentEnded,
        EndCause::InvitationAccepted,
    ];
    let by_process = prop_oneof![
        prop::sample::select(DelegationReminder::ALL).prop_map(|of| DelegationCommand::from(RemindOfDelegation { of })),
        Just(ExpireDelegation.into()),
        Just(NarrowAtAge.into()),
        Just(EndAtAge.into()),
        prop::sample::select(SuspensionCause::ALL).prop_map(|cause| SuspendDelegationBy { cause }.into()),
        prop::sample::select(causes.to_vec()).prop_map(|cause| EndDelegationBy { cause }.into()),
    ];
    prop_oneof![2 => begins, 6 => steps, 4 => changes, 2 => by_process]
}

/// Who gives the command, if all is well.
fn usual(kind: DelegationKind, command: &DelegationCommand) -> Who {
    match command {
        DelegationCommand::InviteDelegate(_) | DelegationCommand::RecordConsent(_) => inviter(kind),
        DelegationCommand::AcceptDelegation(_) | DelegationCommand::DeclineDelegation(_) => Who::Daughter,
        DelegationCommand::RefuseOffer(_)
        | DelegationCommand::NarrowDelegation(_)
        | DelegationCommand::WidenDelegation(_)
        | DelegationCommand::RenewDelegation(_)
        | DelegationCommand::RevokeDelegation(_) => Who::Patient,
        DelegationCommand::VerifyIdentity(_)
        | DelegationCommand::FailIdentity(_)
        | DelegationCommand::PassSafeguarding(_)
        | DelegationCommand::FailSafeguarding(_)
        | DelegationCommand::WidenByLaw(_)
        | DelegationCommand::SuspendDelegation(_) => Who::Nurse,
        DelegationCommand::ResumeDelegation(_) => Who::Coordinator,
        DelegationCommand::RemindOfDelegation(_)
        | DelegationCommand::ExpireDelegation(_)
        | DelegationCommand::AskToHelp(_)
        | DelegationCommand::EndDelegationBy(_)
        | DelegationCommand::SuspendDelegationBy(_)
        | DelegationCommand::NarrowAtAge(_)
        | DelegationCommand::EndAtAge(_) => Who::Process,
    }
}

/// None for the person who usually gives the command.
fn any_who() -> impl Strategy<Value = Option<Who>> {
    let all = [Who::Patient, Who::Daughter, Who::Guardian, Who::Nurse, Who::Coordinator, Who::Officer, Who::Process];
    prop_oneof![3 => Just(None::<Who>), 1 => prop::sample::select(all.to_vec()).prop_map(Some)]
}

/// The kind, the state from which the walk begins, and its steps.
type Walk = (DelegationKind, Option<DelegationState>, Vec<Step>);

fn any_walk() -> impl Strategy<Value = Walk> {
    prop::sample::select(DelegationKind::ALL).prop_flat_map(|kind| {
        let step = (any_command(kind), any_who(), 0_u8..12, 0_i64..12).prop_map(move |(command, who, among, days)| {
            let who = who.unwrap_or_else(|| usual(kind, &command));
            Step { command, who, among, days }
        });
        let from = prop::option::of(prop::sample::select(DelegationState::ALL));
        (Just(kind), from, prop::collection::vec(step, 1..40))
    })
}

/// The facts of the kind, sometimes changed.
fn among(kind: DelegationKind, change: u8) -> Fixed {
    let mut facts = with_guardian(facts(kind));
    match change {
        0 => facts.died = vec![(patient(), now())],
        1 => facts.protected = vec![(patient(), id(DAUGHTER))],
        2 => facts.authorities.iter_mut().for_each(|(_, brief)| brief.state = AuthorityState::Disputed),
        _ => {}
    }
    facts
}

/// The step of the way to the first access that an event is, counted from one.
fn step_of(event: &DelegationEvent) -> Option<usize> {
    let way = ["invited", "accepted", "identity_verified", "safeguarding_passed", "activated"];
    let name = event.kind().trim_start_matches("delegation.").to_owned();
    way.iter().position(|each| *each == name).map(|index| index + 1)
}

fn scope_now(delegation: &Delegation) -> Option<(DelegationState, Scope)> {
    match delegation {
        Delegation::Unknown => None,
        Delegation::Known(grant) => Some((grant.state, grant.scope.clone())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn only_widening_widens_and_no_step_is_skipped((kind, from, walk) in any_walk()) {
        let history = from.map_or_else(Vec::new, |state| history(kind, state));
        let mut steps = history.iter().filter_map(step_of).max().unwrap_or(0);
        let mut delegation: Delegation = crate::aggregate::folded(&history);
        let mut suspended_by = Some(Actor::Person(id(NURSE)));
        let mut instant = now();
        for Step { command, who, among: change, days } in walk {
            instant += Duration::days(days);
            let facts = among(kind, change);
            let acting = Acting { now: instant, ..by(&facts, who) };
            let Ok(events) = delegation.decide(&command, &acting) else { continue };
            let widens = matches!(command, DelegationCommand::WidenDelegation(_) | DelegationCommand::WidenByLaw(_));
            for event in &events {
                let before = scope_now(&delegation);
                delegation = delegation.evolve(event);
                let after = scope_now(&delegation);
                if let Some(step) = step_of(event) {
                    prop_assert_eq!(step, steps + 1, "a step was skipped: {:?}", event);
                    steps = step;
                }
                if let (Some((state, before)), Some((_, after))) = (before, after) {
                    prop_assert!(state != DelegationState::Ended, "something happened after the end: {:?}", event);
                    let begins = state == DelegationState::Asked;
                    prop_assert!(begins || widens || after.is_within(&before), "{:?} widened", command);
                }
                let is_youth = at("2027-01-10T00:00:00Z") <= instant;
                if let DelegationEvent::Activated(Activated { scope, .. }) | DelegationEvent::Widened(Widened { scope, .. }) =
                    event
                    && kind == DelegationKind::ParentOfMinor
                    && is_youth
                {
                    prop_assert!(scope.sensitivities.is_empty(), "{:?} opened it to a parent of a youth", command);
                }
                if let DelegationEvent::IdentityVerified(verified) = event {
                    prop_assert_ne!(verified.by, Actor::Person(id(DAUGHTER)));
                }
                if let DelegationEvent::Suspended(suspended) = event {
                    suspended_by = Some(suspended.by);
                }
                if let DelegationEvent::Resumed(resumed) = event {
                    prop_assert_ne!(Some(resumed.by), suspended_by);
                }
                if let DelegationEvent::Activated(activated) = event {
                    prop_assert!(instant < activated.until);
                    prop_assert_eq!(kind == DelegationKind::Executor, !facts.died.is_empty());
                    prop_assert!(facts.protected.is_empty());
                }
            }
        }
    }
}
