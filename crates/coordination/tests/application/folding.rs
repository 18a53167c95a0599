//! Folding: read models that come out the same again, and what stops or parks them.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use care::time_zone::{InstalledRules, TimeZones};
use care::words::Audience;
use coordination::opening::OpenApplicationError;
use coordination::rebuilding::{read_models_status, rebuild_read_models};
use journal::{Append, EventType, Expected, NewEvent, Recorded, Revision, StreamName};
use uuid::Uuid;
use vault::{KeyId, Node};

use crate::clinic::{Clinic, Installation, MARKER, OpenAnswer, now, signed_in};

/// Every row of every table, but for the checkpoint's fingerprint.
fn dump(clinic: &Clinic) -> Vec<String> {
    let file = rusqlite::Connection::open(clinic.installation.directory.path().join("read-models.db")).expect("opens");
    let mut tables =
        file.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").expect("a query");
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("names");
    let mut rows = Vec::new();
    for table in tables {
        let mut query = file.prepare(&format!("SELECT * FROM {table}")).expect("a query");
        let columns = query.column_count();
        let mut found = query.query([]).expect("rows");
        while let Some(row) = found.next().expect("a row") {
            let values: Vec<String> =
                (0..columns).map(|index| format!("{:?}", row.get_ref(index).expect("a value"))).collect();
            rows.push(format!("{table}: {}", values.join(", ")));
        }
    }
    rows.sort();
    rows
}

