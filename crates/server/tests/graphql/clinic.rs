//! A clinic served over HTTP: begun by the installation, and then built by the API's own mutations.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use care::idempotency::IdempotencyKey;
use care::ids::Id;
use care::organization::{CreateOrganization, Organization, OrganizationCommand};
use care::person::{Person, PersonCommand, RegisterPerson};
use care::text::Text;
use care::time_zone::TimeZones;
use care::words::{Channel, Role};
use chrono::{DateTime, TimeDelta, Utc};
use coordination::application::{Application, Start, Stores};
use coordination::{CommandContext, Origin};
use data_encoding::BASE64URL_NOPAD;
use journal::{Access, Journal, Namespace};
use policy::identity::Identity;
use serde_json::{Value, json};
use server::listen::Bound;
use server::live::{Live, LiveLimits};
use server::pages::{Demo, Group, HelpLine, Pages, SessionTimes, Visitor};
use server::sign_in::Signer;
use tempfile::TempDir;
use uuid::Uuid;
use vault::{KeyEncryptionKey, KeyStoreUrl, Vault};

use crate::client::{Answer, GRAPHQL, JSON, request};

pub fn now() -> DateTime<Utc> {
    "2026-11-23T09:00:00Z".parse().expect("an instant")
}

/// The clinic, and a token for each of its people.
pub struct Clinic {
    pub address: SocketAddr,
    pub live: Arc<Live>,
    pub application: Arc<Application>,
    pub access: Arc<dyn Journal>,
    pub pool: String,
    pub patient: String,
    /// The token of each person's session.
    tokens: Mutex<HashMap<&'static str, String>>,
    ids: HashMap<&'static str, String>,
    directory: TempDir,
}

/// A server.
struct Served {
    address: SocketAddr,
    live: Arc<Live>,
}

/// A person who sends mutations.
pub struct Caller<'a> {
    clinic: &'a Clinic,
    handle: &'static str,
}

/// The argument of a mutation that names the target, and the target's id.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    pub argument: &'static str,
    pub id: &'a str,
}

/// A person to be registered by the administrator.
struct NewPerson<'a> {
    handle: &'static str,
    organization: &'a str,
    role: Option<&'a str>,
}

/// The 128 bits of a global id.
pub fn uuid_of(id: &str) -> Uuid {
    Uuid::from_slice(&BASE64URL_NOPAD.decode(id.as_bytes()).expect("an id")[1..]).expect("128 bits")
}

fn global(tag: u8, uuid: Uuid) -> String {
    BASE64URL_NOPAD.encode(&[&[tag][..], uuid.as_bytes()].concat())
}

fn installation() -> CommandContext {
    CommandContext {
        identity: Identity::installation(),
        key: IdempotencyKey::parse("begin").expect("a key"),
        input: vec![],
        expected: None,
        draft: None,
        origin: Origin::of(Channel::Cli),
        causation: None,
        now: now(),
    }
}

async fn serve(application: &Arc<Application>, signer: &Signer, pages: Option<Pages>) -> Served {
    let live = Live::new(LiveLimits::default());
    let running = Arc::clone(&live);
    let served = server::routes::Served { pages, commands_a_minute: server::quotas::COMMANDS_A_MINUTE_MAX };
    let routes = server::routes::routes(Arc::clone(application), signer.verifier(), Arc::new(now), running, served);
    let bound = Bound::bind("127.0.0.1:0".parse().expect("an address")).await.expect("a socket");
    let address = bound.address();
    tokio::spawn(bound.run(routes.expect("routes"), std::future::pending()));
    Served { address, live }
}

impl Clinic {
    /// A clinic whose server has no pages.
    pub async fn open() -> Self {
        Self::serve(TimeZones::bundled(), |_, _| None).await
    }

    /// With other rules of time zones than those of the program.
    pub async fn open_with(time_zones: TimeZones) -> Self {
        Self::serve(time_zones, |_, _| None).await
    }

    /// A clinic with the pages of a demo.
    pub async fn with_pages() -> Self {
        Self::serve(TimeZones::bundled(), |signer, clinic| Some(clinic.pages(signer))).await
    }

