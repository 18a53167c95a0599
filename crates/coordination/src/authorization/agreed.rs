//! What a person is to a subject, where two sources must agree on it.

use policy::reach::HeldStanding;
use policy::words::Standing;

/// The facts on which two sources agree: a read is permitted only if its snapshot and the state in memory agree. What
/// shuts a person out needs only one of them.
pub(crate) fn agreed(mut one: Vec<HeldStanding>, other: &[HeldStanding]) -> Vec<HeldStanding> {
    let shuts_out = |held: &HeldStanding| held.standing == Standing::Blocked;
    one.retain(|held| other.contains(held) || shuts_out(held));
    one.extend(other.iter().filter(|held| shuts_out(held)));
    one
}
