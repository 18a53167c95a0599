//! A schema and a session as small as they can be and still go wrong in every
//! way the transport has to answer for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::{Context, Data, EmptySubscription, InputObject, Object, Response, Schema, SimpleObject, Value};
use poem::Route;
use poem::http::HeaderMap;
use server::documents::Documents;
use server::fault::{ErrorCode, Refused};
use server::health::Health;
use server::http::{HttpEndpoint, TraceId};
use server::sign_in::bearer;
use server::transport::{Call, GraphQl, Session};

pub const TOKEN: &str = "let-me-in";

/// What tests look at from outside.
#[derive(Default)]
pub struct Seen {
    pub mutations: AtomicUsize,
    pub finished: AtomicUsize,
    pub stuck: AtomicUsize,
}

pub struct Caller(&'static str);

pub struct Toy {
    pub seen: Arc<Seen>,
}

impl Session for Toy {
    type Caller = Caller;
    type Ticket = u64;

    async fn admit(&self, headers: &HeaderMap) -> Result<Caller, Refused> {
        match bearer(headers) {
            Ok(TOKEN) => Ok(Caller("ada")),
            _ => Err(Refused::new(ErrorCode::Unauthenticated, "sign in")),
        }
    }

    async fn begin(&self, caller: Caller, call: &Call<'_>) -> Result<(u64, Data), Refused> {
        if call.headers.contains_key("x-behind") {
            return Err(Refused::new(ErrorCode::Unavailable, "the view is not there yet"));
        }
        let mut data = Data::default();
        data.insert(caller);
        data.insert(Arc::clone(&self.seen));
        Ok((call.cost, data))
    }

    async fn finish(&self, ticket: u64, response: &mut Response) -> Result<(), Refused> {
        self.seen.finished.fetch_add(1, Ordering::SeqCst);
        if response.data.to_string().contains("off the record") {
            return Err(Refused::new(ErrorCode::Internal, "the disk at /var/x is full"));
        }
        response.extensions.insert("position".to_owned(), Value::from(ticket));
        Ok(())
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

    /// Ready only after its neighbours.
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

    async fn unrecordable(&self) -> &'static str {
        "off the record"
    }

    /// The result inside the option: its error makes this field null, and not
    /// its parent.
    async fn not_now(&self) -> Option<async_graphql::Result<i32>> {
        Some(Err(ErrorCode::Unavailable.raise("the view is being rebuilt")))
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

pub fn routes(seen: Arc<Seen>, ready: fn() -> bool) -> HttpEndpoint<Route> {
    let documents = Documents::new(|| Schema::build(Query, Mutation, EmptySubscription)).unwrap();
    let health = Arc::new(Health::new(move || vec![("journal", true), ("read-models", ready())]));
    let routes = Route::new()
        .at("/graphql", GraphQl::new(documents, Toy { seen }))
        .at("/health/live", Arc::clone(&health))
        .at("/health/ready", Arc::clone(&health))
        .at("/version", health);
    HttpEndpoint::new(routes, TraceId::random)
}
