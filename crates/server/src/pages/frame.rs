//! What every page has around its content: the header, the navigation, the footer.

use std::borrow::Cow;

use askama::Template;
use poem::http::StatusCode;

use super::editor::Editor;
use super::forms::{FieldsProblem, Unbound};
use super::me::{Me, MyOrganization};
use super::rows::{Subject, Wording, telephone_link};
use super::schema_documentation::Shown;
use super::texts::Texts;
use super::time::PageTime;
use crate::graphql::words::Role;
use crate::response::WithoutContent;

/// Whom to ask when something is wrong: the installation says so.
#[derive(Debug, Clone)]
pub struct HelpLine {
    /// Who answers.
    pub name: String,
    /// The number as it is read.
    pub telephone: String,
}

impl HelpLine {
    /// The number as a link.
    pub(crate) fn link(&self) -> String {
        telephone_link(&self.telephone)
    }
}

/// Which entry of the navigation a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Home,
    /// Who read or tried what at an organization.
    Access,
    Worklist,
    Inbox,
    Drafts,
    Organizations,
    QueryPage,
    Patients,
    /// Whom the reader helps.
    Helping,
    /// A page that belongs to none.
    None,
}

impl Place {
    /// The entry of a page about whom the reader helps: staff have none for it.
    pub fn of_help(me: &Me) -> Self {
        if me.roles.is_empty() { Self::Helping } else { Self::Home }
    }

    /// The entry of a page about a patient: patients themselves have none for it.
    pub fn of_patient(me: &Me) -> Self {
        if me.roles.is_empty() { Self::Home } else { Self::Patients }
    }
}

/// The frame of one page.
pub(crate) struct Frame<'a> {
    pub l: &'a Texts,
    pub time: PageTime<'a>,
    pub me: Option<&'a Me>,
    pub place: Place,
    /// The position after which the page is told of changes; none if it is not.
    pub live: Option<&'a str>,
    pub help: &'a HelpLine,
    /// After how many minutes without a request the session ends.
    pub idle_minutes: i64,
    /// The page itself, to come back to after the language was changed.
    pub path: &'a str,
    /// The other languages.
    pub languages: Vec<&'a Texts>,
}

impl Frame<'_> {
    /// Whether the reader works here. Others read larger text and one column.
    pub fn is_staff(&self) -> bool {
        self.me.is_some_and(|me| !me.roles.is_empty())
    }

    /// Whether the reader is this patient.
    pub fn is_own(&self, patient: &Subject) -> bool {
        self.me.is_some_and(|me| me.records.contains(&patient.id))
    }

    /// Whether something is about the reader.
    pub fn is_about_reader(&self, patient: Option<&Subject>) -> bool {
        patient.is_some_and(|patient| self.is_own(patient))
    }

    /// Whether something is about the reader, who works elsewhere or nowhere: they know it by their own words.
    pub fn is_about_patient_reading(&self, patient: Option<&Subject>) -> bool {
        patient.is_some_and(|patient| self.is_read_by_patient(&patient.id))
    }

    /// Whether the reader is the patient with an id, and works elsewhere or nowhere.
    pub fn is_read_by_patient(&self, patient: &str) -> bool {
        !self.is_staff() && self.me.is_some_and(|me| me.records.iter().any(|own| own == patient))
    }

    /// The subject of a thread, the same in every place that names it.
    pub fn subject_words<'w>(&'w self, subject: &'w Wording, patient: Option<&Subject>) -> Cow<'w, str> {
        self.subject_of_record(subject, patient.map_or("", |patient| patient.id.as_str()))
    }

    /// The subject of a thread about the patient with an id.
    pub fn subject_of_record<'w>(&'w self, subject: &'w Wording, patient: &str) -> Cow<'w, str> {
        match subject {
            Wording::Text(text) => text.into(),
            Wording::Withheld if self.is_read_by_patient(patient) => self.l.question_about_you(),
            Wording::Withheld => self.l.restricted_subject(),
            Wording::Erased => self.l.erased(),
        }
    }

    /// Whether the reader has a role in which people care for patients.
    pub fn gives_care(&self) -> bool {
        let cares = |role: Role| match role {
            Role::Physician | Role::Nurse | Role::Pharmacist | Role::Coordinator | Role::SocialWorker => true,
            Role::PrivacyOfficer | Role::Administrator | Role::Auditor | Role::Service | Role::Person => false,
        };
        self.me.iter().flat_map(|me| &me.roles).any(|held| cares(held.role))
    }

    /// The organizations at which the reader looks after privacy, each once.
    pub fn overseen(&self) -> Vec<&MyOrganization> {
        self.organizations_as(|role| match role {
            Role::PrivacyOfficer | Role::Auditor => true,
            Role::Physician | Role::Nurse | Role::Pharmacist | Role::Coordinator | Role::SocialWorker => false,
            Role::Administrator | Role::Service | Role::Person => false,
        })
    }

    /// Those of them whose patients' directives the reader may know: where they are privacy officer.
    pub fn with_overseen_directives(&self) -> Vec<&MyOrganization> {
        self.organizations_as(|role| role == Role::PrivacyOfficer)
    }

    fn organizations_as(&self, is: impl Fn(Role) -> bool) -> Vec<&MyOrganization> {
        let mut found: Vec<&MyOrganization> = Vec::new();
        for held in self.me.iter().flat_map(|me| &me.roles).filter(|held| is(held.role)) {
            let at = held.organization.as_ref().filter(|at| !found.iter().any(|known| known.id == at.id));
            found.extend(at);
        }
        found
    }

    /// Whether this is the page of who read what at an organization.
    pub fn is_access_of(&self, organization: &MyOrganization) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        self.place == Place::Access && path == format!("/organizations/{}/access", organization.id)
    }

    /// The value of `data-density`.
    pub fn density(&self) -> &'static str {
        if self.me.is_none() || self.is_staff() { "compact" } else { "roomy" }
    }

    /// The roles of the reader, each organization once.
    pub fn my_roles(&self) -> String {
        let mut places: Vec<(Option<&str>, Vec<String>)> = Vec::new();
        for held in self.me.iter().flat_map(|me| &me.roles) {
            let (at, role) = (held.organization.as_ref().map(|at| at.name.as_str()), self.l.role(&held.role));
            match places.iter_mut().find(|(known, _)| *known == at) {
                Some((_, roles)) => roles.push(role),
                None => places.push((at, vec![role])),
            }
        }
        let words = places.into_iter().map(|(at, roles)| match at {
            Some(organization) => self.l.role_at(organization, roles.join(", ")),
            None => roles.join(", "),
        });
        words.collect::<Vec<_>>().join(" · ")
    }

    /// Now, as it stands beside a list.
    pub fn now_short(&self) -> String {
        self.time.moment(self.time.now).words
    }

    /// Now, with the zone.
    pub fn now(&self) -> String {
        let full = self.time.full(self.time.now).words;
        self.l.moment_in_zone(full, self.time.zone_words())
    }
}

