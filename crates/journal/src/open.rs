//! Opening a log by its URL: `memory:`, `sqlite:<directory>`, `postgres://…`, `kurrentdb://…` or `esdb://…`.
//!
//! The clock is an argument; the random ids of a new log and of a new epoch are made here.

use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::rand;
use uuid::{Builder, Uuid};

use crate::clock::Clock;
#[cfg(feature = "kurrent")]
use crate::kurrent;
use crate::memory::Memory;
#[cfg(feature = "postgres")]
use crate::postgres;
use crate::sqlite::Sqlite;
use crate::sqlite::file::{Origin, Store, writable};
use crate::sqlite::store_troubles::StoreTroubles;
use crate::{Access, Journal, LogIdentity, Namespace, OpenError};

/// Opens the log of a namespace.
///
/// `memory:` makes a new empty log each time. `sqlite:<directory>` has one file for each namespace,
/// `<directory>/<namespace>.journal`; the directory is made when opened for writing. `postgres://…` has one schema for
/// each, which [`init`] makes. `kurrentdb://…` (or `esdb://…`) has the streams whose names begin with the namespace; the
/// log is made when opened for writing.
pub async fn open(
    url: &str,
    namespace: Namespace,
    access: Access,
    clock: Clock,
) -> Result<Arc<dyn Journal>, OpenError> {
    match StoreUrl::parse(url)? {
        StoreUrl::Memory => Ok(Arc::new(Memory::new(new_identity()?, clock))),
        StoreUrl::Sqlite(directory) => {
            let opening = move || -> Result<Arc<dyn Journal>, OpenError> {
                let store = Store { directory, namespace };
                Ok(Arc::new(match access {
                    Access::Write => Sqlite::write(&store, new_origin(clock)?)?,
                    Access::ReadOnly => Sqlite::read_only(&store)?,
                }))
            };
            blocking(opening).await
        }
        #[cfg(feature = "postgres")]
        StoreUrl::Postgres(url) => postgres::open(&url, namespace, access, clock).await,
        #[cfg(feature = "kurrent")]
        StoreUrl::Kurrent(url) => {
            let KurrentUrl { url, namespace } = KurrentUrl::parse(&url, namespace)?;
            let writing = match access {
                Access::Write => Some(kurrent::Writing { identity: new_identity()?, clock }),
                Access::ReadOnly => None,
            };
            kurrent::open(&url, namespace, writing).await
        }
    }
}

/// Refuses a log in a file that cannot be written, before anything opens it: also a reader has SQLite make a file beside a
/// log that is read-only, and that file is read-only too and stays. What lies in a database says itself what it refuses.
///
/// # Errors
/// [`OpenError::NotWritable`], or [`OpenError::Url`].
pub fn check_writable(url: &str, namespace: Namespace) -> Result<(), OpenError> {
    match StoreUrl::parse(url)? {
        StoreUrl::Sqlite(directory) => writable(&Store { directory, namespace }.path()),
        StoreUrl::Memory => Ok(()),
        #[cfg(feature = "postgres")]
        StoreUrl::Postgres(_) => Ok(()),
        #[cfg(feature = "kurrent")]
        StoreUrl::Kurrent(_) => Ok(()),
    }
}

/// Makes the log of a namespace where there is none; one that is there is left as it is, and proved to be ours.
///
/// Needs the right to make it, which a server that only appends and reads does not have. A log in memory is not made.
pub async fn init(url: &str, namespace: Namespace, clock: Clock) -> Result<LogIdentity, OpenError> {
    match StoreUrl::parse(url)? {
        StoreUrl::Memory => Err(StoreUrl::not_kept()),
        #[cfg(feature = "postgres")]
        StoreUrl::Postgres(url) => postgres::init(&url, namespace, new_identity()?).await,
        StoreUrl::Sqlite(_) => made_by_opening(url, namespace, clock).await,
        #[cfg(feature = "kurrent")]
        StoreUrl::Kurrent(_) => made_by_opening(url, namespace, clock).await,
    }
}

async fn made_by_opening(url: &str, namespace: Namespace, clock: Clock) -> Result<LogIdentity, OpenError> {
    let journal = open(url, namespace, Access::Write, clock).await?;
    journal.identity().await.map_err(|error| OpenError::Unavailable { reason: error.to_string() })
}

