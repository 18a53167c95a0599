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
mod refusals;

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use crate::aggregate::{Acting, Aggregate, DelegationBrief, Lookups};
use crate::command_name::Acts as _;
use crate::consent_text::{self, ShownText, WordsShown};
use crate::delegation::{Giver, is_representative};
use crate::envelope::Actor;
use crate::ids::{CommandId, DirectiveId, PatientId};
use crate::party::Party;
use crate::text::PersonalText;
use crate::words::{
    DelegationState, DirectiveEffect, DirectiveEnd, DirectiveGiver, DirectiveRefused, DirectiveReminder,
    DirectiveState, Purpose, Role,
};

pub use crate::directive_terms::{Other, Terms, Whom, oversees};
pub use commands::*;
pub use deadlines::{Deadline, Deadlines};
pub use events::*;
pub use refusals::DirectiveRefusal;

use deadlines::CONFIRM_DAYS;

/// Business days in which staff ask a patient who did not confirm a deny.
const ASK_DAYS: u32 = 5;

/// The directives of a patient, folded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directives(BTreeMap<DirectiveId, Held>);

/// A directive.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    effect: DirectiveEffect,
    terms: Terms,
    state: DirectiveState,
    giver: DirectiveGiver,
    /// Who gave it or wrote it down.
    by: Actor,
    deadlines: Deadlines,
}

impl Held {
    fn is_in_force(&self) -> bool {
        match self.state {
            DirectiveState::Active | DirectiveState::UnconfirmedDeny => true,
            DirectiveState::Proposed | DirectiveState::Ended | DirectiveState::Refused | DirectiveState::Voided => {
                false
            }
        }
    }

