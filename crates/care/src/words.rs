//! The closed vocabularies of care: roles, audiences, labels, purposes.
//!
//! Each word is written down once, beside its variant; the word is what is stored in events and
//! what stands in policy files, so renaming a variant cannot rename history. Words follow HL7
//! where HL7 has one (Confidentiality, ActCode, ActReason).
//!
//! To add a word: 1. add the variant and its spelling here; 2. follow the compiler through every
//! `match`; 3. add its policy rules and cases. The spelling of a released word never changes.

/// Text that is not a word of the vocabulary it was read as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a word of {vocabulary}")]
pub struct UnknownWord {
    /// Which vocabulary was asked.
    pub vocabulary: &'static str,
}

/// Declares vocabularies: each an enum whose variants have their word beside them.
#[macro_export]
macro_rules! words {
    ($($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal,)+ })+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $(#[doc = concat!("`", $word, "`")] $(#[$vmeta])* $variant,)+ }

        impl $name {
            /// Every word, in the order in which they are declared.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word as stored and as written in policy files.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// The variant that a word names.
            ///
            /// # Errors
            /// `UnknownWord` when the text is not exactly one of the words.
            pub fn parse(word: &str) -> Result<Self, $crate::words::UnknownWord> {
                Self::ALL.iter().copied().find(|each| each.word() == word)
                    .ok_or($crate::words::UnknownWord { vocabulary: stringify!($name) })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&word).map_err(serde::de::Error::custom)
            }
        }
    )+};
}
pub use words;

