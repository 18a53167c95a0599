//! Cases of a log that outlives its process, and of faults on the way to the disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::StreamExt;

use super::{Site, append, at, event, fixed_clock, ids, many, opened, read_all, stream};
use crate::testing::fault::Fault;
use crate::{
    Access, Append, AppendError, Direction, Expected, Fatal, Feed, Journal, NewEvent, OpenError, Position, ReadError,
    Revision,
};

pub(super) async fn a_repeat_after_a_restart_is_answered_like_the_first_time(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let first = journal.append(append("a-1", Expected::NoStream, [1, 2])).await.expect("appended");
    journal.append(append("a-1", at(1), [3])).await.expect("appended");
    drop(journal);
    let journal = opened(&site).await;
    assert!(journal.head().await.expect("a head") > Some(first.position));
    let again = journal.append(append("a-1", Expected::NoStream, [1, 2])).await.expect("a repeat");
    assert_eq!(again, first);
    journal.append(append("a-1", at(2), [4])).await.expect("appended");
    assert_eq!(ids(&read_all(&journal).await), [1, 2, 3, 4]);
}

pub(super) async fn a_changed_byte_is_found_at_the_next_read(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let mark = b"the bytes that one flips";
    let marked = NewEvent { data: Bytes::from_static(mark), ..event(2) };
    let events = vec![event(1), marked, event(3)];
    journal.append(Append { stream: stream("a-1"), expected: Expected::NoStream, events }).await.expect("appended");
    let places: Vec<_> = read_all(&journal).await.iter().map(|event| event.position).collect();
    drop(journal);
    site.flip_byte_of(mark).await;
    let journal = opened(&site).await;
    let damaged = |error: &ReadError| matches!(error, ReadError::Fatal(Fatal::Corrupt { position: Some(position), .. }) if *position == places[1]);
    assert!(journal.read_log(None, many(9)).await.is_err_and(|error| damaged(&error)));
    assert!(journal.read_log(Some(places[0]), many(1)).await.is_err_and(|error| damaged(&error)));
    for direction in [Direction::Forward, Direction::Backward] {
        let read = journal.read_stream(&stream("a-1"), None, direction, many(9)).await;
        assert!(read.is_err_and(|error| damaged(&error)));
    }
    let mut feed = journal.follow(None).await.expect("a feed");
    assert!(feed.next().await.is_some_and(|item| item.is_err_and(|error| damaged(&error))));
    assert_eq!(ids(&journal.read_log(Some(places[1]), many(9)).await.expect("what is whole").events), [3]);
}

pub(super) async fn a_second_writer_is_refused_or_takes_turns_and_a_reader_only_reads(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    journal.append(append("a-1", Expected::NoStream, [1])).await.expect("appended");
    let mut there = vec![1];
    let second = site.open_as("care", Access::Write, fixed_clock()).await;
    if site.traits().one_writer {
        assert!(matches!(second.map(drop), Err(OpenError::Locked { .. })));
    } else {
        let second = second.expect("a second writer");
        let refused = second.append(append("a-1", Expected::NoStream, [3])).await;
        assert!(matches!(refused, Err(AppendError::Conflict { .. })), "{refused:?}");
        second.append(append("c-1", Expected::NoStream, [8])).await.expect("appended");
        journal.append(append("c-1", at(0), [9])).await.expect("appended");
        there.extend([8, 9]);
    }
    let reader = site.open_as("care", Access::ReadOnly, fixed_clock()).await.expect("a reader");
    assert_eq!(reader.identity().await, journal.identity().await);
    assert_eq!(ids(&read_all(&reader).await), there);
    assert_eq!(reader.append(append("b-1", Expected::NoStream, [2])).await, Err(AppendError::Fatal(Fatal::ReadOnly)));
    drop(journal);
    let journal = opened(&site).await;
    journal.append(append("a-1", at(0), [2])).await.expect("the lock was given back");
    there.push(2);
    assert_eq!(ids(&read_all(&reader).await), there);
}

pub(super) async fn the_store_itself_refuses_to_change_or_remove_events(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    journal.append(append("a-1", Expected::NoStream, [1, 2])).await.expect("appended");
    let before = read_all(&journal).await;
    drop(journal);
    assert_eq!(site.rewrite().await, Vec::<&str>::new());
    assert_eq!(read_all(&opened(&site).await).await, before);
}

