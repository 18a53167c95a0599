//! The consultation: one clinician asks, a pool of specialists answers, and what is done with the
//! advice is recorded.
//!
//! Submitted, assigned, claimed (in review), answered, plan recorded, patient informed, closed.
//! Every other command is refused by naming the state.
//!
//! To add a state: 1. a variant of [`Step`]; 2. its word in `words.rs`; 3. follow the compiler
//! through `takes`, `admits` and `turn`.

mod events;

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Months, Utc};
use serde::{Deserialize, Serialize};

use crate::aggregate::Acting;
use crate::command_name::{CommandName, Named, commands};
use crate::conversation::{
    AddParticipant, Claim, Conversation, ConversationAct, ConversationCommand, ConversationEvent, ConversationRefusal,
    Opened, Opening, Owner, Party, Place, Released, RequesterChanged, ReturnToPool, Turn, WaitingOn,
};
use crate::envelope::Actor;
use crate::ids::{PersonId, RecommendationId};
use crate::kind::{Kind, KindEvent, Own, Refused};
use crate::text::PersonalText;
use crate::words::{
    Certainty, ConsultationState, Disposition, InformMethod, ReassignReason, RecommendationKind, Role, Urgency,
};

pub use events::*;

/// Requests a consultation from a pool of specialists: opens the thread, which the pool owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestConsultation {
    /// The question.
    pub question: PersonalText,
    /// How quickly an answer is needed.
    pub urgency: Urgency,
    /// The patient's consent, or the reason why there is none.
    pub consent: Consent,
    /// Whether the specialist may turn it into a referral. There is no default: the requester decides.
    pub may_convert: bool,
}

impl Named for RequestConsultation {
    const NAME: CommandName = CommandName::declared("consultation.request");
}

commands! {
    /// The commands of a consultation.
    ConsultationCommand, ConsultationAct {
        "consultation.assign" => Assign,
        "consultation.ask_for_assignment" => AskForAssignment,
        "consultation.hand_over_request" => HandOverRequest,
        "consultation.advise" => Advise,
        "consultation.record_plan" => RecordPlan,
        "consultation.inform_patient" => InformPatient,
        "consultation.close" => CloseConsultation,
    }
}

/// Accept a consultation for its pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assign {
    /// The member to whom it is assigned; `None` for any member.
    pub to: Option<PersonId>,
    /// Why it is assigned again; required if it was assigned before.
    pub reason: Option<ReassignReason>,
}

/// Ask the answering side to assign a consultation, to somebody in particular or not. The answering side decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskForAssignment {
    /// Why.
    pub reason: PersonalText,
}

/// Give the duties of who asks to another physician of the asking side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOverRequest {
    /// Who asks from then on.
    pub to: PersonId,
    /// Why.
    pub reason: PersonalText,
}

/// Answer a consultation. The ids of the recommendations are those that the command creates, in
/// their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advise {
    /// One or more recommendations, twenty at most.
    pub recommendations: Vec<Recommended>,
    /// When the patient should come back, or what to watch for.
    pub come_back_when: Option<PersonalText>,
    /// Minutes that answering took.
    pub minutes_spent: u16,
}

/// One recommendation of an answer, without its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommended {
    /// Its kind.
    pub kind: RecommendationKind,
    /// How sure the adviser is.
    pub certainty: Certainty,
    /// In words.
    pub text: PersonalText,
}

/// Record what is done with the advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPlan {
    /// One for each recommendation.
    pub dispositions: Vec<Disposed>,
    /// The plan in words.
    pub note: Option<PersonalText>,
}

/// Record that the patient was informed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InformPatient {
    /// How.
    pub method: InformMethod,
    /// When, not in the future and not before the answer.
    pub told_at: DateTime<Utc>,
}

/// Ends a consultation with its survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseConsultation {
    /// The survey.
    pub survey: Survey,
}

