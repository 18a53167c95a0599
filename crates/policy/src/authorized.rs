//! The proof that a command was authorised.
//!
//! Only [`Viewer::authorize`] makes an [`Authorized`], and the command handler accepts nothing else. A new command
//! needs no change here: its action is its name.

use care::command_name::{Command, Named};
use care::conversation::PostMessage;
use care::envelope::{Actor, Grounds};
use care::words::{Audience, Capacity, Role};

use crate::decide::{Permit, Viewer};
use crate::identity::Identity;
use crate::question::ThingFacts;
use crate::reach::HeldStanding;
use crate::words::{Action, Standing};

/// A command that its sender may give, and the permit for it.
#[must_use = "an authorised command must be executed"]
pub struct Authorized<'c, C> {
    command: &'c C,
    identity: Identity,
    capacity: Capacity,
    permit: Permit,
    /// The permit to post the message that goes with it, if one does.
    posts: Option<Permit>,
}

/// The policy does not allow it. It has no reason, because a client cannot distinguish forbidden from missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not permitted")]
pub struct Denied;

impl Viewer {
    /// Authorises a command if this viewer may give it, according to the facts about the target.
    ///
    /// # Errors
    /// [`Denied`], without a reason.
    pub fn authorize<'c, C: Command>(
        &self,
        command: &'c C,
        facts: &ThingFacts<'_>,
    ) -> Result<Authorized<'c, C>, Denied> {
        let (permit, capacity) =
            self.permitted(Action::Command(command.name()), command.audience(), facts).ok_or(Denied)?;
        let posts = match command.also_posts() {
            Some(audience) => {
                let post = self.permitted(Action::Command(PostMessage::NAME), Some(audience), facts);
                Some(post.map(|(permit, _)| permit).ok_or(Denied)?)
            }
            None => None,
        };
        Ok(Authorized { command, identity: self.identity(), capacity, permit, posts })
    }

    /// Whether a command of this action would be authorised, for a client that shows or hides a button. It uses the
    /// same function as the command, and gives no permit.
    #[must_use]
    pub fn may(&self, action: Action, audience: Option<Audience>, facts: &ThingFacts<'_>) -> bool {
        self.permitted(action, audience, facts).is_some()
    }

    /// The capacity in which a person acts under a permit; `None` if they may read and never act.
    #[must_use]
    pub fn capacity(&self, permit: &Permit) -> Option<Capacity> {
        capacity(permit.held(), self.identity().actor())
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

/// The capacity in which a person acts; `None` if they may read and never act.
fn capacity(held: HeldStanding, actor: Actor) -> Option<Capacity> {
    let capacity = match held.role {
        Role::Physician => Capacity::Physician,
        Role::Nurse => Capacity::Nurse,
        Role::Pharmacist => Capacity::Pharmacist,
        Role::Coordinator => Capacity::Coordinator,
        Role::SocialWorker => Capacity::SocialWorker,
        Role::Administrator => Capacity::Administrator,
        Role::PrivacyOfficer => Capacity::PrivacyOfficer,
        // Who works nowhere and writes is a patient.
        Role::Person if matches!(held.standing, Standing::Self_ | Standing::Author | Standing::Proposed) => {
            Capacity::Patient
        }
        Role::Person if matches!(held.standing, Standing::Delegate | Standing::Representative | Standing::Invited) => {
            Capacity::Delegate
        }
        Role::Service if held.standing == Standing::Installation => Capacity::Installation,
        Role::Service if held.standing == Standing::Process => Capacity::Process,
        Role::Auditor | Role::Person | Role::Service => return None,
    };
    // Only the installation and processes have these capacities, and they have no other.
    let fits = match actor {
        Actor::Person(_) => capacity != Capacity::Installation && capacity != Capacity::Process,
        Actor::Process(_) => capacity == Capacity::Process,
        Actor::Installation => capacity == Capacity::Installation,
    };
    fits.then_some(capacity)
}

impl<'c, C> Authorized<'c, C> {
    /// What is to be done.
    #[must_use]
    pub fn command(&self) -> &'c C {
        self.command
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

    /// The grounds for the envelope of the events; `as_of` is the position of the log up to which standing was known.
    #[must_use]
    pub fn grounds(&self, standing_as_of: Option<u64>) -> Grounds {
        let mut rules: Vec<String> = self.permit.rules().map(str::to_owned).collect();
        for rule in self.posts.iter().flat_map(Permit::rules) {
            if !rules.iter().any(|each| each == rule) {
                rules.push(rule.to_owned());
            }
        }
        Grounds { policy_version: self.permit.policy_version().to_owned(), rules, standing_as_of }
    }
}

#[cfg(test)]
mod tests {
    use care::conversation::{Addressed, ConversationCommand, Escalate, SetWaitingOn, WaitingOn};
    use care::ids::{Id, PersonId};
    use care::lifecycle::ThreadKind;
    use care::party::Party;
    use care::policy_root::{ActivatePolicy, PolicyCommand};
    use care::text::PersonalText;
    use care::thread::ThreadCommand;
    use care::words::{ProcessName, Purpose};
    use uuid::Uuid;

    use super::*;
    use crate::decide::tests::{viewer, viewer_as};

    fn thread(held: &[HeldStanding]) -> ThingFacts<'_> {
        ThingFacts { kind: Some(ThreadKind::Consultation), ..ThingFacts::unlabelled(held) }
    }

    fn post(addressed: Addressed) -> ThreadCommand {
        ThreadCommand::Conversation(PostMessage { addressed, body: PersonalText::Destroyed }.into())
    }

    #[test]
    fn an_authorised_command_has_its_sender_capacity_and_grounds() {
        let held = [HeldStanding::full(Standing::Self_, Role::Person)];
        let viewer = viewer();
        let command = post(Addressed::Everyone);
        let authorized = viewer.authorize(&command, &thread(&held)).expect("permitted");
        assert_eq!(authorized.identity(), viewer.identity());
        assert_eq!(authorized.capacity(), Capacity::Patient);
        assert_eq!(authorized.permit().purpose(), Purpose::PatientRequest);
        assert_eq!(authorized.permit().action(), Action::Command(PostMessage::NAME));
        assert_eq!(authorized.command(), &command);
        let grounds = authorized.grounds(Some(9));
        assert_eq!(grounds.rules, ["R503"]);
        assert_eq!((grounds.policy_version.as_str(), grounds.standing_as_of), (viewer.policy_version(), Some(9)));
    }

    #[test]
    fn the_audience_of_a_message_is_part_of_what_is_decided() {
        let held = [HeldStanding::full(Standing::Self_, Role::Person)];
        assert!(viewer().authorize(&post(Addressed::ClinicalTeam), &thread(&held)).is_err());
    }

    #[test]
    fn a_message_that_goes_with_a_step_needs_a_permit_of_its_own() {
        let held = [HeldStanding::full(Standing::Participant, Role::Nurse)];
        let thing = ThingFacts { kind: Some(ThreadKind::TeamThread), ..ThingFacts::unlabelled(&held) };
        let to = WaitingOn { party: Party::Nobody, action: PostMessage::NAME, due: None };
        let step = ThreadCommand::from(ConversationCommand::from(SetWaitingOn { to, note: None }));
        let with =
            |addressed| step.clone().with_message(Some(PostMessage { addressed, body: PersonalText::Destroyed }));
        let viewer = viewer();
        let rules = |command: &ThreadCommand| {
            viewer.authorize(command, &thing).map(|authorized| authorized.grounds(None).rules)
        };
        assert_eq!(rules(&step), Ok(vec!["R911".to_owned()]));
        assert_eq!(rules(&with(Addressed::Everyone)), Ok(vec!["R911".to_owned(), "R909".to_owned()]));
        // No message of a team thread is for the clinical team.
        assert_eq!(rules(&with(Addressed::ClinicalTeam)), Err(Denied));
    }

    #[test]
    fn only_the_installation_acts_as_the_installation() {
        let activate = PolicyCommand::from(ActivatePolicy { version: "v".into(), text: "t".into() });
        let service = [HeldStanding::full(Standing::Installation, Role::Service)];
        let administrator = [HeldStanding::full(Standing::Installation, Role::Administrator)];
        let installation = viewer_as(Identity::installation());
        let allowed =
            |viewer: &Viewer, held: &[HeldStanding]| viewer.authorize(&activate, &ThingFacts::unlabelled(held)).is_ok();
        assert!(allowed(&installation, &service));
        assert!(!allowed(&viewer(), &service));
        assert!(allowed(&viewer(), &administrator));
        assert!(!allowed(&installation, &administrator));
    }

    #[test]
    fn only_a_process_acts_as_a_process() {
        let held = [HeldStanding::full(Standing::Process, Role::Service)];
        let escalate = ThreadCommand::Conversation(Escalate.into());
        let process = viewer_as(Identity::process(ProcessName::Unclaimed));
        assert!(process.authorize(&escalate, &thread(&held)).is_ok());
        assert!(viewer().authorize(&escalate, &thread(&held)).is_err());
        assert!(process.authorize(&post(Addressed::Everyone), &thread(&held)).is_err());
    }

    #[test]
    fn a_role_that_only_reads_has_no_capacity() {
        let by = Actor::Person(PersonId::from_uuid(Uuid::from_u128(1)));
        let of = |role, standing| capacity(HeldStanding::full(standing, role), by);
        assert_eq!(of(Role::Auditor, Standing::Organization), None);
        assert_eq!(of(Role::Person, Standing::Participant), None);
        assert_eq!(of(Role::Nurse, Standing::CareTeam), Some(Capacity::Nurse));
        assert_eq!(of(Role::PrivacyOfficer, Standing::Organization), Some(Capacity::PrivacyOfficer));
    }
}
