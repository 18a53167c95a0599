//! Persons, messages and recommendations that are asked for by their id alone: shown exactly to those to whom their
//! thread, care team or workplace shows them, and as missing to everybody else.

use care::ids::{Id, MessageId, PersonId, RecommendationId, SessionId};
use coordination::answer::{AnswerContext, Reads};
use coordination::reader::Work;
use data_encoding::BASE64URL_NOPAD;
use policy::identity::Identity;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clinic::{Clinic, Target, now, uuid_of};
use crate::pages::recorded;
use crate::team_threads::organization_of;
use crate::{codes, text, without_tokens};

const NODE: &str = "query($id: ID!) { node(id: $id) { __typename id
    ... on Person { name { text withheld } }
    ... on Message { body { text withheld } audience author { id name { text } } addressedTo { id } isRead readReceipts { person { id } } }
    ... on Recommendation { text { text withheld } kind disposition } } }";

async fn asked(clinic: &Clinic, who: &str, id: &str) -> (Value, String) {
    let answer = clinic.post(who, &json!({ "query": NODE, "variables": { "id": id } }), &[]).await;
    let body = answer.json();
    assert!(body.get("errors").is_none(), "{answer:?}");
    (body["data"]["node"].clone(), without_tokens(&answer.body))
}

async fn node(clinic: &Clinic, who: &str, id: &str) -> Value {
    asked(clinic, who, id).await.0
}

/// An id of the same type that nothing has.
fn unknown(id: &str) -> String {
    let mut bytes = BASE64URL_NOPAD.decode(id.as_bytes()).expect("an id");
    bytes[16] ^= 0x55;
    bytes[9] ^= 0x55;
    BASE64URL_NOPAD.encode(&bytes)
}

/// The work of looking for what an id names.
async fn work(clinic: &Clinic, who: &str, id: &str) -> Work {
    let (tag, uuid) = (BASE64URL_NOPAD.decode(id.as_bytes()).expect("an id")[0], uuid_of(id));
    let person = PersonId::from_uuid(uuid_of(clinic.id(who)));
    let identity = Identity::signed_in(person, SessionId::from_uuid(Uuid::from_u128(9)));
    let origin = coordination::Origin::of(care::words::Channel::GraphQl);
    let read = |reads: Reads| async move {
        let reader = reads.reader(None).await.expect("a reader");
        let is_missing = match tag {
            1 => reader.person_by_id(PersonId::from_uuid(uuid)).expect("no fault").is_none(),
            6 => reader.message_by_id(MessageId::from_uuid(uuid)).expect("no fault").is_none(),
            _ => reader.content_with(RecommendationId::from_uuid(uuid)).expect("no fault").is_none(),
        };
        assert!(is_missing);
        reader.work()
    };
    let answer = clinic.application.answer(AnswerContext { identity, now: now(), origin }, read).await;
    answer.expect("recorded").into_inner()
}

/// What somebody may not know of is answered as what does not exist: the same bytes, the same work.
async fn is_as_missing(clinic: &Clinic, who: &str, id: &str) {
    let (found, forbidden) = asked(clinic, who, id).await;
    let (_, missing) = asked(clinic, who, &unknown(id)).await;
    assert_eq!((&found, &forbidden), (&Value::Null, &missing), "{who}");
    assert_eq!(work(clinic, who, id).await, work(clinic, who, &unknown(id)).await, "{who}");
}

async fn post(clinic: &Clinic, who: &'static str, thread: &str, input: Value) -> String {
    let mut input = input;
    input["clientMutationId"] = json!(format!("{who}-{}", input["body"].as_str().expect("a body").len()));
    let on = Some(Target { argument: "threadId", id: thread });
    let posted = clinic.by(who).done("postMessage", on, input, "message { id }").await;
    text(&posted, "/message/id").to_owned()
}

#[tokio::test]
async fn a_message_is_shown_by_its_id_as_in_its_thread() {
    let clinic = Clinic::open().await;
    let (id, _) = clinic.asked("q").await;
    let team = post(&clinic, "pcp", &id, json!({ "body": "Any syncope?", "audience": "CLINICAL_TEAM" })).await;
    let all = post(&clinic, "pcp", &id, json!({ "body": "We ask the centre.", "audience": "EVERYONE" })).await;
    let add = json!({ "clientMutationId": "nurse", "personId": clinic.id("nurse") });
    let on = Some(Target { argument: "threadId", id: id.as_str() });
    clinic.by("pcp").done("addParticipant", on, add, "thread { id }").await;
    let named = json!({ "body": "For the nurse alone.", "audience": "NAMED", "to": [clinic.id("nurse")] });
    let named = post(&clinic, "pcp", &id, named).await;

    let seen = node(&clinic, "specialist", &team).await;
    assert_eq!((text(&seen, "/__typename"), text(&seen, "/id")), ("Message", team.as_str()));
    assert_eq!((text(&seen, "/body/text"), text(&seen, "/author/name/text")), ("Any syncope?", "pcp"));
    let of_nurse = node(&clinic, "nurse", &named).await;
    assert_eq!(text(&of_nurse, "/addressedTo/0/id"), clinic.id("nurse"));
    assert_eq!((&of_nurse["isRead"], &node(&clinic, "pcp", &named).await["isRead"]), (&json!(false), &json!(true)));
    assert_eq!(text(&node(&clinic, "mira", &all).await, "/body/text"), "We ask the centre.");

    // An audience that the reader is not in, another message by name, and a thread that is not theirs.
    is_as_missing(&clinic, "mira", &team).await;
    is_as_missing(&clinic, "mira", &named).await;
    is_as_missing(&clinic, "specialist", &named).await;
    is_as_missing(&clinic, "stranger", &all).await;
    is_as_missing(&clinic, "stranger", &team).await;

    // The id of a thread is no id of a message, nor the other way round.
    let retagged = |id: &str, tag: u8| {
        let mut bytes = BASE64URL_NOPAD.decode(id.as_bytes()).expect("an id");
        bytes[0] = tag;
        BASE64URL_NOPAD.encode(&bytes)
    };
    for (id, tag) in [(&id, 6), (&all, 5), (&all, 7), (&all, 8)] {
        assert_eq!(node(&clinic, "pcp", &retagged(id, tag)).await, Value::Null);
    }
}

