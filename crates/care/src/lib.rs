//! What happens in care, and nothing else: ids, text, people, commands, events, refusals.
//!
//! Everything here is a pure value or a pure function. There is no async, no input or output, no
//! clock, no randomness and no key in this crate: `now` and every id are arguments, so a decision
//! is a table of inputs and a failure replays.
//!
//! A file is a care concept, and other crates that have something to say about the concept name
//! their file alike. The shape of each is the same: commands, refusals, events, `decide`,
//! `evolve`, and at its end the scenarios as given / when / then.
//!
//! To add a concept: 1. its file beside these, with its commands and events declared by the macros
//! of `command_name.rs` and `event_set.rs`; 2. its line in the list of `event.rs`; 3. bless its
//! golden file (`just bless`); 4. follow the compiler, which asks every reader of events what the
//! new ones mean to it. To add a kind of thread, see `lifecycle.rs`.

pub mod accepted;
pub mod age;
pub mod aggregate;
pub mod calendar;
pub mod care_team;
#[cfg(test)]
mod clinic;
#[cfg(test)]
mod closed_table;
pub mod command_name;
pub mod consent_directive;
pub mod consent_text;
pub mod conversation;
pub mod day;
pub mod delegation;
pub mod directive_terms;
pub mod draft;
pub mod envelope;
pub mod event;
mod event_set;
#[cfg(test)]
mod golden;
pub mod idempotency;
pub mod ids;
pub mod instant;
pub mod key;
pub mod kind;
pub mod legal_authority;
pub mod lifecycle;
pub mod notice;
pub mod organization;
pub mod outside_message;
pub mod party;
pub mod patient;
pub mod person;
pub mod person_name;
pub mod phone;
pub mod policy_root;
pub mod process;
pub mod public_name;
pub mod scope;
pub mod shown;
pub mod text;
pub mod thread;
pub mod time_zone;
pub mod words;
