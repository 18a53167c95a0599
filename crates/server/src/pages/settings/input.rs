//! What a form of a change gives to the API, and what is wrong with it.

use care::age::{AGES, AgeGates};
use care::time_zone::TimeZones;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::change::Change;
use super::hours::{Interval, WEEKDAYS, parsed};
use crate::graphql::inputs::{self, CommandInput, organization as organization_inputs, person as person_inputs};
use crate::graphql::problem::{ProblemCode, ProblemPlace};
use crate::graphql::words::Role;
use crate::pages::controls::chosen;
use crate::pages::forms::Fields;
use crate::pages::outcome::{Note, Outcome, Problem};
use crate::pages::queries::{
    AddPoolMember, ConfirmRole, CorrectPersonName, DeclineRole, EndRole, GrantRole, OpenPool, PreviewCalendar,
    RegisterPerson, RemovePoolMember, RenamePool, SetAgeGates, SetCalendar, SetPhone, add_pool_member, confirm_role,
    correct_person_name, decline_role, end_role, grant_role, open_pool, preview_calendar, register_person,
    remove_pool_member, rename_pool, set_age_gates, set_calendar, set_phone,
};
use crate::pages::site::{Failed, Visit};
use crate::pages::time::PageTime;

/// When an answer would be due by a new calendar.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::pages) struct NewDue {
    pub routine: Option<DateTime<Utc>>,
    pub urgent: Option<DateTime<Utc>>,
}

/// What came of the check of a form.
pub(in crate::pages) struct Checked {
    pub problems: Vec<Problem>,
    pub due: NewDue,
}

/// The input of a calendar. The operations that set and preview it have generated types of their own.
macro_rules! calendar_input {
    ($module:ident, $fields:expr) => {{
        let fields: &Fields = $fields;
        let hours = |weekday: &str| {
            let intervals = parsed(fields.get(&format!("week.{weekday}"))).unwrap_or_default().into_iter();
            Some(intervals.map(|Interval { opens, closes }| $module::HoursInput { opens, closes }).collect())
        };
        $module::SetCalendarInput {
            client_mutation_id: fields.get("key").to_owned(),
            zone: fields.get("zone").trim().to_owned(),
            week: $module::WeekInput {
                monday: hours("monday"),
                tuesday: hours("tuesday"),
                wednesday: hours("wednesday"),
                thursday: hours("thursday"),
                friday: hours("friday"),
                saturday: hours("saturday"),
                sunday: hours("sunday"),
            },
            holidays: holidays(fields),
            answer_minutes: $module::AnswerMinutesInput {
                routine: minutes(fields, "answerMinutes.routine"),
                urgent: minutes(fields, "answerMinutes.urgent"),
            },
        }
    }};
}

impl Change {
    /// Everything that is wrong with a form, as far as it can be said before the command is given.
    pub async fn check(self, visit: &Visit<'_>, fields: &Fields) -> Result<Checked, Failed> {
        let id = visit.id.clone();
        let problems = match self {
            Self::Calendar => return check_calendar(visit, fields).await,
            Self::Phone => checked::<organization_inputs::SetPhoneInput>(phone_input(fields))?,
            Self::Ages => wrong_ages(fields),
            Self::OpenPool => checked::<organization_inputs::OpenPoolInput>(open_pool_input(fields))?,
            Self::RenamePool => checked::<organization_inputs::RenamePoolInput>(rename_pool_input(fields))?,
            Self::AddMember => empty(fields, &["personId"]),
            Self::Register => {
                let mut problems = checked::<person_inputs::RegisterPersonInput>(register_input(fields, &id))?;
                problems.extend(empty(fields, &["role"]));
                problems
            }
            Self::Grant => {
                let mut problems = empty(fields, &["personId", "role"]);
                if until(fields, &visit.time()).is_err() {
                    problems.push(Problem::of_field(ProblemCode::Malformed, "until"));
                }
                problems
            }
            Self::CorrectName => checked::<person_inputs::CorrectPersonNameInput>(correct_input(fields, &id))?,
            Self::RemoveMember | Self::ConfirmRole | Self::DeclineRole | Self::WithdrawRole | Self::EndRole => {
                Vec::new()
            }
        };
        Ok(Checked { problems, due: NewDue::default() })
    }

