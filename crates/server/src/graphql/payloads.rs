//! The interface of all payloads, which lists them.

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
