//! Migration: a clinic's logs are moved from one store to another, and every query gives the same answer as before.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::DateTime;
use journal::{Access, Append, EventType, Expected, Namespace, NewEvent, Revision, StreamName};
use serde_json::{Value, json};
use tempfile::TempDir;
use test_stores::postgres::{Cluster, SUPERUSER};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::clinic::{Clinic, ended, run, serving, token};
use crate::store::{Home, on_each_store};

const READERS: [&str; 5] = ["pcp", "nurse", "patient", "specialist", "social_worker"];
const GROWS_WITHIN: Duration = Duration::from_secs(60);

/// A command about logs, which needs no directory of a clinic.
fn journal(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carefold"));
    command.arg("journal").args(arguments).env("CAREFOLD_LOG", "error").stdin(Stdio::null());
    command
}

fn done(command: &mut Command) -> Output {
    command.output().expect("it runs")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn sqlite(directory: &Path) -> String {
    format!("sqlite:{}", directory.display())
}

/// What several people read of a clinic whose logs are there.
fn inboxes(directory: &Path, log: &str) -> Vec<Value> {
    let clinic = Clinic::start_at(directory, log);
    // A version is a token of the epoch, which is another after a move.
    let without_versions = |mut inbox: Value| {
        for thread in inbox.as_array_mut().into_iter().flatten() {
            thread.as_object_mut().map(|thread| thread.remove("version"));
        }
        inbox
    };
    let read = READERS.map(|handle| without_versions(clinic.inbox(&token(handle, directory))));
    assert_eq!(clinic.stop(), Some(0));
    read.into()
}

/// Moves the logs of a clinic by a file, and proves that it is the same clinic afterwards.
fn moves_to(directory: &Path, from: &str, to: &str) {
    let before = inboxes(directory, from);
    assert!(before.iter().all(|inbox| inbox.as_array().is_some_and(|threads| !threads.is_empty())), "{before:?}");
    let place = TempDir::new().expect("a directory");
    let file = place.path().join("clinic.ndjson");
    let written = done(&mut journal(&["export", "--journal", from, "--to", text(&file)]));
    assert_eq!(ended(&written), (0, String::new()));
    let moved = done(journal(&["import", "--from", text(&file)]).env("CAREFOLD_JOURNAL", to));
    assert_eq!(ended(&moved), (0, String::new()));
    let said = String::from_utf8_lossy(&moved.stdout).into_owned();
    assert!(
        said.contains("care: ") && said.contains("access: ") && said.contains("carefold read-models rebuild"),
        "{said}"
    );

    let (code, said) = ended(&serving(directory).args(["--journal", to]).output().expect("it runs"));
    assert_eq!(code, 4, "the read models are still those of the log before: {said}");
    assert_eq!(ended(&run(&["read-models", "rebuild", "--journal", to], directory)), (0, String::new()));
    says_that_it_was_left(directory, from);
    assert_eq!(inboxes(directory, to), before);
    assert_eq!(ended(&done(&mut journal(&["verify", "--journal", to]))), (0, String::new()));
    // The inboxes were read, so the access log has grown since: the new events are imported directly from the log.
    let third = sqlite(&place.path().join("third"));
    assert_eq!(ended(&done(&mut journal(&["import", "--journal", &third, "--from", text(&file)]))), (0, String::new()));
    let again = done(&mut journal(&["import", "--journal", &third, "--from-journal", to]));
    assert_eq!(ended(&again), (0, String::new()));
    assert!(!String::from_utf8_lossy(&again.stdout).contains(" 0 of them there before"), "it went on");
}

/// The logs in a directory whose clinic has others now are still verified and exported, and this is said.
fn says_that_it_was_left(directory: &Path, log: &str) {
    assert_eq!(log, sqlite(directory));
    let export = directory.join("left.ndjson");
    for arguments in [&["journal", "verify"][..], &["journal", "export", "--to", text(&export)]] {
        let (code, said) = ended(&run(arguments, directory));
        let line: Value = serde_json::from_str(&said).expect("one line of JSON");
        assert_eq!((code, &line["level"]), (0, &"WARN".into()), "{said}");
        let message = line["fields"]["message"].as_str().expect("a message");
        assert!(message.contains("has left these logs") && message.contains("--journal"), "{said}");
    }
    // Whoever names the logs knows which they are.
    assert_eq!(ended(&done(&mut journal(&["verify", "--journal", log]))), (0, String::new()));
}

fn a_clinic_moves_there_and_every_inbox_reads_as_before(home: &Home) {
    let directory = home.file("clinic");
    Clinic::start(&directory).stop();
    moves_to(&directory, &sqlite(&directory), &home.another_log());
}

#[test]
fn an_import_into_a_database_without_logs_is_refused_and_names_the_missing_step() {
    let Some(cluster) = Cluster::shared() else { return };
    let (place, empty) = (TempDir::new().expect("a directory"), cluster.url_of(&cluster.database(), SUPERUSER));
    logs_of(place.path(), 5);
    let import = || done(&mut journal(&["import", "--journal", &empty, "--from-journal", &sqlite(place.path())]));
    let (code, said) = ended(&import());
    assert!(code == 1 && said.contains("`carefold journal init`"), "{said}");
    assert_eq!(ended(&done(&mut journal(&["init", "--journal", &empty]))), (0, String::new()));
    assert_eq!(ended(&import()), (0, String::new()));
}

on_each_store!(a_clinic_moves_there_and_every_inbox_reads_as_before);

/// A care log of so many events, and an access log with none.
fn logs_of(directory: &Path, events: u64) {
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let clock: journal::Clock = Arc::new(|| DateTime::UNIX_EPOCH);
        let opened = async |name: &str| {
            let namespace = Namespace::parse(name).expect("a namespace");
            journal::open(&sqlite(directory), namespace, Access::Write, Arc::clone(&clock)).await.expect("a log")
        };
        drop(opened("access").await);
        let care = opened("care").await;
        let row = (0..events).map(|number| Append {
            stream: StreamName::parse("note-1").expect("a name"),
            expected: number.checked_sub(1).map_or(Expected::NoStream, |last| Expected::Exact(Revision(last))),
            events: vec![NewEvent {
                id: Uuid::from_u128(u128::from(number)),
                event_type: EventType::parse("note.taken").expect("a kind"),
                data: format!("secret {number}").into(),
                meta: "{}".into(),
            }],
        });
        care.append_in_order(row.collect()).await.expect("appended");
    });
}

