//! Calendars: due times, problems, and a slow reference that walks minute by minute.

use std::sync::LazyLock;

use chrono::NaiveDateTime;
use proptest::prelude::*;

use super::*;

static TIME_ZONES: LazyLock<TimeZones> = LazyLock::new(TimeZones::bundled);

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn hours(opens: u16, closes: u16) -> Hours {
    Hours { opens, closes }
}

/// Hours by the minutes of the clock: 2230 is half past ten in the evening.
fn clock(opens: u16, closes: u16) -> Hours {
    hours(opens / 100 * 60 + opens % 100, closes / 100 * 60 + closes % 100)
}

fn on(zone: &str, week: [&[Hours]; 7]) -> Calendar {
    Calendar { week: week.map(<[Hours]>::to_vec), ..nine_to_five(zone) }
}

fn due(calendar: &Calendar, urgency: Urgency, from: &str) -> DateTime<Utc> {
    in_force(calendar.clone(), 1).due(urgency, at(from)).expect("due").at
}

/// When what is asked at `from` is due after so many minutes.
fn after(calendar: &Calendar, minutes: u32, from: &str) -> DateTime<Utc> {
    let mut calendar = calendar.clone();
    calendar.answer_minutes.insert(Urgency::Urgent, minutes);
    due(&calendar, Urgency::Urgent, from)
}

fn place(weekday: Weekday, index: usize) -> HoursPlace {
    HoursPlace { weekday, index }
}

#[test]
fn four_hours_from_friday_half_past_four_end_on_monday_half_past_twelve() {
    let calendar = nine_to_five("UTC");
    assert_eq!(after(&calendar, 240, "2026-11-20T16:30:00Z"), at("2026-11-23T12:30:00Z"));
}

#[test]
fn a_holiday_does_not_count() {
    let mut calendar = nine_to_five("UTC");
    calendar.holidays.insert(day("2026-11-26"));
    assert_eq!(due(&calendar, Urgency::Urgent, "2026-11-25T12:00:00Z"), at("2026-11-27T12:00:00Z"));
}

#[test]
fn a_lunch_break_does_not_count() {
    let with_lunch: &[Hours] = &[clock(1300, 1700), clock(900, 1200)];
    let calendar = on("UTC", [with_lunch, &[], with_lunch, &[], &[], &[], &[]]);
    // A Monday.
    assert_eq!(after(&calendar, 60, "2026-11-23T11:30:00Z"), at("2026-11-23T13:30:00Z"));
    assert_eq!(after(&calendar, 30, "2026-11-23T11:30:00Z"), at("2026-11-23T12:00:00Z"));
    assert_eq!(after(&calendar, 30, "2026-11-23T12:30:00Z"), at("2026-11-23T13:30:00Z"));
    assert_eq!(after(&calendar, 5 * 60, "2026-11-23T15:00:00Z"), at("2026-11-25T12:00:00Z"));
}

#[test]
fn a_night_shift_belongs_to_the_day_on_which_it_begins() {
    let night: &[Hours] = &[clock(2200, 600)];
    let mut calendar = on("UTC", [night, &[], &[], &[], &[], &[], night]);
    // Tuesday at three: Monday's night. Monday at three: Sunday's.
    assert_eq!(after(&calendar, 60, "2026-11-24T03:00:00Z"), at("2026-11-24T04:00:00Z"));
    assert_eq!(after(&calendar, 4 * 60, "2026-11-23T03:00:00Z"), at("2026-11-23T23:00:00Z"));
    // On a holiday, the night that began before goes on, and the next one does not begin.
    calendar.holidays.insert(day("2026-11-23"));
    assert_eq!(after(&calendar, 4 * 60, "2026-11-23T03:00:00Z"), at("2026-11-29T23:00:00Z"));
}

#[test]
fn a_whole_day_ends_at_its_midnight() {
    let whole: &[Hours] = &[clock(0, 2400)];
    let calendar = on("UTC", [whole, whole, &[], &[], &[], &[], &[]]);
    assert_eq!(calendar.problems(&TIME_ZONES), []);
    assert_eq!(after(&calendar, 48 * 60, "2026-11-22T15:00:00Z"), at("2026-11-25T00:00:00Z"));
    assert_eq!(after(&calendar, 48 * 60 + 1, "2026-11-22T15:00:00Z"), at("2026-11-30T00:01:00Z"));
}

