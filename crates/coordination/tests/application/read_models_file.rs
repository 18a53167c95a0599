//! The file of the read models in trouble: locked by another process, damaged, left in pieces by a kill. Nothing ends for
//! good that could go on.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use care::words::Audience;
use rusqlite::Connection;

use crate::clinic::Clinic;

/// Longer than a connection waits for a lock, and than a pause after which a write-ahead log is emptied.
const WAIT_MAX: Duration = Duration::from_secs(30);

async fn until(mut reached: impl FnMut() -> bool) {
    let deadline = Instant::now() + WAIT_MAX;
    while !reached() {
        assert!(Instant::now() < deadline, "never came true");
        tokio::task::yield_now().await;
    }
}

impl Clinic {
    fn read_models_file(&self, suffix: &str) -> PathBuf {
        self.installation.directory.path().join(format!("read-models{suffix}"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_of_another_process_delays_the_read_models_and_ends_nothing() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("before").await;
    let other = Connection::open(clinic.read_models_file(".db")).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    clinic.post(clinic.nurse, thread, "meanwhile", Audience::Everyone).await.expect("posted");
    until(|| clinic.application.readiness().read_models_late).await;
    assert_eq!(clinic.application.readiness().stopped, None);
    other.execute_batch("COMMIT").expect("let go");
    until(|| clinic.application.readiness().read_models_caught_up).await;
    assert!(!clinic.application.readiness().read_models_late);
    assert_eq!(clinic.messages(clinic.nurse, thread).await, ["meanwhile"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_empties_the_write_ahead_log_of_the_read_models() {
    let clinic = Clinic::open().await;
    clinic.ask("written").await;
    until(|| fs::metadata(clinic.read_models_file(".db-wal")).is_ok_and(|file| file.len() == 0)).await;
    clinic.ask("written again").await;
    until(|| fs::metadata(clinic.read_models_file(".db-wal")).is_ok_and(|file| file.len() == 0)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_read_models_are_folded_again_at_the_start() {
    let mut clinic = Clinic::open().await;
    let thread = clinic.ask("damaged").await;
    clinic.post(clinic.nurse, thread, "whole", Audience::Everyone).await.expect("posted");
    clinic.application.close();
    let path = clinic.read_models_file(".db");
    let emptied = Connection::open(&path).expect("opens");
    emptied.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("emptied");
    let number = |sql: &str| emptied.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a number").cast_unsigned();
    let root = number("SELECT rootpage FROM sqlite_schema WHERE name = 'message'");
    let page_bytes = number("PRAGMA page_size");
    drop(emptied);
    // One page, which nothing reads before somebody asks for messages.
    let file = OpenOptions::new().write(true).open(&path).expect("a file");
    file.write_all_at(&[0xA5; 64], (root - 1) * page_bytes).expect("written");
    drop(file);
    clinic.restart().await;
    assert_eq!(clinic.messages(clinic.nurse, thread).await, ["whole"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_rebuild_left_is_removed_at_the_start() {
    let mut clinic = Clinic::open().await;
    let left = [".rebuild.db", ".rebuild.db-wal", ".rebuild.db-shm"].map(|suffix| clinic.read_models_file(suffix));
    for path in &left {
        File::create(path).expect("a file");
    }
    clinic.restart().await;
    assert!(!left.iter().any(|path| path.exists()));
}
