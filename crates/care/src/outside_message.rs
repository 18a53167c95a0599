//! A message from outside: what a person without access sends to an organization about a patient whom they name.
//!
//! It is an offer to help, or something that the team should know. It goes one way: whether there is such a patient is not
//! looked up when it is sent, and the sender reads nothing of what becomes of it. So the answer is the same in every case,
//! because it is made without knowing. Staff take it, find out whom it is about, and match an offer to the patient, who is
//! asked then (a delegation begins, in the state `asked`), or attach what was told to a thread of the patient; or they close
//! it. It has a stream of its own, since it belongs to no patient before that, and what it says is nobody's record yet.
//!
//! Its texts are sealed from the first event on, under a key of its own. What is attached is sealed again under the key of
//! its thread, so that it is erased with the patient. Ninety days after its end its own key is destroyed.
//!
//! To add a step: 1. its command and its event; 2. its row in `outside_message/table.txt`; 3. follow the compiler.

mod deadlines;
mod events;

use chrono::Months;
use uuid::Uuid;

use crate::aggregate::{Acting, Aggregate};
use crate::command_name::{Acts as _, commands};
use crate::delegation::{AskToHelp, DelegationRefusal, check_offer};
use crate::envelope::Actor;
use crate::ids::{CommandId, Id as _, OrganizationId, OutsideMessageId, PatientId, PersonId, ThreadId};
use crate::party::FormSubject;
use crate::text::PersonalText;
use crate::words::{DelegationKind, OutsideClosing, OutsideEnd, OutsideState, OutsideWish, Relationship};

pub use deadlines::{Deadline, Deadlines};
pub use events::*;

/// How many messages with one wish a person sends in a month at most: the one bound on how often somebody can try.
pub const SENT_IN_A_MONTH_MAX: u32 = 5;
/// Business days of the organization in which an offer is to be matched.
const OFFER_DUE_DAYS: u32 = 5;
/// Business days in which somebody is to have looked at what was told.
const TOLD_DUE_DAYS: u32 = 1;

commands! {
    /// What can be asked of a message from outside.
    OutsideMessageCommand, OutsideMessageAct {
        "outside_message.send" => SendOutsideMessage,
        "outside_message.claim" => ClaimOutsideMessage,
        "outside_message.match" => MatchOutsideMessage,
        "outside_message.attach" => AttachOutsideMessage,
        "outside_message.close" => CloseOutsideMessage,
        "outside_message.expire" => ExpireOutsideMessage,
        "outside_message.erase" => EraseOutsideMessage,
    }
    where
    fn also_reaches(&self) -> Option<FormSubject> {
        match self {
            Self::MatchOutsideMessage(found) => Some(FormSubject::Patient(found.patient)),
            Self::AttachOutsideMessage(attach) => Some(FormSubject::Thread(attach.thread)),
            Self::SendOutsideMessage(_)
            | Self::ClaimOutsideMessage(_)
            | Self::CloseOutsideMessage(_)
            | Self::ExpireOutsideMessage(_)
            | Self::EraseOutsideMessage(_) => None,
        }
    }
}

/// What a person wants who writes from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// To help the patient.
    Help {
        /// In what relation of law or of will.
        kind: DelegationKind,
        /// What they say about it, if anything.
        text: Option<PersonalText>,
    },
    /// To tell the team something.
    Tell {
        /// What.
        text: PersonalText,
    },
}

impl Wish {
    /// The word of the wish.
    #[must_use]
    pub fn word(&self) -> OutsideWish {
        match self {
            Self::Help { .. } => OutsideWish::Help,
            Self::Tell { .. } => OutsideWish::Tell,
        }
    }
}

/// Sends a message from outside. Its id is the first that the command creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendOutsideMessage {
    /// To which organization.
    pub organization: OrganizationId,
    /// The name of the patient, as the sender knows it.
    pub patient_name: PersonalText,
    /// The patient's date of birth, if the sender knows it.
    pub birth_date: Option<PersonalText>,
    /// What the sender says that they are to the patient.
    pub relationship: Relationship,
    /// What they want.
    pub wish: Wish,
}

