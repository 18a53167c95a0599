//! Who could see something of a patient, from when to when and why.

use async_graphql::{ID, Result, SimpleObject};
use care::consent_directive::Terms;
use coordination::fault::Fault;
use coordination::reader::{Connection, PageProblem, TimelineView};

use super::access_record::AccessDelegation;
use super::connection::{connections, page};
use super::delegation_words::{DelegationStepKind, TimelineReason};
use super::id::encode_id;
use super::person::Person;
use super::scalars::Instant;
use super::scope::DelegationScope;
use super::words::{Purpose, Role, Sensitivity};

/// A period in which a person could see something of a patient, or was blocked. A field that does not belong to
/// its reason is null.
#[derive(SimpleObject)]
pub struct TimelineEntry {
    /// From when on.
    from: Instant,
    /// When it ended. Null while it goes on.
    ended_at: Option<Instant>,
    /// When the access of a helper or a directive ends by itself, or would have.
    until: Option<Instant>,
    /// The person. Null if they are not registered here, if you may not know them, and if a directive names none.
    person: Option<Person>,
    /// Why.
    reason: TimelineReason,
    /// In which role.
    role: Option<Role>,
    /// The name of the organization for which they worked.
    organization_name: Option<String>,
    /// The id of the conversation.
    thread_id: Option<ID>,
    /// From when on they saw the conversation. Null if they saw all of it.
    sees_from: Option<Instant>,
    /// The delegation of a helper.
    delegation: Option<AccessDelegation>,
    /// What the helper could reach, without threads that you may not know.
    scope: Option<DelegationScope>,
    /// What a directive is about. `role` and `organizationName` are those that it names.
    directive: Option<TimelineDirective>,
    /// The step of the delegation that ended it. A helper whose scope changed has another period after it.
    ended_by: Option<DelegationStepKind>,
}

/// What a directive of a patient is about.
#[derive(SimpleObject)]
pub struct TimelineDirective {
    /// Whether it names a person.
    names_person: bool,
    /// Whether it names an organization.
    names_organization: bool,
    /// The sensitive subjects that it is about. Empty: for a deny, everything about the patient; for a permission,
    /// what is not sensitive.
    sensitivities: Vec<Sensitivity>,
    /// The purpose that it is about. Null: every purpose.
    purpose: Option<Purpose>,
}

impl From<&Terms> for TimelineDirective {
    fn from(terms: &Terms) -> Self {
        let Terms { whom, sensitivities, purpose, from: _, until: _ } = terms;
        Self {
            names_person: whom.person.is_some(),
            names_organization: whom.organization.is_some(),
            sensitivities: sensitivities.iter().map(|code| (*code).into()).collect(),
            purpose: purpose.map(Into::into),
        }
    }
}

impl From<TimelineView> for TimelineEntry {
    fn from(view: TimelineView) -> Self {
        Self {
            from: view.from.into(),
            ended_at: view.ended_at.map(Into::into),
            until: view.said.until.map(Into::into),
            reason: view.said.reason.into(),
            role: view.said.role.map(Into::into),
            organization_name: view.organization.as_ref().map(|row| row.name.clone()),
            thread_id: view.thread().map(encode_id),
            sees_from: view.said.sees_from.map(Into::into),
            delegation: view.under.map(Into::into),
            scope: view.scope.as_ref().map(Into::into),
            directive: view.said.directive.as_ref().map(Into::into),
            ended_by: view.ended_by.map(Into::into),
            person: view.person.map(Person),
        }
    }
}

/// The page that a reader gave; none if the viewer may not know who could see what.
pub(super) fn periods(
    found: Result<Result<Option<Connection<TimelineView>>, PageProblem>, Fault>,
) -> Result<Option<TimelineConnection>> {
    match found?? {
        Some(found) => page(Ok(found), |view| Ok(view.into())).map(Some),
        None => Ok(None),
    }
}

connections! {
    /// A page of the periods in which people could see something of a patient.
    TimelineConnection, TimelineEdge of TimelineEntry;
}
