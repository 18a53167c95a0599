//! The conversation within every thread: participants, messages, read marks, one owner, one
//! clock, closing.
//!
//! A conversation is a decider that each lifecycle embeds: the lifecycle decides whether an act
//! fits its state, the conversation decides the rest, once for all kinds. "No message after
//! closing" and "exactly one owner" hold here and nowhere else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calendar::Due;
use crate::decide::Acting;
use crate::event::{events, no_text};
use crate::ids::{MessageId, OrganizationId, PersonId, PoolId};
use crate::text::{EachText, FieldTag, PersonalText};
use crate::words::{Audience, Capacity, Role};

/// What can be asked of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConversationCommand {
    /// Take somebody in.
    AddParticipant(AddParticipant),
    /// Say something.
    PostMessage(PostMessage),
    /// Note that one has read up to a message.
    MarkRead(MarkRead),
    /// Take the thread from its pool into one's own hands.
    Claim,
}

/// Take a person into the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddParticipant {
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: Role,
    /// Of which organization.
    pub organization: OrganizationId,
    /// Whether they are on the patient's care team, looked up before.
    pub on_care_team: bool,
}

/// Post a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostMessage {
    /// The message's id.
    pub message: MessageId,
    /// Who may read it.
    pub audience: Audience,
    /// What it says.
    pub body: PersonalText,
}

/// Note that the acting person has read everything up to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkRead {
    /// The newest message read.
    pub message: MessageId,
}

/// We refuse because …
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConversationRefusal {
    /// … the conversation is closed.
    #[error("the thread is closed")]
    Closed,
    /// … there is no such message in it.
    #[error("there is no such message in the thread")]
    NoSuchMessage,
    /// … somebody owns it already.
    #[error("the thread is claimed already")]
    AlreadyClaimed,
    /// … only members of the patient's care team are taken in.
    #[error("only members of the patient's care team can take part")]
    NotOnCareTeam,
    /// … only a person can do that, not the installation.
    #[error("only a person can do that")]
    NotAPerson,
}

events! {
    /// What can have happened in a conversation.
    ConversationEvent {
        "thread.participant_added" v 1 => ParticipantAdded(ParticipantAdded),
        "thread.message_posted" v 1 => MessagePosted(MessagePosted),
        "thread.read_marked" v 1 => ReadMarked(ReadMarked),
        "thread.claimed" v 1 => Claimed(Claimed),
        "thread.closed" v 1 => Closed(Closed),
    }
}

/// A person was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantAdded {
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: Role,
    /// Of which organization.
    pub organization: OrganizationId,
}

/// A message was posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagePosted {
    /// The message.
    pub message: MessageId,
    /// Its place in the conversation, counted from 1. Never shown outside.
    pub number: u32,
    /// Who wrote it.
    pub author: PersonId,
    /// In which capacity.
    pub capacity: Capacity,
    /// Who may read it.
    pub audience: Audience,
    /// What it says, under the thread's content key.
    pub body: PersonalText,
}

/// A person has read up to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadMarked {
    /// Who.
    pub person: PersonId,
    /// In which capacity.
    pub capacity: Capacity,
    /// The newest message read.
    pub message: MessageId,
    /// Its number.
    pub number: u32,
}

/// A member of the pool took the thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// Who owns it now.
    pub by: PersonId,
    /// From which pool.
    pub pool: PoolId,
}

/// Nothing more happens here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Who closed it.
    pub by: PersonId,
}

impl EachText for MessagePosted {
    fn each_text(&mut self, visit: &mut dyn FnMut(FieldTag, &mut PersonalText)) {
        let Self { message: _, number: _, author: _, capacity: _, audience: _, body } = self;
        visit(FieldTag("message.body"), body);
    }
}

no_text! {
    ParticipantAdded { person, role, organization }
    ReadMarked { person, capacity, message, number }
    Claimed { by, pool }
    Closed { by }
}

/// Who is accountable for a thread: exactly one pool, or exactly one person out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Nobody took it yet; any member may.
    Pool(PoolId),
    /// One person.
    Person {
        /// Who.
        person: PersonId,
        /// From which pool.
        pool: PoolId,
    },
}

/// A conversation, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    participants: BTreeMap<PersonId, Role>,
    messages: BTreeMap<MessageId, u32>,
    read_up_to: BTreeMap<PersonId, u32>,
    owner: Owner,
    due: Due,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Closed,
}

