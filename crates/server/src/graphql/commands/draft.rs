//! Commands to one's own drafts: save, discard. A draft is sent by the mutation of its form.

use async_graphql::{Context, Object, Result};
use care::draft::{DraftCommand, DraftRefusal};
use care::ids::DraftId;
use coordination::Position;
use coordination::fault::{Failed, Problem as Answered, Refusal};

use crate::graphql::draft::Draft;
use crate::graphql::inputs::draft::{DiscardDraftInput, SaveDraftInput};
use crate::graphql::inputs::{self, Prepared, Sender};
use crate::graphql::mutation_input::mutate;
use crate::graphql::payload::{Answer, payload};
use crate::graphql::problem::{self, Asked};
use crate::graphql::scalars::Version;
use crate::session::RequestContext;

payload! {
    /// The result of `saveDraft`.
    SaveDraftPayload {
        /// The draft as it is now, also where it was not saved: then its version and its text are those of the save that
        /// came before. Null if there is none.
        draft: Draft
    }
}

payload! {
    /// The result of `discardDraft`.
    DiscardDraftPayload {
        /// The draft. Null once it is discarded.
        draft: Draft
    }
}

/// A draft as it is now, with its version.
async fn now(
    request: &RequestContext,
    draft: DraftId,
    position: Option<Position>,
) -> Result<(Option<Draft>, Option<Version>)> {
    let reader = request.reader(position).await?;
    let Some(view) = reader.draft(draft)? else { return Ok((None, None)) };
    let version = reader.draft_version(&view)?.into();
    Ok((Some(Draft::of(&reader, view)), Some(version)))
}

/// Saves a draft, and shows it as it is then.
async fn save(context: &Context<'_>, input: &SaveDraftInput) -> Result<Answer<Draft>> {
    let request = RequestContext::of(context)?;
    let answer = |problems, draft| Answer::without_effect(&input.client_mutation_id, problems, draft);
    let Prepared { context, command } = match inputs::prepare(input, Sender::of(request)) {
        Ok(prepared) => prepared,
        Err(problems) => return Ok(answer(problems, None)),
    };
    let asked = Asked::of(&command, None);
    let DraftCommand::SaveDraft(save) = command else { return Ok(answer(Vec::new(), None)) };
    let draft = save.draft;
    match request.application.save_draft(&context, save).await {
        Ok(outcome) => {
            let position = Some(request.token(outcome.position)?.into());
            let (draft, _) = now(request, draft, outcome.position).await?;
            Ok(Answer { position, replayed: outcome.replayed, ..answer(Vec::new(), draft) })
        }
        Err(Failed::Problem(problem)) => {
            let shown = match &problem {
                Answered::Refused(Refusal::Draft(DraftRefusal::Exists(other))) => Some(*other),
                Answered::Refused(_) | Answered::InvalidVersion | Answered::VersionConflict => Some(draft),
                Answered::NotFound | Answered::NotPermitted | Answered::IdempotencyMismatch | Answered::Erased => None,
            };
            let (draft, version) = match shown {
                Some(draft) => now(request, draft, None).await?,
                None => (None, None),
            };
            Ok(answer(problem::answered(&problem, &asked, version), draft))
        }
        Err(Failed::Fault(fault)) => Err(fault.into()),
    }
}

/// The mutations of this file.
#[derive(Default)]
pub struct DraftCommands;

#[Object]
impl DraftCommands {
    /// Save the text of a form. Nobody else can read it, and nothing happens in the thread.
    async fn save_draft(&self, context: &Context<'_>, input: SaveDraftInput) -> Option<Result<SaveDraftPayload>> {
        Some(save(context, &input).await.map(Into::into))
    }

    /// Discard a draft.
    async fn discard_draft(
        &self,
        context: &Context<'_>,
        input: DiscardDraftInput,
    ) -> Option<Result<DiscardDraftPayload>> {
        let discard = async {
            let author = RequestContext::of(context)?.identity.person();
            // There is nothing left to show.
            mutate(context, author, &input, |_, _| Ok(None)).await
        };
        Some(discard.await.map(Into::into))
    }
}
