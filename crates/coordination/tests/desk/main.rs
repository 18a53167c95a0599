//! The desk as its callers see it, on logs in memory and views in a temporary directory.

mod clinic;
mod commands;
mod folding;
mod leaks;
mod permissions;
mod repeats;
