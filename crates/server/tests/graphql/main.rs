//! The schema over real HTTP: the main road, problems, ids that tell nothing, repeats, pages.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects by failing"
)]

mod access_records;
mod calendars;
#[path = "../transport/client.rs"]
#[expect(dead_code, reason = "the tests of the transport use the rest of it")]
mod client;
mod clinic;
mod conversation;
mod delegations;
mod directives;
mod directory;
mod drafts;
mod erased;
mod help_ends;
mod helped_patients;
mod hidden_threads;
mod history_windows;
mod nodes;
mod organization_threads;
mod outside_messages;
mod pages;
mod pages_access;
mod pages_audience;
mod pages_directives;
mod pages_drafts;
mod pages_hazards;
mod pages_helpers;
mod pages_live;
mod pages_new;
mod pages_organization;
mod pages_outside;
mod pages_patient;
mod pages_protection;
mod pages_query;
mod pages_roles;
mod pages_settings;
mod pages_threads;
mod pages_worklist;
mod patients;
mod possible_now;
mod team_threads;

use std::time::Duration;

use care::ids::{Id, MessageId, PatientId, SessionId, ThreadId};
use care::thread::Thread;
use care::time_zone::TimeZones;
use care::words::Channel;
use clinic::{Clinic, Target, now, uuid_of};
use coordination::Origin;
use coordination::answer::{AnswerContext, Reads};
use coordination::fault::{Failed, Problem};
use futures_util::StreamExt;
use journal::Feed;
use policy::identity::Identity;
use serde_json::{Value, json};
use server::graphql::inputs::conversation::PostMessageInput;
use server::graphql::inputs::{self, Prepared, Sender};
use server::graphql::words::Audience;
use uuid::Uuid;

/// The credential of a request that names none.
const TOKEN: &str = "nobody's";

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} of {value}"))
}

fn codes(payload: &Value) -> Vec<&str> {
    payload["problems"].as_array().expect("problems").iter().map(|problem| text(problem, "/code")).collect()
}

/// An input with nothing but its key.
fn key(key: &str) -> Value {
    json!({ "clientMutationId": key })
}

/// The id of an organization.
async fn organization(clinic: &Clinic, name: &str) -> String {
    let listed = clinic.ask("admin", "{ viewer { organizations { id name } } }").await;
    let all = listed.pointer("/viewer/organizations").and_then(Value::as_array).expect("organizations");
    let found = all.iter().find(|each| each["name"] == name).unwrap_or_else(|| panic!("{name} of {listed}"));
    text(found, "/id").to_owned()
}

/// The fields of a consultation, for every role.
const SEEN: &str = "state status subject { text withheld } question { text withheld } outcome confidentiality
    patient { name { text } } advice { recommendations { id text { text } disposition } plan { note { text } }
    informed { method } } messages(first: 10) { nodes { audience isRead body { text } author { name { text } } } }
    unreadCount";

async fn seen(clinic: &Clinic, who: &str, id: &str) -> Value {
    let data = clinic.ask(who, &format!("{{ consultation(id: {}) {{ {SEEN} }} }}", json!(id))).await;
    data["consultation"].clone()
}

