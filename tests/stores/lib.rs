//! Stores outside the process, for tests.
//!
//! - [`kurrent`]: a stand-in for a KurrentDB server, of one node or several, that fails on request
//! - [`postgres`]: a PostgreSQL cluster in a temporary directory, with standbys and certificates
//! - [`relay`]: a network between a client and its store that fails on request
//!
//! None of this is part of the product. It panics instead of returning errors, so that a failure fails the test.
#![expect(clippy::expect_used, clippy::panic, reason = "the callers are tests, which fail by a panic")]
#![expect(clippy::print_stderr, reason = "the only way for a test to say that it did not run")]

pub mod kurrent;
pub mod postgres;
pub mod relay;
