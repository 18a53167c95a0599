//! What is stored stays readable: a golden line of each released event, and the seals within.
//!
//! `schema/events/<concept>.jsonl` holds a line for each kind and version of the concept, sorted:
//! the kind, the version, and the data that were stored for a sample. The concept is the part of
//! the kind before the dot. A line is never changed. A test run with `CAREFOLD_BLESS=1` writes the
//! missing lines and leaves the others alone.
//!
//! To add an event: 1. add its sample to [`samples`], with every optional field; 2. add its field
//! tags to [`TAGS`] if it holds text; 3. bless. A kind of thread does 1 and 2 in its scenarios, by [`Sampled`]; the
//! other samples stand in `golden/`, by concept.

mod conversations;
mod damaged;
mod deaths;
mod delegations;
mod directives;
mod generated;
mod outside_messages;
mod people;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::accepted::{AcceptedEvent, WithoutEffect};
use crate::calendar::Due;
use crate::command_name::CommandName;
use crate::consent_text::WordsShown;
use crate::envelope::Actor;
use crate::event::{Event, EventProblem, EventSet};
use crate::ids::Id;
use crate::key::{KeyDestroyed, KeyEvent};
use crate::kind::Kind;
use crate::lifecycle::{ThreadKind, samples as of_kinds};
use crate::policy_root::{PolicyActivated, PolicyEvent};
use crate::shown::Digest;
use crate::text::{EachText, FieldTag, PersonalText, SealedText, Text};
use crate::thread::ThreadEvent;
use crate::words::{ProcessName, Role, Sensitivity, TextLanguage, Topic};
use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

/// A sample of an event.
pub(crate) struct Sample<E> {
    /// The event, with every optional field.
    pub event: E,
    /// The tags of its texts. They never change once the event is released.
    pub tags: &'static [&'static str],
    /// How many words and actors stand in it.
    pub words: usize,
}

impl<E> Sample<E> {
    /// The sample in a larger set of events.
    fn map<L>(self, into: impl FnOnce(E) -> L) -> Sample<L> {
        let Self { event, tags, words } = self;
        Sample { event: into(event), tags, words }
    }
}

/// A kind of thread with a sample of each of its events.
pub(crate) trait Sampled: Kind {
    fn samples() -> Vec<Sample<Self::Event>>;
}

/// The tags of the text in each event that has them not beside its sample. A seal is bound to its field's tag, so a tag that was
/// released never changes: this list grows and is not edited.
const TAGS: [(&str, &[&str]); 19] = [
    ("person.registered", &["person.name"]),
    ("person.name_corrected", &["person.corrected_name", "person.correction_reason"]),
    ("patient.registered", &["patient.name", "patient.birth_date"]),
    (
        "patient.details_corrected",
        &["patient.corrected_name", "patient.corrected_birth_date", "patient.correction_reason"],
    ),
    ("patient.link_ended", &["patient.link_ended_reason"]),
    ("care_team.member_joined", &["care_team.joined_reason"]),
    ("thread.opened", &["thread.subject"]),
    ("thread.participant_added", &["thread.added_reason"]),
    ("thread.participant_invited", &["thread.invited_reason"]),
    ("thread.participant_window_changed", &["thread.window_reason"]),
    ("thread.participant_removed", &["thread.removed_note"]),
    ("thread.owner_changed", &["thread.owner_reason"]),
    ("thread.requester_changed", &["thread.requester_reason"]),
    ("thread.waiting_on", &["thread.turn_note"]),
    ("thread.message_posted", &["message.body"]),
    ("thread.hidden_from_delegates", &["thread.hidden_basis"]),
    ("thread.closed", &["thread.outcome"]),
    ("thread.reopened", &["thread.reopened_reason"]),
    ("draft.saved", &["draft.content"]),
];

const SPARE: PersonalText = PersonalText::Destroyed;

const WORDS_SHOWN: WordsShown = WordsShown { language: TextLanguage::Es, sha256: Digest::of_bytes([9; 32]) };

