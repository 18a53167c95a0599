//! Scenarios of the directives of a patient. The patient, a nurse and a coordinator of the practice that keeps the record,
//! its privacy officer, and a guardian.

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;
use crate::aggregate::{DelegationBrief, Fixed, folded};
use crate::clinic::{id, now, text};
use crate::closed_table::{Outcome, START, Walked, complaints};
use crate::command_name::{Command as _, CommandName};
use crate::consent_text::{self, ShownText, TextNotShown, WordsShown};
use crate::delegation::scenarios::{
    COORDINATOR, DAUGHTER, NURSE, OFFICER, PATIENT, PRACTICE, Who, by, facts as facts_of, patient, scope, with_guardian,
};
use crate::event_set::EventSet as _;
use crate::ids::{OrganizationId, PersonId};
use crate::party::Place;
use crate::scope::Scope;
use crate::words::{
    ConsentTextKind, DelegationKind, DelegationState, DirectiveReminder, Purpose, Role, Sensitivity, TextLanguage,
};

/// A physician of the practice, who is to be blocked or permitted.
const PHYSICIAN: u128 = 33;
const OTHER_PRACTICE: u128 = 9;

/// The guardian reaches what has this code.
const OF_GUARDIAN: Sensitivity = Sensitivity::Hiv;

fn facts() -> Fixed {
    let mut facts = with_guardian(facts_of(DelegationKind::PatientAuthorised));
    facts.roles.push((id(PHYSICIAN), place(Role::Physician, PRACTICE)));
    facts.delegations.iter_mut().for_each(|(_, brief)| brief.scope.sensitivities = [OF_GUARDIAN].into());
    facts
}

fn place(role: Role, organization: u128) -> Place {
    Place { role, organization: id(organization) }
}

fn in_days(days: i64) -> DateTime<Utc> {
    now() + Duration::days(days)
}

/// Physicians of the practice, from tomorrow on, for a hundred days.
fn terms() -> Terms {
    Terms {
        whom: Whom { person: None, role: Some(Role::Physician), organization: Some(id(PRACTICE)) },
        sensitivities: [Sensitivity::Psychiatry].into(),
        purpose: Some(Purpose::Treatment),
        from: Some(in_days(1)),
        until: Some(in_days(100)),
    }
}

fn deny(terms: Terms) -> DirectiveCommand {
    Deny { patient: patient(), terms, patient_word: None }.into()
}

fn record_deny(terms: Terms) -> DirectiveCommand {
    RecordDeny { patient: patient(), terms, patient_word: text("Not them any more.") }.into()
}

fn permit(terms: Terms) -> DirectiveCommand {
    PermitDirective { patient: patient(), terms, text: shown_for(ConsentTextKind::Permission) }.into()
}

fn record_permit(terms: Terms) -> DirectiveCommand {
    RecordPermit { patient: patient(), terms, patient_word: text("The physicians may.") }.into()
}

/// The directive that the first command of a history creates.
fn first() -> DirectiveId {
    by(&Fixed::default(), Who::Patient).command.creates(0)
}

/// The text of this kind of consent, as it is shown.
fn shown_for(consent: ConsentTextKind) -> ShownText {
    consent_text::current(consent, TextLanguage::En).shown()
}

fn confirm_by(text: ShownText) -> DirectiveCommand {
    ConfirmDirective { patient: patient(), directive: first(), text }.into()
}

/// Confirms a deny that staff wrote down.
fn confirm() -> DirectiveCommand {
    confirm_by(shown_for(ConsentTextKind::Block))
}

/// Confirms a permission that staff wrote down.
fn confirm_permission() -> DirectiveCommand {
    confirm_by(shown_for(ConsentTextKind::Permission))
}

fn signed() -> DirectiveCommand {
    ConfirmSignedPaper { patient: patient(), directive: first(), document: text("Form 7, in the cupboard.") }.into()
}

fn tighten(terms: Terms) -> DirectiveCommand {
    TightenDirective { patient: patient(), directive: first(), terms }.into()
}

fn end() -> DirectiveCommand {
    EndDirective { patient: patient(), directive: first() }.into()
}

fn refuse() -> DirectiveCommand {
    RefuseDirective { patient: patient(), directive: first() }.into()
}

fn void() -> DirectiveCommand {
    VoidDirective { patient: patient(), directive: first(), reason: text("It is about somebody else.") }.into()
}

fn remind(of: DirectiveReminder) -> DirectiveCommand {
    RemindOfDirective { patient: patient(), directive: first(), of }.into()
}

/// A command given after some days.
fn given_by(
    history: &[DirectiveEvent],
    who: Who,
    days: i64,
    command: &DirectiveCommand,
) -> Result<Vec<DirectiveEvent>, DirectiveRefusal> {
    given_among(&facts(), history, who, days, command)
}

