//! What the form of each act about a helper or a legal authority does: its command.

use super::act::Act;
use super::controls::{HAS_END, IS_RELATIVE, SEEN, SHOWN_AT, opened_on_purpose};
use super::scope::{Scope, scope_input, sensitivities, topics};
use crate::graphql::delegation_words::{AskedAlone, ConsentBasis};
use crate::graphql::problem::ProblemCode;
use crate::graphql::words::ConsentMethod;
use crate::pages::consent_text::{TEXT_LANGUAGE, TEXT_VERSION};
use crate::pages::controls::{chosen, instant};
use crate::pages::forms::Fields;
use crate::pages::outcome::{Outcome, Problem};
use crate::pages::queries::{
    DisputeLegalAuthority, EndLegalAuthority, FailDelegateIdentity, FailSafeguarding, NarrowDelegation,
    PassSafeguarding, RecordDelegationConsent, RecordLegalAuthority, RefuseHelpOffer, RejectLegalAuthority,
    RenewDelegation, ResumeDelegation, RevokeDelegation, SuspendDelegation, UpholdLegalAuthority,
    VerifyDelegateIdentity, VerifyLegalAuthority, WidenDelegation, WidenDelegationByLaw, dispute_legal_authority,
    end_legal_authority, fail_delegate_identity, fail_safeguarding, narrow_delegation, pass_safeguarding,
    record_delegation_consent, record_legal_authority, refuse_help_offer, reject_legal_authority, renew_delegation,
    resume_delegation, revoke_delegation, suspend_delegation, uphold_legal_authority, verify_delegate_identity,
    verify_legal_authority, widen_delegation, widen_delegation_by_law,
};
use crate::pages::site::{Failed, Visit};

/// A form that is sent.
struct Sent<'a> {
    visit: &'a Visit<'a>,
    fields: &'a Fields,
    is_own: bool,
}

/// The checks of a form as the input of the operation in this module.
macro_rules! checks {
    ($module:ident, $sent:expr) => {{
        let is_true = |name: &str| $sent.fields.get(name) == "true";
        $module::ChecksInput {
            necessary: is_true("checks.necessary"),
            relevant: is_true("checks.relevant"),
            safe: is_true("checks.safe"),
            asked_alone: $sent.chosen::<AskedAlone>("checks.askedAlone")?,
        }
    }};
}

/// The sensitive threads that a form opens, as the input of the operation in this module.
macro_rules! accepted {
    ($module:ident, $sent:expr) => {{
        let accepted = opened_on_purpose($sent.fields).map(|thread| $module::OpenedThreadInput {
            thread_id: thread.to_owned(),
            reason: $sent.text(&format!("accepted.{thread}.reason")),
        });
        accepted.collect()
    }};
}

/// Does what a form says that has all it needs.
///
/// # Errors
/// If the command was refused as a whole.
pub(super) async fn carry_out(act: Act, is_own: bool, visit: &Visit<'_>, fields: &Fields) -> Result<Outcome, Failed> {
    let sent = Sent { visit, fields, is_own };
    match sent.carry_out(act).await {
        Ok(outcome) => Ok(outcome),
        Err(Stopped::Wrong(problem)) => Ok(Outcome::refused(problem)),
        Err(Stopped::Failed(failed)) => Err(failed),
    }
}

/// Why a form has no outcome.
enum Stopped {
    /// A field of it is wrong.
    Wrong(Problem),
    Failed(Failed),
}

impl From<Failed> for Stopped {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

impl From<Problem> for Stopped {
    fn from(problem: Problem) -> Self {
        Self::Wrong(problem)
    }
}

impl Sent<'_> {
    fn key(&self) -> String {
        self.fields.get("key").to_owned()
    }

    fn about(&self) -> String {
        self.fields.get("about").to_owned()
    }

    fn text(&self, name: &str) -> String {
        self.fields.get(name).to_owned()
    }

    fn optional(&self, name: &str) -> Option<String> {
        self.fields.filled(name).map(str::to_owned)
    }

    fn is_relative(&self) -> bool {
        self.fields.given(IS_RELATIVE).is_some()
    }

    fn chosen<W: serde::de::DeserializeOwned>(&self, name: &str) -> Result<W, Problem> {
        chosen(self.fields, name).ok_or_else(|| Problem::of_field(ProblemCode::Empty, name))
    }

    fn method(&self) -> Result<ConsentMethod, Problem> {
        if self.is_own { Ok(ConsentMethod::Electronic) } else { self.chosen("method") }
    }

    async fn carry_out(&self, act: Act) -> Result<Outcome, Stopped> {
        if act.is_about_authority() { self.about_authority(act).await } else { self.about_helper(act).await }
    }

