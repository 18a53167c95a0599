//! Opens the stores of a clinic: two logs, the keys, the read models.
//!
//! The care log is opened first: its lock excludes a second writer before anything is created. Where a log is in a database,
//! other machines reach it too, so the server that serves it answers one that starts, and that is refused. The start waits for an
//! unavailable log. A log that refuses, or is not the clinic's, ends the start before anything is written.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use care::time_zone::TimeZones;
use coordination::application::{Application, Start, Stores};
use journal::{Access, AppendError, Journal, Namespace, OpenError, ReadError, Serving, ServingError};
use server::sign_in::{KeyProblem, Signer};
use tokio::time::Instant;
use vault::{KeyEncryptionKey, KeyFileError, KeyStoreUrl, Vault};

use crate::clock;
use crate::directory::{Directory, Logs};
use crate::exit::{NotWhole, Refused};

/// The logs of a clinic, by the names of their files.
pub(crate) const LOGS: [&str; 2] = [CARE, ACCESS];
pub(crate) const CARE: &str = "care";
const ACCESS: &str = "access";
/// Pause before an unavailable log is tried again; it doubles each time.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// The logs of a clinic, of which this process is the only server.
struct OwnLogs {
    care: Arc<dyn Journal>,
    access: Arc<dyn Journal>,
    serving: Serving,
}

/// A clinic whose stores are open for writing.
pub(crate) struct Clinic {
    pub application: Arc<Application>,
    pub serving: Serving,
}

impl Clinic {
    /// Writes nothing more, and leaves the logs to the next server.
    pub(crate) async fn close(self) {
        self.application.close();
        self.serving.end().await;
    }
}

/// Opens all stores for writing and proves that they belong together; waits for unavailable logs up to `wait`.
///
/// # Errors
/// The reason, which names the part; its exit code is in [`crate::exit`].
pub(crate) async fn application(
    directory: &mut Directory,
    journal: &str,
    wait: Duration,
    time_zones: TimeZones,
    accept_clock: bool,
) -> anyhow::Result<Clinic> {
    let OwnLogs { care, access, serving } = awaited(directory, journal, wait).await?;
    let vault = Arc::new(vault(directory)?);
    let start = Start { node: clock::new_id()?, now: clock::now(), accept_clock, time_zones };
    let stores = Stores { care, access, vault, read_models: directory.path().into() };
    match Application::open(stores, start).await.context("the clinic does not open") {
        Ok(application) => Ok(Clinic { application, serving }),
        Err(error) => {
            serving.end().await;
            Err(error)
        }
    }
}

async fn awaited(directory: &mut Directory, journal: &str, wait: Duration) -> anyhow::Result<OwnLogs> {
    let end = Instant::now() + wait;
    let mut pause = None;
    loop {
        let error = match own(directory, journal).await {
            Err(error) if is_away(&error) => error,
            outcome => {
                if pause.is_some() && outcome.is_ok() {
                    tracing::info!("the log is there; the start goes on");
                }
                return outcome;
            }
        };
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(error.context(format!("{} did not answer within {} seconds", shown(journal), wait.as_secs())));
        }
        let next = pause.map_or(PAUSE, |pause: Duration| pause.saturating_mul(2).min(PAUSE_MAX));
        if pause.replace(next).is_none() {
            tracing::warn!(log = shown(journal), seconds = wait.as_secs(), "the log is away; the start waits for it");
        }
        // The last attempt is made when the time is over.
        tokio::time::sleep(next.min(left)).await;
    }
}

/// Whether the same try may succeed later.
fn is_away(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        matches!(cause.downcast_ref(), Some(OpenError::Unavailable { .. }))
            || matches!(cause.downcast_ref(), Some(ReadError::Unavailable { .. }))
            || matches!(
                cause.downcast_ref(),
                Some(
                    ServingError::Read(ReadError::Unavailable { .. })
                        | ServingError::Append(AppendError::Unavailable { .. } | AppendError::Indeterminate { .. })
                )
            )
    })
}