#[tokio::test]
async fn a_question_goes_its_whole_way() {
    let clinic = Clinic::open().await;
    let (id, mut version) = clinic.asked("q1").await;
    let on = Some(Target { argument: "consultationId", id: id.as_str() });
    let thread = Some(Target { argument: "threadId", id: id.as_str() });

    let listed = clinic
        .ask(
            "specialist",
            "{ viewer { worklist(list: MY_POOLS) { nodes { id owner { pool { name } person { id } } } } } }",
        )
        .await;
    assert_eq!(text(&listed, "/viewer/worklist/nodes/0/id"), id);
    assert_eq!(listed.pointer("/viewer/worklist/nodes/0/owner/person"), Some(&Value::Null));

    let assign = json!({ "clientMutationId": "s", "expectedVersion": version, "to": clinic.id("specialist") });
    let meant = "consultation { state version assignedTo { id } }";
    let assigned = clinic.by("centre_coordinator").done("assignConsultation", on, assign, meant).await;
    assert_eq!(text(&assigned, "/consultation/assignedTo/id"), clinic.id("specialist"));

    let claim = json!({ "clientMutationId": "c", "expectedVersion": text(&assigned, "/consultation/version") });
    let first = claim.clone();
    let claimed = clinic
        .by("specialist")
        .done(
            "claimThread",
            thread,
            claim,
            "thread { status version ... on Consultation { state assignee { name { text } } } }",
        )
        .await;
    assert_eq!(text(&claimed, "/thread/state"), "IN_REVIEW");
    assert_eq!(text(&claimed, "/thread/assignee/name/text"), "specialist");

    let note = json!({ "clientMutationId": "m", "body": "Any syncope?" });
    let posted = clinic
        .by("specialist")
        .done("postMessage", thread, note, "message { audience isRead body { text } } thread { version }")
        .await;
    assert_eq!(
        posted["message"],
        json!({ "audience": "CLINICAL_TEAM", "isRead": true, "body": { "text": "Any syncope?" } })
    );
    version = text(&posted, "/thread/version").to_owned();

    // The patient knows that there is a question and where it stands, and reads none of it yet.
    let patients = seen(&clinic, "mira", &id).await;
    assert_eq!(text(&patients, "/state"), "IN_REVIEW");
    assert_eq!(patients["question"], json!({ "text": null, "withheld": "WITHHELD" }));
    assert_eq!(patients["subject"], json!({ "text": null, "withheld": "WITHHELD" }));
    assert_eq!((&patients["messages"]["nodes"], &patients["unreadCount"]), (&json!([]), &json!(0)));
    assert_eq!(seen(&clinic, "pcp", &id).await["unreadCount"], json!(1));

    let advice = json!({
        "clientMutationId": "a", "expectedVersion": version, "minutesSpent": 12, "comeBackWhen": "On syncope.",
        "recommendations": [{ "kind": "TEST", "certainty": "HIGH", "text": "A Holter for 48 hours." }],
    });
    let recommended = "consultation { version state advice { recommendations { id text { text } } } }";
    let advised = clinic.by("specialist").done("adviseConsultation", on, advice, recommended).await;
    assert_eq!(text(&advised, "/consultation/advice/recommendations/0/text/text"), "A Holter for 48 hours.");
    let recommendation = text(&advised, "/consultation/advice/recommendations/0/id").to_owned();

    let plan = json!({
        "clientMutationId": "p", "expectedVersion": text(&advised, "/consultation/version"), "note": "Holter on Monday.",
        "dispositions": [{ "recommendationId": recommendation, "disposition": "ACCEPTED" }],
    });
    let planned = clinic.by("pcp").done("recordPlan", on, plan, "consultation { version }").await;
    assert_eq!(seen(&clinic, "mira", &id).await["advice"], Value::Null);
    let told = json!({
        "clientMutationId": "i", "expectedVersion": text(&planned, "/consultation/version"),
        "method": "TELEPHONE", "toldAt": "2026-11-23T09:00:00Z",
    });
    let informed = clinic.by("pcp").done("informPatient", on, told, "consultation { version }").await;
    let patients = seen(&clinic, "mira", &id).await;
    assert_eq!(text(&patients, "/question/text"), "Is a Holter needed?");
    assert_eq!(text(&patients, "/advice/plan/note/text"), "Holter on Monday.");
    assert_eq!(patients["messages"]["nodes"], json!([]), "what the clinical team wrote stays theirs");

    let close = json!({
        "clientMutationId": "z", "expectedVersion": text(&informed, "/consultation/version"),
        "outcome": "NEW_PLAN", "helpful": 5, "educational": 4,
    });
    let closed = clinic.by("pcp").done("closeConsultation", on, close, "consultation { status outcome }").await;
    assert_eq!(closed["consultation"], json!({ "status": "CLOSED", "outcome": "NEW_PLAN" }));

    // A repeat of the first step is answered as replayed, also after later steps.
    let again = clinic.by("specialist").done("claimThread", thread, first, "thread { status }").await;
    assert_eq!((&again["replayed"], text(&again, "/thread/status")), (&json!(true), "CLOSED"));
    let late = json!({ "clientMutationId": "late", "body": "One more thing." });
    assert_eq!(codes(&clinic.by("pcp").act("postMessage", thread, late, "").await), ["THREAD_CLOSED"]);
    // What was read is on record before it left.
    assert!(clinic.access.head().await.expect("a head").is_some());
}

#[tokio::test]
async fn a_refused_command_is_recorded_with_the_address_program_channel_and_request_of_its_sender() {
    let clinic = Clinic::open().await;
    let (id, version) = clinic.asked("q").await;
    let mutation = format!(
        "mutation {{ claimThread(threadId: {id:?}, input: {{ clientMutationId: \"mine\", expectedVersion: {version:?} }})
            {{ problems {{ code }} }} }}"
    );
    let mut feed = clinic.access.follow(None).await.expect("the access log");
    let answer = clinic.post("nurse", &json!({ "query": mutation }), &["user-agent: carefold-test/1"]).await;
    assert_eq!(codes(&answer.json()["data"]["claimThread"]), ["NOT_PERMITTED"]);
    // It is recorded off the answer's path.
    let refused = async {
        loop {
            match feed.next().await.expect("the log goes on").expect("an event") {
                Feed::Event(event) if event.event_type.as_str() == "access.refused" => break event,
                Feed::Event(_) | Feed::Scanned(_) | Feed::CaughtUp(_) => {}
            }
        }
    };
    let refused = tokio::time::timeout(Duration::from_secs(20), refused).await.expect("it is recorded");
    let record: Value = serde_json::from_slice(&refused.data).expect("JSON");
    assert_eq!((&record["action"], &record["outcome"]), (&json!("thread.claim"), &json!("refused")));
    let from = [&record["address"], &record["client"], &record["channel"]];
    assert_eq!(from, [&json!("127.0.0.1"), &json!("carefold-test/1"), &json!("graphql")]);
    let request = Uuid::parse_str(text(&record, "/request")).expect("an id");
    assert_eq!(answer.header("x-request-id"), Some(request.simple().to_string().as_str()));
}

