//! A clinic in memory in which commands are given as the program does it: the policy is asked, the aggregate decides, and
//! the authorization state folds the events, which the list of all events keeps too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use care::aggregate::{Acting, age_instants, folded};
use care::calendar::{Calendar, Hours};
use care::care_team::{AddMember, CareTeam, CareTeamCommand};
use care::command_name::Named as _;
use care::consent_directive::{
    BeginDirective, DirectiveCommand, DirectiveEvent, Directives, ExpireDirective, RemindOfDirective,
};
use care::conversation::{HistoryWindow, Opening, Owner, Party, Place, PostMessage, WaitingOn};
use care::delegation::{
    Delegation, DelegationCommand, EndAtAge, EndCause, EndDelegationBy, ExpireDelegation, NarrowAtAge,
    SuspendDelegationBy,
};
use care::envelope::{Actor, Grounds, Metadata};
use care::event::{Addressed, EventSet as _};
use care::ids::{
    CommandId, DelegationId, DirectiveId, OrganizationId, PatientId, PersonId, PoolId, SessionId, ThreadId,
};
use care::lifecycle::OpenLifecycle;
use care::lifecycle::consultation::{Consent, RequestConsultation};
use care::lifecycle::team_thread::{NewParticipant, OpenTeamThread};
use care::organization::{
    AddPoolMember, CreateOrganization, OpenPool, Organization, OrganizationCommand, PoolNames, SetCalendar,
};
use care::patient::{AcceptLink, Patient, PatientCommand, RegisterPatient};
use care::person::{GrantRole, Person, PersonCommand, RegisterPerson};
use care::text::{PersonalText, Text};
use care::thread::{Thread, ThreadCommand};
use care::time_zone::TimeZones;
use care::words::{
    Channel, Confidentiality, ConsentMethod, DirectiveReminder, ProcessName, Purpose, Sensitivity, SuspensionCause,
    Topic, Urgency,
};
use chrono::{NaiveDate, TimeDelta};
use journal::{Position, Revision};
use policy::active::ActivePolicy;
use policy::decide::{DecisionPoint, Viewer};
use policy::identity::Identity;
use policy::text::PolicyText;
use vault::{KeyEncryptionKey, KeyStoreUrl, Vault};

use super::super::lookups::LookupsAt;
use super::super::namesakes::{NameDigests, Namesakes};
use super::super::*;
use super::rules::{Happened, History};
use crate::sealing::{self, NewKey};

static SHIPPED: LazyLock<DecisionPoint> =
    LazyLock::new(|| DecisionPoint::new(ActivePolicy::load(PolicyText::shipped()).expect("the shipped policy")));

static TIME_ZONES: LazyLock<TimeZones> = LazyLock::new(TimeZones::bundled);

/// Which of many, counted round.
pub type Which = u8;

pub fn nth<T: Copy>(all: &[T], which: Which) -> Option<T> {
    all.get(usize::from(which).checked_rem(all.len())?).copied()
}

pub fn text(text: &str) -> PersonalText {
    Text::line(text).expect("a text").into()
}

/// Hours on each day.
fn always_staffed() -> Calendar {
    let day = || vec![Hours { opens: 540, closes: 1020 }];
    Calendar {
        zone: "UTC".into(),
        week: [day(), day(), day(), day(), day(), day(), day()],
        holidays: BTreeSet::new(),
        answer_minutes: [(Urgency::Routine, 2400), (Urgency::Urgent, 480)].into(),
    }
}

/// The people of the clinic.
#[derive(Debug, Clone, Copy)]
pub struct People {
    pub admin: PersonId,
    pub physician: PersonId,
    pub nurse: PersonId,
    pub other_nurse: PersonId,
    pub social_worker: PersonId,
    pub coordinator: PersonId,
    pub officer: PersonId,
    pub specialist: PersonId,
    pub centre_coordinator: PersonId,
    /// The adult patient, and the patient who is nearly of age.
    pub mira: PersonId,
    pub elif: PersonId,
    pub daughter: PersonId,
    pub son: PersonId,
    /// Who helps for their organization.
    pub aide: PersonId,
}

