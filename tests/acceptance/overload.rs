//! Overload is refused, not suffered: a test of its own, since it measures times and needs the machine for itself.
//!
//! At the same time, eight people ask for the worst documents that are valid, three thousand connections send nothing or
//! one byte now and then, and a stranger tries what they may not. Meanwhile a ninth person reads and writes, and has each
//! answer within [`WITHIN`]. Afterwards everything that was acknowledged is there, every refused try is accounted for,
//! and the memory is given back.
//!
//! The limits that make it so are listed in `docs/api.md` ("Cost and limits"), which a test compares with the code. The
//! descriptors of the server are limited to [`DESCRIPTORS`] by the system. Its memory is measured and not limited: a
//! limit of the address space (`ulimit -v`) counts what an allocator and the stacks of threads only reserve, so the
//! program would not start with a gigabyte of it. The system keeps the greatest resident size of a process (`VmHWM`), so
//! no moment is missed.
//!
//! The load lasts for some seconds, and with `CAREFOLD_SOAK=1` for some minutes.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects by failing"
)]

#[expect(dead_code, reason = "the other tests of the program use the rest")]
mod clinic;
mod http;
mod load;

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};

use crate::clinic::{Clinic, Place, carefold, ended, run, token, wrapped};
use crate::load::{Load, Outcome};

const LENGTH: Duration = Duration::from_secs(12);
const LENGTH_SOAK: Duration = Duration::from_secs(240);
/// The longest time of an answer to the ninth person. A build without optimization works a tenth as fast, and shares two
/// processors with clients that are no faster.
const WITHIN: Duration = if cfg!(debug_assertions) { Duration::from_secs(5) } else { Duration::from_secs(1) };
/// The pause between two turns of the ninth person: fewer commands than one person may give.
const PACE: Duration = Duration::from_millis(250);
/// Descriptors of the server.
const DESCRIPTORS: usize = 1_024;
/// Of them, those that are in use at least when all connections are.
const DESCRIPTORS_IN_USE: usize = 700;
/// Descriptors that the test needs.
const DESCRIPTORS_HERE: u64 = 4_000;
/// The most memory of the server, at any time.
const MEMORY_KIB_MAX: u64 = 1024 * 1024;
/// How much more memory than before it may keep: caches, and what its allocator has not given back yet.
const MEMORY_KIB_KEPT: u64 = 128 * 1024;
/// After the load, the time for memory to be given back and for equal tries to be recorded.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);
/// Consultations in the lists of those who read: as many as a page has rows.
const THREADS: usize = 100;
/// Those of them with long messages, and how many messages each has.
const LONG_THREADS: usize = 3;
const LONG_MESSAGES: usize = 20;
/// Bytes of a long message.
const LONG_BYTES: usize = 30_000;
/// Bytes of the greatest answer at least; one answer has at most 8 MiB.
const GREAT_BYTES: usize = 7_500_000;

/// Those who read: all may find the consultations.
const EIGHT: [&str; 8] =
    ["pcp", "specialist", "nurse", "coordinator", "centre_coordinator", "social_worker", "pharmacist", "patient"];
const NINTH: &str = "second_pcp";
const STRANGER: &str = "endocrinologist";

/// What is asked of each row of a list: for each permission, the thread is loaded and the policy asked.
const ROW: &str =
    "id unreadCount subject { text } viewerCanAddParticipant { allowed } viewerCanInviteParticipant { allowed }
    viewerCanLeave { allowed } viewerCanRemoveParticipant { allowed } viewerCanChangeHistoryWindow { allowed }
    viewerCanClaim { allowed } viewerCanRelease { allowed } viewerCanTransfer { allowed } viewerCanTakeOver { allowed }
    viewerCanSetWaitingOn { allowed } viewerCanPassTurn { allowed } viewerCanClose { allowed }
    viewerCanReopen { allowed }";

const POST: &str = "mutation($thread: ID!, $input: PostMessageInput!) {
    postMessage(threadId: $thread, input: $input) { problems { message } message { id } } }";

