//! Commands to the directives of a patient: block somebody, permit somebody something, confirm, tighten, end.

use async_graphql::{Context, ID, Object, Result};
use care::consent_directive::DirectiveRefusal;

use crate::graphql::id::decode_id;
use crate::graphql::inputs::directive::{
    ConfirmConsentDirectiveInput, ConfirmConsentDirectiveOnPaperInput, DenyAccessInput, EndConsentDirectiveInput,
    PermitAccessInput, RecordDeniedAccessInput, RecordPermittedAccessInput, RefuseConsentDirectiveInput,
    TightenConsentDirectiveInput, VoidConsentDirectiveInput,
};
use crate::graphql::mutation_input::{mutate, patient};
use crate::graphql::patient::Patient;
use crate::graphql::payload::payload;
use crate::graphql::problem::{AsProblem, Problem, ProblemCode, not_found_at, not_in_state, rule};

payload! {
    {
        /// The patient as registered now. Null if there is none that you may see.
        patient: Patient
    }
    /// The result of `denyAccess`.
    DenyAccessPayload
    /// The result of `permitAccess`.
    PermitAccessPayload
    /// The result of `recordDeniedAccess`.
    RecordDeniedAccessPayload
    /// The result of `recordPermittedAccess`.
    RecordPermittedAccessPayload
    /// The result of `confirmConsentDirective`.
    ConfirmConsentDirectivePayload
    /// The result of `confirmConsentDirectiveOnPaper`.
    ConfirmConsentDirectiveOnPaperPayload
    /// The result of `refuseConsentDirective`.
    RefuseConsentDirectivePayload
    /// The result of `tightenConsentDirective`.
    TightenConsentDirectivePayload
    /// The result of `endConsentDirective`.
    EndConsentDirectivePayload
    /// The result of `voidConsentDirective`.
    VoidConsentDirectivePayload
}

/// The mutations of this file.
#[derive(Default)]
pub struct DirectiveCommands;

#[Object]
impl DirectiveCommands {
    /// Block somebody from everything about a patient, or from what is sensitive, without an end or for a period.
    /// It takes effect at once: they read and do nothing there any more, and are not told. What they had to do goes
    /// to others.
    async fn deny_access(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: DenyAccessInput,
    ) -> Option<Result<DenyAccessPayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Permit somebody what a rule of the policy asks the patient for. It never gives what no rule allows, and
    /// every deny still holds.
    async fn permit_access(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: PermitAccessInput,
    ) -> Option<Result<PermitAccessPayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Write down that a patient blocks somebody. It holds at once, and the patient has to confirm it.
    async fn record_denied_access(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: RecordDeniedAccessInput,
    ) -> Option<Result<RecordDeniedAccessPayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Write down that a patient permits somebody something. It has no effect until the patient confirms it, within 14 days.
    async fn record_permitted_access(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: RecordPermittedAccessInput,
    ) -> Option<Result<RecordPermittedAccessPayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Confirm what staff wrote down for you.
    async fn confirm_consent_directive(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: ConfirmConsentDirectiveInput,
    ) -> Option<Result<ConfirmConsentDirectivePayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Record that a patient without an account signed a directive on paper. The person who wrote it down cannot do
    /// this.
    async fn confirm_consent_directive_on_paper(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: ConfirmConsentDirectiveOnPaperInput,
    ) -> Option<Result<ConfirmConsentDirectiveOnPaperPayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Refuse a permission that staff wrote down for you. It never has effect.
    async fn refuse_consent_directive(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: RefuseConsentDirectiveInput,
    ) -> Option<Result<RefuseConsentDirectivePayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Make a directive tighter: a deny wider or longer, a permission narrower or shorter.
    async fn tighten_consent_directive(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: TightenConsentDirectiveInput,
    ) -> Option<Result<TightenConsentDirectivePayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// End a directive. Only the patient ends what the patient gave.
    async fn end_consent_directive(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: EndConsentDirectiveInput,
    ) -> Option<Result<EndConsentDirectivePayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }

    /// Record that a directive was entered in error. The patient reads why.
    async fn void_consent_directive(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        mut input: VoidConsentDirectiveInput,
    ) -> Option<Result<VoidConsentDirectivePayload>> {
        input.patient_id = patient_id.clone();
        Some(mutate(context, Some(decode_id(&patient_id)), &input, patient).await.map(Into::into))
    }
}

impl AsProblem for DirectiveRefusal {
    fn problem(&self) -> Problem {
        let person: &[&str] = &["input", "personId"];
        let (code, names): (_, &[&str]) = match self {
            Self::NoSuchDirective => return not_found_at(&["input", "directiveId"]),
            Self::NotInState { state } => return not_in_state(state.word(), self.to_string()),
            Self::WhomMissing => (ProblemCode::WhomMissing, person),
            Self::PurposeMissing => (ProblemCode::PurposeMissing, &["input", "purpose"]),
            Self::UntilMissing => (ProblemCode::UntilMissing, &["input", "until"]),
            Self::UntilNotAhead => (ProblemCode::UntilNotAhead, &["input", "until"]),
            Self::WouldShutOutPatient => (ProblemCode::WouldShutOutPatient, person),
            Self::SelfNotAllowed => (ProblemCode::SelfNotAllowed, person),
            Self::CannotDenyOversight => (ProblemCode::CannotDenyOversight, person),
            Self::PatientWordMissing => (ProblemCode::PatientWordMissing, &["input", "patientWord"]),
            // Which threads these are, not everybody may know who may give the command.
            Self::NobodyLeft(_) => (ProblemCode::NobodyLeft, person),
            Self::NotPermittable => (ProblemCode::NotPermittable, &["input", "purpose"]),
            Self::OnwardNotAllowed => (ProblemCode::OnwardNotAllowed, &[]),
            Self::SamePerson => (ProblemCode::SamePerson, &[]),
            Self::TextNotShown(_) => (ProblemCode::TextNotShown, &["input", "textVersion"]),
            Self::HasAccount => (ProblemCode::HasAccount, &[]),
            Self::NotTighter => (ProblemCode::NotTighter, &[]),
            Self::NotTheirs => (ProblemCode::NotTheirs, &[]),
            Self::NotAPerson => (ProblemCode::NotAPerson, &[]),
            Self::NotDue => (ProblemCode::NotDue, &[]),
        };
        rule(code, names, self.to_string())
    }
}
