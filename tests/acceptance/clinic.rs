//! A demo clinic that a test starts, uses and stops.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http;

const READY_WAIT_MAX: Duration = Duration::from_secs(60);

/// A running server. Dropping it kills it, as a power cut would.
pub struct Clinic {
    child: Child,
    pub address: SocketAddr,
    /// What it printed up to its last request to copy.
    pub banner: Vec<String>,
}

/// The place of a clinic: its directory, and the URL of its logs if they are not in it.
#[derive(Debug, Clone)]
pub struct Place {
    pub directory: PathBuf,
    pub journal: Option<String>,
}

impl From<&Path> for Place {
    fn from(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), journal: None }
    }
}

impl From<&PathBuf> for Place {
    fn from(directory: &PathBuf) -> Self {
        directory.as_path().into()
    }
}

impl From<&Place> for Place {
    fn from(place: &Place) -> Self {
        place.clone()
    }
}

/// The program, with these arguments.
pub fn carefold(arguments: &[&str], place: impl Into<Place>) -> Command {
    let Place { directory, journal } = place.into();
    let mut command = Command::new(env!("CARGO_BIN_EXE_carefold"));
    command.args(arguments).arg("--data").arg(directory).env("CAREFOLD_LOG", "error").stdin(Stdio::null());
    match journal {
        Some(url) => command.env("CAREFOLD_JOURNAL", url),
        None => command.env_remove("CAREFOLD_JOURNAL"),
    };
    command
}

/// The same command, run by a program that takes it as its last arguments.
pub fn wrapped(by: &[&str], command: &Command) -> Command {
    let (program, arguments) = by.split_first().expect("a program");
    let mut wrapped = Command::new(program);
    wrapped.args(arguments).arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(name, value),
            None => wrapped.env_remove(name),
        };
    }
    wrapped
}

/// Runs a command to its end.
pub fn run(arguments: &[&str], place: impl Into<Place>) -> Output {
    carefold(arguments, place).output().expect("the program runs")
}

