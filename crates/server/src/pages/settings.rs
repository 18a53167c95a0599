//! The changes of an organization: each has a form, then a page that says what changes and what follows, and is then made.
//!
//! To add a change: 1. its mutation in `queries.rs`; 2. a variant of [`Change`], and follow the compiler: its word, the
//! fields that say what it is about, its title, its controls, what changes, its command; 3. its link in
//! `templates/organization.html`.

use std::fmt::Write as _;

use askama::Template;
use care::time_zone::TimeZones;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use coordination::answer::Recorded;
use poem::http::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::forms::{Choice, Control, ErrorLine, Fields, FormSubject, Hidden, choices, chosen, place};
use super::frame::{Frame, Place};
use super::organizations::{Found, Organization, View, people, week};
use super::outcome::{Outcome, Problem};
use super::queries::{
    AddPoolMember, CorrectPersonName, EndRole, GrantRole, OpenPool, PreviewCalendar, RegisterPerson, RemovePoolMember,
    RenamePool, SetCalendar, SetPhone, add_pool_member, correct_person_name, end_role, grant_role, open_pool,
    organization, preview_calendar, register_person, remove_pool_member, rename_pool, set_calendar, set_phone,
};
use super::rows::Who;
use super::site::{Failed, Screen, Visit, rendered, see_other};
use super::texts::Texts;
use super::time::PageTime;
use crate::graphql::inputs::{self, CommandInput, organization as organization_inputs, person as person_inputs};
use crate::graphql::problem::{ProblemCode, ProblemPlace};
use crate::graphql::words::Role;
use crate::response::Response;

/// The screen `/organizations/{id}/{change}`.
pub(crate) struct Settings;

/// A change of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Phone,
    Calendar,
    OpenPool,
    RenamePool,
    AddMember,
    RemoveMember,
    Register,
    Grant,
    EndRole,
    CorrectName,
}

#[derive(Template)]
#[template(path = "change.html")]
struct Page<'a> {
    frame: Frame<'a>,
    view: View,
    change: Change,
    hidden: Hidden,
    /// What the change is about, which the page sends along.
    about: Vec<Control>,
    controls: Vec<Control>,
    errors: Vec<ErrorLine>,
    /// What changes; none while the form is filled in.
    preview: Option<Preview>,
    /// Whether the organization was changed since the preview was made.
    is_other: bool,
}

/// What a change does.
#[derive(Debug, Default)]
struct Preview {
    lines: Vec<Line>,
    follows: Vec<String>,
    /// What the person saw of it, to be compared when they confirm.
    seen: String,
}

/// A line of what changes.
#[derive(Debug)]
struct Line {
    label: String,
    was: Option<String>,
    becomes: String,
}

/// When an answer would be due by a new calendar.
#[derive(Debug, Clone, Copy, Default)]
struct NewDue {
    routine: Option<DateTime<Utc>>,
    urgent: Option<DateTime<Utc>>,
}

/// What came of the check of a form.
struct Checked {
    problems: Vec<Problem>,
    due: NewDue,
}

const ALL: [Change; 10] = [
    Change::Phone,
    Change::Calendar,
    Change::OpenPool,
    Change::RenamePool,
    Change::AddMember,
    Change::RemoveMember,
    Change::Register,
    Change::Grant,
    Change::EndRole,
    Change::CorrectName,
];

/// The roles that can be granted.
const ROLES: [Role; 8] = [
    Role::Physician,
    Role::Nurse,
    Role::Pharmacist,
    Role::Coordinator,
    Role::SocialWorker,
    Role::Administrator,
    Role::PrivacyOfficer,
    Role::Auditor,
];

/// The value for "no role".
const NO_ROLE: &str = "NONE";

