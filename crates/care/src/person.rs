//! A person who can sign in, and the roles that they hold at organizations.
//!
//! Nobody grants a role to themself. Where an organization has another administrator beside the one who grants and the
//! one who is to have the role, a grant is a proposal until that second person confirms it; where it has none, the event
//! says that one administrator granted it alone.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::aggregate::{Acting, Aggregate, PersonalTextOf};
use crate::command_name::commands;
use crate::envelope::Actor;
use crate::event_set::{events, no_text, texts};
use crate::ids::{CommandId, Id, OrganizationId, PersonId};
use crate::party::Place;
use crate::text::PersonalText;
use crate::words::{GrantBasis, Role};
use uuid::Uuid;

commands! {
    /// What can be asked of a person's record.
    PersonCommand, PersonAct {
        "person.register" => RegisterPerson,
        "person.grant_role" => GrantRole,
        "person.confirm_role" => ConfirmRole,
        "person.decline_role" => DeclineRole,
        "person.end_role" => EndRole,
        "person.correct_name" => CorrectName,
    }
    where
    fn at_organization(&self) -> Option<OrganizationId> {
        Some(match self {
            Self::RegisterPerson(register) => register.organization,
            Self::GrantRole(grant) => grant.organization,
            Self::ConfirmRole(confirm) => confirm.organization,
            Self::DeclineRole(decline) => decline.organization,
            Self::EndRole(end) => end.organization,
            Self::CorrectName(correct) => correct.organization,
        })
    }
}

/// Registers a person; their id is the first that the command creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterPerson {
    /// The organization that registers them.
    pub organization: OrganizationId,
    /// The name that others see.
    pub name: PersonalText,
    /// A first role at that organization, if they work there.
    pub role: Option<Role>,
}

/// Grants a role from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantRole {
    /// At which organization.
    pub organization: OrganizationId,
    /// The role.
    pub role: Role,
    /// When it ends by itself.
    pub until: Option<DateTime<Utc>>,
}

/// Confirms a role that another administrator proposed: it is granted from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfirmRole {
    /// At which organization.
    pub organization: OrganizationId,
    /// The role.
    pub role: Role,
}

/// Declines a proposed role, or takes the proposal back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclineRole {
    /// At which organization.
    pub organization: OrganizationId,
    /// The role.
    pub role: Role,
}

/// Ends a role now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndRole {
    /// At which organization.
    pub organization: OrganizationId,
    /// The role.
    pub role: Role,
}

/// Corrects the name that others see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectName {
    /// The organization that corrects it: it registered the person, or they have a role there.
    pub organization: OrganizationId,
    /// The name as it should be.
    pub name: PersonalText,
    /// Why.
    pub reason: PersonalText,
}

/// We refuse because …
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersonRefusal {
    /// … the person is registered already.
    #[error("the person is registered already")]
    Registered,
    /// … nobody is registered under that id.
    #[error("there is no such person")]
    Missing,
    /// … everyone has the role `person`, and `service` is that of programs.
    #[error("that role is not granted: everyone is a person, and no person is a service")]
    NotGrantable,
    /// … nobody grants a role to themself, and nobody confirms what they proposed.
    #[error("nobody grants a role to themself, and another administrator confirms it")]
    SelfNotAllowed,
    /// … nobody has proposed the role, or the proposal has ended.
    #[error("the role is not proposed")]
    NotProposed,
    /// … the installation registers the first administrator only.
    #[error("the installation registers the first administrator only")]
    NotTheFirst,
    /// … the role would end before it began.
    #[error("a role must end after it begins")]
    EndsBeforeItBegins,
    /// … an organization has an administrator before anybody else works there.
    #[error("an organization has an administrator before anybody else has a role there")]
    NoAdministratorYet,
    /// … the organization would have no administrator, now or when the role ends.
    #[error("the organization would be without an administrator")]
    LastAdministrator,
    /// … the organization has pools or open threads, and would have no coordinator, now or when the role ends.
    #[error("the organization would be without a coordinator for its pools and threads")]
    LastCoordinator,
}

events! {
    /// What can have happened to a person's record.
    PersonEvent {
        "person.registered" v 1 => Registered,
        "person.role_proposed" v 1 => RoleProposed,
        "person.role_declined" v 1 => RoleDeclined,
        "person.role_granted" v 1 => RoleGranted,
        "person.role_ended" v 1 => RoleEnded,
        "person.name_corrected" v 1 => NameCorrected,
    }
}

