//! `/live`, the one stream of a page: it tells the script that something changed, and never what. The page reads again
//! under the policy of that moment.
//!
//! The stream merges the subscriptions that concern the page. Each has its own order, so one position could not say how
//! far all of them are told. The id of an event has one position for each subscription, and each goes on from its own:
//! after a reconnect nothing is lost and nothing is told twice.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use care::ids::Id;
use futures_util::Stream;
use futures_util::stream::{self, BoxStream, SelectAll, StreamExt, select_all, unfold};
use poem::Request;
use poem::http::{Method, StatusCode};
use serde::Serialize;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::client::{Caller, subscribe};
use super::forms::Fields;
use super::queries::{InboxEvents, ThreadEvents, WorklistEvents, inbox_events, thread_events, worklist_events};
use super::session::{Session, SessionEnd, has_cookie, is_from_own_page};
use super::site::Site;
use crate::event_stream::ServerSent;
use crate::fault::{ErrorCode, Refused};
use crate::graphql::scalars::Position;
use crate::graphql::subscription::NoticeTopic;
use crate::live::StreamPlace;
use crate::response::Response;
use crate::router::Handler;
use crate::trace::TraceId;

/// Handles `/live`.
pub(crate) struct PageEvents(pub Arc<Site>);

/// How often the page is told that the stream is open, whatever happens. A browser shows no comment to a script.
const BEAT: Duration = Duration::from_secs(10);

/// What a page follows, in the order of the positions in an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Inbox,
    Worklist,
    Thread,
}

impl Which {
    const fn word(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Worklist => "worklist",
            Self::Thread => "thread",
        }
    }
}

/// How far each subscription was told.
#[derive(Debug, Clone, Default)]
struct Told {
    inbox: Option<Position>,
    worklist: Option<Position>,
    thread: Option<Position>,
}

impl Told {
    /// The positions of an id, or the one position at which a page was read. None if one of them is of another epoch or
    /// of another installation: then it is unknown what was told.
    fn of(text: &str, known: impl Fn(&str) -> bool) -> Option<Self> {
        let parts: Vec<&str> = text.split('.').collect();
        let [inbox, worklist, thread] = match *parts.as_slice() {
            [one] => [one; 3],
            [inbox, worklist] => [inbox, worklist, worklist],
            [inbox, worklist, thread] => [inbox, worklist, thread],
            _ => return None,
        };
        let all_known = [inbox, worklist, thread].into_iter().all(known);
        let kept = |part| Some(Position::of_page(part));
        all_known.then(|| Self { inbox: kept(inbox), worklist: kept(worklist), thread: kept(thread) })
    }

    fn slot(&mut self, which: Which) -> &mut Option<Position> {
        match which {
            Which::Inbox => &mut self.inbox,
            Which::Worklist => &mut self.worklist,
            Which::Thread => &mut self.thread,
        }
    }

    /// The id of an event; none while a subscription that began now has told nothing.
    fn id(&self, has_thread: bool) -> Option<String> {
        let (inbox, worklist) = (self.inbox.as_ref()?.as_str(), self.worklist.as_ref()?.as_str());
        match &self.thread {
            _ if !has_thread => Some(format!("{inbox}.{worklist}")),
            Some(thread) => Some(format!("{inbox}.{worklist}.{}", thread.as_str())),
            None => None,
        }
    }
}

/// What comes of a subscription.
enum Came {
    Notice(Which, Notice),
    /// More may have happened than can be listed, because it is unknown how far the page was told.
    Missed(Which),
    /// It ended.
    End(Which),
    /// It failed. The browser connects again and goes on after what was told.
    Failed(Refused),
}

/// A notice of any subscription.
struct Notice {
    position: Position,
    topic: NoticeTopic,
    is_own: bool,
}

/// Why the stream of a page ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    SignedOut,
    Expired,
    /// The thread ended for this person.
    Thread,
    /// The server stops. The page connects again.
    Stopping,
    /// There are too many streams.
    Full,
}

