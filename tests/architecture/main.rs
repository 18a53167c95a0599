//! Tests of the repository's rules.
//!
//! Each rule is a pure function from a source (or a table) to findings. Each has a test with a snippet that breaks it,
//! which proves that the rule can fail. A finding names the place and the problem.
//!
//! To add a rule: 1. write it as `fn …(source: &Source) -> Vec<String>` in the file whose subject
//! it is; 2. test it with a snippet that breaks it and one that keeps it; 3. test that the repository
//! keeps it with [`sources::kept`]. Lists of exceptions name files, and an exception that nobody
//! needs any more is a finding too.

mod answers;
mod circles;
mod clock;
mod crates;
mod fields;
mod files;
mod hazards;
mod leftovers;
mod matching;
mod names;
mod outside;
mod proofs;
mod refusals;
mod sources;
