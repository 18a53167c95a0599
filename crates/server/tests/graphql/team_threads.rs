//! Team threads over HTTP: opened, talked in, handed over, parked, closed and opened again; and a
//! patient who cannot notice any of it.

use serde_json::{Value, json};

use crate::clinic::{Clinic, Target, uuid_of};
use crate::{codes, text};

const SEEN: &str = "id version state status reviewAt closingNote { text } parkedReason { text withheld }
    topic subject { text withheld } owner { person { name { text } } pool { name } }
    waitingOn { party action due person { name { text } } pool { name } note { text } }
    participants { nodes { person { name { text } } role endedAt } } invitations { person { name { text } } role reason { text } }
    viewerInvitation { role organization { name } invitedBy { name { text } } history }
    patient { name { text } } messages(first: 10) { nodes { body { text } audience } } unreadCount
    viewerCanClaim { allowed } viewerCanPark { allowed } viewerCanClose { allowed } viewerCanReopen { allowed }
    viewerCanAcceptInvitation { allowed } viewerCanLeave { allowed reason } viewerCanSetWaitingOn { allowed }";

async fn seen(clinic: &Clinic, who: &str, id: &str) -> Value {
    let data = clinic.ask(who, &format!("{{ teamThread(id: {}) {{ {SEEN} }} }}", json!(id))).await;
    data["teamThread"].clone()
}

pub async fn organization_of(clinic: &Clinic, who: &str) -> Value {
    let data = clinic.ask(who, "{ viewer { roles { organization { id } } } }").await;
    data["viewer"]["roles"][0]["organization"]["id"].clone()
}

/// Opens a thread of the physician, who owns it, with the nurse, for whom it waits, and the
/// specialist of the other organization, who is invited.
async fn opened(clinic: &Clinic, key: &str) -> Value {
    let (practice, centre) = (organization_of(clinic, "pcp").await, organization_of(clinic, "specialist").await);
    let input = json!({
        "clientMutationId": key, "patientId": clinic.patient, "topic": "SOCIAL", "subject": "Stairs",
        "owner": { "person": { "personId": clinic.id("pcp") } },
        "participants": [
            { "personId": clinic.id("nurse"), "place": { "role": "NURSE", "organizationId": practice } },
            {
                "personId": clinic.id("specialist"), "place": { "role": "PHYSICIAN", "organizationId": centre },
                "history": { "window": "FROM_JOIN" },
            },
        ],
        "waitingOn": { "party": { "personId": clinic.id("nurse") }, "dueAt": "2026-11-25T09:00:00Z" },
        "note": "Can she manage them?",
    });
    let select = format!("teamThread {{ {SEEN} }}");
    clinic.by("pcp").done("openTeamThread", None, input, &select).await["teamThread"].clone()
}

