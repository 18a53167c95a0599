//! What is done about a patient in a browser: joining the care team with a reason, blocking a person and ending that, and
//! the question of another organization whether somebody joins.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::clinic::{Clinic, Target};
use crate::organization;
use crate::pages::{Browser, Form, between};
use crate::pages_settings::shows;
use crate::text;

fn of(clinic: &Clinic) -> Option<Target<'_>> {
    Some(Target { argument: "patientId", id: clinic.patient.as_str() })
}

#[tokio::test]
async fn the_banner_of_a_patient_says_when_they_died() {
    let clinic = Clinic::with_pages().await;
    let patient = format!("/patients/{}", clinic.patient);
    let (thread, _) = clinic.asked("holter").await;
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    let lives = nurse.page(&patient).await;
    assert!(!lives.body.contains("<dt>Died</dt>"), "{lives:?}");
    shows(&lives, &["4 March 1958 (68"]);
    let died = json!({ "clientMutationId": "died", "diedAt": "2026-11-22T09:00:00Z", "source": "A letter." });
    clinic.by("nurse").done("recordPatientDeath", of(&clinic), died, "patient { id }").await;
    for path in [patient, format!("/t/{thread}")] {
        let page = nurse.page(&path).await;
        shows(&page, &["<dt>Died</dt><dd>22 November 2026</dd>", "4 March 1958"]);
        assert!(!page.body.contains("4 March 1958 (68"), "who died grows no older: {page:?}");
    }
    shows(&nurse.page(&format!("/t/{thread}")).await, &["The patient died. Decide what goes on"]);
}

#[tokio::test]
async fn who_joins_a_care_team_says_why_and_the_patient_reads_it_afterwards() {
    let clinic = Clinic::with_pages().await;
    let patient = format!("/patients/{}", clinic.patient);
    let join = format!("{patient}/join");
    let coordinator = Browser::signed_in(&clinic, "coordinator").await;
    let link = format!("href=\"{join}\"");
    assert!(coordinator.page(&patient).await.body.contains(&link));
    let page = coordinator.page(&join).await;
    shows(&page, &["value=\"COORDINATOR\" checked", "each of your reads is marked for review"]);
    let form = Form::of(&page, &join).with(&[("role", "COORDINATOR")]);
    let empty = coordinator.send(&join, &form.with(&[("reason", " ")])).await;
    assert_eq!(empty.status, 422);
    shows(&empty, &["class=\"error-summary\"", "href=\"#reason\""]);
    let nothing = coordinator.send(&join, &Form::of(&page, &join)).await;
    shows(&nothing, &["href=\"#role-COORDINATOR\"", "href=\"#reason\""]);
    let reason = [("reason", "I cover for a <colleague>.")];
    let joined = coordinator.send(&join, &form.with(&reason)).await;
    let to = format!("{patient}?done=join");
    assert_eq!((joined.status, joined.header("location")), (303, Some(to.as_str())), "{joined:?}");
    let again = coordinator.send(&join, &form.with(&reason)).await;
    assert_eq!((again.status, again.header("location")), (303, Some(to.as_str())), "a repeat: {again:?}");
    let shown = coordinator.page(&to).await;
    shows(&shown, &["You are on the care team now", "Added themself: <bdi>I cover for a &#60;colleague&#62;.</bdi>"]);
    assert!(!shown.body.contains(&link), "who is on it does not join it: {shown:?}");
    let back = coordinator.get(&join).await;
    assert_eq!((back.status, back.header("location")), (303, Some(patient.as_str())));

    // Who is a member already is offered nothing, and for others the page is not there.
    assert!(!Browser::signed_in(&clinic, "pcp").await.page(&patient).await.body.contains(&link));
    let stranger = Browser::signed_in(&clinic, "stranger").await;
    for path in [&join, &patient, &format!("{patient}/block"), &format!("{patient}/elsewhere")] {
        assert_eq!(stranger.get(path).await.status, 404, "{path}");
    }
    assert_eq!(stranger.send(&join, &form).await.status, 409, "the form of another person");

    let remove = json!({ "clientMutationId": "off", "personId": clinic.id("coordinator") });
    clinic.by("pcp").done("removeCareTeamMember", of(&clinic), remove, "patient { id }").await;
    let mira = Browser::signed_in(&clinic, "mira").await;
    shows(&mira.page("/home").await, &[&format!("href=\"{patient}\"")]);
    let shown = mira.page(&patient).await;
    let former = shown.body.split_once("On the care team before").expect("past memberships").1;
    assert!(former.contains("<bdi>coordinator</bdi>") && former.contains("I cover for a"), "{shown:?}");
    assert!(!shown.body.contains("href=\"/patients\""), "a patient has no list of patients: {shown:?}");
}

