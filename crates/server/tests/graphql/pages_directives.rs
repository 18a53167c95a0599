//! The pages of directives: who finds them, what they say, and each of their forms in a browser.

use serde_json::json;

use crate::client::Answer;
use crate::clinic::{Clinic, Target};
use crate::delegations::represented;
use crate::directives::{permission_written_down, without_account};
use crate::organization;
use crate::pages::{Browser, Form, between};
use crate::pages_settings::shows;

#[tokio::test]
async fn who_represents_a_patient_goes_from_their_help_to_what_they_may_know_of_the_patient() {
    let clinic = Clinic::with_pages().await;
    let help = format!("/helping/{}", represented(&clinic).await);
    let patient = format!("/patients/{}", clinic.patient);
    let guardian = Browser::signed_in(&clinic, "stranger").await;
    let page = guardian.page(&help).await;
    for part in ["directives", "helpers", "who-could-see"] {
        let path = format!("{patient}/{part}");
        shows(&page, &[&format!("href=\"{path}\"")]);
        assert_eq!(guardian.get(&path).await.status, 200, "{path}");
    }
    shows(&guardian.page(&patient).await, &[&format!("href=\"{patient}/who-could-see\"")]);
}

#[tokio::test]
async fn a_block_by_who_represents_the_patient_is_theirs_and_the_patient_ends_it() {
    let clinic = Clinic::with_pages().await;
    represented(&clinic).await;
    let of = Some(Target { argument: "patientId", id: clinic.patient.as_str() });
    let block = json!({ "clientMutationId": "block", "personId": clinic.id("nurse") });
    let select = "patient { blocks { byPatient giver writtenBy { id } viewerCanEnd { allowed } } }";
    let blocked = clinic.by("stranger").done("blockPerson", of, block, select).await;
    let expected = json!([{ "byPatient": false, "giver": "REPRESENTATIVE", "writtenBy": null, "viewerCanEnd": { "allowed": true } }]);
    assert_eq!(blocked["patient"]["blocks"], expected);
    let patient = format!("/patients/{}", clinic.patient);
    for who in ["mira", "stranger"] {
        let page = Browser::signed_in(&clinic, who).await.page(&patient).await;
        shows(&page, &["By a person who represents the patient by law, since today", "/end-block?blockId="]);
    }
    let page = Browser::signed_in(&clinic, "mira").await.page(&format!("{patient}/block")).await;
    assert!(
        !page.body.contains(&format!("value=\"{}\"", clinic.id("nurse"))),
        "to say it again adds nothing: {page:?}"
    );
}

#[tokio::test]
async fn the_home_of_a_patient_says_what_staff_wrote_down_until_it_is_confirmed() {
    let clinic = Clinic::with_pages().await;
    let mira = Browser::signed_in(&clinic, "mira").await;
    let card = "Say whether this is right. Your team wrote it down:";
    assert!(!mira.page("/home").await.body.contains(card), "nothing waits");
    permission_written_down(&clinic, &clinic.patient, "She may read it.").await;
    let list = format!("/patients/{}/directives", clinic.patient);
    shows(&mira.page("/home").await, &[card, &format!("href=\"{list}\"")]);
    let page = mira.page(&list).await;
    shows(&page, &["id=\"waiting\"", "Nobody yet. Staff wrote down what the patient said"]);
    let confirm = format!("{list}/confirm");
    let about = between(&page.body, &format!("{confirm}?about="), "\"").expect("a link").to_owned();
    let asks = mira.page(&format!("{confirm}?about={about}")).await;
    shows(&asks, &["The text of the consent", "<p>You permit the people who are named with this text"]);
    assert_eq!(mira.send(&confirm, &Form::of(&asks, &confirm)).await.status, 303);
    shows(
        &mira.page(&list).await,
        &["In force", "<dd>The patient</dd>", "The text that was shown", "<p>You permit the people"],
    );
    assert!(!mira.page("/home").await.body.contains(card), "it is confirmed");
}