async fn give(clinic: &Clinic, (who, mutation): (&'static str, &str), id: &str, mut input: Value) -> Value {
    let version = seen(clinic, who, id).await["version"].clone();
    input["clientMutationId"] = json!(format!("{who}-{mutation}"));
    if !["postMessage", "acceptInvitation", "leaveThread", "removeParticipant"].contains(&mutation) {
        input["expectedVersion"] = version;
    }
    let name = if mutation == "parkTeamThread" { "teamThreadId" } else { "threadId" };
    clinic.by(who).act(mutation, Some(Target { argument: name, id }), input, "").await
}

#[tokio::test]
async fn a_team_thread_goes_its_whole_way() {
    let clinic = Clinic::open().await;
    let thread = opened(&clinic, "team").await;
    let id = text(&thread, "/id").to_owned();
    assert_eq!(text(&thread, "/state"), "ACTIVE");
    assert_eq!(text(&thread, "/waitingOn/person/name/text"), "nurse");
    assert_eq!(text(&thread, "/waitingOn/note/text"), "Can she manage them?");
    assert_eq!(thread["participants"]["nodes"].as_array().map(Vec::len), Some(2));
    assert_eq!(text(&thread, "/invitations/0/person/name/text"), "specialist");
    assert_eq!(thread["viewerCanPark"]["allowed"], json!(true));
    assert_eq!(thread["viewerCanLeave"], json!({ "allowed": false, "reason": "NOT_IN_STATE" }));

    // Who is invited sees that, and nothing of the content.
    let invited = seen(&clinic, "specialist", &id).await;
    assert_eq!(text(&invited, "/viewerInvitation/invitedBy/name/text"), "pcp");
    assert_eq!(text(&invited, "/viewerInvitation/history"), "FROM_JOIN");
    assert_eq!((&invited["topic"], &invited["patient"]), (&Value::Null, &Value::Null));
    assert_eq!(text(&invited, "/subject/withheld"), "WITHHELD");
    assert_eq!((&invited["owner"], &invited["waitingOn"]), (&Value::Null, &Value::Null));
    assert_eq!((&invited["participants"]["nodes"], &invited["messages"]["nodes"]), (&json!([]), &json!([])));
    assert_eq!(invited["viewerCanAcceptInvitation"]["allowed"], json!(true));

    let said = give(&clinic, ("nurse", "postMessage"), &id, json!({ "body": "Only with help." })).await;
    assert_eq!(codes(&said), [""; 0]);
    let accepted = give(&clinic, ("specialist", "acceptInvitation"), &id, json!({})).await;
    assert_eq!(codes(&accepted), [""; 0]);
    let joined = seen(&clinic, "specialist", &id).await;
    assert_eq!((text(&joined, "/topic"), text(&joined, "/patient/name/text")), ("SOCIAL", "Mira Patient"));
    assert_eq!((&joined["messages"]["nodes"], &joined["unreadCount"]), (&json!([]), &json!(0)));
    let messages = &seen(&clinic, "pcp", &id).await["messages"]["nodes"];
    assert_eq!(*messages, json!([{ "body": { "text": "Only with help." }, "audience": "EVERYONE" }]));

    let to = json!({ "party": { "personId": clinic.id("specialist") } });
    let turn = give(&clinic, ("nurse", "setWaitingOn"), &id, json!({ "to": to, "note": "Your view?" })).await;
    assert_eq!(codes(&turn), [""; 0]);
    let listed = clinic.ask("specialist", "{ viewer { worklist(list: MINE) { nodes { id } } } }").await;
    assert_eq!(text(&listed, "/viewer/worklist/nodes/0/id"), id);

    let late = json!({ "reviewAt": "2027-06-01T09:00:00Z", "reason": "After the summer" });
    let refused = give(&clinic, ("pcp", "parkTeamThread"), &id, late).await;
    assert_eq!(codes(&refused), ["OUT_OF_RANGE"]);
    assert_eq!(refused["problems"][0]["path"], json!(["input", "reviewAt"]));
    let not_hers = give(
        &clinic,
        ("nurse", "parkTeamThread"),
        &id,
        json!({
            "reviewAt": "2026-12-01T09:00:00Z", "reason": "Later",
        }),
    );
    assert_eq!(codes(&not_hers.await), ["NOT_PERMITTED"]);
    let version = seen(&clinic, "pcp", &id).await["version"].clone();
    let park = json!({
        "clientMutationId": "park", "expectedVersion": version,
        "reviewAt": "2026-12-01T10:00:00.1234567+01:00", "reason": "Until the rail is mounted",
    });
    clinic
        .by("pcp")
        .done("parkTeamThread", Some(Target { argument: "teamThreadId", id: &id }), park, "teamThread { state }")
        .await;
    let parked = seen(&clinic, "nurse", &id).await;
    assert_eq!((text(&parked, "/state"), text(&parked, "/reviewAt")), ("PARKED", "2026-12-01T09:00:00.123456Z"));
    assert_eq!(
        (text(&parked, "/waitingOn/party"), text(&parked, "/parkedReason/text")),
        ("NOBODY", "Until the rail is mounted")
    );

    let owner = json!({ "to": { "person": { "personId": clinic.id("nurse") } }, "reason": "She is there daily." });
    assert_eq!(codes(&give(&clinic, ("pcp", "transferThread"), &id, owner).await), [""; 0]);
    let not_theirs = give(&clinic, ("specialist", "closeThread"), &id, json!({ "outcome": "Done." })).await;
    assert_eq!(codes(&not_theirs), ["NOT_PERMITTED"]);
    let message = text(&not_theirs, "/problems/0/message");
    assert_eq!(message, "thread.close is not permitted in any role or place that you have there now");
    let closed = give(&clinic, ("nurse", "closeThread"), &id, json!({ "outcome": "A rail is mounted." })).await;
    assert_eq!(codes(&closed), [""; 0]);
    let closed = seen(&clinic, "pcp", &id).await;
    assert_eq!((text(&closed, "/state"), text(&closed, "/status")), ("CLOSED", "CLOSED"));
    assert_eq!((text(&closed, "/closingNote/text"), &closed["waitingOn"]), ("A rail is mounted.", &Value::Null));
    assert_eq!(closed["viewerCanReopen"]["allowed"], json!(true));

    let to = json!({ "party": { "personId": clinic.id("nurse") } });
    let reopened = give(&clinic, ("pcp", "reopenThread"), &id, json!({ "reason": "It is loose.", "to": to })).await;
    assert_eq!(codes(&reopened), [""; 0]);
    assert_eq!(text(&seen(&clinic, "nurse", &id).await, "/state"), "ACTIVE");
    assert_eq!(codes(&give(&clinic, ("specialist", "leaveThread"), &id, json!({})).await), [""; 0]);
    assert_eq!(seen(&clinic, "specialist", &id).await, Value::Null);
}

#[tokio::test]
async fn the_patient_and_who_has_no_place_notice_nothing_of_a_team_thread() {
    let clinic = Clinic::open().await;
    clinic.asked("q").await;
    let lists = "viewer { inbox { nodes { id updatedAt } pageInfo { hasNextPage endCursor } }
        worklist(list: WAITING) { nodes { id } pageInfo { hasNextPage endCursor } } looseEnds { since } patients { nodes { id } } }";
    let query = |id: &str| {
        let id = json!(id);
        format!("{{ {lists} thread(id: {id}) {{ id }} teamThread(id: {id}) {{ id }} node(id: {id}) {{ id }} }}")
    };
    let made_up = "AgAAAAAAAAAAAAAAAAAAAAA";
    let outside = ["mira", "coordinator", "specialist", "stranger", "admin"];
    let mut before = Vec::new();
    for who in outside {
        before.push(clinic.ask(who, &query(made_up)).await);
    }
    let practice = organization_of(&clinic, "pcp").await;
    let input = json!({
        "clientMutationId": "hidden", "patientId": clinic.patient, "topic": "SOCIAL", "subject": "Stairs",
        "owner": { "person": { "personId": clinic.id("pcp") } },
        "participants": [{ "personId": clinic.id("nurse"), "place": { "role": "NURSE", "organizationId": practice } }],
        "waitingOn": { "party": { "personId": clinic.id("nurse") } }, "note": "Can she manage them?",
    });
    let thread = clinic.by("pcp").done("openTeamThread", None, input, "teamThread { id }").await;
    let id = text(&thread, "/teamThread/id").to_owned();
    give(&clinic, ("nurse", "postMessage"), &id, json!({ "body": "Only with help." })).await;
    for (who, before) in outside.into_iter().zip(before) {
        let strip = |mut data: Value| {
            // Cursors are encrypted anew in each answer.
            for list in ["inbox", "worklist"] {
                data["viewer"][list]["pageInfo"]["endCursor"] = Value::Null;
            }
            data
        };
        assert_eq!(strip(clinic.ask(who, &query(&id)).await), strip(before), "{who}");
        for mutation in ["acceptInvitation", "leaveThread"] {
            let input = json!({ "clientMutationId": mutation });
            let there =
                clinic.by(who).act(mutation, Some(Target { argument: "threadId", id: &id }), input.clone(), "").await;
            let nowhere =
                clinic.by(who).act(mutation, Some(Target { argument: "threadId", id: made_up }), input, "").await;
            assert_eq!(there, nowhere);
            assert_eq!(codes(&there), ["NOT_FOUND"]);
        }
    }
    assert!(uuid_of(&id) != uuid_of(made_up));
}

