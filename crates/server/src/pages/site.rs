//! A request for a page, from its arrival to its answer: who it is from, in which language, what is refused, and how the
//! page is sent.
//!
//! To add a screen: 1. its operation in `queries.rs`; 2. a file beside this one with its page struct and an
//! implementation of [`Screen`]; 3. its template; 4. its path in [`mount`](super::mount); 5. its entry in the navigation
//! in `templates/layout.html`, if it has one.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use askama::Template;
use async_graphql::Response as Executed;
use care::time_zone::Zone;
use chrono::{DateTime, Utc};
use coordination::answer::Recorded;
use graphql_client::GraphQLQuery;
use poem::Request;
use poem::http::uri::PathAndQuery;
use poem::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use policy::identity::Identity;

use super::client::{Answer, Caller, ServerOperations, Typed, act, ask, execute, position_of};
use super::forms::{Fields, FormSubject, Hidden, Unbound};
use super::frame::{Frame, HelpLine, Place, PublicPage, SameForm, WhyRefused};
use super::me::{Me, MeRead};
use super::outcome::Outcome;
use super::session::{Kept, Session, Sessions, cookie, is_embedded, is_from_own_page};
use super::texts::Languages;
use super::time::PageTime;
use super::visitors::Demo;
use crate::compression::Coding;
use crate::fault::{ErrorCode, Refused};
use crate::live::Live;
use crate::response::Response;
use crate::router::Handler;
use crate::session::Clock;
use crate::sign_in::Verifier;
use crate::trace::TraceId;

/// Everything that the pages share.
pub(crate) struct Site {
    pub operations: Arc<ServerOperations>,
    pub verifier: Verifier,
    pub demo: Demo,
    pub sessions: Sessions,
    pub languages: &'static Languages,
    pub clock: Clock,
    pub zone: Zone,
    pub help: HelpLine,
    pub live: Arc<Live>,
}

impl Site {
    /// One of its screens.
    pub fn screen<S: Screen>(self: &Arc<Self>, screen: S) -> Mounted<S> {
        Mounted { site: Arc::clone(self), screen }
    }

    /// The identity of a token, if it is valid now.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Identity> {
        self.verifier.verify(token, now).ok().map(|claims| claims.identity())
    }
}

/// Why a request for a page has no page.
#[derive(Debug)]
pub(crate) enum Failed {
    /// There is no such thing, or this person may not know of it.
    NotAvailable,
    /// The form was not made for this page or person.
    Unbound(Unbound),
    /// The operation was refused as a whole.
    Refused(Refused),
    /// Nobody could be signed in.
    SignIn,
    /// The page could not be written.
    Template(askama::Error),
    /// An address that cannot be a header.
    Address,
    /// The page has a fault.
    Internal(String),
    /// The page takes no form.
    Method,
}

impl From<Refused> for Failed {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<askama::Error> for Failed {
    fn from(error: askama::Error) -> Self {
        Self::Template(error)
    }
}

impl From<Unbound> for Failed {
    fn from(unbound: Unbound) -> Self {
        Self::Unbound(unbound)
    }
}

/// A request for a page, by somebody who is signed in or not.
pub(crate) struct Arrival<'a> {
    pub site: &'a Site,
    pub session: Option<Session>,
    pub time: PageTime<'a>,
    pub headers: &'a HeaderMap,
    pub address: Option<IpAddr>,
    pub trace: TraceId,
    pub path: &'a str,
    /// How far was read before the page was: what happened after it is told.
    position: Option<String>,
    /// The path of the page with the form, if the request is a form.
    form: Option<&'a str>,
}

/// A request for a page by somebody who is signed in.
pub(crate) struct Visit<'a> {
    pub arrival: Arrival<'a>,
    pub session: Session,
    identity: Identity,
    /// The parts of the path that are no words of ours.
    pub id: String,
    pub step: String,
    /// The query string.
    pub query: Fields,
    /// The part of the page that the script asks for.
    pub fragment: Option<String>,
    /// Whether an act of this session led to this address, and no page has told of it.
    tells: bool,
}

