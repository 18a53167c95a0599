//! What is so now, by the list of everything that has happened: who works where, who helps whom, who takes part in what.

use std::collections::{BTreeMap, BTreeSet};

use care::care_team::CareTeamEvent;
use care::conversation::{ConversationEvent, Place};
use care::delegation::{DelegationEvent, Scope};
use care::envelope::Actor;
use care::event::{Event, Stream};
use care::ids::{AuthorityId, DelegationId, OrganizationId, PatientId, PersonId, PoolId, ThreadId};
use care::legal_authority::LegalAuthorityEvent;
use care::organization::OrganizationEvent;
use care::patient::PatientEvent;
use care::person::PersonEvent;
use care::thread::ThreadEvent;
use care::words::Role;
use chrono::{DateTime, Months, NaiveTime, Utc};

use super::{Help, History, Message, Past, ThreadNow};

impl History {
    /// Every message of a thread.
    pub fn messages(&self, thread: ThreadId) -> Vec<Message> {
        let mut messages = Vec::new();
        for (place, each) in self.all.iter().enumerate() {
            if each.stream == Stream::Thread(thread)
                && let Event::Thread(ThreadEvent::Conversation(ConversationEvent::MessagePosted(posted))) = &each.event
            {
                messages.push(Message { thread, place, at: each.at, posted: posted.clone() });
            }
        }
        messages
    }

    /// Every thread, as it is now.
    pub fn threads(&self) -> Vec<ThreadNow> {
        let mut threads: Vec<ThreadNow> = Vec::new();
        for (place, each) in self.all.iter().enumerate() {
            let (Stream::Thread(id), Event::Thread(ThreadEvent::Conversation(event))) = (each.stream, &each.event)
            else {
                continue;
            };
            if let ConversationEvent::Opened(opened) = event {
                threads.push(ThreadNow {
                    id,
                    kind: opened.kind,
                    patient: opened.patient,
                    opened: place,
                    opened_at: each.at,
                    asks: opened.by,
                    asking: opened.organization,
                    answering: opened.owning_organization,
                    owner: opened.owner,
                    pools: opened.pools.clone(),
                    topic: opened.topic,
                    class: opened.confidentiality,
                    codes: opened.sensitivities.iter().copied().collect(),
                    is_hidden: opened.hidden_from_delegates,
                });
                continue;
            }
            let Some(thread) = threads.iter_mut().find(|thread| thread.id == id) else { continue };
            if let ConversationEvent::Labelled(labelled) = event {
                thread.class = labelled.confidentiality;
                thread.codes = labelled.sensitivities.iter().copied().collect();
            }
            if let ConversationEvent::OwnerChanged(changed) = event {
                (thread.owner, thread.answering) = (changed.owner, changed.organization);
            }
            if let ConversationEvent::RequesterChanged(changed) = event {
                thread.asks = Actor::Person(changed.requester);
            }
            if let ConversationEvent::HiddenFromDelegates(_) = event {
                thread.is_hidden = true;
            }
            if let ConversationEvent::ShownToDelegates(_) = event {
                thread.is_hidden = false;
            }
        }
        threads
    }

    /// The delegations about a patient, each as its events left it.
    pub(super) fn helps_of(&self, patient: PatientId) -> Vec<Help> {
        let mut helps: BTreeMap<DelegationId, Help> = BTreeMap::new();
        for (place, each) in self.all.iter().enumerate() {
            let (Stream::Delegation(id), Event::Delegation(event)) = (each.stream, &each.event) else { continue };
            if let DelegationEvent::Invited(invited) = event {
                helps.entry(id).or_insert(Help {
                    patient: invited.patient,
                    kind: invited.kind,
                    person: invited.person,
                    scope: Scope::nothing(),
                    until: None,
                    is_on: false,
                    begun: place,
                    agreed_at: each.at,
                    authority: invited.authority,
                    works_at: invited.organization,
                });
            }
            let Some(help) = helps.get_mut(&id) else { continue };
            match event {
                DelegationEvent::Accepted(accepted) => help.person = Some(accepted.person),
                DelegationEvent::IdentityVerified(verified) => help.authority = verified.authority,
                DelegationEvent::Activated(activated) => {
                    (help.is_on, help.begun, help.agreed_at) = (true, place, each.at);
                    (help.scope, help.until) = (activated.scope.clone(), Some(activated.until));
                }
                DelegationEvent::Narrowed(narrowed) => help.scope = narrowed.scope.clone(),
                DelegationEvent::Widened(widened) => (help.scope, help.agreed_at) = (widened.scope.clone(), each.at),
                DelegationEvent::Renewed(renewed) => help.until = Some(renewed.until),
                DelegationEvent::Suspended(_) | DelegationEvent::Ended(_) => help.is_on = false,
                DelegationEvent::Resumed(_) => help.is_on = true,
                DelegationEvent::Offered(_)
                | DelegationEvent::Invited(_)
                | DelegationEvent::SafeguardingPassed(_)
                | DelegationEvent::WideningChecked(_)
                | DelegationEvent::Consented(_)
                | DelegationEvent::Reminded(_) => {}
            }
        }
        helps.into_values().filter(|help| help.patient == patient).collect()
    }

