//! Lists and their pages: the inbox, the worklists, and what a page of any list is.
//!
//! Pages are keyset pages: a row that did not move is shown exactly once. What may not be seen is
//! filtered before counting, and a page that cannot be is a problem, never a silent clamp.

use crate::fault::Fault;
use crate::read_models::inbox::{self, InboxOrder};
use crate::read_models::thread::ThreadRow;
use crate::read_models::worklist::{self, WorklistCriterion};
use crate::reader::{Reader, ThreadView};
use crate::tokens::{CursorToken, Key, List};

use policy::words::{Action, Read, Standing};

/// Rows of a page when the client asks for none.
pub const PAGE_DEFAULT: usize = 20;
/// Most rows of a page.
pub const PAGE_MAX: usize = 100;
/// Queries that one page may take when rows fall out: those of the other order, and those that
/// the authorization state, ahead of the read models, does not permit any more.
const REFILLS_MAX: usize = 100;

/// From which end a page is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `first`, after a cursor.
    First,
    /// `last`, before a cursor.
    Last,
}

/// A page as a client asks for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Rows from the start.
    pub first: Option<i32>,
    /// After this cursor.
    pub after: Option<String>,
    /// Rows from the end.
    pub last: Option<i32>,
    /// Before this cursor.
    pub before: Option<String>,
}

/// What is wrong with a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageProblem {
    /// It is counted from both ends.
    #[error("a page is counted by first or by last, not both")]
    BothEnds,
    /// It asks for too few or too many rows.
    #[error("a page has 1 to 100 rows")]
    RowsOutOfRange,
    /// A cursor is of another list, filter or reader.
    #[error("the cursor is not one of this list")]
    ForeignCursor,
    /// The list is read from its start only.
    #[error("this list is read from its start")]
    ForwardOnly,
}

/// A page, read from a client's words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub after: Option<Key>,
    pub before: Option<Key>,
    pub from_end: bool,
    pub rows_max: usize,
}

/// A row of a page with its cursor.
#[derive(Debug)]
pub struct Edge<T> {
    /// The row.
    pub node: T,
    /// Its place.
    pub cursor: CursorToken,
}

/// A page of a list.
#[derive(Debug)]
pub struct Connection<T> {
    /// The rows, in the list's order.
    pub edges: Vec<Edge<T>>,
    /// Whether rows follow.
    pub has_next: bool,
    /// Whether rows come before.
    pub has_previous: bool,
}

/// Makes a page of rows that were read in the bounds' direction, one more than fit if there are more.
pub(super) fn connection<T>(mut edges: Vec<Edge<T>>, bounds: Bounds) -> Connection<T> {
    let more = edges.len() > bounds.rows_max;
    edges.truncate(bounds.rows_max);
    if bounds.from_end {
        edges.reverse();
        Connection { edges, has_next: bounds.before.is_some(), has_previous: more }
    } else {
        Connection { edges, has_next: more, has_previous: bounds.after.is_some() }
    }
}

impl<T> Connection<T> {
    /// Opens the rows that are on the page, and only those.
    pub(super) fn opened<U>(self, mut open: impl FnMut(T) -> Result<U, Fault>) -> Result<Connection<U>, Fault> {
        let Self { edges, has_next, has_previous } = self;
        let edges = edges.into_iter().map(|Edge { node, cursor }| Ok(Edge { node: open(node)?, cursor }));
        Ok(Connection { edges: edges.collect::<Result<_, Fault>>()?, has_next, has_previous })
    }
}

/// The worklists of consultations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worklist {
    /// What I have to act on next.
    Mine,
    /// What lies unclaimed in my pools.
    MyPools,
    /// What I or those whom I coordinate for wait for.
    Waiting,
}

/// Rows as a list gives them, in its order.
struct Batch {
    /// Each with its key, and the order that it was found by, where a list has two.
    rows: Vec<(Key, ThreadRow, Option<InboxOrder>)>,
    /// Where to read on; nothing when the list ends here.
    next: Option<Key>,
}

impl Worklist {
    fn index(self) -> u8 {
        match self {
            Self::Mine => 0,
            Self::MyPools => 1,
            Self::Waiting => 2,
        }
    }
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

