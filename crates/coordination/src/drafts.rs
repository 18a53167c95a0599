//! What the application does with drafts beside their commands: it compares texts before a save, and destroys the keys of
//! drafts that have ended.
//!
//! The event that sends a form names its draft in its metadata. From that event on nobody sees the draft, and a process
//! ends it with an event of its own, which decides that its key is destroyed. A node that is killed in between does
//! both after its next start, because both follow from the log.

use std::sync::Arc;

use care::draft::{DraftCommand, Drafts, SaveDraft};
use care::ids::{DraftId, EventId, Id, PersonId};
use care::text::PersonalText;

use crate::application::Application;
use crate::command_context::{CommandContext, CommandOutcome};
use crate::fault::{Failed, Fault, Problem};
use crate::read_models::drafts;
use crate::sealing::TextCell;
use crate::waiting::apart;

/// A draft that has ended, and the event that ended it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EndedDraft {
    pub draft: DraftId,
    pub event: EventId,
}

impl Application {
    /// Saves the text of a form, unless it is the text that is saved already.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the server.
    pub async fn save_draft(
        &self,
        context: &CommandContext,
        save: SaveDraft,
    ) -> Result<CommandOutcome<PersonId>, Failed> {
        let author = context.identity.person().ok_or(Problem::NotPermitted)?;
        let expected = match &context.expected {
            Some(token) => {
                let version = self.tokens().read_version(save.draft.uuid(), token).ok_or(Problem::InvalidVersion)?;
                Some(u32::try_from(version.0).map_err(|_| Problem::InvalidVersion)?)
            }
            None => None,
        };
        let same_as = self.save_of_same_text(author, &save)?;
        let command = DraftCommand::from(SaveDraft { expected, same_as, ..save });
        self.execute::<Drafts>(context, Some(author), &command).await
    }

    /// The number of the newest save of a draft, if it holds the same text. The text that is opened for this is the
    /// author's own and is not shown.
    fn save_of_same_text(&self, author: PersonId, save: &SaveDraft) -> Result<Option<u32>, Fault> {
        let snapshot = self.projector().read_models.snapshot()?;
        let Some(mut row) = drafts::draft(&snapshot, author, save.draft)? else { return Ok(None) };
        row.content.open(self.vault())?;
        Ok(match (&row.content, &save.content) {
            (TextCell::Open(saved), PersonalText::Open(text)) if saved == text => Some(row.number),
            (TextCell::Open(_) | TextCell::Sealed(_) | TextCell::Withheld | TextCell::Erased, _) => None,
        })
    }

    /// Destroys the key of a draft that has ended. If that fails it is done again when the keys are next gone through.
    pub(crate) async fn destroy_key_of(&self, EndedDraft { draft, event }: EndedDraft) {
        let vault = Arc::clone(self.vault());
        let destroyed = apart("the key store", move || vault.destroy_draft(draft.uuid(), event.uuid())).await;
        if !matches!(destroyed, Ok(Ok(()))) {
            tracing::warn!(%draft, "the key of a draft that has ended could not be destroyed; it is tried again");
        }
    }

    /// Destroys the keys of ended drafts that are there nevertheless: a node was killed, the key store could not be
    /// written, or an older copy of it was restored. Then it drives the bytes of destroyed keys out of the key store's
    /// file.
    pub(crate) async fn destroy_keys_of_ended_drafts(&self) -> Result<(), Fault> {
        let vault = Arc::clone(self.vault());
        let snapshot = self.projector().read_models.snapshot()?;
        let work = move || -> Result<(), Fault> {
            for draft in vault.drafts()? {
                if let Some(event) = drafts::end_of(&snapshot, draft)? {
                    vault.destroy_draft(draft, event.uuid())?;
                }
            }
            Ok(vault.scrub()?)
        };
        apart("the key store", work).await?
    }
}
