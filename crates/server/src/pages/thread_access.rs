//! Who did read a conversation, at `/t/{id}/access`: for the patient whom it is about, and for who else may read the access
//! records about them. What a review looks at first stands apart; the rest is by day, the newest first.

use std::borrow::Cow;
use std::collections::HashMap;

use askama::Template;
use poem::http::StatusCode;

use super::access_days::{Around, Day, days};
use super::access_rows::Access;
use super::client::Answer;
use super::frame::{Frame, Place};
use super::lists::ListState;
use super::queries::{ThreadAccessRecords as Query, thread_access_records};
use super::rows::{Subject, Wording};
use super::site::{Failed, Screen, Visit, rendered};
use crate::response::Response;

/// The screen `/t/{id}/access`.
pub(crate) struct ThreadAccess;

#[derive(Template)]
#[template(path = "thread_access.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    thread: String,
    subject: Wording,
    patient: Subject,
    /// The newest that are marked for review.
    marked: Vec<Day>,
    /// Whether there are more of these than the page shows apart.
    more_marked: bool,
    days: Vec<Day>,
    state: ListState,
    /// Whether this page begins with the newest.
    is_newest: bool,
    /// The cursor of the next page.
    next: Option<String>,
}

/// The records of a page.
const ROWS: i64 = 50;

impl Page<'_> {
    fn subject_words(&self) -> Cow<'_, str> {
        self.frame.subject_words(&self.subject, Some(&self.patient))
    }

    fn newest(&self) -> String {
        format!("/t/{}/access", self.thread)
    }

    fn older(&self, after: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("after", after);
        format!("/t/{}/access?{}", self.thread, query.finish())
    }
}

impl Screen for ThreadAccess {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let after = visit.query.filled("after").map(str::to_owned);
        let variables = thread_access_records::Variables { id: visit.id.clone(), first: Some(ROWS), after };
        let answer = visit.ask::<Query>(variables).await?;
        let page = answer.map(|answer| page(visit, &answer));
        visit.page(StatusCode::OK, page.transpose()?)
    }
}

fn page(
    visit: &Visit<'_>,
    answer: &Answer<thread_access_records::ResponseData>,
) -> Result<askama::Result<String>, Failed> {
    let thread = answer.data.thread.as_ref().ok_or(Failed::NotAvailable)?;
    let patient = thread.patient.as_ref().filter(|patient| patient.viewer_reads_access_records);
    let Some(patient) = patient else { return Err(Failed::NotAvailable) };
    let around = Around { me: visit.session.me.id.as_str(), threads: HashMap::new(), time: visit.time() };
    let by_day = |nodes: &[thread_access_records::Access]| {
        // All of them are of this conversation, so none says of which it is.
        let records = nodes.iter().map(|record| Access { thread: None, ..Access::from(record) });
        days(&records.collect::<Vec<_>>(), &around)
    };
    let (marked, list) = (patient.marked.as_ref(), patient.all.as_ref());
    Ok(rendered(&Page {
        frame: visit.arrival.frame(Place::Inbox),
        visit,
        thread: thread.id.clone(),
        subject: (&thread.subject).into(),
        patient: (&patient.subject).into(),
        marked: marked.map(|list| by_day(&list.nodes)).unwrap_or_default(),
        more_marked: marked.is_some_and(|list| list.page_info.has_next_page),
        days: list.map(|list| by_day(&list.nodes)).unwrap_or_default(),
        state: ListState::of(list.is_some() && marked.is_some(), answer.is_whole),
        is_newest: visit.query.filled("after").is_none(),
        next: list.and_then(|list| list.page_info.end_cursor.clone().filter(|_| list.page_info.has_next_page)),
    }))
}
