//! The page of a thread over HTTP: who reads it, a reply that finishes, the steps of a team thread, and the parts of the
//! inbox.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::clinic::{Clinic, Target};
use crate::pages::{Browser, Form, between};
use crate::text;

async fn place(clinic: &Clinic, who: &str) -> Value {
    let data = clinic.ask(who, "{ viewer { roles { role organization { id } } } }").await;
    let held = &data["viewer"]["roles"][0];
    json!({ "role": held["role"], "organizationId": held["organization"]["id"] })
}

/// A team thread of the physician with the nurse, for whom it waits; about the patient or about nobody.
pub async fn team_thread(clinic: &Clinic, patient: Option<&str>) -> String {
    let input = json!({
        "clientMutationId": format!("team-{}", patient.is_some()), "patientId": patient, "topic": "SOCIAL",
        "subject": "Stairs", "owner": { "person": { "personId": clinic.id("pcp") } },
        "participants": [{ "personId": clinic.id("nurse"), "place": place(clinic, "nurse").await }],
        "waitingOn": { "party": { "personId": clinic.id("nurse") } }, "note": "Can she manage them?",
    });
    let opened = clinic.by("pcp").done("openTeamThread", None, input, "teamThread { id }").await;
    text(&opened, "/teamThread/id").to_owned()
}

/// What the API says of a team thread.
async fn state(clinic: &Clinic, id: &str) -> Value {
    let query = format!(
        "{{ teamThread(id: {}) {{ state owner {{ person {{ name {{ text }} }} }} reviewAt closingNote {{ text }}
            waitingOn {{ party due person {{ name {{ text }} }} note {{ text }} }}
            participants {{ nodes {{ person {{ name {{ text }} }} endedAt }} }}
            invitations {{ person {{ name {{ text }} }} }}
            messages(first: 20) {{ nodes {{ body {{ text }} audience }} }} }} }}",
        json!(id)
    );
    clinic.ask("pcp", &query).await["teamThread"].clone()
}

#[tokio::test]
async fn the_page_says_who_reads_and_how_many_they_are() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let readers = "{ count others persons(first: 50) { nodes { isViewer person { name { text } } } } }";
    let query = format!(
        "{{ thread(id: {}) {{ all: readers(audience: EVERYONE) {readers} team: readers(audience: CLINICAL_TEAM) {readers} }} }}",
        json!(id)
    );
    let known = clinic.ask("pcp", &query).await;
    let (all, team) = (&known["thread"]["all"], &known["thread"]["team"]);
    assert_ne!(all["count"], team["count"], "the patient reads only what is for everyone");
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let page = pcp.page(&format!("/t/{id}")).await;
    for part in [
        format!("Who can read this: {} people", all["count"]),
        format!("Send to {} people, including Mira Patient", all["others"]),
        format!("href=\"/t/{id}/audience\""),
    ] {
        assert!(page.body.contains(&part), "{part}: {page:?}");
    }
    // The audiences keep their order; the default audience of a professional is the clinical team.
    let buttons: Vec<&str> = page.body.split("name=\"audience\" value=\"").skip(1).collect();
    assert!(buttons[0].starts_with("EVERYONE") && buttons[1].starts_with("CLINICAL_TEAM"), "{page:?}");
    let shown: Vec<&str> = page.body.split("name=\"shown\" value=\"").skip(1).collect();
    assert!(shown[0].starts_with("EVERYONE\">") && shown[1].starts_with("CLINICAL_TEAM\" checked>"), "{page:?}");
    let clinical = buttons[1].split_once("</button>").expect("a button").0;
    assert!(clinical.contains(&format!("Send to {} ", team["others"])), "{clinical}");

    let audience = pcp.page(&format!("/t/{id}/audience")).await;
    assert!(audience.body.contains(&format!("{} people can read this thread now", all["count"])), "{audience:?}");
    let persons = all["persons"]["nodes"].as_array().expect("persons");
    let names: Vec<&str> = persons.iter().filter_map(|reader| reader["person"]["name"]["text"].as_str()).collect();
    assert!(names.len() >= 3, "{all}");
    for name in &names {
        assert!(audience.body.contains(&format!("<bdi>{name}</bdi>")), "{name}: {audience:?}");
    }
    let unnamed = persons.len() - names.len();
    assert_eq!(
        audience.body.contains(&format!("{unnamed} more p")),
        unnamed > 0,
        "who is not named counts: {audience:?}"
    );
    assert_eq!(audience.body.matches("Messages to everyone").count(), 1, "the patient: {audience:?}");
    assert!(audience.body.contains("(you)"), "{audience:?}");

    // The patient writes to everyone, and their page counts the same persons.
    let mira = Browser::signed_in(&clinic, "mira").await;
    let page = mira.page(&format!("/t/{id}")).await;
    assert!(page.body.contains("Send to your team ("), "{page:?}");
    let buttons: Vec<&str> = page.body.split("name=\"audience\" value=\"").skip(1).collect();
    assert_eq!(buttons.len(), 2, "everyone, or the team and her: {page:?}");
    assert!(mira.page(&format!("/t/{id}/audience")).await.body.contains("Mira"), "{page:?}");
    let stranger = Browser::signed_in(&clinic, "stranger").await;
    assert_eq!(stranger.get(&format!("/t/{id}/audience")).await.status, 404);

    // A social worker reads what is for everyone, and says the same of herself and the patient as the physician does.
    let practice = place(&clinic, "pcp").await["organizationId"].clone();
    let of = |argument, id| Some(Target { argument, id });
    let worker = clinic.id("stranger");
    let grant = json!({ "clientMutationId": "g", "organizationId": practice, "role": "SOCIAL_WORKER" });
    clinic.by("admin").done("grantRole", of("personId", worker), grant, "personId").await;
    let member =
        json!({ "clientMutationId": "c", "personId": worker, "role": "SOCIAL_WORKER", "organizationId": practice });
    clinic
        .by("coordinator")
        .done("addCareTeamMember", of("patientId", &clinic.patient), member, "patient { id }")
        .await;
    for (who, number) in [("pcp", 2), ("stranger", 2)] {
        let page = Browser::signed_in(&clinic, who).await.page(&format!("/t/{id}/audience")).await;
        assert_eq!(page.body.matches("Messages to everyone").count(), number, "{who}: {page:?}");
        assert_eq!(page.body.contains("At least the messages to everyone"), who == "stranger", "{page:?}");
    }
}