impl People {
    pub fn all(&self) -> [PersonId; 14] {
        let Self { admin, physician, nurse, other_nurse, social_worker, coordinator, officer, specialist, .. } = *self;
        let Self { centre_coordinator, mira, elif, daughter, son, aide, .. } = *self;
        [
            admin,
            physician,
            nurse,
            other_nurse,
            social_worker,
            coordinator,
            officer,
            specialist,
            centre_coordinator,
            mira,
            elif,
            daughter,
            son,
            aide,
        ]
    }
}

/// The patients.
#[derive(Debug, Clone, Copy)]
pub struct Patients {
    /// An adult with an account.
    pub mira: PatientId,
    /// A child without an account, twelve days before the first gate.
    pub noor: PatientId,
    /// A minor with an account, twelve days before adult age.
    pub elif: PatientId,
}

/// The clinic, with everything that has happened.
pub struct Clinic {
    pub history: History,
    pub state: AuthorizationState,
    pub people: People,
    pub patients: Patients,
    pub practice: OrganizationId,
    pub community: OrganizationId,
    pub cardiology: PoolId,
    vault: Arc<Vault>,
    digests: NameDigests,
    given: u128,
    /// Of which events the state in memory learns nothing: so a test shows that it would be noticed.
    missed: Option<&'static str>,
}

/// A thread to be opened.
pub struct NewThread {
    pub patient: PatientId,
    pub topic: Topic,
    pub class: Confidentiality,
    pub codes: Vec<Sensitivity>,
    pub is_hidden: bool,
}

impl Clinic {
    /// The clinic with a conversation about each patient, and one of the team. With a kind of event of which the state in
    /// memory learns nothing, it is a clinic whose authorization is wrong.
    pub fn open(missed: Option<&'static str>) -> Self {
        let kek = KeyEncryptionKey::generate().expect("a key");
        let vault = Vault::open_at(&KeyStoreUrl::Memory, &kek, vault::Access::Writer).expect("a vault");
        let nobody = PersonId::from_uuid(Uuid::nil());
        let people = People {
            admin: nobody,
            physician: nobody,
            nurse: nobody,
            other_nurse: nobody,
            social_worker: nobody,
            coordinator: nobody,
            officer: nobody,
            specialist: nobody,
            centre_coordinator: nobody,
            mira: nobody,
            elif: nobody,
            daughter: nobody,
            son: nobody,
            aide: nobody,
        };
        let no_patient = PatientId::from_uuid(Uuid::nil());
        let now = "2026-11-23T09:00:00Z".parse().expect("an instant");
        let mut clinic = Self {
            history: History { all: Vec::new(), now, born: BTreeMap::new() },
            state: AuthorizationState::default(),
            people,
            patients: Patients { mira: no_patient, noor: no_patient, elif: no_patient },
            practice: OrganizationId::from_uuid(Uuid::nil()),
            community: OrganizationId::from_uuid(Uuid::nil()),
            cardiology: PoolId::from_uuid(Uuid::nil()),
            vault: Arc::new(vault),
            digests: NameDigests::default(),
            given: 0,
            missed: None,
        };
        clinic.settle_in();
        clinic.missed = missed;
        clinic
    }

