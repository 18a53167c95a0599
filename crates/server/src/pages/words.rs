//! The vocabularies of the API in the language of the reader. A word that is added to a vocabulary stops the compiler
//! here.

use policy::words::{Read, Standing};

use super::outcome::Note;
use super::texts::Texts;
use crate::graphql::delegation_words::{
    AskedAlone, AuthorityGround, AuthorityKind, AuthorityState, ConsentBasis, DelegationEnd, DelegationHistory,
    DelegationKind, DelegationState, IdentityLevel, IdentityMethod, InvitationGround, OwnWord, Relationship,
    SuspensionCause,
};
use crate::graphql::directive_words::{DirectiveGiver, DirectiveState};
use crate::graphql::outside_message_words::{OutsideClosing, OutsideWish};
use crate::graphql::problem::ProblemCode;
use crate::graphql::readership::ReaderReason;
use crate::graphql::thread::team_thread::TeamThreadState;
use crate::graphql::words::{
    Audience, Capacity, Certainty, ClosingOutcome, Confidentiality, ConsentException, ConsentMethod, ConsultationState,
    Disposition, HistoryWindow, InformMethod, Purpose, ReassignReason, RecommendationKind, Role, Sensitivity, Topic,
    Urgency,
};

impl Texts {
    /// What the page knows about a problem beyond its code.
    pub(crate) fn note(&self, note: Note) -> String {
        match note {
            Note::DayMissing => self.wrong_day_missing(),
            Note::TimeMissing => self.wrong_time_missing(),
            Note::NoSuchDay => self.wrong_day(),
            Note::YearForm => self.wrong_year(),
            Note::TimeForm => self.wrong_time(),
            Note::ToldBeforeAnswer => self.wrong_told_before_answer(),
            Note::PortalWithoutPatient => self.wrong_portal_message(),
            Note::PatientReadsNothing => self.wrong_portal_patient(),
            Note::AgesInOrder => self.wrong_ages_order(),
            Note::AlreadyProtected => self.wrong_has_note(),
            Note::NoProtection => self.wrong_has_no_note(),
        }
        .into_owned()
    }
}

