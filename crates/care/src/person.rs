//! A person who can sign in, and the roles that they hold at organizations.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::aggregate::{Acting, Aggregate, PersonalTextOf};
use crate::command_name::commands;
use crate::conversation::Place;
use crate::envelope::Actor;
use crate::event_set::{events, no_text};
use crate::ids::{CommandId, Id, OrganizationId, PersonId};
use crate::text::{EachText, FieldTag, PersonalText};
use crate::words::Role;
use uuid::Uuid;

commands! {
    /// What can be asked of a person's record.
    PersonCommand, PersonAct {
        "person.register" => RegisterPerson,
        "person.grant_role" => GrantRole,
        "person.end_role" => EndRole,
        "person.correct_name" => CorrectName,
    }
    where
    fn at_organization(&self) -> Option<OrganizationId> {
        Some(match self {
            Self::RegisterPerson(register) => register.organization,
            Self::GrantRole(grant) => grant.organization,
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
    /// … everyone has the role `person`, so it is not granted.
    #[error("the role person is not granted: everyone is one")]
    NotGrantable,
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

impl EachText for NameCorrected {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self { person: _, organization: _, name, reason } = self;
        visit(FieldTag("person.corrected_name"), name);
        visit(FieldTag("person.correction_reason"), reason);
    }
}

impl EachText for Registered {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self { person: _, organization: _, name } = self;
        visit(FieldTag("person.name"), name);
    }
}

no_text! {
    RoleGranted { person, organization, role, from, until }
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
        roles: BTreeMap<(OrganizationId, Role), Option<DateTime<Utc>>>,
    },
}

impl Aggregate for Person {
    type Command = PersonCommand;
    type Event = PersonEvent;
    type Refusal = PersonRefusal;

    fn initial() -> Self {
        Self::Unknown
    }

    fn decide(&self, command: &PersonCommand, acting: &Acting<'_>) -> Result<Vec<PersonEvent>, PersonRefusal> {
        let (person, roles) = match (self, command) {
            (Self::Unknown, PersonCommand::RegisterPerson(register)) => return registered(register, acting),
            (
                Self::Unknown,
                PersonCommand::GrantRole(_) | PersonCommand::EndRole(_) | PersonCommand::CorrectName(_),
            ) => {
                return Err(PersonRefusal::Missing);
            }
            (Self::Registered { person, roles }, _) => (*person, roles),
        };
        match command {
            PersonCommand::RegisterPerson(_) => Err(PersonRefusal::Registered),
            PersonCommand::GrantRole(GrantRole { organization, role, until }) => {
                if *role == Role::Person {
                    return Err(PersonRefusal::NotGrantable);
                }
                if until.is_some_and(|until| until <= acting.now) {
                    return Err(PersonRefusal::EndsBeforeItBegins);
                }
                if roles.get(&(*organization, *role)) == Some(until) {
                    return Ok(vec![]);
                }
                check_first(*organization, *role, acting)?;
                if until.is_some() {
                    // A role for a time does not leave the organization without it afterwards.
                    check_other(person, Place { role: *role, organization: *organization }, acting)?;
                }
                Ok(vec![PersonEvent::RoleGranted(RoleGranted {
                    person,
                    organization: *organization,
                    role: *role,
                    from: acting.now,
                    until: *until,
                })])
            }
            PersonCommand::EndRole(EndRole { organization, role }) => {
                if !roles.contains_key(&(*organization, *role)) {
                    return Ok(vec![]);
                }
                check_successor(person, Place { role: *role, organization: *organization }, acting)?;
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
        let (person, mut roles) = match self {
            Self::Unknown => (None, BTreeMap::new()),
            Self::Registered { person, roles } => (Some(person), roles),
        };
        let subject = match event {
            PersonEvent::Registered(registered) => registered.person,
            PersonEvent::RoleGranted(granted) => {
                roles.insert((granted.organization, granted.role), granted.until);
                granted.person
            }
            PersonEvent::RoleEnded(ended) => {
                roles.remove(&(ended.organization, ended.role));
                ended.person
            }
            PersonEvent::NameCorrected(corrected) => corrected.person,
        };
        Self::Registered { person: person.unwrap_or(subject), roles }
    }

    fn created_by(command: &PersonCommand, id: CommandId) -> Option<Uuid> {
        match command {
            PersonCommand::RegisterPerson(_) => Some(id.creates::<PersonId>(0).uuid()),
            PersonCommand::GrantRole(_) | PersonCommand::EndRole(_) | PersonCommand::CorrectName(_) => None,
        }
    }

    fn is_transition(_: &PersonEvent) -> bool {
        false
    }
}

/// Whether the role can be granted as far as it is the first at the organization.
fn check_first(organization: OrganizationId, role: Role, acting: &Acting<'_>) -> Result<(), PersonRefusal> {
    if role == Role::Administrator || acting.lookups.had_administrator(organization) {
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
    match role {
        Some(Role::Person) => return Err(PersonRefusal::NotGrantable),
        Some(role) => {
            check_first(*organization, *role, acting)?;
            events.push(PersonEvent::RoleGranted(RoleGranted {
                person,
                organization: *organization,
                role: *role,
                from: acting.now,
                until: None,
            }));
        }
        None => {}
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::Fixed;
    use crate::aggregate::scenario::{by_the_installation, given};
    use crate::text::Text;
    use std::sync::LazyLock;

    fn the_installation() -> Acting<'static> {
        static NOBODY: LazyLock<Fixed> = LazyLock::new(Fixed::default);
        by_the_installation(&NOBODY)
    }

    fn acting() -> Acting<'static> {
        Acting { by: Actor::Person(PersonId::from_uuid(Uuid::from_u128(9))), ..the_installation() }
    }

    fn person() -> PersonId {
        acting().command.creates(0)
    }

    fn organization() -> OrganizationId {
        OrganizationId::from_uuid(Uuid::from_u128(1))
    }

    fn register(role: Option<Role>) -> PersonCommand {
        let name = Text::line("Ada Novak").expect("a text").into();
        PersonCommand::RegisterPerson(RegisterPerson { organization: organization(), name, role })
    }

    fn on_record() -> PersonEvent {
        let name = Text::line("Ada Novak").expect("a text").into();
        PersonEvent::Registered(Registered { person: person(), organization: organization(), name })
    }

    fn granted(role: Role, until: Option<DateTime<Utc>>) -> PersonEvent {
        PersonEvent::RoleGranted(RoleGranted {
            person: person(),
            organization: organization(),
            role,
            from: acting().now,
            until,
        })
    }

    #[test]
    fn a_person_is_registered_once_with_a_first_role() {
        given::<Person>(&[])
            .when(&register(Some(Role::Nurse)), &acting())
            .then(&[on_record(), granted(Role::Nurse, None)]);
        given::<Person>(&[]).when(&register(None), &acting()).then(&[on_record()]);
        given::<Person>(&[on_record()]).when(&register(None), &acting()).then_refused(&PersonRefusal::Registered);
    }

    #[test]
    fn the_installation_registers_the_first_administrator_only() {
        let refused = |role| {
            given::<Person>(&[]).when(&register(role), &the_installation()).then_refused(&PersonRefusal::NotTheFirst);
        };
        refused(None);
        refused(Some(Role::Nurse));
        given::<Person>(&[])
            .when(&register(Some(Role::Administrator)), &the_installation())
            .then(&[on_record(), granted(Role::Administrator, None)]);
    }

    #[test]
    fn everyone_is_a_person_so_nobody_is_granted_it() {
        let grant =
            PersonCommand::GrantRole(GrantRole { organization: organization(), role: Role::Person, until: None });
        given::<Person>(&[on_record()]).when(&grant, &acting()).then_refused(&PersonRefusal::NotGrantable);
        given::<Person>(&[]).when(&register(Some(Role::Person)), &acting()).then_refused(&PersonRefusal::NotGrantable);
    }

    #[test]
    fn a_role_is_granted_once_and_ends() {
        let grant =
            PersonCommand::GrantRole(GrantRole { organization: organization(), role: Role::Nurse, until: None });
        let end = PersonCommand::EndRole(EndRole { organization: organization(), role: Role::Nurse });
        let ended =
            PersonEvent::RoleEnded(RoleEnded { person: person(), organization: organization(), role: Role::Nurse });
        given::<Person>(&[on_record()]).when(&grant, &acting()).then(&[granted(Role::Nurse, None)]);
        given::<Person>(&[on_record(), granted(Role::Nurse, None)]).when(&grant, &acting()).then(&[]);
        given::<Person>(&[on_record(), granted(Role::Nurse, None)]).when(&end, &acting()).then(&[ended]);
        given::<Person>(&[on_record()]).when(&end, &acting()).then(&[]);
        given::<Person>(&[]).when(&grant, &acting()).then_refused(&PersonRefusal::Missing);
    }

    #[test]
    fn the_first_role_at_an_organization_is_that_of_its_administrator() {
        let new = Fixed { without_administrator: vec![organization()], ..Fixed::default() };
        let acting = Acting { lookups: &new, ..acting() };
        let grant = |role| PersonCommand::from(GrantRole { organization: organization(), role, until: None });
        let refused = &PersonRefusal::NoAdministratorYet;
        given::<Person>(&[on_record()]).when(&grant(Role::Coordinator), &acting).then_refused(refused);
        given::<Person>(&[]).when(&register(Some(Role::Nurse)), &acting).then_refused(refused);
        let first = granted(Role::Administrator, None);
        given::<Person>(&[on_record()]).when(&grant(Role::Administrator), &acting).then(&[first]);
    }

    #[test]
    fn the_last_administrator_stays_and_none_for_a_time_is_the_only_one() {
        let place = Place { role: Role::Administrator, organization: organization() };
        let alone = Fixed { roles: vec![(person(), place)], ..Fixed::default() };
        let other = PersonId::from_uuid(Uuid::from_u128(8));
        let two = Fixed { roles: vec![(person(), place), (other, place)], ..Fixed::default() };
        let history = [on_record(), granted(Role::Administrator, None)];
        let until = Some(acting().now + chrono::Duration::days(1));
        let end = PersonCommand::from(EndRole { organization: place.organization, role: place.role });
        let for_a_time = PersonCommand::from(GrantRole { organization: place.organization, role: place.role, until });
        for command in [&end, &for_a_time] {
            let by = |lookups| Acting { lookups, ..acting() };
            given::<Person>(&history).when(command, &by(&alone)).then_refused(&PersonRefusal::LastAdministrator);
            assert_eq!(given::<Person>(&history).when(command, &by(&two)).events().len(), 1);
        }
        given::<Person>(&[on_record()]).when(&for_a_time, &acting()).then_refused(&PersonRefusal::LastAdministrator);
    }

    #[test]
    fn a_role_that_has_ended_by_itself_is_taken_off_the_record_also_where_nobody_else_has_it() {
        let until = Some(acting().now - chrono::Duration::days(1));
        let history = [on_record(), granted(Role::Administrator, until)];
        let end = PersonCommand::from(EndRole { organization: organization(), role: Role::Administrator });
        assert_eq!(given::<Person>(&history).when(&end, &acting()).events().len(), 1);
    }

    #[test]
    fn the_last_coordinator_stays_while_there_is_work_and_none_for_a_time_is_the_only_one() {
        let place = Place { role: Role::Coordinator, organization: organization() };
        let idle = Fixed { roles: vec![(person(), place)], ..Fixed::default() };
        let pool = crate::ids::PoolId::from_uuid(Uuid::from_u128(7));
        let busy = Fixed { pools: vec![(pool, organization())], ..idle.clone() };
        let history = [on_record(), granted(Role::Coordinator, None)];
        let end = PersonCommand::from(EndRole { organization: place.organization, role: place.role });
        let until = Some(acting().now + chrono::Duration::days(1));
        let for_a_time = PersonCommand::from(GrantRole { organization: place.organization, role: place.role, until });
        let by = |lookups| Acting { lookups, ..acting() };
        let mut two = busy.clone();
        two.roles.push((PersonId::from_uuid(Uuid::from_u128(8)), place));
        for command in [&end, &for_a_time] {
            given::<Person>(&history).when(command, &by(&busy)).then_refused(&PersonRefusal::LastCoordinator);
            assert_eq!(given::<Person>(&history).when(command, &by(&idle)).events().len(), 1);
            assert_eq!(given::<Person>(&history).when(command, &by(&two)).events().len(), 1);
        }
        given::<Person>(&[on_record()]).when(&for_a_time, &by(&busy)).then_refused(&PersonRefusal::LastCoordinator);
    }

    #[test]
    fn a_name_that_is_so_already_is_not_corrected() {
        let name = PersonalText::from(Text::line("Ada Novak").expect("a text"));
        let known = Fixed {
            people: vec![(person(), organization())],
            in_force: vec![(PersonalTextOf::PersonName(person()), name.clone())],
            ..Fixed::default()
        };
        let acting = Acting { lookups: &known, ..acting() };
        let reason = PersonalText::from(Text::line("A typing error.").expect("a text"));
        let correct = |name: &PersonalText| {
            let (name, reason) = (name.clone(), reason.clone());
            PersonCommand::from(CorrectName { organization: organization(), name, reason })
        };
        let history = [on_record()];
        given::<Person>(&history).when(&correct(&name), &acting).then(&[]);
        let other = PersonalText::from(Text::line("Ada Nowak").expect("a text"));
        assert_eq!(given::<Person>(&history).when(&correct(&other), &acting).events().len(), 1);
    }

    #[test]
    fn a_role_cannot_end_before_it_begins() {
        let grant = PersonCommand::GrantRole(GrantRole {
            organization: organization(),
            role: Role::Nurse,
            until: Some(acting().now),
        });
        given::<Person>(&[on_record()]).when(&grant, &acting()).then_refused(&PersonRefusal::EndsBeforeItBegins);
    }
}
