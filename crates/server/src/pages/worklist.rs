//! The worklist: what waits, most pressing first, with counters that filter it; and the same on paper, for when the system
//! is down.

use askama::Template;
use poem::http::StatusCode;

use coordination::answer::Recorded;

use super::forms::Hidden;
use super::frame::{Frame, Place};
use super::lists::{List, ListState, by_due, claim, tell_apart, whole};
use super::queries::worklist_rows::Worklist as Which;
use super::queries::{Worklists, worklists};
use super::rows::{Contact, Row};
use super::site::{Failed, Screen, Visit, rendered};
use super::time::DueTone;
use crate::response::Response;

/// The screen `/worklist`.
pub(crate) struct Worklist;

/// The screen `/worklist/print`.
pub(crate) struct Printed;

/// The rows of a page.
const PAGE_ROWS: usize = 50;

#[derive(Template)]
#[template(path = "worklist.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    counters: Vec<Counter>,
    shown: Filter,
    /// The whole list that is shown, page by page.
    list: List,
    /// The number of the page, from 1.
    number: usize,
}

#[derive(Template)]
#[template(path = "worklist_print.html")]
struct PrintedPage<'a> {
    frame: Frame<'a>,
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
    Pools,
    Unowned,
    Waiting,
    All,
}

impl Filter {
    const ALL: [Self; 7] =
        [Self::Overdue, Self::Today, Self::Mine, Self::Pools, Self::Unowned, Self::Waiting, Self::All];

    /// The part that the address names, or all of it.
    fn asked(visit: &Visit<'_>) -> Self {
        let asked = visit.query.get("show");
        Self::ALL.into_iter().find(|filter| filter.word() == asked).unwrap_or(Self::All)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Today => "today",
            Self::Mine => "mine",
            Self::Pools => "pools",
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
            Self::Pools => "inbox",
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
            Self::Pools | Self::Waiting | Self::All => "none",
        }
    }

    fn label(self, frame: &Frame<'_>) -> String {
        match self {
            Self::Overdue => frame.l.filter_overdue(),
            Self::Today => frame.l.filter_today(),
            Self::Mine => frame.l.filter_mine(),
            Self::Pools => frame.l.filter_pools(),
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
    fn of(mine: List, pools: List, waiting: List, visit: &Visit<'_>) -> Self {
        let mut all = List::union(&[&mine, &pools, &waiting]);
        all.sort(&visit.time());
        Self { mine, pools, waiting, all }
    }

    /// All lists in one answer, and those that go on after their first page, whole.
    async fn read(visit: &Visit<'_>) -> Result<Recorded<Self>, Failed> {
        let answer = visit.ask::<Worklists>(worklists::Variables { first: Some(100) }).await?;
        let mut first = answer.map(|answer| {
            let viewer = &answer.data.viewer;
            macro_rules! list {
                ($name:ident) => {{
                    let found = viewer.$name.as_ref().map(|list| (list.nodes.as_slice(), list.page_info.has_next_page));
                    List::of(found, answer.is_whole)
                }};
            }
            [list!(mine), list!(pools), list!(waiting)]
        });
        for (index, which) in [Which::Mine, Which::MyPools, Which::Waiting].into_iter().enumerate() {
            if first.read(|lists| lists.get(index).is_some_and(|list| list.more)) {
                let mut lists = first.read(Clone::clone);
                first = whole(visit, which).await?.map(|all| {
                    if let Some(part) = lists.get_mut(index) {
                        *part = all;
                    }
                    lists
                });
            }
        }
        Ok(first.map(|[mine, pools, waiting]| Self::of(mine, pools, waiting, visit)))
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
            Filter::Pools => within(&self.pools),
            Filter::Unowned => self.all.only(|row| row.owner.is_none()),
            Filter::Waiting => within(&self.waiting),
            Filter::All => self.all.only(|_| true),
        }
    }
}

impl Page<'_> {
    fn claim(&self, row: &Row) -> Option<Hidden> {
        claim(self.visit, row)
    }

    /// The rows of this page.
    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.list.rows.iter().skip(self.before()).take(PAGE_ROWS)
    }

    fn before(&self) -> usize {
        self.number.saturating_sub(1).saturating_mul(PAGE_ROWS)
    }

    /// The number of the first and of the last row of this page.
    fn first(&self) -> usize {
        self.before().saturating_add(1)
    }

    fn last(&self) -> usize {
        self.before().saturating_add(PAGE_ROWS).min(self.list.rows.len())
    }

    /// The number of the page after this one.
    fn next(&self) -> Option<usize> {
        (self.last() < self.list.rows.len()).then(|| self.number.saturating_add(1))
    }

    fn previous(&self) -> Option<usize> {
        (self.number > 1).then(|| self.number.saturating_sub(1))
    }
}

impl Screen for Worklist {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let shown = Filter::asked(visit);
        let number = visit.query.get("page").parse::<usize>().unwrap_or(1);
        let page = Lists::read(visit).await?.map(|lists| {
            let counters = Filter::ALL.map(|filter| Counter { filter, number: lists.filtered(filter, visit).number() });
            let frame = visit.arrival.frame(Place::Worklist);
            let mut list = lists.filtered(shown, visit);
            tell_apart(&mut list.rows, |row| by_due(row, &frame));
            // Rows may have gone since a link to a later page was made.
            let pages = list.rows.len().div_ceil(PAGE_ROWS).max(1);
            rendered(&Page {
                frame,
                visit,
                counters: counters.into_iter().collect(),
                shown,
                list,
                number: number.clamp(1, pages),
            })
        });
        visit.page(StatusCode::OK, page)
    }
}

impl PrintedPage<'_> {
    /// By when, in words with the zone.
    fn due(&self, row: &Row) -> Option<String> {
        let (time, l) = (&self.frame.time, self.frame.l);
        let at = row.awaited.as_ref()?.due?;
        Some(l.due_on_paper(time.due(at).distance, l.moment_in_zone(time.full(at).words, time.zone_words())))
    }

    fn whose(&self, row: &Row) -> Option<String> {
        row.awaited.as_ref().map(|awaited| awaited.whose(&self.frame.time))
    }

    /// The organizations of all rows with their numbers, by name, each once.
    fn contacts(&self) -> Vec<&Contact> {
        let mut contacts: Vec<&Contact> = Vec::new();
        for contact in self.list.rows.iter().flat_map(|row| &row.contacts) {
            if !contacts.contains(&contact) {
                contacts.push(contact);
            }
        }
        contacts.sort_by(|one, other| one.name.cmp(&other.name));
        contacts
    }
}

impl Screen for Printed {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let shown = Filter::asked(visit);
        let mine = whole(visit, Which::Mine).await?.read(List::clone);
        let pools = whole(visit, Which::MyPools).await?.read(List::clone);
        let page = whole(visit, Which::Waiting).await?.map(|waiting| {
            let list = Lists::of(mine, pools, waiting, visit).filtered(shown, visit);
            rendered(&PrintedPage { frame: visit.arrival.frame(Place::Worklist), shown, list })
        });
        visit.page(StatusCode::OK, page)
    }
}
