//! What both logs hold, as they are exported: each acknowledged command once and nothing else, each act of a process once,
//! and an access record of each text that was shown.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::BASE64;
use serde_json::Value;

use super::people::{Kind, Shown, Told, hex};
use crate::clinic::{Place, ended, run};

/// The events of both logs.
pub struct Logs {
    events: Vec<Event>,
}

struct Event {
    id: String,
    stream: String,
    kind: String,
    data: Value,
}

/// How often a kind of event is in a stream, or concerns a thing.
type Counts<'a> = BTreeMap<(&'a str, &'a str), usize>;

/// What the logs are held against.
pub struct Expected<'a> {
    /// The events that were there before anybody sent anything.
    pub before: &'a BTreeSet<String>,
    /// All that anybody was told. Nothing is of unknown outcome any more.
    pub told: &'a [&'a Told],
    /// All that anybody was shown.
    pub shown: &'a BTreeSet<Shown>,
    pub at: &'a str,
}

impl Logs {
    /// Reads both logs, also beside a server.
    pub fn of(place: &Place) -> Self {
        let exported = run(&["journal", "export"], place);
        assert_eq!(ended(&exported).0, 0, "{}", ended(&exported).1);
        let text = String::from_utf8(exported.stdout).expect("text");
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let events = lines.filter(|line| line["event"].is_object()).map(|line| Event::of(&line["event"])).collect();
        Self { events }
    }

    /// The ids of all events.
    pub fn ids(&self) -> BTreeSet<String> {
        self.events.iter().map(|event| event.id.clone()).collect()
    }

    fn counts(&self, before: &BTreeSet<String>) -> Counts<'_> {
        let mut counts = Counts::new();
        for event in self.events.iter().filter(|event| !before.contains(&event.id)) {
            let kind = event.kind.as_str();
            *counts.entry((kind, &event.stream)).or_default() += 1;
            // Of these, several are in one stream.
            let thing = match kind {
                "thread.message_posted" => event.data["message"].as_str(),
                "draft.saved" | "draft.ended" => event.data["draft"].as_str(),
                _ => None,
            };
            if let Some(thing) = thing {
                *counts.entry((kind, thing)).or_default() += 1;
            }
        }
        counts
    }

    /// Every command that was acknowledged is there once, what was refused is not, and there is nothing else.
    pub fn hold(&self, expected: &Expected<'_>) {
        let Expected { before, told, at, .. } = expected;
        let counts = self.counts(before);
        let of = |kind: &str, thing: &str| counts.get(&(kind, thing)).copied().unwrap_or_default();
        for Told { command, made } in told.iter().copied() {
            let key = command.key();
            let is = |kind: &str, thing: &str, times: usize| {
                let found = of(kind, thing);
                assert_eq!(found, times, "{at}: {key} was acknowledged, and {kind} is {found} times in the log");
            };
            let in_thread = || stream(command.thread.as_deref().expect("a thread"));
            match (command.kind, made.as_deref()) {
                (Kind::Request | Kind::Open, Some(made)) => is("thread.opened", &stream(made), 1),
                (Kind::Assign, Some(_)) => is("consultation.assigned", &in_thread(), 1),
                (Kind::Claim, Some(_)) => is("consultation.review_started", &in_thread(), 1),
                (Kind::Park, made) => is("team_thread.parked", &in_thread(), usize::from(made.is_some())),
                (Kind::Save, Some(made)) => is("draft.saved", &hex(made), 1),
                (Kind::Post, Some(made)) => is("thread.message_posted", &hex(made), 1),
                (Kind::Request | Kind::Open | Kind::Assign | Kind::Claim | Kind::Save | Kind::Post, None) => {
                    panic!("{at}: {key} was refused")
                }
            }
            if let Some((kind, thing)) = act_of_process(command.kind, &in_thread, made.as_deref()) {
                assert!(of(kind, &thing) <= 1, "{at}: a process did {kind} twice after {key}");
            }
        }
        let there = |kind: &str| {
            let of_kind = counts.iter().filter(|((counted, thing), _)| *counted == kind && is_stream(thing));
            of_kind.map(|(_, times)| times).sum::<usize>()
        };
        for (kind, by) in [
            ("thread.message_posted", &[Kind::Post][..]),
            ("thread.opened", &[Kind::Request, Kind::Open]),
            ("draft.saved", &[Kind::Save]),
        ] {
            let acknowledged = told.iter().filter(|told| by.contains(&told.command.kind)).count();
            let found = there(kind);
            assert_eq!(
                found, acknowledged,
                "{at}: {acknowledged} were acknowledged, and {kind} is {found} times there"
            );
        }
        self.name_who_was_shown(expected);
    }

    /// Each text that was shown has an access record that names it and who read it.
    fn name_who_was_shown(&self, Expected { shown, at, .. }: &Expected<'_>) {
        let posted = self.events.iter().filter(|event| event.kind == "thread.message_posted");
        let posted: BTreeMap<_, _> =
            posted.filter_map(|event| Some((event.data["message"].as_str()?, event.id.as_str()))).collect();
        let mut recorded = BTreeSet::new();
        for Event { data, .. } in self.events.iter().filter(|event| event.kind == "access.read") {
            let person = data["person"].as_str().expect("who read");
            let read = data["events"].as_array().expect("what was read").iter();
            recorded.extend(read.filter_map(Value::as_str).map(|event| (person, event)));
        }
        for Shown { person, message } in *shown {
            let event = posted.get(message.as_str());
            let event = event.unwrap_or_else(|| panic!("{at}: message {message} was shown and is in no log"));
            assert!(
                recorded.contains(&(person.as_str(), *event)),
                "{at}: message {message} was shown to person {person}, and its access record is lost"
            );
        }
    }

    /// What the processes have still to do: the thread or draft and the event.
    pub fn undone(&self, expected: &Expected<'_>) -> Vec<String> {
        let counts = self.counts(expected.before);
        let mut undone = Vec::new();
        for Told { command, made } in expected.told.iter().copied() {
            let in_thread = || stream(command.thread.as_deref().expect("a thread"));
            if let Some((kind, thing)) = act_of_process(command.kind, &in_thread, made.as_deref())
                && !counts.contains_key(&(kind, thing.as_str()))
            {
                undone.push(format!("{kind} after {}", command.key()));
            }
        }
        undone
    }
}

/// What a process does after a command was carried out, once: the kind of its event, and the stream or the draft of that.
fn act_of_process(kind: Kind, thread: &dyn Fn() -> String, made: Option<&str>) -> Option<(&'static str, String)> {
    match (kind, made) {
        (Kind::Park, Some(_)) => Some(("team_thread.resumed", thread())),
        // Its plan sends each draft that was saved.
        (Kind::Save, Some(draft)) => Some(("draft.ended", hex(draft))),
        _ => None,
    }
}

impl Event {
    fn of(exported: &Value) -> Self {
        let text = |name: &str| exported[name].as_str().expect("text").to_owned();
        let data = BASE64.decode(text("data").as_bytes()).expect("base64");
        Self {
            id: text("id").replace('-', ""),
            stream: text("stream"),
            kind: text("event_type"),
            // All that is looked at here is JSON.
            data: serde_json::from_slice(&data).unwrap_or_default(),
        }
    }
}

/// The stream of a thread.
fn stream(thread: &str) -> String {
    format!("thread-{}", hex(thread))
}

/// Whether something that is counted is a stream, and no thing within one.
fn is_stream(thing: &str) -> bool {
    thing.contains('-')
}
