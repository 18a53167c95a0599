//! A list of threads as a page shows it, which says how complete it is and tells apart what looks alike.

use std::collections::HashMap;

use coordination::answer::Recorded;

use super::forms::{FormSubject, Hidden};
use super::frame::Frame;
use super::queries::{WorklistRows, worklist_rows};
use super::rows::{Alike, Row, Subject, Wording};
use super::site::{Failed, Visit};
use super::steps::Step;
use super::time::{Moment, PageTime};

/// How complete a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListState {
    /// Everything is there as of now.
    Complete,
    /// It is older than what this person has seen, or a part is missing.
    Partial,
    /// It could not be read. That is never shown as an empty list.
    Failed,
}

impl ListState {
    /// The state of a list that could be read or not, in an answer that is whole or not.
    pub const fn of(is_read: bool, is_whole: bool) -> Self {
        match (is_read, is_whole) {
            (false, _) => Self::Failed,
            (true, true) => Self::Complete,
            (true, false) => Self::Partial,
        }
    }
}

/// A list of threads.
#[derive(Debug, Clone)]
pub(crate) struct List {
    pub rows: Vec<Row>,
    pub state: ListState,
    /// Whether more rows follow.
    pub more: bool,
}

impl List {
    /// The list of a connection, which is missing if it could not be read.
    pub fn of<R>(nodes: Option<(&[R], bool)>, is_whole: bool) -> Self
    where
        for<'r> Row: From<&'r R>,
    {
        match nodes {
            None => Self { rows: Vec::new(), state: ListState::Failed, more: false },
            Some((nodes, more)) => {
                Self { rows: nodes.iter().map(Row::from).collect(), state: ListState::of(true, is_whole), more }
            }
        }
    }

    /// The same with only some rows.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&Row) -> bool) -> Self {
        let rows = self.rows.iter().filter(|row| keep(row)).cloned().collect();
        Self { rows, state: self.state, more: self.more }
    }

    /// One list of several, without repetition. It is as complete as the least complete of them.
    pub fn union(lists: &[&Self]) -> Self {
        let mut rows: Vec<Row> = Vec::new();
        for row in lists.iter().flat_map(|list| &list.rows) {
            if !rows.iter().any(|known| known.id == row.id) {
                rows.push(row.clone());
            }
        }
        let any = |state| lists.iter().any(|list| list.state == state);
        let state = match () {
            // What could be read of the others is shown, and the list is not called complete.
            () if lists.iter().all(|list| list.state == ListState::Failed) => ListState::Failed,
            () if any(ListState::Failed) || any(ListState::Partial) => ListState::Partial,
            () => ListState::Complete,
        };
        Self { rows, state, more: lists.iter().any(|list| list.more) }
    }

    /// Sorted by what presses most: late, then urgent, then by due instant; without one last.
    pub fn sort(&mut self, time: &PageTime<'_>) {
        self.rows.sort_by_key(|row| {
            let due = row.awaited.as_ref().and_then(|awaited| awaited.due);
            (!row.is_late(time), !row.is_urgent(), due.is_none(), due)
        });
    }

    /// The number of rows, with a plus sign where more follow.
    pub fn number(&self) -> String {
        if self.more { format!("{}+", self.rows.len()) } else { self.rows.len().to_string() }
    }
}

/// Numbers the threads of a page that look alike, so that each link has a name of its own: the subjects of several may be
/// withheld from the reader. `looks` is what the page says of a row, beside what not every reader is told. The numbers
/// tell nothing, since the rows stand on the page.
pub(crate) fn tell_apart<'r>(rows: impl IntoIterator<Item = &'r mut Row>, looks: impl Fn(&Row) -> String) {
    let rows: Vec<&mut Row> = rows.into_iter().collect();
    let looks = rows.iter().map(|row| Look { thread: row.id.clone(), words: looks(row) }).collect::<Vec<_>>();
    let numbers = numbered(&looks);
    for (row, alike) in rows.into_iter().zip(numbers) {
        row.alike = alike;
    }
}

/// How a thread looks on a page.
pub(crate) struct Look {
    /// The id of the thread.
    pub thread: String,
    /// What the page says of it.
    pub words: String,
}

