//! Reading a patient and the care team around them.

use std::sync::Arc;

use care::aggregate::Lookups;
use care::care_team::AddMember;
use care::command_name::{Acts as _, CommandName, Named as _};
use care::envelope::Actor;
use care::ids::{Id, OrganizationId, PatientId, PersonId};
use care::lifecycle::ThreadKind;
use care::patient::{PatientAct, PatientCommand, PatientRefusal, ProposeLink, RecordDeath, VoidDeath};
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::reach::HeldStanding;
use policy::visible::Visible;
use policy::words::{Action, Read};
use vault::Node;

use crate::access::About;
use crate::authorization::Subject;
use crate::authorization::care_team::CareTeamFacts;
use crate::authorization::index::Mark;
use crate::authorization::patient::PatientFacts;
use crate::authorization::person::PersonFacts;
use crate::authorization::thread::ThreadFacts;
use crate::fault::Fault;
use crate::read_models::care_teams::{self, ConflictRow, MemberRow, QuestionRow};
use crate::read_models::organizations::{self, OrganizationRow};
use crate::read_models::patients::{self, CorrectionRow, PatientRow, ProposalRow};
use crate::reader::thread::{Can, ThreadView};
use crate::reader::{DelegationView, PersonRow, Reader};
use crate::sealing;
use crate::tokens::VersionToken;

/// Whose own a record is, or is proposed to be.
pub struct PatientLink {
    /// The person.
    pub person: Option<Arc<Visible<PersonRow>>>,
    /// The proposal that they have not answered; none if they accepted.
    pub proposal: Option<Visible<ProposalRow>>,
}

/// A patient as the reader may see them.
pub struct PatientView {
    row: Visible<PatientRow>,
    held: Vec<HeldStanding>,
    permit: Permit,
    /// Under what its reading is recorded: the patient, or the thread through which they are read.
    about: About,
}

impl std::ops::Deref for PatientView {
    type Target = PatientRow;
    fn deref(&self) -> &PatientRow {
        &self.row
    }
}

impl PatientView {
    /// What the reader is to the patient.
    pub(super) fn held(&self) -> &[HeldStanding] {
        &self.held
    }
}