/// We refuse because …
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConsultationRefusal {
    /// … the state does not allow it.
    #[error("the consultation is {}", .state.word())]
    NotInState {
        /// The state it is in.
        state: ConsultationState,
    },
    /// … it is about no patient.
    #[error("a consultation is about a patient")]
    NoPatient,
    /// … only a pool can be asked.
    #[error("a consultation is asked of a pool")]
    NotAPool,
    /// … consent cannot have been given in the future.
    #[error("consent cannot lie in the future")]
    ConsentInFuture,
    /// … consent that was given so long ago is a typing error.
    #[error("consent cannot lie more than {CONSENT_YEARS_MAX} years back")]
    ConsentTooOld,
    /// … the calendar of the answering pool has no working hours.
    #[error(
        "the answering pool promises no answer: its calendar has no staffed hour, or no rules of its time zone are there"
    )]
    NoStaffedHour,
    /// … it is assigned to another member of the pool.
    #[error("the consultation is assigned to another member of the pool")]
    AssignedToAnother,
    /// … that person is not a physician of the pool.
    #[error("that person does not answer for the pool")]
    NotInPool,
    /// … assigning again needs a reason.
    #[error("assigning again needs a reason")]
    ReasonMissing,
    /// … the answering side was asked already, and has had no full working day since.
    #[error("the answering side was asked for it already: it can be asked again after a working day")]
    AskedToday,
    /// … the requester can act, and hands the request over themself.
    #[error("the requester is there: a coordinator hands over for somebody who cannot act or has left the care team")]
    RequesterPresent,
    /// … that person asks already.
    #[error("that person is the requester")]
    SameRequester,
    /// … the number of recommendations is not allowed.
    #[error("advice holds one to twenty recommendations")]
    RecommendationCount,
    /// … each recommendation needs exactly one disposition, and only its own.
    #[error("each recommendation needs exactly one disposition")]
    NotAllDisposed,
    /// … a recommendation that is not accepted unchanged needs a reason.
    #[error("a modified or rejected recommendation needs a reason")]
    DispositionReasonMissing,
    /// … the patient cannot have been informed in the future.
    #[error("the patient cannot have been told in the future")]
    ToldInFuture,
    /// … the patient cannot have been informed of an answer that was not given yet.
    #[error("the patient cannot have been told before the answer was given")]
    ToldBeforeAnswer,
    /// … ratings go from 1 to 5.
    #[error("ratings go from 1 to 5")]
    RatingOutOfRange,
    /// … only a clinician can request a consultation.
    #[error("only a clinician can request a consultation")]
    NotAClinician,
}

/// Most recommendations in one answer.
const RECOMMENDATIONS_MAX: usize = 20;

/// How many years back a consent may lie.
const CONSENT_YEARS_MAX: u32 = 10;

/// A consultation, folded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consultation {
    /// By when the pool promised an answer; none before the request was submitted, which follows
    /// the opening in the same append.
    due: Option<DateTime<Utc>>,
    /// When it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answered_at: Option<DateTime<Utc>>,
    /// From when on the asking side can ask for an assignment again; none if it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ask_again_from: Option<DateTime<Utc>>,
    step: Step,
}

/// The state of a consultation, with what is known there and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Step {
    Submitted,
    Assigned { to: Option<PersonId> },
    InReview,
    Answered { recommendations: Vec<RecommendationId> },
    PlanRecorded,
    PatientInformed,
    Closed,
}

impl Own for ConsultationEvent {}

impl Own for ConsultationRefusal {}

impl Kind for Consultation {
    type Open = RequestConsultation;
    type Command = ConsultationCommand;
    type Event = ConsultationEvent;
    type Refusal = ConsultationRefusal;

    const PARTICIPANTS_ONLY: bool = false;

    fn open(
        open: &RequestConsultation,
        opening: &Opening,
        _: &Conversation,
        acting: &Acting<'_>,
    ) -> Result<Vec<KindEvent<ConsultationEvent>>, Refused<ConsultationRefusal>> {
        let RequestConsultation { question, urgency, consent, may_convert } = open.clone();
        acting.capacity.clinician().ok_or(ConsultationRefusal::NotAClinician)?;
        opening.patient.ok_or(ConsultationRefusal::NoPatient)?;
        let Owner::Pool(pool) = opening.owner else { return Err(ConsultationRefusal::NotAPool.into()) };
        let consent = consented(consent, acting)?;
        let home = acting.lookups.pool(pool).ok_or(ConversationRefusal::NoSuchPool)?.organization;
        let calendar = acting.calendar(home).ok_or(ConsultationRefusal::NoStaffedHour)?;
        let due = calendar.due(urgency, acting.now).ok_or(ConsultationRefusal::NoStaffedHour)?;
        Ok(vec![ConsultationEvent::Submitted(Submitted { question, urgency, consent, may_convert, due }).into()])
    }

