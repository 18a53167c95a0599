//! What can have happened to a message from outside. Its texts are under its own key; the text that was attached is under
//! the key of its thread.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::Due;
use crate::envelope::Actor;
use crate::event_set::{events, no_text, texts};
use crate::ids::{OrganizationId, OutsideMessageId, PatientId, PersonId, ThreadId};
use crate::text::PersonalText;
use crate::words::{DelegationKind, OutsideEnd, OutsideWish, Relationship, Role};

events! {
    /// What can have happened to a message from outside.
    #[expect(clippy::large_enum_variant, reason = "a stream begins with the large one, and has two others at most times")]
    OutsideMessageEvent {
        "outside_message.sent" v 1 => Sent,
        "outside_message.claimed" v 1 => Claimed,
        "outside_message.matched" v 1 => Matched,
        "outside_message.attached" v 1 => Attached,
        "outside_message.closed" v 1 => Closed,
        "outside_message.erased" v 1 => Erased,
    }
}

/// A person sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The message.
    pub message: OutsideMessageId,
    /// To which organization.
    pub organization: OrganizationId,
    /// Who.
    pub person: PersonId,
    /// What they want.
    pub wish: OutsideWish,
    /// The kind of help that is offered; none where something is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<DelegationKind>,
    /// What they say that they are to the patient.
    pub relationship: Relationship,
    /// The name of the patient as they know it; under the message's key.
    pub patient_name: PersonalText,
    /// The patient's date of birth, if they know it; under the message's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<PersonalText>,
    /// What they say; under the message's key. None for an offer without words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<PersonalText>,
    /// When.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
    /// By when somebody has to act on it; none where the organization has no calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
}

/// Somebody took it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// Who.
    pub by: Actor,
    /// In which role.
    pub role: Role,
}

/// The offer belongs to a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    /// Who says so.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// The patient.
    pub patient: PatientId,
    /// When.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
}

/// What was told stands in a thread of a patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Who attached it.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// The thread.
    pub thread: ThreadId,
    /// The patient.
    pub patient: PatientId,
    /// What was told; under the thread's key.
    pub text: PersonalText,
    /// When.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
}

/// It ended without effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// By whom; the process where nobody answered in time.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// How.
    pub how: OutsideEnd,
    /// Why, where a person closed it; under the message's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
    /// When.
    #[serde(with = "crate::instant")]
    pub at: DateTime<Utc>,
}

/// Its own key is destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// The message.
    pub message: OutsideMessageId,
}

texts! {
    Sent {
        patient_name: "outside_message.patient_name", birth_date: "outside_message.birth_date",
        text: "outside_message.text";
        message, organization, person, wish, kind, relationship, at, due
    }
    Attached { text: "outside_message.attached_text"; by, role, thread, patient, at }
    Closed { reason: "outside_message.closed_reason"; by, role, how, at }
}

no_text! {
    Claimed { by, role }
    Matched { by, role, patient, at }
    Erased { message }
}
