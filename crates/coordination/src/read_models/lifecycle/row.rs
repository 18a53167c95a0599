//! What a kind adds to the view of a thread: the shape of its rows.

use care::ids::{PersonId, ThreadId};
use policy::reach::Reach;
use policy::visible::{Opens, Redact};

use crate::fault::Fault;
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::{Shape, Snapshot};
use crate::sealing::TextCell;

/// How much of a lifecycle is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// What everybody who finds the thread may know.
    Header,
    /// The content as well, for persons who may read the thread, as far as the window of the reader reaches.
    Content(Reach),
}

/// What a kind adds to the view of a thread.
pub(in crate::read_models) trait LifecycleRow: Redact + Opens<Text = TextCell> + Sized {
    /// The events of the kind.
    type Event;
    /// The tables of the kind.
    const SHAPE: Shape;

    /// What an event of the kind does to them.
    fn fold(fold: &Fold<'_>, thread: ThreadId, event: &Self::Event) -> Folded;

    /// The person whom an event names, besides the person who caused it.
    fn named_by(event: &Self::Event) -> Option<PersonId>;

    /// The persons whom the row shows.
    fn persons(&self) -> Vec<PersonId>;

    /// The row of a thread; none if the thread is of another kind. Nothing is read of what has rows of its own and lies outside
    /// of the window: a limit of rows would tell how much there is.
    fn read(snapshot: &Snapshot, thread: ThreadId, depth: Depth) -> Result<Option<Self>, Fault>;
}
