//! The subcommands, one file each, named like the subcommand; `demo.rs` holds `token` as well.

pub(crate) mod administrators;
pub(crate) mod demo;
pub(crate) mod journal;
pub(crate) mod keys;
pub(crate) mod policy;
pub(crate) mod read_models;
pub(crate) mod schema;
