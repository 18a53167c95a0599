//! What is stored stays readable: a golden file of each released event, and the seals within.
//!
//! `schema/events/<kind>.v<version>.json` holds the bytes that were stored for a sample. A golden
//! file is never changed; a test run with `CAREFOLD_BLESS=1` writes the missing ones and leaves
//! the others alone. To add an event: 1. add its sample to [`samples`]; 2. add its field tags to
//! [`TAGS`] if it holds text; 3. bless.

#![expect(clippy::expect_used, reason = "a test says what it expects by failing")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use care::calendar::{Calendar, Due, Hours};
use care::care_team::{CareTeamEvent, MemberAdded, MemberRemoved};
use care::consultation::{
    Advised, Assigned, Consent, ConsultationEvent, Disposed, PatientInformed, PlanRecorded, Recommendation, Submitted,
    Survey, Surveyed,
};
use care::conversation::{Claimed, Closed, ConversationEvent, MessagePosted, ParticipantAdded, ReadMarked};
use care::event::{Event, EventProblem};
use care::ids::Id;
use care::organization::{CalendarSet, Founded, OrganizationEvent, PoolMemberAdded, PoolMemberRemoved, PoolOpened};
use care::patient::{PatientEvent, PatientRegistered};
use care::person::{PersonEvent, Registered, RoleEnded, RoleGranted};
use care::policy_root::{PolicyActivated, PolicyEvent};
use care::text::{EachText, FieldTag, PersonalText, SealedText, Text};
use care::thread::ThreadEvent;
use care::words::{
    Audience, Capacity, Certainty, ClosingOutcome, Confidentiality, ConsentException, ConsentMethod, Disposition,
    InformMethod, ReassignReason, RecommendationKind, Role, Sensitivity, Topic, Urgency,
};
use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;
use serde_json::Value;
use uuid::Uuid;

/// The tags of the text in each event. A seal is bound to its field's tag, so a tag that was
/// released never changes: this list grows and is not edited.
const TAGS: [(&str, &[&str]); 6] = [
    ("person.registered", &["person.name"]),
    ("patient.registered", &["patient.name", "patient.birth_date"]),
    ("thread.message_posted", &["message.body"]),
    ("consultation.submitted", &["consultation.subject", "consultation.question"]),
    ("consultation.advised", &["consultation.recommendation", "consultation.come_back_when"]),
    ("consultation.plan_recorded", &["consultation.disposition_reason", "consultation.plan_note"]),
];

const SPARE: PersonalText = PersonalText::Destroyed;

