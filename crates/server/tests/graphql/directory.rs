//! Organizations and pools: telephone numbers, the two names of a pool, and the search for a pool to address.

use serde_json::{Value, json};

use crate::clinic::{Clinic, Target};
use crate::organization;

fn at(organization: &str) -> Option<Target<'_>> {
    Some(Target { argument: "organizationId", id: organization })
}

fn codes(payload: &Value) -> Vec<(&str, Value)> {
    let problems = payload["problems"].as_array().expect("a list");
    problems.iter().map(|problem| (problem["code"].as_str().expect("a code"), problem["path"].clone())).collect()
}

#[tokio::test]
async fn the_ages_of_minors_are_set_in_order_and_have_values_before() {
    let clinic = Clinic::open().await;
    let practice = organization(&clinic, "Practice").await;
    let select = "organization { ageGates { first review adult } }";
    let gates = |key: &str, first: i32, review: Option<i32>, adult: i32| json!({ "clientMutationId": key, "first": first, "review": review, "adult": adult });
    let query = format!("{{ organization(id: {}) {{ ageGates {{ first review adult }} }} }}", json!(practice));
    let before = clinic.ask("pcp", &query).await;
    assert_eq!(before["organization"]["ageGates"], json!({ "first": 12, "review": null, "adult": 18 }));
    for (key, wrong) in
        [("a1", gates("a1", 19, None, 18)), ("a2", gates("a2", -1, None, 18)), ("a3", gates("a3", 12, None, 300))]
    {
        let refused = clinic.by("admin").act("setAgeGates", at(&practice), wrong, select).await;
        assert_eq!(codes(&refused), [("OUT_OF_RANGE", json!(["input"]))], "{key}");
    }
    let refused = clinic.by("coordinator").act("setAgeGates", at(&practice), gates("a4", 14, None, 18), select).await;
    assert_eq!(codes(&refused)[0].0, "NOT_PERMITTED");
    let set = clinic.by("admin").done("setAgeGates", at(&practice), gates("a5", 14, Some(16), 18), select).await;
    assert_eq!(set["organization"]["ageGates"], json!({ "first": 14, "review": 16, "adult": 18 }));
}

#[tokio::test]
async fn everybody_who_may_know_of_an_organization_sees_its_telephone_number() {
    let clinic = Clinic::open().await;
    let practice = organization(&clinic, "Practice").await;
    for (key, wrong, code) in [("p1", "", "EMPTY"), ("p2", "front desk", "MALFORMED"), ("p3", "+43 1", "MALFORMED")] {
        let input = json!({ "clientMutationId": key, "phone": wrong });
        let payload = clinic.by("admin").act("setPhone", at(&practice), input, "organization { phone }").await;
        assert_eq!(codes(&payload), [(code, json!(["input", "phone"]))], "{wrong}");
        assert_eq!(payload["organization"], Value::Null);
    }
    let number = json!({ "clientMutationId": "p4", "phone": " (01)  234-567 " });
    let refused =
        clinic.by("coordinator").act("setPhone", at(&practice), number.clone(), "organization { phone }").await;
    assert_eq!(codes(&refused)[0].0, "NOT_PERMITTED");
    let administrators = json!([{ "standing": "organization", "roles": ["ADMINISTRATOR"] }]);
    assert_eq!(refused["problems"][0]["permittedTo"], administrators);
    let set = clinic.by("admin").done("setPhone", at(&practice), number.clone(), "organization { phone }").await;
    assert_eq!(set["organization"]["phone"], "(01) 234-567");
    let again = clinic.by("admin").act("setPhone", at(&practice), number, "organization { phone }").await;
    assert_eq!((&again["replayed"], &again["problems"]), (&json!(true), &json!([])));

    let query = format!("{{ organization(id: {}) {{ phone }} }}", json!(practice));
    assert_eq!(clinic.ask("specialist", &query).await["organization"]["phone"], "(01) 234-567");
    // A patient knows of the organization that keeps their record.
    assert_eq!(clinic.ask("mira", &query).await["organization"], Value::Null);
    let own = clinic.ask("mira", "{ viewer { patients { nodes { organization { name phone } } } } }").await;
    let known = json!([{ "organization": { "name": "Practice", "phone": "(01) 234-567" } }]);
    assert_eq!(own["viewer"]["patients"]["nodes"], known);
    let taken_away = json!({ "clientMutationId": "p5" });
    let none = clinic.by("admin").done("setPhone", at(&practice), taken_away, "organization { phone }").await;
    assert_eq!(none["organization"]["phone"], Value::Null);
}

