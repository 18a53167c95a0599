//! How a delegation begins: by an invitation, or by an offer to help that an invitation answers.

use super::commands::{AcceptDelegation, AskToHelp, DeclineDelegation, InviteDelegate, RefuseOffer};
use super::events::{Accepted, DelegationEvent, Ended, Invited, Offered};
use super::grant::Grant;
use super::refusals::{DelegationRefusal, Problems};
use super::requirements::{Age, Giver, check_alive, check_no_help, check_only_one, check_scope, check_until};
use crate::aggregate::Acting;
use crate::envelope::Actor;
use crate::ids::PersonId;
use crate::shown::Digest;
use crate::text::PersonalText;
use crate::words::{DelegationEnd, DelegationKind, InvitationGround};

/// Whether a person can be asked about as a helper of the patient: what staff are told who find the patient of an offer.
pub(crate) fn check_offer(ask: &AskToHelp, acting: &Acting<'_>) -> Result<(), DelegationRefusal> {
    let AskToHelp { patient, person, kind, relationship: _ } = *ask;
    let mut problems = Problems::default();
    problems.when(acting.lookups.is_patient(patient, person), DelegationRefusal::OwnRecord);
    problems.of(check_alive(kind, patient, acting));
    problems.of(check_no_help(kind, patient, person, acting));
    problems.none()
}

/// An offer to help.
pub(super) fn ask(ask: &AskToHelp, acting: &Acting<'_>) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
    check_offer(ask, acting)?;
    let AskToHelp { patient, person, kind, relationship } = *ask;
    let delegation = acting.command.creates(0);
    Ok(vec![Offered { delegation, patient, person, kind, relationship, at: acting.now }.into()])
}

/// An invitation, which begins a delegation or answers an offer.
pub(super) fn invite(
    invite: &InviteDelegate,
    offer: Option<&Grant>,
    acting: &Acting<'_>,
) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
    let InviteDelegate {
        patient,
        answers: _,
        person,
        code,
        contact,
        kind,
        relationship,
        scope,
        until,
        organization,
        authority,
        ground,
        is_relative,
    } = invite.clone();
    // The sender may invite for the patient whom they name, and for no other.
    if offer.is_some_and(|offer| offer.patient != patient) {
        return Err(DelegationRefusal::Missing);
    }
    // The person who offered is invited, and nobody else.
    let person = offer.map_or(person, |offer| offer.person);
    let giver = Giver::of(patient, acting);
    let mut problems = Problems::default();
    match &giver {
        Giver::Patient => {}
        Giver::Staff => {
            let is_grounded = match ground {
                Some(InvitationGround::PatientPresent) => kind != DelegationKind::Executor,
                Some(InvitationGround::Law) => kind.is_by_law(),
                None => false,
            };
            problems.when(!is_grounded, DelegationRefusal::PatientNotPresent);
            problems.when(is_relative, DelegationRefusal::RelativeNotAllowed);
        }
        Giver::Representative(own) => {
            let is_theirs = !kind.is_by_law() && scope.is_within(&giver.knows(own, acting));
            problems.when(!is_theirs, DelegationRefusal::OnwardNotAllowed);
        }
        Giver::Other => return Err(DelegationRefusal::OnwardNotAllowed),
        Giver::Process => return Err(DelegationRefusal::NotAPerson),
    }
    if let Some(person) = person {
        problems.when(acting.by == Actor::Person(person), DelegationRefusal::SelfNotAllowed);
        problems.when(acting.lookups.is_patient(patient, person), DelegationRefusal::OwnRecord);
        problems.of(check_only_one(kind, patient, person, acting, offer));
    }
    let is_reached = person.is_some() || code.is_some() && contact.is_some();
    problems.when(!is_reached, DelegationRefusal::ContactMissing);
    let needs_organization = kind == DelegationKind::ProfessionalHelper;
    problems.when(needs_organization != organization.is_some(), DelegationRefusal::OrganizationMismatch);
    problems.of(check_alive(kind, patient, acting));
    if kind == DelegationKind::ParentOfMinor {
        problems.of(Age::of(patient, acting).check_minor());
    }
    problems.of(check_scope(kind, &scope, patient, acting));
    problems.of(check_until(kind, until, patient, acting));
    let is_about_patient =
        |authority| acting.lookups.authority(authority).is_some_and(|brief| brief.patient == patient);
    if let Some(authority) = authority {
        problems.when(!kind.is_by_law(), DelegationRefusal::KindNotByLaw);
        problems.when(!is_about_patient(authority), DelegationRefusal::AuthorityNotVerified);
    }
    problems.none()?;
    let invited = Invited {
        delegation: offer.map_or_else(|| acting.command.creates(0), |offer| offer.delegation),
        patient,
        person,
        // A person who is named needs no code.
        code: code.filter(|_| person.is_none()),
        contact,
        kind,
        relationship,
        scope,
        until,
        by: acting.by,
        role: acting.role,
        ground: ground.filter(|_| giver.is_staff()),
        expires_at: acting.answer_by(),
        organization,
        authority,
    };
    Ok(vec![invited.into()])
}

impl Grant {
    /// The end, given by the sender.
    pub(super) fn ended(
        reason: DelegationEnd,
        note: Option<PersonalText>,
        acting: &Acting<'_>,
    ) -> Vec<DelegationEvent> {
        vec![Ended { reason, by: acting.by, role: acting.role, note }.into()]
    }

    pub(super) fn refuse_offer(
        &self,
        refuse: &RefuseOffer,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        let giver = Giver::of(self.patient, acting);
        if giver.is_staff() && refuse.reason.is_none() {
            return Err(DelegationRefusal::StaffReasonMissing);
        }
        Ok(Self::ended(DelegationEnd::OfferRefused, refuse.reason.clone(), acting))
    }

    /// The sender, who holds the invitation.
    fn holder(&self, code: Option<Digest>, acting: &Acting<'_>) -> Result<PersonId, DelegationRefusal> {
        let sender = acting.by.person().ok_or(DelegationRefusal::NotAPerson)?;
        let holds = match self.person {
            Some(person) => person == sender,
            None => self.code.is_some() && self.code == code,
        };
        if holds { Ok(sender) } else { Err(DelegationRefusal::NotTheInvited) }
    }

    pub(super) fn accept(
        &self,
        accept: &AcceptDelegation,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        let AcceptDelegation { code, terms_version, own_account } = accept.clone();
        // Alone and first, so that nobody else learns anything of the invitation.
        let person = self.holder(code, acting)?;
        if self.deadlines.is_over(acting.now) {
            return Err(DelegationRefusal::InvitationExpired);
        }
        let mut problems = Problems::default();
        problems.when(acting.lookups.is_patient(self.patient, person), DelegationRefusal::OwnRecord);
        // Staff and representatives do not let themselves in by a code that they made.
        problems.when(self.invited_by == Some(acting.by), DelegationRefusal::SelfNotAllowed);
        problems.when(!own_account, DelegationRefusal::SharedAccount);
        problems.of(check_only_one(self.kind, self.patient, person, acting, Some(self)));
        problems.of(check_alive(self.kind, self.patient, acting));
        problems.none()?;
        let verify_by = acting.staff_due(self.patient);
        Ok(vec![Accepted { person, terms_version, at: acting.now, verify_by }.into()])
    }

    pub(super) fn decline(
        &self,
        decline: DeclineDelegation,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        self.holder(decline.code, acting)?;
        Ok(Self::ended(DelegationEnd::Declined, None, acting))
    }
}
