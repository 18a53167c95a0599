//! Payloads: what every mutation answers with. Each stands beside its mutation under `commands/`.
//!
//! To add one: 1. declare it with `payload!` beside its mutation, with the field that its entity
//! goes into; 2. give it a variant in [`Payload`].

use async_graphql::{ID, Interface};

use super::commands::conversation::{ClaimThreadPayload, MarkThreadReadPayload, PostMessagePayload};
use super::commands::organization::{
    AddPoolMemberPayload, CreateOrganizationPayload, OpenPoolPayload, RemovePoolMemberPayload, SetCalendarPayload,
};
use super::commands::ownership::{
    CloseThreadPayload, PassTurnPayload, ReleaseThreadPayload, ReopenThreadPayload, SetWaitingOnPayload,
    TakeOverThreadPayload, TransferThreadPayload,
};
use super::commands::participants::{
    AcceptInvitationPayload, AddParticipantPayload, ChangeHistoryWindowPayload, DeclineInvitationPayload,
    InviteParticipantPayload, LeaveThreadPayload, RemoveParticipantPayload,
};
use super::commands::patient::{AddCareTeamMemberPayload, RegisterPatientPayload, RemoveCareTeamMemberPayload};
use super::commands::person::{EndRolePayload, GrantRolePayload, RegisterPersonPayload};
use super::problem::Problem;
use super::scalars::Position;
use super::thread::consultation::commands::{
    AdviseConsultationPayload, AssignConsultationPayload, CloseConsultationPayload, InformPatientPayload,
    RecordPlanPayload, RequestConsultationPayload,
};
use super::thread::team_thread::{OpenTeamThreadPayload, ParkTeamThreadPayload};

/// The result of a mutation, before its payload gives the entity a name.
pub(super) struct Answer<T> {
    pub client_mutation_id: ID,
    pub position: Option<Position>,
    pub replayed: bool,
    pub problems: Vec<Problem>,
    pub entity: Option<T>,
}

/// Declares a payload: what all of them have, and the field of its entity.
macro_rules! payload {
    ($(#[$meta:meta])* $name:ident { $(#[$field_meta:meta])* $field:ident: $ty:ty }) => {
        $(#[$meta])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            /// The key that you sent.
            pub client_mutation_id: async_graphql::ID,
            /// The position to read at or after to see the effect. Null if the command had none.
            pub position: Option<$crate::graphql::scalars::Position>,
            /// Whether the command had been carried out before under this key.
            pub replayed: bool,
            /// Why the command had no effect. Empty if it had one.
            pub problems: Vec<$crate::graphql::problem::Problem>,
            $(#[$field_meta])*
            pub $field: Option<$ty>,
        }

        impl From<$crate::graphql::payload::Answer<$ty>> for $name {
            fn from(answer: $crate::graphql::payload::Answer<$ty>) -> Self {
                let $crate::graphql::payload::Answer { client_mutation_id, position, replayed, problems, entity } =
                    answer;
                Self { client_mutation_id, position, replayed, problems, $field: entity }
            }
        }
    };
}
pub(super) use payload;

/// The fields of every payload.
#[derive(Interface)]
#[graphql(
    field(name = "client_mutation_id", ty = "&ID", desc = "The key that you sent."),
    field(
        name = "position",
        ty = "&Option<Position>",
        desc = "The position to read at or after to see the effect. Null if the command had none."
    ),
    field(name = "replayed", ty = "&bool", desc = "Whether the command had been carried out before under this key."),
    field(name = "problems", ty = "&Vec<Problem>", desc = "Why the command had no effect. Empty if it had one.")
)]
#[expect(missing_docs, reason = "each variant is the payload that it names")]
pub enum Payload {
    RequestConsultation(RequestConsultationPayload),
    AssignConsultation(AssignConsultationPayload),
    ClaimThread(ClaimThreadPayload),
    AdviseConsultation(AdviseConsultationPayload),
    RecordPlan(RecordPlanPayload),
    InformPatient(InformPatientPayload),
    CloseConsultation(CloseConsultationPayload),
    OpenTeamThread(OpenTeamThreadPayload),
    ParkTeamThread(ParkTeamThreadPayload),
    PostMessage(PostMessagePayload),
    MarkThreadRead(MarkThreadReadPayload),
    AddParticipant(AddParticipantPayload),
    InviteParticipant(InviteParticipantPayload),
    AcceptInvitation(AcceptInvitationPayload),
    DeclineInvitation(DeclineInvitationPayload),
    ChangeHistoryWindow(ChangeHistoryWindowPayload),
    LeaveThread(LeaveThreadPayload),
    RemoveParticipant(RemoveParticipantPayload),
    ReleaseThread(ReleaseThreadPayload),
    TransferThread(TransferThreadPayload),
    TakeOverThread(TakeOverThreadPayload),
    SetWaitingOn(SetWaitingOnPayload),
    PassTurn(PassTurnPayload),
    CloseThread(CloseThreadPayload),
    ReopenThread(ReopenThreadPayload),
    RegisterPatient(RegisterPatientPayload),
    AddCareTeamMember(AddCareTeamMemberPayload),
    RemoveCareTeamMember(RemoveCareTeamMemberPayload),
    RegisterPerson(RegisterPersonPayload),
    GrantRole(GrantRolePayload),
    EndRole(EndRolePayload),
    CreateOrganization(CreateOrganizationPayload),
    SetCalendar(SetCalendarPayload),
    OpenPool(OpenPoolPayload),
    AddPoolMember(AddPoolMemberPayload),
    RemovePoolMember(RemovePoolMemberPayload),
}
