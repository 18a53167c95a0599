//! The neutral commands over the schema: what is wrong with their inputs, what a consultation answers
//! to them, and what a viewer sees who may not read the content.

use care::command_name::{CommandName, Named};
use care::conversation::{
    AddParticipant, Addressed, ConversationCommand, HistoryWindow, Owner, Party, PassTurn, PostMessage, SetWaitingOn,
    Transfer, WaitingOn,
};
use care::idempotency::IdempotencyKey;
use care::ids::{Id, PersonId, PoolId, SessionId, ThreadId};
use care::text::Text;
use care::thread::{Thread, ThreadCommand};
use care::time_zone::TimeZones;
use care::words::Channel;
use chrono::{DateTime, TimeDelta, Utc};
use coordination::answer::{AnswerContext, Reads};
use coordination::{CommandContext, Origin};
use data_encoding::BASE64URL_NOPAD;
use journal::Position;
use policy::identity::Identity;
use serde_json::{Value, json};
use server::graphql::inputs::ownership::{PassTurnInput, SetWaitingOnInput, TransferThreadInput};
use server::graphql::inputs::participants::AddParticipantInput;
use server::graphql::inputs::{self, CommandInput, CommandOf, Prepared, Sender};
use uuid::Uuid;

use crate::clinic::{Clinic, Target, now, uuid_of};
use crate::text;

fn prepared<I: CommandInput>(input: &I) -> Prepared<CommandOf<I>> {
    let sender = Sender {
        identity: Identity::installation(),
        origin: Origin::of(Channel::Cli),
        now: now(),
        time_zones: &TimeZones::bundled(),
    };
    inputs::prepare(input, sender).expect("no problems")
}

/// A global id of a type, by its number.
fn global(tag: u8, number: u128) -> String {
    BASE64URL_NOPAD.encode(&[&[tag][..], Uuid::from_u128(number).as_bytes()].concat())
}

/// The codes of a payload's problems, each with the argument that it is about.
fn problems(payload: &Value) -> Vec<(String, String)> {
    let path = |problem: &Value| {
        let names = problem["path"].as_array().map(|path| path.iter().filter_map(Value::as_str).collect::<Vec<_>>());
        names.map_or(String::new(), |names| names.join("."))
    };
    let each = payload["problems"].as_array().expect("problems").iter();
    each.map(|problem| (text(problem, "/code").to_owned(), path(problem))).collect()
}

fn expected(problems: &[(&str, &str)]) -> Vec<(String, String)> {
    problems.iter().map(|(code, path)| ((*code).to_owned(), (*path).to_owned())).collect()
}

/// The id of an organization of the directory.
async fn organization(clinic: &Clinic, name: &str) -> String {
    let listed = clinic.ask("pcp", "{ viewer { organizations { id name } } }").await;
    let organizations = listed["viewer"]["organizations"].as_array().expect("a list");
    let found = organizations.iter().find(|each| each["name"] == name).expect("it is listed");
    text(found, "/id").to_owned()
}

/// How far the log has grown, as a reader sees it.
async fn position(clinic: &Clinic) -> Option<Position> {
    clinic.application.catch_up().await.expect("caught up");
    let person = PersonId::from_uuid(uuid_of(clinic.id("pcp")));
    let identity = Identity::signed_in(person, SessionId::from_uuid(Uuid::from_u128(9)));
    let read = |reads: Reads| async move { reads.reader(None).await.expect("a reader").position() };
    let answer = clinic
        .application
        .answer(
            AnswerContext { identity, now: now(), origin: coordination::Origin::of(care::words::Channel::GraphQl) },
            read,
        )
        .await;
    answer.expect("recorded").into_inner()
}

