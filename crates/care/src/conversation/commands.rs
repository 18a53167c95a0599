//! What can be said of a conversation: further values that its commands and events share, its commands,
//! and the reasons to refuse them.
//!
//! To add a command: 1. its struct and its line in the list here; 2. its arms in
//! `Conversation::takes` and `Conversation::decide`; 3. its row in the table of the scenarios.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::command_name::{CommandName, commands};
use crate::ids::{MessageId, PersonId};
use crate::party::{Owner, Party, Place};
use crate::text::PersonalText;
use crate::words::{Audience, RemovalReason};

/// Whom an open thread waits for, for which command, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingOn {
    /// Whose turn it is.
    pub party: Party,
    /// The command that is awaited of them.
    pub action: CommandName,
    /// Until when; none if there is no target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<DateTime<Utc>>,
}

/// Whose turn it is: somebody's, or nobody's because the thread is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// An open thread waits.
    Of(WaitingOn),
    /// Nothing is expected any more.
    Over,
}

/// To whom a message is addressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Addressed {
    /// Everybody who may read the thread.
    Everyone,
    /// The care professionals among them.
    ClinicalTeam,
    /// These persons, and the author.
    Named(BTreeSet<PersonId>),
}

impl Addressed {
    /// The audience, without the names.
    #[must_use]
    pub fn audience(&self) -> Audience {
        match self {
            Self::Everyone => Audience::Everyone,
            Self::ClinicalTeam => Audience::ClinicalTeam,
            Self::Named(_) => Audience::Named,
        }
    }
}

/// How much of what was before their joining somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryWindow {
    /// All of it.
    Full,
    /// Nothing.
    FromJoin,
    /// From this message on.
    FromMessage(MessageId),
}

/// From where on somebody sees a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Since {
    /// The number of the first message that they may read.
    pub number: u32,
    /// The instant from which on they see what is no message.
    pub at: DateTime<Utc>,
}

commands! {
    /// What can be asked of a thread of any kind.
    ConversationCommand, ConversationAct {
        "thread.add_participant" => AddParticipant,
        "thread.invite_participant" => InviteParticipant,
        "thread.accept_invitation" => AcceptInvitation,
        "thread.decline_invitation" => DeclineInvitation,
        "thread.expire_invitation" => ExpireInvitation,
        "thread.change_history_window" => ChangeHistoryWindow,
        "thread.leave" => Leave,
        "thread.remove_participant" => RemoveParticipant,
        "thread.post" => PostMessage,
        "thread.mark_read" => MarkRead,
        "thread.claim" => Claim,
        "thread.release" => Release,
        "thread.transfer" => Transfer,
        "thread.take_over" => TakeOver,
        "thread.return_to_pool" => ReturnToPool,
        "thread.set_waiting_on" => SetWaitingOn,
        "thread.pass_turn" => PassTurn,
        "thread.end_wait" => EndWait,
        "thread.escalate" => Escalate,
        "thread.close" => Close,
        "thread.reopen" => Reopen,
    }
    where
    fn audience(&self) -> Option<Audience> {
        match self {
            Self::PostMessage(post) => Some(post.addressed.audience()),
            Self::AddParticipant(_)
            | Self::InviteParticipant(_)
            | Self::AcceptInvitation(_)
            | Self::DeclineInvitation(_)
            | Self::ExpireInvitation(_)
            | Self::ChangeHistoryWindow(_)
            | Self::Leave(_)
            | Self::RemoveParticipant(_)
            | Self::MarkRead(_)
            | Self::Claim(_)
            | Self::Release(_)
            | Self::Transfer(_)
            | Self::TakeOver(_)
            | Self::ReturnToPool(_)
            | Self::SetWaitingOn(_)
            | Self::PassTurn(_)
            | Self::EndWait(_)
            | Self::Escalate(_)
            | Self::Close(_)
            | Self::Reopen(_) => None,
        }
    }
}

impl ConversationCommand {
    /// The person whom the command is about, beside the thread. Two commands of a process with one cause
    /// differ by it.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::AddParticipant(add) => Some(add.person),
            Self::InviteParticipant(invite) => Some(invite.person),
            Self::ExpireInvitation(expire) => Some(expire.person),
            Self::ChangeHistoryWindow(change) => Some(change.person),
            Self::RemoveParticipant(remove) => Some(remove.person),
            Self::AcceptInvitation(_)
            | Self::DeclineInvitation(_)
            | Self::Leave(_)
            | Self::PostMessage(_)
            | Self::MarkRead(_)
            | Self::Claim(_)
            | Self::Release(_)
            | Self::Transfer(_)
            | Self::TakeOver(_)
            | Self::ReturnToPool(_)
            | Self::SetWaitingOn(_)
            | Self::PassTurn(_)
            | Self::EndWait(_)
            | Self::Escalate(_)
            | Self::Close(_)
            | Self::Reopen(_) => None,
        }
    }
}

/// Adds a person of an organization that takes part already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddParticipant {
    /// Who.
    pub person: PersonId,
    /// The role in which they take part. None: that of their place on the patient's care team.
    pub place: Option<Place>,
    /// How much of the history they see.
    pub history: HistoryWindow,
    /// Why.
    pub reason: Option<PersonalText>,
}

/// Invites a person of another organization, who takes part once they accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteParticipant {
    /// Who.
    pub person: PersonId,
    /// The role in which they would take part.
    pub place: Place,
    /// How much of the history they would see.
    pub history: HistoryWindow,
    /// Why.
    pub reason: PersonalText,
}

/// Takes part, as invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptInvitation;

/// Does not take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclineInvitation;

/// Ends an invitation that nobody answered in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpireInvitation {
    /// Whose.
    pub person: PersonId,
}

