//! Cases of a single append: revisions, conflicts, limits, and bytes that come back as they were.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::{Site, append, at, event, ids, opened, read_all, read_whole_stream, stream};
use crate::{Access, Append, AppendError, Appended, Expected, LIMITS, Measured, NewEvent, Revision, Troubles};

pub(super) async fn a_first_append_gets_the_revisions_from_zero(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let appended = journal.append(append("a-1", Expected::NoStream, [1, 2, 3])).await.expect("appended");
    assert_eq!((appended.first, appended.last), (Revision(0), Revision(2)));
    let events = read_whole_stream(&journal, "a-1").await;
    assert_eq!(events.iter().map(|event| event.revision.0).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(events.last().map(|event| event.position), Some(appended.position));
}

pub(super) async fn an_append_at_the_last_revision_continues_the_stream(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    journal.append(append("a-1", Expected::NoStream, [1, 2])).await.expect("appended");
    let appended = journal.append(append("a-1", at(1), [3, 4])).await.expect("appended");
    assert_eq!((appended.first, appended.last), (Revision(2), Revision(3)));
    assert_eq!(ids(&read_whole_stream(&journal, "a-1").await), [1, 2, 3, 4]);
}

pub(super) async fn no_stream_is_a_conflict_where_there_is_one(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    journal.append(append("a-1", Expected::NoStream, [1, 2])).await.expect("appended");
    let refused = journal.append(append("a-1", Expected::NoStream, [3])).await;
    assert_eq!(
        refused,
        Err(AppendError::Conflict { stream: stream("a-1"), expected: Expected::NoStream, actual: Some(Revision(1)) })
    );
    assert_eq!(ids(&read_all(&journal).await), [1, 2]);
}

pub(super) async fn a_revision_too_low_or_too_high_is_a_conflict_and_writes_nothing(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    journal.append(append("a-1", Expected::NoStream, [1, 2])).await.expect("appended");
    for revision in [0, 2, 3, u64::MAX] {
        let refused = journal.append(append("a-1", at(revision), [7, 8])).await;
        let conflict =
            AppendError::Conflict { stream: stream("a-1"), expected: at(revision), actual: Some(Revision(1)) };
        assert_eq!(refused, Err(conflict));
    }
    assert_eq!(ids(&read_all(&journal).await), [1, 2]);
}

pub(super) async fn a_revision_of_a_missing_stream_is_a_conflict_with_none(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let refused = journal.append(append("a-1", at(0), [1])).await;
    assert_eq!(refused, Err(AppendError::Conflict { stream: stream("a-1"), expected: at(0), actual: None }));
    assert!(read_all(&journal).await.is_empty());
}

pub(super) async fn the_events_of_an_append_are_neighbours_in_stream_and_log(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let one = journal.append(append("a-1", Expected::NoStream, 1..=5));
    let other = journal.append(append("b-1", Expected::NoStream, 11..=15));
    let (one, other) = tokio::join!(one, other);
    one.and(other).expect("both appended");
    let found = ids(&read_all(&journal).await);
    let (one, other): (Vec<_>, Vec<_>) = ((1..=5).collect(), (11..=15).collect());
    assert!(found == [one.clone(), other.clone()].concat() || found == [other, one].concat(), "{found:?}");
}

pub(super) async fn an_event_that_is_too_large_refuses_the_whole_append(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let mut spoilt = append("a-1", Expected::NoStream, [1, 2]);
    spoilt.events.push(sized(3, LIMITS.event_bytes_max + 1));
    assert!(matches!(journal.append(spoilt).await, Err(AppendError::TooLarge { what: Measured::EventBytes, .. })));
    assert!(read_all(&journal).await.is_empty());
}

pub(super) async fn an_append_without_events_is_refused(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    for expected in [Expected::NoStream, at(0)] {
        assert_eq!(journal.append(append("a-1", expected, [])).await, Err(AppendError::Empty));
    }
    assert_eq!(journal.head().await, Ok(None));
}

pub(super) async fn an_append_at_a_limit_is_accepted_and_one_above_is_refused(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let limits = journal.limits();
    let take = async |name: &str, events: Vec<NewEvent>| {
        let append = Append { stream: stream(name), expected: Expected::NoStream, events };
        journal.append(append).await.map(|appended: Appended| appended.last.0 + 1)
    };
    let half = limits.append_bytes_max / 2;
    assert_eq!(take("a-1", vec![sized(1, limits.event_bytes_max)]).await, Ok(1));
    assert_eq!(take("a-2", vec![sized(2, half), sized(3, half)]).await, Ok(2));
    assert_eq!(take("a-3", (100..200).map(event).collect()).await, Ok(100));

    let above = |what, size, size_max| Err(AppendError::TooLarge { what, size, size_max });
    let (event_max, append_max) = (limits.event_bytes_max, limits.append_bytes_max);
    assert_eq!(take("a-4", vec![sized(4, event_max + 1)]).await, above(Measured::EventBytes, event_max + 1, event_max));
    assert_eq!(
        take("a-4", vec![sized(4, half), sized(5, half + 1)]).await,
        above(Measured::AppendBytes, append_max + 1, append_max)
    );
    assert_eq!(take("a-4", (300..401).map(event).collect()).await, above(Measured::AppendEvents, 101, 100));
    assert!(read_whole_stream(&journal, "a-4").await.is_empty());
}

pub(super) async fn data_and_metadata_come_back_byte_for_byte(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let every_byte: Vec<u8> = (0..=255).collect();
    let payloads = [&b""[..], b"\0", b"a\0b\0", "\u{1F9E1} \u{10FFFF}".as_bytes(), b"\xff\xfe", &every_byte];
    let mut events = Vec::new();
    for data in payloads {
        for meta in payloads {
            let (data, meta) = (Bytes::copy_from_slice(data), Bytes::copy_from_slice(meta));
            events.push(NewEvent { data, meta, ..event(events.len() as u128) });
        }
    }
    let append = Append { stream: stream("a-1"), expected: Expected::NoStream, events: events.clone() };
    journal.append(append).await.expect("appended");
    let found = read_whole_stream(&journal, "a-1").await;
    assert_eq!(found.len(), events.len());
    for (found, given) in found.iter().zip(&events) {
        assert_eq!(
            (&found.data, &found.meta, found.id, &found.event_type),
            (&given.data, &given.meta, given.id, &given.event_type)
        );
    }
    assert_eq!(found, read_all(&journal).await);
}

pub(super) async fn an_id_twice_in_an_append_is_refused(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let refused = journal.append(append("a-1", Expected::NoStream, [1, 2, 1])).await;
    assert_eq!(refused, Err(AppendError::IdReused { id: event(1).id }));
    assert!(read_all(&journal).await.is_empty());
}

pub(super) async fn the_time_of_storing_never_goes_back(site: Arc<dyn Site>) {
    let times = [1_000_000_000, 5_000_000_999, 2_000_000_000, 9_000_000_000];
    let asked = AtomicUsize::new(0);
    let clock = Arc::new(move || {
        DateTime::<Utc>::from_timestamp_nanos(times[asked.fetch_add(1, Ordering::Relaxed).min(times.len() - 1)])
    });
    let journal = site.open_as("care", Access::Write, clock).await.expect("the log opens");
    for id in 1..=4 {
        journal.append(append(&format!("a-{id}"), Expected::NoStream, [id])).await.expect("appended");
    }
    let found: Vec<_> = read_all(&journal).await.iter().map(|event| event.stored_at.timestamp_nanos_opt()).collect();
    assert_eq!(found, [1_000_000_000, 5_000_000_000, 5_000_000_000, 9_000_000_000].map(Some));
}

pub(super) async fn a_proof_that_it_works_adds_no_event(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    journal.append(append("a-1", Expected::NoStream, [1])).await.expect("appended");
    let before = journal.head().await;
    assert_eq!((journal.prove_reading().await, journal.prove_writing().await), (Ok(()), Ok(())));
    assert_eq!(journal.head().await, before);
    let appended = journal.append(append("a-1", at(0), [2])).await.expect("appended");
    assert_eq!(appended.last, Revision(1));
    assert_eq!(ids(&read_all(&journal).await), [1, 2]);
    assert_eq!(journal.troubles(), Troubles::default());
}

fn sized(id: u128, bytes: usize) -> NewEvent {
    NewEvent { data: Bytes::from(vec![b'x'; bytes - 2]), ..event(id) }
}
