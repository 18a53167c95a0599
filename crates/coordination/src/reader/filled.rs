//! Pages of lists in which not every row is the reader's to see: a page is filled with those that are, and the list is read on
//! where others fell out.
//!
//! `lists.rs` says what such a page tells, and what it does not.

use crate::fault::Fault;
use crate::reader::Reader;
use crate::reader::page::{Bounds, Connection, Edge, connection_read_on};
use crate::tokens::{Key, List};

/// Places of a list that are looked at together when those before them were not to be shown, and how often for one page: it
/// ends early behind 25,000 in a row that are not the reader's to see.
const LOOKED_AT: usize = 500;
const REFILLS_MAX: usize = 50;

/// What has a place in a list.
pub(super) trait Keyed {
    fn key(&self) -> Key;
}

impl Keyed for Key {
    fn key(&self) -> Key {
        *self
    }
}

/// Some of a list, in its order.
pub(super) struct Batch<T> {
    pub rows: Vec<T>,
    /// Where to read on; nothing when the list ends here.
    pub next: Option<Key>,
}

impl<T: Keyed> Batch<T> {
    /// What one query of at most `rows_max` rows gives: with fewer of them, the list ends.
    pub fn of(rows: Vec<T>, rows_max: usize) -> Self {
        let next = rows.last().map(Keyed::key).filter(|_| rows.len() == rows_max);
        Self { rows, next }
    }
}

impl Reader {
    /// A page of a list: `read` gives so many of its rows after a key, and `see` what the reader sees of a row, nothing if it
    /// is not theirs to see.
    pub(super) fn filled<T: Keyed, U>(
        &self,
        list: List,
        bounds: Bounds,
        read: impl Fn(Option<Key>, usize) -> Result<Batch<T>, Fault>,
        mut see: impl FnMut(T) -> Result<Option<U>, Fault>,
    ) -> Result<Connection<U>, Fault> {
        let wanted = bounds.rows_max.saturating_add(1);
        let cursors = self.application.tokens().cursors(list, self.person());
        let mut edges = Vec::with_capacity(wanted);
        let mut after = bounds.after;
        let mut rows_max = wanted;
        let mut unread = true;
        for _ in 0..REFILLS_MAX {
            self.check_going_on()?;
            let Batch { rows, next } = self.uncounted(|| read(after, rows_max))?.found;
            for row in rows {
                if edges.len() >= wanted {
                    break;
                }
                let key = row.key();
                if let Some(node) = self.counted_if_shown(|| see(row))? {
                    edges.push(Edge { node, cursor: cursors.at(key) });
                }
            }
            unread = next.is_some();
            if !unread || edges.len() >= wanted {
                break;
            }
            after = next;
            rows_max = LOOKED_AT;
        }
        let read_on = after.filter(|_| unread).map(|key| cursors.at(key));
        Ok(connection_read_on(edges, bounds, read_on))
    }
}
