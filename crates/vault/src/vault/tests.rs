//! Tests of the vault: what is destroyed and what is not, what is cached, and how uses of a key are counted.

use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::Duration;

use aws_lc_rs::{aead, hkdf};

use super::*;
use crate::{Opened, Sealed};

pub(crate) fn in_memory() -> Vault {
    in_memory_bounded(UseBound::STANDARD)
}

fn in_memory_bounded(bound: UseBound) -> Vault {
    let kek = KeyEncryptionKey::generate().unwrap();
    Vault::open_at_bounded(&KeyStoreUrl::Memory, &kek, Access::Writer, bound).unwrap()
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn readable(vault: &Vault, sealed: &Sealed) -> bool {
    match vault.open(sealed, b"here").unwrap() {
        Opened::Text(plain) => {
            assert_eq!(plain.as_bytes(), b"a text");
            true
        }
        Opened::Destroyed => false,
    }
}

fn seal(vault: &Vault, node: Node) -> Sealed {
    vault.seal(node, b"here", b"a text").unwrap()
}

/// Two patients and an organization, a thread and an attachment under each.
fn forest(vault: &Vault) -> Vec<(Node, Vec<Sealed>)> {
    let subjects = [Node::Patient(id(1)), Node::Patient(id(2)), Node::Organization(id(1))];
    let tree = |(n, subject): (u128, Node)| {
        let below = [Node::Thread(id(n)), Node::Attachment(id(n))];
        vault.get_or_create(subject, None).unwrap();
        for node in below {
            vault.get_or_create(node, Some(subject)).unwrap();
        }
        (subject, vec![seal(vault, subject), seal(vault, below[0]), seal(vault, below[1])])
    };
    (10..).zip(subjects).map(tree).collect()
}

#[test]
fn destroying_a_subject_makes_what_is_below_unreadable_and_nothing_else() {
    let vault = in_memory();
    let forest = forest(&vault);
    let hashed = vault.mac(&forest[0].1[1].key, b"input").unwrap();
    assert!(hashed.is_some());
    vault.destroy(forest[0].0, id(99)).unwrap();
    for (at, (_, values)) in forest.iter().enumerate() {
        for sealed in values {
            assert_eq!(readable(&vault, sealed), at != 0, "{}", sealed.key);
            let expected = if at == 0 { KeyState::Destroyed { event: id(99) } } else { KeyState::Known };
            assert_eq!(vault.key_state(&sealed.key).unwrap(), expected);
        }
    }
    assert_eq!(vault.mac(&forest[0].1[1].key, b"input").unwrap(), None);
}

#[test]
fn a_damaged_key_is_named_with_those_below_it() {
    let vault = in_memory();
    let forest = forest(&vault);
    assert_eq!(vault.verify().unwrap(), Verified { sound: 10, damaged: Vec::new() });
    let [_, thread, _] = &forest[0].1[..] else { panic!("three") };
    vault.store().spoil(thread.key.node());
    assert_eq!(vault.verify().unwrap(), Verified { sound: 9, damaged: vec![thread.key.to_string()] });
    vault.store().spoil(forest[1].0);
    assert_eq!(vault.verify().unwrap().damaged.len(), 4);
}

#[test]
fn destroying_a_thread_does_not_affect_its_subject_and_siblings() {
    let vault = in_memory();
    let forest = forest(&vault);
    let [subject, thread, attachment] = &forest[0].1[..] else { panic!("three") };
    vault.destroy(thread.key.node(), id(50)).unwrap();
    assert!(!readable(&vault, thread));
    assert!(readable(&vault, subject) && readable(&vault, attachment));

    // The subject's own destruction later leaves the thread's tombstone as it was; so does a repeat.
    vault.destroy(subject.key.node(), id(51)).unwrap();
    vault.destroy(subject.key.node(), id(52)).unwrap();
    assert_eq!(vault.key_state(&thread.key).unwrap(), KeyState::Destroyed { event: id(50) });
    for below in [subject, attachment] {
        assert_eq!(vault.key_state(&below.key).unwrap(), KeyState::Destroyed { event: id(51) });
    }
}

#[test]
fn the_key_of_a_draft_is_destroyed_alone_and_is_never_made_again() {
    let vault = in_memory();
    let (patient, ended, other) = (Node::Patient(id(1)), Node::Draft(id(2)), Node::Draft(id(3)));
    vault.get_or_create(patient, None).unwrap();
    let values: Vec<Sealed> = [ended, other]
        .map(|node| {
            vault.get_or_create(node, Some(patient)).unwrap();
            seal(&vault, node)
        })
        .into();
    assert_eq!(vault.drafts().unwrap(), [id(2), id(3)]);
    assert!(!vault.is_destroyed(ended).unwrap() && !vault.is_destroyed(Node::Draft(id(4))).unwrap());
    vault.destroy_draft(id(2), id(9)).unwrap();
    vault.destroy_draft(id(2), id(10)).unwrap();
    assert!(!readable(&vault, &values[0]) && readable(&vault, &values[1]));
    assert_eq!(vault.key_state(&values[0].key).unwrap(), KeyState::Destroyed { event: id(9) });
    assert_eq!(vault.drafts().unwrap(), [id(3)]);
    assert!(vault.is_destroyed(ended).unwrap() && !vault.is_destroyed(other).unwrap());
    assert!(matches!(vault.get_or_create(ended, Some(patient)), Err(Error::Destroyed)));
    assert!(matches!(vault.seal(ended, b"", b""), Err(Error::Destroyed)));
    vault.scrub().unwrap();
    // A draft about a patient ends with the patient.
    vault.destroy(patient, id(11)).unwrap();
    assert!(!readable(&vault, &values[1]));
}

#[test]
fn a_destroyed_node_is_never_made_again_nor_anything_below_it() {
    let vault = in_memory();
    let (patient, thread) = (Node::Patient(id(1)), Node::Thread(id(2)));
    vault.get_or_create(patient, None).unwrap();
    vault.get_or_create(thread, Some(patient)).unwrap();
    vault.destroy(patient, id(9)).unwrap();
    let never_made = Node::Organization(id(3));
    vault.destroy(never_made, id(9)).unwrap();

    let refused = |node, parent| assert!(matches!(vault.get_or_create(node, parent), Err(Error::Destroyed)));
    refused(patient, None);
    refused(thread, Some(patient));
    refused(Node::Thread(id(4)), Some(patient));
    refused(never_made, None);
    refused(Node::Thread(id(5)), Some(never_made));
    for node in [patient, thread] {
        assert!(matches!(vault.seal(node, b"", b""), Err(Error::Destroyed)));
    }
    assert!(matches!(vault.destroy(Node::Installation, id(9)), Err(Error::NotDestructible)));
}

#[test]
fn a_node_has_only_its_allowed_parent_and_keeps_it() {
    let vault = in_memory();
    let (patient, person, organization) = (Node::Patient(id(1)), Node::Person(id(1)), Node::Organization(id(1)));
    let thread = Node::Thread(id(1));
    let wrong = |node, parent| assert!(matches!(vault.get_or_create(node, parent), Err(Error::WrongParent)));
    assert!(matches!(vault.get_or_create(thread, Some(patient)), Err(Error::UnknownKey)));
    for node in [patient, person, organization] {
        vault.get_or_create(node, None).unwrap();
        wrong(node, Some(Node::Patient(id(2))));
    }
    for parent in [None, Some(person), Some(Node::Installation), Some(Node::Attachment(id(1)))] {
        wrong(thread, parent);
    }
    let made = vault.get_or_create(thread, Some(patient)).unwrap();
    assert_eq!(vault.get_or_create(thread, Some(patient)).unwrap(), made);
    wrong(thread, Some(organization));
    vault.forget();
    assert_eq!(vault.get_or_create(thread, Some(patient)).unwrap(), made);
    wrong(thread, Some(organization));
}

#[test]
fn a_key_that_was_never_created_is_unknown() {
    let vault = in_memory();
    let patient = vault.get_or_create(Node::Patient(id(1)), None).unwrap();
    let sealed = seal(&vault, patient.node());
    for key in [KeyId::new(patient.node(), 2), KeyId::new(Node::Patient(id(2)), 1)] {
        assert_eq!(vault.key_state(&key).unwrap(), KeyState::Unknown);
        let sealed = Sealed { key, ..sealed.clone() };
        assert!(matches!(vault.open(&sealed, b"here"), Err(Error::UnknownKey)));
        assert!(matches!(vault.mac(&key, b""), Err(Error::UnknownKey)));
    }
    assert!(matches!(vault.seal(Node::Patient(id(2)), b"", b""), Err(Error::UnknownKey)));
}

#[test]
fn a_key_is_durable_before_its_id_is_returned() {
    let (place, kek) = (tempfile::tempdir().unwrap(), KeyEncryptionKey::generate().unwrap());
    let url = KeyStoreUrl::Sqlite(place.path().join("keys.db"));
    let writer = Vault::open_at(&url, &kek, Access::Writer).unwrap();
    let reader = Vault::open_at(&url, &kek, Access::ReadOnly).unwrap();
    let key = writer.get_or_create(Node::Patient(id(1)), None).unwrap();
    // Copies of the files as they lie now, as after a crash of the writer: only what is committed is in them.
    let crashed = tempfile::tempdir().unwrap();
    for name in ["keys.db", "keys.db-wal"] {
        std::fs::copy(place.path().join(name), crashed.path().join(name)).unwrap();
    }
    let url = KeyStoreUrl::Sqlite(crashed.path().join("keys.db"));
    let restored = Vault::open_at(&url, &kek, Access::Writer).unwrap();
    let sealed = seal(&writer, key.node());
    for vault in [&writer, &reader, &restored] {
        assert!(readable(vault, &sealed));
        assert_eq!(vault.key_state(&key).unwrap(), KeyState::Known);
    }
}

#[test]
fn a_reader_beside_the_writer_reads_and_changes_nothing() {
    let (place, kek) = (tempfile::tempdir().unwrap(), KeyEncryptionKey::generate().unwrap());
    let url = KeyStoreUrl::Sqlite(place.path().join("keys.db"));
    let read_only = || Vault::open_at(&url, &kek, Access::ReadOnly);
    assert!(matches!(read_only().err(), Some(Error::Store(_))), "a reader makes no store");

    let writer = Vault::open_at(&url, &kek, Access::Writer).unwrap();
    let patient = Node::Patient(id(1));
    let token = writer.mint(TokenPurpose::Version, &[5; 32]).unwrap();
    writer.get_or_create(patient, None).unwrap();
    let sealed = seal(&writer, patient);
    let reader = read_only().unwrap();
    assert!(readable(&reader, &sealed));
    assert_eq!(reader.read(TokenPurpose::Version, &token), Some([5; 32]));
    assert!(matches!(reader.seal(patient, b"", b""), Err(Error::ReadOnly)));
    assert!(matches!(reader.get_or_create(Node::Patient(id(2)), None), Err(Error::ReadOnly)));
    assert!(matches!(reader.destroy(patient, id(9)), Err(Error::ReadOnly)));
    assert!(matches!(reader.rewrap(&kek), Err(Error::ReadOnly)));

    writer.destroy(patient, id(9)).unwrap();
    reader.forget();
    assert!(!readable(&reader, &sealed));
    drop(writer);
    drop(reader);
    assert!(!readable(&read_only().unwrap(), &sealed), "also when no writer runs");
}

#[test]
fn only_the_right_key_encryption_key_opens_the_store_and_rewrapping_changes_which() {
    let (place, old) = (tempfile::tempdir().unwrap(), KeyEncryptionKey::generate().unwrap());
    let new = KeyEncryptionKey::generate().unwrap();
    let url = KeyStoreUrl::Sqlite(place.path().join("keys.db"));
    let open = |kek| Vault::open_at(&url, kek, Access::Writer);
    let vault = open(&old).unwrap();
    let forest = forest(&vault);
    let token = vault.mint(TokenPurpose::Cursor, &[1; 32]).unwrap();
    assert!(matches!(open(&new).err(), Some(Error::WrongKeyEncryptionKey)));

    let left_behind = open(&old).unwrap();
    vault.rewrap(&new).unwrap();
    assert!(matches!(open(&old).err(), Some(Error::WrongKeyEncryptionKey)));
    // A process that still has the old key makes nothing under it.
    let patient = Node::Patient(id(77));
    assert!(matches!(left_behind.get_or_create(patient, None), Err(Error::WrongKeyEncryptionKey)));
    vault.get_or_create(patient, None).unwrap();

    vault.forget();
    for vault in [vault, open(&new).unwrap()] {
        assert!(forest.iter().flat_map(|(_, values)| values).all(|sealed| readable(&vault, sealed)));
        assert_eq!(vault.read(TokenPurpose::Cursor, &token), Some([1; 32]));
    }
}

#[test]
fn a_version_ends_at_its_bound_and_old_versions_stay_readable() {
    let vault = in_memory_bounded(UseBound { block: 2, limit: 5 });
    let (patient, thread) = (Node::Patient(id(1)), Node::Thread(id(2)));
    vault.get_or_create(patient, None).unwrap();
    vault.get_or_create(thread, Some(patient)).unwrap();
    let values: Vec<Sealed> = (0..9).map(|_| seal(&vault, thread)).collect();
    let versions: Vec<u32> = values.iter().map(|sealed| sealed.key.version()).collect();
    // Two blocks of two fit below five.
    assert_eq!(versions, [1, 1, 1, 1, 2, 2, 2, 2, 3]);
    let hashed = vault.mac(&values[0].key, b"input").unwrap();
    vault.forget();
    assert!(values.iter().all(|sealed| readable(&vault, sealed)));
    assert_eq!(vault.mac(&values[0].key, b"input").unwrap(), hashed);
    assert_ne!(vault.mac(&values[8].key, b"input").unwrap(), hashed);

    // Wrapping is a use too: a subject's key has its own next version after enough children.
    for n in 10..14 {
        vault.get_or_create(Node::Thread(id(n)), Some(patient)).unwrap();
    }
    vault.forget();
    assert!(seal(&vault, patient).key.version() > 1);
    assert!((10..14).all(|n| readable(&vault, &seal(&vault, Node::Thread(id(n))))));
    vault.destroy(patient, id(9)).unwrap();
    assert!(!values.iter().any(|sealed| readable(&vault, sealed)), "every version is gone");
}

#[test]
fn reservations_outlive_the_process() {
    let (place, kek) = (tempfile::tempdir().unwrap(), KeyEncryptionKey::generate().unwrap());
    let url = KeyStoreUrl::Sqlite(place.path().join("keys.db"));
    let patient = Node::Patient(id(1));
    let bound = UseBound { block: 2, limit: 4 };
    let one_use_in_a_new_process = || {
        let vault = Vault::open_at_bounded(&url, &kek, Access::Writer, bound).unwrap();
        vault.get_or_create(patient, None).unwrap();
        seal(&vault, patient).key.version()
    };
    let versions: Vec<u32> = (0..5).map(|_| one_use_in_a_new_process()).collect();
    assert_eq!(versions, [1, 1, 2, 2, 3]);
}

#[test]
fn concurrent_creations_of_a_key_get_the_same_key() {
    let (place, kek) = (tempfile::tempdir().unwrap(), KeyEncryptionKey::generate().unwrap());
    let url = KeyStoreUrl::Sqlite(place.path().join("keys.db"));
    // Two vaults on one file, four threads each: the lock in memory and the file's lock both take part.
    let vaults = [0, 1].map(|_| Vault::open_at(&url, &kek, Access::Writer).unwrap());
    let start = Barrier::new(8);
    let patient = Node::Patient(id(1));
    let values: Vec<Sealed> = thread::scope(|scope| {
        let make = |at: usize| {
            let (vault, start) = (&vaults[at % 2], &start);
            scope.spawn(move || {
                start.wait();
                assert_eq!(vault.get_or_create(patient, None).unwrap(), KeyId::new(patient, 1));
                seal(vault, patient)
            })
        };
        let makers: Vec<_> = (0..8).map(make).collect();
        makers.into_iter().map(|maker| maker.join().unwrap()).collect()
    });
    for vault in &vaults {
        assert!(values.iter().all(|sealed| readable(vault, sealed)));
    }
}

#[test]
fn no_use_is_counted_twice_between_threads() {
    let vault = in_memory_bounded(UseBound { block: 3, limit: 9 });
    let patient = Node::Patient(id(1));
    vault.get_or_create(patient, None).unwrap();
    let versions: Vec<u32> = thread::scope(|scope| {
        let work = || (0..50).map(|_| seal(&vault, patient).key.version()).collect::<Vec<_>>();
        let workers: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let newest = versions.iter().copied().max().unwrap();
    for version in 1..=newest {
        assert!(versions.iter().filter(|used| **used == version).count() <= 9);
    }
}

#[test]
fn hashes_depend_on_key_and_input() {
    let vault = in_memory();
    let patient = vault.get_or_create(Node::Patient(id(1)), None).unwrap();
    let mac = |key, input: &[u8]| vault.mac(&key, input).unwrap().unwrap();
    assert_eq!(mac(patient, b"a"), mac(patient, b"a"));
    assert_ne!(mac(patient, b"a"), mac(patient, b"b"));
    assert_ne!(mac(patient, b"a"), mac(vault.installation(), b"a"));
}

/// Data at rest depends on the scheme: a sealed value opened by hand, as it is written down.
#[test]
fn a_sealed_value_follows_the_written_scheme() {
    let vault = in_memory();
    let key = vault.get_or_create(Node::Patient(id(0xab)), None).unwrap();
    let sealed = seal(&vault, key.node());
    let secret = vault.store().secret(key).unwrap();
    let subkey = hkdf::Salt::new(hkdf::HKDF_SHA256, b"carefold.vault.1").extract(secret.expose());
    let subkey = subkey.expand(&[b"seal"], &aead::AES_256_GCM).unwrap().into();
    let mut bytes = sealed.ciphertext.clone();
    let opened = aead::LessSafeKey::new(subkey).open_in_place(
        aead::Nonce::assume_unique_for_key(sealed.nonce),
        aead::Aad::from(b"p\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xab\0\0\0\x01here"),
        &mut bytes,
    );
    assert_eq!(opened.unwrap(), b"a text");
}

#[test]
fn no_key_comes_back_into_the_cache_after_its_destruction() {
    let vault = in_memory();
    // Loading and destroying meet at another moment each time.
    for n in 0..300 {
        let patient = Node::Patient(id(n));
        vault.get_or_create(patient, None).unwrap();
        let sealed = seal(&vault, patient);
        vault.forget();
        let start = Barrier::new(3);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    start.wait();
                    readable(&vault, &sealed)
                });
            }
            start.wait();
            vault.destroy(patient, id(9)).unwrap();
        });
        assert!(!readable(&vault, &sealed), "round {n}");
    }
}

