//! What the application does with messages from outside beside their commands: it opens what was told, to attach it to a
//! thread.

use care::ids::{OutsideMessageId, ThreadId};
use care::outside_message::{AttachOutsideMessage, OutsideMessage, OutsideMessageCommand};
use care::text::PersonalText;

use crate::application::Application;
use crate::authorization::Subject;
use crate::command_context::{CommandContext, CommandOutcome};
use crate::fault::{Failed, Fault};
use crate::read_models::outside_messages;
use crate::sealing::TextCell;

impl Application {
    /// Attaches what was told to a thread. The text goes from the message into the thread as it is, and no client sends it
    /// again; it is not shown for this. Whether the sender may do it is decided as for every command; for who may not, no text
    /// is opened.
    ///
    /// # Errors
    /// [`Failed`] with the problem, or for a fault of the server.
    pub async fn attach_outside_message(
        &self,
        context: &CommandContext,
        message: OutsideMessageId,
        thread: ThreadId,
    ) -> Result<CommandOutcome<OutsideMessageId>, Failed> {
        let attach = |text| OutsideMessageCommand::from(AttachOutsideMessage { thread, text });
        let unopened = attach(PersonalText::Destroyed);
        let command = if self.may_attach(context, message, &unopened) { attach(self.told(message)?) } else { unopened };
        self.execute::<OutsideMessage>(context, Some(message), &command).await
    }

    fn may_attach(&self, context: &CommandContext, message: OutsideMessageId, command: &OutsideMessageCommand) -> bool {
        let viewer = self.projector().decisions.viewer(context.identity);
        let (state, subject) = (self.projector().authorization(), Subject::OutsideMessage(message));
        state.not_reached(&viewer, &subject, command, context.now).is_none()
    }

    /// What was told. Of a message that is missing, says nothing or was erased it is as a text that was destroyed: what the
    /// sender is told of that, the decision says.
    fn told(&self, message: OutsideMessageId) -> Result<PersonalText, Fault> {
        let snapshot = self.projector().read_models.snapshot()?;
        let Some(mut text) = outside_messages::told(&snapshot, message)? else { return Ok(PersonalText::Destroyed) };
        text.open(self.vault())?;
        Ok(match text {
            TextCell::Open(text) => PersonalText::Open(text),
            TextCell::Sealed(_) | TextCell::Withheld | TextCell::Erased => PersonalText::Destroyed,
        })
    }
}
