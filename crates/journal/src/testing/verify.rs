//! Verifying logs outside the process: damage is found and named.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use test_stores::kurrent::{Options, StandIn};
use test_stores::postgres::{Cluster, SUPERUSER};
use uuid::Uuid;

use crate::{
    Access, Append, Damage, EventType, Expected, Namespace, NewEvent, OpenError, Position, Revision, StreamName,
    Verified, init, open, verify,
};

const EVENTS: u64 = 700;

fn care() -> Namespace {
    Namespace::parse("care").expect("a namespace")
}

async fn made(url: &str) {
    let clock: crate::Clock = Arc::new(|| DateTime::<Utc>::UNIX_EPOCH);
    init(url, care(), Arc::clone(&clock)).await.expect("a log that is made");
    let journal = open(url, care(), Access::Write, clock).await.expect("the log opens");
    let row = (0..EVENTS).map(|number| Append {
        stream: StreamName::parse(&format!("note-{}", number % 7)).expect("a name"),
        expected: (number / 7).checked_sub(1).map_or(Expected::NoStream, |last| Expected::Exact(Revision(last))),
        events: vec![NewEvent {
            id: Uuid::from_u128(u128::from(number) + 1),
            event_type: EventType::parse("note.taken").expect("an event type"),
            data: Bytes::from(format!("note {number}")),
            meta: Bytes::from_static(b"{}"),
        }],
    });
    journal.append_in_order(row.collect()).await.expect("appended");
}

async fn check(url: &str) -> Result<Verified, Damage> {
    verify(url, care(), &mut |_, _| {}).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_on_postgresql_is_verified_and_its_first_damage_reported() {
    let Some(cluster) = Cluster::shared() else { return };
    let database = cluster.database();
    let url = cluster.url_of(&database, SUPERUSER);
    assert!(matches!(check(&url).await, Err(Damage::NotOpened(OpenError::Missing { .. }))));
    made(&url).await;
    assert_eq!(check(&url).await, Ok(Verified { events: EVENTS, head: Some(Position(EVENTS)) }));

    // What only an administrator can do, with the log's triggers away.
    let harmed = |statement: &str| {
        cluster.sql(
            &database,
            &format!(
                "ALTER TABLE carefold_care.event DISABLE TRIGGER ALL; {statement};
             ALTER TABLE carefold_care.event ENABLE ALWAYS TRIGGER event_never_changes;
             ALTER TABLE carefold_care.event ENABLE ALWAYS TRIGGER event_only_appended"
            ),
        );
    };
    let first = async || match check(&url).await {
        Err(Damage::Event { position, .. }) => position.0,
        other => panic!("{other:?}"),
    };
    harmed("UPDATE carefold_care.event SET data = 'changed' WHERE position IN (650, 613)");
    assert_eq!(first().await, 613);
    harmed("DELETE FROM carefold_care.event WHERE position = 611");
    assert_eq!(first().await, 611, "an event that is gone comes before one that is changed");
    harmed("UPDATE carefold_care.event SET stored_at = stored_at + 1 WHERE position = 7");
    assert_eq!(first().await, 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_on_the_stand_in_for_kurrentdb_is_verified_and_its_first_damage_reported() {
    let stand_in = StandIn::start(Options::default());
    let url = stand_in.url();
    assert!(matches!(check(&url).await, Err(Damage::NotOpened(OpenError::Missing { .. }))));
    made(&url).await;
    assert!(matches!(check(&url).await, Ok(Verified { events: EVENTS, head: Some(_) })));
    let records = stand_in.records();
    let ours: Vec<u64> =
        records.iter().filter(|record| record.stream.starts_with("care.")).map(|record| record.position).collect();
    for changed in [650, 613] {
        assert!(stand_in.flip(ours[changed]));
    }
    let found = check(&url).await;
    assert!(matches!(&found, Err(Damage::Event { position, .. }) if position.0 == ours[613]), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_trigger_on_postgresql_is_damage() {
    let Some(cluster) = Cluster::shared() else { return };
    let database = cluster.database();
    let url = cluster.url_of(&database, SUPERUSER);
    made(&url).await;
    cluster.sql(&database, "ALTER TABLE carefold_care.event DISABLE TRIGGER event_never_changes");
    assert!(matches!(check(&url).await, Err(Damage::Structure { page: None, .. })));
}
