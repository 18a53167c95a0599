//! What several decisions about directives ask: on whose word a command is given, whom and what a directive can be about.

use chrono::{DateTime, Utc};

use super::refusals::DirectiveRefusal;
use crate::aggregate::{Acting, DelegationBrief, Lookups};
use crate::consent_text::{self, ShownText, WordsShown};
use crate::delegation::Giver;
use crate::directive_terms::{Terms, oversees};
use crate::envelope::Actor;
use crate::ids::PatientId;
use crate::party::Party;
use crate::words::{DelegationState, DirectiveEffect, DirectiveGiver, Purpose, Role};

/// On whose word a command is given.
pub(super) fn giver(patient: PatientId, acting: &Acting<'_>) -> Result<DirectiveGiver, DirectiveRefusal> {
    match Giver::of(patient, acting) {
        Giver::Patient => Ok(DirectiveGiver::Patient),
        Giver::Representative(_) => Ok(DirectiveGiver::Representative),
        Giver::Staff => Ok(DirectiveGiver::Staff),
        Giver::Other => Err(DirectiveRefusal::OnwardNotAllowed),
        Giver::Process => Err(DirectiveRefusal::NotAPerson),
    }
}

/// The terms as they are stored: a beginning that has come is none.
pub(super) fn beginning(terms: &Terms, acting: &Acting<'_>) -> Terms {
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
pub(super) fn check_deny(patient: PatientId, terms: &Terms, acting: &Acting<'_>) -> Result<(), DirectiveRefusal> {
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
pub(super) fn names_other_representative(patient: PatientId, terms: &Terms, acting: &Acting<'_>) -> bool {
    let is_other = |brief: DelegationBrief| {
        let is_over = matches!(brief.state, DelegationState::Asked | DelegationState::Ended);
        let is_open = brief.kind.is_representative() && !is_over;
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
pub(super) fn shown(effect: DirectiveEffect, text: &ShownText) -> Result<WordsShown, DirectiveRefusal> {
    consent_text::shown(consent_text::of_directive(effect), text).map_err(DirectiveRefusal::TextNotShown)
}

/// Nothing is confirmed whose period is over.
pub(super) fn check_not_over(terms: &Terms, now: DateTime<Utc>) -> Result<(), DirectiveRefusal> {
    if terms.until.is_some_and(|until| until <= now) { Err(DirectiveRefusal::UntilNotAhead) } else { Ok(()) }
}

/// What a permission can be about: something for which a rule asks the patient.
pub(super) fn check_permit(patient: PatientId, terms: &Terms, acting: &Acting<'_>) -> Result<(), DirectiveRefusal> {
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
