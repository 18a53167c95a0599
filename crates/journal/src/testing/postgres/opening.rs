//! Cases of opening: a missing or foreign log, rights, TLS, and a log that was changed.

use std::sync::Arc;

use test_stores::postgres::{Cluster, PASSWORD, PROVED, SEALED, SUPERUSER};

use super::{Database, READER, SERVER, name};
use crate::postgres::structure;
use crate::testing::contract::{append, fixed_clock, ids, many, read_all};
use crate::{
    Access, AppendError, Damage, Expected, Fatal, Journal, LogIdentity, OpenError, Position, ReadError, init, open,
    renew_epoch,
};

/// A database with a log in the cluster that all share.
async fn made() -> Option<Database> {
    Cluster::shared()?;
    let database = Database::new();
    database.make("care").await;
    Some(database)
}

async fn refused(url: &str) -> OpenError {
    let opened = open(url, name("care"), Access::Write, fixed_clock()).await;
    let error = opened.map(drop).expect_err("this log does not open");
    assert!(!error.to_string().contains(PASSWORD), "{error}");
    error
}

async fn opened(url: &str, access: Access) -> Arc<dyn Journal> {
    open(url, name("care"), access, fixed_clock()).await.expect("the log opens")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_does_not_exist_is_reported_as_missing_and_not_created() {
    let Some(_running) = Cluster::shared() else { return };
    let database = Database::new();
    let OpenError::Missing { place } = refused(&database.url_of(SUPERUSER)).await else { panic!("it is missing") };
    let of = &database.name;
    assert_eq!(place, format!("schema carefold_care of database {of} at 127.0.0.1 (carefold journal init makes it)"));
    assert_eq!(database.sql("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'carefold%'"), "0");
    let nowhere = database.cluster.url_of("nowhere", SUPERUSER);
    assert_eq!(refused(&nowhere).await, OpenError::Missing { place: "database nowhere at 127.0.0.1".into() });
    let missing = renew_epoch(&database.url_of(SUPERUSER), name("care")).await;
    assert!(matches!(missing, Err(OpenError::Missing { .. })), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_made_once_and_left_as_it_is() {
    let Some(_running) = Cluster::shared() else { return };
    let database = Database::new();
    let url = database.url_of(SUPERUSER);
    let (one, other) = tokio::join!(init(&url, name("care"), fixed_clock()), init(&url, name("care"), fixed_clock()));
    let identity: LogIdentity = one.expect("made");
    assert_eq!(other, Ok(identity), "two at once make one");
    database.make("care").await;
    let journal = opened(&database.url_of(SERVER), Access::Write).await;
    journal.append(append("a-1", Expected::NoStream, [1])).await.expect("appended");
    assert_eq!(init(&url, name("care"), fixed_clock()).await, Ok(identity));
    assert_eq!((journal.identity().await, ids(&read_all(&journal).await)), (Ok(identity), vec![1]));
    let access = init(&url, name("access"), fixed_clock()).await.expect("another beside it");
    assert_ne!(access.log, identity.log);
    // Roles that were lost, as after a restore into another cluster, are granted again.
    database.sql("REVOKE EXECUTE ON FUNCTION carefold_care.append FROM carefold_server");
    assert!(matches!(refused(&database.url_of(SERVER)).await, OpenError::Denied { .. }));
    assert_eq!(init(&url, name("care"), fixed_clock()).await, Ok(identity));
    opened(&database.url_of(SERVER), Access::Write).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_who_is_no_superuser_is_enough_and_the_server_is_less() {
    let Some(cluster) = Cluster::start() else { return };
    cluster.sql("postgres", "CREATE ROLE owner LOGIN CREATEROLE");
    cluster.sql("postgres", "CREATE DATABASE clinic OWNER owner");
    let owner = cluster.url_of("clinic", "owner");
    let made = init(&owner, name("care"), fixed_clock()).await.expect("made");
    cluster.sql("postgres", "CREATE ROLE carefold LOGIN IN ROLE carefold_server");
    let journal = opened(&cluster.url_of("clinic", "carefold"), Access::Write).await;
    journal.append(append("a-1", Expected::NoStream, [1])).await.expect("appended");
    for attempt in ["UPDATE carefold_care.event SET event_type = event_type", "DELETE FROM carefold_care.event"] {
        for role in ["owner", "carefold"] {
            assert!(cluster.sql_as(role, "clinic", attempt).is_err(), "{role}: {attempt}");
        }
    }
    let renewed = renew_epoch(&owner, name("care")).await.expect("a new epoch");
    assert_eq!((renewed.log, renewed.epoch == made.epoch), (made.log, false));
    assert_eq!(structure(&owner, &name("care")).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_without_a_log_and_another_log_are_foreign_and_not_changed() {
    let Some(_running) = Cluster::shared() else { return };
    let database = Database::new();
    let url = database.url_of(SUPERUSER);
    for (schema, is_log) in [
        ("CREATE SCHEMA carefold_care", false),
        ("CREATE TABLE carefold_care.log_head (n int)", false),
        ("DROP TABLE carefold_care.log_head; DROP SCHEMA carefold_care", true),
    ] {
        database.sql(schema);
        if is_log {
            break;
        }
        assert!(matches!(refused(&url).await, OpenError::Foreign { .. }));
        let not_made = init(&url, name("care"), fixed_clock()).await;
        assert!(matches!(not_made, Err(OpenError::Foreign { .. })), "{not_made:?}");
    }
    init(&url, name("access"), fixed_clock()).await.expect("made");
    database.sql("ALTER SCHEMA carefold_access RENAME TO carefold_care");
    let OpenError::Foreign { found, .. } = refused(&url).await else { panic!("it is another's") };
    assert_eq!(found, "the log of the namespace access");
    database.sql(
        "ALTER TABLE carefold_care.log_head DISABLE TRIGGER ALL;
         UPDATE carefold_care.log_head SET namespace = 'care'",
    );
    for found in [0, 2] {
        database.sql(&format!("UPDATE carefold_care.log_head SET format = {found}"));
        assert_eq!(refused(&url).await, OpenError::Format { found, known: 1 });
        assert_eq!(init(&url, name("care"), fixed_clock()).await, Err(OpenError::Format { found, known: 1 }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_role_has_only_its_rights() {
    let Some(database) = made().await else { return };
    let stranger = format!("stranger_{}", database.name);
    database.sql(&format!("CREATE ROLE {stranger} LOGIN"));
    assert!(matches!(refused(&database.url_of(&stranger)).await, OpenError::Denied { .. }));
    assert!(matches!(refused(&database.url_of(READER)).await, OpenError::Denied { .. }));
    let reader = opened(&database.url_of(READER), Access::ReadOnly).await;
    assert_eq!(reader.head().await, Ok(None));
    let refused = reader.append(append("a-1", Expected::NoStream, [1])).await;
    assert_eq!(refused, Err(AppendError::Fatal(Fatal::ReadOnly)));
    for role in [SERVER, READER, &stranger] {
        let url = database.url_of(role);
        let renewed = renew_epoch(&url, name("care")).await;
        assert!(matches!(renewed, Err(OpenError::Denied { .. })), "{renewed:?}");
        let made = init(&url, name("other"), fixed_clock()).await;
        assert!(matches!(made, Err(OpenError::Denied { .. })), "{made:?}");
        for (counts, why) in [("{1}", "restored"), ("{2}", "do not fit"), ("{-1}", "do not fit"), ("{}", "do not fit")]
        {
            let id = "{00000000-0000-0000-0000-000000000001}";
            let by_hand = format!(
                "SELECT * FROM carefold_care.append(gen_random_uuid(), 0, '{{0}}', '{{a-1}}', '{{0}}', '{counts}',
                 '{id}', '{{a.b}}', '{{x}}', '{{x}}', '{{x}}')"
            );
            let said = database.cluster.sql_as(role, &database.name, &by_hand).expect_err("not so");
            assert!(said.contains(if role == SERVER { why } else { "permission denied" }), "{said}");
        }
    }
    // A right that is taken away while the journal is open.
    let writer = opened(&database.url_of(SERVER), Access::Write).await;
    database.sql("REVOKE EXECUTE ON FUNCTION carefold_care.append FROM carefold_server");
    let refused = writer.append(append("a-1", Expected::NoStream, [1])).await;
    assert!(matches!(refused, Err(AppendError::Fatal(Fatal::Denied { .. }))), "{refused:?}");
    database.sql("GRANT EXECUTE ON FUNCTION carefold_care.append TO carefold_server");
    writer.append(append("a-1", Expected::NoStream, [1])).await.expect("and given back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_are_asked_for_and_never_shown() {
    let Some(database) = made().await else { return };
    database.sql(&format!(
        "DO $$ BEGIN CREATE ROLE {PROVED} LOGIN PASSWORD '{PASSWORD}' IN ROLE carefold_server;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    ));
    let at = |password: &str| database.url_of(&format!("{PROVED}{password}"));
    opened(&at(&format!(":{}", PASSWORD.replace(' ', "%20"))), Access::Write).await;
    for wrong in ["", ":wrong", &format!(":{}", PASSWORD.replace(' ', "-"))] {
        let error = refused(&at(wrong)).await;
        assert!(matches!(error, OpenError::Denied { .. }), "{error:?}");
        assert!(!error.to_string().contains("wrong"), "{error}");
    }
    let busy = format!("busy_{}", database.name);
    database.sql(&format!("CREATE ROLE {busy} LOGIN CONNECTION LIMIT 0 IN ROLE carefold_server"));
    let error = refused(&database.url_of(&busy)).await;
    assert!(matches!(&error, OpenError::Unavailable { reason } if reason.contains("53300")), "{error:?}");
    let down = format!("postgres://{SERVER}:{}@127.0.0.1:1/care?sslmode=disable", PASSWORD.replace(' ', "%20"));
    assert!(matches!(refused(&down).await, OpenError::Unavailable { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_tls_the_server_is_known_by_its_certificate_and_name() {
    let Some(database) = made().await else { return };
    database.sql(&format!(
        "DO $$ BEGIN CREATE ROLE {SEALED} LOGIN IN ROLE carefold_server;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    ));
    let port = database.cluster.address().port();
    let over = |host: &str, settings: &str| format!("postgres://{SEALED}@{host}:{port}/{}?{settings}", database.name);
    let (ours, other) = (database.cluster.authority(), database.cluster.other_authority());
    let trusting = |authority: &std::path::Path| format!("sslrootcert={}", authority.display());
    for host in ["localhost", "127.0.0.1"] {
        let journal = opened(&over(host, &trusting(&ours)), Access::Write).await;
        assert_eq!(journal.head().await, Ok(None));
    }
    let plain = refused(&over("127.0.0.1", "sslmode=disable")).await;
    assert!(matches!(plain, OpenError::Denied { .. }), "{plain:?}");
    for unknown in [
        over("localhost", &trusting(&other)),
        over("localhost", "sslmode=verify-full"),
        over("db.example", &format!("hostaddr=127.0.0.1&{}", trusting(&ours))),
        over("db.example", "hostaddr=127.0.0.1"),
    ] {
        let error = refused(&unknown).await;
        assert!(matches!(&error, OpenError::Unavailable { .. } | OpenError::Url { .. }), "{unknown}: {error:?}");
        let reason = error.to_string();
        assert!(reason.contains("certificate") || reason.contains("trusts no authority"), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_position_time_or_metadata_is_detected() {
    let Some(database) = made().await else { return };
    let journal = opened(&database.url_of(SERVER), Access::Write).await;
    let writing = [(Expected::NoStream, 1), (crate::testing::contract::at(0), 2), (crate::testing::contract::at(1), 3)];
    for (expected, id) in writing {
        journal.append(append("a-1", expected, [id])).await.expect("appended");
    }
    let tampered = async |statement: &str, at: u64| {
        database.sql(&format!(
            "CREATE TABLE kept AS TABLE carefold_care.event;
             ALTER TABLE carefold_care.event DISABLE TRIGGER ALL; {statement}"
        ));
        let read = journal.read_log(None, many(9)).await;
        let place = Some(Position(at));
        assert!(
            matches!(&read, Err(ReadError::Fatal(Fatal::Corrupt { position, .. })) if *position == place),
            "{statement}: {read:?}"
        );
        database.sql("DELETE FROM carefold_care.event; INSERT INTO carefold_care.event TABLE kept; DROP TABLE kept");
        assert_eq!(ids(&read_all(&journal).await), [1, 2, 3]);
    };
    tampered("UPDATE carefold_care.event SET stored_at = stored_at + 1 WHERE position = 2", 2).await;
    tampered("UPDATE carefold_care.event SET meta = '' WHERE position = 1", 1).await;
    tampered("UPDATE carefold_care.event SET event_type = 'note.changed' WHERE position = 3", 3).await;
    tampered("UPDATE carefold_care.event SET event_id = gen_random_uuid() WHERE position = 3", 3).await;
    tampered("UPDATE carefold_care.event SET digest = sha256('') WHERE position = 2", 2).await;
    tampered("DELETE FROM carefold_care.event WHERE position = 2", 2).await;
    tampered("DELETE FROM carefold_care.event WHERE position = 3", 3).await;
    tampered("DELETE FROM carefold_care.event", 1).await;
    tampered(
        "UPDATE carefold_care.event SET position = 4 WHERE position = 1;
         UPDATE carefold_care.event SET position = 1 WHERE position = 3;
         UPDATE carefold_care.event SET position = 3 WHERE position = 4",
        1,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_difference_from_the_published_schema_is_reported() {
    let Some(database) = made().await else { return };
    let url = database.url_of(READER);
    let found = async || structure(&url, &name("care")).await;
    assert_eq!(found().await, Ok(()));
    for (change, back, what) in [
        (
            "ALTER TABLE carefold_care.event DISABLE TRIGGER event_never_changes",
            "ALTER TABLE carefold_care.event ENABLE ALWAYS TRIGGER event_never_changes",
            "trigger event_never_changes",
        ),
        (
            "ALTER TABLE carefold_care.event ENABLE TRIGGER event_only_appended",
            "ALTER TABLE carefold_care.event ENABLE ALWAYS TRIGGER event_only_appended",
            "trigger event_only_appended",
        ),
        (
            "ALTER TABLE carefold_care.event DROP CONSTRAINT event_event_id_key",
            "ALTER TABLE carefold_care.event ADD CONSTRAINT event_event_id_key UNIQUE (event_id)",
            "constraint event_event_id_key",
        ),
        (
            "ALTER TABLE carefold_care.event ALTER COLUMN meta DROP NOT NULL",
            "ALTER TABLE carefold_care.event ALTER COLUMN meta SET NOT NULL",
            "column event.meta",
        ),
        (
            "CREATE OR REPLACE FUNCTION carefold_care.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "",
            "function refuse",
        ),
    ] {
        database.sql(change);
        let damage = found().await.expect_err("it is not as published");
        let Damage::Structure { page: None, detail } = damage else { panic!("{damage:?}") };
        assert_eq!(detail, format!("the {what} is not as published"));
        database.sql(back);
    }
}
