//! What the kind of a thread adds to its view, and the one list of kinds.
//!
//! To add a kind: 1. a file under `lifecycle/` with its tables and a row that implements
//! [`LifecycleRow`]; 2. its line in the list at the end of this file, where the compiler asks for it. The state is a column
//! of `thread`, and is not folded again.

pub mod consultation;
mod row;
pub mod team_thread;

use care::ids::{PersonId, ThreadId};
use care::lifecycle::{LifecycleEvent, ThreadKind};
use care::thread::ThreadEvent;
use policy::decide::Permit;
use policy::visible::{Opens, Redact};

use crate::fault::Fault;
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};
use crate::sealing::TextCell;
use consultation::ConsultationRow;
pub(crate) use row::Depth;
use row::LifecycleRow;
use team_thread::TeamThreadRow;

macro_rules! lifecycle_views {
    ($($(#[$meta:meta])* $kind:ident($row:ty),)+) => {
        /// What the kind of a thread adds to its view.
        #[derive(Debug)]
        #[expect(clippy::large_enum_variant, reason = "one is made for a thread that is read, and lives as long as its answer")]
        pub enum LifecycleView { $($(#[$meta])* $kind($row)),+ }

        /// The lifecycles of all kinds.
        pub(super) struct Lifecycles;

        impl ReadModel for Lifecycles {
            const SHAPES: &'static [Shape] = &[$(<$row as LifecycleRow>::SHAPE),+];

            fn fold(fold: &Fold<'_>) -> Folded {
                let Some((thread, ThreadEvent::Lifecycle(event))) = fold.thread() else { return Ok(()) };
                match event { $(LifecycleEvent::$kind(event) => <$row as LifecycleRow>::fold(fold, thread, event)),+ }
            }
        }

        impl LifecycleView {
            /// What the kind of a thread adds, to this depth.
            pub(crate) fn read(
                snapshot: &Snapshot,
                thread: ThreadId,
                kind: ThreadKind,
                depth: Depth,
            ) -> Result<Option<Self>, Fault> {
                match kind { $(ThreadKind::$kind => {
                    Ok(<$row as LifecycleRow>::read(snapshot, thread, depth)?.map(Self::$kind))
                })+ }
            }

            /// The persons whom it shows.
            pub(crate) fn persons(&self) -> Vec<PersonId> {
                match self { $(Self::$kind(row) => row.persons()),+ }
            }
        }

        /// The person whom an event of a kind names, besides the person who caused it.
        pub(super) fn named_by(event: &LifecycleEvent) -> Option<PersonId> {
            match event { $(LifecycleEvent::$kind(event) => <$row as LifecycleRow>::named_by(event)),+ }
        }

        impl Redact for LifecycleView {
            fn redact(self, permit: &Permit) -> Self {
                match self { $(Self::$kind(row) => Self::$kind(row.redact(permit))),+ }
            }
        }

        impl Opens for LifecycleView {
            type Text = TextCell;
            fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
                match self { $(Self::$kind(row) => row.each_sealed(open)),+ }
            }
        }
    };
}

lifecycle_views! {
    /// Of a consultation.
    Consultation(ConsultationRow),
    /// Of a team thread.
    TeamThread(TeamThreadRow),
}
