//! Delegations, and the legal authorities that they rest on: people are reminded in time, and what has reached its end
//! ends. What happened elsewhere (a death, an end of an authority or of a role) is no timer: the application, which folds
//! those events, gives [`EndDelegationBy`](crate::delegation::EndDelegationBy) or
//! [`SuspendDelegationBy`](crate::delegation::SuspendDelegationBy).

use chrono::{DateTime, Utc};

use crate::age::AgeInstants;
use crate::delegation::{
    Deadline, Deadlines, DelegationCommand, EndAtAge, ExpireDelegation, NarrowAtAge, RemindOfDelegation,
    SuspendDelegationBy,
};
use crate::legal_authority::{self, ExpireAuthority, LegalAuthorityCommand, RemindOfAuthority};
use crate::words::SuspensionCause;

/// When a delegation next needs the process; none if it never does. `ages` are those of a patient whose delegate has
/// access by reason of minority, else none.
#[must_use]
pub fn wakes_at(deadlines: &Deadlines, ages: Option<AgeInstants>) -> Option<DateTime<Utc>> {
    deadlines.ahead(ages).into_iter().map(|(at, _)| at).min()
}

/// The command that is due to a delegation. What ends it goes before what reminds of it.
#[must_use]
pub fn due(deadlines: &Deadlines, ages: Option<AgeInstants>, now: DateTime<Utc>) -> Option<DelegationCommand> {
    let (_, due) = deadlines.ahead(ages).into_iter().find(|(at, _)| *at <= now)?;
    Some(match due {
        Deadline::Remind(of) => RemindOfDelegation { of }.into(),
        Deadline::Expire => ExpireDelegation.into(),
        Deadline::NarrowAtAge => NarrowAtAge.into(),
        Deadline::ReviewAtAge => SuspendDelegationBy { cause: SuspensionCause::ReviewAge }.into(),
        Deadline::EndAtAge => EndAtAge.into(),
    })
}

/// When a legal authority next needs the process; none if it never does.
#[must_use]
pub fn authority_wakes_at(deadlines: &legal_authority::Deadlines) -> Option<DateTime<Utc>> {
    deadlines.ahead().into_iter().map(|(at, _)| at).min()
}

/// The command that is due to a legal authority.
#[must_use]
pub fn authority_due(deadlines: &legal_authority::Deadlines, now: DateTime<Utc>) -> Option<LegalAuthorityCommand> {
    let (_, due) = deadlines.ahead().into_iter().find(|(at, _)| *at <= now)?;
    Some(match due {
        legal_authority::Deadline::Remind(of) => RemindOfAuthority { of }.into(),
        legal_authority::Deadline::Expire => ExpireAuthority.into(),
    })
}