    fn opened(_: &Opened) -> Self {
        Self { due: None, answered_at: None, ask_again_from: None, step: Step::Submitted }
    }

    fn admits(
        &self,
        act: ConversationAct,
        _: &Conversation,
        acting: &Acting<'_>,
    ) -> Result<(), Refused<ConsultationRefusal>> {
        match act {
            ConversationAct::Claim => match &self.step {
                Step::Assigned { to: None } => Ok(()),
                Step::Assigned { to: Some(person) } if Some(*person) == acting.by.person() => Ok(()),
                Step::Assigned { to: Some(_) } => Err(ConsultationRefusal::AssignedToAnother.into()),
                // The second person to claim is told that it is claimed, not which state that is.
                Step::InReview => Err(ConversationRefusal::AlreadyClaimed.into()),
                Step::Submitted | Step::Answered { .. } | Step::PlanRecorded | Step::PatientInformed | Step::Closed => {
                    Err(self.not_in_state())
                }
            },
            ConversationAct::AddParticipant
            | ConversationAct::PostMessage
            | ConversationAct::MarkRead
            | ConversationAct::PutAway
            | ConversationAct::HideFromDelegates
            | ConversationAct::ShowToDelegates
            | ConversationAct::RemoveParticipant => Ok(()),
            ConversationAct::ReturnToPool => match self.step {
                Step::InReview => Ok(()),
                Step::Submitted
                | Step::Assigned { .. }
                | Step::Answered { .. }
                | Step::PlanRecorded
                | Step::PatientInformed
                | Step::Closed => Err(self.not_in_state()),
            },
            // Whose turn it is follows from the state, and closing from the survey.
            ConversationAct::SetWaitingOn
            | ConversationAct::PassTurn
            | ConversationAct::EndWait
            | ConversationAct::Close
            | ConversationAct::Escalate
            | ConversationAct::NoteDeath
            | ConversationAct::ExpireInvitation
            | ConversationAct::InviteParticipant
            | ConversationAct::AcceptInvitation
            | ConversationAct::DeclineInvitation
            | ConversationAct::ChangeHistoryWindow
            | ConversationAct::Leave
            | ConversationAct::Release
            | ConversationAct::Transfer
            | ConversationAct::TakeOver
            | ConversationAct::Reopen => Err(ConversationRefusal::NotAdmitted.into()),
        }
    }

    fn follow(
        &self,
        command: &ConversationCommand,
        _: &Conversation,
        acting: &Acting<'_>,
    ) -> Result<Vec<ConsultationEvent>, Refused<ConsultationRefusal>> {
        match command {
            ConversationCommand::Claim(Claim) => {
                Ok(vec![ConsultationEvent::ReviewStarted(ReviewStarted { by: acting.by })])
            }
            // The pool has it again, for any of its members.
            ConversationCommand::ReturnToPool(ReturnToPool) => {
                Ok(vec![ConsultationEvent::Assigned(Assigned { by: acting.by, to: None, reason: None })])
            }
            // Only members of the patient's care team are added.
            ConversationCommand::AddParticipant(AddParticipant {
                place: Some(_),
                person: _,
                history: _,
                reason: _,
            }) => Err(ConversationRefusal::NotOnCareTeam.into()),
            ConversationCommand::AddParticipant(AddParticipant { place: None, person: _, history: _, reason: _ })
            | ConversationCommand::PostMessage(_)
            | ConversationCommand::MarkRead(_)
            | ConversationCommand::PutAway(_)
            | ConversationCommand::HideFromDelegates(_)
            | ConversationCommand::ShowToDelegates(_)
            | ConversationCommand::SetWaitingOn(_)
            | ConversationCommand::PassTurn(_)
            | ConversationCommand::EndWait(_)
            | ConversationCommand::Close(_)
            | ConversationCommand::Escalate(_)
            | ConversationCommand::NoteDeath(_)
            | ConversationCommand::ExpireInvitation(_)
            | ConversationCommand::InviteParticipant(_)
            | ConversationCommand::AcceptInvitation(_)
            | ConversationCommand::DeclineInvitation(_)
            | ConversationCommand::ChangeHistoryWindow(_)
            | ConversationCommand::Leave(_)
            | ConversationCommand::RemoveParticipant(_)
            | ConversationCommand::Release(_)
            | ConversationCommand::Transfer(_)
            | ConversationCommand::TakeOver(_)
            | ConversationCommand::Reopen(_) => Ok(vec![]),
        }
    }

