//! Each problem names an argument that its mutation has.

use care::consent_text::TextNotShown;
use care::lifecycle::consultation::RequestConsultation;
use chrono::DateTime;

use super::*;
use crate::graphql::mutation_name::mutation_of;
use crate::graphql::problem::{NotFoundProblem, ProblemPlace};

/// The input of the mutation that gives a command; none for what only the system does.
fn input_of(given: CommandName) -> Option<String> {
    let mutation = mutation_of(given)?;
    let (first, rest) = mutation.split_at(1);
    Some(format!("{}{rest}Input", first.to_ascii_uppercase()))
}

#[test]
fn a_problem_names_an_argument_that_the_mutation_has() {
    let sdl = crate::graphql::sdl();
    let mut named = 0;
    for given in ConversationCommand::names() {
        let Some(input) = input_of(given) else { continue };
        let declared = sdl.split(&format!("\ninput {input} {{")).nth(1).expect("an input of the schema");
        let fields = declared.split("\n}").next().expect("its fields");
        let Arguments { person, place, message, owner, pool, party, due, reason } = Arguments::of(given);
        for path in [person, place, message, owner, pool, party, due, reason] {
            let Some(field) = path.get(1) else { continue };
            assert!(fields.contains(&format!("\n\t{field}:")), "{input} has no {field}");
            named += 1;
        }
    }
    assert!(named > 10, "{named}");
}

#[test]
fn a_refusal_is_about_the_argument_by_which_its_command_names_it() {
    use care::conversation::{
        ChangeHistoryWindow, InviteParticipant, Leave, MarkRead, PostMessage, RemoveParticipant, Reopen, Transfer,
    };
    use care::lifecycle::team_thread::OpenTeamThread;
    let about = |refusal, given| {
        let (Problem::Rule(RuleProblem { path, .. }) | Problem::NotFound(NotFoundProblem { path, .. })) =
            conversation(refusal, given)
        else {
            panic!("{refusal:?}")
        };
        path.unwrap_or_default().join(".")
    };
    for (refusal, given, path) in [
        (ConversationRefusal::NoSuchMessage, MarkRead::NAME, "input.messageId"),
        (ConversationRefusal::NoSuchMessage, ChangeHistoryWindow::NAME, "input.history.fromMessageId"),
        (ConversationRefusal::NotAParticipant, PostMessage::NAME, "input.to"),
        (ConversationRefusal::NotAParticipant, Leave::NAME, ""),
        (ConversationRefusal::NoReachableReader, PostMessage::NAME, "input.to"),
        (ConversationRefusal::NoReachableReader, OpenTeamThread::NAME, ""),
        (ConversationRefusal::DuePast, Reopen::NAME, "input.to.dueAt"),
        (ConversationRefusal::DuePast, OpenTeamThread::NAME, "input.waitingOn.dueAt"),
        (ConversationRefusal::OwnerMustTransfer, RemoveParticipant::NAME, "input.personId"),
        (ConversationRefusal::ReasonMissing, RemoveParticipant::NAME, "input.note"),
        (ConversationRefusal::NoSuchRole, InviteParticipant::NAME, "input.place"),
        (ConversationRefusal::PartyCannotAct, Reopen::NAME, "input.to"),
        (ConversationRefusal::NoSuchPool, Transfer::NAME, "input.to"),
        (ConversationRefusal::HidingNotAnswered, RequestConsultation::NAME, "input.hiddenFromDelegates"),
        (ConversationRefusal::PatientDeceased, RequestConsultation::NAME, "input.patientId"),
        (ConversationRefusal::NoSuchPool, RequestConsultation::NAME, "input.poolId"),
        (ConversationRefusal::NoSuchPool, OpenTeamThread::NAME, "input.owner.poolId"),
    ] {
        assert_eq!(about(refusal, given), path, "{refusal:?} of {}", given.word());
    }
}

/// The code and the path of a problem.
fn told(problem: &Problem) -> (String, String) {
    let ProblemPlace { code, path } = problem.place();
    let code = serde_json::to_value(code).expect("a word");
    (code.as_str().expect("a word").to_owned(), path.unwrap_or_default().join("."))
}

/// Whether an input of these commands has the field that a path names, from its first name on.
fn is_named(sdl: &str, mutations: &[&str], path: &str) -> bool {
    let Some(field) = path.split('.').nth(1) else { return path.is_empty() };
    mutations.iter().any(|mutation| {
        let declared = sdl.split(&format!("\ninput {mutation}Input {{")).nth(1).expect("an input of the schema");
        declared.split("\n}").next().expect("its fields").contains(&format!("\n\t{field}: "))
    })
}

/// That another text was to be shown.
const NOT_SHOWN: TextNotShown = TextNotShown { current: "helper-consent-2" };

