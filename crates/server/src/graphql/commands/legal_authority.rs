//! Commands to legal authorities: put a document on file, check it, dispute it, end it.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use care::ids::AuthorityId;
use coordination::CommandOutcome;
use coordination::fault::Fault;
use coordination::reader::Reader;

use crate::graphql::id::decode_id;
use crate::graphql::inputs::legal_authority::{
    DisputeLegalAuthorityInput, EndLegalAuthorityInput, RecordLegalAuthorityInput, RejectLegalAuthorityInput,
    UpholdLegalAuthorityInput, VerifyLegalAuthorityInput,
};
use crate::graphql::legal_authority::LegalAuthority;
use crate::graphql::mutation_input::mutate;
use crate::graphql::payload::payload;

payload! {
    {
        /// The legal authority as it is now. Null if there is none that you may see.
        legal_authority: LegalAuthority
    }
    /// The result of `recordLegalAuthority`.
    RecordLegalAuthorityPayload
    /// The result of `verifyLegalAuthority`.
    VerifyLegalAuthorityPayload
    /// The result of `rejectLegalAuthority`.
    RejectLegalAuthorityPayload
    /// The result of `disputeLegalAuthority`.
    DisputeLegalAuthorityPayload
    /// The result of `upholdLegalAuthority`.
    UpholdLegalAuthorityPayload
    /// The result of `endLegalAuthority`.
    EndLegalAuthorityPayload
}

/// The legal authority that a command was about, as it is now.
fn authority(reader: &Arc<Reader>, outcome: CommandOutcome<AuthorityId>) -> Result<Option<LegalAuthority>, Fault> {
    Ok(reader.legal_authority_after(outcome.target)?.map(|view| LegalAuthority::of(reader, view)))
}

/// The mutations of this file.
#[derive(Default)]
pub struct LegalAuthorityCommands;

#[Object]
impl LegalAuthorityCommands {
    /// Put a document on file that says that a person may act for a patient by law. It gives no access.
    async fn record_legal_authority(
        &self,
        context: &Context<'_>,
        input: RecordLegalAuthorityInput,
    ) -> Option<Result<RecordLegalAuthorityPayload>> {
        Some(mutate(context, None, &input, authority).await.map(Into::into))
    }

    /// Record that the document of a legal authority was checked, and how far it goes.
    async fn verify_legal_authority(
        &self,
        context: &Context<'_>,
        legal_authority_id: ID,
        input: VerifyLegalAuthorityInput,
    ) -> Option<Result<VerifyLegalAuthorityPayload>> {
        Some(mutate(context, Some(decode_id(&legal_authority_id)), &input, authority).await.map(Into::into))
    }

    /// Record that the document of a legal authority does not hold. It ends the legal authority.
    async fn reject_legal_authority(
        &self,
        context: &Context<'_>,
        legal_authority_id: ID,
        input: RejectLegalAuthorityInput,
    ) -> Option<Result<RejectLegalAuthorityPayload>> {
        Some(mutate(context, Some(decode_id(&legal_authority_id)), &input, authority).await.map(Into::into))
    }

    /// Say that a legal authority does not hold. The delegations that rest on it are suspended.
    async fn dispute_legal_authority(
        &self,
        context: &Context<'_>,
        legal_authority_id: ID,
        input: DisputeLegalAuthorityInput,
    ) -> Option<Result<DisputeLegalAuthorityPayload>> {
        Some(mutate(context, Some(decode_id(&legal_authority_id)), &input, authority).await.map(Into::into))
    }

    /// Decide that a disputed legal authority holds.
    async fn uphold_legal_authority(
        &self,
        context: &Context<'_>,
        legal_authority_id: ID,
        input: UpholdLegalAuthorityInput,
    ) -> Option<Result<UpholdLegalAuthorityPayload>> {
        Some(mutate(context, Some(decode_id(&legal_authority_id)), &input, authority).await.map(Into::into))
    }

    /// Record that a legal authority ended. The delegations that rest on it end.
    async fn end_legal_authority(
        &self,
        context: &Context<'_>,
        legal_authority_id: ID,
        input: EndLegalAuthorityInput,
    ) -> Option<Result<EndLegalAuthorityPayload>> {
        Some(mutate(context, Some(decode_id(&legal_authority_id)), &input, authority).await.map(Into::into))
    }
}
