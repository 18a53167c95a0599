//! The pages over HTTP, as a browser without a script uses them: signing in, the whole consultation by forms, and forms
//! that are not accepted.

use std::num::NonZeroU32;

use coordination::TRIES_A_MINUTE_MAX;
use serde_json::{Value, json};

use crate::client::{Answer, request};
use crate::clinic::{Clinic, Target};
use crate::hidden_threads::missing_like;

/// A browser in which somebody is signed in.
pub struct Browser<'a> {
    pub clinic: &'a Clinic,
    pub cookie: String,
    pub language: &'static str,
}

/// The hidden fields of a form on a page.
#[derive(Clone)]
pub struct Form(Vec<(String, String)>);

pub const OWN: &str = "sec-fetch-site: same-origin";
pub const FORM: &str = "content-type: application/x-www-form-urlencoded";

pub fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// What stands between two marks, from each first mark on.
pub fn between<'t>(text: &'t str, from: &str, to: &str) -> Option<&'t str> {
    text.split_once(from)?.1.split_once(to).map(|(found, _)| found)
}

/// A form was accepted, and leads to this address or further.
pub fn is_done(answer: &Answer, to: &str) {
    let location = answer.header("location").unwrap_or_default();
    assert!(answer.status == 303 && location.starts_with(to), "{to}: {answer:?}");
}

impl Form {
    /// The form that posts to this path.
    pub fn of(page: &Answer, action: &str) -> Self {
        let form = between(&page.body, &format!("action=\"{action}\""), "</form>");
        let form = form.unwrap_or_else(|| panic!("no form {action}: {page:?}"));
        let inputs = form.split("<input type=\"hidden\" ").skip(1).filter_map(|input| {
            let name = between(input, "name=\"", "\"")?;
            Some((name.to_owned(), between(input, "value=\"", "\"")?.to_owned()))
        });
        Self(inputs.collect())
    }

    pub fn with(&self, fields: &[(&str, &str)]) -> Self {
        let mut form = self.clone();
        for (name, value) in fields {
            form.0.retain(|(known, _)| known != name);
            form.0.push(((*name).to_owned(), (*value).to_owned()));
        }
        form
    }

    pub fn encoded(&self) -> String {
        let fields: Vec<(&str, &str)> = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        encoded(&fields)
    }

    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

impl<'a> Browser<'a> {
    pub async fn signed_in(clinic: &'a Clinic, who: &str) -> Self {
        let answer = request(clinic.address, "POST /", &[OWN, FORM], &encoded(&[("person", who)])).await;
        assert_eq!((answer.status, answer.header("location")), (303, Some("/home")), "{answer:?}");
        let cookie = answer.header("set-cookie").expect("a cookie").split(';').next().expect("a pair").to_owned();
        Self { clinic, cookie, language: "en" }
    }

    pub async fn get(&self, path: &str) -> Answer {
        let cookie = format!("cookie: {}", self.cookie);
        let language = format!("accept-language: {}", self.language);
        request(self.clinic.address, &format!("GET {path}"), &[&cookie, &language], "").await
    }

    pub async fn page(&self, path: &str) -> Answer {
        let page = self.get(path).await;
        assert_eq!(page.status, 200, "{path}: {page:?}");
        page
    }

    pub async fn send(&self, path: &str, form: &Form) -> Answer {
        self.send_with(path, form, &[]).await
    }

    /// Sends a form with further headers, as the script does.
    pub async fn send_with(&self, path: &str, form: &Form, headers: &[&str]) -> Answer {
        let cookie = format!("cookie: {}", self.cookie);
        let headers = [&[cookie.as_str(), OWN, FORM], headers].concat();
        request(self.clinic.address, &format!("POST {path}"), &headers, &form.encoded()).await
    }

    /// Sends the fields of a form as they are.
    pub async fn send_text(&self, path: &str, fields: &str) -> Answer {
        let cookie = format!("cookie: {}", self.cookie);
        request(self.clinic.address, &format!("POST {path}"), &[&cookie, OWN, FORM], fields).await
    }