fn id<I: Id>(bits: u128) -> I {
    I::from_uuid(Uuid::from_u128(bits))
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// One event of each kind, with every optional field, its texts sealed.
fn samples() -> Vec<Event> {
    let mut samples: Vec<Event> = [
        organization().map(Event::Organization).to_vec(),
        person().map(Event::Person).to_vec(),
        vec![Event::Patient(PatientEvent::Registered(PatientRegistered {
            patient: id(1),
            organization: id(2),
            person: Some(id(3)),
            name: SPARE,
            birth_date: SPARE,
        }))],
        care_team().map(Event::CareTeam).to_vec(),
        conversation().map(|event| Event::Thread(ThreadEvent::Conversation(event))).to_vec(),
        consultation().map(|event| Event::Thread(ThreadEvent::Consultation(event))).to_vec(),
        vec![Event::Policy(PolicyEvent::Activated(PolicyActivated { version: "5e1f".into(), text: "p, R01".into() }))],
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

fn organization() -> [OrganizationEvent; 5] {
    let day = Some(Hours { opens: 9 * 60, closes: 17 * 60 });
    let calendar = Calendar {
        zone: chrono_tz::Europe::Vienna,
        week: [day, day, day, day, day, None, None],
        holidays: BTreeSet::from([NaiveDate::from_ymd_opt(2026, 12, 25).expect("a day")]),
        answer_minutes: BTreeMap::from([(Urgency::Routine, 2400), (Urgency::Urgent, 480)]),
    };
    [
        OrganizationEvent::Founded(Founded { organization: id(2), name: "Lindenhof Practice".into() }),
        OrganizationEvent::CalendarSet(CalendarSet { version: 1, calendar }),
        OrganizationEvent::PoolOpened(PoolOpened {
            pool: id(4),
            name: "Cardiology".into(),
            specialty: "cardiology".into(),
        }),
        OrganizationEvent::PoolMemberAdded(PoolMemberAdded { pool: id(4), person: id(3) }),
        OrganizationEvent::PoolMemberRemoved(PoolMemberRemoved { pool: id(4), person: id(3) }),
    ]
}

fn person() -> [PersonEvent; 3] {
    [
        PersonEvent::Registered(Registered { person: id(3), organization: id(2), name: SPARE }),
        PersonEvent::RoleGranted(RoleGranted {
            person: id(3),
            organization: id(2),
            role: Role::Physician,
            from: at("2026-11-23T08:00:00Z"),
            until: Some(at("2027-11-23T08:00:00Z")),
        }),
        PersonEvent::RoleEnded(RoleEnded { person: id(3), organization: id(2), role: Role::Physician }),
    ]
}

fn care_team() -> [CareTeamEvent; 2] {
    [
        CareTeamEvent::MemberAdded(MemberAdded {
            patient: id(1),
            person: id(3),
            role: Role::SocialWorker,
            organization: id(2),
        }),
        CareTeamEvent::MemberRemoved(MemberRemoved { patient: id(1), person: id(3) }),
    ]
}

fn conversation() -> [ConversationEvent; 5] {
    [
        ConversationEvent::ParticipantAdded(ParticipantAdded { person: id(3), role: Role::Nurse, organization: id(2) }),
        ConversationEvent::MessagePosted(MessagePosted {
            message: id(6),
            number: 1,
            author: id(3),
            capacity: Capacity::Nurse,
            audience: Audience::ClinicalTeam,
            body: SPARE,
        }),
        ConversationEvent::ReadMarked(ReadMarked {
            person: id(3),
            capacity: Capacity::Nurse,
            message: id(6),
            number: 1,
        }),
        ConversationEvent::Claimed(Claimed { by: id(3), pool: id(4) }),
        ConversationEvent::Closed(Closed { by: id(3) }),
    ]
}

fn consultation() -> [ConsultationEvent; 6] {
    [
        ConsultationEvent::Submitted(Box::new(Submitted {
            patient: id(1),
            requester: id(3),
            requester_role: Role::Physician,
            organization: id(2),
            receiving: id(7),
            pool: id(4),
            topic: Topic::ClinicalAdvice,
            subject: SPARE,
            question: SPARE,
            urgency: Urgency::Routine,
            consent: Consent::Given { method: ConsentMethod::Verbal, at: at("2026-11-22T10:30:00Z") },
            may_convert: true,
            confidentiality: Confidentiality::Restricted,
            sensitivities: vec![Sensitivity::Psychiatry],
            due: Due { at: at("2026-11-30T08:00:00Z"), calendar_version: 1, zone: "Europe/Vienna".into() },
        })),
        ConsultationEvent::Assigned(Assigned { by: id(3), to: Some(id(8)), reason: Some(ReassignReason::Absence) }),
        ConsultationEvent::Advised(Advised {
            by: id(8),
            recommendations: vec![Recommendation {
                recommendation: id(9),
                kind: RecommendationKind::Test,
                certainty: Certainty::Moderate,
                text: SPARE,
            }],
            come_back_when: Some(SPARE),
            minutes_spent: 12,
        }),
        ConsultationEvent::PlanRecorded(PlanRecorded {
            by: id(3),
            dispositions: vec![Disposed {
                recommendation: id(9),
                disposition: Disposition::Modified,
                reason: Some(SPARE),
            }],
            note: Some(SPARE),
        }),
        ConsultationEvent::PatientInformed(PatientInformed {
            by: id(3),
            method: InformMethod::Telephone,
            told_at: at("2026-11-27T15:00:00Z"),
        }),
        ConsultationEvent::Surveyed(Surveyed {
            by: id(3),
            survey: Survey { outcome: ClosingOutcome::ReferralAvoided, helpful: 5, educational: 4 },
        }),
    ]
}

fn golden_files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/events")
}

/// Writes the golden files that are missing. What is there stays as it is.
fn bless(directory: &Path) {
    std::fs::create_dir_all(directory).expect("a directory");
    for event in samples() {
        let path = directory.join(format!("{}.v{}.json", event.kind(), event.version()));
        if !path.exists() {
            let mut stored = event.encode().expect("sealed");
            stored.push(b'\n');
            std::fs::write(path, stored).expect("written");
        }
    }
}

/// Everything that is wrong with a directory of golden files.
fn complaints(directory: &Path) -> Vec<String> {
    let mut complaints = vec![];
    let mut found: BTreeSet<String> = std::fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    for (kind, version) in Event::kinds() {
        let name = format!("{kind}.v{version}.json");
        if !found.remove(&name) {
            complaints.push(format!("{name} is missing: run this test with CAREFOLD_BLESS=1"));
            continue;
        }
        let stored = std::fs::read(directory.join(&name)).expect("read");
        match Event::decode(kind, version, &stored) {
            Err(problem) => complaints.push(format!("{name}: {problem}")),
            Ok(event) if event.kind() != kind => complaints.push(format!("{name} is read as {}", event.kind())),
            // An older version is read as the newest, and has nothing to be compared with.
            Ok(event) if event.version() != version => {}
            Ok(event) => {
                let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).expect("json");
                if json(&event.encode().expect("sealed")) != json(&stored) {
                    complaints.push(format!("{name} is written differently now"));
                }
            }
        }
    }
    complaints.extend(found.into_iter().map(|name| format!("{name} belongs to no event that can be read")));
    complaints
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

    let founded = "organization.founded.v1.json";
    let changed = r#"{"organization":"00000000000000000000000000000002","name":"Old","since":1987}"#;
    std::fs::write(path(founded), changed).expect("written");
    std::fs::write(path("thread.claimed.v1.json"), "{}").expect("written");
    std::fs::write(path("thread.reopened.v1.json"), "{}").expect("written");
    bless(directory.path());

    assert_eq!(
        complaints(directory.path()),
        [
            "organization.founded.v1.json is written differently now",
            "thread.claimed.v1.json: the data of an event of kind thread.claimed does not fit its shape",
            "thread.reopened.v1.json belongs to no event that can be read",
        ]
    );
    assert_eq!(std::fs::read_to_string(path(founded)).expect("read"), changed);
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
    assert_eq!(visited, TAGS.map(|(kind, tags)| (kind, tags.to_vec())));
    let distinct: BTreeSet<&str> = TAGS.iter().flat_map(|(_, tags)| *tags).copied().collect();
    assert_eq!(distinct.len(), TAGS.iter().map(|(_, tags)| tags.len()).sum::<usize>(), "two fields share a tag");
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
    for (kind, version) in [("thread.claimed", 2), ("thread.claimed", 0), ("thread.teleported", 1), ("", 1)] {
        let problem = EventProblem::Unknown { kind: kind.to_owned(), version };
        assert_eq!(Event::decode(kind, version, b"{}"), Err(problem));
    }
}

fn any_id<I: Id>() -> impl Strategy<Value = I> {
    any::<u128>().prop_map(id)
}

fn any_word<W: Copy + std::fmt::Debug + 'static>(words: &'static [W]) -> impl Strategy<Value = W> {
    prop::sample::select(words)
}

