//! Faults that tests arm: rare failures of a disk or a kernel, which happen at the next commit.

use std::sync::Mutex;

/// What happens at the next commit of the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is written, and the writer gets an error.
    AcknowledgementLost,
    /// It is not written, and the writer gets an error.
    CommitLost,
    /// The disk is full while the events are being written.
    DiskFull,
}

/// The armed fault, shared between a test and the writer.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Option<Fault>>);

impl Faults {
    /// Arms a fault; it happens once.
    pub(crate) fn arm(&self, fault: Fault) {
        *self.0.lock().expect("no panic while armed") = Some(fault);
    }

    /// Takes the armed fault if it is this one.
    pub(crate) fn strikes(&self, fault: Fault) -> bool {
        let mut armed = self.0.lock().expect("no panic while armed");
        let strikes = *armed == Some(fault);
        if strikes {
            *armed = None;
        }
        strikes
    }
}