#[tokio::test]
async fn a_message_that_was_read_by_its_id_is_recorded_as_one_read_in_its_thread() {
    let clinic = Clinic::open().await;
    let (id, _) = clinic.asked("q").await;
    let message = post(&clinic, "pcp", &id, json!({ "body": "Any syncope?", "audience": "CLINICAL_TEAM" })).await;
    let of = |records: Vec<Value>, who: &str| -> Vec<(Value, Value)> {
        let person = json!(uuid_of(clinic.id(who)).simple().to_string());
        let of_person = records.into_iter().filter(|record| record.to_string().contains(person.as_str().unwrap()));
        of_person.map(|record| (record["action"].clone(), record["events"].clone())).collect()
    };
    node(&clinic, "specialist", &message).await;
    let by_id = of(recorded(&clinic).await, "specialist");
    let in_thread = format!("{{ thread(id: {}) {{ messages {{ nodes {{ body {{ text }} }} }} }} }}", json!(id));
    clinic.ask("nurse", &in_thread).await;
    let in_thread = of(recorded(&clinic).await, "nurse");
    let read = |records: &[(Value, Value)]| {
        records.iter().filter(|(action, _)| action == "thread.read_message").cloned().collect::<Vec<_>>()
    };
    assert_eq!(read(&by_id).len(), 1, "{by_id:?}");
    assert_eq!(read(&by_id), read(&in_thread));
}

/// A team thread of the physician with the nurse; the specialist of the other organization is invited and would see it
/// from their joining on.
async fn team_thread(clinic: &Clinic) -> String {
    let (practice, centre) = (organization_of(clinic, "pcp").await, organization_of(clinic, "specialist").await);
    let invited = json!({
        "personId": clinic.id("specialist"), "place": { "role": "PHYSICIAN", "organizationId": centre },
        "history": { "window": "FROM_JOIN" },
    });
    let input = json!({
        "clientMutationId": "team", "patientId": clinic.patient, "topic": "SOCIAL", "subject": "Stairs",
        "owner": { "person": { "personId": clinic.id("pcp") } },
        "participants": [
            { "personId": clinic.id("nurse"), "place": { "role": "NURSE", "organizationId": practice } }, invited,
        ],
        "waitingOn": { "party": { "personId": clinic.id("nurse") } }, "note": "Can she manage them?",
    });
    let opened = clinic.by("pcp").done("openTeamThread", None, input, "teamThread { id }").await;
    text(&opened, "/teamThread/id").to_owned()
}

#[tokio::test]
async fn a_message_before_the_history_window_is_as_missing() {
    let clinic = Clinic::open().await;
    let id = team_thread(&clinic).await;
    let before = post(&clinic, "nurse", &id, json!({ "body": "Only with help." })).await;
    is_as_missing(&clinic, "specialist", &before).await;
    let accept = json!({ "clientMutationId": "accept" });
    let on = Some(Target { argument: "threadId", id: id.as_str() });
    clinic.by("specialist").done("acceptInvitation", on, accept, "thread { id }").await;
    let after = post(&clinic, "nurse", &id, json!({ "body": "A rail would help." })).await;
    is_as_missing(&clinic, "specialist", &before).await;
    assert_eq!(text(&node(&clinic, "specialist", &after).await, "/body/text"), "A rail would help.");
    assert_eq!(text(&node(&clinic, "pcp", &before).await, "/body/text"), "Only with help.");
    // The patient knows of no team thread.
    is_as_missing(&clinic, "mira", &after).await;

    let leave = json!({ "clientMutationId": "leave" });
    assert_eq!(codes(&clinic.by("specialist").act("leaveThread", on, leave, "").await), [""; 0]);
    is_as_missing(&clinic, "specialist", &after).await;
}

