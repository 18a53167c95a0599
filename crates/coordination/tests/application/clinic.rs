//! A small clinic for these tests: two organizations, a pool, a few people, one patient.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use care::aggregate::Aggregate;
use care::calendar::{Calendar, Hours};
use care::care_team::{AddMember, CareTeam, CareTeamCommand, RemoveMember};
use care::conversation::{
    AddParticipant, Addressed, Claim, ConversationCommand, HistoryWindow, MarkRead, Opening, Owner, PostMessage,
};
use care::event::Addressed as Aimed;
use care::idempotency::IdempotencyKey;
use care::ids::{Id, MessageId, OrganizationId, PatientId, PersonId, PoolId, RecommendationId, SessionId, ThreadId};
use care::lifecycle::OpenLifecycle;
use care::lifecycle::consultation::{
    Advise, Assign, CloseConsultation, Consent, ConsultationCommand, Disposed, InformPatient, Recommended, RecordPlan,
    RequestConsultation, Survey,
};
use care::organization::{
    AddPoolMember, CreateOrganization, OpenPool, Organization, OrganizationCommand, RemovePoolMember, SetCalendar,
};
use care::patient::{AcceptLink, Patient, PatientCommand, RegisterPatient};
use care::person::{EndRole, GrantRole, Person, PersonCommand, RegisterPerson};
use care::text::{PersonalText, Text};
use care::thread::{Thread, ThreadCommand};
use care::time_zone::TimeZones;
use care::words::{
    Audience, Certainty, Channel, ClosingOutcome, Confidentiality, ConsentMethod, Disposition, InformMethod,
    RecommendationKind, Role, Topic, Urgency,
};
use chrono::{DateTime, TimeDelta, Utc};
use coordination::answer::{AnswerContext, AnswerLimits, Reads, Recorded};
use coordination::application::{Application, Start, Stores};
use coordination::fault::{Failed, Fault, Refusal};
use coordination::lifecycle::consultation::ConsultationContent;
use coordination::opening::OpenApplicationError;
use coordination::reader::{Connection, InboxFilter, Page, Reader, ThreadView};
use coordination::rebuilding::rebuild_read_models;
use coordination::{CommandContext, CommandOutcome, LifecycleView, Origin, Position};
use journal::{Access, Clock, Journal, Namespace};
use policy::identity::Identity;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use uuid::Uuid;
use vault::{KeyEncryptionKey, KeyStoreUrl, Vault};

/// The marker in every text. A test fails if it finds the marker unsealed where texts must be sealed.
pub const MARKER: &str = "zebrafinch";

/// The instant at which everything happens, unless a test says otherwise.
pub fn now() -> DateTime<Utc> {
    "2026-11-23T09:00:00Z".parse().expect("an instant")
}

pub fn text(text: &str) -> PersonalText {
    Text::body(&format!("{text} {MARKER}")).expect("a text").into()
}

pub fn line(text: &str) -> PersonalText {
    Text::line(text).expect("a line").into()
}

/// The content of a consultation, of a reader who may read it.
pub fn content(view: &LifecycleView) -> &ConsultationContent {
    let LifecycleView::Consultation(row) = view else { panic!("a consultation") };
    row.content.as_ref().expect("the content")
}

/// The context of a command with this key, sent by the installation unless [`sent_by`] says otherwise.
pub fn context(key: &str) -> CommandContext {
    CommandContext {
        identity: Identity::installation(),
        key: IdempotencyKey::parse(&key.replace(' ', "-")).expect("a key"),
        input: key.as_bytes().to_vec(),
        expected: None,
        draft: None,
        origin: Origin::of(Channel::GraphQl),
        causation: None,
        now: now(),
    }
}

/// The result of a command.
pub type Given<I> = Result<CommandOutcome<I>, Failed>;

/// The same context with another sender.
pub fn sent_by(identity: &Identity, context: &CommandContext) -> CommandContext {
    CommandContext { identity: *identity, ..context.clone() }
}

/// Gives a command of care.
pub async fn give<A: Aimed>(
    application: &Application,
    context: CommandContext,
    target: Option<A::Id>,
    command: <A as Aggregate>::Command,
) -> Given<A::Id>
where
    Refusal: From<A::Refusal>,
{
    application.execute::<A>(&context, target, &command).await
}

