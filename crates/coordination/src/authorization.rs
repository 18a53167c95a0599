//! The authorization state: all facts that authorization needs, folded in memory and, encoded, beside the read models.
//!
//! Each concept has one file: its facts, its fold, its standings, and the standings that persons once had. The state in
//! memory (`in_memory.rs`) and the snapshot hold the same structs, folded by the same function. So a revocation is in force
//! before its command returns, and a read is permitted only if both agree. `decisions.rs` asks the policy about the state.
//!
//! To add a concept: 1. its file with an [`Entity`]; 2. its arm in [`fold`], which the compiler requires; 3. its standings
//! in `subject.rs`, also among those that a person once had, so that who lost a standing still gets the answer to a
//! repeated command; 4. its line in [`entities!`]. A new kind of thread needs none of these steps.

pub(crate) mod ages;
pub(crate) mod agreed;
pub(crate) mod around_patient;
pub(crate) mod care_team;
pub(crate) mod concerned;
mod decisions;
pub(crate) mod delegation;
mod delegations;
pub(crate) mod details;
mod directed;
pub(crate) mod directives;
pub(crate) mod draft;
pub(crate) mod entity;
pub(crate) mod hiding;
mod in_memory;
pub(crate) mod index;
pub(crate) mod involvement;
pub(crate) mod legal_authority;
pub(crate) mod lookups;
pub(crate) mod namesakes;
pub(crate) mod organization;
pub(crate) mod outside_message;
pub(crate) mod patient;
pub(crate) mod person;
mod pools;
pub(crate) mod preview;
pub(crate) mod readers;
mod scopes;
pub(crate) mod sending;
pub(crate) mod staff;
mod subject;
pub(crate) mod thread;
pub(crate) mod timers;
mod touched;

use care::care_team::CareTeamEvent;
use care::conversation::{ConversationEvent, Opened};
use care::draft::DraftEvent;
use care::event::{Event, Stream};
use care::ids::Id;
use care::key::{KeyDestroyed, KeyEvent};
use care::person::PersonEvent;
use care::policy_root::PolicyEvent;
use care::thread::ThreadEvent;
use care::words::Role;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::recorded_event::RecordedEvent;
use care_team::CareTeamFacts;
pub(crate) use decisions::{Sender, nothing};
use delegation::{DelegationFacts, DelegationsOf, NewestMessage};
use details::{PatientDetails, PersonDetails};
use directives::DirectiveFacts;
use draft::DraftsOf;
pub(crate) use entity::{Entities, Entity, certain};
pub(crate) use in_memory::{AuthorizationState, EntityAt};
use involvement::ThreadsAbout;
use legal_authority::{AuthoritiesAbout, LegalAuthorityFacts};
use organization::{OrganizationFacts, PoolHome};
use outside_message::OutsideMessageFacts;
use patient::PatientFacts;
use person::PersonFacts;
pub(crate) use subject::{Subject, standings};
use thread::ThreadFacts;
use timers::{AuthorityTimers, DelegationTimers, DirectiveTimers, ThreadTimers};

