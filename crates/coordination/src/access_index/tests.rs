//! The index of the access log in trouble: a full disk; a file that is not read, damaged, of another log or ahead of it. And
//! what it lists for whom, and reads from the log.

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::time::Instant as Clock;

use care::ids::{Id as _, OrganizationId, PatientId};
use care::lifecycle::ThreadKind;
use journal::{Append, EventType, Expected, NewEvent, StreamName};
use tempfile::TempDir;

use super::*;
use crate::projector::testing::{log, started};
use crate::read_models::ReadModels;

const WORKS_AT: u128 = 7;

/// A directory and a log, with what an index needs beside them.
struct Place {
    directory: TempDir,
    log: Arc<dyn Journal>,
    projector: Arc<Projector>,
}

impl Place {
    async fn new() -> Self {
        let directory = TempDir::new().expect("a directory");
        let (care, log) = (log("care").await, log("access").await);
        let identity = care.identity().await.expect("an identity");
        let read_models = Arc::new(ReadModels::open(directory.path(), identity).expect("read models"));
        let projector = started(&care, &read_models);
        Self { directory, log, projector }
    }

    async fn open(&self) -> Arc<AccessIndex> {
        let (log, projector) = (Arc::clone(&self.log), Arc::clone(&self.projector));
        AccessIndex::open(log, projector, self.directory.path()).await.expect("an index")
    }

    /// Records one access, in a stream of its own.
    async fn record(&self, number: u128, kind: &str, data: String) {
        let stream = StreamName::parse(&format!("access-{}", Uuid::from_u128(number).simple())).expect("a name");
        let event = NewEvent {
            id: Uuid::from_u128(number),
            event_type: EventType::parse(kind).expect("a kind"),
            data: data.into(),
            meta: r#"{"actor":"person-1","at":"2026-11-23T09:00:00.000000Z","v":"1"}"#.into(),
        };
        let append = Append { stream, expected: Expected::NoStream, events: vec![event] };
        self.log.append(append).await.expect("appended");
    }

    /// Records that somebody of an organization tried, and may not do.
    async fn tried(&self, numbers: std::ops::Range<u128>) {
        for number in numbers {
            let stream = StreamName::parse(&format!("access-{}", Uuid::from_u128(number).simple())).expect("a name");
            let id = |number| Uuid::from_u128(number).simple();
            let data = format!(
                r#"{{"person":"{}","action":"thread.find","target":"{}","works_at":["{}"],"outcome":"refused"}}"#,
                id(1),
                id(number),
                id(WORKS_AT)
            );
            let event = |id: u128, kind: &str| NewEvent {
                id: Uuid::from_u128(id),
                event_type: EventType::parse(kind).expect("a kind"),
                data: data.clone().into(),
                meta: r#"{"actor":"person-1","at":"2026-11-23T09:00:00.000000Z","v":"1"}"#.into(),
            };
            // What else is in the log is not listed.
            let events = vec![event(number, "access.refused"), event(number + 100_000, "serving.began")];
            self.log.append(Append { stream, expected: Expected::NoStream, events }).await.expect("appended");
        }
    }
}

/// What a list says that its records concern, the newest first.
fn told(index: &AccessIndex, scope: Scope, within: &[Within]) -> Vec<Told> {
    let asked = Asked {
        scope,
        thread: None,
        within,
        for_review: false,
        by: None,
        not_by: None,
        before: None,
        rows_max: 10_000,
    };
    index.places(&asked).expect("read").into_iter().map(|place| place.told).collect()
}

fn listed(index: &AccessIndex) -> usize {
    let scope = Scope::Organization(OrganizationId::from_uuid(Uuid::from_u128(WORKS_AT)));
    told(index, scope, &Within::all()).len()
}

