//! The query page: a document is typed or chosen from the examples and run as the person who is signed in, with the same
//! permissions, limits and access record as every other answer.
//!
//! It shares its path with the API, whose requests have a bearer token and never a cookie. A browser that is signed in and
//! asks for HTML gets the page; its form runs a document by POST, bound to the session like every form.

use askama::Template;
use async_graphql::Variables;
use poem::Request;
use poem::http::{HeaderMap, Method, StatusCode, header};

use super::client::{ServerApi, Typed};
use super::editor::{Editor, Example, example};
use super::forms::{Fields, FormSubject, Hidden};
use super::frame::{Frame, Place, PublicPage};
use super::session::{has_cookie, is_embedded};
use super::site::{Failed, Mounted, Screen, Visit, rendered};
use crate::fault::{ErrorCode, Refused};
use crate::response::Response;
use crate::router::Handler;
use crate::transport::for_people;

/// The screen `/graphql`.
pub(crate) struct QueryPage;

/// What answers at `/graphql`: the page in a browser that is signed in, or was when it opened the form; else the API.
pub(crate) struct AtGraphql {
    pub api: ServerApi,
    pub page: Mounted<QueryPage>,
}

/// The page with an answer. It has content of the clinic, so it is made of a recorded answer.
#[derive(Template)]
#[template(path = "query.html")]
struct Answered<'a> {
    frame: Frame<'a>,
    view: Editor<'a>,
}

fn hidden(visit: &Visit<'_>) -> Hidden {
    visit.hidden(FormSubject { form: FORM, thread: "", patient: "" }, "")
}

/// The word of the form.
const FORM: &str = "graphql";

/// The variables as they were typed.
fn variables(text: &str) -> Result<Variables, Refused> {
    let wrong = || Refused::new(ErrorCode::BadUserInput, "the variables must be one JSON object");
    if text.trim().is_empty() {
        return Ok(Variables::default());
    }
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).map_err(|_| wrong())?;
    Ok(Variables::from_json(object.into()))
}

impl Screen for QueryPage {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        // Only our examples come from the address. A link of somebody else could hold a mutation, one press from being run.
        let example = example(visit.query.get("example"));
        let view = Editor {
            hidden: hidden(visit),
            query: example.map_or("", |example| example.text),
            variables: example.map(Example::variables).unwrap_or_default(),
            operation_name: "",
            example,
            answer: None,
            is_refused: false,
        };
        let frame = visit.arrival.frame(Place::QueryPage);
        Ok(visit.arrival.without_content(StatusCode::OK, &PublicPage::Query { frame, view: Box::new(view) }))
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        Hidden::check(&visit.session, FORM, "", fields)?;
        let view = |answer, is_refused| Editor {
            hidden: hidden(visit),
            query: fields.get("query"),
            variables: fields.get("variables").to_owned(),
            operation_name: fields.get("operationName"),
            example: None,
            answer: Some(answer),
            is_refused,
        };
        let run = async {
            let variables = variables(fields.get("variables"))?;
            let (query, operation_name) = (fields.get("query"), fields.filled("operationName").map(str::trim));
            let executed = visit.execute(Typed { query, operation_name, variables }).await?;
            executed.map(|executed| for_people(&executed)).transpose()
        };
        match run.await {
            Ok(answer) => {
                let frame = visit.arrival.frame(Place::QueryPage);
                visit
                    .page(StatusCode::OK, answer.map(|answer| rendered(&Answered { frame, view: view(answer, false) })))
            }
            Err(refused) => {
                let errors = serde_json::json!({ "errors": refused.into_errors(visit.arrival.trace) });
                let words = serde_json::to_string_pretty(&errors);
                let view = view(words.map_err(|error| Failed::Internal(error.to_string()))?, true);
                let frame = visit.arrival.frame(Place::QueryPage);
                let page = PublicPage::Query { frame, view: Box::new(view) };
                Ok(visit.arrival.without_content(StatusCode::UNPROCESSABLE_ENTITY, &page))
            }
        }
    }
}

/// Whether a request is one of a browser for the page: a GET that accepts HTML, or a form; never with a credential of the
/// API.
fn is_of_browser(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let html = text(header::ACCEPT).split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
    let form = text(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
    !headers.contains_key(header::AUTHORIZATION)
        && match *method {
            Method::GET | Method::HEAD => html.into_iter().any(|range| range.eq_ignore_ascii_case("text/html")),
            Method::POST => form.eq_ignore_ascii_case("application/x-www-form-urlencoded"),
            _ => false,
        }
}

impl Handler for AtGraphql {
    async fn respond(&self, request: Request) -> Response {
        let site = &self.page.site;
        let headers = request.headers();
        // After the session has ended, the page keeps what was typed. The API takes no form.
        let has_page = || match *request.method() {
            Method::POST => has_cookie(headers),
            _ => !is_embedded(headers) && site.sessions.peek(headers, (site.clock)()).is_some(),
        };
        if is_of_browser(request.method(), headers) && has_page() {
            self.page.respond(request).await
        } else {
            self.api.respond(request).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_with_a_token_or_without_html_is_for_the_api() {
        let of = |method: Method, pairs: &[(&'static str, &'static str)]| {
            let pairs = pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            is_of_browser(&method, &pairs.collect())
        };
        let form = ("content-type", "application/x-www-form-urlencoded");
        assert!(of(Method::GET, &[("accept", "text/html,application/xhtml+xml;q=0.9")]));
        assert!(of(Method::POST, &[form]));
        assert!(!of(Method::GET, &[("accept", "*/*")]) && !of(Method::GET, &[]));
        assert!(!of(Method::POST, &[("content-type", "application/json"), ("accept", "text/html")]));
        assert!(!of(Method::GET, &[("accept", "text/html"), ("authorization", "Bearer x")]));
        assert!(!of(Method::POST, &[form, ("authorization", "Bearer x")]));
        assert!(!of(Method::DELETE, &[("accept", "text/html")]));
    }
}
