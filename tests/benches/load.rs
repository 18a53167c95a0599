//! Load: several clients, each with one connection and one request that it repeats for some time.

use std::io::Write;
use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::task::JoinSet;

use crate::http::Connection;
use crate::process::{Process, own_cpu_seconds};

/// The placeholder in a request for a number that differs in each repeat.
pub const NUMBER: &str = "00000000000000000000";

/// The result of one turn of load.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Answers per second.
    pub rate: f64,
    /// Processor time of the server per answer, in microseconds.
    pub cpu_us: f64,
    /// Processor time of the clients per answer, in microseconds.
    pub client_cpu_us: f64,
    /// The median time of an answer, in microseconds.
    pub p50_us: f64,
    /// The 99th percentile of the time of an answer, in microseconds.
    pub p99_us: f64,
}

/// A client that repeats one request.
pub struct Client {
    connection: Connection,
    request: Vec<u8>,
    number: Option<Range<usize>>,
    /// The text that every correct answer contains.
    expected: &'static str,
}

impl Client {
    /// A client with one request. [`NUMBER`] in the request is replaced by another number in each repeat.
    ///
    /// # Errors
    /// If the server does not accept the connection.
    pub async fn connect(address: SocketAddr, request: Vec<u8>, expected: &'static str) -> anyhow::Result<Self> {
        let at = request.windows(NUMBER.len()).position(|part| part == NUMBER.as_bytes());
        let number = at.map(|at| at..at + NUMBER.len());
        Ok(Self { connection: Connection::open(address).await?, request, number, expected })
    }

    /// Sends the request once and returns the time of the answer.
    async fn ask(&mut self, number: u64) -> anyhow::Result<Duration> {
        if let Some(mut place) = self.number.clone().and_then(|range| self.request.get_mut(range)) {
            write!(place, "{number:020}")?;
        }
        let begun = Instant::now();
        let answer = self.connection.ask(&self.request).await?;
        let took = begun.elapsed();
        let expected = self.expected.as_bytes();
        let good = expected.is_empty() || answer.windows(expected.len()).any(|part| part == expected);
        ensure!(good, "another answer than expected: {}", String::from_utf8_lossy(answer));
        Ok(took)
    }
}

/// Numbers that no request of this run has used before.
#[derive(Debug, Default)]
pub struct Numbers(u64);

impl Numbers {
    /// The size of a client's block: more numbers than it uses in a turn.
    const PER_CLIENT: u64 = 1_000_000_000;

    fn block(&mut self) -> u64 {
        self.0 += Self::PER_CLIENT;
        self.0
    }
}

/// Lets all clients send requests for the length of a turn.
///
/// # Errors
/// If an answer is not the expected one.
pub async fn run(
    clients: Vec<Client>,
    numbers: &mut Numbers,
    server: &Process,
    turn: Duration,
) -> anyhow::Result<Load> {
    let (server_before, own_before) = (server.cpu_seconds()?, own_cpu_seconds()?);
    let begun = Instant::now();
    let mut requests = JoinSet::new();
    for mut client in clients {
        let first = numbers.block();
        requests.spawn(async move {
            let mut took = Vec::new();
            for number in first.. {
                took.push(client.ask(number).await?);
                // Otherwise a client that gets fast answers would block the other clients of this thread.
                tokio::task::yield_now().await;
                if begun.elapsed() >= turn {
                    break;
                }
            }
            anyhow::Ok(took)
        });
    }
    let mut took = Vec::new();
    while let Some(asked) = requests.join_next().await {
        took.extend(asked??);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let (server_after, own_after) = (server.cpu_seconds()?, own_cpu_seconds()?);
    let count = f64::from(u32::try_from(took.len())?);
    took.sort_unstable();
    Ok(Load {
        rate: count / seconds,
        cpu_us: (server_after - server_before) * 1e6 / count,
        client_cpu_us: (own_after - own_before) * 1e6 / count,
        p50_us: micros(&took, 50)?,
        p99_us: micros(&took, 99)?,
    })
}

fn micros(sorted: &[Duration], percent: usize) -> anyhow::Result<f64> {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    Ok(sorted.get(at).context("nothing was answered")?.as_secs_f64() * 1e6)
}

/// The median.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
