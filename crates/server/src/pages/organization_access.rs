//! The access records of an organization, for its privacy officers and auditors: what is marked for review, or all that
//! concerns a patient or a conversation or was done by a person. To be read on a screen or on paper.

use askama::Template;
use poem::http::StatusCode;

use super::access_rows::{Access, only_whom};
use super::controls::Control;
use super::forms::Fields;
use super::frame::{Frame, Place};
use super::lists::ListState;
use super::queries::{OrganizationAccessRecords as Query, organization_access_records};
use super::site::{Failed, Screen, Visit, rendered};
use crate::response::Response;

/// The screen `/organizations/{id}/access`.
pub(crate) struct OrganizationAccess;

#[derive(Template)]
#[template(path = "organization_access.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    /// The id and the name of the organization.
    id: String,
    name: String,
    filter: Filter,
    rows: Vec<Access>,
    state: ListState,
    /// Whether this page begins with the newest.
    is_newest: bool,
    /// The cursor of the next page.
    next: Option<String>,
}

/// Which records are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Filter {
    /// Only what is marked for review.
    for_review: bool,
    /// Only what concerns this patient.
    patient: Option<String>,
    /// Only what this person did.
    person: Option<String>,
    /// Only what concerns this thread.
    thread: Option<String>,
}

/// The rows of a page.
const ROWS: i64 = 50;

impl Filter {
    /// What an address asks for. Of one patient, person or thread it is everything, unless it says otherwise.
    fn of(query: &Fields) -> Self {
        let word = |name| query.filled(name).map(|word| word.trim().to_owned());
        let (patient, person, thread) = (word("patient"), word("person"), word("thread"));
        let for_review = match query.get("show") {
            "all" => false,
            "review" => true,
            _ => patient.is_none() && person.is_none() && thread.is_none(),
        };
        Self { for_review, patient, person, thread }
    }

    /// Its address, or that of the records after a cursor.
    fn address(&self, organization: &str, after: Option<&str>) -> String {
        let show = if self.for_review { "review" } else { "all" };
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("show", show);
        let (patient, person) = (self.patient.as_deref(), self.person.as_deref());
        let thread = self.thread.as_deref();
        for (name, value) in [("patient", patient), ("person", person), ("thread", thread), ("after", after)] {
            query.extend_pairs(value.map(|value| (name, value)));
        }
        format!("/organizations/{organization}/access?{}#list", query.finish())
    }
}

impl Page<'_> {
    fn control(&self) -> Control {
        let l = self.frame.l;
        let fields = Fields::default().with("patient", self.filter.patient.clone().unwrap_or_default());
        Control::line("patient", l.access_patient_id(), &fields).hint(l.access_patient_hint())
    }

    /// The same list, only what is marked or everything.
    fn shown(&self, for_review: bool) -> String {
        Filter { for_review, ..self.filter.clone() }.address(&self.id, None)
    }

    /// Everything that concerns a patient.
    fn only_patient(&self, patient: &str) -> String {
        let patient = Some(patient.to_owned());
        Filter { for_review: false, patient, ..self.filter.clone() }.address(&self.id, None)
    }

    fn all_patients(&self) -> String {
        Filter { patient: None, ..self.filter.clone() }.address(&self.id, None)
    }

    /// Everything that a person did.
    fn only_person(&self, person: &str) -> String {
        let person = Some(person.to_owned());
        Filter { for_review: false, person, ..self.filter.clone() }.address(&self.id, None)
    }

    fn all_people(&self) -> String {
        Filter { person: None, ..self.filter.clone() }.address(&self.id, None)
    }

    /// Everything that concerns a thread.
    fn only_thread(&self, thread: &str) -> String {
        let thread = Some(thread.to_owned());
        Filter { for_review: false, thread, ..self.filter.clone() }.address(&self.id, None)
    }

    fn all_threads(&self) -> String {
        Filter { thread: None, ..self.filter.clone() }.address(&self.id, None)
    }

    /// Whether the reader may know of the directives of the patients whose records are kept here.
    fn has_directives(&self) -> bool {
        self.frame.with_overseen_directives().iter().any(|at| at.id == self.id)
    }

    fn newest(&self) -> String {
        self.filter.address(&self.id, None)
    }

    fn older(&self, after: &str) -> String {
        self.filter.address(&self.id, Some(after))
    }

    /// What the filter for one person says.
    fn only_whom(&self, person: &str) -> String {
        only_whom(&self.rows, person, self.frame.l)
    }
}

impl Screen for OrganizationAccess {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let after = visit.query.filled("after").map(str::to_owned);
        let filter = Filter::of(&visit.query);
        let is_newest = after.is_none();
        let variables = organization_access_records::Variables {
            id: visit.id.clone(),
            for_review: Some(filter.for_review),
            patient_id: filter.patient.clone(),
            person_id: filter.person.clone(),
            thread_id: filter.thread.clone(),
            first: Some(ROWS),
            after,
        };
        let answer = visit.ask::<Query>(variables).await?;
        let page = answer.map(|answer| {
            let at = answer.data.organization.as_ref().filter(|at| at.viewer_reads_access_records);
            let Some(at) = at else { return Err(Failed::NotAvailable) };
            let list = at.access_records.as_ref();
            Ok(rendered(&Page {
                frame: visit.arrival.frame(Place::Access),
                visit,
                id: at.id.clone(),
                name: at.name.clone(),
                filter,
                rows: list.into_iter().flat_map(|list| &list.nodes).map(Access::from).collect(),
                state: ListState::of(list.is_some(), answer.is_whole),
                is_newest,
                next: list.and_then(|list| list.page_info.end_cursor.clone().filter(|_| list.page_info.has_next_page)),
            }))
        });
        visit.page(StatusCode::OK, page.transpose()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_one_patient_person_or_thread_all_is_shown_and_else_what_is_marked() {
        for (query, for_review) in [
            ("", true),
            ("show=all", false),
            ("patient=p", false),
            ("person=q", false),
            ("thread=t", false),
            ("patient=p&person=q&thread=t", false),
            ("patient=p&show=review", true),
        ] {
            let filter = Filter::of(&Fields::parse(query.as_bytes()));
            assert_eq!(filter.for_review, for_review, "{query}");
            let address = filter.address("o", Some("a+b"));
            let again = address.split_once('?').unwrap().1.trim_end_matches("#list");
            let fields = Fields::parse(again.as_bytes());
            assert_eq!((Filter::of(&fields), fields.get("after")), (filter, "a+b"), "{query}");
        }
        assert_eq!(Filter::of(&Fields::parse(b"patient=+p+")).patient.as_deref(), Some("p"));
    }
}