    async fn about_helper(&self, act: Act) -> Result<Outcome, Stopped> {
        let (visit, id, client_mutation_id) = (self.visit, self.about(), self.key());
        let time = visit.time();
        let outcome = match act {
            Act::RefuseOffer => {
                let input =
                    refuse_help_offer::RefuseHelpOfferInput { client_mutation_id, reason: self.optional("reason") };
                visit.act::<RefuseHelpOffer>(refuse_help_offer::Variables { id, input }).await
            }
            Act::VerifyIdentity => {
                let input = verify_delegate_identity::VerifyDelegateIdentityInput {
                    client_mutation_id,
                    method: self.chosen("method")?,
                    level: self.chosen("level")?,
                    evidence: self.optional("evidence"),
                    legal_authority_id: self.optional("legalAuthorityId"),
                    employment: self.optional("employment"),
                    is_relative: self.is_relative(),
                };
                visit.act::<VerifyDelegateIdentity>(verify_delegate_identity::Variables { id, input }).await
            }
            Act::FailIdentity => {
                let reason = self.text("reason");
                let input = fail_delegate_identity::FailDelegateIdentityInput { client_mutation_id, reason };
                visit.act::<FailDelegateIdentity>(fail_delegate_identity::Variables { id, input }).await
            }
            Act::PassCheck | Act::CheckWider => {
                let scope = act.widens().then(|| scope_input!(pass_safeguarding, &Scope::of(self.fields)));
                let input = pass_safeguarding::PassSafeguardingInput {
                    client_mutation_id,
                    checks: checks!(pass_safeguarding, self),
                    scope,
                    seen_version: self.text(SEEN),
                    accepted: accepted!(pass_safeguarding, self),
                    is_relative: self.is_relative(),
                };
                visit.act::<PassSafeguarding>(pass_safeguarding::Variables { id, input }).await
            }
            Act::FailCheck => {
                let reason = self.text("reason");
                let input = fail_safeguarding::FailSafeguardingInput { client_mutation_id, reason };
                visit.act::<FailSafeguarding>(fail_safeguarding::Variables { id, input }).await
            }
            Act::Consent => {
                let basis = if self.is_own { ConsentBasis::Patient } else { self.chosen("basis")? };
                let own_word = chosen(self.fields, "ownWord.word");
                let own_word = own_word
                    .map(|word| record_delegation_consent::OwnWordInput { word, note: self.optional("ownWord.note") });
                // The same form always means the same instant.
                let shown = self.fields.get(SHOWN_AT).parse().unwrap_or(time.now);
                let given_at = if self.is_own { shown } else { instant(self.fields, "givenAt", &time)? };
                let input = record_delegation_consent::RecordDelegationConsentInput {
                    client_mutation_id,
                    basis,
                    method: self.method()?,
                    text_version: self.text(TEXT_VERSION),
                    text_language: chosen(self.fields, TEXT_LANGUAGE),
                    scope: scope_input!(record_delegation_consent, &Scope::of(self.fields)),
                    given_at,
                    own_word: own_word.filter(|_| basis == ConsentBasis::Law),
                    witness_id: self.optional("witnessId").filter(|_| basis == ConsentBasis::PatientWord),
                };
                visit.act::<RecordDelegationConsent>(record_delegation_consent::Variables { id, input }).await
            }
            Act::Narrow => {
                let scope = scope_input!(narrow_delegation, &Scope::of(self.fields));
                let input = narrow_delegation::NarrowDelegationInput { client_mutation_id, scope };
                visit.act::<NarrowDelegation>(narrow_delegation::Variables { id, input }).await
            }
            Act::Widen => {
                let input = widen_delegation::WidenDelegationInput {
                    client_mutation_id,
                    scope: scope_input!(widen_delegation, &Scope::of(self.fields)),
                    method: self.method()?,
                    text_version: self.text(TEXT_VERSION),
                    text_language: chosen(self.fields, TEXT_LANGUAGE),
                    seen_version: self.text(SEEN),
                };
                visit.act::<WidenDelegation>(widen_delegation::Variables { id, input }).await
            }
            Act::WidenByLaw => {
                let own_word = chosen(self.fields, "ownWord.word");
                let note = self.optional("ownWord.note");
                let input = widen_delegation_by_law::WidenDelegationByLawInput {
                    client_mutation_id,
                    scope: scope_input!(widen_delegation_by_law, &Scope::of(self.fields)),
                    basis: self.text("basis"),
                    agreed_by_id: self.text("agreedById"),
                    own_word: own_word.map(|word| widen_delegation_by_law::OwnWordInput { word, note }),
                    seen_version: self.text(SEEN),
                    accepted: accepted!(widen_delegation_by_law, self),
                };
                visit.act::<WidenDelegationByLaw>(widen_delegation_by_law::Variables { id, input }).await
            }
            Act::Renew => {
                let input = renew_delegation::RenewDelegationInput {
                    client_mutation_id,
                    until: instant(self.fields, "until", &time)?,
                    method: self.method()?,
                    text_version: self.text(TEXT_VERSION),
                    text_language: chosen(self.fields, TEXT_LANGUAGE),
                };
                visit.act::<RenewDelegation>(renew_delegation::Variables { id, input }).await
            }
            Act::Suspend => {
                let reason = self.text("reason");
                let input = suspend_delegation::SuspendDelegationInput { client_mutation_id, reason };
                visit.act::<SuspendDelegation>(suspend_delegation::Variables { id, input }).await
            }
            Act::Resume => {
                let input = resume_delegation::ResumeDelegationInput {
                    client_mutation_id,
                    reason: self.text("reason"),
                    checks: checks!(resume_delegation, self),
                    patient_word: self.optional("patientWord"),
                };
                visit.act::<ResumeDelegation>(resume_delegation::Variables { id, input }).await
            }
            Act::End => {
                let input =
                    revoke_delegation::RevokeDelegationInput { client_mutation_id, reason: self.optional("reason") };
                visit.act::<RevokeDelegation>(revoke_delegation::Variables { id, input }).await
            }
            Act::RecordAuthority
            | Act::VerifyAuthority
            | Act::RejectAuthority
            | Act::DisputeAuthority
            | Act::UpholdAuthority
            | Act::EndAuthority => Err(Failed::NotAvailable),
        };
        Ok(outcome?)
    }

