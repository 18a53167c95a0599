//! What each event makes of a conversation.

use std::sync::Arc;

use super::*;

impl Conversation {
    /// The conversation after `event`.
    #[must_use]
    pub fn evolve(mut self, event: &ConversationEvent) -> Self {
        match event {
            // A thread is opened once, by `opened`. Labels and release are no part of this state.
            ConversationEvent::Opened(_) | ConversationEvent::Labelled(_) | ConversationEvent::Released(_) => {}
            ConversationEvent::WindowChanged(changed) => self.set_window(changed.person, changed.since),
            ConversationEvent::ParticipantAdded(added) => {
                self.invitations.remove(&added.person);
                self.participants.insert(added.person, added.place);
                self.set_window(added.person, added.since);
                if added.by_care_team {
                    self.by_care_team.insert(added.person);
                } else {
                    self.by_care_team.remove(&added.person);
                }
            }
            ConversationEvent::ParticipantInvited(invited) => {
                let ParticipantInvited { by: _, person, place, history, expires_at, reason: _ } = invited;
                let invitation = Invitation { place: *place, history: *history, expires_at: *expires_at };
                self.invitations.insert(*person, invitation);
            }
            ConversationEvent::ParticipantDeclined(ParticipantDeclined { by }) => {
                by.person().map(|person| self.invitations.remove(&person));
            }
            ConversationEvent::InvitationExpired(expired) => {
                self.invitations.remove(&expired.person);
            }
            ConversationEvent::ParticipantRemoved(removed) => {
                self.requester_left |= self.requester == Actor::Person(removed.person);
                self.participants.remove(&removed.person);
                self.by_care_team.remove(&removed.person);
                self.invitations.remove(&removed.person);
            }
            ConversationEvent::OwnerChanged(changed) => {
                (self.owner, self.owning_organization) = (changed.owner, changed.organization);
            }
            ConversationEvent::RequesterChanged(changed) => {
                (self.requester, self.requester_left) = (Actor::Person(changed.requester), false);
            }
            ConversationEvent::TurnPassed(passed) => self.waiting_on = Some(passed.to),
            ConversationEvent::MessagePosted(posted) => {
                self.known(posted.by, posted.capacity);
                let since = Since { number: posted.number, at: posted.at };
                let message = Message { since, author: posted.by, addressed: posted.addressed.clone() };
                Arc::make_mut(&mut self.messages).insert(posted.message, message);
            }
            ConversationEvent::ReadMarked(marked) => {
                self.known(Actor::Person(marked.person), marked.capacity);
                if let Some(message) = self.messages.get(&marked.message) {
                    let read = Receipt::of(marked.person, &message.addressed);
                    Arc::make_mut(&mut self.read_up_to).insert(read, marked.number);
                }
            }
            ConversationEvent::ThreadPutAway(put) => {
                let persons = Arc::make_mut(&mut self.put_away);
                if put.away {
                    persons.insert(put.person);
                } else {
                    persons.remove(&put.person);
                }
            }
            ConversationEvent::HiddenFromDelegates(_) => self.hidden_from_delegates = true,
            ConversationEvent::ShownToDelegates(_) => self.hidden_from_delegates = false,
            ConversationEvent::PatientDied(died) => self.death = Some(died.died_at),
            // A closed thread waits for nobody; reopening names the next party.
            ConversationEvent::Closed(closed) => (self.closed_at, self.waiting_on) = (Some(closed.at), None),
            ConversationEvent::Reopened(_) => self.closed_at = None,
        }
        self
    }

    fn set_window(&mut self, person: PersonId, since: Option<Since>) {
        let windows = Arc::make_mut(&mut self.windows);
        match since {
            Some(since) => windows.insert(person, since),
            None => windows.remove(&person),
        };
    }
}
