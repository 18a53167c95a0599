//! The open connections: how many there may be, and when one of them is closed.
//!
//! Each connection is one of three things: it waits for the headers of a request, it has requests in progress, or it
//! was upgraded to a socket with times of its own (see `websocket`). One task looks at all of them about once a second
//! and closes those whose time is over. Bytes alone keep no connection: half a header, a ping of HTTP/2 and an
//! unfinished preface are no request.
//!
//! When there is no place for another connection, those that wait the longest make room: first those that never had an
//! answer, then the others, then those that have sent something which the server has not read yet, and last those whose
//! reader has stopped to read. So who opens many connections and sends nothing keeps nobody out, also while the server is
//! too busy to read a request at once.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use coordination::seldom::Seldom;
use rustix::io::ioctl_fionread;
use rustix::net::sockopt::set_socket_linger;
use rustix::net::{Shutdown, shutdown};
use rustix::process::{Resource, getrlimit};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use crate::lock::locked;

/// Descriptors that are kept from connections, for the stores, their temporary files and what the runtime needs.
pub const DESCRIPTORS_RESERVED: usize = 256;
/// The most connections, however many descriptors there are: each keeps some memory.
pub const CONNECTIONS_MAX: usize = 16_384;
/// Which part of all connections one address may have, as its divisor. It does not hold for this machine itself, where
/// a proxy has the connections of everybody.
pub const PEER_SHARE: usize = 2;
/// Which part of all connections makes room when there is none, as its divisor.
const ROOM_SHARE: usize = 16;
/// How long a new connection waits for room before it is looked for again.
const ROOM_WAIT: Duration = Duration::from_millis(200);
/// How often the times of all connections are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// For a connection to end by itself after it was asked to.
const CLOSE_MAX: Duration = Duration::from_secs(1);
/// How often it is said that there is no room.
const SAID_EVERY: Duration = Duration::from_secs(60);

/// The times of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionTimes {
    /// From its beginning, or the end of its last answer, to the last byte of the headers of a request.
    pub request_max: Duration,
    /// For the network to take some of what is sent.
    pub write_max: Duration,
    /// For a request to be read, answered and taken, since it last went on. An event stream goes on with each heartbeat.
    pub exchange_max: Duration,
}

impl Default for ConnectionTimes {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { request_max: seconds(30), write_max: seconds(30), exchange_max: seconds(120) }
    }
}

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Of everybody.
    pub all: usize,
    /// Of one address of another machine.
    pub of_peer: usize,
}

impl ConnectionLimits {
    /// As many as the descriptors of this process allow.
    #[must_use]
    pub fn of_process() -> Self {
        let descriptors = getrlimit(Resource::Nofile)
            .current
            .map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        Self::of_descriptors(descriptors)
    }

    /// As many as so many descriptors allow. Where there are few, half of them.
    #[must_use]
    pub fn of_descriptors(descriptors: usize) -> Self {
        let all = descriptors.saturating_sub(DESCRIPTORS_RESERVED).max(descriptors / 2).clamp(1, CONNECTIONS_MAX);
        Self { all, of_peer: (all / PEER_SHARE).max(1) }
    }
}

/// Who is at the other end of a connection, as far as its address tells. None for this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Peer(IpAddr);

impl Peer {
    fn of(address: IpAddr) -> Option<Self> {
        let address = address.to_canonical();
        if address.is_loopback() {
            return None;
        }
        Some(Self(match address {
            IpAddr::V4(_) => address,
            // One customer of a network has a whole prefix of 64 bits.
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        }))
    }
}

/// The open connections of a server.
pub(crate) struct Connections {
    limits: ConnectionLimits,
    times: ConnectionTimes,
    open: Mutex<Open>,
    /// A connection has ended.
    ended: Notify,
    full: Mutex<Seldom>,
}

#[derive(Default)]
struct Open {
    last: u64,
    all: HashMap<u64, Arc<Connection>>,
    of_peer: HashMap<Peer, usize>,
}

