//! Patients over GraphQL: the warning of a second record, the link to a person, corrections, deaths and protection notes, the
//! list.

use serde_json::{Value, json};

use crate::clinic::{Clinic, Target};
use crate::organization;

const PROBLEMS: &str = "problems { code path ... on DuplicateProblem { candidateIds candidates { id name { text } birthDate { text } } } }";

fn of(id: &str) -> Option<Target<'_>> {
    Some(Target { argument: "patientId", id })
}

#[tokio::test]
async fn a_second_record_is_warned_of_with_the_first() {
    let clinic = Clinic::open().await;
    let practice = clinic.ask("coordinator", "{ viewer { roles { organization { id } } } }").await;
    let practice = practice["viewer"]["roles"][0]["organization"]["id"].clone();
    let mut new = json!({
        "clientMutationId": "twin", "organizationId": practice, "name": "PATIENT, Mira", "birthDate": "1958",
    });
    let warned = clinic.by("coordinator").act("registerPatient", None, new.clone(), PROBLEMS).await;
    let alike =
        json!({ "id": clinic.patient, "name": { "text": "Mira Patient" }, "birthDate": { "text": "1958-03-04" } });
    let problem = &warned["problems"][0];
    let named = (&problem["__typename"], &problem["code"], &problem["candidateIds"], &problem["candidates"]);
    let expected = (json!("DuplicateProblem"), json!("POSSIBLE_DUPLICATE"), json!([clinic.patient]), json!([alike]));
    assert_eq!(named, (&expected.0, &expected.1, &expected.2, &expected.3));
    assert_eq!(problem["path"], json!(["input", "confirmedNotDuplicateOf"]));
    new["confirmedNotDuplicateOf"] = json!([clinic.patient]);
    clinic.by("coordinator").done("registerPatient", None, new, "patient { id }").await;
}

#[tokio::test]
async fn the_person_finds_the_proposal_and_reads_the_record_once_they_accepted() {
    let clinic = Clinic::open().await;
    let practice = clinic.ask("coordinator", "{ viewer { roles { organization { id } } } }").await;
    let practice = practice["viewer"]["roles"][0]["organization"]["id"].clone();
    let new = json!({
        "clientMutationId": "noor", "organizationId": practice, "name": "Noor Haddad", "birthDate": "1961-05-06",
        "personId": clinic.id("stranger"),
    });
    let select = "patient { id link { state person { name { text } } expiresAt } }";
    let registered = clinic.by("coordinator").done("registerPatient", None, new, select).await;
    let link = json!({ "state": "PROPOSED", "person": { "name": { "text": "stranger" } }, "expiresAt": "2026-12-07T09:00:00.000000Z" });
    assert_eq!(registered["patient"]["link"], link);
    let record = registered["patient"]["id"].as_str().expect("an id");
    let own = "{ viewer { recordProposals { patientId organization { name } proposedByRole expiresAt } patients { nodes { name { text } } } } }";
    let before = clinic.ask("stranger", own).await;
    let proposal = json!({
        "patientId": record, "organization": { "name": "Practice" }, "proposedByRole": "COORDINATOR",
        "expiresAt": "2026-12-07T09:00:00.000000Z",
    });
    assert_eq!(before["viewer"], json!({ "recordProposals": [proposal], "patients": { "nodes": [] } }));
    assert!(!before.to_string().contains("Noor"));
    let found = clinic.ask("stranger", &format!("{{ patient(id: {}) {{ id }} }}", json!(record))).await;
    assert_eq!(found["patient"], Value::Null);

    let key = json!({ "clientMutationId": "own" });
    let by_other = clinic.by("specialist").act("acceptPatientLink", of(record), key.clone(), PROBLEMS).await;
    let missing = clinic.by("specialist").act("acceptPatientLink", of(clinic.id("mira")), key.clone(), PROBLEMS).await;
    assert_eq!((&by_other["problems"], &by_other["problems"][0]["code"]), (&missing["problems"], &json!("NOT_FOUND")));
    let accepted = clinic.by("stranger").done("acceptPatientLink", of(record), key, "patient { name { text } }").await;
    assert_eq!(accepted["patient"]["name"]["text"], "Noor Haddad");
    let after = clinic.ask("stranger", own).await;
    let listed = json!({ "recordProposals": [], "patients": { "nodes": [{ "name": { "text": "Noor Haddad" } }] } });
    assert_eq!(after["viewer"], listed);
    let again = json!({ "clientMutationId": "again", "personId": clinic.id("stranger") });
    let exists = clinic.by("coordinator").act("proposePatientLink", of(&clinic.patient), again, PROBLEMS).await;
    assert_eq!(exists["problems"][0]["code"], "ALREADY_EXISTS");
}

