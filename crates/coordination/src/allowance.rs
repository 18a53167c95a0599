//! How often something may happen: so often at once, and again over the length of a minute.

use std::time::Duration;

/// Over which time what was used comes back.
const MINUTE: Duration = Duration::from_secs(60);

/// Until when all comes back at the latest.
const OWED_MAX: Duration = Duration::from_secs(120);

/// In which time so much of an allowance comes back.
fn time_of(part: u64, of: u64) -> Duration {
    let each = MINUTE / u32::try_from(of.max(1)).unwrap_or(u32::MAX);
    each.saturating_mul(u32::try_from(part).unwrap_or(u32::MAX))
}

/// What was used of an allowance for a minute. Times are since any fixed instant.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allowance {
    /// When all that was used has come back.
    whole_at: Duration,
    /// When something was used last.
    used_at: Duration,
}

impl Allowance {
    /// Uses a part of the allowance, of so many for a minute. One that is larger than all of it is taken when nothing
    /// else was used.
    ///
    /// # Errors
    /// How long to wait, if there is not enough left; nothing is used then.
    pub fn take(&mut self, now: Duration, part: u64, of: u64) -> Result<(), Duration> {
        let whole_at = self.whole_at_from(now).saturating_add(time_of(part.min(of), of));
        match whole_at.checked_sub(now.saturating_add(MINUTE)) {
            Some(wait) if !wait.is_zero() => Err(wait),
            Some(_) | None => {
                (self.whole_at, self.used_at) = (whole_at, now);
                Ok(())
            }
        }
    }

    /// Uses a part of the allowance, also if there is not enough left: then it takes longer until there is again.
    pub fn spend(&mut self, now: Duration, part: u64, of: u64) {
        let whole_at = self.whole_at_from(now).saturating_add(time_of(part, of));
        (self.whole_at, self.used_at) = (whole_at.min(now.saturating_add(OWED_MAX)), now);
    }

    /// When all has come back. A clock that was set back is no reason to wait.
    fn whole_at_from(&self, now: Duration) -> Duration {
        let set_back = self.used_at.saturating_sub(now);
        self.whole_at.saturating_sub(set_back).max(now)
    }

    /// Whether there is something left, and if not, how long to wait.
    ///
    /// # Errors
    /// How long to wait.
    pub fn has_some(&self, now: Duration) -> Result<(), Duration> {
        match self.whole_at_from(now).checked_sub(now.saturating_add(MINUTE)) {
            Some(wait) => Err(wait.max(Duration::from_millis(1))),
            None => Ok(()),
        }
    }

    /// Whether nothing of it is used.
    #[must_use]
    pub fn is_whole(&self, now: Duration) -> bool {
        self.whole_at <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_taken_at_once_and_come_back_over_a_minute() {
        let (mut allowance, began, second) =
            (Allowance::default(), Duration::from_secs(1_000_000), Duration::from_secs(1));
        assert!((0..60).all(|_| allowance.take(began, 1, 60).is_ok()));
        assert_eq!(allowance.take(began, 1, 60), Err(second));
        assert_eq!(allowance.has_some(began), Err(Duration::from_millis(1)));
        assert_eq!(allowance.take(began + second, 1, 60), Ok(()));
        assert_eq!(allowance.take(began + second * 2, 2, 60), Err(second));
        assert!(!allowance.is_whole(began + second * 30) && allowance.is_whole(began + second * 61));
        assert!(allowance.has_some(began + second * 2).is_ok());
        let mut owed = allowance;
        owed.spend(began + second * 2, 1_000_000, 60);
        assert_eq!(owed.has_some(began + second * 2), Err(second * 60));
        assert_eq!(owed.has_some(began - second), Err(second * 60), "the clock was set back");
        let mut some = Allowance::default();
        some.spend(began, 1, 60);
        assert!(some.has_some(began - second * 1_000).is_ok());
        // What is larger than all waits for all.
        assert_eq!(allowance.take(began + second * 61, 1_000, 60), Ok(()));
        assert_eq!(allowance.take(began + second * 61, 1_000, 60), Err(second * 60));
    }
}
