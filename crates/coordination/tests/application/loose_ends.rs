//! Whatever is done in whatever order, once the processes have run an open thread waits for somebody
//! who can go on.

use care::command_name::Named;
use care::conversation::{
    AcceptInvitation, AddParticipant, Addressed, Claim, Close, ConversationCommand, HistoryWindow, InviteParticipant,
    Leave, Owner, Party, PassTurn, Place, PostMessage, Release, RemoveParticipant, Reopen, ReturnToPool, SetWaitingOn,
    TakeOver, Transfer, WaitingOn,
};
use care::ids::{OrganizationId, PersonId, RecommendationId, ThreadId};
use care::lifecycle::consultation::{Advise, Assign, Disposed, InformPatient, Recommended, RecordPlan};
use care::lifecycle::team_thread::{NewParticipant, Park, TeamThreadCommand};
use care::organization::RemovePoolMember;
use care::person::EndRole;
use care::thread::Thread;
use care::words::{Audience, Certainty, Disposition, InformMethod, RecommendationKind, RemovalReason, Role};
use chrono::TimeDelta;
use coordination::LifecycleView;
use coordination::fault::Failed;
use coordination::reader::{Page, Worklist};
use proptest::prelude::*;

use crate::clinic::{Clinic, Commands, context, give, now, sent_by, signed_in, text};

/// What somebody tries. It may be refused.
#[derive(Debug, Clone, Copy)]
enum Step {
    Assign,
    /// By the specialist, or by the other one.
    Advise(bool),
    Plan,
    Inform,
    /// By the specialist, or by the other one.
    Claim(bool),
    Post(bool),
    Return(bool),
    LeavePool(bool),
    /// The role of the specialist, or of the other one.
    EndRole(bool),
    RequesterLeaves,
    /// The instants of the claim and the answer go by.
    TimePasses,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Assign),
        3 => any::<bool>().prop_map(Step::Claim),
        3 => any::<bool>().prop_map(Step::Advise),
        2 => Just(Step::Plan),
        2 => Just(Step::Inform),
        1 => any::<bool>().prop_map(Step::Post),
        1 => any::<bool>().prop_map(Step::Return),
        1 => any::<bool>().prop_map(Step::LeavePool),
        3 => any::<bool>().prop_map(Step::EndRole),
        2 => Just(Step::RequesterLeaves),
        1 => Just(Step::TimePasses),
    ]
}

impl Clinic {
    /// What was recommended in a consultation, as its requester sees it; nothing if they do not.
    async fn recommended(&self, thread: ThreadId) -> Vec<RecommendationId> {
        let reader = self.reader(self.pcp).await;
        let Some(view) = reader.thread(thread).expect("no fault") else { return Vec::new() };
        let Some(lifecycle) = reader.lifecycle(&view).expect("no fault") else { return Vec::new() };
        let LifecycleView::Consultation(row) = &*lifecycle else { panic!("a consultation") };
        let content = row.content.as_ref().expect("the content");
        content.advice.iter().flat_map(|advice| &advice.recommendations).map(|each| each.recommendation).collect()
    }