    /// Whether it is for the sender of a command as if there were none.
    fn is_kept_from_sender(&self, patient: PatientId, acting: &Acting<'_>) -> bool {
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

/// On whose word a command is given.
fn giver(patient: PatientId, acting: &Acting<'_>) -> Result<DirectiveGiver, DirectiveRefusal> {
    match Giver::of(patient, acting) {
        Giver::Patient => Ok(DirectiveGiver::Patient),
        Giver::Representative(_) => Ok(DirectiveGiver::Representative),
        Giver::Staff => Ok(DirectiveGiver::Staff),
        Giver::Other => Err(DirectiveRefusal::OnwardNotAllowed),
        Giver::Process => Err(DirectiveRefusal::NotAPerson),
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

/// The terms as they are stored: a beginning that has come is none.
fn beginning(terms: &Terms, acting: &Acting<'_>) -> Terms {
    Terms { from: terms.from.filter(|from| acting.now < *from), ..terms.clone() }
}

/// What every directive is about: somebody of staff, by name or by place, and a period that is not over.
fn check_terms(terms: &Terms, acting: &Acting<'_>) -> Result<(), DirectiveRefusal> {
    let is_of_staff = !matches!(terms.whom.role, Some(Role::Person | Role::Service));
    if terms.whom.is_nobody() || !is_of_staff {
        return Err(DirectiveRefusal::WhomMissing);
    }
    if terms.until.is_some_and(|until| until <= acting.now || terms.from.is_some_and(|from| until <= from)) {
        return Err(DirectiveRefusal::UntilNotAhead);
    }
    Ok(())
}

/// Whom a deny can be about, and that the open threads go on.
fn check_deny(patient: PatientId, terms: &Terms, acting: &Acting<'_>) -> Result<(), DirectiveRefusal> {
    check_terms(terms, acting)?;
    let lookups = acting.lookups;
    let is_patient = terms.whom.person.is_some_and(|person| lookups.is_patient(patient, person));
    if is_patient || terms.purpose == Some(Purpose::PatientRequest) {
        return Err(DirectiveRefusal::WouldShutOutPatient);
    }
    if terms.whom.person.is_some_and(|person| acting.by == Actor::Person(person)) {
        return Err(DirectiveRefusal::SelfNotAllowed);
    }
    // A person who oversees can be denied, and still oversees.
    if terms.whom.role.is_some_and(oversees) || terms.purpose == Some(Purpose::HealthcareOperations) {
        return Err(DirectiveRefusal::CannotDenyOversight);
    }
    if let Giver::Representative(own) = Giver::of(patient, acting) {
        if !terms.sensitivities.is_subset(&own.sensitivities) {
            return Err(DirectiveRefusal::OnwardNotAllowed);
        }
        if names_other_representative(patient, terms, acting) {
            return Err(DirectiveRefusal::NotTheirs);
        }
    }
    let left_alone = lookups.resting_on(patient, terms);
    if left_alone.is_empty() { Ok(()) } else { Err(DirectiveRefusal::NobodyLeft(left_alone)) }
}

/// Whether the terms are about somebody else who represents the patient by law, or is invited to: that is between them and
/// the patient, or a court. Somebody who only offered it is not protected by their offer.
fn names_other_representative(patient: PatientId, terms: &Terms, acting: &Acting<'_>) -> bool {
    let is_other = |brief: DelegationBrief| {
        let is_over = matches!(brief.state, DelegationState::Asked | DelegationState::Ended);
        let is_open = is_representative(brief.kind) && !is_over;
        let other = brief.person.filter(|person| is_open && acting.by != Actor::Person(*person));
        other.is_some_and(|person| terms.whom.names(person, &acting.lookups.roles(person)))
    };
    acting.lookups.delegations_of(patient).into_iter().any(is_other)
}

/// Whether the terms are about the sender, who is not the patient.
fn names_sender(patient: PatientId, terms: &Terms, by: Actor, lookups: &dyn Lookups) -> bool {
    let sender = by.person().filter(|sender| !lookups.is_patient(patient, *sender));
    sender.is_some_and(|sender| terms.whom.names(sender, &lookups.roles(sender)))
}

/// That the patient signed a directive on paper, as somebody would record it.
#[derive(Clone, Copy)]
pub struct SignedPaper<'a> {
    /// The patient.
    pub patient: PatientId,
    /// What the directive does.
    pub effect: DirectiveEffect,
    /// What it is about.
    pub terms: &'a Terms,
    /// Who wrote it down.
    pub written_by: Actor,
    /// Who would record the paper.
    pub by: Actor,
    /// When.
    pub now: DateTime<Utc>,
    /// What is known beside the directive.
    pub lookups: &'a dyn Lookups,
}

impl SignedPaper<'_> {
    /// Whether it can be recorded, by what does not follow from the state of the directive.
    ///
    /// # Errors
    /// If the period of the directive is over, if another person has to record it, and if the patient has an account.
    pub fn check(&self) -> Result<(), DirectiveRefusal> {
        let Self { patient, effect, terms, written_by, by, now, lookups } = *self;
        check_not_over(terms, now)?;
        let is_permitted = effect == DirectiveEffect::Permit && names_sender(patient, terms, by, lookups);
        if written_by == by || is_permitted {
            return Err(DirectiveRefusal::SamePerson);
        }
        if lookups.is_anybody(Party::Patient(patient), None, None) {
            return Err(DirectiveRefusal::HasAccount);
        }
        Ok(())
    }
}

/// The words by which somebody gives or confirms a directive of this effect.
fn shown(effect: DirectiveEffect, text: &ShownText) -> Result<WordsShown, DirectiveRefusal> {
    consent_text::shown(consent_text::of_directive(effect), text).map_err(DirectiveRefusal::TextNotShown)
}

/// Nothing is confirmed whose period is over.
fn check_not_over(terms: &Terms, now: DateTime<Utc>) -> Result<(), DirectiveRefusal> {
    if terms.until.is_some_and(|until| until <= now) { Err(DirectiveRefusal::UntilNotAhead) } else { Ok(()) }
}

/// What a permission can be about: something for which a rule asks the patient.
fn check_permit(patient: PatientId, terms: &Terms, acting: &Acting<'_>) -> Result<(), DirectiveRefusal> {
    check_terms(terms, acting)?;
    if terms.purpose.is_none() {
        return Err(DirectiveRefusal::PurposeMissing);
    }
    if terms.until.is_none() {
        return Err(DirectiveRefusal::UntilMissing);
    }
    // What a permission without codes opens is restricted, and a scope does not reach it.
    if let Giver::Representative(own) = Giver::of(patient, acting)
        && (terms.sensitivities.is_empty() || !terms.sensitivities.is_subset(&own.sensitivities))
    {
        return Err(DirectiveRefusal::OnwardNotAllowed);
    }
    if names_sender(patient, terms, acting.by, acting.lookups) {
        return Err(DirectiveRefusal::SelfNotAllowed);
    }
    if acting.lookups.is_permittable(terms) { Ok(()) } else { Err(DirectiveRefusal::NotPermittable) }
}

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

/// A directive, as a command to it meets it.
struct Step<'a> {
    patient: PatientId,
    directive: DirectiveId,
    held: &'a Held,
    acting: &'a Acting<'a>,
}

impl Step<'_> {
    /// That it is confirmed, by neither a text nor a paper yet.
    fn confirmed(&self, giver: DirectiveGiver) -> DirectiveConfirmed {
        let Self { patient, directive, acting, .. } = *self;
        let (by, role) = (acting.by, acting.role);
        let (text_version, words_shown, document) = (None, None, None);
        DirectiveConfirmed { directive, patient, giver, by, role, text_version, words_shown, document }
    }

