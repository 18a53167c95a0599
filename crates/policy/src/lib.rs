//! Who may: the one decision point, and the only maker of the proofs that something may be done.
//!
//! A policy is a table that a clinician can review (`policies/` at the root): words, tens of rows,
//! no people. casbin decides by it, one standing and one sensitivity code at a time; its answers
//! are kept in a table. From outside, [`DecisionPoint`](decide::DecisionPoint) holds the
//! version in force, a request takes a [`Viewer`](decide::Viewer) from it, and what it may do
//! comes back as a [`Permit`](decide::Permit), an [`Authorized`](authorized::Authorized) command
//! or a [`Visible`](visible::Visible) row. None of them can be made in any other way.
//!
//! What is refused has no reason outside; [`explain`] is for those whom the policy lets ask.

mod engine;
mod problem;
mod rules;
mod table;

pub mod active;
pub mod authorized;
pub mod cases;
pub mod decide;
pub mod expected;
pub mod explain;
pub mod identity;
pub mod lint;
pub mod question;
pub mod reach;
pub mod readable;
pub mod text;
pub mod visible;
pub mod words;

pub use rules::Effect;
