//! Starting: what a first and a second start do, and what is refused.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::clinic::{Clinic, carefold, ended, is_one_reason, run, serving, token};
use crate::store::Home;

crate::store::on_each_store!(a_second_start_finds_the_same_clinic_and_the_banner_s_requests_work);

fn a_second_start_finds_the_same_clinic_and_the_banner_s_requests_work(home: &Home) {
    let directory = home.place("clinic");
    let clinic = Clinic::start(&directory);
    let pcp = token("pcp", &directory);
    let inbox = clinic.inbox(&pcp);
    assert!(inbox.as_array().expect("a list").len() >= 8, "{inbox}");
    // Its messages are read by their authors, and something is new.
    assert!(inbox.as_array().expect("a list").iter().any(|thread| thread["unreadCount"] != json!(0)));

    let (code, said) = ended(&serving(&directory).output().expect("it runs"));
    assert_eq!(code, 3, "a second server on the same directory: {said}");
    assert!(said.starts_with('{') && is_one_reason(&said), "{said}");
    assert!(said.contains("stop it, or name another directory with `--data`"), "{said}");
    let listen = clinic.address.to_string();
    let same = carefold(&["demo", "--listen", &listen], &directory).output().expect("it runs");
    assert_eq!(ended(&same).0, 3, "the directory is the reason, not the address");
    let page = crate::http::ask(clinic.address, "GET / HTTP/1.1", "").expect("the page").body;
    let command = clinic.banner.iter().find(|line| line.contains("token --as HANDLE")).expect("a command").trim();
    assert!(page.contains(&format!("<code>{command}</code>")), "{page}");
    assert_eq!(ended(&run(&["read-models", "rebuild"], &directory)).0, 3, "the read models of a running server");
    assert_eq!(ended(&run(&["journal", "verify"], &directory)).0, 0);
    assert_eq!(ended(&run(&["read-models", "status"], &directory)).0, 0);
    assert_eq!(ended(&run(&["token", "--as", "nobody"], &directory)).0, 1);

    let answers: Vec<String> = requests(&clinic.banner).iter().map(|request| asked(&clinic, &pcp, request)).collect();
    assert_eq!(answers.len(), 3);
    assert!(answers.iter().all(|answer| answer.contains("\"data\"") && !answer.contains("\"errors\"")), "{answers:?}");
    assert!(answers[2].contains("\"problems\":[]") && answers[2].contains("\"replayed\":false"), "{}", answers[2]);
    let inbox = clinic.inbox(&pcp);
    assert_eq!(clinic.stop(), Some(0));

    let (code, said) = ended(&carefold(&["demo", "--seed", "99"], &directory).output().expect("it runs"));
    assert_eq!(code, 3, "another seed: {said}");
    let again = Clinic::start(&directory);
    assert_eq!(again.inbox(&pcp), inbox);
    assert_eq!(again.stop(), Some(0));
    assert_eq!(ended(&run(&["read-models", "rebuild"], &directory)), (0, String::new()));
    let rebuilt = Clinic::start(&directory);
    assert_eq!(rebuilt.inbox(&pcp), inbox, "the read models folded again answer otherwise");
}

/// The requests of the banner, each with the token set before it.
fn requests(banner: &[String]) -> Vec<String> {
    let token = banner.iter().find(|line| line.starts_with("TOKEN=")).expect("a token");
    let pairs = banner.windows(2).filter(|pair| pair[0].starts_with("curl "));
    pairs.map(|pair| format!("{token}\n{}\n{}", pair[0], pair[1])).collect()
}

