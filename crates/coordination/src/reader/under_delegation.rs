//! Under which delegation somebody read, wrote or acted: what they are to the patient, and what it rests on.

use care::ids::{DelegationId, Id};
use care::words::{AuthorityKind, DelegationKind, Relationship};

use crate::authorization::delegation::DelegationFacts;
use crate::authorization::legal_authority::LegalAuthorityFacts;
use crate::reader::Reader;

/// The delegation under which somebody read, wrote or acted: what they are to the patient, and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnderDelegation {
    /// The delegation.
    pub delegation: DelegationId,
    /// The kind.
    pub kind: DelegationKind,
    /// What the helper is to the patient.
    pub relationship: Relationship,
    /// The kind of the legal authority that it rests on; none if it rests on none.
    pub authority: Option<AuthorityKind>,
}

impl Reader {
    /// What a delegation says of who acts under it; none if it is not known.
    pub(super) fn under_delegation(&self, delegation: DelegationId) -> Option<UnderDelegation> {
        let state = self.application.projector().authorization();
        let facts = state.entity::<DelegationFacts>(delegation.uuid())?;
        let authority = facts.authority.and_then(|id| state.entity::<LegalAuthorityFacts>(id.uuid()));
        Some(UnderDelegation {
            delegation,
            kind: facts.kind,
            relationship: facts.relationship,
            authority: authority.map(|facts| facts.kind),
        })
    }
}
