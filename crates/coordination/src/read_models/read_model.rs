//! What a read model is.

use super::fold::{Fold, Folded};

/// Folded from the log into tables of its own.
pub(super) trait ReadModel {
    /// Its tables, and what its fold means. Another shape means: build anew.
    const SHAPES: &'static [Shape];

    /// What one event does to its tables. Deterministic: no clock, no key, nothing but the event
    /// and the tables of the models that come before it in the list.
    fn fold(fold: &Fold<'_>) -> Folded;
}

/// Tables, and the version of the fold that fills them.
pub(super) struct Shape {
    /// The statements that create the tables.
    pub schema: &'static str,
    /// Counted up whenever the fold means something else by the same events.
    pub fold_version: u8,
}