/// What a request of the banner answers, copied into a shell. A machine without curl has its body
/// sent by our own client and is told so; the continuous build has curl or fails.
fn asked(clinic: &Clinic, token: &str, script: &str) -> String {
    let there = Command::new("curl").arg("--version").output().is_ok();
    if !there && std::env::var_os("CI").is_none() {
        eprintln!("curl is missing: the banner's requests were not run as they are printed");
        let body = script.split_once("-d '").and_then(|(_, body)| body.strip_suffix('\'')).expect("a body");
        let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
        let query = body["query"].as_str().expect("a query");
        return crate::http::graphql(clinic.address, token, query, &json!({})).expect("an answer").to_string();
    }
    let output = Command::new("sh").args(["-c", script]).output().expect("a shell with curl");
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn a_public_address_and_a_directory_without_a_demo_are_refused() {
    let place = tempfile::tempdir().expect("a directory");
    let reachable = run(&["demo", "--listen", "0.0.0.0:0"], &place.path().join("clinic"));
    assert_eq!(ended(&reachable).0, 3);
    assert!(!place.path().join("clinic").exists(), "refused before anything is made");
    fs::write(place.path().join("thesis.txt"), "mine").expect("a file");
    assert_eq!(ended(&run(&["demo"], place.path())).0, 3, "a directory of somebody's");
    for command in
        [&["journal", "verify"][..], &["read-models", "status"], &["read-models", "rebuild"], &["token", "--as", "pcp"]]
    {
        assert_eq!(ended(&run(command, place.path())).0, 3, "{command:?}");
    }
    assert_eq!(fs::read_dir(place.path()).expect("it is there").count(), 1, "something was made in it");
}

#[test]
fn an_address_in_use_leaves_no_directory() {
    let place = tempfile::tempdir().expect("a directory");
    let directory = place.path().join("clinic");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let listen = taken.local_addr().expect("an address").to_string();
    let (code, said) = ended(&run(&["demo", "--listen", &listen], &directory));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("choose another address with `--listen`") && is_one_reason(&said), "{said}");
    assert!(!directory.exists());
}

#[test]
fn a_lost_end_of_the_log_is_noticed() {
    let place = tempfile::tempdir().expect("a directory");
    Clinic::start(place.path()).stop();
    let log = place.path().join("care.journal");
    let before = fs::read(&log).expect("the log");
    let clinic = Clinic::start(place.path());
    asked(&clinic, &token("pcp", place.path()), &requests(&clinic.banner)[2]);
    assert_eq!(clinic.stop(), Some(0));
    assert_ne!(fs::read(&log).expect("the log"), before, "the message is in the log's file");
    fs::write(&log, before).expect("an older copy");
    let (code, said) = ended(&serving(place.path()).output().expect("it runs"));
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("its tail is lost"), "{said}");
    let (code, said) = ended(&run(&["journal", "verify"], place.path()));
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("the care log ends before"), "{said}");
}

#[test]
fn a_lost_end_of_the_access_log_is_noticed() {
    let place = tempfile::tempdir().expect("a directory");
    Clinic::start(place.path()).stop();
    let log = place.path().join("access.journal");
    let before = fs::read(&log).expect("the log");
    let clinic = Clinic::start(place.path());
    // A read, which writes nothing else.
    asked(&clinic, &token("pcp", place.path()), &requests(&clinic.banner)[1]);
    assert_eq!(clinic.stop(), Some(0));
    assert_eq!(ended(&run(&["journal", "verify"], place.path())).0, 0);
    fs::write(&log, before).expect("an older copy");
    let (code, said) = ended(&run(&["journal", "verify"], place.path()));
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("the access log ends before") && said.contains("its tail is lost"), "{said}");
    let (code, said) = ended(&serving(place.path()).output().expect("it runs"));
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("the access log ends before"), "{said}");
    let rebuilt = ended(&run(&["read-models", "rebuild"], place.path()));
    assert_eq!(rebuilt.0, 4, "it would forget what is known: {}", rebuilt.1);
    // The operator says that it was restored.
    let logs = format!("sqlite:{}", place.path().display());
    let renewal = ["journal", "renew-epoch", "--journal", &logs];
    let renewed = Command::new(env!("CARGO_BIN_EXE_carefold")).args(renewal).output().expect("it runs");
    assert_eq!(ended(&renewed).0, 0);
    assert_eq!(ended(&run(&["read-models", "rebuild"], place.path())).0, 0);
    Clinic::start(place.path()).stop();
}

#[test]
fn a_changed_byte_is_found_and_its_event_named() {
    let place = tempfile::tempdir().expect("a directory");
    Clinic::start(place.path()).stop();
    let log = place.path().join("care.journal");
    let mut bytes = fs::read(&log).expect("the log");
    let word = b"thread.message_posted";
    let at = bytes.windows(word.len()).rposition(|window| window == word).expect("a message in the log");
    bytes[at + 7] = b'X';
    fs::write(&log, bytes).expect("the log, changed");
    let (code, said) = ended(&run(&["journal", "verify"], place.path()));
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("the care log is damaged: the event at position "), "{said}");
}

