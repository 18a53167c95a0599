//! What the process does to a delegation: each only when it is due, or when what it says has happened.

use super::commands::{EndCause, EndDelegationBy, RemindOfDelegation, SuspendDelegationBy};
use super::deadlines::Deadline;
use super::events::{DelegationEvent, Narrowed, Reminded, Suspended};
use super::grant::Grant;
use super::refusals::DelegationRefusal;
use crate::aggregate::Acting;
use crate::words::{AuthorityState, DelegationEnd, DelegationKind, DelegationState, SuspensionCause, Topic};

/// The topics that a parent keeps after the first age gate, without the minor's consent.
const KEPT_AT_AGE: [Topic; 2] = [Topic::Scheduling, Topic::Education];

impl Grant {
    fn check_due(&self, due: Deadline, acting: &Acting<'_>) -> Result<(), DelegationRefusal> {
        if self.deadlines.is_due(due, acting.now, self.ages(acting)) { Ok(()) } else { Err(DelegationRefusal::NotDue) }
    }

    pub(super) fn remind(
        &self,
        remind: RemindOfDelegation,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        self.check_due(Deadline::Remind(remind.of), acting)?;
        Ok(vec![Reminded { by: acting.by, of: remind.of, at: acting.now }.into()])
    }

    pub(super) fn expire(&self, acting: &Acting<'_>) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        self.check_due(Deadline::Expire, acting)?;
        let reason = match self.state {
            DelegationState::Asked => DelegationEnd::OfferLapsed,
            DelegationState::Invited => DelegationEnd::InvitationExpired,
            DelegationState::Accepted | DelegationState::IdentityVerified | DelegationState::SafeguardingChecked => {
                DelegationEnd::Unfinished
            }
            DelegationState::Active | DelegationState::Suspended | DelegationState::Ended => DelegationEnd::Expired,
        };
        Ok(Self::ended(reason, None, acting))
    }

    pub(super) fn end_by(
        &self,
        end: EndDelegationBy,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        let is_dead = acting.lookups.patient_died(self.patient).is_some();
        let is_executor = self.kind == DelegationKind::Executor;
        let authority_state = || Some(acting.lookups.authority(self.authority?)?.state);
        let is_so = match end.cause {
            EndCause::PatientDied => is_dead && !is_executor,
            EndCause::DeathVoided => !is_dead && is_executor,
            EndCause::AuthorityEnded => authority_state() == Some(AuthorityState::Ended),
            EndCause::EmploymentEnded => self.is_employed_by_role && !self.is_employed(acting),
            EndCause::InvitationAccepted => {
                let delegations = acting.lookups.delegations_of(self.patient);
                delegations.iter().any(|brief| brief.is_accepted_by(self.person, self.kind))
            }
        };
        if !is_so {
            return Err(DelegationRefusal::NotSo);
        }
        Ok(Self::ended(end.cause.into(), None, acting))
    }

    pub(super) fn suspend_by(
        &self,
        suspend: SuspendDelegationBy,
        acting: &Acting<'_>,
    ) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        let authority_state = || Some(acting.lookups.authority(self.authority?)?.state);
        let is_so = match suspend.cause {
            SuspensionCause::ReviewAge => self.deadlines.is_due(Deadline::ReviewAtAge, acting.now, self.ages(acting)),
            SuspensionCause::ProtectionNote => self.check_unprotected(acting).is_err(),
            SuspensionCause::AuthorityDisputed => authority_state() == Some(AuthorityState::Disputed),
        };
        if !is_so {
            return Err(DelegationRefusal::NotSo);
        }
        let (cause, review_by) = (Some(suspend.cause), acting.staff_due(self.patient));
        Ok(vec![Suspended { by: acting.by, role: acting.role, cause, reason: None, review_by }.into()])
    }

    pub(super) fn narrow_at_age(&self, acting: &Acting<'_>) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        self.check_due(Deadline::NarrowAtAge, acting)?;
        Ok(vec![Narrowed { by: acting.by, scope: self.scope.only(&KEPT_AT_AGE) }.into()])
    }

    pub(super) fn end_at_age(&self, acting: &Acting<'_>) -> Result<Vec<DelegationEvent>, DelegationRefusal> {
        self.check_due(Deadline::EndAtAge, acting)?;
        Ok(Self::ended(DelegationEnd::AdultAge, None, acting))
    }
}
