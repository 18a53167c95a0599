//! The steps of delegations as they are read, with the texts that were written about them, and the codes of invitations.
//! What a delegation is now, the authorization state says: its entity is in the snapshot too.

mod said;

use care::consent_text::WordsShown;
use care::delegation::{DelegationEvent, Invited, Scope};
use care::event::{Event, Stream};
use care::ids::{AuthorityId, DelegationId, OrganizationId, PatientId, PersonId};
use care::shown::Digest;
use care::words::{DelegationKind, DelegationState, Relationship, Role};
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::visible::{Opens, Redact};
use policy::words::{Action, Read};
use rusqlite::params;

use crate::authorization::delegation::DelegationFacts;
use crate::fault::Fault;
use crate::read_models::cells::id;
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};
use crate::sealing::TextCell;
use said::step;

pub use said::{DelegationNoteKind, DelegationStepKind, NoteAbout, StepSaid};

const SCHEMA: &str = "
-- A step by the revision of its event; what it says beside its texts is JSON.
CREATE TABLE delegation_step (delegation BLOB, revision INTEGER, at INTEGER NOT NULL, said TEXT NOT NULL, PRIMARY KEY (delegation, revision)) STRICT, WITHOUT ROWID;
-- The texts of a step, in the order in which the step names them.
CREATE TABLE delegation_note (delegation BLOB, revision INTEGER, number INTEGER, text BLOB NOT NULL, PRIMARY KEY (delegation, revision, number)) STRICT, WITHOUT ROWID;
-- The hash of the code of each invitation that has one.
CREATE TABLE delegation_code (code TEXT PRIMARY KEY, delegation BLOB NOT NULL) STRICT, WITHOUT ROWID;
";

/// The steps of delegations.
pub(super) struct Delegations;

impl ReadModel for Delegations {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 3 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        let (Stream::Delegation(delegation), Event::Delegation(event)) = (fold.stream(), fold.event()) else {
            return Ok(());
        };
        let metadata = &fold.recorded().metadata;
        let Some((said, texts)) = step(event, metadata.actor) else { return Ok(()) };
        let said = StepSaid { under: metadata.delegation, ..said };
        let (delegation, revision) = (id(delegation), fold.revision());
        fold.run(
            "INSERT INTO delegation_step (delegation, revision, at, said) VALUES (?1, ?2, ?3, ?4)",
            params![delegation, revision, fold.at, serde_json::to_string(&said)?],
        )?;
        for (number, text) in (0_i64..).zip(texts) {
            fold.run(
                "INSERT INTO delegation_note (delegation, revision, number, text) VALUES (?1, ?2, ?3, ?4)",
                params![delegation, revision, number, fold.cell(text)?],
            )?;
        }
        if let DelegationEvent::Invited(Invited { code: Some(code), .. }) = event {
            fold.run(
                "INSERT OR REPLACE INTO delegation_code (code, delegation) VALUES (?1, ?2)",
                params![code.to_string(), delegation],
            )?;
        }
        Ok(())
    }
}

/// A delegation.
#[derive(Debug, Clone)]
pub struct DelegationRow {
    /// The delegation.
    pub delegation: DelegationId,
    /// The patient.
    pub patient: PatientId,
    /// Who helps; none while an invitation names nobody.
    pub person: Option<PersonId>,
    /// The kind.
    pub kind: DelegationKind,
    /// What the helper is to the patient.
    pub relationship: Relationship,
    /// The state.
    pub state: DelegationState,
    /// What it reaches, or is to reach; its topics alone for who may not read its steps.
    pub scope: Scope,
    /// When the access ends; none for an offer.
    pub until: Option<DateTime<Utc>>,
    /// When the state was entered.
    pub since: DateTime<Utc>,
    /// The organization that a professional helper works for.
    pub organization: Option<OrganizationId>,
    /// The legal authority that it rests on; for who may read its steps.
    pub authority: Option<AuthorityId>,
}

impl DelegationRow {
    /// The row of what is known of a delegation.
    pub(crate) fn of(delegation: DelegationId, facts: DelegationFacts) -> Self {
        let DelegationFacts {
            patient,
            kind,
            relationship,
            person,
            state,
            scope,
            until,
            since,
            organization,
            authority,
            ..
        } = facts;
        Self { delegation, patient, person, kind, relationship, state, scope, until, since, organization, authority }
    }
}

impl Redact for DelegationRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self {
            delegation,
            patient,
            person,
            kind,
            relationship,
            state,
            scope,
            until,
            since,
            organization,
            authority,
        } = self;
        let reads = |read| permit.action() == Action::Read(read);
        let is_whole = reads(Read::DelegationReadSteps);
        let scope = if is_whole || reads(Read::DelegationReadOwn) { scope } else { scope.topics_alone() };
        let authority = authority.filter(|_| is_whole);
        Self { delegation, patient, person, kind, relationship, state, scope, until, since, organization, authority }
    }
}