    /// Makes it.
    pub async fn make(self, visit: &Visit<'_>, fields: &Fields) -> Result<Outcome, Failed> {
        let id = visit.id.clone();
        // Each operation has generated types of its own, with the same two variables.
        macro_rules! act {
            ($operation:ident, $module:ident, $id:expr, $input:expr) => {
                visit.act::<$operation>($module::Variables { id: $id, input: $input }).await
            };
        }
        let person = fields.get("personId").to_owned();
        let (pool_id, person_id) = (fields.get("poolId").to_owned(), person.clone());
        let client_mutation_id = fields.get("key").to_owned();
        let role = chosen::<Role>(fields, "role");
        let absent = |field| Outcome::refused(Problem::of_field(ProblemCode::Empty, field));
        match self {
            Self::Phone => act!(SetPhone, set_phone, id, phone_input(fields)),
            Self::Calendar => match unread_days(fields).into_iter().next() {
                // Hours that cannot be read are never set as a day off.
                Some(day) => Ok(Outcome::refused(day)),
                None => act!(SetCalendar, set_calendar, id, calendar_input!(set_calendar, fields)),
            },
            Self::Ages => {
                let AgeGates { first, review, adult } = ages(fields);
                let (first, review, adult) = (first.into(), review.map(Into::into), adult.into());
                let input = set_age_gates::SetAgeGatesInput { client_mutation_id, first, review, adult };
                act!(SetAgeGates, set_age_gates, id, input)
            }
            Self::OpenPool => act!(OpenPool, open_pool, id, open_pool_input(fields)),
            Self::RenamePool => act!(RenamePool, rename_pool, id, rename_pool_input(fields)),
            Self::AddMember => act!(
                AddPoolMember,
                add_pool_member,
                id,
                add_pool_member::AddPoolMemberInput { client_mutation_id, pool_id, person_id }
            ),
            Self::RemoveMember => act!(
                RemovePoolMember,
                remove_pool_member,
                id,
                remove_pool_member::RemovePoolMemberInput { client_mutation_id, pool_id, person_id }
            ),
            Self::Register => {
                let input = register_input(fields, &id);
                visit.act::<RegisterPerson>(register_person::Variables { input }).await
            }
            Self::Grant => {
                let Some(role) = role else { return Ok(absent("role")) };
                // A last day that cannot be read is never left out.
                let Ok(until) = until(fields, &visit.time()) else {
                    return Ok(Outcome::refused(Problem::of_field(ProblemCode::Malformed, "until")));
                };
                let input = grant_role::GrantRoleInput { client_mutation_id, organization_id: id, role, until };
                act!(GrantRole, grant_role, person, input)
            }
            Self::ConfirmRole => {
                let Some(role) = role else { return Ok(absent("role")) };
                let input = confirm_role::ConfirmRoleInput { client_mutation_id, organization_id: id, role };
                act!(ConfirmRole, confirm_role, person, input)
            }
            Self::DeclineRole | Self::WithdrawRole => {
                let Some(role) = role else { return Ok(absent("role")) };
                let input = decline_role::DeclineRoleInput { client_mutation_id, organization_id: id, role };
                act!(DeclineRole, decline_role, person, input)
            }
            Self::EndRole => {
                let Some(role) = role else { return Ok(absent("role")) };
                let input = end_role::EndRoleInput { client_mutation_id, organization_id: id, role };
                act!(EndRole, end_role, person, input)
            }
            Self::CorrectName => {
                act!(CorrectPersonName, correct_person_name, person, correct_input(fields, &id))
            }
        }
    }
}

/// The problem of each weekday whose hours cannot be read.
fn unread_days(fields: &Fields) -> Vec<Problem> {
    let names = WEEKDAYS.iter().map(|weekday| format!("week.{weekday}"));
    let unread = names.filter(|name| parsed(fields.get(name)).is_none());
    unread.map(|name| Problem::of_field(ProblemCode::Malformed, &name)).collect()
}

pub(in crate::pages) fn holidays(fields: &Fields) -> Vec<String> {
    let days = fields.get("holidays").split([',', ';', '\n', ' ']);
    days.map(str::trim).filter(|day| !day.is_empty()).map(str::to_owned).collect()
}

/// The minutes of a target; zero, which none is, if they are no number.
pub(in crate::pages) fn minutes(fields: &Fields, name: &str) -> i64 {
    fields.get(name).trim().parse::<i32>().map_or(0, i64::from)
}

async fn check_calendar(visit: &Visit<'_>, fields: &Fields) -> Result<Checked, Failed> {
    let (unread, input) = (unread_days(fields), calendar_input!(preview_calendar, fields));
    let answer = visit.ask::<PreviewCalendar>(preview_calendar::Variables { id: visit.id.clone(), input }).await?;
    let found = answer.read(|answer| {
        let preview = answer.data.preview_calendar.as_ref()?;
        let problems = preview.problems.iter().map(|problem| Problem::of(problem.code, problem.path.clone()));
        let due = preview.calendar.as_ref().map(|made| NewDue { routine: made.routine_due, urgent: made.urgent_due });
        Some(Checked { problems: problems.collect(), due: due.unwrap_or_default() })
    });
    let mut checked = found.ok_or(Failed::NotAvailable)?;
    if !unread.is_empty() {
        // What follows from hours that could not be read says nothing.
        checked
            .problems
            .retain(|problem| problem.field().is_some_and(|field| field == "zone" || field.starts_with("holidays")));
        checked.problems.extend(unread);
    }
    Ok(checked)
}