/// Both logs. Before anything is written they are checked to be those of the directory; new, empty logs are accepted.
async fn own(directory: &mut Directory, journal: &str) -> anyhow::Result<OwnLogs> {
    for name in LOGS {
        journal::check_writable(journal, namespace(name)?).with_context(|| format!("the {name} log does not open"))?;
    }
    if directory.logs().is_some() {
        prove(directory, journal, log_ids(journal).await?)?;
    }
    let care = care_log(journal, Access::Write).await?;
    let access = log(journal, ACCESS, Access::Write).await?;
    let found = Logs { care: care.identity().await?.log, access: access.identity().await?.log };
    if directory.logs().is_none() {
        let holds_nothing = care.head().await?.is_none() && access.head().await?.is_none();
        // What lies in a directory is the directory's.
        if !holds_nothing && journal != sqlite_in(directory.path()) {
            return Err(Refused::LogInUse { place: shown(journal), directory: directory.path().into() }.into());
        }
        directory.take(found)?;
    }
    prove(directory, journal, found)?;
    let serving = match Serving::begin(Arc::clone(&access)).await {
        Err(ServingError::Another) => return Err(Refused::Served { place: shown(journal) }.into()),
        begun => begun.context("it is not known whether another server serves the log")?,
    };
    Ok(OwnLogs { care, access, serving })
}

/// The ids of both logs, opened for reading only.
///
/// # Errors
/// As [`journal::open`] gives them.
pub(crate) async fn log_ids(journal: &str) -> anyhow::Result<Logs> {
    let care = care_log(journal, Access::ReadOnly).await?.identity().await?.log;
    let access = log(journal, ACCESS, Access::ReadOnly).await?.identity().await?.log;
    Ok(Logs { care, access })
}

/// Proves that these are the logs of a directory.
///
/// # Errors
/// [`NotWhole`] when it has others, or none yet.
pub(crate) fn prove(directory: &Directory, journal: &str, found: Logs) -> anyhow::Result<()> {
    let known = directory.logs();
    let another = [
        (CARE, known.is_none_or(|known| known.care != found.care)),
        (ACCESS, known.is_none_or(|known| known.access != found.access)),
    ];
    match another.into_iter().find(|(_, is_another)| *is_another) {
        Some((log, _)) => {
            Err(NotWhole::AnotherLog { log, place: shown(journal), directory: directory.path().into() }.into())
        }
        None => Ok(()),
    }
}

/// The URL of the logs in the directory of a clinic.
pub(crate) fn sqlite_in(directory: &Path) -> String {
    format!("sqlite:{}", directory.display())
}

/// A log's URL as it may be shown: a directory, or scheme and host. All else may hold a password.
pub(crate) fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return if url.starts_with("sqlite:") { url.to_owned() } else { "the log's URL".to_owned() };
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    // A password may contain an unencoded slash, so the beginning of the host is not certain.
    let is_clear = authority.contains('@') || !rest.contains('@');
    if is_clear { format!("{scheme}://{host}") } else { format!("{scheme}://…") }
}

/// The care log.
///
/// # Errors
/// As [`journal::open`] gives them.
pub(crate) async fn care_log(journal: &str, access: Access) -> anyhow::Result<Arc<dyn Journal>> {
    log(journal, CARE, access).await
}

/// The access log.
///
/// # Errors
/// As [`journal::open`] gives them.
pub(crate) async fn access_log(journal: &str, access: Access) -> anyhow::Result<Arc<dyn Journal>> {
    log(journal, ACCESS, access).await
}

/// The name of a log as the journal takes it.
///
/// # Errors
/// Never for the names in [`LOGS`].
pub(crate) fn namespace(name: &str) -> anyhow::Result<Namespace> {
    Namespace::parse(name).with_context(|| format!("{name} cannot name a log"))
}

/// The log of this name.
///
/// # Errors
/// As [`journal::open`] gives them.
pub(crate) async fn log(journal: &str, name: &'static str, access: Access) -> anyhow::Result<Arc<dyn Journal>> {
    match journal::open(journal, namespace(name)?, access, Arc::new(clock::now)).await {
        Err(error @ OpenError::Missing { .. }) => {
            Err(error).with_context(|| format!("the {name} log does not open; `carefold journal init` makes it"))
        }
        opened => opened.with_context(|| format!("the {name} log does not open")),
    }
}

