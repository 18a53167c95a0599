//! Commands to the policy: put a version in force.

use care::event::Event;
use care::idempotency::IdempotencyKey;
use care::ids::CommandId;
use care::policy_root::{PolicyCommand, PolicyEvent, PolicyRefusal, PolicyRoot, PolicyVersion};
use care::stream::Stream;
use care::words::Channel;
use chrono::{DateTime, Utc};
use policy::authorized::Authorized;
use policy::decide::Viewer;
use policy::identity::Identity;
use policy::question::Facts;
use policy::text::PolicyText;
use uuid::Uuid;

use crate::application::Application;
use crate::authorization_state::{AuthorizationState, certain};
use crate::command_handler::{Aggregate, CommandContext, CommandHandler, CommandMetadata, CommandOutcome};
use crate::commands::installation;
use crate::fault::{Failed, Fault, Problem, Refusal};
use crate::standing;

impl Aggregate for PolicyRoot {
    fn wrap(event: PolicyEvent) -> Event {
        Event::Policy(event)
    }
    fn unwrap(event: Event) -> Option<PolicyEvent> {
        if let Event::Policy(event) = event { Some(event) } else { None }
    }
    fn refuse(refusal: PolicyRefusal) -> Refusal {
        refusal.into()
    }
    fn is_transition(_: &PolicyEvent) -> bool {
        true
    }
}

struct Activation(PolicyVersion);

impl CommandHandler<PolicyRoot> for Activation {
    fn stream(&self, _: CommandId) -> Stream {
        Stream::PolicyRoot
    }
    fn target(&self) -> Option<Uuid> {
        None
    }
    fn may_learn_of(&self, _: &AuthorizationState, _: &Viewer, _: DateTime<Utc>) -> bool {
        true
    }
    fn authorise(
        &self,
        authorization: &AuthorizationState,
        viewer: &Viewer,
        CommandContext { now, .. }: CommandContext,
    ) -> Result<Authorized<PolicyCommand>, Problem> {
        let held = match viewer.identity().person() {
            Some(person) => certain(standing::on_installation(authorization, person, now)),
            None => installation(authorization),
        };
        let activate = PolicyCommand::Activate(self.0.clone());
        viewer.authorize(activate, &Facts::unlabelled(&held)).map_err(|_| Problem::NotPermitted)
    }
}

impl Application {
    /// Puts a policy version in force, after it was linted, tested by its cases and probed.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn activate_policy(
        &self,
        identity: &Identity,
        text: PolicyText,
        now: DateTime<Utc>,
    ) -> Result<CommandOutcome, Failed> {
        let version = PolicyVersion { version: text.version(), text: text.to_text() };
        let key = IdempotencyKey::parse(&version.version).map_err(|_| Fault::Row("a policy version"))?;
        let input = version.version.clone().into_bytes();
        let metadata =
            CommandMetadata { mutation: "activatePolicy", key, input, expected: None, channel: Channel::Cli, now };
        self.handle_command(&self.policies, (identity, &metadata), &Activation(version)).await
    }
}