#[tokio::test]
async fn all_that_is_wrong_with_an_input_is_said_at_once() {
    let clinic = Clinic::open().await;
    let mut wrong = clinic.question("no spaces allowed");
    wrong["subject"] = json!(" ");
    wrong["question"] = json!("give \u{7}10 mg");
    let refused = clinic.by("pcp").act("requestConsultation", None, wrong, "consultation { id }").await;
    assert_eq!(codes(&refused), ["EMPTY", "CONTROL_CHARACTER", "MALFORMED"]);
    assert_eq!(refused.pointer("/problems/1/path"), Some(&json!(["input", "question"])));
    assert_eq!((&refused["consultation"], &refused["position"]), (&Value::Null, &Value::Null));

    let (id, version) = clinic.asked("q").await;
    let thread = Some(Target { argument: "threadId", id: id.as_str() });
    let close = json!({ "clientMutationId": "z", "expectedVersion": version, "outcome": "NEW_PLAN", "helpful": 5, "educational": 4 });
    let early = clinic
        .by("pcp")
        .act("closeConsultation", Some(Target { argument: "consultationId", id: id.as_str() }), close, "")
        .await;
    assert_eq!(early["problems"][0]["__typename"], "StateProblem");
    assert_eq!(early["problems"][0]["state"], "SUBMITTED");
    assert_eq!(early["problems"][0]["awaited"], "consultation.assign");
    let possible = ["consultation.ask_for_assignment", "consultation.assign", "consultation.hand_over_request"];
    assert_eq!(early["problems"][0]["possible"], json!(possible));
    let message = text(&early, "/problems/0/message");
    let said = format!("; it waits for consultation.assign; possible now: {}", possible.join(", "));
    assert!(message.ends_with(&said), "{message}");

    let on = Some(Target { argument: "consultationId", id: id.as_str() });
    let rely = |key: &str, version: &str| json!({ "clientMutationId": key, "expectedVersion": version });
    let refused = clinic.by("pcp").act("claimThread", thread, rely("1", &version), "").await;
    assert_eq!((codes(&refused), text(&refused, "/problems/0/command")), (vec!["NOT_PERMITTED"], "thread.claim"));
    let permitted =
        ["pool_member", "owners_pool"].map(|standing| json!({ "standing": standing, "roles": ["PHYSICIAN"] }));
    assert_eq!(refused["problems"][0]["permittedTo"], json!(permitted));
    let invalid = clinic.by("centre_coordinator").act("assignConsultation", on, rely("2", "x"), "").await;
    assert_eq!(codes(&invalid), ["INVALID_VERSION"]);
    clinic.by("centre_coordinator").done("assignConsultation", on, rely("3", &version), "").await;
    let moved = clinic.by("specialist").act("claimThread", thread, rely("4", &version), "").await;
    assert_eq!(codes(&moved), ["VERSION_CONFLICT"]);
    let current = text(&moved, "/problems/0/currentVersion");
    assert_ne!(current, version);
    clinic.by("specialist").done("claimThread", thread, rely("5", current), "").await;

    // In a list, each problem names the place.
    let each = |text: &str| json!({ "kind": "TEST", "certainty": "LOW", "text": text });
    let mut advice = rely("6", current);
    advice["recommendations"] = json!([each("A Holter."), each(" "), each("")]);
    advice["minutesSpent"] = json!(1);
    let refused = clinic.by("specialist").act("adviseConsultation", on, advice, "").await;
    let path = |index: usize| refused.pointer(&format!("/problems/{index}/path")).cloned();
    assert_eq!(path(0), Some(json!(["input", "recommendations", "1", "text"])));
    assert_eq!(path(1), Some(json!(["input", "recommendations", "2", "text"])));
}

