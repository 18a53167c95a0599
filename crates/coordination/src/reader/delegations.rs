//! Reading delegations: who helps a patient, what one holds oneself, and an invitation by its code.
//!
//! Who may take the next step as staff has a list of what waits, by its due time.
//!
//! Who may read no steps sees the delegations that are active, without what lies beside their topics. Threads that a
//! scope lists are named to who may know of them, and to who checks helpers: nobody else learns that they are there.

mod opened_threads;

use std::sync::Arc;

use care::command_name::{Acts as _, Command as _, CommandName, Named as _};
use care::delegation::{
    DelegationCommand, DelegationRefusal, PassSafeguarding, RecordConsent, RefuseOffer, ResumeDelegation,
    VerifyIdentity,
};
use care::ids::{DelegationId, Id, OrganizationId, PatientId, PersonId};
use care::scope::Scope;
use care::shown::Digest;
use care::words::DelegationState;
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::reach::HeldStanding;
use policy::visible::Visible;
use policy::words::{Action, Read, Standing};
use uuid::Uuid;
use vault::Node;

use crate::access::About;
use crate::authorization::Subject;
use crate::authorization::delegation::{DelegationFacts, DelegationsOf};
use crate::authorization::index::Mark;
use crate::authorization::patient::PatientFacts;
use crate::authorization::timers::DelegationTimers;
use crate::fault::Fault;
use crate::invitation_code::InvitationCode;
use crate::read_models::delegations::{self, ConsentRow, DelegationRow, HelpInvitationRow, StepRow};
use crate::read_models::entities::SnapshotEntities;
use crate::read_models::organizations::{self, OrganizationRow};
use crate::reader::thread::{Can, can_be_given};
use crate::reader::under_delegation::UnderDelegation;
use crate::reader::{PersonRow, Reader};
use crate::sealing;

pub use opened_threads::{OpenedListView, OpenedThreadRow};

/// A delegation as the reader may see it.
pub struct DelegationView {
    row: Visible<DelegationRow>,
    held: Vec<HeldStanding>,
    permit: Permit,
    /// Whether it gives access now.
    pub is_active: bool,
    /// Whether the whole scope is shown; otherwise its topics alone.
    pub has_scope: bool,
    /// When the next step is due; none where it waits for nobody, or the organization has no calendar.
    pub due: Option<DateTime<Utc>>,
    /// The organization that keeps the patient's record.
    keeper: OrganizationId,
}

impl DelegationView {
    /// Whether the reader is the patient.
    pub(super) fn is_of_reader(&self) -> bool {
        self.held.iter().any(|held| held.standing == Standing::Self_)
    }
}

impl std::ops::Deref for DelegationView {
    type Target = DelegationRow;
    fn deref(&self) -> &DelegationRow {
        &self.row
    }
}

/// What a reader may know of a delegation in the past.
pub(super) struct KnownHelp {
    pub permit: Permit,
    pub under: Option<UnderDelegation>,
    pub scope: Option<Scope>,
}