/// How many events a log has, asked beside its writer.
fn events(directory: &Path) -> u64 {
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let namespace = Namespace::parse("care").expect("a namespace");
        let clock: journal::Clock = Arc::new(|| DateTime::UNIX_EPOCH);
        let Ok(log) = journal::open(&sqlite(directory), namespace, Access::ReadOnly, clock).await else { return 0 };
        log.head().await.ok().flatten().map_or(0, |head| head.0)
    })
}

#[test]
fn an_export_of_another_format_is_of_newer_or_of_older_software() {
    let place = TempDir::new().expect("a directory");
    let file = place.path().join("logs.ndjson");
    let import = || {
        let new = sqlite(&place.path().join("new"));
        ended(&done(&mut journal(&["import", "--journal", &new, "--from", text(&file)])))
    };
    for (format, word, code) in [(0, "older", 6), (2, "newer", 5)] {
        for rest in [
            "",
            r#","namespace":"care","id":"00000000-0000-0000-0000-000000000001","epoch":"00000000-0000-0000-0000-000000000001","head":null"#,
        ] {
            fs::write(&file, format!("{{\"log\":{{\"format\":{format}{rest}}}}}\n")).expect("a file");
            let (status, said) = import();
            assert!(status == code && said.contains(&format!("made by {word} software")), "{status} {said}");
        }
    }
}

#[test]
fn a_killed_import_continues_when_it_is_repeated() {
    let place = TempDir::new().expect("a directory");
    let (from, to, file) = (place.path().join("from"), place.path().join("to"), place.path().join("logs.ndjson"));
    logs_of(&from, 5_000);
    let written = done(journal(&["export", "--journal", &sqlite(&from)]).stdout(File::create(&file).expect("a file")));
    let (code, said) = ended(&written);
    let log = said.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let reports: Vec<Value> = log.map(|line| line["fields"]["message"].clone()).collect();
    let of_care = reports[0].as_str().expect("a message");
    assert!(code == 0 && reports.len() == 2 && of_care.starts_with("care: 5000 events written"), "{said}");
    let lines = fs::read(&file).expect("the file");

    // It is given so much that two of its five chunks are written, and waits for more when it is killed.
    let half: Vec<&[u8]> = lines.split_inclusive(|byte| *byte == b'\n').take(2_500).collect();
    let mut importing = journal(&["import", "--journal", &sqlite(&to), "--from", "-"]);
    let mut child = importing.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it starts");
    child.stdin.as_mut().expect("its stdin").write_all(&half.concat()).expect("it reads");
    let began = Instant::now();
    while events(&to) < 2_000 {
        assert!(began.elapsed() < GROWS_WITHIN, "it writes nothing");
        std::thread::yield_now();
    }
    child.kill().expect("it is killed");
    child.wait().expect("it ends");

    let cut = place.path().join("cut.ndjson");
    fs::write(&cut, &lines[..lines.len() - 10]).expect("a file");
    let cut = done(&mut journal(&["import", "--journal", &sqlite(&to), "--from", text(&cut)]));
    let (code, said) = ended(&cut);
    assert!(code == 4 && said.contains("was cut") && !said.contains("secret"), "{said}");
    let moved = done(&mut journal(&["import", "--journal", &sqlite(&to), "--from", text(&file)]));
    assert_eq!(ended(&moved), (0, String::new()));
    let reports = [&cut, &moved].map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    assert!(reports[0].starts_with("care: 5000 events, 2000 of them there before"), "{reports:?}");
    assert!(reports[1].starts_with("care: 5000 events, 5000 of them there before"), "{reports:?}");
    assert_eq!(ended(&done(&mut journal(&["verify", "--journal", &sqlite(&to)]))), (0, String::new()));
}

