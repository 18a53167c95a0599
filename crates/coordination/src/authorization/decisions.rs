//! What a person may find, learn of and command, by the authorization state in memory and the policy.

use care::aggregate::ReadableAudiences;
use care::command_name::Command;
use care::envelope::Actor;
use care::ids::{Id, OrganizationId, PersonId};
use care::lifecycle::ThreadKind;
use care::words::{Confidentiality, Role};
use chrono::{DateTime, Utc};
use policy::authorized::Authorized;
use policy::decide::Viewer;
use policy::question::{CodeSet, ThingFacts};
use policy::reach::HeldStanding;
use policy::words::{Action, Read, Standing};

use super::entity::certain;
use super::in_memory::AuthorizationState;
use super::organization::OrganizationFacts;
use super::person::PersonFacts;
use super::subject::{Subject, ever_had_standing, standings};
use crate::fault::Problem;

/// Who sends a command, with what they are to its subject at an instant.
#[derive(Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub viewer: &'a Viewer,
    pub held: &'a [HeldStanding],
    pub now: DateTime<Utc>,
}

impl AuthorizationState {
    /// The standings of an actor to a subject now.
    pub fn standings(&self, subject: &Subject, actor: Actor, now: DateTime<Utc>) -> Vec<HeldStanding> {
        let person = match actor {
            Actor::Person(person) => person,
            Actor::Process(_) => return vec![HeldStanding::full(Standing::Process, Role::Service)],
            // The installation acts until a person is registered, and never afterwards.
            Actor::Installation if self.is_empty() => {
                return vec![HeldStanding::full(Standing::Installation, Role::Service)];
            }
            Actor::Installation => return Vec::new(),
        };
        let held = certain(standings(self, subject, person, now));
        match subject {
            Subject::Organization(organization) if self.stands_in(*organization, person, now) => {
                vec![HeldStanding::full(Standing::StandIn, Role::Administrator)]
            }
            Subject::Organization(_)
            | Subject::Thread(_)
            | Subject::Opening { .. }
            | Subject::Patient(_)
            | Subject::Delegation(_)
            | Subject::LegalAuthority(_)
            | Subject::OutsideMessage(_)
            | Subject::NewOutsideMessage
            | Subject::Drafts { .. }
            | Subject::Installation => held,
        }
    }

    /// Until a new organization has its own administrator, the administrators of the other organizations of this
    /// installation stand in for them, since somebody has to grant its first role. After it has had an administrator
    /// once, nobody stands in any more, even if that role has ended.
    fn stands_in(&self, organization: OrganizationId, person: PersonId, now: DateTime<Utc>) -> bool {
        let administers = |facts: &PersonFacts| facts.places(now).any(|place| place.role == Role::Administrator);
        self.entity::<PersonFacts>(person.uuid()).is_some_and(administers)
            && self.entity::<OrganizationFacts>(organization.uuid()).is_some_and(|facts| !facts.had_administrator)
    }