#[tokio::test]
async fn a_problem_names_the_argument_of_what_was_not_found() {
    let clinic = Clinic::open().await;
    let (practice, centre) = (organization(&clinic, "Practice").await, organization(&clinic, "Centre").await);
    let question = |patient: &str, pool: &str| {
        let mut question = clinic.question("q");
        (question["patientId"], question["poolId"]) = (json!(patient), json!(pool));
        question
    };
    let key = |fields: Value| {
        let mut input = fields;
        input["clientMutationId"] = json!("k");
        input
    };
    let role = |organization: &str| key(json!({ "organizationId": organization, "role": "NURSE" }));
    let member = |pool: &str| key(json!({ "poolId": pool, "personId": clinic.id("specialist") }));
    let team = key(json!({
        "organizationId": practice, "topic": "SOCIAL", "subject": "Stairs", "note": "?", "owner": { "poolId": "none" },
        "waitingOn": { "party": { "personId": clinic.id("nurse") } },
    }));
    let patient = |organization: &str, person: &str| {
        key(json!({ "organizationId": organization, "personId": person, "name": "Ada", "birthDate": "1958" }))
    };
    let (nurse, mira) = (clinic.id("nurse"), clinic.patient.as_str());
    for (who, mutation, target, input, path) in [
        ("pcp", "requestConsultation", None, question("none", &clinic.pool), json!(["input", "patientId"])),
        ("pcp", "requestConsultation", None, question(mira, "none"), json!(["input", "poolId"])),
        // What is missing and what is forbidden are named alike.
        ("stranger", "requestConsultation", None, question(mira, "none"), json!(["input", "patientId"])),
        ("stranger", "requestConsultation", None, question("none", "none"), json!(["input", "patientId"])),
        ("pcp", "openTeamThread", None, team, json!(["input", "owner", "poolId"])),
        ("admin", "grantRole", Some(("personId", "none")), role(&practice), json!(["personId"])),
        ("admin", "grantRole", Some(("personId", nurse)), role("none"), json!(["input", "organizationId"])),
        ("stranger", "grantRole", Some(("personId", "none")), role(&practice), json!(["input", "organizationId"])),
        ("admin", "addPoolMember", Some(("organizationId", "none")), member(&clinic.pool), json!(["organizationId"])),
        ("admin", "addPoolMember", Some(("organizationId", &centre)), member("none"), json!(["input", "poolId"])),
        ("coordinator", "registerPatient", None, patient("none", nurse), json!(["input", "organizationId"])),
        ("stranger", "postMessage", Some(("threadId", "none")), key(json!({ "body": "hello" })), json!(["threadId"])),
    ] {
        let target = target.map(|(argument, id)| Target { argument, id });
        let refused = clinic.by(who).act(mutation, target, input, "").await;
        assert_eq!(codes(&refused), ["NOT_FOUND"], "{mutation} by {who}: {refused}");
        assert_eq!(refused["problems"][0]["path"], path, "{mutation} by {who}");
    }
}

#[tokio::test]
async fn a_document_with_an_invalid_value_does_nothing() {
    let clinic = Clinic::open().await;
    let (id, _) = clinic.asked("q").await;
    let team = |at: &str| format!("setWaitingOn(threadId: $id, input: {at}) {{ position }}");
    let post = "postMessage(threadId: $id, input: { clientMutationId: \"half\", body: \"hello\" }) { position }";
    let input = |literal: &str| {
        format!(
            "parkTeamThread(teamThreadId: $id, input: {{ clientMutationId: \"k\", expectedVersion: \"x\",
                reviewAt: {literal}, reason: \"r\" }}) {{ position }}"
        )
    };
    for (document, variables, code) in [
        (format!("mutation($id: ID!) {{ {post} {} }}", input("\"tomorrow\"")), json!({}), "GRAPHQL_VALIDATION_FAILED"),
        (
            format!("mutation($id: ID!, $at: DateTime!) {{ {post} {} }}", input("$at")),
            json!({ "at": "tomorrow" }),
            "BAD_USER_INPUT",
        ),
        (
            format!("mutation($id: ID!, $in: SetWaitingOnInput!) {{ {post} {} }}", team("$in")),
            json!({ "in": { "clientMutationId": "k", "expectedVersion": 7, "to": { "nobody": true } } }),
            "BAD_USER_INPUT",
        ),
        (format!("mutation($id: String!) {{ {post} }}"), json!({}), "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let mut variables = variables;
        variables["id"] = json!(id);
        let answer = clinic.post("pcp", &json!({ "query": document, "variables": variables }), &[]).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, code), "{answer:?}");
        assert!(answer.json().get("data").is_none(), "{answer:?}");
    }
    let query = format!("{{ thread(id: {}) {{ messages {{ nodes {{ id }} }} }} }}", json!(id));
    assert_eq!(clinic.ask("pcp", &query).await["thread"]["messages"]["nodes"], json!([]));
}

