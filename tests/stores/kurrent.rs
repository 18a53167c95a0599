//! A stand-in for a KurrentDB server, in this process: it implements the published gRPC protocol over HTTP/2, keeps its
//! log in memory, and fails on request.
//!
//! It is based on the protocol files of the official Rust client and on the public documentation and sources of the
//! server ([`RULES`] names the source of each rule), and tested with the official Python and Node clients. It is not the
//! server: it has no disks, replication, elections or scavenging, and a test that passes with it proves nothing about
//! these or about speed.
//!
//! One [`StandIn`] is one node or several that share a log. Each node has its own thread and runtime, so that killing it
//! closes its sockets immediately, like the end of a process.
#![expect(clippy::result_large_err, reason = "the size of a refusal is tonic's")]

mod access;
mod batch;
mod cluster;
mod connection;
mod endpoint;
mod gossip;
mod log;
mod message;
mod node;
mod options;
mod reading;
mod rules;
mod streams;
pub mod wire;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use uuid::Uuid;

pub use access::{Refusal, User};
pub use log::{Expected, Outcome, Proposed, Record};
pub use options::Options;
pub use rules::{RULES, Rule};

use cluster::Cluster;
use node::{Certificate, Node};

/// A running stand-in; dropping it ends all of it.
pub struct StandIn {
    cluster: Arc<Cluster>,
    nodes: Vec<Node>,
    certificate: Option<(Certificate, TempDir)>,
}

impl StandIn {
    /// Starts all nodes; they listen when this returns.
    pub fn start(options: Options) -> Self {
        let certificate = options.tls.then(|| {
            let place = TempDir::new().expect("a place for a certificate");
            (Certificate::new(place.path()), place)
        });
        let cluster = Arc::new(Cluster::new(options));
        let mut stand_in = Self { cluster, nodes: Vec::new(), certificate };
        for _ in 0..stand_in.cluster.options.nodes.max(1) {
            let listen = match stand_in.nodes.is_empty() {
                true => stand_in.cluster.options.listen,
                false => SocketAddr::new(stand_in.cluster.options.listen.ip(), 0),
            };
            let place = stand_in.nodes.len();
            let certificate = stand_in.certificate.as_ref().map(|(certificate, _)| certificate.clone());
            stand_in.nodes.push(Node::start(place, listen, &stand_in.cluster, certificate));
        }
        stand_in
    }

    /// The connection string of a client that knows all nodes, with the account if there is one.
    pub fn url(&self) -> String {
        let account = self.cluster.options.user.as_ref();
        self.url_as(account.map(|user| (user.name.as_str(), user.password.as_str())))
    }

    /// The connection string with another account, or with none.
    pub fn url_as(&self, account: Option<(&str, &str)>) -> String {
        let nodes: Vec<String> = self.nodes.iter().map(|node| node.address().to_string()).collect();
        let account = account.map_or_else(String::new, |(name, password)| format!("{name}:{password}@"));
        let tls = match self.ca_file() {
            Some(ca) => format!("tls=true&tlsCAFile={}", ca.display()),
            None => "tls=false".to_owned(),
        };
        format!("kurrentdb://{account}{}?{tls}", nodes.join(","))
    }

    /// The certificate authority to trust, if it uses TLS.
    pub fn ca_file(&self) -> Option<PathBuf> {
        self.certificate.as_ref().map(|(certificate, _)| certificate.ca_file.clone())
    }

    /// The address of a node.
    pub fn address(&self, node: usize) -> SocketAddr {
        self.node(node).address()
    }

    /// All records of the log, including those of the system.
    pub fn records(&self) -> Vec<Record> {
        self.cluster.log().records().to_vec()
    }

    /// How many appends have reached a node, with any outcome.
    pub fn appends(&self) -> u64 {
        self.cluster.faults().appends
    }

    /// The next append reaches the log, and its answer is lost with all connections of the node.
    pub fn lose_next_answer(&self) {
        self.cluster.faults().lose_answer = true;
    }

    /// The next append is lost with all connections of the node, before the log has it.
    pub fn lose_next_request(&self) {
        self.cluster.faults().lose_request = true;
    }

    /// Subscriptions end without an error after this many events, including those that have sent them already.
    pub fn end_subscriptions_after(&self, events: Option<u64>) {
        self.cluster.faults().end_after = events;
        self.cluster.notify();
    }

    /// Filtered reads of all streams end without an error after this many events, which to a client looks like a read
    /// that a proxy cut short.
    pub fn end_searches_after(&self, events: Option<usize>) {
        self.cluster.faults().search_end_after = events;
    }

    /// Every write gets this answer, until `None` ends it.
    pub fn refuse_writes(&self, refusal: Option<Refusal>) {
        self.cluster.faults().refusal = refusal;
    }

    /// Delays every call by this time.
    pub fn slow(&self, wait: Duration) {
        self.cluster.faults().wait = wait;
    }

    /// No bytes pass at this node and no connection closes, until `false` ends it.
    pub fn silence(&self, node: usize, silent: bool) {
        self.node(node).change_switch(|switch| switch.silent = silent);
    }

    /// Cuts all connections of this node; it accepts new ones.
    pub fn cut_connections(&self, node: usize) {
        self.node(node).change_switch(|switch| switch.cuts += 1);
    }

    /// Ends a node like the end of its process: its sockets close. If it was the leader, there is no leader afterwards.
    pub fn kill(&mut self, node: usize) {
        self.cluster.mark_dead(node);
        self.node_mut(node).kill();
    }

    /// Starts a node again at its address, as a follower unless it is the only node.
    pub fn revive(&mut self, node: usize) {
        self.node_mut(node).revive();
        if self.nodes.len() == 1 {
            self.elect(node);
        }
    }

    /// Makes a node the leader.
    pub fn elect(&self, node: usize) {
        self.cluster.elect(node);
    }

    /// Writes an event of another program: into its own stream, into one of ours, or as a link (`$>`).
    pub fn append_foreign(&self, stream: &str, event_type: &str, data: &[u8]) -> Outcome {
        let known = self.cluster.log().records().len();
        let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{stream}{known}").as_bytes());
        let content_type = "application/json".to_owned();
        let event =
            Proposed { id, event_type: event_type.to_owned(), content_type, data: data.to_vec(), metadata: Vec::new() };
        let outcome = self.cluster.log().append(stream, Expected::Any, vec![event]);
        self.cluster.notify();
        outcome
    }

    /// Deletes a stream, like another program: until the next write, or permanently.
    pub fn delete(&self, stream: &str, for_good: bool) -> Outcome {
        let outcome = self.cluster.log().delete(stream, Expected::Any, for_good);
        self.cluster.notify();
        outcome
    }

    /// Changes a byte of the data of the event at this position; false if there is no event.
    pub fn flip(&self, position: u64) -> bool {
        self.cluster.log().flip(position)
    }

    /// The log loses everything from this position on, as if an older backup had been restored.
    pub fn restore_before(&self, position: u64) {
        self.cluster.log().cut(position);
        self.cluster.notify();
    }

    fn node(&self, node: usize) -> &Node {
        self.nodes.get(node).expect("a node of this stand-in")
    }

    fn node_mut(&mut self, node: usize) -> &mut Node {
        self.nodes.get_mut(node).expect("a node of this stand-in")
    }
}
