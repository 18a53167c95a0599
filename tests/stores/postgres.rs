//! A PostgreSQL cluster that runs the machine's binaries in a temporary directory and is removed after its test.
//!
//! [`Cluster::shared`] is for all tests of a binary that only need databases; [`Cluster::start`] is a separate one for
//! tests that stop it, promote a standby or fill its disk. The server runs as an unprivileged user, as PostgreSQL
//! requires, even if the tests run as root. A guard, which is a shell that waits for the end of its input, stops the
//! server and removes the directory when the test's process ends in any way, even by a kill.
//!
//! `fsync` is off by default: these tests prove durability after the end of processes, not of the machine.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::net::TcpSocket;

/// The superuser of the cluster.
pub const SUPERUSER: &str = "postgres";
/// A role that signs in with [`PASSWORD`]; a test creates it. All other roles need no password on this machine.
pub const PROVED: &str = "with_password";
/// Its password.
pub const PASSWORD: &str = "a password that nobody may see";
/// A role that may connect only over TLS; a test creates it.
pub const SEALED: &str = "over_tls_only";

/// The programs that are run. A machine may have some of them in its PATH and all of them elsewhere.
const PROGRAMS: [&str; 4] = ["initdb", "pg_ctl", "pg_basebackup", "psql"];

static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
static DATABASES: AtomicU64 = AtomicU64::new(0);

/// A running server, or one that a test has stopped.
pub struct Cluster {
    bin: PathBuf,
    user: Option<Unprivileged>,
    port: u16,
    /// Reserves the port, also while the server is stopped: it is bound, and nothing listens on it.
    _reserved: TcpSocket,
    guard: Child,
    directory: TempDir,
}

/// How a server is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Connections are cut, and committed data is written to disk.
    Fast,
    /// Immediately, like a crash.
    Immediate,
}

/// Whether a primary waits for its standby.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standby {
    /// No commit is acknowledged before the standby has it on its disk.
    Synchronous,
    /// The standby follows as it can.
    Asynchronous,
}

/// The user that the server runs as when the tests run as root.
#[derive(Debug, Clone, Copy)]
struct Unprivileged {
    uid: u32,
    gid: u32,
}

impl Cluster {
    /// A separate cluster. `None`, with a printed line, if PostgreSQL is missing; under `CI` that is a failure.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// A separate cluster with these settings, such as `("fsync", "on")`.
    pub fn start_with(settings: &[(&str, &str)]) -> Option<Self> {
        let bin = binaries()?;
        let user = unprivileged();
        let directory = directory_of(user);
        let data = directory.path().join("data");
        let made = run(Command::new(bin.join("initdb")), user, directory.path(), |initdb| {
            initdb.args(["--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C", "-A", "trust"]);
            initdb.args(["-U", SUPERUSER, "-D"]).arg(&data);
        });
        made.expect("a cluster");
        certificates(directory.path(), user);
        fs::write(data.join("pg_hba.conf"), hba()).expect("the rules of access");
        Some(Self::run_from(bin, user, directory, settings))
    }