/// For each place of a page, which one its thread is of those that look alike; none if it looks like no other.
pub(crate) fn numbered(looks: &[Look]) -> Vec<Option<Alike>> {
    let mut alike: HashMap<&str, Vec<&str>> = HashMap::new();
    for Look { thread, words } in looks {
        let threads = alike.entry(words).or_default();
        // A thread that stands on the page twice is one.
        if !threads.contains(&thread.as_str()) {
            threads.push(thread);
        }
    }
    let number = |Look { thread, words }: &Look| {
        let threads = alike.get(words.as_str()).filter(|threads| threads.len() > 1)?;
        let place = threads.iter().position(|known| known == thread)?;
        Some(Alike { number: place.saturating_add(1), total: threads.len() })
    };
    looks.iter().map(number).collect()
}

/// A thread that the reader finds, on a page about something else.
#[derive(Clone)]
pub(crate) struct ThreadShown {
    pub id: String,
    pub subject: Wording,
    pub opened: Moment,
    /// Which one it is of those that look alike; none if it looks like no other.
    pub alike: Option<Alike>,
}

impl ThreadShown {
    /// Numbers the threads of a page that look alike, so that each link has a name of its own.
    pub fn tell_apart<'s>(shown: impl Iterator<Item = &'s mut Self>) {
        let shown: Vec<&mut Self> = shown.collect();
        let look = |thread: &&mut Self| {
            let words = [thread.subject.text().unwrap_or_default(), &thread.opened.words].join("\n");
            Look { thread: thread.id.clone(), words }
        };
        let looks: Vec<Look> = shown.iter().map(look).collect();
        for (thread, alike) in shown.into_iter().zip(numbered(&looks)) {
            thread.alike = alike;
        }
    }
}

/// What every list in the order of the newest activity says of a row.
pub(crate) fn by_activity(row: &Row, frame: &Frame<'_>) -> String {
    let at = if frame.is_staff() { row.at(&frame.time) } else { row.newest_at(&frame.time) };
    look(row, frame, at.words)
}

/// What every list in the order of due instants says of a row.
pub(crate) fn by_due(row: &Row, frame: &Frame<'_>) -> String {
    look(row, frame, row.due(&frame.time).map(|due| due.at.words).unwrap_or_default())
}

fn look(row: &Row, frame: &Frame<'_>, at: String) -> String {
    // Lists for others than staff name no patient to themself.
    let patient = row.patient.as_ref().filter(|patient| frame.is_staff() || !frame.is_own(patient));
    let name = patient.and_then(|patient| patient.name.text()).unwrap_or_default().to_owned();
    let born = patient.and_then(|patient| patient.birthday(&frame.time)).unwrap_or_default();
    [frame.subject_words(&row.subject, row.patient.as_ref()).into_owned(), name, born, at].join("\n")
}

/// The most rows of a list that are read for one page.
pub(crate) const ROWS_MAX: usize = 500;

/// A worklist with all its pages, up to [`ROWS_MAX`] rows.
///
/// # Errors
/// If it was refused as a whole.
pub(crate) async fn whole(visit: &Visit<'_>, list: worklist_rows::Worklist) -> Result<Recorded<List>, Failed> {
    let mut found = List { rows: Vec::new(), state: ListState::Complete, more: true };
    let mut after: Option<String> = None;
    loop {
        let variables = worklist_rows::Variables { list: list.clone(), first: Some(100), after };
        let answer = visit.ask::<WorklistRows>(variables).await?;
        let page = answer.read(|answer| {
            let list = answer.data.viewer.worklist.as_ref();
            let page =
                List::of(list.map(|list| (list.nodes.as_slice(), list.page_info.has_next_page)), answer.is_whole);
            let next = list.and_then(|list| list.page_info.end_cursor.clone());
            (page, next)
        });
        let (page, next) = page;
        // A part that was read stays; the list is as complete as its least complete page.
        found.state = match (found.rows.is_empty(), page.state) {
            (_, ListState::Complete) => found.state,
            (true, state) => state,
            (false, ListState::Partial | ListState::Failed) => ListState::Partial,
        };
        found.more = page.more;
        found.rows.extend(page.rows);
        if !found.more || next.is_none() || found.rows.len() >= ROWS_MAX {
            return Ok(answer.map(|_| found));
        }
        after = next;
    }
}

