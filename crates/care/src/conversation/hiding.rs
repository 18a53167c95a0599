//! Hiding a thread from those who help the patient under a delegation, and showing it to them again. A minor whom a parent
//! helps is asked at the opening.

use std::sync::Arc;

use super::*;
use crate::aggregate::DelegationBrief;
use crate::words::{Capacity, DelegationState};

/// Whether a thread is hidden from delegates when it is opened.
pub(super) struct Hiding {
    pub hidden: bool,
    /// Who asked the minor, whose own answer it then is; none where nobody had to ask.
    pub minor_asked_by: Option<PersonId>,
}

impl Conversation {
    /// What is said at the opening. It need not be said, except of a minor whom a parent helps: that is asked.
    pub(super) fn hiding_at_opening(
        kind: ThreadKind,
        opening: &Opening,
        acting: &Acting<'_>,
    ) -> Result<Hiding, ConversationRefusal> {
        // No delegate knows of a thread that only its participants know.
        let patient = opening.patient.filter(|_| !kind.is_participants_only());
        let is_to_be_asked = patient.is_some_and(|patient| is_to_be_asked(patient, acting));
        if is_to_be_asked && opening.hidden_from_delegates.is_none() {
            return Err(ConversationRefusal::HidingNotAnswered);
        }
        let minor_asked_by = acting.by.person().filter(|_| is_to_be_asked);
        Ok(Hiding { hidden: opening.hidden_from_delegates.unwrap_or(false), minor_asked_by })
    }

    /// The event by which the thread is hidden. Everybody but the patient says why.
    pub(super) fn hide(
        &self,
        hide: &HideFromDelegates,
        acting: &Acting<'_>,
    ) -> Result<ConversationEvent, ConversationRefusal> {
        let HideFromDelegates { basis, known_to } = hide;
        if basis.is_none() && acting.capacity != Capacity::Patient {
            return Err(ConversationRefusal::BasisMissing);
        }
        // A delegate knows what they have read: the person who hides it is to see that.
        if *known_to != *self.known_to {
            return Err(ConversationRefusal::DelegateHasRead);
        }
        Ok(ConversationEvent::HiddenFromDelegates(HiddenFromDelegates { by: acting.by, basis: basis.clone() }))
    }

    /// The event by which the thread is shown again.
    pub(super) fn show(show: ShowToDelegates, acting: &Acting<'_>) -> Result<ConversationEvent, ConversationRefusal> {
        let would_see = acting.thread.map(|thread| acting.lookups.would_see(thread));
        if would_see != Some(show.shown) {
            return Err(ConversationRefusal::ListChanged);
        }
        Ok(ConversationEvent::ShownToDelegates(ShownToDelegates { by: acting.by }))
    }

    /// Notes that a person who acts as a delegate knows of the thread.
    pub(super) fn known(&mut self, by: Actor, capacity: Capacity) {
        if let (Some(person), Capacity::Delegate) = (by.person(), capacity)
            && !self.known_to.contains(&person)
        {
            Arc::make_mut(&mut self.known_to).insert(person);
        }
    }
}

/// Whether the patient is a minor from the first age gate on with a parent, or who has their place by law, as a helper.
/// The age is looked up only of who has one.
fn is_to_be_asked(patient: PatientId, acting: &Acting<'_>) -> bool {
    let helps = |each: &DelegationBrief| {
        let has_begun = matches!(each.state, DelegationState::Active | DelegationState::Suspended);
        has_begun && each.kind.is_representative() && each.until.is_some_and(|until| acting.now < until)
    };
    let is_helped = acting.lookups.delegations_of(patient).iter().any(helps);
    is_helped && acting.age_instants(patient).is_some_and(|ages| ages.first <= acting.now && acting.now < ages.adult)
}
