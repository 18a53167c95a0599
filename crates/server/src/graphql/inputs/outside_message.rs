//! Inputs of messages from outside: to send one, and to find out whom it is about.

use async_graphql::ID;
use care::outside_message::{
    AttachOutsideMessage, ClaimOutsideMessage, CloseOutsideMessage, MatchOutsideMessage, OutsideMessage,
    OutsideMessageCommand, SendOutsideMessage, Wish,
};
use care::text::PersonalText;

use super::{CommandInput, CommandOf, Fields};
use crate::graphql::delegation_words::{DelegationKind, Relationship};
use crate::graphql::id::decode_id;
use crate::graphql::outside_message_words::OutsideClosing;

command_inputs! {
    /// An offer to help a patient whom you name. You do not learn whether there is such a patient. If they want
    /// your help, you get an invitation.
    AskToHelpInput {
        /// The organization that cares for the patient, as far as you know.
        pub organization_id: ID,
        /// The patient's name: one line of at most 400 characters.
        pub patient_name: String,
        /// The patient's date of birth, as ISO 8601: 1958-03-04, or 1958-03 or 1958 if only that is known. Null if you do not know it.
        pub patient_birth_date: Option<String>,
        /// Why you want to help.
        pub kind: DelegationKind,
        /// What you are to the patient.
        pub relationship: Relationship,
        /// What else you want to say. Null if nothing.
        pub text: Option<String>,
    }

    /// Something that the team of a patient should know. You get no answer, and do not learn whether there is such
    /// a patient.
    TellTeamInput {
        /// The organization that cares for the patient, as far as you know.
        pub organization_id: ID,
        /// The patient's name: one line of at most 400 characters.
        pub patient_name: String,
        /// The patient's date of birth, as ISO 8601: 1958-03-04, or 1958-03 or 1958 if only that is known. Null if you do not know it.
        pub patient_birth_date: Option<String>,
        /// What you are to the patient.
        pub relationship: Relationship,
        /// What the team should know.
        pub text: String,
    }

    /// To claim a message from outside.
    ClaimOutsideMessageInput {}

    /// The patient to whom an offer to help belongs.
    MatchOutsideMessageInput {
        /// The patient, whose record the organization keeps.
        pub patient_id: ID,
    }

    /// The thread to which you attach what was told.
    AttachOutsideMessageInput {
        /// The thread, in which you may write to the clinical team.
        pub thread_id: ID,
    }

    /// Why a message from outside is closed.
    CloseOutsideMessageInput {
        /// The ground.
        pub ground: OutsideClosing,
        /// Why. The sender does not read it.
        pub reason: String,
    }
}

/// A date of birth that may be left out: the outer `None` means that it is invalid.
fn birth_date(fields: &mut Fields, text: Option<&String>) -> Option<Option<PersonalText>> {
    match text {
        Some(text) => fields.birth_date(&["input", "patientBirthDate"], text).map(Some),
        None => Some(None),
    }
}

impl CommandInput for AskToHelpInput {
    type Target = OutsideMessage;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, organization_id, patient_name, patient_birth_date, kind, relationship, text } =
            self;
        let patient_name = fields.person_name(&["input", "patientName"], patient_name);
        let birth_date = birth_date(fields, patient_birth_date.as_ref());
        let text = fields.body_if_any(&["input", "text"], text.as_deref());
        let send = SendOutsideMessage {
            organization: decode_id(organization_id),
            patient_name: patient_name?,
            birth_date: birth_date?,
            relationship: (*relationship).into(),
            wish: Wish::Help { kind: (*kind).into(), text: text? },
        };
        Some(OutsideMessageCommand::from(send))
    }
}

impl CommandInput for TellTeamInput {
    type Target = OutsideMessage;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, organization_id, patient_name, patient_birth_date, relationship, text } =
            self;
        let patient_name = fields.person_name(&["input", "patientName"], patient_name);
        let birth_date = birth_date(fields, patient_birth_date.as_ref());
        let text = fields.body(&["input", "text"], text);
        let send = SendOutsideMessage {
            organization: decode_id(organization_id),
            patient_name: patient_name?,
            birth_date: birth_date?,
            relationship: (*relationship).into(),
            wish: Wish::Tell { text: text? },
        };
        Some(OutsideMessageCommand::from(send))
    }
}

impl CommandInput for ClaimOutsideMessageInput {
    type Target = OutsideMessage;

    fn read(&self, _: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _ } = self;
        Some(OutsideMessageCommand::from(ClaimOutsideMessage))
    }
}

impl CommandInput for MatchOutsideMessageInput {
    type Target = OutsideMessage;

    fn read(&self, _: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id } = self;
        Some(OutsideMessageCommand::from(MatchOutsideMessage { patient: decode_id(patient_id) }))
    }
}

impl CommandInput for AttachOutsideMessageInput {
    type Target = OutsideMessage;

    fn read(&self, _: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, thread_id } = self;
        // What was told does not come from the client: the application opens it.
        let attach = AttachOutsideMessage { thread: decode_id(thread_id), text: PersonalText::Destroyed };
        Some(OutsideMessageCommand::from(attach))
    }
}

impl CommandInput for CloseOutsideMessageInput {
    type Target = OutsideMessage;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, ground, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(OutsideMessageCommand::from(CloseOutsideMessage { ground: (*ground).into(), reason }))
    }
}
