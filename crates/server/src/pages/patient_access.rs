//! Who read a patient's record, for the patient: by day, the newest first, in plain words, with whom to call if something
//! looks wrong.

use askama::Template;
use poem::http::StatusCode;

use super::access_days::{Around, Day, days};
use super::access_rows::{Access, only_whom};
use super::client::Answer;
use super::frame::{Frame, Place};
use super::lists::{ListState, ThreadShown};
use super::queries::{PatientAccessRecords as Query, patient_access_records};
use super::rows::{Contact, Subject};
use super::site::{Failed, Screen, Visit, rendered};
use crate::response::Response;

/// The screen `/patients/{id}/access`.
pub(crate) struct PatientAccess;

#[derive(Template)]
#[template(path = "patient_access.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    patient: Subject,
    /// Whom to call if something looks wrong.
    contact: Contact,
    filter: Filter,
    days: Vec<Day>,
    /// The other people of this page, each once.
    people: Vec<Access>,
    state: ListState,
    /// Whether this page begins with the newest.
    is_newest: bool,
    /// The cursor of the next page.
    next: Option<String>,
}

/// Whose reads are shown.
#[derive(Debug, Clone)]
struct Filter {
    /// Also those of the reader of the page.
    everybody: bool,
    /// Only those of this person.
    person: Option<String>,
}

/// The records of a page.
const ROWS: i64 = 50;

/// The word of the filter that shows all people.
const EVERYBODY: &str = "everybody";

impl Filter {
    fn of(visit: &Visit<'_>) -> Self {
        Self {
            everybody: visit.query.get("show") == EVERYBODY,
            person: visit.query.filled("person").map(str::to_owned),
        }
    }
}

impl Page<'_> {
    fn is_own(&self) -> bool {
        self.frame.is_own(&self.patient)
    }

    fn heading(&self) -> String {
        let l = self.frame.l;
        if self.is_own() { l.access_own() } else { l.access_of_record() }.into_owned()
    }

    /// The address of this list with a filter.
    fn with(&self, everybody: bool, person: Option<&str>, after: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let show = everybody.then_some(EVERYBODY);
        for (name, value) in [("show", show), ("person", person), ("after", after)] {
            query.extend_pairs(value.map(|value| (name, value)));
        }
        let (id, query) = (&self.patient.id, query.finish());
        if query.is_empty() { format!("/patients/{id}/access") } else { format!("/patients/{id}/access?{query}") }
    }

    /// The same list with the records of everybody, or without those of the reader.
    fn shown(&self, everybody: bool) -> String {
        self.with(everybody, self.filter.person.as_deref(), None)
    }

    fn only(&self, person: &str) -> String {
        self.with(self.filter.everybody, Some(person), None)
    }

    fn all_people(&self) -> String {
        self.with(self.filter.everybody, None, None)
    }

    fn newest(&self) -> String {
        self.with(self.filter.everybody, self.filter.person.as_deref(), None)
    }

    fn older(&self, after: &str) -> String {
        self.with(self.filter.everybody, self.filter.person.as_deref(), Some(after))
    }

    /// What the filter for one person says.
    fn only_whom(&self, person: &str) -> String {
        only_whom(&self.people, person, self.frame.l)
    }
}

/// The other people of the records, each once.
fn people(records: &[Access], me: &str) -> Vec<Access> {
    let mut found: Vec<Access> = Vec::new();
    for access in records {
        let Some(who) = &access.person else { continue };
        if who.id != me && !found.iter().any(|known| known.is_by(&who.id)) {
            found.push(access.clone());
        }
    }
    found
}

impl Screen for PatientAccess {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let after = visit.query.filled("after").map(str::to_owned);
        let filter = Filter::of(visit);
        let variables = patient_access_records::Variables {
            id: visit.id.clone(),
            by_others: Some(!filter.everybody),
            person_id: filter.person.clone(),
            first: Some(ROWS),
            after,
        };
        let answer = visit.ask::<Query>(variables).await?;
        let page = answer.map(|answer| page(visit, &answer, filter));
        visit.page(StatusCode::OK, page.transpose()?)
    }
}

fn page(
    visit: &Visit<'_>,
    answer: &Answer<patient_access_records::ResponseData>,
    filter: Filter,
) -> Result<askama::Result<String>, Failed> {
    let patient = answer.data.patient.as_ref().filter(|patient| patient.viewer_reads_access_records);
    let Some(patient) = patient else { return Err(Failed::NotAvailable) };
    let list = patient.access_records.as_ref();
    let records: Vec<Access> = list.into_iter().flat_map(|list| &list.nodes).map(Access::from).collect();
    let (me, time) = (visit.session.me.id.as_str(), visit.time());
    let threads = answer.data.threads.iter().flat_map(|list| &list.nodes).map(|thread| {
        let (id, opened) = (thread.id.clone(), time.moment(thread.created_at));
        (id.clone(), ThreadShown { id, subject: (&thread.subject).into(), opened, alike: None })
    });
    let around = Around { me, threads: threads.collect(), time };
    // The organization that keeps the record is called about it, if it has a telephone.
    let keeper = patient.organization.as_ref().filter(|at| at.phone.is_some());
    let help = &visit.arrival.site.help;
    let help = || Contact { name: help.name.clone(), phone: Some(help.telephone.clone()) };
    Ok(rendered(&Page {
        frame: visit.arrival.frame(Place::of_patient(&visit.session.me)),
        visit,
        patient: (&patient.subject).into(),
        contact: keeper.map_or_else(help, |at| Contact { name: at.name.clone(), phone: at.phone.clone() }),
        filter,
        days: days(&records, &around),
        people: people(&records, me),
        state: ListState::of(list.is_some(), answer.is_whole),
        is_newest: visit.query.filled("after").is_none(),
        next: list.and_then(|list| list.page_info.end_cursor.clone().filter(|_| list.page_info.has_next_page)),
    }))
}
