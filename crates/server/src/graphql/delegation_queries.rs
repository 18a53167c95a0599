//! The questions about who helps a patient, what one holds oneself, legal authorities, directives, and what one would change.
//! They are queries of their own, since who looks after helpers and directives need not read the patient.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use coordination::InvitationCode;
use coordination::reader::Reader;

use super::consent_text::ConsentText;
use super::delegation::{Delegation, HelpInvitation, OpenedList, OpenedThread, OwnDelegation};
use super::directive::{ConsentDirective, ConsentDirectivePreview, directives};
use super::directive_words::DirectiveEffect;
use super::id::decode_id;
use super::inputs::directive::ConsentDirectiveTermsInput;
use super::inputs::scope::DelegationScopeInput;
use super::legal_authority::LegalAuthority;

/// The queries of this file.
#[derive(Default)]
pub struct DelegationQueries;

#[Object]
impl DelegationQueries {
    /// The delegations of a patient: who helps them, the active ones first, then the newest first. Who may not read their steps
    /// sees those that are active. Null if there is no such patient, or you may not know who helps them.
    async fn delegations(&self, context: &Context<'_>, patient_id: ID) -> Option<Result<Vec<Delegation>>> {
        let found = || {
            let reader = context.data::<Arc<Reader>>()?;
            let views = reader.delegations(decode_id(&patient_id))?;
            Ok(views.map(|views| views.into_iter().map(|view| Delegation::of(reader, view)).collect()))
        };
        found().transpose()
    }

    /// The directives of a patient: whom they block and whom they permit something, the newest first, with those that have ended.
    /// The patient sees all, and a privacy officer all but the denies that name them. Physicians and coordinators of the
    /// organization that keeps the record see what staff wrote down. Others on the care team see what they wrote down themselves,
    /// the permissions that are about them and, if they can record a signed paper, the denies that nobody confirmed in time. A
    /// deny is not shown to the people whom it blocks. Null if there is no such patient, or you may not know of any.
    async fn consent_directives(&self, context: &Context<'_>, patient_id: ID) -> Option<Result<Vec<ConsentDirective>>> {
        let found = || {
            let reader = context.data::<Arc<Reader>>()?;
            directives(reader, reader.directives(decode_id(&patient_id))?)
        };
        found().transpose()
    }

    /// What a directive of a patient would change if it were given now. Null unless it is your own record, or you represent
    /// the patient.
    async fn consent_directive_preview(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        effect: DirectiveEffect,
        terms: ConsentDirectiveTermsInput,
    ) -> Option<Result<ConsentDirectivePreview>> {
        let found = || {
            let reader = context.data::<Arc<Reader>>()?;
            let Some(view) = reader.patient(decode_id(&patient_id))? else { return Ok(None) };
            let preview = reader.preview_directive(&view, effect.into(), &terms.terms());
            Ok(preview.map(|preview| ConsentDirectivePreview::of(reader, view, preview)))
        };
        found().transpose()
    }

    /// What would change now if a directive in force became one of these terms (`tightenConsentDirective`): who would lose
    /// access. Null unless it is your own record or you represent the patient, and if you may not know of the directive or it
    /// is not in force.
    async fn tightened_directive_preview(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        directive_id: ID,
        terms: ConsentDirectiveTermsInput,
    ) -> Option<Result<ConsentDirectivePreview>> {
        let found = || {
            let reader = context.data::<Arc<Reader>>()?;
            let Some(view) = reader.patient(decode_id(&patient_id))? else { return Ok(None) };
            let preview = reader.preview_tightened(&view, decode_id(&directive_id), &terms.terms());
            Ok(preview.map(|preview| ConsentDirectivePreview::of(reader, view, preview)))
        };
        found().transpose()
    }

    /// A delegation. Null if there is none, or you may not know of it.
    async fn delegation(&self, context: &Context<'_>, id: ID) -> Option<Result<Delegation>> {
        let found = || {
            let reader = context.data::<Arc<Reader>>()?;
            Ok(reader.delegation(decode_id(&id))?.map(|view| Delegation::of(reader, view)))
        };
        found().transpose()
    }

