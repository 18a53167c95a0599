//! Delegations and legal authorities over GraphQL: the whole road of two kinds, what each role sees, refusals, repeats.

use care::consent_text::{self, ConsentText};
use care::shown::Digest;
use care::words::{ConsentTextKind, TextLanguage};
use serde_json::{Value, json};

use crate::clinic::{Caller, Clinic, Target};
use crate::{codes, text};

const UNTIL: &str = "2027-05-23T09:00:00Z";

fn at(id: &str) -> Option<Target<'_>> {
    Some(Target { argument: "delegationId", id })
}

fn at_authority(id: &str) -> Option<Target<'_>> {
    Some(Target { argument: "legalAuthorityId", id })
}

/// To read and write consultations about clinical advice.
fn scope() -> Value {
    json!({
        "topics": [{ "topic": "CLINICAL_ADVICE", "read": true, "write": true }], "threadKinds": ["CONSULTATION"],
        "history": "ALL",
    })
}

/// An invitation of a friend who is not known here.
fn invitation(clinic: &Clinic, key: &str) -> Value {
    json!({
        "clientMutationId": key, "patientId": clinic.patient, "contact": "noor@example.org", "kind": "PATIENT_AUTHORISED",
        "relationship": "FRIEND", "scope": scope(), "until": UNTIL,
    })
}

fn accepted(key: &str, code: Option<&str>) -> Value {
    json!({ "clientMutationId": key, "code": code, "termsVersion": "2026-11", "ownAccount": true })
}

/// Gives a command and repeats it; returns the first payload.
async fn twice(by: &Caller<'_>, mutation: &str, target: Option<Target<'_>>, input: Value, select: &str) -> Value {
    let first = by.done(mutation, target, input.clone(), select).await;
    let again = by.done(mutation, target, input, select).await;
    assert_eq!((&first["replayed"], &again["replayed"]), (&json!(false), &json!(true)), "{mutation}");
    first
}

/// What a delegation shows of who helps.
const SEEN: &str = "id person { name { text } } relationship kind state topics { topic read } scope { managesHelpers }
    steps { kind by { name { text } } end notes { kind text { text } } }";

async fn seen(clinic: &Clinic, who: &str) -> Value {
    let query = format!("{{ delegations(patientId: {}) {{ {SEEN} }} }}", json!(clinic.patient));
    clinic.ask(who, &query).await["delegations"].clone()
}

async fn own(clinic: &Clinic, who: &str) -> Value {
    let query = "{ viewer { delegations { id patient { name { text } } relationship kind state isActive
        scope { topics { topic write } } } } }";
    clinic.ask(who, query).await["viewer"]["delegations"].clone()
}

async fn version_of(clinic: &Clinic, who: &str) -> Value {
    let query = "query($id: ID!, $scope: DelegationScopeInput!) { whatWouldOpen(patientId: $id, scope: $scope) {
        version threads { threadId topic isSensitive thread { id } } } }";
    let body = json!({ "query": query, "variables": { "id": clinic.patient, "scope": scope() } });
    let answer = clinic.post(who, &body, &[]).await.json();
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"]["whatWouldOpen"].clone()
}

fn checked(key: &str, version: &str) -> Value {
    let checks = json!({ "necessary": true, "relevant": true, "safe": true, "askedAlone": "ASKED" });
    json!({ "clientMutationId": key, "checks": checks, "seenVersion": version })
}

/// The version of the text by which somebody consents to help.
pub fn help_text() -> &'static str {
    current_help().version
}

fn current_help() -> ConsentText {
    consent_text::current(ConsentTextKind::Help, TextLanguage::En)
}

fn consent(key: &str, basis: &str) -> Value {
    json!({
        "clientMutationId": key, "basis": basis, "method": "WRITTEN", "textVersion": help_text(), "textLanguage": "EN", "scope": scope(),
        "givenAt": "2026-11-23T08:30:00Z",
    })
}

/// A friend of the patient who has access: the id of the delegation.
pub async fn active(clinic: &Clinic) -> String {
    let invited =
        twice(&clinic.by("mira"), "inviteDelegate", None, invitation(clinic, "i"), "invitationCode delegation { id }")
            .await;
    let (id, code) = (text(&invited, "/delegation/id").to_owned(), text(&invited, "/invitationCode").to_owned());
    let accept = accepted("a", Some(&code));
    twice(&clinic.by("stranger"), "acceptDelegation", at(&id), accept, "ownDelegation { state patient { id } }").await;
    let verify = json!({ "clientMutationId": "v", "method": "IN_PERSON", "level": "HIGH", "evidence": "A passport." });
    twice(&clinic.by("nurse"), "verifyDelegateIdentity", at(&id), verify, "delegation { state }").await;
    let list = version_of(clinic, "nurse").await;
    let pass = checked("s", text(&list, "/version"));
    twice(&clinic.by("nurse"), "passSafeguarding", at(&id), pass, "delegation { state }").await;
    twice(&clinic.by("mira"), "recordDelegationConsent", at(&id), consent("c", "PATIENT"), "delegation { state }")
        .await;
    id
}

