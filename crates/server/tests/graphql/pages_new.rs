//! New consultations and team threads in a browser, the pages of patients, and a record that is proposed to a person.

use serde_json::json;

use crate::clinic::{Clinic, Target};
use crate::pages::{Browser, Form};
use crate::{organization, text};

/// Registers another patient of the physician, and says their id.
async fn patient(clinic: &Clinic, (name, born): (&str, &str)) -> String {
    let practice = organization(clinic, "Practice").await;
    let input = json!({
        "clientMutationId": born, "organizationId": practice, "name": name, "birthDate": born,
    });
    let registered = clinic.by("coordinator").done("registerPatient", None, input, "patient { id }").await;
    let id = text(&registered, "/patient/id").to_owned();
    let member = json!({
        "clientMutationId": format!("care-{born}"), "personId": clinic.id("pcp"), "role": "PHYSICIAN",
        "organizationId": practice,
    });
    let of = Some(Target { argument: "patientId", id: id.as_str() });
    clinic.by("coordinator").done("addCareTeamMember", of, member, "patient { id }").await;
    id
}

const ASKED: [(&str, &str); 10] = [
    ("subject", "Palpitations <b>"),
    ("question", "Is a Holter needed?\r\nµ ≥ 5"),
    ("topic", "CLINICAL_ADVICE"),
    ("urgency", "URGENT"),
    ("agreed", "VERBAL"),
    ("consent.given.at.day", "23"),
    ("consent.given.at.month", "11"),
    ("consent.given.at.year", "2026"),
    ("consent.given.at.time", "09:30"),
    ("mayConvert", "no"),
];

/// The id of the thread to which a form led.
fn opened(to: Option<&str>) -> String {
    let id = to.and_then(|to| to.strip_prefix("/t/")?.strip_suffix("?opened=1"));
    id.unwrap_or_else(|| panic!("{to:?}")).to_owned()
}