#[test]
fn a_cached_key_is_used_without_the_store() {
    let vault = in_memory();
    let patient = Node::Patient(id(1));
    vault.get_or_create(patient, None).unwrap();
    let sealed = seal(&vault, patient);
    vault.forget();
    assert!(readable(&vault, &sealed), "loads the key");
    let (done, finished) = mpsc::channel();
    thread::scope(|scope| {
        let held = vault.store();
        scope.spawn(|| {
            vault.get_or_create(patient, None).unwrap();
            vault.mac(&sealed.key, b"").unwrap();
            done.send(readable(&vault, &sealed)).unwrap();
        });
        let outcome = finished.recv_timeout(Duration::from_secs(10));
        drop(held);
        assert_eq!(outcome, Ok(true));
    });
}

#[test]
fn it_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Vault>();
}

#[test]
fn what_may_wait_for_the_store_is_run_where_it_is_told_to_and_what_the_cache_answers_is_not() {
    static WAITED: AtomicU32 = AtomicU32::new(0);
    let vault = in_memory();
    let node = Node::Thread(id(1));
    vault.wait_by(|work| {
        WAITED.fetch_add(1, Ordering::Relaxed);
        work();
    });
    let waited = || WAITED.swap(0, Ordering::Relaxed);
    vault.get_or_create(Node::Patient(id(2)), None).unwrap();
    let key = vault.get_or_create(node, Some(Node::Patient(id(2)))).unwrap();
    assert_eq!(waited(), 2);
    let sealed = seal(&vault, node);
    assert!(readable(&vault, &sealed) && vault.holds(&key));
    assert_eq!(waited(), 0, "it is in memory");
    vault.forget();
    assert!(!vault.holds(&key));
    vault.hold(&key).unwrap();
    assert!(vault.holds(&key) && readable(&vault, &sealed));
    assert_eq!(waited(), 1);
}