#[tokio::test]
async fn a_pool_has_its_public_name_for_all_but_the_people_of_its_organization() {
    let clinic = Clinic::open().await;
    let (thread, _) = clinic.asked("q1").await;
    let centre = organization(&clinic, "Centre").await;
    let names = json!({
        "clientMutationId": "n1", "poolId": clinic.pool, "name": "Team 3", "publicName": "Heart advice",
    });
    let select = "pool { name publicName }";
    let refused = clinic.by("specialist").act("renamePool", at(&centre), names.clone(), select).await;
    assert_eq!(codes(&refused)[0].0, "NOT_PERMITTED");
    let renamed = clinic.by("admin").done("renamePool", at(&centre), names, select).await;
    assert_eq!(renamed["pool"], json!({ "name": "Team 3", "publicName": "Heart advice" }));
    let second = json!({
        "clientMutationId": "n2", "name": "Kidneys", "publicName": "HEART\u{a0}advice", "specialty": "nephrology",
    });
    let alike = clinic.by("admin").act("openPool", at(&centre), second, select).await;
    assert_eq!(codes(&alike), [("ALREADY_EXISTS", json!(["input", "publicName"]))]);

    let in_thread = format!("{{ thread(id: {}) {{ owner {{ pool {{ name publicName }} }} }} }}", json!(thread));
    let of_pool = format!("{{ pool(id: {}) {{ name publicName }} }}", json!(clinic.pool));
    for (who, name) in [("specialist", "Team 3"), ("pcp", "Heart advice"), ("mira", "Heart advice")] {
        let known = json!({ "name": name, "publicName": "Heart advice" });
        assert_eq!(clinic.ask(who, &in_thread).await["thread"]["owner"]["pool"], known, "{who}");
        if who != "mira" {
            assert_eq!(clinic.ask(who, &of_pool).await["pool"], known, "{who}");
        }
    }
}

#[tokio::test]
async fn a_name_with_an_invisible_character_is_refused_wherever_a_name_is_given() {
    let clinic = Clinic::open().await;
    let (practice, centre) = (organization(&clinic, "Practice").await, organization(&clinic, "Centre").await);
    let hidden = "Mi\u{200b}ra";
    let person = json!({ "clientMutationId": "r", "organizationId": practice, "name": hidden });
    let corrected =
        json!({ "clientMutationId": "c", "organizationId": practice, "name": hidden, "reason": "A typing error." });
    let nurse = Some(Target { argument: "personId", id: clinic.id("nurse") });
    let patient = json!({ "clientMutationId": "p", "organizationId": practice, "name": hidden, "birthDate": "1958" });
    let details = json!({ "clientMutationId": "d", "name": hidden, "reason": "A typing error." });
    let mira = Some(Target { argument: "patientId", id: clinic.patient.as_str() });
    let pool = json!({ "clientMutationId": "n", "name": hidden, "publicName": hidden, "specialty": hidden });
    let names = json!({ "clientMutationId": "n", "poolId": clinic.pool, "name": hidden });
    for (who, mutation, target, input, fields) in [
        ("admin", "createOrganization", None, json!({ "clientMutationId": "o", "name": hidden }), &["name"][..]),
        ("admin", "registerPerson", None, person, &["name"]),
        ("admin", "correctPersonName", nurse, corrected, &["name"]),
        ("coordinator", "registerPatient", None, patient, &["name"]),
        ("coordinator", "correctPatientDetails", mira, details, &["name"]),
        ("admin", "openPool", at(&centre), pool, &["name", "publicName", "specialty"]),
        ("admin", "renamePool", at(&centre), names, &["name"]),
    ] {
        let refused = clinic.by(who).act(mutation, target, input, "").await;
        let expected: Vec<_> = fields.iter().map(|field| ("CONTROL_CHARACTER", json!(["input", field]))).collect();
        assert_eq!(codes(&refused), expected, "{mutation}");
        assert_eq!(refused["problems"][0]["message"], "holds the invisible character U+200B", "{mutation}");
    }
}