#[test]
fn a_refused_import_or_export_gives_its_reason_and_no_content() {
    let place = TempDir::new().expect("a directory");
    let path = |name: &str| place.path().join(name);
    let (from, other) = (path("from"), path("other"));
    logs_of(&from, 50);
    logs_of(&other, 30);
    let (from_url, file) = (sqlite(&from), path("logs.ndjson"));
    let export = || done(&mut journal(&["export", "--journal", &from_url, "--to", text(&file)]));
    assert_eq!(ended(&export()), (0, String::new()));
    assert_eq!(ended(&export()).0, 3, "the file is there");
    let lines = fs::read_to_string(&file).expect("the file");

    let import = |to: &Path, from: &Path| {
        ended(&done(&mut journal(&["import", "--journal", &sqlite(to), "--from", text(from)])))
    };
    let changed = path("changed.ndjson");
    fs::write(&changed, lines.replacen("\"data\":\"c2Vj", "\"data\":\"c2Vk", 1)).expect("a file");
    let (code, said) = import(&path("new"), &changed);
    assert!(code == 4 && said.contains("line 2 of the export is damaged"), "{said}");
    fs::write(&changed, lines.replace("note-1", "note-2")).expect("a file");
    assert_eq!(import(&other, &changed).0, 4);
    fs::write(&changed, format!("{lines}\n")).expect("a file");
    let (code, said) = import(&path("longer"), &changed);
    assert!(code == 4 && said.contains("it comes after the end"), "{said}");
    assert_eq!(import(&path("new"), &path("none")).0, 1);

    logs_of(&path("grown"), 60);
    let (code, said) = import(&path("grown"), &file);
    assert!(code == 3 && said.contains("holds more than the source"), "{said}");
    let clinic = Clinic::start(&path("clinic"));
    let (code, said) = import(&path("clinic"), &file);
    assert!(code == 3 && said.contains("is being written"), "{said}");
    assert_eq!(clinic.stop(), Some(0));
    let (code, said) = import(&path("clinic"), &file);
    assert!(code == 3 && said.contains("another log") && said.contains("nothing was written"), "{said}");
    assert_eq!(ended(&run(&["journal", "verify"], &path("clinic"))).0, 0);

    let wrong = |arguments: &[&str]| {
        let (code, said) = ended(&done(&mut journal(arguments)));
        assert!(!said.contains("secret"), "{said}");
        code
    };
    assert_eq!(wrong(&["import", "--journal", &from_url]), 2, "from nowhere");
    assert_eq!(wrong(&["import", "--journal", &from_url, "--from", "-", "--from-journal", &from_url]), 2);
    assert_eq!(wrong(&["import", "--from", "-"]), 2, "to nowhere");
    assert_eq!(wrong(&["init", "--journal", "mysql://user:secret@db/x"]), 2);
    assert_eq!(wrong(&["init", "--journal", "postgres://user:secret@127.0.0.1:1/x?connect_timeout=1"]), 1);
    assert_eq!(wrong(&["import", "--journal", "postgres://user:secret@127.0.0.1:1/x", "--from", text(&file)]), 1);
    let help = done(journal(&["import", "--help"]).env("CAREFOLD_JOURNAL", "postgres://user:secret@db/x"));
    assert!(!String::from_utf8_lossy(&help.stdout).contains("secret"));
}

