//! The read models of a data directory without a server that uses them: how far they have folded the log, and folding them
//! again.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;

use care::ids::Id;
use journal::Journal;

use crate::fault::Fault;
use crate::opening::{OpenApplicationError, prove_access_head, prove_checkpoint};
use crate::read_models::{Entry, ReadModels};

/// Events that are folded as one transaction.
const BATCH_MAX: NonZeroU32 = NonZeroU32::MIN.saturating_add(999);

/// How far the read models of a data directory have folded the log, and how many streams are parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadModelsStatus {
    /// The last event folded.
    pub position: Option<u64>,
    /// The log's last event.
    pub head: Option<u64>,
    /// Streams that could not be folded.
    pub parked: u64,
}

/// The status of the read models, beside a running server; none when there are no read models of this shape.
///
/// # Errors
/// [`OpenApplicationError`] when a file cannot be read, or the read models were not folded from this log as it is now.
pub async fn read_models_status(
    read_models: &Path,
    care: &Arc<dyn Journal>,
) -> Result<Option<ReadModelsStatus>, OpenApplicationError> {
    let status = ReadModels::status(read_models)?;
    if let Some((checkpoint, _)) = &status {
        prove_checkpoint(*checkpoint, care).await?;
    }
    // The head is read after the read models, because a running server folds further events meanwhile.
    let head = care.head().await?.map(|head| head.0);
    Ok(status.map(|(checkpoint, parked)| ReadModelsStatus {
        position: checkpoint.last.map(|(position, _)| position.0),
        head,
        parked,
    }))
}

/// Folds the read models of a data directory again in a second file, and then swaps the files. No server may be
/// using them. `progress` is called with the number of folded events and of all events. A log that has lost its
/// end is refused: the knowledge of the old read models about the lost events would be lost too. A log that was
/// moved has another identity, and must hold the last event that the old read models know of.
///
/// # Errors
/// [`OpenApplicationError`] when log or file cannot be read or written; the old read models are then still there.
pub async fn rebuild_read_models(
    read_models: &Path,
    care: &Arc<dyn Journal>,
    access: &Arc<dyn Journal>,
    mut progress: impl FnMut(u64, u64),
) -> Result<u64, OpenApplicationError> {
    let identity = care.identity().await?;
    // What is known of an access log that was restored or moved ends here: it has another identity from now on.
    let access_identity = access.identity().await?;
    let access_head = ReadModels::found_access_head(read_models).filter(|head| head.identity == access_identity);
    if let Some(head) = access_head {
        prove_access_head(head, access).await?;
    }
    let mut moved = None;
    if let Some(checkpoint) = ReadModels::found(read_models) {
        match prove_checkpoint(checkpoint, care).await {
            // Damaged read models, or those of a log that was restored or moved, are expected here.
            Ok(()) | Err(OpenApplicationError::ForeignReadModels) => {}
            Err(error) => return Err(error),
        }
        moved = checkpoint.last.filter(|_| checkpoint.identity.log != identity.log).map(|(_, event)| event);
    }
    let head = care.head().await?.map_or(0, |head| head.0);
    let fresh = Arc::new(ReadModels::open_beside(read_models, identity)?);
    let mut folded = 0;
    let mut after = None;
    loop {
        let page = care.read_log(after, BATCH_MAX).await?;
        let mut batch = Vec::with_capacity(page.events.len());
        for stored in &page.events {
            moved = moved.filter(|event| event.uuid() != stored.id);
            batch.push(Entry::read(stored).map_err(Fault::from)?);
        }
        fresh.fold(&mut batch)?;
        folded += u64::try_from(batch.len()).unwrap_or(u64::MAX);
        after = page.scanned.or(after);
        progress(after.map_or(0, |position| position.0), head);
        if page.at_head {
            break;
        }
    }
    if moved.is_some() {
        return Err(OpenApplicationError::NotMoved);
    }
    if let Some(head) = access_head {
        fresh.access_head.saw(head);
        fresh.note_access_head()?;
    }
    let fresh = Arc::into_inner(fresh).ok_or(Fault::Unavailable("the read models"))?;
    fresh.put_in_force(read_models)?;
    Ok(folded)
}