/// The stranger represents the patient by law, and manages the other helpers: the id of the delegation. Before there is a
/// thread about the patient.
pub async fn represented(clinic: &Clinic) -> String {
    let record = json!({
        "clientMutationId": "deed", "patientId": clinic.patient, "personId": clinic.id("stranger"), "kind": "GUARDIANSHIP",
        "ground": "OWN_WILL", "document": "A deed.",
    });
    clinic.by("coordinator").done("recordLegalAuthority", None, record, "").await;
    let list = format!("{{ legalAuthorities(patientId: {}) {{ id }} }}", json!(clinic.patient));
    let listed = clinic.ask("nurse", &list).await;
    let authority = text(&listed, "/legalAuthorities/0/id");
    let mut reach = scope();
    reach["managesHelpers"] = json!(true);
    let limits = json!({ "topics": reach["topics"], "managesHelpers": true });
    let check = json!({
        "clientMutationId": "check", "limits": limits, "from": "2026-01-01T00:00:00Z", "evidence": "Seen in the original.",
    });
    clinic.by("nurse").done("verifyLegalAuthority", at_authority(authority), check, "").await;
    let invite = json!({
        "clientMutationId": "invite", "patientId": clinic.patient, "personId": clinic.id("stranger"), "scope": reach,
        "kind": "LEGAL_REPRESENTATIVE", "relationship": "GUARDIAN", "until": UNTIL, "legalAuthorityId": authority,
        "ground": "LAW",
    });
    let invited = clinic.by("nurse").done("inviteDelegate", None, invite, "delegation { id }").await;
    let id = text(&invited, "/delegation/id").to_owned();
    clinic.by("stranger").done("acceptDelegation", at(&id), accepted("accept", None), "").await;
    let verify =
        json!({ "clientMutationId": "verify", "method": "DOCUMENT", "level": "HIGH", "evidence": "A passport." });
    clinic.by("nurse").done("verifyDelegateIdentity", at(&id), verify, "").await;
    let pass = checked("pass", text(&version_of(clinic, "nurse").await, "/version"));
    clinic.by("nurse").done("passSafeguarding", at(&id), pass, "").await;
    let mut by_law = consent("consent", "LAW");
    by_law["scope"] = reach;
    by_law["ownWord"] = json!({ "word": "CONSENTS", "note": "She nods." });
    clinic.by("nurse").done("recordDelegationConsent", at(&id), by_law, "").await;
    id
}

