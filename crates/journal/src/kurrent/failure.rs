//! What a failed call to KurrentDB means: whether it may have had an effect, and whether another connection helps.
//!
//! The client returns the same error for a node that failed before it received the request and for one that failed
//! after. In this case the outcome of an append is unknown, and a read is repeated.

use eventstore::{CurrentRevision, Error};

use crate::{AppendError, Fatal, ReadError};

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The connection or the node failed. The request may have had an effect.
    Broken(String),
    /// There was no answer in time. The request may have had an effect.
    Silent(String),
    /// There was no connection. The request had no effect.
    NotSent(String),
    /// Another node is the leader, and the client now knows which. The request had no effect.
    Moved,
    /// The server refused the request. It had no effect.
    Refused(String),
    /// No event begins at the position of the read.
    NoSuchPlace,
    /// The server refuses the credentials, or the account lacks a right.
    Denied,
    /// There is no such stream.
    Missing,
    /// The stream was deleted permanently.
    Deleted,
    /// The stream's last revision is not the expected one.
    Conflict(Option<u64>),
    /// The store answered, and its content is not valid for this log.
    Found(ReadError),
}

impl From<Fatal> for Failure {
    fn from(fatal: Fatal) -> Self {
        Self::Found(fatal.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::ServerError(text) => said_by_server(&text),
            Error::DeadlineExceeded => Self::Silent("it did not answer in time".into()),
            Error::ConnectionClosed => Self::NotSent("there is no connection".into()),
            Error::GrpcConnectionError(error) => Self::NotSent(shortened(&error.to_string())),
            Error::NotLeaderException(_) => Self::Moved,
            Error::AccessDenied => Self::Denied,
            Error::ResourceNotFound => Self::Missing,
            Error::ResourceDeleted => Self::Deleted,
            Error::WrongExpectedVersion { current, .. } => Self::Conflict(match current {
                CurrentRevision::Current(revision) => Some(revision),
                CurrentRevision::NoStream => None,
            }),
            Error::UnsupportedFeature => Self::Refused("it does not know this request".into()),
            Error::ResourceAlreadyExists => Self::Refused("it says that this is there already".into()),
            Error::Grpc { code, message } => {
                let code = i32::from(code);
                // A reset of the HTTP/2 stream also has a code, which does not tell whether the request had an effect.
                if code == INVALID_ARGUMENT && message.contains("invalid position") {
                    return Self::NoSuchPlace;
                }
                let refused = matches!(code, INVALID_ARGUMENT | RESOURCE_EXHAUSTED | FAILED_PRECONDITION);
                if refused && !message.starts_with("h2 protocol error") {
                    Self::Refused(shortened(&message))
                } else {
                    Self::Broken(shortened(&message))
                }
            }
            Error::InternalParsingError(text) | Error::InitializationError(text) | Error::IllegalStateError(text) => {
                Self::Broken(shortened(&text))
            }
            Error::InternalClientError => Self::Broken("its client failed".into()),
        }
    }
}

// The codes of gRPC by number: naming them would need the crate of their type.
const INVALID_ARGUMENT: i32 = 3;
const RESOURCE_EXHAUSTED: i32 = 8;
const FAILED_PRECONDITION: i32 = 9;

/// A failure of which the client kept only the text. A server's answer before it started the request is recognised.
fn said_by_server(text: &str) -> Failure {
    let says = |words: &str| text.contains(&format!("message: \"{words}"));
    if says("Server Is Too Busy") {
        Failure::Refused("it is too busy".into())
    } else if says("Server Is Not Ready") || says("No leader info available") {
        Failure::NotSent("it is not ready".into())
    } else {
        Failure::Broken(shortened(text))
    }
}

/// The server's status: the code and the beginning of the message, without the headers that follow.
fn shortened(text: &str) -> String {
    let said = text.split(", details: ").next().unwrap_or_default();
    said.chars().take(200).collect()
}

/// What may help against a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Help {
    /// A request to the leader, which the client now knows.
    Leader,
    /// Another connection.
    Connection,
    /// Nothing: the store's answer is final.
    None,
}

impl Failure {
    /// What may help when the request is repeated.
    pub(super) fn help(&self) -> Help {
        match self {
            Self::Moved => Help::Leader,
            Self::Broken(_) | Self::Silent(_) | Self::NotSent(_) => Help::Connection,
            Self::Refused(_)
            | Self::NoSuchPlace
            | Self::Denied
            | Self::Missing
            | Self::Deleted
            | Self::Conflict(_)
            | Self::Found(_) => Help::None,
        }
    }

    /// Whether the client may recover by itself: not if the node does not answer, and not after the client gave up.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Self::Broken(_))
    }

    /// A description for people.
    pub(super) fn reason(self) -> String {
        match self.of_read() {
            ReadError::Unavailable { reason } => reason,
            error @ (ReadError::EpochChanged { .. } | ReadError::Fatal(_)) => error.to_string(),
        }
    }

    /// The error of a read.
    pub(super) fn of_read(self) -> ReadError {
        match self {
            Self::Broken(reason) | Self::Silent(reason) | Self::NotSent(reason) | Self::Refused(reason) => {
                ReadError::Unavailable { reason }
            }
            Self::Moved => ReadError::Unavailable { reason: NO_LEADER.into() },
            Self::NoSuchPlace => ReadError::Unavailable { reason: "it cannot read from there".into() },
            Self::Missing => ReadError::Unavailable { reason: "it does not find what it had".into() },
            Self::Conflict(_) => ReadError::Unavailable { reason: "it answered another question".into() },
            Self::Denied => denied().into(),
            Self::Deleted => deleted().into(),
            Self::Found(error) => error,
        }
    }

    /// The error of an append. The caller reports a conflict, because it knows the append.
    pub(super) fn of_append(self) -> AppendError {
        match self {
            Self::Broken(reason) | Self::Silent(reason) => AppendError::Indeterminate { reason },
            Self::NotSent(reason) | Self::Refused(reason) => AppendError::Unavailable { reason },
            Self::Moved => AppendError::Unavailable { reason: NO_LEADER.into() },
            Self::Missing | Self::NoSuchPlace | Self::Conflict(_) => {
                AppendError::Indeterminate { reason: "it answered another question".into() }
            }
            Self::Denied => denied().into(),
            Self::Deleted => deleted().into(),
            Self::Found(ReadError::Fatal(fatal)) => fatal.into(),
            Self::Found(ReadError::Unavailable { reason }) => AppendError::Unavailable { reason },
            Self::Found(restored @ ReadError::EpochChanged { .. }) => {
                Fatal::Ended { reason: restored.to_string() }.into()
            }
        }
    }
}

/// The reason if every node says that another node is the leader.
const NO_LEADER: &str = "no node leads";

fn denied() -> Fatal {
    Fatal::Denied { reason: "it refuses the user, the password, or that they write here or read all of it".into() }
}

fn deleted() -> Fatal {
    Fatal::Corrupt { position: None, detail: "a stream of it was deleted".into() }
}
