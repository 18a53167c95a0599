//! The operations of the pages. Their types are made from `schema/schema.graphql` and `examples/queries` when the program
//! is compiled, so a page cannot name what the schema lacks.
//!
//! To add an operation: 1. its document, one operation a file, in `examples/queries`; 2. its line below. A mutation names
//! its field `done` and selects the fields of [`Outcome`](super::outcome::Outcome).

use graphql_client::GraphQLQuery;

use crate::graphql::access_record::AccessOutcome;
use crate::graphql::delegation_words::{
    AskedAlone, AuthorityGround, AuthorityKind, AuthorityState, ConsentBasis, DelegationEnd, DelegationHistory,
    DelegationKind, DelegationState, IdentityLevel, IdentityMethod, InvitationGround, OwnWord, Relationship,
    SuspensionCause,
};
use crate::graphql::directive_words::{DirectiveEffect, DirectiveGiver, DirectiveState};
use crate::graphql::help_reminder::HelpReminderKind;
use crate::graphql::outside_message_words::{OutsideClosing, OutsideState, OutsideWish};
use crate::graphql::patient::PatientLinkState;
use crate::graphql::problem::ProblemCode;
use crate::graphql::readership::ReaderReason;
use crate::graphql::scalars::Withheld;
use crate::graphql::subscription::NoticeTopic;
use crate::graphql::thread::fields::PartyKind;
use crate::graphql::thread::team_thread::TeamThreadState;
use crate::graphql::viewer::InboxFilter;
use crate::graphql::words::{
    Audience, Capacity, Certainty, ClosingOutcome, Confidentiality, ConsentException, ConsentMethod, ConsultationState,
    Disposition, HistoryWindow, InformMethod, Purpose, ReassignReason, RecommendationKind, Role, Sensitivity,
    TextLanguage, ThreadStatus, Topic, Urgency,
};

/// The derive does not tell Cargo that it reads the schema.
const _: &str = include_str!("../../../../schema/schema.graphql");

/// The name that the derive looks for.
type Id = String;

mod scalars {
    pub(super) type DateTime = chrono::DateTime<chrono::Utc>;
    pub(super) type Version = crate::graphql::scalars::Version;
    pub(super) type Position = crate::graphql::scalars::Position;
}

macro_rules! operations {
    ($($name:ident $path:tt)+) => {$(
        /// The operation of this name.
        #[derive(GraphQLQuery)]
        #[graphql(
            schema_path = "../../schema/schema.graphql",
            query_path = $path,
            normalization = "rust",
            custom_scalars_module = "super::scalars",
            response_derives = "Debug, Clone",
            variables_derives = "Debug",
            extern_enums(
                "AccessOutcome", "AskedAlone", "Audience", "AuthorityGround", "AuthorityKind", "AuthorityState", "Capacity",
                "Certainty", "ClosingOutcome", "Confidentiality", "ConsentBasis", "ConsentException", "ConsentMethod",
                "ConsultationState", "DelegationEnd", "DelegationHistory", "DelegationKind", "DelegationState", "DirectiveEffect",
                "DirectiveGiver", "DirectiveState",
                "Disposition", "HelpReminderKind", "HistoryWindow", "IdentityLevel", "IdentityMethod",
                "InboxFilter", "InformMethod", "InvitationGround", "NoticeTopic", "OutsideClosing", "OutsideState",
                "OutsideWish", "OwnWord", "PartyKind",
                "PatientLinkState", "ProblemCode", "Purpose", "ReaderReason", "ReassignReason", "RecommendationKind",
                "Relationship", "Role", "Sensitivity", "SuspensionCause", "TeamThreadState",
                "TextLanguage", "ThreadStatus", "Topic", "Urgency", "Withheld"
            )
        )]
        pub(crate) struct $name;
    )+};
}

