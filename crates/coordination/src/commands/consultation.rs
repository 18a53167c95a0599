//! Commands to consultations: request, assign, advise, record the plan, inform the patient, close.

use care::consultation::{
    Advise, AnsweringPool, Assign, Consent, ConsultationCommand, Disposed, InformPatient, Recommendation, RecordPlan,
    RequestConsultation, Survey,
};
use care::ids::{CommandId, OrganizationId, PatientId, PersonId, PoolId, RecommendationId, ThreadId};
use care::stream::Stream;
use care::text::{PersonalText, Text};
use care::thread::{Thread, ThreadCommand};
use care::words::{
    Certainty, Confidentiality, Disposition, InformMethod, ReassignReason, RecommendationKind, Role, Sensitivity,
    ThreadKind, Topic, Urgency,
};
use chrono::{DateTime, Utc};
use policy::authorized::Authorized;
use policy::decide::Viewer;
use policy::identity::Identity;
use policy::question::Facts;
use policy::words::Action;
use uuid::Uuid;

use crate::application::Application;
use crate::authorization_state::AuthorizationState;
use crate::command_handler::{CommandContext, CommandHandler, CommandMetadata, CommandOutcome, authorised, may};
use crate::commands::care_team::{around, knows};
use crate::commands::conversation::{Looked, OnThread};
use crate::commands::sender;
use crate::fault::{Failed, Problem};

/// A consultation to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// About whom.
    pub patient: PatientId,
    /// Whom to ask.
    pub pool: PoolId,
    /// The one topic.
    pub topic: Topic,
    /// A line that says what it is about.
    pub subject: Text,
    /// The question.
    pub question: Text,
    /// How quickly an answer is needed.
    pub urgency: Urgency,
    /// The patient's consent, or the exception from it.
    pub consent: Consent,
    /// Whether the specialist may turn it into a referral.
    pub may_convert: bool,
    /// How confidential.
    pub confidentiality: Confidentiality,
    /// What it touches.
    pub sensitivities: Vec<Sensitivity>,
}

impl Request {
    /// The organization that the sender asks for: the patient's own where they work there, else
    /// the first other one where they are a physician.
    fn organization(
        &self,
        authorization: &AuthorizationState,
        person: PersonId,
        now: DateTime<Utc>,
    ) -> Option<OrganizationId> {
        let own = authorization.patients.get(&self.patient).map(|patient| patient.organization);
        let physician = |held: &&crate::standing::RoleHeld| held.role == Role::Physician;
        let mut at: Vec<_> =
            authorization.active_roles(person, now).filter(physician).map(|held| held.organization).collect();
        at.sort_unstable_by_key(|organization| (Some(*organization) != own, *organization));
        at.first().copied()
    }
}

impl CommandHandler<Thread> for Request {
    fn stream(&self, command: CommandId) -> Stream {
        Stream::Thread(command.creates(0))
    }
    fn target(&self) -> Option<Uuid> {
        None
    }
    fn may_learn_of(&self, authorization: &AuthorizationState, viewer: &Viewer, now: DateTime<Utc>) -> bool {
        knows(authorization, viewer, self.patient, now)
    }
    fn authorise(
        &self,
        authorization: &AuthorizationState,
        viewer: &Viewer,
        CommandContext { now, .. }: CommandContext,
    ) -> Result<Authorized<ThreadCommand>, Problem> {
        let held = around(authorization, viewer, self.patient, now);
        let facts = Facts {
            kind: Some(ThreadKind::Consultation),
            confidentiality: self.confidentiality,
            codes: self.sensitivities.iter().copied().collect(),
            released: false,
            held: &held,
        };
        may(viewer, Action::ConsultationRequest, &facts, Action::PatientRead)?;
        let pool = authorization.pools.get(&self.pool).ok_or(Problem::NotFound)?;
        let calendar = authorization.organizations.get(&pool.organization).cloned().flatten();
        let (calendar_version, calendar) = calendar.ok_or(Problem::NotFound)?;
        let request = self.clone();
        let command = RequestConsultation {
            patient: request.patient,
            organization: self.organization(authorization, sender(viewer), now).ok_or(Problem::NotPermitted)?,
            answering: AnsweringPool { organization: pool.organization, pool: self.pool, calendar_version, calendar },
            topic: request.topic,
            subject: PersonalText::from(request.subject),
            question: PersonalText::from(request.question),
            urgency: request.urgency,
            consent: request.consent,
            may_convert: request.may_convert,
            confidentiality: request.confidentiality,
            sensitivities: request.sensitivities,
        };
        let command = ThreadCommand::Consultation(ConsultationCommand::Request(Box::new(command)));
        authorised(viewer, command, &facts, Action::PatientRead)
    }
    fn patient(&self) -> Option<PatientId> {
        Some(self.patient)
    }
}