#[tokio::test]
async fn a_privacy_officer_comes_from_home_to_the_directives_of_a_patient() {
    let clinic = Clinic::with_pages().await;
    permission_written_down(&clinic, &clinic.patient, "She may read it.").await;
    let practice = organization(&clinic, "Practice").await;
    let role = json!({ "clientMutationId": "privacy", "organizationId": practice, "role": "PRIVACY_OFFICER" });
    let of = Some(Target { argument: "personId", id: clinic.id("stranger") });
    clinic.by("admin").done("grantRole", of, role, "personId").await;
    let all = format!("/organizations/{practice}/access?show=all");
    let officer = Browser::signed_in(&clinic, "stranger").await;
    shows(&officer.page("/home").await, &[&format!("href=\"{all}\""), "Choose a patient of Practice"]);
    let of_patient = officer.page(&format!("{all}&patient={}", clinic.patient)).await;
    for part in ["directives", "helpers"] {
        let path = format!("/patients/{}/{part}", clinic.patient);
        shows(&of_patient, &[&format!("href=\"{path}\"")]);
        assert_eq!(officer.get(&path).await.status, 200, "{path}");
    }
}

/// Opens a form of the page of directives and sends it, with the preview between where there is one; what the page says then.
async fn given(browser: &Browser<'_>, list: &str, act: &str, about: &str, fields: &[(&str, &str)]) -> Answer {
    let path = format!("{list}/{act}");
    let query = if about.is_empty() { String::new() } else { format!("?about={about}") };
    let form = Form::of(&browser.page(&format!("{path}{query}")).await, &path);
    let mut sent = browser.send(&path, &form.with(fields)).await;
    if sent.status == 200 {
        sent = browser.send(&path, &Form::of(&sent, &path).with(fields)).await;
    }
    assert_eq!(sent.status, 303, "{act}: {sent:?}");
    browser.page(sent.header("location").expect("a place")).await
}

/// The id of the directive to which a page offers an act.
fn offered(page: &Answer, list: &str, act: &str) -> String {
    between(&page.body, &format!("{list}/{act}?about="), "\"")
        .unwrap_or_else(|| panic!("no {act}: {page:?}"))
        .to_owned()
}

#[tokio::test]
async fn each_form_of_the_page_of_directives_does_what_it_says() {
    let clinic = Clinic::with_pages().await;
    let other = without_account(&clinic).await;
    let list = format!("/patients/{}/directives", clinic.patient);
    let (mira, pcp) = (Browser::signed_in(&clinic, "mira").await, Browser::signed_in(&clinic, "pcp").await);
    let whom = format!("person.{}", clinic.id("nurse"));
    let until = [("until.day", "22"), ("until.month", "5"), ("until.year", "2027"), ("until.time", "00:00")];
    let permit = [&until[..], &[("whom", whom.as_str())]].concat();
    let page = given(&mira, &list, "permit", "", &permit).await;
    shows(&page, &["The permission is recorded", "<dd>The patient</dd>"]);
    let page = given(&mira, &list, "end", &offered(&page, &list, "end"), &[]).await;
    shows(&page, &["It has ended"]);

    permission_written_down(&clinic, &clinic.patient, "She may read it.").await;
    let about = offered(&mira.page(&list).await, &list, "refuse");
    shows(&given(&mira, &list, "refuse", &about, &[]).await, &["The permission is refused", "Refused; never in force"]);

    let deny = [("whom", whom.as_str()), ("purpose", "any"), ("hasEnd", "any"), ("patientWord", "Not her.")];
    let page = given(&pcp, &list, "record-deny", "", &deny).await;
    shows(&page, &["The block is recorded", "Not her.", "In force; to be confirmed"]);
    assert!(!page.body.contains("confirm-on-paper"), "the patient has an account: {page:?}");

    let list = format!("/patients/{other}/directives");
    let coordinator = Browser::signed_in(&clinic, "coordinator").await;
    let about = offered(&coordinator.page(&list).await, &list, "confirm-on-paper");
    let page = given(&coordinator, &list, "confirm-on-paper", &about, &[("document", "Form <7>.")]).await;
    shows(
        &page,
        &["It is confirmed", "The paper that the patient signed", "Form &#60;7&#62;.", "<dd>The patient</dd>"],
    );
}

