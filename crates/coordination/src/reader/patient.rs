//! Reading a patient and the care team around them.

use std::sync::Arc;

use care::ids::{Id, OrganizationId, PatientId, PersonId};
use care::lifecycle::ThreadKind;
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::reach::HeldStanding;
use policy::visible::Visible;
use policy::words::{Action, Read};

use crate::access::About;
use crate::authorization::Subject;
use crate::fault::Fault;
use crate::name_order::sort_by_shown_name;
use crate::read_models::organizations::{self, OrganizationRow};
use crate::read_models::patients::{self, MemberRow, PatientRow};
use crate::reader::thread::ThreadView;
use crate::reader::{PersonRow, Reader};

/// Most patients that a person's own list names.
pub(super) const PATIENTS_MAX: usize = 200;

/// A patient as the reader may see them.
pub struct PatientView {
    row: Visible<PatientRow>,
    held: Vec<HeldStanding>,
    permit: Permit,
}

impl std::ops::Deref for PatientView {
    type Target = PatientRow;
    fn deref(&self) -> &PatientRow {
        &self.row
    }
}

impl Reader {
    /// A patient, if the reader may know who they are.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn patient(&self, id: PatientId) -> Result<Option<PatientView>, Fault> {
        let subject = Subject::Patient(id);
        let held = self.held(&subject);
        if self.decide(Action::Read(Read::PatientRead), &ThingFacts::unlabelled(&held)).is_none() {
            self.refused(Action::Read(Read::PatientRead), id.uuid())?;
            return Ok(None);
        }
        let held = self.agreed(&subject, held)?;
        let Some(permit) = self.decide(Action::Read(Read::PatientRead), &ThingFacts::unlabelled(&held)) else {
            return Ok(None);
        };
        self.revealed_patient(id, held, permit)
    }

    /// The patient of a thread: who may see the thread may, by the policy, know whom it is about.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn patient_of(&self, view: &ThreadView) -> Result<Option<PatientView>, Fault> {
        let Some(permit) = self.thread_permit(view, Action::Read(Read::PatientRead)) else { return Ok(None) };
        let Some(patient) = view.patient else { return Ok(None) };
        let held = self.held(&Subject::Patient(patient));
        self.revealed_patient(patient, held, permit)
    }

    fn revealed_patient(
        &self,
        id: PatientId,
        held: Vec<HeldStanding>,
        permit: Permit,
    ) -> Result<Option<PatientView>, Fault> {
        let Some(row) = patients::patient(&*self.snapshot()?, id)? else { return Ok(None) };
        let row = self.reveal(&permit, Some(About::patient(id)), row)?;
        Ok(Some(PatientView { row, held, permit }))
    }

    /// The patients that the reader is, or is on the care team of, by name; two hundred at most.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn patients(&self) -> Result<Vec<PatientView>, Fault> {
        let ids = patients::patients_of(&*self.snapshot()?, self.person(), PATIENTS_MAX)?;
        let mut patients = Vec::with_capacity(ids.len());
        for id in ids {
            patients.extend(self.patient(id)?);
        }
        sort_by_shown_name(&mut patients, |patient: &PatientView| &patient.name)?;
        Ok(patients)
    }

    /// The care team, if the reader may read it.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn care_team(&self, view: &PatientView) -> Result<Option<Vec<Visible<MemberRow>>>, Fault> {
        let Some(permit) = self.decide(Action::Read(Read::CareTeamRead), &ThingFacts::unlabelled(&view.held)) else {
            return Ok(None);
        };
        let rows = patients::care_team(&*self.snapshot()?, view.patient)?;
        Ok(Some(rows.into_iter().map(|row| permit.show(row)).collect()))
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

    /// Whether the reader may open a thread of a kind about this patient.
    #[must_use]
    pub fn may_open(&self, view: &PatientView, kind: ThreadKind) -> bool {
        let facts = ThingFacts { kind: Some(kind), ..ThingFacts::unlabelled(&view.held) };
        let name = kind.command_names().first().copied();
        name.is_some_and(|name| self.viewer.may(Action::Command(name), None, &facts))
    }
}
