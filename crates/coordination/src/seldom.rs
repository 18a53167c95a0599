//! Something that is said at most once in a while, however often it happens, with how often it has happened.

use std::time::Duration;

use tokio::time::Instant;

/// Counts what happens between two times that it is said.
#[derive(Debug)]
pub struct Seldom {
    every: Duration,
    said: Option<Instant>,
    times: u64,
}

impl Seldom {
    /// To be said at most once in this time.
    #[must_use]
    pub const fn every(every: Duration) -> Self {
        Self { every, said: None, times: 0 }
    }

    /// Counts one more. If it is time to say it, how often it has happened since it was said.
    pub fn say(&mut self, now: Instant) -> Option<u64> {
        self.times = self.times.saturating_add(1);
        if self.said.is_some_and(|said| now.saturating_duration_since(said) < self.every) {
            return None;
        }
        self.said = Some(now);
        Some(std::mem::take(&mut self.times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_often_is_said_seldom_and_counted() {
        let (began, second) = (Instant::now(), Duration::from_secs(1));
        let mut seldom = Seldom::every(second * 10);
        assert_eq!(seldom.say(began), Some(1));
        assert!((1..10).all(|passed| seldom.say(began + second * passed).is_none()));
        assert_eq!(seldom.say(began + second * 10), Some(10));
        assert_eq!(seldom.say(began + second * 11), None);
    }
}
