//! The access log: formats of its records, what is merged and what is forgotten.

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::Path;

use async_trait::async_trait;
use care::command_name::Named as _;
use care::person::GrantRole;
use care::words::{Channel, Purpose, Role};
use futures_util::stream::BoxStream;
use journal::{
    Appended, Direction, Feed, Limits, LogPage, Namespace, Position, ReadError, Recorded, Revision, StreamPage,
};
use policy::active::ActivePolicy;
use policy::decide::DecisionPoint;
use policy::identity::Identity;
use policy::question::ThingFacts;
use policy::reach::HeldStanding;
use policy::text::PolicyText;
use policy::words::{Action, Read, Standing};

use super::*;
use crate::caller::CLIENT_CHARS_MAX;
use crate::refused_tries::{TARGETS_TOLD_MAX, Tried};

fn now() -> DateTime<Utc> {
    "2026-11-23T09:00:00Z".parse().expect("an instant")
}

fn id<I: Id>(number: u128) -> I {
    I::from_uuid(Uuid::from_u128(number))
}

fn reading() -> Reading {
    Reading { person: id(1), session: id(2) }
}

fn origin() -> Origin {
    let address = Some(IpAddr::from([192, 0, 2, 7]));
    Origin::of(Channel::GraphQl).with_request(Uuid::from_u128(8)).with_caller(address, Some("carefold-web/1"))
}

/// A refused try of somebody who works nowhere.
fn refused_try(tried: Tried) -> RefusedTry {
    RefusedTry { reading: reading(), origin: origin(), tried, works_at: BTreeSet::new(), at: now() }
}

fn target(number: u128) -> Tried {
    Tried { action: Action::Read(Read::ThreadFind), target: Some(Uuid::from_u128(number)), organization: None }
}

fn grounds(action: Action, standing: Standing, role: Role) -> Grounds {
    let policy = ActivePolicy::load(PolicyText::shipped()).expect("the shipped policy");
    let viewer = DecisionPoint::new(policy).viewer(Identity::signed_in(reading().person, reading().session));
    let held = [HeldStanding::full(standing, role)];
    let permit = viewer.decide(&ThingFacts::unlabelled(&held).asking(action, None)).expect("a permit");
    Grounds::of(&permit)
}

/// The grounds of a golden file: without the version of the policy, which changes with each rule.
fn golden(grounds: Grounds) -> Grounds {
    Grounds { policy: "policy".to_owned(), ..grounds }
}

fn samples() -> Vec<(&'static str, Vec<Entry>)> {
    let (thread, patient) = (id(3), id(4));
    let in_thread = About { thread: Some(thread), ..About::patient(patient) };
    let events = [id(5), id(6)];
    let entry = |about, grounds: Grounds, events: &[EventId]| {
        let shown = Shown { about, grounds: golden(grounds), events: events.to_vec() };
        read_entry(&Access { reading: reading(), origin: &origin(), at: now() }, &shown, events).expect("a record")
    };
    let own = grounds(Action::Read(Read::PersonRead), Standing::Self_, Role::Person);
    let acting_for_another = Grounds { on_behalf_of: Some(id(7)), ..own.clone() };
    let audit = grounds(Action::Read(Read::AccessRead), Standing::Organization, Role::Auditor);
    let refused = |refused: &RefusedTry, times, unrecorded| {
        refused_entry(refused, Tries { times, unrecorded }).expect("a record")
    };
    let find = refused_try(target(3));
    let grant = Tried { action: Action::Command(GrantRole::NAME), organization: Some(id(10)), ..target(3) };
    let grants = Tried { target: None, ..grant };
    let grant = RefusedTry { works_at: BTreeSet::from([id(11)]), ..refused_try(grant) };
    vec![
        (
            "access.read",
            vec![
                entry(in_thread, own.clone(), &events),
                entry(About::patient(patient), own, &events[..1]),
                entry(About::patient(patient), acting_for_another, &events[..1]),
                entry(About { patient: None, ..in_thread }, audit.clone(), &events[..1]),
                entry(About::organization(id(12)), audit, &events[..1]),
            ],
        ),
        (
            "access.refused",
            vec![
                refused(&find, 1, 0),
                refused(&find, 40, 3),
                refused(&grant, 1, 0),
                refused(&refused_try(grants), 480, 0),
            ],
        ),
    ]
}