    /// Tries a step; says whether it was carried out.
    async fn attempt(&self, step: Step, at: usize, thread: ThreadId, centre: OrganizationId) -> bool {
        let who = |first| if first { self.specialist } else { self.other_specialist };
        let context = context(&format!("step-{at}"));
        let admin = signed_in(self.admin);
        let end = |organization| EndRole { organization, role: Role::Physician };
        let application = &self.application;
        let done = match step {
            Step::Assign => {
                let by = signed_in(self.centre_coordinator);
                let assign = Assign { to: None, reason: None };
                application.consultation(sent_by(&by, &context), thread, assign.into()).await.map(drop)
            }
            Step::Advise(first) => {
                let (kind, certainty) = (RecommendationKind::Reassure, Certainty::High);
                let recommendations = vec![Recommended { kind, certainty, text: text("rest") }];
                let advise = Advise { recommendations, come_back_when: None, minutes_spent: 5 };
                application
                    .consultation(sent_by(&signed_in(who(first)), &context), thread, advise.into())
                    .await
                    .map(drop)
            }
            Step::Plan => {
                let by = signed_in(self.pcp);
                let dispositions = self.recommended(thread).await.into_iter().map(|recommendation| Disposed {
                    recommendation,
                    disposition: Disposition::Accepted,
                    reason: None,
                });
                let plan = RecordPlan { dispositions: dispositions.collect(), note: None };
                application.consultation(sent_by(&by, &context), thread, plan.into()).await.map(drop)
            }
            Step::Inform => {
                let by = signed_in(self.pcp);
                let inform = InformPatient { method: InformMethod::Telephone, told_at: now() };
                application.consultation(sent_by(&by, &context), thread, inform.into()).await.map(drop)
            }
            Step::Claim(first) => application.claim(sent_by(&signed_in(who(first)), &context), thread).await.map(drop),
            Step::Post(first) => {
                self.post(who(first), thread, &format!("step-{at}"), Audience::Everyone).await.map(drop)
            }
            Step::Return(first) => {
                let by = signed_in(who(first));
                application.conversation(sent_by(&by, &context), thread, ReturnToPool.into()).await.map(drop)
            }
            Step::LeavePool(first) => {
                let remove = RemovePoolMember { pool: self.cardiology, person: who(first) };
                application.remove_pool_member(sent_by(&admin, &context), centre, remove).await.map(drop)
            }
            Step::EndRole(first) => {
                application.end_role(sent_by(&admin, &context), who(first), end(centre)).await.map(drop)
            }
            Step::RequesterLeaves => {
                application.end_role(sent_by(&admin, &context), self.pcp, end(self.practice)).await.map(drop)
            }
            Step::TimePasses => {
                application.run_processes(now() + TimeDelta::days(9)).await.map(drop).map_err(Failed::Fault)
            }
        };
        match done {
            Ok(()) => true,
            Err(Failed::Problem(_)) => false,
            Err(Failed::Fault(fault)) => panic!("{step:?}: {fault}"),
        }
    }
}

/// The loose ends after steps; how many of the steps were carried out.
async fn after(steps: &[Step]) -> (Vec<coordination::LooseEnd>, usize) {
    let clinic = Clinic::open().await;
    let centre = clinic.centre().await;
    let thread = clinic.ask("loose ends").await;
    let mut carried_out = 0;
    for (at, step) in steps.iter().enumerate() {
        carried_out += usize::from(clinic.attempt(*step, at, thread, centre).await);
        clinic.application.catch_up().await.expect("caught up");
        // What ends elsewhere is answered when the processes have run. After a step in the thread, as when
        // it is assigned to a pool that nobody is in any more, they run by themselves a moment later.
        match step {
            Step::LeavePool(_) | Step::EndRole(_) | Step::RequesterLeaves => {}
            Step::Assign
            | Step::Advise(_)
            | Step::Plan
            | Step::Inform
            | Step::Claim(_)
            | Step::Post(_)
            | Step::Return(_)
            | Step::TimePasses => {
                clinic.application.run_processes(now()).await.expect("no fault");
            }
        }
        let loose = clinic.application.loose_ends(now());
        if !loose.is_empty() {
            return (loose, carried_out);
        }
    }
    (Vec::new(), carried_out)
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

/// What brings a consultation to its last state but one.
const ON_THE_WAY: [Step; 5] = [Step::Assign, Step::Claim(true), Step::Advise(true), Step::Plan, Step::Inform];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn no_step_leaves_a_thread_without_somebody_to_wait_for(
        reached in 0..=ON_THE_WAY.len(), steps in prop::collection::vec(any_step(), 1..14)
    ) {
        let steps = ON_THE_WAY.iter().take(reached).copied().chain(steps).collect::<Vec<_>>();
        let (loose, _) = run(after(&steps));
        prop_assert!(loose.is_empty(), "{loose:?}");
    }
}

#[test]
fn the_steps_are_carried_out_where_they_are_allowed() {
    let left = [Step::Assign, Step::Claim(true), Step::Post(true), Step::EndRole(true), Step::Claim(false)];
    for steps in [left, ON_THE_WAY] {
        let (loose, carried_out) = run(after(&steps));
        assert_eq!((loose, carried_out), (Vec::new(), steps.len()));
    }
}

#[test]
fn a_consultation_whose_owner_and_requester_both_left_is_no_loose_end() {
    for states in 3..=ON_THE_WAY.len() {
        for leaves in [Step::EndRole(true), Step::LeavePool(true)] {
            let reached = ON_THE_WAY.iter().take(states).copied();
            let steps = reached.chain([leaves, Step::RequesterLeaves]).collect::<Vec<_>>();
            let (loose, carried_out) = run(after(&steps));
            assert_eq!((loose, carried_out), (Vec::new(), steps.len()), "{steps:?}");
        }
    }
}

