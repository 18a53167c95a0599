//! Messages from outside over GraphQL: the sender cannot tell whether there is such a patient, staff find out whom it is
//! about, an offer becomes a question to the patient, and what was told stands in a thread.

use serde_json::{Value, json};

use crate::client::Answer;
use crate::clinic::{Clinic, Target};
use crate::pages_threads::team_thread;
use crate::{codes, key, organization, text};

fn at(id: &str) -> Option<Target<'_>> {
    Some(Target { argument: "outsideMessageId", id })
}

async fn offer(clinic: &Clinic, name: &str, born: &str, key: &str) -> Value {
    json!({
        "clientMutationId": key, "organizationId": organization(clinic, "Practice").await, "patientName": name,
        "patientBirthDate": born, "kind": "PATIENT_AUTHORISED", "relationship": "FRIEND", "text": "I live next door.",
    })
}

async fn told(clinic: &Clinic, name: &str, key: &str) -> Value {
    json!({
        "clientMutationId": key, "organizationId": organization(clinic, "Practice").await, "patientName": name,
        "relationship": "NEIGHBOUR", "text": "She has not opened the door since Sunday.",
    })
}

/// Sends a mutation as the stranger and returns its answer as it is.
async fn sent(clinic: &Clinic, mutation: &str, ty: &str, input: Value) -> Answer {
    let document = format!(
        "mutation($input: {ty}!) {{ {mutation}(input: $input) {{ clientMutationId position replayed organizationId
            problems {{ __typename code message path }} }} }}"
    );
    clinic.post("stranger", &json!({ "query": document, "variables": { "input": input } }), &[]).await
}

/// An answer byte by byte, without the tokens that are new in each: the position, and the sender's own key.
fn without_tokens(answer: &Answer, mutation: &str) -> (u16, String) {
    let body = answer.json();
    let payload = &body["data"][mutation];
    let replaced = [text(payload, "/position"), text(payload, "/clientMutationId")];
    (answer.status, replaced.iter().fold(answer.body.clone(), |body, token| body.replace(token, "")))
}

/// All that the stranger can ask about themself and their help.
async fn known_to_sender(clinic: &Clinic) -> String {
    let query = "{ viewer { ownRecordIds delegations { id state } helpInvitations { delegationId } waitingDelegations { id }
        outsideMessages { id } recordProposals { patientId } inbox { nodes { id } } worklist(list: MINE) { nodes { id } }
        patients { nodes { id } } drafts { nodes { id } } } }";
    let answer = clinic.post("stranger", &json!({ "query": query }), &[]).await;
    assert!(answer.json().get("errors").is_none(), "{answer:?}");
    answer.json()["data"].to_string()
}

/// The open messages that somebody handles.
async fn open(clinic: &Clinic, who: &str) -> Vec<Value> {
    let query = "{ viewer { outsideMessages { id wish state dueAt relationship kind sender { name { text } }
        patientName { text } patientBirthDate { text } text { text } claimedBy { name { text } } } } }";
    let found = clinic.ask(who, query).await["viewer"]["outsideMessages"].clone();
    found.as_array().expect("messages").clone()
}

