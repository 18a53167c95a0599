//! One node: a thread, a runtime and a listening socket. It dies as a process does.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use futures_util::stream;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio::net::TcpSocket;
use tokio::runtime;
use tokio::sync::{oneshot, watch};
use tonic::transport::{Identity, Server, ServerTlsConfig};

use super::cluster::Cluster;
use super::line::{Line, Switch};
use super::wire::event_store::client::gossip::gossip_server::GossipServer;
use super::wire::event_store::client::server_features::server_features_server::ServerFeaturesServer;
use super::wire::event_store::client::streams::streams_server::StreamsServer;

/// More than any append may hold, so that the refusal is the server's and not the transport's.
const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Where the calls of one node are answered.
#[derive(Clone)]
pub struct NodeCalls {
    pub cluster: Arc<Cluster>,
    pub node: usize,
    pub switch: Arc<watch::Sender<Switch>>,
}

/// A certificate for this machine, and who vouches for it.
#[derive(Clone)]
pub struct Certificate {
    /// What a client has to trust, in PEM.
    pub ca_file: PathBuf,
    chain: String,
    key: String,
}

impl Certificate {
    /// Makes an authority and a certificate, and leaves the authority's in the folder.
    pub fn new(folder: &Path) -> Self {
        let ca_key = KeyPair::generate().expect("a key");
        let mut ca = CertificateParams::default();
        // Two certificates of one name are taken for one that vouches for itself.
        ca.distinguished_name.push(DnType::CommonName, "authority of a stand-in");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_file = folder.join("ca.crt");
        let vouched = ca.self_signed(&ca_key).expect("an authority");
        fs::write(&ca_file, vouched.pem()).expect("the authority is written");
        let key = KeyPair::generate().expect("a key");
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut leaf = CertificateParams::new(names).expect("names of this machine");
        leaf.distinguished_name.push(DnType::CommonName, "node of a stand-in");
        let leaf = leaf.signed_by(&key, &Issuer::new(ca, ca_key)).expect("a certificate");
        Self { ca_file, chain: leaf.pem(), key: key.serialize_pem() }
    }
}

/// A node that runs, or ran.
pub struct Node {
    address: SocketAddr,
    switch: Arc<watch::Sender<Switch>>,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    /// Keeps the port of a dead node from others: it is bound, and nobody listens.
    kept: Option<TcpSocket>,
}

impl Node {
    /// Binds its socket and starts to answer.
    pub fn start(node: usize, listen: SocketAddr, cluster: &Arc<Cluster>, certificate: Option<Certificate>) -> Self {
        let listener = TcpListener::bind(listen).expect("a free port");
        let address = listener.local_addr().expect("its address");
        cluster.join(node, address);
        let switch = Arc::new(watch::Sender::new(Switch::default()));
        let (stop, stopped) = oneshot::channel();
        let calls = NodeCalls { cluster: cluster.clone(), node, switch: switch.clone() };
        let thread = thread::spawn(move || run(listener, &calls, certificate, stopped));
        Self { address, switch, running: Some((stop, thread)), kept: None }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes what holds for its connections.
    pub fn throw(&self, change: impl FnOnce(&mut Switch)) {
        self.switch.send_modify(change);
    }

    /// Ends it; its sockets are closed when this returns, and its port is kept.
    pub fn kill(&mut self) {
        self.end();
        let kept = match self.address {
            SocketAddr::V4(_) => TcpSocket::new_v4(),
            SocketAddr::V6(_) => TcpSocket::new_v6(),
        };
        let kept = kept.expect("a socket");
        kept.set_reuseaddr(true).expect("a port of closing connections");
        kept.bind(self.address).expect("the port that was just left");
        self.kept = Some(kept);
    }

    /// Gives the port free, for the node's next life.
    pub fn make_room(&mut self) {
        self.end();
        self.kept = None;
    }

    fn end(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            // One that has ended already hears nothing.
            let _ = stop.send(());
            thread.join().expect("the node's thread");
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.end();
    }
}

fn run(listener: TcpListener, calls: &NodeCalls, certificate: Option<Certificate>, stopped: oneshot::Receiver<()>) {
    // The runtime ends with this thread, and takes every task and socket with it.
    let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        listener.set_nonblocking(true).expect("a socket that does not block");
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        let incoming = stream::unfold(listener, |listener| async {
            let accepted = listener.accept().await.map(|(stream, _)| Line::new(stream, calls.switch.subscribe()));
            Some((accepted, listener))
        });
        let mut server = Server::builder();
        if let Some(certificate) = certificate {
            // Where several kinds of cryptography are linked, TLS takes what the process has chosen. A client that came
            // before has chosen the same.
            let _chosen_before = rustls::crypto::aws_lc_rs::default_provider().install_default();
            let identity = Identity::from_pem(certificate.chain, certificate.key);
            server = server.tls_config(ServerTlsConfig::new().identity(identity)).expect("a certificate");
        }
        let streams = StreamsServer::new(calls.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
        let served = server
            .add_service(streams)
            .add_service(GossipServer::new(calls.clone()))
            .add_service(ServerFeaturesServer::new(calls.clone()))
            .serve_with_incoming(incoming);
        tokio::select! {
            served = served => served.expect("the node serves"),
            _ = stopped => {}
        }
    });
}