#[tokio::test]
async fn a_correction_relies_on_a_version_and_keeps_what_was_before() {
    let clinic = Clinic::open().await;
    let id = json!(clinic.patient);
    let query = format!(
        "{{ patient(id: {id}) {{ version viewerCanCorrectDetails {{ allowed }} name {{ text }} birthDate {{ text }}
            corrections {{ correctedAt correctedBy {{ name {{ text }} }} reason {{ text withheld }} previousName {{ text withheld }} }} }} }}"
    );
    let before = clinic.ask("coordinator", &query).await["patient"].clone();
    assert_eq!((&before["corrections"], &before["viewerCanCorrectDetails"]["allowed"]), (&json!([]), &json!(true)));
    let correct = |key: &str, name: &str| {
        json!({
            "clientMutationId": key, "expectedVersion": before["version"], "name": name, "birthDate": "1958-04-03",
            "reason": "The registrar misheard.",
        })
    };
    let done = clinic
        .by("coordinator")
        .done("correctPatientDetails", of(&clinic.patient), correct("one", "Myra Patient"), "patient { version }")
        .await;
    let late = correct("two", "Maira Patient");
    let late = clinic.by("coordinator").act("correctPatientDetails", of(&clinic.patient), late, PROBLEMS).await;
    let conflict = &late["problems"][0];
    assert_eq!(
        (&conflict["code"], &conflict["currentVersion"]),
        (&json!("VERSION_CONFLICT"), &done["patient"]["version"])
    );
    assert_eq!(conflict["message"], "it has changed since that version");
    let mut other = correct("three", "Maira Patient");
    other["expectedVersion"] = json!(clinic.asked("q").await.1);
    let other = clinic.by("coordinator").act("correctPatientDetails", of(&clinic.patient), other, PROBLEMS).await;
    let invalid = (&other["problems"][0]["code"], &other["problems"][0]["message"]);
    assert_eq!(invalid, (&json!("INVALID_VERSION"), &json!("the expected version is not one of this object")));
    let nothing = json!({ "clientMutationId": "none", "reason": "None." });
    let nothing = clinic.by("coordinator").act("correctPatientDetails", of(&clinic.patient), nothing, PROBLEMS).await;
    assert_eq!(nothing["problems"][0]["code"], "EMPTY");
    let future = json!({ "clientMutationId": "f", "birthDate": "2999-01-01", "reason": "None." });
    let future = clinic.by("coordinator").act("correctPatientDetails", of(&clinic.patient), future, PROBLEMS).await;
    assert_eq!(future["problems"][0]["code"], "OUT_OF_RANGE");

    let correction = |reason: Value, name: Value| {
        json!([{
            "correctedAt": "2026-11-23T09:00:00.000000Z", "correctedBy": { "name": { "text": "coordinator" } },
            "reason": reason, "previousName": name,
        }])
    };
    let open = |text: &str| json!({ "text": text, "withheld": null });
    let withheld = json!({ "text": null, "withheld": "WITHHELD" });
    for (who, expected) in [
        ("coordinator", correction(open("The registrar misheard."), open("Mira Patient"))),
        ("mira", correction(open("The registrar misheard."), open("Mira Patient"))),
        ("nurse", correction(withheld.clone(), withheld)),
    ] {
        let seen = clinic.ask(who, &query).await["patient"].clone();
        assert_eq!(seen["corrections"], expected, "{who}");
        assert_eq!((&seen["name"]["text"], &seen["birthDate"]["text"]), (&json!("Myra Patient"), &json!("1958-04-03")));
    }
    let found =
        clinic.ask("nurse", r#"{ viewer { patients(first: 5, search: "MYRA 1958-04-03") { nodes { id } } } }"#).await;
    assert_eq!(found["viewer"]["patients"]["nodes"], json!([{ "id": clinic.patient }]));
    let name = json!({
        "clientMutationId": "n", "organizationId": clinic.id("mira"), "name": "Nora", "reason": "A typing error.",
    });
    let person = Some(Target { argument: "personId", id: clinic.id("nurse") });
    let foreign = clinic.by("admin").act("correctPersonName", person, name, PROBLEMS).await;
    assert_eq!(foreign["problems"][0]["code"], "NOT_FOUND");
}