    /// Opens the page of a step, fills its form in, and sends it.
    pub async fn step(&self, thread: &str, step: &str, fields: &[(&str, &str)]) {
        let path = format!("/t/{thread}/{step}");
        let page = self.page(&path).await;
        let done = self.send(&path, &Form::of(&page, &path).with(fields)).await;
        let to = format!("/t/{thread}?done={step}");
        assert_eq!((done.status, done.header("location")), (303, Some(to.as_str())), "{done:?}");
        let shown = self.page(&to).await;
        assert!(shown.body.contains("role=\"status\" tabindex=\"-1\""), "the result is said: {shown:?}");
        let again = self.page(&to).await;
        assert!(!again.body.contains("role=\"status\" tabindex=\"-1\""), "it is said once: {again:?}");
    }
}

#[tokio::test]
async fn somebody_signs_in_and_out() {
    let clinic = Clinic::with_pages().await;
    let front = request(clinic.address, "GET /", &[], "").await;
    assert!(
        front.body.contains("value=\"pcp\"") && front.body.contains("the pcp &#60;of&#62; the clinic"),
        "{front:?}"
    );
    assert!(
        front.body.contains("--data &#60;a&#38;b&#62;</code>") && front.body.contains("POST /graphql"),
        "{front:?}"
    );
    let policy = front.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-carefold-mode", "demo"),
    ] {
        assert_eq!(front.header(name), Some(value), "{name}");
    }
    let style = between(&front.body, "rel=\"stylesheet\" href=\"", "\"").expect("a stylesheet");
    let asset = request(clinic.address, &format!("GET {style}"), &[], "").await;
    assert_eq!((asset.status, asset.header("content-type")), (200, Some("text/css; charset=utf-8")));
    assert!(asset.header("cache-control").is_some_and(|kept| kept.contains("immutable")), "{asset:?}");
    assert_eq!(request(clinic.address, "GET /assets/style.css", &[], "").await.status, 404);

    for headers in [vec![FORM], vec![FORM, "sec-fetch-site: cross-site"], vec![FORM, "origin: http://evil.example"]] {
        let foreign = request(clinic.address, "POST /", &headers, &encoded(&[("person", "pcp")])).await;
        assert_eq!((foreign.status, foreign.header("set-cookie")), (403, None), "{headers:?}");
    }
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let home = pcp.page("/home").await;
    assert!(home.body.contains("Good day, pcp") && home.body.contains("physician, Practice"), "{home:?}");
    assert_eq!(home.body.matches("aria-current=\"page\"").count(), 1);

    let nobody = request(clinic.address, "GET /t/x?before=1", &[], "").await;
    assert_eq!((nobody.status, nobody.header("location")), (303, Some("/?return_to=%2Ft%2Fx%3Fbefore%3D1")));
    let sign_out = Form::of(&home, "/sign-out");
    let cookie = format!("cookie: {}", pcp.cookie);
    let session = async |from| request(clinic.address, "POST /session", &[from, &cookie], "").await.status;
    assert_eq!((session(OWN).await, session("sec-fetch-site: cross-site").await), (204, 401));
    let embedded = request(clinic.address, "GET /home", &["sec-fetch-site: same-site", &cookie], "").await;
    assert_eq!(embedded.status, 303, "an image of another page is nobody's page");
    let forged = request(clinic.address, "POST /sign-out", &["sec-fetch-site: same-site", &cookie, FORM], "").await;
    assert_eq!((forged.status, pcp.get("/home").await.status), (403, 200), "a forged sign-out changes nothing");
    assert_eq!(pcp.send("/sign-out", &sign_out).await.status, 303);
    assert_eq!(pcp.get("/home").await.status, 303, "the session has ended");
    assert_eq!(session(OWN).await, 401);
}

#[tokio::test]
async fn a_page_that_is_refused_for_now_says_when_to_go_on() {
    let clinic = Clinic::with_pages().await;
    let (thread, _) = clinic.asked("q").await;
    let missing = format!("/t/{}", missing_like(&thread));
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    for _ in 0..TRIES_A_MINUTE_MAX {
        assert_eq!(pcp.get(&missing).await.status, 404);
    }
    let refused = pcp.get(&missing).await;
    let wait: u64 = refused.header("retry-after").and_then(|seconds| seconds.parse().ok()).expect("when to go on");
    assert!(refused.status == 429 && (1..=60).contains(&wait), "{refused:?}");
}

