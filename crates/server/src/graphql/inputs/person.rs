//! Inputs of commands to persons: register, grant and end roles, correct the name.

use async_graphql::ID;
use care::person::{ConfirmRole, CorrectName, DeclineRole, EndRole, GrantRole, Person, PersonCommand, RegisterPerson};

use super::{CommandInput, CommandOf, Fields};
use crate::graphql::id::decode_id;
use crate::graphql::scalars::Instant;
use crate::graphql::words::Role;

command_inputs! {
    /// A new person.
    RegisterPersonInput {
        /// The organization that registers them.
        pub organization_id: ID,
        /// Their name: one line of at most 400 characters.
        pub name: String,
        /// A first role there, if they work there.
        pub role: Option<Role>,
    }

    /// The new role.
    GrantRoleInput {
        /// The organization.
        pub organization_id: ID,
        /// The role.
        pub role: Role,
        /// When it ends by itself, if it does.
        pub until: Option<Instant>,
    }

    /// The role that you confirm.
    ConfirmRoleInput {
        /// The organization.
        pub organization_id: ID,
        /// The role.
        pub role: Role,
    }

    /// The proposed role that you decline or take back.
    DeclineRoleInput {
        /// The organization.
        pub organization_id: ID,
        /// The role.
        pub role: Role,
    }

    /// The role that ends.
    EndRoleInput {
        /// The organization.
        pub organization_id: ID,
        /// The role.
        pub role: Role,
    }

    /// The corrected name.
    CorrectPersonNameInput {
        /// The organization that corrects it: it registered the person, or they have or had a role there.
        pub organization_id: ID,
        /// Their name as it should be: one line of at most 400 characters.
        pub name: String,
        /// Why it is corrected.
        pub reason: String,
    }
}

impl CommandInput for CorrectPersonNameInput {
    type Target = Person;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, organization_id, name, reason } = self;
        let name = fields.person_name(&["input", "name"], name);
        let reason = fields.body(&["input", "reason"], reason);
        let organization = decode_id(organization_id);
        Some(PersonCommand::from(CorrectName { organization, name: name?, reason: reason? }))
    }
}

impl CommandInput for RegisterPersonInput {
    type Target = Person;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, organization_id, name, role } = self;
        let name = fields.person_name(&["input", "name"], name)?;
        let organization = decode_id(organization_id);
        Some(PersonCommand::from(RegisterPerson { organization, name, role: role.map(Into::into) }))
    }
}

impl CommandInput for GrantRoleInput {
    type Target = Person;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, organization_id, role, until } = self;
        let organization = decode_id(organization_id);
        Some(PersonCommand::from(GrantRole { organization, role: (*role).into(), until: until.map(Into::into) }))
    }
}

impl CommandInput for ConfirmRoleInput {
    type Target = Person;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, organization_id, role } = self;
        Some(PersonCommand::from(ConfirmRole { organization: decode_id(organization_id), role: (*role).into() }))
    }
}

impl CommandInput for DeclineRoleInput {
    type Target = Person;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, organization_id, role } = self;
        Some(PersonCommand::from(DeclineRole { organization: decode_id(organization_id), role: (*role).into() }))
    }
}

impl CommandInput for EndRoleInput {
    type Target = Person;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, organization_id, role } = self;
        Some(PersonCommand::from(EndRole { organization: decode_id(organization_id), role: (*role).into() }))
    }
}