async fn lived_in() -> Clinic {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("folded").await;
    clinic.post(clinic.nurse, thread, "one", Audience::Everyone).await.expect("posted");
    clinic.post(clinic.pcp, thread, "two", Audience::ClinicalTeam).await.expect("posted");
    clinic.assign(thread).await;
    clinic.claim(clinic.specialist, thread).await.expect("claimed");
    let recommendation = clinic.advise(thread).await;
    clinic.plan(thread, recommendation).await;
    clinic.inform(thread).await;
    clinic.close_consultation(thread).await;
    clinic.application.catch_up().await.expect("caught up");
    clinic
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_rebuilt_from_the_log_are_the_same_and_hold_no_clear_text() {
    let clinic = lived_in().await;
    clinic.application.close();
    let before = dump(&clinic);
    assert!(before.len() > 40, "{}", before.len());
    let folded = clinic.installation.rebuild().await.expect("rebuilt");
    assert!(folded > 20);
    assert_eq!(dump(&clinic), before);
    for entry in std::fs::read_dir(clinic.installation.directory.path()).expect("a directory") {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
        let found = bytes.windows(MARKER.len()).any(|window| window == MARKER.as_bytes());
        assert!(!found, "clear text in the read models");
    }
    let status = read_models_status(clinic.installation.directory.path(), &clinic.installation.care)
        .await
        .expect("a status")
        .expect("read-models");
    assert_eq!((status.position, status.parked), (status.head, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_folds_only_new_events_and_has_the_same_state() {
    let mut clinic = lived_in().await;
    let before = clinic.messages(clinic.nurse, clinic.ask("again").await).await.len();
    clinic.application.close();
    clinic.application = clinic.installation.open().await.expect("opened again");
    let thread = clinic.ask("again").await;
    assert_eq!(clinic.messages(clinic.nurse, thread).await.len(), before);
    assert!(clinic.application.readiness().stopped.is_none());
}

/// The due times of the consultations, in microseconds, each with the version of its rules.
async fn promised(clinic: &Clinic) -> Vec<(i64, String)> {
    clinic.application.catch_up().await.expect("caught up");
    let file = rusqlite::Connection::open(clinic.installation.directory.path().join("read-models.db")).expect("opens");
    let mut query = file.prepare("SELECT due, due_zone_rules FROM consultation ORDER BY due").expect("a query");
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    rows.collect::<Result<_, _>>().expect("values")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_promised_stays_when_the_rules_of_time_zones_change() {
    let mut clinic = Clinic::open().await;
    clinic.ask("before").await;
    let before = promised(&clinic).await;
    clinic.application.close();
    // By these rules it is eight hours earlier in the zone of the calendar.
    let mut rules = InstalledRules::of_version(Some("2031a".to_owned()));
    let vancouver = include_bytes!("../../../../tests/time_zones/2025b/America/Vancouver");
    rules.add("UTC", vancouver).expect("rules");
    clinic.application = clinic.installation.open_with(TimeZones::installed(rules)).await.expect("opened again");
    assert_eq!(promised(&clinic).await, before);
    clinic.ask("after").await;
    let both = promised(&clinic).await;
    let (due, _) = &before[0];
    assert_eq!(both[1..], [(due + 8 * 60 * 60 * 1_000_000, "2031a".to_owned())]);
    assert_eq!(both[..1], before);
    clinic.application.close();
    clinic.installation.rebuild().await.expect("rebuilt");
    clinic.application = clinic.installation.open().await.expect("opened again");
    assert_eq!(promised(&clinic).await, both);
}

fn event(stream: &str, expected: Expected, kind: &str, data: &str) -> Append {
    let meta = r#"{"cmd":"00000000000000000000000000000001","actor":"installation","pol":"p","rules":"","purp":"TREAT","corr":"00000000000000000000000000000001","occ":"2026-01-01T00:00:00.000000Z","rec":"2026-01-01T00:00:00.000000Z","src":"cli","v":"1"}"#;
    let event = NewEvent {
        id: Uuid::new_v5(&Uuid::nil(), format!("{stream}{kind}{data}").as_bytes()),
        event_type: EventType::parse(kind).expect("a kind"),
        data: Bytes::from(data.to_owned()),
        meta: Bytes::from(meta),
    };
    Append { stream: StreamName::parse(stream).expect("a name"), expected, events: vec![event] }
}

async fn until(mut reached: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while !reached() {
        assert!(std::time::Instant::now() < deadline, "never came true");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_of_newer_software_stops_authority_and_views_and_nothing_is_served() {
    let clinic = lived_in().await;
    let append = event("thread-00000000000000000000000000000009", Expected::NoStream, "referral.placed", "{}");
    clinic.installation.care.append(append).await.expect("appended");
    until(|| clinic.application.readiness().stopped.is_some()).await;
    let stopped = clinic.application.readiness().stopped.expect("a reason");
    assert!(stopped.contains("referral.placed"), "{stopped}");
    assert!(OpenAnswer::begin(&clinic.application, signed_in(clinic.pcp), None, now()).await.is_err());
    clinic.application.close();
    // A restart does not skip it either: the node comes up, says why it is not ready, and serves nothing.
    let application = clinic.installation.open().await.expect("an application that serves nothing");
    assert!(application.readiness().stopped.is_some_and(|reason| reason.contains("referral.placed")));
    assert!(OpenAnswer::begin(&application, signed_in(clinic.pcp), None, now()).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_malformed_event_parks_its_stream_denies_what_rests_on_it_and_the_rest_goes_on() {
    let clinic = Clinic::open().await;
    let [broken, whole] = [clinic.ask("broken").await, clinic.ask("whole").await];
    let name = StreamName::parse(&format!("thread-{broken}")).expect("a name");
    let page = clinic
        .installation
        .care
        .read_stream(&name, None, journal::Direction::Backward, NonZeroU32::MIN)
        .await
        .expect("read");
    let last = page.events.first().expect("an event").revision;
    let append = event(name.as_str(), Expected::Exact(last), "thread.owner_changed", r#"{"by":7}"#);
    clinic.installation.care.append(append).await.expect("appended");
    let reader = clinic.reader(clinic.pcp).await;
    assert!(reader.thread(broken).expect("no fault").is_none());
    assert!(reader.thread(whole).expect("no fault").is_some());
    drop(reader);
    clinic.post(clinic.pcp, whole, "goes on", Audience::Everyone).await.expect("posted");
    let status = read_models_status(clinic.installation.directory.path(), &clinic.installation.care)
        .await
        .expect("a status")
        .expect("read-models");
    assert_eq!(status.parked, 1);
    // It stays denied after a restart, from the read models' own note of it.
    clinic.application.close();
    let application = clinic.installation.open().await.expect("opened again");
    let reader = OpenAnswer::begin(&application, signed_in(clinic.pcp), None, now()).await.expect("a reader");
    assert!(reader.thread(broken).expect("no fault").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stores_that_do_not_belong_together_are_refused() {
    let clinic = lived_in().await;
    clinic.application.close();
    let other = Installation::new().await;
    let foreign = Installation { directory: tempfile::tempdir().expect("a directory"), ..other };
    for file in ["read-models.db", "read-models.db-wal"] {
        let from = clinic.installation.directory.path().join(file);
        std::fs::copy(from, foreign.directory.path().join(file)).expect("copied");
    }
    assert!(matches!(foreign.open().await, Err(OpenApplicationError::ForeignReadModels)));
    let status = read_models_status(foreign.directory.path(), &foreign.care).await;
    assert!(matches!(status, Err(OpenApplicationError::ForeignReadModels)), "{status:?}");

    // A log that was moved takes all it had along; another's, with none of it, is not folded in its place.
    let elsewhere = foreign.directory.path();
    assert!(matches!(
        rebuild_read_models(elsewhere, &foreign.care, &foreign.access, |_, _| {}).await,
        Err(OpenApplicationError::NotMoved)
    ));
    let page = clinic.installation.care.read_log(None, NonZeroU32::new(5_000).expect("many")).await.expect("read");
    for part in [&page.events[..page.events.len() - 1], &page.events[page.events.len() - 1..]] {
        assert!(matches!(
            rebuild_read_models(elsewhere, &foreign.care, &foreign.access, |_, _| {}).await,
            Err(OpenApplicationError::NotMoved)
        ));
        for Recorded { stream, revision, id, event_type, data, meta, .. } in part.iter().cloned() {
            let expected = revision.0.checked_sub(1).map_or(Expected::NoStream, |last| Expected::Exact(Revision(last)));
            let events = vec![NewEvent { id, event_type, data, meta }];
            foreign.care.append(Append { stream, expected, events }).await.expect("moved");
        }
    }
    rebuild_read_models(elsewhere, &foreign.care, &foreign.access, |_, _| {})
        .await
        .expect("folded where it was moved to");
    let moved = Installation { vault: Arc::clone(&clinic.installation.vault), ..foreign };
    moved.open().await.expect("the clinic, elsewhere").close();

    // The log with somebody else's keys. Ids are those of one installation alone, so the keys have other names.
    let other = lived_in().await;
    other.application.close();
    let strange = Installation {
        care: Arc::clone(&clinic.installation.care),
        access: Arc::clone(&clinic.installation.access),
        vault: Arc::clone(&other.installation.vault),
        directory: tempfile::tempdir().expect("a directory"),
    };
    assert!(matches!(strange.open().await, Err(OpenApplicationError::MissingKey { .. })));

    // The log with keys that lack its own.
    let foreign = Installation::new().await;
    let keyless = Installation {
        care: Arc::clone(&clinic.installation.care),
        access: Arc::clone(&clinic.installation.access),
        vault: Arc::clone(&foreign.vault),
        directory: tempfile::tempdir().expect("a directory"),
    };
    assert!(matches!(keyless.open().await, Err(OpenApplicationError::MissingKey { .. })));

    // The log with keys of the same names that are not its own.
    let parent = Node::Organization(Uuid::nil());
    keyless.vault.get_or_create(parent, None).expect("a key");
    let refused = loop {
        match keyless.open().await.map(drop) {
            Err(OpenApplicationError::MissingKey { key }) => {
                let node = key.parse::<KeyId>().expect("a key's id").node();
                let is_below = matches!(node, Node::Thread(_) | Node::Attachment(_) | Node::Draft(_));
                keyless.vault.get_or_create(node, is_below.then_some(parent)).expect("a key");
            }
            refused => break refused,
        }
    };
    assert!(matches!(refused, Err(OpenApplicationError::ForeignTexts)), "{refused:?}");
}