/// The weekdays as the API names them.
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl Change {
    /// The change with this word.
    pub fn of(word: &str) -> Option<Self> {
        ALL.into_iter().find(|change| change.word() == word)
    }

    /// Its word in addresses and forms.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Calendar => "calendar",
            Self::OpenPool => "open-pool",
            Self::RenamePool => "rename-pool",
            Self::AddMember => "add-member",
            Self::RemoveMember => "remove-member",
            Self::Register => "register",
            Self::Grant => "grant",
            Self::EndRole => "end-role",
            Self::CorrectName => "correct-name",
        }
    }

    /// The fields that say what it is about. The proof of the form binds them.
    const fn about(self) -> &'static [&'static str] {
        match self {
            Self::RenamePool | Self::AddMember => &["poolId"],
            Self::RemoveMember => &["poolId", "personId"],
            Self::EndRole => &["personId", "role"],
            Self::CorrectName => &["personId"],
            Self::Phone | Self::Calendar | Self::OpenPool | Self::Register | Self::Grant => &[],
        }
    }

    /// The heading of its page, and the words of the link that leads there.
    pub fn title(self, l: &Texts) -> String {
        match self {
            Self::Phone => l.change_phone(),
            Self::Calendar => l.change_calendar(),
            Self::OpenPool => l.change_open_pool(),
            Self::RenamePool => l.change_rename_pool(),
            Self::AddMember => l.change_add_member(),
            Self::RemoveMember => l.change_remove_member(),
            Self::Register => l.change_register(),
            Self::Grant => l.change_grant(),
            Self::EndRole => l.change_end_role(),
            Self::CorrectName => l.change_correct_name(),
        }
        .into_owned()
    }

    /// What the page says once it is made.
    pub fn done(self, l: &Texts) -> String {
        match self {
            Self::Phone => l.changed_phone(),
            Self::Calendar => l.changed_calendar(),
            Self::OpenPool => l.changed_open_pool(),
            Self::RenamePool => l.changed_rename_pool(),
            Self::AddMember => l.changed_add_member(),
            Self::RemoveMember => l.changed_remove_member(),
            Self::Register => l.changed_register(),
            Self::Grant => l.changed_grant(),
            Self::EndRole => l.changed_end_role(),
            Self::CorrectName => l.changed_correct_name(),
        }
        .into_owned()
    }

    /// The fields of its form as they are before somebody typed: what is there now.
    fn filled(self, view: &View, fields: &Fields) -> Fields {
        let fields = fields.clone();
        match self {
            Self::Phone => fields.with("phone", view.phone.clone().unwrap_or_default()),
            Self::Calendar => match &view.calendar {
                None => fields,
                Some(calendar) => {
                    let days = [
                        &calendar.week.monday,
                        &calendar.week.tuesday,
                        &calendar.week.wednesday,
                        &calendar.week.thursday,
                        &calendar.week.friday,
                        &calendar.week.saturday,
                        &calendar.week.sunday,
                    ];
                    let fields = fields
                        .with("zone", calendar.zone.clone())
                        .with("holidays", calendar.holidays.join("\n"))
                        .with("answerMinutes.routine", calendar.answer_minutes.routine.to_string())
                        .with("answerMinutes.urgent", calendar.answer_minutes.urgent.to_string());
                    WEEKDAYS.into_iter().zip(days).fold(fields, |fields, (weekday, hours)| {
                        fields.with(&format!("week.{weekday}"), written(hours))
                    })
                }
            },
            Self::RenamePool => match pool(view, &fields) {
                Some(pool) => fields.with("newName", pool.name.clone()).with("publicName", pool.public_name.clone()),
                None => fields,
            },
            Self::CorrectName => match person(view, &fields).and_then(|person| person.name.text().map(str::to_owned)) {
                Some(name) => fields.with("newName", name),
                None => fields,
            },
            Self::OpenPool | Self::AddMember | Self::RemoveMember | Self::Register | Self::Grant | Self::EndRole => {
                fields
            }
        }
    }

    /// The controls of its form. A change without any goes straight to its preview.
    fn controls(self, view: &View, fields: &Fields, time: &PageTime<'_>) -> Vec<Control> {
        let l = time.l;
        match self {
            Self::Phone => vec![Control::line("phone", l.field_phone(), fields).hint(l.field_phone_hint())],
            Self::Calendar => calendar_controls(fields, l),
            Self::OpenPool => vec![
                Control::line("newName", l.field_pool_name(), fields).hint(l.field_pool_name_hint()),
                Control::line("publicName", l.field_public_name(), fields).hint(l.field_public_name_hint()),
                Control::line("specialty", l.field_specialty(), fields),
            ],
            Self::RenamePool => vec![
                Control::line("newName", l.field_pool_name(), fields).hint(l.field_pool_name_hint()),
                Control::line("publicName", l.field_public_name(), fields).hint(l.field_public_name_hint()),
            ],
            Self::AddMember => {
                let members: Vec<&str> = pool(view, fields).map_or_else(Vec::new, members);
                let staff = people(view.staff.as_ref());
                let others = staff.iter().filter(|person| !members.contains(&person.id.as_str()));
                vec![Control::one("personId", l.field_person(), fields, named(others, l))]
            }
            Self::Register => vec![
                Control::line("newName", l.field_person_name(), fields),
                Control::one("role", l.field_first_role(), fields, {
                    let none =
                        Choice { hint: Some(l.no_role_hint().into_owned()), ..Choice::new(NO_ROLE, l.no_role()) };
                    role_choices(l).into_iter().chain([none]).collect()
                }),
            ],
            Self::Grant => {
                let (staff, former) = (people(view.staff.as_ref()), people(view.former_staff.as_ref()));
                let mut choices = named(staff.iter(), l);
                choices.extend(
                    named(former.iter(), l)
                        .into_iter()
                        .map(|choice| Choice { hint: Some(l.former_staff_hint().into_owned()), ..choice }),
                );
                vec![
                    Control::one("personId", l.field_person(), fields, choices),
                    Control::one("role", l.field_role(), fields, role_choices(l)),
                    Control::line("until", l.field_last_day(), fields).hint(l.field_last_day_hint()),
                ]
            }
            Self::CorrectName => vec![
                Control::line("newName", l.field_person_name(), fields),
                Control::short_text("reason", l.field_reason(), fields),
            ],
            Self::RemoveMember | Self::EndRole => Vec::new(),
        }
    }

    /// Whether what it is about is there.
    fn is_about_something(self, view: &View, fields: &Fields) -> bool {
        match self {
            Self::RenamePool | Self::AddMember => pool(view, fields).is_some(),
            Self::RemoveMember => {
                pool(view, fields).is_some_and(|pool| members(pool).contains(&fields.get("personId")))
            }
            Self::EndRole => {
                let held = |member: &organization::Staff| {
                    member.person.id == fields.get("personId")
                        && member.roles.iter().any(|held| Some(held.role) == chosen(fields, "role"))
                };
                view.staff.iter().flatten().any(held)
            }
            Self::CorrectName => person(view, fields).is_some(),
            Self::Phone | Self::Calendar | Self::OpenPool | Self::Register | Self::Grant => true,
        }
    }

    /// Everything that is wrong with a form, as far as it can be said before the command is given.
    async fn check(self, visit: &Visit<'_>, fields: &Fields) -> Result<Checked, Failed> {
        let id = visit.id.clone();
        let problems = match self {
            Self::Calendar => return check_calendar(visit, fields).await,
            Self::Phone => checked::<organization_inputs::SetPhoneInput>(phone_input(fields))?,
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
            Self::RemoveMember | Self::EndRole => Vec::new(),
        };
        Ok(Checked { problems, due: NewDue::default() })
    }

    /// What changes, from what to what, and what follows.
    fn preview(self, view: &View, fields: &Fields, due: NewDue, time: &PageTime<'_>) -> Preview {
        let l = time.l;
        let mut preview = Preview::default();
        let text = |name: &str| fields.get(name).trim().to_owned();
        let name_of = |people: &[Who]| {
            let found = people.iter().find(|person| person.id == fields.get("personId"));
            found.map_or_else(|| l.withheld().into_owned(), |person| name(person, l))
        };
        let all = || [people(view.staff.as_ref()), people(view.former_staff.as_ref())].concat();
        match self {
            Self::Phone => {
                let none = || l.no_phone().into_owned();
                let becomes = fields.filled("phone").map_or_else(none, |phone| phone.trim().to_owned());
                preview.changes(l.field_phone(), view.phone.clone().unwrap_or_else(none), becomes);
                preview.follows.push(l.follows_phone().into_owned());
            }
            Self::Calendar => preview.calendar(view, fields, due, time),
            Self::OpenPool => {
                preview.begins(l.field_pool_name(), text("newName"));
                preview.begins(l.field_public_name(), public_name(fields));
                preview.begins(l.field_specialty(), text("specialty"));
                preview.follows.push(l.follows_open_pool().into_owned());
            }
            Self::RenamePool => {
                if let Some(pool) = pool(view, fields) {
                    preview.changes(l.field_pool_name(), pool.name.clone(), text("newName"));
                    preview.changes(l.field_public_name(), pool.public_name.clone(), public_name(fields));
                }
                preview.follows.push(l.follows_rename_pool().into_owned());
            }
            Self::AddMember => {
                let pool = pool(view, fields).map_or_else(String::new, |pool| pool.name.clone());
                let who = name_of(&people(view.staff.as_ref()));
                preview.changes(l.pool_named(&pool), l.not_a_member(&who), l.a_member(&who));
                preview.follows.push(l.follows_add_member(&pool, &who));
            }
            Self::RemoveMember => {
                let Some(pool) = pool(view, fields) else { return preview };
                let who = name_of(&people(view.staff.as_ref()));
                preview.changes(l.pool_named(&pool.name), l.a_member(&who), l.not_a_member(&who));
                let member = pool.members.iter().flatten().find(|member| member.person.id == fields.get("personId"));
                preview.follows.push(l.follows_remove_member(&pool.name, &who));
                preview.follows.push(l.loses_pool_threads(member.and_then(|member| member.open_threads).unwrap_or(0)));
                if pool.members.as_ref().is_some_and(|members| members.len() == 1) {
                    preview.follows.push(l.last_member(&pool.name));
                }
            }
            Self::Register => {
                preview.begins(l.field_person_name(), text("newName"));
                let role = chosen::<Role>(fields, "role");
                preview
                    .begins(l.field_first_role(), role.map_or_else(|| l.no_role().into_owned(), |role| l.role(&role)));
                preview.follows.push(match role {
                    Some(_) => l.follows_register_staff(&view.name),
                    None => l.follows_register_nobody(&view.name),
                });
            }
            Self::Grant => {
                let (who, role) = (name_of(&all()), chosen::<Role>(fields, "role").map(|role| l.role(&role)));
                let before = roles(view, fields.get("personId"), l);
                let role = role.unwrap_or_default();
                let after = if before.is_empty() { role.clone() } else { format!("{before}, {role}") };
                let before = if before.is_empty() { l.no_role().into_owned() } else { before };
                preview.changes(l.roles_of(&who), before, after);
                let last = until(fields, time).ok().flatten();
                let end = last.map_or_else(|| l.no_end().into_owned(), |end| time.full(end).words);
                preview.begins(l.field_until(), end);
                preview.follows.push(l.follows_grant(&view.name, &who));
            }
            Self::EndRole => {
                let (id, ended) = (fields.get("personId"), chosen::<Role>(fields, "role"));
                let who = name_of(&all());
                let member = view.staff.iter().flatten().find(|member| member.person.id == id);
                let others = member.into_iter().flat_map(|member| &member.roles).map(|held| held.role);
                let others: Vec<String> =
                    others.filter(|role| Some(*role) != ended).map(|role| l.role(&role)).collect();
                let after = if others.is_empty() { l.no_role().into_owned() } else { others.join(", ") };
                preview.changes(l.roles_of(&who), roles(view, id, l), after);
                let role = ended.map(|role| l.role(&role)).unwrap_or_default();
                preview.follows.push(l.follows_end_role(&role, &who));
                preview.follows.push(l.loses_threads(member.and_then(|member| member.open_threads).unwrap_or(0)));
                if others.is_empty() {
                    preview.follows.push(l.follows_no_role(&view.name, &who));
                }
            }
            Self::CorrectName => {
                preview.changes(l.field_person_name(), name_of(&all()), text("newName"));
                preview.begins(l.field_reason(), text("reason"));
                preview.follows.push(l.follows_correct_name().into_owned());
            }
        }
        preview
    }

    /// Makes it.
    async fn make(self, visit: &Visit<'_>, fields: &Fields) -> Result<Outcome, Failed> {
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
            Self::Calendar => act!(SetCalendar, set_calendar, id, {
                set_calendar::SetCalendarInput {
                    client_mutation_id,
                    zone: fields.get("zone").trim().to_owned(),
                    week: set_calendar::WeekInput {
                        monday: set_hours(fields, "monday"),
                        tuesday: set_hours(fields, "tuesday"),
                        wednesday: set_hours(fields, "wednesday"),
                        thursday: set_hours(fields, "thursday"),
                        friday: set_hours(fields, "friday"),
                        saturday: set_hours(fields, "saturday"),
                        sunday: set_hours(fields, "sunday"),
                    },
                    holidays: holidays(fields),
                    answer_minutes: set_calendar::AnswerMinutesInput {
                        routine: minutes(fields, "answerMinutes.routine"),
                        urgent: minutes(fields, "answerMinutes.urgent"),
                    },
                }
            }),
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
                let until = until(fields, &visit.time()).ok().flatten();
                let input = grant_role::GrantRoleInput { client_mutation_id, organization_id: id, role, until };
                act!(GrantRole, grant_role, person, input)
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

impl Preview {
    fn changes(&mut self, label: impl Into<String>, was: impl Into<String>, becomes: impl Into<String>) {
        let (label, was) = (label.into(), was.into());
        // A write to a text cannot fail.
        let _ = writeln!(self.seen, "{label}: {was}");
        self.lines.push(Line { label, was: Some(was), becomes: becomes.into() });
    }

    fn begins(&mut self, label: impl Into<String>, becomes: impl Into<String>) {
        self.lines.push(Line { label: label.into(), was: None, becomes: becomes.into() });
    }

    fn calendar(&mut self, view: &View, fields: &Fields, due: NewDue, time: &PageTime<'_>) {
        let l = time.l;
        let before = view.calendar.as_ref();
        let none = || l.no_calendar().into_owned();
        let mut line = |label: String, was: Option<String>, becomes: String| {
            let was = was.unwrap_or_else(none);
            if was != becomes {
                self.changes(label, was, becomes);
            }
        };
        let zone = before.map(|calendar| calendar.zone.clone());
        line(l.field_zone().into_owned(), zone, fields.get("zone").trim().to_owned());
        let names = [l.monday(), l.tuesday(), l.wednesday(), l.thursday(), l.friday(), l.saturday(), l.sunday()];
        for (index, (weekday, label)) in WEEKDAYS.into_iter().zip(names).enumerate() {
            let was = before.and_then(|calendar| {
                let (_, hours) = week(calendar, time).into_iter().nth(index)?;
                Some(hours_words(hours, l))
            });
            let becomes = parsed(fields.get(&format!("week.{weekday}"))).unwrap_or_default();
            line(label.into_owned(), was, intervals_words(&becomes, l));
        }
        let days = |days: &[String]| {
            let words: Vec<String> = days.iter().map(|day| time.birth_date(day)).collect();
            if words.is_empty() { l.no_holidays().into_owned() } else { words.join("; ") }
        };
        let mut new_days = holidays(fields);
        new_days.sort_unstable();
        line(l.field_holidays().into_owned(), before.map(|calendar| days(&calendar.holidays)), days(&new_days));
        let answers = before.map(|calendar| &calendar.answer_minutes);
        for (label, was, name) in [
            (l.field_routine(), answers.map(|minutes| minutes.routine), "answerMinutes.routine"),
            (l.field_urgent(), answers.map(|minutes| minutes.urgent), "answerMinutes.urgent"),
        ] {
            line(label.into_owned(), was.map(|was| l.minutes_of_work(was)), l.minutes_of_work(minutes(fields, name)));
        }
        if self.lines.is_empty() {
            self.follows.push(l.follows_nothing().into_owned());
            return;
        }
        let moment = |at: DateTime<Utc>| l.moment_in_zone(time.full(at).words, time.zone_words());
        let was = |at: Option<DateTime<Utc>>| at.map_or_else(none, moment);
        let due_before = before.map(|calendar| (calendar.routine_due, calendar.urgent_due)).unwrap_or_default();
        if let Some(at) = due.routine {
            self.follows.push(l.routine_due_now(moment(at), was(due_before.0)));
        }
        if let Some(at) = due.urgent {
            self.follows.push(l.urgent_due_now(moment(at), was(due_before.1)));
        }
        self.follows.push(l.follows_calendar().into_owned());
    }
}

fn name(person: &Who, l: &Texts) -> String {
    person.name.text().map_or_else(|| l.withheld().into_owned(), str::to_owned)
}

fn named<'w>(people: impl Iterator<Item = &'w Who>, l: &Texts) -> Vec<Choice> {
    people.map(|person| Choice::new(person.id.clone(), name(person, l))).collect()
}