#[test]
fn a_clinic_whose_seeding_was_killed_is_completed() {
    let place = tempfile::tempdir().expect("a directory");
    let whole = place.path().join("whole");
    Clinic::start(&whole).stop();
    let events = |directory: &Path| String::from_utf8(run(&["journal", "verify"], directory).stdout).expect("text");
    let expected = events(&whole);
    // Killed when the log has grown to these sizes: during the set-up of the clinic, and among the cases.
    for (round, grown) in [60_000, 250_000, 450_000].into_iter().enumerate() {
        let directory = place.path().join(format!("half{round}"));
        let mut child = serving(&directory).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        let size = |name| fs::metadata(directory.join(name)).map_or(0, |file| file.len());
        while size("care.journal") + size("care.journal-wal") < grown {
            assert!(child.try_wait().expect("it is there").is_none(), "it ended before it was killed");
            std::thread::yield_now();
        }
        child.kill().expect("it is killed");
        child.wait().expect("it ends");
        assert!(!directory.join("seeded").exists(), "it was complete already");
        Clinic::start(&directory).stop();
        assert_eq!(events(&directory).lines().next(), expected.lines().next());
    }
}

/// The directory of time zone rules for tests, of this version.
fn rules(version: &str) -> String {
    format!("{}/../../tests/time_zones/{version}", env!("CARGO_MANIFEST_DIR"))
}

/// The lines of a log at the level of warnings, about time zone rules.
fn about_time_zones(log: &Path) -> Vec<Value> {
    let lines = fs::read_to_string(log).expect("a log");
    let read = lines.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    read.filter(|line: &Value| line["fields"]["message"].as_str().is_some_and(|said| said.contains("time zone")))
        .collect()
}

#[test]
fn a_start_warns_in_one_line_of_old_time_zone_rules_and_of_those_without_a_version() {
    let home = tempfile::tempdir().expect("a directory");
    let (directory, log) = (home.path().join("clinic"), home.path().join("log"));
    let old = home.path().join("zoneinfo");
    fs::create_dir_all(old.join("America")).expect("a directory");
    let zone = Path::new(&rules("2026f")).join("America/Vancouver");
    fs::copy(zone, old.join("America/Vancouver")).expect("a copy");
    let warned = |directory_of_rules: &Path| {
        let file = fs::File::create(&log).expect("a log");
        let mut serving = serving(&directory);
        serving.env("CAREFOLD_LOG", "warn").env("CAREFOLD_TIME_ZONES", directory_of_rules).stderr(file);
        assert_eq!(Clinic::started(&mut serving).stop(), Some(0));
        about_time_zones(&log)
    };
    let lines = warned(&old);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!((&lines[0]["level"], &lines[0]["fields"]["version"]), (&json!("WARN"), &json!("unknown")));
    assert_eq!(lines[0]["fields"].get("unreadable"), None);
    fs::write(old.join("tzdata.zi"), "# version 2019a\n").expect("a version");
    fs::write(old.join("UTC"), "TZif, cut").expect("a file");
    let lines = warned(&old);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!((&lines[0]["level"], &lines[0]["fields"]["version"]), (&json!("WARN"), &json!("2019a")));
    assert_eq!(lines[0]["fields"]["unreadable"], json!("UTC"));
    fs::remove_file(old.join("UTC")).expect("it is there");
    fs::write(old.join("tzdata.zi"), "# version 9000a\n").expect("a version");
    assert_eq!(warned(&old), Vec::<Value>::new());
}

#[test]
fn a_directory_without_time_zone_rules_is_refused_before_anything_is_made() {
    let home = tempfile::tempdir().expect("a directory");
    let (directory, nowhere) = (home.path().join("clinic"), home.path().join("nowhere"));
    let (code, said) = ended(&serving(&directory).arg("--time-zones").arg(&nowhere).output().expect("it runs"));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("there are no time zone rules in") && is_one_reason(&said), "{said}");
    assert!(!directory.exists());
}

#[cfg(target_os = "linux")]
#[test]
fn the_allocator_gives_memory_back_early_unless_it_was_told_otherwise() {
    let place = tempfile::tempdir().expect("a directory");
    let mut serving = serving(&place.path().join("clinic"));
    let clinic = Clinic::started(serving.env("MIMALLOC_PURGE_DELAY", "7").stderr(Stdio::piped()));
    let environment = fs::read(format!("/proc/{}/environ", clinic.pid())).expect("its environment");
    let options: Vec<_> =
        environment.split(|byte| *byte == 0).filter(|option| option.starts_with(b"MIMALLOC_")).collect();
    assert!(options.contains(&&b"MIMALLOC_PAGE_RECLAIM_ON_FREE=-1"[..]), "{options:?}");
    assert!(options.contains(&&b"MIMALLOC_PURGE_DELAY=7"[..]), "{options:?}");
    assert_eq!(clinic.stop(), Some(0));
}
