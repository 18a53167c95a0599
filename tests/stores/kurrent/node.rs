//! One node: a thread, a runtime and a listening socket. Killing it has the effects of a killed process.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use futures_util::stream;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{self, Runtime};
use tokio::sync::{oneshot, watch};
use tonic::transport::{Identity, Server, ServerTlsConfig};

use super::cluster::Cluster;
use super::connection::{Connection, Switch};
use super::endpoint::Endpoint;
use super::wire::event_store::client::gossip::gossip_server::GossipServer;
use super::wire::event_store::client::server_features::server_features_server::ServerFeaturesServer;
use super::wire::event_store::client::streams::streams_server::StreamsServer;

/// More than the limit of an append, so that the server refuses a large one and not the transport.
const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A certificate for this machine, and its authority.
#[derive(Clone)]
pub struct Certificate {
    /// The authority's certificate that a client has to trust, in PEM.
    pub ca_file: PathBuf,
    chain: String,
    key: String,
}

impl Certificate {
    /// Creates an authority and a certificate, and writes the authority's certificate to the folder.
    pub fn new(folder: &Path) -> Self {
        let ca_key = KeyPair::generate().expect("a key");
        let mut ca = CertificateParams::default();
        // Two certificates with the same name would be treated as one self-signed certificate.
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

/// A node, running or killed.
pub struct Node {
    endpoint: Endpoint,
    certificate: Option<Certificate>,
    address: SocketAddr,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    /// Reserves the port while the node lives and while it is killed: it is bound, and nothing listens on it. Without it,
    /// the system could give the port of a killed node to any other connection of this machine.
    _reserved: TcpSocket,
}

impl Node {
    /// Binds its socket and starts to answer.
    pub fn start(node: usize, listen: SocketAddr, cluster: &Arc<Cluster>, certificate: Option<Certificate>) -> Self {
        let reserved = bound(listen);
        let address = reserved.local_addr().expect("its address");
        let endpoint = Endpoint { cluster: cluster.clone(), node, switch: Arc::new(watch::Sender::default()) };
        let mut node = Self { endpoint, certificate, address, running: None, _reserved: reserved };
        node.revive();
        node
    }

    /// Starts to answer at its address, without the faults that it had.
    pub fn revive(&mut self) {
        self.kill();
        self.endpoint.cluster.join(self.endpoint.node, self.address);
        self.endpoint.switch = Arc::new(watch::Sender::default());
        let (stop, stopped) = oneshot::channel();
        let (endpoint, certificate) = (self.endpoint.clone(), self.certificate.clone());
        // The runtime ends with the thread, and with it every task and socket.
        let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let listener = {
            let _entered = runtime.enter();
            bound(self.address).listen(1024).expect("a listener")
        };
        let thread = thread::spawn(move || run(&runtime, listener, &endpoint, certificate, stopped));
        self.running = Some((stop, thread));
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the faults of its connections.
    pub fn change_switch(&self, change: impl FnOnce(&mut Switch)) {
        self.endpoint.switch.send_modify(change);
    }

    /// Ends it; its sockets are closed when this returns, and its port stays reserved.
    pub fn kill(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            // It may have ended already.
            let _ = stop.send(());
            thread.join().expect("the node's thread");
        }
    }
}

/// A socket at this address that shares it with the other socket of the same node.
fn bound(address: SocketAddr) -> TcpSocket {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    };
    let socket = socket.expect("a socket");
    socket.set_reuseaddr(true).expect("a port of closing connections");
    socket.set_reuseport(true).expect("a port of two sockets");
    socket.bind(address).expect("a free port");
    socket
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

fn run(
    runtime: &Runtime,
    listener: TcpListener,
    endpoint: &Endpoint,
    certificate: Option<Certificate>,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        let incoming = stream::unfold(listener, |listener| async {
            let accepted =
                listener.accept().await.map(|(stream, _)| Connection::new(stream, endpoint.switch.subscribe()));
            Some((accepted, listener))
        });
        let mut server = Server::builder();
        if let Some(certificate) = certificate {
            // If several cryptography providers are linked, TLS uses the one that the process has chosen. A client may have
            // chosen it already.
            let _chosen_before = rustls::crypto::aws_lc_rs::default_provider().install_default();
            let identity = Identity::from_pem(certificate.chain, certificate.key);
            server = server.tls_config(ServerTlsConfig::new().identity(identity)).expect("a certificate");
        }
        let streams = StreamsServer::new(endpoint.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
        let served = server
            .add_service(streams)
            .add_service(GossipServer::new(endpoint.clone()))
            .add_service(ServerFeaturesServer::new(endpoint.clone()))
            .serve_with_incoming(incoming);
        tokio::select! {
            served = served => served.expect("the node serves"),
            _ = stopped => {}
        }
    });
}