fn role_choices(l: &Texts) -> Vec<Choice> {
    choices(&ROLES, |role| l.role(role))
}

type Pool = organization::OrganizationOrganizationPools;

fn pool<'v>(view: &'v View, fields: &Fields) -> Option<&'v Pool> {
    view.pools.iter().flatten().find(|pool| pool.id == fields.get("poolId"))
}

fn members(pool: &Pool) -> Vec<&str> {
    pool.members.iter().flatten().map(|member| member.person.id.as_str()).collect()
}

fn person(view: &View, fields: &Fields) -> Option<Who> {
    let all = [people(view.staff.as_ref()), people(view.former_staff.as_ref())].concat();
    all.into_iter().find(|person| person.id == fields.get("personId"))
}

/// The roles of a person here, in words.
fn roles(view: &View, person: &str, l: &Texts) -> String {
    let held = view.staff.iter().flatten().filter(|member| member.person.id == person);
    held.flat_map(|member| &member.roles).map(|held| l.role(&held.role)).collect::<Vec<_>>().join(", ")
}

/// An interval of working hours in minutes since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Interval {
    opens: i64,
    closes: i64,
}

fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The intervals of a day as they are written in the form: `08:00-12:00, 13:00-17:00`.
fn written(hours: &[organization::Hours]) -> String {
    hours.iter().map(|each| format!("{}-{}", clock(each.opens), clock(each.closes))).collect::<Vec<_>>().join(", ")
}