#[test]
fn hours_are_local_times_across_a_clock_change() {
    let calendar = nine_to_five("America/New_York");
    // Friday noon in New York (16:00Z in summer time) to Monday noon (17:00Z in winter time).
    assert_eq!(due(&calendar, Urgency::Urgent, "2026-10-30T16:00:00Z"), at("2026-11-02T17:00:00Z"));
    // A night shift is an hour shorter or longer.
    let night: &[Hours] = &[clock(2200, 600)];
    let nights = on("America/New_York", [&[], &[], &[], &[], &[], night, &[]]);
    assert_eq!(after(&nights, 7 * 60, "2027-03-13T12:00:00Z"), at("2027-03-14T10:00:00Z"));
    assert_eq!(after(&nights, 9 * 60, "2026-10-31T12:00:00Z"), at("2026-11-01T11:00:00Z"));
}

#[test]
fn a_minute_that_a_clock_change_skips_is_the_first_after_the_gap() {
    let on_sundays = |sunday: &[Hours]| {
        let calendar = on("America/New_York", [&[], &[], &[], &[], &[], &[], sunday]);
        after(&calendar, 60, "2027-03-10T12:00:00Z")
    };
    // On 2027-03-14 the clock goes from two to three, which is 07:00Z.
    assert_eq!(on_sundays(&[clock(215, 800)]), at("2027-03-14T08:00:00Z"));
    // The closing time is skipped: half an hour is before the change, and the other half a week later.
    assert_eq!(on_sundays(&[clock(130, 245)]), at("2027-03-21T06:00:00Z"));
    // The first interval is skipped as a whole, and the second begins at three.
    assert_eq!(on_sundays(&[clock(215, 230), clock(245, 330), clock(500, 600)]), at("2027-03-14T09:30:00Z"));
    // There was no Friday 2011-12-30 in Samoa: its hours are empty.
    assert_eq!(after(&nine_to_five("Pacific/Apia"), 60, "2011-12-30T04:00:00Z"), at("2012-01-01T20:00:00Z"));
}

#[test]
fn a_minute_that_a_clock_change_repeats_is_the_first_of_the_two() {
    let on_sundays = |sunday: &[Hours], minutes| {
        let calendar = on("America/New_York", [&[], &[], &[], &[], &[], &[], sunday]);
        after(&calendar, minutes, "2026-10-30T12:00:00Z")
    };
    // On 2026-11-01 the hour from one to two comes at 05:00Z, and again at 06:00Z.
    assert_eq!(on_sundays(&[clock(130, 300)], 150), at("2026-11-01T08:00:00Z"));
    assert_eq!(on_sundays(&[clock(100, 130)], 30), at("2026-11-01T05:30:00Z"));
    assert_eq!(on_sundays(&[clock(100, 130), clock(130, 145)], 45), at("2026-11-01T05:45:00Z"));
}

#[test]
fn the_promise_names_its_calendar_and_the_rules_of_its_zone() {
    let calendar = in_force(nine_to_five("Europe/Vienna"), 7);
    let promise = calendar.due(Urgency::Routine, at("2026-11-23T08:00:00Z")).expect("due");
    assert_eq!((promise.calendar_version, promise.zone.as_str()), (7, "Europe/Vienna"));
    assert_eq!(promise.zone_rules, TIME_ZONES.version());
}

