//! The context of a signed-in GraphQL request: its identity and its readers.
//!
//! A query reads through one reader, which has one snapshot. Each mutation of a document opens a reader of
//! its own after its command, so that its payload includes the effect of the command. The answer is
//! [`Recorded`]: the access record of every reader is durable before the answer leaves.

use std::sync::{Arc, Mutex, MutexGuard};

use async_graphql::parser::types::OperationType;
use async_graphql::{Context, Data, Response, Value, value};
use chrono::{DateTime, Utc};
use coordination::answer::{AnswerContext, Reads, Recorded};
use coordination::application::Application;
use coordination::fault::Fault;
use coordination::reader::Reader;
use coordination::{GivenPosition, Origin, Position};
use poem::http::{HeaderMap, header};
use policy::identity::Identity;
use uuid::Uuid;

use crate::fault::{ErrorCode, Refused};
use crate::lock::locked;
use crate::operations::{Admitted, Call, Session};
use crate::sign_in::{Verifier, bearer};

/// Gives the current time.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The session of the endpoint: answers the requests of signed-in persons.
pub struct SignedIn {
    application: Arc<Application>,
    verifier: Verifier,
    clock: Clock,
}

/// The header with the position that the answer must include.
const READ_AFTER: &str = "x-read-after";

impl SignedIn {
    /// A session for this application and the persons whose tokens `verifier` accepts.
    pub const fn new(application: Arc<Application>, verifier: Verifier, clock: Clock) -> Self {
        Self { application, verifier, clock }
    }

    /// The place in the log that a position of an answer stands for; none if it is of another epoch.
    pub(crate) fn place(&self, token: &str) -> Option<Position> {
        match self.application.read_position(token) {
            GivenPosition::Known(position) => Some(position),
            GivenPosition::OtherEpoch | GivenPosition::Unknown => None,
        }
    }

    fn read_after(&self, headers: &HeaderMap) -> Result<Option<Position>, Refused> {
        let mut given = headers.get_all(READ_AFTER).iter();
        let Some(token) = given.next() else { return Ok(None) };
        let wrong = Refused::new(ErrorCode::BadUserInput, "x-read-after is not one position of this installation");
        let (Ok(token), None) = (token.to_str(), given.next()) else { return Err(wrong) };
        if token.is_empty() {
            return Ok(None);
        }
        match self.application.read_position(token) {
            GivenPosition::Known(position) => Ok(Some(position)),
            GivenPosition::OtherEpoch => Err(Refused::new(
                ErrorCode::PositionExpired,
                "x-read-after is from before a restore of this installation; drop it and repeat the request",
            )),
            GivenPosition::Unknown => Err(wrong),
        }
    }
}

/// The context of one request, for its resolvers.
pub struct RequestContext {
    /// The application.
    pub(crate) application: Arc<Application>,
    /// The signed-in person.
    pub(crate) identity: Identity,
    /// The time of the request.
    pub(crate) now: DateTime<Utc>,
    /// Where it came from.
    pub(crate) origin: Origin,
    /// Random bits of this request, so that two tokens of the same position differ.
    salt: Uuid,
    reads: Reads,
    positions: Mutex<Positions>,
}

/// The context of a subscription, for its resolver.
pub struct SubscriptionContext {
    /// The application.
    pub(crate) application: Arc<Application>,
    /// The time of each notice.
    pub(crate) clock: Clock,
    /// The signed-in person.
    pub(crate) identity: Identity,
    /// Where the subscription came from.
    pub(crate) origin: Origin,
    /// Random bits, so that two tokens of the same position differ.
    pub(crate) salt: Uuid,
}

/// The positions that a request wants and has.
struct Positions {
    /// The highest position that the answer should include: that of the client or of a command of this request.
    wanted: Option<Position>,
    /// The highest position of a reader; `None` before the first reader was opened.
    have: Option<Option<Position>>,
}

