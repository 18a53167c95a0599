//! A delegation that has begun, folded; and which commands each of its states takes.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::commands::{DelegationAct, DelegationCommand, EndCause};
use super::deadlines::Deadlines;
use super::events::{AccessCheck, DelegationEvent, Invited, Offered, OpenedOnPurpose, Suspended};
use crate::command_name::Acts as _;
use crate::envelope::Actor;
use crate::ids::{AuthorityId, DelegationId, OrganizationId, PatientId, PersonId, ThreadId};
use crate::scope::Scope;
use crate::shown::Digest;
use crate::words::{DelegationKind, DelegationState, Role};

/// What staff checked of an active delegation before it becomes wider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CheckedWidening {
    pub scope: Scope,
    pub at: DateTime<Utc>,
}

/// A delegation that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub(super) delegation: DelegationId,
    pub(super) patient: PatientId,
    pub(super) state: DelegationState,
    pub(super) kind: DelegationKind,
    /// None while an invitation names nobody.
    pub(super) person: Option<PersonId>,
    pub(super) code: Option<Digest>,
    pub(super) invited_by: Option<Actor>,
    /// What it reaches, or is to reach; nothing for an offer.
    pub(super) scope: Scope,
    /// When it ends; none for an offer.
    pub(super) until: Option<DateTime<Utc>>,
    pub(super) organization: Option<OrganizationId>,
    pub(super) authority: Option<AuthorityId>,
    /// Whether a professional helper is known to work for the organization by a role there.
    pub(super) is_employed_by_role: bool,
    /// Who took the access away, and in which role.
    pub(super) suspended_by: Option<(Actor, Role)>,
    /// The sensitive threads that staff accepted with a reason.
    pub(super) accepted: BTreeSet<ThreadId>,
    /// The newest check for a wider scope. None once the delegation changed: what was checked is not so any more.
    pub(super) checked: Option<CheckedWidening>,
    pub(super) deadlines: Deadlines,
}

impl Grant {
    /// What an offer to help begins.
    pub(super) fn offered(offered: &Offered) -> Self {
        let Offered { delegation, patient, person, kind, relationship: _, at: _ } = *offered;
        Self {
            delegation,
            patient,
            state: DelegationState::Asked,
            kind,
            person: Some(person),
            code: None,
            invited_by: None,
            scope: Scope::nothing(),
            until: None,
            organization: None,
            authority: None,
            is_employed_by_role: false,
            suspended_by: None,
            accepted: BTreeSet::new(),
            checked: None,
            deadlines: Deadlines::default(),
        }
        .timed(&DelegationEvent::Offered(*offered))
    }

    /// What an invitation begins, or makes of an offer.
    pub(super) fn invited(invited: &Invited) -> Self {
        Self {
            delegation: invited.delegation,
            patient: invited.patient,
            state: DelegationState::Invited,
            kind: invited.kind,
            person: invited.person,
            code: invited.code,
            invited_by: Some(invited.by),
            scope: invited.scope.clone(),
            until: Some(invited.until),
            organization: invited.organization,
            authority: invited.authority,
            is_employed_by_role: false,
            suspended_by: None,
            accepted: BTreeSet::new(),
            checked: None,
            deadlines: Deadlines::default(),
        }
        .timed(&DelegationEvent::Invited(invited.clone()))
    }

    fn timed(mut self, event: &DelegationEvent) -> Self {
        self.deadlines.evolve(event);
        self
    }

    /// The delegation after an event.
    pub(super) fn evolve(mut self, event: &DelegationEvent) -> Self {
        self.deadlines.evolve(event);
        match event {
            // A stream begins once: `decide` sees to it.
            DelegationEvent::Offered(_) => {}
            DelegationEvent::Invited(invited) => return Self::invited(invited),
            DelegationEvent::Accepted(accepted) => {
                self.state = DelegationState::Accepted;
                self.person = Some(accepted.person);
            }
            DelegationEvent::IdentityVerified(verified) => {
                self.state = DelegationState::IdentityVerified;
                self.authority = verified.authority;
                self.is_employed_by_role = self.organization.is_some() && verified.employment.is_none();
            }
            DelegationEvent::SafeguardingPassed(passed) => {
                self.state = DelegationState::SafeguardingChecked;
                self.keep_accepted(&passed.check.accepted);
            }
            DelegationEvent::WideningChecked(checked) => {
                let AccessCheck { scope, at, accepted, .. } = &checked.check;
                self.checked = Some(CheckedWidening { scope: scope.clone(), at: *at });
                self.keep_accepted(accepted);
            }
            DelegationEvent::Activated(activated) => {
                self.state = DelegationState::Active;
                self.scope = activated.scope.clone();
                self.until = Some(activated.until);
            }
            DelegationEvent::Narrowed(narrowed) => {
                self.scope = narrowed.scope.clone();
                self.checked = None;
            }
            DelegationEvent::Widened(widened) => {
                self.scope = widened.scope.clone();
                self.checked = None;
                self.keep_accepted(&widened.accepted);
            }
            DelegationEvent::Renewed(renewed) => self.until = Some(renewed.until),
            DelegationEvent::Suspended(Suspended { by, role, .. }) => {
                self.state = DelegationState::Suspended;
                self.suspended_by = Some((*by, *role));
                self.checked = None;
            }
            DelegationEvent::Resumed(_) => {
                self.state = DelegationState::Active;
                self.suspended_by = None;
            }
            DelegationEvent::Ended(_) => self.state = DelegationState::Ended,
            DelegationEvent::Consented(_) | DelegationEvent::Reminded(_) => {}
        }
        self
    }