#[tokio::test]
async fn a_server_that_is_no_demo_reads_no_cookie() {
    let with = Clinic::with_pages().await;
    let pcp = Browser::signed_in(&with, "pcp").await;
    let without = Clinic::open().await;
    let elsewhere = Browser { clinic: &without, ..pcp };
    assert_eq!(elsewhere.get("/home").await.status, 404);
    let post = request(without.address, "POST /", &[OWN, FORM], &encoded(&[("person", "pcp")])).await;
    assert_eq!((post.status, post.header("set-cookie")), (404, None));
    // The API does not accept the cookie, because a page of another origin could send it along.
    let cookie = format!("cookie: {}", elsewhere.cookie);
    let body = json!({ "query": "{ viewer { id } }" }).to_string();
    let headers = ["content-type: application/json", "authorization: none", &cookie];
    assert_eq!(request(with.address, "POST /graphql", &headers, &body).await.status, 401);
}

#[tokio::test]
async fn a_question_goes_its_whole_way_in_a_browser() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let thread = format!("/t/{id}");
    let coordinator = Browser::signed_in(&clinic, "centre_coordinator").await;
    let specialist = Browser::signed_in(&clinic, "specialist").await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let mira = Browser::signed_in(&clinic, "mira").await;

    let shown = pcp.page(&thread).await;
    for part in ["Palpitations", "Is a Holter needed?", "Mira Patient", "4 March 1958 (68)", "Clinical team only"] {
        assert!(shown.body.contains(part), "{part}: {shown:?}");
    }
    assert!(shown.body.contains("people, including Mira Patient"), "{shown:?}");

    let words = mira.page(&thread).await;
    for part in
        ["<title>A question about you", "<h1>A question about you</h1>", "This text was written for the clinicians"]
    {
        assert!(words.body.contains(part), "{part}: {words:?}");
    }
    let inbox = mira.page("/inbox").await;
    assert!(inbox.body.contains("A question about you") && !inbox.body.contains("Restricted subject"), "{inbox:?}");

    let own = clinic.id("specialist");
    coordinator.step(&id, "assign", &[("to", own)]).await;
    let page = specialist.page(&thread).await;
    assert!(page.body.contains("Your turn: Claim"), "{page:?}");
    let claim = format!("{thread}/claim");
    let claimed = specialist.send(&claim, &Form::of(&page, &claim)).await;
    assert_eq!(claimed.status, 303, "{claimed:?}");

    let advise = format!("{thread}/advise");
    let page = specialist.page(&advise).await;
    let empty = specialist.send(&advise, &Form::of(&page, &advise).with(&[("recommendations.0.text", "Holter")])).await;
    assert_eq!(empty.status, 422);
    for part in ["class=\"error-summary\"", "href=\"#recommendations-0-kind-TREAT\"", "Holter</textarea>"] {
        assert!(empty.body.contains(part), "{part}: {empty:?}");
    }
    let more = specialist
        .send(&advise, &Form::of(&page, &advise).with(&[("recommendations.0.text", "Holter"), ("more", "1")]))
        .await;
    assert!(
        more.status == 200 && more.body.contains("name=\"recommendations.1.text\" dir=\"auto\" autofocus>"),
        "{more:?}"
    );
    assert_eq!(more.body.matches("autofocus").count(), 1, "the page opens at the new field: {more:?}");
    specialist
        .step(
            &id,
            "advise",
            &[
                ("recommendations.0.text", "A Holter for 48 hours."),
                ("recommendations.0.kind", "TEST"),
                ("recommendations.0.certainty", "HIGH"),
                ("comeBackWhen", "On syncope."),
                ("minutesSpent", "12"),
            ],
        )
        .await;
    pcp.step(&id, "plan", &[("dispositions.0.disposition", "ACCEPTED"), ("note", "We do it.")]).await;
    let moment = [("toldAt.day", "23"), ("toldAt.month", "11"), ("toldAt.year", "2026"), ("toldAt.time", "10:00")];
    let taken = pcp.page(&thread).await;
    assert!(taken.body.contains("Owner: <bdi>specialist</bdi>"), "{taken:?}");
    let inform = format!("{thread}/inform");
    let page = pcp.page(&inform).await;
    assert!(page.body.contains("value=\"EVERYONE\" checked"), "what informs the patient is for the patient: {page:?}");
    let portal = [("method", "PORTAL"), ("message.body", "We do a Holter."), ("message.audience", "CLINICAL_TEAM")];
    let kept = pcp.send(&inform, &Form::of(&page, &inform).with(&[&portal[..], &moment].concat())).await;
    assert_eq!(kept.status, 422, "{kept:?}");
    for part in
        ["href=\"#message-audience-EVERYONE\"", "The patient cannot read this message", "We do a Holter.</textarea>"]
    {
        assert!(kept.body.contains(part), "{part}: {kept:?}");
    }
    let before = [&moment[..3], &[("toldAt.time", "08:00")]].concat();
    let early =
        pcp.send(&inform, &Form::of(&page, &inform).with(&[&[("method", "TELEPHONE")][..], &before].concat())).await;
    assert!(early.status == 422 && early.body.contains("only after the answer was given"), "{early:?}");
    pcp.step(&id, "inform", &[&[("method", "TELEPHONE")][..], &moment].concat()).await;
    let close = format!("{thread}/close");
    let rated = [("outcome", "NEW_PLAN"), ("helpful", "9"), ("educational", "4")];
    let rated = pcp.send(&close, &Form::of(&pcp.page(&close).await, &close).with(&rated)).await;
    assert!(
        rated.body.contains("href=\"#helpful\"") && rated.body.contains("Write a whole number from 1 to 5"),
        "{rated:?}"
    );
    pcp.step(&id, "close", &[("outcome", "NEW_PLAN"), ("helpful", "5"), ("educational", "4")]).await;

    let closed = pcp.page(&thread).await;
    for part in ["A Holter for 48 hours.", "Accepted", "On syncope.", "We do it."] {
        assert!(closed.body.contains(part), "{part}: {closed:?}");
    }
    assert!(!closed.body.contains("class=\"composer\""), "a closed thread has no form: {closed:?}");
    let read = mira.page(&thread).await;
    assert!(read.body.contains("data-density=\"roomy\"") && read.body.contains("A Holter"), "{read:?}");
    assert!(recorded(&clinic).await.iter().any(|record| record["channel"] == "pages"), "what was read is recorded");
}

