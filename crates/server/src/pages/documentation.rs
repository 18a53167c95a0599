//! The documentation of the API in a browser, with a search.

use poem::http::StatusCode;

use super::frame::{Place, PublicPage};
use super::schema_documentation::{FOUND_MAX, Shown, TYPES, found};
use super::site::{Failed, Screen, Visit};
use crate::response::Response;

/// The screen `/graphql/documentation`.
pub(crate) struct Documentation;

impl Screen for Documentation {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let (find, name) = (visit.query.get("find"), visit.query.get("type"));
        let chosen = TYPES.iter().find(|of| of.name == name);
        if !name.is_empty() && chosen.is_none() {
            return Err(Failed::NotAvailable);
        }
        let mut found = if chosen.is_some() && find.is_empty() { Vec::new() } else { found(find) };
        let more = !find.is_empty() && found.len() > FOUND_MAX;
        if more {
            found.truncate(FOUND_MAX);
        }
        let frame = visit.arrival.frame(Place::QueryPage);
        let view = Shown { find, chosen, found, more };
        Ok(visit.arrival.without_content(StatusCode::OK, &PublicPage::Documentation { frame, view }))
    }
}
