//! Commands to care teams: take a person onto one, let a person leave.

use care::care_team::{AddMember, CareTeam, CareTeamCommand, CareTeamEvent, CareTeamRefusal, RemoveMember};
use care::event::Event;
use care::ids::{CommandId, Id, OrganizationId, PatientId, PersonId};
use care::stream::Stream;
use care::words::Role;
use chrono::{DateTime, Utc};
use policy::authorized::Authorized;
use policy::decide::Viewer;
use policy::identity::Identity;
use policy::question::ThingFacts;
use policy::reach::HeldStanding;
use policy::words::{Action, Read};
use uuid::Uuid;

use crate::authority::{Authority, certain};
use crate::commands::sender;
use crate::desk::Desk;
use crate::fault::{Failed, Problem, Refusal};
use crate::standing;
use crate::submit::{Circumstances, Done, Prepare, Sent, Stored, authorised};

impl Stored for CareTeam {
    fn wrap(event: CareTeamEvent) -> Event {
        Event::CareTeam(event)
    }
    fn unwrap(event: Event) -> Option<CareTeamEvent> {
        if let Event::CareTeam(event) = event { Some(event) } else { None }
    }
    fn refuse(refusal: CareTeamRefusal) -> Refusal {
        refusal.into()
    }
    fn moves(_: &CareTeamEvent) -> bool {
        true
    }
}

/// Somebody to be taken onto a care team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewMember {
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: Role,
    /// Of which organization.
    pub organization: OrganizationId,
}

struct OfPatient<F> {
    patient: PatientId,
    build: F,
}

/// What the sender is to a patient; nothing when there is none.
pub(super) fn around(
    authority: &Authority,
    viewer: &Viewer,
    patient: PatientId,
    now: DateTime<Utc>,
) -> Vec<HeldStanding> {
    let facts = authority.patients.get(&patient);
    facts.map_or_else(Vec::new, |facts| certain(standing::on_patient(authority, (patient, facts), sender(viewer), now)))
}

/// Whether the sender may know of the patient, or was on the care team once.
pub(super) fn knows(authority: &Authority, viewer: &Viewer, patient: PatientId, now: DateTime<Utc>) -> bool {
    let held = around(authority, viewer, patient, now);
    let was = authority.care_teams.get(&patient).is_some_and(|team| team.contains_key(&sender(viewer)));
    viewer.decide(&ThingFacts::unlabelled(&held).asking(Action::Read(Read::PatientRead), None)).is_some() || was
}

impl<F: Fn(&Authority, Circumstances) -> CareTeamCommand> Prepare<CareTeam> for OfPatient<F> {
    fn stream(&self, _: CommandId) -> Stream {
        Stream::CareTeam(self.patient)
    }
    fn target(&self) -> Option<Uuid> {
        Some(self.patient.uuid())
    }
    fn known(&self, authority: &Authority, viewer: &Viewer, now: DateTime<Utc>) -> bool {
        knows(authority, viewer, self.patient, now)
    }
    fn authorise(
        &self,
        authority: &Authority,
        viewer: &Viewer,
        circumstances: Circumstances,
    ) -> Result<Authorized<CareTeamCommand>, Problem> {
        let held = around(authority, viewer, self.patient, circumstances.now);
        let command = (self.build)(authority, circumstances);
        authorised(viewer, command, &ThingFacts::unlabelled(&held), Action::Read(Read::PatientRead))
    }
}

impl Desk {
    /// Takes a person onto a patient's care team.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the house.
    pub async fn add_care_team_member(
        &self,
        (identity, sent): (&Identity, &Sent),
        patient: PatientId,
        member: NewMember,
    ) -> Result<Done, Failed> {
        let build = |authority: &Authority, circumstances: Circumstances| {
            let NewMember { person, role, organization } = member;
            let holds_role = authority.holds_role(person, organization, role, circumstances.now);
            CareTeamCommand::Add(AddMember { patient, person, role, organization, holds_role })
        };
        self.submit(&self.care_teams, (identity, sent), &OfPatient { patient, build }).await
    }

    /// Lets a person leave a patient's care team.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the house.
    pub async fn remove_care_team_member(
        &self,
        (identity, sent): (&Identity, &Sent),
        patient: PatientId,
        person: PersonId,
    ) -> Result<Done, Failed> {
        let build = |_: &Authority, _| CareTeamCommand::Remove(RemoveMember { patient, person });
        self.submit(&self.care_teams, (identity, sent), &OfPatient { patient, build }).await
    }
}
