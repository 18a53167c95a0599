//! What can be asked of a delegation: by the patient, by a representative, by the helper, by staff, and by the process
//! that keeps its instants.

use chrono::{DateTime, Utc};

use std::collections::BTreeMap;

use crate::command_name::commands;
use crate::consent_text::ShownText;
use crate::ids::{AuthorityId, DelegationId, OrganizationId, PatientId, PersonId, ThreadId};
use crate::scope::Scope;
use crate::shown::{Digest, TextVersion};
use crate::text::PersonalText;
use crate::words::{
    AskedAlone, ConsentBasis, ConsentMethod, DelegationEnd, DelegationKind, DelegationReminder, IdentityLevel,
    IdentityMethod, InvitationGround, OwnWord, Relationship, SuspensionCause,
};

commands! {
    /// What can be asked of a delegation.
    DelegationCommand, DelegationAct {
        "delegation.invite" => InviteDelegate,
        "delegation.ask" => AskToHelp,
        "delegation.refuse_offer" => RefuseOffer,
        "delegation.accept" => AcceptDelegation,
        "delegation.decline" => DeclineDelegation,
        "delegation.verify_identity" => VerifyIdentity,
        "delegation.fail_identity" => FailIdentity,
        "delegation.pass_safeguarding" => PassSafeguarding,
        "delegation.fail_safeguarding" => FailSafeguarding,
        "delegation.record_consent" => RecordConsent,
        "delegation.narrow" => NarrowDelegation,
        "delegation.widen" => WidenDelegation,
        "delegation.widen_by_law" => WidenByLaw,
        "delegation.renew" => RenewDelegation,
        "delegation.suspend" => SuspendDelegation,
        "delegation.resume" => ResumeDelegation,
        "delegation.revoke" => RevokeDelegation,
        "delegation.remind" => RemindOfDelegation,
        "delegation.expire" => ExpireDelegation,
        "delegation.end_by" => EndDelegationBy,
        "delegation.suspend_by" => SuspendDelegationBy,
        "delegation.narrow_at_age" => NarrowAtAge,
        "delegation.end_at_age" => EndAtAge,
    }
    where
    fn at_patient(&self) -> Option<PatientId> {
        if let Self::InviteDelegate(invite) = self {
            return invite.answers.is_none().then_some(invite.patient);
        }
        if let Self::AskToHelp(ask) = self { Some(ask.patient) } else { None }
    }
}

impl DelegationAct {
    /// Whether a command of this act always has a text, so that it cannot be given once the patient's texts were erased.
    #[must_use]
    pub fn needs_text(self) -> bool {
        match self {
            Self::FailIdentity | Self::FailSafeguarding | Self::SuspendDelegation | Self::ResumeDelegation => true,
            Self::InviteDelegate
            | Self::AskToHelp
            | Self::RefuseOffer
            | Self::AcceptDelegation
            | Self::DeclineDelegation
            | Self::VerifyIdentity
            | Self::PassSafeguarding
            | Self::RecordConsent
            | Self::NarrowDelegation
            | Self::WidenDelegation
            | Self::WidenByLaw
            | Self::RenewDelegation
            | Self::RevokeDelegation
            | Self::RemindOfDelegation
            | Self::ExpireDelegation
            | Self::EndDelegationBy
            | Self::SuspendDelegationBy
            | Self::NarrowAtAge
            | Self::EndAtAge => false,
        }
    }
}

