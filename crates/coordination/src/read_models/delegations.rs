//! The steps of delegations as they are read, with the texts that were written about them, and the codes of invitations.
//! What a delegation is now, the authorization state says: its entity is in the snapshot too.

use care::consent_text::WordsShown;
use care::delegation::{
    Accepted, AccessCheck, Activated, Consented, DelegationEvent, Ended, IdentityVerified, Invited, Narrowed, Offered,
    OpenedOnPurpose, Renewed, Resumed, SafeguardingPassed, Scope, Suspended, Widened, WideningChecked,
};
use care::envelope::Actor;
use care::event::{Event, Stream};
use care::ids::{AuthorityId, DelegationId, OrganizationId, PatientId, PersonId, ThreadId};
use care::shown::{Digest, TextVersion};
use care::text::PersonalText;
use care::words::{
    AskedAlone, ConsentBasis, ConsentMethod, DelegationEnd, DelegationKind, DelegationState, IdentityLevel,
    IdentityMethod, InvitationGround, OwnWord, Relationship, Role, SuspensionCause,
};
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::visible::{Opens, Redact};
use policy::words::{Action, Read};
use rusqlite::params;
use serde::{Deserialize, Serialize};

use crate::authorization::delegation::DelegationFacts;
use crate::fault::Fault;
use crate::read_models::cells::id;
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};
use crate::sealing::TextCell;

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

/// A step of a delegation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelegationStepKind {
    /// A person offered to help.
    Offered,
    /// A person was invited.
    Invited,
    /// They accepted.
    Accepted,
    /// It was verified who they are.
    IdentityVerified,
    /// It was checked that the access is necessary, fits and is safe.
    SafeguardingPassed,
    /// A consent, or what the law says instead, was recorded.
    Consented,
    /// The access began.
    Activated,
    /// The scope became narrower.
    Narrowed,
    /// It was checked that more can be reached; the patient can widen it so far for a while.
    WideningChecked,
    /// The scope became wider.
    Widened,
    /// It ends later.
    Renewed,
    /// The access was taken away until somebody else has looked.
    Suspended,
    /// The access was given back.
    Resumed,
    /// It ended.
    Ended,
}

/// What a text of a step is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelegationNoteKind {
    /// Where the invitation went.
    Contact,
    /// What was seen when it was verified who they are.
    Evidence,
    /// How the organization of a professional helper confirmed that they work there.
    Employment,
    /// Why a sensitive thread is to open.
    OpenedThread,
    /// What the patient says to an access that the law gives, or what was found.
    OwnWord,
    /// What the law says.
    LegalBasis,
    /// Why.
    Reason,
    /// What the patient said.
    PatientWord,
}

/// What a text is about, and about which thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteAbout {
    /// What it is about.
    pub kind: DelegationNoteKind,
    /// The thread; none if it is about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ThreadId>,
}

