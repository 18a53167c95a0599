//! Live notices: who follows is told of each change that they can see, and of nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use care::care_team::RemoveMember;
use care::command_name::Named;
use care::conversation::{
    AddParticipant, Addressed, ChangeHistoryWindow, DeclineInvitation, HistoryWindow, InviteParticipant, Owner, Party,
    Place, PostMessage, PutAway, RemoveParticipant, SetWaitingOn, WaitingOn,
};
use care::ids::{Id, PersonId, ThreadId};
use care::organization::{AddPoolMember, RemovePoolMember};
use care::person::{EndRole, GrantRole};
use care::words::{Audience, RemovalReason, Role};
use chrono::TimeDelta;
use coordination::answer::AnswerContext;
use coordination::fault::Fault;
use coordination::following::{Followed, Following, Notice, NoticeEnd, NoticeTopic, Notices};
use coordination::reader::{InboxFilter, Page, Worklist};
use coordination::{Position, TRIES_A_MINUTE_MAX};
use futures_util::FutureExt;
use policy::text::PolicyText;
use uuid::Uuid;

use crate::clinic::{Clinic, Commands, Message, context, later, now, sent_by, signed_in, text};
use crate::team_threads::Team;

impl Clinic {
    pub async fn follow(&self, person: PersonId, followed: Followed, after: Option<Position>) -> Notices {
        let origin = coordination::Origin::of(care::words::Channel::GraphQl);
        let following = Following { followed, identity: signed_in(person), after, origin };
        self.application.follow(following, Arc::new(now)).await.expect("followed")
    }

    /// What waits to be told, and whether the notices have ended.
    pub async fn told(&self, notices: &mut Notices) -> (Vec<Notice>, Option<NoticeEnd>) {
        // The read models are folded after everybody who follows was passed what happened.
        self.application.catch_up().await.expect("caught up");
        drop(self.reader(self.admin).await);
        let mut told = Vec::new();
        loop {
            // Without the budget of a task, which can end before everything that waits was told.
            match tokio::task::unconstrained(notices.next()).now_or_never() {
                Some(Ok(notice)) => told.push(notice),
                Some(Err(end)) => return (told, Some(end)),
                None => return (told, None),
            }
        }
    }

    async fn topics(&self, notices: &mut Notices) -> Vec<NoticeTopic> {
        let (told, end) = self.told(notices).await;
        assert!(end.is_none(), "{end:?}");
        told.into_iter().map(|notice| notice.topic.expect("nothing was missed")).collect()
    }

    fn everybody(&self) -> [PersonId; 10] {
        let Self { admin, pcp, nurse, social_worker, coordinator, centre_coordinator, .. } = self;
        let Self { specialist, other_specialist, patient_person, stranger, .. } = self;
        [
            *admin,
            *pcp,
            *nurse,
            *social_worker,
            *coordinator,
            *centre_coordinator,
            *specialist,
            *other_specialist,
            *patient_person,
            *stranger,
        ]
    }

    /// What a person sees of a thread, without who has read it.
    async fn sees_thread(&self, person: PersonId, thread: ThreadId) -> Option<String> {
        let reader = self.reader(person).await;
        let view = reader.thread(thread).expect("no fault")?;
        let messages = reader.messages(&view, &Page::default()).expect("no fault").expect("a page");
        let messages: Vec<_> = messages.edges.iter().map(|edge| edge.node.message).collect();
        let participants = reader.participants(&view, &Page::default()).expect("no fault").expect("a page");
        let participants: Vec<_> = participants.edges.iter().map(|edge| format!("{:?}", edge.node)).collect();
        let invitations = reader.invitations(&view).expect("no fault");
        let invitations: Vec<_> = invitations.iter().map(|row| row.person).collect();
        let lifecycle = format!("{:?}", reader.lifecycle(&view).expect("no fault"));
        // What follows are internal fields, from which `updated_at` and the version are made for each person.
        let row = format!("{:?}", *view);
        let (row, _internal) = row.split_once(", transitioned_at:").expect("a field");
        let version = reader.version(&view).expect("a version").0;
        Some(format!("{row} {version} {messages:?} {participants:?} {invitations:?} {lifecycle}"))
    }