fn given_among(
    facts: &Fixed,
    history: &[DirectiveEvent],
    who: Who,
    days: i64,
    command: &DirectiveCommand,
) -> Result<Vec<DirectiveEvent>, DirectiveRefusal> {
    let acting = by(facts, who);
    let acting = Acting { now: acting.now + Duration::days(days), ..acting };
    folded::<Directives>(history).decide(command, &acting)
}

#[track_caller]
fn events(history: &[DirectiveEvent], who: Who, days: i64, command: &DirectiveCommand) -> Vec<DirectiveEvent> {
    given_by(history, who, days, command).expect("not refused")
}

#[track_caller]
fn refused(history: &[DirectiveEvent], who: Who, command: &DirectiveCommand, refusal: &DirectiveRefusal) {
    assert_eq!(given_by(history, who, 0, command).as_ref(), Err(refusal));
}

/// The events that lead to the state.
fn history(state: DirectiveState) -> Vec<DirectiveEvent> {
    let after = |mut events: Vec<DirectiveEvent>, who, command: &DirectiveCommand| {
        let more = given_by(&events, who, 0, command).expect("not refused");
        events.extend(more);
        events
    };
    match state {
        DirectiveState::Proposed => after(vec![], Who::Nurse, &record_permit(terms())),
        DirectiveState::Active => after(vec![], Who::Patient, &deny(terms())),
        DirectiveState::UnconfirmedDeny => after(vec![], Who::Nurse, &record_deny(terms())),
        DirectiveState::Ended => after(history(DirectiveState::Active), Who::Patient, &end()),
        DirectiveState::Refused => after(history(DirectiveState::Proposed), Who::Patient, &refuse()),
        DirectiveState::Voided => after(history(DirectiveState::Active), Who::Officer, &void()),
    }
}

impl Walked for Directives {
    const TABLE: &'static str = include_str!("table.txt");

    fn states() -> Vec<&'static str> {
        DirectiveState::ALL.iter().map(|state| state.word()).collect()
    }

    fn commands() -> Vec<CommandName> {
        DirectiveCommand::names()
    }

    fn steps() -> Vec<&'static str> {
        let whole = DirectiveCommand::names().into_iter().map(CommandName::word);
        let cases = [
            "consent_directive.remind/confirmation",
            "consent_directive.remind/overdue",
            "consent_directive.remind/end_ahead",
        ];
        whole.filter(|step| *step != "consent_directive.remind").chain(cases).collect()
    }

    /// What comes of a step at a directive in this state. A command that begins a directive counts as refused there, since it
    /// leaves that directive as it is and begins another.
    fn take(state: &str, step: &str) -> Outcome {
        let parsed = (state != START).then(|| DirectiveState::parse(state).expect("a state"));
        let events = parsed.map(history).unwrap_or_default();
        let wider = Terms { from: None, until: None, ..terms() };
        let lapses = if parsed == Some(DirectiveState::Proposed) { 14 } else { 100 };
        let (who, days, command): (Who, i64, DirectiveCommand) = match step {
            "consent_directive.deny" => (Who::Patient, 0, deny(terms())),
            "consent_directive.permit" => (Who::Patient, 0, permit(terms())),
            "consent_directive.record_deny" => (Who::Nurse, 0, record_deny(terms())),
            "consent_directive.record_permit" => (Who::Nurse, 0, record_permit(terms())),
            "consent_directive.confirm" if parsed == Some(DirectiveState::Proposed) => {
                (Who::Patient, 0, confirm_permission())
            }
            "consent_directive.confirm" => (Who::Patient, 0, confirm()),
            "consent_directive.confirm_signed_paper" => (Who::Coordinator, 0, signed()),
            "consent_directive.refuse" => (Who::Patient, 0, refuse()),
            "consent_directive.tighten" => (Who::Patient, 0, tighten(wider)),
            "consent_directive.end" => (Who::Patient, 0, end()),
            "consent_directive.void" => (Who::Officer, 0, void()),
            "consent_directive.remind/confirmation" => (Who::Process, 7, remind(DirectiveReminder::Confirmation)),
            "consent_directive.remind/overdue" => (Who::Process, 14, remind(DirectiveReminder::ConfirmationOverdue)),
            "consent_directive.remind/end_ahead" => (Who::Process, 70, remind(DirectiveReminder::EndAhead)),
            "consent_directive.begin" => {
                (Who::Process, 1, BeginDirective { patient: patient(), directive: first() }.into())
            }
            "consent_directive.expire" => {
                (Who::Process, lapses, ExpireDirective { patient: patient(), directive: first() }.into())
            }
            other => panic!("no such step: {other}"),
        };
        let without_account = Fixed { patients: vec![], ..facts() };
        let facts = if step == "consent_directive.confirm_signed_paper" { without_account } else { facts() };
        let before: Self = folded(&events);
        match given_among(&facts, &events, who, days, &command) {
            Ok(more) => {
                let kinds = more.iter().map(|event| event.kind()).collect();
                let after = more.iter().fold(before, Self::evolve);
                match after.state(first()).filter(|_| is_step(command.act(), parsed)) {
                    Some(state) => Outcome::Stepped { to: state.word().to_owned(), events: kinds },
                    None => Outcome::NotInState(state.to_owned()),
                }
            }
            Err(DirectiveRefusal::NoSuchDirective) => Outcome::Missing,
            Err(DirectiveRefusal::NotInState { state }) => Outcome::NotInState(state.word().to_owned()),
            Err(refusal) => Outcome::Refused(format!("{refusal:?}")),
        }
    }
}

