//! What a directive says, in words: whom it names, and what it covers.

use crate::graphql::directive_words::DirectiveEffect;
use crate::graphql::words::{Purpose, Role, Sensitivity};
use crate::pages::queries::{help_reminders, helper_work, home, patient_directives};
use crate::pages::texts::Texts;

/// Whom a directive is about.
#[derive(Debug)]
pub(crate) struct Whom {
    pub names_person: bool,
    /// The name of the person whom it names. None if the reader may not know it.
    pub name: Option<String>,
    pub role: Option<Role>,
    pub names_organization: bool,
    /// The name of the organization that it names. None if the reader may not know it.
    pub organization: Option<String>,
}

impl Whom {
    /// In words.
    pub fn words(&self, l: &Texts) -> String {
        let unknown = || l.directive_somebody().into_owned();
        if self.names_person {
            return self.name.clone().unwrap_or_else(unknown);
        }
        let somewhere = || l.directive_somewhere().into_owned();
        let organization = match (&self.organization, self.names_organization) {
            (Some(organization), true) => Some(organization.clone()),
            (None, true) => Some(somewhere()),
            (_, false) => None,
        };
        match (&self.role, organization) {
            (Some(role), Some(at)) => l.directive_role_at(at, l.role(role)),
            (Some(role), None) => l.directive_role(l.role(role)),
            (None, Some(at)) => l.directive_at(at),
            (None, None) => unknown(),
        }
    }
}

macro_rules! whoms { ($($module:ident)+) => {$(
    impl From<&$module::Directive> for Whom {
        fn from(found: &$module::Directive) -> Self {
            Self {
                names_person: found.names_person,
                name: found.person.as_ref().and_then(|person| person.name.text.clone()),
                role: found.role,
                names_organization: found.names_organization,
                organization: found.organization.as_ref().map(|at| at.name.clone()),
            }
        }
    }
)+} }
whoms! { help_reminders helper_work home patient_directives }

/// About what a directive is, and for which purpose, in words.
pub(crate) fn about(
    effect: DirectiveEffect,
    sensitivities: &[Sensitivity],
    purpose: Option<Purpose>,
    l: &Texts,
) -> String {
    let subjects: Vec<String> = sensitivities.iter().map(|subject| l.sensitivity(subject)).collect();
    let about = match (effect, subjects.is_empty()) {
        (DirectiveEffect::Deny, true) => l.directive_everything().into_owned(),
        (DirectiveEffect::Permit, true) => l.directive_not_sensitive().into_owned(),
        (DirectiveEffect::Deny | DirectiveEffect::Permit, false) => subjects.join(", "),
    };
    match purpose {
        Some(purpose) => format!("{about}. {}", l.purpose(&purpose)),
        None => about,
    }
}