#[tokio::test]
async fn a_friend_helps_from_the_invitation_by_a_code_to_the_end() {
    let clinic = Clinic::open().await;
    let (thread, _) = clinic.asked("q").await;
    let invited = twice(
        &clinic.by("mira"),
        "inviteDelegate",
        None,
        invitation(&clinic, "i"),
        "invitationCode delegation { id state }",
    )
    .await;
    let again = clinic.by("mira").done("inviteDelegate", None, invitation(&clinic, "i"), "invitationCode").await;
    assert_eq!(again["invitationCode"], invited["invitationCode"], "a repeat answers the same code");
    let (id, code) = (text(&invited, "/delegation/id"), text(&invited, "/invitationCode"));
    assert_eq!((text(&invited, "/delegation/state"), code.len()), ("INVITED", 32));
    let revoke = json!({ "clientMutationId": "other" });
    let by_other = clinic.by("specialist").act("revokeDelegation", at(id), revoke, "").await;
    assert_eq!(codes(&by_other), ["NOT_FOUND"], "that it is open tells nobody that it is there");

    let query = |code: &str| {
        format!(
            "{{ helpInvitation(code: {}) {{ delegationId relationship kind invitedByRole topics {{ topic }} recordKeeper {{ name }} }} }}",
            json!(code)
        )
    };
    let found = clinic.ask("stranger", &query(&code.to_uppercase())).await["helpInvitation"].clone();
    let expected = json!({
        "delegationId": id, "relationship": "FRIEND", "kind": "PATIENT_AUTHORISED", "invitedByRole": "PERSON",
        "topics": [{ "topic": "CLINICAL_ADVICE" }], "recordKeeper": { "name": "Practice" },
    });
    assert_eq!(found, expected, "it does not say whose helper it asks for");
    let wrong = clinic.ask("stranger", &query("0123456789abcdef0123456789abcdef")).await;
    let by_wrong = accepted("w", Some("0123456789abcdef0123456789abcdef"));
    let refused = clinic.by("stranger").act("acceptDelegation", at(id), by_wrong.clone(), "").await;
    let missing = clinic.by("stranger").act("acceptDelegation", at(clinic.id("mira")), by_wrong, "").await;
    assert_eq!((codes(&refused), &refused["problems"]), (vec!["NOT_FOUND"], &missing["problems"]));
    let own_code = clinic.by("mira").act("acceptDelegation", at(id), accepted("m", Some(code)), "").await;
    assert_ne!(codes(&own_code), [""; 0], "nobody helps themself");

    let accept = accepted("a", Some(code));
    let accepted =
        twice(&clinic.by("stranger"), "acceptDelegation", at(id), accept, "ownDelegation { state patient { id } }")
            .await;
    assert_eq!(accepted["ownDelegation"], json!({ "state": "ACCEPTED", "patient": null }));
    let used = clinic.ask("stranger", &query(code)).await;
    assert_eq!((&used, &used["helpInvitation"]), (&wrong, &Value::Null), "used and wrong are answered alike");

    let verify = json!({ "clientMutationId": "v", "method": "IN_PERSON", "level": "HIGH", "evidence": "A passport." });
    let by_pcp = clinic.by("pcp").act("verifyDelegateIdentity", at(id), verify.clone(), "").await;
    assert_eq!(codes(&by_pcp), ["NOT_PERMITTED"]);
    twice(&clinic.by("nurse"), "verifyDelegateIdentity", at(id), verify, "delegation { state }").await;
    let list = version_of(&clinic, "nurse").await;
    let opened =
        json!([{ "threadId": thread, "topic": "CLINICAL_ADVICE", "isSensitive": false, "thread": { "id": thread } }]);
    assert_eq!(list["threads"], opened);
    assert_eq!(version_of(&clinic, "mira").await, list, "the patient sees the same list");
    for who in ["pcp", "stranger", "specialist"] {
        assert_eq!(version_of(&clinic, who).await, Value::Null, "{who}");
    }
    let other = checked("o", &"0".repeat(64));
    let changed = clinic.by("nurse").act("passSafeguarding", at(id), other, "").await;
    assert_eq!(codes(&changed), ["OPENED_LIST_CHANGED"]);
    assert_eq!(changed["problems"][0]["path"], json!(["input", "seenVersion"]));
    let pass = checked("s", text(&list, "/version"));
    twice(&clinic.by("nurse"), "passSafeguarding", at(id), pass, "delegation { state }").await;
    let by_staff = clinic.by("nurse").act("recordDelegationConsent", at(id), consent("n", "PATIENT"), "").await;
    assert_eq!(codes(&by_staff), ["STAFF_CANNOT_CONSENT"]);
    let done =
        twice(&clinic.by("mira"), "recordDelegationConsent", at(id), consent("c", "PATIENT"), "delegation { state }")
            .await;
    assert_eq!(text(&done, "/delegation/state"), "ACTIVE");

    let mine = own(&clinic, "stranger").await;
    let expected = json!([{
        "id": id, "patient": { "name": { "text": "Mira Patient" } }, "relationship": "FRIEND", "kind": "PATIENT_AUTHORISED",
        "state": "ACTIVE", "isActive": true, "scope": { "topics": [{ "topic": "CLINICAL_ADVICE", "write": true }] },
    }]);
    assert_eq!(mine, expected);
    let found = clinic.ask("stranger", &format!("{{ thread(id: {}) {{ id }} }}", json!(thread))).await;
    assert_eq!(found["thread"]["id"], json!(thread));

    let suspend = json!({ "clientMutationId": "p", "reason": "A quarrel." });
    twice(&clinic.by("mira"), "suspendDelegation", at(id), suspend, "delegation { state }").await;
    let resume = json!({
        "clientMutationId": "r", "reason": "They made up.", "checks": checked("x", "x")["checks"],
        "patientWord": "I want her help again.",
    });
    twice(&clinic.by("nurse"), "resumeDelegation", at(id), resume, "delegation { state }").await;
    // What less would close, for who may take it away.
    let closes = async |who: &str, delegation: &str, scope: Value| {
        let query =
            "query($id: ID!, $scope: DelegationScopeInput) { whatWouldClose(delegationId: $id, scope: $scope) }";
        let variables = json!({ "id": delegation, "scope": scope });
        clinic.post(who, &json!({ "query": query, "variables": variables }), &[]).await.json()["data"]["whatWouldClose"]
            .clone()
    };
    let none = json!({ "topics": [], "history": "ALL" });
    for who in ["mira", "stranger", "nurse"] {
        assert_eq!(closes(who, id, none.clone()).await, json!(1), "{who}");
        assert_eq!(closes(who, id, Value::Null).await, json!(1), "{who}");
        assert_eq!(closes(who, id, scope()).await, json!(0), "{who}");
    }
    let mut topic_twice = scope();
    topic_twice["topics"] = json!([scope()["topics"][0], scope()["topics"][0]]);
    assert_eq!(closes("mira", id, topic_twice).await, Value::Null);
    for (who, delegation) in [("specialist", id), ("pcp", id), ("mira", thread.as_str())] {
        assert_eq!(closes(who, delegation, none.clone()).await, Value::Null, "{who}");
    }
    let mut less = scope();
    less["topics"][0]["write"] = json!(false);
    let narrow = json!({ "clientMutationId": "l", "scope": less });
    twice(&clinic.by("stranger"), "narrowDelegation", at(id), narrow, "delegation { id }").await;
    let wide = json!({ "clientMutationId": "m", "scope": scope() });
    assert_eq!(codes(&clinic.by("mira").act("narrowDelegation", at(id), wide, "").await), ["NOT_NARROWER"]);
    let widen = json!({
        "clientMutationId": "w", "scope": scope(), "method": "ELECTRONIC", "textVersion": help_text(), "textLanguage": "EN",
        "seenVersion": version_of(&clinic, "mira").await["version"],
    });
    twice(&clinic.by("mira"), "widenDelegation", at(id), widen, "delegation { state }").await;
    let renew = json!({
        "clientMutationId": "e", "until": "2027-11-20T09:00:00Z", "method": "ELECTRONIC", "textVersion": help_text(), "textLanguage": "EN",
    });
    twice(&clinic.by("mira"), "renewDelegation", at(id), renew, "delegation { until }").await;
    let revoke = json!({ "clientMutationId": "z" });
    let ended = twice(&clinic.by("mira"), "revokeDelegation", at(id), revoke, "delegation { state }").await;
    assert_eq!(text(&ended, "/delegation/state"), "ENDED");
    let query = format!(
        "{{ delegation(id: {}) {{ steps {{ kind delegate {{ kind relationship authority }} }} }} }}",
        json!(id)
    );
    let steps = clinic.ask("mira", &query).await;
    let steps = steps.pointer("/delegation/steps").and_then(Value::as_array).expect("steps");
    let by = |kind: &str| steps.iter().find(|step| step["kind"] == kind).map(|step| step["delegate"].clone());
    let friend = json!({ "kind": "PATIENT_AUTHORISED", "relationship": "FRIEND", "authority": null });
    assert_eq!((by("NARROWED"), by("WIDENED")), (Some(friend), Some(Value::Null)), "she gave some of it back herself");
    let mine = own(&clinic, "stranger").await;
    assert_eq!((&mine[0]["state"], &mine[0]["patient"]), (&json!("ENDED"), &Value::Null));
    let gone = clinic.ask("stranger", &format!("{{ thread(id: {}) {{ id }} }}", json!(thread))).await;
    assert_eq!(gone["thread"], Value::Null);
    let late = json!({ "clientMutationId": "late" });
    let late = clinic.by("mira").act("revokeDelegation", at(id), late, "").await;
    assert_eq!((codes(&late), text(&late, "/problems/0/state")), (vec!["NOT_IN_STATE"], "ENDED"));
}

