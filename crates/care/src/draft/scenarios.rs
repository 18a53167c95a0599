//! When a draft is begun, saved, refused and ended, and which fields it takes.

use super::*;
use crate::aggregate::Fixed;
use crate::aggregate::scenario::{by_the_installation, given};
use crate::command_name::Named;
use crate::conversation::PostMessage;
use crate::envelope::Actor;
use crate::ids::{Id, PersonId, ThreadId};
use proptest::prelude::*;

fn id<I: Id>(bits: u128) -> I {
    I::from_uuid(Uuid::from_u128(bits))
}

fn lookups() -> Fixed {
    let about = |patient| ThreadAbout { patient, organization: id(2) };
    Fixed { threads: vec![(id(5), about(Some(id(1)))), (id(6), about(None))], ..Fixed::default() }
}

fn acting(lookups: &Fixed) -> Acting<'_> {
    Acting { by: Actor::Person(id(3)), ..by_the_installation(lookups) }
}

/// So many seconds later.
fn later(lookups: &Fixed, seconds: i64) -> Acting<'_> {
    let now = acting(lookups);
    Acting { now: now.now + Duration::seconds(seconds), ..now }
}

fn reply(thread: u128) -> Form {
    Form::of(PostMessage::NAME, FormSubject::Thread(id(thread))).expect("a form")
}

fn text(words: &str) -> PersonalText {
    FormFields::of([("body", words)].into_iter()).expect("fields").to_text().expect("a text").into()
}

fn save() -> SaveDraft {
    let content = text("Any syncope?");
    SaveDraft { draft: id(21), may_begin: true, form: reply(5), content, expected: None, same_as: None, leaving: false }
}

fn saved(save: &SaveDraft, number: u32, at: DateTime<Utc>) -> DraftEvent {
    let SaveDraft { draft, form, content, .. } = save.clone();
    DraftEvent::Saved(Saved { draft, form, patient: Some(id(1)), organization: None, number, at, content })
}

fn ended(how: DraftEnd) -> DraftEvent {
    DraftEvent::Ended(Ended { draft: id(21), how })
}

#[test]
fn a_draft_is_begun_and_saved_again_after_ten_seconds() {
    let lookups = lookups();
    let first = saved(&save(), 1, acting(&lookups).now);
    given::<Drafts>(&[]).when(&save().into(), &acting(&lookups)).then(std::slice::from_ref(&first));

    let second = SaveDraft { content: text("Any syncope? Any falls?"), expected: Some(1), ..save() };
    let next = later(&lookups, 10).now;
    let drafts = given::<Drafts>(&[first]);
    drafts.when(&second.clone().into(), &later(&lookups, 9)).then_refused(&DraftRefusal::TooSoon { next });
    drafts.when(&second.clone().into(), &later(&lookups, 10)).then(&[saved(&second, 2, next)]);
    // What would be lost with the page is taken at once.
    let leaving = SaveDraft { leaving: true, ..second };
    drafts.when(&leaving.clone().into(), &later(&lookups, 1)).then(&[saved(&leaving, 2, later(&lookups, 1).now)]);
}

#[test]
fn the_same_text_is_no_event_and_another_version_is_a_conflict() {
    let lookups = lookups();
    let now = acting(&lookups).now;
    let drafts = given::<Drafts>(&[saved(&save(), 1, now), saved(&save(), 2, now)]);
    let of = |expected, same_as| SaveDraft { expected, same_as, ..save() }.into();
    let at = later(&lookups, 60);
    drafts.when(&of(Some(2), Some(2)), &at).then(&[]);
    // Whoever has the same text loses nothing by another version.
    drafts.when(&of(Some(1), Some(2)), &at).then(&[]);
    for (expected, same_as) in [(Some(1), None), (None, None), (Some(3), None), (Some(1), Some(1))] {
        drafts.when(&of(expected, same_as), &at).then_refused(&DraftRefusal::Changed);
    }
}

