//! A team thread is for those who take part in it: nobody else can notice it anywhere.

use std::collections::BTreeSet;

use care::command_name::Named;
use care::conversation::{
    AcceptInvitation, AddParticipant, Claim, Close, DeclineInvitation, HistoryWindow, InviteParticipant, Leave,
    Opening, Owner, Party, Place, PostMessage, RemoveParticipant, SetWaitingOn, Transfer, WaitingOn,
};
use care::ids::{Id, OrganizationId, PersonId, PoolId, ThreadId};
use care::lifecycle::OpenLifecycle;
use care::lifecycle::team_thread::{NewParticipant, OpenTeamThread, Park};
use care::thread::{Thread, ThreadCommand};
use care::words::{Audience, Confidentiality, RemovalReason, Role, Topic};
use chrono::TimeDelta;
use coordination::fault::{Failed, Problem};
use coordination::reader::{Page, Reader, ThreadView, Worklist};
use coordination::{CommandContext, LifecycleView};

use crate::clinic::{
    Clinic, Commands, Given, Message, context, current_inbox, give, later, line, now, sent_by, signed_in, text,
};

/// A team thread to be opened.
pub struct Team<'a> {
    pub key: &'a str,
    pub by: PersonId,
    pub about_patient: bool,
    pub confidentiality: Confidentiality,
    pub owner: Owner,
    pub pools: Vec<PoolId>,
    pub participants: Vec<NewParticipant>,
    pub waits_for: Party,
}

fn joins(person: PersonId, role: Role, organization: OrganizationId) -> NewParticipant {
    NewParticipant { person, place: Place { role, organization }, history: HistoryWindow::FromJoin }
}

fn alone(person: PersonId) -> Owner {
    Owner::Person { person, pool: None }
}

impl Clinic {
    pub async fn open_team(&self, team: Team<'_>) -> Given<ThreadId> {
        let Team { key, by, about_patient, confidentiality, owner, pools, participants, waits_for } = team;
        let opening = Opening {
            patient: about_patient.then_some(self.patient),
            organization: None,
            topic: Topic::ClinicalAdvice,
            subject: line("wound care"),
            confidentiality,
            sensitivities: vec![],
            owner,
            pools: BTreeSet::from_iter(pools),
            hidden_from_delegates: None,
        };
        let waiting_on = WaitingOn { party: waits_for, action: PostMessage::NAME, due: Some(later()) };
        let open = OpenTeamThread { participants, waiting_on, note: text("have a look") };
        let open = ThreadCommand::Open(Box::new(opening), Box::new(OpenLifecycle::TeamThread(open)));
        give::<Thread>(&self.application, sent_by(&signed_in(by), &context(key)), None, open).await
    }