    /// The cluster that the tests of this binary share. Use only its databases.
    pub fn shared() -> Option<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return Some(running);
        }
        let started = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&started);
        Some(started)
    }

    /// A standby of this server, which follows it when this returns. The server waits for a synchronous one from then on.
    pub fn standby(&self, kind: Standby) -> Self {
        let directory = directory_of(self.user);
        let data = directory.path().join("data");
        let from = format!("host=127.0.0.1 port={} user={SUPERUSER} application_name=standby", self.port);
        let copied = run(Command::new(self.bin.join("pg_basebackup")), self.user, directory.path(), |copy| {
            copy.args(["--no-sync", "-X", "stream", "-c", "fast", "-R", "-d", &from, "-D"]).arg(&data);
        });
        copied.expect("a copy of the cluster");
        certificates(directory.path(), self.user);
        let standby = Self::run_from(self.bin.clone(), self.user, directory, &[]);
        self.wait_for("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'", "1");
        if kind == Standby::Synchronous {
            self.sql("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'standby'");
            self.sql("postgres", "SELECT pg_reload_conf()");
            self.wait_for("SELECT sync_state FROM pg_stat_replication", "sync");
        }
        standby
    }

    /// Promotes a standby to a primary; returns when it is one.
    pub fn promote(&self) {
        self.sql("postgres", "SELECT pg_promote()");
        self.wait_for("SELECT pg_is_in_recovery()", "f");
    }

    /// Stops the server; its directory stays.
    pub fn stop(&self, how: Stop) {
        let mode = match how {
            Stop::Fast => "fast",
            Stop::Immediate => "immediate",
        };
        self.ctl(&["stop", "-w", "-m", mode]).expect("a server that stops");
    }

    /// Starts the server again after [`stop`](Self::stop), at the same port.
    pub fn start_again(&self) {
        self.ctl(&["start", "-w", "-l", "log"]).expect("a server that starts");
    }

    /// The address of the server.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The certificate of the authority that signed this server's certificate for `localhost` and `127.0.0.1`.
    pub fn authority(&self) -> PathBuf {
        self.directory.path().join("authority.crt")
    }

    /// The certificate of an unrelated authority.
    pub fn other_authority(&self) -> PathBuf {
        self.directory.path().join("other.crt")
    }

    /// Creates an empty database and returns its name.
    pub fn database(&self) -> String {
        let name = format!("d{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        name
    }

    /// The URL of a database for a role, without TLS.
    pub fn url_of(&self, database: &str, role: &str) -> String {
        format!("postgres://{role}@{}/{database}?sslmode=disable", self.address())
    }

    /// Runs statements as the superuser, each in its own transaction, and returns the rows of the last one: one line each,
    /// with `|` between the columns.
    pub fn sql(&self, database: &str, statements: &str) -> String {
        match self.sql_as(SUPERUSER, database, statements) {
            Ok(rows) => rows,
            Err(problem) => panic!("{statements}: {problem}"),
        }
    }

    /// Runs statements as a role; `Err` is the server's message.
    pub fn sql_as(&self, role: &str, database: &str, statements: &str) -> Result<String, String> {
        run(Command::new(self.bin.join("psql")), self.user, self.directory.path(), |psql| {
            psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", role, "-d", database]);
            psql.args(["-p", &self.port.to_string(), "-c", statements]);
        })
    }

    /// Waits until a query of the superuser has this result.
    pub fn wait_for(&self, query: &str, answer: &str) {
        let asked = format!(
            "DO $$ BEGIN FOR i IN 1..3000 LOOP IF ({query})::text = '{}' THEN RETURN; END IF;
            PERFORM pg_stat_clear_snapshot(); PERFORM pg_sleep(0.01); END LOOP; RAISE 'it never was so'; END $$",
            match answer {
                "t" => "true",
                "f" => "false",
                other => other,
            }
        );
        self.sql("postgres", &asked);
    }

    fn run_from(bin: PathBuf, user: Option<Unprivileged>, directory: TempDir, settings: &[(&str, &str)]) -> Self {
        let guard = guard(&bin, user, directory.path());
        let reserved = TcpSocket::new_v4().expect("a socket");
        reserved.set_reuseaddr(true).expect("a port of two sockets");
        reserved.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
        let port = reserved.local_addr().expect("its address").port();
        let cluster = Self { bin, user, port, _reserved: reserved, guard, directory };
        cluster.configure(settings);
        if cluster.ctl(&["start", "-w", "-l", "log"]).is_err() {
            let log = fs::read_to_string(cluster.directory.path().join("log")).unwrap_or_default();
            panic!("PostgreSQL does not start: {log}")
        }
        cluster
    }

    /// These settings come last, so they override a copied configuration.
    fn configure(&self, settings: &[(&str, &str)]) {
        let directory = self.directory.path().display();
        let mut text = format!(
            "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = '{directory}'\n\
             ssl = on\nssl_cert_file = '{directory}/server.crt'\nssl_key_file = '{directory}/server.key'\n\
             fsync = off\nfull_page_writes = off\nshared_buffers = '32MB'\nmax_connections = 200\n\
             max_wal_senders = 4\nwal_keep_size = '64MB'\nhot_standby = on\nautovacuum = off\n\
             log_min_messages = warning\nlog_min_error_statement = panic\n",
            self.port
        );
        for (name, value) in settings {
            writeln!(text, "{name} = '{value}'").expect("a text grows");
        }
        fs::write(self.data().join("postgresql.conf"), text).expect("the settings");
    }

    fn ctl(&self, arguments: &[&str]) -> Result<String, String> {
        run(Command::new(self.bin.join("pg_ctl")), self.user, self.directory.path(), |ctl| {
            ctl.args(arguments).arg("-D").arg(self.data());
        })
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // If the guard fails, the removal of the directory ends the server too.
        drop(self.guard.wait());
    }
}

/// Who may connect: every role from this machine, except for the roles with a password or TLS.
fn hba() -> String {
    format!(
        "local all all trust\nhost all {PROVED} 127.0.0.1/32 scram-sha-256\nhostssl all {SEALED} 127.0.0.1/32 trust\n\
         host all {SEALED} 127.0.0.1/32 reject\nhost all,replication all 127.0.0.1/32 trust\n"
    )
}

