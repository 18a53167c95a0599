//! What keeps people on a page from a mistake: whom it is about, whose turn it is, and when not to write at all. The hazard
//! log (`docs/hazards.yaml`) names these tests.

use serde_json::json;
use server::graphql::id::stream_of;

use crate::clinic::{Clinic, Target, now};
use crate::pages::{Browser, Form};

#[tokio::test]
async fn nothing_is_done_from_a_page_that_cannot_name_its_patient() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let (thread, claim) = (format!("/t/{id}"), format!("action=\"/t/{id}/claim\""));
    let coordinator = Browser::signed_in(&clinic, "centre_coordinator").await;
    coordinator.step(&id, "assign", &[("to", clinic.id("specialist"))]).await;
    let specialist = Browser::signed_in(&clinic, "specialist").await;
    for path in [thread.as_str(), "/worklist"] {
        let page = specialist.page(path).await;
        assert!(page.body.contains("Mira Patient") && page.body.contains(&claim), "{path}: {page:?}");
    }
    let patient = stream_of(&clinic.patient).expect("a stream");
    clinic.application.destroy_key(patient, now()).await.expect("destroyed");
    // A claim needs no text, so it is the page alone that offers none.
    let query = format!("{{ thread(id: {}) {{ viewerCanClaim {{ allowed }} }} }}", json!(id));
    assert_eq!(clinic.ask("specialist", &query).await["thread"]["viewerCanClaim"]["allowed"], true);
    let page = specialist.page(&thread).await;
    assert!(page.body.contains("It is not certain who this is about"), "{page:?}");
    for path in [thread.as_str(), "/worklist"] {
        let page = specialist.page(path).await;
        assert!(page.body.contains(&thread) && !page.body.contains(&claim), "{path}: {page:?}");
    }
}

#[tokio::test]
async fn the_form_for_a_message_names_its_patient() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let page = pcp.page(&format!("/t/{id}")).await;
    let form = page.body.split_once("class=\"composer\"").expect("a form").1;
    assert!(form.contains("Your message about Mira Patient"), "{page:?}");
}

#[tokio::test]
async fn who_writes_reads_first_when_not_to_write() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let mira = Browser::signed_in(&clinic, "mira").await;
    let page = mira.page(&format!("/t/{id}")).await;
    let form = page.body.split_once("class=\"composer\"").expect("a form").1;
    let above = form.split_once("<textarea").expect("a field").0;
    assert!(above.contains("Do not write. Ring the emergency number now."), "{page:?}");

    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let page = pcp.page(&format!("/new-consultation?patient={}&pool={}", clinic.patient, clinic.pool)).await;
    assert!(page.body.contains("Danger within hours? Do not write; telephone."), "{page:?}");
}

#[tokio::test]
async fn who_has_read_a_thread_is_not_said_to_have_it() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let (thread, read, claim) = (format!("/t/{id}"), format!("/t/{id}/read"), format!("/t/{id}/claim"));
    let input = json!({ "clientMutationId": "m1", "audience": "EVERYONE", "body": "It is worse." });
    let on = Some(Target { argument: "threadId", id: id.as_str() });
    clinic.by("pcp").done("postMessage", on, input, "message { id }").await;
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    let form = Form::of(&nurse.page(&thread).await, &read);
    assert_eq!(nurse.send(&read, &form).await.status, 303);
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let mira = Browser::signed_in(&clinic, "mira").await;
    let page = pcp.page(&thread).await;
    assert!(page.body.contains("Read by nurse"), "{page:?}");
    for browser in [&pcp, &mira] {
        let page = browser.page(&thread).await;
        assert!(page.body.contains("Waiting for a coordinator of"), "{page:?}");
    }
    let coordinator = Browser::signed_in(&clinic, "centre_coordinator").await;
    coordinator.step(&id, "assign", &[("to", "any")]).await;
    for browser in [&pcp, &mira] {
        let page = browser.page(&thread).await;
        assert!(page.body.contains("Waiting in the pool Cardiology; nobody has it yet"), "{page:?}");
    }
    let specialist = Browser::signed_in(&clinic, "specialist").await;
    let form = Form::of(&specialist.page(&thread).await, &claim);
    assert_eq!(specialist.send(&claim, &form).await.status, 303);
    let page = pcp.page(&thread).await;
    assert!(page.body.contains("With specialist") && !page.body.contains("nobody has it yet"), "{page:?}");
}