#[tokio::test]
async fn an_opening_is_refused_with_all_problems_at_once() {
    let clinic = Clinic::open().await;
    let input = json!({
        "clientMutationId": "wrong", "topic": "SOCIAL", "subject": " ", "note": "",
        "owner": { "person": { "personId": clinic.id("pcp") } },
        "participants": [{
            "personId": clinic.id("nurse"), "place": { "role": "NURSE", "organizationId": clinic.patient },
            "history": { "window": "FROM_MESSAGE" },
        }],
        "waitingOn": { "party": { "personId": clinic.id("nurse") }, "action": "thread.sing" },
    });
    let refused = clinic.by("pcp").act("openTeamThread", None, input, "teamThread { id }").await;
    let paths: Vec<_> =
        refused["problems"].as_array().expect("problems").iter().map(|each| each["path"].clone()).collect();
    assert_eq!(
        paths,
        [
            json!(["input", "subject"]),
            json!(["input", "note"]),
            json!(["input", "waitingOn", "action"]),
            json!(["input", "participants", "0", "history", "fromMessageId"]),
        ]
    );
    assert_eq!(refused["teamThread"], Value::Null);
    let practice = organization_of(&clinic, "pcp").await;
    let alone = json!({
        "clientMutationId": "alone", "topic": "SOCIAL", "subject": "Stairs", "note": "?",
        "owner": { "person": { "personId": clinic.id("pcp") } }, "organizationId": practice,
        "waitingOn": { "party": { "personId": clinic.id("pcp") } },
    });
    let refused = clinic.by("pcp").act("openTeamThread", None, alone, "teamThread { id }").await;
    assert_eq!(codes(&refused), ["NO_REACHABLE_READER"]);
    let roleless = json!({
        "clientMutationId": "mira", "topic": "SOCIAL", "subject": "Stairs", "note": "?",
        "owner": { "person": { "personId": clinic.id("mira") } },
        "waitingOn": { "party": { "personId": clinic.id("mira") } },
    });
    let refused = clinic.by("mira").act("openTeamThread", None, roleless, "teamThread { id }").await;
    assert_eq!(codes(&refused), ["NOT_PERMITTED"]);
}

