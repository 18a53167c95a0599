//! A thread for which nobody is expected to do anything until a date: when the date has come, it is
//! the owner's turn again.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::follow::Process;
use crate::conversation::{ConversationEvent, EndWait, Party};
use crate::thread::ThreadCommand;
use crate::words::ProcessName;

/// Until when nobody is expected to act; none while somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reviews {
    review_at: Option<DateTime<Utc>>,
}

impl Process for Reviews {
    const NAME: ProcessName = ProcessName::Reviews;

    fn evolve(&mut self, event: &ConversationEvent) {
        match event {
            ConversationEvent::TurnPassed(passed) => {
                self.review_at = passed.to.due.filter(|_| passed.to.party == Party::Nobody);
            }
            ConversationEvent::Closed(_) => self.review_at = None,
            ConversationEvent::Opened(_)
            | ConversationEvent::OwnerChanged(_)
            | ConversationEvent::ParticipantAdded(_)
            | ConversationEvent::ParticipantInvited(_)
            | ConversationEvent::ParticipantDeclined(_)
            | ConversationEvent::InvitationExpired(_)
            | ConversationEvent::WindowChanged(_)
            | ConversationEvent::ParticipantRemoved(_)
            | ConversationEvent::Labelled(_)
            | ConversationEvent::Released(_)
            | ConversationEvent::RequesterChanged(_)
            | ConversationEvent::MessagePosted(_)
            | ConversationEvent::ReadMarked(_)
            | ConversationEvent::ThreadPutAway(_)
            | ConversationEvent::HiddenFromDelegates(_)
            | ConversationEvent::PatientDied(_)
            | ConversationEvent::ShownToDelegates(_)
            | ConversationEvent::Reopened(_) => {}
        }
    }

    fn wakes_at(&self) -> Option<DateTime<Utc>> {
        self.review_at
    }

    fn woken(&self, _: DateTime<Utc>) -> Option<ThreadCommand> {
        Some(ThreadCommand::Conversation(EndWait.into()))
    }
}