    async fn about_authority(&self, act: Act) -> Result<Outcome, Stopped> {
        let (visit, id, client_mutation_id) = (self.visit, self.about(), self.key());
        let time = visit.time();
        let outcome = match act {
            Act::RecordAuthority => {
                let input = record_legal_authority::RecordLegalAuthorityInput {
                    client_mutation_id,
                    patient_id: visit.id.clone(),
                    person_id: self.text("personId"),
                    kind: self.chosen("kind")?,
                    ground: self.chosen("ground")?,
                    document: self.text("document"),
                };
                visit.act::<RecordLegalAuthority>(record_legal_authority::Variables { input }).await
            }
            Act::VerifyAuthority => {
                let topics = topics(self.fields, "limits");
                let topics = topics.iter().map(|access| verify_legal_authority::TopicAccessInput {
                    topic: access.topic,
                    read: access.read,
                    write: access.write,
                    act: access.act,
                });
                let limits = verify_legal_authority::AuthorityLimitsInput {
                    topics: topics.collect(),
                    sensitivities: sensitivities(self.fields, "limits.sensitivities"),
                    manages_helpers: self.fields.given("limits.managesHelpers").is_some(),
                };
                let until = match self.fields.get(HAS_END) {
                    "yes" => Some(instant(self.fields, "until", &time)?),
                    _ => None,
                };
                let input = verify_legal_authority::VerifyLegalAuthorityInput {
                    client_mutation_id,
                    limits,
                    from: instant(self.fields, "from", &time)?,
                    until,
                    evidence: self.text("evidence"),
                };
                visit.act::<VerifyLegalAuthority>(verify_legal_authority::Variables { id, input }).await
            }
            Act::RejectAuthority => {
                let reason = self.text("reason");
                let input = reject_legal_authority::RejectLegalAuthorityInput { client_mutation_id, reason };
                visit.act::<RejectLegalAuthority>(reject_legal_authority::Variables { id, input }).await
            }
            Act::DisputeAuthority => {
                let reason = self.text("reason");
                let input = dispute_legal_authority::DisputeLegalAuthorityInput { client_mutation_id, reason };
                visit.act::<DisputeLegalAuthority>(dispute_legal_authority::Variables { id, input }).await
            }
            Act::UpholdAuthority => {
                let reason = self.text("reason");
                let input = uphold_legal_authority::UpholdLegalAuthorityInput { client_mutation_id, reason };
                visit.act::<UpholdLegalAuthority>(uphold_legal_authority::Variables { id, input }).await
            }
            Act::EndAuthority => {
                let input = end_legal_authority::EndLegalAuthorityInput {
                    client_mutation_id,
                    reason: self.text("reason"),
                    ended_at: instant(self.fields, "endedAt", &time)?,
                };
                visit.act::<EndLegalAuthority>(end_legal_authority::Variables { id, input }).await
            }
            Act::RefuseOffer
            | Act::VerifyIdentity
            | Act::FailIdentity
            | Act::PassCheck
            | Act::FailCheck
            | Act::Consent
            | Act::Narrow
            | Act::CheckWider
            | Act::Widen
            | Act::WidenByLaw
            | Act::Renew
            | Act::Suspend
            | Act::Resume
            | Act::End => Err(Failed::NotAvailable),
        };
        Ok(outcome?)
    }
}
