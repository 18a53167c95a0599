//! The steps from an accepted invitation to the first access: who the person is, whether it is safe, the consent.

use super::commands::{FailIdentity, FailSafeguarding, PassSafeguarding, RecordConsent, VerifyIdentity};
use super::events::{
    AccessCheck, Activated, Consented, DelegationEvent, IdentityVerified, SafeguardingPassed, WideningChecked,
    on_purpose,
};
use super::grant::Grant;
use super::refusals::{DelegationRefusal, Problems};
use super::requirements::{Giver, check_alive, check_scope, is_another_of_staff, shown};
use crate::aggregate::Acting;
use crate::party::{Party, Place};
use crate::words::{ConsentBasis, DelegationEnd, DelegationState};

impl Grant {
    pub(super) fn verify_identity(
        &self,
        verify: &VerifyIdentity,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        let VerifyIdentity { method, level, evidence, authority, employment, is_relative } = verify.clone();
        let authority = authority.or(self.authority);
        let evidence_of = match (&evidence, self.person) {
            (None, Some(person)) => acting.lookups.evidence_of(person, acting.now),
            (Some(_) | None, _) => None,
        };
        let is_employed_by_role = self.is_employed(acting);
        let mut problems = Problems::default();
        problems.of(self.check_not_oneself(acting));
        problems.when(is_relative, DelegationRefusal::RelativeNotAllowed);
        problems.when(evidence.is_none() && evidence_of.is_none(), DelegationRefusal::EvidenceMissing);
        let is_employed = self.organization.is_none() || is_employed_by_role || employment.is_some();
        problems.when(!is_employed, DelegationRefusal::EmploymentNotVerified);
        problems.of(self.check_authority(authority, &self.scope, self.until, acting));
        problems.of(check_alive(self.kind, self.patient, acting));
        // By the authority that is named now, since the ages of a minor follow from its ground.
        problems.of(Self { authority, ..self.clone() }.check_minor(acting));
        problems.none()?;
        let verified = IdentityVerified {
            by: acting.by,
            role: acting.role,
            method,
            level,
            evidence_of,
            evidence,
            authority: authority.filter(|_| self.kind.is_by_law()),
            employment: employment.filter(|_| self.organization.is_some() && !is_employed_by_role),
            at: acting.now,
            check_by: acting.staff_due(self.patient),
        };
        Ok(vec![verified.into()])
    }

    /// Whether the person holds a role at the organization that they help for.
    pub(super) fn is_employed(&self, acting: &Acting<'_>) -> bool {
        let works = |place: &Place| Some(place.organization) == self.organization;
        self.person.is_some_and(|person| acting.lookups.roles(person).iter().any(works))
    }

    pub(super) fn fail_identity(
        &self,
        fail: &FailIdentity,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        self.check_not_oneself(acting)?;
        Ok(Self::ended(DelegationEnd::IdentityFailed, Some(fail.reason.clone()), acting))
    }

    pub(super) fn pass_safeguarding(
        &self,
        pass: &PassSafeguarding,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        let PassSafeguarding { scope, checks, seen, accepted, is_relative } = pass.clone();
        let scope = scope.unwrap_or_else(|| self.scope.clone());
        let is_active = self.state == DelegationState::Active;
        let opens = acting.lookups.what_would_open(self.patient, &scope);
        let mut problems = Problems::default();
        if is_active {
            // What it reaches already was checked.
            problems.when(scope == self.scope, DelegationRefusal::NotWider);
            self.check_wider(&scope, acting, &mut problems);
        } else {
            problems.when(scope != self.scope, DelegationRefusal::ScopeChanged);
        }
        let left = self.not_accepted(opens.sensitive, &accepted);
        problems.of(self.check_not_oneself(acting));
        problems.when(is_relative, DelegationRefusal::RelativeNotAllowed);
        self.check_safe(checks, acting, &mut problems);
        problems.when(seen != opens.version, DelegationRefusal::OpenedListChanged);
        problems.when(!left.is_empty(), DelegationRefusal::SensitiveUnlabelled(left));
        problems.of(self.check_authority(self.authority, &self.scope, self.until, acting));
        problems.of(check_alive(self.kind, self.patient, acting));
        problems.of(self.check_minor(acting));
        problems.none()?;
        let (by, role, at) = (acting.by, acting.role, acting.now);
        let (asked_alone, accepted) = (checks.asked_alone, on_purpose(accepted));
        let check = AccessCheck { by, role, asked_alone, seen, accepted, scope, at };
        Ok(vec![if is_active { WideningChecked { check }.into() } else { SafeguardingPassed { check }.into() }])
    }