#[test]
fn all_problems_of_a_calendar_are_reported() {
    use CalendarProblem::{Hours as Impossible, NeverOpen, Target, UnknownZone};
    let targets =
        |urgencies: &[Urgency]| urgencies.iter().map(|urgency| Target { urgency: *urgency }).collect::<Vec<_>>();
    let mut calendar = nine_to_five("Europe/Springfield");
    calendar.week = Default::default();
    calendar.answer_minutes.clear();
    assert_eq!(calendar.problems(&TIME_ZONES), [vec![UnknownZone, NeverOpen], targets(Urgency::ALL)].concat());
    let wrong = [hours(600, 600), hours(60, 120), hours(1440, 60), hours(0, 1441), hours(70, 80)];
    calendar.week[2] = wrong.to_vec();
    let [first, third, fourth] = [0, 2, 3].map(|index| Impossible { place: place(Weekday::Wed, index) });
    let overlaps =
        |one, other| CalendarProblem::Overlap { place: place(Weekday::Wed, one), other: place(Weekday::Wed, other) };
    let hours = vec![UnknownZone, first, overlaps(1, 4), third, fourth, overlaps(4, 1)];
    assert_eq!(calendar.problems(&TIME_ZONES), [hours, targets(Urgency::ALL)].concat());
    assert_eq!(nine_to_five("UTC").problems(&TIME_ZONES), []);
}

