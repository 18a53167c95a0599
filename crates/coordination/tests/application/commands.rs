//! Commands on their way: the main road, versions, and what the events carry.

use care::care_team::{AddMember, RemoveMember};
use care::envelope::Metadata;
use care::ids::Id;
use care::lifecycle::consultation::Assign;
use care::words::{Audience, Purpose, Role};
use coordination::TextCell;
use coordination::fault::{Failed, Problem};
use coordination::reader::{Page, Worklist};
use journal::{Direction, StreamName};
use std::num::NonZeroU32;

use crate::clinic::{Clinic, Commands, MARKER, OpenAnswer, content, context, current_inbox, sent_by, signed_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consultation_goes_its_main_road_and_each_sees_their_part() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("road").await;
    let state = async |person| {
        let reader = clinic.reader(person).await;
        reader.thread(thread).expect("no fault").map(|view| view.state.clone())
    };
    assert_eq!(state(clinic.patient_person).await.as_deref(), Some("submitted"));
    assert_eq!(state(clinic.stranger).await, None);
    clinic.assign(thread).await;
    clinic.claim(clinic.specialist, thread).await.expect("claimed");
    assert_eq!(state(clinic.pcp).await.as_deref(), Some("in_review"));
    let recommendation = clinic.advise(thread).await;
    clinic.plan(thread, recommendation).await;

    // The patient knows that it exists, and reads question and advice only once told.
    let reader = clinic.reader(clinic.patient_person).await;
    let view = reader.thread(thread).expect("no fault").expect("found");
    assert_eq!(view.subject, TextCell::Withheld);
    assert!(reader.lifecycle(&view).expect("no fault").is_none());
    drop(reader);
    clinic.inform(thread).await;
    let reader = clinic.reader(clinic.patient_person).await;
    let view = reader.thread(thread).expect("no fault").expect("found");
    let lifecycle = reader.lifecycle(&view).expect("no fault").expect("released");
    let content = content(&lifecycle);
    assert!(matches!(&content.question, TextCell::Open(text) if text.as_str().contains("Holter")));
    let advice = content.advice.as_ref().expect("answered");
    assert!(matches!(advice.recommendations.as_slice(), [each] if matches!(&each.text, TextCell::Open(_))));
    drop((lifecycle, view, reader));

    clinic.close_consultation(thread).await;
    assert_eq!(state(clinic.specialist).await.as_deref(), Some("closed"));
    let refused = clinic.post(clinic.pcp, thread, "too-late", Audience::Everyone).await;
    assert!(matches!(refused, Err(Failed::Problem(Problem::Refused(_)))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worklist_names_who_acts_next() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("lists").await;
    let lists = async |person| {
        let reader = clinic.reader(person).await;
        [Worklist::Mine, Worklist::MyPools, Worklist::Waiting].map(|list| {
            let page = reader.worklist(list, &Page::default()).expect("no fault").expect("a page");
            page.edges.iter().any(|edge| edge.node.thread == thread)
        })
    };
    assert_eq!(lists(clinic.specialist).await, [false, true, false]);
    assert_eq!(lists(clinic.pcp).await, [false, false, true]);
    assert_eq!(lists(clinic.coordinator).await, [false, false, true]);
    clinic.assign(thread).await;
    clinic.claim(clinic.specialist, thread).await.expect("claimed");
    assert_eq!(lists(clinic.specialist).await, [true, false, false]);
    assert_eq!(lists(clinic.other_specialist).await, [false, false, false]);
    clinic.advise(thread).await;
    assert_eq!(lists(clinic.specialist).await, [false, false, true]);
    assert_eq!(lists(clinic.pcp).await, [true, false, false]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_claims_at_once_one_succeeds() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("claims").await;
    clinic.assign(thread).await;
    let claims = (0..20).map(|index| {
        let application = std::sync::Arc::clone(&clinic.application);
        let by = if index % 2 == 0 { clinic.specialist } else { clinic.other_specialist };
        tokio::spawn(
            async move { application.claim(sent_by(&signed_in(by), &context(&format!("c{index}"))), thread).await },
        )
    });
    let mut claimed = 0;
    for claim in claims.collect::<Vec<_>>() {
        claimed += usize::from(claim.await.expect("no panic").is_ok());
    }
    assert_eq!(claimed, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_conflicts_with_a_move_and_not_with_a_message() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("versions").await;
    let reader = clinic.reader(clinic.specialist).await;
    let view = reader.thread(thread).expect("no fault").expect("found");
    let version = reader.version(&view).expect("a version");
    drop((view, reader));
    clinic.post(clinic.pcp, thread, "meanwhile", Audience::Everyone).await.expect("posted");
    let assign = async |key: &str| {
        let context = coordination::CommandContext { expected: Some(version.0.clone()), ..context(key) };
        let assign = Assign { to: None, reason: None };
        let by = signed_in(clinic.centre_coordinator);
        clinic.application.consultation(sent_by(&by, &context), thread, assign.into()).await
    };
    assign("first").await.expect("a message is no move");
    let by = signed_in(clinic.specialist);
    let old = coordination::CommandContext { expected: Some(version.0.clone()), ..context("claim") };
    let conflict = clinic.application.claim(sent_by(&by, &old), thread).await;
    assert!(matches!(conflict, Err(Failed::Problem(Problem::VersionConflict))));
    let foreign = coordination::CommandContext { expected: Some("x".repeat(80)), ..context("claim") };
    let invalid = clinic.application.claim(sent_by(&by, &foreign), thread).await;
    assert!(matches!(invalid, Err(Failed::Problem(Problem::InvalidVersion))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_sealed_and_say_who_by_what_right() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("envelope").await;
    clinic.post(clinic.nurse, thread, "hello", Audience::ClinicalTeam).await.expect("posted");
    let name = StreamName::parse(&format!("thread-{}", thread.uuid().simple())).expect("a name");
    let max = NonZeroU32::new(10).expect("ten");
    let page = clinic.installation.care.read_stream(&name, None, Direction::Forward, max).await.expect("read");
    let last = page.events.last().expect("an event");
    let (metadata, version) = Metadata::decode(&last.meta).expect("metadata");
    assert_eq!((version, metadata.purpose), (1, Purpose::Treatment));
    assert_eq!(metadata.actor.person(), Some(clinic.nurse));
    assert!(!metadata.grounds.rules.is_empty() && metadata.input.is_some());
    assert_eq!(metadata.grounds.policy_version, clinic.application.readiness().policy_version);
    let all = clinic.installation.care.read_log(None, NonZeroU32::new(1000).expect("many")).await.expect("read");
    for event in all.events {
        let data = String::from_utf8_lossy(&event.data).into_owned();
        assert!(!data.contains(MARKER), "{} holds clear text", event.event_type.as_str());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_care_team_member_who_leaves_sees_nothing_from_then_on() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("leaving").await;
    assert!(clinic.reader(clinic.social_worker).await.thread(thread).expect("no fault").is_some());
    let by = signed_in(clinic.coordinator);
    let remove = context("leave");
    clinic
        .application
        .remove_member(sent_by(&by, &remove), RemoveMember { patient: clinic.patient, person: clinic.social_worker })
        .await
        .expect("removed");
    // At once: the authorization state is ahead of the read models, so there is nothing to wait for.
    let reader = OpenAnswer::begin(&clinic.application, signed_in(clinic.social_worker), None, crate::clinic::later())
        .await
        .expect("a reader");
    assert!(reader.thread(thread).expect("no fault").is_none());
    assert!(current_inbox(&reader).edges.is_empty());
    let refused = clinic.post(clinic.social_worker, thread, "after", Audience::Everyone).await;
    assert!(matches!(refused, Err(Failed::Problem(Problem::NotFound | Problem::NotPermitted))), "{refused:?}");
    let (person, organization) = (clinic.social_worker, clinic.practice);
    let member =
        AddMember { patient: clinic.patient, person, role: Role::SocialWorker, organization, knows_conflict: false };
    let again = context("back");
    clinic.application.add_member(sent_by(&by, &again), member).await.expect("back");
    assert!(clinic.reader(clinic.social_worker).await.thread(thread).expect("no fault").is_some());
}