#[tokio::test]
async fn a_consultation_is_asked_in_a_browser() {
    let clinic = Clinic::with_pages().await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let (mira, pool) = (clinic.patient.clone(), clinic.pool.clone());
    let first = pcp.page("/new-consultation?q=mira").await;
    let chosen = format!("/new-consultation?patient={mira}");
    assert!(first.body.contains(&chosen) && first.body.contains("4 March 1958 (68)"), "{first:?}");
    assert!(!first.body.contains("method=\"post\" action=\"/new-consultation"), "no form without a patient: {first:?}");
    let nobody = pcp.page("/new-consultation?q=zacharias").await;
    assert!(nobody.body.contains("No patient of yours is found by “zacharias”"), "{nobody:?}");
    let pools = pcp.page(&format!("{chosen}&q=cardio")).await;
    assert!(pools.body.contains("Mira Patient") && pools.body.contains(&format!("pool={pool}")), "{pools:?}");
    assert!(pcp.page(&format!("{chosen}&q=dermato")).await.body.contains("No pool is found by “dermato”"));

    let path = format!("{chosen}&pool={pool}");
    let action = path.replace('&', "&amp;");
    let page = pcp.page(&path).await;
    let banner = page.body.find("class=\"patient\"").expect("a banner");
    assert!(banner < page.body.find("<form class=\"form\"").expect("a form"), "the patient stands above: {page:?}");
    assert!(page.body.contains("Send to Cardiology about Mira Patient"), "{page:?}");
    let hiding: Vec<&str> = page.body.split("name=\"hiddenFromDelegates\"").skip(1).collect();
    let is_chosen = |radio: &&str| radio.split('>').next().is_some_and(|rest| rest.contains("checked"));
    assert!(
        hiding.len() == 2 && !hiding.iter().any(is_chosen),
        "whether it is hidden is not answered in advance: {page:?}"
    );
    let form = Form::of(&page, &action);
    let empty = pcp.send(&path, &form.with(&[("subject", "Kept <i>"), ("urgency", "URGENT")])).await;
    assert_eq!(empty.status, 422, "{empty:?}");
    for part in [
        "<title>Error: ",
        "href=\"#question\"",
        "href=\"#agreed-VERBAL\"",
        "value=\"Kept &#60;i&#62;\"",
        "value=\"URGENT\" checked",
    ] {
        assert!(empty.body.contains(part), "{part}: {empty:?}");
    }
    let future = [("consent.given.at.year", "2027")];
    let future = pcp.send(&path, &form.with(&ASKED).with(&future)).await;
    assert!(future.status == 422 && future.body.contains("href=\"#consent-given-at-day\""), "{future:?}");

    for unknown in [("sensitivities", "PSYCHIATRI"), ("confidentiality", "VERY")] {
        let wider = pcp.send(&path, &form.with(&ASKED).with(&[unknown])).await;
        assert_eq!(wider.status, 422, "no label is left out: {wider:?}");
    }
    let sent = pcp.send(&path, &form.with(&ASKED).with(&[("sensitivities", "PSYCHIATRY")])).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    let again = pcp.send(&path, &form.with(&ASKED).with(&[("sensitivities", "PSYCHIATRY")])).await;
    assert_eq!(sent.header("location"), again.header("location"), "the key makes a second sending harmless");
    let id = opened(sent.header("location"));
    let query = format!(
        "{{ consultation(id: {}) {{ subject {{ text }} question {{ text }} urgency mayConvert sensitivities
            patient {{ id }} pool {{ id }} }} }}",
        json!(id)
    );
    let told = clinic.ask("pcp", &query).await;
    let expected = json!({
        "subject": { "text": "Palpitations <b>" }, "question": { "text": "Is a Holter needed?\nµ ≥ 5" },
        "urgency": "URGENT", "mayConvert": false, "sensitivities": ["PSYCHIATRY"],
        "patient": { "id": mira }, "pool": { "id": pool },
    });
    assert_eq!(told["consultation"], expected);
    let shown = pcp.page(&format!("/t/{id}?opened=1")).await;
    assert!(
        shown.body.contains("<title>Sent: ") && shown.body.contains("Sent: the pool has your question"),
        "{shown:?}"
    );

    // An exception in place of the consent.
    let form = Form::of(&pcp.page(&path).await, &action);
    let urgent = pcp.send(&path, &form.with(&ASKED).with(&[("agreed", "EMERGENCY")])).await;
    assert_eq!(urgent.status, 303, "{urgent:?}");
}

#[tokio::test]
async fn the_form_of_one_patient_asks_about_no_other() {
    let clinic = Clinic::with_pages().await;
    let other = patient(&clinic, ("Maria Pátient-Vogel", "1960-05-06")).await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let path = |patient: &str| format!("/new-consultation?patient={patient}&pool={}", clinic.pool);
    let page = pcp.page(&path(&clinic.patient)).await;
    for part in ["A patient of yours has a similar name", "Maria Pátient-Vogel", "born 6 May 1960 (66)"] {
        assert!(page.body.contains(part), "{part}: {page:?}");
    }
    let form = Form::of(&page, &path(&clinic.patient).replace('&', "&amp;")).with(&ASKED);
    for (path, form) in [
        (path(&other), form.clone()),
        (path(&other), form.with(&[("patient", &other)])),
        (path(&clinic.patient), form.with(&[("patient", &other)])),
        (format!("/new-consultation?patient={}&pool={}x", clinic.patient, clinic.pool), form.clone()),
    ] {
        let refused = pcp.send(&path, &form).await;
        assert_eq!(refused.status, 409, "{refused:?}");
        assert!(refused.body.contains("Is a Holter needed?\nµ ≥ 5</textarea>"), "the text is kept: {refused:?}");
    }
    let inbox = clinic.ask("pcp", "{ viewer { inbox { nodes { id } } } }").await;
    assert_eq!(inbox["viewer"]["inbox"]["nodes"], json!([]), "nothing was opened");
    // Who may not ask about a patient has no form.
    let (nurse, stranger) = (Browser::signed_in(&clinic, "nurse").await, Browser::signed_in(&clinic, "stranger").await);
    assert_eq!(nurse.get(&path(&clinic.patient)).await.status, 404);
    assert_eq!(stranger.get(&path(&clinic.patient)).await.status, 404);
    assert_eq!(stranger.get(&format!("/patients/{}", clinic.patient)).await.status, 404);
}

