//! Inputs of commands to the directives of a patient.

use async_graphql::{ID, InputObject};
use care::consent_directive::{
    ConfirmDirective, ConfirmSignedPaper, Deny, DirectiveCommand, Directives, EndDirective, PermitDirective,
    RecordDeny, RecordPermit, RefuseDirective, Terms, TightenDirective, VoidDirective, Whom,
};
use serde::{Deserialize, Serialize};

use super::{CommandInput, CommandOf, Fields};
use crate::graphql::id::decode_id;
use crate::graphql::scalars::Instant;
use crate::graphql::words::{Purpose, Role, Sensitivity, TextLanguage};

/// The terms that an input gives.
macro_rules! terms {
    ($input:expr) => {
        Terms {
            whom: Whom {
                person: $input.person_id.as_ref().map(decode_id),
                role: $input.role.map(Into::into),
                organization: $input.organization_id.as_ref().map(decode_id),
            },
            sensitivities: $input.sensitivities.iter().map(|code| (*code).into()).collect(),
            purpose: $input.purpose.map(Into::into),
            from: $input.from.map(Into::into),
            until: $input.until.map(Into::into),
        }
    };
}

/// Declares inputs that say whom a directive is about, what, for what and when, each with fields of its own before.
macro_rules! with_terms {
    ($($(#[$meta:meta])* $name:ident $(($how:ident))? { $($(#[$field_meta:meta])* $field:ident: $ty:ty,)* })+) => {$(
        command_inputs! {
            $(#[$meta])*
            $name $(($how))? {
                /// The patient, who is an argument of the mutation and no field of the input.
                #[graphql(skip)]
                #[serde(skip)]
                pub patient_id: ID,
                $($(#[$field_meta])* pub $field: $ty,)*
                /// The person. Null: everybody who has the role, or works at the organization.
                pub person_id: Option<ID>,
                /// The role of staff. Null: every role.
                pub role: Option<Role>,
                /// The organization. Null: every organization.
                pub organization_id: Option<ID>,
                /// Only what has one of these sensitive subjects. Empty: for a deny, everything about the patient; for a permission,
                /// what is not sensitive.
                #[graphql(default)]
                #[serde(default)]
                pub sensitivities: Vec<Sensitivity>,
                /// The purpose. Null: every purpose; a permission needs one.
                pub purpose: Option<Purpose>,
                /// From when on. Null: from now on.
                pub from: Option<Instant>,
                /// Until when. Null: without an end; a permission needs one.
                pub until: Option<Instant>,
            }
        }

        impl $name {
            fn terms(&self) -> Terms {
                terms!(self)
            }
        }
    )+};
}

/// A directive that is not given yet, to see what it would change.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsentDirectiveTermsInput {
    /// The person. Null: everybody who has the role, or works at the organization.
    pub person_id: Option<ID>,
    /// The role of staff. Null: every role.
    pub role: Option<Role>,
    /// The organization. Null: every organization.
    pub organization_id: Option<ID>,
    /// Only what has one of these sensitive subjects. Empty: for a deny, everything about the patient; for a permission,
    /// what is not sensitive.
    #[graphql(default)]
    #[serde(default)]
    pub sensitivities: Vec<Sensitivity>,
    /// The purpose. Null: every purpose; a permission needs one.
    pub purpose: Option<Purpose>,
    /// From when on. Null: from now on.
    pub from: Option<Instant>,
    /// Until when. Null: without an end; a permission needs one.
    pub until: Option<Instant>,
}

impl ConsentDirectiveTermsInput {
    pub(in crate::graphql) fn terms(&self) -> Terms {
        terms!(self)
    }
}

with_terms! {
    /// Whom a patient blocks.
    DenyAccessInput {
        /// What the patient said, if you write it down for them.
        patient_word: Option<String>,
    }

    /// Whom a patient permits what a rule of the policy asks them for.
    PermitAccessInput {
        /// The version of the text that you were shown: the current one of `consentTexts` for `PERMISSION`, else
        /// `TEXT_NOT_SHOWN`.
        text_version: String,
        /// The language in which you were shown it. A command without it is `TEXT_NOT_SHOWN`.
        text_language: Option<TextLanguage>,
    }

    /// Whom a patient blocks, as staff write it down. It holds at once.
    RecordDeniedAccessInput {
        /// What the patient said.
        patient_word: String,
    }

    /// Whom a patient permits something, as staff write it down. It has no effect until the patient confirms it.
    RecordPermittedAccessInput {
        /// What the patient said.
        patient_word: String,
    }

    /// A directive that becomes tighter, with all that it is about from then on.
    TightenConsentDirectiveInput (directive) {
        /// The directive.
        directive_id: ID,
    }
}

/// Declares inputs that are aimed at a directive.
macro_rules! of_directive {
    ($($(#[$meta:meta])* $name:ident { $($own:tt)* })+) => {
        command_inputs! {$(
            $(#[$meta])*
            $name (directive) {
                /// The patient, who is an argument of the mutation and no field of the input.
                #[graphql(skip)]
                #[serde(skip)]
                pub patient_id: ID,
                /// The directive.
                pub directive_id: ID,
                $($own)*
            }
        )+}
    };
}

of_directive! {
    /// What staff wrote down, which you confirm.
    ConfirmConsentDirectiveInput {
        /// The version of the text that you were shown: the current one of `consentTexts`, for `PERMISSION` or `BLOCK` as the
        /// directive does, else `TEXT_NOT_SHOWN`.
        pub text_version: String,
        /// The language in which you were shown it. A command without it is `TEXT_NOT_SHOWN`.
        pub text_language: Option<TextLanguage>,
    }

    /// What staff wrote down, which the patient signed on paper.
    ConfirmConsentDirectiveOnPaperInput {
        /// Which paper it is and where it is kept.
        pub document: String,
    }

    /// A permission that staff wrote down, which you refuse.
    RefuseConsentDirectiveInput {}

    /// A directive that ends.
    EndConsentDirectiveInput {}

    /// A directive that was entered in error.
    VoidConsentDirectiveInput {
        /// What the error was. The patient reads it.
        pub reason: String,
    }
}

impl CommandInput for DenyAccessInput {
    type Target = Directives;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let patient_word = fields.body_if_any(&["input", "patientWord"], self.patient_word.as_deref())?;
        let patient = decode_id(&self.patient_id);
        Some(DirectiveCommand::from(Deny { patient, terms: self.terms(), patient_word }))
    }
}

impl CommandInput for PermitAccessInput {
    type Target = Directives;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let text = fields.shown(&self.text_version, self.text_language)?;
        let patient = decode_id(&self.patient_id);
        Some(DirectiveCommand::from(PermitDirective { patient, terms: self.terms(), text }))
    }
}

impl CommandInput for RecordDeniedAccessInput {
    type Target = Directives;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let patient_word = fields.body(&["input", "patientWord"], &self.patient_word)?;
        let patient = decode_id(&self.patient_id);
        Some(DirectiveCommand::from(RecordDeny { patient, terms: self.terms(), patient_word }))
    }
}

impl CommandInput for RecordPermittedAccessInput {
    type Target = Directives;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let patient_word = fields.body(&["input", "patientWord"], &self.patient_word)?;
        let patient = decode_id(&self.patient_id);
        Some(DirectiveCommand::from(RecordPermit { patient, terms: self.terms(), patient_word }))
    }
}

impl CommandInput for TightenConsentDirectiveInput {
    type Target = Directives;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let (patient, directive) = (decode_id(&self.patient_id), decode_id(&self.directive_id));
        Some(DirectiveCommand::from(TightenDirective { patient, directive, terms: self.terms() }))
    }
}

impl CommandInput for ConfirmConsentDirectiveInput {
    type Target = Directives;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, directive_id, text_version, text_language } = self;
        let text = fields.shown(text_version, *text_language)?;
        let (patient, directive) = (decode_id(patient_id), decode_id(directive_id));
        Some(DirectiveCommand::from(ConfirmDirective { patient, directive, text }))
    }
}

impl CommandInput for ConfirmConsentDirectiveOnPaperInput {
    type Target = Directives;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, directive_id, document } = self;
        let document = fields.body(&["input", "document"], document)?;
        let (patient, directive) = (decode_id(patient_id), decode_id(directive_id));
        Some(DirectiveCommand::from(ConfirmSignedPaper { patient, directive, document }))
    }
}

impl CommandInput for RefuseConsentDirectiveInput {
    type Target = Directives;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, directive_id } = self;
        let (patient, directive) = (decode_id(patient_id), decode_id(directive_id));
        Some(DirectiveCommand::from(RefuseDirective { patient, directive }))
    }
}

impl CommandInput for EndConsentDirectiveInput {
    type Target = Directives;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, directive_id } = self;
        let (patient, directive) = (decode_id(patient_id), decode_id(directive_id));
        Some(DirectiveCommand::from(EndDirective { patient, directive }))
    }
}

impl CommandInput for VoidConsentDirectiveInput {
    type Target = Directives;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, directive_id, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        let (patient, directive) = (decode_id(patient_id), decode_id(directive_id));
        Some(DirectiveCommand::from(VoidDirective { patient, directive, reason }))
    }
}
