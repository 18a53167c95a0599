//! A small clinic for these tests: two organizations, a pool, a few people, one patient.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use care::calendar::{Calendar, Hours};
use care::consultation::{Consent, Survey};
use care::idempotency::IdempotencyKey;
use care::ids::{Id, OrganizationId, PatientId, PersonId, PoolId, RecommendationId, SessionId, ThreadId};
use care::text::Text;
use care::words::{
    Audience, Certainty, Channel, ClosingOutcome, Confidentiality, ConsentMethod, Disposition, InformMethod,
    RecommendationKind, Role, Topic, Urgency,
};
use chrono::{DateTime, TimeDelta, Utc};
use coordination::answer::{AnswerContext, Reads, Recorded};
use coordination::application::{Application, OpenApplicationError, Start, Stores};
use coordination::commands::{
    Advice, Assignment, NewMember, NewMessage, NewPatient, NewPerson, NewPool, Plan, Recommended, Request,
};
use coordination::fault::{Failed, Fault};
use coordination::reader::{Page, Reader};
use coordination::{CommandMetadata, CommandOutcome, Position};
use journal::{Access, Clock, Journal, Namespace};
use policy::identity::Identity;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use uuid::Uuid;
use vault::{KeyEncryptionKey, KeyStoreUrl, Vault};

/// The marker in every text: found in the clear where it must not be, it fails a test.
pub const MARKER: &str = "zebrafinch";

/// The instant at which everything happens, unless a test says otherwise.
pub fn now() -> DateTime<Utc> {
    "2026-11-23T09:00:00Z".parse().expect("an instant")
}

pub fn text(text: &str) -> Text {
    Text::body(&format!("{text} {MARKER}")).expect("a text")
}

pub fn metadata(mutation: &'static str, key: &str) -> CommandMetadata {
    CommandMetadata {
        mutation,
        key: IdempotencyKey::parse(&key.replace(' ', "-")).expect("a key"),
        input: key.as_bytes().to_vec(),
        expected: None,
        channel: Channel::GraphQl,
        now: now(),
    }
}

pub fn signed_in(person: PersonId) -> Identity {
    Identity::signed_in(person, SessionId::from_uuid(Uuid::new_v5(&person.uuid(), b"session")))
}

/// An answer under way in a task of its own: a test reads through its reader and then ends it.
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
            application.answer(AnswerContext { identity, now }, read).await.map(Recorded::into_inner)
        });
        let reader = reader.await.expect("an answer began")?;
        Ok(Self { reader, end, ended })
    }

    /// Ends the answer and says whether it was recorded.
    pub async fn finish(mut self) -> Result<(), Fault> {
        self.end.send(()).expect("it is under way");
        self.ended.join_next().await.expect("a task").expect("no panic")
    }
}