#[test]
fn logs_are_created_and_a_new_epoch_of_a_clinic_is_detected() {
    let place = TempDir::new().expect("a directory");
    let new = sqlite(&place.path().join("new"));
    let made = done(&mut journal(&["init", "--journal", &new]));
    assert_eq!(ended(&made), (0, String::new()));
    let again = done(journal(&["init"]).env("CAREFOLD_JOURNAL", &new));
    assert_eq!(again.stdout, made.stdout, "what is there is left as it is");

    let directory = place.path().join("clinic");
    let url = sqlite(&directory);
    let clinic = Clinic::start(&directory);
    assert_eq!(ended(&done(&mut journal(&["renew-epoch", "--journal", &url]))).0, 3, "a server writes it");
    assert_eq!(clinic.stop(), Some(0));
    let before = inboxes(&directory, &url);
    assert_eq!(ended(&done(&mut journal(&["renew-epoch", "--journal", &url]))), (0, String::new()));
    assert_eq!(ended(&serving(&directory).output().expect("it runs")).0, 4, "the read models are of the epoch before");
    assert_eq!(ended(&run(&["read-models", "rebuild"], &directory)), (0, String::new()));
    assert_eq!(inboxes(&directory, &url), before);
}

/// The files that the README lists for a move to another machine, in its words.
const MOVED: [&str; 8] =
    ["carefold.json", "keys.db", "kek.key", "token.key", "handles.json", "seeded", "care.journal", "access.journal"];

#[test]
fn a_clinic_moves_to_another_machine_with_the_files_that_the_readme_lists() {
    let place = TempDir::new().expect("a directory");
    let (here, there) = (place.path().join("here"), place.path().join("there"));
    let clinic = Clinic::start(&here);
    let before = READERS.map(|handle| clinic.inbox(&token(handle, &here)));
    assert_eq!(clinic.stop(), Some(0));

    let readme = include_str!("../../README.md");
    let (_, section) = readme.split_once("## Moving to another machine").expect("the section");
    let (list, _) = section.split_once("If the program").expect("the list");
    let listed: Vec<&str> = list.split('`').skip(1).step_by(2).filter(|name| !name.starts_with("--")).collect();
    assert_eq!(listed, MOVED);

    fs::create_dir(&there).expect("made");
    for name in MOVED {
        fs::copy(here.join(name), there.join(name)).expect(name);
    }
    fs::remove_dir_all(&here).expect("the old machine is gone");
    let clinic = Clinic::start(&there);
    assert_eq!(READERS.map(|handle| clinic.inbox(&token(handle, &there))), before);
    assert_eq!(clinic.stop(), Some(0));
    assert_eq!(ended(&run(&["journal", "verify"], &there)).0, 0);
}

#[test]
fn a_clinic_is_restored_from_copies_by_the_commands_of_the_readme() {
    let place = TempDir::new().expect("a directory");
    let (directory, copies) = (place.path().join("clinic"), place.path().join("copies"));
    Clinic::start(&directory).stop();
    let url = sqlite(&directory);
    let before = inboxes(&directory, &url);
    fs::create_dir(&copies).expect("made");
    let copied = ["care.journal", "access.journal", "keys.db"];
    for name in copied {
        fs::copy(directory.join(name), copies.join(name)).expect(name);
    }
    let clinic = Clinic::start(&directory);
    let pcp = token("pcp", &directory);
    let post = "mutation($thread: ID!, $input: PostMessageInput!) {
        postMessage(threadId: $thread, input: $input) { problems { message } } }";
    let input = json!({ "clientMutationId": "lost", "body": "After the copies.", "audience": "EVERYONE" });
    let posted = clinic.data(&pcp, post, &json!({ "thread": "BRgVOg6ukVAFsvI9hPJeUWQ", "input": input }));
    assert_eq!(posted["postMessage"]["problems"], json!([]));
    assert_eq!(clinic.stop(), Some(0));
    assert_ne!(inboxes(&directory, &url), before);

    for name in copied {
        for suffix in ["-wal", "-shm"] {
            drop(fs::remove_file(directory.join(format!("{name}{suffix}"))));
        }
        fs::copy(copies.join(name), directory.join(name)).expect(name);
    }
    let lost = serving(&directory).output().expect("it runs");
    let (code, said) = ended(&lost);
    assert!(code == 4 && said.contains("its tail is lost"), "{said}");
    assert_eq!(ended(&run(&["read-models", "rebuild"], &directory)).0, 4, "the loss is still to be confirmed");
    let readme = include_str!("../../README.md");
    let (_, section) = readme.split_once("To restore, stop the server").expect("the section");
    let (_, commands) = section.split_once("```sh\n").expect("the commands");
    let (commands, _) = commands.split_once("```").expect("their end");
    for command in commands.lines() {
        let words = command.replace("./demo", text(&directory));
        let words: Vec<&str> = words.split(' ').skip(1).collect();
        let mut carefold = Command::new(env!("CARGO_BIN_EXE_carefold"));
        carefold.args(words).env("CAREFOLD_LOG", "error").env_remove("CAREFOLD_JOURNAL");
        assert_eq!(ended(&done(&mut carefold)), (0, String::new()), "{command}");
    }
    assert_eq!(inboxes(&directory, &url), before);
}