/// A person was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// The person.
    pub person: PersonId,
    /// The organization that registered them.
    pub organization: OrganizationId,
    /// Their name, under their own key.
    pub name: PersonalText,
}

/// An administrator proposed a role, which another one is to confirm. It has no effect yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleProposed {
    /// For whom.
    pub person: PersonId,
    /// At which organization.
    pub organization: OrganizationId,
    /// The role.
    pub role: Role,
    /// When the role would end by itself.
    #[serde(default, with = "crate::instant::optional", skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// Who proposed it.
    pub by: PersonId,
    /// When the proposal ends by itself.
    #[serde(with = "crate::instant")]
    pub expires_at: DateTime<Utc>,
}

/// A proposed role was declined, or the proposal was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleDeclined {
    /// For whom it was proposed.
    pub person: PersonId,
    /// At which organization.
    pub organization: OrganizationId,
    /// The role.
    pub role: Role,
    /// Who declined it or took it back.
    pub by: Actor,
}

/// A role was granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGranted {
    /// To whom.
    pub person: PersonId,
    /// At which organization.
    pub organization: OrganizationId,
    /// The role.
    pub role: Role,
    /// From when.
    #[serde(with = "crate::instant")]
    pub from: DateTime<Utc>,
    /// Until when, if it ends by itself.
    #[serde(default, with = "crate::instant::optional", skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// On whose word; events that were stored without it are from before it was needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<GrantBasis>,
    /// Who proposed it, where another one confirmed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed_by: Option<PersonId>,
}

/// A role was ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleEnded {
    /// Whose.
    pub person: PersonId,
    /// At which organization.
    pub organization: OrganizationId,
    /// The role.
    pub role: Role,
}

/// The name that others see was corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameCorrected {
    /// Whose.
    pub person: PersonId,
    /// The organization that corrected it.
    pub organization: OrganizationId,
    /// The name as it should be, under their own key.
    pub name: PersonalText,
    /// Why, under the same key.
    pub reason: PersonalText,
}

texts! {
    NameCorrected { name: "person.corrected_name", reason: "person.correction_reason"; person, organization }
    Registered { name: "person.name"; person, organization }
}

no_text! {
    RoleProposed { person, organization, role, until, by, expires_at }
    RoleDeclined { person, organization, role, by }
    RoleGranted { person, organization, role, from, until, basis, proposed_by }
    RoleEnded { person, organization, role }
}

/// A person's record, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// Nothing happened yet.
    Unknown,
    /// Registered.
    Registered {
        /// The person.
        person: PersonId,
        /// Roles held, with their own end.
        roles: BTreeMap<Place, Option<DateTime<Utc>>>,
        /// Roles that were proposed and not answered.
        proposals: BTreeMap<Place, Proposal>,
    },
}

/// A role that was proposed and not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    by: PersonId,
    until: Option<DateTime<Utc>>,
    expires_at: DateTime<Utc>,
}

impl Aggregate for Person {
    type Command = PersonCommand;
    type Event = PersonEvent;
    type Refusal = PersonRefusal;

    fn initial() -> Self {
        Self::Unknown
    }

