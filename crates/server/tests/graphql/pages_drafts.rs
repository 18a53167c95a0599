//! Drafts on the pages over HTTP: kept by a button and by the script, offered again, sent with their form, and listed.

use serde_json::json;

use crate::client::Answer;
use crate::clinic::{Clinic, Target};
use crate::drafts::drafts;
use crate::pages::{Browser, Form};

const SCRIPT: &[&str] = &["x-fragment: draft"];

/// The form of a thread's page or of a step, with its path and that of its draft.
struct Opened {
    action: String,
    draft: String,
    form: Form,
    page: Answer,
}

async fn opened(browser: &Browser<'_>, page: &str, action: &str) -> Opened {
    let page = browser.page(page).await;
    let form = Form::of(&page, action);
    Opened { action: action.to_owned(), draft: format!("{action}/draft"), form, page }
}

async fn reply(browser: &Browser<'_>, id: &str) -> Opened {
    opened(browser, &format!("/t/{id}"), &format!("/t/{id}/reply")).await
}

#[tokio::test]
async fn a_reply_is_kept_by_its_button_offered_again_and_ends_when_it_is_sent() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let Opened { action, draft, form, page } = reply(&pcp, &id).await;
    assert!(page.body.contains("Save draft</button>"), "{page:?}");
    let empty = pcp.send(&draft, &form.with(&[("body", " ")])).await;
    assert!(empty.status == 422 && empty.body.contains("There is nothing to save yet"), "{empty:?}");
    let typed = form.with(&[("body", "Any <i>syncope"), ("shown", "EVERYONE")]);
    let saved = pcp.send(&draft, &typed).await;
    let to = format!("/t/{id}?draft=saved#reply");
    assert_eq!((saved.status, saved.header("location")), (303, Some(to.as_str())), "{saved:?}");
    let shown = pcp.page(&format!("/t/{id}?draft=saved")).await;
    for part in
        ["Any &#60;i&#62;syncope</textarea>", "role=\"status\"", "Draft saved at ", "value=\"EVERYONE\" checked"]
    {
        assert!(shown.body.contains(part), "{part}: {shown:?}");
    }
    // It outlives the session, and nobody else has it.
    pcp.send("/sign-out", &Form::of(&shown, "/sign-out")).await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let next = reply(&pcp, &id).await;
    assert!(next.page.body.contains("Any &#60;i&#62;syncope</textarea>"), "{:?}", next.page);
    for who in ["nurse", "mira", "coordinator"] {
        let other = Browser::signed_in(&clinic, who).await;
        let (thread, list) = (other.page(&format!("/t/{id}")).await, other.page("/drafts").await);
        assert!(!thread.body.contains("syncope</textarea>"), "{who}: {thread:?}");
        assert!(list.body.contains("You have no drafts."), "{who}: {list:?}");
    }
    let sent = pcp.send(&action, &next.form.with(&[("audience", "EVERYONE"), ("body", "Any syncope?")])).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    assert!(drafts(&clinic, "pcp").await.is_empty());
    // The same form in another window cannot be sent a second time, and keeps what was typed.
    let twice = next.form.with(&[("key", "other"), ("audience", "EVERYONE"), ("body", "Once more")]);
    let twice = pcp.send(&action, &twice).await;
    assert_eq!(twice.status, 422, "{twice:?}");
    for part in ["sent or discarded already", "Once more</textarea>"] {
        assert!(twice.body.contains(part), "{part}: {twice:?}");
    }
    let again = Form::of(&twice, &action).with(&[("audience", "EVERYONE"), ("body", "Once more")]);
    assert_eq!(pcp.send(&action, &again).await.status, 303);
}

