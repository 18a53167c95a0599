//! The people under whose load the server is killed: what they send, again until they know what became of it, and what
//! they are shown.
//!
//! To add something that they do: 1. its word in [`Kind`]; 2. its place in one of the plans; 3. what the logs hold of it, in
//! `logs.rs`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use chrono::{SecondsFormat, TimeDelta, Utc};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde_json::{Value, json};
use test_fuzz::Dice;

use crate::clinic::{Clinic, Place, token};
use crate::http;

/// The pause of each person between two requests, so that the logs stay small enough to be read after each kill.
const PACE: Duration = Duration::from_millis(40);
/// After a start, what was not known before is known by a repeat so soon.
const DECIDED_WITHIN: Duration = Duration::from_secs(60);
/// When a parked thread is looked at again: while the server is killed, and soon after.
const REVIEW_AFTER_MS: usize = 1_000;
const REVIEW_WITHIN_MS: usize = 2_000;
/// Threads that are there before and are written to.
const THREADS_MAX: usize = 4;
/// Texts that are asked for at once.
const TEXTS_AT_ONCE: usize = 20;

/// Everybody who signs in.
pub const HANDLES: [&str; 6] = ["pcp", "nurse", "specialist", "centre_coordinator", "social_worker", "patient"];
/// Those who read all the time.
pub const READERS: [&str; 5] = ["pcp", "nurse", "specialist", "social_worker", "patient"];

const READ: &str = "{ viewer { inbox(first: 5) { nodes { id messages(last: 5) { nodes { id body { text } } } } } } }";
/// Only such a list reads the index of the access log.
const LIST: &str = "query($id: ID!) { patient(id: $id) { accessRecords(first: 3) { nodes { at } } } }";
const VERSION: &str = "query($id: ID!) { thread(id: $id) { version } }";
const NEWEST: &str = "query($id: ID!) { thread(id: $id) { messages(last: 100) { nodes { body { text } } } } }";

/// The id of the API as the logs write it.
pub fn hex(id: &str) -> String {
    HEXLOWER.encode(&BASE64URL_NOPAD.decode(id.as_bytes()).expect("an id")[1..])
}

/// A message whose text somebody was shown, as the logs write their ids.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shown {
    pub person: String,
    pub message: String,
}

/// What is asked while one server runs.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    pub clinic: &'a Clinic,
    pub people: &'a People,
    /// The seed and the number of the kill, which the message of a failure gives.
    pub at: &'a str,
}

/// Who they are, and what of the clinic they work with.
pub struct People {
    tokens: BTreeMap<&'static str, String>,
    /// Their ids in the API.
    persons: BTreeMap<&'static str, String>,
    /// Threads to which the physician and the nurse write.
    threads: Vec<String>,
    /// What the physician sends to ask for a consultation.
    consultation: Value,
    /// The organization of the physician and the nurse.
    practice: Value,
    /// The patient's own record.
    record: Value,
}

impl People {
    pub fn of(clinic: &Clinic, place: &Place) -> Self {
        let tokens: BTreeMap<_, _> = HANDLES.into_iter().map(|handle| (handle, token(handle, place))).collect();
        let viewer = |handle: &str, fields: &str| {
            clinic.data(&tokens[handle], &format!("{{ viewer {{ {fields} }} }}"), &json!({}))["viewer"].clone()
        };
        let person = |handle: &str| {
            viewer(handle, "person { id }")["person"]["id"].as_str().expect("somebody who is registered").to_owned()
        };
        let inbox = viewer("pcp", "inbox(first: 50) { nodes { id } }")["inbox"]["nodes"].clone();
        let may_write = |handle: &str, thread: &Value| {
            let query = "query($id: ID!) { thread(id: $id) { viewerCanPost(audience: EVERYONE) { allowed } } }";
            let found = clinic.data(&tokens[handle], query, &json!({ "id": thread }));
            found["thread"]["viewerCanPost"]["allowed"] == json!(true)
        };
        let ids = inbox.as_array().expect("a list").iter().map(|thread| &thread["id"]);
        let open = ids.filter(|thread| ["pcp", "nurse"].iter().all(|handle| may_write(handle, thread)));
        let threads: Vec<_> = open.take(THREADS_MAX).map(|id| id.as_str().expect("an id").to_owned()).collect();
        assert!(threads.len() > 1, "{inbox}");
        let persons = HANDLES.into_iter().map(|handle| (handle, person(handle))).collect();
        let practice = viewer("pcp", "roles { organization { id } }")["roles"][0]["organization"]["id"].clone();
        let record = viewer("patient", "ownRecordIds")["ownRecordIds"][0].clone();
        let consultation = clinic.consultation(&tokens["pcp"]);
        Self { tokens, persons, threads, consultation, practice, record }
    }

