//! Access records as the pages show them: who, in which role and where, what, when and why. What was read is in none of
//! them.

use care::lifecycle::ThreadKind;
use chrono::{DateTime, Utc};
use policy::words::{Read, Standing};

use super::grant::Grant;
use super::queries::{organization_access_records, patient_access_records, thread_access_records};
use super::rows::Who;
use super::texts::Texts;
use super::time::{Moment, PageTime};
use crate::graphql::access_record::AccessOutcome;
use crate::graphql::words::{Purpose, Role};

/// A record of who read or tried what.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub at: DateTime<Utc>,
    /// None if they are not registered here.
    pub person: Option<Who>,
    pub on_behalf_of: Option<Who>,
    /// The person whom a refused command was to change.
    pub about_person: Option<Who>,
    /// What was done, as the policy names it.
    pub action: String,
    pub is_refused: bool,
    /// How many equal tries it stands for.
    pub times: i64,
    pub for_review: bool,
    /// The ids of the patient and of the thread that it concerns.
    pub patient: Option<String>,
    pub thread: Option<String>,
    /// As the policy names it. None of a refused try, like the role and the purpose.
    pub standing: Option<String>,
    pub role: Option<Role>,
    pub purpose: Option<Purpose>,
    /// Where the role was held.
    pub organizations: Vec<String>,
    /// How they help the patient; none of everybody but a delegate.
    pub grant: Option<Grant>,
}

impl Access {
    /// Whether this person read or tried.
    pub fn is_by(&self, person: &str) -> bool {
        self.person.as_ref().is_some_and(|by| by.id == person)
    }

    /// In which role, and where it was held; of a delegate, how they help the patient.
    pub fn place(&self, l: &Texts) -> Option<String> {
        if let Some(grant) = &self.grant {
            return Some(grant.words(l));
        }
        let role = l.reader_role(&self.role?);
        Some(match self.organizations.as_slice() {
            [] => role,
            at => l.role_at(at.join(", "), role),
        })
    }

    /// What was read or tried.
    pub fn what(&self, l: &Texts) -> String {
        match Read::parse(&self.action) {
            Ok(read) => l.access_read(&read),
            Err(_) => tried(&self.action, l),
        }
    }

    /// For whom they acted.
    pub fn on_behalf(&self, l: &Texts) -> Option<String> {
        self.on_behalf_of.as_ref().map(|who| l.access_for(name(who, l)))
    }

    /// Whom a refused command was to change.
    pub fn about(&self, l: &Texts) -> Option<String> {
        self.about_person.as_ref().map(|who| l.access_about_person(name(who, l)))
    }

    /// For which purpose it was permitted.
    pub fn purpose(&self, l: &Texts) -> Option<String> {
        self.purpose.map(|purpose| l.purpose(&purpose))
    }

    /// What the person was to it. None of a standing that this program does not know.
    pub fn standing(&self, l: &Texts) -> Option<String> {
        let standing = Standing::parse(self.standing.as_deref()?).ok()?;
        Some(l.standing(&standing))
    }

    /// How often it was tried, if more than once.
    pub fn tries(&self, l: &Texts) -> Option<String> {
        (self.times > 1).then(|| l.access_times(self.times))
    }

    /// When.
    pub fn moment(&self, time: &PageTime<'_>) -> Moment {
        time.full(self.at)
    }

    /// The local time of the day.
    pub fn hour(&self, time: &PageTime<'_>) -> String {
        time.local(self.at).format("%H:%M").to_string()
    }
}

/// What the filter for one person says, on a page with these records.
pub(crate) fn only_whom<'r>(records: impl IntoIterator<Item = &'r Access>, person: &str, l: &Texts) -> String {
    let mut people = records.into_iter().filter_map(|access| access.person.as_ref());
    let found = people.find(|who| who.id == person);
    found.map_or_else(|| l.access_only_by_one().into_owned(), |who| l.access_only_by(name(who, l)))
}

fn name(who: &Who, l: &Texts) -> String {
    who.name.text().map_or_else(|| l.withheld().into_owned(), str::to_owned)
}

/// A command in words: by what it changes, since there are many.
fn tried(command: &str, l: &Texts) -> String {
    match command.split_once('.').map(|(thing, _)| thing) {
        Some("care_team") => l.access_try_care_team(),
        Some("consent_directive") => l.access_try_block(),
        Some("delegation") => l.access_try_helpers(),
        Some("outside_message") => l.access_try_outside(),
        Some("legal_authority") => l.access_try_authority(),
        Some("patient") => l.access_try_patient(),
        Some("person") => l.access_try_person(),
        Some("organization") => l.access_try_organization(),
        Some("policy") => l.access_try_policy(),
        Some("draft") => l.access_try_draft(),
        Some("thread") => l.access_try_thread(),
        Some(kind) if ThreadKind::parse(kind).is_ok() => l.access_try_thread(),
        Some(_) | None => l.access_try_other(),
    }
    .into_owned()
}

macro_rules! accesses { ($($module:ident)+) => {$(
    impl From<&$module::Access> for Access {
        fn from(record: &$module::Access) -> Self {
            Self {
                at: record.at,
                person: record.person.as_ref().map(Into::into),
                on_behalf_of: record.on_behalf_of.as_ref().map(Into::into),
                about_person: record.about_person.as_ref().map(Into::into),
                action: record.action.clone(),
                is_refused: record.outcome == AccessOutcome::Refused,
                times: record.times,
                for_review: record.for_review,
                patient: record.patient_id.clone(),
                thread: record.thread_id.clone(),
                standing: record.standing.clone(),
                role: record.role,
                purpose: record.purpose,
                organizations: record.organization_names.clone(),
                grant: record.delegation.as_ref().map(Into::into),
            }
        }
    }
)+} }
accesses! { organization_access_records patient_access_records thread_access_records }

#[cfg(test)]
mod tests {
    use care::command_name::CommandName;

    use super::*;
    use crate::pages::texts::Languages;

    #[test]
    fn every_command_is_told_by_what_it_changes() {
        let l = Languages::read().unwrap().named("en").unwrap();
        for command in CommandName::all() {
            assert_ne!(tried(command.word(), l), l.access_try_other(), "{}", command.word());
        }
        assert_eq!(tried("elsewhere", l), l.access_try_other());
    }
}
