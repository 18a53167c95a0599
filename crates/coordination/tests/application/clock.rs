//! A clock that is set back: what was granted holds, what expired stays expired, and what happens next comes last.

use care::ids::{PersonId, ThreadId};
use care::person::{GrantRole, RegisterPerson};
use care::words::{Audience, Role};
use chrono::{DateTime, TimeDelta, Utc};
use coordination::CommandContext;
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