/// Whether the command is a step of a directive in the state, or begins the first one.
fn is_step(act: DirectiveAct, state: Option<DirectiveState>) -> bool {
    state.is_none() || DirectiveState::ALL.iter().any(|each| act.is_taken_in(*each))
}

#[test]
fn every_state_and_step_is_as_the_table_says() {
    assert_eq!(complaints::<Directives>(), Vec::<String>::new());
}

#[test]
fn a_patient_shuts_a_person_out_once_and_ends_it() {
    let deny = deny(Terms::whole(id(PHYSICIAN)));
    let active = events(&[], Who::Patient, 0, &deny);
    let [DirectiveEvent::DirectiveActivated(activated)] = active.as_slice() else { panic!("{active:?}") };
    assert_eq!((activated.terms.whom.person, activated.giver), (Some(id(PHYSICIAN)), DirectiveGiver::Patient));
    assert_eq!(events(&active, Who::Patient, 0, &deny), []);
    let after = [&active[..], &events(&active, Who::Patient, 0, &end())].concat();
    refused(&after, Who::Patient, &end(), &DirectiveRefusal::NotInState { state: DirectiveState::Ended });
    assert_eq!(events(&after, Who::Patient, 0, &deny).len(), 1);
}

#[test]
fn who_writes_it_down_says_what_the_patient_said_and_does_not_end_what_the_patient_said_themself() {
    let whole = || Terms::whole(id(PHYSICIAN));
    refused(&[], Who::Coordinator, &deny(whole()), &DirectiveRefusal::PatientWordMissing);
    let written = events(&[], Who::Coordinator, 0, &record_deny(whole()));
    assert_eq!(events(&written, Who::Coordinator, 0, &end()).len(), 1);
    assert_eq!(events(&written, Who::Patient, 0, &end()).len(), 1);
    // The patient says the same themself, which no staff takes back.
    assert_eq!(events(&written, Who::Patient, 0, &deny(whole())).len(), 1);
    let confirmed = [&written[..], &events(&written, Who::Patient, 0, &confirm())].concat();
    refused(&confirmed, Who::Coordinator, &end(), &DirectiveRefusal::NotTheirs);
}

#[test]
fn a_directive_is_given_and_confirmed_by_the_current_text_for_what_it_does_and_its_words_are_recorded() {
    use ConsentTextKind::{Block, Help, Permission};
    let give = |before: &[DirectiveEvent], text| -> DirectiveCommand {
        match before {
            [] => PermitDirective { patient: patient(), terms: terms(), text }.into(),
            _ => confirm_by(text),
        }
    };
    for (before, kind, other) in [
        (vec![], Permission, Block),
        (history(DirectiveState::Proposed), Permission, Help),
        (history(DirectiveState::UnconfirmedDeny), Block, Permission),
    ] {
        let current = consent_text::current(kind, TextLanguage::En);
        let not_shown = DirectiveRefusal::TextNotShown(TextNotShown { current: current.version });
        for text in [shown_for(other), ShownText { language: None, ..current.shown() }] {
            refused(&before, Who::Patient, &give(&before, text), &not_shown);
        }
        let recorded = match &events(&before, Who::Patient, 0, &give(&before, current.shown()))[..] {
            [DirectiveEvent::DirectiveActivated(event)] => (event.text_version.clone(), event.words_shown),
            [DirectiveEvent::DirectiveConfirmed(event)] => (event.text_version.clone(), event.words_shown),
            other => panic!("{other:?}"),
        };
        let words = WordsShown { language: current.language, sha256: current.sha256 };
        assert_eq!(recorded, (Some(current.shown().version), Some(words)));
    }
}

#[test]
fn a_representative_does_not_end_what_the_patient_gave() {
    let within = || Terms { sensitivities: [OF_GUARDIAN].into(), ..terms() };
    let by_patient = events(&[], Who::Patient, 0, &deny(within()));
    refused(&by_patient, Who::Guardian, &end(), &DirectiveRefusal::NotTheirs);
    let own = events(&[], Who::Guardian, 0, &deny(within()));
    assert_eq!(events(&own, Who::Guardian, 0, &end()).len(), 1);
    // A helper who represents nobody gives and ends none.
    refused(&[], Who::Daughter, &deny(terms()), &DirectiveRefusal::OnwardNotAllowed);
}

