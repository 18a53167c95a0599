//! Verifying a log on any store: every event, the order of the events, and the structure that holds them.
//!
//! The whole log is read. Each event is compared with its digest, and the order with the guarantees of the port: the
//! revisions of each stream are 0, 1, 2 …, positions rise, and if the store guarantees it, positions have no hole and
//! storing times do not decrease. Damage is reported with the first damaged event. Then the store's own structure is
//! checked: in SQLite its pages, indexes and schema (`sqlite/verification.rs`), in PostgreSQL the schema that makes it
//! append-only (`postgres.rs`). Both have a unique index of event ids. KurrentDB keeps ids unique only in a stream, and
//! this is not checked here.
//!
//! Verification works beside a running writer, on the events that the log had when it began. It keeps only the last
//! revision of each stream in memory. A lost end is not detected here; a caller that knows a position can use
//! [`crate::Journal::holds`].

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

/// Verifies the log of a namespace; `progress` is called with the current and the last position.
///
/// `memory:` has nothing to verify and is refused as a URL.
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
