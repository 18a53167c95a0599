//! The operator gives an organization an administrator again that has none any more.
//!
//! It is done on the machine of the installation, beside the policy, as the operator could change the stores themselves.
//! The event says that the operator did it.

use bytes::Bytes;
use care::aggregate::Lookups;
use care::conversation::Place;
use care::envelope::{Actor, Grounds, Metadata};
use care::event::{Event, EventSet, Stream};
use care::ids::{CommandId, Id, OrganizationId, PersonId};
use care::person::{PersonEvent, RoleGranted};
use care::words::{Channel, GrantBasis, Purpose, Role};
use chrono::{DateTime, Utc};
use journal::{Append, AppendError, Direction, EventType, Expected, NewEvent};
use uuid::Uuid;

use crate::application::Application;
use crate::authorization::lookups::LookupsAt;
use crate::command_handler::stream_name;
use crate::fault::Fault;

/// Tries while others append to the stream.
const CONFLICTS_MAX: u32 = 8;

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
        let stream = Stream::Person(person);
        let name = stream_name(&stream)?;
        let place = Place { role: Role::Administrator, organization };
        for _ in 0..CONFLICTS_MAX {
            self.catch_up().await?;
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
            let page = self.journal().read_stream(&name, None, Direction::Backward, std::num::NonZeroU32::MIN).await;
            let page = page.map_err(Fault::from)?;
            let Some(last) = page.events.first() else { return Err(NotRestored::NotKnown) };
            // Each restoration is one of its own; a repeat of the same one finds the administrator there.
            let after = last.revision.0.to_be_bytes();
            let command =
                CommandId::from_uuid(Uuid::new_v5(&person.uuid(), &[b"restored".as_slice(), &after].concat()));
            let event = Event::Person(PersonEvent::RoleGranted(RoleGranted {
                person,
                organization,
                role: place.role,
                from: now,
                until: None,
                basis: Some(GrantBasis::Operator),
                proposed_by: None,
            }));
            let event = NewEvent {
                id: command.event(&stream, 0).uuid(),
                event_type: EventType::parse(event.kind()).map_err(|_| Fault::Row("an event type"))?,
                data: Bytes::from(event.encode().map_err(Fault::from)?),
                meta: Bytes::from(self.restored_by(command, now).encode(event.version())),
            };
            let append = Append { stream: name.clone(), expected: Expected::Exact(last.revision), events: vec![event] };
            match self.journal().append(append).await {
                Ok(_) => {
                    self.catch_up().await?;
                    return Ok(());
                }
                Err(AppendError::Conflict { .. }) => {}
                Err(AppendError::Unavailable { .. } | AppendError::Indeterminate { .. }) => {
                    return Err(Fault::Unavailable("the journal").into());
                }
                Err(
                    error @ (AppendError::IdReused { .. }
                    | AppendError::Empty
                    | AppendError::TooLarge { .. }
                    | AppendError::Fatal(_)),
                ) => return Err(Fault::Append(error).into()),
            }
        }
        Err(Fault::Unavailable("the stream is too busy").into())
    }

    fn restored_by(&self, command: CommandId, now: DateTime<Utc>) -> Metadata {
        let policy_version = self.projector().decisions.policy().version().to_owned();
        Metadata {
            command,
            actor: Actor::Installation,
            on_behalf_of: None,
            grounds: Grounds { policy_version, rules: Vec::new(), standing_as_of: None },
            purpose: Purpose::HealthcareOperations,
            correlation: command.uuid(),
            causation: None,
            occurred_at: now,
            recorded_at: now,
            channel: Channel::Cli,
            input: None,
            draft: None,
        }
    }
}
