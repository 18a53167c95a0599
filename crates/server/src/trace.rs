//! The id of a request.

use std::fmt;

use poem::Request;

/// The id of one request in its response, in the log and in an `errorId`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// The id of these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(self) -> [u8; 16] {
        self.0
    }

    /// The id for a person who reads it out or copies it: groups of four digits.
    #[must_use]
    pub fn grouped(self) -> String {
        self.0
            .chunks(2)
            .map(|pair| pair.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// A random id. If the system has no randomness the id is all zeros, since a request is not refused only
    /// because its id in the log is not unique.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = [0; 16];
        if aws_lc_rs::rand::fill(&mut bytes).is_err() {
            tracing::error!("no randomness for a trace id");
        }
        Self(bytes)
    }

    /// The id that [`HttpEndpoint`](crate::http::HttpEndpoint) gave to this request; zeros if there is none.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        request.data::<Self>().copied().unwrap_or(Self([0; 16]))
    }
}

/// Thirty-two hexadecimal digits.
impl fmt::Display for TraceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}