#[tokio::test]
async fn each_role_sees_of_a_helper_what_it_needs() {
    let clinic = Clinic::open().await;
    let id = active(&clinic).await;
    let patient = seen(&clinic, "mira").await;
    let steps = patient[0]["steps"].as_array().expect("steps");
    let kinds: Vec<&str> = steps.iter().map(|step| text(step, "/kind")).collect();
    let whole = ["INVITED", "ACCEPTED", "IDENTITY_VERIFIED", "SAFEGUARDING_PASSED", "CONSENTED", "ACTIVATED"];
    assert_eq!(kinds, whole);
    let contact = json!([{ "kind": "CONTACT", "text": { "text": "noor@example.org" } }]);
    let evidence = json!([{ "kind": "EVIDENCE", "text": { "text": "A passport." } }]);
    assert_eq!((&steps[0]["notes"], &steps[2]["notes"], &steps[1]["notes"]), (&contact, &evidence, &json!([])));
    assert_eq!(seen(&clinic, "nurse").await, patient, "who verifies reads the evidence too");

    let physicians = seen(&clinic, "pcp").await;
    let who = json!([{
        "id": id, "person": { "name": { "text": "stranger" } }, "relationship": "FRIEND", "kind": "PATIENT_AUTHORISED",
        "state": "ACTIVE", "topics": [{ "topic": "CLINICAL_ADVICE", "read": true }], "scope": null, "steps": null,
    }]);
    assert_eq!(physicians, who);

    // Who may not know of it has one answer, whether or not there is such a patient or delegation.
    for who in ["stranger", "specialist", "coordinator"] {
        assert_eq!(seen(&clinic, who).await, Value::Null, "{who}");
        let ids = [id.as_str(), clinic.patient.as_str(), "no id"];
        for query in ["delegation", "legalAuthority"] {
            for id in ids {
                let asked = format!("{{ {query}(id: {}) {{ id }} }}", json!(id));
                assert_eq!(clinic.ask(who, &asked).await[query], Value::Null, "{query} by {who}");
            }
        }
    }
    let of_other = format!("{{ ownDelegation(id: {}) {{ id }} }}", json!(id));
    assert_eq!(clinic.ask("mira", &of_other).await["ownDelegation"], Value::Null);
    assert_eq!(text(&clinic.ask("stranger", &of_other).await, "/ownDelegation/id"), id);

    let can = "viewerCanSuspend { allowed reason } viewerCanResume { allowed reason } viewerCanWiden { allowed }";
    let buttons = async |who: &str| {
        let query = format!("{{ delegation(id: {}) {{ {can} }} }}", json!(id));
        let shown = clinic.ask(who, &query).await["delegation"].clone();
        let on = |name: &str| (shown[name]["allowed"].clone(), shown[name]["reason"].clone());
        (on("viewerCanSuspend"), on("viewerCanResume"), shown["viewerCanWiden"]["allowed"].clone())
    };
    let (yes, no) = ((json!(true), Value::Null), |reason: &str| (json!(false), json!(reason)));
    assert_eq!(buttons("mira").await, (yes.clone(), no("NOT_YOUR_ROLE"), json!(true)));
    assert_eq!(buttons("nurse").await, (yes, no("NOT_IN_STATE"), json!(false)));
    assert_eq!(buttons("pcp").await, (no("NOT_YOUR_ROLE"), no("NOT_YOUR_ROLE"), json!(false)));
}

#[tokio::test]
async fn the_patient_reads_under_which_delegation_a_helper_read() {
    let clinic = Clinic::open().await;
    let id = active(&clinic).await;
    assert_eq!(text(&own(&clinic, "stranger").await, "/0/patient/name/text"), "Mira Patient");
    let query = format!(
        "{{ patient(id: {}) {{ accessRecords(first: 100) {{ nodes {{ action person {{ id }} delegation {{ id kind relationship authority }} }} }} }} }}",
        json!(clinic.patient)
    );
    let listed = clinic.ask("mira", &query).await;
    let records = listed.pointer("/patient/accessRecords/nodes").and_then(Value::as_array).expect("records");
    let by_helper: Vec<&Value> =
        records.iter().filter(|record| record["person"]["id"] == json!(clinic.id("stranger"))).collect();
    let under = json!({ "id": id, "kind": "PATIENT_AUTHORISED", "relationship": "FRIEND", "authority": null });
    assert!(!by_helper.is_empty(), "{listed}");
    assert!(
        by_helper.iter().any(|record| record["action"] == "patient.read" && record["delegation"] == under),
        "{listed}"
    );
    let by_nurse = records.iter().filter(|record| record["person"]["id"] == json!(clinic.id("nurse")));
    assert!(by_nurse.into_iter().all(|record| record["delegation"].is_null()));
}

