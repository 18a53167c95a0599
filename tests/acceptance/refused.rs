//! Errors of a log, and how the program reports them: an exit code and one line, never with a password.
//!
//! A disk that fills is a limit on the size of files here, and for real in the journal. A network file system cannot be
//! made: its number is tested in the journal, and its exit code beside the others.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::clinic::{Clinic, Place, ended, is_one_reason, run, serving, token, wrapped};
use crate::http;
use crate::store::{Home, Kind, server_of};
use test_stores::kurrent::{Options, StandIn, User};
use test_stores::postgres::{PASSWORD, PROVED};

/// No line of any program may hold it.
const SECRET: &str = "hunter2-hunter2";

/// Checks the exit code of a run, and that stderr has one line with the reason.
pub fn refuses(output: &Output, status: i32, message: &str) {
    let (found, said) = ended(output);
    assert_eq!(found, status, "{said}");
    assert!(is_one_reason(&said), "{said}");
    assert!(said.contains(message), "{message:?} is not in: {said}");
    let all = format!("{said}{}", String::from_utf8_lossy(&output.stdout));
    for secret in [SECRET, PASSWORD, "@"] {
        assert!(!all.contains(secret), "{all}");
    }
}

/// Starts a clinic on a log and waits for its end.
fn started(place: &Place) -> Output {
    serving(place).args(["--wait", "0"]).output().expect("it runs")
}

fn at(home: &Home, journal: &str) -> Place {
    Place { journal: Some(journal.to_owned()), ..home.place("refused") }
}

#[test]
fn a_wrong_url_is_wrong_usage_or_unavailable() {
    let home = Home::new(Kind::Sqlite).expect("files");
    for (url, (status, message)) in [
        (format!("mysql://u:{SECRET}@127.0.0.1/x"), (2, "the journal's URL is not understood")),
        (SECRET.to_owned(), (2, "the journal's URL is not understood")),
        ("sqlite:".to_owned(), (2, "no directory follows sqlite:")),
        (format!("postgres://u:{SECRET}@127.0.0.1/x?sslmode=perhaps"), (2, "the journal's URL is not understood")),
        (format!("kurrentdb://u:{SECRET}@127.0.0.1:1?tls=perhaps"), (2, "the journal's URL is not understood")),
        // Nobody listens there.
        (format!("postgres://u:{SECRET}@127.0.0.1:1/x?sslmode=disable"), (1, "did not answer within 0 seconds")),
        (format!("kurrentdb://u:{SECRET}@127.0.0.1:1?tls=false"), (1, "did not answer within 0 seconds")),
    ] {
        refuses(&started(&at(&home, &url)), status, message);
        let talkative =
            serving(at(&home, &url)).args(["--wait", "0"]).env("CAREFOLD_LOG", "trace,kurrentdb=trace").output();
        let talkative = talkative.expect("it runs");
        let said = [talkative.stdout, talkative.stderr].concat();
        assert!(!String::from_utf8_lossy(&said).contains(SECRET), "{url}");
    }
}

#[test]
fn each_refusal_of_a_database_has_its_own_message() {
    let Some(home) = Home::new(Kind::Postgres) else { return };
    let (cluster, database) = home.postgres();
    let owner = |database: &str| cluster.url_of(database, "postgres");
    cluster.sql(database, &format!("CREATE ROLE stranger LOGIN; CREATE ROLE {PROVED} LOGIN PASSWORD '{PASSWORD}'"));
    let wrong = cluster.url_of(database, PROVED).replace(PROVED, &format!("{PROVED}:{SECRET}"));
    refuses(&started(&at(&home, &wrong)), 1, "the store refuses");
    refuses(&started(&at(&home, &cluster.url_of(database, "stranger"))), 1, "the store refuses");
    refuses(&started(&at(&home, &owner("nowhere"))), 1, "`carefold journal init` makes it");
    refuses(&started(&at(&home, &owner("postgres"))), 1, "`carefold journal init` makes it");

    let foreign = cluster.database();
    cluster.sql(&foreign, "CREATE SCHEMA carefold_care; CREATE TABLE carefold_care.event (mine int)");
    refuses(&started(&at(&home, &owner(&foreign))), 4, "is not this log");

    let newer = home.another_log();
    let of = newer.rsplit('/').next().and_then(|rest| rest.split('?').next()).expect("a database").to_owned();
    cluster.sql(&of, "UPDATE carefold_care.log_head SET format = 99");
    refuses(&started(&at(&home, &owner(&of))), 5, "format 99");
}