#[tokio::test]
async fn a_patient_blocks_a_person_and_ends_the_block() {
    let clinic = Clinic::with_pages().await;
    let patient = format!("/patients/{}", clinic.patient);
    let block = format!("{patient}/block");
    let (mira, nurse) = (Browser::signed_in(&clinic, "mira").await, Browser::signed_in(&clinic, "nurse").await);
    shows(&mira.page(&patient).await, &["No person is blocked from everything.", &format!("href=\"{block}\"")]);
    let page = mira.page(&block).await;
    assert!(!page.body.contains("name=\"patientWord\""), "the patient's own word needs no other: {page:?}");
    assert!(!page.body.contains(&format!("personId-{}", clinic.id("mira"))), "nobody blocks themself: {page:?}");
    let form = Form::of(&page, &block);
    let nobody = mira.send(&block, &form).await;
    assert_eq!(nobody.status, 422);
    shows(&nobody, &["href=\"#personId-", "class=\"error-summary\""]);
    let person = [("personId", clinic.id("nurse"))];
    let done = mira.send(&block, &form.with(&person)).await;
    let to = format!("{patient}?done=block");
    assert_eq!((done.status, done.header("location")), (303, Some(to.as_str())), "{done:?}");
    let shown = mira.page(&to).await;
    shows(&shown, &["The person is blocked from now on", "By the patient themself, since today"]);
    assert_eq!(nurse.get(&patient).await.status, 404, "who is blocked finds nothing");
    let page = mira.page(&block).await;
    assert!(!page.body.contains(&format!("value=\"{}\"", clinic.id("nurse"))), "once is enough: {page:?}");
    // Who writes down a patient's word is not told what the patient has said themself.
    let coordinator = Browser::signed_in(&clinic, "coordinator").await;
    let other = coordinator.page(&patient).await;
    assert!(!other.body.contains("By the patient") && !other.body.contains("No person is blocked"), "{other:?}");

    let end = format!("{patient}/end-block");
    let id = between(&shown.body, "end-block?blockId=", "\"").expect("a link").to_owned();
    assert_eq!(coordinator.get(&format!("{end}?blockId={id}")).await.status, 303, "only the patient ends it");
    let page = mira.page(&format!("{end}?blockId={id}")).await;
    shows(&page, &["nurse can see and do again"]);
    let form = Form::of(&page, &end);
    assert_eq!(mira.send(&end, &form.with(&[("blockId", "another")])).await.status, 409, "bound to the block");
    let ended = mira.send(&end, &form).await;
    assert_eq!(ended.status, 303, "{ended:?}");
    let again = mira.send(&end, &form).await;
    assert_eq!((again.status, again.header("location")), (303, ended.header("location")), "a repeat: {again:?}");
    shows(&mira.page(&format!("{patient}?done=end-block")).await, &["The block has ended", "(ended today"]);
    assert_eq!(nurse.get(&patient).await.status, 200);
}

#[tokio::test]
async fn staff_write_down_whom_a_patient_blocks_with_what_the_patient_said() {
    let clinic = Clinic::with_pages().await;
    let patient = format!("/patients/{}", clinic.patient);
    let block = format!("{patient}/block");
    let coordinator = Browser::signed_in(&clinic, "coordinator").await;
    // The nurse, who keeps no records, writes down nothing.
    let back = Browser::signed_in(&clinic, "nurse").await.get(&block).await;
    assert_eq!((back.status, back.header("location")), (303, Some(patient.as_str())));
    let form = Form::of(&coordinator.page(&block).await, &block);
    let empty = coordinator.send(&block, &form.with(&[("patientWord", "")])).await;
    assert_eq!(empty.status, 422);
    shows(&empty, &["href=\"#personId-", "href=\"#patientWord\""]);
    let without = coordinator.send(&block, &form.with(&[("patientWord", "Not her <any more>.")])).await;
    assert_eq!(without.status, 422);
    shows(&without, &["Not her &#60;any more&#62;.</textarea>"]);
    let word = [("personId", clinic.id("nurse")), ("patientWord", "Not her any more.")];
    assert_eq!(coordinator.send(&block, &form.with(&word)).await.status, 303);
    // Who keeps the record need not be on the care team to look at the directives.
    let directives = format!("href=\"{patient}/directives\"");
    shows(&coordinator.page(&patient).await, &[&directives]);
    shows(
        &coordinator.page(&patient).await,
        &["Written down by coordinator, since today", "Not her any more.", "/end-block?blockId="],
    );
    shows(&Browser::signed_in(&clinic, "mira").await.page(&patient).await, &["Written down by coordinator"]);
    let mut other = Browser::signed_in(&clinic, "coordinator").await;
    other.language = "es";
    shows(&other.page(&block).await, &["¿A quién se excluye?", "¿Qué dijo el paciente?"]);
}

