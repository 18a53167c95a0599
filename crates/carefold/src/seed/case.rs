//! Plays one consultation of the demo clinic up to the state that it has reached.
//!
//! Each step is the command that the person would have given, at the instant at which they would
//! have. Members of the care team who write were invited by the requester before; at the end everybody
//! who wrote has read up to some message, so that the lists of the clinic show what is new.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context;
use care::consultation::Consent;
use care::ids::{CommandId, MessageId, ThreadId};
use care::text::Text;
use care::words::{Audience, ConsultationState, Role};
use coordination::CommandMetadata;
use coordination::commands::{Advice, Assignment, NewMessage, Plan, Recommended, Request};
use policy::identity::Identity;
use server::graphql::inputs::CommandInput;
use server::graphql::inputs::consultation::{
    AdviseConsultationInput, AssignConsultationInput, CloseConsultationInput, InformPatientInput, RecordPlanInput,
    RequestConsultationInput,
};
use server::graphql::inputs::conversation::{
    AddParticipantInput, ClaimThreadInput, MarkThreadReadInput, PostMessageInput,
};

use crate::seed::clinic_cases::{Case, Message};
use crate::seed::clinic_cast::{ORGANIZATIONS, PATIENTS, PEOPLE};
use crate::seed::times::CaseTime;
use crate::seed::{Clinic, coordinator_of, metadata, told};

/// Minutes from the last message to a step after which nobody wrote.
const QUIET_STEP_MINUTES: u64 = 25;
/// Nobody is behind by this many messages or more.
const UNREAD_BOUND: u64 = 4;

/// A consultation that is being played.
struct Story {
    clinic: Arc<Clinic>,
    case: &'static Case,
    time: CaseTime,
    thread: ThreadId,
    invited: BTreeSet<&'static str>,
    posted: Vec<(MessageId, &'static Message)>,
    advised: Option<CommandId>,
}

/// Plays a case from its submission on, at the times that `time` gives.
///
/// # Errors
/// The command that failed, by its key.
pub(crate) async fn play(clinic: Arc<Clinic>, case: &'static Case, time: CaseTime) -> anyhow::Result<()> {
    let thread = request_consultation(&clinic, case, &time).await?;
    let (invited, posted) = (BTreeSet::new(), Vec::new());
    let mut story = Story { clinic, case, time, thread, invited, posted, advised: None };
    for state in ConsultationState::ALL.iter().copied().filter(|state| *state <= case.state) {
        let messages = case.messages.iter().filter(|message| message.after == state);
        let first = messages.clone().next().map(|message| u64::from(message.hours) * 60);
        // The step lies halfway between the messages around it.
        let halfway = first.map_or(QUIET_STEP_MINUTES, |minutes| minutes / 2);
        if state > ConsultationState::Submitted {
            story.time.pass(halfway);
            story.step(state).await?;
        }
        for (number, message) in messages.enumerate() {
            let is_halfway = number == 0 && state > ConsultationState::Submitted;
            let minutes = u64::from(message.hours) * 60;
            story.time.pass(if is_halfway { minutes - halfway } else { minutes });
            story.post(message).await?;
        }
    }
    story.mark_read().await
}

/// The requester asks.
async fn request_consultation(clinic: &Clinic, case: &Case, time: &CaseTime) -> anyhow::Result<ThreadId> {
    let request = Request {
        patient: clinic.patient(case.patient)?,
        pool: clinic.pool(case.pool)?,
        topic: case.topic,
        subject: Text::line(case.subject)?,
        question: Text::body(case.question)?,
        urgency: case.urgency,
        consent: Consent::Given { method: case.consent, at: time.now() },
        may_convert: case.may_convert,
        confidentiality: case.confidentiality,
        sensitivities: case.sensitivities.to_vec(),
    };
    let metadata = metadata(RequestConsultationInput::NAME, case.key, time.now())?;
    let outcome = clinic.application.request_consultation(clinic.identity(case.requester)?, &metadata, request).await;
    Ok(told(outcome, case.key)?.command.creates(0))
}

impl Story {
    fn metadata(&self, mutation: &'static str, part: &str) -> anyhow::Result<CommandMetadata> {
        metadata(mutation, &format!("{}/{part}", self.case.key), self.time.now())
    }

    fn specialist(&self) -> anyhow::Result<&'static str> {
        self.case.specialist.with_context(|| format!("{} has no specialist", self.case.key))
    }

    fn requester(&self) -> anyhow::Result<&Identity> {
        self.clinic.identity(self.case.requester)
    }