/// Invites a person to help a patient. Without an offer that it answers it begins a delegation, whose id is the first
/// that the command creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteDelegate {
    /// The patient.
    pub patient: PatientId,
    /// The offer to help that it answers; none if nobody offered.
    pub answers: Option<DelegationId>,
    /// The person, where they are known: nobody else can accept. None: the person who has the code.
    pub person: Option<PersonId>,
    /// The hash of the code of an invitation to a person who is not known here; the code itself goes to the contact.
    pub code: Option<Digest>,
    /// Where the invitation goes; needed for a person who is not known here.
    pub contact: Option<PersonalText>,
    /// The kind.
    pub kind: DelegationKind,
    /// What the person is to the patient.
    pub relationship: Relationship,
    /// What they are to reach.
    pub scope: Scope,
    /// When their access is to end.
    pub until: DateTime<Utc>,
    /// The organization that a professional helper works for.
    pub organization: Option<OrganizationId>,
    /// The legal authority that it is to rest on, where it is recorded already.
    pub authority: Option<AuthorityId>,
    /// On what ground staff invite; none for the patient and a representative.
    pub ground: Option<InvitationGround>,
    /// Whether the sender, a member of staff, says that they are a relative of the person.
    pub is_relative: bool,
}

/// The process begins the offer of a person to help, once staff have found the patient whom the person named. It reveals
/// nothing to them and gives them nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskToHelp {
    /// The patient.
    pub patient: PatientId,
    /// Who offered.
    pub person: PersonId,
    /// The kind.
    pub kind: DelegationKind,
    /// What they are to the patient.
    pub relationship: Relationship,
}

/// Refuses an offer to help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefuseOffer {
    /// Why; staff say it.
    pub reason: Option<PersonalText>,
}

/// The invited person accepts, with their own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptDelegation {
    /// The hash of the code that they have; none if the invitation names them.
    pub code: Option<Digest>,
    /// The terms that they were shown.
    pub terms_version: TextVersion,
    /// Whether they say that nobody else signs in with the account.
    pub own_account: bool,
}

/// The invited person declines, or gives back what is not active yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclineDelegation {
    /// The hash of the code that they have; none if the invitation names them.
    pub code: Option<Digest>,
}

/// Records that it was verified who the person is, and the legal authority or the employment where the kind needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyIdentity {
    /// How.
    pub method: IdentityMethod,
    /// How sure it is.
    pub level: IdentityLevel,
    /// What was seen. None where evidence of the same person from the last twelve months serves again.
    pub evidence: Option<PersonalText>,
    /// The legal authority that it rests on; none for that of the invitation.
    pub authority: Option<AuthorityId>,
    /// How the organization of a professional helper confirmed that they work there. None where the helper holds a role
    /// there.
    pub employment: Option<PersonalText>,
    /// Whether the sender says that they are a relative of the person.
    pub is_relative: bool,
}

/// Records that it could not be verified who the person is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailIdentity {
    /// Why.
    pub reason: PersonalText,
}

/// What is asked before a helper gets access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checks {
    /// Whether the access is necessary.
    pub necessary: bool,
    /// Whether it fits what it is for.
    pub relevant: bool,
    /// Whether it is safe for the patient.
    pub safe: bool,
    /// Whether the patient was asked without the person.
    pub asked_alone: AskedAlone,
}

/// Records that the access is necessary, fits and is safe: before it begins, or anew before it becomes wider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassSafeguarding {
    /// The wider scope that was checked, of an active delegation. None before it begins: then it is the scope that it has.
    pub scope: Option<Scope>,
    /// What was checked.
    pub checks: Checks,
    /// The version of the list of what would open that the sender has seen.
    pub seen: Digest,
    /// The sensitive threads of that list which are to open, each with the reason.
    pub accepted: BTreeMap<ThreadId, PersonalText>,
    /// Whether the sender says that they are a relative of the person.
    pub is_relative: bool,
}

/// Records that the access would not be safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailSafeguarding {
    /// Why.
    pub reason: PersonalText,
}

/// What the patient says, or can say, to an access that the law gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientSays {
    /// What.
    pub word: OwnWord,
    /// What they said or what was found; needed where a minor is not competent.
    pub note: Option<PersonalText>,
}

