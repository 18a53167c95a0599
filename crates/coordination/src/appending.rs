//! How what was decided comes into the log, for commands and for what the operator does: it is appended where its stream
//! stood at the decision, and decided again when another append came first.

use std::sync::Arc;
use std::time::Duration;

use journal::{Append, AppendError, Appended};
use tokio::time::Instant;

use crate::application::Application;
use crate::fault::Fault;

/// Tries of one decision when others append to its stream at the same time.
const CONFLICTS_MAX: u32 = 8;
/// Repeats of an append whose outcome is unknown, with the same ids.
const INDETERMINATE_MAX: u32 = 5;
/// Pause before the first such repeat, in milliseconds; it doubles with each. The pauses add up to one and a half
/// seconds, which is enough for a fail-over of the store and less than the time limit of a request.
const INDETERMINATE_PAUSE_MS: u64 = 100;

/// Decides and appends by `try_once`, and again each time that it gives `None`.
pub(crate) async fn until_appended<T, E, F>(mut try_once: impl FnMut() -> F) -> Result<T, E>
where
    E: From<Fault>,
    F: Future<Output = Result<Option<T>, E>>,
{
    for _ in 0..CONFLICTS_MAX {
        if let Some(done) = try_once().await? {
            return Ok(done);
        }
    }
    Err(Fault::Unavailable("the stream is too busy").into())
}

impl Application {
    /// Appends; `None` if another append to the stream came first. What is `held` stays so until the journal has answered,
    /// even if the sender has gone away: it appends what it was given in any case.
    pub(crate) async fn append(
        &self,
        append: Append,
        held: impl Clone + Send + 'static,
    ) -> Result<Option<Appended>, Fault> {
        let mut pause = Duration::from_millis(INDETERMINATE_PAUSE_MS);
        for tried in 0..INDETERMINATE_MAX {
            if tried > 0 {
                tokio::time::sleep(pause).await;
                pause = pause.saturating_mul(2);
            }
            let (journal, append, held) = (Arc::clone(self.journal()), append.clone(), held.clone());
            let pace = Arc::clone(&self.care_pace);
            let answer = tokio::spawn(async move {
                let began = Instant::now();
                let answer = journal.append(append).await;
                if answer.is_ok() {
                    pace.took(began, Instant::now());
                }
                drop(held);
                answer
            });
            match answer.await.map_err(|_| Fault::Unavailable("the journal"))? {
                Ok(appended) => return Ok(Some(appended)),
                Err(AppendError::Conflict { .. }) => return Ok(None),
                // This repeat was not written, but the one before it may have been.
                Err(AppendError::Unavailable { .. }) if tried > 0 => {}
                Err(AppendError::Unavailable { .. }) => return Err(Fault::Unavailable("the journal")),
                Err(AppendError::Indeterminate { .. }) => {}
                Err(error @ (AppendError::IdReused { .. } | AppendError::Empty | AppendError::TooLarge { .. })) => {
                    return Err(Fault::Append(error));
                }
                Err(AppendError::Fatal(fatal)) => {
                    self.projector().stop(&fatal.to_string());
                    return Err(Fault::Append(fatal.into()));
                }
            }
        }
        // The sender repeats the command with the same key, and then learns the outcome.
        Err(Fault::Unavailable("whether the journal took it is unknown"))
    }
}
