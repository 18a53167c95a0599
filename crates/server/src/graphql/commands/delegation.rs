//! Commands to delegations: invite, accept, verify, check, consent, and what changes or ends an access.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use care::delegation::DelegationCommand;
use care::ids::DelegationId;
use coordination::fault::Fault;
use coordination::reader::Reader;
use coordination::{CommandContext, CommandOutcome};

use crate::graphql::delegation::{Delegation, OwnDelegation};
use crate::graphql::id::decode_id;
use crate::graphql::inputs::delegation::{
    AcceptDelegationInput, DeclineDelegationInput, FailDelegateIdentityInput, FailSafeguardingInput,
    InviteDelegateInput, NarrowDelegationInput, PassSafeguardingInput, RecordDelegationConsentInput,
    RefuseHelpOfferInput, RenewDelegationInput, ResumeDelegationInput, RevokeDelegationInput, SuspendDelegationInput,
    VerifyDelegateIdentityInput, WidenDelegationByLawInput, WidenDelegationInput,
};
use crate::graphql::mutation_input::{mutate, mutate_with};
use crate::graphql::payload::{Answer, payload};
use crate::graphql::problem::Problem;
use crate::graphql::scalars::Position;
use crate::session::RequestContext;

/// The result of `inviteDelegate`.
#[derive(SimpleObject)]
pub struct InviteDelegatePayload {
    /// The key that you sent.
    pub client_mutation_id: ID,
    /// The position to send in the header `x-read-after` to see the effect. Null if the command had none.
    pub position: Option<Position>,
    /// Whether the command had been carried out before under this key: then it had no further effect.
    pub replayed: bool,
    /// Why the command had no effect. Empty if it had one.
    pub problems: Vec<Problem>,
    /// The delegation as it is now. Null if there is none that you may see.
    pub delegation: Option<Delegation>,
    /// The code with which the invited person accepts, for you to pass on. A repeat of the command answers it again, and nothing
    /// else does. Null if the invitation names a person.
    pub invitation_code: Option<String>,
}

/// An invitation, as who invited sees it.
struct Invited {
    delegation: Option<Delegation>,
    code: Option<String>,
}

impl From<Answer<Invited>> for InviteDelegatePayload {
    fn from(answer: Answer<Invited>) -> Self {
        let Answer { client_mutation_id, position, replayed, problems, entity } = answer;
        let (delegation, invitation_code) =
            entity.map_or((None, None), |Invited { delegation, code }| (delegation, code));
        Self { client_mutation_id, position, replayed, problems, delegation, invitation_code }
    }
}

payload! {
    /// The result of `acceptDelegation`.
    AcceptDelegationPayload {
        /// Your delegation as it is now. Null if there is none.
        own_delegation: OwnDelegation
    }
}

payload! {
    /// The result of `declineDelegation`.
    DeclineDelegationPayload {
        /// Your delegation as it is now. Null if there is none: also of an invitation by a code, which was nobody's.
        own_delegation: OwnDelegation
    }
}

payload! {
    {
        /// The delegation as it is now. Null if there is none that you may see.
        delegation: Delegation
    }
    /// The result of `verifyDelegateIdentity`.
    VerifyDelegateIdentityPayload
    /// The result of `failDelegateIdentity`.
    FailDelegateIdentityPayload
    /// The result of `passSafeguarding`.
    PassSafeguardingPayload
    /// The result of `failSafeguarding`.
    FailSafeguardingPayload
    /// The result of `recordDelegationConsent`.
    RecordDelegationConsentPayload
    /// The result of `widenDelegation`.
    WidenDelegationPayload
    /// The result of `widenDelegationByLaw`.
    WidenDelegationByLawPayload
    /// The result of `renewDelegation`.
    RenewDelegationPayload
    /// The result of `suspendDelegation`.
    SuspendDelegationPayload
    /// The result of `resumeDelegation`.
    ResumeDelegationPayload
    /// The result of `refuseHelpOffer`.
    RefuseHelpOfferPayload
}