/// A step of a delegation.
#[derive(Debug)]
pub struct StepRow {
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// What it says.
    pub said: StepSaid,
    /// Its texts, in the order of `said.notes`.
    pub texts: Vec<TextCell>,
}

/// The words that were shown for a consent.
#[derive(Debug, Clone, Copy)]
pub struct ConsentRow {
    pub words: WordsShown,
}

impl Redact for ConsentRow {
    fn redact(self, _: &Permit) -> Self {
        // The words are the same for everybody.
        let Self { words } = self;
        Self { words }
    }
}

impl Redact for StepRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self { at, said, texts } = self;
        if permit.action() == Action::Read(Read::DelegationReadEvidence) {
            return Self { at, said, texts };
        }
        // Why an access was taken away, and what the patient said alone, is evidence as much as a text about it. Who
        // represents the patient is a helper too, and none is told of it; who inspects the steps reads no content.
        let said = StepSaid { asked_alone: None, own_word: None, cause: None, end: None, notes: Vec::new(), ..said };
        Self { at, said, texts: Vec::new() }
    }
}

impl Opens for StepRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { at: _, said: _, texts } = self;
        texts.iter_mut().for_each(open);
    }
}

/// The steps of a delegation, the oldest first.
pub(crate) fn steps(snapshot: &Snapshot, delegation: DelegationId) -> Result<Vec<StepRow>, Fault> {
    let mut steps = Vec::new();
    let sql = "SELECT revision, at, said FROM delegation_step WHERE delegation = ?1 ORDER BY revision";
    snapshot.each(sql, [id(delegation)], |cells| {
        steps.push((cells.number()?, StepRow { at: cells.time()?, said: cells.json()?, texts: Vec::new() }));
        Ok(())
    })?;
    let sql = "SELECT revision, text FROM delegation_note WHERE delegation = ?1 ORDER BY revision, number";
    snapshot.each(sql, [id(delegation)], |cells| {
        let revision = cells.number()?;
        let text = cells.cell()?;
        if let Some((_, step)) = steps.iter_mut().find(|(each, _)| *each == revision) {
            step.texts.push(text);
        }
        Ok(())
    })?;
    Ok(steps.into_iter().map(|(_, step)| step).collect())
}

/// The delegation of an invitation, by the hash of its code.
pub(crate) fn by_code(snapshot: &Snapshot, code: &Digest) -> Result<Option<DelegationId>, Fault> {
    let sql = "SELECT delegation FROM delegation_code WHERE code = ?1";
    snapshot.one(sql, [code.to_string()], |cells| cells.id())
}

/// An invitation to help. It does not say whom.
#[derive(Debug)]
pub struct HelpInvitationRow {
    /// The delegation.
    pub delegation: DelegationId,
    /// The patient, whom it is not to name.
    pub(crate) patient: PatientId,
    /// The kind.
    pub kind: DelegationKind,
    /// What the invited person is to the patient.
    pub relationship: Relationship,
    /// What they are to reach; its topics alone.
    pub scope: Scope,
    /// When their access is to end.
    pub until: DateTime<Utc>,
    /// In which role who invited did it.
    pub role: Role,
    /// When.
    pub invited_at: DateTime<Utc>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
}

impl Redact for HelpInvitationRow {
    fn redact(self, _: &Permit) -> Self {
        let Self { delegation, patient, kind, relationship, scope, until, role, invited_at, expires_at } = self;
        let scope = scope.topics_alone();
        Self { delegation, patient, kind, relationship, scope, until, role, invited_at, expires_at }
    }
}

/// The invitation of a delegation that is open.
pub(crate) fn invitation(
    snapshot: &Snapshot,
    delegation: DelegationId,
    facts: &DelegationFacts,
) -> Result<Option<HelpInvitationRow>, Fault> {
    let steps = steps(snapshot, delegation)?;
    let invited = steps.into_iter().rev().find(|step| step.said.kind == DelegationStepKind::Invited);
    let row = |step: StepRow| {
        let StepRow { at, said, texts: _ } = step;
        Some(HelpInvitationRow {
            delegation,
            patient: facts.patient,
            kind: facts.kind,
            relationship: facts.relationship,
            // It may have become narrower since.
            scope: facts.scope.clone(),
            until: facts.until?,
            role: said.role?,
            invited_at: at,
            expires_at: said.expires_at?,
        })
    };
    Ok(invited.and_then(row))
}

#[cfg(test)]
mod tests {
    use care::delegation::{AccessCheck, OpenedOnPurpose, SafeguardingPassed};
    use care::envelope::Actor;
    use care::ids::Id as _;
    use care::scope::TopicVerbs;
    use care::words::{AskedAlone, DelegationEnd, DelegationReminder, OwnWord, SuspensionCause, Topic};
    use uuid::Uuid;

    use super::*;
    use crate::read_models::testing::{Log, at, by, patient_id, permit, sealed, thread_id};

