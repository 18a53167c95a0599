//! Commands that may be carried out: the proof that one was authorised.
//!
//! [`Authorized`] can be made only by [`Viewer::authorize`]; what carries out commands takes
//! nothing else. Which action a command is, is said here once for each, in [`Governed`].
//!
//! To add a command: 1. add its arm here, where the compiler asks for it; 2. write its rows and cases.

use care::care_team::CareTeamCommand;
use care::command_name::CommandName;
use care::consultation::ConsultationCommand;
use care::conversation::ConversationCommand;
use care::decide::Acting;
use care::envelope::{Actor, Authority};
use care::organization::OrganizationCommand;
use care::patient::PatientCommand;
use care::person::PersonCommand;
use care::policy_root::PolicyCommand;
use care::thread::ThreadCommand;
use care::words::{Audience, Capacity, Role};
use chrono::{DateTime, Utc};

use crate::decide::{Permit, Viewer};
use crate::identity::Identity;
use crate::question::ThingFacts;
use crate::reach::HeldStanding;
use crate::words::{Action, Standing};

/// A command that the policy knows.
pub trait Governed {
    /// What it does.
    fn action(&self) -> Action;

    /// To which audience it speaks, if it speaks.
    fn audience(&self) -> Option<Audience> {
        None
    }
}

/// A command that its sender may give, and by what right.
#[must_use = "an authorised command is there to be carried out"]
pub struct Authorized<C> {
    command: C,
    identity: Identity,
    capacity: Capacity,
    permit: Permit,
}

/// The policy does not allow it. There is no reason in it: outside, forbidden is as missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not permitted")]
pub struct Denied;

impl Viewer {
    /// Lets a command pass if this viewer may give it, the thing being as the facts say.
    ///
    /// # Errors
    /// [`Denied`], without a reason.
    pub fn authorize<C: Governed>(&self, command: C, facts: &ThingFacts<'_>) -> Result<Authorized<C>, Denied> {
        let (permit, capacity) = self.permitted(command.action(), command.audience(), facts).ok_or(Denied)?;
        Ok(Authorized { command, identity: self.identity(), capacity, permit })
    }

    /// Whether a command of this action would pass: what a button shows, by the very function
    /// that the command goes through. It gives no right to do it.
    #[must_use]
    pub fn may(&self, action: Action, audience: Option<Audience>, facts: &ThingFacts<'_>) -> bool {
        self.permitted(action, audience, facts).is_some()
    }

    fn permitted(
        &self,
        action: Action,
        audience: Option<Audience>,
        facts: &ThingFacts<'_>,
    ) -> Option<(Permit, Capacity)> {
        let permit = self.decide(&facts.asking(action, audience))?;
        let capacity = capacity(permit.held(), self.identity().actor())?;
        Some((permit, capacity))
    }
}

/// In which capacity somebody acts; `None` where they may read and never act.
fn capacity(held: HeldStanding, actor: Actor) -> Option<Capacity> {
    let capacity = match held.role {
        Role::Physician => Capacity::Physician,
        Role::Nurse => Capacity::Nurse,
        Role::Pharmacist => Capacity::Pharmacist,
        Role::Coordinator => Capacity::Coordinator,
        Role::SocialWorker => Capacity::SocialWorker,
        Role::Administrator => Capacity::Administrator,
        Role::Person if held.standing == Standing::Self_ => Capacity::Patient,
        Role::Service if held.standing == Standing::Installation => Capacity::Installation,
        Role::PrivacyOfficer | Role::Auditor | Role::Person | Role::Service => return None,
    };
    // Only the installation acts as such, and as nothing else.
    ((capacity == Capacity::Installation) == (actor == Actor::Installation)).then_some(capacity)
}

impl<C> Authorized<C> {
    /// What is to be done.
    #[must_use]
    pub fn command(&self) -> &C {
        &self.command
    }

    /// Who gave it.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// In which capacity.
    #[must_use]
    pub fn capacity(&self) -> Capacity {
        self.capacity
    }