impl End {
    const fn word(self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::Expired => "expired",
            Self::Thread => "thread",
            Self::Stopping => "stopping",
            Self::Full => "full",
        }
    }

    fn event(self) -> ServerSent {
        ServerSent { event: "ended", id: None, data: self.word().to_owned() }
    }
}

impl From<SessionEnd> for End {
    fn from(end: SessionEnd) -> Self {
        match end {
            SessionEnd::SignedOut => Self::SignedOut,
            SessionEnd::Expired => Self::Expired,
        }
    }
}

/// What an event says of a notice.
#[derive(Serialize)]
struct Data {
    topic: NoticeTopic,
    own: bool,
}

fn event(which: Which, topic: NoticeTopic, own: bool, id: Option<String>) -> ServerSent {
    // Two words; no value of these types fails.
    let data = serde_json::to_string(&Data { topic, own }).unwrap_or_default();
    ServerSent { event: which.word(), id, data }
}

/// The open stream of a page.
struct Open {
    site: Arc<Site>,
    session: Session,
    came: SelectAll<BoxStream<'static, Came>>,
    told: Told,
    has_thread: bool,
    beat: Interval,
    stopped: Pin<Box<WaitForCancellationFutureOwned>>,
    trace: TraceId,
    _place: StreamPlace,
}

/// What comes next, and whether it is the last.
enum Next {
    Event(ServerSent),
    Last(End),
    Broken,
}

impl Open {
    async fn next(&mut self) -> Next {
        tokio::select! {
            biased;
            () = &mut self.stopped => Next::Last(End::Stopping),
            end = self.site.sessions.ended(&self.session, &self.site.clock) => Next::Last(end.into()),
            _ = self.beat.tick() => Next::Event(ServerSent { event: "beat", id: None, data: String::new() }),
            came = self.came.next() => match came {
                Some(Came::Notice(which, Notice { position, topic, is_own })) => {
                    *self.told.slot(which) = Some(position);
                    Next::Event(event(which, topic, is_own, self.told.id(self.has_thread)))
                }
                Some(Came::Missed(which)) => Next::Event(event(which, NoticeTopic::Missed, false, None)),
                Some(Came::End(Which::Thread)) => Next::Last(End::Thread),
                Some(Came::End(Which::Inbox | Which::Worklist)) | None => Next::Broken,
                Some(Came::Failed(refused)) => {
                    if refused.code() != ErrorCode::SlowConsumer {
                        tracing::warn!(error_id = %self.trace, %refused, "the stream of a page failed");
                    }
                    Next::Broken
                }
            },
        }
    }

    /// Its events, to the end.
    fn events(self) -> impl Stream<Item = ServerSent> + Send + 'static {
        unfold(Some(self), |open| async move {
            let mut open = open?;
            match open.next().await {
                Next::Event(event) => Some((event, Some(open))),
                Next::Last(end) => Some((end.event(), None)),
                Next::Broken => None,
            }
        })
    }
}

/// The notices of one subscription, and its end.
fn came<T: Send + 'static>(
    which: Which,
    notices: BoxStream<'static, Result<T, Refused>>,
    of: impl Fn(T) -> Notice + Send + 'static,
) -> BoxStream<'static, Came> {
    let notices = notices.map(move |notice| match notice {
        Ok(notice) => Came::Notice(which, of(notice)),
        Err(refused) => Came::Failed(refused),
    });
    notices.chain(stream::once(std::future::ready(Came::End(which)))).boxed()
}

/// Why a stream does not begin.
enum NotOpen {
    /// It ends at once.
    End(End),
    Refused(Refused),
}

