//! The measured clinic: the demo of the release binary, in its own directory, with threads that a physician and a
//! specialist have opened and filled through the API.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chrono::{SecondsFormat, Utc};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::http::{self, Connection};
use crate::live;
use crate::posting;
use crate::process::Process;

/// Threads for posting, one for each client at the highest load.
const POST_THREADS: usize = 256;
/// Threads for reading.
const READ_THREADS: usize = 32;
/// Messages in each thread for reading; the newest fifty are queried.
const MESSAGES: usize = 60;
/// Length of a message, in bytes.
pub const BODY_BYTES: usize = 500;
/// Concurrent requests while the threads are filled.
const CONCURRENT: usize = 16;
/// The time limit for the demo to be seeded and ready.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// A running server with the data for the measurements.
pub struct Clinic {
    /// Its address.
    pub address: SocketAddr,
    /// Its process.
    pub server: Process,
    /// The program.
    program: PathBuf,
    /// The directory of its files.
    pub directory: PathBuf,
    /// The token of the physician who requested every consultation.
    pub requester: String,
    /// The token of the specialist who claimed them.
    pub specialist: String,
    /// Threads with messages, as ids of the API.
    pub read_threads: Vec<String>,
    /// Threads without messages.
    pub post_threads: Vec<String>,
    /// The token of the coordinator who accepted them.
    coordinator: String,
    filled_in: Duration,
    /// Kept open, since the server prints to it.
    _said: BufReader<ChildStdout>,
}

impl fmt::Display for Clinic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.filled_in.as_secs_f64();
        write!(
            f,
            "demo clinic, and {} threads, {READ_THREADS} of them with {MESSAGES} messages of {BODY_BYTES} bytes, \
             made through the API in {seconds:.1} s",
            READ_THREADS + POST_THREADS
        )
    }
}

impl Clinic {
    /// Starts the demo of this build in a new directory, and fills it.
    ///
    /// # Errors
    /// If the server does not start, or refuses a request.
    pub async fn open(directory: &Path) -> anyhow::Result<Self> {
        Self::of_program(Path::new(env!("CARGO_BIN_EXE_carefold")), directory).await
    }

    /// The same with the program of another build.
    ///
    /// # Errors
    /// If the server does not start, or refuses a request.
    pub async fn of_program(program: &Path, directory: &Path) -> anyhow::Result<Self> {
        let mut server = Command::new(program);
        server.args(["demo", "--listen", "127.0.0.1:0", "--data"]).arg(directory).env("CAREFOLD_LOG", "error");
        let streams = live::STREAMS_MAX.to_string();
        server.args(["--commands-a-minute", "100000000", "--streams", &streams, "--streams-of-person", &streams]);
        let mut server = server.stdout(Stdio::piped()).spawn().context("the server does not start")?;
        let mut said = BufReader::new(server.stdout.take().context("no output")?);
        let server = Process::of(server);
        let address = address_in(&mut said)?;
        ready(address).await?;
        let mut clinic = Self {
            address,
            server,
            directory: directory.to_owned(),
            requester: token(program, directory, "pcp")?,
            specialist: token(program, directory, "specialist")?,
            coordinator: token(program, directory, "centre_coordinator")?,
            program: program.to_owned(),
            read_threads: Vec::new(),
            post_threads: Vec::new(),
            filled_in: Duration::ZERO,
            _said: said,
        };
        let begun = Instant::now();
        clinic.fill().await?;
        clinic.filled_in = begun.elapsed();
        Ok(clinic)
    }

    async fn fill(&mut self) -> anyhow::Result<()> {
        let mut connection = Connection::open(self.address).await?;
        let (patient, pool) = (self.patient(&mut connection).await?, self.pool(&mut connection).await?);
        for number in 0..READ_THREADS + POST_THREADS {
            let thread = self.thread(&mut connection, &patient, &pool, number).await?;
            if number < READ_THREADS { self.read_threads.push(thread) } else { self.post_threads.push(thread) }
        }
        let mut filling = JoinSet::new();
        for threads in self.read_threads.chunks(READ_THREADS.div_ceil(CONCURRENT)) {
            let (address, threads) = (self.address, threads.to_vec());
            let authors = [self.requester.clone(), self.specialist.clone()];
            filling.spawn(async move { write(address, &threads, &authors).await });
        }
        while let Some(filled) = filling.join_next().await {
            filled??;
        }
        Ok(())
    }

    /// A token of somebody, with a session of its own.
    ///
    /// # Errors
    /// If there is nobody of this name.
    pub fn token(&self, handle: &str) -> anyhow::Result<String> {
        token(&self.program, &self.directory, handle)
    }

    /// A patient whom the physician cares for.
    async fn patient(&self, connection: &mut Connection) -> anyhow::Result<String> {
        let query = "{ viewer { patients(first: 100) { nodes { id viewerCanRequestConsultation { allowed } } } } }";
        let found = call(connection, &self.requester, query, json!({})).await?;
        let patients = found.pointer("/viewer/patients/nodes").and_then(Value::as_array).context("no patients")?;
        let may = |patient: &&Value| patient.pointer("/viewerCanRequestConsultation/allowed") == Some(&json!(true));
        id(patients.iter().find(may).context("no patient for a consultation")?, "/id")
    }