#[tokio::test]
async fn a_death_is_recorded_shown_and_taken_back() {
    let clinic = Clinic::open().await;
    let of = of(&clinic.patient);
    let died =
        |key: &str, at: &str| json!({ "clientMutationId": key, "diedAt": at, "source": "A letter of the hospital." });
    let void = |key: &str| json!({ "clientMutationId": key, "reason": "It was her sister." });
    let select = "patient { diedAt } problems { code path }";
    let problem = |payload: &Value| payload["problems"][0]["code"].clone();
    let none = clinic.by("coordinator").act("voidPatientDeath", of, void("v1"), select).await;
    assert_eq!(problem(&none), "NO_DEATH_RECORDED");
    let ahead =
        clinic.by("coordinator").act("recordPatientDeath", of, died("d1", "2026-11-24T09:00:00Z"), select).await;
    assert_eq!((problem(&ahead), &ahead["problems"][0]["path"]), (json!("IN_FUTURE"), &json!(["input", "diedAt"])));
    // Who is the patient records nothing of the kind.
    let own = clinic.by("mira").act("recordPatientDeath", of, died("d2", "2026-11-22T09:00:00Z"), select).await;
    assert_eq!(problem(&own), "NOT_PERMITTED");
    let recorded = clinic.by("nurse").done("recordPatientDeath", of, died("d3", "2026-11-22T09:00:00Z"), select).await;
    assert_eq!(recorded["patient"]["diedAt"], "2026-11-22T09:00:00.000000Z");
    let again =
        clinic.by("coordinator").act("recordPatientDeath", of, died("d4", "2026-11-22T09:00:00Z"), select).await;
    assert_eq!(problem(&again), "ALREADY_EXISTS");
    let voided = clinic.by("coordinator").done("voidPatientDeath", of, void("v2"), select).await;
    assert_eq!(voided["patient"], json!({ "diedAt": null }));
}

#[tokio::test]
async fn a_protection_note_is_for_those_who_verify_helpers() {
    let clinic = Clinic::open().await;
    let of = of(&clinic.patient);
    let note = |key: &str, about: &str| json!({ "clientMutationId": key, "personId": clinic.id(about), "reason": "She is afraid." });
    let problem = |payload: &Value| (payload["problems"][0]["code"].clone(), payload["problems"][0]["path"].clone());
    let person = json!(["input", "personId"]);
    let give = async |who, mutation, input| problem(&clinic.by(who).act(mutation, of, input, PROBLEMS).await);
    assert_eq!(give("pcp", "recordProtectionNote", note("n1", "stranger")).await.0, "NOT_PERMITTED");
    for (key, about, code) in [("n2", "nurse", "SELF_NOT_ALLOWED"), ("n3", "mira", "OWN_RECORD")] {
        for mutation in ["recordProtectionNote", "liftProtectionNote"] {
            assert_eq!(give("nurse", mutation, note(key, about)).await, (json!(code), person.clone()), "{mutation}");
        }
    }
    assert_eq!(give("nurse", "liftProtectionNote", note("n4", "stranger")).await, (json!("NOT_FOUND"), person.clone()));
    clinic.by("nurse").done("recordProtectionNote", of, note("n5", "stranger"), "patient { id }").await;
    assert_eq!(give("nurse", "recordProtectionNote", note("n6", "stranger")).await, (json!("ALREADY_EXISTS"), person));
    clinic.by("nurse").done("liftProtectionNote", of, note("n7", "stranger"), "patient { id }").await;
}

