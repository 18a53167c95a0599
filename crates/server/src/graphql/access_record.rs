//! Who read or tried what, for those who may know; never what was read.

use async_graphql::{Enum, ID, Result, SimpleObject};
use coordination::fault::Fault;
use coordination::reader::{AccessRecordView, Connection, PageProblem, UnderDelegation};

use super::connection::{connections, page};
use super::delegation_words::{AuthorityKind, DelegationKind, Relationship};
use super::id::encode_id;
use super::person::Person;
use super::scalars::Instant;
use super::words::{Purpose, Role};

/// A record of who read or tried what. It never says what was read.
#[derive(SimpleObject)]
pub struct AccessRecord {
    /// When.
    at: Instant,
    /// The person who read or tried. Null if they are not registered here.
    person: Option<Person>,
    /// The person for whom they acted. Null if it was for nobody else.
    on_behalf_of: Option<Person>,
    /// What was read, or the command that was given, as the policy names it, such as `thread.read` and `person.grant_role`.
    action: String,
    /// Whether it was a command. Otherwise something was read, or was to be read.
    is_command: bool,
    /// How it ended.
    outcome: AccessOutcome,
    /// How many equal tries the record stands for. The first of equal tries has a record of its own; others within ten
    /// seconds are one record.
    times: u64,
    /// Whether a review looks at it first: the policy says so of what was read, or it was a refused try to change who may do
    /// something.
    for_review: bool,
    /// The standing by which the policy permitted it, such as `care_team`. Null if it was refused.
    standing: Option<String>,
    /// The role in which the policy permitted it; `PERSON` for the patient. Null if it was refused.
    role: Option<Role>,
    /// The names of the organizations at which the person held that role then, of those that the record concerns. Empty
    /// for the patient, and if it was refused.
    organization_names: Vec<String>,
    /// The purpose for which the policy permitted it. Null if it was refused.
    purpose: Option<Purpose>,
    /// The id of the patient whom it concerns. Null if it concerns none whose record the organization keeps.
    patient_id: Option<ID>,
    /// The id of the thread that it concerns. Null if it concerns none that you may know of.
    thread_id: Option<ID>,
    /// The person whom a refused command was to change, such as by a role. Null if there is none whom the organization knows.
    about_person: Option<Person>,
    /// The delegation under which a helper of the patient read. Null if it was no helper.
    delegation: Option<AccessDelegation>,
}

/// How an access ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccessOutcome {
    /// Content was shown.
    Shown,
    /// Nothing was shown or done: there is no such thing, or the policy or a rule of care does not allow it.
    Refused,
}

/// The delegation under which a helper reads or read.
#[derive(SimpleObject)]
pub struct AccessDelegation {
    /// Its id.
    id: ID,
    /// The kind.
    kind: DelegationKind,
    /// What the helper is to the patient.
    relationship: Relationship,
    /// The kind of the legal authority that it rests on. Null if it rests on none.
    authority: Option<AuthorityKind>,
}

impl From<UnderDelegation> for AccessDelegation {
    fn from(under: UnderDelegation) -> Self {
        let UnderDelegation { delegation, kind, relationship, authority } = under;
        Self {
            id: encode_id(delegation),
            kind: kind.into(),
            relationship: relationship.into(),
            authority: authority.map(Into::into),
        }
    }
}

impl From<AccessRecordView> for AccessRecord {
    fn from(view: AccessRecordView) -> Self {
        Self {
            at: view.at.into(),
            delegation: view.delegation.map(Into::into),
            action: view.action.clone(),
            is_command: view.is_command,
            outcome: if view.is_refused { AccessOutcome::Refused } else { AccessOutcome::Shown },
            times: view.times,
            for_review: view.for_review,
            standing: view.standing.clone(),
            role: view.role.map(Into::into),
            purpose: view.purpose.map(Into::into),
            patient_id: view.patient.map(encode_id),
            thread_id: view.thread.map(encode_id),
            organization_names: view.organizations.iter().map(|row| row.name.clone()).collect(),
            person: view.person.map(Person),
            on_behalf_of: view.on_behalf_of.map(Person),
            about_person: view.about_person.map(Person),
        }
    }
}

/// The page that a reader gave; none if the viewer may not read these records.
pub(super) fn listed(
    found: Result<Result<Option<Connection<AccessRecordView>>, PageProblem>, Fault>,
) -> Result<Option<AccessRecordConnection>> {
    match found?? {
        Some(found) => page(Ok(found), |view| Ok(AccessRecord::from(view))).map(Some),
        None => Ok(None),
    }
}

connections! {
    /// A page of access records.
    AccessRecordConnection, AccessRecordEdge of AccessRecord;
}
