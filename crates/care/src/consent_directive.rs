//! The directives of a patient: whom they block, and whom they permit what a rule of the policy asks them for.
//!
//! A deny binds from its event on, or from the beginning of its period, whatever else the person is to the patient, and
//! wins over every permit. A permit gives what a rule asks the patient for, and nothing that no rule allows. Those of
//! one patient are in one stream, so that each is decided with the others. The patient, or who represents them by law,
//! gives one; staff write down the patient's word: a deny holds at once, a permission once it is confirmed.
//!
//! To add a step: 1. its command and its event; 2. its row in `consent_directive/table.txt`; 3. follow the compiler.

mod commands;
mod deadlines;
mod events;
mod held;
mod refusals;
mod requirements;
mod steps;

use std::collections::BTreeMap;

use chrono::Duration;
use uuid::Uuid;

use crate::aggregate::{Acting, Aggregate};
use crate::command_name::Acts as _;
use crate::ids::{CommandId, DirectiveId, PatientId};
use crate::text::PersonalText;
use crate::words::{DirectiveEffect, DirectiveGiver, DirectiveRefused, DirectiveState};

pub use crate::directive_terms::{Other, Terms, Whom, oversees};
pub use commands::*;
pub use deadlines::{Deadline, Deadlines};
pub use events::*;
pub use refusals::DirectiveRefusal;
pub use requirements::SignedPaper;

use deadlines::CONFIRM_DAYS;
use held::Held;
use requirements::{beginning, check_deny, check_permit, giver, shown};
use steps::Step;

/// The directives of a patient, folded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directives(BTreeMap<DirectiveId, Held>);

impl Directives {
    /// The state of a directive; none if there is no such one.
    #[must_use]
    pub fn state(&self, directive: DirectiveId) -> Option<DirectiveState> {
        self.0.get(&directive).map(|held| held.state)
    }

    fn deny(
        &self,
        patient: PatientId,
        terms: &Terms,
        patient_word: Option<PersonalText>,
        acting: &Acting<'_>,
    ) -> Result<Vec<DirectiveEvent>, DirectiveRefusal> {
        let giver = giver(patient, acting)?;
        let is_staff = giver == DirectiveGiver::Staff;
        let terms = beginning(terms, acting);
        // The word of who gives it themself needs no other.
        let patient_word = patient_word.filter(|_| is_staff);
        if is_staff && patient_word.is_none() {
            return Err(DirectiveRefusal::PatientWordMissing);
        }
        // What staff wrote down becomes the patient's own when they say it themself.
        let says_more = |held: &Held| !is_staff && held.giver == DirectiveGiver::Staff;
        // Nobody learns by giving the same of a directive that is kept from them.
        let is_same = |held: &Held| {
            held.effect == DirectiveEffect::Deny
                && held.is_in_force()
                && beginning(&held.terms, acting) == terms
                && !held.is_kept_from_sender(patient, acting)
        };
        if self.0.values().any(|held| is_same(held) && !says_more(held)) {
            return Ok(vec![]);
        }
        check_deny(patient, &terms, acting)?;
        Ok(vec![
            DirectiveActivated {
                directive: acting.command.creates(0),
                patient,
                effect: DirectiveEffect::Deny,
                terms,
                giver,
                by: acting.by,
                role: acting.role,
                patient_word,
                text_version: None,
                words_shown: None,
                confirm_by: is_staff.then(|| acting.now + Duration::days(CONFIRM_DAYS)),
            }
            .into(),
        ])
    }

    fn permit(permit: &PermitDirective, acting: &Acting<'_>) -> Result<Vec<DirectiveEvent>, DirectiveRefusal> {
        let PermitDirective { patient, terms, text } = permit;
        let giver = giver(*patient, acting)?;
        if giver == DirectiveGiver::Staff {
            return Err(DirectiveRefusal::NotTheirs);
        }
        let terms = beginning(terms, acting);
        check_permit(*patient, &terms, acting)?;
        let words_shown = shown(DirectiveEffect::Permit, text)?;
        Ok(vec![
            DirectiveActivated {
                directive: acting.command.creates(0),
                patient: *patient,
                effect: DirectiveEffect::Permit,
                terms,
                giver,
                by: acting.by,
                role: acting.role,
                patient_word: None,
                text_version: Some(text.version.clone()),
                words_shown: Some(words_shown),
                confirm_by: None,
            }
            .into(),
        ])
    }

    fn record_permit(record: &RecordPermit, acting: &Acting<'_>) -> Result<Vec<DirectiveEvent>, DirectiveRefusal> {
        let RecordPermit { patient, terms, patient_word } = record.clone();
        if acting.by.person().is_none() {
            return Err(DirectiveRefusal::NotAPerson);
        }
        let terms = beginning(&terms, acting);
        check_permit(patient, &terms, acting)?;
        let directive = acting.command.creates(0);
        let (by, role) = (acting.by, acting.role);
        let confirm_by = acting.now + Duration::days(CONFIRM_DAYS);
        Ok(vec![DirectiveProposed { directive, patient, terms, by, role, patient_word, confirm_by }.into()])
    }
}

impl Aggregate for Directives {
    type Command = DirectiveCommand;
    type Event = DirectiveEvent;
    type Refusal = DirectiveRefusal;

    fn initial() -> Self {
        Self::default()
    }

