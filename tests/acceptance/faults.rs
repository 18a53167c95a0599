//! A served clinic whose stores fail one by one, in each of the ways in which a disk fails: a lock of another process, a
//! full disk, errors at reads and at writes, no descriptors, a read-only file system, a slow disk.
//!
//! While a fault lasts, every request is answered in time, with what was asked or with `UNAVAILABLE`; readiness names the
//! store and what depends on it, and no other. When it is over, everything goes on by itself, and what was acknowledged is
//! there once. A start and a verification that meet a fault end, and call no file damaged that the disk does not read.
//!
//! The faults and the stores are those of `faulty_disk.rs`. A fault that no call meets shows nothing, and fails the test.

use std::fs::{self, File};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::clinic::{Clinic, Place, carefold, ended, run, serving, token};
use crate::faulty_disk::{
    ACCESS_INDEX, ACCESS_LOG, CARE_LOG, FAULTS, Fault, KEY_STORE, READ_MODELS, SLOW, Store, Switch, UNREAD_LATER,
};
use crate::http;
use crate::store::{Home, Kind};

/// The longest that any request takes while a store fails: it waits for a lock of another process, more than once.
const ANSWERED_WITHIN: Duration = Duration::from_secs(12);
/// Readiness names a store that takes no writes even if nobody asks for one.
const NAMED_WITHIN: Duration = Duration::from_secs(15);
/// Everything goes on so soon after a fault is over.
const BACK_WITHIN: Duration = Duration::from_secs(15);

const POST: &str = "mutation($thread: ID!, $input: PostMessageInput!) {
    postMessage(threadId: $thread, input: $input) { replayed problems { message } message { id } } }";
const SAVE: &str = "mutation($input: SaveDraftInput!) { saveDraft(input: $input) { problems { message } } }";
const READ: &str =
    "query($id: ID!) { thread(id: $id) { subject { text } messages(last: 100) { nodes { body { text } } } } }";
const LIST: &str = "query($id: ID!) { patient(id: $id) { accessRecords(first: 3) { nodes { at } } } }";

/// What was asked during one fault; sent again, it is the same commands.
struct Asked {
    key: String,
    thread: String,
}

/// A clinic that is served, and somebody in it.
struct Served {
    clinic: Clinic,
    place: Place,
    pcp: String,
    /// The record of a patient who has signed in.
    record: String,
}

impl Served {
    fn ask(&self, by: &str, query: &str, variables: &Value) -> Value {
        let began = Instant::now();
        let answer = http::graphql(self.clinic.address, by, query, variables).expect("an answer");
        assert!(began.elapsed() < ANSWERED_WITHIN, "it took {:?}: {answer}", began.elapsed());
        answer
    }

    fn post(&self, Asked { key, thread }: &Asked) -> Value {
        let input = json!({ "clientMutationId": key, "audience": "EVERYONE", "body": format!("Message {key}.") });
        self.ask(&self.pcp, POST, &json!({ "thread": thread, "input": input }))
    }

    /// Makes a key of its own in the key store.
    fn save(&self, Asked { key, thread }: &Asked) -> Value {
        let input = json!({
            "clientMutationId": format!("save-{key}"), "draft": { "key": format!("draft-{key}") },
            "command": "thread.post", "about": { "threadId": thread },
            "fields": [{ "name": "body", "text": "Later." }],
        });
        self.ask(&self.pcp, SAVE, &json!({ "input": input }))
    }

    /// What this sign-in has not read before is recorded in the access log.
    fn read(&self, by: &str, Asked { thread, .. }: &Asked) -> Value {
        self.ask(by, READ, &json!({ "id": thread }))
    }

    /// Who has read the record of a patient, for that patient.
    fn list(&self) -> Value {
        self.ask(&token("patient", &self.place), LIST, &json!({ "id": self.record }))
    }

    /// The parts of readiness that are not ready.
    fn named(&self) -> Vec<String> {
        let health = self.clinic.health();
        let parts = health["parts"].as_object().expect("it answers");
        parts.iter().filter(|(_, ready)| **ready == json!(false)).map(|(name, _)| name.clone()).collect()
    }

    /// Whether a request was refused, which says that it may be tried again, and nothing else.
    fn is_refused(answer: &Value) -> bool {
        let Some(errors) = answer["errors"].as_array() else { return false };
        for error in errors {
            assert_eq!(error["extensions"]["code"], json!("UNAVAILABLE"), "{answer}");
            assert!(error["extensions"]["retryAfter"].is_u64(), "{answer}");
        }
        true
    }

