//! Access records over GraphQL: the patient and a privacy officer read them, in pages, and what they cost.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::clinic::{Clinic, Target};
use crate::{organization, text};

const RECORD: &str =
    "at person { id name { text } } onBehalfOf { id } aboutPerson { id } action isCommand outcome times
    forReview standing role organizationNames purpose patientId threadId";

fn rows(list: &Value) -> &Vec<Value> {
    list["nodes"].as_array().unwrap_or_else(|| panic!("a page: {list}"))
}

async fn of_patient(clinic: &Clinic, who: &str, page: &str) -> Value {
    let query = format!(
        "{{ patient(id: {}) {{ accessRecords{page} {{ nodes {{ {RECORD} }} pageInfo {{ hasNextPage endCursor }} }} }} }}",
        json!(clinic.patient)
    );
    clinic.ask(who, &query).await["patient"]["accessRecords"].clone()
}

async fn of_organization(clinic: &Clinic, who: &str, id: &str, asked: &str) -> Value {
    let query =
        format!("{{ organization(id: {}) {{ accessRecords({asked}) {{ nodes {{ {RECORD} }} }} }} }}", json!(id));
    clinic.ask(who, &query).await["organization"]["accessRecords"].clone()
}

#[tokio::test]
async fn a_patient_pages_through_who_read_about_them() {
    let clinic = Clinic::open().await;
    for key in ["one", "two", "three"] {
        let (id, _) = clinic.asked(key).await;
        let query = format!("{{ consultation(id: {}) {{ subject {{ text }} question {{ text }} }} }}", json!(id));
        clinic.ask("nurse", &query).await;
    }
    let listed = of_patient(&clinic, "mira", "(first: 100)").await;
    let by_nurse: Vec<&Value> = rows(&listed).iter().filter(|row| row["person"]["id"] == *clinic.id("nurse")).collect();
    assert!(by_nurse.len() >= 3, "{listed}");
    let newest = by_nurse[0];
    let (done, when) = (["isCommand", "outcome", "times"].map(|field| &newest[field]), text(newest, "/at"));
    assert_eq!((done, when), ([&json!(false), &json!("SHOWN"), &json!(1)], "2026-11-23T09:00:00.000000Z"));
    let why = ["standing", "role", "purpose", "patientId"].map(|field| &newest[field]);
    assert_eq!(why, [&json!("care_team"), &json!("NURSE"), &json!("TREATMENT"), &json!(clinic.patient)]);
    assert_eq!((text(newest, "/person/name/text"), &newest["organizationNames"]), ("nurse", &json!(["Practice"])));

    // The list grows by each of its own readings, and an older part of it is still read once.
    let mut seen = Vec::new();
    let mut page = "(first: 2)".to_owned();
    loop {
        let listed = of_patient(&clinic, "mira", &page).await;
        seen.extend(rows(&listed).iter().filter(|row| row["person"]["id"] == *clinic.id("nurse")).cloned());
        if listed["pageInfo"]["hasNextPage"] == false {
            break;
        }
        page = format!("(first: 2, after: {})", listed["pageInfo"]["endCursor"]);
    }
    assert_eq!(seen.iter().collect::<Vec<_>>(), by_nurse);
    let own = of_patient(&clinic, "mira", "(first: 100)").await;
    let is_own = |row: &&Value| row["action"] == "access.read" && row["person"]["id"] == *clinic.id("mira");
    assert!(rows(&own).iter().any(|row| is_own(&row)), "{own}");

    // The same person and everybody else have nothing in common.
    let page = format!("(byOthers: true, personId: {})", json!(clinic.id("mira")));
    assert_eq!(rows(&of_patient(&clinic, "mira", &page).await), &Vec::<Value>::new());
    let others = of_patient(&clinic, "mira", "(byOthers: true, first: 100)").await;
    assert!(rows(&others).iter().all(|row| row["person"]["id"] != *clinic.id("mira")), "{others}");
    let one = of_patient(&clinic, "mira", &format!("(personId: {}, first: 100)", json!(clinic.id("nurse")))).await;
    assert_eq!(rows(&one).iter().collect::<Vec<_>>(), by_nurse);
    for (who, may) in [("nurse", false), ("pcp", false), ("coordinator", false), ("mira", true)] {
        assert_eq!(of_patient(&clinic, who, "").await.is_null(), !may, "{who}");
        let query = format!("{{ patient(id: {}) {{ viewerReadsAccessRecords }} }}", json!(clinic.patient));
        assert_eq!(clinic.ask(who, &query).await["patient"]["viewerReadsAccessRecords"], json!(may), "{who}");
    }
    let wrong = format!(
        "{{ patient(id: {}) {{ id accessRecords(after: \"x\") {{ nodes {{ at }} }} }} }}",
        json!(clinic.patient)
    );
    let answer = clinic.post("mira", &json!({ "query": wrong }), &[]).await.json();
    assert_eq!(answer["data"]["patient"], json!({ "id": clinic.patient, "accessRecords": null }));
    assert_eq!(
        answer["errors"][0]["extensions"],
        json!({ "code": "BAD_USER_INPUT", "problem": "PAGE_FOREIGN_CURSOR" })
    );
}

