//! The closed vocabularies of delegations and legal authorities as enums of the schema.
//!
//! To add a word: 1. in `care::words`; 2. here, where the compiler asks for it; 3. bless the schema.

use care::words as source;

use super::words::words;

words! {
    /// Why a person helps a patient.
    DelegationKind {
        /// The patient asked them to.
        PatientAuthorised,
        /// They help by profession, for an organization.
        ProfessionalHelper,
        /// They have parental responsibility for a minor.
        ParentOfMinor,
        /// A court or the patient appointed them to represent the patient.
        LegalRepresentative,
        /// They administer the estate of a patient who died.
        Executor,
    }

    /// What a helper is to the patient, as told at the invitation.
    Relationship {
        /// A parent.
        Parent,
        /// A child.
        Child,
        /// A partner.
        Partner,
        /// A brother or sister.
        Sibling,
        /// A grandparent.
        Grandparent,
        /// Another relative.
        OtherFamily,
        /// A friend.
        Friend,
        /// A neighbour.
        Neighbour,
        /// A guardian.
        Guardian,
        /// A caregiver.
        Caregiver,
        /// A social worker.
        SocialWorker,
        /// Anything else.
        Other,
    }

    /// The state of a delegation. Only `ACTIVE` gives access, and only until its end.
    DelegationState {
        /// A person offered to help and has no answer.
        Asked,
        /// A person is invited and has no access.
        Invited,
        /// They accepted; who they are is to be verified.
        Accepted,
        /// Who they are is verified; whether the access is safe is to be checked.
        IdentityVerified,
        /// The check was passed; the consent is to be recorded.
        SafeguardingChecked,
        /// They have access within the scope, until the end.
        Active,
        /// Access is off until somebody else has looked.
        Suspended,
        /// No access any more.
        Ended,
    }

    /// Why a delegation ended. The helper is not told.
    DelegationEnd {
        /// The invited person declined, or gave it back before it was active.
        Declined,
        /// Somebody who may ended it.
        Revoked,
        /// The offer to help was refused.
        OfferRefused,
        /// Nobody answered the offer to help in time.
        OfferLapsed,
        /// Who offered to help has accepted an invitation to the same help.
        OfferNotNeeded,
        /// Nobody answered the invitation in time.
        InvitationExpired,
        /// It could not be verified who they are.
        IdentityFailed,
        /// The access would not be safe.
        SafeguardingFailed,
        /// The steps to the first access took too long.
        Unfinished,
        /// Its end was reached.
        Expired,
        /// The patient is of adult age.
        AdultAge,
        /// The patient died.
        PatientDied,
        /// The record of the patient's death was an error.
        DeathVoided,
        /// The legal authority that it rested on ended.
        AuthorityEnded,
        /// The helper works for the organization no more.
        EmploymentEnded,
    }

    /// How much of the past a helper reads.
    DelegationHistory {
        /// What is written from the first access on.
        FromGrant,
        /// Everything.
        All,
    }

    /// On what ground staff invite a helper.
    InvitationGround {
        /// The patient is present and wants it.
        PatientPresent,
        /// The law gives the person a right.
        Law,
    }

    /// How it was verified who a person is.
    IdentityMethod {
        /// They were there with a document.
        InPerson,
        /// A document was examined, without the person.
        Document,
        /// The member of staff knows them.
        KnownToStaff,
        /// A provider of identities vouches for them.
        IdentityProvider,
    }

    /// How sure it is who a person is, as the eIDAS regulation grades it.
    IdentityLevel {
        /// Low.
        Low,
        /// Substantial.
        Substantial,
        /// High.
        High,
    }

    /// Whether the patient was asked without the helper.
    AskedAlone {
        /// They were asked alone.
        Asked,
        /// The patient cannot answer.
        CannotAnswer,
        /// There is nobody to ask: a child below the first age gate, or a patient who died.
        NotNeeded,
    }

    /// On whose word a helper gets access.
    ConsentBasis {
        /// The patient's own, with their account.
        Patient,
        /// The law's.
        Law,
        /// The word of a patient without an account, written down by staff before a witness.
        PatientWord,
    }

    /// What a patient says, or can say, to an access that the law gives.
    OwnWord {
        /// They consent.
        Consents,
        /// It was found, in writing, that a minor is not competent to consent.
        NotCompetent,
    }

    /// Why a delegation was suspended by the software.
    SuspensionCause {
        /// The minor reached the age at which the organization looks again.
        ReviewAge,
        /// A note to protect the patient from the helper was recorded.
        ProtectionNote,
        /// The legal authority that it rests on is disputed.
        AuthorityDisputed,
    }

    /// What law gives a person a right to act for a patient.
    AuthorityKind {
        /// Parental responsibility.
        ParentalResponsibility,
        /// Guardianship.
        Guardianship,
        /// A power of attorney for health.
        HealthPowerOfAttorney,
        /// An appointment by a court.
        CourtAppointment,
        /// For the estate of a patient who died.
        Estate,
    }

    /// Why a patient needs somebody who acts for them by law.
    AuthorityGround {
        /// The patient is a minor.
        Minority,
        /// The patient lacks capacity.
        LackOfCapacity,
        /// The patient wants it.
        OwnWill,
        /// The patient died.
        Death,
    }

    /// The state of a legal authority. None gives access by itself.
    AuthorityState {
        /// A document is on file that nobody has checked.
        Recorded,
        /// It was checked.
        Verified,
        /// Somebody says that it does not hold.
        Disputed,
        /// It ended or was found not to hold.
        Ended,
    }

    /// Why a legal authority ended.
    AuthorityEnd {
        /// The document was found not to hold.
        Rejected,
        /// Somebody recorded that it ended.
        Ended,
        /// Its own end was reached.
        Expired,
    }
}