impl Reader {
    /// A patient, if the reader may know who they are.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn patient(&self, id: PatientId) -> Result<Option<PatientView>, Fault> {
        let view = self.known_patient(id)?;
        if view.is_none() {
            self.refused(Action::Read(Read::PatientRead), id.uuid())?;
        }
        Ok(view)
    }

    /// A patient after a command about them: who may give a command need not be who may know who they are, so it is no try
    /// if the reader may not.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn patient_after(&self, id: PatientId) -> Result<Option<PatientView>, Fault> {
        self.known_patient(id)
    }

    /// The patient of a delegation, if the reader may know who they are. Nobody asked for them by name, so it is no try if
    /// the reader may not.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn patient_in_delegation(&self, view: &DelegationView) -> Result<Option<PatientView>, Fault> {
        self.known_patient(view.patient)
    }

    /// A patient, if the reader may know who they are; for what leads to them otherwise than by their id.
    pub(super) fn known_patient(&self, id: PatientId) -> Result<Option<PatientView>, Fault> {
        let permitted = self.permitted(&Subject::Patient(id), Read::PatientRead)?;
        let Some((held, permit)) = permitted else { return Ok(None) };
        self.revealed_patient(id, held, permit, About::patient(id))
    }

    /// Whether [`Self::patient`] finds them. Where it does not, the reader knows them from a thread alone.
    pub fn finds_patient(&self, view: &PatientView) -> bool {
        self.decide(Action::Read(Read::PatientRead), &ThingFacts::unlabelled(&view.held)).is_some()
    }

    /// The patient of a thread: who may see the thread may, by the policy, know whom it is about.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn patient_of(&self, view: &ThreadView) -> Result<Option<PatientView>, Fault> {
        let Some(permit) = self.thread_permit(view, Action::Read(Read::PatientRead)) else { return Ok(None) };
        let Some(patient) = view.patient else { return Ok(None) };
        let held = self.held(&Subject::Patient(patient));
        // Who may not know of the thread does not learn of it from the record either.
        self.revealed_patient(patient, held, permit, About::thread(view))
    }

    fn revealed_patient(
        &self,
        id: PatientId,
        held: Vec<HeldStanding>,
        permit: Permit,
        about: About,
    ) -> Result<Option<PatientView>, Fault> {
        let Some(row) = patients::patient(&*self.snapshot()?, id)? else { return Ok(None) };
        let row = self.reveal(&permit, Some(about), row)?;
        Ok(Some(PatientView { row, held, permit, about }))
    }

    /// The records that are the reader's own: they accepted them. Without those that they may not read.
    #[must_use]
    pub fn own_records(&self) -> Vec<PatientId> {
        let mine: Vec<PatientId> = {
            let state = self.application.projector().authorization();
            let is_mine = |facts: &PatientFacts| facts.person == Some(self.person());
            let records = state.index.under(Mark::RecordOf(self.person()));
            let mine = records.filter(|id| state.entity::<PatientFacts>(*id).is_some_and(is_mine));
            mine.map(PatientId::from_uuid).collect()
        };
        let may_read = |record: &PatientId| {
            let held = self.held(&Subject::Patient(*record));
            self.decide(Action::Read(Read::PatientRead), &ThingFacts::unlabelled(&held)).is_some()
        };
        mine.into_iter().filter(may_read).collect()
    }

    /// The records that are proposed to the reader as their own, oldest first.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn proposals(&self) -> Result<Vec<Visible<ProposalRow>>, Fault> {
        let rows = self.uncounted(|| patients::proposals_to(&*self.snapshot()?, self.person()))?.found;
        let mut proposals = Vec::with_capacity(rows.len());
        for row in rows {
            let subject = Subject::Patient(row.patient);
            proposals.extend(self.counted_if_shown(|| {
                let held = self.agreed(&subject, self.held(&subject))?;
                let read = Action::Read(Read::PatientReadProposal);
                Ok(self.decide(read, &ThingFacts::unlabelled(&held)).map(|permit| permit.show(row)))
            })?);
        }
        Ok(proposals)
    }

    /// The organization that proposes a record to the reader.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn organization_proposing(
        &self,
        proposal: &Visible<ProposalRow>,
    ) -> Result<Option<Visible<OrganizationRow>>, Fault> {
        let held = self.held(&Subject::Patient(proposal.patient));
        let Some(permit) = self.decide(Action::Read(Read::PatientReadProposal), &ThingFacts::unlabelled(&held)) else {
            return Ok(None);
        };
        Ok(organizations::organization(&*self.snapshot()?, proposal.organization)?.map(|row| permit.show(row)))
    }

    /// Whose own the record is or is proposed to be, if the reader may propose it; none if it is nobody's. Who has not
    /// accepted is named only if the organization knows them: that there is another person is not told.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn link(&self, view: &PatientView) -> Result<Option<PatientLink>, Fault> {
        let propose = Action::Command(ProposeLink::NAME);
        let Some(permit) = self.decide(propose, &ThingFacts::unlabelled(&view.held)) else { return Ok(None) };
        let accepted = patients::person_of(&*self.snapshot()?, view.patient)?;
        let proposal = patients::proposal_of(&*self.snapshot()?, view.patient)?;
        let proposal = proposal.filter(|proposal| self.now < proposal.expires_at);
        let person = accepted.or(proposal.as_ref().map(|proposal| proposal.person));
        let Some(person) = person else { return Ok(None) };
        let is_known = accepted.is_some() || self.is_known_at(person, view.organization);
        let named = if is_known { self.name_of(&permit, person)? } else { None };
        Ok(Some(PatientLink { person: named, proposal: proposal.map(|row| permit.show(row)) }))
    }

    pub(super) fn is_known_at(&self, person: PersonId, organization: OrganizationId) -> bool {
        let state = self.application.projector().authorization();
        state.entity::<PersonFacts>(person.uuid()).is_some_and(|facts| facts.is_known_at(organization))
    }

    /// The corrections of name and date of birth, newest first. What they were before is shown to those who may read
    /// the history of the record.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn corrections(&self, view: &PatientView) -> Result<Vec<Visible<CorrectionRow>>, Fault> {
        let history = self.decide(Action::Read(Read::PatientReadHistory), &ThingFacts::unlabelled(&view.held));
        let (permit, about) = match &history {
            Some(permit) => (permit, About::patient(view.patient)),
            None => (&view.permit, view.about),
        };
        let rows = patients::corrections(&*self.snapshot()?, view.patient)?;
        rows.into_iter().map(|row| self.reveal(permit, Some(about), row)).collect()
    }

    /// The version of the record's name and date of birth.
    ///
    /// # Errors
    /// [`Fault`] if the vault fails.
    pub fn patient_version(&self, view: &PatientView) -> Result<VersionToken, Fault> {
        self.application.tokens().version(view.patient, view.version)
    }

    /// Whether the reader can give a command to the record.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn can_keep(&self, view: &PatientView, name: CommandName) -> Result<Can, Fault> {
        let may = self.viewer.may(Action::Command(name), None, &ThingFacts::unlabelled(&view.held));
        self.can_write(view.patient, may, PatientCommand::named(name).is_some_and(PatientAct::needs_text))
    }

    /// Whether the reader can record the death of the patient, who lives as far as it is known.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn can_record_death(&self, view: &PatientView) -> Result<Can, Fault> {
        let can = self.can_keep(view, RecordDeath::NAME)?;
        let is_recorded = can == Can::Yes && view.died_at.is_some();
        Ok(if is_recorded { Can::Refused(PatientRefusal::DeathRecorded.into()) } else { can })
    }

    /// Whether the reader can take back the record of the patient's death.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn can_void_death(&self, view: &PatientView) -> Result<Can, Fault> {
        let can = self.can_keep(view, VoidDeath::NAME)?;
        let is_missing = can == Can::Yes && view.died_at.is_none();
        Ok(if is_missing { Can::Refused(PatientRefusal::NoDeath.into()) } else { can })
    }

    /// Whether the reader can give a command that is about the patient and outside their record; `needs_text` says that it
    /// always has one.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn can_give(&self, view: &PatientView, name: CommandName, needs_text: bool) -> Result<Can, Fault> {
        let may = self.viewer.may(Action::Command(name), None, &ThingFacts::unlabelled(&view.held));
        self.can_write(view.patient, may, needs_text)
    }

    pub(super) fn can_write(&self, patient: PatientId, may: bool, needs_text: bool) -> Result<Can, Fault> {
        if !may {
            return Ok(Can::NotPermitted);
        }
        let node = Node::Patient(patient.uuid());
        let is_erased = needs_text && sealing::is_destroyed(self.application.vault(), node)?;
        Ok(if is_erased { Can::Erased } else { Can::Yes })
    }

    /// The care team, if the reader may read it.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn care_team(&self, view: &PatientView) -> Result<Option<Vec<Visible<MemberRow>>>, Fault> {
        let Some(permit) = self.decide(Action::Read(Read::CareTeamRead), &ThingFacts::unlabelled(&view.held)) else {
            return Ok(None);
        };
        let rows = care_teams::care_team(&*self.snapshot()?, view.patient)?;
        let shown = rows.into_iter().map(|row| self.reveal(&permit, Some(About::patient(view.patient)), row));
        shown.collect::<Result<_, _>>().map(Some)
    }

    /// The questions to people of other organizations whether they join the care team, if the reader may ask.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn asked_to_care_team(&self, view: &PatientView) -> Result<Vec<Visible<QuestionRow>>, Fault> {
        let ask = Action::Command(AddMember::NAME);
        let Some(permit) = self.decide(ask, &ThingFacts::unlabelled(&view.held)) else { return Ok(Vec::new()) };
        let rows = care_teams::questions_about(&*self.snapshot()?, view.patient)?;
        Ok(rows.into_iter().filter(|row| self.now < row.expires_at).map(|row| permit.show(row)).collect())
    }

    /// Who is on the care team, or asked to it, and helps the patient now, as another person recorded it; empty if the reader
    /// may put nobody on the team.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn care_team_conflicts(&self, view: &PatientView) -> Result<Vec<Visible<ConflictRow>>, Fault> {
        let add = Action::Command(AddMember::NAME);
        let Some(permit) = self.decide(add, &ThingFacts::unlabelled(&view.held)) else { return Ok(Vec::new()) };
        // One that is over is shown to nobody.
        let mut rows = self.uncounted(|| care_teams::conflicts(&*self.snapshot()?, view.patient))?.found;
        let state = self.application.projector().authorization();
        let helps = self.lookups_at(&state).delegations_of(view.patient);
        rows.retain(|row| helps.iter().any(|help| help.is_of(row.person, self.now)));
        self.take_rows(rows.len())?;
        Ok(rows.into_iter().map(|row| permit.show(row)).collect())
    }

    /// The questions to the reader whether they join a care team, oldest first.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn care_team_questions(&self) -> Result<Vec<Visible<QuestionRow>>, Fault> {
        let rows = self.uncounted(|| care_teams::questions_to(&*self.snapshot()?, self.person()))?.found;
        let mut questions = Vec::with_capacity(rows.len());
        for row in rows {
            let subject = Subject::Patient(row.patient);
            questions.extend(self.counted_if_shown(|| {
                let held = self.agreed(&subject, self.held(&subject))?;
                let read = Action::Read(Read::CareTeamReadQuestion);
                Ok(self.decide(read, &ThingFacts::unlabelled(&held)).map(|permit| permit.show(row)))
            })?);
        }
        Ok(questions)
    }

    /// The organization that asks the reader to a care team.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn organization_asking(
        &self,
        question: &Visible<QuestionRow>,
    ) -> Result<Option<Visible<OrganizationRow>>, Fault> {
        let held = self.held(&Subject::Patient(question.patient));
        let read = Action::Read(Read::CareTeamReadQuestion);
        let Some(permit) = self.decide(read, &ThingFacts::unlabelled(&held)) else { return Ok(None) };
        Ok(organizations::organization(&*self.snapshot()?, question.keeper)?.map(|row| permit.show(row)))
    }

    /// Somebody whom the reader meets around this patient.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn person_around(
        &self,
        view: &PatientView,
        person: PersonId,
    ) -> Result<Option<Arc<Visible<PersonRow>>>, Fault> {
        self.name_of(&view.permit, person)
    }

    /// Whom a directive of this patient blocks; none unless they are met around the patient: the organization that keeps
    /// the record knows them, or they are or were on the care team or in an open thread about the patient that the reader
    /// finds. A directive can name any id, and nobody learns from it whether there is such a person.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn blocked_person(
        &self,
        view: &PatientView,
        person: PersonId,
    ) -> Result<Option<Arc<Visible<PersonRow>>>, Fault> {
        let is_met = self.is_met(view.patient, view.organization, person);
        if is_met { self.name_of(&view.permit, person) } else { Ok(None) }
    }

    /// Whether a person is met around a patient whose record this organization keeps.
    pub(super) fn is_met(&self, patient: PatientId, keeper: OrganizationId, person: PersonId) -> bool {
        self.is_known_at(person, keeper) || self.has_met(patient, person)
    }

    fn has_met(&self, patient: PatientId, person: PersonId) -> bool {
        let state = self.application.projector().authorization();
        let takes_part = |facts: &ThreadFacts| {
            [facts.requester, facts.opened_by].contains(&Actor::Person(person))
                || facts.owner.person() == Some(person)
                || facts.owners.contains(&person)
                || facts.participants.contains_key(&person)
        };
        let team = state.entity::<CareTeamFacts>(patient.uuid());
        team.is_some_and(|team| team.members.contains_key(&person))
            || state.open_threads_about(patient).any(|thread| {
                state.thread(thread).is_some_and(takes_part)
                    && state.may_find(&self.viewer, &Subject::Thread(thread), self.now)
            })
    }

    /// The organization of somebody around this patient.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn organization_around(
        &self,
        view: &PatientView,
        id: OrganizationId,
    ) -> Result<Option<Visible<OrganizationRow>>, Fault> {
        Ok(organizations::organization(&*self.snapshot()?, id)?.map(|row| view.permit.show(row)))
    }

    /// Whether the reader can open a thread of a kind about this patient.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn can_open(&self, view: &PatientView, kind: ThreadKind) -> Result<Can, Fault> {
        let facts = ThingFacts { kind: Some(kind), ..ThingFacts::unlabelled(&view.held) };
        let name = kind.command_names().first().copied();
        let may = name.is_some_and(|name| self.viewer.may(Action::Command(name), None, &facts));
        self.can_write(view.patient, may, true)
    }
}
