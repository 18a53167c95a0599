//! Inputs of commands to patients and care teams: register, correct, link to a person, record a death or a protection note,
//! add or remove a member.

use async_graphql::ID;
use care::care_team::{AddMember, CareTeam, CareTeamCommand, RemoveMember};
use care::patient::{
    AcceptLink, CorrectDetails, DeclineLink, EndLink, LiftProtectionNote, Patient, PatientCommand, ProposeLink,
    RecordDeath, RecordProtectionNote, RegisterPatient, VoidDeath, WithdrawLink,
};

use super::{CommandInput, CommandOf, Fields};
use crate::graphql::id::decode_id;
use crate::graphql::scalars::Instant;
use crate::graphql::words::Role;

command_inputs! {
    /// A new patient.
    RegisterPatientInput {
        /// The organization that keeps the record.
        pub organization_id: ID,
        /// The person to whom the record is proposed as their own, if they sign in. It is theirs once they accept.
        pub person_id: Option<ID>,
        /// Their name: one line of at most 400 characters.
        pub name: String,
        /// Their date of birth, as ISO 8601: 1958-03-04, or 1958-03 or 1958 if only that is known.
        pub birth_date: String,
        /// The records with a similar name and birth date that you have compared: they are of other people.
        #[graphql(default)]
        #[serde(default)]
        pub confirmed_not_duplicate_of: Vec<ID>,
    }

    /// What is corrected in a patient's record. What you leave out stays as it is.
    CorrectPatientDetailsInput (version_if_any) {
        /// Their name as it should be: one line of at most 400 characters.
        pub name: Option<String>,
        /// Their date of birth as it should be, as ISO 8601: 1958-03-04, or 1958-03 or 1958 if only that is known.
        pub birth_date: Option<String>,
        /// Why it is corrected.
        pub reason: String,
        /// The records with a similar name and birth date that you have compared: they are of other people.
        #[graphql(default)]
        #[serde(default)]
        pub confirmed_not_duplicate_of: Vec<ID>,
    }

    /// The person to whom a record is proposed as their own.
    ProposePatientLinkInput {
        /// The person.
        pub person_id: ID,
    }

    /// The end of a link.
    EndPatientLinkInput {
        /// Why the record is not the person's own.
        pub reason: String,
    }

    /// The death of a patient.
    RecordPatientDeathInput {
        /// When the patient died; not in the future. Up to two minutes ahead count as now.
        pub died_at: Instant,
        /// From whom or from which document it is known.
        pub source: String,
    }

    /// The record of a death that was an error.
    VoidPatientDeathInput {
        /// Why it was an error.
        pub reason: String,
    }

    /// A note that a person is a danger to the patient. That person never learns of it.
    RecordProtectionNoteInput {
        /// The person; neither you nor the patient.
        pub person_id: ID,
        /// Why.
        pub reason: String,
    }

    /// A protection note that you take back.
    LiftProtectionNoteInput {
        /// The person about whom it is; neither you nor the patient.
        pub person_id: ID,
        /// Why.
        pub reason: String,
    }
}