    fn pages(&self, signer: Signer) -> Pages {
        let visitor = |handle: &&'static str| Visitor {
            handle: (*handle).to_owned(),
            person: uuid_of(&self.ids[*handle]),
            name: (*handle).to_owned(),
            about: format!("the {handle} <of> the clinic"),
            group: Group::Clinicians,
        };
        let mut handles: Vec<&&'static str> = self.ids.keys().collect();
        handles.sort_unstable();
        Pages {
            demo: Demo {
                signer,
                visitors: handles.into_iter().map(visitor).collect(),
                token_command: "carefold token --as HANDLE --data <a&b>".to_owned(),
            },
            times: SessionTimes { idle: TimeDelta::minutes(15), whole: TimeDelta::hours(12) },
            zone: TimeZones::bundled().zone("Europe/Vienna").expect("a zone"),
            help: HelpLine { name: "Practice".to_owned(), telephone: "01 555 0142".to_owned() },
        }
    }

    async fn serve(time_zones: TimeZones, pages: impl FnOnce(Signer, &Self) -> Option<Pages>) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let log = async |namespace| {
            let namespace = Namespace::parse(namespace).expect("a namespace");
            journal::open("memory:", namespace, Access::Write, Arc::new(now)).await.expect("a log")
        };
        let kek = KeyEncryptionKey::generate().expect("a key");
        let vault = Vault::open_at(&KeyStoreUrl::Memory, &kek, vault::Access::Writer).expect("a vault");
        let access = log("access").await;
        let stores = Stores {
            care: log("care").await,
            access: Arc::clone(&access),
            vault: Arc::new(vault),
            read_models: directory.path().to_owned(),
        };
        let start = Start { node: Uuid::from_u128(1), now: now(), accept_clock: false, time_zones };
        let application = Application::open(stores, start).await.expect("an application");

        let create = OrganizationCommand::from(CreateOrganization { name: "Practice".to_owned() });
        let created = application.execute::<Organization>(&installation(), None, &create).await;
        let practice = created.expect("created").target;
        let name = Text::line("Ada Admin").expect("a name").into();
        let first = RegisterPerson { organization: practice, name, role: Some(Role::Administrator) };
        let registered = application.execute::<Person>(&installation(), None, &PersonCommand::from(first)).await;
        let admin = registered.expect("registered").target;

        let key = directory.path().join("token.key");
        let signer = Signer::open_or_create(&key).expect("a signer");
        // The people are made over the API, before the server that has pages knows them.
        let first = serve(&application, &signer, None).await;
        let mut clinic = Self {
            address: first.address,
            live: first.live,
            application: Arc::clone(&application),
            access,
            pool: String::new(),
            patient: String::new(),
            tokens: Mutex::new(HashMap::new()),
            ids: HashMap::new(),
            directory,
        };
        clinic.enter(&signer, "admin", &global(1, admin.uuid()));
        clinic.build(&signer, &global(3, practice.uuid())).await;
        let own = Signer::open_or_create(&key).expect("the same signer");
        if let Some(pages) = pages(own, &clinic) {
            Served { address: clinic.address, live: clinic.live } = serve(&application, &signer, Some(pages)).await;
        }
        clinic
    }

    fn enter(&mut self, signer: &Signer, handle: &'static str, id: &str) {
        self.ids.insert(handle, id.to_owned());
        self.sign_in(signer, handle, 0);
    }

    /// Begins another session of somebody, which has refused tries of its own.
    pub fn sign_in_again(&self, handle: &'static str, session: u8) {
        let signer = Signer::open_or_create(&self.directory.path().join("token.key")).expect("the same signer");
        self.sign_in(&signer, handle, session);
    }

    fn sign_in(&self, signer: &Signer, handle: &'static str, session: u8) {
        let jti = Uuid::new_v5(&Uuid::from_u128(session.into()), handle.as_bytes());
        let token = signer.mint(uuid_of(self.id(handle)), now(), jti, TimeDelta::hours(1)).expect("a token");
        self.tokens.lock().expect("no test has failed").insert(handle, token);
    }

    async fn build(&mut self, signer: &Signer, practice: &str) {
        let input = json!({ "clientMutationId": "centre", "name": "Centre" });
        let centre = self.by("admin").done("createOrganization", None, input, "organization { id }").await;
        let centre = centre["organization"]["id"].as_str().expect("may be read").to_owned();
        for (handle, organization, role) in [
            ("pcp", practice, Some("PHYSICIAN")),
            ("coordinator", practice, Some("COORDINATOR")),
            ("nurse", practice, Some("NURSE")),
            ("mira", practice, None),
            ("stranger", practice, None),
        ] {
            self.register(signer, NewPerson { handle, organization, role }).await;
        }
        // The person who creates an organization grants the administrator's role to somebody.
        let role = json!({ "clientMutationId": "run", "organizationId": centre, "role": "ADMINISTRATOR" });
        self.by("admin")
            .done("grantRole", Some(Target { argument: "personId", id: self.id("admin") }), role, "personId")
            .await;
        let specialist = NewPerson { handle: "specialist", organization: &centre, role: Some("PHYSICIAN") };
        self.register(signer, specialist).await;
        let coordinator = NewPerson { handle: "centre_coordinator", organization: &centre, role: Some("COORDINATOR") };
        self.register(signer, coordinator).await;
        let hours = json!([{ "opens": 540, "closes": 1020 }]);
        let calendar = json!({
            "clientMutationId": "calendar", "zone": "Europe/Berlin", "holidays": ["2026-12-25"],
            "week": { "monday": hours, "tuesday": hours, "wednesday": hours, "thursday": hours, "friday": hours },
            "answerMinutes": { "routine": 2400, "urgent": 480 },
        });
        let at_centre = Some(Target { argument: "organizationId", id: centre.as_str() });
        self.by("admin").done("setCalendar", at_centre, calendar, "organization { name }").await;
        let pool = json!({ "clientMutationId": "pool", "name": "Cardiology", "specialty": "cardiology" });
        let opened = self.by("admin").done("openPool", at_centre, pool, "pool { id name }").await;
        self.pool = opened["pool"]["id"].as_str().expect("may be read").to_owned();
        let member = json!({ "clientMutationId": "member", "poolId": self.pool, "personId": self.id("specialist") });
        self.by("admin").done("addPoolMember", at_centre, member, "pool { id }").await;

        let patient = json!({
            "clientMutationId": "mira", "organizationId": practice, "personId": self.id("mira"),
            "name": "Mira Patient", "birthDate": "1958-03-04",
        });
        let registered =
            self.by("coordinator").done("registerPatient", None, patient, "patient { id name { text } }").await;
        assert_eq!(registered["patient"]["name"]["text"], "Mira Patient");
        self.patient = registered["patient"]["id"].as_str().expect("an id").to_owned();
        let of = Some(Target { argument: "patientId", id: self.patient.as_str() });
        let accept = json!({ "clientMutationId": "own" });
        self.by("mira").done("acceptPatientLink", of, accept, "patient { name { text } }").await;
        for (handle, role) in [("pcp", "PHYSICIAN"), ("nurse", "NURSE")] {
            let member = json!({
                "clientMutationId": handle, "personId": self.id(handle), "role": role, "organizationId": practice,
            });
            let of = Some(Target { argument: "patientId", id: self.patient.as_str() });
            let select = "patient { careTeam { members { role person { name { text } } organization { name } } } }";
            self.by("coordinator").done("addCareTeamMember", of, member, select).await;
        }
    }

    async fn register(&mut self, signer: &Signer, new: NewPerson<'_>) {
        let NewPerson { handle, organization, role } = new;
        let input = json!({ "clientMutationId": handle, "organizationId": organization, "name": handle, "role": role });
        let registered = self.by("admin").done("registerPerson", None, input, "personId").await;
        self.enter(signer, handle, registered["personId"].as_str().expect("an id"));
    }

    pub fn id(&self, handle: &str) -> &str {
        &self.ids[handle]
    }

    /// The credential of somebody, as the value of its header.
    pub fn credential(&self, who: &str) -> String {
        format!("Bearer {}", self.tokens.lock().expect("no test has failed")[who])
    }

    /// Posts a document as somebody, with further header lines.
    pub async fn post(&self, who: &str, body: &Value, headers: &[&str]) -> Answer {
        let authorization = format!("authorization: {}", self.credential(who));
        let headers = [&[JSON, GRAPHQL, &authorization], headers].concat();
        request(self.address, "POST /graphql", &headers, &body.to_string()).await
    }

    /// The data of a query that has no error.
    pub async fn ask(&self, who: &str, query: &str) -> Value {
        let answer = self.post(who, &json!({ "query": query }), &[]).await;
        let body = answer.json();
        assert!(body.get("errors").is_none(), "{answer:?}");
        body["data"].clone()
    }

    /// The mutations of a person.
    pub fn by(&self, handle: &'static str) -> Caller<'_> {
        Caller { clinic: self, handle }
    }

    pub fn question(&self, key: &str) -> Value {
        json!({
            "clientMutationId": key, "patientId": self.patient, "poolId": self.pool, "topic": "CLINICAL_ADVICE",
            "subject": "Palpitations", "question": "Is a Holter needed?", "urgency": "ROUTINE", "mayConvert": false,
            "consent": { "given": { "method": "VERBAL", "at": "2026-11-23T08:00:00Z" } },
        })
    }

    /// A consultation that the physician asked for: its id and version.
    pub async fn asked(&self, key: &str) -> (String, String) {
        let select = "consultation { id version }";
        let asked = self.by("pcp").done("requestConsultation", None, self.question(key), select).await;
        let text = |name: &str| asked["consultation"][name].as_str().expect("is shown").to_owned();
        (text("id"), text("version"))
    }
}