    pub(super) fn has_accepted_to_help(&self, patient: PatientId, person: PersonId) -> bool {
        let mut of_patient = BTreeSet::new();
        let mut accepted = BTreeSet::new();
        let mut until = BTreeMap::new();
        for each in &self.all {
            let (Stream::Delegation(id), Event::Delegation(event)) = (each.stream, &each.event) else { continue };
            if let DelegationEvent::Invited(invited) = event {
                until.insert(id, invited.until);
                if invited.patient == patient {
                    of_patient.insert(id);
                }
            }
            if let DelegationEvent::Accepted(by) = event
                && by.person == person
            {
                accepted.insert(id);
            }
            if let DelegationEvent::Activated(activated) = event {
                until.insert(id, activated.until);
            }
            if let DelegationEvent::Renewed(renewed) = event {
                until.insert(id, renewed.until);
            }
            if let DelegationEvent::Ended(_) = event {
                accepted.remove(&id);
            }
        }
        accepted.into_iter().any(|id| of_patient.contains(&id) && until.get(&id).is_some_and(|until| self.now < *until))
    }

    pub(super) fn is_conflict_known(&self, patient: PatientId, person: PersonId) -> bool {
        let mut is_known = false;
        for each in self.all.iter().filter(|each| each.stream == Stream::CareTeam(patient)) {
            if let Event::CareTeam(CareTeamEvent::ConflictRecorded(recorded)) = &each.event {
                is_known |= recorded.person == person;
            }
            if let Event::CareTeam(CareTeamEvent::MemberRemoved(removed)) = &each.event {
                is_known &= removed.person != person;
            }
        }
        is_known
    }

    pub(super) fn is_patient(&self, patient: PatientId, person: PersonId) -> bool {
        let mut linked = None;
        for each in self.all.iter().filter(|each| each.stream == Stream::Patient(patient)) {
            if let Event::Patient(PatientEvent::LinkAccepted(accepted)) = &each.event {
                linked = Some(accepted.person);
            }
            if let Event::Patient(PatientEvent::LinkEnded(_)) = &each.event {
                linked = None;
            }
        }
        linked == Some(person)
    }

    /// When the patient died, as it is recorded now.
    pub(super) fn died_at(&self, patient: PatientId) -> Option<DateTime<Utc>> {
        let mut died_at = None;
        for each in self.all.iter().filter(|each| each.stream == Stream::Patient(patient)) {
            if let Event::Patient(PatientEvent::DeathRecorded(recorded)) = &each.event {
                died_at = Some(recorded.at);
            }
            if let Event::Patient(PatientEvent::DeathVoided(_)) = &each.event {
                died_at = None;
            }
        }
        died_at
    }

    pub(super) fn is_protected_from(&self, patient: PatientId, person: PersonId) -> bool {
        let mut is_protected = false;
        for each in self.all.iter().filter(|each| each.stream == Stream::Patient(patient)) {
            if let Event::Patient(PatientEvent::ProtectionNoteRecorded(recorded)) = &each.event {
                is_protected |= recorded.against == person;
            }
            if let Event::Patient(PatientEvent::ProtectionNoteLifted(lifted)) = &each.event {
                is_protected &= lifted.against != person;
            }
        }
        is_protected
    }

    /// When a patient reaches an age: at midnight of Coordinated Universal Time, since the clinic of these tests has no
    /// other clock.
    pub(super) fn birthday(&self, patient: PatientId, years: u32) -> DateTime<Utc> {
        let day = self.born.get(&patient).and_then(|born| born.checked_add_months(Months::new(12 * years)));
        day.expect("a day of birth").and_time(NaiveTime::MIN).and_utc()
    }

    pub(super) fn is_of_age(&self, patient: PatientId, years: u32) -> bool {
        self.birthday(patient, years) <= self.now
    }

    /// Whether a document about an authority by law holds: it was checked, and is neither disputed nor ended.
    pub(super) fn is_in_force(&self, authority: AuthorityId) -> bool {
        let mut holds = false;
        for each in self.all.iter().filter(|each| each.stream == Stream::LegalAuthority(authority)) {
            if let Event::LegalAuthority(event) = &each.event {
                match event {
                    LegalAuthorityEvent::Verified(_) | LegalAuthorityEvent::Upheld(_) => holds = true,
                    LegalAuthorityEvent::Disputed(_) | LegalAuthorityEvent::Ended(_) => holds = false,
                    LegalAuthorityEvent::Recorded(_) | LegalAuthorityEvent::Reminded(_) => {}
                }
            }
        }
        holds
    }

