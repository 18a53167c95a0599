//! The person who is signed in, as the frame of each page shows them.

use super::client::{Caller, ServerOperations, ask};
use super::queries;
use crate::fault::Refused;
use crate::graphql::scalars::Withheld;
use crate::graphql::words::Role;

/// The signed-in person.
#[derive(Debug)]
pub(crate) struct Me {
    pub id: String,
    pub name: String,
    /// The roles held now, each with its organization. Empty for a patient.
    pub roles: Vec<MyRole>,
    /// The ids of the patient records that are their own.
    pub records: Vec<String>,
}

/// The signed-in person as they were read.
pub(crate) struct MeRead {
    /// None if they are not registered, or not all of it could be read.
    pub me: Option<Me>,
    /// How far was read.
    pub position: Option<String>,
}

/// A role, and where it is held.
#[derive(Debug)]
pub(crate) struct MyRole {
    pub role: Role,
    pub organization: Option<MyOrganization>,
}

/// An organization in which somebody holds a role.
#[derive(Debug)]
pub(crate) struct MyOrganization {
    pub id: String,
    pub name: String,
}

impl Me {
    /// Reads who the caller is now.
    ///
    /// # Errors
    /// If the query was refused as a whole.
    pub async fn read(operations: &ServerOperations, caller: &Caller<'_>) -> Result<MeRead, Refused> {
        let answer = ask::<queries::Me>(operations, caller, queries::me::Variables {}).await?;
        Ok(answer.read(|answer| MeRead { me: Self::of(&answer.data), position: answer.position.clone() }))
    }

    fn of(data: &queries::me::ResponseData) -> Option<Self> {
        let person = data.viewer.person.as_ref()?;
        let name = match (&person.name.text, person.name.withheld) {
            (Some(name), _) => name.clone(),
            (None, Some(Withheld::Withheld | Withheld::Erased) | None) => return None,
        };
        let roles = data.viewer.roles.as_ref()?.iter().map(|held| MyRole {
            role: held.role,
            organization: held
                .organization
                .as_ref()
                .map(|at| MyOrganization { id: at.id.clone(), name: at.name.clone() }),
        });
        let records = data.viewer.own_record_ids.clone();
        Some(Self { id: person.id.clone(), name, roles: roles.collect(), records })
    }
}