/// One connection.
pub(crate) struct Connection {
    /// It is open for as long as its [`Place`] is.
    socket: Weak<TcpStream>,
    peer: Option<Peer>,
    state: Mutex<State>,
    /// It is asked to end as soon as its requests are answered.
    closing: CancellationToken,
}

struct State {
    /// The requests in progress, and when each of them last went on.
    requests: HashMap<u64, Instant>,
    numbers: u64,
    /// When it began, or its last answer was taken.
    waits_since: Instant,
    has_answered: bool,
    upgraded: Upgraded,
    /// Since when the network takes nothing.
    stuck_since: Option<Instant>,
    /// When it was asked to end.
    closing_since: Option<Instant>,
    /// Whether the client still sends what nobody reads.
    leaves_unread: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Upgraded {
    No,
    /// To a socket whose client has not signed in.
    Anonymous,
    Admitted,
}

/// Who makes room first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum MakesRoom {
    NeverAnswered,
    Waiting,
    /// What it has sent is still to be read, and may be a request.
    Unread,
    Stuck,
}

/// The place that a connection takes, until it is dropped.
pub(crate) struct Place {
    connections: Arc<Connections>,
    number: u64,
    connection: Arc<Connection>,
}

/// A request in progress. It ends when it and all bytes of its answer are dropped.
pub(crate) struct InProgress {
    connection: Arc<Connection>,
    number: u64,
}

impl Connections {
    pub fn new(limits: ConnectionLimits, times: ConnectionTimes) -> Arc<Self> {
        Arc::new(Self {
            limits,
            times,
            open: Mutex::default(),
            ended: Notify::new(),
            full: Mutex::new(Seldom::every(SAID_EVERY)),
        })
    }

    /// Waits for room, and takes a place. None if the address has too many connections, and all of them are in use.
    pub async fn admit(self: &Arc<Self>, socket: &Arc<TcpStream>, address: IpAddr) -> Option<Place> {
        let peer = Peer::of(address);
        if let Some(peer) = peer.filter(|peer| self.takes_all(Some(*peer)))
            && !self.make_room(Some(peer))
        {
            self.say_full("an address has too many connections in use; it gets no further one");
            return None;
        }
        while self.takes_all(None) {
            let ended = self.ended.notified();
            // One may have ended before this began to wait.
            if self.takes_all(None) {
                if !self.make_room(None) {
                    self.say_full("all connections are in use; the next ones wait");
                }
                drop(timeout(ROOM_WAIT, ended).await);
            }
        }
        Some(self.take(socket, peer))
    }

    fn take(self: &Arc<Self>, socket: &Arc<TcpStream>, peer: Option<Peer>) -> Place {
        let connection = Arc::new(Connection {
            socket: Arc::downgrade(socket),
            peer,
            state: Mutex::new(State::new(Instant::now())),
            closing: CancellationToken::new(),
        });
        let mut open = locked(&self.open);
        open.last = open.last.wrapping_add(1);
        let number = open.last;
        open.all.insert(number, Arc::clone(&connection));
        if let Some(peer) = peer {
            let of_peer = open.of_peer.entry(peer).or_default();
            *of_peer = of_peer.saturating_add(1);
        }
        Place { connections: Arc::clone(self), number, connection }
    }

    fn takes_all(&self, peer: Option<Peer>) -> bool {
        let open = locked(&self.open);
        match peer {
            Some(peer) => open.of_peer.get(&peer).is_some_and(|count| *count >= self.limits.of_peer),
            None => open.all.len() >= self.limits.all,
        }
    }

    /// Cuts some connections that nobody misses, of one address or of all. False if there are none.
    fn make_room(&self, peer: Option<Peer>) -> bool {
        let all: Vec<Arc<Connection>> = locked(&self.open).all.values().cloned().collect();
        let of_peer = all.into_iter().filter(|connection| peer.is_none() || connection.peer == peer);
        let mut idle: Vec<_> = of_peer.filter_map(|connection| Some((connection.makes_room()?, connection))).collect();
        idle.sort_unstable_by_key(|(order, _)| *order);
        let count = (self.limits.all / ROOM_SHARE).max(1);
        let cut = idle.iter().take(count).map(|(_, connection)| connection.cut()).count();
        cut > 0
    }