operations! {
    Me "../../examples/queries/me.graphql"
    Home "../../examples/queries/home.graphql"
    ThreadEvents "../../examples/queries/thread_events.graphql"
    InboxEvents "../../examples/queries/inbox_events.graphql"
    WorklistEvents "../../examples/queries/worklist_events.graphql"
    Inbox "../../examples/queries/inbox.graphql"
    Worklists "../../examples/queries/worklists.graphql"
    Thread "../../examples/queries/thread.graphql"
    PostMessage "../../examples/queries/post_message.graphql"
    MarkThreadRead "../../examples/queries/mark_thread_read.graphql"
    ClaimThread "../../examples/queries/claim_thread.graphql"
    AcceptInvitation "../../examples/queries/accept_invitation.graphql"
    DeclineInvitation "../../examples/queries/decline_invitation.graphql"
    CloseThread "../../examples/queries/close_thread.graphql"
    AssignConsultation "../../examples/queries/assign_consultation.graphql"
    AskForAssignment "../../examples/queries/ask_for_assignment.graphql"
    HandOverRequest "../../examples/queries/hand_over_request.graphql"
    AdviseConsultation "../../examples/queries/advise_consultation.graphql"
    RecordPlan "../../examples/queries/record_plan.graphql"
    InformPatient "../../examples/queries/inform_patient.graphql"
    CloseConsultation "../../examples/queries/close_consultation.graphql"
    Drafts "../../examples/queries/drafts.graphql"
    DraftOf "../../examples/queries/draft_of.graphql"
    SaveDraft "../../examples/queries/save_draft.graphql"
    DiscardDraft "../../examples/queries/discard_draft.graphql"
    SetWaitingOn "../../examples/queries/set_waiting_on.graphql"
    PassTurn "../../examples/queries/pass_turn.graphql"
    ParkTeamThread "../../examples/queries/park_team_thread.graphql"
    ReopenThread "../../examples/queries/reopen_thread.graphql"
    AddParticipant "../../examples/queries/add_participant.graphql"
    InviteParticipant "../../examples/queries/invite_participant.graphql"
    ChangeHistoryWindow "../../examples/queries/change_history_window.graphql"
    RemoveParticipant "../../examples/queries/remove_participant.graphql"
    LeaveThread "../../examples/queries/leave_thread.graphql"
    ReleaseThread "../../examples/queries/release_thread.graphql"
    TransferThread "../../examples/queries/transfer_thread.graphql"
    TakeOverThread "../../examples/queries/take_over_thread.graphql"
    PutThreadAway "../../examples/queries/put_thread_away.graphql"
    HideThreadFromDelegates "../../examples/queries/hide_thread_from_delegates.graphql"
    ShowThreadToDelegates "../../examples/queries/show_thread_to_delegates.graphql"
    ThreadAddressees "../../examples/queries/thread_addressees.graphql"
    ThreadReaders "../../examples/queries/thread_readers.graphql"
    ThreadAccessRecords "../../examples/queries/thread_access_records.graphql"
    Colleagues "../../examples/queries/colleagues.graphql"
    RequestConsultation "../../examples/queries/request_consultation.graphql"
    OpenTeamThread "../../examples/queries/open_team_thread.graphql"
    PatientList "../../examples/queries/patient_list.graphql"
    PatientAccessRecords "../../examples/queries/patient_access_records.graphql"
    OrganizationAccessRecords "../../examples/queries/organization_access_records.graphql"
    WhoCouldSee "../../examples/queries/who_could_see.graphql"
    HelperPreview "../../examples/queries/helper_preview.graphql"
    Patient "../../examples/queries/patient.graphql"
    Namesakes "../../examples/queries/namesakes.graphql"
    PoolSearch "../../examples/queries/pool_search.graphql"
    ConsultationForm "../../examples/queries/consultation_form.graphql"
    RecordProposals "../../examples/queries/record_proposals.graphql"
    AcceptPatientLink "../../examples/queries/accept_patient_link.graphql"
    DeclinePatientLink "../../examples/queries/decline_patient_link.graphql"
    PatientPeople "../../examples/queries/patient_people.graphql"
    JoinCareTeam "../../examples/queries/join_care_team.graphql"
    BlockPerson "../../examples/queries/block_person.graphql"
    EndBlock "../../examples/queries/end_block.graphql"
    WhoHelps "../../examples/queries/who_helps.graphql"
    RecordPatientDeath "../../examples/queries/record_patient_death.graphql"
    VoidPatientDeath "../../examples/queries/void_patient_death.graphql"
    RecordProtectionNote "../../examples/queries/record_protection_note.graphql"
    LiftProtectionNote "../../examples/queries/lift_protection_note.graphql"
    PatientDirectives "../../examples/queries/patient_directives.graphql"
    PreviewDirective "../../examples/queries/preview_directive.graphql"
    PreviewTightenedDirective "../../examples/queries/preview_tightened_directive.graphql"
    DenyAccess "../../examples/queries/deny_access.graphql"
    PermitAccess "../../examples/queries/permit_access.graphql"
    RecordDeniedAccess "../../examples/queries/record_denied_access.graphql"
    RecordPermittedAccess "../../examples/queries/record_permitted_access.graphql"
    ConfirmConsentDirective "../../examples/queries/confirm_consent_directive.graphql"
    ConfirmConsentDirectiveOnPaper "../../examples/queries/confirm_consent_directive_on_paper.graphql"
    RefuseConsentDirective "../../examples/queries/refuse_consent_directive.graphql"
    TightenConsentDirective "../../examples/queries/tighten_consent_directive.graphql"
    EndConsentDirective "../../examples/queries/end_consent_directive.graphql"
    VoidConsentDirective "../../examples/queries/void_consent_directive.graphql"
    CareTeamQuestions "../../examples/queries/care_team_questions.graphql"
    AcceptCareTeamPlace "../../examples/queries/accept_care_team_place.graphql"
    DeclineCareTeamPlace "../../examples/queries/decline_care_team_place.graphql"
    WorklistRows "../../examples/queries/worklist_rows.graphql"
    Organizations "../../examples/queries/organizations.graphql"
    Organization "../../examples/queries/organization.graphql"
    OrganizationThreads "../../examples/queries/organization_threads.graphql"
    OrganizationPatients "../../examples/queries/organization_patients.graphql"
    PreviewCalendar "../../examples/queries/preview_calendar.graphql"
    SetAgeGates "../../examples/queries/set_age_gates.graphql"
    SetPhone "../../examples/queries/set_phone.graphql"
    SetCalendar "../../examples/queries/set_calendar.graphql"
    OpenPool "../../examples/queries/open_pool.graphql"
    RenamePool "../../examples/queries/rename_pool.graphql"
    AddPoolMember "../../examples/queries/add_pool_member.graphql"
    RemovePoolMember "../../examples/queries/remove_pool_member.graphql"
    RegisterPerson "../../examples/queries/register_person.graphql"
    GrantRole "../../examples/queries/grant_role.graphql"
    ConfirmRole "../../examples/queries/confirm_role.graphql"
    DeclineRole "../../examples/queries/decline_role.graphql"
    EndRole "../../examples/queries/end_role.graphql"
    CorrectPersonName "../../examples/queries/correct_person_name.graphql"
    Helpers "../../examples/queries/helpers.graphql"
    WhatWouldOpen "../../examples/queries/what_would_open.graphql"
    WhatWouldClose "../../examples/queries/what_would_close.graphql"
    ThreadsToList "../../examples/queries/threads_to_list.graphql"
    HelperWork "../../examples/queries/helper_work.graphql"
    PlacesToWriteTo "../../examples/queries/places_to_write_to.graphql"
    AskToHelp "../../examples/queries/ask_to_help.graphql"
    TellTeam "../../examples/queries/tell_team.graphql"
    OutsideMessages "../../examples/queries/outside_messages.graphql"
    OutsideMessage "../../examples/queries/outside_message.graphql"
    ThreadsToAttachTo "../../examples/queries/threads_to_attach_to.graphql"
    ClaimOutsideMessage "../../examples/queries/claim_outside_message.graphql"
    MatchOutsideMessage "../../examples/queries/match_outside_message.graphql"
    AttachOutsideMessage "../../examples/queries/attach_outside_message.graphql"
    CloseOutsideMessage "../../examples/queries/close_outside_message.graphql"
    Helping "../../examples/queries/helping.graphql"
    HelpReminders "../../examples/queries/help_reminders.graphql"
    HelpInvitation "../../examples/queries/help_invitation.graphql"
    InviteDelegate "../../examples/queries/invite_delegate.graphql"
    AcceptDelegation "../../examples/queries/accept_delegation.graphql"
    DeclineDelegation "../../examples/queries/decline_delegation.graphql"
    VerifyDelegateIdentity "../../examples/queries/verify_delegate_identity.graphql"
    FailDelegateIdentity "../../examples/queries/fail_delegate_identity.graphql"
    PassSafeguarding "../../examples/queries/pass_safeguarding.graphql"
    FailSafeguarding "../../examples/queries/fail_safeguarding.graphql"
    RecordDelegationConsent "../../examples/queries/record_delegation_consent.graphql"
    NarrowDelegation "../../examples/queries/narrow_delegation.graphql"
    WidenDelegation "../../examples/queries/widen_delegation.graphql"
    WidenDelegationByLaw "../../examples/queries/widen_delegation_by_law.graphql"
    RenewDelegation "../../examples/queries/renew_delegation.graphql"
    SuspendDelegation "../../examples/queries/suspend_delegation.graphql"
    ResumeDelegation "../../examples/queries/resume_delegation.graphql"
    RevokeDelegation "../../examples/queries/revoke_delegation.graphql"
    RefuseHelpOffer "../../examples/queries/refuse_help_offer.graphql"
    RecordLegalAuthority "../../examples/queries/record_legal_authority.graphql"
    VerifyLegalAuthority "../../examples/queries/verify_legal_authority.graphql"
    RejectLegalAuthority "../../examples/queries/reject_legal_authority.graphql"
    DisputeLegalAuthority "../../examples/queries/dispute_legal_authority.graphql"
    UpholdLegalAuthority "../../examples/queries/uphold_legal_authority.graphql"
    EndLegalAuthority "../../examples/queries/end_legal_authority.graphql"
}
