//! Opening a log by its URL: `memory:` or `sqlite:<directory>`.
//!
//! Here is the edge where the world comes in: the clock is handed over, and the random ids of a new log and of
//! a new epoch are drawn.

use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::rand;
use uuid::{Builder, Uuid};

use crate::clock::Clock;
use crate::memory::Memory;
use crate::sqlite::Sqlite;
use crate::sqlite::file::{Origin, Store};
use crate::{Journal, LogIdentity, Namespace, OpenError};

/// What a log is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading and appending. A log that is not there is made. One journal at a time.
    Write,
    /// Reading only, also beside a running writer. What the writer commits is seen within 200 ms.
    ReadOnly,
}

/// Opens the log of a namespace.
///
/// `memory:` makes a new empty log each time. `sqlite:<directory>` has one file for each namespace,
/// `<directory>/<namespace>.journal`; the directory is made when opened for writing.
pub async fn open(
    url: &str,
    namespace: Namespace,
    access: Access,
    clock: Clock,
) -> Result<Arc<dyn Journal>, OpenError> {
    match Place::parse(url)? {
        Place::Memory => Ok(Arc::new(Memory::new(new_identity()?, clock))),
        Place::Sqlite(directory) => {
            let opening = move || -> Result<Arc<dyn Journal>, OpenError> {
                let store = Store { directory, namespace };
                Ok(Arc::new(match access {
                    Access::Write => Sqlite::write(&store, new_origin(clock)?)?,
                    Access::ReadOnly => Sqlite::read_only(&store)?,
                }))
            };
            blocking(opening).await
        }
    }
}

/// Begins a new epoch of a log that was restored, so that whatever was learnt from its lost end is noticed.
///
/// Nobody may be writing it. Readers that have it open get `EpochChanged`. A log in memory is never restored.
pub async fn renew_epoch(url: &str, namespace: Namespace) -> Result<LogIdentity, OpenError> {
    match Place::parse(url)? {
        Place::Memory => Err(OpenError::Url),
        Place::Sqlite(directory) => blocking(move || Store { directory, namespace }.renew_epoch(new_id()?)).await,
    }
}

/// Where a URL leads.
pub(crate) enum Place {
    Memory,
    Sqlite(PathBuf),
}

impl Place {
    /// To add a backend: 1. a variant here, 2. its scheme below, 3. its arm in `open`, `renew_epoch` and `verify`.
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        match url.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("sqlite", directory)) if !directory.is_empty() => Ok(Self::Sqlite(directory.into())),
            Some(_) | None => Err(OpenError::Url),
        }
    }
}

fn new_origin(clock: Clock) -> Result<Origin, OpenError> {
    Ok(Origin {
        identity: new_identity()?,
        clock,
        #[cfg(test)]
        faults: Arc::default(),
    })
}

/// The identity of a log that is made now.
pub(crate) fn new_identity() -> Result<LogIdentity, OpenError> {
    Ok(LogIdentity { log: new_id()?, epoch: new_id()? })
}

fn new_id() -> Result<Uuid, OpenError> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(|_| OpenError::Io { reason: "the system gave no randomness".into() })?;
    Ok(Builder::from_random_bytes(bytes).into_uuid())
}

/// Files are opened off the runtime's threads: it flushes, and may have a log to recover.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OpenError> + Send + 'static,
) -> Result<T, OpenError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|gone| Err(OpenError::Io { reason: gone.to_string() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_urls_lead_anywhere() {
        assert!(matches!(Place::parse("memory:"), Ok(Place::Memory)));
        assert!(matches!(Place::parse("sqlite:/a b/c:d"), Ok(Place::Sqlite(path)) if path.as_os_str() == "/a b/c:d"));
        for bad in ["", "memory", "memory:x", "sqlite", "sqlite:", "postgres://x", "/a/b"] {
            assert!(matches!(Place::parse(bad), Err(OpenError::Url)), "{bad}");
        }
    }
}
