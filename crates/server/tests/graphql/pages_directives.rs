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
    shows(&page, &["The permission holds from now on", "<dd>The patient</dd>"]);
    let page = given(&mira, &list, "end", &offered(&page, &list, "end"), &[]).await;
    shows(&page, &["It has ended"]);

    permission_written_down(&clinic, &clinic.patient, "She may read it.").await;
    let about = offered(&mira.page(&list).await, &list, "refuse");
    shows(&given(&mira, &list, "refuse", &about, &[]).await, &["The permission is refused", "Refused; never in force"]);

    let deny = [("whom", whom.as_str()), ("purpose", "any"), ("hasEnd", "any"), ("patientWord", "Not her.")];
    let page = given(&pcp, &list, "record-deny", "", &deny).await;
    shows(&page, &["The block holds from now on", "Not her.", "In force; to be confirmed"]);
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
