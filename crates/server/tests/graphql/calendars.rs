//! Calendars: due times by the rules of time zones that the server was started with, and all problems of one at once.

use care::time_zone::{InstalledRules, TimeZones};
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use crate::clinic::{Clinic, Target};
use crate::{organization, text};

/// Vancouver's rules of a version, from the directory of rules for tests.
fn rules(version: &str) -> TimeZones {
    let file: &[u8] = match version {
        "2026f" => include_bytes!("../../../../tests/time_zones/2026f/America/Vancouver"),
        _ => include_bytes!("../../../../tests/time_zones/2025b/America/Vancouver"),
    };
    let mut rules = InstalledRules::of_version(Some(version.to_owned()));
    rules.add("America/Vancouver", file).expect("rules");
    TimeZones::installed(rules)
}

async fn set(clinic: &Clinic, calendar: Value) -> Value {
    let centre = organization(clinic, "Centre").await;
    let at_centre = Some(Target { argument: "organizationId", id: centre.as_str() });
    clinic.by("admin").act("setCalendar", at_centre, calendar, "").await
}

/// Each problem as its type, code and path.
fn problems(payload: &Value) -> Vec<String> {
    let shown = |problem: &Value| {
        let path: Vec<&str> = problem["path"].as_array().expect("a path").iter().filter_map(Value::as_str).collect();
        format!("{} {} {}", text(problem, "/__typename"), text(problem, "/code"), path.join("."))
    };
    payload["problems"].as_array().expect("problems").iter().map(shown).collect()
}

#[tokio::test]
async fn an_answer_is_due_by_the_rules_of_today_and_says_which_they_are() {
    for (version, due) in [("2026f", "2027-01-04T17:00:00"), ("2025b", "2027-01-04T18:00:00")] {
        let clinic = Clinic::open_with(rules(version)).await;
        let first = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a Monday");
        let holidays: Vec<String> = (0..6).map(|week| (first + Days::new(7 * week)).to_string()).collect();
        let calendar = json!({
            "clientMutationId": "vancouver", "zone": "America/Vancouver", "holidays": holidays,
            "week": { "monday": [{ "opens": 540, "closes": 1020 }], "tuesday": null, "wednesday": [] },
            "answerMinutes": { "routine": 480, "urgent": 60 },
        });
        assert_eq!(problems(&set(&clinic, calendar).await), [""; 0]);
        let mut question = clinic.question("urgent");
        question["urgency"] = json!("URGENT");
        let select = "consultation { dueAt dueZoneRules }";
        let asked = clinic.by("pcp").done("requestConsultation", None, question, select).await;
        assert!(text(&asked, "/consultation/dueAt").starts_with(due), "{version}: {asked}");
        assert_eq!(text(&asked, "/consultation/dueZoneRules"), version);
    }
}

#[tokio::test]
async fn all_problems_of_a_calendar_are_answered_at_once_each_with_its_path() {
    let clinic = Clinic::open().await;
    let hours = |opens: i32, closes: i32| json!({ "opens": opens, "closes": closes });
    let answer = set(
        &clinic,
        json!({
            "clientMutationId": "wrong", "zone": "Europe/Springfield",
            "holidays": ["2026-12-24", "2026-12-25", "soon", "2026-12-25", "2026-02-30"],
            "week": {
                "monday": [hours(540, 1020), hours(-1, 60), hours(600, 600)],
                "tuesday": [hours(300, 400)], "thursday": [hours(0, 70_000)], "sunday": [hours(1320, 600)],
            },
            "answerMinutes": { "routine": 60, "urgent": 120 },
        }),
    )
    .await;
    let expected = [
        "InputProblem MALFORMED input.holidays.2",
        "InputProblem INVALID_CALENDAR input.holidays.3",
        "InputProblem MALFORMED input.holidays.4",
        "InputProblem MALFORMED input.zone",
        "InputProblem INVALID_CALENDAR input.week.monday.0",
        "InputProblem INVALID_CALENDAR input.week.monday.1",
        "InputProblem INVALID_CALENDAR input.week.monday.2",
        "InputProblem INVALID_CALENDAR input.week.thursday.0",
        "InputProblem INVALID_CALENDAR input.week.sunday.0",
        "InputProblem INVALID_CALENDAR input.answerMinutes.urgent",
    ];
    assert_eq!(problems(&answer), expected);
    let messages = answer["problems"].as_array().expect("problems").iter().map(|problem| text(problem, "/message"));
    let messages: Vec<&str> = messages.collect();
    assert_eq!((messages[1], messages[8]), ("is the same day as number 1", "sunday[0] overlaps monday[0]"));

    let answer = set(
        &clinic,
        json!({
            "clientMutationId": "short", "zone": "Europe/Berlin", "week": { "friday": [hours(540, 600)] },
            "answerMinutes": { "routine": 20_000, "urgent": 60 },
        }),
    )
    .await;
    assert_eq!(problems(&answer), ["InputProblem INVALID_CALENDAR input.answerMinutes.routine"]);
    let message = text(&answer, "/problems/0/message");
    assert!(message.contains("60 staffed minutes") && message.contains("260 weeks"), "{message}");
}
