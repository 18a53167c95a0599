//! The clinic as lines to be played: who gives which command when, and under which key.
//!
//! The keys are fixed: ids follow from them, so another key is another clinic.

use std::collections::BTreeMap;

use care::calendar::Calendar;
use care::words::{Audience, Role};
use chrono::{DateTime, TimeDelta, Utc};

use crate::seed::check::can_read;
use crate::seed::clinic::{Act, Clinic, HeldRole, Organization, Patient, Person, Pool, Thread};
use crate::seed::times::Past;

/// A command that is given.
#[derive(Debug, Clone)]
pub(crate) struct Line<'a, C> {
    pub by: Sender<'a>,
    pub at: DateTime<Utc>,
    /// What is different in each line.
    pub key: String,
    pub command: C,
}

/// Who gives a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender<'a> {
    /// The program itself, before anybody is registered.
    Installation,
    /// A person, by handle.
    Person(&'a str),
}

/// What makes the cast.
#[derive(Debug, Clone)]
pub(crate) enum SetUp<'a> {
    CreateOrganization(&'a Organization),
    SetCalendar {
        organization: &'a str,
        calendar: Box<Calendar>,
    },
    SetPhone {
        organization: &'a str,
        phone: &'a str,
    },
    OpenPool {
        organization: &'a str,
        pool: &'a Pool,
    },
    /// With the first role, and signed in from then on.
    RegisterPerson(&'a Person),
    GrantRole {
        person: &'a str,
        held: &'a HeldRole,
    },
    AddPoolMember(PoolMember<'a>),
    RegisterPatient(NewPatient<'a>),
    /// The person accepts a patient's record as their own.
    AcceptLink {
        patient: &'a str,
    },
    AddCareTeamMember(CareTeamMember<'a>),
    /// The patient blocks a person.
    ShutOut {
        patient: &'a str,
        person: &'a str,
    },
}

/// A patient who is registered.
#[derive(Debug, Clone)]
pub(crate) struct NewPatient<'a> {
    /// Key.
    pub organization: &'a str,
    pub patient: &'a Patient,
    /// The date of birth.
    pub born: String,
}

/// A member of a pool, by their keys.
#[derive(Debug, Clone)]
pub(crate) struct PoolMember<'a> {
    pub organization: &'a str,
    pub pool: &'a str,
    pub person: &'a str,
}

/// A member of a patient's care team, by their keys, with the role that they hold.
#[derive(Debug, Clone)]
pub(crate) struct CareTeamMember<'a> {
    pub patient: &'a str,
    pub person: &'a str,
    pub held: &'a HeldRole,
}

/// A step of a thread.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Played<'a> {
    pub act: &'a Act,
    /// For `mark_read`: the index of the last message that is read.
    pub reads: Option<usize>,
}

/// The lines that make the cast, in order.
pub(crate) fn set_up<'a>(clinic: &'a Clinic, past: &Past) -> Vec<Line<'a, SetUp<'a>>> {
    let mut setting_up = SettingUp { lines: Vec::new(), at: past.created(), by: Sender::Installation };
    let administrator = clinic.person(&clinic.administrator);
    for (number, organization) in clinic.organizations.iter().enumerate() {
        let key = organization.key.as_str();
        setting_up.line(key.to_owned(), SetUp::CreateOrganization(organization));
        match administrator {
            // The installation registers the administrator, who does the rest.
            Some(person) if number == 0 => setting_up.line(person.handle.clone(), SetUp::RegisterPerson(person)),
            Some(person) => {
                person.roles.iter().filter(|held| held.at == key).for_each(|held| setting_up.grant(person, held))
            }
            None => {}
        }
        setting_up.by = Sender::Person(&clinic.administrator);
        let calendar = Box::new(organization.calendar(past.holidays()));
        setting_up.line(key.to_owned(), SetUp::SetCalendar { organization: key, calendar });
        let phone = organization.phone.0.as_str();
        setting_up.line(format!("{key}/phone"), SetUp::SetPhone { organization: key, phone });
        for pool in &organization.pools {
            setting_up.line(pool.key.clone(), SetUp::OpenPool { organization: key, pool });
        }
    }
    for person in clinic.people.iter().filter(|person| person.handle != clinic.administrator) {
        setting_up.line(person.handle.clone(), SetUp::RegisterPerson(person));
        person.roles.iter().skip(1).for_each(|held| setting_up.grant(person, held));
    }
    for person in &clinic.people {
        let (organization, handle) = (person.organization.as_str(), person.handle.as_str());
        for pool in &person.pools {
            let command = SetUp::AddPoolMember(PoolMember { organization, pool, person: handle });
            setting_up.line(format!("{pool}/{handle}"), command);
        }
    }
    setting_up.patients(clinic, past);
    setting_up.lines
}

