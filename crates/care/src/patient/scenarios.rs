//! What happens to a patient's record: registration, the link to a person, corrections.

use chrono::Duration;

use super::*;
use crate::aggregate::Fixed;
use crate::aggregate::scenario::{by_the_installation, given};
use crate::text::Text;

fn person(bits: u128) -> PersonId {
    PersonId::from_uuid(Uuid::from_u128(bits))
}

fn patient(bits: u128) -> PatientId {
    PatientId::from_uuid(Uuid::from_u128(bits))
}

fn organization() -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(2))
}

fn text(text: &str) -> PersonalText {
    PersonalText::from(Text::line(text).expect("a text"))
}

/// The person to whom the record is proposed.
const MIRA: u128 = 3;
const REGISTRAR: u128 = 4;

fn by(bits: u128, lookups: &Fixed) -> Acting<'_> {
    Acting { by: Actor::Person(person(bits)), role: Role::Coordinator, ..by_the_installation(lookups) }
}

fn later(acting: Acting<'_>, days: i64) -> Acting<'_> {
    Acting { now: acting.now + Duration::days(days), ..acting }
}

fn registration() -> RegisterPatient {
    RegisterPatient {
        organization: organization(),
        person: None,
        name: text("Mira Okafor"),
        birth_date: text("1958-03-04"),
        confirmed_not_duplicate_of: vec![],
    }
}

fn on_record() -> PatientEvent {
    let (name, birth_date) = (text("Mira Okafor"), text("1958-03-04"));
    let (patient, confirmed_not_duplicate_of) = (patient(1), vec![]);
    PatientRegistered { patient, organization: organization(), name, birth_date, confirmed_not_duplicate_of }.into()
}

fn offered() -> PatientEvent {
    let nobody = Fixed::default();
    let expires_at = by(REGISTRAR, &nobody).now + Duration::days(14);
    let by = Actor::Person(person(REGISTRAR));
    LinkProposed { by, role: Role::Coordinator, person: person(MIRA), expires_at }.into()
}

fn accepted() -> PatientEvent {
    LinkAccepted { person: person(MIRA) }.into()
}

fn propose() -> PatientCommand {
    ProposeLink { person: person(MIRA) }.into()
}

#[test]
fn a_patient_is_registered_once() {
    let nobody = Fixed::default();
    let acting = by_the_installation(&nobody);
    let register = PatientCommand::from(registration());
    let events = given::<Patient>(&[]).when(&register, &acting).events();
    assert_eq!(events.len(), 1);
    given::<Patient>(&events).when(&register, &acting).then_refused(&PatientRefusal::Registered);
    for command in [propose(), WithdrawLink {}.into(), AcceptLink {}.into()] {
        given::<Patient>(&[]).when(&command, &acting).then_refused(&PatientRefusal::Missing);
    }
}

#[test]
fn a_registration_with_a_person_proposes_the_record_to_them() {
    let register = PatientCommand::from(RegisterPatient { person: Some(person(MIRA)), ..registration() });
    let known = Fixed::default();
    let events = given::<Patient>(&[]).when(&register, &by(REGISTRAR, &known)).events();
    assert_eq!(events.len(), 2);
    assert_eq!(events.get(1), Some(&offered()));
}

#[test]
fn the_person_accepts_and_nobody_else_does() {
    let known = Fixed::default();
    let history = [on_record(), offered()];
    let accept = PatientCommand::from(AcceptLink {});
    given::<Patient>(&history).when(&accept, &by(MIRA, &known)).then(&[accepted()]);
    given::<Patient>(&history).when(&accept, &by(REGISTRAR, &known)).then_refused(&PatientRefusal::NoProposal);
    given::<Patient>(&[on_record()]).when(&accept, &by(MIRA, &known)).then_refused(&PatientRefusal::NoProposal);
    let decline = PatientCommand::from(DeclineLink {});
    let declined = PatientEvent::from(LinkDeclined { person: person(MIRA) });
    given::<Patient>(&history).when(&decline, &by(REGISTRAR, &known)).then_refused(&PatientRefusal::NoProposal);
    given::<Patient>(&history).when(&decline, &by(MIRA, &known)).then(std::slice::from_ref(&declined));
    let declined = [on_record(), offered(), declined];
    given::<Patient>(&declined).when(&accept, &by(MIRA, &known)).then_refused(&PatientRefusal::NoProposal);
    given::<Patient>(&declined).when(&propose(), &by(REGISTRAR, &known)).then(&[offered()]);
}

#[test]
fn a_proposal_can_be_taken_back_until_it_is_answered() {
    let known = Fixed::default();
    let withdraw = PatientCommand::from(WithdrawLink {});
    let by_registrar = by(REGISTRAR, &known);
    let withdrawn = PatientEvent::from(LinkWithdrawn { by: by_registrar.by });
    let history = [on_record(), offered()];
    given::<Patient>(&history).when(&withdraw, &by_registrar).then(std::slice::from_ref(&withdrawn));
    let history = [on_record(), offered(), withdrawn];
    let accept = PatientCommand::from(AcceptLink {});
    given::<Patient>(&history).when(&accept, &by(MIRA, &known)).then_refused(&PatientRefusal::NoProposal);
    let history = [on_record(), offered(), accepted()];
    given::<Patient>(&history).when(&withdraw, &by_registrar).then_refused(&PatientRefusal::NoProposal);
}

#[test]
fn a_proposal_ends_after_fourteen_days_and_hinders_no_other() {
    let known = Fixed::default();
    let history = [on_record(), offered()];
    let accept = PatientCommand::from(AcceptLink {});
    given::<Patient>(&history).when(&accept, &later(by(MIRA, &known), 13)).then(&[accepted()]);
    for command in [accept, DeclineLink {}.into()] {
        let late = later(by(MIRA, &known), 14);
        given::<Patient>(&history).when(&command, &late).then_refused(&PatientRefusal::NoProposal);
    }
    let again = |days| given::<Patient>(&history).when(&propose(), &later(by(REGISTRAR, &known), days));
    again(13).then_refused(&PatientRefusal::LinkExists);
    assert_eq!(again(14).events().len(), 1);
}

#[test]
fn a_record_is_one_persons_and_a_person_has_one_record_at_an_organization() {
    let known = Fixed::default();
    let history = [on_record(), offered(), accepted()];
    given::<Patient>(&history).when(&propose(), &by(REGISTRAR, &known)).then_refused(&PatientRefusal::LinkExists);

    let other = Fixed { linked: vec![(person(MIRA), organization(), patient(7))], ..Fixed::default() };
    let refused = &PatientRefusal::OtherRecord;
    given::<Patient>(&[on_record()]).when(&propose(), &by(REGISTRAR, &other)).then_refused(refused);
    let accept = PatientCommand::from(AcceptLink {});
    given::<Patient>(&[on_record(), offered()]).when(&accept, &by(MIRA, &other)).then_refused(refused);
    let register = PatientCommand::from(RegisterPatient { person: Some(person(MIRA)), ..registration() });
    given::<Patient>(&[]).when(&register, &by(REGISTRAR, &other)).then_refused(refused);
}

#[test]
fn nobody_proposes_a_record_to_themselves() {
    let known = Fixed::default();
    let own = PatientCommand::from(ProposeLink { person: person(REGISTRAR) });
    let refused = &PatientRefusal::ProposedToOneself;
    given::<Patient>(&[on_record()]).when(&own, &by(REGISTRAR, &known)).then_refused(refused);
    let register = PatientCommand::from(RegisterPatient { person: Some(person(REGISTRAR)), ..registration() });
    given::<Patient>(&[]).when(&register, &by(REGISTRAR, &known)).then_refused(refused);
}

#[test]
fn a_link_can_be_ended_with_a_reason() {
    let known = Fixed::default();
    let end = PatientCommand::from(EndLink { reason: text("It is her sister's record.") });
    let history = [on_record(), offered()];
    given::<Patient>(&history).when(&end, &by(REGISTRAR, &known)).then_refused(&PatientRefusal::NotLinked);
    let history = [on_record(), offered(), accepted()];
    let events = given::<Patient>(&history).when(&end, &by(REGISTRAR, &known)).events();
    assert!(matches!(events.as_slice(), [PatientEvent::LinkEnded(ended)] if ended.person == person(MIRA)));
    let history = [on_record(), offered(), accepted(), events.first().cloned().expect("an event")];
    given::<Patient>(&history).when(&propose(), &by(REGISTRAR, &known)).then(&[offered()]);
}

#[test]
fn a_like_record_is_compared_before_another_is_registered() {
    let two = Fixed { alike: vec![patient(7), patient(8)], ..Fixed::default() };
    let acting = by_the_installation(&two);
    let register = |confirmed: &[PatientId]| {
        let confirmed_not_duplicate_of = confirmed.to_vec();
        PatientCommand::from(RegisterPatient { confirmed_not_duplicate_of, ..registration() })
    };
    let refused = &PatientRefusal::PossibleDuplicates(vec![patient(7), patient(8)]);
    for confirmed in [&[][..], &[patient(7)], &[patient(9), patient(8)]] {
        given::<Patient>(&[]).when(&register(confirmed), &acting).then_refused(refused);
    }
    // What is recorded is what was compared, and nothing that the sender made up.
    let events = given::<Patient>(&[]).when(&register(&[patient(8), patient(7), patient(9)]), &acting).events();
    let [PatientEvent::PatientRegistered(registered)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(registered.confirmed_not_duplicate_of, [patient(7), patient(8)]);
}

#[test]
fn a_correction_has_a_reason_and_is_compared_with_the_other_records() {
    let nobody = Fixed::default();
    let correct = |name: Option<&str>, confirmed: &[PatientId]| {
        PatientCommand::from(CorrectDetails {
            name: name.map(text),
            birth_date: None,
            reason: text("She married."),
            confirmed_not_duplicate_of: confirmed.to_vec(),
        })
    };
    let history = [on_record()];
    let acting = by(REGISTRAR, &nobody);
    let nothing = given::<Patient>(&history).when(&correct(None, &[]), &acting);
    nothing.then_refused(&PatientRefusal::NothingCorrected);
    let events = given::<Patient>(&history).when(&correct(Some("Mira Adler"), &[]), &acting).events();
    assert!(matches!(events.as_slice(), [PatientEvent::DetailsCorrected(_)]));
    let itself_and_another = Fixed { alike: vec![patient(1), patient(7)], ..Fixed::default() };
    let acting = by(REGISTRAR, &itself_and_another);
    let refused = &PatientRefusal::PossibleDuplicates(vec![patient(7)]);
    given::<Patient>(&history).when(&correct(Some("Mira Adler"), &[]), &acting).then_refused(refused);
    let confirmed = given::<Patient>(&history).when(&correct(Some("Mira Adler"), &[patient(7)]), &acting);
    assert_eq!(confirmed.events().len(), 1);
}

#[test]
fn what_is_so_already_is_not_corrected() {
    let patient = patient(1);
    let in_force = vec![
        (PersonalTextOf::PatientName(patient), text("Mira Okafor")),
        (PersonalTextOf::PatientBirthDate(patient), text("1958-03-04")),
    ];
    // The record that is like it is not asked about: nothing would be new.
    let known = Fixed { in_force, alike: vec![self::patient(7)], ..Fixed::default() };
    let nobody_like_it = Fixed { alike: vec![], ..known.clone() };
    let correct = |name: Option<&str>, birth_date: Option<&str>| {
        PatientCommand::from(CorrectDetails {
            name: name.map(text),
            birth_date: birth_date.map(text),
            reason: text("A typing error."),
            confirmed_not_duplicate_of: vec![],
        })
    };
    for (name, birth_date) in
        [(Some("Mira Okafor"), None), (None, Some("1958-03-04")), (Some("Mira Okafor"), Some("1958-03-04"))]
    {
        given::<Patient>(&[on_record()]).when(&correct(name, birth_date), &by(REGISTRAR, &known)).then(&[]);
    }
    let acting = by(REGISTRAR, &nobody_like_it);
    let events =
        given::<Patient>(&[on_record()]).when(&correct(Some("Mira Okafor"), Some("1958-03-05")), &acting).events();
    let [PatientEvent::DetailsCorrected(DetailsCorrected { name, birth_date, .. })] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!((name, birth_date), (&None, &Some(text("1958-03-05"))));
}

fn record_death(at: DateTime<Utc>) -> PatientCommand {
    RecordDeath { at, source: text("A letter of the hospital.") }.into()
}

#[test]
fn a_death_is_recorded_once_and_taken_back_with_a_reason() {
    let known = Fixed::default();
    let acting = by(REGISTRAR, &known);
    let (by, role, died) = (acting.by, acting.role, acting.now - Duration::days(2));
    let void = PatientCommand::from(VoidDeath { reason: text("It was her sister.") });
    let recorded = PatientEvent::from(DeathRecorded { by, role, at: died, source: text("A letter of the hospital.") });
    let voided = PatientEvent::from(DeathVoided { by, role, reason: text("It was her sister.") });
    let living = given::<Patient>(&[on_record()]);
    living.when(&void, &acting).then_refused(&PatientRefusal::NoDeath);
    living.when(&record_death(died), &acting).then(std::slice::from_ref(&recorded));
    let dead = given::<Patient>(&[on_record(), recorded.clone()]);
    dead.when(&record_death(died), &acting).then_refused(&PatientRefusal::DeathRecorded);
    dead.when(&void, &acting).then(std::slice::from_ref(&voided));
    let again = given::<Patient>(&[on_record(), recorded.clone(), voided]);
    again.when(&void, &acting).then_refused(&PatientRefusal::NoDeath);
    again.when(&record_death(died), &acting).then(&[recorded]);
    for command in [record_death(died), void] {
        given::<Patient>(&[]).when(&command, &acting).then_refused(&PatientRefusal::Missing);
    }
}

#[test]
fn nobody_dies_in_the_future() {
    let known = Fixed::default();
    let acting = by(REGISTRAR, &known);
    let living = given::<Patient>(&[on_record()]);
    let tomorrow = record_death(acting.now + Duration::days(1));
    living.when(&tomorrow, &acting).then_refused(&PatientRefusal::DeathInFuture);
    // A client's clock that is a little ahead means now.
    let events = living.when(&record_death(acting.now + Duration::minutes(1)), &acting).events();
    assert!(matches!(events.as_slice(), [PatientEvent::DeathRecorded(recorded)] if recorded.at == acting.now));
}

fn note(against: u128) -> PatientCommand {
    RecordProtectionNote { against: person(against), reason: text("She is afraid of him.") }.into()
}

fn lift(against: u128) -> PatientCommand {
    LiftProtectionNote { against: person(against), reason: text("They spoke with a counsellor.") }.into()
}

#[test]
fn a_protection_note_is_about_one_person_and_is_taken_back() {
    const SON: u128 = 5;
    let known = Fixed { patients: vec![(patient(1), person(MIRA))], ..Fixed::default() };
    let acting = by(REGISTRAR, &known);
    let unprotected = given::<Patient>(&[on_record()]);
    unprotected.when(&lift(SON), &acting).then_refused(&PatientRefusal::NoNote);
    let recorded = unprotected.when(&note(SON), &acting).events();
    let [PatientEvent::ProtectionNoteRecorded(ProtectionNoteRecorded { against, .. })] = recorded.as_slice() else {
        panic!("{recorded:?}")
    };
    assert_eq!(*against, person(SON));
    let history = [vec![on_record()], recorded].concat();
    let protected = given::<Patient>(&history);
    protected.when(&note(SON), &acting).then_refused(&PatientRefusal::NoteExists);
    // Notes about several people are kept beside each other.
    assert_eq!(protected.when(&note(6), &acting).events().len(), 1);
    protected.when(&lift(6), &acting).then_refused(&PatientRefusal::NoNote);
    let lifted = protected.when(&lift(SON), &acting).events();
    assert!(matches!(lifted.as_slice(), [PatientEvent::ProtectionNoteLifted(_)]));
    let lifted = given::<Patient>(&[history, lifted].concat());
    lifted.when(&lift(SON), &acting).then_refused(&PatientRefusal::NoNote);
    for command in [note(MIRA), lift(MIRA)] {
        unprotected.when(&command, &acting).then_refused(&PatientRefusal::NoteAboutPatient);
    }
    for command in [note(SON), lift(SON)] {
        given::<Patient>(&[]).when(&command, &acting).then_refused(&PatientRefusal::Missing);
    }
}

#[test]
fn whom_a_note_is_about_gets_one_answer_with_it_and_without() {
    let known = Fixed::default();
    let noted = given::<Patient>(&[on_record()]).when(&note(REGISTRAR), &by(9, &known)).events();
    assert!(!noted.iter().any(Patient::is_transition), "a conflict of versions would tell of it");
    let with = given::<Patient>(&[vec![on_record()], noted].concat());
    for given in [given::<Patient>(&[on_record()]), with] {
        for command in [note(REGISTRAR), lift(REGISTRAR)] {
            given.when(&command, &by(REGISTRAR, &known)).then_refused(&PatientRefusal::NoteAboutOneself);
        }
    }
}