/// What somebody tries in a team thread, each person by their place among six. It may be refused.
#[derive(Debug, Clone, Copy)]
enum TeamStep {
    Accept(usize),
    Claim(usize),
    Close(usize),
    EndRole(usize),
    Invite(usize, usize),
    Leave(usize),
    LeavePool(usize),
    Park(usize),
    PassTo(usize, usize),
    Post(usize),
    Release(usize),
    Remove(usize, usize),
    Reopen(usize, usize),
    TakeOver(usize),
    TimePasses,
    /// To a person, or to the pool.
    Transfer(usize, Option<usize>),
    WaitFor(usize, Option<usize>),
}

fn any_team_step() -> impl Strategy<Value = TeamStep> {
    let who = || 0_usize..6;
    let whom = || prop::option::of(0_usize..6);
    prop_oneof![
        1 => who().prop_map(TeamStep::Accept),
        1 => who().prop_map(TeamStep::Claim),
        1 => who().prop_map(TeamStep::Close),
        2 => who().prop_map(TeamStep::EndRole),
        1 => (who(), who()).prop_map(|(by, whom)| TeamStep::Invite(by, whom)),
        2 => who().prop_map(TeamStep::Leave),
        1 => who().prop_map(TeamStep::LeavePool),
        1 => who().prop_map(TeamStep::Park),
        1 => (who(), who()).prop_map(|(by, whom)| TeamStep::PassTo(by, whom)),
        1 => who().prop_map(TeamStep::Post),
        1 => who().prop_map(TeamStep::Release),
        2 => (who(), who()).prop_map(|(by, whom)| TeamStep::Remove(by, whom)),
        2 => (who(), who()).prop_map(|(by, whom)| TeamStep::Reopen(by, whom)),
        1 => who().prop_map(TeamStep::TakeOver),
        1 => Just(TeamStep::TimePasses),
        2 => (who(), whom()).prop_map(|(by, whom)| TeamStep::Transfer(by, whom)),
        2 => (who(), whom()).prop_map(|(by, whom)| TeamStep::WaitFor(by, whom)),
    ]
}

impl Clinic {
    /// One of the six, with their organization and role.
    fn of_six(&self, centre: OrganizationId, index: usize) -> (PersonId, Place) {
        let at = |organization, role| Place { role, organization };
        let six = [
            (self.pcp, at(self.practice, Role::Physician)),
            (self.nurse, at(self.practice, Role::Nurse)),
            (self.social_worker, at(self.practice, Role::SocialWorker)),
            (self.specialist, at(centre, Role::Physician)),
            (self.other_specialist, at(centre, Role::Physician)),
            (self.centre_coordinator, at(centre, Role::Coordinator)),
        ];
        *six.get(index).expect("one of six")
    }