#[tokio::test]
async fn a_guardian_rests_on_a_legal_authority() {
    let clinic = Clinic::open().await;
    let record = json!({
        "clientMutationId": "d", "patientId": clinic.patient, "personId": clinic.id("stranger"), "kind": "GUARDIANSHIP",
        "ground": "OWN_WILL", "document": "Court order 7 in the archive.",
    });
    let filed = twice(&clinic.by("coordinator"), "recordLegalAuthority", None, record, "legalAuthority { id }").await;
    assert_eq!(filed["legalAuthority"], Value::Null, "a registrar files a document and does not read it");
    let list = format!(
        "{{ legalAuthorities(patientId: {}) {{ id state steps {{ kind text {{ text }} }} }} }}",
        json!(clinic.patient)
    );
    let listed = clinic.ask("nurse", &list).await;
    let authority = text(&listed, "/legalAuthorities/0/id");
    assert_eq!(text(&listed, "/legalAuthorities/0/steps/0/text/text"), "Court order 7 in the archive.");
    for who in ["coordinator", "pcp", "stranger"] {
        assert_eq!(clinic.ask(who, &list).await["legalAuthorities"], Value::Null, "{who}");
    }

    let invite = |key: &str| {
        json!({
            "clientMutationId": key, "patientId": clinic.patient, "personId": clinic.id("stranger"), "scope": scope(),
            "kind": "LEGAL_REPRESENTATIVE", "relationship": "GUARDIAN", "until": UNTIL, "legalAuthorityId": authority,
            "ground": "LAW",
        })
    };
    let invited =
        twice(&clinic.by("nurse"), "inviteDelegate", None, invite("i"), "invitationCode delegation { id }").await;
    assert_eq!(invited["invitationCode"], Value::Null, "an invitation that names a person has no code");
    let id = text(&invited, "/delegation/id");
    let twin = clinic.by("nurse").act("inviteDelegate", None, invite("twin"), "").await;
    assert_eq!(codes(&twin), ["ALREADY_DELEGATE"]);
    let open = clinic.ask("stranger", "{ viewer { helpInvitations { delegationId kind invitedByRole } } }").await;
    let expected = json!([{ "delegationId": id, "kind": "LEGAL_REPRESENTATIVE", "invitedByRole": "NURSE" }]);
    assert_eq!(open["viewer"]["helpInvitations"], expected);
    let other = clinic.by("specialist").act("acceptDelegation", at(id), accepted("o", None), "").await;
    assert_eq!(codes(&other), ["NOT_FOUND"]);
    twice(&clinic.by("stranger"), "acceptDelegation", at(id), accepted("a", None), "ownDelegation { state }").await;
    let verify = |key: &str| json!({ "clientMutationId": key, "method": "DOCUMENT", "level": "HIGH", "evidence": "A passport." });
    let early = clinic.by("nurse").act("verifyDelegateIdentity", at(id), verify("early"), "").await;
    assert_eq!(codes(&early), ["AUTHORITY_NOT_VERIFIED"]);

    let limits = json!({ "topics": [{ "topic": "CLINICAL_ADVICE", "read": true, "write": true }] });
    let check = json!({
        "clientMutationId": "k", "limits": limits, "from": "2026-01-01T00:00:00Z", "evidence": "Seen in the original.",
    });
    let held =
        twice(&clinic.by("nurse"), "verifyLegalAuthority", at_authority(authority), check, "legalAuthority { state }")
            .await;
    assert_eq!(text(&held, "/legalAuthority/state"), "VERIFIED");
    twice(&clinic.by("nurse"), "verifyDelegateIdentity", at(id), verify("v"), "delegation { state }").await;
    let pass = checked("s", text(&version_of(&clinic, "nurse").await, "/version"));
    twice(&clinic.by("nurse"), "passSafeguarding", at(id), pass, "delegation { state }").await;
    let mut by_law = consent("c", "LAW");
    let silent = clinic.by("nurse").act("recordDelegationConsent", at(id), by_law.clone(), "").await;
    assert_eq!(codes(&silent), ["OWN_WORD_MISSING"]);
    by_law["clientMutationId"] = json!("c2");
    by_law["ownWord"] = json!({ "word": "CONSENTS", "note": "She nods." });
    let done = twice(&clinic.by("nurse"), "recordDelegationConsent", at(id), by_law, "delegation { state }").await;
    assert_eq!(text(&done, "/delegation/state"), "ACTIVE");

    // What the guardian writes names the right by law.
    let (thread, _) = clinic.asked("q").await;
    let post = json!({ "clientMutationId": "p", "audience": "EVERYONE", "body": "He slept well." });
    let in_thread = Some(Target { argument: "threadId", id: &thread });
    clinic.by("stranger").done("postMessage", in_thread, post, "").await;
    let query = format!(
        "{{ thread(id: {}) {{ messages(last: 1) {{ nodes {{ author {{ id }} delegate {{ kind relationship authority }} }} }} }} }}",
        json!(thread)
    );
    let shown = clinic.ask("mira", &query).await;
    let by_law = json!({ "kind": "LEGAL_REPRESENTATIVE", "relationship": "GUARDIAN", "authority": "GUARDIANSHIP" });
    assert_eq!(shown["thread"]["messages"]["nodes"][0]["delegate"], by_law);

    let dispute = json!({ "clientMutationId": "x", "reason": "He moved away." });
    let disputed = twice(
        &clinic.by("mira"),
        "disputeLegalAuthority",
        at_authority(authority),
        dispute,
        "legalAuthority { state }",
    )
    .await;
    assert_eq!(text(&disputed, "/legalAuthority/state"), "DISPUTED");
    let uphold = json!({ "clientMutationId": "u", "reason": "It holds." });
    let by_nurse = clinic.by("nurse").act("upholdLegalAuthority", at_authority(authority), uphold, "").await;
    assert_eq!(codes(&by_nurse), ["NOT_PERMITTED"], "the privacy officer decides a dispute");
    let reject = json!({ "clientMutationId": "r", "reason": "Never valid." });
    let late = clinic.by("nurse").act("rejectLegalAuthority", at_authority(authority), reject, "").await;
    assert_eq!((codes(&late), text(&late, "/problems/0/state")), (vec!["NOT_IN_STATE"], "DISPUTED"));
    let end =
        |at: &str| json!({ "clientMutationId": format!("e{at}"), "reason": "The court ended it.", "endedAt": at });
    let future = end("2026-12-01T00:00:00Z");
    let future = clinic.by("nurse").act("endLegalAuthority", at_authority(authority), future, "").await;
    assert_eq!(codes(&future), ["IN_FUTURE"]);
    let past = end("2026-11-20T00:00:00Z");
    let ended =
        twice(&clinic.by("nurse"), "endLegalAuthority", at_authority(authority), past, "legalAuthority { state }")
            .await;
    assert_eq!(text(&ended, "/legalAuthority/state"), "ENDED");
}

