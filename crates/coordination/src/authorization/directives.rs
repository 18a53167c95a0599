//! The directives of a patient, as far as they decide who may: whom they block.

use std::collections::BTreeMap;

use care::consent_directive::DirectiveEvent;
use care::ids::{DirectiveId, Id, PatientId, PersonId};
use care::words::Role;
use policy::reach::HeldStanding;
use policy::words::Standing;
use serde::{Deserialize, Serialize};

use super::entity::{Entities, Entity};
use super::patient;

/// The directives of a patient that are in force.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct DirectiveFacts {
    denies: BTreeMap<DirectiveId, PersonId>,
    /// Whether the stream could not be read completely: then it is not known who is blocked, and everybody else is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_parked: bool,
}

impl Entity for DirectiveFacts {
    const TABLE: &'static str = "consent_directive";
    const SHAPE: u32 = 1;
}

impl DirectiveFacts {
    pub fn fold(this: Option<Self>, event: &DirectiveEvent) -> Option<Self> {
        let mut this = this.unwrap_or_default();
        match event {
            DirectiveEvent::DirectiveActivated(activated) => {
                this.denies.insert(activated.directive, activated.person);
            }
            DirectiveEvent::DirectiveEnded(ended) => {
                this.denies.remove(&ended.directive);
            }
        }
        Some(this)
    }

    /// What is left of directives that cannot be read.
    pub fn parked() -> Self {
        Self { denies: BTreeMap::new(), is_parked: true }
    }
}

/// Whether a person is blocked from what is about a patient. The patient never is.
pub(crate) fn is_blocked<S: Entities>(store: &S, about: PatientId, person: PersonId) -> Result<bool, S::Fault> {
    let denies = |facts: &DirectiveFacts| facts.is_parked || facts.denies.values().any(|denied| *denied == person);
    Ok(store.get::<DirectiveFacts>(about.uuid())?.is_some_and(|facts| denies(&facts))
        && !patient::is_self(store, about, person)?)
}

/// The standing of a person who is blocked, if they are. A rule denies everything to it, whatever else they are.
pub(crate) fn standing<S: Entities>(
    store: &S,
    about: PatientId,
    person: PersonId,
) -> Result<Option<HeldStanding>, S::Fault> {
    let is_blocked = is_blocked(store, about, person)?;
    Ok(is_blocked.then(|| HeldStanding::full(Standing::Blocked, Role::Person)))
}
