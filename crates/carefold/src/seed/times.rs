//! When the demo clinic's past happened: instants that follow from the anchor day and the seed.
//!
//! The past ends where the anchor day begins, so nothing in it lies in the future whatever the
//! hour of the first start, and a repeated seeding gives the same instants.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

/// The clinic's past.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Past {
    end: DateTime<Utc>,
    seed: u64,
}

/// The time of one thread: it only goes forward, and never beyond the end of the past.
#[derive(Debug, Clone)]
pub(crate) struct ThreadTime {
    at: DateTime<Utc>,
    end: DateTime<Utc>,
    dice: Dice,
}

/// Days before the anchor day on which the first organization was created; every thread is younger.
const CREATED_DAYS_AGO: i64 = 120;
/// Fewer than so many minutes are added to each time between steps, by the seed.
const JITTER_MINUTES: u64 = 13;
/// The hour, UTC, at which a day's first thread may begin; they spread over the next six.
const OPENS_HOUR: u64 = 7;

impl Past {
    /// The past before a day.
    pub fn before(anchor_day: NaiveDate, seed: u64) -> Self {
        Self { end: anchor_day.and_time(NaiveTime::MIN).and_utc(), seed }
    }

    /// When the first organization was created.
    pub fn created(&self) -> DateTime<Utc> {
        self.end - TimeDelta::days(CREATED_DAYS_AGO)
    }

    /// The day of birth of somebody who had this birthday, in years, five months before the end.
    pub fn birthday(&self, age: u8) -> NaiveDate {
        self.end.date_naive() - Months::new(u32::from(age) * 12 + 5)
    }

    /// The public holidays around it.
    pub fn holidays(&self) -> BTreeSet<NaiveDate> {
        holidays(self.end.date_naive())
    }

    /// The time of the `number`-th thread, which begins at office hours of a working day, so many
    /// days ago or a little longer.
    pub fn thread(&self, begins_days_ago: u16, number: u64) -> ThreadTime {
        let mut dice = Dice(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number);
        let wanted = self.end.date_naive() - Days::new(u64::from(begins_days_ago) + 1);
        let day = match wanted.weekday() {
            Weekday::Sat => wanted - Days::new(1),
            Weekday::Sun => wanted - Days::new(2),
            Weekday::Mon | Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Fri => wanted,
        };
        let minutes = OPENS_HOUR * 60 + dice.below(6 * 60);
        let at = day.and_time(NaiveTime::MIN).and_utc() + minutes_of(minutes);
        ThreadTime { at, end: self.end, dice }
    }
}

impl ThreadTime {
    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        self.at
    }

    /// Lets minutes pass, and some more by the seed.
    pub fn pass(&mut self, minutes: u64) -> DateTime<Utc> {
        self.at = (self.at + minutes_of(minutes + self.dice.below(JITTER_MINUTES))).min(self.end);
        self.at
    }

    /// A number below `bound` by the seed.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.dice.below(bound)
    }
}

fn minutes_of(minutes: u64) -> TimeDelta {
    TimeDelta::minutes(i64::try_from(minutes).unwrap_or(i64::MAX / 60_000))
}

/// Numbers that look random and follow from a seed (splitmix64). Nothing secret is made of them.
#[derive(Debug, Clone)]
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).checked_rem(bound).unwrap_or(0)
    }
}

/// The public holidays of the clinic's country that have a fixed day, in the years around a day.
/// Those that move with Easter are left to the administrator of a real clinic.
fn holidays(around: NaiveDate) -> BTreeSet<NaiveDate> {
    let fixed = [(1, 1), (1, 6), (5, 1), (8, 15), (10, 26), (11, 1), (12, 8), (12, 25), (12, 26)];
    let years = around.year() - 1..=around.year() + 2;
    years.flat_map(|year| fixed.into_iter().filter_map(move |(m, d)| NaiveDate::from_ymd_opt(year, m, d))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::read;
    use crate::seed::script;

    const DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();

    #[test]
    fn the_same_seed_gives_the_same_instants_and_another_gives_others() {
        let clinic = read::embedded().unwrap();
        let instants = |seed| -> Vec<_> {
            let past = Past::before(DAY, seed);
            let threads = (0..).zip(&clinic.threads);
            threads
                .flat_map(|(number, thread)| script::thread(&clinic, number, thread, &past))
                .map(|line| line.at)
                .collect()
        };
        assert_eq!(instants(1), instants(1));
        assert_ne!(instants(1), instants(2));
    }

    #[test]
    fn threads_begin_on_working_days_after_the_founding_and_end_before_the_past_does() {
        let clinic = read::embedded().unwrap();
        for seed in 0..50 {
            let past = Past::before(DAY, seed);
            let set_up = script::set_up(&clinic, &past).last().unwrap().at;
            for (number, thread) in (0..).zip(&clinic.threads) {
                let lines = script::thread(&clinic, number, thread, &past);
                let (first, last) = (lines.first().unwrap().at, lines.last().unwrap().at);
                assert!(first > set_up, "{}", thread.key);
                assert!(first.weekday().number_from_monday() < 6, "{}", thread.key);
                assert!((7..13).contains(&chrono::Timelike::hour(&first)), "{}", thread.key);
                assert!(lines.is_sorted_by_key(|line| line.at), "{}", thread.key);
                assert!(last < past.end, "{}: its steps do not fit", thread.key);
            }
        }
        assert_eq!(Past::before(DAY, 1).thread(1, 0).pass(u64::from(u32::MAX)), Past::before(DAY, 1).end);
    }

    #[test]
    fn holidays_cover_every_promise_of_the_demo() {
        assert!(holidays(DAY).contains(&NaiveDate::from_ymd_opt(2026, 12, 8).unwrap()));
        assert!(holidays(DAY).contains(&NaiveDate::from_ymd_opt(2027, 1, 6).unwrap()));
        assert_eq!(holidays(DAY).len(), 36);
    }
}