#[test]
fn a_store_that_failed_is_in_trouble_until_it_is_proved_to_work() {
    let (place, kek) = (tempfile::tempdir().unwrap(), KeyEncryptionKey::generate().unwrap());
    let path = place.path().join("keys.db");
    let vault = Vault::open_at(&KeyStoreUrl::Sqlite(path.clone()), &kek, Access::Writer).unwrap();
    vault.store().wait_for_nobody();
    let patient = Node::Patient(id(1));
    let key = vault.get_or_create(patient, None).unwrap();
    assert!(matches!(vault.get_or_create(Node::Thread(id(2)), None), Err(Error::WrongParent)));
    assert_eq!(vault.troubles(), Troubles::default(), "a refusal is no trouble");

    // Another process holds the lock of the writer.
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(vault.get_or_create(Node::Patient(id(2)), None), Err(Error::Store(_))));
    assert!(vault.troubles().writing.is_some_and(|reason| reason.contains("locked")));
    vault.forget();
    vault.hold(&key).unwrap();
    assert!(vault.troubles().writing.is_some(), "that it is read proves nothing of its writing");
    assert!(vault.prove().is_err());
    other.execute_batch("ROLLBACK").unwrap();
    vault.prove().unwrap();
    assert_eq!(vault.troubles(), Troubles::default());

    // Its keys cannot be read: a table is away.
    other.execute_batch("ALTER TABLE tombstone RENAME TO away").unwrap();
    vault.forget();
    assert!(matches!(vault.hold(&key), Err(Error::Store(_))));
    assert_eq!(vault.troubles().writing, None);
    assert!(vault.troubles().reading.is_some());
    other.execute_batch("ALTER TABLE away RENAME TO tombstone").unwrap();
    vault.prove().unwrap();
    assert_eq!(vault.troubles(), Troubles::default());
}
