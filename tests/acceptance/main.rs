//! Stories of the whole program: the real binary on a real directory, asked over HTTP.
//!
//! `clinic.rs` starts and stops it, `http.rs` asks it. To add a story: 1. write it in the file of
//! its matter; 2. let it fail once, by breaking what it is about.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test says what it expects by failing"
)]

mod canary;
mod clinic;
mod commands;
mod crash;
mod hostile;
mod http;
mod migrate;
mod outage;
mod refused;
mod starting;
mod store;
