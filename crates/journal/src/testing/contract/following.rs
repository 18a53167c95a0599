//! Cases of following: replay, the change from replay to live events, slow and dropped consumers.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use super::{Site, append, at, ids, opened, read_all};
use crate::{Expected, Feed, Position, ReadError, Recorded};

type Events = BoxStream<'static, Result<Feed, ReadError>>;

pub(super) async fn from_the_start_all_is_replayed_and_then_it_is_caught_up(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let mut empty = journal.follow(None).await.expect("a feed");
    assert!(until_caught_up(&mut empty).await.0.is_empty(), "also where there is nothing");
    let mut last = None;
    for first in (1_000..2_000).step_by(100) {
        let appended = journal.append(append(&format!("b-{first}"), Expected::NoStream, first..first + 100)).await;
        last = Some(appended.expect("appended").position);
    }
    let mut feed = journal.follow(None).await.expect("a feed");
    let (events, caught_up) = until_caught_up(&mut feed).await;
    assert_eq!(events, read_all(&journal).await);
    assert!(caught_up >= last);
}

pub(super) async fn after_a_position_is_exclusive(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    journal.append(append("a-1", Expected::NoStream, 0..10)).await.expect("appended");
    let all = read_all(&journal).await;
    for after in [0, 4, 9] {
        let mut feed = journal.follow(Some(all[after].position)).await.expect("a feed");
        let (events, caught_up) = until_caught_up(&mut feed).await;
        assert_eq!(events, all[after + 1..]);
        assert!(caught_up >= Some(all[9].position));
    }
}

pub(super) async fn live_events_arrive(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let mut feed = journal.follow(None).await.expect("a feed");
    assert!(until_caught_up(&mut feed).await.0.is_empty());
    for id in 0..10_u64 {
        let expected = id.checked_sub(1).map_or(Expected::NoStream, at);
        let appended = journal.append(append("a-1", expected, [u128::from(id)])).await.expect("appended");
        let mut seen = Vec::new();
        // A store that others share may say more than once that there is nothing new.
        while seen.is_empty() {
            let (events, caught_up) = until_caught_up(&mut feed).await;
            assert!(events.is_empty() || caught_up >= Some(appended.position));
            seen.extend(ids(&events));
        }
        assert_eq!(seen, [u128::from(id)]);
    }
}

pub(super) async fn nothing_is_lost_or_doubled_between_replay_and_live(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let writing = Arc::clone(&journal);
    let writer = tokio::spawn(async move {
        for id in 0..200 {
            writing.append(append(&format!("a-{id}"), Expected::NoStream, [id])).await.expect("appended");
        }
    });
    let mut followers = Vec::new();
    while !writer.is_finished() {
        let mut feed = journal.follow(None).await.expect("a feed");
        // Each begins elsewhere in the growing log, and goes over from replay to live there.
        let begun = next(&mut feed).await;
        followers.push((begun, feed));
        journal
            .append(append(&format!("b-{}", followers.len()), Expected::NoStream, [1_000 + followers.len() as u128]))
            .await
            .expect("appended");
        // A backend that never waits would not let the writer run otherwise.
        tokio::task::yield_now().await;
    }
    writer.await.expect("the writer ends");
    let all = ids(&read_all(&journal).await);
    for (begun, mut feed) in followers {
        let mut seen: Vec<Recorded> = match begun {
            Feed::Event(event) => vec![event],
            Feed::Scanned(_) | Feed::CaughtUp(_) => Vec::new(),
        };
        while seen.len() < all.len() {
            if let Feed::Event(event) = next(&mut feed).await {
                seen.push(event);
            }
        }
        assert_eq!(ids(&seen), all);
    }
}

pub(super) async fn a_slow_consumer_loses_nothing(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let mut feed = journal.follow(None).await.expect("a feed");
    assert!(until_caught_up(&mut feed).await.0.is_empty());
    // Many pages are written before the consumer looks again, and more while it reads.
    for first in (0..3_000).step_by(100) {
        journal.append(append(&format!("a-{first}"), Expected::NoStream, first..first + 100)).await.expect("appended");
    }
    let mut seen = Vec::new();
    while seen.len() < 3_001 {
        if let Feed::Event(event) = next(&mut feed).await {
            seen.push(event);
        }
        if seen.len() == 1_500 {
            journal.append(append("b-1", Expected::NoStream, [9_999])).await.expect("appended, or there already");
        }
    }
    assert_eq!(seen, read_all(&journal).await);
}

pub(super) async fn a_dropped_follower_leaves_nothing_behind(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    journal.append(append("a-1", Expected::NoStream, 0..100)).await.expect("appended");
    for round in 0..1_000 {
        let mut feed = journal.follow(None).await.expect("a feed");
        if round % 2 == 0 {
            next(&mut feed).await;
        }
    }
    let mut last = journal.follow(None).await.expect("a feed");
    assert_eq!(until_caught_up(&mut last).await.0.len(), 100);
    // A follower does not keep the log open: it ends when the journal is gone.
    drop(journal);
    let end = loop {
        match last.next().await.expect("it says why it ends") {
            Ok(Feed::Scanned(_) | Feed::CaughtUp(_)) => {}
            end => break end,
        }
    };
    assert!(matches!(end, Err(ReadError::Unavailable { .. })), "{end:?}");
    assert!(last.next().await.is_none());
}

async fn next(feed: &mut Events) -> Feed {
    feed.next().await.expect("no end").expect("no error")
}

async fn until_caught_up(feed: &mut Events) -> (Vec<Recorded>, Option<Position>) {
    let mut events = Vec::new();
    loop {
        match next(feed).await {
            Feed::Event(event) => events.push(event),
            Feed::Scanned(_) => {}
            Feed::CaughtUp(position) => return (events, position),
        }
    }
}
