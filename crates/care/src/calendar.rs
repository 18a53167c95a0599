//! Business calendars: the working hours of an organization and the due times of its answers.
//!
//! A due time is computed once, by the calendar of the answering pool and the rules of its time zone, and stored with the
//! versions of both; a later change of either does not change it. Hours and targets are data of the organization.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Utc, Weekday};
use serde::{Deserialize, Serialize};

use crate::time_zone::{TimeZones, Zone};
use crate::words::Urgency;

/// Working hours of one weekday, in minutes since local midnight: from `opens` up to `closes`. Hours that close before they
/// open go on over midnight, and belong to the day on which they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hours {
    /// First staffed minute, at most 1,439.
    pub opens: u16,
    /// First minute that is not staffed any more, at most 1,440, which is the end of the day.
    pub closes: u16,
}

impl Hours {
    /// When they end, in minutes since the midnight before they begin.
    fn end(self) -> u32 {
        let next_day = if self.closes < self.opens { DAY_MINUTES } else { 0 };
        u32::from(self.closes) + next_day
    }

    fn minutes(self) -> u32 {
        self.end().saturating_sub(u32::from(self.opens))
    }

    fn are_possible(self) -> bool {
        self.opens != self.closes && u32::from(self.opens) < DAY_MINUTES && u32::from(self.closes) <= DAY_MINUTES
    }
}

/// When an organization is staffed and how soon it promises an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// The name of the IANA zone in which days and hours are meant.
    pub zone: String,
    /// Hours by weekday, Monday first; empty on days off.
    pub week: [Vec<Hours>; 7],
    /// Days off, whatever their weekday. Hours that began on the day before go on.
    pub holidays: BTreeSet<NaiveDate>,
    /// Business minutes to the answer, by urgency.
    pub answer_minutes: BTreeMap<Urgency, u32>,
}

/// Which hours of a week: of a weekday, counted from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoursPlace {
    /// The weekday on which they begin.
    pub weekday: Weekday,
    /// Their place among those of the weekday.
    pub index: usize,
}

impl HoursPlace {
    /// The weekday in English, in lower case.
    #[must_use]
    pub fn weekday_word(self) -> &'static str {
        match self.weekday {
            Weekday::Mon => "monday",
            Weekday::Tue => "tuesday",
            Weekday::Wed => "wednesday",
            Weekday::Thu => "thursday",
            Weekday::Fri => "friday",
            Weekday::Sat => "saturday",
            Weekday::Sun => "sunday",
        }
    }
}

impl fmt::Display for HoursPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.weekday_word(), self.index)
    }
}

/// What is wrong with a calendar; all of it is reported at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarProblem {
    /// A zone without rules.
    #[error("is not the name of an IANA time zone")]
    UnknownZone,
    /// Hours that are not in a day, or empty.
    #[error("{place} opens in minute 0 to 1439 and closes in another, up to 1440")]
    Hours {
        /// Which hours.
        place: HoursPlace,
    },
    /// More hours in a day than anybody works.
    #[error("{place} is one interval too many: a day has at most {INTERVALS_MAX}")]
    TooManyHours {
        /// The first that is too many.
        place: HoursPlace,
    },
    /// Hours that are staffed already.
    #[error("{place} overlaps {other}")]
    Overlap {
        /// Which hours.
        place: HoursPlace,
        /// The hours that they overlap.
        other: HoursPlace,
    },
    /// A week without a staffed minute can answer nothing.
    #[error("a week needs at least one staffed day")]
    NeverOpen,
    /// An urgency without a target, or with one of zero or over a year.
    #[error("the {} target is between a minute and {ANSWER_MINUTES_MAX} minutes", .urgency.word())]
    Target {
        /// Of which urgency.
        urgency: Urgency,
    },
    /// What is urgent is answered later than what is not.
    #[error("the urgent target of {urgent} minutes is longer than the routine target of {routine}")]
    UrgentAfterRoutine {
        /// The urgent target.
        urgent: u32,
        /// The routine target.
        routine: u32,
    },
    /// A target that the week does not reach in time.
    #[error(
        "the {} target of {target} minutes is out of reach: a week has {week} staffed minutes, and {WEEKS_MAX} weeks without the holidays have {reach}",
        .urgency.word()
    )]
    OutOfReach {
        /// Of which urgency.
        urgency: Urgency,
        /// The target.
        target: u32,
        /// The staffed minutes of a week.
        week: u32,
        /// The staffed minutes until the latest due time.
        reach: u32,
    },
}