#[tokio::test]
async fn a_patient_is_open_to_those_who_find_their_record() {
    let clinic = Clinic::open().await;
    let (id, _) = clinic.asked("q1").await;
    let through = format!("{{ thread(id: {}) {{ patient {{ id isOpenToViewer }} }} }}", json!(id));
    let alone = format!("{{ patient(id: {}) {{ id }} }}", json!(clinic.patient));
    let mut seen = Vec::new();
    for who in ["pcp", "nurse", "specialist", "mira"] {
        let is_open = clinic.ask(who, &through).await["thread"]["patient"]["isOpenToViewer"].clone();
        let found = !clinic.ask(who, &alone).await["patient"].is_null();
        assert_eq!(is_open, json!(found), "{who}");
        seen.push(found);
    }
    assert_eq!(seen, [true, true, false, true], "the specialist knows the patient from the consultation alone");
}

#[tokio::test]
async fn a_registrar_lists_the_records_that_the_organization_keeps_and_nobody_else_does() {
    let clinic = Clinic::open().await;
    let practice = organization(&clinic, "Practice").await;
    let centre = organization(&clinic, "Centre").await;
    for (key, name) in [("a", "\u{c1}da Novak"), ("b", "Noor Haddad")] {
        let new = json!({ "clientMutationId": key, "organizationId": practice, "name": name, "birthDate": "1961" });
        clinic.by("coordinator").done("registerPatient", None, new, "patient { id }").await;
    }
    let list = async |who: &str, organization: &str, arguments: &str| {
        let page = "nodes { name { text } } pageInfo { hasNextPage endCursor }";
        let of = format!("organizationId: {}{arguments}", json!(organization));
        let query = format!("{{ organizationPatients({of}) {{ {page} }} }}");
        clinic.ask(who, &query).await["organizationPatients"].clone()
    };
    let names = |page: &Value| {
        let nodes = page["nodes"].as_array().expect("nodes");
        nodes.iter().map(|node| node["name"]["text"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    // Nobody is on the care team of the two new patients, so they are in nobody's own list.
    let own = clinic.ask("coordinator", "{ viewer { patients { nodes { id } } } }").await;
    assert_eq!(own["viewer"]["patients"]["nodes"], json!([]));
    for who in ["coordinator", "pcp"] {
        let all = list(who, &practice, "").await;
        assert_eq!(names(&all), ["\u{c1}da Novak", "Mira Patient", "Noor Haddad"], "{who}");
    }
    assert_eq!(names(&list("coordinator", &practice, ", search: \"nov AD\"").await), ["\u{c1}da Novak"]);
    let page = list("coordinator", &practice, ", first: 2").await;
    assert_eq!((names(&page).len(), &page["pageInfo"]["hasNextPage"]), (2, &json!(true)));
    let cursor = &page["pageInfo"]["endCursor"];
    assert_eq!(names(&list("coordinator", &practice, &format!(", after: {cursor}")).await), ["Noor Haddad"]);
    for (who, organization) in
        [("nurse", &practice), ("admin", &practice), ("specialist", &practice), ("coordinator", &centre)]
    {
        assert_eq!(names(&list(who, organization, "").await), [""; 0], "{who}");
    }
    // Who may read each record and not list them all looks one up.
    for (who, found) in [("nurse", vec!["Noor Haddad"]), ("admin", vec![]), ("specialist", vec![])] {
        assert_eq!(names(&list(who, &practice, ", search: \"noor\"").await), found, "{who}");
        assert_eq!(names(&list(who, &practice, ", search: \"no\"").await), [""; 0], "{who}");
    }
    // A cursor belongs to one list.
    let other = format!("{{ viewer {{ patients(after: {cursor}) {{ nodes {{ id }} }} }} }}");
    let of = format!("organizationId: {}, after: {cursor}", json!(centre));
    let elsewhere = format!("{{ organizationPatients({of}) {{ nodes {{ id }} }} }}");
    for query in [other, elsewhere] {
        let foreign = clinic.post("coordinator", &json!({ "query": query }), &[]).await.json();
        assert_eq!(foreign["errors"][0]["extensions"]["problem"], "PAGE_FOREIGN_CURSOR");
    }
}
