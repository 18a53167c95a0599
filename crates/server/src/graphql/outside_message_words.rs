//! The closed vocabularies of messages from outside as enums of the schema.
//!
//! To add a word: 1. in `care::words`; 2. here, where the compiler asks for it; 3. bless the schema.

use care::words as source;

use super::words::words;

words! {
    /// What a person without access wants when they write to an organization about a patient.
    OutsideWish {
        /// To help the patient.
        Help,
        /// To tell the team something.
        Tell,
    }

    /// The state of a message from outside.
    OutsideState {
        /// Nobody has claimed it.
        Waiting,
        /// Somebody has claimed it, to find out whom it is about.
        Claimed,
        /// It was matched, attached or closed. Its text is kept for ninety days.
        Ended,
        /// Its text was erased.
        Erased,
    }

    /// How a message from outside ended. The sender is not told.
    OutsideEnd {
        /// The offer to help belongs to a patient, who is asked.
        Matched,
        /// It stands in the thread of a patient.
        Attached,
        /// It is not certain whom it is about.
        Unmatched,
        /// It was refused.
        Refused,
        /// Nobody answered the offer in time.
        Lapsed,
    }

    /// Why a member of staff closes a message from outside.
    OutsideClosing {
        /// It is not certain whom it is about.
        Unmatched,
        /// It should have no effect.
        Refused,
    }
}
