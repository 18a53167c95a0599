//! Instants and days in words: the month by name, the zone by name, and how far away something is.

use care::time_zone::Zone;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};

use super::texts::Texts;

/// The time of a page: now, in the zone in which its reader lives.
#[derive(Clone, Copy)]
pub(crate) struct PageTime<'a> {
    pub now: DateTime<Utc>,
    pub zone: &'a Zone,
    pub l: &'a Texts,
}

/// An instant for the element `time`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    /// As RFC 3339.
    pub iso: String,
    pub words: String,
}

/// How far away a due instant is, and the instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    pub distance: String,
    pub at: Moment,
    pub urgency: DueTone,
}

/// How much a due instant presses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DueTone {
    Late,
    Today,
    Later,
}

impl DueTone {
    /// The value of `data-tone`.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Late => "danger",
            Self::Today => "warning",
            Self::Later => "none",
        }
    }

    /// The icon beside the words.
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Today | Self::Later => "clock",
        }
    }
}

impl PageTime<'_> {
    /// Day and time, with the distance of near days in words: "yesterday, 11:32".
    pub fn moment(&self, at: DateTime<Utc>) -> Moment {
        let (local, today) = (self.local(at), self.today());
        let (day, time) = (local.date(), local.format("%H:%M").to_string());
        let words = match (day - today).num_days() {
            0 => self.l.moment_today(time),
            -1 => self.l.moment_yesterday(time),
            1 => self.l.moment_tomorrow(time),
            _ if day.year() == today.year() => self.l.moment_day(self.short(day), time),
            _ => self.l.moment_day(self.day(day), time),
        };
        Moment { iso: at.to_rfc3339(), words }
    }

    /// Weekday, day and time in full: "Friday 4 December 2026, 12:00".
    pub fn full(&self, at: DateTime<Utc>) -> Moment {
        let local = self.local(at);
        let words = self.l.moment_day(self.weekday(local.date()), local.format("%H:%M").to_string());
        Moment { iso: at.to_rfc3339(), words }
    }

    /// The last day of what ends at an instant: "Sunday 31 January 2027". An end within a day has its time too.
    pub fn last_day(&self, end: DateTime<Utc>) -> String {
        let local = self.local(end);
        match local.date().pred_opt().filter(|_| local.time() == NaiveTime::MIN) {
            Some(day) => self.weekday(day),
            None => self.full(end).words,
        }
    }

    /// How far away a due instant is.
    pub fn due(&self, at: DateTime<Utc>) -> Due {
        let left = at - self.now;
        let tone = match () {
            () if left < TimeDelta::zero() => DueTone::Late,
            () if self.local_day(at) == self.today() => DueTone::Today,
            () => DueTone::Later,
        };
        let (minutes, hours, days) = (left.num_minutes().abs(), left.num_hours().abs(), left.num_days().abs());
        let distance = match (tone, minutes, hours, days) {
            (DueTone::Late, ..60, _, _) => self.l.late_minutes(minutes.max(1)),
            (DueTone::Late, _, ..24, _) => self.l.late_hours(hours),
            (DueTone::Late, _, _, _) => self.l.late_days(days),
            (_, ..60, _, _) => self.l.in_minutes(minutes.max(1)),
            (_, _, ..48, _) => self.l.in_hours(hours),
            (_, _, _, _) => self.l.in_days(days),
        };
        Due { distance, at: self.moment(at), urgency: tone }
    }

    /// The local time of an instant.
    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        // A zone knows all instants but those at the limits of time.
        self.zone.local(at).unwrap_or_else(|| at.naive_utc())
    }

    /// The local day of an instant.
    pub fn local_day(&self, at: DateTime<Utc>) -> NaiveDate {
        self.local(at).date()
    }

    /// Today.
    pub fn today(&self) -> NaiveDate {
        self.local_day(self.now)
    }

    /// "Thursday 3 December 2026".
    pub fn weekday(&self, day: NaiveDate) -> String {
        let weekday = match day.weekday() {
            Weekday::Mon => self.l.monday(),
            Weekday::Tue => self.l.tuesday(),
            Weekday::Wed => self.l.wednesday(),
            Weekday::Thu => self.l.thursday(),
            Weekday::Fri => self.l.friday(),
            Weekday::Sat => self.l.saturday(),
            Weekday::Sun => self.l.sunday(),
        };
        self.l.day_with_weekday(self.day(day), weekday)
    }

    /// "14 March 1957".
    pub fn day(&self, day: NaiveDate) -> String {
        self.l.day_with_year(day.day().to_string(), self.month(day.month()), day.year().to_string())
    }

    fn short(&self, day: NaiveDate) -> String {
        self.l.day_without_year(day.day().to_string(), self.month(day.month()))
    }

    /// A date of birth as registered: a day, a month or a year. Text of another form is shown as it is.
    pub fn birth_date(&self, text: &str) -> String {
        let parts: Vec<Option<i32>> = text.split('-').map(|part| part.parse().ok()).collect();
        let month = |month: i32| u32::try_from(month).ok().filter(|month| (1..=12).contains(month));
        match parts.as_slice() {
            [Some(_), Some(_), Some(_)] => text.parse().map_or_else(|_| text.to_owned(), |day| self.day(day)),
            [Some(year), Some(number)] => match month(*number) {
                Some(number) => self.l.month_with_year(self.month(number), year.to_string()),
                None => text.to_owned(),
            },
            _ => text.to_owned(),
        }
    }

    /// The age today of somebody born on a known day.
    pub fn age(&self, born: &str) -> Option<u32> {
        self.today().years_since(born.parse().ok()?)
    }

    /// The name of a month.
    pub fn month(&self, month: u32) -> String {
        let name = match month {
            1 => self.l.january(),
            2 => self.l.february(),
            3 => self.l.march(),
            4 => self.l.april(),
            5 => self.l.may(),
            6 => self.l.june(),
            7 => self.l.july(),
            8 => self.l.august(),
            9 => self.l.september(),
            10 => self.l.october(),
            11 => self.l.november(),
            _ => self.l.december(),
        };
        name.into_owned()
    }

    /// The zone by the name of its city: "Vienna time".
    pub fn zone_words(&self) -> String {
        let city = self.zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ");
        self.l.zone(city)
    }
}

