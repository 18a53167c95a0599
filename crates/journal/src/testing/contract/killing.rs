//! A process that appends is killed repeatedly; every append that was acknowledged must be in the log.
//!
//! The process is this test binary, started anew with the one ignored test below. It prints each acknowledgement.
//! A kill proves that nothing rests on the process; it does not prove that the disk flushes.

use std::collections::HashMap;
use std::env;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::{Site, append, assert_sound, fixed_clock, many, opened, read_all, stream};
use crate::{Access, Direction, Expected, Namespace, open};

const ROUNDS: u128 = 5;
const WRITERS: u128 = 4;
const URL: &str = "JOURNAL_KILL_URL";
const ROUND: &str = "JOURNAL_KILL_ROUND";
const ACKNOWLEDGED: &str = "acknowledged ";

pub(super) async fn acknowledged_appends_survive_a_kill(site: Arc<dyn Site>) {
    drop(opened(&site).await);
    let mut acknowledged = HashMap::new();
    for round in 0..ROUNDS {
        let url = site.url();
        let more = tokio::task::spawn_blocking(move || append_and_kill(&url, round)).await.expect("a child that ran");
        assert!(!more.is_empty(), "the child appended");
        acknowledged.extend(more);

        let journal = opened(&site).await;
        let events = read_all(&journal).await;
        assert_sound(&events);
        let dense = events.iter().map(|event| event.position.0).eq(1..=events.len() as u64);
        assert!(dense || !site.traits().dense, "no hole is left");
        let found: HashMap<_, _> = events.iter().map(|event| (event.id.as_u128(), event.position.0)).collect();
        for (id, position) in &acknowledged {
            assert_eq!(found.get(id), Some(position), "an acknowledged event is where it was said to be");
        }
    }
}

/// The acknowledgements of a child that was killed at some moment: the id and position of each append's last event.
fn append_and_kill(url: &str, round: u128) -> Vec<(u128, u64)> {
    let mut child = Command::new(env::current_exe().expect("this binary"))
        .args(["--exact", "testing::contract::killing::a_child_that_appends_until_it_is_killed", "--nocapture"])
        .env(URL, url)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let kill_at = 5 + RandomState::new().hash_one(round) % 200;
    let mut acknowledged = Vec::new();
    let mut killed = false;
    // After the kill there may be whole lines left in the pipe: they were acknowledged too. A torn last line was not.
    for line in lines.map_while(Result::ok) {
        let Some((id, position)) = line
            .strip_prefix(ACKNOWLEDGED)
            .and_then(|line| line.strip_suffix('.'))
            .and_then(|line| line.split_once(' '))
        else {
            continue;
        };
        acknowledged.push((id.parse().expect("an id"), position.parse().expect("a position")));
        if !killed && acknowledged.len() as u64 >= kill_at {
            child.kill().expect("a child to kill");
            killed = true;
        }
    }
    child.wait().expect("a child that ended");
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_child_that_appends_until_it_is_killed() {
    // It is a child of the case above, which tells it where to append; started alone it has nothing to do.
    let Ok(url) = env::var(URL) else { return };
    let round: u128 = env::var(ROUND).expect("a round").parse().expect("a number");
    let journal = open(&url, Namespace::parse("care").expect("a namespace"), Access::Write, fixed_clock()).await;
    let journal = journal.expect("the log opens");
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let journal = Arc::clone(&journal);
        writers.spawn(async move {
            let name = format!("w-{writer}");
            let last = journal.read_stream(&stream(&name), None, Direction::Backward, many(1)).await.expect("a page");
            let mut expected = last.events.first().map_or(Expected::NoStream, |last| Expected::Exact(last.revision));
            for number in 0.. {
                let first = round << 96 | writer << 64 | number << 8;
                let ids = first..=first + number % 3;
                let last = *ids.end();
                let appended = journal.append(append(&name, expected, ids)).await.expect("appended");
                expected = Expected::Exact(appended.last);
                println!("\n{ACKNOWLEDGED}{last} {}.", appended.position);
            }
        });
    }
    writers.join_all().await;
}
