//! The running server, as far as streams and sockets know of it: whether it accepts requests, how many streams it
//! carries, and its end, at which every stream ends as well.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::fault::{ErrorCode, Refused};
use crate::lock::locked;

/// How many streams the server carries at once. Each takes a file descriptor; the defaults fit a limit of 1,024.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveLimits {
    /// Sockets and event streams of everybody.
    pub streams_max: usize,
    /// Sockets and event streams of one person.
    pub streams_of_person_max: usize,
}

impl Default for LiveLimits {
    fn default() -> Self {
        Self { streams_max: 400, streams_of_person_max: 24 }
    }
}

/// The running server.
pub struct Live {
    limits: LiveLimits,
    accepting: AtomicBool,
    stop: CancellationToken,
    /// The sockets: the HTTP server does not wait for a connection that was upgraded.
    sockets: TaskTracker,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    streams: usize,
    of_person: HashMap<Uuid, usize>,
}

/// Place for one socket or event stream, until it is dropped.
pub(crate) struct StreamPlace {
    live: Arc<Live>,
    person: Uuid,
}

impl Live {
    /// A server that accepts requests.
    #[must_use]
    pub fn new(limits: LiveLimits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            accepting: AtomicBool::new(true),
            stop: CancellationToken::new(),
            sockets: TaskTracker::new(),
            open: Mutex::default(),
        })
    }

    /// Whether requests are accepted.
    #[must_use]
    pub fn is_accepting(&self) -> bool {
        self.accepting.load(Ordering::Relaxed)
    }

    /// Ends all streams and sockets, and accepts no further request.
    pub fn stop(&self) {
        self.accepting.store(false, Ordering::Relaxed);
        self.stop.cancel();
    }

    /// Waits until every socket is closed after [`stop`](Self::stop).
    pub async fn sockets_closed(&self) {
        self.sockets.close();
        self.sockets.wait().await;
    }

    /// Completes when the server stops.
    pub(crate) fn stopped(&self) -> WaitForCancellationFutureOwned {
        self.stop.clone().cancelled_owned()
    }

    /// The tasks of the sockets.
    pub(crate) const fn sockets(&self) -> &TaskTracker {
        &self.sockets
    }

    /// Place for one more socket or event stream of a person.
    ///
    /// # Errors
    /// If the server stops, or there are too many.
    pub(crate) fn place(self: &Arc<Self>, person: Uuid) -> Result<StreamPlace, Refused> {
        if !self.is_accepting() {
            return Err(Refused::new(ErrorCode::Unavailable, "the server stops; try again in a moment"));
        }
        let mut open = self.open();
        if open.streams >= self.limits.streams_max {
            return Err(Refused::new(ErrorCode::Unavailable, "there are too many streams; try again later"));
        }
        let of_person = open.of_person.entry(person).or_default();
        if *of_person >= self.limits.streams_of_person_max {
            return Err(Refused::new(ErrorCode::RateLimited, "you have too many streams open; close some of them"));
        }
        *of_person = of_person.saturating_add(1);
        open.streams = open.streams.saturating_add(1);
        Ok(StreamPlace { live: Arc::clone(self), person })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        locked(&self.open)
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut open = self.live.open();
        open.streams = open.streams.saturating_sub(1);
        if let Some(of_person) = open.of_person.get_mut(&self.person) {
            *of_person = of_person.saturating_sub(1);
            if *of_person == 0 {
                open.of_person.remove(&self.person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back_and_nobody_takes_all() {
        let live = Live::new(LiveLimits { streams_max: 3, streams_of_person_max: 2 });
        let [ada, ben] = [1, 2].map(Uuid::from_u128);
        let code = |place: Result<StreamPlace, Refused>| place.map(drop).map_err(|refused| refused.code());
        let first = live.place(ada).ok();
        let _second = live.place(ada).ok();
        assert_eq!(code(live.place(ada)), Err(ErrorCode::RateLimited));
        let _of_ben = live.place(ben).ok();
        assert_eq!(code(live.place(ben)), Err(ErrorCode::Unavailable));
        drop(first);
        assert_eq!(code(live.place(ada)), Ok(()));
        live.stop();
        assert_eq!(code(live.place(ada)), Err(ErrorCode::Unavailable));
    }
}
