//! Whether the stores can be read and written, so that readiness says so before a command fails.
//!
//! A failure counts from the request that met it. Each store is also proved to take a write every five seconds, also
//! without requests, and every second while one of them fails: first a file of 64 KiB is written beside it, flushed and
//! removed, which finds a full disk, a quota, a limit on the size of files, and a directory that became read-only; then the
//! store commits what changes nothing, which finds a lock of another process and a file that fails alone. Where reading
//! failed, all of the store is read. Only such a proof ends a failure. The proof of a disk that does not even answer counts
//! for thirty seconds; after that its parts count as not writable. A log also counts so while its real appends are slow, which no
//! proof shows (`pace.rs`).
//!
//! The files of the stores are not opened here: closing one would give up the locks that SQLite holds on it in this process.
//! A log in a database has no file here; its database watches its own disk.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use journal::Journal;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use vault::Vault;

use crate::access::RECORDED_MS_MAX;
use crate::access_index::AccessIndex;
use crate::lock::locked;
use crate::pace::Pace;
use crate::read_models::ReadModels;

/// How often it is looked whether a store fails, in milliseconds.
const BEAT_MS: u64 = 1_000;
/// After how many beats the stores are proved while none fails.
const BEATS_OF_PROOF: u64 = 5;
/// For how long a proof counts, in milliseconds.
const COUNTS_MS: u64 = 30_000;
/// Longest wait for the proof of the care log, in milliseconds: about as long as a command may take.
const CARE_LOG_MS_MAX: u64 = 10_000;
/// More than the commit of most commands needs.
const PROBE_BYTES: usize = 64 * 1024;
/// One that a killed process left is replaced.
const PROBE: &str = "carefold.probe";

/// The same of each store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EachStore<T> {
    /// Of the care log.
    pub care_log: T,
    /// Of the access log.
    pub access_log: T,
    /// Of the index of the access log.
    pub access_index: T,
    /// Of the read models.
    pub read_models: T,
    /// Of the keys.
    pub keys: T,
}

/// Why a store fails, in the words of the system or of SQLite, which name no content; none if it works.
pub type Reason = Option<String>;

impl EachStore<Reason> {
    fn all(why: &Reason) -> Self {
        let [care_log, access_log, access_index, read_models, keys] = [(); 5].map(|()| why.clone());
        Self { care_log, access_log, access_index, read_models, keys }
    }

    /// What fails here, or else there.
    fn or(self, other: Self) -> Self {
        Self {
            care_log: self.care_log.or(other.care_log),
            access_log: self.access_log.or(other.access_log),
            access_index: self.access_index.or(other.access_index),
            read_models: self.read_models.or(other.read_models),
            keys: self.keys.or(other.keys),
        }
    }

    fn named(&self) -> [(&'static str, &Reason); 5] {
        let Self { care_log, access_log, access_index, read_models, keys } = self;
        [
            ("care log", care_log),
            ("access log", access_log),
            ("index of the access log", access_index),
            ("read models", read_models),
            ("key store", keys),
        ]
    }
}

/// The directories of the stores; none for a store that is not in a file of this machine.
struct Directories(EachStore<Option<PathBuf>>);

/// The stores that are watched.
pub(crate) struct Watched {
    pub care: Arc<dyn Journal>,
    pub access: Arc<dyn Journal>,
    pub access_index: Arc<AccessIndex>,
    pub read_models: Arc<ReadModels>,
    pub keys: Arc<Vault>,
    /// How long commands, and answers with content, wait for their logs.
    pub care_pace: Arc<Pace>,
    pub access_pace: Arc<Pace>,
}

/// Proves the stores, and knows which of them fails.
pub(crate) struct StoreCheck {
    directories: Directories,
    stores: Watched,
    last: watch::Sender<Option<Proved>>,
    /// The stores of which it was said last that they fail.
    said: Mutex<Option<Vec<&'static str>>>,
    running: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Clone)]
