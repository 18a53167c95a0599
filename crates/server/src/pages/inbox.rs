//! The inbox: the threads in which a person has a place, grouped by what they ask for.

use askama::Template;
use poem::http::StatusCode;

use super::frame::{Frame, Place};
use super::lists::{AwayForm, List, ListState, away, by_activity, tell_apart};
use super::queries::{Inbox as Query, inbox};
use super::rows::Row;
use super::site::{Failed, Screen, Visit, rendered};
use super::steps::Step;
use super::texts::Texts;
use crate::graphql::viewer::InboxFilter;
use crate::response::Response;

/// The screen `/inbox`.
pub(crate) struct Inbox;

/// A part of the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// What is not finished, in groups.
    Open,
    Unread,
    Waiting,
    Done,
    PutAway,
    Sent,
}

impl Part {
    const ALL: [Self; 6] = [Self::Open, Self::Unread, Self::Waiting, Self::Done, Self::PutAway, Self::Sent];

    const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Unread => "unread",
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::PutAway => "put-away",
            Self::Sent => "sent",
        }
    }

    fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|part| part.word() == word).unwrap_or(Self::Open)
    }

    const fn filter(self) -> Option<InboxFilter> {
        match self {
            Self::PutAway => Some(InboxFilter::PutAway),
            Self::Sent => Some(InboxFilter::SentByMe),
            Self::Open | Self::Unread | Self::Waiting | Self::Done => None,
        }
    }

    fn label(self, l: &Texts) -> String {
        match self {
            Self::Open => l.tab_open(),
            Self::Unread => l.inbox_unread(),
            Self::Waiting => l.inbox_others(),
            Self::Done => l.tab_done(),
            Self::PutAway => l.tab_put_away(),
            Self::Sent => l.tab_sent(),
        }
        .into_owned()
    }

    fn empty(self, l: &Texts) -> String {
        match self {
            Self::Open | Self::Unread => l.inbox_unread_empty(),
            Self::Waiting => l.inbox_others_empty(),
            Self::Done => l.inbox_done_empty(),
            Self::PutAway => l.inbox_put_away_empty(),
            Self::Sent => l.inbox_sent_empty(),
        }
        .into_owned()
    }
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    part: Part,
    groups: Vec<Group>,
    /// How many threads are unread, in words: of all of the inbox, or of its newest. None where the list does not tell it.
    unread: Option<String>,
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

impl Page<'_> {
    fn away(&self, row: &Row) -> Option<AwayForm> {
        Some(away(self.visit, row))
    }

    /// The step that was just done to a row.
    fn done(&self) -> Option<Step> {
        self.visit.told("done").and_then(Step::of)
    }
}

impl Screen for Inbox {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let after = visit.query.filled("after").map(str::to_owned);
        let is_first = after.is_none();
        let part = Part::of(visit.query.get("show"));
        let variables = inbox::Variables { filter: part.filter(), first: Some(ROWS), after };
        let answer = visit.ask::<Query>(variables).await?;
        let page = answer.map(|answer| {
            let found = answer.data.viewer.inbox.as_ref();
            let nodes = found.map(|list| (list.nodes.as_slice(), list.page_info.has_next_page));
            let frame = visit.arrival.frame(Place::Inbox);
            let mut list = List::of(nodes, answer.is_whole);
            tell_apart(&mut list.rows, |row| by_activity(row, &frame));
            let info = found.map(|list| &list.page_info);
            let next = info.filter(|info| info.has_next_page).and_then(|info| info.end_cursor.clone());
            let is_all = is_first && next.is_none();
            let tells = is_first && part.filter().is_none() && list.state != ListState::Failed;
            let unread = list.rows.iter().filter(|row| row.is_open && row.unread > 0).count();
            let unread = match is_all {
                true => frame.l.unread_threads(unread),
                false => frame.l.unread_among_newest(unread, list.rows.len()),
            };
            rendered(&Page {
                frame,
                visit,
                part,
                groups: groups(&list, part, is_all, visit),
                unread: tells.then_some(unread),
                state: list.state,
                next,
            })
        });
        visit.page(StatusCode::OK, page)
    }
}

fn groups(list: &List, part: Part, is_all: bool, visit: &Visit<'_>) -> Vec<Group> {
    let (l, me) = (visit.time().l, visit.session.me.id.as_str());
    // A page of a longer list on which nothing was found does not say that there is nothing.
    let empty = |part: Part| if is_all { part.empty(l) } else { l.inbox_none_on_page().into_owned() };
    let group = |id, heading, empty, rows: List| Group { id, heading, empty, rows: rows.rows };
    let only = |part: Part, rows: List| vec![group(part.word(), part.label(l), Some(empty(part)), rows)];
    let open = list.only(|row| row.is_open);
    let others = |row: &Row| row.unread == 0 && !row.waits_for(me);
    match part {
        Part::Unread => only(part, open.only(|row| row.unread > 0)),
        Part::Waiting => only(part, open.only(|row| !row.waits_for(me))),
        Part::Done => only(part, list.only(|row| !row.is_open)),
        Part::PutAway | Part::Sent => only(part, list.only(|_| true)),
        Part::Open => {
            let groups = [
                group("unread", Part::Unread.label(l), Some(empty(Part::Unread)), open.only(|row| row.unread > 0)),
                group(
                    "yours",
                    l.inbox_yours().into_owned(),
                    None,
                    open.only(|row| row.unread == 0 && row.waits_for(me)),
                ),
                group("others", Part::Waiting.label(l), None, open.only(others)),
            ];
            groups.into_iter().filter(|group| !group.rows.is_empty() || group.empty.is_some()).collect()
        }
    }
}