/// Folds one event into the authorization state.
pub(crate) fn fold<S: Entities>(store: &mut S, recorded: &RecordedEvent) -> Result<(), S::Fault> {
    let (id, at) = (recorded.stream.uuid(), recorded.metadata.recorded_at);
    if let (Some(draft), Some(author)) = (recorded.metadata.draft, recorded.metadata.actor.person()) {
        store.update(author.uuid(), |this| DraftsOf::with_sent(this, draft, recorded.id))?;
    }
    if let Event::Thread(ThreadEvent::Conversation(ConversationEvent::MessagePosted(posted))) = &recorded.event {
        store.put(id, Some(NewestMessage { number: posted.number }))?;
    }
    match &recorded.event {
        // Messages and read receipts do not affect authorization, and are too many to store the facts again for each.
        Event::Thread(ThreadEvent::Conversation(event)) if !event.can_change_who_may() => Ok(()),
        Event::Thread(ThreadEvent::Conversation(event)) => {
            store.update(id, |this| ThreadFacts::fold(this, event, recorded.id, at))?;
            if let (ConversationEvent::Opened(Opened { patient: Some(patient), .. }), Stream::Thread(thread)) =
                (event, recorded.stream)
            {
                store.update(patient.uuid(), |this| ThreadsAbout::with(this, thread))?;
            }
            if let ConversationEvent::Opened(_) | ConversationEvent::Reopened(_) = event {
                thread::know_of_death(store, id)?;
            }
            if let ConversationEvent::ParticipantAdded(added) = event {
                involvement::lapse_if_off_care_team(store, id, added.person, at)?;
            }
            store.update(id, |this| Some(ThreadTimers::fold(this, event, recorded.id)))
        }
        // A lifecycle affects authorization only by events of the conversation.
        Event::Thread(ThreadEvent::Lifecycle(_)) => Ok(()),
        Event::Person(event) => {
            store.update(id, |this| PersonFacts::fold(this, event, at))?;
            store.update(id, |this| PersonDetails::fold(this, event, recorded.id))?;
            match event {
                PersonEvent::RoleGranted(granted) if granted.role == Role::Administrator => {
                    store.update(granted.organization.uuid(), OrganizationFacts::with_administrator)
                }
                PersonEvent::RoleGranted(_)
                | PersonEvent::RoleProposed(_)
                | PersonEvent::RoleDeclined(_)
                | PersonEvent::Registered(_)
                | PersonEvent::RoleEnded(_)
                | PersonEvent::NameCorrected(_) => Ok(()),
            }
        }
        Event::Patient(event) => {
            store.update(id, |this| PatientFacts::fold(this, event))?;
            store.update(id, |this| PatientDetails::fold(this, event, recorded.id))
        }
        Event::CareTeam(event) => {
            store.update(id, |this| CareTeamFacts::fold(this, event, at))?;
            match event {
                CareTeamEvent::MemberRemoved(removed) => {
                    involvement::lapse_by_care_team(store, removed.patient, removed.person, at)
                }
                CareTeamEvent::MemberAdded(_)
                | CareTeamEvent::MemberJoined(_)
                | CareTeamEvent::MemberAsked(_)
                | CareTeamEvent::MemberDeclined(_)
                | CareTeamEvent::ConflictRecorded(_) => Ok(()),
            }
        }
        Event::Directives(event) => directives::fold(store, id, event, recorded.id),
        Event::Delegation(event) => {
            delegations::fold(store, id, &delegation::Folded { event, id: recorded.id, at })?;
            store.update(id, |this| Some(DelegationTimers::fold(this, event)))
        }
        Event::LegalAuthority(event) => {
            legal_authority::fold(store, id, event)?;
            store.update(id, |this| Some(AuthorityTimers::fold(this, event, recorded.id)))
        }
        Event::OutsideMessage(event) => store.update(id, |this| OutsideMessageFacts::fold(this, event, recorded.id)),
        Event::Organization(event) => {
            store.update(id, |this| OrganizationFacts::fold(this, event, at))?;
            match PoolHome::of(id, event) {
                Some((pool, home)) => store.put(pool.uuid(), Some(home)),
                None => Ok(()),
            }
        }
        Event::Key(KeyEvent::KeyDestroyed(KeyDestroyed {})) => match recorded.stream {
            Stream::Patient(_) => store.update(id, PatientFacts::erased),
            Stream::Thread(_)
            | Stream::Person(_)
            | Stream::CareTeam(_)
            | Stream::Directives(_)
            | Stream::Delegation(_)
            | Stream::LegalAuthority(_)
            | Stream::OutsideMessage(_)
            | Stream::Organization(_)
            | Stream::Drafts(_)
            | Stream::Policy(_) => Ok(()),
        },
        // Only the first save says anything new.
        Event::Drafts(DraftEvent::Saved(saved)) if saved.number > 1 => Ok(()),
        Event::Drafts(event) => store.update(id, |this| DraftsOf::fold(this, event)),
        Event::Accepted(_) => Ok(()),
        Event::Policy(PolicyEvent::PolicyActivated(activated)) => {
            store.put(id, Some(PolicyInForce { version: activated.version.clone() }))
        }
    }
}