words! {
    /// The role of a person at an organization. `Person` is everyone who is signed in; it is never
    /// granted, and rules allow it only with the standings `self` and `delegate`.
    Role {
        Physician = "physician",
        Nurse = "nurse",
        Pharmacist = "pharmacist",
        Coordinator = "coordinator",
        SocialWorker = "social_worker",
        PrivacyOfficer = "privacy_officer",
        Administrator = "administrator",
        Auditor = "auditor",
        /// A program, not a person.
        Service = "service",
        Person = "person",
    }

    /// On whose word a role was granted.
    GrantBasis {
        /// An administrator proposed it and another one confirmed it.
        TwoAdministrators = "two_administrators",
        /// One administrator alone, since the organization had no other.
        OneAdministrator = "one_administrator",
        /// An administrator of another organization, while this one never had its own.
        StandIn = "stand_in",
        /// The operator of the installation, by a command on its machine.
        Operator = "operator",
        /// The installation itself, while nobody was registered.
        Installation = "installation",
    }

    /// The capacity in which somebody wrote or acted, kept in events as it was then.
    Capacity {
        Physician = "physician",
        Nurse = "nurse",
        Pharmacist = "pharmacist",
        Coordinator = "coordinator",
        SocialWorker = "social_worker",
        Administrator = "administrator",
        PrivacyOfficer = "privacy_officer",
        Patient = "patient",
        /// A person who helps the patient under a delegation.
        Delegate = "delegate",
        /// A process of this software.
        Process = "process",
        /// The installation itself, before anybody is registered.
        Installation = "installation",
    }

    /// Who among those who see a thread may read a message.
    Audience {
        /// Everybody who may read the thread.
        Everyone = "everyone",
        /// The care professionals among them.
        ClinicalTeam = "clinical_team",
        /// The persons named, and the author.
        Named = "named",
        /// The care professionals, and one person beside them: who wrote it, or to whom they answer.
        TeamAndMe = "team_and_me",
    }

    /// HL7 Confidentiality, in ascending order.
    Confidentiality {
        Normal = "N",
        Restricted = "R",
        VeryRestricted = "V",
    }

    /// HL7 ActCode sensitivity of what a thread is about.
    Sensitivity {
        /// Substance use.
        SubstanceUse = "ETH",
        /// Psychiatry.
        Psychiatry = "PSY",
        Hiv = "HIV",
        /// Sexual and reproductive health.
        SexualHealth = "SEX",
        /// Sexual assault, abuse or domestic violence.
        DomesticViolence = "SDV",
    }

    /// HL7 ActReason: the purpose for which something was read or done.
    Purpose {
        Treatment = "TREAT",
        CareCoordination = "COC",
        PatientRequest = "PATRQT",
        HealthcareOperations = "HOPERAT",
        /// A family member or another helper of the patient asked.
        FamilyRequest = "FAMRQT",
    }

    /// How quickly an answer is needed. Minutes to the answer are the answering pool's own.
    Urgency {
        Routine = "routine",
        Urgent = "urgent",
    }

    /// The one topic of a thread.
    Topic {
        ClinicalAdvice = "clinical_advice",
        Medications = "medications",
        Results = "results",
        Scheduling = "scheduling",
        Education = "education",
        Social = "social",
        Billing = "billing",
    }

    /// The state of a consultation.
    ConsultationState {
        Submitted = "submitted",
        Assigned = "assigned",
        InReview = "in_review",
        Answered = "answered",
        PlanRecorded = "plan_recorded",
        PatientInformed = "patient_informed",
        Closed = "closed",
    }

    /// How a patient consented.
    ConsentMethod {
        Verbal = "verbal",
        Written = "written",
        Electronic = "electronic",
    }

    /// To what somebody consents by a text.
    ConsentTextKind {
        /// A person helps the patient.
        Help = "help",
        /// A directive that permits somebody something.
        Permission = "permission",
        /// A directive by which staff wrote down that somebody is blocked.
        Block = "block",
    }

    /// The language of a text of a consent, by its code in ISO 639-1.
    TextLanguage {
        En = "en",
        Es = "es",
    }

    /// Why a consultation was requested without the patient's consent.
    ConsentException {
        Emergency = "emergency",
        LacksCapacity = "lacks_capacity",
        RequiredByLaw = "required_by_law",
    }

    /// Why a consultation is assigned again.
    ReassignReason {
        Workload = "workload",
        Absence = "absence",
        Expertise = "expertise",
        ConflictOfInterest = "conflict_of_interest",
    }

    /// What a recommendation asks for.
    RecommendationKind {
        Treat = "treat",
        Test = "test",
        Refer = "refer",
        Visit = "visit",
        Reassure = "reassure",
    }

    /// How sure an adviser is.
    Certainty {
        Low = "low",
        Moderate = "moderate",
        High = "high",
    }

    /// What is done with a recommendation.
    Disposition {
        Accepted = "accepted",
        Modified = "modified",
        Rejected = "rejected",
    }

    /// How a patient was told.
    InformMethod {
        InPerson = "in_person",
        Telephone = "telephone",
        Portal = "portal",
        Letter = "letter",
    }

    /// The outcome of a consultation.
    ClosingOutcome {
        NewPlan = "new_plan",
        PlanConfirmed = "plan_confirmed",
        ReferralAvoided = "referral_avoided",
        ReferralStillNeeded = "referral_still_needed",
        NewReferral = "new_referral",
    }

    /// Why a participation in a thread ended.
    RemovalReason {
        /// By their own will.
        Left = "left",
        /// Another participant ended it.
        Removed = "removed",
        /// The role in which they took part has ended.
        RoleEnded = "role_ended",
        /// Their place on the patient's care team, by which they took part, has ended.
        CareTeamLeft = "care_team_left",
    }

    /// The processes that act by themselves.
    ProcessName {
        /// Escalates a thread that no member of its pool has claimed in time.
        Unclaimed = "unclaimed",
        /// Gives a thread back whose owner can no longer act, and escalates a turn that nobody can take.
        LooseEnds = "loose_ends",
        /// Ends invitations that nobody answered in time.
        Invitations = "invitations",
        /// Ends agreed waits when their date has come.
        Reviews = "reviews",
        /// Says in the open threads about a patient that they died, and makes it the owner's turn.
        Deaths = "deaths",
        /// Ends drafts that were sent.
        Drafts = "drafts",
        /// Reminds of delegations and of the legal authorities that they rest on, ends them and suspends them.
        Delegations = "delegations",
        /// Reminds of directives of patients, begins them and ends them.
        Directives = "directives",
        /// Begins the delegation of a matched offer to help, ends what lapsed, and erases messages from outside.
        OutsideMessages = "outside_messages",
    }

    /// What a directive of a patient does.
    DirectiveEffect {
        /// It gives a permission that a rule of the policy asks for.
        Permit = "permit",
        /// It blocks, whatever else gives access.
        Deny = "deny",
    }

    /// The state of a directive of a patient.
    DirectiveState {
        /// Staff wrote a permission down. It has no effect until the patient confirms it.
        Proposed = "proposed",
        /// It is in force, within its period.
        Active = "active",
        /// Staff wrote down whom the patient blocks. It is in force, and the patient has to confirm it.
        UnconfirmedDeny = "unconfirmed_deny",
        /// It is no longer in force.
        Ended = "ended",
        /// The patient did not confirm it. It never had effect.
        Refused = "refused",
        /// It was entered in error.
        Voided = "voided",
    }

    /// Who gave or confirmed a directive.
    DirectiveGiver {
        /// The patient gave or confirmed it.
        Patient = "patient",
        /// Who represents the patient by law gave or confirmed it.
        Representative = "representative",
        /// Staff wrote it down.
        Staff = "staff",
    }

    /// How a directive ended.
    DirectiveEnd {
        /// Somebody ended it.
        Ended = "ended",
        /// Its period is over.
        PeriodOver = "period_over",
    }

    /// Why a permission that staff wrote down never had effect.
    DirectiveRefused {
        /// It was refused.
        Refused = "refused",
        /// Nobody confirmed it in time.
        NotConfirmed = "not_confirmed",
    }

    /// Of what people are reminded about a directive.
    DirectiveReminder {
        /// The patient is to confirm it.
        Confirmation = "confirmation",
        /// Nobody has confirmed it in time: staff are to ask the patient.
        ConfirmationOverdue = "confirmation_overdue",
        /// Its period is about to end.
        EndAhead = "end_ahead",
    }

    /// What a person without access wants when they write to an organization about a patient.
    OutsideWish {
        /// To help the patient.
        Help = "help",
        /// To tell the team something.
        Tell = "tell",
    }

    /// The state of a message from outside.
    OutsideState {
        /// Nobody has claimed it.
        Waiting = "waiting",
        /// Somebody has claimed it, to find out whom it is about.
        Claimed = "claimed",
        /// It was matched, attached or closed; its text is there for a while.
        Ended = "ended",
        /// Its text was erased.
        Erased = "erased",
    }

    /// How a message from outside ended. The sender is not told.
    OutsideEnd {
        /// The offer to help belongs to a patient, who is asked.
        Matched = "matched",
        /// It stands in the thread of a patient.
        Attached = "attached",
        /// It is not certain whom it is about.
        Unmatched = "unmatched",
        /// It was refused.
        Refused = "refused",
        /// Nobody answered the offer in time.
        Lapsed = "lapsed",
    }

    /// Why a member of staff closes a message from outside.
    OutsideClosing {
        /// It is not certain whom it is about.
        Unmatched = "unmatched",
        /// It should have no effect.
        Refused = "refused",
    }

    /// In what relation of law or of will a person helps a patient.
    DelegationKind {
        /// The patient asked them to.
        PatientAuthorised = "patient_authorised",
        /// They help by profession, for an organization.
        ProfessionalHelper = "professional_helper",
        /// They have parental responsibility for a minor.
        ParentOfMinor = "parent_of_minor",
        /// A court or the patient appointed them to represent the patient.
        LegalRepresentative = "legal_representative",
        /// They administer the estate of a patient who died.
        Executor = "executor",
    }

    /// What a helper is to the patient, as told at the invitation.
    Relationship {
        Parent = "parent",
        Child = "child",
        Partner = "partner",
        Sibling = "sibling",
        Grandparent = "grandparent",
        OtherFamily = "other_family",
        Friend = "friend",
        Neighbour = "neighbour",
        Guardian = "guardian",
        Caregiver = "caregiver",
        SocialWorker = "social_worker",
        Other = "other",
    }

    /// The state of a delegation. Only `active` gives access.
    DelegationState {
        /// A person offered to help and has no answer.
        Asked = "asked",
        /// A person is invited and has no access.
        Invited = "invited",
        /// They accepted; who they are is to be verified.
        Accepted = "accepted",
        /// Who they are is verified; whether the access is safe is to be checked.
        IdentityVerified = "identity_verified",
        /// The check was passed; the consent is to be recorded.
        SafeguardingChecked = "safeguarding_checked",
        /// They have access within the scope, until the end.
        Active = "active",
        /// Access is off until somebody else has looked.
        Suspended = "suspended",
        /// No access any more.
        Ended = "ended",
    }

    /// Why a delegation ended. The delegate is not told.
    DelegationEnd {
        /// The invited person declined, or gave it back before it was active.
        Declined = "declined",
        /// Somebody who may ended it.
        Revoked = "revoked",
        /// The offer to help was refused.
        OfferRefused = "offer_refused",
        /// Nobody answered the offer to help in time.
        OfferLapsed = "offer_lapsed",
        /// Who offered to help has accepted an invitation to the same help.
        OfferNotNeeded = "offer_not_needed",
        /// Nobody answered the invitation in time.
        InvitationExpired = "invitation_expired",
        /// It could not be verified who they are.
        IdentityFailed = "identity_failed",
        /// The access would not be safe.
        SafeguardingFailed = "safeguarding_failed",
        /// The steps to the first access took too long.
        Unfinished = "unfinished",
        /// Its end was reached.
        Expired = "expired",
        /// The patient is of adult age.
        AdultAge = "adult_age",
        /// The patient died.
        PatientDied = "patient_died",
        /// The record of the patient's death was an error.
        DeathVoided = "death_voided",
        /// The legal authority that it rested on ended.
        AuthorityEnded = "authority_ended",
        /// The helper works for the organization no more.
        EmploymentEnded = "employment_ended",
    }

    /// How much of the past a delegate reads.
    DelegationHistory {
        /// What is written from the first access on.
        FromGrant = "from_grant",
        /// Everything.
        All = "all",
    }

    /// On what ground a member of staff invites somebody else's helper.
    InvitationGround {
        /// The patient is present and wants it.
        PatientPresent = "patient_present",
        /// The law gives the person a right.
        Law = "law",
    }

    /// How it was verified who a person is.
    IdentityMethod {
        /// They were there with a document.
        InPerson = "in_person",
        /// A document was examined, without the person.
        Document = "document",
        /// The member of staff knows them.
        KnownToStaff = "known_to_staff",
        /// A provider of identities vouches for them.
        IdentityProvider = "identity_provider",
    }

    /// How sure it is who a person is, as the eIDAS regulation grades it.
    IdentityLevel {
        Low = "low",
        Substantial = "substantial",
        High = "high",
    }

    /// Whether the patient was asked without the helper.
    AskedAlone {
        Asked = "asked",
        /// The patient cannot answer.
        CannotAnswer = "cannot_answer",
        /// There is nobody to ask: a child below the first age gate, or a patient who died.
        NotNeeded = "not_needed",
    }

    /// On whose word a helper gets access.
    ConsentBasis {
        /// The patient's own, with their account.
        Patient = "patient",
        /// The law's.
        Law = "law",
        /// The word of a patient without an account, written down by staff before a witness.
        PatientWord = "patient_word",
    }

    /// What a patient says, or can say, to an access that the law gives.
    OwnWord {
        /// They consent.
        Consents = "consents",
        /// It was found, in writing, that a minor is not competent to consent.
        NotCompetent = "not_competent",
    }

    /// Why the software suspends a delegation by itself.
    SuspensionCause {
        /// The minor reached the age at which the organization looks again.
        ReviewAge = "review_age",
        /// A note to protect the patient from the delegate was recorded.
        ProtectionNote = "protection_note",
        /// The legal authority that it rests on is disputed.
        AuthorityDisputed = "authority_disputed",
    }

    /// What somebody is reminded of.
    DelegationReminder {
        /// An offer to help has no answer: the practice asks the patient.
        Offer = "offer",
        /// An invitation has no answer.
        Invitation = "invitation",
        /// Who the person is, or whether it is safe, is not decided in time.
        Verification = "verification",
        /// The consent is not recorded.
        Consent = "consent",
        /// The end is near.
        EndAhead = "end_ahead",
        /// A suspension was not looked at in time.
        Review = "review",
        /// An age at which the access changes is near.
        AgeGateAhead = "age_gate_ahead",
    }

    /// What law gives a person a right to act for a patient.
    AuthorityKind {
        ParentalResponsibility = "parental_responsibility",
        Guardianship = "guardianship",
        HealthPowerOfAttorney = "health_power_of_attorney",
        CourtAppointment = "court_appointment",
        /// For the estate of a patient who died.
        Estate = "estate",
    }

    /// Why a person needs somebody who acts for them by law.
    AuthorityGround {
        /// The patient is a minor.
        Minority = "minority",
        /// The patient lacks capacity.
        LackOfCapacity = "lack_of_capacity",
        /// The patient wants it.
        OwnWill = "own_will",
        /// The patient died.
        Death = "death",
    }

    /// The state of a legal authority. None gives access by itself.
    AuthorityState {
        /// A document is on file that nobody has checked.
        Recorded = "recorded",
        /// It was checked.
        Verified = "verified",
        /// Somebody says that it does not hold.
        Disputed = "disputed",
        /// It ended or was found not to hold.
        Ended = "ended",
    }

    /// Why a legal authority ended.
    AuthorityEnd {
        /// The document was found not to hold.
        Rejected = "rejected",
        /// Somebody recorded that it ended.
        Ended = "ended",
        /// Its own end was reached.
        Expired = "expired",
    }

    /// What of a legal authority somebody is reminded of.
    AuthorityReminder {
        /// The document's end is near.
        EndAhead = "end_ahead",
        /// It was not checked, or the dispute was not decided, in time.
        Decision = "decision",
    }

    /// How a draft ended.
    DraftEnd {
        /// Its form was sent.
        Sent = "sent",
        /// Its author discarded it.
        Discarded = "discarded",
    }

    /// The channel by which a command was given.
    Channel {
        GraphQl = "graphql",
        /// A page of this server in a browser.
        Pages = "pages",
        /// The command line and the seeding of a demo clinic.
        Cli = "cli",
        /// A process of this software.
        Process = "process",
    }
}

