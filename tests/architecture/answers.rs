//! What leaves the server is recorded: a response with content is made of a recorded answer.
//!
//! The compiler holds most of it: `Recorded` is made by one function, `Response` is made of it, and
//! the router takes only handlers that answer with it. These rules hold the rest: nothing goes
//! round the router, and the module of the response keeps the one way in.

use crate::sources::{Source, breaks, code, kept, lines_with, passes};

const SERVER: &str = "crates/server/src/";
/// Where HTTP's own types are: the response, the router, what surrounds it, the listening socket, and the
/// beginnings of sockets and event streams, which carry notices and no content.
const HTTP: &[&str] = &["response.rs", "router.rs", "http.rs", "listen.rs", "upgrade.rs", "event_stream.rs"];
/// Ways past the router and the response.
const AROUND: &[&str] =
    &["poem::Response", "IntoResponse", "IntoEndpoint", "Endpoint for", "Route::", "poem::web", "poem::handler"];
/// Where the one page without content is.
const WITHOUT_CONTENT: &str = "pages/frame.rs";
/// What content is made of.
const CONTENT: &[&str] = &["String", "Vec<u8>", "Bytes", "Body", "&[u8]", "&str"];

fn ways_around_the_router(source: &Source) -> Vec<String> {
    let Some(file) = source.path.strip_prefix(SERVER) else { return Vec::new() };
    if HTTP.contains(&file) {
        return Vec::new();
    }
    let product = code(&source.product());
    let mut findings = lines_with(source, &product, AROUND, "goes round the router and its `Response`");
    findings.extend(lines_with(source, &product, &[".into_inner()"], "takes an answer out of its record"));
    if file != WITHOUT_CONTENT {
        findings.extend(lines_with(source, &product, &["WithoutContent for"], "sends a page without a record"));
    }
    findings
}

/// The response takes content from a recorded answer, and otherwise only words of the program.
fn responses_of_unrecorded_content(source: &Source) -> Vec<String> {
    if source.path != format!("{SERVER}response.rs") {
        return Vec::new();
    }
    let product = code(&source.product());
    let kept: Vec<&str> = product
        .lines()
        .map(|line| if line.contains("Recorded<") || line.contains("&'static str") { "" } else { line })
        .collect();
    lines_with(source, &kept.join("\n"), CONTENT, "is content without a record in a response")
}

#[test]
fn only_a_recorded_answer_becomes_a_response() {
    kept(ways_around_the_router);
    kept(responses_of_unrecorded_content);
}

#[test]
fn a_handler_that_forgets_the_record_is_found() {
    let page = "crates/server/src/pages.rs";
    breaks(
        ways_around_the_router,
        page,
        &[
            "fn page() -> poem::Response { todo() }",
            "impl poem::Endpoint for Page {}",
            "fn routes() { Route::new().at(page) }",
            "use poem::web::Html;",
            "#[poem::handler]\nfn page() {}",
            "impl WithoutContent for Thread {}",
            "fn page(answer: Recorded<String>) { cache(answer.into_inner()) }",
        ],
    );
    passes(
        ways_around_the_router,
        page,
        &["fn page(answer: Recorded<Vec<u8>>) -> Response { answer.into() }", "fn f() { PoisonError::into_inner(x) }"],
    );
    passes(ways_around_the_router, "crates/server/src/router.rs", &["impl Endpoint for Mounted {}"]);
    breaks(
        responses_of_unrecorded_content,
        "crates/server/src/response.rs",
        &[
            "impl From<String> for Response {}",
            "impl Response { pub fn html(page: Vec<u8>) -> Self { todo() } }",
            "impl Response { pub fn of(text: &str) -> Self { todo() } }",
        ],
    );
    passes(
        responses_of_unrecorded_content,
        "crates/server/src/response.rs",
        &["impl From<Recorded<Vec<u8>>> for Response {}", "pub fn plain(text: &'static str) -> Self { todo() }"],
    );
}
