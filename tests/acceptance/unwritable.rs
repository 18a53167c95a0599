//! A served clinic whose disk fills, or whose directory becomes read-only: readiness names what cannot be written, and
//! comes back by itself.
//!
//! A limit on the size of files is set on the running server everywhere. A real full disk is a small file system in memory,
//! where this machine lets a test mount one.

use std::fs::{self, File, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::clinic::{Clinic, ended, run, serving, token, wrapped};
use crate::refused::{open_thread, post, refuses};
use crate::store::{Home, Kind};

const PARTS: [&str; 4] = ["care-log-writable", "access-log-writable", "read-models-writable", "keys-writable"];

pub fn names_all(health: &Value) -> bool {
    health["ready"] == json!(false) && PARTS.iter().all(|part| health["parts"][part] == json!(false))
}

/// The program, told of a limit on the size of files by the write that fails instead of by a signal.
pub fn unsignalled(command: &Command) -> Command {
    wrapped(&["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""], command)
}

pub fn limit_files(clinic: &Clinic, bytes: &str) {
    let limit = ["--pid", &clinic.pid().to_string(), &format!("--fsize={bytes}:")];
    let limited = Command::new("prlimit").args(limit).output().expect("prlimit of util-linux runs");
    assert_eq!(ended(&limited), (0, String::new()));
}

#[test]
fn what_cannot_be_written_is_named_and_comes_back_by_itself() {
    let home = Home::new(Kind::Sqlite).expect("files");
    let place = home.place("clinic");
    let clinic = Clinic::started(unsignalled(&serving(&place)).stderr(Stdio::null()));
    let pcp = token("pcp", &place);
    let thread = open_thread(&clinic, &pcp);
    limit_files(&clinic, "4096");
    // The commit itself fails, which ends no writer for good.
    let refused = post(&clinic, &pcp, &thread, 0);
    assert_eq!(refused["errors"][0]["extensions"]["code"], json!("UNAVAILABLE"), "{refused}");
    clinic.becomes(names_all);
    // The answer names parts, no path.
    clinic.becomes(|health| !health.to_string().contains('/'));
    limit_files(&clinic, "unlimited");
    clinic.becomes_ready();
    assert!(clinic.inbox(&pcp).is_array());
    let posted = post(&clinic, &pcp, &thread, 0);
    assert!(posted["data"]["postMessage"]["message"]["id"].is_string(), "{posted}");
    assert_eq!(clinic.stop(), Some(0));
    assert_eq!(ended(&run(&["journal", "verify"], &place)), (0, String::new()));
}

#[test]
fn what_is_made_is_for_its_owner_alone() {
    let home = Home::new(Kind::Sqlite).expect("files");
    let place = home.place("clinic");
    let mut command = wrapped(&["sh", "-c", "umask 022; exec \"$0\" \"$@\""], &serving(&place));
    let clinic = Clinic::started(command.stderr(Stdio::null()));
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(&place.directory), 0o700);
    for entry in fs::read_dir(&place.directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        // The file that shows whether the directory can be written comes and goes.
        if !path.ends_with("carefold.probe") {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
    }
    assert_eq!(clinic.stop(), Some(0));
    let verified = run(&["keys", "verify"], &place);
    assert_eq!(ended(&verified).0, 0);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(said.ends_with("keys are sound\n"), "{said}");
}

/// The program without the right to write what its mode forbids: the superuser may write everywhere, unless this is taken
/// from them.
fn without_override(command: Command) -> Command {
    let uid = Command::new("id").arg("-u").output().expect("id runs");
    match uid.stdout.as_slice() {
        b"0\n" => wrapped(&["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"], &command),
        _ => command,
    }
}

#[test]
fn what_cannot_be_written_at_the_start_is_named_with_its_path_in_one_line() {
    let home = Home::new(Kind::Sqlite).expect("files");
    let place = home.place("clinic");
    assert_eq!(Clinic::start(&place).stop(), Some(0));
    let files = [
        "care.journal",
        "access.journal",
        "care.lock",
        "access.lock",
        "carefold.lock",
        "keys.db",
        "read-models.db",
        "access-index.db",
    ];
    let files = files.map(|name| (place.directory.join(name), 0o400, 0o600));
    for (path, read_only, writable) in files.into_iter().chain([(place.directory.clone(), 0o500, 0o700)]) {
        fs::set_permissions(&path, Permissions::from_mode(read_only)).expect("a mode");
        let output = without_override(serving(&place)).output().expect("it runs");
        fs::set_permissions(&path, Permissions::from_mode(writable)).expect("a mode");
        let cannot = if path.ends_with("carefold.lock") { "lock" } else { "write" };
        refuses(&output, 1, &format!("cannot {cannot} {}: Permission denied", path.display()));
    }
    let elsewhere = home.place("elsewhere");
    fs::create_dir(&elsewhere.directory).expect("a directory");
    fs::set_permissions(&elsewhere.directory, Permissions::from_mode(0o500)).expect("a mode");
    let logs = elsewhere.directory.join("logs");
    let url = format!("sqlite:{}", logs.display());
    let made = without_override(init(&url)).output().expect("it runs");
    fs::set_permissions(&elsewhere.directory, Permissions::from_mode(0o700)).expect("a mode");
    refuses(&made, 1, &format!("cannot write {}: Permission denied", logs.display()));
}

/// The program, to make the logs at a URL.
fn init(url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carefold"));
    command.args(["journal", "init", "--journal", url]).stdin(Stdio::null());
    command
}

#[test]
fn a_directory_that_becomes_read_only_ends_readiness_until_it_can_be_written() {
    let home = Home::new(Kind::Sqlite).expect("files");
    let place = home.place("clinic");
    let clinic = Clinic::started(without_override(serving(&place)).stderr(Stdio::null()));
    fs::set_permissions(&place.directory, Permissions::from_mode(0o500)).expect("a mode");
    clinic.becomes(names_all);
    fs::set_permissions(&place.directory, Permissions::from_mode(0o700)).expect("a mode");
    clinic.becomes_ready();
    assert_eq!(clinic.stop(), Some(0));
}

/// A small file system in memory, until it is dropped.
pub struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    pub fn mounted(at: &'a Path) -> Option<Self> {
        fs::create_dir_all(at).expect("a directory");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=48m", "none"]).arg(at).output();
        if mount.is_ok_and(|mount| mount.status.success()) {
            return Some(Self(at));
        }
        eprintln!("skipped: this machine lets a test mount no file system");
        None
    }

    /// Takes all the room that is left.
    pub fn fill(&self) {
        let mut file = File::options().create(true).append(true).open(self.0.join("filling")).expect("a file");
        for piece in [&[0; 4096][..], &[0; 1]] {
            while file.write(piece).map_err(|error| assert_eq!(error.kind(), ErrorKind::StorageFull)).is_ok() {}
        }
    }

    /// Gives all that was taken back.
    pub fn make_room(&self) {
        fs::remove_file(self.0.join("filling")).expect("room");
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        // A file system that stays mounted makes the removal of the test's directory fail, which says so.
        let _unmounted = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_ends_readiness_and_commands_until_there_is_room_and_nothing_is_lost() {
    let home = Home::new(Kind::Sqlite).expect("files");
    let place = home.place("disk");
    let Some(disk) = SmallDisk::mounted(&place.directory) else { return };
    let place = crate::clinic::Place { directory: place.directory.join("clinic"), ..place.clone() };
    let clinic = Clinic::started(serving(&place).stderr(Stdio::null()));
    let pcp = token("pcp", &place);
    let thread = open_thread(&clinic, &pcp);
    let is_posted = |answer: &Value| answer["data"]["postMessage"]["message"]["id"].is_string();
    assert!(is_posted(&post(&clinic, &pcp, &thread, 0)));
    clinic.becomes(|health| {
        disk.fill();
        names_all(health)
    });
    let refused = post(&clinic, &pcp, &thread, 1);
    assert_eq!(refused["errors"][0]["extensions"]["code"], json!("UNAVAILABLE"), "{refused}");
    disk.make_room();
    clinic.becomes_ready();
    for number in [0, 1] {
        let answer = post(&clinic, &pcp, &thread, number);
        assert!(is_posted(&answer), "{answer}");
        assert_eq!(answer["data"]["postMessage"]["replayed"], json!(number == 0), "{answer}");
    }
    assert_eq!(clinic.stop(), Some(0));
    assert_eq!(ended(&run(&["journal", "verify"], &place)), (0, String::new()));
}