    /// What a person sees of their inbox, and of their worklists.
    async fn sees_lists(&self, person: PersonId) -> [String; 2] {
        let reader = self.reader(person).await;
        let mut inbox = Vec::new();
        for filter in [InboxFilter::Current, InboxFilter::PutAway] {
            let page = reader.inbox(filter, &Page::default()).expect("no fault").expect("a page");
            let row = |view: &coordination::reader::ThreadView| {
                (view.thread, view.updated_at, reader.unread(view).expect("no fault"))
            };
            inbox.push(format!("{:?}", page.edges.iter().map(|edge| row(&edge.node)).collect::<Vec<_>>()));
        }
        let mut lists = Vec::new();
        for list in [Worklist::Mine, Worklist::MyPools, Worklist::Waiting] {
            let page = reader.worklist(list, &Page::default()).expect("no fault").expect("a page");
            let row = |view: &coordination::reader::ThreadView| {
                let waits = view.waiting_on.as_ref().map(|waiting| format!("{waiting:?}"));
                (view.thread, waits)
            };
            lists.push(format!("{:?}", page.edges.iter().map(|edge| row(&edge.node)).collect::<Vec<_>>()));
        }
        [inbox.join("\n"), lists.join("\n")]
    }
}

/// Everything that one person follows, and what they saw when they were last told.
struct Watch {
    person: PersonId,
    threads: Vec<(ThreadId, Option<Notices>, Option<String>)>,
    inbox: Notices,
    worklists: Notices,
    lists: [String; 2],
}

impl Watch {
    async fn begin(clinic: &Clinic, person: PersonId) -> Self {
        let inbox = clinic.follow(person, Followed::Inbox, None).await;
        let worklists = clinic.follow(person, Followed::Worklists, None).await;
        Self { person, threads: Vec::new(), inbox, worklists, lists: clinic.sees_lists(person).await }
    }

    /// Follows a thread that the person finds.
    async fn follow(&mut self, clinic: &Clinic, thread: ThreadId) {
        let seen = clinic.sees_thread(self.person, thread).await;
        let notices = match seen {
            Some(_) => Some(clinic.follow(self.person, Followed::Thread(thread), None).await),
            None => None,
        };
        self.threads.push((thread, notices, seen));
    }