    fn decide(&self, command: &PersonCommand, acting: &Acting<'_>) -> Result<Vec<PersonEvent>, PersonRefusal> {
        let (person, roles, proposals) = match (self, command) {
            (Self::Unknown, PersonCommand::RegisterPerson(register)) => return registered(register, acting),
            (
                Self::Unknown,
                PersonCommand::GrantRole(_)
                | PersonCommand::ConfirmRole(_)
                | PersonCommand::DeclineRole(_)
                | PersonCommand::EndRole(_)
                | PersonCommand::CorrectName(_),
            ) => {
                return Err(PersonRefusal::Missing);
            }
            (Self::Registered { person, roles, proposals }, _) => (*person, roles, proposals),
        };
        let proposal = |place: Place| {
            let open = proposals.get(&place).copied();
            open.filter(|proposal| acting.now < proposal.expires_at).ok_or(PersonRefusal::NotProposed)
        };
        match command {
            PersonCommand::RegisterPerson(_) => Err(PersonRefusal::Registered),
            PersonCommand::GrantRole(GrantRole { organization, role, until }) => {
                let place = Place { role: *role, organization: *organization };
                check_grantable(*role)?;
                if until.is_some_and(|until| until <= acting.now) {
                    return Err(PersonRefusal::EndsBeforeItBegins);
                }
                let held = roles.get(&place);
                if held == Some(until) {
                    return Ok(vec![]);
                }
                check_first(place, acting)?;
                check_another(person, place, acting)?;
                if until.is_some() {
                    // A role for a time does not leave the organization without it afterwards.
                    check_other(person, place, acting)?;
                }
                let event = granted(person, place, *until, acting);
                let is_proposed = matches!((&event, proposal(place)), (PersonEvent::RoleProposed(again), Ok(open))
                    if open.by == again.by && open.until == again.until);
                Ok(if is_proposed { vec![] } else { vec![event] })
            }
            PersonCommand::ConfirmRole(ConfirmRole { organization, role }) => {
                let place = Place { role: *role, organization: *organization };
                let Proposal { by, until, expires_at: _ } = proposal(place)?;
                if [by, person].map(Actor::Person).contains(&acting.by) {
                    return Err(PersonRefusal::SelfNotAllowed);
                }
                // Who proposed it answers for it as an administrator, still.
                if !acting.lookups.holds_role(by, Place { role: Role::Administrator, ..place }) {
                    return Err(PersonRefusal::NotProposed);
                }
                if until.is_some_and(|until| until <= acting.now) {
                    return Err(PersonRefusal::EndsBeforeItBegins);
                }
                if until.is_some() {
                    check_other(person, place, acting)?;
                }
                Ok(vec![PersonEvent::RoleGranted(RoleGranted {
                    person,
                    organization: *organization,
                    role: *role,
                    from: acting.now,
                    until,
                    basis: Some(GrantBasis::TwoAdministrators),
                    proposed_by: Some(by),
                })])
            }
            PersonCommand::DeclineRole(DeclineRole { organization, role }) => {
                proposal(Place { role: *role, organization: *organization })?;
                let (organization, role, by) = (*organization, *role, acting.by);
                Ok(vec![PersonEvent::RoleDeclined(RoleDeclined { person, organization, role, by })])
            }
            PersonCommand::EndRole(EndRole { organization, role }) => {
                let place = Place { role: *role, organization: *organization };
                if !roles.contains_key(&place) {
                    return Ok(vec![]);
                }
                check_successor(person, place, acting)?;
                Ok(vec![PersonEvent::RoleEnded(RoleEnded { person, organization: *organization, role: *role })])
            }
            PersonCommand::CorrectName(CorrectName { organization, name, reason }) => {
                // A person of another organization and none at all are the same here.
                if !acting.lookups.is_known_at(person, *organization) {
                    return Err(PersonRefusal::Missing);
                }
                if acting.lookups.is_in_force(PersonalTextOf::PersonName(person), name) {
                    return Ok(vec![]);
                }
                let (name, reason) = (name.clone(), reason.clone());
                Ok(vec![NameCorrected { person, organization: *organization, name, reason }.into()])
            }
        }
    }

    fn evolve(self, event: &PersonEvent) -> Self {
        let (person, mut roles, mut proposals) = match self {
            Self::Unknown => (None, BTreeMap::new(), BTreeMap::new()),
            Self::Registered { person, roles, proposals } => (Some(person), roles, proposals),
        };
        let subject = match event {
            PersonEvent::Registered(registered) => registered.person,
            PersonEvent::RoleProposed(proposed) => {
                let RoleProposed { person, organization, role, until, by, expires_at } = proposed.clone();
                proposals.insert(Place { role, organization }, Proposal { by, until, expires_at });
                person
            }
            PersonEvent::RoleDeclined(declined) => {
                proposals.remove(&Place { role: declined.role, organization: declined.organization });
                declined.person
            }
            PersonEvent::RoleGranted(granted) => {
                let place = Place { role: granted.role, organization: granted.organization };
                proposals.remove(&place);
                roles.insert(place, granted.until);
                granted.person
            }
            PersonEvent::RoleEnded(ended) => {
                roles.remove(&Place { role: ended.role, organization: ended.organization });
                ended.person
            }
            PersonEvent::NameCorrected(corrected) => corrected.person,
        };
        Self::Registered { person: person.unwrap_or(subject), roles, proposals }
    }

    fn created_by(command: &PersonCommand, id: CommandId) -> Option<Uuid> {
        match command {
            PersonCommand::RegisterPerson(_) => Some(id.creates::<PersonId>(0).uuid()),
            PersonCommand::GrantRole(_)
            | PersonCommand::ConfirmRole(_)
            | PersonCommand::DeclineRole(_)
            | PersonCommand::EndRole(_)
            | PersonCommand::CorrectName(_) => None,
        }
    }