/// The zone of the tests.
#[cfg(test)]
pub(crate) fn vienna() -> &'static Zone {
    use std::sync::LazyLock;

    static VIENNA: LazyLock<Zone> =
        LazyLock::new(|| care::time_zone::TimeZones::bundled().zone("Europe/Vienna").unwrap());
    &VIENNA
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::texts::Languages;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn time(lang: &str) -> PageTime<'static> {
        let l = Languages::read().unwrap().named(lang).unwrap();
        PageTime { now: instant("2026-12-03T13:05:00Z"), zone: vienna(), l }
    }

    #[test]
    fn near_days_are_named_and_others_have_their_month_in_words() {
        let time = time("en");
        for (at, words) in [
            ("2026-12-03T10:32:00Z", "today, 11:32"),
            ("2026-12-02T23:30:00Z", "today, 00:30"),
            ("2026-12-02T10:32:00Z", "yesterday, 11:32"),
            ("2026-12-04T11:00:00Z", "tomorrow, 12:00"),
            ("2026-11-30T09:12:00Z", "30 November, 10:12"),
            ("2025-07-01T08:00:00Z", "1 July 2025, 10:00"),
        ] {
            assert_eq!(time.moment(instant(at)).words, words);
        }
        assert_eq!(time.full(instant("2026-12-04T11:00:00Z")).words, "Friday 4 December 2026, 12:00");
        assert_eq!(time.zone_words(), "Vienna time");
        assert_eq!(time.last_day(instant("2027-01-31T23:00:00Z")), "Sunday 31 January 2027");
        assert_eq!(time.last_day(instant("2027-01-31T11:00:00Z")), "Sunday 31 January 2027, 12:00");
        let time = super::tests::time("es");
        assert_eq!(time.full(instant("2026-12-04T11:00:00Z")).words, "viernes 4 de diciembre de 2026, 12:00");
    }

    #[test]
    fn a_due_instant_says_how_far_it_is() {
        let time = time("en");
        for (at, words, tone) in [
            ("2026-11-30T11:00:00Z", "3 days late", DueTone::Late),
            ("2026-12-03T12:00:00Z", "1 hour late", DueTone::Late),
            ("2026-12-03T13:04:30Z", "1 minute late", DueTone::Late),
            ("2026-12-03T13:17:00Z", "in 12 minutes", DueTone::Today),
            ("2026-12-03T16:05:00Z", "in 3 hours", DueTone::Today),
            ("2026-12-04T11:05:00Z", "in 22 hours", DueTone::Later),
            ("2026-12-08T13:05:00Z", "in 5 days", DueTone::Later),
        ] {
            let due = time.due(instant(at));
            assert_eq!((due.distance.as_str(), due.urgency), (words, tone), "{at}");
        }
    }

    #[test]
    fn a_date_of_birth_is_as_exact_as_it_was_registered() {
        let time = time("en");
        assert_eq!(time.birth_date("1957-03-14"), "14 March 1957");
        assert_eq!(time.birth_date("1957-03"), "March 1957");
        assert_eq!(time.birth_date("1957"), "1957");
        assert_eq!((time.age("1957-03-14"), time.age("1957-12-04"), time.age("1957")), (Some(69), Some(68), None));
    }
}
