//! Messages from outside in a browser: a person without access writes, the practice finds out whom it is about, in both
//! languages.

use crate::client::Answer;
use crate::clinic::Clinic;
use crate::pages::{Browser, Form, between, is_done};
use crate::pages_settings::shows;

/// The id of the practice, as the form offers it.
fn practice(page: &Answer) -> String {
    let at = page.body.find("<bdi>Practice</bdi>").expect("the practice is offered");
    let before = &page.body[..at];
    let value = before.rfind("value=\"").map(|start| &before[start + 7..]).expect("a value");
    value.split('"').next().expect("a value").to_owned()
}

/// Sends the form with these fields; returns its answer.
async fn tell(from: &Browser<'_>, fields: &[(&str, &str)]) -> Answer {
    let page = from.page("/tell").await;
    let practice = practice(&page);
    let form = Form::of(&page, "/tell").with(fields).with(&[("organizationId", &practice), ("relationship", "FRIEND")]);
    from.send("/tell", &form).await
}

#[tokio::test]
async fn a_person_without_access_writes_and_is_told_that_no_answer_comes() {
    let clinic = Clinic::with_pages().await;
    let mut stranger = Browser::signed_in(&clinic, "stranger").await;
    shows(&stranger.page("/helping").await, &["href=\"/tell\""]);
    let empty = stranger.send("/tell", &Form::of(&stranger.page("/tell").await, "/tell")).await;
    assert_eq!(empty.status, 422, "{empty:?}");
    shows(&empty, &["href=\"#patientName\"", "href=\"#wish-HELP\"", "href=\"#relationship-PARENT\""]);
    let mut pages = Vec::new();
    for name in ["Mira Patient", "Nora Nobody"] {
        let done = tell(&stranger, &[("wish", "TELL"), ("patientName", name), ("text", "She fell.")]).await;
        is_done(&done, "/tell?done=sent");
        let page = stranger.page("/tell?done=sent").await;
        shows(&page, &["<title>Sent: ", "It was sent", "You get no answer here"]);
        let form = Form::of(&page, "/tell");
        let main = between(&page.body, "<main", "</main>").expect("a main part").to_owned();
        // The key of a form is new in each page, and the proof is over it.
        pages.push(["key", "bound"].iter().fold(main, |main, token| main.replace(form.get(token), "")));
    }
    assert_eq!(pages[0], pages[1], "the page is the same whoever the patient is");
    stranger.language = "es";
    shows(&stranger.page("/tell").await, &["Escribir a un centro sobre alguien", "Ofrecer mi ayuda"]);
}

#[tokio::test]
async fn pages_about_help_belong_to_an_entry_of_the_navigation_for_everybody() {
    let clinic = Clinic::with_pages().await;
    for (who, entry) in [("nurse", "/home"), ("stranger", "/helping")] {
        let browser = Browser::signed_in(&clinic, who).await;
        for path in ["/tell", "/helping", "/invitation"] {
            let page = browser.page(path).await;
            assert_eq!(page.body.matches("aria-current=\"page\"").count(), 1, "{path} of {who}");
            shows(&page, &[&format!("href=\"{entry}\" aria-current=\"page\"")]);
        }
    }
}

#[tokio::test]
async fn staff_find_the_patient_of_an_offer_and_of_what_was_told() {
    let clinic = Clinic::with_pages().await;
    let (thread, _) = clinic.asked("q").await;
    let stranger = Browser::signed_in(&clinic, "stranger").await;
    let offered = [("wish", "HELP"), ("kind", "PATIENT_AUTHORISED"), ("patientName", "Mira Patient")];
    is_done(&tell(&stranger, &offered).await, "/tell?done=sent");
    let mut nurse = Browser::signed_in(&clinic, "nurse").await;
    shows(&nurse.page("/home").await, &["Find out whom stranger offers to help", "href=\"/outside-messages\""]);
    let list = nurse.page("/outside-messages").await;
    let one = format!("/outside-messages/{}", between(&list.body, "href=\"/outside-messages/", "\"").expect("a link"));
    let page = nurse.page(&one).await;
    assert!(!page.body.contains("role=\"search\""), "nobody is looked up before the message is taken: {page:?}");
    for who in ["stranger", "mira", "pcp", "specialist"] {
        let other = Browser::signed_in(&clinic, who).await;
        assert_eq!(other.get(&one).await.status, 404, "{who}");
        assert_eq!(other.get("/outside-messages/none").await.status, 404, "{who}");
    }
    is_done(&nurse.send(&format!("{one}/claim"), &Form::of(&page, &format!("{one}/claim"))).await, &one);
    let found = nurse.page(&format!("{one}?q=Mira")).await;
    shows(&found, &["role=\"search\"", &format!("{one}?patient={}", clinic.patient)]);
    let chosen = nurse.page(&format!("{one}?patient={}", clinic.patient)).await;
    shows(&chosen, &["Record that this offer is for Mira Patient", "The patient is asked next"]);
    let form = Form::of(&chosen, &format!("{one}/match"));
    let other = nurse.send(&format!("{one}/match"), &form.with(&[("patient", clinic.id("mira"))])).await;
    assert_eq!(other.status, 409, "the form is bound to the patient who was chosen: {other:?}");
    is_done(&nurse.send(&format!("{one}/match"), &form).await, "/outside-messages?done=match");
    shows(&nurse.page("/outside-messages?done=match").await, &["The patient is asked now", "No message from outside"]);
    let mira = Browser::signed_in(&clinic, "mira").await;
    let helpers = mira.page(&format!("/patients/{}/helpers", clinic.patient)).await;
    shows(&helpers, &["stranger", "who offers to help"]);
    shows(&stranger.page("/helping").await, &["You help nobody here"]);

    let told = [("wish", "TELL"), ("patientName", "Mira"), ("text", "She fell <yesterday>.")];
    is_done(&tell(&stranger, &told).await, "/tell?done=sent");
    let list = nurse.page("/outside-messages").await;
    let one = format!("/outside-messages/{}", between(&list.body, "href=\"/outside-messages/", "\"").expect("a link"));
    let claim = format!("{one}/claim");
    is_done(&nurse.send(&claim, &Form::of(&nurse.page(&one).await, &claim)).await, &one);
    let close = format!("{one}/close");
    let silent = nurse.send(&close, &Form::of(&nurse.page(&one).await, &close)).await;
    assert_eq!(silent.status, 422);
    shows(&silent, &["href=\"#ground-UNMATCHED\""]);
    let attach = format!("{one}/attach");
    let chosen = nurse.page(&format!("{one}?patient={}", clinic.patient)).await;
    shows(&chosen, &["Attach it to a conversation about Mira Patient", "Palpitations"]);
    let form = Form::of(&chosen, &attach);
    let none = nurse.send(&attach, &form).await;
    assert_eq!(none.status, 422, "{none:?}");
    shows(&none, &[&format!("href=\"#threadId-{thread}\"")]);
    let sent = nurse.send(&attach, &form.with(&[("threadId", &thread)])).await;
    is_done(&sent, "/outside-messages?done=attach");
    let shown = nurse.page(&format!("/t/{thread}")).await;
    shows(
        &shown,
        &[
            "Messages from outside",
            "Relationship to the patient, not verified: friend",
            "She fell &#60;yesterday&#62;.",
        ],
    );
    assert!(!mira.page(&format!("/t/{thread}")).await.body.contains("She fell"), "it is for the clinical team");
    nurse.language = "es";
    shows(&nurse.page("/outside-messages").await, &["Mensajes de fuera"]);
}