#[tokio::test]
async fn a_privacy_officer_reviews_refused_tries_to_change_who_may() {
    let clinic = Clinic::open().await;
    let (practice, centre) = (organization(&clinic, "Practice").await, organization(&clinic, "Centre").await);
    let on = |argument, id| Some(Target { argument, id });
    // The specialist has no role at the practice until now, and looks after its privacy from now on.
    let role = json!({ "clientMutationId": "privacy", "organizationId": practice, "role": "PRIVACY_OFFICER" });
    clinic.by("admin").done("grantRole", on("personId", clinic.id("specialist")), role, "personId").await;
    let grant = json!({ "clientMutationId": "mine", "organizationId": practice, "role": "ADMINISTRATOR" });
    let refused = clinic.by("nurse").act("grantRole", on("personId", clinic.id("stranger")), grant, "personId").await;
    assert!(!refused["problems"].as_array().expect("problems").is_empty());
    let member = json!({
        "clientMutationId": "team", "personId": clinic.id("stranger"), "role": "NURSE", "organizationId": practice,
    });
    clinic.by("stranger").act("addCareTeamMember", on("patientId", &clinic.patient), member, "patient { id }").await;

    let of = |found: &Value, action: &str| rows(found).iter().find(|row| row["action"] == *action).cloned();
    let deadline = Instant::now() + Duration::from_secs(20);
    let (grant, member) = loop {
        // They are recorded off the path of their answers.
        let found = of_organization(&clinic, "specialist", &practice, "forReview: true, first: 100").await;
        if let (Some(grant), Some(member)) = (of(&found, "person.grant_role"), of(&found, "care_team.add")) {
            break (grant, member);
        }
        assert!(Instant::now() < deadline, "{found}");
    };
    let fields = ["isCommand", "outcome", "forReview", "role", "purpose", "patientId"].map(|field| &grant[field]);
    assert_eq!(fields, [&json!(true), &json!("REFUSED"), &json!(true), &Value::Null, &Value::Null, &Value::Null]);
    let people = [&grant["person"]["id"], &grant["aboutPerson"]["id"]];
    assert_eq!(people, [&json!(clinic.id("nurse")), &json!(clinic.id("stranger"))]);
    assert_eq!(
        (&member["patientId"], &member["person"]["id"]),
        (&json!(clinic.patient), &json!(clinic.id("stranger")))
    );

    let about = format!("patientId: {}", json!(clinic.patient));
    let found = of_organization(&clinic, "specialist", &practice, &about).await;
    assert!(!rows(&found).is_empty() && rows(&found).iter().all(|row| row["patientId"] == *clinic.patient), "{found}");
    // No such patient, and no id at all.
    for id in [clinic.id("nurse"), "x"] {
        let found = of_organization(&clinic, "specialist", &practice, &format!("patientId: {}", json!(id))).await;
        assert_eq!(found, json!({ "nodes": [] }));
    }
    let by_nurse = format!("forReview: true, personId: {}", json!(clinic.id("nurse")));
    let found = of_organization(&clinic, "specialist", &practice, &by_nurse).await;
    let is_of_nurse = |row: &Value| row["person"]["id"] == *clinic.id("nurse") && row["forReview"] == true;
    assert!(!rows(&found).is_empty() && rows(&found).iter().all(is_of_nurse), "{found}");
    for (who, id, may) in [
        ("admin", &practice, false),
        ("nurse", &practice, false),
        ("specialist", &centre, false),
        ("specialist", &practice, true),
    ] {
        assert_eq!(of_organization(&clinic, who, id, "forReview: true").await.is_null(), !may, "{who}");
        let query = format!("{{ organization(id: {}) {{ viewerReadsAccessRecords }} }}", json!(id));
        assert_eq!(clinic.ask(who, &query).await["organization"]["viewerReadsAccessRecords"], json!(may), "{who}");
    }
}

#[tokio::test]
async fn a_page_of_access_records_costs_as_much_as_any_other_and_a_turn() {
    let clinic = Clinic::open().await;
    let cost = async |page: &str| {
        let list = format!("accessRecords({page}) {{ nodes {{ action person {{ id }} }} }}");
        let query = format!("{{ patient(id: {}) {{ {list} }} }}", json!(clinic.patient));
        clinic.post("mira", &json!({ "query": query }), &[]).await.json()["extensions"]["cost"]["requested"].clone()
    };
    // patient + accessRecords + rows x (nodes + action + person + id)
    assert_eq!(cost("first: 100").await, json!(1 + 50 + 100 * 4));
    assert_eq!(cost("after: null").await, json!(1 + 50 + 20 * 4));
    let fields = "at action standing role person { id name { text } }";
    let nested = format!(
        "{{ viewer {{ patients(first: 100) {{ nodes {{ accessRecords(first: 100) {{ nodes {{ {fields} }} }} }} }} }} }}"
    );
    let refused = clinic.post("mira", &json!({ "query": nested }), &[]).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "QUERY_TOO_COMPLEX"));
}