#[test]
fn each_refusal_of_a_delegation_has_its_code_and_an_argument_of_its_commands() {
    let sdl = crate::graphql::sdl();
    let mutations = [
        "InviteDelegate",
        "AcceptDelegation",
        "VerifyDelegateIdentity",
        "PassSafeguarding",
        "RecordDelegationConsent",
        "NarrowDelegation",
        "WidenDelegation",
        "WidenDelegationByLaw",
        "RenewDelegation",
        "ResumeDelegation",
        "RevokeDelegation",
    ];
    for (refusal, code, path) in [
        (DelegationRefusal::OwnRecord, "OWN_RECORD", ""),
        (DelegationRefusal::SelfNotAllowed, "SELF_NOT_ALLOWED", ""),
        (DelegationRefusal::RelativeNotAllowed, "RELATIVE_NOT_ALLOWED", "input.isRelative"),
        (DelegationRefusal::NotAPerson, "NOT_A_PERSON", ""),
        (DelegationRefusal::PatientNotPresent, "PATIENT_NOT_PRESENT", "input.ground"),
        (DelegationRefusal::OnwardNotAllowed, "ONWARD_NOT_ALLOWED", ""),
        (DelegationRefusal::PatientAlive, "PATIENT_ALIVE", ""),
        (DelegationRefusal::PatientDeceased, "PATIENT_DECEASED", ""),
        (DelegationRefusal::PatientAdult, "PATIENT_ADULT", ""),
        (DelegationRefusal::BirthDateUnknown, "BIRTH_DATE_UNKNOWN", ""),
        (DelegationRefusal::AlreadyDelegate, "ALREADY_DELEGATE", "input.personId"),
        (DelegationRefusal::ScopeEmpty, "SCOPE_EMPTY", "input.scope"),
        (DelegationRefusal::ScopeTooWide, "SCOPE_TOO_WIDE", "input.scope"),
        (DelegationRefusal::ContactMissing, "CONTACT_MISSING", "input.contact"),
        (DelegationRefusal::OrganizationMismatch, "ORGANIZATION_MISMATCH", "input.organizationId"),
        (DelegationRefusal::UntilNotAhead, "UNTIL_NOT_AHEAD", "input.until"),
        (DelegationRefusal::UntilTooFar { latest: DateTime::UNIX_EPOCH }, "UNTIL_TOO_FAR", "input.until"),
        (DelegationRefusal::UntilBeyondAdultAge, "UNTIL_TOO_FAR", "input.until"),
        (DelegationRefusal::StaffReasonMissing, "REASON_MISSING", "input.reason"),
        (DelegationRefusal::SharedAccount, "SHARED_ACCOUNT", "input.ownAccount"),
        (DelegationRefusal::EvidenceMissing, "EVIDENCE_MISSING", "input.evidence"),
        (DelegationRefusal::AuthorityNotVerified, "AUTHORITY_NOT_VERIFIED", ""),
        (DelegationRefusal::AuthorityTooNarrow, "AUTHORITY_TOO_NARROW", ""),
        (DelegationRefusal::EmploymentNotVerified, "EMPLOYMENT_NOT_VERIFIED", "input.employment"),
        (DelegationRefusal::ChecksNotPassed, "CHECKS_NOT_PASSED", "input.checks"),
        (DelegationRefusal::NotAskedAlone, "NOT_ASKED_ALONE", "input.checks.askedAlone"),
        (DelegationRefusal::OpenedListChanged, "OPENED_LIST_CHANGED", "input.seenVersion"),
        (DelegationRefusal::SensitiveUnlabelled(vec![]), "SENSITIVE_UNLABELLED", "input.accepted"),
        (DelegationRefusal::ProtectionNote, "PROTECTION_NOTE", ""),
        (DelegationRefusal::ConsentByDelegate, "CONSENT_BY_DELEGATE", ""),
        (DelegationRefusal::StaffCannotConsent, "STAFF_CANNOT_CONSENT", "input.basis"),
        (DelegationRefusal::OtherBasisNeeded, "OTHER_BASIS_NEEDED", "input.basis"),
        (DelegationRefusal::WitnessMissing, "WITNESS_MISSING", "input.witnessId"),
        (DelegationRefusal::OwnWordMissing, "OWN_WORD_MISSING", "input.ownWord"),
        (DelegationRefusal::TextNotShown(NOT_SHOWN), "TEXT_NOT_SHOWN", "input.textVersion"),
        (DelegationRefusal::ScopeChanged, "SCOPE_CHANGED", "input.scope"),
        (DelegationRefusal::ConsentInFuture, "IN_FUTURE", "input.givenAt"),
        (DelegationRefusal::PatientLacksCapacity, "PATIENT_LACKS_CAPACITY", "input.basis"),
        (DelegationRefusal::NotNarrower, "NOT_NARROWER", "input.scope"),
        (DelegationRefusal::NotWider, "NOT_WIDER", "input.scope"),
        (DelegationRefusal::SafeguardingNeeded, "SAFEGUARDING_NEEDED", "input.scope"),
        (DelegationRefusal::MinorCannotWiden, "MINOR_CANNOT_WIDEN", ""),
        (DelegationRefusal::KindNotByLaw, "KIND_NOT_BY_LAW", ""),
        (DelegationRefusal::SamePerson, "SAME_PERSON", ""),
        (DelegationRefusal::PatientSuspended, "PATIENT_SUSPENDED", "input.patientWord"),
        (DelegationRefusal::Expired, "EXPIRED", ""),
        (DelegationRefusal::NotTheirs, "OTHER_REPRESENTATIVE", ""),
        (DelegationRefusal::NotSo, "NOT_DUE", ""),
        (DelegationRefusal::NotDue, "NOT_DUE", ""),
        (DelegationRefusal::NotSo, "NOT_DUE", ""),
    ] {
        assert_eq!(told(&refusal.problem()), (code.to_owned(), path.to_owned()), "{refusal:?}");
        assert!(is_named(&sdl, &mutations, path), "{path}");
    }
    let state = care::words::DelegationState::Invited;
    assert_eq!(told(&DelegationRefusal::NotInState { state }.problem()), ("NOT_IN_STATE".to_owned(), String::new()));
}