/// Takes a message, to find out whom it is about. Somebody else can take it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimOutsideMessage;

/// Says to which patient an offer to help belongs. The patient is asked next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatchOutsideMessage {
    /// The patient.
    pub patient: PatientId,
}

/// Attaches what was told to a thread about a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachOutsideMessage {
    /// The thread.
    pub thread: ThreadId,
    /// What was told. The application opens it for this, since a decision reads no text.
    pub text: PersonalText,
}

/// Closes a message without effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseOutsideMessage {
    /// On what ground.
    pub ground: OutsideClosing,
    /// Why.
    pub reason: PersonalText,
}

/// The process ends an offer that nobody answered in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpireOutsideMessage;

/// The process erases the texts of a message that ended long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EraseOutsideMessage;

/// We refuse because …
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutsideMessageRefusal {
    /// … there is no such message.
    #[error("there is no such message from outside")]
    Missing,
    /// … the state does not take the command.
    #[error("the message from outside is {}", .state.word())]
    NotInState {
        /// The state.
        state: OutsideState,
    },
    /// … only a person does that.
    #[error("only a person does that")]
    NotAPerson,
    /// … the person has sent too many.
    #[error("a person sends at most {SENT_IN_A_MONTH_MAX} such messages in a month")]
    TooManyTries,
    /// … there is no such organization.
    #[error("there is no such organization")]
    NoSuchOrganization,
    /// … somebody else has taken it.
    #[error("somebody else has taken the message")]
    NotYours,
    /// … the sender wants something else.
    #[error("an offer to help is matched to a patient, and what was told is attached to a thread")]
    OtherWish,
    /// … another organization keeps the record of the patient.
    #[error("another organization keeps the record of the patient")]
    OtherOrganization,
    /// … the thread is about no patient.
    #[error("the thread is about no patient")]
    NotAboutPatient,
    /// … its text was erased.
    #[error("the text of the message was erased")]
    TextErased,
    /// … the person cannot be asked about as a helper of the patient.
    #[error(transparent)]
    Offer(#[from] DelegationRefusal),
    /// … it is not time for it.
    #[error("it is not time for that")]
    NotDue,
}

/// A message from outside, folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutsideMessage {
    /// Nothing happened yet.
    Unknown,
    /// It was sent.
    Known(SentMessage),
}

/// A message from outside that was sent. Its texts are not kept: no decision reads one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentMessage {
    message: OutsideMessageId,
    organization: OrganizationId,
    person: PersonId,
    relationship: Relationship,
    /// The kind of help that is offered; none where something is told.
    kind: Option<DelegationKind>,
    state: OutsideState,
    claimed_by: Option<Actor>,
    deadlines: Deadlines,
}

impl OutsideMessage {
    /// The state; none before the first event.
    #[must_use]
    pub fn state(&self) -> Option<OutsideState> {
        match self {
            Self::Unknown => None,
            Self::Known(sent) => Some(sent.state),
        }
    }
}

/// The message is sent. Nothing of any patient is looked up.
fn send(send: &SendOutsideMessage, acting: &Acting<'_>) -> Result<Vec<OutsideMessageEvent>, OutsideMessageRefusal> {
    let SendOutsideMessage { organization, patient_name, birth_date, relationship, wish } = send.clone();
    let person = acting.by.person().ok_or(OutsideMessageRefusal::NotAPerson)?;
    let word = wish.word();
    let month_before = acting.now.checked_sub_months(Months::new(1)).unwrap_or(acting.now);
    if acting.lookups.outside_messages_since(person, word, month_before) >= SENT_IN_A_MONTH_MAX {
        return Err(OutsideMessageRefusal::TooManyTries);
    }
    if !acting.lookups.is_organization(organization) {
        return Err(OutsideMessageRefusal::NoSuchOrganization);
    }
    let (kind, text, days) = match wish {
        Wish::Help { kind, text } => (Some(kind), text, OFFER_DUE_DAYS),
        Wish::Tell { text } => (None, Some(text), TOLD_DUE_DAYS),
    };
    let sent = Sent {
        message: acting.command.creates(0),
        organization,
        person,
        wish: word,
        kind,
        relationship,
        patient_name,
        birth_date,
        text,
        at: acting.now,
        due: acting.calendar(organization).and_then(|calendar| calendar.business_days(days, acting.now)),
    };
    Ok(vec![sent.into()])
}