    pub fn token(&self, handle: &str) -> &str {
        &self.tokens[handle]
    }

    pub fn record(&self) -> &Value {
        &self.record
    }

    /// Every message whose text is in an answer to a person.
    fn shown_in(&self, handle: &str, answer: &Value, shown: &mut BTreeSet<Shown>) {
        match answer {
            Value::Array(items) => items.iter().for_each(|item| self.shown_in(handle, item, shown)),
            Value::Object(fields) => {
                if let (Some(id), Some(_)) = (answer["id"].as_str(), answer["body"]["text"].as_str()) {
                    shown.insert(Shown { person: hex(&self.persons[handle]), message: hex(id) });
                }
                fields.values().for_each(|field| self.shown_in(handle, field, shown));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// Reads until `stop` is dropped, and gives what was shown.
    pub fn reads(&self, run: Run<'_>, handle: &str, stop: &Receiver<()>) -> BTreeSet<Shown> {
        let mut shown = BTreeSet::new();
        let mut ask = |query: &str, variables: &Value| {
            if let Ok(answer) = http::graphql(run.clinic.address, self.token(handle), query, variables) {
                is_orderly(&answer, run.at);
                // What an answer with errors shows beside them counts too.
                self.shown_in(handle, &answer["data"], &mut shown);
            }
        };
        while stop.recv_timeout(PACE) == Err(RecvTimeoutError::Timeout) {
            ask(READ, &json!({}));
            if handle == "patient" {
                ask(LIST, &json!({ "id": self.record }));
            }
        }
        shown
    }

    /// Opens the texts of messages that were acknowledged, as the physician, who reads them all.
    pub fn open_texts(&self, run: Run<'_>, told: &[&Told]) -> BTreeSet<Shown> {
        let mut shown = BTreeSet::new();
        let posted: Vec<_> = told.iter().filter(|told| told.command.kind == Kind::Post).collect();
        for some in posted.chunks(TEXTS_AT_ONCE) {
            let node = |told: &&&Told| {
                let id = told.made.as_deref().expect("a message");
                format!("m{}: node(id: {}) {{ ... on Message {{ id body {{ text }} }} }} ", hex(id), json!(id))
            };
            let query: String = some.iter().map(node).collect();
            let found = run.clinic.data(self.token("pcp"), &format!("{{ {query} }}"), &json!({}));
            for Told { command, made } in some.iter().copied() {
                let found = &found[format!("m{}", hex(made.as_deref().expect("a message")))]["body"]["text"];
                assert_eq!(found, &command.input["body"], "{}: the text of {} is lost", run.at, command.key());
            }
            self.shown_in("pcp", &found, &mut shown);
        }
        shown
    }

    /// The drafts that the nurse sees, by id.
    pub fn drafts(&self, run: Run<'_>) -> BTreeSet<String> {
        let query = "{ viewer { drafts(first: 100) { nodes { id } } } }";
        let found = run.clinic.data(self.token("nurse"), query, &json!({}))["viewer"]["drafts"]["nodes"].clone();
        let nodes = found.as_array().expect("a list").iter();
        nodes.map(|node| node["id"].as_str().expect("an id").to_owned()).collect()
    }
}

/// An answer has no errors, or those of a store that fails for the moment.
fn is_orderly(answer: &Value, at: &str) -> bool {
    let errors = answer["errors"].as_array().map_or(&[][..], Vec::as_slice);
    for error in errors {
        let code = error["extensions"]["code"].as_str().unwrap_or_default();
        assert!(["UNAVAILABLE", "TIMEOUT"].contains(&code), "{at}: {answer}");
    }
    errors.is_empty()
}

/// What they send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Asks for a consultation.
    Request,
    Assign,
    Claim,
    /// Opens a team thread.
    Open,
    Park,
    /// Saves a draft.
    Save,
    Post,
}

/// How a kind is written in GraphQL.
struct Written {
    mutation: &'static str,
    /// The argument that names the thread, beside the input.
    argument: Option<&'static str>,
    /// The field of what was made or changed.
    made: &'static str,
}

impl Kind {
    const fn written(self) -> Written {
        let (mutation, argument, made) = match self {
            Self::Request => ("requestConsultation", None, "consultation"),
            Self::Assign => ("assignConsultation", Some("consultationId"), "consultation"),
            Self::Claim => ("claimThread", Some("threadId"), "thread"),
            Self::Open => ("openTeamThread", None, "teamThread"),
            Self::Park => ("parkTeamThread", Some("teamThreadId"), "teamThread"),
            Self::Save => ("saveDraft", None, "draft"),
            Self::Post => ("postMessage", Some("threadId"), "message"),
        };
        Written { mutation, argument, made }
    }

    /// Whether it opens the thread to which its plan goes on.
    const fn opens(self) -> bool {
        matches!(self, Self::Request | Self::Open)
    }

    const fn names_version(self) -> bool {
        matches!(self, Self::Assign | Self::Claim | Self::Park)
    }

    fn document(self) -> String {
        let Written { mutation, argument, made } = self.written();
        let input = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let (declared, given) = match argument {
            Some(argument) => ("$id: ID!, ", format!("{argument}: $id, ")),
            None => ("", String::new()),
        };
        format!(
            "mutation({declared}$input: {input}!) {{
                {mutation}({given}input: $input) {{ replayed problems {{ code }} {made} {{ id }} }} }}"
        )
    }
}

