//! What can have happened in a conversation.
//!
//! To add an event: 1. its struct and its line in the list here; 2. its arm in
//! `Conversation::evolve`; 3. its sample in the golden files.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::commands::{Addressed, HistoryWindow, Since, WaitingOn};
use crate::calendar::Due;
use crate::envelope::Actor;
use crate::event_set::{events, no_text, texts};
use crate::ids::{DelegationId, MessageId, OrganizationId, PatientId, PersonId, PoolId};
use crate::lifecycle::ThreadKind;
use crate::party::{Owner, Place};
use crate::text::PersonalText;
use crate::words::{Capacity, Confidentiality, RemovalReason, Role, Sensitivity, Topic};

events! {
    /// What can have happened in a thread of any kind.
    ConversationEvent {
        "thread.opened" v 1 => Opened,
        "thread.participant_added" v 1 => ParticipantAdded,
        "thread.participant_invited" v 1 => ParticipantInvited,
        "thread.participant_declined" v 1 => ParticipantDeclined,
        "thread.invitation_expired" v 1 => InvitationExpired,
        "thread.participant_window_changed" v 1 => WindowChanged,
        "thread.participant_removed" v 1 => ParticipantRemoved,
        "thread.owner_changed" v 1 => OwnerChanged,
        "thread.requester_changed" v 1 => RequesterChanged,
        "thread.waiting_on" v 1 => TurnPassed,
        "thread.labelled" v 1 => Labelled,
        "thread.released" v 1 => Released,
        "thread.message_posted" v 1 => MessagePosted,
        "thread.read_marked" v 1 => ReadMarked,
        "thread.put_away" v 1 => ThreadPutAway,
        "thread.hidden_from_delegates" v 1 => HiddenFromDelegates,
        "thread.shown_to_delegates" v 1 => ShownToDelegates,
        "thread.closed" v 1 => Closed,
        "thread.reopened" v 1 => Reopened,
        "thread.patient_died" v 1 => PatientDied,
    }
}

/// A thread was opened: the first event of its stream, whatever its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// By whom.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// Its kind, which never changes.
    pub kind: ThreadKind,
    /// The patient that it is about, which never changes; none if it is about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<PatientId>,
    /// For which organization it was opened.
    pub organization: OrganizationId,
    /// The organization of the owner.
    pub owning_organization: OrganizationId,
    /// Who is accountable.
    pub owner: Owner,
    /// Until when a member of the owning pool is to claim it; none if a person owns it, or the
    /// pool's organization has no staffed hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_by: Option<Due>,
    /// Pools that take part beside the owner.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub pools: BTreeSet<PoolId>,
    /// The topic.
    pub topic: Topic,
    /// What it is about, under the thread's content key.
    pub subject: PersonalText,
    /// How confidential.
    pub confidentiality: Confidentiality,
    /// What it is about that is sensitive.
    pub sensitivities: Vec<Sensitivity>,
    /// Whether delegates of the patient do not notice it.
    pub hidden_from_delegates: bool,
    /// Who asked the patient, a minor whom a parent helps, whether delegates are to notice it: then that is the minor's own
    /// answer. None where nobody had to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minor_asked_by: Option<PersonId>,
}

/// A person takes part from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantAdded {
    /// By whom; the person themself, when they accepted an invitation.
    pub by: Actor,
    /// Who.
    pub person: PersonId,
    /// The role in which they take part.
    pub place: Place,
    /// From where on they see the thread; none: all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// Whether the place rests on the person's place on the patient's care team, and ends with it.
    pub by_care_team: bool,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
}

/// A person of another organization was asked to take part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantInvited {
    /// By whom.
    pub by: Actor,
    /// Who.
    pub person: PersonId,
    /// The role in which they would take part.
    pub place: Place,
    /// How much of the history they would see.
    pub history: HistoryWindow,
    /// When the invitation ends by itself.
    #[serde(with = "crate::instant")]
    pub expires_at: DateTime<Utc>,
    /// Why; none at the opening.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
}

/// A person declined to take part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantDeclined {
    /// By whom.
    pub by: Actor,
}

/// An invitation ended without an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationExpired {
    /// By whom.
    pub by: Actor,
    /// Whose.
    pub person: PersonId,
}

/// How much of the history a participant sees was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowChanged {
    /// By whom.
    pub by: Actor,
    /// Whose.
    pub person: PersonId,
    /// From where on they see the thread; none: all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// Why.
    pub reason: PersonalText,
}

/// A person's participation or invitation was ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantRemoved {
    /// By whom.
    pub by: Actor,
    /// Who.
    pub person: PersonId,
    /// Why, as a word.
    pub reason: RemovalReason,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<PersonalText>,
}

/// Another pool or person is accountable from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerChanged {
    /// By whom.
    pub by: Actor,
    /// Who is accountable.
    pub owner: Owner,
    /// The organization of the owner.
    pub organization: OrganizationId,
    /// Until when a member of the owning pool is to claim it; none if a person owns it, or the
    /// pool's organization has no staffed hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_by: Option<Due>,
    /// Why; none for a claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
}

/// Another person asks from now on: they have the duties of who opened the thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequesterChanged {
    /// By whom.
    pub by: Actor,
    /// Who asks.
    pub requester: PersonId,
    /// In which role.
    pub role: Role,
    /// Why.
    pub reason: PersonalText,
}

/// The thread waits for another party, command or instant from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnPassed {
    /// By whom.
    pub by: Actor,
    /// Whom it waits for.
    pub to: WaitingOn,
    /// What is expected of them, in words; none where the command says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<PersonalText>,
    /// How the due instant was computed, by which calendar and rules of its zone; none if a person gave it, if it was
    /// computed for an earlier event, or if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<Due>,
}

