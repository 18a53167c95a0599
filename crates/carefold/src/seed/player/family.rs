//! Plays how a person came to help a patient, and what people without access write: each step as the command that a client
//! would give.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use care::consent_text;
use care::delegation::{
    AcceptDelegation, Checks, Delegation, DelegationCommand, InviteDelegate, PassSafeguarding, PatientSays,
    RecordConsent, RevokeDelegation, SuspendDelegation, VerifyIdentity,
};
use care::ids::{AuthorityId, DelegationId, OutsideMessageId, PatientId, PersonId};
use care::legal_authority::{AuthorityLimits, LegalAuthority, LegalAuthorityCommand, RecordAuthority, VerifyAuthority};
use care::outside_message::{
    ClaimOutsideMessage, MatchOutsideMessage, OutsideMessage, OutsideMessageCommand, SendOutsideMessage, Wish,
};
use care::scope::Scope;
use care::shown::{Digest, TextVersion};
use care::words::{Channel, ConsentTextKind, OwnWord, TextLanguage};
use chrono::{DateTime, TimeDelta, Utc};
use coordination::answer::{AnswerContext, Reads};
use coordination::fault::Fault;
use coordination::{Origin, Position};

use super::{Player, failed, one_line, text};
use crate::seed::family::{self, Act, Help, Outside};
use crate::seed::script::{Line, Sender};
use crate::seed::times::ThreadTime;

/// The version of the terms that helpers of the demo are shown.
const TERMS: &str = "demo-1";

impl Player {
    /// Plays the steps of a delegation.
    ///
    /// # Errors
    /// The step that failed, by its key.
    pub async fn help(&self, help: &Help, mut time: ThreadTime) -> anyhow::Result<()> {
        let begins = time.now();
        let mut playing = Playing {
            player: self,
            help,
            patient: self.patient(&help.patient)?,
            helper: self.person(&help.helper)?,
            scope: help.scope.scope(),
            begins,
            until: begins + TimeDelta::days(i64::from(help.lasts_days)),
            authority: None,
            delegation: None,
            reached: None,
        };
        for step in &help.steps {
            if let Some(after) = step.after {
                time.pass(after.0);
            }
            let key = format!("{}/{}", help.key, step.act.word());
            let line = Line { by: Sender::Person(&step.by), at: time.now(), key, command: &step.act };
            playing.step(&line).await.with_context(|| failed(&line.key))?;
        }
        Ok(())
    }
}

/// After how many minutes the patient of an offer is found.
const FOUND_AFTER: u64 = 60;

impl Player {
    /// Plays a message from outside.
    ///
    /// # Errors
    /// The step that failed, by its key.
    pub async fn tell(&self, sent: &Outside, mut time: ThreadTime) -> anyhow::Result<()> {
        let said = text(&sent.text)?;
        let send = SendOutsideMessage {
            organization: self.organization(&sent.organization)?,
            patient_name: one_line(&sent.patient_name.0)?,
            birth_date: sent.birth_date.as_ref().map(|date| one_line(&date.0)).transpose()?,
            relationship: sent.relationship.0,
            wish: match sent.kind {
                Some(kind) => Wish::Help { kind: kind.0, text: Some(said) },
                None => Wish::Tell { text: said },
            },
        };
        let line = |by, at, step: &str, command| {
            let key = format!("{}/{step}", sent.key);
            Line { by: Sender::Person(by), at, key, command }
        };
        let message = self.of_message(&line(&sent.sender, time.now(), "send", send.into()), None).await?;
        let Some(found) = &sent.matched else { return Ok(()) };
        time.pass(FOUND_AFTER);
        let claim = line(&found.by, time.now(), "claim", ClaimOutsideMessage.into());
        self.of_message(&claim, Some(message)).await?;
        let patient = self.patient(&found.patient)?;
        let find = MatchOutsideMessage { patient };
        self.of_message(&line(&found.by, time.now(), "match", find.into()), Some(message)).await?;
        Ok(())
    }

    async fn of_message(
        &self,
        line: &Line<'_, OutsideMessageCommand>,
        message: Option<OutsideMessageId>,
    ) -> anyhow::Result<OutsideMessageId> {
        let outcome = self.give::<OutsideMessage, _>(line, message, &line.command).await;
        Ok(outcome.with_context(|| failed(&line.key))?.target)
    }
}

/// A delegation that is played.
struct Playing<'a> {
    player: &'a Player,
    help: &'a Help,
    patient: PatientId,
    helper: PersonId,
    scope: Scope,
    begins: DateTime<Utc>,
    until: DateTime<Utc>,
    /// None before it is recorded.
    authority: Option<AuthorityId>,
    /// None before the invitation.
    delegation: Option<DelegationId>,
    /// The position of the newest event.
    reached: Option<Position>,
}

/// A line of a delegation.
type Step<'a> = Line<'a, &'a Act>;