/// Records the consent, by which the delegation becomes active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordConsent {
    /// On whose word.
    pub basis: ConsentBasis,
    /// How it was given.
    pub method: ConsentMethod,
    /// The text that was shown.
    pub text: ShownText,
    /// What is consented to: what was checked, or less.
    pub scope: Scope,
    /// When it was given.
    pub at: DateTime<Utc>,
    /// What the patient says where the basis is the law.
    pub patient_says: Option<PatientSays>,
    /// Another member of staff, who heard the word of a patient without an account.
    pub witness: Option<PersonId>,
}

/// Makes the scope narrower.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NarrowDelegation {
    /// The scope as it is to be; not nothing, which is to revoke it. A listed thread that the sender may not know of is not
    /// in it, and stays listed.
    pub scope: Scope,
}

/// The patient makes the scope wider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WidenDelegation {
    /// The scope as it is to be.
    pub scope: Scope,
    /// How the consent was given.
    pub method: ConsentMethod,
    /// The text that was shown.
    pub text: ShownText,
    /// The version of the list of what would open that the patient has seen.
    pub seen: Digest,
}

/// Staff make the scope wider where the law gives the access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WidenByLaw {
    /// The scope as it is to be.
    pub scope: Scope,
    /// What the law says about it.
    pub basis: PersonalText,
    /// Another member of staff, who agrees.
    pub agreed_by: PersonId,
    /// What the patient says.
    pub patient_says: Option<PatientSays>,
    /// The version of the list of what would open that the sender has seen.
    pub seen: Digest,
    /// The sensitive threads of that list which are to open, each with the reason. Those that were accepted before for this
    /// delegation need none.
    pub accepted: BTreeMap<ThreadId, PersonalText>,
}

/// Lets it end later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewDelegation {
    /// The end as it is to be.
    pub until: DateTime<Utc>,
    /// How the consent was given.
    pub method: ConsentMethod,
    /// The text that was shown.
    pub text: ShownText,
}

/// Takes the access away until somebody else has looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspendDelegation {
    /// Why.
    pub reason: PersonalText,
}

/// Gives the access back after somebody else has looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumeDelegation {
    /// Why.
    pub reason: PersonalText,
    /// What was checked anew.
    pub checks: Checks,
    /// What the patient said; needed where the patient took the access away.
    pub patient_word: Option<PersonalText>,
}

/// Ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeDelegation {
    /// Why; staff and the privacy officer say it. The delegate never reads it.
    pub reason: Option<PersonalText>,
}

/// The process reminds somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemindOfDelegation {
    /// Of what.
    pub of: DelegationReminder,
}

/// The process ends what was not answered or finished in time, and what has reached its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpireDelegation;

/// What elsewhere ends a delegation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndCause {
    /// The patient died: every kind but the executor's.
    PatientDied,
    /// The record of the patient's death was an error: the executor's.
    DeathVoided,
    /// The legal authority ended.
    AuthorityEnded,
    /// The helper works for the organization no more.
    EmploymentEnded,
    /// Who offered to help has accepted an invitation to the same help, so the offer needs no answer.
    InvitationAccepted,
}

impl From<EndCause> for DelegationEnd {
    fn from(cause: EndCause) -> Self {
        match cause {
            EndCause::PatientDied => Self::PatientDied,
            EndCause::DeathVoided => Self::DeathVoided,
            EndCause::AuthorityEnded => Self::AuthorityEnded,
            EndCause::EmploymentEnded => Self::EmploymentEnded,
            EndCause::InvitationAccepted => Self::OfferNotNeeded,
        }
    }
}

/// The process ends it because of what happened elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndDelegationBy {
    /// What happened.
    pub cause: EndCause,
}

/// The process suspends it because of what happened elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuspendDelegationBy {
    /// What happened.
    pub cause: SuspensionCause,
}

/// The process cuts the access to a minor who reached the first age gate and has not consented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NarrowAtAge;

/// The process ends the access by reason of minority to a patient of adult age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndAtAge;
