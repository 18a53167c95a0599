//! Two hundred kills under load, with faults of the disk in between.
//!
//! Several people post, open consultations, claim, save drafts and read at the same time. Each round puts a fault under one
//! store of the server and takes it away again, and kills the server at a random instant: while the fault lasts, soon after
//! it, or once readiness has come back. After each start, what was acknowledged is there once, a repeat of it is answered
//! the same and adds nothing, what was refused or of unknown outcome is there once or not at all and a repeat says which,
//! texts can be opened, drafts that were sent are gone, processes have acted at most once, and each text that was shown has
//! its access record. At the end the processes have acted once, and what everybody may see and do is the same when the read
//! models and the index of the access log are folded again.
//!
//! A normal run has a few kills, `CAREFOLD_SOAK=1` two hundred. The stores and faults are gone through in turns; their
//! order and all instants follow from a seed, which each failure names; `CAREFOLD_KILLS_SEED` sets it. It is one of the
//! usual acceptance tests, and no program of its own, since it measures no times: others may run beside it.

mod logs;
mod people;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use test_fuzz::Dice;

use crate::clinic::{Clinic, Place, ended, run, serving};
use crate::faulty_disk::{ACCESS_INDEX, ACCESS_LOG, CARE_LOG, Fault, KEY_STORE, READ_MODELS, Store, Switch, UNFLUSHED};
use crate::http;
use crate::store::{Home, Kind};
use logs::{Expected, Logs};
use people::{Client, HANDLES, Kind as Sent, People, READERS, Run, Shown, Told};

const KILLS: usize = 3;
const KILLS_SOAK: usize = 200;
/// After how many kills the read models are folded again, beside the end.
const FOLDED_EVERY: usize = 20;
const SEED: u64 = 1;
/// What the server says, in a file.
const LOG: &str = "log";
const STORES: [&Store; 5] = [&CARE_LOG, &KEY_STORE, &ACCESS_LOG, &READ_MODELS, &ACCESS_INDEX];

/// A fault comes after so many answers to commands, which come within that time.
const ANSWERS_FIRST: usize = 8;
const ANSWERS_WITHIN: Duration = Duration::from_secs(60);
/// A call of the server meets a fault so soon.
const MET_WITHIN: Duration = Duration::from_secs(10);
/// It is looked that often whether one has.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How long a fault lasts after that, and how long the server goes on after the fault, at most.
const LASTS_MS_MAX: usize = 500;
const GOES_ON_MS_MAX: usize = 400;
/// Everything goes on so soon after a fault is over.
const BACK_WITHIN: Duration = Duration::from_secs(20);
/// Timers that are due, and drafts that were sent, are seen to so soon.
const ACTED_WITHIN: Duration = Duration::from_secs(60);
/// The index of the access log is folded anew so soon.
const INDEXED_WITHIN: Duration = Duration::from_secs(120);
/// Access records that are compared, of a page's length.
const RECORDS: usize = 100;

/// All that decides what somebody may see and do, and some of what they see.
const EVERYTHING: &str = "{ viewer {
    inbox(first: 50) { nodes { id version updatedAt status subject { text } unreadCount waitingOn { party action due }
        messages(last: 5) { nodes { id body { text } audience postedAt isRead } }
        viewerCanPost(audience: EVERYONE) { allowed } viewerCanClaim { allowed } viewerCanRelease { allowed }
        viewerCanTransfer { allowed } viewerCanTakeOver { allowed } viewerCanAddParticipant { allowed }
        viewerCanSetWaitingOn { allowed } viewerCanClose { allowed } } }
    mine: worklist(list: MINE, first: 50) { nodes { id version } }
    pools: worklist(list: MY_POOLS, first: 50) { nodes { id version } }
    waiting: worklist(list: WAITING, first: 50) { nodes { id version } }
    drafts(first: 50) { nodes { id version command fields { name text } savedAt } }
    patients(first: 50) { nodes { id name { text } viewerCanRequestConsultation { allowed } careTeam { members { since } } } }
    organizations { id pools { id name } } } }";
const RECORDED: &str = "query($id: ID!, $after: String) { patient(id: $id) { accessRecords(first: 100, after: $after) {
    nodes { at action isCommand outcome times standing role purpose threadId } pageInfo { hasNextPage endCursor } } } }";

/// When a server is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    WhileTheFaultLasts,
    SoonAfter,
    OnceItIsReady,
}

/// What happens in one round.
struct Drawn {
    store: &'static Store,
    fault: &'static Fault,
    lasts: Duration,
    kill: When,
    goes_on: Duration,
}

