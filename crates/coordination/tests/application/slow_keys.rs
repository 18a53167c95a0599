//! A key store whose disk is slow: who needs a key that is not in memory waits for it, and nobody else does.

use std::sync::Arc;

use care::words::Audience;
use rusqlite::Connection;
use vault::{Access, KeyEncryptionKey, KeyStoreUrl, Vault};

use crate::clinic::{Clinic, Installation};

/// How often the only thread of the runtime is asked for something else while a command waits. A command reaches the key
/// store after some tens of them.
const ASKED: usize = 3_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn while_a_command_waits_for_the_key_store_the_runtime_goes_on() {
    let installation = Installation::new().await;
    let keys = installation.directory.path().join("keys.db");
    let kek = KeyEncryptionKey::generate().expect("a key");
    let vault = Vault::open_at(&KeyStoreUrl::Sqlite(keys.clone()), &kek, Access::Writer).expect("a vault");
    let clinic = Arc::new(Clinic::on(Installation { vault: Arc::new(vault), ..installation }).await);
    let thread = clinic.ask("slow").await;

    // What is in memory needs no store.
    let slow = Connection::open(&keys).expect("the file");
    slow.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    clinic.post(clinic.nurse, thread, "held", Audience::Everyone).await.expect("posted");

    // The next use of the key is to be noted in the store first, which is as slow as its lock.
    clinic.installation.vault.forget();
    let posting = tokio::spawn({
        let clinic = Arc::clone(&clinic);
        async move { clinic.post(clinic.nurse, thread, "slow", Audience::Everyone).await.map(drop) }
    });
    for _ in 0..ASKED {
        tokio::spawn(async {}).await.expect("the runtime goes on");
    }
    assert!(!posting.is_finished(), "it waits for the store");
    slow.execute_batch("ROLLBACK").expect("the lock is given back");
    posting.await.expect("no panic").expect("posted");
    assert_eq!(clinic.messages(clinic.nurse, thread).await, ["held", "slow"]);
}