/// The subjects in the list of what waits for somebody.
async fn waiting_for(clinic: &Clinic, who: &str) -> Vec<Value> {
    let listed = clinic.ask(who, "{ viewer { worklist(list: MINE) { nodes { subject { text } } } } }").await;
    let nodes = listed["viewer"]["worklist"]["nodes"].as_array().expect("nodes").clone();
    nodes.into_iter().map(|node| node["subject"]["text"].clone()).collect()
}

#[tokio::test]
async fn a_reply_finishes_a_turn_in_one_act_and_neither_happens_without_the_other() {
    let clinic = Clinic::open().await;
    let thread = opened(&clinic, "reply").await;
    let id = text(&thread, "/id").to_owned();
    assert_eq!(waiting_for(&clinic, "nurse").await, [json!("Stairs")]);
    let input = |key: &str, version: &Value, message: Value| {
        json!({
            "clientMutationId": key, "expectedVersion": version, "message": message, "note": "Please decide.",
            "to": { "party": { "personId": clinic.id("pcp") } },
        })
    };
    let target = Some(Target { argument: "threadId", id: id.as_str() });
    let bodies = async || seen(&clinic, "pcp", &id).await["messages"]["nodes"].clone();
    let version = &thread["version"];
    for (key, message, code, path) in [
        ("r1", json!({ "audience": "EVERYONE", "body": " " }), "EMPTY", json!(["input", "message", "body"])),
        ("r2", json!({ "audience": "NAMED", "body": "Yes." }), "MALFORMED", json!(["input", "message", "to"])),
        (
            "r3",
            json!({ "audience": "NAMED", "to": [clinic.id("coordinator")], "body": "Yes." }),
            "NOT_A_PARTICIPANT",
            json!(["input", "message", "to"]),
        ),
        ("r4", json!({ "audience": "CLINICAL_TEAM", "body": "Yes." }), "NOT_PERMITTED", Value::Null),
    ] {
        let refused = clinic.by("nurse").act("setWaitingOn", target, input(key, version, message), "").await;
        assert_eq!((codes(&refused), &refused["problems"][0]["path"]), (vec![code], &path), "{key}");
    }
    let mut to_nobody_there = input("r0", version, json!({ "audience": "EVERYONE", "body": "Yes." }));
    to_nobody_there["to"]["party"]["personId"] = json!(clinic.id("coordinator"));
    let refused = clinic.by("nurse").act("setWaitingOn", target, to_nobody_there, "").await;
    assert_eq!(codes(&refused), ["PARTY_CANNOT_ACT"]);
    assert_eq!((bodies().await, waiting_for(&clinic, "nurse").await), (json!([]), vec![json!("Stairs")]));

    let reply = input("r5", version, json!({ "audience": "EVERYONE", "body": "Yes, with the rail." }));
    let done = clinic.by("nurse").done("setWaitingOn", target, reply.clone(), "thread { unreadCount }").await;
    assert_eq!(bodies().await, json!([{ "body": { "text": "Yes, with the rail." }, "audience": "EVERYONE" }]));
    assert_eq!(waiting_for(&clinic, "nurse").await, [""; 0]);
    assert_eq!(waiting_for(&clinic, "pcp").await, [json!("Stairs")]);
    assert_eq!(seen(&clinic, "pcp", &id).await["unreadCount"], 1);
    let again = clinic.by("nurse").act("setWaitingOn", target, reply, "").await;
    assert_eq!((&again["replayed"], &again["position"].is_string()), (&json!(true), &done["position"].is_string()));
    assert_eq!(bodies().await.as_array().map(Vec::len), Some(1));

    // The last word and the end.
    let version = seen(&clinic, "pcp", &id).await["version"].clone();
    let close = json!({
        "clientMutationId": "c1", "expectedVersion": version, "outcome": "Rail ordered.",
        "message": { "audience": "EVERYONE", "body": "Thank you all." },
    });
    clinic.by("pcp").done("closeThread", target, close, "").await;
    let closed = seen(&clinic, "nurse", &id).await;
    assert_eq!((text(&closed, "/state"), text(&closed, "/closingNote/text")), ("CLOSED", "Rail ordered."));
    assert_eq!(text(&closed, "/messages/nodes/1/body/text"), "Thank you all.");
}