/// A page without content of the clinic. Only such a page is sent without a record of what was read.
#[derive(Template)]
pub(crate) enum PublicPage<'a> {
    /// The people of the demo, to choose from.
    #[template(path = "sign_in.html")]
    SignIn { frame: Frame<'a>, groups: Vec<VisitorGroup<'a>>, return_to: &'a str, token_command: &'a str },
    /// The same page for what is missing and for what is forbidden.
    #[template(path = "not_available.html")]
    NotAvailable { frame: Frame<'a>, id: String, typed: Vec<&'a str> },
    /// Something failed.
    #[template(path = "failed.html")]
    Failed { frame: Frame<'a>, id: String, typed: Vec<&'a str>, again: Option<SameForm<'a>> },
    /// A form that is not accepted, with what was typed.
    #[template(path = "form_refused.html")]
    FormRefused { frame: Frame<'a>, why: WhyRefused, typed: Vec<&'a str> },
    /// The editor of queries before anything was run.
    #[template(path = "query.html")]
    Query { frame: Frame<'a>, view: Box<Editor<'a>> },
    /// What the schema has.
    #[template(path = "documentation.html")]
    Documentation { frame: Frame<'a>, view: Shown<'a> },
}

impl WithoutContent for PublicPage<'_> {}

/// A form with all that was sent of it, to be sent again.
#[derive(Debug)]
pub(crate) struct SameForm<'a> {
    /// Where it is sent.
    pub path: &'a str,
    /// Its fields.
    pub fields: Vec<(&'a str, &'a str)>,
}

/// Why a form is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WhyRefused {
    /// It does not belong to this person or this page.
    Unbound(Unbound),
    /// Nobody is signed in any more.
    SignedOut,
    /// It came from another site.
    Foreign,
    /// It is too long.
    TooLong,
    /// It is broken, or did not arrive in time.
    Unreadable,
}

impl WhyRefused {
    /// Why a form whose fields could not be read is not accepted.
    pub const fn of(problem: FieldsProblem) -> Self {
        match problem {
            FieldsProblem::TooLong => Self::TooLong,
            FieldsProblem::Unreadable => Self::Unreadable,
        }
    }

    /// The status of the answer.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Unbound(_) => StatusCode::CONFLICT,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Foreign => StatusCode::FORBIDDEN,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unreadable => StatusCode::BAD_REQUEST,
        }
    }
}

/// Visitors of the demo under one heading.
pub(crate) struct VisitorGroup<'a> {
    pub id: &'static str,
    pub heading: String,
    pub visitors: Vec<&'a super::visitors::Visitor>,
}