    /// A pool of which the specialist is a member.
    async fn pool(&self, connection: &mut Connection) -> anyhow::Result<String> {
        let query = "{ viewer { organizations { pools { id specialty } } } }";
        let found = call(connection, &self.requester, query, json!({})).await?;
        let organizations = found.pointer("/viewer/organizations").and_then(Value::as_array).context("no pools")?;
        let pools = organizations.iter().filter_map(|organization| organization.pointer("/pools")?.as_array());
        let asked = |pool: &&Value| pool.pointer("/specialty") == Some(&json!("cardiology"));
        id(pools.flatten().find(asked).context("no pool for cardiology")?, "/id")
    }

    /// A consultation that the physician requested, the coordinator assigned, and the specialist claimed.
    async fn thread(
        &self,
        connection: &mut Connection,
        patient: &str,
        pool: &str,
        number: usize,
    ) -> anyhow::Result<String> {
        let ask = "mutation Ask($input: RequestConsultationInput!) {
            requestConsultation(input: $input) { problems { message } consultation { id version } }
        }";
        let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        let input = json!({
            "clientMutationId": format!("figures/ask/{number}"), "patientId": patient, "poolId": pool,
            "topic": "CLINICAL_ADVICE", "subject": format!("Figures {number}"),
            "question": "How long does this take?", "urgency": "ROUTINE",
            "consent": { "given": { "method": "VERBAL", "at": now } }, "mayConvert": false,
        });
        let asked = call(connection, &self.requester, ask, json!({ "input": input })).await?;
        let thread = id(&asked, "/requestConsultation/consultation/id")?;
        let assign = "mutation Assign($thread: ID!, $input: AssignConsultationInput!) {
            assignConsultation(consultationId: $thread, input: $input) { problems { message } consultation { version } }
        }";
        let version = id(&asked, "/requestConsultation/consultation/version")?;
        let input = json!({ "clientMutationId": "figures/assign", "expectedVersion": version });
        let variables = json!({ "thread": thread, "input": input });
        let assigned = call(connection, &self.coordinator, assign, variables).await?;
        let claim = "mutation Claim($thread: ID!, $input: ClaimThreadInput!) {
            claimThread(threadId: $thread, input: $input) { problems { message } thread { id } }
        }";
        let version = id(&assigned, "/assignConsultation/consultation/version")?;
        let input = json!({ "clientMutationId": "figures/claim", "expectedVersion": version });
        let claimed = call(connection, &self.specialist, claim, json!({ "thread": thread, "input": input })).await?;
        id(&claimed, "/claimThread/thread/id")
    }
}

/// The two authors post in turn in each thread, and then mark everything as read.
async fn write(address: SocketAddr, threads: &[String], authors: &[String; 2]) -> anyhow::Result<()> {
    let mut connection = Connection::open(address).await?;
    let read = "mutation Read($thread: ID!, $input: MarkThreadReadInput!) {
        markThreadRead(threadId: $thread, input: $input) { problems { message } thread { id } }
    }";
    for thread in threads {
        let mut last = String::new();
        for (number, author) in authors.iter().cycle().enumerate().take(MESSAGES) {
            let body = format!("{number} ").repeat(BODY_BYTES);
            let body = body.get(..BODY_BYTES).unwrap_or(&body);
            let request = posting::request(author, thread, &format!("figures/post/{number}"), body);
            last = id(&data(connection.ask(&request).await?)?, "/postMessage/message/id")?;
        }
        for reader in authors {
            let input = json!({ "clientMutationId": "figures/read", "messageId": last });
            let marked = call(&mut connection, reader, read, json!({ "thread": thread, "input": input })).await?;
            id(&marked, "/markThreadRead/thread/id")?;
        }
    }
    Ok(())
}

/// The data of an answer.
///
/// # Errors
/// If there is none.
pub async fn call(connection: &mut Connection, token: &str, query: &str, variables: Value) -> anyhow::Result<Value> {
    let request = http::post(token, &json!({ "query": query, "variables": variables }).to_string());
    data(connection.ask(&request).await?)
}

fn data(answer: &[u8]) -> anyhow::Result<Value> {
    let answer: Value = serde_json::from_slice(answer)?;
    ensure!(answer.get("errors").is_none(), "the server answers with errors: {answer}");
    answer.get("data").cloned().context("an answer without data")
}

/// An id or another string in an answer.
fn id(answer: &Value, place: &str) -> anyhow::Result<String> {
    let word = answer.pointer(place).and_then(Value::as_str);
    word.map(str::to_owned).with_context(|| format!("no {place} in {answer}"))
}

fn token(program: &Path, directory: &Path, handle: &str) -> anyhow::Result<String> {
    let said = Command::new(program).args(["token", "--as", handle, "--data"]).arg(directory).output()?;
    ensure!(said.status.success(), "no token for {handle}: {}", String::from_utf8_lossy(&said.stderr));
    Ok(String::from_utf8(said.stdout)?.trim().to_owned())
}

/// The first address that the server prints.
fn address_in(said: &mut impl BufRead) -> anyhow::Result<SocketAddr> {
    for line in said.lines() {
        let line = line?;
        if let Some((_, rest)) = line.split_once("http://") {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':').unwrap_or(rest.len());
            return rest.get(..end).unwrap_or(rest).parse().with_context(|| format!("no address in {line:?}"));
        }
    }
    anyhow::bail!("the server ended before it listened")
}

async fn ready(address: SocketAddr) -> anyhow::Result<()> {
    let begun = Instant::now();
    let request = http::get("/health/ready");
    loop {
        let asked = async { Connection::open(address).await?.ask(&request).await.map(drop) };
        match asked.await {
            Ok(()) => return Ok(()),
            Err(error) if begun.elapsed() > READY_WITHIN => return Err(error.context("the server is not ready")),
            Err(_) => tokio::task::yield_now().await,
        }
    }
}