    fn delegation() -> DelegationId {
        DelegationId::from_uuid(Uuid::from_u128(7))
    }

    fn scope() -> Scope {
        Scope {
            topics: [(Topic::Results, TopicVerbs::READ)].into(),
            threads: [thread_id(1)].into(),
            ..Scope::nothing()
        }
    }

    fn invited(code: Option<Digest>) -> DelegationEvent {
        Invited {
            delegation: delegation(),
            patient: patient_id(1),
            person: None,
            code,
            contact: Some(sealed("delegation.contact")),
            kind: DelegationKind::PatientAuthorised,
            relationship: Relationship::Friend,
            scope: scope(),
            until: at(1_000),
            by: by(1),
            role: Role::Person,
            ground: None,
            expires_at: at(100),
            organization: None,
            authority: None,
        }
        .into()
    }

    fn log() -> Log {
        let mut log = Log::new();
        log.patient(1, Some(1));
        let stream = Stream::Delegation(delegation());
        log.append(stream, invited(Some(Digest::of_bytes([3; 32]))));
        let check = AccessCheck {
            by: by(2),
            role: Role::Nurse,
            asked_alone: AskedAlone::Asked,
            seen: Digest::of_bytes([4; 32]),
            accepted: [5, 6]
                .map(|id| OpenedOnPurpose { thread: thread_id(id), reason: sealed("delegation.opened_reason") })
                .into(),
            scope: scope(),
            at: at(3),
        };
        log.append(stream, DelegationEvent::from(SafeguardingPassed { check }));
        let by = Actor::Process(care::words::ProcessName::ALL[0]);
        let reminded = care::delegation::Reminded { by, of: DelegationReminder::Consent, at: at(4) };
        log.append(stream, DelegationEvent::from(reminded));
        log
    }

    #[test]
    fn why_an_access_was_taken_away_is_for_who_reads_the_evidence() {
        let said = StepSaid {
            asked_alone: Some(AskedAlone::Asked),
            own_word: Some(OwnWord::NotCompetent),
            cause: Some(SuspensionCause::ProtectionNote),
            end: Some(DelegationEnd::SafeguardingFailed),
            ..StepSaid::of(DelegationStepKind::Suspended, by(2))
        };
        let told = |read| {
            let row = StepRow { at: at(3), said: said.clone(), texts: vec![] };
            let StepRow { said, .. } = row.redact(&permit(read));
            said
        };
        assert_eq!(told(Read::DelegationReadEvidence), said);
        assert_eq!(told(Read::DelegationReadSteps), StepSaid::of(DelegationStepKind::Suspended, by(2)));
    }

    #[test]
    fn each_step_has_its_texts_in_their_order_and_a_reminder_is_none() {
        let log = log();
        let steps = steps(&log.snapshot(), delegation()).unwrap();
        let told: Vec<_> = steps.iter().map(|step| (step.said.kind, step.texts.len())).collect();
        assert_eq!(told, [(DelegationStepKind::Invited, 1), (DelegationStepKind::SafeguardingPassed, 2)]);
        let threads: Vec<_> = steps[1].said.notes.iter().map(|note| note.thread).collect();
        assert_eq!(threads, [Some(thread_id(5)), Some(thread_id(6))]);
    }

    #[test]
    fn an_invitation_is_found_by_the_hash_of_its_code_alone() {
        let log = log();
        let snapshot = log.snapshot();
        assert_eq!(by_code(&snapshot, &Digest::of_bytes([3; 32])).unwrap(), Some(delegation()));
        assert_eq!(by_code(&snapshot, &Digest::of_bytes([4; 32])).unwrap(), None);
    }

    #[test]
    fn what_was_written_is_for_who_reads_the_evidence_and_the_scope_for_who_reads_the_steps() {
        let log = log();
        let snapshot = log.snapshot();
        let step = |read| {
            let steps = steps(&snapshot, delegation()).unwrap();
            let visible = permit(read).show(steps.into_iter().next().unwrap());
            (visible.texts.len(), visible.said.notes.len(), visible.said.scope.is_some())
        };
        assert_eq!(step(Read::DelegationReadEvidence), (1, 1, true));
        assert_eq!(step(Read::DelegationReadSteps), (0, 0, true));
        let facts = snapshot.entity::<DelegationFacts>(delegation().uuid()).unwrap().unwrap();
        let row = |read| permit(read).show(DelegationRow::of(delegation(), facts.clone())).scope.clone();
        assert_eq!(row(Read::DelegationReadSteps), scope());
        assert_eq!(row(Read::DelegationReadOwn), scope());
        assert_eq!(row(Read::DelegationRead), Scope { threads: [].into(), ..scope() }, "the topics alone");
        let invitation = invitation(&snapshot, delegation(), &facts).unwrap().unwrap();
        assert_eq!((invitation.role, invitation.expires_at), (Role::Person, at(100)));
        assert_eq!(permit(Read::DelegationReadInvitation).show(invitation).scope.threads, [].into());
    }
}