#[test]
fn records_have_the_format_of_the_golden_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/access");
    let bless = std::env::var_os("CAREFOLD_BLESS").is_some_and(|value| value == "1");
    for (kind, entries) in samples() {
        let mut lines = String::new();
        for entry in entries {
            assert_eq!(entry.kind, kind);
            lines.push_str(std::str::from_utf8(&entry.data).expect("JSON"));
            lines.push('\n');
        }
        let path = folder.join(format!("{kind}.v1.jsonl"));
        if bless && !path.exists() {
            fs::create_dir_all(&folder).expect("the folder");
            fs::write(&path, &lines).expect("a golden file is written");
        }
        let stored = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(stored, lines, "{kind}: delete the file and run with CAREFOLD_BLESS=1 if the format may change");
    }
}

async fn log() -> (Arc<dyn Journal>, AccessLog) {
    let namespace = Namespace::parse("access").expect("a namespace");
    let journal = journal::open("memory:", namespace, journal::Access::Write, Arc::new(now)).await.expect("a log");
    let identity = journal.identity().await.expect("an identity");
    (Arc::clone(&journal), AccessLog::new(journal, identity, Arc::default(), Uuid::from_u128(9)))
}

/// The time of an append that never ends.
const NEVER: u64 = u64::MAX;

/// A log that takes no writes until it is back.
struct Away {
    inner: Arc<dyn Journal>,
    is_away: AtomicBool,
    /// How long an append takes, in milliseconds of a clock that stands still otherwise.
    takes_ms: AtomicU64,
}

#[async_trait]
impl Journal for Away {
    fn limits(&self) -> Limits {
        self.inner.limits()
    }
    async fn identity(&self) -> Result<LogIdentity, ReadError> {
        self.inner.identity().await
    }
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        if self.is_away.load(Ordering::SeqCst) {
            return Err(AppendError::Unavailable { reason: String::new() });
        }
        let takes_ms = self.takes_ms.load(Ordering::SeqCst);
        if takes_ms == NEVER {
            std::future::pending::<()>().await;
        }
        if takes_ms > 0 {
            tokio::time::advance(Duration::from_millis(takes_ms)).await;
        }
        self.inner.append(append).await
    }
    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Option<Revision>,
        direction: Direction,
        max: NonZeroU32,
    ) -> Result<StreamPage, ReadError> {
        self.inner.read_stream(stream, from, direction, max).await
    }
    async fn read_log(&self, after: Option<Position>, max: NonZeroU32) -> Result<LogPage, ReadError> {
        self.inner.read_log(after, max).await
    }
    async fn follow(&self, after: Option<Position>) -> Result<BoxStream<'static, Result<Feed, ReadError>>, ReadError> {
        self.inner.follow(after).await
    }
    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.inner.head().await
    }
    async fn holds(&self, position: Position, id: Uuid) -> Result<bool, ReadError> {
        self.inner.holds(position, id).await
    }
}

async fn away() -> (Arc<Away>, AccessLog) {
    let (inner, log) = log().await;
    let away = Arc::new(Away { inner, is_away: AtomicBool::new(true), takes_ms: AtomicU64::new(0) });
    let journal = Arc::clone(&away);
    (away, AccessLog { journal, ..log })
}

async fn records(journal: &Arc<dyn Journal>) -> Vec<serde_json::Value> {
    let (mut records, mut after) = (Vec::new(), None);
    loop {
        let page = journal.read_log(after, NonZeroU32::new(1_000).expect("many")).await.expect("read");
        records.extend(page.events.iter().map(|event| serde_json::from_slice(&event.data).expect("JSON")));
        if page.at_head {
            return records;
        }
        after = page.scanned;
    }
}