fn id<I: Id>(bits: u128) -> I {
    I::from_uuid(Uuid::from_u128(bits))
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn name(word: &str) -> CommandName {
    CommandName::parse(word).expect("a command's name")
}

fn person(bits: u128) -> Actor {
    Actor::Person(id(bits))
}

fn due() -> Due {
    Due {
        at: at("2026-11-30T08:00:00Z"),
        calendar_version: 1,
        zone: "Europe/Vienna".into(),
        zone_rules: "2026a".into(),
    }
}

/// The samples that have their tags and words beside them.
fn with_tags() -> Vec<Sample<Event>> {
    let of_kinds =
        of_kinds().into_iter().map(|sample| sample.map(|event| Event::Thread(ThreadEvent::Lifecycle(event))));
    let of_kinds = of_kinds.chain(delegations::samples()).chain(deaths::samples());
    of_kinds.chain(directives::samples()).chain(outside_messages::samples()).collect()
}

/// One event of each kind, with every optional field, its texts sealed.
fn samples() -> Vec<Event> {
    let mut samples: Vec<Event> = [
        people::organizations().map(Event::Organization).to_vec(),
        people::persons().map(Event::Person).to_vec(),
        people::patients().map(Event::Patient).to_vec(),
        people::care_teams().map(Event::CareTeam).to_vec(),
        conversations::samples().map(|event| Event::Thread(event.into())).to_vec(),
        with_tags().into_iter().map(|sample| sample.event).collect(),
        people::drafts().map(Event::Drafts).to_vec(),
        vec![Event::Policy(PolicyEvent::PolicyActivated(PolicyActivated {
            version: "5e1f".into(),
            text: "p, R01".into(),
        }))],
        vec![Event::Accepted(AcceptedEvent::WithoutEffect(WithoutEffect {}))],
        vec![Event::Key(KeyEvent::KeyDestroyed(KeyDestroyed {}))],
    ]
    .concat();
    for event in &mut samples {
        event.each_text(&mut |FieldTag(tag), text| {
            *text = PersonalText::Sealed(SealedText {
                tag: tag.into(),
                key: "t:00000000000000000000000000000005:1".into(),
                nonce: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
                ciphertext: (0..32).collect(),
            });
        });
    }
    samples
}

fn golden_files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/events")
}

/// A golden line, as far as it can be read.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    kind: String,
    version: u16,
    data: Value,
}

impl Line {
    /// Sorts the lines of a file. A line that cannot be read comes first.
    fn order(line: &str) -> Option<(String, u16)> {
        serde_json::from_str::<Self>(line).ok().map(|line| (line.kind, line.version))
    }
}

/// The file that holds the lines of a kind.
fn file_of(kind: &str) -> String {
    let (concept, _) = kind.split_once('.').expect("a kind is concept.what_happened");
    format!("{concept}.jsonl")
}

/// The lines of each golden file in a directory, by the file's name.
fn read_files(directory: &Path) -> BTreeMap<String, Vec<String>> {
    let read = |entry: std::fs::DirEntry| {
        let lines = std::fs::read_to_string(entry.path()).expect("read").lines().map(str::to_owned).collect();
        (entry.file_name().to_string_lossy().into_owned(), lines)
    };
    std::fs::read_dir(directory).expect("a directory").map(|entry| read(entry.expect("an entry"))).collect()
}