/// A document, and what shows that it is as bad as it can be.
struct Worst {
    document: String,
    /// It costs as much, at least.
    cost: u64,
    /// Its answer to one of the eight has as many bytes, at least.
    bytes: usize,
}

/// The worst documents: long lists, cycles, and the greatest answer, which costs little.
fn worst(threads: &[String]) -> Vec<Worst> {
    let fields = |count: usize, field: &dyn Fn(usize) -> String| -> String {
        (0..count).map(|number| format!("f{number}: {} ", field(number))).collect()
    };
    let inbox = |_: usize| format!("inbox(first: 100) {{ nodes {{ {ROW} }} }}");
    let lists = ["MINE", "MY_POOLS", "WAITING"];
    let worklist = |number: usize| format!("worklist(list: {}, first: 100) {{ nodes {{ {ROW} }} }}", lists[number % 3]);
    let cycle = "organizations { pools { organization { pools { organization { pools { name } } } } } }";
    let long = |number: usize| {
        let thread = &threads[number % LONG_THREADS];
        format!("thread(id: \"{thread}\") {{ messages(last: {LONG_MESSAGES}) {{ nodes {{ body {{ text }} }} }} }}")
    };
    vec![
        Worst { document: format!("{{ viewer {{ {} }} }}", fields(5, &inbox)), cost: 14_000, bytes: 0 },
        Worst { document: format!("{{ viewer {{ {} }} }}", fields(3, &worklist)), cost: 8_000, bytes: 0 },
        Worst { document: format!("{{ viewer {{ {cycle} }} }}"), cost: 10_000, bytes: 0 },
        Worst { document: format!("{{ {} }}", fields(13, &long)), cost: 0, bytes: GREAT_BYTES },
    ]
}

/// Consultations about one patient of a person, the first of them with long messages.
fn asked(clinic: &Clinic, by: &str, count: usize) -> Vec<String> {
    let consultation = clinic.consultation(by);
    let request = "mutation($input: RequestConsultationInput!) {
        requestConsultation(input: $input) { problems { message } consultation { id } } }";
    let one = |number: usize| {
        let mut input = consultation.clone();
        input["clientMutationId"] = json!(format!("overload-{number}"));
        input["subject"] = json!(format!("Overload {number}"));
        let asked = clinic.data(by, request, &json!({ "input": input }))["requestConsultation"].clone();
        asked["consultation"]["id"].as_str().unwrap_or_else(|| panic!("{asked}")).to_owned()
    };
    (0..count).map(one).collect()
}

/// Writes a message, and gives its id.
fn post(clinic: &Clinic, by: &str, thread: &str, message: &Value) -> String {
    let posted = clinic.data(by, POST, &json!({ "thread": thread, "input": message }))["postMessage"].clone();
    posted["message"]["id"].as_str().unwrap_or_else(|| panic!("{posted}")).to_owned()
}

/// What the ninth person did and got.
struct Ninth {
    /// How long each answer took.
    took: Vec<Duration>,
    /// The messages that were acknowledged.
    acknowledged: Vec<String>,
}

/// Reads and writes in turns, each with a new connection, until `stop` is dropped.
fn ninth(clinic: &Clinic, token: &str, thread: &str, stop: &mpsc::Receiver<()>) -> Ninth {
    let read = "query($thread: ID!) { thread(id: $thread) { subject { text } messages(last: 50) { nodes { id body { text } } } } }";
    let mut ninth = Ninth { took: Vec::new(), acknowledged: Vec::new() };
    while stop.recv_timeout(PACE) == Err(mpsc::RecvTimeoutError::Timeout) {
        let began = Instant::now();
        let found = clinic.data(token, read, &json!({ "thread": thread }));
        ninth.took.push(began.elapsed());
        assert!(found["thread"]["subject"]["text"].is_string(), "{found}");
        let began = Instant::now();
        let key = format!("ninth-{}", ninth.acknowledged.len());
        let message = json!({ "clientMutationId": key, "audience": "EVERYONE", "body": "Still here." });
        ninth.acknowledged.push(post(clinic, token, thread, &message));
        ninth.took.push(began.elapsed());
    }
    ninth
}