    /// The labels of a subject, with the standings held to it.
    pub fn facts<'a>(&self, subject: &Subject, held: &'a [HeldStanding]) -> ThingFacts<'a> {
        match subject {
            Subject::Thread(thread) => self.thread(*thread).map_or_else(nothing, |facts| facts.asked(held)),
            Subject::Opening { kind, confidentiality, codes, .. } => ThingFacts {
                kind: Some(*kind),
                confidentiality: *confidentiality,
                codes: *codes,
                released: false,
                held,
            },
            Subject::Patient(_)
            | Subject::Delegation(_)
            | Subject::LegalAuthority(_)
            | Subject::OutsideMessage(_)
            | Subject::NewOutsideMessage
            | Subject::Organization(_)
            | Subject::Drafts { .. }
            | Subject::Installation => ThingFacts::unlabelled(held),
        }
    }

    pub fn finds(&self, viewer: &Viewer, subject: &Subject, facts: ThingFacts<'_>) -> bool {
        let facts = match subject {
            // A person may find the organizations that they work at, and learn that they work at none.
            Subject::Opening { patient: None, organization, .. } => {
                return organization.is_none() || !facts.held.is_empty();
            }
            // A patient or an organization is found by the same read for every action.
            Subject::Opening { .. } => ThingFacts::unlabelled(facts.held),
            Subject::Thread(_)
            | Subject::Patient(_)
            | Subject::Delegation(_)
            | Subject::LegalAuthority(_)
            | Subject::OutsideMessage(_)
            | Subject::NewOutsideMessage
            | Subject::Organization(_)
            | Subject::Drafts { .. }
            | Subject::Installation => facts,
        };
        subject.found_by().iter().any(|read| viewer.decide(&facts.asking(Action::Read(*read), None)).is_some())
    }

    /// Whether a person may find a subject now.
    pub fn may_find(&self, viewer: &Viewer, subject: &Subject, now: DateTime<Utc>) -> bool {
        let subject = &subject.without_codes();
        let held = self.standings(subject, viewer.identity().actor(), now);
        self.finds(viewer, subject, self.facts(subject, &held))
    }

    /// Whether the sender may find the subject of a command, or once could: otherwise it counts as missing, and nothing
    /// more is done. The same questions are asked about a missing subject.
    pub fn may_learn_of(&self, viewer: &Viewer, subject: &Subject, now: DateTime<Utc>) -> bool {
        let actor = viewer.identity().actor();
        let finds = self.may_find(viewer, subject, now);
        let exists = match subject {
            Subject::Organization(organization) => self.entity::<OrganizationFacts>(organization.uuid()).is_some(),
            Subject::Thread(_)
            | Subject::Opening { .. }
            | Subject::Patient(_)
            | Subject::Delegation(_)
            | Subject::LegalAuthority(_)
            | Subject::OutsideMessage(_)
            | Subject::NewOutsideMessage => true,
            Subject::Drafts { author: _, form } => {
                form.is_none_or(|form| self.may_learn_of(viewer, &Subject::of_form(form), now))
            }
            Subject::Installation => return true,
        };
        let once = match actor {
            Actor::Person(person) => certain(ever_had_standing(self, subject, person, now)),
            Actor::Process(_) => !self.standings(subject, actor, now).is_empty(),
            // It created the first organization and registered the first person, so a repeat is answered.
            Actor::Installation => matches!(subject, Subject::Organization(_)),
        };
        exists && (finds || once)
    }

    /// Authorizes a command by the sender's standings to its subject. A forbidden command looks like one to a missing
    /// subject, unless the sender may find the subject.
    pub fn authorize<'c, C: Command>(
        &self,
        sender: Sender<'_>,
        subject: &Subject,
        command: &'c C,
    ) -> Result<Authorized<'c, C>, Problem> {
        let Sender { viewer, held, now } = sender;
        let facts = self.facts(subject, held);
        let finds = || match subject {
            Subject::Installation => true,
            // An invitation that names nobody is for everybody who has its code, and tells nobody else that it is there.
            Subject::Delegation(_) => [Read::DelegationRead, Read::DelegationReadOwn]
                .iter()
                .any(|read| viewer.decide(&facts.asking(Action::Read(*read), None)).is_some()),
            Subject::Opening { .. } => self.may_find(viewer, subject, now),
            Subject::Thread(_)
            | Subject::Patient(_)
            | Subject::LegalAuthority(_)
            | Subject::OutsideMessage(_)
            | Subject::NewOutsideMessage
            | Subject::Organization(_)
            | Subject::Drafts { .. } => self.finds(viewer, subject, facts),
        };
        let denied = || if finds() { Problem::NotPermitted } else { Problem::NotFound };
        // A person who may not find a thread learns nothing about other objects that the command names.
        if matches!(subject, Subject::Thread(_)) && !finds() {
            return Err(Problem::NotFound);
        }
        viewer.authorize(command, &facts).map_err(|_| denied())
    }

    /// The messages of a thread that the sender of a command may read; none elsewhere.
    pub fn readable(&self, viewer: &Viewer, subject: &Subject, held: &[HeldStanding]) -> ReadableAudiences {
        match subject {
            Subject::Thread(_) => {
                let readable = viewer.readable_messages(&self.facts(subject, held));
                let of_audience = ReadableAudiences::of(|audience| {
                    readable.reach(audience).map(|reach| reach.since.map_or(0, |since| since.number))
                });
                // Where they differ, the earliest: nobody acts on what they may not read.
                let until = readable.audiences().filter_map(|(_, reach)| reach.until).min();
                of_audience.until(until).of_team(readable.is_of_team())
            }
            Subject::Opening { .. }
            | Subject::Patient(_)
            | Subject::Delegation(_)
            | Subject::LegalAuthority(_)
            | Subject::OutsideMessage(_)
            | Subject::NewOutsideMessage
            | Subject::Organization(_)
            | Subject::Drafts { .. }
            | Subject::Installation => ReadableAudiences::NONE,
        }
    }
}

/// The labels and standings of a missing thread, so that the same questions are asked about it.
pub(crate) fn nothing<'a>() -> ThingFacts<'a> {
    ThingFacts {
        kind: ThreadKind::ALL.first().copied(),
        confidentiality: Confidentiality::Normal,
        codes: CodeSet::NONE,
        released: false,
        held: &[],
    }
}