#[test]
fn a_representative_knows_and_decides_of_no_sensitive_matter_beyond_their_scope() {
    let missing = DirectiveRefusal::NoSuchDirective;
    let longer = || Terms { until: Some(in_days(200)), ..terms() };
    for before in [history(DirectiveState::Active), history(DirectiveState::UnconfirmedDeny)] {
        for command in [end(), tighten(longer()), confirm()] {
            refused(&before, Who::Guardian, &command, &missing);
        }
        // The same again tells nothing of the one that is there.
        refused(&before, Who::Guardian, &deny(terms()), &DirectiveRefusal::OnwardNotAllowed);
    }
    refused(&history(DirectiveState::Proposed), Who::Guardian, &confirm_permission(), &missing);
    let within = || Terms { sensitivities: [OF_GUARDIAN].into(), ..terms() };
    let written = events(&[], Who::Nurse, 0, &record_deny(within()));
    for command in [end(), confirm()] {
        assert_eq!(events(&written, Who::Guardian, 0, &command).len(), 1);
    }
    refused(
        &written,
        Who::Guardian,
        &tighten(Terms { sensitivities: [OF_GUARDIAN, Sensitivity::Psychiatry].into(), ..terms() }),
        &DirectiveRefusal::OnwardNotAllowed,
    );
}

#[test]
fn a_deny_is_for_whom_it_names_as_if_there_were_none() {
    let missing = DirectiveRefusal::NoSuchDirective;
    let psychiatry = |whom| Terms { whom, purpose: None, ..terms() };
    let more = |whom| Terms { sensitivities: [].into(), ..psychiatry(whom) };
    let coordinators = Whom { role: Some(Role::Coordinator), ..Whom::default() };
    let of_practice = Whom { organization: Some(id(PRACTICE)), ..Whom::default() };
    for whom in [Whom::person(id(COORDINATOR)), coordinators, of_practice] {
        let written = events(&[], Who::Nurse, 0, &record_deny(psychiatry(whom)));
        for command in [end(), tighten(more(whom)), confirm(), signed(), void()] {
            refused(&written, Who::Coordinator, &command, &missing);
        }
        assert_eq!(events(&written, Who::Patient, 0, &end()).len(), 1);
        // Nor does it say that it has ended already.
        let ended = [&written[..], &events(&written, Who::Patient, 0, &end())].concat();
        refused(&ended, Who::Coordinator, &end(), &missing);
        // Who oversees is met by name alone.
        assert_eq!(events(&written, Who::Officer, 0, &void()).len(), 1);
    }
    // Giving the same again tells nothing either.
    let own = Terms { whom: Whom::person(id(COORDINATOR)), ..psychiatry(coordinators) };
    let written = events(&[], Who::Nurse, 0, &record_deny(own.clone()));
    refused(&written, Who::Coordinator, &record_deny(own), &DirectiveRefusal::SelfNotAllowed);
    let written = events(&[], Who::Nurse, 0, &record_deny(psychiatry(coordinators)));
    assert_eq!(events(&written, Who::Coordinator, 0, &record_deny(psychiatry(coordinators))).len(), 1);
    let officer = events(&[], Who::Nurse, 0, &record_deny(psychiatry(Whom::person(id(OFFICER)))));
    refused(&officer, Who::Officer, &void(), &missing);
    let guardian = id(crate::delegation::scenarios::GUARDIAN);
    let within = Terms { sensitivities: [OF_GUARDIAN].into(), ..psychiatry(Whom::person(guardian)) };
    let guardian = events(&[], Who::Nurse, 0, &record_deny(within));
    for command in [end(), confirm()] {
        refused(&guardian, Who::Guardian, &command, &missing);
    }
    assert_eq!(events(&guardian, Who::Patient, 0, &confirm()).len(), 1);
    // A permission is known to whom it names.
    let permitted = events(&[], Who::Patient, 0, &permit(Terms { whom: coordinators, ..terms() }));
    refused(&permitted, Who::Coordinator, &end(), &DirectiveRefusal::NotTheirs);
}