/// The records of the access log.
pub async fn recorded(clinic: &Clinic) -> Vec<Value> {
    let page = clinic.access.read_log(None, NonZeroU32::MAX).await.expect("the access log");
    page.events.iter().filter_map(|event| serde_json::from_slice(&event.data).ok()).collect()
}

async fn reply_form(browser: &Browser<'_>, id: &str) -> (String, Form) {
    let page = browser.page(&format!("/t/{id}")).await;
    let action = format!("/t/{id}/reply");
    let form = Form::of(&page, &action).with(&[("audience", "CLINICAL_TEAM")]);
    (action, form)
}

async fn messages(clinic: &Clinic, id: &str) -> Vec<String> {
    let query = format!("{{ thread(id: {}) {{ messages(first: 50) {{ nodes {{ body {{ text }} }} }} }} }}", json!(id));
    let data = clinic.ask("pcp", &query).await;
    let nodes = data.pointer("/thread/messages/nodes").and_then(|nodes| nodes.as_array()).expect("messages");
    nodes.iter().map(|node| node["body"]["text"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_form_that_is_sent_twice_has_one_effect() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let (action, form) = reply_form(&pcp, &id).await;
    let text = "First line\r\n<b>µ ≥ 5</b>";
    let sent = pcp.send(&action, &form.with(&[("body", text)])).await;
    let again = pcp.send(&action, &form.with(&[("body", text)])).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    assert_eq!(sent.header("location"), again.header("location"));
    assert_eq!(messages(&clinic, &id).await, ["First line\n<b>µ ≥ 5</b>"]);
    let shown = pcp.page(sent.header("location").expect("a place")).await;
    assert!(shown.body.contains("<title>Sent: Palpitations"), "{shown:?}");
    assert!(shown.body.contains("&#60;b&#62;µ ≥ 5&#60;/b&#62;"), "{shown:?}");

    let other = pcp.send(&action, &form.with(&[("body", "Another text")])).await;
    assert_eq!(other.status, 422, "the key belongs to the first text");
    assert!(other.body.contains("Another text</textarea>"), "{other:?}");
    let empty = pcp.send(&action, &form.with(&[("key", "k2"), ("body", " ")])).await;
    assert!(empty.status == 422 && empty.body.contains("href=\"#body\""), "{empty:?}");
    assert_eq!(messages(&clinic, &id).await.len(), 1);

    // The same key by the API is the same command.
    let input = json!({ "clientMutationId": form.get("key"), "audience": "CLINICAL_TEAM", "body": "First line\n<b>µ ≥ 5</b>", "expectedVersion": form.get("version") });
    let on = Some(Target { argument: "threadId", id: id.as_str() });
    let by_api = clinic.by("pcp").done("postMessage", on, input, "message { id }").await;
    assert_eq!(by_api["replayed"], true, "{by_api}");
}

#[tokio::test]
async fn a_role_is_on_the_pages_from_its_beginning_to_its_end() {
    let clinic = Clinic::with_pages().await;
    let practice = crate::organization(&clinic, "Practice").await;
    let stranger = Browser::signed_in(&clinic, "stranger").await;
    assert!(!stranger.page("/home").await.body.contains("href=\"/worklist\""));
    let id = clinic.id("stranger");
    let person = Some(Target { argument: "personId", id });
    let patient = Some(Target { argument: "patientId", id: &clinic.patient });
    let place = json!({ "clientMutationId": "r", "organizationId": practice, "role": "NURSE" });
    clinic.by("admin").done("grantRole", person, place, "personId").await;
    let member = json!({ "clientMutationId": "c", "personId": id, "organizationId": practice, "role": "NURSE" });
    clinic.by("coordinator").done("addCareTeamMember", patient, member, "patient { id }").await;
    for path in ["/home", "/drafts"] {
        let page = stranger.page(path).await;
        for part in ["href=\"/worklist\"", "nurse, Practice", "data-density=\"compact\""] {
            assert!(page.body.contains(part), "{path}, {part}: {page:?}");
        }
        assert!(!page.body.contains("About you"), "{path}: {page:?}");
    }
    assert!(
        Browser::signed_in(&clinic, "mira").await.page("/home").await.body.contains("About you, <bdi>Mira Patient")
    );

    let ended = json!({ "clientMutationId": "e", "organizationId": practice, "role": "NURSE" });
    clinic.by("admin").done("endRole", person, ended, "personId").await;
    let page = stranger.page("/home").await;
    assert!(!page.body.contains("href=\"/worklist\"") && !page.body.contains("nurse, Practice"), "{page:?}");
    assert!(!page.body.contains("About you"), "{page:?}");
}

#[tokio::test]
async fn a_page_claims_no_act_that_only_its_address_names() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let on = Some(Target { argument: "threadId", id: id.as_str() });
    let input = json!({ "clientMutationId": "m1", "audience": "EVERYONE", "body": "Rest today." });
    let posted = clinic.by("pcp").done("postMessage", on, input, "message { id }").await;
    let message = posted.pointer("/message/id").and_then(Value::as_str).expect("a message");
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let mira = Browser::signed_in(&clinic, "mira").await;
    for (browser, path) in [
        (&pcp, format!("/t/{id}?done=close&with=message")),
        (&pcp, format!("/t/{id}?opened=1")),
        (&pcp, format!("/t/{id}?sent={message}")),
        (&pcp, format!("/t/{id}?draft=discarded")),
        (&pcp, "/inbox?done=leave".to_owned()),
        (&pcp, "/drafts?draft=discarded".to_owned()),
        (&mira, "/own-record?done=decline".to_owned()),
        (&mira, "/home?done=record".to_owned()),
    ] {
        let shown = browser.page(&path).await;
        assert!(!shown.body.contains("role=\"status\" tabindex"), "{path}: {shown:?}");
        assert!(!shown.body.contains("<title>Sent"), "{path}: {shown:?}");
    }

    // Two tabs send at once: each page tells of its own message, and another person's of none.
    let tabs = [reply_form(&pcp, &id).await, reply_form(&pcp, &id).await];
    let mut addresses = Vec::new();
    for (action, form) in tabs {
        let sent = pcp.send(&action, &form.with(&[("body", "Of one tab")])).await;
        addresses.push(sent.header("location").expect("a place").to_owned());
    }
    for address in &addresses {
        assert!(!mira.page(address).await.body.contains("<title>Sent"), "{address}");
        assert!(pcp.page(address).await.body.contains("<title>Sent"), "{address}");
        assert!(!pcp.page(address).await.body.contains("<title>Sent"), "{address}");
    }
}

#[tokio::test]
async fn a_form_of_another_patient_or_person_is_refused_and_its_text_is_kept() {
    let clinic = Clinic::with_pages().await;
    let ((one, _), (other, _)) = (clinic.asked("q1").await, clinic.asked("q2").await);
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let (action, form) = reply_form(&pcp, &one).await;
    let (other_action, _) = reply_form(&pcp, &other).await;
    let form = form.with(&[("body", "For the first only")]);
    for (path, form) in [
        (&other_action, form.clone()),
        (&other_action, form.with(&[("thread", &other)])),
        (&action, form.with(&[("patient", "another")])),
        (&action, form.with(&[("bound", "")])),
    ] {
        let refused = pcp.send(path, &form).await;
        assert_eq!(refused.status, 409, "{refused:?}");
        assert!(refused.body.contains("For the first only</textarea>"), "{refused:?}");
    }
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    let refused = nurse.send(&action, &form).await;
    assert!(
        refused.status == 409 && refused.body.contains("opened by pcp, and you are signed in as nurse"),
        "{refused:?}"
    );
    assert!(refused.body.contains("For the first only</textarea>"), "{refused:?}");
    // Signed out meanwhile: the text is shown once more.
    let home = pcp.page("/home").await;
    pcp.send("/sign-out", &Form::of(&home, "/sign-out")).await;
    let late = pcp.send(&action, &form).await;
    assert!(late.status == 401 && late.body.contains("For the first only</textarea>"), "{late:?}");
    assert!(messages(&clinic, &one).await.is_empty() && messages(&clinic, &other).await.is_empty());
}

#[tokio::test]
async fn a_form_of_an_older_version_meets_what_is_new_and_keeps_its_text() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let (action, form) = reply_form(&pcp, &id).await;
    let coordinator = Browser::signed_in(&clinic, "centre_coordinator").await;
    coordinator.step(&id, "assign", &[("to", "any")]).await;
    let conflict = pcp.send(&action, &form.with(&[("body", "Mine <i>")])).await;
    assert_eq!(conflict.status, 409, "{conflict:?}");
    for part in ["It was changed while you were writing", "Accepted by the pool", "Mine &#60;i&#62;</textarea>"] {
        assert!(conflict.body.contains(part), "{part}: {conflict:?}");
    }
    let next = Form::of(&conflict, &action).with(&[("audience", "CLINICAL_TEAM"), ("body", "Mine <i>")]);
    assert_ne!(next.get("version"), form.get("version"));
    assert_eq!(pcp.send(&action, &next).await.status, 303);
    assert_eq!(messages(&clinic, &id).await, ["Mine <i>"]);
}