/// The hours of a day, in words.
pub(crate) fn hours_words(hours: &[organization::Hours], l: &Texts) -> String {
    let intervals: Vec<Interval> =
        hours.iter().map(|each| Interval { opens: each.opens, closes: each.closes }).collect();
    intervals_words(&intervals, l)
}

fn intervals_words(intervals: &[Interval], l: &Texts) -> String {
    let mut intervals = intervals.to_vec();
    intervals.sort_unstable_by_key(|each| each.opens);
    let words = intervals.iter().map(|each| format!("{}–{}", clock(each.opens), clock(each.closes)));
    let words = words.collect::<Vec<_>>().join(", ");
    if words.is_empty() { l.day_off().into_owned() } else { words }
}

/// The intervals that somebody wrote for a day; none if they cannot be read. Whether they are possible is for the API to
/// say.
fn parsed(text: &str) -> Option<Vec<Interval>> {
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

fn set_hours(fields: &Fields, weekday: &str) -> Option<Vec<set_calendar::HoursInput>> {
    let intervals = parsed(fields.get(&format!("week.{weekday}"))).unwrap_or_default();
    Some(intervals.iter().map(|&Interval { opens, closes }| set_calendar::HoursInput { opens, closes }).collect())
}

fn preview_hours(fields: &Fields, weekday: &str) -> Option<Vec<preview_calendar::HoursInput>> {
    let intervals = parsed(fields.get(&format!("week.{weekday}"))).unwrap_or_default();
    Some(intervals.iter().map(|&Interval { opens, closes }| preview_calendar::HoursInput { opens, closes }).collect())
}

fn holidays(fields: &Fields) -> Vec<String> {
    let days = fields.get("holidays").split([',', ';', '\n', ' ']);
    days.map(str::trim).filter(|day| !day.is_empty()).map(str::to_owned).collect()
}

/// The minutes of a target; zero, which none is, if they are no number.
fn minutes(fields: &Fields, name: &str) -> i64 {
    fields.get(name).trim().parse::<i32>().map_or(0, i64::from)
}

fn calendar_controls(fields: &Fields, l: &Texts) -> Vec<Control> {
    let mut controls = vec![Control::line("zone", l.field_zone(), fields).hint(l.field_zone_hint())];
    let names = [l.monday(), l.tuesday(), l.wednesday(), l.thursday(), l.friday(), l.saturday(), l.sunday()];
    for (weekday, label) in WEEKDAYS.into_iter().zip(names) {
        controls.push(Control::line(&format!("week.{weekday}"), label, fields).hint(l.field_hours_hint()));
    }
    controls.push(Control::short_text("holidays", l.field_holidays(), fields).hint(l.field_holidays_hint()));
    let minutes = |name: &str, label| Control::number(name, label, fields, 1..=527_040).hint(l.field_minutes_hint());
    controls.push(minutes("answerMinutes.routine", l.field_routine()));
    controls.push(minutes("answerMinutes.urgent", l.field_urgent()));
    controls
}

async fn check_calendar(visit: &Visit<'_>, fields: &Fields) -> Result<Checked, Failed> {
    let day = |weekday: &&str| parsed(fields.get(&format!("week.{weekday}"))).is_none();
    let unread: Vec<String> = WEEKDAYS.iter().filter(|weekday| day(weekday)).map(|day| format!("week.{day}")).collect();
    let input = preview_calendar::SetCalendarInput {
        client_mutation_id: fields.get("key").to_owned(),
        zone: fields.get("zone").trim().to_owned(),
        week: preview_calendar::WeekInput {
            monday: preview_hours(fields, "monday"),
            tuesday: preview_hours(fields, "tuesday"),
            wednesday: preview_hours(fields, "wednesday"),
            thursday: preview_hours(fields, "thursday"),
            friday: preview_hours(fields, "friday"),
            saturday: preview_hours(fields, "saturday"),
            sunday: preview_hours(fields, "sunday"),
        },
        holidays: holidays(fields),
        answer_minutes: preview_calendar::AnswerMinutesInput {
            routine: minutes(fields, "answerMinutes.routine"),
            urgent: minutes(fields, "answerMinutes.urgent"),
        },
    };
    let answer = visit.ask::<PreviewCalendar>(preview_calendar::Variables { id: visit.id.clone(), input }).await?;
    let found = answer.read(|answer| {
        let preview = answer.data.organization.as_ref()?.preview_calendar.as_ref()?;
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
        checked.problems.extend(unread.iter().map(|field| Problem::of_field(ProblemCode::Malformed, field)));
    }
    Ok(checked)
}

fn public_name(fields: &Fields) -> String {
    fields.filled("publicName").unwrap_or(fields.get("newName")).trim().to_owned()
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
fn until(fields: &Fields, time: &PageTime<'_>) -> Result<Option<DateTime<Utc>>, ()> {
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

/// Puts a problem at the control that its path leads to: the field of the input, or one that holds a list.
fn at_control(problem: &Problem, controls: &[Control]) -> Problem {
    let Some(field) = problem.field() else { return problem.clone() };
    let of_form = if field == "name" { "newName".to_owned() } else { field };
    let holds = |control: &&Control| of_form == control.name || of_form.starts_with(&format!("{}.", control.name));
    let first_of = |control: &&Control| control.name.starts_with(&format!("{of_form}."));
    match controls.iter().find(holds).or_else(|| controls.iter().find(first_of)) {
        Some(control) => Problem::of_field(problem.code, &control.name),
        None => problem.clone(),
    }
}

/// What is wrong with a part of a calendar, in words of its own.
fn say_of_calendar(controls: &mut [Control], errors: &mut [ErrorLine], l: &Texts) {
    for control in controls.iter_mut().filter(|control| control.error.is_some()) {
        let words = match control.name.as_str() {
            "zone" => l.wrong_zone(),
            "holidays" => l.wrong_holidays(),
            "answerMinutes.routine" | "answerMinutes.urgent" => l.wrong_minutes(),
            name if name.starts_with("week.") => l.wrong_hours(),
            _ => continue,
        };
        let focus = control.focus();
        for line in errors.iter_mut().filter(|line| line.control.as_ref() == Some(&focus)) {
            line.words = l.label_and_problem(&control.label, &words);
        }
        control.error = Some(words.into_owned());
    }
}

/// The word of a role in the API.
pub(crate) fn role_word(role: &Role) -> String {
    let word = choices(std::slice::from_ref(role), |_| String::new());
    word.into_iter().next().map(|choice| choice.value).unwrap_or_default()
}

/// Which page of a change is shown.
enum Shown<'a> {
    Form(&'a [Problem]),
    Preview { due: NewDue, problems: &'a [Problem], is_other: bool },
}

fn subject_of(change: Change, id: &str, fields: &Fields) -> String {
    std::iter::once(id).chain(change.about().iter().map(|name| fields.get(name))).collect::<Vec<_>>().join("/")
}

fn page(visit: &Visit<'_>, change: Change, view: View, fields: &Fields, shown: Shown<'_>) -> askama::Result<String> {
    let time = visit.time();
    let fields = &change.filled(&view, fields);
    let mut controls = change.controls(&view, fields, &time);
    let (problems, preview, is_other) = match shown {
        Shown::Form(problems) => (problems, None, false),
        Shown::Preview { due, problems, is_other } => {
            (problems, Some(change.preview(&view, fields, due, &time)), is_other)
        }
    };
    let problems: Vec<Problem> = problems.iter().map(|problem| at_control(problem, &controls)).collect();
    let mut errors = place(&problems, &mut controls, time.l);
    if change == Change::Calendar {
        say_of_calendar(&mut controls, &mut errors, time.l);
    }
    let subject = subject_of(change, &visit.id, fields);
    let mut hidden = visit.hidden(FormSubject { form: change.word(), thread: &subject, patient: "" }, "");
    // The same command keeps its key from the form to its confirmation.
    if let Some(key) = fields.filled("key").filter(|_| problems.is_empty()) {
        hidden.key = key.to_owned();
    }
    let about = change.about().iter().map(|name| Control::hidden(name, fields.get(name))).collect();
    let controls = match preview {
        None => controls,
        Some(_) => controls.iter().map(|control| Control::hidden(&control.name, fields.get(&control.name))).collect(),
    };
    let frame = visit.arrival.frame(Place::Organizations);
    rendered(&Page { frame, view, change, hidden, about, controls, errors, preview, is_other })
}

/// The organization, if this person administers it and what the change is about is there.
async fn administered(visit: &Visit<'_>, change: Change, fields: &Fields) -> Result<Recorded<View>, Failed> {
    let found = Organization::read(visit).await?.map(|Found { view, is_whole }| {
        // A form over a part of what is there could show a change that is none.
        let is_ready = is_whole && view.viewer_administers && change.is_about_something(&view, fields);
        if is_ready { Ok(view) } else { Err(Failed::NotAvailable) }
    });
    found.transpose()
}

impl Screen for Settings {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let change = Change::of(&visit.step).ok_or(Failed::NotAvailable)?;
        let fields =
            change.about().iter().fold(Fields::default(), |fields, name| fields.with(name, visit.query.get(name)));
        let view = administered(visit, change, &fields).await?;
        let page = view.map(|view| {
            let shown = if change.controls(&view, &fields, &visit.time()).is_empty() {
                Shown::Preview { due: NewDue::default(), problems: &[], is_other: false }
            } else {
                Shown::Form(&[])
            };
            page(visit, change, view, &fields, shown)
        });
        visit.page(StatusCode::OK, page)
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let change = Change::of(&visit.step).ok_or(Failed::NotAvailable)?;
        Hidden::check(&visit.session, change.word(), &subject_of(change, &visit.id, fields), fields)?;
        let show = |status, view: Recorded<View>, shown| {
            visit.page(status, view.map(|view| page(visit, change, view, fields, shown)))
        };
        // A repeat of what was confirmed finds its subject changed, and is answered by the command.
        if fields.given("confirm").is_none() {
            let view = administered(visit, change, fields).await?;
            if fields.given("edit").is_some() {
                return show(StatusCode::OK, view, Shown::Form(&[]));
            }
            let Checked { problems, due } = change.check(visit, fields).await?;
            if !problems.is_empty() {
                return show(StatusCode::UNPROCESSABLE_ENTITY, view, Shown::Form(&problems));
            }
            return show(StatusCode::OK, view, Shown::Preview { due, problems: &[], is_other: false });
        }
        let view = Organization::read(visit).await?.map(|Found { view, .. }| view);
        let seen = view.read(|view| {
            let fields = change.filled(view, fields);
            change.preview(view, &fields, NewDue::default(), &visit.time()).seen
        });
        if seen.trim() != fields.get("seen").trim() {
            let Checked { problems, due } = change.check(visit, fields).await?;
            let view = administered(visit, change, fields).await?;
            return show(StatusCode::CONFLICT, view, Shown::Preview { due, problems: &problems, is_other: true });
        }
        let outcome = change.make(visit, fields).await?;
        if outcome.problems.is_empty() {
            return see_other(&format!("/organizations/{}?done={}", visit.id, change.word()));
        }
        let view = administered(visit, change, fields).await?;
        let has_form = view.read(|view| !change.controls(view, fields, &visit.time()).is_empty());
        let problems = &outcome.problems;
        let shown = match has_form {
            true => Shown::Form(problems),
            false => Shown::Preview { due: NewDue::default(), problems, is_other: false },
        };
        show(StatusCode::UNPROCESSABLE_ENTITY, view, shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
