//! The inbox: the threads in which a person has a place, grouped by what they ask for.

use askama::Template;
use poem::http::StatusCode;

use super::frame::{Frame, Place};
use super::lists::{List, ListState};
use super::queries::{Inbox as Query, inbox};
use super::rows::Row;
use super::site::{Failed, Screen, Visit, rendered};
use crate::response::Response;

/// The screen `/inbox`.
pub(crate) struct Inbox;

#[derive(Template)]
#[template(path = "inbox.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    shows_done: bool,
    groups: Vec<Group>,
    unread: usize,
    state: ListState,
    /// The cursor of the next page.
    next: Option<String>,
}

/// Threads under one heading.
struct Group {
    id: &'static str,
    heading: String,
    empty: Option<String>,
    rows: Vec<Row>,
}

const ROWS: i64 = 50;

impl Screen for Inbox {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let after = visit.query.filled("after").map(str::to_owned);
        let answer = visit.ask::<Query>(inbox::Variables { first: Some(ROWS), after }).await?;
        let page = answer.map(|answer| {
            let found = answer.data.viewer.inbox.as_ref();
            let nodes = found.map(|list| (list.nodes.as_slice(), list.page_info.has_next_page));
            let list = List::of(nodes, answer.is_whole);
            let info = found.map(|list| &list.page_info);
            let next = info.filter(|info| info.has_next_page).and_then(|info| info.end_cursor.clone());
            let shows_done = visit.query.get("show") == "done";
            rendered(&Page {
                frame: visit.arrival.frame(Place::Inbox),
                visit,
                shows_done,
                groups: groups(&list, shows_done, visit),
                unread: list.rows.iter().filter(|row| row.is_open && row.unread > 0).count(),
                state: list.state,
                next,
            })
        });
        visit.page(StatusCode::OK, page)
    }
}

fn groups(list: &List, shows_done: bool, visit: &Visit<'_>) -> Vec<Group> {
    let (l, me) = (visit.time().l, visit.session.me.id.as_str());
    let group = |id, heading, empty, rows: List| Group { id, heading, empty, rows: rows.rows };
    if shows_done {
        let empty = Some(l.inbox_done_empty().into_owned());
        return vec![group("done", l.inbox_done().into_owned(), empty, list.only(|row| !row.is_open))];
    }
    let open = list.only(|row| row.is_open);
    let groups = [
        group(
            "unread",
            l.inbox_unread().into_owned(),
            Some(l.inbox_unread_empty().into_owned()),
            open.only(|row| row.unread > 0),
        ),
        group("yours", l.inbox_yours().into_owned(), None, open.only(|row| row.unread == 0 && row.waits_for(me))),
        group("others", l.inbox_others().into_owned(), None, open.only(|row| row.unread == 0 && !row.waits_for(me))),
    ];
    groups.into_iter().filter(|group| !group.rows.is_empty() || group.empty.is_some()).collect()
}
