//! What a change does, from what to what, and what follows from it.

use chrono::{DateTime, Utc};

use super::change::Change;
use super::hours::{WEEKDAYS, duration_words, hours_words, intervals_words, parsed};
use super::input::{NewDue, holidays, minutes, public_name, until};
use super::view::{View, name, people, pool, proposal, roles, week};
use crate::graphql::words::Role;
use crate::pages::controls::chosen;
use crate::pages::forms::Fields;
use crate::pages::queries::organization;
use crate::pages::rows::Who;
use crate::pages::site::Visit;
use crate::pages::texts::Texts;
use crate::pages::time::PageTime;

/// What a change does.
#[derive(Debug, Default)]
pub(in crate::pages) struct Preview {
    pub lines: Vec<Line>,
    /// What would be so now. It follows from the lines and the clock.
    pub now: Vec<String>,
    pub follows: Vec<String>,
}

/// A line of what changes.
#[derive(Debug)]
pub(in crate::pages) struct Line {
    pub label: String,
    pub was: Option<String>,
    pub becomes: String,
}

impl Change {
    /// What changes, from what to what, and what follows.
    pub fn preview(self, view: &View, fields: &Fields, due: NewDue, visit: &Visit<'_>) -> Preview {
        let time = &visit.time();
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
            Self::Ages => {
                let organization::OrganizationOrganizationAgeGates { first, review, adult } = view.age_gates;
                let none = || l.no_review_age().into_owned();
                let becomes = fields.filled("review").map_or_else(none, |age| age.trim().to_owned());
                preview.changes(l.field_first_age(), first.to_string(), text("first"));
                preview.changes(l.field_review_age(), review.map_or_else(none, |age| age.to_string()), becomes);
                preview.changes(l.field_adult_age(), adult.to_string(), text("adult"));
                preview.follows.push(l.follows_ages().into_owned());
            }
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
                preview.follows.push(l.follows_add_member(&who, &pool));
            }
            Self::RemoveMember => {
                let Some(pool) = pool(view, fields) else { return preview };
                let who = name_of(&people(view.staff.as_ref()));
                preview.changes(l.pool_named(&pool.name), l.a_member(&who), l.not_a_member(&who));
                let member = pool.members.iter().flatten().find(|member| member.person.id == fields.get("personId"));
                preview.follows.push(l.follows_remove_member(&who, &pool.name));
                let open = member.and_then(|member| member.open_threads);
                preview.follows.extend(open.map(|count| l.loses_pool_threads(count)));
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
                    Some(_) if view.grant_needs_second_person => l.follows_register_proposed(&view.name),
                    Some(_) => l.follows_register_staff(&view.name),
                    None => l.follows_register_nobody(&view.name),
                });
            }
            Self::Grant => {
                let (who, role) = (name_of(&all()), chosen::<Role>(fields, "role"));
                let last = until(fields, time).ok().flatten();
                // A role that waits for another administrator changes nothing yet.
                if view.grant_needs_second_person {
                    let role = role.map(|role| l.role(&role)).unwrap_or_default();
                    preview.begins(l.proposed_role_of(&who), role);
                    preview.ends(last, time);
                    preview.follows.push(l.follows_propose(&who, &view.name));
                } else {
                    let before = roles(view, fields.get("personId"), l);
                    preview.gains(l.roles_of(&who), before, role, l);
                    preview.ends(last, time);
                    preview.follows.push(l.follows_grant(&who, &view.name));
                    preview.follows.push(l.follows_grant_alone(&view.name));
                }
            }
            Self::ConfirmRole | Self::DeclineRole | Self::WithdrawRole => {
                let Some(proposal) = proposal(view, fields) else { return preview };
                let who = name(&Who::from(&proposal.person), l);
                if self == Self::ConfirmRole {
                    preview.gains(l.roles_of(&who), roles(view, &proposal.person.id, l), Some(proposal.role), l);
                } else {
                    preview.begins(l.proposed_role_of(&who), l.role(&proposal.role));
                }
                preview.ends(proposal.until, time);
                let by = proposal.proposed_by.as_ref().map(Who::from);
                preview.begins(l.proposed_by(), by.map_or_else(|| l.withheld().into_owned(), |by| name(&by, l)));
                preview.begins(l.proposed_on(), time.full(proposal.proposed_at).words);
                preview.follows.push(match self == Self::ConfirmRole {
                    true => l.follows_grant(&who, &view.name),
                    false => l.follows_decline_role(&who),
                });
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
                preview.follows.push(l.follows_end_role(&who, &role));
                if ended == Some(Role::Administrator) && id == visit.session.me.id {
                    preview.follows.push(l.follows_end_own_administration(&view.name));
                }
                let open = member.and_then(|member| member.open_threads);
                preview.follows.extend(open.map(|count| l.loses_threads(count)));
                if others.is_empty() {
                    preview.follows.push(l.follows_no_role(&who, &view.name));
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
}

impl Preview {
    fn changes(&mut self, label: impl Into<String>, was: impl Into<String>, becomes: impl Into<String>) {
        self.lines.push(Line { label: label.into(), was: Some(was.into()), becomes: becomes.into() });
    }

    /// A person has one role more than before.
    fn gains(&mut self, label: impl Into<String>, before: String, role: Option<Role>, l: &Texts) {
        let role = role.map(|role| l.role(&role)).unwrap_or_default();
        let after = if before.is_empty() { role } else { format!("{before}, {role}") };
        let before = if before.is_empty() { l.no_role().into_owned() } else { before };
        self.changes(label, before, after);
    }

    /// The last day of a role.
    fn ends(&mut self, end: Option<DateTime<Utc>>, time: &PageTime<'_>) {
        let words = end.map_or_else(|| time.l.no_end().into_owned(), |end| time.last_day(end));
        self.begins(time.l.field_last_day(), words);
    }

    /// What a confirmation is bound to: all that is shown, without what the clock alone changes.
    pub fn bound(&self) -> Vec<&str> {
        let lines = self.lines.iter().flat_map(|line| {
            let was = line.was.as_deref().map_or(["", ""], |was| ["was", was]);
            [&line.label, was[0], was[1], &line.becomes]
        });
        lines.chain(["follows"]).chain(self.follows.iter().map(String::as_str)).collect()
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
            line(label.into_owned(), was.map(|was| duration_words(was, l)), duration_words(minutes(fields, name), l));
        }
        if self.lines.is_empty() {
            self.follows.push(l.follows_nothing().into_owned());
            return;
        }
        let moment = |at: DateTime<Utc>| l.moment_in_zone(time.full(at).words, time.zone_words());
        let was = |at: Option<DateTime<Utc>>| at.map_or_else(none, moment);
        let due_before = before.map(|calendar| (calendar.routine_due, calendar.urgent_due)).unwrap_or_default();
        if let Some(at) = due.routine {
            self.now.push(l.routine_due_now(moment(at), was(due_before.0)));
        }
        if let Some(at) = due.urgent {
            self.now.push(l.urgent_due_now(moment(at), was(due_before.1)));
        }
        self.follows.push(l.follows_calendar().into_owned());
    }
}
