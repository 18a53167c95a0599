//! Journals that fail on purpose: an append whose answer is lost, a store that is away, somebody
//! who was first, a caller who goes away midway, a fold that dies.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use care::ids::{PersonId, ThreadId};
use care::person::{EndRole, RegisterPerson};
use care::words::{Audience, Role};
use chrono::TimeDelta;
use coordination::application::{KnownEnds, OpenApplicationError, read_models_status, rebuild_read_models};
use coordination::fault::{Failed, Fault, Problem};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use journal::{
    Append, AppendError, Appended, Direction, Fatal, Feed, Journal, Limits, LogIdentity, LogPage, Position, ReadError,
    Revision, StreamName, StreamPage,
};
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::clinic::{Clinic, Commands, OpenAnswer, now, sent_by, signed_in};

/// What befalls one append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// The store is away, and nothing is written.
    Unavailable,
    /// It is written, and the answer says that nobody knows.
    WrittenButUnknown,
    /// It is written, and no answer ever comes.
    WrittenAndSilent,
    /// It waits until it is let go, and is written then.
    Held,
    /// The store has taken it and writes it once it is let go, even if its caller has gone away.
    Late,
    /// Somebody else seems to have been first.
    Conflict,
    /// The right to append is gone.
    Denied,
}

/// A journal in front of another, with troubles for its next appends.
struct FaultyJournal {
    inner: Arc<dyn Journal>,
    troubles: Mutex<VecDeque<Trouble>>,
    silent: Notify,
    /// Lets held appends go.
    release: Arc<Notify>,
    /// How often a stream was read.
    pub reads: AtomicUsize,
    /// How often it was appended, or tried.
    appends: AtomicUsize,
    /// How often the head was asked for.
    heads: AtomicUsize,
    /// Whether the feed gives what it has.
    feeding: watch::Sender<bool>,
    /// Whether the log is said to end before its last event.
    shortened: AtomicBool,
    /// Whether other events are said to be at the places asked for.
    swapped: AtomicBool,
    /// Whether the next event of the feed brings down who reads it.
    deadly: AtomicBool,
    /// Whether nothing can be reached.
    away: watch::Sender<bool>,
    /// Whether others write into the store as well, and how often the feed said so.
    shared: Arc<AtomicBool>,
    scanned: Arc<AtomicUsize>,
}

impl FaultyJournal {
    fn before(inner: &Arc<dyn Journal>) -> Arc<Self> {
        let inner = Arc::clone(inner);
        Arc::new(Self {
            inner,
            troubles: Mutex::default(),
            silent: Notify::new(),
            release: Arc::default(),
            reads: AtomicUsize::new(0),
            appends: AtomicUsize::new(0),
            heads: AtomicUsize::new(0),
            feeding: watch::Sender::new(true),
            shortened: false.into(),
            swapped: false.into(),
            deadly: false.into(),
            away: watch::Sender::new(false),
            shared: Arc::default(),
            scanned: Arc::default(),
        })
    }

    fn next(&self, troubles: impl IntoIterator<Item = Trouble>) {
        self.troubles.lock().expect("a lock").extend(troubles);
    }

    fn there(&self) -> Result<(), ReadError> {
        if *self.away.borrow() { Err(ReadError::Unavailable { reason: String::new() }) } else { Ok(()) }
    }

    fn all_met(&self) -> bool {
        self.troubles.lock().expect("a lock").is_empty()
    }
}

type Answer<'a, T, E> = BoxFuture<'a, Result<T, E>>;

/// The signatures are those that the port's macro gives to its methods.
impl Journal for FaultyJournal {
    fn limits(&self) -> Limits {
        self.inner.limits()
    }