#[tokio::test]
async fn every_escape_of_a_string_is_read() {
    let clinic = Clinic::open().await;
    let (id, _) = clinic.asked("q").await;
    for (number, (literal, expected)) in [
        (r#""\uD83D\uDE00""#, "\u{1F600}"),
        (r#""\u{1F600}""#, "\u{1F600}"),
        (r#""""say \""" now""""#, "say \"\"\" now"),
    ]
    .into_iter()
    .enumerate()
    {
        let document = format!(
            "mutation {{ postMessage(threadId: {}, input: {{ clientMutationId: \"{number}\", body: {literal} }}) {{
                message {{ body {{ text }} }} }} }}",
            json!(id)
        );
        let answer = clinic.post("pcp", &json!({ "query": document }), &[]).await.json();
        assert_eq!(text(&answer, "/data/postMessage/message/body/text"), expected, "{answer}");
    }
}

/// Every run of token letters as its length: what is left of two answers must be equal.
fn without_tokens(body: &str) -> String {
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut left = String::new();
    for part in body.split_inclusive(|c| !letters(c)) {
        let (word, rest) = part.split_at(part.trim_end_matches(|c| !letters(c)).len());
        if word.len() < 23 {
            left.push_str(word)
        } else {
            left.push_str(&format!("<{}>", word.len()))
        }
        left.push_str(rest);
    }
    left
}

#[tokio::test]
async fn an_id_discloses_nothing_to_a_person_who_may_not_know_of_its_object() {
    let clinic = Clinic::open().await;
    let (forbidden, _) = clinic.asked("q").await;
    let unknown = forbidden.chars().rev().collect::<String>();
    let unknown = format!("{}{}", &forbidden[..4], &unknown[..19].replace(['-', '_'], "A"));
    let unknown = format!("{}A", &unknown[..22]);
    assert!(uuid_of(&unknown) != uuid_of(&forbidden));
    let ids = [forbidden.as_str(), &unknown, &clinic.patient, "no id at all"];
    for (query, input) in [
        ("query($id: ID!) { consultation(id: $id) { id subject { text } } }", Value::Null),
        ("query($id: ID!) { thread(id: $id) { id } }", Value::Null),
        ("query($id: ID!) { patient(id: $id) { id } }", Value::Null),
        ("query($id: ID!) { node(id: $id) { id } }", Value::Null),
        (
            "mutation($id: ID!, $input: PostMessageInput!) { postMessage(threadId: $id, input: $input) {
                position problems { __typename code message path } message { id } } }",
            json!({ "clientMutationId": "k", "body": "hello" }),
        ),
    ] {
        let mut answers = Vec::new();
        for id in ids {
            let body = json!({ "query": query, "variables": { "id": id, "input": input } });
            let answer = clinic.post("stranger", &body, &[]).await;
            answers.push((answer.status, without_tokens(&answer.body)));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{query}: {answers:?}");
        assert!(answers[0].1.contains("null"), "{answers:?}");
    }

    let person = care::ids::PersonId::from_uuid(uuid_of(clinic.id("stranger")));
    let identity = Identity::signed_in(person, SessionId::from_uuid(Uuid::from_u128(9)));
    let mut work = Vec::new();
    for uuid in [uuid_of(&forbidden), uuid_of(&unknown), Uuid::nil()] {
        let read = |reads: Reads| async move {
            let reader = reads.reader(None).await.expect("a reader");
            assert!(reader.thread(ThreadId::from_uuid(uuid)).expect("no fault").is_none());
            assert!(reader.patient(PatientId::from_uuid(uuid)).expect("no fault").is_none());
            reader.work()
        };
        let answer = clinic
            .application
            .answer(
                AnswerContext { identity, now: now(), origin: coordination::Origin::of(care::words::Channel::GraphQl) },
                read,
            )
            .await;
        work.push(answer.expect("recorded").into_inner());
    }
    assert!(work.iter().all(|each| *each == work[0]), "{work:?}");
}

#[tokio::test]
async fn a_repeat_is_done_once_and_another_input_is_a_problem() {
    let clinic = Clinic::open().await;
    let (id, _) = clinic.asked("same").await;
    // The same input, with its defaults written out.
    let mut input = clinic.question("same");
    input["sensitivities"] = json!([]);
    input["confidentiality"] = json!("NORMAL");
    let again = clinic.by("pcp").done("requestConsultation", None, input, "consultation { id }").await;
    assert_eq!((&again["replayed"], text(&again, "/consultation/id")), (&json!(true), id.as_str()));

    let mut other = clinic.question("same");
    other["question"] = json!("Is an echo needed?");
    let refused = clinic.by("pcp").act("requestConsultation", None, other, "consultation { id }").await;
    assert_eq!(codes(&refused), ["IDEMPOTENCY_MISMATCH"]);
    assert_eq!(refused["consultation"], Value::Null);
}