    fn keep_accepted(&mut self, opened: &[OpenedOnPurpose]) {
        self.accepted.extend(opened.iter().map(|OpenedOnPurpose { thread, reason: _ }| *thread));
    }

    /// Whether the state takes the command, whatever else it needs.
    pub(super) fn takes(&self, command: &DelegationCommand) -> bool {
        let fits = match command {
            DelegationCommand::InviteDelegate(invite) => invite.answers == Some(self.delegation),
            DelegationCommand::EndDelegationBy(end) => {
                let step = Step::of(self.state);
                match end.cause {
                    EndCause::PatientDied => step < Step::Ended,
                    EndCause::DeathVoided => (Step::Invited..=Step::Suspended).contains(&step),
                    EndCause::AuthorityEnded => (Step::Accepted..=Step::Suspended).contains(&step),
                    // Before it was verified, nobody knows where the helper works.
                    EndCause::EmploymentEnded => (Step::Identified..=Step::Suspended).contains(&step),
                    EndCause::InvitationAccepted => step == Step::Asked,
                }
            }
            DelegationCommand::AskToHelp(_)
            | DelegationCommand::RefuseOffer(_)
            | DelegationCommand::AcceptDelegation(_)
            | DelegationCommand::DeclineDelegation(_)
            | DelegationCommand::VerifyIdentity(_)
            | DelegationCommand::FailIdentity(_)
            | DelegationCommand::PassSafeguarding(_)
            | DelegationCommand::FailSafeguarding(_)
            | DelegationCommand::RecordConsent(_)
            | DelegationCommand::NarrowDelegation(_)
            | DelegationCommand::WidenDelegation(_)
            | DelegationCommand::WidenByLaw(_)
            | DelegationCommand::RenewDelegation(_)
            | DelegationCommand::SuspendDelegation(_)
            | DelegationCommand::ResumeDelegation(_)
            | DelegationCommand::RevokeDelegation(_)
            | DelegationCommand::RemindOfDelegation(_)
            | DelegationCommand::ExpireDelegation(_)
            | DelegationCommand::SuspendDelegationBy(_)
            | DelegationCommand::NarrowAtAge(_)
            | DelegationCommand::EndAtAge(_) => true,
        };
        fits && command.act().is_taken_in(self.state)
    }
}

impl DelegationAct {
    /// Whether a delegation in this state takes a command of this act, whatever else it needs.
    #[must_use]
    pub fn is_taken_in(self, state: DelegationState) -> bool {
        let step = Step::of(state);
        match self {
            // An offer is answered by an invitation; nothing begins twice.
            Self::InviteDelegate | Self::RefuseOffer => step == Step::Asked,
            Self::AskToHelp => false,
            Self::AcceptDelegation => step == Step::Invited,
            Self::DeclineDelegation => (Step::Invited..=Step::Checked).contains(&step),
            Self::VerifyIdentity | Self::FailIdentity => step == Step::Accepted,
            // Before the access begins, and anew before it becomes wider.
            Self::PassSafeguarding => matches!(step, Step::Identified | Step::Active),
            Self::FailSafeguarding => (Step::Identified..=Step::Checked).contains(&step),
            Self::RecordConsent => step == Step::Checked,
            Self::WidenDelegation
            | Self::WidenByLaw
            | Self::RenewDelegation
            | Self::SuspendDelegation
            | Self::SuspendDelegationBy
            | Self::NarrowAtAge => step == Step::Active,
            Self::ResumeDelegation => step == Step::Suspended,
            Self::NarrowDelegation | Self::RevokeDelegation => (Step::Invited..=Step::Suspended).contains(&step),
            Self::RemindOfDelegation | Self::ExpireDelegation | Self::EndDelegationBy => step < Step::Ended,
            Self::EndAtAge => (Step::Active..=Step::Suspended).contains(&step),
        }
    }
}

/// The states in the order in which a delegation goes through them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Asked,
    Invited,
    Accepted,
    Identified,
    Checked,
    Active,
    Suspended,
    Ended,
}

impl Step {
    fn of(state: DelegationState) -> Self {
        match state {
            DelegationState::Asked => Self::Asked,
            DelegationState::Invited => Self::Invited,
            DelegationState::Accepted => Self::Accepted,
            DelegationState::IdentityVerified => Self::Identified,
            DelegationState::SafeguardingChecked => Self::Checked,
            DelegationState::Active => Self::Active,
            DelegationState::Suspended => Self::Suspended,
            DelegationState::Ended => Self::Ended,
        }
    }
}
