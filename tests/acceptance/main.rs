//! Acceptance tests of the whole program: the real binary on a real directory, used over HTTP.
//!
//! `clinic.rs` starts and stops it, `http.rs` sends requests. To add a test: 1. write it in the file of its subject;
//! 2. break the tested behaviour once and see the test fail. `overload.rs`, with `load.rs`, is a program of its own, since it
//! measures times.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test says what it expects by failing"
)]

mod administrators;
mod canary;
mod clinic;
mod commands;
mod crash;
mod erasure;
// The faults are put before the C library by a variable that only its loader reads.
#[cfg(target_os = "linux")]
mod faults;
#[cfg(target_os = "linux")]
mod faulty_disk;
mod hostile;
mod http;
#[cfg(target_os = "linux")]
mod kills;
mod migrate;
mod night;
mod outage;
mod refused;
mod starting;
mod store;
mod two_servers;
mod unwritable;