#[tokio::test]
async fn a_similar_name_is_said_wherever_something_begins_about_a_patient() {
    let clinic = Clinic::with_pages().await;
    let mira = clinic.patient.clone();
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let begins = ["/patients/", "/new-thread?patient=", "/new-consultation?patient="];
    for path in begins {
        let page = pcp.page(&format!("{path}{mira}")).await;
        assert!(!page.body.contains("A patient of yours has a similar name"), "{path}: {page:?}");
    }
    patient(&clinic, ("Maria Pátient-Vogel", "1960-05-06")).await;
    for path in begins {
        let page = pcp.page(&format!("{path}{mira}")).await;
        for part in ["A patient of yours has a similar name", "Maria Pátient-Vogel", "born 6 May 1960"] {
            assert!(page.body.contains(part), "{path}: {part}: {page:?}");
        }
    }
}

#[tokio::test]
async fn a_team_thread_is_opened_about_a_patient_or_about_nobody() {
    let clinic = Clinic::with_pages().await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let specialist = Browser::signed_in(&clinic, "specialist").await;
    let path = format!("/new-thread?patient={}", clinic.patient);
    assert!(pcp.page("/new-thread").await.body.contains(&path));
    let page = pcp.page(&path).await;
    assert!(page.body.contains("Mira Patient") && page.body.contains("nurse, Practice"), "{page:?}");
    // The care team first; the further staff of one's own organization below, folded away, and nobody else.
    let (near, further) = page.body.split_once("<details class=\"more\">").expect("further people");
    let offers = |part: &str, who: &str| part.contains(&format!("value=\"{}\"", clinic.id(who)));
    assert!(offers(near, "nurse") && !offers(near, "coordinator"), "{near}");
    assert!(offers(further, "coordinator") && further.contains("coordinator, Practice"), "{further}");
    assert!(!offers(&page.body, "specialist") && !offers(&page.body, "stranger"), "{page:?}");
    let form = Form::of(&page, &path);
    let party = format!("person:{}", clinic.id("nurse"));
    let filled = [("subject", "Stairs"), ("topic", "SOCIAL"), ("note", "Can she manage them?")];
    let with_further = [("participants", clinic.id("coordinator"))];
    let incomplete = pcp.send(&path, &form.with(&filled).with(&with_further)).await;
    assert!(incomplete.body.contains("<details class=\"more\" open>"), "what is chosen is shown: {incomplete:?}");
    let empty = pcp.send(&path, &form.with(&filled)).await;
    assert!(empty.status == 422 && empty.body.contains("href=\"#waitingOn-party-person:"), "{empty:?}");
    assert!(empty.body.contains("Can she manage them?</textarea>"), "{empty:?}");
    for unknown in [("sensitivities", "PSYCHIATRI"), ("confidentiality", "VERY")] {
        let whole = form.with(&filled).with(&[("waitingOn.party", &party), ("owner", "me")]);
        let wider = pcp.send(&path, &whole.with(&[unknown])).await;
        assert_eq!(wider.status, 422, "no label is left out: {wider:?}");
    }
    let sent = pcp.send(&path, &form.with(&filled).with(&[("waitingOn.party", &party), ("owner", "me")])).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    let query = |id: &str| {
        format!(
            "{{ teamThread(id: {}) {{ isAboutPatient patient {{ id }} owner {{ person {{ name {{ text }} }} pool {{ id }} }}
                participants {{ nodes {{ person {{ name {{ text }} }} role }} }} waitingOn {{ party note {{ text }} }} }} }}",
            json!(id)
        )
    };
    let told = clinic.ask("pcp", &query(&opened(sent.header("location")))).await;
    let thread = &told["teamThread"];
    assert_eq!((text(thread, "/patient/id"), &thread["isAboutPatient"]), (clinic.patient.as_str(), &json!(true)));
    let names = thread["participants"]["nodes"].as_array().expect("participants");
    let names: Vec<&str> = names.iter().map(|each| text(each, "/person/name/text")).collect();
    assert_eq!(names, ["pcp", "nurse"]);
    assert_eq!(text(thread, "/waitingOn/note/text"), "Can she manage them?");

    // A form about a patient opens none about nobody, nor the other way round.
    let nobody = "/new-thread?about=nobody";
    assert_eq!(pcp.send(nobody, &form.with(&filled)).await.status, 409);
    let page = specialist.page(nobody).await;
    assert!(page.body.contains("About no patient") && !page.body.contains("Mira Patient"), "{page:?}");
    let form = Form::of(&page, nobody);
    assert_eq!(specialist.send(&path, &form.with(&filled)).await.status, 409);
    let pool = format!("pool:{}", clinic.pool);
    let sent = specialist.send(nobody, &form.with(&filled).with(&[("waitingOn.party", &pool), ("owner", &pool)])).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    let told = clinic.ask("specialist", &query(&opened(sent.header("location")))).await;
    let thread = &told["teamThread"];
    assert_eq!((&thread["isAboutPatient"], &thread["patient"]), (&json!(false), &json!(null)));
    assert_eq!((text(thread, "/owner/pool/id"), text(thread, "/waitingOn/party")), (clinic.pool.as_str(), "POOL"));
    let mira = Browser::signed_in(&clinic, "mira").await;
    assert_eq!(mira.get(nobody).await.status, 404, "only staff");
}