/// Writes the golden lines that are missing. What is there stays as it is.
fn bless(directory: &Path) {
    std::fs::create_dir_all(directory).expect("a directory");
    let mut files = read_files(directory);
    for event in samples() {
        let (kind, version) = (event.kind(), event.version());
        let lines = files.entry(file_of(kind)).or_default();
        let order = Some((kind.to_owned(), version));
        if !lines.iter().any(|line| Line::order(line) == order) {
            let data = String::from_utf8(event.encode().expect("sealed")).expect("text");
            lines.push(format!(r#"{{"kind":"{kind}","version":{version},"data":{data}}}"#));
            lines.sort_by_cached_key(|line| Line::order(line));
            std::fs::write(directory.join(file_of(kind)), lines.join("\n") + "\n").expect("written");
        }
    }
}

/// What is wrong with one golden line of a file.
fn complaint(file: &str, line: &str) -> Option<String> {
    let Line { kind, version, data } = match serde_json::from_str(line) {
        Ok(line) => line,
        Err(error) => return Some(format!("{file}: a line cannot be read: {error}")),
    };
    let named = format!("{file}: {kind} v{version}");
    let stored = serde_json::to_vec(&data).expect("json");
    match Event::read(&kind, version, &stored) {
        Err(EventProblem::Unknown { .. }) if !Event::kinds().contains(&(&kind, version)) => {
            Some(format!("{named} belongs to no event that can be read"))
        }
        Err(problem) => Some(format!("{named}: {problem}")),
        Ok(event) if file_of(event.kind()) != file => Some(format!("{named} belongs to {}", file_of(event.kind()))),
        Ok(event) if event.kind() != kind => Some(format!("{named} is read as {}", event.kind())),
        // An older version is read as the newest, and has nothing to be compared with.
        Ok(event) if event.version() != version => None,
        Ok(event) => {
            let written: Value = serde_json::from_slice(&event.encode().expect("sealed")).expect("json");
            (written != data).then(|| format!("{named} is written differently now"))
        }
    }
}

/// Everything that is wrong with a directory of golden files.
fn complaints(directory: &Path) -> Vec<String> {
    let files = read_files(directory);
    let mut complaints = vec![];
    let mut found: Vec<(String, u16)> = vec![];
    for (file, lines) in &files {
        complaints.extend(lines.iter().filter_map(|line| complaint(file, line)));
        let orders: Vec<_> = lines.iter().map(|line| Line::order(line)).collect();
        if !orders.is_sorted_by(|one, next| one < next) {
            complaints.push(format!("{file}: the lines are not sorted, or a kind and version stand twice"));
        }
        found.extend(orders.into_iter().flatten());
    }
    for (kind, version) in Event::kinds() {
        if !found.contains(&(kind.to_owned(), version)) {
            complaints.push(format!("{}: {kind} v{version} is missing: bless it", file_of(kind)));
        }
    }
    complaints
}

#[test]
fn every_event_has_a_sample() {
    let sampled: BTreeSet<_> = samples().iter().map(|event| (event.kind(), event.version())).collect();
    let newest = Event::kinds().into_iter().fold(BTreeMap::new(), |mut newest, (kind, version)| {
        let before = newest.entry(kind).or_insert(version);
        *before = version.max(*before);
        newest
    });
    assert_eq!(sampled, newest.into_iter().collect());
}

#[test]
fn every_released_event_is_read_and_written_as_it_was() {
    if std::env::var_os("CAREFOLD_BLESS").is_some_and(|value| value == "1") {
        bless(&golden_files());
    }
    assert_eq!(complaints(&golden_files()), Vec::<String>::new());
}

#[test]
fn blessing_writes_what_is_missing_and_changes_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name);
    assert_eq!(complaints(directory.path()).len(), Event::kinds().len());

    let created = r#"{"kind":"organization.created","version":1,"data":{"organization":"00000000000000000000000000000002","name":"Old","since":1987}}"#;
    std::fs::write(path("organization.jsonl"), format!("{created}\n")).expect("written");
    let closed = r#"{"kind":"thread.closed","version":1,"data":{}}"#;
    let teleported = r#"{"kind":"thread.teleported","version":1,"data":{}}"#;
    std::fs::write(path("thread.jsonl"), format!("{closed}\n{teleported}\n")).expect("written");
    let broken = r#"{"kind":"patient.registered"}"#;
    std::fs::write(path("patient.jsonl"), format!("{broken}\n")).expect("written");
    // What an older version wrote, nothing writes again: it is kept.
    for file in ["consent_directive.jsonl", "delegation.jsonl"] {
        std::fs::copy(golden_files().join(file), path(file)).expect("copied");
    }
    let elsewhere = r#"{"kind":"policy.activated","version":1,"data":{"version":"5e1f","text":"p"}}"#;
    std::fs::write(path("visit.jsonl"), format!("{elsewhere}\n{elsewhere}\n")).expect("written");
    bless(directory.path());

    assert_eq!(
        complaints(directory.path()),
        [
            "organization.jsonl: organization.created v1: an event of an unknown kind or version, or with an unknown word or field: organization.created v1",
            "patient.jsonl: a line cannot be read: missing field `version` at line 1 column 29",
            "thread.jsonl: thread.closed v1: the data of an event of kind thread.closed does not fit its shape",
            "thread.jsonl: thread.teleported v1 belongs to no event that can be read",
            "visit.jsonl: policy.activated v1 belongs to policy.jsonl",
            "visit.jsonl: policy.activated v1 belongs to policy.jsonl",
            "visit.jsonl: the lines are not sorted, or a kind and version stand twice",
        ]
    );
    for (file, line) in [
        ("organization.jsonl", created),
        ("thread.jsonl", closed),
        ("thread.jsonl", teleported),
        ("patient.jsonl", broken),
    ] {
        let lines = &read_files(directory.path())[file];
        assert!(lines.iter().any(|each| each == line), "{file} keeps {line}");
    }
    let once = read_files(directory.path());
    bless(directory.path());
    assert_eq!(read_files(directory.path()), once);
}

