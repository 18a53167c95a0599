//! Help that ends while the helper follows what it opens: it is taken back, it reaches less, it is paused, or its time is
//! over. What is followed ends then, no notice that waited is given, and what was open is as missing as anything else.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use care::conversation::HideFromDelegates;
use care::delegation::{
    Delegation, DelegationCommand, NarrowDelegation, RevokeDelegation, Scope, SuspendDelegation, TopicVerbs,
    WidenDelegation,
};
use care::ids::{DelegationId, Id, PersonId, ThreadId};
use care::words::{Audience, Channel, Confidentiality, ConsentMethod, Topic};
use chrono::{DateTime, TimeDelta, Utc};
use coordination::fault::{Failed, Problem};
use coordination::following::{Followed, Following, Notice, NoticeEnd, NoticeTopic, Notices};
use coordination::{CommandContext, CommandOutcome, Origin};
use uuid::Uuid;

use crate::clinic::{Clinic, Commands, Message, Question, context, current_inbox, give, now, sent_by, signed_in, text};
use crate::help::{scope, shown};
use crate::hidden_threads::Family;

/// How soon what is followed ends.
const BOUND: Duration = Duration::from_secs(1);

/// How help ends that somebody gave.
#[derive(Debug, Clone, Copy)]
enum Ending {
    Revoked,
    /// The topic of the thread is not in the scope any more.
    Narrowed,
    /// By staff.
    Suspended,
}

/// A scope without the topic of the threads of these tests.
fn without_the_topic() -> Scope {
    Scope { topics: [(Topic::Results, TopicVerbs::WRITE)].into(), ..scope() }
}

/// A command to the delegation of the daughter.
async fn to_delegation(
    family: &Family,
    by: PersonId,
    key: &str,
    command: impl Into<DelegationCommand>,
) -> CommandOutcome<DelegationId> {
    let by = sent_by(&signed_in(by), &context(key));
    let to = Some(family.of_daughter);
    give::<Delegation>(&family.clinic.application, by, to, command.into()).await.expect("not refused")
}

impl Ending {
    async fn happen(self, family: &Family) -> CommandOutcome<DelegationId> {
        let (patient, nurse) = (family.clinic.patient_person, family.clinic.nurse);
        match self {
            Self::Revoked => to_delegation(family, patient, "end", RevokeDelegation { reason: None }).await,
            Self::Narrowed => {
                to_delegation(family, patient, "end", NarrowDelegation { scope: without_the_topic() }).await
            }
            Self::Suspended => {
                to_delegation(family, nurse, "end", SuspendDelegation { reason: text("A worry.") }).await
            }
        }
    }
}

/// What a list that stays open may say of help that ended: that something changed, and not in which thread.
fn names_nothing(told: &[Notice]) -> bool {
    told.iter().all(|notice| (notice.thread, notice.topic) == (None, Some(NoticeTopic::Changed)))
}

