//! Permission fields agree with their commands: `viewerCan…` and the command agree, for everybody
//! and in every state of the road.

use care::command_name::Command;
use care::conversation::{AddParticipant, Addressed, Claim, ConversationCommand, HistoryWindow, MarkRead, PostMessage};
use care::ids::{Id, MessageId, PersonId, ThreadId};
use care::lifecycle::consultation::{
    Advise, Assign, CloseConsultation, ConsultationCommand, InformPatient, RecordPlan, Survey,
};
use care::thread::{Thread, ThreadCommand};
use care::words::{ClosingOutcome, InformMethod};
use coordination::CommandContext;
use coordination::fault::{Failed, Problem};
use coordination::reader::Can;

use crate::clinic::{Clinic, context, give, now, sent_by, signed_in, text};

/// One command of each name that is shown as a button.
fn commands(clinic: &Clinic) -> Vec<ThreadCommand> {
    let post = |addressed| ConversationCommand::from(PostMessage { addressed, body: text("try") });
    let message = MessageId::from_uuid(uuid::Uuid::nil());
    let person = clinic.nurse;
    let add = AddParticipant { person, place: None, history: HistoryWindow::Full, reason: None };
    let survey = Survey { outcome: ClosingOutcome::NewPlan, helpful: 1, educational: 1 };
    vec![
        post(Addressed::Everyone).into(),
        post(Addressed::ClinicalTeam).into(),
        ConversationCommand::from(MarkRead { message }).into(),
        ConversationCommand::from(add).into(),
        ConversationCommand::from(Claim).into(),
        ConsultationCommand::from(Assign { to: None, reason: None }).into(),
        ConsultationCommand::from(Advise { recommendations: vec![], come_back_when: None, minutes_spent: 1 }).into(),
        ConsultationCommand::from(RecordPlan { dispositions: vec![], note: None }).into(),
        ConsultationCommand::from(InformPatient { method: InformMethod::Letter, told_at: now() }).into(),
        ConsultationCommand::from(CloseConsultation { survey }).into(),
    ]
}

/// Gives a command and says whether it was permitted. A version that is none refuses it after that.
async fn permitted(clinic: &Clinic, by: PersonId, thread: ThreadId, command: ThreadCommand) -> bool {
    static TRIES: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let key = format!("try-{}", TRIES.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    let stale = CommandContext { expected: Some("stale".into()), ..context(&key) };
    match give::<Thread>(&clinic.application, sent_by(&signed_in(by), &stale), Some(thread), command).await {
        Err(Failed::Problem(Problem::NotFound | Problem::NotPermitted)) => false,
        Err(Failed::Problem(Problem::InvalidVersion)) => true,
        Ok(outcome) => panic!("it was carried out: {outcome:?}"),
        Err(other) => panic!("{other}"),
    }
}

async fn all_agree(clinic: &Clinic, thread: ThreadId) {
    let people = [
        clinic.admin,
        clinic.pcp,
        clinic.nurse,
        clinic.social_worker,
        clinic.coordinator,
        clinic.centre_coordinator,
        clinic.specialist,
        clinic.other_specialist,
        clinic.patient_person,
        clinic.stranger,
    ];
    for person in people {
        for command in commands(clinic) {
            let (name, audience) = (command.name(), command.audience());
            let reader = clinic.reader(person).await;
            let shown = reader
                .thread(thread)
                .expect("no fault")
                .is_some_and(|view| reader.can(&view, name, audience).expect("no fault") != Can::NotPermitted);
            drop(reader);
            let given = permitted(clinic, person, thread, command).await;
            assert_eq!(shown, given, "{person:?} {name:?} {audience:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shown_permission_is_the_answer_of_the_command() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("agree").await;
    all_agree(&clinic, thread).await;
    clinic.assign(thread).await;
    clinic.claim(clinic.specialist, thread).await.expect("claimed");
    all_agree(&clinic, thread).await;
    let recommendation = clinic.advise(thread).await;
    all_agree(&clinic, thread).await;
    clinic.plan(thread, recommendation).await;
    clinic.inform(thread).await;
    clinic.close_consultation(thread).await;
    all_agree(&clinic, thread).await;
}