struct Proved {
    at: Instant,
    found: EachStore<Reason>,
}

impl StoreCheck {
    pub fn new(stores: Watched) -> Arc<Self> {
        let directory = |path: Option<&Path>| path.map(Path::to_owned);
        let directories = Directories(EachStore {
            care_log: directory(stores.care.directory()),
            access_log: directory(stores.access.directory()),
            access_index: directory(stores.access_index.directory()),
            read_models: directory(stores.read_models.directory()),
            keys: directory(stores.keys.directory()),
        });
        let (last, said, running) = (watch::Sender::new(None), Mutex::default(), Mutex::default());
        Arc::new(Self { directories, stores, last, said, running })
    }

    /// Why each store cannot be written, while its last proof counts, or keeps who writes waiting.
    pub fn writable(&self) -> EachStore<Reason> {
        let Watched { care, access, access_index, read_models, keys, care_pace, access_pace } = &self.stores;
        let now = Instant::now();
        let failed = EachStore {
            care_log: care.troubles().writing.or_else(|| care_pace.reason(now)),
            access_log: access.troubles().writing.or_else(|| access_pace.reason(now)),
            access_index: access_index.troubles().writing,
            read_models: read_models.troubles().writing,
            keys: keys.troubles().writing,
        };
        let counts = |last: &&Proved| last.at.elapsed() < Duration::from_millis(COUNTS_MS);
        let last = self.last.borrow().as_ref().filter(counts).map(|last| last.found.clone());
        failed.or(last.unwrap_or_else(|| EachStore::all(&Some("the disk does not answer".to_owned()))))
    }

    /// Why each store cannot be read.
    pub fn readable(&self) -> EachStore<Reason> {
        let Watched { care, access, access_index, read_models, keys, .. } = &self.stores;
        EachStore {
            care_log: care.troubles().reading,
            access_log: access.troubles().reading,
            access_index: access_index.troubles().reading,
            read_models: read_models.troubles().reading,
            keys: keys.troubles().reading,
        }
    }

    /// Tries now, and then regularly until the check is stopped or dropped.
    pub async fn start(check: &Arc<Self>) {
        Self::again(check).await;
        *locked(&check.running) = Some(tokio::spawn(Self::go_on(Arc::downgrade(check))));
    }

    /// Tries no more: the stores are left to the next who opens them.
    pub fn stop(&self) {
        if let Some(running) = locked(&self.running).take() {
            running.abort();
        }
    }

    async fn go_on(weak: Weak<Self>) {
        for beat in 1_u64.. {
            tokio::time::sleep(Duration::from_millis(BEAT_MS)).await;
            let Some(check) = weak.upgrade() else { return };
            if check.say() || beat.is_multiple_of(BEATS_OF_PROOF) {
                Self::again(&check).await;
            }
        }
    }

    async fn again(check: &Arc<Self>) {
        let at = Instant::now();
        let tried = Arc::clone(check);
        // Flushing waits for the disk, so it must not block the requests of a thread.
        let files = tokio::task::spawn_blocking(move || tried.prove_files());
        let Watched { care, access, .. } = &check.stores;
        let (files, care_log, access_log) =
            tokio::join!(files, prove(care, CARE_LOG_MS_MAX), prove(access, RECORDED_MS_MAX));
        let Ok(files) = files else { return tracing::error!("trying whether the stores can be written failed") };
        let logs = EachStore { care_log, access_log, ..EachStore::default() };
        check.last.send_replace(Some(Proved { at, found: files.or(logs) }));
        check.say();
    }

    /// Tries the directories, and the stores that are in files alone.
    fn prove_files(&self) -> EachStore<Reason> {
        let directories = self.directories.tried();
        let Watched { access_index, read_models, keys, .. } = &self.stores;
        let access_index = access_index.prove().err().map(|error| error.to_string());
        let read_models = read_models.prove().err().map(|error| error.to_string());
        let keys = keys.prove().err().map(|error| in_its_words(&error));
        directories.or(EachStore { access_index, read_models, keys, ..EachStore::default() })
    }

