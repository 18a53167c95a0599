//! Authorization: the policy decision point, and the only module that makes proofs of permission.
//!
//! A policy is a table that a clinician can review (`policies/` at the root): tens of rows of words, without persons.
//! casbin decides by it, for one standing and one sensitivity code at a time; its answers are cached in a table.
//! [`DecisionPoint`](decide::DecisionPoint) holds the version in force, a request takes a [`Viewer`](decide::Viewer)
//! from it, and an allowed action gives a [`Permit`](decide::Permit), an [`Authorized`](authorized::Authorized) command
//! or a [`Visible`](visible::Visible) row. None of them can be made in any other way.
//!
//! A refusal gives the client no reason; [`explain`] is for persons whom the policy allows to ask.

mod engine;
mod lint;
mod rules;
mod table;

pub mod active;
pub mod authorized;
pub mod cases;
pub mod decide;
pub mod expected;
pub mod explain;
pub mod identity;
pub mod problem;
pub mod question;
pub mod reach;
pub mod readable;
pub mod text;
pub mod visible;
pub mod words;

pub use rules::Effect;