struct SettingUp<'a> {
    lines: Vec<Line<'a, SetUp<'a>>>,
    /// A minute passes with each line.
    at: DateTime<Utc>,
    by: Sender<'a>,
}

impl<'a> SettingUp<'a> {
    fn line(&mut self, key: String, command: SetUp<'a>) {
        self.at += TimeDelta::minutes(1);
        self.lines.push(Line { by: self.by, at: self.at, key, command });
    }

    fn grant(&mut self, person: &'a Person, held: &'a HeldRole) {
        let key = format!("{}/{}/{}", person.handle, held.at, held.role.0.word());
        self.line(key, SetUp::GrantRole { person: &person.handle, held });
    }

    /// The registrar registers the patients and puts together their care teams.
    fn patients(&mut self, clinic: &'a Clinic, past: &Past) {
        let first_role = |handle: &str| clinic.person(handle).and_then(|person| person.roles.first());
        self.by = Sender::Person(&clinic.registrar);
        let Some(HeldRole { at: organization, .. }) = first_role(&clinic.registrar) else { return };
        for patient in &clinic.patients {
            let key = patient.key.as_str();
            let born = match (&patient.birth_date, patient.age) {
                (Some(day), _) => day.0.clone(),
                (None, age) => past.birthday(age.unwrap_or_default()).to_string(),
            };
            self.line(key.to_owned(), SetUp::RegisterPatient(NewPatient { organization, patient, born }));
            if let Some(person) = &patient.person {
                self.by = Sender::Person(person);
                self.line(format!("{key}/own"), SetUp::AcceptLink { patient: key });
                self.by = Sender::Person(&clinic.registrar);
            }
            for person in &patient.care_team {
                let Some(held) = first_role(person) else { continue };
                let member = CareTeamMember { patient: key, person, held };
                // Nobody adds themself without a reason: a physician of the team adds the registrar.
                let is_physician =
                    |other: &&String| first_role(other).is_some_and(|role| role.role.0 == Role::Physician);
                if *person == clinic.registrar
                    && let Some(physician) = patient.care_team.iter().find(is_physician)
                {
                    self.by = Sender::Person(physician);
                }
                self.line(format!("{key}/{person}"), SetUp::AddCareTeamMember(member));
                self.by = Sender::Person(&clinic.registrar);
            }
        }
        // Last, so that what the clinic was before keeps its instants.
        for patient in &clinic.patients {
            let Some(own) = &patient.person else { continue };
            self.by = Sender::Person(own);
            for person in &patient.shuts_out {
                let command = SetUp::ShutOut { patient: &patient.key, person };
                self.line(format!("{}/without/{person}", patient.key), command);
            }
        }
    }
}

/// The lines of a thread, the `number`-th of the clinic.
pub(crate) fn thread<'a>(
    clinic: &'a Clinic,
    number: u64,
    thread: &'a Thread,
    past: &Past,
) -> Vec<Line<'a, Played<'a>>> {
    let mut time = past.thread(thread.begins_days_ago, number);
    let mut messages = Vec::new();
    let mut uses = BTreeMap::new();
    let mut lines = Vec::new();
    for step in &thread.steps {
        let reads = match &step.act {
            Act::MarkRead(mark) => {
                let unread = time.below(mark.at_most_unread.saturating_add(1));
                last_read(clinic, &step.by, &messages, usize::try_from(unread).unwrap_or(usize::MAX))
            }
            Act::Post(post) => {
                messages.push((step.by.as_str(), post.audience.0));
                None
            }
            Act::Request(_)
            | Act::Assign(_)
            | Act::Claim(_)
            | Act::Advise(_)
            | Act::Plan(_)
            | Act::Inform(_)
            | Act::Close(_)
            | Act::AddParticipant(_)
            | Act::Draft(_)
            | Act::Hide(_) => None,
        };
        if let Some(after) = step.after {
            time.pass(after.0);
        }
        let key = key(thread, &step.by, &step.act, &mut uses);
        let command = Played { act: &step.act, reads };
        lines.push(Line { by: Sender::Person(&step.by), at: time.now(), key, command });
    }
    lines
}

/// The index of the last message that somebody reads if this many later ones stay unread, and nobody forgets their own.
fn last_read(clinic: &Clinic, handle: &str, messages: &[(&str, Audience)], unread: usize) -> Option<usize> {
    let readable = messages.iter().enumerate().filter(|(_, (by, audience))| can_read(clinic, handle, by, *audience));
    let readable: Vec<(usize, &str)> = readable.map(|(index, (by, _))| (index, *by)).collect();
    let own = readable.iter().rposition(|(_, by)| *by == handle).unwrap_or(0);
    let last = own.max(readable.len().saturating_sub(unread.saturating_add(1)));
    readable.get(last).map(|(index, _)| *index)
}