    fn say_full(&self, what: &str) {
        if let Some(times) = locked(&self.full).say(Instant::now()) {
            tracing::warn!(times, "{what}");
        }
    }

    /// Closes connections whose time is over, for as long as the server runs.
    pub async fn watch(self: Arc<Self>) {
        let ConnectionTimes { request_max, write_max, exchange_max } = self.times;
        let shortest = request_max.min(write_max).min(exchange_max) / 4;
        let mut look = interval(LOOK.min(shortest).max(Duration::from_millis(1)));
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let now = look.tick().await;
            let all: Vec<Arc<Connection>> = locked(&self.open).all.values().cloned().collect();
            for connection in all {
                connection.look(now, &self.times);
            }
        }
    }

    /// Asks all connections to end when their requests are answered.
    pub fn close_all(&self) {
        let now = Instant::now();
        for connection in locked(&self.open).all.values() {
            connection.close(now);
        }
    }
}

impl State {
    fn new(now: Instant) -> Self {
        Self {
            requests: HashMap::new(),
            numbers: 0,
            waits_since: now,
            has_answered: false,
            upgraded: Upgraded::No,
            stuck_since: None,
            closing_since: None,
            leaves_unread: false,
        }
    }

    fn is_waiting(&self) -> bool {
        self.requests.is_empty() && self.upgraded == Upgraded::No
    }
}

impl Connection {
    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    /// Begins a request whose headers have arrived.
    pub fn begin(self: &Arc<Self>) -> Arc<InProgress> {
        let mut state = self.state();
        state.numbers = state.numbers.wrapping_add(1);
        let number = state.numbers;
        state.requests.insert(number, Instant::now());
        Arc::new(InProgress { connection: Arc::clone(self), number })
    }

    /// The connection becomes a socket, which nobody has signed in to yet.
    pub fn upgrade(&self) {
        self.state().upgraded = Upgraded::Anonymous;
    }

    /// Somebody has signed in to the socket that this connection became.
    pub fn admit(&self) {
        self.state().upgraded = Upgraded::Admitted;
    }

    /// The client still sends what is not read any more.
    pub fn leave_unread(&self) {
        self.state().leaves_unread = true;
    }

    pub fn leaves_unread(&self) -> bool {
        self.state().leaves_unread
    }

    /// Notes whether the network has taken some of what is sent.
    pub fn sent(&self, is_taken: bool) {
        let mut state = self.state();
        if is_taken {
            state.stuck_since = None;
        } else if state.stuck_since.is_none() {
            state.stuck_since = Some(Instant::now());
        }
    }

    /// Completes when the connection is asked to end.
    pub async fn closing(&self) {
        self.closing.cancelled().await;
    }

    fn makes_room(&self) -> Option<(MakesRoom, Instant)> {
        let state = self.state();
        if state.is_waiting() || state.upgraded == Upgraded::Anonymous {
            let order = match (self.has_unread(), state.has_answered) {
                (true, _) => MakesRoom::Unread,
                (false, true) => MakesRoom::Waiting,
                (false, false) => MakesRoom::NeverAnswered,
            };
            return Some((order, state.waits_since));
        }
        state.stuck_since.map(|since| (MakesRoom::Stuck, since))
    }

    /// Whether bytes have arrived that the server has not read yet.
    fn has_unread(&self) -> bool {
        self.socket.upgrade().is_some_and(|socket| ioctl_fionread(&*socket).is_ok_and(|bytes| bytes > 0))
    }

    fn look(&self, now: Instant, times: &ConnectionTimes) {
        let ConnectionTimes { request_max, write_max, exchange_max } = *times;
        let (is_idle, is_stuck) = {
            let state = self.state();
            let is_over = |since: Instant, max: Duration| now.saturating_duration_since(since) >= max;
            let exchange_is_over = state.requests.values().any(|since| is_over(*since, exchange_max));
            let ends_late = state.closing_since.is_some_and(|since| is_over(since, CLOSE_MAX)) && state.is_waiting();
            let is_stuck = state.stuck_since.is_some_and(|since| is_over(since, write_max));
            let is_idle = state.is_waiting() && is_over(state.waits_since, request_max);
            (is_idle, exchange_is_over || ends_late || is_stuck)
        };
        if is_stuck {
            self.abandon();
        } else if is_idle {
            self.close(now);
        }
    }