impl Role {
    /// Whether who holds it takes part in care: on care teams, and in threads of staff.
    #[must_use]
    pub const fn takes_part_in_care(self) -> bool {
        match self {
            Self::Physician | Self::Nurse | Self::Pharmacist | Self::Coordinator | Self::SocialWorker => true,
            Self::PrivacyOfficer | Self::Administrator | Self::Auditor | Self::Service | Self::Person => false,
        }
    }
}

impl DelegationKind {
    /// Whether it represents a living patient by law.
    #[must_use]
    pub const fn is_representative(self) -> bool {
        match self {
            Self::ParentOfMinor | Self::LegalRepresentative => true,
            Self::PatientAuthorised | Self::ProfessionalHelper | Self::Executor => false,
        }
    }

    /// Whether it rests on a legal authority.
    #[must_use]
    pub const fn is_by_law(self) -> bool {
        match self {
            Self::ParentOfMinor | Self::LegalRepresentative | Self::Executor => true,
            Self::PatientAuthorised | Self::ProfessionalHelper => false,
        }
    }

    /// Whether a delegate of the kind has access by reason of the patient's minority, with the ground of the legal authority.
    #[must_use]
    pub fn rests_on_minority(self, ground: Option<AuthorityGround>) -> bool {
        match self {
            Self::ParentOfMinor => true,
            Self::LegalRepresentative => ground == Some(AuthorityGround::Minority),
            Self::PatientAuthorised | Self::ProfessionalHelper | Self::Executor => false,
        }
    }
}

