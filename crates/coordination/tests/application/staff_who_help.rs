//! Staff who help a patient themselves: what their work would show them about that patient is not there for them.

use care::care_team::{AddMember, CareTeam, CareTeamCommand, CareTeamRefusal, JoinCareTeam, RemoveMember};
use care::conversation::{Claim, ConversationCommand};
use care::delegation::{AcceptDelegation, Delegation, DelegationCommand, RevokeDelegation};
use care::ids::{DelegationId, Id, PatientId, PersonId, ThreadId};
use care::words::{Audience, Role};
use chrono::TimeDelta;
use coordination::fault::{Failed, Fault, Problem, Refusal};
use coordination::following::{Followed, NoticeTopic};
use coordination::reader::{Page, Reader, Worklist};
use uuid::Uuid;

use crate::clinic::{Clinic, Commands as _, Given, context, current_inbox, give, now, sent_by, signed_in, text};
use crate::help::{Help, version};
use crate::hidden_threads::{Family, follow, told};

/// A patient with a daughter who works where the record is kept, as a nurse.
async fn nurse_who_is_the_daughter() -> Family {
    let clinic = Clinic::open().await;
    let daughter = clinic.register(clinic.practice, "daughter", Some(Role::Nurse)).await;
    let of_daughter = clinic.helped(&Help::by_child(&clinic, daughter)).await;
    let thread = clinic.ask("seen").await;
    clinic.post(clinic.nurse, thread, "hello", Audience::Everyone).await.expect("posted");
    Family { clinic, daughter, son: daughter, of_daughter, thread }
}

impl Family {
    async fn hidden(&self, key: &str) -> ThreadId {
        self.ask(key, |question| question.opening.hidden_from_delegates = Some(true)).await
    }
}

impl Clinic {
    /// What is in each list of a person's work: their worklists, and the threads of the organizations.
    async fn work_of(&self, person: PersonId) -> Vec<Vec<ThreadId>> {
        let reader = self.reader(person).await;
        let page = || Page { first: Some(100), ..Page::default() };
        let mut lists = Vec::new();
        for list in [Worklist::Mine, Worklist::MyPools, Worklist::Waiting] {
            let found = reader.worklist(list, &page()).expect("no fault").expect("a page");
            lists.push(found.edges.iter().map(|edge| edge.node.thread).collect());
        }
        for organization in [self.practice, self.centre().await] {
            let Some(row) = reader.organization(organization).expect("no fault") else { continue };
            let found = reader.threads_of(&row, &page()).expect("no fault").expect("a page");
            lists.push(found.edges.iter().map(|edge| edge.node.thread).collect());
        }
        lists
    }

    async fn inbox_of(&self, person: PersonId) -> Vec<ThreadId> {
        let reader = self.reader(person).await;
        let found = current_inbox(&reader);
        found.edges.iter().map(|edge| edge.node.thread).collect()
    }

    async fn tries_to_claim(&self, person: PersonId, thread: ThreadId, key: &str) -> Given<ThreadId> {
        self.application.claim(sent_by(&signed_in(person), &context(key)), thread).await
    }

    async fn help(
        &self,
        by: PersonId,
        key: &str,
        of: Option<DelegationId>,
        command: impl Into<DelegationCommand>,
    ) -> DelegationId {
        let by = sent_by(&signed_in(by), &context(key));
        give::<Delegation>(&self.application, by, of, command.into()).await.expect("not refused").target
    }

    async fn team(&self, by: PersonId, key: &str, command: impl Into<CareTeamCommand>) -> Given<PatientId> {
        let by = sent_by(&signed_in(by), &context(key));
        give::<CareTeam>(&self.application, by, Some(self.patient), command.into()).await
    }
}

