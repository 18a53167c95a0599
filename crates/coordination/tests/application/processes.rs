//! What acts when nobody does: a thread that nobody claims, and work that its owner leaves behind.

use care::command_name::Named;
use care::conversation::{Claim, Party, PassTurn, Place, WaitingOn};
use care::ids::{OrganizationId, PersonId, ThreadId};
use care::organization::RemovePoolMember;
use care::person::GrantRole;
use care::words::{Audience, Role};
use chrono::{DateTime, TimeDelta, Utc};
use coordination::fault::{Failed, Problem};
use journal::{Direction, StreamName};
use std::num::NonZeroU32;

use crate::clinic::{Clinic, Commands, context, now, sent_by, signed_in};

/// After the instant until which the pool was to claim what was asked at [`now`].
fn overdue() -> DateTime<Utc> {
    now() + TimeDelta::days(2)
}

impl Clinic {
    /// Whom a thread waits for, as somebody who finds it sees it.
    pub async fn waiting(&self, person: PersonId, thread: ThreadId) -> WaitingOn {
        let reader = self.reader(person).await;
        let view = reader.thread(thread).expect("no fault").expect("found");
        let waiting = view.waiting_on.as_ref().expect("it is open");
        WaitingOn { party: waiting.party, action: waiting.action, due: waiting.due }
    }

    /// How many events of this type a thread has.
    async fn count(&self, thread: ThreadId, event_type: &str) -> usize {
        let name = StreamName::parse(&format!("thread-{thread}")).expect("a name");
        let max = NonZeroU32::new(100).expect("many");
        let page = self.installation.care.read_stream(&name, None, Direction::Forward, max).await.expect("read");
        page.events.iter().filter(|event| event.event_type.as_str() == event_type).count()
    }

    async fn run_processes(&self, now: DateTime<Utc>) -> usize {
        let effects = self.application.run_processes(now).await.expect("no fault");
        self.application.catch_up().await.expect("caught up");
        effects
    }
}