#[tokio::test]
async fn the_patient_writes_to_the_team_alone_and_is_answered_alone() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let (thread, action) = (format!("/t/{id}"), format!("/t/{id}/reply"));
    let mira = Browser::signed_in(&clinic, "mira").await;
    let page = mira.page(&thread).await;
    let parts = ["The team and me<", "Nobody else whom you have let in sees it.", "Send to your care team only ("];
    for part in parts {
        assert!(page.body.contains(part), "{part}: {page:?}");
    }
    let form = Form::of(&page, &action);
    assert_eq!(form.get("answered"), "", "she writes for herself");
    let sent = mira.send(&action, &form.with(&[("audience", "TEAM_AND_ME"), ("body", "I missed it.")])).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    let page = mira.page(&thread).await;
    assert!(page.body.contains("Only the team and you") && page.body.contains("I missed it."), "{page:?}");

    let nurse = Browser::signed_in(&clinic, "nurse").await;
    let page = nurse.page(&thread).await;
    for part in ["The team and Mira Patient<", "people: the team and Mira Patient", "Only the team and mira"] {
        assert!(page.body.contains(part), "{part}: {page:?}");
    }
    let form = Form::of(&page, &action);
    assert_eq!(form.get("answered"), clinic.id("mira"));
    let sent = nurse.send(&action, &form.with(&[("audience", "TEAM_AND_ME"), ("body", "Take it tonight.")])).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    let page = mira.page(&thread).await;
    assert_eq!(page.body.matches("Only the team and you").count(), 2, "{page:?}");
    // Nobody writes so in a team thread.
    let team = team_thread(&clinic, Some(&clinic.patient)).await;
    let page = nurse.page(&format!("/t/{team}")).await;
    assert!(!page.body.contains("TEAM_AND_ME"), "{page:?}");
}