    fn takes(&self, act: ConsultationAct, _: &Conversation) -> Result<(), Refused<ConsultationRefusal>> {
        let fits = match (act, &self.step) {
            (ConsultationAct::Assign | ConsultationAct::AskForAssignment, Step::Submitted | Step::Assigned { .. })
            | (ConsultationAct::Advise, Step::InReview)
            | (ConsultationAct::RecordPlan, Step::Answered { .. })
            | (ConsultationAct::InformPatient, Step::PlanRecorded)
            | (ConsultationAct::CloseConsultation, Step::PatientInformed)
            | (
                ConsultationAct::HandOverRequest,
                Step::Submitted
                | Step::Assigned { .. }
                | Step::InReview
                | Step::Answered { .. }
                | Step::PlanRecorded
                | Step::PatientInformed,
            ) => true,
            (
                ConsultationAct::Assign
                | ConsultationAct::AskForAssignment
                | ConsultationAct::HandOverRequest
                | ConsultationAct::Advise
                | ConsultationAct::RecordPlan
                | ConsultationAct::InformPatient
                | ConsultationAct::CloseConsultation,
                // Every state by name, so that a new one asks which commands it takes.
                Step::Submitted
                | Step::Assigned { .. }
                | Step::InReview
                | Step::Answered { .. }
                | Step::PlanRecorded
                | Step::PatientInformed
                | Step::Closed,
            ) => false,
        };
        if fits { Ok(()) } else { Err(self.not_in_state()) }
    }

    fn needs_text(act: ConsultationAct) -> bool {
        match act {
            ConsultationAct::Advise | ConsultationAct::AskForAssignment | ConsultationAct::HandOverRequest => true,
            ConsultationAct::Assign
            | ConsultationAct::RecordPlan
            | ConsultationAct::InformPatient
            | ConsultationAct::CloseConsultation => false,
        }
    }

    fn decide(
        &self,
        command: &ConsultationCommand,
        conversation: &Conversation,
        acting: &Acting<'_>,
    ) -> Result<Vec<KindEvent<ConsultationEvent>>, Refused<ConsultationRefusal>> {
        acting.by.person().ok_or(ConversationRefusal::NotAPerson)?;
        let by = acting.by;
        let event = match command {
            ConsultationCommand::Assign(Assign { to, reason }) => {
                if let Step::Assigned { to: before } = &self.step {
                    if to == before {
                        return Ok(vec![]);
                    }
                    reason.ok_or(ConsultationRefusal::ReasonMissing)?;
                }
                if to.is_some_and(|person| !answers_for(conversation, person, acting)) {
                    return Err(ConsultationRefusal::NotInPool.into());
                }
                ConsultationEvent::Assigned(Assigned { by, to: *to, reason: *reason })
            }
            ConsultationCommand::AskForAssignment(AskForAssignment { reason }) => {
                if self.ask_again_from.is_some_and(|from| acting.now < from) {
                    return Err(ConsultationRefusal::AskedToday.into());
                }
                let calendar = acting.calendar(conversation.owning_organization);
                let a_day = calendar.and_then(|calendar| calendar.business_days(1, acting.now));
                let again_from = a_day.map_or(acting.now + Duration::days(1), |due| due.at);
                let (reason, at) = (reason.clone(), acting.now);
                ConsultationEvent::AssignmentRequested(AssignmentRequested { by, reason, at, again_from })
            }
            ConsultationCommand::HandOverRequest(hand_over) => {
                let changed = requester_changed(hand_over, conversation, acting)?;
                return Ok(vec![ConversationEvent::RequesterChanged(changed).into()]);
            }
            ConsultationCommand::Advise(advise) => ConsultationEvent::Advised(advised(advise, acting)?),
            ConsultationCommand::RecordPlan(plan) => {
                let Step::Answered { recommendations } = &self.step else { return Err(self.not_in_state()) };
                ConsultationEvent::PlanRecorded(plan_recorded(plan, recommendations, by)?)
            }
            ConsultationCommand::InformPatient(InformPatient { method, told_at }) => {
                let told_at = acting.past(*told_at).ok_or(ConsultationRefusal::ToldInFuture)?;
                if self.answered_at.is_some_and(|answered_at| told_at < answered_at) {
                    return Err(ConsultationRefusal::ToldBeforeAnswer.into());
                }
                let informed = PatientInformed { by, method: *method, told_at };
                // The patient may read the answer from now on.
                return Ok(vec![
                    ConsultationEvent::PatientInformed(informed).into(),
                    ConversationEvent::Released(Released { by }).into(),
                ]);
            }
            ConsultationCommand::CloseConsultation(CloseConsultation { survey }) => {
                if ![survey.helpful, survey.educational].iter().all(|rating| (1..=5).contains(rating)) {
                    return Err(ConsultationRefusal::RatingOutOfRange.into());
                }
                ConsultationEvent::Surveyed(Surveyed { by, survey: *survey })
            }
        };
        Ok(vec![event.into()])
    }

