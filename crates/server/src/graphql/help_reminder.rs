//! What about helpers and directives waits for the viewer themself, or was announced to them: each with what it is about, as
//! the viewer sees it.

use std::sync::Arc;

use async_graphql::{ID, Result, SimpleObject};
use coordination::reader::{self as source, HelpMatter, Reader};

use super::delegation::{Delegation, HelpInvitation, OwnDelegation};
use super::directive::ConsentDirective;
use super::id::encode_id;
use super::scalars::Instant;
use super::words::words;

words! {
    /// What you are reminded of.
    HelpReminderKind {
        /// You, the patient, are to answer an offer to help: to invite the person, or to refuse.
        AnswerOffer,
        /// You, the patient, are to say whether a helper has access.
        GiveConsent,
        /// You, the patient, are to confirm what staff wrote down, or to refuse or end it.
        ConfirmDirective,
        /// You are to accept or decline an invitation to help.
        AnswerInvitation,
        /// Nobody has answered the invitation that you gave.
        InvitationUnanswered,
        /// Nobody has recorded the consent to an access that you checked.
        ConsentOverdue,
        /// The access of a helper ends soon: your own, or that of a helper of yours.
        AccessEnds,
        /// The patient soon comes of an age at which the access of a helper changes: your own, or that of a helper of yours.
        AgeReached,
        /// The document on which your access rests ends soon.
        DocumentEnds,
        /// A directive of yours ends soon.
        DirectiveEnds,
    }
}

/// Something about help or a directive that waits for you, or was announced to you. It is about one thing, as you see it.
#[derive(SimpleObject)]
pub struct HelpReminder {
    /// What you are reminded of.
    kind: HelpReminderKind,
    /// Since when it waits for you, or since when it is announced.
    since: Instant,
    /// When it is due, or ends. Null where it has no instant, and for an age.
    due_at: Option<Instant>,
    /// The id of the patient. Null if it is about an invitation or your own delegation.
    patient_id: Option<ID>,
    /// The delegation. Null if it is about something else, or about your own delegation.
    delegation: Option<Delegation>,
    /// Your own delegation. Null if it is about something else.
    own_delegation: Option<OwnDelegation>,
    /// The invitation that names you. Null if it is about something else.
    invitation: Option<HelpInvitation>,
    /// Your directive. Null if it is about something else.
    directive: Option<ConsentDirective>,
}

impl HelpReminder {
    pub(super) fn of(reader: &Arc<Reader>, reminder: source::HelpReminder) -> Result<Self> {
        let source::HelpReminder { kind, since, due, about } = reminder;
        let mut of = Self {
            kind: kind.into(),
            since: since.into(),
            due_at: due.map(Into::into),
            patient_id: None,
            delegation: None,
            own_delegation: None,
            invitation: None,
            directive: None,
        };
        match about {
            HelpMatter::Delegation(view) => {
                of.patient_id = Some(encode_id(view.patient));
                of.delegation = Some(Delegation::of(reader, *view));
            }
            HelpMatter::Own(view) => of.own_delegation = Some(OwnDelegation::of(reader, *view)),
            HelpMatter::Invitation(row) => of.invitation = Some(HelpInvitation::of(reader, &row)?),
            HelpMatter::Directive(view) => {
                of.patient_id = Some(encode_id(view.patient()));
                of.directive = Some(ConsentDirective::of(reader, &view)?);
            }
        }
        Ok(of)
    }
}