    pub(super) fn fail_safeguarding(
        &self,
        fail: &FailSafeguarding,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        self.check_not_oneself(acting)?;
        Ok(Self::ended(DelegationEnd::SafeguardingFailed, Some(fail.reason.clone()), acting))
    }

    /// Whether the sender can record a consent on this basis.
    fn check_basis(&self, record: &RecordConsent, acting: &Acting<'_>) -> Result<(), DelegationRefusal> {
        if acting.by.person().is_some() && acting.by.person() == self.person {
            return Err(DelegationRefusal::ConsentByDelegate);
        }
        match (Giver::of(self.patient, acting), record.basis) {
            (Giver::Patient, ConsentBasis::Patient) | (Giver::Staff, ConsentBasis::Law) => {
                let fits = self.kind.is_by_law() == (record.basis == ConsentBasis::Law);
                if fits { Ok(()) } else { Err(DelegationRefusal::OtherBasisNeeded) }
            }
            (Giver::Patient, ConsentBasis::Law | ConsentBasis::PatientWord) => Err(DelegationRefusal::OtherBasisNeeded),
            (Giver::Staff, ConsentBasis::Patient) => Err(DelegationRefusal::StaffCannotConsent),
            (Giver::Staff, ConsentBasis::PatientWord) => {
                let is_heard = record.witness.is_some_and(|witness| is_another_of_staff(self, witness, acting));
                if acting.lookups.is_anybody(Party::Patient(self.patient), None, None) {
                    Err(DelegationRefusal::StaffCannotConsent)
                } else if self.kind.is_by_law() {
                    Err(DelegationRefusal::OtherBasisNeeded)
                } else if is_heard {
                    Ok(())
                } else {
                    Err(DelegationRefusal::WitnessMissing)
                }
            }
            (
                Giver::Representative(_) | Giver::Other,
                ConsentBasis::Patient | ConsentBasis::Law | ConsentBasis::PatientWord,
            ) => Err(DelegationRefusal::ConsentByDelegate),
            (Giver::Process, ConsentBasis::Patient | ConsentBasis::Law | ConsentBasis::PatientWord) => {
                Err(DelegationRefusal::NotAPerson)
            }
        }
    }

    pub(super) fn record_consent(
        &self,
        record: &RecordConsent,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        let RecordConsent { basis, method, text, scope, at, patient_says, witness } = record.clone();
        let is_law = basis == ConsentBasis::Law;
        let given_at = acting.past(at);
        // The end of an offer is set by the invitation, so that what is checked has one.
        let until = self.until.unwrap_or(acting.now);
        let mut problems = Problems::default();
        problems.of(self.check_basis(record, acting));
        problems.when(!is_law && acting.lookups.lacks_capacity(self.patient), DelegationRefusal::PatientLacksCapacity);
        let words_shown = problems.of(shown(&text));
        problems.of(self.check_own_word(patient_says.as_ref(), acting));
        problems.when(!scope.is_within(&self.scope), DelegationRefusal::ScopeChanged);
        problems.of(check_scope(self.kind, &scope, self.patient, acting));
        problems.when(given_at.is_none(), DelegationRefusal::ConsentInFuture);
        problems.when(until <= acting.now, DelegationRefusal::Expired);
        problems.of(self.check_authority(self.authority, &scope, self.until, acting));
        problems.of(check_alive(self.kind, self.patient, acting));
        problems.of(self.check_minor(acting));
        problems.of(self.check_unprotected(acting));
        problems.none()?;
        let says = patient_says.filter(|_| is_law);
        let consented = Consented {
            by: acting.by,
            role: acting.role,
            basis,
            method,
            text_version: text.version,
            words_shown,
            scope: scope.clone(),
            at: given_at.unwrap_or(acting.now),
            authority: self.authority,
            own_word: says.as_ref().map(|says| says.word),
            own_word_note: says.and_then(|says| says.note),
            witness: witness.filter(|_| basis == ConsentBasis::PatientWord),
        };
        Ok(vec![consented.into(), Activated { scope, from: acting.now, until }.into()])
    }
}
