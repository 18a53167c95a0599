//! The shared state of the nodes of a stand-in: the log, the leader, and the faults that a test set.
//!
//! There is no replication: an append is on all nodes at once, and a test decides the elections.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::access::Refusal;
use super::log::Log;
use super::options::Options;

/// The faults that a test set.
#[derive(Default)]
pub struct Faults {
    /// How many appends have arrived.
    pub appends: u64,
    pub lose_answer: bool,
    pub lose_request: bool,
    pub end_after: Option<u64>,
    pub search_end_after: Option<usize>,
    pub refusal: Option<Refusal>,
    pub wait: Duration,
}

/// One node as the others see it.
#[derive(Clone, Copy)]
pub struct Member {
    pub address: SocketAddr,
    pub alive: bool,
}

/// The shared state of the nodes.
pub struct Cluster {
    pub options: Options,
    log: Mutex<Log>,
    faults: Mutex<Faults>,
    members: Mutex<(Vec<Member>, Option<usize>)>,
    /// Changes when a subscription should read again.
    changes: watch::Sender<()>,
}

impl Cluster {
    pub fn new(options: Options) -> Self {
        let log = Log::new(options.first_position, options.noisy);
        let members = Mutex::new((Vec::new(), Some(0)));
        Self { options, log: Mutex::new(log), faults: Mutex::default(), members, changes: watch::Sender::new(()) }
    }

    pub fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes subscriptions read again.
    pub fn notify(&self) {
        self.changes.send_replace(());
    }

    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// A node has begun to listen.
    pub fn join(&self, node: usize, address: SocketAddr) {
        let (members, _) = &mut *self.members();
        let member = Member { address, alive: true };
        match members.get_mut(node) {
            Some(place) => *place = member,
            None => members.push(member),
        }
    }

    /// A node was killed.
    pub fn mark_dead(&self, node: usize) {
        let (members, leader) = &mut *self.members();
        if let Some(member) = members.get_mut(node) {
            member.alive = false;
        }
        if *leader == Some(node) {
            *leader = None;
        }
    }

    pub fn elect(&self, node: usize) {
        self.members().1 = Some(node);
    }

    /// The leader and its address.
    pub fn leader(&self) -> Option<(usize, SocketAddr)> {
        let (members, leader) = &*self.members();
        leader.and_then(|node| members.get(node).map(|member| (node, member.address)))
    }

    /// All nodes, and which of them is the leader.
    pub fn members(&self) -> MutexGuard<'_, (Vec<Member>, Option<usize>)> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
