//! What can have happened to the directives of a patient. Texts are sealed under the patient's key.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::Due;
use crate::consent_text::WordsShown;
use crate::directive_terms::Terms;
use crate::envelope::Actor;
use crate::event_set::{events, no_text, texts};
use crate::ids::{DirectiveId, PatientId, PersonId};
use crate::shown::TextVersion;
use crate::text::PersonalText;
use crate::words::{DirectiveEffect, DirectiveEnd, DirectiveGiver, DirectiveRefused, DirectiveState, Role};

events! {
    /// What can have happened to the directives of a patient.
    DirectiveEvent {
        "consent_directive.proposed" v 1 => DirectiveProposed,
        "consent_directive.activated" v 2 => DirectiveActivated from v 1 DirectiveActivatedV1,
        "consent_directive.confirmed" v 1 => DirectiveConfirmed,
        "consent_directive.refused" v 1 => DirectiveWasRefused,
        "consent_directive.tightened" v 1 => DirectiveTightened,
        "consent_directive.ended" v 2 => DirectiveEnded from v 1 DirectiveEndedV1,
        "consent_directive.voided" v 1 => DirectiveVoided,
        "consent_directive.confirmation_reminded" v 1 => ConfirmationReminded,
        "consent_directive.confirmation_overdue_noted" v 1 => ConfirmationOverdueNoted,
        "consent_directive.took_effect" v 1 => DirectiveTookEffect,
        "consent_directive.end_announced" v 1 => DirectiveEndAnnounced,
    }
}

impl DirectiveEvent {
    /// The directive that it happened to.
    #[must_use]
    pub fn directive(&self) -> DirectiveId {
        match self {
            Self::DirectiveProposed(event) => event.directive,
            Self::DirectiveActivated(event) => event.directive,
            Self::DirectiveConfirmed(event) => event.directive,
            Self::DirectiveWasRefused(event) => event.directive,
            Self::DirectiveTightened(event) => event.directive,
            Self::DirectiveEnded(event) => event.directive,
            Self::DirectiveVoided(event) => event.directive,
            Self::ConfirmationReminded(event) => event.directive,
            Self::ConfirmationOverdueNoted(event) => event.directive,
            Self::DirectiveTookEffect(event) => event.directive,
            Self::DirectiveEndAnnounced(event) => event.directive,
        }
    }

    /// Whether it can change who may. A reminder does not, nor does the record that a period has begun: every use compares
    /// the period with the clock.
    #[must_use]
    pub fn can_change_who_may(&self) -> bool {
        match self {
            Self::DirectiveActivated(_)
            | Self::DirectiveConfirmed(_)
            | Self::DirectiveTightened(_)
            | Self::DirectiveEnded(_)
            | Self::DirectiveVoided(_) => true,
            Self::DirectiveProposed(_)
            | Self::DirectiveWasRefused(_)
            | Self::ConfirmationReminded(_)
            | Self::ConfirmationOverdueNoted(_)
            | Self::DirectiveTookEffect(_)
            | Self::DirectiveEndAnnounced(_) => false,
        }
    }
}

/// Staff wrote a permission down, which has no effect yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectiveProposed {
    /// The directive.
    pub directive: DirectiveId,
    /// The patient.
    pub patient: PatientId,
    /// Whom, what, for what and when.
    pub terms: Terms,
    /// Who wrote it down.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// What the patient said; under the patient's key.
    pub patient_word: PersonalText,
    /// Until when the patient can confirm it.
    #[serde(with = "crate::instant")]
    pub confirm_by: DateTime<Utc>,
}

/// A directive is in force, within its period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectiveActivated {
    /// The directive.
    pub directive: DirectiveId,
    /// The patient.
    pub patient: PatientId,
    /// What it does.
    pub effect: DirectiveEffect,
    /// Whom, what, for what and when.
    pub terms: Terms,
    /// On whose word it rests.
    pub giver: DirectiveGiver,
    /// Who gave it or wrote it down.
    pub by: Actor,
    /// In which role; `person` for the patient and who represents them.
    pub role: Role,
    /// What the patient said, where another person wrote it down; under the patient's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient_word: Option<PersonalText>,
    /// The text that was shown; none for a deny, which needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_version: Option<TextVersion>,
    /// The words that were shown; none where there is no version, and where only that was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words_shown: Option<WordsShown>,
    /// Until when the patient is to confirm it; none where the patient need not.
    #[serde(default, with = "crate::instant::optional", skip_serializing_if = "Option::is_none")]
    pub confirm_by: Option<DateTime<Utc>>,
}

impl DirectiveActivated {
    /// The state in which the directive begins.
    #[must_use]
    pub fn state(&self) -> DirectiveState {
        if self.confirm_by.is_some() { DirectiveState::UnconfirmedDeny } else { DirectiveState::Active }
    }
}

/// As it was when a directive could only block one person from everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectiveActivatedV1 {
    directive: DirectiveId,
    patient: PatientId,
    person: PersonId,
    by: Actor,
    role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    patient_word: Option<PersonalText>,
}

