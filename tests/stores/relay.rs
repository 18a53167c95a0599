//! A network between a client and its store that fails on request.
//!
//! A [`Relay`] listens on a port of its own and carries bytes to the store and back, knowing nothing of what they
//! mean. Each fault is asked for by a method and said to be over by [`Relay::heal`], except for those that strike
//! once: the loss of a request or of an answer. Those are found by bytes that the request contains, since a client
//! that polls sends requests nobody thinks of; over TLS no bytes are found.

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

/// A way to a store. It ends, with all its connections, when it is dropped.
pub struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// What happens to one request, once.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Loss {
    /// It never reaches the store; the connection is cut.
    Request(Vec<u8>),
    /// The store has it and answers; the answer's first bytes cut the connection.
    Answer(Vec<u8>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// Bytes are carried.
    Open,
    /// Bytes are taken and dropped both ways, without an error.
    Swallowed,
    /// A new connection is closed at once.
    Refused,
}

struct Shared {
    target: Mutex<SocketAddr>,
    delay: Mutex<Duration>,
    losses: Mutex<VecDeque<Loss>>,
    struck: Notify,
    flow: watch::Sender<Flow>,
    /// Counts the cuts: a connection ends when it changes.
    cuts: watch::Sender<u64>,
}

impl Relay {
    /// A relay to this store. Must be called within a runtime, which carries the bytes.
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            delay: Mutex::default(),
            losses: Mutex::default(),
            struck: Notify::new(),
            flow: watch::Sender::new(Flow::Open),
            cuts: watch::Sender::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { address, shared, accepting }
    }

    /// Where a client finds it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts every connection now. New ones are carried.
    pub fn cut(&self) {
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// From now on every connection, old and new, takes bytes and carries none, without an error.
    pub fn go_half_open(&self) {
        self.shared.flow.send_replace(Flow::Swallowed);
    }

    /// Cuts every connection, and closes each new one at once.
    pub fn refuse(&self) {
        self.shared.flow.send_replace(Flow::Refused);
        self.cut();
    }

    /// Each piece of bytes is carried this much later.
    pub fn delay(&self, delay: Duration) {
        *held(&self.shared.delay) = delay;
    }

    /// New connections go to this store.
    pub fn lead_to(&self, target: SocketAddr) {
        *held(&self.shared.target) = target;
    }

    /// Ends what [`go_half_open`](Self::go_half_open), [`refuse`](Self::refuse) and [`delay`](Self::delay) began.
    /// Connections that were half-open are cut: a network that comes back has forgotten them.
    pub fn heal(&self) {
        self.delay(Duration::ZERO);
        if self.shared.flow.send_replace(Flow::Open) == Flow::Swallowed {
            self.cut();
        }
    }

    /// The next request that contains these bytes never reaches the store, and its connection is cut.
    pub fn lose_request(&self, containing: &[u8]) {
        held(&self.shared.losses).push_back(Loss::Request(containing.to_vec()));
    }

    /// The next request that contains these bytes reaches the store; when that begins to answer, the connection is cut.
    /// The store must say nothing unasked between the two: over HTTP/2 it does.
    pub fn lose_answer(&self, containing: &[u8]) {
        held(&self.shared.losses).push_back(Loss::Answer(containing.to_vec()));
    }

    /// Returns when a loss that was asked for has struck, or at once if one struck since this was last awaited.
    pub async fn lost(&self) {
        self.shared.struck.notified().await;
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
            tokio::spawn(carry(client, Arc::clone(&shared)));
        }
    }
}

/// Carries one connection until either side ends it or it is cut.
async fn carry(client: TcpStream, shared: Arc<Shared>) {
    let mut cuts = shared.cuts.subscribe();
    let target = *held(&shared.target);
    // A half-open way reaches nobody, so nobody is called until it is healed, which cuts this connection.
    let carrying = async {
        let mut flow = shared.flow.subscribe();
        flow.wait_for(|flow| *flow != Flow::Swallowed).await.ok()?;
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
        _ = carrying => {}
        _ = cuts.changed() => {}
    }
}

