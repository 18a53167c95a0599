//! Team threads: staff talk with each other, about one patient or about none. The object, the commands
//! with their inputs, and why they are refused.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MergedObject, Object, Result};
use care::command_name::Named;
use care::conversation::{Close, Opening};
use care::ids::ThreadId;
use care::lifecycle::OpenLifecycle;
use care::lifecycle::team_thread::{
    self as source, NewParticipant, OpenTeamThread, Park, TeamThreadCommand, TeamThreadRefusal,
};
use care::thread::{Thread as AnyThread, ThreadCommand};
use chrono::{DateTime, Utc};
use coordination::fault::Fault;
use coordination::lifecycle::team_thread::TeamThreadRow;
use coordination::reader::{Reader, ThreadView};
use coordination::{CommandOutcome, LifecycleView};
use serde::{Deserialize, Serialize};

use super::lifecycle::LifecycleOnce;
use super::{Thread, ThreadFields};
use crate::graphql::id::decode_id;
use crate::graphql::inputs::parties::{HistoryInput, OwnerInput, PlaceInput, WaitingOnInput};
use crate::graphql::inputs::{CommandInput, CommandOf, Fields};
use crate::graphql::mutation_input::mutate;
use crate::graphql::payload::payload;
use crate::graphql::permission::Permission;
use crate::graphql::problem::{Path, Problem, ProblemCode, rule};
use crate::graphql::scalars::{PersonalText, Version};
use crate::graphql::words::{Confidentiality, Sensitivity, Topic, words};

words! {
    /// The state of a team thread.
    TeamThreadState {
        /// Somebody is expected to do something.
        Active,
        /// By agreement, nobody is expected to do anything until a date.
        Parked,
        /// Nothing is expected any more.
        Closed,
    }
}

/// A conversation of staff, about one patient or about none. Only those who take part in it, by name
/// or as members of a pool that does, know of it; the patient does not.
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
        let fields = || ThreadFields::of(reader, &view, Close::NAME);
        Self(fields(), TeamThreadFields { lifecycle: LifecycleOnce::of(fields()) })
    }

    /// The team thread of an id, if the reader may find it.
    pub(in crate::graphql) fn found(reader: &Arc<Reader>, id: ThreadId) -> Result<Option<Self>, Fault> {
        let Some(view) = reader.thread(id)? else { return Ok(None) };
        let Thread::TeamThread(thread) = Thread::of(reader, view) else { return Ok(None) };
        Ok(Some(thread))
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

    /// Until when, by agreement, nobody is expected to do anything. Null if it is not parked, and if you may not
    /// know.
    fn review_at(&self) -> Option<Result<DateTime<Utc>>> {
        self.header().map(|row| row.review_at).map_err(Into::into).transpose()
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

/// A team thread to be opened.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenTeamThreadInput {
    /// Your key for this request: a repeat with it is carried out once.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The patient whom it is about. Null if it is about none.
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
    /// What it is about that is sensitive.
    #[graphql(default)]
    #[serde(default)]
    pub sensitivities: Vec<Sensitivity>,
    /// Who is accountable for it: one of those who take part, or a pool.
    pub owner: OwnerInput,
    /// Pools that take part beside the owner. Their members read and write what is for everyone.
    #[graphql(default)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pool_ids: Vec<ID>,
    /// Who takes part beside you, 50 at most. A person of an organization that does not take part is invited.
    #[graphql(default)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<NewParticipantInput>,
    /// Whose turn it is: one of those who take part, or a pool that does.
    pub waiting_on: WaitingOnInput,
    /// What is expected of them.
    pub note: String,
}

/// A person who is to take part in a team thread.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewParticipantInput {
    /// The person.
    pub person_id: ID,
    /// The role in which they take part.
    pub place: PlaceInput,
    /// How much they see of what was before their joining.
    #[graphql(default_with = "HistoryInput::full()")]
    #[serde(default = "HistoryInput::full", skip_serializing_if = "HistoryInput::is_full")]
    pub history: HistoryInput,
}

/// That, by agreement, nobody is expected to do anything until a date.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParkTeamThreadInput {
    /// Your key for this request: a repeat with it is carried out once.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The version that you rely on.
    #[serde(skip_serializing)]
    pub expected_version: Version,
    /// When it is the owner's turn again; at most 90 days ahead.
    pub review_at: DateTime<Utc>,
    /// Why.
    pub reason: String,
}

impl CommandInput for OpenTeamThreadInput {
    type Target = AnyThread;

    fn key(&self) -> &ID {
        &self.client_mutation_id
    }

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self {
            client_mutation_id: _,
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

    fn key(&self) -> &ID {
        &self.client_mutation_id
    }

    fn expected_version(&self) -> Option<&Version> {
        Some(&self.expected_version)
    }

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, expected_version: _, review_at, reason } = self;
        let reason = fields.body(&["input", "reason"], reason)?;
        Some(TeamThreadCommand::from(Park { review_at: *review_at, reason }).into())
    }
}

fn normal() -> Confidentiality {
    Confidentiality::Normal
}

payload! {
    /// The result of `openTeamThread`.
    OpenTeamThreadPayload {
        /// The team thread as it is now. Null if there is none that you may see.
        team_thread: TeamThread
    }
}

payload! {
    /// The result of `parkTeamThread`.
    ParkTeamThreadPayload {
        /// The team thread as it is now. Null if there is none that you may see.
        team_thread: TeamThread
    }
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
    ) -> Result<OpenTeamThreadPayload> {
        Ok(mutate(context, None, &input, after).await?.into())
    }

    /// Agree that nobody is expected to do anything in a team thread until a date.
    async fn park_team_thread(
        &self,
        context: &Context<'_>,
        team_thread_id: ID,
        input: ParkTeamThreadInput,
    ) -> Result<ParkTeamThreadPayload> {
        Ok(mutate(context, Some(decode_id(&team_thread_id)), &input, after).await?.into())
    }
}

/// The team thread that a command was given to, as it is now.
fn after(reader: &Arc<Reader>, outcome: CommandOutcome<ThreadId>) -> Result<Option<TeamThread>, Fault> {
    TeamThread::found(reader, outcome.target)
}

/// Why a command to a team thread is refused.
pub(super) fn problem(refusal: TeamThreadRefusal) -> Problem {
    let (code, names): (_, Path<'_>) = match refusal {
        TeamThreadRefusal::ReviewPast | TeamThreadRefusal::ReviewTooFar => {
            (ProblemCode::OutOfRange, &["input", "reviewAt"])
        }
        TeamThreadRefusal::NotAStaffRole => (ProblemCode::NotAStaffRole, &["input"]),
        TeamThreadRefusal::NotParked => (ProblemCode::NotWaiting, &[]),
    };
    rule(code, names, refusal.to_string())
}
