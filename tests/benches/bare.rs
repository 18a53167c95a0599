//! The limit of reading: a handler that receives the same request and returns the same bytes from memory, on the same
//! HTTP server. It is this program, run in a separate process.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;
use poem::http::StatusCode;
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::{Endpoint, Request, Response, Route, Server, post};

use crate::process::Process;

/// The environment variable of that process that names the file with the answer.
const ANSWER: &str = "CAREFOLD_BENCH_BARE_ANSWER";

/// A running bare handler.
pub struct Bare {
    /// Its address.
    pub address: SocketAddr,
    /// Its process.
    pub process: Process,
}

impl Bare {
    /// Starts a handler that returns the content of a file.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start(answer: &Path) -> anyhow::Result<Self> {
        let program = std::env::current_exe()?;
        let mut child = Command::new(program).env(ANSWER, answer).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().context("no output")?;
        let process = Process::of(child);
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().parse().context("the bare handler does not say where it listens")?;
        Ok(Self { address, process })
    }
}

/// The file with the answer, if this process is to be the bare handler.
pub fn answer_file() -> Option<PathBuf> {
    std::env::var_os(ANSWER).map(PathBuf::from)
}

/// Answers until the process is ended.
///
/// # Errors
/// If the file cannot be read, or there is no free address.
pub fn serve(answer: &Path) -> anyhow::Result<()> {
    // The answer is used until the process ends.
    let answer: &'static [u8] = std::fs::read(answer)?.leak();
    // The same runtime as the server's.
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await?;
        let addresses = acceptor.local_addr();
        let address = addresses.first().and_then(|address| address.as_socket_addr()).context("no address")?;
        writeln!(std::io::stdout(), "{address}")?;
        Ok(Server::new_with_acceptor(acceptor).run(Route::new().at("/graphql", post(Ready(answer)))).await?)
    })
}

/// Reads each request and always returns the same answer.
struct Ready(&'static [u8]);

impl Endpoint for Ready {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        request.take_body().into_bytes().await?;
        Ok(Response::builder().status(StatusCode::OK).content_type("application/json").body(self.0))
    }
}