/// The server that is killed, and all that is known of what it was asked.
struct Soak {
    home: Home,
    place: Place,
    switch: Switch,
    dice: Dice,
    /// The faults of each of [`STORES`], in a drawn order.
    faults: Vec<Vec<&'static Fault>>,
    /// Of each fault that was put, whether a call met it.
    met: BTreeMap<String, bool>,
    people: People,
    clients: Vec<Client>,
    shown: BTreeSet<Shown>,
    /// The events of the new clinic, and the nurse's drafts in it.
    before: BTreeSet<String>,
    drafts: BTreeSet<String>,
    seed: u64,
    /// The seed and what happened last, which the message of a failure gives.
    at: String,
}

fn seed(is_soak: bool) -> u64 {
    if let Ok(text) = std::env::var("CAREFOLD_KILLS_SEED") {
        return text.parse().expect("CAREFOLD_KILLS_SEED is a number");
    }
    if !is_soak {
        return SEED;
    }
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs()
}

/// Takes what comes until an instant.
fn taken_until(answers: &Receiver<()>, until: Instant) {
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        // Clients that have all failed say so when they are joined.
        if answers.recv_timeout(left) == Err(RecvTimeoutError::Disconnected) {
            return;
        }
    }
}

/// Waits until a call of the server meets a fault; gives whether one did in time.
fn is_met(switch: &Switch, letter: u8, store: &Store, answers: &Receiver<()>) -> bool {
    let (before, began) = (switch.met(letter), Instant::now());
    switch.on(letter, store);
    while switch.met(letter) == before {
        if began.elapsed() > MET_WITHIN {
            return false;
        }
        taken_until(answers, Instant::now() + LOOK_EVERY);
    }
    true
}

/// Puts a fault under a store, takes it away and kills the server, while it is asked. Gives whether a call met the fault.
fn disturbs(run: Run<'_>, switch: &Switch, drawn: &Drawn, answers: &Receiver<()>) -> bool {
    let Drawn { store, fault, lasts, kill, goes_on } = drawn;
    for _ in 0..ANSWERS_FIRST {
        let come = answers.recv_timeout(ANSWERS_WITHIN);
        assert_eq!(come, Ok(()), "{}: the clients get no answers: {}", run.at, run.clinic.health());
    }
    let is_first_met = fault.after.is_none_or(|first| is_met(switch, first, store, answers));
    let is_met = is_met(switch, fault.letter, store, answers) && is_first_met;
    taken_until(answers, Instant::now() + *lasts);
    if *kill == When::WhileTheFaultLasts {
        run.clinic.kill();
    }
    switch.off();
    let since = Instant::now();
    if *kill == When::OnceItIsReady {
        while run.clinic.health()["ready"] != json!(true) {
            assert!(since.elapsed() < BACK_WITHIN, "{}: it stays {}", run.at, run.clinic.health());
        }
    }
    if *kill != When::WhileTheFaultLasts {
        taken_until(answers, Instant::now() + *goes_on);
        run.clinic.kill();
    }
    is_met
}

impl Soak {
    fn new(seed: u64) -> Self {
        let home = Home::new(Kind::Sqlite).expect("files");
        let (place, switch, mut dice) = (home.place("clinic"), Switch::new(&home), Dice::new(seed));
        let clinic = started(&place, &switch, &home.file(LOG));
        let people = People::of(&clinic, &place);
        let at = format!("seed {seed}, before any kill");
        let drafts = people.drafts(Run { clinic: &clinic, people: &people, at: &at });
        assert_eq!(clinic.stop(), Some(0));
        let faults = STORES.map(|store| {
            let mut left: Vec<_> = store.faults().chain(store.is_flushed.then_some(&UNFLUSHED)).collect();
            let mut drawn = Vec::new();
            while !left.is_empty() {
                drawn.push(left.swap_remove(dice.below(left.len())));
            }
            drawn
        });
        let (clients, before) = (Client::all(&mut dice), Logs::of(&place).ids());
        let (met, shown, faults) = (BTreeMap::new(), BTreeSet::new(), faults.into());
        Self { home, place, switch, dice, faults, met, people, clients, shown, before, drafts, seed, at }
    }

    fn started(&self) -> Clinic {
        started(&self.place, &self.switch, &self.home.file(LOG))
    }

    fn told(&self) -> Vec<&Told> {
        self.clients.iter().flat_map(|client| &client.told).collect()
    }