/// A promise: when an answer is due, and by which calendar and rules that was computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The instant.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
    /// The version of the calendar that it was computed by.
    pub calendar_version: u32,
    /// The zone of that calendar.
    pub zone: String,
    /// The version of the zone's rules.
    pub zone_rules: String,
}

const DAY_MINUTES: u32 = 24 * 60;
const WEEK_MINUTES: u32 = 7 * DAY_MINUTES;

/// Longest target, in business minutes: a year of round-the-clock days.
const ANSWER_MINUTES_MAX: u32 = 366 * DAY_MINUTES;

/// Most intervals in a day.
const INTERVALS_MAX: usize = 24;

/// Weeks within which a target is reached: five years.
const WEEKS_MAX: u32 = 5 * 52;

/// The longest search for a due time, in days: one year more than [`WEEKS_MAX`], which makes up for the minutes that clock
/// changes take, so that a calendar without problems always gives a due time.
const DAYS_MAX: u32 = 6 * 366;

impl Calendar {
    /// Everything that is wrong with it.
    #[must_use]
    pub fn problems(&self, time_zones: &TimeZones) -> Vec<CalendarProblem> {
        let mut problems = Vec::new();
        if time_zones.zone(&self.zone).is_none() {
            problems.push(CalendarProblem::UnknownZone);
        }
        problems.extend(self.problems_of_hours());
        let target = |urgency| self.target(urgency);
        let is_wrong = |urgency: &Urgency| !(1..=ANSWER_MINUTES_MAX).contains(&target(*urgency));
        let wrong: Vec<Urgency> = Urgency::ALL.iter().copied().filter(is_wrong).collect();
        problems.extend(wrong.iter().map(|urgency| CalendarProblem::Target { urgency: *urgency }));
        let (urgent, routine) = (target(Urgency::Urgent), target(Urgency::Routine));
        if wrong.is_empty() && urgent > routine {
            problems.push(CalendarProblem::UrgentAfterRoutine { urgent, routine });
        }
        // How far a week reaches says nothing while its hours are wrong.
        let is_of_week = |problem: &CalendarProblem| match problem {
            CalendarProblem::Hours { .. }
            | CalendarProblem::TooManyHours { .. }
            | CalendarProblem::Overlap { .. }
            | CalendarProblem::NeverOpen => true,
            CalendarProblem::UnknownZone
            | CalendarProblem::Target { .. }
            | CalendarProblem::UrgentAfterRoutine { .. }
            | CalendarProblem::OutOfReach { .. } => false,
        };
        if !problems.iter().any(is_of_week) {
            let (week, reach) = (self.week_minutes(), self.reach());
            let targets = Urgency::ALL.iter().filter(|urgency| !wrong.contains(urgency));
            problems.extend(targets.filter(|urgency| target(**urgency) > reach).map(|urgency| {
                CalendarProblem::OutOfReach { urgency: *urgency, target: target(*urgency), week, reach }
            }));
        }
        problems
    }