/// A message. Without an audience, it goes to the default audience of its author.
pub struct Message {
    pub audience: Option<Audience>,
    pub body: PersonalText,
}

/// The input of a request for a consultation.
pub struct Question {
    pub opening: Opening,
    pub request: RequestConsultation,
}

/// The commands of these tests, one method each.
pub trait Commands {
    fn application(&self) -> &Arc<Application>;

    async fn create_organization(&self, context: CommandContext, name: &str) -> Given<OrganizationId> {
        let create = CreateOrganization { name: name.to_owned() };
        give::<Organization>(self.application(), context, None, OrganizationCommand::from(create)).await
    }

    async fn set_calendar(
        &self,
        context: CommandContext,
        at: OrganizationId,
        calendar: Calendar,
    ) -> Given<OrganizationId> {
        give::<Organization>(self.application(), context, Some(at), OrganizationCommand::from(SetCalendar { calendar }))
            .await
    }

    async fn open_pool(&self, context: CommandContext, at: OrganizationId, pool: OpenPool) -> Given<OrganizationId> {
        give::<Organization>(self.application(), context, Some(at), OrganizationCommand::from(pool)).await
    }

    async fn add_pool_member(
        &self,
        context: CommandContext,
        at: OrganizationId,
        add: AddPoolMember,
    ) -> Given<OrganizationId> {
        give::<Organization>(self.application(), context, Some(at), OrganizationCommand::from(add)).await
    }

    async fn remove_pool_member(
        &self,
        context: CommandContext,
        at: OrganizationId,
        remove: RemovePoolMember,
    ) -> Given<OrganizationId> {
        give::<Organization>(self.application(), context, Some(at), OrganizationCommand::from(remove)).await
    }

    async fn register_person(&self, context: CommandContext, new: RegisterPerson) -> Given<PersonId> {
        give::<Person>(self.application(), context, None, PersonCommand::from(new)).await
    }

    async fn grant_role(&self, context: CommandContext, person: PersonId, grant: GrantRole) -> Given<PersonId> {
        give::<Person>(self.application(), context, Some(person), PersonCommand::from(grant)).await
    }

    async fn end_role(&self, context: CommandContext, person: PersonId, end: EndRole) -> Given<PersonId> {
        give::<Person>(self.application(), context, Some(person), PersonCommand::from(end)).await
    }

    async fn register_patient(&self, context: CommandContext, new: RegisterPatient) -> Given<PatientId> {
        give::<Patient>(self.application(), context, None, PatientCommand::from(new)).await
    }

    /// The command to a patient's record.
    async fn record(&self, context: CommandContext, patient: PatientId, command: PatientCommand) -> Given<PatientId> {
        give::<Patient>(self.application(), context, Some(patient), command).await
    }

    /// The person accepts a record as their own.
    async fn accept_link(&self, person: Identity, patient: PatientId) {
        let context = sent_by(&person, &context(&format!("own-{patient}")));
        self.record(context, patient, AcceptLink {}.into()).await.expect("accepted");
    }

    async fn add_member(&self, context: CommandContext, add: AddMember) -> Given<PatientId> {
        give::<CareTeam>(self.application(), context, Some(add.patient), CareTeamCommand::from(add)).await
    }

    async fn remove_member(&self, context: CommandContext, remove: RemoveMember) -> Given<PatientId> {
        give::<CareTeam>(self.application(), context, Some(remove.patient), CareTeamCommand::from(remove)).await
    }

    async fn request_consultation(&self, context: CommandContext, question: Question) -> Given<ThreadId> {
        let Question { opening, request } = question;
        let open = ThreadCommand::Open(Box::new(opening), Box::new(OpenLifecycle::Consultation(request)));
        give::<Thread>(self.application(), context, None, open).await
    }

    async fn consultation(
        &self,
        context: CommandContext,
        thread: ThreadId,
        command: ConsultationCommand,
    ) -> Given<ThreadId> {
        give::<Thread>(self.application(), context, Some(thread), command.into()).await
    }

    async fn conversation(
        &self,
        context: CommandContext,
        thread: ThreadId,
        command: ConversationCommand,
    ) -> Given<ThreadId> {
        give::<Thread>(self.application(), context, Some(thread), command.into()).await
    }

