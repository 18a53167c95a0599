//! Messages from outside: an offer that nobody answers ends, and the texts of a message are erased some time after its end.
//! That an offer was matched is no timer: the application, which folds that event, gives
//! [`AskToHelp`](crate::delegation::AskToHelp).

use chrono::{DateTime, Utc};

use crate::outside_message::{Deadline, Deadlines, EraseOutsideMessage, ExpireOutsideMessage, OutsideMessageCommand};

/// When a message from outside next needs the process; none if it never does.
#[must_use]
pub fn wakes_at(deadlines: &Deadlines) -> Option<DateTime<Utc>> {
    deadlines.ahead().map(|(at, _)| at)
}

/// The command that is due to a message from outside.
#[must_use]
pub fn due(deadlines: &Deadlines, now: DateTime<Utc>) -> Option<OutsideMessageCommand> {
    let (_, due) = deadlines.ahead().filter(|(at, _)| *at <= now)?;
    Some(match due {
        Deadline::Expire => ExpireOutsideMessage.into(),
        Deadline::Erase => EraseOutsideMessage.into(),
    })
}