#[tokio::test]
async fn a_recommendation_is_shown_by_its_id_as_in_its_consultation() {
    let clinic = Clinic::open().await;
    let (id, version) = clinic.asked("q").await;
    let on = Some(Target { argument: "consultationId", id: id.as_str() });
    let rely = |key: &str, version: &Value| json!({ "clientMutationId": key, "expectedVersion": version });
    let (assign, select) = (rely("a", &json!(version)), "consultation { version }");
    let assigned = clinic.by("centre_coordinator").done("assignConsultation", on, assign, select).await;
    let version = assigned["consultation"]["version"].clone();
    let thread = Some(Target { argument: "threadId", id: id.as_str() });
    let claimed = clinic.by("specialist").done("claimThread", thread, rely("c", &version), "thread { version }").await;
    let mut advice = rely("d", &claimed["thread"]["version"]);
    advice["minutesSpent"] = json!(5);
    advice["recommendations"] = json!([
        { "kind": "TEST", "certainty": "HIGH", "text": "A Holter for 48 hours." },
        { "kind": "REASSURE", "certainty": "LOW", "text": "Less coffee." },
    ]);
    let select = "consultation { advice { recommendations { id } } }";
    let advised = clinic.by("specialist").done("adviseConsultation", on, advice, select).await;
    let each = |index: usize| text(&advised, &format!("/consultation/advice/recommendations/{index}/id")).to_owned();
    for who in ["pcp", "specialist", "nurse"] {
        let seen = node(&clinic, who, &each(1)).await;
        let expected = json!({
            "__typename": "Recommendation", "id": each(1), "text": { "text": "Less coffee.", "withheld": null },
            "kind": "REASSURE", "disposition": null,
        });
        assert_eq!(seen, expected, "{who}");
    }
    // The patient may read it only once they were told.
    for who in ["mira", "stranger", "admin"] {
        is_as_missing(&clinic, who, &each(0)).await;
    }
}

#[tokio::test]
async fn a_person_is_shown_by_their_id_to_those_who_meet_them() {
    let clinic = Clinic::open().await;
    let named = |name: &str| json!({ "text": name, "withheld": null });
    let person = async |who: &str, whom: &str| node(&clinic, who, clinic.id(whom)).await["name"].clone();
    // Oneself, and the staff of one's own organization.
    assert_eq!(person("stranger", "stranger").await, named("stranger"));
    assert_eq!(person("nurse", "coordinator").await, named("coordinator"));
    // The care team, for the patient; not the rest of the staff.
    assert_eq!(person("mira", "nurse").await, named("nurse"));
    is_as_missing(&clinic, "mira", clinic.id("coordinator")).await;
    // Somebody of another organization, before there is work in common.
    is_as_missing(&clinic, "specialist", clinic.id("pcp")).await;
    is_as_missing(&clinic, "pcp", clinic.id("specialist")).await;
    is_as_missing(&clinic, "stranger", clinic.id("pcp")).await;
    is_as_missing(&clinic, "pcp", clinic.id("stranger")).await;

    // A question in the pool shows who asks, before anybody has claimed it.
    let (id, version) = clinic.asked("q").await;
    assert_eq!(person("specialist", "pcp").await, named("pcp"));
    is_as_missing(&clinic, "pcp", clinic.id("specialist")).await;
    is_as_missing(&clinic, "specialist", clinic.id("nurse")).await;
    // The one to whom it is assigned, and the author of a message.
    let on = Some(Target { argument: "consultationId", id: id.as_str() });
    let assign = json!({ "clientMutationId": "a", "expectedVersion": version, "to": clinic.id("specialist") });
    clinic.by("centre_coordinator").done("assignConsultation", on, assign, "consultation { version }").await;
    assert_eq!(person("pcp", "specialist").await, named("specialist"));
    post(&clinic, "nurse", &id, json!({ "body": "She rang.", "audience": "CLINICAL_TEAM" })).await;
    assert_eq!(person("specialist", "nurse").await, named("nurse"));
    is_as_missing(&clinic, "specialist", clinic.id("coordinator")).await;
    is_as_missing(&clinic, "stranger", clinic.id("nurse")).await;
}

#[tokio::test]
async fn an_invited_person_meets_who_invited_them_and_nobody_else_of_the_thread() {
    let clinic = Clinic::open().await;
    let id = team_thread(&clinic).await;
    post(&clinic, "nurse", &id, json!({ "body": "Only with help." })).await;
    assert_eq!(text(&node(&clinic, "specialist", clinic.id("pcp")).await, "/name/text"), "pcp");
    is_as_missing(&clinic, "specialist", clinic.id("nurse")).await;
}

#[tokio::test]
async fn a_person_is_found_among_many_threads_and_a_stranger_costs_as_much() {
    let clinic = Clinic::open().await;
    let mut threads = Vec::new();
    for number in 0..12 {
        threads.push(clinic.asked(&format!("q{number}")).await.0);
    }
    // The nurse writes in one of them; the specialist sees all of them.
    post(&clinic, "nurse", &threads[5], json!({ "body": "She rang.", "audience": "CLINICAL_TEAM" })).await;
    assert_eq!(text(&node(&clinic, "specialist", clinic.id("nurse")).await, "/name/text"), "nurse");
    is_as_missing(&clinic, "specialist", clinic.id("coordinator")).await;
}