payload! {
    {
        /// The delegation as it is now. Null if there is none that you may see, and for the helper, who has `Viewer.delegations`.
        delegation: Delegation
    }
    /// The result of `narrowDelegation`.
    NarrowDelegationPayload
    /// The result of `revokeDelegation`.
    RevokeDelegationPayload
}

/// The delegation that a command was about, as it is now.
fn delegation(reader: &Arc<Reader>, outcome: CommandOutcome<DelegationId>) -> Result<Option<Delegation>, Fault> {
    Ok(reader.delegation_after(outcome.target)?.map(|view| Delegation::of(reader, view)))
}

/// The sender's own delegation, as it is now.
fn own(reader: &Arc<Reader>, outcome: CommandOutcome<DelegationId>) -> Result<Option<OwnDelegation>, Fault> {
    Ok(reader.own_delegation_after(outcome.target)?.map(|view| OwnDelegation::of(reader, view)))
}

/// The mutations of this file.
#[derive(Default)]
pub struct DelegationCommands;

#[Object]
impl DelegationCommands {
    /// Invite a person to help a patient. They have access once they accepted, were verified and checked, and the consent is recorded.
    async fn invite_delegate(
        &self,
        context: &Context<'_>,
        input: InviteDelegateInput,
    ) -> Option<Result<InviteDelegatePayload>> {
        let offer: Option<DelegationId> = input.offer_id.as_ref().map(decode_id);
        let names_person = input.person_id.is_some() || offer.is_some();
        let request = match RequestContext::of(context) {
            Ok(request) => request,
            Err(error) => return Some(Err(error)),
        };
        let application = &request.application;
        let with_code =
            |sent: &CommandContext, command: DelegationCommand| application.with_invitation_code(sent, offer, command);
        let invited = |reader: &Arc<Reader>, outcome: CommandOutcome<DelegationId>| {
            let code = if names_person { None } else { Some(application.invitation_code(outcome.command)?) };
            let code = code.map(|code| code.as_str().to_owned());
            Ok(Some(Invited { delegation: delegation(reader, outcome)?, code }))
        };
        Some(mutate_with(context, offer, &input, with_code, invited).await.map(Into::into))
    }

    /// Accept an invitation to help a patient.
    async fn accept_delegation(
        &self,
        context: &Context<'_>,
        delegation_id: ID,
        input: AcceptDelegationInput,
    ) -> Option<Result<AcceptDelegationPayload>> {
        Some(mutate(context, Some(decode_id(&delegation_id)), &input, own).await.map(Into::into))
    }

    /// Decline an invitation to help, or end your own delegation that is not active yet.
    async fn decline_delegation(
        &self,
        context: &Context<'_>,
        delegation_id: ID,
        input: DeclineDelegationInput,
    ) -> Option<Result<DeclineDelegationPayload>> {
        Some(mutate(context, Some(decode_id(&delegation_id)), &input, own).await.map(Into::into))
    }

    /// Record that it was verified who a helper is, and the legal authority or the employment where the kind needs it.
    async fn verify_delegate_identity(
        &self,
        context: &Context<'_>,
        delegation_id: ID,
        input: VerifyDelegateIdentityInput,
    ) -> Option<Result<VerifyDelegateIdentityPayload>> {
        Some(mutate(context, Some(decode_id(&delegation_id)), &input, delegation).await.map(Into::into))
    }

    /// Record that it could not be verified who a helper is. It ends the delegation.
    async fn fail_delegate_identity(
        &self,
        context: &Context<'_>,
        delegation_id: ID,
        input: FailDelegateIdentityInput,
    ) -> Option<Result<FailDelegateIdentityPayload>> {
        Some(mutate(context, Some(decode_id(&delegation_id)), &input, delegation).await.map(Into::into))
    }

    /// Record that the access of a helper is necessary, fits and is safe: before it begins, or anew before the patient widens it.
    async fn pass_safeguarding(
        &self,
        context: &Context<'_>,
        delegation_id: ID,
        input: PassSafeguardingInput,
    ) -> Option<Result<PassSafeguardingPayload>> {
        Some(mutate(context, Some(decode_id(&delegation_id)), &input, delegation).await.map(Into::into))
    }

