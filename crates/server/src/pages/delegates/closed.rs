//! How many conversations a helper would lose by less access, as far as the reader may know them: asked before a delegation is
//! narrowed, paused or ended, by the patient, by staff and by the helper.

use coordination::answer::Recorded;

use super::scope::{Scope, scope_input};
use crate::pages::queries::{WhatWouldClose, what_would_close};
use crate::pages::site::{Failed, Visit};

/// How many conversations the helper of a delegation would lose if no more than `left` stayed open to them; without `left`,
/// if nothing did. None if the reader may not take access away.
///
/// # Errors
/// If the query was refused as a whole.
pub(crate) async fn threads_closed(
    visit: &Visit<'_>,
    delegation: &str,
    left: Option<&Scope>,
) -> Result<Recorded<Option<i64>>, Failed> {
    let scope = left.map(|left| scope_input!(what_would_close, left));
    let variables = what_would_close::Variables { id: delegation.to_owned(), scope };
    let answer = visit.ask::<WhatWouldClose>(variables).await?;
    Ok(answer.map(|answer| answer.data.closed))
}
