//! Work that may wait for a disk, off the threads of the runtime: what waits there delays every other request of its thread.

use tokio::runtime::{Handle, RuntimeFlavor};

use crate::fault::Fault;

/// Runs work that seldom waits, and whose caller cannot be suspended: while it waits, another thread takes over what this
/// one had to do. It costs more than what memory answers, so it is asked only where a disk is. A runtime of one thread,
/// such as that of a test, has nobody who could take over.
pub(crate) fn aside(work: &mut dyn FnMut()) {
    let has_threads = Handle::try_current().is_ok_and(|own| own.runtime_flavor() == RuntimeFlavor::MultiThread);
    if has_threads { tokio::task::block_in_place(work) } else { work() }
}

/// Runs work that waits for a disk on a thread of its own. `what` is what is unavailable if the work panics.
pub(crate) async fn apart<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Fault::Unavailable(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn who_waits_aside_holds_up_nobody() {
        let (began, waits) = tokio::sync::oneshot::channel();
        let (release, released) = std::sync::mpsc::channel();
        let other = tokio::spawn(async move {
            waits.await.expect("it began");
            release.send(()).expect("it waits");
        });
        let waiting = tokio::spawn(async move {
            began.send(()).expect("the other one is there");
            let mut received = None;
            // Long enough for a machine that is busy; what holds up the only thread is never released.
            aside(&mut || received = released.recv_timeout(std::time::Duration::from_secs(10)).ok());
            received
        });
        assert_eq!(waiting.await.expect("no panic"), Some(()));
        other.await.expect("no panic");
    }

    #[tokio::test]
    async fn where_there_is_one_thread_the_work_is_done_on_it() {
        let mut done = 0;
        aside(&mut || done += 1);
        assert_eq!((done, apart("a store", || 7).await.ok()), (1, Some(7)));
    }
}