#[tokio::test]
async fn who_offers_to_help_learns_nothing_of_whether_there_is_such_a_patient() {
    let clinic = Clinic::open().await;
    let before = known_to_sender(&clinic).await;
    let real = offer(&clinic, "Mira Patient", "1958-03-04", "k1").await;
    let existing = sent(&clinic, "askToHelp", "AskToHelpInput", real).await;
    let invented = offer(&clinic, "Nora Nobody", "1958-03-04", "k2").await;
    let missing = sent(&clinic, "askToHelp", "AskToHelpInput", invented).await;
    assert_eq!(without_tokens(&existing, "askToHelp"), without_tokens(&missing, "askToHelp"));
    assert_eq!(known_to_sender(&clinic).await, before);

    // Both are due at the same instant.
    let mut found = open(&clinic, "nurse").await;
    found.sort_by_key(|each| text(each, "/patientName/text").to_owned());
    let names: Vec<&str> = found.iter().map(|each| text(each, "/patientName/text")).collect();
    assert_eq!(names, ["Mira Patient", "Nora Nobody"]);
    assert_eq!(text(&found[0], "/text/text"), "I live next door.");
    let ids: Vec<&str> = found.iter().map(|each| text(each, "/id")).collect();
    for id in &ids {
        clinic.by("nurse").done("claimOutsideMessage", at(id), key("claim"), "outsideMessage { state }").await;
    }
    let matched = json!({ "clientMutationId": "match", "patientId": clinic.patient });
    let select = "outsideMessage { state end }";
    let payload = clinic.by("nurse").done("matchOutsideMessage", at(ids[0]), matched, select).await;
    assert_eq!(payload["outsideMessage"], json!({ "state": "ENDED", "end": "MATCHED" }));
    let close = json!({ "clientMutationId": "close", "ground": "UNMATCHED", "reason": "Nobody has that name." });
    clinic.by("nurse").done("closeOutsideMessage", at(ids[1]), close, "outsideMessage { end }").await;
    assert_eq!(open(&clinic, "nurse").await, Vec::<Value>::new());
    assert_eq!(known_to_sender(&clinic).await, before, "the sender reads the same after one was found and one was not");

    // The patient is asked, and nobody else is told who it is.
    let list =
        format!("{{ delegations(patientId: {}) {{ id state person {{ name {{ text }} }} }} }}", json!(clinic.patient));
    let asked = clinic.ask("mira", &list).await["delegations"].clone();
    assert_eq!((asked[0]["state"].as_str(), asked.as_array().map(Vec::len)), (Some("ASKED"), Some(1)));
    assert_eq!(text(&asked[0], "/person/name/text"), "stranger");
    let delegation = text(&asked[0], "/id").to_owned();
    let nothing = clinic.id("mira").to_owned();
    let mut answers = Vec::new();
    for id in [&delegation, &nothing] {
        let query = format!(
            "{{ ownDelegation(id: {0}) {{ id }} delegation(id: {0}) {{ id }} outsideMessage(id: {0}) {{ id }} }}",
            json!(id)
        );
        let target = Some(Target { argument: "delegationId", id });
        let declined = clinic.by("stranger").act("declineDelegation", target, key("d"), "").await;
        let revoked = clinic.by("stranger").act("revokeDelegation", target, key("r"), "").await;
        let own = clinic.post("stranger", &json!({ "query": query }), &[]).await;
        answers.push((own.json()["data"].clone(), declined["problems"].clone(), revoked["problems"].clone()));
    }
    assert_eq!(answers[0], answers[1], "an offer that was matched is answered as one that is not there");
    for id in &ids {
        let claimed = clinic.by("stranger").act("claimOutsideMessage", at(id), key("c"), "").await;
        let none = clinic.by("stranger").act("claimOutsideMessage", at(&nothing), key("c"), "").await;
        assert_eq!((codes(&claimed), &claimed["problems"]), (vec!["NOT_FOUND"], &none["problems"]));
    }
    let refuse = Some(Target { argument: "delegationId", id: &delegation });
    clinic.by("mira").done("refuseHelpOffer", refuse, key("no"), "delegation { state }").await;
    assert_eq!(known_to_sender(&clinic).await, before, "nor is a refusal told");
}

#[tokio::test]
async fn a_matched_offer_that_the_patient_takes_up_is_an_invitation_to_the_sender() {
    let clinic = Clinic::open().await;
    let input = offer(&clinic, "Mira Patient", "1958", "k").await;
    clinic.by("stranger").done("askToHelp", None, input, "organizationId").await;
    let id = text(&open(&clinic, "coordinator").await[0], "/id").to_owned();
    clinic.by("coordinator").done("claimOutsideMessage", at(&id), key("c"), "").await;
    let matched = json!({ "clientMutationId": "m", "patientId": clinic.patient });
    clinic.by("coordinator").done("matchOutsideMessage", at(&id), matched.clone(), "").await;
    let waits = clinic.ask("nurse", "{ viewer { waitingDelegations { id state } } }").await;
    assert_eq!(text(&waits, "/viewer/waitingDelegations/0/state"), "ASKED", "who verifies sees it in their list");
    let delegation = text(&waits, "/viewer/waitingDelegations/0/id");
    let again = clinic.by("coordinator").act("matchOutsideMessage", at(&id), matched, "").await;
    assert_eq!((codes(&again), &again["replayed"]), (vec![], &json!(true)));

    let invite = json!({
        "clientMutationId": "i", "patientId": clinic.patient, "offerId": delegation, "kind": "PATIENT_AUTHORISED",
        "relationship": "FRIEND", "until": "2027-05-23T09:00:00Z",
        "scope": { "topics": [{ "topic": "SCHEDULING", "read": true }], "threadKinds": ["CONSULTATION"], "history": "ALL" },
    });
    clinic.by("mira").done("inviteDelegate", None, invite, "delegation { state }").await;
    let invited = clinic.ask("stranger", "{ viewer { helpInvitations { delegationId } } }").await;
    assert_eq!(text(&invited, "/viewer/helpInvitations/0/delegationId"), delegation);
    // Another offer of the same person is told to staff at once, and not to the person.
    let input = offer(&clinic, "Mira Patient", "1958", "k2").await;
    clinic.by("stranger").done("askToHelp", None, input, "organizationId").await;
    let id = text(&open(&clinic, "nurse").await[0], "/id").to_owned();
    clinic.by("nurse").done("claimOutsideMessage", at(&id), key("c"), "").await;
    let matched = json!({ "clientMutationId": "m", "patientId": clinic.patient });
    let refused = clinic.by("nurse").act("matchOutsideMessage", at(&id), matched, "").await;
    assert_eq!(codes(&refused), ["ALREADY_DELEGATE"]);
    assert_eq!(refused["problems"][0]["path"], json!(["input", "patientId"]));
}

