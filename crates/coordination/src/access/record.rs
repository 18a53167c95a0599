//! What a record of the access log says: of content that was shown, or of a refused try. `stored.rs` reads it back.

use std::collections::BTreeSet;

use care::draft::opened_kind;
use care::ids::{DelegationId, EventId, OrganizationId, PatientId, PersonId, ThreadId};
use care::lifecycle::ThreadKind;
use care::party::FormSubject;
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::words::Obligation;
use serde::{Deserialize, Serialize};

use crate::caller::{Origin, Reading};
use crate::fault::Fault;
use crate::read_models::drafts::DraftRow;
use crate::read_models::threads::ThreadRow;
use crate::refused_tries::{RefusedTry, Tried};

/// The kinds of records. Servers also write into this log who of them serves it.
pub(super) const READ: &str = "access.read";
pub(super) const REFUSED: &str = "access.refused";

/// The subject of the content: a thread, with its patient, a patient's record, or what is an organization's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct About {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thread: Option<ThreadId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) patient: Option<PatientId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) organization: Option<OrganizationId>,
    /// The kind of the thread that a form would open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<ThreadKind>,
}

impl About {
    /// Content of a thread.
    pub fn thread(row: &ThreadRow) -> Self {
        Self { thread: Some(row.thread), patient: row.patient, organization: None, kind: None }
    }

    /// The draft of a form about a thread or a patient, or about neither.
    pub fn draft(row: &DraftRow) -> Self {
        let (thread, kind) = match row.form.subject {
            FormSubject::Thread(thread) => (Some(thread), None),
            FormSubject::Patient(_) | FormSubject::Organization(_) => (None, opened_kind(row.form.command)),
        };
        Self { thread, patient: row.patient, organization: None, kind }
    }

    /// Content of a patient's record, outside of any thread.
    pub fn patient(patient: PatientId) -> Self {
        Self { thread: None, patient: Some(patient), organization: None, kind: None }
    }

    /// The access records that are listed for an organization, or a message from outside that was sent to it.
    pub fn organization(organization: OrganizationId) -> Self {
        Self { thread: None, patient: None, organization: Some(organization), kind: None }
    }
}

/// The content of one subject that was shown under one permit.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(super) about: About,
    pub(super) grounds: Grounds,
    pub(super) events: Vec<EventId>,
}

/// The permit under which content was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub(super) struct Grounds {
    /// The person for whom the reader acts, if they act for another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<PersonId>,
    /// The delegation under which a helper of the patient reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    pub action: &'static str,
    pub standing: &'static str,
    pub role: &'static str,
    pub purpose: &'static str,
    /// What using the permit demands, such as `audit:high`.
    pub obligations: Vec<&'static str>,
    /// The ids of the rules that allowed it.
    pub rules: Vec<String>,
    /// The version of the policy that decided.
    pub policy: String,
}

impl Grounds {
    pub(super) fn of(permit: &Permit) -> Self {
        Self {
            on_behalf_of: permit.reach().on_behalf_of,
            delegation: permit.reach().grant,
            action: permit.action().word(),
            standing: permit.standing().word(),
            role: permit.role().word(),
            purpose: permit.purpose().word(),
            obligations: permit.obligations().map(Obligation::word).collect(),
            rules: permit.rules().map(str::to_owned).collect(),
            policy: permit.policy_version().to_owned(),
        }
    }

    /// Whether these are the grounds of a permit.
    fn are_of(&self, permit: &Permit) -> bool {
        let Self { on_behalf_of, delegation, action, standing, role, purpose, obligations, rules, policy } = self;
        (*on_behalf_of, *delegation) == (permit.reach().on_behalf_of, permit.reach().grant)
            && (*action, *standing) == (permit.action().word(), permit.standing().word())
            && (*role, *purpose) == (permit.role().word(), permit.purpose().word())
            && obligations.iter().copied().eq(permit.obligations().map(Obligation::word))
            && rules.iter().eq(permit.rules())
            && policy == permit.policy_version()
    }
}

impl Shown {
    pub fn new(about: About, permit: &Permit, events: Vec<EventId>) -> Self {
        Self { about, grounds: Grounds::of(permit), events }
    }