    async fn post_message(&self, context: CommandContext, thread: ThreadId, message: Message) -> Given<ThreadId> {
        let Message { audience, body } = message;
        let audience = match audience {
            Some(audience) => audience,
            None => {
                let answer = OpenAnswer::begin(self.application(), context.identity, None, context.now).await?;
                let view = answer.thread(thread)?;
                view.and_then(|view| answer.default_audience(&view)).unwrap_or(Audience::Everyone)
            }
        };
        let addressed = match audience {
            Audience::Everyone => Addressed::Everyone,
            Audience::ClinicalTeam => Addressed::ClinicalTeam,
            Audience::Named => panic!("these tests name nobody"),
            Audience::TeamAndMe => Addressed::TeamAnd(context.identity.person().expect("a person")),
        };
        self.conversation(context, thread, PostMessage { addressed, body }.into()).await
    }

    async fn claim(&self, context: CommandContext, thread: ThreadId) -> Given<ThreadId> {
        self.conversation(context, thread, Claim.into()).await
    }

    async fn mark_read(&self, context: CommandContext, thread: ThreadId, message: MessageId) -> Given<ThreadId> {
        self.conversation(context, thread, MarkRead { message }.into()).await
    }

    async fn add_participant(&self, context: CommandContext, thread: ThreadId, person: PersonId) -> Given<ThreadId> {
        let add = AddParticipant { person, place: None, history: HistoryWindow::Full, reason: None };
        self.conversation(context, thread, add.into()).await
    }
}

impl Commands for Arc<Application> {
    fn application(&self) -> &Arc<Application> {
        self
    }
}

pub fn signed_in(person: PersonId) -> Identity {
    Identity::signed_in(person, SessionId::from_uuid(Uuid::new_v5(&person.uuid(), b"session")))
}

/// An answer in progress, in its own task: a test reads through its reader and then ends it.
pub struct OpenAnswer {
    pub reader: Arc<Reader>,
    end: oneshot::Sender<()>,
    /// Aborted when it is dropped, so that an answer which is not ended is not recorded.
    ended: JoinSet<Result<(), Fault>>,
}

impl OpenAnswer {
    pub async fn begin(
        application: &Arc<Application>,
        identity: Identity,
        read_after: Option<Position>,
        now: DateTime<Utc>,
    ) -> Result<Self, Fault> {
        let (end, wanted) = oneshot::channel();
        let (opened, reader) = oneshot::channel();
        let application = Arc::clone(application);
        let mut ended = JoinSet::new();
        ended.spawn(async move {
            let read = |reads: Reads| async move {
                drop(opened.send(reads.reader(read_after).await));
                if wanted.await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            application
                .answer(AnswerContext { identity, now, origin: coordination::Origin::of(Channel::GraphQl) }, read)
                .await
                .map(Recorded::into_inner)
        });
        let reader = reader.await.expect("an answer began")?;
        Ok(Self { reader, end, ended })
    }

    /// Ends the answer and says whether it was recorded.
    pub async fn finish(mut self) -> Result<(), Fault> {
        self.end.send(()).expect("it is in progress");
        self.ended.join_next().await.expect("a task").expect("no panic")
    }
}

impl std::ops::Deref for OpenAnswer {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        &self.reader
    }
}

/// The first page of the reader's inbox.
pub fn current_inbox(reader: &Reader) -> Connection<ThreadView> {
    reader.inbox(InboxFilter::Current, &Page::default()).expect("no fault").expect("a page")
}

/// The stores that outlive an application.
pub struct Installation {
    pub care: Arc<dyn Journal>,
    pub access: Arc<dyn Journal>,
    pub vault: Arc<Vault>,
    pub directory: TempDir,
}

impl Installation {
    pub async fn new() -> Self {
        let clock: Clock = Arc::new(now);
        let log = async |namespace| {
            let namespace = Namespace::parse(namespace).expect("a namespace");
            journal::open("memory:", namespace, Access::Write, Arc::clone(&clock)).await.expect("a log")
        };
        let kek = KeyEncryptionKey::generate().expect("a key");
        let vault = Vault::open_at(&KeyStoreUrl::Memory, &kek, vault::Access::Writer).expect("a vault");
        Self {
            care: log("care").await,
            access: log("access").await,
            vault: Arc::new(vault),
            directory: tempfile::tempdir().expect("a directory"),
        }
    }

