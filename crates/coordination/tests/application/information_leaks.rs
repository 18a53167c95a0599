//! What must not leak: missing and forbidden have the same answer and the same amount of work, and what a person may
//! not read changes nothing that they can see.

use care::conversation::{Addressed, MarkRead, PostMessage, PutAway};
use care::ids::{Id, MessageId, PatientId, PersonId, ThreadId};
use care::words::Audience;
use coordination::answer::{AnswerContext, AnswerLimits};
use coordination::fault::{Failed, Fault, Problem};
use coordination::reader::Page;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

use crate::clinic::{Clinic, Commands, MARKER, context, current_inbox, now, sent_by, signed_in, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_and_forbidden_threads_take_the_same_amount_of_work() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("hidden").await;
    for person in [clinic.stranger, clinic.admin] {
        let mut works = Vec::new();
        for id in [thread, ThreadId::from_uuid(Uuid::from_u128(7)), ThreadId::from_uuid(Uuid::nil())] {
            let reader = clinic.reader(person).await;
            let before = reader.work();
            assert!(reader.thread(id).expect("no fault").is_none());
            let after = reader.work();
            works.push((after.rows - before.rows, after.decisions - before.decisions, after.texts - before.texts));
            let refused = clinic.post(person, id, "try", Audience::Everyone).await;
            assert!(matches!(refused, Err(Failed::Problem(Problem::NotFound))), "{refused:?}");
        }
        assert!(works.windows(2).all(|pair| pair[0] == pair[1]), "{works:?}");
    }
    let reader = clinic.reader(clinic.stranger).await;
    for id in [clinic.patient, PatientId::from_uuid(Uuid::from_u128(7))] {
        let before = reader.work();
        assert!(reader.patient(id).expect("no fault").is_none());
        let after = reader.work();
        assert_eq!((after.rows - before.rows, after.decisions - before.decisions), (0, 1));
    }
}

/// What somebody can see of a thread.
#[derive(Debug, PartialEq)]
struct Seen {
    /// How many receipts.
    receipts: usize,
    /// All of it: receipts, newest activity, number of unread messages, version, cursors of the inbox, messages.
    all: String,
}