    async fn attempt_in_team(&self, step: TeamStep, at: usize, thread: ThreadId, centre: OrganizationId) -> bool {
        let of_six = |index| self.of_six(centre, index);
        let person = |index: usize| of_six(index).0;
        let reason = || text("for a reason");
        let waits_for = |party| WaitingOn { party, action: PostMessage::NAME, due: None };
        let pool = self.cardiology;
        let party = |whom: Option<usize>| whom.map_or(Party::Pool(pool), |whom| Party::Person(person(whom)));
        let (by, command): (usize, ConversationCommand) = match step {
            TeamStep::Accept(by) => (by, AcceptInvitation.into()),
            TeamStep::Claim(by) => (by, Claim.into()),
            TeamStep::Close(by) => (by, Close { outcome: reason() }.into()),
            TeamStep::Leave(by) => (by, Leave.into()),
            TeamStep::Post(by) => (by, PostMessage { addressed: Addressed::Everyone, body: reason() }.into()),
            TeamStep::Release(by) => (by, Release { reason: reason() }.into()),
            TeamStep::TakeOver(by) => (by, TakeOver { reason: reason() }.into()),
            TeamStep::Invite(by, whom) => {
                let (person, place) = of_six(whom);
                let (history, note) = (HistoryWindow::FromJoin, reason());
                match place.organization == of_six(by).1.organization {
                    true => (by, AddParticipant { person, place: Some(place), history, reason: Some(note) }.into()),
                    false => (by, InviteParticipant { person, place, history, reason: note }.into()),
                }
            }
            TeamStep::Remove(by, whom) => {
                let (person, reason, note) = (person(whom), RemovalReason::Removed, Some(reason()));
                (by, RemoveParticipant { person, reason, note }.into())
            }
            TeamStep::PassTo(by, whom) => (by, PassTurn { to: waits_for(party(Some(whom))), note: None }.into()),
            TeamStep::Reopen(by, whom) => {
                (by, Reopen { reason: reason(), to: waits_for(party(Some(whom))), note: None }.into())
            }
            TeamStep::WaitFor(by, whom) => (by, SetWaitingOn { to: waits_for(party(whom)), note: None }.into()),
            TeamStep::Transfer(by, whom) => {
                let to = whom.map_or(Owner::Pool(pool), |whom| Owner::Person { person: person(whom), pool: None });
                (by, Transfer { to, reason: reason() }.into())
            }
            TeamStep::Park(by) => {
                let park = TeamThreadCommand::from(Park { review_at: now() + TimeDelta::days(5), reason: reason() });
                let identity = signed_in(person(by));
                let key = context(&format!("team-{at}"));
                let done = give::<Thread>(&self.application, sent_by(&identity, &key), Some(thread), park.into()).await;
                return carried_out(step, done.map(drop));
            }
            TeamStep::EndRole(of) => {
                let Place { organization, role } = of_six(of).1;
                let (admin, key) = (signed_in(self.admin), context(&format!("team-{at}")));
                let done =
                    self.application.end_role(sent_by(&admin, &key), person(of), EndRole { organization, role }).await;
                return carried_out(step, done.map(drop));
            }
            TeamStep::LeavePool(of) => {
                let (admin, key) = (signed_in(self.admin), context(&format!("team-{at}")));
                let remove = RemovePoolMember { pool, person: person(of) };
                let done = self.application.remove_pool_member(sent_by(&admin, &key), centre, remove).await;
                return carried_out(step, done.map(drop));
            }
            TeamStep::TimePasses => {
                let done = self.application.run_processes(now() + TimeDelta::days(9)).await;
                return carried_out(step, done.map(drop).map_err(Failed::Fault));
            }
        };
        let key = context(&format!("team-{at}"));
        let done = self.application.conversation(sent_by(&signed_in(person(by)), &key), thread, command).await;
        carried_out(step, done.map(drop))
    }
}

fn carried_out(step: TeamStep, done: Result<(), Failed>) -> bool {
    match done {
        Ok(()) => true,
        Err(Failed::Problem(_)) => false,
        Err(Failed::Fault(fault)) => panic!("{step:?}: {fault}"),
    }
}

/// The loose ends after steps in a team thread of the pool with three of the six; how many of the
/// steps were carried out.
async fn after_in_team(steps: &[TeamStep], is_of_pool: bool) -> (Vec<coordination::LooseEnd>, usize) {
    let clinic = Clinic::open().await;
    let centre = clinic.centre().await;
    let pool = clinic.cardiology;
    let mut team = clinic.of_two("team");
    team.participants.extend([2, 3].map(|index| {
        let (person, place) = clinic.of_six(centre, index);
        NewParticipant { person, place, history: HistoryWindow::Full }
    }));
    team.pools = vec![pool];
    if is_of_pool {
        (team.owner, team.waits_for) = (Owner::Pool(pool), Party::Pool(pool));
    }
    let thread = clinic.open_team(team).await.expect("opened").target;
    let mut done = 0;
    for (at, step) in steps.iter().enumerate() {
        done += usize::from(clinic.attempt_in_team(*step, at, thread, centre).await);
        clinic.application.catch_up().await.expect("caught up");
        clinic.application.run_processes(now()).await.expect("no fault");
        let loose = clinic.application.loose_ends(now());
        if !loose.is_empty() {
            return (loose, done);
        }
    }
    (Vec::new(), done)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_step_leaves_a_team_thread_without_somebody_to_wait_for(
        steps in prop::collection::vec(any_team_step(), 1..24), is_of_pool: bool
    ) {
        let (loose, _) = run(after_in_team(&steps, is_of_pool));
        prop_assert!(loose.is_empty(), "{loose:?}");
    }
}

