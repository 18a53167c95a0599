//! Invitations that nobody answered in time end.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::follow::Process;
use crate::conversation::{ConversationEvent, ExpireInvitation};
use crate::ids::PersonId;
use crate::thread::ThreadCommand;
use crate::words::ProcessName;

/// The open invitations of a thread, each with the instant at which it ends.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Invitations {
    open: BTreeMap<PersonId, DateTime<Utc>>,
}

impl Invitations {
    fn first(&self) -> Option<(PersonId, DateTime<Utc>)> {
        self.open.iter().map(|(person, at)| (*person, *at)).min_by_key(|(person, at)| (*at, *person))
    }
}

impl Process for Invitations {
    const NAME: ProcessName = ProcessName::Invitations;

    fn evolve(&mut self, event: &ConversationEvent) {
        match event {
            ConversationEvent::ParticipantInvited(invited) => {
                self.open.insert(invited.person, invited.expires_at);
            }
            ConversationEvent::ParticipantAdded(added) => {
                self.open.remove(&added.person);
            }
            ConversationEvent::ParticipantRemoved(removed) => {
                self.open.remove(&removed.person);
            }
            ConversationEvent::InvitationExpired(expired) => {
                self.open.remove(&expired.person);
            }
            ConversationEvent::ParticipantDeclined(declined) => {
                declined.by.person().map(|person| self.open.remove(&person));
            }
            ConversationEvent::Opened(_)
            | ConversationEvent::OwnerChanged(_)
            | ConversationEvent::TurnPassed(_)
            | ConversationEvent::WindowChanged(_)
            | ConversationEvent::Labelled(_)
            | ConversationEvent::Released(_)
            | ConversationEvent::RequesterChanged(_)
            | ConversationEvent::MessagePosted(_)
            | ConversationEvent::ReadMarked(_)
            | ConversationEvent::ThreadPutAway(_)
            | ConversationEvent::HiddenFromDelegates(_)
            | ConversationEvent::PatientDied(_)
            | ConversationEvent::ShownToDelegates(_)
            | ConversationEvent::Closed(_)
            | ConversationEvent::Reopened(_) => {}
        }
    }

    fn wakes_at(&self) -> Option<DateTime<Utc>> {
        self.first().map(|(_, at)| at)
    }

    fn woken(&self, now: DateTime<Utc>) -> Option<ThreadCommand> {
        let (person, _) = self.first().filter(|(_, at)| *at <= now)?;
        Some(ThreadCommand::Conversation(ExpireInvitation { person }.into()))
    }
}