#[test]
fn every_instant_of_an_event_has_one_width() {
    fn instants(value: &Value, found: &mut usize) {
        match value {
            Value::String(text) => {
                if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
                    assert_eq!(*text, crate::instant::write(instant.to_utc()), "a field without `crate::instant`");
                    *found += 1;
                }
            }
            Value::Array(values) => values.iter().for_each(|value| instants(value, found)),
            Value::Object(fields) => fields.values().for_each(|value| instants(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut found = 0;
    for event in samples() {
        let stored = event.encode().expect("sealed");
        instants(&serde_json::from_slice(&stored).expect("JSON"), &mut found);
    }
    assert!(found > 10, "{found}");
}

#[test]
fn field_tags_never_change() {
    let mut visited = vec![];
    for mut event in samples() {
        let mut tags = vec![];
        event.each_text(&mut |FieldTag(tag), _| tags.push(tag));
        if !tags.is_empty() {
            visited.push((event.kind(), tags));
        }
    }
    let tagged = with_tags();
    let tagged = tagged.iter().map(|sample| (sample.event.kind(), sample.tags)).filter(|(_, tags)| !tags.is_empty());
    let released: BTreeMap<&str, &[&str]> = TAGS.into_iter().chain(tagged).collect();
    assert_eq!(visited.iter().map(|(kind, tags)| (*kind, &**tags)).collect::<BTreeMap<_, _>>(), released);
    let distinct: BTreeSet<&str> = released.values().copied().flatten().copied().collect();
    assert_eq!(distinct.len(), released.values().map(|tags| tags.len()).sum::<usize>(), "two fields share a tag");
}

#[test]
fn every_sealed_field_that_is_stored_was_visited() {
    fn tags_within(value: &Value, tags: &mut Vec<String>) {
        match value {
            Value::Object(fields) => match fields.get("$sealed") {
                Some(sealed) => tags.push(sealed["t"].as_str().expect("a tag").to_owned()),
                None => fields.values().for_each(|field| tags_within(field, tags)),
            },
            Value::Array(items) => items.iter().for_each(|item| tags_within(item, tags)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    for mut event in samples() {
        let stored = serde_json::from_slice(&event.encode().expect("sealed")).expect("json");
        let (mut written, mut visited) = (vec![], vec![]);
        tags_within(&stored, &mut written);
        event.each_text(&mut |FieldTag(tag), _| visited.push(tag.to_owned()));
        written.sort();
        visited.sort();
        assert_eq!(written, visited, "{}", event.kind());
    }
}

#[test]
fn no_event_is_written_while_one_of_its_texts_is_not_sealed() {
    let clear = PersonalText::from(Text::body("chest pain").expect("a text"));
    for sample in samples() {
        let mut count = 0;
        sample.clone().each_text(&mut |_, _| count += 1);
        for unsealed in 0..count {
            for instead in [&clear, &PersonalText::Destroyed] {
                let mut event = sample.clone();
                let mut index = 0;
                event.each_text(&mut |_, text| {
                    if index == unsealed {
                        *text = instead.clone();
                    }
                    index += 1;
                });
                assert_eq!(event.encode(), Err(EventProblem::NotSealed { kind: sample.kind() }), "text {unsealed}");
            }
        }
    }
}

#[test]
fn an_event_of_newer_software_is_unknown_and_never_skipped() {
    for (kind, version) in [("thread.claimed", 1), ("thread.opened", 2), ("thread.opened", 0), ("", 1)] {
        let problem = EventProblem::Unknown { kind: kind.to_owned(), version };
        assert_eq!(Event::read(kind, version, b"{}"), Err(problem));
    }
}

/// Every text value within a value, at its place, replaced in turn.
fn each_word_replaced(value: &Value, by: &str) -> Vec<Value> {
    match value {
        Value::String(_) => vec![Value::String(by.to_owned())],
        Value::Object(fields) => {
            let replaced = fields.iter().flat_map(|(key, field)| {
                each_word_replaced(field, by).into_iter().map(|field| {
                    let mut fields = fields.clone();
                    fields.insert(key.clone(), field);
                    Value::Object(fields)
                })
            });
            replaced.collect()
        }
        Value::Array(items) => {
            let replaced = items.iter().enumerate().flat_map(|(index, item)| {
                each_word_replaced(item, by).into_iter().map(move |item| {
                    let before = items.iter().take(index).cloned();
                    let after = items.iter().skip(index + 1).cloned();
                    Value::Array(before.chain([item]).chain(after).collect())
                })
            });
            replaced.collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => vec![],
    }
}

#[test]
fn a_word_of_newer_software_is_unknown_in_every_place() {
    // How many words and actors stand in the sample of each kind: each of them, and no other text,
    // is an unknown word when it is replaced.
    let expected = [
        ("care_team.conflict_recorded", 1),
        ("care_team.member_added", 1),
        ("care_team.member_asked", 2),
        ("care_team.member_declined", 1),
        ("care_team.member_joined", 1),
        ("draft.ended", 1),
        ("draft.saved", 1),
        ("patient.details_corrected", 1),
        ("patient.link_ended", 1),
        ("patient.link_proposed", 2),
        ("patient.link_withdrawn", 1),
        ("person.role_declined", 2),
        ("person.role_ended", 1),
        ("person.role_granted", 2),
        ("person.role_proposed", 1),
        ("thread.closed", 1),
        ("thread.hidden_from_delegates", 1),
        ("thread.invitation_expired", 1),
        ("thread.labelled", 3),
        ("thread.message_posted", 2),
        ("thread.opened", 6),
        ("thread.owner_changed", 1),
        ("thread.participant_added", 2),
        ("thread.participant_declined", 1),
        ("thread.participant_invited", 2),
        ("thread.participant_removed", 2),
        ("thread.participant_window_changed", 1),
        ("thread.patient_died", 1),
        ("thread.read_marked", 1),
        ("thread.released", 1),
        ("thread.reopened", 1),
        ("thread.requester_changed", 2),
        ("thread.shown_to_delegates", 1),
        ("thread.waiting_on", 3),
    ];
    let mut counted = BTreeMap::new();
    for event in samples() {
        let stored = serde_json::from_slice(&event.encode().expect("sealed")).expect("json");
        for replaced in each_word_replaced(&stored, "a_word_of_newer_software") {
            let data = serde_json::to_vec(&replaced).expect("json");
            match Event::read(event.kind(), event.version(), &data) {
                Err(EventProblem::Unknown { .. }) => *counted.entry(event.kind()).or_insert(0) += 1,
                // An id, an instant, a seal; or a free text.
                Err(EventProblem::Malformed { .. }) | Ok(_) => {}
                Err(EventProblem::NotSealed { kind }) => panic!("reading seals nothing: {kind}"),
            }
        }
    }
    let tagged = with_tags();
    let tagged = tagged.iter().map(|sample| (sample.event.kind(), sample.words)).filter(|(_, words)| *words > 0);
    assert_eq!(counted, expected.into_iter().chain(tagged).collect());
}

#[test]
fn a_variant_of_newer_software_is_unknown() {
    let unknown = |kind: &str, stored: &str| {
        let problem = EventProblem::Unknown { kind: kind.to_owned(), version: 1 };
        assert_eq!(Event::read(kind, 1, stored.as_bytes()), Err(problem), "{stored}");
    };
    let by = "person-00000000000000000000000000000003";
    unknown("thread.released", r#"{"by":"process-dispatcher"}"#);
    unknown("thread.released", r#"{"by":"device-1"}"#);
    unknown(
        "organization.calendar_set",
        r#"{"version":1,"calendar":{"zone":"UTC","week":[[],[],[],[],[],[],[]],"holidays":[],"answer_minutes":{"emergency":5}}}"#,
    );
    unknown(
        "thread.waiting_on",
        &format!(r#"{{"by":"{by}","to":{{"party":{{"robot":"x"}},"action":"thread.claim"}}}}"#),
    );
    unknown("thread.waiting_on", &format!(r#"{{"by":"{by}","to":{{"party":"nobody","action":"visit.plan"}}}}"#));
    unknown(
        "consultation.submitted",
        r#"{"question":{"$sealed":{"t":"q","k":"k","n":"AQIDBAUGBwgJCgsM","c":"AA"}},"urgency":"urgent","consent":{"implied":{}}}"#,
    );
}
