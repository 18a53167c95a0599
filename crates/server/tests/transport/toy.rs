//! A minimal schema and session with every failure that the transport must handle.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_graphql::{
    Context, Data, InputObject, Object, Response, Schema, SimpleObject, Subscription as Subscriptions, Value,
};
use care::ids::{Id, PersonId, SessionId};
use care::time_zone::TimeZones;
use chrono::{DateTime, Utc};
use coordination::answer::{AnswerContext, AnswerLimits, Recorded};
use coordination::application::{Application, Start, Stores};
use coordination::fault::Fault;
use futures_util::stream::{self, Stream, StreamExt};
use journal::{Access, Namespace};
use poem::http::HeaderMap;
use policy::identity::Identity;
use server::documents::Documents;
use server::fault::{ErrorCode, Refused};
use server::health::Health;
use server::http::{HttpEndpoint, TraceId};
use server::live::{Live, LiveLimits};
use server::operations::{Admitted, Call, Operations, Session};
use server::quotas::COMMANDS_A_MINUTE_MAX;
use server::router::Router;
use server::sign_in::bearer;
use server::transport::GraphQl;
use server::websocket::SocketTimes;
use tempfile::TempDir;
use uuid::Uuid;
use vault::{KeyEncryptionKey, KeyStoreUrl, Vault};

pub const TOKEN: &str = "let-me-in";
/// One that expires soon.
pub const SHORT_TOKEN: &str = "for-a-moment";
/// That of another person.
pub const OTHER_TOKEN: &str = "me-too";

/// Counters that the tests read.
#[derive(Default)]
pub struct Seen {
    pub mutations: AtomicUsize,
    pub finished: AtomicUsize,
    pub stuck: AtomicUsize,
}