#[tokio::test]
async fn staff_find_the_pools_of_every_organization_page_by_page() {
    let clinic = Clinic::open().await;
    let centre = organization(&clinic, "Centre").await;
    for (key, name, specialty) in
        [("a", "\u{c4}rzte am Hof", "general medicine"), ("n", "Kidney advice", "nephrology"), ("z", "Zoster", "skin")]
    {
        let pool = json!({ "clientMutationId": key, "name": format!("Team {key}"), "publicName": name, "specialty": specialty });
        clinic.by("admin").done("openPool", at(&centre), pool, "pool { id }").await;
    }
    let fields =
        "edges { cursor node { id name organization { name } physicians { id } } } pageInfo { hasNextPage endCursor }";
    let search = async |who: &str, arguments: &str| {
        clinic.ask(who, &format!("{{ viewer {{ pools{arguments} {{ {fields} }} }} }}")).await["viewer"]["pools"].clone()
    };
    let names = |page: &Value| -> Vec<String> {
        let edges = page["edges"].as_array().expect("edges");
        edges.iter().map(|edge| edge["node"]["name"].as_str().expect("a name").to_owned()).collect()
    };
    let all = search("pcp", "").await;
    assert_eq!(names(&all), ["\u{c4}rzte am Hof", "Cardiology", "Kidney advice", "Zoster"]);
    let first = &all["edges"][0]["node"];
    assert_eq!((&first["organization"]["name"], &first["physicians"]), (&json!("Centre"), &json!([])));
    for (text, found) in
        [("arz", &["\u{c4}rzte am Hof"][..]), ("centre neph", &["Kidney advice"]), ("team", &[]), ("ology", &[])]
    {
        assert_eq!(names(&search("nurse", &format!("(search: {})", json!(text))).await), found, "{text}");
    }
    let page = search("pcp", "(first: 3)").await;
    assert_eq!((names(&page).len(), &page["pageInfo"]["hasNextPage"]), (3, &json!(true)));
    let next = search("pcp", &format!("(first: 3, after: {})", page["pageInfo"]["endCursor"])).await;
    assert_eq!((names(&next), &next["pageInfo"]["hasNextPage"]), (vec!["Zoster".to_owned()], &json!(false)));

    assert_eq!(names(&search("mira", "").await), [""; 0], "a patient addresses no pool");
    for (arguments, problem) in [
        (format!("(search: \"c\", after: {})", page["pageInfo"]["endCursor"]), "PAGE_FOREIGN_CURSOR"),
        ("(search: \"a b c d e f g h i\")".to_owned(), "PAGE_SEARCH_TOO_LONG"),
    ] {
        let query = json!({ "query": format!("{{ viewer {{ pools{arguments} {{ {fields} }} }} }}") });
        let answer = clinic.post("pcp", &query, &[]).await.json();
        assert_eq!(answer["errors"][0]["extensions"]["problem"], problem, "{answer}");
    }
}

/// Who may read a message of an audience, as `who` is told: reasons and names in their order.
async fn told(clinic: &Clinic, who: &str, thread: &str, arguments: &str) -> Value {
    let fields = "count others includesPatient persons { nodes { isViewer role reason person { name { text } } } }";
    let query = format!("{{ thread(id: {}) {{ readers{arguments} {{ {fields} }} }} }}", json!(thread));
    clinic.ask(who, &query).await["thread"]["readers"].clone()
}