/// An assignment within the owning pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// The member it is meant for, if it is for one.
    pub to: Option<PersonId>,
    /// Why it is assigned again.
    pub reason: Option<ReassignReason>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// What is recommended.
    pub recommendations: Vec<Recommended>,
    /// When the patient should come back.
    pub come_back_when: Option<Text>,
    /// Minutes that answering took.
    pub minutes_spent: u16,
}

/// One recommendation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommended {
    /// What it asks for.
    pub kind: RecommendationKind,
    /// How sure the adviser is.
    pub certainty: Certainty,
    /// In words.
    pub text: Text,
}

/// The requester's decision about each recommendation of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// For each recommendation: the decision, and the reason.
    pub dispositions: Vec<(RecommendationId, Disposition, Option<Text>)>,
    /// The plan in words.
    pub note: Option<Text>,
}

fn consultation(command: ConsultationCommand) -> Result<ThreadCommand, Problem> {
    Ok(ThreadCommand::Consultation(command))
}

impl Application {
    /// Asks for a consultation; the thread's id is the first that the command creates.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn request_consultation(
        &self,
        identity: &Identity,
        metadata: &CommandMetadata,
        request: Request,
    ) -> Result<CommandOutcome, Failed> {
        self.handle_command(&self.threads, (identity, metadata), &request).await
    }

    /// Accepts a consultation for its pool, perhaps for one member of it.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn assign_consultation(
        &self,
        (identity, metadata): (&Identity, &CommandMetadata),
        thread: ThreadId,
        Assignment { to, reason }: Assignment,
    ) -> Result<CommandOutcome, Failed> {
        let build = |looked: &Looked<'_>| {
            let now = looked.context.now;
            let is_member = to.is_some_and(|person| looked.authorization.answers_for(looked.facts.pool, person, now));
            consultation(ConsultationCommand::Assign(Assign { to, is_member, reason }))
        };
        self.handle_command(&self.threads, (identity, metadata), &OnThread { thread, build }).await
    }

    /// Answers a consultation; the recommendations' ids are those that the command creates, in order.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn advise(
        &self,
        (identity, metadata): (&Identity, &CommandMetadata),
        thread: ThreadId,
        advice: Advice,
    ) -> Result<CommandOutcome, Failed> {
        let build = |looked: &Looked<'_>| {
            let Advice { recommendations, come_back_when, minutes_spent } = advice.clone();
            let recommendations = (0_u32..).zip(recommendations).map(|(index, each)| {
                let Recommended { kind, certainty, text } = each;
                let recommendation = looked.context.command.creates(index);
                Recommendation { recommendation, kind, certainty, text: PersonalText::from(text) }
            });
            consultation(ConsultationCommand::Advise(Advise {
                recommendations: recommendations.collect(),
                come_back_when: come_back_when.map(PersonalText::from),
                minutes_spent,
            }))
        };
        self.handle_command(&self.threads, (identity, metadata), &OnThread { thread, build }).await
    }

    /// Records the decision about each recommendation.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn record_plan(
        &self,
        (identity, metadata): (&Identity, &CommandMetadata),
        thread: ThreadId,
        plan: Plan,
    ) -> Result<CommandOutcome, Failed> {
        let build = |_: &Looked<'_>| {
            let Plan { dispositions, note } = plan.clone();
            let dispositions = dispositions.into_iter().map(|(recommendation, disposition, reason)| Disposed {
                recommendation,
                disposition,
                reason: reason.map(PersonalText::from),
            });
            let dispositions = dispositions.collect();
            consultation(ConsultationCommand::RecordPlan(RecordPlan {
                dispositions,
                note: note.map(PersonalText::from),
            }))
        };
        self.handle_command(&self.threads, (identity, metadata), &OnThread { thread, build }).await
    }

    /// Notes that the patient was told.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn inform_patient(
        &self,
        (identity, metadata): (&Identity, &CommandMetadata),
        thread: ThreadId,
        (method, told_at): (InformMethod, DateTime<Utc>),
    ) -> Result<CommandOutcome, Failed> {
        let build =
            |_: &Looked<'_>| consultation(ConsultationCommand::InformPatient(InformPatient { method, told_at }));
        self.handle_command(&self.threads, (identity, metadata), &OnThread { thread, build }).await
    }

    /// Ends a consultation, with what came of it.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or with an internal fault.
    pub async fn close_consultation(
        &self,
        (identity, metadata): (&Identity, &CommandMetadata),
        thread: ThreadId,
        survey: Survey,
    ) -> Result<CommandOutcome, Failed> {
        let build = |_: &Looked<'_>| consultation(ConsultationCommand::Close(survey));
        self.handle_command(&self.threads, (identity, metadata), &OnThread { thread, build }).await
    }
}
