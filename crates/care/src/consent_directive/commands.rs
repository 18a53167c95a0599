//! What can be asked of the directives of a patient: by the patient or who represents them, by staff who write down the
//! patient's word, by the privacy officer, and by the process that keeps their instants.

use crate::command_name::commands;
use crate::consent_text::ShownText;
use crate::directive_terms::Terms;
use crate::ids::{DirectiveId, PatientId, PersonId};
use crate::text::PersonalText;
use crate::words::DirectiveReminder;

commands! {
    /// The commands to the directives of a patient.
    DirectiveCommand, DirectiveAct {
        "consent_directive.deny" => Deny,
        "consent_directive.permit" => PermitDirective,
        "consent_directive.record_deny" => RecordDeny,
        "consent_directive.record_permit" => RecordPermit,
        "consent_directive.confirm" => ConfirmDirective,
        "consent_directive.confirm_signed_paper" => ConfirmSignedPaper,
        "consent_directive.refuse" => RefuseDirective,
        "consent_directive.tighten" => TightenDirective,
        "consent_directive.end" => EndDirective,
        "consent_directive.void" => VoidDirective,
        "consent_directive.remind" => RemindOfDirective,
        "consent_directive.begin" => BeginDirective,
        "consent_directive.expire" => ExpireDirective,
    }
}

impl DirectiveAct {
    /// Whether a command of this act always has a text, so that it cannot be given once the patient's texts were erased.
    #[must_use]
    pub fn needs_text(self) -> bool {
        match self {
            Self::RecordDeny | Self::RecordPermit | Self::ConfirmSignedPaper | Self::VoidDirective => true,
            Self::Deny
            | Self::PermitDirective
            | Self::ConfirmDirective
            | Self::RefuseDirective
            | Self::TightenDirective
            | Self::EndDirective
            | Self::RemindOfDirective
            | Self::BeginDirective
            | Self::ExpireDirective => false,
        }
    }
}

/// Blocks somebody. Its id is the first that the command creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deny {
    /// The patient.
    pub patient: PatientId,
    /// Whom, from what, for what and when.
    pub terms: Terms,
    /// What the patient said, where another person writes it down.
    pub patient_word: Option<PersonalText>,
}

impl Deny {
    /// Blocks a person from everything about the patient, from now on.
    #[must_use]
    pub fn of_person(patient: PatientId, person: PersonId, patient_word: Option<PersonalText>) -> Self {
        Self { patient, terms: Terms::whole(person), patient_word }
    }
}

/// Permits somebody what a rule of the policy asks the patient's permission for. Its id is the first that the command
/// creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermitDirective {
    /// The patient.
    pub patient: PatientId,
    /// Whom, what, for what and when; with a purpose and an end.
    pub terms: Terms,
    /// The text that was shown.
    pub text: ShownText,
}

/// Writes down that the patient blocks somebody. It holds at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordDeny {
    /// The patient.
    pub patient: PatientId,
    /// Whom, from what, for what and when.
    pub terms: Terms,
    /// What the patient said.
    pub patient_word: PersonalText,
}

/// Writes down that the patient permits somebody something. It has no effect until the patient confirms it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPermit {
    /// The patient.
    pub patient: PatientId,
    /// Whom, what, for what and when; with a purpose and an end.
    pub terms: Terms,
    /// What the patient said.
    pub patient_word: PersonalText,
}

/// Confirms what staff wrote down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmDirective {
    /// The patient.
    pub patient: PatientId,
    /// The directive.
    pub directive: DirectiveId,
    /// The text that was shown.
    pub text: ShownText,
}

/// Records that a patient without an account signed it on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmSignedPaper {
    /// The patient.
    pub patient: PatientId,
    /// The directive.
    pub directive: DirectiveId,
    /// Which paper it is and where it is kept.
    pub document: PersonalText,
}

/// Refuses a permission that staff wrote down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefuseDirective {
    /// The patient.
    pub patient: PatientId,
    /// The directive.
    pub directive: DirectiveId,
}

/// Makes a deny wider or longer, or a permission narrower or shorter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TightenDirective {
    /// The patient.
    pub patient: PatientId,
    /// The directive.
    pub directive: DirectiveId,
    /// What it is to be about.
    pub terms: Terms,
}

/// Ends a directive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndDirective {
    /// The patient.
    pub patient: PatientId,
    /// The directive.
    pub directive: DirectiveId,
}

/// Records that a directive was entered in error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidDirective {
    /// The patient.
    pub patient: PatientId,
    /// The directive.
    pub directive: DirectiveId,
    /// What the error was.
    pub reason: PersonalText,
}

/// The process reminds somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemindOfDirective {
    /// The patient.
    pub patient: PatientId,
    /// The directive.
    pub directive: DirectiveId,
    /// Of what.
    pub of: DirectiveReminder,
}

/// The process records that the period has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BeginDirective {
    /// The patient.
    pub patient: PatientId,
    /// The directive.
    pub directive: DirectiveId,
}

/// The process ends a permission that nobody confirmed in time, and what has reached its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpireDirective {
    /// The patient.
    pub patient: PatientId,
    /// The directive.
    pub directive: DirectiveId,
}
