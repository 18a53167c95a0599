//! Who may call what, and the ways in which the server says no.
//!
//! Every refusal has the status, the words and the trailers of the server's own; clients read the
//! trailers.

use std::fmt::Display;

use data_encoding::BASE64;
use tonic::metadata::{AsciiMetadataKey, MetadataMap};
use tonic::{Code, Status};

use super::node::NodeCalls;

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

/// Why a node writes nothing.
///
/// A full disk is not among them: the server's writer ends the process then, so that it is a node
/// that was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is starting, or between leaders.
    NotReady,
    /// Its queues are full.
    Busy,
    /// The other nodes did not confirm in time; the write may come to be.
    Timeout,
    /// The account may not write here.
    Denied,
    /// The node is a read-only replica, and no leader is known.
    ReadOnly,
}

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// May do everything.
    Admin,
    /// May use the streams of programs.
    Program,
    /// Has not said who it is, and may do nothing.
    Nobody,
}

impl NodeCalls {
    /// Lets a call in, and says who calls.
    pub async fn admit(&self, headers: &MetadataMap) -> Result<Caller, Status> {
        let wait = self.cluster.knobs().wait;
        if !wait.is_zero() {
            // Waiting for what never comes is how a server takes its time.
            let _ = tokio::time::timeout(wait, std::future::pending::<()>()).await;
        }
        let caller = self.caller(headers)?;
        if text(headers, "requires-leader").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            match self.cluster.leader() {
                Some((leader, _)) if leader == self.node => {}
                Some((_, address)) => return Err(not_leader(address)),
                None => return Err(refusal(Refusal::NotReady)),
            }
        }
        Ok(caller)
    }

    fn caller(&self, headers: &MetadataMap) -> Result<Caller, Status> {
        let Some(user) = &self.cluster.options.user else { return Ok(Caller::Admin) };
        let Some(said) = text(headers, "authorization") else { return Ok(Caller::Nobody) };
        let expected = BASE64.encode(format!("{}:{}", user.name, user.password).as_bytes());
        match said.strip_prefix("Basic ") {
            Some(said) if said == expected && user.admin => Ok(Caller::Admin),
            Some(said) if said == expected => Ok(Caller::Program),
            Some(_) | None => Err(Status::unauthenticated("Unauthenticated")),
        }
    }
}

impl Caller {
    /// Whether it may use this stream; `$all` is one of the system's.
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

/// A node that does not lead.
pub fn not_leader(leader: std::net::SocketAddr) -> Status {
    let trailers: [(&'static str, &dyn Display); 3] = [
        ("exception", &"not-leader"),
        ("leader-endpoint-host", &leader.ip()),
        ("leader-endpoint-port", &leader.port()),
    ];
    refused(Code::NotFound, "Leader info available", &trailers)
}

/// A stream that was closed for good.
pub fn stream_deleted(stream: &str) -> Status {
    let words = format!("Event stream '{stream}' is deleted.");
    refused(Code::FailedPrecondition, &words, &[("exception", &"stream-deleted"), ("stream-name", &stream)])
}

/// Words and trailers of the server.
pub fn refused(code: Code, words: &str, trailers: &[(&'static str, &dyn Display)]) -> Status {
    let mut metadata = MetadataMap::new();
    for (key, value) in trailers {
        // A name that is not ASCII has no place in a trailer.
        if let Ok(value) = value.to_string().parse() {
            metadata.insert(AsciiMetadataKey::from_static(key), value);
        }
    }
    Status::with_metadata(code, words, metadata)
}

/// What the server says when its own code stumbles over a request that no client makes.
pub fn stumbled() -> Status {
    Status::unknown("Exception was thrown by handler.")
}

fn text<'m>(headers: &'m MetadataMap, key: &str) -> Option<&'m str> {
    headers.get(key).and_then(|value| value.to_str().ok())
}
