//! The same command twice: at once, later, after a restart, and by somebody who left.

use std::sync::Arc;

use care::care_team::RemoveMember;
use care::command_name::Command;
use care::ids::{CommandId, ThreadId};
use care::lifecycle::OpenLifecycle;
use care::person::GrantRole;
use care::thread::ThreadCommand;
use care::words::{Audience, Channel, Role};
use coordination::application::Application;
use coordination::fault::{Failed, Problem};
use coordination::{CommandContext, Origin};

use crate::clinic::{Clinic, Commands, Message, Question, context, request, sent_by, signed_in, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_sent_twice_at_once_is_there_once() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("twice").await;
    let tries = (0..8).map(|_| {
        let application = std::sync::Arc::clone(&clinic.application);
        let by = signed_in(clinic.nurse);
        tokio::spawn(async move {
            let message = Message { audience: Some(Audience::Everyone), body: text("once") };
            application.post_message(sent_by(&by, &context("once")), thread, message).await.expect("done")
        })
    });
    let mut answers = Vec::new();
    for answer in tries.collect::<Vec<_>>() {
        answers.push(answer.await.expect("no panic"));
    }
    assert_eq!(answers.iter().filter(|outcome| !outcome.replayed).count(), 1);
    assert!(answers.windows(2).all(|pair| pair[0].position == pair[1].position && pair[0].command == pair[1].command));
    assert_eq!(clinic.messages(clinic.pcp, thread).await, ["once"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_creation_repeated_after_later_events_and_a_restart_is_the_same_thread() {
    let mut clinic = Clinic::open().await;
    let first = clinic.ask("creation").await;
    clinic.post(clinic.nurse, first, "later", Audience::Everyone).await.expect("posted");
    assert_eq!(clinic.ask("creation").await, first);
    clinic.application.close();
    clinic.application = clinic.installation.open().await.expect("opened again");
    let by = signed_in(clinic.pcp);
    let request = request(clinic.patient, clinic.cardiology);
    let outcome =
        clinic.application.request_consultation(sent_by(&by, &context("creation")), request).await.expect("done");
    assert!(outcome.replayed);
    assert_eq!(outcome.target, first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_can_compute_the_id_of_what_somebody_made() {
    let clinic = Clinic::open().await;
    let by = signed_in(clinic.pcp);
    let guessed = |question: Question, key: &str| {
        let open =
            ThreadCommand::Open(Box::new(question.opening), Box::new(OpenLifecycle::Consultation(question.request)));
        CommandId::of(None, &by.actor(), open.keyed_as(), None, &context(key).key)
    };
    let ask = async |application: &Arc<Application>, channel, key: &str| {
        let context = CommandContext { origin: Origin::of(channel), ..context(key) };
        let request = request(clinic.patient, clinic.cardiology);
        application.request_consultation(sent_by(&by, &context), request).await.expect("done")
    };
    let guess = |key| guessed(request(clinic.patient, clinic.cardiology), key);
    let asked = ask(&clinic.application, Channel::GraphQl, "guessed").await;
    assert!(asked.command != guess("guessed") && asked.target != guess("guessed").creates::<ThreadId>(0));
    let asked_as_seed = ask(&clinic.application, Channel::GraphQl, "seed/asked").await;
    assert_ne!(asked_as_seed.target, guess("seed/asked").creates::<ThreadId>(0));
    // The secret is that of the installation, so another start of it knows the command again.
    clinic.application.close();
    let again = clinic.installation.open().await.expect("opened again");
    let repeated = ask(&again, Channel::Pages, "guessed").await;
    assert!(repeated.replayed && repeated.command == asked.command);
    // What the program makes by itself, such as a demonstration, is the same everywhere.
    assert_eq!(ask(&again, Channel::Cli, "seed/1").await.target, guess("seed/1").creates::<ThreadId>(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_with_another_input_is_a_problem() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("mismatch").await;
    clinic.post(clinic.nurse, thread, "key", Audience::Everyone).await.expect("posted");
    let other = CommandContext { input: b"something else".to_vec(), ..context("key") };
    let message = Message { audience: None, body: text("other") };
    let refused = clinic.application.post_message(sent_by(&signed_in(clinic.nurse), &other), thread, message).await;
    assert!(matches!(refused, Err(Failed::Problem(Problem::IdempotencyMismatch))), "{refused:?}");
    let created = CommandContext { input: b"something else".to_vec(), ..context("mismatch") };
    let request = request(clinic.patient, clinic.cardiology);
    let refused = clinic.application.request_consultation(sent_by(&signed_in(clinic.pcp), &created), request).await;
    assert!(matches!(refused, Err(Failed::Problem(Problem::IdempotencyMismatch))), "{refused:?}");
    // Another person's key of the same words is another command.
    assert!(!clinic.post(clinic.pcp, thread, "key", Audience::Everyone).await.expect("posted").replayed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_who_left_meanwhile_gets_the_outcome_and_reads_nothing() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("left").await;
    let first = clinic.post(clinic.nurse, thread, "mine", Audience::Everyone).await.expect("posted");
    let admin = signed_in(clinic.admin);
    clinic
        .application
        .end_role(
            sent_by(&admin, &context("nurse")),
            clinic.nurse,
            care::person::EndRole { organization: clinic.practice, role: Role::Nurse },
        )
        .await
        .expect("ended");
    // The role ended at the very instant of these tests, so it is over.
    let again = clinic.post(clinic.nurse, thread, "mine", Audience::Everyone).await.expect("answered as done");
    assert!(again.replayed && again.position == first.position);
    assert!(clinic.reader(clinic.nurse).await.thread(thread).expect("no fault").is_none());
    let new = clinic.post(clinic.nurse, thread, "new", Audience::Everyone).await;
    assert!(matches!(new, Err(Failed::Problem(Problem::NotFound))), "{new:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_command_leaves_no_event_and_is_decided_again() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("again").await;
    let refused = clinic.claim(clinic.specialist, thread).await;
    assert!(matches!(refused, Err(Failed::Problem(Problem::Refused(_)))), "{refused:?}");
    clinic.assign(thread).await;
    assert!(!clinic.claim(clinic.specialist, thread).await.expect("claimed").replayed);
    assert!(clinic.claim(clinic.specialist, thread).await.expect("claimed").replayed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_had_no_effect_is_a_repeat_for_ever_and_undoes_nothing_later() {
    let mut clinic = Clinic::open().await;
    let admin = signed_in(clinic.admin);
    let grant = GrantRole { organization: clinic.practice, role: Role::Nurse, until: None };
    let late = sent_by(&admin, &context("late"));
    let without_effect = clinic.application.grant_role(late.clone(), clinic.nurse, grant).await.expect("already so");
    assert!(!without_effect.replayed && !without_effect.has_effect);
    clinic.end(clinic.nurse, clinic.practice, Role::Nurse).await;

    let join = sent_by(&signed_in(clinic.coordinator), &context("joined"));
    let member = clinic.new_member(clinic.patient, clinic.pcp, Role::Physician);
    let already = clinic.application.add_member(join.clone(), member).await.expect("already so");
    assert!(!already.replayed && !already.has_effect);
    let leave = RemoveMember { patient: clinic.patient, person: clinic.pcp };
    let coordinator = signed_in(clinic.coordinator);
    clinic.application.remove_member(sent_by(&coordinator, &context("left")), leave).await.expect("removed");

    for restarted in [false, true] {
        if restarted {
            clinic.application.close();
            clinic.application = clinic.installation.open().await.expect("opened again");
        }
        let again = clinic.application.grant_role(late.clone(), clinic.nurse, grant).await.expect("answered");
        assert!(again.replayed && again.position == without_effect.position, "{restarted}: {again:?}");
        assert!(clinic.reader(clinic.nurse).await.patient(clinic.patient).expect("no fault").is_none());
        let again = clinic.application.add_member(join.clone(), member).await.expect("answered");
        assert!(again.replayed && again.position == already.position, "{restarted}: {again:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_that_says_nothing_new_is_no_event() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("receipt").await;
    let message =
        clinic.post(clinic.pcp, thread, "hello", Audience::Everyone).await.expect("posted").command.creates(0);
    let nurse = signed_in(clinic.nurse);
    let mark = async |key: &str| {
        clinic.application.mark_read(sent_by(&nurse, &context(key)), thread, message).await.expect("marked")
    };
    let first = mark("first").await;
    assert!(first.has_effect);
    let second = mark("second").await;
    assert!(!second.has_effect && second.position == first.position);
}
