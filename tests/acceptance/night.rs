//! A served clinic whose disk is full for a night: everything is refused in order meanwhile, and goes on by itself when there
//! is room in the morning.
//!
//! People go on to ask: for commands, which are repeated with their keys; for content that cannot be recorded as read; for
//! what they may not know. Timers become due. In the morning nothing that was acknowledged is missing, each timer has acted
//! once, and nothing of what was refused is kept in memory.
//!
//! The night is some seconds long, and ten minutes with `CAREFOLD_SOAK=1`. As in `unwritable.rs`, the disk is a limit on the
//! size of files, and a small file system where this machine lets a test mount one.

use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::clinic::{Clinic, Place, ended, run, serving, token};
use crate::http;
use crate::refused::{open_thread, post};
use crate::store::{Home, Kind};
use crate::unwritable::{SmallDisk, limit_files, names_all, unsignalled};

const NIGHT: Duration = Duration::from_secs(15);
const NIGHT_SOAK: Duration = Duration::from_secs(600);
/// When the timers become due, after the evening.
const DUE_AFTER: TimeDelta = TimeDelta::seconds(6);
/// Threads with a timer.
const TIMERS: usize = 3;
/// Different commands of a night; each is repeated until the morning.
const COMMANDS: usize = 40;
/// The longest pause of a process after faults is a minute.
const ACTS_WITHIN: Duration = Duration::from_secs(90);
/// What the server may keep of a night beyond what it had in the evening: caches and its allocator.
const MEMORY_KIB_KEPT: u64 = 64 * 1024;

const READ: &str =
    "query($id: ID!) { thread(id: $id) { subject { text } messages(last: 5) { nodes { body { text } } } } }";

/// A clinic in the evening, and who asks during the night.
struct Evening {
    clinic: Clinic,
    pcp: String,
    /// Has read nothing yet, so that what they read is recorded.
    reader: String,
    /// May not know of the team threads.
    stranger: String,
    thread: Value,
    /// Team threads that are parked until the night.
    parked: Vec<String>,
    due: DateTime<Utc>,
    memory_kib: u64,
}

impl Evening {
    fn begun(clinic: Clinic, place: &Place) -> Self {
        let [pcp, reader, nurse, stranger] =
            ["pcp", "pcp", "nurse", "endocrinologist"].map(|handle| token(handle, place));
        let thread = open_thread(&clinic, &pcp);
        let parked: Vec<_> = (0..TIMERS).map(|number| opened(&clinic, &pcp, &nurse, number)).collect();
        let due = Utc::now() + DUE_AFTER;
        for id in &parked {
            park(&clinic, &pcp, id, due);
        }
        let memory_kib = resident_kib(&clinic);
        Self { clinic, pcp, reader, stranger, thread, parked, due, memory_kib }
    }

    /// Whether the answer to a person is a refusal that says that it may be tried again. Any other error fails the test.
    fn is_refused(answer: &Value) -> bool {
        let Some(errors) = answer["errors"].as_array() else { return false };
        for error in errors {
            let code = &error["extensions"]["code"];
            assert!(*code == json!("UNAVAILABLE") || *code == json!("RATE_LIMITED"), "{answer}");
        }
        true
    }

    fn reads(&self, by: &str, thread: &Value) -> Value {
        http::graphql(self.clinic.address, by, READ, &json!({ "id": thread })).expect("an answer")
    }

    fn posts(&self, number: usize) -> Option<String> {
        let answer = post(&self.clinic, &self.pcp, &self.thread, number);
        let id = answer["data"]["postMessage"]["message"]["id"].as_str().map(str::to_owned);
        assert!(id.is_some() || Self::is_refused(&answer), "{answer}");
        id
    }

    /// Asks for everything until the morning; `fill` takes the room that there is again. The messages that were acknowledged.
    fn passes(&self, fill: impl Fn()) -> BTreeMap<usize, String> {
        let is_soak = std::env::var_os("CAREFOLD_SOAK").is_some_and(|value| value == "1");
        let length = if is_soak { NIGHT_SOAK } else { NIGHT };
        let (mut acknowledged, mut refused) = (BTreeMap::new(), [0_usize; 2]);
        let began = Instant::now();
        for round in 0.. {
            fill();
            if began.elapsed() > length && Utc::now() > self.due && round >= COMMANDS {
                break;
            }
            match self.posts(round % COMMANDS) {
                Some(id) => drop(acknowledged.insert(round % COMMANDS, id)),
                None => refused[0] += 1,
            }
            refused[1] += usize::from(Self::is_refused(&self.reads(&self.reader, &self.thread)));
            let unknown = self.reads(&self.stranger, &json!(self.parked[0]));
            assert!(Self::is_refused(&unknown) || unknown["data"]["thread"].is_null(), "{unknown}");
        }
        assert!(refused.iter().all(|count| *count > 0), "refused commands and reads: {refused:?}");
        acknowledged
    }