    /// Adds events of the same subject that are shown under a permit of the same grounds; returns whether it did.
    pub fn add(&mut self, about: About, permit: &Permit, events: &[EventId]) -> bool {
        let same = self.about == about && self.grounds.are_of(permit);
        if same {
            self.events.extend(events);
        }
        same
    }

    /// Merges content of the same subject on the same grounds; returns whether it did.
    pub fn merge(&mut self, other: &Self) -> bool {
        let same = self.about == other.about && self.grounds == other.grounds;
        if same {
            self.events.extend(&other.events);
        }
        same
    }
}

/// How an access ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// The content was opened for an answer.
    Shown,
    /// Nothing was shown, because the target is missing or the policy does not allow it.
    Refused,
}

/// `access.read`: content that was opened for an answer.
#[derive(Serialize)]
struct ReadRecord<'a> {
    person: PersonId,
    #[serde(flatten)]
    about: About,
    #[serde(flatten)]
    grounds: &'a Grounds,
    outcome: Outcome,
    #[serde(flatten)]
    origin: &'a Origin,
    /// The events whose content was opened.
    events: &'a [EventId],
}

/// `access.refused`: a refused try. The record is the same for a missing and a forbidden target, so it does not
/// show whether the target exists.
#[derive(Serialize)]
struct RefusedRecord<'a> {
    person: PersonId,
    action: &'static str,
    /// None if there was none, or if these are tries at many targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    /// The organization that a command named beside its target.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<OrganizationId>,
    /// The organizations at which the person worked then.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    works_at: &'a BTreeSet<OrganizationId>,
    outcome: Outcome,
    /// How many equal tries this record stands for, without those of other records.
    #[serde(skip_serializing_if = "is_one")]
    times: u64,
    /// How many tries of the session could not be recorded since its last record.
    #[serde(skip_serializing_if = "is_none")]
    unrecorded: u64,
    /// What the try demands: one to change who may do something is looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    obligations: Vec<&'static str>,
    #[serde(flatten)]
    origin: &'a Origin,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_one(times: &u64) -> bool {
    *times == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_none(unrecorded: &u64) -> bool {
    *unrecorded == 0
}

/// How many tries a record stands for.
#[derive(Clone, Copy)]
pub(super) struct Tries {
    pub times: u64,
    pub unrecorded: u64,
}

/// One read: who, from where, and when.
pub(super) struct Access<'a> {
    pub reading: Reading,
    pub origin: &'a Origin,
    pub at: DateTime<Utc>,
}

/// A record on its way into the log.
pub(super) struct Entry {
    pub kind: &'static str,
    pub at: DateTime<Utc>,
    pub data: Vec<u8>,
    /// How many refused tries it stands for.
    pub tries: u64,
}

pub(super) fn read_entry(access: &Access<'_>, shown: &Shown, events: &[EventId]) -> Result<Entry, Fault> {
    let Access { reading, origin, at } = access;
    let Shown { about, grounds, events: _ } = shown;
    let record = ReadRecord { person: reading.person, about: *about, grounds, outcome: Outcome::Shown, origin, events };
    let data = serde_json::to_vec(&record).map_err(|_| Fault::Row("an access record"))?;
    Ok(Entry { kind: READ, at: *at, data, tries: 0 })
}

pub(super) fn refused_entry(refused: &RefusedTry, tries: Tries) -> Result<Entry, Fault> {
    let RefusedTry { reading, origin, tried: Tried { action, target, organization }, works_at, at } = refused;
    let Tries { times, unrecorded } = tries;
    let obligations = if action.changes_who_may() { vec![Obligation::AuditHigh.word()] } else { Vec::new() };
    let record = RefusedRecord {
        person: reading.person,
        action: action.word(),
        target: target.map(|target| target.simple().to_string()),
        organization: *organization,
        works_at,
        outcome: Outcome::Refused,
        times,
        unrecorded,
        obligations,
        origin,
    };
    let data = serde_json::to_vec(&record).map_err(|_| Fault::Row("an access record"))?;
    Ok(Entry { kind: REFUSED, at: *at, data, tries: times.saturating_add(unrecorded) })
}
