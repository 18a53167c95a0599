//! Lists and their pages: the inbox, the worklists, the threads about a patient, those of an organization, and what a page
//! of any list is.
//!
//! Pages are keyset pages: a row that did not move is shown exactly once. A page that cannot be is a problem, never a
//! silent clamp.
//!
//! An answer does not depend on the rows that its reader may not see: they take no place on a page and give no cursor, and no
//! limit of rows counts them. Memory says that a thread is not the reader's to find, so each of them costs its place in an
//! index and a question to the policy, and no row of it is read. The work has two bounds: the time of the answer, and 25,000
//! places in a row that are not to be shown. Behind those a page ends early, with the place to read on from, so that the
//! list can be read to its end. Both bounds and the time itself tell a little: who measures how long an answer takes, or
//! meets such a bound, learns roughly how many hidden rows it looked at. Nothing evens that out.

use care::ids::{Id, OrganizationId, ThreadId};
use care::lifecycle::ThreadKind;
use care::words::Role;
use policy::question::ThingFacts;
use policy::reach::HeldStanding;
use policy::visible::Visible;
use policy::words::{Action, Read, Standing};

use crate::authorization::Subject;
use crate::fault::Fault;
use crate::read_models::counter::Counter;
use crate::read_models::inbox;
use crate::read_models::organizations::OrganizationRow;
use crate::read_models::thread_lists::{self, Concern};
use crate::read_models::worklist::{self, Worklist, WorklistCriterion};
use crate::reader::filled::Batch;
use crate::reader::page::{Bounds, Connection, Direction, PAGE_DEFAULT, PAGE_MAX, Page, PageProblem};
use crate::reader::thread::{Findable, ListRestsOn};
use crate::reader::{PatientView, Reader, ThreadView};
use crate::tokens::{Key, List};

/// Which threads of an inbox are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InboxFilter {
    /// Those that the reader has not put away, and those in which something new arrived since.
    Current,
    /// Those that the reader has put away.
    PutAway,
    /// Those in which the reader has written.
    SentByMe,
}

impl Reader {
    /// Reads a client's page.
    pub(super) fn bounds(&self, list: List, page: &Page) -> Result<Bounds, PageProblem> {
        let (direction, rows) = match (page.first, page.last) {
            (Some(_), Some(_)) => return Err(PageProblem::BothEnds),
            (Some(rows), None) => (Direction::First, Some(rows)),
            (None, Some(rows)) => (Direction::Last, Some(rows)),
            (None, None) => (Direction::First, None),
        };
        let rows_max = match rows {
            None => PAGE_DEFAULT,
            Some(rows) => usize::try_from(rows)
                .ok()
                .filter(|rows| (1..=PAGE_MAX).contains(rows))
                .ok_or(PageProblem::RowsOutOfRange)?,
        };
        let key = |cursor: &Option<String>| match cursor {
            None => Ok(None),
            Some(token) => {
                let key = self.application.tokens().read_cursor(list, self.person(), token);
                key.map(Some).ok_or(PageProblem::ForeignCursor)
            }
        };
        Ok(Bounds {
            after: key(&page.after)?,
            before: key(&page.before)?,
            from_end: direction == Direction::Last,
            rows_max,
        })
    }

    /// Reads a client's page of a list that is read from its start only.
    pub(super) fn forward(&self, list: List, page: &Page) -> Result<Bounds, PageProblem> {
        if page.last.is_some() || page.before.is_some() {
            return Err(PageProblem::ForwardOnly);
        }
        self.bounds(list, page)
    }

    /// The threads that the reader has a place in, by the newest activity that they may know of; or those in which they
    /// have written, by their newest message.
    ///
    /// # Errors
    /// [`PageProblem`] for a page that cannot be; [`Fault`] if this node fails.
    pub fn inbox(
        &self,
        filter: InboxFilter,
        page: &Page,
    ) -> Result<Result<Connection<ThreadView>, PageProblem>, Fault> {
        match filter {
            InboxFilter::Current => self.places(List::Inbox, page, false),
            InboxFilter::PutAway => self.places(List::PutAway, page, true),
            InboxFilter::SentByMe => self.thread_page(
                List::Sent,
                page,
                |_, _| Ok(true),
                |after, rows_max| {
                    let keys = inbox::sent(&*self.snapshot()?, self.person(), after, rows_max)?;
                    Ok(Batch::of(keys, rows_max))
                },
            ),
        }
    }

    /// The threads that the reader has a place in: those that they put away, or the others.
    fn places(
        &self,
        list: List,
        page: &Page,
        put_away: bool,
    ) -> Result<Result<Connection<ThreadView>, PageProblem>, Fault> {
        // Which activity places a row is the policy's to say, row by row. So the orders of all
        // audiences are read side by side, and each row is taken from the one that is its own: what is
        // written to an audience cannot be noticed by others even in the order of a list.
        let counters = if self.held(&Subject::Installation).is_empty() {
            Counter::all_for_lay(self.person()).to_vec()
        } else {
            Counter::all_for(self.person()).to_vec()
        };
        self.thread_page(
            list,
            page,
            |found, key| Ok(found.inbox_key() == *key && self.is_away(found)? == put_away),
            |after, rows_max| {
                let found = inbox::entries(&*self.snapshot()?, self.person(), &counters, after, rows_max)?;
                Ok(Batch { rows: found.keys, next: found.next })
            },
        )
    }