#[tokio::test]
async fn the_script_keeps_a_form_and_two_windows_have_one_draft() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let (one, two) = (reply(&pcp, &id).await, reply(&pcp, &id).await);
    let state = |answer: &Answer| (answer.status, answer.header("x-draft-state").map(str::to_owned));
    let said = |state: &str| (204, Some(state.to_owned()));
    let first = pcp.send_with(&one.draft, &one.form.with(&[("body", "First")]), SCRIPT).await;
    assert_eq!(state(&first), said("saved"), "{first:?}");
    assert!(first.header("x-draft-words").is_some_and(|words| words.starts_with("Draft+saved+at+")), "{first:?}");
    let version = first.header("x-draft-version").expect("a version").to_owned();
    let more = one.form.with(&[("body", "First and more"), ("draftVersion", &version)]);
    let early = pcp.send_with(&one.draft, &more, SCRIPT).await;
    assert_eq!(state(&early), said("later"), "{early:?}");
    let left = pcp.send_with(&one.draft, &more.with(&[("leaving", "yes")]), SCRIPT).await;
    assert_eq!(state(&left), said("saved"), "{left:?}");
    let empty = pcp.send_with(&one.draft, &one.form, SCRIPT).await;
    assert_eq!(state(&empty), said("empty"), "{empty:?}");

    // The other window learns of it, and its button shows both texts.
    let second = two.form.with(&[("body", "Second <b>")]);
    let elsewhere = pcp.send_with(&two.draft, &second.with(&[("leaving", "yes")]), SCRIPT).await;
    assert_eq!(state(&elsewhere), said("elsewhere"), "{elsewhere:?}");
    let both = pcp.send(&two.draft, &second).await;
    assert_eq!(both.status, 409, "{both:?}");
    for part in ["saved from another window", "First and more</p>", "Second &#60;b&#62;</textarea>"] {
        assert!(both.body.contains(part), "{part}: {both:?}");
    }
    let replaced = Form::of(&both, &two.action).with(&[("body", "Second <b>")]);
    assert_eq!(pcp.send(&two.draft, &replaced).await.status, 303);
    let kept = drafts(&clinic, "pcp").await;
    assert_eq!((kept.len(), &kept[0]["fields"]), (1, &json!([{ "name": "body", "text": "Second <b>" }])));

    // A form of another page, person or site saves nothing.
    for form in [replaced.with(&[("bound", "x")]), replaced.with(&[("thread", "x")])] {
        assert_eq!(pcp.send(&two.draft, &form).await.status, 409);
    }
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    assert_eq!(nurse.send(&two.draft, &replaced).await.status, 409);
    assert_eq!(pcp.send_with(&two.draft, &replaced, &["origin: null"]).await.status, 303);
    assert!(drafts(&clinic, "nurse").await.is_empty());
    // There is no draft of a form without text.
    let claim = format!("/t/{id}/claim/draft");
    assert_eq!(pcp.send(&claim, &replaced).await.status, 404);
}

