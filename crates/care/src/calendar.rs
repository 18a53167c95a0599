//! Business calendars: the office hours of an organization and the due times of its answers.
//!
//! A due time is computed once, by the calendar of the answering pool, and stored with the calendar's version and zone;
//! a later change of the calendar does not change it. Hours and targets are data of the organization.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Offset, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::words::Urgency;

/// Office hours of one weekday, in minutes since local midnight: from `opens` up to `closes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// First staffed minute of the day.
    pub opens: u16,
    /// First minute that is not staffed any more, at most 1,440.
    pub closes: u16,
}

/// When an organization is staffed and how soon it promises an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// The IANA zone in which days and hours are meant.
    #[serde(serialize_with = "write_zone", deserialize_with = "read_zone")]
    pub zone: Tz,
    /// Hours by weekday, Monday first; `None` on days off.
    pub week: [Option<Hours>; 7],
    /// Days off, whatever their weekday.
    pub holidays: BTreeSet<NaiveDate>,
    /// Business minutes to the answer, by urgency.
    pub answer_minutes: BTreeMap<Urgency, u32>,
}

fn write_zone<S: Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(zone.name())
}

fn read_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
    let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
    name.parse().map_err(|_| serde::de::Error::custom("not an IANA zone"))
}

/// What is wrong with a calendar; all of it is reported at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarProblem {
    /// Hours that close before they open or after midnight.
    #[error("hours must open before they close, within the day")]
    Hours,
    /// A week without a staffed minute can answer nothing.
    #[error("a week needs at least one staffed day")]
    NeverOpen,
    /// An urgency without a target, or with one of zero or over a year.
    #[error("each urgency needs a target between a minute and a year")]
    Target,
}

/// A promise: when an answer is due, and by which calendar that was computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The instant.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
    /// The version of the calendar that it was computed by.
    pub calendar_version: u32,
    /// The zone of that calendar.
    pub zone: String,
}

/// Longest target, in business minutes: a year of round-the-clock days.
const ANSWER_MINUTES_MAX: u32 = 366 * 24 * 60;

/// The longest search for a due time, in days: a calendar with only holidays has no staffed minute.
const DAYS_MAX: u32 = 5 * 366;

impl Calendar {
    /// Everything that is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<CalendarProblem> {
        let mut problems = Vec::new();
        if self.week.iter().flatten().any(|hours| hours.opens >= hours.closes || hours.closes > 1440) {
            problems.push(CalendarProblem::Hours);
        }
        if self.week.iter().all(Option::is_none) {
            problems.push(CalendarProblem::NeverOpen);
        }
        let target = |urgency| self.answer_minutes.get(urgency).copied().unwrap_or(0);
        if Urgency::ALL.iter().any(|urgency| !(1..=ANSWER_MINUTES_MAX).contains(&target(urgency))) {
            problems.push(CalendarProblem::Target);
        }
        problems
    }

    /// When an answer asked for at `from` is due: after the urgency's business minutes.
    ///
    /// `None` when the calendar has no staffed minute left within five years, or no target.
    #[must_use]
    pub fn due(&self, version: u32, urgency: Urgency, from: DateTime<Utc>) -> Option<Due> {
        let mut left = Duration::minutes(i64::from(*self.answer_minutes.get(&urgency)?));
        let offset = self.zone.offset_from_utc_datetime(&from.naive_utc()).fix();
        let mut day = from.naive_utc().checked_add_offset(offset)?.date();
        for _ in 0..DAYS_MAX {
            if let Some((opens, closes)) = self.staffed(day) {
                let start = opens.max(from);
                if start < closes {
                    if closes - start >= left {
                        return Some(Due {
                            at: start.checked_add_signed(left)?,
                            calendar_version: version,
                            zone: self.zone.name().to_owned(),
                        });
                    }
                    left -= closes - start;
                }
            }
            day = day.succ_opt()?;
        }
        None
    }

    /// The same staffed time `days` business days after `from`: a thread that came at the second
    /// staffed hour of a day is due at the second staffed hour. What comes outside staffed hours
    /// counts from the next staffed minute.
    ///
    /// `None` when the calendar has no staffed minute left within five years.
    #[must_use]
    pub fn business_days(&self, version: u32, days: u32, from: DateTime<Utc>) -> Option<Due> {
        let offset = self.zone.offset_from_utc_datetime(&from.naive_utc()).fix();
        let mut day = from.naive_utc().checked_add_offset(offset)?.date();
        let (mut into, mut left) = (None, days);
        for _ in 0..DAYS_MAX {
            if let Some((opens, closes)) = self.staffed(day).filter(|(opens, closes)| opens < closes) {
                match into {
                    None if from < closes => into = Some((from - opens).max(Duration::zero())),
                    None => {}
                    Some(_) => left = left.saturating_sub(1),
                }
                if let Some(into) = into.filter(|_| left == 0) {
                    let at = opens.checked_add_signed(into)?.min(closes);
                    return Some(Due { at, calendar_version: version, zone: self.zone.name().to_owned() });
                }
            }
            day = day.succ_opt()?;
        }
        None
    }

    /// The staffed interval of a local day, as instants. A clock change within the hours makes
    /// the day shorter or longer, as it does for the staff.
    fn staffed(&self, day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        if self.holidays.contains(&day) {
            return None;
        }
        let hours = (*self.week.get(weekday_index(day.weekday()))?)?;
        Some((self.instant(day, hours.opens)?, self.instant(day, hours.closes)?))
    }

    fn instant(&self, day: NaiveDate, minute: u16) -> Option<DateTime<Utc>> {
        let midnight = day.and_time(NaiveTime::MIN);
        let mut local = midnight.checked_add_signed(Duration::minutes(i64::from(minute)))?;
        // A local time that a clock change skips is taken as the first one after the gap. A zone that moved across
        // the date line skipped a whole day.
        for _ in 0..=24 * 60 {
            if let Some(instant) = self.zone.from_local_datetime(&local).earliest() {
                return Some(instant.to_utc());
            }
            local = local.checked_add_signed(Duration::minutes(1))?;
        }
        None
    }
}

