//! What waits for staff about helpers and directives, over all patients, at `/helpers-to-do`: each with its due time.
//!
//! A row of a helper is made in `delegates/work.rs`, that of a directive in `directives/work.rs`.
//!
//! To add something that waits: 1. its field in `examples/queries/helper_work.graphql` and `home.graphql`; 2. its row, in a
//! file `work.rs`; 3. its part of `helper_work.html`, and of the home page.

use askama::Template;
use poem::http::StatusCode;

use super::delegates::work::Waiting;
use super::directives::work::ToAsk;
use super::frame::{Frame, Place};
use super::queries::{HelperWork as Query, helper_work};
use super::site::{Failed, Screen, Visit, rendered};
use crate::response::Response;

/// The screen `/helpers-to-do`.
pub(crate) struct ToDo;

#[derive(Template)]
#[template(path = "helper_work.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    /// None if they could not be read.
    waiting: Option<Vec<Waiting>>,
    /// The denies that nobody confirmed in time. None if they could not be read.
    to_ask: Option<Vec<ToAsk>>,
}

impl Screen for ToDo {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let answer = visit.ask::<Query>(helper_work::Variables {}).await?;
        let page = answer.map(|answer| {
            let viewer = &answer.data.viewer;
            let waiting = viewer.waiting_delegations.as_ref().map(|all| all.iter().map(Waiting::from).collect());
            let to_ask = viewer.waiting_directives.as_ref().map(|all| all.iter().map(ToAsk::from).collect());
            rendered(&Page { frame: visit.arrival.frame(Place::Home), visit, waiting, to_ask })
        });
        visit.page(StatusCode::OK, page)
    }
}