/// Begins a new epoch of a log that was restored, so that readers that have seen its lost end notice it.
///
/// No writer may have the log open. Readers that have it open get `EpochChanged`. A log in memory is never restored.
pub async fn renew_epoch(url: &str, namespace: Namespace) -> Result<LogIdentity, OpenError> {
    match StoreUrl::parse(url)? {
        StoreUrl::Memory => Err(StoreUrl::not_kept()),
        StoreUrl::Sqlite(directory) => {
            let renewing = move || {
                let (store, epoch) = (Store { directory, namespace }, new_id()?);
                StoreTroubles::of(store.path()).opened_twice(|| store.renew_epoch(epoch))
            };
            blocking(renewing).await
        }
        #[cfg(feature = "postgres")]
        StoreUrl::Postgres(url) => postgres::renew_epoch(&url, namespace, new_id()?).await,
        #[cfg(feature = "kurrent")]
        StoreUrl::Kurrent(url) => {
            let KurrentUrl { url, namespace } = KurrentUrl::parse(&url, namespace)?;
            kurrent::renew_epoch(&url, namespace, new_id()?).await
        }
    }
}

/// Where a URL leads.
pub(crate) enum StoreUrl {
    Memory,
    Sqlite(PathBuf),
    /// The whole URL, password included: it is never shown.
    #[cfg(feature = "postgres")]
    Postgres(String),
    /// The whole URL, password included: it is never shown.
    #[cfg(feature = "kurrent")]
    Kurrent(String),
}

impl StoreUrl {
    /// To add a backend: 1. a variant here, 2. its scheme below, 3. its arm in `open`, `check_writable`, `init`, `renew_epoch`
    /// and `verify`.
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        let wrong = |reason: &str| Err(OpenError::Url { reason: reason.into() });
        let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
        let has_host = rest.len() > 2 && rest.starts_with("//");
        match scheme {
            "memory" if rest.is_empty() => Ok(Self::Memory),
            "memory" => wrong("nothing follows memory:"),
            "sqlite" if rest.is_empty() => wrong("no directory follows sqlite:"),
            // Other programs give these a meaning that a directory does not have, or differ in what they mean.
            "sqlite" if rest.starts_with("//") => {
                wrong("write sqlite:DIRECTORY, without //; an absolute directory begins with one slash")
            }
            "sqlite" if rest.starts_with('~') => wrong("~ is not expanded after sqlite:; write the directory out"),
            "sqlite" if rest.starts_with(':') => wrong("sqlite: needs a directory; a log is not kept in memory there"),
            "sqlite" if rest.starts_with("file:") => wrong("write sqlite:DIRECTORY, without file:"),
            "sqlite" if rest.split_once('?').is_some_and(|(_, options)| options.contains('=')) => {
                wrong("sqlite:DIRECTORY has no options after ?")
            }
            "sqlite" => Ok(Self::Sqlite(rest.into())),
            "postgres" | "postgresql" if has_host => Self::postgres(url),
            "esdb" | "kurrentdb" | "kurrent" | "kdb" | "esdb+discover" | "kurrentdb+discover" | "kurrent+discover"
            | "kdb+discover"
                if has_host =>
            {
                Self::kurrent(url)
            }
            "postgres" | "postgresql" | "esdb" | "kurrentdb" | "kurrent" | "kdb" | "esdb+discover"
            | "kurrentdb+discover" | "kurrent+discover" | "kdb+discover" => wrong("no host follows its scheme"),
            _ => wrong("it is sqlite:<directory>, postgres://… or kurrentdb://…"),
        }
    }

    #[cfg(feature = "postgres")]
    fn postgres(url: &str) -> Result<Self, OpenError> {
        Ok(Self::Postgres(url.into()))
    }

    #[cfg(not(feature = "postgres"))]
    fn postgres(_url: &str) -> Result<Self, OpenError> {
        Err(OpenError::NotBuilt { store: "PostgreSQL", feature: "postgres" })
    }

    #[cfg(feature = "kurrent")]
    fn kurrent(url: &str) -> Result<Self, OpenError> {
        Ok(Self::Kurrent(url.into()))
    }

    #[cfg(not(feature = "kurrent"))]
    fn kurrent(_url: &str) -> Result<Self, OpenError> {
        Err(OpenError::NotBuilt { store: "KurrentDB", feature: "kurrent" })
    }

    /// What is asked of a log that is kept makes no sense of one in memory.
    pub(crate) fn not_kept() -> OpenError {
        OpenError::Url { reason: "a log in memory ends with its process".into() }
    }
}

/// A URL of KurrentDB without the parameter that is ours, and the namespace of the log there.
#[cfg(feature = "kurrent")]
pub(crate) struct KurrentUrl {
    pub url: String,
    pub namespace: Namespace,
}