#[tokio::test]
async fn a_patient_has_a_page_with_the_care_team_and_the_threads() {
    let clinic = Clinic::with_pages().await;
    let practice = organization(&clinic, "Practice").await;
    let on = Some(Target { argument: "organizationId", id: practice.as_str() });
    let phone = json!({ "clientMutationId": "phone", "phone": "+43 1 555 0142" });
    clinic.by("admin").done("setPhone", on, phone, "organization { phone }").await;
    let (id, _) = clinic.asked("q1").await;
    let other = patient(&clinic, ("Bruno Beispiel", "1971-02-03")).await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let list = pcp.page("/patients").await;
    assert!(list.body.contains("Bruno Beispiel") && list.body.contains("Mira Patient"), "{list:?}");
    assert!(list.body.contains("Complete as of"), "{list:?}");
    let found = pcp.page("/patients?q=bru").await;
    assert!(found.body.contains("Bruno Beispiel") && !found.body.contains("Mira Patient"), "{found:?}");
    let page = pcp.page(&format!("/patients/{}", clinic.patient)).await;
    for part in [
        "4 March 1958 (68)",
        "nurse, Practice",
        "href=\"tel:+4315550142\"",
        "Palpitations",
        &format!("/t/{id}"),
        &format!("/new-consultation?patient={}", clinic.patient),
        &format!("/new-thread?patient={}", clinic.patient),
    ] {
        assert!(page.body.contains(part), "{part}: {page:?}");
    }
    let page = pcp.page(&format!("/patients/{other}")).await;
    assert!(page.body.contains("None that you may read") && !page.body.contains("Palpitations"), "{page:?}");
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    let page = nurse.page(&format!("/patients/{}", clinic.patient)).await;
    assert!(!page.body.contains("/new-consultation?patient="), "a nurse cannot ask: {page:?}");
}