    fn is_transition(_: &PersonEvent) -> bool {
        false
    }
}

/// Whether a role is one that a person can be granted.
fn check_grantable(role: Role) -> Result<(), PersonRefusal> {
    match role {
        Role::Person | Role::Service => Err(PersonRefusal::NotGrantable),
        Role::Physician
        | Role::Nurse
        | Role::Pharmacist
        | Role::Coordinator
        | Role::SocialWorker
        | Role::PrivacyOfficer
        | Role::Administrator
        | Role::Auditor => Ok(()),
    }
}

/// Whether the role is granted to another person. Who stands in for an organization that never had an administrator may
/// become its first one: there is nothing there yet that they could reach by it, and they could appoint anybody.
fn check_another(person: PersonId, place: Place, acting: &Acting<'_>) -> Result<(), PersonRefusal> {
    let begins = place.role == Role::Administrator && !acting.lookups.had_administrator(place.organization);
    if acting.by == Actor::Person(person) && !begins { Err(PersonRefusal::SelfNotAllowed) } else { Ok(()) }
}

/// The grant of a role; its proposal where an administrator acts and there is another one to confirm it.
fn granted(person: PersonId, place: Place, until: Option<DateTime<Utc>>, acting: &Acting<'_>) -> PersonEvent {
    let Place { role, organization } = place;
    let granted = |basis| {
        let (from, basis) = (acting.now, Some(basis));
        PersonEvent::RoleGranted(RoleGranted { person, organization, role, from, until, basis, proposed_by: None })
    };
    let Actor::Person(by) = acting.by else { return granted(GrantBasis::Installation) };
    if !acting.lookups.had_administrator(organization) {
        return granted(GrantBasis::StandIn);
    }
    let mut administrators = acting.lookups.holders(Place { role: Role::Administrator, organization }).into_iter();
    if administrators.all(|other| [by, person].contains(&other)) {
        return granted(GrantBasis::OneAdministrator);
    }
    let expires_at = acting.answer_by();
    PersonEvent::RoleProposed(RoleProposed { person, organization, role, until, by, expires_at })
}

/// Whether the role can be granted as far as it is the first at the organization.
fn check_first(place: Place, acting: &Acting<'_>) -> Result<(), PersonRefusal> {
    if place.role == Role::Administrator || acting.lookups.had_administrator(place.organization) {
        return Ok(());
    }
    Err(PersonRefusal::NoAdministratorYet)
}

/// Whether a person's role can end now: they do not hold it any more, or it can end at all.
fn check_successor(person: PersonId, place: Place, acting: &Acting<'_>) -> Result<(), PersonRefusal> {
    if acting.lookups.holds_role(person, place) { check_other(person, place, acting) } else { Ok(()) }
}

/// Whether somebody else has the role without an end, where somebody must.
fn check_other(person: PersonId, place: Place, acting: &Acting<'_>) -> Result<(), PersonRefusal> {
    let lookups = acting.lookups;
    if lookups.is_held_by_another(person, place) {
        return Ok(());
    }
    match place.role {
        Role::Administrator => Err(PersonRefusal::LastAdministrator),
        Role::Coordinator if lookups.has_work(place.organization) => Err(PersonRefusal::LastCoordinator),
        Role::Coordinator
        | Role::Physician
        | Role::Nurse
        | Role::Pharmacist
        | Role::SocialWorker
        | Role::PrivacyOfficer
        | Role::Auditor
        | Role::Service
        | Role::Person => Ok(()),
    }
}

fn registered(register: &RegisterPerson, acting: &Acting<'_>) -> Result<Vec<PersonEvent>, PersonRefusal> {
    let RegisterPerson { organization, name, role } = register;
    if acting.by == Actor::Installation && *role != Some(Role::Administrator) {
        return Err(PersonRefusal::NotTheFirst);
    }
    let person = acting.command.creates(0);
    let mut events =
        vec![PersonEvent::Registered(Registered { person, organization: *organization, name: name.clone() })];
    if let Some(role) = *role {
        let place = Place { role, organization: *organization };
        check_grantable(role)?;
        check_first(place, acting)?;
        // A new account with a role is as good as a grant of it.
        events.push(granted(person, place, None, acting));
    }
    Ok(events)
}

#[cfg(test)]
mod scenarios;