/// Declares the inputs of commands that need nothing but the sender's key.
macro_rules! key_inputs {
    ($($(#[$meta:meta])* $name:ident => $command:ident;)+) => {$(
        command_inputs! {
            $(#[$meta])*
            $name {}
        }

        impl CommandInput for $name {
            type Target = Patient;

            fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
                Some(PatientCommand::from($command {}))
            }
        }
    )+};
}

key_inputs! {
    /// A proposal that you take back.
    WithdrawPatientLinkInput => WithdrawLink;
    /// A proposal that you accept.
    AcceptPatientLinkInput => AcceptLink;
    /// A proposal that you decline.
    DeclinePatientLinkInput => DeclineLink;
}

command_inputs! {
    /// A new member of a care team.
    AddCareTeamMemberInput {
        /// The patient, who is an argument of the mutation and no field of the input.
        #[graphql(skip)]
        #[serde(skip)]
        pub patient_id: ID,
        /// The person.
        pub person_id: ID,
        /// The role.
        pub role: Role,
        /// The organization at which the person holds the role.
        pub organization_id: ID,
        /// Whether you know that the person helps the patient under a delegation, and add them all the same. It is recorded, and
        /// needed for such a person: `CONFLICT_OF_INTEREST`. For everybody else it says nothing.
        #[graphql(default)]
        #[serde(default)]
        pub knows_conflict: bool,
    }

    /// A member who leaves a care team.
    RemoveCareTeamMemberInput {
        /// The patient, who is an argument of the mutation and no field of the input.
        #[graphql(skip)]
        #[serde(skip)]
        pub patient_id: ID,
        /// The person.
        pub person_id: ID,
    }
}

impl CommandInput for RegisterPatientInput {
    type Target = Patient;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, organization_id, person_id, name, birth_date, confirmed_not_duplicate_of } =
            self;
        let name = fields.person_name(&["input", "name"], name);
        let birth_date = fields.birth_date(&["input", "birthDate"], birth_date);
        let person = person_id.as_ref().map(decode_id);
        let organization = decode_id(organization_id);
        let confirmed_not_duplicate_of = confirmed_not_duplicate_of.iter().map(decode_id).collect();
        let (name, birth_date) = (name?, birth_date?);
        let register = RegisterPatient { organization, person, name, birth_date, confirmed_not_duplicate_of };
        Some(PatientCommand::from(register))
    }
}

impl CommandInput for CorrectPatientDetailsInput {
    type Target = Patient;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, expected_version: _, name, birth_date, reason, confirmed_not_duplicate_of } =
            self;
        let name = name.as_ref().map(|name| fields.person_name(&["input", "name"], name));
        let birth_date = birth_date.as_ref().map(|date| fields.birth_date(&["input", "birthDate"], date));
        let reason = fields.body(&["input", "reason"], reason);
        let confirmed_not_duplicate_of = confirmed_not_duplicate_of.iter().map(decode_id).collect();
        // A value that is given and wrong is a problem already.
        let given = |value: Option<Option<_>>| value.map_or(Some(None), |value| value.map(Some));
        let (name, birth_date, reason) = (given(name)?, given(birth_date)?, reason?);
        Some(PatientCommand::from(CorrectDetails { name, birth_date, reason, confirmed_not_duplicate_of }))
    }
}

impl CommandInput for ProposePatientLinkInput {
    type Target = Patient;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, person_id } = self;
        Some(PatientCommand::from(ProposeLink { person: decode_id(person_id) }))
    }
}

impl CommandInput for EndPatientLinkInput {
    type Target = Patient;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(PatientCommand::from(EndLink { reason }))
    }
}

impl CommandInput for RecordPatientDeathInput {
    type Target = Patient;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, died_at, source } = self;
        let source = fields.body(&["input", "source"], source)?;
        Some(PatientCommand::from(RecordDeath { at: (*died_at).into(), source }))
    }
}

impl CommandInput for VoidPatientDeathInput {
    type Target = Patient;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(PatientCommand::from(VoidDeath { reason }))
    }
}

impl CommandInput for RecordProtectionNoteInput {
    type Target = Patient;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, person_id, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(PatientCommand::from(RecordProtectionNote { against: decode_id(person_id), reason }))
    }
}

impl CommandInput for LiftProtectionNoteInput {
    type Target = Patient;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, person_id, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(PatientCommand::from(LiftProtectionNote { against: decode_id(person_id), reason }))
    }
}

impl CommandInput for AddCareTeamMemberInput {
    type Target = CareTeam;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, person_id, role, organization_id, knows_conflict } = self;
        let (patient, person, organization) = (decode_id(patient_id), decode_id(person_id), decode_id(organization_id));
        let (role, knows_conflict) = ((*role).into(), *knows_conflict);
        Some(CareTeamCommand::from(AddMember { patient, person, role, organization, knows_conflict }))
    }
}

impl CommandInput for RemoveCareTeamMemberInput {
    type Target = CareTeam;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, patient_id, person_id } = self;
        let (patient, person) = (decode_id(patient_id), decode_id(person_id));
        Some(CareTeamCommand::from(RemoveMember { patient, person }))
    }
}
