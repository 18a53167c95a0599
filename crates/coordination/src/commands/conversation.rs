//! Commands to the conversation of a thread: post, mark read, invite, claim.

use care::conversation::{AddParticipant, ConversationCommand, MarkRead, PostMessage};
use care::event::Event;
use care::ids::{CommandId, Id, MessageId, PersonId, ThreadId};
use care::stream::Stream;
use care::text::{PersonalText, Text};
use care::thread::{Thread, ThreadCommand, ThreadEvent, ThreadRefusal};
use care::words::Audience;
use chrono::{DateTime, Utc};
use policy::authorized::Authorized;
use policy::decide::Viewer;
use policy::identity::Identity;
use policy::question::Held;
use policy::words::Action;
use uuid::Uuid;

use crate::application::Application;
use crate::authorization_state::{AuthorizationState, certain};
use crate::command_handler::{
    Aggregate, CommandContext, CommandHandler, CommandMetadata, CommandOutcome, authorised, may,
};
use crate::commands::sender;
use crate::fault::{Failed, Problem, Refusal};
use crate::reader::default_audience;
use crate::standing::{self, ThreadFacts};

impl Aggregate for Thread {
    fn wrap(event: ThreadEvent) -> Event {
        Event::Thread(event)
    }
    fn unwrap(event: Event) -> Option<ThreadEvent> {
        if let Event::Thread(event) = event { Some(event) } else { None }
    }
    fn refuse(refusal: ThreadRefusal) -> Refusal {
        refusal.into()
    }
    fn is_transition(event: &ThreadEvent) -> bool {
        event.is_transition()
    }
}

/// What is looked up for a command to a thread.
pub(super) struct Looked<'a> {
    pub viewer: &'a Viewer,
    pub authorization: &'a AuthorizationState,
    pub facts: &'a ThreadFacts,
    pub held: &'a [Held],
    pub context: CommandContext,
}

/// A command to a thread, built of what is looked up.
pub(super) struct OnThread<F> {
    pub thread: ThreadId,
    pub build: F,
}

impl<F: Fn(&Looked<'_>) -> Result<ThreadCommand, Problem>> CommandHandler<Thread> for OnThread<F> {
    fn stream(&self, _: CommandId) -> Stream {
        Stream::Thread(self.thread)
    }
    fn target(&self) -> Option<Uuid> {
        Some(self.thread.uuid())
    }
    fn may_learn_of(&self, authorization: &AuthorizationState, viewer: &Viewer, now: DateTime<Utc>) -> bool {
        let Some(thread) = authorization.threads.get(&self.thread) else {
            // The same question as for a thread that is there and not theirs.
            return viewer.decide(&crate::reader::nothing().asking(Action::ThreadFind, None)).is_some();
        };
        let of = (self.thread, &thread.facts);
        let held = certain(standing::on_thread(authorization, of, sender(viewer), now));
        let found = viewer.decide(&thread.facts.asked(&held).asking(Action::ThreadFind, None)).is_some();
        found || certain(standing::ever_had_standing(authorization, of, sender(viewer), now))
    }
    fn authorise(
        &self,
        authorization: &AuthorizationState,
        viewer: &Viewer,
        context: CommandContext,
    ) -> Result<Authorized<ThreadCommand>, Problem> {
        let thread = authorization.threads.get(&self.thread).ok_or(Problem::NotFound)?;
        let facts = &thread.facts;
        let of = (self.thread, facts);
        let held = certain(standing::on_thread(authorization, of, sender(viewer), context.now));
        // A person who may not find the thread learns nothing about what they named in it.
        if viewer.decide(&facts.asked(&held).asking(Action::ThreadFind, None)).is_none() {
            return Err(Problem::NotFound);
        }
        let command = (self.build)(&Looked { viewer, authorization, facts, held: &held, context })?;
        authorised(viewer, command, &facts.asked(&held), Action::ThreadFind)
    }
}

/// A message to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Who may read it; by default, professionals write to the clinical team and patients to everyone.
    pub audience: Option<Audience>,
    /// What it says.
    pub body: Text,
}

impl Application {
    /// Posts a message; its id is the first that the command creates.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn post_message(
        &self,
        (identity, metadata): (&Identity, &CommandMetadata),
        thread: ThreadId,
        message: NewMessage,
    ) -> Result<CommandOutcome, Failed> {
        let build = |looked: &Looked<'_>| {
            let audience = message.audience.unwrap_or_else(|| default_audience(looked.held));
            let body = PersonalText::from(message.body.clone());
            let message = looked.context.command.creates(0);
            Ok(ThreadCommand::Conversation(ConversationCommand::PostMessage(PostMessage { message, audience, body })))
        };
        self.handle_command(&self.threads, (identity, metadata), &OnThread { thread, build }).await
    }

    /// Notes that the sender has read up to a message.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn mark_read(
        &self,
        (identity, metadata): (&Identity, &CommandMetadata),
        thread: ThreadId,
        message: MessageId,
    ) -> Result<CommandOutcome, Failed> {
        let build =
            |_: &Looked<'_>| Ok(ThreadCommand::Conversation(ConversationCommand::MarkRead(MarkRead { message })));
        self.handle_command(&self.threads, (identity, metadata), &OnThread { thread, build }).await
    }

    /// Takes a member of the patient's care team into a thread.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn add_participant(
        &self,
        (identity, metadata): (&Identity, &CommandMetadata),
        thread: ThreadId,
        person: PersonId,
    ) -> Result<CommandOutcome, Failed> {
        let build = |looked: &Looked<'_>| {
            let asked = looked.facts.asked(looked.held);
            may(looked.viewer, Action::ThreadInvite, &asked, Action::ThreadFind)?;
            let team = looked.authorization.care_teams.get(&looked.facts.patient);
            let member = team.and_then(|team| team.get(&person)).filter(|member| member.period.until.is_none());
            // A person who is not on the team cannot be named here by this sender.
            let member = member.ok_or(Problem::NotFound)?;
            let (role, organization) = (member.role, member.organization);
            let add = AddParticipant { person, role, organization, on_care_team: true };
            Ok(ThreadCommand::Conversation(ConversationCommand::AddParticipant(add)))
        };
        self.handle_command(&self.threads, (identity, metadata), &OnThread { thread, build }).await
    }

    /// Takes a thread from its pool into the sender's own hands.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn claim(
        &self,
        identity: &Identity,
        metadata: &CommandMetadata,
        thread: ThreadId,
    ) -> Result<CommandOutcome, Failed> {
        let build = |_: &Looked<'_>| Ok(ThreadCommand::Conversation(ConversationCommand::Claim));
        self.handle_command(&self.threads, (identity, metadata), &OnThread { thread, build }).await
    }
}