/// Until everything is folded, as long as a machine that is busy may need.
async fn folded(index: &AccessIndex) {
    let deadline = Clock::now() + Duration::from_secs(30);
    while index.catch_up().await.is_err() {
        assert!(Clock::now() < deadline, "it does not come up with the log");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_finds_the_disk_full_says_so_and_goes_on_when_there_is_room() {
    let place = Place::new().await;
    let index = place.open().await;
    let limit = |pages: u32| {
        let writer = locked(&index.writer);
        let connection = writer.as_ref().expect("open");
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).expect("a limit");
    };
    limit(1);
    AccessIndex::start(&index);
    place.tried(1..1_001).await;
    assert!(matches!(index.catch_up().await, Err(Fault::Unavailable(_))), "there is no room");
    assert!(index.troubles().writing.is_some(), "readiness says so");
    limit(u32::MAX);
    folded(&index).await;
    assert!(index.troubles().writing.is_some(), "only a proof ends it");
    index.prove().expect("it takes a change");
    assert_eq!(index.troubles(), Troubles::default());
    assert_eq!(listed(&index), 1_000);
    index.close();
    place.projector.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_does_not_fit_its_log_is_folded_again_and_one_that_fits_goes_on() {
    let mut place = Place::new().await;
    let path = place.directory.path().join(FILE);
    let folded_again = async |place: &Place| {
        let index = place.open().await;
        let kept = index.at().is_some();
        AccessIndex::start(&index);
        folded(&index).await;
        let found = listed(&index);
        index.close();
        (kept, found)
    };
    place.tried(1..301).await;
    assert_eq!(folded_again(&place).await, (false, 300));
    place.tried(301..311).await;
    assert_eq!(folded_again(&place).await, (true, 310));
    let file = Connection::open(&path).expect("opens");
    file.execute("UPDATE checkpoint SET position = position + 1, event = x'000102030405060708090a0b0c0d0e0f'", [])
        .expect("ahead of its log");
    drop(file);
    assert_eq!(folded_again(&place).await, (false, 310));
    fs::write(&path, vec![0xA5_u8; 8192]).expect("damaged");
    assert_eq!(folded_again(&place).await, (false, 310));
    fs::remove_file(&path).expect("deleted");
    assert_eq!(folded_again(&place).await, (false, 310));
    place.log = log("access").await;
    place.tried(1..4).await;
    assert_eq!(folded_again(&place).await, (false, 3));
    place.projector.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_of_the_index_that_fails_is_noted_until_all_of_the_file_is_read() {
    let place = Place::new().await;
    let index = place.open().await;
    AccessIndex::start(&index);
    place.tried(1..301).await;
    folded(&index).await;
    index.prove().expect("it works");
    let path = place.directory.path().join(FILE);
    let other = Connection::open(&path).expect("the file");
    let root: i64 = other
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'listed'", [], |row| row.get(0))
        .expect("a page");
    other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("emptied");
    let at = (root.cast_unsigned() - 1) * 4096;
    let file = fs::File::options().read(true).write(true).open(&path).expect("the file");
    let mut kept = [0; 4096];
    file.read_exact_at(&mut kept, at).expect("read");
    // What another connection commits has every other one read its pages again.
    let forget = || other.pragma_update(None, "user_version", SHAPE).expect("committed");
    file.write_all_at(&[0xA5; 4096], at).expect("written");
    forget();
    let scope = Scope::Organization(OrganizationId::from_uuid(Uuid::from_u128(WORKS_AT)));
    let asked = Asked {
        scope,
        thread: None,
        within: &Within::all(),
        by: None,
        not_by: None,
        for_review: false,
        before: None,
        rows_max: 10,
    };
    let read = index.places(&asked);
    assert!(matches!(read, Err(Fault::Unavailable(WHAT))), "{read:?}");
    assert!(index.prove().is_err(), "it is not whole");
    let Troubles { reading, writing } = index.troubles();
    assert!(reading.is_some() && writing.is_none(), "{reading:?} {writing:?}");
    file.write_all_at(&kept, at).expect("written");
    forget();
    assert_eq!(index.places(&asked).map(|places| places.len()).ok(), Some(10));
    assert!(index.troubles().reading.is_some(), "one page that is read proves nothing of the others");
    index.prove().expect("it is whole");
    assert_eq!(index.troubles(), Troubles::default());
    index.close();
    place.projector.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_near_each_other_and_far_apart_are_each_read_where_they_are() {
    let place = Place::new().await;
    let index = place.open().await;
    AccessIndex::start(&index);
    place.tried(1..21).await;
    for number in 1_000..1_300 {
        place.record(number, "serving.began", "{}".to_owned()).await;
    }
    place.tried(2_000..2_002).await;
    folded(&index).await;
    let scope = Scope::Organization(OrganizationId::from_uuid(Uuid::from_u128(WORKS_AT)));
    let asked = Asked {
        scope,
        thread: None,
        within: &Within::all(),
        by: None,
        not_by: None,
        for_review: false,
        before: None,
        rows_max: 10_000,
    };
    let places = index.places(&asked).expect("read");
    let every_third: Vec<_> = places.iter().step_by(3).collect();
    for asked in [places.iter().collect::<Vec<_>>(), every_third, Vec::new()] {
        let records = index.records(&asked).await.expect("read");
        assert_eq!(records.len(), asked.len());
        for place in asked {
            let record = records.get(&place.position).expect("read");
            let found = place.stream.strip_prefix("access-").and_then(|number| Uuid::parse_str(number).ok());
            assert_eq!(found, Some(record.id.uuid()), "{place:?}");
        }
    }
    let mut wrong = places[0].clone();
    wrong.position = Position(wrong.position.0 + 1);
    for asked in [vec![&wrong], vec![&places[1], &wrong]] {
        assert!(matches!(index.records(&asked).await, Err(Fault::Row(_))), "another event is there");
    }
    index.close();
    place.projector.close();
}

#[test]
fn what_fails_of_the_index_is_said_of_the_index() {
    let fault = |code| of_store(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None));
    assert!(matches!(fault(rusqlite::ffi::SQLITE_FULL), Fault::Unavailable(WHAT)));
    assert!(matches!(fault(rusqlite::ffi::SQLITE_ERROR), Fault::AccessIndex(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lies_in_a_thread_that_is_not_known_is_within_some_thread_and_never_outside() {
    let place = Place::new().await;
    let index = place.open().await;
    AccessIndex::start(&index);
    let id = |number| Uuid::from_u128(number).simple();
    let read = |standing: &str, more: &str| {
        format!(
            r#"{{"person":"{}","patient":"{}",{more}"action":"patient.read","standing":"{standing}","outcome":"shown"}}"#,
            id(1),
            id(4)
        )
    };
    // Of older records: through a thread that they do not name, of a draft, and of the patient alone.
    place.record(11, "access.read", read("participant", "")).await;
    place.record(12, "access.read", read("author", "")).await;
    place.record(13, "access.read", read("care_team", "")).await;
    // In a thread that is not known here, and of a draft of a form.
    place.record(14, "access.read", read("care_team", &format!(r#""thread":"{}","#, id(9)))).await;
    place.record(15, "access.read", read("author", r#""kind":"consultation","#)).await;
    folded(&index).await;
    let of_patient = |within: &[Within]| {
        let told = told(&index, Scope::Patient(PatientId::from_uuid(Uuid::from_u128(4))), within);
        assert!(told.iter().all(|one| one.thread.is_none() && one.patient.is_some()), "{told:?}");
        told.into_iter().map(|one| one.within).collect::<Vec<_>>()
    };
    let (some, of_kind) = (Within::SomeThread, Within::Kind(ThreadKind::Consultation));
    assert_eq!(of_patient(&Within::all()), [of_kind, some, Within::NoThread, some, some]);
    assert_eq!(of_patient(&[Within::NoThread, of_kind]), [of_kind, Within::NoThread]);
    assert!(of_patient(&[]).is_empty());
    index.close();
    place.projector.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_names_no_organization_is_listed_for_nothing_that_has_that_id() {
    let place = Place::new().await;
    let index = place.open().await;
    AccessIndex::start(&index);
    let id = |number| Uuid::from_u128(number).simple();
    let data = format!(
        r#"{{"person":"{}","action":"person.grant_role","target":"{}","organization":"{}","works_at":["{}"],"outcome":"refused"}}"#,
        id(1),
        id(2),
        id(4),
        id(WORKS_AT)
    );
    place.record(11, "access.refused", data).await;
    folded(&index).await;
    assert_eq!(listed(&index), 1);
    let named = Uuid::from_u128(4);
    for scope in [
        Scope::Patient(PatientId::from_uuid(named)),
        Scope::Organization(OrganizationId::from_uuid(named)),
        // The same id as another thing is another scope.
        Scope::Patient(PatientId::from_uuid(Uuid::from_u128(WORKS_AT))),
    ] {
        assert!(told(&index, scope, &Within::all()).is_empty(), "{scope:?}");
    }
    index.close();
    place.projector.close();
}
