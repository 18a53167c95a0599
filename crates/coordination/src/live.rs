//! What live notices rest on: what happened last (`happening`), who follows what (`hub`), and who is told (`told`).
//! `following` gives the notices to those who follow.

pub(crate) mod happening;
pub(crate) mod hub;
pub(crate) mod told;