fn any_time() -> impl Strategy<Value = DateTime<Utc>> {
    (0_i64..=253_402_300_799, 0_u32..1_000_000_000)
        .prop_map(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos).expect("a time"))
}

fn any_sealed() -> impl Strategy<Value = PersonalText> {
    ("\\PC{0,20}", "\\PC{0,20}", any::<[u8; 12]>(), any::<Vec<u8>>()).prop_map(|(tag, key, nonce, ciphertext)| {
        PersonalText::Sealed(SealedText { tag: tag.into(), key: key.into(), nonce, ciphertext })
    })
}

fn any_posted() -> impl Strategy<Value = Event> {
    let words = (any_word(Capacity::ALL), any_word(Audience::ALL));
    (any_id(), any::<u32>(), any_id(), words, any_sealed()).prop_map(
        |(message, number, author, (capacity, audience), body)| {
            let posted = MessagePosted { message, number, author, capacity, audience, body };
            Event::Thread(ThreadEvent::Conversation(ConversationEvent::MessagePosted(posted)))
        },
    )
}

fn any_consent() -> impl Strategy<Value = Consent> {
    prop_oneof![
        (any_word(ConsentMethod::ALL), any_time()).prop_map(|(method, at)| Consent::Given { method, at }),
        any_word(ConsentException::ALL).prop_map(|reason| Consent::Exception { reason }),
    ]
}

