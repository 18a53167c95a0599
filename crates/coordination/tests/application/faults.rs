//! Journals that fail: an append whose answer is lost, a store that is away, somebody who was first, a caller who goes away
//! midway, a fold that dies.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use care::ids::{PersonId, ThreadId};
use care::words::{Audience, Role};
use chrono::TimeDelta;
use coordination::fault::{Failed, Fault, Problem};
use coordination::opening::{KnownEnds, OpenApplicationError};
use coordination::rebuilding::read_models_status;
use uuid::Uuid;

use crate::clinic::{Clinic, Commands, Installation, OpenAnswer, now, sent_by, signed_in};
use crate::faulty::{AppendFault, FaultyClinic, FaultyJournal, WAIT_MAX, faulty_clinic, length, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_whose_append_is_unknown_is_there_once() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("unknown").await;
    care.next([AppendFault::WrittenButUnknown, AppendFault::WrittenButUnknown]);
    clinic.post(clinic.nurse, thread, "once", Audience::Everyone).await.expect("posted");
    assert!(care.all_met());
    assert_eq!(clinic.messages(clinic.nurse, thread).await, ["once"]);

    // Unknown to the end: the sender hears that it is unknown, and by a repeat that it was done.
    care.next([AppendFault::WrittenButUnknown; 5]);
    let unknown = clinic.post(clinic.nurse, thread, "twice", Audience::Everyone).await;
    assert!(matches!(unknown, Err(Failed::Fault(Fault::Unavailable(_)))), "{unknown:?}");
    assert!(clinic.post(clinic.nurse, thread, "twice", Audience::Everyone).await.expect("done").replayed);
    clinic.post(clinic.pcp, thread, "next", Audience::Everyone).await.expect("posted");
    assert_eq!(clinic.messages(clinic.nurse, thread).await, ["once", "twice", "next"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_was_not_written_leaves_nothing_and_goes_through_later() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("away").await;
    let before = length(&clinic.installation.care).await;
    care.next([AppendFault::Unavailable]);
    let away = clinic.post(clinic.nurse, thread, "late", Audience::Everyone).await;
    assert!(matches!(away, Err(Failed::Fault(Fault::Unavailable(_)))), "{away:?}");
    assert_eq!(length(&clinic.installation.care).await, before);
    assert!(!clinic.post(clinic.nurse, thread, "late", Audience::Everyone).await.expect("posted").replayed);
    // Somebody else was first a few times: it is decided again each time, and at last written.
    care.next([AppendFault::Conflict; 3]);
    clinic.post(clinic.nurse, thread, "contended", Audience::Everyone).await.expect("posted");
    assert_eq!(clinic.messages(clinic.nurse, thread).await, ["late", "contended"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_another_node_are_read_before_the_decision_is_repeated() {
    let FaultyClinic { clinic, .. } = faulty_clinic().await;
    let thread = clinic.ask("nodes").await;
    clinic.assign(thread).await;
    // Both have the thread folded; the other node's claim comes first.
    let elsewhere = clinic.installation.elsewhere();
    let other = elsewhere.open().await.expect("another node");
    let claim = crate::clinic::context("there");
    other.claim(sent_by(&signed_in(clinic.other_specialist), &claim), thread).await.expect("claimed there");
    let refused = clinic.claim(clinic.specialist, thread).await;
    assert!(matches!(refused, Err(Failed::Problem(Problem::Refused(_)))), "{refused:?}");
    // What was written there is read here by who says up to where they want to read.
    for number in 0..20 {
        let metadata = crate::clinic::context(&format!("there-{number}"));
        let message = crate::clinic::Message { audience: None, body: crate::clinic::text("there") };
        let outcome =
            other.post_message(sent_by(&signed_in(clinic.nurse), &metadata), thread, message).await.expect("posted");
        let reader = OpenAnswer::begin(&clinic.application, signed_in(clinic.pcp), outcome.position, now())
            .await
            .expect("a reader");
        assert!(reader.position() >= outcome.position);
    }
    other.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_goes_away_midway_leaves_the_stream_whole() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("gone").await;
    care.next([AppendFault::WrittenAndSilent]);
    let application = Arc::clone(&clinic.application);
    let by = signed_in(clinic.nurse);
    let lost = tokio::spawn(async move {
        let message =
            crate::clinic::Message { audience: Some(Audience::Everyone), body: crate::clinic::text("written") };
        application.post_message(sent_by(&by, &crate::clinic::context("written")), thread, message).await
    });
    care.silent.notified().await;
    lost.abort();
    assert!(lost.await.is_err());
    clinic.post(clinic.pcp, thread, "after", Audience::Everyone).await.expect("posted");
    assert!(clinic.post(clinic.nurse, thread, "written", Audience::Everyone).await.expect("done").replayed);
    assert_eq!(clinic.messages(clinic.pcp, thread).await, ["written", "after"]);
}

/// Opens a thread's consultation and says how its recording ended.
async fn read(clinic: &Clinic, thread: ThreadId) -> Result<(), Fault> {
    let reader = clinic.reader(clinic.pcp).await;
    assert!(reader.thread(thread).expect("no fault").is_some());
    reader.finish().await
}

async fn recorded(clinic: &Clinic, thread: ThreadId) -> usize {
    let page = clinic.installation.access.read_log(None, NonZeroU32::new(5000).expect("many")).await.expect("read");
    page.events.iter().filter(|event| String::from_utf8_lossy(&event.data).contains(&thread.to_string())).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_that_cannot_be_recorded_does_not_end_well_and_later_ones_do() {
    let FaultyClinic { clinic, access, .. } = faulty_clinic().await;
    let [one, two] = [clinic.ask("one").await, clinic.ask("two").await];
    access.next([AppendFault::Unavailable, AppendFault::Unavailable]);
    let reader = clinic.reader(clinic.pcp).await;
    assert!(reader.thread(one).expect("no fault").is_some());
    assert!(matches!(reader.finish().await, Err(Fault::Unavailable(_))));
    // Asked again, it is still not recorded, and so still no answer.
    assert!(matches!(read(&clinic, one).await, Err(Fault::Unavailable(_))));
    assert_eq!(recorded(&clinic, one).await, 0);
    read(&clinic, two).await.expect("recorded");
    assert_eq!((recorded(&clinic, one).await, recorded(&clinic, two).await), (2, 1));

    access.next([AppendFault::WrittenButUnknown]);
    let three = clinic.ask("three").await;
    read(&clinic, three).await.expect("recorded");
    assert_eq!(recorded(&clinic, three).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_access_record_whose_fate_is_unknown_never_passes_for_another() {
    let FaultyClinic { clinic, access, .. } = faulty_clinic().await;
    let [one, two] = [clinic.ask("one").await, clinic.ask("two").await];
    access.next([AppendFault::WrittenButUnknown, AppendFault::WrittenButUnknown]);
    assert!(read(&clinic, one).await.is_err());
    read(&clinic, two).await.expect("recorded");
    assert_eq!((recorded(&clinic, one).await, recorded(&clinic, two).await), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_goes_away_while_it_is_recorded_leaves_the_session_whole() {
    let FaultyClinic { clinic, access, .. } = faulty_clinic().await;
    let [one, two] = [clinic.ask("one").await, clinic.ask("two").await];
    access.next([AppendFault::WrittenAndSilent]);
    let reader = clinic.reader(clinic.pcp).await;
    assert!(reader.thread(one).expect("no fault").is_some());
    let lost = tokio::spawn(async move { reader.finish().await });
    access.silent.notified().await;
    lost.abort();
    assert!(lost.await.is_err());
    read(&clinic, two).await.expect("recorded");
    assert_eq!((recorded(&clinic, one).await, recorded(&clinic, two).await), (1, 1));
    read(&clinic, clinic.ask("three").await).await.expect("recorded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_tries_at_many_targets_are_few_records_and_reads_go_on_afterwards() {
    let FaultyClinic { clinic, access, .. } = faulty_clinic().await;
    let thread = clinic.ask("bounded").await;
    // Many tries, while the first of them is still on its way.
    access.next([AppendFault::Held]);
    let reader = clinic.reader(clinic.pcp).await;
    for number in 1..=1_200_u128 {
        let nobody = care::ids::Id::from_uuid(Uuid::from_u128(number));
        assert!(reader.thread(nobody).expect("no fault").is_none());
    }
    access.silent.notified().await;
    access.release.notify_one();
    // The session waits for some time, since it tried too often.
    let reader = clinic.reader_at(clinic.pcp, now() + TimeDelta::minutes(3)).await;
    assert!(reader.thread(thread).expect("no fault").is_some());
    reader.finish().await.expect("recorded");
    assert_eq!(recorded(&clinic, thread).await, 1);
    let page = clinic.installation.access.read_log(None, NonZeroU32::new(5000).expect("many")).await.expect("read");
    let refused = page.events.iter().filter(|event| event.event_type.as_str() == "access.refused").count();
    assert!((20..100).contains(&refused), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_on_which_a_process_fails_delays_no_other_thread() {
    let FaultyClinic { clinic, care, access: _ } = faulty_clinic().await;
    let threads = [clinic.ask("one").await, clinic.ask("two").await];
    for thread in threads {
        clinic.assign(thread).await;
    }
    let overdue = now() + TimeDelta::days(2);
    care.next([AppendFault::Unavailable]);
    let appends = care.appends.load(SeqCst);
    let failed = clinic.application.run_processes(overdue).await;
    assert!(matches!(failed, Err(Fault::Unavailable(_))), "{failed:?}");
    assert_eq!(care.appends.load(SeqCst), appends + 2, "the other thread was acted on in the same round");
    // The thread is left alone for a moment, and then tried again.
    assert_eq!(clinic.application.run_processes(overdue).await.expect("no fault"), 0);
    assert_eq!(care.appends.load(SeqCst), appends + 2);
    assert_eq!(clinic.application.run_processes(overdue + TimeDelta::minutes(2)).await.expect("no fault"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_fold_died_says_so_and_serves_nothing() {
    let mut clinic = Clinic::open().await;
    clinic.application.close();
    let care = FaultyJournal::before(&clinic.installation.care);
    care.deadly.store(true, SeqCst);
    clinic.installation.care = care;
    clinic.application = clinic.installation.open().await.expect("opened again");
    clinic.ask("deadly").await;
    assert!(clinic.application.readiness().stopped.is_some());
    assert!(clinic.application.catch_up().await.is_err());
    assert!(OpenAnswer::begin(&clinic.application, signed_in(clinic.pcp), None, now()).await.is_err());
}

/// Takes somebody off the care team and ends their role, on another node, while the feed here is held.
async fn revoked_elsewhere(clinic: &Clinic, care: &FaultyJournal, person: PersonId, role: Role) {
    let elsewhere = Installation { care: Arc::clone(&care.inner), ..clinic.installation.elsewhere() };
    let other = elsewhere.open().await.expect("another node");
    care.feeding.send_replace(false);
    let (remove, end) = (crate::clinic::context("gone"), crate::clinic::context("gone"));
    let by = signed_in(clinic.coordinator);
    let member = care::care_team::RemoveMember { patient: clinic.patient, person };
    other.remove_member(sent_by(&by, &remove), member).await.expect("removed");
    let role = care::person::EndRole { organization: clinic.practice, role };
    other.end_role(sent_by(&signed_in(clinic.admin), &end), person, role).await.expect("ended");
    other.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_on_another_node_binds_a_command_that_begins_afterwards() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("revoked").await;
    revoked_elsewhere(&clinic, &care, clinic.nurse, Role::Nurse).await;
    let (application, by) = (Arc::clone(&clinic.application), signed_in(clinic.nurse));
    let before = care.heads.load(SeqCst);
    let asked = tokio::spawn(async move {
        let message = crate::clinic::Message { audience: None, body: crate::clinic::text("late") };
        application.post_message(sent_by(&by, &crate::clinic::context("late")), thread, message).await
    });
    until(|| care.heads.load(SeqCst) > before).await;
    assert!(!asked.is_finished(), "it is decided by what this node knew before");
    care.feeding.send_replace(true);
    let refused = asked.await.expect("no panic");
    assert!(matches!(refused, Err(Failed::Problem(Problem::NotFound))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_on_another_node_is_known_to_reads_once_nothing_older_may_be_served() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("revoked").await;
    revoked_elsewhere(&clinic, &care, clinic.social_worker, Role::SocialWorker).await;
    let by = signed_in(clinic.social_worker);
    let deadline = std::time::Instant::now() + WAIT_MAX;
    // For a moment the node serves what it confirmed before; then nothing, since it has not folded the log's end.
    while OpenAnswer::begin(&clinic.application, by, None, now()).await.is_ok() {
        assert!(std::time::Instant::now() < deadline, "it serves on without knowing the log");
    }
    assert!(!clinic.application.readiness().journal_confirmed);
    care.feeding.send_replace(true);
    until(|| clinic.application.readiness().journal_confirmed).await;
    let reader = OpenAnswer::begin(&clinic.application, by, None, now()).await.expect("a reader");
    assert!(reader.thread(thread).expect("no fault").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_goes_away_ends_nothing_and_all_goes_on_by_itself_when_it_returns() {
    let FaultyClinic { clinic, care, access } = faulty_clinic().await;
    for round in ["first", "second"] {
        let thread = clinic.ask(round).await;
        care.away.send_replace(true);
        access.away.send_replace(true);
        let lost = clinic.post(clinic.nurse, thread, round, Audience::Everyone).await;
        assert!(matches!(lost, Err(Failed::Fault(Fault::Unavailable(_)))), "{lost:?}");
        until(|| !clinic.application.readiness().journal_confirmed).await;
        let reader = OpenAnswer::begin(&clinic.application, signed_in(clinic.pcp), None, now()).await;
        assert!(matches!(reader.map(drop), Err(Fault::Unavailable(_))));
        assert_eq!(clinic.application.readiness().stopped, None);
        care.away.send_replace(false);
        until(|| clinic.application.readiness().journal_confirmed).await;
        // The access log is still away: content stays in.
        assert!(matches!(read(&clinic, thread).await, Err(Fault::Unavailable(_))));
        access.away.send_replace(false);
        read(&clinic, thread).await.expect("recorded");
        assert!(!clinic.post(clinic.nurse, thread, round, Audience::Everyone).await.expect("posted").replayed);
        // The feed is taken up again: read models and all come along.
        until(|| clinic.application.readiness().read_models_caught_up).await;
        assert_eq!(clinic.messages(clinic.nurse, thread).await, [round]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_of_others_into_a_shared_store_delay_no_reader() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    care.shared.store(true, SeqCst);
    let thread = clinic.ask("shared").await;
    until(|| care.scanned.load(SeqCst) > 0).await;
    clinic.post(clinic.nurse, thread, "ours", Audience::Everyone).await.expect("posted");
    assert!(
        clinic.application.readiness().read_models_caught_up,
        "the read models wait for an event that is another's"
    );
    assert_eq!(clinic.messages(clinic.nurse, thread).await, ["ours"]);
    assert_eq!(clinic.application.readiness().stopped, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_loses_its_end_while_it_is_served_stops_the_node() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    clinic.ask("lost").await;
    care.swapped.store(true, SeqCst);
    care.shortened.store(true, SeqCst);
    until(|| clinic.application.readiness().stopped.is_some()).await;
    let reason = clinic.application.readiness().stopped.expect("a reason");
    assert!(reason.contains("its end is lost"), "{reason}");
    care.shortened.store(false, SeqCst);
    assert!(
        OpenAnswer::begin(&clinic.application, signed_in(clinic.pcp), None, now()).await.is_err(),
        "it goes on by itself"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_refuses_for_good_stops_the_node() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("refused").await;
    care.next([AppendFault::Denied]);
    assert!(clinic.post(clinic.nurse, thread, "late", Audience::Everyone).await.is_err());
    assert!(clinic.application.readiness().stopped.is_some_and(|reason| reason.contains("the store refuses")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_without_its_tail_or_with_another_event_in_its_place_is_refused() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    clinic.application.catch_up().await.expect("caught up");
    clinic.application.close();
    care.shortened.store(true, SeqCst);
    assert!(matches!(clinic.installation.open().await, Err(OpenApplicationError::LostTail { .. })));
    // Also when the read models are of another version and would be folded again: they still know of it.
    let read_models = clinic.installation.directory.path();
    let file = rusqlite::Connection::open(read_models.join("read-models.db")).expect("opens");
    let kept: Vec<u8> = file.query_row("SELECT fingerprint FROM checkpoint", [], |row| row.get(0)).expect("one");
    let mark = |fingerprint: &[u8]| file.execute("UPDATE checkpoint SET fingerprint = ?1", [fingerprint]).expect("set");
    mark(b"another");
    assert!(matches!(clinic.installation.open().await, Err(OpenApplicationError::LostTail { .. })));
    let rebuilt = clinic.installation.rebuild().await;
    assert!(matches!(rebuilt, Err(OpenApplicationError::LostTail { .. })));
    mark(&kept);
    assert!(matches!(
        read_models_status(read_models, &clinic.installation.care).await,
        Err(OpenApplicationError::LostTail { .. })
    ));
    drop(file);
    care.shortened.store(false, SeqCst);
    care.swapped.store(true, SeqCst);
    assert!(matches!(clinic.installation.open().await, Err(OpenApplicationError::ForeignReadModels)));
    care.swapped.store(false, SeqCst);
    clinic.installation.open().await.expect("whole again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_access_log_without_its_tail_or_with_another_record_in_its_place_is_refused() {
    let FaultyClinic { clinic, access, .. } = faulty_clinic().await;
    let thread = clinic.ask("read").await;
    clinic.post(clinic.nurse, thread, "text", Audience::Everyone).await.expect("posted");
    read(&clinic, thread).await.expect("read and recorded");
    clinic.application.close();
    let (directory, log) = (clinic.installation.directory.path(), &clinic.installation.access);
    let is_lost = |outcome: Result<(), OpenApplicationError>| {
        matches!(outcome, Err(OpenApplicationError::LostTail { log: "access", .. }))
    };
    access.shortened.store(true, SeqCst);
    assert!(is_lost(clinic.installation.open().await.map(drop)));
    assert!(is_lost(KnownEnds::of(directory).prove_access(log).await));
    // A rebuild would forget what the old read models know of the lost records.
    assert!(is_lost(clinic.installation.rebuild().await.map(drop)));
    // So would read models of another version.
    let file = rusqlite::Connection::open(directory.join("read-models.db")).expect("opens");
    file.execute("UPDATE checkpoint SET fingerprint = ?1", [b"another"]).expect("set");
    drop(file);
    assert!(is_lost(clinic.installation.open().await.map(drop)));
    access.shortened.store(false, SeqCst);
    access.swapped.store(true, SeqCst);
    assert!(matches!(clinic.installation.open().await, Err(OpenApplicationError::OtherAccessLog { .. })));
    access.swapped.store(false, SeqCst);
    // What is known outlives read models that are folded again, and those of another version.
    clinic.installation.open().await.expect("whole again").close();
    clinic.installation.rebuild().await.expect("folded again");
    KnownEnds::of(directory).prove_care(&clinic.installation.care).await.expect("whole");
    access.shortened.store(true, SeqCst);
    assert!(is_lost(clinic.installation.open().await.map(drop)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_may_not_know_of_an_object_causes_no_work_about_it() {
    let FaultyClinic { mut clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("idle").await;
    // Nothing is folded beforehand, so that any work shows.
    clinic.restart().await;
    let reads = care.reads.load(SeqCst);
    let by = signed_in(clinic.stranger);
    let nowhere = care::ids::Id::from_uuid(Uuid::from_u128(5));
    for id in [thread, nowhere] {
        let refused = clinic.post(clinic.stranger, id, "try", Audience::Everyone).await;
        assert!(matches!(refused, Err(Failed::Problem(Problem::NotFound))), "{refused:?}");
    }
    for patient in [clinic.patient, care::ids::Id::from_uuid(Uuid::from_u128(6))] {
        let metadata = crate::clinic::context("try");
        let remove = care::care_team::RemoveMember { patient, person: clinic.nurse };
        let refused = clinic.application.remove_member(sent_by(&by, &metadata), remove).await;
        assert!(matches!(refused, Err(Failed::Problem(Problem::NotFound))), "{refused:?}");
    }
    for (person, organization) in
        [(clinic.stranger, clinic.practice), (clinic.admin, care::ids::Id::from_uuid(Uuid::nil()))]
    {
        let new = care::organization::OpenPool {
            names: care::organization::PoolNames::one("None"),
            specialty: "none".into(),
        };
        let metadata = crate::clinic::context("try");
        let refused = clinic.application.open_pool(sent_by(&signed_in(person), &metadata), organization, new).await;
        assert!(matches!(refused, Err(Failed::Problem(Problem::NotFound))), "{refused:?}");
    }
    assert_eq!(care.reads.load(SeqCst), reads);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_that_cannot_be_written_stop_the_node() {
    let clinic = Clinic::open().await;
    let file = rusqlite::Connection::open(clinic.installation.directory.path().join("read-models.db")).expect("opens");
    file.execute_batch("DROP TABLE inbox").expect("dropped");
    clinic.ask("unfolded").await;
    assert!(clinic.application.readiness().stopped.is_some_and(|reason| reason.contains("the read models")));
    assert!(OpenAnswer::begin(&clinic.application, signed_in(clinic.pcp), None, now()).await.is_err());
}
