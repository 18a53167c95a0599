//! Inputs of commands by which people come to a care team by their own word, and by which a patient blocks people.

use async_graphql::ID;
use care::care_team::{AcceptPlace, CareTeam, CareTeamCommand, DeclinePlace, JoinCareTeam, WithdrawPlace};
use care::consent_directive::{Deny, DirectiveCommand, Directives, EndDirective};

use super::{CommandInput, CommandOf, Fields};
use crate::graphql::id::decode_id;
use crate::graphql::words::Role;

command_inputs! {
    /// Your own place on a care team.
    JoinCareTeamInput {
        /// The patient, who is an argument of the mutation and no field of the input.
        #[graphql(skip)]
        #[serde(skip)]
        pub patient_id: ID,
        /// The role, which you hold at the organization that keeps the record.
        pub role: Role,
        /// Why. The patient and the care team read it.
        pub reason: String,
    }

    /// A place on a care team that you accept.
    AcceptCareTeamPlaceInput {
        /// The patient, who is an argument of the mutation and no field of the input.
        #[graphql(skip)]
        #[serde(skip)]
        pub patient_id: ID,
    }

    /// A place on a care team that you decline.
    DeclineCareTeamPlaceInput {
        /// The patient, who is an argument of the mutation and no field of the input.
        #[graphql(skip)]
        #[serde(skip)]
        pub patient_id: ID,
    }

    /// A question that you take back.
    WithdrawCareTeamQuestionInput {
        /// The patient, who is an argument of the mutation and no field of the input.
        #[graphql(skip)]
        #[serde(skip)]
        pub patient_id: ID,
        /// The person who was asked.
        pub person_id: ID,
    }

    /// Whom a patient blocks.
    BlockPersonInput {
        /// The patient, who is an argument of the mutation and no field of the input.
        #[graphql(skip)]
        #[serde(skip)]
        pub patient_id: ID,
        /// The person.
        pub person_id: ID,
        /// What the patient said, if you write it down for them.
        pub patient_word: Option<String>,
    }

    /// A block that ends.
    EndBlockInput {
        /// The patient, who is an argument of the mutation and no field of the input.
        #[graphql(skip)]
        #[serde(skip)]
        pub patient_id: ID,
        /// The block.
        pub block_id: ID,
    }
}

impl CommandInput for JoinCareTeamInput {
    type Target = CareTeam;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, role, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(CareTeamCommand::from(JoinCareTeam { patient: decode_id(patient_id), role: (*role).into(), reason }))
    }
}

impl CommandInput for AcceptCareTeamPlaceInput {
    type Target = CareTeam;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id } = self;
        Some(CareTeamCommand::from(AcceptPlace { patient: decode_id(patient_id) }))
    }
}

impl CommandInput for DeclineCareTeamPlaceInput {
    type Target = CareTeam;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id } = self;
        Some(CareTeamCommand::from(DeclinePlace { patient: decode_id(patient_id) }))
    }
}

impl CommandInput for WithdrawCareTeamQuestionInput {
    type Target = CareTeam;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, person_id } = self;
        let (patient, person) = (decode_id(patient_id), decode_id(person_id));
        Some(CareTeamCommand::from(WithdrawPlace { patient, person }))
    }
}

impl CommandInput for BlockPersonInput {
    type Target = Directives;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, person_id, patient_word } = self;
        let patient_word = fields.body_if_any(&["input", "patientWord"], patient_word.as_deref())?;
        let (patient, person) = (decode_id(patient_id), decode_id(person_id));
        Some(DirectiveCommand::from(Deny::of_person(patient, person, patient_word)))
    }
}

impl CommandInput for EndBlockInput {
    type Target = Directives;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, block_id } = self;
        let (patient, directive) = (decode_id(patient_id), decode_id(block_id));
        Some(DirectiveCommand::from(EndDirective { patient, directive }))
    }
}
