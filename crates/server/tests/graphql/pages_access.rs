//! Who read what, in a browser: the patient's own page, and the review of a privacy officer.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::Answer;
use crate::clinic::{Clinic, Target};
use crate::organization;
use crate::pages::{Browser, between, recorded};
use crate::pages_settings::shows;

/// The entries of the patient's list, each of one person.
fn entries(page: &Answer) -> Vec<&str> {
    page.body.split("<p><strong>").skip(1).map(|part| part.split("</li>").next().unwrap_or_default()).collect()
}

/// The specialist, who looks after the privacy of the practice from now on.
async fn officer<'c>(clinic: &'c Clinic, practice: &str) -> Browser<'c> {
    let role = json!({ "clientMutationId": "privacy", "organizationId": practice, "role": "PRIVACY_OFFICER" });
    let of = Some(Target { argument: "personId", id: clinic.id("specialist") });
    clinic.by("admin").done("grantRole", of, role, "personId").await;
    Browser::signed_in(clinic, "specialist").await
}

/// The nurse tries to make somebody an administrator, and what came of it is in the list of the officer.
async fn refused_try(clinic: &Clinic, practice: &str, officer: &Browser<'_>) -> Answer {
    let grant = json!({ "clientMutationId": "mine", "organizationId": practice, "role": "ADMINISTRATOR" });
    let of = Some(Target { argument: "personId", id: clinic.id("stranger") });
    let refused = clinic.by("nurse").act("grantRole", of, grant, "personId").await;
    assert!(!refused["problems"].as_array().expect("problems").is_empty());
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        // It is recorded off the path of its answer.
        let page = officer.page(&format!("/organizations/{practice}/access")).await;
        if page.body.contains("person.grant_role") {
            return page;
        }
        assert!(Instant::now() < deadline, "{page:?}");
    }
}

#[tokio::test]
async fn a_patient_reads_who_read_their_record_by_day_and_whom_to_call() {
    let clinic = Clinic::with_pages().await;
    let practice = organization(&clinic, "Practice").await;
    let phone = json!({ "clientMutationId": "phone", "phone": "01 555 0199" });
    let at = Some(Target { argument: "organizationId", id: practice.as_str() });
    clinic.by("admin").done("setPhone", at, phone, "organization { phone }").await;
    let (thread, _) = clinic.asked("q1").await;
    let path = format!("/patients/{}/access", clinic.patient);
    let mira = Browser::signed_in(&clinic, "mira").await;
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    nurse.page(&format!("/t/{thread}")).await;

    let link = format!("href=\"{path}\"");
    shows(&mira.page("/home").await, &[&link]);
    shows(&mira.page(&format!("/patients/{}", clinic.patient)).await, &[&link]);
    let page = mira.page(&path).await;
    let own = format!("<a href=\"{path}?show=everybody\"");
    shows(
        &page,
        &[
            "<h1>Who read your record</h1>",
            "<h2>Monday 23 November 2026 (Vienna time)</h2>",
            "Complete as of",
            "Call Practice and ask for the privacy officer.",
            "href=\"tel:015550199\"",
            &own,
        ],
    );
    let of_nurse: Vec<&str> = entries(&page).into_iter().filter(|entry| entry.contains("<bdi>nurse</bdi>")).collect();
    assert!(of_nurse.iter().all(|entry| entry.contains("</strong>, nurse, Practice")), "{of_nurse:?}");
    let link = format!("href=\"/t/{thread}\"");
    let of_thread = |entry: &&&str| entry.contains(&link) && entry.contains("what was asked and answered");
    let read: Vec<&&str> = of_nurse.iter().filter(of_thread).collect();
    let [read] = read.as_slice() else { panic!("the conversation that the nurse opened is one entry: {page:?}") };
    for part in [
        ">10:00</time>: ",
        "A question about you",
        "opened today, 10:00",
        "<span class=\"sub\">For treatment. Is on the patient’s care team</span>",
    ] {
        assert!(read.contains(part), "{part}: {read}");
    }
    assert!(!page.body.contains("Marked for review</span>"), "nothing is marked: {page:?}");
    assert!(!page.body.contains("(you)"), "what the patient opened is not among it: {page:?}");

    // The list is read by the patient, and that is in it, too.
    let page = mira.page(&format!("{path}?show=everybody")).await;
    let mine = entries(&page).into_iter().find(|entry| entry.contains("The list of who read what"));
    assert!(mine.is_some_and(|entry| entry.contains("<bdi>mira</bdi></strong> (you)")), "{page:?}");
    let by_page = |record: &serde_json::Value| record["action"] == "access.read" && record["channel"] == "pages";
    assert!(recorded(&clinic).await.iter().any(by_page), "it is recorded as read in the pages");

    let one = mira.page(&format!("{path}?person={}", clinic.id("nurse"))).await;
    shows(&one, &["Only what nurse did.", &format!("<a href=\"{path}\">Show all people")]);
    assert!(one.body.contains("<bdi>nurse</bdi>") && !one.body.contains("<bdi>pcp</bdi>"), "{one:?}");
    let nobody = mira.page(&format!("{path}?person={}", clinic.id("stranger"))).await;
    shows(&nobody, &["There is no such record", "Complete as of"]);
    let broken = mira.page(&format!("{path}?after=x")).await;
    shows(&broken, &["This list could not be read. It is not empty.", "class=\"ref\"", "01 555 0142"]);
    assert!(!broken.body.contains("Complete as of") && !broken.body.contains("Nobody else has read"), "{broken:?}");

    let spanish = Browser { language: "es", ..mira };
    shows(&spanish.page(&path).await, &["<h1>Quién leyó su historia</h1>", "Para el tratamiento"]);
}

