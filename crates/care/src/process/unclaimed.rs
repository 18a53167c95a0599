//! If no member of the owning pool claims a thread in time, it becomes the coordinator's turn. The
//! pool can still claim it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::follow::Process;
use crate::command_name::Named;
use crate::conversation::{ConversationEvent, Escalate, Owner, PassTurn};
use crate::thread::ThreadCommand;
use crate::words::ProcessName;

/// Until when the owning pool is to claim the thread; none while nothing is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Unclaimed {
    claim_by: Option<DateTime<Utc>>,
}

impl Unclaimed {
    fn owned_by(&mut self, owner: Owner, claim_by: Option<DateTime<Utc>>) {
        self.claim_by = match owner {
            Owner::Pool(_) => claim_by,
            Owner::Person { .. } => None,
        };
    }
}

impl Process for Unclaimed {
    const NAME: ProcessName = ProcessName::Unclaimed;

    fn evolve(&mut self, event: &ConversationEvent) {
        match event {
            ConversationEvent::Opened(opened) => {
                self.owned_by(opened.owner, opened.claim_by.as_ref().map(|due| due.at));
            }
            ConversationEvent::OwnerChanged(changed) => {
                self.owned_by(changed.owner, changed.claim_by.as_ref().map(|due| due.at));
            }
            // After an escalation it is the coordinator's turn; the process acts once.
            ConversationEvent::TurnPassed(passed) if passed.by.is_process() && passed.to.action == PassTurn::NAME => {
                self.claim_by = None;
            }
            ConversationEvent::Closed(_) => self.claim_by = None,
            ConversationEvent::TurnPassed(_)
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
        self.claim_by
    }

    fn woken(&self, _: DateTime<Utc>) -> Option<ThreadCommand> {
        Some(ThreadCommand::Conversation(Escalate.into()))
    }
}
