//! A progress bar: on a terminal, and only for what takes more than two seconds.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A shorter task shows no bar.
const SHOWN_AFTER: Duration = Duration::from_secs(2);
const TEMPLATE: &str = "{prefix} {wide_bar} {percent}% ({eta} left)";

/// The progress of a task, shown on stderr. The bar is removed when this is dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Starts a progress bar.
    pub(crate) fn new(what: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_prefix(what);
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self { bar: bar.with_style(style) }
    }

    /// Shows that `done` of `of` steps are complete.
    pub(crate) fn report(&self, done: u64, of: u64) {
        self.bar.set_length(of);
        self.bar.set_position(done);
        // If stderr is not a terminal, nothing is drawn.
        if self.bar.is_hidden() && self.bar.elapsed() >= SHOWN_AFTER {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// Names what is done from here on.
    pub(crate) fn now(&self, what: &'static str) {
        self.bar.set_prefix(what);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_drawn_as_it_is_written() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }
}