#[tokio::test]
async fn a_block_becomes_wider_and_longer_after_its_giver_has_seen_what_that_changes() {
    let clinic = Clinic::with_pages().await;
    let list = format!("/patients/{}/directives", clinic.patient);
    let mira = Browser::signed_in(&clinic, "mira").await;
    let whom = format!("person.{}", clinic.id("nurse"));
    let end =
        [("hasEnd", "yes"), ("until.day", "22"), ("until.month", "5"), ("until.year", "2027"), ("until.time", "00:00")];
    let deny = [&end[..], &[("whom", whom.as_str()), ("purpose", "TREATMENT"), ("sensitivities", "HIV")]].concat();
    let page = given(&mira, &list, "deny", "", &deny).await;
    let (about, path) = (offered(&page, &list, "tighten"), format!("{list}/tighten"));
    let page = mira.page(&format!("{path}?about={about}")).await;
    shows(&page, &["Let people see less", "value=\"HIV\" checked", "value=\"22\"", "See what it would change"]);
    assert!(
        !page.body.contains("name=\"whom\"") && !page.body.contains("name=\"hasStart\""),
        "one person, now: {page:?}"
    );
    let form = Form::of(&page, &path);
    let same = [&end[..], &[("purpose", "TREATMENT"), ("sensitivities", "HIV")]].concat();
    let refused = mira.send(&path, &form.with(&same)).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    shows(&refused, &["A block can only become wider or longer"]);
    let shorter = [&same[..], &[("until.month", "4")]].concat();
    let refused = mira.send(&path, &form.with(&shorter)).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    shows(&refused, &["href=\"#until-day\"", "A block can only become wider or longer"]);

    // Another choice than the one that was seen is seen anew.
    let wider = [("purpose", "any"), ("hasEnd", "any")];
    let check = mira.send(&path, &form.with(&wider)).await;
    assert_eq!(check.status, 200, "{check:?}");
    shows(&check, &["What it would change now", "Nothing has changed yet"]);
    let form = Form::of(&check, &path);
    let other = [("purpose", "any"), ("hasEnd", "any"), ("sensitivities", "HIV")];
    let check = mira.send(&path, &form.with(&other)).await;
    assert_eq!(check.status, 200, "{check:?}");
    let done = mira.send(&path, &Form::of(&check, &path).with(&other)).await;
    assert_eq!(done.status, 303, "{done:?}");
    let page = mira.page(done.header("location").expect("a place")).await;
    shows(&page, &["People see less from now on"]);
    assert!(!page.body.contains("In force until"), "{page:?}");
    let page = given(&mira, &list, "tighten", &offered(&page, &list, "tighten"), &wider).await;
    shows(&page, &["Everything about the patient"]);
    assert!(!page.body.contains(&format!("{path}?about=")), "it cannot be wider: {page:?}");
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    assert_eq!(nurse.get(&format!("/patients/{}", clinic.patient)).await.status, 404);
}

#[tokio::test]
async fn a_permission_becomes_shorter_and_no_longer_one_is_taken() {
    let clinic = Clinic::with_pages().await;
    let list = format!("/patients/{}/directives", clinic.patient);
    let mira = Browser::signed_in(&clinic, "mira").await;
    let until = |month| [("until.day", "22"), ("until.month", month), ("until.year", "2027"), ("until.time", "00:00")];
    let permit = [&until("5")[..], &[("whom", "role.NURSE")]].concat();
    let page = given(&mira, &list, "permit", "", &permit).await;
    shows(&page, &["<bdi>Every nurse</bdi>"]);
    let (about, path) = (offered(&page, &list, "tighten"), format!("{list}/tighten"));
    let page = mira.page(&format!("{path}?about={about}")).await;
    let nurse = format!("value=\"person.{}.NURSE.\"", clinic.id("nurse"));
    shows(&page, &["value=\"role.NURSE\" checked", &nurse]);
    let longer = mira.send(&path, &Form::of(&page, &path).with(&until("6"))).await;
    assert_eq!(longer.status, 422, "{longer:?}");
    shows(&longer, &["href=\"#until-day\""]);
    let page = given(&mira, &list, "tighten", &about, &until("4")).await;
    shows(&page, &["People see less from now on", "22 April 2027"]);
}