#[tokio::test]
async fn an_answer_with_several_parts_is_kept_whole_and_listed_until_it_is_discarded() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let specialist = Browser::signed_in(&clinic, "specialist").await;
    let coordinator = Browser::signed_in(&clinic, "centre_coordinator").await;
    let assign = format!("/t/{id}/assign");
    let page = opened(&coordinator, &assign, &assign).await;
    assert!(!page.page.body.contains("Save draft"), "a form without text keeps none");
    let assigned = coordinator.send(&assign, &page.form.with(&[("to", clinic.id("specialist"))])).await;
    assert_eq!(assigned.status, 303, "{assigned:?}");
    let on = Some(Target { argument: "threadId", id: id.as_str() });
    let seen = clinic.ask("specialist", &format!("{{ thread(id: {}) {{ version }} }}", json!(id))).await;
    let claim = json!({ "clientMutationId": "claim", "expectedVersion": seen["thread"]["version"] });
    clinic.by("specialist").done("claimThread", on, claim, "thread { id }").await;

    let advise = format!("/t/{id}/advise");
    let form = opened(&specialist, &advise, &advise).await;
    let typed = form.form.with(&[
        ("recommendations.0.text", ""),
        ("recommendations.1.text", "A Holter for 48 hours"),
        ("recommendations.1.kind", "TEST"),
        ("minutesSpent", "12"),
    ]);
    let saved = specialist.send(&form.draft, &typed).await;
    let to = format!("{advise}?draft=saved");
    assert_eq!((saved.status, saved.header("location")), (303, Some(to.as_str())), "{saved:?}");
    let shown = specialist.page(&advise).await;
    for part in [
        "A Holter for 48 hours</textarea>",
        "recommendations-1-kind-TEST\" name=\"recommendations.1.kind\" value=\"TEST\" checked",
        "value=\"12\"",
    ] {
        assert!(shown.body.contains(part), "{part}: {shown:?}");
    }
    let list = specialist.page("/drafts").await;
    for part in ["Palpitations", "Mira Patient", "A Holter for 48 hours", &format!("href=\"{advise}\"")] {
        assert!(list.body.contains(part), "{part}: {list:?}");
    }
    assert_eq!(list.body.matches("aria-current=\"page\"").count(), 1, "it is in the navigation");
    let discard = Form::of(&list, "/drafts");
    assert_eq!(specialist.send("/drafts", &discard.with(&[("bound", "x")])).await.status, 409);
    assert_eq!(drafts(&clinic, "specialist").await.len(), 1);
    let gone = specialist.send("/drafts", &discard).await;
    assert_eq!((gone.status, gone.header("location")), (303, Some("/drafts?draft=discarded")), "{gone:?}");
    let list = specialist.page("/drafts?draft=discarded").await;
    assert!(list.body.contains("The draft is discarded") && list.body.contains("You have no drafts."), "{list:?}");

    // The button of the form discards as well, and the next form begins another draft.
    let form = opened(&specialist, &advise, &advise).await;
    assert_eq!(specialist.send(&form.draft, &form.form.with(&[("comeBackWhen", "On syncope")])).await.status, 303);
    let form = opened(&specialist, &advise, &advise).await;
    let gone = specialist.send(&form.draft, &form.form.with(&[("discard", "1")])).await;
    assert_eq!(gone.header("location"), Some(format!("{advise}?draft=discarded").as_str()), "{gone:?}");
    let shown = specialist.page(&format!("{advise}?draft=discarded")).await;
    assert!(shown.body.contains("The draft is discarded") && !shown.body.contains("On syncope"), "{shown:?}");
}