impl From<DirectiveActivatedV1> for DirectiveActivated {
    fn from(old: DirectiveActivatedV1) -> Self {
        let DirectiveActivatedV1 { directive, patient, person, by, role, patient_word } = old;
        Self {
            directive,
            patient,
            effect: DirectiveEffect::Deny,
            terms: Terms::whole(person),
            giver: if role == Role::Person { DirectiveGiver::Patient } else { DirectiveGiver::Staff },
            by,
            role,
            patient_word,
            text_version: None,
            words_shown: None,
            confirm_by: None,
        }
    }
}

/// The patient confirmed what staff wrote down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectiveConfirmed {
    /// The directive.
    pub directive: DirectiveId,
    /// The patient.
    pub patient: PatientId,
    /// On whose word it rests now.
    pub giver: DirectiveGiver,
    /// Who confirmed it, or recorded the signed paper.
    pub by: Actor,
    /// In which role; `person` for the patient and who represents them.
    pub role: Role,
    /// The text that was shown; none for signed paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_version: Option<TextVersion>,
    /// The words that were shown; none where there is no version, and where only that was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words_shown: Option<WordsShown>,
    /// Which signed paper it is and where it is kept; under the patient's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<PersonalText>,
}

/// A permission that staff wrote down never had effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectiveWasRefused {
    /// The directive.
    pub directive: DirectiveId,
    /// The patient.
    pub patient: PatientId,
    /// Why.
    pub how: DirectiveRefused,
    /// Who refused it; the process where nobody confirmed it.
    pub by: Actor,
    /// In which role.
    pub role: Role,
}

/// A deny reaches further or longer, a permit less far or shorter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectiveTightened {
    /// The directive.
    pub directive: DirectiveId,
    /// The patient.
    pub patient: PatientId,
    /// What it is about now.
    pub terms: Terms,
    /// Who changed it.
    pub by: Actor,
    /// In which role; `person` for the patient and who represents them.
    pub role: Role,
}

/// A directive is in force no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectiveEnded {
    /// The directive.
    pub directive: DirectiveId,
    /// The patient.
    pub patient: PatientId,
    /// How.
    pub how: DirectiveEnd,
    /// Who ended it; the process where its period is over.
    pub by: Actor,
    /// In which role; `person` for the patient and who represents them.
    pub role: Role,
}

/// As it was when a directive could only block one person from everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectiveEndedV1 {
    directive: DirectiveId,
    patient: PatientId,
    person: PersonId,
    by: Actor,
    role: Role,
}

impl From<DirectiveEndedV1> for DirectiveEnded {
    fn from(old: DirectiveEndedV1) -> Self {
        let DirectiveEndedV1 { directive, patient, person: _, by, role } = old;
        Self { directive, patient, how: DirectiveEnd::Ended, by, role }
    }
}

/// A directive was entered in error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectiveVoided {
    /// The directive.
    pub directive: DirectiveId,
    /// The patient.
    pub patient: PatientId,
    /// What the error was; under the patient's key.
    pub reason: PersonalText,
    /// Who recorded it.
    pub by: Actor,
    /// In which role.
    pub role: Role,
}

/// The patient was reminded to confirm it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmationReminded {
    /// The directive.
    pub directive: DirectiveId,
    /// The patient.
    pub patient: PatientId,
    /// By the process.
    pub by: Actor,
}

/// Nobody confirmed a deny in time. It stays in force, and staff are to ask the patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmationOverdueNoted {
    /// The directive.
    pub directive: DirectiveId,
    /// The patient.
    pub patient: PatientId,
    /// By the process.
    pub by: Actor,
    /// Until when staff are to ask; none where the organization that keeps the record has no calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask_by: Option<Due>,
}

/// The period of a directive has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectiveTookEffect {
    /// The directive.
    pub directive: DirectiveId,
    /// The patient.
    pub patient: PatientId,
    /// By the process.
    pub by: Actor,
}

/// The patient was told that the period of a directive is about to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectiveEndAnnounced {
    /// The directive.
    pub directive: DirectiveId,
    /// The patient.
    pub patient: PatientId,
    /// By the process.
    pub by: Actor,
}

texts! {
    DirectiveProposed {
        patient_word: "consent_directive.proposed_word";
        directive, patient, terms, by, role, confirm_by
    }
    DirectiveActivated {
        patient_word: "consent_directive.patient_word";
        directive, patient, effect, terms, giver, by, role, text_version, words_shown, confirm_by
    }
    DirectiveConfirmed {
        document: "consent_directive.document";
        directive, patient, giver, by, role, text_version, words_shown
    }
    DirectiveVoided { reason: "consent_directive.void_reason"; directive, patient, by, role }
}

no_text! {
    DirectiveWasRefused { directive, patient, how, by, role }
    DirectiveTightened { directive, patient, terms, by, role }
    DirectiveEnded { directive, patient, how, by, role }
    ConfirmationReminded { directive, patient, by }
    ConfirmationOverdueNoted { directive, patient, by, ask_by }
    DirectiveTookEffect { directive, patient, by }
    DirectiveEndAnnounced { directive, patient, by }
}