impl Reader {
    /// A delegation, if the reader may know that this person helps the patient.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn delegation(&self, id: DelegationId) -> Result<Option<DelegationView>, Fault> {
        self.seen_or_refused(id, Read::DelegationRead)
    }

    /// The reader's own delegation.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn own_delegation(&self, id: DelegationId) -> Result<Option<DelegationView>, Fault> {
        self.seen_or_refused(id, Read::DelegationReadOwn)
    }

    fn seen_or_refused(&self, id: DelegationId, read: Read) -> Result<Option<DelegationView>, Fault> {
        let view = self.counted_if_shown(|| self.seen_delegation(id, read))?;
        if view.is_none() {
            self.refused(Action::Read(read), id.uuid())?;
        }
        Ok(view)
    }

    /// A delegation after a command to it: who may give a command need not be who may read what it did.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn delegation_after(&self, id: DelegationId) -> Result<Option<DelegationView>, Fault> {
        self.seen_delegation(id, Read::DelegationRead)
    }

    /// The same of the reader's own.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn own_delegation_after(&self, id: DelegationId) -> Result<Option<DelegationView>, Fault> {
        self.seen_delegation(id, Read::DelegationReadOwn)
    }

    /// The delegations of a patient: the active ones first, then the newest first. None if the reader may not know who helps.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn delegations(&self, patient: PatientId) -> Result<Option<Vec<DelegationView>>, Fault> {
        if self.permit_at_patient(patient, Read::DelegationRead)?.is_none() {
            return Ok(None);
        }
        let of = self.snapshot()?.entity::<DelegationsOf>(patient.uuid())?;
        let mut views = Vec::new();
        for id in of.into_iter().flat_map(|of| of.all) {
            views.extend(self.counted_if_shown(|| self.seen_delegation(id, Read::DelegationRead))?);
        }
        views.sort_by_key(|view| (!view.is_active, std::cmp::Reverse(view.since), view.delegation));
        Ok(Some(views))
    }

    /// The reader's own delegations: those that have not ended first, then the newest first. Without open invitations.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn own_delegations(&self) -> Result<Vec<DelegationView>, Fault> {
        let mut views = Vec::new();
        for id in self.delegations_that_name_me() {
            views.extend(self.counted_if_shown(|| self.seen_delegation(id, Read::DelegationReadOwn))?);
        }
        let has_ended = |view: &DelegationView| view.state == DelegationState::Ended;
        views.sort_by_key(|view| (has_ended(view), std::cmp::Reverse(view.since), view.delegation));
        Ok(views)
    }

    pub(super) fn delegations_that_name_me(&self) -> Vec<DelegationId> {
        let state = self.application.projector().authorization();
        state.index.under(Mark::Helps(self.person())).map(DelegationId::from_uuid).collect()
    }

    /// The permit to a read about a patient's helpers, as far as memory and snapshot agree.
    pub(super) fn permit_at_patient(&self, patient: PatientId, read: Read) -> Result<Option<Permit>, Fault> {
        let (subject, action) = (Subject::Patient(patient), Action::Read(read));
        let held = self.held(&subject);
        if self.decide(action, &ThingFacts::unlabelled(&held)).is_none() {
            self.refused(action, patient.uuid())?;
            return Ok(None);
        }
        let held = self.agreed(&subject, held)?;
        Ok(self.decide(action, &ThingFacts::unlabelled(&held)))
    }

    /// A delegation, if the reader may know of it. Some of what is read may turn out not to be theirs to see: whoever asks
    /// counts it as [`Self::counted_if_shown`] does.
    pub(super) fn seen_delegation(&self, id: DelegationId, read: Read) -> Result<Option<DelegationView>, Fault> {
        let Some((held, found)) = self.permitted(&Subject::Delegation(id), read)? else { return Ok(None) };
        let asked = ThingFacts::unlabelled(&held);
        let Some(mut facts) = self.snapshot()?.entity::<DelegationFacts>(id.uuid())? else { return Ok(None) };
        let patient = self.snapshot()?.entity::<PatientFacts>(facts.patient.uuid())?;
        let Some(patient) = patient else { return Ok(None) };
        let is_active = {
            let snapshot = self.snapshot()?;
            let memory = self.application.projector().authorization();
            let entities = SnapshotEntities { snapshot: &snapshot, position: self.position, memory: &memory };
            facts.is_active(&entities, id, &patient, self.now)?
        };
        let is_own = read == Read::DelegationReadOwn;
        let steps = if is_own { None } else { self.decide(Action::Read(Read::DelegationReadSteps), &asked) };
        if !is_own && steps.is_none() && !is_active {
            return Ok(None);
        }
        let has_scope = is_own || steps.is_some();
        if has_scope {
            facts.scope = self.with_known_threads(facts.scope, &asked);
        }
        let permit = steps.unwrap_or(found);
        let row = permit.show(DelegationRow::of(id, facts));
        let timers = self.snapshot()?.entity::<DelegationTimers>(id.uuid())?;
        let due = timers.and_then(|timers| timers.deadlines.due_at());
        Ok(Some(DelegationView { row, held, permit, is_active, has_scope, due, keeper: patient.organization }))
    }

    /// The delegations that wait for the reader as staff where the record is kept: what is due first comes first, what has
    /// no due time last.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn waiting_delegations(&self) -> Result<Vec<DelegationView>, Fault> {
        let mut views = Vec::new();
        for id in self.waiting(Mark::DelegationWaits).into_iter().map(DelegationId::from_uuid) {
            views.extend(self.counted_if_shown(|| {
                let view = self.seen_delegation(id, Read::DelegationRead)?;
                Ok(view.filter(|view| self.goes_on_with(view)))
            })?);
        }
        views.sort_by_key(|view| (view.due.is_none(), view.due, view.since, view.delegation));
        Ok(views)
    }

    /// Whether a delegation waits for staff, and the reader may take the next step.
    fn goes_on_with(&self, view: &DelegationView) -> bool {
        let next = match view.state {
            DelegationState::Asked => RefuseOffer::NAME,
            DelegationState::Accepted => VerifyIdentity::NAME,
            DelegationState::IdentityVerified => PassSafeguarding::NAME,
            DelegationState::SafeguardingChecked => RecordConsent::NAME,
            DelegationState::Suspended => ResumeDelegation::NAME,
            DelegationState::Invited | DelegationState::Active | DelegationState::Ended => return false,
        };
        self.may_give(next, view)
    }

    /// Whether the policy permits the reader a command to a delegation.
    pub(super) fn may_give(&self, name: CommandName, view: &DelegationView) -> bool {
        self.viewer.may(Action::Command(name), None, &ThingFacts::unlabelled(&view.held))
    }

    /// A scope without the listed threads that the reader may not know of.
    fn with_known_threads(&self, mut scope: Scope, asked: &ThingFacts<'_>) -> Scope {
        if self.decide(Action::Read(Read::DelegationReadEvidence), asked).is_none() {
            scope.threads.retain(|thread| self.finds_thread(*thread));
        }
        scope
    }

    /// A delegation as a period of the timeline shows it; none if the reader may not read its steps.
    pub(super) fn known_help(&self, id: DelegationId, scope: Option<Scope>) -> Result<Option<KnownHelp>, Fault> {
        let Some(view) = self.seen_delegation(id, Read::DelegationRead)?.filter(|view| view.has_scope) else {
            return Ok(None);
        };
        let asked = ThingFacts::unlabelled(&view.held);
        let scope = scope.map(|scope| self.with_known_threads(scope, &asked));
        let DelegationView { permit, .. } = view;
        Ok(Some(KnownHelp { permit, under: self.under_delegation(id), scope }))
    }

    /// The permit of the patient to see what a helper sees; none for everybody else.
    pub(super) fn preview_permit(&self, view: &DelegationView) -> Option<Permit> {
        self.decide(Action::Read(Read::DelegationPreview), &ThingFacts::unlabelled(&view.held))
    }

    /// The steps of a delegation, the oldest first; none if the reader may not read them. What was written about them is
    /// shown to who may read the evidence.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn delegation_steps(&self, view: &DelegationView) -> Result<Option<Vec<Visible<StepRow>>>, Fault> {
        let asked = ThingFacts::unlabelled(&view.held);
        let Some(steps) = self.decide(Action::Read(Read::DelegationReadSteps), &asked) else { return Ok(None) };
        let evidence = self.decide(Action::Read(Read::DelegationReadEvidence), &asked);
        let permit = evidence.as_ref().unwrap_or(&steps);
        let rows = delegations::steps(&*self.snapshot()?, view.delegation)?;
        let mut shown = Vec::with_capacity(rows.len());
        for mut row in rows {
            row.said.scope = row.said.scope.take().map(|scope| self.with_known_threads(scope, &asked));
            shown.push(self.reveal(permit, Some(About::patient(view.patient)), row)?);
        }
        Ok(Some(shown))
    }

    /// The words of the newest consent to a delegation; none if the reader may not read its steps, if there is no consent,
    /// and if only the version of its text was recorded.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn newest_consent(&self, view: &DelegationView) -> Result<Option<Visible<ConsentRow>>, Fault> {
        let asked = ThingFacts::unlabelled(&view.held);
        let read = Action::Read(Read::DelegationReadSteps);
        let Some(permit) = self.decide(read, &asked) else { return Ok(None) };
        let rows = delegations::steps(&*self.snapshot()?, view.delegation)?;
        // No text about the steps is opened.
        let words = rows.iter().rev().find_map(|row| row.said.words_shown);
        Ok(words.map(|words| permit.show(ConsentRow { words })))
    }

    /// Whether the reader may read what was written about the steps.
    #[must_use]
    pub fn reads_evidence(&self, view: &DelegationView) -> bool {
        let asked = ThingFacts::unlabelled(&view.held);
        self.decide(Action::Read(Read::DelegationReadEvidence), &asked).is_some()
    }

    /// Whether the reader can give a command to the delegation, as its state is.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn can_change_delegation(&self, view: &DelegationView, name: CommandName) -> Result<Can, Fault> {
        let may = self.may_give(name, view);
        let Some(act) = DelegationCommand::named(name).filter(|_| may) else { return Ok(Can::NotPermitted) };
        if !act.is_taken_in(view.state) {
            return Ok(Can::Refused(DelegationRefusal::NotInState { state: view.state }.into()));
        }
        let node = Node::Delegation(view.delegation.uuid());
        let is_erased = act.needs_text() && sealing::is_destroyed(self.application.vault(), node)?;
        Ok(if is_erased { Can::Erased } else { Can::Yes })
    }

    /// A delegation as one of another person or as the reader's own, whichever they may read.
    fn seen_in_any_way(&self, id: DelegationId) -> Result<Option<DelegationView>, Fault> {
        let seen = |read| self.counted_if_shown(|| self.seen_delegation(id, read));
        match seen(Read::DelegationRead)? {
            Some(view) => Ok(Some(view)),
            None => seen(Read::DelegationReadOwn),
        }
    }

    /// The commands that the reader can give to a delegation now, by name; none if they may not know of it.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn possible_in_delegation(&self, id: DelegationId) -> Result<Vec<CommandName>, Fault> {
        let Some(view) = self.seen_in_any_way(id)? else { return Ok(Vec::new()) };
        can_be_given(DelegationCommand::names(), |name| self.can_change_delegation(&view, name))
    }

    /// How who took a step helps the patient; none for a step by anybody else.
    #[must_use]
    pub fn delegate_of(&self, step: &StepRow) -> Option<UnderDelegation> {
        self.under_delegation(step.said.under?)
    }

    /// Somebody whom the reader meets in a delegation.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn person_in_delegation(
        &self,
        view: &DelegationView,
        person: PersonId,
    ) -> Result<Option<Arc<Visible<PersonRow>>>, Fault> {
        self.name_of(&view.permit, person)
    }

    /// An organization that a delegation names.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn organization_in_delegation(
        &self,
        view: &DelegationView,
        id: OrganizationId,
    ) -> Result<Option<Visible<OrganizationRow>>, Fault> {
        Ok(organizations::organization(&*self.snapshot()?, id)?.map(|row| view.permit.show(row)))
    }

    /// The organization that keeps the record of the patient of a delegation.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn record_keeper(&self, view: &DelegationView) -> Result<Option<Visible<OrganizationRow>>, Fault> {
        self.organization_in_delegation(view, view.keeper)
    }

    /// The invitation with this code, if it can be accepted. Whether there is no such code, or it was used, taken back or
    /// came too late, the answer is the same.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn help_invitation(&self, code: &InvitationCode) -> Result<Option<Visible<HelpInvitationRow>>, Fault> {
        let hash = code.hash();
        let invitation = self.counted_if_shown(|| {
            let found = delegations::by_code(&*self.snapshot()?, &hash)?;
            self.open_invitation(found.unwrap_or(DelegationId::from_uuid(Uuid::nil())))
        })?;
        if invitation.is_none() {
            // Of a wrong code nothing is known but its hash: each is a try of its own.
            self.refused(Action::Read(Read::DelegationReadInvitation), tried(&hash))?;
        }
        Ok(invitation)
    }

    /// The invitations that name the reader, oldest first.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn help_invitations(&self) -> Result<Vec<Visible<HelpInvitationRow>>, Fault> {
        let mut invitations = Vec::new();
        for id in self.delegations_that_name_me() {
            invitations.extend(self.counted_if_shown(|| self.open_invitation(id))?);
        }
        invitations.sort_by_key(|row| (row.invited_at, row.delegation));
        Ok(invitations)
    }

    pub(super) fn open_invitation(&self, id: DelegationId) -> Result<Option<Visible<HelpInvitationRow>>, Fault> {
        let Some(permit) = self.invitation_permit(id)? else { return Ok(None) };
        let facts = self.snapshot()?.entity::<DelegationFacts>(id.uuid())?;
        let Some(facts) = facts.filter(|facts| facts.state == DelegationState::Invited) else { return Ok(None) };
        let row = delegations::invitation(&*self.snapshot()?, id, &facts)?;
        Ok(row.filter(|row| self.now < row.expires_at).map(|row| permit.show(row)))
    }

    fn invitation_permit(&self, id: DelegationId) -> Result<Option<Permit>, Fault> {
        let subject = Subject::Delegation(id);
        let held = self.agreed(&subject, self.held(&subject))?;
        Ok(self.decide(Action::Read(Read::DelegationReadInvitation), &ThingFacts::unlabelled(&held)))
    }

    /// The organization that keeps the record of the patient of an invitation.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn organization_inviting(
        &self,
        invitation: &Visible<HelpInvitationRow>,
    ) -> Result<Option<Visible<OrganizationRow>>, Fault> {
        let Some(permit) = self.invitation_permit(invitation.delegation)? else { return Ok(None) };
        let keeper = self.application.projector().authorization().keeper(invitation.patient);
        let Some(keeper) = keeper else { return Ok(None) };
        Ok(organizations::organization(&*self.snapshot()?, keeper)?.map(|row| permit.show(row)))
    }
}

/// What a try with a code is recorded as: it is the same whether or not there is such a code.
fn tried(hash: &Digest) -> Uuid {
    Uuid::new_v5(&Uuid::nil(), hash.to_string().as_bytes())
}
