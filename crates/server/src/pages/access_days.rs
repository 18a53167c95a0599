//! Access records by day, the newest first, as a patient reads them: what somebody opened at one time for one reason is one
//! entry.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::access_rows::Access;
use super::lists::ThreadShown;
use super::rows::Who;
use super::time::PageTime;

/// What was read on one day.
pub(crate) struct Day {
    pub heading: String,
    pub entries: Vec<Entry>,
}

/// What a person read or tried within one minute, for one reason.
pub(crate) struct Entry {
    /// The newest of its records.
    pub access: Access,
    pub number: usize,
    pub is_me: bool,
    pub what: Vec<String>,
    /// Why the person may read it. None of one's own, and of a refused try.
    pub why: Option<String>,
    /// The thread, if the reader of the page finds it.
    pub thread: Option<ThreadShown>,
}

impl Entry {
    fn new(access: Access, number: usize, around: &Around<'_>) -> Self {
        let thread = access.thread.as_deref().and_then(|id| around.threads.get(id).cloned());
        let (l, is_me) = (around.time.l, access.is_by(around.me));
        let reasons: Vec<String> = [access.purpose(l), access.standing(l)].into_iter().flatten().collect();
        let why = Some(reasons.join(". ")).filter(|why| !is_me && !why.is_empty());
        Self { number, is_me, what: vec![access.what(l)], why, thread, access }
    }

    /// Adds a record of the same; returns whether it is of the same.
    fn takes(&mut self, other: &Access, time: &PageTime<'_>) -> bool {
        let id = |who: &Option<Who>| who.as_ref().map(|who| who.id.clone());
        let minute = |at: DateTime<Utc>| at.timestamp().div_euclid(60);
        let mine = &self.access;
        let same = id(&mine.person) == id(&other.person)
            && id(&mine.on_behalf_of) == id(&other.on_behalf_of)
            && mine.is_refused == other.is_refused
            && (mine.role, mine.purpose) == (other.role, other.purpose)
            && (&mine.standing, &mine.thread, mine.grant) == (&other.standing, &other.thread, other.grant)
            && minute(mine.at) == minute(other.at);
        if same {
            self.access.for_review |= other.for_review;
            if other.is_refused {
                self.access.times = self.access.times.saturating_add(other.times);
            }
            let what = other.what(time.l);
            if !self.what.contains(&what) {
                self.what.push(what);
            }
        }
        same
    }
}

/// What the entries of a page are made with.
pub(crate) struct Around<'a> {
    /// The person who reads the page.
    pub me: &'a str,
    pub threads: HashMap<String, ThreadShown>,
    pub time: PageTime<'a>,
}

