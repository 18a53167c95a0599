//! Who can have a part in a thread, and what one is opened with: values that rest on no command.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{OrganizationId, PatientId, PersonId, PoolId, ThreadId};
use crate::text::PersonalText;
use crate::words::{Confidentiality, Role, Sensitivity, Topic};

/// A role at an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The role.
    pub role: Role,
    /// The organization.
    pub organization: OrganizationId,
}

/// What every thread is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The patient that it is about; none if it is about none.
    pub patient: Option<PatientId>,
    /// The organization for which it is opened. None: the one that keeps the patient's record where
    /// the opener works there in the permitted role, else the first other one where they do.
    pub organization: Option<OrganizationId>,
    /// The one topic.
    pub topic: Topic,
    /// A line that says what it is about.
    pub subject: PersonalText,
    /// How confidential it is.
    pub confidentiality: Confidentiality,
    /// What it is about that is sensitive.
    pub sensitivities: Vec<Sensitivity>,
    /// Who is accountable for it.
    pub owner: Owner,
    /// Pools that take part beside the owner.
    pub pools: BTreeSet<PoolId>,
    /// Whether delegates of the patient do not notice it. None: nobody said, and they do; a minor whom a parent helps is
    /// asked.
    pub hidden_from_delegates: Option<bool>,
}

/// Who is accountable for a thread: exactly one pool, or exactly one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// A pool; any member may claim it.
    Pool(PoolId),
    /// One person.
    Person {
        /// Who.
        person: PersonId,
        /// The pool from which they have it, and to which it goes back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pool: Option<PoolId>,
    },
}

impl Owner {
    /// The pool that owns it, or that the owner has it from.
    #[must_use]
    pub fn pool(self) -> Option<PoolId> {
        match self {
            Self::Pool(pool) => Some(pool),
            Self::Person { person: _, pool } => pool,
        }
    }

    /// The person who owns it.
    #[must_use]
    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::Pool(_) => None,
            Self::Person { person, pool: _ } => Some(person),
        }
    }

    /// The owner as somebody who can be waited for.
    #[must_use]
    pub fn party(self) -> Party {
        match self {
            Self::Pool(pool) => Party::Pool(pool),
            Self::Person { person, pool: _ } => Party::Person(person),
        }
    }
}

/// Who can be waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// One person.
    Person(PersonId),
    /// Any member of a pool.
    Pool(PoolId),
    /// Any coordinator among the members of a pool.
    PoolCoordinator(PoolId),
    /// Anybody who holds a role at an organization.
    Role(Place),
    /// The patient.
    Patient(PatientId),
    /// Nobody, by agreement, until the due instant.
    Nobody,
}

impl Party {
    /// The coordinators of an organization.
    #[must_use]
    pub fn coordinators(organization: OrganizationId) -> Self {
        Self::Role(Place { role: Role::Coordinator, organization })
    }
}

/// What a form is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormSubject {
    /// A thread that exists.
    Thread(ThreadId),
    /// The patient whom a new thread is about.
    Patient(PatientId),
    /// The organization for which a new thread about no patient is opened.
    Organization(OrganizationId),
}