/// A command; sent again, it is the same.
#[derive(Debug, Clone)]
pub struct Command {
    pub kind: Kind,
    pub by: &'static str,
    /// The thread that it concerns; in a plan, none means the one that the plan opens.
    pub thread: Option<String>,
    pub input: Value,
}

/// What an answer to a command says.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was carried out, now or before, and made or changed the thing of this id.
    Done { made: String, replayed: bool },
    /// It was not, for these reasons.
    Refused(Vec<String>),
    /// Nothing of what became of it.
    Nothing,
}

impl Command {
    pub fn key(&self) -> &str {
        self.input["clientMutationId"].as_str().expect("a key")
    }

    pub fn send(&self, run: Run<'_>) -> Answer {
        let ask = |query: &str, variables: &Value| {
            let answer = http::graphql(run.clinic.address, run.people.token(self.by), query, variables).ok()?;
            is_orderly(&answer, run.at).then(|| answer["data"].clone())
        };
        let mut input = self.input.clone();
        if self.kind.names_version() {
            let Some(found) = ask(VERSION, &json!({ "id": self.thread })) else { return Answer::Nothing };
            input["expectedVersion"] = found["thread"]["version"].clone();
        }
        if self.kind == Kind::Save {
            input["about"] = json!({ "threadId": self.thread });
        }
        let Written { mutation, argument, made } = self.kind.written();
        let mut variables = json!({ "input": input });
        if argument.is_some() {
            variables["id"] = json!(self.thread);
        }
        let Some(data) = ask(&self.kind.document(), &variables) else { return Answer::Nothing };
        let payload = &data[mutation];
        let problems = payload["problems"].as_array().unwrap_or_else(|| panic!("{}: {data}", run.at));
        if !problems.is_empty() {
            return Answer::Refused(problems.iter().map(|problem| text(&problem["code"])).collect());
        }
        let made = payload[made]["id"].as_str().unwrap_or_else(|| panic!("{}: {}: {data}", run.at, self.key()));
        Answer::Done { made: made.to_owned(), replayed: payload["replayed"] == json!(true) }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What somebody was told of a command.
#[derive(Debug, Clone)]
pub struct Told {
    pub command: Command,
    /// The id of what it made or changed; none if it was refused.
    pub made: Option<String>,
}

/// Makes the commands of a plan under a key of its own.
type Plan = fn(&People, &str, &mut Dice) -> VecDeque<Command>;

/// Somebody who carries out one plan after the other, across kills.
pub struct Client {
    name: &'static str,
    plan: Plan,
    dice: Dice,
    plans: usize,
    /// What is left of the plan. The first stays until it is known what became of it.
    queue: VecDeque<Command>,
    /// Whether the first was sent already.
    is_sent: bool,
    /// The thread that the plan opened.
    thread: Option<String>,
    /// All that it was told.
    pub told: Vec<Told>,
    /// How many of these were repeated already after a kill.
    pub repeated: usize,
}

impl Client {
    pub fn all(dice: &mut Dice) -> Vec<Self> {
        let plans: [(&'static str, Plan); 4] = [
            ("physician", |people, key, dice| posts("pcp", people, key, dice)),
            ("nurse", |people, key, dice| posts("nurse", people, key, dice)),
            ("consultation", consults),
            ("team-thread", parks),
        ];
        let client = |(name, plan)| Self {
            name,
            plan,
            dice: Dice::new(dice.below(usize::MAX) as u64),
            plans: 0,
            queue: VecDeque::new(),
            is_sent: false,
            thread: None,
            told: Vec::new(),
            repeated: 0,
        };
        plans.into_iter().map(client).collect()
    }

    /// Sends the first command, of a new plan if there is none. Gives whether it had been carried out before, once it is
    /// known what became of it.
    fn sends(&mut self, run: Run<'_>) -> Option<bool> {
        if self.queue.is_empty() {
            self.plans += 1;
            let key = format!("{}-{}", self.name, self.plans);
            (self.queue, self.thread) = ((self.plan)(run.people, &key, &mut self.dice), None);
        }
        let mut command = self.queue.front().expect("a plan has commands").clone();
        if !command.kind.opens() && command.thread.is_none() {
            command.thread.clone_from(&self.thread);
        }
        let was_sent = mem::replace(&mut self.is_sent, true);
        let at = format!("{}: {}", run.at, command.key());
        let (made, replayed) = match command.send(run) {
            Answer::Nothing => return None,
            Answer::Refused(codes) => {
                // Its instant had come before it was carried out.
                assert!(command.kind == Kind::Park && codes == ["OUT_OF_RANGE"], "{at} is refused: {codes:?}");
                (None, false)
            }
            Answer::Done { made, replayed } => {
                assert!(was_sent || !replayed, "{at} was never sent before, and is said to be carried out");
                (Some(made), replayed)
            }
        };
        if command.kind.opens() {
            self.thread.clone_from(&made);
        }
        self.queue.pop_front();
        self.is_sent = false;
        self.told.push(Told { command, made });
        Some(replayed)
    }

    /// Works until `stop` is dropped, and tells of each command whose outcome is known.
    pub fn works(&mut self, run: Run<'_>, answered: &Sender<()>, stop: &Receiver<()>) {
        while stop.recv_timeout(PACE) == Err(RecvTimeoutError::Timeout) {
            if self.sends(run).is_some() {
                answered.send(()).expect("the killer counts");
            }
        }
    }

    /// Ends the plan that a kill broke off: what was refused, or of unknown outcome, is there once or not at all, and its
    /// repeat says which.
    pub fn decides(&mut self, run: Run<'_>) {
        let mut found = self.broken_off().map(|Command { thread, input, .. }| {
            let answer = run.clinic.data(run.people.token("pcp"), NEWEST, &json!({ "id": thread }));
            let nodes = answer["thread"]["messages"]["nodes"].as_array().expect("a list").iter();
            nodes.filter(|node| node["body"]["text"] == input["body"]).count()
        });
        let began = Instant::now();
        while let Some(first) = self.queue.front() {
            let key = first.key().to_owned();
            let replayed = self.sends(run);
            if let Some(replayed) = replayed
                && let Some(found) = found.take()
            {
                assert!(found <= 1, "{}: {key} is there {found} times before its repeat", run.at);
                assert!(replayed || found == 0, "{}: {key} was there, and its repeat is carried out again", run.at);
            }
            assert!(began.elapsed() < DECIDED_WITHIN, "{}: no repeat says what became of {key}", run.at);
        }
    }

    /// The message that was sent and of which nothing is known.
    fn broken_off(&self) -> Option<Command> {
        let first = self.queue.front().filter(|first| self.is_sent && first.kind == Kind::Post)?;
        let thread = first.thread.clone().or_else(|| self.thread.clone());
        Some(Command { thread, ..first.clone() })
    }

    /// Repeats what it was told of since it was last repeated: each is answered as it was.
    pub fn repeats(&mut self, run: Run<'_>) {
        for Told { command, made } in &self.told[self.repeated..] {
            // A draft that was sent is shown to nobody any more, so nothing can be the same.
            if let (Some(made), true) = (made, command.kind != Kind::Save) {
                let same = Answer::Done { made: made.clone(), replayed: true };
                assert_eq!(command.send(run), same, "{}: {} was lost: {command:?}", run.at, command.key());
            }
        }
        self.repeated = self.told.len();
    }
}

fn command(kind: Kind, by: &'static str, key: &str, input: Value) -> Command {
    let mut input = input;
    input["clientMutationId"] = json!(key);
    Command { kind, by, thread: None, input }
}

fn message(by: &'static str, key: &str, audience: &str) -> Command {
    command(Kind::Post, by, key, json!({ "audience": audience, "body": format!("Message {key}.") }))
}

fn posts(by: &'static str, people: &People, key: &str, dice: &mut Dice) -> VecDeque<Command> {
    let thread = people.threads[dice.below(people.threads.len())].clone();
    VecDeque::from([Command { thread: Some(thread), ..message(by, key, "EVERYONE") }])
}

/// A consultation is asked for, assigned and claimed, and who claimed it writes in it.
fn consults(people: &People, key: &str, _: &mut Dice) -> VecDeque<Command> {
    let mut asked = people.consultation.clone();
    asked["subject"] = json!(format!("Consultation {key}"));
    VecDeque::from([
        command(Kind::Request, "pcp", key, asked),
        command(Kind::Assign, "centre_coordinator", &format!("{key}-assign"), json!({})),
        command(Kind::Claim, "specialist", &format!("{key}-claim"), json!({})),
        message("specialist", &format!("{key}-message"), "CLINICAL_TEAM"),
    ])
}

/// A team thread is opened and parked for a moment, and the nurse answers in it with a draft that she saved.
fn parks(people: &People, key: &str, dice: &mut Dice) -> VecDeque<Command> {
    let [physician, nurse] = ["pcp", "nurse"].map(|handle| &people.persons[handle]);
    let opened = json!({
        "patientId": people.consultation["patientId"], "topic": "SOCIAL", "subject": format!("Team thread {key}"),
        "owner": { "person": { "personId": physician } },
        "participants": [
            { "personId": nurse, "place": { "role": "NURSE", "organizationId": people.practice } },
        ],
        "waitingOn": { "party": { "personId": nurse } }, "note": "Can she manage the stairs?",
    });
    let draft = json!({ "key": format!("{key}-draft") });
    let saved = json!({
        "draft": draft, "command": "thread.post", "fields": [{ "name": "body", "text": format!("Draft {key}.") }],
    });
    let mut sent = message("nurse", &format!("{key}-message"), "EVERYONE");
    sent.input["draft"] = draft;
    let after = REVIEW_AFTER_MS + dice.below(REVIEW_WITHIN_MS);
    let review_at = Utc::now() + TimeDelta::milliseconds(i64::try_from(after).expect("a small number"));
    let review_at = review_at.to_rfc3339_opts(SecondsFormat::Micros, true);
    VecDeque::from([
        command(Kind::Open, "pcp", key, opened),
        command(Kind::Save, "nurse", &format!("{key}-save"), saved),
        sent,
        command(Kind::Park, "pcp", &format!("{key}-park"), json!({ "reviewAt": review_at, "reason": "Until later." })),
    ])
}
