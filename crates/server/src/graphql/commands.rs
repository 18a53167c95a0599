//! The mutations: one for each command of care, in the file of its concept.
//!
//! A mutation takes the id of what it changes beside its input. Its id and its key together make
//! the command's own id, so a repeat is answered as done; what a creating command names lies in
//! its input, which a repeat must not change.

pub mod care_team;
pub mod conversation;
pub mod delegation;
pub mod directive;
pub mod draft;
pub mod legal_authority;
pub mod organization;
pub mod outside_message;
pub mod ownership;
pub mod participants;
pub mod patient;
pub mod person;

use async_graphql::MergedObject;

/// The commands. A mutation without effect says why in its `problems`.
#[derive(MergedObject, Default)]
pub struct Mutation(
    super::thread::KindCommands,
    conversation::ConversationCommands,
    participants::ParticipantCommands,
    ownership::OwnershipCommands,
    patient::PatientCommands,
    care_team::CareTeamCommands,
    person::PersonCommands,
    organization::OrganizationCommands,
    draft::DraftCommands,
    delegation::DelegationCommands,
    legal_authority::LegalAuthorityCommands,
    directive::DirectiveCommands,
    outside_message::OutsideMessageCommands,
);