#[test]
fn each_refusal_of_a_legal_authority_has_its_code_and_an_argument_of_its_commands() {
    let sdl = crate::graphql::sdl();
    for (refusal, code, path) in [
        (LegalAuthorityRefusal::SelfNotAllowed, "SELF_NOT_ALLOWED", ""),
        (LegalAuthorityRefusal::OwnRecord, "OWN_RECORD", "input.personId"),
        (LegalAuthorityRefusal::SamePerson, "SAME_PERSON", ""),
        (LegalAuthorityRefusal::LimitsEmpty, "LIMITS_EMPTY", "input.limits"),
        (LegalAuthorityRefusal::UntilNotAhead, "UNTIL_NOT_AHEAD", "input.until"),
        (LegalAuthorityRefusal::InFuture, "IN_FUTURE", "input.endedAt"),
        (LegalAuthorityRefusal::OtherGroundNeeded, "OTHER_GROUND_NEEDED", "input.ground"),
        (LegalAuthorityRefusal::Expired, "EXPIRED", ""),
        (LegalAuthorityRefusal::NotDue, "NOT_DUE", ""),
    ] {
        assert_eq!(told(&refusal.problem()), (code.to_owned(), path.to_owned()), "{refusal:?}");
        let mutations = ["RecordLegalAuthority", "VerifyLegalAuthority", "EndLegalAuthority"];
        assert!(is_named(&sdl, &mutations, path), "{path}");
    }
    let state = care::words::AuthorityState::Ended;
    assert_eq!(
        told(&LegalAuthorityRefusal::NotInState { state }.problem()),
        ("NOT_IN_STATE".to_owned(), String::new())
    );
}

#[test]
fn each_refusal_of_a_directive_has_its_code_and_an_argument_of_its_commands() {
    use care::consent_directive::DirectiveRefusal;
    let sdl = crate::graphql::sdl();
    let mutations = ["DenyAccess", "PermitAccess", "EndConsentDirective"];
    for (refusal, code, path) in [
        (DirectiveRefusal::NoSuchDirective, "NOT_FOUND", "input.directiveId"),
        (DirectiveRefusal::WhomMissing, "WHOM_MISSING", "input.personId"),
        (DirectiveRefusal::PurposeMissing, "PURPOSE_MISSING", "input.purpose"),
        (DirectiveRefusal::UntilMissing, "UNTIL_MISSING", "input.until"),
        (DirectiveRefusal::UntilNotAhead, "UNTIL_NOT_AHEAD", "input.until"),
        (DirectiveRefusal::WouldShutOutPatient, "WOULD_SHUT_OUT_PATIENT", "input.personId"),
        (DirectiveRefusal::SelfNotAllowed, "SELF_NOT_ALLOWED", "input.personId"),
        (DirectiveRefusal::CannotDenyOversight, "CANNOT_DENY_OVERSIGHT", "input.personId"),
        (DirectiveRefusal::PatientWordMissing, "PATIENT_WORD_MISSING", "input.patientWord"),
        (DirectiveRefusal::NobodyLeft(vec![]), "NOBODY_LEFT", "input.personId"),
        (DirectiveRefusal::NotPermittable, "NOT_PERMITTABLE", "input.purpose"),
        (DirectiveRefusal::OnwardNotAllowed, "ONWARD_NOT_ALLOWED", ""),
        (DirectiveRefusal::SamePerson, "SAME_PERSON", ""),
        (DirectiveRefusal::TextNotShown(NOT_SHOWN), "TEXT_NOT_SHOWN", "input.textVersion"),
        (DirectiveRefusal::HasAccount, "HAS_ACCOUNT", ""),
        (DirectiveRefusal::NotTighter, "NOT_TIGHTER", ""),
        (DirectiveRefusal::NotTheirs, "NOT_THEIRS", ""),
        (DirectiveRefusal::NotAPerson, "NOT_A_PERSON", ""),
        (DirectiveRefusal::NotDue, "NOT_DUE", ""),
    ] {
        assert_eq!(told(&refusal.problem()), (code.to_owned(), path.to_owned()), "{refusal:?}");
        assert!(is_named(&sdl, &mutations, path), "{path}");
    }
    let state = care::words::DirectiveState::Ended;
    assert_eq!(told(&DirectiveRefusal::NotInState { state }.problem()), ("NOT_IN_STATE".to_owned(), String::new()));
}

