//! When minors with helpers reach the ages that cut or end an access by reason of minority, so that each use of the access
//! compares them with the clock, whatever the process that narrows and ends delegations has done already. The instants
//! follow from sealed dates of birth: they are kept in memory alone, as long as the delegation is open, and a round of
//! processes sets them, also after a start.

use std::collections::HashMap;

use care::age::AgeInstants;
use care::ids::DelegationId;

/// The ages by the delegation that rests on minority. One that is not in it gives nothing: it was not looked at yet, or
/// nobody knows any more when the patient was born.
#[derive(Default)]
pub(crate) struct Ages(HashMap<DelegationId, AgeInstants>);

impl Ages {
    /// Those of a delegation.
    pub fn of(&self, delegation: DelegationId) -> Option<AgeInstants> {
        self.0.get(&delegation).copied()
    }

    /// Sets those of a delegation, or forgets them.
    pub fn set(&mut self, delegation: DelegationId, ages: Option<AgeInstants>) {
        match ages {
            Some(ages) => self.0.insert(delegation, ages),
            None => self.0.remove(&delegation),
        };
    }
}
