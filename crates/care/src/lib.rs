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
//! To add a concept: 1. write its file beside these, with its events in `kinds.rs`'s macro and
//! `each_text` for each of them; 2. give it a stream in [`stream::Stream`] and an arm in
//! [`event::Event`]; 3. bless its golden files (`just bless`); 4. follow the compiler, which asks
//! every reader of events what the new ones mean to it.

pub mod calendar;
pub mod care_team;
pub mod command_name;
pub mod consultation;
pub mod conversation;
pub mod decide;
pub mod envelope;
pub mod event;
pub mod idempotency;
pub mod ids;
mod kinds;
pub mod organization;
pub mod patient;
pub mod person;
pub mod policy_root;
pub mod stream;
pub mod text;
pub mod thread;
pub mod words;
