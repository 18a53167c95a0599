//! Wakes the followers on other nodes: NOTIFY after a commit here, LISTEN for the commits of others.
//!
//! PostgreSQL takes one lock of the whole server while a transaction that notifies commits. So this is done after the
//! append, on a separate connection, at most once in 20 ms. A notification is a hint and may be lost with its
//! connection; followers do not rely on it, because they also poll.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::connection::{Connection, Log, Pauses, timed};
use super::failure::Failure;
use crate::Position;

/// Commits within this time share one notification.
const MERGED: Duration = Duration::from_millis(20);
const NOTIFY_TIME_MAX: Duration = Duration::from_secs(5);

/// The task that listens and notifies; it ends when this is dropped.
pub(crate) struct Notifications(JoinHandle<()>);

impl Notifications {
    /// Starts listening; `committed` is what this journal's own writer has committed last.
    pub(crate) fn start(log: Arc<Log>, committed: watch::Receiver<Option<Position>>) -> Self {
        Self(tokio::spawn(run(log, committed)))
    }
}

impl Drop for Notifications {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn run(log: Arc<Log>, mut committed: watch::Receiver<Option<Position>>) {
    let mut pauses = Pauses::new(&log.clock);
    loop {
        if let Ok(connection) = log.connect().await {
            match listen(&log, &connection, &mut committed).await {
                Ok(()) => pauses = Pauses::new(&log.clock),
                // A standby takes no listeners; those who follow it look by themselves.
                Err(failure) => tracing::debug!(?failure, "followers get no notifications for a while"),
            }
        }
        sleep(pauses.next()).await;
    }
}

/// Listens and notifies until the connection is gone.
async fn listen(
    log: &Log,
    connection: &Connection,
    committed: &mut watch::Receiver<Option<Position>>,
) -> Result<(), Failure> {
    let asked = async |statement: String| {
        let asking = async { connection.client.batch_execute(&statement).await.map_err(|error| Failure::of(&error)) };
        timed(NOTIFY_TIME_MAX, asking).await
    };
    asked(format!("LISTEN {}", log.schema)).await?;
    // What was notified while nobody listened.
    log.grown.send_replace(());
    loop {
        tokio::select! {
            () = connection.gone() => return Ok(()),
            changed = committed.changed() => {
                if changed.is_err() {
                    // Nothing is committed here any more, or ever was; others may still commit.
                    connection.gone().await;
                    return Ok(());
                }
                sleep(MERGED).await;
                let position = committed.borrow_and_update().map_or(0, |position| position.0);
                asked(format!("NOTIFY {}, '{position}'", log.schema)).await?;
            }
        }
    }
}
