//! What a person is to a subject, where two sources must agree on it.

use policy::reach::HeldStanding;
use policy::words::Standing;

/// The facts on which two sources agree: a read is permitted only if its snapshot and the state in memory agree. What
/// blocks a person needs only one of them.
pub(crate) fn agreed(mut one: Vec<HeldStanding>, other: &[HeldStanding]) -> Vec<HeldStanding> {
    let blocks = |held: &HeldStanding| held.standing == Standing::Blocked;
    one.retain(|held| other.contains(held) || blocks(held));
    one.extend(other.iter().filter(|held| blocks(held)));
    one
}