    fn evolve(mut self, event: &ConsultationEvent) -> Self {
        self.step = match event {
            ConsultationEvent::Submitted(submitted) => {
                self.due = Some(submitted.due.at);
                Step::Submitted
            }
            ConsultationEvent::Assigned(assigned) => Step::Assigned { to: assigned.to },
            ConsultationEvent::AssignmentRequested(requested) => {
                self.ask_again_from = Some(requested.again_from);
                self.step
            }
            ConsultationEvent::ReviewStarted(_) => Step::InReview,
            ConsultationEvent::Advised(advised) => {
                self.answered_at = advised.at;
                let recommendations = advised.recommendations.iter().map(|each| each.recommendation).collect();
                Step::Answered { recommendations }
            }
            ConsultationEvent::PlanRecorded(_) => Step::PlanRecorded,
            ConsultationEvent::PatientInformed(_) => Step::PatientInformed,
            ConsultationEvent::Surveyed(_) => Step::Closed,
        };
        self
    }

    fn turn(&self, conversation: &Conversation) -> Turn {
        let (party, action, due) = match self.step {
            Step::Submitted => (Party::coordinators(conversation.owning_organization), Assign::NAME, self.due),
            Step::Assigned { to: None } => (conversation.owner.party(), Claim::NAME, self.due),
            Step::Assigned { to: Some(person) } => (Party::Person(person), Claim::NAME, self.due),
            Step::InReview => (conversation.owner.party(), Advise::NAME, self.due),
            Step::Answered { .. } => (conversation.asker(), RecordPlan::NAME, None),
            Step::PlanRecorded => (conversation.asker(), InformPatient::NAME, None),
            Step::PatientInformed => (conversation.asker(), CloseConsultation::NAME, None),
            Step::Closed => return Turn::Over,
        };
        Turn::Of(WaitingOn { party, action, due })
    }

    fn last_resorts(&self, conversation: &Conversation) -> Vec<Party> {
        conversation.last_resorts().to_vec()
    }

    fn state(&self, _: &Conversation) -> &'static str {
        self.state_word().word()
    }
}

impl Consultation {
    /// The state by name.
    #[must_use]
    pub fn state_word(&self) -> ConsultationState {
        match self.step {
            Step::Submitted => ConsultationState::Submitted,
            Step::Assigned { .. } => ConsultationState::Assigned,
            Step::InReview => ConsultationState::InReview,
            Step::Answered { .. } => ConsultationState::Answered,
            Step::PlanRecorded => ConsultationState::PlanRecorded,
            Step::PatientInformed => ConsultationState::PatientInformed,
            Step::Closed => ConsultationState::Closed,
        }
    }

    fn not_in_state(&self) -> Refused<ConsultationRefusal> {
        ConsultationRefusal::NotInState { state: self.state_word() }.into()
    }
}