#[test]
fn a_server_of_a_database_may_append_and_read_and_nothing_else() {
    let Some(home) = Home::new(Kind::Postgres) else { return };
    let place = home.place("clinic");
    assert_eq!(Clinic::start(&place).stop(), Some(0));
    let (cluster, database) = home.postgres();
    let role = server_of(database);
    for schema in ["carefold_care", "carefold_access"] {
        for forbidden in [
            format!("DELETE FROM {schema}.event"),
            format!("UPDATE {schema}.event SET data = ''"),
            format!("TRUNCATE {schema}.event"),
            format!("INSERT INTO {schema}.event SELECT * FROM {schema}.event LIMIT 1"),
            format!("UPDATE {schema}.log_head SET position = 0"),
            format!("DELETE FROM {schema}.log_head"),
            format!("ALTER TABLE {schema}.event DISABLE TRIGGER ALL"),
            format!("DROP TABLE {schema}.event"),
            format!("DROP SCHEMA {schema} CASCADE"),
            format!("CREATE TABLE {schema}.mine (a int)"),
        ] {
            let said = cluster.sql_as(&role, database, &forbidden).expect_err(&forbidden);
            assert!(said.contains("permission denied") || said.contains("must be owner"), "{forbidden}: {said}");
        }
        assert!(cluster.sql_as(&role, database, &format!("SELECT count(*) FROM {schema}.event")).is_ok());
    }
    assert_eq!(ended(&run(&["journal", "verify"], &place)), (0, String::new()));
}

#[test]
fn a_stand_in_refuses_unknown_users() {
    let home = Home::new(Kind::Sqlite).expect("files");
    let user = User { name: "carefold".into(), password: PASSWORD.into(), admin: true };
    let stand_in = StandIn::start(Options { user: Some(user), ..Options::default() });
    refuses(&started(&at(&home, &stand_in.url_as(Some(("carefold", SECRET))))), 1, "the store refuses");
    refuses(&started(&at(&home, &stand_in.url_as(None))), 1, "the store refuses");
}

crate::store::on_each_store!(the_log_of_another_clinic_is_not_written_into);

fn the_log_of_another_clinic_is_not_written_into(home: &Home) {
    let place = home.place("clinic");
    assert_eq!(Clinic::start(&place).stop(), Some(0));
    let verified = |place: &Place| {
        let verified = run(&["journal", "verify"], place);
        assert_eq!(ended(&verified), (0, String::new()));
        verified.stdout
    };
    let before = verified(&place);
    // Another directory on the same log: its events are not that directory's.
    let journal = place.journal.clone().unwrap_or_else(|| format!("sqlite:{}", place.directory.display()));
    let other = Place { journal: Some(journal), ..home.place("other") };
    refuses(&started(&other), 3, "holds events that are not of the clinic in");
    refuses(&run(&["read-models", "rebuild"], &other), 3, "no complete demo clinic");
    assert_eq!(verified(&place), before);
    // The same directory on another log, which stays empty.
    let elsewhere = home.another_log();
    let moved = Place { journal: Some(elsewhere), ..place.clone() };
    let empty = verified(&moved);
    refuses(&started(&moved), 4, "another identity");
    refuses(&run(&["read-models", "status"], &moved), 4, "another identity");
    refuses(&run(&["read-models", "rebuild"], &moved), 4, "does not hold the last event that the read models know of");
    assert_eq!(verified(&moved), empty);
    assert_eq!(Clinic::start(&place).stop(), Some(0));
}

#[test]
fn a_foreign_file_and_another_format_have_different_errors() {
    let home = Home::new(Kind::Sqlite).expect("files");
    let place = home.place("clinic");
    assert_eq!(Clinic::start(&place).stop(), Some(0));
    let care = place.directory.join("care.journal");
    let kept = fs::read(&care).expect("the log");
    fs::copy(place.directory.join("read-models.db"), &care).expect("another file in its place");
    refuses(&started(&place), 4, "is not this log");
    refuses(&run(&["journal", "verify"], &place), 4, "is not this log");
    fs::copy(place.directory.join("access.journal"), &care).expect("the other log in its place");
    refuses(&started(&place), 4, "is not this log");
    // The format is the number that SQLite keeps in the bytes 60 to 63 of a file.
    for (format, told, code) in [(0_u32, "made by older software", 6), (2, "made by newer software", 5)] {
        let mut other = kept.clone();
        other[60..64].copy_from_slice(&format.to_be_bytes());
        fs::write(&care, &other).expect("the log of another version");
        for output in [started(&place), run(&["journal", "verify"], &place)] {
            refuses(&output, code, told);
        }
        assert_eq!(fs::read(&care).expect("the log"), other, "it is left as it was");
    }
    fs::write(&care, kept).expect("the log");
    assert_eq!(Clinic::start(&place).stop(), Some(0));
}

