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
use policy::question::{Facts, Held};
use policy::words::Action;
use uuid::Uuid;

use crate::application::Application;
use crate::authorization_state::{AuthorizationState, certain};
use crate::command_handler::{Aggregate, CommandContext, CommandHandler, CommandMetadata, CommandOutcome, authorised};
use crate::commands::sender;
use crate::fault::{Failed, Problem, Refusal};
use crate::standing;

impl Aggregate for CareTeam {
    fn wrap(event: CareTeamEvent) -> Event {
        Event::CareTeam(event)
    }
    fn unwrap(event: Event) -> Option<CareTeamEvent> {
        if let Event::CareTeam(event) = event { Some(event) } else { None }
    }
    fn refuse(refusal: CareTeamRefusal) -> Refusal {
        refusal.into()
    }
    fn is_transition(_: &CareTeamEvent) -> bool {
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
    authorization: &AuthorizationState,
    viewer: &Viewer,
    patient: PatientId,
    now: DateTime<Utc>,
) -> Vec<Held> {
    let facts = authorization.patients.get(&patient);
    facts.map_or_else(Vec::new, |facts| {
        certain(standing::on_patient(authorization, (patient, facts), sender(viewer), now))
    })
}

/// Whether the sender may know of the patient, or was on the care team once.
pub(super) fn knows(
    authorization: &AuthorizationState,
    viewer: &Viewer,
    patient: PatientId,
    now: DateTime<Utc>,
) -> bool {
    let held = around(authorization, viewer, patient, now);
    let was = authorization.care_teams.get(&patient).is_some_and(|team| team.contains_key(&sender(viewer)));
    viewer.decide(&Facts::unlabelled(&held).asking(Action::PatientRead, None)).is_some() || was
}

impl<F: Fn(&AuthorizationState, CommandContext) -> CareTeamCommand> CommandHandler<CareTeam> for OfPatient<F> {
    fn stream(&self, _: CommandId) -> Stream {
        Stream::CareTeam(self.patient)
    }
    fn target(&self) -> Option<Uuid> {
        Some(self.patient.uuid())
    }
    fn may_learn_of(&self, authorization: &AuthorizationState, viewer: &Viewer, now: DateTime<Utc>) -> bool {
        knows(authorization, viewer, self.patient, now)
    }
    fn authorise(
        &self,
        authorization: &AuthorizationState,
        viewer: &Viewer,
        context: CommandContext,
    ) -> Result<Authorized<CareTeamCommand>, Problem> {
        let held = around(authorization, viewer, self.patient, context.now);
        let command = (self.build)(authorization, context);
        authorised(viewer, command, &Facts::unlabelled(&held), Action::PatientRead)
    }
}

impl Application {
    /// Takes a person onto a patient's care team.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn add_care_team_member(
        &self,
        (identity, metadata): (&Identity, &CommandMetadata),
        patient: PatientId,
        member: NewMember,
    ) -> Result<CommandOutcome, Failed> {
        let build = |authorization: &AuthorizationState, context: CommandContext| {
            let NewMember { person, role, organization } = member;
            let holds_role = authorization.holds_role(person, organization, role, context.now);
            CareTeamCommand::Add(AddMember { patient, person, role, organization, holds_role })
        };
        self.handle_command(&self.care_teams, (identity, metadata), &OfPatient { patient, build }).await
    }

    /// Lets a person leave a patient's care team.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn remove_care_team_member(
        &self,
        (identity, metadata): (&Identity, &CommandMetadata),
        patient: PatientId,
        person: PersonId,
    ) -> Result<CommandOutcome, Failed> {
        let build = |_: &AuthorizationState, _| CareTeamCommand::Remove(RemoveMember { patient, person });
        self.handle_command(&self.care_teams, (identity, metadata), &OfPatient { patient, build }).await
    }
}
