//! The operator gives an organization an administrator again that has none any more.
//!
//! It is an act of the operator, beside the policy (`operator.rs`).

use care::aggregate::Lookups;
use care::conversation::Place;
use care::event::{Event, Stream};
use care::ids::{CommandId, Id, OrganizationId, PersonId};
use care::person::{PersonEvent, RoleGranted};
use care::words::{GrantBasis, Role};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::appending::until_appended;
use crate::application::Application;
use crate::authorization::lookups::LookupsAt;
use crate::fault::Fault;
use crate::operator::OperatorAct;

/// Why no administrator was restored.
#[derive(Debug, thiserror::Error)]
pub enum NotRestored {
    /// The organization has an administrator, who can grant the role.
    #[error("the organization has an administrator, who can grant the role")]
    HasAdministrator,
    /// The person is not known there.
    #[error("the organization knows no such person: it registered them, or they have or had a role there")]
    NotKnown,
    /// Something else failed. Repeat it.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Application {
    /// Makes a person the administrator of an organization that has none any more.
    ///
    /// # Errors
    /// [`NotRestored`]
    pub async fn restore_administrator(
        &self,
        organization: OrganizationId,
        person: PersonId,
        now: DateTime<Utc>,
    ) -> Result<(), NotRestored> {
        until_appended(|| self.try_to_restore(organization, person, now)).await?;
        self.catch_up().await?;
        Ok(())
    }

    /// `None` if another append came first.
    async fn try_to_restore(
        &self,
        organization: OrganizationId,
        person: PersonId,
        now: DateTime<Utc>,
    ) -> Result<Option<()>, NotRestored> {
        self.catch_up().await?;
        let place = Place { role: Role::Administrator, organization };
        {
            let state = self.projector().authorization();
            let lookups = LookupsAt { state: &state, now, namesakes: None };
            if !lookups.holders(place).is_empty() {
                return Err(NotRestored::HasAdministrator);
            }
            if !lookups.is_known_at(person, organization) {
                return Err(NotRestored::NotKnown);
            }
        }
        let stream = Stream::Person(person);
        let after = self.last_of(stream).await?.ok_or(NotRestored::NotKnown)?;
        // Each restoration is one of its own; a repeat of the same one finds the administrator there.
        let key = [b"restored".as_slice(), &after.0.to_be_bytes()].concat();
        let command = CommandId::from_uuid(Uuid::new_v5(&person.uuid(), &key));
        let event = Event::Person(PersonEvent::RoleGranted(RoleGranted {
            person,
            organization,
            role: place.role,
            from: now,
            until: None,
            basis: Some(GrantBasis::Operator),
            proposed_by: None,
        }));
        Ok(self.append_of_operator(OperatorAct { stream, after, command, event, now }).await?)
    }
}