#[test]
fn the_steps_in_a_team_thread_are_carried_out_where_they_are_allowed() {
    let steps = [
        TeamStep::Claim(3),
        TeamStep::Invite(3, 1),
        TeamStep::WaitFor(1, Some(3)),
        TeamStep::Park(3),
        TeamStep::Transfer(3, Some(1)),
        TeamStep::Leave(2),
        TeamStep::Remove(1, 3),
        TeamStep::Transfer(1, None),
        TeamStep::EndRole(1),
        TeamStep::Claim(4),
        TeamStep::Release(4),
        TeamStep::Claim(3),
        TeamStep::Close(3),
        TeamStep::Reopen(0, 0),
        TeamStep::EndRole(3),
        TeamStep::EndRole(0),
        TeamStep::LeavePool(4),
    ];
    let (loose, carried_out) = run(after_in_team(&steps, true));
    assert_eq!((loose, carried_out), (Vec::new(), steps.len()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loose_ends_are_shown_to_who_coordinates_or_administers_and_not_to_their_patient() {
    let clinic = Clinic::open().await;
    let centre = clinic.centre().await;
    // It waits for the coordinators of the centre, and the only one is the patient.
    let (_, thread) = clinic.ask_about(clinic.centre_coordinator).await;
    let seen = async |person| {
        let ends = clinic.reader(person).await.loose_ends();
        ends.into_iter().map(|end| end.thread).collect::<Vec<_>>()
    };
    assert_eq!(seen(clinic.admin).await, [thread]);
    for person in [clinic.centre_coordinator, clinic.coordinator, clinic.pcp, clinic.specialist, clinic.stranger] {
        assert_eq!(seen(person).await, []);
    }
    clinic.application.run_processes(now()).await.expect("no fault");
    assert_eq!(seen(clinic.admin).await, []);
    assert_eq!(clinic.waiting(clinic.pcp, thread).await.party, administrator_of(centre));
    // The administrator finds it in their list, reads nothing of it, and says whose turn it is.
    {
        let reader = clinic.reader(clinic.admin).await;
        let mine = reader.worklist(Worklist::Mine, &Page::default()).expect("no fault").expect("a page");
        assert_eq!(mine.edges.iter().map(|edge| edge.node.thread).collect::<Vec<_>>(), [thread]);
        let view = reader.thread(thread).expect("no fault").expect("found");
        assert!(view.topic.is_none() && reader.lifecycle(&view).expect("no fault").is_none());
        assert!(reader.patient_of(&view).expect("no fault").is_none());
    }
    let to = WaitingOn { party: Party::Pool(clinic.cardiology), action: Claim::NAME, due: None };
    let by = signed_in(clinic.admin);
    let pass = PassTurn { to, note: None };
    clinic.application.conversation(sent_by(&by, &context("pass")), thread, pass.into()).await.expect("passed");
    let reader = clinic.reader(clinic.admin).await;
    let mine = reader.worklist(Worklist::Mine, &Page::default()).expect("no fault").expect("a page");
    assert!(mine.edges.is_empty() && reader.thread(thread).expect("no fault").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_sees_the_loose_ends_of_their_organization_until_the_processes_have_run() {
    let clinic = Clinic::open().await;
    let thread = clinic.open_team(clinic.of_two("loose")).await.expect("opened").target;
    // It waits for the nurse, whose role ends by itself.
    let until = now() + TimeDelta::hours(1);
    let grant = care::person::GrantRole { organization: clinic.practice, role: Role::Nurse, until: Some(until) };
    let admin = signed_in(clinic.admin);
    clinic.application.grant_role(sent_by(&admin, &context("until")), clinic.nurse, grant).await.expect("granted");
    let seen = async |person, at| {
        let ends = clinic.reader_at(person, at).await.loose_ends();
        ends.into_iter().map(|end| (end.thread, end.kind.word())).collect::<Vec<_>>()
    };
    assert_eq!(seen(clinic.coordinator, now()).await, []);
    for person in [clinic.coordinator, clinic.admin] {
        assert_eq!(seen(person, until).await, [(thread, "team_thread")]);
    }
    for person in [clinic.centre_coordinator, clinic.pcp, clinic.patient_person] {
        assert_eq!(seen(person, until).await, []);
    }
    clinic.application.run_processes(until).await.expect("no fault");
    assert_eq!(seen(clinic.coordinator, until).await, []);
}

fn administrator_of(organization: OrganizationId) -> Party {
    Party::Role(Place { role: Role::Administrator, organization })
}