async fn seen(clinic: &Clinic, person: PersonId, thread: ThreadId) -> Seen {
    let reader = clinic.reader(person).await;
    let view = reader.thread(thread).expect("no fault").expect("found");
    let unread = reader.unread(&view).expect("no fault");
    let version = reader.version(&view).expect("a version").0;
    let inbox = current_inbox(&reader);
    let cursors: Vec<_> = inbox.edges.iter().map(|edge| edge.cursor.token().expect("a token").0).collect();
    let messages = reader.messages(&view, &Page::default()).expect("no fault").expect("a page");
    let marks = reader.read_receipts(&view).expect("no fault");
    let marks: Vec<_> = marks.iter().map(|mark| (mark.person, mark.read_at)).collect();
    let ids: Vec<_> = messages.edges.iter().map(|edge| edge.node.message).collect();
    let is_away = reader.is_put_away(&view).expect("no fault");
    let all = format!("{:?}", (&marks, view.updated_at, unread, version, cursors, ids, messages.has_next, is_away));
    Seen { receipts: marks.len(), all }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_to_the_clinical_team_changes_nothing_that_the_patient_sees() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("quiet").await;
    clinic.post(clinic.nurse, thread, "open", Audience::Everyone).await.expect("posted");
    let seen = async || seen(&clinic, clinic.patient_person, thread).await;
    let mark = async |posted: coordination::CommandOutcome<ThreadId>, minute| {
        let by = signed_in(clinic.nurse);
        let metadata = crate::clinic::context(&format!("read-{minute}"));
        let metadata =
            coordination::CommandContext { now: metadata.now + chrono::TimeDelta::minutes(minute), ..metadata };
        clinic.application.mark_read(sent_by(&by, &metadata), thread, posted.command.creates(0)).await.expect("marked");
    };
    mark(clinic.post(clinic.pcp, thread, "open too", Audience::Everyone).await.expect("posted"), 1).await;
    let before = seen().await;
    assert_eq!(before.receipts, 1);
    mark(clinic.post(clinic.pcp, thread, "among us", Audience::ClinicalTeam).await.expect("posted"), 2).await;
    assert_eq!(seen().await, before);
    assert_eq!(clinic.messages(clinic.patient_person, thread).await, ["open", "open too"]);
    assert_eq!(clinic.messages(clinic.social_worker, thread).await, ["open", "open too"]);
    assert_eq!(clinic.messages(clinic.nurse, thread).await, ["open", "open too", "among us"]);
    let nurses = clinic.reader(clinic.pcp).await;
    let view = nurses.thread(thread).expect("no fault").expect("found");
    let marks = nurses.read_receipts(&view).expect("no fault");
    assert!(matches!(marks.as_slice(), [mark] if mark.read_at == crate::clinic::now() + chrono::TimeDelta::minutes(2)));
    drop((view, nurses));
    let denied = clinic.post(clinic.patient_person, thread, "sneak", Audience::ClinicalTeam).await;
    assert!(matches!(denied, Err(Failed::Problem(Problem::NotPermitted))), "{denied:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_team_shares_with_the_patient_changes_nothing_that_anybody_else_sees() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("private").await;
    clinic.post(clinic.nurse, thread, "open", Audience::Everyone).await.expect("posted");
    let put = PutAway { away: true };
    clinic.in_thread(clinic.social_worker, thread, "away", put).await.expect("away");
    let others = async || seen(&clinic, clinic.social_worker, thread).await;
    let before = others().await;
    let asked = clinic.post(clinic.patient_person, thread, "I missed it.", Audience::TeamAndMe).await.expect("posted");
    let own = seen(&clinic, clinic.patient_person, thread).await;
    let mark = MarkRead { message: asked.command.creates(0) };
    clinic.in_thread(clinic.nurse, thread, "read", mark).await.expect("marked");
    let answer = |to| PostMessage { addressed: Addressed::TeamAnd(to), body: text("Take it tonight.") };
    clinic.in_thread(clinic.nurse, thread, "answer", answer(clinic.patient_person)).await.expect("posted");
    assert_eq!(others().await, before);
    assert_eq!(clinic.messages(clinic.social_worker, thread).await, ["open"]);
    for person in [clinic.patient_person, clinic.nurse, clinic.pcp] {
        assert_eq!(clinic.messages(person, thread).await, ["open", "I missed it.", "Take it tonight."]);
    }
    let now = seen(&clinic, clinic.patient_person, thread).await;
    assert_eq!((own.receipts, now.receipts), (0, 1), "who wrote it sees who has read it");

    // Its id is nobody else's either: it cannot be marked as read, and is as missing as another.
    let missing = MessageId::from_uuid(Uuid::from_u128(7));
    for message in [asked.command.creates(0), missing] {
        let refused =
            clinic.in_thread(clinic.social_worker, thread, &format!("mark-{message}"), MarkRead { message }).await;
        assert!(matches!(refused, Err(Failed::Problem(Problem::Refused(_)))), "{refused:?}");
        let reader = clinic.reader(clinic.social_worker).await;
        assert!(reader.message_by_id(message).expect("no fault").is_none());
    }
    let denied = clinic.in_thread(clinic.social_worker, thread, "sneak", answer(clinic.patient_person)).await;
    assert!(matches!(denied, Err(Failed::Problem(Problem::NotPermitted))), "{denied:?}");
    for (by, to) in [(clinic.patient_person, clinic.nurse), (clinic.nurse, clinic.social_worker)] {
        let refused = clinic.in_thread(by, thread, &format!("wrong-{by}"), answer(to)).await;
        assert!(matches!(refused, Err(Failed::Problem(Problem::Refused(_)))), "{refused:?}");
    }
    assert_eq!(others().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_order_of_an_inbox_does_not_depend_on_messages_that_its_reader_may_not_read() {
    let clinic = Clinic::open().await;
    let mut threads = Vec::new();
    for (minute, key) in (0..5).zip(["a", "b", "c", "d", "e"]) {
        let at = crate::clinic::context(key);
        let at = coordination::CommandContext { now: at.now + chrono::TimeDelta::minutes(minute), ..at };
        let request = crate::clinic::request(clinic.patient, clinic.cardiology);
        let outcome = clinic
            .application
            .request_consultation(sent_by(&signed_in(clinic.pcp), &at), request)
            .await
            .expect("asked");
        threads.push(outcome.target);
    }
    let order = async |person| {
        let (mut order, mut page) = (Vec::new(), Page { first: Some(2), ..Page::default() });
        loop {
            let reader = clinic.reader_at(person, crate::clinic::later()).await;
            let got =
                reader.inbox(coordination::reader::InboxFilter::Current, &page).expect("no fault").expect("a page");
            order.extend(got.edges.iter().map(|edge| edge.node.thread));
            match got.edges.last().filter(|_| got.has_next) {
                Some(last) => page.after = Some(last.cursor.token().expect("a token").0),
                None => return order,
            }
        }
    };
    let newest_first: Vec<ThreadId> = threads.iter().rev().copied().collect();
    for person in [clinic.social_worker, clinic.patient_person, clinic.nurse] {
        assert_eq!(order(person).await, newest_first);
    }
    let message =
        crate::clinic::Message { audience: Some(Audience::ClinicalTeam), body: crate::clinic::text("among us") };
    let at = crate::clinic::context("quiet");
    let at = coordination::CommandContext { now: at.now + chrono::TimeDelta::minutes(9), ..at };
    clinic.application.post_message(sent_by(&signed_in(clinic.pcp), &at), threads[0], message).await.expect("posted");
    for person in [clinic.social_worker, clinic.patient_person] {
        assert_eq!(order(person).await, newest_first);
    }
    let mut moved = newest_first.clone();
    moved.rotate_right(1);
    assert_eq!(order(clinic.nurse).await, moved);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_is_recorded_before_it_ends_once_per_session_and_so_is_a_refused_try() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("recorded").await;
    clinic.post(clinic.nurse, thread, "hello", Audience::Everyone).await.expect("posted");
    let records = async || {
        let page = clinic.installation.access.read_log(None, NonZeroU32::new(1000).expect("many")).await.expect("read");
        page.events
            .into_iter()
            .map(|event| (event.event_type.as_str().to_owned(), String::from_utf8_lossy(&event.data).into_owned()))
            .collect::<Vec<_>>()
    };
    let before = records().await.len();
    for _ in 0..3 {
        let reader = clinic.reader(clinic.pcp).await;
        let view = reader.thread(thread).expect("no fault").expect("found");
        reader.messages(&view, &Page::default()).expect("no fault").expect("a page");
        reader.finish().await.expect("recorded");
    }
    let read: Vec<_> = records().await.into_iter().skip(before).collect();
    assert!(read.iter().all(|(kind, _)| kind == "access.read"), "{read:?}");
    let named: usize = read.iter().filter(|(_, data)| data.contains(&thread.to_string())).count();
    // The subject under one rule and the message under another; repeats in the session add none.
    assert!((1..=2).contains(&named), "{read:?}");
    assert!(read.iter().all(|(_, data)| data.contains("TREAT") && !data.contains(MARKER)), "{read:?}");

    let reader = clinic.reader(clinic.stranger).await;
    assert!(reader.thread(thread).expect("no fault").is_none());
    assert!(reader.thread(ThreadId::from_uuid(Uuid::from_u128(7))).expect("no fault").is_none());
    // A refused command is recorded as a refused try, whether the thread is missing or forbidden.
    let missing = ThreadId::from_uuid(Uuid::from_u128(7));
    let by = signed_in(clinic.stranger);
    for (key, thread) in [("hidden", thread), ("missing", missing)] {
        let claimed = clinic.application.claim(sent_by(&by, &context(key)), thread).await;
        assert!(matches!(claimed, Err(Failed::Problem(Problem::NotFound))), "{claimed:?}");
    }
    let claimed = clinic.application.claim(sent_by(&signed_in(clinic.nurse), &context("nurse")), thread).await;
    assert!(matches!(claimed, Err(Failed::Problem(Problem::NotPermitted))), "{claimed:?}");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    let refused = loop {
        let refused: Vec<_> = records().await.into_iter().filter(|(kind, _)| kind == "access.refused").collect();
        if refused.len() >= 5 || std::time::Instant::now() > deadline {
            break refused;
        }
        tokio::task::yield_now().await;
    };
    let attempts = |action: &str| -> Vec<_> {
        let named = format!("\"{action}\"");
        refused.iter().filter(|(_, data)| data.contains(&named)).map(|(_, data)| data.clone()).collect()
    };
    let (finds, claims) = (attempts("thread.find"), attempts("thread.claim"));
    assert_eq!((refused.len(), finds.len(), claims.len()), (5, 2, 3), "{refused:?}");
    assert!(finds.iter().chain(&claims).all(|data| !data.contains(MARKER)));
    assert_eq!(finds[0].len(), finds[1].len());
    // Where somebody works is theirs, so only tries of one person are alike.
    let of_stranger: Vec<_> = claims.iter().filter(|data| !data.contains("works_at")).collect();
    assert_eq!(of_stranger.len(), 2, "{claims:?}");
    assert_eq!(of_stranger[0].len(), of_stranger[1].len(), "{claims:?}");
    let of_thread = claims.iter().filter(|data| data.contains(&thread.uuid().simple().to_string()));
    assert_eq!(of_thread.count(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_stops_at_the_limits_of_its_answer() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("many").await;
    for number in 0..8 {
        clinic.post(clinic.pcp, thread, &format!("m{number}"), Audience::Everyone).await.expect("posted");
    }
    let within = async |limits: AnswerLimits| {
        let origin = coordination::Origin::of(care::words::Channel::GraphQl);
        let context = AnswerContext { identity: signed_in(clinic.pcp), now: now(), origin };
        let answer = clinic.application.answer(context, |reads| async move {
            let reader = reads.within(limits).reader(None).await?;
            let view = reader.thread(thread)?.expect("found");
            let page = reader.messages(&view, &Page::default())?.expect("a page");
            Ok::<_, Fault>((page.edges.len(), reader.work().rows))
        });
        answer.await.expect("recorded").into_inner()
    };
    let (messages, rows) = within(AnswerLimits::none()).await.expect("no fault");
    assert_eq!(messages, 8);
    let limits = |rows_max, text_bytes_max| AnswerLimits { rows_max, text_bytes_max, ..AnswerLimits::none() };
    assert!(within(limits(rows, 10_000)).await.is_ok());
    let rows = within(limits(rows - 1, 10_000)).await;
    assert!(matches!(rows, Err(Fault::TooMuch { of: "rows", .. })), "{rows:?}");
    let bytes = within(limits(10_000, 20)).await;
    assert!(matches!(bytes, Err(Fault::TooMuch { of: "bytes", max: 20, .. })), "{bytes:?}");

    // The time is over after some looks at the clock: the reading stops there, in the middle of it.
    let looks = Arc::new(AtomicU64::new(0));
    let is_over_after = |limit: u64| {
        let looks = Arc::clone(&looks);
        looks.store(0, Ordering::Relaxed);
        let is_over = Arc::new(move || looks.fetch_add(1, Ordering::Relaxed) >= limit);
        AnswerLimits { is_over, ..AnswerLimits::none() }
    };
    assert!(within(is_over_after(u64::MAX)).await.is_ok());
    let all = looks.load(Ordering::Relaxed);
    assert!(all >= 3, "{all}");
    for limit in 0..all {
        let read = within(is_over_after(limit)).await;
        assert!(matches!(read, Err(Fault::OverTime)), "{limit}: {read:?}");
        assert_eq!(looks.load(Ordering::Relaxed), limit + 1, "nothing is read after it");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_outlives_its_answer_reads_nothing() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("kept").await;
    let missing = ThreadId::from_uuid(Uuid::from_u128(7));
    let context = AnswerContext {
        identity: signed_in(clinic.pcp),
        now: now(),
        origin: coordination::Origin::of(care::words::Channel::GraphQl),
    };
    let mut kept = None;
    let answer = clinic.application.answer(context, |reads| async {
        let reader = reads.reader(None).await?;
        let view = reader.thread(thread)?.expect("found");
        let patient = reader.patient(clinic.patient)?.expect("found");
        kept = Some((reads, reader, view, patient));
        Ok::<_, Fault>("an answer")
    });
    let recorded = answer.await.expect("recorded").transpose().expect("no fault");
    assert_eq!(recorded.map(str::len).into_inner(), 9);
    let (reads, reader, view, patient) = kept.expect("kept");

    fn ended<T>(read: Result<T, Fault>) -> bool {
        matches!(read.map(drop), Err(Fault::Ended))
    }
    let (page, message) = (Page::default(), care::ids::MessageId::from_uuid(Uuid::from_u128(7)));
    let all = [
        ended(reads.reader(None).await),
        ended(reader.thread(thread)),
        ended(reader.thread(missing)),
        ended(reader.lifecycle(&view)),
        ended(reader.messages(&view, &page)),
        ended(reader.message(&view, message)),
        ended(reader.message_by_id(message)),
        ended(reader.content_with(care::ids::RecommendationId::from_uuid(Uuid::from_u128(7)))),
        ended(reader.person_by_id(clinic.stranger)),
        ended(reader.participants(&view, &page)),
        ended(reader.read_receipts(&view)),
        ended(reader.unread(&view)),
        ended(reader.patient(clinic.patient)),
        ended(reader.patient_of(&view)),
        ended(reader.patients(&Page::default(), None)),
        ended(reader.care_team(&patient)),
        ended(reader.inbox(coordination::reader::InboxFilter::Current, &page)),
        ended(reader.worklist(coordination::reader::Worklist::Mine, &page)),
        ended(reader.organizations()),
        ended(reader.me()),
        ended(reader.person_in(&view, clinic.pcp)),
    ];
    assert_eq!(all, [true; 21]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_record_of_a_read_names_the_patient_and_the_purpose() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("recorded").await;
    let reader = clinic.reader(clinic.pcp).await;
    reader.thread(thread).expect("no fault").expect("found");
    reader.finish().await.expect("recorded");
    let page = clinic.installation.access.read_log(None, NonZeroU32::new(1000).expect("many")).await.expect("read");
    let record = page.events.iter().find(|event| String::from_utf8_lossy(&event.data).contains(&thread.to_string()));
    let record: serde_json::Value = serde_json::from_slice(&record.expect("a record").data).expect("JSON");
    assert_eq!(record["patient"], clinic.patient.to_string());
    assert_eq!(record["person"], clinic.pcp.to_string());
    assert_eq!((&record["purpose"], &record["outcome"]), (&"TREAT".into(), &"shown".into()));
    assert_eq!(record["obligations"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_of_another_reader_or_list_is_a_problem() {
    let clinic = Clinic::open().await;
    for key in ["one", "two", "three"] {
        clinic.ask(key).await;
    }
    let reader = clinic.reader(clinic.pcp).await;
    let first = Page { first: Some(1), ..Page::default() };
    let page = reader.inbox(coordination::reader::InboxFilter::Current, &first).expect("no fault").expect("a page");
    assert!(page.has_next && page.edges.len() == 1);
    let after = Page { after: Some(page.edges[0].cursor.token().expect("a token").0), ..first };
    let next = reader.inbox(coordination::reader::InboxFilter::Current, &after).expect("no fault").expect("a page");
    assert_ne!(next.edges[0].node.thread, page.edges[0].node.thread);
    let other = clinic.reader(clinic.nurse).await;
    assert!(other.inbox(coordination::reader::InboxFilter::Current, &after).expect("no fault").is_err());
    assert!(reader.worklist(coordination::reader::Worklist::Mine, &after).expect("no fault").is_err());
    for rows in [0, -1, 101] {
        assert!(
            reader
                .inbox(coordination::reader::InboxFilter::Current, &Page { first: Some(rows), ..Page::default() })
                .expect("no fault")
                .is_err()
        );
    }
    assert!(signed_in(clinic.pcp).person().is_some());
}
