//! The steps of legal authorities as they are read, with the text that was written about each. What a legal authority is
//! now, the authorization state says: its entity is in the snapshot too.

use care::envelope::Actor;
use care::event::{Event, Stream};
use care::ids::{AuthorityId, PatientId, PersonId};
use care::legal_authority::{Disputed, Ended, LegalAuthorityEvent, Recorded, Upheld, Verified};
use care::scope::AuthorityLimits;
use care::words::{AuthorityEnd, AuthorityGround, AuthorityKind, AuthorityState, Role};
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::visible::{Opens, Redact};
use policy::words::{Action, Read};
use rusqlite::params;
use serde::{Deserialize, Serialize};

use crate::authorization::legal_authority::LegalAuthorityFacts;
use crate::fault::Fault;
use crate::read_models::cells::id;
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};
use crate::sealing::TextCell;

const SCHEMA: &str = "
-- A step by the revision of its event; what it says beside its text is JSON.
CREATE TABLE legal_authority_step (authority BLOB, revision INTEGER, at INTEGER NOT NULL, said TEXT NOT NULL, text BLOB, PRIMARY KEY (authority, revision)) STRICT, WITHOUT ROWID;
";

/// The steps of legal authorities.
pub(super) struct LegalAuthorities;

impl ReadModel for LegalAuthorities {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 1 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        use AuthorityStepKind as Kind;
        let (Stream::LegalAuthority(authority), Event::LegalAuthority(event)) = (fold.stream(), fold.event()) else {
            return Ok(());
        };
        let of = |kind, by, role| AuthoritySaid { kind, by, role, ended_at: None, end: None };
        let (said, text) = match event {
            LegalAuthorityEvent::Recorded(Recorded { by, role, document, .. }) => {
                (of(Kind::Recorded, *by, *role), Some(document))
            }
            LegalAuthorityEvent::Verified(Verified { by, role, evidence, .. }) => {
                (of(Kind::Verified, *by, *role), Some(evidence))
            }
            LegalAuthorityEvent::Disputed(Disputed { by, role, reason, .. }) => {
                (of(Kind::Disputed, *by, *role), Some(reason))
            }
            LegalAuthorityEvent::Upheld(Upheld { by, role, reason }) => (of(Kind::Upheld, *by, *role), Some(reason)),
            LegalAuthorityEvent::Ended(Ended { how, by, role, at, reason }) => {
                let said = AuthoritySaid { ended_at: Some(*at), end: Some(*how), ..of(Kind::Ended, *by, *role) };
                (said, reason.as_ref())
            }
            // That somebody was reminded is no step.
            LegalAuthorityEvent::Reminded(_) => return Ok(()),
        };
        fold.run(
            "INSERT INTO legal_authority_step (authority, revision, at, said, text) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id(authority), fold.revision(), fold.at, serde_json::to_string(&said)?, fold.cell_or_none(text)?],
        )
    }
}

/// A step of a legal authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorityStepKind {
    /// A document was put on file.
    Recorded,
    /// The document was checked.
    Verified,
    /// Somebody said that it does not hold.
    Disputed,
    /// It was decided that it holds.
    Upheld,
    /// It ended.
    Ended,
}

/// What a step of a legal authority says, beside its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthoritySaid {
    /// The step.
    pub kind: AuthorityStepKind,
    /// Who did it.
    pub by: Actor,
    /// In which role.
    pub role: Role,
    /// When it ended; none for every other step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// How it ended; none for every other step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<AuthorityEnd>,
}

/// A legal authority.
#[derive(Debug, Clone)]
pub struct AuthorityRow {
    /// The legal authority.
    pub authority: AuthorityId,
    /// The patient.
    pub patient: PatientId,
    /// Who has it.
    pub person: PersonId,
    /// The kind.
    pub kind: AuthorityKind,
    /// Why the patient needs somebody.
    pub ground: AuthorityGround,
    /// The state.
    pub state: AuthorityState,
    /// How far it goes; none until it is verified.
    pub limits: Option<AuthorityLimits>,
    /// From when it holds; none until it is verified.
    pub from: Option<DateTime<Utc>>,
    /// Until when; none if the document names no end.
    pub until: Option<DateTime<Utc>>,
}

impl AuthorityRow {
    /// The row of what is known of a legal authority.
    pub(crate) fn of(authority: AuthorityId, facts: LegalAuthorityFacts) -> Self {
        let LegalAuthorityFacts { patient, person, kind, ground, state, limits, from, until } = facts;
        Self { authority, patient, person, kind, ground, state, limits, from, until }
    }
}

impl Redact for AuthorityRow {
    fn redact(self, _: &Permit) -> Self {
        let Self { authority, patient, person, kind, ground, state, limits, from, until } = self;
        Self { authority, patient, person, kind, ground, state, limits, from, until }
    }
}

/// A step of a legal authority.
#[derive(Debug)]
pub struct AuthorityStepRow {
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// What it says.
    pub said: AuthoritySaid,
    /// What was written about it.
    pub text: Option<TextCell>,
}

impl Redact for AuthorityStepRow {
    fn redact(self, permit: &Permit) -> Self {
        let Self { at, said, text } = self;
        let reads = permit.action() == Action::Read(Read::LegalAuthorityRead);
        Self { at, said, text: text.map(|text| if reads { text } else { TextCell::Withheld }) }
    }
}

impl Opens for AuthorityStepRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { at: _, said: _, text } = self;
        text.iter_mut().for_each(open);
    }
}

/// The steps of a legal authority, the oldest first.
pub(crate) fn steps(snapshot: &Snapshot, authority: AuthorityId) -> Result<Vec<AuthorityStepRow>, Fault> {
    let mut steps = Vec::new();
    let sql = "SELECT at, said, text FROM legal_authority_step WHERE authority = ?1 ORDER BY revision";
    snapshot.each(sql, [id(authority)], |cells| {
        steps.push(AuthorityStepRow { at: cells.time()?, said: cells.json()?, text: cells.cell_or_none()? });
        Ok(())
    })?;
    Ok(steps)
}
