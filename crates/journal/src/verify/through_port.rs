//! Verifying a log by reading it through the port, whatever keeps it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::log_scan::LogScan;
use crate::sequence::{Damage, OrderGuarantees, PROGRESS_EVENTS, Sequence, Verified, damaged};
use crate::{Access, Fatal, Journal, Namespace, OpenError, ReadError, open};

/// Opens for reading, which asks no clock.
pub(super) async fn reading(url: &str, namespace: Namespace) -> Result<Arc<dyn Journal>, OpenError> {
    open(url, namespace, Access::ReadOnly, Arc::new(|| DateTime::<Utc>::UNIX_EPOCH)).await
}

/// Reads a log through the port.
pub(super) async fn walked(
    journal: &dyn Journal,
    guarantees: OrderGuarantees,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Verified, Damage> {
    let mut sequence = Sequence::new(guarantees);
    let mut scan = LogScan::start(journal).await.map_err(unread)?;
    let until = scan.until().map_or(0, |until| until.0);
    while let Some(event) = scan.next().await.map_err(unread)? {
        let position = event.position;
        sequence.step(event)?;
        if sequence.events.is_multiple_of(PROGRESS_EVENTS) {
            progress(position.0, until);
        }
    }
    progress(until, until);
    Ok(sequence.proved())
}

/// What a failed read says of the log.
fn unread(error: ReadError) -> Damage {
    match error {
        ReadError::Fatal(Fatal::Corrupt { position: Some(position), detail }) => damaged(position, &detail),
        ReadError::Fatal(Fatal::Corrupt { position: None, detail }) => Damage::Structure { page: None, detail },
        ReadError::Fatal(Fatal::LostTail { position }) => damaged(position, "it is not there any more"),
        ReadError::Fatal(Fatal::Denied { .. } | Fatal::ReadOnly | Fatal::Ended { .. })
        | ReadError::Unavailable { .. }
        | ReadError::EpochChanged { .. } => Damage::Unreadable { reason: error.to_string() },
    }
}
