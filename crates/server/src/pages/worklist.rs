//! The worklist: what waits, most pressing first, with counters that filter it.

use askama::Template;
use poem::http::StatusCode;

use super::client::Answer;
use super::forms::Hidden;
use super::frame::{Frame, Place};
use super::lists::{List, ListState, claim};
use super::queries::{Worklists, worklists};
use super::rows::Row;
use super::site::{Failed, Screen, Visit, rendered};
use super::time::DueTone;
use crate::response::Response;

/// The screen `/worklist`.
pub(crate) struct Worklist;

#[derive(Template)]
#[template(path = "worklist.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    counters: Vec<Counter>,
    shown: Filter,
    list: List,
}

/// A counter that filters the list.
struct Counter {
    filter: Filter,
    number: String,
}

/// Which part of the worklist is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    Overdue,
    Today,
    Mine,
    Unowned,
    Waiting,
    All,
}

impl Filter {
    const ALL: [Self; 6] = [Self::Overdue, Self::Today, Self::Mine, Self::Unowned, Self::Waiting, Self::All];

    const fn word(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Today => "today",
            Self::Mine => "mine",
            Self::Unowned => "unowned",
            Self::Waiting => "waiting",
            Self::All => "all",
        }
    }

    const fn icon(self) -> &'static str {
        match self {
            Self::Overdue => "late",
            Self::Today => "clock",
            Self::Mine => "now",
            Self::Unowned => "people",
            Self::Waiting => "pause",
            Self::All => "worklist",
        }
    }

    const fn tone(self) -> &'static str {
        match self {
            Self::Overdue => "danger",
            Self::Today => "warning",
            Self::Mine => "accent",
            Self::Unowned => "info",
            Self::Waiting | Self::All => "none",
        }
    }

    fn label(self, frame: &Frame<'_>) -> String {
        match self {
            Self::Overdue => frame.l.filter_overdue(),
            Self::Today => frame.l.filter_today(),
            Self::Mine => frame.l.filter_mine(),
            Self::Unowned => frame.l.filter_unowned(),
            Self::Waiting => frame.l.filter_waiting(),
            Self::All => frame.l.filter_all(),
        }
        .into_owned()
    }
}

/// The lists of one answer.
struct Lists {
    mine: List,
    pools: List,
    waiting: List,
    all: List,
}

impl Lists {
    fn of(answer: &Answer<worklists::ResponseData>, visit: &Visit<'_>) -> Self {
        let viewer = &answer.data.viewer;
        macro_rules! list {
            ($name:ident) => {{
                let found = viewer.$name.as_ref().map(|list| (list.nodes.as_slice(), list.page_info.has_next_page));
                List::of(found, answer.is_whole)
            }};
        }
        let (mine, pools, waiting) = (list!(mine), list!(pools), list!(waiting));
        let mut all = List::union(&[&mine, &pools, &waiting]);
        all.sort(&visit.time());
        Self { mine, pools, waiting, all }
    }

    fn filtered(&self, filter: Filter, visit: &Visit<'_>) -> List {
        let time = visit.time();
        let due = |row: &Row, tone| row.due(&time).is_some_and(|due| due.urgency == tone);
        let within = |part: &List| {
            let ids: Vec<&str> = part.rows.iter().map(|row| row.id.as_str()).collect();
            List { state: part.state, more: part.more, ..self.all.only(|row| ids.contains(&row.id.as_str())) }
        };
        match filter {
            Filter::Overdue => self.all.only(|row| due(row, DueTone::Late)),
            Filter::Today => self.all.only(|row| due(row, DueTone::Today)),
            Filter::Mine => within(&self.mine),
            Filter::Unowned => within(&self.pools),
            Filter::Waiting => within(&self.waiting),
            Filter::All => self.all.only(|_| true),
        }
    }
}

impl Page<'_> {
    fn claim(&self, row: &Row) -> Option<Hidden> {
        claim(self.visit, row)
    }
}

impl Screen for Worklist {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let asked = visit.query.get("show");
        let shown = Filter::ALL.into_iter().find(|filter| filter.word() == asked).unwrap_or(Filter::All);
        let answer = visit.ask::<Worklists>(worklists::Variables { first: Some(100) }).await?;
        let page = answer.map(|answer| {
            let lists = Lists::of(&answer, visit);
            let counters = Filter::ALL.map(|filter| Counter { filter, number: lists.filtered(filter, visit).number() });
            rendered(&Page {
                frame: visit.arrival.frame(Place::Worklist),
                visit,
                counters: counters.into_iter().collect(),
                shown,
                list: lists.filtered(shown, visit),
            })
        });
        visit.page(StatusCode::OK, page)
    }
}
