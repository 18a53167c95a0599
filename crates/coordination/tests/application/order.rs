//! In which order commands come into the log: one that changes who may do something waits for those on their way, and they wait
//! for it.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use care::ids::{MessageId, PersonId};
use care::person::{EndRole, GrantRole, RegisterPerson};
use care::words::{Audience, Role};
use rusqlite::Connection;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::clinic::{Clinic, Commands, Given, context, line, sent_by, signed_in};
use crate::faulty::{AppendFault, FaultyClinic, faulty_clinic, until};

/// Within this time a command is done that waits for nothing.
const EARLY: Duration = Duration::from_millis(500);

/// Ends the role of the clinic's nurse.
fn end_of_nurse(clinic: &Clinic) -> JoinHandle<Given<PersonId>> {
    let (application, admin) = (Arc::clone(&clinic.application), signed_in(clinic.admin));
    let (nurse, organization) = (clinic.nurse, clinic.practice);
    tokio::spawn(async move {
        let end = EndRole { organization, role: Role::Nurse };
        application.end_role(sent_by(&admin, &context("end")), nurse, end).await
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_a_role_whose_sender_went_away_is_still_ordered_before_the_next() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let application = Arc::clone(&clinic.application);
    let installer = signed_in(clinic.admin);
    let made = application.create_organization(sent_by(&installer, &context("branch")), "Branch").await;
    let organization = made.expect("created").target;
    let register = async |by, name: &str| {
        let new = RegisterPerson { organization, name: line(name), role: Some(Role::Administrator) };
        application.register_person(sent_by(&signed_in(by), &context(name)), new).await
    };
    let one = register(clinic.admin, "one").await.expect("registered").target;
    let two = register(one, "two").await.expect("registered").target;
    let end = |by, whose| {
        let application = Arc::clone(&application);
        tokio::spawn(async move {
            let end = EndRole { organization, role: Role::Administrator };
            application.end_role(sent_by(&signed_in(by), &context("end")), whose, end).await
        })
    };
    care.next([AppendFault::Late]);
    let lost = end(one, two);
    care.silent.notified().await;
    lost.abort();
    assert!(lost.await.is_err());
    // The store has taken the first command, and writes it while the second is on its way.
    let second = end(two, one);
    let release = Arc::clone(&care.release);
    let mut second = second;
    let early = timeout(EARLY, &mut second).await;
    release.notify_one();
    let second = match early {
        Ok(done) => done,
        Err(_) => second.await,
    };
    let second = second.expect("no panic");
    assert!(second.is_err(), "both administrators have lost their role: {second:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_on_its_way_is_stored_before_the_end_of_its_author_s_role_and_none_after_it() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("both at once").await;
    let clinic = Arc::new(clinic);
    care.next([AppendFault::Held]);
    let sender = Arc::clone(&clinic);
    let posted = tokio::spawn(async move { sender.post(sender.nurse, thread, "last", Audience::Everyone).await });
    care.silent.notified().await;
    let mut ended = end_of_nurse(&clinic);
    let early = timeout(EARLY, &mut ended).await;
    assert!(early.is_err(), "the role ends while a message of its holder is on its way: {early:?}");
    care.release.notify_one();
    let posted = posted.await.expect("no panic").expect("it was decided before");
    let ended = ended.await.expect("no panic").expect("ended");
    assert!(posted.position < ended.position);
    clinic.post(clinic.nurse, thread, "after", Audience::Everyone).await.expect_err("the role has ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_waits_while_the_end_of_its_author_s_role_is_on_its_way_and_is_refused_after_it() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("the end first").await;
    let clinic = Arc::new(clinic);
    care.next([AppendFault::Held]);
    let ended = end_of_nurse(&clinic);
    care.silent.notified().await;
    let sender = Arc::clone(&clinic);
    let mut posted = tokio::spawn(async move { sender.post(sender.nurse, thread, "late", Audience::Everyone).await });
    let early = timeout(EARLY, &mut posted).await;
    assert!(early.is_err(), "a message is decided while the end of its author's role is on its way: {early:?}");
    care.release.notify_one();
    ended.await.expect("no panic").expect("ended");
    posted.await.expect("no panic").expect_err("the role has ended");
    assert!(clinic.messages(clinic.pcp, thread).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_that_wait_for_the_read_models_hold_up_no_change_of_who_may() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("waiting").await;
    let read = clinic.post(clinic.pcp, thread, "read", Audience::Everyone).await.expect("posted");
    let message: MessageId = read.command.creates(0);
    let clinic = Arc::new(clinic);
    let post = || {
        let clinic = Arc::clone(&clinic);
        tokio::spawn(async move { clinic.post(clinic.nurse, thread, "new", Audience::Everyone).await })
    };
    let mark = |key: &'static str| {
        let clinic = Arc::clone(&clinic);
        let by = signed_in(clinic.nurse);
        tokio::spawn(async move { clinic.application.mark_read(sent_by(&by, &context(key)), thread, message).await })
    };
    mark("mark").await.expect("no panic").expect("marked");
    clinic.application.catch_up().await.expect("caught up");
    // Nothing comes into the read models while another process has their file locked.
    let file = clinic.installation.directory.path().join("read-models.db");
    let other = Connection::open(file).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let decided = clinic.application.decided_at();
    let new = post();
    until(|| clinic.application.decided_at() > decided).await;
    // One that was appended, its repeat, and one without an effect.
    let mut waiting = [new, post(), mark("mark again")];
    for command in &mut waiting {
        let early = timeout(Duration::from_millis(100), command).await;
        assert!(early.is_err(), "it does not wait for the read models: {early:?}");
    }
    let appends = care.appends.load(SeqCst);
    let (application, by) = (Arc::clone(&clinic.application), signed_in(clinic.admin));
    let (organization, person) = (clinic.practice, clinic.stranger);
    let granted = tokio::spawn(async move {
        let grant = GrantRole { organization, role: Role::Nurse, until: None };
        application.grant_role(sent_by(&by, &context("grant")), person, grant).await
    });
    until(|| care.appends.load(SeqCst) > appends).await;
    assert!(waiting.iter().all(|command| !command.is_finished()), "the change waited until another command was done");
    other.execute_batch("ROLLBACK").expect("let go");
    granted.await.expect("no panic").expect("granted");
    for command in waiting {
        command.await.expect("no panic").expect("done");
    }
}