    /// What happens in the round of a number, from 0: the stores take turns, and each goes through its faults.
    fn draw(&mut self, number: usize) -> Drawn {
        let (turn, store) = (number / STORES.len(), number % STORES.len());
        let faults = &self.faults[store];
        let kills = [When::WhileTheFaultLasts, When::SoonAfter, When::OnceItIsReady];
        let mut below = |milliseconds| Duration::from_millis(self.dice.below(milliseconds) as u64);
        Drawn {
            store: STORES[store],
            fault: faults[turn % faults.len()],
            lasts: below(LASTS_MS_MAX),
            goes_on: below(GOES_ON_MS_MAX),
            kill: kills[self.dice.below(kills.len())],
        }
    }

    /// Everybody works and reads until the server is killed.
    fn kills(&mut self, clinic: Clinic, number: usize) {
        let drawn = self.draw(number);
        let Drawn { store, fault, kill, lasts, goes_on } = &drawn;
        let cell = format!("{} under {}", fault.name, store.file);
        self.at = format!("seed {}, kill {} ({kill:?}, {cell})", self.seed, number + 1);
        eprintln!("{}: the fault lasts {lasts:?}, the server goes on {goes_on:?}", self.at);
        let run = Run { clinic: &clinic, people: &self.people, at: &self.at };
        let (switch, clients) = (&self.switch, &mut self.clients);
        let (answered, answers) = mpsc::channel();
        let (is_met, shown) = std::thread::scope(|scope| {
            let mut stops = Vec::new();
            for client in clients.iter_mut() {
                let ((stop, stopped), answered) = (mpsc::channel(), answered.clone());
                stops.push(stop);
                scope.spawn(move || client.works(run, &answered, &stopped));
            }
            drop(answered);
            let readers = READERS.map(|handle| {
                let (stop, stopped) = mpsc::channel();
                stops.push(stop);
                scope.spawn(move || run.people.reads(run, handle, &stopped))
            });
            let is_met = disturbs(run, switch, &drawn, &answers);
            drop(stops);
            let shown = readers.map(|reader| reader.join().expect("what was shown"));
            (is_met, shown)
        });
        self.shown.extend(shown.into_iter().flatten());
        *self.met.entry(cell).or_default() |= is_met;
    }

    /// After a start: all that was acknowledged holds, and all else is decided by a repeat.
    fn holds(&mut self, clinic: &Clinic) {
        let run = Run { clinic, people: &self.people, at: &self.at };
        let mut since: Vec<&Told> = Vec::new();
        for client in &mut self.clients {
            client.decides(run);
            let repeated = client.repeated;
            client.repeats(run);
            since.extend(&client.told[repeated..]);
        }
        self.shown.extend(self.people.open_texts(run, &since));
        let drafts = self.people.drafts(run);
        assert_eq!(drafts, self.drafts, "{}: drafts that were sent are shown, or others are lost", self.at);
        let told = self.told();
        Logs::of(&self.place).hold(&self.expected(&told));
    }

