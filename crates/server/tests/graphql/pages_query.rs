//! The query page at `/graphql`, which it shares with the API: who gets which, what a form runs, and the documentation.

use serde_json::json;

use crate::client::{self, Answer, JSON};
use crate::clinic::Clinic;
use crate::pages::{Browser, FORM, Form, OWN, encoded, recorded};

const HTML: &str = "accept: text/html,application/xhtml+xml,*/*;q=0.8";

/// A request as a browser sends it, which has no header for a token.
async fn request(clinic: &Clinic, line: &str, headers: &[&str], body: &str) -> Answer {
    let address = clinic.address;
    let mut text =
        format!("{line} HTTP/1.1\r\nconnection: close\r\nhost: {address}\r\ncontent-length: {}\r\n", body.len());
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    client::send(address, format!("{text}\r\n{body}").as_bytes()).await
}

async fn with_html(browser: &Browser<'_>, path: &str) -> Answer {
    let cookie = format!("cookie: {}", browser.cookie);
    request(browser.clinic, &format!("GET {path}"), &[&cookie, HTML], "").await
}

async fn send(browser: &Browser<'_>, form: &Form) -> Answer {
    let cookie = format!("cookie: {}", browser.cookie);
    request(browser.clinic, "POST /graphql", &[&cookie, OWN, FORM], &form.encoded()).await
}

async fn run(browser: &Browser<'_>, fields: &[(&str, &str)]) -> Answer {
    let page = with_html(browser, "/graphql").await;
    send(browser, &Form::of(&page, "/graphql").with(fields)).await
}