#[test]
fn a_representative_blocks_no_other_representative() {
    let is_to_help = |kind, state| {
        let mut facts = facts();
        let other = DelegationBrief {
            delegation: id(71),
            person: Some(id(DAUGHTER)),
            kind,
            state,
            scope: Scope { manages_helpers: false, ..scope() },
            until: None,
        };
        facts.delegations.push((patient(), other));
        facts.roles.push((id(DAUGHTER), place(Role::SocialWorker, OTHER_PRACTICE)));
        facts
    };
    let parent = is_to_help(DelegationKind::ParentOfMinor, DelegationState::Suspended);
    let within = |whom| Terms { whom, sensitivities: [OF_GUARDIAN].into(), ..terms() };
    let (daughter, employer) =
        (Whom::person(id(DAUGHTER)), Whom { organization: Some(id(OTHER_PRACTICE)), ..Whom::default() });
    let elsewhere = within(Whom { person: Some(id(DAUGHTER)), role: Some(Role::Nurse), organization: None });
    let other = given_among(&parent, &[], Who::Guardian, 0, &deny(elsewhere.clone())).expect("it names nobody");
    for whom in [daughter, employer] {
        let denied = given_among(&parent, &[], Who::Guardian, 0, &deny(within(whom)));
        assert_eq!(denied, Err(DirectiveRefusal::NotTheirs), "{whom:?}");
        assert_eq!(given_among(&parent, &[], Who::Patient, 0, &deny(within(whom))).expect("theirs").len(), 1);
    }
    let tightened = given_among(&parent, &other, Who::Guardian, 0, &tighten(within(daughter)));
    assert_eq!(tightened, Err(DirectiveRefusal::NotTheirs));
    let written =
        given_among(&parent, &[], Who::Nurse, 0, &record_deny(within(daughter))).expect("staff write it down");
    let confirmed = |who| given_among(&parent, &written, who, 0, &confirm());
    assert_eq!(confirmed(Who::Guardian), Err(DirectiveRefusal::NotTheirs));
    assert_eq!(confirmed(Who::Patient).expect("theirs").len(), 1);
    for (kind, state) in [
        (DelegationKind::ParentOfMinor, DelegationState::Ended),
        (DelegationKind::ParentOfMinor, DelegationState::Asked),
        (DelegationKind::PatientAuthorised, DelegationState::Active),
    ] {
        let helper = is_to_help(kind, state);
        assert!(given_among(&helper, &[], Who::Guardian, 0, &deny(within(daughter))).is_ok(), "{kind:?}");
    }
}

#[test]
fn neither_the_patient_nor_the_sender_nor_oversight_is_blocked() {
    let whole = |person| deny(Terms::whole(id(person)));
    refused(&[], Who::Patient, &whole(PATIENT), &DirectiveRefusal::WouldShutOutPatient);
    // Who oversees and does other work is denied that work.
    assert_eq!(events(&[], Who::Patient, 0, &whole(OFFICER)).len(), 1);
    refused(&[], Who::Nurse, &record_deny(Terms::whole(id(NURSE))), &DirectiveRefusal::SelfNotAllowed);
    let of_role = |role| deny(Terms { whom: Whom { role: Some(role), ..Whom::default() }, ..terms() });
    refused(&[], Who::Patient, &of_role(Role::Auditor), &DirectiveRefusal::CannotDenyOversight);
    let for_purpose = |purpose| deny(Terms { purpose: Some(purpose), ..terms() });
    let oversight = for_purpose(Purpose::HealthcareOperations);
    refused(&[], Who::Patient, &oversight, &DirectiveRefusal::CannotDenyOversight);
    let own = for_purpose(Purpose::PatientRequest);
    refused(&[], Who::Patient, &own, &DirectiveRefusal::WouldShutOutPatient);
}

#[test]
fn a_directive_is_about_somebody_and_about_a_period_ahead() {
    let nobody = Terms { whom: Whom::default(), ..terms() };
    refused(&[], Who::Patient, &deny(nobody.clone()), &DirectiveRefusal::WhomMissing);
    refused(&[], Who::Nurse, &record_permit(nobody), &DirectiveRefusal::WhomMissing);
    let everybody = Whom { role: Some(Role::Person), ..Whom::default() };
    refused(&[], Who::Patient, &deny(Terms { whom: everybody, ..terms() }), &DirectiveRefusal::WhomMissing);
    for until in [in_days(0), in_days(1)] {
        let over = Terms { until: Some(until), ..terms() };
        refused(&[], Who::Patient, &deny(over), &DirectiveRefusal::UntilNotAhead);
    }
}

#[test]
fn nobody_is_blocked_while_nobody_else_could_act_in_their_threads() {
    let facts = Fixed { resting: vec![(id(PHYSICIAN), id(50))], ..facts() };
    let left = Err(DirectiveRefusal::NobodyLeft(vec![id(50)]));
    for terms in [Terms::whole(id(PHYSICIAN)), terms()] {
        assert_eq!(given_among(&facts, &[], Who::Patient, 0, &deny(terms)), left);
    }
    let nurses = Terms { whom: Whom { role: Some(Role::Nurse), ..Whom::default() }, ..terms() };
    assert!(given_among(&facts, &[], Who::Patient, 0, &deny(nurses)).is_ok());
}