    fn close(&self, now: Instant) {
        self.state().closing_since.get_or_insert(now);
        self.closing.cancel();
    }

    /// The same, and what the client has not taken is dropped by the system as well.
    fn abandon(&self) {
        if let Some(socket) = self.socket.upgrade() {
            _ = set_socket_linger(&*socket, Some(Duration::ZERO));
        }
        self.cut();
    }

    /// Ends the connection in both directions at once. Whoever reads or writes it finds its end.
    fn cut(&self) {
        if let Some(socket) = self.socket.upgrade() {
            // It fails if the client was faster.
            _ = shutdown(&*socket, Shutdown::Both);
        }
    }
}

impl Place {
    pub fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = locked(&self.connections.open);
        open.all.remove(&self.number);
        if let Some(peer) = self.connection.peer
            && let Some(of_peer) = open.of_peer.get_mut(&peer)
        {
            *of_peer = of_peer.saturating_sub(1);
            if *of_peer == 0 {
                open.of_peer.remove(&peer);
            }
        }
        drop(open);
        self.connections.ended.notify_waiters();
    }
}

impl InProgress {
    /// The request has gone on.
    pub fn goes_on(&self) {
        if let Some(since) = self.connection.state().requests.get_mut(&self.number) {
            *since = Instant::now();
        }
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        let mut state = self.connection.state();
        state.requests.remove(&self.number);
        if state.upgraded != Upgraded::No {
            // No other request comes.
            state.requests.shrink_to_fit();
        }
        if state.requests.is_empty() {
            state.waits_since = Instant::now();
            state.has_answered = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_to_the_stores() {
        let of = ConnectionLimits::of_descriptors;
        assert_eq!(of(1_024), ConnectionLimits { all: 768, of_peer: 384 });
        assert_eq!(of(300).all, 150);
        assert_eq!((of(0).all, of(usize::MAX).all), (1, CONNECTIONS_MAX));
        assert!(
            of(1_024).all > crate::live::LiveLimits::default().streams_max + 256,
            "streams leave room for requests"
        );
    }

    #[test]
    fn a_peer_is_an_address_or_a_prefix_and_never_this_machine() {
        let of = |text: &str| Peer::of(text.parse().expect("an address"));
        assert_eq!([of("127.0.0.1"), of("127.9.9.9"), of("::1"), of("::ffff:127.0.0.1")], [None; 4]);
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }

    /// Two ends of a connection.
    async fn pair() -> (Arc<TcpStream>, TcpStream) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let client = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("connected");
        (Arc::new(listener.accept().await.expect("accepted").0), client)
    }

    fn connections(all: usize, of_peer: usize) -> Arc<Connections> {
        Connections::new(ConnectionLimits { all, of_peer }, ConnectionTimes::default())
    }

    fn is_cut(client: &TcpStream) -> bool {
        matches!(client.try_read(&mut [0]), Ok(0))
    }

    async fn becomes_cut(client: &TcpStream) {
        timeout(Duration::from_secs(20), client.readable()).await.expect("in time").expect("a socket");
        assert!(is_cut(client));
    }

    #[tokio::test]
    async fn who_waits_the_longest_makes_room_and_who_has_a_request_does_not() {
        let all = connections(3, 3);
        let here: IpAddr = "127.0.0.1".parse().expect("an address");
        let (mut places, mut clients) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            let (socket, client) = pair().await;
            places.push((all.admit(&socket, here).await.expect("a place"), socket));
            clients.push(client);
        }
        let request = places[0].0.connection().begin();
        drop(places[1].0.connection().begin());
        // The first has a request, the second has had an answer, the third never.
        assert!(all.make_room(None));
        becomes_cut(&clients[2]).await;
        assert!(!is_cut(&clients[0]) && !is_cut(&clients[1]));
        drop(places.pop());
        let (socket, _client) = pair().await;
        let fourth = all.admit(&socket, here).await.expect("a place");
        let held = fourth.connection().begin();
        assert!(all.make_room(None));
        becomes_cut(&clients[1]).await;
        drop(places.pop());
        assert!(!all.make_room(None), "all that is left has requests");
        places[0].0.connection().sent(false);
        assert!(all.make_room(None), "who reads nothing makes room");
        becomes_cut(&clients[0]).await;
        drop((request, held));
    }