#[tokio::test]
async fn who_has_to_do_with_an_older_thread_only_can_be_chosen_too() {
    let clinic = Clinic::with_pages().await;
    for number in 0..11 {
        clinic.asked(&format!("q{number}")).await;
    }
    let of_patient = json!(clinic.patient);
    let query = format!("{{ patientThreads(patientId: {of_patient}, first: 11) {{ nodes {{ id }} }} }}");
    let listed = clinic.ask("pcp", &query).await;
    let oldest = listed.pointer("/patientThreads/nodes/10/id").and_then(Value::as_str).expect("eleven threads");
    let answers = Browser::signed_in(&clinic, "centre_coordinator").await;
    answers.step(oldest, "assign", &[("to", clinic.id("specialist"))]).await;
    let specialist = Browser::signed_in(&clinic, "specialist").await;
    let claim = format!("/t/{oldest}/claim");
    let form = Form::of(&specialist.page(&format!("/t/{oldest}")).await, &claim);
    assert_eq!(specialist.send(&claim, &form).await.status, 303);

    let block = format!("/patients/{}/block", clinic.patient);
    let mut pcp = Browser::signed_in(&clinic, "pcp").await;
    let choice = format!("name=\"personId\" value=\"{}\"", clinic.id("specialist"));
    let page = pcp.page(&block).await;
    assert!(!page.body.contains(&choice), "the thread is not among the newest: {page:?}");
    shows(&page, &["There can be others.", "Show others who take part"]);
    let next = between(&page.body, &format!("href=\"{block}?after="), "\"").expect("a link");
    let older = format!("{block}?after={next}");
    let page = pcp.page(&older).await;
    shows(
        &page,
        &[&choice, &format!("value=\"{}\"", clinic.id("nurse")), "some of the others who take part in threads"],
    );
    shows(&page, &[&format!("href=\"{block}\""), "Show who takes part in the newest threads"]);
    assert!(!page.body.contains("Show others who take part"), "these are the last: {page:?}");
    // A form that is not accepted has the same people again.
    let without_word = Form::of(&page, &block).with(&[("personId", clinic.id("specialist"))]);
    let again = pcp.send(&block, &without_word).await;
    assert_eq!(again.status, 422);
    shows(&again, &["href=\"#patientWord\"", &format!("{choice} checked")]);
    shows(&pcp.page(&format!("{block}?after=none")).await, &["A part of this list is late or missing"]);
    pcp.language = "es";
    shows(&pcp.page(&block).await, &["Puede haber otras personas."]);
    shows(&pcp.page(&older).await, &["otras personas que participan en conversaciones"]);
}

