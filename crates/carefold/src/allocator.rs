//! How the allocator gives memory back to the system.
//!
//! mimalloc reads its options from the environment before the program begins, so the program starts itself a second time
//! with them, as the same process. Without them, a thread takes back a part of the memory that it once had as soon as
//! another thread frees something there, and keeps it also while it has nothing to do: of ten thousand sockets that were
//! closed, an idle server then keeps more than a third of the memory, or all of it.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// The options: the thread that frees the last of a part gives it back, a tenth of a second later.
const OPTIONS: [(&str, &str); 2] = [("MIMALLOC_PAGE_RECLAIM_ON_FREE", "-1"), ("MIMALLOC_PURGE_DELAY", "100")];

/// Starts the program again with the options that the environment does not have. Returns if it has all of them, or if the
/// program cannot be started again: then memory is given back later.
pub fn set_options() {
    let is_missing = |(name, _): &(&str, &str)| std::env::var_os(name).is_none_or(|value| value.is_empty());
    let missing: Vec<_> = OPTIONS.into_iter().filter(is_missing).collect();
    if missing.is_empty() {
        return;
    }
    let mut arguments = std::env::args_os();
    if let (Ok(program), Some(name)) = (std::env::current_exe(), arguments.next()) {
        // It returns only if it fails.
        drop(Command::new(program).arg0(name).args(arguments).envs(missing).exec());
    }
}