#[tokio::test]
async fn all_that_is_wrong_with_an_input_of_a_conversation_is_said_at_once() {
    let clinic = Clinic::open().await;
    let (id, version) = clinic.asked("q").await;
    let thread = Some(Target { argument: "threadId", id: &id });
    let place = json!({ "role": "NURSE", "organizationId": organization(&clinic, "Centre").await });
    let to = |action: &str| json!({ "party": { "personId": clinic.id("nurse") }, "action": action });
    let message = json!("no message");
    let from = ("MALFORMED", "input.history.fromMessageId");
    let action = ("MALFORMED", "input.to.action");
    let (reason, note) = (("EMPTY", "input.reason"), ("EMPTY", "input.note"));
    let key = ("MALFORMED", "input.clientMutationId");
    for (mutation, fields, wrong) in [
        (
            "addParticipant",
            json!({ "history": { "window": "FULL", "fromMessageId": message }, "reason": "" }),
            vec![from, reason, key],
        ),
        (
            "inviteParticipant",
            json!({ "history": { "window": "FROM_MESSAGE" }, "place": place, "reason": " " }),
            vec![from, reason, key],
        ),
        (
            "changeHistoryWindow",
            json!({ "history": { "window": "FROM_JOIN", "fromMessageId": message }, "reason": "" }),
            vec![from, reason, key],
        ),
        ("acceptInvitation", json!({}), vec![key]),
        ("declineInvitation", json!({}), vec![key]),
        ("leaveThread", json!({}), vec![key]),
        ("removeParticipant", json!({ "note": "" }), vec![note, key]),
        ("releaseThread", json!({ "reason": "" }), vec![reason, key]),
        ("transferThread", json!({ "to": { "poolId": clinic.pool }, "reason": "" }), vec![reason, key]),
        ("takeOverThread", json!({ "reason": "" }), vec![reason, key]),
        ("setWaitingOn", json!({ "to": to("thread.teleport"), "note": "" }), vec![action, note, key]),
        ("passTurn", json!({ "to": to("person.register"), "note": "" }), vec![action, note, key]),
        ("closeThread", json!({ "outcome": "" }), vec![("EMPTY", "input.outcome"), key]),
        ("reopenThread", json!({ "to": to(""), "reason": "", "note": "" }), vec![reason, action, note, key]),
    ] {
        let mut input = fields;
        input["clientMutationId"] = json!("no spaces allowed");
        if ["addParticipant", "inviteParticipant", "changeHistoryWindow", "removeParticipant"].contains(&mutation) {
            input["personId"] = json!(clinic.id("nurse"));
        }
        let relies = ["releaseThread", "transferThread", "takeOverThread", "setWaitingOn", "passTurn", "closeThread"];
        if relies.contains(&mutation) || mutation == "reopenThread" {
            input["expectedVersion"] = json!(version);
        }
        let refused = clinic.by("pcp").act(mutation, thread, input, "thread { id }").await;
        assert_eq!(problems(&refused), expected(&wrong), "{mutation}");
        assert_eq!(refused["thread"], Value::Null);
    }
}