    fn decide(&self, command: &DirectiveCommand, acting: &Acting<'_>) -> Result<Vec<DirectiveEvent>, DirectiveRefusal> {
        let step = |patient: PatientId, directive: DirectiveId| {
            let held = self.0.get(&directive).filter(|held| !held.is_kept_from_sender(patient, acting));
            let held = held.ok_or(DirectiveRefusal::NoSuchDirective)?;
            if !command.act().is_taken_in(held.state) {
                return Err(DirectiveRefusal::NotInState { state: held.state });
            }
            Ok(Step { patient, directive, held, acting })
        };
        let event = match command.clone() {
            DirectiveCommand::Deny(Deny { patient, terms, patient_word }) => {
                return self.deny(patient, &terms, patient_word, acting);
            }
            DirectiveCommand::RecordDeny(RecordDeny { patient, terms, patient_word }) => {
                return self.deny(patient, &terms, Some(patient_word), acting);
            }
            DirectiveCommand::PermitDirective(permit) => return Self::permit(&permit, acting),
            DirectiveCommand::RecordPermit(record) => return Self::record_permit(&record, acting),
            DirectiveCommand::ConfirmDirective(ConfirmDirective { patient, directive, text }) => {
                step(patient, directive)?.confirm(text)?
            }
            DirectiveCommand::ConfirmSignedPaper(ConfirmSignedPaper { patient, directive, document }) => {
                step(patient, directive)?.confirm_signed_paper(document)?
            }
            DirectiveCommand::RefuseDirective(RefuseDirective { patient, directive }) => {
                step(patient, directive)?.refused(DirectiveRefused::Refused)
            }
            DirectiveCommand::TightenDirective(TightenDirective { patient, directive, terms }) => {
                step(patient, directive)?.tighten(&terms)?
            }
            DirectiveCommand::EndDirective(EndDirective { patient, directive }) => step(patient, directive)?.end()?,
            DirectiveCommand::VoidDirective(VoidDirective { patient, directive, reason }) => {
                let _taken = step(patient, directive)?;
                DirectiveVoided { directive, patient, reason, by: acting.by, role: acting.role }.into()
            }
            DirectiveCommand::RemindOfDirective(RemindOfDirective { patient, directive, of }) => {
                step(patient, directive)?.remind(of)?
            }
            DirectiveCommand::BeginDirective(BeginDirective { patient, directive }) => {
                step(patient, directive)?.check_due(Deadline::Begin)?;
                DirectiveTookEffect { directive, patient, by: acting.by }.into()
            }
            DirectiveCommand::ExpireDirective(ExpireDirective { patient, directive }) => {
                step(patient, directive)?.expire()?
            }
        };
        Ok(vec![event])
    }

    fn evolve(mut self, event: &DirectiveEvent) -> Self {
        let begun = |effect, terms: &Terms, state, giver, by| Held {
            effect,
            terms: terms.clone(),
            state,
            giver,
            by,
            deadlines: Deadlines::default(),
        };
        match event {
            DirectiveEvent::DirectiveProposed(proposed) => {
                let (effect, state) = (DirectiveEffect::Permit, DirectiveState::Proposed);
                let held = begun(effect, &proposed.terms, state, DirectiveGiver::Staff, proposed.by);
                self.0.insert(proposed.directive, held);
            }
            DirectiveEvent::DirectiveActivated(activated) => {
                let state = activated.state();
                let held = begun(activated.effect, &activated.terms, state, activated.giver, activated.by);
                self.0.insert(activated.directive, held);
            }
            DirectiveEvent::DirectiveConfirmed(_)
            | DirectiveEvent::DirectiveWasRefused(_)
            | DirectiveEvent::DirectiveTightened(_)
            | DirectiveEvent::DirectiveEnded(_)
            | DirectiveEvent::DirectiveVoided(_)
            | DirectiveEvent::ConfirmationReminded(_)
            | DirectiveEvent::ConfirmationOverdueNoted(_)
            | DirectiveEvent::DirectiveTookEffect(_)
            | DirectiveEvent::DirectiveEndAnnounced(_) => {}
        }
        let Some(held) = self.0.get_mut(&event.directive()) else { return self };
        held.deadlines.evolve(event);
        match event {
            DirectiveEvent::DirectiveConfirmed(confirmed) => {
                (held.state, held.giver) = (DirectiveState::Active, confirmed.giver);
            }
            DirectiveEvent::DirectiveTightened(tightened) => held.terms = tightened.terms.clone(),
            DirectiveEvent::DirectiveWasRefused(_) => held.state = DirectiveState::Refused,
            DirectiveEvent::DirectiveEnded(_) => held.state = DirectiveState::Ended,
            DirectiveEvent::DirectiveVoided(_) => held.state = DirectiveState::Voided,
            DirectiveEvent::DirectiveProposed(_)
            | DirectiveEvent::DirectiveActivated(_)
            | DirectiveEvent::ConfirmationReminded(_)
            | DirectiveEvent::ConfirmationOverdueNoted(_)
            | DirectiveEvent::DirectiveTookEffect(_)
            | DirectiveEvent::DirectiveEndAnnounced(_) => {}
        }
        self
    }

    /// The directives have the stream of their patient, so no command begins one under a new id.
    fn created_by(_: &DirectiveCommand, _: CommandId) -> Option<Uuid> {
        None
    }

    fn is_transition(_: &DirectiveEvent) -> bool {
        false
    }
}

#[cfg(test)]
mod scenarios;