#[tokio::test]
async fn a_patient_pages_to_what_is_older_and_keeps_the_filter() {
    let clinic = Clinic::with_pages().await;
    let path = format!("/patients/{}/access", clinic.patient);
    let (mira, nurse) = (Browser::signed_in(&clinic, "mira").await, Browser::signed_in(&clinic, "nurse").await);
    let mut threads = Vec::new();
    for number in 0..60 {
        let (thread, _) = clinic.asked(&format!("q{number}")).await;
        nurse.page(&format!("/t/{thread}")).await;
        threads.push(format!("href=\"/t/{thread}\""));
    }
    let by_nurse = format!("person={}", clinic.id("nurse"));
    let (mut seen, mut next) = (Vec::new(), Some(format!("{path}?{by_nurse}")));
    let mut pages = 0;
    while let Some(at) = next {
        let page = mira.page(&at).await;
        shows(&page, &["Only what "]);
        assert!(!page.body.contains("<bdi>pcp</bdi>"), "{page:?}");
        seen.extend(threads.iter().filter(|thread| page.body.contains(*thread)).cloned());
        assert_eq!(page.body.contains("To the newest"), pages > 0, "{page:?}");
        let older = page.body.rsplit_once("Older").map(|(before, _)| before.to_owned());
        next = older.and_then(|before| {
            let link = before.rsplit_once("href=\"")?.1.split('"').next()?;
            Some(link.replace("&#38;", "&"))
        });
        pages += 1;
    }
    assert!(pages > 1, "the records of sixty conversations are more than one page");
    seen.sort();
    threads.sort();
    seen.dedup();
    assert_eq!(seen, threads, "each conversation is on a page");
}

#[tokio::test]
async fn who_added_themself_is_marked_for_the_patient() {
    let clinic = Clinic::with_pages().await;
    let (thread, _) = clinic.asked("q1").await;
    let input = json!({ "clientMutationId": "join", "role": "COORDINATOR", "reason": "I cover." });
    let of = Some(Target { argument: "patientId", id: clinic.patient.as_str() });
    clinic.by("coordinator").done("joinCareTeam", of, input, "patient { id }").await;
    Browser::signed_in(&clinic, "coordinator").await.page(&format!("/t/{thread}")).await;
    let page = Browser::signed_in(&clinic, "mira").await.page(&format!("/patients/{}/access", clinic.patient)).await;
    let marked: Vec<&str> =
        entries(&page).into_iter().filter(|entry| entry.contains("Marked for review</span>")).collect();
    assert!(!marked.is_empty(), "{page:?}");
    for entry in marked {
        assert!(
            entry.contains("coordinator, Practice") && entry.contains("Added themself to the care team"),
            "{entry}"
        );
    }
}

