//! Verifying a log on any store: every event, the order of the events, and the structure that holds them.
//!
//! The whole log is read, each event against its digest, and held against the promises of the port: the revisions of each
//! stream are 0, 1, 2 …, positions rise, and where the store promises it, they have no hole and time does not go back.
//! Damage is named by the first event that it touches. Then the store's own structure is looked at: in SQLite its pages,
//! indexes and schema (`sqlite/verification.rs`), in PostgreSQL the schema that keeps it append-only (`postgres.rs`); both keep
//! every id once by an index of their own. KurrentDB keeps ids once in a stream only, and that is not proved here.
//!
//! It works beside a running writer, on what was there when it began, and keeps the last revision of each stream, no more.
//! A lost end is not noticed here. A caller that knows a position can ask [`crate::Journal::holds`].

#[cfg(any(feature = "kurrent", feature = "postgres"))]
mod through_port;

use tokio::sync::mpsc;

use crate::Namespace;
use crate::open::StoreUrl;
#[cfg(feature = "postgres")]
use crate::postgres;
#[cfg(any(feature = "kurrent", feature = "postgres"))]
use crate::sequence::OrderGuarantees;
use crate::sequence::{Damage, Verified};
use crate::sqlite::file::Store;
use crate::sqlite::verification;
#[cfg(any(feature = "kurrent", feature = "postgres"))]
use through_port::{reading, walked};

/// Proves the log of a namespace; `progress` hears of positions done and in all.
///
/// There is nothing to prove of `memory:`, which is refused as a URL.
pub async fn verify(
    url: &str,
    namespace: Namespace,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Verified, Damage> {
    match StoreUrl::parse(url)? {
        StoreUrl::Memory => Err(StoreUrl::not_kept().into()),
        StoreUrl::Sqlite(directory) => in_file(Store { directory, namespace }, progress).await,
        #[cfg(feature = "postgres")]
        StoreUrl::Postgres(url) => {
            let journal = reading(&url, namespace.clone()).await?;
            let verified = walked(&*journal, OrderGuarantees { dense: true, timed: true }, progress).await?;
            postgres::structure(&url, &namespace).await?;
            Ok(verified)
        }
        #[cfg(feature = "kurrent")]
        // Positions are those of the whole store, and the time is that of the node that stored the event.
        StoreUrl::Kurrent(_) => {
            walked(&*reading(url, namespace).await?, OrderGuarantees { dense: false, timed: false }, progress).await
        }
    }
}

/// A file is proved off the runtime's threads.
async fn in_file(store: Store, progress: &mut (dyn FnMut(u64, u64) + Send)) -> Result<Verified, Damage> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let proving = tokio::task::spawn_blocking(move || {
        // The caller may have been dropped; the verification ends by itself.
        verification::verify(&store, &mut |done, of| {
            let _gone = tell.send((done, of));
        })
    });
    while let Some((done, of)) = told.recv().await {
        progress(done, of);
    }
    proving.await.unwrap_or_else(|gone| Err(Damage::Unreadable { reason: gone.to_string() }))
}