#[test]
fn a_form_has_one_draft_and_a_draft_one_form() {
    let lookups = lookups();
    let drafts = given::<Drafts>(&[saved(&save(), 1, acting(&lookups).now)]);
    let other = SaveDraft { draft: id(22), ..save() };
    drafts.when(&other.clone().into(), &acting(&lookups)).then_refused(&DraftRefusal::Exists(id(21)));
    let moved = SaveDraft { form: reply(6), expected: Some(1), ..save() };
    drafts.when(&moved.into(), &later(&lookups, 60)).then_refused(&DraftRefusal::OtherForm);
    // Another thread is another form, about no patient.
    let elsewhere = SaveDraft { form: reply(6), ..other };
    let Some(DraftEvent::Saved(begun)) = drafts.when(&elsewhere.into(), &acting(&lookups)).events().pop() else {
        panic!("begun")
    };
    assert_eq!((begun.patient, begun.organization, begun.number), (None, Some(id(2)), 1));
}

#[test]
fn a_draft_that_ended_stays_so_whatever_arrives_later() {
    let lookups = lookups();
    let first = saved(&save(), 1, acting(&lookups).now);
    let late = || DraftCommand::from(SaveDraft { expected: Some(1), leaving: true, ..save() });
    let discard = || DraftCommand::from(DiscardDraft { draft: id(21) });
    let end = || DraftCommand::from(EndDraft { draft: id(21) });
    given::<Drafts>(std::slice::from_ref(&first))
        .when(&discard(), &acting(&lookups))
        .then(&[ended(DraftEnd::Discarded)]);
    given::<Drafts>(std::slice::from_ref(&first)).when(&end(), &acting(&lookups)).then(&[ended(DraftEnd::Sent)]);
    for how in [DraftEnd::Sent, DraftEnd::Discarded] {
        let drafts = given::<Drafts>(&[first.clone(), ended(how)]);
        drafts.when(&late(), &later(&lookups, 60)).then_refused(&DraftRefusal::Ended);
        drafts.when(&discard(), &acting(&lookups)).then(&[]);
        drafts.when(&end(), &acting(&lookups)).then(&[]);
        // The form is free for another draft.
        let next = SaveDraft { draft: id(22), ..save() };
        assert_eq!(drafts.when(&next.into(), &acting(&lookups)).events().len(), 1);
    }
    // Sent, and not ended yet.
    let sent = Fixed { drafts_sent: vec![(id(3), id(21))], ..lookups };
    let drafts = given::<Drafts>(&[first]);
    drafts.when(&late(), &later(&sent, 60)).then_refused(&DraftRefusal::Ended);
    drafts.when(&discard(), &acting(&sent)).then(&[]);
    // Sent before its first save arrived.
    given::<Drafts>(&[]).when(&end(), &acting(&sent)).then(&[ended(DraftEnd::Sent)]);
    given::<Drafts>(&[ended(DraftEnd::Sent)]).when(&save().into(), &acting(&sent)).then_refused(&DraftRefusal::Ended);
}

#[test]
fn what_is_missing_is_refused() {
    let lookups = lookups();
    let none = given::<Drafts>(&[]);
    none.when(&DiscardDraft { draft: id(21) }.into(), &acting(&lookups)).then_refused(&DraftRefusal::Missing);
    let unknown_version = SaveDraft { expected: Some(1), ..save() };
    none.when(&unknown_version.into(), &acting(&lookups)).then_refused(&DraftRefusal::Missing);
    let foreign = SaveDraft { may_begin: false, ..save() };
    none.when(&foreign.into(), &acting(&lookups)).then_refused(&DraftRefusal::Missing);
    let unknown_thread = SaveDraft { form: reply(7), ..save() };
    none.when(&unknown_thread.into(), &acting(&lookups)).then_refused(&DraftRefusal::Missing);
}