#[tokio::test]
async fn a_date_of_birth_is_a_date_in_the_past() {
    let clinic = Clinic::open().await;
    let practice = &organization(&clinic, "Practice").await;
    let born = async |birth_date: &str| {
        let input = json!({
            "clientMutationId": format!("born{}", birth_date.len()), "birthDate": birth_date, "organizationId": practice,
            // One name with what is known of one date would be that of one patient.
            "name": format!("Ada {}", birth_date.len()),
        });
        clinic.by("coordinator").act("registerPatient", None, input, "patient { birthDate { text } }").await
    };
    for (birth_date, code) in [
        ("58-03-04", "MALFORMED"),
        (" 1958-03-04", "MALFORMED"),
        ("+1958-03-04", "MALFORMED"),
        ("0000-01-01", "OUT_OF_RANGE"),
        ("9999-12-31", "OUT_OF_RANGE"),
        ("2199-12-31", "IN_FUTURE"),
    ] {
        let refused = born(birth_date).await;
        assert_eq!(codes(&refused), [code], "{birth_date}");
        assert_eq!(refused["problems"][0]["path"], json!(["input", "birthDate"]));
    }
    for birth_date in ["1958", "1958-03", "1958-03-04"] {
        assert_eq!(text(&born(birth_date).await, "/patient/birthDate/text"), birth_date);
    }
}

#[tokio::test]
async fn public_names_that_look_alike_are_refused() {
    let clinic = Clinic::open().await;
    let create = async |name: &str| {
        let input = json!({ "clientMutationId": if name.is_ascii() { "one" } else { "twin" }, "name": name });
        clinic.by("admin").act("createOrganization", None, input, "organization { name }").await
    };
    let (one, other) = tokio::join!(create("Valley Clinic"), create("V\u{430}lley Clinic"));
    let mut both = [codes(&one), codes(&other)];
    both.sort();
    assert_eq!(both, [vec![], vec!["ALREADY_EXISTS"]]);
    let pool = json!({ "clientMutationId": "twin", "name": "CARDIOLOGY", "specialty": "cardiology" });
    let centre = organization(&clinic, "Centre").await;
    let at_centre = Some(Target { argument: "organizationId", id: &centre });
    let refused = clinic.by("admin").act("openPool", at_centre, pool, "pool { id }").await;
    assert_eq!(codes(&refused), ["ALREADY_EXISTS"]);
    assert_eq!(refused["problems"][0]["path"], json!(["input", "name"]));
}

#[tokio::test]
async fn a_message_repeated_with_other_line_breaks_is_the_same_message() {
    let clinic = Clinic::open().await;
    let (id, _) = clinic.asked("q").await;
    let post = async |body: &str| {
        let said = json!({ "audience": "EVERYONE", "body": body, "clientMutationId": "once" });
        let target = Some(Target { argument: "threadId", id: &id });
        clinic.by("pcp").act("postMessage", target, said, "message { body { text } }").await
    };
    assert_eq!(text(&post("  5 mg\r\n 10 mg\r\n").await, "/message/body/text"), "  5 mg\n 10 mg");
    let again = post("  5 mg\n 10 mg").await;
    assert_eq!((codes(&again), &again["replayed"]), (vec![], &json!(true)));
    assert_eq!(codes(&post("5 mg\n 10 mg").await), ["IDEMPOTENCY_MISMATCH"]);
}

#[tokio::test]
async fn a_command_repeated_by_another_transport_is_the_same_command() {
    let clinic = Clinic::open().await;
    let (id, _) = clinic.asked("q").await;
    let thread = ThreadId::from_uuid(uuid_of(&id));
    let said = json!({ "audience": "EVERYONE", "body": "hello", "clientMutationId": "once" });
    let posted = clinic
        .by("pcp")
        .done("postMessage", Some(Target { argument: "threadId", id: &id }), said.clone(), "message { id }")
        .await;
    assert_eq!(posted["replayed"], false);

    let person = care::ids::PersonId::from_uuid(uuid_of(clinic.id("pcp")));
    let identity = Identity::signed_in(person, SessionId::from_uuid(Uuid::from_u128(9)));
    let time_zones = TimeZones::bundled();
    let sender = Sender { identity, origin: Origin::of(Channel::Cli), now: now(), time_zones: &time_zones };
    let again = async |fields: Value| {
        let input: PostMessageInput = serde_json::from_value(fields).expect("an input");
        let Prepared { context, command } = inputs::prepare(&input, sender.clone()).expect("no problems");
        clinic.application.execute::<Thread>(&context, Some(thread), &command).await
    };
    let outcome = again(said.clone()).await.expect("done before");
    let message: MessageId = outcome.command.creates(0);
    assert!(outcome.replayed);
    assert_eq!(message.uuid(), uuid_of(text(&posted, "/message/id")));

    let mut other = said;
    other["body"] = json!("goodbye");
    let refused = again(other.clone()).await;
    assert!(matches!(refused, Err(Failed::Problem(Problem::IdempotencyMismatch))), "{refused:?}");
    let refused = clinic
        .by("pcp")
        .act("postMessage", Some(Target { argument: "threadId", id: &id }), other, "message { id }")
        .await;
    assert_eq!(codes(&refused), ["IDEMPOTENCY_MISMATCH"]);
}