#[test]
fn an_omitted_field_is_the_same_as_its_default() {
    let person = global(1, 5);
    let add = |fields: Value| {
        let mut input = json!({ "clientMutationId": "k", "personId": person });
        input.as_object_mut().expect("fields").extend(fields.as_object().expect("fields").clone());
        let Prepared { context, command } =
            prepared(&serde_json::from_value::<AddParticipantInput>(input).expect("an input"));
        (String::from_utf8(context.input).expect("JSON"), command)
    };
    let (canonical, command) = add(json!({}));
    assert_eq!(canonical, format!(r#"{{"personId":"{person}"}}"#));
    let person = PersonId::from_uuid(Uuid::from_u128(5));
    let meant = AddParticipant { person, place: None, history: HistoryWindow::Full, reason: None };
    assert_eq!(command, ThreadCommand::from(ConversationCommand::from(meant)));
    let written_out = json!({ "history": { "window": "FULL", "fromMessageId": null }, "place": null, "reason": null });
    assert_eq!(add(written_out), (canonical.clone(), command));
    let (other, _) = add(json!({ "history": { "window": "FROM_JOIN" } }));
    assert_ne!(other, canonical);

    // A message is awaited of a party unless the input says otherwise.
    let waits = |party: Value, action: Value| {
        let mut to = json!({ "party": party });
        if !action.is_null() {
            to["action"] = action;
        }
        json!({ "clientMutationId": "k", "expectedVersion": "v", "to": to })
    };
    let set: SetWaitingOnInput =
        serde_json::from_value(waits(json!({ "poolId": global(4, 6) }), Value::Null)).expect("an input");
    let pool = PoolId::from_uuid(Uuid::from_u128(6));
    let to = WaitingOn { party: Party::Pool(pool), action: PostMessage::NAME, due: None };
    assert_eq!(prepared(&set).command, ConversationCommand::from(SetWaitingOn { to, note: None }).into());
    let coordinator = waits(json!({ "coordinatorOfPoolId": global(4, 6) }), json!("consultation.advise"));
    let pass: PassTurnInput = serde_json::from_value(coordinator).expect("an input");
    let action = CommandName::parse("consultation.advise").expect("a name");
    let to = WaitingOn { party: Party::PoolCoordinator(pool), action, due: None };
    assert_eq!(prepared(&pass).command, ConversationCommand::from(PassTurn { to, note: None }).into());

    for (to, owner) in [
        (json!({ "poolId": global(4, 6) }), Owner::Pool(pool)),
        (json!({ "person": { "personId": global(1, 5) } }), Owner::Person { person, pool: None }),
        (
            json!({ "person": { "personId": global(1, 5), "poolId": global(4, 6) } }),
            Owner::Person { person, pool: Some(pool) },
        ),
    ] {
        let input = json!({ "clientMutationId": "k", "expectedVersion": "v", "to": to, "reason": "She is away." });
        let transfer: TransferThreadInput = serde_json::from_value(input).expect("an input");
        let ThreadCommand::Conversation(ConversationCommand::Transfer(Transfer { to, .. })) =
            prepared(&transfer).command
        else {
            panic!("a transfer")
        };
        assert_eq!(to, owner);
    }
}

#[tokio::test]
async fn a_consultation_takes_none_of_the_commands_that_its_policy_does_not_name() {
    let clinic = Clinic::open().await;
    let (id, version) = clinic.asked("q").await;
    let thread = Some(Target { argument: "threadId", id: &id });
    let centre = organization(&clinic, "Centre").await;
    let before = position(&clinic).await;
    let to = json!({ "party": { "personId": clinic.id("nurse") }, "dueAt": "2026-12-01T09:00:00Z" });
    let person = clinic.id("nurse");
    for (mutation, button, fields) in [
        (
            "inviteParticipant",
            "viewerCanInviteParticipant",
            json!({ "personId": person, "place": { "role": "NURSE", "organizationId": centre }, "reason": "Wounds." }),
        ),
        ("acceptInvitation", "viewerCanAcceptInvitation", json!({})),
        ("declineInvitation", "viewerCanDeclineInvitation", json!({})),
        (
            "changeHistoryWindow",
            "viewerCanChangeHistoryWindow",
            json!({ "personId": person, "history": { "window": "FROM_JOIN" }, "reason": "Privacy." }),
        ),
        ("leaveThread", "viewerCanLeave", json!({})),
        ("removeParticipant", "viewerCanRemoveParticipant", json!({ "personId": person, "note": "Moved on." })),
        ("releaseThread", "viewerCanRelease", json!({ "expectedVersion": version, "reason": "Away." })),
        (
            "transferThread",
            "viewerCanTransfer",
            json!({ "expectedVersion": version, "to": { "person": { "personId": person } }, "reason": "Away." }),
        ),
        ("takeOverThread", "viewerCanTakeOver", json!({ "expectedVersion": version, "reason": "Late." })),
        ("setWaitingOn", "viewerCanSetWaitingOn", json!({ "expectedVersion": version, "to": to })),
        ("passTurn", "viewerCanPassTurn", json!({ "expectedVersion": version, "to": to, "note": "Call her." })),
        // `viewerCanClose` is about the command by which the kind is closed.
        ("closeThread", "viewerCanReopen", json!({ "expectedVersion": version, "outcome": "Done." })),
        ("reopenThread", "viewerCanReopen", json!({ "expectedVersion": version, "to": to, "reason": "Not done." })),
    ] {
        for who in ["pcp", "specialist", "mira"] {
            let mut input = fields.clone();
            input["clientMutationId"] = json!(format!("{mutation}-{who}"));
            let refused = clinic.by(who).act(mutation, thread, input, "thread { id }").await;
            assert_eq!(problems(&refused), expected(&[("NOT_PERMITTED", "")]), "{mutation} by {who}");
            assert_eq!((&refused["thread"], &refused["position"]), (&Value::Null, &Value::Null));
            let way_on =
                text(&refused, "/problems/0/message").contains("; a consultation is closed by `closeConsultation`");
            assert_eq!(way_on, mutation == "closeThread", "{refused}");
            let query = format!("{{ thread(id: {}) {{ {button} {{ allowed reason }} }} }}", json!(id));
            let shown = clinic.ask(who, &query).await["thread"][button].clone();
            assert_eq!(shown, json!({ "allowed": false, "reason": "NOT_YOUR_ROLE" }), "{button} for {who}");
        }
        let mut input = fields;
        input["clientMutationId"] = json!(mutation);
        let refused = clinic.by("stranger").act(mutation, thread, input, "").await;
        assert_eq!(problems(&refused), expected(&[("NOT_FOUND", "threadId")]), "{mutation} by a stranger");
    }
    assert_eq!(position(&clinic).await, before, "nothing happened");
}

#[tokio::test]
async fn a_participant_of_a_consultation_is_added_from_the_care_team_and_with_a_window() {
    let clinic = Clinic::open().await;
    let (id, _) = clinic.asked("q").await;
    let thread = Some(Target { argument: "threadId", id: &id });
    let (nurse, specialist) = (clinic.id("nurse"), clinic.id("specialist"));
    let place = json!({ "role": "PHYSICIAN", "organizationId": organization(&clinic, "Centre").await });
    let of_nothing = json!({ "window": "FROM_MESSAGE", "fromMessageId": "none" });
    for (key, fields, problem) in [
        ("stranger", json!({ "personId": specialist }), ("NOT_ON_CARE_TEAM", "input.personId")),
        (
            "place",
            json!({ "personId": specialist, "place": place, "reason": "Knows her." }),
            ("NOT_ON_CARE_TEAM", "input.personId"),
        ),
        (
            "message",
            json!({ "personId": nurse, "history": of_nothing }),
            ("NO_SUCH_MESSAGE", "input.history.fromMessageId"),
        ),
    ] {
        let mut input = fields;
        input["clientMutationId"] = json!(key);
        let refused = clinic.by("pcp").act("addParticipant", thread, input, "").await;
        assert_eq!(problems(&refused), expected(&[problem]), "{key}");
    }
    let buttons = "viewerCanAddParticipant { allowed } viewerCanInviteParticipant { allowed }";
    let shown = clinic.ask("pcp", &format!("{{ thread(id: {}) {{ {buttons} }} }}", json!(id))).await;
    assert_eq!(
        shown["thread"],
        json!({ "viewerCanAddParticipant": { "allowed": true }, "viewerCanInviteParticipant": { "allowed": false } })
    );
    let participants = "thread { participants { nodes { role person { id } organization { name } seesFrom } } }";
    let add = json!({ "clientMutationId": "s", "personId": nurse, "history": { "window": "FROM_JOIN" } });
    let added = clinic.by("pcp").done("addParticipant", thread, add, participants).await;
    let last = added.pointer("/thread/participants/nodes/1").expect("they take part");
    let (person, organization) = (text(last, "/person/id"), text(last, "/organization/name"));
    assert_eq!((person, organization, text(last, "/role")), (nurse, "Practice", "NURSE"));
    assert!(last["seesFrom"].is_string(), "{last}");
}

#[tokio::test]
async fn a_person_who_may_not_read_the_content_sees_no_topic_and_no_invitations() {
    let clinic = Clinic::open().await;
    let (id, _) = clinic.asked("q").await;
    let query = format!(
        "{{ thread(id: {}) {{ topic confidentiality pools {{ id }} invitations {{ person {{ id }} }} viewerInvitation {{ expiresAt }} }} }}",
        json!(id)
    );
    let seen = |topic: Value, confidentiality: Value| json!({ "topic": topic, "confidentiality": confidentiality, "pools": [], "invitations": [], "viewerInvitation": null });
    assert_eq!(clinic.ask("pcp", &query).await["thread"], seen(json!("CLINICAL_ADVICE"), json!("NORMAL")));
    assert_eq!(clinic.ask("mira", &query).await["thread"], seen(Value::Null, Value::Null));
}

#[tokio::test]
async fn what_is_asked_while_the_clock_is_behind_the_newest_event_comes_after_it() {
    let clinic = Clinic::open().await;
    let (thread, _) = clinic.asked("ahead").await;
    let ahead = now() + TimeDelta::hours(1);
    let context = CommandContext {
        identity: Identity::signed_in(
            PersonId::from_uuid(uuid_of(clinic.id("pcp"))),
            SessionId::from_uuid(Uuid::nil()),
        ),
        key: IdempotencyKey::parse("ahead").expect("a key"),
        input: vec![],
        expected: None,
        draft: None,
        origin: Origin::of(Channel::Cli),
        causation: None,
        now: ahead,
    };
    let body = Text::body("Sent when the clock was ahead.").expect("a text").into();
    let post = ConversationCommand::from(PostMessage { addressed: Addressed::Everyone, body });
    let target = Some(ThreadId::from_uuid(uuid_of(&thread)));
    clinic.application.execute::<Thread>(&context, target, &post.into()).await.expect("posted");
    // The server's own clock still says what it said before.
    let (later, _) = clinic.asked("behind").await;
    let found = clinic.ask("pcp", &format!("{{ consultation(id: {later:?}) {{ createdAt }} }}")).await;
    let created: DateTime<Utc> =
        found["consultation"]["createdAt"].as_str().expect("shown").parse().expect("an instant");
    assert!(created > ahead, "{created}");
}

/// The ids of the threads that an inbox lists.
async fn listed(clinic: &Clinic, who: &str, arguments: &str) -> Vec<Value> {
    let found = clinic.ask(who, &format!("{{ viewer {{ inbox{arguments} {{ nodes {{ id }} }} }} }}")).await;
    let nodes = found["viewer"]["inbox"]["nodes"].as_array().expect("nodes").clone();
    nodes.into_iter().map(|node| node["id"].clone()).collect()
}

#[tokio::test]
async fn a_thread_is_put_away_for_oneself_until_something_new_arrives() {
    let clinic = Clinic::open().await;
    let (thread, version) = clinic.asked("away").await;
    let id = json!(thread);
    let only = vec![id.clone()];
    let target = Some(Target { argument: "threadId", id: thread.as_str() });
    let post = async |who: &'static str, key: &str, audience: &str| {
        let input = json!({ "clientMutationId": key, "audience": audience, "body": key });
        clinic.by(who).done("postMessage", target, input, "message { id }").await;
    };
    let put = async |who: &'static str, key: &str, away: bool| {
        let input = json!({ "clientMutationId": key, "away": away });
        clinic.by(who).act("putThreadAway", target, input, "thread { isPutAway version }").await
    };
    let (current, away, sent) = ("", "(filter: PUT_AWAY)", "(filter: SENT_BY_ME)");
    let done = put("mira", "p1", true).await;
    assert_eq!((&done["problems"], &done["thread"]["isPutAway"]), (&json!([]), &json!(true)));
    assert_eq!(
        (listed(&clinic, "mira", current).await, listed(&clinic, "mira", away).await),
        (vec![], vec![id.clone()])
    );
    assert_eq!(listed(&clinic, "nurse", current).await, only, "it is nobody else's");
    // A message that she may not read does not bring it back, and neither does her own.
    post("nurse", "aside", "CLINICAL_TEAM").await;
    post("mira", "mine", "EVERYONE").await;
    assert_eq!(
        (listed(&clinic, "mira", current).await, listed(&clinic, "mira", away).await),
        (vec![], vec![id.clone()])
    );
    assert_eq!(listed(&clinic, "mira", sent).await, only);
    assert_eq!(listed(&clinic, "pcp", sent).await, [""; 0]);
    post("pcp", "hello", "EVERYONE").await;
    assert_eq!(
        (listed(&clinic, "mira", current).await, listed(&clinic, "mira", away).await),
        (vec![id.clone()], vec![])
    );
    put("mira", "p2", true).await;
    assert_eq!(listed(&clinic, "mira", current).await, [""; 0]);
    let back = put("mira", "p3", false).await;
    assert_eq!(back["thread"]["isPutAway"], false);
    assert_eq!(listed(&clinic, "mira", current).await, [id]);
    // Nothing of it moved the version on which a command relies.
    let assign = json!({ "clientMutationId": "assign", "expectedVersion": version });
    let target = Some(Target { argument: "consultationId", id: thread.as_str() });
    clinic.by("centre_coordinator").done("assignConsultation", target, assign, "").await;

    let other = json!({ "clientMutationId": "p4", "away": true });
    let target = Some(Target { argument: "threadId", id: thread.as_str() });
    let refused = clinic.by("stranger").act("putThreadAway", target, other, "").await;
    assert_eq!(refused["problems"][0]["code"], "NOT_FOUND");
}