impl std::ops::Deref for OpenAnswer {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        &self.reader
    }
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

    pub async fn open(&self) -> Result<Arc<Application>, OpenApplicationError> {
        let stores = Stores {
            care: Arc::clone(&self.care),
            access: Arc::clone(&self.access),
            vault: Arc::clone(&self.vault),
            read_models: self.directory.path().to_owned(),
        };
        static STARTS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        let node = u128::from(STARTS.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        Application::open(stores, Start { node: Uuid::from_u128(node), now: now() }).await
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

fn calendar() -> Calendar {
    let day = Some(Hours { opens: 540, closes: 1020 });
    Calendar {
        zone: chrono_tz::UTC,
        week: [day, day, day, day, day, None, None],
        holidays: BTreeSet::new(),
        answer_minutes: BTreeMap::from([(Urgency::Routine, 2400), (Urgency::Urgent, 480)]),
    }
}

pub fn request(patient: PatientId, pool: PoolId) -> Request {
    Request {
        patient,
        pool,
        topic: Topic::ClinicalAdvice,
        subject: Text::line(&format!("palpitations {MARKER}")).expect("a line"),
        question: text("Is a Holter needed?"),
        urgency: Urgency::Routine,
        consent: Consent::Given { method: ConsentMethod::Verbal, at: now() },
        may_convert: false,
        confidentiality: Confidentiality::Normal,
        sensitivities: vec![],
    }
}

impl Clinic {
    pub async fn open() -> Self {
        let stores = Installation::new().await;
        let application = stores.open().await.expect("an application");
        let installation = Identity::installation();
        let found = |identity, key: &'static str| {
            let application = Arc::clone(&application);
            async move {
                let outcome = application
                    .found_organization(&identity, &metadata("foundOrganization", key), key.to_owned())
                    .await;
                outcome.expect("founded").command.creates::<OrganizationId>(0)
            }
        };
        let person = |identity, organization, key: &'static str, role| {
            let application = Arc::clone(&application);
            async move {
                let new =
                    NewPerson { organization, name: Text::line(&format!("{key} {MARKER}")).expect("a name"), role };
                let outcome = application.register_person(&identity, &metadata("registerPerson", key), new).await;
                outcome.expect("registered").command.creates::<PersonId>(0)
            }
        };
        let practice = found(installation, "practice").await;
        let admin = person(installation, practice, "admin", Some(Role::Administrator)).await;
        let by = signed_in(admin);
        let centre = found(by, "centre").await;
        // Somebody has to run the centre: the administrator of the installation stands in first.
        let centre_admin = application
            .grant_role((&by, &metadata("grantRole", "centre")), admin, (centre, Role::Administrator), None)
            .await;
        assert!(centre_admin.is_ok(), "the founder of an organization cannot run it: {centre_admin:?}");
        let pcp = person(by, practice, "pcp", Some(Role::Physician)).await;
        let nurse = person(by, practice, "nurse", Some(Role::Nurse)).await;
        let social_worker = person(by, practice, "social_worker", Some(Role::SocialWorker)).await;
        let coordinator = person(by, practice, "coordinator", Some(Role::Coordinator)).await;
        let patient_person = person(by, practice, "patient", None).await;
        let stranger = person(by, practice, "stranger", None).await;
        let specialist = person(by, centre, "specialist", Some(Role::Physician)).await;
        let other_specialist = person(by, centre, "other_specialist", Some(Role::Physician)).await;
        let centre_coordinator = person(by, centre, "centre_coordinator", Some(Role::Coordinator)).await;
        application.set_calendar((&by, &metadata("setCalendar", "c")), centre, calendar()).await.expect("set");
        let pool = NewPool { name: "Cardiology".into(), specialty: "cardiology".into() };
        let outcome = application.open_pool((&by, &metadata("openPool", "p")), centre, pool).await.expect("opened");
        let cardiology = outcome.command.creates::<PoolId>(0);
        for (key, member) in [("m1", specialist), ("m2", other_specialist)] {
            application
                .add_pool_member((&by, &metadata("addPoolMember", key)), centre, (cardiology, member))
                .await
                .expect("added");
        }
        let new = NewPatient {
            organization: practice,
            person: Some(patient_person),
            name: Text::line(&format!("Mira {MARKER}")).expect("a name"),
            birth_date: Text::line("1958-03-04").expect("a date"),
        };
        let by = signed_in(coordinator);
        let outcome =
            application.register_patient(&by, &metadata("registerPatient", "mira"), new).await.expect("registered");
        let patient = outcome.command.creates::<PatientId>(0);
        for (key, person, role) in
            [("t1", pcp, Role::Physician), ("t2", nurse, Role::Nurse), ("t3", social_worker, Role::SocialWorker)]
        {
            let member = NewMember { person, role, organization: practice };
            application
                .add_care_team_member((&by, &metadata("addCareTeamMember", key)), patient, member)
                .await
                .expect("added");
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

    pub async fn ask(&self, key: &str) -> ThreadId {
        let request = request(self.patient, self.cardiology);
        let outcome = self
            .application
            .request_consultation(&signed_in(self.pcp), &metadata("requestConsultation", key), request)
            .await;
        outcome.expect("asked").command.creates(0)
    }

    pub async fn post(
        &self,
        by: PersonId,
        thread: ThreadId,
        key: &str,
        audience: Audience,
    ) -> Result<CommandOutcome, Failed> {
        let message = NewMessage { audience: Some(audience), body: text(key) };
        self.application.post_message((&signed_in(by), &metadata("postMessage", key)), thread, message).await
    }

    pub async fn assign(&self, thread: ThreadId) {
        let by = signed_in(self.centre_coordinator);
        let metadata = metadata("assignConsultation", &format!("assign-{thread}"));
        self.application
            .assign_consultation((&by, &metadata), thread, Assignment { to: None, reason: None })
            .await
            .expect("assigned");
    }

    pub async fn claim(&self, by: PersonId, thread: ThreadId) -> Result<CommandOutcome, Failed> {
        self.application.claim(&signed_in(by), &metadata("claimThread", &format!("claim-{thread}")), thread).await
    }

    pub async fn advise(&self, thread: ThreadId) -> RecommendationId {
        let each =
            Recommended { kind: RecommendationKind::Test, certainty: Certainty::High, text: text("Holter for 48 h") };
        let advice =
            Advice { recommendations: vec![each], come_back_when: Some(text("on syncope")), minutes_spent: 12 };
        let metadata = metadata("adviseConsultation", &format!("advise-{thread}"));
        let outcome =
            self.application.advise((&signed_in(self.specialist), &metadata), thread, advice).await.expect("advised");
        outcome.command.creates(0)
    }

    pub async fn plan(&self, thread: ThreadId, recommendation: RecommendationId) {
        let dispositions = vec![(recommendation, Disposition::Modified, Some(text("24 h is what we have")))];
        let plan = Plan { dispositions, note: Some(text("we do it here")) };
        let metadata = metadata("recordPlan", &format!("plan-{thread}"));
        self.application.record_plan((&signed_in(self.pcp), &metadata), thread, plan).await.expect("planned");
    }

    pub async fn inform(&self, thread: ThreadId) {
        let metadata = metadata("informPatient", &format!("inform-{thread}"));
        let told = (InformMethod::Telephone, now());
        self.application.inform_patient((&signed_in(self.pcp), &metadata), thread, told).await.expect("informed");
    }

    pub async fn close_consultation(&self, thread: ThreadId) {
        let survey = Survey { outcome: ClosingOutcome::PlanConfirmed, helpful: 5, educational: 4 };
        let metadata = metadata("closeConsultation", &format!("close-{thread}"));
        self.application.close_consultation((&signed_in(self.pcp), &metadata), thread, survey).await.expect("closed");
    }

    pub async fn reader(&self, person: PersonId) -> OpenAnswer {
        self.reader_at(person, now()).await
    }

    pub async fn reader_at(&self, person: PersonId, at: DateTime<Utc>) -> OpenAnswer {
        self.application.catch_up().await.expect("caught up");
        OpenAnswer::begin(&self.application, signed_in(person), None, at).await.expect("a reader")
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
