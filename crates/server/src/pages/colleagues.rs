//! Whom a person can ask to take part in a thread: the care team of its patient, the people of their own pools, and the
//! further staff of their own organizations.

use coordination::answer::Recorded;

use super::controls::Choice;
use super::queries::{Colleagues as Query, colleagues};
use super::rows::{Subject, Who};
use super::site::{Failed, Visit};
use super::texts::Texts;
use crate::graphql::words::Role;

/// A person who could take part in a thread, in a role that they hold.
#[derive(Debug, Clone)]
pub(crate) struct Colleague {
    pub id: String,
    pub name: String,
    pub role: Role,
    /// The id and the name of the organization of the role.
    pub organization: Option<Place>,
    pub is_on_care_team: bool,
    /// Whether they are neither on the care team nor in one's own pools.
    pub is_further: bool,
}

/// The roles of staff in which somebody takes part in a thread or in a care team. Of several, the first is chosen for a thread.
pub(crate) const CARE_ROLES: [Role; 5] =
    [Role::Physician, Role::Nurse, Role::Pharmacist, Role::SocialWorker, Role::Coordinator];

/// An organization or a pool by id and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub id: String,
    pub name: String,
}

/// Whom a thread could be opened with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Colleagues {
    /// None if there is no such patient, or this person may not know of them.
    pub patient: Option<Subject>,
    /// The care team of the patient, then the people of one's own pools, then the further staff.
    pub people: Vec<Colleague>,
    /// The pools of one's own organizations.
    pub pools: Vec<Place>,
    /// The ids of one's own organizations.
    pub organizations: Vec<String>,
    /// Whether all of them could be read.
    pub is_whole: bool,
}

impl Colleagues {
    /// Those whom a thread about a patient, or about none, could be opened with.
    ///
    /// # Errors
    /// If the query was refused as a whole.
    pub async fn read(visit: &Visit<'_>, patient: Option<&str>) -> Result<Recorded<Self>, Failed> {
        let variables = colleagues::Variables {
            patient: patient.unwrap_or_default().to_owned(),
            is_about_patient: patient.is_some(),
        };
        let answer = visit.ask::<Query>(variables).await?;
        Ok(answer.map(|answer| Self::of(&answer.data, answer.is_whole)))
    }

    fn of(data: &colleagues::ResponseData, is_whole: bool) -> Self {
        let mut found = Self {
            patient: data.patient.as_ref().map(|patient| (&patient.subject).into()),
            is_whole,
            ..Self::default()
        };
        let team = data.patient.iter().filter_map(|patient| patient.care_team.as_ref());
        for member in team.flat_map(|team| &team.members) {
            let at = member.organization.as_ref();
            found.add(
                member.person.as_ref().map(Into::into),
                Colleague {
                    id: String::new(),
                    name: String::new(),
                    role: member.role,
                    organization: at.map(|at| Place { id: at.id.clone(), name: at.name.clone() }),
                    is_on_care_team: true,
                    is_further: false,
                },
            );
        }
        for at in data.viewer.roles.iter().flatten().filter_map(|held| held.organization.as_ref()) {
            if !found.organizations.contains(&at.id) {
                found.organizations.push(at.id.clone());
            }
            for pool in at.pools.iter().flatten() {
                let place = Place { id: pool.id.clone(), name: pool.name.clone() };
                if !found.pools.contains(&place) {
                    found.pools.push(place);
                }
                for person in pool.physicians.iter().flatten() {
                    found.add(
                        Some(person.into()),
                        Colleague {
                            id: String::new(),
                            name: String::new(),
                            role: Role::Physician,
                            organization: Some(Place { id: at.id.clone(), name: at.name.clone() }),
                            is_on_care_team: false,
                            is_further: false,
                        },
                    );
                }
            }
        }
        for at in data.viewer.roles.iter().flatten().filter_map(|held| held.organization.as_ref()) {
            for member in at.staff.iter().flatten() {
                let role = CARE_ROLES.into_iter().find(|role| member.roles.iter().any(|held| held.role == *role));
                let Some(role) = role else { continue };
                found.add(
                    Some((&member.person).into()),
                    Colleague {
                        id: String::new(),
                        name: String::new(),
                        role,
                        organization: Some(Place { id: at.id.clone(), name: at.name.clone() }),
                        is_on_care_team: false,
                        is_further: true,
                    },
                );
            }
        }
        found
    }

    /// Adds a person once, if their name is known.
    fn add(&mut self, person: Option<Who>, colleague: Colleague) {
        let Some(person) = person else { return };
        let Some(name) = person.name.text().map(str::to_owned) else { return };
        if !self.people.iter().any(|known| known.id == person.id) {
            self.people.push(Colleague { id: person.id, name, ..colleague });
        }
    }

    /// The person with this id.
    pub fn person(&self, id: &str) -> Option<&Colleague> {
        self.people.iter().find(|person| person.id == id)
    }

    /// All but one of them, as choices.
    pub fn choices(&self, without: &str, l: &Texts) -> Vec<Choice> {
        self.people.iter().filter(|person| person.id != without).map(|person| person.choice(l)).collect()
    }
}

impl Colleague {
    /// The person as a choice, with role and organization.
    pub fn choice(&self, l: &Texts) -> Choice {
        let role = l.role(&self.role);
        let words = match &self.organization {
            Some(at) => l.role_at(&at.name, role),
            None => role,
        };
        Choice { hint: Some(words), is_further: self.is_further, ..Choice::new(self.id.clone(), self.name.clone()) }
    }
}