#[test]
fn the_canonical_form_leaves_out_the_key_and_the_version() {
    let fields = json!({ "body": "hello", "expectedVersion": "v", "clientMutationId": "k" });
    let mut input: PostMessageInput = serde_json::from_value(fields).expect("an input");
    input.default_audience = Some(Audience::Everyone);
    let time_zones = TimeZones::bundled();
    let sender = Sender {
        identity: Identity::installation(),
        origin: Origin::of(Channel::Cli),
        now: now(),
        time_zones: &time_zones,
    };
    let Prepared { context, .. } = inputs::prepare(&input, sender).expect("no problems");
    assert_eq!(String::from_utf8(context.input).expect("JSON"), r#"{"body":"hello"}"#);
    assert_eq!((context.key.as_str(), context.expected.as_deref()), ("k", Some("v")));
    assert!(serde_json::from_value::<PostMessageInput>(json!({ "clientMutationId": "k", "text": "hello" })).is_err());
}

#[tokio::test]
async fn a_page_that_cannot_be_is_an_error_of_its_field_alone() {
    let clinic = Clinic::open().await;
    let (id, _) = clinic.asked("q").await;
    let thread = Some(Target { argument: "threadId", id: id.as_str() });
    for number in 0..3 {
        let note =
            json!({ "clientMutationId": number.to_string(), "body": format!("note {number}"), "audience": "EVERYONE" });
        clinic.by("pcp").done("postMessage", thread, note, "").await;
    }
    let inbox = clinic.ask("pcp", "{ viewer { inbox(first: 1) { edges { cursor } } } }").await;
    let foreign = text(&inbox, "/viewer/inbox/edges/0/cursor");
    for (page, problem) in [
        ("first: 2, last: 2".to_owned(), "PAGE_BOTH_ENDS"),
        ("first: 0".to_owned(), "PAGE_ROWS_OUT_OF_RANGE"),
        ("first: 101".to_owned(), "PAGE_ROWS_OUT_OF_RANGE"),
        (format!("after: {}", json!(foreign)), "PAGE_FOREIGN_CURSOR"),
    ] {
        let query = format!("{{ consultation(id: {}) {{ state messages({page}) {{ nodes {{ id }} }} }} }}", json!(id));
        let answer = clinic.post("pcp", &json!({ "query": query }), &[]).await;
        let body = answer.json();
        assert_eq!(body["data"], json!({ "consultation": { "state": "SUBMITTED", "messages": null } }), "{answer:?}");
        assert_eq!(body["errors"][0]["extensions"], json!({ "code": "BAD_USER_INPUT", "problem": problem }));
    }

    let bodies = |page: &Value| -> Vec<String> {
        let nodes = page["nodes"].as_array().expect("nodes").iter();
        nodes.map(|node| text(node, "/body/text").to_owned()).collect()
    };
    let page = async |page: &str| {
        let query = format!(
            "{{ consultation(id: {}) {{ messages({page}) {{ nodes {{ body {{ text }} }} pageInfo {{ hasNextPage hasPreviousPage endCursor }} }} }} }}",
            json!(id)
        );
        clinic.ask("mira", &query).await["consultation"]["messages"].clone()
    };
    let first = page("first: 2").await;
    assert_eq!(
        (bodies(&first), &first["pageInfo"]["hasNextPage"]),
        (vec!["note 0".into(), "note 1".into()], &json!(true))
    );
    let rest = page(&format!("first: 2, after: {}", first["pageInfo"]["endCursor"])).await;
    assert_eq!((bodies(&rest), &rest["pageInfo"]["hasNextPage"]), (vec!["note 2".into()], &json!(false)));
    assert_eq!(bodies(&page("last: 1").await), ["note 2"]);

    let people = clinic.ask("pcp", &format!("{{ consultation(id: {}) {{ participants(first: 1) {{ nodes {{ role person {{ name {{ text }} }} }} pageInfo {{ hasNextPage }} }} }} }}", json!(id))).await;
    assert_eq!(text(&people, "/consultation/participants/nodes/0/person/name/text"), "pcp");
}

#[tokio::test]
async fn a_client_reads_what_it_wrote_and_only_its_own_tokens() {
    let clinic = Clinic::open().await;
    let asked = clinic.by("pcp").done("requestConsultation", None, clinic.question("q"), "consultation { id }").await;
    let position = text(&asked, "/position");
    let query = json!({ "query": "{ viewer { inbox { nodes { id } } } }" });
    let after = clinic.post("pcp", &query, &[&format!("x-read-after: {position}")]).await.json();
    assert_eq!(text(&after, "/data/viewer/inbox/nodes/0/id"), text(&asked, "/consultation/id"));
    assert_eq!(text(&after, "/extensions/position").len(), position.len());
    assert!(after["extensions"].get("stale").is_none());

    let elsewhere = Clinic::open().await;
    let foreign =
        text(&elsewhere.by("pcp").done("requestConsultation", None, elsewhere.question("q"), "").await, "/position")
            .to_owned();
    for token in ["x", &foreign, text(&asked, "/consultation/id")] {
        let answer = clinic.post("pcp", &query, &[&format!("x-read-after: {token}")]).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_USER_INPUT"), "{answer:?}");
        assert!(answer.json().get("data").is_none());
    }
    // A mutation that had no effect says a position too.
    let nothing = json!({ "query": "mutation { createOrganization(input: { clientMutationId: \"k\", name: \" \" }) { problems { code } } }" });
    let answer = clinic.post("pcp", &nothing, &[]).await.json();
    assert_eq!(text(&answer, "/extensions/position").len(), position.len());
}

#[tokio::test]
async fn an_answer_stops_where_its_texts_are_too_long_together() {
    let clinic = Clinic::open().await;
    let (id, _) = clinic.asked("q").await;
    let thread = Some(Target { argument: "threadId", id: id.as_str() });
    // 32,000 characters of four bytes each.
    let (body, bytes) = ("\u{1F600}".repeat(32_000), 128_000);
    for number in 0..4 {
        let note = json!({ "clientMutationId": number.to_string(), "body": body, "audience": "EVERYONE" });
        clinic.by("pcp").done("postMessage", thread, note, "").await;
    }
    let pages = async |times: usize| {
        let pages: String =
            (0..times).map(|page| format!("p{page}: messages(first: 4) {{ nodes {{ body {{ text }} }} }} ")).collect();
        let query = format!("{{ thread(id: {}) {{ {pages} }} }}", json!(id));
        clinic.post("pcp", &json!({ "query": query }), &[]).await
    };
    let refused = pages(20).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "ANSWER_TOO_LARGE"));
    let limit = refused.json()["errors"][0]["extensions"]["limit"].clone();
    let (asked, max) = (limit["asked"].as_u64().expect("a number"), limit["max"].as_u64().expect("a number"));
    assert_eq!((&limit["of"], max), (&json!("bytes"), 8 * 1024 * 1024));
    assert!((max + 1..max + bytes + 1_000).contains(&asked), "the reading stopped there: {limit}");
    assert!(refused.json().get("data").is_none());
    let answer = pages(2).await.json();
    assert_eq!(answer.pointer("/data/thread/p1/nodes").and_then(Value::as_array).map(Vec::len), Some(4));
}

