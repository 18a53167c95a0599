//! Where entities are found without a look at all of them. The state in memory keeps it as its
//! entities change, so it is there again after a start; no snapshot holds it, and nothing compares it.
//!
//! To add a mark: 1. its variant in [`Mark`]; 2. [`Entity::marks`](super::entity::Entity::marks) of the
//! concept that has it.

use std::collections::BTreeSet;
use std::ops::Bound::{Excluded, Included};

use care::conversation::Place;
use care::ids::{AuthorityId, DelegationId, OrganizationId, OutsideMessageId, PatientId, PersonId, PoolId, ThreadId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// By what an entity is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// A person who was granted this role, whether they hold it now or not.
    Granted(Place),
    /// A person for whom a role at this organization was proposed and not confirmed.
    Proposed(OrganizationId),
    /// A patient to whose care team this person was asked, and has not answered.
    AskedToCareTeam(PersonId),
    /// A person of whom a role begins or ends by itself at this instant.
    RoleChanges(DateTime<Utc>),
    /// A person with drafts that were sent and have not ended yet.
    SentDrafts,
    /// A thread on which a process is to act at this instant.
    Wakes(DateTime<Utc>),
    /// An open thread of this owning organization.
    OwnedAt(OrganizationId),
    /// An open thread that this person opened, owns or takes part in, or that waits for them.
    Names(PersonId),
    /// An open thread that waits for anybody in this role.
    WaitsFor(Place),
    /// An open thread that this pool owns, may get back or takes part in, or that waits for it.
    NamesPool(PoolId),
    /// An open thread about this patient.
    About(PatientId),
    /// A delegation under which this person helps, or is named to help.
    Helps(PersonId),
    /// A delegation of which this person is told if another person does not take the next step.
    FollowsUp(PersonId),
    /// A delegation that has not ended.
    OpenDelegation,
    /// A delegation that waits for staff of this organization, which keeps the patient's record.
    DelegationWaits(OrganizationId),
    /// A message from outside that this person sent.
    SentOutside(PersonId),
    /// A message from outside to this organization that somebody is still to see to.
    OutsideWaits(OrganizationId),
    /// A delegation whose access ends at this instant.
    AccessEnds(DateTime<Utc>),
    /// A patient of whom a directive in force begins or ends by itself at this instant.
    DirectiveChanges(DateTime<Utc>),
    /// A patient with a deny that nobody confirmed in time, whose record this organization keeps.
    DirectiveWaits(OrganizationId),
    /// A patient's record that is linked to this person, or was proposed to them and not answered.
    RecordOf(PersonId),
}

/// The entities by their marks.
#[derive(Debug, Default)]
pub(crate) struct Index(BTreeSet<(Mark, Uuid)>);

impl Index {
    /// Gives an entity other marks than it had before.
    pub fn replace(&mut self, id: Uuid, before: Vec<Mark>, after: Vec<Mark>) {
        for mark in before {
            if !after.contains(&mark) {
                self.0.remove(&(mark, id));
            }
        }
        self.0.extend(after.into_iter().map(|mark| (mark, id)));
    }

    /// The entities that have a mark.
    pub fn under(&self, mark: Mark) -> impl Iterator<Item = Uuid> {
        self.0.range((mark, Uuid::nil())..=(mark, Uuid::max())).map(|(_, id)| *id)
    }

    /// The entities that have a mark of an instant after one, up to another.
    pub fn between(
        &self,
        mark: fn(DateTime<Utc>) -> Mark,
        after: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> impl Iterator<Item = Uuid> {
        // An instant that is not after the other has none; a range of them would be a fault.
        let last = |at| (mark(at), Uuid::max());
        let range = (after < until).then(|| self.0.range((Excluded(last(after)), Included(last(until)))));
        range.into_iter().flatten().map(|(_, id)| *id)
    }

    /// The threads on which a process is to act at an instant or before.
    pub fn woken(&self, now: DateTime<Utc>) -> impl Iterator<Item = Uuid> {
        let from = (Mark::Wakes(DateTime::<Utc>::MIN_UTC), Uuid::nil());
        self.0.range(from..=(Mark::Wakes(now), Uuid::max())).map(|(_, id)| *id)
    }
}

/// What was folded since processes last looked.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The threads that changed, and those that rest on something that did.
    pub threads: BTreeSet<ThreadId>,
    /// The delegations that changed.
    pub delegations: BTreeSet<DelegationId>,
    /// The legal authorities that changed.
    pub authorities: BTreeSet<AuthorityId>,
    /// The patients whose directives changed.
    pub directives: BTreeSet<PatientId>,
    /// The messages from outside that changed.
    pub outside_messages: BTreeSet<OutsideMessageId>,
    /// Whether that can be any thread.
    pub everything: bool,
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        let Self { threads, delegations, authorities, directives, outside_messages, everything } = self;
        let is_nothing_timed =
            delegations.is_empty() && authorities.is_empty() && directives.is_empty() && outside_messages.is_empty();
        threads.is_empty() && is_nothing_timed && !everything
    }
}