/// The cookie with the chosen language.
pub(crate) const LANGUAGE: &str = "carefold-language";
/// The header by which the script asks for a part of a page.
const FRAGMENT: &str = "x-fragment";
/// The fragment of a request that the script makes by itself, when nobody did anything.
const UNASKED: &str = "counters";
/// The fragment of a page that is shown again in place.
pub(crate) const AGAIN: &str = "again";

/// The page loads only files of this server and runs only its script; no other page may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const EVERY_PAGE: [(HeaderName, HeaderValue); 6] = [
    (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    ),
    // With `no-referrer`, browsers send `origin: null` with a form, and its page could not be recognised.
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::VARY, HeaderValue::from_static("x-fragment, accept-language, accept-encoding, sec-fetch-site, cookie")),
];

fn with_page_headers(response: Response) -> Response {
    EVERY_PAGE.into_iter().fold(response, |response, (name, value)| response.with_header(name, value))
}

/// The longest address that a page repeats in its links; of a longer one only the path.
const ADDRESS_BYTES_MAX: usize = 2_048;

/// The address of a request, as a page repeats it.
fn address_of(request: &Request) -> &str {
    let whole = request.original_uri().path_and_query().map(PathAndQuery::as_str);
    let short = whole.filter(|whole| whole.len() <= ADDRESS_BYTES_MAX);
    let path = Some(request.original_uri().path()).filter(|path| path.len() <= ADDRESS_BYTES_MAX);
    short.or(path).and_then(own_path).unwrap_or("/")
}

/// The redirect after a form.
pub(crate) fn see_other(path: &str) -> Result<Response, Failed> {
    let to = HeaderValue::from_str(path).map_err(|_| Failed::Address)?;
    Ok(Response::status(StatusCode::SEE_OTHER).with_header(header::LOCATION, to))
}

/// The path of an address.
fn path_of(address: &str) -> &str {
    let path = address.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    path.and_then(own_path).unwrap_or("/home")
}

/// The path, if it is one of this server: a browser reads `//` and `/\` as the name of another server.
pub(crate) fn own_path(path: &str) -> Option<&str> {
    let own = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    (own && path.bytes().all(|byte| byte.is_ascii_graphic())).then_some(path)
}

impl<'a> Arrival<'a> {
    /// The arrival of a request; none if there are no texts.
    pub fn of(site: &'a Site, request: &'a Request) -> Option<Self> {
        let (headers, now) = (request.headers(), (site.clock)());
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let l = site.languages.choose(cookie(headers, LANGUAGE), accepted)?;
        Some(Self {
            site,
            session: match headers.get(FRAGMENT) {
                _ if is_embedded(headers) => None,
                // What another page sends is refused, so a session does not go on with it.
                _ if *request.method() == Method::POST && !is_from_own_page(headers) => {
                    site.sessions.peek(headers, now)
                }
                Some(fragment) if fragment == UNASKED => site.sessions.peek(headers, now),
                Some(_) | None => site.sessions.find(headers, now),
            },
            position: None,
            time: PageTime { now, zone: &site.zone, l },
            headers,
            address: request.remote_addr().as_socket_addr().map(SocketAddr::ip),
            trace: TraceId::of(request),
            path: address_of(request),
            form: match *request.method() {
                Method::POST => {
                    headers.get(header::REFERER).and_then(|page| page.to_str().ok()).map(path_of).or(Some("/home"))
                }
                _ => None,
            },
        })
    }

    /// The signed-in person with the roles that they hold now, which may have begun or ended since the sign-in. If that
    /// cannot be read, they stay as they were read last: the page itself is decided anew in any case.
    async fn who_it_is_now(&mut self, session: &Session, identity: Identity) -> Arc<Me> {
        let position = session.position.as_ref().map(|kept| &*kept.token);
        let caller = Caller { identity, headers: self.headers, address: self.address, trace: self.trace, position };
        match Me::read(&self.site.operations, &caller).await {
            Ok(MeRead { me, position }) => {
                self.position = position;
                let Some(me) = me.map(Arc::new) else { return Arc::clone(&session.me) };
                self.site.sessions.learn(session, Arc::clone(&me));
                me
            }
            Err(refused) => {
                tracing::warn!(error_id = %self.trace, %refused, "the roles for a page could not be read");
                Arc::clone(&session.me)
            }
        }
    }