    fn expected<'a>(&'a self, told: &'a [&'a Told]) -> Expected<'a> {
        Expected { before: &self.before, told, shown: &self.shown, at: &self.at }
    }

    /// Waits until the processes have done what is due; they have done it once.
    fn processes_act(&self, clinic: &Clinic) {
        let (told, began) = (self.told(), Instant::now());
        let expected = self.expected(&told);
        let mut logs = Logs::of(&self.place);
        while !logs.undone(&expected).is_empty() {
            assert!(began.elapsed() < ACTED_WITHIN, "{}: no process did {:?}", self.at, logs.undone(&expected));
            logs = Logs::of(&self.place);
        }
        logs.hold(&expected);
        for parked in told.iter().filter(|told| told.command.kind == Sent::Park) {
            let query = "query($id: ID!) { teamThread(id: $id) { state reviewAt } }";
            let found = clinic.data(self.people.token("pcp"), query, &json!({ "id": parked.command.thread }));
            let active = json!({ "state": "ACTIVE", "reviewAt": Value::Null });
            assert_eq!(found["teamThread"], active, "{}: {}", self.at, parked.command.key());
        }
    }

    /// What everybody may see and do.
    fn answers(&self, clinic: &Clinic) -> Vec<Value> {
        let others = ["second_pcp", "coordinator", "admin"].map(|handle| crate::clinic::token(handle, &self.place));
        let tokens = HANDLES.iter().map(|handle| self.people.token(handle));
        let tokens = tokens.chain(others.iter().map(String::as_str));
        tokens.map(|token| clinic.data(token, EVERYTHING, &json!({}))).collect()
    }

    /// The newest access records about the patient from before an instant.
    fn records(&self, clinic: &Clinic, before: DateTime<Utc>) -> Vec<Value> {
        let (mut records, mut after) = (Vec::new(), Value::Null);
        loop {
            let variables = json!({ "id": self.people.record(), "after": after });
            let page = self.page_of_records(clinic, &variables);
            let is_before = |node: &&Value| {
                let at = node["at"].as_str().expect("an instant");
                DateTime::parse_from_rfc3339(at).expect("an instant") < before
            };
            records.extend(page["nodes"].as_array().expect("a list").iter().filter(is_before).cloned());
            if records.len() >= RECORDS || page["pageInfo"]["hasNextPage"] != json!(true) {
                records.truncate(RECORDS);
                return records;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    /// A page of access records, once their index is folded: a new one takes its time after many kills.
    fn page_of_records(&self, clinic: &Clinic, variables: &Value) -> Value {
        let began = Instant::now();
        loop {
            let token = self.people.token("patient");
            let answer = http::graphql(clinic.address, token, RECORDED, variables).expect("an answer");
            if answer.get("errors").is_none() {
                return answer["data"]["patient"]["accessRecords"].clone();
            }
            let code = answer.pointer("/errors/0/extensions/code");
            assert_eq!(code, Some(&json!("UNAVAILABLE")), "{}: {answer}", self.at);
            assert!(began.elapsed() < INDEXED_WITHIN, "{}: it stays {answer}", self.at);
        }
    }

    /// What grew through kills and faults is what is folded anew from the logs.
    fn is_as_folded_anew(&self) {
        let before = Utc::now();
        let seen = || {
            let clinic = self.started();
            let seen = (self.answers(&clinic), self.records(&clinic, before));
            assert_eq!(clinic.stop(), Some(0), "{}", self.at);
            seen
        };
        let (answers, records) = seen();
        self.verifies();
        let rebuilt = ended(&run(&["read-models", "rebuild"], &self.place));
        assert_eq!(rebuilt, (0, String::new()), "{}", self.at);
        for file in ["access-index.db", "access-index.db-wal", "access-index.db-shm"] {
            // What lies beside the file is gone after a stop in order.
            let _removed = fs::remove_file(self.place.directory.join(file));
        }
        let anew = seen();
        assert_eq!(anew.0, answers, "{}: folded anew, somebody may see or do something else", self.at);
        assert!(!records.is_empty(), "{}: no access record is listed", self.at);
        assert_eq!(anew.1, records, "{}: folded anew, other access records are listed", self.at);
    }

    /// Every event and every key is sound.
    fn verifies(&self) {
        for verify in [["journal", "verify"], ["keys", "verify"]] {
            assert_eq!(ended(&run(&verify, &self.place)), (0, String::new()), "{}: {verify:?}", self.at);
        }
    }
}

/// Starts the server before which the switch stands, and waits until it is ready. What it says is added to a log.
fn started(place: &Place, switch: &Switch, log: &Path) -> Clinic {
    let log = File::options().create(true).append(true).open(log).expect("a log");
    let mut command = serving(place);
    switch.stands_before(command.env("CAREFOLD_LOG", "warn"));
    Clinic::started(command.stderr(log))
}

#[test]
fn what_was_acknowledged_outlasts_kills_and_faults_of_the_disk() {
    let is_soak = std::env::var_os("CAREFOLD_SOAK").is_some_and(|value| value == "1");
    let mut soak = Soak::new(seed(is_soak));
    for number in 0..if is_soak { KILLS_SOAK } else { KILLS } {
        let mut clinic = soak.started();
        soak.holds(&clinic);
        if number > 0 && number % FOLDED_EVERY == 0 {
            soak.processes_act(&clinic);
            drop(clinic);
            soak.is_as_folded_anew();
            clinic = soak.started();
        }
        soak.kills(clinic, number);
    }
    let clinic = soak.started();
    // Now of all commands, however many kills ago.
    soak.clients.iter_mut().for_each(|client| client.repeated = 0);
    soak.holds(&clinic);
    soak.processes_act(&clinic);
    assert_eq!(clinic.stop(), Some(0), "{}", soak.at);
    soak.is_as_folded_anew();
    let unmet: Vec<_> = soak.met.iter().filter(|(_, is_met)| !**is_met).map(|(cell, _)| cell).collect();
    assert!(unmet.is_empty(), "seed {}: no call met {unmet:?}", soak.seed);
    let said = fs::read_to_string(soak.home.file(LOG)).expect("a log");
    for never in ["folding stopped", "panicked"] {
        assert!(!said.contains(never), "seed {}: {said}", soak.seed);
    }
    eprintln!("seed {}: {} commands were acknowledged, {} texts shown", soak.seed, soak.told().len(), soak.shown.len());
}
