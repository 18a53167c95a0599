//! Cases of servers and networks that fail while many append: what was acknowledged is there once, what was not is there
//! at most once, and the journal goes on by itself.
//!
//! Servers are killed, not machines: `fsync` is off in these clusters, and nothing here proves what a disk keeps.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use test_stores::postgres::{Cluster, SUPERUSER, Standby, Stop};
use tokio::task::{JoinSet, yield_now};
use tokio::time::{Instant, timeout};

use super::{Database, READER, SERVER, name};
use crate::testing::contract::{append, assert_sound, at, fixed_clock, ids, many, read_all};
use crate::{
    Access, AppendError, Clock, Expected, Fatal, Feed, Journal, OpenError, Position, ReadError, Recorded, init, open,
    renew_epoch,
};

/// No condition is waited for longer.
const WAIT_MAX: Duration = Duration::from_secs(60);
const WRITERS: u128 = 6;

/// Writers that run until they are stopped, and their acknowledged appends.
struct Load {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    writers: JoinSet<HashMap<u128, Position>>,
}

impl Load {
    /// Each journal gets writers with streams of their own. Half of them repeat what was not acknowledged, the others
    /// leave it and go on elsewhere.
    fn on(journals: &[Arc<dyn Journal>]) -> Self {
        let (stop, acknowledged) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let mut writers = JoinSet::new();
        for (writer, journal) in (0..WRITERS).zip(journals.iter().cycle()) {
            let (stop, acknowledged) = (Arc::clone(&stop), Arc::clone(&acknowledged));
            writers.spawn(keep_appending(writer, Arc::clone(journal), stop, acknowledged));
        }
        Self { stop, acknowledged, writers }
    }

    /// Waits until so many more appends are acknowledged.
    async fn goes_on(&self, more: usize) {
        let enough = self.acknowledged.load(Ordering::Relaxed) + more;
        let counted = async {
            while self.acknowledged.load(Ordering::Relaxed) < enough {
                yield_now().await;
            }
        };
        timeout(WAIT_MAX, counted).await.expect("the journal goes on by itself");
    }

    /// Stops the writers, and holds the log against what they were told.
    async fn held_once(self, journal: &Arc<dyn Journal>) -> Vec<Recorded> {
        self.stop.store(true, Ordering::Relaxed);
        let acknowledged: HashMap<u128, Position> = self.writers.join_all().await.into_iter().flatten().collect();
        let events = read_all(journal).await;
        assert_sound(&events);
        let found: HashMap<u128, Position> = events.iter().map(|event| (event.id.as_u128(), event.position)).collect();
        for (id, position) in &acknowledged {
            assert_eq!(found.get(id), Some(position), "an acknowledged event is where it was said to be");
        }
        assert!(!acknowledged.is_empty());
        events
    }
}