/// A reference as pages show it.
fn grouped(reference: &str) -> String {
    let digits: Vec<char> = reference.chars().collect();
    digits.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn missing_and_forbidden_are_the_same_page() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let stranger = Browser::signed_in(&clinic, "stranger").await;
    let without_reference = |answer: Answer| {
        assert_eq!(answer.status, 404, "{answer:?}");
        let reference = grouped(answer.header("x-request-id").expect("an id"));
        assert!(answer.body.contains(&reference), "the page says the reference");
        answer.body.replace(&reference, "")
    };
    let page = |path: String| {
        let stranger = &stranger;
        async move { without_reference(stranger.get(&path).await).replace(&path, "") }
    };
    let forbidden = page(format!("/t/{id}")).await;
    for other in ["t/BQAAAAAAAAAAAAAAAAAAAAA", "t/nonsense", &format!("t/{}", clinic.patient), "elsewhere", "a/b/c"] {
        assert_eq!(page(format!("/{other}")).await, forbidden, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_read_says_so_with_a_reference_and_a_number() {
    let clinic = Clinic::with_pages().await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    clinic.application.close();
    for path in ["/home", "/inbox", "/worklist"] {
        // For a second the log counts as confirmed, and the list is still shown.
        let mut failed = pcp.get(path).await;
        for _ in 0..5_000 {
            if failed.body.contains("Try again") {
                break;
            }
            failed = pcp.get(path).await;
        }
        let reference = grouped(failed.header("x-request-id").expect("an id"));
        for part in [reference.as_str(), "01 555 0142", "Try again"] {
            assert!(failed.body.contains(part), "{path}: {part}: {failed:?}");
        }
        assert!(!failed.body.contains("Nothing"), "a list that failed is not called empty: {failed:?}");
    }
}

#[tokio::test]
async fn pages_speak_spanish_and_send_a_fragment() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let mut pcp = Browser::signed_in(&clinic, "pcp").await;
    pcp.language = "es-AR, en;q=0.5";
    let page = pcp.page(&format!("/t/{id}")).await;
    for part in [
        "<html lang=\"es\"",
        "lunes 23 de noviembre de 2026",
        "4 de marzo de 1958",
        "incluido el paciente Mira Patient",
    ] {
        assert!(page.body.contains(part), "{part}: {page:?}");
    }
    for path in ["/home", "/inbox", "/inbox?show=done", "/worklist", "/worklist?show=waiting"] {
        let page = pcp.page(path).await;
        assert!(page.body.contains("Completa a fecha de"), "{path}: {page:?}");
    }
    let chosen = encoded(&[("lang", "en"), ("back", "//evil.example")]);
    let chosen = request(clinic.address, "POST /language", &[OWN, FORM], &chosen).await;
    assert_eq!((chosen.status, chosen.header("location")), (303, Some("/")));
    assert!(chosen.header("set-cookie").is_some_and(|cookie| cookie.starts_with("carefold-language=en;")));
    let cookie = format!("cookie: {}", pcp.cookie);
    let headers = [cookie.as_str(), "x-fragment: messages"];
    let fragment = request(clinic.address, &format!("GET /t/{id}"), &headers, "").await;
    assert!(fragment.body.trim_start().starts_with("<ol class=\"messages\""), "{fragment:?}");
    assert!(!fragment.body.contains("<html"), "{fragment:?}");
}

#[tokio::test]
async fn nothing_that_somebody_typed_becomes_markup() {
    let clinic = Clinic::with_pages().await;
    let mut question = clinic.question("q1");
    let payload = "\"><img src=x onerror=alert(1)>'--></textarea><script>alert(1)</script>{{7*7}}";
    question["subject"] = json!(payload);
    question["question"] = json!(payload);
    let asked = clinic.by("pcp").done("requestConsultation", None, question, "consultation { id }").await;
    let id = asked["consultation"]["id"].as_str().expect("an id");
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let (action, form) = reply_form(&pcp, id).await;
    let sent = pcp.send(&action, &form.with(&[("body", payload)])).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    let refused = pcp.send(&action, &form.with(&[("bound", ""), ("body", payload), ("name", payload)])).await;
    let wrong = pcp.send(&action, &form.with(&[("key", "k3"), ("audience", ""), ("body", payload)])).await;
    assert_eq!((refused.status, wrong.status), (409, 422));
    let mut pages = vec![refused, wrong];
    for path in
        [format!("/t/{id}").as_str(), "/home", "/inbox", "/worklist", &format!("/t/{id}?sent=%22%3E%3Cscript%3E")]
    {
        pages.push(pcp.page(path).await);
    }
    for page in pages {
        assert!(!page.body.contains("<img") && !page.body.contains("<script>"), "{page:?}");
        let own = page.body.matches("<script src=\"/assets/").count();
        assert_eq!(page.body.matches("<script").count(), own, "only the scripts of the pages: {page:?}");
        assert!(!page.body.contains(" style="), "{page:?}");
    }
}
