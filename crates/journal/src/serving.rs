//! One server at a time serves a log that several machines can reach.
//!
//! A log in files has a lock for this. A log in a database may be opened by many, and two servers with copies of one
//! directory would each make keys that the other does not have. So a server says in a stream of its own that it serves:
//! - At the start it asks whether another serves, and waits for [`ANSWER_TIME`]. If another answers, it is refused.
//!   If nobody does, it says that it begins. It asks nobody when the last one said that it ended.
//! - While it serves it reads this stream every [`LOOK_PAUSE`], and answers each server that asks.
//! - A server that could not answer, because it stood still or did not reach the log, finds that another has begun, and
//!   must end. Until it looks, for less than a second after it goes on, it may still append; the log stays whole then
//!   too, since each append says where its stream must be.
//!
//! The log's own order decides, so no clock is compared, and all backends do the same.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use thiserror::Error;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use crate::open::new_id;
use crate::{
    Append, AppendError, Direction, EventType, Expected, Fatal, Journal, NameProblem, NewEvent, OpenError, ReadError,
    Recorded, Revision, StreamName,
};

/// How often a server looks whether another asks.
const LOOK_PAUSE: Duration = Duration::from_millis(500);
/// How long a server that starts waits for an answer: several looks, and what the store needs for them.
const ANSWER_TIME: Duration = Duration::from_secs(3);
/// How often one that starts looks for an answer.
const ANSWER_PAUSE: Duration = Duration::from_millis(100);
/// Longest wait for one read or append of a look. What takes longer is repeated.
const LOOK_TIME_MAX: Duration = Duration::from_secs(5);
/// How often a start begins anew when others start at the same time.
const TRIES_MAX: u32 = 4;
const STREAM: &str = "serving-log";
const PAGE_MAX: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

/// What a server says in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Asked,
    Answered,
    Began,
    Ended,
}

impl Said {
    const ALL: [Self; 4] = [Self::Asked, Self::Answered, Self::Began, Self::Ended];

    const fn word(self) -> &'static str {
        match self {
            Self::Asked => "serving.asked",
            Self::Answered => "serving.answered",
            Self::Began => "serving.began",
            Self::Ended => "serving.ended",
        }
    }
}

/// Which server says it: a random id of its start.
#[derive(Deserialize)]
struct Server {
    server: Uuid,
}

/// Something that was said.
#[derive(Debug, Clone, Copy)]
struct Line {
    revision: Revision,
    said: Said,
    server: Uuid,
}

impl Line {
    fn read(event: &Recorded) -> Result<Self, ServingError> {
        let unreadable =
            || ReadError::from(Fatal::Corrupt { position: Some(event.position), detail: "who serves".into() });
        let said = Said::ALL.into_iter().find(|said| said.word() == event.event_type.as_str());
        let Server { server } = serde_json::from_slice(&event.data).map_err(|_| unreadable())?;
        Ok(Self { revision: event.revision, said: said.ok_or_else(unreadable)?, server })
    }

    /// Whether this says that a server other than `own` serves.
    fn is_of_another_that_serves(&self, own: Uuid) -> bool {
        self.server != own && matches!(self.said, Said::Answered | Said::Began)
    }
}

/// Why a server may not serve.
#[derive(Debug, Error)]
pub enum ServingError {
    /// Another one does.
    #[error("another server serves this log")]
    Another,
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The log cannot be appended to.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// There is no randomness for an id.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A name in this file is none.
    #[error(transparent)]
    Name(NameProblem),
}

/// A server that serves a log. Dropping it stops the answers, and says nothing in the log.
#[derive(Debug)]
pub struct Serving {
    /// `None` where a lock excludes others.
    shared: Option<Shared>,
}

#[derive(Debug)]
struct Shared {
    voice: Voice,
    superseded: watch::Receiver<bool>,
    answers: JoinHandle<()>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.answers.abort();
    }
}