#[tokio::test]
async fn the_threads_of_a_patient_are_those_that_the_reader_may_find_and_of_which_they_may_know_the_patient() {
    let clinic = Clinic::open().await;
    let ((first, _), (second, _)) = (clinic.asked("q1").await, clinic.asked("q2").await);
    let team = text(&opened(&clinic, "team").await, "/id").to_owned();
    let closed = give(&clinic, ("pcp", "closeThread"), &team, json!({ "outcome": "Done." })).await;
    assert_eq!(codes(&closed), [""; 0]);
    let ids = |list: &Value| {
        let nodes = list["nodes"].as_array().expect("nodes");
        nodes.iter().map(|node| text(node, "/id").to_owned()).collect::<std::collections::BTreeSet<_>>()
    };
    let all = [&first, &second, &team].map(Clone::clone).into();
    let consultations = [&first, &second].map(Clone::clone).into();
    let patient = json!(clinic.patient);
    let query = format!("{{ patientThreads(patientId: {patient}) {{ nodes {{ id }} }} }}");
    for (who, expected) in [("pcp", &all), ("nurse", &all), ("coordinator", &consultations), ("mira", &consultations)] {
        assert_eq!(ids(&clinic.ask(who, &query).await["patientThreads"]), *expected, "{who}");
    }
    for who in ["specialist", "stranger"] {
        assert_eq!(clinic.ask(who, &query).await["patientThreads"], Value::Null, "{who}");
    }
    // The specialist is invited into the team thread, and an invited person does not know whom a thread is about, also if
    // they know the patient otherwise.
    let role =
        json!({ "clientMutationId": "n", "organizationId": organization_of(&clinic, "pcp").await, "role": "NURSE" });
    let specialist = Some(Target { argument: "personId", id: clinic.id("specialist") });
    clinic.by("admin").done("grantRole", specialist, role, "personId").await;
    assert_eq!(ids(&clinic.ask("specialist", &query).await["patientThreads"]), consultations);

    let (mut found, mut after) = (std::collections::BTreeSet::new(), json!(null));
    for more in [true, true, false] {
        let arguments = format!("patientId: {patient}, first: 1, after: {after}");
        let fields = "nodes { id } pageInfo { hasNextPage endCursor }";
        let page = clinic.ask("pcp", &format!("{{ patientThreads({arguments}) {{ {fields} }} }}")).await;
        let page = &page["patientThreads"];
        assert_eq!(page["pageInfo"]["hasNextPage"], json!(more));
        found.extend(ids(page));
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(found, all);
    let inbox = format!("{{ viewer {{ inbox(after: {after}) {{ nodes {{ id }} }} }} }}");
    let foreign = clinic.post("pcp", &json!({ "query": inbox }), &[]).await.json();
    assert_eq!(foreign["errors"][0]["extensions"]["problem"], "PAGE_FOREIGN_CURSOR");
}