    /// A worklist, by due date.
    ///
    /// # Errors
    /// [`PageProblem`] for a page that cannot be; [`Fault`] if this node fails.
    pub fn worklist(&self, list: Worklist, page: &Page) -> Result<Result<Connection<ThreadView>, PageProblem>, Fault> {
        let criteria = self.criteria(list);
        self.thread_page(
            List::Worklist(list.index()),
            page,
            // Who is outside of a thread knows their turn alone: the other lists tell who owns and opened it.
            |found, _| Ok(found.is_work() && (list == Worklist::Mine || !found.is_outside())),
            |after, rows_max| {
                let keys = worklist::worklist(&*self.snapshot()?, &criteria, after, rows_max)?;
                Ok(Batch::of(keys, rows_max))
            },
        )
    }

    /// The criteria of the reader's worklist; none if the reader may not see worklists.
    pub(super) fn criteria(&self, list: Worklist) -> Vec<WorklistCriterion> {
        worklist::criteria(&self.application.projector().authorization(), &self.viewer, list, self.now)
    }

    /// The threads about a patient, open and closed, the newest first: those that the reader may find, and of which they
    /// may know whom they are about.
    ///
    /// # Errors
    /// [`PageProblem`] for a page that cannot be; [`Fault`] if this node fails.
    pub fn threads_about(
        &self,
        patient: &PatientView,
        page: &Page,
    ) -> Result<Result<Connection<ThreadView>, PageProblem>, Fault> {
        self.thread_page(
            List::ThreadsAbout(patient.patient),
            page,
            |found, _| Ok(self.names_patient(found)),
            |after, rows_max| {
                let keys = thread_lists::about(&*self.snapshot()?, patient.patient, after, rows_max)?;
                Ok(Batch::of(keys, rows_max))
            },
        )
    }

    /// The threads of an organization that the reader may find by working there, open and closed, the one with the newest
    /// transition first: those that it asks and those that it answers. None for who works elsewhere. What a person finds
    /// from outside a thread is in their inbox or worklist alone, since this list tells where it belongs.
    ///
    /// # Errors
    /// [`PageProblem`] for a page that cannot be; [`Fault`] if this node fails.
    pub fn threads_of(
        &self,
        organization: &Visible<OrganizationRow>,
        page: &Page,
    ) -> Result<Result<Connection<ThreadView>, PageProblem>, Fault> {
        let concerns = self.concerns(organization.organization);
        self.thread_page(
            List::ThreadsOf(organization.organization),
            page,
            |found, _| Ok(found.is_work() && !found.is_outside()),
            |after, rows_max| {
                let keys = thread_lists::concerning(&*self.snapshot()?, &concerns, after, rows_max)?;
                Ok(Batch::of(keys, rows_max))
            },
        )
    }

    /// Whether the list of an organization's threads can have rows for the reader.
    #[must_use]
    pub fn lists_threads(&self, organization: &Visible<OrganizationRow>) -> bool {
        !self.concerns(organization.organization).is_empty()
    }

    /// Where the reader's threads of an organization are looked for: what is theirs by name, their pools, and all that the
    /// organization asks or answers if the policy lets a role that they have there find threads by that. It permits nothing,
    /// and spares the reading of rows that the reader cannot find.
    fn concerns(&self, at: OrganizationId) -> Vec<Concern> {
        let roles: Vec<Role> =
            self.my_roles().into_iter().filter(|(organization, _)| *organization == at).map(|(_, role)| role).collect();
        let finds = |standing| roles.iter().any(|role| self.finds_as(standing, *role));
        let person = self.person();
        let mut concerns = Vec::new();
        if finds(Standing::RequestingOrganization) {
            concerns.push(Concern::AskedBy(at));
        } else if finds(Standing::Requester) {
            concerns.push(Concern::RequestedBy { person, at });
        }
        if finds(Standing::ReceivingOrganization) {
            concerns.push(Concern::AnsweredBy(at));
        } else if finds(Standing::Assignee) {
            concerns.push(Concern::OwnedBy { person, at });
        }
        if finds(Standing::PoolMember) || finds(Standing::OwnersPool) {
            let state = self.application.projector().authorization();
            let here = state.pools_of(person, self.now).into_iter().filter(|pool| state.home(*pool) == Some(at));
            concerns.extend(here.map(Concern::OfPool));
        }
        concerns
    }

    /// Whether the policy lets a standing with a role find a thread of any kind, as far as no label is against it.
    fn finds_as(&self, standing: Standing, role: Role) -> bool {
        let held = [HeldStanding::full(standing, role)];
        let facts = ThingFacts { released: true, ..ThingFacts::unlabelled(&held) };
        let finds = |kind: &ThreadKind| {
            self.decide(Action::Read(Read::ThreadFind), &ThingFacts { kind: Some(*kind), ..facts }).is_some()
        };
        ThreadKind::ALL.iter().any(finds)
    }

    /// A page of threads that the reader may find. `belongs` says whether a thread stands in the list at this key for this
    /// reader.
    fn thread_page(
        &self,
        list: List,
        page: &Page,
        belongs: impl Fn(&Findable, &Key) -> Result<bool, Fault>,
        read: impl Fn(Option<Key>, usize) -> Result<Batch<Key>, Fault>,
    ) -> Result<Result<Connection<ThreadView>, PageProblem>, Fault> {
        let bounds = match self.forward(list, page) {
            Ok(bounds) => bounds,
            Err(problem) => return Ok(Err(problem)),
        };
        let rests_on_fact = matches!(list, List::ThreadsAbout(_) | List::ThreadsOf(_));
        let rests_on = if rests_on_fact { ListRestsOn::Fact } else { ListRestsOn::Standing };
        let see = |key: Key| -> Result<_, Fault> {
            let found = self.listed(ThreadId::from_uuid(key.id), rests_on)?;
            let is_here = found.as_ref().map_or(Ok(false), |node| belongs(node, &key))?;
            Ok(found.filter(|_| is_here))
        };
        self.filled(list, bounds, read, see)?.opened(|found| self.shown(found)).map(Ok)
    }
}
