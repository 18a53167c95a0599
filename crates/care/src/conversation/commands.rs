//! The commands of a conversation, and the values that commands and events share.
//!
//! To add a command: 1. its struct and its line in the list in this file; 2. its arms in
//! `Conversation::takes` and `Conversation::decide`; 3. its row in the table of the scenarios.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::command_name::{CommandName, commands};
use crate::ids::{MessageId, PersonId};
use crate::party::{Owner, Party, Place};
use crate::shown::Digest;
use crate::text::PersonalText;
use crate::words::{Audience, RemovalReason};

/// Whom an open thread waits for, for which command, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingOn {
    /// Whose turn it is.
    pub party: Party,
    /// The command that they are expected to give.
    pub action: CommandName,
    /// The due time, if there is one.
    #[serde(default, with = "crate::instant::optional", skip_serializing_if = "Option::is_none")]
    pub due: Option<DateTime<Utc>>,
}

/// Whose turn it is, or that the thread is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The thread is open and waits for this party.
    Of(WaitingOn),
    /// The thread is closed; nothing is expected.
    Over,
}

/// The persons to whom a message is addressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Addressed {
    /// Everybody who may read the thread.
    Everyone,
    /// The care professionals among them.
    ClinicalTeam,
    /// These persons, and the author.
    Named(BTreeSet<PersonId>),
    /// The care professionals among them and this one person, who wrote it or to whom they answer: never another
    /// person who is no care professional.
    TeamAnd(PersonId),
}

impl Addressed {
    /// The audience, without the names.
    #[must_use]
    pub fn audience(&self) -> Audience {
        match self {
            Self::Everyone => Audience::Everyone,
            Self::ClinicalTeam => Audience::ClinicalTeam,
            Self::Named(_) => Audience::Named,
            Self::TeamAnd(_) => Audience::TeamAndMe,
        }
    }

    /// The one person with whom the clinical team shares the message; none for every other audience.
    #[must_use]
    pub fn one_person(&self) -> Option<PersonId> {
        match self {
            Self::TeamAnd(person) => Some(*person),
            Self::Everyone | Self::ClinicalTeam | Self::Named(_) => None,
        }
    }
}

/// How much of the history before their joining a participant sees.
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

/// The beginning of the part of a thread that a participant sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Since {
    /// The number of the first message that they may read.
    pub number: u32,
    /// The instant from which on they see everything except messages.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
}

commands! {
    /// The commands of a thread of any kind.
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
        "thread.put_away" => PutAway,
        "thread.hide_from_delegates" => HideFromDelegates,
        "thread.show_to_delegates" => ShowToDelegates,
        "thread.claim" => Claim,
        "thread.release" => Release,
        "thread.transfer" => Transfer,
        "thread.take_over" => TakeOver,
        "thread.return_to_pool" => ReturnToPool,
        "thread.set_waiting_on" => SetWaitingOn,
        "thread.pass_turn" => PassTurn,
        "thread.end_wait" => EndWait,
        "thread.escalate" => Escalate,
        "thread.note_death" => NoteDeath,
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
            | Self::PutAway(_)
            | Self::HideFromDelegates(_)
            | Self::ShowToDelegates(_)
            | Self::Claim(_)
            | Self::Release(_)
            | Self::Transfer(_)
            | Self::TakeOver(_)
            | Self::ReturnToPool(_)
            | Self::SetWaitingOn(_)
            | Self::PassTurn(_)
            | Self::EndWait(_)
            | Self::Escalate(_)
            | Self::NoteDeath(_)
            | Self::Close(_)
            | Self::Reopen(_) => None,
        }
    }
}

impl ConversationAct {
    /// Whether a command of this act always has a text.
    pub(crate) fn needs_text(self) -> bool {
        match self {
            Self::InviteParticipant
            | Self::ChangeHistoryWindow
            | Self::PostMessage
            | Self::Release
            | Self::Transfer
            | Self::TakeOver
            | Self::Close
            | Self::Reopen => true,
            Self::AddParticipant
            | Self::AcceptInvitation
            | Self::DeclineInvitation
            | Self::ExpireInvitation
            | Self::Leave
            | Self::RemoveParticipant
            | Self::MarkRead
            | Self::PutAway
            | Self::HideFromDelegates
            | Self::ShowToDelegates
            | Self::Claim
            | Self::ReturnToPool
            | Self::SetWaitingOn
            | Self::PassTurn
            | Self::EndWait
            | Self::Escalate
            | Self::NoteDeath => false,
        }
    }
}

impl ConversationCommand {
    /// The person whom the command is about, in addition to the thread. It distinguishes two commands of a process with
    /// the same cause.
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
            | Self::PutAway(_)
            | Self::HideFromDelegates(_)
            | Self::ShowToDelegates(_)
            | Self::Claim(_)
            | Self::Release(_)
            | Self::Transfer(_)
            | Self::TakeOver(_)
            | Self::ReturnToPool(_)
            | Self::SetWaitingOn(_)
            | Self::PassTurn(_)
            | Self::EndWait(_)
            | Self::Escalate(_)
            | Self::NoteDeath(_)
            | Self::Close(_)
            | Self::Reopen(_) => None,
        }
    }
}

/// Adds a person of an organization that already takes part.
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

/// Accepts the acting person's invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptInvitation;

/// Declines the acting person's invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclineInvitation;

/// Ends an invitation that was not answered in time.
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

/// Puts the thread away from the own inbox until something new arrives in it, or takes it back. It concerns nobody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PutAway {
    /// Whether it is put away from now on.
    pub away: bool,
}

/// Hides the thread from everybody who helps the patient under a delegation: for them it is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HideFromDelegates {
    /// Why. Everybody but the patient gives it.
    pub basis: Option<PersonalText>,
    /// The delegates of whom the sender was shown that they have read or written in the thread: they know of it.
    pub known_to: BTreeSet<PersonId>,
}

/// Shows a hidden thread again to those who help the patient, each within their scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShowToDelegates {
    /// The list of who would see it, as the patient was shown it.
    pub shown: Digest,
}

/// Claims the thread from its pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim;

/// Returns the thread to its pool.
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

/// Makes the acting person the owner in place of an owner who does not act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeOver {
    /// Why.
    pub reason: PersonalText,
}

/// Makes the pool the owner in place of a person who can no longer act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnToPool;

/// Sets whom the thread waits for, if the kind does not derive it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetWaitingOn {
    /// Whom, for which command, until when.
    pub to: WaitingOn,
    /// What is expected of them, in words.
    pub note: Option<PersonalText>,
}

/// Passes the turn on, by the party that was asked to set whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassTurn {
    /// Whom, for which command, until when.
    pub to: WaitingOn,
    /// What is expected of them, in words.
    pub note: Option<PersonalText>,
}

/// Ends an agreed wait: makes it the owner's turn again at the agreed instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndWait;

/// Makes it the turn of the first existing party of last resort, to pass the turn on. No kind can refuse it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Escalate;

/// Says in the thread that its patient died, and makes it the owner's turn to say what goes on. No kind can refuse it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoteDeath;

/// Closes the thread.
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
    /// Whom the thread waits for afterwards.
    pub to: WaitingOn,
    /// What is expected of them, in words.
    pub note: Option<PersonalText>,
}
