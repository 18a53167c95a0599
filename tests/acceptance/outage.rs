//! A store that becomes unavailable while the clinic is served, or is unavailable at the start.
//!
//! Commands are answered as unavailable or take effect once; reads stop within a second; everything continues by itself
//! when the store is available again.

use std::fs::{self, File};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::clinic::{Clinic, Place, ended, run, serving, token};
use crate::http;
use crate::store::Home;

/// A read that begins a second after the head was confirmed waits a second for it, and is given no content either.
const READS_END_WITHIN: Duration = Duration::from_secs(3);
const COMES_WITHIN: Duration = Duration::from_secs(60);

const POST: &str = "mutation($thread: ID!, $input: PostMessageInput!) {
    postMessage(threadId: $thread, input: $input) { replayed problems { message } message { id } } }";

/// A clinic, and the family physician in it.
struct ServedThread {
    clinic: Clinic,
    pcp: String,
    thread: String,
}

impl ServedThread {
    fn open(place: &Place) -> Self {
        let clinic = Clinic::start(place);
        let pcp = token("pcp", place);
        let query = "{ viewer { inbox(first: 50) { nodes { id viewerCanPost(audience: EVERYONE) { allowed } } } } }";
        let inbox = clinic.data(&pcp, query, &json!({}))["viewer"]["inbox"]["nodes"].clone();
        let mut threads = inbox.as_array().expect("a list").iter();
        let open = threads.find(|thread| thread["viewerCanPost"]["allowed"] == json!(true)).expect("an open thread");
        let thread = open["id"].as_str().expect("an id").to_owned();
        let served = Self { clinic, pcp, thread };
        // What was recorded as read is not recorded again: from now on it rests on the head alone.
        assert_eq!(code(&served.read()), None);
        served
    }

    fn post(&self, key: &str) -> Value {
        let input = json!({ "clientMutationId": key, "audience": "EVERYONE", "body": format!("Message {key}.") });
        let variables = json!({ "thread": self.thread, "input": input });
        http::graphql(self.clinic.address, &self.pcp, POST, &variables).expect("an answer")
    }

    fn read(&self) -> Value {
        let query =
            "query ($id: ID!) { thread(id: $id) { subject { text } messages(last: 100) { nodes { body { text } } } } }";
        http::graphql(self.clinic.address, &self.pcp, query, &json!({ "id": self.thread })).expect("an answer")
    }

    /// How often a message is in its thread.
    fn found(&self, key: &str) -> usize {
        let answer = self.read();
        let nodes = answer["data"]["thread"]["messages"]["nodes"].as_array().expect("a list");
        nodes.iter().filter(|node| node["body"]["text"] == json!(format!("Message {key}."))).count()
    }

    /// Reads end in time, commands are not carried out, and readiness says why.
    fn is_without_its_store(&self, since: Instant, key: &str) {
        while code(&self.read()) != Some("UNAVAILABLE") {
            assert!(since.elapsed() < READS_END_WITHIN, "it serves content without knowing the log");
        }
        assert_eq!(code(&self.post(key)), Some("UNAVAILABLE"));
        assert_eq!(code(&self.read()), Some("UNAVAILABLE"));
        self.clinic.becomes(|health| health["ready"] == json!(false) && health["parts"]["journal"] == json!(false));
    }

    /// Everything goes on, and what was tried meanwhile is there once when it is sent again.
    fn has_its_store_back(&self, key: &str) {
        self.clinic.becomes_ready();
        let began = Instant::now();
        // The connection that appends may be found dead only now.
        let mut answer = self.post(key);
        while code(&answer) == Some("UNAVAILABLE") {
            assert!(began.elapsed() < COMES_WITHIN, "{answer}");
            answer = self.post(key);
        }
        let first = answer["data"]["postMessage"]["message"]["id"].clone();
        assert!(first.is_string(), "{answer}");
        let again = self.post(key);
        assert_eq!(again["data"]["postMessage"]["message"]["id"], first, "{again}");
        assert_eq!(again["data"]["postMessage"]["replayed"], json!(true), "{again}");
        assert_eq!(self.found(key), 1, "{key}");
    }
}

/// The code of an answer's only error.
fn code(answer: &Value) -> Option<&str> {
    answer["errors"].as_array()?.first()?["extensions"]["code"].as_str()
}

crate::store::on_each_network_store!(
    a_store_that_is_lost_while_it_is_served_is_taken_up_again,
    a_store_that_falls_silent_is_noticed_and_taken_up_again,
    an_append_whose_answer_is_lost_is_there_once,
    a_start_waits_for_its_store,
);

fn a_store_that_is_lost_while_it_is_served_is_taken_up_again(home: &Home) {
    let place = home.place("clinic");
    let served = ServedThread::open(&place);
    for key in ["first", "second"] {
        home.goes_away();
        served.is_without_its_store(Instant::now(), key);
        home.comes_back();
        served.has_its_store_back(key);
    }
    assert_eq!(served.clinic.stop(), Some(0));
    assert_eq!(ended(&run(&["journal", "verify"], &place)).0, 0);
}

fn a_store_that_falls_silent_is_noticed_and_taken_up_again(home: &Home) {
    let served = ServedThread::open(&home.place("clinic"));
    home.goes_silent(true);
    served.is_without_its_store(Instant::now(), "silent");
    home.goes_silent(false);
    served.has_its_store_back("silent");
    assert_eq!(served.clinic.stop(), Some(0));
}

fn an_append_whose_answer_is_lost_is_there_once(home: &Home) {
    let served = ServedThread::open(&home.place("clinic"));
    for key in ["one", "two", "three"] {
        home.loses_next_answer();
        served.has_its_store_back(key);
        home.cuts_connections();
        served.has_its_store_back(&format!("after {key}").replace(' ', "-"));
    }
    assert_eq!(served.clinic.stop(), Some(0));
}

fn a_start_waits_for_its_store(home: &Home) {
    let place = home.place("clinic");
    home.goes_away();
    let (status, said) = ended(&serving(&place).args(["--wait", "0"]).output().expect("it runs"));
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("did not answer within 0 seconds") && said.lines().count() == 1, "{said}");
    let log = home.file("log");
    std::thread::scope(|scope| {
        let starting = scope.spawn(|| {
            let file = File::create(&log).expect("a log");
            Clinic::started(
                serving(&place).env("CAREFOLD_LOG", "warn,carefold=info").stderr(file).stdout(Stdio::piped()),
            )
        });
        let began = Instant::now();
        while !fs::read_to_string(&log).is_ok_and(|said| said.contains("the start waits for it")) {
            assert!(began.elapsed() < COMES_WITHIN && !starting.is_finished(), "it does not say that it waits");
        }
        home.comes_back();
        assert_eq!(starting.join().expect("it starts").stop(), Some(0));
    });
    let said = fs::read_to_string(&log).expect("a log");
    for line in ["the start waits for it", "the log is there; the start goes on"] {
        assert_eq!(said.matches(line).count(), 1, "{said}");
    }
}
