//! What a stand-in is like.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::access::User;

/// What a stand-in is like.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many nodes share the log; the first leads.
    pub nodes: usize,
    /// Whether it speaks TLS, under a certificate authority of its own.
    pub tls: bool,
    /// The one account; without it everybody may do everything, as with the server's `--insecure`.
    pub user: Option<User>,
    /// Where the log begins, in bytes.
    pub first_position: u64,
    /// Whether the system writes records of its own between those of programs.
    pub noisy: bool,
    /// The most that one append may hold, in bytes.
    pub append_bytes_max: usize,
    /// Where the first node listens; port 0 is any free one, and further nodes take any.
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