    /// The permit: purpose, rules, standing, version.
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// The circumstances of the decision at this instant.
    #[must_use]
    pub fn acting(&self, now: DateTime<Utc>) -> Acting {
        Acting { by: self.identity.actor(), capacity: self.capacity, now }
    }

    /// By what right, as it stands in the envelope of the events, where standing was known up to
    /// this position of the log.
    #[must_use]
    pub fn authority(&self, standing_as_of: Option<u64>) -> Authority {
        Authority {
            policy_version: self.permit.policy_version().to_owned(),
            rules: self.permit.rules().map(str::to_owned).collect(),
            standing_as_of,
        }
    }

    /// The command, and the permit that it came with.
    pub fn into_parts(self) -> (C, Permit) {
        (self.command, self.permit)
    }
}

impl Governed for OrganizationCommand {
    fn action(&self) -> Action {
        match self {
            Self::Found(_) => Action::Command(CommandName::ORGANIZATION_CREATE),
            Self::SetCalendar(_) => Action::Command(CommandName::ORGANIZATION_SET_CALENDAR),
            Self::OpenPool(_) => Action::Command(CommandName::ORGANIZATION_OPEN_POOL),
            Self::AddPoolMember(_) => Action::Command(CommandName::ORGANIZATION_ADD_POOL_MEMBER),
            Self::RemovePoolMember(_) => Action::Command(CommandName::ORGANIZATION_REMOVE_POOL_MEMBER),
        }
    }
}

impl Governed for PersonCommand {
    fn action(&self) -> Action {
        match self {
            Self::Register(_) => Action::Command(CommandName::PERSON_REGISTER),
            Self::GrantRole(_) => Action::Command(CommandName::PERSON_GRANT_ROLE),
            Self::EndRole(_) => Action::Command(CommandName::PERSON_END_ROLE),
        }
    }
}

impl Governed for PatientCommand {
    fn action(&self) -> Action {
        match self {
            Self::Register(_) => Action::Command(CommandName::PATIENT_REGISTER),
        }
    }
}

impl Governed for CareTeamCommand {
    fn action(&self) -> Action {
        match self {
            Self::Add(_) => Action::Command(CommandName::CARE_TEAM_ADD),
            Self::Remove(_) => Action::Command(CommandName::CARE_TEAM_REMOVE),
        }
    }
}

impl Governed for ConversationCommand {
    fn action(&self) -> Action {
        match self {
            Self::AddParticipant(_) => Action::Command(CommandName::THREAD_ADD_PARTICIPANT),
            Self::PostMessage(_) => Action::Command(CommandName::THREAD_POST),
            Self::MarkRead(_) => Action::Command(CommandName::THREAD_MARK_READ),
            Self::Claim => Action::Command(CommandName::THREAD_CLAIM),
        }
    }

    fn audience(&self) -> Option<Audience> {
        match self {
            Self::PostMessage(message) => Some(message.audience),
            Self::AddParticipant(_) | Self::MarkRead(_) | Self::Claim => None,
        }
    }
}

impl Governed for ConsultationCommand {
    fn action(&self) -> Action {
        match self {
            Self::Request(_) => Action::Command(CommandName::CONSULTATION_REQUEST),
            Self::Assign(_) => Action::Command(CommandName::CONSULTATION_ASSIGN),
            Self::Advise(_) => Action::Command(CommandName::CONSULTATION_ADVISE),
            Self::RecordPlan(_) => Action::Command(CommandName::CONSULTATION_RECORD_PLAN),
            Self::InformPatient(_) => Action::Command(CommandName::CONSULTATION_INFORM_PATIENT),
            Self::Close(_) => Action::Command(CommandName::CONSULTATION_CLOSE),
        }
    }
}

impl Governed for ThreadCommand {
    fn action(&self) -> Action {
        match self {
            Self::Conversation(command) => command.action(),
            Self::Consultation(command) => command.action(),
        }
    }

