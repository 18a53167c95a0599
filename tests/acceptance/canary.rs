//! A unique mark in every text, and a search for the marks where they must not be.
//!
//! The test takes a consultation through its states, with a marked text in every field. Then every person of the clinic
//! queries all of it and must get exactly the marks that the policy allows. The bytes of the data directory, of the store
//! and of the log at trace level contain no mark, in any usual encoding.

use std::collections::BTreeSet;
use std::path::Path;

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};
use memchr::memmem;
use serde_json::{Value, json};

use crate::clinic::{Clinic, Place, token};
use crate::http;
use crate::store::Home;

const SUBJECT: &str = "qzsubjectzqcanarymark";
const QUESTION: &str = "qzquestionzqcanarymark";
const RECOMMENDATION: &str = "qzrecommendationzqcanarymark";
const COME_BACK: &str = "qzcomebackzqcanarymark";
const REASON: &str = "qzreasonzqcanarymark";
const NOTE: &str = "qznotezqcanarymark";
const FOR_ALL: &str = "qzforallzqcanarymark";
const ASIDE: &str = "qzasidezqcanarymark";
const NAME: &str = "qznamezqcanarymark";
/// In a draft that was never sent, and in one that was sent: nobody but their author ever finds these.
const DRAFT: &str = "qzdraftzqcanarymark";
const FIELD: &str = "qzfieldzqcanarymark";
/// Sent in requests that are refused before anything is done.
const REFUSED: &str = "qzrefusedzqcanarymark";

const MARKS: [&str; 12] =
    [SUBJECT, QUESTION, RECOMMENDATION, COME_BACK, REASON, NOTE, FOR_ALL, ASIDE, NAME, DRAFT, FIELD, REFUSED];

/// The texts of an answered consultation, without its messages.
const CONTENT: [&str; 6] = [SUBJECT, QUESTION, RECOMMENDATION, COME_BACK, REASON, NOTE];

const EVERYTHING: &str = "query ($id: ID!, $patient: ID!, $draft: ID!) {
  viewer { inbox(first: 30) { nodes { ... on Consultation { subject { text } messages(last: 30) { nodes { body { text } } } } } }
           mine: worklist(list: MINE, first: 100) { nodes { subject { text } } }
           pools: worklist(list: MY_POOLS, first: 100) { nodes { subject { text } } }
           waiting: worklist(list: WAITING, first: 100) { nodes { subject { text } } }
           drafts(first: 100) { nodes { command fields { name text } } }
           patients { nodes { name { text } } } }
  node(id: $id) { id }
  draft: node(id: $draft) { ... on Draft { fields { name text } } }
  patient(id: $patient) { name { text } birthDate { text } }
  consultation(id: $id) {
    subject { text } question { text } patient { name { text } }
    advice { recommendations { text { text } reason { text } } comeBackWhen { text } plan { note { text } } }
    messages(last: 100) { nodes { body { text } } }
  }
}";

struct Scenario {
    clinic: Clinic,
    place: Place,
    id: Value,
    patient: Value,
    draft: Value,
    keys: u32,
}

impl Scenario {
    fn token(&self, handle: &str) -> String {
        token(handle, &self.place)
    }

    /// Sends a command, which must succeed.
    fn give(&mut self, handle: &str, mutation: &str, selecting: &str, input: Value) -> Value {
        self.keys += 1;
        let mut input = input;
        input["clientMutationId"] = json!(format!("canary-{}", self.keys));
        let by = self.token(handle);
        let versioned = self.clinic.data(
            &by,
            "query ($id: ID!) { thread(id: $id) { ... on Consultation { version } } }",
            &json!({ "id": self.id }),
        );
        if mutation != "postMessage" {
            input["expectedVersion"] = versioned["thread"]["version"].clone();
        }
        let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let query = format!(
            "mutation ($id: ID!, $input: {kind}!) {{ {mutation}({selecting}: $id, input: $input) {{ problems {{ code path }} }} }}"
        );
        let data = self.clinic.data(&by, &query, &json!({ "id": self.id, "input": input }));
        assert_eq!(data[mutation]["problems"], json!([]), "{mutation}");
        data
    }

    /// The marks that somebody finds when they ask for everything.
    fn found_by(&self, handle: &str) -> BTreeSet<&'static str> {
        let variables = json!({ "id": self.id, "patient": self.patient, "draft": self.draft });
        let text = self.clinic.data(&self.token(handle), EVERYTHING, &variables).to_string();
        MARKS.into_iter().filter(|mark| text.contains(mark)).collect()
    }
}

