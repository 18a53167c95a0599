//! What is done about the directives of a patient: its word, and how it is said.
//!
//! To add an act: 1. its mutation in `queries.rs`; 2. a variant of [`Act`] and its texts, and follow the compiler; 3. the
//! permission by which it can be done, in `around.rs`.

use care::consent_text::of_directive;
use care::words::{self, ConsentTextKind};

use crate::graphql::directive_words::DirectiveEffect;
use crate::pages::texts::Texts;

/// Something that is done about the directives of a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Deny,
    Permit,
    RecordDeny,
    /// Who keeps the record writes down whom the patient blocks, without being on the care team.
    DenyForPatient,
    RecordPermit,
    Confirm,
    ConfirmOnPaper,
    Refuse,
    Tighten,
    End,
    Void,
}

/// All of them, in the order in which a page offers them.
pub(crate) const ALL: [Act; 11] = [
    Act::Deny,
    Act::Permit,
    Act::RecordDeny,
    Act::DenyForPatient,
    Act::RecordPermit,
    Act::Confirm,
    Act::ConfirmOnPaper,
    Act::Refuse,
    Act::Tighten,
    Act::End,
    Act::Void,
];

impl Act {
    /// The act with this word.
    pub fn of(word: &str) -> Option<Self> {
        ALL.into_iter().find(|act| act.word() == word)
    }

    /// Its word in addresses and forms.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Permit => "permit",
            Self::RecordDeny => "record-deny",
            Self::DenyForPatient => "deny-for-patient",
            Self::RecordPermit => "record-permit",
            Self::Confirm => "confirm",
            Self::ConfirmOnPaper => "confirm-on-paper",
            Self::Refuse => "refuse",
            Self::Tighten => "tighten",
            Self::End => "end",
            Self::Void => "void",
        }
    }

    /// The icon of its button.
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Deny | Self::RecordDeny | Self::DenyForPatient | Self::Refuse | Self::Void | Self::End => "no",
            Self::Tighten => "edit",
            Self::Permit | Self::RecordPermit => "plus",
            Self::Confirm | Self::ConfirmOnPaper => "check",
        }
    }

    /// Whether its form asks whom a directive is about.
    pub const fn begins(self) -> bool {
        matches!(self, Self::Deny | Self::Permit | Self::RecordDeny | Self::DenyForPatient | Self::RecordPermit)
    }

    /// Whether it begins a permission.
    pub const fn permits(self) -> bool {
        matches!(self, Self::Permit | Self::RecordPermit)
    }

    /// Whether its sender sees what it would change before it is done.
    pub const fn is_seen_first(self) -> bool {
        matches!(self, Self::Deny | Self::Permit | Self::Tighten)
    }

    /// Whether staff write down what the patient said.
    pub const fn has_word(self) -> bool {
        matches!(self, Self::RecordDeny | Self::DenyForPatient | Self::RecordPermit)
    }

    /// To what somebody consents by it, with the effect of the directive that it is about; none where nobody consents.
    pub fn consents(self, effect: Option<DirectiveEffect>) -> Option<ConsentTextKind> {
        match (self, effect) {
            (Self::Permit, _) => Some(of_directive(words::DirectiveEffect::Permit)),
            (Self::Confirm, Some(effect)) => Some(of_directive(effect.into())),
            (Self::Confirm, None)
            | (
                Self::Deny
                | Self::RecordDeny
                | Self::DenyForPatient
                | Self::RecordPermit
                | Self::ConfirmOnPaper
                | Self::Refuse
                | Self::Tighten
                | Self::End
                | Self::Void,
                _,
            ) => None,
        }
    }

    /// The heading of its page and the words of its button.
    pub fn title(self, l: &Texts) -> String {
        match self {
            Self::Deny => l.directive_act_deny(),
            Self::Permit => l.directive_act_permit(),
            Self::RecordDeny | Self::DenyForPatient => l.directive_act_record_deny(),
            Self::RecordPermit => l.directive_act_record_permit(),
            Self::Confirm => l.directive_act_confirm(),
            Self::ConfirmOnPaper => l.directive_act_confirm_on_paper(),
            Self::Refuse => l.directive_act_refuse(),
            Self::Tighten => l.directive_act_tighten(),
            Self::End => l.directive_act_end(),
            Self::Void => l.directive_act_void(),
        }
        .into_owned()
    }

    /// What the page says once it is done.
    pub fn done(self, l: &Texts) -> String {
        match self {
            Self::Deny | Self::RecordDeny | Self::DenyForPatient => l.directive_done_deny(),
            Self::Permit => l.directive_done_permit(),
            Self::RecordPermit => l.directive_done_record_permit(),
            Self::Confirm | Self::ConfirmOnPaper => l.directive_done_confirm(),
            Self::Refuse => l.directive_done_refuse(),
            Self::Tighten => l.directive_done_tighten(),
            Self::End => l.directive_done_end(),
            Self::Void => l.directive_done_void(),
        }
        .into_owned()
    }

    /// What follows from it.
    pub fn explanation(self, l: &Texts) -> String {
        match self {
            Self::Deny | Self::RecordDeny | Self::DenyForPatient => l.directive_about_deny(),
            Self::Permit => l.directive_about_permit(),
            Self::RecordPermit => l.directive_about_record_permit(),
            Self::Confirm => l.directive_about_confirm(),
            Self::ConfirmOnPaper => l.directive_about_confirm_on_paper(),
            Self::Refuse => l.directive_about_refuse(),
            Self::Tighten => l.directive_about_tighten(),
            Self::End => l.directive_about_end(),
            Self::Void => l.directive_about_void(),
        }
        .into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_is_found_by_its_word() {
        for act in ALL {
            assert_eq!(Act::of(act.word()), Some(act));
        }
        assert_eq!(Act::of("loosen"), None);
    }
}
