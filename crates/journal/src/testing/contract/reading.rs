//! Cases of reading: both ways through a stream, from anywhere in the log, and each namespace for itself.

use std::sync::Arc;

use super::{Site, append, at, event, fixed_clock, ids, many, opened, read_all, stream};
use crate::{Access, Direction, Expected, Position, Revision};

pub(super) async fn a_missing_stream_is_empty(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    assert_eq!(journal.head().await, Ok(None));
    for direction in [Direction::Forward, Direction::Backward] {
        for from in [None, Some(Revision(0)), Some(Revision(u64::MAX))] {
            let page = journal.read_stream(&stream("a-1"), from, direction, many(5)).await.expect("a page");
            assert!(page.events.is_empty() && page.at_end);
        }
    }
    let page = journal.read_log(None, many(5)).await.expect("a page");
    assert!(page.events.is_empty() && page.at_head);
    assert!(page.scanned.is_none() || !site.traits().dense);
}

pub(super) async fn a_stream_is_read_both_ways_from_anywhere(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    journal.append(append("a-1", Expected::NoStream, 0..5)).await.expect("appended");
    journal.append(append("b-1", Expected::NoStream, 90..95)).await.expect("appended");
    journal.append(append("a-1", at(4), 5..10)).await.expect("appended");
    let (forward, backward) = (Direction::Forward, Direction::Backward);
    type Case<'a> = (Option<u64>, Direction, u32, &'a [u128], bool);
    let cases: &[Case<'_>] = &[
        (None, forward, 3, &[0, 1, 2], false),
        (Some(3), forward, 3, &[3, 4, 5], false),
        (Some(7), forward, 3, &[7, 8, 9], true),
        (Some(8), forward, 3, &[8, 9], true),
        (Some(10), forward, 3, &[], true),
        (Some(u64::MAX), forward, 3, &[], true),
        (None, backward, 3, &[9, 8, 7], false),
        (Some(5), backward, 3, &[5, 4, 3], false),
        (Some(2), backward, 3, &[2, 1, 0], true),
        (Some(1), backward, 3, &[1, 0], true),
        (Some(0), backward, 1, &[0], true),
        (Some(u64::MAX), backward, 2, &[9, 8], false),
        (None, forward, 1_000, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], true),
    ];
    for (from, direction, max, expected, at_end) in cases {
        let page = journal.read_stream(&stream("a-1"), from.map(Revision), *direction, many(*max)).await;
        let page = page.expect("a page");
        assert_eq!((ids(&page.events).as_slice(), page.at_end), (*expected, *at_end), "{from:?} {direction:?} {max}");
    }
}

pub(super) async fn the_log_is_read_after_any_position(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    for id in 0..6 {
        journal.append(append(&format!("a-{id}"), Expected::NoStream, [id])).await.expect("appended");
    }
    let all = read_all(&journal).await;
    for (index, event) in all.iter().enumerate() {
        let page = journal.read_log(Some(event.position), many(2)).await.expect("a page");
        let rest = &all[index + 1..];
        assert_eq!(page.events, rest[..rest.len().min(2)]);
        assert_eq!(page.at_head, rest.len() <= 2);
        let last = page.events.last().map_or(event.position, |last| last.position);
        assert!(page.scanned == Some(last) || (page.at_head && page.scanned > Some(last)));
    }
    // A position that is no event, below the first and above the last.
    assert_eq!(journal.read_log(Some(Position(0)), many(9)).await.expect("a page").events, all);
    // In a store that others share, the number after the last event's may be within another's.
    let beyond = [all[5].position.0 + 1, u64::MAX];
    for beyond in beyond.into_iter().skip(usize::from(!site.traits().dense)) {
        let page = journal.read_log(Some(Position(beyond)), many(9)).await.expect("a page");
        assert!(page.events.is_empty() && page.at_head);
        assert_eq!(page.scanned, Some(Position(beyond)));
    }
}

pub(super) async fn two_namespaces_do_not_see_each_other(site: Arc<dyn Site>) {
    apart(site, ["care", "access"]).await;
}

pub(super) async fn a_namespace_is_no_prefix_of_another(site: Arc<dyn Site>) {
    apart(site, ["care", "careful"]).await;
}

async fn apart(site: Arc<dyn Site>, [one, other]: [&str; 2]) {
    let one = site.open_as(one, Access::Write, fixed_clock()).await.expect("the log opens");
    let other = site.open_as(other, Access::Write, fixed_clock()).await.expect("the log opens");
    assert_ne!(one.identity().await, other.identity().await);
    one.append(append("a-1", Expected::NoStream, [1, 2])).await.expect("appended");
    assert_eq!(other.head().await, Ok(None));
    other
        .append(append("a-1", Expected::NoStream, [2, 3, 4]))
        .await
        .expect("ids and streams of one are free in the other");
    assert_eq!((ids(&read_all(&one).await), ids(&read_all(&other).await)), (vec![1, 2], vec![2, 3, 4]));
}

pub(super) async fn holds_is_true_of_that_event_at_that_position_only(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    journal.append(append("a-1", Expected::NoStream, [1, 2])).await.expect("appended");
    let all = read_all(&journal).await;
    assert_eq!(journal.holds(all[0].position, event(1).id).await, Ok(true));
    assert_eq!(journal.holds(all[0].position, event(2).id).await, Ok(false));
    assert_eq!(journal.holds(all[1].position, event(1).id).await, Ok(false));
    assert_eq!(journal.holds(all[0].position, event(3).id).await, Ok(false));
    assert_eq!(journal.holds(Position(u64::MAX), event(1).id).await, Ok(false));
}

pub(super) async fn the_head_is_the_last_position(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let first = journal.append(append("a-1", Expected::NoStream, [1, 2])).await.expect("appended");
    assert_eq!(journal.head().await, Ok(Some(first.position)));
    let second = journal.append(append("b-1", Expected::NoStream, [3])).await.expect("appended");
    assert_eq!(journal.head().await, Ok(Some(second.position)));
    journal.append(append("b-1", Expected::NoStream, [4])).await.expect_err("a conflict");
    journal.append(append("a-1", Expected::NoStream, [1, 2])).await.expect("a repeat");
    assert_eq!(journal.head().await, Ok(Some(second.position)));
}