/// The steps, as they are read.
mod steps {
    use coordination as source;

    use crate::graphql::words::words;

    words! {
        /// Why a person could see something of a patient, or could not.
        TimelineReason {
            /// They were on the care team.
            CareTeam,
            /// They opened a conversation, or the request was handed over to them.
            Asks,
            /// They owned a conversation.
            Holds,
            /// They took part in a conversation.
            TakesPart,
            /// They helped the patient under a delegation.
            Helps,
            /// The patient blocked them.
            ShutOut,
            /// The patient permitted them something.
            Permitted,
        }

        /// A step of a delegation.
        DelegationStepKind {
            /// A person offered to help.
            Offered,
            /// A person was invited.
            Invited,
            /// They accepted.
            Accepted,
            /// It was verified who they are.
            IdentityVerified,
            /// It was checked that the access is necessary, fits and is safe.
            SafeguardingPassed,
            /// A consent, or what the law says instead, was recorded.
            Consented,
            /// The access began.
            Activated,
            /// The scope became narrower.
            Narrowed,
            /// It was checked that more can be reached. The patient can widen the scope so far for 30 days, and until the
            /// delegation changes.
            WideningChecked,
            /// The scope became wider.
            Widened,
            /// It ends later.
            Renewed,
            /// The access was taken away until somebody else has looked.
            Suspended,
            /// The access was given back.
            Resumed,
            /// It ended.
            Ended,
        }

        /// What a text of a step of a delegation is about.
        DelegationNoteKind {
            /// Where the invitation went.
            Contact,
            /// What was seen when it was verified who they are.
            Evidence,
            /// How the organization of a professional helper confirmed that they work there.
            Employment,
            /// Why a sensitive thread is to open.
            OpenedThread,
            /// What the patient says to an access that the law gives, or what was found.
            OwnWord,
            /// What the law says.
            LegalBasis,
            /// Why.
            Reason,
            /// What the patient said.
            PatientWord,
        }

        /// A step of a legal authority.
        AuthorityStepKind {
            /// A document was put on file.
            Recorded,
            /// The document was checked.
            Verified,
            /// Somebody said that it does not hold.
            Disputed,
            /// It was decided that it holds.
            Upheld,
            /// It ended.
            Ended,
        }
    }
}

pub use steps::{AuthorityStepKind, DelegationNoteKind, DelegationStepKind, TimelineReason};