#[tokio::test]
async fn all_that_is_wrong_with_an_invitation_is_said_at_once() {
    let clinic = Clinic::open().await;
    let mut wrong = invitation(&clinic, "i");
    wrong["contact"] = Value::Null;
    wrong["scope"] = json!({ "history": "ALL" });
    wrong["until"] = json!("2026-01-01T00:00:00Z");
    let refused = clinic.by("mira").act("inviteDelegate", None, wrong, "invitationCode delegation { id }").await;
    assert_eq!(codes(&refused), ["CONTACT_MISSING", "SCOPE_EMPTY", "UNTIL_NOT_AHEAD"]);
    assert_eq!((&refused["invitationCode"], &refused["delegation"]), (&Value::Null, &Value::Null));
    let mut twofold = invitation(&clinic, "t");
    twofold["scope"]["topics"] = json!([{ "topic": "RESULTS", "read": true }, { "topic": "RESULTS", "read": false }]);
    twofold["contact"] = json!(" ");
    let refused = clinic.by("mira").act("inviteDelegate", None, twofold, "").await;
    assert_eq!(codes(&refused), ["EMPTY", "MALFORMED"]);
    assert_eq!(refused["problems"][1]["path"], json!(["input", "scope", "topics", "1"]));

    // Staff invite with the patient, and nobody invites for a patient of whom they do not know.
    let behind = clinic.by("nurse").act("inviteDelegate", None, invitation(&clinic, "n"), "").await;
    assert_eq!(codes(&behind), ["PATIENT_NOT_PRESENT"]);
    let mut missing = invitation(&clinic, "s");
    let forbidden = clinic.by("stranger").act("inviteDelegate", None, missing.clone(), "").await;
    missing["patientId"] = json!("none");
    let missing = clinic.by("stranger").act("inviteDelegate", None, missing, "").await;
    assert_eq!((codes(&forbidden), &forbidden["problems"]), (vec!["NOT_FOUND"], &missing["problems"]));
    assert_eq!(forbidden["problems"][0]["path"], json!(["input", "patientId"]));
}

#[tokio::test]
async fn an_invitation_that_was_declined_or_taken_back_is_answered_as_a_wrong_code() {
    let clinic = Clinic::open().await;
    let mut answers = Vec::new();
    for (key, who, mutation) in [("d", "stranger", "declineDelegation"), ("r", "mira", "revokeDelegation")] {
        let invited = clinic
            .by("mira")
            .done("inviteDelegate", None, invitation(&clinic, key), "invitationCode delegation { id }")
            .await;
        let (id, code) = (text(&invited, "/delegation/id"), text(&invited, "/invitationCode"));
        let mut end = json!({ "clientMutationId": format!("end{key}") });
        if who == "stranger" {
            end["code"] = json!(code);
        }
        clinic.by(who).done(mutation, at(id), end, "").await;
        let query = format!("{{ helpInvitation(code: {}) {{ delegationId }} }}", json!(code));
        answers.push(clinic.ask("stranger", &query).await);
        let late = clinic.by("stranger").act("acceptDelegation", at(id), accepted("late", Some(code)), "").await;
        assert_eq!(codes(&late), ["NOT_FOUND"], "{mutation}");
    }
    answers.push(clinic.ask("stranger", "{ helpInvitation(code: \"x\") { delegationId } }").await);
    assert!(answers.iter().all(|answer| answer["helpInvitation"].is_null()), "{answers:?}");

    let checks_failed = json!({ "clientMutationId": "f", "reason": "Nobody knows them." });
    let invited = clinic
        .by("mira")
        .done("inviteDelegate", None, invitation(&clinic, "g"), "invitationCode delegation { id }")
        .await;
    let (id, code) = (text(&invited, "/delegation/id"), text(&invited, "/invitationCode"));
    clinic.by("stranger").done("acceptDelegation", at(id), accepted("g", Some(code)), "").await;
    twice(&clinic.by("nurse"), "failDelegateIdentity", at(id), checks_failed, "delegation { state }").await;
    let told = own(&clinic, "stranger").await;
    assert!(!told.to_string().contains("FAILED"), "the helper is told that it ended, and not why: {told}");
    let all = seen(&clinic, "mira").await;
    let failed = all.as_array().expect("delegations").iter().find(|each| each["id"] == id).expect("it is listed");
    assert_eq!(failed["steps"][2]["end"], "IDENTITY_FAILED");
}

/// What waits for a person as staff: the state, whether it has a due time, and the name of the patient.
async fn waiting(clinic: &Clinic, who: &str) -> Value {
    let query = "{ viewer { waitingDelegations { state dueAt patient { name { text } } } } }";
    clinic.ask(who, query).await["viewer"]["waitingDelegations"].clone()
}

/// The practice of the clinic, with a calendar and a privacy officer: the specialist, who works elsewhere.
pub async fn practice_with_calendar_and_officer(clinic: &Clinic) {
    let organizations = clinic.ask("admin", "{ viewer { organizations { id name } } }").await;
    let all = organizations["viewer"]["organizations"].as_array().expect("organizations");
    let practice = all.iter().find(|each| each["name"] == "Practice").expect("the practice")["id"].clone();
    let hours = json!([{ "opens": 540, "closes": 1020 }]);
    let calendar = json!({
        "clientMutationId": "practice", "zone": "Europe/Vienna", "holidays": [],
        "week": { "monday": hours, "tuesday": hours, "wednesday": hours, "thursday": hours, "friday": hours },
        "answerMinutes": { "routine": 2400, "urgent": 480 },
    });
    let of = Some(Target { argument: "organizationId", id: practice.as_str().expect("an id") });
    clinic.by("admin").done("setCalendar", of, calendar, "organization { name }").await;
    let role = json!({ "clientMutationId": "privacy", "organizationId": practice, "role": "PRIVACY_OFFICER" });
    let officer = Some(Target { argument: "personId", id: clinic.id("specialist") });
    clinic.by("admin").done("grantRole", officer, role, "personId").await;
}

