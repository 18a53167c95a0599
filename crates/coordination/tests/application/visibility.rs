//! What answers disclose: a refusal discloses nothing about the persons and things that a command names, and a person
//! sees only what the policy allows.

use care::conversation::{Addressed, ConversationRefusal};
use care::ids::{Id, MessageId, PersonId, PoolId};
use care::patient::RegisterPatient;
use care::person::{EndRole, PersonRefusal};
use care::words::{Audience, Role};
use chrono::TimeDelta;
use coordination::fault::{Failed, Problem, Refusal};
use coordination::reader::Page;
use coordination::{CommandContext, TextCell};
use std::num::NonZeroU32;
use uuid::Uuid;

use crate::clinic::{Clinic, Commands, Message, OpenAnswer, context, later, line, now, request, sent_by, signed_in};

fn nobody() -> PersonId {
    PersonId::from_uuid(Uuid::from_u128(77))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_does_not_depend_on_the_person_or_pool_that_a_command_names() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("named").await;
    let by = signed_in(clinic.nurse);
    let mut outcomes = Vec::new();
    for person in [clinic.specialist, nobody()] {
        let end = context(&person.to_string());
        let role = EndRole { organization: clinic.practice, role: Role::Physician };
        outcomes.push(clinic.application.end_role(sent_by(&by, &end), person, role).await.map(drop));
        let (name, birth_date) = (line("Somebody"), line("1990-01-01"));
        let patient = RegisterPatient {
            organization: clinic.practice,
            person: Some(person),
            name,
            birth_date,
            confirmed_not_duplicate_of: vec![],
        };
        outcomes.push(
            clinic.application.register_patient(sent_by(&by, &context(&person.to_string())), patient).await.map(drop),
        );
    }
    // A person who may find the thread but not invite does not learn who is on the care team.
    for person in [clinic.social_worker, clinic.stranger, nobody()] {
        let invite = context(&person.to_string());
        outcomes.push(
            clinic
                .application
                .add_participant(sent_by(&signed_in(clinic.specialist), &invite), thread, person)
                .await
                .map(drop),
        );
    }
    for pool in [clinic.cardiology, PoolId::from_uuid(Uuid::from_u128(78))] {
        let ask = context(&pool.to_string());
        outcomes.push(
            clinic.application.request_consultation(sent_by(&by, &ask), request(clinic.patient, pool)).await.map(drop),
        );
    }
    for outcome in outcomes {
        assert!(matches!(outcome, Err(Failed::Problem(Problem::NotPermitted))), "{outcome:?}");
    }
    let (admin, end) = (signed_in(clinic.admin), context("missing"));
    let missing = clinic
        .application
        .end_role(sent_by(&admin, &end), nobody(), EndRole { organization: clinic.practice, role: Role::Physician })
        .await;
    let none = Refusal::Person(PersonRefusal::Missing);
    assert!(matches!(&missing, Err(Failed::Problem(Problem::Refused(refusal))) if *refusal == none), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hidden_message_looks_like_a_missing_one_and_changes_no_date() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("hidden").await;
    let before =
        clinic.reader(clinic.patient_person).await.thread(thread).expect("no fault").expect("found").updated_at;
    let metadata = CommandContext { now: later(), ..context("hidden") };
    let message = Message { audience: None, body: crate::clinic::text("among us") };
    let outcome = clinic
        .application
        .post_message(sent_by(&signed_in(clinic.nurse), &metadata), thread, message)
        .await
        .expect("posted");
    let hidden = outcome.command.creates(0);
    let mut works = Vec::new();
    for id in [hidden, Id::from_uuid(Uuid::from_u128(79))] {
        let reader = clinic.reader(clinic.patient_person).await;
        let view = reader.thread(thread).expect("no fault").expect("found");
        assert_eq!(view.updated_at, before);
        assert!(reader.message(&view, id).expect("no fault").is_none());
        works.push(reader.work());
    }
    assert_eq!(works[0], works[1]);
    let reader = clinic.reader(clinic.pcp).await;
    let view = reader.thread(thread).expect("no fault").expect("found");
    assert_eq!(view.updated_at, later());
    let found = reader.message(&view, hidden).expect("no fault").expect("found");
    assert_eq!(found.addressed, Addressed::ClinicalTeam);
    assert!(matches!(found.body, TextCell::Open(_)));
    // A patient who names no audience writes to everyone.
    drop((found, view, reader));
    let message = Message { audience: None, body: crate::clinic::text("from me") };
    let by = signed_in(clinic.patient_person);
    clinic
        .application
        .post_message(sent_by(&by, &crate::clinic::context("me")), thread, message)
        .await
        .expect("posted");
    assert_eq!(clinic.messages(clinic.social_worker, thread).await, ["from me"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_rows_of_a_page_are_recorded_as_read() {
    let clinic = Clinic::open().await;
    let mut threads = Vec::new();
    for (minute, key) in (0..3).zip(["one", "two", "three"]) {
        let ask = context(key);
        let ask = CommandContext { now: now() + TimeDelta::minutes(minute), ..ask };
        let request = request(clinic.patient, clinic.cardiology);
        let outcome = clinic
            .application
            .request_consultation(sent_by(&signed_in(clinic.pcp), &ask), request)
            .await
            .expect("asked");
        threads.push(outcome.target);
    }
    for key in ["a", "b", "c"] {
        let metadata = CommandContext { now: later(), ..context(key) };
        let message = Message { audience: Some(Audience::Everyone), body: crate::clinic::text(key) };
        clinic
            .application
            .post_message(sent_by(&signed_in(clinic.pcp), &metadata), threads[2], message)
            .await
            .expect("posted");
    }
    let first = Page { first: Some(1), ..Page::default() };
    let reader = clinic.reader_at(clinic.nurse, later()).await;
    let inbox = reader.inbox(coordination::reader::InboxFilter::Current, &first).expect("no fault").expect("a page");
    assert!(inbox.has_next);
    let view = &inbox.edges[0].node;
    let messages = reader.messages(view, &first).expect("no fault").expect("a page");
    assert!(messages.has_next && messages.edges.len() == 1);
    assert_eq!(reader.work().texts, 2);
    reader.finish().await.expect("recorded");
    let page = clinic.installation.access.read_log(None, NonZeroU32::new(100).expect("many")).await.expect("read");
    let records: Vec<_> = page.events.iter().map(|event| String::from_utf8_lossy(&event.data).into_owned()).collect();
    let of = |thread: &care::ids::ThreadId| records.iter().filter(|each| each.contains(&thread.to_string())).count();
    assert_eq!(threads.iter().filter(|thread| of(thread) > 0).count(), 1, "{records:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_staff_see_the_directory_and_only_staff_of_a_pools_organization_see_its_physicians() {
    let clinic = Clinic::open().await;
    for (person, organizations) in [(clinic.nurse, 2), (clinic.stranger, 0), (clinic.patient_person, 0)] {
        let reader = clinic.reader(person).await;
        assert_eq!(reader.organizations().expect("no fault").len(), organizations);
        assert_eq!(reader.pool(clinic.cardiology).expect("no fault").is_some(), organizations > 0);
        assert_eq!(reader.organization(clinic.practice).expect("no fault").is_some(), organizations > 0);
    }
    for (person, named) in [(clinic.centre_coordinator, 2), (clinic.nurse, 0)] {
        let reader = clinic.reader(person).await;
        let pool = reader.pool(clinic.cardiology).expect("no fault").expect("a pool");
        assert_eq!(reader.physicians_of(&pool).expect("no fault").len(), named);
    }
    let name = |reader: &coordination::reader::Reader| reader.me().expect("no fault").map(|me| me.person);
    assert_eq!(name(&*clinic.reader(clinic.stranger).await), Some(clinic.stranger));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_after_a_command_sees_its_effect() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("own").await;
    for number in 0..20 {
        let key = format!("m{number}");
        let outcome = clinic.post(clinic.nurse, thread, &key, Audience::Everyone).await.expect("posted");
        assert!(!outcome.stale);
        let reader = OpenAnswer::begin(&clinic.application, signed_in(clinic.pcp), outcome.position, now())
            .await
            .expect("a reader");
        assert!(reader.position() >= outcome.position);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_may_not_read_a_message_can_neither_mark_nor_detect_it() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("marks").await;
    let posted = async |key: &str, audience| {
        let posted = clinic.post(clinic.nurse, thread, key, audience).await.expect("posted");
        posted.command.creates::<MessageId>(0)
    };
    let shown = posted("shown", Audience::Everyone).await;
    let hidden = posted("hidden", Audience::ClinicalTeam).await;
    let mark = async |person, message: MessageId| {
        let metadata = context(&format!("{person}-{message}"));
        clinic.application.mark_read(sent_by(&signed_in(person), &metadata), thread, message).await.map(drop)
    };
    for message in [hidden, Id::from_uuid(Uuid::from_u128(79))] {
        let marked = mark(clinic.patient_person, message).await;
        let missing = Problem::from(ConversationRefusal::NoSuchMessage);
        assert!(matches!(&marked, Err(Failed::Problem(problem)) if *problem == missing), "{marked:?}");
    }
    mark(clinic.patient_person, shown).await.expect("marked");
    // The later receipt at a lower message of another audience is one that the patient may see.
    mark(clinic.pcp, hidden).await.expect("marked");
    mark(clinic.pcp, shown).await.expect("marked");
    let reader = clinic.reader(clinic.patient_person).await;
    let view = reader.thread(thread).expect("no fault").expect("found");
    let receipts = reader.read_receipts(&view).expect("no fault");
    assert!(receipts.iter().any(|receipt| receipt.person == clinic.pcp), "{receipts:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_covers_only_messages_that_its_person_may_read() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("marks").await;
    let posted = async |key: &str, audience| {
        let posted = clinic.post(clinic.nurse, thread, key, audience).await.expect("posted");
        posted.command.creates::<MessageId>(0)
    };
    let clinical = posted("clinical", Audience::ClinicalTeam).await;
    let shown = posted("shown", Audience::Everyone).await;
    for person in [clinic.patient_person, clinic.pcp] {
        let metadata = context(&format!("{person}-{shown}"));
        clinic.application.mark_read(sent_by(&signed_in(person), &metadata), thread, shown).await.expect("marked");
    }
    let reader = clinic.reader(clinic.nurse).await;
    let view = reader.thread(thread).expect("no fault").expect("found");
    let receipts = reader.read_receipts(&view).expect("no fault");
    let covered = |message| {
        let row = reader.message(&view, message).expect("no fault").expect("the nurse reads it");
        let covering = receipts.iter().filter(|receipt| receipt.covers(&row));
        covering.map(|receipt| receipt.person).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(covered(shown), [clinic.patient_person, clinic.pcp].into());
    assert_eq!(covered(clinical), [clinic.pcp].into(), "the patient has read past it, and may not read it");
}