#[test]
fn hours_that_overlap_are_a_problem_of_each() {
    let overlaps = |week: [&[Hours]; 7]| {
        let problems = on("UTC", week).problems(&TIME_ZONES);
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let (day, night): (&[Hours], &[Hours]) = (&[clock(500, 700), clock(700, 2200)], &[clock(2200, 600)]);
    assert_eq!(overlaps([&[], &[], day, &[], &[], &[], &[]]), Vec::<String>::new(), "they touch");
    assert_eq!(
        overlaps([&[], night, day, &[], &[], &[], &[]]),
        ["tuesday[0] overlaps wednesday[0]", "wednesday[0] overlaps tuesday[0]"]
    );
    assert_eq!(
        overlaps([day, &[], &[], &[], &[], &[], night]),
        ["monday[0] overlaps sunday[0]", "sunday[0] overlaps monday[0]"]
    );
    let twice: &[Hours] = &[clock(800, 900), clock(800, 900)];
    assert_eq!(
        overlaps([&[], &[], &[], &[], twice, &[], &[]]),
        ["friday[0] overlaps friday[1]", "friday[1] overlaps friday[0]"]
    );
    let many: Vec<Hours> = (0..25).map(|minute| hours(minute * 2, minute * 2 + 1)).collect();
    assert_eq!(
        overlaps([&many, &[], &[], &[], &[], &[], &[]]),
        ["monday[24] is one interval too many: a day has at most 24"]
    );
}

#[test]
fn urgent_is_not_later_than_routine() {
    let with = |routine, urgent| {
        let answer_minutes = BTreeMap::from([(Urgency::Routine, routine), (Urgency::Urgent, urgent)]);
        Calendar { answer_minutes, ..nine_to_five("UTC") }.problems(&TIME_ZONES)
    };
    assert_eq!(with(480, 481), [CalendarProblem::UrgentAfterRoutine { urgent: 481, routine: 480 }]);
    assert_eq!(with(480, 480), []);
    assert_eq!(with(480, 0), [CalendarProblem::Target { urgency: Urgency::Urgent }]);
}

#[test]
fn a_target_that_the_week_does_not_reach_is_a_problem_that_says_how_far_it_reaches() {
    let hour: &[Hours] = &[clock(900, 1000)];
    let mut calendar = on("UTC", [hour, &[], &[], &[], &[], &[], &[]]);
    let mut with = |routine, holidays: &[&str]| {
        calendar.answer_minutes = BTreeMap::from([(Urgency::Routine, routine), (Urgency::Urgent, 60)]);
        calendar.holidays = holidays.iter().map(|each| day(each)).collect();
        calendar.problems(&TIME_ZONES).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        with(20_000, &[]),
        [
            "the routine target of 20000 minutes is out of reach: a week has 60 staffed minutes, and 260 weeks without the holidays have 15600"
        ]
    );
    assert_eq!(with(15_600, &[]), [""; 0]);
    assert_eq!(with(15_601, &[]).len(), 1);
    // Two Mondays; a Tuesday, on which nobody works; and a Monday long before them.
    assert_eq!(with(15_480, &["2027-01-04", "2027-01-05", "2027-01-11", "2000-01-03"]), [""; 0]);
    assert_eq!(with(15_481, &["2027-01-04", "2027-01-05", "2027-01-11", "2000-01-03"]).len(), 1);
}

#[test]
fn a_target_that_is_just_reached_is_kept_although_clock_changes_take_minutes() {
    let skipped: &[Hours] = &[clock(200, 300)];
    let mut calendar = on("America/New_York", [&[], &[], &[], &[], &[], &[], skipped]);
    calendar.answer_minutes = BTreeMap::from([(Urgency::Routine, 15_600), (Urgency::Urgent, 60)]);
    assert_eq!(calendar.problems(&TIME_ZONES), []);
    // The hour is skipped five times in 265 weeks.
    assert_eq!(due(&calendar, Urgency::Routine, "2026-11-23T00:00:00Z"), at("2031-12-21T08:00:00Z"));
}

#[test]
fn a_business_day_later_is_the_same_staffed_time_of_the_next_staffed_day() {
    let calendar = nine_to_five("UTC");
    let by =
        |calendar: &Calendar, days, from| in_force(calendar.clone(), 1).business_days(days, at(from)).map(|due| due.at);
    let later = |days, from| by(&calendar, days, from).expect("due");
    // A Wednesday at eleven; a Friday at eleven; a Saturday; a Monday evening.
    assert_eq!(later(1, "2026-11-25T11:00:00Z"), at("2026-11-26T11:00:00Z"));
    assert_eq!(later(1, "2026-11-27T11:00:00Z"), at("2026-11-30T11:00:00Z"));
    assert_eq!(later(1, "2026-11-28T11:00:00Z"), at("2026-12-01T09:00:00Z"));
    assert_eq!(later(2, "2026-11-23T20:00:00Z"), at("2026-11-26T09:00:00Z"));
    let mut holiday = calendar.clone();
    holiday.holidays.insert(day("2026-11-26"));
    assert_eq!(by(&holiday, 1, "2026-11-25T11:00:00Z"), Some(at("2026-11-27T11:00:00Z")));
    let mut never = calendar.clone();
    never.week = Default::default();
    assert_eq!(by(&never, 1, "2026-11-25T11:00:00Z"), None);
}

#[test]
fn a_business_day_later_is_the_same_staffed_time_with_breaks_and_nights() {
    let (lunch, night): (&[Hours], &[Hours]) = (&[clock(900, 1200), clock(1300, 1700)], &[clock(2200, 600)]);
    let short: &[Hours] = &[clock(800, 900)];
    let calendar = in_force(on("UTC", [lunch, lunch, short, night, night, &[], &[]]), 1);
    let later = |from| calendar.business_days(1, at(from)).expect("due").at;
    // In the afternoon; in the lunch break, which counts from its end.
    assert_eq!(later("2026-11-23T14:00:00Z"), at("2026-11-24T14:00:00Z"));
    assert_eq!(later("2026-11-23T12:20:00Z"), at("2026-11-24T13:00:00Z"));
    // The next day is shorter.
    assert_eq!(later("2026-11-24T14:00:00Z"), at("2026-11-25T09:00:00Z"));
    // Friday at three is still Thursday's night.
    assert_eq!(later("2026-11-27T03:00:00Z"), at("2026-11-28T03:00:00Z"));
}

#[test]
fn a_calendar_without_staffed_minutes_gives_no_due_time() {
    let mut calendar = nine_to_five("UTC");
    calendar.week = Default::default();
    assert_eq!(in_force(calendar, 1).due(Urgency::Urgent, at("2026-11-23T08:00:00Z")), None);
}

#[test]
fn at_the_limits_of_time_there_is_no_due_time() {
    let due = |zone, from| in_force(nine_to_five(zone), 1).due(Urgency::Urgent, from);
    for zone in ["Asia/Tokyo", "UTC", "America/New_York"] {
        assert_eq!(due(zone, DateTime::<Utc>::MAX_UTC), None, "{zone}");
        assert_eq!(due(zone, DateTime::<Utc>::MIN_UTC), None, "{zone}");
        assert_eq!(due(zone, at("9999-12-30T20:00:00Z")), None, "{zone}");
    }
}

/// Zones with many kinds of clock changes: two a year, half an hour, around a fast, a change of the standard time.
const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Asia/Pyongyang",
    "America/Caracas",
];