    /// There is room again.
    fn goes_on(self, acknowledged: &BTreeMap<usize, String>, place: &Place) {
        let since = Instant::now();
        self.clinic.becomes_ready();
        let mut found = BTreeMap::<String, usize>::new();
        let mut posted = Vec::new();
        for number in 0..COMMANDS {
            let id = self.posts(number).expect("there is room");
            assert!(acknowledged.get(&number).is_none_or(|before| *before == id), "{number} was acknowledged before");
            posted.push(id);
        }
        for id in self.clinic.messages(&self.pcp, self.thread.as_str().expect("an id")) {
            *found.entry(id).or_default() += 1;
        }
        for id in &posted {
            assert_eq!(found.get(id), Some(&1), "a message that was acknowledged");
        }
        let read = self.reads(&self.reader, &self.thread);
        assert!(read["data"]["thread"]["subject"]["text"].is_string(), "{read}");
        for id in &self.parked {
            while state(&self.clinic, &self.pcp, id)["state"] == json!("PARKED") {
                assert!(since.elapsed() < ACTS_WITHIN, "the timer of {id} does not act");
            }
        }
        while resident_kib(&self.clinic) > self.memory_kib + MEMORY_KIB_KEPT {
            assert!(
                since.elapsed() < ACTS_WITHIN,
                "{} KiB, and {} before",
                resident_kib(&self.clinic),
                self.memory_kib
            );
            // An allocator gives memory back while it is used.
            self.clinic.becomes_ready();
        }
        assert_eq!(self.clinic.health()["ready"], json!(true));
        assert_eq!(self.clinic.stop(), Some(0));
        assert_eq!(ended(&run(&["journal", "verify"], place)), (0, String::new()));
    }
}

/// A team thread of two people.
fn opened(clinic: &Clinic, pcp: &str, nurse: &str, number: usize) -> String {
    let [me, other] = [pcp, nurse].map(|by| {
        let query = "{ viewer { person { id } roles { organization { id } } } }";
        clinic.data(by, query, &json!({}))["viewer"].clone()
    });
    let place = json!({ "role": "NURSE", "organizationId": other["roles"][0]["organization"]["id"] });
    let input = json!({
        "clientMutationId": format!("night-{number}"), "topic": "SCHEDULING", "subject": format!("Rota {number}"),
        "owner": { "person": { "personId": me["person"]["id"] } },
        "participants": [{ "personId": other["person"]["id"], "place": place }],
        "waitingOn": { "party": { "personId": me["person"]["id"] } }, "note": "Who takes Friday?",
    });
    let open = "mutation($input: OpenTeamThreadInput!) {
        openTeamThread(input: $input) { problems { message } teamThread { id } } }";
    let opened = clinic.data(pcp, open, &json!({ "input": input }))["openTeamThread"].clone();
    opened["teamThread"]["id"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned()
}

fn state(clinic: &Clinic, by: &str, id: &str) -> Value {
    clinic.data(by, "query($id: ID!) { teamThread(id: $id) { state version } }", &json!({ "id": id }))["teamThread"]
        .clone()
}

fn park(clinic: &Clinic, by: &str, id: &str, until: DateTime<Utc>) {
    let input = json!({
        "clientMutationId": "night-park", "expectedVersion": state(clinic, by, id)["version"], "reviewAt": until,
        "reason": "Until the night.",
    });
    let park = "mutation($id: ID!, $input: ParkTeamThreadInput!) {
        parkTeamThread(teamThreadId: $id, input: $input) { problems { message } } }";
    let parked = clinic.data(by, park, &json!({ "id": id, "input": input }))["parkTeamThread"].clone();
    assert_eq!(parked["problems"], json!([]), "{parked}");
}

/// The memory of the server that is not on disk.
fn resident_kib(clinic: &Clinic) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", clinic.pid())).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a figure");
    line.trim().trim_end_matches(" kB").parse().expect("KiB")
}

/// How often the waiting of each thread was ended so far.
fn resumed(place: &Place) -> BTreeMap<String, usize> {
    let exported = run(&["journal", "export"], place);
    assert_eq!(ended(&exported).0, 0);
    let text = String::from_utf8(exported.stdout).expect("text");
    let mut resumed = BTreeMap::new();
    for line in text.lines().filter(|line| line.contains("\"team_thread.resumed\"")) {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let stream = line["event"]["stream"].as_str().expect("a stream").to_owned();
        *resumed.entry(stream).or_default() += 1;
    }
    resumed
}

/// Each timer has acted once.
fn have_acted_once(before: &BTreeMap<String, usize>, after: &BTreeMap<String, usize>) {
    let new: Vec<_> = after.iter().filter(|(stream, _)| !before.contains_key(*stream)).collect();
    assert!(new.len() == TIMERS && new.iter().all(|(_, times)| **times == 1), "{new:?}");
    assert!(before.iter().all(|(stream, times)| after.get(stream) == Some(times)), "{before:?}, {after:?}");
}

#[test]
fn a_night_without_room_for_files_loses_nothing_and_the_morning_goes_on_by_itself() {
    let home = Home::new(Kind::Sqlite).expect("files");
    let place = home.place("clinic");
    let clinic = Clinic::started(unsignalled(&serving(&place)).stderr(Stdio::null()));
    let before = resumed(&place);
    let evening = Evening::begun(clinic, &place);
    limit_files(&evening.clinic, "4096");
    evening.clinic.becomes(names_all);
    let acknowledged = evening.passes(|| {});
    limit_files(&evening.clinic, "unlimited");
    evening.goes_on(&acknowledged, &place);
    have_acted_once(&before, &resumed(&place));
}

#[test]
fn a_night_with_a_full_disk_loses_nothing_and_the_morning_goes_on_by_itself() {
    let home = Home::new(Kind::Sqlite).expect("files");
    let place = home.place("disk");
    let Some(disk) = SmallDisk::mounted(&place.directory) else { return };
    let place = Place { directory: place.directory.join("clinic"), ..place.clone() };
    let clinic = Clinic::started(serving(&place).stderr(Stdio::null()));
    let before = resumed(&place);
    let evening = Evening::begun(clinic, &place);
    evening.clinic.becomes(|health| {
        disk.fill();
        names_all(health)
    });
    let acknowledged = evening.passes(|| disk.fill());
    disk.make_room();
    evening.goes_on(&acknowledged, &place);
    have_acted_once(&before, &resumed(&place));
}