#[tokio::test]
async fn a_signed_in_browser_gets_the_page_and_everybody_else_the_api() {
    let clinic = Clinic::with_pages().await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let page = with_html(&pcp, "/graphql").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    for name in ["thread", "worklist", "set_calendar"] {
        assert!(page.body.contains(&format!("href=\"/graphql?example={name}\"")), "{name}: {page:?}");
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/queries");
    let examples = std::fs::read_dir(folder).expect("the examples").count();
    assert_eq!(page.body.matches("href=\"/graphql?example=").count(), examples, "every example is offered");
    assert!(!page.body.contains("http://") && !page.body.contains("https://"), "no request to elsewhere: {page:?}");
    let chosen = with_html(&pcp, "/graphql?example=thread").await;
    assert!(
        chosen.body.contains("query Thread($id: ID!") && chosen.body.contains("&#34;id&#34;: &#34;ID!&#34;"),
        "{chosen:?}"
    );

    // Without a session, with another media type or with a token it stays the API.
    let before = request(&clinic, "GET /graphql?query=%7Bviewer%7Bid%7D%7D", &[HTML], "").await;
    assert_eq!(before.status, 401, "{before:?}");
    let only_html = request(&clinic, "GET /graphql", &["accept: text/html"], "").await;
    assert_eq!(only_html.status, 406, "{only_html:?}");
    let cookie = format!("cookie: {}", pcp.cookie);
    let json =
        request(&clinic, "GET /graphql?query=%7Bviewer%7Bid%7D%7D", &[&cookie, "accept: application/json"], "").await;
    assert_eq!(json.status, 401, "the API does not accept the cookie: {json:?}");
    let body = json!({ "query": "{ viewer { id } }" }).to_string();
    let post = request(&clinic, "POST /graphql", &[&cookie, OWN, JSON, HTML], &body).await;
    assert_eq!(post.status, 401, "{post:?}");
    let form = request(&clinic, "POST /graphql", &[OWN, FORM], &encoded(&[("query", "{ viewer { id } }")])).await;
    assert_eq!(form.status, 415, "{form:?}");
    assert_eq!(
        clinic.ask("pcp", "{ viewer { person { name { text } } } }").await["viewer"]["person"]["name"]["text"],
        "pcp"
    );
    let without = Clinic::open().await;
    assert_eq!(request(&without, "GET /graphql", &["accept: text/html"], "").await.status, 406);
}

#[tokio::test]
async fn a_document_runs_as_the_person_of_the_session_and_is_recorded() {
    let clinic = Clinic::with_pages().await;
    let (id, version) = clinic.asked("q1").await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let query = "query One($id: ID!) { thread(id: $id) { subject { text } } } query Two { viewer { id } }";
    let variables = json!({ "id": id }).to_string();
    let known = recorded(&clinic).await.len();
    let answered = run(&pcp, &[("query", query), ("variables", &variables), ("operationName", "One")]).await;
    assert_eq!(answered.status, 200, "{answered:?}");
    for part in ["&#34;text&#34;: &#34;Palpitations&#34;", "&#34;position&#34;", "query One(", "value=\"One\""] {
        assert!(answered.body.contains(part), "{part}: {answered:?}");
    }
    let records = recorded(&clinic).await;
    assert!(records.len() > known && records.last().is_some_and(|record| record["channel"] == "pages"), "{records:?}");
    let stranger = Browser::signed_in(&clinic, "stranger").await;
    let unseen = run(&stranger, &[("query", query), ("variables", &variables), ("operationName", "One")]).await;
    assert!(unseen.body.contains("&#34;thread&#34;: null") && !unseen.body.contains("Palpitations"), "{unseen:?}");

    for (fields, part) in [
        (vec![("query", "{ nothing }")], "GRAPHQL_VALIDATION_FAILED"),
        (vec![("query", "{ viewer {")], "GRAPHQL_PARSE_FAILED"),
        (vec![("query", "<script>alert(1)</script>")], "&#60;script&#62;alert(1)&#60;/script&#62;</textarea>"),
        (vec![("query", "{ viewer { id } }"), ("variables", "[1]")], "the variables must be one JSON object"),
        (vec![("query", query)], "BAD_USER_INPUT"),
        (vec![("query", "subscription { viewer }")], "errors"),
    ] {
        let refused = run(&pcp, &fields).await;
        assert!(refused.status == 422 && refused.body.contains(part), "{part}: {refused:?}");
        assert!(!refused.body.contains("<script>"), "{refused:?}");
    }

    // A mutation has its effect by the bound form alone.
    let mutation = format!(
        "mutation {{ postMessage(threadId: {}, input: {{ clientMutationId: \"m\", expectedVersion: {}, audience: CLINICAL_TEAM, body: \"Hello\" }}) {{ problems {{ code }} }} }}",
        json!(id),
        json!(version)
    );
    let messages = async || {
        let query =
            format!("{{ thread(id: {}) {{ messages(first: 9) {{ nodes {{ body {{ text }} }} }} }} }}", json!(id));
        clinic.ask("pcp", &query).await["thread"]["messages"]["nodes"].clone()
    };
    let page = with_html(&pcp, &format!("/graphql?{}", encoded(&[("query", &mutation)]))).await;
    assert!(page.status == 200 && !page.body.contains("mutation {"), "a link brings no document: {page:?}");
    let form = Form::of(&page, "/graphql").with(&[("query", &mutation)]);
    let unbound = send(&pcp, &form.with(&[("bound", "")])).await;
    assert!(unbound.status == 409 && unbound.body.contains("mutation {"), "what was typed is kept: {unbound:?}");
    let cookie = format!("cookie: {}", pcp.cookie);
    let foreign = ["sec-fetch-site: cross-site", FORM, &cookie];
    let foreign = request(&clinic, "POST /graphql", &foreign, &encoded(&[("query", &mutation)])).await;
    assert_eq!(foreign.status, 403);
    let other = send(&stranger, &form).await;
    assert_eq!(other.status, 409, "a form of another person");
    assert_eq!(messages().await, json!([]));
    let done = send(&pcp, &form).await;
    assert!(done.status == 200 && done.body.contains("&#34;problems&#34;: []"), "{done:?}");
    assert_eq!(messages().await, json!([{ "body": { "text": "Hello" } }]));

    // What was typed is kept when the session has ended meanwhile.
    let home = pcp.page("/home").await;
    pcp.send("/sign-out", &Form::of(&home, "/sign-out")).await;
    let late = send(&pcp, &form).await;
    assert!(late.status == 401 && late.body.contains("mutation {"), "{late:?}");
}

#[tokio::test]
async fn the_documentation_shows_types_and_finds_fields() {
    let clinic = Clinic::with_pages().await;
    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let all = pcp.page("/graphql/documentation").await;
    assert!(all.body.contains("<code>Consultation</code>") && all.body.contains("role=\"search\""), "{all:?}");
    let organization = pcp.page("/graphql/documentation?type=Organization").await;
    assert!(organization.body.contains("under which people reach it"), "{organization:?}");
    let queries = pcp.page("/graphql/documentation?type=Query").await;
    for part in ["previewCalendar", "<code>SetCalendarInput!</code>", "type=CalendarPreview"] {
        assert!(queries.body.contains(part), "{part}: {queries:?}");
    }
    let found = pcp.page("/graphql/documentation?find=holidays").await;
    assert!(found.body.contains("type=SetCalendarInput#holidays"), "{found:?}");
    let none = pcp.page("/graphql/documentation?find=%3Cscript%3E").await;
    assert!(none.body.contains("0 results for “&#60;script&#62;”") && !none.body.contains("<script>"), "{none:?}");
    assert_eq!(pcp.get("/graphql/documentation?type=Nothing").await.status, 404);
    let nobody = request(&clinic, "GET /graphql/documentation", &[HTML], "").await;
    assert_eq!(nobody.status, 303, "only who is signed in");
}