/// The same command on a disk that no file of more than so many blocks of 512 bytes fits on.
fn on_a_small_disk(command: &Command, blocks: u64) -> Command {
    // A program that is not told by a signal hears it from the write that fails.
    wrapped(&["sh", "-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", &blocks.to_string()], command)
}

#[test]
fn a_disk_that_fills_ends_the_seeding_which_goes_on_when_there_is_room() {
    let home = Home::new(Kind::Sqlite).expect("files");
    let (place, whole) = (home.place("clinic"), home.place("whole"));
    // More than the read models without a row, and less than half of the log, which is in the database and in the
    // write-ahead log.
    for blocks in [900, 1_200] {
        let bounded = wrapped(&["timeout", "60"], &on_a_small_disk(&serving(&place), blocks));
        let (code, said) = ended(&{ bounded }.output().expect("it runs"));
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("the clinic cannot be seeded") && said.contains("disk I/O error"), "{said}");
        assert!(!place.directory.join("seeded").exists());
        assert_eq!(ended(&run(&["journal", "verify"], &place)), (0, String::new()), "no half of a batch is left");
    }
    for place in [&place, &whole] {
        assert_eq!(Clinic::start(place).stop(), Some(0));
    }
    let care = |place| String::from_utf8(run(&["journal", "verify"], place).stdout).expect("text");
    assert_eq!(care(&place).lines().next(), care(&whole).lines().next(), "nothing is missing, and nothing twice");
}

#[test]
fn a_disk_that_fills_while_it_is_served_ends_readiness_and_loses_nothing_acknowledged() {
    let home = Home::new(Kind::Sqlite).expect("files");
    let place = home.place("clinic");
    assert_eq!(Clinic::start(&place).stop(), Some(0));
    let files = fs::read_dir(&place.directory).expect("a directory");
    let largest = files.map(|file| file.expect("a file").metadata().expect("its size").len()).max().expect("files");
    let small = on_a_small_disk(&serving(&place), largest / 512 + 512);
    let clinic = Clinic::started({ small }.stderr(Stdio::null()));
    let pcp = token("pcp", &place);
    let thread = open_thread(&clinic, &pcp);
    let mut acknowledged = Vec::new();
    let began = Instant::now();
    loop {
        let answer = post(&clinic, &pcp, &thread, acknowledged.len());
        match answer["data"]["postMessage"]["message"]["id"].as_str() {
            Some(id) => acknowledged.push(id.to_owned()),
            // A checkpoint may have made room meanwhile.
            None if clinic.health()["ready"] == json!(false) => break,
            None => {}
        }
        assert!(began.elapsed() < Duration::from_secs(120), "the disk does not fill");
    }
    assert!(!acknowledged.is_empty());
    clinic.stop();
    assert_eq!(ended(&run(&["journal", "verify"], &place)), (0, String::new()));
    let clinic = Clinic::start(&place);
    for (number, id) in acknowledged.iter().enumerate() {
        let again = post(&clinic, &pcp, &thread, number);
        assert_eq!(again["data"]["postMessage"]["message"]["id"], json!(id), "{again}");
        assert_eq!(again["data"]["postMessage"]["replayed"], json!(true), "{again}");
    }
    let refused = post(&clinic, &pcp, &thread, acknowledged.len());
    assert!(refused["data"]["postMessage"]["message"]["id"].is_string(), "{refused}");
    assert_eq!(clinic.stop(), Some(0));
}

/// A thread to which a person may write.
pub fn open_thread(clinic: &Clinic, by: &str) -> Value {
    let query = "{ viewer { inbox(first: 50) { nodes { id viewerCanPost(audience: EVERYONE) { allowed } } } } }";
    let inbox = clinic.data(by, query, &json!({}))["viewer"]["inbox"]["nodes"].clone();
    let mut threads = inbox.as_array().expect("a list").iter();
    threads.find(|thread| thread["viewerCanPost"]["allowed"] == json!(true)).expect("an open thread")["id"].clone()
}