#[tokio::test]
async fn a_button_is_on_for_whom_its_command_is() {
    let clinic = Clinic::open().await;
    let (id, version) = clinic.asked("q").await;
    let buttons = "viewerCanClaim { allowed reason } viewerCanAdvise { allowed } viewerCanClose { allowed reason }
        viewerCanPost(audience: CLINICAL_TEAM) { allowed }";
    // Who may claim can not yet: nobody has accepted the question for the pool.
    for (who, can, claim_denied_by, close_denied_by) in [
        ("pcp", [false, false, false, true], "NOT_YOUR_ROLE", "NOT_IN_STATE"),
        ("specialist", [false, false, false, true], "NOT_IN_STATE", "NOT_YOUR_ROLE"),
        ("nurse", [false, false, false, true], "NOT_YOUR_ROLE", "NOT_YOUR_ROLE"),
        ("mira", [false, false, false, false], "NOT_YOUR_ROLE", "NOT_YOUR_ROLE"),
    ] {
        let data = clinic.ask(who, &format!("{{ consultation(id: {}) {{ {buttons} }} }}", json!(id))).await;
        let on = |name: &str| data["consultation"][name]["allowed"].as_bool().expect("says so");
        let shown = [on("viewerCanClaim"), on("viewerCanAdvise"), on("viewerCanClose"), on("viewerCanPost")];
        assert_eq!(shown, can, "{who}");
        assert_eq!(data["consultation"]["viewerCanClaim"]["reason"], claim_denied_by, "{who}");
        assert_eq!(data["consultation"]["viewerCanClose"]["reason"], close_denied_by, "{who}");
        let claim = json!({ "clientMutationId": who, "expectedVersion": version });
        let claimed =
            clinic.by(who).act("claimThread", Some(Target { argument: "threadId", id: &id }), claim, "").await;
        let refused = if claim_denied_by == "NOT_IN_STATE" { "NOT_IN_STATE" } else { "NOT_PERMITTED" };
        assert_eq!(codes(&claimed), [refused], "{who}: {claimed}");
    }
}