#[derive(Clone)]
pub struct Caller(&'static str);

pub struct Toy {
    seen: Arc<Seen>,
    application: Arc<Application>,
    _directory: TempDir,
}

impl Toy {
    async fn open(seen: Arc<Seen>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let log = async |name| {
            let namespace = Namespace::parse(name).unwrap();
            journal::open("memory:", namespace, Access::Write, Arc::new(now)).await.unwrap()
        };
        let kek = KeyEncryptionKey::generate().unwrap();
        let vault = Vault::open_at(&KeyStoreUrl::Memory, &kek, vault::Access::Writer).unwrap();
        let stores = Stores {
            care: log("care").await,
            access: log("access").await,
            vault: Arc::new(vault),
            read_models: directory.path().to_owned(),
        };
        let application = Application::open(
            stores,
            Start { node: Uuid::from_u128(1), now: now(), accept_clock: false, time_zones: TimeZones::bundled() },
        )
        .await
        .unwrap();
        Self { seen, application, _directory: directory }
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

impl Session for Toy {
    type Caller = Caller;

    async fn authenticate(&self, headers: &HeaderMap) -> Result<Admitted<Caller>, Refused> {
        let (name, person, time_left) = match bearer(headers) {
            Ok(TOKEN) => ("ada", 1, 3_600_000),
            Ok(SHORT_TOKEN) => ("ada", 1, 300),
            Ok(OTHER_TOKEN) => ("ben", 2, 3_600_000),
            _ => return Err(Refused::new(ErrorCode::Unauthenticated, "sign in")),
        };
        let (person, time_left) = (Uuid::from_u128(person), Duration::from_millis(time_left));
        Ok(Admitted { caller: Caller(name), person, time_left })
    }

    async fn answer<F>(
        &self,
        caller: Caller,
        call: &Call<'_>,
        run: impl FnOnce(Data) -> F + Send,
    ) -> Result<Recorded<Response>, Refused>
    where
        F: Future<Output = Response> + Send,
    {
        if call.headers.contains_key("x-behind") {
            return Err(Refused::new(ErrorCode::Unavailable, "the read model is not there yet"));
        }
        let mut data = Data::default();
        data.insert(caller);
        data.insert(call.deadline.limits());
        data.insert(Arc::clone(&self.seen));
        let (person, session) = (PersonId::from_uuid(Uuid::from_u128(1)), SessionId::from_uuid(Uuid::from_u128(2)));
        let context = AnswerContext {
            identity: Identity::signed_in(person, session),
            now: now(),
            origin: coordination::Origin::of(care::words::Channel::GraphQl),
        };
        let cost = call.cost;
        let read = |_| async move {
            let mut response = run(data).await;
            self.seen.finished.fetch_add(1, Ordering::SeqCst);
            if response.data.to_string().contains("off the record") {
                return Err(Refused::new(ErrorCode::Internal, "the disk at /var/x is full"));
            }
            response.extensions.insert("position".to_owned(), Value::from(cost));
            Ok(response)
        };
        self.application.answer(context, read).await?.transpose()
    }

    fn subscription(&self, caller: Caller, _: &Call<'_>) -> Result<Data, Refused> {
        let mut data = Data::default();
        data.insert(caller);
        data.insert(Arc::clone(&self.seen));
        Ok(data)
    }
}

#[derive(SimpleObject)]
struct Leaf {
    name: String,
}

#[derive(InputObject)]
struct Note {
    text: String,
}

pub struct Query;

/// Counts down when the future that holds it is dropped.
struct Stuck(Arc<Seen>);

impl Drop for Stuck {
    fn drop(&mut self) {
        self.0.stuck.fetch_sub(1, Ordering::SeqCst);
    }
}

#[Object]
impl Query {
    async fn hello(&self) -> &'static str {
        "world"
    }

    /// Ready after the other fields of its selection set.
    async fn slow(&self) -> i32 {
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
        7
    }

    async fn caller(&self, context: &Context<'_>) -> async_graphql::Result<&'static str> {
        Ok(context.data::<Caller>()?.0)
    }

    async fn echo(&self, text: String) -> String {
        text
    }

    async fn people(&self, #[graphql(default = 20)] first: i32) -> Vec<Leaf> {
        (0..first).map(|number| Leaf { name: number.to_string() }).collect()
    }

    async fn me(&self) -> Query {
        Query
    }

    async fn maybe(&self) -> Option<Broken> {
        Some(Broken)
    }

    async fn panics(&self) -> i32 {
        "".parse().expect("as this test wants")
    }

    async fn hangs(&self, context: &Context<'_>) -> async_graphql::Result<i32> {
        let seen = context.data::<Arc<Seen>>()?;
        seen.stuck.fetch_add(1, Ordering::SeqCst);
        let _stuck = Stuck(Arc::clone(seen));
        std::future::pending().await
    }

    /// Reads rows, which take 100 ms each, for as long as the limits of the answer allow.
    async fn rows(&self, context: &Context<'_>, count: u64) -> Option<async_graphql::Result<u64>> {
        let read = async || {
            let limits = context.data::<AnswerLimits>()?;
            for row in 1..=count {
                tokio::time::advance(std::time::Duration::from_millis(100)).await;
                if (limits.is_over)() {
                    return Err(Fault::OverTime.into());
                }
                if row > 50 {
                    return Err(Fault::TooMuch { of: "rows", asked: count, max: 50 }.into());
                }
            }
            Ok(count)
        };
        Some(read().await)
    }

    async fn unrecordable(&self) -> &'static str {
        "off the record"
    }

    /// A nullable field: an error makes the field null and not its parent.
    async fn not_now(&self) -> Option<async_graphql::Result<i32>> {
        Some(Err(ErrorCode::Unavailable.raise("the read model is being rebuilt")))
    }
}

struct Broken;

#[Object]
impl Broken {
    async fn fine(&self) -> i32 {
        1
    }

    async fn required(&self) -> Result<i32, std::io::Error> {
        Err(std::io::Error::other("secret table people is locked"))
    }
}

pub struct Mutation;

#[Object]
impl Mutation {
    async fn act(&self, context: &Context<'_>) -> async_graphql::Result<usize> {
        Ok(context.data::<Arc<Seen>>()?.mutations.fetch_add(1, Ordering::SeqCst) + 1)
    }

    async fn write(&self, note: Note) -> String {
        note.text
    }
}

pub struct Subscription;

#[Subscriptions]
impl Subscription {
    /// Counts up to a number.
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }

    /// Says who the caller is, and nothing more.
    async fn silent(&self, context: &Context<'_>) -> async_graphql::Result<impl Stream<Item = &'static str>> {
        let seen = context.data::<Arc<Seen>>()?;
        seen.stuck.fetch_add(1, Ordering::SeqCst);
        let stuck = Stuck(Arc::clone(seen));
        let caller = context.data::<Caller>()?.0;
        Ok(stream::once(async move { caller }).chain(stream::pending().map(move |item| {
            let _stuck = &stuck;
            item
        })))
    }

    /// Never stops to speak.
    async fn endless(&self, context: &Context<'_>) -> async_graphql::Result<impl Stream<Item = String>> {
        let seen = context.data::<Arc<Seen>>()?;
        seen.stuck.fetch_add(1, Ordering::SeqCst);
        let stuck = Stuck(Arc::clone(seen));
        Ok(stream::repeat_with(move || {
            let _stuck = &stuck;
            "x".repeat(10_000)
        }))
    }

    /// Does not begin.
    async fn fails(&self) -> async_graphql::Result<stream::Pending<i32>> {
        Err(ErrorCode::BadUserInput.raise("no"))
    }

    /// Panics at its second notice, or at once.
    async fn panics(&self, at_once: bool) -> impl Stream<Item = i32> {
        stream::iter([1, 2]).map(move |number| {
            assert!(number == 1 && !at_once, "as this test wants");
            number
        })
    }

    /// Begins, and fails.
    async fn breaks(&self) -> impl Stream<Item = async_graphql::Result<i32>> {
        stream::iter([Ok(1), Err(std::io::Error::other("secret table people is locked").into())])
    }
}

pub async fn routes(seen: Arc<Seen>, ready: fn() -> bool) -> HttpEndpoint {
    live_routes(seen, ready, Live::new(LiveLimits::default()), SocketTimes::default()).await
}

pub async fn live_routes(seen: Arc<Seen>, ready: fn() -> bool, live: Arc<Live>, times: SocketTimes) -> HttpEndpoint {
    let documents = Documents::new(|| Schema::build(Query, Mutation, Subscription), &[]).unwrap();
    let health = Arc::new(Health::new(move || vec![("journal", true), ("read-models", ready())]));
    let operations = Arc::new(Operations::new(documents, Toy::open(seen).await, COMMANDS_A_MINUTE_MAX));
    let routes = Router::default()
        .at("/graphql", GraphQl::new(operations, live, times))
        .at("/health/live", Arc::clone(&health))
        .at("/health/ready", Arc::clone(&health))
        .at("/version", health);
    HttpEndpoint::new(routes, TraceId::random)
}