/// The keys, and the key above them, which lies beside them in a demo.
fn vault(directory: &Directory) -> anyhow::Result<Vault> {
    let (keys, key_file) = (directory.keys(), directory.key_file());
    let kek = key_encryption_key(&key_file, keys.exists())?;
    let url = KeyStoreUrl::Sqlite(keys.clone());
    Vault::open_at(&url, &kek, vault::Access::Writer)
        .with_context(|| format!("the key store {} does not open", keys.display()))
}

/// The keys for reading only, beside a server that may be running.
///
/// # Errors
/// When the key store or the key above it cannot be read.
pub(crate) fn keys_beside(directory: &Directory) -> anyhow::Result<Vault> {
    let (keys, key_file) = (directory.keys(), directory.key_file());
    let context = || format!("the key-encryption key {}", key_file.display());
    let kek = KeyEncryptionKey::read(&key_file).with_context(context)?;
    Vault::open_at(&KeyStoreUrl::Sqlite(keys.clone()), &kek, vault::Access::ReadOnly)
        .with_context(|| format!("the key store {} does not open", keys.display()))
}

/// Reads the key, or creates it if there is no key store yet.
fn key_encryption_key(path: &Path, has_keys: bool) -> anyhow::Result<KeyEncryptionKey> {
    let context = || format!("the key-encryption key {}", path.display());
    match KeyEncryptionKey::read(path) {
        Ok(kek) => Ok(kek),
        Err(KeyFileError::File(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            if has_keys {
                return Err(NotWhole::KeyFileMissing(path.into()).into());
            }
            KeyEncryptionKey::create(path).with_context(context)
        }
        // A crash interrupted its creation, and nothing was wrapped under it yet.
        Err(KeyFileError::WrongLength) if !has_keys => {
            std::fs::remove_file(path).with_context(context)?;
            KeyEncryptionKey::create(path).with_context(context)
        }
        Err(error) => Err(error).with_context(context),
    }
}

/// The signer of a clinic's tokens. Call it while the care log is locked.
///
/// # Errors
/// When the key can be neither read nor made.
pub(crate) fn signer(directory: &Directory) -> anyhow::Result<Signer> {
    let path = directory.token_key();
    match Signer::open_or_create(&path) {
        // A crash interrupted its creation, so no token was ever signed with it.
        Err(KeyProblem::Malformed) if !directory.is_seeded() => {
            std::fs::remove_file(&path).with_context(|| format!("cannot replace {}", path.display()))?;
            Signer::open_or_create(&path).context("the demo cannot sign anybody in")
        }
        opened => opened.context("the demo cannot sign anybody in"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit;

    #[test]
    fn a_lost_key_encryption_key_is_not_replaced() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("kek.key");
        assert_eq!(exit::code(&key_encryption_key(&path, true).unwrap_err()), 4);
        assert!(!path.exists());
        key_encryption_key(&path, false).unwrap();
        let made = std::fs::read(&path).unwrap();
        key_encryption_key(&path, true).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), made);
        std::fs::write(&path, "half").unwrap();
        assert!(key_encryption_key(&path, true).is_err());
        key_encryption_key(&path, false).unwrap();
        assert_eq!(std::fs::read(&path).unwrap().len(), 32);
    }

    #[test]
    fn a_shown_url_contains_no_password() {
        for (url, text) in [
            ("sqlite:/srv/a@b", "sqlite:/srv/a@b"),
            ("postgres://db.example:5432,other/carefold?password=secret", "postgres://db.example:5432,other"),
            ("postgresql://u:secret@db.example/carefold", "postgresql://db.example"),
            ("kurrentdb://u:sec@ret@node1:2113,node2?tls=false", "kurrentdb://node1:2113,node2"),
            ("postgres://u:sec/ret@db/carefold", "postgres://…"),
            ("postgres://u:sec?ret@db/carefold", "postgres://…"),
            ("postgres://db?password=secret@more", "postgres://…"),
            ("secret", "the log's URL"),
        ] {
            assert_eq!(shown(url), text);
        }
    }
}
