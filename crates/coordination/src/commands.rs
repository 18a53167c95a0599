//! What can be asked of the application: one method for each command, in the file of its concept.
//!
//! To add a command: 1. its method on [`Application`](crate::application::Application) in the concept's file, which
//! looks up what the decision rests on; 2. its action in the policy; 3. its mutation in the API.

mod care_team;
mod consultation;
mod conversation;
mod organization;
mod patient;
mod person;
mod policy;

pub use care_team::NewMember;
pub use consultation::{Advice, Assignment, Plan, Recommended, Request};
pub use conversation::NewMessage;
pub use organization::NewPool;
pub use patient::NewPatient;
pub use person::NewPerson;

use ::policy::decide::Viewer;
use ::policy::question::Held;
use ::policy::words::Standing;
use care::envelope::Actor;
use care::ids::{OrganizationId, PersonId};
use care::words::Role;
use chrono::{DateTime, Utc};

use crate::authorization_state::{AuthorizationState, certain};
use crate::standing;

/// What the installation itself is while nobody is on record, and nothing afterwards.
fn installation(authorization: &AuthorizationState) -> Vec<Held> {
    if authorization.is_empty() {
        vec![Held { standing: Standing::Installation, role: Role::Service }]
    } else {
        Vec::new()
    }
}

/// What the sender is to an organization. Until a new organization has an administrator of its
/// own, those of the other organizations of this installation stand in: somebody has to register
/// its first people.
fn at_organization(
    authorization: &AuthorizationState,
    viewer: &Viewer,
    organization: OrganizationId,
    now: DateTime<Utc>,
) -> Vec<Held> {
    let person = match viewer.identity().actor() {
        Actor::Installation => return installation(authorization),
        Actor::Person(person) => person,
    };
    let held = certain(standing::on_organization(authorization, organization, person, now));
    let administrator = Held { standing: Standing::Organization, role: Role::Administrator };
    let administers = authorization.active_roles(person, now).any(|held| held.role == Role::Administrator);
    let stands_in = administers
        && authorization.organizations.contains_key(&organization)
        && !authorization.has_administrator(organization, now);
    if stands_in { vec![administrator] } else { held }
}

/// Whether the sender has or had a role at an organization, or administers or administered any and
/// so may have stood in there: a repeat of what they did is still answered. It permits nothing.
fn worked_at(authorization: &AuthorizationState, viewer: &Viewer, organization: OrganizationId) -> bool {
    let roles = viewer.identity().person().and_then(|person| authorization.people.get(&person));
    roles.into_iter().flatten().any(|held| held.organization == organization || held.role == Role::Administrator)
}

/// The person who sends, or nobody's id: the installation stands to no thread and no patient.
fn sender(viewer: &Viewer) -> PersonId {
    viewer.identity().person().unwrap_or(care::ids::Id::from_uuid(uuid::Uuid::nil()))
}