#[tokio::test]
async fn what_the_team_shares_with_the_patient_is_for_both_and_changes_no_byte_for_others() {
    let clinic = Clinic::open().await;
    let (id, _) = clinic.asked("q").await;
    let practice = organization(&clinic, "Practice").await;
    let of = |argument, id| Some(Target { argument, id });
    let worker = clinic.id("stranger");
    let grant = json!({ "clientMutationId": "g", "organizationId": practice, "role": "SOCIAL_WORKER" });
    clinic.by("admin").done("grantRole", of("personId", worker), grant, "personId").await;
    let member =
        json!({ "clientMutationId": "c", "personId": worker, "role": "SOCIAL_WORKER", "organizationId": practice });
    let patient = of("patientId", clinic.patient.as_str());
    clinic.by("coordinator").done("addCareTeamMember", patient, member, "patient { id }").await;
    let thread = of("threadId", id.as_str());
    let open = json!({ "clientMutationId": "open", "audience": "EVERYONE", "body": "How is it?" });
    clinic.by("nurse").done("postMessage", thread, open, "message { id }").await;

    let query = format!(
        "{{ thread(id: {id}) {{ unreadCount isPutAway own: readers(audience: TEAM_AND_ME) {{ count }}
              can: viewerCanPost(audience: TEAM_AND_ME) {{ allowed }}
              messages(first: 20) {{ nodes {{ id audience addressedTo {{ id }} body {{ text }} isRead readReceipts {{ at }} }}
                                    pageInfo {{ hasNextPage hasPreviousPage }} }} }}
           viewer {{ inbox {{ nodes {{ id unreadCount }} }} }} }}",
        id = json!(id)
    );
    let before = clinic.ask("stranger", &query).await;
    let fields = "message { id audience addressedTo { id } }";
    let word = json!({ "clientMutationId": "word", "audience": "TEAM_AND_ME", "body": "I missed it." });
    let word = clinic.by("mira").done("postMessage", thread, word, fields).await;
    let mira = clinic.id("mira");
    let shared = json!({ "id": word["message"]["id"], "audience": "TEAM_AND_ME", "addressedTo": [{ "id": mira }] });
    assert_eq!(word["message"], shared);
    let answer = |key: &str, to: Value| json!({ "clientMutationId": key, "audience": "TEAM_AND_ME", "to": to, "body": "Take it tonight." });
    let answered = clinic.by("nurse").done("postMessage", thread, answer("answer", json!([mira])), fields).await;
    assert_eq!(answered["message"]["addressedTo"], json!([{ "id": mira }]));
    let mark = json!({ "clientMutationId": "read", "messageId": word["message"]["id"] });
    clinic.by("pcp").done("markThreadRead", thread, mark, "thread { id }").await;

    assert_eq!(clinic.ask("stranger", &query).await, before);
    assert_eq!((&before["thread"]["own"], &before["thread"]["can"]["allowed"]), (&Value::Null, &json!(false)));
    let of_mira = clinic.ask("mira", &query).await;
    let bodies = |seen: &Value| {
        let nodes = seen["thread"]["messages"]["nodes"].as_array().expect("messages").clone();
        nodes.iter().map(|node| text(node, "/body/text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(bodies(&of_mira), ["How is it?", "I missed it.", "Take it tonight."]);
    assert_eq!(bodies(&of_mira), bodies(&clinic.ask("pcp", &query).await));
    let receipts = &of_mira["thread"]["messages"]["nodes"][1]["readReceipts"];
    assert_eq!((&of_mira["thread"]["unreadCount"], receipts.as_array().map(Vec::len)), (&json!(2), Some(1)));
    // As many read it as the clinical team and the patient are, whoever asks.
    let readers = format!(
        "{{ thread(id: {}) {{ one: readers(audience: TEAM_AND_ME) {{ count includesPatient }}
              named: readers(audience: TEAM_AND_ME, to: [{}]) {{ count }} team: readers(audience: CLINICAL_TEAM) {{ count }} }} }}",
        json!(id),
        json!(clinic.id("nurse"))
    );
    let (of_pcp, of_mira) = (clinic.ask("pcp", &readers).await, clinic.ask("mira", &readers).await);
    let team = of_pcp["thread"]["team"]["count"].as_i64().expect("a number");
    assert_eq!(of_pcp["thread"]["one"], json!({ "count": team + 1, "includesPatient": true }));
    assert_eq!(of_mira["thread"]["one"], of_pcp["thread"]["one"]);
    assert_eq!(of_pcp["thread"]["named"]["count"], json!(team), "a colleague is not the one person");

    let to_nobody = ("NOT_A_PARTICIPANT", "input.to");
    for (who, to, wrong) in [
        ("nurse", json!([]), to_nobody),
        ("nurse", json!([clinic.id("pcp")]), to_nobody),
        ("nurse", json!([mira, clinic.id("pcp")]), ("MALFORMED", "input.to")),
        ("mira", json!([clinic.id("nurse")]), to_nobody),
    ] {
        let refused = clinic.by(who).act("postMessage", thread, answer("wrong", to), "message { id }").await;
        assert_eq!(problems(&refused), expected(&[wrong]), "{who}");
    }
    let refused = clinic.by("stranger").act("postMessage", thread, answer("no", json!([mira])), "message { id }").await;
    assert_eq!(refused["problems"][0]["code"], "NOT_PERMITTED");
}