    /// The same logs and keys for another node, which has no read models yet.
    pub fn elsewhere(&self) -> Self {
        let Self { care, access, vault, directory: _ } = self;
        let directory = tempfile::tempdir().expect("a directory");
        Self { care: Arc::clone(care), access: Arc::clone(access), vault: Arc::clone(vault), directory }
    }

    /// Folds the read models again, while no application uses them.
    pub async fn rebuild(&self) -> Result<u64, OpenApplicationError> {
        rebuild_read_models(self.directory.path(), &self.care, &self.access, |_, _| {}).await
    }

    pub async fn open(&self) -> Result<Arc<Application>, OpenApplicationError> {
        self.open_with(TimeZones::bundled()).await
    }

    /// With other rules of time zones than those of the program.
    pub async fn open_with(&self, time_zones: TimeZones) -> Result<Arc<Application>, OpenApplicationError> {
        self.opened(now(), true, time_zones).await
    }

    /// When a clock says so.
    pub async fn open_at(
        &self,
        clock: DateTime<Utc>,
        is_accepted: bool,
    ) -> Result<Arc<Application>, OpenApplicationError> {
        self.opened(clock, is_accepted, TimeZones::bundled()).await
    }

    async fn opened(
        &self,
        now: DateTime<Utc>,
        accept_clock: bool,
        time_zones: TimeZones,
    ) -> Result<Arc<Application>, OpenApplicationError> {
        let stores = Stores {
            care: Arc::clone(&self.care),
            access: Arc::clone(&self.access),
            vault: Arc::clone(&self.vault),
            read_models: self.directory.path().to_owned(),
        };
        static STARTS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        let node = u128::from(STARTS.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let start = Start { node: Uuid::from_u128(node), now, accept_clock, time_zones };
        Application::open(stores, start).await
    }
}

/// The clinic.
pub struct Clinic {
    pub installation: Installation,
    pub application: Arc<Application>,
    pub practice: OrganizationId,
    pub cardiology: PoolId,
    pub admin: PersonId,
    pub pcp: PersonId,
    pub nurse: PersonId,
    pub social_worker: PersonId,
    pub coordinator: PersonId,
    pub centre_coordinator: PersonId,
    pub specialist: PersonId,
    pub other_specialist: PersonId,
    pub patient_person: PersonId,
    pub stranger: PersonId,
    pub patient: PatientId,
}

pub fn calendar() -> Calendar {
    let day = || vec![Hours { opens: 540, closes: 1020 }];
    Calendar {
        zone: "UTC".into(),
        week: [day(), day(), day(), day(), day(), vec![], vec![]],
        holidays: BTreeSet::new(),
        answer_minutes: BTreeMap::from([(Urgency::Routine, 2400), (Urgency::Urgent, 480)]),
    }
}

/// A patient whose record an organization begins.
pub fn new_patient(
    organization: OrganizationId,
    person: Option<PersonId>,
    name: &str,
    birth_date: &str,
) -> RegisterPatient {
    let (name, birth_date) = (line(name), line(birth_date));
    RegisterPatient { organization, person, name, birth_date, confirmed_not_duplicate_of: vec![] }
}

pub fn request(patient: PatientId, pool: PoolId) -> Question {
    let opening = Opening {
        patient: Some(patient),
        organization: None,
        topic: Topic::ClinicalAdvice,
        subject: line(&format!("palpitations {MARKER}")),
        confidentiality: Confidentiality::Normal,
        sensitivities: vec![],
        owner: Owner::Pool(pool),
        pools: BTreeSet::new(),
        hidden_from_delegates: None,
    };
    let request = RequestConsultation {
        question: text("Is a Holter needed?"),
        urgency: Urgency::Routine,
        consent: Consent::Given { method: ConsentMethod::Verbal, at: now() },
        may_convert: false,
    };
    Question { opening, request }
}

impl Clinic {
    pub async fn open() -> Self {
        Self::on(Installation::new().await).await
    }

