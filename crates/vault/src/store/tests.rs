//! Tests of the key store: what is in its files, and what it refuses.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

struct Files {
    place: tempfile::TempDir,
    kek: KeyEncryptionKey,
}

impl Files {
    fn new() -> Self {
        Self { place: tempfile::tempdir().unwrap(), kek: KeyEncryptionKey::generate().unwrap() }
    }

    fn open(&self) -> Store {
        Store::open(&self.url(), &self.kek, Access::Writer, UseBound::STANDARD).unwrap()
    }

    fn url(&self) -> KeyStoreUrl {
        KeyStoreUrl::Sqlite(self.place.path().join("keys.db"))
    }

    /// Every 24 bytes in a row in any file of the store, to look wrapped and raw keys up by their beginning: a page
    /// move may have cut the rest off.
    fn contents(&self) -> HashSet<[u8; 24]> {
        let files = fs::read_dir(self.place.path()).unwrap();
        let bytes: Vec<u8> = files.flat_map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
        bytes.windows(24).map(|window| window.try_into().unwrap()).collect()
    }

    fn hold(&self, key: &[u8]) -> bool {
        self.contents().contains(&key[..24])
    }
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn wrapped(store: &Store, node: Node) -> Vec<u8> {
    let wrapped = "SELECT wrapped FROM key WHERE node = ?1";
    store.connection.query_row(wrapped, [node.to_string()], |row| row.get(0)).unwrap()
}

#[test]
fn a_proof_that_the_disk_takes_writes_writes() {
    let files = Files::new();
    let mut store = files.open();
    store.checkpoint().unwrap();
    let written = || fs::metadata(files.place.path().join("keys.db-wal")).unwrap().len();
    assert_eq!(written(), 0);
    store.prove_writing().unwrap();
    assert!(written() > 0);
}

#[test]
fn url_forms() {
    assert_eq!("memory:".parse(), Ok(KeyStoreUrl::Memory));
    assert_eq!("sqlite:/a/keys.db".parse(), Ok(KeyStoreUrl::Sqlite("/a/keys.db".into())));
    assert_eq!("sqlite:keys.db".parse(), Ok(KeyStoreUrl::Sqlite("keys.db".into())));
    for other in ["", "memory", "memory:x", "sqlite:", "sqlite::memory:", "sqlite:file:a?mode=ro", "/a", "kms:a"] {
        assert_eq!(other.parse::<KeyStoreUrl>(), Err(MalformedUrl), "{other}");
    }
}

#[test]
fn the_file_is_private_durable_and_overwrites_deleted_bytes() {
    let files = Files::new();
    let store = files.open();
    for file in fs::read_dir(files.place.path()).unwrap() {
        assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let setting = |name| store.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(setting("synchronous"), 2);
    assert_eq!(setting("secure_delete"), 1);
    let mode: String = store.connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn the_files_hold_wrapped_keys_and_no_raw_ones() {
    let files = Files::new();
    let mut store = files.open();
    let (patient, thread) = (Node::Patient(id(1)), Node::Thread(id(2)));
    store.get_or_create(patient, None).unwrap();
    store.get_or_create(thread, Some(patient)).unwrap();
    for node in [Node::Installation, patient, thread] {
        assert!(files.hold(&wrapped(&store, node)), "the search would find a key that lies there");
        let secret = store.secret(KeyId::new(node, 1)).unwrap();
        assert!(!files.hold(secret.expose()));
    }
    assert!(!files.hold(files.kek.secret().expose()));
}

#[test]
fn destroyed_bytes_leave_the_files() {
    let files = Files::new();
    let mut store = files.open();
    let (patient, other) = (Node::Patient(id(1)), Node::Patient(id(2)));
    let threads: Vec<Node> = (0..60).map(|n| Node::Thread(id(n))).collect();
    store.get_or_create(other, None).unwrap();
    store.get_or_create(patient, None).unwrap();
    for thread in &threads {
        store.get_or_create(*thread, Some(patient)).unwrap();
    }
    let gone: Vec<Vec<u8>> = threads.iter().chain([&patient]).map(|node| wrapped(&store, *node)).collect();
    let before = files.contents();
    assert!(gone.iter().all(|wrapped| before.contains(&wrapped[..24])));

    store.destroy_below(patient, id(9)).unwrap();
    store.scrub().unwrap();
    let after = files.contents();
    assert!(!gone.iter().any(|wrapped| after.contains(&wrapped[..24])));
    assert!(files.hold(&wrapped(&store, other)));
    assert!(!store.scrub_due().unwrap());
}

#[test]
fn a_scrub_that_a_reader_prevents_is_reported_and_the_next_opening_scrubs() {
    let files = Files::new();
    let mut store = files.open();
    let patient = Node::Patient(id(1));
    store.get_or_create(patient, None).unwrap();
    let gone = wrapped(&store, patient);
    store.connection.busy_timeout(Duration::ZERO).unwrap();

    let KeyStoreUrl::Sqlite(path) = files.url() else { panic!("a file") };
    let reader = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM key;").unwrap();
    let _: i64 = reader.query_row("SELECT count(*) FROM key", [], |row| row.get(0)).unwrap();
    store.destroy_below(patient, id(9)).unwrap();
    assert!(matches!(store.scrub(), Err(Error::NotScrubbed(_))));
    assert!(store.scrub_due().unwrap());
    assert!(matches!(store.held(patient), Err(Error::Destroyed)), "in force all the same");
    assert!(files.hold(&gone));
    drop(reader);
    drop(store);
    let store = files.open();
    assert!(!files.hold(&gone));
    assert!(!store.scrub_due().unwrap());
}

#[test]
fn a_refused_creation_leaves_no_row() {
    let files = Files::new();
    let mut store = files.open();
    let patient = Node::Patient(id(1));
    store.destroy_below(patient, id(9)).unwrap();
    for (node, parent) in [(patient, None), (Node::Thread(id(2)), Some(patient))] {
        assert!(matches!(store.get_or_create(node, parent), Err(Error::Destroyed)));
    }
    assert!(matches!(store.reserve(patient), Err(Error::Destroyed)));
    let rows: i64 = store.connection.query_row("SELECT count(*) FROM key", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1, "the installation's");
}

#[test]
fn rewrapping_leaves_no_old_wrap() {
    let files = Files::new();
    let mut store = files.open();
    store.get_or_create(Node::Patient(id(1)), None).unwrap();
    let old = wrapped(&store, Node::Patient(id(1)));
    store.rewrap(&KeyEncryptionKey::generate().unwrap()).unwrap();
    store.scrub().unwrap();
    assert!(!files.hold(&old));
}

#[test]
fn a_failed_rewrap_changes_nothing() {
    let files = Files::new();
    let mut store = files.open();
    let (well, damaged) = (Node::Patient(id(1)), Node::Patient(id(2)));
    store.get_or_create(well, None).unwrap();
    store.get_or_create(damaged, None).unwrap();
    let harm = "UPDATE key SET wrapped = zeroblob(60) WHERE node = ?1";
    store.connection.execute(harm, [damaged.to_string()]).unwrap();
    let before = wrapped(&store, well);
    assert!(matches!(store.rewrap(&KeyEncryptionKey::generate().unwrap()), Err(Error::Damaged)));
    assert_eq!(wrapped(&store, well), before);
    assert!(store.held(well).is_ok());
    drop(store);
    files.open();
}

#[test]
fn rows_moved_in_the_tree_are_damaged() {
    let files = Files::new();
    let mut store = files.open();
    let (one, two, thread) = (Node::Patient(id(1)), Node::Patient(id(2)), Node::Thread(id(3)));
    store.get_or_create(one, None).unwrap();
    store.get_or_create(two, None).unwrap();
    store.get_or_create(thread, Some(one)).unwrap();
    let claim = |store: &Store, parent: &str| {
        let update = "UPDATE key SET parent = ?1 WHERE node = ?2";
        store.connection.execute(update, [parent, &thread.to_string()]).unwrap();
    };
    for parent in [KeyId::new(two, 1), KeyId::new(thread, 1), KeyId::FIRST_OF_INSTALLATION] {
        claim(&store, &parent.to_string());
        assert!(matches!(store.held(thread), Err(Error::Damaged)), "{parent}");
    }
    claim(&store, &KeyId::new(one, 1).to_string());
    assert!(store.held(thread).is_ok());
}

#[test]
fn a_store_of_another_format_is_told_from_a_damaged_one() {
    let files = Files::new();
    let KeyStoreUrl::Sqlite(path) = files.url() else { panic!("a file") };
    drop(Store::open(&files.url(), &files.kek, Access::Writer, UseBound::STANDARD).unwrap());
    for other in [FORMAT + 1, FORMAT - 1] {
        Connection::open(&path).unwrap().pragma_update(None, "user_version", other).unwrap();
        for access in [Access::Writer, Access::ReadOnly] {
            let opened = Store::open(&files.url(), &files.kek, access, UseBound::STANDARD);
            assert!(matches!(opened.err(), Some(Error::Format { found, known: FORMAT }) if found == other));
        }
    }
}

#[test]
fn another_programs_file_is_refused() {
    let files = Files::new();
    let KeyStoreUrl::Sqlite(path) = files.url() else { panic!("a file") };
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE other (x)").unwrap();
    for access in [Access::Writer, Access::ReadOnly] {
        let opened = Store::open(&files.url(), &files.kek, access, UseBound::STANDARD);
        assert!(matches!(opened.err(), Some(Error::NotAKeyStore)));
    }
}
