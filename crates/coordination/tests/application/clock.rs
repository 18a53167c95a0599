//! A clock that is set back: what was granted holds, what expired stays expired, and what happens next comes last.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use care::ids::{PersonId, ThreadId};
use care::person::{GrantRole, RegisterPerson};
use care::words::{Audience, Role};
use chrono::{DateTime, TimeDelta, Utc};
use coordination::CommandContext;
use coordination::fault::{Failed, Fault};
use coordination::opening::OpenApplicationError;
use coordination::reader::Page;

use crate::clinic::{Clinic, Commands, Message, context, later, line, now, sent_by, signed_in, text};

/// A command that is sent when the clock says so.
fn sent_at(clinic: &Clinic, clock: DateTime<Utc>, key: &str) -> CommandContext {
    CommandContext { now: clinic.application.instant(clock), ..context(key) }
}

/// Whether a person finds a thread when the clock says again what it said at the beginning.
async fn finds(clinic: &Clinic, person: PersonId, thread: ThreadId) -> bool {
    let reader = clinic.reader_at(person, clinic.application.instant(now())).await;
    reader.thread(thread).expect("no fault").is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_after_the_clock_was_set_back_comes_last() {
    let mut clinic = Clinic::open().await;
    let (first, second) = (clinic.ask("first").await, clinic.ask("second").await);
    let nurse = signed_in(clinic.nurse);
    let post = async |clinic: &Clinic, thread, key: &str, clock| {
        let message = Message { audience: Some(Audience::Everyone), body: text(key) };
        clinic
            .application
            .post_message(sent_by(&nurse, &sent_at(clinic, clock, key)), thread, message)
            .await
            .expect("posted");
    };
    let inbox = async |clinic: &Clinic| {
        let reader = clinic.reader(clinic.pcp).await;
        let page = reader
            .inbox(coordination::reader::InboxFilter::Current, &Page { first: Some(2), ..Page::default() })
            .expect("no fault")
            .expect("a page");
        page.edges.iter().map(|edge| (edge.node.thread, edge.node.updated_at)).collect::<Vec<_>>()
    };
    post(&clinic, first, "ahead", later()).await;
    assert_eq!(inbox(&clinic).await[0], (first, later()));
    post(&clinic, second, "back", now()).await;
    let after = inbox(&clinic).await;
    assert_eq!(after[0].0, second);
    assert!(after[0].1 > later());
    post(&clinic, first, "again", now()).await;
    // The order outlives a restart, at which nothing is folded again.
    clinic.application.close();
    clinic.application = clinic.installation.open().await.expect("opened again");
    assert_eq!(inbox(&clinic).await[0].0, first);
    post(&clinic, second, "restarted", now()).await;
    assert_eq!(inbox(&clinic).await[0].0, second);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_put_on_a_team_by_a_clock_days_ahead_has_access_at_once_when_it_is_back() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("thread").await;
    let admin = signed_in(clinic.admin);
    let ahead = now() + TimeDelta::days(3);
    let new = RegisterPerson { organization: clinic.practice, name: line("new"), role: None };
    let person = clinic.application.register_person(sent_by(&admin, &sent_at(&clinic, ahead, "new")), new).await;
    let person = person.expect("registered").target;
    let grant = GrantRole { organization: clinic.practice, role: Role::Nurse, until: None };
    let granting = sent_by(&admin, &sent_at(&clinic, ahead, "role"));
    clinic.application.grant_role(granting, person, grant).await.expect("granted");
    assert!(finds(&clinic, person, thread).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_with_a_clock_far_from_the_last_event_is_refused_unless_a_person_accepts_it() {
    let clinic = Clinic::open().await;
    clinic.application.close();
    for clock in [now() - TimeDelta::days(2), now() + TimeDelta::days(500)] {
        let refused = clinic.installation.open_at(clock, false).await;
        assert!(matches!(refused, Err(OpenApplicationError::Clock(_))), "{clock}");
        clinic.installation.open_at(clock, true).await.expect("accepted").close();
    }
    clinic.installation.open_at(now() + TimeDelta::days(40), false).await.expect("warned of").close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_are_refused_while_the_clock_is_wrong_and_reads_are_not() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("thread").await;
    let is_right = Arc::new(AtomicBool::new(true));
    let watched = Arc::clone(&is_right);
    clinic.application.watch_clock(move || watched.load(Ordering::Relaxed));
    let post = async |key: &str| clinic.post(clinic.nurse, thread, key, Audience::Everyone).await;
    post("right").await.expect("posted");
    is_right.store(false, Ordering::Relaxed);
    assert!(matches!(post("wrong").await, Err(Failed::Fault(Fault::Unavailable(_)))));
    assert!(!clinic.application.readiness().clock_is_right);
    assert_eq!(clinic.messages(clinic.nurse, thread).await, ["right"]);
    is_right.store(true, Ordering::Relaxed);
    post("again").await.expect("posted");
    assert!(clinic.application.readiness().clock_is_right);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_granted_holds_and_what_expired_stays_expired() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("thread").await;
    let admin = signed_in(clinic.admin);
    let until = now() + TimeDelta::minutes(30);
    let register = async |key: &str, clock, until| {
        let new = RegisterPerson { organization: clinic.practice, name: line(key), role: None };
        let person = clinic.application.register_person(sent_by(&admin, &sent_at(&clinic, clock, key)), new).await;
        let person = person.expect("registered").target;
        let grant = GrantRole { organization: clinic.practice, role: Role::Nurse, until };
        let key = format!("{key}-role");
        clinic
            .application
            .grant_role(sent_by(&admin, &sent_at(&clinic, clock, &key)), person, grant)
            .await
            .expect("granted");
        person
    };
    let expired = register("expired", now(), Some(until)).await;
    assert!(finds(&clinic, expired, thread).await);
    let granted = register("granted", later(), None).await;
    assert!(!finds(&clinic, expired, thread).await);
    assert!(finds(&clinic, granted, thread).await);
    let post = async |by| {
        let message = Message { audience: Some(Audience::Everyone), body: text("hello") };
        clinic
            .application
            .post_message(sent_by(&signed_in(by), &sent_at(&clinic, now(), "post")), thread, message)
            .await
    };
    assert!(post(expired).await.is_err());
    assert!(post(granted).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_back_by_less_than_a_day_gives_the_time_after_the_newest_event() {
    let clinic = Clinic::open().await;
    let tick = TimeDelta::microseconds(1);
    for (clock, instant) in [
        (later(), later()),
        (now(), now()),
        (now() - tick, now() + tick),
        (now() - TimeDelta::days(1) + tick, now() + tick),
        (now() - TimeDelta::days(1), now() - TimeDelta::days(1)),
        (now() - TimeDelta::days(300), now() - TimeDelta::days(300)),
    ] {
        assert_eq!(clinic.application.instant(clock), instant, "{clock}");
    }
}
