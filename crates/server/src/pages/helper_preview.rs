//! What one helper sees of the conversations, for the patient, at `/patients/{id}/as-helper?about={delegation}`. Nobody else
//! gets the page, and that the patient looked is recorded.

use askama::Template;
use poem::http::StatusCode;

use super::client::Answer;
use super::delegates::name_of;
use super::frame::{Frame, Place};
use super::grant::Grant;
use super::lists::{Look, numbered};
use super::queries::{HelperPreview as Query, helper_preview};
use super::rows::{Alike, Subject, Who, Wording};
use super::site::{Failed, Screen, Visit, rendered};
use super::time::Moment;
use crate::response::Response;

/// The screen `/patients/{id}/as-helper`.
pub(crate) struct HelperPreview;

#[derive(Template)]
#[template(path = "helper_preview.html")]
struct Page<'a> {
    frame: Frame<'a>,
    patient: Subject,
    /// The delegation.
    delegation: String,
    /// The name of the helper.
    name: String,
    threads: Vec<Conversation>,
    /// Whether this page begins with the newest.
    is_newest: bool,
    /// The cursor of the next page.
    next: Option<String>,
}

/// A conversation as the helper sees it.
struct Conversation {
    id: String,
    subject: Wording,
    opened: Moment,
    reads_answer: bool,
    has_older: bool,
    messages: Vec<Said>,
    /// Which one it is of those that look alike; none if it looks like no other.
    alike: Option<Alike>,
}

/// A message as the helper sees it.
struct Said {
    author: Option<Who>,
    role: String,
    at: Moment,
    body: Wording,
}

/// The conversations of a page.
const ROWS: i64 = 10;

/// Numbers the conversations that look alike, so that each part of the page has a name of its own.
fn tell_apart(threads: &mut [Conversation]) {
    let look = |thread: &Conversation| {
        let words = [thread.subject.text().unwrap_or_default(), &thread.opened.words].join("\n");
        Look { thread: thread.id.clone(), words }
    };
    let looks: Vec<Look> = threads.iter().map(look).collect();
    for (thread, alike) in threads.iter_mut().zip(numbered(&looks)) {
        thread.alike = alike;
    }
}

impl Page<'_> {
    fn newest(&self) -> String {
        self.address(None)
    }

    fn older(&self, after: &str) -> String {
        self.address(Some(after))
    }

    fn address(&self, after: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("about", &self.delegation);
        query.extend_pairs(after.map(|after| ("after", after)));
        format!("/patients/{}/as-helper?{}", self.patient.id, query.finish())
    }
}

impl Screen for HelperPreview {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let variables = helper_preview::Variables {
            id: visit.id.clone(),
            delegation_id: visit.query.get("about").to_owned(),
            first: Some(ROWS),
            after: visit.query.filled("after").map(str::to_owned),
        };
        let answer = visit.ask::<Query>(variables).await?;
        let page = answer.map(|answer| page(visit, &answer));
        visit.page(StatusCode::OK, page.transpose()?)
    }
}

fn page(visit: &Visit<'_>, answer: &Answer<helper_preview::ResponseData>) -> Result<askama::Result<String>, Failed> {
    let (Some(patient), Some(delegation)) = (&answer.data.patient, &answer.data.delegation) else {
        return Err(Failed::NotAvailable);
    };
    let Some(list) = delegation.preview.as_ref().filter(|_| delegation.patient_id == patient.id) else {
        return Err(Failed::NotAvailable);
    };
    let time = visit.time();
    let said = |message: &helper_preview::Said| Said {
        author: message.author.as_ref().map(Who::from),
        role: match &message.delegate {
            Some(delegate) => Grant::from(delegate).words(time.l),
            None => time.l.capacity(&message.capacity),
        },
        at: time.moment(message.posted_at),
        body: (&message.body).into(),
    };
    let threads = list.nodes.iter().map(|thread| Conversation {
        id: thread.thread_id.clone(),
        subject: (&thread.subject).into(),
        opened: time.moment(thread.opened_at),
        reads_answer: thread.reads_answer,
        has_older: thread.has_older_messages,
        messages: thread.messages.iter().map(said).collect(),
        alike: None,
    });
    let mut threads: Vec<Conversation> = threads.collect();
    tell_apart(&mut threads);
    let helper = delegation.person.as_ref().map(Who::from);
    Ok(rendered(&Page {
        frame: visit.arrival.frame(Place::of_patient(&visit.session.me)),
        patient: patient.into(),
        delegation: delegation.id.clone(),
        name: name_of(helper.as_ref(), time.l),
        threads,
        is_newest: visit.query.filled("after").is_none(),
        next: list.page_info.end_cursor.clone().filter(|_| list.page_info.has_next_page),
    }))
}