#[test]
fn a_permission_has_a_purpose_and_an_end_and_a_rule_that_asks_for_it() {
    let missing = |terms, refusal| refused(&[], Who::Patient, &permit(terms), &refusal);
    missing(Terms { purpose: None, ..terms() }, DirectiveRefusal::PurposeMissing);
    missing(Terms { until: None, ..terms() }, DirectiveRefusal::UntilMissing);
    let facts = Fixed { asks_no_permission: true, ..facts() };
    let asked = given_among(&facts, &[], Who::Patient, 0, &permit(terms()));
    assert_eq!(asked, Err(DirectiveRefusal::NotPermittable));
    // A guardian permits only what they reach themself: neither another matter nor what is restricted without a code.
    for sensitivities in [vec![], vec![Sensitivity::Psychiatry], vec![Sensitivity::Psychiatry, OF_GUARDIAN]] {
        let beyond = Terms { sensitivities: sensitivities.into_iter().collect(), ..terms() };
        refused(&[], Who::Guardian, &permit(beyond), &DirectiveRefusal::OnwardNotAllowed);
    }
    let within = Terms { sensitivities: [OF_GUARDIAN].into(), ..terms() };
    assert_eq!(events(&[], Who::Guardian, 0, &permit(within.clone())).len(), 1);
    let themself = Terms { whom: Whom::person(id(crate::delegation::scenarios::GUARDIAN)), ..within };
    refused(&[], Who::Guardian, &permit(themself.clone()), &DirectiveRefusal::SelfNotAllowed);
    let written = events(&[], Who::Nurse, 0, &record_permit(themself));
    refused(&written, Who::Guardian, &confirm_permission(), &DirectiveRefusal::SelfNotAllowed);
}

#[test]
fn nobody_writes_down_what_permits_themself() {
    let nurses = Terms { whom: Whom { role: Some(Role::Nurse), ..Whom::default() }, ..terms() };
    refused(&[], Who::Nurse, &record_permit(nurses.clone()), &DirectiveRefusal::SelfNotAllowed);
    assert_eq!(events(&[], Who::Coordinator, 0, &record_permit(nurses)).len(), 1);
}

#[test]
fn signed_paper_is_for_a_patient_without_an_account_and_recorded_by_another_person() {
    let proposed = history(DirectiveState::Proposed);
    refused(&proposed, Who::Coordinator, &signed(), &DirectiveRefusal::HasAccount);
    let facts = Fixed { patients: vec![], ..facts() };
    let by_recorder = given_among(&facts, &proposed, Who::Nurse, 0, &signed());
    assert_eq!(by_recorder, Err(DirectiveRefusal::SamePerson));
    let coordinators = Terms { whom: Whom { role: Some(Role::Coordinator), ..Whom::default() }, ..terms() };
    let of_coordinators = events(&[], Who::Nurse, 0, &record_permit(coordinators));
    let by_permitted = given_among(&facts, &of_coordinators, Who::Coordinator, 0, &signed());
    assert_eq!(by_permitted, Err(DirectiveRefusal::SamePerson));
    let confirmed = given_among(&facts, &proposed, Who::Coordinator, 0, &signed()).expect("not refused");
    let [DirectiveEvent::DirectiveConfirmed(confirmed)] = confirmed.as_slice() else { panic!("{confirmed:?}") };
    assert_eq!(confirmed.giver, DirectiveGiver::Patient);
}

#[test]
fn nothing_is_confirmed_once_its_period_is_over() {
    let short = Terms { until: Some(in_days(3)), ..terms() };
    let proposed = events(&[], Who::Nurse, 0, &record_permit(short));
    assert_eq!(given_by(&proposed, Who::Patient, 3, &confirm_permission()), Err(DirectiveRefusal::UntilNotAhead));
    assert!(given_by(&proposed, Who::Patient, 2, &confirm_permission()).is_ok());
}

#[test]
fn a_deny_becomes_only_tighter_and_so_does_a_permission() {
    let denied = history(DirectiveState::Active);
    let permitted = events(&[], Who::Patient, 0, &permit(terms()));
    let longer = Terms { until: Some(in_days(200)), ..terms() };
    let shorter = Terms { until: Some(in_days(50)), ..terms() };
    let whole_practice = Whom { person: None, role: None, organization: Some(id(PRACTICE)) };
    let more_people = Terms { whom: whole_practice, ..terms() };
    let fewer_people = Terms { whom: Whom { person: Some(id(PHYSICIAN)), ..terms().whom }, ..terms() };
    let more = [Sensitivity::Psychiatry, Sensitivity::Hiv].into();
    let more_matters = Terms { sensitivities: more, ..terms() };
    let all_purposes = Terms { purpose: None, ..terms() };
    for (deny, terms) in [
        (true, longer),
        (false, shorter),
        (true, more_people),
        (false, fewer_people),
        (true, more_matters),
        (true, all_purposes),
    ] {
        let (taken, not_taken) = if deny { (&denied, &permitted) } else { (&permitted, &denied) };
        assert_eq!(events(taken, Who::Patient, 0, &tighten(terms.clone())).len(), 1, "{terms:?}");
        refused(not_taken, Who::Patient, &tighten(terms), &DirectiveRefusal::NotTighter);
    }
    for history in [&denied, &permitted] {
        refused(history, Who::Patient, &tighten(terms()), &DirectiveRefusal::NotTighter);
    }
    // A deny of everything is the widest. A permission of what has no code is not narrower than one that names codes.
    let none = Terms { sensitivities: [].into(), ..terms() };
    assert_eq!(events(&denied, Who::Patient, 0, &tighten(none.clone())).len(), 1);
    refused(&permitted, Who::Patient, &tighten(none), &DirectiveRefusal::NotTighter);
}

