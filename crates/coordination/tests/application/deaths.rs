//! What the recorded death of a patient does to the threads about them.

use std::num::NonZeroU32;

use care::command_name::Named;
use care::conversation::{Party, PassTurn, PostMessage, WaitingOn};
use care::ids::{PersonId, ThreadId};
use care::patient::{PatientCommand, RecordDeath, VoidDeath};
use care::words::Audience;
use chrono::TimeDelta;
use coordination::following::Followed;
use journal::{Direction, StreamName};

use crate::clinic::{Clinic, Commands, context, now, sent_by, signed_in, text};

impl Clinic {
    async fn of_patient(&self, by: PersonId, key: &str, command: impl Into<PatientCommand>) {
        let context = sent_by(&signed_in(by), &context(key));
        self.application.record(context, self.patient, command.into()).await.expect("not refused");
        self.application.catch_up().await.expect("caught up");
    }

    async fn patient_dies(&self) {
        let died = RecordDeath { at: now() - TimeDelta::days(1), source: text("A letter of the hospital.") };
        self.of_patient(self.coordinator, "died", died).await;
    }

    /// How often a thread says that the patient died.
    async fn deaths_said(&self, thread: ThreadId) -> usize {
        let name = StreamName::parse(&format!("thread-{thread}")).expect("a name");
        let max = NonZeroU32::new(100).expect("many");
        let page = self.installation.care.read_stream(&name, None, Direction::Forward, max).await.expect("read");
        page.events.iter().filter(|event| event.event_type.as_str() == "thread.patient_died").count()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_death_turns_each_open_thread_to_its_owner_once_and_its_correction_leaves_it_so() {
    let mut clinic = Clinic::open().await;
    let (claimed, pooled) = (clinic.ask("claimed").await, clinic.ask("pooled").await);
    clinic.assign(claimed).await;
    clinic.claim(clinic.specialist, claimed).await.expect("claimed");
    clinic.advise(claimed).await;
    assert_eq!(clinic.waiting(clinic.specialist, claimed).await.party, Party::Person(clinic.pcp));
    // The command is answered when the threads say it.
    clinic.patient_dies().await;
    let owners = [(claimed, Party::Person(clinic.specialist)), (pooled, Party::Pool(clinic.cardiology))];
    let turned = async |clinic: &Clinic| {
        for (thread, owner) in owners {
            let waiting = clinic.waiting(clinic.specialist, thread).await;
            assert_eq!((waiting.party, waiting.action), (owner, PassTurn::NAME));
            assert!(waiting.due.is_some_and(|due| now() + TimeDelta::days(1) < due), "{:?}", waiting.due);
            assert_eq!(clinic.deaths_said(thread).await, 1);
        }
        assert!(clinic.application.loose_ends(now()).is_empty(), "the owner can do what is awaited");
    };
    turned(&clinic).await;
    clinic.restart().await;
    assert_eq!(clinic.application.run_processes(now()).await.expect("no fault"), 0);
    turned(&clinic).await;
    clinic.of_patient(clinic.nurse, "lives", VoidDeath { reason: text("It was her sister.") }).await;
    turned(&clinic).await;
    for (thread, _) in owners {
        let to = WaitingOn { party: Party::Person(clinic.pcp), action: PostMessage::NAME, due: None };
        let by = sent_by(&signed_in(clinic.specialist), &context(&format!("pass-{thread}")));
        let pass = PassTurn { to, note: None }.into();
        clinic.application.conversation(by, thread, pass).await.expect("passed on");
        assert_eq!(clinic.waiting(clinic.pcp, thread).await, to);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_that_staff_open_after_the_death_goes_its_way() {
    let clinic = Clinic::open().await;
    clinic.patient_dies().await;
    let thread = clinic.ask("after").await;
    let waiting = clinic.waiting(clinic.centre_coordinator, thread).await;
    assert_eq!(clinic.application.run_processes(now()).await.expect("no fault"), 0);
    assert_eq!(clinic.waiting(clinic.centre_coordinator, thread).await, waiting);
    assert_eq!(clinic.deaths_said(thread).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_account_of_a_patient_who_died_gets_no_notice() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("noticed").await;
    let mut notices = clinic.follow(clinic.patient_person, Followed::Thread(thread), None).await;
    clinic.post(clinic.pcp, thread, "alive", Audience::Everyone).await.expect("posted");
    assert!(!clinic.told(&mut notices).await.0.is_empty());
    clinic.patient_dies().await;
    clinic.post(clinic.pcp, thread, "dead", Audience::Everyone).await.expect("posted");
    let (told, _) = clinic.told(&mut notices).await;
    assert!(told.is_empty(), "{told:?}");
}
