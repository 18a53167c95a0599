//! Drafts over the schema: saved, found on another device, sent with their form, and nobody else's.

use serde_json::{Value, json};

use crate::clinic::{Clinic, Target};
use crate::{codes, text};

const DRAFT: &str = "draft { id version command thread { id } patient { id } organization { id } fields { name text }
    savedAt nextSaveAt }";

fn reply(thread: &str, key: &str, body: &str) -> Value {
    json!({
        "clientMutationId": format!("{key}-{}", body.len()), "draft": { "key": key }, "command": "thread.post",
        "about": { "threadId": thread },
        "fields": [{ "name": "audience", "text": "EVERYONE" }, { "name": "body", "text": body }],
    })
}

pub async fn drafts(clinic: &Clinic, who: &str) -> Vec<Value> {
    let listed = clinic.ask(who, "{ viewer { drafts(first: 9) { nodes { id command fields { name text } } } } }").await;
    listed["viewer"]["drafts"]["nodes"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn a_draft_is_saved_found_elsewhere_and_sent_with_its_form() {
    let clinic = Clinic::open().await;
    let (thread, _) = clinic.asked("q").await;
    let saved = clinic.by("pcp").done("saveDraft", None, reply(&thread, "k", "Any syn"), DRAFT).await;
    let draft = &saved["draft"];
    assert_eq!((text(draft, "/command"), text(draft, "/thread/id")), ("thread.post", thread.as_str()));
    assert_eq!(draft["fields"][1], json!({ "name": "body", "text": "Any syn" }));
    assert_eq!((&draft["patient"], &draft["organization"]), (&Value::Null, &Value::Null));

    // Another device asks for the form's draft; if it does not, it is told of it.
    let query = format!(
        "{{ viewer {{ draftOf(command: \"thread.post\", about: {{ threadId: {} }}) {{ id fields {{ text }} }} }} }}",
        json!(thread)
    );
    let found = clinic.ask("pcp", &query).await;
    assert_eq!(text(&found, "/viewer/draftOf/id"), text(draft, "/id"));
    assert_eq!(clinic.ask("nurse", &query).await["viewer"]["draftOf"], Value::Null);
    let other = clinic.by("pcp").act("saveDraft", None, reply(&thread, "other", "Anything"), DRAFT).await;
    assert_eq!(codes(&other), ["DRAFT_EXISTS"]);
    assert_eq!(&other["draft"], draft);

    // A save from no version or an old one is a conflict that shows both; one that comes too early says when.
    let conflict = clinic.by("pcp").act("saveDraft", None, reply(&thread, "k", "Any syncope"), DRAFT).await;
    assert_eq!(codes(&conflict), ["VERSION_CONFLICT"]);
    assert_eq!(conflict["problems"][0]["currentVersion"], draft["version"]);
    assert_eq!(&conflict["draft"], draft);
    let mut more = reply(&thread, "k", "Any syncope?");
    more["expectedVersion"] = draft["version"].clone();
    let early = clinic.by("pcp").act("saveDraft", None, more.clone(), DRAFT).await;
    assert_eq!((codes(&early), &early["draft"]), (vec!["DRAFT_SAVED_RECENTLY"], draft));
    more["leaving"] = json!(true);
    let left = clinic.by("pcp").done("saveDraft", None, more, DRAFT).await;
    assert_eq!(left["draft"]["fields"][1]["text"], "Any syncope?");
    assert_ne!(left["draft"]["version"], draft["version"]);

    let target = Some(Target { argument: "threadId", id: &thread });
    let input = json!({ "clientMutationId": "send", "body": "Any syncope?", "draft": { "id": draft["id"] } });
    let posted = clinic.by("pcp").done("postMessage", target, input.clone(), "message { body { text } }").await;
    assert_eq!(text(&posted, "/message/body/text"), "Any syncope?");
    assert!(drafts(&clinic, "pcp").await.is_empty());
    assert_eq!(clinic.by("pcp").done("postMessage", target, input, "message { id }").await["replayed"], true);
    let twice = json!({ "clientMutationId": "twice", "body": "Any syncope?", "draft": { "key": "k" } });
    let twice = clinic.by("pcp").act("postMessage", target, twice, "message { id }").await;
    assert_eq!(codes(&twice), ["DRAFT_ENDED"]);
    assert_eq!(twice["problems"][0]["path"], json!(["input", "draft"]));
}

#[tokio::test]
async fn the_id_of_a_draft_is_null_for_everybody_else_and_no_count_changes() {
    let clinic = Clinic::open().await;
    let (thread, version) = clinic.asked("q").await;
    let saved = clinic.by("nurse").done("saveDraft", None, reply(&thread, "k", "half"), DRAFT).await;
    let id = saved["draft"]["id"].clone();
    let node = format!("{{ node(id: {id}) {{ id ... on Draft {{ fields {{ text }} }} }} }}");
    assert_eq!(clinic.ask("nurse", &node).await["node"]["id"], id);
    for who in ["pcp", "admin", "coordinator", "mira", "stranger", "specialist"] {
        assert_eq!(clinic.ask(who, &node).await["node"], Value::Null, "{who}");
        assert!(drafts(&clinic, who).await.is_empty(), "{who}");
        let theirs = json!({ "clientMutationId": "d", "draft": { "id": id } });
        let refused = clinic.by(who).act("discardDraft", None, theirs, "draft { id }").await;
        assert_eq!(codes(&refused), ["NOT_FOUND"], "{who}");
    }
    let seen = clinic.ask("pcp", &format!("{{ thread(id: {}) {{ version unreadCount }} }}", json!(thread))).await;
    assert_eq!((text(&seen, "/thread/version"), &seen["thread"]["unreadCount"]), (version.as_str(), &json!(0)));
    let discard = json!({ "clientMutationId": "d", "draft": { "key": "k" } });
    let gone = clinic.by("nurse").done("discardDraft", None, discard, "draft { id }").await;
    assert_eq!(gone["draft"], Value::Null);
    assert_eq!(clinic.ask("nurse", &node).await["node"], Value::Null);
}

#[tokio::test]
async fn a_form_that_opens_a_thread_has_a_draft_about_its_patient() {
    let clinic = Clinic::open().await;
    let new = |key: &str, about: Value| {
        json!({
            "clientMutationId": key, "draft": { "key": key }, "command": "consultation.request", "about": about,
            "fields": [{ "name": "question", "text": "Is a Holter" }],
        })
    };
    let saved = clinic.by("pcp").done("saveDraft", None, new("k", json!({ "patientId": clinic.patient })), DRAFT).await;
    assert_eq!(text(&saved, "/draft/patient/id"), clinic.patient);
    // It is the draft of this patient's form and of no other thing.
    let (thread, _) = clinic.asked("q").await;
    let target = Some(Target { argument: "threadId", id: &thread });
    let swapped = json!({ "clientMutationId": "swapped", "body": "Hello", "draft": { "key": "k" } });
    let swapped = clinic.by("pcp").act("postMessage", target, swapped, "message { id }").await;
    assert_eq!(codes(&swapped), ["DRAFT_OF_OTHER_FORM"]);
    let mut question = clinic.question("sent");
    question["draft"] = json!({ "key": "k" });
    clinic.by("pcp").done("requestConsultation", None, question, "consultation { id }").await;
    assert!(drafts(&clinic, "pcp").await.is_empty());
    // Who may not know of the patient learns nothing.
    let hidden =
        clinic.by("stranger").act("saveDraft", None, new("k", json!({ "patientId": clinic.patient })), DRAFT).await;
    let missing = clinic.by("stranger").act("saveDraft", None, new("k", json!({ "patientId": "nobody" })), DRAFT).await;
    assert_eq!(codes(&hidden), ["NOT_FOUND"]);
    assert_eq!(hidden["problems"], missing["problems"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_draft_is_said_at_its_field() {
    let clinic = Clinic::open().await;
    let (thread, _) = clinic.asked("q").await;
    let with = |name: &str, value: Value| {
        let mut input = reply(&thread, "k", "half");
        input[name] = value;
        input
    };
    for (input, code, path) in [
        (with("command", json!("thread.teleport")), "MALFORMED", json!(["input", "command"])),
        (with("command", json!("consultation.request")), "MALFORMED", json!(["input", "about"])),
        (with("draft", json!({ "key": "no spaces" })), "MALFORMED", json!(["input", "draft"])),
        (with("fields", json!([])), "EMPTY", json!(["input", "fields"])),
        (with("fields", json!([{ "name": "a b", "text": "x" }])), "MALFORMED", json!(["input", "fields", "0", "name"])),
        (
            with("fields", json!([{ "name": "a", "text": "x" }, { "name": "b", "text": "\u{7}" }])),
            "CONTROL_CHARACTER",
            json!(["input", "fields", "1", "text"]),
        ),
    ] {
        let refused = clinic.by("pcp").act("saveDraft", None, input, DRAFT).await;
        assert_eq!((codes(&refused), &refused["problems"][0]["path"]), (vec![code], &path));
    }
    assert!(drafts(&clinic, "pcp").await.is_empty());
}

#[tokio::test]
async fn an_id_of_a_draft_means_nothing_to_others_and_begins_none() {
    let clinic = Clinic::open().await;
    let (thread, _) = clinic.asked("q").await;
    let saved = clinic.by("pcp").done("saveDraft", None, reply(&thread, "k", "half"), DRAFT).await;
    let id = text(&saved, "/draft/id").to_owned();
    let by_id = |key: &str, id: &str| {
        let mut input = reply(&thread, key, "mine");
        input["draft"] = json!({ "id": id });
        input
    };
    let foreign = clinic.by("nurse").act("saveDraft", None, by_id("a", &id), DRAFT).await;
    let missing = clinic.by("nurse").act("saveDraft", None, by_id("b", clinic.id("nurse")), DRAFT).await;
    assert_eq!((codes(&foreign), &foreign["problems"]), (vec!["NOT_FOUND"], &missing["problems"]));
    let discard = json!({ "clientMutationId": "c", "draft": { "id": id } });
    assert_eq!(codes(&clinic.by("nurse").act("discardDraft", None, discard, DRAFT).await), ["NOT_FOUND"]);
    assert!(drafts(&clinic, "nurse").await.is_empty());
    // The draft is as it was, and goes on.
    let kept = drafts(&clinic, "pcp").await;
    assert_eq!(text(&kept[0], "/fields/1/text"), "half");
}