fn stored(kind: &str, entry: &Entry) -> Recorded {
    Recorded {
        position: Position(1),
        stream: StreamName::parse("access-1").expect("a name"),
        revision: Revision(0),
        id: Uuid::from_u128(20),
        event_type: EventType::parse(kind).expect("a kind"),
        data: entry.data.clone().into(),
        meta: format!(r#"{{"actor":"person-1","at":"{}","v":"1"}}"#, instant::write(entry.at)).into(),
        stored_at: now(),
    }
}

#[test]
fn a_record_is_read_back_with_all_that_is_listed() {
    let read: Vec<StoredRecord> = samples()
        .iter()
        .flat_map(|(kind, entries)| entries.iter().map(move |entry| stored(kind, entry)))
        .map(|stored| StoredRecord::read(&stored).expect("readable").expect("a record"))
        .collect();
    assert!(read.iter().all(|record| record.at == now() && record.said.person == reading().person));
    let of = |index: usize| &read[index].said;
    assert_eq!((of(0).thread, of(0).patient, of(0).purpose), (Some(id(3)), Some(id(4)), Some(Purpose::PatientRequest)));
    assert_eq!(
        (of(2).on_behalf_of, of(2).role, of(2).standing.as_deref()),
        (Some(id(7)), Some(Role::Person), Some("self"))
    );
    assert_eq!((of(4).organization, of(4).is_refused(), of(4).is_for_review()), (Some(id(12)), false, true));
    assert_eq!((of(6).target, of(6).times, of(6).is_refused()), (Some(Uuid::from_u128(3)), 40, true));
    assert_eq!((of(6).is_command(), of(6).is_for_review(), of(6).works_at.len()), (false, false, 0));
    let grant = of(7);
    assert!(grant.is_command() && grant.is_for_review() && grant.works_at.contains(&id(11)), "{grant:?}");
    assert_eq!((grant.organization, grant.times, grant.action.as_str()), (Some(id(10)), 1, "person.grant_role"));
    assert_eq!((of(8).target, of(8).organization, of(8).times), (None, Some(id(10)), 480));
    let other = Recorded { data: "{}".into(), ..stored("access.read", &samples()[0].1[0]) };
    assert!(StoredRecord::read(&other).is_err());
    assert_eq!(StoredRecord::read(&stored("serving.began", &samples()[0].1[0])).expect("no record"), None);
}

#[tokio::test]
async fn a_rule_with_an_obligation_marks_the_record_of_its_reads() {
    let (journal, log) = log().await;
    let shown = |grounds| Shown { about: About::patient(id(4)), grounds, events: vec![id(5)] };
    let unmarked = grounds(Action::Read(Read::PersonRead), Standing::Self_, Role::Person);
    let marked = grounds(Action::Read(Read::AccessRead), Standing::Organization, Role::Auditor);
    // An event that was read without the obligation is recorded again with it; a further read is not.
    log.read(reading(), origin(), &[shown(unmarked)], now()).await.expect("recorded");
    log.read(reading(), origin(), &[shown(marked.clone())], now()).await.expect("recorded");
    log.read(reading(), origin(), &[shown(marked)], now()).await.expect("recorded");
    let records = records(&journal).await;
    let obligations: Vec<_> = records.iter().map(|record| record["obligations"].clone()).collect();
    assert_eq!(obligations, [serde_json::json!([]), serde_json::json!(["audit:high"])]);
    assert_eq!(records[1]["rules"], serde_json::json!(["R701"]));
}

#[tokio::test]
async fn a_record_has_the_caller_as_far_as_it_is_kept_and_bounded() {
    let own = grounds(Action::Read(Read::PersonRead), Standing::Self_, Role::Person);
    let shown = || Shown { about: About::patient(id(4)), grounds: own.clone(), events: vec![id(5)] };
    let (journal, all) = log().await;
    let long = format!("Mozilla\n{}", "x".repeat(1000));
    let elsewhere = origin().with_caller(Some(IpAddr::from([192, 0, 2, 8])), Some(&long));
    all.read(reading(), origin(), &[shown()], now()).await.expect("recorded");
    all.read(reading(), origin(), &[shown()], now()).await.expect("seen before");
    all.read(reading(), elsewhere, &[shown()], now()).await.expect("recorded");
    let [first, second] = records(&journal).await.try_into().expect("two records");
    assert_eq!((&first["address"], &first["client"]), (&"192.0.2.7".into(), &"carefold-web/1".into()));
    assert_eq!((&first["channel"], first["request"].is_string()), (&"graphql".into(), true));
    assert_eq!(second["address"], "192.0.2.8");
    let client = second["client"].as_str().expect("a name");
    assert!(client.len() == CLIENT_CHARS_MAX && client.starts_with("Mozillax"), "{client}");

    let (journal, less) = log().await;
    less.keep(CallerKept { address: false, client: false });
    less.read(reading(), origin(), &[shown()], now()).await.expect("recorded");
    let [record] = records(&journal).await.try_into().expect("one record");
    assert!(record.get("address").is_none() && record.get("client").is_none(), "{record}");
    assert!(record["channel"] == "graphql" && record["request"].is_string(), "{record}");
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_equal_tries_is_two_records_and_hides_no_other() {
    let (journal, log) = log().await;
    let log = Arc::new(log);
    for number in 0..10_000 {
        log.refused(refused_try(target(1)));
        if number % 1_000 == 0 {
            log.refused(refused_try(target(2 + number)));
        }
    }
    // The clock of this test goes on by itself while nothing else happens.
    drop(timeout(MERGED_FOR * 2, std::future::pending::<()>()).await);
    let mut all = records(&journal).await;
    let of_many = Uuid::from_u128(1).simple().to_string();
    let times: Vec<_> =
        all.iter().filter(|record| record["target"] == of_many).map(|record| record["times"].as_u64()).collect();
    assert_eq!(times, [None, Some(9_999)]);
    all.retain(|record| record["target"] != of_many);
    assert_eq!(all.len(), 10, "each other target is there");
    assert!(matches!(log.check_tries(reading(), now()), Err(Fault::TooOften { .. })));
}

#[tokio::test]
async fn tries_at_many_targets_are_few_records_that_count_them_all_and_the_first_keep_their_targets() {
    let (journal, log) = log().await;
    let log = Arc::new(log);
    let grant =
        |number| Tried { action: Action::Command(GrantRole::NAME), organization: Some(id(10)), ..target(number) };
    for number in 0..500 {
        log.refused(refused_try(grant(1_000 + number)));
        // Another action, at other targets of other organizations each time.
        log.refused(refused_try(Tried { organization: Some(id(2_000 + number)), ..target(number) }));
    }
    log.finish().await;
    let told = records(&journal).await;
    assert_eq!(told.iter().map(|record| record["times"].as_u64().unwrap_or(1)).sum::<u64>(), 1_000);
    let (grants, finds): (Vec<_>, Vec<_>) =
        told.into_iter().partition(|record| record["action"] == "person.grant_role");
    let organization = serde_json::json!(Uuid::from_u128(10).simple().to_string());
    assert!(grants.iter().all(|record| record["organization"] == organization), "{grants:?}");
    let with_target =
        |records: &[serde_json::Value]| records.iter().filter(|record| record["target"].is_string()).count();
    assert_eq!((with_target(&grants), grants.len()), (TARGETS_TOLD_MAX, TARGETS_TOLD_MAX + 1));
    assert_eq!((with_target(&finds), finds.len()), (TARGETS_TOLD_MAX, 2 * TARGETS_TOLD_MAX + 1));
}

#[tokio::test]
async fn what_sessions_have_read_takes_bounded_memory() {
    let (_journal, log) = log().await;
    let log = AccessLog { seen_bytes_max: 50_000, ..log };
    let own = grounds(Action::Read(Read::PersonRead), Standing::Self_, Role::Person);
    for number in 0..200 {
        let reading = Reading { person: id(1), session: id(1_000 + number) };
        let events = (0..50).map(id).collect();
        let shown = Shown { about: About::patient(id(4)), grounds: own.clone(), events };
        log.read(reading, origin(), &[shown], now()).await.expect("recorded");
        assert!(log.seen.bytes() <= 50_000, "{}", log.seen.bytes());
    }
    // Who read last is still known.
    let last = locked(&log.sessions).iter().next().map(|(_, session)| locked(&session.seen).count);
    assert_eq!((last, log.seen.bytes() > 0), (Some(50), true));
}

#[tokio::test]
async fn refused_tries_take_bounded_memory_and_all_are_recorded() {
    let (journal, log) = log().await;
    let log = Arc::new(AccessLog { tries_bytes_max: 50_000, ..log });
    let mut tries = 0_u64;
    for session in 0..100 {
        let reading = Reading { person: id(1), session: id(1_000 + session) };
        for number in 0..120 {
            log.refused(RefusedTry { reading, works_at: BTreeSet::from([id(11)]), ..refused_try(target(number % 40)) });
            tries += 1;
            assert!(log.tries.bytes() <= 50_000, "{}", log.tries.bytes());
        }
    }
    log.finish().await;
    let told = records(&journal).await;
    assert_eq!(told.iter().map(|record| record["times"].as_u64().unwrap_or(1)).sum::<u64>(), tries);
}

#[tokio::test]
async fn refused_tries_that_wait_take_bounded_memory_and_further_ones_are_only_a_number() {
    let (away, log) = away().await;
    let log = Arc::new(AccessLog { queued_bytes_max: 50_000, ..log });
    let of = |session: u128, number| RefusedTry {
        reading: Reading { person: id(1), session: id(1_000 + session) },
        ..refused_try(target(number))
    };
    let mut tries = 0_u64;
    for session in 0..60 {
        for number in 0..10 {
            log.refused(of(session, number));
            tries += 1;
            assert!(log.queued.bytes() < 51_000, "{}", log.queued.bytes());
        }
    }
    // What could not be written still waits.
    log.finish().await;
    assert!(log.queued.bytes() >= 50_000 && records(&away.inner).await.is_empty());
    away.is_away.store(false, Ordering::SeqCst);
    assert!(log.write_waiting().await);
    assert_eq!(log.queued.bytes(), 0);
    // The next record of each session has the number of those that could not wait.
    for session in 0..60 {
        log.refused(of(session, 10));
        tries += 1;
    }
    log.finish().await;
    let told = records(&away.inner).await;
    let number = |name: &str, each| told.iter().map(|record| record[name].as_u64().unwrap_or(each)).sum::<u64>();
    assert_eq!(number("times", 1) + number("unrecorded", 0), tries);
    assert!(number("unrecorded", 0) > 0);
}

#[tokio::test(start_paused = true)]
async fn a_log_whose_records_all_take_long_is_slow_until_one_is_quick() {
    let (away, log) = away().await;
    away.is_away.store(false, Ordering::SeqCst);
    let own = grounds(Action::Read(Read::PersonRead), Standing::Self_, Role::Person);
    // Whether an answer of a new event is recorded, and whether the log counts as slow then.
    let read = async |number: u128, takes_ms: u64| {
        away.takes_ms.store(takes_ms, Ordering::SeqCst);
        let shown = Shown { about: About::patient(id(4)), grounds: own.clone(), events: vec![id(number)] };
        let recorded = log.read(reading(), origin(), &[shown], now()).await;
        (recorded.is_ok(), log.pace.reason(Instant::now()).is_some())
    };
    assert_eq!(read(1, 0).await, (true, false));
    assert_eq!(read(2, 1_500).await, (true, false));
    assert_eq!(read(3, 1_500).await, (true, true));
    assert_eq!(read(4, 900).await, (true, false));
    // Those who wait in vain wait, too.
    assert_eq!(read(5, NEVER).await, (false, false));
    assert_eq!(read(6, NEVER).await, (false, true));
    assert_eq!(read(7, 0).await, (true, false));
}

#[tokio::test]
async fn a_session_that_is_forgotten_knows_how_many_tries_are_in_no_record() {
    let (_away, log) = away().await;
    let log = Arc::new(AccessLog { queued_bytes_max: 700, ..log });
    for number in 0..5 {
        log.refused(refused_try(target(number)));
    }
    log.finish().await;
    let (_, mut session) = locked(&log.sessions).pop_lru().expect("a session");
    // What was begun for its records ends first.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let session = Arc::get_mut(&mut session).expect("nobody else has it");
    assert!(session.writer.get_mut().pending.len() < 5, "some were only counted");
    assert_eq!(session.unwritten_tries(), 5);
}

#[tokio::test]
async fn tries_that_are_only_counted_are_recorded_at_an_orderly_stop_once() {
    let (journal, log) = log().await;
    let log = Arc::new(log);
    // Where the person works changes while equal tries are counted: the first of them says it.
    for workplace in [10, 11, 12] {
        log.refused(RefusedTry { works_at: BTreeSet::from([id(workplace)]), ..refused_try(target(1)) });
    }
    let workplace = |number| serde_json::json!([Uuid::from_u128(number).simple().to_string()]);
    for _ in 0..2 {
        log.finish().await;
        let told = records(&journal).await;
        let times: Vec<_> = told.iter().map(|record| record["times"].as_u64()).collect();
        assert_eq!(times, [None, Some(2)]);
        assert_eq!([&told[0]["works_at"], &told[1]["works_at"]], [&workplace(10), &workplace(11)]);
    }
}
