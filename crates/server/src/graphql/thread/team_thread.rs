//! Team threads: staff talk with each other, about one patient or about none. The object, the commands
//! with their inputs, and why they are refused.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MergedObject, Object, Result};
use care::command_name::Named;
use care::conversation::Opening;
use care::ids::ThreadId;
use care::lifecycle::team_thread::{
    self as source, NewParticipant, OpenTeamThread, Park, TeamThreadCommand, TeamThreadRefusal,
};
use care::lifecycle::{OpenLifecycle, ThreadKind};
use care::thread::{Thread as AnyThread, ThreadCommand};
use coordination::fault::Fault;
use coordination::lifecycle::team_thread::TeamThreadRow;
use coordination::reader::{Reader, ThreadView};
use coordination::{CommandOutcome, LifecycleView};
use serde::{Deserialize, Serialize};

use super::ThreadFields;
use super::lifecycle::LifecycleOnce;
use crate::graphql::id::decode_id;
use crate::graphql::inputs::conversation::MessageInput;
use crate::graphql::inputs::parties::{HistoryInput, OwnerInput, PlaceInput, WaitingOnInput};
use crate::graphql::inputs::{CommandInput, CommandOf, Fields, command_inputs};
use crate::graphql::mutation_input::mutate;
use crate::graphql::payload::payload;
use crate::graphql::permission::Permission;
use crate::graphql::problem::{AsProblem, Path, Problem, ProblemCode, rule};
use crate::graphql::scalars::{Instant, PersonalText};
use crate::graphql::words::{Confidentiality, Sensitivity, Topic, words};

words! {
    /// The state of a team thread.
    TeamThreadState {
        /// Somebody is expected to do something.
        Active,
        /// By agreement, nobody is expected to do anything until a date.
        Parked,
        /// Nobody is expected to do anything any more.
        Closed,
    }
}

/// A conversation of staff, about one patient or about none. Only its participants and the members of its pools know
/// of it; the patient does not.
#[derive(MergedObject)]
pub struct TeamThread(ThreadFields, TeamThreadFields);

impl std::ops::Deref for TeamThread {
    type Target = ThreadFields;
    fn deref(&self) -> &ThreadFields {
        &self.0
    }
}

impl TeamThread {
    /// A thread whose kind is a team thread.
    pub(super) fn of(reader: &Arc<Reader>, view: ThreadView) -> Self {
        let view = Arc::new(view);
        let fields = || ThreadFields::of(reader, &view);
        Self(fields(), TeamThreadFields { lifecycle: LifecycleOnce::of(fields()) })
    }

    /// The team thread of an id, if the reader may find it.
    fn found(reader: &Arc<Reader>, id: ThreadId) -> Result<Option<Self>, Fault> {
        let view = reader.thread(id)?.filter(|view| view.kind == ThreadKind::TeamThread);
        Ok(view.map(|view| Self::of(reader, view)))
    }
}

/// The queries of this file.
#[derive(Default)]
pub struct TeamThreadQueries;

#[Object]
impl TeamThreadQueries {
    /// A team thread.
    async fn team_thread(&self, context: &Context<'_>, id: ID) -> Option<Result<TeamThread>> {
        let found = |reader| Ok(TeamThread::found(reader, decode_id(&id))?);
        context.data::<Arc<Reader>>().and_then(found).transpose()
    }
}

/// What a team thread adds to a thread.
pub struct TeamThreadFields {
    lifecycle: LifecycleOnce,
}

impl TeamThreadFields {
    fn header(&self) -> Result<&TeamThreadRow, Fault> {
        row(self.lifecycle.header()?)
    }
}

#[Object]
impl TeamThreadFields {
    /// The state of the thread.
    fn state(&self) -> Result<TeamThreadState> {
        Ok(self.header()?.state.into())
    }

    /// The instant until which, by agreement, nobody is expected to do anything. Null if it is not parked, and if you
    /// may not know.
    fn review_at(&self) -> Option<Result<Instant>> {
        self.header().map(|row| row.review_at.map(Instant::from)).map_err(Into::into).transpose()
    }

    /// Why it is parked. Null if it is not, and if you may not read the content.
    fn parked_reason(&self) -> Option<Result<PersonalText>> {
        let read = || {
            let row = self.lifecycle.content()?.map(row).transpose()?;
            let content = row.and_then(|row| row.content.as_ref());
            Ok(content.map(|content| PersonalText::from(&content.reason)))
        };
        read().transpose()
    }

    /// Whether you can park it now.
    fn viewer_can_park(&self) -> Result<Permission> {
        self.lifecycle.thread.can(Park::NAME)
    }
}

fn row(view: &LifecycleView) -> Result<&TeamThreadRow, Fault> {
    let LifecycleView::TeamThread(row) = view else { return Err(Fault::Row("a team thread of another kind")) };
    Ok(row)
}

/// Most people who are named at the opening.
const PARTICIPANTS_MAX: usize = 50;

command_inputs! {
    /// A new team thread.
    OpenTeamThreadInput (draft) {
        /// The patient whom it is about. Null if it is about no patient.
        pub patient_id: Option<ID>,
        /// The organization for which you open it. Null: the one that keeps the patient's record if you
        /// work there, else another one at which you work.
        pub organization_id: Option<ID>,
        /// The one topic.
        pub topic: Topic,
        /// A line that says what it is about.
        pub subject: String,
        /// How confidential.
        #[graphql(default_with = "Confidentiality::Normal")]
        #[serde(default = "normal")]
        pub confidentiality: Confidentiality,
        /// Its sensitive subjects.
        #[graphql(default)]
        #[serde(default)]
        pub sensitivities: Vec<Sensitivity>,
        /// Who is accountable for it: a participant, or a pool.
        pub owner: OwnerInput,
        /// Pools that take part in addition to the owner. Their members read and write messages to everyone.
        #[graphql(default)]
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub pool_ids: Vec<ID>,
        /// The participants in addition to you, 50 at most. A person of an organization that does not take part is
        /// invited.
        #[graphql(default)]
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub participants: Vec<NewParticipantInput>,
        /// Whose turn it is: a participant, or a pool that takes part.
        pub waiting_on: WaitingOnInput,
        /// What is expected of them.
        pub note: String,
    }
}