impl RequestContext {
    /// The context of the request that a resolver belongs to.
    pub(crate) fn of<'a>(context: &Context<'a>) -> async_graphql::Result<&'a Arc<Self>> {
        context.data::<Arc<Self>>()
    }

    /// A reader with a snapshot that includes `position` and all positions that this request wanted before.
    pub(crate) async fn reader(&self, position: Option<Position>) -> Result<Arc<Reader>, Fault> {
        let wanted = {
            let mut positions = self.positions();
            positions.wanted = positions.wanted.max(position);
            positions.wanted
        };
        let reader = self.reads.reader(wanted).await?;
        let mut positions = self.positions();
        positions.have = positions.have.max(Some(reader.position()));
        Ok(reader)
    }

    /// The encrypted token of a position.
    pub(crate) fn token(&self, position: Option<Position>) -> Result<coordination::PositionToken, Fault> {
        self.application.position_token(position, self.salt)
    }

    fn positions(&self) -> MutexGuard<'_, Positions> {
        locked(&self.positions)
    }

    /// Adds to the response the position that it includes, and `stale` if that is before the wanted one.
    fn add_positions(&self, response: &mut Response) -> Result<(), Fault> {
        let (wanted, opened) = {
            let positions = self.positions();
            (positions.wanted, positions.have)
        };
        let have = opened.flatten();
        let token = |position| Ok::<_, Fault>(Value::String(self.token(position)?.0));
        response.extensions.insert("position".to_owned(), token(have.max(wanted))?);
        if opened.is_some() && have < wanted {
            let stale = value!({ "have": (token(have)?), "want": (token(wanted)?) });
            response.extensions.insert("stale".to_owned(), stale);
        }
        Ok(())
    }
}

/// Where a call came from.
fn origin_of(call: &Call<'_>, request: Uuid) -> Origin {
    let client = call.headers.get(header::USER_AGENT).and_then(|client| client.to_str().ok());
    Origin::of(call.channel).with_request(request).with_caller(call.address, client)
}

impl Session for SignedIn {
    type Caller = Identity;

    async fn authenticate(&self, headers: &HeaderMap) -> Result<Admitted<Identity>, Refused> {
        let now = (self.clock)();
        let verified = bearer(headers).and_then(|token| self.verifier.verify(token, now));
        match verified {
            Ok(claims) => {
                let time_left = claims.expires.signed_duration_since(now).to_std().unwrap_or_default();
                Ok(Admitted { caller: claims.identity(), person: claims.subject, time_left })
            }
            Err(problem) => {
                tracing::debug!(%problem, "a credential was refused");
                Err(Refused::new(ErrorCode::Unauthenticated, "sign in: send `authorization: Bearer` and a token"))
            }
        }
    }

    async fn answer<F>(
        &self,
        identity: Identity,
        call: &Call<'_>,
        run: impl FnOnce(Data) -> F + Send,
    ) -> Result<Recorded<Response>, Refused>
    where
        F: Future<Output = Response> + Send,
    {
        let now = self.application.instant((self.clock)());
        let salt = Uuid::from_bytes(call.trace.bytes());
        let positions = Positions { wanted: self.read_after(call.headers)?, have: None };
        let origin = origin_of(call, salt);
        let (kind, origin_of_commands) = (call.kind, origin.clone());
        let limits = call.deadline.limits();
        let read = |reads: Reads| async move {
            let reads = reads.within(limits);
            let application = Arc::clone(&self.application);
            let (origin, positions) = (origin_of_commands, Mutex::new(positions));
            let request_context =
                Arc::new(RequestContext { application, identity, now, origin, salt, reads, positions });
            let mut data = Data::default();
            if kind == OperationType::Query {
                data.insert(request_context.reader(None).await?);
            }
            data.insert(Arc::clone(&request_context));
            let mut response = run(data).await;
            request_context.add_positions(&mut response)?;
            Ok(response)
        };
        self.application.answer(AnswerContext { identity, now, origin }, read).await?.transpose()
    }

    fn subscription(&self, identity: Identity, call: &Call<'_>) -> Result<Data, Refused> {
        let salt = Uuid::from_bytes(call.trace.bytes());
        let origin = origin_of(call, salt);
        let (application, clock) = (Arc::clone(&self.application), Arc::clone(&self.clock));
        let mut data = Data::default();
        data.insert(SubscriptionContext { application, clock, identity, origin, salt });
        Ok(data)
    }
}
