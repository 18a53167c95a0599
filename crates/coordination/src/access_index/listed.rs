//! For whom an access record is listed, and what a list may say that it concerns.
//!
//! A record is listed for the patient whom it concerns, and for the organization that keeps their record or whose own the
//! thing is. A refused try is listed for the organization that its command names, too, if there is one, and for those at
//! which the person worked: these are not told what it was aimed at, so nobody learns there whether there is such a thing.

use std::collections::BTreeMap;

use care::ids::{Id, MessageId, OrganizationId, PatientId, RecommendationId, ThreadId};
use care::lifecycle::ThreadKind;
use care::words::UnknownWord;
use uuid::Uuid;

use crate::access::Said;
use crate::authorization::AuthorizationState;
use crate::authorization::concerned::Concerned;
use crate::fault::Fault;
use crate::read_models::lifecycle::consultation::place_of_recommendation;
use crate::read_models::{Snapshot, messages};

/// For whom records are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    Patient(PatientId),
    Organization(OrganizationId),
}

impl Scope {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Patient(_) => "patient",
            Self::Organization(_) => "organization",
        }
    }

    pub(super) fn uuid(self) -> Uuid {
        match self {
            Self::Patient(patient) => patient.uuid(),
            Self::Organization(organization) => organization.uuid(),
        }
    }
}

/// In which threads a thing lies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Within {
    /// Outside threads.
    #[default]
    NoThread,
    /// In one of this kind, also where the thread was not opened.
    Kind(ThreadKind),
    /// In one of which is not known what kind it is of.
    SomeThread,
}

impl Within {
    /// Every one of them.
    pub fn all() -> Vec<Self> {
        let kinds = ThreadKind::ALL.iter().copied().map(Self::Kind);
        [Self::NoThread, Self::SomeThread].into_iter().chain(kinds).collect()
    }

    /// The kinds that one must be permitted to know of, or none for outside threads: the strictest of all decides where the
    /// kind is not known.
    pub fn kinds(self) -> Vec<Option<ThreadKind>> {
        match self {
            Self::NoThread => vec![None],
            Self::Kind(kind) => vec![Some(kind)],
            Self::SomeThread => ThreadKind::ALL.iter().copied().map(Some).collect(),
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::NoThread => "none",
            Self::Kind(kind) => kind.word(),
            Self::SomeThread => "some",
        }
    }

    pub(super) fn parse(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "none" => Ok(Self::NoThread),
            "some" => Ok(Self::SomeThread),
            kind => ThreadKind::parse(kind).map(Self::Kind),
        }
    }
}

/// What a list may say that a record concerns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub patient: Option<PatientId>,
    pub thread: Option<ThreadId>,
    pub within: Within,
}

/// For whom a record is listed, and what each of them may be told that it concerns.
pub(super) fn scopes(
    state: &AuthorizationState,
    snapshot: &Snapshot,
    said: &Said,
) -> Result<BTreeMap<Scope, Told>, Fault> {
    let concerned = match (said.target, said.thread, said.patient) {
        (Some(target), _, _) => aimed_at(state, snapshot, target)?,
        // Of a thread that is not known here, the record says whom it is about.
        (None, thread, patient) => thread
            .and_then(|thread| state.concerned_by_thread(thread))
            .or_else(|| patient.map(|patient| state.concerned_by_patient(patient))),
    };
    let Concerned { patient, thread, kind, organizations } = concerned.unwrap_or_default();
    let within = match kind.or_else(|| said.kind()) {
        Some(kind) => Within::Kind(kind),
        None if said.is_in_thread() => Within::SomeThread,
        None => Within::NoThread,
    };
    let told = Told { patient, thread, within };
    let mut scopes = BTreeMap::new();
    scopes.extend(patient.map(|patient| (Scope::Patient(patient), told)));
    scopes.extend(organizations.into_iter().map(|organization| (Scope::Organization(organization), told)));
    // Whoever gave the command may have named anything.
    let named = said.organization.filter(|organization| state.has_organization(*organization));
    for organization in named.iter().chain(&said.works_at) {
        scopes.entry(Scope::Organization(*organization)).or_default();
    }
    // A malformed id reads as this one, and nothing has it.
    scopes.retain(|scope, _| !scope.uuid().is_nil());
    Ok(scopes)
}

/// What a refused try was aimed at, if there is such a thing.
fn aimed_at(state: &AuthorizationState, snapshot: &Snapshot, target: Uuid) -> Result<Option<Concerned>, Fault> {
    if let Some(concerned) = state.concerned_by(target) {
        return Ok(Some(concerned));
    }
    let thread = match messages::thread_of(snapshot, MessageId::from_uuid(target))? {
        Some(thread) => Some(thread),
        None => place_of_recommendation(snapshot, RecommendationId::from_uuid(target))?.map(|place| place.thread),
    };
    Ok(thread.and_then(|thread| state.concerned_by_thread(thread)))
}