#[test]
fn a_person_has_a_bounded_number_of_drafts() {
    let mut lookups = lookups();
    let about = ThreadAbout { patient: Some(id(1)), organization: id(2) };
    lookups.threads = (0..200).map(|bits| (id::<ThreadId>(1000 + bits), about)).collect();
    let of = |bits: u128| SaveDraft { draft: id(bits), form: reply(1000 + bits), ..save() };
    let most = u128::try_from(DRAFTS_MAX).expect("small");
    let events: Vec<DraftEvent> = (0..most).map(|bits| saved(&of(bits), 1, acting(&lookups).now)).collect();
    given::<Drafts>(&events).when(&of(most).into(), &acting(&lookups)).then_refused(&DraftRefusal::TooMany);
    let again = SaveDraft { expected: Some(1), ..of(0) };
    assert_eq!(given::<Drafts>(&events).when(&again.into(), &later(&lookups, 60)).events().len(), 1);
}

#[test]
fn a_form_is_a_command_with_the_subject_that_it_can_have() {
    let request = CommandName::parse("consultation.request").expect("a name");
    let subjects = [FormSubject::Thread(id(5)), FormSubject::Patient(id(1)), FormSubject::Organization(id(2))];
    let fits = |command| subjects.map(|subject| Form::of(command, subject).is_ok());
    assert_eq!(fits(PostMessage::NAME), [true, false, false]);
    assert_eq!(fits(request), [false, true, true]);
    assert_eq!(fits(SaveDraft::NAME), [false; 3]);
    assert_eq!(fits(CommandName::parse("patient.register").expect("a name")), [false; 3]);
}

#[test]
fn fields_are_checked_with_their_place() {
    let of = |fields: &[(&str, &str)]| FormFields::of(fields.iter().copied()).expect_err("unfit");
    let unfit = |place, problem| UnfitFields { place, problem };
    assert_eq!(of(&[]), unfit(None, FieldsProblem::Empty));
    assert_eq!(of(&[("body", " \n")]), unfit(None, FieldsProblem::Empty));
    assert_eq!(of(&[("a", "x"), ("a", "")]), unfit(Some(1), FieldsProblem::Twice));
    assert_eq!(of(&[("chest pain", "x")]), unfit(Some(0), FieldsProblem::Name));
    assert_eq!(of(&[("", "x")]), unfit(Some(0), FieldsProblem::Name));
    let control = FieldsProblem::Text(TextProblem::ControlCharacter);
    assert_eq!(of(&[("a", "x"), ("b", "\u{7}")]), unfit(Some(1), control));
    let names: Vec<String> = (0..=FormFields::COUNT_MAX).map(|place| format!("f{place}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    assert_eq!(of(&many), unfit(None, FieldsProblem::TooMany));
    let long = "x".repeat(20_000);
    let long: Vec<(&str, &str)> = names.iter().take(10).map(|name| (name.as_str(), long.as_str())).collect();
    assert_eq!(of(&long), unfit(None, FieldsProblem::TooLong));
}

proptest! {
    #[test]
    fn the_fields_of_a_form_read_back(fields: BTreeMap<u8, String>) {
        let fields: Vec<(String, String)> = fields.into_iter().take(20).map(|(name, text)| (format!("f{name}"), text)).collect();
        let of = |fields: &[(String, String)]| FormFields::of(fields.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        if let Ok(kept) = of(&fields) {
            let text = kept.to_text().expect("a text");
            prop_assert_eq!(FormFields::read(&text), Some(kept.clone()));
            let backwards: Vec<(String, String)> = fields.into_iter().rev().collect();
            prop_assert_eq!(of(&backwards).expect("as before").to_text().expect("a text"), text);
        }
    }
}

#[test]
fn another_text_holds_no_fields() {
    assert_eq!(FormFields::read(&Text::body("chest pain").expect("a text")), None);
    assert_eq!(id::<PersonId>(3).uuid(), acting(&lookups()).by.person().expect("a person").uuid());
}