    /// The same calendar, with the hours of each weekday in their order.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        for day in &mut self.week {
            day.sort_unstable();
        }
        self
    }

    fn target(&self, urgency: Urgency) -> u32 {
        self.answer_minutes.get(&urgency).copied().unwrap_or(0)
    }

    /// All hours of the week with their places.
    fn places(&self) -> impl Iterator<Item = (HoursPlace, Hours)> {
        let weekdays = std::iter::successors(Some(Weekday::Mon), |weekday| Some(weekday.succ()));
        weekdays.zip(&self.week).flat_map(|(weekday, day)| {
            day.iter().enumerate().map(move |(index, hours)| (HoursPlace { weekday, index }, *hours))
        })
    }

    fn problems_of_hours(&self) -> Vec<CalendarProblem> {
        if self.week.iter().all(Vec::is_empty) {
            return vec![CalendarProblem::NeverOpen];
        }
        let too_many = self.places().filter(|(place, _)| place.index == INTERVALS_MAX);
        let too_many: Vec<_> = too_many.map(|(place, _)| CalendarProblem::TooManyHours { place }).collect();
        if !too_many.is_empty() {
            return too_many;
        }
        let mut problems = Vec::new();
        for (place, hours) in self.places() {
            let overlaps = |(other, others): &(HoursPlace, Hours)| {
                *other != place && others.are_possible() && overlap((place.weekday, hours), (other.weekday, *others))
            };
            if !hours.are_possible() {
                problems.push(CalendarProblem::Hours { place });
            } else if let Some((other, _)) = self.places().find(overlaps) {
                problems.push(CalendarProblem::Overlap { place, other });
            }
        }
        problems
    }

    fn week_minutes(&self) -> u32 {
        self.week.iter().map(|day| minutes(day)).sum()
    }

    /// The staffed minutes that there are before the latest due time, whatever the instant of the question.
    fn reach(&self) -> u32 {
        let (mut near, mut off, mut most_off) = (VecDeque::new(), 0, 0);
        for day in &self.holidays {
            let minutes = minutes(self.hours_of(day.weekday()));
            near.push_back((*day, minutes));
            off += minutes;
            while let Some((first, minutes)) = near.front()
                && (*day - *first).num_days() >= i64::from(DAYS_MAX)
            {
                off -= minutes;
                near.pop_front();
            }
            most_off = most_off.max(off);
        }
        (WEEKS_MAX * self.week_minutes()).saturating_sub(most_off)
    }

    fn hours_of(&self, weekday: Weekday) -> &[Hours] {
        let index = usize::try_from(weekday.num_days_from_monday()).unwrap_or(0);
        self.week.get(index).map_or(&[], Vec::as_slice)
    }
}

fn minutes(day: &[Hours]) -> u32 {
    day.iter().map(|hours| hours.minutes()).sum()
}

/// Whether two hours of a week have a minute in common. The week is a circle: Sunday's night ends on Monday.
fn overlap(one: (Weekday, Hours), other: (Weekday, Hours)) -> bool {
    let span = |(weekday, hours): (Weekday, Hours)| {
        let begins = weekday.num_days_from_monday() * DAY_MINUTES + u32::from(hours.opens);
        (begins, begins + hours.minutes())
    };
    let ((begins, ends), (other_begins, other_ends)) = (span(one), span(other));
    let meets = |shift: u32, other_shift: u32| {
        begins + shift < other_ends + other_shift && other_begins + other_shift < ends + shift
    };
    meets(0, 0) || meets(WEEK_MINUTES, 0) || meets(0, WEEK_MINUTES)
}

/// The calendar by which an organization promises something now, with its version and the rules of its zone.
#[derive(Debug, Clone)]
pub struct CalendarInForce {
    /// The calendar.
    pub calendar: Calendar,
    /// Its version.
    pub version: u32,
    /// Its zone, with today's rules.
    pub zone: Zone,
}

/// A staffed interval, as instants.
#[derive(Debug, Clone, Copy)]
struct Staffed {
    opens: DateTime<Utc>,
    closes: DateTime<Utc>,
}

impl Staffed {
    fn length(self) -> Duration {
        self.closes - self.opens
    }
}

impl CalendarInForce {
    /// When an answer asked for at `from` is due: after the urgency's business minutes.
    ///
    /// `None` when the calendar has no target, or not so many staffed minutes within six years, as none without problems.
    #[must_use]
    pub fn due(&self, urgency: Urgency, from: DateTime<Utc>) -> Option<Due> {
        let mut left = Duration::minutes(i64::from(*self.calendar.answer_minutes.get(&urgency)?));
        for day in self.days(from)? {
            for Staffed { opens, closes } in self.staffed(day) {
                let start = opens.max(from);
                if start < closes {
                    if closes - start >= left {
                        return Some(self.promised(start.checked_add_signed(left)?));
                    }
                    left -= closes - start;
                }
            }
        }
        None
    }

