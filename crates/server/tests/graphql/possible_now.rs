//! A command that the state refuses answers what its sender can do now instead: of a delegation, a legal authority, a
//! directive and a message from outside.

use serde_json::{Value, json};

use crate::clinic::{Clinic, Target};
use crate::delegations::active;
use crate::{codes, organization, text};

/// What a refused command says: the state, what it waits for, and what is possible.
fn told(payload: &Value) -> (&str, &Value, &Value) {
    assert_eq!(codes(payload), ["NOT_IN_STATE"], "{payload}");
    let problem = &payload["problems"][0];
    (text(problem, "/state"), &problem["awaited"], &problem["possible"])
}

#[tokio::test]
async fn of_a_delegation_each_is_told_what_they_can_do_themself() {
    let clinic = Clinic::open().await;
    let id = active(&clinic).await;
    let at = Some(Target { argument: "delegationId", id: &id });
    let verify = json!({ "clientMutationId": "v2", "method": "IN_PERSON", "level": "HIGH", "evidence": "A passport." });
    let by_nurse = clinic.by("nurse").act("verifyDelegateIdentity", at, verify, "").await;
    let of_staff = json!([
        "delegation.pass_safeguarding",
        "delegation.renew",
        "delegation.revoke",
        "delegation.suspend",
        "delegation.widen_by_law",
    ]);
    assert_eq!(told(&by_nurse), ("ACTIVE", &Value::Null, &of_staff));
    let message = text(&by_nurse, "/problems/0/message");
    assert!(message.ends_with("delegation.suspend, delegation.widen_by_law"), "{message}");
    let decline = json!({ "clientMutationId": "d" });
    let by_helper = clinic.by("stranger").act("declineDelegation", at, decline, "").await;
    assert_eq!(told(&by_helper), ("ACTIVE", &Value::Null, &json!(["delegation.narrow", "delegation.revoke"])));
    let end = json!({ "clientMutationId": "e" });
    clinic.by("mira").done("revokeDelegation", at, end, "").await;
    let late = clinic.by("mira").act("revokeDelegation", at, json!({ "clientMutationId": "late" }), "").await;
    assert_eq!(told(&late), ("ENDED", &Value::Null, &json!([])));
}

#[tokio::test]
async fn of_a_legal_authority_staff_are_told_what_the_checked_document_allows() {
    let clinic = Clinic::open().await;
    let record = json!({
        "clientMutationId": "d", "patientId": clinic.patient, "personId": clinic.id("stranger"), "kind": "GUARDIANSHIP",
        "ground": "OWN_WILL", "document": "Court order 7 in the archive.",
    });
    clinic.by("coordinator").done("recordLegalAuthority", None, record, "").await;
    let list = format!("{{ legalAuthorities(patientId: {}) {{ id }} }}", json!(clinic.patient));
    let listed = clinic.ask("nurse", &list).await;
    let at = Some(Target { argument: "legalAuthorityId", id: text(&listed, "/legalAuthorities/0/id") });
    let check = json!({
        "clientMutationId": "k", "limits": { "topics": [{ "topic": "CLINICAL_ADVICE", "read": true }] },
        "from": "2026-01-01T00:00:00Z", "evidence": "Seen in the original.",
    });
    clinic.by("nurse").done("verifyLegalAuthority", at, check, "").await;
    let reject = json!({ "clientMutationId": "r", "reason": "Never valid." });
    let late = clinic.by("nurse").act("rejectLegalAuthority", at, reject, "").await;
    let possible = json!(["legal_authority.dispute", "legal_authority.end", "legal_authority.verify"]);
    assert_eq!(told(&late), ("VERIFIED", &Value::Null, &possible));
}

#[tokio::test]
async fn of_a_directive_the_patient_is_told_what_is_left_to_do() {
    let clinic = Clinic::open().await;
    let of = Some(Target { argument: "patientId", id: clinic.patient.as_str() });
    let deny = json!({ "clientMutationId": "deny", "personId": clinic.id("stranger") });
    let select = "patient { consentDirectives { id } }";
    let denied = clinic.by("mira").done("denyAccess", of, deny, select).await;
    let directive = text(&denied, "/patient/consentDirectives/0/id");
    let confirm = json!({ "clientMutationId": "c", "directiveId": directive, "textVersion": "directive-block-1" });
    let refused = clinic.by("mira").act("confirmConsentDirective", of, confirm, "").await;
    let possible = json!(["consent_directive.end", "consent_directive.tighten"]);
    assert_eq!(told(&refused), ("ACTIVE", &Value::Null, &possible));
}

#[tokio::test]
async fn of_a_message_from_outside_staff_are_told_to_claim_it_first() {
    let clinic = Clinic::open().await;
    let practice = organization(&clinic, "Practice").await;
    let tell = json!({
        "clientMutationId": "t", "organizationId": practice, "patientName": "Mira Patient", "relationship": "NEIGHBOUR",
        "text": "She has not opened the door since Sunday.",
    });
    clinic.by("stranger").done("tellTeam", None, tell, "").await;
    let found = clinic.ask("nurse", "{ viewer { outsideMessages { id } } }").await;
    let at = Some(Target { argument: "outsideMessageId", id: text(&found, "/viewer/outsideMessages/0/id") });
    let (thread, _) = clinic.asked("q").await;
    let possible = json!(["outside_message.claim"]);
    let close = json!({ "clientMutationId": "close", "ground": "UNMATCHED", "reason": "Nobody has that name." });
    let early = clinic.by("nurse").act("closeOutsideMessage", at, close, "").await;
    assert_eq!(told(&early), ("WAITING", &Value::Null, &possible));
    let attach = json!({ "clientMutationId": "attach", "threadId": thread });
    let early = clinic.by("nurse").act("attachOutsideMessage", at, attach, "").await;
    assert_eq!(told(&early), ("WAITING", &Value::Null, &possible));
}
