//! Open invitations to a thread: for persons who may list its participants, and for the
//! invited person.

use std::sync::Arc;

use async_graphql::SimpleObject;
use care::ids::PersonId;
use coordination::InvitationRow;
use coordination::fault::Fault;
use coordination::reader::{Reader, ThreadView};

use super::organization::Organization;
use super::person::Person;
use super::scalars::{Instant, PersonalText};
use super::words::{HistoryWindow, Role};

/// An invitation of a person to take part in a thread that is not answered yet.
#[derive(SimpleObject)]
pub struct Invitation {
    /// The invited person.
    person: Option<Person>,
    /// The role in which they would take part.
    role: Role,
    /// The organization of that role.
    organization: Option<Organization>,
    /// The person who invited them. Null if it was no person.
    invited_by: Option<Person>,
    /// When they were invited.
    invited_at: Instant,
    /// The instant at which the invitation ends by itself.
    expires_at: Instant,
    /// How much of the history before their joining they would see.
    history: HistoryWindow,
    /// Why. Null if no reason was given.
    reason: Option<PersonalText>,
}

impl Invitation {
    /// An invitation into a thread, with the names of the persons in it.
    pub(super) fn of(reader: &Arc<Reader>, view: &ThreadView, row: &InvitationRow) -> Result<Self, Fault> {
        let InvitationRow { person, role, organization, invited_by, invited_at, expires_at, history, reason } = row;
        let named = |person: Option<PersonId>| match person {
            Some(person) => Ok(reader.person_in(view, person)?.map(Person)),
            None => Ok::<_, Fault>(None),
        };
        Ok(Self {
            person: named(Some(*person))?,
            role: (*role).into(),
            organization: reader.organization_in(view, *organization)?.map(|row| Organization::of(reader, row)),
            invited_by: named(invited_by.person())?,
            invited_at: (*invited_at).into(),
            expires_at: (*expires_at).into(),
            history: (*history).into(),
            reason: reason.as_ref().map(PersonalText::from),
        })
    }
}