fn accept() -> AcceptDelegation {
    AcceptDelegation { code: None, terms_version: version(), own_account: true }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nurse_who_is_the_daughter_notices_no_thread_that_is_hidden_from_her() {
    let family = nurse_who_is_the_daughter().await;
    let Family { clinic, daughter, thread, of_daughter, .. } = &family;
    let everything = async || {
        let corpus = family.corpus(*daughter, &[*thread], &[clinic.specialist]).await;
        (corpus, clinic.work_of(*daughter).await)
    };
    let before = everything().await;
    let missing: ThreadId = Id::from_uuid(Uuid::from_u128(7));
    let mut notices =
        [follow(clinic, *daughter, Followed::Inbox).await, follow(clinic, *daughter, Followed::Worklists).await];
    let hidden = family.hidden("hidden").await;
    clinic.post(clinic.pcp, hidden, "hidden-post", Audience::Everyone).await.expect("posted");
    assert_eq!(everything().await, before);
    for following in &mut notices {
        assert_eq!(told(clinic, following).await, (vec![], false));
    }
    let mut of_hidden = follow(clinic, *daughter, Followed::Thread(hidden)).await;
    assert_eq!(told(clinic, &mut of_hidden).await, (vec![], true));
    for (id, key) in [(hidden, "hidden"), (missing, "missing")] {
        assert!(!clinic.finds(*daughter, id).await, "{key}");
        let tried = clinic.post(*daughter, id, &format!("post-{key}"), Audience::Everyone).await;
        assert!(matches!(tried, Err(Failed::Problem(Problem::NotFound))), "{key}: {tried:?}");
        let tried = clinic.tries_to_claim(*daughter, id, &format!("claim-{key}")).await;
        assert!(matches!(tried, Err(Failed::Problem(Problem::NotFound))), "{key}: {tried:?}");
    }
    // The thread of her scope is in her inbox, and nothing about the patient is in a list of her work.
    assert_eq!(clinic.inbox_of(*daughter).await, [*thread]);
    assert!(clinic.work_of(*daughter).await.iter().all(Vec::is_empty));
    clinic.post(*daughter, *thread, "hers", Audience::Everyone).await.expect("posted");
    let tried = clinic.post(*daughter, *thread, "to-the-team", Audience::ClinicalTeam).await;
    assert!(tried.is_err(), "a delegate writes nothing among the team: {tried:?}");
    // When the help has ended she is a nurse as every other.
    let revoke = RevokeDelegation { reason: None };
    clinic.help(clinic.patient_person, "revoke", Some(*of_daughter), revoke).await;
    assert!(clinic.finds(*daughter, hidden).await && clinic.finds(*daughter, *thread).await);
    assert!(clinic.work_of(*daughter).await.iter().any(|list| list.contains(&hidden)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_of_a_pool_is_neither_listed_for_nor_claimed_by_a_member_who_helps_the_patient() {
    let clinic = Clinic::open().await;
    let son = clinic.other_specialist;
    let of_son = clinic.helped(&Help::by_child(&clinic, son)).await;
    let mut worklists = follow(&clinic, son, Followed::Worklists).await;
    let thread = clinic.ask("for-the-pool").await;
    clinic.assign(thread).await;
    assert_eq!(told(&clinic, &mut worklists).await, (vec![], false));
    // He sees it as the son of the patient, and not as work.
    assert_eq!(clinic.inbox_of(son).await, [thread]);
    assert!(clinic.work_of(son).await.iter().all(Vec::is_empty));
    assert!(clinic.work_of(clinic.specialist).await.iter().any(|list| list.contains(&thread)));
    let tried = clinic.tries_to_claim(son, thread, "claim").await;
    assert!(matches!(tried, Err(Failed::Problem(Problem::NotPermitted))), "{tried:?}");
    // An access that is over by its date gives and takes nothing more, before anybody has recorded it.
    let after = now() + TimeDelta::days(60);
    let listed = |reader: &crate::clinic::OpenAnswer| {
        let found = reader.worklist(Worklist::MyPools, &Page::default()).expect("no fault").expect("a page");
        found.edges.iter().any(|edge| edge.node.thread == thread)
    };
    assert!(!listed(&clinic.reader_at(son, after - TimeDelta::seconds(1)).await));
    assert!(listed(&clinic.reader_at(son, after).await));
    let revoke = RevokeDelegation { reason: None };
    clinic.help(clinic.patient_person, "revoke", Some(of_son), revoke).await;
    clinic.tries_to_claim(son, thread, "claim-as-physician").await.expect("claimed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_accepts_to_help_gives_up_the_thread_that_they_hold_and_an_invitation_takes_nothing() {
    let clinic = Clinic::open().await;
    let son = clinic.other_specialist;
    let thread = clinic.ask("held").await;
    clinic.assign(thread).await;
    clinic.tries_to_claim(son, thread, "claim").await.expect("claimed");
    let help = clinic.invite_helper(&Help::by_child(&clinic, son)).await;
    clinic.application.run_processes(now()).await.expect("no fault");
    assert!(clinic.finds(son, thread).await, "nobody loses their work by being invited");
    let mut inbox = follow(&clinic, son, Followed::Inbox).await;
    clinic.help(son, "accept", Some(help), accept()).await;
    let (topics, is_over) = told(&clinic, &mut inbox).await;
    assert!(topics.contains(&Some(NoticeTopic::Changed)) && !is_over, "{topics:?}");
    // The help gives nothing yet, and the work is over.
    assert!(!clinic.finds(son, thread).await);
    let tried = clinic.post(son, thread, "as-the-owner", Audience::ClinicalTeam).await;
    assert!(matches!(tried, Err(Failed::Problem(Problem::NotFound))), "{tried:?}");
    clinic.application.run_processes(now()).await.expect("no fault");
    let pool = &clinic.work_of(clinic.specialist).await[1];
    assert_eq!(*pool, [thread], "somebody else can take it");
    assert!(clinic.application.loose_ends(now()).is_empty());
    let claim = ConversationCommand::from(Claim);
    let by = sent_by(&signed_in(clinic.specialist), &context("the-other-claims"));
    clinic.application.conversation(by, thread, claim).await.expect("claimed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_helps_the_patient_is_staff_to_them_only_where_another_person_says_that_they_know_it() {
    let family = nurse_who_is_the_daughter().await;
    let Family { clinic, daughter, of_daughter, .. } = &family;
    let hidden = family.hidden("hidden").await;
    let add = |knows_conflict| AddMember {
        patient: clinic.patient,
        person: *daughter,
        role: Role::Nurse,
        organization: clinic.practice,
        knows_conflict,
    };
    let refused = clinic.team(clinic.coordinator, "unknown", add(false)).await;
    let Err(Failed::Problem(Problem::Refused(Refusal::CareTeam(refusal)))) = refused else { panic!("{refused:?}") };
    assert_eq!(refusal, CareTeamRefusal::ConflictNotKnown);
    for (key, own) in [
        ("herself", CareTeamCommand::from(add(true))),
        ("joins", JoinCareTeam { patient: clinic.patient, role: Role::Nurse, reason: text("I cover.") }.into()),
    ] {
        let tried = clinic.team(*daughter, key, own).await;
        assert!(matches!(tried, Err(Failed::Problem(Problem::NotPermitted))), "{key}: {tried:?}");
    }
    assert!(!clinic.finds(*daughter, hidden).await);
    let known = async |person: PersonId| {
        let reader = clinic.reader(person).await;
        let view = reader.patient(clinic.patient).expect("no fault").expect("the patient");
        let rows = reader.care_team_conflicts(&view).expect("no fault");
        rows.iter().map(|row| (row.person, row.by.person())).collect::<Vec<_>>()
    };
    assert_eq!(known(clinic.coordinator).await, []);
    let none_known = |reader: &Reader| -> Result<(), Fault> {
        let view = reader.patient(clinic.patient)?.expect("the patient");
        assert!(reader.care_team_conflicts(&view)?.is_empty());
        Ok(())
    };
    let rows = clinic.rows_needed(clinic.coordinator, now(), none_known).await;
    clinic.team(clinic.coordinator, "known", add(true)).await.expect("added");
    // Who may put somebody on the team knows it, and no other of the team, nor the patient.
    assert_eq!(known(clinic.coordinator).await, [(*daughter, Some(clinic.coordinator))]);
    for person in [clinic.nurse, clinic.patient_person, *daughter] {
        assert_eq!(known(person).await, [], "{person:?}");
    }
    assert!(clinic.finds(*daughter, hidden).await, "she is the nurse of the care team");
    clinic.post(*daughter, hidden, "as-the-nurse", Audience::ClinicalTeam).await.expect("posted");
    let remove = RemoveMember { patient: clinic.patient, person: *daughter };
    clinic.team(clinic.coordinator, "remove", remove).await.expect("removed");
    assert!(!clinic.finds(*daughter, hidden).await);
    assert_eq!(known(clinic.coordinator).await, [], "it held until she left");
    let again = clinic.team(clinic.coordinator, "again", add(false)).await;
    assert!(again.is_err(), "it is said anew: {again:?}");
    clinic.team(clinic.coordinator, "known again", add(true)).await.expect("added");
    assert_eq!(known(clinic.coordinator).await.len(), 1);
    let revoke = RevokeDelegation { reason: None };
    clinic.help(clinic.patient_person, "revoke", Some(*of_daughter), revoke).await;
    assert_eq!(known(clinic.coordinator).await, [], "she is on the team and helps no more");
    assert_eq!(clinic.rows_needed(clinic.coordinator, now(), none_known).await, rows, "nor does a limit tell of it");
}
