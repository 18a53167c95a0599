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
use policy::question::ThingFacts;
use policy::text::PolicyText;
use uuid::Uuid;

use crate::authority::{Authority, certain};
use crate::commands::installation;
use crate::desk::Desk;
use crate::fault::{Failed, Fault, Problem, Refusal};
use crate::standing;
use crate::submit::{Circumstances, Done, Prepare, Sent, Stored};

impl Stored for PolicyRoot {
    fn wrap(event: PolicyEvent) -> Event {
        Event::Policy(event)
    }
    fn unwrap(event: Event) -> Option<PolicyEvent> {
        if let Event::Policy(event) = event { Some(event) } else { None }
    }
    fn refuse(refusal: PolicyRefusal) -> Refusal {
        refusal.into()
    }
    fn moves(_: &PolicyEvent) -> bool {
        true
    }
}

struct Activation(PolicyVersion);

impl Prepare<PolicyRoot> for Activation {
    fn stream(&self, _: CommandId) -> Stream {
        Stream::PolicyRoot
    }
    fn target(&self) -> Option<Uuid> {
        None
    }
    fn known(&self, _: &Authority, _: &Viewer, _: DateTime<Utc>) -> bool {
        true
    }
    fn authorise(
        &self,
        authority: &Authority,
        viewer: &Viewer,
        Circumstances { now, .. }: Circumstances,
    ) -> Result<Authorized<PolicyCommand>, Problem> {
        let held = match viewer.identity().person() {
            Some(person) => certain(standing::on_installation(authority, person, now)),
            None => installation(authority),
        };
        let activate = PolicyCommand::Activate(self.0.clone());
        viewer.authorize(activate, &ThingFacts::unlabelled(&held)).map_err(|_| Problem::NotPermitted)
    }
}

impl Desk {
    /// Puts a policy version in force, after it was linted, tested by its cases and probed.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the house.
    pub async fn activate_policy(
        &self,
        identity: &Identity,
        text: PolicyText,
        now: DateTime<Utc>,
    ) -> Result<Done, Failed> {
        let version = PolicyVersion { version: text.version(), text: text.to_text() };
        let key = IdempotencyKey::parse(&version.version).map_err(|_| Fault::Row("a policy version"))?;
        let input = version.version.clone().into_bytes();
        let sent = Sent { mutation: "activatePolicy", key, input, expected: None, channel: Channel::Cli, now };
        self.submit(&self.policies, (identity, &sent), &Activation(version)).await
    }
}