macro_rules! said {
    ($($(#[$meta:meta])* $name:ident($word:ident) { $($variant:ident => $text:ident,)+ })+) => {
        impl Texts {$(
            $(#[$meta])*
            pub(crate) fn $name(&self, word: &$word) -> String {
                match word { $($word::$variant => self.$text(),)+ }.into_owned()
            }
        )+}
    };
}

said! {
    /// A role of staff.
    role(Role) {
        Physician => role_physician, Nurse => role_nurse, Pharmacist => role_pharmacist,
        Coordinator => role_coordinator, SocialWorker => role_social_worker, PrivacyOfficer => role_privacy_officer,
        Administrator => role_administrator, Auditor => role_auditor, Service => role_service, Person => role_person,
    }
    /// The role in which somebody reads a thread, where only the patient has none of staff.
    reader_role(Role) {
        Physician => role_physician, Nurse => role_nurse, Pharmacist => role_pharmacist,
        Coordinator => role_coordinator, SocialWorker => role_social_worker, PrivacyOfficer => role_privacy_officer,
        Administrator => role_administrator, Auditor => role_auditor, Service => role_service, Person => role_patient,
    }
    /// In which capacity a person wrote.
    capacity(Capacity) {
        Physician => role_physician, Nurse => role_nurse, Pharmacist => role_pharmacist,
        Coordinator => role_coordinator, SocialWorker => role_social_worker, Administrator => role_administrator,
        PrivacyOfficer => role_privacy_officer, Patient => role_patient, Delegate => capacity_delegate, Process => role_service, Installation => role_service,
    }
    /// Who may read a message.
    audience(Audience) {
        Everyone => audience_everyone, ClinicalTeam => audience_clinical_team, Named => audience_named,
        TeamAndMe => audience_team_and_one,
    }
    /// Where a consultation stands.
    consultation_state(ConsultationState) {
        Submitted => state_submitted, Assigned => state_assigned, InReview => state_in_review,
        Answered => state_answered, PlanRecorded => state_plan_recorded, PatientInformed => state_patient_informed,
        Closed => state_closed,
    }
    /// Where a team thread stands.
    team_thread_state(TeamThreadState) {
        Active => team_active, Parked => team_parked, Closed => state_closed,
    }
    /// The kind of a recommendation.
    recommendation_kind(RecommendationKind) {
        Treat => recommend_treat, Test => recommend_test, Refer => recommend_refer, Visit => recommend_visit,
        Reassure => recommend_reassure,
    }
    /// How certain an adviser is.
    certainty(Certainty) { Low => certainty_low, Moderate => certainty_moderate, High => certainty_high, }
    /// What was decided about a recommendation.
    disposition(Disposition) {
        Accepted => disposition_accepted, Modified => disposition_modified, Rejected => disposition_rejected,
    }
    /// How a patient was informed.
    inform_method(InformMethod) {
        InPerson => inform_in_person, Telephone => inform_telephone, Portal => inform_portal, Letter => inform_letter,
    }
    /// The outcome of a consultation.
    closing_outcome(ClosingOutcome) {
        NewPlan => outcome_new_plan, PlanConfirmed => outcome_plan_confirmed,
        ReferralAvoided => outcome_referral_avoided, ReferralStillNeeded => outcome_referral_still_needed,
        NewReferral => outcome_new_referral,
    }
    /// Why a consultation is assigned again.
    reassign_reason(ReassignReason) {
        Workload => reassign_workload, Absence => reassign_absence, Expertise => reassign_expertise,
        ConflictOfInterest => reassign_conflict_of_interest,
    }
    /// How much of a thread's history somebody sees who joins it.
    history_window(HistoryWindow) {
        Full => history_full, FromJoin => history_from_join, FromMessage => history_from_message,
    }
    /// What a thread is about.
    topic(Topic) {
        ClinicalAdvice => topic_clinical_advice, Medications => topic_medications, Results => topic_results,
        Scheduling => topic_scheduling, Education => topic_education, Social => topic_social, Billing => topic_billing,
    }
    /// How soon an answer is needed.
    urgency(Urgency) { Routine => urgency_routine, Urgent => urgent, }
    /// How a patient agreed.
    consent_method(ConsentMethod) {
        Verbal => consent_verbal, Written => consent_written, Electronic => consent_electronic,
    }
    /// Why a patient was not asked.
    consent_exception(ConsentException) {
        Emergency => consent_emergency, LacksCapacity => consent_lacks_capacity,
        RequiredByLaw => consent_required_by_law,
    }
    /// How confidential a thread is.
    confidentiality(Confidentiality) {
        Normal => confidentiality_normal, Restricted => confidentiality_restricted,
        VeryRestricted => confidentiality_very_restricted,
    }
    /// A sensitive subject.
    sensitivity(Sensitivity) {
        SubstanceUse => sensitivity_substance_use, Psychiatry => sensitivity_psychiatry, Hiv => sensitivity_hiv,
        SexualHealth => sensitivity_sexual_health, DomesticViolence => sensitivity_domestic_violence,
    }
    /// Why somebody may read a message.
    reader_reason(ReaderReason) {
        Patient => reads_as_patient, OpenedIt => reads_as_opener, Owner => reads_as_owner,
        Participant => reads_as_participant, Delegate => reads_as_delegate, CareTeam => reads_as_care_team, PoolMember => reads_as_pool_member,
        OwnersPool => reads_as_owners_pool, RequestingOrganization => reads_as_requesting_organization,
        ReceivingOrganization => reads_as_receiving_organization, Other => reads_as_other,
    }
    /// The rule by which somebody may read a message, in a sentence.
    reader_rule(ReaderReason) {
        Patient => rule_patient, OpenedIt => rule_opener, Owner => rule_owner, Participant => rule_participant,
        Delegate => rule_delegate, CareTeam => rule_care_team, PoolMember => rule_pool_member,
        OwnersPool => rule_owners_pool, RequestingOrganization => rule_requesting_organization,
        ReceivingOrganization => rule_receiving_organization, Other => rule_other,
    }
    /// What was read, of an access record.
    access_read(Read) {
        AccessRead => access_read_access, CareTeamRead => access_read_care_team,
        CareTeamReadQuestion => access_read_question, ConsentDirectiveRead => access_read_blocks,
        ConsentDirectiveReadRecorded => access_read_blocks,
        DraftRead => access_read_draft, JournalVerify => access_read_journal,
        OrganizationCountWork => access_read_work, OrganizationRead => access_read_organization,
        PatientList => access_read_patients, PatientRead => access_read_patient,
        PatientReadHistory => access_read_history, PatientReadProposal => access_read_proposal,
        PersonRead => access_read_person, PolicyRead => access_read_policy, PoolSearch => access_read_pools,
        ThreadFind => access_read_find, ThreadListParticipants => access_read_participants,
        DelegationPreview => access_read_preview, PatientReadTimeline => access_read_timeline,
        OutsideMessageRead => access_read_outside, OutsideMessageReadPlaces => access_read_outside,
        DelegationRead => access_read_helpers, DelegationReadEvidence => access_read_helpers,
        DelegationReadInvitation => access_read_helpers, DelegationReadOwn => access_read_helpers,
        DelegationReadSteps => access_read_helpers, LegalAuthorityRead => access_read_authority,
        ThreadRead => access_read_thread, ThreadReadMessage => access_read_message,
        WorklistRead => access_read_worklist,
    }
    /// For which purpose something was read.
    purpose(Purpose) {
        Treatment => purpose_treatment, CareCoordination => purpose_care_coordination,
        PatientRequest => purpose_patient_request, HealthcareOperations => purpose_healthcare_operations,
        FamilyRequest => purpose_family_request,
    }
    /// What somebody who read something was to it.
    standing(Standing) {
        Self_ => reads_as_patient, Author => reads_as_author, Requester => reads_as_opener, Assignee => reads_as_owner,
        Participant => reads_as_participant, CareTeam => reads_as_care_team, Joined => reads_as_joined,
        PoolMember => reads_as_pool_member, OwnersPool => reads_as_owners_pool, Invited => reads_as_invited,
        Proposed => reads_as_other, RequestingOrganization => reads_as_requesting_organization,
        ReceivingOrganization => reads_as_receiving_organization, Organization => reads_as_staff,
        LastResort => reads_as_other, StandIn => reads_as_other, Installation => reads_as_other,
        Involved => reads_as_other, Employed => reads_as_staff, Process => reads_as_other,
        Blocked => reads_as_other, None => reads_as_other, Representative => reads_as_delegate,
        Delegate => reads_as_delegate,
    }
    /// Why a command had no effect, for the person who gave it.
    problem(ProblemCode) {
        NotFound => problem_not_found, NotPermitted => problem_not_permitted,
        IdempotencyMismatch => problem_idempotency_mismatch, VersionConflict => problem_version_conflict,
        InvalidVersion => problem_version_conflict, Empty => problem_empty, TooLong => problem_too_long,
        ControlCharacter => problem_control_character, Malformed => problem_malformed,
        OutOfRange => problem_out_of_range, NotInState => problem_not_in_state, ThreadClosed => problem_thread_closed,
        ThreadNotClosed => problem_not_in_state, TooLate => problem_too_late, NoPool => problem_not_in_state,
        NotOwner => problem_not_owner, PoolEmpty => problem_pool_empty, OwnerCannotAct => problem_owner_cannot_act,
        SameOwner => problem_same_owner, OwnerPresent => problem_owner_present, OwnRecord => problem_own_record,
        SelfNotAllowed => problem_self_not_allowed, OtherOrganization => problem_other_organization,
        SameOrganization => problem_same_organization, NotInvited => problem_not_invited,
        NotWaiting => problem_not_in_state, NotExpired => problem_not_in_state,
        OwnerMustTransfer => problem_owner_must_transfer, LastParticipant => problem_last_participant,
        NotAParticipant => problem_not_a_participant, PartyCannotAct => problem_party_cannot_act,
        NotAStaffRole => problem_not_a_staff_role, NoReachableReader => problem_no_reachable_reader,
        NoOrganization => problem_no_organization, NotAdmitted => problem_not_in_state,
        NotAProcess => problem_not_permitted, AlreadyClaimed => problem_already_claimed,
        AlreadyExists => problem_already_exists, AssignedToAnother => problem_assigned_to_another,
        NotInPool => problem_not_in_pool, ReasonMissing => problem_reason_missing, InFuture => problem_in_future,
        NoStaffedHour => problem_no_staffed_hour, RecommendationCount => problem_recommendation_count,
        NoPatient => problem_no_patient, NotAPool => problem_not_a_pool, NotAllDisposed => problem_not_all_disposed,
        NotAClinician => problem_not_a_clinician, NotAPerson => problem_not_permitted,
        NoSuchMessage => problem_no_such_message, NotOnCareTeam => problem_not_on_care_team,
        NotACareRole => problem_not_a_care_role, InAnotherRole => problem_in_another_role,
        NoRoleThere => problem_no_role_there, RoleNotGrantable => problem_role_not_grantable,
        EndsBeforeItBegins => problem_ends_before_it_begins, NoAdministratorYet => problem_no_administrator_yet,
        LastAdministrator => problem_last_administrator, LastCoordinator => problem_last_coordinator,
        NoCalendar => problem_no_calendar, InvalidCalendar => problem_invalid_calendar,
        AskedToday => problem_asked_today, RequesterPresent => problem_requester_present,
        PatientWordMissing => problem_patient_word_missing, WouldShutOutPatient => problem_would_shut_out_patient,
        CannotDenyOversight => problem_cannot_deny_oversight, NobodyLeft => problem_nobody_left,
        NotTheirs => problem_not_theirs,
        Erased => problem_erased, NoProposal => problem_no_proposal, NotLinked => problem_not_linked,
        NoDeathRecorded => problem_not_in_state,
        PossibleDuplicate => problem_duplicate,
        DraftEnded => problem_draft_ended, DraftExists => problem_draft_exists,
        DraftOfOtherForm => problem_draft_of_other_form, DraftSavedRecently => problem_draft_saved_recently,
        TooManyDrafts => problem_too_many_drafts,
        RelativeNotAllowed => problem_relative_not_allowed, PatientNotPresent => problem_patient_not_present,
        OnwardNotAllowed => problem_onward_not_allowed, PatientAlive => problem_patient_alive,
        PatientDeceased => problem_patient_deceased, PatientAdult => problem_patient_adult,
        BirthDateUnknown => problem_birth_date_unknown, AlreadyDelegate => problem_already_delegate,
        ScopeEmpty => problem_scope_empty, ScopeTooWide => problem_scope_too_wide,
        ContactMissing => problem_contact_missing, OrganizationMismatch => problem_organization_mismatch,
        UntilNotAhead => problem_until_not_ahead, UntilTooFar => problem_until_too_far,
        TooManyTries => problem_too_many_tries, SharedAccount => problem_shared_account,
        EvidenceMissing => problem_evidence_missing, AuthorityNotVerified => problem_authority_not_verified,
        AuthorityTooNarrow => problem_authority_too_narrow, EmploymentNotVerified => problem_employment_not_verified,
        ChecksNotPassed => problem_checks_not_passed, NotAskedAlone => problem_not_asked_alone,
        OpenedListChanged => problem_opened_list_changed, SensitiveUnlabelled => problem_sensitive_unlabelled,
        ProtectionNote => problem_protection_note, ConsentByDelegate => problem_consent_by_delegate,
        StaffCannotConsent => problem_staff_cannot_consent, OtherBasisNeeded => problem_other_basis_needed,
        WitnessMissing => problem_witness_missing, OwnWordMissing => problem_own_word_missing,
        ScopeChanged => problem_scope_changed, PatientLacksCapacity => problem_patient_lacks_capacity,
        NotNarrower => problem_not_narrower, NotWider => problem_not_wider,
        SafeguardingNeeded => problem_safeguarding_needed, MinorCannotWiden => problem_minor_cannot_widen,
        KindNotByLaw => problem_kind_not_by_law, SamePerson => problem_same_person,
        PatientSuspended => problem_patient_suspended, Expired => problem_expired,
        OtherRepresentative => problem_other_representative, NotDue => problem_not_in_state,
        LimitsEmpty => problem_limits_empty, OtherGroundNeeded => problem_other_ground_needed,
        AlreadyHidden => problem_already_hidden, NotHidden => problem_not_hidden,
        HidingNotAnswered => problem_hiding_not_answered,
        BasisMissing => problem_basis_missing, DelegateHasRead => problem_delegate_has_read,
        ListChanged => problem_list_changed, AudienceMissing => problem_audience_missing,
        WhomMissing => problem_whom_missing, PurposeMissing => problem_purpose_missing,
        UntilMissing => problem_until_missing, NotPermittable => problem_not_permittable,
        HasAccount => problem_has_account, NotTighter => problem_not_tighter,
        ConflictOfInterest => problem_conflict_of_interest, TextNotShown => problem_text_not_shown,
    }
    /// Where a directive of the patient stands.
    directive_state(DirectiveState) {
        Proposed => directive_state_proposed, Active => directive_state_active,
        UnconfirmedDeny => directive_state_unconfirmed_deny, Ended => directive_state_ended,
        Refused => directive_state_refused, Voided => directive_state_voided,
    }
    /// Who gave or confirmed a directive of the patient.
    directive_giver(DirectiveGiver) {
        Patient => directive_giver_patient, Representative => directive_giver_representative,
        Staff => directive_giver_staff,
    }
    /// What a person without access wants, in their own words.
    outside_wish_of_sender(OutsideWish) { Help => tell_wish_help, Tell => tell_wish_tell, }
    /// Why a message from outside is closed.
    outside_closing(OutsideClosing) { Unmatched => outside_closing_unmatched, Refused => outside_closing_refused, }
    /// What a helper is to the patient.
    relationship(Relationship) {
        Parent => relationship_parent, Child => relationship_child, Partner => relationship_partner,
        Sibling => relationship_sibling, Grandparent => relationship_grandparent,
        OtherFamily => relationship_other_family, Friend => relationship_friend, Neighbour => relationship_neighbour,
        Guardian => relationship_guardian, Caregiver => relationship_caregiver,
        SocialWorker => relationship_social_worker, Other => relationship_other,
    }
    /// Why a person helps a patient.
    delegation_kind(DelegationKind) {
        PatientAuthorised => helps_patient_authorised, ProfessionalHelper => helps_by_profession,
        ParentOfMinor => helps_as_parent, LegalRepresentative => helps_by_law, Executor => helps_as_executor,
    }
    /// Where the help of a person stands.
    delegation_state(DelegationState) {
        Asked => helper_is_asked, Invited => helper_is_invited, Accepted => helper_is_accepted,
        IdentityVerified => helper_is_verified, SafeguardingChecked => helper_is_checked,
        Active => helper_is_active, Suspended => helper_is_suspended, Ended => helper_is_ended,
    }
    /// Why the help of a person ended.
    delegation_end(DelegationEnd) {
        Declined => helper_end_declined, Revoked => helper_end_revoked, OfferRefused => helper_end_refused,
        OfferLapsed => helper_end_lapsed, OfferNotNeeded => helper_end_not_needed,
        InvitationExpired => helper_end_unanswered,
        IdentityFailed => helper_end_identity, SafeguardingFailed => helper_end_unsafe,
        Unfinished => helper_end_unfinished, Expired => helper_end_expired, AdultAge => helper_end_adult,
        PatientDied => helper_end_died, DeathVoided => helper_end_death_voided,
        AuthorityEnded => helper_end_authority, EmploymentEnded => helper_end_employment,
    }
    /// How much of the past a helper reads.
    delegation_history(DelegationHistory) {
        FromGrant => history_from_grant, All => history_of_all,
    }
    /// Why the software paused the help of a person.
    suspension_cause(SuspensionCause) {
        ReviewAge => helper_pause_age, ProtectionNote => helper_pause_note,
        AuthorityDisputed => helper_pause_dispute,
    }
    /// How it was verified who a helper is.
    identity_method(IdentityMethod) {
        InPerson => identity_in_person, Document => identity_document, KnownToStaff => identity_known,
        IdentityProvider => identity_provider,
    }
    /// How sure it is who a helper is.
    identity_level(IdentityLevel) {
        Low => identity_low, Substantial => identity_substantial, High => identity_high,
    }
    /// Whether a patient was asked without the helper.
    asked_alone(AskedAlone) {
        Asked => alone_asked, CannotAnswer => alone_cannot, NotNeeded => alone_not_needed,
    }
    /// On whose word a helper gets access.
    consent_basis(ConsentBasis) {
        Patient => basis_patient, Law => basis_law, PatientWord => basis_patient_word,
    }
    /// What a patient says to an access that the law gives.
    own_word(OwnWord) {
        Consents => own_word_consents, NotCompetent => own_word_not_competent,
    }
    /// On what ground staff invite.
    invitation_ground(InvitationGround) {
        PatientPresent => ground_present, Law => ground_law,
    }
    /// What law lets a person act for a patient.
    authority_kind(AuthorityKind) {
        ParentalResponsibility => authority_parental, Guardianship => authority_guardianship,
        HealthPowerOfAttorney => authority_power, CourtAppointment => authority_court, Estate => authority_estate,
    }
    /// Why a patient needs somebody who acts for them by law.
    authority_ground(AuthorityGround) {
        Minority => authority_minority, LackOfCapacity => authority_incapacity, OwnWill => authority_will,
        Death => authority_death,
    }
    /// Where a right by law stands.
    authority_state(AuthorityState) {
        Recorded => authority_recorded, Verified => authority_verified, Disputed => authority_disputed,
        Ended => authority_ended,
    }
}

/// The icon that stands beside an audience.
pub(crate) const fn audience_icon(audience: Audience) -> &'static str {
    match audience {
        Audience::Everyone => "people",
        Audience::ClinicalTeam | Audience::Named | Audience::TeamAndMe => "lock",
    }
}

/// The tone of an audience.
pub(crate) const fn audience_tone(audience: Audience) -> &'static str {
    match audience {
        Audience::Everyone => "info",
        Audience::ClinicalTeam | Audience::Named | Audience::TeamAndMe => "private",
    }
}