impl Playing<'_> {
    async fn step(&mut self, line: &Step<'_>) -> anyhow::Result<()> {
        let command: DelegationCommand = match line.command {
            Act::RecordAuthority(record) => return self.record_authority(line, record).await,
            Act::VerifyAuthority(verify) => return self.verify_authority(line, verify).await,
            Act::Invite(invite) => self.invitation(invite)?.into(),
            Act::Accept(_) => {
                AcceptDelegation { code: None, terms_version: TextVersion::parse(TERMS)?, own_account: true }.into()
            }
            Act::VerifyIdentity(verify) => VerifyIdentity {
                method: verify.method.0,
                level: verify.level.0,
                evidence: Some(text(&verify.evidence)?),
                authority: self.authority,
                employment: None,
                is_relative: false,
            }
            .into(),
            Act::PassSafeguarding(pass) => {
                let asked_alone = pass.asked_alone.0;
                let checks = Checks { necessary: true, relevant: true, safe: true, asked_alone };
                let seen = self.what_would_open(line).await?;
                // Nothing was written about anybody yet, so nothing sensitive is on the list.
                PassSafeguarding { scope: None, checks, seen, accepted: BTreeMap::new(), is_relative: false }.into()
            }
            Act::Consent(consent) => self.consent(line, consent)?.into(),
            Act::Suspend(suspend) => SuspendDelegation { reason: text(&suspend.reason)? }.into(),
            Act::Revoke(revoke) => RevokeDelegation { reason: revoke.reason.as_ref().map(text).transpose()? }.into(),
        };
        self.give(line, command).await
    }

    async fn give(&mut self, line: &Step<'_>, command: DelegationCommand) -> anyhow::Result<()> {
        let outcome = self.player.give::<Delegation, _>(line, self.delegation, &command).await?;
        self.delegation = Some(outcome.target);
        self.reached = outcome.position;
        Ok(())
    }

    async fn record_authority(&mut self, line: &Step<'_>, record: &family::RecordAuthority) -> anyhow::Result<()> {
        let command = LegalAuthorityCommand::from(RecordAuthority {
            patient: self.patient,
            person: self.helper,
            kind: record.kind.0,
            ground: record.ground.0,
            document: text(&record.document)?,
        });
        let outcome = self.player.give::<LegalAuthority, _>(line, None, &command).await?;
        self.authority = Some(outcome.target);
        Ok(())
    }

    async fn verify_authority(&self, line: &Step<'_>, verify: &family::VerifyAuthority) -> anyhow::Result<()> {
        let Scope { topics, manages_helpers, .. } = self.scope.clone();
        let limits = AuthorityLimits { topics, sensitivities: BTreeSet::new(), manages_helpers };
        let evidence = text(&verify.evidence)?;
        let command = LegalAuthorityCommand::from(VerifyAuthority { limits, from: self.begins, until: None, evidence });
        let authority = self.authority.context("no legal authority is recorded")?;
        self.player.give::<LegalAuthority, _>(line, Some(authority), &command).await?;
        Ok(())
    }

    fn invitation(&self, invite: &family::Invite) -> anyhow::Result<InviteDelegate> {
        let organization = self.help.organization.as_ref().map(|key| self.player.organization(key)).transpose()?;
        Ok(InviteDelegate {
            patient: self.patient,
            answers: None,
            person: Some(self.helper),
            code: None,
            contact: None,
            kind: self.help.kind.0,
            relationship: self.help.relationship.0,
            scope: self.scope.clone(),
            until: self.until,
            organization,
            authority: self.authority,
            ground: invite.ground.map(|ground| ground.0),
            is_relative: false,
        })
    }

    fn consent(&self, line: &Step<'_>, consent: &family::Consent) -> anyhow::Result<RecordConsent> {
        let says = |said| anyhow::Ok(PatientSays { word: OwnWord::Consents, note: Some(text(said)?) });
        Ok(RecordConsent {
            basis: consent.basis.0,
            method: consent.method.0,
            text: consent_text::current(ConsentTextKind::Help, TextLanguage::En).shown(),
            scope: self.scope.clone(),
            at: line.at,
            patient_says: consent.patient_says.as_ref().map(says).transpose()?,
            witness: consent.witness.as_ref().map(|handle| self.player.person(handle)).transpose()?,
        })
    }

    /// The version of the list of what would open, as the sender reads it before they check.
    async fn what_would_open(&self, line: &Step<'_>) -> anyhow::Result<Digest> {
        let Sender::Person(handle) = line.by else { anyhow::bail!("the installation checks nobody") };
        let identity = self.player.signed_in(handle)?.identity;
        let context = AnswerContext { identity, now: line.at, origin: Origin::of(Channel::Cli) };
        let (patient, scope, reached) = (self.patient, self.scope.clone(), self.reached);
        let read = |reads: Reads| async move {
            let reader = reads.reader(reached).await?;
            Ok::<_, Fault>(reader.what_would_open(patient, &scope)?.map(|list| list.version))
        };
        let version = self.player.application.answer(context, read).await?.transpose()?;
        let version = version.read(|version| *version);
        version.with_context(|| format!("{handle} does not see what would open"))
    }
}
