//! Failures of KurrentDB: which of them a log survives, and which errors it reports for the others. The tests use the
//! stand-in with short timeouts.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use test_stores::kurrent::{Options, Refusal, StandIn, User};
use test_stores::relay::Relay;
use tokio::time::timeout;
use uuid::Uuid;

use crate::kurrent::connection::Timeouts;
use crate::kurrent::encoding::StreamNames;
use crate::kurrent::{Kurrent, Writing, renew_epoch};
use crate::{
    Access, Append, AppendError, Appended, Direction, EventType, Expected, Fatal, Feed, Journal, LogIdentity,
    Namespace, NewEvent, OpenError, Position, ReadError, Revision, StreamName,
};

/// Nothing that is to happen takes nearly this long.
const SOON: Duration = Duration::from_secs(30);

const SHORT: Timeouts = Timeouts {
    answer: Duration::from_millis(700),
    append: Duration::from_millis(700),
    search: Duration::from_millis(700),
    retry: Duration::from_secs(2),
    pause: Duration::from_millis(200),
};

fn care() -> Namespace {
    Namespace::parse("care").expect("a namespace")
}

async fn try_open(url: &str, access: Access) -> Result<Kurrent, OpenError> {
    // Each would make another log, as each would in life.
    static OPENED: AtomicU64 = AtomicU64::new(1);
    let log = Uuid::from_u128(OPENED.fetch_add(1, Ordering::Relaxed).into());
    let epoch = Uuid::from_u128(log.as_u128() << 64);
    let writing = || Writing { identity: LogIdentity { log, epoch }, clock: Arc::new(chrono::Utc::now) };
    Kurrent::open(url, StreamNames::of(care()), (access == Access::Write).then(writing), SHORT).await
}

async fn opened(url: &str) -> Kurrent {
    try_open(url, Access::Write).await.expect("the log opens")
}

fn stream(name: &str) -> StreamName {
    StreamName::parse(name).expect("a stream's name")
}

fn append(name: &str, expected: Expected, id: u128) -> Append {
    let event = NewEvent {
        id: Uuid::from_u128(id),
        event_type: EventType::parse("note.taken").expect("an event type"),
        data: Bytes::from(format!("{{\"note\":{id}}}")),
        meta: Bytes::from_static(b"{}"),
    };
    Append { stream: stream(name), expected, events: vec![event] }
}

fn at(revision: u64) -> Expected {
    Expected::Exact(Revision(revision))
}

fn many() -> NonZeroU32 {
    NonZeroU32::new(100).expect("not zero")
}