/// Changes how much of the history a participant sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeHistoryWindow {
    /// Whose.
    pub person: PersonId,
    /// How much from now on.
    pub history: HistoryWindow,
    /// Why.
    pub reason: PersonalText,
}

/// Ends the acting person's own participation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leave;

/// Ends somebody's participation or invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoveParticipant {
    /// Whose.
    pub person: PersonId,
    /// Why, as a word.
    pub reason: RemovalReason,
    /// Why, in words.
    pub note: Option<PersonalText>,
}

/// Posts a message. Its id is the first that the command creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostMessage {
    /// Who may read it.
    pub addressed: Addressed,
    /// What it says.
    pub body: PersonalText,
}

/// Notes that the acting person has read everything up to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkRead {
    /// The newest message read.
    pub message: MessageId,
}

/// Takes the thread from its pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim;

/// Gives the thread back to its pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Why.
    pub reason: PersonalText,
}

/// Makes somebody else the owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Whom: a pool, or a person with the pool that they have it from.
    pub to: Owner,
    /// Why.
    pub reason: PersonalText,
}

/// Makes the acting person the owner of what another owns who does not act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeOver {
    /// Why.
    pub reason: PersonalText,
}

/// Makes the pool the owner of what a person owns who can no longer act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnToPool;

/// Says whom the thread waits for, where the kind does not derive it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetWaitingOn {
    /// Whom, for which command, until when.
    pub to: WaitingOn,
    /// What is expected of them, in words.
    pub note: Option<PersonalText>,
}

/// Passes the turn on, by the one whose turn it is to say whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassTurn {
    /// Whom, for which command, until when.
    pub to: WaitingOn,
    /// What is expected of them, in words.
    pub note: Option<PersonalText>,
}

/// Makes it the owner's turn again when the instant has come until which, by agreement, nobody was
/// expected to do anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndWait;

/// Makes it the turn of the first party of last resort that there is, to pass the turn on. No kind
/// can refuse it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Escalate;

/// Ends the thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// The outcome, in words.
    pub outcome: PersonalText,
}

/// Opens a closed thread again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reopen {
    /// Why.
    pub reason: PersonalText,
    /// Whom it waits for then.
    pub to: WaitingOn,
    /// What is expected of them, in words.
    pub note: Option<PersonalText>,
}

/// We refuse because …
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConversationRefusal {
    /// … the conversation is closed.
    #[error("the thread is closed")]
    Closed,
    /// … the conversation is not closed.
    #[error("the thread is not closed")]
    NotClosed,
    /// … it was closed too long ago.
    #[error("the thread was closed more than 90 days ago")]
    TooLate,
    /// … there is no such message in it.
    #[error("there is no such message in the thread")]
    NoSuchMessage,
    /// … there is no such pool.
    #[error("there is no such pool")]
    NoSuchPool,
    /// … somebody owns it already.
    #[error("the thread is claimed already")]
    AlreadyClaimed,
    /// … a person owns it who has it from no pool.
    #[error("no pool has this thread")]
    NoPool,
    /// … only the owner can do that.
    #[error("only the owner can do that")]
    NotOwner,
    /// … no other member of the pool could take it.
    #[error("the pool has no other member")]
    PoolEmpty,
    /// … the new owner could not act in it.
    #[error("the new owner cannot act in this thread")]
    OwnerCannotAct,
    /// … that is the owner already.
    #[error("the new owner is the owner already")]
    SameOwner,
    /// … the owner can act and is not late.
    #[error("the owner can act, and the due instant has not passed")]
    OwnerPresent,
    /// … it is about the acting person.
    #[error("nobody takes a thread about themselves")]
    OwnRecord,
    /// … only members of the patient's care team are added.
    #[error("only members of the patient's care team can take part")]
    NotOnCareTeam,
    /// … nobody does that to themselves.
    #[error("that is done for another person only")]
    SelfNotAllowed,
    /// … the person does not hold that role.
    #[error("the person does not hold that role at that organization")]
    NoSuchRole,
    /// … the person belongs to an organization that does not take part.
    #[error("the person belongs to another organization and is invited instead")]
    OtherOrganization,
    /// … the person belongs to an organization that takes part.
    #[error("the person belongs to an organization that takes part and is added instead")]
    SameOrganization,
    /// … a reason is needed.
    #[error("a reason is needed")]
    ReasonMissing,
    /// … they were not invited.
    #[error("there is no invitation")]
    NotInvited,
    /// … nobody is waited for by agreement, or the instant has not come.
    #[error("the thread waits for somebody, or its date has not come")]
    NotWaiting,
    /// … the invitation has not expired.
    #[error("the invitation has not expired")]
    NotExpired,
    /// … the owner cannot leave.
    #[error("the owner hands the thread over first")]
    OwnerMustTransfer,
    /// … nobody would remain.
    #[error("nobody else would remain in the thread")]
    LastParticipant,
    /// … the person does not take part.
    #[error("the person does not take part in the thread")]
    NotAParticipant,
    /// … that party could not do what is asked.
    #[error("the thread can wait only for a participant or the owning pool")]
    PartyCannotAct,
    /// … nobody but the author could read it.
    #[error("nobody else could read it")]
    NoReachableReader,
    /// … the opener works at no organization in that role.
    #[error("the person who opens it does not work at that organization")]
    NoOrganization,
    /// … the kind does not take this command, or not in this state.
    #[error("this kind of thread does not take that command now")]
    NotAdmitted,
    /// … only a person can do that.
    #[error("only a person can do that")]
    NotAPerson,
    /// … only a process does that.
    #[error("only the system does that")]
    NotAProcess,
}
