//! The choice of the language. It is kept in a cookie, so that it also holds before the sign-in.

use std::sync::Arc;

use poem::Request;
use poem::http::{HeaderValue, Method, StatusCode, header};

use super::forms::Fields;
use super::frame::WhyRefused;
use super::session::is_from_own_page;
use super::site::{Arrival, Failed, LANGUAGE, Site, own_path, see_other};
use crate::response::Response;
use crate::router::Handler;

/// Handles `/language`.
pub(crate) struct Language(pub Arc<Site>);

impl Handler for Language {
    async fn respond(&self, mut request: Request) -> Response {
        if *request.method() != Method::POST {
            return Response::only("POST");
        }
        let fields = Fields::read(&mut request).await.unwrap_or_default();
        let Some(arrival) = Arrival::of(&self.0, &request) else {
            return Response::status(StatusCode::INTERNAL_SERVER_ERROR);
        };
        if !is_from_own_page(request.headers()) {
            return arrival.refused(WhyRefused::Foreign, &Fields::default());
        }
        let chosen = self.0.languages.named(fields.get("lang")).ok_or(Failed::NotAvailable);
        let answer = chosen.and_then(|texts| {
            let cookie = format!("{LANGUAGE}={}; HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000", texts.lang);
            let cookie = HeaderValue::from_str(&cookie).map_err(|_| Failed::Address)?;
            Ok(see_other(own_path(fields.get("back")).unwrap_or("/"))?.with_header(header::SET_COOKIE, cookie))
        });
        answer.unwrap_or_else(|failed| arrival.failed(failed, &Fields::default()))
    }
}