#[test]
fn a_permission_with_codes_opens_only_what_has_codes_and_one_without_only_what_has_none() {
    let (psychiatry, hiv) = (Sensitivity::Psychiatry, Sensitivity::Hiv);
    let reaches = |named: &[Sensitivity], codes: &[Sensitivity]| {
        let terms = Terms { sensitivities: named.iter().copied().collect(), ..terms() };
        terms.reaches(DirectiveEffect::Permit, codes.iter().copied())
    };
    assert!(reaches(&[], &[]) && reaches(&[psychiatry], &[psychiatry]) && reaches(&[psychiatry, hiv], &[hiv]));
    assert!(
        !reaches(&[psychiatry], &[]) && !reaches(&[], &[psychiatry]) && !reaches(&[psychiatry], &[psychiatry, hiv])
    );
}

#[test]
fn a_period_begins_and_ends_at_its_instant() {
    let terms = Terms { from: Some(in_days(1)), until: Some(in_days(2)), ..terms() };
    let before = |at: DateTime<Utc>| at - Duration::microseconds(1);
    let within = [before(in_days(1)), in_days(1), before(in_days(2)), in_days(2)].map(|at| terms.is_within(at));
    assert_eq!(within, [false, true, true, false]);
    assert!(Terms { from: None, until: None, ..terms }.is_within(in_days(0)));
}

#[test]
fn a_beginning_that_has_come_is_none_and_the_end_of_an_unconfirmed_permission_is_its_last_day() {
    let from_now = Terms { from: Some(in_days(0)), ..terms() };
    let active = events(&[], Who::Patient, 0, &deny(from_now));
    let [DirectiveEvent::DirectiveActivated(activated)] = active.as_slice() else { panic!("{active:?}") };
    assert_eq!(activated.terms.from, None);
    let expire: DirectiveCommand = ExpireDirective { patient: patient(), directive: first() }.into();
    let proposed = history(DirectiveState::Proposed);
    assert_eq!(given_by(&proposed, Who::Process, 13, &expire), Err(DirectiveRefusal::NotDue));
    let refused = events(&proposed, Who::Process, 14, &expire);
    let [DirectiveEvent::DirectiveWasRefused(refused)] = refused.as_slice() else { panic!("{refused:?}") };
    assert_eq!(refused.how, DirectiveRefused::NotConfirmed);
    // A deny that nobody confirms stays.
    let unconfirmed = history(DirectiveState::UnconfirmedDeny);
    assert_eq!(given_by(&unconfirmed, Who::Process, 14, &expire), Err(DirectiveRefusal::NotDue));
}

#[test]
fn each_reminder_comes_once_and_when_it_is_due() {
    for (state, of, due) in [
        (DirectiveState::Proposed, DirectiveReminder::Confirmation, 7),
        (DirectiveState::UnconfirmedDeny, DirectiveReminder::Confirmation, 7),
        (DirectiveState::UnconfirmedDeny, DirectiveReminder::ConfirmationOverdue, 14),
        (DirectiveState::Active, DirectiveReminder::EndAhead, 70),
    ] {
        let before = history(state);
        assert_eq!(given_by(&before, Who::Process, due - 1, &remind(of)), Err(DirectiveRefusal::NotDue), "{of:?}");
        let reminded = [&before[..], &events(&before, Who::Process, due, &remind(of))].concat();
        assert_eq!(given_by(&reminded, Who::Process, due, &remind(of)), Err(DirectiveRefusal::NotDue), "{of:?}");
    }
}

#[test]
fn a_deny_that_nobody_confirmed_in_time_is_still_to_be_confirmed() {
    let before = history(DirectiveState::UnconfirmedDeny);
    let noted = events(&before, Who::Process, 14, &remind(DirectiveReminder::ConfirmationOverdue));
    let mut deadlines = Deadlines::default();
    [&before[..], &noted].concat().iter().for_each(|event| deadlines.evolve(event));
    let ahead: Vec<Deadline> = deadlines.ahead().into_iter().map(|(_, deadline)| deadline).collect();
    assert_eq!(ahead, [Deadline::Expire], "it neither begins nor is its end announced before it is confirmed");
}