fn any_submitted() -> impl Strategy<Value = Event> {
    let who = (any_id(), any_id(), any_word(Role::ALL), any_id(), any_id(), any_id());
    let labels = (
        any_word(Confidentiality::ALL),
        prop::collection::vec(any_word(Sensitivity::ALL), 0..4),
        any_word(Topic::ALL),
        any_word(Urgency::ALL),
    );
    let due = (any_time(), any::<u32>(), "\\PC{0,20}").prop_map(|(at, calendar_version, zone)| Due {
        at,
        calendar_version,
        zone,
    });
    (who, labels, any_sealed(), any_sealed(), (any_consent(), any::<bool>(), due)).prop_map(
        |(who, labels, subject, question, (consent, may_convert, due))| {
            let (patient, requester, requester_role, organization, receiving, pool) = who;
            let (confidentiality, sensitivities, topic, urgency) = labels;
            let submitted = Submitted {
                patient,
                requester,
                requester_role,
                organization,
                receiving,
                pool,
                topic,
                subject,
                question,
                urgency,
                consent,
                may_convert,
                confidentiality,
                sensitivities,
                due,
            };
            Event::Thread(ThreadEvent::Consultation(ConsultationEvent::Submitted(Box::new(submitted))))
        },
    )
}

fn any_advised() -> impl Strategy<Value = Event> {
    let recommendation = (any_id(), any_word(RecommendationKind::ALL), any_word(Certainty::ALL), any_sealed())
        .prop_map(|(recommendation, kind, certainty, text)| Recommendation { recommendation, kind, certainty, text });
    let recommendations = prop::collection::vec(recommendation, 0..4);
    (any_id(), recommendations, prop::option::of(any_sealed()), any::<u16>()).prop_map(
        |(by, recommendations, come_back_when, minutes_spent)| {
            let advised = Advised { by, recommendations, come_back_when, minutes_spent };
            Event::Thread(ThreadEvent::Consultation(ConsultationEvent::Advised(advised)))
        },
    )
}

fn any_plan() -> impl Strategy<Value = Event> {
    let disposed = (any_id(), any_word(Disposition::ALL), prop::option::of(any_sealed()))
        .prop_map(|(recommendation, disposition, reason)| Disposed { recommendation, disposition, reason });
    (any_id(), prop::collection::vec(disposed, 0..4), prop::option::of(any_sealed())).prop_map(
        |(by, dispositions, note)| {
            let recorded = PlanRecorded { by, dispositions, note };
            Event::Thread(ThreadEvent::Consultation(ConsultationEvent::PlanRecorded(recorded)))
        },
    )
}

fn any_registered() -> impl Strategy<Value = Event> {
    let patient = (any_id(), any_id(), prop::option::of(any_id()), any_sealed(), any_sealed()).prop_map(
        |(patient, organization, person, name, birth_date)| {
            let registered = PatientRegistered { patient, organization, person, name, birth_date };
            Event::Patient(PatientEvent::Registered(registered))
        },
    );
    let person = (any_id(), any_id(), any_sealed()).prop_map(|(person, organization, name)| {
        Event::Person(PersonEvent::Registered(Registered { person, organization, name }))
    });
    prop_oneof![patient, person]
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        event in prop_oneof![any_posted(), any_submitted(), any_advised(), any_plan(), any_registered()]
    ) {
        let stored = event.encode().expect("sealed");
        prop_assert_eq!(Event::decode(event.kind(), event.version(), &stored), Ok(event));
    }
}
