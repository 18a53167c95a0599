//! Stores outside the process, for tests: what a machine of an operator would have, on the machine of a developer.
//!
//! - [`kurrent`]: a stand-in for a KurrentDB server, of one node or several, that fails on request
//! - [`postgres`]: a PostgreSQL cluster in a temporary directory, with standbys and certificates
//! - [`relay`]: a network between a client and its store that fails on request
//!
//! Nothing of this is shipped; a fault in it fails a test, so it panics where a product would return an error.
#![expect(clippy::expect_used, clippy::panic, reason = "the callers are tests, which fail by a panic")]
#![expect(clippy::print_stderr, reason = "the only way for a test to say that it did not run")]

pub mod kurrent;
pub mod postgres;
pub mod relay;