    fn confirm(&self, text: ShownText) -> Result<DirectiveEvent, DirectiveRefusal> {
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

    fn confirm_signed_paper(&self, document: PersonalText) -> Result<DirectiveEvent, DirectiveRefusal> {
        let Self { patient, held: Held { effect, terms, by: written_by, .. }, acting, .. } = *self;
        let (by, now, lookups) = (acting.by, acting.now, acting.lookups);
        SignedPaper { patient, effect: *effect, terms, written_by: *written_by, by, now, lookups }.check()?;
        Ok(DirectiveConfirmed { document: Some(document), ..self.confirmed(DirectiveGiver::Patient) }.into())
    }

    fn tighten(&self, terms: &Terms) -> Result<DirectiveEvent, DirectiveRefusal> {
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

    fn end(&self) -> Result<DirectiveEvent, DirectiveRefusal> {
        let Self { patient, directive, held, acting } = *self;
        if !held.giver.is_ended_by(giver(patient, acting)?) {
            return Err(DirectiveRefusal::NotTheirs);
        }
        let how = DirectiveEnd::Ended;
        Ok(DirectiveEnded { directive, patient, how, by: acting.by, role: acting.role }.into())
    }

    fn refused(&self, how: DirectiveRefused) -> DirectiveEvent {
        let Self { patient, directive, acting, .. } = *self;
        DirectiveWasRefused { directive, patient, how, by: acting.by, role: acting.role }.into()
    }

    fn check_due(&self, due: Deadline) -> Result<(), DirectiveRefusal> {
        if self.held.deadlines.is_due(due, self.acting.now) { Ok(()) } else { Err(DirectiveRefusal::NotDue) }
    }

    fn remind(&self, of: DirectiveReminder) -> Result<DirectiveEvent, DirectiveRefusal> {
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
                let keeper = acting.lookups.record_keeper(patient);
                let calendar = keeper.and_then(|keeper| acting.calendar(keeper));
                let ask_by = calendar.and_then(|calendar| calendar.business_days(ASK_DAYS, acting.now));
                ConfirmationOverdueNoted { directive, patient, by, ask_by }.into()
            }
            DirectiveReminder::EndAhead => DirectiveEndAnnounced { directive, patient, by }.into(),
        })
    }

    fn expire(&self) -> Result<DirectiveEvent, DirectiveRefusal> {
        self.check_due(Deadline::Expire)?;
        let Self { patient, directive, held, acting } = *self;
        if held.state == DirectiveState::Proposed {
            return Ok(self.refused(DirectiveRefused::NotConfirmed));
        }
        let how = DirectiveEnd::PeriodOver;
        Ok(DirectiveEnded { directive, patient, how, by: acting.by, role: acting.role }.into())
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