pub(in crate::pages) fn public_name(fields: &Fields) -> String {
    fields.filled("publicName").unwrap_or(fields.get("newName")).trim().to_owned()
}

/// What is wrong with the ages of a form: each that is no number of years that can be set, else each that is not in order.
fn wrong_ages(fields: &Fields) -> Vec<Problem> {
    let wrong = |field| Problem::of_field(ProblemCode::OutOfRange, field);
    let AgeGates { first, review, adult } = ages(fields);
    let of_field = [("first", Some(first)), ("review", review), ("adult", Some(adult))];
    let of_field = of_field.into_iter().filter_map(|(field, age)| Some((field, age?)));
    let no_number = of_field.clone().filter(|(_, age)| !AGES.contains(age));
    let found: Vec<Problem> = no_number.map(|(field, _)| wrong(field)).collect();
    if !found.is_empty() {
        return found;
    }
    let next = of_field.clone().skip(1);
    let below = of_field.zip(next).filter(|((_, before), (_, age))| age < before);
    below.map(|(_, (field, _))| wrong(field).noted(Note::AgesInOrder)).collect()
}

/// The ages of a form. What is no number is an age that cannot be set.
fn ages(fields: &Fields) -> AgeGates {
    let age = |text: &str| text.trim().parse().unwrap_or(u8::MAX);
    AgeGates {
        first: age(fields.get("first")),
        review: fields.filled("review").map(age),
        adult: age(fields.get("adult")),
    }
}

fn phone_input(fields: &Fields) -> set_phone::SetPhoneInput {
    set_phone::SetPhoneInput {
        client_mutation_id: fields.get("key").to_owned(),
        phone: fields.filled("phone").map(str::to_owned),
    }
}

fn open_pool_input(fields: &Fields) -> open_pool::OpenPoolInput {
    open_pool::OpenPoolInput {
        client_mutation_id: fields.get("key").to_owned(),
        name: fields.get("newName").to_owned(),
        public_name: fields.filled("publicName").map(str::to_owned),
        specialty: fields.get("specialty").to_owned(),
    }
}

fn rename_pool_input(fields: &Fields) -> rename_pool::RenamePoolInput {
    rename_pool::RenamePoolInput {
        client_mutation_id: fields.get("key").to_owned(),
        pool_id: fields.get("poolId").to_owned(),
        name: fields.get("newName").to_owned(),
        public_name: fields.filled("publicName").map(str::to_owned),
    }
}

fn register_input(fields: &Fields, organization: &str) -> register_person::RegisterPersonInput {
    register_person::RegisterPersonInput {
        client_mutation_id: fields.get("key").to_owned(),
        organization_id: organization.to_owned(),
        name: fields.get("newName").to_owned(),
        role: chosen(fields, "role"),
    }
}

fn correct_input(fields: &Fields, organization: &str) -> correct_person_name::CorrectPersonNameInput {
    correct_person_name::CorrectPersonNameInput {
        client_mutation_id: fields.get("key").to_owned(),
        organization_id: organization.to_owned(),
        name: fields.get("newName").to_owned(),
        reason: fields.get("reason").to_owned(),
    }
}

/// The instant at which a role ends whose last day was given; an error if it is no day.
pub(in crate::pages) fn until(fields: &Fields, time: &PageTime<'_>) -> Result<Option<DateTime<Utc>>, ()> {
    let Some(text) = fields.filled("until") else { return Ok(None) };
    let next = text.trim().parse::<NaiveDate>().ok().and_then(|day| day.succ_opt());
    let end = next.and_then(|day| time.zone.instant(day.and_time(NaiveTime::MIN)));
    end.map(Some).ok_or(())
}

/// The problems of an input, as the API finds them.
fn checked<I: CommandInput + DeserializeOwned>(input: impl Serialize) -> Result<Vec<Problem>, Failed> {
    let wrong = |error: serde_json::Error| Failed::Internal(error.to_string());
    let input: I = serde_json::to_value(input).and_then(serde_json::from_value).map_err(wrong)?;
    // None of these inputs has a time; only the zone of a calendar needs rules, and the API checks it.
    let read = inputs::read(&input, DateTime::UNIX_EPOCH, &TimeZones::bundled());
    let problems = read.err().unwrap_or_default();
    let problems = problems.iter().map(|problem| problem.place());
    Ok(problems.map(|ProblemPlace { code, path }| Problem::of(code, path)).collect())
}

fn empty(fields: &Fields, names: &[&str]) -> Vec<Problem> {
    let absent = names.iter().filter(|name| fields.filled(name).is_none());
    absent.map(|name| Problem::of_field(ProblemCode::Empty, name)).collect()
}
