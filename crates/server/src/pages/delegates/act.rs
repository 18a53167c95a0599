//! What is done about a helper of a patient, or about who represents the patient by law: its word, and how it is said.
//!
//! To add an act: 1. its mutation in `queries.rs`; 2. a variant of [`Act`] and its texts, and follow the compiler; 3. the
//! permission by which it can be done, in `around.rs`.

use crate::pages::texts::{Argument, Texts};

/// Something that is done about a helper or about a legal authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    RefuseOffer,
    VerifyIdentity,
    FailIdentity,
    PassCheck,
    FailCheck,
    Consent,
    Narrow,
    /// Staff check that a helper can reach more, before the patient lets them.
    CheckWider,
    /// The patient lets a helper reach more.
    Widen,
    /// Staff let a helper reach more whose access the law gives.
    WidenByLaw,
    Renew,
    Suspend,
    Resume,
    End,
    RecordAuthority,
    VerifyAuthority,
    RejectAuthority,
    DisputeAuthority,
    UpholdAuthority,
    EndAuthority,
}

/// All of them.
const ALL: [Act; 20] = [
    Act::RefuseOffer,
    Act::VerifyIdentity,
    Act::FailIdentity,
    Act::PassCheck,
    Act::FailCheck,
    Act::Consent,
    Act::Narrow,
    Act::CheckWider,
    Act::Widen,
    Act::WidenByLaw,
    Act::Renew,
    Act::Suspend,
    Act::Resume,
    Act::End,
    Act::RecordAuthority,
    Act::VerifyAuthority,
    Act::RejectAuthority,
    Act::DisputeAuthority,
    Act::UpholdAuthority,
    Act::EndAuthority,
];

impl Act {
    /// The act with this word.
    pub fn of(word: &str) -> Option<Self> {
        ALL.into_iter().find(|act| act.word() == word)
    }