#[cfg(feature = "kurrent")]
impl KurrentUrl {
    /// Several installations in one cluster differ in `prefix=<name>`, which stands before the namespace of each log.
    pub(crate) fn parse(url: &str, namespace: Namespace) -> Result<Self, OpenError> {
        const PREFIX: &str = "prefix=";
        let Some((base, query)) = url.rsplit_once('?') else { return Ok(Self { url: url.into(), namespace }) };
        let (ours, rest): (Vec<&str>, Vec<&str>) = query.split('&').partition(|part| part.starts_with(PREFIX));
        let prefix = match ours.as_slice() {
            [] => return Ok(Self { url: url.into(), namespace }),
            [prefix] => prefix.trim_start_matches(PREFIX),
            [..] => return Err(OpenError::Url { reason: "it has two prefixes".into() }),
        };
        let named = Namespace::parse(&format!("{prefix}{namespace}")).ok().filter(|_| !prefix.is_empty());
        let namespace = named
            .ok_or_else(|| OpenError::Url { reason: "its prefix is not a short name of lower case letters".into() })?;
        let url = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
        Ok(Self { url, namespace })
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

pub(crate) fn new_id() -> Result<Uuid, OpenError> {
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

    const POSTGRES: [&str; 2] = ["postgres://x", "postgresql://u:secret@x,y/db?sslmode=disable"];
    const KURRENT: [&str; 5] =
        ["esdb://x", "kurrentdb://u:secret@x:2113?tls=false", "kurrentdb+discover://x", "kdb://x", "kurrent://x"];

    #[test]
    fn a_url_leads_to_its_backend_or_is_refused_without_being_repeated() {
        assert!(matches!(StoreUrl::parse("memory:"), Ok(StoreUrl::Memory)));
        assert!(
            matches!(StoreUrl::parse("sqlite:/a b/c:d"), Ok(StoreUrl::Sqlite(path)) if path.as_os_str() == "/a b/c:d")
        );
        let bad = ["", "memory:x", "sqlite", "sqlite:", "/a/b", "postgres:", "postgres://", "postgres:x", "esdb://"];
        let elsewhere = [
            "sqlite://./rel",
            "sqlite:///abs",
            "sqlite://rel",
            "sqlite:~/x",
            "sqlite::memory:",
            "sqlite:x?mode=ro",
            "sqlite:file:x",
        ];
        for bad in
            bad.into_iter().chain(elsewhere).chain(["mysql://u:secret@x/y", "http://u:secret@x", "SQLITE:x", "secret"])
        {
            let Err(OpenError::Url { reason }) = StoreUrl::parse(bad).map(drop) else { panic!("{bad}") };
            assert!(!reason.contains("secret"), "{reason}");
        }
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn a_url_of_postgresql_is_kept_whole() {
        for good in POSTGRES {
            assert!(matches!(StoreUrl::parse(good), Ok(StoreUrl::Postgres(url)) if url == good), "{good}");
        }
    }

    #[cfg(feature = "kurrent")]
    #[test]
    fn a_url_of_kurrentdb_is_kept_whole() {
        for good in KURRENT {
            assert!(matches!(StoreUrl::parse(good), Ok(StoreUrl::Kurrent(url)) if url == good), "{good}");
        }
    }

    #[cfg(feature = "kurrent")]
    #[test]
    fn a_prefix_separates_installations_in_one_cluster() {
        let care = || Namespace::parse("care").expect("a namespace");
        let parsed =
            |url: &str| KurrentUrl::parse(url, care()).map(|parsed| (parsed.url, parsed.namespace.to_string()));
        for (url, bare, namespace) in [
            ("esdb://a?prefix=north", "esdb://a", "northcare"),
            ("esdb://a?tls=false&prefix=north", "esdb://a?tls=false", "northcare"),
            ("esdb://a?prefix=north&tls=false", "esdb://a?tls=false", "northcare"),
            ("esdb://u:p?prefix@a?tls=false", "esdb://u:p?prefix@a?tls=false", "care"),
            ("esdb://a", "esdb://a", "care"),
        ] {
            assert_eq!(parsed(url).expect(url), (bare.to_owned(), namespace.to_owned()));
        }
        for bad in ["esdb://a?prefix=", "esdb://a?prefix=No", "esdb://a?prefix=a-b", "esdb://a?prefix=a&prefix=b"] {
            assert!(parsed(bad).is_err(), "{bad}");
        }
    }

    #[cfg(not(feature = "postgres"))]
    #[test]
    fn a_url_of_postgresql_is_refused_by_a_build_without_it() {
        for url in POSTGRES {
            let refused = StoreUrl::parse(url).map(drop).expect_err("it is not built");
            assert_eq!(refused, OpenError::NotBuilt { store: "PostgreSQL", feature: "postgres" });
        }
    }

    #[cfg(not(feature = "kurrent"))]
    #[test]
    fn a_url_of_kurrentdb_is_refused_by_a_build_without_it() {
        for url in KURRENT {
            let refused = StoreUrl::parse(url).map(drop).expect_err("it is not built");
            assert_eq!(refused, OpenError::NotBuilt { store: "KurrentDB", feature: "kurrent" });
        }
    }
}