/// The folder of PostgreSQL's programs on this machine.
fn binaries() -> Option<PathBuf> {
    let in_path = std::env::var_os("PATH");
    let mut places: Vec<PathBuf> = in_path.iter().flat_map(std::env::split_paths).collect();
    if let Ok(said) = Command::new("pg_config").arg("--bindir").output() {
        places.push(String::from_utf8_lossy(&said.stdout).trim().into());
    }
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    places.extend(versions.into_iter().rev());
    let found = places.into_iter().find(|place| PROGRAMS.iter().all(|program| place.join(program).is_file()));
    assert!(found.is_some() || std::env::var_os("CI").is_none(), "PostgreSQL is missing, and CI is to run its tests");
    if found.is_none() {
        eprintln!("not run: PostgreSQL is missing (no initdb in PATH or /usr/lib/postgresql)");
    }
    found
}

/// An unprivileged user of the machine, if this process is root.
fn unprivileged() -> Option<Unprivileged> {
    let root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let find = |name: &str| {
        let mut fields = users
            .lines()
            .map(|line| line.split(':'))
            .find_map(|mut fields| (fields.next() == Some(name)).then(|| fields.skip(1)))?;
        Some(Unprivileged { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    };
    root.then(|| find(SUPERUSER).or_else(|| find("nobody")).expect("a user without rights"))
}

fn directory_of(user: Option<Unprivileged>) -> TempDir {
    let directory = TempDir::with_prefix("pg").expect("a directory");
    own(directory.path(), user);
    directory
}

fn own(path: &Path, user: Option<Unprivileged>) {
    if let Some(user) = user {
        chown(path, Some(user.uid), Some(user.gid)).expect("a file that is given away");
    }
}

/// Runs a program as the server's user; `Ok` is its output, `Err` its error output.
fn run(
    mut program: Command,
    user: Option<Unprivileged>,
    within: &Path,
    describe: impl FnOnce(&mut Command),
) -> Result<String, String> {
    describe(&mut program);
    if let Some(user) = user {
        program.uid(user.uid).gid(user.gid);
    }
    let ran = program.current_dir(within).stdin(Stdio::null()).output().expect("a program of PostgreSQL");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim_end().to_owned();
    if ran.status.success() { Ok(text(ran.stdout)) } else { Err(text(ran.stderr)) }
}

/// Waits for the end of its input, which comes when this process ends in any way, and then removes the cluster.
fn guard(bin: &Path, user: Option<Unprivileged>, directory: &Path) -> Child {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' INT TERM HUP; read -r _; \"$0\" stop -s -w -m immediate -D data; rm -rf \"$PWD\""]);
    shell.arg(bin.join("pg_ctl"));
    if let Some(user) = user {
        shell.uid(user.uid).gid(user.gid);
    }
    shell.current_dir(directory).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    shell.spawn().expect("a shell")
}

/// An authority, the server's certificate, and an unrelated authority.
fn certificates(directory: &Path, user: Option<Unprivileged>) {
    let authority = |name: &str| {
        let mut params = CertificateParams::new(Vec::new()).expect("an authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority")
    };
    let (ours, other) = (authority("ours"), authority("other"));
    let key = KeyPair::generate().expect("a key");
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let server = CertificateParams::new(names).and_then(|params| params.signed_by(&key, &ours)).expect("a certificate");
    let files = [
        ("authority.crt", ours.pem()),
        ("other.crt", other.pem()),
        ("server.crt", server.pem()),
        ("server.key", key.serialize_pem()),
    ];
    for (name, text) in files {
        let path = directory.join(name);
        fs::write(&path, text).expect("a certificate");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a private file");
        own(&path, user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_stops_and_starts_and_a_standby_takes_over() {
        let Some(primary) = Cluster::start() else { return };
        let standby = primary.standby(Standby::Synchronous);
        let database = primary.database();
        primary.sql(&database, "CREATE TABLE t (n int)");
        primary.stop(Stop::Fast);
        primary.start_again();
        primary.wait_for("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'", "1");
        primary.sql(&database, "INSERT INTO t VALUES (7)");
        assert!(standby.sql_as(SUPERUSER, &database, "INSERT INTO t VALUES (8)").is_err(), "it only follows");
        primary.stop(Stop::Immediate);
        standby.promote();
        standby.sql(&database, "INSERT INTO t VALUES (8)");
        assert_eq!(standby.sql(&database, "SELECT n FROM t ORDER BY n"), "7\n8");
        let directory = standby.directory.path().to_path_buf();
        drop(standby);
        assert!(!directory.exists(), "nothing is left");
    }
}
