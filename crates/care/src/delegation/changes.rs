//! What can be changed while a person has access, and how it is taken away.
//!
//! The patient alone does not open a sensitive subject, the past or the right to act. Staff check such a scope anew, and
//! the patient then widens within what was checked, by a consent of their own.

use std::collections::BTreeMap;

use chrono::Duration;

use super::commands::{
    NarrowDelegation, RenewDelegation, ResumeDelegation, RevokeDelegation, SuspendDelegation, WidenByLaw,
    WidenDelegation,
};
use super::events::{Consented, DelegationEvent, Narrowed, Renewed, Resumed, Suspended, Widened, on_purpose};
use super::grant::{CheckedWidening, Grant};
use super::refusals::{DelegationRefusal, Problems};
use super::requirements::{Age, Giver, check_alive, check_scope, check_until, is_another_of_staff, shown};
use crate::aggregate::Acting;
use crate::ids::ThreadId;
use crate::scope::Scope;
use crate::text::PersonalText;
use crate::words::{ConsentBasis, DelegationEnd, Role, Topic};

/// Days for which a check of a wider scope serves.
const CHECK_DAYS: i64 = 30;

impl Grant {
    pub(super) fn narrow(
        &self,
        narrow: &NarrowDelegation,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        let mut scope = narrow.scope.clone();
        let giver = Giver::of(self.patient, acting);
        self.check_theirs(&giver, acting)?;
        let known = giver.knows(&self.scope, acting);
        if scope.is_empty() || !scope.is_within(&known) {
            return Err(DelegationRefusal::NotNarrower);
        }
        if scope == known {
            return Ok(vec![]);
        }
        // What they do not know of they cannot have meant to take away: once it is shown again, it is as it was given.
        scope.threads.extend(self.scope.threads.difference(&known.threads));
        Ok(vec![Narrowed { by: acting.by, scope }.into()])
    }

    /// What both ways to widen ask, and the check before.
    pub(super) fn check_wider(&self, scope: &Scope, acting: &Acting<'_>, problems: &mut Problems) {
        problems.when(!self.scope.is_within(scope), DelegationRefusal::NotWider);
        problems.of(check_scope(self.kind, scope, self.patient, acting));
        problems.of(self.check_authority(self.authority, scope, self.until, acting));
        problems.of(check_alive(self.kind, self.patient, acting));
        problems.of(self.check_minor(acting));
        problems.of(self.check_unprotected(acting));
    }

    /// Whether the scope opens what staff check before it is opened.
    fn needs_safeguarding(&self, scope: &Scope) -> bool {
        let acts = |of: &Scope, topic: &Topic| of.topics.get(topic).is_some_and(|verbs| verbs.act);
        !scope.sensitivities.is_subset(&self.scope.sensitivities)
            || scope.history > self.scope.history
            || scope.manages_helpers && !self.scope.manages_helpers
            || scope.topics.keys().any(|topic| acts(scope, topic) && !acts(&self.scope, topic))
    }

    /// Whether staff have checked so much, not too long ago, and know of all that is sensitive in it.
    fn was_checked(&self, scope: &Scope, sensitive: Vec<ThreadId>, acting: &Acting<'_>) -> bool {
        let serves = |checked: &CheckedWidening| {
            scope.is_within(&checked.scope) && acting.now < checked.at + Duration::days(CHECK_DAYS)
        };
        self.checked.as_ref().is_some_and(serves) && self.not_accepted(sensitive, &BTreeMap::new()).is_empty()
    }

    /// The sensitive threads that staff accept neither now nor did before.
    pub(super) fn not_accepted(
        &self,
        mut sensitive: Vec<ThreadId>,
        now: &BTreeMap<ThreadId, PersonalText>,
    ) -> Vec<ThreadId> {
        sensitive.retain(|thread| !now.contains_key(thread) && !self.accepted.contains(thread));
        sensitive
    }

    pub(super) fn widen(
        &self,
        widen: &WidenDelegation,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        let WidenDelegation { scope, method, text, seen } = widen.clone();
        match Giver::of(self.patient, acting) {
            Giver::Patient => {}
            Giver::Staff => return Err(DelegationRefusal::StaffCannotConsent),
            Giver::Representative(_) | Giver::Other => return Err(DelegationRefusal::ConsentByDelegate),
            Giver::Process => return Err(DelegationRefusal::NotAPerson),
        }
        let lookups = acting.lookups;
        let mut problems = Problems::default();
        let words_shown = problems.of(shown(&text));
        self.check_wider(&scope, acting, &mut problems);
        problems.when(Age::of(self.patient, acting) == Age::Child, DelegationRefusal::MinorCannotWiden);
        problems.when(lookups.lacks_capacity(self.patient), DelegationRefusal::PatientLacksCapacity);
        let opens = lookups.what_would_open(self.patient, &scope);
        problems.when(seen != opens.version, DelegationRefusal::OpenedListChanged);
        let is_unchecked = self.needs_safeguarding(&scope) && !self.was_checked(&scope, opens.sensitive, acting);
        problems.when(is_unchecked, DelegationRefusal::SafeguardingNeeded);
        problems.none()?;
        if scope == self.scope {
            return Ok(vec![]);
        }
        let consented = Consented {
            by: acting.by,
            role: acting.role,
            basis: ConsentBasis::Patient,
            method,
            text_version: text.version,
            words_shown,
            scope: scope.clone(),
            at: acting.now,
            authority: None,
            own_word: None,
            own_word_note: None,
            witness: None,
        };
        let widened = Widened {
            by: acting.by,
            scope,
            seen,
            accepted: Vec::new(),
            agreed_by: None,
            legal_basis: None,
            own_word: None,
            own_word_note: None,
        };
        Ok(vec![consented.into(), widened.into()])
    }