async fn keep_appending(
    writer: u128,
    journal: Arc<dyn Journal>,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
) -> HashMap<u128, Position> {
    let (mut told, mut stream, mut expected) = (HashMap::new(), 0, Expected::NoStream);
    for number in 0.. {
        let first = writer << 64 | number << 8;
        let ids = first..=first + number % 3;
        let last = *ids.end();
        let next = append(&format!("w-{writer}-{stream}"), expected, ids);
        loop {
            match journal.append(next.clone()).await {
                Ok(appended) => {
                    told.insert(last, appended.position);
                    expected = Expected::Exact(appended.last);
                    acknowledged.fetch_add(1, Ordering::Relaxed);
                    break;
                }
                Err(AppendError::Unavailable { .. } | AppendError::Indeterminate { .. }) => {}
                Err(other) => panic!("{other}"),
            }
            if stop.load(Ordering::Relaxed) {
                return told;
            }
            if writer.is_multiple_of(2) {
                (stream, expected) = (stream + 1, Expected::NoStream);
                break;
            }
        }
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    told
}

/// A cluster of its own with a log in it.
async fn own() -> Option<Database> {
    let database = Database::within(Arc::new(Cluster::start()?));
    database.make("care").await;
    Some(database)
}

async fn opened(url: &str, access: Access) -> Arc<dyn Journal> {
    open(url, name("care"), access, fixed_clock()).await.expect("the log opens")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_followers_of_eight_writing_nodes_get_each_event_once_and_in_order() {
    let Some(_running) = Cluster::shared() else { return };
    let database = Database::new();
    database.make("care").await;
    let events_each = 60;
    let mut readers = JoinSet::new();
    for _ in 0..2 {
        let journal = opened(&database.url_of(READER), Access::ReadOnly).await;
        readers.spawn(async move {
            let mut feed = journal.follow(None).await.expect("a feed");
            let mut seen = Vec::new();
            while seen.len() < 8 * events_each {
                if let Feed::Event(event) = feed.next().await.expect("no end").expect("no error") {
                    seen.push(event);
                }
            }
            seen
        });
    }
    let mut writers = JoinSet::new();
    for writer in 0..8_u128 {
        let journal = opened(&database.url_of(SERVER), Access::Write).await;
        writers.spawn(async move {
            for revision in 0..events_each as u64 {
                let expected = revision.checked_sub(1).map_or(Expected::NoStream, at);
                let id = writer << 64 | u128::from(revision);
                journal.append(append(&format!("w-{writer}"), expected, [id])).await.expect("appended");
                for _ in 0..RandomState::new().hash_one(id) % 40 {
                    yield_now().await;
                }
            }
        });
    }
    timeout(WAIT_MAX, writers.join_all()).await.expect("all is written");
    let all = read_all(&opened(&database.url_of(SERVER), Access::Write).await).await;
    assert_sound(&all);
    assert_eq!(all.len(), 8 * events_each);
    for seen in timeout(WAIT_MAX, readers.join_all()).await.expect("all is read") {
        assert_eq!(seen, all);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_or_crash_of_the_server_loses_nothing_and_journal_and_feed_continue() {
    let Some(database) = own().await else { return };
    let journal = opened(&database.url_of(SERVER), Access::Write).await;
    let mut feed = journal.follow(None).await.expect("a feed");
    let load = Load::on(std::slice::from_ref(&journal));
    for stop in [Stop::Fast, Stop::Immediate] {
        load.goes_on(50).await;
        let cluster = Arc::clone(&database.cluster);
        let restarting = tokio::task::spawn_blocking(move || {
            cluster.stop(stop);
            cluster.start_again();
        });
        restarting.await.expect("a restart");
    }
    load.goes_on(50).await;
    let all = load.held_once(&journal).await;
    let mut seen = Vec::new();
    while seen.len() < all.len() {
        if let Feed::Event(event) = feed.next().await.expect("no end").expect("no error") {
            seen.push(event);
        }
    }
    assert_eq!(seen, all, "a restart does not end a feed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_or_dead_connection_loses_nothing_and_the_journal_continues() {
    let Some(_running) = Cluster::shared() else { return };
    let database = Database::new();
    database.make("care").await;
    let journal = opened(&database.relayed().await, Access::Write).await;
    let load = Load::on(std::slice::from_ref(&journal));
    let relay = database.relay().await;
    for _ in 0..20 {
        load.goes_on(10).await;
        relay.cut();
    }
    load.goes_on(10).await;
    relay.go_half_open();
    let late = journal.append(append("late-1", Expected::NoStream, [1])).await;
    assert!(matches!(late, Err(AppendError::Indeterminate { .. } | AppendError::Unavailable { .. })), "{late:?}");
    relay.heal();
    load.goes_on(10).await;
    relay.delay(Duration::from_millis(5));
    load.goes_on(10).await;
    relay.refuse();
    let refused = journal.append(append("late-2", Expected::NoStream, [2])).await;
    assert!(refused.is_err(), "{refused:?}");
    relay.heal();
    load.goes_on(10).await;
    load.held_once(&journal).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_never_comes_is_indeterminate_and_a_server_that_is_not_there_unavailable() {
    let Some(_running) = Cluster::shared() else { return };
    let database = Database::new();
    database.make("care").await;
    let journal = opened(&database.relayed().await, Access::Write).await;
    journal.append(append("a-1", Expected::NoStream, [1])).await.expect("appended");
    let relay = database.relay().await;
    let mut feed = journal.follow(None).await.expect("a feed");
    while !matches!(feed.next().await.expect("no end").expect("no error"), Feed::CaughtUp(_)) {}
    let fed = tokio::spawn(async move {
        loop {
            if let Feed::Event(event) = feed.next().await.expect("no end").expect("no error") {
                return event;
            }
        }
    });
    relay.go_half_open();
    let begun = Instant::now();
    let late = journal.append(append("a-1", at(0), [2])).await;
    assert!(matches!(late, Err(AppendError::Indeterminate { .. })), "{late:?}");
    assert!(begun.elapsed() < Duration::from_secs(20), "the wait is bounded");
    relay.refuse();
    let away = journal.append(append("a-1", at(0), [2])).await;
    assert!(matches!(away, Err(AppendError::Unavailable { .. })), "{away:?}");
    assert!(matches!(journal.head().await, Err(ReadError::Unavailable { .. })));
    relay.heal();
    journal.append(append("a-1", at(0), [2])).await.expect("appended");
    assert_eq!(ids(&read_all(&journal).await), [1, 2]);
    let fed =
        timeout(WAIT_MAX, fed).await.expect("in time").expect("the feed goes on, however long the server was away");
    assert_eq!(ids(&[fed]), [2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_another_holds_the_log_an_append_is_unavailable_and_nothing_is_written() {
    let Some(_running) = Cluster::shared() else { return };
    let database = Database::new();
    database.make("care").await;
    let journal = opened(&database.url_of(SERVER), Access::Write).await;
    let (cluster, of) = (Arc::clone(&database.cluster), database.name.clone());
    let holding = tokio::task::spawn_blocking(move || {
        let hold = "BEGIN; SELECT 1 FROM carefold_care.log_head FOR UPDATE; SELECT pg_sleep(60)";
        cluster.sql_as(SUPERUSER, &of, hold).expect_err("it is ended before")
    });
    let holders = format!("FROM pg_stat_activity WHERE datname = '{}' AND wait_event = 'PgSleep'", database.name);
    let (cluster, is_held) = (Arc::clone(&database.cluster), format!("SELECT count(*) {holders}"));
    tokio::task::spawn_blocking(move || cluster.wait_for(&is_held, "1")).await.expect("the log is held");
    let refused = journal.append(append("a-1", Expected::NoStream, [1])).await;
    assert!(matches!(&refused, Err(AppendError::Unavailable { reason }) if reason.contains("55P03")), "{refused:?}");
    assert_eq!(journal.head().await, Ok(None), "readers do not wait for the log");
    database.sql(&format!("SELECT pg_terminate_backend(pid) {holders}"));
    holding.await.expect("the log is given back");
    journal.append(append("a-1", Expected::NoStream, [1])).await.expect("appended");
    assert_eq!(ids(&read_all(&journal).await), [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_synchronous_standby_takes_over_under_load_and_nothing_acknowledged_is_lost() {
    let Some(database) = own().await else { return };
    let primary = Arc::clone(&database.cluster);
    let standby = Arc::new(primary.standby(Standby::Synchronous));
    let both =
        format!("postgres://{SERVER}@{},{}/{}?sslmode=disable", primary.address(), standby.address(), database.name);
    let journal = opened(&both, Access::Write).await;
    let load = Load::on(std::slice::from_ref(&journal));
    load.goes_on(50).await;
    let next = Arc::clone(&standby);
    let failing_over = tokio::task::spawn_blocking(move || {
        primary.stop(Stop::Immediate);
        next.promote();
    });
    failing_over.await.expect("a fail-over");
    load.goes_on(50).await;
    load.held_once(&journal).await;
    // A journal that comes later, from nothing but the URL, finds the same.
    assert_eq!(read_all(&opened(&both, Access::Write).await).await, read_all(&journal).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_without_the_end_of_the_log_is_detected_and_a_new_epoch_is_reported() {
    let Some(database) = own().await else { return };
    let primary = Arc::clone(&database.cluster);
    let standby = primary.standby(Standby::Asynchronous);
    let hosts = format!("{},{}", primary.address(), standby.address());
    let url = |role: &str| {
        format!("postgres://{role}@{hosts}/{}?sslmode=disable&target_session_attrs=read-write", database.name)
    };
    let (writer, ahead, behind) = (
        opened(&url(SERVER), Access::Write).await,
        opened(&url(READER), Access::ReadOnly).await,
        opened(&url(READER), Access::ReadOnly).await,
    );
    writer.append(append("a-1", Expected::NoStream, [1])).await.expect("appended");
    standby.wait_for_events(&database.name, 1);
    assert_eq!(ids(&read_all(&behind).await), [1]);
    standby.stop(Stop::Fast);
    let lost = writer.append(append("a-1", at(0), [2])).await.expect("appended, and never to be seen again").position;
    let mut feed = ahead.follow(None).await.expect("a feed");
    while !matches!(feed.next().await.expect("no end").expect("no error"), Feed::CaughtUp(Some(head)) if head == lost) {
    }
    primary.stop(Stop::Immediate);
    standby.start_again();
    standby.promote();
    // Another node that knows nothing of the lost end writes in its place.
    let other = opened(&url(SERVER), Access::Write).await;
    assert_eq!(ids(&read_all(&other).await), [1]);
    let taken = other.append(append("b-1", Expected::NoStream, [3])).await.expect("appended");
    assert_eq!(taken.position, lost, "the position is used again");

    let fatal = Fatal::LostTail { position: lost };
    let told = timeout(WAIT_MAX, feed.next()).await.expect("in time");
    assert_eq!(told, Some(Err(ReadError::Fatal(fatal.clone()))), "a feed does not go on as if nothing were missing");
    for journal in [&writer, &ahead] {
        assert_eq!(journal.read_log(None, many(9)).await, Err(ReadError::Fatal(fatal.clone())));
        assert_eq!(journal.head().await, Err(ReadError::Fatal(fatal.clone())));
    }
    let refused = writer.append(append("c-1", Expected::NoStream, [4])).await;
    assert_eq!(refused, Err(AppendError::Fatal(fatal)));

    assert_eq!(ids(&read_all(&behind).await), [1, 3], "who had not seen the end misses nothing");
    let seen = other.identity().await.expect("an identity");
    let now = renew_epoch(&url(SUPERUSER), name("care")).await.expect("a new epoch");
    assert_eq!(seen.log, now.log);
    assert_eq!(behind.head().await, Err(ReadError::EpochChanged { seen, now }));
    let refused = other.append(append("c-1", Expected::NoStream, [4])).await;
    assert!(matches!(refused, Err(AppendError::Fatal(Fatal::Ended { .. }))), "{refused:?}");
    let after = opened(&url(SERVER), Access::Write).await;
    after.append(append("c-1", Expected::NoStream, [5])).await.expect("appended");
    assert_eq!(ids(&read_all(&after).await), [1, 3, 5]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_on_a_standby_that_is_behind_waits_and_loses_nothing() {
    let Some(database) = own().await else { return };
    let primary = Arc::clone(&database.cluster);
    let standby = primary.standby(Standby::Asynchronous);
    let hosts = format!("{},{}", primary.address(), standby.address());
    let reader =
        opened(&format!("postgres://{READER}@{hosts}/{}?sslmode=disable", database.name), Access::ReadOnly).await;
    let writer = opened(&database.url_of(SERVER), Access::Write).await;
    standby.sql("postgres", "SELECT pg_wal_replay_pause()");
    writer.append(append("a-1", Expected::NoStream, [1])).await.expect("appended");
    assert_eq!(ids(&read_all(&reader).await), [1]);
    primary.stop(Stop::Immediate);
    let behind = reader.read_log(None, many(9)).await;
    assert!(matches!(behind, Err(ReadError::Unavailable { .. })), "{behind:?}");
    standby.sql("postgres", "SELECT pg_wal_replay_resume()");
    primary.start_again();
    assert_eq!(ids(&read_all(&reader).await), [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_failed_behind_a_pooler_leaves_an_append_unknown() {
    let Some(_running) = Cluster::shared() else { return };
    let database = Database::new();
    database.make("care").await;
    let journal = opened(&database.url_of(SERVER), Access::Write).await;
    database.sql(
        "CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'server conn crashed?' USING ERRCODE = '08P01'; END $$;
         CREATE TRIGGER gone AFTER INSERT ON carefold_care.event FOR EACH ROW EXECUTE FUNCTION gone()",
    );
    let said = journal.append(append("a-1", Expected::NoStream, [1])).await;
    assert!(matches!(&said, Err(AppendError::Indeterminate { .. })), "{said:?}");
    database.sql("DROP TRIGGER gone ON carefold_care.event");
    journal.append(append("a-1", Expected::NoStream, [1])).await.expect("appended");
}

trait Replayed {
    /// Waits until a standby shows so many events.
    fn wait_for_events(&self, database: &str, events: usize);
}

impl Replayed for Cluster {
    fn wait_for_events(&self, database: &str, events: usize) {
        let begun = std::time::Instant::now();
        while self.sql(database, "SELECT count(*) FROM carefold_care.event") != events.to_string() {
            assert!(begun.elapsed() < WAIT_MAX, "the standby follows");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_is_read_and_not_written() {
    let Some(database) = own().await else { return };
    let standby = database.cluster.standby(Standby::Asynchronous);
    let writer = opened(&database.url_of(SERVER), Access::Write).await;
    writer.append(append("a-1", Expected::NoStream, [1])).await.expect("appended");
    standby.wait_for_events(&database.name, 1);
    let url = standby.url_of(&database.name, SERVER);
    let refused = open(&url, name("care"), Access::Write, fixed_clock()).await.map(drop);
    assert!(matches!(refused, Err(OpenError::Unavailable { .. })), "{refused:?}");
    assert!(matches!(init(&url, name("care"), fixed_clock()).await, Err(OpenError::Unavailable { .. })));
    let reader = opened(&url, Access::ReadOnly).await;
    let mut feed = reader.follow(None).await.expect("a feed");
    writer.append(append("a-1", at(0), [2])).await.expect("appended");
    let mut seen = Vec::new();
    while seen.len() < 2 {
        if let Feed::Event(event) = feed.next().await.expect("no end").expect("no error") {
            seen.push(event);
        }
    }
    assert_eq!(ids(&seen), [1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_clock_is_behind_stores_no_earlier_time_than_another_before_it() {
    let Some(_running) = Cluster::shared() else { return };
    let database = Database::new();
    database.make("care").await;
    let clock = |us: i64| -> Clock { Arc::new(move || DateTime::<Utc>::from_timestamp_micros(us).expect("a time")) };
    let (mut times, url) = (Vec::new(), database.url_of(SERVER));
    for (id, us) in [(1, 5_000_000), (2, 1_000_000), (3, 7_000_000)] {
        let journal = open(&url, name("care"), Access::Write, clock(us)).await.expect("the log opens");
        journal.append(append(&format!("a-{id}"), Expected::NoStream, [id])).await.expect("appended");
        times = read_all(&journal).await.iter().map(|event| event.stored_at.timestamp_micros()).collect();
    }
    assert_eq!(times, [5_000_000, 5_000_000, 7_000_000]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_on_another_node_is_woken_and_does_not_wait_until_it_looks_by_itself() {
    let Some(_running) = Cluster::shared() else { return };
    let database = Database::new();
    database.make("care").await;
    let writer = opened(&database.url_of(SERVER), Access::Write).await;
    let other = opened(&database.url_of(READER), Access::ReadOnly).await;
    let mut feed = other.follow(None).await.expect("a feed");
    let listening =
        format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND query LIKE 'LISTEN%'", database.name);
    let cluster = Arc::clone(&database.cluster);
    tokio::task::spawn_blocking(move || cluster.wait_for(&listening, "2")).await.expect("both listen");
    let rounds = 12_u64;
    let begun = Instant::now();
    for id in 0..rounds {
        let expected = id.checked_sub(1).map_or(Expected::NoStream, at);
        writer.append(append("a-1", expected, [u128::from(id)])).await.expect("appended");
        while !matches!(feed.next().await.expect("no end").expect("no error"), Feed::Event(_)) {}
    }
    // Each event is written just after the follower has looked, so by itself it would look half a second later.
    assert!(begun.elapsed() < crate::postgres::POLL * 6, "{:?}", begun.elapsed());
}
