//! What can still be done after a key was destroyed: nothing that writes a text there, and the sender is told so.

use serde_json::{Value, json};
use server::graphql::id::stream_of;

use crate::clinic::{Clinic, Target, now};
use crate::{codes, key};

async fn erase(clinic: &Clinic, id: &str) {
    let stream = stream_of(id).expect("a stream");
    clinic.application.destroy_key(stream, now()).await.expect("destroyed");
}

fn relying(name: &str, version: &str) -> Value {
    json!({ "clientMutationId": name, "expectedVersion": version })
}

/// Whether a permission says that the texts were erased.
fn is_erased(permission: &Value) -> bool {
    permission["allowed"] == false && permission["reason"] == "ERASED"
}

#[tokio::test]
async fn an_erased_thread_takes_no_text_and_what_needs_none_is_done() {
    let clinic = Clinic::open().await;
    let (thread, version) = clinic.asked("holter").await;
    let of = Some(Target { argument: "threadId", id: &thread });
    erase(&clinic, &thread).await;
    let mut body = key("more");
    body["body"] = json!("Any syncope?");
    for _ in 0..2 {
        let refused = clinic.by("pcp").act("postMessage", of, body.clone(), "").await;
        assert_eq!(codes(&refused), ["ERASED"]);
    }
    let on = Some(Target { argument: "consultationId", id: &thread });
    clinic.by("centre_coordinator").done("assignConsultation", on, relying("assign", &version), "").await;
    let query = format!(
        "{{ thread(id: {}) {{ version viewerCanPost {{ allowed reason }} viewerCanClaim {{ allowed reason }}
            ... on Consultation {{ viewerCanAdvise {{ allowed reason }} }} }} }}",
        json!(thread)
    );
    let asked = clinic.ask("pcp", &query).await["thread"].clone();
    assert!(is_erased(&asked["viewerCanPost"]), "{asked}");
    let free = clinic.ask("specialist", &query).await["thread"].clone();
    assert_eq!(free["viewerCanClaim"], json!({ "allowed": true, "reason": null }));
    let version = free["version"].as_str().expect("a version");
    clinic.by("specialist").done("claimThread", of, relying("claim", version), "").await;
    let claimed = clinic.ask("specialist", &query).await["thread"].clone();
    assert!(is_erased(&claimed["viewerCanAdvise"]), "{claimed}");
}

#[tokio::test]
async fn an_erased_record_takes_no_text_and_does_not_keep_the_person_from_a_new_one() {
    let clinic = Clinic::open().await;
    let of = Some(Target { argument: "patientId", id: &clinic.patient });
    erase(&clinic, &clinic.patient).await;
    let corrected = json!({ "clientMutationId": "name", "name": "Mira Other", "reason": "It was misheard.", "confirmedNotDuplicateOf": [] });
    let ended = json!({ "clientMutationId": "end", "reason": "erased" });
    for (who, mutation, target, input) in [
        ("coordinator", "correctPatientDetails", of, corrected),
        ("coordinator", "endPatientLink", of, ended),
        ("pcp", "requestConsultation", None, clinic.question("holter")),
    ] {
        let refused = clinic.by(who).act(mutation, target, input, "").await;
        assert_eq!(codes(&refused), ["ERASED"], "{mutation}");
    }
    let query = format!(
        "{{ patient(id: {}) {{ viewerCanCorrectDetails {{ allowed reason }} viewerCanProposeLink {{ reason }}
            viewerCanRequestConsultation {{ allowed reason }} }} }}",
        json!(clinic.patient)
    );
    let coordinator = clinic.ask("coordinator", &query).await["patient"].clone();
    assert!(is_erased(&coordinator["viewerCanCorrectDetails"]), "{coordinator}");
    let pcp = clinic.ask("pcp", &query).await["patient"].clone();
    assert!(is_erased(&pcp["viewerCanRequestConsultation"]), "{pcp}");

    let practice = clinic.ask("coordinator", "{ viewer { roles { organization { id } } } }").await;
    let new = json!({
        "clientMutationId": "again", "organizationId": practice["viewer"]["roles"][0]["organization"]["id"],
        "name": "Mira Patient", "birthDate": "1958-03-04", "personId": clinic.id("mira"),
    });
    let registered = clinic.by("coordinator").done("registerPatient", None, new, "patient { id }").await;
    let record = registered["patient"]["id"].as_str().expect("an id");
    let own = Some(Target { argument: "patientId", id: record });
    clinic.by("mira").done("acceptPatientLink", own, key("own-again"), "").await;
}

#[tokio::test]
async fn the_name_of_an_erased_person_is_not_corrected() {
    let clinic = Clinic::open().await;
    erase(&clinic, clinic.id("stranger")).await;
    let roles = clinic.ask("coordinator", "{ viewer { roles { organization { id } } } }").await;
    let practice = &roles["viewer"]["roles"][0]["organization"]["id"];
    let name = json!({ "clientMutationId": "name", "organizationId": practice, "name": "Somebody", "reason": "It was misheard." });
    let of = Some(Target { argument: "personId", id: clinic.id("stranger") });
    let refused = clinic.by("admin").act("correctPersonName", of, name, "").await;
    assert_eq!(codes(&refused), ["ERASED"]);
}
