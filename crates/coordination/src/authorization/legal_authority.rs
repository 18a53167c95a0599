//! Legal authorities, as far as they decide who may: about which patient they are, and whether they hold. They give no
//! access by themselves; a delegation that rests on one gives access only while it is in force.

use std::collections::BTreeSet;

use care::aggregate::{AuthorityBrief, AuthorityForce};
use care::ids::{AuthorityId, Id, PatientId, PersonId};
use care::legal_authority::LegalAuthorityEvent;
use care::scope::AuthorityLimits;
use care::words::{AuthorityGround, AuthorityKind, AuthorityState};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::{Entities, Entity};

/// A legal authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LegalAuthorityFacts {
    pub patient: PatientId,
    pub person: PersonId,
    pub kind: AuthorityKind,
    pub ground: AuthorityGround,
    pub state: AuthorityState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<AuthorityLimits>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

impl Entity for LegalAuthorityFacts {
    const TABLE: &'static str = "legal_authority";
    const SHAPE: u32 = 1;
}

impl LegalAuthorityFacts {
    pub fn fold(this: Option<Self>, event: &LegalAuthorityEvent) -> Option<Self> {
        match (this, event) {
            (None, LegalAuthorityEvent::Recorded(recorded)) => Some(Self {
                patient: recorded.patient,
                person: recorded.person,
                kind: recorded.kind,
                ground: recorded.ground,
                state: AuthorityState::Recorded,
                limits: None,
                from: None,
                until: None,
            }),
            (None, _) => None,
            (Some(this), LegalAuthorityEvent::Verified(verified)) => Some(Self {
                state: AuthorityState::Verified,
                limits: Some(verified.limits.clone()),
                from: Some(verified.from),
                until: verified.until,
                ..this
            }),
            (Some(this), LegalAuthorityEvent::Disputed(_)) => Some(Self { state: AuthorityState::Disputed, ..this }),
            (Some(this), LegalAuthorityEvent::Upheld(_)) => Some(Self { state: AuthorityState::Verified, ..this }),
            (Some(this), LegalAuthorityEvent::Ended(_)) => Some(Self { state: AuthorityState::Ended, ..this }),
            (Some(this), LegalAuthorityEvent::Recorded(_) | LegalAuthorityEvent::Reminded(_)) => Some(this),
        }
    }

    /// Whether it is in force at an instant.
    pub fn is_in_force(&self, at: DateTime<Utc>) -> bool {
        let Self { state, from, until, .. } = *self;
        AuthorityForce { state, from, until }.holds_at(at)
    }

    /// As a delegation sees it.
    pub fn brief(&self) -> AuthorityBrief {
        let Self { patient, person, kind, ground, state, limits, from, until } = self.clone();
        AuthorityBrief { patient, person, kind, ground, state, limits, from, until }
    }
}

/// The legal authorities about a patient.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct AuthoritiesAbout {
    pub all: BTreeSet<AuthorityId>,
}

impl Entity for AuthoritiesAbout {
    const TABLE: &'static str = "legal_authorities_about";
    const SHAPE: u32 = 1;
}

/// Folds an event of a legal authority.
pub(super) fn fold<S: Entities>(store: &mut S, id: Uuid, event: &LegalAuthorityEvent) -> Result<(), S::Fault> {
    store.update(id, |this| LegalAuthorityFacts::fold(this, event))?;
    let LegalAuthorityEvent::Recorded(recorded) = event else { return Ok(()) };
    store.update(recorded.patient.uuid(), |this: Option<AuthoritiesAbout>| {
        let mut this = this.unwrap_or_default();
        this.all.insert(AuthorityId::from_uuid(id));
        Some(this)
    })
}
