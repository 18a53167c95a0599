//! Who can read a thread now, at `/t/{id}/audience`: each person, why and until when, by which rule, and what they do not see.
//! Who did read it is on the page beside it.

use askama::Template;
use poem::http::StatusCode;

use super::frame::{Frame, Place};
use super::grant::Grant;
use super::queries::thread_readers::ThreadReadersThreadOn as ThreadOn;
use super::queries::{ThreadReaders, thread_readers};
use super::rows::{Subject, Who, Wording};
use super::site::{Failed, Screen, Visit, rendered};
use super::time::{Moment, PageTime};
use crate::graphql::readership::ReaderReason;
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
    /// Whether the reader of the page may know who did read it.
    reads_access: bool,
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
    /// Whether persons whom the patient chose may read it too, as a delegate is told.
    may_include_others: bool,
}

struct Reader {
    who: Who,
    is_me: bool,
    /// In which role, or how they help.
    role: String,
    reason: String,
    /// The last day of their help.
    until: Option<String>,
    /// The rule by which they may read.
    rule: String,
    /// What it is about here, and for which purpose they read.
    notes: Vec<String>,
    reads: Reads,
    /// From when on they see it, if not from its beginning.
    sees_from: Option<Moment>,
}

/// Which messages somebody may read.
enum Reads {
    All,
    /// Not those to the clinical team.
    Everyone,
    /// The reader of the page may not know who reads those to the clinical team.
    AtLeastEveryone,
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
                patient: thread.patient.as_ref().map(|patient| (&patient.subject).into()),
                reads_access: thread.patient.as_ref().is_some_and(|patient| patient.viewer_reads_access_records),
                is_about_patient: thread.is_about_patient,
                readers: Readers::of(&thread, &visit.time()),
                is_whole: answer.is_whole,
            }))
        });
        visit.page(StatusCode::OK, page.transpose()?)
    }
}

impl Readers {
    fn of(thread: &thread_readers::ThreadReadersThread, time: &PageTime<'_>) -> Option<Self> {
        let l = time.l;
        let everyone = thread.everyone.as_ref()?;
        let clinicians = thread.clinicians.as_ref().and_then(|readers| readers.persons.as_ref());
        let clinicians = clinicians.map(|list| {
            let persons = list.nodes.iter().filter_map(|reader| reader.person.as_ref());
            persons.map(|person| person.id.as_str()).collect::<Vec<_>>()
        });
        let nodes = everyone.persons.iter().flat_map(|list| &list.nodes);
        let persons: Vec<Reader> = nodes
            .filter_map(|reader| {
                let who = Who::from(reader.person.as_ref()?);
                // Both are of no role at an organization.
                let helps = reader.reason == ReaderReason::Delegate;
                let role = match &reader.delegation {
                    Some(delegation) => Grant::from(delegation).words(l),
                    None if helps => l.capacity_delegate().into_owned(),
                    None => l.reader_role(&reader.role),
                };
                let topic = thread.topic.filter(|_| helps).map(|topic| l.rule_topic(l.topic(&topic)));
                let is_known = reader.is_viewer || helps || reader.reason == ReaderReason::Patient;
                let reads = match (&thread.on, &clinicians) {
                    // Nobody writes to the clinical team in a team thread.
                    (ThreadOn::TeamThread, _) => Reads::All,
                    (ThreadOn::Consultation(_), Some(ids)) if ids.contains(&who.id.as_str()) => Reads::All,
                    // Who may not know who reads the clinical team is not on it, and neither is the patient.
                    (ThreadOn::Consultation(_), None) if !is_known => Reads::AtLeastEveryone,
                    (ThreadOn::Consultation(_), Some(_) | None) => Reads::Everyone,
                };
                Some(Reader {
                    who,
                    is_me: reader.is_viewer,
                    role,
                    reason: l.reader_reason(&reader.reason),
                    until: reader.until.map(|until| time.last_day(until)),
                    rule: l.reader_rule(&reader.reason),
                    notes: topic.into_iter().chain([l.purpose(&reader.purpose)]).collect(),
                    reads,
                    sees_from: reader.sees_from.map(|from| time.full(from)),
                })
            })
            .collect();
        let more = everyone.persons.as_ref().is_some_and(|list| list.page_info.has_next_page);
        let named = i64::try_from(persons.len()).unwrap_or(everyone.count);
        Some(Self {
            count: everyone.count,
            unnamed: if more { 0 } else { everyone.count - named },
            persons,
            more,
            may_include_others: everyone.may_include_others,
        })
    }
}