    /// The threads that the reader has a place in, by the newest activity that they may know of.
    ///
    /// # Errors
    /// [`PageProblem`] for a page that cannot be; [`Fault`] if this node fails.
    pub fn inbox(&self, page: &Page) -> Result<Result<Connection<ThreadView>, PageProblem>, Fault> {
        // Which activity places a row is the policy's to say, row by row. So both orders are read
        // side by side, and each row is taken from the one that is its own: what is written to
        // the clinical team cannot be noticed by others even in the order of a list.
        let orders: &[InboxOrder] = if self.installation_standing().is_empty() {
            // Who works nowhere is on no clinical team.
            &[InboxOrder::Everyone]
        } else {
            &[InboxOrder::Everyone, InboxOrder::Any]
        };
        self.filled(List::Inbox, page, |after, rows_max| {
            let mut batch = Batch { rows: Vec::new(), next: None };
            for order in orders {
                let rows = inbox::inbox(&*self.snapshot()?, self.person(), *order, after, rows_max)?;
                if rows.len() == rows_max {
                    // Nothing is known of this order beyond its last row.
                    let last = rows.last().map(|row| inbox::key(row, *order));
                    batch.next = batch.next.into_iter().chain(last).min_by_key(inbox::place);
                }
                batch.rows.extend(rows.into_iter().map(|row| (inbox::key(&row, *order), row, Some(*order))));
            }
            batch.rows.sort_unstable_by_key(|(key, ..)| inbox::place(key));
            if let Some(next) = &batch.next {
                batch.rows.retain(|(key, ..)| inbox::place(key) <= inbox::place(next));
            }
            Ok(batch)
        })
    }

    /// A worklist, by due date.
    ///
    /// # Errors
    /// [`PageProblem`] for a page that cannot be; [`Fault`] if this node fails.
    pub fn worklist(&self, list: Worklist, page: &Page) -> Result<Result<Connection<ThreadView>, PageProblem>, Fault> {
        let criteria = self.criteria(list)?;
        self.filled(List::Worklist(list.index()), page, |after, rows_max| {
            let rows = worklist::worklist(&*self.snapshot()?, &criteria, after, rows_max)?;
            let next = rows.last().filter(|_| rows.len() == rows_max).map(worklist::key);
            Ok(Batch { rows: rows.into_iter().map(|row| (worklist::key(&row), row, None)).collect(), next })
        })
    }

    /// On which grounds rows stand in the reader's list; none for who may see no worklists.
    fn criteria(&self, list: Worklist) -> Result<Vec<WorklistCriterion>, Fault> {
        if self
            .decide(
                Action::Read(Read::WorklistRead),
                &policy::question::ThingFacts::unlabelled(&self.organization_standing()),
            )
            .is_none()
        {
            return Ok(Vec::new());
        }
        let (me, now) = (self.person(), self.now.timestamp_micros());
        let snapshot = self.snapshot()?;
        Ok(match list {
            Worklist::Mine => vec![WorklistCriterion::ToAnswer(me), WorklistCriterion::ToFinish(me)],
            Worklist::MyPools => {
                worklist::pools_of(&snapshot, me, now)?.into_iter().map(WorklistCriterion::Unclaimed).collect()
            }
            Worklist::Waiting => {
                let coordinated = worklist::coordinated_by(&snapshot, me, now)?;
                let mut criteria = vec![WorklistCriterion::Asked(me), WorklistCriterion::Answered(me)];
                criteria.extend(coordinated.into_iter().map(WorklistCriterion::AskedByOrganization));
                criteria
            }
        })
    }

    /// Fills a page with rows that the reader may find, asking again for those that fell out.
    fn filled(
        &self,
        list: List,
        page: &Page,
        read: impl Fn(Option<Key>, usize) -> Result<Batch, Fault>,
    ) -> Result<Result<Connection<ThreadView>, PageProblem>, Fault> {
        let bounds = match self.forward(list, page) {
            Ok(bounds) => bounds,
            Err(problem) => return Ok(Err(problem)),
        };
        let wanted = bounds.rows_max.saturating_add(1);
        let mut edges = Vec::with_capacity(wanted);
        let mut after = bounds.after;
        let mut unread = true;
        for _ in 0..REFILLS_MAX {
            let Batch { rows, next } = read(after, wanted)?;
            for (key, row, order) in rows {
                if edges.len() >= wanted {
                    break;
                }
                if let Some(node) = self.listed(row)
                    && order.is_none_or(|order| order == node.order())
                {
                    edges.push(Edge { node, cursor: self.application.tokens().cursor(list, self.person(), key)? });
                }
            }
            unread = next.is_some();
            if !unread || edges.len() >= wanted {
                break;
            }
            after = next;
        }
        let mut page = connection(edges, bounds);
        // A page that was given up on says that there is more, and is read on from its last row.
        page.has_next |= unread;
        page.opened(|found| self.shown(found)).map(Ok)
    }

    fn installation_standing(&self) -> Vec<policy::reach::HeldStanding> {
        let authorization = self.application.projector().authorization();
        crate::authorization_state::certain(crate::standing::on_installation(&*authorization, self.person(), self.now))
    }

    /// The reader's roles, each as a standing at the organization where it is held.
    fn organization_standing(&self) -> Vec<policy::reach::HeldStanding> {
        let mut held = self.installation_standing();
        for each in &mut held {
            each.standing = Standing::Organization;
        }
        held
    }
}