    /// Your own delegation: a patient whom you help, or are to help. Null if it is not yours.
    async fn own_delegation(&self, context: &Context<'_>, id: ID) -> Option<Result<OwnDelegation>> {
        let found = || {
            let reader = context.data::<Arc<Reader>>()?;
            Ok(reader.own_delegation(decode_id(&id))?.map(|view| OwnDelegation::of(reader, view)))
        };
        found().transpose()
    }

    /// The invitation to help with this code. Null if there is none that can be accepted: whether the code is wrong, was used,
    /// was taken back or came too late, the answer is the same.
    async fn help_invitation(&self, context: &Context<'_>, code: String) -> Option<Result<HelpInvitation>> {
        let found = || {
            let reader = context.data::<Arc<Reader>>()?;
            let row = reader.help_invitation(&InvitationCode::typed(&code))?;
            row.map(|row| HelpInvitation::of(reader, &row)).transpose()
        };
        found().transpose()
    }

    /// What a scope would open now, for the patient and for those who may check it. Null if there is no such
    /// patient, if you may not check who helps them, and if a topic stands in the scope twice.
    async fn what_would_open(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        scope: DelegationScopeInput,
    ) -> Option<Result<OpenedList>> {
        let found = || {
            let reader = context.data::<Arc<Reader>>()?;
            let Ok(scope) = scope.scope() else { return Ok(None) };
            let list = reader.what_would_open(decode_id(&patient_id), &scope)?;
            Ok(list.map(|list| OpenedList::of(reader, list)))
        };
        found().transpose()
    }

    /// How many threads the helper would lose if their access were narrowed to a scope, or paused or ended without `scope`:
    /// 0 if it gives no access now. Who may check helpers has all of them counted, others those that they may know. Null if
    /// there is no such delegation, if you may neither narrow, pause nor end it, and if a topic stands in the scope twice.
    async fn what_would_close(
        &self,
        context: &Context<'_>,
        delegation_id: ID,
        scope: Option<DelegationScopeInput>,
    ) -> Option<Result<usize>> {
        let found = || {
            let reader = context.data::<Arc<Reader>>()?;
            let Ok(left) = scope.map(|scope| scope.scope()).transpose() else { return Ok(None) };
            Ok(reader.threads_that_would_close(decode_id(&delegation_id), left.as_ref())?)
        };
        found().transpose()
    }

    /// The threads about a patient that you may know and that a scope can list one by one. Null if there is no such
    /// patient, or you may not check who helps them.
    async fn threads_to_list(&self, context: &Context<'_>, patient_id: ID) -> Option<Result<Vec<OpenedThread>>> {
        let found = || {
            let reader = context.data::<Arc<Reader>>()?;
            let rows = reader.threads_to_list(decode_id(&patient_id))?;
            Ok(rows.map(|rows| rows.into_iter().map(|row| OpenedThread::of(reader, row)).collect()))
        };
        found().transpose()
    }

    /// The legal authorities about a patient, the newest first. Null if there is no such patient, or you may not know of them.
    async fn legal_authorities(&self, context: &Context<'_>, patient_id: ID) -> Option<Result<Vec<LegalAuthority>>> {
        let found = || {
            let reader = context.data::<Arc<Reader>>()?;
            let views = reader.legal_authorities(decode_id(&patient_id))?;
            Ok(views.map(|views| views.into_iter().map(|view| LegalAuthority::of(reader, view)).collect()))
        };
        found().transpose()
    }

    /// A legal authority. Null if there is none, or you may not know of it.
    async fn legal_authority(&self, context: &Context<'_>, id: ID) -> Option<Result<LegalAuthority>> {
        let found = || {
            let reader = context.data::<Arc<Reader>>()?;
            Ok(reader.legal_authority(decode_id(&id))?.map(|view| LegalAuthority::of(reader, view)))
        };
        found().transpose()
    }

    /// The texts by which people consent, in every language and every version that was released; of each kind of consent
    /// the current ones first. Show a current one to the person who consents, and name it in the command.
    fn consent_texts(&self) -> Vec<ConsentText> {
        ConsentText::all()
    }
}