#[tokio::test]
async fn what_waits_for_staff_is_listed_for_who_can_take_the_next_step() {
    let clinic = Clinic::open().await;
    practice_with_calendar_and_officer(&clinic).await;
    let select = "invitationCode delegation { id }";
    let invited = clinic.by("mira").done("inviteDelegate", None, invitation(&clinic, "i"), select).await;
    let (id, code) = (text(&invited, "/delegation/id"), text(&invited, "/invitationCode"));
    assert_eq!(waiting(&clinic, "nurse").await, json!([]), "an invitation waits for the invited person");
    clinic.by("stranger").done("acceptDelegation", at(id), accepted("a", Some(code)), "").await;
    let waits = |state: &str, due: &str| json!([{ "state": state, "dueAt": due, "patient": { "name": { "text": "Mira Patient" } } }]);
    // Five business days after Monday at ten.
    let monday = "2026-11-30T09:00:00.000000Z";
    assert_eq!(waiting(&clinic, "nurse").await, waits("ACCEPTED", monday));
    for who in ["pcp", "coordinator", "specialist", "stranger", "mira", "centre_coordinator"] {
        assert_eq!(waiting(&clinic, who).await, json!([]), "{who} takes no step");
    }
    let verify = json!({ "clientMutationId": "v", "method": "IN_PERSON", "level": "HIGH", "evidence": "A passport." });
    clinic.by("nurse").done("verifyDelegateIdentity", at(id), verify, "").await;
    assert_eq!(waiting(&clinic, "nurse").await, waits("IDENTITY_VERIFIED", monday));
    let pass = checked("s", text(&version_of(&clinic, "nurse").await, "/version"));
    clinic.by("nurse").done("passSafeguarding", at(id), pass, "").await;
    assert_eq!(waiting(&clinic, "nurse").await, waits("SAFEGUARDING_CHECKED", "2026-12-07T09:00:00.000000Z"));
    clinic.by("mira").done("recordDelegationConsent", at(id), consent("c", "PATIENT"), "").await;
    assert_eq!(waiting(&clinic, "nurse").await, json!([]), "what is active waits for nobody");

    let suspend = json!({ "clientMutationId": "p", "reason": "A quarrel." });
    clinic.by("nurse").done("suspendDelegation", at(id), suspend, "").await;
    assert_eq!(waiting(&clinic, "nurse").await, waits("SUSPENDED", monday));
    let without_name = json!([{ "state": "SUSPENDED", "dueAt": monday, "patient": null }]);
    assert_eq!(waiting(&clinic, "specialist").await, without_name, "a privacy officer reviews and reads no patient");
    assert_eq!(waiting(&clinic, "pcp").await, json!([]));
    let resume = |key: &str| json!({ "clientMutationId": key, "reason": "It is settled.", "checks": checked("x", "x")["checks"] });
    let same = clinic.by("nurse").act("resumeDelegation", at(id), resume("r"), "").await;
    assert_eq!(codes(&same), ["SAME_PERSON"], "who took the access away does not give it back");
    clinic.by("specialist").done("resumeDelegation", at(id), resume("q"), "").await;
    assert_eq!(waiting(&clinic, "specialist").await, json!([]));
}

#[tokio::test]
async fn a_scope_lists_threads_of_which_one_knows_and_opens_those_alone() {
    let clinic = Clinic::open().await;
    let (first, _) = clinic.asked("first").await;
    let (second, _) = clinic.asked("second").await;
    let query = format!("{{ threadsToList(patientId: {}) {{ threadId thread {{ id }} }} }}", json!(clinic.patient));
    for who in ["mira", "nurse"] {
        let found = clinic.ask(who, &query).await["threadsToList"].clone();
        let found = found.as_array().expect("threads");
        let mut listed: Vec<&str> = found.iter().map(|each| text(each, "/threadId")).collect();
        listed.sort_unstable();
        let mut both = vec![first.as_str(), second.as_str()];
        both.sort_unstable();
        assert_eq!(listed, both, "{who}");
    }
    for who in ["pcp", "stranger", "coordinator"] {
        assert_eq!(clinic.ask(who, &query).await["threadsToList"], Value::Null, "{who}");
    }
    let topics = json!([{ "topic": "CLINICAL_ADVICE", "read": true }]);
    let only = json!({ "topics": topics, "threadIds": [first], "history": "ALL" });
    let open = "query($id: ID!, $scope: DelegationScopeInput!) { whatWouldOpen(patientId: $id, scope: $scope) {
        threads { threadId } } }";
    let body = json!({ "query": open, "variables": { "id": clinic.patient, "scope": only } });
    let opened = clinic.post("mira", &body, &[]).await.json();
    assert_eq!(opened["data"]["whatWouldOpen"]["threads"], json!([{ "threadId": first }]));
}

