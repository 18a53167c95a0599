//! Hiding a thread from those who help the patient under a delegation, and showing it to them again.

use std::sync::Arc;

use super::*;
use crate::aggregate::Acting;
use crate::words::Capacity;

impl Conversation {
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