    /// The step that leads into a state.
    async fn step(&mut self, state: ConsultationState) -> anyhow::Result<()> {
        let (application, thread, key) = (Arc::clone(&self.clinic.application), self.thread, self.case.key);
        let outcome = match state {
            ConsultationState::Submitted => return Ok(()),
            ConsultationState::Assigned => {
                let site = ORGANIZATIONS.iter().find(|site| site.pools.iter().any(|pool| pool.key == self.case.pool));
                let site = site.with_context(|| format!("no organization has the pool {}", self.case.pool))?;
                let by = self.clinic.identity(coordinator_of(site.key)?)?;
                let to = self.case.specialist.map(|handle| self.clinic.person(handle)).transpose()?;
                let metadata = self.metadata(AssignConsultationInput::NAME, "assign")?;
                application.assign_consultation((by, &metadata), thread, Assignment { to, reason: None }).await
            }
            ConsultationState::InReview => {
                let by = self.clinic.identity(self.specialist()?)?;
                application.claim(by, &self.metadata(ClaimThreadInput::NAME, "claim")?, thread).await
            }
            ConsultationState::Answered => {
                let by = self.clinic.identity(self.specialist()?)?;
                let outcome = application
                    .advise((by, &self.metadata(AdviseConsultationInput::NAME, "advise")?), thread, self.advice()?)
                    .await;
                self.advised = outcome.as_ref().ok().map(|outcome| outcome.command);
                outcome
            }
            ConsultationState::PlanRecorded => {
                let metadata = self.metadata(RecordPlanInput::NAME, "plan")?;
                application.record_plan((self.requester()?, &metadata), thread, self.plan()?).await
            }
            ConsultationState::PatientInformed => {
                let method = self.case.informed.with_context(|| format!("{key}: nobody was informed"))?;
                let metadata = self.metadata(InformPatientInput::NAME, "inform")?;
                application.inform_patient((self.requester()?, &metadata), thread, (method, self.time.now())).await
            }
            ConsultationState::Closed => {
                let survey = self.case.survey.with_context(|| format!("{key} has no survey"))?;
                let metadata = self.metadata(CloseConsultationInput::NAME, "close")?;
                application.close_consultation((self.requester()?, &metadata), thread, survey).await
            }
        };
        told(outcome, &format!("{key}, {}", state.word())).map(drop)
    }

    fn advice(&self) -> anyhow::Result<Advice> {
        let advice = self.case.advice.with_context(|| format!("{} has no advice", self.case.key))?;
        let recommended = advice.recommendations.iter().map(|each| {
            let text = Text::body(each.text)?;
            Ok(Recommended { kind: each.kind, certainty: each.certainty, text })
        });
        Ok(Advice {
            recommendations: recommended.collect::<anyhow::Result<_>>()?,
            come_back_when: advice.come_back_when.map(Text::body).transpose()?,
            minutes_spent: advice.minutes_spent,
        })
    }

    fn plan(&self) -> anyhow::Result<Plan> {
        let plan = self.case.plan.with_context(|| format!("{} has no plan", self.case.key))?;
        let advised = self.advised.with_context(|| format!("{} has a plan before its advice", self.case.key))?;
        let dispositions = (0..).zip(plan.dispositions).map(|(index, disposed)| {
            let reason = disposed.reason.map(Text::body).transpose()?;
            Ok((advised.creates(index), disposed.disposition, reason))
        });
        Ok(Plan {
            dispositions: dispositions.collect::<anyhow::Result<_>>()?,
            note: plan.note.map(Text::body).transpose()?,
        })
    }

    async fn post(&mut self, message: &'static Message) -> anyhow::Result<()> {
        self.invite(message.by).await?;
        let part = format!("message/{}", self.posted.len());
        let metadata = self.metadata(PostMessageInput::NAME, &part)?;
        let new = NewMessage { audience: Some(message.audience), body: Text::body(message.text)? };
        let by = self.clinic.identity(message.by)?;
        let outcome = self.clinic.application.post_message((by, &metadata), self.thread, new).await;
        let outcome = told(outcome, &format!("{}, {part}", self.case.key))?;
        self.posted.push((outcome.command.creates(0), message));
        Ok(())
    }

    /// The requester takes a member of the care team into the thread, before they write first.
    async fn invite(&mut self, handle: &'static str) -> anyhow::Result<()> {
        let patient = PATIENTS.iter().find(|patient| patient.key == self.case.patient);
        let on_team = patient.is_some_and(|patient| patient.care_team.contains(&handle));
        if !on_team || handle == self.case.requester || !self.invited.insert(handle) {
            return Ok(());
        }
        let metadata = self.metadata(AddParticipantInput::NAME, &format!("invite/{handle}"))?;
        let person = self.clinic.person(handle)?;
        let outcome =
            self.clinic.application.add_participant((self.requester()?, &metadata), self.thread, person).await;
        told(outcome, &format!("{}, {handle}", self.case.key)).map(drop)
    }

    /// Everybody who wrote has read up to their own last message, or a little further.
    async fn mark_read(&mut self) -> anyhow::Result<()> {
        let readers: BTreeSet<_> = self.posted.iter().map(|(_, message)| message.by).collect();
        for handle in readers {
            let visible = self.posted.iter().filter(|(_, message)| may_read(handle, message));
            let visible: Vec<_> = visible.map(|(id, message)| (*id, message.by)).collect();
            let own = visible.iter().rposition(|(_, by)| *by == handle).unwrap_or(0);
            let behind = usize::try_from(self.time.below(UNREAD_BOUND))?;
            let upto = own.max(visible.len().saturating_sub(behind + 1));
            let Some((message, _)) = visible.get(upto) else { continue };
            self.time.pass(0);
            let metadata = self.metadata(MarkThreadReadInput::NAME, &format!("read/{handle}"))?;
            let by = self.clinic.identity(handle)?;
            let outcome = self.clinic.application.mark_read((by, &metadata), self.thread, *message).await;
            told(outcome, &format!("{}, read by {handle}", self.case.key))?;
        }
        Ok(())
    }
}

/// Patients and social workers read what is for everyone.
fn may_read(handle: &str, message: &Message) -> bool {
    let is_clinical = PEOPLE.iter().any(|person| {
        person.handle == handle && person.roles.first().is_some_and(|post| post.role != Role::SocialWorker)
    });
    is_clinical || message.audience == Audience::Everyone
}