#[tokio::test]
async fn a_permission_begins_on_a_later_day() {
    let clinic = Clinic::with_pages().await;
    let list = format!("/patients/{}/directives", clinic.patient);
    let (mira, path) = (Browser::signed_in(&clinic, "mira").await, format!("{list}/permit"));
    let form = Form::of(&mira.page(&path).await, &path);
    let terms = [
        ("whom", "role.NURSE"),
        ("hasStart", "yes"),
        ("until.day", "22"),
        ("until.month", "5"),
        ("until.year", "2027"),
        ("until.time", "00:00"),
    ];
    let silent = mira.send(&path, &form.with(&terms)).await;
    assert_eq!(silent.status, 422, "{silent:?}");
    shows(&silent, &["href=\"#from-day\""]);
    let from = |month| [("from.day", "22"), ("from.month", month), ("from.year", "2027"), ("from.time", "00:00")];
    let after_its_end = [&terms[..], &from("6")].concat();
    let check = mira.send(&path, &form.with(&after_its_end)).await;
    let refused = mira.send(&path, &Form::of(&check, &path).with(&after_its_end)).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    let page = given(&mira, &list, "permit", "", &[&terms[..], &from("4")].concat()).await;
    shows(&page, &["The permission is recorded", "<dt>In force from</dt>", "22 April 2027", "22 May 2027"]);
}

#[tokio::test]
async fn who_keeps_the_record_writes_down_a_narrow_block_with_all_that_the_patient_said() {
    let clinic = Clinic::with_pages().await;
    let practice = organization(&clinic, "Practice").await;
    let role = json!({ "clientMutationId": "pharmacist", "organizationId": practice, "role": "PHARMACIST" });
    let of = Some(Target { argument: "personId", id: clinic.id("stranger") });
    clinic.by("admin").done("grantRole", of, role, "personId").await;
    let patient = format!("/patients/{}", clinic.patient);
    let list = format!("{patient}/directives");
    let coordinator = Browser::signed_in(&clinic, "coordinator").await;
    shows(&coordinator.page(&format!("{patient}/block")).await, &[&format!("href=\"{list}\"")]);
    let page = coordinator.page(&list).await;
    shows(&page, &[&format!("href=\"{list}/deny-for-patient\""), "Write down whom the patient blocks"]);
    assert!(!page.body.contains("/record-permit\""), "who is not on the care team writes down no permission: {page:?}");
    let path = format!("{list}/deny-for-patient");
    let page = coordinator.page(&path).await;
    // Also people of the practice who are not on the care team, and whoever has a role.
    shows(
        &page,
        &[&format!("value=\"person.{}\"", clinic.id("stranger")), "value=\"role.NURSE\"", "name=\"hasStart\""],
    );
    let form = Form::of(&page, &path);
    let terms = [
        ("whom", "role.NURSE"),
        ("sensitivities", "HIV"),
        ("purpose", "TREATMENT"),
        ("hasStart", "yes"),
        ("hasEnd", "any"),
        ("patientWord", "Not the nurses, from May on."),
    ];
    let silent = coordinator.send(&path, &form.with(&terms)).await;
    assert_eq!(silent.status, 422, "{silent:?}");
    shows(&silent, &["href=\"#from-day\""]);
    let from = [("from.day", "22"), ("from.month", "5"), ("from.year", "2027"), ("from.time", "00:00")];
    let done = coordinator.send(&path, &form.with(&[&terms[..], &from].concat())).await;
    assert_eq!(done.status, 303, "{done:?}");
    let page = coordinator.page(done.header("location").expect("a place")).await;
    let facts = ["<bdi>Every nurse</bdi>", "In force; to be confirmed", "22 May 2027", "Not the nurses, from May on."];
    shows(&page, &facts);
    shows(&Browser::signed_in(&clinic, "mira").await.page(&list).await, &["Not the nurses, from May on."]);
}
