//! The closed vocabularies of care as enums of the schema.
//!
//! A word here is the variant of the same name in `care::words`, so that a word added there
//! stops the compiler here. To add a vocabulary: 1. name it and its variants below; 2. bless the
//! schema.

use async_graphql::Enum;
use care::words as source;

/// Declares vocabularies of the schema; `source` names the module of care that has the same.
macro_rules! words {
    ($($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident,)+ })+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name { $($(#[$variant_meta])* $variant,)+ }

        impl From<source::$name> for $name {
            fn from(word: source::$name) -> Self {
                match word { $(source::$name::$variant => Self::$variant,)+ }
            }
        }

        impl From<$name> for source::$name {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => Self::$variant,)+ }
            }
        }
    )+};
}

pub(super) use words;

words! {
    /// What a person does in an organization.
    Role {
        /// A physician.
        Physician,
        /// A nurse.
        Nurse,
        /// A pharmacist.
        Pharmacist,
        /// A coordinator of the work of others.
        Coordinator,
        /// A social worker.
        SocialWorker,
        /// A privacy officer.
        PrivacyOfficer,
        /// An administrator of the organization.
        Administrator,
        /// An auditor of the records.
        Auditor,
        /// A program.
        Service,
        /// Everyone who is signed in; never granted.
        Person,
    }

    /// On whose word a role was granted.
    GrantBasis {
        /// An administrator proposed it and another one confirmed it.
        TwoAdministrators,
        /// One administrator alone, since the organization had no other.
        OneAdministrator,
        /// An administrator of another organization, while this one never had its own.
        StandIn,
        /// The operator of the installation, by a command on its machine.
        Operator,
        /// The installation itself, while nobody was registered.
        Installation,
    }

    /// The capacity in which a person wrote or acted, as it was then.
    Capacity {
        /// As a physician.
        Physician,
        /// As a nurse.
        Nurse,
        /// As a pharmacist.
        Pharmacist,
        /// As a coordinator.
        Coordinator,
        /// As a social worker.
        SocialWorker,
        /// As an administrator.
        Administrator,
        /// As a privacy officer.
        PrivacyOfficer,
        /// As the patient.
        Patient,
        /// As a person who helps the patient, under a delegation.
        Delegate,
        /// A process of this software.
        Process,
        /// The installation itself.
        Installation,
    }

    /// Who may read a message, among the persons who see its thread.
    Audience {
        /// Everyone who may see the thread, including the patient.
        Everyone,
        /// The care professionals among them.
        ClinicalTeam,
        /// The persons whom the author named, and the author.
        Named,
        /// The care professionals, and one person beside them: who wrote it, or to whom they answer. Nobody else.
        TeamAndMe,
    }

    /// How confidential a thread is, in ascending order.
    Confidentiality {
        /// Like every health record.
        Normal,
        /// Only for persons who are involved.
        Restricted,
        /// Only for persons who must know.
        VeryRestricted,
    }

    /// A sensitive subject of a thread, which needs special protection.
    Sensitivity {
        /// Substance use.
        SubstanceUse,
        /// Psychiatry.
        Psychiatry,
        /// HIV.
        Hiv,
        /// Sexual and reproductive health.
        SexualHealth,
        /// Sexual assault, abuse or domestic violence.
        DomesticViolence,
    }

    /// The purpose for which something was read or done.
    Purpose {
        /// Treatment.
        Treatment,
        /// The coordination of care.
        CareCoordination,
        /// A request of the patient.
        PatientRequest,
        /// A request of a person who helps the patient, under a delegation.
        FamilyRequest,
        /// The operation of an organization, and its oversight.
        HealthcareOperations,
    }

    /// How quickly an answer is needed; the minutes are those of the answering pool's calendar.
    Urgency {
        /// Within the usual time.
        Routine,
        /// Sooner.
        Urgent,
    }

    /// The one topic of a thread.
    Topic {
        /// Clinical advice.
        ClinicalAdvice,
        /// Medications.
        Medications,
        /// Results.
        Results,
        /// Scheduling.
        Scheduling,
        /// Education.
        Education,
        /// Social needs.
        Social,
        /// Billing.
        Billing,
    }

    /// The state of a consultation.
    ConsultationState {
        /// Requested.
        Submitted,
        /// Accepted by the pool.
        Assigned,
        /// Claimed by a physician.
        InReview,
        /// Advice was given.
        Answered,
        /// The plan is recorded.
        PlanRecorded,
        /// The patient was informed.
        PatientInformed,
        /// Closed.
        Closed,
    }

    /// How a patient consented.
    ConsentMethod {
        /// Orally.
        Verbal,
        /// On paper.
        Written,
        /// Electronically.
        Electronic,
    }

    /// To what somebody consents by a text.
    ConsentTextKind {
        /// A person helps the patient.
        Help,
        /// A directive that permits somebody something: its `effect` is `PERMIT`.
        Permission,
        /// A directive by which staff wrote down that somebody is blocked: its `effect` is `DENY`.
        Block,
    }

    /// The language of a text of a consent, by its code in ISO 639-1.
    TextLanguage {
        /// English.
        En,
        /// Spanish.
        Es,
    }

    /// Why a consultation was requested without the patient's consent.
    ConsentException {
        /// There was no time.
        Emergency,
        /// The patient cannot consent.
        LacksCapacity,
        /// The law requires it.
        RequiredByLaw,
    }

    /// Why a consultation is assigned again.
    ReassignReason {
        /// A high workload.
        Workload,
        /// A person is absent.
        Absence,
        /// It needs the knowledge of another specialty.
        Expertise,
        /// A conflict of interest.
        ConflictOfInterest,
    }

    /// The kind of a recommendation.
    RecommendationKind {
        /// A treatment.
        Treat,
        /// A test.
        Test,
        /// A referral.
        Refer,
        /// A visit.
        Visit,
        /// Only reassurance.
        Reassure,
    }

    /// How certain an adviser is.
    Certainty {
        /// Low.
        Low,
        /// Moderate.
        Moderate,
        /// High.
        High,
    }

    /// The requester's decision about a recommendation.
    Disposition {
        /// It is followed.
        Accepted,
        /// It is followed in another way.
        Modified,
        /// It is not followed.
        Rejected,
    }

    /// How a patient was informed.
    InformMethod {
        /// In person.
        InPerson,
        /// By telephone.
        Telephone,
        /// Through the portal.
        Portal,
        /// By letter.
        Letter,
    }

    /// The outcome of a consultation.
    ClosingOutcome {
        /// A new plan.
        NewPlan,
        /// The plan was confirmed.
        PlanConfirmed,
        /// A referral was avoided.
        ReferralAvoided,
        /// The referral is still needed.
        ReferralStillNeeded,
        /// A new referral was made.
        NewReferral,
    }
}

/// Whether a thread is open, for threads of every kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ThreadStatus {
    /// It waits for a party.
    Open,
    /// It is closed. No messages can be posted.
    Closed,
}

/// How much of a thread's history before their joining a person sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HistoryWindow {
    /// All of it.
    Full,
    /// Nothing.
    FromJoin,
    /// From a message on.
    FromMessage,
}

impl From<care::conversation::HistoryWindow> for HistoryWindow {
    fn from(history: care::conversation::HistoryWindow) -> Self {
        match history {
            care::conversation::HistoryWindow::Full => Self::Full,
            care::conversation::HistoryWindow::FromJoin => Self::FromJoin,
            care::conversation::HistoryWindow::FromMessage(_) => Self::FromMessage,
        }
    }
}
