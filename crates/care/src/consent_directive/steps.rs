//! The steps of a directive that has begun: how it is confirmed, tightened and ended, and what the process does to it.

use super::deadlines::Deadline;
use super::events::{
    ConfirmationOverdueNoted, ConfirmationReminded, DirectiveConfirmed, DirectiveEndAnnounced, DirectiveEnded,
    DirectiveEvent, DirectiveTightened, DirectiveWasRefused,
};
use super::held::Held;
use super::refusals::DirectiveRefusal;
use super::requirements::{
    SignedPaper, beginning, check_deny, check_not_over, check_permit, giver, names_other_representative, shown,
};
use crate::aggregate::Acting;
use crate::consent_text::ShownText;
use crate::directive_terms::Terms;
use crate::ids::{DirectiveId, PatientId};
use crate::text::PersonalText;
use crate::words::{
    DirectiveEffect, DirectiveEnd, DirectiveGiver, DirectiveRefused, DirectiveReminder, DirectiveState,
};

/// A directive, as a command to it meets it.
pub(super) struct Step<'a> {
    pub(super) patient: PatientId,
    pub(super) directive: DirectiveId,
    pub(super) held: &'a Held,
    pub(super) acting: &'a Acting<'a>,
}

impl Step<'_> {
    /// That it is confirmed, by neither a text nor a paper yet.
    fn confirmed(&self, giver: DirectiveGiver) -> DirectiveConfirmed {
        let Self { patient, directive, acting, .. } = *self;
        let (by, role) = (acting.by, acting.role);
        let (text_version, words_shown, document) = (None, None, None);
        DirectiveConfirmed { directive, patient, giver, by, role, text_version, words_shown, document }
    }

    pub(super) fn confirm(&self, text: ShownText) -> Result<DirectiveEvent, DirectiveRefusal> {
        check_not_over(&self.held.terms, self.acting.now)?;
        let giver = giver(self.patient, self.acting)?;
        if giver == DirectiveGiver::Staff {
            return Err(DirectiveRefusal::NotTheirs);
        }
        let Self { patient, held: Held { effect, terms, .. }, acting, .. } = *self;
        match effect {
            DirectiveEffect::Permit => check_permit(patient, terms, acting)?,
            DirectiveEffect::Deny
                if giver == DirectiveGiver::Representative && names_other_representative(patient, terms, acting) =>
            {
                return Err(DirectiveRefusal::NotTheirs);
            }
            DirectiveEffect::Deny => {}
        }
        let words_shown = Some(shown(*effect, &text)?);
        Ok(DirectiveConfirmed { text_version: Some(text.version), words_shown, ..self.confirmed(giver) }.into())
    }

    pub(super) fn confirm_signed_paper(&self, document: PersonalText) -> Result<DirectiveEvent, DirectiveRefusal> {
        let Self { patient, held: Held { effect, terms, by: written_by, .. }, acting, .. } = *self;
        let (by, now, lookups) = (acting.by, acting.now, acting.lookups);
        SignedPaper { patient, effect: *effect, terms, written_by: *written_by, by, now, lookups }.check()?;
        Ok(DirectiveConfirmed { document: Some(document), ..self.confirmed(DirectiveGiver::Patient) }.into())
    }

    pub(super) fn tighten(&self, terms: &Terms) -> Result<DirectiveEvent, DirectiveRefusal> {
        let Self { patient, directive, held, acting } = *self;
        let giver = giver(patient, acting)?;
        // Who cannot end a permission cannot shorten it.
        let ends_it = held.effect == DirectiveEffect::Permit && !held.giver.is_ended_by(giver);
        if giver == DirectiveGiver::Staff || ends_it {
            return Err(DirectiveRefusal::NotTheirs);
        }
        let (terms, before) = (beginning(terms, acting), beginning(&held.terms, acting));
        if !terms.is_tighter(held.effect, &before) {
            return Err(DirectiveRefusal::NotTighter);
        }
        match held.effect {
            DirectiveEffect::Deny => check_deny(patient, &terms, acting)?,
            DirectiveEffect::Permit => check_permit(patient, &terms, acting)?,
        }
        Ok(DirectiveTightened { directive, patient, terms, by: acting.by, role: acting.role }.into())
    }

    pub(super) fn end(&self) -> Result<DirectiveEvent, DirectiveRefusal> {
        let Self { patient, directive, held, acting } = *self;
        if !held.giver.is_ended_by(giver(patient, acting)?) {
            return Err(DirectiveRefusal::NotTheirs);
        }
        let how = DirectiveEnd::Ended;
        Ok(DirectiveEnded { directive, patient, how, by: acting.by, role: acting.role }.into())
    }

    pub(super) fn refused(&self, how: DirectiveRefused) -> DirectiveEvent {
        let Self { patient, directive, acting, .. } = *self;
        DirectiveWasRefused { directive, patient, how, by: acting.by, role: acting.role }.into()
    }

    pub(super) fn check_due(&self, due: Deadline) -> Result<(), DirectiveRefusal> {
        if self.held.deadlines.is_due(due, self.acting.now) { Ok(()) } else { Err(DirectiveRefusal::NotDue) }
    }

    pub(super) fn remind(&self, of: DirectiveReminder) -> Result<DirectiveEvent, DirectiveRefusal> {
        let Self { patient, directive, held, acting } = *self;
        let is_for = match of {
            DirectiveReminder::Confirmation => held.state != DirectiveState::Active,
            DirectiveReminder::ConfirmationOverdue => held.state == DirectiveState::UnconfirmedDeny,
            DirectiveReminder::EndAhead => held.state == DirectiveState::Active,
        };
        if !is_for {
            return Err(DirectiveRefusal::NotInState { state: held.state });
        }
        self.check_due(Deadline::Remind(of))?;
        let by = acting.by;
        Ok(match of {
            DirectiveReminder::Confirmation => ConfirmationReminded { directive, patient, by }.into(),
            DirectiveReminder::ConfirmationOverdue => {
                ConfirmationOverdueNoted { directive, patient, by, ask_by: acting.staff_due(patient) }.into()
            }
            DirectiveReminder::EndAhead => DirectiveEndAnnounced { directive, patient, by }.into(),
        })
    }

    pub(super) fn expire(&self) -> Result<DirectiveEvent, DirectiveRefusal> {
        self.check_due(Deadline::Expire)?;
        let Self { patient, directive, held, acting } = *self;
        if held.state == DirectiveState::Proposed {
            return Ok(self.refused(DirectiveRefused::NotConfirmed));
        }
        let how = DirectiveEnd::PeriodOver;
        Ok(DirectiveEnded { directive, patient, how, by: acting.by, role: acting.role }.into())
    }
}
