//! Whom a patient blocks and whom they permit something, over GraphQL and in a browser.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::clinic::{Clinic, Target, now};
use crate::delegations::practice_with_calendar_and_officer;
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
async fn who_is_blocked_by_role_gets_the_same_answers_as_for_what_is_missing() {
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

/// What staff write down: the patient blocks the stranger.
async fn written_down(clinic: &Clinic) {
    let deny = json!({ "clientMutationId": "word", "personId": clinic.id("stranger"), "patientWord": "Not them." });
    clinic.by("pcp").done("recordDeniedAccess", of(clinic), deny, "patient { id }").await;
}

/// Lets the time go by in which the patient confirms it, by two weeks.
async fn nobody_confirms(clinic: &Clinic) {
    for day in [7, 14] {
        clinic.application.run_processes(now() + TimeDelta::days(day)).await.expect("no fault");
    }
    clinic.application.catch_up().await.expect("caught up");
}

#[tokio::test]
async fn a_privacy_officer_sees_and_voids_directives_of_a_patient_whom_they_may_not_read() {
    let clinic = Clinic::open().await;
    practice_with_calendar_and_officer(&clinic).await;
    let deny = json!({ "clientMutationId": "own", "personId": clinic.id("nurse") });
    clinic.by("mira").done("denyAccess", of(&clinic), deny, "patient { id }").await;
    written_down(&clinic).await;
    let select = "id state giver person { name { text } } writtenBy { name { text } } patientWord { text }
        voidReason { text } viewerCanVoid { allowed } viewerCanEnd { allowed }";
    let list = |id: &str| {
        format!("{{ patient(id: {0}) {{ id }} consentDirectives(patientId: {0}) {{ {select} }} }}", json!(id))
    };
    // The id of another thing, so that it is well-formed and no patient.
    let missing = clinic.id("stranger").to_owned();
    for who in ["nurse", "stranger", "admin", "centre_coordinator"] {
        let answers = [clinic.ask(who, &list(&clinic.patient)).await, clinic.ask(who, &list(&missing)).await];
        assert_eq!(answers[0], answers[1], "{who}");
        assert_eq!(answers[0], json!({ "patient": null, "consentDirectives": null }), "{who}");
    }
    let seen = clinic.ask("specialist", &list(&clinic.patient)).await;
    assert_eq!(seen["patient"], Value::Null, "{seen}");
    let directives = seen["consentDirectives"].as_array().expect("they oversee it");
    let by = |giver: &str| directives.iter().find(|each| each["giver"] == giver).expect("it is there");
    let (own, recorded) = (by("PATIENT"), by("STAFF"));
    assert_eq!(directives.len(), 2);
    assert_eq!((&own["person"]["name"]["text"], &own["writtenBy"]), (&json!("nurse"), &Value::Null));
    assert_eq!(recorded["writtenBy"]["name"]["text"], "pcp");
    assert_eq!(recorded["patientWord"]["text"], "Not them.");
    let can = [&own["viewerCanVoid"]["allowed"], &own["viewerCanEnd"]["allowed"]];
    assert_eq!(can, [&json!(true), &json!(false)]);

    let void = json!({ "clientMutationId": "v", "directiveId": own["id"], "reason": "About somebody else." });
    let voided = clinic.by("specialist").done("voidConsentDirective", of(&clinic), void, "patient { id }").await;
    assert_eq!(voided["patient"], Value::Null);
    let through_patient = format!(
        "{{ patient(id: {}) {{ consentDirectives {{ id state voidReason {{ text }} }} }} }}",
        json!(clinic.patient)
    );
    let after = clinic.ask("mira", &through_patient).await;
    let after = after["patient"]["consentDirectives"].as_array().expect("her own");
    let found = after.iter().find(|each| each["id"] == own["id"]).expect("it is listed");
    assert_eq!((&found["state"], &found["voidReason"]["text"]), (&json!("VOIDED"), &json!("About somebody else.")));
}

#[tokio::test]
async fn a_deny_that_nobody_confirmed_is_listed_for_who_is_to_ask_the_patient() {
    let clinic = Clinic::open().await;
    practice_with_calendar_and_officer(&clinic).await;
    written_down(&clinic).await;
    let query = "{ viewer { waitingDirectives { patientId dueAt patient { name { text } }
        directive { state person { name { text } } patientWord { text } } } } }";
    let waiting = async |who: &str| clinic.ask(who, query).await["viewer"]["waitingDirectives"].clone();
    assert_eq!(waiting("nurse").await, json!([]), "it waits for the patient");
    nobody_confirms(&clinic).await;
    let expected = json!([{
        "patientId": clinic.patient, "dueAt": "2026-12-14T09:00:00.000000Z", "patient": { "name": { "text": "Mira Patient" } },
        "directive": {
            "state": "UNCONFIRMED_DENY", "person": { "name": { "text": "stranger" } }, "patientWord": { "text": "Not them." },
        },
    }]);
    assert_eq!(waiting("nurse").await, expected);
    for who in ["pcp", "coordinator", "specialist", "mira", "stranger", "admin"] {
        assert_eq!(waiting(who).await, json!([]), "{who} asks no patient");
    }
}

