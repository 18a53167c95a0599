//! Commands to the conversation of a thread: post, mark read, invite, claim.

use care::command_name::CommandName;
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
use policy::reach::HeldStanding;
use policy::words::{Action, Read};
use uuid::Uuid;

use crate::authority::{Authority, certain};
use crate::commands::sender;
use crate::desk::Desk;
use crate::fault::{Failed, Problem, Refusal};
use crate::reader::default_audience;
use crate::standing::{self, ThreadFacts};
use crate::submit::{Circumstances, Done, Prepare, Sent, Stored, authorised, may};

impl Stored for Thread {
    fn wrap(event: ThreadEvent) -> Event {
        Event::Thread(event)
    }
    fn unwrap(event: Event) -> Option<ThreadEvent> {
        if let Event::Thread(event) = event { Some(event) } else { None }
    }
    fn refuse(refusal: ThreadRefusal) -> Refusal {
        refusal.into()
    }
    fn moves(event: &ThreadEvent) -> bool {
        event.is_transition()
    }
}

/// What is looked up for a command to a thread.
pub(super) struct Looked<'a> {
    pub viewer: &'a Viewer,
    pub authority: &'a Authority,
    pub facts: &'a ThreadFacts,
    pub held: &'a [HeldStanding],
    pub circumstances: Circumstances,
}

/// A command to a thread, built of what is looked up.
pub(super) struct OnThread<F> {
    pub thread: ThreadId,
    pub build: F,
}

impl<F: Fn(&Looked<'_>) -> Result<ThreadCommand, Problem>> Prepare<Thread> for OnThread<F> {
    fn stream(&self, _: CommandId) -> Stream {
        Stream::Thread(self.thread)
    }
    fn target(&self) -> Option<Uuid> {
        Some(self.thread.uuid())
    }
    fn known(&self, authority: &Authority, viewer: &Viewer, now: DateTime<Utc>) -> bool {
        let Some(thread) = authority.threads.get(&self.thread) else {
            // The same question as for a thread that is there and not theirs.
            return viewer.decide(&crate::reader::nothing().asking(Action::Read(Read::ThreadFind), None)).is_some();
        };
        let of = (self.thread, &thread.facts);
        let held = certain(standing::on_thread(authority, of, sender(viewer), now));
        let found = viewer.decide(&thread.facts.asked(&held).asking(Action::Read(Read::ThreadFind), None)).is_some();
        found || certain(standing::stood(authority, of, sender(viewer), now))
    }
    fn authorise(
        &self,
        authority: &Authority,
        viewer: &Viewer,
        circumstances: Circumstances,
    ) -> Result<Authorized<ThreadCommand>, Problem> {
        let thread = authority.threads.get(&self.thread).ok_or(Problem::NotFound)?;
        let facts = &thread.facts;
        let of = (self.thread, facts);
        let held = certain(standing::on_thread(authority, of, sender(viewer), circumstances.now));
        // Whoever may not find the thread hears nothing about what they named in it.
        if viewer.decide(&facts.asked(&held).asking(Action::Read(Read::ThreadFind), None)).is_none() {
            return Err(Problem::NotFound);
        }
        let command = (self.build)(&Looked { viewer, authority, facts, held: &held, circumstances })?;
        authorised(viewer, command, &facts.asked(&held), Action::Read(Read::ThreadFind))
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

impl Desk {
    /// Posts a message; its id is the first that the command creates.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the house.
    pub async fn post_message(
        &self,
        (identity, sent): (&Identity, &Sent),
        thread: ThreadId,
        message: NewMessage,
    ) -> Result<Done, Failed> {
        let build = |looked: &Looked<'_>| {
            let audience = message.audience.unwrap_or_else(|| default_audience(looked.held));
            let body = PersonalText::from(message.body.clone());
            let message = looked.circumstances.command.creates(0);
            Ok(ThreadCommand::Conversation(ConversationCommand::PostMessage(PostMessage { message, audience, body })))
        };
        self.submit(&self.threads, (identity, sent), &OnThread { thread, build }).await
    }

    /// Notes that the sender has read up to a message.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the house.
    pub async fn mark_read(
        &self,
        (identity, sent): (&Identity, &Sent),
        thread: ThreadId,
        message: MessageId,
    ) -> Result<Done, Failed> {
        let build =
            |_: &Looked<'_>| Ok(ThreadCommand::Conversation(ConversationCommand::MarkRead(MarkRead { message })));
        self.submit(&self.threads, (identity, sent), &OnThread { thread, build }).await
    }

    /// Takes a member of the patient's care team into a thread.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the house.
    pub async fn add_participant(
        &self,
        (identity, sent): (&Identity, &Sent),
        thread: ThreadId,
        person: PersonId,
    ) -> Result<Done, Failed> {
        let build = |looked: &Looked<'_>| {
            let asked = looked.facts.asked(looked.held);
            may(
                looked.viewer,
                Action::Command(CommandName::THREAD_ADD_PARTICIPANT),
                &asked,
                Action::Read(Read::ThreadFind),
            )?;
            let team = looked.authority.care_teams.get(&looked.facts.patient);
            let member = team.and_then(|team| team.get(&person)).filter(|member| member.period.until.is_none());
            // Whoever is not on the team is no person that this sender could name here.
            let member = member.ok_or(Problem::NotFound)?;
            let (role, organization) = (member.role, member.organization);
            let add = AddParticipant { person, role, organization, on_care_team: true };
            Ok(ThreadCommand::Conversation(ConversationCommand::AddParticipant(add)))
        };
        self.submit(&self.threads, (identity, sent), &OnThread { thread, build }).await
    }

    /// Takes a thread from its pool into the sender's own hands.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the house.
    pub async fn claim(&self, identity: &Identity, sent: &Sent, thread: ThreadId) -> Result<Done, Failed> {
        let build = |_: &Looked<'_>| Ok(ThreadCommand::Conversation(ConversationCommand::Claim));
        self.submit(&self.threads, (identity, sent), &OnThread { thread, build }).await
    }
}
