//! Pages: what a client asks for, what is wrong with it, and the rows with their cursors.

use crate::fault::Fault;
use crate::tokens::{Cursor, Key};

/// Rows of a page when the client asks for none.
pub const PAGE_DEFAULT: usize = 20;
/// Most rows of a page.
pub const PAGE_MAX: usize = 100;

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

impl Page {
    /// Rows from the start of a list.
    #[must_use]
    pub const fn from_start(first: Option<i32>, after: Option<String>) -> Self {
        Self { first, after, last: None, before: None }
    }
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
    /// The text that is searched for is longer than any name.
    #[error("a search has at most 8 words and 400 characters")]
    SearchTooLong,
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
    pub cursor: Cursor,
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
    /// Where to read on, if the page was given up on before it was full since too few rows were the reader's to see; it is
    /// after the last row. None of any other page.
    pub given_up_at: Option<Cursor>,
}

/// Makes a page of rows that were read in the bounds' direction, one more than fit if there are more.
pub(super) fn connection<T>(mut edges: Vec<Edge<T>>, bounds: Bounds) -> Connection<T> {
    let more = edges.len() > bounds.rows_max;
    edges.truncate(bounds.rows_max);
    if bounds.from_end {
        edges.reverse();
        Connection { edges, has_next: bounds.before.is_some(), has_previous: more, given_up_at: None }
    } else {
        Connection { edges, has_next: more, has_previous: bounds.after.is_some(), given_up_at: None }
    }
}

/// The same of rows among which some were not the reader's to see. `read_on` is the last place that was looked at, if the list
/// goes on after it: a page that is not full is read on from there, since each page does a bounded amount of work.
pub(super) fn connection_read_on<T>(edges: Vec<Edge<T>>, bounds: Bounds, read_on: Option<Cursor>) -> Connection<T> {
    let given_up_at = read_on.filter(|_| edges.len() <= bounds.rows_max);
    let page = connection(edges, bounds);
    Connection { has_next: page.has_next || given_up_at.is_some(), given_up_at, ..page }
}

impl<T> Connection<T> {
    /// Opens the rows that are on the page, and only those.
    pub(super) fn opened<U>(self, mut open: impl FnMut(T) -> Result<U, Fault>) -> Result<Connection<U>, Fault> {
        let Self { edges, has_next, has_previous, given_up_at } = self;
        let edges = edges.into_iter().map(|Edge { node, cursor }| Ok(Edge { node: open(node)?, cursor }));
        Ok(Connection { edges: edges.collect::<Result<_, Fault>>()?, has_next, has_previous, given_up_at })
    }
}

#[cfg(test)]
mod tests {
    use care::ids::{Id, PersonId};
    use uuid::Uuid;

    use super::*;
    use crate::tokens::List;
    use crate::tokens::tests::tokens;

    #[test]
    fn a_page_that_ends_early_says_where_to_read_on_and_a_full_one_does_not() {
        let tokens = tokens();
        let (list, person) = (List::Inbox, PersonId::from_uuid(Uuid::from_u128(1)));
        let at = |number| tokens.cursors(list, person).at(Key { number, id: Uuid::nil() });
        let bounds = Bounds { after: None, before: None, from_end: false, rows_max: 2 };
        let page = |rows: i64, read_on: Option<i64>| {
            let edges = (0..rows).map(|number| Edge { node: number, cursor: at(number) }).collect();
            let Connection { edges, has_next, given_up_at, .. } = connection_read_on(edges, bounds, read_on.map(at));
            let place = given_up_at.map(|cursor| cursor.token().expect("a token").0);
            (
                edges.len(),
                has_next,
                place.and_then(|token| tokens.read_cursor(list, person, &token)).map(|key| key.number),
            )
        };
        assert_eq!(page(0, None), (0, false, None));
        assert_eq!(page(1, Some(9)), (1, true, Some(9)));
        assert_eq!(page(2, Some(9)), (2, true, Some(9)));
        assert_eq!(page(3, Some(9)), (2, true, None), "the next page begins after the last row");
        assert_eq!(page(3, None), (2, true, None));
    }
}