prop_compose! {
    /// Hours of a day at a few minutes that touch, so that breaks, nights and neighbours are drawn often.
    fn any_hours()(opens in 0_u16..96, closes in 0_u16..=96) -> Hours {
        hours(opens * 15, closes * 15)
    }
}

/// A calendar without problems.
fn any_calendar() -> impl Strategy<Value = Calendar> {
    let week = prop::array::uniform7(prop::collection::vec(any_hours(), 0..4));
    let holidays = prop::collection::btree_set(0_i64..900, 0..80);
    let targets = (1_u32..4000, 1_u32..4000);
    let drawn = (prop::sample::select(&ZONES[..]), week, holidays, targets);
    drawn.prop_filter_map("a calendar with problems", |(zone, mut week, holidays, (one, other))| {
        let answer_minutes = BTreeMap::from([(Urgency::Routine, one.max(other)), (Urgency::Urgent, one.min(other))]);
        let holidays =
            holidays.into_iter().filter_map(|days| day("2010-06-01").checked_add_signed(Duration::days(days)));
        // Of hours that overlap, the first is kept, so that not too many calendars are thrown away.
        let mut kept: Vec<(Weekday, Hours)> = Vec::new();
        for (weekday, day) in std::iter::successors(Some(Weekday::Mon), |weekday| Some(weekday.succ())).zip(&mut week) {
            day.retain(|each| {
                let is_free = each.are_possible() && !kept.iter().any(|other| overlap((weekday, *each), *other));
                kept.extend(is_free.then_some((weekday, *each)));
                is_free
            });
        }
        let calendar = Calendar { zone: zone.to_owned(), week, holidays: holidays.collect(), answer_minutes };
        calendar.problems(&TIME_ZONES).is_empty().then_some(calendar)
    })
}

/// Days of clock changes in these zones.
const CHANGES: [&str; 9] = [
    "2010-08-08",
    "2010-10-03",
    "2010-10-31",
    "2010-11-07",
    "2011-03-13",
    "2011-03-27",
    "2011-04-03",
    "2011-07-31",
    "2011-12-30",
];

/// An instant among the holidays, every second time shortly before a clock change, with seconds.
fn any_instant() -> impl Strategy<Value = DateTime<Utc>> {
    let begin = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let near = (prop::sample::select(&CHANGES[..]), 0..3 * 24 * 60 * 60_i64)
        .prop_map(move |(change, seconds)| begin(day(change)) + Duration::seconds(24 * 60 * 60 - seconds));
    let anywhere =
        (0..900 * 24 * 60 * 60_i64).prop_map(move |seconds| begin(day("2010-06-01")) + Duration::seconds(seconds));
    prop_oneof![near, anywhere]
}

/// Staffed or not, minute by minute, by the clock on the wall alone. Where the clock goes back, the latest time that it has
/// shown holds until it has caught up.
struct Wall<'a> {
    calendar: &'a CalendarInForce,
    instant: DateTime<Utc>,
    latest: NaiveDateTime,
}

impl<'a> Wall<'a> {
    /// The clock at an instant, watched for two days before it.
    fn at(calendar: &'a CalendarInForce, instant: DateTime<Utc>) -> Self {
        let mut wall = Self { calendar, instant: instant - Duration::days(2), latest: NaiveDateTime::MIN };
        wall.look();
        while wall.instant < instant {
            wall.go_on();
        }
        wall
    }

    fn look(&mut self) {
        self.latest = self.latest.max(self.calendar.zone.local(self.instant).expect("a local time"));
    }

    fn go_on(&mut self) {
        self.instant += Duration::minutes(1);
        self.look();
    }

