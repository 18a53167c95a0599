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
    /// The content as well, for persons who may read the thread.
    Content,
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

    /// The row of a thread; none if the thread is of another kind.
    fn read(snapshot: &Snapshot, thread: ThreadId, depth: Depth) -> Result<Option<Self>, Fault>;

    /// The row without what lies before the window of its reader.
    fn within(self, reach: Reach) -> Self;
}