/// Writes the message of a number to a thread; the same number is the same message.
pub fn post(clinic: &Clinic, by: &str, thread: &Value, number: usize) -> Value {
    let post = "mutation($thread: ID!, $input: PostMessageInput!) {
        postMessage(threadId: $thread, input: $input) { replayed message { id } } }";
    let input = json!({ "clientMutationId": format!("late-{number}"), "audience": "EVERYONE", "body": "Late." });
    http::graphql(clinic.address, by, post, &json!({ "thread": thread, "input": input })).expect("an answer")
}

#[test]
fn a_damaged_event_is_reported_and_stops_the_server() {
    let home = Home::new(Kind::Sqlite).expect("files");
    let place = home.place("clinic");
    assert_eq!(Clinic::start(&place).stop(), Some(0));
    let pcp = token("pcp", &place);
    let care = place.directory.join("care.journal");
    let mut bytes = fs::read(&care).expect("the log");
    let word = b"thread.message_posted";
    while let Some(at) = bytes.windows(word.len()).position(|window| window == word) {
        bytes[at + 7] = b'X';
    }
    fs::write(&care, bytes).expect("the log, changed");
    refuses(&run(&["journal", "verify"], &place), 4, "the care log is damaged: the event at position ");
    // What was folded before is served until what is damaged is read.
    let clinic = Clinic::start(&place);
    let thread = open_thread(&clinic, &pcp);
    assert!(post(&clinic, &pcp, &thread, 0)["errors"].is_array());
    clinic.becomes(|health| health["ready"] == json!(false) && health["parts"]["following"] == json!(false));
    let read = http::graphql(clinic.address, &pcp, "{ viewer { id } }", &json!({})).expect("an answer");
    assert_eq!(read["errors"][0]["extensions"]["code"], json!("UNAVAILABLE"));
    assert_eq!(clinic.stop(), Some(0));
}

fn an_event_of_newer_software_is_not_skipped(home: &Home) {
    let place = home.place("clinic");
    let clinic = Clinic::start(&place);
    let pcp = token("pcp", &place);
    assert!(clinic.inbox(&pcp).is_array());
    let stops = |clinic: &Clinic| {
        clinic.becomes(|health| health["ready"] == json!(false) && health["parts"]["following"] == json!(false));
        let read = http::graphql(clinic.address, &pcp, "{ viewer { id } }", &json!({})).expect("an answer");
        assert_eq!(read["errors"][0]["extensions"]["code"], json!("UNAVAILABLE"));
    };
    if let Some(url) = &place.journal {
        // Another node, which is newer, writes it while this one serves.
        append_unknown(url);
        stops(&clinic);
        assert_eq!(clinic.stop(), Some(0));
    } else {
        assert_eq!(clinic.stop(), Some(0));
        append_unknown(&format!("sqlite:{}", place.directory.display()));
    }
    // A restart does not skip it either, and says which it is.
    let log = home.file("log");
    let said = fs::File::create(&log).expect("a log");
    let clinic = Clinic::listening(serving(&place).env("CAREFOLD_LOG", "error").stderr(said));
    stops(&clinic);
    assert_eq!(clinic.stop(), Some(0));
    assert!(fs::read_to_string(&log).expect("the log").contains("referral.placed"), "it does not say which event");
}

crate::store::on_each_store!(an_event_of_newer_software_is_not_skipped);

/// Appends an event of a kind that this version does not know.
fn append_unknown(url: &str) {
    use journal::{Access, Append, EventType, Expected, Namespace, NewEvent, StreamName};
    let meta = r#"{"cmd":"00000000000000000000000000000001","actor":"installation","pol":"p","rules":"","purp":"TREAT","corr":"00000000000000000000000000000001","occ":"2026-01-01T00:00:00.000000Z","rec":"2026-01-01T00:00:00.000000Z","src":"cli","v":"1"}"#;
    let event = NewEvent {
        id: uuid::Uuid::from_u128(99),
        event_type: EventType::parse("referral.placed").expect("a kind"),
        data: "{}".as_bytes().to_vec().into(),
        meta: meta.as_bytes().to_vec().into(),
    };
    let stream = StreamName::parse("thread-00000000000000000000000000000009").expect("a name");
    let append = Append { stream, expected: Expected::NoStream, events: vec![event] };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let name = Namespace::parse("care").expect("a name");
        let log = journal::open(url, name, Access::Write, std::sync::Arc::new(chrono::Utc::now)).await.expect("a log");
        log.append(append).await.expect("appended");
    });
}
