//! Whom a patient blocks and whom they permit something, over GraphQL and in a browser.

use serde_json::{Value, json};

use crate::clinic::{Clinic, Target};
use crate::pages::{Browser, Form, between};
use crate::pages_settings::shows;

fn of(clinic: &Clinic) -> Option<Target<'_>> {
    Some(Target { argument: "patientId", id: clinic.patient.as_str() })
}

/// The organization that keeps the record of the patient.
async fn practice(clinic: &Clinic) -> String {
    let query = format!("{{ patient(id: {}) {{ organization {{ id }} }} }}", json!(clinic.patient));
    let asked = clinic.ask("coordinator", &query).await;
    asked["patient"]["organization"]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn who_is_shut_out_by_role_gets_the_same_answers_as_for_what_is_missing() {
    let clinic = Clinic::open().await;
    let (thread, _) = clinic.asked("holter").await;
    // The id of another thing, so that it is well-formed and no thread.
    let missing = clinic.id("stranger").to_owned();
    let see = |id: &str| format!("{{ thread(id: {}) {{ id }} viewer {{ inbox {{ nodes {{ id }} }} }} }}", json!(id));
    assert!(clinic.ask("nurse", &see(&thread)).await["thread"].is_object());
    let practice = practice(&clinic).await;
    let terms = json!({ "role": "NURSE", "organizationId": practice });
    let query = format!(
        "query($terms: ConsentDirectiveTermsInput!) {{ consentDirectivePreview(patientId: {}, effect: DENY, terms: $terms)
            {{ changes {{ threadCount person {{ id }} }} threadsLeftAlone }} }}",
        json!(clinic.patient)
    );
    let body = json!({ "query": query, "variables": { "terms": terms } });
    let preview = clinic.post("mira", &body, &[]).await.json();
    let expected =
        json!({ "changes": [{ "threadCount": 1, "person": { "id": clinic.id("nurse") } }], "threadsLeftAlone": 0 });
    assert_eq!(preview["data"]["consentDirectivePreview"], expected, "{preview}");
    let of_staff = clinic.post("coordinator", &body, &[]).await.json();
    assert_eq!(of_staff["data"]["consentDirectivePreview"], Value::Null, "{of_staff}");

    let deny = json!({ "clientMutationId": "deny", "role": "NURSE", "organizationId": practice });
    let select = "patient { consentDirectives { id effect state giver namesPerson role sensitivities } blocks { id } }";
    let denied = clinic.by("mira").done("denyAccess", of(&clinic), deny, select).await;
    let directive = &denied["patient"]["consentDirectives"][0];
    let said = ["effect", "state", "giver", "role"].map(|field| directive[field].as_str().expect("a word"));
    assert_eq!(said, ["DENY", "ACTIVE", "PATIENT", "NURSE"]);
    assert_eq!(denied["patient"]["blocks"], json!([]), "a block names one person");
    let answers = [clinic.ask("nurse", &see(&thread)).await, clinic.ask("nurse", &see(&missing)).await];
    assert_eq!(answers[0], answers[1]);
    let patient = format!("{{ patient(id: {}) {{ id }} }}", json!(clinic.patient));
    assert_eq!(clinic.ask("nurse", &patient).await["patient"], Value::Null);

    let end = json!({ "clientMutationId": "end", "directiveId": directive["id"] });
    let by_staff = clinic.by("coordinator").act("endConsentDirective", of(&clinic), end.clone(), "").await;
    assert_eq!(by_staff["problems"][0]["code"], "NOT_THEIRS", "{by_staff}");
    clinic.by("mira").done("endConsentDirective", of(&clinic), end, "patient { id }").await;
    assert!(clinic.ask("nurse", &see(&thread)).await["thread"].is_object());
}

#[tokio::test]
async fn a_patient_sees_what_a_deny_changes_before_it_is_given_and_confirms_what_staff_wrote_down() {
    let clinic = Clinic::with_pages().await;
    let _asked = clinic.asked("holter").await;
    let list = format!("/patients/{}/directives", clinic.patient);
    let deny = format!("{list}/deny");
    let mira = Browser::signed_in(&clinic, "mira").await;
    shows(&mira.page(&list).await, &["Nobody is blocked.", &format!("href=\"{deny}\"")]);
    let form = Form::of(&mira.page(&deny).await, &deny);
    let nobody = mira.send(&deny, &form).await;
    assert_eq!(nobody.status, 422);
    let whom = format!("person.{}", clinic.id("nurse"));
    let fields = [("whom", whom.as_str()), ("purpose", "any"), ("hasEnd", "any")];
    let preview = mira.send(&deny, &form.with(&fields)).await;
    assert_eq!(preview.status, 200, "nothing is done before it was seen: {preview:?}");
    shows(&preview, &["What it would change now", "nurse can no longer find 1 conversation"]);
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    assert_eq!(nurse.get(&format!("/patients/{}", clinic.patient)).await.status, 200);
    let done = mira.send(&deny, &Form::of(&preview, &deny).with(&fields)).await;
    assert_eq!(done.status, 303, "{done:?}");
    assert_eq!(nurse.get(&format!("/patients/{}", clinic.patient)).await.status, 404);
    shows(&mira.page(&list).await, &["Everything about the patient", "/directives/end?about="]);

    // A physician of the care team writes down a permission, which waits for the patient.
    let record = format!("{list}/record-permit");
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    shows(&pcp.page(&list).await, &["No block is shown to you.", "There can be more."]);
    let form = Form::of(&pcp.page(&record).await, &record);
    let until = [("until.day", "22"), ("until.month", "5"), ("until.year", "2027"), ("until.time", "00:00")];
    let word = [("whom", whom.as_str()), ("patientWord", "She may read it.")];
    let sent = pcp.send(&record, &form.with(&until).with(&word)).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    let page = mira.page(&list).await;
    shows(&page, &["To be confirmed", "She may read it.", "/directives/confirm?about="]);
    let confirm = between(&page.body, "/directives/confirm?about=", "\"").expect("a link");
    let confirm = mira.page(&format!("{list}/confirm?about={confirm}")).await;
    shows(&confirm, &["In force until", "She may read it.", "Restricted conversations without a sensitive subject"]);
    let mut other = Browser::signed_in(&clinic, "mira").await;
    other.language = "es";
    shows(&other.page(&list).await, &["Exclusiones y permisos", "Por confirmar"]);
}