    /// Compares what the person was told with what has changed for them.
    async fn compare(&mut self, clinic: &Clinic, step: &str) {
        let person = self.person;
        let mut changed_threads = BTreeSet::new();
        for (thread, notices, before) in &mut self.threads {
            let after = clinic.sees_thread(person, *thread).await;
            let changed = *before != after;
            if changed {
                changed_threads.insert(*thread);
            }
            if let Some(following) = notices {
                let (told, end) = clinic.told(following).await;
                assert_eq!(end.is_some(), after.is_none(), "{step}: the thread of {person} ends when it is lost");
                if after.is_some() {
                    assert_eq!(
                        changed,
                        !told.is_empty(),
                        "{step}: {person} in a thread: {told:?}\n{before:?}\n{after:?}"
                    );
                }
                assert!(told.iter().all(|notice| notice.topic != Some(NoticeTopic::Marked)), "{step}: {person}");
                if end.is_some() {
                    *notices = None;
                }
            }
            *before = after;
        }
        let lists = clinic.sees_lists(person).await;
        let [inbox, worklists] = [lists[0] != self.lists[0], lists[1] != self.lists[1]];
        let (in_inbox, end) = clinic.told(&mut self.inbox).await;
        assert!(end.is_none());
        assert!(!inbox || !in_inbox.is_empty(), "{step}: the inbox of {person}\n{:?}\n{lists:?}", self.lists);
        let (in_worklists, end) = clinic.told(&mut self.worklists).await;
        assert!(end.is_none());
        assert!(!worklists || !in_worklists.is_empty(), "{step}: a worklist of {person}\n{:?}\n{lists:?}", self.lists);
        for notice in in_inbox.iter().chain(&in_worklists) {
            if let Some(thread) = notice.thread {
                assert!(clinic.finds(person, thread).await, "{step}: {person} is told the id of a thread: {notice:?}");
            }
            // A change of what the person is names no thread.
            let is_known = match notice.thread {
                Some(thread) => changed_threads.contains(&thread) || inbox || worklists,
                None => inbox || worklists || step.contains("of a person"),
            };
            // Their own acts are no secret, also where nothing was left to read.
            assert!(is_known || notice.is_own, "{step}: {person} is told of what they cannot see: {notice:?}");
        }
        self.lists = lists;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_is_told_of_what_changes_for_them_and_of_nothing_else() {
    let clinic = Clinic::open().await;
    let mut watches = Vec::new();
    for person in clinic.everybody() {
        watches.push(Watch::begin(&clinic, person).await);
    }
    let mut threads: Vec<ThreadId> = Vec::new();
    macro_rules! step {
        ($name:expr, $does:expr) => {{
            let done = $does.await;
            for watch in &mut watches {
                watch.compare(&clinic, $name).await;
            }
            done
        }};
    }
    macro_rules! opened {
        ($thread:expr) => {{
            let thread = $thread;
            threads.push(thread);
            for watch in &mut watches {
                watch.follow(&clinic, thread).await;
            }
            thread
        }};
    }
    let at = |minute| crate::clinic::now() + TimeDelta::minutes(minute);
    let sent = |person, key: &str, minute| coordination::CommandContext {
        now: at(minute),
        ..sent_by(&signed_in(person), &context(key))
    };
    let post = async |person, thread, key: &str, minute, audience| {
        let message = Message { audience: Some(audience), body: text(key) };
        clinic.application.post_message(sent(person, key, minute), thread, message).await.expect("posted")
    };
    let asked = opened!(step!("a consultation", clinic.ask("live")));
    let first = step!("a message to everyone", post(clinic.nurse, asked, "m1", 1, Audience::Everyone));
    step!("a message to the clinical team", post(clinic.pcp, asked, "m2", 2, Audience::ClinicalTeam));
    let add =
        AddParticipant { person: clinic.nurse, place: None, history: HistoryWindow::Full, reason: Some(text("help")) };
    step!("a participant", clinic.in_thread(clinic.pcp, asked, "p0", add)).expect("added");
    let named = async |person, to: PersonId, thread, key: &str, minute| {
        let post = PostMessage { addressed: Addressed::Named(BTreeSet::from([to])), body: text(key) };
        clinic.application.conversation(sent(person, key, minute), thread, post.into()).await.expect("posted")
    };
    step!("a message to one person", named(clinic.pcp, clinic.nurse, asked, "m3", 3));
    let read = async || {
        let mark = sent(clinic.nurse, "r1", 4);
        clinic.application.mark_read(mark, asked, first.command.creates(0)).await.expect("marked");
    };
    step!("the nurse reads", read());
    let away = async |away, key: &str, minute| {
        clinic
            .application
            .conversation(sent(clinic.nurse, key, minute), asked, PutAway { away }.into())
            .await
            .expect("away")
    };
    step!("the nurse puts it away", away(true, "a1", 5));
    step!("the nurse takes it back", away(false, "a2", 6));
    step!("it is assigned to the pool", clinic.assign(asked));
    step!("it is claimed", async { clinic.claim(clinic.specialist, asked).await.expect("claimed") });
    step!("a message of the patient", post(clinic.patient_person, asked, "m4", 7, Audience::Everyone));
    let team = opened!(step!("a team thread", async {
        clinic.open_team(clinic.of_two("live-team")).await.expect("opened").target
    }));
    step!("a message in the team thread", post(clinic.nurse, team, "m5", 8, Audience::Everyone));
    let (person, reason) = (clinic.social_worker, Some(text("help")));
    let add = AddParticipant { person, place: None, history: HistoryWindow::Full, reason };
    step!("a participant of the team thread", clinic.in_thread(clinic.pcp, team, "p1", add)).expect("added");
    for watch in &mut watches {
        if watch.person == clinic.social_worker {
            watch.threads.retain(|(thread, ..)| *thread != team);
            watch.follow(&clinic, team).await;
        }
    }
    let window =
        ChangeHistoryWindow { person: clinic.social_worker, history: HistoryWindow::FromJoin, reason: text("less") };
    step!("the window of a participant", clinic.in_thread(clinic.pcp, team, "w1", window)).expect("changed");
    step!("a message to the other", named(clinic.pcp, clinic.nurse, team, "m6", 10));
    let invite = InviteParticipant {
        person: clinic.specialist,
        place: Place { role: Role::Physician, organization: clinic.centre().await },
        history: HistoryWindow::FromJoin,
        reason: text("look"),
    };
    step!("an invitation", clinic.in_thread(clinic.pcp, team, "i1", invite)).expect("invited");
    for watch in &mut watches {
        if watch.person == clinic.specialist {
            watch.threads.retain(|(thread, ..)| *thread != team);
            watch.follow(&clinic, team).await;
        }
    }
    step!("a message that the invited may not notice", post(clinic.nurse, team, "m8", 10, Audience::Everyone));
    step!("a turn that the invited may not notice", async {
        let to = WaitingOn { party: Party::Person(clinic.pcp), action: PostMessage::NAME, due: Some(later()) };
        let set = SetWaitingOn { to, note: Some(text("yours")) };
        clinic.in_thread(clinic.nurse, team, "t1", set).await.expect("set");
    });
    step!("the invited declines", clinic.in_thread(clinic.specialist, team, "i2", DeclineInvitation))
        .expect("declined");
    let with_pool = opened!(step!("a team thread with a pool", async {
        let team = Team { pools: vec![clinic.cardiology], ..clinic.of_two("live-pool") };
        clinic.open_team(team).await.expect("opened").target
    }));
    step!("a message that the pool reads", post(clinic.nurse, with_pool, "m9", 10, Audience::Everyone));
    let remove =
        RemoveParticipant { person: clinic.social_worker, reason: RemovalReason::Removed, note: Some(text("done")) };
    step!("a participant is removed", clinic.in_thread(clinic.pcp, team, "p2", remove)).expect("removed");
    let by = signed_in(clinic.coordinator);
    let patient = clinic.patient;
    step!("the care team of a person", async {
        let remove = RemoveMember { patient, person: clinic.nurse };
        clinic.application.remove_member(sent_by(&by, &context("c1")), remove).await.expect("removed");
    });
    step!("the care team of a person again", async {
        let add = clinic.new_member(patient, clinic.nurse, Role::Nurse);
        clinic.application.add_member(sent_by(&by, &context("c2")), add).await.expect("added");
    });
    let recommendation = step!("advice", clinic.advise(asked));
    step!("a plan", clinic.plan(asked, recommendation));
    step!("the patient is informed", clinic.inform(asked));
    step!("it is closed", clinic.close_consultation(asked));
    let other = opened!(step!("a second consultation", clinic.ask("live again")));
    let admin = signed_in(clinic.admin);
    let centre = clinic.centre().await;
    step!("the pool of a person", async {
        let remove = RemovePoolMember { pool: clinic.cardiology, person: clinic.other_specialist };
        clinic.application.remove_pool_member(sent_by(&admin, &context("l1")), centre, remove).await.expect("removed");
    });
    step!("the pool of a person again", async {
        let add = AddPoolMember { pool: clinic.cardiology, person: clinic.other_specialist };
        clinic.application.add_pool_member(sent_by(&admin, &context("l2")), centre, add).await.expect("added");
    });
    step!("the role of a person", async {
        let end = EndRole { organization: clinic.practice, role: Role::SocialWorker };
        clinic.application.end_role(sent_by(&admin, &context("e1")), clinic.social_worker, end).await.expect("ended");
    });
    step!("a last message", post(clinic.pcp, other, "m7", 11, Audience::Everyone));
    assert_eq!(threads.len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_told_of_the_messages_that_they_may_read() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("audiences").await;
    let mut following = Vec::new();
    for person in [clinic.pcp, clinic.nurse, clinic.patient_person, clinic.social_worker] {
        following.push(clinic.follow(person, Followed::Thread(thread), None).await);
    }
    let add =
        AddParticipant { person: clinic.nurse, place: None, history: HistoryWindow::Full, reason: Some(text("help")) };
    clinic.in_thread(clinic.pcp, thread, "add", add).await.expect("added");
    clinic.post(clinic.pcp, thread, "open", Audience::Everyone).await.expect("posted");
    clinic.post(clinic.pcp, thread, "among us", Audience::ClinicalTeam).await.expect("posted");
    let post = PostMessage { addressed: Addressed::Named(BTreeSet::from([clinic.nurse])), body: text("you") };
    clinic.in_thread(clinic.pcp, thread, "named", post).await.expect("posted");
    for (notices, messages, own) in
        following.iter_mut().zip([(3, true), (3, false), (1, false), (1, false)]).map(|(n, (m, o))| (n, m, o))
    {
        let (told, end) = clinic.told(notices).await;
        assert!(end.is_none());
        assert!(told.windows(2).all(|pair| pair[0].position < pair[1].position));
        let told: Vec<_> = told.iter().filter(|notice| notice.topic == Some(NoticeTopic::Message)).collect();
        assert_eq!(told.len(), messages);
        assert!(told.iter().all(|notice| notice.is_own == own && notice.thread == Some(thread)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_what_the_team_shares_with_one_person_the_team_and_this_person_are_told() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("one-person").await;
    let mut following = Vec::new();
    for person in [clinic.pcp, clinic.nurse, clinic.patient_person, clinic.social_worker] {
        following.push(clinic.follow(person, Followed::Thread(thread), None).await);
        following.push(clinic.follow(person, Followed::Inbox, None).await);
    }
    clinic.post(clinic.patient_person, thread, "asks", Audience::TeamAndMe).await.expect("posted");
    let answer = PostMessage { addressed: Addressed::TeamAnd(clinic.patient_person), body: text("answers") };
    clinic.in_thread(clinic.pcp, thread, "answer", answer).await.expect("posted");
    let mut all = Vec::new();
    for notices in &mut following {
        let (told, end) = clinic.told(notices).await;
        assert!(end.is_none());
        all.push(told.iter().map(|notice| (notice.topic, notice.is_own)).collect::<Vec<_>>());
    }
    let messages = |own: [bool; 2]| own.map(|is_own| (Some(NoticeTopic::Message), is_own)).to_vec();
    let (pcp, nurse, patient) = (messages([false, true]), messages([false, false]), messages([true, false]));
    assert_eq!(all, [pcp.clone(), pcp, nurse.clone(), nurse, patient.clone(), patient, vec![], vec![]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_that_is_missing_and_one_that_may_not_be_known_end_at_once_and_both_are_recorded() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("hidden").await;
    for id in [thread, ThreadId::from_uuid(Uuid::from_u128(7)), ThreadId::from_uuid(Uuid::nil())] {
        let mut notices = clinic.follow(clinic.stranger, Followed::Thread(id), None).await;
        let (told, end) = clinic.told(&mut notices).await;
        assert!(told.is_empty() && matches!(end, Some(NoticeEnd::Closed)), "{told:?} {end:?}");
        clinic.refused_to(clinic.stranger, id.uuid()).await;
    }
}

impl Clinic {
    /// Waits until the access log has a refused try.
    async fn refused_to(&self, person: PersonId, target: Uuid) {
        let (person, target) = (person.to_string(), target.simple().to_string());
        let wanted = async {
            loop {
                let page = self.installation.access.read_log(None, std::num::NonZeroU32::new(500).expect("many")).await;
                let page = page.expect("read");
                let is_it = |data: &str| data.contains(&person) && data.contains(&target);
                if page.events.iter().any(|event| is_it(&String::from_utf8_lossy(&event.data))) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), wanted).await.expect("a record");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_back_with_a_position_loses_nothing_and_gets_nothing_twice() {
    let mut clinic = Clinic::open().await;
    let thread = clinic.ask("back").await;
    let mut live = clinic.follow(clinic.nurse, Followed::Thread(thread), None).await;
    for number in 0..6 {
        clinic.post(clinic.pcp, thread, &format!("all-{number}"), Audience::Everyone).await.expect("posted");
        clinic.post(clinic.pcp, thread, &format!("team-{number}"), Audience::ClinicalTeam).await.expect("posted");
    }
    let (all, _) = clinic.told(&mut live).await;
    assert_eq!(all.len(), 12);
    let of_patient: Vec<_> = all.iter().step_by(2).copied().map(|notice| notice.position).collect();
    // From memory, and after a restart from the log.
    for _ in 0..2 {
        for (index, notice) in all.iter().enumerate() {
            let mut again = clinic.follow(clinic.nurse, Followed::Thread(thread), Some(notice.position)).await;
            assert_eq!(clinic.told(&mut again).await.0, all[index + 1..]);
            let mut patient =
                clinic.follow(clinic.patient_person, Followed::Thread(thread), Some(notice.position)).await;
            let told: Vec<_> = clinic.told(&mut patient).await.0.iter().map(|notice| notice.position).collect();
            assert_eq!(told, of_patient[index / 2 + 1..]);
        }
        clinic.restart().await;
    }
    // What is told after the coming back follows what was missed.
    let mut again = clinic.follow(clinic.nurse, Followed::Thread(thread), Some(all[9].position)).await;
    clinic.post(clinic.pcp, thread, "new", Audience::Everyone).await.expect("posted");
    let (told, _) = clinic.told(&mut again).await;
    assert_eq!(told[..2], all[10..]);
    assert_eq!(told.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_after_a_notice_includes_it() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("included").await;
    let mut notices = clinic.follow(clinic.nurse, Followed::Thread(thread), None).await;
    for number in 0..40 {
        let key = format!("m-{number}");
        let post = clinic.post(clinic.pcp, thread, &key, Audience::Everyone);
        let (posted, told) = tokio::join!(post, async {
            let told = notices.next().await.expect("told");
            let reader = crate::clinic::OpenAnswer::begin(&clinic.application, signed_in(clinic.nurse), None, now());
            (told, reader.await.expect("a reader").position() >= Some(told.position))
        });
        assert_eq!(told, (told.0, true), "{:?}", posted.expect("posted").position);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_read_again_after_a_restart() {
    let mut clinic = Clinic::open().await;
    let thread = clinic.ask("lists").await;
    let mut inbox = clinic.follow(clinic.nurse, Followed::Inbox, None).await;
    clinic.post(clinic.pcp, thread, "one", Audience::Everyone).await.expect("posted");
    let (told, _) = clinic.told(&mut inbox).await;
    assert_eq!(told.iter().map(|notice| notice.thread).collect::<Vec<_>>(), [Some(thread)]);
    let at = inbox.position();
    clinic.post(clinic.pcp, thread, "two", Audience::Everyone).await.expect("posted");
    let mut again = clinic.follow(clinic.nurse, Followed::Inbox, at).await;
    assert_eq!(clinic.topics(&mut again).await, [NoticeTopic::Message]);
    clinic.restart().await;
    for followed in [Followed::Inbox, Followed::Worklists] {
        let mut again = clinic.follow(clinic.nurse, followed, at).await;
        let (told, end) = clinic.told(&mut again).await;
        assert!(end.is_none());
        assert_eq!(told.iter().map(|notice| notice.topic).collect::<Vec<_>>(), [None], "once");
        let mut next = clinic.follow(clinic.nurse, followed, Some(told[0].position)).await;
        assert!(clinic.told(&mut next).await.0.is_empty(), "nothing is told twice");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_who_takes_nothing_is_cut_off_and_goes_on_from_its_position() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("slow").await;
    let mut slow = clinic.follow(clinic.nurse, Followed::Thread(thread), None).await;
    let mut quick = clinic.follow(clinic.nurse, Followed::Thread(thread), None).await;
    let mut all = Vec::new();
    for number in 0..70 {
        clinic.post(clinic.pcp, thread, &format!("m-{number}"), Audience::Everyone).await.expect("posted");
        let (told, end) = clinic.told(&mut quick).await;
        assert!(end.is_none(), "a slow follower costs nobody else: {end:?}");
        all.extend(told);
    }
    let (mut told, end) = clinic.told(&mut slow).await;
    assert!(matches!(end, Some(NoticeEnd::TooSlow)), "{end:?}");
    assert!(told.len() >= 64 && told.len() < 70, "{}", told.len());
    let mut again = clinic.follow(clinic.nurse, Followed::Thread(thread), slow.position()).await;
    told.extend(clinic.told(&mut again).await.0);
    assert_eq!(told, all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_loses_access_is_ended_without_another_notice() {
    let clinic = Clinic::open().await;
    let thread = clinic.open_team(clinic.of_two("lost")).await.expect("opened").target;
    let mut nurse = clinic.follow(clinic.nurse, Followed::Thread(thread), None).await;
    let remove = RemoveParticipant { person: clinic.nurse, reason: RemovalReason::Removed, note: Some(text("done")) };
    clinic.in_thread(clinic.pcp, thread, "remove", remove).await.expect("removed");
    clinic.post(clinic.pcp, thread, "after", Audience::Everyone).await.expect("posted");
    let (told, end) = clinic.told(&mut nurse).await;
    assert!(told.is_empty() && matches!(end, Some(NoticeEnd::Closed)), "{told:?}");
    assert!(matches!(clinic.told(&mut nurse).await.1, Some(NoticeEnd::Closed)), "it stays ended");

    // By the policy, and by the end of a role: nothing happened in the thread.
    let asked = clinic.ask("policy").await;
    let mut by_role = clinic.follow(clinic.social_worker, Followed::Thread(asked), None).await;
    let mut by_policy = clinic.follow(clinic.nurse, Followed::Thread(asked), None).await;
    let mut kept = clinic.follow(clinic.pcp, Followed::Thread(asked), None).await;
    let admin = signed_in(clinic.admin);
    let end = EndRole { organization: clinic.practice, role: Role::SocialWorker };
    clinic.application.end_role(sent_by(&admin, &context("end")), clinic.social_worker, end).await.expect("ended");
    let ended = tokio::time::timeout(std::time::Duration::from_secs(1), by_role.next()).await;
    assert!(matches!(ended, Ok(Err(NoticeEnd::Closed))), "{ended:?}");
    let shipped = PolicyText::shipped();
    let stays = |line: &&str| !["p, R201", "p, R403", "p, R416"].iter().any(|row| line.starts_with(row));
    let rules = shipped.rules.lines().filter(stays);
    let rules = rules.collect::<Vec<_>>().join("\n") + "\n";
    clinic.application.activate_policy(&admin, PolicyText { rules, ..shipped }, now()).await.expect("activated");
    let ended = tokio::time::timeout(std::time::Duration::from_secs(1), by_policy.next()).await;
    assert!(matches!(ended, Ok(Err(NoticeEnd::Closed))), "{ended:?}");
    assert!(clinic.topics(&mut kept).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_tried_too_often_reads_and_follows_nothing_for_some_time() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("guessed").await;
    let origin = || coordination::Origin::of(care::words::Channel::GraphQl);
    let follow = async |person, followed, at| {
        let following = Following { followed, identity: signed_in(person), after: None, origin: origin() };
        clinic.application.follow(following, Arc::new(move || at)).await.map(drop)
    };
    let answer = async |person, at| {
        let context = AnswerContext { identity: signed_in(person), now: at, origin: origin() };
        clinic.application.answer(context, async |_| ()).await.map(drop)
    };
    for number in 0..TRIES_A_MINUTE_MAX {
        let nobodys = ThreadId::from_uuid(Uuid::from_u128(u128::from(number)));
        follow(clinic.nurse, Followed::Thread(nobodys), now()).await.expect("it ends at once");
    }
    for followed in [Followed::Thread(thread), Followed::Inbox] {
        assert!(matches!(follow(clinic.nurse, followed, now()).await, Err(Fault::TooOften { .. })));
    }
    assert!(matches!(answer(clinic.nurse, now()).await, Err(Fault::TooOften { .. })));
    // Nobody else waits, and after a minute they do not either.
    follow(clinic.pcp, Followed::Thread(thread), now()).await.expect("another person");
    answer(clinic.pcp, now()).await.expect("another person");
    let soon = now() + TimeDelta::minutes(1);
    follow(clinic.nurse, Followed::Thread(thread), soon).await.expect("again");
    answer(clinic.nurse, soon).await.expect("again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_ends_by_itself_ends_the_notices_at_the_next_tick() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("by time").await;
    let admin = signed_in(clinic.admin);
    let end = EndRole { organization: clinic.practice, role: Role::Nurse };
    clinic.application.end_role(sent_by(&admin, &context("end")), clinic.nurse, end).await.expect("ended");
    let grant = GrantRole { organization: clinic.practice, role: Role::Nurse, until: Some(later()) };
    clinic.application.grant_role(sent_by(&admin, &context("grant")), clinic.nurse, grant).await.expect("granted");
    let past = later() + TimeDelta::seconds(1);
    let clock = Arc::new(std::sync::Mutex::new(now()));
    let read = Arc::clone(&clock);
    let origin = coordination::Origin::of(care::words::Channel::GraphQl);
    let following =
        Following { followed: Followed::Thread(thread), identity: signed_in(clinic.nurse), after: None, origin };
    let mut notices = clinic
        .application
        .follow(following, Arc::new(move || *read.lock().expect("unpoisoned")))
        .await
        .expect("followed");
    clinic.application.run_processes(now()).await.expect("ran");
    assert!(clinic.topics(&mut notices).await.is_empty());
    *clock.lock().expect("unpoisoned") = past;
    clinic.application.run_due_processes(past).await.expect("ran");
    let ended = tokio::time::timeout(std::time::Duration::from_secs(1), notices.next()).await;
    assert!(matches!(ended, Ok(Err(NoticeEnd::Closed))), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_notice_comes_after_a_revocation_that_races_with_it() {
    let clinic = Clinic::open().await;
    let thread = clinic.open_team(clinic.of_two("race")).await.expect("opened").target;
    for round in 0..200 {
        let (person, history) = (clinic.social_worker, HistoryWindow::Full);
        let add = AddParticipant { person, place: None, history, reason: Some(text("back")) };
        clinic.in_thread(clinic.pcp, thread, &format!("add-{round}"), add).await.expect("added");
        let mut notices = clinic.follow(clinic.social_worker, Followed::Thread(thread), None).await;
        let message = format!("m-{round}");
        let post = clinic.post(clinic.pcp, thread, &message, Audience::Everyone);
        let remove = RemoveParticipant {
            person: clinic.social_worker,
            reason: RemovalReason::Removed,
            note: Some(text("done")),
        };
        let key = format!("remove-{round}");
        let remove = clinic.in_thread(clinic.pcp, thread, &key, remove);
        let later = format!("n-{round}");
        let (posted, removed) = tokio::join!(post, async {
            let removed = remove.await.expect("removed");
            clinic.post(clinic.pcp, thread, &later, Audience::Everyone).await.expect("posted");
            removed
        });
        posted.expect("posted");
        let (told, end) = clinic.told(&mut notices).await;
        assert!(matches!(end, Some(NoticeEnd::Closed)), "{end:?}");
        assert!(told.iter().all(|notice| Some(notice.position) < removed.position), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_knows_only_of_their_turn_is_told_of_nothing_else_in_their_worklist() {
    let clinic = Clinic::open().await;
    let pool = clinic.cardiology;
    let of_two = clinic.of_two("last-resort");
    let team = Team { owner: Owner::Pool(pool), waits_for: Party::Pool(pool), pools: vec![pool], ..of_two };
    let thread = clinic.open_team(team).await.expect("opened").target;
    let admin = signed_in(clinic.admin);
    for (key, person, role) in [("e1", clinic.pcp, Role::Physician), ("e2", clinic.nurse, Role::Nurse)] {
        let end = EndRole { organization: clinic.practice, role };
        clinic.application.end_role(sent_by(&admin, &context(key)), person, end).await.expect("ended");
    }
    let turn_at = now() + TimeDelta::days(4);
    clinic.application.run_processes(turn_at).await.expect("ran");
    let reader = clinic.reader_at(clinic.centre_coordinator, turn_at).await;
    let mine = reader.worklist(Worklist::Mine, &Page::default()).expect("no fault").expect("a page");
    assert_eq!(mine.edges.iter().map(|edge| edge.node.thread).collect::<Vec<_>>(), [thread]);
    drop(reader);
    let mut following = Vec::new();
    for person in [clinic.centre_coordinator, clinic.specialist] {
        let origin = coordination::Origin::of(care::words::Channel::GraphQl);
        let identity = signed_in(person);
        let follow = Following { followed: Followed::Worklists, identity, after: None, origin };
        following.push(clinic.application.follow(follow, Arc::new(move || turn_at)).await.expect("followed"));
    }
    let at = |key| coordination::CommandContext { now: turn_at, ..context(key) };
    let claims = sent_by(&signed_in(clinic.specialist), &at("claim"));
    clinic.application.claim(claims, thread).await.expect("claimed");
    assert!(clinic.topics(&mut following[0]).await.is_empty(), "who owns it is hidden from whose turn it is");
    assert_eq!(clinic.topics(&mut following[1]).await, [NoticeTopic::Changed]);
    let to = WaitingOn { party: Party::Person(clinic.specialist), action: PostMessage::NAME, due: None };
    let set = SetWaitingOn { to, note: None };
    let turn = sent_by(&signed_in(clinic.specialist), &at("turn"));
    clinic.application.conversation(turn, thread, set.into()).await.expect("set");
    let (told, end) = clinic.told(&mut following[0]).await;
    assert!(end.is_none());
    let told: Vec<_> = told.iter().map(|notice| (notice.thread, notice.topic)).collect();
    assert_eq!(told, [(None, Some(NoticeTopic::Changed))], "it has left the list, and cannot be found any more");
}
