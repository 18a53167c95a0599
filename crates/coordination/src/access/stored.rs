//! An access record as it is read back from the log, to be listed: who, when, why and how often, and never what was read.

use std::collections::BTreeSet;

use care::ids::{DelegationId, EventId, Id, OrganizationId, PatientId, PersonId, ThreadId};
use care::lifecycle::ThreadKind;
use care::words::{Purpose, Role};
use chrono::{DateTime, Utc};
use journal::Recorded;
use policy::words::{Action, Obligation, Read, Standing};
use serde::Deserialize;
use uuid::Uuid;

use super::record::{Outcome, READ, REFUSED};
use crate::fault::Fault;

/// A record of the access log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredRecord {
    /// Its own id.
    pub id: EventId,
    /// When it was read or tried.
    pub at: DateTime<Utc>,
    pub said: Said,
}

/// What a record says, as far as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Said {
    /// Who read or tried.
    pub person: PersonId,
    /// The person for whom they acted, if they acted for another.
    pub on_behalf_of: Option<PersonId>,
    /// The delegation under which a helper of the patient read.
    pub delegation: Option<DelegationId>,
    /// The thread and the patient whose content was read; none of a refused try.
    pub thread: Option<ThreadId>,
    pub patient: Option<PatientId>,
    /// The organization whose access records were read, or that a refused command named.
    pub organization: Option<OrganizationId>,
    /// The kind of the thread that a form would open, whose draft was read.
    kind: Option<ThreadKind>,
    /// What a refused try was aimed at, whether or not there is such a thing.
    pub target: Option<Uuid>,
    /// Where the person worked who tried.
    #[serde(default)]
    pub works_at: BTreeSet<OrganizationId>,
    /// What was done, as the policy names it.
    pub action: String,
    /// The standing, the role and the purpose by which it was permitted; none of a refused try.
    pub standing: Option<String>,
    pub role: Option<Role>,
    pub purpose: Option<Purpose>,
    /// How many equal tries it stands for.
    #[serde(default = "once")]
    pub times: u64,
    #[serde(default)]
    obligations: Vec<String>,
    outcome: Outcome,
}

const fn once() -> u64 {
    1
}

#[derive(Deserialize)]
struct Meta {
    #[serde(with = "care::instant")]
    at: DateTime<Utc>,
}

impl StoredRecord {
    /// Reads an event of the log; none if it is no access record.
    ///
    /// # Errors
    /// [`Fault::Row`] if it is a record that cannot be read.
    pub fn read(stored: &Recorded) -> Result<Option<Self>, Fault> {
        if ![READ, REFUSED].contains(&stored.event_type.as_str()) {
            return Ok(None);
        }
        let malformed = |_: serde_json::Error| Fault::Row("an access record cannot be read");
        let said: Said = serde_json::from_slice(&stored.data).map_err(malformed)?;
        let Meta { at } = serde_json::from_slice(&stored.meta).map_err(malformed)?;
        Ok(Some(Self { id: EventId::from_uuid(stored.id), at, said }))
    }
}

impl Said {
    /// Whether what was done is a command.
    pub fn is_command(&self) -> bool {
        Read::parse(&self.action).is_err()
    }

    /// The kind of thread that what was done belongs to, such as the opening of one; none if it belongs to several or none.
    pub fn kind(&self) -> Option<ThreadKind> {
        if self.kind.is_some() {
            return self.kind;
        }
        let kinds = Action::parse(&self.action).ok()?.kinds();
        if let [kind] = kinds { Some(*kind) } else { None }
    }

    /// Whether it was read in a thread or in a draft. Older records do not name the thread through which a patient was read, and
    /// a standing that nobody has to a patient tells it.
    pub fn is_in_thread(&self) -> bool {
        let is_to_patient = |word: &String| {
            matches!(
                Standing::parse(word),
                Ok(Standing::Self_
                    | Standing::CareTeam
                    | Standing::Joined
                    | Standing::Proposed
                    | Standing::Representative
                    | Standing::Delegate
                    | Standing::Organization)
            )
        };
        self.thread.is_some() || self.standing.as_ref().is_some_and(|word| !is_to_patient(word))
    }

    /// Whether it was refused.
    pub fn is_refused(&self) -> bool {
        self.outcome == Outcome::Refused
    }

    /// Whether a review looks at it first.
    pub fn is_for_review(&self) -> bool {
        self.obligations.iter().any(|obligation| obligation == Obligation::AuditHigh.word())
    }
}