#[tokio::test]
async fn a_privacy_officer_goes_from_the_helpers_of_a_patient_to_their_directives_and_voids_one() {
    let clinic = Clinic::with_pages().await;
    practice_with_calendar_and_officer(&clinic).await;
    let deny = json!({ "clientMutationId": "own", "personId": clinic.id("nurse") });
    clinic.by("mira").done("denyAccess", of(&clinic), deny, "patient { id }").await;
    let (helpers, list) =
        (format!("/patients/{}/helpers", clinic.patient), format!("/patients/{}/directives", clinic.patient));
    let officer = Browser::signed_in(&clinic, "specialist").await;
    shows(&officer.page(&helpers).await, &[&format!("href=\"{list}\"")]);
    let coordinator = Browser::signed_in(&clinic, "coordinator").await;
    assert!(!coordinator.page(&list).await.body.contains("<bdi>nurse</bdi>"), "the patient said it themself");
    let page = officer.page(&list).await;
    shows(&page, &["Look for what was entered in error", "<bdi>nurse</bdi>", &format!("href=\"{helpers}\"")]);
    assert!(!page.body.contains("Mira Patient"), "{page:?}");
    let void = format!("{list}/void");
    let about = between(&page.body, &format!("{void}?about="), "\"").expect("it can be voided").to_owned();
    let form = Form::of(&officer.page(&format!("{void}?about={about}")).await, &void);
    assert_eq!(officer.send(&void, &form).await.status, 422, "a reason is missing");
    let sent = officer.send(&void, &form.with(&[("reason", "About somebody else.")])).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    let done = officer.page(sent.header("location").expect("a place")).await;
    shows(&done, &["It is recorded as an error", "Entered in error", "About somebody else."]);
    let stranger = Browser::signed_in(&clinic, "stranger").await;
    assert_eq!(stranger.get(&list).await.status, 404);
}

#[tokio::test]
async fn who_is_to_ask_a_patient_finds_it_on_the_pages_of_what_waits() {
    let clinic = Clinic::with_pages().await;
    practice_with_calendar_and_officer(&clinic).await;
    written_down(&clinic).await;
    nobody_confirms(&clinic).await;
    let list = format!("/patients/{}/directives", clinic.patient);
    let mut nurse = Browser::signed_in(&clinic, "nurse").await;
    let row = ["Patients whom you have to ask", "Ask the patient whether to block: stranger", "Mira Patient"];
    for page in [nurse.page("/helpers-to-do").await, nurse.page("/home").await] {
        shows(&page, &row);
        shows(&page, &[&format!("href=\"{list}\"")]);
    }
    shows(&nurse.page(&list).await, &["Ask the patient before", "Not them."]);
    nurse.language = "es";
    shows(
        &nurse.page("/helpers-to-do").await,
        &["Pacientes a quienes debe preguntar", "Preguntar al paciente si excluye a: stranger"],
    );
    for who in ["pcp", "coordinator"] {
        let browser = Browser::signed_in(&clinic, who).await;
        assert!(!browser.page("/helpers-to-do").await.body.contains(row[0]), "{who} asks no patient");
    }
}

#[tokio::test]
async fn who_asks_in_a_consultation_writes_down_the_permission_it_needs_without_being_on_the_care_team() {
    let clinic = Clinic::open().await;
    let leave = |key: &str| json!({ "clientMutationId": key, "personId": clinic.id("pcp") });
    let permit = |key: &str| {
        json!({
            "clientMutationId": key, "personId": clinic.id("nurse"), "purpose": "TREATMENT",
            "until": "2027-01-01T00:00:00Z", "patientWord": "She may read it.",
        })
    };
    clinic.asked("q").await;
    clinic.by("coordinator").done("removeCareTeamMember", of(&clinic), leave("off"), "patient { id }").await;
    let by_registrar = clinic.by("coordinator").act("recordPermittedAccess", of(&clinic), permit("c"), "").await;
    assert_eq!(by_registrar["problems"][0]["code"], "NOT_PERMITTED", "{by_registrar}");
    clinic.by("pcp").done("recordPermittedAccess", of(&clinic), permit("p"), "").await;
    let list = format!("{{ consentDirectives(patientId: {}) {{ id state }} }}", json!(clinic.patient));
    let seen = clinic.ask("mira", &list).await;
    assert_eq!(seen["consentDirectives"][0]["state"], "PROPOSED", "{seen}");
}
