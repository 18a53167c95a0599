//! A button says what its command would hear: `viewerCan…` and the command agree, for everybody
//! and in every state of the road.

use care::consultation::Survey;
use care::ids::{PersonId, ThreadId};
use care::words::{Audience, ClosingOutcome, InformMethod};
use coordination::commands::{Advice, Assignment, NewMessage, Plan};
use coordination::fault::{Failed, Problem};
use policy::words::Action;

use crate::clinic::{Clinic, metadata, now, signed_in, text};

const ACTIONS: [(Action, Option<Audience>); 10] = [
    (Action::ThreadPost, Some(Audience::Everyone)),
    (Action::ThreadPost, Some(Audience::ClinicalTeam)),
    (Action::ThreadMarkRead, None),
    (Action::ThreadInvite, None),
    (Action::ThreadClaim, None),
    (Action::ConsultationAssign, None),
    (Action::ConsultationAdvise, None),
    (Action::ConsultationRecordPlan, None),
    (Action::ConsultationInformPatient, None),
    (Action::ConsultationClose, None),
];

/// Gives the command of an action and says whether it was permitted, whatever else refused it.
/// The inputs are such that care refuses them or that they do no harm to the road.
#[expect(clippy::wildcard_enum_match_arm, reason = "only the actions listed above have a command here")]
async fn permitted(
    clinic: &Clinic,
    by: PersonId,
    thread: ThreadId,
    action: Action,
    audience: Option<Audience>,
) -> bool {
    static TRIES: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let key = format!("try-{}", TRIES.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    let (identity, application) = (signed_in(by), &clinic.application);
    let metadata = |mutation| metadata(mutation, &key);
    let stale = |mutation| coordination::CommandMetadata { expected: Some("stale".into()), ..metadata(mutation) };
    let outcome = match action {
        Action::ThreadPost => {
            let message = NewMessage { audience, body: text("try") };
            application.post_message((&identity, &metadata("postMessage")), thread, message).await
        }
        Action::ThreadMarkRead => {
            let message = care::ids::Id::from_uuid(uuid::Uuid::nil());
            application.mark_read((&identity, &metadata("markThreadRead")), thread, message).await
        }
        Action::ThreadInvite => {
            application.add_participant((&identity, &metadata("addParticipant")), thread, clinic.nurse).await
        }
        // A version that is none refuses the moves after they were permitted.
        Action::ThreadClaim => application.claim(&identity, &stale("claimThread"), thread).await,
        Action::ConsultationAssign => {
            let assignment = Assignment { to: None, reason: None };
            application.assign_consultation((&identity, &stale("assignConsultation")), thread, assignment).await
        }
        Action::ConsultationAdvise => {
            let advice = Advice { recommendations: vec![], come_back_when: None, minutes_spent: 1 };
            application.advise((&identity, &stale("adviseConsultation")), thread, advice).await
        }
        Action::ConsultationRecordPlan => {
            let plan = Plan { dispositions: vec![], note: None };
            application.record_plan((&identity, &stale("recordPlan")), thread, plan).await
        }
        Action::ConsultationInformPatient => {
            let told = (InformMethod::Letter, now());
            application.inform_patient((&identity, &stale("informPatient")), thread, told).await
        }
        Action::ConsultationClose => {
            let survey = Survey { outcome: ClosingOutcome::NewPlan, helpful: 1, educational: 1 };
            application.close_consultation((&identity, &stale("closeConsultation")), thread, survey).await
        }
        other => panic!("no command for {other:?}"),
    };
    match outcome {
        Ok(_) => true,
        Err(Failed::Problem(Problem::NotFound | Problem::NotPermitted)) => false,
        Err(Failed::Problem(_)) => true,
        Err(Failed::Fault(fault)) => panic!("{fault}"),
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
        for (action, audience) in ACTIONS {
            let reader = clinic.reader(person).await;
            let shown =
                reader.thread(thread).expect("no fault").is_some_and(|view| reader.may(&view, action, audience));
            drop(reader);
            let given = permitted(clinic, person, thread, action, audience).await;
            assert_eq!(shown, given, "{person:?} {action:?} {audience:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_shown_as_allowed_is_what_the_command_hears() {
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