/// A person may know of a thread as little as of one that does not exist.
async fn is_missing(clinic: &Clinic, person: PersonId, thread: ThreadId, at: DateTime<Utc>) {
    let missing = ThreadId::from_uuid(Uuid::from_u128(7));
    let reader = clinic.reader_at(person, at).await;
    let mut refused = BTreeSet::new();
    for id in [thread, missing] {
        assert!(reader.thread(id).expect("no fault").is_none());
        let by = CommandContext { now: at, ..sent_by(&signed_in(person), &context(&format!("late-{id}"))) };
        let message = Message { audience: Some(Audience::Everyone), body: text("late") };
        let posted = clinic.application.post_message(by, id, message).await;
        assert!(matches!(posted, Err(Failed::Problem(Problem::NotFound))), "{posted:?}");
        refused.insert(format!("{posted:?}"));
    }
    assert_eq!(refused.len(), 1, "{refused:?}");
    let inbox = current_inbox(&reader);
    assert!(inbox.edges.is_empty() && !inbox.has_next, "{} threads", inbox.edges.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_that_is_taken_away_ends_what_is_followed_and_gives_no_notice_that_waits() {
    for ending in [Ending::Revoked, Ending::Narrowed, Ending::Suspended] {
        let family = Family::open().await;
        let Family { clinic, daughter, son, thread, .. } = &family;
        let mut prompt = clinic.follow(*daughter, Followed::Thread(*thread), None).await;
        let mut waits = clinic.follow(*daughter, Followed::Thread(*thread), None).await;
        let mut inbox = clinic.follow(*daughter, Followed::Inbox, None).await;
        let mut kept = clinic.follow(*son, Followed::Thread(*thread), None).await;
        let before = waits.position();
        clinic.post(clinic.nurse, *thread, "before", Audience::Everyone).await.expect("posted");
        assert!(matches!(prompt.next().await, Ok(notice) if notice.topic == Some(NoticeTopic::Message)));

        let ended = ending.happen(&family).await;
        let end = tokio::time::timeout(BOUND, prompt.next()).await;
        assert!(matches!(end, Ok(Err(NoticeEnd::Closed))), "{ending:?}: {end:?}");
        clinic.post(clinic.nurse, *thread, "after", Audience::Everyone).await.expect("posted");
        let (told, end) = clinic.told(&mut waits).await;
        assert!(told.is_empty() && matches!(end, Some(NoticeEnd::Closed)), "{ending:?}: {told:?}");
        let (told, end) = clinic.told(&mut inbox).await;
        assert!(end.is_none() && told.len() == 1 && names_nothing(&told), "{ending:?}: {told:?}");
        assert_eq!(Some(told[0].position), ended.position, "{ending:?}");
        let (told, _) = clinic.told(&mut kept).await;
        assert_eq!(told.len(), 2, "both messages are told to who still helps: {told:?}");

        // Who comes back with the position from before gets no more.
        let mut again = clinic.follow(*daughter, Followed::Thread(*thread), before).await;
        let (told, end) = clinic.told(&mut again).await;
        assert!(told.is_empty() && matches!(end, Some(NoticeEnd::Closed)), "{ending:?}: {told:?}");
        let mut again = clinic.follow(*daughter, Followed::Inbox, before).await;
        let (told, _) = clinic.told(&mut again).await;
        assert!(told.len() == 1 && names_nothing(&told), "{ending:?}: {told:?}");
        is_missing(clinic, *daughter, *thread, now()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_help_away_learns_how_many_threads_close_of_those_that_are_open() {
    let family = Family::open().await;
    let Family { clinic, daughter, son, thread, of_daughter } = &family;
    let patient = clinic.patient_person;
    let restricted = |question: &mut Question| question.opening.confidentiality = Confidentiality::Restricted;
    family.ask("not-hers", restricted).await;
    let closes = async |person: PersonId, left: Option<Scope>| {
        clinic.reader(person).await.threads_that_would_close(*of_daughter, left.as_ref()).expect("no fault")
    };
    for person in [patient, *daughter, clinic.nurse] {
        assert_eq!(closes(person, None).await, Some(1), "{person:?}");
        assert_eq!(closes(person, Some(without_the_topic())).await, Some(1), "{person:?}");
        assert_eq!(closes(person, Some(scope())).await, Some(0), "{person:?}");
    }
    // A physician of the care team knows who helps, and takes nothing away.
    for person in [*son, clinic.pcp] {
        assert_eq!(closes(person, None).await, None, "{person:?}");
    }
    let hide = HideFromDelegates { basis: None, known_to: BTreeSet::new() };
    family.in_thread(patient, *thread, "hide", hide).await.expect("hidden");
    for person in [patient, *daughter] {
        assert_eq!(closes(person, None).await, Some(0), "{person:?}");
    }
}

/// Follows by a clock that can be set.
async fn follow_by(
    clinic: &Clinic,
    person: PersonId,
    followed: Followed,
    clock: &Arc<Mutex<DateTime<Utc>>>,
) -> Notices {
    let origin = Origin::of(Channel::GraphQl);
    let following = Following { followed, identity: signed_in(person), after: None, origin };
    let read = Arc::clone(clock);
    let clock = Arc::new(move || *read.lock().expect("unpoisoned"));
    clinic.application.follow(following, clock).await.expect("followed")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_whose_time_is_over_ends_what_is_followed_and_gives_no_notice_that_waits() {
    let family = Family::open().await;
    let Family { clinic, daughter, thread, .. } = &family;
    let until = now() + TimeDelta::days(60);
    let clock = Arc::new(Mutex::new(now()));
    let mut waits = follow_by(clinic, *daughter, Followed::Thread(*thread), &clock).await;
    let mut prompt = follow_by(clinic, *daughter, Followed::Thread(*thread), &clock).await;
    let mut inbox = follow_by(clinic, *daughter, Followed::Inbox, &clock).await;
    clinic.application.run_processes(now()).await.expect("ran");
    clinic.post(clinic.nurse, *thread, "before", Audience::Everyone).await.expect("posted");
    assert!(matches!(prompt.next().await, Ok(notice) if notice.topic == Some(NoticeTopic::Message)));

    // No process has run: the time of the notice alone decides.
    *clock.lock().expect("unpoisoned") = until;
    let (told, end) = clinic.told(&mut waits).await;
    assert!(told.is_empty() && matches!(end, Some(NoticeEnd::Closed)), "{told:?}");
    let (told, end) = clinic.told(&mut inbox).await;
    assert!(told.is_empty() && end.is_none(), "{told:?}");
    is_missing(clinic, *daughter, *thread, until).await;

    // Nothing happens in the thread, and the tick ends what is followed.
    clinic.application.run_due_processes(until).await.expect("ran");
    let end = tokio::time::timeout(BOUND, prompt.next()).await;
    assert!(matches!(end, Ok(Err(NoticeEnd::Closed))), "{end:?}");
    let by = CommandContext { now: until, ..sent_by(&signed_in(clinic.nurse), &context("after")) };
    let message = Message { audience: Some(Audience::Everyone), body: text("after") };
    clinic.application.post_message(by, *thread, message).await.expect("posted");
    let (told, end) = clinic.told(&mut inbox).await;
    assert!(!told.is_empty() && end.is_none() && names_nothing(&told), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_notice_comes_after_the_end_of_help_that_races_with_it() {
    let family = Family::open().await;
    let Family { clinic, daughter, thread, .. } = &family;
    let patient = clinic.patient_person;
    for round in 0..40 {
        let mut of_thread = clinic.follow(*daughter, Followed::Thread(*thread), None).await;
        let mut inbox = clinic.follow(*daughter, Followed::Inbox, None).await;
        let taking = tokio::spawn(async move {
            let mut told = Vec::new();
            let end = loop {
                match of_thread.next().await {
                    Ok(notice) => told.push(notice),
                    Err(end) => break end,
                }
            };
            (told, end)
        });
        let (first, narrow, last) = (format!("m-{round}"), format!("narrow-{round}"), format!("n-{round}"));
        let (posted, narrowed) = tokio::join!(clinic.post(clinic.nurse, *thread, &first, Audience::Everyone), async {
            let command = NarrowDelegation { scope: without_the_topic() };
            let narrowed = to_delegation(&family, patient, &narrow, command).await;
            clinic.post(clinic.nurse, *thread, &last, Audience::Everyone).await.expect("posted");
            narrowed
        });
        posted.expect("posted");
        let (told, end) = tokio::time::timeout(BOUND, taking).await.expect("in time").expect("no panic");
        assert!(matches!(end, NoticeEnd::Closed), "{end:?}");
        assert!(told.iter().all(|notice| Some(notice.position) < narrowed.position), "{told:?}");
        let (told, end) = clinic.told(&mut inbox).await;
        assert!(end.is_none() && !told.is_empty() && names_nothing(&told), "{told:?}");

        let opens = clinic.reader(patient).await.what_would_open(clinic.patient, &scope()).expect("no fault");
        let seen = opens.expect("the patient's own").version;
        let widen = WidenDelegation { scope: scope(), method: ConsentMethod::Electronic, text: shown(), seen };
        to_delegation(&family, patient, &format!("widen-{round}"), widen).await;
    }
}
