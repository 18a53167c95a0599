//! A network between a client and its store that fails on request.
//!
//! A [`Relay`] listens on its own port and forwards bytes to the store and back without interpreting them. A method
//! starts each fault and [`Relay::heal`] ends it, except for faults that happen once: the loss of a request or of an
//! answer. The lost request is identified by bytes that it contains, since a client that polls sends further requests.
//! This does not work over TLS.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// A relay to a store. It ends, with all its connections, when it is dropped.
pub struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// A fault that happens to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Loss {
    /// It never reaches the store; the connection is cut.
    Request(Vec<u8>),
    /// It reaches the store; the connection is cut at the first bytes of the answer.
    Answer(Vec<u8>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// Bytes are forwarded.
    Open,
    /// Bytes are received and dropped in both directions, without an error.
    Dropped,
    /// A new connection is closed immediately.
    Refused,
}

struct Shared {
    target: Mutex<SocketAddr>,
    delay: Mutex<Duration>,
    losses: Mutex<VecDeque<Loss>>,
    happened: Notify,
    flow: watch::Sender<Flow>,
    /// Counts the cuts: a connection ends when it changes.
    cuts: watch::Sender<u64>,
}

impl Relay {
    /// A relay to this store. Must be called within a runtime, which forwards the bytes.
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            delay: Mutex::default(),
            losses: Mutex::default(),
            happened: Notify::new(),
            flow: watch::Sender::new(Flow::Open),
            cuts: watch::Sender::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { address, shared, accepting }
    }

    /// Its address for clients.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts every existing connection. New ones work.
    pub fn cut(&self) {
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// From now on all connections, existing and new, accept bytes and forward none, without an error.
    pub fn go_half_open(&self) {
        self.shared.flow.send_replace(Flow::Dropped);
    }

    /// Cuts every connection, and closes each new one immediately.
    pub fn refuse(&self) {
        self.shared.flow.send_replace(Flow::Refused);
        self.cut();
    }

    /// Delays all bytes by this time.
    pub fn delay(&self, delay: Duration) {
        *held(&self.shared.delay) = delay;
    }

    /// Forwards new connections to this store.
    pub fn lead_to(&self, target: SocketAddr) {
        *held(&self.shared.target) = target;
    }

    /// Ends the faults of [`go_half_open`](Self::go_half_open), [`refuse`](Self::refuse) and [`delay`](Self::delay).
    /// Half-open connections are cut, since a recovered network does not know them.
    pub fn heal(&self) {
        self.delay(Duration::ZERO);
        if self.shared.flow.send_replace(Flow::Open) == Flow::Dropped {
            self.cut();
        }
    }

    /// The next request that contains these bytes never reaches the store, and its connection is cut.
    pub fn lose_request(&self, containing: &[u8]) {
        held(&self.shared.losses).push_back(Loss::Request(containing.to_vec()));
    }

    /// The next request that contains these bytes reaches the store; when the store begins to answer, the connection is
    /// cut. This does not work over HTTP/2, where the store may send other bytes before its answer.
    pub fn lose_answer(&self, containing: &[u8]) {
        held(&self.shared.losses).push_back(Loss::Answer(containing.to_vec()));
    }

    /// Returns when a requested loss has happened, or immediately if one happened since the last call.
    pub async fn lost(&self) {
        self.shared.happened.notified().await;
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        if *shared.flow.borrow() != Flow::Refused {
            tokio::spawn(forward(client, Arc::clone(&shared)));
        }
    }
}

/// Forwards one connection until either side ends it or it is cut.
async fn forward(client: TcpStream, shared: Arc<Shared>) {
    let mut cuts = shared.cuts.subscribe();
    let target = *held(&shared.target);
    // A half-open relay does not connect to the store until it is healed, which cuts this connection.
    let forwarding = async {
        let mut flow = shared.flow.subscribe();
        flow.wait_for(|flow| *flow != Flow::Dropped).await.ok()?;
        let store = TcpStream::connect(target).await.ok()?;
        client.set_nodelay(true).ok()?;
        store.set_nodelay(true).ok()?;
        let (from_client, to_client) = client.into_split();
        let (from_store, to_store) = store.into_split();
        let answer_lost = watch::Sender::new(false);
        tokio::select! {
            () = requests(from_client, to_store, &shared, &answer_lost) => {}
            () = answers(from_store, to_client, &shared, answer_lost.subscribe()) => {}
        }
        Some(())
    };
    tokio::select! {
        _ = forwarding => {}
        _ = cuts.changed() => {}
    }
}