impl Serving {
    /// Begins to serve, if no other server does.
    ///
    /// # Errors
    /// [`ServingError`]; nothing but the question was written.
    pub async fn begin(log: Arc<dyn Journal>) -> Result<Self, ServingError> {
        if log.directory().is_some() {
            return Ok(Self { shared: None });
        }
        let voice = Voice::new(log)?;
        let began = voice.begin().await?;
        let (says, superseded) = watch::channel(false);
        let answers = tokio::spawn(voice.clone().answer(began, says));
        Ok(Self { shared: Some(Shared { voice, superseded, answers }) })
    }

    /// Returns when another server has begun, because this one did not answer it.
    pub async fn superseded(&self) {
        if let Some(Shared { superseded, .. }) = &self.shared
            && superseded.clone().wait_for(|superseded| *superseded).await.is_ok()
        {
            return;
        }
        std::future::pending().await
    }

    /// Says that it serves no more, so that the next one need not ask. If that cannot be said, the next one asks.
    pub async fn end(self) {
        let Some(Shared { voice, superseded, answers }) = &self.shared else { return };
        answers.abort();
        if *superseded.borrow() {
            return;
        }
        let ending = async {
            let newest = voice.newest(PAGE_MAX).await?;
            // Another may have begun since the last look.
            let mut later = newest.iter().take_while(|line| line.server != voice.server);
            if later.any(|line| line.is_of_another_that_serves(voice.server)) {
                return Ok(None);
            }
            voice.say(Said::Ended, newest.first().map(|last| last.revision)).await
        };
        if !matches!(timeout(LOOK_TIME_MAX, ending).await, Ok(Ok(Some(_)))) {
            tracing::info!("the log was not told that this server ends; the next one asks whether it still serves");
        }
    }
}

/// A server that reads and writes the stream.
#[derive(Clone)]
struct Voice {
    log: Arc<dyn Journal>,
    stream: StreamName,
    server: Uuid,
}