pub(super) async fn the_identity_outlives_restarts_and_the_epoch_ends_with_a_restore(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let first = journal.identity().await.expect("an identity");
    journal.append(append("a-1", Expected::NoStream, [1])).await.expect("appended");
    drop(journal);
    let journal = opened(&site).await;
    assert_eq!(journal.identity().await, Ok(first));
    drop(journal);
    let reader = site.open_as("care", Access::ReadOnly, fixed_clock()).await.expect("a reader");
    assert_eq!(ids(&read_all(&reader).await), [1]);
    let renewed = site.renew_epoch().await;
    assert_eq!(renewed.log, first.log);
    assert_ne!(renewed.epoch, first.epoch);
    let told = ReadError::EpochChanged { seen: first, now: renewed };
    assert_eq!(reader.read_log(None, many(1)).await, Err(told));
    assert_eq!(opened(&site).await.identity().await, Ok(renewed));
}

pub(super) async fn the_time_of_storing_never_goes_back_over_a_restart(site: Arc<dyn Site>) {
    let now = Arc::new(AtomicI64::new(5_000_000));
    let clock = |now: &Arc<AtomicI64>| -> crate::Clock {
        let now = Arc::clone(now);
        Arc::new(move || DateTime::<Utc>::from_timestamp_micros(now.load(Ordering::Relaxed)).expect("a time"))
    };
    let journal = site.open_as("care", Access::Write, clock(&now)).await.expect("the log opens");
    journal.append(append("a-1", Expected::NoStream, [1])).await.expect("appended");
    drop(journal);
    now.store(1_000_000, Ordering::Relaxed);
    let journal = site.open_as("care", Access::Write, clock(&now)).await.expect("the log opens");
    journal.append(append("a-2", Expected::NoStream, [2])).await.expect("appended");
    let times: Vec<_> = read_all(&journal).await.iter().map(|event| event.stored_at.timestamp_micros()).collect();
    assert_eq!(times, [5_000_000, 5_000_000]);
}

pub(super) async fn a_reader_beside_the_writer_follows_it(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let reader = site.open_as("care", Access::ReadOnly, fixed_clock()).await.expect("a reader");
    let mut feed = reader.follow(None).await.expect("a feed");
    while !matches!(feed.next().await.expect("no end").expect("no error"), Feed::CaughtUp(_)) {}
    let appended = journal.append(append("a-1", Expected::NoStream, [1])).await.expect("appended");
    let event = loop {
        if let Feed::Event(event) = feed.next().await.expect("no end").expect("no error") {
            break event;
        }
    };
    assert_eq!(event.position, appended.position);
    assert_eq!(reader.head().await, Ok(Some(appended.position)));
}

pub(super) async fn a_lost_acknowledgement_is_indeterminate_and_its_repeat_is_answered(site: Arc<dyn Site>) {
    let journal = after_lost_commit(&site, Fault::AcknowledgementLost).await;
    assert_eq!(ids(&read_all(&journal).await), [1, 2, 3], "it was written");
    let head = journal.head().await.expect("a head");
    let again = journal.append(append("a-1", at(0), [2, 3])).await.expect("a repeat");
    assert_eq!((Some(again.position), again.last), (head, Revision(2)));
    assert_eq!(ids(&read_all(&journal).await), [1, 2, 3]);
}

pub(super) async fn a_lost_commit_is_indeterminate_and_its_repeat_is_written_once(site: Arc<dyn Site>) {
    let journal = after_lost_commit(&site, Fault::CommitLost).await;
    assert_eq!(ids(&read_all(&journal).await), [1], "it was not written");
    journal.append(append("a-1", at(0), [2, 3])).await.expect("appended");
    assert_eq!(ids(&read_all(&journal).await), [1, 2, 3]);
}

/// The log after a commit whose outcome nobody knows: it goes on by itself.
async fn after_lost_commit(site: &Arc<dyn Site>, fault: Fault) -> Arc<dyn Journal> {
    let journal = opened(site).await;
    journal.append(append("a-1", Expected::NoStream, [1])).await.expect("appended");
    site.arm(fault);
    let lost = journal.append(append("a-1", at(0), [2, 3])).await;
    assert!(matches!(lost, Err(AppendError::Indeterminate { .. })), "{lost:?}");
    journal
}

pub(super) async fn a_full_disk_writes_nothing_and_recovers(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    journal.append(append("a-1", Expected::NoStream, [1])).await.expect("appended");
    site.arm(Fault::DiskFull);
    let refused = journal.append(append("a-1", at(0), [2, 3])).await;
    assert!(matches!(refused, Err(AppendError::Unavailable { .. })), "{refused:?}");
    assert_eq!(ids(&read_all(&journal).await), [1]);
    let appended = journal.append(append("a-1", at(0), [2, 3])).await.expect("appended");
    assert!(!site.traits().dense || appended.position == Position(3), "no hole is left");
    assert_eq!(ids(&read_all(&journal).await), [1, 2, 3]);
}
