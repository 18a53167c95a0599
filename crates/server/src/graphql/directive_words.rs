//! The closed vocabularies of a patient's directives as enums of the schema.
//!
//! To add a word: 1. in `care::words`; 2. here, where the compiler asks for it; 3. bless the schema.

use care::words as source;

use super::words::words;

words! {
    /// What a directive of a patient does.
    DirectiveEffect {
        /// It gives a permission that a rule of the policy asks for. It never gives what no rule allows.
        Permit,
        /// It blocks, whatever else gives access.
        Deny,
    }

    /// The state of a directive of a patient.
    DirectiveState {
        /// Staff wrote a permission down. It has no effect until the patient confirms it.
        Proposed,
        /// It is in force, within its period.
        Active,
        /// Staff wrote down whom the patient blocks. It is in force, and the patient has to confirm it.
        UnconfirmedDeny,
        /// It is no longer in force.
        Ended,
        /// The patient did not confirm it. It never had effect.
        Refused,
        /// It was entered in error.
        Voided,
    }

    /// Who gave or confirmed a directive.
    DirectiveGiver {
        /// The patient gave or confirmed it.
        Patient,
        /// Who represents the patient by law gave or confirmed it.
        Representative,
        /// Staff wrote it down.
        Staff,
    }
}