#[tokio::test]
async fn the_patient_reads_who_did_read_a_conversation_and_first_what_is_marked() {
    let clinic = Clinic::with_pages().await;
    let ((thread, _), (other, _)) = (clinic.asked("q1").await, clinic.asked("q2").await);
    let (path, audience) = (format!("/t/{thread}/access"), format!("/t/{thread}/audience"));
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    nurse.page(&format!("/t/{thread}")).await;
    let specialist = Browser::signed_in(&clinic, "specialist").await;
    specialist.page(&format!("/t/{other}")).await;
    let mira = Browser::signed_in(&clinic, "mira").await;
    let link = format!("href=\"{path}\"");
    shows(&mira.page(&audience).await, &[&link, &format!("href=\"{audience}\" aria-current=\"page\"")]);
    let page = mira.page(&path).await;
    shows(&page, &["<h1>Who did read this</h1>", "<h3>Monday 23 November 2026 (Vienna time)</h3>", "Complete as of"]);
    let of_nurse =
        entries(&page).into_iter().find(|entry| entry.contains("<bdi>nurse</bdi></strong>, nurse, Practice"));
    assert!(of_nurse.is_some_and(|entry| entry.contains("what was asked and answered")), "{page:?}");
    assert!(!page.body.contains("<bdi>specialist</bdi>"), "that was in another conversation: {page:?}");
    shows(&mira.page(&format!("/t/{other}/access")).await, &["<bdi>specialist</bdi>"]);
    assert!(!page.body.contains("id=\"marked\"") && !page.body.contains("In a conversation"), "{page:?}");

    // Only the patient has the page here, and only they are led to it.
    for who in ["nurse", "pcp", "specialist"] {
        let browser = Browser::signed_in(&clinic, who).await;
        assert_eq!(browser.get(&path).await.status, 404, "{who}");
        assert!(!browser.page(&audience).await.body.contains(&link), "{who}");
    }
    let input = json!({ "clientMutationId": "join", "role": "COORDINATOR", "reason": "I cover." });
    let of = Some(Target { argument: "patientId", id: clinic.patient.as_str() });
    clinic.by("coordinator").done("joinCareTeam", of, input, "patient { id }").await;
    Browser::signed_in(&clinic, "coordinator").await.page(&format!("/t/{thread}")).await;
    let page = mira.page(&path).await;
    let marked = between(&page.body, "id=\"marked\">Marked for review", "</section>").expect("a section");
    assert!(marked.contains("coordinator, Practice") && !marked.contains("<bdi>nurse</bdi>"), "{page:?}");
    let at = |part: &str| page.body.find(part).expect("stands there");
    assert!(at("id=\"marked\"") < at("<h2>Everything, the newest first</h2>"), "{page:?}");

    let broken = mira.page(&format!("{path}?after=x")).await;
    shows(&broken, &["This list could not be read. It is not empty.", "class=\"ref\""]);
    assert!(!broken.body.contains("There is no such record"), "{broken:?}");
    let practice = organization(&clinic, "Practice").await;
    let officer = officer(&clinic, &practice).await;
    let all = officer.page(&format!("/organizations/{practice}/access?show=all")).await;
    let filtered = format!("href=\"/organizations/{practice}/access?show=all&#38;thread={thread}#list\"");
    shows(&all, &[&filtered]);
    let one = officer.page(&format!("/organizations/{practice}/access?thread={thread}")).await;
    shows(&one, &["Only what concerns the conversation", "<bdi>nurse</bdi>"]);
    assert!(!one.body.contains(&other), "{one:?}");
    let spanish = Browser { language: "es", ..mira };
    shows(&spanish.page(&path).await, &["<h1>Quién leyó esto</h1>"]);
}

