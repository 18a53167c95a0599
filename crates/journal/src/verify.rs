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