#[tokio::test]
async fn what_was_told_stands_in_a_thread_and_the_sender_learns_nothing() {
    let clinic = Clinic::open().await;
    let (thread, _) = clinic.asked("q").await;
    let before = known_to_sender(&clinic).await;
    let existing = sent(&clinic, "tellTeam", "TellTeamInput", told(&clinic, "Mira Patient", "k1").await).await;
    let missing = sent(&clinic, "tellTeam", "TellTeamInput", told(&clinic, "Nora Nobody", "k2").await).await;
    assert_eq!(without_tokens(&existing, "tellTeam"), without_tokens(&missing, "tellTeam"));
    for who in ["pcp", "mira", "stranger", "specialist", "admin", "centre_coordinator"] {
        assert_eq!(open(&clinic, who).await, Vec::<Value>::new(), "{who} handles no messages of the practice");
    }
    let found = open(&clinic, "coordinator").await;
    let expected = (text(&found[0], "/wish"), text(&found[0], "/state"), text(&found[0], "/sender/name/text"));
    assert_eq!(expected, ("TELL", "WAITING", "stranger"));
    let id = text(&found[0], "/id").to_owned();

    let attach = json!({ "clientMutationId": "a", "threadId": thread });
    let untaken = clinic.by("nurse").act("attachOutsideMessage", at(&id), attach.clone(), "").await;
    assert_eq!(codes(&untaken), ["NOT_IN_STATE"], "whoever goes on with it takes it first");
    clinic.by("coordinator").done("claimOutsideMessage", at(&id), key("c"), "").await;
    let by_other = clinic.by("nurse").act("attachOutsideMessage", at(&id), attach.clone(), "").await;
    assert_eq!(codes(&by_other), ["NOT_OWNER"]);
    // The coordinator takes no part in the thread of the team, and puts nothing into a thread of which they do not know.
    let of_team = team_thread(&clinic, Some(&clinic.patient)).await;
    let elsewhere = json!({ "clientMutationId": "e", "threadId": of_team });
    let unknown = clinic.by("coordinator").act("attachOutsideMessage", at(&id), elsewhere, "").await;
    assert_eq!(codes(&unknown), ["NOT_FOUND"]);
    clinic.by("nurse").done("claimOutsideMessage", at(&id), key("c"), "").await;
    let matched = json!({ "clientMutationId": "m", "patientId": clinic.patient });
    assert_eq!(codes(&clinic.by("nurse").act("matchOutsideMessage", at(&id), matched, "").await), ["NOT_ADMITTED"]);
    let payload =
        clinic.by("nurse").done("attachOutsideMessage", at(&id), attach.clone(), "outsideMessage { end }").await;
    assert_eq!(payload["outsideMessage"]["end"], "ATTACHED");
    let again = clinic.by("nurse").act("attachOutsideMessage", at(&id), attach, "").await;
    assert_eq!((codes(&again), &again["replayed"]), (vec![], &json!(true)));

    let notes = format!(
        "{{ notesFromOutside(threadId: {}) {{ relationship sender {{ name {{ text }} }} attachedBy {{ name {{ text }} }} text {{ text }} }} }}",
        json!(thread)
    );
    let expected = json!([{
        "relationship": "NEIGHBOUR", "sender": { "name": { "text": "stranger" } },
        "attachedBy": { "name": { "text": "nurse" } }, "text": { "text": "She has not opened the door since Sunday." },
    }]);
    for who in ["nurse", "pcp", "coordinator"] {
        assert_eq!(clinic.ask(who, &notes).await["notesFromOutside"], expected, "{who}");
    }
    for who in ["mira", "stranger", "admin"] {
        assert_eq!(clinic.ask(who, &notes).await["notesFromOutside"], Value::Null, "{who}");
    }
    assert_eq!(known_to_sender(&clinic).await, before);
}

#[tokio::test]
async fn a_person_sends_five_of_each_in_a_month() {
    let clinic = Clinic::open().await;
    for number in 0..5 {
        let input = told(&clinic, "Mira Patient", &format!("t{number}")).await;
        clinic.by("stranger").done("tellTeam", None, input, "organizationId").await;
    }
    let more =
        clinic.by("stranger").act("tellTeam", None, told(&clinic, "Nora Nobody", "t5").await, "organizationId").await;
    assert_eq!((codes(&more), &more["organizationId"]), (vec!["TOO_MANY_TRIES"], &Value::Null));
    let input = offer(&clinic, "Mira Patient", "1958", "o").await;
    clinic.by("stranger").done("askToHelp", None, input, "organizationId").await;
    let places = clinic.ask("stranger", "{ placesToWriteTo { name } }").await;
    assert_eq!(places["placesToWriteTo"], json!([{ "name": "Centre" }, { "name": "Practice" }]));
    let mut nowhere = told(&clinic, "Mira Patient", "n").await;
    nowhere["organizationId"] = json!("none");
    let nowhere = clinic.by("mira").act("tellTeam", None, nowhere, "").await;
    assert_eq!(
        (codes(&nowhere), &nowhere["problems"][0]["path"]),
        (vec!["NOT_FOUND"], &json!(["input", "organizationId"]))
    );
}