    fn audience(&self) -> Option<Audience> {
        match self {
            Self::Conversation(command) => command.audience(),
            Self::Consultation(command) => command.audience(),
        }
    }
}

impl Governed for PolicyCommand {
    fn action(&self) -> Action {
        match self {
            Self::Activate(_) => Action::Command(CommandName::POLICY_ACTIVATE),
        }
    }
}

#[cfg(test)]
mod tests {
    use care::conversation::PostMessage;
    use care::ids::{Id, MessageId};
    use care::text::PersonalText;
    use care::words::{Purpose, ThreadKind};
    use uuid::Uuid;

    use super::*;
    use crate::decide::tests::{viewer, viewer_as};

    fn thread(held: &[HeldStanding]) -> ThingFacts<'_> {
        ThingFacts { kind: Some(ThreadKind::Consultation), ..ThingFacts::unlabelled(held) }
    }

    fn post(audience: Audience) -> ThreadCommand {
        let message = MessageId::from_uuid(Uuid::from_u128(3));
        ThreadCommand::Conversation(ConversationCommand::PostMessage(PostMessage {
            message,
            audience,
            body: PersonalText::Destroyed,
        }))
    }

    #[test]
    fn an_authorised_command_carries_who_as_what_and_by_what_right() {
        let held = [HeldStanding::full(Standing::Self_, Role::Person)];
        let viewer = viewer();
        let authorized = viewer.authorize(post(Audience::Everyone), &thread(&held)).expect("permitted");
        assert_eq!(authorized.identity(), viewer.identity());
        assert_eq!(authorized.capacity(), Capacity::Patient);
        assert_eq!(authorized.permit().purpose(), Purpose::PatientRequest);
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(authorized.acting(now), Acting { by: viewer.identity().actor(), capacity: Capacity::Patient, now });
        let authority = authorized.authority(Some(9));
        assert_eq!(authority.rules, ["R503"]);
        assert_eq!((authority.policy_version.as_str(), authority.standing_as_of), (viewer.policy_version(), Some(9)));
        let (command, permit) = authorized.into_parts();
        assert_eq!((command, permit.action()), (post(Audience::Everyone), Action::Command(CommandName::THREAD_POST)));
    }

    #[test]
    fn the_audience_of_a_message_is_part_of_what_is_decided() {
        let held = [HeldStanding::full(Standing::Self_, Role::Person)];
        assert!(viewer().authorize(post(Audience::ClinicalTeam), &thread(&held)).is_err());
    }

    #[test]
    fn only_the_installation_acts_as_the_installation() {
        let activate =
            || PolicyCommand::Activate(care::policy_root::PolicyVersion { version: "v".into(), text: "t".into() });
        let service = [HeldStanding::full(Standing::Installation, Role::Service)];
        let administrator = [HeldStanding::full(Standing::Installation, Role::Administrator)];
        let installation = viewer_as(Identity::installation());
        let allowed = |viewer: &Viewer, held: &[HeldStanding]| {
            viewer.authorize(activate(), &ThingFacts::unlabelled(held)).is_ok()
        };
        assert!(allowed(&installation, &service));
        assert!(!allowed(&viewer(), &service));
        assert!(allowed(&viewer(), &administrator));
        assert!(!allowed(&installation, &administrator));
    }

    #[test]
    fn who_only_oversees_has_no_capacity_to_act_in() {
        let by = Actor::Person(care::ids::PersonId::from_uuid(Uuid::from_u128(1)));
        let of = |role, standing| capacity(HeldStanding::full(standing, role), by);
        assert_eq!(of(Role::Auditor, Standing::Organization), None);
        assert_eq!(of(Role::PrivacyOfficer, Standing::Organization), None);
        assert_eq!(of(Role::Person, Standing::Participant), None);
        assert_eq!(of(Role::Nurse, Standing::CareTeam), Some(Capacity::Nurse));
    }
}
