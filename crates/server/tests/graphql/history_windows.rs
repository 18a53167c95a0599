//! Who sees a thread from later on gets nothing that it said before, by whatever way they ask: by every query of the
//! examples, with each id, by the pages, and in what the patient is shown of their view.

use care::words::DelegationHistory;
use serde_json::{Value, json};

use crate::clinic::{Clinic, Target};
use crate::hidden_threads::{Asked, DAUGHTER, Help, begin_help, corpus};
use crate::pages::Browser;
use crate::{seen, text};

/// A word in every text of before.
const BEFORE: &str = "zebrafinch";

/// A consultation that was asked, answered, planned and told to the patient, and the ids that are in it.
struct Told {
    id: String,
    version: String,
    message: String,
    recommendation: String,
}

/// The withheld text.
fn withheld() -> Value {
    json!({ "text": null, "withheld": "WITHHELD" })
}

async fn told(clinic: &Clinic, key: &str) -> Told {
    let marked = |words: &str| json!(format!("{words} {BEFORE}"));
    let input =
        |step: &str, version: &str| json!({ "clientMutationId": format!("{key}-{step}"), "expectedVersion": version });
    let mut question = clinic.question(key);
    (question["subject"], question["question"]) = (marked("Palpitations"), marked("Is a Holter needed?"));
    let asked = clinic.by("pcp").done("requestConsultation", None, question, "consultation { id version }").await;
    let id = text(&asked, "/consultation/id").to_owned();
    let on = Some(Target { argument: "consultationId", id: &id });
    let thread = Some(Target { argument: "threadId", id: &id });
    let mut assign = input("assign", text(&asked, "/consultation/version"));
    assign["to"] = json!(clinic.id("specialist"));
    let by = clinic.by("centre_coordinator");
    let assigned = by.done("assignConsultation", on, assign, "consultation { version }").await;
    let claim = input("claim", text(&assigned, "/consultation/version"));
    clinic.by("specialist").done("claimThread", thread, claim, "thread { version }").await;
    let post =
        json!({ "clientMutationId": format!("{key}-post"), "audience": "EVERYONE", "body": marked("Any syncope?") });
    let posted = clinic.by("specialist").done("postMessage", thread, post, "message { id } thread { version }").await;
    let mut advise = input("advise", text(&posted, "/thread/version"));
    advise["minutesSpent"] = json!(12);
    advise["comeBackWhen"] = marked("On syncope.");
    advise["recommendations"] =
        json!([{ "kind": "TEST", "certainty": "HIGH", "text": marked("A Holter for 48 hours.") }]);
    let select = "consultation { version advice { recommendations { id } } }";
    let advised = clinic.by("specialist").done("adviseConsultation", on, advise, select).await;
    let recommendation = text(&advised, "/consultation/advice/recommendations/0/id").to_owned();
    let mut plan = input("plan", text(&advised, "/consultation/version"));
    plan["note"] = marked("Holter on Monday.");
    plan["dispositions"] = json!([{ "recommendationId": recommendation, "disposition": "ACCEPTED" }]);
    let planned = clinic.by("pcp").done("recordPlan", on, plan, "consultation { version }").await;
    let mut inform = input("inform", text(&planned, "/consultation/version"));
    (inform["method"], inform["toldAt"]) = (json!("TELEPHONE"), json!("2026-11-23T09:00:00Z"));
    let informed = clinic.by("pcp").done("informPatient", on, inform, "consultation { version }").await;
    let version = text(&informed, "/consultation/version").to_owned();
    let message = text(&posted, "/message/id").to_owned();
    Told { id, version, message, recommendation }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_helps_from_now_on_gets_nothing_that_a_thread_said_before() {
    let clinic = Clinic::with_pages().await;
    let (closed, open) = (told(&clinic, "closed").await, told(&clinic, "open").await);
    let close = json!({
        "clientMutationId": "close", "expectedVersion": closed.version, "outcome": "NEW_PLAN", "helpful": 5,
        "educational": 4,
    });
    let on = Some(Target { argument: "consultationId", id: &closed.id });
    clinic.by("pcp").done("closeConsultation", on, close, "consultation { status }").await;
    let from_now_on = Help { history: DelegationHistory::FromGrant, ..Help::of(&clinic, DAUGHTER) };
    let delegation = begin_help(&clinic, &from_now_on).await;
    let later = json!({ "clientMutationId": "later", "audience": "EVERYONE", "body": "Come at nine." });
    let to = Some(Target { argument: "threadId", id: &open.id });
    clinic.by("pcp").done("postMessage", to, later, "message { id }").await;

    // The patient reads all of it, so there is something to withhold.
    let patients = seen(&clinic, "mira", &closed.id).await;
    assert_eq!(patients.to_string().matches(BEFORE).count(), 5, "{patients}");
    assert_eq!(patients["outcome"], "NEW_PLAN");
    for consultation in [&closed, &open] {
        let helpers = seen(&clinic, DAUGHTER, &consultation.id).await;
        assert_eq!((&helpers["subject"], &helpers["question"]), (&withheld(), &withheld()));
        assert_eq!((&helpers["advice"], &helpers["outcome"]), (&Value::Null, &Value::Null));
    }
    let browser = Browser::signed_in(&clinic, DAUGHTER).await;
    let ids = [closed.id.as_str(), &open.id, &open.message, &open.recommendation, &clinic.patient];
    let all = corpus(&clinic, &browser, &ids, &Asked::All).await;
    for answered in &all {
        assert!(!answered.body.contains(BEFORE), "{}: {}", answered.asked, answered.body);
        assert!(!answered.body.contains("NEW_PLAN"), "{}: {}", answered.asked, answered.body);
    }
    assert!(all.iter().any(|answered| answered.body.contains("Come at nine.")), "what comes is theirs");

    // What the patient is shown of the helper's view is the same.
    let query = "query($id: ID!) { delegation(id: $id) { preview { nodes { subject { text withheld } messages { body { text } } } } } }";
    let body = json!({ "query": query, "variables": { "id": delegation } });
    let preview = clinic.post("mira", &body, &[]).await.body;
    assert!(preview.contains("Come at nine.") && !preview.contains(BEFORE), "{preview}");
}

#[tokio::test]
async fn who_takes_part_from_now_on_reads_the_subject_and_no_message_of_before() {
    let clinic = Clinic::open().await;
    let workplace = async |who: &str| {
        let data = clinic.ask(who, "{ viewer { roles { organization { id } } } }").await;
        data["viewer"]["roles"][0]["organization"]["id"].clone()
    };
    let (practice, centre) = (workplace("pcp").await, workplace("specialist").await);
    let place = |role: &str, organization: &Value| json!({ "role": role, "organizationId": organization });
    let input = json!({
        "clientMutationId": "team", "patientId": clinic.patient, "topic": "SOCIAL", "subject": "Stairs",
        "owner": { "person": { "personId": clinic.id("pcp") } },
        "participants": [{ "personId": clinic.id("nurse"), "place": place("NURSE", &practice) }],
        "waitingOn": { "party": { "personId": clinic.id("nurse") } }, "note": "Can she manage them?",
    });
    let opened = clinic.by("pcp").done("openTeamThread", None, input, "teamThread { id }").await;
    let id = text(&opened, "/teamThread/id");
    let to = Some(Target { argument: "threadId", id });
    let invite = json!({
        "clientMutationId": "invite", "personId": clinic.id("specialist"), "place": place("PHYSICIAN", &centre),
        "history": { "window": "FROM_JOIN" }, "reason": "Another view.",
    });
    clinic.by("pcp").done("inviteParticipant", to, invite, "thread { id }").await;
    let before = json!({ "clientMutationId": "before", "body": "Only with help." });
    clinic.by("nurse").done("postMessage", to, before, "message { id }").await;
    let accept = json!({ "clientMutationId": "accept" });
    clinic.by("specialist").done("acceptInvitation", to, accept, "thread { id }").await;
    let read = async |who: &str| {
        let query = format!(
            "{{ thread(id: {}) {{ subject {{ text }} messages {{ nodes {{ body {{ text }} }} }} }} }}",
            json!(id)
        );
        clinic.ask(who, &query).await["thread"].clone()
    };
    let of_before = json!([{ "body": { "text": "Only with help." } }]);
    assert_eq!(read("pcp").await, json!({ "subject": { "text": "Stairs" }, "messages": { "nodes": of_before } }));
    assert_eq!(read("specialist").await, json!({ "subject": { "text": "Stairs" }, "messages": { "nodes": [] } }));
}