/// A figure of the server's memory, in KiB.
fn memory(clinic: &Clinic, figure: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", clinic.pid())).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix(figure)).expect("a figure");
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().expect("KiB")
}

/// How many refused tries of a person the access log accounts for.
fn tries_recorded(place: &Place, person: &str) -> u64 {
    let exported = run(&["journal", "export"], place);
    assert_eq!(ended(&exported).0, 0);
    let text = String::from_utf8(exported.stdout).expect("text");
    let refused = text.lines().filter(|line| line.contains("\"access.refused\"")).map(|line| {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let data = BASE64.decode(line["event"]["data"].as_str().expect("data").as_bytes()).expect("base64");
        serde_json::from_slice::<Value>(&data).expect("a record")
    });
    let of_person = refused.filter(|record| record["person"] == json!(person));
    of_person.map(|record| record["times"].as_u64().unwrap_or(1) + record["unrecorded"].as_u64().unwrap_or(0)).sum()
}

/// The id of a person as the access log writes it.
fn person(clinic: &Clinic, token: &str) -> String {
    let viewer = clinic.data(token, "{ viewer { person { id } } }", &json!({}))["viewer"].clone();
    let id = viewer["person"]["id"].as_str().expect("an id");
    HEXLOWER.encode(&BASE64URL_NOPAD.decode(id.as_bytes()).expect("an id")[1..])
}

/// Lets this process have as many sockets as the test needs.
fn raise_descriptors() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_some_and(|current| current < DESCRIPTORS_HERE) {
        let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(DESCRIPTORS_HERE), maximum });
        raised.expect("the limit of descriptors, `ulimit -Hn`, allows the test as many as it needs");
    }
}

/// The server, with its usual limits and few descriptors.
fn started(place: &Place) -> Clinic {
    let serving = carefold(&["demo", "--listen", "127.0.0.1:0"], place);
    let limited = format!("ulimit -n {DESCRIPTORS}; exec \"$@\"");
    Clinic::started(wrapped(&["sh", "-c", &limited, "sh"], &serving).stderr(Stdio::null()))
}