    /// Record that the access of a helper would not be safe. It ends the delegation.
    async fn fail_safeguarding(
        &self,
        context: &Context<'_>,
        delegation_id: ID,
        input: FailSafeguardingInput,
    ) -> Option<Result<FailSafeguardingPayload>> {
        Some(mutate(context, Some(decode_id(&delegation_id)), &input, delegation).await.map(Into::into))
    }

    /// Record the consent, by which the delegation becomes active.
    async fn record_delegation_consent(
        &self,
        context: &Context<'_>,
        delegation_id: ID,
        input: RecordDelegationConsentInput,
    ) -> Option<Result<RecordDelegationConsentPayload>> {
        Some(mutate(context, Some(decode_id(&delegation_id)), &input, delegation).await.map(Into::into))
    }

    /// Make the scope of a helper narrower.
    async fn narrow_delegation(
        &self,
        context: &Context<'_>,
        delegation_id: ID,
        input: NarrowDelegationInput,
    ) -> Option<Result<NarrowDelegationPayload>> {
        Some(mutate(context, Some(decode_id(&delegation_id)), &input, delegation).await.map(Into::into))
    }

    /// Make the scope of a helper wider, as the patient. A sensitive subject, the past, the right to act and the right to
    /// manage helpers need a check by staff before: `passSafeguarding` with that scope.
    async fn widen_delegation(
        &self,
        context: &Context<'_>,
        delegation_id: ID,
        input: WidenDelegationInput,
    ) -> Option<Result<WidenDelegationPayload>> {
        Some(mutate(context, Some(decode_id(&delegation_id)), &input, delegation).await.map(Into::into))
    }

    /// Make the scope of a helper wider where the law gives the access.
    async fn widen_delegation_by_law(
        &self,
        context: &Context<'_>,
        delegation_id: ID,
        input: WidenDelegationByLawInput,
    ) -> Option<Result<WidenDelegationByLawPayload>> {
        Some(mutate(context, Some(decode_id(&delegation_id)), &input, delegation).await.map(Into::into))
    }

    /// Let a delegation end later.
    async fn renew_delegation(
        &self,
        context: &Context<'_>,
        delegation_id: ID,
        input: RenewDelegationInput,
    ) -> Option<Result<RenewDelegationPayload>> {
        Some(mutate(context, Some(decode_id(&delegation_id)), &input, delegation).await.map(Into::into))
    }

    /// Take the access of a helper away until somebody else has looked.
    async fn suspend_delegation(
        &self,
        context: &Context<'_>,
        delegation_id: ID,
        input: SuspendDelegationInput,
    ) -> Option<Result<SuspendDelegationPayload>> {
        Some(mutate(context, Some(decode_id(&delegation_id)), &input, delegation).await.map(Into::into))
    }

    /// Give the access of a helper back.
    async fn resume_delegation(
        &self,
        context: &Context<'_>,
        delegation_id: ID,
        input: ResumeDelegationInput,
    ) -> Option<Result<ResumeDelegationPayload>> {
        Some(mutate(context, Some(decode_id(&delegation_id)), &input, delegation).await.map(Into::into))
    }

    /// End a delegation.
    async fn revoke_delegation(
        &self,
        context: &Context<'_>,
        delegation_id: ID,
        input: RevokeDelegationInput,
    ) -> Option<Result<RevokeDelegationPayload>> {
        Some(mutate(context, Some(decode_id(&delegation_id)), &input, delegation).await.map(Into::into))
    }

    /// Refuse an offer to help.
    async fn refuse_help_offer(
        &self,
        context: &Context<'_>,
        delegation_id: ID,
        input: RefuseHelpOfferInput,
    ) -> Option<Result<RefuseHelpOfferPayload>> {
        Some(mutate(context, Some(decode_id(&delegation_id)), &input, delegation).await.map(Into::into))
    }
}