impl Caller<'_> {
    /// Sends a mutation and returns its payload.
    pub async fn act(&self, mutation: &str, target: Option<Target<'_>>, input: Value, select: &str) -> Value {
        let ty = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let target = target.map_or(String::new(), |Target { argument, id }| format!("{argument}: {}, ", json!(id)));
        let document = format!(
            "mutation($input: {ty}!) {{ {mutation}({target}input: $input) {{ clientMutationId position replayed
                problems {{ __typename code message path ... on ConflictProblem {{ currentVersion }}
                    ... on StateProblem {{ state awaited possible }} ... on NotPermittedProblem {{ command permittedTo {{ standing roles }} }} }} {select} }} }}"
        );
        let body = json!({ "query": document, "variables": { "input": input } });
        let answer = self.clinic.post(self.handle, &body, &[]).await;
        let body = answer.json();
        assert!(body.get("errors").is_none(), "{mutation}: {answer:?}");
        body["data"][mutation].clone()
    }

    /// Sends a mutation that must have no problem, and returns its payload.
    pub async fn done(&self, mutation: &str, target: Option<Target<'_>>, input: Value, select: &str) -> Value {
        let payload = self.act(mutation, target, input, select).await;
        assert_eq!(payload["problems"], json!([]), "{mutation}");
        assert!(payload["position"].is_string(), "{mutation}");
        payload
    }
}
