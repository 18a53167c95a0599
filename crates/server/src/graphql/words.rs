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
        /// Who keeps the work of others together.
        Coordinator,
        /// A social worker.
        SocialWorker,
        /// Who watches over privacy.
        PrivacyOfficer,
        /// Who runs the organization.
        Administrator,
        /// Who checks the records.
        Auditor,
        /// A program.
        Service,
        /// Everyone who is signed in; never granted.
        Person,
    }

    /// The capacity in which somebody wrote or acted, as it was then.
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
        /// As the patient.
        Patient,
        /// A process of this software.
        Process,
        /// The installation itself.
        Installation,
    }

    /// Who among those who see a thread may read a message.
    Audience {
        /// Everybody who may see the thread, including the patient.
        Everyone,
        /// The care professionals among them.
        ClinicalTeam,
        /// The persons whom the author named, and the author.
        Named,
    }

    /// How confidential, in ascending order.
    Confidentiality {
        /// As any health record.
        Normal,
        /// Only for those involved.
        Restricted,
        /// Only for those who must know.
        VeryRestricted,
    }

    /// What a thread touches that asks for special care.
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

    /// How quickly an answer is needed; the minutes are those of the answering pool's calendar.
    Urgency {
        /// In the usual time.
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

    /// Where a consultation stands.
    ConsultationState {
        /// Asked for.
        Submitted,
        /// Accepted by the pool.
        Assigned,
        /// Taken on by a physician.
        InReview,
        /// Advice was given.
        Answered,
        /// The plan is recorded.
        PlanRecorded,
        /// The patient was told.
        PatientInformed,
        /// Ended.
        Closed,
    }

    /// How a patient consented.
    ConsentMethod {
        /// By word of mouth.
        Verbal,
        /// On paper.
        Written,
        /// Electronically.
        Electronic,
    }

    /// Why a consultation was asked for without the patient's consent.
    ConsentException {
        /// There was no time.
        Emergency,
        /// The patient cannot consent.
        LacksCapacity,
        /// The law demands it.
        RequiredByLaw,
    }

    /// Why a consultation is assigned again.
    ReassignReason {
        /// Too much work.
        Workload,
        /// Somebody is away.
        Absence,
        /// It needs the knowledge of another specialty.
        Expertise,
        /// A conflict of interest.
        ConflictOfInterest,
    }

    /// What a recommendation asks for.
    RecommendationKind {
        /// A treatment.
        Treat,
        /// A test.
        Test,
        /// A referral.
        Refer,
        /// A visit.
        Visit,
        /// Nothing but reassurance.
        Reassure,
    }

    /// How sure an adviser is.
    Certainty {
        /// Not very.
        Low,
        /// Fairly.
        Moderate,
        /// Very.
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

    /// How a patient was told.
    InformMethod {
        /// Face to face.
        InPerson,
        /// By telephone.
        Telephone,
        /// Through the portal.
        Portal,
        /// By letter.
        Letter,
    }

    /// What came of a consultation.
    ClosingOutcome {
        /// A new plan.
        NewPlan,
        /// The plan was confirmed.
        PlanConfirmed,
        /// A referral was avoided.
        ReferralAvoided,
        /// The referral is still needed.
        ReferralStillNeeded,
        /// A new referral came of it.
        NewReferral,
    }
}

/// Whether a thread goes on, whatever its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ThreadStatus {
    /// Somebody is to act on it.
    Open,
    /// It has ended; nothing more is written in it.
    Closed,
}

/// How much of what was before their joining a person sees of a thread.
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