    pub(super) fn widen_by_law(
        &self,
        widen: &WidenByLaw,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        let WidenByLaw { scope, basis, agreed_by, patient_says, seen, accepted } = widen.clone();
        let opens = acting.lookups.what_would_open(self.patient, &scope);
        let mut problems = Problems::default();
        problems.of(self.check_not_oneself(acting));
        problems.when(!self.kind.is_representative(), DelegationRefusal::KindNotByLaw);
        problems.when(!is_another_of_staff(self, agreed_by, acting), DelegationRefusal::SamePerson);
        self.check_wider(&scope, acting, &mut problems);
        problems.of(self.check_own_word(patient_says.as_ref(), acting));
        problems.when(seen != opens.version, DelegationRefusal::OpenedListChanged);
        let left = self.not_accepted(opens.sensitive, &accepted);
        problems.when(!left.is_empty(), DelegationRefusal::SensitiveUnlabelled(left));
        problems.none()?;
        if scope == self.scope {
            return Ok(vec![]);
        }
        let widened = Widened {
            by: acting.by,
            scope,
            seen,
            accepted: on_purpose(accepted),
            agreed_by: Some(agreed_by),
            legal_basis: Some(basis),
            own_word: patient_says.as_ref().map(|says| says.word),
            own_word_note: patient_says.and_then(|says| says.note),
        };
        Ok(vec![widened.into()])
    }

    pub(super) fn renew(
        &self,
        renew: &RenewDelegation,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        let RenewDelegation { until, method, text } = renew.clone();
        let mut problems = Problems::default();
        let basis = match Giver::of(self.patient, acting) {
            Giver::Patient => {
                // Whose word does not suffice cannot let go on what the law gives: staff do, by the law.
                let is_child = Age::of(self.patient, acting) == Age::Child;
                problems.when(is_child && self.kind.is_by_law(), DelegationRefusal::OtherBasisNeeded);
                problems.when(acting.lookups.lacks_capacity(self.patient), DelegationRefusal::PatientLacksCapacity);
                ConsentBasis::Patient
            }
            Giver::Staff => {
                problems.of(self.check_not_oneself(acting));
                problems.when(!self.kind.is_by_law(), DelegationRefusal::StaffCannotConsent);
                ConsentBasis::Law
            }
            Giver::Representative(_) | Giver::Other => return Err(DelegationRefusal::ConsentByDelegate),
            Giver::Process => return Err(DelegationRefusal::NotAPerson),
        };
        let words_shown = problems.of(shown(&text));
        problems.when(self.until.is_some_and(|present| until < present), DelegationRefusal::UntilNotAhead);
        problems.of(check_until(self.kind, until, self.patient, acting));
        problems.of(self.check_authority(self.authority, &self.scope, Some(until), acting));
        problems.of(check_alive(self.kind, self.patient, acting));
        problems.of(self.check_minor(acting));
        problems.none()?;
        if self.until == Some(until) {
            return Ok(vec![]);
        }
        let (by, text_version) = (acting.by, text.version);
        Ok(vec![Renewed { by, until, basis, method, text_version, words_shown }.into()])
    }

    pub(super) fn suspend(&self, suspend: &SuspendDelegation, acting: &Acting<'_>) -> Vec<DelegationEvent> {
        let reason = Some(suspend.reason.clone());
        let review_by = acting.staff_due(self.patient);
        vec![Suspended { by: acting.by, role: acting.role, cause: None, reason, review_by }.into()]
    }

    pub(super) fn resume(
        &self,
        resume: &ResumeDelegation,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        let ResumeDelegation { reason, checks, patient_word } = resume.clone();
        let mut problems = Problems::default();
        problems.of(self.check_not_oneself(acting));
        let (by, role) = self.suspended_by.map_or((None, None), |(by, role)| (Some(by), Some(role)));
        problems.when(by == Some(acting.by), DelegationRefusal::SamePerson);
        let by_patient = role == Some(Role::Person);
        problems.when(by_patient && patient_word.is_none(), DelegationRefusal::PatientSuspended);
        self.check_safe(checks, acting, &mut problems);
        problems.of(self.check_authority(self.authority, &self.scope, None, acting));
        problems.of(check_alive(self.kind, self.patient, acting));
        problems.of(self.check_minor(acting));
        problems.none()?;
        let asked_alone = checks.asked_alone;
        Ok(vec![Resumed { by: acting.by, role: acting.role, reason, asked_alone, patient_word }.into()])
    }

    pub(super) fn revoke(
        &self,
        revoke: &RevokeDelegation,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        let giver = Giver::of(self.patient, acting);
        self.check_theirs(&giver, acting)?;
        if giver.is_staff() && revoke.reason.is_none() {
            return Err(DelegationRefusal::StaffReasonMissing);
        }
        Ok(Self::ended(DelegationEnd::Revoked, revoke.reason.clone(), acting))
    }
}