/// The key of a step: its thread and its word, and a number where the word comes again.
fn key(thread: &Thread, by: &str, act: &Act, uses: &mut BTreeMap<String, usize>) -> String {
    let (part, is_numbered) = match act {
        Act::Request(_) => return thread.key.clone(),
        Act::Post(_) => ("message".to_owned(), true),
        Act::AddParticipant(add) => (format!("invite/{}", add.person), false),
        Act::MarkRead(_) => (format!("read/{by}"), false),
        Act::Draft(_) => (format!("draft/{by}"), false),
        Act::Assign(_)
        | Act::Claim(_)
        | Act::Advise(_)
        | Act::Plan(_)
        | Act::Inform(_)
        | Act::Close(_)
        | Act::Hide(_) => (act.word().to_owned(), false),
    };
    let used = uses.entry(part.clone()).or_insert(0);
    let number = *used;
    *used += 1;
    match (is_numbered, number) {
        (true, _) => format!("{}/{part}/{number}", thread.key),
        (false, 0) => format!("{}/{part}", thread.key),
        (false, _) => format!("{}/{part}/{}", thread.key, number + 1),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::seed::read;

    const DAY: chrono::NaiveDate = chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();

    fn lines_of<'a>(clinic: &'a Clinic, key: &str, seed: u64) -> Vec<Line<'a, Played<'a>>> {
        let (number, found) = (0..).zip(&clinic.threads).find(|(_, thread)| thread.key == key).unwrap();
        thread(clinic, number, found, &Past::before(DAY, seed))
    }

    #[test]
    fn the_keys_of_a_thread_are_those_that_its_ids_follow_from() {
        let clinic = read::embedded().unwrap();
        let keys: Vec<_> = lines_of(&clinic, "ectopic_beats", 1).into_iter().map(|line| line.key).collect();
        let expected = "ectopic_beats, ectopic_beats/invite/coordinator, ectopic_beats/message/0, ectopic_beats/message/1, \
            ectopic_beats/message/2, ectopic_beats/message/3, ectopic_beats/assign, ectopic_beats/message/4, \
            ectopic_beats/message/5, ectopic_beats/message/6, ectopic_beats/read/coordinator, ectopic_beats/read/pcp";
        assert_eq!(keys.join(", "), expected);
    }

    #[test]
    fn every_key_of_a_command_is_its_own() {
        let clinic = read::embedded().unwrap();
        let keys = clinic.threads.iter().flat_map(|each| lines_of(&clinic, &each.key, 1)).map(|line| line.key);
        let keys: Vec<_> = keys.collect();
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
        let set_up = set_up(&clinic, &Past::before(DAY, 1));
        let keys: BTreeSet<_> = set_up
            .iter()
            .map(|line| (std::mem::discriminant(&line.command), line.key.clone()))
            .map(|(kind, key)| format!("{kind:?} {key}"))
            .collect();
        assert_eq!(keys.len(), set_up.len());
    }

    #[test]
    fn a_word_that_comes_again_has_a_number() {
        let clinic = read::embedded().unwrap();
        let mut again = clinic.threads.iter().find(|thread| thread.key == "ectopic_beats").unwrap().clone();
        let assign = again.steps.iter().find(|step| matches!(step.act, Act::Assign(_))).unwrap().clone();
        again.steps.push(assign);
        let lines = thread(&clinic, 0, &again, &Past::before(DAY, 1));
        assert_eq!(lines.last().unwrap().key, "ectopic_beats/assign/2");
    }

    #[test]
    fn the_last_read_message_includes_own_messages_and_excludes_messages_to_others() {
        let clinic = read::embedded().unwrap();
        let team = Audience::ClinicalTeam;
        let messages = [("pcp", team), ("patient", Audience::Everyone), ("nurse", Audience::Everyone), ("pcp", team)];
        let last = |handle, unread| last_read(&clinic, handle, &messages, unread);
        assert_eq!((last("nurse", 0), last("nurse", 1), last("nurse", 3)), (Some(3), Some(2), Some(2)));
        assert_eq!((last("patient", 0), last("patient", 1)), (Some(2), Some(1)));
        assert_eq!((last("pcp", 3), last("social_worker", 3)), (Some(3), Some(1)));
        assert_eq!(last_read(&clinic, "patient", &[("pcp", team)], 0), None);
    }
}