    #[tokio::test]
    async fn who_has_sent_what_is_not_read_yet_makes_room_after_the_silent() {
        let all = connections(2, 2);
        let here: IpAddr = "127.0.0.1".parse().expect("an address");
        let ((first, sender), (second, silent)) = (pair().await, pair().await);
        let _places = [all.admit(&first, here).await.expect("one"), all.admit(&second, here).await.expect("two")];
        sender.writable().await.expect("a socket");
        sender.try_write(b"GET").expect("sent");
        first.readable().await.expect("arrived");
        assert!(all.make_room(None));
        becomes_cut(&silent).await;
        assert!(!is_cut(&sender), "it began first, and may have sent a request");
    }

    #[tokio::test]
    async fn one_address_does_not_take_all() {
        let all = connections(8, 2);
        let (near, far): (IpAddr, IpAddr) = ("192.0.2.1".parse().expect("one"), "192.0.2.2".parse().expect("two"));
        let (socket, _client) = pair().await;
        let first = all.admit(&socket, near).await.expect("a place");
        let second = all.admit(&socket, near).await.expect("a place");
        let (one, two) = (first.connection().begin(), second.connection().begin());
        assert!(all.admit(&socket, near).await.is_none(), "both are in use");
        let other = all.admit(&socket, far).await;
        assert!(other.is_some());
        drop((one, two, second));
        assert!(all.admit(&socket, near).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_has_its_time_for_a_request_and_a_reader_that_takes_nothing_is_cut() {
        let times = ConnectionTimes::default();
        let (all, (socket, client)) = (connections(3, 3), pair().await);
        let place = all.admit(&socket, "127.0.0.1".parse().expect("an address")).await.expect("a place");
        let connection = place.connection();
        let began = Instant::now();
        let second = Duration::from_secs(1);
        connection.look(began + times.request_max - second, &times);
        assert!(!connection.closing.is_cancelled());
        let request = connection.begin();
        connection.look(began + times.request_max, &times);
        assert!(!connection.closing.is_cancelled(), "it has a request");
        drop(request);
        connection.look(Instant::now() + times.request_max, &times);
        assert!(connection.closing.is_cancelled() && !is_cut(&client), "it is asked first");
        connection.sent(false);
        connection.look(Instant::now() + times.write_max - second, &times);
        connection.sent(true);
        connection.look(Instant::now() + second / 2, &times);
        assert!(!is_cut(&client), "the network has taken something");
        let request = connection.begin();
        connection.sent(false);
        connection.look(Instant::now() + times.write_max, &times);
        assert!(matches!(client.try_read(&mut [0]), Ok(0)) || { client.readable().await.is_ok() && is_cut(&client) });
        drop(request);
    }

    #[tokio::test]
    async fn a_socket_of_nobody_makes_room_and_that_of_somebody_has_its_own_times() {
        let times = ConnectionTimes::default();
        let (all, (socket, client)) = (connections(1, 1), pair().await);
        let place = all.admit(&socket, "127.0.0.1".parse().expect("an address")).await.expect("a place");
        place.connection().upgrade();
        assert!(place.connection().makes_room().is_some());
        place.connection().admit();
        assert!(place.connection().makes_room().is_none());
        place.connection().look(Instant::now() + times.exchange_max * 100, &times);
        assert!(!is_cut(&client) && !place.connection().closing.is_cancelled());
    }
}
