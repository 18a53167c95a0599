//! Test code: the contract of every backend, the test site of each backend, and cases for single backends.
//!
//! To add a backend: 1. a file here that implements [`contract::Site`] for it; 2. a test there that calls
//! [`contract::run`]; 3. `cfg(feature = …)` if the backend is one.

pub(crate) mod contract;
pub(crate) mod fault;
mod import;
#[cfg(feature = "kurrent")]
mod kurrent;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;
#[cfg(all(feature = "kurrent", feature = "postgres"))]
mod verify;