impl SentMessage {
    fn of(sent: &Sent) -> Self {
        let mut deadlines = Deadlines::default();
        deadlines.evolve(&sent.clone().into());
        Self {
            message: sent.message,
            organization: sent.organization,
            person: sent.person,
            relationship: sent.relationship,
            kind: sent.kind,
            state: OutsideState::Waiting,
            claimed_by: None,
            deadlines,
        }
    }

    /// Whether the sender has taken the message.
    fn check_theirs(&self, acting: &Acting<'_>) -> Result<(), OutsideMessageRefusal> {
        if self.claimed_by == Some(acting.by) { Ok(()) } else { Err(OutsideMessageRefusal::NotYours) }
    }

    /// Whether the organization of the message keeps the record of the patient.
    fn check_keeps(&self, patient: PatientId, acting: &Acting<'_>) -> Result<(), OutsideMessageRefusal> {
        if acting.lookups.record_keeper(patient) == Some(self.organization) {
            return Ok(());
        }
        Err(OutsideMessageRefusal::OtherOrganization)
    }

    fn decide(
        &self,
        command: &OutsideMessageCommand,
        acting: &Acting<'_>,
    ) -> Result<Vec<OutsideMessageEvent>, OutsideMessageRefusal> {
        if !command.act().is_taken_in(self.state) {
            return Err(OutsideMessageRefusal::NotInState { state: self.state });
        }
        let (by, role, at) = (acting.by, acting.role, acting.now);
        let is_due = |due| self.deadlines.ahead().is_some_and(|(instant, next)| next == due && instant <= acting.now);
        let event = match command.clone() {
            // It begins a message, so no state takes it.
            OutsideMessageCommand::SendOutsideMessage(_) => {
                return Err(OutsideMessageRefusal::NotInState { state: self.state });
            }
            OutsideMessageCommand::ClaimOutsideMessage(ClaimOutsideMessage) => {
                if self.claimed_by == Some(by) {
                    return Ok(vec![]);
                }
                Claimed { by, role }.into()
            }
            OutsideMessageCommand::MatchOutsideMessage(MatchOutsideMessage { patient }) => {
                self.check_theirs(acting)?;
                let kind = self.kind.ok_or(OutsideMessageRefusal::OtherWish)?;
                self.check_keeps(patient, acting)?;
                let (person, relationship) = (self.person, self.relationship);
                check_offer(&AskToHelp { patient, person, kind, relationship }, acting)?;
                Matched { by, role, patient, at }.into()
            }
            OutsideMessageCommand::AttachOutsideMessage(AttachOutsideMessage { thread, text }) => {
                self.check_theirs(acting)?;
                if self.kind.is_some() {
                    return Err(OutsideMessageRefusal::OtherWish);
                }
                let about = acting.lookups.thread(thread).and_then(|about| about.patient);
                let patient = about.ok_or(OutsideMessageRefusal::NotAboutPatient)?;
                self.check_keeps(patient, acting)?;
                if text == PersonalText::Destroyed {
                    return Err(OutsideMessageRefusal::TextErased);
                }
                Attached { by, role, thread, patient, text, at }.into()
            }
            OutsideMessageCommand::CloseOutsideMessage(CloseOutsideMessage { ground, reason }) => {
                self.check_theirs(acting)?;
                let how = match ground {
                    OutsideClosing::Unmatched => OutsideEnd::Unmatched,
                    OutsideClosing::Refused => OutsideEnd::Refused,
                };
                Closed { by, role, how, reason: Some(reason), at }.into()
            }
            OutsideMessageCommand::ExpireOutsideMessage(ExpireOutsideMessage) => {
                if !is_due(Deadline::Expire) {
                    return Err(OutsideMessageRefusal::NotDue);
                }
                Closed { by, role, how: OutsideEnd::Lapsed, reason: None, at }.into()
            }
            OutsideMessageCommand::EraseOutsideMessage(EraseOutsideMessage) => {
                if !is_due(Deadline::Erase) {
                    return Err(OutsideMessageRefusal::NotDue);
                }
                Erased { message: self.message }.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(mut self, event: &OutsideMessageEvent) -> Self {
        self.deadlines.evolve(event);
        match event {
            // A stream begins once: `decide` sees to it.
            OutsideMessageEvent::Sent(_) => {}
            OutsideMessageEvent::Claimed(claimed) => {
                self.state = OutsideState::Claimed;
                self.claimed_by = Some(claimed.by);
            }
            OutsideMessageEvent::Matched(_) | OutsideMessageEvent::Attached(_) | OutsideMessageEvent::Closed(_) => {
                self.state = OutsideState::Ended;
            }
            OutsideMessageEvent::Erased(_) => self.state = OutsideState::Erased,
        }
        self
    }
}

impl OutsideMessageAct {
    /// Whether a message in this state takes a command of this act, whatever else it needs.
    #[must_use]
    pub fn is_taken_in(self, state: OutsideState) -> bool {
        match self {
            Self::SendOutsideMessage => false,
            Self::ClaimOutsideMessage | Self::ExpireOutsideMessage => {
                matches!(state, OutsideState::Waiting | OutsideState::Claimed)
            }
            Self::MatchOutsideMessage | Self::AttachOutsideMessage | Self::CloseOutsideMessage => {
                state == OutsideState::Claimed
            }
            Self::EraseOutsideMessage => state == OutsideState::Ended,
        }
    }
}

impl Aggregate for OutsideMessage {
    type Command = OutsideMessageCommand;
    type Event = OutsideMessageEvent;
    type Refusal = OutsideMessageRefusal;

    fn initial() -> Self {
        Self::Unknown
    }

    fn decide(
        &self,
        command: &OutsideMessageCommand,
        acting: &Acting<'_>,
    ) -> Result<Vec<OutsideMessageEvent>, OutsideMessageRefusal> {
        match (self, command) {
            (Self::Known(sent), command) => sent.decide(command, acting),
            (Self::Unknown, OutsideMessageCommand::SendOutsideMessage(message)) => send(message, acting),
            (Self::Unknown, _) => Err(OutsideMessageRefusal::Missing),
        }
    }

    fn evolve(self, event: &OutsideMessageEvent) -> Self {
        match (self, event) {
            (Self::Known(sent), event) => Self::Known(sent.evolve(event)),
            (Self::Unknown, OutsideMessageEvent::Sent(sent)) => Self::Known(SentMessage::of(sent)),
            // The first event of a stream is `outside_message.sent`; `decide` sees to it.
            (
                Self::Unknown,
                OutsideMessageEvent::Claimed(_)
                | OutsideMessageEvent::Matched(_)
                | OutsideMessageEvent::Attached(_)
                | OutsideMessageEvent::Closed(_)
                | OutsideMessageEvent::Erased(_),
            ) => Self::Unknown,
        }
    }

    fn created_by(command: &OutsideMessageCommand, id: CommandId) -> Option<Uuid> {
        match command {
            OutsideMessageCommand::SendOutsideMessage(_) => Some(id.creates::<OutsideMessageId>(0).uuid()),
            OutsideMessageCommand::ClaimOutsideMessage(_)
            | OutsideMessageCommand::MatchOutsideMessage(_)
            | OutsideMessageCommand::AttachOutsideMessage(_)
            | OutsideMessageCommand::CloseOutsideMessage(_)
            | OutsideMessageCommand::ExpireOutsideMessage(_)
            | OutsideMessageCommand::EraseOutsideMessage(_) => None,
        }
    }

    fn is_transition(_: &OutsideMessageEvent) -> bool {
        true
    }
}

#[cfg(test)]
pub(crate) mod scenarios;