    fn settle_in(&mut self) {
        let installation = Identity::installation();
        self.practice = self.organization(installation, "Practice");
        self.people.admin = self.person(installation, self.practice, "Admin", Some(Role::Administrator));
        let admin = signed_in(self.people.admin);
        let centre = self.organization(admin, "Centre");
        self.community = self.organization(admin, "Neighbours");
        for organization in [centre, self.community] {
            let grant = GrantRole { organization, role: Role::Administrator, until: None };
            self.must::<Person>(admin, Some(self.people.admin), &PersonCommand::from(grant));
        }
        let practice = self.practice;
        self.people.physician = self.person(admin, practice, "Physician", Some(Role::Physician));
        self.people.nurse = self.person(admin, practice, "Nurse", Some(Role::Nurse));
        self.people.other_nurse = self.person(admin, practice, "Other Nurse", Some(Role::Nurse));
        self.people.social_worker = self.person(admin, practice, "Social Worker", Some(Role::SocialWorker));
        self.people.coordinator = self.person(admin, practice, "Coordinator", Some(Role::Coordinator));
        // The privacy officer is a nurse too, and as a nurse met by the patient's directives.
        self.people.officer = self.person(admin, practice, "Officer", Some(Role::PrivacyOfficer));
        let nurse = GrantRole { organization: practice, role: Role::Nurse, until: None };
        self.must::<Person>(admin, Some(self.people.officer), &PersonCommand::from(nurse));
        self.people.specialist = self.person(admin, centre, "Specialist", Some(Role::Physician));
        self.people.centre_coordinator = self.person(admin, centre, "Centre Coordinator", Some(Role::Coordinator));
        self.people.mira = self.person(admin, practice, "Mira", None);
        self.people.elif = self.person(admin, practice, "Elif", None);
        self.people.daughter = self.person(admin, practice, "Daughter", None);
        self.people.son = self.person(admin, practice, "Son", None);
        self.people.aide = self.person(admin, self.community, "Aide", Some(Role::SocialWorker));
        let calendar = OrganizationCommand::from(SetCalendar { calendar: always_staffed() });
        self.must::<Organization>(admin, Some(centre), &calendar);
        let pool = OpenPool { names: PoolNames::one("Cardiology"), specialty: "cardiology".into() };
        self.must::<Organization>(admin, Some(centre), &OrganizationCommand::from(pool));
        self.cardiology = self.last_command().creates(0);
        let add = AddPoolMember { pool: self.cardiology, person: self.people.specialist };
        self.must::<Organization>(admin, Some(centre), &OrganizationCommand::from(add));
        self.patients.mira = self.patient("Mira", "1958-03-04", Some(self.people.mira));
        self.patients.noor = self.patient("Noor", "2014-12-05", None);
        self.patients.elif = self.patient("Elif", "2008-12-05", Some(self.people.elif));
        let Patients { mira, noor, elif } = self.patients;
        for patient in [mira, noor, elif] {
            for (person, role) in [
                (self.people.physician, Role::Physician),
                (self.people.nurse, Role::Nurse),
                (self.people.social_worker, Role::SocialWorker),
            ] {
                let add = AddMember { patient, person, role, organization: practice, knows_conflict: false };
                let coordinator = signed_in(self.people.coordinator);
                self.must::<CareTeam>(coordinator, Some(patient), &CareTeamCommand::from(add));
            }
            let ordinary = NewThread {
                patient,
                topic: Topic::ClinicalAdvice,
                class: Confidentiality::Normal,
                codes: vec![],
                is_hidden: false,
            };
            let thread = self.asks(ordinary).expect("opened");
            let post = PostMessage { addressed: care::conversation::Addressed::Everyone, body: text("To everyone.") };
            self.posts(self.people.physician, thread, post).expect("posted");
        }
        self.team_thread();
    }

    /// The physician and the nurse talk about Mira.
    fn team_thread(&mut self) {
        let People { physician, nurse, .. } = self.people;
        let opening = Opening {
            patient: Some(self.patients.mira),
            organization: None,
            topic: Topic::ClinicalAdvice,
            subject: text("Wound care"),
            confidentiality: Confidentiality::Normal,
            sensitivities: vec![],
            owner: Owner::Person { person: physician, pool: None },
            pools: BTreeSet::new(),
            hidden_from_delegates: None,
        };
        let place = Place { role: Role::Nurse, organization: self.practice };
        let participants = vec![NewParticipant { person: nurse, place, history: HistoryWindow::FromJoin }];
        let due = Some(self.history.now + TimeDelta::hours(1));
        let waiting_on = WaitingOn { party: Party::Person(nurse), action: PostMessage::NAME, due };
        let open = OpenTeamThread { participants, waiting_on, note: text("Have a look.") };
        let open = ThreadCommand::Open(Box::new(opening), Box::new(OpenLifecycle::TeamThread(open)));
        let thread = self.give::<Thread>(signed_in(physician), None, &open).expect("opened");
        let post = PostMessage { addressed: care::conversation::Addressed::Everyone, body: text("To the team.") };
        self.posts(nurse, thread, post).expect("posted");
    }