fn weekday_index(weekday: Weekday) -> usize {
    usize::try_from(weekday.num_days_from_monday()).unwrap_or(0)
}

/// Nine to five from Monday to Friday; five days for routine, one for urgent questions.
#[cfg(test)]
pub(crate) fn nine_to_five(zone: Tz) -> Calendar {
    let day = Some(Hours { opens: 9 * 60, closes: 17 * 60 });
    Calendar {
        zone,
        week: [day, day, day, day, day, None, None],
        holidays: BTreeSet::new(),
        answer_minutes: BTreeMap::from([(Urgency::Routine, 5 * 480), (Urgency::Urgent, 480)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn due(calendar: &Calendar, urgency: Urgency, from: &str) -> DateTime<Utc> {
        calendar.due(1, urgency, at(from)).expect("due").at
    }

    #[test]
    fn four_hours_from_friday_half_past_four_end_on_monday_half_past_twelve() {
        let mut calendar = nine_to_five(chrono_tz::UTC);
        calendar.answer_minutes.insert(Urgency::Urgent, 240);
        assert_eq!(due(&calendar, Urgency::Urgent, "2026-11-20T16:30:00Z"), at("2026-11-23T12:30:00Z"));
    }

    #[test]
    fn a_holiday_does_not_count() {
        let mut calendar = nine_to_five(chrono_tz::UTC);
        calendar.holidays.insert(NaiveDate::from_ymd_opt(2026, 11, 26).expect("a day"));
        assert_eq!(due(&calendar, Urgency::Urgent, "2026-11-25T12:00:00Z"), at("2026-11-27T12:00:00Z"));
    }

    #[test]
    fn hours_are_local_times_across_a_clock_change() {
        let calendar = nine_to_five(chrono_tz::America::New_York);
        // Friday noon in New York (16:00Z in summer time) to Monday noon (17:00Z in winter time).
        assert_eq!(due(&calendar, Urgency::Urgent, "2026-10-30T16:00:00Z"), at("2026-11-02T17:00:00Z"));
    }

    #[test]
    fn a_minute_that_a_clock_change_skips_is_the_first_after_the_gap() {
        let on_sundays = |opens, closes| {
            let mut calendar = nine_to_five(chrono_tz::America::New_York);
            calendar.week = [None, None, None, None, None, None, Some(Hours { opens, closes })];
            calendar.answer_minutes.insert(Urgency::Urgent, 60);
            due(&calendar, Urgency::Urgent, "2027-03-10T12:00:00Z")
        };
        // On 2027-03-14 the clock goes from two to three, which is 07:00Z.
        assert_eq!(on_sundays(2 * 60 + 15, 8 * 60), at("2027-03-14T08:00:00Z"));
        // The closing time is skipped: half an hour is before the change, and the other half a week later.
        assert_eq!(on_sundays(90, 2 * 60 + 45), at("2027-03-21T06:00:00Z"));
        let mut apia = nine_to_five(chrono_tz::Pacific::Apia);
        apia.answer_minutes.insert(Urgency::Urgent, 60);
        // There was no Friday 2011-12-30 in Samoa: its hours are empty.
        assert_eq!(due(&apia, Urgency::Urgent, "2011-12-30T04:00:00Z"), at("2012-01-01T20:00:00Z"));
    }

    #[test]
    fn the_promise_names_its_calendar() {
        let promise =
            nine_to_five(chrono_tz::Europe::Vienna).due(7, Urgency::Routine, at("2026-11-23T08:00:00Z")).expect("due");
        assert_eq!((promise.calendar_version, promise.zone.as_str()), (7, "Europe/Vienna"));
    }

    #[test]
    fn all_problems_of_a_calendar_are_reported() {
        let mut calendar = nine_to_five(chrono_tz::UTC);
        calendar.week = [None; 7];
        calendar.answer_minutes.clear();
        assert_eq!(calendar.problems(), [CalendarProblem::NeverOpen, CalendarProblem::Target]);
        calendar.week[0] = Some(Hours { opens: 600, closes: 600 });
        assert_eq!(calendar.problems(), [CalendarProblem::Hours, CalendarProblem::Target]);
        assert_eq!(nine_to_five(chrono_tz::UTC).problems(), []);
    }

    #[test]
    fn a_business_day_later_is_the_same_staffed_time_of_the_next_staffed_day() {
        let calendar = nine_to_five(chrono_tz::UTC);
        let later = |days, from| calendar.business_days(1, days, at(from)).expect("due").at;
        // A Wednesday at eleven; a Friday at eleven; a Saturday; a Monday evening.
        assert_eq!(later(1, "2026-11-25T11:00:00Z"), at("2026-11-26T11:00:00Z"));
        assert_eq!(later(1, "2026-11-27T11:00:00Z"), at("2026-11-30T11:00:00Z"));
        assert_eq!(later(1, "2026-11-28T11:00:00Z"), at("2026-12-01T09:00:00Z"));
        assert_eq!(later(2, "2026-11-23T20:00:00Z"), at("2026-11-26T09:00:00Z"));
        let mut holiday = calendar.clone();
        holiday.holidays.insert(NaiveDate::from_ymd_opt(2026, 11, 26).expect("a day"));
        assert_eq!(
            holiday.business_days(1, 1, at("2026-11-25T11:00:00Z")).expect("due").at,
            at("2026-11-27T11:00:00Z")
        );
        let mut never = calendar;
        never.week = [None; 7];
        assert_eq!(never.business_days(1, 1, at("2026-11-25T11:00:00Z")), None);
    }

    #[test]
    fn a_calendar_without_staffed_minutes_gives_no_due_time() {
        let mut calendar = nine_to_five(chrono_tz::UTC);
        calendar.week = [None; 7];
        assert_eq!(calendar.due(1, Urgency::Urgent, at("2026-11-23T08:00:00Z")), None);
    }

    #[test]
    fn at_the_limits_of_time_there_is_no_due_time() {
        let due = |zone, from| nine_to_five(zone).due(1, Urgency::Urgent, from);
        for zone in [chrono_tz::Asia::Tokyo, chrono_tz::UTC, chrono_tz::America::New_York] {
            assert_eq!(due(zone, DateTime::<Utc>::MAX_UTC), None, "{zone}");
        }
        // West of Greenwich the first instant of all belongs to a day before it.
        assert_eq!(due(chrono_tz::America::New_York, DateTime::<Utc>::MIN_UTC), None);
    }

    proptest! {
        #[test]
        fn counting_minute_by_minute_gives_the_same(start in 0_i64..60 * 24 * 400, minutes in 1_u32..2000) {
            let mut calendar = nine_to_five(chrono_tz::Europe::Berlin);
            calendar.answer_minutes.insert(Urgency::Urgent, minutes);
            let from = at("2026-01-01T00:00:00Z") + Duration::minutes(start);
            let (mut instant, mut counted) = (from, 0);
            while counted < minutes {
                let local = instant.with_timezone(&calendar.zone);
                let open = calendar.staffed(local.date_naive()).is_some_and(|(opens, closes)| opens <= instant && instant < closes);
                counted += u32::from(open);
                instant += Duration::minutes(1);
            }
            prop_assert_eq!(calendar.due(1, Urgency::Urgent, from).expect("due").at, instant);
        }
    }
}
