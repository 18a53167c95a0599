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
}
