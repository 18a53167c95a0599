//! How somebody who acts as a delegate helps the patient, in words: what they are to the patient, why they help, and the
//! right by law on which that rests.

use super::queries::{
    helper_preview, helpers, organization_access_records, patient_access_records, thread, thread_access_records,
    thread_readers, who_could_see,
};
use super::texts::Texts;
use crate::graphql::delegation_words::{AuthorityKind, DelegationKind, Relationship};

/// How a delegate helps the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grant {
    pub relationship: Relationship,
    pub kind: DelegationKind,
    pub authority: Option<AuthorityKind>,
}

impl Grant {
    /// All of it.
    pub fn words(&self, l: &Texts) -> String {
        self.after(l.relationship(&self.relationship), l)
    }

    /// Why they help, after what they are.
    pub fn after(&self, who: String, l: &Texts) -> String {
        let why = l.delegation_kind(&self.kind);
        match &self.authority {
            Some(authority) => l.grant_by_law(l.authority_kind(authority), who, why),
            None => l.grant_words(who, why),
        }
    }
}

macro_rules! grants { ($($module:ident::$name:ident)+) => {$(
    impl From<&$module::$name> for Grant {
        fn from(found: &$module::$name) -> Self {
            Self { relationship: found.relationship, kind: found.kind, authority: found.authority }
        }
    }
)+} }
grants! {
    organization_access_records::AccessDelegation patient_access_records::AccessDelegation thread::EntryDelegate
    thread_access_records::AccessDelegation thread_readers::ReadersPersonsNodesDelegation
    helpers::HelperStepsDelegate who_could_see::PeriodDelegation helper_preview::SaidDelegate
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::texts::Languages;

    #[test]
    fn what_a_person_is_why_they_help_and_the_right_by_law_are_named() {
        let l = Languages::read().unwrap().named("en").unwrap();
        let asked =
            Grant { relationship: Relationship::Child, kind: DelegationKind::PatientAuthorised, authority: None };
        assert_eq!(asked.words(l), "daughter or son. The patient wants this help");
        let by_law = Grant {
            relationship: Relationship::Guardian,
            kind: DelegationKind::LegalRepresentative,
            authority: Some(AuthorityKind::Guardianship),
        };
        assert_eq!(by_law.words(l), "guardian. Representation by law: guardianship");
    }
}