async fn requests(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared, answer_lost: &watch::Sender<bool>) {
    let mut buffer = vec![0; 64 * 1024];
    // The bytes looked for may lie across two pieces.
    let mut seen = Vec::new();
    while let Some(piece) = next(&mut from, &mut buffer, shared).await {
        seen.extend_from_slice(piece);
        match strike(&seen, shared) {
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

/// The next piece that is to be carried; `None` at the end.
async fn next<'a>(from: &mut OwnedReadHalf, buffer: &'a mut [u8], shared: &Shared) -> Option<&'a [u8]> {
    loop {
        let read = from.read(buffer).await.ok().filter(|read| *read > 0)?;
        if *shared.flow.borrow() == Flow::Swallowed {
            continue;
        }
        let delay = *held(&shared.delay);
        if !delay.is_zero() {
            sleep(delay).await;
        }
        return buffer.get(..read);
    }
}

fn strike(seen: &[u8], shared: &Shared) -> Option<Loss> {
    let mut losses = held(&shared.losses);
    let (Loss::Request(sought) | Loss::Answer(sought)) = losses.front()?;
    let found = sought.is_empty() || seen.windows(sought.len()).any(|window| window == sought);
    let loss = if found { losses.pop_front() } else { None };
    if loss.is_some() {
        shared.struck.notify_one();
    }
    loss
}

fn held<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store that answers every piece with the same piece, and notes it.
    async fn echo() -> (SocketAddr, watch::Receiver<Vec<u8>>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let (noting, noted) = watch::channel(Vec::new());
        tokio::spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.expect("a client");
                let noting = noting.clone();
                tokio::spawn(async move {
                    let mut buffer = [0; 1024];
                    while let Ok(read @ 1..) = client.read(&mut buffer).await {
                        noting.send_modify(|noted| noted.extend(&buffer[..read]));
                        client.write_all(&buffer[..read]).await.expect("an answer");
                    }
                });
            }
        });
        (address, noted)
    }

    async fn asked(way: &mut TcpStream, piece: &[u8]) -> Option<Vec<u8>> {
        way.write_all(piece).await.ok()?;
        let mut answer = vec![0; piece.len()];
        way.read_exact(&mut answer).await.ok()?;
        Some(answer)
    }

    #[tokio::test]
    async fn it_carries_and_each_fault_is_what_it_says() {
        let (store, noted) = echo().await;
        let relay = Relay::to(store).await;
        let connect = async || TcpStream::connect(relay.address()).await.expect("a way");
        let mut way = connect().await;
        assert_eq!(asked(&mut way, b"one").await.as_deref(), Some(&b"one"[..]));
        relay.lose_request(b"tw");
        assert_eq!(asked(&mut way, b"two").await, None);
        assert_eq!(noted.borrow().as_slice(), b"one", "the store never had it");
        relay.lose_answer(b"three");
        let mut way = connect().await;
        assert_eq!(asked(&mut way, b"and").await.as_deref(), Some(&b"and"[..]), "another request");
        assert_eq!(asked(&mut way, b"three").await, None);
        assert_eq!(noted.borrow().as_slice(), b"oneandthree", "the store had it");
        let mut way = connect().await;
        assert_eq!(asked(&mut way, b"four").await.as_deref(), Some(&b"four"[..]));
        relay.cut();
        assert_eq!(asked(&mut way, b"five").await, None);
        let mut way = connect().await;
        assert_eq!(asked(&mut way, b"six").await.as_deref(), Some(&b"six"[..]));
        relay.go_half_open();
        let mut late = connect().await;
        for way in [&mut way, &mut late] {
            let waited = tokio::time::timeout(Duration::from_millis(50), asked(way, b"seven")).await;
            assert!(waited.is_err(), "there is no error");
        }
        relay.heal();
        for way in [&mut way, &mut late] {
            assert_eq!(asked(way, b"eight").await, None, "it is forgotten");
        }
        relay.refuse();
        assert_eq!(asked(&mut connect().await, b"nine").await, None);
        relay.heal();
        assert_eq!(asked(&mut connect().await, b"ten").await.as_deref(), Some(&b"ten"[..]));
        assert!(!noted.borrow().windows(4).any(|piece| piece == b"seve" || piece == b"nine"));
    }
}