async fn requests(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared, answer_lost: &watch::Sender<bool>) {
    let mut buffer = vec![0; 64 * 1024];
    // The searched bytes may be split between two pieces.
    let mut seen = Vec::new();
    while let Some(piece) = next(&mut from, &mut buffer, shared).await {
        seen.extend_from_slice(piece);
        match take_loss(&seen, shared) {
            Some(Loss::Request(_)) => return,
            Some(Loss::Answer(_)) => {
                seen.clear();
                answer_lost.send_replace(true);
            }
            None => drop(seen.drain(..seen.len().saturating_sub(64))),
        }
        if to.write_all(piece).await.is_err() {
            return;
        }
    }
}

async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared, lost: watch::Receiver<bool>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Some(piece) = next(&mut from, &mut buffer, shared).await {
        if *lost.borrow() || to.write_all(piece).await.is_err() {
            return;
        }
    }
}

/// The next piece to forward; `None` at the end.
async fn next<'a>(from: &mut OwnedReadHalf, buffer: &'a mut [u8], shared: &Shared) -> Option<&'a [u8]> {
    loop {
        let read = from.read(buffer).await.ok().filter(|read| *read > 0)?;
        if *shared.flow.borrow() == Flow::Dropped {
            continue;
        }
        let delay = *held(&shared.delay);
        if !delay.is_zero() {
            sleep(delay).await;
        }
        return buffer.get(..read);
    }
}

fn take_loss(seen: &[u8], shared: &Shared) -> Option<Loss> {
    let mut losses = held(&shared.losses);
    let (Loss::Request(searched) | Loss::Answer(searched)) = losses.front()?;
    let found = searched.is_empty() || seen.windows(searched.len()).any(|window| window == searched);
    let loss = if found { losses.pop_front() } else { None };
    if loss.is_some() {
        shared.happened.notify_one();
    }
    loss
}

fn held<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store that echoes every piece and records it.
    async fn echo() -> (SocketAddr, watch::Receiver<Vec<u8>>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let (recorder, recorded) = watch::channel(Vec::new());
        tokio::spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.expect("a client");
                let recorder = recorder.clone();
                tokio::spawn(async move {
                    let mut buffer = [0; 1024];
                    while let Ok(read @ 1..) = client.read(&mut buffer).await {
                        recorder.send_modify(|recorded| recorded.extend(&buffer[..read]));
                        client.write_all(&buffer[..read]).await.expect("an answer");
                    }
                });
            }
        });
        (address, recorded)
    }

    async fn asked(connection: &mut TcpStream, piece: &[u8]) -> Option<Vec<u8>> {
        connection.write_all(piece).await.ok()?;
        let mut answer = vec![0; piece.len()];
        connection.read_exact(&mut answer).await.ok()?;
        Some(answer)
    }

    #[tokio::test]
    async fn it_forwards_bytes_and_each_fault_has_its_effect() {
        let (store, recorded) = echo().await;
        let relay = Relay::to(store).await;
        let connect = async || TcpStream::connect(relay.address()).await.expect("a connection");
        let mut connection = connect().await;
        assert_eq!(asked(&mut connection, b"one").await.as_deref(), Some(&b"one"[..]));
        relay.lose_request(b"tw");
        assert_eq!(asked(&mut connection, b"two").await, None);
        assert_eq!(recorded.borrow().as_slice(), b"one", "the request did not reach the store");
        relay.lose_answer(b"three");
        let mut connection = connect().await;
        assert_eq!(asked(&mut connection, b"and").await.as_deref(), Some(&b"and"[..]), "another request");
        assert_eq!(asked(&mut connection, b"three").await, None);
        assert_eq!(recorded.borrow().as_slice(), b"oneandthree", "the request reached the store");
        let mut connection = connect().await;
        assert_eq!(asked(&mut connection, b"four").await.as_deref(), Some(&b"four"[..]));
        relay.cut();
        assert_eq!(asked(&mut connection, b"five").await, None);
        let mut connection = connect().await;
        assert_eq!(asked(&mut connection, b"six").await.as_deref(), Some(&b"six"[..]));
        relay.go_half_open();
        let mut late = connect().await;
        for connection in [&mut connection, &mut late] {
            let waited = tokio::time::timeout(Duration::from_millis(50), asked(connection, b"seven")).await;
            assert!(waited.is_err(), "there is no error");
        }
        relay.heal();
        for connection in [&mut connection, &mut late] {
            assert_eq!(asked(connection, b"eight").await, None, "the connection was cut");
        }
        relay.refuse();
        assert_eq!(asked(&mut connect().await, b"nine").await, None);
        relay.heal();
        assert_eq!(asked(&mut connect().await, b"ten").await.as_deref(), Some(&b"ten"[..]));
        assert!(!recorded.borrow().windows(4).any(|piece| piece == b"seve" || piece == b"nine"));
    }
}