/// The records by day.
pub(crate) fn days(records: &[Access], around: &Around<'_>) -> Vec<Day> {
    let time = &around.time;
    let mut days: Vec<Day> = Vec::new();
    for (number, access) in records.iter().enumerate() {
        let heading = time.l.moment_in_zone(time.weekday(time.local_day(access.at)), time.zone_words());
        if days.last().is_none_or(|day| day.heading != heading) {
            days.push(Day { heading, entries: Vec::new() });
        }
        let Some(day) = days.last_mut() else { continue };
        if !day.entries.iter_mut().any(|entry| entry.takes(access, time)) {
            day.entries.push(Entry::new(access.clone(), number, around));
        }
    }
    let entries = days.iter_mut().flat_map(|day| &mut day.entries);
    ThreadShown::tell_apart(entries.filter_map(|entry| entry.thread.as_mut()));
    days
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::delegation_words::{DelegationKind, Relationship};
    use crate::graphql::words::{Purpose, Role};
    use crate::pages::grant::Grant;
    use crate::pages::rows::{Alike, Wording};
    use crate::pages::texts::Languages;
    use crate::pages::time::vienna;

    const NEWEST: &str = "2026-11-23T23:30:40Z";

    const CHILD: Grant =
        Grant { relationship: Relationship::Child, kind: DelegationKind::PatientAuthorised, authority: None };

    fn record(at: &str, action: &str) -> Access {
        Access {
            at: at.parse().unwrap(),
            person: Some(Who { id: "nurse".to_owned(), name: Wording::Text("Nora".to_owned()) }),
            on_behalf_of: None,
            about_person: None,
            action: action.to_owned(),
            is_refused: false,
            times: 1,
            for_review: false,
            patient: None,
            thread: Some("t".to_owned()),
            standing: Some("care_team".to_owned()),
            role: Some(Role::Nurse),
            purpose: Some(Purpose::Treatment),
            organizations: vec!["Practice".to_owned()],
            grant: None,
        }
    }

    fn time() -> PageTime<'static> {
        let l = Languages::read().unwrap().named("en").unwrap();
        PageTime { now: NEWEST.parse().unwrap(), zone: vienna(), l }
    }

    fn shown(records: &[Access]) -> Vec<Day> {
        days(records, &Around { me: "patient", threads: HashMap::new(), time: time() })
    }

    #[test]
    fn what_was_opened_at_one_time_for_one_reason_is_one_entry() {
        let first = record(NEWEST, "thread.read_message");
        let marked = Access { for_review: true, ..record("2026-11-23T23:30:10Z", "thread.read") };
        let found = shown(&[first.clone(), marked, first.clone()]);
        assert_eq!((found.len(), found[0].entries.len()), (1, 1));
        let entry = &found[0].entries[0];
        assert_eq!(entry.what, ["Messages in the conversation", "The conversation: what was asked and answered"]);
        assert_eq!(entry.why.as_deref(), Some("For treatment. Is on the patient’s care team"));
        assert!(entry.access.for_review && !entry.is_me && entry.access.times == 1);

        for other in [
            Access { at: "2026-11-23T23:29:59Z".parse().unwrap(), ..first.clone() },
            Access { person: None, ..first.clone() },
            Access { on_behalf_of: first.person.clone(), ..first.clone() },
            Access { thread: None, ..first.clone() },
            Access { is_refused: true, ..first.clone() },
            Access { standing: None, ..first.clone() },
            Access { purpose: Some(Purpose::CareCoordination), ..first.clone() },
            Access { role: None, ..first.clone() },
            Access { grant: Some(CHILD), ..first.clone() },
        ] {
            let found = shown(&[first.clone(), other.clone()]);
            assert_eq!(found[0].entries.len(), 2, "{other:?}");
        }
        let refused = Access { is_refused: true, times: 3, ..first };
        let found = shown(&[refused.clone(), refused]);
        assert_eq!((found[0].entries.len(), found[0].entries[0].access.times), (1, 6));
    }

    #[test]
    fn a_delegate_is_shown_by_how_they_help_and_not_as_the_patient() {
        let l = time().l;
        let read = Access { role: Some(Role::Person), organizations: vec![], ..record(NEWEST, "thread.read_message") };
        assert_eq!(read.place(l).as_deref(), Some("patient"));
        let helped = Access { grant: Some(CHILD), ..read };
        assert_eq!(helped.place(l).as_deref(), Some("daughter or son. The patient wants this help"));
    }

    #[test]
    fn threads_of_the_page_that_look_alike_are_numbered() {
        let thread = |id: &str| {
            let opened = time().moment("2026-11-20T08:00:00Z".parse().unwrap());
            let shown = ThreadShown { id: id.to_owned(), subject: Wording::Withheld, opened, alike: None };
            (id.to_owned(), shown)
        };
        let of = |thread: &str| Access { thread: Some(thread.to_owned()), ..record(NEWEST, "thread.read") };
        let numbers = |records: &[Access]| {
            let threads = HashMap::from(["a", "b", "elsewhere"].map(thread));
            let shown = days(records, &Around { me: "patient", threads, time: time() });
            let entries = shown.iter().flat_map(|day| &day.entries);
            let alike = entries.map(|entry| entry.thread.as_ref().and_then(|thread| thread.alike));
            alike.map(|alike| alike.map(|Alike { number, total }| [number, total])).collect::<Vec<_>>()
        };
        let again = Access { purpose: Some(Purpose::CareCoordination), ..of("a") };
        assert_eq!(numbers(&[of("a"), of("b"), again]), [Some([1, 2]), Some([2, 2]), Some([1, 2])]);
        assert_eq!(numbers(&[of("a")]), [None], "the others do not stand on the page");
    }

    #[test]
    fn a_day_is_one_of_the_zone_of_the_page() {
        let found = shown(&[record(NEWEST, "thread.read"), record("2026-11-23T22:30:00Z", "thread.read")]);
        let headings: Vec<&str> = found.iter().map(|day| day.heading.as_str()).collect();
        assert_eq!(headings, ["Tuesday 24 November 2026 (Vienna time)", "Monday 23 November 2026 (Vienna time)"]);
        assert_eq!(found[0].entries[0].access.hour(&time()), "00:30");
    }
}