fn begun(directory: &Place, log: &Path) -> Scenario {
    let clinic = Clinic::start_logging(directory, log);
    let pcp = token("pcp", directory);
    let coordinator = token("coordinator", directory);
    let data = clinic.data(
        &pcp,
        "{ viewer { roles { organization { id } } organizations { pools { id specialty } } } }",
        &json!({}),
    );
    let organization = data["viewer"]["roles"][0]["organization"]["id"].clone();
    let pools = data["viewer"]["organizations"].as_array().expect("organizations").iter();
    let pool =
        pools.flat_map(|each| each["pools"].as_array().expect("pools")).find(|pool| pool["specialty"] == "cardiology");
    let pool = pool.expect("cardiology")["id"].clone();
    let person = {
        let patient = token("second_patient", directory);
        clinic.data(&patient, "{ viewer { person { id } } }", &json!({}))["viewer"]["person"]["id"].clone()
    };
    // The person has a record at this organization. Only when that is no longer theirs can another be.
    let own = "{ viewer { patients { nodes { id } } } }";
    let own = clinic.data(&token("second_patient", directory), own, &json!({}))["viewer"]["patients"]["nodes"][0]["id"]
        .clone();
    let end = "mutation ($id: ID!) { endPatientLink(patientId: $id, input: { clientMutationId: \"canary\", reason: \"A mistake.\" }) { problems { code } } }";
    assert_eq!(clinic.data(&coordinator, end, &json!({ "id": own }))["endPatientLink"]["problems"], json!([]));
    let register = "mutation ($input: RegisterPatientInput!) { registerPatient(input: $input) { problems { code path } patient { id } } }";
    let input = json!({ "clientMutationId": "canary", "organizationId": organization, "personId": person, "name": NAME, "birthDate": "1961-05-06" });
    let registered = clinic.data(&coordinator, register, &json!({ "input": input }))["registerPatient"].clone();
    assert_eq!(registered["problems"], json!([]));
    let patient = registered["patient"]["id"].clone();
    let accept = "mutation ($id: ID!) { acceptPatientLink(patientId: $id, input: { clientMutationId: \"canary\" }) { problems { code } } }";
    let accepted = clinic.data(&token("second_patient", directory), accept, &json!({ "id": patient }));
    assert_eq!(accepted["acceptPatientLink"]["problems"], json!([]));
    for (handle, role) in [("nurse", "NURSE"), ("social_worker", "SOCIAL_WORKER")] {
        let member = clinic.data(&token(handle, directory), "{ viewer { person { id } } }", &json!({}))["viewer"]["person"]["id"].clone();
        let add = "mutation ($id: ID!, $input: AddCareTeamMemberInput!) { addCareTeamMember(patientId: $id, input: $input) { problems { code } } }";
        let input = json!({ "clientMutationId": format!("canary-{handle}"), "personId": member, "role": role, "organizationId": organization });
        let added = clinic.data(&coordinator, add, &json!({ "id": patient, "input": input }));
        assert_eq!(added["addCareTeamMember"]["problems"], json!([]));
    }
    let request = "mutation ($input: RequestConsultationInput!) { requestConsultation(input: $input) { problems { code path } consultation { id } } }";
    let input = json!({
        "clientMutationId": "canary", "patientId": patient, "poolId": pool, "topic": "CLINICAL_ADVICE", "urgency": "ROUTINE",
        "subject": SUBJECT, "question": QUESTION, "mayConvert": false, "consent": { "exception": { "reason": "EMERGENCY" } },
    });
    let asked = clinic.data(&pcp, request, &json!({ "input": input }))["requestConsultation"].clone();
    assert_eq!(asked["problems"], json!([]));
    let id = asked["consultation"]["id"].clone();
    Scenario { clinic, place: directory.clone(), id, patient, draft: json!(""), keys: 0 }
}

fn answered(scenario: &mut Scenario) {
    scenario.give("centre_coordinator", "assignConsultation", "consultationId", json!({}));
    scenario.give("specialist", "claimThread", "threadId", json!({}));
    scenario.give("nurse", "postMessage", "threadId", json!({ "audience": "EVERYONE", "body": FOR_ALL }));
    scenario.give("specialist", "postMessage", "threadId", json!({ "audience": "CLINICAL_TEAM", "body": ASIDE }));
    let each = json!({ "kind": "TREAT", "certainty": "HIGH", "text": RECOMMENDATION });
    let advice = json!({ "recommendations": [each], "comeBackWhen": COME_BACK, "minutesSpent": 9 });
    scenario.give("specialist", "adviseConsultation", "consultationId", advice);
    let recommendation = "query ($id: ID!) { consultation(id: $id) { advice { recommendations { id } } } }";
    let data = scenario.clinic.data(&scenario.token("pcp"), recommendation, &json!({ "id": scenario.id }));
    let recommendation = &data["consultation"]["advice"]["recommendations"][0]["id"];
    let disposition = json!({ "recommendationId": recommendation, "disposition": "REJECTED", "reason": REASON });
    scenario.give("pcp", "recordPlan", "consultationId", json!({ "dispositions": [disposition], "note": NOTE }));
}

/// A reply that the nurse has typed and not sent.
fn typed(scenario: &mut Scenario) {
    let save = "mutation ($input: SaveDraftInput!) { saveDraft(input: $input) { problems { code } draft { id } } }";
    let input = json!({
        "clientMutationId": "canary", "draft": { "key": "canary" }, "command": "thread.post",
        "about": { "threadId": scenario.id }, "fields": [{ "name": FIELD, "text": DRAFT }],
    });
    let saved = scenario.clinic.data(&scenario.token("nurse"), save, &json!({ "input": input }))["saveDraft"].clone();
    assert_eq!(saved["problems"], json!([]));
    scenario.draft = saved["draft"]["id"].clone();
}