/// A person who takes part in a new team thread.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewParticipantInput {
    /// The person.
    pub person_id: ID,
    /// The role in which they take part.
    pub place: PlaceInput,
    /// How much of the history before their joining they see.
    #[graphql(default_with = "HistoryInput::full()")]
    #[serde(default = "HistoryInput::full", skip_serializing_if = "HistoryInput::is_full")]
    pub history: HistoryInput,
}

command_inputs! {
    /// An agreement that nobody is expected to do anything until a date.
    ParkTeamThreadInput (draft, version) {
        /// When it is the owner's turn again; at most 90 days ahead.
        pub review_at: Instant,
        /// Why.
        pub reason: String,
        /// A message that is posted in the same act, before the step. Null: none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<MessageInput>,
    }
}

impl CommandInput for OpenTeamThreadInput {
    type Target = AnyThread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self {
            client_mutation_id: _,
            draft: _,
            patient_id,
            organization_id,
            topic,
            subject,
            confidentiality,
            sensitivities,
            owner,
            pool_ids,
            participants,
            waiting_on,
            note,
        } = self;
        let subject = fields.line(&["input", "subject"], subject);
        let note = fields.body(&["input", "note"], note);
        let waiting_on = waiting_on.read(fields, &["input", "waitingOn"]);
        let count = Some(participants.len()).filter(|count| *count <= PARTICIPANTS_MAX).ok_or("at most 50 are named");
        let count = fields.parsed(&["input", "participants"], count);
        let participants: Vec<_> =
            participants.iter().enumerate().map(|(index, new)| new.read(fields, index)).collect();
        let opening = Opening {
            patient: patient_id.as_ref().map(decode_id),
            organization: organization_id.as_ref().map(decode_id),
            topic: (*topic).into(),
            subject: subject?,
            confidentiality: (*confidentiality).into(),
            sensitivities: sensitivities.iter().copied().map(Into::into).collect(),
            owner: owner.read(),
            pools: pool_ids.iter().map(decode_id).collect(),
            // No delegate knows of a team thread.
            hidden_from_delegates: None,
        };
        count?;
        let participants = participants.into_iter().collect::<Option<_>>()?;
        let open = OpenTeamThread { participants, waiting_on: waiting_on?, note: note? };
        Some(ThreadCommand::Open(Box::new(opening), Box::new(OpenLifecycle::TeamThread(open))))
    }
}

impl NewParticipantInput {
    fn read(&self, fields: &mut Fields, index: usize) -> Option<NewParticipant> {
        let Self { person_id, place, history } = self;
        let history = history.read(fields, &["input", "participants", &index.to_string(), "history"])?;
        Some(NewParticipant { person: decode_id(person_id), place: place.read(), history })
    }
}

impl CommandInput for ParkTeamThreadInput {
    type Target = AnyThread;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, draft: _, expected_version: _, review_at, reason, message } = self;
        let reason = fields.body(&["input", "reason"], reason);
        let message = MessageInput::read_if_any(message.as_ref(), fields);
        let step = TeamThreadCommand::from(Park { review_at: (*review_at).into(), reason: reason? });
        Some(ThreadCommand::from(step).with_message(message?))
    }
}

fn normal() -> Confidentiality {
    Confidentiality::Normal
}

payload! {
    {
        /// The team thread as it is now. Null if there is none that you may see.
        team_thread: TeamThread
    }
    /// The result of `openTeamThread`.
    OpenTeamThreadPayload
    /// The result of `parkTeamThread`.
    ParkTeamThreadPayload
}

/// The mutations of this file.
#[derive(Default)]
pub struct TeamThreadCommands;

#[Object]
impl TeamThreadCommands {
    /// Open a team thread, about a patient or about none.
    async fn open_team_thread(
        &self,
        context: &Context<'_>,
        input: OpenTeamThreadInput,
    ) -> Option<Result<OpenTeamThreadPayload>> {
        Some(mutate(context, None, &input, after).await.map(Into::into))
    }

    /// Agree that nobody is expected to do anything in a team thread until a date.
    async fn park_team_thread(
        &self,
        context: &Context<'_>,
        team_thread_id: ID,
        input: ParkTeamThreadInput,
    ) -> Option<Result<ParkTeamThreadPayload>> {
        Some(mutate(context, Some(decode_id(&team_thread_id)), &input, after).await.map(Into::into))
    }
}

/// The team thread that a command was given to, as it is now.
fn after(reader: &Arc<Reader>, outcome: CommandOutcome<ThreadId>) -> Result<Option<TeamThread>, Fault> {
    TeamThread::found(reader, outcome.target)
}

impl AsProblem for TeamThreadRefusal {
    fn problem(&self) -> Problem {
        let (code, names): (_, Path<'_>) = match self {
            Self::ReviewPast | Self::ReviewTooFar => (ProblemCode::OutOfRange, &["input", "reviewAt"]),
            Self::NotAStaffRole => (ProblemCode::NotAStaffRole, &["input"]),
            Self::NotParked => (ProblemCode::NotWaiting, &[]),
        };
        rule(code, names, self.to_string())
    }
}