/// How confidential the thread is was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labelled {
    /// By whom.
    pub by: Actor,
    /// How confidential from now on, for the past too.
    pub confidentiality: Confidentiality,
    /// What it is about that is sensitive.
    pub sensitivities: Vec<Sensitivity>,
}

/// The patient may read the answer from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    /// By whom.
    pub by: Actor,
}

/// A message was posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagePosted {
    /// By whom.
    pub by: Actor,
    /// In which capacity.
    pub capacity: Capacity,
    /// The delegation under which a delegate wrote it; none for everybody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    /// The message.
    pub message: MessageId,
    /// Its place in the conversation, counted from 1. Never shown outside.
    pub number: u32,
    /// When.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
    /// Who may read it.
    pub addressed: Addressed,
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

/// A person put the thread away from their inbox, or took it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadPutAway {
    /// Who.
    pub person: PersonId,
    /// Whether it is put away.
    pub away: bool,
}

/// Delegates of the patient do not notice the thread from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenFromDelegates {
    /// By whom.
    pub by: Actor,
    /// Why; none where the patient said none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<PersonalText>,
}

/// Delegates of the patient see the thread again, each within their scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownToDelegates {
    /// By whom.
    pub by: Actor,
}

/// Nothing is expected any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// By whom.
    pub by: Actor,
    /// When.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
    /// The outcome, in words; none where the kind records it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<PersonalText>,
}

/// The thread is in use again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopened {
    /// By whom.
    pub by: Actor,
    /// Why.
    pub reason: PersonalText,
}

/// The patient died. The turn that the owner has from then on is an event of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientDied {
    /// By whom it is said: a process, once the death is on record.
    pub by: Actor,
    /// When the patient died, as it is on record.
    #[serde(with = "crate::instant")]
    pub died_at: DateTime<Utc>,
}

texts! {
    Opened {
        subject: "thread.subject";
        by, role, kind, patient, organization, owning_organization, owner, claim_by, pools, topic, confidentiality,
        sensitivities, hidden_from_delegates, minor_asked_by
    }
    ParticipantAdded { reason: "thread.added_reason"; by, person, place, since, by_care_team }
    ParticipantInvited { reason: "thread.invited_reason"; by, person, place, history, expires_at }
    WindowChanged { reason: "thread.window_reason"; by, person, since }
    ParticipantRemoved { note: "thread.removed_note"; by, person, reason }
    OwnerChanged { reason: "thread.owner_reason"; by, owner, organization, claim_by }
    RequesterChanged { reason: "thread.requester_reason"; by, requester, role }
    TurnPassed { note: "thread.turn_note"; by, to, promised }
    MessagePosted { body: "message.body"; by, capacity, delegation, message, number, at, addressed }
    HiddenFromDelegates { basis: "thread.hidden_basis"; by }
    Closed { outcome: "thread.outcome"; by, at }
    Reopened { reason: "thread.reopened_reason"; by }
}

no_text! {
    ParticipantDeclined { by }
    InvitationExpired { by, person }
    Labelled { by, confidentiality, sensitivities }
    Released { by }
    ReadMarked { person, capacity, message, number }
    ThreadPutAway { person, away }
    ShownToDelegates { by }
    PatientDied { by, died_at }
}

impl ConversationEvent {
    /// Whether a command that relied on the state before it is refused.
    #[must_use]
    pub fn is_transition(&self) -> bool {
        match self {
            Self::Opened(_)
            | Self::OwnerChanged(_)
            | Self::RequesterChanged(_)
            | Self::TurnPassed(_)
            | Self::Labelled(_)
            | Self::Released(_)
            | Self::Closed(_)
            | Self::Reopened(_)
            | Self::PatientDied(_) => true,
            Self::ParticipantAdded(_)
            | Self::ParticipantInvited(_)
            | Self::ParticipantDeclined(_)
            | Self::InvitationExpired(_)
            | Self::WindowChanged(_)
            | Self::ParticipantRemoved(_)
            | Self::MessagePosted(_)
            | Self::ReadMarked(_)
            | Self::ThreadPutAway(_)
            | Self::HiddenFromDelegates(_)
            | Self::ShownToDelegates(_) => false,
        }
    }

    /// Whether the event can change who may do something in the thread.
    #[must_use]
    pub fn can_change_who_may(&self) -> bool {
        let hides = matches!(self, Self::HiddenFromDelegates(_) | Self::ShownToDelegates(_));
        hides || self.can_change_turn()
    }

    /// Whether the turn can differ after it. A message, a read receipt, or whether delegates see the thread never
    /// changes it by itself: a kind for which it does answers it with an event of its own.
    #[must_use]
    pub fn can_change_turn(&self) -> bool {
        match self {
            Self::MessagePosted(_)
            | Self::ReadMarked(_)
            | Self::ThreadPutAway(_)
            | Self::HiddenFromDelegates(_)
            | Self::ShownToDelegates(_) => false,
            Self::Opened(_)
            | Self::ParticipantAdded(_)
            | Self::ParticipantInvited(_)
            | Self::ParticipantDeclined(_)
            | Self::InvitationExpired(_)
            | Self::WindowChanged(_)
            | Self::ParticipantRemoved(_)
            | Self::OwnerChanged(_)
            | Self::RequesterChanged(_)
            | Self::TurnPassed(_)
            | Self::Labelled(_)
            | Self::Released(_)
            | Self::Closed(_)
            | Self::Reopened(_)
            | Self::PatientDied(_) => true,
        }
    }
}
