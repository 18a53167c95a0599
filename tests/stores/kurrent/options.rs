//! The options of a stand-in.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::access::User;

/// The options of a stand-in.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many nodes share the log; the first is the leader.
    pub nodes: usize,
    /// Whether it uses TLS, with its own certificate authority.
    pub tls: bool,
    /// The only account; without it, every caller may do everything, as with the server's `--insecure`.
    pub user: Option<User>,
    /// The first position of the log, in bytes.
    pub first_position: u64,
    /// Whether the system writes its own records between those of programs.
    pub noisy: bool,
    /// The limit of one append, in bytes.
    pub append_bytes_max: usize,
    /// The address of the first node; port 0 is any free port, which further nodes always use.
    pub listen: SocketAddr,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            nodes: 1,
            tls: false,
            user: None,
            first_position: 1_412,
            noisy: true,
            append_bytes_max: 1_048_576,
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
        }
    }
}