impl Conversation {
    /// A conversation as its lifecycle's first event opens it.
    #[must_use]
    pub fn opened(opener: PersonId, role: Role, pool: PoolId, due: Due) -> Self {
        Self {
            participants: BTreeMap::from([(opener, role)]),
            messages: BTreeMap::new(),
            read_up_to: BTreeMap::new(),
            owner: Owner::Pool(pool),
            due,
            state: State::Open,
        }
    }

    /// Who is accountable.
    #[must_use]
    pub fn owner(&self) -> Owner {
        self.owner
    }

    /// By when an answer is promised.
    #[must_use]
    pub fn due(&self) -> &Due {
        &self.due
    }

    /// What happens when `command` is given, as far as every kind of thread is concerned.
    ///
    /// # Errors
    /// The reason why nothing may happen.
    pub fn decide(
        &self,
        command: &ConversationCommand,
        acting: &Acting,
    ) -> Result<Vec<ConversationEvent>, ConversationRefusal> {
        let person = acting.by.person().ok_or(ConversationRefusal::NotAPerson)?;
        match command {
            // One may still note what one has read after closing.
            ConversationCommand::MarkRead(mark) => self.mark_read(mark.message, person, acting.capacity),
            ConversationCommand::AddParticipant(add) => {
                self.open()?;
                if self.participants.contains_key(&add.person) {
                    return Ok(vec![]);
                }
                if !add.on_care_team {
                    return Err(ConversationRefusal::NotOnCareTeam);
                }
                let AddParticipant { person, role, organization, on_care_team: _ } = *add;
                Ok(vec![ConversationEvent::ParticipantAdded(ParticipantAdded { person, role, organization })])
            }
            ConversationCommand::PostMessage(post) => {
                self.open()?;
                let number = u32::try_from(self.messages.len()).unwrap_or(u32::MAX).saturating_add(1);
                let PostMessage { message, audience, body } = post.clone();
                Ok(vec![ConversationEvent::MessagePosted(MessagePosted {
                    message,
                    number,
                    author: person,
                    capacity: acting.capacity,
                    audience,
                    body,
                })])
            }
            ConversationCommand::Claim => {
                self.open()?;
                match self.owner {
                    Owner::Pool(pool) => Ok(vec![ConversationEvent::Claimed(Claimed { by: person, pool })]),
                    Owner::Person { .. } => Err(ConversationRefusal::AlreadyClaimed),
                }
            }
        }
    }

    /// Closing, for the lifecycle that has come to its end.
    ///
    /// # Errors
    /// [`ConversationRefusal::Closed`] when it is closed already.
    pub fn close(&self, by: PersonId) -> Result<ConversationEvent, ConversationRefusal> {
        self.open()?;
        Ok(ConversationEvent::Closed(Closed { by }))
    }

    fn open(&self) -> Result<(), ConversationRefusal> {
        match self.state {
            State::Open => Ok(()),
            State::Closed => Err(ConversationRefusal::Closed),
        }
    }

    fn mark_read(
        &self,
        message: MessageId,
        person: PersonId,
        capacity: Capacity,
    ) -> Result<Vec<ConversationEvent>, ConversationRefusal> {
        let number = *self.messages.get(&message).ok_or(ConversationRefusal::NoSuchMessage)?;
        // A mark never goes back: what was read stays read.
        if self.read_up_to.get(&person).is_some_and(|read| *read >= number) {
            return Ok(vec![]);
        }
        Ok(vec![ConversationEvent::ReadMarked(ReadMarked { person, capacity, message, number })])
    }

    /// The conversation after `event`.
    #[must_use]
    pub fn evolve(mut self, event: &ConversationEvent) -> Self {
        match event {
            ConversationEvent::ParticipantAdded(added) => {
                self.participants.insert(added.person, added.role);
            }
            ConversationEvent::MessagePosted(posted) => {
                self.messages.insert(posted.message, posted.number);
            }
            ConversationEvent::ReadMarked(marked) => {
                self.read_up_to.insert(marked.person, marked.number);
            }
            ConversationEvent::Claimed(claimed) => {
                self.owner = Owner::Person { person: claimed.by, pool: claimed.pool }
            }
            ConversationEvent::Closed(_) => self.state = State::Closed,
        }
        self
    }
}
