//! Connections: pages of lists as clients page through them.
//!
//! A page is resolved in one go into plain edges, so the executor has nothing left to wait for in
//! it. To add a connection: 1. name it, its edge and its node with [`connections`], beside the node; 2. turn the reader's page
//! into it with [`page`].

use async_graphql::{Object, Result};
use coordination::Cursor;
use coordination::fault::Fault;
use coordination::reader::{Connection, Edge, PageProblem};

/// The position of a page in its list.
pub struct PageInfo {
    has_next_page: bool,
    has_previous_page: bool,
    start: Option<Cursor>,
    end: Option<Cursor>,
}

/// The position of a page in its list.
#[Object]
impl PageInfo {
    /// Whether rows follow.
    fn has_next_page(&self) -> bool {
        self.has_next_page
    }

    /// Whether rows precede.
    fn has_previous_page(&self) -> bool {
        self.has_previous_page
    }

    /// The cursor of the first row.
    fn start_cursor(&self) -> Result<Option<String>> {
        Ok(self.start.as_ref().map(Cursor::token).transpose()?.map(|token| token.0))
    }

    /// The cursor to read on with: that of the last row, or of a later one that is not for you to see.
    fn end_cursor(&self) -> Result<Option<String>> {
        Ok(self.end.as_ref().map(Cursor::token).transpose()?.map(|token| token.0))
    }
}

/// Declares connections, each with its edge and node.
macro_rules! connections {
    ($($(#[$meta:meta])* $name:ident, $edge:ident of $node:ident;)+) => {$(
        /// A row of a page, with its cursor.
        pub struct $edge {
            cursor: coordination::Cursor,
            node: $node,
        }

        /// A row of a page, with its cursor.
        #[async_graphql::Object]
        impl $edge {
            /// Its position in the list, for `after` and `before`. It is valid only for this list and for you.
            fn cursor(&self) -> async_graphql::Result<String> {
                Ok(self.cursor.token()?.0)
            }

            /// The row.
            fn node(&self) -> &$node {
                &self.node
            }
        }

        $(#[$meta])*
        pub struct $name {
            edges: Vec<$edge>,
            page_info: $crate::graphql::connection::PageInfo,
        }

        /// A page of a list.
        #[async_graphql::Object]
        impl $name {
            /// The rows with their cursors.
            fn edges(&self) -> &Vec<$edge> {
                &self.edges
            }

            /// The rows.
            fn nodes(&self) -> Vec<&$node> {
                self.edges.iter().map(|edge| &edge.node).collect()
            }

            /// The position of this page in the list.
            fn page_info(&self) -> &$crate::graphql::connection::PageInfo {
                &self.page_info
            }
        }

        impl $crate::graphql::connection::Paged for $name {
            type Node = $node;
            fn of(rows: impl Iterator<Item = (coordination::Cursor, $node)>, page_info: $crate::graphql::connection::PageInfo) -> Self {
                Self { edges: rows.map(|(cursor, node)| $edge { cursor, node }).collect(), page_info }
            }
        }
    )+};
}

/// A connection that can be made of a page.
pub(super) trait Paged {
    /// What its rows are.
    type Node;
    /// Makes it of rows with their cursors.
    fn of(rows: impl Iterator<Item = (Cursor, Self::Node)>, page_info: PageInfo) -> Self;
}

pub(super) use connections;

/// The page of a reader as a connection; `node` turns its rows.
///
/// A page that cannot be is an error of the one field that asked for it, which is null then.
pub(super) fn page<C: Paged, R>(
    page: Result<Connection<R>, PageProblem>,
    mut node: impl FnMut(R) -> Result<C::Node, Fault>,
) -> Result<C> {
    let Connection { edges, has_next, has_previous, given_up_at } = page?;
    let mut rows = Vec::with_capacity(edges.len());
    for Edge { node: row, cursor } in edges {
        rows.push((cursor, node(row)?));
    }
    let page_info = PageInfo {
        has_next_page: has_next,
        has_previous_page: has_previous,
        start: rows.first().map(|(cursor, _)| cursor.clone()),
        end: given_up_at.or_else(|| rows.last().map(|(cursor, _)| cursor.clone())),
    };
    Ok(C::of(rows.into_iter(), page_info))
}