#[tokio::test]
async fn a_reader_of_a_thread_is_told_who_may_read_a_message_and_the_names_that_they_may_know() {
    let clinic = Clinic::open().await;
    let (thread, _) = clinic.asked("q1").await;
    let persons = |told: &Value| -> Vec<(String, Value)> {
        let nodes = told["persons"]["nodes"].as_array().expect("nodes");
        let one = |node: &Value| {
            (node["reason"].as_str().expect("a word").to_owned(), node["person"]["name"]["text"].clone())
        };
        nodes.iter().map(one).collect()
    };
    let everyone = told(&clinic, "pcp", &thread, "(audience: EVERYONE)").await;
    assert_eq!(
        (&everyone["count"], &everyone["others"], &everyone["includesPatient"]),
        (&json!(6), &json!(5), &json!(true))
    );
    let seen = [
        ("PATIENT", json!("mira")),
        ("OPENED_IT", json!("pcp")),
        ("CARE_TEAM", json!("nurse")),
        // Of another organization: they count and are not named.
        ("POOL_MEMBER", Value::Null),
        ("REQUESTING_ORGANIZATION", json!("coordinator")),
        // The coordinator who assigns on the side that answers.
        ("RECEIVING_ORGANIZATION", Value::Null),
    ];
    assert_eq!(persons(&everyone), seen.map(|(reason, name)| (reason.to_owned(), name)));
    let team = told(&clinic, "pcp", &thread, "").await;
    assert_eq!((&team["count"], &team["includesPatient"]), (&json!(5), &json!(false)), "the default audience");
    // The patient is told of whom the care team consists, and how many others there are.
    let to_patient = told(&clinic, "mira", &thread, "(audience: EVERYONE)").await;
    let named: Vec<_> = persons(&to_patient).into_iter().map(|(_, name)| name).collect();
    assert_eq!(named, [json!("mira"), json!("pcp"), json!("nurse"), Value::Null, Value::Null, Value::Null]);
    assert_eq!(told(&clinic, "mira", &thread, "(audience: CLINICAL_TEAM)").await, Value::Null);
    // Of persons who are named, those who may read it.
    let to = format!("(audience: NAMED, to: [{}, {}])", json!(clinic.id("nurse")), json!(clinic.id("stranger")));
    let chosen = told(&clinic, "pcp", &thread, &to).await;
    assert_eq!((&chosen["count"], &chosen["others"]), (&json!(2), &json!(1)));

    let query = "readers(audience: EVERYONE) { persons(first: 2AFTER) { nodes { reason } pageInfo { hasNextPage endCursor } } }";
    let page = async |after: &str| {
        let query = format!("{{ thread(id: {}) {{ {} }} }}", json!(thread), query.replace("AFTER", after));
        clinic.ask("pcp", &query).await["thread"]["readers"]["persons"].clone()
    };
    let first = page("").await;
    assert_eq!(first["nodes"], json!([{ "reason": "PATIENT" }, { "reason": "OPENED_IT" }]));
    let second = page(&format!(", after: {}", first["pageInfo"]["endCursor"])).await;
    assert_eq!(second["nodes"], json!([{ "reason": "CARE_TEAM" }, { "reason": "POOL_MEMBER" }]));
    assert_eq!(second["pageInfo"]["hasNextPage"], true);
}

#[tokio::test]
async fn colleagues_are_found_by_the_beginning_of_a_word_of_their_name() {
    let clinic = Clinic::open().await;
    let practice = organization(&clinic, "Practice").await;
    for (key, name) in [("a", "Zo\u{eb} Gr\u{fc}nwald"), ("b", "Zora Adler")] {
        let new = json!({ "clientMutationId": key, "organizationId": practice, "name": name, "role": "NURSE" });
        clinic.by("admin").done("registerPerson", None, new, "personId").await;
    }
    let found = async |who: &str, search: &str| {
        let staff = format!("staff(search: {}) {{ person {{ name {{ text }} }} roles {{ role }} }}", json!(search));
        let query = format!("{{ organization(id: {}) {{ {staff} }} }}", json!(practice));
        let answer = clinic.ask(who, &query).await["organization"]["staff"].clone();
        let staff = answer.as_array().expect("a list").clone();
        staff.iter().map(|member| member["person"]["name"]["text"].as_str().expect("a name").to_owned()).collect()
    };
    let names: Vec<String> = found("nurse", "zo").await;
    assert_eq!(names, ["Zo\u{eb} Gr\u{fc}nwald", "Zora Adler"]);
    for (search, expected) in [("GRUN zoe", 1), ("dler", 0), ("1958", 0), ("", 6), ("mira", 0)] {
        let names: Vec<String> = found("pcp", search).await;
        assert_eq!(names.len(), expected, "{search}: {names:?}");
    }
    let elsewhere: Vec<String> = found("specialist", "zo").await;
    assert_eq!(elsewhere, [""; 0]);
    let long = format!(
        "{{ organization(id: {}) {{ staff(search: {}) {{ roles {{ role }} }} }} }}",
        json!(practice),
        json!("a".repeat(401))
    );
    let refused = clinic.post("pcp", &json!({ "query": long }), &[]).await.json();
    assert_eq!(refused["errors"][0]["extensions"]["problem"], "PAGE_SEARCH_TOO_LONG");
}