    /// The roles that a person holds now.
    pub(super) fn places(&self, person: PersonId) -> BTreeSet<Place> {
        let mut places = BTreeSet::new();
        for each in self.all.iter().filter(|each| each.stream == Stream::Person(person)) {
            if let Event::Person(PersonEvent::RoleGranted(granted)) = &each.event
                && granted.until.is_none_or(|until| self.now < until)
            {
                places.insert(Place { role: granted.role, organization: granted.organization });
            }
            if let Event::Person(PersonEvent::RoleEnded(ended)) = &each.event {
                places.remove(&Place { role: ended.role, organization: ended.organization });
            }
        }
        places
    }

    pub(super) fn works_as(&self, person: PersonId, place: Place) -> bool {
        self.places(person).contains(&place)
    }

    pub(super) fn roles_at(&self, person: PersonId, organization: OrganizationId) -> Vec<Role> {
        let places = self.places(person).into_iter();
        places.filter(|place| place.organization == organization).map(|place| place.role).collect()
    }

    pub(super) fn works_anyhow_at(&self, person: PersonId, organization: OrganizationId) -> bool {
        !self.roles_at(person, organization).is_empty()
    }

    /// The place of a person on the care team, while they hold its role.
    pub(super) fn care_team_place(&self, patient: PatientId, person: PersonId) -> Option<Place> {
        self.care_team_place_in(patient, person, self.all.len()).filter(|place| self.works_as(person, *place))
    }

    /// Their place after so many events.
    pub(super) fn care_team_place_in(&self, patient: PatientId, person: PersonId, count: usize) -> Option<Place> {
        let mut place = None;
        for each in self.all.iter().take(count).filter(|each| each.stream == Stream::CareTeam(patient)) {
            if let Event::CareTeam(CareTeamEvent::MemberAdded(added)) = &each.event
                && added.person == person
            {
                place = Some(Place { role: added.role, organization: added.organization });
            }
            if let Event::CareTeam(CareTeamEvent::MemberRemoved(removed)) = &each.event
                && removed.person == person
            {
                place = None;
            }
        }
        place
    }

    /// The place of a person in a thread, and from where on they see it. A place by the care team ends with that one, and
    /// does not come back with it.
    pub(super) fn participation(&self, person: PersonId, thread: &ThreadNow) -> Option<(Place, Past)> {
        struct TakesPart {
            place: Place,
            past: Past,
            by_care_team: bool,
        }
        let past =
            |since: Option<care::conversation::Since>| since.map_or(Past::All, |since| Past::FromNumber(since.number));
        let mut takes_part: Option<TakesPart> = None;
        for (count, each) in self.all.iter().enumerate() {
            if each.stream == Stream::Thread(thread.id)
                && let Event::Thread(ThreadEvent::Conversation(event)) = &each.event
            {
                if let ConversationEvent::ParticipantAdded(added) = event
                    && added.person == person
                {
                    let team = thread.patient.and_then(|patient| self.care_team_place_in(patient, person, count));
                    let (place, by_care_team) = (added.place, added.by_care_team);
                    let is_given = !by_care_team || team.is_some();
                    takes_part = is_given.then(|| TakesPart { place, past: past(added.since), by_care_team });
                }
                if let ConversationEvent::WindowChanged(changed) = event
                    && changed.person == person
                {
                    takes_part = takes_part.map(|this| TakesPart { past: past(changed.since), ..this });
                }
                if let ConversationEvent::ParticipantRemoved(removed) = event
                    && removed.person == person
                {
                    takes_part = None;
                }
            }
            if let (Stream::CareTeam(patient), Event::CareTeam(CareTeamEvent::MemberRemoved(removed))) =
                (each.stream, &each.event)
                && thread.patient == Some(patient)
                && removed.person == person
            {
                takes_part = takes_part.filter(|this| !this.by_care_team);
            }
        }
        takes_part.map(|this| (this.place, this.past))
    }

    pub(super) fn home_of_pool(&self, pool: PoolId) -> Option<OrganizationId> {
        self.all.iter().find_map(|each| match (each.stream, &each.event) {
            (Stream::Organization(home), Event::Organization(OrganizationEvent::PoolOpened(opened))) => {
                (opened.pool == pool).then_some(home)
            }
            _ => None,
        })
    }

    pub(super) fn is_in_pool(&self, pool: PoolId, person: PersonId) -> bool {
        let mut is_member = false;
        for each in &self.all {
            if let Event::Organization(OrganizationEvent::PoolMemberAdded(added)) = &each.event {
                is_member |= (added.pool, added.person) == (pool, person);
            }
            if let Event::Organization(OrganizationEvent::PoolMemberRemoved(removed)) = &each.event {
                is_member &= (removed.pool, removed.person) != (pool, person);
            }
        }
        is_member
    }
}
