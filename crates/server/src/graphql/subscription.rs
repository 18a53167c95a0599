//! The subscriptions: notices that something changed. A notice says what changed and a position, never content; the
//! client reads again, under the policy of that moment. `coordination::following` decides who is told.
//!
//! To add a subscription: 1. its [`Followed`](coordination::following::Followed) in `coordination`; 2. its notice and its field
//! here; 3. its document in `examples/queries`; 4. bless the schema.

use std::sync::Arc;

use async_graphql::{
    Context, Enum, Error, ErrorExtensions, ID, Result, SimpleObject, Subscription as Subscriptions, Value,
};
use coordination::GivenPosition;
use coordination::application::Application;
use coordination::fault::Fault;
use coordination::following::{Followed, Following, Notice, NoticeEnd, NoticeTopic as Topic};
use futures_util::stream::{BoxStream, StreamExt, unfold};
use uuid::Uuid;

use super::id::{decode_id, encode_id};
use super::scalars::Position;
use crate::fault::ErrorCode;
use crate::session::SubscriptionContext;

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NoticeTopic {
    /// A message was posted that you may read.
    Message,
    /// It is your turn.
    YourTurn,
    /// You were added or invited.
    Added,
    /// Who takes part has changed.
    Participants,
    /// Something else has changed, such as the state or the owner.
    Changed,
    /// You marked messages as read, or put the thread away.
    Marked,
    /// More may have happened since `after` than the server can list: read again.
    Missed,
}

impl From<Topic> for NoticeTopic {
    fn from(topic: Topic) -> Self {
        match topic {
            Topic::Message => Self::Message,
            Topic::YourTurn => Self::YourTurn,
            Topic::Added => Self::Added,
            Topic::Participants => Self::Participants,
            Topic::Changed => Self::Changed,
            Topic::Marked => Self::Marked,
        }
    }
}

/// Something changed in a thread.
#[derive(Debug, SimpleObject)]
pub struct ThreadNotice {
    /// Where it happened. Read again with this in `x-read-after`; subscribe again with this in `after`.
    position: Position,
    /// What changed.
    topic: NoticeTopic,
    /// Whether you did it yourself, here or elsewhere.
    is_own: bool,
}

/// Something changed in your inbox.
#[derive(Debug, SimpleObject)]
pub struct InboxNotice {
    /// Where it happened. Read again with this in `x-read-after`; subscribe again with this in `after`.
    position: Position,
    /// The thread. Null if it has left your inbox and you may not find it any more, and if the change is not of one thread.
    thread_id: Option<ID>,
    /// What changed.
    topic: NoticeTopic,
    /// Whether you did it yourself, here or elsewhere.
    is_own: bool,
}

/// Something changed in your worklists.
#[derive(Debug, SimpleObject)]
pub struct WorklistNotice {
    /// Where it happened. Read again with this in `x-read-after`; subscribe again with this in `after`.
    position: Position,
    /// The thread. Null if it has left your worklists and you may not find it any more, and if the change is not of one
    /// thread.
    thread_id: Option<ID>,
    /// What changed.
    topic: NoticeTopic,
    /// Whether you did it yourself, here or elsewhere.
    is_own: bool,
}

/// The root of the subscriptions.
#[derive(Debug, Default, Clone, Copy)]
pub struct Subscription;