fn coordinator_of(organization: OrganizationId) -> Party {
    Party::Role(Place { role: Role::Coordinator, organization })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_that_nobody_claims_becomes_the_coordinators_turn_once_also_over_restarts() {
    let mut clinic = Clinic::open().await;
    let thread = clinic.ask("unclaimed").await;
    clinic.assign(thread).await;
    let centre = clinic.centre().await;
    assert_eq!(clinic.waiting(clinic.specialist, thread).await.action, Claim::NAME);
    let turns = clinic.count(thread, "thread.waiting_on").await;
    // Too early, also after a restart: the timer is folded again, and is not due.
    assert_eq!(clinic.run_processes(now() + TimeDelta::hours(1)).await, 0);
    clinic.restart().await;
    assert_eq!(clinic.run_processes(now() + TimeDelta::hours(1)).await, 0);
    // The node was down at the due instant, and acts when it is up again.
    clinic.restart().await;
    assert_eq!(clinic.run_processes(overdue()).await, 1);
    let waiting = clinic.waiting(clinic.centre_coordinator, thread).await;
    assert_eq!((waiting.party, waiting.action), (coordinator_of(centre), PassTurn::NAME));
    assert!(waiting.due.is_some(), "a party of last resort has a due instant too");
    assert_eq!(clinic.run_processes(overdue()).await, 0);
    clinic.restart().await;
    assert_eq!(clinic.run_processes(overdue()).await, 0);
    assert_eq!(clinic.count(thread, "thread.waiting_on").await, turns + 1);
    // The pool can still claim it.
    clinic.claim(clinic.specialist, thread).await.expect("claimed");
    assert_eq!(clinic.run_processes(overdue()).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_act_at_the_same_instant_act_once() {
    let clinic = Clinic::open().await;
    let threads = [clinic.ask("one").await, clinic.ask("two").await];
    let elsewhere = clinic.installation.elsewhere();
    let other = elsewhere.open().await.expect("another node");
    let mut turns = Vec::new();
    for thread in threads {
        turns.push(clinic.count(thread, "thread.waiting_on").await);
    }
    let (here, there) = tokio::join!(clinic.application.run_processes(overdue()), other.run_processes(overdue()));
    assert!(here.is_ok() && there.is_ok(), "{here:?} {there:?}");
    for (thread, before) in threads.into_iter().zip(turns) {
        assert_eq!(clinic.count(thread, "thread.waiting_on").await, before + 1);
    }
    other.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threads_of_an_owner_who_leaves_are_back_in_the_pool_when_the_command_is_answered() {
    for by_role in [true, false] {
        let clinic = Clinic::open().await;
        let thread = clinic.ask("left").await;
        clinic.assign(thread).await;
        clinic.claim(clinic.specialist, thread).await.expect("claimed");
        let centre = clinic.centre().await;
        if by_role {
            clinic.end(clinic.specialist, centre, Role::Physician).await;
        } else {
            let remove = RemovePoolMember { pool: clinic.cardiology, person: clinic.specialist };
            let by = signed_in(clinic.admin);
            clinic
                .application
                .remove_pool_member(sent_by(&by, &context("remove")), centre, remove)
                .await
                .expect("removed");
        }
        let waiting = clinic.waiting(clinic.centre_coordinator, thread).await;
        assert_eq!((waiting.party, waiting.action), (Party::Pool(clinic.cardiology), Claim::NAME));
        assert!(clinic.application.loose_ends(crate::clinic::later()).is_empty());
        assert_eq!(clinic.count(thread, "thread.owner_changed").await, 2);
        // The history stays, and another member of the pool goes on with it.
        clinic.claim_again(clinic.other_specialist, thread).await.expect("claimed");
        clinic.post(clinic.other_specialist, thread, "I go on", Audience::Everyone).await.expect("posted");
        let refused = clinic.post(clinic.specialist, thread, "me too", Audience::Everyone).await;
        assert!(matches!(refused, Err(Failed::Problem(Problem::NotFound | Problem::NotPermitted))), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_turn_of_a_requester_who_left_passes_to_a_party_of_last_resort() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("loose").await;
    clinic.assign(thread).await;
    clinic.claim(clinic.specialist, thread).await.expect("claimed");
    clinic.advise(thread).await;
    let waiting = clinic.waiting(clinic.specialist, thread).await;
    assert_eq!(waiting.party, Party::Person(clinic.pcp));
    // The requester, who plans, leaves the practice; nobody else plans for them.
    clinic.end(clinic.pcp, clinic.practice, Role::Physician).await;
    let waiting = clinic.waiting(clinic.centre_coordinator, thread).await;
    assert_eq!(waiting.action, PassTurn::NAME, "a party of last resort says who goes on");
    assert!(clinic.application.loose_ends(crate::clinic::later()).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_ends_by_itself_wakes_the_processes_at_its_end() {
    let clinic = Clinic::open().await;
    let until = now() + TimeDelta::minutes(30);
    let by = signed_in(clinic.admin);
    let aide = clinic.register(clinic.practice, "aide", None).await;
    let grant = GrantRole { organization: clinic.practice, role: Role::Nurse, until: Some(until) };
    clinic.application.grant_role(sent_by(&by, &context("aide")), aide, grant).await.expect("granted");
    let member = clinic.new_member(clinic.patient, aide, Role::Nurse);
    let by = signed_in(clinic.coordinator);
    clinic.application.add_member(sent_by(&by, &context("aide")), member).await.expect("added");
    let thread = clinic.ask("until").await;
    let by = signed_in(clinic.pcp);
    clinic.application.add_participant(sent_by(&by, &context("aide")), thread, aide).await.expect("added");
    let due = async |at| clinic.application.run_due_processes(at).await.expect("no fault");
    let before = until - TimeDelta::seconds(1);
    clinic.application.run_processes(before).await.expect("no fault");
    assert_eq!(due(before).await, None);
    assert_eq!(clinic.count(thread, "thread.participant_removed").await, 0);
    assert_eq!(due(until).await, Some(1));
    assert_eq!(clinic.count(thread, "thread.participant_removed").await, 1);
    assert_eq!(due(until).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_repeats_a_refused_command_only_after_a_change() {
    let clinic = Clinic::open().await;
    let centre = clinic.centre().await;
    // Nobody is left to whom it could be escalated: the only coordinator and administrator is the patient.
    let (_, thread) = clinic.ask_about(clinic.admin).await;
    clinic.assign(thread).await;
    // Nobody grants that to themself, and here is nobody else: it is from before that was refused.
    let granted = format!(
        r#"{{"person":"{}","organization":"{centre}","role":"coordinator","from":"2026-11-23T09:00:00.000000Z"}}"#,
        clinic.admin
    );
    clinic.forge(&format!("person-{}", clinic.admin), "person.role_granted", &granted).await;
    clinic.end(clinic.centre_coordinator, centre, Role::Coordinator).await;
    let by = signed_in(clinic.admin);
    let due = async |at| clinic.application.run_due_processes(at).await.expect("no fault");
    assert_eq!(due(overdue()).await, Some(0));
    assert_eq!(due(overdue()).await, None);
    // What happens in another thread changes nothing for this one; a new coordinator does.
    clinic.ask("another").await;
    assert_eq!(due(overdue()).await, Some(1), "the other one is escalated");
    assert_eq!(due(overdue()).await, None);
    let grant = GrantRole { organization: centre, role: Role::Coordinator, until: None };
    clinic
        .application
        .grant_role(sent_by(&by, &context("new")), clinic.centre_coordinator, grant)
        .await
        .expect("granted");
    clinic.run_processes(overdue()).await;
    assert_eq!(clinic.waiting(clinic.pcp, thread).await.party, coordinator_of(centre));
    assert_eq!(due(overdue()).await, None);
}