    /// Asks until it is not refused any more.
    fn comes_back(&self, since: Instant, ask: impl Fn() -> Value) -> Value {
        loop {
            let answer = ask();
            if !Self::is_refused(&answer) {
                return answer;
            }
            assert!(since.elapsed() < BACK_WITHIN, "it does not go on by itself: {answer}");
        }
    }

    /// Asks on until something is so, and counts the requests that were refused: what is written in between is read from the
    /// disk, and not from memory.
    fn asks_until(&self, is_so: impl Fn() -> bool, cell: &str, store: &Store, asked: &Asked) -> usize {
        let (began, mut refused) = (Instant::now(), 0);
        for number in 1.. {
            if is_so() {
                break;
            }
            assert!(began.elapsed() < NAMED_WITHIN, "{cell}: nothing meets the fault");
            let another = Asked { key: format!("{}-{number}", asked.key), thread: asked.thread.clone() };
            let mut answers = vec![self.post(&another), self.read(&token("pcp", &self.place), &another)];
            if store.is_index {
                answers.push(self.list());
            }
            refused += answers.iter().filter(|answer| Self::is_refused(answer)).count();
        }
        refused
    }

    fn goes_through(&self, fault: &Fault, store: &Store, switch: &Switch, asked: &Asked) {
        let cell = format!("{}, {}", store.file, fault.name);
        let [during, after] = [(); 2].map(|()| token("pcp", &self.place));
        if let Some(before) = fault.after {
            switch.on(before, store);
            let is_unread = || self.named().iter().any(|name| name == store.parts[0]);
            self.asks_until(is_unread, &cell, store, asked);
        }
        let met = switch.met(fault.letter);
        switch.on(fault.letter, store);
        let began = Instant::now();
        let answers: Vec<_> = std::thread::scope(|scope| {
            let mut asking = vec![
                scope.spawn(|| self.post(asked)),
                scope.spawn(|| self.save(asked)),
                scope.spawn(|| self.read(&during, asked)),
            ];
            if store.is_index {
                asking.push(scope.spawn(|| self.list()));
            }
            asking.into_iter().map(|asking| asking.join().expect("it is answered")).collect()
        });
        let refused = answers.iter().filter(|answer| Self::is_refused(answer)).count();
        let refused = refused + self.asks_until(|| switch.met(fault.letter) > met, &cell, store, asked);
        // An index that is only slow is named while it is behind for long; a list does not wait as long for it.
        let is_named = fault.stops_writing || refused > 0 && !(store.is_index && fault.letter == SLOW);
        // What a request cannot have is named, and what cannot be written is, also if nobody asks for it.
        let mut named = self.named();
        while named.is_empty() && is_named {
            assert!(began.elapsed() < NAMED_WITHIN, "{cell}: readiness names nothing");
            named = self.named();
        }
        assert!(named.iter().all(|name| store.parts.contains(&name.as_str())), "{cell}: readiness names {named:?}");
        switch.off();
        let since = Instant::now();
        let posted = self.comes_back(since, || self.post(asked));
        assert_eq!(posted["data"]["postMessage"]["problems"], json!([]), "{cell}: {posted}");
        let saved = self.comes_back(since, || self.save(asked));
        assert_eq!(saved["data"]["saveDraft"]["problems"], json!([]), "{cell}: {saved}");
        let read = self.comes_back(since, || self.read(&after, asked));
        assert!(read["data"]["thread"]["subject"]["text"].is_string(), "{cell}: {read}");
        let listed = self.comes_back(since, || self.list());
        assert!(listed["data"]["patient"]["accessRecords"]["nodes"].is_array(), "{cell}: {listed}");
        while self.clinic.health()["ready"] != json!(true) {
            assert!(since.elapsed() < BACK_WITHIN, "{cell}: it stays {}", self.clinic.health());
        }
    }

    /// What was acknowledged is there once.
    fn has(&self, asked: &Asked) {
        let again = self.post(asked);
        assert_eq!(again["data"]["postMessage"]["replayed"], json!(true), "{again}");
        assert!(again["data"]["postMessage"]["message"]["id"].is_string(), "{again}");
        let read = self.read(&self.pcp, asked);
        let nodes = read["data"]["thread"]["messages"]["nodes"].as_array().expect("a list");
        let text = json!(format!("Message {}.", asked.key));
        assert_eq!(nodes.iter().filter(|node| node["body"]["text"] == text).count(), 1, "{}: {read}", asked.key);
    }
}