    /// The physician asks the pool about a patient.
    pub fn asks(&mut self, new: NewThread) -> Option<ThreadId> {
        let NewThread { patient, topic, class, codes, is_hidden } = new;
        let opening = Opening {
            patient: Some(patient),
            organization: None,
            topic,
            subject: text("A question"),
            confidentiality: class,
            sensitivities: codes,
            owner: Owner::Pool(self.cardiology),
            pools: BTreeSet::new(),
            hidden_from_delegates: Some(is_hidden),
        };
        let request = RequestConsultation {
            question: text("What now?"),
            urgency: Urgency::Routine,
            consent: Consent::Given { method: ConsentMethod::Verbal, at: self.history.now },
            may_convert: false,
        };
        let open = ThreadCommand::Open(Box::new(opening), Box::new(OpenLifecycle::Consultation(request)));
        self.give::<Thread>(signed_in(self.people.physician), None, &open)
    }

    pub fn posts(&mut self, by: PersonId, thread: ThreadId, post: PostMessage) -> Option<ThreadId> {
        let post = ThreadCommand::Conversation(post.into());
        self.give::<Thread>(signed_in(by), Some(thread), &post)
    }

    fn organization(&mut self, by: Identity, name: &str) -> OrganizationId {
        let create = CreateOrganization { name: name.to_owned() };
        self.must::<Organization>(by, None, &OrganizationCommand::from(create))
    }

    fn person(&mut self, by: Identity, at: OrganizationId, name: &str, role: Option<Role>) -> PersonId {
        let register = RegisterPerson { organization: at, name: text(name), role };
        self.must::<Person>(by, None, &PersonCommand::from(register))
    }

    fn patient(&mut self, name: &str, born: &str, person: Option<PersonId>) -> PatientId {
        let register = RegisterPatient {
            organization: self.practice,
            person,
            name: text(name),
            birth_date: text(born),
            confirmed_not_duplicate_of: vec![],
        };
        let coordinator = signed_in(self.people.coordinator);
        let patient = self.must::<Patient>(coordinator, None, &PatientCommand::from(register));
        let born: NaiveDate = born.parse().expect("a day");
        self.history.born.insert(patient, born);
        if let Some(person) = person {
            self.must::<Patient>(signed_in(person), Some(patient), &PatientCommand::from(AcceptLink {}));
        }
        patient
    }

    fn must<A: Addressed>(&mut self, by: Identity, target: Option<A::Id>, command: &A::Command) -> A::Id {
        self.give::<A>(by, target, command).expect("the clinic is set up")
    }

    /// The id of the command that was given last.
    fn last_command(&self) -> CommandId {
        CommandId::from_uuid(Uuid::from_u128(self.given))
    }

    /// Gives a command. None if it was refused.
    pub fn give<A: Addressed>(&mut self, by: Identity, target: Option<A::Id>, command: &A::Command) -> Option<A::Id> {
        self.given += 1;
        let id = self.last_command();
        let creates = target.is_none();
        let target = target.or_else(|| A::created_by(command, id).map(A::Id::from_uuid))?;
        let stream = A::stream(target);
        let begins = !self.history.all.iter().any(|each| each.stream == stream);
        let events = self.decided::<A>(by, Subject::of(stream, creates, command), stream, command)?;
        if let Some(key) = events.first().and_then(|first| NewKey::of(&stream, first, begins)) {
            key.ensure(&self.vault).expect("a key");
        }
        for (index, event) in (0..).zip(events) {
            self.happens(stream, event, id.event(&stream, index));
        }
        Some(target)
    }