#[test]
fn each_refusal_of_a_message_from_outside_has_its_code_and_an_argument_of_its_commands() {
    let sdl = crate::graphql::sdl();
    let mutations = ["AskToHelp", "MatchOutsideMessage", "AttachOutsideMessage", "CloseOutsideMessage"];
    for (refusal, code, path) in [
        (OutsideMessageRefusal::NotAPerson, "NOT_A_PERSON", ""),
        (OutsideMessageRefusal::TooManyTries, "TOO_MANY_TRIES", ""),
        (OutsideMessageRefusal::NoSuchOrganization, "NOT_FOUND", "input.organizationId"),
        (OutsideMessageRefusal::NotYours, "NOT_OWNER", ""),
        (OutsideMessageRefusal::OtherWish, "NOT_ADMITTED", ""),
        (OutsideMessageRefusal::OtherOrganization, "OTHER_ORGANIZATION", ""),
        (OutsideMessageRefusal::NotAboutPatient, "NO_PATIENT", "input.threadId"),
        (OutsideMessageRefusal::TextErased, "ERASED", ""),
        (OutsideMessageRefusal::Offer(DelegationRefusal::AlreadyDelegate), "ALREADY_DELEGATE", "input.patientId"),
        (OutsideMessageRefusal::NotDue, "NOT_DUE", ""),
    ] {
        assert_eq!(told(&refusal.problem()), (code.to_owned(), path.to_owned()), "{refusal:?}");
        assert!(is_named(&sdl, &mutations, path), "{path}");
    }
    let state = care::words::OutsideState::Ended;
    assert_eq!(
        told(&OutsideMessageRefusal::NotInState { state }.problem()),
        ("NOT_IN_STATE".to_owned(), String::new())
    );
    let both = vec![DelegationRefusal::OwnRecord, DelegationRefusal::PatientDeceased];
    let asked = Asked { given: care::outside_message::MatchOutsideMessage::NAME, target: None, subject: vec![] };
    let problems = refused(&OutsideMessageRefusal::Offer(DelegationRefusal::Several(both)).into(), &asked);
    let codes: Vec<String> = problems.iter().map(|problem| told(problem).0).collect();
    assert_eq!(codes, ["OWN_RECORD", "PATIENT_DECEASED"]);
}

#[test]
fn who_helps_the_patient_is_added_to_the_care_team_by_who_says_that_they_know_it() {
    let sdl = crate::graphql::sdl();
    for (refusal, path) in
        [(CareTeamRefusal::ConflictNotKnown, "input.knowsConflict"), (CareTeamRefusal::ConflictOfInterest, "")]
    {
        assert_eq!(told(&care_team(refusal)), ("CONFLICT_OF_INTEREST".to_owned(), path.to_owned()));
        assert!(is_named(&sdl, &["AddCareTeamMember"], path), "{path}");
    }
}

#[test]
fn several_refusals_are_several_problems_and_an_invitation_that_is_not_theirs_is_missing() {
    use care::delegation::AcceptDelegation;
    let asked = Asked { given: AcceptDelegation::NAME, target: Some("delegationId"), subject: vec!["delegationId"] };
    let several = DelegationRefusal::Several(vec![DelegationRefusal::ScopeEmpty, DelegationRefusal::UntilNotAhead]);
    let codes: Vec<String> = refused(&several.into(), &asked).iter().map(|problem| told(problem).0).collect();
    assert_eq!(codes, ["SCOPE_EMPTY", "UNTIL_NOT_AHEAD"]);
    for refusal in [DelegationRefusal::Missing, DelegationRefusal::NotTheInvited, DelegationRefusal::InvitationExpired]
    {
        let problems = refused(&refusal.into(), &asked);
        assert_eq!(problems, [not_found_at(&["delegationId"])], "one answer for all of them");
    }
}