#[tokio::test]
async fn forms_for_new_threads_keep_their_drafts_and_the_list_leads_back_to_them() {
    let clinic = Clinic::with_pages().await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let (mira, pool) = (clinic.patient.clone(), clinic.pool.clone());
    let asked = format!("patient={mira}&pool={pool}");
    let about = format!("patient={mira}");
    let typed = [("subject", "Dizzy <b>"), ("sensitivities", "PSYCHIATRY")];
    for (form, query, of) in [
        ("new-consultation", asked.as_str(), "New consultation"),
        ("new-thread", about.as_str(), "New team thread"),
        ("new-thread", "about=nobody", "New team thread"),
    ] {
        let (path, draft) = (format!("/{form}?{query}"), format!("/{form}/draft?{query}"));
        let action = path.replace('&', "&amp;");
        let page = pcp.page(&path).await;
        let opened = Form::of(&page, &action);
        let empty = pcp.send(&draft, &opened.with(&[("urgency", "URGENT"), ("confidentiality", "NORMAL")])).await;
        assert!(empty.status == 422 && empty.body.contains("There is nothing to save yet"), "{empty:?}");
        assert_eq!(pcp.send(&draft, &opened.with(&[("patient", "x"), ("subject", "x")])).await.status, 409);
        let saved = pcp.send(&draft, &opened.with(&typed)).await;
        let to = format!("{path}&draft=saved");
        assert_eq!((saved.status, saved.header("location")), (303, Some(to.as_str())), "{saved:?}");
        let shown = pcp.page(&to).await;
        for part in ["Draft saved at ", "value=\"Dizzy &#60;b&#62;\"", "value=\"PSYCHIATRY\" checked"] {
            assert!(shown.body.contains(part), "{part}: {shown:?}");
        }
        let list = pcp.page("/drafts").await;
        let escaped = path.replace('&', "&#38;");
        for part in [of, "“<bdi>Dizzy &#60;b&#62;</bdi>”", &format!("href=\"{escaped}\"")] {
            assert!(list.body.contains(part), "{part}: {list:?}");
        }
        // A form that was not accepted is still of its draft.
        let refused = pcp.send(&path, &Form::of(&shown, &action).with(&[("subject", "Dizzy"), ("note", "")])).await;
        assert!(refused.status == 422 && refused.body.contains("data-unsaved"), "{refused:?}");
        assert_eq!(drafts(&clinic, "pcp").await.len(), 1);
        let discard = Form::of(&refused, &action).with(&[("discard", "1")]);
        let gone = pcp.send(&draft, &discard).await;
        assert_eq!(gone.header("location"), Some(format!("{path}&draft=discarded").as_str()), "{gone:?}");
        assert!(drafts(&clinic, "pcp").await.is_empty());
    }

    // The draft ends when its form is sent.
    let path = format!("/new-consultation?{asked}");
    let page = pcp.page(&path).await;
    let sent = Form::of(&page, &path.replace('&', "&amp;")).with(&[
        ("subject", "Dizzy"),
        ("question", "Is a Holter needed?"),
        ("topic", "CLINICAL_ADVICE"),
        ("urgency", "ROUTINE"),
        ("agreed", "EMERGENCY"),
        ("mayConvert", "no"),
    ]);
    assert_eq!(pcp.send(&format!("/new-consultation/draft?{asked}"), &sent).await.status, 303);
    assert_eq!(drafts(&clinic, "pcp").await.len(), 1);
    let answer = pcp.send(&path, &sent).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    assert!(drafts(&clinic, "pcp").await.is_empty());
    assert_eq!(pcp.send(&path, &sent).await.header("location"), answer.header("location"), "a repeat is one");

    // Two choices of one field are kept.
    let path = format!("/new-thread?{about}");
    let form = Form::of(&pcp.page(&path).await, &path).with(&[("note", "Please look")]);
    let both = format!("{}&sensitivities=HIV&sensitivities=PSYCHIATRY", form.encoded());
    let saved = pcp.send_text(&format!("/new-thread/draft?{about}"), &both).await;
    assert_eq!(saved.status, 303, "{saved:?}");
    let shown = pcp.page(&path).await;
    for part in ["value=\"HIV\" checked", "value=\"PSYCHIATRY\" checked", "Please look</textarea>"] {
        assert!(shown.body.contains(part), "{part}: {shown:?}");
    }
}

#[tokio::test]
async fn a_reply_with_a_step_is_kept_with_the_step_and_both_end_the_draft() {
    let clinic = Clinic::with_pages().await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let path = format!("/new-thread?patient={}", clinic.patient);
    let nurse = format!("person:{}", clinic.id("nurse"));
    let new = [("subject", "Ramp"), ("topic", "SOCIAL"), ("note", "Order it"), ("waitingOn.party", nurse.as_str())];
    let opened = pcp.send(&path, &Form::of(&pcp.page(&path).await, &path).with(&new)).await;
    let to = opened.header("location").unwrap_or_else(|| panic!("{opened:?}")).to_owned();
    let id = to.trim_start_matches("/t/").trim_end_matches("?opened=1");
    let form = reply(&pcp, id).await;
    let typed = form.form.with(&[("body", "It is there."), ("then", "close"), ("outcome", "Mounted")]);
    let only = form.form.with(&[("then", "close")]);
    assert_eq!(pcp.send(&form.draft, &only).await.status, 422, "a choice alone is no draft");
    assert_eq!(pcp.send(&form.draft, &typed).await.status, 303);
    let again = reply(&pcp, id).await;
    for part in ["It is there.</textarea>", "value=\"close\" checked", "Mounted</textarea>"] {
        assert!(again.page.body.contains(part), "{part}: {:?}", again.page);
    }
    let sent = again.form.with(&[
        ("body", "It is there."),
        ("then", "close"),
        ("outcome", "Mounted"),
        ("audience", "EVERYONE"),
    ]);
    let sent = pcp.send(&again.action, &sent).await;
    assert_eq!(sent.header("location"), Some(format!("/t/{id}?done=close&with=message").as_str()), "{sent:?}");
    assert!(drafts(&clinic, "pcp").await.is_empty());
}