    /// The events that a command leads to; none if it is refused.
    fn decided<A: Addressed>(
        &self,
        by: Identity,
        subject: Subject,
        stream: Stream,
        command: &A::Command,
    ) -> Option<Vec<Event>> {
        let now = self.history.now;
        let own = self.history.all.iter().filter(|each| each.stream == stream);
        let own: Vec<A::Event> = own.filter_map(|each| A::Event::try_from(each.event.clone()).ok()).collect();
        let viewer = SHIPPED.viewer(by);
        let held = self.state.standings(&subject, by.actor(), now);
        let sender = Sender { viewer: &viewer, held: &held, now };
        let authorized = self.state.authorize(sender, &subject, command).ok()?;
        let namesakes = Namesakes {
            vault: &self.vault,
            digests: &self.digests,
            viewer: &viewer,
            fault: OnceLock::new(),
            not_held: Mutex::default(),
        };
        let lookups = LookupsAt { state: &self.state, now, namesakes: Some(namesakes) };
        let thread = if let Stream::Thread(thread) = stream { Some(thread) } else { None };
        let acting = Acting {
            by: by.actor(),
            role: authorized.permit().role(),
            capacity: authorized.capacity(),
            grant: authorized.permit().reach().grant,
            thread: thread.filter(|_| !own.is_empty()),
            command: self.last_command(),
            now,
            readable: self.state.readable(&viewer, &subject, &held),
            lookups: &lookups,
            time_zones: &TIME_ZONES,
        };
        let decided = folded::<A>(&own).decide(authorized.command(), &acting).ok()?;
        Some(decided.into_iter().map(Into::into).collect())
    }

    /// Puts a thread's new label into the log, which no command does yet.
    pub fn labels(&mut self, thread: ThreadId, class: Confidentiality, codes: Vec<Sensitivity>) {
        self.given += 1;
        let by = Actor::Person(self.people.physician);
        let labelled = care::conversation::Labelled { by, confidentiality: class, sensitivities: codes };
        let stream = Stream::Thread(thread);
        let event = Event::Thread(ThreadEvent::Conversation(ConversationEvent::Labelled(labelled)));
        let id = self.last_command().event(&stream, 0);
        self.happens(stream, event, id);
    }

    fn happens(&mut self, stream: Stream, mut event: Event, id: care::ids::EventId) {
        sealing::seal(&self.vault, &mut event, id, &stream).expect("sealed");
        let at = self.history.now;
        self.history.all.push(Happened { at, stream, event: event.clone() });
        if self.missed == Some(event.kind()) {
            return;
        }
        let position = Position(u64::try_from(self.history.all.len()).expect("a number"));
        let metadata = Metadata {
            command: self.last_command(),
            actor: Actor::Installation,
            on_behalf_of: None,
            delegation: None,
            grounds: Grounds { policy_version: "one".to_owned(), rules: Vec::new(), standing_as_of: None },
            purpose: Purpose::Treatment,
            correlation: Uuid::nil(),
            causation: None,
            occurred_at: at,
            recorded_at: at,
            channel: Channel::Cli,
            input: None,
            draft: None,
        };
        self.state.fold(&RecordedEvent { position, stream, revision: Revision(0), id, metadata, event });
        if let Stream::Delegation(delegation) = stream {
            self.looks_at(delegation);
        }
    }

    /// What a round of processes keeps in memory: when the patient of a delegation reaches the ages.
    fn looks_at(&mut self, delegation: DelegationId) {
        let lookups = LookupsAt { state: &self.state, now: self.history.now, namesakes: None };
        let patient = self.state.entity::<DelegationFacts>(delegation.uuid()).map(|facts| facts.patient);
        let born = patient.and_then(|patient| self.history.born.get(&patient).copied());
        let ages = patient.zip(born).and_then(|(patient, born)| age_instants(patient, born, &lookups, &TIME_ZONES));
        self.state.ages.set(delegation, ages);
    }

