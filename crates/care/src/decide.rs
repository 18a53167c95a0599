//! The shape that every aggregate has: commands in, events or a refusal out.
//!
//! `decide` looks at state and command and says what happens, or why not; `evolve` applies what
//! happened and cannot fail. Both are synchronous and pure: whatever a decision needs to know is
//! looked up before and stands in the command or the state.

use chrono::{DateTime, Utc};

use crate::envelope::Actor;
use crate::words::Capacity;

/// Who acts, in which capacity, and when: the circumstances of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acting {
    /// Who.
    pub by: Actor,
    /// In which capacity the policy let them.
    pub capacity: Capacity,
    /// The instant, from the edge's clock.
    pub now: DateTime<Utc>,
}

/// One aggregate: the history of one stream, folded.
pub trait Decider: Clone + Send + Sync + 'static {
    /// What can be asked of it.
    type Command;
    /// What can have happened to it.
    type Event: Clone;
    /// Why something is refused; each variant completes "we refuse because …".
    type Refusal: std::error::Error;

    /// The state before the first event.
    fn initial() -> Self;

    /// What happens when `command` is given now: events to append, none when it is already so.
    ///
    /// # Errors
    /// The reason why nothing may happen.
    fn decide(&self, command: &Self::Command, acting: &Acting) -> Result<Vec<Self::Event>, Self::Refusal>;

    /// The state after `event`.
    #[must_use]
    fn evolve(self, event: &Self::Event) -> Self;
}

/// Folds events onto the initial state.
pub fn folded<'a, D: Decider>(events: impl IntoIterator<Item = &'a D::Event>) -> D
where
    D::Event: 'a,
{
    events.into_iter().fold(D::initial(), D::evolve)
}

/// Given what happened, when a command comes, then this follows: the words of every scenario.
#[cfg(test)]
pub(crate) mod scenario {
    use super::{Acting, Decider, folded};

    pub struct Given<D: Decider>(D);

    pub fn given<D: Decider>(events: &[D::Event]) -> Given<D> {
        Given(folded(events))
    }

    pub struct When<D: Decider>(Result<Vec<D::Event>, D::Refusal>);

    impl<D: Decider> Given<D> {
        pub fn when(&self, command: &D::Command, acting: &Acting) -> When<D> {
            When(self.0.decide(command, acting))
        }
    }

    impl<D: Decider> When<D>
    where
        D::Event: std::fmt::Debug + PartialEq,
        D::Refusal: PartialEq,
    {
        #[track_caller]
        pub fn then(self, events: &[D::Event]) {
            assert_eq!(self.0.expect("not refused"), events);
        }

        #[track_caller]
        pub fn then_refused(self, refusal: &D::Refusal) {
            assert_eq!(&self.0.expect_err("refused"), refusal);
        }

        #[track_caller]
        pub fn events(self) -> Vec<D::Event> {
            self.0.expect("not refused")
        }
    }
}