    /// The physician and the nurse of the practice, about the patient; the physician owns it.
    pub fn of_two<'a>(&self, key: &'a str) -> Team<'a> {
        Team {
            key,
            by: self.pcp,
            about_patient: true,
            confidentiality: Confidentiality::Normal,
            owner: alone(self.pcp),
            pools: vec![],
            participants: vec![joins(self.nurse, Role::Nurse, self.practice)],
            waits_for: Party::Person(self.nurse),
        }
    }

    /// A pool of the practice, without members.
    async fn practice_pool(&self) -> PoolId {
        let admin = signed_in(self.admin);
        let calendar = crate::clinic::calendar();
        self.application.set_calendar(sent_by(&admin, &context("hours")), self.practice, calendar).await.expect("set");
        let pool = care::organization::OpenPool {
            names: care::organization::PoolNames::one("Wounds"),
            specialty: "wounds".into(),
        };
        let opened =
            self.application.open_pool(sent_by(&admin, &context("wounds")), self.practice, pool).await.expect("opened");
        opened.command.creates(0)
    }

    async fn join_from(&self, person: PersonId, role: Role, organization: OrganizationId) {
        let add =
            care::care_team::AddMember { patient: self.patient, person, role, organization, knows_conflict: false };
        let by = signed_in(self.coordinator);
        self.application.add_member(sent_by(&by, &context("join")), add).await.expect("joined");
    }

    pub async fn in_thread(
        &self,
        by: PersonId,
        thread: ThreadId,
        key: &str,
        command: impl Into<care::conversation::ConversationCommand>,
    ) -> Given<ThreadId> {
        self.application.conversation(sent_by(&signed_in(by), &context(key)), thread, command.into()).await
    }

    /// Everything that a person can see of threads, without what changes with the answer itself.
    async fn seen(&self, person: PersonId, threads: &[ThreadId]) -> String {
        let reader = self.reader(person).await;
        let before = reader.work();
        let page = |page: coordination::reader::Connection<coordination::reader::ThreadView>| {
            let threads = page
                .edges
                .iter()
                .map(|edge| (edge.node.thread, edge.node.updated_at, edge.cursor.token().expect("a token").0));
            format!("{:?} {} {}", threads.collect::<Vec<_>>(), page.has_next, page.has_previous)
        };
        let mut seen = vec![page(current_inbox(&reader))];
        for list in [Worklist::Mine, Worklist::MyPools, Worklist::Waiting] {
            seen.push(page(reader.worklist(list, &Page::default()).expect("no fault").expect("a page")));
        }
        seen.push(format!("{:?}", reader.loose_ends()));
        let lists = reader.work();
        seen.push(format!("{} rows, {} decisions", lists.rows - before.rows, lists.decisions - before.decisions));
        for thread in threads {
            let before = reader.work();
            seen.push(format!("{}", reader.thread(*thread).expect("no fault").is_some()));
            let after = reader.work();
            seen.push(format!("{} rows, {} decisions", after.rows - before.rows, after.decisions - before.decisions));
        }
        seen.join("\n")
    }
}