    /// What the process does at once when something has happened elsewhere, and at the first gate. The end of an access,
    /// adult age, a death, and the dispute or the end of a legal authority are left out: they hold before a process has
    /// recorded them.
    pub fn settles(&mut self) {
        let commands: [DelegationCommand; 5] = [
            EndDelegationBy { cause: EndCause::DeathVoided }.into(),
            EndDelegationBy { cause: EndCause::EmploymentEnded }.into(),
            EndDelegationBy { cause: EndCause::InvitationAccepted }.into(),
            SuspendDelegationBy { cause: SuspensionCause::ProtectionNote }.into(),
            NarrowAtAge.into(),
        ];
        self.process(&commands);
    }

    /// What the process records later.
    pub fn records_ends(&mut self) {
        let died = EndDelegationBy { cause: EndCause::PatientDied };
        let ended = EndDelegationBy { cause: EndCause::AuthorityEnded };
        let disputed = SuspendDelegationBy { cause: SuspensionCause::AuthorityDisputed };
        self.process(&[ExpireDelegation.into(), EndAtAge.into(), died.into(), ended.into(), disputed.into()]);
        self.records_instants();
    }

    fn process(&mut self, commands: &[DelegationCommand]) {
        let process = Identity::process(ProcessName::Delegations);
        for delegation in self.delegations() {
            for command in commands {
                // One that is not due is refused.
                let _given = self.give::<Delegation>(process, Some(delegation), command);
            }
        }
    }

    /// What the process keeps of the directives of patients. It changes nothing: the period says when a word holds.
    fn records_instants(&mut self) {
        let process = Identity::process(ProcessName::Directives);
        let Patients { mira, noor, elif } = self.patients;
        for patient in [mira, noor, elif] {
            for directive in self.directives(patient) {
                let remind = |of| RemindOfDirective { patient, directive, of }.into();
                let commands: [DirectiveCommand; 5] = [
                    remind(DirectiveReminder::Confirmation),
                    remind(DirectiveReminder::ConfirmationOverdue),
                    BeginDirective { patient, directive }.into(),
                    remind(DirectiveReminder::EndAhead),
                    ExpireDirective { patient, directive }.into(),
                ];
                for command in &commands {
                    let _given = self.give::<Directives>(process, Some(patient), command);
                }
            }
        }
    }

    /// Who the patient is; none for the child, who has no account.
    pub fn person_of(&self, of: PatientId) -> Option<PersonId> {
        let People { mira, elif, .. } = self.people;
        if of == self.patients.mira {
            Some(mira)
        } else if of == self.patients.elif {
            Some(elif)
        } else {
            None
        }
    }

    /// The directives of a patient that were begun, the oldest first.
    pub fn directives(&self, of: PatientId) -> Vec<DirectiveId> {
        let begun = |each: &Happened| {
            let Event::Directives(event) = &each.event else { return None };
            let begins = matches!(event, DirectiveEvent::DirectiveProposed(_) | DirectiveEvent::DirectiveActivated(_));
            begins.then(|| event.directive())
        };
        self.history.all.iter().filter(|each| each.stream == Stream::Directives(of)).filter_map(begun).collect()
    }

    /// The delegations that were begun, the oldest first.
    pub fn delegations(&self) -> Vec<DelegationId> {
        let mut all = Vec::new();
        for each in &self.history.all {
            if let Stream::Delegation(id) = each.stream
                && !all.contains(&id)
            {
                all.push(id);
            }
        }
        all
    }
}

/// A person who is signed in.
pub fn signed_in(person: PersonId) -> Identity {
    Identity::signed_in(person, SessionId::from_uuid(Uuid::from_u128(1)))
}

/// The policy that is shipped, as this person's requests use it.
pub fn viewer(person: PersonId) -> Viewer {
    SHIPPED.viewer(signed_in(person))
}
