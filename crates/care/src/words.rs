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
pub(crate) use words;

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
        Patient = "patient",
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
        /// Ends drafts that were sent.
        Drafts = "drafts",
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
            | Self::Patient
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