/// Declares what a step says: each field is none where it does not belong to the step.
macro_rules! said {
    ($($(#[$meta:meta])* $field:ident: $ty:ty,)+) => {
        /// What a step of a delegation says, beside its texts. What does not belong to the step is none.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct StepSaid {
            /// The step.
            pub kind: DelegationStepKind,
            /// Who did it.
            pub by: Actor,
            $($(#[$meta])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<$ty>,)+
            /// What its texts are about, in their order.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub notes: Vec<NoteAbout>,
        }

        impl StepSaid {
            fn of(kind: DelegationStepKind, by: Actor) -> Self {
                Self { kind, by, $($field: None,)+ notes: Vec::new() }
            }
        }
    };
}

said! {
    /// In which role.
    role: Role,
    /// The delegation under which who did it acted; none for everybody but a delegate.
    under: DelegationId,
    /// What is reached from then on.
    scope: Scope,
    /// When the access ends from then on.
    until: DateTime<Utc>,
    /// Until when an invitation can be accepted.
    expires_at: DateTime<Utc>,
    /// On what ground staff invited.
    ground: InvitationGround,
    /// How it was verified who the helper is.
    identity_method: IdentityMethod,
    /// How sure that is.
    identity_level: IdentityLevel,
    /// Whether the patient was asked without the helper.
    asked_alone: AskedAlone,
    /// On whose word the helper has access.
    basis: ConsentBasis,
    /// How the consent was given.
    method: ConsentMethod,
    /// When it was given.
    given_at: DateTime<Utc>,
    /// The text that was shown.
    text_version: TextVersion,
    /// The words that were shown; none where only the version was recorded, and of the terms for the helper.
    words_shown: WordsShown,
    /// What the patient says to an access that the law gives.
    own_word: OwnWord,
    /// Who heard the word of a patient without an account, or the other member of staff who agreed.
    witness: PersonId,
    /// Why the software suspended it.
    cause: SuspensionCause,
    /// Why it ended.
    end: DelegationEnd,
}

/// The texts of an event, by what they are about.
#[derive(Default)]
struct Texts<'a> {
    about: Vec<NoteAbout>,
    texts: Vec<&'a PersonalText>,
}

impl<'a> Texts<'a> {
    fn with(mut self, kind: DelegationNoteKind, text: Option<&'a PersonalText>) -> Self {
        if let Some(text) = text {
            self.about.push(NoteAbout { kind, thread: None });
            self.texts.push(text);
        }
        self
    }

    /// Why each sensitive thread is to open.
    fn with_opened(mut self, accepted: &'a [OpenedOnPurpose]) -> Self {
        for OpenedOnPurpose { thread, reason } in accepted {
            self.about.push(NoteAbout { kind: DelegationNoteKind::OpenedThread, thread: Some(*thread) });
            self.texts.push(reason);
        }
        self
    }
}

/// What a check says as a step.
fn checked(kind: DelegationStepKind, check: &AccessCheck) -> (StepSaid, Texts<'_>) {
    let AccessCheck { by, role, asked_alone, seen: _, accepted, scope, at: _ } = check;
    let said = StepSaid {
        role: Some(*role),
        asked_alone: Some(*asked_alone),
        scope: Some(scope.clone()),
        ..StepSaid::of(kind, *by)
    };
    (said, Texts::default().with_opened(accepted))
}

/// What an event says as a step, with its texts; none if it is no step.
fn step(event: &DelegationEvent, actor: Actor) -> Option<(StepSaid, Vec<&PersonalText>)> {
    use DelegationNoteKind as Note;
    use DelegationStepKind as Kind;
    let none = Texts::default;
    let (said, texts) = match event {
        DelegationEvent::Offered(Offered { person, .. }) => {
            (StepSaid { role: Some(Role::Person), ..StepSaid::of(Kind::Offered, Actor::Person(*person)) }, none())
        }
        DelegationEvent::Invited(Invited { by, role, contact, scope, until, ground, expires_at, .. }) => {
            let said = StepSaid {
                role: Some(*role),
                scope: Some(scope.clone()),
                until: Some(*until),
                expires_at: Some(*expires_at),
                ground: *ground,
                ..StepSaid::of(Kind::Invited, *by)
            };
            (said, none().with(Note::Contact, contact.as_ref()))
        }
        DelegationEvent::Accepted(Accepted { person, terms_version, .. }) => {
            let said = StepSaid {
                role: Some(Role::Person),
                text_version: Some(terms_version.clone()),
                ..StepSaid::of(Kind::Accepted, Actor::Person(*person))
            };
            (said, none())
        }
        DelegationEvent::IdentityVerified(IdentityVerified {
            by, role, method, level, evidence, employment, ..
        }) => {
            let said = StepSaid {
                role: Some(*role),
                identity_method: Some(*method),
                identity_level: Some(*level),
                ..StepSaid::of(Kind::IdentityVerified, *by)
            };
            (said, none().with(Note::Evidence, evidence.as_ref()).with(Note::Employment, employment.as_ref()))
        }
        DelegationEvent::SafeguardingPassed(SafeguardingPassed { check }) => checked(Kind::SafeguardingPassed, check),
        DelegationEvent::WideningChecked(WideningChecked { check }) => checked(Kind::WideningChecked, check),
        DelegationEvent::Consented(Consented {
            by,
            role,
            basis,
            method,
            text_version,
            words_shown,
            scope,
            at,
            own_word,
            own_word_note,
            witness,
            ..
        }) => {
            let said = StepSaid {
                role: Some(*role),
                basis: Some(*basis),
                method: Some(*method),
                text_version: Some(text_version.clone()),
                words_shown: *words_shown,
                scope: Some(scope.clone()),
                given_at: Some(*at),
                own_word: *own_word,
                witness: *witness,
                ..StepSaid::of(Kind::Consented, *by)
            };
            (said, none().with(Note::OwnWord, own_word_note.as_ref()))
        }
        DelegationEvent::Activated(Activated { scope, until, .. }) => {
            let said =
                StepSaid { scope: Some(scope.clone()), until: Some(*until), ..StepSaid::of(Kind::Activated, actor) };
            (said, none())
        }
        DelegationEvent::Narrowed(Narrowed { by, scope }) => {
            (StepSaid { scope: Some(scope.clone()), ..StepSaid::of(Kind::Narrowed, *by) }, none())
        }
        DelegationEvent::Widened(Widened {
            by,
            scope,
            accepted,
            agreed_by,
            legal_basis,
            own_word,
            own_word_note,
            ..
        }) => {
            let said = StepSaid {
                scope: Some(scope.clone()),
                witness: *agreed_by,
                own_word: *own_word,
                ..StepSaid::of(Kind::Widened, *by)
            };
            let texts = none().with_opened(accepted).with(Note::LegalBasis, legal_basis.as_ref());
            (said, texts.with(Note::OwnWord, own_word_note.as_ref()))
        }
        DelegationEvent::Renewed(Renewed { by, until, basis, method, text_version, words_shown }) => {
            let said = StepSaid {
                until: Some(*until),
                basis: Some(*basis),
                method: Some(*method),
                text_version: Some(text_version.clone()),
                words_shown: *words_shown,
                ..StepSaid::of(Kind::Renewed, *by)
            };
            (said, none())
        }
        DelegationEvent::Suspended(Suspended { by, role, cause, reason, .. }) => {
            let said = StepSaid { role: Some(*role), cause: *cause, ..StepSaid::of(Kind::Suspended, *by) };
            (said, none().with(Note::Reason, reason.as_ref()))
        }
        DelegationEvent::Resumed(Resumed { by, role, reason, asked_alone, patient_word }) => {
            let said =
                StepSaid { role: Some(*role), asked_alone: Some(*asked_alone), ..StepSaid::of(Kind::Resumed, *by) };
            (said, none().with(Note::Reason, Some(reason)).with(Note::PatientWord, patient_word.as_ref()))
        }
        DelegationEvent::Ended(Ended { reason, by, role, note }) => {
            let said = StepSaid { role: Some(*role), end: Some(*reason), ..StepSaid::of(Kind::Ended, *by) };
            (said, none().with(Note::Reason, note.as_ref()))
        }
        // That somebody was reminded is no step: the timers say it.
        DelegationEvent::Reminded(_) => return None,
    };
    let Texts { about, texts } = texts;
    Some((StepSaid { notes: about, ..said }, texts))
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
    use care::ids::Id as _;
    use care::scope::TopicVerbs;
    use care::words::{DelegationReminder, Topic};
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