    fn identity<'a, 'b>(&'a self) -> Answer<'b, LogIdentity, ReadError>
    where
        'a: 'b,
    {
        self.inner.identity()
    }

    fn append<'a, 'b>(&'a self, append: Append) -> Answer<'b, Appended, AppendError>
    where
        'a: 'b,
    {
        Box::pin(async move {
            self.appends.fetch_add(1, SeqCst);
            let trouble = self.troubles.lock().expect("a lock").pop_front();
            let reason = String::new();
            if *self.away.borrow() {
                return Err(AppendError::Unavailable { reason });
            }
            match trouble {
                None => self.inner.append(append).await,
                Some(Trouble::Unavailable) => Err(AppendError::Unavailable { reason }),
                Some(Trouble::WrittenButUnknown) => {
                    self.inner.append(append).await?;
                    Err(AppendError::Indeterminate { reason })
                }
                Some(Trouble::WrittenAndSilent) => {
                    self.inner.append(append).await?;
                    self.silent.notify_one();
                    std::future::pending().await
                }
                Some(Trouble::Held) => {
                    self.silent.notify_one();
                    self.release.notified().await;
                    self.inner.append(append).await
                }
                Some(Trouble::Late) => {
                    let (inner, release) = (Arc::clone(&self.inner), Arc::clone(&self.release));
                    let writing = tokio::spawn(async move {
                        release.notified().await;
                        inner.append(append).await
                    });
                    self.silent.notify_one();
                    writing.await.expect("written")
                }
                Some(Trouble::Denied) => Err(Fatal::Denied { reason }.into()),
                Some(Trouble::Conflict) => {
                    let Append { stream, expected, .. } = append;
                    Err(AppendError::Conflict { stream, expected, actual: Some(Revision(0)) })
                }
            }
        })
    }

    fn read_stream<'a, 'b, 'c>(
        &'a self,
        stream: &'b StreamName,
        from: Option<Revision>,
        direction: Direction,
        max: NonZeroU32,
    ) -> Answer<'c, StreamPage, ReadError>
    where
        'a: 'c,
        'b: 'c,
    {
        self.reads.fetch_add(1, SeqCst);
        Box::pin(async move {
            self.there()?;
            self.inner.read_stream(stream, from, direction, max).await
        })
    }

    fn read_log<'a, 'b>(&'a self, after: Option<Position>, max: NonZeroU32) -> Answer<'b, LogPage, ReadError>
    where
        'a: 'b,
    {
        self.inner.read_log(after, max)
    }

    fn follow<'a, 'b>(
        &'a self,
        after: Option<Position>,
    ) -> Answer<'b, BoxStream<'static, Result<Feed, ReadError>>, ReadError>
    where
        'a: 'b,
    {
        Box::pin(async move {
            self.there()?;
            // Positions of others are after every one of ours.
            let after = after.filter(|after| *after < OTHERS);
            let feed = self.inner.follow(after).await?;
            let (shared, scanned) = (Arc::clone(&self.shared), Arc::clone(&self.scanned));
            let feed = feed.flat_map(move |item| {
                let of_others = shared.load(SeqCst) && matches!(item, Ok(Feed::CaughtUp(_)));
                scanned.fetch_add(of_others.into(), SeqCst);
                stream::iter([Some(item), of_others.then_some(Ok(Feed::Scanned(OTHERS)))].into_iter().flatten())
            });
            let mut away = self.away.subscribe();
            let lost = stream::once(async move {
                away.wait_for(|away| *away).await.expect("the journal is there");
                Err(ReadError::Unavailable { reason: String::new() })
            });
            let feed = stream::select(feed, lost);
            let (deadly, feeding) = (self.deadly.load(SeqCst), self.feeding.subscribe());
            let feed = feed.then(move |item| {
                let mut feeding = feeding.clone();
                async move {
                    assert!(!deadly || !matches!(item, Ok(Feed::Event(_))), "on purpose");
                    feeding.wait_for(|feeding| *feeding).await.expect("the journal is there");
                    item
                }
            });
            Ok(feed.boxed())
        })
    }

    fn head<'a, 'b>(&'a self) -> Answer<'b, Option<Position>, ReadError>
    where
        'a: 'b,
    {
        self.heads.fetch_add(1, SeqCst);
        Box::pin(async move {
            self.there()?;
            let head = self.inner.head().await?;
            Ok(head.map(|head| if self.shortened.load(SeqCst) { Position(head.0 - 1) } else { head }))
        })
    }

    fn holds<'a, 'b>(&'a self, position: Position, id: Uuid) -> Answer<'b, bool, ReadError>
    where
        'a: 'b,
    {
        Box::pin(async move { Ok(self.inner.holds(position, id).await? && !self.swapped.load(SeqCst)) })
    }
}

/// Longest wait for what must come about.
const WAIT_MAX: std::time::Duration = std::time::Duration::from_secs(10);
/// Where others are said to write.
const OTHERS: Position = Position(1 << 40);

async fn until(mut reached: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + WAIT_MAX;
    while !reached() {
        assert!(std::time::Instant::now() < deadline, "never came true");
        tokio::task::yield_now().await;
    }
}

/// A clinic on journals with faults that the test chooses.
struct FaultyClinic {
    clinic: Clinic,
    care: Arc<FaultyJournal>,
    access: Arc<FaultyJournal>,
}

/// Opens the application of a clinic again with faulty journals.
async fn faulty_clinic() -> FaultyClinic {
    let mut clinic = Clinic::open().await;
    clinic.application.close();
    let (care, access) =
        (FaultyJournal::before(&clinic.installation.care), FaultyJournal::before(&clinic.installation.access));
    clinic.installation.care = care.clone();
    clinic.installation.access = access.clone();
    clinic.application = clinic.installation.open().await.expect("opened again");
    FaultyClinic { clinic, care, access }
}

async fn length(journal: &Arc<dyn Journal>) -> usize {
    journal.read_log(None, NonZeroU32::new(5000).expect("many")).await.expect("read").events.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_whose_append_is_unknown_is_there_once() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("unknown").await;
    care.next([Trouble::WrittenButUnknown, Trouble::WrittenButUnknown]);
    clinic.post(clinic.nurse, thread, "once", Audience::Everyone).await.expect("posted");
    assert!(care.all_met());
    assert_eq!(clinic.messages(clinic.nurse, thread).await, ["once"]);

    // Unknown to the end: the sender hears that it is unknown, and by a repeat that it was done.
    care.next([Trouble::WrittenButUnknown; 5]);
    let unknown = clinic.post(clinic.nurse, thread, "twice", Audience::Everyone).await;
    assert!(matches!(unknown, Err(Failed::Fault(Fault::Unavailable(_)))), "{unknown:?}");
    assert!(clinic.post(clinic.nurse, thread, "twice", Audience::Everyone).await.expect("done").replayed);
    clinic.post(clinic.pcp, thread, "next", Audience::Everyone).await.expect("posted");
    assert_eq!(clinic.messages(clinic.nurse, thread).await, ["once", "twice", "next"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_was_not_written_leaves_nothing_and_goes_through_later() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("away").await;
    let before = length(&clinic.installation.care).await;
    care.next([Trouble::Unavailable]);
    let away = clinic.post(clinic.nurse, thread, "late", Audience::Everyone).await;
    assert!(matches!(away, Err(Failed::Fault(Fault::Unavailable(_)))), "{away:?}");
    assert_eq!(length(&clinic.installation.care).await, before);
    assert!(!clinic.post(clinic.nurse, thread, "late", Audience::Everyone).await.expect("posted").replayed);
    // Somebody else was first a few times: it is decided again each time, and at last written.
    care.next([Trouble::Conflict; 3]);
    clinic.post(clinic.nurse, thread, "contended", Audience::Everyone).await.expect("posted");
    assert_eq!(clinic.messages(clinic.nurse, thread).await, ["late", "contended"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_another_node_are_read_before_the_decision_is_repeated() {
    let FaultyClinic { clinic, .. } = faulty_clinic().await;
    let thread = clinic.ask("nodes").await;
    clinic.assign(thread).await;
    // Both have the thread folded; the other node's claim comes first.
    let here = clinic.installation.directory.path().to_owned();
    let elsewhere = crate::clinic::Installation {
        care: Arc::clone(&clinic.installation.care),
        access: Arc::clone(&clinic.installation.access),
        vault: Arc::clone(&clinic.installation.vault),
        directory: tempfile::tempdir().expect("a directory"),
    };
    assert_ne!(elsewhere.directory.path(), here);
    let other = elsewhere.open().await.expect("another node");
    let claim = crate::clinic::context("there");
    other.claim(sent_by(&signed_in(clinic.other_specialist), &claim), thread).await.expect("claimed there");
    let refused = clinic.claim(clinic.specialist, thread).await;
    assert!(matches!(refused, Err(Failed::Problem(Problem::Refused(_)))), "{refused:?}");
    // What was written there is read here by who says up to where they want to read.
    for number in 0..20 {
        let metadata = crate::clinic::context(&format!("there-{number}"));
        let message = crate::clinic::Message { audience: None, body: crate::clinic::text("there") };
        let outcome =
            other.post_message(sent_by(&signed_in(clinic.nurse), &metadata), thread, message).await.expect("posted");
        let reader = OpenAnswer::begin(&clinic.application, signed_in(clinic.pcp), outcome.position, now())
            .await
            .expect("a reader");
        assert!(reader.has_reached(outcome.position));
    }
    other.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_goes_away_midway_leaves_the_stream_whole() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("gone").await;
    care.next([Trouble::WrittenAndSilent]);
    let application = Arc::clone(&clinic.application);
    let by = signed_in(clinic.nurse);
    let lost = tokio::spawn(async move {
        let message =
            crate::clinic::Message { audience: Some(Audience::Everyone), body: crate::clinic::text("written") };
        application.post_message(sent_by(&by, &crate::clinic::context("written")), thread, message).await
    });
    care.silent.notified().await;
    lost.abort();
    assert!(lost.await.is_err());
    clinic.post(clinic.pcp, thread, "after", Audience::Everyone).await.expect("posted");
    assert!(clinic.post(clinic.nurse, thread, "written", Audience::Everyone).await.expect("done").replayed);
    assert_eq!(clinic.messages(clinic.pcp, thread).await, ["written", "after"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_a_role_whose_sender_went_away_is_still_ordered_before_the_next() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let application = Arc::clone(&clinic.application);
    let installer = signed_in(clinic.admin);
    let made = application.create_organization(sent_by(&installer, &crate::clinic::context("branch")), "Branch").await;
    let organization = made.expect("created").target;
    let register = async |by, name: &str| {
        let new = RegisterPerson { organization, name: crate::clinic::line(name), role: Some(Role::Administrator) };
        application.register_person(sent_by(&signed_in(by), &crate::clinic::context(name)), new).await
    };
    let one = register(clinic.admin, "one").await.expect("registered").target;
    let two = register(one, "two").await.expect("registered").target;
    let end = |by, whose| {
        let application = Arc::clone(&application);
        tokio::spawn(async move {
            let end = EndRole { organization, role: Role::Administrator };
            application.end_role(sent_by(&signed_in(by), &crate::clinic::context("end")), whose, end).await
        })
    };
    care.next([Trouble::Late]);
    let lost = end(one, two);
    care.silent.notified().await;
    lost.abort();
    assert!(lost.await.is_err());
    // The store has taken the first command, and writes it while the second is on its way.
    let second = end(two, one);
    let release = Arc::clone(&care.release);
    let mut second = second;
    let early = tokio::time::timeout(std::time::Duration::from_millis(500), &mut second).await;
    release.notify_one();
    let second = match early {
        Ok(done) => done,
        Err(_) => second.await,
    };
    let second = second.expect("no panic");
    assert!(second.is_err(), "both administrators have lost their role: {second:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_on_its_way_is_stored_before_the_end_of_its_author_s_role_and_none_after_it() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("both at once").await;
    let clinic = Arc::new(clinic);
    care.next([Trouble::Held]);
    let sender = Arc::clone(&clinic);
    let posted = tokio::spawn(async move { sender.post(sender.nurse, thread, "last", Audience::Everyone).await });
    care.silent.notified().await;
    let (application, admin) = (Arc::clone(&clinic.application), signed_in(clinic.admin));
    let (nurse, organization) = (clinic.nurse, clinic.practice);
    let mut ended = tokio::spawn(async move {
        let end = EndRole { organization, role: Role::Nurse };
        application.end_role(sent_by(&admin, &crate::clinic::context("end")), nurse, end).await
    });
    let early = tokio::time::timeout(std::time::Duration::from_millis(500), &mut ended).await;
    assert!(early.is_err(), "the role ends while a message of its holder is on its way: {early:?}");
    care.release.notify_one();
    let posted = posted.await.expect("no panic").expect("it was decided before");
    let ended = ended.await.expect("no panic").expect("ended");
    assert!(posted.position < ended.position);
    clinic.post(clinic.nurse, thread, "after", Audience::Everyone).await.expect_err("the role has ended");
}

/// Opens a thread's consultation and says how its recording ended.
async fn read(clinic: &Clinic, thread: ThreadId) -> Result<(), Fault> {
    let reader = clinic.reader(clinic.pcp).await;
    assert!(reader.thread(thread).expect("no fault").is_some());
    reader.finish().await
}

async fn recorded(clinic: &Clinic, thread: ThreadId) -> usize {
    let page = clinic.installation.access.read_log(None, NonZeroU32::new(5000).expect("many")).await.expect("read");
    page.events.iter().filter(|event| String::from_utf8_lossy(&event.data).contains(&thread.to_string())).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_that_cannot_be_recorded_does_not_end_well_and_later_ones_do() {
    let FaultyClinic { clinic, access, .. } = faulty_clinic().await;
    let [one, two] = [clinic.ask("one").await, clinic.ask("two").await];
    access.next([Trouble::Unavailable, Trouble::Unavailable]);
    let reader = clinic.reader(clinic.pcp).await;
    assert!(reader.thread(one).expect("no fault").is_some());
    assert!(matches!(reader.finish().await, Err(Fault::Unavailable(_))));
    // Asked again, it is still not recorded, and so still no answer.
    assert!(matches!(read(&clinic, one).await, Err(Fault::Unavailable(_))));
    assert_eq!(recorded(&clinic, one).await, 0);
    read(&clinic, two).await.expect("recorded");
    assert_eq!((recorded(&clinic, one).await, recorded(&clinic, two).await), (2, 1));

    access.next([Trouble::WrittenButUnknown]);
    let three = clinic.ask("three").await;
    read(&clinic, three).await.expect("recorded");
    assert_eq!(recorded(&clinic, three).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_access_record_whose_fate_is_unknown_never_passes_for_another() {
    let FaultyClinic { clinic, access, .. } = faulty_clinic().await;
    let [one, two] = [clinic.ask("one").await, clinic.ask("two").await];
    access.next([Trouble::WrittenButUnknown, Trouble::WrittenButUnknown]);
    assert!(read(&clinic, one).await.is_err());
    read(&clinic, two).await.expect("recorded");
    assert_eq!((recorded(&clinic, one).await, recorded(&clinic, two).await), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_goes_away_while_it_is_recorded_leaves_the_session_whole() {
    let FaultyClinic { clinic, access, .. } = faulty_clinic().await;
    let [one, two] = [clinic.ask("one").await, clinic.ask("two").await];
    access.next([Trouble::WrittenAndSilent]);
    let reader = clinic.reader(clinic.pcp).await;
    assert!(reader.thread(one).expect("no fault").is_some());
    let lost = tokio::spawn(async move { reader.finish().await });
    access.silent.notified().await;
    lost.abort();
    assert!(lost.await.is_err());
    read(&clinic, two).await.expect("recorded");
    assert_eq!((recorded(&clinic, one).await, recorded(&clinic, two).await), (1, 1));
    read(&clinic, clinic.ask("three").await).await.expect("recorded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_tries_wait_in_bounded_number_and_reads_go_on_afterwards() {
    let FaultyClinic { clinic, access, .. } = faulty_clinic().await;
    let thread = clinic.ask("bounded").await;
    // More tries than may wait, while the first of them is still on its way.
    access.next([Trouble::Held]);
    let reader = clinic.reader(clinic.pcp).await;
    for number in 1..=1_200_u128 {
        let nobody = care::ids::Id::from_uuid(Uuid::from_u128(number));
        assert!(reader.thread(nobody).expect("no fault").is_none());
    }
    access.silent.notified().await;
    access.release.notify_one();
    // The session waits for some time, since it tried too often.
    let reader = clinic.reader_at(clinic.pcp, now() + TimeDelta::minutes(3)).await;
    assert!(reader.thread(thread).expect("no fault").is_some());
    reader.finish().await.expect("recorded");
    assert_eq!(recorded(&clinic, thread).await, 1);
    assert!((1_000..1_100).contains(&length(&clinic.installation.access).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_on_which_a_process_fails_delays_no_other_thread() {
    let FaultyClinic { clinic, care, access: _ } = faulty_clinic().await;
    let threads = [clinic.ask("one").await, clinic.ask("two").await];
    for thread in threads {
        clinic.assign(thread).await;
    }
    let overdue = now() + TimeDelta::days(2);
    care.next([Trouble::Unavailable]);
    let appends = care.appends.load(SeqCst);
    let failed = clinic.application.run_processes(overdue).await;
    assert!(matches!(failed, Err(Fault::Unavailable(_))), "{failed:?}");
    assert_eq!(care.appends.load(SeqCst), appends + 2, "the other thread was acted on in the same round");
    // The thread is left alone for a moment, and then tried again.
    assert_eq!(clinic.application.run_processes(overdue).await.expect("no fault"), 0);
    assert_eq!(care.appends.load(SeqCst), appends + 2);
    assert_eq!(clinic.application.run_processes(overdue + TimeDelta::minutes(2)).await.expect("no fault"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_fold_died_says_so_and_serves_nothing() {
    let mut clinic = Clinic::open().await;
    clinic.application.close();
    let care = FaultyJournal::before(&clinic.installation.care);
    care.deadly.store(true, SeqCst);
    clinic.installation.care = care;
    clinic.application = clinic.installation.open().await.expect("opened again");
    clinic.ask("deadly").await;
    assert!(clinic.application.condition().stopped.is_some());
    assert!(clinic.application.catch_up().await.is_err());
    assert!(OpenAnswer::begin(&clinic.application, signed_in(clinic.pcp), None, now()).await.is_err());
}

/// Takes somebody off the care team and ends their role, on another node, while the feed here is held.
async fn revoked_elsewhere(clinic: &Clinic, care: &FaultyJournal, person: PersonId, role: Role) {
    let elsewhere = crate::clinic::Installation {
        care: Arc::clone(&care.inner),
        access: Arc::clone(&clinic.installation.access),
        vault: Arc::clone(&clinic.installation.vault),
        directory: tempfile::tempdir().expect("a directory"),
    };
    let other = elsewhere.open().await.expect("another node");
    care.feeding.send_replace(false);
    let (remove, end) = (crate::clinic::context("gone"), crate::clinic::context("gone"));
    let by = signed_in(clinic.coordinator);
    let member = care::care_team::RemoveMember { patient: clinic.patient, person };
    other.remove_member(sent_by(&by, &remove), member).await.expect("removed");
    let role = care::person::EndRole { organization: clinic.practice, role };
    other.end_role(sent_by(&signed_in(clinic.admin), &end), person, role).await.expect("ended");
    other.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_on_another_node_binds_a_command_that_begins_afterwards() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("revoked").await;
    revoked_elsewhere(&clinic, &care, clinic.nurse, Role::Nurse).await;
    let (application, by) = (Arc::clone(&clinic.application), signed_in(clinic.nurse));
    let before = care.heads.load(SeqCst);
    let asked = tokio::spawn(async move {
        let message = crate::clinic::Message { audience: None, body: crate::clinic::text("late") };
        application.post_message(sent_by(&by, &crate::clinic::context("late")), thread, message).await
    });
    until(|| care.heads.load(SeqCst) > before).await;
    assert!(!asked.is_finished(), "it is decided by what this node knew before");
    care.feeding.send_replace(true);
    let refused = asked.await.expect("no panic");
    assert!(matches!(refused, Err(Failed::Problem(Problem::NotFound))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_on_another_node_is_known_to_reads_once_nothing_older_may_be_served() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("revoked").await;
    revoked_elsewhere(&clinic, &care, clinic.social_worker, Role::SocialWorker).await;
    let by = signed_in(clinic.social_worker);
    let deadline = std::time::Instant::now() + WAIT_MAX;
    // For a moment the node serves what it confirmed before; then nothing, since it has not folded the log's end.
    while OpenAnswer::begin(&clinic.application, by, None, now()).await.is_ok() {
        assert!(std::time::Instant::now() < deadline, "it serves on without knowing the log");
    }
    assert!(!clinic.application.condition().journal_confirmed);
    care.feeding.send_replace(true);
    until(|| clinic.application.condition().journal_confirmed).await;
    let reader = OpenAnswer::begin(&clinic.application, by, None, now()).await.expect("a reader");
    assert!(reader.thread(thread).expect("no fault").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_goes_away_ends_nothing_and_all_goes_on_by_itself_when_it_returns() {
    let FaultyClinic { clinic, care, access } = faulty_clinic().await;
    for round in ["first", "second"] {
        let thread = clinic.ask(round).await;
        care.away.send_replace(true);
        access.away.send_replace(true);
        let lost = clinic.post(clinic.nurse, thread, round, Audience::Everyone).await;
        assert!(matches!(lost, Err(Failed::Fault(Fault::Unavailable(_)))), "{lost:?}");
        until(|| !clinic.application.condition().journal_confirmed).await;
        let reader = OpenAnswer::begin(&clinic.application, signed_in(clinic.pcp), None, now()).await;
        assert!(matches!(reader.map(drop), Err(Fault::Unavailable(_))));
        assert_eq!(clinic.application.condition().stopped, None);
        care.away.send_replace(false);
        until(|| clinic.application.condition().journal_confirmed).await;
        // The access log is still away: content stays in.
        assert!(matches!(read(&clinic, thread).await, Err(Fault::Unavailable(_))));
        access.away.send_replace(false);
        read(&clinic, thread).await.expect("recorded");
        assert!(!clinic.post(clinic.nurse, thread, round, Audience::Everyone).await.expect("posted").replayed);
        // The feed is taken up again: read models and all come along.
        until(|| clinic.application.condition().read_models_caught_up).await;
        assert_eq!(clinic.messages(clinic.nurse, thread).await, [round]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_of_others_into_a_shared_store_delay_no_reader() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    care.shared.store(true, SeqCst);
    let thread = clinic.ask("shared").await;
    until(|| care.scanned.load(SeqCst) > 0).await;
    clinic.post(clinic.nurse, thread, "ours", Audience::Everyone).await.expect("posted");
    assert!(
        clinic.application.condition().read_models_caught_up,
        "the read models wait for an event that is another's"
    );
    assert_eq!(clinic.messages(clinic.nurse, thread).await, ["ours"]);
    assert_eq!(clinic.application.condition().stopped, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_loses_its_end_while_it_is_served_stops_the_node() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    clinic.ask("lost").await;
    care.swapped.store(true, SeqCst);
    care.shortened.store(true, SeqCst);
    until(|| clinic.application.condition().stopped.is_some()).await;
    let reason = clinic.application.condition().stopped.expect("a reason");
    assert!(reason.contains("its end is lost"), "{reason}");
    care.shortened.store(false, SeqCst);
    assert!(
        OpenAnswer::begin(&clinic.application, signed_in(clinic.pcp), None, now()).await.is_err(),
        "it goes on by itself"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_refuses_for_good_stops_the_node() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("refused").await;
    care.next([Trouble::Denied]);
    assert!(clinic.post(clinic.nurse, thread, "late", Audience::Everyone).await.is_err());
    assert!(clinic.application.condition().stopped.is_some_and(|reason| reason.contains("the store refuses")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_without_its_tail_or_with_another_event_in_its_place_is_refused() {
    let FaultyClinic { clinic, care, .. } = faulty_clinic().await;
    clinic.application.catch_up().await.expect("caught up");
    clinic.application.close();
    care.shortened.store(true, SeqCst);
    assert!(matches!(clinic.installation.open().await, Err(OpenApplicationError::LostTail { .. })));
    // Also when the read models are of another version and would be folded again: they still know of it.
    let read_models = clinic.installation.directory.path();
    let file = rusqlite::Connection::open(read_models.join("read-models.db")).expect("opens");
    let kept: Vec<u8> = file.query_row("SELECT fingerprint FROM checkpoint", [], |row| row.get(0)).expect("one");
    let mark = |fingerprint: &[u8]| file.execute("UPDATE checkpoint SET fingerprint = ?1", [fingerprint]).expect("set");
    mark(b"another");
    assert!(matches!(clinic.installation.open().await, Err(OpenApplicationError::LostTail { .. })));
    let rebuilt =
        rebuild_read_models(read_models, &clinic.installation.care, &clinic.installation.access, |_, _| {}).await;
    assert!(matches!(rebuilt, Err(OpenApplicationError::LostTail { .. })));
    mark(&kept);
    assert!(matches!(
        read_models_status(read_models, &clinic.installation.care).await,
        Err(OpenApplicationError::LostTail { .. })
    ));
    drop(file);
    care.shortened.store(false, SeqCst);
    care.swapped.store(true, SeqCst);
    assert!(matches!(clinic.installation.open().await, Err(OpenApplicationError::ForeignReadModels)));
    care.swapped.store(false, SeqCst);
    clinic.installation.open().await.expect("whole again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_access_log_without_its_tail_or_with_another_record_in_its_place_is_refused() {
    let FaultyClinic { clinic, access, .. } = faulty_clinic().await;
    let thread = clinic.ask("read").await;
    clinic.post(clinic.nurse, thread, "text", Audience::Everyone).await.expect("posted");
    read(&clinic, thread).await.expect("read and recorded");
    clinic.application.close();
    let (directory, log) = (clinic.installation.directory.path(), &clinic.installation.access);
    let is_lost = |outcome: Result<(), OpenApplicationError>| {
        matches!(outcome, Err(OpenApplicationError::LostTail { log: "access", .. }))
    };
    access.shortened.store(true, SeqCst);
    assert!(is_lost(clinic.installation.open().await.map(drop)));
    assert!(is_lost(KnownEnds::of(directory).prove_access(log).await));
    // A rebuild would forget what the old read models know of the lost records.
    assert!(is_lost(rebuild_read_models(directory, &clinic.installation.care, log, |_, _| {}).await.map(drop)));
    // So would read models of another version.
    let file = rusqlite::Connection::open(directory.join("read-models.db")).expect("opens");
    file.execute("UPDATE checkpoint SET fingerprint = ?1", [b"another"]).expect("set");
    drop(file);
    assert!(is_lost(clinic.installation.open().await.map(drop)));
    access.shortened.store(false, SeqCst);
    access.swapped.store(true, SeqCst);
    assert!(matches!(clinic.installation.open().await, Err(OpenApplicationError::OtherAccessLog { .. })));
    access.swapped.store(false, SeqCst);
    // What is known outlives read models that are folded again, and those of another version.
    clinic.installation.open().await.expect("whole again").close();
    rebuild_read_models(directory, &clinic.installation.care, log, |_, _| {}).await.expect("folded again");
    KnownEnds::of(directory).prove_care(&clinic.installation.care).await.expect("whole");
    access.shortened.store(true, SeqCst);
    assert!(is_lost(clinic.installation.open().await.map(drop)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_may_not_know_of_an_object_causes_no_work_about_it() {
    let FaultyClinic { mut clinic, care, .. } = faulty_clinic().await;
    let thread = clinic.ask("idle").await;
    // Nothing is folded beforehand, so that any work shows.
    clinic.restart().await;
    let reads = care.reads.load(SeqCst);
    let by = signed_in(clinic.stranger);
    let nowhere = care::ids::Id::from_uuid(Uuid::from_u128(5));
    for id in [thread, nowhere] {
        let refused = clinic.post(clinic.stranger, id, "try", Audience::Everyone).await;
        assert!(matches!(refused, Err(Failed::Problem(Problem::NotFound))), "{refused:?}");
    }
    for patient in [clinic.patient, care::ids::Id::from_uuid(Uuid::from_u128(6))] {
        let metadata = crate::clinic::context("try");
        let remove = care::care_team::RemoveMember { patient, person: clinic.nurse };
        let refused = clinic.application.remove_member(sent_by(&by, &metadata), remove).await;
        assert!(matches!(refused, Err(Failed::Problem(Problem::NotFound))), "{refused:?}");
    }
    for (person, organization) in
        [(clinic.stranger, clinic.practice), (clinic.admin, care::ids::Id::from_uuid(Uuid::nil()))]
    {
        let new = care::organization::OpenPool {
            names: care::organization::PoolNames::one("None"),
            specialty: "none".into(),
        };
        let metadata = crate::clinic::context("try");
        let refused = clinic.application.open_pool(sent_by(&signed_in(person), &metadata), organization, new).await;
        assert!(matches!(refused, Err(Failed::Problem(Problem::NotFound))), "{refused:?}");
    }
    assert_eq!(care.reads.load(SeqCst), reads);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_that_cannot_be_written_stop_the_node() {
    let clinic = Clinic::open().await;
    let file = rusqlite::Connection::open(clinic.installation.directory.path().join("read-models.db")).expect("opens");
    file.execute_batch("DROP TABLE inbox").expect("dropped");
    clinic.ask("unfolded").await;
    assert!(clinic.application.condition().stopped.is_some_and(|reason| reason.contains("the read models")));
    assert!(OpenAnswer::begin(&clinic.application, signed_in(clinic.pcp), None, now()).await.is_err());
}
