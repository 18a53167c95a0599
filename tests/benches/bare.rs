//! The limit of reading: a handler that takes the same request and returns the same bytes, ready
//! made, on the same HTTP server. It is this program once more, in a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;
use poem::http::StatusCode;
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::{Endpoint, Request, Response, Route, Server, post};

use crate::process::Process;

/// Set for that process: the file that holds the answer.
const ANSWER: &str = "CAREFOLD_BENCH_BARE_ANSWER";

/// A bare handler that runs.
pub struct Bare {
    /// Where it answers.
    pub address: SocketAddr,
    /// What it uses.
    pub process: Process,
}

impl Bare {
    /// Starts one that returns what a file holds.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(answer: &Path) -> anyhow::Result<Self> {
        let program = std::env::current_exe()?;
        let mut child = Command::new(program).env(ANSWER, answer).stdout(Stdio::piped()).spawn()?;
        let said = child.stdout.take().context("no output")?;
        let process = Process::of(child);
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line)?;
        let address = line.trim().parse().context("the bare handler does not say where it listens")?;
        Ok(Self { address, process })
    }
}

/// Whether this process is to be the bare handler, and what it returns.
pub fn asked_for() -> Option<PathBuf> {
    std::env::var_os(ANSWER).map(PathBuf::from)
}

/// Answers until the process is ended.
///
/// # Errors
/// When there is no answer to give, or no address to give it at.
pub fn serve(answer: &Path) -> anyhow::Result<()> {
    // It is answered with as long as this process lasts.
    let answer: &'static [u8] = std::fs::read(answer)?.leak();
    // The runtime that the server has.
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await?;
        let addresses = acceptor.local_addr();
        let address = addresses.first().and_then(|address| address.as_socket_addr()).context("no address")?;
        writeln!(std::io::stdout(), "{address}")?;
        Ok(Server::new_with_acceptor(acceptor).run(Route::new().at("/graphql", post(Ready(answer)))).await?)
    })
}

/// Reads what it is asked, and returns the same to everybody.
struct Ready(&'static [u8]);

impl Endpoint for Ready {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        request.take_body().into_bytes().await?;
        Ok(Response::builder().status(StatusCode::OK).content_type("application/json").body(self.0))
    }
}
