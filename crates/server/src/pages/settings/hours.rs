//! Working hours as people write and read them.

use crate::pages::queries::organization;
use crate::pages::texts::Texts;

/// The weekdays as the API names them.
pub(in crate::pages) const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// An interval of working hours in minutes since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pages) struct Interval {
    pub opens: i64,
    pub closes: i64,
}

fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The intervals of a day as they are written in the form: `08:00-12:00, 13:00-17:00`.
pub(in crate::pages) fn written(hours: &[organization::Hours]) -> String {
    hours.iter().map(|each| format!("{}-{}", clock(each.opens), clock(each.closes))).collect::<Vec<_>>().join(", ")
}

/// The hours of a day, in words.
pub(crate) fn hours_words(hours: &[organization::Hours], l: &Texts) -> String {
    let intervals: Vec<Interval> =
        hours.iter().map(|each| Interval { opens: each.opens, closes: each.closes }).collect();
    intervals_words(&intervals, l)
}

pub(in crate::pages) fn intervals_words(intervals: &[Interval], l: &Texts) -> String {
    let mut intervals = intervals.to_vec();
    intervals.sort_unstable_by_key(|each| each.opens);
    let words = intervals.iter().map(|each| format!("{}–{}", clock(each.opens), clock(each.closes)));
    let words = words.collect::<Vec<_>>().join(", ");
    if words.is_empty() { l.day_off().into_owned() } else { words }
}

/// A number of minutes of working time, in hours and minutes.
pub(crate) fn duration_words(minutes: i64, l: &Texts) -> String {
    let (hours, rest) = (minutes / 60, minutes % 60);
    let duration = match (hours, rest) {
        (0, _) => l.work_minutes(rest),
        (_, 0) => l.work_hours(hours),
        (_, _) => l.work_hours_and_minutes(l.work_hours(hours), l.work_minutes(rest)),
    };
    l.of_working_time(duration)
}

/// The intervals that somebody wrote for a day; none if they cannot be read. Whether they are possible is for the API to
/// say.
pub(in crate::pages) fn parsed(text: &str) -> Option<Vec<Interval>> {
    let minute = |text: &str| {
        let (hours, minutes) = text.trim().split_once(':')?;
        let (hours, minutes) = (hours.parse::<u16>().ok()?, minutes.parse::<u16>().ok()?);
        (hours <= 24 && minutes < 60).then(|| i64::from(hours) * 60 + i64::from(minutes))
    };
    let interval = |text: &str| {
        let (opens, closes) = text.split_once(['-', '–'])?;
        Some(Interval { opens: minute(opens)?, closes: minute(closes)? })
    };
    text.split([',', ';', '\n']).filter(|part| !part.trim().is_empty()).map(interval).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::texts::Languages;

    #[test]
    fn a_duration_is_said_in_hours_and_minutes() {
        let l = Languages::read().unwrap().named("en").unwrap();
        for (minutes, words) in [
            (45, "45 minutes of working time"),
            (60, "1 hour of working time"),
            (3000, "50 hours of working time"),
            (91, "1 hour and 31 minutes of working time"),
        ] {
            assert_eq!(duration_words(minutes, l), words);
        }
    }

    #[test]
    fn hours_are_read_as_people_write_them() {
        let morning = Interval { opens: 480, closes: 720 };
        for text in ["8:00-12:00", " 08:00 – 12:00 ", "08:00-12:00,"] {
            assert_eq!(parsed(text), Some(vec![morning]), "{text}");
        }
        let two = parsed("8:00-12:00, 22:00-24:00").unwrap();
        assert_eq!(two, [morning, Interval { opens: 1320, closes: 1440 }]);
        assert_eq!(parsed(" "), Some(Vec::new()));
        for text in ["8-12", "8:00", "8:60-9:00", "25:00-26:00", "closed"] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