/// The hidden fields of the form that claims a row, if its patient can be named.
pub(crate) fn claim(visit: &Visit<'_>, row: &Row) -> Option<Hidden> {
    (row.can_claim && row.is_identified()).then(|| hidden(visit, row, Step::Claim))
}

/// The form that puts a row away, or takes it back.
pub(crate) struct AwayForm {
    pub step: Step,
    pub hidden: Hidden,
    /// The list to come back to.
    pub back: String,
}

/// The form of a row that puts it away or takes it back.
pub(crate) fn away(visit: &Visit<'_>, row: &Row) -> AwayForm {
    let step = if row.is_put_away { Step::TakeBack } else { Step::PutAway };
    AwayForm { step, hidden: hidden(visit, row, step), back: visit.arrival.path.to_owned() }
}

fn hidden(visit: &Visit<'_>, row: &Row, step: Step) -> Hidden {
    let patient = row.patient.as_ref().map_or("", |patient: &Subject| &patient.id);
    visit.hidden(FormSubject { form: step.word(), thread: &row.id, patient }, &row.version)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::*;
    use crate::graphql::thread::fields::PartyKind;
    use crate::graphql::words::{ConsultationState, Urgency};
    use crate::pages::rows::{Awaited, RowKind, Wording};
    use crate::pages::texts::Languages;

    fn now() -> DateTime<Utc> {
        "2026-12-03T13:05:00Z".parse().unwrap()
    }

    fn row(id: &str, due_in_hours: Option<i64>, urgency: Urgency) -> Row {
        Row {
            id: id.to_owned(),
            version: String::new(),
            subject: Wording::Withheld,
            patient: None,
            is_about_patient: Some(false),
            is_put_away: false,
            unread: 0,
            is_open: true,
            updated: now(),
            owner_pool: None,
            owner: None,
            awaited: Some(Awaited {
                party: PartyKind::Pool,
                person: None,
                pool: None,
                role: None,
                organization: None,
                action: String::new(),
                due: due_in_hours.map(|hours| now() + TimeDelta::hours(hours)),
                note: None,
            }),
            can_claim: false,
            last: None,
            contacts: Vec::new(),
            alike: None,
            kind: RowKind::Consultation { state: ConsultationState::Assigned, urgency },
        }
    }

    #[test]
    fn threads_that_look_alike_are_numbered_and_others_are_not() {
        let mut rows = ["a", "b", "a", "c"].map(|id| row(id, None, Urgency::Routine));
        tell_apart(&mut rows, |row| if row.id == "c" { "other" } else { "same" }.to_owned());
        let numbers = rows.map(|row| row.alike.map(|Alike { number, total }| [number, total]));
        assert_eq!(numbers, [Some([1, 2]), Some([2, 2]), Some([1, 2]), None]);
    }

    fn list(rows: Vec<Row>, state: ListState) -> List {
        List { rows, state, more: false }
    }

    #[test]
    fn what_presses_most_comes_first() {
        let l = Languages::read().unwrap().named("en").unwrap();
        let time = PageTime { now: now(), zone: crate::pages::time::vienna(), l };
        let rows = vec![
            row("none", None, Urgency::Routine),
            row("soon", Some(2), Urgency::Routine),
            row("urgent", Some(9), Urgency::Urgent),
            row("late", Some(-1), Urgency::Routine),
            row("later", Some(-9), Urgency::Routine),
        ];
        let mut list = list(rows, ListState::Complete);
        list.sort(&time);
        let order: Vec<&str> = list.rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(order, ["later", "late", "urgent", "soon", "none"]);
    }

    #[test]
    fn a_list_of_which_a_part_failed_is_not_called_complete() {
        let one = || list(vec![row("a", None, Urgency::Routine)], ListState::Complete);
        let failed = || list(Vec::new(), ListState::Failed);
        let both = List::union(&[&one(), &one()]);
        assert_eq!((both.rows.len(), both.state), (1, ListState::Complete));
        assert_eq!(List::union(&[&one(), &failed()]).state, ListState::Partial);
        assert_eq!(List::union(&[&failed(), &failed()]).state, ListState::Failed);
        assert_eq!(List::of::<crate::pages::queries::inbox::Row>(None, true).state, ListState::Failed);
    }
}