/// Requests that are refused, with a mark in them that nobody may write down.
fn refused(scenario: &Scenario) {
    let pcp = scenario.token("pcp");
    let documents = [
        format!("{{ viewer {{ {REFUSED} }} }}"),
        format!("{{ {REFUSED}("),
        format!(
            "mutation {{ postMessage(threadId: \"{REFUSED}\", input: {{ clientMutationId: \"{REFUSED}\", body: \"{REFUSED}\" }}) {{ problems {{ code }} }} }}"
        ),
    ];
    for document in documents {
        let answer = http::graphql(scenario.clinic.address, &pcp, &document, &json!({ REFUSED: REFUSED }));
        assert!(answer.is_ok(), "{document}");
    }
    let stranger = http::graphql(scenario.clinic.address, REFUSED, "{ viewer { id } }", &json!({})).expect("an answer");
    assert!(stranger["errors"].is_array());
}

/// A mark in the usual encodings of text.
fn writings(mark: &str) -> Vec<Vec<u8>> {
    let utf16: Vec<u8> = mark.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut writings = vec![mark.as_bytes().to_vec(), mark.to_uppercase().into_bytes(), utf16];
    writings.extend([HEXLOWER.encode(mark.as_bytes()).into_bytes(), HEXUPPER.encode(mark.as_bytes()).into_bytes()]);
    // Base64 at each of the three places that a text can begin at; the ends mix with what is around.
    for lead in 0..3 {
        let padded = [vec![b'x'; lead], mark.as_bytes().to_vec()].concat();
        let encoded = BASE64.encode(&padded).into_bytes();
        let inner = encoded.get(4..encoded.len() - 4).expect("long enough");
        assert!(inner.len() >= 12, "{mark} is so short that sealed bytes may have it by chance");
        writings.push(inner.to_vec());
    }
    writings
}

fn search(place: &str, bytes: &[u8]) {
    for mark in MARKS {
        for writing in writings(mark) {
            let found = memmem::find(bytes, &writing);
            assert_eq!(found, None, "{mark} lies in {place}");
        }
    }
}

fn search_file(path: &Path) {
    search(&path.display().to_string(), &std::fs::read(path).expect("a file"));
}

crate::store::on_each_store!(every_mark_is_read_by_persons_who_may_and_is_nowhere_unsealed);

fn every_mark_is_read_by_persons_who_may_and_is_nowhere_unsealed(home: &Home) {
    let (place, log) = (home.place("clinic"), home.file("log"));
    let mut scenario = begun(&place, &log);
    answered(&mut scenario);
    refused(&scenario);
    typed(&mut scenario);

    let of = |marks: &[&[&'static str]]| marks.concat().into_iter().collect::<BTreeSet<_>>();
    let all = of(&[&CONTENT, &[FOR_ALL, ASIDE, NAME]]);
    let outsiders =
        ["admin", "auditor", "privacy_officer", "dermatologist", "endocrinologist", "patient", "pharmacist"];
    for released in [false, true] {
        if released {
            let told = json!({ "method": "TELEPHONE", "toldAt": chrono::Utc::now() });
            scenario.give("pcp", "informPatient", "consultationId", told);
        }
        for handle in ["pcp", "coordinator", "specialist", "centre_coordinator"] {
            assert_eq!(scenario.found_by(handle), all, "{handle}");
        }
        assert_eq!(scenario.found_by("nurse"), of(&[&all.iter().copied().collect::<Vec<_>>(), &[DRAFT, FIELD]]));
        assert_eq!(scenario.found_by("social_worker"), of(&[&[FOR_ALL, NAME]]));
        let own = if released { of(&[&CONTENT, &[FOR_ALL, NAME]]) } else { of(&[&[FOR_ALL, NAME]]) };
        assert_eq!(scenario.found_by("second_patient"), own);
        // A physician of the practice may look up whom it has on record, and no more by that alone.
        assert_eq!(scenario.found_by("second_pcp"), of(&[&[NAME]]));
        for handle in outsiders {
            assert_eq!(scenario.found_by(handle), of(&[]), "{handle}");
        }
    }
    assert_eq!(scenario.clinic.stop(), Some(0));
    let files: Vec<_> = std::fs::read_dir(&place.directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    assert!(files.len() > 5, "{files:?}");
    files.iter().for_each(|file| search_file(file));
    let stored = home.stored();
    assert!(place.journal.is_none() || stored.len() > 500, "{} pieces", stored.len());
    stored.iter().for_each(|(place, bytes)| search(place, bytes));
    assert!(std::fs::metadata(&log).expect("a log").len() > 0, "the log was looked at while empty");
    search_file(&log);
}

#[test]
fn the_search_finds_what_it_looks_for() {
    for writing in writings(FOR_ALL) {
        let bytes = [b"before ".as_slice(), &writing, b" after"].concat();
        assert!(std::panic::catch_unwind(|| search("there", &bytes)).is_err(), "{}", String::from_utf8_lossy(&writing));
    }
}