/// Removes the facts of a stream that cannot be read completely: a revocation may be missing, so the stream permits
/// nothing.
pub(crate) fn park<S: Entities>(store: &mut S, stream: Stream) -> Result<(), S::Fault> {
    let id = stream.uuid();
    match stream {
        Stream::Thread(_) => {
            store.put::<ThreadTimers>(id, None)?;
            store.put::<ThreadFacts>(id, None)
        }
        Stream::CareTeam(_) => store.put::<CareTeamFacts>(id, None),
        // Who is blocked is not known any more.
        Stream::Directives(_) => directives::park(store, id),
        // The delegation gives nothing any more, and no delegation rests on the authority.
        Stream::Delegation(_) => {
            store.put::<DelegationTimers>(id, None)?;
            store.put::<DelegationFacts>(id, None)
        }
        Stream::LegalAuthority(_) => {
            store.put::<AuthorityTimers>(id, None)?;
            store.put::<LegalAuthorityFacts>(id, None)
        }
        Stream::Patient(_) => {
            store.put::<PatientDetails>(id, None)?;
            store.put::<PatientFacts>(id, None)
        }
        // The person stays registered, without a role.
        Stream::Person(_) => {
            store.put::<PersonDetails>(id, None)?;
            store.put(id, Some(PersonFacts::default()))
        }
        Stream::Organization(_) => {
            let pools: Vec<Uuid> = store
                .get::<OrganizationFacts>(id)?
                .map(|facts| facts.pools.keys().map(|pool| pool.uuid()).collect())
                .unwrap_or_default();
            for pool in pools {
                store.put::<PoolHome>(pool, None)?;
            }
            store.put::<OrganizationFacts>(id, None)
        }
        Stream::OutsideMessage(_) => store.put::<OutsideMessageFacts>(id, None),
        Stream::Drafts(_) => store.put::<DraftsOf>(id, None),
        Stream::Policy(_) => Ok(()),
    }
}

/// The policy version in force; its text is read from the log when it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PolicyInForce {
    pub version: String,
}

impl Entity for PolicyInForce {
    const TABLE: &'static str = "policy";
    const SHAPE: u32 = 1;
}

/// Lists the types of entities for the state in memory, so that all maps are created, read and compared in the same way.
macro_rules! entities {
    ($($entity:ty),+ $(,)?) => {
        /// Reads one stored entity into the state.
        pub(crate) fn load(state: &mut AuthorizationState, table: &str, id: Uuid, data: &[u8]) -> Result<(), serde_json::Error> {
            match table {
                $(<$entity as Entity>::TABLE => certain(state.put::<$entity>(id, Some(serde_json::from_slice(data)?))),)+
                // The entity belongs to another read model, such as the folded threads.
                _ => {}
            }
            Ok(())
        }

        /// The names and shapes of all entities, which the fingerprint of the read models includes.
        pub(crate) fn shapes() -> String {
            [$(format!("{} {}\n", <$entity as Entity>::TABLE, <$entity as Entity>::SHAPE)),+].concat()
        }

        impl PartialEq for AuthorizationState {
            fn eq(&self, other: &Self) -> bool {
                self.parked == other.parked
                    $(&& self.all::<$entity>().eq(other.all::<$entity>()))+
            }
        }
    };
}

entities! { ThreadFacts, OutsideMessageFacts, ThreadTimers, PersonFacts, PersonDetails, PatientFacts, PatientDetails, ThreadsAbout, CareTeamFacts, DirectiveFacts, DirectiveTimers, DelegationFacts, DelegationsOf, DelegationTimers, NewestMessage, LegalAuthorityFacts, AuthoritiesAbout, AuthorityTimers, OrganizationFacts, PoolHome, DraftsOf, PolicyInForce }

impl AuthorizationState {
    /// Folds one event, unless its stream is parked.
    pub fn fold(&mut self, recorded: &RecordedEvent) {
        self.at = Some(recorded.position);
        self.newest = self.newest.max(Some(recorded.metadata.recorded_at));
        if self.parked.is_empty() || !self.parked.contains(&recorded.stream.to_string()) {
            certain(fold(self, recorded));
            self.note(recorded);
        }
    }

    /// Parks a stream by its name.
    pub fn park(&mut self, stream: &str) {
        if let Ok(stream) = Stream::parse(stream) {
            certain(park(self, stream));
        }
        self.parked.insert(stream.to_owned());
        self.changes.everything = true;
        self.authority = self.authority.wrapping_add(1);
    }

    /// Whether a policy version is in force.
    pub fn has_policy(&self) -> bool {
        self.all::<PolicyInForce>().next().is_some()
    }
}

#[cfg(test)]
mod by_the_rules;
#[cfg(all(test, feature = "measure"))]
mod memory;
#[cfg(test)]
mod tests;