#[tokio::test]
async fn a_privacy_officer_reviews_what_is_marked_and_finds_all_of_one_patient() {
    let clinic = Clinic::with_pages().await;
    let practice = organization(&clinic, "Practice").await;
    let (thread, _) = clinic.asked("q1").await;
    Browser::signed_in(&clinic, "nurse").await.page(&format!("/t/{thread}")).await;
    let officer = officer(&clinic, &practice).await;
    let path = format!("/organizations/{practice}/access");
    let link = format!("href=\"{path}\"");
    shows(&officer.page("/home").await, &[&link]);
    shows(&officer.page(&format!("/organizations/{practice}")).await, &[&link]);

    let page = refused_try(&clinic, &practice, &officer).await;
    shows(
        &page,
        &[
            "<h1>Who read what at Practice</h1>",
            &format!("<li><a href=\"{path}\" aria-current=\"page\">"),
            "data-print hidden",
            "To change a person or a role",
            "Refused: nothing was shown or done",
            "About stranger",
            "For review: ",
            "Times are Vienna time.",
            "Monday 23 November 2026, 10:00",
        ],
    );
    let rows: Vec<&str> = page.body.split("<tr role=\"row\">").skip(1).collect();
    let tried = rows.iter().find(|row| row.contains("person.grant_role")).expect("the row");
    assert!(tried.contains("<bdi>nurse</bdi>") && tried.contains("No patient whose record is kept here"), "{tried}");
    assert!(!page.body.contains("thread.read<"), "what is not marked is not for review: {page:?}");

    let of_patient = format!("{path}?patient={}", clinic.patient);
    let page = officer.page(&of_patient).await;
    shows(
        &page,
        &["Only what concerns the patient", "thread.read<", &clinic.patient, "nurse, Practice", "For treatment"],
    );
    assert!(!page.body.contains("person.grant_role") && !page.body.contains("Mira Patient"), "{page:?}");
    assert!(!page.body.contains("Palpitations") && !page.body.contains(&format!("href=\"/t/{thread}")), "{page:?}");
    let by_nurse = officer.page(&format!("{path}?person={}", clinic.id("nurse"))).await;
    shows(&by_nurse, &["Only what nurse did.", "person.grant_role", "thread.read<", "Marked for review</span>"]);
    assert!(!by_nurse.body.contains("<bdi>pcp</bdi>"), "{by_nurse:?}");
    let none = officer.page(&format!("{path}?patient=none")).await;
    shows(&none, &["There is no such record", "value=\"none\""]);

    let all = officer.page(&format!("{path}?show=all")).await;
    let address = between(&all.body, "thread.read<", "</tr>").and_then(|row| between(row, "<div><a href=\"", "\""));
    let address = address.expect("a link to all records of the patient").replace("&#38;", "&");
    assert_eq!(address, format!("{path}?show=all&patient={}#list", clinic.patient));
    let spanish = Browser { language: "es", ..officer };
    shows(&spanish.page(&path).await, &["<h1>Quién leyó qué en Practice</h1>"]);
}

#[tokio::test]
async fn who_may_not_read_access_records_has_the_page_of_what_does_not_exist() {
    let clinic = Clinic::with_pages().await;
    let practice = organization(&clinic, "Practice").await;
    let centre = organization(&clinic, "Centre").await;
    let without = |page: &Answer| {
        let (before, after) = page.body.split_once("class=\"ref\">").expect("a reference");
        format!("{before}{}", after.split_once("</span>").expect("its end").1)
    };
    let officer = officer(&clinic, &practice).await;
    for who in ["admin", "coordinator", "pcp", "nurse", "stranger", "mira", "specialist"] {
        let browser = Browser::signed_in(&clinic, who).await;
        let missing = |page: Answer, path: &str, other: &str| {
            assert_eq!(page.status, 404, "{who} at {path}: {page:?}");
            without(&page).replace(other, "none")
        };
        let mut hidden = vec![(format!("/organizations/{centre}/access"), centre.as_str())];
        if who != "specialist" {
            hidden.push((format!("/organizations/{practice}/access"), practice.as_str()));
            hidden.push((format!("/organizations/{practice}/access?patient={}", clinic.patient), practice.as_str()));
        }
        if who != "mira" {
            hidden.push((format!("/patients/{}/access", clinic.patient), clinic.patient.as_str()));
        }
        for (path, id) in hidden {
            let forbidden = missing(browser.get(&path).await, &path, id);
            let other = path.replacen(id, "none", 1);
            assert_eq!(forbidden, missing(browser.get(&other).await, &other, "none"), "{who} at {path}");
        }
        let home = browser.page("/home").await;
        let is_led = home.body.contains("/access\"");
        assert_eq!(is_led, ["mira", "specialist"].contains(&who), "{who} is led there: {home:?}");
    }
    assert_eq!(officer.get(&format!("/organizations/{practice}/access")).await.status, 200);
}