#[tokio::test]
async fn a_reply_passes_the_turn_parks_and_closes_in_one_act() {
    let clinic = Clinic::with_pages().await;
    let id = team_thread(&clinic, Some(&clinic.patient)).await;
    let (thread, action) = (format!("/t/{id}"), format!("/t/{id}/reply"));
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    let page = nurse.page(&thread).await;
    assert!(page.body.contains("value=\"turn\""), "{page:?}");
    assert!(!page.body.contains("value=\"park\"") && !page.body.contains("value=\"close\""), "she is not the owner");
    let reply = [("audience", "EVERYONE"), ("body", "Only with help."), ("then", "turn")];
    let form = Form::of(&page, &action).with(&reply);
    let incomplete = nurse.send(&action, &form).await;
    assert_eq!(incomplete.status, 422, "{incomplete:?}");
    let all = ["href=\"#to-party-person:", "Only with help.</textarea>", "value=\"turn\" checked"];
    for part in all {
        assert!(incomplete.body.contains(part), "{part}: {incomplete:?}");
    }
    assert_eq!(state(&clinic, &id).await["messages"]["nodes"], json!([]), "nothing was sent");
    let pcp_party = format!("person:{}", clinic.id("pcp"));
    let turn = [("to.party", pcp_party.as_str()), ("note", "Order a rail?")];
    let past = [("to.dueAt.day", "1"), ("to.dueAt.month", "11"), ("to.dueAt.year", "2026"), ("to.dueAt.time", "10:00")];
    let past = nurse.send(&action, &form.with(&[&turn[..], &past].concat())).await;
    assert!(past.status == 422 && past.body.contains("This is in the past"), "{past:?}");
    let done = nurse.send(&action, &form.with(&turn)).await;
    let to = format!("/t/{id}?done=turn&with=message");
    assert_eq!((done.status, done.header("location")), (303, Some(to.as_str())), "{done:?}");
    let shown = nurse.page(&to).await;
    assert!(shown.body.contains("<title>Sent: ") && shown.body.contains("Your message was sent"), "{shown:?}");
    let now = state(&clinic, &id).await;
    assert_eq!(text(&now, "/messages/nodes/0/body/text"), "Only with help.");
    assert_eq!(
        (text(&now, "/waitingOn/person/name/text"), text(&now, "/waitingOn/note/text")),
        ("pcp", "Order a rail?")
    );

    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let page = pcp.page(&thread).await;
    let reply = [("audience", "EVERYONE"), ("body", "Ordered."), ("then", "park"), ("reason", "Until it is mounted")];
    let until =
        [("reviewAt.day", "1"), ("reviewAt.month", "12"), ("reviewAt.year", "2026"), ("reviewAt.time", "10:00")];
    let parked = pcp.send(&action, &Form::of(&page, &action).with(&[&reply[..], &until].concat())).await;
    assert_eq!(parked.status, 303, "{parked:?}");
    let now = state(&clinic, &id).await;
    assert_eq!((text(&now, "/state"), text(&now, "/reviewAt")), ("PARKED", "2026-12-01T09:00:00.000000Z"));

    let page = pcp.page(&thread).await;
    let empty = [("audience", "EVERYONE"), ("body", " "), ("then", "close"), ("outcome", "Mounted")];
    let empty = pcp.send(&action, &Form::of(&page, &action).with(&empty)).await;
    assert!(empty.status == 422 && empty.body.contains("href=\"#body\""), "{empty:?}");
    let close = [("audience", "EVERYONE"), ("body", "It is there."), ("then", "close"), ("outcome", "Mounted")];
    let closed = pcp.send(&action, &Form::of(&page, &action).with(&close)).await;
    assert_eq!(closed.status, 303, "{closed:?}");
    let now = state(&clinic, &id).await;
    assert_eq!((text(&now, "/state"), text(&now, "/closingNote/text")), ("CLOSED", "Mounted"));
    assert_eq!(now["messages"]["nodes"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_reply_that_is_sent_again_with_another_step_is_posted_once() {
    let park = [
        ("then", "park"),
        ("reason", "Until it is mounted"),
        ("reviewAt.day", "1"),
        ("reviewAt.month", "12"),
        ("reviewAt.year", "2026"),
        ("reviewAt.time", "10:00"),
    ];
    let close = [("then", "close"), ("outcome", "Mounted")];
    for (first, second) in [(&[][..], &park[..]), (&park[..], &[][..]), (&park[..], &close[..])] {
        let clinic = Clinic::with_pages().await;
        let pcp = Browser::signed_in(&clinic, "pcp").await;
        let id = team_thread(&clinic, Some(&clinic.patient)).await;
        let action = format!("/t/{id}/reply");
        // The key alone tells: no draft goes along.
        let body = [("audience", "EVERYONE"), ("body", "Ordered."), ("draft", "")];
        let form = Form::of(&pcp.page(&format!("/t/{id}")).await, &action).with(&body);
        let sent = pcp.send(&action, &form.with(first)).await;
        assert_eq!(sent.status, 303, "{sent:?}");
        let before = state(&clinic, &id).await;
        let same = pcp.send(&action, &form.with(first)).await;
        assert_eq!((same.status, same.header("location")), (303, sent.header("location")), "{same:?}");
        let other = pcp.send(&action, &form.with(second)).await;
        assert_eq!(other.status, 422, "{other:?}");
        assert!(other.body.contains("This was sent before, with other words or another step"), "{other:?}");
        assert_eq!(state(&clinic, &id).await, before, "one message, and no other step");
        assert_eq!(before["messages"]["nodes"].as_array().map(Vec::len), Some(1));

        // The same key by the API is the same act.
        if first.is_empty() {
            let input = json!({
                "clientMutationId": form.get("key"), "audience": "EVERYONE", "body": "Ordered.",
                "expectedVersion": form.get("version"),
            });
            let on = Some(Target { argument: "threadId", id: id.as_str() });
            let by_api = clinic.by("pcp").done("postMessage", on, input, "message { id }").await;
            assert_eq!(by_api["replayed"], true, "{by_api}");
        } else {
            let message = json!({ "audience": "EVERYONE", "body": "Ordered." });
            let input = json!({
                "clientMutationId": form.get("key"), "expectedVersion": form.get("version"),
                "reviewAt": "2026-12-01T09:00:00Z", "reason": "Until it is mounted", "message": message,
            });
            let on = Some(Target { argument: "teamThreadId", id: id.as_str() });
            let by_api = clinic.by("pcp").done("parkTeamThread", on, input, "position").await;
            assert_eq!(by_api["replayed"], true, "{by_api}");
        }
    }

    // A step on its own page, sent again without its message.
    let clinic = Clinic::with_pages().await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let id = team_thread(&clinic, Some(&clinic.patient)).await;
    let path = format!("/t/{id}/park");
    let message = [("message.body", "Ordered."), ("message.audience", "EVERYONE"), ("draft", "")];
    let form = Form::of(&pcp.page(&path).await, &path).with(&park[1..]).with(&message);
    assert_eq!(pcp.send(&path, &form).await.status, 303);
    let other = pcp.send(&path, &form.with(&[("message.body", "")])).await;
    assert!(other.body.contains("This was sent before"), "{other:?}");
}

#[tokio::test]
async fn a_step_takes_a_message_along() {
    let clinic = Clinic::with_pages().await;
    let id = team_thread(&clinic, Some(&clinic.patient)).await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let message = [("message.body", "Done at home."), ("message.audience", "EVERYONE")];
    pcp.step(&id, "close", &[&[("outcome", "Rail mounted")][..], &message].concat()).await;
    let now = state(&clinic, &id).await;
    assert_eq!((text(&now, "/state"), text(&now, "/messages/nodes/0/body/text")), ("CLOSED", "Done at home."));
}

#[tokio::test]
async fn the_people_of_a_team_thread_are_changed_on_its_pages() {
    let clinic = Clinic::with_pages().await;
    let of = Some(Target { argument: "patientId", id: clinic.patient.as_str() });
    let joins = json!({ "clientMutationId": "join", "role": "COORDINATOR", "reason": "She arranges the visits." });
    clinic.by("coordinator").done("joinCareTeam", of, joins, "patient { id }").await;
    let member = json!({
        "clientMutationId": "ask", "personId": clinic.id("specialist"), "role": "PHYSICIAN",
        "organizationId": place(&clinic, "specialist").await["organizationId"],
    });
    clinic.by("coordinator").done("addCareTeamMember", of, member, "patient { id }").await;
    clinic.by("specialist").done("acceptCareTeamPlace", of, json!({ "clientMutationId": "accept" }), "position").await;
    let id = team_thread(&clinic, Some(&clinic.patient)).await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    let (invite, specialist) = (format!("/t/{id}/invite"), clinic.id("specialist"));
    for (path, person) in [(&format!("/t/{id}/add"), clinic.id("coordinator")), (&invite, specialist)] {
        let fields = [("personId", person), ("history.window", "FROM_JION"), ("reason", "Visits")];
        let unknown = pcp.send(path, &Form::of(&pcp.page(path).await, path).with(&fields)).await;
        assert_eq!(unknown.status, 422, "an unknown window is refused, and never the widest: {unknown:?}");
        assert!(unknown.body.contains("href=\"#history-window-"), "{unknown:?}");
    }
    pcp.step(&id, "add", &[("personId", clinic.id("coordinator")), ("history.window", "FULL"), ("reason", "Visits")])
        .await;
    let add = pcp.page(&format!("/t/{id}/add")).await;
    assert!(!add.body.contains(specialist), "who belongs to an organization that takes no part is invited: {add:?}");
    let page = pcp.page(&invite).await;
    assert!(page.body.contains(specialist) && !page.body.contains(clinic.id("coordinator")), "{page:?}");
    pcp.step(&id, "invite", &[("personId", specialist), ("history.window", "FROM_JOIN"), ("reason", "Knees")]).await;
    let nobody = pcp.page(&invite).await;
    assert!(
        nobody.body.contains("Nobody can be chosen here now.") && nobody.body.contains("Back to the thread"),
        "{nobody:?}"
    );
    assert!(!nobody.body.contains("name=\"reason\""), "a form that can do nothing is not shown: {nobody:?}");
    let now = state(&clinic, &id).await;
    assert_eq!(text(&now, "/invitations/0/person/name/text"), "specialist");
    assert_eq!(now["participants"]["nodes"].as_array().map(Vec::len), Some(3));

    let nothing = pcp
        .send(
            &format!("/t/{id}/remove"),
            &Form::of(&pcp.page(&format!("/t/{id}/remove")).await, &format!("/t/{id}/remove")),
        )
        .await;
    assert_eq!(nothing.status, 422, "{nothing:?}");
    pcp.step(&id, "remove", &[("personId", specialist), ("note", "Not needed")]).await;
    let to = format!("person:{}", clinic.id("nurse"));
    pcp.step(&id, "transfer", &[("to", &to), ("reason", "On leave")]).await;
    let now = state(&clinic, &id).await;
    assert_eq!((text(&now, "/owner/person/name/text"), &now["invitations"]), ("nurse", &json!([])));
    let page = pcp.page(&format!("/t/{id}")).await;
    assert!(page.body.contains("Owner: <bdi>nurse</bdi>") && page.body.contains(" · Owner</span>"), "{page:?}");

    nurse.step(&id, "close", &[("outcome", "Rail mounted")]).await;
    let party = format!("person:{}", clinic.id("pcp"));
    nurse.step(&id, "reopen", &[("reason", "It came off"), ("to.party", &party), ("note", "Again?")]).await;
    assert_eq!(text(&state(&clinic, &id).await, "/state"), "ACTIVE");
    let day = [("to.dueAt.day", "30"), ("to.dueAt.month", "11"), ("to.dueAt.year", "2026"), ("to.dueAt.time", "10:00")];
    pcp.step(&id, "turn", &[&[("to.party", to.as_str()), ("note", "Order it")][..], &day].concat()).await;
    assert_eq!(text(&state(&clinic, &id).await, "/waitingOn/due"), "2026-11-30T09:00:00.000000Z");

    let coordinator = Browser::signed_in(&clinic, "coordinator").await;
    let leave = format!("/t/{id}/leave");
    let left = coordinator.send(&leave, &Form::of(&coordinator.page(&leave).await, &leave)).await;
    assert_eq!((left.status, left.header("location")), (303, Some("/inbox?done=leave")), "{left:?}");
    assert!(coordinator.page("/inbox?done=leave").await.body.contains("You left the thread"));
    assert_eq!(coordinator.get(&format!("/t/{id}")).await.status, 404);
    // What the lifecycle does not allow somebody has no form: the address leads back to the thread.
    let refused = pcp.get(&format!("/t/{id}/park")).await;
    assert_eq!(refused.status, 303, "{refused:?}");
}

#[tokio::test]
async fn the_inbox_has_its_parts_and_threads_are_put_away_and_taken_back() {
    let clinic = Clinic::with_pages().await;
    let id = team_thread(&clinic, Some(&clinic.patient)).await;
    let (pcp, nurse) = (Browser::signed_in(&clinic, "pcp").await, Browser::signed_in(&clinic, "nurse").await);
    let shows = |part: &str| {
        let (path, pcp, link) = (format!("/inbox{part}"), &pcp, format!("href=\"/t/{id}\""));
        async move {
            let page = pcp.page(&path).await;
            assert_eq!(page.body.matches("aria-current=\"page\"").count(), 2, "one in each navigation: {page:?}");
            page.body.contains(&link)
        }
    };
    assert!(shows("").await && shows("?show=waiting").await, "it waits for the nurse");
    for part in ["?show=unread", "?show=done", "?show=put-away", "?show=sent"] {
        assert!(!shows(part).await, "{part}");
    }
    let put_away = format!("/t/{id}/put-away");
    let page = pcp.page("/inbox").await;
    let done = pcp.send(&put_away, &Form::of(&page, &put_away)).await;
    assert_eq!((done.status, done.header("location")), (303, Some("/inbox")), "{done:?}");
    assert!(!shows("").await && shows("?show=put-away").await);
    let page = pcp.page(&format!("/t/{id}")).await;
    let take_back = format!("/t/{id}/take-back");
    assert_eq!(pcp.send(&take_back, &Form::of(&page, &take_back)).await.status, 303);
    assert!(shows("").await && !shows("?show=put-away").await);
    let page = pcp.page(&format!("/t/{id}")).await;
    assert_eq!(pcp.send(&put_away, &Form::of(&page, &put_away)).await.status, 303);

    // A new message brings it back, unread.
    let action = format!("/t/{id}/reply");
    let form = Form::of(&nurse.page(&format!("/t/{id}")).await, &action);
    assert_eq!(
        nurse.send(&action, &form.with(&[("audience", "EVERYONE"), ("body", "Only with help.")])).await.status,
        303
    );
    assert!(shows("?show=unread").await && !shows("?show=put-away").await);
    let page = pcp.page(&format!("/t/{id}")).await;
    let read = format!("/t/{id}/read");
    assert_eq!(pcp.send(&read, &Form::of(&page, &read)).await.status, 303);
    assert!(!shows("?show=unread").await && !shows("?show=sent").await);
    let form = Form::of(&pcp.page(&format!("/t/{id}")).await, &action);
    assert_eq!(pcp.send(&action, &form.with(&[("audience", "EVERYONE"), ("body", "Thank you.")])).await.status, 303);
    assert!(shows("?show=sent").await);
    let page = nurse.page("/inbox?show=sent").await;
    assert!(page.body.contains("Complete as of"), "{page:?}");
}

#[tokio::test]
async fn threads_that_look_alike_have_links_with_names_of_their_own() {
    let clinic = Clinic::with_pages().await;
    let (one, _) = clinic.asked("q1").await;
    let (mut mira, pcp) = (Browser::signed_in(&clinic, "mira").await, Browser::signed_in(&clinic, "pcp").await);
    let patient = format!("/patients/{}", clinic.patient);
    let views = [
        (&mira, "/home"),
        (&mira, "/inbox"),
        (&mira, patient.as_str()),
        (&pcp, "/inbox"),
        (&pcp, patient.as_str()),
        (&pcp, "/worklist?show=waiting"),
    ];
    for (browser, path) in views {
        assert!(!browser.page(path).await.body.contains("look alike"), "there is only one: {path}");
    }
    // At the same minute, about the same patient, with the same subject.
    let (other, _) = clinic.asked("q2").await;
    for (browser, path) in views {
        let page = browser.page(path).await;
        let name = |id: &str| {
            let link = between(&page.body, &format!("href=\"/t/{id}\""), "</a>").expect("a link");
            link.rsplit_once('>').expect("a name").1.trim().to_owned()
        };
        let names = BTreeSet::from([name(&one), name(&other)]);
        assert!(names.iter().all(|name| name.ends_with("of 2 that look alike)")), "{path}: {names:?}");
        assert_eq!(names.len(), 2, "{path}: {names:?}");
    }
    mira.language = "es";
    let page = mira.page("/inbox").await;
    assert!(page.body.contains("(1 de 2 que parecen iguales)") && page.body.contains("(2 de 2"), "{page:?}");
}

#[tokio::test]
async fn a_thread_about_nobody_has_its_form_and_one_whose_patient_is_not_shown_has_none() {
    let clinic = Clinic::with_pages().await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let nobody = team_thread(&clinic, None).await;
    let page = pcp.page(&format!("/t/{nobody}")).await;
    assert!(page.body.contains("About no patient") && page.body.contains("class=\"composer\""), "{page:?}");
    let about = team_thread(&clinic, Some(&clinic.patient)).await;
    let page = pcp.page(&format!("/t/{about}")).await;
    assert!(!page.body.contains("About no patient") && page.body.contains("class=\"composer\""), "{page:?}");

    // Who is only invited is not told whether there is a patient: both look alike, in the API and on the pages.
    let specialist = Browser::signed_in(&clinic, "specialist").await;
    for (key, id) in [("i1", &nobody), ("i2", &about)] {
        let input = json!({
            "clientMutationId": key, "personId": clinic.id("specialist"), "place": place(&clinic, "specialist").await,
            "reason": "Knees",
        });
        let on = Some(Target { argument: "threadId", id });
        clinic.by("pcp").done("inviteParticipant", on, input, "").await;
        let query = format!("{{ thread(id: {}) {{ isAboutPatient patient {{ id }} }} }}", json!(id));
        let told = clinic.ask("specialist", &query).await;
        assert_eq!(told["thread"], json!({ "isAboutPatient": null, "patient": null }));
        let page = specialist.page(&format!("/t/{id}")).await;
        assert!(!page.body.contains("About no patient") && !page.body.contains("class=\"composer\""), "{page:?}");
    }
    let home = specialist.page("/home").await;
    let (before, after) = home.body.split_once("id=\"unread\"").expect("what is unread");
    assert_eq!(before.matches("Answer the invitation:").count(), 2, "{home:?}");
    assert!(!before.contains("Nothing waits for you") && !after.contains("Answer the invitation"), "{home:?}");
    let list = specialist.page("/inbox").await;
    let yours = list.body.split_once("id=\"g-yours\"").expect("what waits for the reader").1;
    assert!(yours.contains(&nobody) && yours.contains(&about) && !yours.contains("g-others"), "{list:?}");
    assert_eq!(list.body.matches("You are not shown whom this is about").count(), 2, "{list:?}");
    assert!(!list.body.contains("About no patient"), "{list:?}");
}

#[tokio::test]
async fn a_message_goes_to_the_persons_that_were_chosen_and_to_nobody_else() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let (thread, reply, named) = (format!("/t/{id}"), format!("/t/{id}/reply"), format!("/t/{id}/named"));
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    // From the form for a reply to the choice of persons, with what was typed.
    let page = nurse.page(&thread).await;
    assert!(page.body.contains("name=\"audience\" value=\"NAMED\""), "{page:?}");
    let typed = Form::of(&page, &reply).with(&[("audience", "NAMED"), ("body", "Is he eating?")]);
    let chooser = nurse.send(&reply, &typed).await;
    assert_eq!(chooser.status, 200, "{chooser:?}");
    assert!(chooser.body.contains("Is he eating?</textarea>"), "{chooser:?}");
    let pcp = clinic.id("pcp").to_owned();
    let offers = |who: &str| chooser.body.contains(&format!("name=\"to\" value=\"{who}\""));
    assert!(offers(&pcp), "{chooser:?}");
    assert!(!offers(clinic.id("nurse")), "nobody names themselves");
    let form = Form::of(&chooser, &named);
    // Nobody was chosen: said at the control, with the text.
    let nobody = nurse.send(&named, &form.with(&[("body", "Is he eating?")])).await;
    assert_eq!(nobody.status, 422, "{nobody:?}");
    assert!(nobody.body.contains("href=\"#to-") && nobody.body.contains("Is he eating?</textarea>"), "{nobody:?}");
    // Somebody who cannot read the thread.
    let stranger = [("body", "Is he eating?"), ("to", clinic.id("stranger"))];
    let refused = nurse.send(&named, &form.with(&stranger)).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    assert!(refused.body.contains("Is he eating?</textarea>"), "{refused:?}");

    let sent = nurse.send(&named, &form.with(&[("body", "Is he eating?"), ("to", &pcp)])).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    for (who, reads) in [("pcp", true), ("nurse", true), ("mira", false), ("coordinator", false)] {
        let page = Browser::signed_in(&clinic, who).await.get(&thread).await;
        assert_eq!(page.body.contains("Is he eating?"), reads, "{who}: {page:?}");
    }
    let shown = nurse.page(&thread).await;
    assert!(shown.body.contains("Only pcp"), "the message says who reads it: {shown:?}");
    // A draft for chosen persons stays in its form: its text is never in that of a reply, which more people would read.
    let form = Form::of(&nurse.page(&named).await, &named);
    let saved = nurse.send(&format!("{named}/draft"), &form.with(&[("body", "An aside"), ("to", &pcp)])).await;
    assert_eq!(saved.status, 303, "{saved:?}");
    let shown = nurse.page(&thread).await;
    assert!(!shown.body.contains("An aside") && shown.body.contains(&format!("href=\"{named}\"")), "{shown:?}");
    assert!(nurse.page("/drafts").await.body.contains(&format!("href=\"{named}\"")));
    let kept = nurse.page(&named).await;
    assert!(kept.body.contains("An aside</textarea>"), "{kept:?}");
    let chosen = format!("name=\"to\" value=\"{pcp}\" checked");
    assert!(kept.body.contains(&chosen), "{kept:?}");
    // Another step cannot go along, and is not left out without a word.
    let with_step = Form::of(&shown, &reply).with(&[("audience", "NAMED"), ("body", "Both"), ("then", "close")]);
    let refused = nurse.send(&reply, &with_step).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    assert!(refused.body.contains("cannot go along") && refused.body.contains("Both</textarea>"), "{refused:?}");
    // A patient has no choice of readers on their page.
    let mira = Browser::signed_in(&clinic, "mira").await;
    assert!(!mira.page(&thread).await.body.contains("value=\"NAMED\""));
}

#[tokio::test]
async fn how_much_a_participant_sees_is_changed_by_a_form_that_says_how_much_it_is_now() {
    let clinic = Clinic::with_pages().await;
    let id = team_thread(&clinic, Some(&clinic.patient)).await;
    let (thread, action) = (format!("/t/{id}"), format!("/t/{id}/history"));
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    assert!(pcp.page(&thread).await.body.contains(&format!("href=\"{action}\"")));
    let page = pcp.page(&action).await;
    assert!(page.body.contains("nurse, Practice, sees all of it"), "{page:?}");
    assert!(!page.body.contains(&format!("name=\"personId\" value=\"{}\"", clinic.id("pcp"))), "not oneself: {page:?}");
    let form = Form::of(&page, &action);
    let nurse = clinic.id("nurse").to_owned();
    let of =
        |window: &'static str| [("personId", nurse.as_str()), ("history.window", window), ("reason", "Wrong team")];
    for empty in [of(""), of("ALL")] {
        let refused = pcp.send(&action, &form.with(&empty)).await;
        assert_eq!(refused.status, 422, "{empty:?} {refused:?}");
        assert!(refused.body.contains("#history-window"), "{refused:?}");
    }
    let unnamed = pcp.send(&action, &form.with(&of("FROM_MESSAGE"))).await;
    assert_eq!(unnamed.status, 422, "the form has no message to begin from: {unnamed:?}");
    let changed = pcp.send(&action, &form.with(&of("FROM_JOIN"))).await;
    assert_eq!(changed.status, 303, "{changed:?}");
    let page = pcp.page(&action).await;
    assert!(page.body.contains("nurse, Practice, sees what was written since"), "{page:?}");
    let query =
        format!("{{ thread(id: {}) {{ participants {{ nodes {{ person {{ id }} seesFrom }} }} }} }}", json!(id));
    let seen = clinic.ask("pcp", &query).await;
    let rows = seen["thread"]["participants"]["nodes"].as_array().expect("rows").clone();
    let of_nurse = rows.iter().find(|row| row["person"]["id"] == json!(nurse)).expect("the nurse");
    assert!(of_nurse["seesFrom"].is_string(), "{of_nurse}");
}

#[tokio::test]
async fn the_asking_side_asks_for_an_assignment_and_the_answering_side_assigns() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let thread = format!("/t/{id}");
    let (ask, assign) = (format!("{thread}/ask-for-assignment"), format!("href=\"{thread}/assign\""));
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let answers = Browser::signed_in(&clinic, "centre_coordinator").await;
    let asked = "An assignment was last asked for:";
    let page = pcp.page(&thread).await;
    assert!(page.body.contains(&format!("href=\"{ask}\"")) && !page.body.contains(&assign), "{page:?}");
    let page = answers.page(&thread).await;
    assert!(page.body.contains(&assign) && !page.body.contains("ask-for-assignment"), "{page:?}");
    assert!(!page.body.contains(asked), "{page:?}");
    assert_eq!(answers.get(&ask).await.header("location"), Some(thread.as_str()), "who assigns need not ask");

    let form = Form::of(&pcp.page(&ask).await, &ask);
    let empty = pcp.send(&ask, &form.with(&[("reason", " ")])).await;
    assert!(empty.status == 422 && empty.body.contains("href=\"#reason\""), "{empty:?}");
    pcp.step(&id, "ask-for-assignment", &[("reason", "She is in pain.")]).await;
    for browser in [&pcp, &answers] {
        assert!(browser.page(&thread).await.body.contains(asked));
    }
    // Who assigns reads why. Others, such as the patient, know at most that it was asked for.
    let why = "“<bdi>She is in pain.</bdi>”";
    assert!(answers.page(&thread).await.body.contains(why));
    assert!(!pcp.page(&thread).await.body.contains("She is in pain."));
    let query = format!("{{ consultation(id: {}) {{ assignmentAskedReason {{ text }} }} }}", json!(id));
    assert_eq!(
        clinic.ask("centre_coordinator", &query).await["consultation"]["assignmentAskedReason"]["text"],
        "She is in pain."
    );
    for who in ["pcp", "nurse", "mira", "specialist", "stranger"] {
        assert!(!clinic.ask(who, &query).await.to_string().contains("pain"), "{who}");
    }
    let again = pcp.send(&ask, &Form::of(&pcp.page(&ask).await, &ask).with(&[("reason", "Still.")])).await;
    assert_eq!(again.status, 422, "{again:?}");
    assert!(again.body.contains("asked for it already") && again.body.contains("Still.</textarea>"), "{again:?}");

    answers.step(&id, "assign", &[("to", clinic.id("specialist"))]).await;
    let specialist = Browser::signed_in(&clinic, "specialist").await;
    let claim = format!("{thread}/claim");
    let form = Form::of(&specialist.page(&thread).await, &claim);
    assert_eq!(specialist.send(&claim, &form).await.status, 303);
    let page = answers.page(&thread).await;
    assert!(!page.body.contains(asked), "nothing is asked for any more: {page:?}");
}

/// Another physician of the practice.
async fn partner(clinic: &Clinic) -> String {
    let practice = place(clinic, "pcp").await["organizationId"].clone();
    let partner =
        json!({ "clientMutationId": "p", "organizationId": practice, "name": "Partner", "role": "PHYSICIAN" });
    let partner = clinic.by("admin").done("registerPerson", None, partner, "personId").await;
    text(&partner, "/personId").to_owned()
}

#[tokio::test]
async fn who_hands_a_request_over_and_cannot_open_it_any_more_reads_so_in_the_inbox() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let partner = partner(&clinic).await;
    let of = Some(Target { argument: "patientId", id: clinic.patient.as_str() });
    let remove = json!({ "clientMutationId": "off", "personId": clinic.id("pcp") });
    clinic.by("coordinator").done("removeCareTeamMember", of, remove, "patient { id }").await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let path = format!("/t/{id}/hand-over-request");
    let form = Form::of(&pcp.page(&path).await, &path).with(&[("to", &partner), ("reason", "On leave")]);
    let done = pcp.send(&path, &form).await;
    let to = "/inbox?done=hand-over-request";
    assert_eq!((done.status, done.header("location")), (303, Some(to)), "{done:?}");
    let shown = pcp.page(to).await;
    assert!(shown.body.contains("The request was handed over"), "{shown:?}");
    assert_eq!(pcp.get(&format!("/t/{id}")).await.status, 404, "only who asks, or is on the care team, opens it");
}

