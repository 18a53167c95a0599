//! The controls of a change, filled with what is there now.

use care::age::AGES;

use super::change::Change;
use super::hours::{WEEKDAYS, written};
use super::view::{Proposal, View, members, name, people, person, pool, proposal};
use crate::graphql::words::Role;
use crate::pages::controls::{Choice, Control, ErrorLine, choices, chosen};
use crate::pages::forms::Fields;
use crate::pages::outcome::Problem;
use crate::pages::queries::organization;
use crate::pages::rows::Who;
use crate::pages::texts::Texts;
use crate::pages::time::PageTime;

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

impl Change {
    /// The fields of its form as they are before somebody typed: what is there now.
    pub fn filled(self, view: &View, fields: &Fields) -> Fields {
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
            Self::Ages => {
                let organization::OrganizationOrganizationAgeGates { first, review, adult } = view.age_gates;
                let fields = fields.with("first", first.to_string()).with("adult", adult.to_string());
                fields.with("review", review.map(|age| age.to_string()).unwrap_or_default())
            }
            Self::RenamePool => match pool(view, &fields) {
                Some(pool) => fields.with("newName", pool.name.clone()).with("publicName", pool.public_name.clone()),
                None => fields,
            },
            Self::CorrectName => match person(view, &fields).and_then(|person| person.name.text().map(str::to_owned)) {
                Some(name) => fields.with("newName", name),
                None => fields,
            },
            Self::OpenPool
            | Self::AddMember
            | Self::RemoveMember
            | Self::Register
            | Self::Grant
            | Self::ConfirmRole
            | Self::DeclineRole
            | Self::WithdrawRole
            | Self::EndRole => fields,
        }
    }

    /// The controls of its form. A change without any goes straight to its preview.
    pub fn controls(self, view: &View, fields: &Fields, time: &PageTime<'_>) -> Vec<Control> {
        let l = time.l;
        match self {
            Self::Phone => vec![Control::line("phone", l.field_phone(), fields).hint(l.field_phone_hint())],
            Self::Calendar => calendar_controls(fields, l),
            Self::Ages => {
                let years = i64::from(*AGES.start())..=i64::from(*AGES.end());
                let age = |name: &str, label| Control::number(name, label, fields, years.clone());
                vec![
                    age("first", l.field_first_age()).hint(l.field_first_age_hint()),
                    age("review", l.field_review_age()).hint(l.field_review_age_hint()),
                    age("adult", l.field_adult_age()).hint(l.field_adult_age_hint()),
                ]
            }
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
            Self::RemoveMember | Self::ConfirmRole | Self::DeclineRole | Self::WithdrawRole | Self::EndRole => {
                Vec::new()
            }
        }
    }

    /// Whether what it is about is there, and is this reader's to change.
    pub fn is_about_something(self, view: &View, fields: &Fields, reader: &str) -> bool {
        let is_own = |proposal: &Proposal| proposal.proposed_by.as_ref().is_some_and(|by| by.id == reader);
        match self {
            Self::ConfirmRole => proposal(view, fields).is_some_and(|proposal| proposal.viewer_can_confirm),
            Self::DeclineRole => proposal(view, fields).is_some_and(|proposal| !is_own(proposal)),
            Self::WithdrawRole => proposal(view, fields).is_some_and(is_own),
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
            Self::Phone | Self::Calendar | Self::Ages | Self::OpenPool | Self::Register | Self::Grant => true,
        }
    }
}

fn named<'w>(people: impl Iterator<Item = &'w Who>, l: &Texts) -> Vec<Choice> {
    people.map(|person| Choice::new(person.id.clone(), name(person, l))).collect()
}

fn role_choices(l: &Texts) -> Vec<Choice> {
    choices(&ROLES, |role| l.role(role))
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

/// Puts a problem at the control that its path leads to: the field of the input, or one that holds a list.
pub(in crate::pages) fn at_control(problem: &Problem, controls: &[Control]) -> Problem {
    let Some(field) = problem.field() else { return problem.clone() };
    let of_form = if field == "name" { "newName".to_owned() } else { field };
    let holds = |control: &&Control| of_form == control.name || of_form.starts_with(&format!("{}.", control.name));
    let first_of = |control: &&Control| control.name.starts_with(&format!("{of_form}."));
    match controls.iter().find(holds).or_else(|| controls.iter().find(first_of)) {
        Some(control) => {
            let mut moved = Problem::of_field(problem.code, &control.name);
            moved.note = problem.note;
            moved
        }
        None => problem.clone(),
    }
}

/// What is wrong with a part of a calendar, in words of its own.
pub(in crate::pages) fn say_of_calendar(controls: &mut [Control], errors: &mut [ErrorLine], l: &Texts) {
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
