//! Who reads or tries something, and from where, as far as the installation keeps it.

use std::net::IpAddr;
use std::sync::Arc;

use care::ids::{PersonId, SessionId};
use care::words::Channel;
use policy::identity::Identity;
use serde::Serialize;
use uuid::Uuid;

/// The reader and their sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Reading {
    pub person: PersonId,
    pub session: SessionId,
}

impl Reading {
    /// That of a signed-in person; none of a process and of the installation, which read nothing.
    pub fn of(identity: &Identity) -> Option<Self> {
        Some(Self { person: identity.person()?, session: identity.session()? })
    }
}

/// The longest name of a client program that is kept, in characters.
pub(crate) const CLIENT_CHARS_MAX: usize = 200;

/// Who sent a request, as far as the installation keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Caller {
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<Arc<str>>,
}

/// Where a request or a command came from.
#[derive(Debug, Clone, Serialize)]
pub struct Origin {
    #[serde(flatten)]
    pub(crate) caller: Caller,
    channel: Channel,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Uuid>,
}

impl Origin {
    /// A request by a channel, of which nothing else is known.
    #[must_use]
    pub const fn of(channel: Channel) -> Self {
        Self { caller: Caller { address: None, client: None }, channel, request: None }
    }

    /// The channel of the request.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// The same with the id that the answer to the request carries.
    #[must_use]
    pub fn with_request(self, request: Uuid) -> Self {
        Self { request: Some(request), ..self }
    }

    /// The same with the address that the request came from, and the name that the client program gave. A name is cut,
    /// and characters that would break a line of a report are left out.
    #[must_use]
    pub fn with_caller(self, address: Option<IpAddr>, client: Option<&str>) -> Self {
        let bounded = |client: &str| -> String {
            client.chars().filter(|char| !char.is_control()).take(CLIENT_CHARS_MAX).collect()
        };
        let client = client.map(bounded).filter(|client| !client.is_empty()).map(Arc::from);
        Self { caller: Caller { address, client }, ..self }
    }

    /// The same with what the installation keeps of its caller.
    pub(crate) fn kept(self, kept: CallerKept) -> Self {
        let Caller { address, client } = self.caller;
        let caller = Caller { address: address.filter(|_| kept.address), client: client.filter(|_| kept.client) };
        Self { caller, ..self }
    }
}

/// What the installation keeps of a caller. The channel and the id of the request are always kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallerKept {
    /// The address.
    pub address: bool,
    /// The name of the client program.
    pub client: bool,
}

impl CallerKept {
    /// Everything.
    pub const ALL: Self = Self { address: true, client: true };
}