    /// Its word in addresses and forms.
    pub const fn word(self) -> &'static str {
        match self {
            Self::RefuseOffer => "refuse-offer",
            Self::VerifyIdentity => "verify-identity",
            Self::FailIdentity => "fail-identity",
            Self::PassCheck => "pass-check",
            Self::FailCheck => "fail-check",
            Self::Consent => "consent",
            Self::Narrow => "narrow",
            Self::CheckWider => "check-wider",
            Self::Widen => "widen",
            Self::WidenByLaw => "widen-by-law",
            Self::Renew => "renew",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::End => "end",
            Self::RecordAuthority => "record-authority",
            Self::VerifyAuthority => "verify-authority",
            Self::RejectAuthority => "reject-authority",
            Self::DisputeAuthority => "dispute-authority",
            Self::UpholdAuthority => "uphold-authority",
            Self::EndAuthority => "end-authority",
        }
    }

    /// The icon of its button.
    pub const fn icon(self) -> &'static str {
        match self {
            Self::RefuseOffer
            | Self::FailIdentity
            | Self::FailCheck
            | Self::End
            | Self::RejectAuthority
            | Self::EndAuthority => "no",
            Self::VerifyIdentity | Self::Consent | Self::Resume | Self::VerifyAuthority | Self::UpholdAuthority => {
                "check"
            }
            Self::PassCheck | Self::CheckWider => "shield",
            Self::Narrow | Self::Widen | Self::WidenByLaw => "edit",
            Self::Renew => "calendar",
            Self::Suspend => "pause",
            Self::RecordAuthority => "plus",
            Self::DisputeAuthority => "warning",
        }
    }

    /// Whether it is about a legal authority.
    pub const fn is_about_authority(self) -> bool {
        match self {
            Self::RecordAuthority
            | Self::VerifyAuthority
            | Self::RejectAuthority
            | Self::DisputeAuthority
            | Self::UpholdAuthority
            | Self::EndAuthority => true,
            Self::RefuseOffer
            | Self::VerifyIdentity
            | Self::FailIdentity
            | Self::PassCheck
            | Self::FailCheck
            | Self::Consent
            | Self::Narrow
            | Self::CheckWider
            | Self::Widen
            | Self::WidenByLaw
            | Self::Renew
            | Self::Suspend
            | Self::Resume
            | Self::End => false,
        }
    }

    /// Whether it is done only after its sender has seen what would open.
    pub const fn is_seen_first(self) -> bool {
        matches!(self, Self::PassCheck | Self::CheckWider | Self::Widen | Self::WidenByLaw)
    }

    /// Whether sensitive threads of what would open are each opened with a reason.
    pub const fn opens_on_purpose(self) -> bool {
        matches!(self, Self::PassCheck | Self::CheckWider | Self::WidenByLaw)
    }

    /// Whether it asks for a scope of its own, for which what would open is listed before it is done.
    pub const fn widens(self) -> bool {
        matches!(self, Self::CheckWider | Self::Widen | Self::WidenByLaw)
    }

    /// Whether everything that a helper reads is closed to them by it.
    pub const fn closes_all(self) -> bool {
        matches!(self, Self::End | Self::Suspend)
    }

    /// Whether it takes an access or a right away.
    pub const fn takes_away(self) -> bool {
        matches!(self, Self::End | Self::FailIdentity | Self::FailCheck | Self::RejectAuthority | Self::EndAuthority)
    }

    /// The heading of its page and the words of its button, with the name of the person it is about.
    pub fn title(self, name: impl Argument, l: &Texts) -> String {
        match self {
            Self::RefuseOffer => l.helper_act_refuse_offer(name),
            Self::VerifyIdentity => l.helper_act_verify_identity(name),
            Self::FailIdentity => l.helper_act_fail_identity(name),
            Self::PassCheck => l.helper_act_pass_check(name),
            Self::FailCheck => l.helper_act_fail_check(name),
            Self::Consent => l.helper_act_consent(name),
            Self::Narrow => l.helper_act_narrow(name),
            Self::CheckWider => l.helper_act_check_wider(name),
            Self::Widen | Self::WidenByLaw => l.helper_act_widen(name),
            Self::Renew => l.helper_act_renew(name),
            Self::Suspend => l.helper_act_suspend(name),
            Self::Resume => l.helper_act_resume(name),
            Self::End => l.helper_act_end(name),
            Self::RecordAuthority => l.helper_act_record_authority().into_owned(),
            Self::VerifyAuthority => l.helper_act_verify_authority(name),
            Self::RejectAuthority => l.helper_act_reject_authority(name),
            Self::DisputeAuthority => l.helper_act_dispute_authority(name),
            Self::UpholdAuthority => l.helper_act_uphold_authority(name),
            Self::EndAuthority => l.helper_act_end_authority(name),
        }
    }

    /// What the page of the helpers says once it is done.
    pub fn done(self, name: impl Argument, l: &Texts) -> String {
        match self {
            Self::RefuseOffer => l.helper_done_refuse_offer().into_owned(),
            Self::VerifyIdentity => l.helper_done_verify_identity().into_owned(),
            Self::FailIdentity | Self::FailCheck => l.helper_done_fail().into_owned(),
            Self::PassCheck => l.helper_done_pass_check().into_owned(),
            Self::Consent => l.helper_done_consent(name),
            Self::Narrow => l.helper_done_narrow().into_owned(),
            Self::CheckWider => l.helper_done_check_wider().into_owned(),
            Self::Widen | Self::WidenByLaw => l.helper_done_widen().into_owned(),
            Self::Renew => l.helper_done_renew().into_owned(),
            Self::Suspend => l.helper_done_suspend().into_owned(),
            Self::Resume => l.helper_done_resume().into_owned(),
            Self::End => l.helper_done_end().into_owned(),
            Self::RecordAuthority => l.helper_done_record_authority().into_owned(),
            Self::VerifyAuthority => l.helper_done_verify_authority().into_owned(),
            Self::RejectAuthority => l.helper_done_reject_authority().into_owned(),
            Self::DisputeAuthority => l.helper_done_dispute_authority().into_owned(),
            Self::UpholdAuthority => l.helper_done_uphold_authority().into_owned(),
            Self::EndAuthority => l.helper_done_end_authority().into_owned(),
        }
    }

    /// Whether somebody consents by it, to whom the text of the consent is shown.
    pub const fn consents(self) -> bool {
        matches!(self, Self::Consent | Self::Widen | Self::Renew)
    }

    /// What follows from it.
    pub fn explanation(self, name: impl Argument, l: &Texts) -> String {
        match self {
            Self::RefuseOffer => l.helper_about_refuse_offer(name),
            Self::VerifyIdentity => l.helper_about_verify_identity().into_owned(),
            Self::FailIdentity | Self::FailCheck => l.helper_about_fail().into_owned(),
            Self::PassCheck => l.helper_about_pass_check().into_owned(),
            Self::Consent => l.helper_about_consent(name),
            Self::Narrow => l.helper_about_narrow().into_owned(),
            Self::CheckWider => l.helper_about_check_wider().into_owned(),
            Self::Widen | Self::WidenByLaw => l.helper_about_widen().into_owned(),
            Self::Renew => l.helper_about_renew(name),
            Self::Suspend => l.helper_about_suspend(name),
            Self::Resume => l.helper_about_resume().into_owned(),
            Self::End => l.helper_about_end(name),
            Self::RecordAuthority => l.helper_about_record_authority().into_owned(),
            Self::VerifyAuthority => l.helper_about_verify_authority().into_owned(),
            Self::RejectAuthority => l.helper_about_reject_authority().into_owned(),
            Self::DisputeAuthority => l.helper_about_dispute_authority().into_owned(),
            Self::UpholdAuthority => l.helper_about_uphold_authority().into_owned(),
            Self::EndAuthority => l.helper_about_end_authority().into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_is_found_by_its_word() {
        for act in ALL {
            assert_eq!(Act::of(act.word()), Some(act));
        }
        assert_eq!(Act::of("remind"), None);
    }
}
