//! Who can begin a delegation, and who can accept it.

use super::*;

const OF_PATIENT: DelegationKind = DelegationKind::PatientAuthorised;
const ACTIVE: DelegationState = DelegationState::Active;

/// The refusal of an invitation among the facts.
#[track_caller]
fn invitation_refused(facts: &Fixed, who: Who, command: InviteDelegate, refusal: &DelegationRefusal) {
    given::<Delegation>(&[]).when(&command.into(), &by(facts, who)).then_refused(refusal);
}

#[track_caller]
fn invitation_taken(facts: &Fixed, who: Who, command: InviteDelegate) -> Invited {
    let events = given::<Delegation>(&[]).when(&command.into(), &by(facts, who)).events();
    match &events[..] {
        [DelegationEvent::Invited(invited)] => invited.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_invitation_holds_what_is_to_be_reached_and_ends_after_fourteen_days() {
    let invited = invitation_taken(&facts(OF_PATIENT), Who::Patient, invite(OF_PATIENT));
    assert_eq!((invited.person, invited.scope), (Some(person(DAUGHTER)), scope()));
    assert_eq!(invited.expires_at, now() + Duration::days(14));
    assert_eq!((invited.role, invited.ground), (Role::Person, None));
}

#[test]
fn a_person_who_is_not_known_here_is_invited_by_a_code_and_a_contact() {
    let facts = facts(OF_PATIENT);
    let (code, contact) = (Some(Digest::of_bytes([1; 32])), Some(text("dina@example.org")));
    let unknown = InviteDelegate { person: None, code, contact, ..invite(OF_PATIENT) };
    for lacking in
        [InviteDelegate { code: None, ..unknown.clone() }, InviteDelegate { contact: None, ..unknown.clone() }]
    {
        invitation_refused(&facts, Who::Patient, lacking, &DelegationRefusal::ContactMissing);
    }
    let invited = vec![DelegationEvent::from(invitation_taken(&facts, Who::Patient, unknown))];
    let answer = |command: DelegationCommand| given::<Delegation>(&invited).when(&command, &by(&facts, Who::Daughter));
    for wrong in [None, Some(Digest::of_bytes([2; 32]))] {
        let accept = AcceptDelegation { code: wrong, ..accept() };
        answer(accept.into()).then_refused(&DelegationRefusal::NotTheInvited);
        answer(DeclineDelegation { code: wrong }.into()).then_refused(&DelegationRefusal::NotTheInvited);
    }
    let accepted = answer(AcceptDelegation { code, ..accept() }.into()).events();
    assert!(matches!(&accepted[..], [DelegationEvent::Accepted(accepted)] if accepted.person == person(DAUGHTER)));
    assert_eq!(end_of(&answer(DeclineDelegation { code }.into()).events()), DelegationEnd::Declined);
}

#[test]
fn a_named_person_accepts_without_a_code_and_nobody_else_with_one() {
    let code = Some(Digest::of_bytes([1; 32]));
    let facts = facts(OF_PATIENT);
    let named = InviteDelegate { code, ..invite(OF_PATIENT) };
    let invited = vec![DelegationEvent::from(invitation_taken(&facts, Who::Patient, named))];
    let accept = DelegationCommand::from(AcceptDelegation { code, ..accept() });
    given::<Delegation>(&invited)
        .when(&accept, &by(&facts, Who::Guardian))
        .then_refused(&DelegationRefusal::NotTheInvited);
}

#[test]
fn an_invitation_is_accepted_once_before_its_end_with_an_account_of_ones_own() {
    let facts = facts(OF_PATIENT);
    let invited = history(OF_PATIENT, DelegationState::Invited);
    let daughter = by(&facts, Who::Daughter);
    let end = Acting { now: daughter.now + Duration::days(14), ..daughter };
    let before = Acting { now: end.now - Duration::microseconds(1), ..daughter };
    let accept = DelegationCommand::from(accept());
    given::<Delegation>(&invited).when(&accept, &end).then_refused(&DelegationRefusal::InvitationExpired);
    assert_eq!(given::<Delegation>(&invited).when(&accept, &before).events().len(), 1);
    let shared = AcceptDelegation { own_account: false, ..super::accept() };
    refused(OF_PATIENT, DelegationState::Invited, Who::Daughter, shared, &DelegationRefusal::SharedAccount);
    let state = DelegationState::Accepted;
    refused(OF_PATIENT, state, Who::Daughter, super::accept(), &DelegationRefusal::NotInState { state });
}

#[test]
fn neither_the_patient_nor_whoever_invited_accepts() {
    let facts = facts(OF_PATIENT);
    let code = Some(Digest::of_bytes([1; 32]));
    let open = InviteDelegate {
        person: None,
        code,
        contact: Some(text("me@example.org")),
        ground: Some(InvitationGround::PatientPresent),
        ..invite(OF_PATIENT)
    };
    let accept = DelegationCommand::from(AcceptDelegation { code, ..accept() });
    let invited = vec![DelegationEvent::from(invitation_taken(&facts, Who::Nurse, open))];
    let given = given::<Delegation>(&invited);
    given.when(&accept, &by(&facts, Who::Nurse)).then_refused(&DelegationRefusal::SelfNotAllowed);
    given.when(&accept, &by(&facts, Who::Patient)).then_refused(&DelegationRefusal::OwnRecord);
}

#[test]
fn nobody_invites_themselves_the_patient_or_a_relative() {
    let facts = facts(OF_PATIENT);
    let present = InviteDelegate { ground: Some(InvitationGround::PatientPresent), ..invite(OF_PATIENT) };
    let oneself = InviteDelegate { person: Some(id(NURSE)), ..present.clone() };
    invitation_refused(&facts, Who::Nurse, oneself, &DelegationRefusal::SelfNotAllowed);
    let patient = InviteDelegate { person: Some(id(PATIENT)), ..present.clone() };
    invitation_refused(&facts, Who::Nurse, patient, &DelegationRefusal::OwnRecord);
    let relative = InviteDelegate { is_relative: true, ..present.clone() };
    invitation_refused(&facts, Who::Nurse, relative, &DelegationRefusal::RelativeNotAllowed);
    invitation_refused(&facts, Who::Process, present, &DelegationRefusal::NotAPerson);
}

#[test]
fn staff_invite_with_the_patient_present_or_by_law() {
    let facts = facts(OF_PATIENT);
    let without = DelegationRefusal::PatientNotPresent;
    invitation_refused(&facts, Who::Nurse, invite(OF_PATIENT), &without);
    let by_law = InviteDelegate { ground: Some(InvitationGround::Law), ..invite(OF_PATIENT) };
    invitation_refused(&facts, Who::Nurse, by_law, &without);
    let present = InviteDelegate { ground: Some(InvitationGround::PatientPresent), ..invite(OF_PATIENT) };
    let invited = invitation_taken(&facts, Who::Nurse, present);
    assert_eq!((invited.role, invited.ground), (Role::Nurse, Some(InvitationGround::PatientPresent)));
}

#[test]
fn only_a_representative_who_may_manage_helpers_invites_others_and_within_their_scope() {
    let onward = DelegationRefusal::OnwardNotAllowed;
    let without = facts(OF_PATIENT);
    invitation_refused(&without, Who::Guardian, invite(OF_PATIENT), &onward);
    let facts = with_guardian(without);
    assert_eq!(invitation_taken(&facts, Who::Guardian, invite(OF_PATIENT)).scope, scope());
    let more = InviteDelegate { scope: wider(), ..invite(OF_PATIENT) };
    invitation_refused(&facts, Who::Guardian, more, &onward);
    let hidden = Fixed { not_found: vec![id(50)], ..facts.clone() };
    invitation_refused(&hidden, Who::Guardian, invite(OF_PATIENT), &onward);
    let another = InviteDelegate { authority: None, ..invite(DelegationKind::LegalRepresentative) };
    invitation_refused(&facts, Who::Guardian, another, &onward);
    type Change = fn(&mut DelegationBrief);
    let changes: [Change; 5] = [
        |brief| brief.scope.manages_helpers = false,
        |brief| brief.state = DelegationState::Suspended,
        |brief| brief.until = Some(now()),
        |brief| brief.kind = DelegationKind::PatientAuthorised,
        |brief| brief.person = Some(id(DAUGHTER)),
    ];
    for change in changes {
        let mut changed = facts.clone();
        changed.delegations.iter_mut().for_each(|(_, brief)| change(brief));
        invitation_refused(&changed, Who::Guardian, invite(OF_PATIENT), &onward);
    }
}

#[test]
fn an_executor_comes_after_the_death_and_everybody_else_before() {
    let executor = DelegationKind::Executor;
    let alive = Fixed { died: vec![], ..facts(executor) };
    invitation_refused(&alive, Who::Nurse, invite(executor), &DelegationRefusal::PatientAlive);
    let dead = Fixed { died: vec![(patient(), now())], ..facts(OF_PATIENT) };
    invitation_refused(&dead, Who::Patient, invite(OF_PATIENT), &DelegationRefusal::PatientDeceased);
    for (state, who, command) in [
        (DelegationState::Invited, Who::Daughter, DelegationCommand::from(accept())),
        (DelegationState::Accepted, Who::Nurse, verify().into()),
        (DelegationState::IdentityVerified, Who::Nurse, pass(OF_PATIENT).into()),
        (DelegationState::SafeguardingChecked, Who::Patient, consent(OF_PATIENT).into()),
        (DelegationState::Active, Who::Patient, widen().into()),
        (DelegationState::Active, Who::Patient, renew(350).into()),
        (DelegationState::Suspended, Who::Coordinator, resume(OF_PATIENT).into()),
    ] {
        refused_among(&dead, &history(OF_PATIENT, state), who, command, &DelegationRefusal::PatientDeceased);
    }
}

#[test]
fn a_parent_is_invited_for_a_minor_whose_birth_date_is_known() {
    let parent = DelegationKind::ParentOfMinor;
    let adult = Fixed { born: vec![(patient(), born("2008-11-23"))], ..facts(parent) };
    invitation_refused(&adult, Who::Nurse, invite(parent), &DelegationRefusal::PatientAdult);
    let a_day_younger = Fixed { born: vec![(patient(), born("2008-11-24"))], ..facts(parent) };
    let for_a_day = InviteDelegate { until: at("2026-11-24T00:00:00Z"), ..invite(parent) };
    invitation_taken(&a_day_younger, Who::Nurse, for_a_day);
    let unknown = Fixed { born: vec![], ..facts(parent) };
    invitation_refused(&unknown, Who::Nurse, invite(parent), &DelegationRefusal::BirthDateUnknown);
}

#[test]
fn a_person_has_one_open_delegation_of_a_kind() {
    let mut facts = facts(OF_PATIENT);
    let with = |facts: &mut Fixed, brief| facts.delegations = vec![(patient(), brief)];
    let (asked, ended) = (DelegationState::Asked, DelegationState::Ended);
    for state in DelegationState::ALL.iter().filter(|state| ![asked, ended].contains(state)) {
        with(&mut facts, of_daughter(OF_PATIENT, *state));
        invitation_refused(&facts, Who::Patient, invite(OF_PATIENT), &DelegationRefusal::AlreadyDelegate);
    }
    refused_among(
        &facts,
        &history(OF_PATIENT, DelegationState::Invited),
        Who::Daughter,
        accept(),
        &DelegationRefusal::AlreadyDelegate,
    );
    for other in [of_daughter(OF_PATIENT, ended), of_daughter(DelegationKind::Executor, ACTIVE)] {
        with(&mut facts, other);
        invitation_taken(&facts, Who::Patient, invite(OF_PATIENT));
    }
}

#[test]
fn who_has_offered_to_help_is_invited_and_accepts_as_if_they_had_not() {
    let invited = history(OF_PATIENT, DelegationState::Invited);
    let accepted =
        |facts: &Fixed| given::<Delegation>(&invited).when(&accept().into(), &by(facts, Who::Daughter)).events();
    let without = facts(OF_PATIENT);
    let offered = of_daughter(OF_PATIENT, DelegationState::Asked);
    let with = Fixed { delegations: vec![(patient(), offered)], ..facts(OF_PATIENT) };
    assert_eq!(accepted(&with), accepted(&without));
    let invite = || invite(OF_PATIENT);
    assert_eq!(invitation_taken(&with, Who::Patient, invite()), invitation_taken(&without, Who::Patient, invite()));
}

#[test]
fn the_scope_reaches_something_and_no_more_than_the_kind_allows() {
    let facts = facts(OF_PATIENT);
    let nothing = InviteDelegate { scope: Scope::nothing(), ..invite(OF_PATIENT) };
    invitation_refused(&facts, Who::Patient, nothing, &DelegationRefusal::ScopeEmpty);
    let manages = Scope { manages_helpers: true, ..scope() };
    let managing = InviteDelegate { scope: manages.clone(), ..invite(OF_PATIENT) };
    invitation_refused(&facts, Who::Patient, managing, &DelegationRefusal::ScopeTooWide);
    let executor = DelegationKind::Executor;
    let writing = InviteDelegate { scope: scope(), ..invite(executor) };
    invitation_refused(&super::facts(executor), Who::Nurse, writing, &DelegationRefusal::ScopeTooWide);
    let guardian = DelegationKind::LegalRepresentative;
    let managing = InviteDelegate { scope: manages, ..invite(guardian) };
    invitation_taken(&super::facts(guardian), Who::Nurse, managing);
}

#[test]
fn the_end_lies_ahead_and_within_the_limit_of_the_kind() {
    for (kind, latest) in [
        (OF_PATIENT, at("2027-11-23T08:00:00Z")),
        (DelegationKind::ProfessionalHelper, at("2027-02-21T08:00:00Z")),
        (DelegationKind::ParentOfMinor, at("2027-11-23T08:00:00Z")),
        (DelegationKind::LegalRepresentative, at("2027-11-23T08:00:00Z")),
        (DelegationKind::Executor, at("2027-11-23T08:00:00Z")),
    ] {
        let facts = facts(kind);
        let until = |until| InviteDelegate { until, ..invite(kind) };
        invitation_refused(&facts, inviter(kind), until(now()), &DelegationRefusal::UntilNotAhead);
        let late = until(latest + Duration::seconds(1));
        invitation_refused(&facts, inviter(kind), late, &DelegationRefusal::UntilTooFar { latest });
        assert_eq!(invitation_taken(&facts, inviter(kind), until(latest)).until, latest);
    }
}

#[test]
fn a_professional_helper_has_an_organization_and_nobody_else_has() {
    let professional = DelegationKind::ProfessionalHelper;
    let without = InviteDelegate { organization: None, ..invite(professional) };
    let mismatch = DelegationRefusal::OrganizationMismatch;
    invitation_refused(&facts(professional), Who::Patient, without, &mismatch);
    let with = InviteDelegate { organization: Some(id(AGENCY)), ..invite(OF_PATIENT) };
    invitation_refused(&facts(OF_PATIENT), Who::Patient, with, &mismatch);
}

#[test]
fn a_legal_authority_is_named_for_a_kind_by_law_and_for_the_patient() {
    let with = InviteDelegate { authority: Some(id(AUTHORITY)), ..invite(OF_PATIENT) };
    let mut facts = facts(DelegationKind::LegalRepresentative);
    invitation_refused(&facts, Who::Patient, with, &DelegationRefusal::KindNotByLaw);
    facts.authorities.iter_mut().for_each(|(_, brief)| brief.patient = id(99));
    let guardian = invite(DelegationKind::LegalRepresentative);
    invitation_refused(&facts, Who::Nurse, guardian, &DelegationRefusal::AuthorityNotVerified);
}

#[test]
fn all_problems_of_an_invitation_are_told_at_once() {
    let wrong = InviteDelegate { scope: Scope::nothing(), until: now(), person: None, ..invite(OF_PATIENT) };
    let all = vec![
        DelegationRefusal::PatientNotPresent,
        DelegationRefusal::ContactMissing,
        DelegationRefusal::ScopeEmpty,
        DelegationRefusal::UntilNotAhead,
    ];
    invitation_refused(&facts(OF_PATIENT), Who::Nurse, wrong, &DelegationRefusal::Several(all));
}

#[test]
fn an_offer_is_answered_for_the_same_patient_and_for_nobody_but_the_person() {
    let facts = facts(OF_PATIENT);
    let offered = history(OF_PATIENT, DelegationState::Asked);
    let [DelegationEvent::Offered(offer)] = &offered[..] else { panic!("{offered:?}") };
    let given = given::<Delegation>(&offered);
    let answer = InviteDelegate { answers: Some(offer.delegation), person: None, ..invite(OF_PATIENT) };
    let patient = by(&facts, Who::Patient);
    let invited = given.when(&answer.clone().into(), &patient).events();
    assert!(
        matches!(&invited[..], [DelegationEvent::Invited(invited)]
            if invited.delegation == offer.delegation && invited.person == Some(person(DAUGHTER))),
        "{invited:?}"
    );
    let elsewhere = InviteDelegate { patient: id(99), ..answer.clone() };
    given.when(&elsewhere.into(), &patient).then_refused(&DelegationRefusal::Missing);
    let late = Acting { now: patient.now + Duration::days(60), ..patient };
    given.when(&answer.into(), &late).then_refused(&DelegationRefusal::Expired);
}

#[test]
fn nobody_offers_to_themself_nor_twice_nor_after_a_death() {
    let mut facts = facts(OF_PATIENT);
    let offer = |facts: &Fixed, ask: AskToHelp| given::<Delegation>(&[]).when(&ask.into(), &by(facts, Who::Process));
    let own = AskToHelp { person: id(PATIENT), ..ask(OF_PATIENT) };
    offer(&facts, own).then_refused(&DelegationRefusal::OwnRecord);
    assert_eq!(offer(&facts, ask(OF_PATIENT)).events().len(), 1);
    facts.died = vec![(patient(), now())];
    offer(&facts, ask(OF_PATIENT)).then_refused(&DelegationRefusal::PatientDeceased);
    facts.died.clear();
    for state in [DelegationState::Asked, ACTIVE] {
        facts.delegations = vec![(patient(), of_daughter(OF_PATIENT, state))];
        offer(&facts, ask(OF_PATIENT)).then_refused(&DelegationRefusal::AlreadyDelegate);
    }
}

#[test]
fn staff_say_why_an_offer_is_refused() {
    let refuse = || RefuseOffer { reason: None };
    let state = DelegationState::Asked;
    refused(OF_PATIENT, state, Who::Nurse, refuse(), &DelegationRefusal::StaffReasonMissing);
    let facts = facts(OF_PATIENT);
    let given = given::<Delegation>(&history(OF_PATIENT, state));
    let by_patient = given.when(&refuse().into(), &by(&facts, Who::Patient)).events();
    assert_eq!(end_of(&by_patient), DelegationEnd::OfferRefused);
    let why = RefuseOffer { reason: Some(text("He says that he does not know her.")) };
    assert_eq!(end_of(&given.when(&why.into(), &by(&facts, Who::Nurse)).events()), DelegationEnd::OfferRefused);
}