    fn is_staffed(&self) -> bool {
        let Calendar { week, holidays, .. } = &self.calendar.calendar;
        [0, 1].into_iter().any(|nights| {
            let day = self.latest.date() - Duration::days(nights);
            let now = (self.latest - day.and_time(NaiveTime::MIN)).num_minutes();
            !holidays.contains(&day)
                && week[day.weekday().num_days_from_monday() as usize].iter().any(|each| {
                    let closes = i64::from(each.closes) + if each.closes < each.opens { 1440 } else { 0 };
                    i64::from(each.opens) <= now && now < closes
                })
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn walking_minute_by_minute_gives_the_same(calendar in any_calendar(), from in any_instant()) {
        let minutes = calendar.answer_minutes[&Urgency::Urgent];
        let calendar = in_force(calendar, 1);
        let from = from - Duration::seconds(from.timestamp() % 60);
        let due = calendar.due(Urgency::Urgent, from).expect("due").at;
        // The reference is slow, so what is due after months is compared by the other properties only.
        prop_assume!(due - from < Duration::days(60));
        let mut wall = Wall::at(&calendar, from);
        let mut counted = 0;
        while counted < minutes {
            counted += u32::from(wall.is_staffed());
            wall.go_on();
        }
        prop_assert_eq!(due, wall.instant);
    }

    #[test]
    fn a_due_time_is_in_staffed_time(calendar in any_calendar(), from in any_instant()) {
        let calendar = in_force(calendar, 1);
        for due in [
            calendar.due(Urgency::Urgent, from),
            calendar.due(Urgency::Routine, from),
            calendar.business_days(1, from),
        ] {
            let due = due.expect("due").at;
            prop_assert!(due >= from);
            // Where a zone skipped a whole day, the end of one day is the begin of the day after the next.
            let near = calendar.days(due - Duration::days(1)).expect("a day").take(4);
            let is_in = |each: &Staffed| each.opens <= due && due <= each.closes;
            prop_assert!(near.flat_map(|day| calendar.staffed(day)).any(|each| is_in(&each)), "{due}");
        }
    }

    #[test]
    fn who_asks_later_or_gives_more_time_gets_no_earlier_due_time(
        calendar in any_calendar(), from in any_instant(), later in 0_i64..20_000, more in 0_u32..2000,
    ) {
        let urgent = calendar.answer_minutes[&Urgency::Urgent];
        let mut longer = in_force(calendar.clone(), 1);
        longer.calendar.answer_minutes.insert(Urgency::Urgent, urgent + more);
        let calendar = in_force(calendar, 1);
        let due = |calendar: &CalendarInForce, from| calendar.due(Urgency::Urgent, from).map(|due| due.at);
        let first = due(&calendar, from).expect("due");
        prop_assert!(due(&calendar, from + Duration::minutes(later)).is_some_and(|due| due >= first));
        // More than the calendar promises may be out of reach.
        prop_assert!(due(&longer, from).is_none_or(|due| due >= first && (due > first || more == 0)));
        let days = |days, from| calendar.business_days(days, from).map(|due| due.at);
        prop_assert!(days(1, from + Duration::minutes(later)) >= days(1, from));
        prop_assert!(days(2, from) >= days(1, from));
    }

    #[test]
    fn a_calendar_without_problems_always_gives_a_due_time(
        zone in prop::sample::select(&ZONES[..]),
        weekday in 0_usize..7,
        day in any_hours(),
        holidays in prop::collection::btree_set(0_i64..2400, 0..200),
        from in any_instant(),
    ) {
        let mut calendar = Calendar { week: Default::default(), ..nine_to_five(zone) };
        calendar.week[weekday] = vec![day];
        let first = NaiveDate::from_ymd_opt(2010, 6, 1).expect("a day");
        // All on the weekday that is staffed, as often as not for years.
        calendar.holidays = holidays.iter().map(|week| first + Duration::days(week * 7 + weekday as i64 - 1)).collect();
        calendar.answer_minutes = BTreeMap::from([(Urgency::Routine, calendar.reach()), (Urgency::Urgent, 1)]);
        prop_assume!(calendar.problems(&TIME_ZONES).is_empty());
        let calendar = in_force(calendar, 1);
        prop_assert!(calendar.due(Urgency::Routine, from).is_some());
    }
}
