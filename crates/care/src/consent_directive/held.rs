//! A directive, folded; which commands each of its states takes, and on whose word it ends.

use super::commands::DirectiveAct;
use super::deadlines::Deadlines;
use crate::aggregate::Acting;
use crate::delegation::Giver;
use crate::directive_terms::{Other, Terms};
use crate::envelope::Actor;
use crate::ids::PatientId;
use crate::words::{DirectiveEffect, DirectiveGiver, DirectiveState};

/// A directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) effect: DirectiveEffect,
    pub(super) terms: Terms,
    pub(super) state: DirectiveState,
    pub(super) giver: DirectiveGiver,
    /// Who gave it or wrote it down.
    pub(super) by: Actor,
    pub(super) deadlines: Deadlines,
}

impl Held {
    pub(super) fn is_in_force(&self) -> bool {
        match self.state {
            DirectiveState::Active | DirectiveState::UnconfirmedDeny => true,
            DirectiveState::Proposed | DirectiveState::Ended | DirectiveState::Refused | DirectiveState::Voided => {
                false
            }
        }
    }

    /// Whether it is for the sender of a command as if there were none.
    pub(super) fn is_kept_from_sender(&self, patient: PatientId, acting: &Acting<'_>) -> bool {
        let Some(person) = acting.by.person() else { return false };
        if acting.lookups.is_patient(patient, person) {
            return false;
        }
        let giver = Giver::of(patient, acting);
        let within = match &giver {
            Giver::Representative(own) => Some(&own.sensitivities),
            Giver::Patient | Giver::Staff | Giver::Process | Giver::Other => None,
        };
        let places = acting.lookups.roles(person);
        let other = Other { person, role: acting.role, places: &places, within };
        self.terms.are_kept_from(self.effect, &other)
    }
}

impl DirectiveAct {
    /// Whether a directive in this state takes a command of this act, whatever else it needs. What begins a directive is
    /// taken by none.
    #[must_use]
    pub fn is_taken_in(self, state: DirectiveState) -> bool {
        use DirectiveState::{Active, Proposed, UnconfirmedDeny};
        let states: &[DirectiveState] = match self {
            Self::Deny | Self::PermitDirective | Self::RecordDeny | Self::RecordPermit => &[],
            Self::ConfirmDirective | Self::ConfirmSignedPaper => &[Proposed, UnconfirmedDeny],
            Self::RefuseDirective => &[Proposed],
            Self::TightenDirective | Self::EndDirective => &[Active, UnconfirmedDeny],
            Self::VoidDirective | Self::RemindOfDirective | Self::ExpireDirective => {
                &[Proposed, Active, UnconfirmedDeny]
            }
            Self::BeginDirective => &[Active],
        };
        states.contains(&state)
    }
}

impl DirectiveGiver {
    /// Whether somebody ends, or shortens, what rests on this word: the patient everything, a representative what the patient
    /// has not given themself, and staff what staff wrote down, until it is confirmed.
    #[must_use]
    pub fn is_ended_by(self, by: Self) -> bool {
        match by {
            Self::Patient => true,
            Self::Representative => self != Self::Patient,
            Self::Staff => self == Self::Staff,
        }
    }
}