    /// The frame of a page.
    pub fn frame(&self, place: Place) -> Frame<'_> {
        let session = self.session.as_ref();
        Frame {
            l: self.time.l,
            time: self.time,
            me: session.map(|session| &*session.me),
            place,
            // A page that says that there is nothing is the same whatever is missing.
            live: self.position.as_deref().filter(|_| place != Place::None),
            help: &self.site.help,
            idle_minutes: self.site.sessions.idle_minutes(),
            path: self.form.unwrap_or(self.path),
            languages: self.site.languages.all().filter(|texts| texts.lang != self.time.l.lang).collect(),
        }
    }

    /// A page without content of the clinic.
    pub fn without_content(&self, status: StatusCode, page: &PublicPage<'_>) -> Response {
        with_page_headers(Response::without_content(status, page, Coding::of_page(self.headers)))
    }

    /// The page for a form that is not accepted, with what was typed.
    pub fn refused(&self, why: WhyRefused, fields: &Fields) -> Response {
        let (status, frame, typed) = (why.status(), self.frame(Place::None), fields.typed());
        self.without_content(status, &PublicPage::FormRefused { frame, why, typed })
    }

    /// The page for a request that failed, with what was typed.
    pub fn failed(&self, failed: Failed, fields: &Fields) -> Response {
        let (frame, id) = (self.frame(Place::None), self.trace.grouped());
        let retry_after = if let Failed::Refused(refused) = &failed { refused.retry_after() } else { None };
        let status = match failed {
            Failed::NotAvailable => {
                let typed = fields.typed();
                return self.without_content(StatusCode::NOT_FOUND, &PublicPage::NotAvailable { frame, id, typed });
            }
            Failed::Unbound(unbound) => return self.refused(WhyRefused::Unbound(unbound), fields),
            Failed::Method => {
                return Response::only("GET, HEAD");
            }
            Failed::Refused(refused) if refused.code() == ErrorCode::Unauthenticated => {
                return self.refused(WhyRefused::SignedOut, fields);
            }
            Failed::Refused(refused) if refused.code() == ErrorCode::RateLimited => {
                // The bound of the reader is met, as anybody can at any time: no fault of the server.
                tracing::info!(error_id = %self.trace, %refused, "a page has to wait");
                refused.code().status()
            }
            Failed::Refused(refused) => {
                tracing::warn!(error_id = %self.trace, %refused, "a page failed");
                refused.code().status()
            }
            Failed::Template(error) => {
                tracing::error!(error_id = %self.trace, %error, "a page could not be written");
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Failed::Internal(error) => {
                tracing::error!(error_id = %self.trace, %error, "a page has a fault");
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Failed::SignIn | Failed::Address => {
                tracing::error!(error_id = %self.trace, "nobody could be signed in, or a redirect has no address");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        // The outcome may be unknown, so a form with a key is offered again: the key makes a second sending harmless.
        let again = fields.filled("key").map(|_| SameForm { path: self.path, fields: fields.pairs().collect() });
        let page = self.without_content(status, &PublicPage::Failed { frame, id, typed: fields.typed(), again });
        match retry_after {
            Some(seconds) => page.with_header(header::RETRY_AFTER, HeaderValue::from(seconds)),
            None => page,
        }
    }
}

impl<'a> Visit<'a> {
    /// Runs the query of a screen.
    ///
    /// # Errors
    /// If it was refused as a whole.
    pub async fn ask<Q: GraphQLQuery>(
        &self,
        variables: Q::Variables,
    ) -> Result<Recorded<Answer<Q::ResponseData>>, Failed> {
        let answer = ask::<Q>(&self.arrival.site.operations, &self.caller(), variables).await?;
        if let Some(position) = answer.read(|answer| answer.position.clone()) {
            self.advance(&position);
        }
        Ok(answer)
    }

    /// Runs the mutation of a form.
    ///
    /// # Errors
    /// If it was refused as a whole.
    pub async fn act<Q: GraphQLQuery>(&self, variables: Q::Variables) -> Result<Outcome, Failed> {
        let outcome = act::<Q>(&self.arrival.site.operations, &self.caller(), variables).await?;
        if let Some(position) = &outcome.position {
            self.advance(position.as_str());
        }
        Ok(outcome)
    }

    /// Executes a document that the person typed.
    ///
    /// # Errors
    /// If it was refused as a whole.
    pub async fn execute(&self, typed: Typed<'_>) -> Result<Recorded<Executed>, Refused> {
        let executed = execute(&self.arrival.site.operations, &self.caller(), typed).await?;
        if let Some(position) = executed.read(position_of) {
            self.advance(&position);
        }
        Ok(executed)
    }

    fn advance(&self, token: &str) {
        let site = self.arrival.site;
        if let Some(place) = site.operations.session().place(token) {
            site.sessions.advance(&self.session, Kept { place, token: token.into() });
        }
    }

    /// What the address says of an act, if the act was done in this session and is not told of yet. An address alone
    /// proves nothing: anybody can write it.
    pub fn told(&self, name: &str) -> Option<&str> {
        self.query.filled(name).filter(|_| self.tells)
    }

    /// The redirect after an act. The page to which it leads may say once that it was done.
    ///
    /// # Errors
    /// If the path cannot be an address.
    pub fn see_done(&self, path: &str) -> Result<Response, Failed> {
        self.note(path, None);
        see_other(path)
    }

    /// The same after an act whose form can be recognised when it is sent again.
    ///
    /// # Errors
    /// If the path cannot be an address.
    pub fn see_done_by(&self, fields: &Fields, path: &str) -> Result<Response, Failed> {
        self.note(path, Some(&self.proof_of(fields)));
        see_other(path)
    }

    fn note(&self, path: &str, form: Option<&str>) {
        // A browser does not send what follows the number sign.
        let address = path.split('#').next().unwrap_or(path);
        self.arrival.site.sessions.note(&self.session, address, form);
    }

    /// The path to which the same form led before, each of its fields included.
    pub fn done_before(&self, fields: &Fields) -> Option<String> {
        self.arrival.site.sessions.repeated(&self.session, &self.proof_of(fields))
    }

    fn proof_of(&self, fields: &Fields) -> String {
        let parts = fields.pairs().flat_map(|(name, value)| [name, value]);
        self.session.bind(&std::iter::once("sent").chain(parts).collect::<Vec<_>>())
    }

    fn caller(&self) -> Caller<'_> {
        Caller {
            identity: self.identity,
            headers: self.arrival.headers,
            address: self.arrival.address,
            trace: self.arrival.trace,
            position: self.session.position.as_ref().map(|kept| &*kept.token),
        }
    }

    /// The time of the page.
    pub const fn time(&self) -> PageTime<'a> {
        self.arrival.time
    }

    /// The hidden fields of a form of this page. Each form of a page has a key of its own, also among the rows of a list.
    pub fn hidden(&self, subject: FormSubject<'_>, version: &str) -> Hidden {
        let key = format!("{}-{}-{}", self.arrival.trace, subject.form, subject.thread);
        Hidden::new(&self.session, subject, version, key)
    }

    /// The page of a recorded answer.
    ///
    /// # Errors
    /// If the page could not be written.
    pub fn page(&self, status: StatusCode, rendered: Recorded<askama::Result<String>>) -> Result<Response, Failed> {
        let coding = Coding::of_page(self.arrival.headers);
        let encode = |html: String| coding.encode(html.into_bytes()).map_err(askama::Error::custom);
        let bytes = rendered.map(|html| html.and_then(encode)).transpose()?;
        Ok(with_page_headers(Response::from(bytes).with_status(status).with_coding(coding)))
    }
}

/// A screen: what it shows, and what its forms do.
pub(crate) trait Screen: Send + Sync + 'static {
    /// The page.
    fn open(&self, visit: &Visit<'_>) -> impl Future<Output = Result<Response, Failed>> + Send;

    /// What a form of the page does. The form came from a page of this server.
    fn submit(&self, _visit: &Visit<'_>, _fields: &Fields) -> impl Future<Output = Result<Response, Failed>> + Send {
        std::future::ready(Err(Failed::Method))
    }
}

/// A screen at its path.
pub(crate) struct Mounted<S> {
    pub site: Arc<Site>,
    pub screen: S,
}

impl<S: Screen> Handler for Mounted<S> {
    async fn respond(&self, mut request: Request) -> Response {
        let method = request.method().clone();
        if !matches!(method, Method::GET | Method::HEAD | Method::POST) {
            return Response::only("GET, HEAD, POST");
        }
        let is_form = method == Method::POST;
        let fields = if is_form { Fields::read(&mut request).await } else { Ok(Fields::default()) };
        let Some(mut arrival) = Arrival::of(&self.site, &request) else {
            return Response::status(StatusCode::INTERNAL_SERVER_ERROR);
        };
        let fields = match fields {
            Ok(fields) => fields,
            Err(problem) => return arrival.refused(WhyRefused::of(problem), &Fields::default()),
        };
        if is_form && !is_from_own_page(request.headers()) {
            return arrival.refused(WhyRefused::Foreign, &fields);
        }
        let signed_in = arrival.session.clone().and_then(|session| {
            let identity = self.site.verify(&session.token, arrival.time.now)?;
            Some((session, identity))
        });
        let Some((mut session, identity)) = signed_in else {
            if is_form {
                return arrival.refused(WhyRefused::SignedOut, &fields);
            }
            let back: String = form_urlencoded::byte_serialize(arrival.path.as_bytes()).collect();
            return see_other(&format!("/?return_to={back}")).unwrap_or_else(|failed| arrival.failed(failed, &fields));
        };
        session.me = arrival.who_it_is_now(&session, identity).await;
        arrival.session = Some(session.clone());
        let part = |name: &str| request.raw_path_param(name).unwrap_or_default().to_owned();
        let fragment = request.headers().get(FRAGMENT).and_then(|name| name.to_str().ok()).map(str::to_owned);
        let is_page = method == Method::GET && fragment.is_none();
        let visit = Visit {
            tells: is_page && self.site.sessions.tell(&session, arrival.path),
            session,
            identity,
            id: part("id"),
            step: part("step"),
            query: Fields::parse(request.uri().query().unwrap_or_default().as_bytes()),
            fragment,
            arrival,
        };
        let answer = if is_form { self.screen.submit(&visit, &fields).await } else { self.screen.open(&visit).await };
        answer.unwrap_or_else(|failed| visit.arrival.failed(failed, &fields))
    }
}

/// Renders a template, for [`Visit::page`].
pub(crate) fn rendered(template: &impl Template) -> askama::Result<String> {
    template.render()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_a_form_is_a_path_of_this_server() {
        for (address, path) in [
            ("http://localhost:8080/t/abc?before=1", "/t/abc?before=1"),
            ("http://localhost:8080", "/home"),
            ("http://localhost:8080//evil.example", "/home"),
            ("about:blank", "/home"),
            ("", "/home"),
        ] {
            assert_eq!(path_of(address), path, "{address:?}");
        }
    }

    #[test]
    fn only_paths_of_this_server_are_returned_to() {
        for path in ["/", "/t/abc?sent=m1", "/inbox#x"] {
            assert_eq!(own_path(path), Some(path));
        }
        for path in ["", "inbox", "//evil.example", "/\\evil.example", "https://evil.example", "/a b", "/a\r\nb"] {
            assert_eq!(own_path(path), None, "{path:?}");
        }
    }
}