impl From<Refused> for NotOpen {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl PageEvents {
    async fn open(&self, request: &Request) -> Result<Open, NotOpen> {
        let (site, headers, now) = (&self.0, request.headers(), (self.0.clock)());
        let query = Fields::parse(request.uri().query().unwrap_or_default().as_bytes());
        let nobody = || NotOpen::End(if has_cookie(headers) { End::Expired } else { End::SignedOut });
        let session = site.sessions.peek(headers, now).ok_or_else(nobody)?;
        // A page that was read by somebody else is not told what concerns the one who signed in after them.
        if query.filled("person").is_some_and(|person| person != session.me.id) {
            return Err(NotOpen::End(End::SignedOut));
        }
        let identity = site.verify(&session.token, now).ok_or(NotOpen::End(End::Expired))?;
        let person = identity.person().ok_or(NotOpen::End(End::SignedOut))?;
        let place = site.live.place(person.uuid()).map_err(|_| match site.live.is_accepting() {
            true => NotOpen::End(End::Full),
            false => NotOpen::End(End::Stopping),
        })?;
        let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).filter(|id| !id.is_empty());
        let after = last.or_else(|| query.filled("after"));
        let given = after.map(|text| Told::of(text, |token| site.operations.session().place(token).is_some()));
        let is_unknown = matches!(given, Some(None));
        let told = given.flatten().unwrap_or_default();
        let thread = query.filled("thread").map(str::to_owned);
        let trace = TraceId::of(request);
        let address = request.remote_addr().as_socket_addr().map(SocketAddr::ip);
        let caller = Caller { identity, headers, address, trace, position: None };
        let after = told.inbox.clone();
        let inbox = subscribe::<InboxEvents>(&site.operations, &caller, inbox_events::Variables { after });
        let inbox = came(Which::Inbox, inbox.await?, |data: inbox_events::ResponseData| {
            let inbox_events::InboxEventsInboxEvents { position, topic, is_own, .. } = data.inbox_events;
            Notice { position, topic, is_own }
        });
        let after = told.worklist.clone();
        let worklist = subscribe::<WorklistEvents>(&site.operations, &caller, worklist_events::Variables { after });
        let worklist = came(Which::Worklist, worklist.await?, |data: worklist_events::ResponseData| {
            let worklist_events::WorklistEventsWorklistEvents { position, topic, is_own, .. } = data.worklist_events;
            Notice { position, topic, is_own }
        });
        let mut all = vec![inbox, worklist];
        let has_thread = thread.is_some();
        if let Some(id) = thread {
            let variables = thread_events::Variables { id, after: told.thread.clone() };
            let thread = subscribe::<ThreadEvents>(&site.operations, &caller, variables).await?;
            all.push(came(Which::Thread, thread, |data: thread_events::ResponseData| {
                let thread_events::ThreadEventsThreadEvents { position, topic, is_own } = data.thread_events;
                Notice { position, topic, is_own }
            }));
        }
        if is_unknown {
            let followed = [Which::Inbox, Which::Worklist, Which::Thread];
            let followed = followed.into_iter().filter(|which| has_thread || *which != Which::Thread);
            all.push(stream::iter(followed.map(Came::Missed).collect::<Vec<_>>()).boxed());
        }
        let mut beat = interval_at(Instant::now(), BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Open {
            site: Arc::clone(site),
            session,
            came: select_all(all),
            told,
            has_thread,
            beat,
            stopped: Box::pin(site.live.stopped()),
            trace,
            _place: place,
        })
    }
}

impl Handler for PageEvents {
    async fn respond(&self, request: Request) -> Response {
        if *request.method() != Method::GET {
            return Response::only("GET");
        }
        if !is_from_own_page(request.headers()) {
            return Response::status(StatusCode::FORBIDDEN);
        }
        match self.open(&request).await {
            Ok(open) => Response::events(open.events()),
            Err(NotOpen::End(end)) => Response::events(stream::once(std::future::ready(end.event()))),
            Err(NotOpen::Refused(refused)) => {
                tracing::warn!(error_id = %TraceId::of(&request), %refused, "the stream of a page could not begin");
                Response::status(refused.code().status())
            }
        }
    }
}