fn refused(given: &Given<ThreadId>, problem: &Problem) -> bool {
    matches!(given, Err(Failed::Problem(found)) if found == problem)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_without_a_place_in_a_team_thread_cannot_detect_it() {
    let clinic = Clinic::open().await;
    let consultation = clinic.ask("a consultation").await;
    let outside = [
        clinic.patient_person,
        clinic.social_worker,
        clinic.coordinator,
        clinic.centre_coordinator,
        clinic.specialist,
        clinic.admin,
        clinic.stranger,
    ];
    let made_up = ThreadId::from_uuid(uuid::Uuid::from_u128(7));
    let mut before = Vec::new();
    for person in outside {
        before.push(clinic.seen(person, &[consultation, made_up]).await);
    }
    let thread = clinic.open_team(clinic.of_two("team")).await.expect("opened").target;
    clinic.post(clinic.nurse, thread, "seen", Audience::Everyone).await.expect("posted");
    let park = Park { review_at: now() + TimeDelta::days(3), reason: text("until the swab is back") };
    let park = care::lifecycle::team_thread::TeamThreadCommand::from(park).into();
    give::<Thread>(&clinic.application, sent_by(&signed_in(clinic.pcp), &context("park")), Some(thread), park)
        .await
        .expect("parked");
    for (person, before) in outside.into_iter().zip(before) {
        assert_eq!(clinic.seen(person, &[consultation, thread]).await, before, "{person}");
        let refusals = [
            clinic.post(person, thread, "me too", Audience::Everyone).await,
            clinic.in_thread(person, thread, "leave", Leave).await,
            clinic.in_thread(person, thread, "accept", AcceptInvitation).await,
            clinic.in_thread(person, thread, "close", Close { outcome: text("done") }).await,
        ];
        assert!(refusals.iter().all(|given| refused(given, &Problem::NotFound)), "{refusals:?}");
    }
    assert_eq!(clinic.messages(clinic.nurse, thread).await, ["seen"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_patient_who_also_works_here_does_not_find_what_their_pool_owns() {
    let clinic = Clinic::open().await;
    let centre = clinic.centre().await;
    let admin = signed_in(clinic.admin);
    let grant = care::person::GrantRole { organization: centre, role: Role::Physician, until: None };
    clinic.application.grant_role(sent_by(&admin, &context("g")), clinic.patient_person, grant).await.expect("granted");
    let add = care::organization::AddPoolMember { pool: clinic.cardiology, person: clinic.patient_person };
    clinic.application.add_pool_member(sent_by(&admin, &context("a")), centre, add).await.expect("added");
    let before = clinic.seen(clinic.patient_person, &[ThreadId::from_uuid(uuid::Uuid::from_u128(7))]).await;
    let pool = clinic.cardiology;
    let team = Team { owner: Owner::Pool(pool), waits_for: Party::Pool(pool), ..clinic.of_two("own") };
    let thread = clinic.open_team(team).await.expect("opened").target;
    assert_eq!(clinic.seen(clinic.patient_person, &[thread]).await.lines().nth(6), before.lines().nth(6));
    let reader = clinic.reader(clinic.patient_person).await;
    assert!(reader.thread(thread).expect("no fault").is_none());
    let inbox = current_inbox(&reader);
    let pools = reader.worklist(Worklist::MyPools, &Page::default()).expect("no fault").expect("a page");
    assert!(inbox.edges.is_empty() && pools.edges.is_empty());
    let claimed = clinic.in_thread(clinic.patient_person, thread, "claim", Claim).await;
    assert!(refused(&claimed, &Problem::NotFound), "{claimed:?}");
    let colleagues = clinic.reader(clinic.specialist).await;
    assert!(colleagues.thread(thread).expect("no fault").is_some());
    // Nor does anybody open one about themselves.
    let own = Team { by: clinic.patient_person, key: "mine", ..clinic.of_two("mine") };
    let own = clinic.open_team(own).await;
    assert!(refused(&own, &Problem::NotPermitted), "{own:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_team_thread_is_opened_by_staff_with_a_standing_to_the_patient_or_about_nobody() {
    let clinic = Clinic::open().await;
    let opened_by = async |person, role, organization, about_patient: bool, key: &'static str| {
        let team = Team {
            by: person,
            about_patient,
            owner: alone(person),
            participants: vec![joins(clinic.nurse, Role::Nurse, clinic.practice), joins(person, role, organization)],
            waits_for: Party::Person(person),
            ..clinic.of_two(key)
        };
        clinic.open_team(team).await
    };
    let (practice, centre) = (clinic.practice, clinic.centre().await);
    let coordinator = Role::Coordinator;
    assert!(opened_by(clinic.social_worker, Role::SocialWorker, practice, true, "care team").await.is_ok());
    let employed = opened_by(clinic.coordinator, coordinator, practice, true, "employed").await;
    assert!(refused(&employed, &Problem::NotPermitted), "{employed:?}");
    assert!(opened_by(clinic.coordinator, coordinator, practice, false, "about nobody").await.is_ok());
    let admin = opened_by(clinic.admin, Role::Administrator, practice, false, "admin").await;
    assert!(refused(&admin, &Problem::NotPermitted), "{admin:?}");
    // A specialist of another organization knows the patient once they have a place in a thread about them.
    let unknown = opened_by(clinic.specialist, Role::Physician, centre, true, "unknown").await;
    assert!(refused(&unknown, &Problem::NotFound), "{unknown:?}");
    let consultation = clinic.ask("involved").await;
    clinic.assign(consultation).await;
    clinic.claim(clinic.specialist, consultation).await.expect("claimed");
    assert!(opened_by(clinic.specialist, Role::Physician, centre, true, "involved").await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invited_person_sees_the_invitation_and_reads_from_their_joining_on() {
    let clinic = Clinic::open().await;
    let centre = clinic.centre().await;
    let mut team = clinic.of_two("invites");
    team.participants.push(joins(clinic.specialist, Role::Physician, centre));
    let thread = clinic.open_team(team).await.expect("opened").target;
    clinic.post(clinic.nurse, thread, "before", Audience::Everyone).await.expect("posted");
    {
        let reader = clinic.reader(clinic.specialist).await;
        let view = reader.thread(thread).expect("no fault").expect("found");
        assert!(reader.patient_of(&view).expect("no fault").is_none());
        assert!(reader.lifecycle(&view).expect("no fault").is_none());
        let participants = reader.participants(&view, &Page::default()).expect("no fault").expect("a page");
        assert!(participants.edges.is_empty());
        assert_eq!(reader.unread(&view).expect("no fault"), 0);
        let inbox = current_inbox(&reader);
        assert_eq!(inbox.edges.len(), 1);
    }
    assert_eq!(clinic.messages(clinic.specialist, thread).await, [""; 0]);
    // What they may not read moves no date and no place in a list.
    let message = Message { audience: Some(Audience::Everyone), body: text("later") };
    let metadata = CommandContext { now: later(), ..context("later") };
    clinic
        .application
        .post_message(sent_by(&signed_in(clinic.nurse), &metadata), thread, message)
        .await
        .expect("posted");
    for (person, newest) in [(clinic.specialist, now()), (clinic.pcp, later())] {
        let reader = clinic.reader(person).await;
        assert_eq!(reader.thread(thread).expect("no fault").expect("found").updated_at, newest);
        assert_eq!(current_inbox(&reader).edges.len(), 1);
    }
    let early = clinic.post(clinic.specialist, thread, "early", Audience::Everyone).await;
    assert!(refused(&early, &Problem::NotPermitted), "{early:?}");
    clinic.in_thread(clinic.specialist, thread, "accept", AcceptInvitation).await.expect("accepted");
    clinic.post(clinic.pcp, thread, "after", Audience::Everyone).await.expect("posted");
    assert_eq!(clinic.messages(clinic.specialist, thread).await, ["after"]);
    assert_eq!(clinic.messages(clinic.nurse, thread).await, ["before", "later", "after"]);
    let reader = clinic.reader(clinic.specialist).await;
    let view = reader.thread(thread).expect("no fault").expect("found");
    assert!(reader.patient_of(&view).expect("no fault").is_some());
    assert_eq!(reader.unread(&view).expect("no fault"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_declined_left_or_was_removed_does_not_find_the_thread() {
    let clinic = Clinic::open().await;
    let centre = clinic.centre().await;
    let mut team = clinic.of_two("leavers");
    team.participants.push(joins(clinic.specialist, Role::Physician, centre));
    team.participants.push(joins(clinic.social_worker, Role::SocialWorker, clinic.practice));
    let thread = clinic.open_team(team).await.expect("opened").target;
    clinic.in_thread(clinic.specialist, thread, "decline", DeclineInvitation).await.expect("declined");
    clinic.in_thread(clinic.social_worker, thread, "leave", Leave).await.expect("left");
    let remove =
        RemoveParticipant { person: clinic.nurse, reason: RemovalReason::Removed, note: Some(text("by mistake")) };
    clinic.in_thread(clinic.pcp, thread, "remove", remove).await.expect("removed");
    for person in [clinic.specialist, clinic.social_worker, clinic.nurse] {
        let reader = clinic.reader(person).await;
        assert!(reader.thread(thread).expect("no fault").is_none(), "{person}");
        let inbox = current_inbox(&reader);
        assert!(inbox.edges.is_empty());
    }
    // Nobody else is in it, so its owner is to add somebody.
    let reader = clinic.reader(clinic.pcp).await;
    let view = reader.thread(thread).expect("no fault").expect("found");
    let waiting = view.waiting_on.as_ref().expect("open");
    assert_eq!((waiting.party, waiting.action), (Party::Person(clinic.pcp), AddParticipant::NAME));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_of_a_pool_that_takes_part_read_and_write_but_not_what_is_very_restricted() {
    let clinic = Clinic::open().await;
    let pool = clinic.cardiology;
    for (key, confidentiality) in [("n", Confidentiality::Normal), ("r", Confidentiality::Restricted)] {
        let team = Team { pools: vec![pool], confidentiality, ..clinic.of_two(key) };
        let thread = clinic.open_team(team).await.expect("opened").target;
        let posted = clinic.post(clinic.specialist, thread, key, Audience::Everyone).await;
        assert!(posted.is_ok(), "{posted:?}");
        assert_eq!(clinic.messages(clinic.other_specialist, thread).await, [key]);
        // They did not claim it, and it is not theirs to say whose turn it is.
        let to = WaitingOn { party: Party::Pool(pool), action: PostMessage::NAME, due: None };
        let key = format!("{key}-turn");
        let turn = clinic.in_thread(clinic.specialist, thread, &key, SetWaitingOn { to, note: None }).await;
        assert!(refused(&turn, &Problem::NotPermitted));
        let inbox = clinic
            .reader(clinic.specialist)
            .await
            .inbox(coordination::reader::InboxFilter::Current, &Page::default())
            .expect("no fault");
        assert!(inbox.expect("a page").edges.iter().any(|edge| edge.node.thread == thread));
    }
    let team = Team { pools: vec![pool], confidentiality: Confidentiality::VeryRestricted, ..clinic.of_two("v") };
    let thread = clinic.open_team(team).await.expect("opened").target;
    assert!(clinic.reader(clinic.specialist).await.thread(thread).expect("no fault").is_none());
    assert!(clinic.reader(clinic.nurse).await.thread(thread).expect("no fault").is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_that_owns_a_thread_finds_it_until_a_member_claims_it() {
    let clinic = Clinic::open().await;
    let pool = clinic.cardiology;
    let team = Team { owner: Owner::Pool(pool), waits_for: Party::Pool(pool), ..clinic.of_two("pool") };
    let thread = clinic.open_team(team).await.expect("opened").target;
    let listed = async |person| {
        let reader = clinic.reader(person).await;
        let page = reader.worklist(Worklist::MyPools, &Page::default()).expect("no fault").expect("a page");
        page.edges.iter().map(|edge| edge.node.thread).collect::<Vec<_>>()
    };
    assert_eq!(listed(clinic.other_specialist).await, [thread]);
    clinic.in_thread(clinic.specialist, thread, "claim", Claim).await.expect("claimed");
    assert_eq!(listed(clinic.other_specialist).await, []);
    assert!(clinic.reader(clinic.other_specialist).await.thread(thread).expect("no fault").is_none());
    let reader = clinic.reader(clinic.specialist).await;
    let mine = reader.worklist(Worklist::Mine, &Page::default()).expect("no fault").expect("a page");
    assert_eq!(mine.edges.iter().map(|edge| edge.node.thread).collect::<Vec<_>>(), [thread]);
    // A member who holds it hands it to the nurse, who takes part.
    let transfer = Transfer { to: alone(clinic.nurse), reason: text("yours") };
    clinic.in_thread(clinic.specialist, thread, "transfer", transfer).await.expect("transferred");
    assert!(clinic.reader(clinic.specialist).await.thread(thread).expect("no fault").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_that_waits_for_a_pool_which_takes_part_is_in_its_members_list_and_no_loose_end() {
    let clinic = Clinic::open().await;
    let pool = clinic.cardiology;
    let team = Team { pools: vec![pool], waits_for: Party::Pool(pool), ..clinic.of_two("waits") };
    let thread = clinic.open_team(team).await.expect("opened").target;
    clinic.application.catch_up().await.expect("caught up");
    assert_eq!(clinic.application.loose_ends(now()), []);
    assert_eq!(clinic.application.run_processes(now()).await.expect("no fault"), 0);
    let reader = clinic.reader(clinic.other_specialist).await;
    let page = reader.worklist(Worklist::MyPools, &Page::default()).expect("no fault").expect("a page");
    assert_eq!(page.edges.iter().map(|edge| edge.node.thread).collect::<Vec<_>>(), [thread]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unclaimed_thread_comes_to_the_pools_coordinator_or_to_its_opener() {
    let clinic = Clinic::open().await;
    let (centre, pool) = (clinic.centre().await, clinic.cardiology);
    let waits_for = async |thread| {
        clinic.application.run_processes(now() + TimeDelta::days(4)).await.expect("no fault");
        let reader = clinic.reader_at(clinic.pcp, now() + TimeDelta::days(4)).await;
        let view = reader.thread(thread).expect("no fault").expect("found");
        view.waiting_on.as_ref().expect("open").party
    };
    let team = |key| Team { owner: Owner::Pool(pool), waits_for: Party::Pool(pool), ..clinic.of_two(key) };
    let thread = clinic.open_team(team("without")).await.expect("opened").target;
    assert_eq!(waits_for(thread).await, Party::Person(clinic.pcp));
    let add = care::organization::AddPoolMember { pool, person: clinic.centre_coordinator };
    let admin = signed_in(clinic.admin);
    clinic.application.add_pool_member(sent_by(&admin, &context("add")), centre, add).await.expect("added");
    let thread = clinic.open_team(team("with")).await.expect("opened").target;
    assert_eq!(waits_for(thread).await, Party::PoolCoordinator(pool));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parked_thread_comes_back_to_its_owner_at_its_date() {
    let clinic = Clinic::open().await;
    let thread = clinic.open_team(clinic.of_two("parked")).await.expect("opened").target;
    let review_at = now() + TimeDelta::days(3);
    let park = care::lifecycle::team_thread::TeamThreadCommand::from(Park {
        review_at,
        reason: text("until the swab is back"),
    });
    let by = signed_in(clinic.pcp);
    give::<Thread>(&clinic.application, sent_by(&by, &context("park")), Some(thread), park.into())
        .await
        .expect("parked");
    let state = async |at| {
        let reader = clinic.reader_at(clinic.nurse, at).await;
        let view = reader.thread(thread).expect("no fault").expect("found");
        let lifecycle = reader.lifecycle(&view).expect("no fault").expect("readable");
        let LifecycleView::TeamThread(row) = &*lifecycle else { panic!("a team thread") };
        (row.state.word(), row.review_at, view.waiting_on.as_ref().expect("open").party)
    };
    clinic.application.run_processes(review_at - TimeDelta::seconds(1)).await.expect("no fault");
    assert_eq!(state(review_at).await, ("parked", Some(review_at), Party::Nobody));
    clinic.application.run_processes(review_at).await.expect("no fault");
    assert_eq!(state(review_at).await, ("active", None, Party::Person(clinic.pcp)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_owner_takes_people_in() {
    let clinic = Clinic::open().await;
    let centre = clinic.centre().await;
    let thread = clinic.open_team(clinic.of_two("owner")).await.expect("opened").target;
    let invite = || InviteParticipant {
        person: clinic.specialist,
        place: Place { role: Role::Physician, organization: centre },
        history: HistoryWindow::Full,
        reason: text("they know the case"),
    };
    let given = clinic.in_thread(clinic.nurse, thread, "no", invite()).await;
    assert!(refused(&given, &Problem::NotPermitted), "{given:?}");
    clinic.in_thread(clinic.pcp, thread, "yes", invite()).await.expect("invited");
    clinic.in_thread(clinic.specialist, thread, "accept", AcceptInvitation).await.expect("accepted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invitations_that_end_at_the_same_instant_all_end() {
    let clinic = Clinic::open().await;
    let centre = clinic.centre().await;
    let mut team = clinic.of_two("two invitations");
    let invited = [clinic.specialist, clinic.other_specialist];
    team.participants.extend(invited.map(|person| joins(person, Role::Physician, centre)));
    let thread = clinic.open_team(team).await.expect("opened").target;
    let ended = now() + TimeDelta::days(14);
    assert_eq!(clinic.application.run_processes(ended).await.expect("no fault"), 2);
    for person in invited {
        let reader = clinic.reader_at(person, ended).await;
        assert!(reader.thread(thread).expect("no fault").is_none());
    }
    assert_eq!(clinic.application.run_processes(ended).await.expect("no fault"), 0);
}

/// Which fields of a thread's header say something beside its kind, its state and its instants.
fn shown(reader: &Reader, view: &ThreadView) -> Vec<&'static str> {
    let fields = [
        ("patient", view.patient.is_some()),
        ("opened_by", view.opened_by.is_some()),
        ("opener_role", view.opener_role.is_some()),
        ("organization", view.organization.is_some()),
        ("owning_organization", view.owning_organization.is_some()),
        ("owner", view.owner_pool.is_some() || view.owner_person.is_some()),
        ("pools", !reader.pools_in(view).expect("no fault").is_empty()),
        ("waiting_on", view.waiting_on.is_some()),
        ("content", view.topic.is_some() || view.labels.is_some()),
    ];
    fields.into_iter().filter(|(_, is_there)| *is_there).map(|(field, _)| field).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_invited_sees_who_asks_and_nothing_of_what_is_and_happens_in_the_thread() {
    let clinic = Clinic::open().await;
    let centre = clinic.centre().await;
    let mut team = Team { pools: vec![clinic.practice_pool().await], ..clinic.of_two("invited") };
    team.participants.push(joins(clinic.specialist, Role::Physician, centre));
    let thread = clinic.open_team(team).await.expect("opened").target;
    let at = |hours| CommandContext { now: now() + TimeDelta::hours(hours), ..context(&format!("at {hours}")) };
    let to = WaitingOn { party: Party::Person(clinic.pcp), action: PostMessage::NAME, due: None };
    let turn = SetWaitingOn { to, note: None }.into();
    let version = async || {
        let reader = clinic.reader(clinic.specialist).await;
        let view = reader.thread(thread).expect("no fault").expect("found");
        reader.version(&view).expect("no fault").0
    };
    let before = version().await;
    clinic.application.conversation(sent_by(&signed_in(clinic.nurse), &at(1)), thread, turn).await.expect("set");
    let transfer = Transfer { to: alone(clinic.nurse), reason: text("she is there daily") }.into();
    clinic
        .application
        .conversation(sent_by(&signed_in(clinic.pcp), &at(2)), thread, transfer)
        .await
        .expect("transferred");
    let park = Park { review_at: now() + TimeDelta::days(3), reason: text("until the swab is back") };
    let park = care::lifecycle::team_thread::TeamThreadCommand::from(park).into();
    give::<Thread>(&clinic.application, sent_by(&signed_in(clinic.nurse), &at(3)), Some(thread), park)
        .await
        .expect("parked");
    assert_eq!(version().await, before, "the version tells that something happened");
    {
        let reader = clinic.reader(clinic.specialist).await;
        let view = reader.thread(thread).expect("no fault").expect("found");
        assert_eq!(shown(&reader, &view), [""; 0]);
        assert_eq!(view.updated_at, now());
        let lifecycle = reader.lifecycle_header(&view).expect("no fault").expect("a header");
        let LifecycleView::TeamThread(row) = &*lifecycle else { panic!("a team thread") };
        assert_eq!(row.review_at, None);
        assert!(reader.own_invitation(&view).expect("no fault").is_some());
        let inbox = current_inbox(&reader);
        let listed =
            inbox.edges.iter().map(|edge| (edge.node.thread, edge.node.updated_at, shown(&reader, &edge.node)));
        assert_eq!(listed.collect::<Vec<_>>(), [(thread, now(), vec![])]);
    }
    let reader = clinic.reader(clinic.pcp).await;
    let view = reader.thread(thread).expect("no fault").expect("found");
    assert_eq!(view.updated_at, now() + TimeDelta::hours(3));
    assert_eq!(shown(&reader, &view).len(), 9);
    drop((view, reader));
    // Who has accepted sees the thread, and it is where its newest activity places it.
    clinic.in_thread(clinic.specialist, thread, "accept", AcceptInvitation).await.expect("accepted");
    let reader = clinic.reader(clinic.specialist).await;
    let inbox = current_inbox(&reader);
    let listed = inbox.edges.iter().map(|edge| (edge.node.thread, edge.node.updated_at, shown(&reader, &edge.node)));
    let listed: Vec<_> = listed.map(|(thread, at, fields)| (thread, at, fields.len())).collect();
    assert_eq!(listed, [(thread, now() + TimeDelta::hours(3), 9)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_turn_it_is_as_a_last_resort_sees_kind_and_turn_and_no_more() {
    let clinic = Clinic::open().await;
    let (centre, pool) = (clinic.centre().await, clinic.cardiology);
    // The coordinator also knows the patient, as a member of the care team.
    clinic.join_from(clinic.centre_coordinator, Role::Coordinator, centre).await;
    let team =
        Team { owner: Owner::Pool(pool), waits_for: Party::Pool(pool), pools: vec![pool], ..clinic.of_two("last") };
    let thread = clinic.open_team(team).await.expect("opened").target;
    let admin = signed_in(clinic.admin);
    for (key, person, role) in [("e1", clinic.pcp, Role::Physician), ("e2", clinic.nurse, Role::Nurse)] {
        let end = care::person::EndRole { organization: clinic.practice, role };
        clinic.application.end_role(sent_by(&admin, &context(key)), person, end).await.expect("ended");
    }
    let turn_at = now() + TimeDelta::days(4);
    clinic.application.run_processes(turn_at).await.expect("no fault");
    let later = turn_at + TimeDelta::hours(1);
    // They are told nothing of what the pool writes meanwhile.
    let post = PostMessage { addressed: care::conversation::Addressed::Everyone, body: text("seen") }.into();
    let at = CommandContext { now: later, ..context("post") };
    clinic.application.conversation(sent_by(&signed_in(clinic.specialist), &at), thread, post).await.expect("posted");
    let reader = clinic.reader_at(clinic.centre_coordinator, later).await;
    let view = reader.thread(thread).expect("no fault").expect("found");
    assert_eq!(shown(&reader, &view), ["waiting_on"]);
    assert!(reader.patient_of(&view).expect("no fault").is_none());
    assert_eq!((view.kind.word(), view.updated_at), ("team_thread", turn_at));
    let waiting = view.waiting_on.as_ref().expect("open");
    assert_eq!(waiting.party, Party::Role(Place { role: Role::Coordinator, organization: centre }));
    assert_eq!((waiting.since, waiting.note.is_some()), (turn_at, false));
    let mine = reader.worklist(Worklist::Mine, &Page::default()).expect("no fault").expect("a page");
    let listed: Vec<_> = mine.edges.iter().map(|edge| (edge.node.thread, shown(&reader, &edge.node))).collect();
    assert_eq!(listed, [(thread, vec!["waiting_on"])]);
    let pools = reader.worklist(Worklist::MyPools, &Page::default()).expect("no fault").expect("a page");
    assert!(pools.edges.is_empty(), "this list tells that one of their pools owns the thread, and when it is claimed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_participant_by_the_care_team_has_the_thread_in_their_inbox() {
    let clinic = Clinic::open().await;
    let thread = clinic.open_team(clinic.of_two("by the care team")).await.expect("opened").target;
    clinic.join(clinic.coordinator, Role::Coordinator).await;
    let add = care::conversation::AddParticipant {
        person: clinic.coordinator,
        place: None,
        history: HistoryWindow::Full,
        reason: Some(text("she arranges the transport")),
    };
    clinic.in_thread(clinic.pcp, thread, "add", add).await.expect("added");
    let reader = clinic.reader(clinic.coordinator).await;
    assert!(reader.thread(thread).expect("no fault").is_some(), "they find it");
    let inbox = current_inbox(&reader);
    let listed: Vec<_> = inbox.edges.iter().map(|edge| edge.node.thread).collect();
    assert_eq!(listed, [thread], "it is in their inbox");
}
