//! The threads of an organization that a person may find by working there: also those that wait for nobody, and those of
//! colleagues.

use askama::Template;
use poem::http::StatusCode;

use super::frame::{Frame, Place};
use super::lists::{List, ListState, by_activity, tell_apart};
use super::queries::{OrganizationThreads as Query, organization_threads};
use super::site::{Failed, Screen, Visit, rendered};
use crate::response::Response;

/// The screen `/organizations/{id}/threads`.
pub(crate) struct OrganizationThreads;

#[derive(Template)]
#[template(path = "organization_threads.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    /// The id and the name of the organization.
    id: String,
    name: String,
    list: List,
    /// Whether this page is the whole list.
    is_all: bool,
    /// The cursor of the next page.
    next: Option<String>,
}

/// The rows of a page.
const ROWS: i64 = 25;

impl Screen for OrganizationThreads {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let after = visit.query.filled("after").map(str::to_owned);
        let is_first = after.is_none();
        let variables = organization_threads::Variables { id: visit.id.clone(), first: Some(ROWS), after };
        let answer = visit.ask::<Query>(variables).await?;
        let page = answer.map(|answer| {
            let at = answer.data.organization.as_ref().filter(|at| at.viewer_lists_threads);
            let Some(at) = at else { return Err(Failed::NotAvailable) };
            let found = answer.data.threads.as_ref();
            let nodes = found.map(|list| (list.nodes.as_slice(), list.page_info.has_next_page));
            let frame = visit.arrival.frame(Place::Organizations);
            let mut list = List::of(nodes, answer.is_whole);
            tell_apart(&mut list.rows, |row| by_activity(row, &frame));
            let next = found.filter(|_| list.more).and_then(|list| list.page_info.end_cursor.clone());
            Ok(rendered(&Page {
                frame,
                visit,
                id: at.id.clone(),
                name: at.name.clone(),
                is_all: is_first && next.is_none(),
                list,
                next,
            }))
        });
        visit.page(StatusCode::OK, page.transpose()?)
    }
}