#[tokio::test]
async fn whoever_takes_part_can_be_chosen_also_where_more_do_than_a_page_shows() {
    let clinic = Clinic::with_pages().await;
    let (other, _) = clinic.asked("other").await;
    let answers = Browser::signed_in(&clinic, "centre_coordinator").await;
    answers.step(&other, "assign", &[("to", clinic.id("specialist"))]).await;
    let specialist = Browser::signed_in(&clinic, "specialist").await;
    let claim = format!("/t/{other}/claim");
    let form = Form::of(&specialist.page(&format!("/t/{other}")).await, &claim);
    assert_eq!(specialist.send(&claim, &form).await.status, 303);

    let practice = organization(&clinic, "Practice").await;
    let mut missing = BTreeSet::from([clinic.id("specialist").to_owned()]);
    let mut participants = Vec::new();
    for number in 0..104 {
        let name = format!("Nurse {number}");
        let new = json!({ "clientMutationId": format!("nurse-{number}"), "organizationId": practice, "name": name, "role": "NURSE" });
        let new = clinic.by("admin").done("registerPerson", None, new, "personId").await;
        let place = json!({ "role": "NURSE", "organizationId": practice });
        participants.push(json!({ "personId": new["personId"], "place": place }));
        missing.insert(text(&new, "/personId").to_owned());
    }
    let later = participants.split_off(50);
    let team = json!({
        "clientMutationId": "team", "patientId": clinic.patient, "topic": "SOCIAL", "subject": "Stairs",
        "owner": { "person": { "personId": clinic.id("pcp") } }, "participants": participants,
        "waitingOn": { "party": { "personId": clinic.id("pcp") } }, "note": "Can she manage them?",
    });
    let opened = clinic.by("pcp").done("openTeamThread", None, team, "teamThread { id }").await;
    let thread = text(&opened, "/teamThread/id").to_owned();
    for (number, mut participant) in later.into_iter().enumerate() {
        participant["clientMutationId"] = json!(format!("add-{number}"));
        participant["reason"] = json!("Wounds");
        let on = Some(Target { argument: "threadId", id: &thread });
        clinic.by("pcp").done("addParticipant", on, participant, "").await;
    }

    let block = format!("/patients/{}/block", clinic.patient);
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let (mut at, mut pages) = (block.clone(), 0);
    loop {
        let page = pcp.page(&at).await;
        pages += 1;
        let choices = page.body.split("name=\"personId\" value=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let choices: Vec<&str> = choices.collect();
        assert!(choices.len() <= 60, "page {pages} has {}", choices.len());
        missing.retain(|person| !choices.contains(&person.as_str()));
        // Beside the link to the next page there are links to the page itself, in another language.
        let begins = format!("href=\"{block}?");
        let links = page.body.split(&begins).skip(1).filter_map(|rest| rest.split('"').next());
        let mut links = links.map(|link| link.replace("&#38;", "&").replace("&amp;", "&"));
        let Some(next) = links.find(|link| !at.trim_end_matches('&').ends_with(link.trim_end_matches('&'))) else {
            break;
        };
        assert!(pages < 5, "{at}");
        // A form that is not accepted has the same people again.
        let again = pcp.send(&block, &Form::of(&page, &block)).await;
        assert_eq!(again.status, 422);
        assert!(choices.iter().all(|choice| again.body.contains(choice)), "{at}: {again:?}");
        at = format!("{block}?{next}");
    }
    assert!(missing.is_empty(), "nowhere on {pages} pages: {missing:?}");
}

#[tokio::test]
async fn a_question_of_another_organization_is_answered_on_its_page() {
    let clinic = Clinic::with_pages().await;
    let centre = organization(&clinic, "Centre").await;
    let patient = format!("/patients/{}", clinic.patient);
    for (who, role) in [("specialist", "PHYSICIAN"), ("centre_coordinator", "COORDINATOR")] {
        let member = json!({
            "clientMutationId": who, "personId": clinic.id(who), "role": role, "organizationId": centre,
        });
        clinic.by("coordinator").done("addCareTeamMember", of(&clinic), member, "patient { id }").await;
    }
    let coordinator = Browser::signed_in(&clinic, "coordinator").await;
    let asked = coordinator.page(&patient).await;
    let asked = asked.body.split_once("Asked, no answer yet").expect("who is asked").1;
    assert!(asked.contains("<bdi>specialist</bdi>") && asked.contains("physician, Centre"), "{asked}");

    let specialist = Browser::signed_in(&clinic, "specialist").await;
    shows(
        &specialist.page("/home").await,
        &["An organization asks you to join a care team", "href=\"/care-team-questions\""],
    );
    let page = specialist.page("/care-team-questions").await;
    shows(&page, &["A care team at Practice", "You are asked as physician"]);
    assert!(!page.body.contains("Mira"), "whose it is is not told before: {page:?}");
    let accept = format!("/care-team-questions/{}/accept", clinic.patient);
    let form = Form::of(&page, &accept);
    assert_eq!(specialist.send(&accept, &form.with(&[("bound", "")])).await.status, 409);
    let done = specialist.send(&accept, &form).await;
    let to = format!("{patient}?done=accept-place");
    assert_eq!((done.status, done.header("location")), (303, Some(to.as_str())), "{done:?}");
    shows(&specialist.page(&to).await, &["You are on the care team now", "Mira Patient"]);
    shows(&specialist.page("/care-team-questions").await, &["There is no question for you now"]);

    let other = Browser::signed_in(&clinic, "centre_coordinator").await;
    let decline = format!("/care-team-questions/{}/decline", clinic.patient);
    let form = Form::of(&other.page("/care-team-questions").await, &decline);
    let done = other.send(&decline, &form).await;
    assert_eq!((done.status, done.header("location")), (303, Some("/care-team-questions?done=decline")), "{done:?}");
    shows(&other.page("/care-team-questions?done=decline").await, &["You declined the place"]);
    assert!(!coordinator.page(&patient).await.body.contains("Asked, no answer yet"));
}