/// The threads to which a person may write.
fn threads(clinic: &Clinic, by: &str) -> Vec<String> {
    let query = "{ viewer { inbox(first: 50) { nodes { id viewerCanPost(audience: EVERYONE) { allowed } } } } }";
    let inbox = clinic.data(by, query, &json!({}))["viewer"]["inbox"]["nodes"].clone();
    let open = inbox.as_array().expect("a list").iter();
    let open = open.filter(|thread| thread["viewerCanPost"]["allowed"] == json!(true));
    open.map(|thread| thread["id"].as_str().expect("an id").to_owned()).collect()
}

fn goes_through_all(store: &Store) {
    let home = Home::new(Kind::Sqlite).expect("files");
    let (place, switch, log) = (home.place("clinic"), Switch::new(&home), home.file("log"));
    let mut command = serving(&place);
    switch.stands_before(command.env("CAREFOLD_LOG", "info"));
    let clinic = Clinic::started(command.stderr(File::create(&log).expect("a log")));
    let pcp = token("pcp", &place);
    // One for each fault, so that it is read from the disk and has used no key yet.
    let threads = threads(&clinic, &pcp);
    let own = clinic.data(&token("patient", &place), "{ viewer { ownRecordIds } }", &json!({}));
    let record = own["viewer"]["ownRecordIds"][0].as_str().expect("a patient has a record").to_owned();
    let served = Served { clinic, place, pcp, record };
    let faults: Vec<_> = store.faults().collect();
    assert_eq!(faults.len() + store.unmet.len(), FAULTS.len());
    let all: Vec<_> = faults.iter().zip(&threads).collect();
    assert_eq!(all.len(), faults.len(), "{threads:?}");
    let mut done = Vec::new();
    for (fault, thread) in all {
        let asked = Asked { key: fault.name.to_owned(), thread: thread.clone() };
        served.goes_through(fault, store, &switch, &asked);
        done.push(asked);
    }
    for asked in &done {
        served.has(asked);
    }
    assert_eq!(served.clinic.stop(), Some(0));
    for verify in [["journal", "verify"], ["keys", "verify"]] {
        assert_eq!(ended(&run(&verify, &served.place)), (0, String::new()));
    }
    let said = fs::read_to_string(&log).expect("a log");
    for expected in store.says {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    for never in ["folding stopped", "panicked", "an operator"] {
        assert!(!said.contains(never), "{said}");
    }
}

#[test]
fn a_start_and_a_verification_call_no_file_damaged_of_which_the_disk_does_not_read_a_later_page() {
    let home = Home::new(Kind::Sqlite).expect("files");
    let (place, switch) = (home.place("clinic"), Switch::new(&home));
    assert_eq!(Clinic::start(&place).stop(), Some(0));
    let run = |mut command: Command| {
        switch.stands_before(&mut command);
        command.output().expect("it runs")
    };
    let start = || {
        let mut command = serving(&place);
        command.args(["--wait", "0"]);
        run(command)
    };
    let verify = || run(carefold(&["journal", "verify"], &place));
    for file in ["care.journal", "access.journal", "keys.db", "read-models.db", "access-index.db"] {
        let before = fs::metadata(place.directory.join(file)).expect("a file").len();
        switch.on_file(UNREAD_LATER, file);
        let mut answers = vec![start()];
        if file.ends_with(".journal") {
            answers.push(verify());
        }
        switch.off();
        assert!(switch.met(UNREAD_LATER) > 0, "{file}: nothing meets the fault");
        for answer in answers {
            let (code, said) = ended(&answer);
            assert_eq!(code, 1, "{file}: {said}");
            assert!(!said.contains("damaged"), "{file}: {said}");
        }
        let after = fs::metadata(place.directory.join(file)).expect("a file").len();
        assert!(after >= before, "{file}: it was begun anew");
        assert_eq!(ended(&verify()), (0, String::new()), "{file}");
        assert_eq!(Clinic::start(&place).stop(), Some(0), "{file}");
    }
}

#[test]
fn the_care_log_goes_through_every_fault_and_back() {
    goes_through_all(&CARE_LOG);
}

#[test]
fn the_access_log_goes_through_every_fault_and_back() {
    goes_through_all(&ACCESS_LOG);
}

#[test]
fn the_read_models_go_through_every_fault_and_back() {
    goes_through_all(&READ_MODELS);
}

#[test]
fn the_key_store_goes_through_every_fault_and_back() {
    goes_through_all(&KEY_STORE);
}

#[test]
fn the_index_of_the_access_log_goes_through_every_fault_and_back() {
    goes_through_all(&ACCESS_INDEX);
}