#[tokio::test]
async fn staff_check_a_wider_scope_and_the_patient_agrees_to_it() {
    let clinic = Clinic::open().await;
    clinic.asked("q").await;
    let id = active(&clinic).await;
    let mut wide = scope();
    wide["topics"][0]["act"] = json!(true);
    let list = version_of(&clinic, "mira").await;
    let version = text(&list, "/version");
    let widen = |key: &str| {
        json!({
            "clientMutationId": key, "scope": wide, "method": "ELECTRONIC", "textVersion": help_text(), "textLanguage": "EN",
            "seenVersion": version,
        })
    };
    let alone = clinic.by("mira").act("widenDelegation", at(&id), widen("w"), "").await;
    assert_eq!(codes(&alone), ["SAFEGUARDING_NEEDED"]);
    assert_eq!(alone["problems"][0]["path"], json!(["input", "scope"]));
    let same = clinic.by("nurse").act("passSafeguarding", at(&id), checked("same", version), "").await;
    assert_eq!(codes(&same), ["NOT_WIDER"], "an active delegation is checked for more");
    let check = |key: &str| {
        let mut check = checked(key, version);
        check["scope"] = wide.clone();
        check
    };
    for who in ["pcp", "mira"] {
        let by_other = clinic.by(who).act("passSafeguarding", at(&id), check("o"), "").await;
        assert_eq!(codes(&by_other), ["NOT_PERMITTED"], "{who}");
    }
    let select = "delegation { state scope { topics { act } } steps { kind scope { topics { act } } } }";
    let done = twice(&clinic.by("nurse"), "passSafeguarding", at(&id), check("wide"), select).await;
    let delegation = &done["delegation"];
    let acts = |act: bool| json!({ "topics": [{ "act": act }] });
    assert_eq!((&delegation["state"], &delegation["scope"]), (&json!("ACTIVE"), &acts(false)), "it gives nothing yet");
    let last = delegation["steps"].as_array().and_then(|steps| steps.last()).expect("a step");
    assert_eq!(*last, json!({ "kind": "WIDENING_CHECKED", "scope": acts(true) }));
    let widened = twice(
        &clinic.by("mira"),
        "widenDelegation",
        at(&id),
        widen("again"),
        "delegation { scope { topics { act } } }",
    )
    .await;
    assert_eq!(widened["delegation"]["scope"], acts(true));
}

#[tokio::test]
async fn who_verifies_helpers_files_a_document_that_somebody_else_checks() {
    let clinic = Clinic::open().await;
    let record = |key: &str| {
        json!({
            "clientMutationId": key, "patientId": clinic.patient, "personId": clinic.id("stranger"),
            "kind": "GUARDIANSHIP", "ground": "OWN_WILL", "document": "Court order 7 in the archive.",
        })
    };
    let by_friend = clinic.by("stranger").act("recordLegalAuthority", None, record("s"), "").await;
    assert_eq!(codes(&by_friend), ["NOT_FOUND"]);
    let select = "legalAuthority { id state }";
    let filed = twice(&clinic.by("nurse"), "recordLegalAuthority", None, record("d"), select).await;
    assert_eq!(text(&filed, "/legalAuthority/state"), "RECORDED");
    let check = json!({
        "clientMutationId": "k", "limits": { "topics": [{ "topic": "CLINICAL_ADVICE", "read": true }] },
        "from": "2026-01-01T00:00:00Z", "evidence": "Seen in the original.",
    });
    let authority = at_authority(text(&filed, "/legalAuthority/id"));
    let by_herself = clinic.by("nurse").act("verifyLegalAuthority", authority, check, "").await;
    assert_eq!(codes(&by_herself), ["SAME_PERSON"]);
}

#[tokio::test]
async fn a_client_shows_the_text_of_a_consent_and_what_was_consented_to_can_be_read_afterwards() {
    let clinic = Clinic::open().await;
    let text_fields = "consent version language text sha256 isCurrent";
    let texts = clinic.ask("mira", &format!("{{ consentTexts {{ {text_fields} }} }}")).await;
    let texts = texts["consentTexts"].as_array().expect("texts");
    let of = |kind: &str, language: &str| {
        let is_it =
            |text: &&Value| text["consent"] == kind && text["language"] == language && text["isCurrent"] == true;
        texts.iter().find(is_it).expect("a text").clone()
    };
    let (help, permission) = (of("HELP", "EN"), of("PERMISSION", "EN"));
    let hash = Digest::parse(text(&help, "/sha256")).expect("a hash");
    assert_eq!((help["version"].as_str(), hash), (Some(help_text()), current_help().sha256));
    assert_eq!(text(&help, "/text"), current_help().text);

    let id = active(&clinic).await;
    let renew = |key: &str, version: &Value, language: Value| {
        json!({
            "clientMutationId": key, "until": "2027-11-20T09:00:00Z", "method": "ELECTRONIC", "textVersion": version,
            "textLanguage": language,
        })
    };
    let outdated = renew("outdated", &json!("helper-consent-1"), json!("EN"));
    let other = renew("other", &permission["version"], json!("EN"));
    let in_no_language = renew("no-language", &help["version"], Value::Null);
    for input in [outdated, other, in_no_language] {
        let refused = clinic.by("mira").act("renewDelegation", at(&id), input, "").await;
        assert_eq!(codes(&refused), ["TEXT_NOT_SHOWN"]);
        assert_eq!(refused["problems"][0]["path"], json!(["input", "textVersion"]));
        let message = text(&refused, "/problems/0/message");
        assert!(message.contains(help_text()), "it says what to show: {message}");
    }
    let seen = async || {
        let query = format!(
            "{{ delegation(id: {}) {{ consentText {{ {text_fields} }} steps {{ kind consentText {{ {text_fields} }} }} }} }}",
            json!(id)
        );
        clinic.ask("mira", &query).await["delegation"].clone()
    };
    let step = |seen: &Value, kind: &str| {
        let steps = seen["steps"].as_array().expect("steps");
        steps.iter().find(|step| step["kind"] == kind).expect("a step")["consentText"].clone()
    };
    let before = seen().await;
    assert_eq!((&before["consentText"], &step(&before, "CONSENTED")), (&help, &help));
    assert_eq!(step(&before, "ACCEPTED"), Value::Null, "the helper accepted terms, which are no consent");
    let later = renew("later", &help["version"], json!("ES"));
    twice(&clinic.by("mira"), "renewDelegation", at(&id), later, "delegation { until }").await;
    let after = seen().await;
    assert_eq!((&after["consentText"], &step(&after, "RENEWED")), (&of("HELP", "ES"), &of("HELP", "ES")));
    assert_eq!(step(&after, "CONSENTED"), help, "it stays what it was");
}