#[tokio::test]
async fn a_person_accepts_or_declines_a_proposed_record() {
    let clinic = Clinic::with_pages().await;
    let practice = organization(&clinic, "Practice").await;
    let stranger = Browser::signed_in(&clinic, "stranger").await;
    let none = stranger.page("/own-record").await;
    assert!(none.body.contains("There is no question for you now"), "{none:?}");
    let input = json!({
        "clientMutationId": "record", "organizationId": practice, "name": "Stefan Fremd", "birthDate": "1980-01-02",
        "personId": clinic.id("stranger"),
    });
    let registered = clinic.by("coordinator").done("registerPatient", None, input, "patient { id }").await;
    let record = text(&registered, "/patient/id").to_owned();
    let home = stranger.page("/home").await;
    assert!(home.body.contains("href=\"/own-record\""), "{home:?}");
    let coordinator = Browser::signed_in(&clinic, "coordinator").await;
    let page = coordinator.page(&format!("/patients/{record}")).await;
    assert!(page.body.contains("The record is proposed to a person as their own"), "{page:?}");
    let asked = stranger.page("/own-record").await;
    assert!(asked.body.contains("Is this you?") && asked.body.contains("A record at Practice"), "{asked:?}");
    assert!(!asked.body.contains("Fremd"), "it does not say whose name it has: {asked:?}");
    let (accept, decline) = (format!("/own-record/{record}/accept"), format!("/own-record/{record}/decline"));
    let (yes, no) = (Form::of(&asked, &accept), Form::of(&asked, &decline));
    let crossed = stranger.send(&accept, &no).await;
    assert_eq!(crossed.status, 409, "a form that declines does not accept: {crossed:?}");
    let crossed = stranger.send(&format!("/own-record/{}/accept", clinic.patient), &yes).await;
    assert_eq!(crossed.status, 409, "a form answers for its record only: {crossed:?}");
    let declined = stranger.send(&decline, &no).await;
    assert_eq!((declined.status, declined.header("location")), (303, Some("/own-record?done=decline")));
    let none = stranger.page("/own-record?done=decline").await;
    assert!(none.body.contains("You said that it is not yours") && !none.body.contains(&accept), "{none:?}");
    let again = json!({ "clientMutationId": "again", "personId": clinic.id("stranger") });
    let of = Some(Target { argument: "patientId", id: record.as_str() });
    clinic.by("coordinator").done("proposePatientLink", of, again, "patient { id }").await;
    let yes = Form::of(&stranger.page("/own-record").await, &accept);
    let accepted = stranger.send(&accept, &yes).await;
    assert_eq!((accepted.status, accepted.header("location")), (303, Some("/home?done=record")), "{accepted:?}");
    let home = stranger.page("/home?done=record").await;
    assert!(home.body.contains("The record is yours now") && home.body.contains("Stefan Fremd"), "{home:?}");
    assert!(!home.body.contains("href=\"/own-record\""), "{home:?}");
}

#[tokio::test]
async fn the_home_of_a_patient_shows_what_is_new_first() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let mira = Browser::signed_in(&clinic, "mira").await;
    let home = mira.page("/home").await;
    let reply = format!("href=\"/t/{id}#reply\"");
    assert!(home.body.contains("Nothing new") && home.body.contains("Messages from the team"), "{home:?}");
    assert!(home.body.contains(&reply), "{home:?}");
    let input = json!({ "clientMutationId": "m1", "audience": "EVERYONE", "body": "Rest today." });
    let on = Some(Target { argument: "threadId", id: id.as_str() });
    clinic.by("pcp").done("postMessage", on, input, "message { id }").await;
    let home = mira.page("/home").await;
    let happening = home.body.split_once("Messages from the team").map_or(home.body.as_str(), |(first, _)| first);
    assert!(happening.contains("Unread") && happening.contains("“<bdi>Rest today.</bdi>”"), "{home:?}");
    assert!(happening.contains("Read and reply") && !home.body.contains(&reply), "{home:?}");
    assert!(happening.contains(&format!("href=\"/t/{id}#first-new\"")), "{home:?}");
    let thread = mira.page(&format!("/t/{id}")).await;
    let new = thread.body.split_once("<li id=\"first-new\">").expect("what is new").1;
    assert!(new.contains("Rest today.") && !new.contains("id=\"first-new\""), "{thread:?}");
}