#[tokio::test]
async fn the_request_is_handed_over_to_a_colleague() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let path = format!("/t/{id}/hand-over-request");
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    assert!(pcp.page(&path).await.body.contains("Nobody can be chosen here now."), "there is no other physician");
    let partner = partner(&clinic).await;
    let page = pcp.page(&path).await;
    assert!(page.body.contains(&format!("name=\"to\" value=\"{partner}\"")), "{page:?}");
    assert!(!page.body.contains(&format!("name=\"to\" value=\"{}\"", clinic.id("nurse"))), "physicians: {page:?}");
    let empty = pcp.send(&path, &Form::of(&page, &path)).await;
    assert_eq!(empty.status, 422);
    assert!(empty.body.contains("href=\"#to-") && empty.body.contains("href=\"#reason\""), "{empty:?}");
    // A coordinator does it only for a requester who cannot.
    let coordinator = Browser::signed_in(&clinic, "coordinator").await;
    let form = Form::of(&coordinator.page(&path).await, &path).with(&[("to", &partner), ("reason", "On leave")]);
    let present = coordinator.send(&path, &form).await;
    assert!(present.status == 422 && present.body.contains("The requester is there"), "{present:?}");
    pcp.step(&id, "hand-over-request", &[("to", &partner), ("reason", "On leave")]).await;
    let query = format!("{{ consultation(id: {}) {{ requester {{ id }} }} }}", json!(id));
    assert_eq!(text(&clinic.ask("nurse", &query).await, "/consultation/requester/id"), partner);
}
