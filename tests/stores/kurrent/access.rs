//! The rights of callers, and the refusals of the server.
//!
//! Every refusal has the status, the message and the trailers of the real server; clients read the trailers.

use std::fmt::Display;

use tonic::metadata::{AsciiMetadataKey, MetadataMap};
use tonic::{Code, Status};

/// An account.
#[derive(Clone)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Its password.
    pub password: String,
    /// Whether it is one of `$admins`.
    pub admin: bool,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("name", &self.name).field("admin", &self.admin).finish_non_exhaustive()
    }
}

/// Why a node refuses to write.
///
/// A full disk is not a reason: the server then ends its process, so it is the case of a killed node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is starting, or between leaders.
    NotReady,
    /// Its queues are full.
    Busy,
    /// The other nodes did not confirm in time; the write may still take effect.
    Timeout,
    /// The account may not write here.
    Denied,
    /// The node is a read-only replica, and no leader is known.
    ReadOnly,
}

/// The caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// May do everything.
    Admin,
    /// May use the streams of programs.
    Program,
    /// Is not authenticated, and may do nothing.
    Nobody,
}

impl Caller {
    /// Whether it may use this stream; `$all` is a system stream.
    pub fn may_use(self, stream: &str) -> Result<(), Status> {
        match self {
            Self::Admin => Ok(()),
            Self::Program if !stream.starts_with('$') => Ok(()),
            Self::Program | Self::Nobody => Err(refusal(Refusal::Denied)),
        }
    }
}

/// A node that does not write.
pub fn refusal(reason: Refusal) -> Status {
    match reason {
        Refusal::NotReady => Status::unavailable("Server Is Not Ready"),
        Refusal::Busy => Status::unavailable("Server Is Too Busy"),
        Refusal::Timeout => Status::aborted("Operation timed out: Commit phase timeout."),
        Refusal::Denied => refused(Code::PermissionDenied, "Access Denied", &[("exception", &"access-denied")]),
        Refusal::ReadOnly => Status::unknown("No leader info available in response"),
    }
}

/// A node that is not the leader.
pub fn not_leader(leader: std::net::SocketAddr) -> Status {
    let trailers: [(&'static str, &dyn Display); 3] = [
        ("exception", &"not-leader"),
        ("leader-endpoint-host", &leader.ip()),
        ("leader-endpoint-port", &leader.port()),
    ];
    refused(Code::NotFound, "Leader info available", &trailers)
}

/// A stream that was closed permanently.
pub fn stream_deleted(stream: &str) -> Status {
    let words = format!("Event stream '{stream}' is deleted.");
    refused(Code::FailedPrecondition, &words, &[("exception", &"stream-deleted"), ("stream-name", &stream)])
}

/// The message and the trailers of the server.
pub fn refused(code: Code, words: &str, trailers: &[(&'static str, &dyn Display)]) -> Status {
    let mut metadata = MetadataMap::new();
    for (key, value) in trailers {
        // A trailer cannot contain a name that is not ASCII.
        if let Ok(value) = value.to_string().parse() {
            metadata.insert(AsciiMetadataKey::from_static(key), value);
        }
    }
    Status::with_metadata(code, words, metadata)
}

/// The server's answer if its own code fails on a request that no client sends.
pub fn internal_error() -> Status {
    Status::unknown("Exception was thrown by handler.")
}