    /// The same staffed time `days` business days after `from`: a thread that came at the second staffed hour of a day is
    /// due at the second staffed hour. What comes outside staffed hours counts from the next staffed minute.
    ///
    /// `None` when the calendar has no staffed minute within six years.
    #[must_use]
    pub fn business_days(&self, days: u32, from: DateTime<Utc>) -> Option<Due> {
        let (mut into, mut left) = (None, days);
        for day in self.days(from)? {
            let staffed = self.staffed(day);
            let Some(last) = staffed.last() else { continue };
            match into {
                None if from < last.closes => {
                    let before = staffed.iter().map(|each| (from - each.opens).clamp(Duration::zero(), each.length()));
                    into = Some(before.sum::<Duration>());
                }
                None => {}
                Some(_) => left = left.saturating_sub(1),
            }
            if let Some(mut into) = into.filter(|_| left == 0) {
                for each in &staffed {
                    if into < each.length() {
                        return Some(self.promised(each.opens.checked_add_signed(into)?));
                    }
                    into -= each.length();
                }
                // The day is shorter than the one on which it came.
                return Some(self.promised(last.closes));
            }
        }
        None
    }

    fn promised(&self, at: DateTime<Utc>) -> Due {
        let zone_rules = self.zone.version().to_owned();
        Due { at, calendar_version: self.version, zone: self.calendar.zone.clone(), zone_rules }
    }

    /// The local days on which hours may begin that end after an instant, from the night before on.
    fn days(&self, from: DateTime<Utc>) -> Option<impl Iterator<Item = NaiveDate>> {
        let night_before = self.zone.local(from)?.date().pred_opt()?;
        let days = std::iter::successors(Some(night_before), |day| day.succ_opt());
        days.zip(0..=DAYS_MAX).map(|(day, _)| day).into()
    }

    /// The staffed intervals that begin on a local day, in their order. A clock change within the hours makes them shorter
    /// or longer, as it does for the staff.
    fn staffed(&self, day: NaiveDate) -> Vec<Staffed> {
        if self.calendar.holidays.contains(&day) {
            return Vec::new();
        }
        let instant = |minutes: u32| {
            let local = day.and_time(NaiveTime::MIN).checked_add_signed(Duration::minutes(i64::from(minutes)))?;
            self.zone.instant(local)
        };
        let hours = self.calendar.hours_of(day.weekday()).iter();
        let instants =
            |hours: &Hours| Some(Staffed { opens: instant(u32::from(hours.opens))?, closes: instant(hours.end())? });
        let mut staffed: Vec<Staffed> = hours.filter_map(instants).filter(|each| each.opens < each.closes).collect();
        staffed.sort_unstable_by_key(|each| each.opens);
        staffed
    }
}

/// Nine to five from Monday to Friday; five days for routine, one for urgent questions.
#[cfg(test)]
pub(crate) fn nine_to_five(zone: &str) -> Calendar {
    let day = || vec![Hours { opens: 9 * 60, closes: 17 * 60 }];
    Calendar {
        zone: zone.to_owned(),
        week: [day(), day(), day(), day(), day(), vec![], vec![]],
        holidays: BTreeSet::new(),
        answer_minutes: BTreeMap::from([(Urgency::Routine, 5 * 480), (Urgency::Urgent, 480)]),
    }
}

/// A calendar in force, by the rules that are part of the program.
#[cfg(test)]
pub(crate) fn in_force(calendar: Calendar, version: u32) -> CalendarInForce {
    let zone = TimeZones::bundled().zone(&calendar.zone).expect("a zone");
    CalendarInForce { calendar, version, zone }
}

#[cfg(test)]
mod tests;