    pub async fn on(stores: Installation) -> Self {
        let application = stores.open().await.expect("an application");
        let installation = Identity::installation();
        let create = async |identity: Identity, key: &'static str| {
            application.create_organization(sent_by(&identity, &context(key)), key).await.expect("created").target
        };
        let person = async |identity: Identity, organization, key: &'static str, role| {
            let new = RegisterPerson { organization, name: line(&format!("{key} {MARKER}")), role };
            application.register_person(sent_by(&identity, &context(key)), new).await.expect("registered").target
        };
        let practice = create(installation, "practice").await;
        let admin = person(installation, practice, "admin", Some(Role::Administrator)).await;
        let by = signed_in(admin);
        let centre = create(by, "centre").await;
        // The centre needs an administrator: until it has one, the administrator of the installation stands in.
        let grant = GrantRole { organization: centre, role: Role::Administrator, until: None };
        let centre_admin = application.grant_role(sent_by(&by, &context("centre")), admin, grant).await;
        assert!(centre_admin.is_ok(), "the person who creates an organization cannot run it: {centre_admin:?}");
        let pcp = person(by, practice, "pcp", Some(Role::Physician)).await;
        let nurse = person(by, practice, "nurse", Some(Role::Nurse)).await;
        let social_worker = person(by, practice, "social_worker", Some(Role::SocialWorker)).await;
        let coordinator = person(by, practice, "coordinator", Some(Role::Coordinator)).await;
        let patient_person = person(by, practice, "patient", None).await;
        let stranger = person(by, practice, "stranger", None).await;
        let specialist = person(by, centre, "specialist", Some(Role::Physician)).await;
        let other_specialist = person(by, centre, "other_specialist", Some(Role::Physician)).await;
        let centre_coordinator = person(by, centre, "centre_coordinator", Some(Role::Coordinator)).await;
        application.set_calendar(sent_by(&by, &context("c")), centre, calendar()).await.expect("set");
        let pool = OpenPool { names: care::organization::PoolNames::one("Cardiology"), specialty: "cardiology".into() };
        let outcome = application.open_pool(sent_by(&by, &context("p")), centre, pool).await.expect("opened");
        let cardiology = outcome.command.creates::<PoolId>(0);
        for (key, member) in [("m1", specialist), ("m2", other_specialist)] {
            let add = AddPoolMember { pool: cardiology, person: member };
            application.add_pool_member(sent_by(&by, &context(key)), centre, add).await.expect("added");
        }
        let new = new_patient(practice, Some(patient_person), &format!("Mira {MARKER}"), "1958-03-04");
        let by = signed_in(coordinator);
        let patient =
            application.register_patient(sent_by(&by, &context("mira")), new).await.expect("registered").target;
        application.accept_link(signed_in(patient_person), patient).await;
        for (key, person, role) in
            [("t1", pcp, Role::Physician), ("t2", nurse, Role::Nurse), ("t3", social_worker, Role::SocialWorker)]
        {
            let add = AddMember { patient, person, role, organization: practice, knows_conflict: false };
            application.add_member(sent_by(&by, &context(key)), add).await.expect("added");
        }
        Self {
            installation: stores,
            application,
            practice,
            cardiology,
            admin,
            pcp,
            nurse,
            social_worker,
            coordinator,
            centre_coordinator,
            specialist,
            other_specialist,
            patient_person,
            stranger,
            patient,
        }
    }

    /// A place on a care team, of somebody who works at the practice.
    pub fn new_member(&self, patient: PatientId, person: PersonId, role: Role) -> AddMember {
        AddMember { patient, person, role, organization: self.practice, knows_conflict: false }
    }

    pub async fn ask(&self, key: &str) -> ThreadId {
        let request = request(self.patient, self.cardiology);
        let by = signed_in(self.pcp);
        self.application.request_consultation(sent_by(&by, &context(key)), request).await.expect("asked").target
    }

    pub async fn post(&self, by: PersonId, thread: ThreadId, key: &str, audience: Audience) -> Given<ThreadId> {
        let message = Message { audience: Some(audience), body: text(key) };
        self.application.post_message(sent_by(&signed_in(by), &context(key)), thread, message).await
    }

    pub async fn assign(&self, thread: ThreadId) {
        let by = signed_in(self.centre_coordinator);
        let assign = Assign { to: None, reason: None };
        let context = context(&format!("assign-{thread}"));
        self.application.consultation(sent_by(&by, &context), thread, assign.into()).await.expect("assigned");
    }

    pub async fn claim(&self, by: PersonId, thread: ThreadId) -> Given<ThreadId> {
        self.application.claim(sent_by(&signed_in(by), &context(&format!("claim-{thread}"))), thread).await
    }

    /// The same after somebody claimed it before.
    pub async fn claim_again(&self, by: PersonId, thread: ThreadId) -> Given<ThreadId> {
        self.application.claim(sent_by(&signed_in(by), &context(&format!("claim-again-{thread}"))), thread).await
    }

    pub async fn advise(&self, thread: ThreadId) -> RecommendationId {
        let each =
            Recommended { kind: RecommendationKind::Test, certainty: Certainty::High, text: text("Holter for 48 h") };
        let advise =
            Advise { recommendations: vec![each], come_back_when: Some(text("on syncope")), minutes_spent: 12 };
        let by = signed_in(self.specialist);
        let context = context(&format!("advise-{thread}"));
        let outcome =
            self.application.consultation(sent_by(&by, &context), thread, advise.into()).await.expect("advised");
        outcome.command.creates(0)
    }

    pub async fn plan(&self, thread: ThreadId, recommendation: RecommendationId) {
        let reason = Some(text("24 h is what we have"));
        let dispositions = vec![Disposed { recommendation, disposition: Disposition::Modified, reason }];
        let plan = RecordPlan { dispositions, note: Some(text("we do it here")) };
        let context = context(&format!("plan-{thread}"));
        let by = signed_in(self.pcp);
        self.application.consultation(sent_by(&by, &context), thread, plan.into()).await.expect("planned");
    }

    pub async fn inform(&self, thread: ThreadId) {
        let inform = InformPatient { method: InformMethod::Telephone, told_at: now() };
        let context = context(&format!("inform-{thread}"));
        let by = signed_in(self.pcp);
        self.application.consultation(sent_by(&by, &context), thread, inform.into()).await.expect("informed");
    }

    pub async fn close_consultation(&self, thread: ThreadId) {
        let survey = Survey { outcome: ClosingOutcome::PlanConfirmed, helpful: 5, educational: 4 };
        let context = context(&format!("close-{thread}"));
        let by = signed_in(self.pcp);
        let close = CloseConsultation { survey };
        self.application.consultation(sent_by(&by, &context), thread, close.into()).await.expect("closed");
    }

    pub async fn reader(&self, person: PersonId) -> OpenAnswer {
        self.reader_at(person, now()).await
    }

    pub async fn reader_at(&self, person: PersonId, at: DateTime<Utc>) -> OpenAnswer {
        self.application.catch_up().await.expect("caught up");
        OpenAnswer::begin(&self.application, signed_in(person), None, at).await.expect("a reader")
    }

    /// The least limit of rows with which a person is answered.
    pub async fn rows_needed(
        &self,
        person: PersonId,
        at: DateTime<Utc>,
        read: impl Fn(&Reader) -> Result<(), Fault> + Sync,
    ) -> u64 {
        self.application.catch_up().await.expect("caught up");
        let read = &read;
        for rows_max in 0..1_000 {
            let limits = AnswerLimits { rows_max, ..AnswerLimits::none() };
            let context = AnswerContext { identity: signed_in(person), now: at, origin: Origin::of(Channel::GraphQl) };
            let answer = self.application.answer(context, |reads| async move {
                let reader = reads.within(limits).reader(None).await?;
                read(&reader)
            });
            match answer.await.expect("recorded").into_inner() {
                Ok(()) => return rows_max,
                Err(Fault::TooMuch { of: "rows", .. }) => {}
                Err(fault) => panic!("{fault}"),
            }
        }
        panic!("never an answer");
    }

    /// What a person reads of a thread's messages, by their first words.
    pub async fn messages(&self, person: PersonId, thread: ThreadId) -> Vec<String> {
        let reader = self.reader(person).await;
        let Some(view) = reader.thread(thread).expect("no fault") else { return Vec::new() };
        let page = reader.messages(&view, &Page::default()).expect("no fault").expect("a page");
        page.edges
            .iter()
            .map(|edge| {
                let body = &edge.node.body;
                let coordination::TextCell::Open(text) = body else { return format!("{body:?}") };
                text.as_str().replace(&format!(" {MARKER}"), "")
            })
            .collect()
    }
}

/// An hour after [`now`].
pub fn later() -> DateTime<Utc> {
    now() + TimeDelta::hours(1)
}
