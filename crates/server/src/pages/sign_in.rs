//! The sign-in of the demo and the sign-out.

use std::sync::Arc;

use chrono::TimeDelta;
use poem::Request;
use poem::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use uuid::Builder;

use super::client::Caller;
use super::forms::Fields;
use super::frame::{Place, PublicPage, VisitorGroup, WhyRefused};
use super::me::Me;
use super::session::{NO_COOKIE, is_from_own_page};
use super::site::{Arrival, Failed, Site, own_path, see_other};
use super::visitors::Group;
use crate::response::Response;
use crate::router::Handler;

/// Handles `/`, and every path that nothing else handles: such a page is as unavailable as one that is forbidden. The
/// router has one entry for both.
pub(crate) struct SignIn(pub Arc<Site>);

impl Handler for SignIn {
    async fn respond(&self, mut request: Request) -> Response {
        let fields = match *request.method() {
            Method::POST if request.uri().path() == "/" => Fields::read(&mut request).await,
            _ => Ok(Fields::parse(request.uri().query().unwrap_or_default().as_bytes())),
        };
        let Some(arrival) = Arrival::of(&self.0, &request) else {
            return Response::status(StatusCode::INTERNAL_SERVER_ERROR);
        };
        if request.uri().path() != "/" {
            return arrival.failed(Failed::NotAvailable, &Fields::default());
        }
        let Ok(fields) = fields else { return arrival.refused(WhyRefused::Unreadable, &Fields::default()) };
        match *request.method() {
            Method::GET | Method::HEAD => self.offer(&arrival, &fields),
            Method::POST if !is_from_own_page(request.headers()) => arrival.refused(WhyRefused::Foreign, &fields),
            Method::POST => match self.sign_in(&arrival, &fields).await {
                Ok(response) => response,
                Err(failed) => arrival.failed(failed, &Fields::default()),
            },
            _ => Response::only("GET, HEAD"),
        }
    }
}

impl SignIn {
    fn offer(&self, arrival: &Arrival<'_>, fields: &Fields) -> Response {
        let l = arrival.time.l;
        let groups = [
            (Group::Clinicians, "clinicians", l.group_clinicians()),
            (Group::Coordination, "coordination", l.group_coordination()),
            (Group::Patients, "patients", l.patients()),
            (Group::Operation, "operation", l.group_operation()),
        ];
        let of = |group| self.0.demo.visitors.iter().filter(|visitor| visitor.group == group).collect::<Vec<_>>();
        let groups = groups.into_iter().map(|(group, id, heading)| VisitorGroup {
            id,
            heading: heading.into_owned(),
            visitors: of(group),
        });
        let groups = groups.filter(|group| !group.visitors.is_empty()).collect();
        let return_to = own_path(fields.get("return_to")).unwrap_or_default();
        let frame = arrival.frame(Place::None);
        arrival.without_content(
            StatusCode::OK,
            &PublicPage::SignIn { frame, groups, return_to, token_command: &self.0.demo.token_command },
        )
    }

    async fn sign_in(&self, arrival: &Arrival<'_>, fields: &Fields) -> Result<Response, Failed> {
        let site = &self.0;
        let chosen = site.demo.visitors.iter().find(|visitor| visitor.handle == fields.get("person"));
        let visitor = chosen.ok_or(Failed::NotAvailable)?;
        let token_id = Builder::from_random_bytes(arrival.trace.bytes()).into_uuid();
        let now = arrival.time.now;
        let token = site.demo.signer.mint(visitor.person, now, token_id, TOKEN_TIME).map_err(|_| Failed::SignIn)?;
        let identity = site.verify(&token, now).ok_or(Failed::SignIn)?;
        let caller = Caller {
            identity,
            headers: arrival.headers,
            address: arrival.address,
            trace: arrival.trace,
            position: None,
        };
        let me = Me::read(&site.operations, &caller).await?.me.ok_or(Failed::NotAvailable)?;
        if let Some(before) = &arrival.session {
            site.sessions.end(before);
        }
        let cookie = site.sessions.begin(token.into(), Arc::new(me), now).map_err(|_| Failed::SignIn)?;
        let to = own_path(fields.get("return_to")).filter(|path| *path != "/").unwrap_or("/home");
        Ok(see_other(to)?.with_header(header::SET_COOKIE, cookie))
    }
}

/// How long a token of a session is valid; a session never lasts longer.
const TOKEN_TIME: TimeDelta = TimeDelta::hours(12);

/// Handles `/sign-out`.
pub(crate) struct SignOut(pub Arc<Site>);

impl Handler for SignOut {
    async fn respond(&self, request: Request) -> Response {
        if *request.method() != Method::POST {
            return Response::only("POST");
        }
        let Some(arrival) = Arrival::of(&self.0, &request) else {
            return Response::status(StatusCode::INTERNAL_SERVER_ERROR);
        };
        if !is_from_own_page(request.headers()) {
            return arrival.refused(WhyRefused::Foreign, &Fields::default());
        }
        if let Some(session) = &arrival.session {
            self.0.sessions.end(session);
        }
        Response::status(StatusCode::SEE_OTHER)
            .with_header(header::LOCATION, HeaderValue::from_static("/"))
            .with_header(header::SET_COOKIE, NO_COOKIE)
            // What a browser keeps to go back to is deleted.
            .with_header(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""))
    }
}

/// Handles `/session`, by which the script asks whether somebody is still signed in. The question goes on with the
/// session, as every request does. A page that somebody else has opened before is not shown again.
pub(crate) struct StillSignedIn(pub Arc<Site>);

impl Handler for StillSignedIn {
    async fn respond(&self, request: Request) -> Response {
        let is_own = is_from_own_page(request.headers());
        let session = Arrival::of(&self.0, &request).filter(|_| is_own).and_then(|arrival| arrival.session);
        let query = Fields::parse(request.uri().query().unwrap_or_default().as_bytes());
        let session = session.filter(|session| query.filled("person").is_none_or(|person| person == session.me.id));
        let status = if session.is_some() { StatusCode::NO_CONTENT } else { StatusCode::UNAUTHORIZED };
        Response::status(status).with_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
    }
}
