//! Whom a patient blocks and whom they permit something, over GraphQL and in a browser.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::clinic::{Clinic, Target, now};
use crate::delegations::practice_with_calendar_and_officer;
use crate::pages::{Browser, Form, between};
use crate::pages_settings::shows;
use crate::{codes, text};

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

/// What the patient permits in these tests: the nurse reads more, for treatment, until an instant.
fn permission(clinic: &Clinic, key: &str, until: &str) -> Value {
    json!({ "clientMutationId": key, "personId": clinic.id("nurse"), "purpose": "TREATMENT", "until": until })
}

/// The physician writes down that a patient permits it, in words that tell it from others.
pub async fn permission_written_down(clinic: &Clinic, patient: &str, word: &str) {
    let key = format!("{}-{patient}", word.replace(' ', "-"));
    let mut written = permission(clinic, &key, "2027-05-22T00:00:00Z");
    written["patientWord"] = json!(word);
    let of = Some(Target { argument: "patientId", id: patient });
    clinic.by("pcp").done("recordPermittedAccess", of, written, "patient { id }").await;
}

/// The directive about which a patient said this, as somebody sees it.
async fn said(clinic: &Clinic, who: &str, patient: &str, word: &str) -> Value {
    let query = format!(
        "{{ consentDirectives(patientId: {}) {{ id state giver patientWord {{ text }} document {{ text }}
            viewerCanConfirmOnPaper {{ allowed reason message }} viewerCanConfirm {{ allowed }} }} }}",
        json!(patient)
    );
    let seen = clinic.ask(who, &query).await;
    let all = seen["consentDirectives"].as_array().expect("they may know of some");
    let found = all.iter().find(|each| each["patientWord"]["text"] == word);
    found.unwrap_or_else(|| panic!("{word} of {seen}")).clone()
}

/// The coordinator joins the care team of a patient, and so can record what the patient signs.
async fn coordinator_cares(clinic: &Clinic, patient: &str) {
    add_member(clinic, "pcp", patient, ("coordinator", "COORDINATOR")).await;
}

async fn add_member(clinic: &Clinic, by: &'static str, patient: &str, (who, role): (&str, &str)) {
    let member = json!({
        "clientMutationId": format!("{who}-{patient}"), "personId": clinic.id(who), "role": role,
        "organizationId": practice(clinic).await,
    });
    let of = Some(Target { argument: "patientId", id: patient });
    clinic.by(by).done("addCareTeamMember", of, member, "").await;
}

/// A patient without an account, for whom the physician wrote down a permission for the nurse: the id of the record. The
/// coordinator can record what they sign.
pub async fn without_account(clinic: &Clinic) -> String {
    let new = json!({
        "clientMutationId": "new", "organizationId": practice(clinic).await, "name": "Otto Other", "birthDate": "1940-01-02",
    });
    let registered = clinic.by("coordinator").done("registerPatient", None, new, "patient { id }").await;
    let patient = text(&registered, "/patient/id").to_owned();
    add_member(clinic, "coordinator", &patient, ("pcp", "PHYSICIAN")).await;
    add_member(clinic, "coordinator", &patient, ("nurse", "NURSE")).await;
    coordinator_cares(clinic, &patient).await;
    permission_written_down(clinic, &patient, "She may read it.").await;
    patient
}

#[tokio::test]
async fn a_patient_permits_something_and_makes_it_tighter_and_nobody_else_does() {
    let clinic = Clinic::open().await;
    let select = "patient { consentDirectives { id effect state giver until } }";
    let mut permit = permission(&clinic, "permit", "2027-05-22T00:00:00Z");
    permit["textVersion"] = json!("directive-permission-1");
    permit["textLanguage"] = json!("EN");
    let permitted = clinic.by("mira").done("permitAccess", of(&clinic), permit, select).await;
    let directive = &permitted["patient"]["consentDirectives"][0];
    let words = ["effect", "state", "giver"].map(|field| directive[field].as_str().expect("a word"));
    assert_eq!(words, ["PERMIT", "ACTIVE", "PATIENT"]);
    let until = |key: &str, until: &str| {
        let mut terms = permission(&clinic, key, until);
        terms["directiveId"] = directive["id"].clone();
        terms
    };
    let longer = until("longer", "2027-06-22T00:00:00Z");
    let refused = clinic.by("mira").act("tightenConsentDirective", of(&clinic), longer, "").await;
    assert_eq!(codes(&refused), ["NOT_TIGHTER"]);
    let shorter = until("shorter", "2027-02-22T00:00:00Z");
    let by_staff = clinic.by("pcp").act("tightenConsentDirective", of(&clinic), shorter.clone(), "").await;
    assert_eq!(codes(&by_staff), ["NOT_PERMITTED"]);
    let tightened = clinic.by("mira").done("tightenConsentDirective", of(&clinic), shorter, select).await;
    let directives = &tightened["patient"]["consentDirectives"];
    assert_eq!(text(directives, "/0/until"), "2027-02-22T00:00:00.000000Z");
    assert_eq!(directives.as_array().map(Vec::len), Some(1), "it is the same directive");
}