    /// Says which stores fail, when that has changed. Whether one does.
    fn say(&self) -> bool {
        let failing = self.readable().or(self.writable());
        let names: Vec<_> =
            failing.named().into_iter().filter(|(_, why)| why.is_some()).map(|(name, _)| name).collect();
        let fails = !names.is_empty();
        let before = locked(&self.said).replace(names.clone());
        if before.as_ref() == Some(&names) {
            return fails;
        }
        for (store, why) in failing.named() {
            if let Some(why) = why {
                tracing::error!(
                    store,
                    %why,
                    "a store fails; it is tried again every second, and what needs it is unavailable until its disk works"
                );
            }
        }
        if !fails && before.is_some() {
            tracing::info!("the stores can be read and written again");
        }
        fails
    }
}

/// Why a log fails now: also if it takes longer than who needs it waits.
async fn prove(log: &Arc<dyn Journal>, max_ms: u64) -> Reason {
    let proof = async {
        // What cannot be read is said by the log itself, until it can.
        drop(log.prove_reading().await);
        log.prove_writing().await.err().map(|error| error.to_string())
    };
    let proved = timeout(Duration::from_millis(max_ms), proof).await;
    proved.unwrap_or_else(|_| Some("it does not answer in time".to_owned()))
}

/// What the key store says, with the reason of its file.
fn in_its_words(error: &vault::Error) -> String {
    let reason = std::error::Error::source(error).map(|source| format!(": {source}"));
    format!("{error}{}", reason.unwrap_or_default())
}

impl Directories {
    /// Each directory is tried once, also if several stores lie in it.
    fn tried(&self) -> EachStore<Reason> {
        let Self(EachStore { care_log, access_log, access_index, read_models, keys }) = self;
        let mut known = BTreeMap::new();
        let mut tried = |directory: &Option<PathBuf>| -> Reason {
            let directory = directory.as_ref()?;
            known.entry(directory.clone()).or_insert_with(|| written(directory)).clone()
        };
        EachStore {
            care_log: tried(care_log),
            access_log: tried(access_log),
            access_index: tried(access_index),
            read_models: tried(read_models),
            keys: tried(keys),
        }
    }
}

/// Why no file can be written there, without the path.
fn written(directory: &Path) -> Reason {
    write_probe(&directory.join(PROBE)).err().map(|error| error.to_string())
}

fn write_probe(path: &Path) -> io::Result<()> {
    removed(path)?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = filled(file);
    // Also after a failure: what was written of it takes room.
    let removed = removed(path);
    written.and(removed)
}

fn filled(mut file: File) -> io::Result<()> {
    file.write_all(&vec![0; PROBE_BYTES])?;
    file.sync_data()
}