/// The consent at a time that is possible.
fn consented(consent: Consent, acting: &Acting<'_>) -> Result<Consent, ConsultationRefusal> {
    let Consent::Given { method, at } = consent else { return Ok(consent) };
    let at = acting.past(at).ok_or(ConsultationRefusal::ConsentInFuture)?;
    let oldest = acting.now.checked_sub_months(Months::new(12 * CONSENT_YEARS_MAX));
    if oldest.is_some_and(|oldest| at < oldest) {
        return Err(ConsultationRefusal::ConsentTooOld);
    }
    Ok(Consent::Given { method, at })
}

/// The requester after a hand-over. The requester hands over themself; a coordinator does where the requester cannot.
fn requester_changed(
    hand_over: &HandOverRequest,
    conversation: &Conversation,
    acting: &Acting<'_>,
) -> Result<RequesterChanged, Refused<ConsultationRefusal>> {
    let HandOverRequest { to, reason } = hand_over.clone();
    let place = Place { role: Role::Physician, organization: conversation.organization };
    let lookups = acting.lookups;
    if conversation.requester == Actor::Person(to) {
        return Err(ConsultationRefusal::SameRequester.into());
    }
    if let Some(patient) = conversation.patient {
        if lookups.is_patient(patient, to) {
            return Err(ConversationRefusal::OwnRecord.into());
        }
        if acting.by == Actor::Person(to) {
            return Err(ConversationRefusal::SelfNotAllowed.into());
        }
        // Who is blocked is no physician here, as far as anybody is told.
        if !lookups.holds_role(to, place) || lookups.is_blocked(patient, to, acting.thread) {
            return Err(ConsultationRefusal::NotAClinician.into());
        }
        let is_there = |requester| {
            lookups.holds_role(requester, place)
                && lookups.care_team_place(patient, requester).is_some()
                && !lookups.is_blocked(patient, requester, acting.thread)
        };
        if acting.by != conversation.requester && conversation.requester.person().is_some_and(is_there) {
            return Err(ConsultationRefusal::RequesterPresent.into());
        }
    }
    Ok(RequesterChanged { by: acting.by, requester: to, role: place.role, reason })
}

/// Whether the person is a physician of the owning pool, who may answer for it.
fn answers_for(conversation: &Conversation, person: PersonId, acting: &Acting<'_>) -> bool {
    let Some(pool) = conversation.owner.pool() else { return false };
    let Some(facts) = acting.lookups.pool(pool) else { return false };
    let place = Place { role: Role::Physician, organization: facts.organization };
    let is_blocked =
        conversation.patient.is_some_and(|patient| acting.lookups.is_blocked(patient, person, acting.thread));
    acting.lookups.is_pool_member(pool, person) && acting.lookups.holds_role(person, place) && !is_blocked
}

fn advised(advise: &Advise, acting: &Acting<'_>) -> Result<Advised, ConsultationRefusal> {
    let Advise { recommendations, come_back_when, minutes_spent } = advise.clone();
    if !(1..=RECOMMENDATIONS_MAX).contains(&recommendations.len()) {
        return Err(ConsultationRefusal::RecommendationCount);
    }
    let recommendations = (0_u32..).zip(recommendations).map(|(index, each)| {
        let Recommended { kind, certainty, text } = each;
        Recommendation { recommendation: acting.command.creates(index), kind, certainty, text }
    });
    Ok(Advised {
        by: acting.by,
        recommendations: recommendations.collect(),
        come_back_when,
        minutes_spent,
        at: Some(acting.now),
    })
}

fn plan_recorded(
    plan: &RecordPlan,
    recommendations: &[RecommendationId],
    by: Actor,
) -> Result<PlanRecorded, ConsultationRefusal> {
    let mut open: BTreeSet<RecommendationId> = recommendations.iter().copied().collect();
    let each_once = plan.dispositions.iter().all(|disposed| open.remove(&disposed.recommendation));
    if !each_once || !open.is_empty() {
        return Err(ConsultationRefusal::NotAllDisposed);
    }
    let unexplained = |disposed: &Disposed| disposed.disposition != Disposition::Accepted && disposed.reason.is_none();
    if plan.dispositions.iter().any(unexplained) {
        return Err(ConsultationRefusal::DispositionReasonMissing);
    }
    let RecordPlan { dispositions, note } = plan.clone();
    Ok(PlanRecorded { by, dispositions, note })
}

#[cfg(test)]
pub(crate) mod scenarios;
