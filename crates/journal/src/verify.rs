//! Proving a log, whatever it is kept in: every event, its order, and what holds it.
//!
//! The whole log is read, each event against its digest, and held against the promises of the port: the revisions of each
//! stream are 0, 1, 2 …, positions rise, and where the store promises it, they have no hole and time does not go back.
//! Damage is named by the first event that it touches. Then the store's own structure is looked at: in SQLite its pages,
//! indexes and schema (`sqlite/proof.rs`), in PostgreSQL the schema that keeps it append-only (`postgres.rs`); both keep
//! every id once by an index of their own. KurrentDB keeps ids once in a stream only, and that is not proved here.
//!
//! It works beside a running writer, on what was there when it began, and keeps the last revision of each stream, no more.
//! A lost end cannot be noticed here; whoever holds a position can ask [`crate::Journal::holds`].

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use crate::open::Place;
use crate::postgres;
use crate::sequence::{Damage, PROGRESS_EVENTS, Promise, Sequence, Verified, damaged};
use crate::sqlite::file::Store;
use crate::sqlite::proof;
use crate::walk::Walk;
use crate::{Access, Fatal, Journal, Namespace, OpenError, ReadError, open};

/// Proves the log of a namespace; `progress` hears of positions done and in all.
///
/// There is nothing to prove of `memory:`, which is refused as a URL.
pub async fn verify(
    url: &str,
    namespace: Namespace,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Verified, Damage> {
    match Place::parse(url)? {
        Place::Memory => Err(Place::not_kept().into()),
        Place::Sqlite(directory) => in_file(Store { directory, namespace }, progress).await,
        Place::Postgres(url) => {
            let journal = reading(&url, namespace.clone()).await?;
            let verified = walked(&*journal, Promise { dense: true, timed: true }, progress).await?;
            postgres::structure(&url, &namespace).await?;
            Ok(verified)
        }
        // Positions are those of the whole store, and the time is that of the node that stored the event.
        Place::Kurrent(_) => {
            walked(&*reading(url, namespace).await?, Promise { dense: false, timed: false }, progress).await
        }
    }
}

/// Opens for reading, which asks no clock.
async fn reading(url: &str, namespace: Namespace) -> Result<Arc<dyn Journal>, OpenError> {
    open(url, namespace, Access::ReadOnly, Arc::new(|| DateTime::<Utc>::UNIX_EPOCH)).await
}

/// A file is proved off the runtime's threads.
async fn in_file(store: Store, progress: &mut (dyn FnMut(u64, u64) + Send)) -> Result<Verified, Damage> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let proving = tokio::task::spawn_blocking(move || {
        // Whoever asked may have left; the proof ends by itself.
        proof::prove(&store, &mut |done, of| {
            let _gone = tell.send((done, of));
        })
    });
    while let Some((done, of)) = told.recv().await {
        progress(done, of);
    }
    proving.await.unwrap_or_else(|gone| Err(Damage::Unreadable { reason: gone.to_string() }))
}

/// Reads a log through the port.
async fn walked(
    journal: &dyn Journal,
    promise: Promise,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Verified, Damage> {
    let mut sequence = Sequence::new(promise);
    let mut walk = Walk::begin(journal).await.map_err(unread)?;
    let until = walk.until().map_or(0, |until| until.0);
    while let Some(event) = walk.next().await.map_err(unread)? {
        sequence.step(event)?;
        if sequence.events.is_multiple_of(PROGRESS_EVENTS) {
            progress(sequence.last().0, until);
        }
    }
    progress(until, until);
    Ok(sequence.proved())
}

/// What a failed read says of the log.
fn unread(error: ReadError) -> Damage {
    match error {
        ReadError::Fatal(Fatal::Corrupt { position: Some(position), detail }) => damaged(position, &detail),
        ReadError::Fatal(Fatal::Corrupt { position: None, detail }) => Damage::Structure { page: None, detail },
        ReadError::Fatal(Fatal::LostTail { position }) => damaged(position, "it is not there any more"),
        ReadError::Fatal(Fatal::Denied { .. } | Fatal::ReadOnly | Fatal::Ended { .. })
        | ReadError::Unavailable { .. }
        | ReadError::EpochChanged { .. } => Damage::Unreadable { reason: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use test_stores::kurrent::{Options, StandIn};
    use test_stores::postgres::{Cluster, SUPERUSER};
    use uuid::Uuid;

    use super::*;
    use crate::{Append, Expected, Kind, NewEvent, Position, Revision, StreamName, init};

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
                kind: Kind::parse("note.taken").expect("a kind"),
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
    async fn a_log_on_postgresql_is_proved_and_its_first_damage_named() {
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
    async fn a_log_on_the_stand_in_for_kurrentdb_is_proved_and_its_first_damage_named() {
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
}
