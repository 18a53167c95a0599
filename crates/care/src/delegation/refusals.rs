//! Why a command to a delegation is refused.

use chrono::{DateTime, Utc};

use crate::consent_text::TextNotShown;
use crate::ids::ThreadId;
use crate::instant;
use crate::words::DelegationState;

/// We refuse because …
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DelegationRefusal {
    /// … there is no such delegation.
    #[error("there is no such delegation")]
    Missing,
    /// … the state does not take the command.
    #[error("the delegation is {}", .state.word())]
    NotInState {
        /// The state.
        state: DelegationState,
    },
    /// … of several reasons, all of them at once.
    #[error("there are several problems")]
    Several(Vec<DelegationRefusal>),
    /// … the person is the patient.
    #[error("nobody is a delegate for their own record")]
    OwnRecord,
    /// … the sender would decide about themself.
    #[error("nobody decides about their own delegation")]
    SelfNotAllowed,
    /// … the sender would decide about a relative.
    #[error("a member of staff does not decide about their own relative")]
    RelativeNotAllowed,
    /// … only a person can do that.
    #[error("only a person can do that")]
    NotAPerson,
    /// … staff would invite behind the patient's back.
    #[error("staff invite while the patient is present, or where the law gives the person a right")]
    PatientNotPresent,
    /// … a delegate does not let others in.
    #[error("only a representative by law who may manage helpers invites, and within their own scope")]
    OnwardNotAllowed,
    /// … an executor has a task only after a death.
    #[error("an executor is invited after the patient's death is recorded")]
    PatientAlive,
    /// … after a death only an executor has access.
    #[error("the patient's death is recorded")]
    PatientDeceased,
    /// … a parent has access only to a minor.
    #[error("the patient is of adult age")]
    PatientAdult,
    /// … an age cannot be computed.
    #[error("the patient's date of birth is not known to the day")]
    BirthDateUnknown,
    /// … one open delegation of a kind is enough.
    #[error("the person has an open delegation of this kind")]
    AlreadyDelegate,
    /// … the scope reaches nothing.
    #[error("the scope reaches nothing")]
    ScopeEmpty,
    /// … the kind does not allow so much. A parent opens no sensitive subject of a minor from the first age gate on.
    #[error("the scope is wider than the kind allows")]
    ScopeTooWide,
    /// … nobody would receive the invitation.
    #[error("the invitation needs a person, or a contact and a code")]
    ContactMissing,
    /// … a professional helper works for an organization.
    #[error("a professional helper is invited with their organization, and nobody else with one")]
    OrganizationMismatch,
    /// … the end is not ahead of now and of the present end.
    #[error("the end has to be in the future")]
    UntilNotAhead,
    /// … the end is too far ahead for the kind, or for the authority.
    #[error("the end can be at the latest at {}", instant::write(*.latest))]
    UntilTooFar {
        /// The latest end.
        latest: DateTime<Utc>,
    },
    /// … the end lies beyond adult age. It does not say when that is: the date of birth would follow.
    #[error("the access of a parent ends at the latest when the patient is of adult age")]
    UntilBeyondAdultAge,
    /// … staff say why.
    #[error("staff give a reason")]
    StaffReasonMissing,
    /// … the invitation is for somebody else.
    #[error("the invitation is not theirs")]
    NotTheInvited,
    /// … the invitation has expired.
    #[error("the invitation has expired")]
    InvitationExpired,
    /// … several people sign in with the account.
    #[error("a delegate has an account of their own")]
    SharedAccount,
    /// … nothing shows who the person is.
    #[error("evidence of the person's identity is needed, or some from the last twelve months")]
    EvidenceMissing,
    /// … the kind rests on a legal authority that is not verified for this person and patient.
    #[error("a verified legal authority for this person and patient is needed")]
    AuthorityNotVerified,
    /// … the legal authority does not go so far.
    #[error("the legal authority does not cover the scope")]
    AuthorityTooNarrow,
    /// … nobody confirmed where the helper works.
    #[error("the organization has to confirm that the helper works there")]
    EmploymentNotVerified,
    /// … one of the checks was not passed.
    #[error("the access has to be necessary, relevant and safe")]
    ChecksNotPassed,
    /// … the patient was not asked alone.
    #[error("the patient has to be asked alone, a minor from the first age gate on")]
    NotAskedAlone,
    /// … other threads would open than were seen.
    #[error("the list of what would open has changed")]
    OpenedListChanged,
    /// … sensitive threads would open that nobody decided about.
    #[error("sensitive threads would open: each is labelled, hidden, or accepted with a reason")]
    SensitiveUnlabelled(Vec<ThreadId>),
    /// … a note protects the patient from the person.
    #[error("a note protects the patient from the person")]
    ProtectionNote,
    /// … a delegate does not consent to their own access.
    #[error("the delegate does not consent for the patient")]
    ConsentByDelegate,
    /// … staff do not consent for a patient.
    #[error("staff record only what the law gives, or the word of a patient without an account")]
    StaffCannotConsent,
    /// … the access does not rest on such a word.
    #[error("another basis is needed: the law's for a representative, the patient's for every other")]
    OtherBasisNeeded,
    /// … nobody else heard the patient's word.
    #[error("another member of staff of the organization is needed as witness")]
    WitnessMissing,
    /// … the patient has not said what they think of it.
    #[error("the patient's own consent is needed, or for a minor a written finding that they are not competent")]
    OwnWordMissing,
    /// … it is not said that the text was shown by which somebody consents.
    #[error(transparent)]
    TextNotShown(TextNotShown),
    /// … it was not checked for so much.
    #[error("the scope is the one that was checked, or narrower")]
    ScopeChanged,
    /// … the consent was given in the future.
    #[error("the consent is dated in the future")]
    ConsentInFuture,
    /// … a patient without capacity cannot consent.
    #[error("the patient lacks capacity, so that the basis is the law")]
    PatientLacksCapacity,
    /// … the scope would not be narrower.
    #[error("the new scope has to be narrower than the old one, and not empty")]
    NotNarrower,
    /// … the scope would not be wider.
    #[error("the new scope contains the old one")]
    NotWider,
    /// … the patient alone does not open so much.
    #[error("a code, the past, the right to act or to manage helpers needs a new check by staff")]
    SafeguardingNeeded,
    /// … a minor below the first age gate does not widen it.
    #[error("a minor below the first age gate does not widen it")]
    MinorCannotWiden,
    /// … the law does not give access of that kind.
    #[error("the law gives no access of this kind")]
    KindNotByLaw,
    /// … another person has to do it.
    #[error("another person has to do this than the one before")]
    SamePerson,
    /// … what the patient took away they give back by their word.
    #[error("the patient suspended it, so the patient's consent is needed")]
    PatientSuspended,
    /// … the end has passed.
    #[error("the end has passed")]
    Expired,
    /// … a representative does not end another representative's access.
    #[error("a representative does not manage another representative by law")]
    NotTheirs,
    /// … it is not time for it.
    #[error("it is not time for that")]
    NotDue,
    /// … what is said to have happened has not.
    #[error("that has not happened")]
    NotSo,
}

/// The problems of one command, collected before it is refused.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<DelegationRefusal>);

impl Problems {
    /// Notes a problem where there is one.
    pub fn when(&mut self, is_problem: bool, refusal: DelegationRefusal) {
        if is_problem && !self.0.contains(&refusal) {
            self.0.push(refusal);
        }
    }

    /// What a check found, or none and its problem is noted.
    pub fn of<T>(&mut self, checked: Result<T, DelegationRefusal>) -> Option<T> {
        checked.map_err(|refusal| self.when(true, refusal)).ok()
    }

    /// No problem, the only one, or all of them.
    pub fn none(mut self) -> Result<(), DelegationRefusal> {
        match self.0.len() {
            0 | 1 => self.0.pop().map_or(Ok(()), Err),
            _ => Err(DelegationRefusal::Several(self.0)),
        }
    }
}