impl std::fmt::Debug for Voice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Voice").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Voice {
    fn new(log: Arc<dyn Journal>) -> Result<Self, ServingError> {
        let stream = StreamName::parse(STREAM).map_err(ServingError::Name)?;
        Ok(Self { log, stream, server: new_id()? })
    }

    /// Where it was said that this server begins.
    async fn begin(&self) -> Result<Revision, ServingError> {
        for _ in 0..TRIES_MAX {
            let last = self.newest(NonZeroU32::MIN).await?.first().copied();
            let mut seen = last.map(|last| last.revision);
            if last.is_some_and(|last| last.said != Said::Ended) {
                let Some(asked) = self.say(Said::Asked, seen).await? else { continue };
                seen = Some(self.wait_for_answer(asked).await?);
            }
            // Whoever said something meanwhile begins too, or answers.
            if let Some(began) = self.say(Said::Began, seen).await? {
                return Ok(began);
            }
        }
        Err(ServingError::Another)
    }

    /// Where the stream stands after the time to answer, if nobody did.
    async fn wait_for_answer(&self, asked: Revision) -> Result<Revision, ServingError> {
        let until = Instant::now() + ANSWER_TIME;
        let mut seen = asked;
        loop {
            let is_last_look = Instant::now() >= until;
            let lines = self.after(seen).await?;
            if lines.iter().any(|line| line.is_of_another_that_serves(self.server)) {
                return Err(ServingError::Another);
            }
            seen = lines.last().map_or(seen, |line| line.revision);
            if is_last_look {
                return Ok(seen);
            }
            sleep(ANSWER_PAUSE).await;
        }
    }

    /// Answers until another server has begun.
    async fn answer(self, mut seen: Revision, says: watch::Sender<bool>) {
        loop {
            sleep(LOOK_PAUSE).await;
            // Where the log is away, which readiness says, it is seen once it is back whether another has begun.
            if let Ok(Err(ServingError::Another)) = timeout(LOOK_TIME_MAX, self.look(&mut seen)).await {
                says.send_replace(true);
                return;
            }
        }
    }

    async fn look(&self, seen: &mut Revision) -> Result<(), ServingError> {
        let lines = self.after(*seen).await?;
        if lines.iter().any(|line| line.is_of_another_that_serves(self.server)) {
            return Err(ServingError::Another);
        }
        let Some(last) = lines.last().copied() else { return Ok(()) };
        if last.server == self.server {
            *seen = last.revision;
            return Ok(());
        }
        // If something was said meanwhile, the next look sees it after what was seen before.
        if let Some(answered) = self.say(Said::Answered, Some(last.revision)).await? {
            tracing::warn!("another server was started on this log; it was told that this one serves");
            *seen = answered;
        }
        Ok(())
    }

    /// At most so many, the newest first.
    async fn newest(&self, max: NonZeroU32) -> Result<Vec<Line>, ServingError> {
        let page = self.log.read_stream(&self.stream, None, Direction::Backward, max).await?;
        page.events.iter().map(Line::read).collect()
    }

    async fn after(&self, seen: Revision) -> Result<Vec<Line>, ServingError> {
        let from = Some(Revision(seen.0.saturating_add(1)));
        let page = self.log.read_stream(&self.stream, from, Direction::Forward, PAGE_MAX).await?;
        page.events.iter().map(Line::read).collect()
    }

    /// Where the stream stands now; `None` when another has said something after `seen`.
    async fn say(&self, said: Said, seen: Option<Revision>) -> Result<Option<Revision>, ServingError> {
        let data = format!(r#"{{"server":"{}"}}"#, self.server);
        let event = NewEvent {
            id: new_id()?,
            event_type: EventType::parse(said.word()).map_err(ServingError::Name)?,
            data: data.into(),
            meta: Bytes::from_static(b"{}"),
        };
        let expected = seen.map_or(Expected::NoStream, Expected::Exact);
        let append = Append { stream: self.stream.clone(), expected, events: vec![event] };
        let appended = match self.log.append(append.clone()).await {
            Err(AppendError::Indeterminate { .. }) => self.log.append(append).await,
            outcome => outcome,
        };
        match appended {
            Ok(appended) => Ok(Some(appended.last)),
            Err(AppendError::Conflict { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::contract::fixed_clock;
    use crate::{Access, Namespace};

    impl Voice {
        /// Says that it begins, without asking.
        async fn begins(&self) -> Revision {
            let seen = self.newest(NonZeroU32::MIN).await.expect("read").first().map(|last| last.revision);
            self.say(Said::Began, seen).await.expect("said").expect("in its place")
        }
    }

    async fn log() -> Arc<dyn Journal> {
        let namespace = Namespace::parse("access").expect("a namespace");
        crate::open("memory:", namespace, Access::Write, fixed_clock()).await.expect("a log")
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_server_is_refused_while_the_first_answers_and_begins_when_it_has_ended() {
        let log = log().await;
        let began = Instant::now();
        let first = Serving::begin(Arc::clone(&log)).await.expect("nobody serves a new log");
        assert!(began.elapsed().is_zero(), "nobody is asked");
        for _ in 0..2 {
            let second = Serving::begin(Arc::clone(&log)).await;
            assert!(matches!(second, Err(ServingError::Another)));
        }
        first.end().await;
        let began = Instant::now();
        let second = Serving::begin(log).await.expect("the first has ended");
        assert!(began.elapsed().is_zero(), "nobody is asked");
        assert!(timeout(LOOK_PAUSE * 10, second.superseded()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_was_killed_is_waited_for_and_then_replaced() {
        let log = log().await;
        drop(Serving::begin(Arc::clone(&log)).await.expect("begun"));
        let began = Instant::now();
        let second = Serving::begin(log).await.expect("nobody answers");
        assert!(began.elapsed() >= ANSWER_TIME);
        drop(second);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_stood_still_finds_that_another_has_begun_also_when_that_has_ended() {
        for has_ended in [false, true] {
            let log = log().await;
            let still = Voice::new(Arc::clone(&log)).expect("a voice");
            let began = still.begin().await.expect("begun");
            let second = Serving::begin(Arc::clone(&log)).await.expect("nobody answers");
            if has_ended {
                second.end().await;
            }
            let (says, superseded) = watch::channel(false);
            still.answer(began, says).await;
            assert!(*superseded.borrow());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_is_told_that_another_has_begun() {
        let log = log().await;
        let first = Serving::begin(Arc::clone(&log)).await.expect("nobody serves a new log");
        let other = Voice::new(Arc::clone(&log)).expect("a voice");
        other.begins().await;
        first.superseded().await;
        let lines = log.head().await.expect("a head");
        first.end().await;
        assert_eq!(log.head().await.expect("a head"), lines, "it does not say that the other has ended");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_ends_before_it_has_seen_that_another_has_begun_does_not_say_that_the_other_has_ended() {
        let log = log().await;
        let first = Serving::begin(Arc::clone(&log)).await.expect("nobody serves a new log");
        let (other, third) = (Voice::new(Arc::clone(&log)), Voice::new(Arc::clone(&log)));
        let began = other.expect("a voice").begins().await;
        third.expect("a voice").say(Said::Asked, Some(began)).await.expect("said");
        let lines = log.head().await.expect("a head");
        first.end().await;
        assert_eq!(log.head().await.expect("a head"), lines);
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_server_said_itself_is_not_taken_for_another_s_and_not_answered() {
        let log = log().await;
        let (voice, asks) = (Voice::new(Arc::clone(&log)).expect("a voice"), Voice::new(log).expect("a voice"));
        let mut seen = voice.begin().await.expect("begun");
        let asked = asks.say(Said::Asked, Some(seen)).await.expect("said");
        // It was told nothing of this append.
        let answered = voice.say(Said::Answered, asked).await.expect("said").expect("in its place");
        voice.look(&mut seen).await.expect("nobody else serves");
        assert_eq!(seen, answered);
        let last = voice.newest(NonZeroU32::MIN).await.expect("read");
        assert!(matches!(last.as_slice(), [last] if last.revision == answered), "{last:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_log_in_files_has_its_lock_and_is_told_nothing() {
        let directory = tempfile::TempDir::new().expect("a directory");
        let url = format!("sqlite:{}", directory.path().display());
        let namespace = Namespace::parse("access").expect("a namespace");
        let log = crate::open(&url, namespace, Access::Write, fixed_clock()).await.expect("a log");
        let serving = Serving::begin(Arc::clone(&log)).await.expect("begun");
        assert!(timeout(ANSWER_TIME, serving.superseded()).await.is_err());
        serving.end().await;
        assert_eq!(log.head().await.expect("a head"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn who_serves_a_log_with_an_unknown_word_is_not_guessed() {
        let log = log().await;
        let voice = Voice::new(Arc::clone(&log)).expect("a voice");
        let event = NewEvent {
            id: Uuid::from_u128(7),
            event_type: EventType::parse("serving.paused").expect("an event type"),
            data: format!(r#"{{"server":"{}"}}"#, Uuid::from_u128(8)).into(),
            meta: "{}".into(),
        };
        let append = Append { stream: voice.stream.clone(), expected: Expected::NoStream, events: vec![event] };
        log.append(append).await.expect("appended");
        let begun = Serving::begin(log).await;
        assert!(matches!(begun, Err(ServingError::Read(ReadError::Fatal(Fatal::Corrupt { .. })))), "{begun:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn of_many_that_start_at_once_one_begins() {
        let log = log().await;
        drop(Serving::begin(Arc::clone(&log)).await.expect("begun, and killed"));
        let starts: Vec<_> = (0..5).map(|_| tokio::spawn(Serving::begin(Arc::clone(&log)))).collect();
        let mut began = Vec::new();
        for start in starts {
            began.extend(start.await.expect("no panic").ok());
        }
        assert_eq!(began.len(), 1);
    }
}
