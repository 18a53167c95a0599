//! The list of a person's patients, in the order of their names, with a search.
//!
//! Names are sealed, so no table has their order: for one answer, the names and the dates of birth of all patients of the
//! list are opened, ordered and searched in memory, and then forgotten. The work grows with the number of patients of
//! this one reader, and is done once for an answer, however many pages and searches it asks for. That the program opens a
//! text to order it is no reading, since nobody is shown it; the access record of the answer names the patients that are
//! on the page, whose name and date of birth are shown. Every patient of the list is one whom the reader may read,
//! so that neither the order, nor a cursor, nor whether a search finds something tells more than that.
//!
//! A cursor names a patient and which of their names it was placed by. So a page goes on from the same place of the
//! order although the patient was renamed or has left the list since.

use std::cmp::Ordering;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use care::ids::{Id, PatientId};
use care::person_name;
use care::text::Text;
use policy::question::ThingFacts;
use policy::words::{Action, Read};
use zeroize::Zeroizing;

use crate::authorization::Subject;
use crate::fault::Fault;
use crate::name_order::NameOrder;
use crate::read_models::patients;
use crate::reader::listed::Listed;
use crate::reader::page::{Connection, Edge, Page, PageProblem, connection};
use crate::reader::{PatientView, Reader};
use crate::sealing::TextCell;
use crate::tokens::{Key, List};

/// The longest search, in characters: that of the longest name.
const SEARCH_CHARACTERS_MAX: usize = Text::LINE_CHARACTERS_MAX;

/// What is searched for: each of these is the beginning of a word of the name, or the date of birth.
struct Search(Vec<Term>);

struct Term {
    birth_date: Zeroizing<String>,
    words: Vec<Zeroizing<String>>,
}

impl Search {
    fn read(search: &str) -> Result<Self, PageProblem> {
        if search.chars().nth(SEARCH_CHARACTERS_MAX).is_some() {
            return Err(PageProblem::SearchTooLong);
        }
        let term = |term: &str| Term { birth_date: term.to_owned().into(), words: person_name::words(term) };
        Ok(Self(search.split_whitespace().map(term).collect()))
    }

    fn finds(&self, listed: &Listed) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let names = listed.name.as_ref().map(|name| person_name::words(name.as_str())).unwrap_or_default();
        let begins = |word: &Zeroizing<String>| names.iter().any(|name| name.starts_with(word.as_str()));
        self.0.iter().all(|term| {
            let is_born = || listed.birth_date.as_ref().is_some_and(|date| date.as_str() == term.birth_date.as_str());
            !term.words.is_empty() && term.words.iter().all(begins) || is_born()
        })
    }

    /// The list of what is found, to which cursors belong.
    fn list(&self) -> List {
        let terms: Vec<&str> = self.0.iter().map(|term| term.birth_date.as_str()).collect();
        let digest = digest(&SHA256, Zeroizing::new(terms.join(" ")).as_bytes());
        List::Patients(digest.as_ref().first_chunk().copied().unwrap_or_default())
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
        let search = match Search::read(search.unwrap_or_default()) {
            Ok(search) => search,
            Err(problem) => return Ok(Err(problem)),
        };
        let list = search.list();
        let bounds = match self.forward(list, page) {
            Ok(bounds) => bounds,
            Err(problem) => return Ok(Err(problem)),
        };
        let order = NameOrder::new()?;
        let listed = self.listed_patients(&order)?;
        let begin = match bounds.after {
            None => 0,
            Some(key) => match self.placed(key)? {
                Some(after) => listed.partition_point(|each| each.cmp(&after, &order) != Ordering::Greater),
                None => return Ok(Err(PageProblem::ForeignCursor)),
            },
        };
        let cursors = self.application.tokens().cursors(list, self.person());
        let found = listed.iter().skip(begin).filter(|each| search.finds(each));
        let rows = found.take(bounds.rows_max.saturating_add(1));
        let edges = rows.map(|each| Edge { node: each.patient, cursor: cursors.at(each.key()) }).collect();
        let Connection { edges, has_next, has_previous } = connection(edges, bounds);
        let mut shown = Vec::with_capacity(edges.len());
        for Edge { node, cursor } in edges {
            shown.extend(self.patient(node)?.map(|node| Edge { node, cursor }));
        }
        Ok(Ok(Connection { edges: shown, has_next, has_previous }))
    }

    /// All patients of the list, in its order.
    fn listed_patients(&self, order: &NameOrder) -> Result<Arc<Vec<Listed>>, Fault> {
        if let Some(listed) = super::locked(&self.listed).clone() {
            return Ok(listed);
        }
        let rows = patients::patients_of(&*self.snapshot()?, self.person())?;
        let mut listed = Vec::with_capacity(rows.len());
        for row in rows {
            let subject = Subject::Patient(row.patient);
            let held = self.agreed(&subject, self.held(&subject))?;
            if self.decide(Action::Read(Read::PatientRead), &ThingFacts::unlabelled(&held)).is_none() {
                continue;
            }
            let (name, birth_date) = (self.opened(row.name)?, self.opened(row.birth_date)?);
            listed.push(Listed { patient: row.patient, details: row.details, name, birth_date });
        }
        listed.sort_by(|one, other| one.cmp(other, order));
        let listed = Arc::new(listed);
        *super::locked(&self.listed) = Some(Arc::clone(&listed));
        Ok(listed)
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