#[tokio::test]
async fn a_patient_confirms_or_refuses_what_staff_wrote_down_for_them() {
    let clinic = Clinic::open().await;
    let patient = clinic.patient.as_str();
    for word in ["Yes.", "No."] {
        permission_written_down(&clinic, patient, word).await;
    }
    let (yes, no) = (said(&clinic, "mira", patient, "Yes.").await, said(&clinic, "mira", patient, "No.").await);
    assert_eq!([&yes["state"], &yes["giver"]], [&json!("PROPOSED"), &json!("STAFF")]);
    let confirm = |key: &str, version: &str| json!({ "clientMutationId": key, "directiveId": yes["id"], "textVersion": version, "textLanguage": "ES" });
    let other = confirm("other", "directive-block-1");
    let refused = clinic.by("mira").act("confirmConsentDirective", of(&clinic), other, "").await;
    assert_eq!(codes(&refused), ["TEXT_NOT_SHOWN"], "that is the text of a block");
    let select = "patient { consentDirectives { id consentText { consent version language } } }";
    let input = confirm("yes", "directive-permission-1");
    let done = clinic.by("mira").done("confirmConsentDirective", of(&clinic), input, select).await;
    let shown = |directive: &Value| {
        let mut all = done["patient"]["consentDirectives"].as_array().expect("directives").iter();
        all.find(|each| each["id"] == directive["id"]).expect("a directive")["consentText"].clone()
    };
    let expected = json!({ "consent": "PERMISSION", "version": "directive-permission-1", "language": "ES" });
    assert_eq!((shown(&yes), shown(&no)), (expected, Value::Null));
    let confirmed = said(&clinic, "mira", patient, "Yes.").await;
    assert_eq!([&confirmed["state"], &confirmed["giver"]], [&json!("ACTIVE"), &json!("PATIENT")]);
    let refuse = |key: &str, id: &Value| json!({ "clientMutationId": key, "directiveId": id });
    clinic.by("mira").done("refuseConsentDirective", of(&clinic), refuse("no", &no["id"]), "").await;
    assert_eq!(said(&clinic, "mira", patient, "No.").await["state"], "REFUSED");
    let late = clinic.by("mira").act("refuseConsentDirective", of(&clinic), refuse("late", &yes["id"]), "").await;
    assert_eq!(codes(&late), ["NOT_IN_STATE"], "what is confirmed is ended, and not refused");
    // What is not there is named where its mutation has it.
    let missing = clinic.id("stranger");
    for (mutation, field) in [("refuseConsentDirective", "directiveId"), ("endBlock", "blockId")] {
        let input = json!({ "clientMutationId": mutation, field: missing });
        let answer = clinic.by("mira").act(mutation, of(&clinic), input, "").await;
        assert_eq!((codes(&answer), &answer["problems"][0]["path"]), (vec!["NOT_FOUND"], &json!(["input", field])));
    }
}

#[tokio::test]
async fn who_can_record_a_signed_paper_is_told_so_and_nobody_else_is() {
    let clinic = Clinic::open().await;
    let patient = without_account(&clinic).await;
    let word = "She may read it.";
    let at = Some(Target { argument: "patientId", id: patient.as_str() });
    let on_paper = |key: &str, id: &Value| json!({ "clientMutationId": key, "directiveId": id, "document": "Form 7." });
    let can = |seen: &Value| seen["viewerCanConfirmOnPaper"]["allowed"].clone();
    let by_nurse = said(&clinic, "nurse", &patient, word).await;
    assert_eq!(can(&by_nurse), json!(false), "it permits her: {by_nurse}");
    let input = on_paper("nurse", &by_nurse["id"]);
    let refused = clinic.by("nurse").act("confirmConsentDirectiveOnPaper", at, input, "").await;
    assert_eq!(codes(&refused), ["SAME_PERSON"]);
    // A patient with an account confirms it there.
    permission_written_down(&clinic, &clinic.patient, word).await;
    coordinator_cares(&clinic, &clinic.patient).await;
    let of_account = said(&clinic, "coordinator", &clinic.patient, word).await;
    assert_eq!(can(&of_account), json!(false), "{of_account}");
    let input = on_paper("account", &of_account["id"]);
    let refused = clinic.by("coordinator").act("confirmConsentDirectiveOnPaper", of(&clinic), input, "").await;
    assert_eq!(codes(&refused), ["HAS_ACCOUNT"]);

    let seen = said(&clinic, "coordinator", &patient, word).await;
    assert_eq!(can(&seen), json!(true), "{seen}");
    let input = on_paper("paper", &seen["id"]);
    clinic.by("coordinator").done("confirmConsentDirectiveOnPaper", at, input, "").await;
    let signed = said(&clinic, "coordinator", &patient, word).await;
    assert_eq!([&signed["state"], &signed["giver"]], [&json!("ACTIVE"), &json!("PATIENT")]);
    assert_eq!(text(&signed, "/document/text"), "Form 7.");
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
