//! The conversation within every thread: participants, messages, read marks, one owner, one
//! clock, closing.
//!
//! A conversation is a decider that each lifecycle embeds: the lifecycle decides whether an act
//! fits its state, the conversation decides the rest, once for all kinds. "No message after
//! closing" and "exactly one owner" hold here and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::calendar::Due;
use crate::decide::Acting;
use crate::ids::{MessageId, OrganizationId, PersonId, PoolId};
use crate::kinds::{events, no_text};
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

/// What happens in a thread: in its conversation, or in the lifecycle `L` that embeds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Embedding<L> {
    Conversation(ConversationEvent),
    Lifecycle(L),
}

/// Why nothing happens in a thread: by the conversation's rules, or by those of the lifecycle `L`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused<L> {
    Conversation(ConversationRefusal),
    Lifecycle(L),
}

impl<L> From<ConversationRefusal> for Refused<L> {
    fn from(refusal: ConversationRefusal) -> Self {
        Self::Conversation(refusal)
    }
}

/// A conversation, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    participants: BTreeSet<PersonId>,
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
    pub fn opened(opener: PersonId, pool: PoolId, due: Due) -> Self {
        Self {
            participants: BTreeSet::from([opener]),
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
                if self.participants.contains(&add.person) {
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
                if self.messages.contains_key(&post.message) {
                    return Ok(vec![]);
                }
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
                self.participants.insert(added.person);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consultation::ConsultationEvent;
    use crate::consultation::scenarios::{
        COORDINATOR, OUTSIDER, REQUESTER, SPECIALIST, acting, claim, claimed_by, given_in, id, mark_read, now, post,
        road, submitted, take_in, text, the_installation,
    };
    use crate::decide::scenario::given;
    use crate::thread::{Thread, ThreadEvent};
    use crate::words::ConsultationState;

    fn in_conversation(event: ConversationEvent) -> ThreadEvent {
        ThreadEvent::Conversation(event)
    }

    fn posted(message: u128, number: u32) -> ThreadEvent {
        in_conversation(ConversationEvent::MessagePosted(MessagePosted {
            message: id(message),
            number,
            author: id(SPECIALIST),
            capacity: Capacity::Physician,
            audience: Audience::Everyone,
            body: text("The recording is attached."),
        }))
    }

    fn read(person: u128, message: u128, number: u32) -> ThreadEvent {
        in_conversation(ConversationEvent::ReadMarked(ReadMarked {
            person: id(person),
            capacity: Capacity::Physician,
            message: id(message),
            number,
        }))
    }

    fn taken_in(person: u128) -> ThreadEvent {
        in_conversation(ConversationEvent::ParticipantAdded(ParticipantAdded {
            person: id(person),
            role: Role::Nurse,
            organization: id(30),
        }))
    }

    /// The conversation of a thread that was submitted: one message, owned by its pool.
    fn fresh() -> Conversation {
        let due = Due { at: now(), calendar_version: 1, zone: "UTC".into() };
        Conversation::opened(id(REQUESTER), id(40), due)
    }

    #[test]
    fn messages_are_numbered_from_one_and_a_message_is_posted_once() {
        let history = [submitted(), vec![posted(2, 2)]].concat();
        given::<Thread>(&submitted()).when(&post(2), &acting(SPECIALIST)).then(&[posted(2, 2)]);
        given::<Thread>(&history).when(&post(3), &acting(SPECIALIST)).then(&[posted(3, 3)]);
        given::<Thread>(&history).when(&post(2), &acting(SPECIALIST)).then(&[]);
    }

    #[test]
    fn members_of_the_care_team_are_taken_in_once() {
        let before = given_in(ConsultationState::Submitted);
        before
            .when(&take_in(OUTSIDER, false), &acting(REQUESTER))
            .then_refused(&ConversationRefusal::NotOnCareTeam.into());
        before.when(&take_in(OUTSIDER, true), &acting(REQUESTER)).then(&[taken_in(OUTSIDER)]);
        let after = given::<Thread>(&[submitted(), vec![taken_in(OUTSIDER)]].concat());
        after.when(&take_in(OUTSIDER, true), &acting(REQUESTER)).then(&[]);
        // Whoever takes part already stays, whatever has become of the care team.
        after.when(&take_in(OUTSIDER, false), &acting(REQUESTER)).then(&[]);
        after.when(&take_in(REQUESTER, true), &acting(REQUESTER)).then(&[]);
    }

    #[test]
    fn a_read_mark_never_goes_back() {
        let two = [submitted(), vec![posted(2, 2)]].concat();
        given::<Thread>(&two).when(&mark_read(2), &acting(COORDINATOR)).then(&[read(COORDINATOR, 2, 2)]);
        let after = given::<Thread>(&[two, vec![read(COORDINATOR, 2, 2)]].concat());
        after.when(&mark_read(1), &acting(COORDINATOR)).then(&[]);
        after.when(&mark_read(2), &acting(COORDINATOR)).then(&[]);
        // Another person's mark is another mark.
        after.when(&mark_read(1), &acting(OUTSIDER)).then(&[read(OUTSIDER, 1, 1)]);
    }

    #[test]
    fn only_messages_of_the_thread_are_read() {
        given_in(ConsultationState::Submitted)
            .when(&mark_read(99), &acting(COORDINATOR))
            .then_refused(&ConversationRefusal::NoSuchMessage.into());
    }

    #[test]
    fn nothing_is_said_and_nobody_taken_in_after_closing_but_one_may_still_read() {
        let closed = given_in(ConsultationState::Closed);
        for command in [post(2), post(1), take_in(OUTSIDER, true), take_in(REQUESTER, true)] {
            closed.when(&command, &acting(REQUESTER)).then_refused(&ConversationRefusal::Closed.into());
        }
        closed.when(&mark_read(1), &acting(COORDINATOR)).then(&[read(COORDINATOR, 1, 1)]);
    }

    #[test]
    fn a_closed_conversation_is_neither_claimed_nor_closed_again() {
        let closing = fresh().close(id(REQUESTER)).expect("open");
        let closed = fresh().evolve(&closing);
        assert_eq!(closed.close(id(REQUESTER)), Err(ConversationRefusal::Closed));
        let refused = closed.decide(&ConversationCommand::Claim, &acting(SPECIALIST));
        assert_eq!(refused, Err(ConversationRefusal::Closed));
    }

    #[test]
    fn a_claim_makes_one_person_of_the_pool_the_owner() {
        let conversation = fresh();
        assert_eq!(conversation.owner(), Owner::Pool(id(40)));
        let claimed = conversation.decide(&ConversationCommand::Claim, &acting(SPECIALIST)).expect("claimed");
        let owned = claimed.iter().fold(conversation, Conversation::evolve);
        assert_eq!(owned.owner(), Owner::Person { person: id(SPECIALIST), pool: id(40) });
        let again = owned.decide(&ConversationCommand::Claim, &acting(SPECIALIST));
        assert_eq!(again, Err(ConversationRefusal::AlreadyClaimed));
    }

    #[test]
    fn who_comes_second_hears_that_it_is_claimed() {
        given_in(ConsultationState::Assigned).when(&claim(), &acting(SPECIALIST)).then(&[claimed_by(SPECIALIST)]);
        given_in(ConsultationState::InReview)
            .when(&claim(), &acting(OUTSIDER))
            .then_refused(&ConversationRefusal::AlreadyClaimed.into());
    }

    #[test]
    fn the_installation_takes_no_part() {
        for command in [post(2), take_in(OUTSIDER, true), mark_read(1)] {
            given_in(ConsultationState::Submitted)
                .when(&command, &the_installation())
                .then_refused(&ConversationRefusal::NotAPerson.into());
        }
    }

    #[test]
    fn the_promise_of_the_opening_is_kept() {
        let Some(ThreadEvent::Consultation(ConsultationEvent::Submitted(opening))) = submitted().first().cloned()
        else {
            panic!("a thread begins with its request");
        };
        let Thread::Consultation(consultation) = crate::decide::folded(&road(ConsultationState::Closed)) else {
            panic!("opened");
        };
        assert_eq!(*consultation.conversation().due(), opening.due);
    }
}
