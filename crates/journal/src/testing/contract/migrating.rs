//! Cases of a row of appends: written in its order, up to the first that fails, and repeated from there.

use std::sync::Arc;

use super::{Site, append, assert_sound, at, ids, opened, read_all, stream};
use crate::testing::fault::Fault;
use crate::{Append, AppendError, Expected, LIMITS, Measured, Revision, Stopped};

/// Appends to three streams in turn, each of one to three events.
fn row(appends: u64) -> Vec<Append> {
    let mut lengths = [0; 3];
    let mut row = Vec::new();
    let mut id = 0;
    for number in 0..appends {
        let (stream, events) = (number % 3, number % 4 % 3 + 1);
        let length = &mut lengths[stream as usize];
        let expected = u64::checked_sub(*length, 1).map_or(Expected::NoStream, at);
        row.push(append(&format!("s-{stream}"), expected, id..id + u128::from(events)));
        id += u128::from(events);
        *length += events;
    }
    row
}

fn ids_of(row: &[Append]) -> Vec<u128> {
    row.iter().flat_map(|append| &append.events).map(|event| event.id.as_u128()).collect()
}

pub(super) async fn a_sequence_of_appends_keeps_its_order(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    assert_eq!(journal.append_in_order(Vec::new()).await, Ok(()));
    assert_eq!(journal.append_in_order(row(30)).await, Ok(()));
    let events = read_all(&journal).await;
    assert_sound(&events);
    assert_eq!(ids(&events), ids_of(&row(30)));
    assert_eq!(journal.head().await, Ok(events.last().map(|last| last.position)));
}

pub(super) async fn a_row_stops_at_the_first_that_fails(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    journal.append(append("a-1", Expected::NoStream, [1_000])).await.expect("appended");
    let mut conflicting = row(9);
    conflicting.insert(5, append("a-1", Expected::NoStream, [1_001]));
    let conflict =
        AppendError::Conflict { stream: stream("a-1"), expected: Expected::NoStream, actual: Some(Revision(0)) };
    assert_eq!(journal.append_in_order(conflicting).await, Err(Stopped { done: 5, error: conflict }));
    let written = [&[1_000], &ids_of(&row(5))[..]].concat();
    assert_eq!(ids(&read_all(&journal).await), written);

    let mut oversized = row(9);
    let event = oversized[7].events.first_mut().expect("an event");
    event.data = vec![0; LIMITS.event_bytes_max + 1].into();
    event.meta = Vec::new().into();
    let error = AppendError::TooLarge {
        what: Measured::EventBytes,
        size: LIMITS.event_bytes_max + 1,
        size_max: LIMITS.event_bytes_max,
    };
    assert_eq!(journal.append_in_order(oversized).await, Err(Stopped { done: 7, error }));
    assert_eq!(ids(&read_all(&journal).await), [&[1_000], &ids_of(&row(7))[..]].concat());
    assert_eq!(journal.append_in_order(row(9)).await, Ok(()), "and goes on from there");
    assert_eq!(ids(&read_all(&journal).await), [&[1_000], &ids_of(&row(9))[..]].concat());
}

pub(super) async fn a_repeated_row_is_answered_and_not_written_again(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    for appends in [12, 12, 7, 20] {
        assert_eq!(journal.append_in_order(row(appends)).await, Ok(()));
    }
    assert_eq!(ids(&read_all(&journal).await), ids_of(&row(20)));
}

/// Longer than what any store takes at once.
pub(super) async fn a_long_row_is_written_whole(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let mut long = row(1_300);
    let conflict = long.len() - 100;
    let expected = ids_of(&long[..conflict]);
    long[conflict].expected = at(u64::MAX);
    let stopped = journal.append_in_order(long).await.expect_err("a conflict");
    assert!(
        matches!(stopped, Stopped { done, error: AppendError::Conflict { .. } } if done == conflict),
        "{stopped:?}"
    );
    let events = read_all(&journal).await;
    assert_sound(&events);
    assert_eq!(ids(&events), expected);
}

pub(super) async fn a_row_repeated_from_where_it_stopped_ends_in_the_same_log(site: Arc<dyn Site>) {
    for fault in [Fault::AcknowledgementLost, Fault::CommitLost] {
        let site = site.fresh();
        let journal = opened(&site).await;
        journal.append_in_order(row(10)).await.expect("appended");
        let row = row(30);
        site.arm(fault);
        let stopped = journal.append_in_order(row.clone()).await.expect_err("nobody knows");
        assert!(matches!(stopped.error, AppendError::Indeterminate { .. }), "{stopped:?}");
        let there = ids(&read_all(&journal).await);
        assert!(there.len() >= ids_of(&row[..stopped.done]).len(), "what was said to be done is there");
        let rest = row[stopped.done..].to_vec();
        assert_eq!(journal.append_in_order(rest).await, Ok(()));
        let events = read_all(&journal).await;
        assert_sound(&events);
        assert_eq!(ids(&events), ids_of(&row));
    }
}
