//! What a person is to a subject, where two sources must agree on it.

use policy::reach::{HeldStanding, PurposeSet, Reach};
use policy::words::Standing;

/// The facts on which two sources agree: a read is permitted only if its snapshot and the state in memory agree. What
/// blocks a person, wholly or for a purpose, needs only one of them; what the patient permits needs both.
pub(crate) fn agreed(one: Vec<HeldStanding>, other: &[HeldStanding]) -> Vec<HeldStanding> {
    let undirected = |reach: Reach| Reach { denied: PurposeSet::NONE, permitted: PurposeSet::NONE, ..reach };
    let is_same = |held: &HeldStanding, other: &HeldStanding| {
        (held.standing, held.role, undirected(held.reach)) == (other.standing, other.role, undirected(other.reach))
    };
    let both = |held: HeldStanding| {
        if held.standing == Standing::Blocked {
            return Some(held);
        }
        let found = other.iter().find(|other| is_same(&held, other))?;
        let denied = held.reach.denied.or(found.reach.denied);
        let permitted = held.reach.permitted.and(found.reach.permitted);
        Some(HeldStanding { reach: Reach { denied, permitted, ..held.reach }, ..held })
    };
    let blocked = other.iter().filter(|held| held.standing == Standing::Blocked).copied();
    one.into_iter().filter_map(both).chain(blocked).collect()
}

#[cfg(test)]
mod tests {
    use care::words::{Purpose, Role};

    use super::*;

    fn nurse(denied: &[Purpose], permitted: &[Purpose]) -> HeldStanding {
        let set = |purposes: &[Purpose]| purposes.iter().copied().collect();
        let reach = Reach { denied: set(denied), permitted: set(permitted), ..Reach::FULL };
        HeldStanding { reach, ..HeldStanding::full(Standing::CareTeam, Role::Nurse) }
    }

    #[test]
    fn a_deny_needs_one_of_the_sources_and_a_permission_both() {
        let (one, other) = (Purpose::Treatment, Purpose::CareCoordination);
        assert_eq!(agreed(vec![nurse(&[one], &[])], &[nurse(&[other], &[])]), [nurse(&[one, other], &[])]);
        assert_eq!(agreed(vec![nurse(&[], &[one])], &[nurse(&[], &[])]), [nurse(&[], &[])]);
        assert_eq!(agreed(vec![nurse(&[], &[one])], &[nurse(&[], &[one, other])]), [nurse(&[], &[one])]);
    }

    #[test]
    fn a_standing_needs_both_sources_and_who_is_blocked_by_one_is_blocked() {
        let blocked = HeldStanding::full(Standing::Blocked, Role::Person);
        assert_eq!(agreed(vec![nurse(&[], &[])], &[]), []);
        assert_eq!(agreed(vec![nurse(&[], &[])], &[nurse(&[], &[]), blocked]), [nurse(&[], &[]), blocked]);
        assert_eq!(agreed(vec![blocked], &[]), [blocked]);
    }
}