/// The exit code, and the text on stderr.
pub fn ended(output: &Output) -> (i32, String) {
    (output.status.code().expect("an exit code"), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Whether the text on stderr is one line of JSON with the reason of a failure.
pub fn is_one_reason(said: &str) -> bool {
    let is_fatal = |line: Value| line["level"] == json!("ERROR") && line["fields"]["message"].is_string();
    let line = said.trim_end();
    line.lines().count() == 1 && serde_json::from_str(line).is_ok_and(is_fatal)
}

/// The command to serve the clinic in a directory on a free port.
pub fn serving(place: impl Into<Place>) -> Command {
    // Tests post faster than people.
    carefold(&["demo", "--listen", "127.0.0.1:0", "--commands-a-minute", "1000000"], place)
}

impl Clinic {
    /// Starts the clinic in a place, seeding it if it is new, and waits until it is ready.
    pub fn start(place: impl Into<Place>) -> Self {
        Self::started(serving(place).stderr(Stdio::piped()))
    }

    /// Starts the clinic in a directory, whose logs are elsewhere.
    pub fn start_at(directory: &Path, journal: &str) -> Self {
        Self::started(serving(directory).args(["--journal", journal]).stderr(Stdio::piped()))
    }

    /// Starts it so, with its most talkative log in a file.
    pub fn start_logging(place: impl Into<Place>, log: &Path) -> Self {
        let log = std::fs::File::create(log).expect("a log");
        Self::started(serving(place).env("CAREFOLD_LOG", "trace").stderr(log))
    }

    /// Starts it by a command, and waits until it is ready.
    pub fn started(command: &mut Command) -> Self {
        let clinic = Self::listening(command);
        clinic.becomes_ready();
        clinic
    }

    /// Starts it by a command, and waits until it has said where it listens, ready or not.
    pub fn listening(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("its stdout"));
        let mut banner = Vec::new();
        // Three requests, each of two lines, end the banner.
        while banner.iter().filter(|line: &&String| line.starts_with("  -H 'content-type")).count() < 3 {
            let mut line = String::new();
            if stdout.read_line(&mut line).expect("its stdout reads") == 0 {
                let mut said = String::new();
                if let Some(mut stderr) = child.stderr.take() {
                    stderr.read_to_string(&mut said).expect("its stderr reads");
                }
                panic!("it did not start: {said}");
            }
            banner.push(line.trim_end().to_owned());
        }
        let address = banner[0].strip_prefix("listening on http://").expect("the address comes first");
        Self { child, address: address.parse().expect("an address"), banner }
    }

    /// Waits until it says that it is ready.
    pub fn becomes_ready(&self) {
        self.becomes(|health| health["ready"] == json!(true));
    }

    /// Waits until its readiness is so.
    pub fn becomes(&self, expected: impl Fn(&Value) -> bool) {
        let began = Instant::now();
        let mut health = self.health();
        while !expected(&health) {
            assert!(began.elapsed() < READY_WAIT_MAX, "it stays {health}");
            health = self.health();
        }
    }

    /// Its readiness; null if it does not answer.
    pub fn health(&self) -> Value {
        let answer = http::ask(self.address, "GET /health/ready HTTP/1.1", "");
        answer.ok().and_then(|answer| serde_json::from_str(&answer.body).ok()).unwrap_or_default()
    }

    /// Stops in order, and gives the exit code.
    pub fn stop(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
        self.child.wait().expect("it ends").code()
    }

    /// Waits until it ends by itself: its exit code, and what it said on a stderr that is piped.
    pub fn ends(&mut self) -> (Option<i32>, String) {
        self.becomes(Value::is_null);
        let code = self.child.wait().expect("it ends").code();
        let mut said = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut said).expect("its stderr reads");
        }
        (code, said)
    }

    /// The id of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it at once, while others still ask it; dropping it waits for its end.
    pub fn kill(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-KILL", &pid]).status().expect("kill runs").success());
    }

    /// The data of an answer, which must have no errors.
    pub fn data(&self, token: &str, query: &str, variables: &Value) -> Value {
        let answer = http::graphql(self.address, token, query, variables).expect("an answer");
        assert_eq!(answer.get("errors"), None, "{query}: {answer}");
        answer["data"].clone()
    }

    /// The threads of a reader's inbox, with all that they may read of them.
    pub fn inbox(&self, token: &str) -> Value {
        let query = "{ viewer { inbox(first: 50) { nodes { id version updatedAt subject { text } unreadCount
            messages(first: 50) { nodes { id body { text } audience postedAt isRead } } } } } }";
        self.data(token, query, &json!({}))["viewer"]["inbox"]["nodes"].clone()
    }

    /// What a person sends to ask cardiology about the patient of theirs with the largest care team; it has no key yet.
    pub fn consultation(&self, token: &str) -> Value {
        let query = "{ viewer { patients(first: 100) { nodes { id viewerCanRequestConsultation { allowed } careTeam { members { since } } } }
            organizations { pools { id specialty } } } }";
        let viewer = self.data(token, query, &json!({}))["viewer"].clone();
        let patients = viewer["patients"]["nodes"].as_array().expect("patients").iter();
        let open = patients.filter(|patient| patient["viewerCanRequestConsultation"]["allowed"] == json!(true));
        let team = |patient: &&Value| patient["careTeam"]["members"].as_array().map_or(0, Vec::len);
        let patient = open.max_by_key(team).expect("a patient")["id"].clone();
        let organizations = viewer["organizations"].as_array().expect("organizations").iter();
        let mut pools = organizations.filter_map(|each| each["pools"].as_array()).flatten();
        let pool = pools.find(|pool| pool["specialty"] == json!("cardiology")).expect("cardiology")["id"].clone();
        json!({
            "patientId": patient, "poolId": pool, "topic": "CLINICAL_ADVICE", "urgency": "ROUTINE",
            "subject": "How much", "question": "How much is too much?", "mayConvert": false,
            "consent": { "exception": { "reason": "EMERGENCY" } },
        })
    }

    /// The ids of all messages of a thread, page by page.
    pub fn messages(&self, token: &str, thread: &str) -> Vec<String> {
        let query = "query($thread: ID!, $after: String) { thread(id: $thread) {
            messages(first: 50, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } } }";
        let (mut ids, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = self.data(token, query, &json!({ "thread": thread, "after": after }));
            let page = &page["thread"]["messages"];
            let nodes = page["nodes"].as_array().expect("a list");
            ids.extend(nodes.iter().map(|node| node["id"].as_str().expect("an id").to_owned()));
            if page["pageInfo"]["hasNextPage"] != json!(true) {
                return ids;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }
}

impl Drop for Clinic {
    fn drop(&mut self) {
        // It may have ended already, which is all that is wanted here.
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A token for somebody of the clinic.
pub fn token(handle: &str, place: impl Into<Place>) -> String {
    let output = run(&["token", "--as", handle], place);
    assert_eq!(ended(&output), (0, String::new()));
    let text = String::from_utf8(output.stdout).expect("text");
    let token = text.strip_suffix('\n').expect("one line").to_owned();
    assert!(!token.contains(['\n', ' ']) && token.split('.').count() == 3, "{token}");
    token
}