/// As a caller of a journal does: repeats the append until its outcome is known.
async fn settled(journal: &Kurrent, append: Append) -> Appended {
    let trying = async {
        loop {
            match journal.append(append.clone()).await {
                Ok(appended) => return appended,
                Err(AppendError::Indeterminate { .. } | AppendError::Unavailable { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
    timeout(SOON, trying).await.expect("it is settled")
}

async fn all(journal: &Kurrent) -> Vec<u128> {
    let reading = async {
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            match journal.read_log(after, many()).await {
                Ok(page) => {
                    ids.extend(page.events.iter().map(|event| event.id.as_u128()));
                    after = page.scanned;
                    if page.at_head {
                        return ids;
                    }
                }
                Err(ReadError::Unavailable { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
    timeout(SOON, reading).await.expect("it is read")
}

type Events = BoxStream<'static, Result<Feed, ReadError>>;

async fn said(feed: &mut Events) -> Result<Feed, ReadError> {
    timeout(SOON, feed.next()).await.expect("it says something").expect("it says why it ends")
}

/// The next event, whatever else is said before it.
async fn event(feed: &mut Events) -> u128 {
    loop {
        match said(feed).await.expect("no error") {
            Feed::Event(event) => return event.id.as_u128(),
            Feed::Scanned(_) | Feed::CaughtUp(_) => {}
        }
    }
}

async fn end(mut feed: Events) -> ReadError {
    loop {
        if let Err(end) = said(&mut feed).await {
            assert_eq!(feed.next().await, None);
            return end;
        }
    }
}

fn corrupt<T>(read: Result<T, ReadError>) -> Option<Position> {
    match read {
        Err(ReadError::Fatal(Fatal::Corrupt { position, .. })) => position,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was read"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_node_is_found_when_the_leader_dies() {
    let mut stand_in = StandIn::start(Options { nodes: 3, ..Options::default() });
    let journal = opened(&stand_in.url()).await;
    let mut feed = journal.follow(None).await.expect("a feed");
    journal.append(append("a-1", Expected::NoStream, 1)).await.expect("appended");
    assert_eq!(event(&mut feed).await, 1);
    stand_in.kill(0);
    stand_in.elect(1);
    settled(&journal, append("a-1", at(0), 2)).await;
    assert_eq!(event(&mut feed).await, 2);
    assert_eq!(all(&journal).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_to_a_follower_is_repeated_at_the_leader() {
    let stand_in = StandIn::start(Options { nodes: 3, ..Options::default() });
    let journal = opened(&stand_in.url()).await;
    let mut feed = journal.follow(None).await.expect("a feed");
    for (leader, revision) in [2, 1, 0, 2].into_iter().zip(0_u64..) {
        stand_in.elect(leader);
        let expected = revision.checked_sub(1).map_or(Expected::NoStream, at);
        let appended = journal.append(append("a-1", expected, u128::from(revision))).await;
        appended.expect("an append that a follower refused goes to the leader");
        assert_eq!(event(&mut feed).await, u128::from(revision));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_comes_back_is_used_again() {
    let mut stand_in = StandIn::start(Options::default());
    let journal = opened(&stand_in.url()).await;
    journal.append(append("a-1", Expected::NoStream, 1)).await.expect("appended");
    stand_in.kill(0);
    let away = timeout(SOON, journal.head()).await.expect("an answer");
    assert!(matches!(away, Err(ReadError::Unavailable { .. })), "{away:?}");
    let away = timeout(SOON, journal.append(append("a-1", at(0), 2))).await.expect("an answer");
    assert!(matches!(away, Err(AppendError::Unavailable { .. })), "nothing listens, so nothing was written: {away:?}");
    stand_in.revive(0);
    settled(&journal, append("a-1", at(0), 2)).await;
    assert_eq!(all(&journal).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_half_open_connection_is_replaced() {
    let stand_in = StandIn::start(Options::default());
    let relay = Relay::to(stand_in.address(0)).await;
    let journal = opened(&format!("kurrentdb://{}?tls=false", relay.address())).await;
    journal.append(append("a-1", Expected::NoStream, 1)).await.expect("appended");
    relay.go_half_open();
    let unknown = timeout(SOON, journal.append(append("a-1", at(0), 2))).await.expect("an answer");
    assert!(matches!(unknown, Err(AppendError::Indeterminate { .. })), "{unknown:?}");
    let away = timeout(SOON, journal.head()).await.expect("an answer");
    assert!(matches!(away, Err(ReadError::Unavailable { .. })), "{away:?}");
    relay.heal();
    settled(&journal, append("a-1", at(0), 2)).await;
    assert_eq!(all(&journal).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_stalls_is_not_waited_for() {
    let stand_in = StandIn::start(Options::default());
    let journal = opened(&stand_in.url()).await;
    let feed = journal.follow(None).await.expect("a feed");
    journal.append(append("a-1", Expected::NoStream, 1)).await.expect("appended");
    stand_in.silence(0, true);
    let began = tokio::time::Instant::now();
    let unknown = journal.append(append("a-1", at(0), 2)).await;
    assert!(matches!(unknown, Err(AppendError::Indeterminate { .. })), "{unknown:?}");
    let away = journal.read_log(None, many()).await;
    assert!(matches!(away, Err(ReadError::Unavailable { .. })), "{away:?}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(matches!(end(feed).await, ReadError::Unavailable { .. }));
    stand_in.silence(0, false);
    settled(&journal, append("a-1", at(0), 2)).await;
    assert_eq!(all(&journal).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_needs_no_subscription_of_the_store_and_survives_cut_connections() {
    let stand_in = StandIn::start(Options::default());
    stand_in.end_subscriptions_after(Some(0));
    let (journal, other) = (opened(&stand_in.url()).await, opened(&stand_in.url()).await);
    let mut feed = journal.follow(None).await.expect("a feed");
    for id in 0..20 {
        // By another node, so that only looking tells.
        other.append(append(&format!("a-{id}"), Expected::NoStream, id)).await.expect("appended");
        assert_eq!(event(&mut feed).await, id);
        stand_in.cut_connections(0);
        settled(&other, append(&format!("b-{id}"), Expected::NoStream, 100 + id)).await;
        assert_eq!(event(&mut feed).await, 100 + id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_lost_its_end_is_detected_and_the_journal_stays_ended() {
    let mut stand_in = StandIn::start(Options { noisy: false, ..Options::default() });
    let journal = opened(&stand_in.url()).await;
    let feed = journal.follow(None).await.expect("a feed");
    let first = journal.append(append("a-1", Expected::NoStream, 1)).await.expect("appended");
    let last = journal.append(append("a-1", at(0), 2)).await.expect("appended");
    stand_in.restore_before(last.position.0);
    let lost = ReadError::Fatal(Fatal::LostTail { position: last.position });
    assert_eq!(journal.head().await, Err(lost.clone()));
    assert_eq!(journal.read_log(Some(first.position), many()).await, Err(lost.clone()));
    let refused = journal.append(append("a-1", at(0), 3)).await;
    assert_eq!(refused, Err(AppendError::Fatal(Fatal::LostTail { position: last.position })));
    assert_eq!(end(feed).await, lost);

    // So it is where the log has grown past what was lost.
    let journal = opened(&stand_in.url()).await;
    let last = journal.append(append("a-1", at(0), 3)).await.expect("appended");
    stand_in.kill(0);
    stand_in.restore_before(last.position.0);
    for _ in 0..9 {
        stand_in.append_foreign("other-1", "grown", b"{\"long\":\"enough to be further on than what was lost\"}");
    }
    stand_in.revive(0);
    assert_eq!(journal.head().await, Err(ReadError::Fatal(Fatal::LostTail { position: last.position })));
    let refused = journal.append(append("b-1", Expected::NoStream, 4)).await;
    assert_eq!(refused, Err(AppendError::Fatal(Fatal::LostTail { position: last.position })));
    let fresh = opened(&stand_in.url()).await;
    assert_eq!(fresh.holds(last.position, Uuid::from_u128(3)).await, Ok(false));
    let within = Position(last.position.0 + 1);
    assert_eq!(fresh.holds(within, Uuid::from_u128(3)).await, Ok(false));
    let read = fresh.read_log(Some(within), many()).await;
    assert_eq!(read, Err(ReadError::Fatal(Fatal::LostTail { position: within })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_epoch_is_reported_to_a_journal_that_is_open() {
    let stand_in = StandIn::start(Options::default());
    let journal = opened(&stand_in.url()).await;
    let seen = journal.identity().await.expect("an identity");
    for id in 0..3 {
        journal.append(append(&format!("a-{id}"), Expected::NoStream, id)).await.expect("appended");
    }
    let reader = try_open(&stand_in.url(), Access::ReadOnly).await.expect("a reader");
    let feed = reader.follow(None).await.expect("a feed");
    let now = renew_epoch(&stand_in.url(), care(), Uuid::from_u128(9)).await.expect("a new epoch");
    assert_eq!((now.log, now.epoch), (seen.log, Uuid::from_u128(9)));
    let changed = ReadError::EpochChanged { seen, now };
    assert_eq!(reader.read_log(None, NonZeroU32::MIN).await, Err(changed.clone()));
    assert_eq!(end(feed).await, changed);
    assert_eq!(journal.head().await, Err(changed));
    let refused = journal.append(append("b-1", Expected::NoStream, 4)).await;
    assert!(matches!(refused, Err(AppendError::Fatal(Fatal::Ended { .. }))), "{refused:?}");
    let journal = opened(&stand_in.url()).await;
    assert_eq!(journal.identity().await, Ok(now));
    assert_eq!(all(&journal).await, [0, 1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_event_in_a_stream_of_the_log_is_damage_and_other_streams_are_ignored() {
    let stand_in = StandIn::start(Options { first_position: (1 << 53) + 1, ..Options::default() });
    let journal = opened(&stand_in.url()).await;
    for (foreign, kind) in [
        ("careful.a-1", "note.taken"),
        ("care-1", "note.taken"),
        ("care", "note.taken"),
        ("xcare.a-1", "note.taken"),
        ("other-care.a-1", "$>"),
        ("$$careful.a-1", "$metadata"),
    ] {
        stand_in.append_foreign(foreign, kind, b"{\"$maxCount\":1}");
    }
    // Who may read a stream is the operator's to say.
    stand_in.append_foreign("$$care.a-1", "$metadata", b"{\"$acl\":{\"$r\":\"ann\"}}");
    let first = journal.append(append("a-1", Expected::NoStream, 1)).await.expect("appended");
    assert_eq!(all(&journal).await, [1]);
    assert_eq!(journal.head().await, Ok(Some(first.position)));
    assert!(first.position.0 > 1 << 53);

    stand_in.append_foreign("care.a-1", "note.taken", b"{}");
    let planted = stand_in.records().iter().rev().find(|record| record.stream == "care.a-1").map(|at| at.position);
    assert_eq!(corrupt(journal.read_log(None, many()).await), planted.map(Position));
    assert_eq!(corrupt(journal.read_log(Some(first.position), many()).await), planted.map(Position));
    assert_eq!(
        corrupt(journal.read_stream(&stream("a-1"), None, Direction::Forward, many()).await),
        planted.map(Position)
    );
    assert_eq!(corrupt(end_of(journal.follow(None).await.expect("a feed")).await), planted.map(Position));
    // What is whole is still read.
    assert_eq!(journal.read_log(None, NonZeroU32::MIN).await.expect("the first").events.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_that_ends_early_without_an_error_is_not_the_end_of_the_log() {
    let stand_in = StandIn::start(Options::default());
    let journal = opened(&stand_in.url()).await;
    for id in 0..3 {
        journal.append(append(&format!("a-{id}"), Expected::NoStream, id)).await.expect("appended");
    }
    // The store goes on behind them with what is not ours.
    stand_in.append_foreign("other-1", "grown", b"{}");
    let reader = try_open(&stand_in.url(), Access::ReadOnly).await.expect("a reader");
    for whole in 0..=2 {
        stand_in.end_searches_after(Some(whole));
        let read = journal.read_log(None, many()).await;
        assert!(matches!(read, Err(ReadError::Unavailable { .. })), "{whole}: {read:?}");
    }
    stand_in.append_foreign("other-2", "grown", b"{}");
    stand_in.end_searches_after(Some(0));
    assert!(matches!(reader.head().await, Err(ReadError::Unavailable { .. })));
    stand_in.end_searches_after(None);
    assert_eq!(all(&journal).await, [0, 1, 2]);
    assert!(reader.head().await.is_ok_and(|head| head.is_some()));
}

async fn end_of(feed: Events) -> Result<(), ReadError> {
    Err(end(feed).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_byte_is_found_wherever_it_is_read() {
    let stand_in = StandIn::start(Options::default());
    let journal = opened(&stand_in.url()).await;
    let mut places = Vec::new();
    for id in 0..3_u64 {
        let expected = id.checked_sub(1).map_or(Expected::NoStream, at);
        places.push(journal.append(append("a-1", expected, u128::from(id))).await.expect("appended").position);
    }
    assert!(stand_in.flip(places[1].0));
    let journal = opened(&stand_in.url()).await;
    assert_eq!(corrupt(journal.read_log(None, many()).await), Some(places[1]));
    assert_eq!(corrupt(journal.read_log(Some(places[0]), NonZeroU32::MIN).await), Some(places[1]));
    for direction in [Direction::Forward, Direction::Backward] {
        assert_eq!(corrupt(journal.read_stream(&stream("a-1"), None, direction, many()).await), Some(places[1]));
    }
    let after = journal.read_log(Some(places[1]), many()).await.expect("what is whole");
    assert_eq!(after.events.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_stream_is_damage() {
    for for_good in [false, true] {
        let stand_in = StandIn::start(Options::default());
        let journal = opened(&stand_in.url()).await;
        journal.append(append("a-1", Expected::NoStream, 1)).await.expect("appended");
        let last = journal.append(append("b-1", Expected::NoStream, 2)).await.expect("appended");
        stand_in.delete("care.a-1", for_good);
        for direction in [Direction::Forward, Direction::Backward] {
            corrupt(journal.read_stream(&stream("a-1"), None, direction, many()).await);
        }
        assert!(corrupt(journal.read_log(Some(last.position), many()).await) > Some(last.position));
        let refused = journal.append(append("a-1", Expected::NoStream, 3)).await;
        assert!(matches!(refused, Err(AppendError::Fatal(Fatal::Corrupt { .. }))), "{refused:?}");
        stand_in.delete("carefold_identity-care", for_good);
        assert!(matches!(try_open(&stand_in.url(), Access::Write).await.map(drop), Err(OpenError::Damaged { .. })));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_without_events_of_the_log_are_scanned_once() {
    let stand_in = StandIn::start(Options::default());
    let journal = opened(&stand_in.url()).await;
    let last = journal.append(append("a-1", Expected::NoStream, 1)).await.expect("appended").position;
    let mut feed = journal.follow(Some(last)).await.expect("a feed");
    assert!(matches!(said(&mut feed).await, Ok(Feed::CaughtUp(Some(caught_up))) if caught_up >= last));
    let mut told = last;
    for _ in 0..3 {
        for _ in 0..700 {
            stand_in.append_foreign("other-1", "noise", b"{}");
        }
        let far = Position(stand_in.records().last().expect("noise").position);
        while told < far {
            match said(&mut feed).await {
                Ok(Feed::Scanned(scanned)) => {
                    assert!(scanned > told);
                    told = scanned;
                }
                other => panic!("{other:?}"),
            }
        }
        let mut page = journal.read_log(Some(last), many()).await.expect("a page");
        while !page.at_head {
            assert!(page.events.is_empty());
            page = journal.read_log(page.scanned, many()).await.expect("a page");
        }
        assert_eq!((page.events.len(), page.scanned), (0, Some(far)));
        assert_eq!(journal.head().await, Ok(Some(last)), "the head is of ours");
        assert_eq!(opened(&stand_in.url()).await.head().await, Ok(Some(last)));
    }
    let next = journal.append(append("a-1", at(0), 2)).await.expect("appended");
    assert_eq!(event(&mut feed).await, 2);
    assert_eq!(journal.head().await, Ok(Some(next.position)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_refusal_has_its_own_error() {
    let user = User { name: "ann".into(), password: "p@ss word%".into(), admin: true };
    let stand_in = StandIn::start(Options { user: Some(user), ..Options::default() });
    let url = |password| stand_in.url_as(Some(("ann", password)));
    assert!(matches!(try_open(&url("guess"), Access::Write).await.map(drop), Err(OpenError::Denied { .. })));
    let right = url("p%40ss%20word%25");
    assert!(matches!(try_open(&right, Access::ReadOnly).await.map(drop), Err(OpenError::Missing { .. })));
    let journal = opened(&right).await;
    journal.append(append("a-1", Expected::NoStream, 1)).await.expect("appended");
    let reader = try_open(&right, Access::ReadOnly).await.expect("a reader");
    assert_eq!(reader.append(append("a-1", at(0), 2)).await, Err(AppendError::Fatal(Fatal::ReadOnly)));
    assert_eq!(all(&reader).await, [1]);

    let mut told = Vec::new();
    for refusal in [Refusal::NotReady, Refusal::Busy, Refusal::Timeout, Refusal::Denied, Refusal::ReadOnly] {
        stand_in.refuse_writes(Some(refusal));
        told.push(match timeout(SOON, journal.append(append("a-1", at(0), 2))).await.expect("an answer") {
            Err(AppendError::Unavailable { .. }) => "not written",
            Err(AppendError::Indeterminate { .. }) => "unknown",
            Err(AppendError::Fatal(Fatal::Denied { .. })) => "denied",
            other => panic!("{refusal:?}: {other:?}"),
        });
    }
    assert_eq!(told, ["not written", "not written", "unknown", "denied", "not written"]);
    stand_in.refuse_writes(None);
    settled(&journal, append("a-1", at(0), 2)).await;
    assert_eq!(all(&journal).await, [1, 2]);
}

/// Two nodes write, each with a follower of its own, while connections break.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_writers_on_two_nodes_are_followed_by_both() {
    let stand_in = Arc::new(StandIn::start(Options { nodes: 3, ..Options::default() }));
    let nodes = [Arc::new(opened(&stand_in.url()).await), Arc::new(opened(&stand_in.url()).await)];
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..8_u128 {
        let (journal, stand_in) = (Arc::clone(&nodes[(writer % 2) as usize]), Arc::clone(&stand_in));
        writers.spawn(async move {
            for revision in 0..20_u64 {
                let expected = revision.checked_sub(1).map_or(Expected::NoStream, at);
                let id = writer * 1_000 + u128::from(revision);
                settled(&journal, append(&format!("w-{writer}"), expected, id)).await;
                if id % 31 == 0 {
                    stand_in.cut_connections(0);
                }
            }
        });
    }
    let mut seen = Vec::new();
    for journal in &nodes {
        let mut feed = journal.follow(None).await.expect("a feed");
        let mut ids = Vec::new();
        while ids.len() < 160 {
            ids.push(event(&mut feed).await);
        }
        seen.push(ids);
    }
    writers.join_all().await;
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], all(&nodes[0]).await);
    let mut once = seen[0].clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), 160);
}