/// The subscriptions: notices without content; read again when one comes. A subscription ends as soon as you may not know
/// of its thread any more, as if the thread had ended; one to a thread that does not exist, or that you may not know of,
/// ends at once.
#[Subscriptions]
impl Subscription {
    /// What changes in a thread. Without `after`, from now on; with it, what happened since that position first.
    async fn thread_events(
        &self,
        context: &Context<'_>,
        thread_id: ID,
        after: Option<Position>,
    ) -> Result<BoxStream<'static, Result<ThreadNotice>>> {
        let notice = |notice: Notice, position| ThreadNotice {
            position,
            topic: notice.topic.map_or(NoticeTopic::Missed, NoticeTopic::from),
            is_own: notice.is_own,
        };
        follow(context, Followed::Thread(decode_id(&thread_id)), after, notice).await
    }

    /// What changes in your inbox. Without `after`, from now on; with it, what happened since that position first.
    async fn inbox_events(
        &self,
        context: &Context<'_>,
        after: Option<Position>,
    ) -> Result<BoxStream<'static, Result<InboxNotice>>> {
        let notice = |notice: Notice, position| InboxNotice {
            position,
            thread_id: notice.thread.map(encode_id),
            topic: notice.topic.map_or(NoticeTopic::Missed, NoticeTopic::from),
            is_own: notice.is_own,
        };
        follow(context, Followed::Inbox, after, notice).await
    }

    /// What changes in your worklists. Without `after`, from now on; with it, what happened since that position first.
    async fn worklist_events(
        &self,
        context: &Context<'_>,
        after: Option<Position>,
    ) -> Result<BoxStream<'static, Result<WorklistNotice>>> {
        let notice = |notice: Notice, position| WorklistNotice {
            position,
            thread_id: notice.thread.map(encode_id),
            topic: notice.topic.map_or(NoticeTopic::Missed, NoticeTopic::from),
            is_own: notice.is_own,
        };
        follow(context, Followed::Worklists, after, notice).await
    }
}

async fn follow<N: Send + 'static>(
    context: &Context<'_>,
    followed: Followed,
    after: Option<Position>,
    written: impl Fn(Notice, Position) -> N + Copy + Send + 'static,
) -> Result<BoxStream<'static, Result<N>>> {
    let SubscriptionContext { application, clock, identity, origin, salt } = context.data::<SubscriptionContext>()?;
    let after = match after.map(|token| application.read_position(token.as_str())) {
        None => None,
        Some(GivenPosition::Known(position)) => Some(position),
        Some(GivenPosition::OtherEpoch) => {
            return Err(ErrorCode::PositionExpired
                .raise("`after` is from before a restore of this installation; read again, and subscribe without it"));
        }
        Some(GivenPosition::Unknown) => {
            return Err(ErrorCode::BadUserInput.raise("`after` is not a position of this installation"));
        }
    };
    let following = Following { followed, identity: *identity, after, origin: origin.clone() };
    // In boxes: the state of the beginning is not kept, and that of the notices is not kept twice.
    let notices = Box::new(Box::pin(application.follow(following, Arc::clone(clock))).await?);
    let tokens = Tokens { application: Arc::clone(application), salt: *salt };
    // After an error there is nothing more.
    let stream = unfold(Some((tokens, notices)), move |state| async move {
        let (tokens, mut notices) = state?;
        match notices.next().await {
            Ok(notice) => match tokens.of(notice.position) {
                Ok(position) => Some((Ok(written(notice, position)), Some((tokens, notices)))),
                Err(fault) => Some((Err(fault.into()), None)),
            },
            Err(NoticeEnd::Closed) => None,
            Err(NoticeEnd::TooSlow) => Some((Err(tokens.too_slow(notices.position())), None)),
            Err(NoticeEnd::Fault(fault)) => Some((Err(fault.into()), None)),
        }
    });
    Ok(stream.boxed())
}

/// Makes the tokens of positions.
struct Tokens {
    application: Arc<Application>,
    salt: Uuid,
}

impl Tokens {
    fn of(&self, position: coordination::Position) -> Result<Position, Fault> {
        Ok(self.application.position_token(Some(position), self.salt)?.into())
    }

    /// The error of a subscription whose notices were not taken in time. It names where to go on.
    fn too_slow(&self, position: Option<coordination::Position>) -> Error {
        let error = ErrorCode::SlowConsumer
            .raise("the notices were not taken in time; subscribe again with `extensions.position` as `after`");
        match position.map(|position| self.of(position)) {
            Some(Ok(position)) => error
                .extend_with(|_, extensions| extensions.set("position", Value::String(position.as_str().to_owned()))),
            Some(Err(fault)) => fault.into(),
            None => error,
        }
    }
}