impl DelegationState {
    /// Whether the person has accepted to help, and it has not ended: whether it gives access or not.
    #[must_use]
    pub const fn is_accepted(self) -> bool {
        match self {
            Self::Asked | Self::Invited | Self::Ended => false,
            Self::Accepted | Self::IdentityVerified | Self::SafeguardingChecked | Self::Active | Self::Suspended => {
                true
            }
        }
    }
}

impl Capacity {
    /// The role, when it is that of a clinician who may sign a request.
    #[must_use]
    pub fn clinician(self) -> Option<Role> {
        match self {
            Self::Physician => Some(Role::Physician),
            Self::Nurse
            | Self::Pharmacist
            | Self::Coordinator
            | Self::SocialWorker
            | Self::Administrator
            | Self::PrivacyOfficer
            | Self::Patient
            | Self::Delegate
            | Self::Process
            | Self::Installation => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_as_itself() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.word()), Ok(*role));
        }
        for code in Sensitivity::ALL {
            assert_eq!(Sensitivity::parse(code.word()), Ok(*code));
        }
    }

    #[test]
    fn a_word_in_another_spelling_is_refused() {
        assert!(Role::parse("Physician").is_err());
        assert!(serde_json::from_str::<Audience>("\"EVERYONE\"").is_err());
    }

    #[test]
    fn confidentiality_is_ordered() {
        assert!(Confidentiality::Normal < Confidentiality::Restricted);
        assert!(Confidentiality::Restricted < Confidentiality::VeryRestricted);
    }
}
