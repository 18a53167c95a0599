//! What the tables of the kinds of threads share: a command given in a thread with a history, as a step of a table.

use super::{Thread, ThreadCommand, ThreadEvent, ThreadRefusal};
use crate::aggregate::{Acting, Aggregate, folded};
use crate::closed_table::Outcome;
use crate::event_set::EventSet as _;
use crate::lifecycle::LifecycleRefusal;
use crate::lifecycle::consultation::ConsultationRefusal;

/// The word of the state of a thread that is open.
fn state(thread: &Thread) -> String {
    let Thread::Opened { conversation, lifecycle } = thread else { panic!("opened") };
    lifecycle.state(conversation).to_owned()
}

/// What comes of the command after the history.
pub(crate) fn outcome(history: &[ThreadEvent], command: &ThreadCommand, acting: &Acting<'_>) -> Outcome {
    let thread = folded::<Thread>(history);
    match thread.decide(command, acting) {
        Ok(events) => Outcome::Stepped {
            events: events.iter().map(ThreadEvent::kind).collect(),
            to: state(&events.iter().fold(thread, Thread::evolve)),
        },
        Err(ThreadRefusal::Missing) => Outcome::Missing,
        Err(ThreadRefusal::Lifecycle(LifecycleRefusal::Consultation(ConsultationRefusal::NotInState {
            state: named,
        }))) => Outcome::NotInState(named.word().to_owned()),
        Err(ThreadRefusal::Conversation(rule)) => Outcome::Refused(format!("{rule:?}")),
        Err(ThreadRefusal::Lifecycle(LifecycleRefusal::Consultation(rule))) => Outcome::Refused(format!("{rule:?}")),
        Err(ThreadRefusal::Lifecycle(LifecycleRefusal::TeamThread(rule))) => Outcome::Refused(format!("{rule:?}")),
        Err(refusal @ (ThreadRefusal::Exists | ThreadRefusal::OtherKind | ThreadRefusal::Message(_))) => {
            Outcome::Refused(format!("{refusal:?}"))
        }
    }
}
