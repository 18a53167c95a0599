//! Cases of many at once: writers that race, and followers that read what they write.

use std::sync::Arc;

use futures_util::StreamExt;
use tokio::task::{JoinSet, yield_now};

use super::{Site, append, assert_sound, at, ids, many, opened, read_all, read_whole_stream};
use crate::{AppendError, Expected, Feed, Journal, Recorded, Revision, Serving, ServingError};

const WRITERS: u128 = 8;

pub(super) async fn one_writer_wins_each_revision(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let wins_each = 10;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let journal = Arc::clone(&journal);
        writers.spawn(async move {
            let (mut won, mut expected) = (Vec::new(), Expected::NoStream);
            while won.len() < wins_each {
                let id = writer * 1_000 + won.len() as u128;
                match journal.append(append("a-1", expected, [id])).await {
                    Ok(appended) => {
                        won.push(appended.last);
                        expected = Expected::Exact(appended.last);
                    }
                    Err(AppendError::Conflict { actual, .. }) => {
                        expected = actual.map_or(Expected::NoStream, Expected::Exact);
                    }
                    Err(other) => panic!("{other}"),
                }
            }
            won
        });
    }
    let mut won: Vec<Revision> = writers.join_all().await.into_iter().flatten().collect();
    won.sort();
    assert_eq!(won, (0..80).map(Revision).collect::<Vec<_>>(), "each revision has one winner");
    assert_sound(&read_whole_stream(&journal, "a-1").await);
}

pub(super) async fn many_writers_lose_and_double_nothing(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    write(&journal, 25).join_all().await;
    let events = read_all(&journal).await;
    assert_sound(&events);
    assert_eq!(events.len(), 25 * WRITERS as usize);
}

pub(super) async fn a_follower_sees_everything_once_and_in_order_while_many_write(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let seen = follow(&journal, 40 * WRITERS as usize);
    write(&journal, 40).join_all().await;
    let seen = seen.await.expect("the follower ends");
    assert_sound(&seen);
    assert_eq!(seen, read_all(&journal).await);
}

pub(super) async fn two_followers_see_the_same_order(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let expected = 25 * WRITERS as usize;
    let (one, other) = (follow(&journal, expected), follow(&journal, expected));
    write(&journal, 25).join_all().await;
    assert_eq!(ids(&one.await.expect("it ends")), ids(&other.await.expect("it ends")));
}

pub(super) async fn an_append_after_an_answer_has_a_higher_position(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let others = write(&journal, 25);
    let mut before = None;
    for id in 0..25 {
        let appended = journal.append(append(&format!("z-{id}"), Expected::NoStream, [1_000_000 + id])).await;
        let position = appended.expect("appended").position;
        assert!(Some(position) > before);
        assert!(journal.head().await.expect("a head") >= Some(position), "the answer is in the head");
        before = Some(position);
    }
    others.join_all().await;
}

pub(super) async fn no_page_at_the_head_ends_within_an_append(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let journal = Arc::clone(&journal);
        writers.spawn(async move {
            for batch in 0..15_u64 {
                let expected = if batch == 0 { Expected::NoStream } else { at(batch * 10 - 1) };
                let first = writer * 1_000 + u128::from(batch) * 10;
                journal.append(append(&format!("a-{writer}"), expected, first..first + 10)).await.expect("appended");
            }
        });
    }
    loop {
        let (mut events, mut page) = (0, journal.read_log(None, many(1_000)).await.expect("a page"));
        while !page.at_head {
            events += page.events.len();
            page = journal.read_log(page.scanned, many(1_000)).await.expect("a page");
        }
        events += page.events.len();
        assert_eq!(events % 10, 0, "whole appends only");
        if events == 600 {
            break;
        }
        yield_now().await;
    }
    writers.join_all().await;
}

/// Eight writers, each on a stream of its own, with pauses of uneven length.
pub(super) async fn of_two_servers_one_serves_and_the_next_begins_when_it_has_ended(site: Arc<dyn Site>) {
    if site.traits().one_writer {
        // The second does not even open the log.
        return;
    }
    let journal = opened(&site).await;
    let first = Serving::begin(Arc::clone(&journal)).await.expect("nobody serves a new log");
    let second = Serving::begin(Arc::clone(&journal)).await;
    assert!(matches!(second, Err(ServingError::Another)), "{second:?}");
    first.end().await;
    Serving::begin(journal).await.expect("the first has ended");
}

fn write(journal: &Arc<dyn Journal>, appends_each: u64) -> JoinSet<()> {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let journal = Arc::clone(journal);
        writers.spawn(async move {
            for revision in 0..appends_each {
                let expected = revision.checked_sub(1).map_or(Expected::NoStream, at);
                let id = writer * 1_000 + u128::from(revision);
                journal.append(append(&format!("w-{writer}"), expected, [id])).await.expect("appended");
                for _ in 0..(id * 7919) % 5 {
                    yield_now().await;
                }
            }
        });
    }
    writers
}

/// What a follower has seen when it has seen so much.
fn follow(journal: &Arc<dyn Journal>, events: usize) -> tokio::task::JoinHandle<Vec<Recorded>> {
    let journal = Arc::clone(journal);
    tokio::spawn(async move {
        let mut feed = journal.follow(None).await.expect("a feed");
        let mut seen = Vec::new();
        while seen.len() < events {
            match feed.next().await.expect("no end").expect("no error") {
                Feed::Event(event) => seen.push(event),
                Feed::Scanned(_) | Feed::CaughtUp(_) => {}
            }
        }
        seen
    })
}