#[test]
fn overload_is_refused_and_nobody_else_suffers() {
    raise_descriptors();
    let directory = tempfile::tempdir().expect("a directory");
    let place = Place::from(&directory.path().join("clinic"));
    let clinic = started(&place);
    let readers = EIGHT.map(|handle| token(handle, &place));
    let [ninth_token, stranger] = [NINTH, STRANGER].map(|handle| token(handle, &place));
    let threads = asked(&clinic, &readers[0], THREADS);
    for thread in threads.iter().take(LONG_THREADS) {
        for number in 0..LONG_MESSAGES {
            let body = "x".repeat(LONG_BYTES);
            let message = json!({ "clientMutationId": format!("long-{number}"), "audience": "EVERYONE", "body": body });
            post(&clinic, &readers[0], thread, &message);
        }
    }
    let own = asked(&clinic, &ninth_token, 1).remove(0);
    let documents = worst(&threads);
    // Each of the eight has asked for everything once: what is cached and what is recorded as read is there already.
    for Worst { document, cost, bytes } in &documents {
        let mut greatest = 0;
        for reader in &readers {
            let answer = http::graphql(clinic.address, reader, document, &json!({})).expect("an answer");
            assert_eq!(answer.get("errors"), None, "{document}");
            let requested = answer["extensions"]["cost"]["requested"].as_u64();
            assert!(requested.is_some_and(|requested| requested >= *cost), "{requested:?}: {document}");
            greatest = greatest.max(answer.to_string().len());
        }
        assert!(greatest >= *bytes, "{greatest} bytes: {document}");
    }
    let before = memory(&clinic, "VmRSS");
    let stranger_id = person(&clinic, &stranger);
    assert_eq!(tries_recorded(&place, &stranger_id), 0);

    let soaking = std::env::var_os("CAREFOLD_SOAK").is_some_and(|value| value == "1");
    let load = Load {
        address: clinic.address,
        pid: clinic.pid(),
        readers: readers.to_vec(),
        documents: documents.into_iter().map(|worst| worst.document).collect(),
        stranger,
    };
    let (running, stop) = mpsc::channel::<()>();
    let (outcome, ninth) = std::thread::scope(|scope| {
        let (clinic, own, ninth_token) = (&clinic, own.as_str(), ninth_token.as_str());
        let ninth = scope.spawn(move || ninth(clinic, ninth_token, own, &stop));
        let outcome = load.run(if soaking { LENGTH_SOAK } else { LENGTH });
        drop(running);
        (outcome, ninth.join().expect("the ninth person is answered"))
    });
    let (peak, loaded) = (memory(&clinic, "VmHWM"), memory(&clinic, "VmRSS"));
    let slowest = ninth.took.iter().max().copied().unwrap_or_default();
    eprintln!(
        "the ninth person had {} answers, the slowest after {slowest:?}; memory: {before} KiB before, {loaded} KiB at the end, \
         {peak} KiB at most; {outcome:?}",
        ninth.took.len()
    );

    is_overload(&outcome);
    assert!(ninth.took.len() >= 10, "{:?}", ninth.took);
    assert!(slowest <= WITHIN, "{:?}", ninth.took);
    assert!(peak <= MEMORY_KIB_MAX, "{peak} KiB");
    assert!(outcome.descriptors_max <= DESCRIPTORS);

    clinic.becomes_ready();
    let mut found = BTreeMap::<String, usize>::new();
    for id in clinic.messages(&ninth_token, &own) {
        *found.entry(id).or_default() += 1;
    }
    for id in &ninth.acknowledged {
        assert_eq!(found.get(id), Some(&1), "a message that was acknowledged");
    }
    settles(&clinic, before);
    are_recorded(&place, &stranger_id, &outcome);
    assert_eq!(clinic.health()["ready"], json!(true));
    assert_eq!(clinic.stop(), Some(0));
    assert_eq!(ended(&run(&["journal", "verify"], &place)), (0, String::new()));
}

/// The load was one: places and turns were all taken, and what was refused was refused in order.
fn is_overload(outcome: &Outcome) {
    let Outcome { reads, tries, unauthenticated, opened, descriptors_max, .. } = outcome;
    let orderly = ["answered", "ended", "RATE_LIMITED", "TIMEOUT", "UNAVAILABLE"];
    assert!(reads.keys().all(|answer| orderly.contains(&answer.as_str())), "{reads:?}");
    assert!(reads.get("answered").is_some_and(|answered| *answered >= EIGHT.len()), "{reads:?}");
    assert!(*opened >= 2 * DESCRIPTORS, "{opened} connections");
    assert!(*descriptors_max >= DESCRIPTORS_IN_USE, "{descriptors_max} descriptors");
    assert!(*tries > 0 && *unauthenticated > 0, "{outcome:?}");
}

/// The memory that the load needed is given back.
fn settles(clinic: &Clinic, before: u64) {
    let began = Instant::now();
    let mut after = memory(clinic, "VmRSS");
    while after > before + MEMORY_KIB_KEPT {
        assert!(began.elapsed() < SETTLED_WITHIN, "{after} KiB are kept, and there were {before} before");
        // An allocator gives memory back while it is used.
        clinic.becomes_ready();
        after = memory(clinic, "VmRSS");
    }
}

/// Every refused try is in a record of its own, or in the number of another.
fn are_recorded(place: &Place, person: &str, outcome: &Outcome) {
    let began = Instant::now();
    let expected = outcome.tries..=outcome.tries + outcome.unknown_tries;
    let mut recorded = tries_recorded(place, person);
    while !expected.contains(&recorded) {
        assert!(recorded < *expected.start(), "{recorded} tries are recorded, and {expected:?} were made");
        assert!(began.elapsed() < SETTLED_WITHIN, "{recorded} tries are recorded, and {expected:?} were made");
        recorded = tries_recorded(place, person);
    }
}
