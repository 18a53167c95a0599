//! Lists of patients, in the order of their names, with a search: a person's patients, and the records of an organization,
//! which some list and others only look up.
//!
//! Names are sealed, so no table has their order: for one answer, the names and the dates of birth of all patients of the
//! list are opened, ordered and searched in memory, and then forgotten. The work grows with the number of patients of
//! this one reader or of the organization, and is done once for an answer, however many pages and searches it asks for. That the program opens a
//! text to order it is no reading, since nobody is shown it; the access record of the answer names the patients that are
//! on the page, whose name and date of birth are shown. Every patient of the list is one whom the reader may read,
//! so that neither the order, nor a cursor, nor whether a search finds something tells more than that.
//!
//! A cursor names a patient and which of their names it was placed by. So a page goes on from the same place of the
//! order although the patient was renamed or has left the list since.

use std::cmp::Ordering;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use care::ids::{Id, OrganizationId, PatientId};
use care::person_name;
use care::text::Text;
use policy::question::ThingFacts;
use policy::visible::Visible;
use policy::words::{Action, Read};
use zeroize::Zeroizing;

use crate::authorization::Subject;
use crate::fault::Fault;
use crate::lock::locked;
use crate::name_order::NameOrder;
use crate::read_models::organizations::OrganizationRow;
use crate::read_models::patients;
use crate::reader::listed::{Listed, Scope};
use crate::reader::page::{Connection, Edge, Page, PageProblem, connection};
use crate::reader::{PatientView, Reader};
use crate::sealing::TextCell;
use crate::sha256::{bytes_of, first};
use crate::tokens::{Key, List};

/// Of a search that looks a record up, one word has at least so many characters: it asks about somebody, and lists nobody
/// else's records.
const LOOK_UP_CHARACTERS_MIN: usize = 3;
/// The longest search, in characters: that of the longest name.
const SEARCH_CHARACTERS_MAX: usize = Text::LINE_CHARACTERS_MAX;

/// What is searched for: each of these is the beginning of a word of the name, or the date of birth.
pub(super) struct Search(Vec<Term>);

struct Term {
    birth_date: Zeroizing<String>,
    words: Vec<Zeroizing<String>>,
}

impl Search {
    pub(super) fn read(search: Option<&str>) -> Result<Self, PageProblem> {
        let search = search.unwrap_or_default();
        if search.chars().nth(SEARCH_CHARACTERS_MAX).is_some() {
            return Err(PageProblem::SearchTooLong);
        }
        let term = |term: &str| Term { birth_date: term.to_owned().into(), words: person_name::words(term) };
        Ok(Self(search.split_whitespace().map(term).collect()))
    }

    pub(super) fn finds(&self, name: Option<&Text>, birth_date: Option<&Text>) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let names = name.map(|name| person_name::words(name.as_str())).unwrap_or_default();
        let begins = |word: &Zeroizing<String>| names.iter().any(|name| name.starts_with(word.as_str()));
        self.0.iter().all(|term| {
            let is_born = || birth_date.is_some_and(|date| date.as_str() == term.birth_date.as_str());
            !term.words.is_empty() && term.words.iter().all(begins) || is_born()
        })
    }

    /// Whether it asks about somebody, as who may look a record up and not list all of them has to.
    fn looks_up(&self) -> bool {
        let is_long = |word: &Zeroizing<String>| word.chars().count() >= LOOK_UP_CHARACTERS_MIN;
        self.0.iter().any(|term| term.words.iter().any(is_long))
    }

    /// The list of what is found, to which cursors belong.
    fn list(&self, scope: Scope) -> List {
        let terms: Vec<&str> = self.0.iter().map(|term| term.birth_date.as_str()).collect();
        let terms = Zeroizing::new(terms.join(" "));
        let digest = |of: &[u8]| first(bytes_of(&digest(&SHA256, of)));
        match scope {
            Scope::Mine => List::Patients(digest(terms.as_bytes())),
            Scope::KeptBy(organization) => {
                let of = Zeroizing::new([organization.uuid().as_bytes(), terms.as_bytes()].concat());
                List::Records(digest(&of))
            }
        }
    }
}

impl Reader {
    /// The patients whom the reader cares for, and themselves if they are one, by name, then date of birth, then id; with
    /// a search, those whom it finds.
    ///
    /// # Errors
    /// [`PageProblem`] for a page or a search that cannot be; [`Fault`] if this node fails.
    pub fn patients(
        &self,
        page: &Page,
        search: Option<&str>,
    ) -> Result<Result<Connection<PatientView>, PageProblem>, Fault> {
        self.patient_page(Scope::Mine, page, search)
    }

    /// The patients whose record an organization keeps, in the same order and with the same search; none if the reader may
    /// not list them. Who may read each of them and not list them all finds those whom a search looks up.
    ///
    /// # Errors
    /// [`PageProblem`] for a page or a search that cannot be; [`Fault`] if this node fails.
    pub fn records(
        &self,
        organization: &Visible<OrganizationRow>,
        page: &Page,
        search: Option<&str>,
    ) -> Result<Result<Connection<PatientView>, PageProblem>, Fault> {
        self.patient_page(Scope::KeptBy(organization.organization), page, search)
    }