#[test]
fn the_same_deny_again_has_no_effect_also_once_its_period_has_begun() {
    let deny = deny(Terms { from: Some(in_days(3)), ..terms() });
    let before = events(&[], Who::Patient, 0, &deny);
    assert_eq!(events(&before, Who::Patient, 1, &deny), []);
    assert_eq!(events(&before, Who::Patient, 4, &deny), []);
}

#[test]
fn a_representative_neither_ends_nor_shortens_what_the_patient_permitted() {
    let within = Terms { sensitivities: [OF_GUARDIAN].into(), ..terms() };
    let permitted = |who| events(&[], who, 0, &permit(within.clone()));
    let shorter = tighten(Terms { until: Some(in_days(2)), ..within.clone() });
    refused(&permitted(Who::Patient), Who::Guardian, &shorter, &DirectiveRefusal::NotTheirs);
    refused(&permitted(Who::Patient), Who::Guardian, &end(), &DirectiveRefusal::NotTheirs);
    assert_eq!(events(&permitted(Who::Guardian), Who::Guardian, 0, &shorter).len(), 1);
}

#[test]
fn a_role_and_an_organization_are_met_in_one_place_whatever_else_a_person_is() {
    let nurses = Whom { person: None, role: Some(Role::Nurse), organization: Some(id(PRACTICE)) };
    let names = |whom: &Whom, places: &[Place]| whom.names(id::<PersonId>(NURSE), places);
    assert!(names(&nurses, &[place(Role::Nurse, PRACTICE)]));
    let split = [place(Role::Nurse, OTHER_PRACTICE), place(Role::Physician, PRACTICE)];
    assert!(!names(&nurses, &split));
    let of_practice = Whom { role: None, ..nurses };
    assert!(names(&of_practice, &split));
    assert!(names(&nurses, &[place(Role::Nurse, PRACTICE), place(Role::Auditor, PRACTICE)]));
    assert!(!names(&Whom::default(), &split));
    let named = Whom { person: Some(id(COORDINATOR)), ..nurses };
    assert!(!names(&named, &[place(Role::Nurse, PRACTICE)]));
}

proptest! {
    /// Whatever a deny reaches, a tighter one reaches too; a tighter permission reaches no more.
    #[test]
    fn what_is_tighter_never_loosens(one in any_terms(), other in any_terms(), codes in any_codes(), day in 0_i64..6) {
        let reaches = |effect, terms: &Terms| {
            terms.is_within(in_days(day))
                && terms.whom.names(id(NURSE), &[place(Role::Nurse, PRACTICE)])
                && terms.reaches(effect, codes.iter().copied())
        };
        for effect in [DirectiveEffect::Deny, DirectiveEffect::Permit] {
            if other.is_tighter(effect, &one) {
                let (before, after) = (reaches(effect, &one), reaches(effect, &other));
                match effect {
                    DirectiveEffect::Deny => prop_assert!(after || !before),
                    DirectiveEffect::Permit => prop_assert!(before || !after),
                }
            }
        }
    }
}

fn any_codes() -> impl Strategy<Value = Vec<Sensitivity>> {
    prop::sample::subsequence(vec![Sensitivity::Psychiatry, Sensitivity::Hiv], 0..=2)
}

fn any_terms() -> impl Strategy<Value = Terms> {
    let person = prop::option::of(prop::sample::select(vec![id::<PersonId>(NURSE), id(COORDINATOR)]));
    let role = prop::option::of(prop::sample::select(vec![Role::Nurse, Role::Physician]));
    let organization = prop::option::of(prop::sample::select(vec![id::<OrganizationId>(PRACTICE), id(OTHER_PRACTICE)]));
    let instants = (prop::option::of(0_i64..3), prop::option::of(3_i64..6));
    (person, role, organization, any_codes(), instants).prop_map(
        |(person, role, organization, codes, (from, until))| Terms {
            whom: Whom { person, role, organization },
            sensitivities: codes.into_iter().collect(),
            purpose: None,
            from: from.map(in_days),
            until: until.map(in_days),
        },
    )
}

#[test]
fn a_directive_of_the_first_form_shuts_one_person_out_of_everything() {
    let stored = r#"{"directive":"00000000000000000000000000000016","patient":"00000000000000000000000000000001","person":"00000000000000000000000000000003","by":"person-00000000000000000000000000000008","role":"coordinator"}"#;
    let read = DirectiveEvent::decode("consent_directive.activated", 1, stored.as_bytes());
    let Some(Ok(DirectiveEvent::DirectiveActivated(activated))) = read else { panic!("{read:?}") };
    assert_eq!(activated.terms, Terms::whole(id(3)));
    assert_eq!((activated.effect, activated.giver), (DirectiveEffect::Deny, DirectiveGiver::Staff));
    assert_eq!(activated.state(), DirectiveState::Active);
}