fn removed(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use journal::LogIdentity;
    use uuid::Uuid;
    use vault::{KeyEncryptionKey, KeyStoreUrl};

    use super::*;
    use crate::projector::testing::{log, started};

    /// Logs and keys in memory, and read models and the index in a directory.
    async fn stores(directory: &Path) -> Watched {
        let (care, access) = (log("care").await, log("access").await);
        let kek = KeyEncryptionKey::generate().expect("a key");
        let keys = Vault::open_at(&KeyStoreUrl::Memory, &kek, vault::Access::Writer).expect("a vault");
        let identity = LogIdentity { log: Uuid::nil(), epoch: Uuid::nil() };
        let read_models = Arc::new(ReadModels::open(directory, identity).expect("read models"));
        let projector = started(&care, &read_models);
        let access_index = AccessIndex::open(Arc::clone(&access), projector, directory).await.expect("an index");
        let (care_pace, access_pace) = Default::default();
        Watched { care, access, access_index, read_models, keys: Arc::new(keys), care_pace, access_pace }
    }

    #[test]
    fn a_directory_that_cannot_be_written_is_named_by_its_stores_and_nothing_is_left_in_another() {
        let (place, other) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        fs::write(place.path().join(PROBE), "left by a killed process").expect("a file");
        // A path below a file cannot be written, also not by root.
        let file = other.path().join("file");
        fs::write(&file, "").expect("a file");
        let one = Some(place.path().to_owned());
        let directories = Directories(EachStore {
            care_log: one.clone(),
            access_log: None,
            access_index: None,
            read_models: one,
            keys: Some(file),
        });
        let found = directories.tried().named().map(|(_, why)| why.is_some());
        assert_eq!(found, [false, false, false, false, true]);
        assert_eq!(fs::read_dir(place.path()).expect("a directory").count(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_proof_counts_for_a_while_and_the_next_one_replaces_it() {
        let place = tempfile::tempdir().expect("a directory");
        let inside = place.path().join("inside");
        fs::create_dir(&inside).expect("a directory");
        let check = StoreCheck::new(stores(&inside).await);
        let fails = || check.writable().read_models.is_some();
        assert!(fails(), "nothing is known yet");
        StoreCheck::again(&check).await;
        assert!(!fails(), "{:?}", check.writable());
        fs::rename(&inside, place.path().join("away")).expect("moved");
        tokio::time::advance(Duration::from_millis(COUNTS_MS - 1)).await;
        assert!(!fails(), "the last proof still counts");
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(fails(), "a disk that does not answer");
        fs::rename(place.path().join("away"), &inside).expect("moved");
        StoreCheck::start(&check).await;
        assert!(!fails());
        fs::rename(&inside, place.path().join("away")).expect("moved");
        let mut tried = check.last.subscribe();
        tried.mark_unchanged();
        tried.changed().await.expect("it is tried again");
        assert!(fails());
    }

    #[tokio::test]
    async fn a_store_whose_own_file_fails_is_named_alone_until_it_is_proved() {
        let place = tempfile::tempdir().expect("a directory");
        let check = StoreCheck::new(stores(place.path()).await);
        let named = || {
            let fails = |each: EachStore<Reason>| each.named().map(|(_, why)| why.is_some());
            [fails(check.readable()), fails(check.writable())]
        };
        let none = [false; 5];
        let [access_index, read_models] = [2, 3].map(|failing| std::array::from_fn(|store| store == failing));
        StoreCheck::again(&check).await;
        assert_eq!(named(), [none, none]);
        // Another process holds the lock of the writer.
        let other = rusqlite::Connection::open(place.path().join("read-models.db")).expect("the file");
        other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
        StoreCheck::again(&check).await;
        assert_eq!(named(), [none, read_models]);
        other.execute_batch("ROLLBACK").expect("the lock is given back");
        StoreCheck::again(&check).await;
        assert_eq!(named(), [none, none]);
        // What a request met counts at once, and until the next proof.
        check.stores.read_models.writing.note("full");
        assert_eq!(named(), [none, read_models]);
        check.stores.access_index.reading.note("a page that is not read");
        assert_eq!(named(), [access_index, read_models]);
        check.stores.access_index.writing.note("full");
        StoreCheck::again(&check).await;
        assert_eq!(named(), [none, none]);
    }

    #[tokio::test]
    async fn a_log_whose_appends_are_all_slow_is_named_though_its_proof_is_quick_until_one_is_quick() {
        let place = tempfile::tempdir().expect("a directory");
        let check = StoreCheck::new(stores(place.path()).await);
        let Watched { care_pace, access_pace, .. } = &check.stores;
        let now = Instant::now();
        let slow = now + Duration::from_secs(5);
        access_pace.took(now, slow);
        StoreCheck::again(&check).await;
        let named = || check.writable().named().map(|(_, why)| why.is_some());
        assert_eq!(named(), [false, true, false, false, false]);
        care_pace.took(now, slow);
        access_pace.took(slow, slow);
        assert_eq!(named(), [true, false, false, false, false]);
    }
}