    /// Whether [`Self::records`] has every record of an organization for the reader.
    #[must_use]
    pub fn lists_records(&self, organization: &Visible<OrganizationRow>) -> bool {
        self.at(organization.organization, Action::Read(Read::PatientList)).is_some()
    }

    /// Whether [`Self::records`] finds records of an organization for the reader, with a search that looks one up.
    #[must_use]
    pub fn looks_up_records(&self, organization: &Visible<OrganizationRow>) -> bool {
        self.at(organization.organization, Action::Read(Read::PatientRead)).is_some()
    }

    fn patient_page(
        &self,
        scope: Scope,
        page: &Page,
        search: Option<&str>,
    ) -> Result<Result<Connection<PatientView>, PageProblem>, Fault> {
        let search = match Search::read(search) {
            Ok(search) => search,
            Err(problem) => return Ok(Err(problem)),
        };
        let list = search.list(scope);
        let bounds = match self.forward(list, page) {
            Ok(bounds) => bounds,
            Err(problem) => return Ok(Err(problem)),
        };
        let order = NameOrder::new()?;
        let listed = match scope {
            Scope::KeptBy(organization) if !self.lists(organization, search.looks_up())? => Arc::default(),
            Scope::KeptBy(_) | Scope::Mine => self.listed_patients(scope, &order)?,
        };
        let begin = match bounds.after {
            None => 0,
            Some(key) => match self.placed(key)? {
                Some(after) => listed.partition_point(|each| each.cmp(&after, &order) != Ordering::Greater),
                None => return Ok(Err(PageProblem::ForeignCursor)),
            },
        };
        let cursors = self.application.tokens().cursors(list, self.person());
        let found = listed.iter().skip(begin).filter(|each| search.finds(each.name.as_ref(), each.birth_date.as_ref()));
        let rows = found.take(bounds.rows_max.saturating_add(1));
        let edges = rows.map(|each| Edge { node: each.patient, cursor: cursors.at(each.key()) }).collect();
        let Connection { edges, has_next, has_previous, given_up_at } = connection(edges, bounds);
        let mut shown = Vec::with_capacity(edges.len());
        for Edge { node, cursor } in edges {
            shown.extend(self.patient(node)?.map(|node| Edge { node, cursor }));
        }
        Ok(Ok(Connection { edges: shown, has_next, has_previous, given_up_at }))
    }

    /// All patients of the list, in its order.
    fn listed_patients(&self, scope: Scope, order: &NameOrder) -> Result<Arc<Vec<Listed>>, Fault> {
        if let Some(listed) = locked(&self.listed).get(&scope) {
            return Ok(Arc::clone(listed));
        }
        let read = || match scope {
            Scope::Mine => patients::patients_of(&*self.snapshot()?, self.person()),
            Scope::KeptBy(organization) => patients::kept_by(&*self.snapshot()?, organization),
        };
        let rows = self.uncounted(read)?.found;
        let mut listed = Vec::with_capacity(rows.len());
        for row in rows {
            let subject = Subject::Patient(row.patient);
            listed.extend(self.counted_if_shown(|| {
                let held = self.agreed(&subject, self.held(&subject))?;
                if self.decide(Action::Read(Read::PatientRead), &ThingFacts::unlabelled(&held)).is_none() {
                    return Ok(None);
                }
                let (name, birth_date) = (self.opened(row.name)?, self.opened(row.birth_date)?);
                Ok(Some(Listed { patient: row.patient, details: row.details, name, birth_date }))
            })?);
        }
        listed.sort_by(|one, other| one.cmp(other, order));
        let listed = Arc::new(listed);
        locked(&self.listed).insert(scope, Arc::clone(&listed));
        Ok(listed)
    }

    /// Whether the reader lists the records of an organization; with a search that looks somebody up, also whether they may
    /// read each of them.
    fn lists(&self, organization: OrganizationId, looks_up: bool) -> Result<bool, Fault> {
        let subject = Subject::Organization(organization);
        let held = self.agreed(&subject, self.held(&subject))?;
        let may = |read| self.decide(Action::Read(read), &ThingFacts::unlabelled(&held)).is_some();
        Ok(may(Read::PatientList) || looks_up && may(Read::PatientRead))
    }

    /// What stood at the place of a cursor when it was given out; none if it can no longer be told.
    fn placed(&self, Key { number, id }: Key) -> Result<Option<Listed>, Fault> {
        let patient = PatientId::from_uuid(id);
        let details = if number < 0 { -1_i64.saturating_sub(number) } else { number };
        let Some(stored) = patients::details(&*self.snapshot()?, patient, details)? else { return Ok(None) };
        let (name, birth_date) = (self.opened(stored.name)?, self.opened(stored.birth_date)?);
        let placed = Listed { patient, details, name, birth_date };
        Ok(Some(placed).filter(|placed| placed.key().number == number))
    }

    /// A text that is opened to be compared, and shown to nobody.
    fn opened(&self, mut cell: TextCell) -> Result<Option<Text>, Fault> {
        cell.open(self.application.vault())?;
        match cell {
            TextCell::Open(text) => Ok(Some(text)),
            TextCell::Sealed(_) | TextCell::Withheld | TextCell::Erased => Ok(None),
        }
    }
}
