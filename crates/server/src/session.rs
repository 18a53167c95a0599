//! A signed-in request over GraphQL: who asks, the readers it reads through, and its end.
//!
//! A query reads through one reader, at one moment. Each mutation of a document opens one of its
//! own after its command is done, so that what it shows includes what it did. Before the answer
//! leaves, what every reader showed is on record.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::parser::types::OperationType;
use async_graphql::{Context, Data, Response, Value, value};
use chrono::{DateTime, Utc};
use coordination::Position;
use coordination::application::Application;
use coordination::fault::Fault;
use coordination::reader::Reader;
use poem::http::HeaderMap;
use policy::identity::Identity;
use uuid::Uuid;

use crate::fault::{ErrorCode, Refused};
use crate::sign_in::{Verifier, bearer};
use crate::transport::{Call, Session};

/// The clock of the program.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The session of the endpoint: opens and ends requests of signed-in persons.
pub struct SignedIn {
    application: Arc<Application>,
    verifier: Verifier,
    clock: Clock,
}

/// Where a client says how far it has read.
const READ_AFTER: &str = "x-read-after";

impl SignedIn {
    /// Requests to this application, of the persons whom `verifier` accepts.
    pub const fn new(application: Arc<Application>, verifier: Verifier, clock: Clock) -> Self {
        Self { application, verifier, clock }
    }

    fn read_after(&self, headers: &HeaderMap) -> Result<Option<Position>, Refused> {
        let mut given = headers.get_all(READ_AFTER).iter();
        let Some(token) = given.next() else { return Ok(None) };
        let position = token.to_str().ok().and_then(|token| self.application.read_position(token));
        // A token of a log before its restore is none of this one's.
        position.filter(|_| given.next().is_none()).map(Some).ok_or_else(|| {
            Refused::new(ErrorCode::BadUserInput, "x-read-after is not one position of this installation")
        })
    }
}

/// A request under way: what its resolvers need beside a reader.
pub struct RequestContext {
    /// The application.
    pub(crate) application: Arc<Application>,
    /// Who asks.
    pub(crate) identity: Identity,
    /// When.
    pub(crate) now: DateTime<Utc>,
    /// Random bits of this request, by which tokens of one place differ.
    salt: Uuid,
    book: Mutex<Book>,
}

/// What a request has done so far.
struct Book {
    readers: Vec<Arc<Reader>>,
    /// The furthest position that the answer should include: the client's, or of an own command.
    wanted: Option<Position>,
}

impl RequestContext {
    /// The request that a resolver runs in.
    pub(crate) fn of<'a>(context: &Context<'a>) -> async_graphql::Result<&'a Arc<Self>> {
        context.data::<Arc<Self>>()
    }

    /// A reader at a moment that includes `position`, and what this request did and asked for before.
    pub(crate) async fn reader(&self, position: Option<Position>) -> Result<Arc<Reader>, Fault> {
        let wanted = {
            let mut book = self.book();
            book.wanted = book.wanted.max(position);
            book.wanted
        };
        let reader = Arc::new(self.application.reader(self.identity, wanted, self.now).await?);
        self.book().readers.push(Arc::clone(&reader));
        Ok(reader)
    }

    /// A position as it leaves the server.
    pub(crate) fn token(&self, position: Option<Position>) -> Result<coordination::PositionToken, Fault> {
        self.application.position_token(position, self.salt)
    }

    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        // A panic while it was held can only have lost a note of its own request.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session for SignedIn {
    type Caller = Identity;
    type Ticket = Arc<RequestContext>;

    async fn admit(&self, headers: &HeaderMap) -> Result<Identity, Refused> {
        let verified = bearer(headers).and_then(|token| self.verifier.verify(token, (self.clock)()));
        match verified {
            Ok(claims) => Ok(claims.identity()),
            Err(problem) => {
                tracing::debug!(%problem, "a credential was refused");
                Err(Refused::new(ErrorCode::Unauthenticated, "sign in"))
            }
        }
    }

    async fn begin(&self, identity: Identity, call: &Call<'_>) -> Result<(Arc<RequestContext>, Data), Refused> {
        let request_context = Arc::new(RequestContext {
            application: Arc::clone(&self.application),
            identity,
            now: (self.clock)(),
            salt: Uuid::from_bytes(call.trace.bytes()),
            book: Mutex::new(Book { readers: Vec::new(), wanted: self.read_after(call.headers)? }),
        });
        let mut data = Data::default();
        if call.kind == OperationType::Query {
            data.insert(request_context.reader(None).await?);
        }
        data.insert(Arc::clone(&request_context));
        Ok((request_context, data))
    }

    async fn finish(&self, request_context: Arc<RequestContext>, response: &mut Response) -> Result<(), Refused> {
        let (readers, wanted) = {
            let mut book = request_context.book();
            (std::mem::take(&mut book.readers), book.wanted)
        };
        for reader in &readers {
            reader.finish().await?;
        }
        let have = readers.iter().filter_map(|reader| reader.position()).max();
        let token = |position| Ok::<_, Fault>(Value::String(request_context.token(position)?.0));
        response.extensions.insert("position".to_owned(), token(have.max(wanted))?);
        if !readers.is_empty() && have < wanted {
            let stale = value!({ "have": (token(have)?), "want": (token(wanted)?) });
            response.extensions.insert("stale".to_owned(), stale);
        }
        Ok(())
    }
}
