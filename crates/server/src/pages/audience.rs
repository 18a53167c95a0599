//! Who can read a thread now: each person, why, and which messages.

use askama::Template;
use poem::http::StatusCode;

use super::frame::{Frame, Place};
use super::queries::{ThreadReaders, thread_readers};
use super::rows::{Subject, Who, Wording};
use super::site::{Failed, Screen, Visit, rendered};
use super::texts::Texts;
use crate::response::Response;

/// The screen `/t/{id}/audience`.
pub(crate) struct Audience;

#[derive(Template)]
#[template(path = "audience.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    thread: String,
    subject: Wording,
    patient: Option<Subject>,
    is_about_patient: Option<bool>,
    /// None if it could not be read, or may not be known.
    readers: Option<Readers>,
    is_whole: bool,
}

/// Who can read the messages of a thread.
struct Readers {
    count: i64,
    /// Those whose names may be known.
    persons: Vec<Reader>,
    /// How many others there are.
    unnamed: i64,
    /// Whether there are more than the page lists.
    more: bool,
}

struct Reader {
    who: Who,
    is_me: bool,
    role: String,
    reason: String,
    /// Whether they read the messages to the clinical team too.
    reads_all: bool,
}

/// More would be too much for one query: it is asked of each person whether they may read.
const ROWS: i64 = 40;

impl Screen for Audience {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let variables = thread_readers::Variables { id: visit.id.clone(), first: Some(ROWS) };
        let answer = visit.ask::<ThreadReaders>(variables).await?;
        let page = answer.map(|answer| {
            let thread = answer.data.thread.ok_or(Failed::NotAvailable)?;
            Ok::<_, Failed>(rendered(&Page {
                frame: visit.arrival.frame(Place::Inbox),
                visit,
                thread: thread.id.clone(),
                subject: (&thread.subject).into(),
                patient: thread.patient.as_ref().map(Into::into),
                is_about_patient: thread.is_about_patient,
                readers: Readers::of(&thread, visit.time().l),
                is_whole: answer.is_whole,
            }))
        });
        visit.page(StatusCode::OK, page.transpose()?)
    }
}

impl Readers {
    fn of(thread: &thread_readers::ThreadReadersThread, l: &Texts) -> Option<Self> {
        let everyone = thread.everyone.as_ref()?;
        let clinicians = thread.clinicians.iter().filter_map(|readers| readers.persons.as_ref());
        let clinicians = clinicians.flat_map(|list| &list.nodes).filter_map(|reader| reader.person.as_ref());
        let clinicians: Vec<&str> = clinicians.map(|person| person.id.as_str()).collect();
        let nodes = everyone.persons.iter().flat_map(|list| &list.nodes);
        let persons: Vec<Reader> = nodes
            .filter_map(|reader| {
                let who = Who::from(reader.person.as_ref()?);
                let role = l.reader_role(&reader.role);
                let reads_all = clinicians.contains(&who.id.as_str());
                Some(Reader { who, is_me: reader.is_viewer, role, reason: l.reader_reason(&reader.reason), reads_all })
            })
            .collect();
        let more = everyone.persons.as_ref().is_some_and(|list| list.page_info.has_next_page);
        let named = i64::try_from(persons.len()).unwrap_or(everyone.count);
        Some(Self { count: everyone.count, unnamed: if more { 0 } else { everyone.count - named }, persons, more })
    }
}

impl Page<'_> {
    /// Whether messages can be kept from some of the readers: only then do they differ in what they read.
    fn differs(&self) -> bool {
        self.readers.iter().flat_map(|readers| &readers.persons).any(|reader| reader.reads_all)
    }
}
